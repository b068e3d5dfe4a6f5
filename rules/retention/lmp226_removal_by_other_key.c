/* ## What it does
 * Reports a removal that looks for something else than what was added, so that it never removes:
 * `requests.pop(request)` where the table is filled under `request.id`, `jobs.discard(job)` in a
 * set of `id(job)`, `remove(callback)` from a list of weak references, `off(lambda: …)` with a
 * function that was made just now, a filter by `is not self.method`.
 *
 * ## Why it leaks
 * With a default value, `discard` or `except ValueError` the removal fails in silence.
 *
 * ## Example
 * ```python bad
 * REQUESTS = {}
 *
 *
 * def reserved(request):
 *     REQUESTS[request.id] = request
 *
 *
 * def ready(request):
 *     REQUESTS.pop(request, None)
 * ```
 *
 * Use the same key:
 *
 * ```python good
 * REQUESTS = {}
 *
 *
 * def reserved(request):
 *     REQUESTS[request.id] = request
 *
 *
 * def ready(request):
 *     REQUESTS.pop(request.id, None)
 * ```
 *
 * ## When it is silent
 * - Some addition may have been made with the key of the removal, or nobody can tell.
 * - Bound methods and weak references to one living object: these compare equal.
 * - One variable holds what is added and what is removed.
 * - The class of the object defines `__eq__` or `__hash__`, or the key is a text by its annotation.
 * - A function that is made at a call that removes is a predicate (`remove(lambda x: x.id == 3)`).
 * - The key is an element of a list, of which only the name of the variable is known.
 *
 * At low confidence: names of parameters alone; a removal that raises, which would be noticed.
 *
 * ## What it misses
 * Keys that differ in type or spelling only (`str(id)` and `id`), additions that are not seen.
 *
 * ## How to confirm
 * Look at the length of the container before and after the removal.
 *
 * ## References
 * - Python documentation, "Instance methods": a method object is made with each access
 * - celery: requests were kept under their id and removed by themselves (issue 3205)
 */
#include "rule/rule.h"

static Str reason_of(KeyMatchKind kind) {
    switch (kind) {
    case KEY_PART:
        return STR("an object and one of its attributes");
    case KEY_IDENTITY:
        return STR("an object and its `id()`");
    case KEY_TUPLE:
        return STR("a tuple and something else");
    case KEY_WRAPPED:
        return STR("an object and what wraps it");
    default:
        return STR("an object that is made here equals no other");
    }
}

/* No addition at the level can be what the removal looks for; *added is the first. */
static KeyMatch never_found(RuleContext *c, const Holding *h, const Change *removal,
                            const Change **added) {
    KeyRef looked = {removal->file, change_key(h, removal)};
    KeyMatch worst = {0};
    *added = NULL;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (change->kind == CHANGE_REPLACED || change->is_callback) return (KeyMatch){0};
        if (change->kind != CHANGE_ADDED || change->level != removal->level) continue;
        KeyRef key = {change->file, change_key(h, change)};
        KeyMatch m = graph_match_keys(c->graph, key, looked);
        if (m.kind <= KEY_SAME) return (KeyMatch){0};
        if (!*added || m.confidence < worst.confidence) worst = m;
        if (!*added) *added = change;
    }
    return worst;
}

static bool raises_when_missing(RuleContext *c, const Change *removal) {
    const Facts *f = graph_facts(c->graph, removal->file);
    const Op *op = facts_op(f, removal->op);
    if (str_is(removal->how, "discard")) return false;
    return !str_is(removal->how, "pop") || op->operands < 2;
}

/* Nothing is around it that may take the KeyError: whoever ran it would have seen one. */
static bool would_be_noticed(RuleContext *c, const Change *removal) {
    const Facts *f = graph_facts(c->graph, removal->file);
    RegionId r = facts_op(f, removal->op)->region;
    if (!raises_when_missing(c, removal)) return false;
    for (; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TRY || f->regions[r.i].kind == REGION_WITH) return false;
    return true;
}

static bool is_removed_otherwise(RuleContext *c, const Holding *h, const Change *removal) {
    const Change *added;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *other = &h->changes[i];
        if (other == removal || !change_removes(other, removal->level)) continue;
        if (other->kind != CHANGE_REMOVED || never_found(c, h, other, &added).kind <= KEY_SAME)
            return true;
    }
    return false;
}

static void report(RuleContext *c, const Holding *h, const Change *removal, const Change *added,
                   KeyMatch m) {
    Str object = rule_changed_object(c, added);
    Str wanted = rule_key_text(c, removal->file, change_key(h, removal));
    Str given = rule_key_text(c, added->file, change_key(h, added));
    Str end = is_removed_otherwise(c, h, removal) ? STR("until something else removes it")
                                                  : rule_holder_end(h);
    Finding *f = rule_report_held(c, h, (OpRef){removal->file, removal->op}, removal->function);
    bool is_unsure = m.confidence < CONFIDENCE_HIGH && would_be_noticed(c, removal);
    f->confidence = h->is_cut || is_unsure ? CONFIDENCE_LOW : m.confidence;
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message =
        rule_text(c,
                  "'%.*s' keeps '%.*s' alive %.*s: it is added as '%.*s', and the removal "
                  "of '%.*s' never finds it",
                  STR_ARG(h->name), STR_ARG(object), STR_ARG(end), STR_ARG(given), STR_ARG(wanted));
    rule_step_holder(c, f, h);
    rule_step_change(c, f, STEP_EDGE, added, STR("added so"));
    Span span = facts_op(graph_facts(c->graph, added->file), added->op)->span;
    rule_step(c, f, STEP_NODE, object, (Str){0}, added->file, span);
    rule_step_change(c, f, STEP_NOTE, removal, reason_of(m.kind));
    f->steps.v[f->steps.n - 1].suspect = true;
    f->help = m.kind == KEY_FRESH
                  ? STR("keep the object that was added in a variable, and remove that one")
                  : rule_text(c, "remove by the key of the addition: '%.*s'", STR_ARG(given));
    f->confirm =
        raises_when_missing(c, removal)
            ? rule_text(c, "the removal raises, or its exception is swallowed")
            : rule_text(c, "`len()` of '%.*s' is the same after the removal", STR_ARG(h->name));
}

static void report_filter(RuleContext *c, const Holding *h, const Change *change, OpId test) {
    const Facts *f = graph_facts(c->graph, change->file);
    Str method = rule_path_text(c, change->file, op_operand(f, facts_op(f, test), 0));
    Finding *finding = rule_report_held(c, h, (OpRef){change->file, test}, change->function);
    finding->confidence = CONFIDENCE_HIGH;
    finding->severity = SEVERITY_ERROR;
    finding->message = rule_text(c,
                                 "'%.*s' keeps '%.*s' alive %.*s: a bound method is a new object "
                                 "with each access, and never 'is' another",
                                 STR_ARG(h->name), STR_ARG(method), STR_ARG(rule_holder_end(h)));
    rule_step_holder(c, finding, h);
    rule_step_change(c, finding, STEP_EDGE, change, STR("removes nothing"));
    rule_step(c, finding, STEP_NODE, rule_text(c, "bound method %.*s", STR_ARG(method)),
              STR("another object than the one that was added"), change->file,
              facts_op(f, test)->span);
    finding->steps.v[1].suspect = true;
    finding->help = STR("compare with `!=`: bound methods of one object are equal");
    finding->confirm = rule_text(c, "`%.*s is %.*s` is False", STR_ARG(method), STR_ARG(method));
}

static void check(RuleContext *c, const Holding *h) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        const Change *added;
        if (change->kind == CHANGE_REPLACED) {
            OpId test = graph_identity_filter(c->graph, (KeyRef){change->file, change->value});
            if (test.i) report_filter(c, h, change, test);
        }
        if (change->kind != CHANGE_REMOVED || change->is_callback) continue;
        KeyMatch m = never_found(c, h, change, &added);
        if (m.kind > KEY_SAME) report(c, h, change, added, m);
    }
}

static void check_call(RuleContext *c, OpRef call) {
    FreshRemoval r = graph_fresh_removal(c->graph, call);
    if (!r.value.i) return;
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = facts_op(f, call.op);
    Str receiver =
        r.is_process ? STR("atexit") : rule_path_text(c, call.file, f->paths[op->subject].parent);
    Str end = r.is_process ? STR("until the process exits") : STR("until it dies");
    ScopeRef scope = {call.file, f->regions[op->region.i].scope};
    Finding *finding = rule_report(c, call.file, op->span, scope);
    finding->severity = SEVERITY_ERROR;
    finding->subject = receiver;
    finding->message = rule_text(c,
                                 "'%.*s' keeps what it was given alive %.*s: the removal is of a "
                                 "'%.*s' that is made here, and never finds it",
                                 STR_ARG(receiver), STR_ARG(end), STR_ARG(r.what));
    finding_step(c->arena, finding, (Step){.kind = STEP_NODE, .text = receiver});
    Span added = r.added.i ? facts_op(f, r.added)->span : op->span;
    rule_step(c, finding, STEP_EDGE, STR("registration"), STR("given another object"), call.file,
              added);
    rule_step(c, finding, STEP_NODE, STR("what was registered"), (Str){0}, call.file, added);
    rule_note(c, finding, STR("the removal"), STR("an object that is made here equals no other"),
              call);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    finding->help = STR("keep what was registered in a variable or use a method: bound methods of "
                        "one object are equal");
    finding->confirm = STR("what was registered is still called after the removal");
}

static const char *const callees[] = {".deregister",
                                      ".detach",
                                      ".disconnect",
                                      ".off",
                                      ".removeFilter",
                                      ".removeHandler",
                                      ".removeListener",
                                      ".removeObserver",
                                      ".remove_callback",
                                      ".remove_handler",
                                      ".remove_done_callback",
                                      ".remove_event_handler",
                                      ".remove_hook",
                                      ".remove_listener",
                                      ".remove_observer",
                                      ".remove_event_listener",
                                      ".unbind",
                                      ".unobserve",
                                      ".unregister",
                                      ".unsubscribe",
                                      "atexit.unregister",
                                      NULL};

const Rule rule_lmp226 = {
    .code = "LMP226",
    .name = "removal-by-other-key",
    .summary = "a removal looks for another key or object than was added, and never removes",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_holding = check,
};
