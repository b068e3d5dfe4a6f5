/* ## What it does
 * Reports a cycle through a C object whose references the cyclic collector cannot see: a sqlite3
 * connection that an object owns and that was given a bound method or closure of that object. When
 * the C sources of the project are read too, also an object of an extension type without support
 * for the collector (LMP701) that is given something which refers back: to its constructor, to a
 * method, or as an attribute.
 *
 * ## Why it leaks
 * The collector frees a cycle only when it can follow every reference on it. `sqlite3` keeps the
 * callables of `create_function` and its kin inside the database handle, which the collector does
 * not visit: the object, the connection and the open database stay until the process ends.
 *
 * ## Example
 * ```python bad
 * import sqlite3
 *
 *
 * class Store:
 *     def __init__(self, path):
 *         self.connection = sqlite3.connect(path)
 *         self.connection.create_function("score", 1, self.score)
 *
 *     def score(self, text):
 *         return len(text)
 * ```
 *
 * A static method does not hold the object:
 *
 * ```python good
 * import sqlite3
 *
 *
 * class Store:
 *     def __init__(self, path):
 *         self.connection = sqlite3.connect(path)
 *         self.connection.create_function("score", 1, self.score)
 *
 *     @staticmethod
 *     def score(text):
 *         return len(text)
 * ```
 *
 * ## When it is silent
 * - Functions of the module, static and class methods, closures that do not use the object.
 * - The connection is not kept by the object.
 *
 * One level lower when a method that users can call closes the connection: that frees all of it at
 * once from Python 3.8 on. To let go of the connection without closing it is not enough.
 *
 * Where the collector does see the cycle in every target version, it is delayed and opt-in: row and
 * trace callbacks from Python 3.10 on.
 *
 * ## What it misses
 * Extension types other than those that limpet knows, or whose sources it reads.
 *
 * ## How to confirm
 * `r = weakref.ref(x); del x; gc.collect(); assert r() is None` fails.
 *
 * ## References
 * - CPython, Modules/_sqlite/connection.c
 */
#include "rule/rule.h"

/* The first and last of the targets in which the collector cannot see the cycle. */
static bool find_blind(u32 targets, u32 blind, u32 *first, u32 *last) {
    bool is_any = false;
    for (u32 v = 0; v < PYTHON_VERSIONS; v++) {
        u32 bit = v == PYTHON_2_7 ? 31 : v - PYTHON_3_3 + 3;
        if (!(targets >> v & 1) || !(blind >> bit & 1)) continue;
        if (!is_any) *first = v;
        *last = v;
        is_any = true;
    }
    return is_any;
}

/* "until the process ends", and in which versions, where that differs among the targets. */
static Str end_text(RuleContext *c, const Cycle *cycle, u32 targets) {
    u32 first = 0, last = 0;
    find_blind(targets, cycle->blind, &first, &last);
    Str end = STR("until the process ends");
    if (!scope_is_none(cycle->breaker)) {
        Str name = str_after_last(graph_scope_name(c->graph, cycle->breaker), '.');
        end = rule_text(c, "until '%.*s()' is called", STR_ARG(name));
    }
    u32 others = 0, between = 0;
    for (u32 v = 0; v < PYTHON_VERSIONS; v++) {
        u32 bit = v == PYTHON_2_7 ? 31 : v - PYTHON_3_3 + 3;
        if (!(targets >> v & 1) || cycle->blind >> bit & 1) continue;
        others++;
        between += v > first && v < last;
    }
    if (!others) return end;
    if (first == last) return rule_text(c, "%.*s on Python %s", STR_ARG(end), version_text(first));
    return rule_text(c, "%.*s on %sPython %s to %s", STR_ARG(end),
                     between ? "most versions from " : "", version_text(first), version_text(last));
}

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind != CYCLE_BLIND) return;
    Str name = rule_cycle_name(c, &cycle->objects[0]);
    Str callback = STR("callback"), holder = STR("object");
    for (u32 i = 0; i < cycle->n; i++)
        if (cycle->links[i].flags & LINK_BLIND) {
            callback = cycle->objects[(i + 1) % cycle->n].name;
            holder = cycle->objects[i].made.n ? cycle->objects[i].made : cycle->objects[i].name;
        }
    u32 targets = rule_targets(c, cycle->file), first, last;
    Finding *f = rule_report_cycle(c, cycle);
    if (!find_blind(targets, cycle->blind, &first, &last)) {
        f->message = rule_text(c, "a cycle through '%.*s' keeps '%.*s' alive %.*s", STR_ARG(holder),
                               STR_ARG(name), STR_ARG(rule_cycle_end(c, cycle)));
        return;
    }
    f->is_plain = false;
    f->effect = EFFECT_NEVER_FREED;
    f->message = rule_text(
        c, "'%.*s' in '%.*s', where the collector cannot see it, keeps '%.*s' alive %.*s",
        STR_ARG(callback), STR_ARG(holder), STR_ARG(name), STR_ARG(end_text(c, cycle, targets)));
    f->help = STR("give it a function of the module, a static method, or a closure over "
                  "`weakref.ref(self)`, or close it in a method that users call");
    f->confirm =
        rule_text(c, "a weak reference to the '%.*s' is alive after `gc.collect()`", STR_ARG(name));
}

const Rule rule_lmp114 = {
    .code = "LMP114",
    .name = "collector-blind-cycle",
    .summary = "a cycle through a C object that the cyclic collector cannot see",
    .effect = EFFECT_NEVER_FREED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.2.0",
    .on_cycle = check,
};
