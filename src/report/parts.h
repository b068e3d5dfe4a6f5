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
/* What follows until link_end leads to a line of the file. Nothing is written when links are off.
 */
void link_begin(const ReportInput *in, u32 file, u32 line, Buf *out);
void link_end(const ReportInput *in, u32 file, Buf *out);
/* Percent-encodes a path for a URI (RFC 3986), byte by byte. */
void uri_path(Buf *out, Str path);
/* Removes blanks at the end of the line that is being written. */
void buf_trim_line(Buf *out);

/* ---- places (sources.c) ---- */

/* The decoded text of a file, valid until a few more files were asked for; false when it has
 * vanished, changed or cannot be read again. */
bool sources_text(ReportSources *sources, u32 file, Str *text);
/* Line and column of an offset. Without the text the column counts bytes, without line starts it is
 * 1:1. */
Position place_position(const ReportInput *in, u32 file, u32 offset);
/* "line" or "cell 3:line" of a 1-based line, as people read it. */
void line_text(const ReportInput *in, u32 file, u32 line, Buf *out);
/* Position in the cell, when there are cells: *cell is its number, else 0. */
Position place_shown(const ReportInput *in, u32 file, u32 offset, u32 *cell);
/* For formats that know only lines of files: that of a notebook is 1:1. */
Position place_in_file(const ReportInput *in, u32 file, u32 offset);
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
u32 files_with_findings(const Findings *findings);

/* ---- for programs ---- */

/* JSON in indented lines (write_json.c). `key` is NULL for an element of an array. */
typedef struct Json {
    Buf *out;
    u32 depth;
    bool has_member; /* the innermost object or array is not empty */
} Json;
void json_begin(Json *j, const char *key, char open);
void json_end(Json *j, char close);
void json_text(Json *j, const char *key, Str value);
void json_number(Json *j, const char *key, u32 value);
void json_flag(Json *j, const char *key, bool value);

/* The entity of `&`, `<`, `>` or `"` in XML and HTML (write_xml.c); false, and nothing written, for
 * another character. */
bool markup_entity(Buf *out, char c);
/* Text of an element or attribute of XML 1.0 (write_xml.c): what XML cannot hold, and what a reader
 * would not see, as escapes (\x1b). */
void xml_text(Buf *out, Str s);
/* ` name="value"` */
void xml_attribute(Buf *out, const char *name, Str value);

/* The path of a file in the git work tree (ci.c), or as shown when it is outside. */
Str path_in_repository(const ReportInput *in, u32 file);
/* The same in what GitLab calls the project. */
Str path_in_project(const ReportInput *in, u32 file);
Str path_of(const ReportInput *in, u32 file);
/* Cut to its first line, without the line end. */
Place place_on_one_line(const ReportInput *in, Place place);
/* Is the place on one line? */
bool place_is_on_one_line(const ReportInput *in, Place place);
/* Column of an offset in UTF-8 bytes, from 1. */
u32 place_byte_column(const ReportInput *in, u32 file, u32 offset);
/* Indexes of the findings, the gravest and surest first; lies in `arena`. */
const u32 *findings_by_weight(const ReportInput *in, Arena *arena);
/* Of a finding as programs get it: what a comment covers is a note, and is said to be covered. */
Severity shown_severity(const Finding *f);
Str shown_message(Arena *arena, const Finding *f);
/* The message, the retention path, help, check and fix in plain lines; what was written in other
 * places is not escaped. */
void finding_text(const ReportInput *in, const Finding *f, Buf *out);
/* As report_escape, but line ends stay what they are. */
void text_visible(Buf *out, Str s);
/* The text with at most `most` bytes, cut between characters and marked by an ellipsis. */
Str text_cut(Arena *arena, Str s, u32 most);
/* The rule of a finding, or NULL. */
const RuleEntry *rule_of(const ReportInput *in, Str code);
/* A section of a rule's page, without its heading; empty when there is none. */
Str rule_section(const RuleEntry *entry, const char *heading);

/* Columns that a line may have. */
u32 report_width(const ReportInput *in);

#endif
