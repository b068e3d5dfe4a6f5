/* ## What it does
 * Reports a singleton whose test for "is there one already?" also finds the instance of a base
 * class.
 *
 * ## Why it leaks
 * Nothing leaks: the wrong object is given. Attributes are looked up in the bases too, so that
 * `hasattr(cls, "_instance")` and `cls._instance is None` speak of the class or of any base that
 * was asked before. Once the base has its instance, every call of a subclass gives that one, of the
 * wrong type, and the `__init__` of the subclass never runs. Where the attribute belongs to a class
 * by name (`Base._instance`), the first class that is asked decides for all of them.
 *
 * ## Example
 * ```python bad
 * class Registry(object):
 *     def __new__(cls):
 *         if not hasattr(cls, "_instance"):
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 *
 *
 * class PluginRegistry(Registry):
 *     pass
 *
 *
 * registry = Registry()
 * plugins = PluginRegistry()  # a Registry
 * ```
 *
 * Ask the class itself:
 *
 * ```python good
 * class Registry(object):
 *     def __new__(cls):
 *         if "_instance" not in cls.__dict__:
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 *
 *
 * class PluginRegistry(Registry):
 *     pass
 *
 *
 * registry = Registry()
 * plugins = PluginRegistry()
 * ```
 *
 * ## When it is silent
 * - The test looks into `cls.__dict__`, or the instances are kept by class.
 * - Each class gets a slot of its own: in its body, in `__init_subclass__`, in the `__init__` of
 * its metaclass.
 *
 * The confidence is high when the project makes instances of both, medium when there is a subclass,
 * low when there is none: then it is a trap and not yet a fault. An accessor beside the class
 * (`Base.instance()`) that nobody asks for an instance of the base is reported at low confidence,
 * too.
 *
 * ## What it misses
 * Subclasses in code that is not read.
 *
 * ## How to confirm
 * Make an instance of the base, then one of the subclass: `type()` of the second is the base.
 *
 * ## References
 * - Python documentation, "Data model": attribute look-up in classes
 */
#include "rule/rule.h"

static Confidence confidence_of(const Singleton *s, const SharedSlot *shared) {
    if (!shared->subclass.i) return CONFIDENCE_LOW;
    /* an abstract base with an accessor for its subclasses */
    if (s->form == SINGLETON_FACTORY && !shared->is_base_made) return CONFIDENCE_LOW;
    return shared->is_base_made && shared->is_sub_made ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static Str last_name(RuleContext *c, ClassId class) {
    return str_after_last(graph_class_name(c->graph, class), '.');
}

/* What gives an instance: `Base()`, or `Base.instance()` where a call of the class makes another.
 */
static Str accessor(RuleContext *c, ClassId class, const Singleton *s) {
    ScopeRef function = s->creator.function;
    Str name = last_name(c, class);
    if (s->form != SINGLETON_FACTORY) return rule_text(c, "%.*s()", STR_ARG(name));
    Str by = str_after_last(graph_scope_name(c->graph, function), '.');
    return rule_text(c, "%.*s.%.*s()", STR_ARG(name), STR_ARG(by));
}

static Str message_of(RuleContext *c, ClassId class, const Singleton *s, const SharedSlot *shared) {
    Str base = last_name(c, class);
    Str name = s->creator.name;
    if (!shared->subclass.i)
        return rule_text(c,
                         "a subclass of '%.*s' gets the instance of '%.*s' when that was made "
                         "before: '%.*s' is found in the base",
                         STR_ARG(base), STR_ARG(base), STR_ARG(name));
    Str sub = accessor(c, shared->subclass, s);
    if (s->creator.slot != SLOT_CLASS)
        return rule_text(c,
                         "'%.*s' gives an instance of another class when '%.*s' or one of its "
                         "subclasses was made before: all keep theirs in '%.*s'",
                         STR_ARG(sub), STR_ARG(base), STR_ARG(name));
    return rule_text(c,
                     "'%.*s' gives the instance of '%.*s' when '%.*s' was called before: '%.*s' "
                     "is found in the base",
                     STR_ARG(sub), STR_ARG(base), STR_ARG(accessor(c, class, s)), STR_ARG(name));
}

/* `__slot` in the class `Base` is `_Base__slot` in its dictionary. */
static Str key_text(RuleContext *c, const Singleton *s) {
    Str name = s->creator.name;
    if (!str_starts(name, "__") || str_ends(name, "__")) return name;
    Str class = last_name(c, s->definer);
    while (class.n && class.p[0] == '_') class = str_sub(class, 1, class.n);
    return rule_text(c, "_%.*s%.*s", STR_ARG(class), STR_ARG(name));
}

/* What asks the class alone, and the words that it replaces; empty when that is not to be seen. */
static Str better_test(RuleContext *c, Str text, const Singleton *s, Span *span) {
    const Facts *f = graph_facts(c->graph, s->creator.function.file);
    const Op *test = &f->ops[s->creator.test_op.i];
    *span = test->span;
    Str cls = rule_path_text(c, s->creator.function.file, s->creator.container);
    Str key = key_text(c, s);
    bool negated = span->start >= 4 && span->end <= text.n &&
                   str_is(str_sub(text, span->start - 4, span->start), "not ");
    if (test->kind != OP_TEST) return (Str){0};
    u32 kind = test->flags & OP_LOW;
    if (kind == TEST_HAS) {
        if (negated) span->start -= 4;
        return rule_text(c, "'%.*s' %s %.*s.__dict__", STR_ARG(key), negated ? "not in" : "in",
                         STR_ARG(cls));
    }
    Str get = rule_text(c, "%.*s.__dict__.get('%.*s')", STR_ARG(cls), STR_ARG(key));
    if (kind == TEST_IS)
        return rule_text(c, "%.*s is %sNone", STR_ARG(get), test->flags & OP_NEGATED ? "not " : "");
    return kind == TEST_TRUTH ? get : (Str){0};
}

static void add_fix(RuleContext *c, Finding *f, const Singleton *s) {
    u32 file = s->creator.function.file;
    if (s->creator.slot != SLOT_CLASS) return;
    Str text = rule_source(c, file);
    Span span;
    Str better = text.n ? better_test(c, text, s, &span) : (Str){0};
    if (!better.n) return;
    rule_fix(f, STR("ask the class itself, not its bases"), false);
    rule_edit(c, f, file, span, better);
}

static void add_evidence(RuleContext *c, Finding *f, ClassId class, const Singleton *s,
                         const SharedSlot *shared) {
    u32 file = s->creator.function.file;
    rule_note(c, f, rule_text(c, "kept in '%.*s'", STR_ARG(s->creator.name)), (Str){0},
              (OpRef){file, s->creator.store});
    ClassId classes[] = {class, shared->subclass};
    for (u32 i = 0; i < 2; i++) {
        if (!classes[i].i) continue;
        ScopeRef scope = graph_class_scope(c->graph, classes[i]);
        const Facts *home = graph_facts(c->graph, scope.file);
        Str name = last_name(c, classes[i]);
        rule_step(c, f, STEP_NOTE,
                  rule_text(c, "%s '%.*s'", i ? "subclass" : "class", STR_ARG(name)), (Str){0},
                  scope.file, home->scopes[scope.scope.i].name_span);
    }
}

/* Is the class the one to tell of: the one that has the maker, or for a metaclass one that has
 * subclasses? */
static bool is_subject(const Singleton *s, ClassId class, const SharedSlot *shared) {
    if (s->form == SINGLETON_METACLASS) return shared->subclass.i != 0;
    return s->definer.i == class.i;
}

static void check(RuleContext *c, ClassId class) {
    Singleton s = graph_singleton(c->graph, class);
    SharedSlot shared;
    if (s.form == SINGLETON_NONE || !graph_shared_slot(c->graph, class, &s, &shared)) return;
    if (!is_subject(&s, class, &shared)) return;
    u32 file = s.creator.function.file;
    const Facts *facts = graph_facts(c->graph, file);
    Finding *f = rule_report(c, file, facts->ops[s.creator.test_op.i].span, s.creator.function);
    f->confidence =
        graph_is_test_file(c->graph, file) ? CONFIDENCE_LOW : confidence_of(&s, &shared);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = graph_class_name(c->graph, class);
    f->message = message_of(c, class, &s, &shared);
    f->help =
        STR("look for the instance in `cls.__dict__`, or keep the instances in a dict by class");
    f->confirm = rule_text(c, "call '%.*s', then the same of a subclass: both give one object",
                           STR_ARG(accessor(c, class, &s)));
    add_evidence(c, f, class, &s, &shared);
    add_fix(c, f, &s);
}

const Rule rule_lmp303 = {
    .code = "LMP303",
    .name = "singleton-shared-with-subclass",
    .summary = "a subclass of a singleton gets the instance of its base",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
