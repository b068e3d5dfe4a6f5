/* reviewdog's diagnostic format (reviewdog/proto/rdf, DiagnosticResult). Columns count bytes of
 * UTF-8. */
#include "report/parts.h"

static void position(Json *j, const ReportInput *in, const char *key, u32 file, u32 offset) {
    json_begin(j, key, '{');
    json_number(j, "line", place_in_file(in, file, offset).line);
    json_number(j, "column", place_byte_column(in, file, offset));
    json_end(j, '}');
}

static void range(Json *j, const ReportInput *in, Place place) {
    json_begin(j, "range", '{');
    position(j, in, "start", place.file, place.start);
    position(j, in, "end", place.file, MAX(place.start, place.end));
    json_end(j, '}');
}

static void location(Json *j, const ReportInput *in, Place place) {
    json_begin(j, "location", '{');
    json_text(j, "path", path_of(in, place.file));
    range(j, in, place);
    json_end(j, '}');
}

/* Several suggestions would be several ways to mend it: the edits of a fix become one. */
static bool merge_edits(const ReportInput *in, const Finding *f, Arena *arena, Edit *out) {
    Str text;
    u32 n = f->fix.edits.n;
    if (!n || !sources_text(in->sources, f->place.file, &text)) return false;
    Buf merged = {.arena = arena};
    u32 at = f->fix.edits.v[0].place.start;
    *out = (Edit){.place = {f->place.file, at, at}};
    for (u32 i = 0; i < n; i++) {
        const Edit *e = &f->fix.edits.v[i];
        if (e->place.file != f->place.file || e->place.start < at || e->place.end > text.n)
            return false;
        buf_str(&merged, str_sub(text, at, e->place.start));
        buf_str(&merged, e->text);
        at = out->place.end = MAX(e->place.start, e->place.end);
    }
    out->text = buf_get(&merged);
    return true;
}

static void suggestion(Json *j, const ReportInput *in, const Finding *f) {
    Edit edit;
    if (!merge_edits(in, f, j->out->arena, &edit)) return;
    json_begin(j, "suggestions", '[');
    json_begin(j, NULL, '{');
    range(j, in, edit.place);
    json_text(j, "text", edit.text);
    json_end(j, '}');
    json_end(j, ']');
}

static void related(Json *j, const ReportInput *in, const Finding *f) {
    json_begin(j, "related_locations", '[');
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        if (!step->has_place || step->place.file >= in->n_files) continue;
        json_begin(j, NULL, '{');
        Buf text = {.arena = j->out->arena};
        buf_str(&text, step->text);
        if (step->text.n && step->note.n) buf_text(&text, ": ");
        buf_str(&text, step->note);
        json_text(j, "message", buf_get(&text));
        location(j, in, step->place);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static Str severity_of(Severity severity) {
    return severity == SEVERITY_ERROR     ? STR("ERROR")
           : severity == SEVERITY_WARNING ? STR("WARNING")
                                          : STR("INFO");
}

static void message(Json *j, const Finding *f) {
    Buf text = {.arena = j->out->arena};
    buf_str(&text, shown_message(j->out->arena, f));
    if (f->help.n) buf_printf(&text, "\nhelp: %.*s", STR_ARG(f->help));
    if (f->confirm.n) buf_printf(&text, "\nconfirm: %.*s", STR_ARG(f->confirm));
    if (f->fix.edits.n)
        buf_printf(&text, "\nfix%s: %.*s", f->fix.is_safe ? "" : " (changes behaviour)",
                   STR_ARG(f->fix.title));
    json_text(j, "message", buf_get(&text));
}

void report_rdjson(const ReportInput *in, Buf *out) {
    Json j = {.out = out};
    json_begin(&j, NULL, '{');
    json_begin(&j, "source", '{');
    json_text(&j, "name", STR("limpet"));
    json_end(&j, '}');
    json_begin(&j, "diagnostics", '[');
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[i];
        json_begin(&j, NULL, '{');
        message(&j, f);
        location(&j, in, f->place);
        json_text(&j, "severity", severity_of(shown_severity(f)));
        json_begin(&j, "code", '{');
        json_text(&j, "value", f->code);
        json_end(&j, '}');
        suggestion(&j, in, f);
        related(&j, in, f);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_end(&j, '}');
}
