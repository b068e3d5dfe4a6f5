/* ## What it does
 * Reports a singleton of which `copy`, `deepcopy` or `pickle` make a second instance, or whose
 * state they set back.
 *
 * ## Why it leaks
 * Nothing leaks: there are two of what should be one. Copies do not call the class: they call
 * `object.__new__` through `copyreg`, past a metaclass, a decorator or a factory. Where `__new__`
 * itself gives the kept instance, copying does go through it, and then puts the copied attributes
 * into the live instance: its state is replaced by a copy, or by what was pickled last week.
 *
 * ## Example
 * ```python bad
 * import copy
 *
 *
 * class Clock:
 *     _instance = None
 *
 *     def __init__(self):
 *         self.zone = None
 *
 *     @classmethod
 *     def get(cls):
 *         if cls._instance is None:
 *             cls._instance = cls()
 *         return cls._instance
 *
 *
 * def snapshot(clock: Clock):
 *     return copy.deepcopy(clock)
 * ```
 *
 * Say what a copy of the only instance is:
 *
 * ```python good
 * import copy
 *
 *
 * class Clock:
 *     _instance = None
 *
 *     def __init__(self):
 *         self.zone = None
 *
 *     @classmethod
 *     def get(cls):
 *         if cls._instance is None:
 *             cls._instance = cls()
 *         return cls._instance
 *
 *     def __copy__(self):
 *         return self
 *
 *     def __deepcopy__(self, memo):
 *         return self
 *
 *     def __reduce__(self):
 *         return (Clock.get, ())
 *
 *
 * def snapshot(clock: Clock):
 *     return copy.deepcopy(clock)
 * ```
 *
 * ## When it is silent
 * - The class or a base says what copies are: `__reduce__`, `__reduce_ex__`, or `__copy__` with
 *   `__deepcopy__`; or it holds no state that could be doubled (no attribute is ever stored).
 *
 * The rule is off by default. Where the project copies or pickles an instance the confidence is
 * high, else low.
 *
 * ## What it misses
 * Copies of what holds the singleton.
 *
 * ## How to confirm
 * `copy.deepcopy(x) is x` is false, or an attribute of `x` has changed after it.
 *
 * ## References
 * - Python documentation, `copy` and `pickle`: `__reduce_ex__`
 */
#include "rule/rule.h"

static const char *const COPIERS[] = {
    "copy.copy",    "copy.deepcopy", "pickle.dump", "pickle.dumps",
    "cPickle.dump", "cPickle.dumps", NULL};

static bool has(const RuleContext *c, ClassId class, const char *method) {
    return !scope_is_none(graph_method(c->graph, class, method));
}

static bool says_what_copies_are(const RuleContext *c, ClassId class) {
    if (has(c, class, "__reduce__") || has(c, class, "__reduce_ex__")) return true;
    if (has(c, class, "__getstate__") && has(c, class, "__setstate__")) return true;
    return has(c, class, "__copy__") && has(c, class, "__deepcopy__");
}

static bool is_stored(RuleContext *c, ClassId class, Str name) {
    Attribute a = graph_attribute(c->graph, class, name, c->scratch);
    for (u32 i = 0; i < a.n_uses; i++) {
        AttributeUseKind kind = a.uses[i].kind;
        bool is_bound = kind == ATTRIBUTE_DEFINED || kind == ATTRIBUTE_EMPTIED;
        if (is_bound && !a.uses[i].in_class_body) return true;
    }
    return false;
}

/* Methods store something in an instance, beside the instance itself in its slot. */
static bool has_state(RuleContext *c, ClassId class, Str slot) {
    const ClassId *mro;
    bool complete;
    u32 n = graph_mro(c->graph, class, &mro, &complete);
    for (u32 i = 0; i < n; i++)
        for (Str a = {0}; (a = graph_next_attribute(c->graph, mro[i], a)).n;)
            if (!str_eq(a, slot) && is_stored(c, mro[i], a)) return true;
    return false;
}

static bool is_copied_as_new(const Singleton *s) {
    return s->form != SINGLETON_NEW;
}

static Finding *report(RuleContext *c, ClassId class, const Singleton *s, OpRef copy) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    bool is_copied = copy.op.i != 0;
    u32 file = is_copied ? copy.file : scope.file;
    const Facts *facts = graph_facts(c->graph, file);
    Span span = is_copied ? facts->ops[copy.op.i].span : facts->scopes[scope.scope.i].name_span;
    Finding *f = rule_report(c, file, span, scope);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    f->subject = name;
    f->confidence = is_copied ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
    f->message =
        is_copied_as_new(s)
            ? rule_text(c, "'%.*s' has a second instance when it is copied or pickled",
                        STR_ARG(last))
            : rule_text(c, "'%.*s' gets the state of its copy when it is copied or unpickled",
                        STR_ARG(last));
    f->help = STR("define `__copy__` and `__deepcopy__` that return `self`, and `__reduce__` that "
                  "names the function that gives the instance");
    f->confirm =
        STR("`copy.deepcopy(x) is x` is false, or an attribute of `x` has changed after it");
    rule_note(c, f, STR("the instance that is kept"), (Str){0},
              (OpRef){s->creator.function.file, s->creator.store});
    if (is_copied)
        rule_step(c, f, STEP_NOTE, STR("no '__copy__', '__deepcopy__' or '__reduce__' here"),
                  (Str){0}, scope.file,
                  graph_facts(c->graph, scope.file)->scopes[scope.scope.i].name_span);
    return f;
}

static bool is_subject(RuleContext *c, ClassId class, Singleton *s) {
    *s = graph_singleton(c->graph, class);
    if (s->form == SINGLETON_NONE || s->is_multiton || s->creator.is_always_fresh) return false;
    if (s->form == SINGLETON_BORG || s->form == SINGLETON_CACHED) return false;
    return s->creator.key_kind != KEY_OTHER && !says_what_copies_are(c, class) &&
           has_state(c, class, s->creator.name);
}

static void check_class(RuleContext *c, ClassId class) {
    Singleton s;
    if (is_subject(c, class, &s) &&
        !graph_is_test_file(c->graph, graph_class_scope(c->graph, class).file))
        report(c, class, &s, (OpRef){0});
}

static void check_call(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    PathId value = call_argument(f, &f->ops[call.op.i], 0, NULL);
    ClassId class = value.i ? graph_type_of(c->graph, call.file, value) : (ClassId){0};
    Singleton s;
    if (class.i && is_subject(c, class, &s)) report(c, class, &s, call);
}

const Rule rule_lmp311 = {
    .code = "LMP311",
    .name = "singleton-copyable",
    .summary = "copies of a singleton make a second instance or change the first",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_LOW,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .callees = COPIERS,
    .on_call = check_call,
    .on_class = check_class,
};
