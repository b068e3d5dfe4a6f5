/* Commands of GitHub Actions (actions/toolkit, docs/commands.md; actions/runner, ActionCommand.cs).
 * The runner keeps ten annotations of each type a step, and 4096 characters of each. */
#include "report/parts.h"

#include <string.h>

enum { MOST_OF_A_TYPE = 10, MOST_BYTES = 4096, MOST_ROWS = 500, TYPES = SEVERITY_ERROR + 1 };

static const char *type_of(Severity severity) {
    return severity == SEVERITY_ERROR     ? "error"
           : severity == SEVERITY_WARNING ? "warning"
                                          : "notice";
}

/* A value or, with `is_property`, one of the properties. */
static void escape(Buf *out, Str s, bool is_property) {
    for (u32 i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_special = c == '%' || c == '\r' || c == '\n';
        if (is_property) is_special |= c == ':' || c == ',';
        if (is_special)
            buf_printf(out, "%%%02X", (unsigned)(u8)c);
        else
            buf_char(out, c);
    }
}

static void property(Buf *out, const char *name, Str value) {
    Buf text = {.arena = out->arena};
    text_visible(&text, value);
    buf_printf(out, "%s=", name);
    escape(out, buf_get(&text), true);
}

static void command(const ReportInput *in, const Finding *f, Buf *out) {
    Arena *arena = out->arena;
    u32 last = MAX(f->place.start, f->place.end);
    Position start = place_in_file(in, f->place.file, f->place.start);
    Position end = place_in_file(in, f->place.file, last);
    /* a span that ends with its line does not reach into the next one */
    if (end.column == 1 && end.line > start.line) end = place_in_file(in, f->place.file, last - 1);
    buf_printf(out, "::%s ", type_of(shown_severity(f)));
    property(out, "title", str_format(arena, "%.*s %.*s", STR_ARG(f->code), STR_ARG(f->name)));
    property(out, ",file", path_in_repository(in, f->place.file));
    buf_printf(out, ",line=%u,endLine=%u", start.line, end.line);
    if (start.line == end.line) buf_printf(out, ",col=%u,endColumn=%u", start.column, end.column);
    buf_text(out, "::");
    Buf text = {.arena = arena}, visible = {.arena = arena};
    finding_text(in, f, &text);
    text_visible(&visible, buf_get(&text));
    escape(out, text_cut(arena, buf_get(&visible), MOST_BYTES), false);
    buf_char(out, '\n');
}

/* A line of the log that is no command, whatever it holds: one begins the line, or (in the old
 * form) has `##[` anywhere. */
static void plain_line(const ReportInput *in, const Finding *f, Buf *out) {
    Buf line = {.arena = out->arena};
    place_text(in, f, &line);
    buf_printf(&line, ": %s %.*s ", severity_text(shown_severity(f)), STR_ARG(f->code));
    report_escape(&line, shown_message(out->arena, f));
    Str text = buf_get(&line);
    buf_text(out, "- ");
    for (u32 i = 0; i < text.n; i++) {
        bool is_old = text.p[i] == '[' && i >= 2 && memcmp(text.p + i - 2, "##", 2) == 0;
        if (is_old)
            buf_text(out, "\\x5b");
        else
            buf_char(out, text.p[i]);
    }
    buf_char(out, '\n');
}

void report_github(const ReportInput *in, Buf *out) {
    const u32 *order = findings_by_weight(in, out->arena);
    u32 shown_of[TYPES] = {0}, rest = 0;
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[order[i]];
        if (shown_of[shown_severity(f)]++ < MOST_OF_A_TYPE)
            command(in, f, out);
        else
            rest++;
    }
    if (!rest) return;
    buf_printf(out, "::group::limpet: %u more\n", rest);
    memset(shown_of, 0, sizeof shown_of);
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[order[i]];
        if (shown_of[shown_severity(f)]++ >= MOST_OF_A_TYPE) plain_line(in, f, out);
    }
    buf_text(out, "::endgroup::\n");
}

/* ---- the summary of a step ---- */

/* Text in a cell of a table: everything that Markdown or HTML could act on is escaped. */
static void cell(Buf *out, Str text) {
    Buf line = {.arena = out->arena};
    report_escape(&line, text);
    for (u32 i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (c == '<')
            buf_text(out, "&lt;");
        else if (c == '&')
            buf_text(out, "&amp;");
        else if (c == '@') /* names nobody */
            buf_text(out, "&#64;");
        else if (strchr("\\`*_{}[]#|>~:", c))
            buf_printf(out, "\\%c", c);
        else
            buf_char(out, c);
    }
}

static void row(const ReportInput *in, const Finding *f, Buf *out) {
    Buf place = {.arena = out->arena};
    buf_str(&place, path_in_repository(in, f->place.file));
    buf_printf(&place, ":%u", place_in_file(in, f->place.file, f->place.start).line);
    buf_printf(out, "| %s, %s | %.*s | ", severity_text(shown_severity(f)),
               confidence_text(f->confidence), STR_ARG(f->code));
    cell(out, buf_get(&place));
    buf_text(out, " | ");
    cell(out, shown_message(out->arena, f));
    buf_text(out, " |\n");
}

void report_github_summary(const ReportInput *in, Buf *out) {
    u32 n = in->findings->n;
    buf_text(out, "### limpet\n\n");
    ReportInput plain = *in;
    plain.color = plain.quiet = plain.show_statistics = false;
    Buf summary = {.arena = out->arena};
    summary_write(&plain, &summary);
    cell(out, str_trim(buf_get(&summary)));
    buf_text(out, "\n");
    if (n) buf_text(out, "\n| severity | rule | place | finding |\n|---|---|---|---|\n");
    const u32 *order = findings_by_weight(in, out->arena);
    for (u32 i = 0; i < MIN(n, (u32)MOST_ROWS); i++) row(in, &in->findings->v[order[i]], out);
    if (n > MOST_ROWS) buf_printf(out, "\nand %u more\n", n - MOST_ROWS);
}
