/* ## What it does
 * Reports `raise X` where X is one exception object that lives on: a module variable, an attribute
 * of a class, a default argument, an attribute that another method has stored an exception in, an
 * element of a container.
 *
 * ## Why it leaks
 * On Python 3 each raise of an exception object adds entries to its `__traceback__`, one for every
 * frame that it leaves, and each entry holds the frame with all its locals. The object outlives the
 * raise, so the chain grows with every raise, and all these locals stay: arguments, requests,
 * buffers. Nothing cuts it but `with_traceback(None)`.
 *
 * ## Example
 * ```python bad
 * CLOSED = ConnectionError("the pool is closed")
 *
 *
 * def acquire(pool, request):
 *     if pool.closed:
 *         raise CLOSED
 *     return pool.take(request)
 * ```
 *
 * After a thousand calls `CLOSED.__traceback__` has a thousand entries, each with its `request`.
 * Make a new object for each raise:
 *
 * ```python good
 * def acquire(pool, request):
 *     if pool.closed:
 *         raise ConnectionError("the pool is closed")
 *     return pool.take(request)
 * ```
 *
 * ## When it is silent
 * - `raise X.with_traceback(None)`: the chain begins anew. The same where the exception is stored.
 * - Classes (`raise NotFound`), and new objects (`raise NotFound()`).
 * - The function that raises it has just made or stored it, or sets the attribute to None.
 * - Code that runs while modules are imported, and code for Python 2 alone.
 * - A shared StopIteration that `__next__` raises, before Python 3.12: a `for` loop leaves no
 * trace.
 *
 * At low confidence: an attribute that one method raises (or two, of an object that neither is
 * named like a manager nor holds a lock or task), that some method clears, or whose object is used
 * up by the function that makes it; and elements of what an object holds. Most of them are raised
 * once and go with their object. Also what is raised only where a parameter is not `callable`,
 * which a program that works never sees. At most medium: where a parameter is None or of another
 * type.
 *
 * ## What it misses
 * Exceptions that are handed to another object or returned by a function before they are raised.
 *
 * ## How to confirm
 * Count the entries of `X.__traceback__` (follow `tb_next`) before and after a hundred raises.
 *
 * ## References
 * - Python documentation, "Built-in Exceptions", `BaseException.with_traceback`
 * - pika and astroid grew like this, and raise without the old traceback since
 */
#include "rule/rule.h"

static const char *const HOLDERS[] = {"",           "module variable", "class attribute",
                                      "default of", "attribute",       "element of"};

/* `__next__` of an iterator, which a `for` loop calls. */
static bool is_next(RuleContext *c, const Facts *f, ScopeRef function) {
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    return graph_method_class(c->graph, function).i && str_is(name, "__next__");
}

static bool is_stop_iteration(RuleContext *c, const Shared *shared) {
    const Facts *f = graph_facts(c->graph, shared->file);
    const Path *made = &f->paths[shared->value.i];
    if (made->kind != PATH_OP || f->ops[made->id].kind != OP_CALL) return false;
    Str name = graph_name_of(c->graph, shared->file, op_path(&f->ops[made->id]));
    return str_is(name, "builtins.StopIteration");
}

/* An attribute is raised again only when its object is used again after it has failed: where
 * several methods ask for it, and the object lives on. */
static bool is_raised_again(const Shared *shared) {
    enum { MANY_GUARDS = 3 };
    if (shared->is_cleared || shared->is_brief || shared->guards < 2) return false;
    return shared->guards >= MANY_GUARDS || shared->is_lasting;
}

static bool is_parameter(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_SYMBOL && f->symbols[f->symbols[p->id].target.i].flags & SYMBOL_PARAM;
}

/* How often does what a test of a parameter finds go wrong: `callable(callback)` never in a program
 * that works, `isinstance(x, int)` and `x is None` seldom; all others ask what it holds. */
static Confidence confidence_of_test(RuleContext *c, u32 file, const Op *test) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[test->subject];
    const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    bool is_negated = test->flags & OP_NEGATED;
    switch (test->flags & OP_LOW) {
    case TEST_INSTANCE:
        return is_negated && is_parameter(f, op_path(test)) ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
    case TEST_IS:
        return !is_negated && facts_is_none(f, op_operand(f, test, 0)) &&
                       is_parameter(f, op_path(test))
                   ? CONFIDENCE_MEDIUM
                   : CONFIDENCE_HIGH;
    case TEST_CALL:
        if (!is_negated || !call || call->kind != OP_CALL || !call->operands)
            return CONFIDENCE_HIGH;
        return is_parameter(f, op_operand(f, call, 0)) &&
                       str_is(graph_name_of(c->graph, file, op_path(call)), "builtins.callable")
                   ? CONFIDENCE_LOW
                   : CONFIDENCE_HIGH;
    default:
        return CONFIDENCE_HIGH;
    }
}

/* The check of an argument that the statement stands behind. */
static Confidence confidence_of_raise(RuleContext *c, u32 file, const Op *raise) {
    const Facts *f = graph_facts(c->graph, file);
    const Region *r = &f->regions[raise->region.i];
    Confidence most = CONFIDENCE_LOW;
    if (r->kind != REGION_IF || r->test_first == r->test_end) return CONFIDENCE_HIGH;
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (f->ops[i].kind == OP_TEST) most = MAX(most, confidence_of_test(c, file, &f->ops[i]));
    return most;
}

static Confidence confidence_of(RuleContext *c, ScopeRef function, const Shared *shared) {
    if (graph_is_test_file(c->graph, function.file)) return CONFIDENCE_LOW;
    switch (shared->kind) {
    case SHARED_ELEMENT:
        return shared->is_lasting ? MIN(shared->confidence, CONFIDENCE_MEDIUM) : CONFIDENCE_LOW;
    case SHARED_ATTRIBUTE:
        return is_raised_again(shared) ? MIN(shared->confidence, CONFIDENCE_MEDIUM)
                                       : CONFIDENCE_LOW;
    default:
        return shared->confidence;
    }
}

static void add_evidence(RuleContext *c, Finding *f, ScopeRef function, const Op *raise,
                         const Shared *shared, Str path) {
    const Facts *home = graph_facts(c->graph, shared->file);
    const Facts *facts = graph_facts(c->graph, function.file);
    Str holder = rule_text(c, "%s %.*s", HOLDERS[shared->kind], STR_ARG(path));
    rule_step(c, f, STEP_NODE, holder, (Str){0}, shared->file, facts_op(home, shared->op)->span);
    rule_step(c, f, STEP_EDGE, STR(".__traceback__"), STR("grows by this raise"), function.file,
              raise->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    Str frame = rule_text(c, "frames of %.*s", STR_ARG(graph_scope_name(c->graph, function)));
    rule_step(c, f, STEP_NODE, frame, STR("one a raise, with all locals"), function.file,
              facts->scopes[function.scope.i].name_span);
}

/* Is the same object raised by the operation, again and again? */
static bool raises_it(RuleContext *c, u32 file, u32 index, Shared *shared) {
    const Op *op = &graph_facts(c->graph, file)->ops[index];
    if (op->kind != OP_RAISE || !op->operands) return false;
    *shared = graph_shared_exception(c->graph, file, (OpId){index});
    return shared->kind != SHARED_NONE &&
           graph_how_often(c->graph, file, op->region) >= RUNS_PER_INSTANCE;
}

enum { OTHERS_MAX = 6 };

/* One finding an object and file: is this the first statement that raises it? The others. */
static bool is_first(RuleContext *c, u32 file, u32 index, const Shared *shared, u32 *others,
                     u32 *n) {
    const Facts *f = graph_facts(c->graph, file);
    *n = 0;
    for (u32 o = 1; o < f->n_ops && *n < OTHERS_MAX; o++) {
        Shared other;
        if (o == index || f->ops[o].kind != OP_RAISE || !raises_it(c, file, o, &other)) continue;
        if (other.kind != shared->kind || other.file != shared->file || other.op.i != shared->op.i)
            continue;
        if (o < index) return false;
        others[(*n)++] = o;
    }
    return true;
}

static void check_raise(RuleContext *c, ScopeRef function, u32 index) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Op *raise = &f->ops[index];
    Shared shared;
    u32 others[OTHERS_MAX], n_others;
    if (!raises_it(c, function.file, index, &shared)) return;
    if (!is_first(c, function.file, index, &shared, others, &n_others)) return;
    u32 targets = rule_targets(c, function.file);
    bool is_stop = is_stop_iteration(c, &shared) && is_next(c, f, function);
    if (is_stop && !targets_from(targets, PYTHON_3_12)) return;
    bool some_are_safe = is_stop && targets_before(targets, PYTHON_3_12);
    Str path = rule_path_text(c, function.file, op_operand(f, raise, 0));
    Finding *finding = rule_report(c, function.file, raise->span, function);
    Confidence most = confidence_of_raise(c, function.file, raise);
    for (u32 i = 0; i < n_others; i++)
        most = MAX(most, confidence_of_raise(c, function.file, &f->ops[others[i]]));
    finding->confidence = MIN(confidence_of(c, function, &shared), most);
    finding->severity = finding->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = path;
    bool is_static = shared.kind != SHARED_ATTRIBUTE && shared.kind != SHARED_ELEMENT;
    finding->message = rule_text(
        c, "'%.*s' keeps the locals of '%.*s' alive until %s: each raise adds to its traceback%s",
        STR_ARG(path), STR_ARG(graph_scope_name(c->graph, function)),
        is_static ? "the process ends" : "its owner lets it go",
        some_are_safe ? ", on Python 3.12 and later" : "");
    finding->help =
        shared.kind == SHARED_ATTRIBUTE || shared.kind == SHARED_ELEMENT
            ? rule_text(c, "`raise %.*s.with_traceback(None)`, or raise a new exception from it",
                        STR_ARG(path))
            : rule_text(c,
                        "make the exception where it is raised, or `raise "
                        "%.*s.with_traceback(None)`",
                        STR_ARG(path));
    finding->confirm =
        rule_text(c, "the chain of `tb_next` from `%.*s.__traceback__` is longer after 100 raises",
                  STR_ARG(path));
    add_evidence(c, finding, function, raise, &shared, path);
    for (u32 i = 0; i < n_others; i++)
        rule_step(c, finding, STEP_NOTE, STR("raised here, too"), (Str){0}, function.file,
                  f->ops[others[i]].span);
}

static void check(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION) return;
    if (!targets_from(rule_targets(c, function.file), PYTHON_3_3)) return;
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (f->ops[o].kind == OP_RAISE &&
            f->regions[f->ops[o].region.i].scope.i == function.scope.i)
            check_raise(c, function, o);
}

const Rule rule_lmp105 = {
    .code = "LMP105",
    .name = "shared-exception-raised",
    .summary =
        "one exception object is raised again and again: its traceback grows with each raise",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_function = check,
};
