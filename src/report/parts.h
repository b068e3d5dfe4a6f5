/* What the formats share. Private to report/. */
#ifndef LIMPET_REPORT_PARTS_H
#define LIMPET_REPORT_PARTS_H

#include "report/report.h"
#include "source/source.h"

/* ---- text on a terminal (text.c) ---- */

/* One character as it is shown: itself, or an escape. */
typedef struct Cell {
    char shown[12];
    u8 n;     /* bytes of shown */
    u8 width; /* columns: 0 for a combining character, 2 for a wide one */
    u8 bytes; /* of the text */
} Cell;

/* The character at byte `at` (at < s.n). */
Cell text_cell(Str s, u32 at);
/* Columns of the text as report_escape shows it. */
u32 text_width(Str s);
/* As report_escape, in at most `columns` columns: what is longer ends in an ellipsis. Returns the
 * columns that were used. */
u32 text_fit(Buf *out, Str s, u32 columns);

typedef enum Style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_FAINT,
    STYLE_RED,
    STYLE_YELLOW,
    STYLE_BLUE,
    STYLE_GREEN,
    STYLE_CYAN,
} Style;

/* Colours what follows until style_end. Nothing is written when colours are off. */
void style_begin(const ReportInput *in, Buf *out, Style style);
void style_end(const ReportInput *in, Buf *out, Style style);
/* Literal text of our own in a style. */
void style_text(const ReportInput *in, Buf *out, Style style, const char *text);
Style style_of(Severity severity);
/* Removes blanks at the end of the line that is being written. */
void buf_trim_line(Buf *out);

/* ---- places (sources.c) ---- */

/* The decoded text of a file, valid until a few more files were asked for; false when it has
 * vanished, changed or cannot be read again. */
bool sources_text(ReportSources *sources, u32 file, Str *text);
/* Line and column of an offset. Without the text the column counts bytes, without line starts it is
 * 1:1. */
Position place_position(const ReportInput *in, u32 file, u32 offset);
/* "path:line:column" of a finding, with the path escaped. */
void place_text(const ReportInput *in, const Finding *f, Buf *out);
/* The line that both formats for people begin with, `path:line:col: CODE `, styled. */
void head_text(const ReportInput *in, const Finding *f, Buf *out);

/* ---- parts of `full` ---- */

/* The first line of the span with a mark under it (excerpt.c). False when there is no text to show.
 */
bool excerpt_write(const ReportInput *in, const Finding *f, Buf *out);
/* The retention path of a finding that has steps (path.c). */
void path_write(const ReportInput *in, const Finding *f, Buf *out);
/* The fix of a finding as a small diff (fix.c). */
void fix_write(const ReportInput *in, const Finding *f, Buf *out);
/* The last lines of human formats (summary.c). */
void summary_write(const ReportInput *in, Buf *out);

/* Columns that a line may have. */
u32 report_width(const ReportInput *in);

#endif
