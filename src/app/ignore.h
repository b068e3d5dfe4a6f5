/* Ignore rules: the patterns of .gitignore and its relatives (gitignore(5)), and globs. */
#ifndef LIMPET_APP_IGNORE_H
#define LIMPET_APP_IGNORE_H

#include "base/str.h"

/* One line of an ignore file. */
typedef struct IgnorePattern {
    Str text;            /* without `!`, leading and trailing slash */
    u32 literal;         /* bytes at its beginning that stand for themselves */
    bool negated;        /* `!`: what it matches is not ignored */
    bool directory_only; /* ended with a slash */
    bool anchored;       /* holds a slash: matched with the whole path, else with the last name */
} IgnorePattern;

/* A zeroed IgnoreFile has no pattern. */
typedef struct IgnoreFile {
    IgnorePattern *patterns;
    u32 n;
} IgnoreFile;

typedef enum IgnoreVerdict { IGNORE_SILENT, IGNORE_OUT, IGNORE_IN } IgnoreVerdict;

/* Reads the text of an ignore file; the patterns point into `text`. */
IgnoreFile ignore_parse(Arena *arena, Str text);

/* What the last matching pattern says of `path`, which is relative to the directory of the ignore
 * file and has no slash at its end. An ignored directory is not asked about what is inside: nothing
 * below it can be taken in again. */
IgnoreVerdict ignore_match(const IgnoreFile *file, Str path, bool is_directory);

/* Does the glob match all of `text`? `*`, `?`, `[a-z]`, `[!a]`, `[[:alpha:]]`, `\x`; `**` between
 * slashes (or at an end) matches any number of directories. With `by_segment`, nothing but `**`
 * matches a slash; without, `*` and `?` do. Takes time in proportion to the product of both
 * lengths. */
bool ignore_glob(Str pattern, Str text, bool by_segment);

/* Replaces `{a,b}` by its alternatives: the globs that `pattern` stands for, at least one. More
 * than 1000 of them, or braces that do not pair, are taken as they are written. */
Str *ignore_expand_braces(Arena *arena, Str pattern, u32 *n);

#endif
