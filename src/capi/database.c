/* compile_commands.json: how each unit is compiled. A hostile one costs a message, and no more. */
#include "capi/capi.h"

#include "base/map.h"
#include "base/path.h"
#include "os/os.h"

#include <jansson.h>
#include <string.h>

enum { LARGEST_FILE = 64 << 20 };

struct CDatabase {
    json_t *root;
    Map by_path; /* hash of an absolute path -> index of the entry, plus 1 */
    Str folder;  /* where it lies */
};

/* ---- paths ---- */

/* An absolute path without `.`, `..` and repeated slashes. */
static Str plain_path(Arena *arena, Str path) {
    VEC(Str) parts = {0};
    for (u32 at = 0; at < path.n;) {
        i64 slash = str_find(str_sub(path, at, path.n), '/');
        u32 end = slash < 0 ? path.n : at + (u32)slash;
        Str part = str_sub(path, at, end);
        at = end + 1;
        if (!part.n || str_is(part, ".")) continue;
        if (!str_is(part, ".."))
            vec_push(arena, &parts, part);
        else if (parts.n)
            parts.n--;
    }
    Buf buf = {.arena = arena};
    for (u32 i = 0; i < parts.n; i++) {
        buf_char(&buf, '/');
        buf_str(&buf, parts.v[i]);
    }
    return str_copy(arena, buf_get(&buf));
}

static Str text_of(const json_t *value) {
    return (Str){json_string_value(value), (u32)json_string_length(value)};
}

/* The directory of an entry, without symbolic links where it is there. */
static Str directory_of(const CDatabase *d, Arena *arena, const json_t *entry) {
    const json_t *value = json_object_get(entry, "directory");
    Str directory = json_is_string(value) ? path_join(arena, d->folder, text_of(value)) : d->folder;
    Str real;
    if (os_real_path(directory.p, arena, &real)) return real;
    return plain_path(arena, directory);
}

/* ---- reading ---- */

static bool is_command(const json_t *entry) {
    const json_t *arguments = json_object_get(entry, "arguments");
    if (!arguments) return json_is_string(json_object_get(entry, "command"));
    if (!json_is_array(arguments)) return false;
    for (size_t i = 0; i < json_array_size(arguments); i++)
        if (!json_is_string(json_array_get(arguments, i))) return false;
    return true;
}

static bool is_entry(const json_t *entry) {
    const json_t *directory = json_object_get(entry, "directory");
    return json_is_object(entry) && json_is_string(json_object_get(entry, "file")) &&
           (!directory || json_is_string(directory)) && is_command(entry);
}

static void index_entries(CDatabase *d, Arena *arena, u32 *n_bad) {
    const json_t *last = NULL; /* most entries have the directory of the one before */
    Str directory = {0};
    for (size_t i = 0; i < json_array_size(d->root); i++) {
        const json_t *entry = json_array_get(d->root, i);
        if (!is_entry(entry)) {
            ++*n_bad;
            continue;
        }
        const json_t *value = json_object_get(entry, "directory");
        if (!last || !value || !json_equal(value, json_object_get(last, "directory")))
            directory = directory_of(d, arena, entry);
        last = entry;
        Str file = text_of(json_object_get(entry, "file"));
        Str path = plain_path(arena, path_join(arena, directory, file));
        u64 key = hash_str(path);
        if (!map_get(&d->by_path, key)) map_set(arena, &d->by_path, key, (u32)i + 1);
    }
}

CDatabase *cdatabase_read(Arena *arena, Str path, Str *problem, u32 *n_bad) {
    Str text;
    json_error_t at;
    *n_bad = 0;
    int error = os_read_file(path.p, LARGEST_FILE, arena, &text);
    if (error) {
        *problem = str_copy(arena, str_from(strerror(error)));
        return NULL;
    }
    json_t *root = json_loadb(text.p, text.n, 0, &at);
    if (!root) {
        *problem = str_format(arena, "line %d: %s", at.line, at.text);
        return NULL;
    }
    if (!json_is_array(root)) {
        json_decref(root);
        *problem = STR("it is not a list of commands");
        return NULL;
    }
    CDatabase *d = arena_new(arena, CDatabase);
    *d = (CDatabase){.root = root, .folder = path_folder(arena, path)};
    index_entries(d, arena, n_bad);
    return d;
}

bool cdatabase_find(const CDatabase *d, Arena *arena, Str path, CFlagWords *words, Str *directory) {
    u32 found = map_get(&d->by_path, hash_str(path));
    if (!found) return false;
    const json_t *entry = json_array_get(d->root, found - 1);
    const json_t *arguments = json_object_get(entry, "arguments");
    *directory = directory_of(d, arena, entry);
    if (!arguments) {
        cflags_split(arena, text_of(json_object_get(entry, "command")), words);
        return true;
    }
    for (size_t i = 0; i < json_array_size(arguments); i++)
        vec_push(arena, &words->list, str_copy(arena, text_of(json_array_get(arguments, i))));
    return true;
}

void cdatabase_free(CDatabase *d) {
    if (d) json_decref(d->root);
}
