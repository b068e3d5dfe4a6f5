/* C files of a scan: which of them belong to Python, where their headers are, and reading them. */
#ifndef LIMPET_APP_NATIVE_H
#define LIMPET_APP_NATIVE_H

#include "app/scan.h"
#include "rule/rule.h"

typedef struct Native Native;

/* Is it a file of C or C++, by its name? And one that is compiled, not included? */
bool native_is_file(Str path);
bool native_is_unit(Str path);

/* Texts of C files that git keeps, which stand for those on disk. */
typedef struct NativeTexts {
    Map by_path; /* hash of the real path -> index + 1 */
    const Str *texts;
    Str problem; /* why they could not be had: C is left out */
} NativeTexts;

/* Leaves in the scan those C files that include Python.h, themselves or by headers that were found
 * beside them, and takes all other headers out. A scan without such files costs the reading of
 * #include lines, and no more. */
void native_select(Scan *scan, const NativeTexts *texts);

/* Before native_begin: units that the cache knows, with their facts, so that no helper is needed
 * for them. */
void native_recall(Scan *scan);

/* All C of the scan is that of another one, which has been read. */
void native_lend(Scan *scan, const Scan *from);
/* Adds what names all that the units were read from: texts, flags, headers. False when that is not
 * known: before native_recall, or for a unit that could not be read. */
bool native_digest(const Scan *scan, Buf *out);

/* The bytes of a C file of the scan, from where its state keeps them; an errno. */
int native_bytes(const Scan *scan, const ScanFile *file, Arena *arena, Str *bytes);

/* Before the workers begin: helpers and what they share. Nothing when there is no C file. */
void native_begin(Scan *scan);

/* One C file: its unit, or what went wrong, and facts that hold its comments and lines. */
void native_read(Scan *scan, u32 worker, ScanFile *file, const Source *source, Arena *scratch,
                 Arena *arena);

void native_end(Scan *scan);

/* The units that were read, with what their files are in the scan. In the run arena. */
NativeUnits native_units(const Scan *scan);

/* What the units' types keep where the collector does not see it, as rows sorted by name. In the
 * run arena. */
const EffectRow *native_effects(const Scan *scan, u32 *n);

/* Why no C file could be read, or empty. */
Str native_problem(const Scan *scan);

/* What was wrong with what the build says of C files, one line each. */
StrList native_notes(const Scan *scan);

/* Made by Cython and the like: what it holds is not anybody's to mend. */
bool native_is_generated(Str text);

#endif
