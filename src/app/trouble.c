#include "app/trouble.h"

enum { ERRORS_PER_FILE = 3 }; /* one slip often breaks the lines after it */

typedef struct Trouble {
    const Scan *scan;
    const Graph *graph;
    const Selection *selection;
    Findings *findings;
} Trouble;

static void add(const Trouble *t, const char *code, u32 file, Span span, Str message, Str help) {
    const Rule *rule = rules_selected(t->selection, code);
    if (!rule || !rules_run_on(t->selection, file, str_from(code))) return;
    Finding finding = rule_finding(rule, (Place){file, span.start, span.end});
    finding.scope = graph_module_name(t->graph, file);
    finding.subject = finding.message = message;
    finding.help = help;
    vec_push(t->scan->arena, t->findings, finding);
}

/* LMP900. An error without text is one where something was expected and the line, or the file,
 * ended. */
static void add_syntax_errors(const Trouble *t, u32 file, const Facts *f) {
    Arena *arena = t->scan->arena;
    if (f->flags & FACTS_STOPPED)
        add(t, "LMP900", file, (Span){0},
            STR("file was not analysed: the parser needs too much memory or time"), (Str){0});
    u32 reported = 0, last_line = 0;
    for (u32 i = 1; i < f->n_errors && reported < ERRORS_PER_FILE; i++) {
        const SyntaxError *error = &f->errors[i];
        u32 line, column;
        facts_line(f, error->span.start, &line, &column);
        if (line == last_line) continue; /* often inside of the one before, and its echo */
        last_line = line;
        reported++;
        Str text = facts_str(f, error->text);
        Str message = STR("unexpected end of line");
        if (text.n)
            message = str_format(arena, "%s '%.*s'", error->missing ? "missing" : "unexpected",
                                 STR_ARG(text));
        add(t, "LMP900", file, error->span, message, (Str){0});
    }
}

static void add_trouble_of(const Trouble *t, u32 id) {
    const ScanFile *file = &t->scan->files[id];
    Arena *arena = t->scan->arena;
    switch (file->state) {
    case SCAN_FOUND:
    case SCAN_UNREADABLE: /* no finding: nothing is known about it */
        return;
    case SCAN_TOO_LARGE:
        add(t, "LMP905", id, (Span){0},
            str_format(arena, "file was not analysed: it is larger than %llu bytes",
                       (unsigned long long)t->scan->options->max_file_size),
            STR("raise --max-file-size, or exclude it"));
        return;
    case SCAN_GENERATED:
        add(t, "LMP905", id, (Span){0},
            file->is_c ? STR("file was not analysed: a tool made it")
                       : STR("file was not analysed: it is marked '@generated'"),
            (Str){0});
        return;
    case SCAN_BROKEN:
        add(t, "LMP904", id, (Span){0},
            str_format(arena, "limpet failed on this file: '%.*s'", STR_ARG(file->problem)),
            STR("the fault is limpet's: please report it"));
        return;
    case SCAN_READ:
        break;
    }
    if (file->lapse.n)
        add(t, "LMP904", id, (Span){0},
            str_format(arena, "limpet could not read this file: %.*s", STR_ARG(file->lapse)),
            STR("its own code is not checked; what else there is was"));
    if (file->is_c) return;
    if (file->trouble != SOURCE_FINE) {
        u32 end = MIN(file->trouble_at + 1, file->facts.text_size);
        add(t, "LMP901", id, (Span){MIN(file->trouble_at, end), end}, file->trouble_text,
            file->trouble == SOURCE_NO_NOTEBOOK
                ? STR("open it in Jupyter and save it again, or exclude it")
                : STR("save the file as UTF-8, or name its encoding in a '# -*- coding: … -*-' "
                      "line"));
    }
    add_syntax_errors(t, id, &file->facts);
}

void trouble_report(const Scan *scan, const Graph *graph, const Selection *selection,
                    Findings *findings) {
    Trouble t = {scan, graph, selection, findings};
    for (u32 id = 0; id < scan->n; id++)
        if (!scan->files[id].is_stub) add_trouble_of(&t, id);
}

/* ---- for machine formats ---- */

/* What there is to say of one file, or no text. */
static ReportNotice notice_of(const Scan *scan, u32 id) {
    const ScanFile *file = &scan->files[id];
    ReportNotice n = {.severity = SEVERITY_ERROR, .has_file = true, .file = id};
    switch (file->state) {
    case SCAN_FOUND:
        break;
    case SCAN_UNREADABLE:
        n.text = str_format(scan->arena, "cannot read '%.*s': %.*s", STR_ARG(file->path),
                            STR_ARG(file->problem));
        break;
    case SCAN_BROKEN:
        n.text = str_format(scan->arena, "internal failure on '%.*s': %.*s", STR_ARG(file->path),
                            STR_ARG(file->problem));
        break;
    case SCAN_TOO_LARGE:
    case SCAN_GENERATED:
        n.severity = SEVERITY_NOTE;
        n.text = str_format(scan->arena, "skipped '%.*s': %s", STR_ARG(file->path),
                            file->state == SCAN_TOO_LARGE ? "larger than --max-file-size"
                                                          : "marked '@generated'");
        break;
    case SCAN_READ:
        n.severity = SEVERITY_WARNING;
        if (file->facts.flags & FACTS_STOPPED)
            n.text = str_format(scan->arena, "'%.*s' was not analysed: the parser gave up",
                                STR_ARG(file->path));
        else if (file->facts.n_errors > 1)
            n.text = str_format(scan->arena, "'%.*s' has syntax errors: analysed in part",
                                STR_ARG(file->path));
        else if (file->trouble != SOURCE_FINE)
            n.text = str_format(scan->arena, "'%.*s': %.*s", STR_ARG(file->path),
                                STR_ARG(file->trouble_text));
        break;
    }
    return n;
}

const ReportNotice *trouble_notices(const Scan *scan, u32 *n) {
    ReportNotice *all =
        arena_array(scan->arena, ReportNotice, scan->found.n_problems + scan->n + 1);
    *n = 0;
    for (u32 i = 0; i < scan->found.n_problems; i++)
        all[(*n)++] = (ReportNotice){.severity = SEVERITY_ERROR, .text = scan->found.problems[i]};
    for (u32 id = 0; id < scan->n; id++) {
        ReportNotice one = notice_of(scan, id);
        if (one.text.n) all[(*n)++] = one;
    }
    return all;
}
