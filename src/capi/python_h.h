/* Headers that stand before Python's own, so that its macros are calls whatever its version. */
#ifndef LIMPET_CAPI_PYTHON_H_H
#define LIMPET_CAPI_PYTHON_H_H

#include "base/str.h"

/* The text of a Python.h that includes the real one and declares the macros anew. */
Str python_h_text(void);
/* The same for assert.h: `assert(e)` is a call, and what it excludes is known. */
Str assert_h_text(void);
/* A Python.h of our own, for where none is installed (stub_h.c). */
Str stub_h_text(Arena *arena);
/* Is there a Python.h in the directory? */
bool python_h_is_in(Arena *arena, Str folder);
/* The newest directory with a Python.h among the usual ones and beside `python3` in the path; or
 * empty. */
Str python_h_find(Arena *arena);

#endif
