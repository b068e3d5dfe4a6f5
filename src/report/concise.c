#include "report/parts.h"

void report_concise(const ReportInput *in, Buf *out) {
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[i];
        style_begin(in, out, STYLE_BOLD);
        place_text(in, f, out);
        style_end(in, out, STYLE_BOLD);
        buf_text(out, ": ");
        style_begin(in, out, style_of(f->severity));
        buf_str(out, f->code);
        style_end(in, out, style_of(f->severity));
        buf_char(out, ' ');
        report_escape(out, f->message);
        buf_char(out, '\n');
    }
    summary_write(in, out);
}
