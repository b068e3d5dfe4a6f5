/* ## What it does
 * Reports a class whose `__new__` returns an instance that it keeps, and whose `__init__` does its
 * work again each time.
 *
 * ## Why it leaks
 * A call of a class runs `__init__` on whatever `__new__` returned, as long as that is an instance
 * of the class: also on the old one. What the attributes held is replaced, so that the state of the
 * only instance is lost; and what `__init__` registers, starts or opens is there once more with
 * each call, for ever.
 *
 * ## Example
 * ```python bad
 * import threading
 *
 *
 * class Metrics:
 *     _instance = None
 *
 *     def __new__(cls):
 *         if cls.__dict__.get("_instance") is None:
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 *
 *     def __init__(self):
 *         self.counters = {}
 *         self.sender = threading.Thread(target=send_all, daemon=True)
 *         self.sender.start()
 *
 *
 * def send_all():
 *     pass
 *
 *
 * def count(name):
 *     Metrics().counters[name] = 1
 *
 *
 * def total():
 *     return len(Metrics().counters)
 * ```
 *
 * Do it once:
 *
 * ```python good
 * import threading
 *
 *
 * class Metrics:
 *     _instance = None
 *     _ready = False
 *
 *     def __new__(cls):
 *         if cls.__dict__.get("_instance") is None:
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 *
 *     def __init__(self):
 *         if self._ready:
 *             return
 *         self._ready = True
 *         self.counters = {}
 *         self.sender = threading.Thread(target=send_all, daemon=True)
 *         self.sender.start()
 *
 *
 * def send_all():
 *     pass
 *
 *
 * def count(name):
 *     Metrics().counters[name] = 1
 *
 *
 * def total():
 *     return len(Metrics().counters)
 * ```
 *
 * ## When it is silent
 * - `__init__` asks something of the instance or of its class before it does the work.
 * - There is no `__init__`, or it only stores its arguments and constants.
 * - The state is set in the branch of `__new__` that makes the instance, or the singleton is made
 * by a metaclass, which runs `__init__` once.
 *
 * The effect is `never-freed` when `__init__` registers or starts something each time, and a hazard
 * when it loses state or drops what was open. It is low where nothing in the project calls the
 * class twice.
 *
 * ## What it misses
 * Work behind two calls, and an `__init__` of a class that is not read.
 *
 * ## How to confirm
 * Call the class twice: the second call runs `__init__` again.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`: when `__init__` is invoked
 */
#include "rule/rule.h"

static const char *const DOES[] = {"", "makes anew", "opens", "starts", "adds to"};

static Str message_of(RuleContext *c, Str class, const Reinit *again) {
    static const char WHY[] = "'__init__' runs again on the instance that '__new__' keeps";
    switch (again->kind) {
    case REINIT_GROWS:
        return rule_text(
            c,
            "'%.*s' keeps what '__init__' of '%.*s' adds alive until the process ends, "
            "once more with each call: it runs again on the instance that '__new__' keeps",
            STR_ARG(again->what), STR_ARG(class));
    case REINIT_THREAD:
        return rule_text(c, "'%.*s' keeps one more '%.*s' alive until it ends, with each call: %s",
                         STR_ARG(class), STR_ARG(again->what), WHY);
    case REINIT_RESOURCE:
        return rule_text(c,
                         "'%.*s' opens another '%.*s' and drops the old one unclosed when it is "
                         "called again: %s",
                         STR_ARG(class), STR_ARG(again->what), WHY);
    default:
        return rule_text(c, "'%.*s' loses what it has in '%.*s' when it is called again: %s",
                         STR_ARG(class), STR_ARG(again->what), WHY);
    }
}

static Confidence confidence_of(const Reinit *again) {
    if (again->calls < 2) return CONFIDENCE_LOW;
    return again->kind == REINIT_STATE ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
}

static bool is_own(const RuleContext *c, ClassId class, ScopeRef init) {
    return graph_method_class(c->graph, init).i == class.i;
}

/* At the `__init__` that misses the guard; when it is inherited, at the `__new__` that brings the
 * old instance. */
static Finding *report(RuleContext *c, ClassId class, const Singleton *s, const Reinit *again) {
    bool own = is_own(c, class, again->init);
    ScopeRef where = own ? again->init : s->creator.function;
    const Facts *f = graph_facts(c->graph, where.file);
    Span span = own ? f->scopes[where.scope.i].name_span : f->ops[s->creator.store.i].span;
    return rule_report(c, where.file, span, where);
}

static void add_evidence(RuleContext *c, Finding *f, const Singleton *s, const Reinit *again) {
    const Facts *home = graph_facts(c->graph, again->init.file);
    rule_note(c, f, STR("the instance that is kept"), (Str){0},
              (OpRef){s->creator.function.file, s->creator.store});
    rule_step(c, f, STEP_NOTE, STR("__init__ asks nothing before it begins"), (Str){0},
              again->init.file, home->scopes[again->init.scope.i].name_span);
    rule_note(c, f, rule_text(c, "%s %.*s with each call", DOES[again->kind], STR_ARG(again->what)),
              (Str){0}, again->effect);
}

static void check(RuleContext *c, ClassId class) {
    Singleton s = graph_singleton(c->graph, class);
    if (s.form != SINGLETON_NEW || s.creator.is_always_fresh) return;
    /* a subclass that adds nothing is told of by its base */
    ScopeRef init = graph_method(c->graph, class, "__init__");
    if (scope_is_none(init) || (s.definer.i != class.i && !is_own(c, class, init))) return;
    Reinit again = graph_reinit(c->graph, class);
    if (again.kind == REINIT_NOTHING) return;
    Finding *f = report(c, class, &s, &again);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    bool grows = again.kind >= REINIT_THREAD;
    f->effect = grows ? EFFECT_NEVER_FREED : EFFECT_HAZARD;
    f->severity = grows ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->confidence =
        graph_is_test_file(c->graph, f->place.file) ? CONFIDENCE_LOW : confidence_of(&again);
    if (f->confidence == CONFIDENCE_LOW) f->severity = SEVERITY_WARNING;
    f->subject = name;
    f->message = message_of(c, last, &again);
    f->help = STR("begin `__init__` with `if self._ready: return`, or make the instance's state in "
                  "the branch of `__new__` that makes it");
    f->confirm =
        rule_text(c, "call `%.*s` twice: the second call runs `__init__` again", STR_ARG(last));
    add_evidence(c, f, &s, &again);
}

const Rule rule_lmp302 = {
    .code = "LMP302",
    .name = "singleton-reinitialised",
    .summary = "__init__ runs again on the instance that __new__ keeps",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
