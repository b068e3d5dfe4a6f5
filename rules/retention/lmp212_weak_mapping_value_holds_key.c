/* ## What it does
 * Reports an entry of a `WeakKeyDictionary` whose value holds the key, and an entry of a
 * `WeakValueDictionary` whose key holds the value: the object itself, a bound method of it, a
 * lambda or inner function that uses it, a partial, list or dictionary with it inside, an object
 * of the project whose constructor keeps it, or, where the key is an event loop, a task or future.
 *
 * ## Why it leaks
 * The mapping holds values strongly and waits for the key to die. Python has no ephemerons: a key
 * that its own value reaches is held by the mapping after all, and neither it nor the value ever
 * goes while the mapping lives (never-freed). The cyclic collector cannot help, because the mapping
 * is reachable. Where the key owns the mapping, the three form a cycle that only the collector
 * frees (delayed). In a `WeakValueDictionary` the keys are strong: there it is the key that must
 * not reach the value.
 *
 * ## Example
 * ```python bad
 * import weakref
 *
 *
 * class Layout:
 *     def __init__(self, widget):
 *         self.widget = widget
 *
 *
 * LAYOUTS = weakref.WeakKeyDictionary()
 *
 *
 * def layout_of(widget):
 *     if widget not in LAYOUTS:
 *         LAYOUTS[widget] = Layout(widget)
 *     return LAYOUTS[widget]
 * ```
 *
 * Every layout keeps its widget, and every widget its entry. Let the value refer weakly, or keep it
 * in an attribute of the key: then both go together.
 *
 * ```python good
 * import weakref
 *
 *
 * class Layout:
 *     def __init__(self, widget):
 *         self.widget = weakref.proxy(widget)
 *
 *
 * LAYOUTS = weakref.WeakKeyDictionary()
 *
 *
 * def layout_of(widget):
 *     if widget not in LAYOUTS:
 *         LAYOUTS[widget] = Layout(widget)
 *     return LAYOUTS[widget]
 * ```
 *
 * ## When it is silent
 * - Values that do not reach the key: plain attributes of it, copies, texts, `weakref.ref(key)`, a
 *   proxy, a `WeakMethod`.
 * - Keys that stay anyway: classes and functions of modules, constants.
 * - `WeakSet`, and a value of a `WeakValueDictionary` that refers to its key.
 *
 * At low confidence: tests, mappings from which something removes entries, and values with a method
 * that lets go of the key (`close` sets the attribute to None). At medium: mappings
 * that belong to an instance, which may die itself, what is found in another function, and what
 * only one of several values does (`d[x] = x if owner is None else owner`).
 *
 * ## What it misses
 * A value that reaches the key through an object that is not made here (a report that holds its
 * exception, whose frames hold the key), two weak mappings whose values hold each other's keys, and
 * mappings that are local to a function.
 *
 * ## How to confirm
 * `r = weakref.ref(key); del key; gc.collect(); assert r() is None` fails, and the length of the
 * mapping grows.
 *
 * ## References
 * - Python documentation, `weakref.WeakKeyDictionary`
 * - CPython issue 17816, "Weak*Dictionary KeyErrors / ephemerons"
 */
#include "rule/rule.h"

/* What reaches what: the value its key, or the key its value. */
typedef struct Reach {
    Carry carry;
    bool is_loop;  /* a task or future, and its event loop */
    PathId holder; /* what the mapping holds strongly */
    PathId object; /* what it would refer to weakly */
} Reach;

static bool is_lasting_key(RuleContext *c, u32 file, PathId object) {
    u32 shape = graph_shape(c->graph, file, object);
    if (shape & SHAPE_CLOSED) shape &= ~(u32)SHAPE_FUNCTION; /* of a module */
    if (shape && !(shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED | SHAPE_TEXT))) return true;
    ClassId class = graph_type_of(c->graph, file, object);
    return class.i && graph_only_module_instances(c->graph, class);
}

static Reach reach_of(RuleContext *c, const WeakStore *s) {
    Reach r = {0};
    if (!s->key.i || !s->value.i || s->kind == WEAK_SET) return r;
    r.holder = s->kind == WEAK_KEYS ? s->value : s->key;
    r.object = s->kind == WEAK_KEYS ? s->key : s->value;
    r.carry = graph_carries_one_of(c->graph, s->file, r.holder, &r.object);
    /* `d[x] = x.name`: of a class that nobody knows it need not be a method */
    if (r.carry.is_guess) r.carry.kind = CARRY_NOTHING;
    if (r.carry.kind == CARRY_NOTHING && graph_is_loop_in(c->graph, s->file, r.holder, r.object)) {
        r.is_loop = true;
        r.carry.kind = CARRY_INSTANCE;
        r.carry.confidence = CONFIDENCE_HIGH;
    }
    return r;
}

/* The end of the message: why it is held. */
static Str reason_of(RuleContext *c, const WeakStore *s, const Reach *r) {
    const char *role = s->kind == WEAK_KEYS ? "value" : "key";
    Str text = rule_path_text(c, s->file, r->holder), name = r->carry.name;
    if (r->is_loop) return rule_text(c, "its %s '%.*s' belongs to it", role, STR_ARG(text));
    switch (r->carry.kind) {
    case CARRY_ITSELF:
        return rule_text(c, s->is_inner ? "it stands in its own %s" : "it is its own %s", role);
    case CARRY_METHOD:
        return rule_text(c, "its %s is its bound method '%.*s'", role, STR_ARG(name));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "its %s, the function '%.*s', uses it", role, STR_ARG(name))
                      : rule_text(c, "its %s, a lambda, uses it", role);
    case CARRY_PARTIAL:
        return rule_text(c, "its %s, a '%.*s', holds it", role, STR_ARG(name));
    case CARRY_DISPLAY:
        return rule_text(c, "it stands in its own %s", role);
    case CARRY_INSTANCE:
        return rule_text(c, "its %s, a '%.*s', keeps it", role, STR_ARG(str_after_last(name, '.')));
    default:
        return rule_text(c, "its %s '%.*s' leads back to it", role, STR_ARG(text));
    }
}

/* A method of the value lets go of the key: `close()` sets the attribute to None. */
static bool is_broken(RuleContext *c, const Carry *carry) {
    OpRef where;
    if (!carry->holder.i || !carry->attribute.n) return false;
    return !scope_is_none(
        graph_attribute_breaker(c->graph, carry->holder, carry->attribute, &where));
}

static Confidence confidence_of(RuleContext *c, const WeakStore *s, const Reach *r) {
    if (s->is_drained || graph_is_test_file(c->graph, s->file)) return CONFIDENCE_LOW;
    if (is_broken(c, &r->carry)) return CONFIDENCE_LOW;
    Confidence most = s->is_lasting ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    return MIN(most, r->carry.confidence);
}

static void add_evidence(RuleContext *c, Finding *f, const WeakStore *s, const Reach *r) {
    Span span = graph_facts(c->graph, s->file)->ops[s->op.i].span;
    bool by_value = s->kind == WEAK_KEYS;
    const char *type = by_value ? "WeakKeyDictionary" : "WeakValueDictionary";
    rule_step(c, f, STEP_NODE, rule_text(c, "%s %.*s", type, STR_ARG(s->name)), (Str){0},
              s->made_file, s->made);
    rule_step(c, f, STEP_EDGE, by_value ? STR("[…], strong") : STR("key, strong"),
              by_value ? STR("the value is held until the key has died")
                       : STR("the key is held until the value has died"),
              s->file, span);
    if (r->carry.kind != CARRY_ITSELF) {
        Str holder = rule_path_text(c, s->file, r->holder);
        rule_step(c, f, STEP_NODE, holder, (Str){0}, s->file, span);
        bool has_place = r->carry.has_place;
        rule_step(c, f, STEP_EDGE, r->is_loop ? STR("its loop") : STR("reference"), (Str){0},
                  has_place ? r->carry.file : s->file, has_place ? r->carry.place : span);
    }
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_path_text(c, s->file, r->object),
              by_value ? STR("the key: it cannot die") : STR("the value: it cannot die"), s->file,
              span);
}

static Str help_of(const WeakStore *s, const Reach *r) {
    if (s->kind == WEAK_VALUES)
        return STR("use a key that does not lead to the value: a name, a number, `id(…)`");
    if (r->is_loop)
        return STR("keep a `weakref.ref` of the task in the mapping: the loop holds it as long as "
                   "it runs");
    switch (r->carry.kind) {
    case CARRY_ITSELF:
        return STR("use a `weakref.WeakSet`, or keep `weakref.ref(…)` of the key as the value");
    case CARRY_METHOD:
        return STR("keep a `weakref.WeakMethod` as the value, or only the name of the method");
    default:
        return STR("let the value refer to the key weakly (`weakref.ref`, `weakref.proxy`), or "
                   "keep it in an attribute of the key instead of the mapping");
    }
}

static void check(RuleContext *c, const WeakStore *s) {
    Reach r = reach_of(c, s);
    if (r.carry.kind == CARRY_NOTHING || is_lasting_key(c, s->file, r.object)) return;
    const Facts *facts = graph_facts(c->graph, s->file);
    Str object = rule_path_text(c, s->file, r.object);
    Finding *f = rule_report(c, s->file, facts->ops[s->op.i].span, s->function);
    f->container = graph_place(c->graph, s->made_file, s->made);
    f->has_container = true;
    f->confidence = confidence_of(c, s, &r);
    f->effect = s->is_own && !s->is_lasting ? EFFECT_DELAYED : EFFECT_NEVER_FREED;
    f->severity = f->effect == EFFECT_NEVER_FREED && f->confidence == CONFIDENCE_HIGH
                      ? SEVERITY_ERROR
                      : SEVERITY_WARNING;
    f->subject = str_copy(c->arena, s->name);
    const char *end = f->effect == EFFECT_DELAYED ? "until the cyclic collector runs"
                      : s->is_lasting             ? "until the process ends"
                                                  : "until the mapping goes";
    f->message = rule_text(c, "'%.*s' keeps its weak %s '%.*s' alive %s: %.*s", STR_ARG(s->name),
                           s->kind == WEAK_KEYS ? "key" : "value", STR_ARG(object), end,
                           STR_ARG(reason_of(c, s, &r)));
    f->help = help_of(s, &r);
    f->confirm = rule_text(c, "a weak reference to '%.*s' is still alive after `gc.collect()`",
                           STR_ARG(object));
    add_evidence(c, f, s, &r);
}

static void check_container(RuleContext *c, ContainerId id) {
    WeakStore *stores;
    u32 n = graph_weak_stores(c->graph, id, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) check(c, &stores[i]);
}

static void check_class(RuleContext *c, ClassId id) {
    WeakStore *stores;
    u32 n = graph_weak_attribute_stores(c->graph, id, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) check(c, &stores[i]);
}

const Rule rule_lmp212 = {
    .code = "LMP212",
    .name = "weak-mapping-value-holds-key",
    .summary = "an entry of a weak mapping keeps alive what the mapping refers to weakly",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check_class,
    .on_container = check_container,
};
