/* ## What it does
 * Reports `lock.acquire()` as a statement when the same function releases the lock later, but some
 * way out of the function does not come to the `release()`: a `raise` or `return` in between, or an
 * exception of what is called or awaited there. Locks, conditions and semaphores of `threading`,
 * `multiprocessing`, `asyncio` and of other libraries are meant.
 *
 * ## Why it leaks
 * A lock that is not released stays locked: nobody does it later, not even the end of the thread.
 * The next one who takes it waits for ever, and everything that waits for that one. It happens in
 * the rare case, when an error has just been raised, and what one sees is a program that stands
 * still somewhere else. A semaphore loses one of its places with each error.
 *
 * ## Example
 * ```python bad
 * import threading
 *
 *
 * class Journal:
 *     def __init__(self, stream):
 *         self.stream = stream
 *         self.lock = threading.Lock()
 *
 *     def write(self, line):
 *         self.lock.acquire()
 *         self.stream.send(line)
 *         self.lock.release()
 * ```
 *
 * When `send` raises, the next `write` waits for ever. A `with` releases on every way out:
 *
 * ```python good
 * import threading
 *
 *
 * class Journal:
 *     def __init__(self, stream):
 *         self.stream = stream
 *         self.lock = threading.Lock()
 *
 *     def write(self, line):
 *         with self.lock:
 *             self.stream.send(line)
 * ```
 *
 * ## When it is silent
 * - `with lock:`; a `release()` in a `finally`, or in handlers that take every exception and on the
 *   normal way.
 * - The function does not release it, or its normal end does not: it takes the lock for its caller.
 * - An inner function releases it, or `lock.release` is handed on to be called later.
 * - `acquire` with a time-out or without waiting, and every `acquire` whose result is used.
 * - Nothing between the two raises as a rule: assignments, logging, methods of containers, `notify`
 *   and `wait` of the lock itself.
 *
 * At low confidence: tests; calls that only tell or ask, by their names (`log_state(…)`,
 * `x.is_late()`, `x.get_state()` without arguments); objects of which nothing but these two methods
 * says that they are locks; a lock that is handed to somebody while it is held; a `return` of a
 * function that shares its lock with others that only release it.
 *
 * ## What it misses
 * A lock that is taken by a helper and released by the function, locks under two names, and
 * exceptions that operators and subscripts raise.
 *
 * ## How to confirm
 * Let the call in between raise, and take the lock with a time-out afterwards.
 *
 * ## References
 * - Python documentation, threading: "Using locks, conditions, and semaphores in the with
 * statement"
 * - pylint R1732 asks for `with` wherever a lock is acquired
 */
#include "rule/rule.h"

/* The statement that leaves, and how a message speaks of it. */
static OpId way_out(RuleContext *c, u32 file, const Skip *skip, Str *text) {
    const Facts *f = graph_facts(c->graph, file);
    *text = STR("a 'raise'");
    if (skip->raise.i) return skip->raise;
    *text = STR("a 'return'");
    if (skip->returns.i) return skip->returns;
    const Op *op = facts_op(f, skip->call);
    *text = STR("an exception thrown at its 'yield'");
    if (op->kind == OP_CALL || op->kind == OP_AWAIT) {
        Str callee = rule_path_text(c, file, op_path(op));
        bool is_short = callee.n && callee.n < 48;
        *text = is_short ? rule_text(c, "an exception of '%.*s'", STR_ARG(callee))
                         : STR("an exception of a call");
    }
    return skip->call;
}

static Confidence confidence_of(RuleContext *c, u32 file, const LockTake *take) {
    bool is_sure = take->skip.raise.i && take->confidence == CONFIDENCE_HIGH;
    Confidence sure = is_sure ? CONFIDENCE_HIGH : MIN(take->confidence, CONFIDENCE_MEDIUM);
    bool is_protocol = !take->skip.raise.i && take->skip.returns.i && take->is_shared;
    const Skip *skip = &take->skip;
    bool is_told = !skip->raise.i && !skip->returns.i && skip->is_told;
    if (graph_is_test_file(c->graph, file) || take->is_handed_out || is_protocol || is_told)
        sure = CONFIDENCE_LOW;
    return sure;
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const LockTake *take, OpId out) {
    const Facts *facts = graph_facts(c->graph, call.file);
    Str lock = rule_path_text(c, call.file, take->lock);
    Span span = facts_op(facts, call.op)->span;
    rule_step(c, f, STEP_NODE, rule_text(c, "lock %.*s", STR_ARG(lock)), (Str){0}, call.file, span);
    rule_step(c, f, STEP_EDGE, STR(".acquire()"), STR("taken here"), call.file, span);
    rule_note(c, f, STR("the way out"), STR("leaves it locked"), (OpRef){call.file, out});
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_note(c, f, STR("the release"), STR("not reached then"), (OpRef){call.file, take->release});
}

static void check(RuleContext *c, OpRef call) {
    LockTake take;
    if (!graph_lock_take(c->graph, call, &take)) return;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    ScopeRef function = rule_function_around(c, call.file, op);
    Str lock = rule_path_text(c, call.file, take.lock), way;
    OpId out = way_out(c, call.file, &take.skip, &way);
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    Finding *f = rule_report(c, call.file, op->span, function);
    f->confidence = confidence_of(c, call.file, &take);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = lock;
    f->message = rule_text(c,
                           "'%.*s' stays locked, and the next one who takes it waits for ever, "
                           "when %.*s leaves '%.*s' before the 'release()'",
                           STR_ARG(lock), STR_ARG(way), STR_ARG(name));
    add_steps(c, f, call, &take, out);
    f->help = rule_text(c,
                        "use `%s %.*s:`, or put what follows into a `try` and `release()` into its "
                        "`finally`",
                        take.is_async ? "async with" : "with", STR_ARG(lock));
    f->confirm =
        take.is_async
            ? rule_text(c, "`%.*s.locked()` is still true after '%.*s' has failed", STR_ARG(lock),
                        STR_ARG(name))
            : rule_text(c, "`%.*s.acquire(timeout=1)` in another thread fails after '%.*s' has",
                        STR_ARG(lock), STR_ARG(name));
}

static const char *const CALLEES[] = {".acquire", NULL};

const Rule rule_lmp410 = {
    .code = "LMP410",
    .name = "lock-not-released",
    .summary = "a lock that is taken by a statement stays locked when the function fails",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
