/* What git keeps: the files of the index and of commits. Everything is asked of the git program, so
 * that work trees, submodules, alternates and the index of a running `git commit` are git's to know
 * (GIT_DIR, GIT_INDEX_FILE). Names are taken with -z: they may hold any byte. */
#ifndef LIMPET_APP_GIT_H
#define LIMPET_APP_GIT_H

#include "base/str.h"
#include "base/vec.h"

typedef struct GitFile {
    Str path; /* from the top of the work tree */
    Str id;   /* of the blob, hexadecimal */
} GitFile;

/* Regular files, sorted by path: no symlinks, no submodules. */
typedef VEC(GitFile) GitFiles;

/* All functions: texts in `arena`; false with one line in *error. */

/* The top of the work tree around the working directory, real. */
bool git_top(Arena *arena, Str *top, Str *error);
/* The id of the commit that a revision names. Anything may be asked for: no option is read. */
bool git_commit(Arena *arena, Str revision, Str *id, Str *error);
/* The best common ancestor of two commits, or an empty Str. */
Str git_merge_base(Arena *arena, Str one, Str other);
/* The commits that a merge in progress brings in, and HEAD: in *heads, which is empty before the
 * first commit. */
bool git_heads(Arena *arena, Str *heads, u32 most, u32 *n, Str *error);

/* What would be committed; of a conflict our side, or else theirs. */
bool git_index(Arena *arena, GitFiles *out, Str *error);
bool git_tree(Arena *arena, Str commit, GitFiles *out, Str *error);
/* Paths of tracked files that differ between a commit and the work tree. */
bool git_changed(Arena *arena, Str commit, GitFiles *out, Str *error);

/* Sizes of blobs. */
bool git_sizes(Arena *arena, const Str *ids, u32 n, u64 *sizes, Str *error);
/* Contents of blobs. */
bool git_blobs(Arena *arena, const Str *ids, u32 n, Str *texts, Str *error);

#endif
