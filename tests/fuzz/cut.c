/* Cuts files at every byte and takes each prefix through extraction in this process:
 *
 *     cut [-j N] [--step N] [--flips N] FILE…
 *
 * Every prefix (with --step, every N-th and the whole) must give facts that freeze, validate and
 * print. Then bytes of the whole file's frozen block are overwritten at random (a fixed seed): the
 * view must refuse it or be printable, never crash. The last line of the output counts what was
 * done; any fault ends the process. */
#include "extract_once.h"

#include <stdio.h>
#include <string.h>

typedef struct Job {
    char **files;
    u32 step, flips;
    u64 *prefixes; /* by file */
    u64 *accepted; /* flipped blocks that were still sound */
} Job;

/* xorshift64: the same on every machine. */
static u64 next_random(u64 *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static Facts freeze_file(PythonWorker *worker, Arena *scratch, Str bytes) {
    Source source = source_decode(bytes, scratch);
    FactsBuilder builder = {0};
    facts_begin(&builder, scratch);
    python_extract(worker, source.text, false, &builder);
    return facts_freeze(&builder);
}

static u64 flip_block(PythonWorker *worker, Arena *scratch, Str bytes, u32 flips) {
    Facts frozen = freeze_file(worker, scratch, bytes);
    u8 *broken = arena_alloc(scratch, frozen.block_size);
    u64 state = 0x9E3779B97F4A7C15u ^ frozen.block_size, accepted = 0;
    for (u32 i = 0; i < flips; i++) {
        ArenaMark mark = arena_mark(scratch);
        memcpy(broken, frozen.block, frozen.block_size);
        u64 hits = 1 + next_random(&state) % 3;
        for (u64 k = 0; k < hits; k++)
            broken[next_random(&state) % frozen.block_size] = (u8)next_random(&state);
        Facts view = {0};
        if (facts_view(broken, frozen.block_size, &view)) {
            Buf out = {.arena = scratch};
            facts_print(&view, &out);
            accepted++;
        }
        REQUIRE(!facts_view(broken, next_random(&state) % frozen.block_size, &view));
        arena_rewind(scratch, mark);
    }
    free((void *)(uintptr_t)frozen.block);
    return accepted;
}

static void cut_file(void *context, u32 thread, u32 item) {
    (void)thread;
    Job *job = context;
    PythonWorker *worker = python_worker_new();
    Arena file = {0}, scratch = {0};
    Str bytes;
    int error = os_read_file(job->files[item], 0, &file, &bytes);
    if (error) base_panic("%s: %s", job->files[item], strerror(error));
    for (u32 n = 0;; n = MIN(n + job->step, bytes.n)) {
        /* An exact copy, so that a sanitizer sees a read past the end. */
        char *copy = malloc(n ? n : 1);
        if (!copy) base_panic("out of memory");
        if (n) memcpy(copy, bytes.p, n);
        extract_once(worker, &scratch, (Str){copy, n});
        free(copy);
        job->prefixes[item]++;
        if (n == bytes.n) break;
    }
    if (job->flips) job->accepted[item] = flip_block(worker, &scratch, bytes, job->flips);
    arena_free(&scratch);
    arena_free(&file);
    python_worker_free(worker);
}

static u32 number(const char *text) {
    unsigned long value = text ? strtoul(text, NULL, 10) : 0;
    if (value == 0 || value > 1000000000) base_panic("a number from 1 to 1000000000 is needed");
    return (u32)value;
}

int main(int argc, char **argv) {
    Arena arena = {0};
    Job job = {.step = 1};
    u32 workers = os_cpu_count();
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-j"))
            workers = number(argv[++i]);
        else if (!strcmp(argv[i], "--step"))
            job.step = number(argv[++i]);
        else if (!strcmp(argv[i], "--flips"))
            job.flips = number(argv[++i]);
        else
            base_panic("unknown option %s", argv[i]);
    }
    u32 files = (u32)(argc - i);
    job.files = argv + i;
    job.prefixes = arena_array(&arena, u64, files + 1);
    job.accepted = arena_array(&arena, u64, files + 1);
    os_parallel(workers, files, cut_file, &job);
    u64 prefixes = 0, accepted = 0;
    for (u32 f = 0; f < files; f++) {
        prefixes += job.prefixes[f];
        accepted += job.accepted[f];
    }
    printf("%u files, %llu prefixes, %llu blocks flipped, %llu of them still sound\n", files,
           (unsigned long long)prefixes, (unsigned long long)job.flips * files,
           (unsigned long long)accepted);
    arena_free(&arena);
    return fflush(stdout) ? 1 : 0;
}
