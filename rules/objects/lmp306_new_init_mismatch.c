/* ## What it does
 * Reports a class whose `__new__` and `__init__` take different arguments.
 *
 * ## Why it leaks
 * Nothing leaks: a call fails. Both get the arguments of the call. What one of them takes and the
 * other does not is a `TypeError`, and where no call suits both the class cannot be made at all.
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
 * - Every call that one of them needs suits the other: stars, defaults.
 * - One of the two is inherited from a class that is not read, or from `object`.
 * - A metaclass has a `__call__`, which may call them otherwise.
 * - `__new__` may return something that is no instance, so that `__init__` is not called.
 *
 * The confidence is high when no call suits both, medium when some call suits one of them alone.
 *
 * ## What it misses
 * Names of keywords that differ while the numbers agree.
 *
 * ## How to confirm
 * Call the class with the arguments that `__init__` names.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`
 * - PyCharm, "`__new__` and `__init__` signatures are not compatible"
 */
#include "rule/rule.h"

/* Is every number of positional arguments that `a` takes all right for `b`? */
static bool is_within(const Accepts *a, const Accepts *b) {
    return a->least >= b->least && a->most <= b->most;
}

static bool is_disjoint(const Accepts *a, const Accepts *b) {
    /* what is missing by position may come by keyword, unless there is no such parameter */
    return (a->least > b->most && !b->double_star) || (b->least > a->most && !a->double_star);
}

static bool is_subject(RuleContext *c, ClassId class, ScopeRef *new_method, ScopeRef *init) {
    *new_method = graph_method(c->graph, class, "__new__");
    *init = graph_method(c->graph, class, "__init__");
    if (scope_is_none(*new_method) || scope_is_none(*init)) return false;
    bool own_new = graph_method_class(c->graph, *new_method).i == class.i;
    bool own_init = graph_method_class(c->graph, *init).i == class.i;
    if (!own_new && !own_init) return false; /* the base is told of */
    const ClassId *mro;
    bool complete;
    graph_mro(c->graph, class, &mro, &complete);
    if (!complete || graph_has_metaclass(c->graph, class)) return false;
    ClassId definer = graph_method_class(c->graph, *new_method);
    return graph_new_result(c->graph, *new_method, definer).kind == GIVEN_UNKNOWN;
}

static Str range_text(RuleContext *c, const Accepts *a) {
    if (a->most == UINT32_MAX) return rule_text(c, "%u or more", a->least);
    if (a->least == a->most) return rule_text(c, "%u", a->least);
    return rule_text(c, "%u to %u", a->least, a->most);
}

static void check(RuleContext *c, ClassId class) {
    ScopeRef new_method, init;
    if (!is_subject(c, class, &new_method, &init)) return;
    Accepts a = graph_accepts(c->graph, new_method), b = graph_accepts(c->graph, init);
    if (a.double_star && a.star) return;
    bool disjoint = is_disjoint(&a, &b);
    bool keyword = (b.needs_keyword && !a.double_star && !a.has_keyword) ||
                   (a.needs_keyword && !b.double_star && !b.has_keyword);
    bool extra = b.has_keyword && !a.has_keyword && !a.double_star;
    if (!disjoint && !keyword && !extra && is_within(&b, &a)) return;
    /* `**kwargs` may take what is missing by position */
    if (!disjoint && !keyword && !extra && (a.double_star || b.double_star)) return;
    const Facts *f = graph_facts(c->graph, init.file);
    const Facts *home = graph_facts(c->graph, new_method.file);
    bool own = graph_method_class(c->graph, new_method).i == class.i;
    ScopeRef where = own ? new_method : init;
    Span span = graph_facts(c->graph, where.file)->scopes[where.scope.i].name_span;
    Finding *finding = rule_report(c, where.file, span, where);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    finding->confidence = graph_is_test_file(c->graph, where.file) ? CONFIDENCE_LOW
                          : disjoint || keyword                    ? CONFIDENCE_HIGH
                                                                   : CONFIDENCE_MEDIUM;
    finding->severity = disjoint || keyword ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = name;
    Str first = range_text(c, &a), second = range_text(c, &b);
    finding->message =
        keyword
            ? rule_text(c,
                        "'%.*s' fails when it is called, whatever the arguments: only one of "
                        "'__new__' and '__init__' takes the keyword that the other needs",
                        STR_ARG(last))
            : rule_text(c,
                        "'%.*s' fails when it is called with %s: '__new__' takes %.*s arguments "
                        "and '__init__' %.*s",
                        STR_ARG(last), disjoint ? "any arguments" : "what only one of them takes",
                        STR_ARG(first), STR_ARG(second));
    finding->help =
        STR("give both the same parameters, or let `__new__` take `*args, **kwargs` and "
            "ignore them");
    finding->confirm = rule_text(c, "call `%.*s` with the arguments of `__init__`", STR_ARG(last));
    rule_step(c, finding, STEP_NOTE, rule_text(c, "'__new__' takes %.*s", STR_ARG(first)), (Str){0},
              new_method.file, home->scopes[new_method.scope.i].name_span);
    rule_step(c, finding, STEP_NOTE, rule_text(c, "'__init__' takes %.*s", STR_ARG(second)),
              (Str){0}, init.file, f->scopes[init.scope.i].name_span);
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
