/* ## What it does
 * Reports a proven cycle of strong references with an object on it that has a `__del__`, its own or
 * an inherited one. An object with a `__del__` that hangs off a cycle, held by an object on it, is
 * reported when the rule is selected by its code, its name or `ALL`.
 *
 * ## Why it leaks
 * Reference counting cannot free a cycle, so `__del__` does not run when the last user lets go: it
 * runs when the cyclic collector happens to come, in whatever thread that is, and in no defined
 * order among the objects of the cycle. What it should release (a file, a lock, a connection) stays
 * taken until then. From Python 3.4 on the collector does free such cycles (PEP 442). Before that
 * it puts them into `gc.garbage` for ever and never calls `__del__`. What hangs off a cycle waits
 * for the collector too, in every version, and is freed by it.
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
 * - An object with `__del__` that only points into a cycle.
 * - One that hangs off a cycle, by default: other rules speak of the cycle. With the code selected,
 * when a method of its holder releases it, when it is handed to other code or comes from outside,
 * or when the program runs without the collector (LMP103 and LMP113 are on then).
 * - Weak references, and links that are cut again in the same function.
 * - A `__del__` that nobody misses, unless a target is older than Python 3.4 or the rule is
 * selected by its code: it leaves a trace in a log (`log.debug(…)`), sets or deletes attributes of
 * the object, calls a coroutine function that nothing awaits, sets an event for which others can
 * only wait with the object in hand, or takes the object, its methods or its callbacks out of
 * registries (`registry.remove(self)`, `hooks.unregister(self.hook)`): one that held it strongly
 * would keep `__del__` from ever running, and from a weak one it goes by itself. So are methods
 * that do no more, of the object and of one that holds it, two calls deep. Not when the object owns
 * a resource or something large, which wait with it.
 * - Two classes that could hold each other, without a statement that makes two objects do so.
 * - A second method of a class that closes the same cycle: the finding at the first one names it.
 *
 * Of more than 24 cycles that keep objects with the same `__del__`, which many classes inherit, and
 * of more than six that the methods of one class close, one is told, with the number of the others,
 * and the others are low: the cure is at the `__del__`. Low when a method that users can call cuts
 * the cycle, at an attribute of its object or of one of its parts (`self.child.parent = None`; the
 * message names the method; of an object of an unknown class, when each class that has the
 * attribute has such a method) or closes what it goes through (a selector), when the constructor
 * puts each object into a container of the process, it or a method that it calls starts a thread
 * which goes on in a method of the object, or a thread on the cycle is started, by this or another
 * method, or that of a library's object, which no method stops (these hold it longer than the
 * collector would), in tests, and for objects that live as long as the process: singletons, and
 * those of which the main function makes one, also a class method `run` that reads the command line
 * and makes `cls()`; for those that only the project makes, in code that nothing shows to run again
 * and again, or that the project itself closes, by the method which `__del__` calls or by one after
 * which `__del__` does nothing (`if self.handle is not None:`); where `__del__` only reminds users
 * of a `close()` that they forgot (`log.warning("not closed")` under a test, and the call of it),
 * or only calls one that does nothing the second time, and a thread of the object holds it until
 * then; where something empties a list on the cycle, or gets it, also under another name
 * (`self.calls = calls = []`, `partial(run, calls)`); where a parent of Qt or wxPython
 * holds an object among its children, where the name of a link says that the cycle is meant
 * (`_selfref`), and where it is a slot that the next object takes (`active_buffer`,
 * `Context.active`); and where the cycle needs a caller who leaves out an argument that others give
 * (`state or State(self)`) and one that has something else (`if user:`). One level lower when one
 * link is inferred, or one method cuts it on some of its ways.
 *
 * ## What it misses
 * Cycles that no single function closes, and those through code that limpet cannot see.
 *
 * ## How to confirm
 * Drop the object with `gc.disable()`: `__del__` has not run; after `gc.collect()` it has. On
 * Python before 3.4 it has not even then, and the object is in `gc.garbage`.
 *
 * ## References
 * - PEP 442, Safe object finalization
 */
#include "rule/rule.h"

/* Something else keeps it until a `__del__` that can never run: LMP109 says so. */
static bool is_kept_anyway(RuleContext *c, const Cycle *cycle) {
    Keeper keepers[KEEPERS_MAX];
    ClassId class = cycle->objects[cycle->subject].class;
    return class.i && graph_keepers(c->graph, class, keepers) > 0;
}

static void note_finalizer(RuleContext *c, Finding *f, Str name, ScopeRef finalizer) {
    Span place = graph_facts(c->graph, finalizer.file)->scopes[finalizer.scope.i].name_span;
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s' has a '__del__'", STR_ARG(name)), (Str){0},
              finalizer.file, place);
}

/* A generator on the cycle can make all of it garbage before Python 3.4: LMP103 knows. */
static bool has_generator(const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++)
        if (cycle->objects[i].kind == OBJECT_GENERATOR) return true;
    return false;
}

/* Off the cycle: freed with it, late, by every version's collector. */
static void check_leaf(RuleContext *c, const Cycle *cycle) {
    const CycleLeaf *leaf = &cycle->leaf;
    OpRef where;
    Keeper keepers[KEEPERS_MAX];
    if (!leaf->class.i || graph_keepers(c->graph, leaf->class, keepers)) return;
    if (graph_collector_is_off(c->graph, cycle->file, &where)) return;
    if (has_generator(cycle) && targets_before(rule_targets(c, cycle->file), PYTHON_3_4)) return;
    Str name = str_after_last(graph_class_name(c->graph, leaf->class), '.');
    Str holder = rule_cycle_name(c, &cycle->objects[leaf->holder]);

    Finding *f = rule_report_cycle(c, cycle);
    f->subject = name;
    if (!leaf->is_sure && f->confidence > CONFIDENCE_LOW) f->confidence--;
    bool is_let_go = !scope_is_none(leaf->breaker);
    Str breaker = is_let_go ? graph_scope_name(c->graph, leaf->breaker) : (Str){0};
    bool is_cut = !scope_is_none(cycle->breaker) || cycle->is_drained;
    if (is_let_go || is_cut || rule_cycle_lasts(c, cycle)) f->confidence = CONFIDENCE_LOW;
    f->message =
        rule_text(c,
                  "the cycle of '%.*s' keeps '%.*s', which hangs off it, and its '__del__' "
                  "alive %.*s",
                  STR_ARG(holder), STR_ARG(name), STR_ARG(rule_cycle_end(c, cycle)));
    f->confirm =
        rule_text(c,
                  "drop the '%.*s' with `gc.disable()`: the `__del__` of its '%.*s' runs at "
                  "`gc.collect()`, not before",
                  STR_ARG(holder), STR_ARG(name));
    rule_step(c, f, STEP_NOTE,
              rule_text(c, "'%.*s' holds '%.*s' in '%.*s', off the cycle", STR_ARG(holder),
                        STR_ARG(name), STR_ARG(leaf->text)),
              is_let_go ? rule_text(c, "'%.*s' lets go of it", STR_ARG(breaker)) : (Str){0},
              leaf->file, leaf->place);
    note_finalizer(c, f, name, leaf->finalizer);
}

/* A container of the process, a running thread or the program itself holds it longer. */
static bool waits_for_others(RuleContext *c, const Cycle *cycle) {
    ClassId subject = cycle->objects[cycle->subject].class;
    if (subject.i && graph_is_enrolled(c->graph, subject)) return true;
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleObject *o = &cycle->objects[i];
        if (graph_has_current(c->graph, o->class)) return true;
        if (o->made.n && graph_runs_for_ever(c->graph, cycle->function, o->made)) return true;
        bool is_it = o->kind == OBJECT_INSTANCE || i == cycle->subject;
        if (!is_it || !o->class.i) continue;
        if (graph_is_running_thread(c->graph, o->class) ||
            graph_starts_thread(c->graph, cycle->function, o->class))
            return true;
    }
    return rule_cycle_lasts(c, cycle);
}

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind == CYCLE_CALLBACK || cycle->kind == CYCLE_PLAIN) check_leaf(c, cycle);
    if (cycle->kind != CYCLE_DEL || cycle->is_again || is_kept_anyway(c, cycle)) return;
    const CycleObject *subject = &cycle->objects[cycle->subject];
    Str name = rule_cycle_name(c, subject);

    bool is_old = targets_before(rule_targets(c, cycle->file), PYTHON_3_4);
    bool is_new = targets_from(rule_targets(c, cycle->file), PYTHON_3_4);
    Finding *f = rule_report_cycle(c, cycle);
    f->is_plain = f->is_plain && cycle->is_idle && !is_old;
    /* who forgets to call what ends its life has another problem first; a queue empties itself */
    bool is_late = f->effect == EFFECT_DELAYED && !is_old;
    bool is_let_go = !scope_is_none(cycle->breaker) || cycle->is_drained || cycle->is_one_of_many;
    bool is_small =
        is_late &&
        (rule_cycle_is_seldom(c, subject->class) ||
         graph_is_closed_by_owners(c->graph, subject->class, cycle->finalizer) ||
         graph_is_reminder(c->graph, subject->class, cycle->finalizer) ||
         graph_is_done_with_thread(c->graph, subject->class, cycle->function, cycle->finalizer));
    if (is_let_go || is_small || waits_for_others(c, cycle)) f->confidence = CONFIDENCE_LOW;
    if (is_old) f->effect = EFFECT_NEVER_FREED;
    Str until = f->effect != EFFECT_NEVER_FREED ? rule_cycle_end(c, cycle)
                : is_old && is_new ? STR("until the process ends on Python before 3.4, "
                                         "else until the cyclic collector runs")
                                   : STR("until the process ends");
    f->message = rule_text(c, "a cycle through %.*s keeps '%.*s' and its '__del__' alive %.*s",
                           STR_ARG(rule_cycle_partner(c, cycle)), STR_ARG(name), STR_ARG(until));
    f->confirm = is_old ? rule_text(c,
                                    "drop the '%.*s' and call `gc.collect()`: %sit is in "
                                    "`gc.garbage`, and its `__del__` has not run",
                                    STR_ARG(name), is_new ? "on Python before 3.4 " : "")
                        : rule_text(c,
                                    "drop the '%.*s' with `gc.disable()`: its `__del__` runs at "
                                    "`gc.collect()`, not before",
                                    STR_ARG(name));
    note_finalizer(c, f, name, cycle->finalizer);
    for (const Cycle *again = cycle->again; again; again = again->again)
        rule_step(c, f, STEP_NOTE, STR("the same cycle is closed here, too"), (Str){0}, again->file,
                  graph_facts(c->graph, again->file)->ops[again->op.i].span);
    if (cycle->alike)
        finding_step(c->arena, f,
                     (Step){.kind = STEP_NOTE,
                            .text = rule_text(c, "%u more cycles keep objects with this '__del__'",
                                              cycle->alike)});
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
