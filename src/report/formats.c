#include "report/report.h"

static const ReportFormat formats[] = {
    {"full", "each finding with its excerpt, retention path and fix", false, report_full},
    {"concise", "one line a finding: path:line:col: CODE message", false, report_concise},
    {"json", "one JSON object, see limpet.schema.json", true, report_json},
    {0},
};

const ReportFormat *report_formats(void) {
    return formats;
}

const ReportFormat *report_format(Str name) {
    for (const ReportFormat *f = formats; f->name; f++)
        if (str_is(name, f->name)) return f;
    return NULL;
}
