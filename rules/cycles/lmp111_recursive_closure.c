/* ## What it does
 * Reports inner functions and lambdas that refer to themselves, or to one another in a ring, in a
 * function that runs again and again. By default only those that keep something large, an owned
 * resource or the object of one request; all of them with `--select LMP111`.
 *
 * ## Why it leaks
 * The name of an inner function is a variable of the function around it. When its body uses that
 * name, it holds the variable's cell, and the cell holds the function: a cycle. Every call of the
 * outer function makes one, with all that the inner functions capture, and only the cyclic
 * collector frees it. The collector counts objects, not bytes: a few hundred such calls that hold a
 * megabyte each can go by before it runs.
 *
 * ## Example
 * ```python bad
 * def total(path):
 *     data = open(path, "rb").read()
 *
 *     def walk(start):
 *         if start >= len(data):
 *             return 0
 *         return data[start] + walk(start + 2)
 *
 *     return walk(0)
 * ```
 *
 * A function of the module refers to itself through the module, and holds nothing:
 *
 * ```python good
 * def walk(data, start):
 *     if start >= len(data):
 *         return 0
 *     return data[start] + walk(data, start + 2)
 *
 *
 * def total(path):
 *     return walk(open(path, "rb").read(), 0)
 * ```
 *
 * ## When it is silent
 * - The name is deleted or set to None on every way out: `del walk` in a `finally`, or at the end.
 * - The function gets itself as an argument, is a method, is global, or binds the name itself.
 * - One inner function calls another one that does not lead back.
 * - The outer function runs only while modules are imported: decorators, registrations.
 *
 * At medium confidence: a decorator that limpet does not know, a value that is one of several, a
 * clean-up on some ways only, the content of a file, a parameter that is only named `request` or
 * `websocket`. At low confidence: tests, and functions that run once.
 *
 * ## What it misses
 * Functions that hold one another through attributes of objects; what is large without showing it:
 * a list that is filled, a parameter without annotation. A function that returns a parameter of its
 * own is taken for a decorator or a registration, which runs while modules are imported.
 *
 * ## How to confirm
 * With the collector off, `weakref.ref(walk)` is alive when the outer function has returned, and
 * dead after `gc.collect()`.
 *
 * ## References
 * - CPython, Objects/funcobject.c and Objects/cellobject.c: functions and cells are traversed by
 *   the cyclic collector, and counted references alone never free a ring
 */
#include "rule/rule.h"

/* What of the captured variables the message names. */
typedef struct Captured {
    SymbolId variable; /* or 0 */
    u32 others;
    Burden burden;
} Captured;

static Str name_of(const Facts *f, SymbolId s) {
    return facts_str(f, f->symbols[s.i].name);
}

/* A function by its name, a lambda by the variable that it was bound to. */
static Str member_name(const Facts *f, const ClosureRing *ring, u32 i) {
    Str name = facts_str(f, f->scopes[ring->steps[i].function.i].name);
    u32 before = i ? i - 1 : ring->n_steps - 1;
    return name.n ? name : name_of(f, ring->steps[before].variable);
}

static bool has_capital(Str s) {
    for (u32 i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z') return true;
    return false;
}

/* 'data' (bytes), 'stream' ('BytesIO'), 'request'. */
static Str object_text(RuleContext *c, const Facts *f, const Captured *kept) {
    if (!kept->variable.i) return STR("itself");
    Str name = name_of(f, kept->variable), what = kept->burden.what;
    if (!what.n || kept->burden.kind == BURDEN_REQUEST || str_eq(name, what))
        return rule_text(c, "'%.*s'", STR_ARG(name));
    const char *quote = has_capital(what) ? "'" : "";
    return rule_text(c, "'%.*s' (%s%.*s%s)", STR_ARG(name), quote, STR_ARG(what), quote);
}

static Str reason_text(RuleContext *c, const Facts *f, const ClosureRing *ring) {
    Str name = member_name(f, ring, 0), through = name_of(f, ring->steps[0].variable);
    if (ring->n_steps > 2)
        return rule_text(c, "it refers to itself through '%.*s' and %u more",
                         STR_ARG(member_name(f, ring, 1)), ring->n_steps - 2);
    if (ring->n_steps == 2)
        return rule_text(c, "it and '%.*s' refer to each other", STR_ARG(member_name(f, ring, 1)));
    if (str_eq(name, through)) return STR("it refers to itself");
    return rule_text(c, "it refers to '%.*s', which holds it", STR_ARG(through));
}

/* Where the body of a function, or what stands in it, names a variable; of a list and the like
 * where that was given what it holds. */
static Span mention(const Facts *f, const ClosureStep *step) {
    const Scope *scope = &f->scopes[step->function.i];
    bool is_bound = facts_op(f, step->given)->kind == OP_BIND;
    for (u32 i = scope->op_first; is_bound && i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        bool names = op_subject((OpKind)op->kind) == SUBJECT_PATH &&
                     facts_root_symbol(f, op_path(op)).i == step->variable.i;
        for (u32 o = 0; o < op->operands && !names; o++)
            names = facts_root_symbol(f, op_operand(f, op, o)).i == step->variable.i;
        if (names) return op->span;
    }
    return facts_op(f, step->given)->span;
}

static void add_evidence(RuleContext *c, Finding *finding, u32 file, const ClosureRing *ring,
                         const Captured *kept) {
    const Facts *f = graph_facts(c->graph, file);
    for (u32 i = 0; i <= ring->n_steps; i++) {
        const ClosureStep *step = &ring->steps[i % ring->n_steps];
        const Scope *scope = &f->scopes[step->function.i];
        Str name = member_name(f, ring, i % ring->n_steps);
        const char *kind = scope->kind == SCOPE_LAMBDA ? "lambda" : "function";
        rule_step(c, finding, STEP_NODE, rule_text(c, "%s %.*s", kind, STR_ARG(name)), (Str){0},
                  file, scope->name_span);
        if (i == ring->n_steps) break;
        bool is_last = i + 1 == ring->n_steps;
        Str edge = rule_text(c, "variable %.*s", STR_ARG(name_of(f, step->variable)));
        rule_step(c, finding, STEP_EDGE, edge,
                  is_last ? STR("leads back: only the cyclic collector frees this") : (Str){0},
                  file, mention(f, step));
        finding->steps.v[finding->steps.n - 1].suspect = is_last;
    }
    if (!kept->variable.i) return;
    Str others = kept->others ? rule_text(c, "and what %u other variable%s", kept->others,
                                          kept->others > 1 ? "s hold" : " holds")
                              : (Str){0};
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_EDGE, .text = STR(".__closure__"), .note = others});
    const Symbol *s = &f->symbols[kept->variable.i];
    const Scope *owner = &f->scopes[s->scope.i];
    Span place = s->flags & SYMBOL_PARAM ? owner->name_span : facts_op(f, s->bind)->span;
    rule_step(c, finding, STEP_NODE, name_of(f, kept->variable), (Str){0}, file, place);
}

/* What the call of the outer function does with it decides how sure and how grave it is. */
static void grade(RuleContext *c, Finding *finding, ScopeRef outer, const ClosureRing *ring,
                  const Captured *kept, HowOften how) {
    OpRef off;
    bool is_test = graph_is_test_file(c->graph, outer.file);
    bool is_grave = kept->burden.kind && how >= RUNS_PER_INSTANCE && !is_test;
    finding->effect = EFFECT_DELAYED;
    finding->confidence = ring->is_sure ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    if (is_grave && kept->burden.confidence < finding->confidence)
        finding->confidence = kept->burden.confidence;
    if (is_test || how < RUNS_PER_INSTANCE) finding->confidence = CONFIDENCE_LOW;
    finding->is_plain = !is_grave;
    if (graph_collector_is_off(c->graph, outer.file, &off)) {
        finding->effect = EFFECT_NEVER_FREED;
        finding->is_plain = false;
        rule_note(c, finding, STR("the collector is turned off"), (Str){0}, off);
    }
    finding->severity = finding->is_plain ? SEVERITY_NOTE : SEVERITY_WARNING;
}

static void report(RuleContext *c, ScopeRef outer, const ClosureRing *ring, HowOften how) {
    const Facts *f = graph_facts(c->graph, outer.file);
    Captured kept = {.others = ring->n_captured ? ring->n_captured - 1 : 0};
    kept.variable =
        graph_heaviest(c->graph, outer.file, ring->captured, ring->n_captured, &kept.burden);
    Str name = member_name(f, ring, 0), object = object_text(c, f, &kept);
    Span place = f->scopes[ring->steps[0].function.i].name_span;
    Finding *finding = rule_report(c, outer.file, place, outer);
    add_evidence(c, finding, outer.file, ring, &kept);
    grade(c, finding, outer, ring, &kept, how);
    bool is_off = finding->effect == EFFECT_NEVER_FREED;
    const char *end = is_off ? "the process ends" : "the cyclic collector runs";
    finding->subject = name;
    finding->message = rule_text(c, "'%.*s' keeps %.*s alive until %s: %.*s%s", STR_ARG(name),
                                 STR_ARG(object), end, STR_ARG(reason_text(c, f, ring)),
                                 is_off ? ", and the collector is off" : "");
    Str variable = name_of(f, ring->steps[ring->n_steps - 1].variable);
    bool is_python2 = targets_before(rule_targets(c, outer.file), PYTHON_3_3);
    finding->help = rule_text(
        c, "make '%.*s' a function of the module that gets what it needs, or end with `%s%.*s%s`",
        STR_ARG(name), is_python2 ? "" : "del ", STR_ARG(variable), is_python2 ? " = None" : "");
    finding->confirm =
        rule_text(c,
                  "a `weakref.ref(%.*s)` is alive when '%.*s' has returned, and dead "
                  "after `gc.collect()`",
                  STR_ARG(name), STR_ARG(finding->scope));
}

static void check(RuleContext *c, ScopeRef outer) {
    ClosureRing *rings;
    u32 n = graph_closure_rings(c->graph, c->scratch, outer, &rings);
    if (!n) return;
    RegionId body = graph_facts(c->graph, outer.file)->scopes[outer.scope.i].region;
    HowOften how = graph_how_often(c->graph, outer.file, body);
    if (how <= RUNS_IMPORT) return;
    for (u32 i = 0; i < n; i++)
        if (rings[i].n_steps && !rings[i].is_attached) report(c, outer, &rings[i], how);
}

const Rule rule_lmp111 = {
    .code = "LMP111",
    .name = "recursive-closure",
    .summary = "an inner function that refers to itself waits for the cyclic collector",
    .effect = EFFECT_NEVER_FREED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_PLAIN_OPT_IN,
    .on_function = check,
};
