/* ## What it does
 * Reports a `__new__` or `__init__` that breaks the rules of how instances are made: `__new__`
 * called without the class, a `__new__` that calls its own class or runs `__init__` itself, an
 * `__init__` that returns a value or is a generator or coroutine, an `__init__` with arguments on a
 * type that takes them in `__new__`.
 *
 * ## Why it leaks
 * Nothing leaks: making an instance fails. `__new__` is a static method, and gets the class as an
 * argument; a call of the class inside `__new__` runs `__new__` again; `__init__` must return
 * `None`; and `tuple`, `str`, `int` and their kin are complete when `__new__` is done, so that it
 * is their `__new__` that sees the arguments first, and their `__init__` is that of `object`, which
 * takes none. `__init__` runs after `__new__` in any case: who calls it there runs it twice, and
 * with it whatever it opens, starts or registers.
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
 * - `__new__` runs the `__init__` of an object that it does not return, or of another class.
 * - `__init__` takes what the type itself takes, or the class or a base has a `__new__`.
 * - `__init__` is a coroutine, and a `__new__` that is one awaits it; a metaclass has a `__call__`.
 *
 * At low confidence: tests, and classes in a branch or an `except` clause, which stand in for what
 * is missing there.
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

/* What the class does, and what helps. */
static const struct {
    const char *message, *help;
} TEXTS[] = {
    [BREACH_NO_CLASS_PARAMETER] = {"fails with 'TypeError' when it is called: its '__new__' "
                                   "has no parameter for the class",
                                   "give `__new__` a first parameter `cls`"},
    [BREACH_CLASS_TWICE] = {"fails with 'TypeError' when it is called: '__new__' is a class "
                            "method, and gets the class twice",
                            "drop the `@classmethod`: `__new__` is static by itself"},
    [BREACH_NO_CLASS] = {"fails with 'TypeError' when it is called: '__new__' is called "
                         "without the class",
                         "pass the class: `super().__new__(cls)`"},
    [BREACH_CALLS_ITSELF] = {"fails with 'RecursionError' when it is called: its '__new__' "
                             "calls the class, which calls '__new__'",
                             "make the instance with `super().__new__(cls)`"},
    [BREACH_INIT_TWICE] = {"runs its '__init__' twice when it is called: '__new__' runs it, "
                           "and so does the call of the class",
                           "drop this call: `__init__` runs when `__new__` has returned"},
    [BREACH_COROUTINE] = {"fails with 'TypeError' when it is called: '__init__' is a "
                          "coroutine, and returns an object that is not None",
                          "await the work in another method, or in a class method that makes the "
                          "instance"},
    [BREACH_GENERATOR] = {"fails with 'TypeError' when it is called: '__init__' is a "
                          "generator, and returns an object that is not None",
                          "do the work in another method, which users iterate"},
    [BREACH_RETURNS] = {"fails with 'TypeError' when '__init__' returns here: it must "
                        "return None",
                        "return nothing from `__init__`; `__new__` is what returns the instance"},
};

static void say_immutable(RuleContext *c, Finding *f, const Breach *b, Str name) {
    Str type = str_after_last(b->base, '.');
    if (b->kind == BREACH_IMMUTABLE_INIT) {
        f->message = rule_text(c,
                               "'%.*s' fails with 'TypeError' when it is called: '__init__' of "
                               "'%.*s' is that of object, and takes no arguments",
                               STR_ARG(name), STR_ARG(type));
        f->help = STR("pass nothing on: the value was fixed in `__new__`");
        return;
    }
    const char *does = b->is_optional ? "allows" : "needs";
    if (b->count <= b->most)
        f->message = rule_text(c,
                               "'%.*s' fails with 'TypeError' when it is called with '%.*s', which "
                               "'__init__' %s: '__new__' of '%.*s' gets it first, and refuses it",
                               STR_ARG(name), STR_ARG(b->keyword), does, STR_ARG(type));
    else
        f->message = rule_text(c,
                               "'%.*s' fails with 'TypeError' when it is called with the %u "
                               "arguments that '__init__' %s: '__new__' of '%.*s' gets them first, "
                               "and takes %u",
                               STR_ARG(name), b->count, does, STR_ARG(type), b->most);
    f->help = rule_text(c, "define `__new__`, and pass on to `%.*s.__new__` what it takes",
                        STR_ARG(type));
}

/* `else: class Template: …`: a stand-in for where a module or version is missing. */
static bool is_stand_in(RuleContext *c, ClassId class) {
    ScopeRef s = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, s.file);
    const Scope *scope = &f->scopes[s.scope.i];
    RegionKind kind = (RegionKind)f->regions[facts_op(f, scope->def)->region.i].kind;
    return kind == REGION_IF || kind == REGION_ELSE || kind == REGION_EXCEPT;
}

static void report(RuleContext *c, ClassId class, const Breach *b) {
    const Facts *facts = graph_facts(c->graph, b->method.file);
    const Scope *scope = &facts->scopes[b->method.scope.i];
    /* Python 2 lets these two pass */
    bool is_new = b->kind == BREACH_COROUTINE || b->kind == BREACH_IMMUTABLE_INIT;
    if (is_new && !targets_from(rule_targets(c, b->method.file), PYTHON_3_3)) return;
    Span span = b->at.op.i ? facts->ops[b->at.op.i].span : scope->name_span;
    Finding *f = rule_report(c, b->method.file, span, b->method);
    Str name = str_after_last(graph_class_name(c->graph, class), '.');
    f->subject = graph_class_name(c->graph, class);
    bool is_weak = graph_is_test_file(c->graph, b->method.file) || is_stand_in(c, class);
    f->confidence = is_weak ? CONFIDENCE_LOW : b->confidence;
    if (b->kind == BREACH_INIT_TWICE) f->severity = SEVERITY_WARNING;
    f->confirm = rule_text(c, "make a '%.*s'", STR_ARG(name));
    if (b->kind >= BREACH_IMMUTABLE_ARGUMENTS) {
        say_immutable(c, f, b, name);
    } else {
        f->message = rule_text(c, "'%.*s' %s", STR_ARG(name), TEXTS[b->kind].message);
        f->help = str_from(TEXTS[b->kind].help);
    }
    Str method = facts_str(facts, scope->name);
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s'", STR_ARG(method)), (Str){0}, b->method.file,
              scope->name_span);
}

static void check(RuleContext *c, ClassId class) {
    Breaches breaches = graph_breaches(c->graph, class, c->scratch);
    for (u32 i = 0; i < breaches.list.n; i++) report(c, class, &breaches.list.v[i]);
}

const Rule rule_lmp312 = {
    .code = "LMP312",
    .name = "new-init-contract",
    .summary = "__new__ or __init__ breaks the rules of how instances are made",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_class = check,
};
