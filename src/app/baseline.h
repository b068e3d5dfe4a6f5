/* The baseline: a file with the findings that a project lives with, so that only new ones are
 * reported. JSON, sorted, one entry a line, to be kept under version control:
 *
 *     {
 *       "version": 1,
 *       "findings": [
 *         {"path": "app/store.py", "code": "LMP201", "scope": "handle", "subject": "CACHE"},
 *         …
 *
 * with "ordinal" for the second and later ones that agree in all of that. Paths are relative to the
 * directory of the file. app/known.h says when a finding is an entry's. */
#ifndef LIMPET_APP_BASELINE_H
#define LIMPET_APP_BASELINE_H

#include "app/known.h"

typedef struct Baseline {
    Str shown;  /* the file as messages name it; empty: there is none */
    Str path;   /* NUL-terminated */
    Str folder; /* real, what its paths are relative to */
    KnownList known;
    bool exists;
    u32 hidden; /* findings of the run that it holds */
    u32 stale;  /* entries that are no finding any more */
} Baseline;

/* Finds the file (--baseline, the key, or `.limpet-baseline.json` in the directory that the checked
 * paths have in common or above it, up to the project's configuration or the top of the
 * repository), and reads it. False after a message: it is broken, or was named and cannot be read.
 */
bool baseline_open(Baseline *b, Arena *arena, const Config *config);

/* hidden[i] becomes true for each finding that the baseline holds; counts. When files are named one
 * by one, or come from standard input, no entry counts as stale. */
void baseline_match(Baseline *b, Arena *arena, const Analysis *a, bool *hidden);

/* Writes the baseline: with all wanted findings of the run and the entries that it cannot judge
 * (baseline_match has run), or else, when `prune`, without its stale entries. The file is replaced
 * at once. False after a message. */
bool baseline_write(Baseline *b, Arena *arena, const Analysis *a, bool prune, u32 *n_written);

#endif
