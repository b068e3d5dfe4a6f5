/* Parses files with tree-sitter and does nothing else: what `make bench` compares a whole run with.
 *
 *     parse_only [-j N] [--malloc] LIST
 *
 * LIST holds the paths, each ended by a NUL byte. Files are handed out to N threads as limpet does
 * it, read whole and parsed as they are. The default is the allocator that limpet gives to
 * tree-sitter; --malloc parses with malloc and one parser a thread, as most programs do. Prints one
 * line: files, bytes, nodes. */
#include "os/os.h"
#include "python/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_python(void);

typedef struct Lane {
    PythonWorker *worker;
    TSParser *parser;
    Arena arena;
    u64 bytes, nodes;
} Lane;

typedef struct Job {
    const char **paths;
    Lane *lanes; /* by thread */
    bool use_malloc;
} Job;

static u64 parse_with_malloc(Lane *lane, Str text) {
    TSTree *tree = ts_parser_parse_string(lane->parser, NULL, text.p, text.n);
    u64 nodes = ts_node_descendant_count(ts_tree_root_node(tree));
    ts_tree_delete(tree);
    return nodes;
}

static void parse_file(void *context, u32 thread, u32 item) {
    Job *job = context;
    Lane *lane = &job->lanes[thread];
    ArenaMark mark = arena_mark(&lane->arena);
    Str text;
    int error = os_read_file(job->paths[item], 0, &lane->arena, &text);
    if (error) base_panic("%s: %s", job->paths[item], strerror(error));
    lane->bytes += text.n;
    lane->nodes +=
        job->use_malloc ? parse_with_malloc(lane, text) : python_parse_only(lane->worker, text);
    arena_rewind(&lane->arena, mark);
}

static u32 read_list(const char *path, Arena *arena, const char ***paths) {
    Str list;
    int error = os_read_file(path, 0, arena, &list);
    if (error) base_panic("%s: %s", path, strerror(error));
    u32 n = 0;
    for (u32 i = 0; i < list.n; i++) n += list.p[i] == '\0';
    *paths = arena_array(arena, const char *, n + 1);
    u32 at = 0;
    for (u32 i = 0; i < n; i++) {
        (*paths)[i] = list.p + at;
        at += (u32)strlen(list.p + at) + 1;
    }
    return n;
}

static void lane_begin(Lane *lane, bool use_malloc) {
    if (!use_malloc) {
        lane->worker = python_worker_new();
        return;
    }
    lane->parser = ts_parser_new();
    REQUIRE(ts_parser_set_language(lane->parser, tree_sitter_python()));
}

static void lane_end(Lane *lane) {
    if (lane->worker) python_worker_free(lane->worker);
    if (lane->parser) ts_parser_delete(lane->parser);
    arena_free(&lane->arena);
}

int main(int argc, char **argv) {
    Arena arena = {0};
    Job job = {0};
    u32 workers = os_cpu_count();
    const char *list = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--malloc"))
            job.use_malloc = true;
        else if (!strcmp(argv[i], "-j") && i + 1 < argc)
            workers = (u32)atoi(argv[++i]);
        else
            list = argv[i];
    }
    if (!list || !workers) base_panic("usage: parse_only [-j N] [--malloc] LIST");
    u32 files = read_list(list, &arena, &job.paths);
    job.lanes = arena_array(&arena, Lane, workers);
    for (u32 i = 0; i < workers; i++) lane_begin(&job.lanes[i], job.use_malloc);
    os_parallel(workers, files, parse_file, &job);
    u64 bytes = 0, nodes = 0;
    for (u32 i = 0; i < workers; i++) {
        bytes += job.lanes[i].bytes;
        nodes += job.lanes[i].nodes;
        lane_end(&job.lanes[i]);
    }
    printf("%u files, %llu bytes, %llu nodes\n", files, (unsigned long long)bytes,
           (unsigned long long)nodes);
    arena_free(&arena);
    return fflush(stdout) ? 1 : 0;
}
