#include "app/revision.h"

#include "app/native.h"
#include "base/map.h"
#include "os/os.h"
#include "source/source.h"

#include <string.h>

enum { C_TEXTS_MAX = 256 << 20 };

#define FAIL(arena, error, ...) (*(error) = str_format((arena), __VA_ARGS__), false)

/* ---- what is compared ---- */

static bool add_base(Comparison *c, Arena *arena, Str revision, Str *error) {
    c->shown = revision;
    return git_commit(arena, revision, &c->bases[c->n_bases++], error);
}

/* pre-commit runs over the commits from one revision to another in CI and before a push. */
static bool take_range(Comparison *c, Arena *arena, Str from, Str to, Str *error) {
    Str base;
    if (!git_commit(arena, to, &c->now, error) || !git_commit(arena, from, &base, error))
        return false;
    Str common = git_merge_base(arena, base, c->now);
    c->bases[c->n_bases++] = common.n ? common : base;
    c->shown = from;
    return true;
}

static bool take_heads(Comparison *c, Arena *arena, Str *error) {
    c->shown = STR("HEAD");
    return git_heads(arena, c->bases, BASES_MAX, &c->n_bases, error);
}

bool comparison_begin(Comparison *c, Arena *arena, const Options *o, Str *error) {
    *c = (Comparison){.is_wanted = o->since.n || o->staged || o->hook,
                      .is_disk = !o->staged && !o->hook};
    if (!c->is_wanted) return true;
    if (o->write_baseline || o->prune_baseline)
        return FAIL(arena, error, "a baseline is written from the whole project, without --%s",
                    o->hook     ? "hook"
                    : o->staged ? "staged"
                                : "since");
    if (!c->is_disk && (o->fix || o->diff || o->add_ignore.p))
        return FAIL(arena, error,
                    "fixes and comments change files, and --%s looks at what git keeps",
                    o->hook ? "hook" : "staged");
    for (u32 i = 0; i < o->words.n; i++)
        if (str_is(o->words.v[i], "-")) return FAIL(arena, error, "'-' is in no revision");
    if (!git_top(arena, &c->top, error)) return false;
    Str from = os_env("PRE_COMMIT_FROM_REF"), to = os_env("PRE_COMMIT_TO_REF");
    if (o->since.n) return add_base(c, arena, o->since, error);
    if (o->hook && from.n && to.n) return take_range(c, arena, from, to, error);
    return take_heads(c, arena, error);
}

/* ---- lists of files ---- */

/* Absolute paths, in the order of the list. */
static Str *absolute_paths(Arena *arena, Str top, const GitFiles *files) {
    Str *paths = arena_array(arena, Str, files->n + 1);
    const char *slash = str_is(top, "/") ? "" : "/";
    for (u32 i = 0; i < files->n; i++)
        paths[i] = str_format(arena, "%.*s%s%.*s", STR_ARG(top), slash, STR_ARG(files->v[i].path));
    return paths;
}

static Hash128 hash_list(const Scan *scan) {
    Arena scratch = {0};
    Buf out = {.arena = &scratch};
    for (u32 i = 0; i < scan->n; i++) {
        buf_str(&out, scan->files[i].real_path);
        buf_char(&out, '\0');
        buf_str(&out, scan->files[i].blob);
        buf_char(&out, '\0');
    }
    Hash128 hash = hash_wide(out.p, out.n);
    arena_free(&scratch);
    return hash;
}

/* Takes the files of the list that a scan of the named paths would read. */
static void take_files(Scan *scan, Arena *arena, const Options *o, Str top, const GitFiles *files) {
    Str *paths = absolute_paths(arena, top, files);
    const DiscoverOptions wish = scan_wish(arena, o);
    scan_take(scan, arena, o, discover_among(arena, &wish, paths, files->n));
    Interner index = {0};
    for (u32 i = 0; i < files->n; i++) intern(arena, &index, paths[i], false);
    for (u32 i = 0; i < scan->n; i++) {
        u32 id = intern(arena, &index, scan->files[i].real_path, false);
        scan->files[i].blob = files->v[id - 1].id;
    }
    scan->listed = hash_list(scan);
}

/* ---- C ---- */

static void leave_out_c(Scan *scan) {
    u32 kept = 0;
    for (u32 i = 0; i < scan->n; i++)
        if (!native_is_file(scan->files[i].path)) scan->files[kept++] = scan->files[i];
    scan->n = kept;
}

/* Blobs of C files whose texts are not at hand, those that are too large left out. */
static bool missing_c(Arena *arena, const Scan *scan, const Comparison *c, Str **ids, u32 *n,
                      Str *error) {
    Map seen = {0};
    *ids = arena_array(arena, Str, scan->n + 1);
    *n = 0;
    for (u32 i = 0; i < scan->n; i++) {
        u64 key = hash_str(scan->files[i].blob);
        if (!native_is_file(scan->files[i].path) || map_get(&c->c_texts, key)) continue;
        if (map_get(&seen, key)) continue;
        map_set(arena, &seen, key, 1);
        (*ids)[(*n)++] = scan->files[i].blob;
    }
    u64 *sizes = arena_array(arena, u64, *n + 1), total = 0;
    if (!git_sizes(arena, *ids, *n, sizes, error)) return false;
    u32 kept = 0;
    for (u32 i = 0; i < *n; i++) {
        if (sizes[i] > scan->options->max_file_size) continue;
        total += sizes[i];
        (*ids)[kept++] = (*ids)[i];
    }
    *n = kept;
    return total <= C_TEXTS_MAX ||
           FAIL(arena, error, "there is too much of it in git (over %d MB)", C_TEXTS_MAX >> 20);
}

static bool fetch_c(Arena *arena, const Scan *scan, Comparison *c, Str *error) {
    Str *ids;
    u32 n;
    if (!missing_c(arena, scan, c, &ids, &n, error)) return false;
    Str *texts = arena_array(arena, Str, n + 1);
    if (!git_blobs(arena, ids, n, texts, error)) return false;
    for (u32 i = 0; i < n; i++) {
        vec_push(arena, &c->texts, texts[i].p ? texts[i] : STR(""));
        map_set(arena, &c->c_texts, hash_str(ids[i]), c->texts.n);
    }
    return true;
}

/* Decides which C files belong to Python, from the texts that git keeps. */
static void select_c(Scan *scan, Arena *arena, Comparison *c) {
    NativeTexts *texts = arena_new(arena, NativeTexts);
    bool has_c = false;
    for (u32 i = 0; i < scan->n && !has_c; i++) has_c = native_is_file(scan->files[i].path);
    if (!has_c) return;
    bool ok = fetch_c(arena, scan, c, &texts->problem);
    texts->texts = c->texts.v;
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        u32 at = ok ? map_get(&c->c_texts, hash_str(file->blob)) : 0;
        if (at) map_set(arena, &texts->by_path, hash_str(file->real_path), at);
    }
    if (!ok) leave_out_c(scan);
    native_select(scan, texts);
}

bool revision_discover(Scan *scan, Arena *arena, const Options *o, Comparison *c, Str *error) {
    GitFiles files;
    if (c->is_disk) {
        scan_discover(scan, arena, o);
        return true;
    }
    bool ok = c->now.n ? git_tree(arena, c->now, &files, error) : git_index(arena, &files, error);
    if (!ok) return false;
    take_files(scan, arena, o, c->top, &files);
    select_c(scan, arena, c);
    return true;
}

/* ---- bases ---- */

static void borrow(ScanFile *file, const ScanFile *from) {
    Str path = file->path, real = file->real_path, blob = file->blob;
    bool is_stub = file->is_stub;
    *file = *from;
    file->path = path;
    file->real_path = real;
    file->blob = blob;
    file->is_stub = is_stub;
    file->is_borrowed = true;
}

/* Is all C of the base that of `now`? Then it reads the same. `is_changed` is for files on disk. */
static bool has_same_c(const Scan *scan, const Scan *now, const Map *is_changed) {
    u32 k = 0;
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        if (!file->is_c) continue;
        while (k < now->n && !now->files[k].is_c) k++;
        if (k == now->n || !str_eq(file->real_path, now->files[k].real_path)) return false;
        bool is_same = is_changed ? !map_get(is_changed, hash_str(file->real_path))
                                  : str_eq(file->blob, now->files[k].blob);
        if (!is_same) return false;
        k++;
    }
    while (k < now->n && !now->files[k].is_c) k++;
    return k == now->n;
}

static bool is_alike(const ScanFile *a, const ScanFile *b, bool with_c) {
    return (with_c || (!a->is_c && !b->is_c)) && a->is_c == b->is_c && a->is_stub == b->is_stub &&
           b->state != SCAN_UNREADABLE && b->state != SCAN_BROKEN;
}

/* A C unit names its file. */
static u64 content_key(const ScanFile *file) {
    return hash_str(file->is_c ? file->real_path : file->blob);
}

/* Against files in git: equal blobs, wherever they lie. */
static void borrow_blobs(Scan *scan, Arena *arena, const Scan *now) {
    Map by_blob = {0};
    bool with_c = has_same_c(scan, now, NULL);
    if (with_c) native_lend(scan, now);
    for (u32 i = 0; i < now->n; i++) map_set(arena, &by_blob, content_key(&now->files[i]), i + 1);
    for (u32 i = 0; i < scan->n; i++) {
        u32 at = map_get(&by_blob, content_key(&scan->files[i]));
        if (at && is_alike(&scan->files[i], &now->files[at - 1], with_c))
            borrow(&scan->files[i], &now->files[at - 1]);
    }
}

/* Against files on disk: those that git says did not change. */
static bool borrow_unchanged(Scan *scan, Arena *arena, const Comparison *c, Str commit,
                             const Scan *now, Str *error) {
    GitFiles changed;
    if (!git_changed(arena, commit, &changed, error)) return false;
    Str *paths = absolute_paths(arena, c->top, &changed);
    Map is_changed = {0}, by_path = {0};
    for (u32 i = 0; i < changed.n; i++) map_set(arena, &is_changed, hash_str(paths[i]), 1);
    for (u32 i = 0; i < now->n; i++)
        map_set(arena, &by_path, hash_str(now->files[i].real_path), i + 1);
    bool with_c = has_same_c(scan, now, &is_changed);
    if (with_c) native_lend(scan, now);
    for (u32 i = 0; i < scan->n; i++) {
        u64 key = hash_str(scan->files[i].real_path);
        u32 at = map_get(&is_changed, key) ? 0 : map_get(&by_path, key);
        if (at && is_alike(&scan->files[i], &now->files[at - 1], with_c))
            borrow(&scan->files[i], &now->files[at - 1]);
    }
    return true;
}

/* The list alone; C is not looked at. */
static bool list_base(Scan *scan, Arena *arena, const Options *o, Comparison *c, u32 base,
                      Str *error) {
    if (!c->has_tree[base] && !git_tree(arena, c->bases[base], &c->trees[base], error))
        return false;
    c->has_tree[base] = true;
    take_files(scan, arena, o, c->top, &c->trees[base]);
    return true;
}

bool revision_list(Scan *scan, Arena *arena, const Options *o, Comparison *c, u32 base,
                   Str *error) {
    if (!list_base(scan, arena, o, c, base, error)) return false;
    select_c(scan, arena, c);
    return true;
}

bool revision_base(Scan *scan, Arena *arena, const Options *o, Comparison *c, u32 base,
                   const Scan *now, Str *error) {
    if (!revision_list(scan, arena, o, c, base, error)) return false;
    if (c->is_disk) return borrow_unchanged(scan, arena, c, c->bases[base], now, error);
    borrow_blobs(scan, arena, now);
    return true;
}

bool revision_is_same(Arena *arena, const Options *o, Comparison *c, const Scan *now) {
    Scan then;
    Str error;
    if (c->is_disk || !c->n_bases || !list_base(&then, arena, o, c, 0, &error)) return false;
    return then.listed.low == now->listed.low && then.listed.high == now->listed.high;
}

/* ---- texts ---- */

bool revision_texts(Arena *arena, const Scan *scan, const bool *wanted, Str *texts, Str *error) {
    Str *ids = arena_array(arena, Str, scan->n + 1), *bytes = arena_array(arena, Str, scan->n + 1);
    u32 n = 0, k = 0;
    for (u32 i = 0; i < scan->n; i++)
        if (wanted[i] && scan->files[i].blob.n) ids[n++] = scan->files[i].blob;
    if (!git_blobs(arena, ids, n, bytes, error)) return false;
    for (u32 i = 0; i < scan->n; i++)
        if (wanted[i] && scan->files[i].blob.n)
            texts[i] = source_decode_as(scan->files[i].path, bytes[k++], arena).text;
    return true;
}
