#include "app/check.h"

#include "app/choose.h"
#include "app/console.h"
#include "app/counts.h"
#include "app/deliver.h"
#include "app/scan.h"
#include "app/trouble.h"
#include "os/os.h"
#include "report/report.h"
#include "rule/rule.h"

typedef struct Check {
    const Options *options; /* in force */
    Arena arena;            /* run arena */
    Config config;
    Selection selection;
    Scan scan;
    Graph *graph;
    Heap *heap;
    Findings findings;
    Counts counts;
    Buf document;
    int trouble; /* EXIT_TROUBLE once something went wrong */
} Check;

/* Which rules run on which file; false after messages. */
static bool select_rules(Check *c) {
    Str error = {0};
    bool ok = choose_rules(&c->arena, &c->config, &c->scan, &c->selection, &error);
    if (!ok) console_error("%.*s", STR_ARG(error));
    return console_problems(&c->config.problems) == 0 && ok;
}

static void tell_configuration(const Check *c) {
    for (u32 i = 0; i < c->config.files.n; i++)
        console_note("limpet: configuration in '%.*s'", STR_ARG(c->config.files.v[i]));
    for (u32 i = 0; i < c->config.notes.n; i++)
        console_note("limpet: %.*s", STR_ARG(c->config.notes.v[i]));
}

/* Slips in `long-lived` would go unnoticed. */
static void tell_unknown(const Check *c) {
    for (u32 i = 0; i < c->options->long_lived.n; i++)
        if (!graph_has_long_lived(c->graph, i))
            console_note("limpet: 'long-lived' names '%.*s', which is not in what was read",
                         STR_ARG(c->options->long_lived.v[i]));
}

static void show_files(Check *c) {
    for (u32 i = 0; i < c->scan.n; i++) {
        buf_str(&c->document, c->scan.files[i].path);
        buf_char(&c->document, '\n');
    }
}

static void tell_skipped(const Check *c) {
    for (u32 i = 0; i < c->scan.n; i++) {
        const ScanFile *file = &c->scan.files[i];
        if (file->state == SCAN_TOO_LARGE || file->state == SCAN_GENERATED)
            console_note("limpet: skipped '%.*s': %s", STR_ARG(file->path),
                         file->state == SCAN_TOO_LARGE ? "larger than --max-file-size"
                                                       : "marked '@generated'");
    }
}

/* facts, graph -> findings */
static void check_rules(Check *c) {
    rules_run(&c->arena, c->graph, c->heap, &c->selection, c->options->jobs, &c->findings);
    trouble_report(&c->scan, c->graph, &c->selection, &c->findings);
}

/* What was recovered from a file with syntax errors may lack the line that empties a container. */
static void doubt_broken_files(Check *c) {
    for (u32 i = 0; i < c->findings.n; i++) {
        Finding *f = &c->findings.v[i];
        const ScanFile *file = &c->scan.files[f->place.file];
        bool is_broken = file->state == SCAN_READ && file->facts.n_errors > 1;
        if (is_broken && !str_starts(f->code, "LMP9") && f->confidence > CONFIDENCE_LOW)
            f->confidence--;
    }
}

/* Also what a script keeps: it ends before that matters. */
static void drop_unsure(Check *c) {
    u32 kept = 0;
    bool is_script = c->options->profile == PROFILE_SCRIPT;
    for (u32 i = 0; i < c->findings.n; i++) {
        const Finding *f = &c->findings.v[i];
        bool is_unsure = f->confidence < rules_of_file(&c->selection, f->place.file).min_confidence;
        bool is_brief = is_script && f->effect != EFFECT_HAZARD;
        if (!is_unsure && !is_brief) c->findings.v[kept++] = *f;
    }
    c->findings.n = kept;
}

/* findings, suppressions -> sorted, deduplicated findings */
static void settle_findings(Check *c) {
    Str *paths = arena_array(&c->arena, Str, c->scan.n + 1);
    for (u32 i = 0; i < c->scan.n; i++) paths[i] = c->scan.files[i].path;
    doubt_broken_files(c);
    rules_precede(&c->arena, &c->findings);
    if (!c->options->ignore_suppressions)
        c->counts.suppressed =
            rules_suppress(&c->arena, &c->selection, scan_facts(&c->scan), c->scan.n, &c->findings);
    drop_unsure(c);
    for (u32 i = 0; i < c->findings.n; i++) {
        Finding *f = &c->findings.v[i];
        if (!f->scope.n) f->scope = graph_module_name(c->graph, f->place.file);
    }
    finding_settle(&c->findings, paths);
}

/* findings, sources, rule metadata -> bytes, in every format that was asked for */
static void write_report(Check *c) {
    const Options *o = c->options;
    ReportInput input = {
        .version = STR(LIMPET_VERSION),
        .findings = &c->findings,
        .summary = counts_summary(&c->counts),
        .quiet = o->quiet,
    };
    input.statistics = counts_list(&c->arena, &c->counts, false, &input.n_statistics);
    u32 n_timed;
    const ReportCount *timed = counts_list(&c->arena, &c->counts, o->statistics, &n_timed);
    Delivery d = {.options = o, .scan = &c->scan, .timed = timed, .n_timed = n_timed};
    c->trouble = deliver(&d, &input);
    if (o->statistics && deliver_has_text(&c->arena, o)) counts_print(&c->arena, &c->counts);
}

static int exit_code(const Check *c) {
    if (c->trouble) return EXIT_TROUBLE;
    if (c->options->exit_zero) return EXIT_CLEAN;
    for (u32 i = 0; i < c->findings.n; i++)
        if (c->findings.v[i].severity >= c->options->fail_on) return EXIT_FINDINGS;
    return EXIT_CLEAN;
}

/* The recipe. Between the first barrier and the end no facts are added, after the second no symbol,
 * no node and no edge. */
static void run_steps(Check *c) {
    Counts *counts = &c->counts;
    counts_begin(counts, c->options->verbose);

    scan_discover(&c->scan, &c->arena, c->options); /* paths -> sorted list of files */
    if (!select_rules(c)) {
        c->trouble = EXIT_TROUBLE;
        return;
    }
    if (c->options->verbose) tell_configuration(c);
    counts_step(counts, STEP_DISCOVER);
    if (c->options->show_files) {
        show_files(c);
        return;
    }
    scan_read(&c->scan); /* read, parse, extract: files -> facts, in parallel */
    counts_step(counts, STEP_READ);
    if (c->options->verbose) tell_skipped(c);
    /* barrier: no new facts */
    c->graph = scan_link(&c->scan); /* facts -> graph */
    if (c->options->verbose) tell_unknown(c);
    counts_step(counts, STEP_LINK);
    if (rules_want_heap(&c->selection)) /* functions -> summaries, cycles */
        c->heap = heap_build(&c->arena, c->graph, c->options->jobs);
    counts_step(counts, STEP_SUMMARISE);
    /* barrier: no new symbols, nodes or edges */
    check_rules(c); /* facts, graph -> findings */
    counts_step(counts, STEP_CHECK);
    settle_findings(c); /* findings, suppressions -> sorted, deduplicated findings */
    counts_step(counts, STEP_SETTLE);
    counts_take(counts, &c->scan, c->graph, c->heap);
    write_report(c); /* findings, sources, rule metadata -> bytes */
}

/* Configuration and what needs nothing else, then the recipe; false on bad configuration. */
static bool run(Check *c, const Options *typed) {
    if (!config_load(&c->config, &c->arena, typed)) {
        console_problems(&c->config.problems);
        return false;
    }
    c->options = &c->config.options;
    if (c->options->show_settings)
        config_show(&c->config, &c->document);
    else
        run_steps(c);
    return true;
}

int check_run(const Options *options) {
    Check check = {.options = options};
    Check *c = &check;
    c->document.arena = &c->arena;
    bool ok = run(c, options);
    bool has_document = options->show_files || options->show_settings;
    if (ok && has_document && !c->trouble)
        c->trouble = console_write(buf_get(&c->document), options->output_file);
    if (ok && scan_complain(&c->scan)) c->trouble = EXIT_TROUBLE;
    int code = ok ? exit_code(c) : EXIT_TROUBLE;
    if (c->heap) heap_free(c->heap);
    if (c->graph) graph_free(c->graph);
    scan_free(&c->scan);
    arena_free(&c->arena);
    return code;
}
