/* ## What it does
 * Reports a table of requests whose entries outlive the request: a function stores a future, an
 * event or a queue under the number of a request, it or its caller waits for it with a time limit,
 * and the entry is taken out only where the answer comes in. Or the answer is given to the entry
 * where it lies
 * (`self._pending[id].set_result(…)`), and nothing takes single entries out at all.
 *
 * ## Why it leaks
 * An answer that never comes takes nothing out. Each time-out leaves an entry in the table, with
 * the future, its exception and its callbacks, for as long as the connection or client lives. The
 * wait itself fails as it should, so that nobody sees what it leaves behind.
 *
 * ## Example
 * ```python bad
 * import asyncio
 *
 *
 * class Client:
 *     def __init__(self, transport):
 *         self._transport = transport
 *         self._pending = {}
 *
 *     async def ask(self, request_id, text):
 *         answer = asyncio.get_running_loop().create_future()
 *         self._pending[request_id] = answer
 *         self._transport.write(text)
 *         return await asyncio.wait_for(answer, 10)
 *
 *     def on_answer(self, request_id, text):
 *         answer = self._pending.pop(request_id, None)
 *         if answer is not None:
 *             answer.set_result(text)
 * ```
 *
 * Take it out on every way out of the function that put it in:
 *
 * ```python good
 * import asyncio
 *
 *
 * class Client:
 *     def __init__(self, transport):
 *         self._transport = transport
 *         self._pending = {}
 *
 *     async def ask(self, request_id, text):
 *         answer = asyncio.get_running_loop().create_future()
 *         self._pending[request_id] = answer
 *         self._transport.write(text)
 *         try:
 *             return await asyncio.wait_for(answer, 10)
 *         finally:
 *             self._pending.pop(request_id, None)
 *
 *     def on_answer(self, request_id, text):
 *         answer = self._pending.get(request_id)
 *         if answer is not None:
 *             answer.set_result(text)
 * ```
 *
 * ## When it is silent
 * - The function, a helper that it calls, one of its callers or a done-callback removes the entry.
 * - Something goes over the table and looks for old entries, its length is compared, or it is weak
 * or bounded.
 * - It is a queue that a loop works off: `while True: job = jobs.popleft()` takes each out, whether
 * anybody still waits for it or not. Not when the loop receives something first: then an answer
 * takes the next one out, and what got none stays.
 * - After the time-out the function closes the connection, and with it the table.
 * - The wait is in a loop of its own, which sends the request again.
 * - The wait has no time limit: what only cancelling ends is left to LMP204.
 *
 * At low confidence: keys that may come again (addresses, names), and tests.
 *
 * ## What it misses
 * Waits more than one call away from what adds, and tables of unknown objects.
 *
 * ## How to confirm
 * Ask a peer that does not answer, wait for the time-out, and look at the length of the table.
 *
 * ## References
 * - Python documentation, `asyncio.wait_for`: on a time-out the future is cancelled; nobody takes
 * it out of the containers that hold it
 * - livekit: futures of jobs stayed when the server did not assign them (268fc17); asyncua: futures
 * of answered requests stayed (18f4713)
 */
#include "rule/rule.h"

/* Another key with each request. */
static bool is_fresh_key(RuleContext *c, const Change *added) {
    if (!added->key.i) return true; /* the element itself */
    u32 shape = graph_shape(c->graph, added->file, added->key);
    return shape & (SHAPE_ID | SHAPE_REQUEST) &&
           !graph_is_lasting_number(c->graph, added->file, added->key);
}

static Str waiting_text(RuleContext *c, const Unanswered *u) {
    const Facts *f = graph_facts(c->graph, u->file);
    const Op *op = facts_op(f, u->wait);
    Str text = op->kind == OP_CALL ? rule_path_text(c, u->file, op_path(op)) : (Str){0};
    return text.n && text.n < 48 ? text : STR("the wait");
}

static Str function_name(RuleContext *c, ScopeRef function) {
    return str_after_last(graph_scope_name(c->graph, function), '.');
}

/* The second half of the message. */
static Str cause_of(RuleContext *c, const Unanswered *u) {
    if (!u->removed)
        return rule_text(c, "'%.*s' answers it, and nothing takes it out",
                         STR_ARG(waiting_text(c, u)));
    return rule_text(c, "when the time of '%.*s' is over, only '%.*s' would take it out",
                     STR_ARG(waiting_text(c, u)), STR_ARG(function_name(c, u->removed->function)));
}

static void add_evidence(RuleContext *c, Finding *finding, const Holding *h, const Unanswered *u) {
    const Facts *f = graph_facts(c->graph, u->added->file);
    Str object = rule_changed_object(c, u->added);
    rule_step_holder(c, finding, h);
    rule_step_change(c, finding, STEP_EDGE, u->added, STR("added here"));
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, object, (Str){0}, u->added->file,
              facts_op(f, u->added->op)->span);
    OpRef wait = {u->file, u->wait};
    if (u->removed) {
        OpRef out = {u->removed->file, u->removed->op};
        rule_note(c, finding, STR("the wait"), STR("gives up, and leaves the entry behind"), wait);
        rule_note(c, finding, STR("the removal"), STR("for an answer that does come"), out);
    } else {
        rule_note(c, finding, STR("the answer"), STR("the entry stays where it is"), wait);
    }
}

static void report(RuleContext *c, const Holding *h, const Unanswered *u) {
    ScopeRef function = u->added->function;
    bool is_sure = is_fresh_key(c, u->added) && !graph_is_test_file(c->graph, u->added->file);
    Finding *finding = rule_report_held(c, h, (OpRef){u->added->file, u->added->op}, function);
    finding->confidence = is_sure ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    finding->message = rule_text(c, "'%.*s' keeps '%.*s' alive %.*s: %.*s", STR_ARG(h->name),
                                 STR_ARG(rule_changed_object(c, u->added)),
                                 STR_ARG(rule_holder_end(h)), STR_ARG(cause_of(c, u)));
    finding->help =
        u->removed ? rule_text(c, "put the wait into a `try`, and `pop` the entry in its `finally`")
                   : rule_text(c, "take the entry out where its answer comes, with `pop`, and in a "
                                  "`finally` of the function that waits for it");
    finding->confirm = rule_text(c, "`len()` of '%.*s' after ten calls of '%.*s' that get %s",
                                 STR_ARG(h->name), STR_ARG(graph_scope_name(c->graph, function)),
                                 u->removed ? "no answer in time" : "their answer");
    add_evidence(c, finding, h, u);
}

static void check(RuleContext *c, const Holding *h) {
    if (h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED) return;
    for (u32 i = 0; i < h->n_changes; i++) {
        Unanswered u;
        if (graph_unanswered(c->graph, h, i, &u) || graph_answered_in_place(c->graph, h, i, &u))
            report(c, h, &u);
    }
}

const Rule rule_lmp231 = {
    .code = "LMP231",
    .name = "unanswered-request-stays",
    .summary = "what is kept for an answer stays when the answer does not come",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
