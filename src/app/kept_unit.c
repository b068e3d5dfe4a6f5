#include "app/kept_unit.h"

#include "base/path.h"
#include "os/os.h"

#include <string.h>

enum { LIBRARY_SIZE = 16 << 20 }; /* larger files go by path and size */

/* ---- keys ---- */

static void put_list(Buf *out, const Str *list, u32 n) {
    buf_str(out, (Str){(const char *)&n, sizeof n});
    for (u32 i = 0; i < n; i++) buf_counted(out, list[i]);
}

Hash128 kept_unit_key(const UnitQuestion *q) {
    /* where clang looks for headers without being told */
    static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"};
    Arena scratch = {0};
    Buf out = {.arena = &scratch};
    buf_text(&out, "C unit ");
    buf_text(&out, cache_facts_build);
    buf_counted(&out, q->path);
    buf_counted(&out, q->bytes);
    buf_counted(&out, q->flags->is_cxx ? STR("c++") : STR("c"));
    buf_counted(&out, q->flags->is_known ? STR("known") : STR("guessed"));
    put_list(&out, q->flags->common, q->flags->n_common);
    put_list(&out, q->flags->own, q->flags->n_own);
    put_list(&out, q->folders, q->n_folders);
    buf_counted(&out, q->python);
    for (u32 i = 0; i < ARRAY_LEN(variables); i++) buf_counted(&out, os_env(variables[i]));
    buf_str(&out, (Str){(const char *)&q->files, sizeof q->files});
    buf_str(&out, (Str){(const char *)&q->near, sizeof q->near});
    Hash128 key = hash_wide(out.p, out.n);
    arena_free(&scratch);
    return key;
}

/* ---- headers ---- */

/* Of libclang itself and the like: its name holds its version. */
static Hash128 hash_large(Str path, u64 size) {
    Arena scratch = {0};
    Str real;
    Hash128 hash = {0};
    if (os_real_path(path.p, &scratch, &real)) {
        Str text = str_format(&scratch, "%.*s %llu", STR_ARG(real), (unsigned long long)size);
        hash = hash_wide(text.p, text.n);
    }
    arena_free(&scratch);
    return hash;
}

static Hash128 hash_file(Str path) {
    FileInfo info;
    Arena scratch = {0};
    Str bytes;
    Hash128 hash = {0};
    if (os_stat(path.p, true, &info) != 0 || info.kind != FILE_REGULAR) return hash;
    if (info.size > LIBRARY_SIZE) return hash_large(path, info.size);
    if (os_read_file(path.p, 0, &scratch, &bytes) == 0) hash = hash_wide(bytes.p, bytes.n);
    arena_free(&scratch);
    return hash;
}

Hash128 headers_hash(Headers *h, Str path) {
    u64 key = hash_str(path);
    u32 at = map_get(&h->by_path, key);
    if (at) return h->hashes.v[at - 1];
    Str text = h->text_of(h->context, path);
    Hash128 hash = text.p ? hash_wide(text.p, text.n) : hash_file(path);
    vec_push(h->arena, &h->hashes, hash);
    map_set(h->arena, &h->by_path, key, h->hashes.n);
    return hash;
}

static bool is_same(Hash128 a, Hash128 b) {
    return a.low == b.low && a.high == b.high;
}

/* ---- what was not found ---- */

static bool is_there(Arena *scratch, Str folder, Str name) {
    FileInfo info;
    Str path = str_format(scratch, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
    return folder.n && os_stat(path.p, true, &info) == 0;
}

static bool is_in_words(Arena *scratch, const Str *words, u32 n, Str name) {
    for (u32 i = 0; i < n; i++) {
        Str word = words[i];
        if (str_starts(word, "-I")) word = str_sub(word, 2, word.n);
        if (str_starts(word, "/") && is_there(scratch, word, name)) return true;
    }
    return false;
}

/* Can a header be found now that was not there? */
static bool has_appeared(const UnitQuestion *q, Arena *scratch, Str name) {
    static const char *const usual[] = {"/usr/include", "/usr/local/include"};
    if (str_starts(name, "/")) return is_there(scratch, STR("/"), name);
    for (u32 i = 0; i < ARRAY_LEN(usual); i++)
        if (is_there(scratch, str_from(usual[i]), name)) return true;
    for (u32 i = 0; i < q->n_folders; i++)
        if (is_there(scratch, q->folders[i], name)) return true;
    return is_there(scratch, path_above(q->path), name) || is_there(scratch, q->python, name) ||
           is_in_words(scratch, q->flags->own, q->flags->n_own, name) ||
           is_in_words(scratch, q->flags->common, q->flags->n_common, name);
}

/* "'name.h' file not found" */
static bool lacks_what_it_lacked(const UnitQuestion *q, const CUnit *unit) {
    Arena scratch = {0};
    bool ok = true;
    for (u32 i = 1; i < unit->n_errors && ok; i++) {
        Str text = cunit_str(unit, unit->errors[i].text);
        if (!str_ends(text, "file not found")) continue;
        i64 end = str_rfind(text, '\'');
        ok = end > 0 && !has_appeared(q, &scratch, str_sub(text, 1, (u32)end));
    }
    arena_free(&scratch);
    return ok;
}

/* ---- pieces: manifest, then the block at a multiple of 16 ---- */

typedef struct Manifest {
    u32 headers, block_at;
} Manifest;

typedef struct Line {
    Hash128 hash;
    u32 n; /* bytes of the path, which follows */
    u32 unused;
} Line;

static bool is_as_it_was(Headers *h, Str piece, const Manifest *m) {
    Str rest = str_sub(piece, sizeof *m, m->block_at);
    Line line;
    for (u32 i = 0; i < m->headers; i++) {
        if (rest.n < sizeof line) return false;
        memcpy(&line, rest.p, sizeof line);
        rest = str_sub(rest, sizeof line, rest.n);
        if (rest.n < line.n) return false;
        Str path = str_copy(h->arena, str_sub(rest, 0, line.n));
        if (!is_same(line.hash, headers_hash(h, path))) return false;
        rest = str_sub(rest, line.n, rest.n);
    }
    return true;
}

bool kept_unit_take(Cache *cache, const UnitQuestion *q, Hash128 key, Headers *headers, CUnit *unit,
                    Hash128 *manifest) {
    Str piece;
    Manifest m;
    if (!cache_find(cache, key, &piece) || piece.n < sizeof m) return false;
    memcpy(&m, piece.p, sizeof m);
    if (m.block_at % 16 || m.block_at < sizeof m || m.block_at >= piece.n) return false;
    if (!is_as_it_was(headers, piece, &m) ||
        !cunit_view(piece.p + m.block_at, piece.n - m.block_at, unit))
        return false;
    *manifest = hash_wide(piece.p, m.block_at);
    if (lacks_what_it_lacked(q, unit)) return true;
    *unit = (CUnit){0};
    return false;
}

bool kept_unit_keep(Cache *cache, Hash128 key, Headers *headers, Str ours, const CUnit *unit,
                    bool copy, Hash128 *manifest) {
    Buf out = {.arena = headers->arena};
    Manifest m = {0};
    buf_str(&out, (Str){(const char *)&m, sizeof m});
    for (u32 i = 1; i < unit->n_includes; i++) {
        Str path = str_copy(headers->arena, cunit_str(unit, unit->includes[i].path));
        bool is_ours = ours.n && path.n > ours.n && str_eq(str_sub(path, 0, ours.n), ours);
        if (is_ours || str_starts(path, "/limpet/")) continue;
        Line line = {.hash = headers_hash(headers, path), .n = path.n};
        if (is_same(line.hash, (Hash128){0})) return false;
        buf_str(&out, (Str){(const char *)&line, sizeof line});
        buf_str(&out, path);
        m.headers++;
    }
    buf_repeat(&out, '\0', (16 - out.n % 16) % 16);
    m.block_at = out.n;
    memcpy(out.p, &m, sizeof m);
    *manifest = hash_wide(out.p, out.n);
    cache_put(cache, 0, key, buf_get(&out), (Str){unit->block, (u32)unit->block_size}, copy);
    return true;
}
