/* JUnit's XML as test reports of Jenkins, GitLab and others read it: a suite a file, a failing case
 * a finding. */
#include "report/parts.h"

static void number(Buf *out, const char *name, u32 value) {
    buf_printf(out, " %s=\"%u\"", name, value);
}

static void suite_begin(Buf *out, Str name, u32 cases, u32 skipped) {
    buf_text(out, "  <testsuite");
    xml_attribute(out, "name", name);
    number(out, "tests", cases);
    number(out, "failures", cases - skipped);
    number(out, "errors", 0);
    number(out, "skipped", skipped);
    buf_text(out, " time=\"0\">\n");
}

/* The finding as `full` prints it, without its first line. */
static Str body(const ReportInput *in, const Finding *f, Arena *arena) {
    ReportInput plain = *in;
    plain.color = false;
    plain.width = 0;
    Buf text = {.arena = arena};
    place_text(in, f, &text);
    buf_char(&text, '\n');
    if (f->steps.n) path_write(&plain, f, &text);
    if (f->help.n) buf_printf(&text, "help: %.*s\n", STR_ARG(f->help));
    if (f->confirm.n) buf_printf(&text, "confirm: %.*s\n", STR_ARG(f->confirm));
    return buf_get(&text);
}

static void case_write(const ReportInput *in, const Finding *f, Buf *out) {
    Position at = place_in_file(in, f->place.file, f->place.start);
    Str name = str_format(out->arena, "%.*s %.*s (%u:%u)", STR_ARG(f->code), STR_ARG(f->name),
                          at.line, at.column);
    buf_text(out, "    <testcase");
    xml_attribute(out, "name", name);
    xml_attribute(out, "classname", f->scope.n ? f->scope : path_of(in, f->place.file));
    xml_attribute(out, "file", path_of(in, f->place.file));
    number(out, "line", at.line);
    if (f->is_suppressed) {
        buf_text(out, " time=\"0\">\n      <skipped");
        xml_attribute(out, "message", shown_message(out->arena, f));
        buf_text(out, "/>\n    </testcase>\n");
        return;
    }
    buf_text(out, " time=\"0\">\n      <failure");
    xml_attribute(out, "type", str_from(severity_text(f->severity)));
    xml_attribute(out, "message", f->message);
    buf_char(out, '>');
    xml_text(out, body(in, f, out->arena));
    buf_text(out, "</failure>\n    </testcase>\n");
}

/* Findings are sorted by file: the end of those that share one with `first`. */
static u32 file_end(const Findings *findings, u32 first) {
    u32 end = first;
    while (end < findings->n && findings->v[end].place.file == findings->v[first].place.file) end++;
    return end;
}

static u32 count_suppressed(const Findings *findings, u32 from, u32 end) {
    u32 n = 0;
    for (u32 i = from; i < end; i++) n += findings->v[i].is_suppressed;
    return n;
}

static void notices_write(const ReportInput *in, Buf *out) {
    if (!in->n_notices) return;
    buf_text(out, "    <system-err>");
    for (u32 i = 0; i < in->n_notices; i++) {
        xml_text(out, in->notices[i].text);
        buf_char(out, '\n');
    }
    buf_text(out, "</system-err>\n");
}

/* What there is to say when there is no finding, and of files. */
static void own_suite(const ReportInput *in, Buf *out) {
    bool is_clean = !in->findings->n;
    buf_printf(out,
               "  <testsuite name=\"limpet\" tests=\"%d\" failures=\"0\" errors=\"0\" "
               "skipped=\"0\" time=\"0\">\n",
               is_clean);
    if (is_clean)
        buf_text(out, "    <testcase name=\"no findings\" classname=\"limpet\" time=\"0\"/>\n");
    notices_write(in, out);
    buf_text(out, "  </testsuite>\n");
}

void report_junit(const ReportInput *in, Buf *out) {
    const Findings *findings = in->findings;
    u32 cases = MAX(findings->n, 1u);
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"limpet\"");
    number(out, "tests", cases);
    number(out, "failures", findings->n - count_suppressed(findings, 0, findings->n));
    number(out, "errors", 0);
    buf_text(out, ">\n");
    for (u32 i = 0, end; i < findings->n; i = end) {
        end = file_end(findings, i);
        suite_begin(out, path_of(in, findings->v[i].place.file), end - i,
                    count_suppressed(findings, i, end));
        for (u32 k = i; k < end; k++) case_write(in, &findings->v[k], out);
        buf_text(out, "  </testsuite>\n");
    }
    if (!findings->n || in->n_notices) own_suite(in, out);
    buf_text(out, "</testsuites>\n");
}
