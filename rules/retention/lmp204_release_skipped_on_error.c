/* ## What it does
 * Reports a function that adds something to a container and takes it out again at its end, when
 * some way out of the function does not come to the removal: a `raise` or `return` between the two,
 * or an exception of what is called or awaited there. The container lives as long as the process,
 * or belongs to an object; addition and removal stand in the function itself or in two helpers that
 * it calls, or the removal in an `except` clause of the function that takes only some exceptions.
 *
 * ## Why it leaks
 * Each call that leaves early leaves its entry behind. That is rare in tests and daily in
 * production: timeouts, cancelled tasks, connections that break. Nobody finds what is left.
 *
 * ## Example
 * ```python bad
 * WAITING = {}
 *
 *
 * async def call(connection, request):
 *     WAITING[request.id] = request
 *     reply = await connection.send(request)
 *     if reply is None:
 *         raise TimeoutError(request.id)
 *     del WAITING[request.id]
 *     return reply
 * ```
 *
 * A time-out leaves the request in `WAITING`. Remove it on every way out:
 *
 * ```python good
 * WAITING = {}
 *
 *
 * async def call(connection, request):
 *     WAITING[request.id] = request
 *     try:
 *         reply = await connection.send(request)
 *         if reply is None:
 *             raise TimeoutError(request.id)
 *     finally:
 *         del WAITING[request.id]
 *     return reply
 * ```
 *
 * ## When it is silent
 * - The removal is in a `finally` whose `try` begins at once, in `except` and on the normal way, in
 *   `ExitStack.callback`, a done-callback, or a context manager that wraps what may fail.
 * - A handler of the function catches what is raised, and goes on to the removal.
 * - The way out stands where a test finds no entry: `if key not in table: raise`.
 * - Nothing between the two raises as a rule: logging, `len`, containers, the start of a task.
 * - The removal is the way back from an error, and the entry is meant to stay.
 * - The block of the addition ends in a way out of its own: `failed[key] = error; return`.
 * - The entry takes the place of the one before: constant keys, records that are read with
 *   `get(key, …)` and written back; weak and bounded containers.
 *
 * A plain `raise` between the two is reported at the default level. Exceptions that may come out of
 * a call are where it is a wait with a time limit, or where the container lives as long as the
 * process and the entry belongs to one request, task or identity, or the call is an `await` or a
 * `yield`; where an object that lives long (a manager, pool, server …) has the container, and the
 * key does not come again (a uuid, a counter) or the function runs for each request; and the
 * `yield` of a context manager that users enter. Else at low confidence, as are waits that only
 * cancelling ends (`await event.wait()`, `process.communicate()`), a `return` where the container
 * is an object's own, all that some other code removes as well, what is added under a condition,
 * for several calls, a `raise` that asks the new object, results.
 *
 * What only an `except` clause takes back, while another function does when all is well, is
 * reported where a cancelled `await` passes it by (`except Exception`, from Python 3.8 on), or it
 * takes cancelling alone; other clauses at low confidence, as is what only a loop that looks for
 * what is old takes out.
 *
 * ## What it misses
 * Removals under a condition of their own, pairs more than a helper apart or shared by callbacks.
 *
 * ## How to confirm
 * Let the call in between raise, and look at the length of the container.
 *
 * ## References
 * - Python documentation, "The try statement": `finally`; `contextlib.ExitStack.callback`
 * - pika: waiters of blocking calls were left behind by time-outs (48ca41e)
 */
#include "rule/rule.h"

enum { SERIOUS = SHAPE_ID | SHAPE_REQUEST | SHAPE_TASK | SHAPE_SELF | SHAPE_EXCEPTION };

static bool is_in(const Change *c, ScopeRef function) {
    return c->function.file == function.file && c->function.scope.i == function.scope.i;
}

static bool is_filled_by(const Holding *h, ScopeRef function) {
    for (u32 i = 0; i < h->n_changes; i++)
        if (h->changes[i].kind == CHANGE_ADDED && is_in(&h->changes[i], function)) return true;
    return false;
}

/* Somebody else takes single entries out, too, and not those that he has put in himself. */
static bool is_removed_elsewhere(const Holding *h, const Pairing *p) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *c = &h->changes[i];
        bool is_undo = c->kind == CHANGE_REMOVED && c->level <= p->added->level;
        if (c->kind == CHANGE_REPLACED) return true;
        if (!is_undo || is_in(c, p->removed->function) || is_in(c, p->function)) continue;
        if (!is_filled_by(h, c->function)) return true;
    }
    return h->is_removed_by_name && !p->skip.raise.i;
}

/* `return`, `return None`, `return False`, or one in a handler: nothing was reached. */
static bool is_giving_up(RuleContext *c, u32 file, OpId returns) {
    const Facts *f = graph_facts(c->graph, file);
    const Op *op = facts_op(f, returns);
    const Path *value = &f->paths[bound_value(f, op).i];
    bool is_nothing = value->kind == PATH_LITERAL &&
                      (value->flags == LITERAL_NONE || value->flags == LITERAL_FALSE);
    return !op->operands || is_nothing || graph_in_handler(c->graph, file, op->region);
}

/* `with connection.query_logger(log):`: whatever fails in the block skips the removal. */
static bool is_for_users(RuleContext *c, ScopeRef function) {
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    return !str_starts(name, "_") && graph_is_context_manager(c->graph, function);
}

static Confidence by_call(RuleContext *c, const Holding *h, const Pairing *p) {
    u8 kind = facts_op(graph_facts(c->graph, p->function.file), p->skip.call)->kind;
    bool is_suspended = kind == OP_AWAIT || kind == OP_YIELD;
    u32 shape = graph_shape(c->graph, p->added->file, p->added->key) |
                graph_shape(c->graph, p->added->file, p->added->value);
    if (p->skip.is_timed && !p->is_stack) return CONFIDENCE_MEDIUM; /* it is there to raise */
    if (kind == OP_YIELD && !p->is_stack && is_for_users(c, p->function)) return CONFIDENCE_MEDIUM;
    if (p->is_stack || p->skip.is_told) return CONFIDENCE_LOW;
    if (!h->is_lasting)
        return graph_is_one_of_many(c->graph, h, p) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    return is_suspended || shape & SERIOUS ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* Somebody takes it out when all goes well, too, and not with all that is old; else it may stay. */
static bool is_taken_out_in_the_end(const RuleContext *c, const Holding *h, const Pairing *p) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *each = &h->changes[i];
        RegionId region = facts_op(graph_facts(c->graph, each->file), each->op)->region;
        if (each->kind != CHANGE_REMOVED || each->level > p->added->level) continue;
        bool is_here = is_in(each, p->removed->function) || is_in(each, p->function);
        if (is_here ? !graph_in_handler(c->graph, each->file, region)
                    : !graph_in_loop(c->graph, each->file, region))
            return true;
    }
    return false;
}

/* What an except clause takes out, and other exceptions leave. */
static Confidence by_rest(RuleContext *c, const Holding *h, const Pairing *p) {
    if (!p->by_cancel && !p->by_error) return CONFIDENCE_LOW;
    if (!is_taken_out_in_the_end(c, h, p)) return CONFIDENCE_LOW;
    if (p->by_cancel && !targets_from(rule_targets(c, p->add.file), PYTHON_3_8))
        return CONFIDENCE_LOW; /* there CancelledError is an Exception */
    return h->is_cut || graph_is_test_file(c->graph, p->add.file) ? CONFIDENCE_LOW
                                                                  : CONFIDENCE_MEDIUM;
}

static Confidence confidence_of(RuleContext *c, const Holding *h, const Pairing *p) {
    if (p->is_partly) return by_rest(c, h, p);
    if (is_removed_elsewhere(h, p) || graph_is_over_calls(c->graph, p)) return CONFIDENCE_LOW;
    if (graph_asks_new_object(c->graph, p)) return CONFIDENCE_LOW;
    if (p->skip.raise.i) return h->is_lasting ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    if (p->skip.returns.i)
        return h->is_lasting && is_giving_up(c, p->function.file, p->skip.returns)
                   ? CONFIDENCE_MEDIUM
                   : CONFIDENCE_LOW;
    return by_call(c, h, p);
}

/* A generator that somebody reads, and no `with` block: he may stop at any value. */
static bool is_left_by_reader(const RuleContext *c, const Pairing *p) {
    const Facts *f = graph_facts(c->graph, p->function.file);
    if (p->skip.raise.i || p->skip.returns.i || graph_is_context_manager(c->graph, p->function))
        return false;
    return p->skip.call.i && facts_op(f, p->skip.call)->kind == OP_YIELD;
}

/* The statement that leaves, and how a message speaks of it. */
static OpId way_out(RuleContext *c, const Pairing *p, Str *text) {
    const Facts *f = graph_facts(c->graph, p->function.file);
    *text = STR("a 'raise'");
    if (p->skip.raise.i) return p->skip.raise;
    *text = STR("a 'return'");
    if (p->skip.returns.i) return p->skip.returns;
    *text = STR("an exception at its 'yield'");
    if (is_left_by_reader(c, p)) *text = STR("a consumer that stops early");
    const Op *op = facts_op(f, p->skip.call);
    if (op->kind == OP_CALL || op->kind == OP_AWAIT) {
        Str callee = rule_path_text(c, p->function.file, op_path(op));
        const char *what = p->by_cancel   ? "cancelling"
                           : p->is_partly ? "another exception of"
                                          : "an exception of";
        *text = callee.n && callee.n < 40 ? rule_text(c, "%s '%.*s'", what, STR_ARG(callee))
                                          : rule_text(c, "%s a call", what);
    }
    return p->skip.call;
}

static void report(RuleContext *c, const Holding *h, const Pairing *p) {
    Str way;
    OpRef out = {p->function.file, way_out(c, p, &way)};
    const Facts *f = graph_facts(c->graph, p->function.file);
    Str object = rule_changed_object(c, p->added),
        function = graph_scope_name(c->graph, p->function);
    Finding *finding = rule_report_held(c, h, p->add, p->function);
    finding->confidence = confidence_of(c, h, p);
    finding->severity = finding->confidence < CONFIDENCE_HIGH ? SEVERITY_WARNING : SEVERITY_ERROR;
    finding->message =
        rule_text(c, "'%.*s' keeps '%.*s' alive %.*s when %.*s leaves '%.*s' before the removal",
                  STR_ARG(h->name), STR_ARG(object), STR_ARG(rule_holder_end(h)), STR_ARG(way),
                  STR_ARG(str_after_last(function, '.')));
    rule_step_holder(c, finding, h);
    rule_step_change(c, finding, STEP_EDGE, p->added, STR("added here"));
    rule_step(c, finding, STEP_NODE, object, (Str){0}, p->add.file, facts_op(f, p->add.op)->span);
    rule_note(c, finding, STR("the way out"), STR("leaves the entry behind"), out);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_note(c, finding, STR("the removal"), STR("not reached then"), p->remove);
    finding->help = p->is_late ? STR("begin the `try` right behind the addition")
                               : STR("put what stands between addition and removal into a `try`, "
                                     "and the removal into its `finally`");
    finding->confirm =
        rule_text(c, "`len()` of '%.*s' before and after a call of '%.*s' %s", STR_ARG(h->name),
                  STR_ARG(function),
                  is_left_by_reader(c, p) ? "that is closed after its first value" : "that fails");
}

/* Of a parser or visitor, which dies with the error. */
static bool is_plain_stack(const Holding *h, const Pairing *p) {
    return p->is_stack && !h->is_lasting;
}

static void check(RuleContext *c, const Holding *h) {
    const Pairing *pairs;
    if (h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED) return;
    u32 n = graph_pairings(c->graph, h, c->scratch, &pairs);
    for (u32 i = 0; i < n; i++)
        if (!is_plain_stack(h, &pairs[i])) report(c, h, &pairs[i]);
}

const Rule rule_lmp204 = {
    .code = "LMP204",
    .name = "release-skipped-on-error",
    .summary = "what a function adds to a container stays in it when the function leaves early",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
