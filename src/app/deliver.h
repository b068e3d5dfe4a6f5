/* The report on its way out: every format that was asked for, to standard output or its file. */
#ifndef LIMPET_APP_DELIVER_H
#define LIMPET_APP_DELIVER_H

#include "app/scan.h"
#include "config/config.h"
#include "report/report.h"

typedef struct Delivery {
    const Options *options;
    const Scan *scan;
    const ReportCount *timed; /* statistics for machine formats, with times when asked for */
    u32 n_timed;
    bool has_notice; /* formats for people show this instead of a report: */
    Str notice;
} Delivery;

/* The files of the scan as reports take them; in its arena. */
ReportFile *deliver_files(const Scan *scan);

/* Completes `input` (version, findings, files, summary and statistics are there) with rules,
 * notices and where the repository is, and writes it in all formats. Returns 0, or EXIT_TROUBLE
 * after an error message for each output that could not be written; the others are written all the
 * same. */
int deliver(const Delivery *d, const ReportInput *input);

/* Is one of the formats for programs, is one for people? */
bool deliver_has_document(Arena *arena, const Options *options);
bool deliver_has_text(Arena *arena, const Options *options);

#endif
