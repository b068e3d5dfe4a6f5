/* ## What it does
 * Reports a `__new__` or `__init__` that breaks the rules of how instances are made: `__new__`
 * called without the class, a `__new__` that calls its own class, an `__init__` that returns a
 * value or is a generator or coroutine, an `__init__` with arguments on a type that takes them in
 * `__new__`.
 *
 * ## Why it leaks
 * Nothing leaks: making an instance fails. `__new__` is a static method, and gets the class as an
 * argument; a call of the class inside `__new__` runs `__new__` again; `__init__` must return
 * `None`; and `tuple`, `str`, `int` and their kin are complete when `__new__` is done, so that it
 * is their `__new__` that sees the arguments first.
 *
 * ## Example
 * ```python bad
 * class Point(tuple):
 *     def __init__(self, x, y):
 *         self.label = "%s,%s" % (x, y)
 *
 *
 * class Empty:
 *     def __new__(cls):
 *         return super().__new__()
 * ```
 *
 * ```python good
 * class Point(tuple):
 *     def __new__(cls, x, y):
 *         self = super().__new__(cls, (x, y))
 *         self.label = "%s,%s" % (x, y)
 *         return self
 *
 *
 * class Empty:
 *     def __new__(cls):
 *         return super().__new__(cls)
 * ```
 *
 * ## When it is silent
 * - `return` and `return None` in `__init__`.
 * - `__new__` calls another class, or its own under a condition: it may be asked for a subclass.
 * - `__init__` takes what the type itself takes, or the class or a base has a `__new__`.
 *
 * ## What it misses
 * Immutable types of libraries.
 *
 * ## How to confirm
 * Make an instance.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__` and `object.__init__`
 */
#include "rule/rule.h"

static Finding *report(RuleContext *c, ScopeRef where, Span span, ClassId class) {
    Finding *f = rule_report(c, where.file, span, where);
    f->subject = graph_class_name(c->graph, class);
    if (graph_is_test_file(c->graph, where.file)) f->confidence = CONFIDENCE_LOW;
    const Facts *facts = graph_facts(c->graph, where.file);
    Str method = facts_str(facts, facts->scopes[where.scope.i].name);
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s'", STR_ARG(method)), (Str){0}, where.file,
              facts->scopes[where.scope.i].name_span);
    return f;
}

static Str last_name(RuleContext *c, ClassId class) {
    return str_after_last(graph_class_name(c->graph, class), '.');
}

/* ---- __new__ ---- */

/* `super().__new__()` and `object.__new__()` inside a `__new__`. */
static void check_call(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = &f->ops[call.op.i];
    if (op->operands) return;
    ScopeRef method = {call.file,
                       facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION)};
    ClassId class = method.scope.i ? graph_method_class(c->graph, method) : (ClassId){0};
    if (!class.i || !str_is(facts_str(f, f->scopes[method.scope.i].name), "__new__")) return;
    Finding *finding = report(c, method, op->span, class);
    Str name = last_name(c, class);
    finding->message = rule_text(c,
                                 "'%.*s' fails with 'TypeError' when it is called: '__new__' is "
                                 "called without the class",
                                 STR_ARG(name));
    finding->help = STR("pass the class: `super().__new__(cls)`");
    finding->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
}

/* `cls()` or `K()` in `__new__` of K, on every way through it. */
static void check_own_call(RuleContext *c, ScopeRef method, ClassId class) {
    const Facts *f = graph_facts(c->graph, method.file);
    const Scope *scope = &f->scopes[method.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        bool leaves = op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_TEST;
        if (leaves) return; /* something is asked, or left, before */
        if (op->kind != OP_CALL || op->region.i != scope->region.i) continue;
        ClassId made = graph_callee(c->graph, method.file, (OpId){i}).made;
        if (made.i != class.i) continue;
        Finding *finding = report(c, method, op->span, class);
        Str name = last_name(c, class);
        finding->message = rule_text(c,
                                     "'%.*s' fails with 'RecursionError' when it is called: its "
                                     "'__new__' calls the class, which calls '__new__'",
                                     STR_ARG(name));
        finding->help = STR("make the instance with `super().__new__(cls)`");
        finding->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
        return;
    }
}

/* ---- __init__ ---- */

static bool is_none(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    return !value.i || (p->kind == PATH_LITERAL && p->flags == LITERAL_NONE);
}

/* A display, a text, a number, the instance: certainly not None. */
static bool is_certainly_something(const Facts *f, PathId value, SymbolId self) {
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_LITERAL) return p->flags != LITERAL_NONE;
    if (p->kind == PATH_SYMBOL) return self.i && f->symbols[p->id].target.i == self.i;
    if (p->kind != PATH_OP) return false;
    switch (f->ops[p->id].kind) {
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
    case OP_FSTRING:
    case OP_LISTCOMP:
    case OP_COMPARE:
    case OP_BINARY:
        return true;
    default:
        return false;
    }
}

static void check_init(RuleContext *c, ScopeRef init, ClassId class) {
    const Facts *f = graph_facts(c->graph, init.file);
    const Scope *scope = &f->scopes[init.scope.i];
    Str name = last_name(c, class);
    if (scope->flags & (SCOPE_ASYNC | SCOPE_GENERATOR)) {
        Finding *finding = report(c, init, scope->name_span, class);
        finding->message =
            rule_text(c,
                      "'%.*s' fails with 'TypeError' when it is called: '__init__' "
                      "is %s, and returns an object that is not None",
                      STR_ARG(name), scope->flags & SCOPE_ASYNC ? "a coroutine" : "a generator");
        finding->help = STR("do the work in another method, which users await or iterate");
        finding->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
        return;
    }
    SymbolId self = scope->param_first < scope->param_end ? f->params[scope->param_first].symbol
                                                          : (SymbolId){0};
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op_subject((OpKind)op->kind) == SUBJECT_SCOPE) {
            i = MAX(i, f->scopes[op->subject].op_end - 1);
            continue;
        }
        PathId value = op_operand(f, op, 0);
        if (op->kind != OP_RETURN || is_none(f, value)) continue;
        if (!is_certainly_something(f, value, self)) continue;
        Finding *finding = report(c, init, op->span, class);
        finding->message = rule_text(c,
                                     "'%.*s' fails with 'TypeError' when '__init__' returns here: "
                                     "it must return None",
                                     STR_ARG(name));
        finding->help =
            STR("return nothing from `__init__`; `__new__` is what returns the instance");
        finding->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
        return;
    }
}

/* How many arguments the type itself takes. */
static u32 most_of(Str base) {
    static const struct {
        const char *name;
        u32 most;
    } MOST[] = {{"builtins.tuple", 1},  {"builtins.frozenset", 1}, {"builtins.float", 1},
                {"builtins.int", 2},    {"builtins.complex", 2},   {"builtins.str", 3},
                {"builtins.bytes", 3},  {"datetime.date", 3},      {"builtins.unicode", 3},
                {"decimal.Decimal", 2}, {"fractions.Fraction", 2}, {"builtins.long", 2}};
    for (u32 i = 0; i < ARRAY_LEN(MOST); i++)
        if (str_is(base, MOST[i].name)) return MOST[i].most;
    return UINT32_MAX;
}

static void check_immutable(RuleContext *c, ScopeRef init, ClassId class) {
    Str base = graph_immutable_base(c->graph, class);
    Accepts a = graph_accepts(c->graph, init);
    if (!base.n || a.least <= most_of(base)) return;
    const Facts *f = graph_facts(c->graph, init.file);
    Finding *finding = report(c, init, f->scopes[init.scope.i].name_span, class);
    Str name = last_name(c, class), type = str_after_last(base, '.');
    finding->message = rule_text(c,
                                 "'%.*s' fails with 'TypeError' when it is called: '__new__' of "
                                 "'%.*s' gets the %u arguments that '__init__' needs, and takes %u",
                                 STR_ARG(name), STR_ARG(type), a.least, most_of(base));
    finding->help = rule_text(c, "define `__new__`, and pass on to `%.*s.__new__` what it takes",
                              STR_ARG(type));
    finding->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
}

static void check_class(RuleContext *c, ClassId class) {
    ScopeRef method = graph_method(c->graph, class, "__new__");
    ScopeRef init = graph_method(c->graph, class, "__init__");
    if (!scope_is_none(method) && graph_method_class(c->graph, method).i == class.i)
        check_own_call(c, method, class);
    if (scope_is_none(init) || graph_method_class(c->graph, init).i != class.i) return;
    check_init(c, init, class);
    check_immutable(c, init, class);
}

static const char *const CALLEES[] = {".__new__", NULL};

const Rule rule_lmp312 = {
    .code = "LMP312",
    .name = "new-init-contract",
    .summary = "__new__ or __init__ breaks the rules of how instances are made",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check_call,
    .on_class = check_class,
};
