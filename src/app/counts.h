/* What a run read, looked at and how long it took: the summary and --statistics. */
#ifndef LIMPET_APP_COUNTS_H
#define LIMPET_APP_COUNTS_H

#include "app/scan.h"
#include "heap/heap.h"
#include "report/report.h"
#include "rule/rule.h"

typedef enum RunStep {
    STEP_DISCOVER,
    STEP_READ, /* with parse and extract */
    STEP_LINK,
    STEP_SUMMARISE,
    STEP_CHECK,
    STEP_SETTLE,
    STEP_COUNT,
} RunStep;

typedef struct Counts {
    u64 files, skipped, unreadable, stubs;
    u64 lines, bytes, syntax_errors;
    u64 functions, classes, operations;
    /* long-lived containers and the verdict on them; weak ones are among the bounded, constant ones
       get the same keys again and again, settled ones grow at import or start at most */
    u64 containers, bounded, weak, drained, constant, settled, suspects;
    u64 suppressed, baselined, known, fixed;
    u64 fact_bytes, graph_bytes;
    HeapCounts heap; /* zero when no heap was built */
    u64 cycles;
    u64 c_units, c_functions, c_functions_cut;
    u64 begin, last;      /* clock, nanoseconds */
    u64 took[STEP_COUNT]; /* nanoseconds */
    bool is_verbose;      /* tell each step as it ends */
    bool is_live;         /* show on the terminal what a long run does after it has read all */
    bool has_stage;       /* that is shown */
} Counts;

void counts_begin(Counts *c, bool is_verbose);
/* The step has ended now. */
void counts_step(Counts *c, RunStep step);
/* Counts files, facts and containers. */
void counts_take(Counts *c, const Scan *scan, const Graph *graph, const Heap *heap);

/* C units and what was looked at in them. */
void counts_units(Counts *c, const NativeUnits *units);

ReportSummary counts_summary(const Counts *c);
/* The counters beside those of the summary: first those that every run on the same files gives,
 * then, when `is_timed`, times and memory. */
const ReportCount *counts_list(Arena *arena, const Counts *c, bool is_timed, u32 *n);
/* All of them, the summary's too, on stderr, a line each. */
void counts_print(Arena *arena, const Counts *c);

#endif
