#include "report/parts.h"

static void string(Buf *out, Str s) {
    buf_char(out, '"');
    buf_json(out, s);
    buf_char(out, '"');
}

static void field(Buf *out, const char *name, Str value) {
    buf_printf(out, "      \"%s\": ", name);
    string(out, value);
    buf_text(out, ",\n");
}

static void number(Buf *out, const char *name, u32 value) {
    buf_printf(out, "      \"%s\": %u,\n", name, value);
}

static void evidence(const ReportInput *in, const Step *step, Buf *out) {
    static const char *const kinds[] = {
        [STEP_NODE] = "node", [STEP_EDGE] = "edge", [STEP_NOTE] = "note"};
    buf_text(out, "        {\"path\": ");
    if (step->has_place) {
        u32 cell;
        Position at = place_shown(in, step->place.file, step->place.start, &cell);
        string(out, path_of(in, step->place.file));
        if (cell) buf_printf(out, ", \"cell\": %u", cell);
        buf_printf(out, ", \"line\": %u, \"column\": %u", at.line, at.column);
    } else {
        buf_text(out, "null, \"line\": null, \"column\": null");
    }
    buf_text(out, ", \"message\": \"");
    buf_json(out, step->text);
    if (step->text.n && step->note.n) buf_text(out, ": ");
    buf_json(out, step->note);
    buf_printf(out, "\", \"kind\": \"%s\", \"suspect\": %s}", kinds[step->kind],
               step->suspect ? "true" : "false");
}

static void edit_write(const ReportInput *in, const Edit *edit, Buf *out) {
    Position start = place_position(in, edit->place.file, edit->place.start);
    Position end = place_position(in, edit->place.file, edit->place.end);
    buf_text(out, "          {\"path\": ");
    string(out, path_of(in, edit->place.file));
    buf_printf(out, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u, ",
               start.line, start.column, end.line, end.column);
    buf_text(out, "\"content\": ");
    string(out, edit->text);
    buf_char(out, '}');
}

static void fix_json(const ReportInput *in, const Fix *fix, Buf *out) {
    if (!fix->edits.n) {
        buf_text(out, "      \"fix\": null,\n");
        return;
    }
    buf_text(out, "      \"fix\": {\n        \"message\": ");
    string(out, fix->title);
    buf_printf(out, ",\n        \"applicability\": \"%s\",\n        \"edits\": [\n",
               fix->is_safe ? "safe" : "unsafe");
    for (u32 i = 0; i < fix->edits.n; i++) {
        if (i) buf_text(out, ",\n");
        edit_write(in, &fix->edits.v[i], out);
    }
    buf_text(out, "\n        ]\n      },\n");
}

static void finding_write(const ReportInput *in, const Finding *f, Buf *out) {
    u32 cell;
    Position end = place_shown(in, f->place.file, MAX(f->place.end, f->place.start), &cell);
    Position start = place_shown(in, f->place.file, f->place.start, &cell);
    buf_text(out, "    {\n");
    field(out, "code", f->code);
    field(out, "name", f->name);
    field(out, "effect", str_from(effect_text(f->effect)));
    field(out, "severity", str_from(severity_text(f->severity)));
    field(out, "confidence", str_from(confidence_text(f->confidence)));
    field(out, "message", f->message);
    field(out, "path", path_of(in, f->place.file));
    if (cell) number(out, "cell", cell);
    number(out, "line", start.line);
    number(out, "column", start.column);
    number(out, "end_line", end.line);
    number(out, "end_column", end.column);
    field(out, "scope", f->scope);
    buf_text(out, "      \"evidence\": [");
    for (u32 i = 0; i < f->steps.n; i++) {
        buf_text(out, i ? ",\n" : "\n");
        evidence(in, &f->steps.v[i], out);
    }
    buf_text(out, f->steps.n ? "\n      ],\n" : "],\n");
    field(out, "help", f->help);
    field(out, "confirm", f->confirm);
    fix_json(in, &f->fix, out);
    if (f->is_suppressed) buf_text(out, "      \"suppressed\": true,\n");
    buf_printf(out, "      \"fingerprint\": \"%016llx\"\n    }",
               (unsigned long long)f->fingerprint);
}

static void statistics_write(const ReportInput *in, Buf *out) {
    const ReportSummary *s = &in->summary;
    buf_printf(out,
               "  \"statistics\": {\n    \"files\": %u,\n    \"findings\": %u,\n"
               "    \"containers\": %u,\n    \"bounded\": %u,\n    \"drained\": %u,\n"
               "    \"suspects\": %u,\n    \"suppressed\": %u,\n    \"baselined\": %u,\n    "
               "\"known\": %u,\n    \"fixed\": %u",
               s->files, in->findings->n, s->containers, s->bounded, s->drained, s->suspects,
               s->suppressed, s->baselined, s->known, s->fixed);
    for (u32 i = 0; i < in->n_statistics; i++) {
        buf_text(out, ",\n    ");
        string(out, str_from(in->statistics[i].name));
        buf_printf(out, ": %llu", (unsigned long long)in->statistics[i].value);
    }
    buf_text(out, "\n  }\n");
}

void report_json(const ReportInput *in, Buf *out) {
    buf_text(out, "{\n  \"version\": ");
    string(out, in->version);
    buf_text(out, ",\n  \"findings\": [");
    for (u32 i = 0; i < in->findings->n; i++) {
        buf_text(out, i ? ",\n" : "\n");
        finding_write(in, &in->findings->v[i], out);
    }
    buf_text(out, in->findings->n ? "\n  ],\n" : "],\n");
    statistics_write(in, out);
    buf_text(out, "}\n");
}
