/* Who is given a callable, and runs it in another thread or greenlet. Pools of processes are not
 * here: work that is given to them is not in the way of anything. Sources: CPython; the libraries'
 * manuals. And functions outside of the project that are coroutines. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const HandoverRow handovers[] = {
    /* name, origin, who runs it, index of the callable, its keyword, needs start() */
    {".run_in_executor", ORIGIN_STDLIB, RUNNER_AWAITED, 1, "func", false},
    {"_thread.start_new", ORIGIN_STDLIB, RUNNER_THREAD, 0, NULL, false},
    {"_thread.start_new_thread", ORIGIN_STDLIB, RUNNER_THREAD, 0, NULL, false},
    {"anyio.to_thread.run_sync", ORIGIN_OTHER, RUNNER_AWAITED, 0, "func", false},
    {"asyncio.AbstractEventLoop.run_in_executor", ORIGIN_STDLIB, RUNNER_AWAITED, 1, "func", false},
    {"asyncio.to_thread", ORIGIN_STDLIB, RUNNER_AWAITED, 0, "func", false},
    {"concurrent.futures.ThreadPoolExecutor.map", ORIGIN_STDLIB, RUNNER_MAP, 0, "fn", false},
    {"concurrent.futures.ThreadPoolExecutor.submit", ORIGIN_STDLIB, RUNNER_POOL, 0, "fn", false},
    {"eventlet.GreenPool.imap", ORIGIN_OTHER, RUNNER_GREENLETS, 0, NULL, false},
    {"eventlet.GreenPool.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"eventlet.GreenPool.spawn_n", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"eventlet.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"eventlet.spawn_after", ORIGIN_OTHER, RUNNER_GREENLET, 1, NULL, false},
    {"eventlet.spawn_n", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"fastapi.concurrency.run_in_threadpool", ORIGIN_OTHER, RUNNER_AWAITED, 0, "func", false},
    {"gevent.Greenlet", ORIGIN_OTHER, RUNNER_GREENLET, 0, "run", true},
    {"gevent.Greenlet.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"gevent.pool.Group.apply_async", ORIGIN_OTHER, RUNNER_GREENLET, 0, "func", false},
    {"gevent.pool.Group.imap", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Group.imap_unordered", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Group.map", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Group.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"gevent.pool.Pool.apply_async", ORIGIN_OTHER, RUNNER_GREENLET, 0, "func", false},
    {"gevent.pool.Pool.imap", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Pool.imap_unordered", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Pool.map", ORIGIN_OTHER, RUNNER_GREENLETS, 0, "func", false},
    {"gevent.pool.Pool.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"gevent.spawn", ORIGIN_OTHER, RUNNER_GREENLET, 0, NULL, false},
    {"gevent.spawn_later", ORIGIN_OTHER, RUNNER_GREENLET, 1, NULL, false},
    {"gevent.threadpool.ThreadPool.apply", ORIGIN_OTHER, RUNNER_POOL, 0, "func", false},
    {"gevent.threadpool.ThreadPool.map", ORIGIN_OTHER, RUNNER_MAP, 0, "func", false},
    {"gevent.threadpool.ThreadPool.spawn", ORIGIN_OTHER, RUNNER_POOL, 0, "func", false},
    {"multiprocessing.dummy.Process", ORIGIN_STDLIB, RUNNER_THREAD, 1, "target", true},
    {"multiprocessing.pool.ThreadPool.apply", ORIGIN_STDLIB, RUNNER_POOL, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.apply_async", ORIGIN_STDLIB, RUNNER_POOL, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.imap", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.imap_unordered", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.map", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.map_async", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.starmap", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"multiprocessing.pool.ThreadPool.starmap_async", ORIGIN_STDLIB, RUNNER_MAP, 0, "func", false},
    {"starlette.concurrency.run_in_threadpool", ORIGIN_OTHER, RUNNER_AWAITED, 0, "func", false},
    {"thread.start_new_thread", ORIGIN_PYTHON2, RUNNER_THREAD, 0, NULL, false},
    {"threading.Thread", ORIGIN_STDLIB, RUNNER_THREAD, 1, "target", true},
    {"threading.Timer", ORIGIN_STDLIB, RUNNER_THREAD, 1, "function", true},
    {"trio.to_thread.run_sync", ORIGIN_OTHER, RUNNER_AWAITED, 0, "sync_fn", false},
    {"twisted.internet.reactor.callInThread", ORIGIN_OTHER, RUNNER_POOL, 0, NULL, false},
    {"twisted.internet.threads.deferToThread", ORIGIN_OTHER, RUNNER_POOL, 0, "f", false},
};
/* clang-format on */

const HandoverRow *know_handovers(u32 *n) {
    *n = ARRAY_LEN(handovers);
    return handovers;
}

const HandoverRow *know_handover(Str canonical) {
    u32 n = ARRAY_LEN(handovers);
    u32 i = table_find(handovers, n, sizeof handovers[0], canonical);
    return i < n ? &handovers[i] : NULL;
}

const HandoverRow *know_method_handover(Str class_name, Str method) {
    char room[TABLE_NAME_SIZE];
    if (class_name.n + 1 + method.n >= sizeof room) return NULL;
    return know_handover(table_join(room, class_name, method));
}

/* Functions whose call makes a coroutine, and runs nothing. */
static const char *const coroutines[] = {
    "anyio.sleep",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.open_connection",
    "asyncio.open_unix_connection",
    "asyncio.sleep",
    "asyncio.start_server",
    "asyncio.start_unix_server",
    "asyncio.to_thread",
    "asyncio.wait",
    "asyncio.wait_for",
    "trio.sleep",
};

bool know_is_coroutine(Str canonical) {
    u32 n = ARRAY_LEN(coroutines);
    return table_find(coroutines, n, sizeof coroutines[0], canonical) < n;
}
