/* ## What it does
 * Reports coroutines that are made and never awaited: a call of an `async def` as a statement, one
 * whose value goes to a local that nobody reads, or is tested as if it were the result; and an
 * `async def` given to something that calls it and drops what it returns (`call_later`,
 * `add_done_callback`, `Thread`).
 *
 * ## Why it leaks
 * It does not: nothing happens. A call of an `async def` runs nothing of its body, it makes a
 * coroutine. The body runs when that is awaited, or as a task. When it is dropped Python says
 * "RuntimeWarning: coroutine … was never awaited", in the log of the server. A test of the
 * coroutine, `if is_ready():`, is true whatever the body would say.
 *
 * ## Example
 * ```python bad
 * class Mailer:
 *     async def notify(self, user):
 *         await user.send("welcome")
 *
 *     async def register(self, user):
 *         self.notify(user)
 *         return user
 * ```
 *
 * Await it; or make a task, and keep that:
 *
 * ```python good
 * class Mailer:
 *     async def notify(self, user):
 *         await user.send("welcome")
 *
 *     async def register(self, user):
 *         await self.notify(user)
 *         return user
 * ```
 *
 * ## When it is silent
 * - The value is used: awaited, returned, kept, an argument of `gather`, `create_task`, `run`, of
 *   any other call.
 * - Calls of async generators; of what is not resolved to one function.
 * - A decorator may have made a plain function of it (`@async_to_sync`), or it has no body to run
 *   (`...`, `raise NotImplementedError`): others stand behind that name.
 * - Loops of tornado, which take coroutine functions as callbacks; plain functions of tests.
 *
 * At medium confidence outside of coroutines, at low confidence in those of tests.
 *
 * ## What it misses
 * A coroutine that is kept in a container or passed on and never awaited there; one whose local is
 * read on some ways only.
 *
 * ## How to confirm
 * `python -X dev` prints where the coroutine was made that was never awaited.
 *
 * ## References
 * - Python documentation, "Developing with asyncio: Detect never awaited coroutines"
 * - mypy `unused-coroutine`, Pyright `reportUnusedCoroutine`
 */
#include "rule/rule.h"

/* `asyncio.sleep`, or the async function of the project. */
static Str name_of(RuleContext *c, const DroppedCoroutine *d) {
    return scope_is_none(d->made_by) ? d->name : graph_scope_name(c->graph, d->made_by);
}

static Str what_happens(RuleContext *c, const DroppedCoroutine *d, Str name) {
    switch (d->kind) {
    case DROPPED_UNREAD:
        return rule_text(c,
                         "nothing of '%.*s' runs when it is called here: the coroutine goes to "
                         "'%.*s', which nobody reads or awaits",
                         STR_ARG(name), STR_ARG(d->local));
    case DROPPED_TEST:
        return rule_text(c,
                         "nothing of '%.*s' runs when it is tested here: the coroutine is true, "
                         "whatever it would say, and is never awaited",
                         STR_ARG(name));
    case DROPPED_CALLBACK:
        return rule_text(c,
                         "nothing of '%.*s' runs when '%.*s' calls it: that drops the coroutine, "
                         "and nobody awaits it",
                         STR_ARG(name), STR_ARG(d->receiver));
    default:
        return rule_text(c,
                         "nothing of '%.*s' runs when it is called here: the coroutine that the "
                         "call makes is never awaited",
                         STR_ARG(name));
    }
}

static Str help_of(RuleContext *c, const DroppedCoroutine *d, Str name) {
    Str last = str_after_last(name, '.');
    if (d->kind == DROPPED_CALLBACK && str_ends(d->receiver, "Thread"))
        return rule_text(c, "give it a function that calls `asyncio.run(%.*s(…))`", STR_ARG(last));
    if (d->kind == DROPPED_CALLBACK)
        return rule_text(c, "give it a plain function that makes a task of '%.*s' and keeps it",
                         STR_ARG(last));
    if (d->in_coroutine && d->kind == DROPPED_CALL)
        return rule_text(c, "`await %.*s(…)`; or `asyncio.create_task(…)`, kept until it is done",
                         STR_ARG(last));
    if (d->in_coroutine) return rule_text(c, "`await %.*s(…)`", STR_ARG(last));
    return rule_text(c,
                     "make the caller a coroutine and await it; at the top, `asyncio.run(%.*s(…))`",
                     STR_ARG(last));
}

static void report(RuleContext *c, u32 code, const DroppedCoroutine *d) {
    ScopeRef scope = cpu_code_scope(c->cpu, code);
    Span place = graph_facts(c->graph, scope.file)->ops[d->op.i].span;
    Str name = name_of(c, d), last = str_after_last(name, '.');
    Finding *f = rule_report(c, scope.file, place, scope);
    f->confidence = graph_is_test_file(c->graph, scope.file) ? CONFIDENCE_LOW
                    : d->in_coroutine                        ? CONFIDENCE_HIGH
                                                             : CONFIDENCE_MEDIUM;
    f->subject = last;
    f->message = what_happens(c, d, scope_is_none(d->made_by) ? name : last);
    rule_step(c, f, STEP_NODE, rule_code_name(c, code), (Str){0}, scope.file, place);
    rule_step(c, f, STEP_EDGE,
              rule_text(c, "%s %.*s", d->kind == DROPPED_CALLBACK ? "hands over" : "calls",
                        STR_ARG(name)),
              STR("the coroutine is dropped"), scope.file, place);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (scope_is_none(d->made_by))
        rule_step(c, f, STEP_NODE, STR("coroutine"), (Str){0}, scope.file, place);
    else
        rule_step(c, f, STEP_NODE, rule_text(c, "async def %.*s", STR_ARG(last)), (Str){0},
                  d->made_by.file,
                  graph_facts(c->graph, d->made_by.file)->scopes[d->made_by.scope.i].name_span);
    f->help = help_of(c, d, name);
    f->confirm = STR("`python -X dev` warns: \"coroutine … was never awaited\"");
}

static void check(RuleContext *c, u32 code) {
    const DroppedCoroutine *all;
    u32 n = cpu_dropped_coroutines(c->cpu, code, &all);
    bool is_test = graph_is_test_file(c->graph, cpu_code_scope(c->cpu, code).file);
    for (u32 i = 0; i < n; i++)
        if (!all[i].is_doubtful && (all[i].in_coroutine || !is_test)) report(c, code, &all[i]);
}

const Rule rule_lmp412 = {
    .code = "LMP412",
    .name = "coroutine-dropped",
    .summary = "a coroutine is made and never awaited: nothing of it runs",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_code = check,
};
