/* Findings that are known already, from a baseline or from another revision, and which findings of
 * this run they are. Edits, moved files and renamed packages or functions make nothing new. */
#ifndef LIMPET_APP_KNOWN_H
#define LIMPET_APP_KNOWN_H

#include "app/analysis.h"

typedef struct KnownFinding {
    Str code, path;     /* path: from wherever `paths` of known_match begin */
    Str scope, subject; /* local: Finding.local_scope, local_subject */
    u32 ordinal;        /* among findings that agree in all of these, from 1 */
    bool is_used;       /* is a finding of this run */
    bool is_judged;     /* was looked for: its rule and its file belong to this run, or the file is
                           gone */
} KnownFinding;

typedef VEC(KnownFinding) KnownList;

/* By path, code, scope, subject and ordinal. */
int known_cmp(const void *a, const void *b);

/* What the findings of an analysis are as known ones, sorted; `paths` by file id. Those that are
 * not wanted (analysis_is_wanted) only when `with_unsure`. */
KnownList known_of(Arena *arena, const Analysis *a, const Str *paths, bool with_unsure);

typedef bool KnownExists(void *context, Str path);

/* Which findings of the analysis are known: hidden[i] for findings.v[i]; sets is_used and
 * is_judged. A finding is a known one when rule, scope and subject agree and
 *   1. the path agrees, too; or else
 *   2. the known one's file is gone, or its scope is no longer in that file: it has moved; or, with
 *      rule, path and subject alone,
 *   3. the known one's scope is no longer in the file: the function got another name.
 * Findings that are wanted choose before the unsure ones. `exists` tells of files that are not
 * among those of the analysis. Cost: linear in findings, known ones, and files that lost some. */
void known_match(KnownList *known, const Analysis *a, const Str *paths, KnownExists *exists,
                 void *context, bool *hidden);

#endif
