/* ## What it does
 * Reports generators that hold something at a `yield` (it stands in a `with`, or in a `try` with a
 * `finally`) and that are left half-way:
 *
 * - a loop over an async generator of the project that a `break` or `return` leaves, and
 *   `anext(generator())`;
 * - a generator, plain or async, that uses `self` and that the object keeps in an attribute of its
 *   own: `self._rows = self._read()`.
 *
 * ## Why it leaks
 * A plain generator that is dropped is closed at once: its `finally` runs. An async generator
 * cannot be closed without an event loop. When the last reference goes, a hook gives it to the
 * loop, which closes it some time later, in another task: connections and locks are held meanwhile,
 * context variables and cancel scopes are those of somebody else, and without a running loop
 * nothing is closed at all. A variable that holds the generator puts that off to the end of its
 * function.
 *
 * The frame of a suspended generator holds `self`. An object that keeps a generator of its own is
 * on a cycle as long as that waits at a `yield`: when the reader stops half-way and drops the
 * object, nothing runs the `finally` but the cyclic collector, whenever that comes.
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
 * ```python bad
 * class Stream:
 *     def __init__(self, response):
 *         self.response = response
 *         self._events = self._read()
 *
 *     def __iter__(self):
 *         return self._events
 *
 *     def _read(self):
 *         try:
 *             yield from self.response
 *         finally:
 *             self.response.close()
 * ```
 *
 * Whoever reads holds the generator, and closes it by leaving the loop:
 *
 * ```python good
 * class Stream:
 *     def __init__(self, response):
 *         self.response = response
 *
 *     def __iter__(self):
 *         try:
 *             yield from self.response
 *         finally:
 *             self.response.close()
 * ```
 *
 * ## When it is silent
 * - The loop has no way out but its end; the generator is read by `aclosing`, or `aclose()` is
 * called.
 * - The generator holds nothing at its `yield`, or `suppress` and `nullcontext` alone.
 * - It is decorated (`@asynccontextmanager`, `@pytest.fixture`): others read it.
 * - The variable that holds it is handed over.
 * - A plain generator that nothing of its own keeps: dropped by a `break` or `return` it is closed
 *   at once, in a variable at the end of the function, in an attribute or container with that. A
 *   generator that does not use `self` goes with the object.
 * - The class, or code that has the object, closes the generator in the attribute, empties the
 *   attribute or binds it anew; objects that live as long as the process.
 *
 * At low confidence: tests; clean-up of an async generator that does not await, which the loop does
 * soon after; a known connection or file that the async generator has opened itself, which nobody
 * else waits for; a generator in an attribute whose clean-up is not known to release anything, or
 * which is the object's own only by inference.
 *
 * ## What it misses
 * Loops that an exception leaves, and generators that live as long as the process because a module
 * or container does.
 *
 * ## How to confirm
 * Print in the `finally` of the generator and after the loop, or after the object is dropped: the
 * `finally` comes second.
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
    bool is_quiet = graph_is_test_file(c->graph, file) || !h.is_async || h.is_own;
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

/* ---- a generator that its own object keeps ---- */

/* The generator on the cycle of an object and its own code, and the link that holds it. */
static const CycleObject *kept_generator(RuleContext *c, const Cycle *cycle, HalfWay *h,
                                         const CycleLink **link) {
    if (cycle->kind != CYCLE_CALLBACK || cycle->is_lasting) return NULL;
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleObject *o = &cycle->objects[i];
        *h = (HalfWay){0};
        *link = &cycle->links[(i + cycle->n - 1) % cycle->n];
        bool is_own =
            o->kind == OBJECT_GENERATOR && !scope_is_none(o->code) && (*link)->attribute.n;
        if (is_own && graph_holds_at_yield(c->graph, o->code, h)) return o;
    }
    return NULL;
}

static ClassId class_on(const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleObject *o = &cycle->objects[i];
        bool is_object = o->kind == OBJECT_PARAMETER || o->kind == OBJECT_INSTANCE;
        if (is_object && o->class.i) return o->class;
    }
    return (ClassId){0};
}

static void add_guard(RuleContext *c, Finding *f, const HalfWay *h) {
    const Facts *facts = graph_facts(c->graph, h->guard.file);
    rule_step(c, f, STEP_NOTE, STR("waits here"),
              h->is_with ? STR("inside a with") : STR("before a finally"), h->guard.file,
              facts_op(facts, h->guard.op)->span);
    if (h->release.i)
        rule_step(c, f, STEP_NOTE, STR("what is not released until then"), (Str){0}, h->guard.file,
                  facts_op(facts, h->release)->span);
}

static void check_cycle(RuleContext *c, const Cycle *cycle) {
    HalfWay h;
    const CycleLink *link = NULL;
    const CycleObject *generator = kept_generator(c, cycle, &h, &link);
    ClassId class = class_on(cycle);
    if (!generator || !class.i || graph_lets_go(c->graph, class, link->attribute, c->scratch))
        return;
    Finding *f = rule_report_cycle(c, cycle);
    f->is_plain = false;
    if (targets_before(rule_targets(c, cycle->file), PYTHON_3_4)) f->effect = EFFECT_NEVER_FREED;
    bool is_quiet = !h.release.i || graph_is_test_file(c->graph, cycle->file);
    f->confidence = is_quiet ? CONFIDENCE_LOW : MIN(f->confidence, CONFIDENCE_MEDIUM);
    f->message = rule_text(
        c,
        "the generator '%.*s' keeps what its %s is there for alive until %s: 'self.%.*s' keeps it, "
        "and it keeps 'self'",
        STR_ARG(generator->name), h.is_with ? "'with'" : "'finally'",
        f->effect == EFFECT_NEVER_FREED ? "the process ends" : "the cyclic collector runs",
        STR_ARG(link->attribute));
    add_guard(c, f, &h);
    f->help = rule_text(c,
                        "let `__iter__` or another method be the generator, so that the reader "
                        "alone holds it, or call `self.%.*s.%s()` where the object is done with",
                        STR_ARG(link->attribute), h.is_async ? "aclose" : "close");
    f->confirm = rule_text(c,
                           "with `gc.disable()`: take one element, drop the object, and see "
                           "whether the clean-up of '%.*s' has run",
                           STR_ARG(generator->name));
}

const Rule rule_lmp504 = {
    .code = "LMP504",
    .name = "generator-abandoned",
    .summary = "a generator that holds something is left half-way, and nobody closes it",
    .effect = EFFECT_DELAYED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_function = check,
    .on_cycle = check_cycle,
};
