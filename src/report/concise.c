#include "report/parts.h"

void report_concise(const ReportInput *in, Buf *out) {
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[i];
        head_text(in, f, out);
        report_escape(out, f->message);
        if (f->is_suppressed) buf_text(out, " (suppressed)");
        buf_char(out, '\n');
    }
    summary_write(in, out);
}
