/* Changing source files: edits on the decoded text, written back in the encoding and with the line
 * ends of the file, whole or not at all. */
#ifndef LIMPET_APP_EDIT_H
#define LIMPET_APP_EDIT_H

#include "base/str.h"
#include "base/vec.h"
#include "source/source.h"

typedef struct EditedFile {
    Str before, after; /* decoded; of a notebook the file as it is */
    Str bytes;         /* what is to be written */
    TextEdits edits;   /* from before to after */
} EditedFile;

typedef enum EditCheck {
    EDIT_CODE,     /* no syntax error more than before */
    EDIT_COMMENTS, /* and each edit is a comment, and what is executed is the same */
    EDIT_C,        /* the file is C, and nothing but comments changes */
} EditCheck;

/* Reads the file, checks that it still is what was analysed (`content`: Source.content), and
 * applies edits, which are sorted and do not overlap. The result must be Python (or C) as far as
 * the file was. False with the reason in *why: it has changed, cannot be read, cannot be written
 * back in its encoding, or the result would be broken. */
bool edit_file(Arena *arena, const char *path, u64 content, const TextEdits *edits, EditCheck check,
               EditedFile *out, Str *why);

/* Is C the same to a compiler, and does a comment that speaks to limpet begin at each of the
 * ascending offsets `marks` of `after`? (edit_c.c) */
bool edit_keeps_c(Arena *arena, Str before, Str after, const u32 *marks, u32 n);

/* The lines that differ, as a unified diff with three lines of context. */
void edit_diff(Str path, const EditedFile *file, Buf *out);

#endif
