/* ## What it does
 * Reports `weakref.finalize(x, f, …)` where the callback or one of its arguments holds x: a bound
 * method of x, a lambda or inner function that uses x, a partial over it, x among the arguments, or
 * a method of a helper that refers back to x; also through a function of the project that is given
 * both. The same for the callback of `weakref.ref(x, f)` where something else than x keeps the
 * reference. And a callback that reaches x, and nothing else, through a weak reference to it: when
 * it runs, that reference is dead.
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
 * owner of x, a reference that is kept by an object which may die itself. At low confidence: tests.
 * A reference with a callback that x itself keeps is LMP230: x dies, and the callback never runs.
 *
 * ## What it misses
 * An object that is reached through more than one attribute of a helper, or through a container
 * that is filled elsewhere; a helper that is given the object by one call and the callback by
 * another.
 *
 * ## How to confirm
 * `r = weakref.ref(x); del x; gc.collect(); assert r() is None` fails.
 *
 * ## References
 * - Python documentation, `weakref.finalize`: "It is important to ensure that func, args and kwargs
 *   do not own any references to obj"
 * - Python documentation, `weakref.ref`: the callback is held by the reference object
 * - CPython, Lib/weakref.py, class finalize
 */
#include "rule/rule.h"

/* The first of callback and arguments that holds the object. */
static Carried reach_of(RuleContext *c, u32 file, const Op *call, PathId object) {
    const Facts *f = graph_facts(c->graph, file);
    Carried best = {0};
    u32 position = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        if (operand_kind(o) == OPERAND_STAR || operand_kind(o) == OPERAND_DOUBLE_STAR) continue;
        if (operand_kind(o) == OPERAND_POSITIONAL && position++ == 0) continue;
        bool is_callback = operand_kind(o) == OPERAND_POSITIONAL && position == 2;
        Carry carry = graph_carries(c->graph, file, o.path, object);
        if (carry.kind == CARRY_NOTHING) continue;
        /* `x.name` of a class that nobody knows: a method as callback, data as argument */
        if (carry.is_guess && !is_callback) continue;
        if (best.carry.kind && carry.confidence <= best.carry.confidence) continue;
        best = (Carried){carry, is_callback, rule_path_text(c, file, o.path)};
    }
    return best;
}

/* Who holds the callback: the registry of finalizers, or who keeps a weak reference. */
typedef struct Holder {
    Str name; /* for the message */
    Str node; /* for the evidence */
    Confidence most;
    const char *end;
} Holder;

static const Holder REGISTRY = {{"weakref.finalize", 16},
                                {"weakref.finalize registry", 25},
                                CONFIDENCE_HIGH,
                                "until the process exits"};

static Finding *report(RuleContext *c, OpRef ref, Str watched, Confidence confidence) {
    const Op *call = facts_op(graph_facts(c->graph, ref.file), ref.op);
    ScopeRef scope = {ref.file, graph_facts(c->graph, ref.file)->regions[call->region.i].scope};
    Finding *f = rule_report(c, ref.file, call->span, scope);
    f->confidence = graph_is_test_file(c->graph, ref.file) ? CONFIDENCE_LOW : confidence;
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = watched;
    return f;
}

static void add_evidence(RuleContext *c, Finding *f, OpRef ref, const Holder *h, const Carried *r) {
    Span span = facts_op(graph_facts(c->graph, ref.file), ref.op)->span;
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = h->node});
    rule_step(c, f, STEP_EDGE, r->is_callback ? STR("callback") : STR("argument"),
              STR("added here, removed only when the object has died"), ref.file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (r->carry.kind != CARRY_ITSELF) {
        Span place = r->carry.has_place ? r->carry.place : span;
        u32 file = r->carry.has_place ? r->carry.file : ref.file;
        rule_step(c, f, STEP_NODE, rule_carried_holder(c, r), (Str){0}, file, place);
        Str edge = str_from(rule_carried_edge(r->carry.kind));
        rule_step(c, f, STEP_EDGE, edge, (Str){0}, ref.file, span);
    }
    rule_step(c, f, STEP_NODE, f->subject, (Str){0}, ref.file, span);
}

static void report_reach(RuleContext *c, OpRef ref, PathId object, const Holder *h,
                         const Carried *r) {
    Str watched = rule_path_text(c, ref.file, object);
    Finding *f = report(c, ref, watched, MIN(r->carry.confidence, h->most));
    f->message = rule_text(c, "'%.*s' keeps '%.*s' alive %s: %.*s", STR_ARG(h->name),
                           STR_ARG(watched), h->end, STR_ARG(rule_carried_reason(c, r)));
    add_evidence(c, f, ref, h, r);
    f->help =
        STR("pass a function of the module or a static method, and only the values that it needs");
    f->confirm = rule_text(c, "a weak reference to '%.*s' is still alive after `gc.collect()`",
                           STR_ARG(watched));
}

static void report_dead(RuleContext *c, OpRef ref, PathId object, SymbolId reference) {
    const Facts *facts = graph_facts(c->graph, ref.file);
    Str watched = rule_path_text(c, ref.file, object);
    Str name = facts_str(facts, facts->symbols[reference.i].name);
    Finding *f = report(c, ref, watched, CONFIDENCE_MEDIUM);
    f->effect = EFFECT_HAZARD;
    f->message = rule_text(c,
                           "the callback of 'weakref.finalize' finds nothing to clean up when "
                           "'%.*s' has died: '%.*s()' is None by then",
                           STR_ARG(watched), STR_ARG(name));
    rule_note(c, f, rule_text(c, "weak reference %.*s to %.*s", STR_ARG(name), STR_ARG(watched)),
              STR("cleared before the callback runs"),
              (OpRef){ref.file, facts->symbols[reference.i].bind});
    rule_note(c, f, STR("callback"), STR("reaches the object through that reference only"), ref);
    f->steps.v[f->steps.n - 1].suspect = true;
    f->help = STR("pass what has to be released (the file, the path, the connection) to the "
                  "finalizer, instead of a way to the object that holds it");
    f->confirm = rule_text(c, "let the callback print '%.*s()', and drop '%.*s'", STR_ARG(name),
                           STR_ARG(watched));
}

/* ---- calls ---- */

/* `def watch(x, f): weakref.finalize(x, f)`: callers that pass an object and what holds it. */
static void check_callers(RuleContext *c, OpRef ref, PathId object, PathId callback) {
    const Facts *f = graph_facts(c->graph, ref.file);
    SymbolId watched = graph_parameter(c->graph, ref.file, object);
    SymbolId given = graph_parameter(c->graph, ref.file, callback);
    if (!watched.i || !given.i || f->symbols[watched.i].scope.i != f->symbols[given.i].scope.i)
        return;
    ScopeRef function = {ref.file, f->symbols[given.i].scope};
    const OpRef *calls;
    u32 n = graph_callers(c->graph, function, &calls);
    for (u32 i = 0; i < n; i++) {
        PathId x = graph_argument(c->graph, calls[i], function, watched);
        PathId value = graph_argument(c->graph, calls[i], function, given);
        if (!x.i || !value.i || graph_is_immortal(c->graph, calls[i].file, x)) continue;
        Carry carry = graph_carries(c->graph, calls[i].file, value, x);
        if (carry.kind == CARRY_NOTHING) continue;
        Carried r = {carry, true, rule_path_text(c, calls[i].file, value)};
        report_reach(c, calls[i], x, &REGISTRY, &r);
    }
}

static void check_finalizer(RuleContext *c, OpRef ref, const Op *call) {
    const Facts *f = graph_facts(c->graph, ref.file);
    PathId object = op_operand(f, call, 0), callback = op_operand(f, call, 1);
    if (graph_is_spent_at_once(f, ref.op) || graph_is_immortal(c->graph, ref.file, object)) return;
    Carried r = reach_of(c, ref.file, call, object);
    if (r.carry.kind != CARRY_NOTHING) {
        report_reach(c, ref, object, &REGISTRY, &r);
        return;
    }
    SymbolId reference = graph_dead_reference(c->graph, ref.file, callback, object);
    if (reference.i)
        report_dead(c, ref, object, reference);
    else
        check_callers(c, ref, object, callback);
}

/* `REFERENCES.append(weakref.ref(self, self.forget))`: whoever keeps the reference keeps its
 * callback. */
static void check_reference(RuleContext *c, OpRef ref, const Op *call) {
    const Facts *f = graph_facts(c->graph, ref.file);
    PathId object = op_operand(f, call, 0);
    bool is_lasting;
    PathId keeper = graph_weak_keeper(c->graph, ref, object, &is_lasting);
    if (!keeper.i || graph_is_immortal(c->graph, ref.file, object)) return;
    Carried r = reach_of(c, ref.file, call, object);
    if (r.carry.kind == CARRY_NOTHING || r.carry.kind == CARRY_OWNER || r.carry.is_guess) return;
    Str text = rule_path_text(c, ref.file, keeper);
    Holder h = {text, rule_text(c, "weak reference in %.*s", STR_ARG(text)),
                is_lasting ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
                is_lasting ? "until the process exits" : "until it drops the reference"};
    report_reach(c, ref, object, &h, &r);
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    if (call->operands < 2 || operand_kind(f->operands[call->operand]) != OPERAND_POSITIONAL)
        return;
    if (str_is(graph_name_of(c->graph, ref.file, op_path(call)), "weakref.finalize"))
        check_finalizer(c, ref, call);
    else
        check_reference(c, ref, call);
}

static const char *const callees[] = {"weakref.finalize",      "weakref.ref",
                                      "weakref.ReferenceType", "weakref.proxy",
                                      "weakref.WeakMethod",    NULL};

const Rule rule_lmp211 = {
    .code = "LMP211",
    .name = "finalizer-holds-referent",
    .summary = "the callback of weakref.finalize holds the object whose death it waits for",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
