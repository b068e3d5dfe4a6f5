/* ## What it does
 * Reports exceptions, tracebacks and frames that are put into a container that lives as long as the
 * process and that nothing drains, and a caught exception that is kept in a variable of a module,
 * an attribute of a class or of an object that a module holds.
 *
 * ## Why it leaks
 * On Python 3 an exception holds its traceback, and the traceback the frame of every function that
 * the exception went through with all locals; through `f_back` each frame holds its callers, too,
 * even what they bind later. A list of exceptions is a list of whole call stacks: requests,
 * connections, buffers.
 *
 * ## Example
 * ```python bad
 * FAILURES = []
 *
 *
 * def handle(request):
 *     try:
 *         return request.run()
 *     except Exception as error:
 *         FAILURES.append(error)
 * ```
 *
 * Each failure keeps its `request`. Text is enough for a report:
 *
 * ```python good
 * import collections
 * import traceback
 *
 * FAILURES = collections.deque(maxlen=100)
 *
 *
 * def handle(request):
 *     try:
 *         return request.run()
 *     except Exception:
 *         FAILURES.append(traceback.format_exc())
 * ```
 *
 * ## When it is silent
 * - The container is bounded or drained anywhere in the program.
 * - Text and types are kept: `str(e)`, `type(e)`, `e.args`, `traceback.format_exc()`,
 *   `traceback.TracebackException`; weak references.
 * - The traceback is cut off: `e.with_traceback(None)`, `e.__traceback__ = None`,
 *   `traceback.clear_frames(…)`.
 * - Exceptions in code for Python 2 alone, where they have no traceback.
 *
 * A variable that some function sets to None is reported at low confidence, and so are one that a
 * function binds which puts another in its own place (`globals()["connect"] = …` in `connect`),
 * containers that code outside the project can reach, and tests.
 *
 * ## What it misses
 * Exceptions inside objects of the project that are stored, results of functions, containers of
 * objects that do not live as long as the process (see LMP104).
 *
 * ## How to confirm
 * Keep a weak reference to a local of a function that failed: it is alive after `gc.collect()`.
 *
 * ## References
 * - PEP 3134, "Exception Chaining and Embedded Tracebacks"
 * - CPython issue 36820, and others: caches of exceptions that keep frames
 */
#include "rule/rule.h"

/* The tail of both kinds of finding: container or slot, edge, exception, frames. */
static void add_evidence(RuleContext *c, Finding *f, Str holder, Place made, Str edge, Str note,
                         Str what, u32 file, Span at) {
    finding_step(c->arena, f,
                 (Step){.kind = STEP_NODE, .text = holder, .place = made, .has_place = true});
    rule_step(c, f, STEP_EDGE, edge, note, file, at);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, what, (Str){0}, file, at);
    rule_step(c, f, STEP_EDGE, STR(".__traceback__"), (Str){0}, file, at);
    rule_step(c, f, STEP_NODE, STR("frames of the call stack"), STR("with all their locals"), file,
              at);
    f->help = STR("keep text (`traceback.format_exc()`), or a `traceback.TracebackException`");
    f->confirm = STR("a weak reference to a local of the function that failed is alive after "
                     "`gc.collect()`");
}

static void check_container(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth = graph_growth(c->graph, id);
    Str what;
    Confidence sure;
    if (growth.verdict != VERDICT_GROWS || growth.moving || container->kind == CONTAINER_QUEUE)
        return;
    const Use *use = growth.site;
    if (!rule_keeps_exceptions(c, use, &what, &sure)) return;
    Span at = facts_op(graph_facts(c->graph, use->file), use->op)->span;
    Str function = scope_is_none(use->function) ? graph_module_name(c->graph, use->file)
                                                : graph_scope_name(c->graph, use->function);
    Finding *f = rule_report(c, use->file, at, use->function);
    f->container = graph_place(c->graph, container->file, container->definition);
    f->has_container = true;
    f->confidence = growth.escapes      ? CONFIDENCE_LOW
                    : growth.by_callers ? sure
                                        : MIN(sure, CONFIDENCE_MEDIUM);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = container->name;
    bool is_keyed = use->key.i && use->value.i;
    Str key = is_keyed ? rule_path_text(c, use->file, use->key) : (Str){0};
    Str each = !is_keyed ? rule_text(c, "one per call of '%.*s'", STR_ARG(function))
               : key.n && str_find(key, '\'') < 0 ? rule_text(c, "one per new '%.*s'", STR_ARG(key))
                                                  : STR("one per new key");
    f->message = rule_text(c,
                           "'%.*s' keeps '%.*s' and the locals of its call stack alive until the "
                           "process ends: %.*s, none removed",
                           STR_ARG(container->name), STR_ARG(what), STR_ARG(each));
    Str edge = is_keyed ? STR("[…]") : rule_text(c, ".%.*s()", STR_ARG(use->how));
    add_evidence(c, f, container->name, f->container, edge, STR("added here, never removed"), what,
                 use->file, at);
}

/* ---- one slot ---- */

/* Some other statement of the class or module sets it to None, outside constructors. */
static bool is_cleared(const Facts *f, ScopeRef function, PathId path) {
    const Path *slot = &f->paths[path.i];
    SymbolId variable = slot->kind == PATH_SYMBOL ? f->symbols[slot->id].target : (SymbolId){0};
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_BIND && op->kind != OP_STORE && op->kind != OP_DELETE) continue;
        const Path *to = &f->paths[op->subject], *value = &f->paths[op_operand(f, op, 0).i];
        const Scope *scope = &f->scopes[f->regions[op->region.i].scope.i];
        if (scope->kind != SCOPE_FUNCTION || str_is(facts_str(f, scope->name), "__init__"))
            continue;
        if (op->kind != OP_DELETE && (value->kind != PATH_LITERAL || value->flags != LITERAL_NONE))
            continue;
        bool is_it = variable.i
                         ? to->kind == PATH_SYMBOL && f->symbols[to->id].target.i == variable.i
                         : to->kind == slot->kind && to->id == slot->id;
        if (is_it) return true;
    }
    (void)function;
    return false;
}

/* `globals()["connect"] = …`, `global connect; connect = …` in `connect` itself, where every way
 * ends: what it did will not be done again. */
static bool replaces_itself(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (f->scopes[scope->parent.i].kind != SCOPE_MODULE) return false;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        const Path *to = &f->paths[op->subject];
        if (f->regions[op->region.i].kind != REGION_BODY) continue;
        if (f->regions[op->region.i].scope.i != function.scope.i) continue;
        if (op->kind == OP_BIND && to->kind == PATH_SYMBOL) {
            const Symbol *s = &f->symbols[f->symbols[to->id].target.i];
            bool is_global = f->scopes[s->scope.i].kind == SCOPE_MODULE;
            if (is_global && str_eq(facts_str(f, s->name), facts_str(f, scope->name))) return true;
        }
        const Path *table = &f->paths[to->parent.i];
        if (op->kind != OP_STORE || to->kind != PATH_CONST || table->kind != PATH_OP) continue;
        const Op *call = &f->ops[table->id];
        if (call->kind == OP_CALL &&
            str_eq(facts_str(f, (StrId){to->id}), facts_str(f, scope->name)) &&
            str_is(graph_name_of(c->graph, function.file, op_path(call)), "builtins.globals"))
            return true;
    }
    return false;
}

static void check_slot(RuleContext *c, ScopeRef function, u32 index) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Op *op = &f->ops[index];
    PathId path = op_path(op);
    PathKind kind = (PathKind)f->paths[path.i].kind;
    if ((kind != PATH_SYMBOL && kind != PATH_ATTR) || (op->flags & OP_LOW) != BIND_ASSIGN) return;
    if (!graph_in_handler(c->graph, function.file, op->region)) return;
    LastingKind owner = graph_lasting_owner(c->graph, function, path);
    if (!owner || graph_how_often(c->graph, function.file, op->region) < RUNS_PER_INSTANCE) return;
    Caught caught = graph_caught_in(c->graph, function.file, (OpId){index}, op_operand(f, op, 0));
    if (caught.kind != CAUGHT_EXCEPTION) return;
    Str name = rule_path_text(c, function.file, path);
    Str what = caught.name.n ? caught.name : STR("the exception");
    Finding *finding = rule_report(c, function.file, op->span, function);
    finding->effect = EFFECT_BOUNDED;
    finding->confidence = MIN(caught.confidence, CONFIDENCE_MEDIUM);
    if (graph_is_test_file(c->graph, function.file) || is_cleared(f, function, path) ||
        replaces_itself(c, function))
        finding->confidence = CONFIDENCE_LOW;
    finding->subject = name;
    finding->message = rule_text(
        c, "'%.*s' keeps '%.*s' and the locals of its call stack alive until it is replaced",
        STR_ARG(name), STR_ARG(what));
    Place here = graph_place(c->graph, function.file, op->span);
    add_evidence(c, finding, str_from(lasting_text(owner)), here, name,
                 STR("bound here, kept until the next failure"), what, function.file, op->span);
}

static void check_function(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION) return;
    if (!targets_from(rule_targets(c, function.file), PYTHON_3_3)) return;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if ((op->kind == OP_BIND || op->kind == OP_STORE) &&
            f->regions[op->region.i].scope.i == function.scope.i)
            check_slot(c, function, o);
    }
}

const Rule rule_lmp106 = {
    .code = "LMP106",
    .name = "exceptions-accumulate",
    .summary =
        "exceptions are kept as long as the process, and with each the frames it went through",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check_container,
    .on_function = check_function,
};
