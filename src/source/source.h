/* A source file as text: bytes read from disk, decoded to UTF-8 by PEP 263, with what was wrong
 * with them. Decoding is a pure function of the bytes, so that a report can read the file again and
 * find the same offsets. */
#ifndef LIMPET_SOURCE_SOURCE_H
#define LIMPET_SOURCE_SOURCE_H

#include "base/str.h"
#include "base/vec.h"
#include "os/os.h"

typedef enum SourceTroubleKind {
    SOURCE_FINE,
    SOURCE_INVALID,          /* bytes that the encoding does not allow */
    SOURCE_NUL,              /* a NUL byte */
    SOURCE_NO_NOTEBOOK,      /* a *.ipynb that is none */
    SOURCE_UNKNOWN_ENCODING, /* a cookie that iconv does not know, or two that disagree */
} SourceTroubleKind;

/* A code cell of a notebook. */
typedef struct SourceCell {
    u32 line;   /* of the joined text, from 0, where it begins */
    u32 number; /* among all cells of the notebook, from 1 */
} SourceCell;

typedef struct Source {
    Str text; /* UTF-8, always valid: bad bytes were replaced, one for one, by '?', NUL by a space;
                 a lone CR became LF, CRLF is kept; the BOM is gone */
    Str encoding; /* as named in the file, "utf-8" without a cookie */
    u64 content;  /* hash_bytes of the bytes as read */
    SourceTroubleKind trouble;
    u32 trouble_at;   /* offset in `text` of the first bad byte */
    Str trouble_text; /* for a message: what was found, e.g. "byte 0xe9 is not valid utf-8" */
    const SourceCell *cells; /* of a notebook, in order; NULL for any other file */
    u32 n_cells;
} Source;

/* Decodes `bytes` (see PEP 263: BOM, then a coding cookie in line 1, or 2 after a blank or comment
 * line, else UTF-8). Text that needs no change is not copied: `bytes` must outlive the Source. */
Source source_decode(Str bytes, Arena *arena);

/* A Jupyter notebook: its code cells joined, each followed by an empty line; lines that are
 * commands of IPython (`%`, `!`, `?`) are blank, or `pass` where a block needs a statement, and
 * cells in other languages (`%%bash`) are blank. Encoded as UTF-8. */
Source notebook_decode(Str bytes, Arena *arena);
/* By the end of the path: a notebook or Python source. */
Source source_decode_as(Str path, Str bytes, Arena *arena);
/* The bytes [start, end) of the decoded text (Source.text) become `text`; line ends in it are \n.
 */
typedef struct TextEdit {
    u32 start, end;
    Str text;
} TextEdit;
typedef VEC(TextEdit) TextEdits;

/* The same edits in the bytes of a notebook, inside of the strings that hold its cells
 * (notebook_edit.c). False where an edit is in no string, or in two, or behind an escaped
 * character. The caller decodes the result and looks whether it is what the edits of the text give.
 */
bool notebook_edit(Str bytes, const Source *source, const TextEdits *edits, Arena *arena,
                   TextEdits *out);

/* The number of the cell that a 1-based line of the joined text is in, and the 1-based line inside
 * of it; 0 and the line itself when there are no cells. */
u32 source_cell(const SourceCell *cells, u32 n, u32 line, u32 *inside);

/* The way back: `text` in the encoding that source_decode named (Source.encoding). False when a
 * character has no place in it. Line ends that became LF stay LF, a byte order mark is not added.
 */
bool source_encode(Str text, Str encoding, Arena *arena, Str *bytes);

/* Line starts of a text: offsets of each line's first byte, [0] is 0. LF ends a line; a CR before
 * it belongs to the line. */
u32 source_lines(Str text, Arena *arena, u32 **starts);

/* 1-based line and 1-based column of an offset. Column in code points (text formats, SARIF). */
typedef struct Position {
    u32 line, column;
} Position;
Position source_position(Str text, const u32 *starts, u32 lines, u32 offset);
/* Text of a 1-based line without its line end. */
Str source_line(Str text, const u32 *starts, u32 lines, u32 line);

/* True when the head of the file says that it is generated: a line of the first 40 that holds the
 * word
 * "@generated". */
bool source_is_generated(Str text);

#endif
