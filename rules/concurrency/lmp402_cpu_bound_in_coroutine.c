/* ## What it does
 * Reports work in an `async def` during which nothing is awaited: loops of computation in Python,
 * in the coroutine itself or in a plain function that it calls; loops that await only coroutines
 * which never wait themselves; and calls that are slow by design, as hashes of passwords are. A
 * greenlet that only computes is reported, too.
 *
 * ## Why it leaks
 * It does not: everything stands still. All tasks of an event loop run in one thread, and change
 * only where one of them awaits something that is not there yet. While a coroutine computes, no
 * other task runs, no timeout fires, no connection is answered. An `await` of a coroutine that
 * never waits does not help: it runs on without a break.
 *
 * ## Example
 * ```python bad
 * def count_primes(limit):
 *     found = 0
 *     for number in range(2, limit):
 *         if all(number % divisor for divisor in range(2, number)):
 *             found += 1
 *     return found
 *
 *
 * async def handle(request):
 *     return count_primes(request.limit)
 * ```
 *
 * In a thread it takes as long, and the loop has its turns; many such requests want processes:
 *
 * ```python good
 * import asyncio
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
 * async def handle(request):
 *     return await asyncio.to_thread(count_primes, request.limit)
 * ```
 *
 * ## When it is silent
 * - Each round awaits something that may suspend: `await asyncio.sleep(0)`, I/O.
 * - The work is handed over: `to_thread`, `run_in_executor`.
 * - Loops whose number of rounds is small by what is written (`range(8 - n)`, `range(n % 16)`),
 *   loops over data alone, loops with a call that waits (LMP411), that releases the GIL (numpy) or
 *   that is not resolved.
 *
 * At low confidence: one loop whose rounds are a matter of its arguments, loops that only add,
 * loops inside of one that awaits; a module that works with arrays of numpy and its kin; work at
 * the end of a long chain of calls; slow calls on some ways only, or with few rounds; coroutines
 * that have their loop to themselves (`asyncio.run(main())`, and nothing before makes another
 * task). In tests only what is sure by the numbers.
 *
 * ## What it misses
 * Large data: whether a loop over elements takes long cannot be seen. Single calls of C code on
 * large input (`json.loads`, `re`).
 *
 * ## How to confirm
 * `asyncio.run(main(), debug=True)` logs each step of a task that takes longer than
 * `loop.slow_callback_duration`, a tenth of a second.
 *
 * ## References
 * - Python documentation, "Developing with asyncio: Running blocking code"
 */
#include "rule/rule.h"

enum { CALLS_MAX = 4 }; /* a longer chain of calls leads to work on some ways only, as a rule */

/* `pbkdf2_hmac("sha256", password, salt, 1000)` */
static bool has_few_rounds(RuleContext *c, u32 file, const InlineLoad *work) {
    const Facts *f = graph_facts(c->graph, file);
    if (work->heavy.via || !str_is(str_from(work->heavy.row->name), "hashlib.pbkdf2_hmac"))
        return false;
    PathId rounds = call_argument(f, &f->ops[work->op.i], 3, "iterations");
    Str text = rule_path_text(c, file, rounds);
    return f->paths[rounds.i].kind == PATH_LITERAL && text.n < 5;
}

static bool judge(RuleContext *c, u32 code, const InlineLoad *work, Confidence *sure) {
    u32 file = cpu_code_scope(c->cpu, code).file;
    if (work->heavy.op.i) {
        bool is_sometimes = work->heavy.is_conditional || work->is_conditional;
        *sure = is_sometimes && work->heavy.via   ? CONFIDENCE_LOW
                : is_sometimes || work->heavy.via ? CONFIDENCE_MEDIUM
                                                  : CONFIDENCE_HIGH;
        if (has_few_rounds(c, file, work)) *sure = CONFIDENCE_LOW;
    } else {
        const Workload *l = &work->load;
        bool is_hard = l->kind == LOAD_RECURSION || l->products;
        if (l->grade < LOAD_MAYBE || (l->kind == LOAD_LOOP && l->data && !l->numeric)) return false;
        if (l->via && l->grade < LOAD_SURE && (l->grade == LOAD_MAYBE || !is_hard)) return false;
        *sure = l->grade == LOAD_SURE                ? CONFIDENCE_HIGH
                : l->grade == LOAD_LIKELY && is_hard ? CONFIDENCE_MEDIUM
                                                     : CONFIDENCE_LOW;
        if (work->is_broken && l->grade == LOAD_MAYBE) return false;
        if (cpu_has_arrays(c->cpu, file) || (work->is_broken && l->grade == LOAD_LIKELY))
            *sure = CONFIDENCE_LOW;
    }
    bool is_test = graph_is_test_file(c->graph, file);
    if (is_test && *sure < CONFIDENCE_HIGH) return false;
    if (is_test || graph_runs_alone(c->graph, cpu_code_scope(c->cpu, code), work->op))
        *sure = CONFIDENCE_LOW;
    return true;
}

static Str rounds_text(RuleContext *c, const Workload *l) {
    if (l->kind == LOAD_RECURSION) return STR("a recursion that tries everything");
    if (!l->numeric && !l->data) return rule_text(c, "%llu rounds", (unsigned long long)l->rounds);
    return l->numeric + l->data > 1 ? STR("loops in each other") : STR("a loop that counts");
}

static Str what_text(RuleContext *c, const InlineLoad *work, Str called) {
    if (work->heavy.op.i && !work->heavy.via)
        return rule_text(c, "calls '%.*s', which is slow by design", STR_ARG(called));
    if (work->heavy.op.i)
        return rule_text(c, "calls '%.*s', which leads to '%s': that is slow by design",
                         STR_ARG(called), work->heavy.row->name);
    if (work->load.kind == LOAD_RECURSION && !work->load.via)
        return STR("calls itself again and again, and none of it ever suspends");
    if (work->load.via && work->is_idle)
        return rule_text(c, "awaits '%.*s', which computes and never suspends", STR_ARG(called));
    if (work->load.via)
        return rule_text(c, "calls '%.*s', which computes and awaits nothing", STR_ARG(called));
    if (work->is_idle)
        return STR("goes round a loop that computes, and whose await never suspends");
    return STR("goes round a loop that computes and awaits nothing");
}

static u32 steps_of(RuleContext *c, u32 code, const InlineLoad *work, CpuStep *steps) {
    if (work->heavy.op.i) return cpu_spot_steps(c->cpu, code, &work->heavy, steps);
    return cpu_load_steps(c->cpu, code, &work->load, steps);
}

static void add_steps(RuleContext *c, Finding *f, u32 code, const InlineLoad *work,
                      const CpuStep *steps, u32 n) {
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    rule_step(c, f, STEP_NODE, rule_text(c, "coroutine %.*s", STR_ARG(rule_code_name(c, code))),
              (Str){0}, scope.file, rule_code_span(c, code));
    if (work->heavy.op.i) {
        rule_step_chain(c, f, steps, n, STR("slow by design, and nothing is awaited"));
        return;
    }
    rule_step_chain(c, f, steps, n - 1, (Str){0});
    Span place = graph_facts(c->graph, steps[n - 1].file)->ops[steps[n - 1].op.i].span;
    rule_step(c, f, STEP_EDGE, STR("computes"), STR("no await in it"), steps[n - 1].file, place);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rounds_text(c, &work->load), (Str){0}, steps[n - 1].file, place);
    if (work->is_idle)
        rule_note(c, f, STR("this await never suspends"), (Str){0},
                  (OpRef){scope.file, work->idle});
}

static Str help_of(RuleContext *c, Str called, bool is_coroutine) {
    Str name = str_after_last(called, '.');
    if (!called.n)
        return STR("move the loop to a function for `await asyncio.to_thread(…)`, or `await "
                   "asyncio.sleep(0)` now and then");
    if (is_coroutine)
        return rule_text(c, "make '%.*s' a plain function and `await asyncio.to_thread(%.*s, …)`",
                         STR_ARG(name), STR_ARG(name));
    return rule_text(c,
                     "`await asyncio.to_thread(%.*s, …)`; a `ProcessPoolExecutor` when there "
                     "are many of them",
                     STR_ARG(name));
}

static void report(RuleContext *c, u32 code, const InlineLoad *work, Confidence sure) {
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    CpuStep steps[CPU_STEPS_MAX];
    u32 n = steps_of(c, code, work, steps);
    Str called =
        steps[0].function ? rule_code_name(c, steps[0].function) : rule_chain_end(c, &steps[0]);
    bool is_called = work->heavy.op.i || work->load.via;
    OpId op = is_called ? steps[0].op : work->op;
    Span place = graph_facts(c->graph, scope.file)->ops[op.i].span;
    Finding *f = rule_report(c, scope.file, place, scope);
    f->confidence = n > CALLS_MAX ? CONFIDENCE_LOW : sure;
    bool is_coroutine = work->is_idle;
    if (work->load.kind == LOAD_RECURSION && !is_called) {
        called = rule_code_name(c, code);
        is_called = is_coroutine = true;
    }
    f->subject = is_called ? called : STR("loop");
    f->message = rule_text(c, "all tasks of the event loop stand still when '%.*s' %.*s",
                           STR_ARG(rule_code_name(c, code)), STR_ARG(what_text(c, work, called)));
    add_steps(c, f, code, work, steps, n);
    f->help = help_of(c, is_called ? called : (Str){0}, is_coroutine);
    f->confirm = STR("`asyncio.run(…, debug=True)` logs the step of the task that takes so long");
}

/* The same in a greenlet, which is handed over alone: LMP401 speaks of several. */
static void check_greenlet(RuleContext *c, const Handover *h) {
    const CpuProfile *p = h->target ? cpu_profile(c->cpu, h->target) : NULL;
    bool stands = p && h->runner == RUNNER_GREENLET && h->plurality == PLURAL_NOT &&
                  h->load.grade >= LOAD_LIKELY && !h->load.is_mixed && !h->load.is_handed &&
                  !(p->does & (DOES_WAIT | DOES_RELEASE | DOES_UNKNOWN));
    if (!stands) return;
    const Op *op = &graph_facts(c->graph, h->file)->ops[h->op.i];
    CpuStep steps[CPU_STEPS_MAX];
    u32 n = cpu_load_steps(c->cpu, h->target, &p->load, steps);
    Str name = rule_code_name(c, h->target);
    Finding *f = rule_report(c, h->file, op->span, cpu_code_scope(c->cpu, h->code));
    f->confidence = h->has_arrays ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = name;
    f->message = rule_text(c,
                           "all greenlets stand still when one runs '%.*s': it computes, and "
                           "they change only where one waits",
                           STR_ARG(name));
    rule_step(c, f, STEP_NODE, rule_code_name(c, h->code), (Str){0}, h->file, op->span);
    rule_step(c, f, STEP_EDGE, h->api, (Str){0}, h->file, op->span);
    rule_step(c, f, STEP_NODE, name, (Str){0}, cpu_code_scope(c->cpu, h->target).file,
              rule_code_span(c, h->target));
    rule_step_chain(c, f, steps, n - 1, (Str){0});
    Span place = graph_facts(c->graph, steps[n - 1].file)->ops[steps[n - 1].op.i].span;
    rule_step(c, f, STEP_EDGE, STR("computes"), STR("nothing in it waits"), steps[n - 1].file,
              place);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rounds_text(c, &h->load), (Str){0}, steps[n - 1].file, place);
    f->help = STR("`gevent.sleep(0)` now and then, or `gevent.get_hub().threadpool.apply(…)`");
    f->confirm = STR("let another greenlet print each tenth of a second");
}

static void check(RuleContext *c, u32 code) {
    InlineLoad *all;
    const Handover *handovers;
    u32 n = cpu_inline_loads(c->cpu, code, c->scratch, &all);
    for (u32 i = 0; i < n; i++) {
        Confidence sure;
        if (judge(c, code, &all[i], &sure)) report(c, code, &all[i], sure);
    }
    n = cpu_handovers(c->cpu, code, &handovers);
    for (u32 i = 0; i < n; i++) check_greenlet(c, &handovers[i]);
}

const Rule rule_lmp402 = {
    .code = "LMP402",
    .name = "cpu-bound-in-coroutine",
    .summary = "a coroutine computes and awaits nothing: the event loop stands still",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_code = check,
};
