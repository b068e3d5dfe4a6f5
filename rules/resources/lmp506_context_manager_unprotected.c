/* ## What it does
 * Reports a generator with `@contextmanager` or `@asynccontextmanager` that cleans up after its
 * `yield` without a `finally`: it closes, stops or removes something, or sets back what it has set
 * before.
 *
 * ## Why it leaks
 * When the block under `with` raises, the exception is raised again at the `yield`. What stands
 * behind it does not run then: descriptors and processes stay, files stay on disk, a global keeps
 * the value that was meant for the block. The paths on which that happens are the ones that nobody
 * tries out.
 *
 * ## Example
 * ```python bad
 * import contextlib
 * import os
 *
 *
 * @contextlib.contextmanager
 * def directory(path):
 *     before = os.getcwd()
 *     os.chdir(path)
 *     yield
 *     os.chdir(before)
 * ```
 *
 * ```python good
 * import contextlib
 * import os
 *
 *
 * @contextlib.contextmanager
 * def directory(path):
 *     before = os.getcwd()
 *     os.chdir(path)
 *     try:
 *         yield
 *     finally:
 *         os.chdir(before)
 * ```
 *
 * ## When it is silent
 * - The clean-up stands in a `finally`, or also in a handler; a handler around the `yield` takes
 *   every exception and goes on; `with suppress(…)` stands around it.
 * - A `with` around the `yield`, or an ExitStack, does the clean-up; a group of tasks or a nursery
 *   cancels its own when the block fails.
 * - What comes after the `yield` is for success alone, by its name: `commit()`, `print()`, a check.
 * - Locks (LMP410), entries of containers (LMP204), and fixtures of pytest, at whose `yield`
 * nothing is raised.
 *
 * At low confidence: tests; managers whose users, as far as they are seen, catch every exception
 * inside the block; clean-up in a loop, of one of several objects, which may be a part of the work;
 * a store of `True`, which may say that all went well; what is stored in an instance of the
 * project, which often dies with the error; the `lifespan` of a server, whose block ends with the
 * process; and what a stack of exits does until `pop_all()`.
 *
 * ## What it misses
 * Clean-up by functions whose names say nothing of it, and generators that other decorators turn
 * into context managers.
 *
 * ## How to confirm
 * Raise in the block under `with`, and look whether the clean-up has run.
 *
 * ## References
 * - Python documentation, contextlib.contextmanager: "If an unhandled exception occurs in the
 * block, it is reraised inside the generator at the point where the yield occurred"
 * - ruff RUF075 reports any code after such a `yield`; this rule only what cleans up
 */
#include "rule/rule.h"

static Str call_text(RuleContext *c, u32 file, const Cleanup *k) {
    const Facts *f = graph_facts(c->graph, file);
    const Op *op = facts_op(f, k->op);
    Str callee = rule_path_text(c, file, op_path(op));
    Str argument = rule_path_text(c, file, op_operand(f, op, 0));
    return rule_text(c, "%.*s(%.*s)", STR_ARG(callee), STR_ARG(argument));
}

static Str message_of(RuleContext *c, u32 file, const Cleanup *k, Str name, Effect effect) {
    Str what = rule_path_text(c, file, k->what);
    if (k->kind == CLEANUP_STORE)
        return rule_text(c,
                         "'%.*s' keeps the value that is meant for the block when the block under "
                         "'with' raises: '%.*s' sets it back after its 'yield', in no 'finally'",
                         STR_ARG(what), STR_ARG(name));
    if (effect == EFFECT_HAZARD)
        return rule_text(c,
                         "'%.*s' is skipped when the block under 'with' raises: it stands behind "
                         "the 'yield' of '%.*s', in no 'finally'",
                         STR_ARG(call_text(c, file, k)), STR_ARG(name));
    Str noun = rule_resource_noun(&k->acquired);
    bool stays = effect == EFFECT_NEVER_FREED;
    return rule_text(c,
                     "%s keeps the %.*s '%.*s' alive until %s when the block under 'with' raises: "
                     "'%.*s' has no 'finally' around its 'yield'",
                     stays ? "the process" : "a cycle", STR_ARG(noun), STR_ARG(what),
                     stays ? "it ends" : "the cyclic collector runs", STR_ARG(name));
}

static void add_evidence(RuleContext *c, Finding *f, u32 file, const Cleanup *k) {
    const Facts *facts = graph_facts(c->graph, file);
    bool is_release = k->kind == CLEANUP_RELEASE;
    OpId first = k->before.i ? k->before : k->yield;
    rule_step(c, f, STEP_NODE, rule_path_text(c, file, k->what),
              !k->before.i ? STR("")
              : is_release ? STR("bound here")
                           : STR("set here"),
              file, facts_op(facts, first)->span);
    rule_note(c, f, STR("the yield"), STR("raises what the block raises"), (OpRef){file, k->yield});
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_note(c, f, STR("the clean-up"), STR("not reached then"), (OpRef){file, k->op});
}

static Confidence confidence_of(RuleContext *c, u32 file, const Cleanup *k) {
    if (graph_is_test_file(c->graph, file) || k->says_done) return CONFIDENCE_LOW;
    if (k->is_caught || k->is_served || (k->in_loop && !k->is_known)) return CONFIDENCE_LOW;
    /* of a visitor or parser, which dies with the error */
    const Facts *f = graph_facts(c->graph, file);
    bool of_self = graph_type_of(c->graph, file, f->paths[k->what.i].parent).i != 0;
    if (k->kind == CLEANUP_STORE && of_self) return CONFIDENCE_LOW;
    return k->is_known ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

/* A thread that works on, or waits to put into a full queue, is waited for in vain. */
static Str help_of(const RuleContext *c, u32 file, const Cleanup *k) {
    const Facts *f = graph_facts(c->graph, file);
    const Op *op = facts_op(f, k->op);
    const Path *callee = op->kind == OP_CALL ? &f->paths[op->subject] : NULL;
    if (callee && callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "join"))
        return STR("put the `yield` into a `try`; in its `finally` first stop what is waited for, "
                   "then `join()`");
    return STR("put the `yield` into a `try` and the clean-up into its `finally`");
}

static void check(RuleContext *c, ScopeRef function) {
    Cleanup k;
    Str because;
    if (!graph_bare_cleanup(c->graph, function, &k)) return;
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    Effect effect = EFFECT_HAZARD;
    if (k.is_known) effect = rule_resource_effect(c, function.file, &k.acquired, &because);
    const Facts *facts = graph_facts(c->graph, function.file);
    Finding *f = rule_report(c, function.file, facts_op(facts, k.op)->span, function);
    f->effect = effect;
    f->confidence = confidence_of(c, function.file, &k);
    bool is_grave = f->confidence == CONFIDENCE_HIGH && effect == EFFECT_NEVER_FREED;
    f->severity = is_grave ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = rule_path_text(c, function.file, k.what);
    f->message = message_of(c, function.file, &k, name, effect);
    add_evidence(c, f, function.file, &k);
    f->help = help_of(c, function.file, &k);
    f->confirm = rule_text(c, "raise in the block under `%s %.*s(…):`, and look whether it has run",
                           k.is_async ? "async with" : "with", STR_ARG(name));
}

const Rule rule_lmp506 = {
    .code = "LMP506",
    .name = "context-manager-unprotected",
    .summary = "a context manager cleans up after its yield, but not when the block fails",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_function = check,
};
