#include "app/scan.h"

#include "app/console.h"
#include "app/git.h"
#include "app/native.h"
#include "app/stored.h"
#include "os/os.h"
#include "python/python.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIZE_MAX_BYTES = 1 << 30, /* offsets have 32 bits, and decoding may double a text */
    BATCH_BYTES = 32 << 20,   /* of what git gives at once */
};

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

static bool reads_stdin(const Options *options) {
    for (u32 i = 0; i < options->words.n; i++)
        if (is_dash(options->words.v[i])) return true;
    return false;
}

DiscoverOptions scan_wish(Arena *arena, const Options *options) {
    StrList paths = {0}, exclude = {0};
    for (u32 i = 0; i < options->words.n; i++)
        if (!is_dash(options->words.v[i])) vec_push(arena, &paths, options->words.v[i]);
    if (!paths.n && !reads_stdin(options)) vec_push(arena, &paths, STR("."));
    const StrList *lists[] = {&options->exclude, &options->extend_exclude};
    for (u32 k = 0; k < ARRAY_LEN(lists); k++)
        for (u32 i = 0; i < lists[k]->n; i++) vec_push(arena, &exclude, lists[k]->v[i]);
    return (DiscoverOptions){
        .paths = paths.v,
        .n_paths = paths.n,
        .exclude = exclude.v,
        .n_exclude = exclude.n,
        .force_exclude = options->force_exclude,
        .respect_gitignore = !options->ignore_gitignore,
        .isolated = options->isolated,
    };
}

void scan_take(Scan *scan, Arena *arena, const Options *options, Discovery found) {
    *scan = (Scan){.options = options, .arena = arena, .found = found, .n = found.n};
    scan->files = arena_array(arena, ScanFile, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        scan->files[i] = (ScanFile){.path = found.files[i].path,
                                    .real_path = found.files[i].real_path,
                                    .is_stub = str_ends(found.files[i].path, ".pyi")};
        scan->is_part |= found.files[i].explicit;
    }
}

void scan_discover(Scan *scan, Arena *arena, const Options *options) {
    const DiscoverOptions wish = scan_wish(arena, options);
    scan_take(scan, arena, options, wish.n_paths ? discover(arena, &wish) : (Discovery){0});
    native_select(scan, NULL);
    if (!reads_stdin(options)) return;
    insert_stdin(scan);
    scan->is_part = true;
}

/* ---- read, parse, extract ---- */

typedef struct ScanWorker {
    PythonWorker *python;
    Arena scratch; /* rewound after each file */
} ScanWorker;

/* Files that are read side by side: all from disk, or so many from git as memory holds well. */
typedef struct Reading {
    Scan *scan;
    ScanWorker *workers;
    u64 limit;
    const u32 *items; /* file ids */
    const Str *texts; /* their contents, of those in git */
    u32 n_done;       /* in batches before this one */
    u32 n_all;
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

static int read_bytes(Reading *r, ScanWorker *worker, u32 item, Str *bytes) {
    const ScanFile *file = &r->scan->files[r->items[item]];
    if (file->blob.n && file->is_c) return native_bytes(r->scan, file, &worker->scratch, bytes);
    if (file->blob.n) {
        *bytes = r->texts[item];
        return 0;
    }
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
    x.source = source_decode_as(file->path, bytes, &worker->scratch);
    file->n_cells = x.source.n_cells;
    if (file->n_cells)
        file->cells = arena_copy(arena, x.source.cells, sizeof(SourceCell) * file->n_cells);
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

/* The same bytes were read before, or are read now. */
static void take_or_scan(Scan *scan, u32 number, ScanWorker *worker, ScanFile *file, Str bytes) {
    Arena *arena = &scan->worker_arenas[number];
    if (!scan->cache || file->is_stdin || file->is_c) {
        scan_text(scan, number, worker, file, bytes);
        return;
    }
    Hash128 key = stored_key(file, bytes);
    if (!stored_take(scan, file, key, arena)) scan_text(scan, number, worker, file, bytes);
    if (!file->is_stored || file->blob.n) stored_keep(scan, number, file, key, arena);
}

static void scan_file(void *context, u32 number, u32 item) {
    Reading *r = context;
    ScanFile *file = &r->scan->files[r->items[item]];
    ScanWorker *worker = &r->workers[number];
    Arena *arena = &r->scan->worker_arenas[number];
    if (!worker->python) worker->python = python_worker_new();
    ArenaMark mark = arena_mark(&worker->scratch);
    Str bytes = {0};
    int error = read_bytes(r, worker, item, &bytes);
    file->bytes = bytes.n;
    if (error == 0) {
        take_or_scan(r->scan, number, worker, file, bytes);
    } else if (error == EFBIG) {
        file->state = SCAN_TOO_LARGE;
    } else {
        file->state = SCAN_UNREADABLE;
        file->problem = str_copy(arena, str_from(strerror(error)));
    }
    arena_rewind(&worker->scratch, mark);
    if (number == 0) progress_show(&r->progress, r->n_done + item + 1, r->n_all);
}

static void read_batch(Reading *r, const u32 *items, u32 n, const Str *texts) {
    r->items = items;
    r->texts = texts;
    os_parallel(MIN(r->scan->workers, MAX(n, 1)), n, scan_file, r);
    r->n_done += n;
}

/* Texts of C files that git keeps were fetched before. */
static bool is_read_here(const ScanFile *file) {
    return (!file->blob.n || file->is_c) && !file->is_borrowed && file->state == SCAN_FOUND;
}

static bool read_from_disk(Reading *r) {
    u32 *items = arena_array(r->scan->arena, u32, r->scan->n + 1), n = 0;
    for (u32 i = 0; i < r->scan->n; i++)
        if (is_read_here(&r->scan->files[i])) items[n++] = i;
    read_batch(r, items, n, NULL);
    return true;
}

/* Blobs to be read. */
typedef struct Blobs {
    Arena arena;
    Str *ids;
    u32 *items; /* file ids */
    u64 *sizes;
    u32 n;
} Blobs;

/* Sizes come first: what is too large is not fetched. */
static bool list_blobs(Reading *r, Blobs *b, Str *error) {
    Scan *scan = r->scan;
    b->ids = arena_array(&b->arena, Str, scan->n + 1);
    b->items = arena_array(&b->arena, u32, scan->n + 1);
    b->sizes = arena_array(&b->arena, u64, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        if (!file->blob.n || file->is_c || file->is_borrowed || file->state != SCAN_FOUND) continue;
        b->ids[b->n] = scan->files[i].blob;
        b->items[b->n++] = i;
    }
    if (!git_sizes(scan->arena, b->ids, b->n, b->sizes, error)) return false;
    u32 kept = 0;
    for (u32 i = 0; i < b->n; i++) {
        if (b->sizes[i] > r->limit) {
            scan->files[b->items[i]].state = SCAN_TOO_LARGE;
            continue;
        }
        b->ids[kept] = b->ids[i];
        b->items[kept] = b->items[i];
        b->sizes[kept++] = b->sizes[i];
    }
    b->n = kept;
    return true;
}

/* Blobs whose facts are known need not be fetched. */
static void take_blob(void *context, u32 number, u32 item) {
    Scan *scan = context;
    ScanFile *file = &scan->files[item];
    if (file->blob.n && !file->is_borrowed)
        stored_take_blob(scan, file, &scan->worker_arenas[number]);
}

static bool read_from_git(Reading *r, Str *error) {
    Blobs b = {0};
    if (r->scan->cache) os_parallel(r->scan->workers, r->scan->n, take_blob, r->scan);
    Arena batch = {0};
    bool ok = list_blobs(r, &b, error);
    for (u32 at = 0, end = 0; at < b.n && ok; at = end) {
        u64 bytes = b.sizes[end++];
        while (end < b.n && bytes + b.sizes[end] <= BATCH_BYTES) bytes += b.sizes[end++];
        Str *texts = arena_array(&batch, Str, end - at + 1);
        ok = git_blobs(&batch, b.ids + at, end - at, texts, error);
        if (ok) read_batch(r, b.items + at, end - at, texts);
        if (!ok) *error = str_copy(r->scan->arena, *error);
        arena_free(&batch);
    }
    arena_free(&b.arena);
    return ok;
}

bool scan_read(Scan *scan, Str *error) {
    scan->workers = MAX(MIN(scan->options->jobs, scan->n), 1);
    scan->worker_arenas = arena_array(scan->arena, Arena, scan->workers);
    Reading r = {
        .scan = scan,
        .workers = arena_array(scan->arena, ScanWorker, scan->workers),
        .limit = MIN(scan->options->max_file_size, (u64)SIZE_MAX_BYTES),
        .n_all = scan->n,
        .progress = progress_begin(scan->options->quiet),
    };
    native_recall(scan);
    native_begin(scan);
    bool ok = read_from_disk(&r) && read_from_git(&r, error);
    native_end(scan);
    progress_end(&r.progress);
    for (u32 i = 0; i < scan->workers; i++) {
        python_worker_free(r.workers[i].python);
        arena_free(&r.workers[i].scratch);
    }
    return ok;
}

/* ---- afterwards ---- */

const Facts *const *scan_facts(const Scan *scan) {
    const Facts **facts = arena_array(scan->arena, const Facts *, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++)
        if (scan->files[i].state == SCAN_READ) facts[i] = &scan->files[i].facts;
    return facts;
}

Str *scan_real_paths(const Scan *scan) {
    Str *paths = arena_array(scan->arena, Str, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) paths[i] = scan->files[i].real_path;
    return paths;
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
        ScanFile *file = &scan->files[i];
        if (file->is_borrowed) continue;
        if (file->state == SCAN_READ && !file->is_stored)
            free((void *)(uintptr_t)file->facts.block);
        if (!file->is_unit_stored) free((void *)(uintptr_t)file->unit.block);
    }
    for (u32 i = 0; i < scan->workers; i++) arena_free(&scan->worker_arenas[i]);
    scan->n = scan->workers = 0;
}
