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
 *   `waitpid(pid, os.WNOHANG)`, `getaddrinfo` with `AI_NUMERICHOST` or of a number; datagrams
 *   (`SOCK_DGRAM`) to a number: `connect`, `send`, `sendto`; methods of sockets in a file that sets
 *   sockets to be non-blocking.
 * - `future.result()` after `done()` or `wrap_future`.
 * - `print` and `logging`; what is inside of a client (`client._state.reset()`); what is not
 *   resolved.
 *
 * At low confidence: files (`open`, `os`, `shutil`, `pathlib`), starting a process, sleeps of less
 * than a hundredth of a second, addresses to bind to (`AI_PASSIVE`) and of the machine itself, a
 * lock that is released before the next `await`; a helper that waits on some ways only, that a
 * cache, a decorator or a subclass may replace; questions to a user outside of loops that await
 * (but for `await save(answer); break`); threads that are joined after an await; what runs at
 * start-up
 * (`lifespan`); coroutines that have their loop to themselves (`asyncio.run(main())` or a command
 * of click, and nothing before makes another task; those of an awaited `gather` are done); tests.
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

/* The library whose loop it is, and what it has to offer. */
typedef struct Library {
    const char *name, *to_thread, *process, *from_thread, *queue, *future, *confirm;
} Library;
static const Library ASYNCIO = {
    "asyncio",
    "asyncio.to_thread",
    "`await asyncio.create_subprocess_exec(…)`, and await its end",
    "loop.call_soon_threadsafe(event.set)",
    "an `asyncio.Queue`, filled by `loop.call_soon_threadsafe(…)`",
    "asyncio.wrap_future(…)",
    "`asyncio.run(…, debug=True)` logs the step of the task that takes so long"};
static const Library TRIO = {
    "trio",
    "trio.to_thread.run_sync",
    "`await trio.run_process(…)`",
    "trio.from_thread.run_sync(event.set)",
    "`trio.open_memory_channel`, filled by `trio.from_thread.run(…)`",
    "trio.to_thread.run_sync(future.result)",
    "an instrument of `trio.lowlevel.add_instrument` sees how long each step of a task takes"};
static const Library ANYIO = {
    "anyio",
    "anyio.to_thread.run_sync",
    "`await anyio.run_process(…)`",
    "anyio.from_thread.run_sync(event.set)",
    "`anyio.create_memory_object_stream`, filled by `anyio.from_thread.run(…)`",
    "anyio.to_thread.run_sync(future.result)",
    "`anyio.run(…, backend_options={\"debug\": True})` logs the step that takes so long"};

static bool imports(const Facts *f, const char *library) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        i64 dot = str_find(module, '.');
        if (str_is(dot < 0 ? module : str_sub(module, 0, (u32)dot), library)) return true;
    }
    return false;
}

static const Library *library_of(RuleContext *c, u32 file) {
    const Facts *f = graph_facts(c->graph, file);
    if (imports(f, "asyncio")) return &ASYNCIO;
    if (imports(f, "trio")) return &TRIO;
    return imports(f, "anyio") ? &ANYIO : &ASYNCIO;
}

static Str help_of(RuleContext *c, u32 file, const BlockingCall *call, Str called) {
    const Library *l = library_of(c, file);
    const char *article = l == &TRIO ? "a" : "an";
    if (call->is_across_await)
        return rule_text(c,
                         "use %s `%s.Lock` with `async with`, or release the lock before the "
                         "await",
                         article, l->name);
    if (call->spot.via)
        return rule_text(c, "`await %s(%.*s, …)`, or make the helper a coroutine", l->to_thread,
                         STR_ARG(str_after_last(called, '.')));
    switch (call->spot.row->wait) {
    case WAIT_SLEEP:
        return rule_text(c, "`await %s.sleep(…)`", l->name);
    case WAIT_PROCESS:
    case WAIT_START:
        return str_from(l->process);
    case WAIT_NETWORK:
        return rule_text(c, "a client that awaits (`httpx.AsyncClient`%s), or `await %s(…)`",
                         l == &ASYNCIO ? ", `aiohttp`" : "", l->to_thread);
    case WAIT_DATABASE:
        return rule_text(c, "a driver that awaits%s, or `await %s(…)`",
                         l == &ASYNCIO ? " (`asyncpg`, `aiosqlite`)" : "", l->to_thread);
    case WAIT_LOCK:
        return rule_text(c, "use %s `%s.Lock` with `async with`", article, l->name);
    case WAIT_EVENT:
        return rule_text(c, "use %s `%s.Event`, set by `%s`", article, l->name, l->from_thread);
    case WAIT_QUEUE:
        return rule_text(c, "use %s", l->queue);
    case WAIT_FUTURE:
        return rule_text(c, "`await %s`", l->future);
    default:
        return rule_text(c, "`await %s(%.*s, …)`", l->to_thread, STR_ARG(called));
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
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    if (graph_is_test_file(c->graph, scope.file) || is_fixture(c, code) || is_startup(c, code) ||
        graph_runs_alone(c->graph, scope, call->op))
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
    f->confirm = str_from(library_of(c, scope.file)->confirm);
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
