#include "app/scan.h"

#include "app/console.h"
#include "app/native.h"
#include "os/os.h"
#include "python/python.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_BYTES = 1 << 30 }; /* offsets have 32 bits, and decoding may double a text */

/* ---- discover ---- */

static bool is_dash(Str word) {
    return str_is(word, "-");
}

static ScanFile stdin_file(const Scan *scan) {
    Str given = scan->options->stdin_filename;
    ScanFile file = {.is_stdin = true, .path = given.n ? given : STR("-")};
    /* the file need not exist: an editor may check text that was never saved */
    if (!os_real_path(file.path.p, scan->arena, &file.real_path)) {
        Str cwd = os_cwd(scan->arena);
        file.real_path = file.path.p[0] == '/'
                             ? file.path
                             : str_format(scan->arena, "%.*s/%s", STR_ARG(cwd), file.path.p);
    }
    return file;
}

/* Puts standard input into its place of the sorted list; it stands for a file of the same path. */
static void insert_stdin(Scan *scan) {
    ScanFile file = stdin_file(scan);
    file.is_stub = str_ends(file.path, ".pyi");
    u32 at = 0;
    while (at < scan->n && str_cmp(scan->files[at].path, file.path) < 0) at++;
    bool is_known = at < scan->n && str_eq(scan->files[at].path, file.path);
    if (!is_known) {
        memmove(scan->files + at + 1, scan->files + at, (scan->n - at) * sizeof *scan->files);
        scan->n++;
    }
    scan->files[at] = file;
}

void scan_discover(Scan *scan, Arena *arena, const Options *options) {
    *scan = (Scan){.options = options, .arena = arena};
    StrList paths = {0};
    bool reads_stdin = false;
    for (u32 i = 0; i < options->words.n; i++) {
        if (is_dash(options->words.v[i]))
            reads_stdin = true;
        else
            vec_push(arena, &paths, options->words.v[i]);
    }
    if (!paths.n && !reads_stdin) vec_push(arena, &paths, STR("."));
    StrList exclude = {0};
    const StrList *lists[] = {&options->exclude, &options->extend_exclude};
    for (u32 k = 0; k < ARRAY_LEN(lists); k++)
        for (u32 i = 0; i < lists[k]->n; i++) vec_push(arena, &exclude, lists[k]->v[i]);
    DiscoverOptions wish = {
        .paths = paths.v,
        .n_paths = paths.n,
        .exclude = exclude.v,
        .n_exclude = exclude.n,
        .force_exclude = options->force_exclude,
        .respect_gitignore = !options->ignore_gitignore,
        .isolated = options->isolated,
    };
    if (paths.n) scan->found = discover(arena, &wish);
    scan->n = scan->found.n;
    scan->files = arena_array(arena, ScanFile, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        const FoundFile *found = &scan->found.files[i];
        scan->files[i] = (ScanFile){.path = found->path,
                                    .real_path = found->real_path,
                                    .is_stub = str_ends(found->path, ".pyi")};
    }
    native_select(scan);
    if (reads_stdin) insert_stdin(scan);
}

/* ---- read, parse, extract ---- */

typedef struct ScanWorker {
    PythonWorker *python;
    Arena scratch; /* rewound after each file */
} ScanWorker;

typedef struct Reading {
    Scan *scan;
    ScanWorker *workers;
    u64 limit;
    Progress progress;
} Reading;

/* What base_attempt runs: from text to the frozen block. */
typedef struct Extraction {
    ScanWorker *worker;
    ScanFile *file;
    Source source;
} Extraction;

static void extract(void *context) {
    Extraction *x = context;
    FactsBuilder builder;
    facts_begin(&builder, &x->worker->scratch);
    python_extract(x->worker->python, x->source.text, x->file->is_stub, &builder);
    builder.content = x->source.content;
    x->file->facts = facts_freeze(&builder);
}

static int read_bytes(Reading *r, ScanWorker *worker, const ScanFile *file, Str *bytes) {
    if (file->is_stdin) return os_read_stdin(r->limit, &worker->scratch, bytes);
    return os_read_file(file->path.p, r->limit, &worker->scratch, bytes);
}

static void note_trouble(ScanFile *file, const Source *source, Arena *arena) {
    file->trouble = source->trouble;
    file->trouble_at = source->trouble_at;
    file->trouble_text = str_copy(arena, source->trouble_text);
}

static void scan_text(Scan *scan, u32 number, ScanWorker *worker, ScanFile *file, Str bytes) {
    Arena *arena = &scan->worker_arenas[number];
    Extraction x = {.worker = worker, .file = file};
    x.source = source_decode(bytes, &worker->scratch);
    if (file->is_stdin) scan->stdin_text = str_copy(scan->arena, x.source.text);
    if (source_is_generated(x.source.text) || (file->is_c && native_is_generated(x.source.text))) {
        file->state = SCAN_GENERATED;
        return;
    }
    if (file->is_c) {
        native_read(scan, number, file, &x.source, &worker->scratch, arena);
        return;
    }
    if (x.source.trouble != SOURCE_FINE) note_trouble(file, &x.source, arena);
    char message[256];
    if (base_attempt(extract, &x, message, sizeof message)) {
        file->state = SCAN_READ;
        return;
    }
    file->state = SCAN_BROKEN;
    file->problem = str_copy(arena, str_from(message));
    /* the parser stopped in the middle of something: its memory is given up, not trusted */
    worker->python = python_worker_new();
}

static void scan_file(void *context, u32 number, u32 item) {
    Reading *r = context;
    ScanFile *file = &r->scan->files[item];
    ScanWorker *worker = &r->workers[number];
    Arena *arena = &r->scan->worker_arenas[number];
    if (!worker->python) worker->python = python_worker_new();
    ArenaMark mark = arena_mark(&worker->scratch);
    Str bytes = {0};
    int error = read_bytes(r, worker, file, &bytes);
    file->bytes = bytes.n;
    if (error == 0) {
        scan_text(r->scan, number, worker, file, bytes);
    } else if (error == EFBIG) {
        file->state = SCAN_TOO_LARGE;
    } else {
        file->state = SCAN_UNREADABLE;
        file->problem = str_copy(arena, str_from(strerror(error)));
    }
    arena_rewind(&worker->scratch, mark);
    if (number == 0) progress_show(&r->progress, item + 1, r->scan->n);
}

void scan_read(Scan *scan) {
    scan->workers = MAX(MIN(scan->options->jobs, scan->n), 1);
    scan->worker_arenas = arena_array(scan->arena, Arena, scan->workers);
    Reading r = {
        .scan = scan,
        .workers = arena_array(scan->arena, ScanWorker, scan->workers),
        .limit = MIN(scan->options->max_file_size, (u64)SIZE_MAX_BYTES),
        .progress = progress_begin(scan->options->quiet),
    };
    native_begin(scan);
    os_parallel(scan->workers, scan->n, scan_file, &r);
    native_end(scan);
    progress_end(&r.progress);
    for (u32 i = 0; i < scan->workers; i++) {
        python_worker_free(r.workers[i].python);
        arena_free(&r.workers[i].scratch);
    }
}

/* ---- afterwards ---- */

const Facts *const *scan_facts(const Scan *scan) {
    const Facts **facts = arena_array(scan->arena, const Facts *, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++)
        if (scan->files[i].state == SCAN_READ) facts[i] = &scan->files[i].facts;
    return facts;
}

Graph *scan_link(Scan *scan) {
    const Facts *const *facts = scan_facts(scan);
    GraphFile *files = arena_array(scan->arena, GraphFile, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++)
        files[i] = (GraphFile){
            .path = scan->files[i].path,
            .real_path = scan->files[i].real_path,
            .facts = scan->files[i].is_c ? NULL : facts[i],
            .is_foreign = scan->files[i].is_c,
        };
    const Options *o = scan->options;
    GraphSettings settings = {.profile = (Profile)o->profile,
                              .long_lived = o->long_lived.v,
                              .n_long_lived = o->long_lived.n,
                              .models = {o->models.v, o->models.n}};
    settings.effects = native_effects(scan, &settings.n_effects);
    return graph_link(scan->arena, files, scan->n, o->jobs, &settings);
}

u32 scan_complain(const Scan *scan) {
    u32 lines = 0;
    for (u32 i = 0; i < scan->found.n_problems; i++, lines++)
        console_error("%.*s", STR_ARG(scan->found.problems[i]));
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        if (file->state == SCAN_UNREADABLE)
            lines++, console_error("cannot read '%.*s': %.*s", STR_ARG(file->path),
                                   STR_ARG(file->problem));
        if (file->state == SCAN_BROKEN)
            lines++, console_error("internal failure on '%.*s': %.*s", STR_ARG(file->path),
                                   STR_ARG(file->problem));
    }
    return lines;
}

void scan_free(Scan *scan) {
    for (u32 i = 0; i < scan->n; i++) {
        if (scan->files[i].state == SCAN_READ) free((void *)(uintptr_t)scan->files[i].facts.block);
        free((void *)(uintptr_t)scan->files[i].unit.block);
    }
    for (u32 i = 0; i < scan->workers; i++) arena_free(&scan->worker_arenas[i]);
    scan->n = scan->workers = 0;
}
