/* ## What it does
 * Reports `weakref.ref(x, callback)` (and `proxy`, `WeakMethod`, subclasses excepted) whose
 * callback can never run:
 *
 * - the reference is dropped at once, or bound to a local that nobody reads;
 * - the callback holds x, whose death it waits for: a bound method of x, a lambda that uses x.
 * Where such a reference is kept by something that outlives x, x never dies at all, and LMP211
 * speaks.
 *
 * ## Why it leaks
 * The callback belongs to the reference object, not to x. When the reference object goes first, the
 * callback goes with it and is never called. What it should have cleaned up stays. And a callback
 * that holds x makes a cycle with it: when the collector frees both together, it calls no callback
 * of a reference that is garbage itself.
 *
 * ## Example
 * ```python bad
 * import weakref
 *
 * SIZES = {}
 *
 *
 * def remember(image, size):
 *     key = id(image)
 *     SIZES[key] = size
 *     weakref.ref(image, lambda reference: SIZES.pop(key))
 * ```
 *
 * Nobody holds the reference, so no entry is ever removed. `weakref.finalize` holds itself until
 * the object has died:
 *
 * ```python good
 * import weakref
 *
 * SIZES = {}
 *
 *
 * def remember(image, size):
 *     key = id(image)
 *     SIZES[key] = size
 *     weakref.finalize(image, SIZES.pop, key, None)
 * ```
 *
 * ## When it is silent
 * - The reference is stored, returned, passed on or read; there is no callback, or it is None.
 * - A callback that refers to x weakly, or uses plain values only.
 *
 * At medium confidence: a reference in a local that nobody reads, and what is inferred about the
 * callback. At low confidence: tests, and such locals in generators, coroutines and functions with
 * an endless loop, which may live long.
 *
 * ## What it misses
 * A reference that is stored in an object that dies before x does; subclasses of `weakref.ref`.
 *
 * ## How to confirm
 * Let the callback print something, then `del x; gc.collect()`: nothing is printed.
 *
 * ## References
 * - Python documentation, `weakref.ref`: "if … the weakref object is still alive, the callback will
 *   be called"
 * - Python documentation, `weakref.finalize`
 */
#include "rule/rule.h"

typedef enum Result {
    RESULT_KEPT, /* somebody may have the reference */
    RESULT_DROPPED,
    RESULT_UNREAD, /* in a local that nobody reads */
} Result;

/* The callback, or none. */
static PathId callback_of(const Facts *f, const Op *call) {
    PathId callback = call_argument(f, call, 1, "callback");
    const Path *p = &f->paths[callback.i];
    return p->kind == PATH_LITERAL ? (PathId){0} : callback;
}

/* The local that the call's result is bound to, once and as a whole, or 0. */
static SymbolId local_of(const Facts *f, OpId call) {
    const Op *bind = call.i + 1 < f->n_ops ? &f->ops[call.i + 1] : &f->ops[0];
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN) return (SymbolId){0};
    const Path *value = &f->paths[op_operand(f, bind, 0).i];
    SymbolId local = facts_root_symbol(f, op_path(bind));
    const Symbol *s = &f->symbols[local.i];
    bool is_it = value->kind == PATH_OP && value->id == call.i && s->binds == 1;
    return is_it && f->scopes[s->scope.i].kind == SCOPE_FUNCTION ? local : (SymbolId){0};
}

static bool is_read(const Facts *f, SymbolId local) {
    const Symbol *s = &f->symbols[local.i];
    const Scope *scope = &f->scopes[s->scope.i];
    if (s->flags & SYMBOL_CELL) return true;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
        if (o != s->bind.i && is_path && facts_root_symbol(f, op_path(op)).i == local.i)
            return true;
        for (u32 i = 0; i < op->operands; i++)
            if (facts_root_symbol(f, op_operand(f, op, i)).i == local.i) return true;
    }
    return false;
}

static Result fate_of(const Facts *f, OpRef ref, SymbolId *local) {
    const Op *call = facts_op(f, ref.op);
    *local = (SymbolId){0};
    if (call->flags & OP_DROPPED) return RESULT_DROPPED;
    *local = local_of(f, ref.op);
    return local->i && !is_read(f, *local) ? RESULT_UNREAD : RESULT_KEPT;
}

/* Does the function stand still while its locals live? */
static bool lives_long(const Facts *f, SymbolId local) {
    ScopeId s = f->symbols[local.i].scope;
    if (f->scopes[s.i].flags & (SCOPE_ASYNC | SCOPE_GENERATOR)) return true;
    for (u32 r = 1; r < f->n_regions; r++)
        if (f->regions[r].scope.i == s.i && f->regions[r].flags & REGION_ENDLESS) return true;
    return false;
}

static Finding *report(RuleContext *c, OpRef ref, Confidence confidence) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    ScopeRef scope = {ref.file, f->regions[call->region.i].scope};
    Finding *finding = rule_report(c, ref.file, call->span, scope);
    finding->confidence = graph_is_test_file(c->graph, ref.file) ? CONFIDENCE_LOW : confidence;
    finding->severity = finding->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = rule_path_text(c, ref.file, op_operand(f, call, 0));
    return finding;
}

static void add_evidence(RuleContext *c, Finding *f, OpRef ref, Str text, Str note) {
    Str name = graph_name_of(c->graph, ref.file,
                             op_path(facts_op(graph_facts(c->graph, ref.file), ref.op)));
    rule_note(c, f, rule_text(c, "%.*s of %.*s", STR_ARG(name), STR_ARG(f->subject)), (Str){0},
              ref);
    rule_note(c, f, text, note, ref);
    f->steps.v[f->steps.n - 1].suspect = true;
}

static void report_dropped(RuleContext *c, OpRef ref, Result fate, SymbolId local) {
    const Facts *facts = graph_facts(c->graph, ref.file);
    PathId callback = callback_of(facts, facts_op(facts, ref.op));
    Confidence sure = fate == RESULT_DROPPED     ? CONFIDENCE_HIGH
                      : lives_long(facts, local) ? CONFIDENCE_LOW
                                                 : CONFIDENCE_MEDIUM;
    Finding *f = report(c, ref, sure);
    Str name = facts_str(facts, facts->symbols[local.i].name);
    if (fate == RESULT_DROPPED)
        f->message = rule_text(c,
                               "the callback can never run when '%.*s' dies: the "
                               "reference that it belongs to is dropped at once",
                               STR_ARG(f->subject));
    else
        f->message = rule_text(c,
                               "the callback can never run when '%.*s' dies: the "
                               "reference '%.*s' that it belongs to goes when the function "
                               "returns",
                               STR_ARG(f->subject), STR_ARG(name));
    f->help =
        STR("use `weakref.finalize`, which holds itself, or keep the reference as long as the "
            "object");
    f->confirm = rule_text(c, "let the callback print something, drop '%.*s': nothing is printed",
                           STR_ARG(f->subject));
    Str text = rule_path_text(c, ref.file, callback);
    add_evidence(c, f, ref, rule_text(c, "callback %.*s", STR_ARG(text)),
                 STR("goes with the reference object"));
}

/* ---- callbacks that hold what they wait for ---- */

static void report_circular(RuleContext *c, OpRef ref, const Carry *carry) {
    const Facts *facts = graph_facts(c->graph, ref.file);
    PathId callback = callback_of(facts, facts_op(facts, ref.op));
    Finding *f = report(c, ref, carry->confidence);
    Str text = rule_path_text(c, ref.file, callback);
    Str holder = carry->kind == CARRY_METHOD ? rule_text(c, "'%.*s'", STR_ARG(text)) : STR("it");
    f->message =
        rule_text(c, "the callback can never run when '%.*s' dies: %.*s holds '%.*s' itself",
                  STR_ARG(f->subject), STR_ARG(holder), STR_ARG(f->subject));
    f->help = STR("give it a function that refers to the object weakly, or not at all: a function "
                  "of the module, a static method, a closure over `weakref.ref(self)`");
    f->confirm = rule_text(c,
                           "let the callback print something, drop '%.*s' and call "
                           "`gc.collect()`: nothing is printed",
                           STR_ARG(f->subject));
    add_evidence(c, f, ref, rule_text(c, "callback %.*s", STR_ARG(text)),
                 STR("holds the object whose death it waits for"));
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId callback = callback_of(f, call), object = op_operand(f, call, 0);
    if (!callback.i || operand_kind(f->operands[call->operand]) != OPERAND_POSITIONAL) return;
    SymbolId local;
    Result fate = fate_of(f, ref, &local);
    if (fate != RESULT_KEPT) {
        report_dropped(c, ref, fate, local);
        return;
    }
    Carry carry = graph_carries(c->graph, ref.file, callback, object);
    if (carry.kind == CARRY_NOTHING || carry.kind == CARRY_OWNER || carry.is_guess) return;
    bool is_lasting;
    if (graph_weak_keeper(c->graph, ref, object, &is_lasting).i) return; /* LMP211 speaks */
    report_circular(c, ref, &carry);
}

static const char *const callees[] = {"weakref.ref", "weakref.ReferenceType", "weakref.proxy",
                                      "weakref.WeakMethod", NULL};

const Rule rule_lmp230 = {
    .code = "LMP230",
    .name = "weakref-callback-dropped",
    .summary = "the callback of a weak reference can never run",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
