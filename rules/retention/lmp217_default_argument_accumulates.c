/* ## What it does
 * Reports a list, dict or set as default of a parameter that the function adds to, itself or
 * through a helper, an attribute that keeps it or a caller that gets it back.
 *
 * ## Why it leaks
 * A default is made once, when the function is defined, and lives as long as the function. All
 * calls that pass nothing share it: what one of them adds, the next one finds, and all of it stays
 * in memory until the process ends.
 *
 * ## Example
 * ```python bad
 * def record(event, seen=[]):
 *     seen.append(event)
 *     return len(seen)
 *
 *
 * async def serve(listener):
 *     async for event in listener:
 *         record(event)
 * ```
 *
 * Make the list in the call:
 *
 * ```python good
 * def record(event, seen=None):
 *     if seen is None:
 *         seen = []
 *     seen.append(event)
 *     return len(seen)
 *
 *
 * async def serve(listener):
 *     async for event in listener:
 *         record(event)
 * ```
 *
 * ## When it is silent
 * - The default is only read, copied first, or the parameter is bound to something else
 *   (`items = items + [x]`, `items = list(items)`).
 * - The function is made anew with each call of another one: its default goes with it.
 * - `given or OTHERS` of an empty default: that is false, and never gets any further.
 * - Something empties it, its length is compared, or the keys come from a closed set and are looked
 *   up before: a memo of a few entries.
 * - The function runs only while modules are imported, or belongs to a test.
 *
 * Keys of a closed set that each call writes again keep the last value only: bounded, and at low
 * confidence where every call sets them before it looks at the default, nobody gets it but what the
 * function calls, and the values are no objects that matter (`headers["X-Route"] = route`). A memo
 * whose keys are texts or numbers is meant so as a rule, and reported at low confidence; so is a
 * default in whose place all known callers pass something, or give the function away beside
 * something for it (`retry(record, event, mine)`). An instance with `__call__` is followed through
 * the attributes that keep it. Low is also the default of a private function that nothing calls,
 * and that of the constructor of a class whose instances all live as long as the process, unless
 * code that runs again and again adds to it.
 *
 * ## What it misses
 * Defaults that are instances of the project's classes are reported where these grow (LMP201). A
 * parameter that is bound again in the function is not followed, even where it grows before.
 *
 * ## How to confirm
 * Look at `function.__defaults__` before and after two calls.
 *
 * ## References
 * - Python documentation, "Defining Functions": default values are evaluated once
 * - flake8-bugbear B006, Pylint W0102, CodeQL py/modification-of-default-value
 */
#include "rule/rule.h"

static Str parameter_of(RuleContext *c, const Container *container) {
    const Facts *f = graph_facts(c->graph, container->function.file);
    return facts_str(f, f->symbols[container->variable.i].name);
}

/* Nothing calls the function, or modules make the one instance, which nobody fills again and again.
 */
static bool is_out_of_use(RuleContext *c, const Container *container, const Use *use) {
    if (graph_called_by(c->graph, container->function) == CALLED_BY_NOBODY) return true;
    const Facts *f = graph_facts(c->graph, container->function.file);
    ClassId owner = graph_method_class(c->graph, container->function);
    Str name = facts_str(f, f->scopes[container->function.scope.i].name);
    return owner.i && str_is(name, "__init__") && graph_resident(c->graph, owner).n &&
           !graph_is_driven(c->graph, use->function);
}

static Confidence confidence_of(RuleContext *c, const Container *container, const Growth *growth) {
    const Use *use = growth->site;
    if (growth->is_passed || rule_is_plain_memo(c, parameter_of(c, container), use))
        return CONFIDENCE_LOW;
    if (is_out_of_use(c, container, use)) return CONFIDENCE_LOW;
    if (use->membership_guard || growth->idle_removal) return CONFIDENCE_MEDIUM;
    return graph_is_driven(c->graph, use->function) || !use->key.i ? CONFIDENCE_HIGH
                                                                   : CONFIDENCE_MEDIUM;
}

static const char *fresh_text(ContainerKind kind) {
    switch (kind) {
    case CONTAINER_LIST:
        return "[]";
    case CONTAINER_DICT:
        return "{}";
    case CONTAINER_SET:
        return "set()";
    default:
        return "a new one";
    }
}

/* The function itself adds, or what it calls. */
static bool is_helper(RuleContext *c, ScopeRef function, ScopeRef adding) {
    const OpRef *calls;
    u32 n = graph_callers(c->graph, adding, &calls);
    if (function.file == adding.file && function.scope.i == adding.scope.i) return true;
    for (u32 i = 0; i < n; i++) {
        const Facts *f = graph_facts(c->graph, calls[i].file);
        RegionId region = facts_op(f, calls[i].op)->region;
        if (calls[i].file == function.file && f->regions[region.i].scope.i == function.scope.i)
            return true;
    }
    return false;
}

static void finish(RuleContext *c, Finding *f, const Container *container, const Use *use) {
    Str name = parameter_of(c, container);
    f->place = f->container; /* where it is mended */
    f->scope = graph_scope_name(c->graph, container->function);
    f->help = rule_text(c, "`%.*s=None`, and `if %.*s is None: %.*s = %s` in the body",
                        STR_ARG(name), STR_ARG(name), STR_ARG(name), fresh_text(container->kind));
    if (use->membership_guard && use->key.i)
        f->help = STR("use `functools.lru_cache(maxsize=…)`, or bound the table");
    Str own = graph_scope_name(c->graph, container->function);
    Str adding = graph_scope_name(c->graph, use->function);
    f->confirm = !adding.n || is_helper(c, container->function, use->function)
                     ? rule_text(c, "`%.*s.__defaults__` before and after two calls", STR_ARG(own))
                     : rule_text(c, "`%.*s.__defaults__` before and after two calls of `%.*s()`",
                                 STR_ARG(own), STR_ARG(adding));
}

/* `headers["X-Route"] = route`, `headers.update({"X-Route": route})` on every way: it takes the
 * place of what the last call wrote. */
static bool is_plain_write(const Facts *f, const Use *use) {
    const Op *op = &f->ops[use->op.i];
    if (op->kind != OP_STORE && !(use->overwrites && str_is(use->how, "update"))) return false;
    return f->regions[op->region.i].kind == REGION_BODY;
}

/* What one call writes the next one sees: the default is handed out, read first, or written to on
 * some of the ways only. */
static bool is_use_of_old(RuleContext *c, const Container *container, const Use *use, OpId first) {
    const Facts *f = graph_facts(c->graph, use->file);
    u32 heavy = SHAPE_INSTANCE | SHAPE_SELF | SHAPE_REQUEST | SHAPE_TASK | SHAPE_EXCEPTION;
    bool is_own = use->file == container->function.file &&
                  use->function.scope.i == container->function.scope.i;
    if (graph_is_test_file(c->graph, use->file)) return false;
    if (use->kind == USE_GROW)
        return !is_own || use->value_shape & heavy || !is_plain_write(f, use);
    /* not as an argument, but for a method of `super()` whose value is used: it hands it on */
    const Op *op = &f->ops[use->op.i];
    bool is_call = op->kind == OP_CALL, is_used = !(op->flags & OP_DROPPED);
    if (is_call && is_used && graph_is_super(c->graph, use->file, f->paths[op->subject].parent))
        return true;
    if (use->kind == USE_ESCAPE) return !is_call;
    return is_own && use->op.i < first.i;
}

/* Each call sets all keys before it reads them. */
static bool is_set_anew(RuleContext *c, const Container *container, OpId first) {
    for (u32 i = 0; i < container->n_uses; i++)
        if (is_use_of_old(c, container, &container->uses[i], first)) return false;
    return true;
}

/* The same keys again and again: what the last call wrote stays. */
static void check_constant(RuleContext *c, ContainerId id, const Container *container) {
    for (u32 i = 0; i < container->n_uses; i++) {
        const Use *use = &container->uses[i];
        bool is_plain = use->value.i && use->value_shape &&
                        !(use->value_shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED));
        bool is_own_key = use->key.i && use->key_shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED);
        if (use->kind != USE_GROW || !use->overwrites || use->membership_guard) continue;
        if (is_plain || is_own_key) continue;
        if (use->how_often < RUNS_PER_INSTANCE || graph_is_test_file(c->graph, use->file)) continue;
        Growth growth = graph_growth(c->graph, id);
        growth.site = use;
        growth.sites = 1;
        Finding *f = rule_report_growth(c, container, &growth);
        f->effect = EFFECT_BOUNDED;
        bool is_low = growth.is_passed || is_out_of_use(c, container, use) ||
                      is_set_anew(c, container, use->op);
        f->confidence = is_low ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
        f->severity = SEVERITY_WARNING;
        f->message = rule_text(c,
                               "'%.*s' keeps what a call writes into it alive until another call "
                               "does: all calls that pass no '%.*s' write into one %s",
                               STR_ARG(container->name), STR_ARG(parameter_of(c, container)),
                               graph_container_text(container->kind));
        finish(c, f, container, use);
        return;
    }
}

static void check(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth;
    if (container->holder != HOLDER_DEFAULT) return;
    if (graph_is_test_file(c->graph, container->function.file)) return;
    if (graph_growth(c->graph, id).verdict == VERDICT_CONSTANT) check_constant(c, id, container);
    if (!rule_growth(c, id, &growth)) return;
    ScopeRef definition = {0};
    Str object = rule_use_object(c, growth.site, &definition);
    Finding *f = rule_report_growth(c, container, &growth);
    f->confidence = confidence_of(c, container, &growth);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message =
        rule_text(c,
                  "'%.*s' keeps '%.*s' alive until the process ends: all calls that pass "
                  "no '%.*s' add to one %s",
                  STR_ARG(container->name), STR_ARG(object), STR_ARG(parameter_of(c, container)),
                  graph_container_text(container->kind));
    finish(c, f, container, growth.site);
}

const Rule rule_lmp217 = {
    .code = "LMP217",
    .name = "default-argument-accumulates",
    .summary = "a mutable default argument is added to by every call that passes none",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check,
};
