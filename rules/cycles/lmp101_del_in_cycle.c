/* ## What it does
 * Reports a proven cycle of strong references with an object on it that has a `__del__`, its own or
 * an inherited one.
 *
 * ## Why it leaks
 * Reference counting cannot free a cycle, so `__del__` does not run when the last user lets go: it
 * runs when the cyclic collector happens to come, in whatever thread that is, and in no defined
 * order among the objects of the cycle. What it should release (a file, a lock, a connection) stays
 * taken until then. From Python 3.4 on the collector does free such cycles (PEP 442). Before that
 * it puts them into `gc.garbage` for ever and never calls `__del__`.
 *
 * ## Example
 * ```python bad
 * import os
 *
 *
 * class Job:
 *     def __init__(self, runner):
 *         self.runner = runner
 *         self.path = "job.tmp"
 *
 *     def __del__(self):
 *         os.unlink(self.path)
 *
 *
 * class Runner:
 *     def __init__(self):
 *         self.job = Job(self)
 * ```
 *
 * The part needs no strong reference to its whole:
 *
 * ```python good
 * import os
 * import weakref
 *
 *
 * class Job:
 *     def __init__(self, runner):
 *         self.runner = weakref.ref(runner)
 *         self.path = "job.tmp"
 *
 *     def __del__(self):
 *         os.unlink(self.path)
 *
 *
 * class Runner:
 *     def __init__(self):
 *         self.job = Job(self)
 * ```
 *
 * ## When it is silent
 * - An object with `__del__` that merely hangs off a cycle, or only points into one.
 * - Weak references, and links that are cut again in the same function.
 * - A `__del__` that does nothing, unless a target is older than Python 3.4 or the rule is selected
 *   by its code.
 * - Two classes that could hold each other, without a statement that makes two objects do so.
 *
 * One level lower when a method that users can call cuts the cycle (the message names it), when one
 * link is inferred, and low in tests and for objects that live as long as the process.
 *
 * ## What it misses
 * Cycles that no single function closes, and those through code that limpet cannot see.
 *
 * ## How to confirm
 * Drop the object with `gc.disable()`: `__del__` has not run; after `gc.collect()` it has.
 *
 * ## References
 * - PEP 442, Safe object finalization
 * - Python documentation, `gc.garbage`
 */
#include "rule/rule.h"

/* Something else keeps it until a `__del__` that can never run: LMP109 says so. */
static bool is_kept_anyway(RuleContext *c, const Cycle *cycle) {
    Keeper keepers[KEEPERS_MAX];
    ClassId class = cycle->objects[cycle->subject].class;
    return class.i && graph_keepers(c->graph, class, keepers) > 0;
}

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind != CYCLE_DEL || is_kept_anyway(c, cycle)) return;
    const CycleObject *subject = &cycle->objects[cycle->subject];
    Str name = rule_cycle_name(c, subject);

    bool is_old = targets_before(rule_targets(c, cycle->file), PYTHON_3_4);
    bool is_new = targets_from(rule_targets(c, cycle->file), PYTHON_3_4);
    Finding *f = rule_report_cycle(c, cycle);
    f->is_plain = f->is_plain && cycle->is_idle && !is_old;
    /* who forgets to call what ends its life has another problem first; a queue empties itself */
    if (!scope_is_none(cycle->breaker) || cycle->is_drained) f->confidence = CONFIDENCE_LOW;
    if (is_old) f->effect = EFFECT_NEVER_FREED;
    Str until = f->effect != EFFECT_NEVER_FREED ? rule_cycle_end(c, cycle)
                : is_old && is_new ? STR("until the process ends on Python before 3.4, "
                                         "else until the cyclic collector runs")
                                   : STR("until the process ends");
    f->message = rule_text(c, "a cycle through %.*s keeps '%.*s' and its '__del__' alive %.*s",
                           STR_ARG(rule_cycle_partner(c, cycle)), STR_ARG(name), STR_ARG(until));
    f->confirm = rule_text(c,
                           "drop the '%.*s' with `gc.disable()`: its `__del__` runs at "
                           "`gc.collect()`, not before",
                           STR_ARG(name));
    const Facts *home = graph_facts(c->graph, cycle->finalizer.file);
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s' has a '__del__'", STR_ARG(name)), (Str){0},
              cycle->finalizer.file, home->scopes[cycle->finalizer.scope.i].name_span);
}

const Rule rule_lmp101 = {
    .code = "LMP101",
    .name = "del-in-cycle",
    .summary = "an object with `__del__` is on a reference cycle: its finalizer runs late",
    .effect = EFFECT_DELAYED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.2.0",
    .on_cycle = check,
};
