/* ## What it does
 * Reports loops that only look whether something has happened, again and again, and neither sleep
 * nor wait in between: `while not event.is_set(): pass`, `get_nowait()` until it works,
 * `while thread.is_alive(): continue`, a flag that another thread sets.
 *
 * ## Why it leaks
 * It does not: it burns a core for as long as it waits, and takes the GIL from the thread that it
 * waits for: a thread that only looks was measured to slow others down by a third and more. In a
 * coroutine nothing else ever runs, so that what is waited for cannot happen. `time.sleep(0)` in
 * the loop is no cure: it gives the GIL away, and uses up to the whole core all the same.
 *
 * ## Example
 * ```python bad
 * def wait_for(event, result):
 *     while not event.is_set():
 *         pass
 *     return result.value
 * ```
 *
 * What can be looked at can be waited for:
 *
 * ```python good
 * def wait_for(event, result):
 *     event.wait()
 *     return result.value
 * ```
 *
 * ## When it is silent
 * - The loop sleeps, waits with a timeout, awaits, or does anything else in a round in which
 *   nothing has happened.
 * - Nobody else can change what it looks at: a local variable.
 *
 * At low confidence: loops that poll only in some rounds, or give up when a time is over; a
 * function of the project that looks; the time; tests.
 *
 * ## What it misses
 * Loops that do a little work in each round.
 *
 * ## How to confirm
 * `top` shows a process that waits at a hundred percent.
 *
 * ## References
 * - Python documentation, `threading.Event.wait`, `queue.Queue.get`
 */
#include "rule/rule.h"

static Str what_text(const BusyWait *b) {
    return b->what.n ? b->what : b->kind == POLL_CLOCK ? STR("the time") : STR("nothing");
}

static Str help_of(RuleContext *c, const BusyWait *b) {
    if (b->in_coroutine)
        return STR("`await` an `asyncio.Event` or an `asyncio.Queue`, or `await asyncio.sleep(…)` "
                   "in the loop");
    if (b->kind == POLL_CLOCK) return STR("`time.sleep(…)` for the time that is left");
    if (b->instead.n)
        return rule_text(c, "`%.*s`, which waits; or `time.sleep(0.01)` in the loop",
                         STR_ARG(b->instead));
    if (b->kind == POLL_FLAG)
        return STR("make it a `threading.Event` and `wait()` for that; or `time.sleep(0.01)` in "
                   "the loop");
    return STR("`time.sleep(…)` in the loop, or `threading.Event().wait()`");
}

static Confidence confidence_of(RuleContext *c, u32 file, const BusyWait *b) {
    bool is_low = b->is_partial || b->kind == POLL_CLOCK || graph_is_test_file(c->graph, file);
    bool is_own = b->kind == POLL_CALL && !b->instead.n; /* a function of the project */
    if (is_low || is_own) return CONFIDENCE_LOW;
    return b->kind == POLL_ENDLESS || b->instead.n ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void report(RuleContext *c, u32 code, const BusyWait *b) {
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    const Facts *f = graph_facts(c->graph, scope.file);
    Span loop = f->regions[b->loop.i].span;
    Span place = b->op.i ? f->ops[b->op.i].span : (Span){loop.start, MIN(loop.start + 5, loop.end)};
    Finding *finding = rule_report(c, scope.file, place, scope);
    Str what = what_text(b);
    finding->confidence = confidence_of(c, scope.file, b);
    finding->subject = what;
    const char *cost = b->in_coroutine ? "stops the event loop" : "burns a core";
    finding->message =
        b->kind == POLL_ENDLESS || b->kind == POLL_CLOCK
            ? rule_text(c, "this loop %s when it waits: it does nothing in a round", cost)
            : rule_text(c, "this loop %s when it waits for '%.*s': it only looks, again and again",
                        cost, STR_ARG(what));
    rule_step(c, finding, STEP_NODE, rule_code_name(c, code), (Str){0}, scope.file, place);
    rule_step(c, finding, STEP_EDGE, STR("looks, and goes round at once"),
              STR("nothing in it waits"), scope.file, place);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, what, (Str){0}, scope.file, place);
    if (b->yields.i)
        rule_note(c, finding, STR("a sleep of 0 does not wait"), (Str){0},
                  (OpRef){scope.file, b->yields});
    finding->help = help_of(c, b);
    finding->confirm = STR("`top` shows the process at a hundred percent while it waits");
}

static void check(RuleContext *c, u32 code) {
    BusyWait *all;
    u32 n = cpu_busy_waits(c->cpu, code, c->scratch, &all);
    for (u32 i = 0; i < n; i++) report(c, code, &all[i]);
}

const Rule rule_lmp403 = {
    .code = "LMP403",
    .name = "busy-wait",
    .summary = "a loop only looks whether something has happened, and burns a core",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_code = check,
};
