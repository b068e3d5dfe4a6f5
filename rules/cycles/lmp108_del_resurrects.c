/* ## What it does
 * Reports a `__del__` that stores its instance (or a bound method, closure, partial or container
 * that holds it) where it outlives the call: a global, a class attribute, a container of either, an
 * object that was given to the instance, a registry of the interpreter, a thread, timer or task.
 * Helpers that `__del__` calls are followed two steps.
 *
 * ## Why it leaks
 * The instance was about to die and is alive again. Nobody else refers to it, so that nobody takes
 * it out of where it was put: each instance stays there until the process ends. From Python 3.4 on
 * `__del__` runs once in the life of an object, so that one that is taken out and used again is
 * never finalized a second time (PEP 442). Python 2.7 calls `__del__` at every death, and an
 * object that always stores itself never dies there.
 *
 * ## Example
 * ```python bad
 * POOL = []
 *
 *
 * class Buffer:
 *     def __init__(self):
 *         self.data = bytearray(1 << 20)
 *
 *     def __del__(self):
 *         POOL.append(self)
 * ```
 *
 * Let the users of a pool give back what they took, and keep what is reused apart from its owner:
 *
 * ```python good
 * FREE = []
 *
 *
 * class Buffer:
 *     def __init__(self):
 *         self.data = FREE.pop() if FREE else bytearray(1 << 20)
 *
 *     def close(self):
 *         if len(FREE) < 16:
 *             FREE.append(self.data)
 *         self.data = None
 * ```
 *
 * ## When it is silent
 * - What is stored does not hold the instance: `id(self)`, `self.name`, a static method, a weak
 *   reference, a payload.
 * - The holder is weak, belongs to the instance, or is a local variable.
 * - A thread that is made and not started.
 *
 * An instance that a thread, timer or task gets lives until that has run: the effect is `hazard`,
 * because it does not stay, but its `__del__` does not run again, and at exit the thread may not
 * start at all (LMP110); the same for a container that something takes it out of. At medium
 * confidence: an object that was given to the instance, a pool. At low confidence: a list that the
 * instance is removed from later, as subprocess does with children that still run, or that parks
 * instances until something ends each of them (`dead.pop().delete()`).
 *
 * ## What it misses
 * Functions outside the project that keep what they get, and helpers more than two calls away.
 *
 * ## How to confirm
 * Count the instances in the holder after a hundred were made and dropped.
 *
 * ## References
 * - PEP 442, "Safe object finalization", "Resurrection"
 * - Python documentation, "Data model", `object.__del__`
 */
#include "rule/rule.h"

static Str name_of(RuleContext *c, ScopeRef scope) {
    const Facts *f = graph_facts(c->graph, scope.file);
    return facts_str(f, f->scopes[scope.scope.i].name);
}

/* What the object is held as. */
static Str carried_text(RuleContext *c, const Revival *r) {
    Str text = rule_path_text(c, r->file, r->value);
    switch (r->carry) {
    case CARRY_METHOD:
        return rule_text(c, "bound method %.*s", STR_ARG(text));
    case CARRY_CLOSURE:
        return STR("function that closes over it");
    case CARRY_DISPLAY:
        return STR("container that holds it");
    case CARRY_PARTIAL:
    case CARRY_INSTANCE:
        return rule_text(c, "object that holds it");
    default:
        return (Str){0};
    }
}

/* The holder: the class for `type(self).last`, the whole target of another store. */
static Str holder_text(RuleContext *c, const Revival *r) {
    const Facts *f = graph_facts(c->graph, r->file);
    const Op *op = facts_op(f, r->op);
    const Path *root = facts_root(f, r->holder);
    if (root->kind != PATH_OP) {
        bool is_store = op->kind == OP_STORE && f->paths[op->subject].kind == PATH_ATTR;
        return rule_path_text(c, r->file, is_store ? op_path(op) : r->holder);
    }
    ClassId class = graph_method_class(c->graph, r->function);
    return graph_class_name(c->graph, class);
}

/* How often `__del__` runs depends on the version. */
static Str again_text(RuleContext *c, u32 file) {
    u32 targets = rule_targets(c, file);
    if (!targets_before(targets, PYTHON_3_4)) return STR("does not run a second time");
    if (!targets_from(targets, PYTHON_3_4)) return STR("runs again at its next death");
    return STR("runs a second time on Python 2.7 only");
}

static void set_message(RuleContext *c, Finding *f, const Revival *r, Str object, Str holder) {
    Str again = again_text(c, r->file);
    if (r->is_removed) {
        f->effect = EFFECT_HAZARD;
        f->message = rule_text(
            c, "'%.*s' is alive again when '__del__' puts it into '%.*s', and '__del__' %.*s",
            STR_ARG(object), STR_ARG(holder), STR_ARG(again));
        f->help = STR("give the object back in a method that users call (`close`, `__exit__`)");
        return;
    }
    if (r->kind == REVIVE_RUN) {
        f->effect = EFFECT_HAZARD;
        f->message = rule_text(
            c, "'%.*s' is alive again when '__del__' gives it to '%.*s', and '__del__' %.*s",
            STR_ARG(object), STR_ARG(holder), STR_ARG(again));
        f->help = STR("do the work in a method that users call (`close`), before the last "
                      "reference goes");
        return;
    }
    OpKind kind = (OpKind)facts_op(graph_facts(c->graph, r->file), r->op)->kind;
    const char *until = r->kind == REVIVE_PROCESS               ? "the process ends"
                        : kind == OP_CALL || kind == OP_AUGMENT ? "something takes it out again"
                                                                : "something else is stored there";
    f->message =
        rule_text(c, "'%.*s' keeps '%.*s' alive until %s: '__del__' puts it there and %.*s",
                  STR_ARG(holder), STR_ARG(object), until, STR_ARG(again));
    f->help = STR("give the object back in a method that users call (`close`, `__exit__`), or "
                  "store what it holds, not itself");
}

static Str edge_text(RuleContext *c, const Revival *r) {
    const Facts *f = graph_facts(c->graph, r->file);
    const Op *op = facts_op(f, r->op);
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL) return STR("=");
    if (callee->kind != PATH_ATTR) return STR("argument");
    return rule_text(c, ".%.*s()", STR_ARG(facts_str(f, (StrId){callee->id})));
}

static void add_steps(RuleContext *c, Finding *f, const Revival *r, Str object, Str holder,
                      ScopeRef del) {
    const Facts *there = graph_facts(c->graph, r->file);
    const Facts *home = graph_facts(c->graph, del.file);
    Span span = facts_op(there, r->op)->span;
    rule_step(c, f, STEP_NODE, holder, (Str){0}, r->file, span);
    rule_step(c, f, STEP_EDGE, edge_text(c, r), STR("stored here, while it dies"), r->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    Str carried = carried_text(c, r);
    if (carried.n) {
        rule_step(c, f, STEP_NODE, carried, (Str){0}, r->file, span);
        rule_step(c, f, STEP_EDGE, STR("reference"), (Str){0}, r->file, span);
    }
    rule_step(c, f, STEP_NODE, object, STR("the instance that __del__ runs for"), del.file,
              home->scopes[del.scope.i].name_span);
    if (r->call.op.i)
        rule_note(c, f, rule_text(c, "call of %.*s", STR_ARG(name_of(c, r->function))),
                  STR("from __del__"), r->call);
}

static void check(RuleContext *c, ScopeRef function) {
    if (!str_is(name_of(c, function), "__del__") || !graph_method_class(c->graph, function).i)
        return;
    Revival r = graph_revival(c->graph, function);
    if (r.kind == REVIVE_NONE) return;
    const Facts *f = graph_facts(c->graph, function.file);
    const Facts *there = graph_facts(c->graph, r.file);
    bool by_helper = r.call.op.i != 0;
    Span span = by_helper ? facts_op(f, r.call.op)->span : facts_op(there, r.op)->span;
    const Scope *scope = &f->scopes[function.scope.i];
    Str object = facts_str(f, f->symbols[f->params[scope->param_first].symbol.i].name);
    Str holder = holder_text(c, &r);
    Finding *finding = rule_report(c, function.file, span, function);
    finding->confidence =
        graph_is_test_file(c->graph, function.file) ? CONFIDENCE_LOW : r.confidence;
    finding->severity = finding->confidence == CONFIDENCE_HIGH && r.kind != REVIVE_RUN
                            ? SEVERITY_ERROR
                            : SEVERITY_WARNING;
    finding->subject = graph_class_name(c->graph, graph_method_class(c->graph, function));
    set_message(c, finding, &r, object, holder);
    add_steps(c, finding, &r, object, holder, function);
    finding->confirm = STR("the instance is in its holder after `del` of the last variable");
}

const Rule rule_lmp108 = {
    .code = "LMP108",
    .name = "del-resurrects",
    .summary = "__del__ stores its instance where it outlives the call",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_function = check,
};
