/* ## What it does
 * Reports every other proven cycle of strong references: parent and child, doubly linked lists, an
 * object in a container of its own.
 *
 * ## Why it leaks
 * Reference counting cannot free a cycle. The cyclic collector does, when enough objects have been
 * made since it last ran: it counts objects, not bytes, so that a few cycles around large buffers
 * can take a lot of memory first. A program that turns it off keeps all of them.
 *
 * ## Example
 * ```python bad
 * class Node:
 *     def __init__(self, parent=None):
 *         self.parent = parent
 *         self.children = []
 *
 *     def add(self):
 *         child = Node(self)
 *         self.children.append(child)
 *         return child
 * ```
 *
 * A weak reference from the part to its whole:
 *
 * ```python good
 * import weakref
 *
 *
 * class Node:
 *     def __init__(self, parent=None):
 *         self.parent = weakref.ref(parent) if parent else None
 *         self.children = []
 *
 *     def add(self):
 *         child = Node(self)
 *         self.children.append(child)
 *         return child
 * ```
 *
 * ## When it is silent
 * - One direction only; a value read from the parent instead of the parent; weak references; weak
 *   containers of children.
 * - Links that are cut again in the same function.
 * - Objects of different rounds of a loop, two elements of one container, variables that may be one
 *   of several things: nothing is proven.
 *
 * Plain cycles are everywhere in good code: they are reported by default only when the program
 * turns the cyclic collector off; select LMP113 by code to see all of them.
 *
 * ## What it misses
 * Cycles that no single function closes.
 *
 * ## How to confirm
 * `r = weakref.ref(x); gc.disable(); del x; assert r() is None` fails.
 *
 * ## References
 * - Python documentation, module `gc`
 */
#include "rule/rule.h"

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind != CYCLE_PLAIN) return;
    const CycleObject *owner = &cycle->objects[0];

    Finding *f = rule_report_cycle(c, cycle);
    Str until =
        f->effect == EFFECT_NEVER_FREED ? STR("until the process ends") : rule_cycle_end(c, cycle);
    if (cycle->n == 1)
        f->message = rule_text(c, "'%.*s' keeps itself alive %.*s",
                               STR_ARG(rule_cycle_name(c, owner)), STR_ARG(until));
    else
        f->message = rule_text(c, "a cycle through %.*s keeps '%.*s' alive %.*s",
                               STR_ARG(rule_cycle_partner(c, cycle)),
                               STR_ARG(rule_cycle_name(c, owner)), STR_ARG(until));
}

const Rule rule_lmp113 = {
    .code = "LMP113",
    .name = "plain-cycle",
    .summary = "objects hold each other in a cycle",
    .effect = EFFECT_DELAYED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.2.0",
    .flags = RULE_PLAIN_OPT_IN,
    .on_cycle = check,
};
