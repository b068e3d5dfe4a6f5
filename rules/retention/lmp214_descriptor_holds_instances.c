/* ## What it does
 * Reports a descriptor (a class with `__get__` or `__set__`) that keeps what it knows of each
 * instance in a plain mapping, set or list of its own: keyed by the instance, or by its `id()`.
 *
 * ## Why it leaks
 * A descriptor is an attribute of a class, and lives as long as the class. Keyed by the instance,
 * the mapping holds every instance that was ever asked. Keyed by `id(instance)` it holds the
 * values of instances that are dead, and a new instance that gets the same address reads them.
 *
 * ## Example
 * ```python bad
 * class Positive:
 *     def __init__(self):
 *         self.values = {}
 *
 *     def __get__(self, instance, owner):
 *         return self if instance is None else self.values[instance]
 *
 *     def __set__(self, instance, value):
 *         if value <= 0:
 *             raise ValueError(value)
 *         self.values[instance] = value
 * ```
 *
 * Every instance stays in `values`. Keep the value on the instance:
 *
 * ```python good
 * class Positive:
 *     def __set_name__(self, owner, name):
 *         self.name = "_" + name
 *
 *     def __get__(self, instance, owner):
 *         return self if instance is None else getattr(instance, self.name)
 *
 *     def __set__(self, instance, value):
 *         if value <= 0:
 *             raise ValueError(value)
 *         setattr(instance, self.name, value)
 * ```
 *
 * ## When it is silent
 * - The mapping is a `WeakKeyDictionary`, or the key is a weak reference.
 * - Something removes entries: `__delete__`, a callback of `weakref.ref` or `weakref.finalize`.
 * - The value is kept on the instance: `instance.__dict__`, `setattr`.
 * - The key is the owner class, or anything that is not the instance.
 *
 * ## What it misses
 * Mappings of other objects that a descriptor fills, and instances that get there through more than
 * one helper.
 *
 * ## How to confirm
 * `r = weakref.ref(obj); obj.field = 1; del obj; gc.collect(); assert r() is None` fails; with
 * `id()` the length of the mapping grows with the instances that live at one time.
 *
 * ## References
 * - Python documentation, "Descriptor Guide": the instance's `__dict__` as the place of the value
 * - CodeQL py/mutable-descriptor has the idea, for plain attributes of the descriptor
 */
#include "rule/rule.h"

enum {
    PLAIN = SHAPE_TEXT | SHAPE_CONSTANT | SHAPE_CLOSED,
    RICH =
        SHAPE_SELF | SHAPE_TASK | SHAPE_REQUEST | SHAPE_INSTANCE | SHAPE_EXCEPTION | SHAPE_FUNCTION,
};

static const Change *find_addition(RuleContext *c, const Holding *h, InstanceKey *how) {
    const Change *best = NULL;
    *how = INSTANCE_NONE;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (change_removes(change, 0)) return NULL;
        if (change->kind != CHANGE_ADDED || change->level) continue;
        KeyRef key = {change->file, change_key(h, change)};
        InstanceKey found = graph_instance_key(c->graph, key);
        if (found <= *how) continue;
        *how = found;
        best = change;
    }
    return best;
}

static Str message_of(RuleContext *c, const Holding *h, InstanceKey how, bool is_plain) {
    if (how == INSTANCE_ITSELF)
        return rule_text(c,
                         "'%.*s' keeps every instance that it was used on alive until the process "
                         "ends: the descriptor is an attribute of a class",
                         STR_ARG(h->name));
    if (is_plain)
        return rule_text(c,
                         "'%.*s' returns the value of a dead instance when the 'id()' of that one "
                         "is used again",
                         STR_ARG(h->name));
    return rule_text(c,
                     "'%.*s' keeps the values of dead instances alive until the process ends: "
                     "nothing removes what is kept under their 'id()'",
                     STR_ARG(h->name));
}

static void report(RuleContext *c, const Holding *h, const Change *added, InstanceKey how) {
    u32 shape = graph_shape(c->graph, added->file, added->value);
    bool is_plain = how == INSTANCE_ID && shape & PLAIN && !(shape & RICH);
    Finding *f = rule_report_held(c, h, (OpRef){added->file, added->op}, added->function);
    f->confidence = how == INSTANCE_ITSELF && !h->is_cut ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->effect = is_plain ? EFFECT_HAZARD : EFFECT_NEVER_FREED;
    f->message = message_of(c, h, how, is_plain);
    rule_step_holder(c, f, h);
    rule_step_change(c, f, STEP_EDGE, added, STR("added with each access, never removed"));
    f->steps.v[f->steps.n - 1].suspect = true;
    Span span = facts_op(graph_facts(c->graph, added->file), added->op)->span;
    rule_step(c, f, STEP_NODE, how == INSTANCE_ITSELF ? STR("instance") : STR("value"), (Str){0},
              added->file, span);
    f->help = STR("keep the value on the instance (`setattr(instance, name, value)`), or use a "
                  "`weakref.WeakKeyDictionary`");
    f->confirm =
        how == INSTANCE_ITSELF
            ? STR("a weak reference to an instance that was used is alive after "
                  "`gc.collect()`")
            : rule_text(c, "`len()` of '%.*s' after 100 instances that live together have died",
                        STR_ARG(h->name));
}

static void check(RuleContext *c, const Holding *h) {
    InstanceKey how;
    if (!h->owner.i || !graph_is_descriptor(c->graph, h->owner)) return;
    if (h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED) return;
    const Change *added = find_addition(c, h, &how);
    if (added) report(c, h, added, how);
}

const Rule rule_lmp214 = {
    .code = "LMP214",
    .name = "descriptor-holds-instances",
    .summary = "a descriptor keeps data of each instance in a strong mapping of its own",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_holding = check,
};
