/* GitLab's code quality report ("Implement a custom tool" in its documentation). */
#include "report/parts.h"

static Str severity_of(Severity severity) {
    return severity == SEVERITY_ERROR     ? STR("critical")
           : severity == SEVERITY_WARNING ? STR("major")
                                          : STR("minor");
}

void report_gitlab(const ReportInput *in, Buf *out) {
    Json j = {.out = out};
    json_begin(&j, NULL, '[');
    for (u32 i = 0; i < in->findings->n; i++) {
        const Finding *f = &in->findings->v[i];
        json_begin(&j, NULL, '{');
        json_text(&j, "description",
                  str_format(out->arena, "%.*s: %.*s", STR_ARG(f->code),
                             STR_ARG(shown_message(out->arena, f))));
        json_text(&j, "check_name", f->code);
        json_text(&j, "fingerprint",
                  str_format(out->arena, "%016llx", (unsigned long long)f->fingerprint));
        json_text(&j, "severity", severity_of(shown_severity(f)));
        json_begin(&j, "location", '{');
        json_text(&j, "path", path_in_project(in, f->place.file));
        json_begin(&j, "lines", '{');
        json_number(&j, "begin", place_in_file(in, f->place.file, f->place.start).line);
        json_end(&j, '}');
        json_end(&j, '}');
        json_end(&j, '}');
    }
    json_end(&j, ']');
}
