#include "base/path.h"

#include <string.h>

Str path_join(Arena *arena, Str folder, Str name) {
    if (str_starts(name, "/")) return str_copy(arena, name);
    return str_format(arena, "%.*s/%.*s", str_is(folder, "/") ? 0 : (int)folder.n, folder.p,
                      STR_ARG(name));
}

Str path_folder(Arena *arena, Str path) {
    i64 slash = str_rfind(path, '/');
    if (slash < 0 || str_is(path, "/")) return (Str){0};
    return str_copy(arena, str_sub(path, 0, slash ? (u32)slash : 1));
}

Str path_above(Str path) {
    i64 slash = str_rfind(path, '/');
    return slash < 0 ? (Str){0} : str_sub(path, 0, (u32)slash);
}

Str path_below(Str folder, Str path) {
    u32 n = str_is(folder, "/") ? 0 : folder.n;
    if (path.n <= n + 1 || memcmp(path.p, folder.p, n) != 0 || path.p[n] != '/') return (Str){0};
    return str_sub(path, n + 1, path.n);
}
