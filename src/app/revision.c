#include "app/revision.h"

#include "base/map.h"
#include "os/os.h"
#include "source/source.h"

#include <string.h>

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
}

/* C is read with the headers that lie on disk: states of it in git are not compared yet. */
static void leave_out_c(Scan *scan) {
    u32 kept = 0;
    for (u32 i = 0; i < scan->n; i++)
        if (!scan->files[i].is_c) scan->files[kept++] = scan->files[i];
    scan->n = kept;
}

bool revision_discover(Scan *scan, Arena *arena, const Options *o, const Comparison *c,
                       Str *error) {
    GitFiles files;
    if (c->is_disk) {
        scan_discover(scan, arena, o);
        if (c->is_wanted) leave_out_c(scan);
        return true;
    }
    bool ok = c->now.n ? git_tree(arena, c->now, &files, error) : git_index(arena, &files, error);
    if (ok) take_files(scan, arena, o, c->top, &files);
    return ok;
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

static bool is_alike(const ScanFile *a, const ScanFile *b) {
    return a->is_stub == b->is_stub && b->state != SCAN_UNREADABLE && b->state != SCAN_BROKEN;
}

/* Against files in git: equal blobs, wherever they lie. */
static void borrow_blobs(Scan *scan, Arena *arena, const Scan *now) {
    Map by_blob = {0};
    for (u32 i = 0; i < now->n; i++) map_set(arena, &by_blob, hash_str(now->files[i].blob), i + 1);
    for (u32 i = 0; i < scan->n; i++) {
        u32 at = map_get(&by_blob, hash_str(scan->files[i].blob));
        if (at && is_alike(&scan->files[i], &now->files[at - 1]))
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
    for (u32 i = 0; i < scan->n; i++) {
        u64 key = hash_str(scan->files[i].real_path);
        u32 at = map_get(&is_changed, key) ? 0 : map_get(&by_path, key);
        if (at && is_alike(&scan->files[i], &now->files[at - 1]))
            borrow(&scan->files[i], &now->files[at - 1]);
    }
    return true;
}

bool revision_list(Scan *scan, Arena *arena, const Options *o, Comparison *c, u32 base,
                   Str *error) {
    if (!c->has_tree[base] && !git_tree(arena, c->bases[base], &c->trees[base], error))
        return false;
    c->has_tree[base] = true;
    take_files(scan, arena, o, c->top, &c->trees[base]);
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
    if (c->is_disk || !c->n_bases || !revision_list(&then, arena, o, c, 0, &error)) return false;
    if (then.n != now->n) return false;
    for (u32 i = 0; i < now->n; i++)
        if (!str_eq(then.files[i].real_path, now->files[i].real_path) ||
            !str_eq(then.files[i].blob, now->files[i].blob))
            return false;
    return true;
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
