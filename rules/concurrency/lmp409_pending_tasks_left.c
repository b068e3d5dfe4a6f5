/* ## What it does
 * Reports `asyncio.wait` with `FIRST_COMPLETED` or a timeout over tasks that the function has just
 * made, when it leaves those that are not done: nobody cancels them, waits for them, keeps them or
 * hands them on.
 *
 * ## Why it leaks
 * It leaks because `asyncio.wait`, unlike `wait_for`, cancels nothing. A task that waits for an
 * event, a queue or a lock hangs in the list of waiters of that object, with its coroutine and all
 * that this holds, until somebody sets the event; in a loop one is added each round. A `get()` that
 * is left behind also takes the next item, and nobody sees it. A task that does other work runs on
 * beside the caller, which believes that it is over, and its exception is seen by nobody.
 *
 * ## Example
 * ```python bad
 * import asyncio
 *
 *
 * class Pump:
 *     def __init__(self, send):
 *         self.send = send
 *         self.queue = asyncio.Queue()
 *         self.stop = asyncio.Event()
 *
 *     async def run(self):
 *         while not self.stop.is_set():
 *             get = asyncio.create_task(self.queue.get())
 *             stop = asyncio.create_task(self.stop.wait())
 *             done, pending = await asyncio.wait(
 *                 {get, stop}, return_when=asyncio.FIRST_COMPLETED
 *             )
 *             if get in done:
 *                 await self.send(get.result())
 * ```
 *
 * Each round leaves a task that waits for `stop`. Cancel what is pending:
 *
 * ```python good
 * import asyncio
 *
 *
 * class Pump:
 *     def __init__(self, send):
 *         self.send = send
 *         self.queue = asyncio.Queue()
 *         self.stop = asyncio.Event()
 *
 *     async def run(self):
 *         while not self.stop.is_set():
 *             get = asyncio.create_task(self.queue.get())
 *             stop = asyncio.create_task(self.stop.wait())
 *             done, pending = await asyncio.wait(
 *                 {get, stop}, return_when=asyncio.FIRST_COMPLETED
 *             )
 *             for task in pending:
 *                 task.cancel()
 *             if get in done:
 *                 await self.send(get.result())
 * ```
 *
 * A task that is made once, outside of the loop, and again when it is done, needs no cancelling in
 * between.
 *
 * ## When it is silent
 * - The tasks that are not done, or all of them, are cancelled, awaited, gathered, waited for again
 *   in the next round, kept, returned or handed to anybody. Being asked (`done()`, `result()`),
 *   counted or logged is none of that; nor is a clean-up in an `except` clause alone.
 * - The tasks are made outside of the loop, by a task group, or by somebody else.
 * - After the wait the function closes what the task works on, sets the event, or leaves its
 *   `async with`.
 * - It runs once: at the start of a program.
 * - The timeout is a parameter, None by default, that no caller gives.
 *
 * At low confidence: `asyncio.sleep` as a timeout, which stays for its time; `FIRST_EXCEPTION`;
 * `ensure_future` of what may be a task already; methods like `close` and `stop`; a timeout of None
 * by default that no caller is seen to give; tests.
 *
 * ## What it misses
 * Tasks in attributes, tasks that a helper makes, `as_completed` that is left half-way, and
 * clean-ups that are there and do not always run.
 *
 * ## How to confirm
 * `len(asyncio.all_tasks())` before and after some rounds.
 *
 * ## References
 * - Python documentation, `asyncio.wait`: "Unlike wait_for(), wait() does not cancel the futures
 *   when a timeout occurs"
 */
#include "rule/rule.h"

/* `self.queue.get()`: what the task runs, as it is written. */
static Str work_text(RuleContext *c, u32 file, const PendingTasks *p) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *path = &f->paths[p->coroutine.i];
    if (path->kind != PATH_OP || f->ops[path->id].kind != OP_CALL)
        return rule_path_text(c, file, p->coroutine);
    return rule_text(c, "%.*s()", STR_ARG(rule_path_text(c, file, op_path(&f->ops[path->id]))));
}

/* `self.queue`: what a task waits for. */
static Str signal_text(RuleContext *c, u32 file, const PendingTasks *p, Str *method) {
    const Facts *f = graph_facts(c->graph, file);
    PathId callee = op_path(&f->ops[f->paths[p->coroutine.i].id]);
    *method = facts_str(f, (StrId){f->paths[callee.i].id});
    return rule_path_text(c, file, f->paths[callee.i].parent);
}

static const char *signal_event(Str method) {
    if (str_is(method, "get")) return "the next item is put, which it takes";
    if (str_is(method, "acquire")) return "it gets the lock";
    return str_is(method, "join") ? "all items are done" : "somebody wakes it";
}

static Str message_of(RuleContext *c, u32 file, const PendingTasks *p, Str work) {
    const char *each = p->loop.i ? "round" : "call", *what = p->is_many ? "tasks" : "the task";
    Str method;
    switch (p->until) {
    case PENDING_SIGNAL: {
        Str signal = signal_text(c, file, p, &method);
        return rule_text(c,
                         "'%.*s' keeps %s of '%.*s' alive until %s: each %s makes one more, and "
                         "nobody cancels those that 'asyncio.wait' leaves pending",
                         STR_ARG(signal), what, STR_ARG(work), signal_event(method), each);
    }
    case PENDING_NEVER:
        return rule_text(c,
                         "the event loop keeps %s of '%.*s' alive until the process ends: each %s "
                         "makes one more, and nobody cancels those that 'asyncio.wait' leaves "
                         "pending",
                         what, STR_ARG(work), each);
    case PENDING_SLEEP:
        return rule_text(c,
                         "the event loop keeps %s of '%.*s' alive until the time is over: each %s "
                         "makes one more, and 'asyncio.wait' leaves it pending",
                         what, STR_ARG(work), each);
    default:
        return rule_text(c,
                         "%s of '%.*s' %s on unwatched when 'asyncio.wait' returns before %s done: "
                         "nobody cancels what is pending or waits for it",
                         what, STR_ARG(work), p->is_many ? "run" : "runs",
                         p->is_many ? "they are" : "it is");
    }
}

static Confidence confidence_of(RuleContext *c, OpRef call, const PendingTasks *p) {
    bool is_weak = p->until == PENDING_SLEEP || p->is_given || (p->is_failure && !p->has_timeout) ||
                   p->in_closing || (p->is_optional && !p->is_first && !p->is_failure);
    if (is_weak || graph_is_test_file(c->graph, call.file)) return CONFIDENCE_LOW;
    bool is_sure = p->until == PENDING_SIGNAL || p->until == PENDING_NEVER;
    return is_sure && p->loop.i ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const PendingTasks *p, Str work) {
    const Facts *facts = graph_facts(c->graph, call.file);
    Span made = facts_op(facts, p->made)->span;
    Str method, holder = p->until == PENDING_SIGNAL ? signal_text(c, call.file, p, &method)
                                                    : STR("the event loop");
    rule_step(c, f, STEP_NODE, holder, (Str){0}, call.file, made);
    rule_step(c, f, STEP_EDGE, p->until == PENDING_SIGNAL ? STR("waiters") : STR("runs"),
              STR("never cancelled"), call.file, made);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_text(c, "task of %.*s", STR_ARG(work)), (Str){0}, call.file,
              made);
    rule_note(c, f,
              p->has_timeout && !p->is_first ? STR("the wait ends with its timeout")
                                             : STR("the wait ends with the first task"),
              (Str){0}, call);
}

static void check(RuleContext *c, OpRef call) {
    PendingTasks p;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_CALL) return;
    if (!graph_pending_left(c->graph, call, &p)) return;
    ScopeRef scope = rule_function_around(c, call.file, op);
    Str work = work_text(c, call.file, &p);
    Finding *f = rule_report(c, call.file, op->span, scope);
    f->effect = p.until == PENDING_UNKNOWN ? EFFECT_HAZARD
                : p.until == PENDING_SLEEP ? EFFECT_BOUNDED
                                           : EFFECT_NEVER_FREED;
    f->confidence = confidence_of(c, call, &p);
    f->subject = work;
    f->message = message_of(c, call.file, &p, work);
    add_steps(c, f, call, &p, work);
    f->help = STR("cancel them: `for task in pending: task.cancel()`, in a `finally` when the wait "
                  "itself may be cancelled; or make them once and wait for the same ones again");
    f->confirm = STR("`len(asyncio.all_tasks())` before and after some rounds");
}

static const char *const CALLEES[] = {"asyncio.tasks.wait", "asyncio.wait", NULL};

const Rule rule_lmp409 = {
    .code = "LMP409",
    .name = "pending-tasks-left",
    .summary = "tasks made for `asyncio.wait` are left pending when it returns early",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
