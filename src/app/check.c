#include "app/check.h"

#include "app/analysis.h"
#include "app/baseline.h"
#include "app/console.h"
#include "app/counts.h"
#include "app/deliver.h"
#include "app/fix.h"
#include "app/native.h"
#include "app/recall.h"
#include "app/revision.h"
#include "app/scan.h"
#include "app/stored.h"
#include "os/os.h"
#include "report/report.h"
#include "rule/rule.h"

typedef struct Check {
    const Options *options; /* in force */
    Arena arena;            /* run arena */
    Config config;
    Analysis now;      /* of the files that are checked */
    Findings findings; /* of it: those that are reported */
    Baseline baseline;
    Cache *cache;          /* or NULL */
    Comparison comparison; /* with another revision */
    Str notice;            /* what human formats show instead of a report; empty: nothing */
    Counts counts;
    Buf document;
    u32 fixed;     /* findings, in the rounds before */
    bool is_again; /* files were changed, and have to be looked at anew */
    Str changes;   /* --diff; p is NULL without it */
    int trouble;   /* EXIT_TROUBLE once something went wrong */
} Check;

/* Does a program wait for a document? */
static bool is_machine(Check *c) {
    return deliver_has_document(&c->arena, c->options);
}

static bool fail(Check *c, Str error) {
    console_error("%.*s", STR_ARG(error));
    c->trouble = EXIT_TROUBLE;
    return false;
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
        if (!graph_has_long_lived(c->now.graph, i))
            console_note("limpet: 'long-lived' names '%.*s', which is not in what was read",
                         STR_ARG(c->options->long_lived.v[i]));
}

static void show_files(Check *c) {
    for (u32 i = 0; i < c->now.scan.n; i++) {
        buf_str(&c->document, c->now.scan.files[i].path);
        buf_char(&c->document, '\n');
    }
}

static void tell_skipped(const Check *c) {
    for (u32 i = 0; i < c->now.scan.n; i++) {
        const ScanFile *file = &c->now.scan.files[i];
        if (file->state == SCAN_TOO_LARGE || file->state == SCAN_GENERATED)
            console_note("limpet: skipped '%.*s': %s", STR_ARG(file->path),
                         file->state == SCAN_TOO_LARGE ? "larger than --max-file-size"
                                                       : "marked '@generated'");
    }
}

/* C files that are there and cannot be read: neither silence nor a failure would be right. */
static void tell_unread_c(const Check *c) {
    Str problem = native_problem(&c->now.scan);
    StrList notes = native_notes(&c->now.scan);
    for (u32 i = 0; i < notes.n && !c->options->quiet; i++)
        console_note("limpet: %.*s", STR_ARG(notes.v[i]));
    if (problem.n && !c->options->quiet)
        console_note("limpet: C files were not checked: %.*s", STR_ARG(problem));
}

/* Marks the files that a finding speaks of. */
static void want_places(const Finding *f, bool *wanted) {
    wanted[f->place.file] = true;
    if (f->has_container) wanted[f->container.file] = true;
    for (u32 i = 0; i < f->steps.n; i++)
        if (f->steps.v[i].has_place) wanted[f->steps.v[i].place.file] = true;
    for (u32 i = 0; i < f->fix.edits.n; i++) wanted[f->fix.edits.v[i].place.file] = true;
}

/* What is in git is not read from disk, where it may be another text. */
static void fetch_texts(Check *c, ReportFile *files) {
    if (!c->comparison.is_wanted || c->comparison.is_disk) return;
    bool *wanted = arena_array(&c->arena, bool, c->now.scan.n + 1);
    Str *texts = arena_array(&c->arena, Str, c->now.scan.n + 1), error = {0};
    for (u32 i = 0; i < c->findings.n; i++) want_places(&c->findings.v[i], wanted);
    if (!revision_texts(&c->arena, &c->now.scan, wanted, texts, &error)) fail(c, error);
    for (u32 i = 0; i < c->now.scan.n; i++) {
        files[i].real_path = (Str){0};
        files[i].text = texts[i];
    }
}

/* findings, sources, rule metadata -> bytes, in every format that was asked for */
static void write_report(Check *c) {
    const Options *o = c->options;
    if (c->changes.p) {
        buf_str(&c->document, c->changes);
        return;
    }
    bool is_silent = o->hook && !c->findings.n;
    for (u32 i = 0; i < c->findings.n; i++) /* edits of joined cells mean nothing to a reader */
        if (c->now.scan.files[c->findings.v[i].place.file].n_cells) c->findings.v[i].fix = (Fix){0};
    ReportFile *files = deliver_files(&c->now.scan);
    fetch_texts(c, files);
    ReportInput input = {
        .version = STR(LIMPET_VERSION),
        .findings = &c->findings,
        .files = files,
        .n_files = c->now.scan.n,
        .summary = counts_summary(&c->counts),
        .quiet = o->quiet,
    };
    input.statistics = counts_list(&c->arena, &c->counts, false, &input.n_statistics);
    u32 n_timed;
    const ReportCount *timed = counts_list(&c->arena, &c->counts, o->statistics, &n_timed);
    Delivery d = {.options = o,
                  .scan = &c->now.scan,
                  .timed = timed,
                  .n_timed = n_timed,
                  .has_notice = c->notice.n || is_silent,
                  .notice = o->quiet ? (Str){0} : c->notice};
    if (deliver(&d, &input)) c->trouble = EXIT_TROUBLE;
    if (o->statistics && !d.has_notice && deliver_has_text(&c->arena, o))
        counts_print(&c->arena, &c->counts);
}

/* A base has all its files: what is not among the files of this run is gone. */
static bool exists_nowhere(void *context, Str path) {
    (void)context;
    (void)path;
    return false;
}

/* Keeps what was found in a state that git keeps: it may be the base of the next run. */
static void keep_known(Check *c, const Analysis *a, const KnownList *known) {
    Hash128 key;
    if (c->cache && recall_key(a, &key)) recall_keep(c->cache, key, &c->arena, known);
}

/* From the files of a base to its findings, by reading and linking it. */
static bool find_base(Check *c, Analysis *then, KnownList *known, Str *error) {
    Counts ignored = {0};
    then->scan.is_brief = true;
    if (!scan_read(&then->scan, error)) return false;
    analysis_run(then, &ignored);
    *known = known_of(&c->arena, then, scan_real_paths(&then->scan), false);
    keep_known(c, then, known);
    return true;
}

/* The findings of one base, remembered or found. */
static bool know_base(Check *c, u32 base, KnownList *known) {
    Analysis then = {.arena = &c->arena, .config = &c->config, .options = c->options};
    Str error = {0};
    Hash128 key;
    bool ok = revision_base(&then.scan, &c->arena, c->options, &c->comparison, base, &c->now.scan,
                            &error) &&
              analysis_select(&then);
    then.scan.cache = c->cache;
    if (ok) native_recall(&then.scan);
    bool is_known =
        ok && c->cache && recall_key(&then, &key) && recall_take(c->cache, key, &c->arena, known);
    if (is_known && c->options->verbose)
        console_note("limpet: the findings of '%.*s' are remembered", STR_ARG(c->comparison.shown));
    if (ok && !is_known) ok = find_base(c, &then, known, &error);
    if (!ok && error.n) fail(c, error);
    analysis_free(&then);
    return ok;
}

static void hide_known(Check *c, bool *hidden) {
    const Str *paths = scan_real_paths(&c->now.scan);
    for (u32 i = 0; i < c->comparison.n_bases; i++) {
        KnownList known = {0};
        if (!know_base(c, i, &known)) return;
        known_match(&known, &c->now, paths, exists_nowhere, NULL, hidden);
    }
}

static bool is_shown(const Check *c, const Finding *f) {
    return f->is_suppressed ? c->options->show_suppressed : analysis_is_wanted(&c->now, f);
}

/* What is reported of what was found. */
static void choose_findings(Check *c) {
    Findings *all = &c->now.findings;
    bool *hidden = arena_array(&c->arena, bool, all->n + 1);
    bool *known = arena_array(&c->arena, bool, all->n + 1);
    baseline_match(&c->baseline, &c->arena, &c->now, hidden);
    if (c->comparison.is_wanted) {
        const KnownList own = known_of(&c->arena, &c->now, scan_real_paths(&c->now.scan), false);
        keep_known(c, &c->now, &own);
    }
    if (all->n) hide_known(c, known);
    for (u32 i = 0; i < all->n; i++) {
        c->counts.known += known[i] && !hidden[i] && analysis_is_wanted(&c->now, &all->v[i]);
        hidden[i] |= known[i];
    }
    c->counts.suppressed = c->now.suppressed;
    c->counts.baselined = c->baseline.hidden;
    if (c->options->write_baseline) return;
    for (u32 i = 0; i < all->n; i++)
        if (!hidden[i] && is_shown(c, &all->v[i])) vec_push(&c->arena, &c->findings, all->v[i]);
}

static const char *plural(u32 n, const char *one, const char *many) {
    return n == 1 ? one : many;
}

static void tell_stale(const Check *c) {
    const Baseline *b = &c->baseline;
    console_note("limpet: %u %s of '%.*s' %s no finding any more: --prune-baseline removes %s",
                 b->stale, plural(b->stale, "entry", "entries"), STR_ARG(b->shown),
                 plural(b->stale, "is", "are"), plural(b->stale, "it", "them"));
}

static void note_written(Check *c, u32 n) {
    Buf text = {.arena = &c->arena};
    buf_printf(&text, "Wrote %u %s to '", n, plural(n, "finding", "findings"));
    report_escape(&text, c->baseline.shown);
    buf_text(&text, "'\n");
    c->notice = buf_get(&text);
}

/* --write-baseline, --prune-baseline, and what is stale. */
static void tend_baseline(Check *c) {
    Baseline *b = &c->baseline;
    const Options *o = c->options;
    u32 n = 0, stale = b->stale;
    bool is_pruned = o->prune_baseline && stale && !o->write_baseline;
    if (!o->write_baseline && !is_pruned) {
        if (stale && !o->hook && (!o->quiet || o->strict_baseline)) tell_stale(c);
        return;
    }
    if (!baseline_write(b, &c->arena, &c->now, is_pruned, &n)) {
        c->trouble = EXIT_TROUBLE;
        return;
    }
    b->stale = 0;
    if (!is_pruned)
        note_written(c, n);
    else if (!o->quiet)
        console_note("limpet: removed %u %s from '%.*s'", stale, plural(stale, "entry", "entries"),
                     STR_ARG(b->shown));
}

static void note_suppressed(Check *c, const FixRun *run) {
    c->notice = str_format(&c->arena, "Suppressed %u %s in %u %s\n", run->fixed,
                           plural(run->fixed, "finding", "findings"), run->files,
                           plural(run->files, "file", "files"));
}

/* --fix, --diff, --add-ignore */
static void change_files(Check *c) {
    const Options *o = c->options;
    Buf diff = {.arena = &c->arena};
    FixRun run = {.arena = &c->arena,
                  .a = &c->now,
                  .findings = &c->findings,
                  .unsafe = o->unsafe_fixes,
                  .diff = o->diff ? &diff : NULL};
    if (o->add_ignore.p)
        fix_suppress(&run, o->add_ignore);
    else if (o->fix || o->diff)
        fix_apply(&run);
    else
        return;
    if (run.failed) c->trouble = EXIT_TROUBLE;
    if (o->diff)
        c->changes = c->notice = diff.n ? buf_get(&diff) : STR("");
    else if (o->add_ignore.p)
        note_suppressed(c, &run);
    else
        c->is_again = run.files > 0 && !run.failed;
    if (!o->diff) c->counts.fixed += run.fixed;
}

static int exit_code(const Check *c) {
    if (c->trouble) return EXIT_TROUBLE;
    if (c->options->exit_zero) return EXIT_CLEAN;
    if (c->changes.p) return c->changes.n ? EXIT_FINDINGS : EXIT_CLEAN;
    if (c->options->add_ignore.p) return EXIT_CLEAN;
    if (c->options->strict_baseline && c->baseline.stale) return EXIT_FINDINGS;
    for (u32 i = 0; i < c->findings.n; i++)
        if (!c->findings.v[i].is_suppressed && c->findings.v[i].severity >= c->options->fail_on)
            return EXIT_FINDINGS;
    return EXIT_CLEAN;
}

/* Remembered findings of the state that is checked, which its base all has: as when a commit is
 * tried again. */
static bool is_known_before(Check *c) {
    Analysis then = {.arena = &c->arena, .config = &c->config, .options = c->options};
    KnownList old, own;
    Hash128 key;
    Str error;
    if (!c->cache || c->baseline.exists || !c->comparison.n_bases) return false;
    if (!recall_key(&c->now, &key) || !recall_take(c->cache, key, &c->arena, &own)) return false;
    if (!revision_list(&then.scan, &c->arena, c->options, &c->comparison, 0, &error) ||
        !analysis_select(&then))
        return false;
    return recall_key(&then, &key) && recall_take(c->cache, key, &c->arena, &old) &&
           recall_covers(&old, &own);
}

/* Before anything is read: can nothing be new? */
static bool is_idle(Check *c) {
    return revision_is_same(&c->arena, c->options, &c->comparison, &c->now.scan) ||
           is_known_before(c);
}

/* Paths -> sorted list of files, with the rules that run on each and what is known already; false
 * when that is all, or after a message. */
static bool find_files(Check *c) {
    Str error = {0};
    if (!comparison_begin(&c->comparison, &c->arena, c->options, &error) ||
        !revision_discover(&c->now.scan, &c->arena, c->options, &c->comparison, &error))
        return fail(c, error);
    if (!analysis_select(&c->now)) {
        c->trouble = EXIT_TROUBLE;
        return false;
    }
    if (c->options->verbose) tell_configuration(c);
    counts_step(&c->counts, STEP_DISCOVER);
    if (c->options->show_files) {
        show_files(c);
        return false;
    }
    if (!baseline_open(&c->baseline, &c->arena, &c->config)) {
        c->trouble = EXIT_TROUBLE;
        return false;
    }
    c->cache = stored_open(&c->arena, &c->config);
    bool idle = c->options->hook && !is_machine(c) && is_idle(c);
    if (idle) c->now.scan.n = 0; /* none was read */
    return !idle;
}

/* The recipe; analysis_run is the middle of it. */
static void run_steps(Check *c) {
    Counts *counts = &c->counts;
    Str error = {0};
    counts_begin(counts, c->options->verbose);
    counts->is_live = !c->options->verbose && !c->options->quiet && os_is_terminal(2);
    counts->fixed = c->fixed;
    if (!find_files(c)) return;
    c->now.scan.cache = c->cache;
    /* read, parse, extract: files -> facts, in parallel */
    if (!scan_read(&c->now.scan, &error)) {
        fail(c, error);
        return;
    }
    counts_step(counts, STEP_READ);
    if (c->options->verbose) tell_skipped(c);
    tell_unread_c(c);
    /* barrier: no new facts */
    analysis_run(&c->now, counts);
    if (c->options->verbose) tell_unknown(c);
    choose_findings(c);
    tend_baseline(c);
    if (!c->trouble) change_files(c);
    if (c->is_again) return;
    counts_step(counts, STEP_SETTLE);
    counts_take(counts, &c->now.scan, c->now.graph, c->now.heap);
    counts_units(counts, &c->now.units);
    if (c->trouble || (c->options->hook && !c->findings.n && !is_machine(c))) return;
    write_report(c); /* findings, sources, rule metadata -> bytes */
}

/* Configuration and what needs nothing else, then the recipe; false on bad configuration. */
static bool run(Check *c, const Options *typed) {
    if (!config_load(&c->config, &c->arena, typed)) {
        console_problems(&c->config.problems);
        return false;
    }
    c->options = &c->config.options;
    c->now = (Analysis){.arena = &c->arena, .config = &c->config, .options = c->options};
    if (c->options->show_settings)
        config_show(&c->config, &c->document);
    else
        run_steps(c);
    return true;
}

static int run_once(const Options *options, u32 *fixed, bool *is_again) {
    Check check = {.options = options};
    Check *c = &check;
    c->document.arena = &c->arena;
    c->fixed = *fixed;
    bool ok = run(c, options);
    bool has_document = options->show_files || options->show_settings || c->changes.p;
    if (ok && has_document && !c->trouble && !c->is_again)
        c->trouble = console_write(buf_get(&c->document), options->output_file);
    if (ok && scan_complain(&c->now.scan)) c->trouble = EXIT_TROUBLE;
    *fixed = (u32)c->counts.fixed;
    *is_again = c->is_again && !c->trouble;
    int code = ok ? exit_code(c) : EXIT_TROUBLE;
    if (c->cache) stored_save(c->cache, c->options->verbose);
    analysis_free(&c->now);
    if (c->cache) cache_free(c->cache);
    arena_free(&c->arena);
    return code;
}

int check_run(const Options *options) {
    enum { ROUNDS = 10 }; /* fixes that wait for others; ruff's number, too */
    u32 fixed = 0, round = 0;
    bool is_again;
    int code = run_once(options, &fixed, &is_again);
    for (; is_again && round < ROUNDS; round++) code = run_once(options, &fixed, &is_again);
    if (is_again) console_error("fixes lead to ever more fixes: stopped after %d rounds", ROUNDS);
    return is_again ? EXIT_TROUBLE : code;
}
