/* ## What it does
 * Reports a call in an `async def` that keeps its thread waiting: a sleep, a child process, the
 * network, a database, a lock or queue of threads, `Thread.join()`, `Future.result()`; directly or
 * at the end of a chain of plain functions.
 *
 * ## Why it leaks
 * It does not: everything stands still. All tasks of an event loop take turns in one thread, and
 * change only where one of them awaits. While a coroutine waits in a plain call, no other task
 * runs, no timeout fires, no connection is answered. With a lock of `threading` that is held across
 * an `await` the standstill is for good: the next task that wants the lock stops the loop, and the
 * task that has it can never go on to release it.
 *
 * ## Example
 * ```python bad
 * import requests
 *
 *
 * def load(url):
 *     return requests.get(url, timeout=10).json()
 *
 *
 * async def handle(request):
 *     return load(request.url)
 * ```
 *
 * Let a thread wait, or use a client that awaits:
 *
 * ```python good
 * import asyncio
 *
 * import requests
 *
 *
 * def load(url):
 *     return requests.get(url, timeout=10).json()
 *
 *
 * async def handle(request):
 *     return await asyncio.to_thread(load, request.url)
 * ```
 *
 * ## When it is silent
 * - The function is handed over: `asyncio.to_thread(load)`, `run_in_executor(None, load)`; calls
 *   that are awaited.
 * - Calls that cannot wait: `acquire(False)`, `get(block=False)`, `join(timeout=0)`, `sleep(0)`,
 *   `waitpid(pid, os.WNOHANG)`, `getaddrinfo` with `AI_NUMERICHOST`; methods of sockets in a file
 *   that sets sockets to be non-blocking.
 * - `future.result()` after `done()` or `wrap_future`.
 * - `print` and `logging`; what is not resolved.
 *
 * At low confidence: files (`open`, `os`, `shutil`, `pathlib`), starting a process, sleeps of less
 * than a hundredth of a second, a lock that is released before the next `await`; a helper that
 * waits on some ways only, that a cache, a decorator or a subclass may replace; questions to a
 * user outside of loops that await; threads that are joined after an await; what runs at start-up
 * (`lifespan`); tests.
 *
 * ## What it misses
 * Callbacks of the loop (`call_later`) that wait; methods of objects whose class does not show.
 * Servers that run each coroutine in a loop of its own.
 *
 * ## How to confirm
 * `asyncio.run(main(), debug=True)` logs each step of a task that takes longer than
 * `loop.slow_callback_duration`, a tenth of a second.
 *
 * ## References
 * - Python documentation, "Developing with asyncio: Running blocking code"
 * - ruff ASYNC210, 220 to 222, 230, 240, 250 and 251, flake8-async and Sonar report direct calls
 */
#include "rule/rule.h"

/* The library whose loop it is, by what the file imports. */
static bool imports(const Facts *f, const char *module) {
    for (u32 i = 1; i < f->n_imports; i++)
        if (str_is(facts_str(f, f->imports[i].module), module)) return true;
    return false;
}

static const char *thread_call(const Facts *f) {
    if (imports(f, "trio")) return "trio.to_thread.run_sync";
    if (imports(f, "anyio") && !imports(f, "asyncio")) return "anyio.to_thread.run_sync";
    return "asyncio.to_thread";
}

static Str help_of(RuleContext *c, u32 file, const BlockingCall *call, Str called) {
    const Facts *f = graph_facts(c->graph, file);
    const char *to_thread = thread_call(f);
    if (call->is_across_await)
        return STR("use an `asyncio.Lock` with `async with`, or release the lock before the await");
    if (call->spot.via)
        return rule_text(c, "`await %s(%.*s, …)`, or make the helper a coroutine", to_thread,
                         STR_ARG(str_after_last(called, '.')));
    switch (call->spot.row->wait) {
    case WAIT_SLEEP:
        return STR("`await asyncio.sleep(…)`");
    case WAIT_PROCESS:
    case WAIT_START:
        return STR("`await asyncio.create_subprocess_exec(…)`, and await its end");
    case WAIT_NETWORK:
        return rule_text(c,
                         "a client that awaits (`httpx.AsyncClient`, `aiohttp`), or `await "
                         "%s(…)`",
                         to_thread);
    case WAIT_DATABASE:
        return rule_text(c, "a driver that awaits (`asyncpg`, `aiosqlite`), or `await %s(…)`",
                         to_thread);
    case WAIT_LOCK:
        return STR("use an `asyncio.Lock` with `async with`");
    case WAIT_EVENT:
        return STR("use an `asyncio.Event`, set by `loop.call_soon_threadsafe(event.set)`");
    case WAIT_QUEUE:
        return STR("use an `asyncio.Queue`, filled by `loop.call_soon_threadsafe(…)`");
    case WAIT_FUTURE:
        return STR("`await asyncio.wrap_future(…)`");
    default:
        return rule_text(c, "`await %s(%.*s, …)`", to_thread, STR_ARG(called));
    }
}

/* `@pytest.fixture`: a test waits for it, and nothing else runs. */
static bool is_fixture(RuleContext *c, u32 code) {
    ScopeRef s = cpu_code_scope(c->cpu, code);
    const Facts *f = graph_facts(c->graph, s.file);
    const Scope *scope = &f->scopes[s.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Str text = rule_path_text(c, s.file, f->operands[d].path);
        if (str_contains(text, "fixture")) return true;
    }
    return false;
}

/* Before anything else runs. */
static bool is_startup(RuleContext *c, u32 code) {
    Str name = str_after_last(rule_code_name(c, code), '.');
    return str_contains(name, "lifespan") || str_contains(name, "startup");
}

static Confidence confidence_of(RuleContext *c, u32 code, const BlockingCall *call) {
    u32 file = cpu_code_scope(c->cpu, code).file;
    if (graph_is_test_file(c->graph, file) || is_fixture(c, code) || is_startup(c, code))
        return CONFIDENCE_LOW;
    if (call->is_across_await) return CONFIDENCE_MEDIUM;
    bool is_weak = call->is_brief || call->is_doubtful;
    if (is_weak || (call->spot.via && call->spot.is_conditional)) return CONFIDENCE_LOW;
    WaitKind wait = call->spot.row->wait;
    bool is_by_others = wait == WAIT_THREAD || wait == WAIT_EVENT || wait == WAIT_QUEUE;
    return call->spot.via || is_by_others ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
}

static Str message_of(RuleContext *c, u32 code, const BlockingCall *call, Str called, Str end) {
    Str name = rule_code_name(c, code);
    const char *what = wait_text(call->spot.row->wait);
    if (call->is_across_await)
        return rule_text(c,
                         "'%.*s' deadlocks when a second task runs it: the first one awaits "
                         "with the thread lock '%.*s' held, and the second one stops the loop",
                         STR_ARG(name), STR_ARG(called));
    if (call->spot.via)
        return rule_text(c,
                         "all tasks of the event loop stand still when '%.*s' calls '%.*s', "
                         "which waits for %s in '%.*s'",
                         STR_ARG(name), STR_ARG(called), what, STR_ARG(end));
    return rule_text(c,
                     "all tasks of the event loop stand still when '%.*s' calls '%.*s', which "
                     "waits for %s",
                     STR_ARG(name), STR_ARG(called), what);
}

static void report(RuleContext *c, u32 code, const BlockingCall *call) {
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    const Op *op = &graph_facts(c->graph, scope.file)->ops[call->op.i];
    CpuStep steps[CPU_STEPS_MAX];
    u32 n = cpu_spot_steps(c->cpu, code, &call->spot, steps);
    Str end = rule_chain_end(c, &steps[n - 1]), called = rule_chain_end(c, &steps[0]);
    if (op->kind == OP_ENTER) called = rule_path_text(c, scope.file, op_path(op));
    if (steps[0].function) called = rule_code_name(c, steps[0].function);
    Finding *f = rule_report(c, scope.file, op->span, scope);
    f->confidence = confidence_of(c, code, call);
    f->subject = called;
    f->message = message_of(c, code, call, called, end);
    rule_step(c, f, STEP_NODE, rule_text(c, "coroutine %.*s", STR_ARG(rule_code_name(c, code))),
              (Str){0}, scope.file, rule_code_span(c, code));
    rule_step_chain(
        c, f, steps, n,
        rule_text(c, "waits for %s, and nothing is awaited", wait_text(call->spot.row->wait)));
    f->help = help_of(c, scope.file, call, called);
    f->confirm = STR("`asyncio.run(…, debug=True)` logs the step of the task that takes so long");
}

static void check(RuleContext *c, u32 code) {
    BlockingCall *calls;
    u32 n = cpu_blocking_calls(c->cpu, code, c->scratch, &calls);
    for (u32 i = 0; i < n; i++) report(c, code, &calls[i]);
}

const Rule rule_lmp411 = {
    .code = "LMP411",
    .name = "blocking-in-coroutine",
    .summary = "a coroutine waits in a plain call: the event loop stands still",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_code = check,
};
