#include "app/analysis.h"

#include "app/choose.h"
#include "app/console.h"
#include "app/fix.h"
#include "app/native.h"
#include "app/trouble.h"
#include "finding/fingerprint.h"

bool analysis_select(Analysis *a) {
    Str error = {0};
    bool ok = choose_rules(a->arena, a->config, &a->scan, &a->selection, &error);
    if (!ok) console_error("%.*s", STR_ARG(error));
    return console_problems(&a->config->problems) == 0 && ok;
}

/* facts, graph -> findings */
static void check_rules(Analysis *a) {
    a->units = native_units(&a->scan);
    rules_run(a->arena, a->graph, a->heap, a->cpu, &a->units, &a->selection, a->options->jobs,
              &a->findings);
    trouble_report(&a->scan, a->graph, &a->selection, &a->findings);
}

/* What was recovered from a file with syntax errors may lack the line that empties a container. */
static void doubt_broken_files(Analysis *a) {
    for (u32 i = 0; i < a->findings.n; i++) {
        Finding *f = &a->findings.v[i];
        const ScanFile *file = &a->scan.files[f->place.file];
        bool is_broken = file->state == SCAN_READ && file->facts.n_errors > 1;
        if (is_broken && !str_starts(f->code, "LMP9") && f->confidence > CONFIDENCE_LOW)
            f->confidence--;
    }
}

bool analysis_is_wanted(const Analysis *a, const Finding *f) {
    if (f->is_suppressed) return false;
    /* what a script keeps goes when it ends, before that matters */
    bool is_brief = a->options->profile == PROFILE_SCRIPT && f->effect != EFFECT_HAZARD;
    return !is_brief && f->confidence >= rules_of_file(&a->selection, f->place.file).min_confidence;
}

/* What a finding is called wherever its file lies. */
static void name_findings(Analysis *a) {
    ModuleNames names = {0};
    for (u32 i = 0; i < a->scan.n; i++)
        module_names_add(a->arena, &names, graph_module_name(a->graph, i));
    for (u32 i = 0; i < a->findings.n; i++) {
        Finding *f = &a->findings.v[i];
        Str own = graph_module_name(a->graph, f->place.file);
        if (!f->scope.n) f->scope = own;
        f->local_scope = fingerprint_scope(own, f->scope);
        f->local_subject = fingerprint_local(a->arena, &names, own, f->subject);
    }
}

static void suppress(Analysis *a) {
    Findings covered = {0};
    if (a->options->ignore_suppressions) return;
    a->suppressed = rules_suppress(a->arena, &a->selection, scan_facts(&a->scan), a->scan.n,
                                   &a->findings, &covered);
    for (u32 i = 0; i < covered.n && a->options->show_suppressed; i++)
        vec_push(a->arena, &a->findings, covered.v[i]);
}

/* findings, suppressions -> sorted, deduplicated findings */
static void settle_findings(Analysis *a) {
    Str *paths = arena_array(a->arena, Str, a->scan.n + 1);
    for (u32 i = 0; i < a->scan.n; i++) paths[i] = a->scan.files[i].path;
    doubt_broken_files(a);
    rules_temper(a->arena, a->graph, a->options->targets, &a->findings);
    rules_precede(a->arena, &a->findings);
    suppress(a);
    fix_unused_suppressions(a->arena, &a->scan, &a->findings);
    name_findings(a);
    finding_settle(&a->findings, paths);
}

void analysis_run(Analysis *a, Counts *counts) {
    a->graph = scan_link(&a->scan); /* facts -> graph */
    counts_step(counts, STEP_LINK);
    if (rules_want_heap(&a->selection)) /* functions -> summaries, cycles */
        a->heap = heap_build(a->arena, a->graph, a->options->jobs);
    if (rules_want_cpu(&a->selection)) /* functions -> profiles, work that is handed over */
        a->cpu = cpu_build(a->arena, a->graph, a->options->jobs, false);
    counts_step(counts, STEP_SUMMARISE);
    /* barrier: no new symbols, nodes or edges */
    check_rules(a); /* facts, graph -> findings */
    counts_step(counts, STEP_CHECK);
    settle_findings(a); /* findings, suppressions -> sorted, deduplicated findings */
}

void analysis_free(Analysis *a) {
    if (a->cpu) cpu_free(a->cpu);
    if (a->heap) heap_free(a->heap);
    if (a->graph) graph_free(a->graph);
    scan_free(&a->scan);
}
