/* ## What it does
 * Reports a loop over an async generator of the project that a `break` or `return` leaves half-way,
 * and `anext(generator())`, when the generator holds something at its `yield`: the `yield` stands
 * in a `with` or in a `try` with a `finally`.
 *
 * ## Why it leaks
 * A plain generator that is dropped is closed at once: its `finally` runs. An async generator
 * cannot be closed without an event loop. When the last reference goes, a hook gives it to the
 * loop, which closes it some time later, in another task: connections and locks are held meanwhile,
 * context variables and cancel scopes are those of somebody else, and without a running loop
 * nothing is closed at all. A variable that holds the generator puts that off to the end of its
 * function.
 *
 * ## Example
 * ```python bad
 * async def rows(pool):
 *     async with pool.acquire() as connection:
 *         async for row in connection.cursor("select 1"):
 *             yield row
 *
 *
 * async def first(pool):
 *     async for row in rows(pool):
 *         return row
 * ```
 *
 * ```python good
 * import contextlib
 *
 *
 * async def rows(pool):
 *     async with pool.acquire() as connection:
 *         async for row in connection.cursor("select 1"):
 *             yield row
 *
 *
 * async def first(pool):
 *     async with contextlib.aclosing(rows(pool)) as found:
 *         async for row in found:
 *             return row
 * ```
 *
 * ## When it is silent
 * - The loop has no way out but its end; the generator is read by `aclosing`, or `aclose()` is
 * called.
 * - The generator holds nothing at its `yield`, or `suppress` and `nullcontext` alone.
 * - It is decorated (`@asynccontextmanager`, `@pytest.fixture`): others read it.
 * - The variable that holds it is handed over.
 *
 * At low confidence: tests, and clean-up that does not await, which the loop does soon after.
 *
 * ## What it misses
 * Loops that an exception leaves, generators in attributes, and plain generators that are kept
 * suspended.
 *
 * ## How to confirm
 * Print in the `finally` of the generator and after the loop: the `finally` comes second.
 *
 * ## References
 * - PEP 525, "Finalization"; PEP 533, "Deterministic cleanup for iterators"
 * - Python documentation, contextlib.aclosing
 * - flake8-async ASYNC119 speaks of every such generator, this rule of those who leave one
 */
#include "rule/rule.h"

static Str message_of(RuleContext *c, u32 file, const HalfWay *h) {
    const Facts *f = graph_facts(c->graph, file);
    Str name = str_after_last(graph_scope_name(c->graph, h->generator), '.');
    const char *held = h->is_with ? "'with'" : "'finally'";
    const char *way = !h->out.i                               ? "'anext' takes one element"
                      : facts_op(f, h->out)->kind == OP_BREAK ? "the 'break' leaves it half-way"
                                                              : "the 'return' leaves it half-way";
    return rule_text(c,
                     "the async generator '%.*s' keeps what its %s is there for alive until the "
                     "event loop finalizes it: %s",
                     STR_ARG(name), held, way);
}

static void check(RuleContext *c, ScopeRef function) {
    HalfWay h;
    u32 file = function.file;
    if (!graph_half_way(c->graph, function, &h)) return;
    const Facts *facts = graph_facts(c->graph, file);
    const Facts *other = graph_facts(c->graph, h.guard.file);
    Str name = str_after_last(graph_scope_name(c->graph, h.generator), '.');
    Finding *f = rule_report(c, file, facts_op(facts, h.read)->span, function);
    bool is_quiet = graph_is_test_file(c->graph, file) || !h.is_async;
    f->confidence = is_quiet ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = name;
    f->message = message_of(c, file, &h);
    rule_step(c, f, STEP_NODE, rule_text(c, "async generator %.*s", STR_ARG(name)),
              STR("read here"), file, facts_op(facts, h.read)->span);
    rule_step(c, f, STEP_EDGE, STR("suspended at its yield"),
              h.is_with ? STR("inside a with") : STR("before a finally"), h.guard.file,
              facts_op(other, h.guard.op)->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, STR("what it holds there"), (Str){0}, h.guard.file,
              facts_op(other, h.guard.op)->span);
    if (h.out.i)
        rule_note(c, f, STR("the way out"), STR("leaves it suspended"), (OpRef){file, h.out});
    f->help = rule_text(c, "`async with contextlib.aclosing(%.*s(…)) as found:` around the loop",
                        STR_ARG(name));
    f->confirm = rule_text(c, "print in the clean-up of '%.*s' and after the loop: it comes second",
                           STR_ARG(name));
}

const Rule rule_lmp504 = {
    .code = "LMP504",
    .name = "generator-abandoned",
    .summary = "an async generator that holds something is left half-way, and nobody closes it",
    .effect = EFFECT_DELAYED,
    .effects = "delayed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_function = check,
};
