/* ## What it does
 * Reports `weakref.finalize(x, f, …)` where the callback or one of its arguments holds x: a bound
 * method of x, a lambda or inner function that uses x, a partial over it, x among the arguments, or
 * a method of a helper that refers back to x.
 *
 * ## Why it leaks
 * The registry of `weakref.finalize` holds callback and arguments strongly until the finalizer has
 * run, and the finalizer runs when x dies. What the callback reaches cannot die, so x lives until
 * the process exits, and the clean-up runs only then. `atexit = False` changes the moment of the
 * callback, not the life of x.
 *
 * ## Example
 * ```python bad
 * import os
 * import weakref
 *
 *
 * class Lock:
 *     def __init__(self, path):
 *         self.path = path
 *         weakref.finalize(self, self.release)
 *
 *     def release(self):
 *         os.unlink(self.path)
 * ```
 *
 * `self.release` holds `self`. Give the finalizer what the clean-up needs, and nothing more:
 *
 * ```python good
 * import os
 * import weakref
 *
 *
 * class Lock:
 *     def __init__(self, path):
 *         self.path = path
 *         self.finalizer = weakref.finalize(self, os.unlink, path)
 *
 *     def release(self):
 *         self.finalizer()
 * ```
 *
 * ## When it is silent
 * - Static and class methods, functions of the module, bound methods of an attribute that does not
 *   refer back, and captured plain values (`path = self.path`).
 * - The finalizer is called or detached in the same expression.
 * - x is a variable or class of the module, or its class has instances only there: they live as
 *   long anyway.
 *
 * At medium confidence: a method of something whose class is not known, a callback that holds the
 * owner of x. At low confidence: tests.
 *
 * ## What it misses
 * An object that is reached through more than one attribute of a helper, or through a container
 * that is filled elsewhere; finalizers that are made by a helper function.
 *
 * ## How to confirm
 * `r = weakref.ref(x); del x; gc.collect(); assert r() is None` fails.
 *
 * ## References
 * - Python documentation, `weakref.finalize`: "It is important to ensure that func, args and kwargs
 *   do not own any references to obj"
 * - CPython, Lib/weakref.py, class finalize
 */
#include "rule/rule.h"

/* The callback, an argument, or what the finalizer watches, and what was found in it. */
typedef struct Reach {
    Carry carry;
    bool is_callback;
    Str text; /* of the expression */
} Reach;

/* Called or detached at once: the next operations take the result as their callee. */
static bool is_spent_at_once(const Facts *f, OpId call) {
    for (u32 o = call.i + 1; o < f->n_ops && o < call.i + 4; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL) continue;
        const Path *callee = &f->paths[op->subject];
        if (callee->kind == PATH_OP && callee->id == call.i) return true;
        const Path *base = &f->paths[callee->parent.i];
        if (callee->kind == PATH_ATTR && base->kind == PATH_OP && base->id == call.i)
            return str_is(facts_str(f, (StrId){callee->id}), "detach");
    }
    return false;
}

/* The path names a class of the module, as `C` or as the first parameter of a class method. */
static bool is_lasting_class(RuleContext *c, u32 file, PathId object, SymbolId root) {
    const Facts *f = graph_facts(c->graph, file);
    ClassId named = graph_class_of_scope(c->graph, graph_definition_of(c->graph, file, object));
    ScopeRef owner = {file, f->symbols[root.i].scope};
    const Scope *scope = &f->scopes[owner.scope.i];
    bool is_first = scope->param_first < scope->param_end &&
                    f->params[scope->param_first].symbol.i == root.i &&
                    f->paths[object.i].kind == PATH_SYMBOL;
    if (!named.i && is_first && graph_method_kind(c->graph, owner) == METHOD_CLASS)
        named = graph_method_class(c->graph, owner);
    return named.i && graph_class_is_static(c->graph, named);
}

/* The object lives as long as the process in any case. */
static bool is_immortal(RuleContext *c, u32 file, PathId object) {
    const Facts *f = graph_facts(c->graph, file);
    SymbolId root = facts_root_symbol(f, object);
    if (root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    if (root.i && is_lasting_class(c, file, object, root)) return true;
    ClassId class = graph_type_of(c->graph, file, object);
    return class.i && graph_only_module_instances(c->graph, class);
}

/* The first of callback and arguments that holds the object. */
static Reach reach_of(RuleContext *c, u32 file, const Op *call, PathId object) {
    const Facts *f = graph_facts(c->graph, file);
    Reach best = {0};
    u32 position = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        if (operand_kind(o) == OPERAND_STAR || operand_kind(o) == OPERAND_DOUBLE_STAR) continue;
        if (operand_kind(o) == OPERAND_POSITIONAL && position++ == 0) continue;
        bool is_callback = operand_kind(o) == OPERAND_POSITIONAL && position == 2;
        Carry carry = graph_carries(c->graph, file, o.path, object);
        if (carry.kind == CARRY_NOTHING) continue;
        if (best.carry.kind && carry.confidence <= best.carry.confidence) continue;
        best = (Reach){carry, is_callback, rule_path_text(c, file, o.path)};
    }
    return best;
}

/* The holder, for the retention path. */
static Str holder_of(RuleContext *c, const Reach *r) {
    Str name = r->carry.name;
    switch (r->carry.kind) {
    case CARRY_METHOD:
        return rule_text(c, "bound method %.*s", STR_ARG(name));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "function %.*s", STR_ARG(name)) : STR("lambda");
    case CARRY_PARTIAL:
        return name;
    case CARRY_INSTANCE:
        return str_after_last(name, '.');
    default:
        return r->text;
    }
}

/* The end of the message: why the object is held. */
static Str reason_of(RuleContext *c, const Reach *r) {
    const char *role = r->is_callback ? "callback" : "argument";
    Str name = r->carry.name, text = str_ends(r->text, ")") ? name : r->text;
    switch (r->carry.kind) {
    case CARRY_ITSELF:
        return rule_text(c, "'%.*s' is among its arguments", STR_ARG(r->text));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "its inner function '%.*s' holds it", STR_ARG(name))
                      : STR("its lambda holds it");
    case CARRY_PARTIAL:
        return rule_text(c, "its '%.*s' object holds it", STR_ARG(name));
    case CARRY_INSTANCE:
        return rule_text(c, "its '%.*s' holds it", STR_ARG(str_after_last(name, '.')));
    case CARRY_DISPLAY:
        return STR("a container that is passed along holds it");
    case CARRY_BACK_REFERENCE:
        return rule_text(c, "its %s '%.*s' refers back to it", role, STR_ARG(text));
    case CARRY_OWNER:
        return rule_text(c, "its %s '%.*s' holds the owner", role, STR_ARG(text));
    default:
        return rule_text(c, "its %s '%.*s' holds it", role, STR_ARG(text));
    }
}

static const char *edge_of(CarryKind kind) {
    switch (kind) {
    case CARRY_METHOD:
        return ".__self__";
    case CARRY_CLOSURE:
        return ".__closure__";
    case CARRY_PARTIAL:
        return ".args";
    case CARRY_DISPLAY:
        return "[…]";
    default:
        return "reference";
    }
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId object = op_operand(f, call, 0);
    if (call->operands < 2 || operand_kind(f->operands[call->operand]) != OPERAND_POSITIONAL)
        return;
    if (is_spent_at_once(f, ref.op) || is_immortal(c, ref.file, object)) return;
    Reach r = reach_of(c, ref.file, call, object);
    if (r.carry.kind == CARRY_NOTHING) return;

    Str watched = rule_path_text(c, ref.file, object);
    ScopeRef scope = {ref.file, f->regions[call->region.i].scope};
    Finding *finding = rule_report(c, ref.file, call->span, scope);
    finding->confidence =
        graph_is_test_file(c->graph, ref.file) ? CONFIDENCE_LOW : r.carry.confidence;
    finding->severity = finding->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = watched;
    finding->message =
        rule_text(c, "'weakref.finalize' keeps '%.*s' alive until the process exits: %.*s",
                  STR_ARG(watched), STR_ARG(reason_of(c, &r)));
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_NODE, .text = STR("weakref.finalize registry")});
    rule_step(c, finding, STEP_EDGE, r.is_callback ? STR("callback") : STR("argument"),
              STR("added here, removed only when the object has died"), ref.file, call->span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    if (r.carry.kind != CARRY_ITSELF) {
        Span place = r.carry.has_place ? r.carry.place : call->span;
        u32 file = r.carry.has_place ? r.carry.file : ref.file;
        rule_step(c, finding, STEP_NODE, holder_of(c, &r), (Str){0}, file, place);
        Str edge = str_from(edge_of(r.carry.kind));
        rule_step(c, finding, STEP_EDGE, edge, (Str){0}, ref.file, call->span);
    }
    rule_step(c, finding, STEP_NODE, watched, (Str){0}, ref.file, call->span);
    finding->help =
        STR("pass a function of the module or a static method, and only the values that it needs");
    finding->confirm = rule_text(
        c, "a weak reference to '%.*s' is still alive after `gc.collect()`", STR_ARG(watched));
}

static const char *const callees[] = {"weakref.finalize", NULL};

const Rule rule_lmp211 = {
    .code = "LMP211",
    .name = "finalizer-holds-referent",
    .summary = "the callback of weakref.finalize holds the object whose death it waits for",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
