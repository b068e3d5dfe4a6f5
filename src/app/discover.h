/* From the paths of the command line to the sorted list of files that a run may read: Python, and
 * C files and headers, of which those that have nothing to do with Python go later (native.h). */
#ifndef LIMPET_APP_DISCOVER_H
#define LIMPET_APP_DISCOVER_H

#include "base/str.h"

typedef struct DiscoverOptions {
    const Str *paths; /* as typed; a file is taken whatever it is called, a directory is walked */
    u32 n_paths;
    /* Globs beside the built-in ones, as ruff's: without a slash one is matched with the name of
     * each file and directory, with one it is a path from the working directory; `*` also matches
     * `/`. */
    const Str *exclude;
    u32 n_exclude;
    bool force_exclude;     /* excludes hold for paths that were named, too */
    bool respect_gitignore; /* .gitignore, .ignore, .git/info/exclude, core.excludesFile */
    bool isolated;          /* the user's own ignore file (core.excludesFile) is not read */
} DiscoverOptions;

typedef struct FoundFile {
    Str path; /* as shown: from the working directory without ./ where it lies below, else as given
               */
    Str real_path; /* absolute, without symlinks; NUL-terminated, as is `path` */
    u64 size;      /* bytes, when it was seen */
    bool explicit; /* named, not found by walking */
} FoundFile;

typedef struct Discovery {
    FoundFile *files; /* by the bytes of `path`; no two with the same real path */
    u32 n;
    /* "path: reason" for each path that was named and is not there, each directory that cannot be
     * read, each dangling symlink. Sorted; not escaped: names may hold any byte but NUL. */
    Str *problems;
    u32 n_problems;
    u32 excluded; /* files and directories left out by excludes and ignore rules */
} Discovery;

/* Walks; all that it returns lies in `arena`. Directory symlinks are not followed, file symlinks
 * are. A file that is reached twice is listed once, under the first of its paths. */
Discovery discover(Arena *arena, const DiscoverOptions *options);

/* The same for a list of files that need not be on disk (absolute paths): those that a walk of the
 * named paths would give, if ignore files said nothing. Real paths are the given ones. */
Discovery discover_among(Arena *arena, const DiscoverOptions *options, const Str *files, u32 n);

#endif
