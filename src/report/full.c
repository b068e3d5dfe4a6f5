#include "report/parts.h"

static void head(const ReportInput *in, const Finding *f, Buf *out) {
    head_text(in, f, out);
    buf_str(out, f->name);
    buf_printf(out, " [%s, %s%s]\n  ", effect_text(f->effect), confidence_text(f->confidence),
               f->is_suppressed ? ", suppressed" : "");
    report_escape(out, f->message);
    buf_char(out, '\n');
}

static void advice(const ReportInput *in, const char *label, Str text, Buf *out) {
    if (!text.n) return;
    buf_text(out, "  ");
    style_text(in, out, STYLE_GREEN, label);
    buf_text(out, ": ");
    report_escape(out, text);
    buf_char(out, '\n');
}

static void finding_write(const ReportInput *in, const Finding *f, Buf *out) {
    head(in, f, out);
    Buf excerpt = {.arena = out->arena};
    if (excerpt_write(in, f, &excerpt)) {
        buf_char(out, '\n');
        buf_str(out, buf_get(&excerpt));
    }
    if (f->steps.n) {
        buf_char(out, '\n');
        path_write(in, f, out);
    }
    if (f->help.n || f->confirm.n || f->fix.edits.n) buf_char(out, '\n');
    advice(in, "help", f->help, out);
    advice(in, "confirm", f->confirm, out);
    fix_write(in, f, out);
    buf_char(out, '\n');
}

void report_full(const ReportInput *in, Buf *out) {
    for (u32 i = 0; i < in->findings->n; i++) finding_write(in, &in->findings->v[i], out);
    summary_write(in, out);
}
