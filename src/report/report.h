/* Reports: settled findings to bytes, one .c a format. A report is a pure function of its input and
 * of the source files, which are read again for the excerpts: what has changed since is not shown.
 */
#ifndef LIMPET_REPORT_REPORT_H
#define LIMPET_REPORT_REPORT_H

#include "base/str.h"
#include "finding/finding.h"

/* One file of the run's sorted table; Place.file is its index. */
typedef struct ReportFile {
    Str path;      /* as shown: relative to the working directory */
    Str real_path; /* NUL-terminated, to read it again; empty when that is impossible */
    Str text; /* the decoded text (Source.text), when it is at hand: standard input. Else empty */
    u64 content; /* Source.content, to notice a change */
    const u32
        *lines; /* line starts of the decoded text (Facts.lines); NULL when it was never read */
    u32 n_lines;
} ReportFile;

/* The texts of the files that a report shows, read lazily; a few are kept. Made by report_sources.
 */
typedef struct ReportSources ReportSources;

typedef struct ReportCount {
    const char *name; /* "arena_bytes": lower case, unique */
    u64 value;
} ReportCount;

/* The counters of the last line, and what reassures when there is nothing to report. */
typedef struct ReportSummary {
    u32 files;      /* read */
    u32 skipped;    /* not read: too large, or marked as generated */
    u32 containers; /* long-lived ones that were looked at */
    u32 bounded;    /* of them: bounded by kind or by a guard */
    u32 drained;    /* of them: something removes what is added */
    u32 steady;   /* of them: the same keys again and again, or filled at import or start at most */
    u32 suspects; /* of them: grow and are not drained, reported or not */
    u32 suppressed; /* findings that a comment covers */
    u32 known;      /* findings that another revision has, too */
    u32 baselined;  /* findings that the baseline holds */
} ReportSummary;

typedef struct ReportInput {
    Str version;              /* of limpet */
    const Findings *findings; /* settled */
    const ReportFile *files;
    u32 n_files;
    ReportSources *sources; /* of the same files */
    ReportSummary summary;
    const ReportCount *statistics; /* further counters, the same for every number of workers */
    u32 n_statistics;
    bool show_statistics; /* human formats list the statistics; machine formats always do */
    bool quiet;           /* human formats: findings only, no summary */
    bool color;           /* ANSI colours in human formats */
    u32 width;            /* columns of the terminal; 0: 100 */
} ReportInput;

/* The texts of `n` files (which must outlive the result). Read from disk through source_decode, one
 * file at a time; not for several threads. */
ReportSources *report_sources(Arena *arena, const ReportFile *files, u32 n);
/* Gives back what the texts hold beyond the arena. */
void report_sources_free(ReportSources *sources);

/* For people: every finding with its excerpt, its retention path, a fix and a check; then the
 * summary. */
void report_full(const ReportInput *in, Buf *out);
/* One line a finding, `path:line:col: CODE message`; then the summary. */
void report_concise(const ReportInput *in, Buf *out);
/* One JSON object, described by limpet.schema.json beside this header. */
void report_json(const ReportInput *in, Buf *out);

typedef struct ReportFormat {
    const char *name;
    const char *summary; /* one line for the help text */
    bool is_machine;     /* the document alone may stand on standard output */
    void (*write)(const ReportInput *in, Buf *out);
} ReportFormat;

/* All formats, the default first; the last entry has no name. */
const ReportFormat *report_formats(void);
/* By exact name, or NULL. */
const ReportFormat *report_format(Str name);

/* `text` as it may be shown on a terminal: control characters, invisible and bidirectional ones and
 * invalid UTF-8 as escapes (\n, \x1b, \u202e), all else as it is. For messages with names and
 * paths. */
void report_escape(Buf *out, Str text);

#endif
