#include "app/counts.h"

#include "app/console.h"
#include "os/os.h"

static const char *const step_names[STEP_COUNT] = {"discover",  "read",  "link",
                                                   "summarise", "check", "settle"};

void counts_begin(Counts *c, bool is_verbose) {
    *c = (Counts){.is_verbose = is_verbose};
    c->begin = c->last = os_now();
}

/* What comes after a step, where it may take its time. */
static void show_stage(Counts *c, RunStep done) {
    enum { SECOND = 1000 * 1000 * 1000 };
    static const char *const next[STEP_COUNT] = {
        [STEP_READ] = "linking", [STEP_LINK] = "summarising", [STEP_SUMMARISE] = "checking"};
    bool is_wanted = c->is_live && next[done] && c->last - c->begin > SECOND;
    if (is_wanted || c->has_stage) progress_stage(is_wanted ? next[done] : "");
    c->has_stage = is_wanted;
}

void counts_step(Counts *c, RunStep step) {
    u64 now = os_now();
    c->took[step] = now - c->last;
    c->last = now;
    show_stage(c, step);
    if (c->is_verbose)
        console_note("limpet: %s took %.1f ms", step_names[step], (double)c->took[step] / 1e6);
}

static void count_file(Counts *c, const ScanFile *file) {
    c->bytes += file->bytes;
    c->stubs += file->is_stub;
    c->skipped += file->state == SCAN_TOO_LARGE || file->state == SCAN_GENERATED;
    c->unreadable += file->state == SCAN_UNREADABLE || file->state == SCAN_BROKEN;
    if (file->state != SCAN_READ) return;
    const Facts *f = &file->facts;
    c->files++;
    /* a last line without an end counts, the nothing after the last line end does not */
    c->lines += f->n_lines - (f->lines[f->n_lines - 1] == f->text_size);
    c->syntax_errors += f->n_errors - 1;
    c->operations += f->n_ops - 1;
    c->fact_bytes += f->block_size;
    for (u32 i = 1; i < f->n_scopes; i++) {
        c->functions += f->scopes[i].kind == SCOPE_FUNCTION;
        c->classes += f->scopes[i].kind == SCOPE_CLASS;
    }
}

/* The verdict that LMP201 judges by. */
static void count_container(Counts *c, const Graph *graph, ContainerId id) {
    Verdict verdict = graph_growth(graph, id).verdict;
    c->containers++;
    c->bounded += verdict == VERDICT_BOUNDED || verdict == VERDICT_WEAK;
    c->weak += verdict == VERDICT_WEAK;
    c->drained += verdict == VERDICT_DRAINED;
    c->constant += verdict == VERDICT_CONSTANT;
    c->settled += verdict == VERDICT_SETTLED;
    c->suspects += verdict == VERDICT_GROWS;
}

void counts_take(Counts *c, const Scan *scan, const Graph *graph, const Heap *heap) {
    if (heap) {
        c->heap = heap_counts(heap);
        c->cycles = heap_cycle_count(heap);
    }
    for (u32 i = 0; i < scan->n; i++) count_file(c, &scan->files[i]);
    for (u32 i = 1; i <= graph_container_count(graph); i++)
        count_container(c, graph, (ContainerId){i});
    c->graph_bytes = scan->arena->total;
}

void counts_units(Counts *c, const NativeUnits *units) {
    c->c_units = units->n;
    c->c_functions = units->functions;
    c->c_functions_cut = units->cut;
}

ReportSummary counts_summary(const Counts *c) {
    return (ReportSummary){
        .files = (u32)c->files,
        .skipped = (u32)c->skipped,
        .containers = (u32)c->containers,
        .bounded = (u32)c->bounded,
        .drained = (u32)c->drained,
        .steady = (u32)(c->constant + c->settled),
        .suspects = (u32)c->suspects,
        .suppressed = (u32)c->suppressed,
        .baselined = (u32)c->baselined,
        .known = (u32)c->known,
        .fixed = (u32)c->fixed,
    };
}

const ReportCount *counts_list(Arena *arena, const Counts *c, bool is_timed, u32 *n) {
    const ReportCount all[] = {
        {"files_skipped", c->skipped},
        {"files_unreadable", c->unreadable},
        {"stubs", c->stubs},
        {"lines", c->lines},
        {"bytes", c->bytes},
        {"syntax_errors", c->syntax_errors},
        {"functions", c->functions},
        {"classes", c->classes},
        {"operations", c->operations},
        {"containers_weak", c->weak},
        {"containers_constant", c->constant},
        {"containers_settled", c->settled},
        {"functions_summarised", c->heap.functions},
        {"functions_recursive", c->heap.recursive},
        {"summaries", c->heap.summaries},
        {"summary_edges", c->heap.edges},
        {"call_levels", c->heap.levels},
        {"cut_by_bounds", c->heap.cut},
        {"cycles", c->cycles},
        {"c_units", c->c_units},
        {"c_functions", c->c_functions},
        {"c_functions_cut", c->c_functions_cut},
        /* times and memory from here on */
        {"discover_microseconds", c->took[STEP_DISCOVER] / 1000},
        {"read_microseconds", c->took[STEP_READ] / 1000},
        {"link_microseconds", c->took[STEP_LINK] / 1000},
        {"summarise_microseconds", c->took[STEP_SUMMARISE] / 1000},
        {"check_microseconds", c->took[STEP_CHECK] / 1000},
        {"settle_microseconds", c->took[STEP_SETTLE] / 1000},
        {"fact_bytes", c->fact_bytes},
        {"graph_bytes", c->graph_bytes},
        {"peak_memory_bytes", os_peak_memory()},
    };
    enum { TIMED = STEP_COUNT + 3 };
    *n = (u32)ARRAY_LEN(all) - (is_timed ? 0 : TIMED);
    return arena_copy(arena, all, sizeof all);
}

static void print_count(const char *name, u64 value) {
    console_note("%-22s %llu", name, (unsigned long long)value);
}

void counts_print(Arena *arena, const Counts *c) {
    print_count("files", c->files);
    print_count("containers", c->containers);
    print_count("bounded", c->bounded);
    print_count("drained", c->drained);
    print_count("suspects", c->suspects);
    print_count("suppressed", c->suppressed);
    u32 n;
    const ReportCount *list = counts_list(arena, c, true, &n);
    for (u32 i = 0; i < n; i++) print_count(list[i].name, list[i].value);
}
