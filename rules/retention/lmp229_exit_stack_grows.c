/* ## What it does
 * Reports a `contextlib.ExitStack` or `AsyncExitStack` that lives on, in a variable of a module or
 * in an attribute, to which a function adds with every call (`enter_context`, `callback`, `push`),
 * and which nothing ever closes. The same for a stack in a `with` around an endless loop that adds
 * in every round.
 *
 * ## Why it leaks
 * The stack holds each context manager and callback, with its arguments, until it is closed. One
 * that is never closed grows with each call, and the `__exit__` of what was entered does not run:
 * files stay open, locks stay taken. Dropping an exit stack does not run them either.
 *
 * ## Example
 * ```python bad
 * import contextlib
 *
 * STACK = contextlib.ExitStack()
 *
 *
 * def read(path):
 *     file = STACK.enter_context(open(path))
 *     return file.read()
 * ```
 *
 * A stack belongs to the work that needs it:
 *
 * ```python good
 * import contextlib
 *
 *
 * def read(path):
 *     with contextlib.ExitStack() as stack:
 *         file = stack.enter_context(open(path))
 *         return file.read()
 * ```
 *
 * ## When it is silent
 * - Something in the project calls `close`, `aclose`, `pop_all` or `__exit__` of it, enters it with
 *   `with`, binds another one in its place, or is given the stack or its `close`.
 * - What is added once: at import, in `__init__`, `__enter__` or `setUp`.
 * - Local stacks that a `with` closes when the function ends.
 * - A function that adds to one stack in several places is told of once.
 *
 * At low confidence: tests, and stacks that are closed when the process ends
 * (`atexit.register(STACK.close)`): until then they grow.
 *
 * ## What it misses
 * A stack that is closed in a method which nobody calls; stacks in containers, and in attributes of
 * other objects.
 *
 * ## How to confirm
 * `len(STACK._exit_callbacks)` before and after a hundred calls.
 *
 * ## References
 * - Python documentation, `contextlib.ExitStack`: "callbacks are not invoked implicitly when the
 *   context stack instance is garbage collected"
 */
#include "rule/rule.h"

static Confidence confidence_of(RuleContext *c, OpRef ref, const ExitStack *s) {
    if (s->is_at_exit || graph_is_test_file(c->graph, ref.file)) return CONFIDENCE_LOW;
    bool is_sure = s->kind == STACK_GLOBAL && graph_is_driven(c->graph, s->function);
    return is_sure ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

/* The function adds to the stack in one way in several places: one of them is enough. */
static bool is_first(const Facts *f, OpId call) {
    const Scope *s = &f->scopes[f->regions[f->ops[call.i].region.i].scope.i];
    for (u32 i = s->op_first; i < call.i; i++)
        if (f->ops[i].kind == OP_CALL && f->ops[i].subject == f->ops[call.i].subject) return false;
    return true;
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *facts = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(facts, ref.op);
    ExitStack s = graph_exit_stack(c->graph, ref);
    if (s.kind == STACK_NONE || s.is_closed || s.is_once || !is_first(facts, ref.op)) return;
    Str what = rule_path_text(c, ref.file, op_operand(facts, call, 0));
    Str function = graph_scope_name(c->graph, s.function);
    Finding *f = rule_report(c, ref.file, call->span, s.function);
    f->container = graph_place(c->graph, s.file, s.place);
    f->has_container = true;
    f->confidence = confidence_of(c, ref, &s);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = s.name;
    const char *per = s.kind == STACK_LOCAL ? "round of the loop" : "call";
    const char *end = s.is_at_exit             ? "until the process ends"
                      : s.kind == STACK_LOCAL  ? "until the loop ends"
                      : s.kind == STACK_GLOBAL ? "until the process ends"
                      : s.is_lasting           ? "until the process ends"
                                               : "until its owner dies";
    f->message = rule_text(
        c, "'%.*s' keeps '%.*s' alive %s: one per %s of '%.*s', and nothing closes the stack%s",
        STR_ARG(s.name), STR_ARG(what), end, per, STR_ARG(function), s.is_at_exit ? " before" : "");
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s %.*s", STR_ARG(s.made), STR_ARG(s.name)),
              (Str){0}, s.file, s.place);
    Str method = facts_str(facts, (StrId){facts->paths[call->subject].id});
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%.*s()", STR_ARG(method)),
              STR("added here, let go of by close() alone"), ref.file, call->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, what, (Str){0}, ref.file, call->span);
    f->help = STR("make the stack where the work begins (`with contextlib.ExitStack() as stack:`), "
                  "or close it in the method that ends its owner");
    f->confirm =
        rule_text(c, "`len(%.*s._exit_callbacks)` before and after 100 calls", STR_ARG(s.name));
}

static const char *const callees[] = {
    ".enter_context",       ".enter_async_context", ".callback", ".push",
    ".push_async_callback", ".push_async_exit",     NULL};

const Rule rule_lmp229 = {
    .code = "LMP229",
    .name = "exit-stack-grows",
    .summary = "an exit stack that nothing closes is added to with every call",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
