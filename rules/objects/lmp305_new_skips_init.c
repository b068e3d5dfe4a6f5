/* ## What it does
 * Reports a `__new__` that returns nothing, the class, or an object of another type.
 *
 * ## Why it leaks
 * Nothing leaks: there is no instance. A call of a class runs `__init__` only on an instance of
 * that class. When `__new__` forgets its `return`, the call gives `None`; when it returns something
 * else, the caller gets that, and `__init__` never runs.
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
 * - `__new__` only raises: the class is not meant to be made.
 * - What it returns may be an instance: a call that is not known, an attribute, an instance of a
 *   subclass.
 * - It returns another object on some of its ways, and there is no `__init__` to miss.
 * - The class is a metaclass.
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

static const char *const GIVES[] = {"", "an object of another type", "the class itself", "'None'"};

static Confidence confidence_of(const NewResult *given, bool has_init) {
    /* None on some ways is meant so: "there is no such object" */
    if (given->kind != GIVEN_OTHER) return given->is_always ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
    return given->is_always && has_init ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void check(RuleContext *c, ClassId class) {
    ScopeRef method = graph_method(c->graph, class, "__new__");
    if (scope_is_none(method) || graph_method_class(c->graph, method).i != class.i) return;
    if (graph_is_subclass(c->graph, class, "builtins.type")) return;
    NewResult given = graph_new_result(c->graph, method, class);
    bool has_init = !scope_is_none(graph_method(c->graph, class, "__init__"));
    if (given.kind == GIVEN_UNKNOWN) return;
    if (given.kind == GIVEN_OTHER && !has_init) return;
    const Facts *f = graph_facts(c->graph, method.file);
    bool returns = given.at.op.i != 0;
    Span span = returns ? f->ops[given.at.op.i].span : f->scopes[method.scope.i].name_span;
    Finding *finding = rule_report(c, method.file, span, method);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    finding->confidence = graph_is_test_file(c->graph, method.file)
                              ? CONFIDENCE_LOW
                              : confidence_of(&given, has_init);
    finding->subject = name;
    finding->message =
        rule_text(c, "'%.*s' gives %s when it is called%s%s", STR_ARG(last), GIVES[given.kind],
                  returns ? "" : ": its '__new__' returns nothing",
                  has_init ? ", and '__init__' does not run" : "");
    finding->help = STR("return the instance that `super().__new__(cls)` made, or use a function "
                        "when something else is wanted");
    finding->confirm = rule_text(c, "`type(%.*s(…))` is not `%.*s`", STR_ARG(last), STR_ARG(last));
    rule_step(c, finding, STEP_NOTE, STR("'__new__' of the class"), (Str){0}, method.file,
              f->scopes[method.scope.i].name_span);
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
