/* ## What it does
 * Reports a resource that a function acquires and owns (a file, socket, descriptor, connection,
 * archive, pool, process …) when some way out of the function neither releases it nor hands it to
 * anybody: no `with`, no `close` on that way, no `return`, no attribute, no call that takes it
 * over. Functions of the project that return what they acquire count as well, and so do those that
 * get a resource and do not close it.
 *
 * ## Why it leaks
 * What happens then depends on the kind and on the version, and the effect says so. *never-freed*:
 * descriptors are numbers (`os.open`, `os.pipe`, `mkstemp`), so dropping them closes nothing.
 * *delayed*: the object is part of a cycle, and only the collector closes it: `sqlite3` connections
 * from Python 3.11 on, `gzip` writers from 3.12 on, `tarfile` writers, selectors, event loops.
 * *hazard*: CPython closes it when the last reference goes, with a ResourceWarning; with a
 * traceback that is kept, in a cycle or on another implementation it stays open much longer, and
 * what was written may be lost.
 *
 * ## Example
 * ```python bad
 * import os
 * import tempfile
 *
 *
 * def save(data):
 *     descriptor, path = tempfile.mkstemp()
 *     with open(path, "wb") as file:
 *         file.write(data)
 *     return path
 * ```
 *
 * `mkstemp` has opened the file already. Use that descriptor:
 *
 * ```python good
 * import os
 * import tempfile
 *
 *
 * def save(data):
 *     descriptor, path = tempfile.mkstemp()
 *     with os.fdopen(descriptor, "wb") as file:
 *         file.write(data)
 *     return path
 * ```
 *
 * ## When it is silent
 * - `with`, `async with`, `contextlib.closing`, `ExitStack.enter_context`, `callback(f.close)`,
 *   `weakref.finalize`, `addCleanup`, also when the stack is a parameter.
 * - It is returned, yielded, raised, stored in an attribute or a container, given a second name, or
 *   captured by an inner function; LMP502 looks at what classes own.
 * - It is an argument of something that may keep it: any function that limpet cannot see. Known
 *   functions that only use it (`json.load`, `os.write`, `subprocess.run`) take nothing over, nor
 * do functions of the project that neither close nor keep it.
 * - `open(path, "w").close()`, `os.scandir` that is read to its end, executors: their threads end
 *   with them.
 * - A release under a condition about the object itself (`if f is not sys.stdin: f.close()`), or
 *   after which both branches go on together.
 * - The process ends there: `sys.exit`, `os._exit`, `os.exec…`.
 *
 * At low confidence: ways out that only an exception of a call takes; tests and code that runs
 * once; `open(path).read()` and its kin, which CPython closes at once; `open(p) if p else
 * sys.stdin`; and what is made to be dropped or to live on (temporary files, clients with pools of
 * their own).
 *
 * ## What it misses
 * Resources of libraries that limpet does not know, resources in containers, functions with more
 * than 6000 operations, and releases that happen under a condition that is never true.
 *
 * ## How to confirm
 * Count descriptors (`/proc/self/fd`), threads or children before and after a hundred calls; run
 * with `python -X dev`, which shows every ResourceWarning.
 *
 * ## References
 * - Python documentation, "Context Manager Types"; `ResourceWarning`; `tempfile.mkstemp`
 * - ruff SIM115, pylint R1732, CodeQL py/file-not-closed: these look at `open` and its kin; this
 * rule follows the ways out, knows who takes a resource over, and says what becomes of it
 * - hdfs: a pool of threads made for each call and never closed (25778f8)
 */
#include "rule/rule.h"

/* How a message speaks of the way out that leaves the resource. */
typedef struct Way {
    OpId op; /* or none: the end of the function */
    const char *text;
    bool is_thrown;
    bool is_round; /* of a loop */
} Way;

static Way way_of(const Ownership *o) {
    const Leaving *l = &o->normal;
    if (o->kind != OWNED_LOCAL) return (Way){.text = "the statement"};
    if (l->rebound.i && l->rebound.i == o->from.i)
        return (Way){.op = l->rebound, .text = "the next round of the loop", .is_round = true};
    if (l->raise.i) return (Way){.op = l->raise, .text = "its 'raise'"};
    if (l->returns.i && (o->release.i || o->handed.i || !l->at_end))
        return (Way){.op = l->returns, .text = "its 'return'"};
    if (l->at_end || l->rebound.i) return (Way){.text = "its end"};
    l = &o->thrown;
    OpId op = l->call.i ? l->call : l->raise.i ? l->raise : l->returns;
    return (Way){.op = op, .text = "an exception", .is_thrown = true};
}

static bool is_left(const Ownership *o) {
    if (o->kind != OWNED_LOCAL) return true;
    const Leaving *l = &o->normal;
    bool is_replaced = l->rebound.i && l->rebound.i != o->from.i;
    /* LMP503 speaks of it */
    if (is_replaced && !l->raise.i && !l->returns.i && !l->at_end) return false;
    return is_left_behind(l) || l->call.i || is_left_behind(&o->thrown) || o->thrown.call.i;
}

/* Nobody needs to be told: dropping it ends it, or another rule speaks. */
static bool is_exempt(const Ownership *o) {
    const ResourceRow *row = o->acquired.row;
    if (str_is(o->acquired.name, "tempfile.mkdtemp")) return true; /* a name, and names spread */
    if (row->kind == RESOURCE_EXECUTOR && row->flags & RESOURCE_QUIET) return true;
    bool is_ended = o->release.i || o->handed.i;
    return row->kind == RESOURCE_PROCESS && !is_ended; /* LMP507: nobody waits for it */
}

/* `if output is None: output = open(…)`: whose it is depends on the caller. */
static bool is_parameter(RuleContext *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->graph, file);
    return f->symbols[facts_root_symbol(f, path).i].flags & SYMBOL_PARAM;
}

static Confidence confidence_of(RuleContext *c, OpRef call, const Ownership *o, const Way *way) {
    const ResourceRow *row = o->acquired.row;
    const Op *op = facts_op(graph_facts(c->graph, call.file), call.op);
    bool stays = row->flags & RESOURCE_STAYS;
    bool is_ended = o->release.i || o->handed.i;
    if (graph_is_test_file(c->graph, call.file)) return CONFIDENCE_LOW;
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_INSTANCE) return CONFIDENCE_LOW;
    if (row->flags & RESOURCE_QUIET || o->is_choice || way->is_thrown) return CONFIDENCE_LOW;
    if (o->kind == OWNED_LOCAL && is_parameter(c, call.file, o->path)) return CONFIDENCE_LOW;
    /* as a rule it is meant to run on */
    if (row->kind == RESOURCE_PROCESS && !o->normal.raise.i) return CONFIDENCE_LOW;
    if (o->kind == OWNED_CHAINED || (o->kind == OWNED_DROPPED && !stays)) return CONFIDENCE_LOW;
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

static Str reason_of(RuleContext *c, const Ownership *o, const Way *way) {
    Str function = str_after_last(graph_scope_name(c->graph, o->function), '.');
    const char *verb = rule_resource_verb(&o->acquired);
    switch (o->kind) {
    case OWNED_LOST:
        return STR("only the other element of the result is taken");
    case OWNED_DROPPED:
        return STR("the result is dropped");
    case OWNED_CHAINED:
        return STR("no variable holds it, so that nothing can close it");
    default:
        if (way->is_round)
            return rule_text(c, "the next round of the loop replaces it without %s it", verb);
        return rule_text(c, "'%.*s' is left by %s without %s it", STR_ARG(function), way->text,
                         verb);
    }
}

static Str message_of(RuleContext *c, OpRef call, const Ownership *o, const Way *way, Effect effect,
                      Str because) {
    Str noun = rule_resource_noun(&o->acquired), object = object_of(c, call, o);
    Str reason = reason_of(c, o, way);
    Str more = because.n ? rule_text(c, " (%.*s)", STR_ARG(because)) : (Str){0};
    if (effect == EFFECT_NEVER_FREED)
        return rule_text(c, "the process keeps the %.*s %.*s alive until it ends: %.*s%.*s",
                         STR_ARG(noun), STR_ARG(object), STR_ARG(reason), STR_ARG(more));
    if (effect == EFFECT_DELAYED)
        return rule_text(
            c, "a cycle keeps the %.*s %.*s alive until the cyclic collector runs: %.*s%.*s",
            STR_ARG(noun), STR_ARG(object), STR_ARG(reason), STR_ARG(more));
    const char *condition = "when";
    if (o->kind != OWNED_LOCAL)
        return rule_text(c, "the %.*s %.*s stays open %s the statement ends: %.*s", STR_ARG(noun),
                         STR_ARG(object), condition, STR_ARG(reason));
    return rule_text(c, "the %.*s %.*s stays open %s %.*s", STR_ARG(noun), STR_ARG(object),
                     condition, STR_ARG(reason));
}

static void add_evidence(RuleContext *c, Finding *f, OpRef call, const Ownership *o,
                         const Way *way) {
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
    if (end.i)
        rule_note(c, f, o->release.i ? STR("the release") : STR("handed over"),
                  STR("not reached then"), (OpRef){call.file, end});
}

static void report(RuleContext *c, OpRef call, const Ownership *o) {
    Way way = way_of(o);
    Str because, name = {0};
    Effect effect = rule_resource_effect(c, call.file, &o->acquired, &because);
    Str function = graph_scope_name(c->graph, o->function);
    if (o->kind == OWNED_LOCAL) name = rule_path_text(c, call.file, o->path);
    Finding *f = rule_report(
        c, call.file, facts_op(graph_facts(c->graph, call.file), call.op)->span, o->function);
    f->effect = effect;
    f->confidence = confidence_of(c, call, o, &way);
    bool is_grave = f->confidence == CONFIDENCE_HIGH && effect == EFFECT_NEVER_FREED;
    f->severity = is_grave ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = name.n ? name : o->acquired.name;
    f->message = message_of(c, call, o, &way, effect, because);
    add_evidence(c, f, call, o, &way);
    f->help = rule_resource_help(c, &o->acquired, name);
    f->confirm = rule_resource_confirm(c, &o->acquired, effect, function);
}

static void check(RuleContext *c, OpRef call, const Acquired *a) {
    (void)a;
    Ownership owned[OWNED_MAX];
    u32 n = graph_owned(c->graph, call, owned);
    for (u32 i = 0; i < n; i++) {
        const Ownership *o = &owned[i];
        if (o->kind == OWNED_ELSEWHERE || is_exempt(o) || !is_left(o)) continue;
        report(c, call, o);
    }
}

const Rule rule_lmp501 = {
    .code = "LMP501",
    .name = "resource-not-released",
    .summary = "a function leaves a file, descriptor, connection … open on some way out",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_resource = check,
};
