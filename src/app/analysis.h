/* The steps between the list of files and settled findings, for one state of a project: the files
 * on disk, or a revision that git keeps. */
#ifndef LIMPET_APP_ANALYSIS_H
#define LIMPET_APP_ANALYSIS_H

#include "app/counts.h"
#include "app/scan.h"
#include "config/config.h"
#include "cpu/cpu.h"
#include "rule/rule.h"

typedef struct Analysis {
    Arena *arena; /* run arena */
    Config *config;
    const Options *options; /* in force */
    Scan scan;
    Selection selection;
    Graph *graph;
    Heap *heap;
    Cpu *cpu;
    NativeUnits units;
    Findings findings;
    u32 suppressed; /* findings that a comment covers */
} Analysis;

/* Which rules run on which file of the scan; false after messages. */
bool analysis_select(Analysis *a);

/* From the facts of all files to sorted findings with fingerprints, suppressed ones left out; those
 * below the wanted confidence are still there: analysis_is_wanted. Between the first barrier and
 * the end no facts are added, after the second no symbol, no node and no edge. */
void analysis_run(Analysis *a, Counts *counts);

/* Is the finding sure enough, and does it matter for the profile? */
bool analysis_is_wanted(const Analysis *a, const Finding *f);

/* Gives back graph, heap, profiles and facts. */
void analysis_free(Analysis *a);

#endif
