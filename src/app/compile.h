/* How the C units of a scan are compiled: what their build wrote down, and what the user says. */
#ifndef LIMPET_APP_COMPILE_H
#define LIMPET_APP_COMPILE_H

#include "capi/capi.h"
#include "config/config.h"

typedef struct Compile Compile;

/* All in the arena. A compile_commands.json is looked for beside each unit, in `build/` there, and
 * in the directories above as far as the project reaches: to the top of its repository, or else to
 * the working directory or what is named on the command line; unless --compile-commands says where
 * it is. What is wrong with one is told once, in `notes`. */
Compile *compile_begin(Arena *arena, const Options *options, StrList *notes);
/* The flags of a unit, by its real path; then those of --c-flags. */
CFlags compile_flags(Compile *compile, Str path);
void compile_end(Compile *compile);

#endif
