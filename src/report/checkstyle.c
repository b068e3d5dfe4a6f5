/* Checkstyle's XML: a list of errors a file. */
#include "report/parts.h"

static Str severity_of(Severity severity) {
    return severity == SEVERITY_ERROR     ? STR("error")
           : severity == SEVERITY_WARNING ? STR("warning")
                                          : STR("info");
}

static void error_write(const ReportInput *in, const Finding *f, Buf *out) {
    Position at = place_in_file(in, f->place.file, f->place.start);
    buf_printf(out, "    <error line=\"%u\" column=\"%u\"", at.line, at.column);
    xml_attribute(out, "severity", severity_of(shown_severity(f)));
    xml_attribute(out, "message", shown_message(out->arena, f));
    xml_attribute(out, "source", str_format(out->arena, "limpet.%.*s", STR_ARG(f->code)));
    buf_text(out, "/>\n");
}

void report_checkstyle(const ReportInput *in, Buf *out) {
    u32 file = 0;
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[i];
        if (i == 0 || f->place.file != file) {
            if (i) buf_text(out, "  </file>\n");
            file = f->place.file;
            buf_text(out, "  <file");
            xml_attribute(out, "name", path_of(in, file));
            buf_text(out, ">\n");
        }
        error_write(in, f, out);
    }
    if (in->findings->n) buf_text(out, "  </file>\n");
    buf_text(out, "</checkstyle>\n");
}
