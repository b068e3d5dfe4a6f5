/* ## What it does
 * Reports a loop of a worker that takes items from a queue and waits for the next one while the
 * last item, and what was unpacked from it or made of it, is still bound to its locals.
 *
 * ## Why it leaks
 * A local holds its object until it is bound again or deleted. `item = queue.get()` binds `item`
 * only when the next item has arrived: until then the last one stays, with all that it holds: the
 * arguments of a call, a future and its result, a request. It is one item for each worker
 * (bounded), but for as long as the worker idles: hours, in a pool that is seldom used. Where the
 * item leads back to the worker or its queue, the worker itself may never end.
 *
 * ## Example
 * ```python bad
 * import queue
 *
 *
 * def work(jobs: queue.Queue):
 *     while True:
 *         job = jobs.get()
 *         if job is None:
 *             return
 *         function, arguments = job
 *         function(*arguments)
 * ```
 *
 * After the last job its arguments stay in memory until there is another one. Let go of all of it
 * at the end of the round:
 *
 * ```python good
 * import queue
 *
 *
 * def work(jobs: queue.Queue):
 *     while True:
 *         job = jobs.get()
 *         if job is None:
 *             return
 *         function, arguments = job
 *         function(*arguments)
 *         del job, function, arguments
 * ```
 *
 * ## When it is silent
 * - The local is deleted, or bound to None or another constant, at the end of the round or before
 *   the queue is asked again.
 * - The item has no local: `handle(queue.get())`.
 * - `get_nowait()`, `get(False)`, loops that end when the queue is empty.
 * - Nothing but its name says that the receiver is a queue, and nothing in the loop that the item
 * is work.
 *
 * Off unless it is selected: of eight findings that were read in real projects the item was heavy
 * in two. At medium confidence where the item is called, or something that was unpacked from it
 * is. All other items, also those with a method `run` or a future, items that are also put
 * somewhere else, loops that wait with a timeout, the one worker of a process (its class is made
 * once), generators and tests are reported at low confidence.
 *
 * ## What it misses
 * `for item in iter(queue.get, None)`, and other ways to wait: sockets, pipes, conditions. Locals
 * of a helper that waits. A `continue` that skips the `del` is not looked for.
 *
 * ## How to confirm
 * Put one object into the queue, drop it, wait until it is done: a weak reference to it is alive
 * until the next item arrives.
 *
 * ## References
 * - CPython, Lib/concurrent/futures/thread.py: `del work_item` after each round
 * - anyio pull request 887
 */
#include "rule/rule.h"

static Str names_text(RuleContext *c, const Facts *facts, const Worker *w, const char *quote) {
    Str text = {0};
    for (u32 i = 0; i < w->n_kept; i++) {
        Str name = facts_str(facts, facts->symbols[w->kept[i].i].name);
        text = text.n ? rule_text(c, "%.*s, %s%.*s%s", STR_ARG(text), quote, STR_ARG(name), quote)
                      : rule_text(c, "%s%.*s%s", quote, STR_ARG(name), quote);
    }
    return text;
}

static Str weight_text(WorkWeight weight) {
    static const char *const TEXT[] = {"the item of the last round", "a piece of work",
                                       "a piece of work", "a future, and through it its result",
                                       "a callable with its arguments"};
    return str_from(TEXT[weight]);
}

static Confidence confidence_of(RuleContext *c, u32 file, const Worker *w, bool is_polled) {
    const Facts *f = graph_facts(c->graph, file);
    bool is_generator = f->scopes[w->scope.i].flags & SCOPE_GENERATOR;
    bool is_async = f->scopes[w->scope.i].flags & SCOPE_ASYNC;
    if (graph_is_test_file(c->graph, file) || is_generator || is_async || !w->keeps_item ||
        w->is_put_elsewhere)
        return CONFIDENCE_LOW;
    /* one thread for the whole process keeps one item */
    ClassId class = graph_method_class(c->graph, (ScopeRef){file, w->scope});
    if (class.i && graph_instances(c->graph, class).making == MADE_ONCE) return CONFIDENCE_LOW;
    return w->weight < WORK_CALLABLE || is_polled ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    Worker w;
    if (!graph_worker(c->graph, ref, &w)) return;
    if (w.is_named && w.weight <= WORK_NAME) return; /* two guesses by name */
    Str function = facts_str(f, f->scopes[w.scope.i].name);
    Str queue = rule_path_text(c, ref.file, f->paths[call->subject].parent);
    Finding *finding = rule_report(c, ref.file, call->span, (ScopeRef){ref.file, w.scope});
    finding->confidence = confidence_of(c, ref.file, &w, call->operands > 0);
    finding->subject = queue;
    finding->message =
        rule_text(c, "'%.*s' keeps %.*s of its last round alive until '%.*s.get()' returns again",
                  STR_ARG(function), STR_ARG(names_text(c, f, &w, "'")), STR_ARG(queue));
    rule_step(c, finding, STEP_NODE, rule_text(c, "frame of %.*s", STR_ARG(function)),
              STR("waits here, for as long as there is nothing to do"), ref.file, call->span);
    Str names = names_text(c, f, &w, "");
    rule_step(c, finding, STEP_EDGE, rule_text(c, "locals %.*s", STR_ARG(names)),
              STR("bound in the last round, not deleted"), ref.file, f->ops[w.bound.i].span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, weight_text(w.weight), (Str){0}, ref.file, call->span);
    finding->help = rule_text(c,
                              "`del %.*s` at the end of the round, or do the work in a function "
                              "that is given the item",
                              STR_ARG(names));
    finding->confirm = STR("put one object into the queue and drop it: a weak reference to it is "
                           "alive until the next one arrives");
}

static const char *const callees[] = {".get", NULL};

const Rule rule_lmp224 = {
    .code = "LMP224",
    .name = "worker-keeps-last-item",
    .summary = "a worker holds the last item while it waits for the next one",
    .effect = EFFECT_BOUNDED,
    .effects = "bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .callees = callees,
    .on_call = check,
};
