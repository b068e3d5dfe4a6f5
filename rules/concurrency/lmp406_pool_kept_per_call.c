/* ## What it does
 * Reports a pool of `multiprocessing` (processes or threads) that a function makes with every call
 * and neither ends nor hands on, and pools and executors that are made per call and put into a
 * container that lives as long as the process.
 *
 * ## Why it leaks
 * A pool runs workers, and threads of its own that serve them. Up to Python 3.7 these threads refer
 * to the pool, so that it never goes by itself: each call leaves its workers behind. From 3.8 on
 * a pool that is dropped ends itself, with a ResourceWarning: under load a worker process now and
 * then stays, and the documentation warns of a process that hangs at its end. An executor that is
 * dropped ends its workers on every version; one that is kept keeps them.
 *
 * ## Example
 * ```python bad
 * from multiprocessing import Pool
 *
 *
 * def lengths(words):
 *     pool = Pool(4)
 *     return pool.map(len, words)
 * ```
 *
 * ```python good
 * from multiprocessing import Pool
 *
 *
 * def lengths(words):
 *     with Pool(4) as pool:
 *         return pool.map(len, words)
 * ```
 *
 * The end of the `with` terminates the pool. Python 2 has no `with` for it: `close()` and `join()`
 * in a `finally` do the same there.
 *
 * ## When it is silent
 * - `with Pool(…)`, `contextlib.closing`; `terminate()`; `close()` and `join()`, in any branch
 *   (LMP501 asks for all ways out).
 * - The pool is returned, yielded, passed on, stored, or `pool.close` is handed to something.
 * - The function runs once: at import, at the start of a program.
 * - A ThreadPoolExecutor or ProcessPoolExecutor that is dropped: its workers end on every version.
 * - Containers that something empties or bounds; an executor of a module or class.
 *
 * At low confidence: tests; `close()` without `join()` of a pool of processes, whose workers end a
 * little later; an executor for each key that is asked for first, and containers whose elements are
 * shut down somewhere.
 *
 * ## What it misses
 * Pools in attributes (LMP502), classes that derive from `Pool`, and pools that a function of the
 * project makes and returns.
 *
 * ## How to confirm
 * Compare `multiprocessing.active_children()` and `threading.active_count()` before and after some
 * calls.
 *
 * ## References
 * - Python documentation, multiprocessing.pool: pools "need to be properly managed … by using the
 *   pool as a context manager or by calling close() and terminate() manually"
 * - CPython issue 34172: pools refer to themselves up to 3.7
 * - hdfs: a ThreadPool for each upload was never closed (25778f8)
 */
#include "rule/rule.h"

static const char *workers_text(ConcurrentKind kind) {
    return kind == CONCURRENT_PROCESS_POOL || kind == CONCURRENT_PROCESS_EXECUTOR
               ? "worker processes"
               : "threads";
}

static const char *count_text(ConcurrentKind kind) {
    return kind == CONCURRENT_PROCESS_POOL || kind == CONCURRENT_PROCESS_EXECUTOR
               ? "multiprocessing.active_children()"
               : "threading.active_count()";
}

/* ---- pools that a function leaves ---- */

static Str left_message(RuleContext *c, OpRef call, const PoolLeft *left, Str function) {
    Str name = left->local.n ? rule_text(c, "'%.*s'", STR_ARG(left->local)) : STR("the pool");
    const char *workers = workers_text(left->kind);
    if (left->closed.i)
        return rule_text(c,
                         "%.*s can leave worker processes behind when '%.*s' returns before they "
                         "have ended: it is closed, and nothing joins it",
                         STR_ARG(name), STR_ARG(function));
    if (targets_before(rule_targets(c, call.file), PYTHON_3_8))
        return rule_text(c,
                         "%.*s keeps its %s alive until the process ends on Python before 3.8: "
                         "'%.*s' neither closes nor terminates it",
                         STR_ARG(name), workers, STR_ARG(function));
    bool is_process = left->kind == CONCURRENT_PROCESS_POOL;
    return rule_text(c, "%.*s %s when '%.*s' drops it: nothing closes or terminates it",
                     STR_ARG(name),
                     is_process ? "can leave worker processes behind"
                                : "leaves its threads to a finalizer, which can hang,",
                     STR_ARG(function));
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const PoolLeft *left) {
    const Facts *facts = graph_facts(c->graph, call.file);
    Span made = facts_op(facts, call.op)->span;
    Str pool = rule_path_text(c, call.file, op_path(facts_op(facts, call.op)));
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s()", STR_ARG(pool)), STR("made with every call"),
              call.file, made);
    rule_step(c, f, STEP_EDGE, STR("runs"),
              left->closed.i ? STR("closed, not joined") : STR("never told to end"), call.file,
              left->closed.i ? facts_op(facts, left->closed)->span : made);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, str_from(workers_text(left->kind)), (Str){0}, call.file, made);
    if (left->used.i) rule_note(c, f, STR("used here"), (Str){0}, (OpRef){call.file, left->used});
}

static Confidence left_confidence(RuleContext *c, OpRef call, const PoolLeft *left, HowOften how) {
    if (left->closed.i || graph_is_test_file(c->graph, call.file)) return CONFIDENCE_LOW;
    bool stays = targets_before(rule_targets(c, call.file), PYTHON_3_8);
    return stays && how == RUNS_PER_ROUND ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void check_left(RuleContext *c, OpRef call) {
    PoolLeft left;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    HowOften how = graph_how_often(c->graph, call.file, op->region);
    if (how < RUNS_PER_INSTANCE || !graph_pool_left(c->graph, call, &left)) return;
    ScopeRef function = rule_function_around(c, call.file, op);
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    bool stays = targets_before(rule_targets(c, call.file), PYTHON_3_8);
    Finding *f = rule_report(c, call.file, op->span, function);
    f->effect = stays && !left.closed.i ? EFFECT_NEVER_FREED : EFFECT_HAZARD;
    f->confidence = left_confidence(c, call, &left, how);
    f->subject = left.local.n ? left.local : name;
    f->message = left_message(c, call, &left, name);
    add_steps(c, f, call, &left);
    bool has_with = targets_from(rule_targets(c, call.file), PYTHON_3_3);
    Str pool = rule_path_text(c, call.file, op_path(op));
    f->help = has_with ? rule_text(c,
                                   "`with %.*s(…) as pool:`, or `close()` and `join()` in a "
                                   "`finally`",
                                   STR_ARG(pool))
                       : STR("`close()` and `join()` in a `finally`");
    f->confirm = rule_text(c, "`%s` before and after calls of '%.*s', with all warnings shown",
                           count_text(left.kind), STR_ARG(name));
}

/* ---- pools and executors that are kept ---- */

static void check_kept(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth;
    PoolKept kept;
    if (!graph_keeps_pools(c->graph, id, &kept) || !rule_growth(c, id, &growth)) return;
    const Use *use = kept.use;
    Finding *f = rule_report_growth(c, container, &growth);
    const Facts *facts = graph_facts(c->graph, use->file);
    const char *workers = workers_text(kept.kind);
    bool is_sure = !use->membership_guard && !kept.is_released && !growth.escapes &&
                   !graph_is_test_file(c->graph, use->file);
    f->place = graph_place(c->graph, use->file, facts_op(facts, use->op)->span);
    f->confidence = is_sure ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
    f->message =
        rule_text(c,
                  "'%.*s' keeps the %s of every '%.*s' alive until the process ends: one "
                  "per call is added, and none is shut down",
                  STR_ARG(container->name), workers, STR_ARG(str_after_last(kept.made_by, '.')));
    f->help = STR("make one for the module and use it in all calls, or use `with` and keep the "
                  "results alone");
    f->confirm = rule_text(c, "`%s` before and after some calls", count_text(kept.kind));
}

static const char *const CALLEES[] = {".Pool",
                                      ".ThreadPool",
                                      "billiard.Pool",
                                      "billiard.pool.Pool",
                                      "multiprocess.Pool",
                                      "multiprocess.pool.Pool",
                                      "multiprocess.pool.ThreadPool",
                                      "multiprocessing.Pool",
                                      "multiprocessing.dummy.Pool",
                                      "multiprocessing.pool.Pool",
                                      "multiprocessing.pool.ThreadPool",
                                      "pathos.multiprocessing.Pool",
                                      "torch.multiprocessing.Pool",
                                      NULL};

const Rule rule_lmp406 = {
    .code = "LMP406",
    .name = "pool-kept-per-call",
    .summary = "pools and executors are made with every call and stay",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check_left,
    .on_container = check_kept,
};
