/* Absolute paths as text: no file system is asked. */
#ifndef LIMPET_BASE_PATH_H
#define LIMPET_BASE_PATH_H

#include "base/arena.h"
#include "base/str.h"

/* `name` in a directory, or `name` itself when it is absolute; NUL-terminated, in `arena`. */
Str path_join(Arena *arena, Str folder, Str name);
/* The directory above, "/" for what is in it, and an empty Str above that; NUL-terminated. */
Str path_folder(Arena *arena, Str path);
/* What stands before the last slash, as a view: empty for what is in "/", and without a slash. */
Str path_above(Str path);
/* What comes behind the directory and a slash; p is NULL when `path` is not below it. A view. */
Str path_below(Str folder, Str path);

#endif
