/* Texts of paths that reading and printing share; private to facts/. */
#ifndef LIMPET_FACTS_TEXT_H
#define LIMPET_FACTS_TEXT_H

#include "facts/facts.h"

/* The root and, root first, the steps below it; returns the number of steps. */
u32 path_steps(const Facts *f, PathId path, const Path **root,
               const Path *steps[PATH_MAX_SELECTORS + 1]);
/* `.name`, `["key"]`, `[*]` … */
void path_step_text(const Facts *f, const Path *step, Buf *out);
/* A literal as Python would write it. */
void path_literal_text(const Facts *f, const Path *literal, Buf *out);
/* A string of the file with control characters escaped, cut when it is longer than any sane name.
 */
void facts_name_text(const Facts *f, StrId id, Buf *out);
/* `+`, `-` … */
const char *operator_text(u32 operator);

#endif
