#include "app/baseline.h"

#include "app/console.h"
#include "app/repository.h"
#include "base/path.h"
#include "os/os.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char USUAL_NAME[] = ".limpet-baseline.json";

enum { LARGEST_FILE = 256 << 20, VERSION = 1 };

/* ---- finding the file ---- */

static bool is_there(Str path) {
    FileInfo info;
    return os_stat(path.p, true, &info) == 0;
}

/* The directory above which no baseline is looked for, and where a new one is written. */
static Str highest_folder(Arena *arena, const Config *config) {
    if (config->root.n) return config->root;
    for (Str at = config->folder; at.n; at = path_folder(arena, at))
        if (repository_is_top(at.p)) return at;
    Str cwd = os_cwd(arena);
    bool is_inside = cwd.n && path_below(cwd, config->folder).p;
    return is_inside || !config->folder.n ? cwd : config->folder;
}

/* The usual file nearest to what is checked, or else where it would be. */
static Str usual_path(Arena *arena, const Config *config) {
    Str highest = highest_folder(arena, config);
    for (Str at = config->folder; at.n; at = path_folder(arena, at)) {
        Str path = path_join(arena, at, str_from(USUAL_NAME));
        if (is_there(path)) return path;
        if (str_eq(at, highest)) break;
    }
    return path_join(arena, highest, str_from(USUAL_NAME));
}

static bool locate(Baseline *b, Arena *arena, const Config *config) {
    const Options *o = &config->options;
    b->path = o->baseline.n ? str_copy(arena, o->baseline) : usual_path(arena, config);
    b->shown = config_shown_path(arena, b->path);
    b->exists = is_there(b->path);
    Str folder = path_folder(arena, b->path);
    if (!folder.n) folder = STR(".");
    if (os_real_path(folder.p, arena, &b->folder)) return true;
    console_error("cannot read the baseline '%.*s': %s", STR_ARG(b->shown), strerror(errno));
    return false;
}

/* ---- reading ---- */

static bool broken(const Baseline *b, const char *what, u32 entry) {
    if (entry)
        console_error("'%.*s' is no baseline: entry %u of 'findings' %s", STR_ARG(b->shown), entry,
                      what);
    else
        console_error("'%.*s' is no baseline: %s", STR_ARG(b->shown), what);
    return false;
}

/* A member that has to be a string. */
static bool take_text(Arena *arena, const json_t *entry, const char *name, Str *out) {
    const json_t *value = json_object_get(entry, name);
    if (!json_is_string(value)) return false;
    *out = str_copy(arena, (Str){json_string_value(value), (u32)json_string_length(value)});
    return true;
}

static bool read_entry(Baseline *b, Arena *arena, const json_t *entry, u32 number) {
    KnownFinding known = {.ordinal = 1};
    if (!json_is_object(entry)) return broken(b, "is no object", number);
    if (!take_text(arena, entry, "path", &known.path) ||
        !take_text(arena, entry, "code", &known.code) ||
        !take_text(arena, entry, "scope", &known.scope) ||
        !take_text(arena, entry, "subject", &known.subject))
        return broken(b, "lacks a string 'path', 'code', 'scope' or 'subject'", number);
    const json_t *ordinal = json_object_get(entry, "ordinal");
    json_int_t value = json_integer_value(ordinal);
    if (ordinal && (!json_is_integer(ordinal) || value < 1 || value > UINT32_MAX))
        return broken(b, "has an 'ordinal' that is no number from 1 on", number);
    if (ordinal) known.ordinal = (u32)value;
    vec_push(arena, &b->known, known);
    return true;
}

/* Two branches may have added the same line. */
static void sort_entries(Baseline *b) {
    KnownList *list = &b->known;
    if (!list->n) return;
    qsort(list->v, list->n, sizeof *list->v, known_cmp);
    u32 kept = 1;
    for (u32 i = 1; i < list->n; i++)
        if (known_cmp(&list->v[kept - 1], &list->v[i])) list->v[kept++] = list->v[i];
    list->n = kept;
}

static bool read_entries(Baseline *b, Arena *arena, const json_t *root) {
    if (!json_is_object(root)) return broken(b, "it is not an object", 0);
    const json_t *version = json_object_get(root, "version");
    const json_t *findings = json_object_get(root, "findings");
    if (json_integer_value(version) != VERSION)
        return broken(b, "its 'version' is not 1: another version of limpet may have written it",
                      0);
    if (!json_is_array(findings)) return broken(b, "it has no list 'findings'", 0);
    for (size_t i = 0; i < json_array_size(findings); i++)
        if (!read_entry(b, arena, json_array_get(findings, i), (u32)i + 1)) return false;
    sort_entries(b);
    return true;
}

static bool read_file(Baseline *b, Arena *arena) {
    Str text;
    int error = os_read_file(b->path.p, LARGEST_FILE, arena, &text);
    if (error) {
        console_error("cannot read the baseline '%.*s': %s", STR_ARG(b->shown), strerror(error));
        return false;
    }
    json_error_t problem;
    json_t *root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &problem);
    if (!root) {
        console_error(
            "%.*s:%d:%d: the baseline cannot be read: %s; mend it, or remove it and write "
            "it again with --write-baseline",
            STR_ARG(b->shown), MAX(problem.line, 1), MAX(problem.column, 1), problem.text);
        return false;
    }
    bool ok = read_entries(b, arena, root);
    json_decref(root);
    return ok;
}

bool baseline_open(Baseline *b, Arena *arena, const Config *config) {
    const Options *o = &config->options;
    *b = (Baseline){0};
    bool is_wanted = o->baseline.n || o->write_baseline || o->prune_baseline || o->strict_baseline;
    if (o->no_baseline || (o->isolated && !is_wanted)) return true;
    if (!locate(b, arena, config)) return false;
    if (b->exists || (o->baseline.n && !o->write_baseline)) return read_file(b, arena);
    if (o->write_baseline || !is_wanted) return true;
    console_error("there is no baseline '%.*s'; --write-baseline writes one", STR_ARG(b->shown));
    return false;
}

/* ---- matching ---- */

static Str *relative_paths(const Baseline *b, Arena *arena, const Scan *scan) {
    Str *paths = arena_array(arena, Str, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        Str real = scan->files[i].real_path, inside = path_below(b->folder, real);
        paths[i] = inside.p ? inside : real;
    }
    return paths;
}

static bool exists_on_disk(void *context, Str path) {
    const Baseline *b = context;
    Arena scratch = {0};
    bool found = is_there(path_join(&scratch, b->folder, path));
    arena_free(&scratch);
    return found;
}

void baseline_match(Baseline *b, Arena *arena, const Analysis *a, bool *hidden) {
    if (!b->exists) return;
    Str *paths = relative_paths(b, arena, &a->scan);
    known_match(&b->known, a, paths, exists_on_disk, b, hidden);
    /* a file without what uses it shows less: from named files nothing is said of what is gone */
    bool is_part = a->scan.is_part;
    for (u32 i = 0; i < b->known.n && is_part; i++) b->known.v[i].is_judged = b->known.v[i].is_used;
    for (u32 i = 0; i < a->findings.n; i++)
        b->hidden += hidden[i] && analysis_is_wanted(a, &a->findings.v[i]);
    for (u32 i = 0; i < b->known.n; i++)
        b->stale += b->known.v[i].is_judged && !b->known.v[i].is_used;
}

/* ---- writing ---- */

static void put_text(Buf *out, const char *name, Str text) {
    buf_printf(out, "\"%s\": \"", name);
    buf_json(out, text);
    buf_char(out, '"');
}

static Str baseline_text(Arena *arena, const KnownList *list) {
    Buf out = {.arena = arena};
    buf_printf(&out, "{\n  \"version\": %d,\n  \"findings\": [", VERSION);
    for (u32 i = 0; i < list->n; i++) {
        const KnownFinding *k = &list->v[i];
        buf_text(&out, i ? ",\n    {" : "\n    {");
        put_text(&out, "path", k->path);
        buf_text(&out, ", ");
        put_text(&out, "code", k->code);
        buf_text(&out, ", ");
        put_text(&out, "scope", k->scope);
        buf_text(&out, ", ");
        put_text(&out, "subject", k->subject);
        if (k->ordinal > 1) buf_printf(&out, ", \"ordinal\": %u", k->ordinal);
        buf_char(&out, '}');
    }
    buf_text(&out, list->n ? "\n  ]\n}\n" : "]\n}\n");
    return buf_get(&out);
}

bool baseline_write(Baseline *b, Arena *arena, const Analysis *a, bool prune, u32 *n_written) {
    KnownList list = {0};
    for (u32 i = 0; i < b->known.n; i++) {
        const KnownFinding *k = &b->known.v[i];
        if (prune ? k->is_used || !k->is_judged : !k->is_judged) vec_push(arena, &list, *k);
    }
    if (!prune) {
        KnownList now = known_of(arena, a, relative_paths(b, arena, &a->scan), false);
        for (u32 i = 0; i < now.n; i++) vec_push(arena, &list, now.v[i]);
    }
    if (list.n) qsort(list.v, list.n, sizeof *list.v, known_cmp);
    *n_written = list.n;
    int error = os_write_file(b->path.p, baseline_text(arena, &list));
    if (error)
        console_error("cannot write the baseline '%.*s': %s", STR_ARG(b->shown), strerror(error));
    return !error;
}
