/* ## What it does
 * Reports a loop that waits for connections, messages or jobs and starts a new thread for each,
 * with nothing that limits how many run at once.
 *
 * ## Why it leaks
 * It leaks when the items come faster than they are done with: every thread has a stack (8 MiB of
 * address space on Linux, some of it in memory) and whatever its function holds. Two hundred of
 * them were measured to take more than 100 MB; some thousand, and `start()` raises "can't start new
 * thread". Slow clients are enough, and whoever connects decides how many there are.
 *
 * ## Example
 * ```python bad
 * import threading
 *
 *
 * def serve(server, handle):
 *     while True:
 *         connection, peer = server.accept()
 *         threading.Thread(target=handle, args=(connection,)).start()
 * ```
 *
 * A pool has so many threads and no more; the rest waits:
 *
 * ```python good
 * from concurrent.futures import ThreadPoolExecutor
 *
 *
 * def serve(server, handle):
 *     with ThreadPoolExecutor(32) as pool:
 *         while True:
 *             connection, peer = server.accept()
 *             pool.submit(handle, connection)
 * ```
 *
 * ## When it is silent
 * - Something limits them: a semaphore or lock in the loop, a look at `len(threads)`,
 *   `threading.active_count()` or `is_alive()`, a `join()` in the loop.
 * - It is started in an `except` clause: again, when the last one has failed.
 * - The number of rounds is written down, or computed: `for _ in range(workers)`.
 * - The loop waits for nothing: `while` loops that start workers and stop.
 *
 * At low confidence: a `for` over data that the function is given, when nothing joins the threads;
 * a loop that sleeps, which has as many threads as the work takes longer; tests.
 *
 * ## What it misses
 * A handler that starts a thread and is called for each item from elsewhere. A limit that stands
 * in the function that runs, which the threads wait for.
 *
 * ## How to confirm
 * Log `threading.active_count()` while many items come in at once.
 *
 * ## References
 * - Python documentation, `concurrent.futures.ThreadPoolExecutor`
 */
#include "rule/rule.h"

static bool is_given(const Facts *f, const Handover *h) {
    const Region *loop = &f->regions[h->loop.i];
    for (u32 i = h->op.i; i > 0; i--) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_ITERATE || op->span.start < loop->span.start) continue;
        SymbolId s = facts_root_symbol(f, op_path(op));
        return f->paths[op->subject].kind == PATH_SYMBOL && s.i &&
               f->symbols[s.i].flags & SYMBOL_PARAM;
    }
    return false;
}

static bool judge(RuleContext *c, const Handover *h, Confidence *sure) {
    const Facts *f = graph_facts(c->graph, h->file);
    if (h->runner != RUNNER_THREAD || h->plurality != PLURAL_LOOP || h->rounds) return false;
    if (h->is_limited) return false;
    bool is_while = f->regions[h->loop.i].kind == REGION_WHILE;
    if (is_while && !h->source.i) return false;
    if (!is_while && (h->is_joined || !is_given(f, h))) return false;
    bool is_low = !is_while || h->is_paced || graph_is_test_file(c->graph, h->file);
    *sure = is_low ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    return true;
}

static void report(RuleContext *c, const Handover *h, Confidence sure) {
    const Facts *f = graph_facts(c->graph, h->file);
    Span place = f->ops[h->op.i].span;
    Finding *finding = rule_report(c, h->file, place, cpu_code_scope(c->cpu, h->code));
    Str what = h->target ? rule_code_name(c, h->target) : rule_path_text(c, h->file, h->callable);
    Str source = h->source.i ? rule_path_text(c, h->file, op_path(&f->ops[h->source.i])) : (Str){0};
    Str where = source.n ? rule_text(c, "'%.*s()' has one more", STR_ARG(source))
                         : STR("the loop comes to the next element");
    finding->confidence = sure;
    finding->subject = what;
    finding->message = rule_text(c,
                                 "threads without a limit run '%.*s': another one is started "
                                 "when %.*s",
                                 STR_ARG(what), STR_ARG(where));
    rule_step(c, finding, STEP_NODE, rule_code_name(c, h->code), (Str){0}, h->file, place);
    if (h->source.i)
        rule_step(c, finding, STEP_NODE, rule_text(c, "waits for '%.*s()'", STR_ARG(source)),
                  (Str){0}, h->file, f->ops[h->source.i].span);
    rule_step(c, finding, STEP_EDGE, rule_text(c, "%.*s, in a loop", STR_ARG(h->api)),
              STR("one each round, and nothing limits them"), h->file, place);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, what, (Str){0}, h->file, place);
    finding->help = STR("give the items to a `ThreadPoolExecutor` with `max_workers`, or take a "
                        "`threading.BoundedSemaphore` before the start and release it at the end");
    finding->confirm = STR("log `threading.active_count()` while many items come in at once");
}

static void check(RuleContext *c, u32 code) {
    const Handover *all;
    u32 n = cpu_handovers(c->cpu, code, &all);
    for (u32 i = 0; i < n; i++) {
        Confidence sure;
        if (judge(c, &all[i], &sure)) report(c, &all[i], sure);
    }
}

const Rule rule_lmp413 = {
    .code = "LMP413",
    .name = "thread-per-item",
    .summary = "a loop starts a thread for each item that comes in, and nothing limits them",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_code = check,
};
