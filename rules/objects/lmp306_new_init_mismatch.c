/* ## What it does
 * Reports a class whose `__new__` and `__init__` take different arguments.
 *
 * ## Why it leaks
 * Nothing leaks: a call fails. Both get the arguments of the call. What one of them takes and the
 * other does not is a `TypeError` as soon as it is passed, and where no call suits both the class
 * cannot be made at all.
 *
 * ## Example
 * ```python bad
 * class Token:
 *     def __new__(cls, text):
 *         return super().__new__(cls)
 *
 *     def __init__(self, text, line):
 *         self.text = text
 *         self.line = line
 * ```
 *
 * ```python good
 * class Token:
 *     def __new__(cls, *args, **kwargs):
 *         return super().__new__(cls)
 *
 *     def __init__(self, text, line):
 *         self.text = text
 *         self.line = line
 * ```
 *
 * The second `__new__` takes whatever `__init__` may want.
 *
 * ## When it is silent
 * - What one of them takes can be passed to the other: the same parameters, stars, defaults. A
 *   value that only one of them needs is no mismatch either.
 * - One of the two is inherited from a class that is not read, or from `object`.
 * - A metaclass has a `__call__`, which may call them otherwise; enumerations have one.
 * - `__new__` may give an instance of another class, with an `__init__` of its own.
 *
 * The confidence is high when no call suits both, medium when a parameter can never be passed, low
 * when it can be passed by keyword alone.
 *
 * ## What it misses
 * Parameters with other names in another order, of which each method gets the other's values.
 *
 * ## How to confirm
 * Call the class with the arguments that `__init__` names.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`
 * - PyCharm, "`__new__` and `__init__` signatures are not compatible"
 */
#include "rule/rule.h"

static bool is_subject(RuleContext *c, ClassId class, ScopeRef *new_method, ScopeRef *init) {
    *new_method = graph_method(c->graph, class, "__new__");
    *init = graph_method(c->graph, class, "__init__");
    if (scope_is_none(*new_method) || scope_is_none(*init)) return false;
    ClassId definer = graph_method_class(c->graph, *new_method);
    bool own_init = graph_method_class(c->graph, *init).i == class.i;
    if (definer.i != class.i && !own_init) return false; /* the base is told of */
    return graph_is_called_plainly(c->graph, class) &&
           graph_makes_asked_class(c->graph, *new_method) &&
           graph_new_result(c->graph, *new_method, definer).kind == GIVEN_UNKNOWN;
}

static Str range_text(RuleContext *c, ScopeRef method) {
    Accepts a = graph_accepts(c->graph, method);
    const char *one = a.least == 1 && a.most == 1 ? "" : "s";
    Str count = a.most == UINT32_MAX ? rule_text(c, "%u or more", a.least)
                : a.least == a.most  ? rule_text(c, "%u", a.least)
                                     : rule_text(c, "%u to %u", a.least, a.most);
    if (!a.keyword.n) return rule_text(c, "%.*s argument%s", STR_ARG(count), one);
    return rule_text(c, "%.*s argument%s and '%.*s' by keyword", STR_ARG(count), one,
                     STR_ARG(a.keyword));
}

static Str message_of(RuleContext *c, Str class, const Mismatch *m, Str first, Str second) {
    const char *has = m->in_init ? "__init__" : "__new__",
               *not = m->in_init ? "__new__" : "__init__";
    switch (m->kind) {
    case MISMATCH_ALL:
        return rule_text(c,
                         "'%.*s' fails with 'TypeError' when it is called, whatever the arguments: "
                         "'__new__' takes %.*s, and '__init__' %.*s",
                         STR_ARG(class), STR_ARG(first), STR_ARG(second));
    case MISMATCH_WAY:
        return rule_text(c,
                         "'%.*s' fails with 'TypeError' when '%.*s' is passed by position, as '%s' "
                         "allows: '%s' takes it by keyword alone",
                         STR_ARG(class), STR_ARG(m->name), has, not);
    default:
        return rule_text(c,
                         "'%.*s' fails with 'TypeError' when '%.*s' is passed: '%s' has the "
                         "parameter, and '%s' does not take it",
                         STR_ARG(class), STR_ARG(m->name), has, not);
    }
}

static void check(RuleContext *c, ClassId class) {
    ScopeRef new_method, init;
    if (!is_subject(c, class, &new_method, &init)) return;
    Mismatch m = graph_mismatch(c->graph, new_method, init);
    if (m.kind == MISMATCH_NONE) return;
    static const Confidence SURE[] = {[MISMATCH_WAY] = CONFIDENCE_LOW,
                                      [MISMATCH_PARAMETER] = CONFIDENCE_MEDIUM,
                                      [MISMATCH_ALL] = CONFIDENCE_HIGH};
    bool own = graph_method_class(c->graph, new_method).i == class.i;
    ScopeRef where = own ? new_method : init, other = own ? init : new_method;
    Span span = graph_facts(c->graph, where.file)->scopes[where.scope.i].name_span;
    Finding *finding = rule_report(c, where.file, span, where);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    finding->confidence = graph_is_test_file(c->graph, where.file) ? CONFIDENCE_LOW : SURE[m.kind];
    finding->severity = m.kind == MISMATCH_ALL ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = name;
    Str first = range_text(c, new_method), second = range_text(c, init);
    finding->message = message_of(c, last, &m, first, second);
    finding->help =
        STR("give both the same parameters, or let `__new__` take `*args, **kwargs` and "
            "ignore them");
    finding->confirm =
        m.name.n ? rule_text(c, "call `%.*s` and pass `%.*s`", STR_ARG(last), STR_ARG(m.name))
                 : rule_text(c, "call `%.*s` with the arguments of `__init__`", STR_ARG(last));
    rule_step(c, finding, STEP_NOTE,
              rule_text(c, "'%s' takes %.*s", own ? "__init__" : "__new__",
                        STR_ARG(own ? second : first)),
              (Str){0}, other.file,
              graph_facts(c->graph, other.file)->scopes[other.scope.i].name_span);
}

const Rule rule_lmp306 = {
    .code = "LMP306",
    .name = "new-init-mismatch",
    .summary = "__new__ and __init__ take different arguments",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
