/* The parts of the HTML report. Private to report/. */
#ifndef LIMPET_REPORT_HTML_H
#define LIMPET_REPORT_HTML_H

#include "report/parts.h"

/* Style and script (html.css, html.js), and the base64 of their SHA-256 for the page's own policy
 * on what it may load. Made into C by embed.sh. */
extern const char html_style[], html_script[], html_style_hash[], html_script_hash[];

/* ---- text (html_text.c) ---- */

/* As report_escape, and inert in elements and in attributes with double quotes. */
void html_escape(Buf *out, Str s);
/* A path that may be broken behind its slashes. */
void html_path_name(Buf *out, Str path);
/* A line for people: `code` and 'names' become <code>. */
void html_line(Buf *out, Str s);
/* The Markdown of rule pages: paragraphs, lists, fenced code, `code`, *emphasis*, links. */
void html_markdown(Buf *out, Str markdown);
/* The fenced block of the text whose info line ends with `kind` ("bad"), without the fences. */
Str markdown_block(Str markdown, const char *kind);
/* Takes one line off the front of the text. */
Str line_next(Str *text);

/* ---- source (html_source.c) ---- */

/* The numbered excerpts of a finding: one for each line that steps name, marked and captioned with
 * the numbers of the steps. */
void html_excerpts(const ReportInput *in, const Finding *f, Buf *out);
/* The fix as a diff. */
void html_fix(const ReportInput *in, const Finding *f, Buf *out);

/* ---- pictures (html_path.c, html_ring.c) ---- */

/* Number of a step, from 1; the last node of a cycle has that of the first. */
u32 step_number(const Finding *f, u32 step);
/* Does the path end where it began? */
bool is_ring(const Finding *f);
/* The retention path as a drawing, or the ring of a cycle. Nothing when that is one object
 * alone. */
void html_path(const Finding *f, Buf *out);
void html_ring(const Finding *f, Buf *out);
/* Text in a drawing, cut to so many columns. */
void svg_text(Buf *out, i64 x, i64 y, const char *attributes, Str s, u32 columns);
/* The number of a step in a small disc. */
void svg_number(Buf *out, i64 x, i64 y, u32 number);

/* ---- the index (html_index.c) ---- */

void html_index(const ReportInput *in, Buf *out);

/* ---- one finding (html_finding.c) ---- */

/* In a small report it can be read without a click, and shows the example of its rule. */
void html_finding(const ReportInput *in, const Finding *f, bool is_small, Buf *out);
/* The example of a rule, before and after; false when it has none. */
bool html_example(const RuleEntry *rule, Buf *out);
/* What stands for a finding in addresses of the page: "f-" and its fingerprint. */
void html_anchor(const Finding *f, Buf *out);
/* ` data-severity="…"` and what else filter and sort read. */
void html_data(const ReportInput *in, const Finding *f, Buf *out);
/* A word in a coloured frame. */
void html_badge(Buf *out, const char *kind, const char *word);

#endif
