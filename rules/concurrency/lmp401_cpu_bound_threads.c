/* ## What it does
 * Reports work that only computes in Python and is spread over several threads at once: threads
 * that are started in a loop or side by side, `submit` and `map` of a `ThreadPoolExecutor` or
 * `ThreadPool`, several `to_thread` or `run_in_executor` that are awaited together; and over
 * greenlets.
 *
 * ## Why it leaks
 * It does not, it is slow. Python code runs with the global interpreter lock (GIL): of all threads
 * that compute one runs at a time, and they change every five milliseconds. Two threads take as
 * long as one after the other, or longer: on two cores 0.96 to 1.46 times were measured where two
 * processes took 0.46 to 0.82. Threads do help where the work waits (network, disk, `sleep`), or
 * where C code lets go of the lock (`zlib`, `hashlib` on large data, numpy). Greenlets are one
 * thread from the start.
 *
 * ## Example
 * ```python bad
 * from concurrent.futures import ThreadPoolExecutor
 *
 *
 * def count_primes(limit):
 *     found = 0
 *     for number in range(2, limit):
 *         if all(number % divisor for divisor in range(2, number)):
 *             found += 1
 *     return found
 *
 *
 * def count_all(limits):
 *     with ThreadPoolExecutor() as pool:
 *         return list(pool.map(count_primes, limits))
 * ```
 *
 * A pool of processes has the same methods and uses all cores:
 *
 * ```python good
 * from concurrent.futures import ProcessPoolExecutor
 *
 *
 * def count_primes(limit):
 *     found = 0
 *     for number in range(2, limit):
 *         if all(number % divisor for divisor in range(2, number)):
 *             found += 1
 *     return found
 *
 *
 * def count_all(limits):
 *     with ProcessPoolExecutor() as pool:
 *         return list(pool.map(count_primes, limits))
 * ```
 *
 * ## When it is silent
 * - One thread that keeps a window or an event loop responsive: that is what threads are right for.
 *   Threads that are started and joined one after the other, pools of one thread.
 * - A loop of the work waits, lets go of the GIL (numpy, `zlib`, more than 2047 bytes for
 *   `hashlib`), or calls what is not resolved.
 * - Few rounds, by what is written, at the call too: `Thread(target=countdown, args=(10,))`.
 * - `--free-threaded`, `free-threaded = true` in the configuration, a `t` in `requires-python`, or
 * a script of the project that starts it without the GIL (`PYTHON_GIL=0`, `-X gil=0`,
 *   `python3.14t`; not in tests or CI): only greenlets are looked at.
 * - Code of the package, or in a folder around or below, asks for the GIL
 * (`sys._is_gil_enabled()`): it is meant for free-threaded builds.
 *
 * At low confidence: one plain loop over data; work beside which the function waits or calls what
 * is not resolved; a module that works with arrays of numpy and its kin, whose arithmetic may be
 * theirs; tests.
 *
 * ## What it misses
 * A function that starts one thread and is itself called in a loop. Pools that come from elsewhere.
 * Single calls of C code that hold the GIL (`re`, `json`, `pickle`), unless a pool maps them.
 *
 * ## How to confirm
 * Time it with one thread and with two: `time.perf_counter()`.
 *
 * ## References
 * - Python glossary, "global interpreter lock"; `sys.setswitchinterval`
 * - PEP 703: free-threaded builds do not have it
 */
#include "rule/rule.h"

static bool is_greenlet(const Handover *h) {
    return h->runner == RUNNER_GREENLET || h->runner == RUNNER_GREENLETS;
}

/* Where the threads get in each other's way; false when nothing is sure enough to be said. */
static bool judge(RuleContext *c, const Handover *h, Confidence *sure) {
    static const Confidence BY_GRADE[] = {
        [LOAD_NONE] = CONFIDENCE_LOW,     [LOAD_LIGHT] = CONFIDENCE_LOW,
        [LOAD_MAYBE] = CONFIDENCE_MEDIUM, [LOAD_LIKELY] = CONFIDENCE_MEDIUM,
        [LOAD_SURE] = CONFIDENCE_HIGH,
    };
    if (h->plurality == PLURAL_NOT) return false;
    if (h->outside) {
        *sure = h->plurality == PLURAL_ELEMENTS ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        return h->outside->cost == COST_HOLDS;
    }
    const CpuProfile *p = cpu_profile(c->cpu, h->target);
    if (!p || h->load.grade == LOAD_NONE || h->load.is_mixed) return false;
    bool is_mixed = p->does & (DOES_WAIT | DOES_RELEASE | DOES_UNKNOWN);
    if (is_mixed && h->load.grade < LOAD_LIKELY) return false;
    *sure = BY_GRADE[h->load.grade];
    if (p->does & (DOES_WAIT | DOES_RELEASE) || h->has_arrays) *sure = CONFIDENCE_LOW;
    bool lowers = p->does & DOES_UNKNOWN || (h->load.is_handed && h->load.grade < LOAD_LIKELY);
    if (lowers && *sure > CONFIDENCE_LOW) --*sure;
    return true;
}

static Str target_name(RuleContext *c, const Handover *h) {
    if (!h->target) return rule_path_text(c, h->file, h->callable);
    return rule_code_name(c, h->target);
}

static Str who(RuleContext *c, const Handover *h) {
    if (is_greenlet(h)) return STR("greenlets");
    if (!h->row || h->row->is_started || h->runner == RUNNER_THREAD) return STR("threads");
    return rule_text(c, "threads of '%.*s'", STR_ARG(str_after_last(h->api, '.')));
}

static Str help_of(const Handover *h) {
    if (is_greenlet(h))
        return STR("use processes (`multiprocessing`); greenlets are right for work that waits");
    if (h->runner == RUNNER_AWAITED)
        return STR("give the loop processes: `loop.run_in_executor(ProcessPoolExecutor(), …)`; "
                   "one thread at a time is right to keep the loop responsive");
    if (str_starts(h->api, "multiprocessing."))
        return STR("`multiprocessing.Pool` has the same methods and uses all cores; threads are "
                   "right for work that waits");
    if (h->runner == RUNNER_THREAD)
        return STR("use `multiprocessing.Process` or a `ProcessPoolExecutor`; threads are right "
                   "for work that waits");
    return STR("`ProcessPoolExecutor` has the same methods and uses all cores; threads are right "
               "for work that waits");
}

static Str load_text(RuleContext *c, const Workload *l) {
    if (l->kind == LOAD_RECURSION) return STR("a recursion that tries everything");
    if (!l->numeric && !l->data)
        return rule_text(c, "a loop of %llu rounds", (unsigned long long)l->rounds);
    if (l->numeric + l->data > 1) return STR("loops in each other");
    return l->numeric ? STR("a loop that counts") : STR("a loop over data");
}

static void add_load(RuleContext *c, Finding *f, const Handover *h) {
    CpuStep steps[CPU_STEPS_MAX];
    Workload load = cpu_profile(c->cpu, h->target)->load;
    u32 n = cpu_load_steps(c->cpu, h->target, &load, steps);
    rule_step(c, f, STEP_NODE, target_name(c, h), (Str){0}, cpu_code_scope(c->cpu, h->target).file,
              rule_code_span(c, h->target));
    rule_step_chain(c, f, steps, n - 1, (Str){0});
    const Facts *facts = graph_facts(c->graph, steps[n - 1].file);
    Span place = facts->ops[steps[n - 1].op.i].span;
    rule_step(c, f, STEP_EDGE, STR("computes"), (Str){0}, steps[n - 1].file, place);
    rule_step(c, f, STEP_NODE, load_text(c, &h->load), (Str){0}, steps[n - 1].file, place);
    Str text = STR("nothing in it waits, releases the GIL or is unresolved");
    finding_step(c->arena, f, (Step){.kind = STEP_NOTE, .text = text});
}

static void report(RuleContext *c, const Handover *h, Confidence sure) {
    const Op *op = &graph_facts(c->graph, h->file)->ops[h->op.i];
    Finding *f = rule_report(c, h->file, op->span, cpu_code_scope(c->cpu, h->code));
    Str target = target_name(c, h);
    f->confidence = graph_is_test_file(c->graph, h->file) ? CONFIDENCE_LOW : sure;
    f->subject = target;
    const char *why = is_greenlet(h) ? "it computes, and they are all one thread"
                                     : "it computes in Python, and the GIL lets one of them run "
                                       "at a time";
    f->message = rule_text(c, "%.*s are no faster than a plain loop when they run '%.*s': %s",
                           STR_ARG(who(c, h)), STR_ARG(target), why);
    rule_step(c, f, STEP_NODE, rule_code_name(c, h->code), (Str){0}, h->file, op->span);
    static const char *const MANY[] = {"", "side by side", "in a loop", "for each element"};
    rule_step(c, f, STEP_EDGE, rule_text(c, "%.*s, %s", STR_ARG(h->api), MANY[h->plurality]),
              STR("several at once"), h->file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (h->target)
        add_load(c, f, h);
    else
        rule_step(c, f, STEP_NODE, target, STR("C code that holds the GIL"), h->file, op->span);
    f->help = help_of(h);
    f->confirm = STR("`time.perf_counter()` around it, with one thread and with two");
}

/* Of several calls side by side, the first speaks for all. */
static bool is_said(const Handover *all, u32 i) {
    for (u32 k = 0; k < i; k++)
        if (all[k].plurality == PLURAL_SIDE && all[i].plurality == PLURAL_SIDE &&
            all[k].target == all[i].target)
            return true;
    return false;
}

static void check(RuleContext *c, u32 code) {
    const Handover *all;
    u32 n = cpu_handovers(c->cpu, code, &all);
    if (!n || cpu_minds_free_threading(c->cpu, all[0].file)) return;
    for (u32 i = 0; i < n; i++) {
        Confidence sure;
        bool is_timer = all[i].row && str_ends(all[i].api, "Timer");
        if (c->free_threaded && !is_greenlet(&all[i])) continue;
        if (!is_timer && judge(c, &all[i], &sure) && !is_said(all, i)) report(c, &all[i], sure);
    }
}

const Rule rule_lmp401 = {
    .code = "LMP401",
    .name = "cpu-bound-threads",
    .summary = "work that only computes is spread over threads: the GIL runs one at a time",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_code = check,
};
