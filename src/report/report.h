/* Reports: settled findings to bytes, one .c a format. A report is a pure function of its input and
 * of the source files, which are read again for the excerpts: what has changed since is not shown.
 */
#ifndef LIMPET_REPORT_REPORT_H
#define LIMPET_REPORT_REPORT_H

#include "base/str.h"
#include "finding/finding.h"
#include "rule/rule.h"
#include "source/source.h"

/* One file of the run's sorted table; Place.file is its index. */
typedef struct ReportFile {
    Str path;      /* as shown: relative to the working directory */
    Str absolute;  /* without "." and ".." in it; empty: unknown */
    Str real_path; /* NUL-terminated, to read it again; empty when that is impossible */
    Str text; /* the decoded text (Source.text), when it is at hand: standard input. Else empty */
    u64 content; /* Source.content, to notice a change */
    const u32
        *lines; /* line starts of the decoded text (Facts.lines); NULL when it was never read */
    u32 n_lines;
    const SourceCell *cells; /* of a notebook, whose lines are those of its joined cells */
    u32 n_cells;
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
    u32 fixed;      /* findings whose fix was applied */
    u32 known;      /* findings that another revision has, too */
    u32 baselined;  /* findings that the baseline holds */
} ReportSummary;

/* What went wrong beside the findings: a file or directory that could not be read, or was not read
 * whole. */
typedef struct ReportNotice {
    Severity severity; /* SEVERITY_ERROR: the run failed in part, and limpet exits with 2 */
    Str text;          /* "cannot read 'a.py': Permission denied" */
    bool has_file;
    u32 file;
} ReportNotice;

typedef struct ReportInput {
    Str version;            /* of limpet */
    const RuleEntry *rules; /* all of them, by code; of a code that is missing less is said */
    u32 n_rules;
    Str top;     /* the git work tree, absolute; empty: none. Continuous integration knows paths in
                    it */
    Str project; /* what GitLab takes paths from ($CI_PROJECT_DIR); empty: the same */
    const ReportNotice *notices;
    u32 n_notices;
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
    bool links;           /* places are links to their files (OSC 8) */
    Str host;             /* of this machine, for them */
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
/* SARIF 2.1.0 (OASIS), as GitHub's code scanning reads it. */
void report_sarif(const ReportInput *in, Buf *out);
/* Workflow commands of GitHub Actions; what its runner would drop is in a group of the log. */
void report_github(const ReportInput *in, Buf *out);
/* A Markdown table of the findings, for $GITHUB_STEP_SUMMARY. */
void report_github_summary(const ReportInput *in, Buf *out);
/* GitLab's code quality report: one array. */
void report_gitlab(const ReportInput *in, Buf *out);
/* JUnit's XML: one failing test a finding, one that passes when there is none. */
void report_junit(const ReportInput *in, Buf *out);
/* reviewdog's diagnostic format, one DiagnosticResult. */
void report_rdjson(const ReportInput *in, Buf *out);
/* Logging commands of Azure Pipelines. */
void report_azure(const ReportInput *in, Buf *out);
/* Checkstyle's XML. */
void report_checkstyle(const ReportInput *in, Buf *out);
/* One page for people, with style and script inside. */
void report_html(const ReportInput *in, Buf *out);

/* A file of a report that may be a folder. */
typedef struct ReportPart {
    const char *name; /* in the folder */
    void (*write)(const ReportInput *in, Buf *out);
} ReportPart;
/* The page with style and script beside it, for hosts that allow neither inside; ends with no name.
 */
const ReportPart *report_html_parts(void);

typedef struct ReportFormat {
    const char *name;
    const char *summary; /* one line for the help text */
    bool is_machine;     /* the document alone may stand on standard output */
    void (*write)(const ReportInput *in, Buf *out);
    const ReportPart *(*parts)(void); /* the files of a folder; NULL: it is one file */
} ReportFormat;

/* All formats, the default first; the last entry has no name. */
const ReportFormat *report_formats(void);
/* By exact name, or NULL. */
const ReportFormat *report_format(Str name);

typedef struct ReportOutput {
    const ReportFormat *format;
    Str file; /* NUL-terminated; empty: standard output, or the file of -o */
} ReportOutput;

enum { REPORT_OUTPUTS = 16 };
typedef struct ReportOutputs {
    ReportOutput v[REPORT_OUTPUTS];
    u32 n;
} ReportOutputs;

/* Reads "full,sarif=leaks.sarif": at most one without a file, and no file twice. Returns what is
 * wrong, or an empty Str. */
Str report_outputs(Arena *arena, Str text, ReportOutputs *out);

/* `text` as it may be shown on a terminal: control characters, invisible and bidirectional ones and
 * invalid UTF-8 as escapes (\n, \x1b, \u202e), all else as it is. For messages with names and
 * paths. */
void report_escape(Buf *out, Str text);

#endif
