/* ## What it does
 * Reports a class whose only release is in `__del__`, while something strong holds the instance
 * until that release: its own running thread, a timer or callback that arms itself again, a task
 * with an endless loop, a registry or container that it is taken out of in `__del__` alone.
 *
 * ## Why it leaks
 * `__del__` runs when the last reference to an instance goes. A thread on `self._run` has `self` on
 * its stack for as long as it runs, and the flag that would end it is set in `__del__`: each waits
 * for the other. The instance, its thread and all that it refers to stay until the process ends,
 * and `__del__` is dead code. It does not matter whether the thread is a daemon.
 *
 * ## Example
 * ```python bad
 * import threading
 * import time
 *
 *
 * class Poller:
 *     def __init__(self, source):
 *         self.source = source
 *         self.stopped = False
 *         threading.Thread(target=self._run, daemon=True).start()
 *
 *     def _run(self):
 *         while not self.stopped:
 *             self.source.poll()
 *             time.sleep(1)
 *
 *     def __del__(self):
 *         self.stopped = True
 * ```
 *
 * Give the release a name that users can call; a `with` block is better still:
 *
 * ```python good
 * import threading
 * import time
 *
 *
 * class Poller:
 *     def __init__(self, source):
 *         self.source = source
 *         self.stopped = False
 *         threading.Thread(target=self._run, daemon=True).start()
 *
 *     def _run(self):
 *         while not self.stopped:
 *             self.source.poll()
 *             time.sleep(1)
 *
 *     def close(self):
 *         self.stopped = True
 *
 *     def __enter__(self):
 *         return self
 *
 *     def __exit__(self, *exc):
 *         self.close()
 * ```
 *
 * ## When it is silent
 * - A method that users can call (`close`, `stop`, `__exit__`, any but `__init__`, `__del__` and
 *   private helpers of `__del__`), a subclass, or a store from outside releases too.
 * - The thread runs a static method, a function that does not get `self`, or one that holds a weak
 *   reference; the loop can end by something that is not an attribute of `self`, or by itself.
 * - What the loop asks was given to the constructor (an event, a queue): the giver can stop it.
 * - The registry belongs to the instance (that is a cycle), or holds its entries weakly.
 * - The only instance of the class is a module's: it lives as long anyway.
 *
 * At medium confidence: a container that something empties as a whole, too (`clear()` when all is
 * over), a registry that limpet does not know, a loop that nothing at all ends, and
 * `atexit.register` without any `unregister`. At low confidence: `connect`, whose receivers are
 * often held weakly, singletons, classes of which the main function makes one or a function that
 * sets up puts one into a variable of the module, and tests.
 *
 * ## What it misses
 * Threads that are started by another object, loops that are more than one method away from the
 * thread's target, lambdas as targets, receivers that are reached in two ways.
 *
 * ## How to confirm
 * `r = weakref.ref(x); del x; gc.collect(); assert r() is None` fails.
 *
 * ## References
 * - Python documentation, "Data model", `object.__del__`
 * - CPython, Lib/threading.py, `Thread._bootstrap`: a running thread is in `_active`
 */
#include "rule/rule.h"

/* What is reported of one holder. */
typedef struct Claim {
    Str holder; /* as the message names it */
    Str node;   /* as the path names it */
    Str edge;
} Claim;

static Str bare_name(RuleContext *c, ScopeRef scope) {
    const Facts *f = graph_facts(c->graph, scope.file);
    return facts_str(f, f->scopes[scope.scope.i].name);
}

static Claim claim_of(RuleContext *c, const Keeper *k) {
    Str runs = scope_is_none(k->runs) ? (Str){0} : graph_scope_name(c->graph, k->runs);
    Str holder = rule_path_text(c, k->file, k->holder);
    switch (k->kind) {
    case KEEPER_THREAD:
    case KEEPER_ITSELF:
        return (Claim){rule_text(c, "the running thread of '%.*s'", STR_ARG(runs)),
                       STR("running thread"), STR("target")};
    case KEEPER_TIMER:
        return (Claim){rule_text(c, "the timer that runs '%.*s' again and again", STR_ARG(runs)),
                       STR("threading.Timer"), STR(".function")};
    case KEEPER_TASK:
        return (Claim){rule_text(c, "the task that runs '%.*s'", STR_ARG(runs)), STR("task"),
                       STR("coroutine")};
    case KEEPER_CALLBACK:
        return (Claim){rule_text(c, "the event loop that runs '%.*s'", STR_ARG(runs)),
                       STR("event loop"), STR("callback")};
    case KEEPER_PROCESS:
        return (Claim){rule_text(c, "'%.*s'", STR_ARG(holder)),
                       rule_text(c, "registry of %.*s", STR_ARG(holder)), STR("callback")};
    default:
        return (Claim){rule_text(c, "'%.*s'", STR_ARG(holder)), holder, STR("callback")};
    }
}

static void add_finalizer(RuleContext *c, Finding *f, ScopeRef del, const OpRef *release) {
    const Facts *facts = graph_facts(c->graph, del.file);
    rule_step(c, f, STEP_NOTE, STR("__del__"), STR("cannot run while the instance is held"),
              del.file, facts->scopes[del.scope.i].name_span);
    if (release)
        rule_note(c, f, STR("release"), STR("would let go, and nothing else does"), *release);
}

static void grade(RuleContext *c, Finding *f, u32 file, Confidence confidence) {
    f->confidence = graph_is_test_file(c->graph, file) ? CONFIDENCE_LOW : confidence;
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->confirm = STR("a weak reference to a dropped instance is still alive after `gc.collect()`");
}

static void report(RuleContext *c, ClassId id, const Keeper *k) {
    Claim claim = claim_of(c, k);
    Str class = graph_class_name(c->graph, id);
    Finding *f = rule_report(c, k->file, k->site, k->function);
    bool is_one = graph_is_solitary(c->graph, id) || graph_is_singleton(c->graph, id);
    grade(c, f, k->file, is_one ? CONFIDENCE_LOW : k->confidence);
    f->subject = class;
    const char *release = k->kind >= KEEPER_PROCESS ? "lets go" : "stops it";
    Str until = k->has_release
                    ? rule_text(c, "'__del__' %s, which never runs", release)
                    : rule_text(c, "the process ends: nothing lets go, and '__del__' never runs");
    f->message = rule_text(c, "%.*s keeps '%.*s' alive until %.*s", STR_ARG(claim.holder),
                           STR_ARG(class), STR_ARG(until));
    rule_step(c, f, STEP_NODE, claim.node, (Str){0}, k->file, k->site);
    rule_step(c, f, STEP_EDGE, claim.edge, STR("held from here on"), k->file, k->site);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (!scope_is_none(k->runs)) {
        Str name = rule_text(c, "method %.*s", STR_ARG(bare_name(c, k->runs)));
        rule_step(c, f, STEP_NODE, name, STR("goes on and on"), k->runs.file, k->loop);
        rule_step(c, f, STEP_EDGE, STR("self"), (Str){0}, k->runs.file, k->loop);
    }
    ScopeRef body = graph_class_scope(c->graph, id);
    rule_step(c, f, STEP_NODE, class, (Str){0}, body.file,
              graph_facts(c->graph, body.file)->scopes[body.scope.i].name_span);
    add_finalizer(c, f, k->finalizer, k->has_release ? &k->release : NULL);
    f->help = k->kind >= KEEPER_PROCESS
                  ? STR("let go in a method that users call (`close`, `__exit__`), or register a "
                        "weak reference")
                  : STR("stop it in a method that users call (`close`, `__exit__`), or let it run "
                        "on a weak reference");
}

static void check_class(RuleContext *c, ClassId id) {
    Keeper keepers[KEEPERS_MAX];
    u32 n = graph_keepers(c->graph, id, keepers);
    for (u32 i = 0; i < n; i++) report(c, id, &keepers[i]);
}

static void check_container(RuleContext *c, ContainerId id) {
    Growth growth = graph_growth(c->graph, id);
    OpRef removal;
    const Use *use = graph_doomed_growth(c->graph, id, &growth, &removal);
    if (!use) return;
    const Container *container = graph_container(c->graph, id);
    const Facts *facts = graph_facts(c->graph, use->file);
    PathId added = use->value.i ? use->value : use->key;
    ClassId class = graph_type_of(c->graph, use->file, added);
    Str object = class.i ? graph_class_name(c->graph, class) : rule_path_text(c, use->file, added);
    Span span = facts_op(facts, use->op)->span;
    Finding *f = rule_report(c, use->file, span, use->function);
    f->container = graph_place(c->graph, container->file, container->definition);
    f->has_container = true;
    bool is_doubtful = growth.escapes || growth.emptied;
    grade(c, f, use->file, is_doubtful ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH);
    f->subject = container->name;
    f->message =
        rule_text(c, "'%.*s' keeps '%.*s' alive until '__del__' takes it out, which never runs",
                  STR_ARG(container->name), STR_ARG(object));
    rule_step(c, f, STEP_NODE, container->name, (Str){0}, container->file, container->definition);
    rule_step(c, f, STEP_EDGE, use->how, STR("added here"), use->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, object, (Str){0}, use->file, span);
    rule_note(c, f, STR("removal"), STR("in a finalizer that cannot run"), removal);
    f->help = STR("use a weak container, or remove the entry in a method that users call");
}

const Rule rule_lmp109 = {
    .code = "LMP109",
    .name = "del-never-runs",
    .summary = "the only release is in __del__, and what it would release keeps the object alive",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_class = check_class,
    .on_container = check_container,
};
