#include "report/parts.h"

static void count(Buf *out, u32 n, const char *noun) {
    buf_printf(out, "%u %s%s", n, noun, n == 1 ? "" : "s");
}

u32 files_with_findings(const Findings *findings) {
    u32 n = 0; /* sorted by file */
    for (u32 i = 0; i < findings->n; i++)
        n += i == 0 || findings->v[i].place.file != findings->v[i - 1].place.file;
    return n;
}

/* ", 2 findings suppressed" */
static void count_if(Buf *out, u32 n, const char *what) {
    if (!n) return;
    buf_text(out, ", ");
    count(out, n, "finding");
    buf_printf(out, " %s", what);
}

static void statistics_write(const ReportInput *in, Buf *out) {
    u32 widest = 0;
    for (u32 i = 0; i < in->n_statistics; i++)
        widest = MAX(widest, str_from(in->statistics[i].name).n);
    for (u32 i = 0; i < in->n_statistics; i++)
        buf_printf(out, "  %-*s %12llu\n", (int)widest, in->statistics[i].name,
                   (unsigned long long)in->statistics[i].value);
}

static void files_read(const ReportSummary *s, Buf *out) {
    count(out, s->files, "file");
    buf_text(out, " read");
    if (s->skipped) buf_printf(out, ", %u skipped", s->skipped);
}

void summary_write(const ReportInput *in, Buf *out) {
    const ReportSummary *s = &in->summary;
    if (in->quiet) return;
    if (!s->files && !in->findings->n) {
        /* "no findings" would praise what nobody looked at */
        style_text(in, out, STYLE_YELLOW, "Nothing was checked");
        buf_text(out, s->skipped ? ": all files were skipped (see 'limpet rule LMP905')\n"
                                 : ": no Python file was read\n");
        return;
    }
    if (in->findings->n) {
        buf_text(out, "Found ");
        count(out, in->findings->n, "finding");
        buf_text(out, " in ");
        count(out, files_with_findings(in->findings), "file");
        buf_text(out, " (");
        files_read(s, out);
    } else {
        style_text(in, out, STYLE_GREEN, "No findings");
        buf_text(out, " (");
        files_read(s, out);
        buf_text(out, ", ");
        count(out, s->containers, "long-lived container");
        buf_printf(out, " looked at, %u bounded or drained", s->bounded + s->drained);
        if (s->steady) buf_printf(out, ", %u not filled per call", s->steady);
        buf_printf(out, ", suspects %u", s->suspects);
    }
    count_if(out, s->suppressed, "suppressed");
    count_if(out, s->fixed, "fixed");
    count_if(out, s->known, "known before");
    count_if(out, s->baselined, "in the baseline");
    buf_text(out, ")\n");
    if (in->show_statistics) statistics_write(in, out);
}
