/* Logging commands of Azure Pipelines (microsoft/azure-pipelines-agent, Command.cs): text and
 * properties are escaped alike. */
#include "report/parts.h"

static void escape(Buf *out, Str s) {
    Buf line = {.arena = out->arena};
    text_visible(&line, s);
    for (u32 i = 0; i < line.n; i++) {
        switch (line.p[i]) {
        case '\r':
            buf_text(out, "%0D");
            break;
        case '\n':
            buf_text(out, "%0A");
            break;
        case '%':
            buf_text(out, "%AZP25");
            break;
        case ';':
            buf_text(out, "%3B");
            break;
        case ']':
            buf_text(out, "%5D");
            break;
        default:
            buf_char(out, line.p[i]);
        }
    }
}

void report_azure(const ReportInput *in, Buf *out) {
    const u32 *order = findings_by_weight(in, out->arena);
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[order[i]];
        Position at = place_in_file(in, f->place.file, f->place.start);
        buf_printf(out, "##vso[task.logissue type=%s;sourcepath=",
                   shown_severity(f) == SEVERITY_ERROR ? "error" : "warning");
        escape(out, path_in_repository(in, f->place.file));
        buf_printf(out, ";linenumber=%u;columnnumber=%u;code=", at.line, at.column);
        escape(out, f->code);
        buf_text(out, ";]");
        escape(out, shown_message(out->arena, f));
        if (f->help.n) {
            buf_text(out, "%0Ahelp: ");
            escape(out, f->help);
        }
        buf_char(out, '\n');
    }
}
