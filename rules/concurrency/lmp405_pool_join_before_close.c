/* ## What it does
 * Reports `join()` of a pool of `multiprocessing` (processes or threads) that neither `close()` nor
 * `terminate()` comes before, also inside the `with` that would end the pool.
 *
 * ## Why it leaks
 * `join` refuses to wait for workers that have not been told to end: it raises ValueError (before
 * Python 3.7 an AssertionError). What comes after it does not run, and the pool keeps its workers:
 * up to Python 3.7 for as long as the process lives.
 *
 * ## Example
 * ```python bad
 * import multiprocessing
 *
 *
 * def squares(numbers):
 *     pool = multiprocessing.Pool(4)
 *     result = pool.map(abs, numbers)
 *     pool.join()
 *     return result
 * ```
 *
 * `close` says that no more work comes; then the workers end, and `join` waits for that:
 *
 * ```python good
 * import multiprocessing
 *
 *
 * def squares(numbers):
 *     pool = multiprocessing.Pool(4)
 *     try:
 *         return pool.map(abs, numbers)
 *     finally:
 *         pool.close()
 *         pool.join()
 * ```
 *
 * ## When it is silent
 * - `close()` or `terminate()` comes before, in whatever branch; the `with` has ended.
 * - Somebody else may close it: a function or object that gets the pool (or `pool.close`) before,
 *   other methods of the class, other functions of the module, the caller of a function that gets
 *   the pool as an argument.
 * - Everything else that is joined: threads, processes, queues, pools of gevent.
 *
 * ## What it misses
 * Pools in lists and dicts, pools that a function of the project returns, classes that derive from
 * `Pool`, and methods that are called in the wrong order.
 *
 * ## How to confirm
 * Run the line: it raises every time.
 *
 * ## References
 * - Python documentation, `multiprocessing.pool.Pool.join`: "One must call close() or terminate()
 *   before using join()"
 */
#include "rule/rule.h"

/* The indentation of the statement, when it begins its line; else not `ok`. */
static Str indentation(RuleContext *c, u32 file, Span statement, bool *ok) {
    Str text = rule_source(c, file);
    u32 start = statement.start;
    *ok = false;
    if (start > text.n) return (Str){0};
    while (start && (text.p[start - 1] == ' ' || text.p[start - 1] == '\t')) start--;
    *ok = start == 0 || text.p[start - 1] == '\n';
    return str_copy(c->arena, str_sub(text, start, statement.start));
}

static void add_fix(RuleContext *c, Finding *f, OpRef call, Str pool) {
    const Op *op = facts_op(graph_facts(c->graph, call.file), call.op);
    bool begins_line;
    Str indent = indentation(c, call.file, op->span, &begins_line);
    if (!(op->flags & OP_DROPPED) || !begins_line) return;
    rule_fix(f, STR("close the pool first"), false);
    rule_edit(c, f, call.file, (Span){op->span.start, op->span.start},
              rule_text(c, "%.*s.close()\n%.*s", STR_ARG(pool), STR_ARG(indent)));
}

static Str error_text(RuleContext *c, u32 file) {
    u32 targets = rule_targets(c, file);
    if (!targets_before(targets, PYTHON_3_7)) return STR("'ValueError'");
    return targets_from(targets, PYTHON_3_7) ? STR("'ValueError' ('AssertionError' before 3.7)")
                                             : STR("'AssertionError'");
}

static void check(RuleContext *c, OpRef call) {
    PoolJoin join;
    if (!graph_pool_join(c->graph, call, c->scratch, &join)) return;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    Str pool = rule_path_text(c, call.file, join.pool), error = error_text(c, call.file);
    Finding *f = rule_report(c, call.file, op->span, rule_function_around(c, call.file, op));
    f->confidence = join.confidence;
    f->subject = pool;
    f->message = join.late.i
                     ? rule_text(c,
                                 "'%.*s.join()' raises %.*s when it runs: the pool is closed "
                                 "only after it",
                                 STR_ARG(pool), STR_ARG(error))
                     : rule_text(c,
                                 "'%.*s.join()' raises %.*s when it runs: neither 'close()' nor "
                                 "'terminate()' comes before it",
                                 STR_ARG(pool), STR_ARG(error));
    if (join.made.i)
        rule_note(c, f, STR("the pool"), STR("is made"), (OpRef){call.file, join.made});
    rule_note(c, f, STR("join"), STR("waits for workers that nothing has told to end"), call);
    if (join.late.i)
        rule_note(c, f, STR("the end of it"), STR("too late"), (OpRef){call.file, join.late});
    f->help = join.late.i ? rule_text(c, "move `%.*s.join()` behind it", STR_ARG(pool))
                          : rule_text(c, "call `%.*s.close()` first", STR_ARG(pool));
    f->confirm = STR("run the line: it raises every time");
    if (!join.late.i) add_fix(c, f, call, pool);
}

static const char *const CALLEES[] = {".join", NULL};

const Rule rule_lmp405 = {
    .code = "LMP405",
    .name = "pool-join-before-close",
    .summary = "a pool is joined before it is closed: join raises",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
