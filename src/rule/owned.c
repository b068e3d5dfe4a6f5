/* What the rules about owned resources say alike: what becomes of one that nobody releases, how it
 * is called, and how it is released. */
#include "rule/rule.h"

static PythonVersion version_of_minor(u32 minor) {
    return (PythonVersion)(PYTHON_3_3 + (minor - 3));
}

static Effect delayed(RuleContext *c, u32 file) {
    OpRef where;
    return graph_collector_is_off(c->graph, file, &where) ? EFFECT_NEVER_FREED : EFFECT_DELAYED;
}

Effect rule_resource_effect(RuleContext *c, u32 file, const Acquired *a, Str *because) {
    u32 targets = rule_targets(c, file), since = resource_since(a->row);
    u32 until = resource_until(a->row);
    *because = (Str){0};
    if (a->row->flags & RESOURCE_STAYS) return EFFECT_NEVER_FREED;
    if (until && targets_before(targets, version_of_minor(until))) {
        *because = rule_text(c, "before Python 3.%u dropping it ends nothing", until);
        return EFFECT_NEVER_FREED;
    }
    bool is_meant = !(a->row->flags & RESOURCE_WRITING) || a->is_writing;
    if (since <= 4 && since && is_meant) return delayed(c, file);
    if (since && is_meant && targets_from(targets, version_of_minor(since))) {
        *because = rule_text(c, "from Python 3.%u on dropping it does not close it", since);
        return delayed(c, file);
    }
    return EFFECT_HAZARD;
}

static bool is_descriptor(const Acquired *a) {
    return a->row->flags & RESOURCE_STAYS &&
           (a->row->kind == RESOURCE_FILE || a->row->flags & RESOURCE_FIRST);
}

Str rule_resource_noun(const Acquired *a) {
    if (is_descriptor(a)) return STR("descriptor");
    if (a->row->kind == RESOURCE_EXECUTOR) return STR("pool");
    if (str_starts(a->name, "selectors.")) return STR("selector");
    return str_from(resource_text(a->row->kind));
}

const char *rule_resource_verb(const Acquired *a) {
    if (a->row->kind == RESOURCE_PROCESS) return "waiting for";
    return a->row->kind == RESOURCE_THREAD ? "stopping" : "closing";
}

const char *rule_resource_state(const Acquired *a) {
    if (a->row->kind == RESOURCE_PROCESS) return "waited for";
    return a->row->kind == RESOURCE_THREAD ? "stopped" : "closed";
}

/* The first of the methods and functions that release it. */
static Str first_release(const Acquired *a) {
    Str all = str_from(a->row->releases);
    i64 comma = str_find(all, ',');
    return comma < 0 ? all : str_sub(all, 0, (u32)comma);
}

const char *rule_resource_third(const Acquired *a) {
    if (a->row->kind == RESOURCE_PROCESS) return "waits for";
    return a->row->kind == RESOURCE_THREAD ? "stops" : "closes";
}

Str rule_owned_attribute_text(RuleContext *c, const Acquired *a, Effect effect, Str name, Str owner,
                              Str event) {
    Str noun = rule_resource_noun(a);
    if (effect == EFFECT_HAZARD)
        return rule_text(c, "the %.*s 'self.%.*s' of %.*s is left to the interpreter when %.*s",
                         STR_ARG(noun), STR_ARG(name), STR_ARG(owner), STR_ARG(event));
    bool stays = effect == EFFECT_NEVER_FREED;
    return rule_text(c, "%s keeps the %.*s 'self.%.*s' of %.*s alive until %s: %.*s",
                     stays ? "the process" : "a cycle", STR_ARG(noun), STR_ARG(name),
                     STR_ARG(owner), stays ? "it ends" : "the cyclic collector runs",
                     STR_ARG(event));
}

Str rule_resource_release_text(RuleContext *c, const Acquired *a, Str name) {
    Str release = first_release(a);
    if (str_find(release, '.') >= 0)
        return rule_text(c, "%.*s(%.*s)", STR_ARG(release), STR_ARG(name));
    return rule_text(c, "%.*s.%.*s()", STR_ARG(name), STR_ARG(release));
}

/* It has no `with` of its own, or one that does not close it. */
static bool has_no_with(const Acquired *a) {
    return a->row->flags & RESOURCE_WITH_STAYS || str_is(a->name, "asyncio.new_event_loop") ||
           str_starts(a->name, "http.client.");
}

Str rule_resource_help(RuleContext *c, const Acquired *a, Str name) {
    Str release = first_release(a);
    if (!name.n) name = STR("…");
    if (is_descriptor(a))
        return rule_text(c,
                         "call `os.close(%.*s)` in a `finally`, or give it to `os.fdopen()` and "
                         "use that in a `with`",
                         STR_ARG(name));
    if (str_find(release, '.') >= 0)
        return rule_text(c, "call `%.*s(%.*s)` in a `finally`", STR_ARG(release), STR_ARG(name));
    bool is_async = a->row->flags & RESOURCE_AWAITED || str_is(release, "aclose");
    if (str_is(release, "close") && has_no_with(a))
        return rule_text(c,
                         "enter it with `contextlib.closing(…)`, or call `%.*s.close()` in a "
                         "`finally`: its own `with`, if it has one, does not close it",
                         STR_ARG(name));
    if (str_is(release, "close") || str_is(release, "shutdown") || str_is(release, "cleanup"))
        return rule_text(c, "open it in %s `with` statement, or call `%.*s.%.*s()` in a `finally`",
                         is_async ? "an `async" : "a", STR_ARG(name), STR_ARG(release));
    return rule_text(c, "call `%.*s.%.*s()` in a `finally`", STR_ARG(name), STR_ARG(release));
}

Str rule_resource_confirm(RuleContext *c, const Acquired *a, Effect effect, Str function) {
    if (a->row->kind == RESOURCE_EXECUTOR || a->row->kind == RESOURCE_THREAD)
        return rule_text(c, "`threading.active_count()` before and after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (a->row->kind == RESOURCE_PROCESS)
        return rule_text(c, "the children of the process (`ps --ppid`) after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (effect == EFFECT_DELAYED)
        return rule_text(c,
                         "with `gc.disable()`, `len(os.listdir(\"/proc/self/fd\"))` before and "
                         "after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (effect == EFFECT_NEVER_FREED)
        return rule_text(c,
                         "`len(os.listdir(\"/proc/self/fd\"))` before and after 100 calls of "
                         "`%.*s()`",
                         STR_ARG(function));
    return STR("`python -X dev` prints a ResourceWarning; other implementations close it late");
}

/* ---- what a function leaves behind ---- */

/* Nobody needs to be told: dropping it ends it, or another rule speaks. */
bool rule_owned_is_exempt(const Ownership *o) {
    const ResourceRow *row = o->acquired.row;
    if (str_is(o->acquired.name, "tempfile.mkdtemp")) return true; /* a name, and names spread */
    if (row->kind == RESOURCE_EXECUTOR && row->flags & RESOURCE_QUIET) return true;
    bool is_pool = row->kind == RESOURCE_EXECUTOR && resource_until(row);
    if (is_pool && (!o->release.i || !is_left_behind(&o->normal))) return true; /* LMP406 */
    bool is_ended = o->release.i || o->handed.i;
    return row->kind == RESOURCE_PROCESS && !is_ended; /* LMP507: nobody waits for it */
}

/* `if output is None: output = open(…)`: whose it is depends on the caller. */
static bool is_parameter(RuleContext *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->graph, file);
    return f->symbols[facts_root_symbol(f, path).i].flags & SYMBOL_PARAM;
}

/* `os.dup2(os.open(os.devnull, …), 1)`: standard streams are redirected once a process. */
static bool is_null_device(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    PathId first = op_operand(f, facts_op(f, call.op), 0);
    return str_is(graph_name_of(c->graph, call.file, first), "os.devnull");
}

Confidence rule_owned_confidence(RuleContext *c, OpRef call, const Ownership *o,
                                 const OwnedWay *way) {
    const ResourceRow *row = o->acquired.row;
    Str because;
    Effect effect = rule_resource_effect(c, call.file, &o->acquired, &because);
    const Op *op = facts_op(graph_facts(c->graph, call.file), call.op);
    bool stays = row->flags & RESOURCE_STAYS;
    bool is_ended = o->release.i || o->handed.i;
    if (graph_is_test_file(c->graph, call.file)) return CONFIDENCE_LOW;
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_INSTANCE) return CONFIDENCE_LOW;
    if (row->flags & RESOURCE_QUIET || o->is_choice || way->is_thrown) return CONFIDENCE_LOW;
    if (is_null_device(c, call)) return CONFIDENCE_LOW;
    if (o->kind == OWNED_LOCAL && is_parameter(c, call.file, o->path)) return CONFIDENCE_LOW;
    /* as a rule it is meant to run on */
    if (row->kind == RESOURCE_PROCESS && !o->normal.raise.i) return CONFIDENCE_LOW;
    bool is_entered = o->is_entered || o->kind == OWNED_ENTERED;
    if (is_entered && effect == EFFECT_HAZARD) return CONFIDENCE_LOW;
    if (o->kind == OWNED_CHAINED || (o->kind == OWNED_DROPPED && !stays)) return CONFIDENCE_LOW;
    if (graph_leaves_on_purpose(c->graph, o, way->is_round)) return CONFIDENCE_LOW;
    return stays && !is_ended && scope_is_none(o->acquired.helper) ? CONFIDENCE_HIGH
                                                                   : CONFIDENCE_MEDIUM;
}

/* "'f' of 'builtins.open'", "the result of 'os.open'". */
static Str object_of(RuleContext *c, OpRef call, const Ownership *o) {
    Str maker = scope_is_none(o->acquired.helper) ? o->acquired.name
                                                  : graph_scope_name(c->graph, o->acquired.helper);
    if (str_starts(maker, "builtins.")) maker = str_after_last(maker, '.');
    if (o->kind != OWNED_LOCAL) return rule_text(c, "of '%.*s'", STR_ARG(maker));
    Str name = rule_path_text(c, call.file, o->path);
    return rule_text(c, "'%.*s' of '%.*s'", STR_ARG(name), STR_ARG(maker));
}

/* What happens instead of a release. */
static Str event_of(RuleContext *c, const Ownership *o, const OwnedWay *way) {
    Str function = str_after_last(graph_scope_name(c->graph, o->function), '.');
    if (o->kind != OWNED_LOCAL) return STR("the statement ends");
    if (o->is_entered && !o->release.i)
        return rule_text(c, "the 'with' in '%.*s' ends", STR_ARG(function));
    if (way->is_round) return STR("the next round of the loop replaces it");
    return rule_text(c, "'%.*s' %s", STR_ARG(function), way->verb);
}

/* Why nothing can release it, or empty. */
static const char *reason_of(const Ownership *o) {
    bool is_bound = o->kind == OWNED_LOCAL;
    if (o->kind == OWNED_ENTERED || (is_bound && o->is_entered && !o->release.i))
        return ", since that ends a transaction and no more";
    if (o->kind == OWNED_LOST) return ", since only the other element of the result is taken";
    if (o->kind == OWNED_DROPPED) return ", since the result is dropped";
    return o->kind == OWNED_CHAINED ? ", since no variable holds it" : "";
}

static Str message_of(RuleContext *c, OpRef call, const Ownership *o, const OwnedWay *way,
                      Effect effect, Str because) {
    Str noun = rule_resource_noun(&o->acquired), object = object_of(c, call, o);
    Str event = event_of(c, o, way);
    const char *verb = rule_resource_verb(&o->acquired), *reason = reason_of(o);
    Str more = because.n ? rule_text(c, " (%.*s)", STR_ARG(because)) : (Str){0};
    if (effect == EFFECT_HAZARD && o->kind != OWNED_LOCAL)
        return rule_text(c, "the %.*s %.*s is left to the interpreter when %.*s%s", STR_ARG(noun),
                         STR_ARG(object), STR_ARG(event), reason);
    if (effect == EFFECT_HAZARD)
        return rule_text(c, "the %.*s %.*s is not %s when %.*s%s", STR_ARG(noun), STR_ARG(object),
                         rule_resource_state(&o->acquired), STR_ARG(event), reason);
    bool stays = effect == EFFECT_NEVER_FREED;
    return rule_text(c, "%s keeps the %.*s %.*s alive until %s: %.*s without %s it%s%.*s",
                     stays ? "the process" : "a cycle", STR_ARG(noun), STR_ARG(object),
                     stays ? "it ends" : "the cyclic collector runs", STR_ARG(event), verb, reason,
                     STR_ARG(more));
}

/* The variable may have another life elsewhere in the function, with another resource. */
static bool is_of_this_life(RuleContext *c, u32 file, const Ownership *o, OpId end) {
    const OpId none = {UINT32_MAX};
    return graph_reaches(c->graph, file, o->from, end, &none, 1);
}

static void add_evidence(RuleContext *c, Finding *f, OpRef call, const Ownership *o,
                         const OwnedWay *way) {
    const Facts *facts = graph_facts(c->graph, call.file);
    Str noun = rule_resource_noun(&o->acquired);
    rule_step(c, f, STEP_NODE,
              rule_text(c, "%.*s %.*s", STR_ARG(noun), STR_ARG(object_of(c, call, o))),
              STR("acquired here"), call.file, facts_op(facts, call.op)->span);
    if (!scope_is_none(o->acquired.helper)) {
        OpRef made = o->acquired.made;
        rule_note(c, f, o->acquired.name, STR("which the helper returns"), made);
    }
    if (o->kind != OWNED_LOCAL) return;
    if (way->op.i)
        rule_note(c, f, STR("the way out"), STR("leaves it behind"), (OpRef){call.file, way->op});
    else
        rule_step(c, f, STEP_NOTE, STR("the end of the function"), STR("leaves it behind"),
                  call.file, facts->scopes[o->function.scope.i].name_span);
    f->steps.v[f->steps.n - 1].suspect = true;
    OpId end = o->release.i ? o->release : o->handed;
    if (end.i && is_of_this_life(c, call.file, o, end))
        rule_note(c, f, o->release.i ? STR("the release") : STR("handed over"),
                  STR("not reached then"), (OpRef){call.file, end});
}

void rule_report_owned(RuleContext *c, OpRef call, const Ownership *o, const OwnedWay *way,
                       Confidence sure) {
    Str because, name = {0};
    Effect effect = rule_resource_effect(c, call.file, &o->acquired, &because);
    if (o->kind == OWNED_LOCAL) name = rule_path_text(c, call.file, o->path);
    Span span = facts_op(graph_facts(c->graph, call.file), call.op)->span;
    Finding *f = rule_report(c, call.file, span, o->function);
    f->effect = effect;
    f->confidence = sure;
    bool is_grave = sure == CONFIDENCE_HIGH && effect == EFFECT_NEVER_FREED;
    f->severity = is_grave ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = name.n ? name : o->acquired.name;
    f->message = message_of(c, call, o, way, effect, because);
    add_evidence(c, f, call, o, way);
    f->help = rule_resource_help(c, &o->acquired, name);
    f->confirm =
        rule_resource_confirm(c, &o->acquired, effect, graph_scope_name(c->graph, o->function));
}
