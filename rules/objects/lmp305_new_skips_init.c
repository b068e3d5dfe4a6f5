/* ## What it does
 * Reports a `__new__` that returns nothing, the class, or an object of another type.
 *
 * ## Why it leaks
 * Nothing leaks: there is no instance. A call of a class runs `__init__` only on an instance of
 * that class. When `__new__` forgets its `return`, the call gives `None`; when it returns something
 * else, the caller gets that, and `__init__` never runs. The same happens to subclasses when
 * `__new__` names its class, `object.__new__(Base)`, instead of the one that it is asked for.
 *
 * ## Example
 * ```python bad
 * class Connection:
 *     def __new__(cls, address):
 *         super().__new__(cls)
 *
 *     def __init__(self, address):
 *         self.address = address
 * ```
 *
 * ```python good
 * class Connection:
 *     def __new__(cls, address):
 *         return super().__new__(cls)
 *
 *     def __init__(self, address):
 *         self.address = address
 * ```
 *
 * The second one returns what it made.
 *
 * ## When it is silent
 * - `__new__` only raises: the class is not meant to be made. It is a stub: three dots, `pass`, an
 *   overload, under `if TYPE_CHECKING`.
 * - What it returns may be an instance: a call that is not known, an attribute, an instance of a
 *   subclass.
 * - It returns another object, and there is no `__init__` to miss.
 * - The class is a metaclass. A decorator is around `__new__`.
 *
 * Who writes `return None` on some ways, returns another object on some, or comes to the end of the
 * method where nothing fits, means it as a rule: the
 * confidence is low then, and for a factory in the shape of a class: the annotation of `__new__`
 * names the other type, or each return makes an instance of some class, and the class has no
 * `__init__` of its own, or an empty one.
 *
 * ## What it misses
 * Objects of another type that come from a call or a container.
 *
 * ## How to confirm
 * `type(K())` is not `K`.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`
 */
#include "rule/rule.h"

/* By: is it so each time, is there a return that says so? */
static const char *const WHEN[2][2] = {
    {"its '__new__' comes to its end without a return", "its '__new__' returns here"},
    {"it is called: its '__new__' returns nothing", "it is called"},
};
static const char *const GIVES[] = {[GIVEN_OTHER] = "an object of another type",
                                    [GIVEN_CLASS] = "the class itself",
                                    [GIVEN_NOTHING] = "'None'"};

/* Who writes `return None` on some ways, or returns only what fits, means it. */
static Confidence sure_of(const NewResult *given, bool has_init) {
    bool is_meant = (given->is_written || !given->at.op.i) && !given->is_always;
    if (given->kind == GIVEN_NOTHING && is_meant) return CONFIDENCE_LOW;
    if (given->kind != GIVEN_OTHER) return given->is_always ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    return given->is_always && has_init && !given->is_declared ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static Finding *report(RuleContext *c, ClassId class, ScopeRef method, const NewResult *given) {
    const Facts *f = graph_facts(c->graph, method.file);
    Span name = f->scopes[method.scope.i].name_span;
    Span span = given->at.op.i ? f->ops[given->at.op.i].span : name;
    Finding *finding = rule_report(c, method.file, span, method);
    finding->subject = graph_class_name(c->graph, class);
    rule_step(c, finding, STEP_NOTE, STR("'__new__' of the class"), (Str){0}, method.file, name);
    return finding;
}

/* `object.__new__(Base)`: a subclass that inherits it gets a Base. */
static void check_named(RuleContext *c, ClassId class, ScopeRef method, const NewResult *given) {
    bool is_made;
    ClassId heir = graph_heir_of_new(c->graph, class, &is_made);
    if (!heir.i) return;
    Finding *finding = report(c, class, method, given);
    Str base = str_after_last(graph_class_name(c->graph, class), '.');
    Str last = str_after_last(graph_class_name(c->graph, heir), '.');
    ScopeRef init = graph_method(c->graph, heir, "__init__"),
             at = graph_class_scope(c->graph, heir);
    finding->confidence =
        is_made && !graph_is_test_file(c->graph, method.file) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    finding->message = rule_text(
        c,
        "'%.*s' gives an instance of '%.*s' when it is called: '__new__' names that "
        "class%s",
        STR_ARG(last), STR_ARG(base), scope_is_none(init) ? "" : ", and '__init__' does not run");
    finding->help = STR("pass on the class that `__new__` gets: `super().__new__(cls)`");
    finding->confirm = rule_text(c, "`type(%.*s(…))` is `%.*s`", STR_ARG(last), STR_ARG(base));
    rule_step(c, finding, STEP_NOTE, rule_text(c, "'%.*s' inherits it", STR_ARG(last)), (Str){0},
              at.file, graph_facts(c->graph, at.file)->scopes[at.scope.i].name_span);
}

static void check(RuleContext *c, ClassId class) {
    ScopeRef method = graph_method(c->graph, class, "__new__");
    if (scope_is_none(method) || graph_method_class(c->graph, method).i != class.i) return;
    if (graph_is_subclass(c->graph, class, "builtins.type")) return;
    NewResult given = graph_new_result(c->graph, method, class);
    bool has_init = !scope_is_none(graph_method(c->graph, class, "__init__"));
    if (given.kind == GIVEN_UNKNOWN || (given.kind == GIVEN_OTHER && !has_init)) return;
    if (given.kind == GIVEN_NAMED) {
        check_named(c, class, method, &given);
        return;
    }
    Finding *finding = report(c, class, method, &given);
    Str last = str_after_last(graph_class_name(c->graph, class), '.');
    finding->confidence =
        graph_is_test_file(c->graph, method.file) ? CONFIDENCE_LOW : sure_of(&given, has_init);
    finding->message = rule_text(c, "'%.*s' gives %s when %s%s", STR_ARG(last), GIVES[given.kind],
                                 WHEN[given.is_always][given.at.op.i != 0],
                                 has_init ? ", and '__init__' does not run" : "");
    finding->help = STR("return the instance that `super().__new__(cls)` made, or use a function "
                        "when something else is wanted");
    finding->confirm = rule_text(c, "`type(%.*s(…))` is not `%.*s`", STR_ARG(last), STR_ARG(last));
}

const Rule rule_lmp305 = {
    .code = "LMP305",
    .name = "new-skips-init",
    .summary = "__new__ returns nothing or something else, so that __init__ does not run",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_class = check,
};
