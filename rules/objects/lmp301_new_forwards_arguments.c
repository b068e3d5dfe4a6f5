/* ## What it does
 * Reports a `__new__` that hands its arguments on to `object.__new__`.
 *
 * ## Why it leaks
 * Nothing leaks: the class cannot be made. `object.__new__` takes the class and nothing else when
 * the class has a `__new__` of its own, and raises `TypeError` as soon as there is an argument.
 * Since `K()` works, the fault shows with the first caller who passes something. Python 2.7 raises
 * only when the class has no `__init__`; with one it prints a warning that is off by default.
 *
 * ## Example
 * ```python bad
 * class Settings(object):
 *     _instance = None
 *
 *     def __new__(cls, *args, **kwargs):
 *         if "_instance" not in cls.__dict__ or cls._instance is None:
 *             cls._instance = super().__new__(cls, *args, **kwargs)
 *         return cls._instance
 *
 *     def __init__(self, path):
 *         self.path = path
 * ```
 *
 * `__init__` gets the arguments from the call of the class; `object.__new__` has no use for them:
 *
 * ```python good
 * class Settings(object):
 *     _instance = None
 *
 *     def __new__(cls, *args, **kwargs):
 *         if "_instance" not in cls.__dict__ or cls._instance is None:
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 *
 *     def __init__(self, path):
 *         self.path = path
 * ```
 *
 * ## When it is silent
 * - A base class defines `__new__`, or is not known: `tuple`, `str`, `datetime`, `Exception`,
 * `Enum` and many others take arguments.
 * - A class of the project inherits the method and has such a base next in line: a mixin that
 *   forwards for the sake of its siblings is right.
 * - The code is meant for Python 2.7 alone, and the class has an `__init__`.
 *
 * The confidence is high when the project passes an argument somewhere or `__init__` cannot do
 * without, low when `__init__` takes none: then every argument is an error anyway; and for keywords
 * that `__new__` does not name, or a class without `__init__` that all who are seen to call it give
 * nothing.
 *
 * ## What it misses
 * Calls outside `__new__` (a decorator that saved `K.__new__`), and bases that are not read.
 *
 * ## How to confirm
 * Make an instance with an argument.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`
 * - CPython, `Objects/typeobject.c`, `object_new` and `excess_args`
 */
#include "rule/rule.h"

static Confidence confidence_of(const NewCall *call) {
    if (call->is_keywords) return CONFIDENCE_LOW; /* one too many, which is refused this way, too */
    if (!call->made.op.i && !call->has_init && call->is_bare) return CONFIDENCE_LOW;
    if (!call->is_starred || call->made.op.i || (call->has_init && call->init_needs))
        return CONFIDENCE_HIGH;
    return call->init_takes ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* From the comma behind the class to the closing bracket. */
static void add_fix(RuleContext *c, Finding *f, u32 file, Span call) {
    Str text = rule_source(c, file);
    Brackets at;
    if (!text.n || !rule_brackets(text, call.start, call.end, &at) || !at.comma) return;
    rule_fix(f, STR("pass the class alone"), false);
    rule_edit(c, f, file, (Span){at.comma, at.close}, (Str){0});
}

static void add_evidence(RuleContext *c, Finding *f, const NewCall *call, OpRef at) {
    rule_note(c, f, STR("reaches object.__new__, which takes the class alone"), (Str){0}, at);
    ScopeRef init = graph_method(c->graph, call->class, "__init__");
    if (call->has_init) {
        const Facts *home = graph_facts(c->graph, init.file);
        rule_step(c, f, STEP_NOTE,
                  STR("the arguments that the class is called with come here, too"), (Str){0},
                  init.file, home->scopes[init.scope.i].name_span);
    }
    if (call->made.op.i) rule_note(c, f, STR("called with an argument"), (Str){0}, call->made);
}

static void check(RuleContext *c, OpRef at) {
    NewCall call = graph_new_call(c->graph, at);
    if (call.target != NEW_OBJECT) return;
    u32 targets = rule_targets(c, at.file);
    if (!targets_from(targets, PYTHON_3_3) && call.has_init) return;
    const Facts *facts = graph_facts(c->graph, at.file);
    Span span = facts->ops[at.op.i].span;
    Finding *f = rule_report(c, at.file, span, call.function);
    Str class = graph_class_name(c->graph, call.class), name = str_after_last(class, '.');
    f->confidence = graph_is_test_file(c->graph, at.file) ? CONFIDENCE_LOW : confidence_of(&call);
    f->subject = class;
    f->message = rule_text(
        c,
        "'%.*s' fails with 'TypeError' when it is called with %s%s: its "
        "'__new__' hands it on to 'object.__new__'",
        STR_ARG(name), call.is_keywords ? "a keyword that '__new__' does not name" : "an argument",
        targets_before(targets, PYTHON_3_3) ? " on Python 3" : "");
    f->help = STR("call `__new__` with the class alone: `__init__` gets the arguments anyway");
    f->confirm = rule_text(c, "`%.*s(%s)` raises TypeError", STR_ARG(name),
                           call.is_keywords ? "…, other=1" : "1");
    add_evidence(c, f, &call, at);
    add_fix(c, f, at.file, span);
}

static const char *const CALLEES[] = {".__new__", NULL};

const Rule rule_lmp301 = {
    .code = "LMP301",
    .name = "new-forwards-arguments",
    .summary = "__new__ hands arguments on to object.__new__, which takes none",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
