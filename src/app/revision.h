/* States of a project that git keeps, as scans: the index or a commit instead of the files on disk.
 * Which of the tracked files are read is decided as for files on disk (names, excludes), but that
 * ignore files do not count for what is tracked. */
#ifndef LIMPET_APP_REVISION_H
#define LIMPET_APP_REVISION_H

#include "app/git.h"
#include "app/scan.h"

enum { BASES_MAX = 8 };

/* What --since, --staged and --hook come to. */
typedef struct Comparison {
    bool is_wanted;
    Str top;              /* of the work tree, real */
    Str now;              /* commit that is checked; empty: the index, or files on disk */
    bool is_disk;         /* the files on disk are checked */
    Str bases[BASES_MAX]; /* commits whose findings are known: HEAD, what is being merged */
    u32 n_bases;
    Str shown;                 /* the base as a message names it */
    GitFiles trees[BASES_MAX]; /* of the bases, once they were asked for */
    bool has_tree[BASES_MAX];
    Map c_texts; /* of C files, by the hash of their blob: index + 1 */
    VEC(Str) texts;
} Comparison;

/* From options and, for --hook, PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF. False with a message. */
bool comparison_begin(Comparison *c, Arena *arena, const Options *options, Str *error);

/* The files of the checked state, as scan_discover does for files on disk. */
bool revision_discover(Scan *scan, Arena *arena, const Options *options, Comparison *c, Str *error);

/* The files of a base beside those of `now`, which has been read: what has the same content in both
 * has the same facts, and is not read again; C, whose headers count, when all of it is the same. */
bool revision_base(Scan *scan, Arena *arena, const Options *options, Comparison *c, u32 base,
                   const Scan *now, Str *error);

/* The files of a base alone, which are not read from it. */
bool revision_list(Scan *scan, Arena *arena, const Options *options, Comparison *c, u32 base,
                   Str *error);

/* True when no file of `now` differs from the first base: nothing can be new. Before reading. */
bool revision_is_same(Arena *arena, const Options *options, Comparison *c, const Scan *now);

/* Decoded texts of files, for reports: texts[i] for the files with wanted[i] that come from git. */
bool revision_texts(Arena *arena, const Scan *scan, const bool *wanted, Str *texts, Str *error);

#endif
