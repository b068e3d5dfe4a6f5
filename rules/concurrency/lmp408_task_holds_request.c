/* ## What it does
 * Reports a task with an endless loop, and a timer or callback of the event loop that arms itself
 * again for ever, when it is started with the object of one request, message or connection, and
 * nobody can end it.
 *
 * ## Why it leaks
 * The frame of the coroutine (the handle of the timer) holds its arguments for as long as it goes
 * on, and the loop has no end: each request leaves its object, a task and a timer. Measured on
 * Python 3.8, 3.11 and 3.13: of ten requests all ten are alive after a collection, with a task in
 * `while True`, with `loop.call_later` and with `threading.Timer` alike. None is when the task
 * comes to an end, nor when the loop calls a method of the connection that raises once it is
 * closed: that ends the task; all ten are when the loop catches what is raised.
 *
 * ## Example
 * ```python bad
 * import asyncio
 *
 *
 * async def report(request, log):
 *     while True:
 *         log.info("still open: %s", id(request))
 *         await asyncio.sleep(60)
 *
 *
 * async def handle(request, log):
 *     asyncio.create_task(report(request, log))
 *     return await request.answer()
 * ```
 *
 * Keep the task, and end it with the request:
 *
 * ```python good
 * import asyncio
 *
 *
 * async def report(name, log):
 *     while True:
 *         log.info("still open: %s", name)
 *         await asyncio.sleep(60)
 *
 *
 * async def handle(request, log):
 *     reporting = asyncio.create_task(report(request.path, log))
 *     try:
 *         return await request.answer()
 *     finally:
 *         reporting.cancel()
 * ```
 *
 * ## When it is silent
 * - The task is kept, awaited, returned or handed on: somebody may cancel it.
 * - The loop has a condition, a `break`, a `return` or a `raise`; the timer is armed under a
 *   condition, or its handle is kept.
 * - The object is used where nothing takes an exception: once it is closed, that is the end.
 * - What is held is no request, message or connection, by its class or name.
 *
 * At low confidence: functions that may run once, and tests.
 *
 * ## What it misses
 * Requests in attributes and containers that the coroutine gets, and coroutines of other packages.
 * Methods of one object that start a thread or timer on themselves are for LMP404, tasks that
 * `asyncio.wait` leaves for LMP409.
 *
 * ## How to confirm
 * `len(asyncio.all_tasks())` (or `threading.active_count()`) before and after some requests.
 *
 * ## References
 * - Python documentation, `asyncio.Task.cancel`, `asyncio.loop.call_later`
 */
#include "rule/rule.h"

static void check(RuleContext *c, OpRef call) {
    HeldForever h;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    HowOften how = graph_how_often(c->graph, call.file, op->region);
    if (how < RUNS_PER_CALL || !graph_held_forever(c->graph, call, &h)) return;
    Str held = rule_path_text(c, call.file, h.held);
    Str runs = str_after_last(graph_scope_name(c->graph, h.runs), '.');
    ScopeRef function = rule_function_around(c, call.file, op);
    Finding *f = rule_report(c, call.file, op->span, function);
    f->confidence = graph_is_test_file(c->graph, call.file) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = held;
    f->message = rule_text(c,
                           "the %s of '%.*s' keeps '%.*s' of each call alive until the process "
                           "ends: %s, and nobody can end it",
                           h.is_timer ? "timer" : "task", STR_ARG(runs), STR_ARG(held),
                           h.is_timer ? "it is armed again each time" : "its loop has no end");
    rule_step(c, f, STEP_NODE, h.is_timer ? STR("timer") : STR("task"), (Str){0}, call.file,
              op->span);
    rule_step(c, f, STEP_EDGE, STR("argument"), STR("held as long as it goes on"), call.file,
              op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, held, STR("an object of one request, message or connection"),
              call.file, op->span);
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s'", STR_ARG(runs)), STR("goes on and on"),
              h.runs.file, graph_facts(c->graph, h.runs.file)->scopes[h.runs.scope.i].name_span);
    f->help = STR("keep it and `cancel()` it in a `finally` when the request is done; or pass only "
                  "what it needs");
    f->confirm = STR("`len(asyncio.all_tasks())` and `threading.active_count()` before and after "
                     "some calls");
}

static const char *const CALLEES[] = {".call_at",
                                      ".call_later",
                                      ".create_task",
                                      "asyncio.create_task",
                                      "asyncio.ensure_future",
                                      "threading.Timer",
                                      NULL};

const Rule rule_lmp408 = {
    .code = "LMP408",
    .name = "task-holds-request",
    .summary = "an endless task or timer holds the object of one request",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
