/* Threads: how many are worth having, and one loop that shares out items. */
#include "os/os.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Processors that the scheduler may give to this process. */
static u32 allowed_processors(void) {
    /* The kernel refuses a set that is smaller than its own; no machine has more than this many. */
    for (size_t most = 1024; most <= 64 * 1024; most *= 4) {
        Arena arena = {0};
        size_t size = CPU_ALLOC_SIZE(most);
        cpu_set_t *set = arena_alloc(&arena, size);
        int n = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        arena_free(&arena);
        if (n > 0) return (u32)n;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (u32)online : 1;
}

/* The share of time that a container is held to, in processors and rounded up; 0: not held.
 * cpu.max of cgroup v2: "QUOTA PERIOD" in microseconds, or "max PERIOD". */
static u32 quota_processors(void) {
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (!file) return 0;
    unsigned long long quota = 0, period = 0;
    int fields = fscanf(file, "%llu %llu", &quota, &period);
    fclose(file);
    if (fields != 2 || period == 0) return 0;
    u64 processors = (quota + period - 1) / period;
    return processors > UINT32_MAX ? UINT32_MAX : (u32)processors;
}

u32 os_cpu_count(void) {
    u32 allowed = allowed_processors(), quota = quota_processors();
    return MAX(1, quota ? MIN(allowed, quota) : allowed);
}

typedef struct Shift {
    OsTask *task;
    void *context;
    atomic_uint_fast64_t next; /* wider than an item, so that it cannot wrap */
    u32 items;
} Shift;

typedef struct Worker {
    Shift *shift;
    u32 number;
    bool started;
    pthread_t thread;
} Worker;

static void work(Shift *shift, u32 worker) {
    for (;;) {
        u64 item = atomic_fetch_add_explicit(&shift->next, 1, memory_order_relaxed);
        if (item >= shift->items) return;
        shift->task(shift->context, worker, (u32)item);
    }
}

static void *begin(void *argument) {
    Worker *worker = argument;
    work(worker->shift, worker->number);
    return NULL;
}

void os_parallel(u32 workers, u32 items, OsTask *task, void *context) {
    Shift shift = {.task = task, .context = context, .items = items};
    atomic_init(&shift.next, 0);
    workers = MIN(workers, items);
    if (workers <= 1) {
        work(&shift, 0);
        return;
    }
    Arena arena = {0};
    Worker *crew = arena_array(&arena, Worker, workers);
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, OS_STACK_SIZE) == 0);
    for (u32 i = 0; i < workers; i++) {
        crew[i] = (Worker){.shift = &shift, .number = i};
        crew[i].started = pthread_create(&crew[i].thread, &attributes, begin, &crew[i]) == 0;
        if (!crew[i].started) break; /* a limit on threads: those that started do the work */
    }
    pthread_attr_destroy(&attributes);
    if (!crew[0].started) work(&shift, 0);
    for (u32 i = 0; i < workers && crew[i].started; i++) pthread_join(crew[i].thread, NULL);
    arena_free(&arena);
}

typedef struct Ranges {
    OsRangeTask *task;
    void *context;
    u32 items;
} Ranges;

enum { RANGE = 256 };

static void take_range(void *context, u32 worker, u32 block) {
    Ranges *r = context;
    u32 first = block * RANGE;
    r->task(r->context, worker, first, r->items - first < RANGE ? r->items : first + RANGE);
}

void os_parallel_ranges(u32 workers, u32 items, OsRangeTask *task, void *context) {
    Ranges r = {task, context, items};
    os_parallel(workers, items / RANGE + (items % RANGE != 0), take_range, &r);
}

void os_deep(OsTask *task, void *context) {
    Shift shift = {.task = task, .context = context, .items = 1};
    atomic_init(&shift.next, 0);
    Worker worker = {.shift = &shift};
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, OS_STACK_SIZE) == 0);
    if (pthread_create(&worker.thread, &attributes, begin, &worker) == 0)
        pthread_join(worker.thread, NULL);
    else
        work(&shift, 0);
    pthread_attr_destroy(&attributes);
}
