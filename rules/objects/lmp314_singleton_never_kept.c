/* ## What it does
 * Reports a `__new__` that asks for a kept instance, and a class in which nothing ever keeps one.
 *
 * ## Why it leaks
 * The class is meant to have one instance, and has one for each call: the attribute that `__new__`
 * asks is never set. What the only instance was to share (a session, a pool, a cache) is there as
 * often as the class is called.
 *
 * ## Example
 * ```python bad
 * class Client:
 *     _instance = None
 *
 *     def __new__(cls):
 *         if cls._instance is not None:
 *             return cls._instance
 *         return super().__new__(cls)
 * ```
 *
 * ```python good
 * class Client:
 *     _instance = None
 *
 *     def __new__(cls):
 *         if cls.__dict__.get("_instance") is None:
 *             cls._instance = super().__new__(cls)
 *         return cls._instance
 * ```
 *
 * The second one keeps what it made.
 *
 * ## When it is silent
 * - Any code of the project sets the attribute, in a method, from outside or by `setattr`.
 *
 * ## What it misses
 * Slots in variables and containers.
 *
 * ## How to confirm
 * `K() is K()` is false.
 *
 * ## References
 * - Python documentation, "Data model", `object.__new__`
 */
#include "rule/rule.h"

/* Something other than the class body sets it, or may: code that has the class, `setattr`. */
static bool is_set(RuleContext *c, ClassId class, Str name) {
    Attribute a = graph_attribute(c->graph, class, name, c->scratch);
    for (u32 i = 0; i < a.n_uses; i++) {
        AttributeUseKind kind = a.uses[i].kind;
        bool is_bound = kind == ATTRIBUTE_DEFINED || kind == ATTRIBUTE_EMPTIED;
        if (is_bound && !a.uses[i].in_class_body) return true;
    }
    return a.is_cut;
}

static void check(RuleContext *c, ClassId class) {
    Singleton s = graph_singleton(c->graph, class);
    const Creator *creator = &s.creator;
    if (s.form != SINGLETON_NEW || !creator->is_always_fresh || s.definer.i != class.i) return;
    if (is_set(c, class, creator->name)) return;
    u32 file = creator->function.file;
    const Facts *facts = graph_facts(c->graph, file);
    Finding *f = rule_report(c, file, facts->ops[creator->made.i].span, creator->function);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    f->confidence = graph_is_test_file(c->graph, file) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = name;
    f->message = rule_text(c,
                           "'%.*s' makes another instance when it is called again: nothing sets "
                           "'%.*s', which '__new__' asks for the first",
                           STR_ARG(last), STR_ARG(creator->name));
    f->help = rule_text(c, "keep the instance: `cls.%.*s = super().__new__(cls)`",
                        STR_ARG(creator->name));
    f->confirm = rule_text(c, "`%.*s() is %.*s()` is false", STR_ARG(last), STR_ARG(last));
    rule_note(c, f, STR("asked here"), (Str){0}, (OpRef){file, creator->test_op});
    rule_note(c, f, STR("made here, and kept by nobody"), (Str){0}, (OpRef){file, creator->made});
}

const Rule rule_lmp314 = {
    .code = "LMP314",
    .name = "singleton-never-kept",
    .summary = "__new__ asks for a kept instance, and nothing keeps one",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
