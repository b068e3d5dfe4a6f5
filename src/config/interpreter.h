/* What a project's own scripts say about the Python that runs it: with or without the GIL (PEP 703:
 * builds whose name ends in `t`; `PYTHON_GIL` and `-X gil` of "Command line and environment"). */
#ifndef LIMPET_CONFIG_INTERPRETER_H
#define LIMPET_CONFIG_INTERPRETER_H

#include "base/str.h"

/* What was read so far. Both sides keep the first place: "PYTHON_GIL=0 in Dockerfile:3". */
typedef struct GilClaims {
    Arena *arena; /* of the claims */
    Str without;  /* the program is started without the GIL; empty: nothing says so */
    Str with;     /* … with it */
    Str shown;    /* the file that is read */
    u32 line;     /* in it, from 1 */
} GilClaims;

/* Reads the places where projects say how they are started (README, "Versions of Python"), in the
 * directory and in its directories for scripts: a bounded number of files, the beginning of each,
 * no symlinks. `folder` is absolute; files that cannot be read say nothing. */
void interpreter_read(GilClaims *claims, Str folder);

/* ---- one line ---- */

/* A line of shell. Only commands that start a program say something: no tools, no tests. */
void command_read(GilClaims *claims, Str line);
/* The same as a list of words in brackets, as in `CMD ["python", "-X", "gil=0", "app.py"]`. */
void command_read_list(GilClaims *claims, Str line);
/* A variable of the environment and its value without quotes. */
void command_variable(GilClaims *claims, Str name, Str value);
/* A version as uv, pyenv and asdf take it: `3.14t`, `cpython-3.14.0+freethreaded`. */
void command_version(GilClaims *claims, Str version);
/* A container image: `python:3.14t-slim`. */
void command_image(GilClaims *claims, Str image);
/* Has the name a word such as "test" or "bench": what it names does not run the program. */
bool command_is_trial(Str name);

#endif
