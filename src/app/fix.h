/* Fixes that are applied, and suppressions that are written: findings to changed files. */
#ifndef LIMPET_APP_FIX_H
#define LIMPET_APP_FIX_H

#include "app/analysis.h"

typedef struct FixRun {
    Arena *arena;
    const Analysis *a;
    const Findings *findings; /* sorted: those that are reported */
    bool unsafe;              /* also fixes that change what the program does */
    Buf *diff;                /* what would change goes here, and no file is written; or NULL */
    u32 fixed;                /* out: findings whose fix was applied, or that are suppressed now */
    u32 files;                /* out: that were written, or would be */
    bool failed;              /* out: a file could not be changed; said on stderr */
} FixRun;

/* Applies the fixes of findings, each whole or not at all; of overlapping ones the first. */
void fix_apply(FixRun *run);

/* Writes `# limpet: ignore[CODE] reason` for each finding: behind its line, or above it where a
 * comment cannot stand behind. */
void fix_suppress(FixRun *run, Str reason);

/* Gives each finding of LMP902 the fix that removes what covers nothing from the comment. */
void fix_unused_suppressions(Arena *arena, const Scan *scan, Findings *findings);

#endif
