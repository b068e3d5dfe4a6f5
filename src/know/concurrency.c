/* What runs code beside the code that made it, and what keeps such code apart: threads, processes,
 * pools, executors and locks, by the names that make them. Sources: the documentation of CPython
 * and of the packages; that pools of billiard, multiprocess, pathos and torch are those of
 * multiprocessing with other pickling, and gevent's, eventlet's and trio's locks have the same two
 * methods, is in their sources. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ConcurrencyRow rows[] = {
    /* name, origin, what it makes */
    {"_thread.RLock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"_thread.allocate_lock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"_thread.start_new_thread", ORIGIN_STDLIB, CONCURRENT_THREAD_STARTED},
    {"anyio.CapacityLimiter", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"anyio.Condition", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"anyio.Lock", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"anyio.Semaphore", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"asyncio.BoundedSemaphore", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.Condition", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.Event", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.LifoQueue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.Lock", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.PriorityQueue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.Queue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.Semaphore", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.locks.BoundedSemaphore", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.locks.Condition", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.locks.Event", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.locks.Lock", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.locks.Semaphore", ORIGIN_STDLIB, CONCURRENT_ASYNC_LOCK},
    {"asyncio.queues.LifoQueue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.queues.PriorityQueue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"asyncio.queues.Queue", ORIGIN_STDLIB, CONCURRENT_ASYNC_SIGNAL},
    {"billiard.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"billiard.Process", ORIGIN_OTHER, CONCURRENT_PROCESS},
    {"billiard.pool.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"concurrent.futures.ProcessPoolExecutor", ORIGIN_STDLIB, CONCURRENT_PROCESS_EXECUTOR},
    {"concurrent.futures.ThreadPoolExecutor", ORIGIN_STDLIB, CONCURRENT_THREAD_EXECUTOR},
    {"concurrent.futures.process.ProcessPoolExecutor", ORIGIN_STDLIB, CONCURRENT_PROCESS_EXECUTOR},
    {"concurrent.futures.thread.ThreadPoolExecutor", ORIGIN_STDLIB, CONCURRENT_THREAD_EXECUTOR},
    {"eventlet.semaphore.BoundedSemaphore", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"eventlet.semaphore.Semaphore", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"fasteners.InterProcessLock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"filelock.FileLock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"filelock.SoftFileLock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"gevent.lock.BoundedSemaphore", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"gevent.lock.RLock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"gevent.lock.Semaphore", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"multiprocess.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"multiprocess.Process", ORIGIN_OTHER, CONCURRENT_PROCESS},
    {"multiprocess.pool.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"multiprocess.pool.ThreadPool", ORIGIN_OTHER, CONCURRENT_THREAD_POOL},
    {"multiprocessing.BoundedSemaphore", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"multiprocessing.Condition", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"multiprocessing.Lock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"multiprocessing.Pool", ORIGIN_STDLIB, CONCURRENT_PROCESS_POOL},
    {"multiprocessing.Process", ORIGIN_STDLIB, CONCURRENT_PROCESS},
    {"multiprocessing.RLock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"multiprocessing.Semaphore", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"multiprocessing.context.BaseContext.Pool", ORIGIN_STDLIB, CONCURRENT_PROCESS_POOL},
    {"multiprocessing.dummy.Pool", ORIGIN_STDLIB, CONCURRENT_THREAD_POOL},
    {"multiprocessing.dummy.Process", ORIGIN_STDLIB, CONCURRENT_THREAD},
    {"multiprocessing.pool.Pool", ORIGIN_STDLIB, CONCURRENT_PROCESS_POOL},
    {"multiprocessing.pool.ThreadPool", ORIGIN_STDLIB, CONCURRENT_THREAD_POOL},
    {"os.fork", ORIGIN_STDLIB, CONCURRENT_FORK},
    {"os.forkpty", ORIGIN_STDLIB, CONCURRENT_FORK},
    {"pathos.multiprocessing.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"portalocker.Lock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"portalocker.RLock", ORIGIN_OTHER, CONCURRENT_LOCK},
    {"pty.fork", ORIGIN_STDLIB, CONCURRENT_FORK},
    {"thread.allocate_lock", ORIGIN_PYTHON2, CONCURRENT_LOCK},
    {"thread.start_new_thread", ORIGIN_PYTHON2, CONCURRENT_THREAD_STARTED},
    {"threading.BoundedSemaphore", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"threading.Condition", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"threading.Lock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"threading.RLock", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"threading.Semaphore", ORIGIN_STDLIB, CONCURRENT_LOCK},
    {"threading.Thread", ORIGIN_STDLIB, CONCURRENT_THREAD},
    {"threading.Timer", ORIGIN_STDLIB, CONCURRENT_TIMER},
    {"torch.multiprocessing.Pool", ORIGIN_OTHER, CONCURRENT_PROCESS_POOL},
    {"torch.multiprocessing.Process", ORIGIN_OTHER, CONCURRENT_PROCESS},
    {"trio.CapacityLimiter", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"trio.Condition", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"trio.Lock", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
    {"trio.Semaphore", ORIGIN_OTHER, CONCURRENT_ASYNC_LOCK},
};
/* clang-format on */

const ConcurrencyRow *know_concurrency_rows(u32 *n) {
    *n = ARRAY_LEN(rows);
    return rows;
}

ConcurrentKind know_concurrency(Str canonical) {
    u32 n = ARRAY_LEN(rows);
    u32 i = table_find(rows, n, sizeof rows[0], canonical);
    return i < n ? rows[i].kind : CONCURRENT_NONE;
}

/* ---- locks by their names ---- */

bool know_is_lock_name(Str name) {
    static const char *const WORDS[] = {"cond",  "condition", "cv",   "cvar",
                                        "mutex", "sem",       "sema", "semaphore"};
    static const char *const ENDS[] = {"lock", "Lock", "LOCK", "mutex", "Mutex", "MUTEX"};
    static const char *const OTHERS[] = {"block", "clock", "deadlock", "unlock",
                                         "Block", "Clock", "CLOCK"};
    Str last = str_after_last(name, '_');
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(last, WORDS[i])) return true;
    for (u32 i = 0; i < ARRAY_LEN(OTHERS); i++)
        if (str_ends(last, OTHERS[i])) return false;
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(last, ENDS[i])) return true;
    return false;
}
