/* ## What it does
 * Reports a variable that holds a resource which its function has acquired, and is bound to
 * something else while that is still open; and an attribute of the kind (`self.log = open(path)`)
 * that another method binds to the next one without releasing the old one.
 *
 * ## Why it leaks
 * Nobody can reach the old resource any more. A descriptor (`os.open`) stays open until the process
 * ends; what is part of a cycle (`sqlite3` connections from Python 3.11 on) waits for the
 * collector; a file is closed when CPython drops it, with a ResourceWarning, and elsewhere late. A
 * log that is rotated each night leaves one behind each night.
 *
 * ## Example
 * ```python bad
 * import os
 *
 *
 * class Journal:
 *     def __init__(self, path):
 *         self.fd = os.open(path, os.O_WRONLY | os.O_CREAT)
 *
 *     def rotate(self, path):
 *         self.fd = os.open(path, os.O_WRONLY | os.O_CREAT)
 *
 *     def close(self):
 *         os.close(self.fd)
 * ```
 *
 * ```python good
 * import os
 *
 *
 * class Journal:
 *     def __init__(self, path):
 *         self.fd = os.open(path, os.O_WRONLY | os.O_CREAT)
 *
 *     def rotate(self, path):
 *         os.close(self.fd)
 *         self.fd = os.open(path, os.O_WRONLY | os.O_CREAT)
 *
 *     def close(self):
 *         os.close(self.fd)
 * ```
 *
 * ## When it is silent
 * - The old one is released before, handed over, or given another name; also by a method that is
 *   called before (`self.close()`), or by the one who calls.
 * - The new one is made of the old one: `f = gzip.open(f)`, `sock = context.wrap_socket(sock)`.
 * - It is bound only where there is none: `if self.file is None: …`.
 * - `f = None` for what is closed when it is dropped.
 * - Nothing ever releases it (LMP502), and rounds of a loop (LMP501).
 *
 * At low confidence: tests; methods that run once by their name (`open`, `connect`, `start`); an
 * attribute that may not be bound before; a variable that is bound in a branch, and replaced
 * outside of it; what is made to be dropped.
 *
 * ## What it misses
 * Attributes of other objects, and resources in containers.
 *
 * ## How to confirm
 * Count descriptors (`/proc/self/fd`) before and after a hundred calls; run with `python -X dev`.
 *
 * ## References
 * - Python documentation, `ResourceWarning`
 * - semgrep, file-object-redefined-before-close: `open` in one function
 */
#include "rule/rule.h"

/* ---- variables ---- */

static bool is_none(RuleContext *c, u32 file, OpId bind) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *value = &f->paths[bound_value(f, facts_op(f, bind)).i];
    return value->kind == PATH_LITERAL && value->flags == LITERAL_NONE;
}

/* Both in branches: what leads into one may keep out of the other. */
static bool is_in_other_branch(RuleContext *c, u32 file, OpId from, OpId rebound) {
    const Facts *f = graph_facts(c->graph, file);
    RegionId around = facts_op(f, from)->region;
    for (RegionId r = facts_op(f, rebound)->region; r.i; r = f->regions[r.i].parent)
        if (r.i == around.i) return false;
    return true;
}

static void check_local(RuleContext *c, OpRef call, const Acquired *a) {
    Ownership owned[OWNED_MAX];
    u32 n = graph_owned(c->graph, call, owned);
    for (u32 i = 0; i < n; i++) {
        const Ownership *o = &owned[i];
        const Leaving *l = &o->normal;
        Str because;
        if (o->kind != OWNED_LOCAL || !l->rebound.i || l->rebound.i == o->from.i) continue;
        if (l->raise.i || l->returns.i || l->at_end || rule_owned_is_exempt(o)) continue;
        Effect effect = rule_resource_effect(c, call.file, a, &because);
        if (effect == EFFECT_HAZARD && is_none(c, call.file, l->rebound)) continue;
        OwnedWay way = {.op = l->rebound, .verb = "replaces it"};
        bool is_apart = is_in_other_branch(c, call.file, o->from, l->rebound);
        rule_report_owned(c, call, o, &way,
                          is_apart ? CONFIDENCE_LOW : rule_owned_confidence(c, call, o, &way));
        return;
    }
}

/* ---- attributes ---- */

static Confidence confidence_of(RuleContext *c, const Reopened *r) {
    if (graph_is_test_file(c->graph, r->store.file) || rule_runs_once(c, r->method))
        return CONFIDENCE_LOW;
    return r->is_sure && !(r->old.row->flags & RESOURCE_QUIET) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static Str message_of(RuleContext *c, ClassId class, const Reopened *r, Effect effect, Str method) {
    Str owner = str_after_last(graph_class_name(c->graph, class), '.');
    return rule_owned_attribute_text(c, &r->old, effect, r->name,
                                     rule_text(c, "'%.*s'", STR_ARG(owner)),
                                     rule_text(c, "'%.*s' replaces it without %s it",
                                               STR_ARG(method), rule_resource_verb(&r->old)));
}

static void report(RuleContext *c, ClassId class, const Reopened *r) {
    Str because, method = str_after_last(graph_scope_name(c->graph, r->method), '.');
    Effect effect = rule_resource_effect(c, r->store.file, &r->old, &because);
    const Facts *facts = graph_facts(c->graph, r->call.file);
    Finding *f = rule_report(c, r->call.file, facts_op(facts, r->call.op)->span, r->method);
    Str path = rule_text(c, "self.%.*s", STR_ARG(r->name));
    f->effect = effect;
    f->confidence = confidence_of(c, r);
    f->subject = r->name;
    f->message = message_of(c, class, r, effect, method);
    rule_step(c, f, STEP_NODE, path, STR("the old one"), r->first.file,
              facts_op(graph_facts(c->graph, r->first.file), r->first.op)->span);
    rule_note(c, f, STR("the new one"), STR("takes its place"), r->store);
    f->steps.v[f->steps.n - 1].suspect = true;
    f->help = rule_text(c, "call `%.*s` before it is replaced",
                        STR_ARG(rule_resource_release_text(c, &r->old, path)));
    f->confirm = rule_resource_confirm(c, &r->old, effect, graph_scope_name(c->graph, r->method));
}

static void check_class(RuleContext *c, ClassId class) {
    Str name = {0};
    while ((name = graph_next_attribute(c->graph, class, name)).n) {
        Reopened r;
        OwnerAttribute a;
        if (!graph_reopened(c->graph, class, name, c->scratch, &r)) continue;
        if (!graph_owner_attribute(c->graph, class, name, c->scratch, &a)) continue;
        bool is_pool = r.old.row->kind == RESOURCE_EXECUTOR && r.old.row->flags & RESOURCE_QUIET;
        if (!a.is_released || a.is_handed_out || is_pool) continue;
        report(c, class, &r);
    }
}

const Rule rule_lmp503 = {
    .code = "LMP503",
    .name = "resource-replaced",
    .summary = "an open resource is replaced by another one, and nobody can release it any more",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_resource = check_local,
    .on_class = check_class,
};
