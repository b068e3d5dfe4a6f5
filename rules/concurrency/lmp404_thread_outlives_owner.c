/* ## What it does
 * Reports an object that runs a thread on a method of its own (or is one, or arms a
 * `threading.Timer` again and again) when nothing can end that: the loop asks nothing, or only
 * attributes that nobody ever changes, and the object is made again and again.
 *
 * ## Why it leaks
 * A running thread has `self` on its stack. Dropping the object does not end the thread, so that
 * neither goes, nor anything that the object refers to; the next one gets a thread of its own.
 * Whether the thread is a daemon makes no difference before the process ends; if it is none, the
 * process does not end.
 *
 * ## Example
 * ```python bad
 * import threading
 * import time
 *
 *
 * class Session:
 *     def __init__(self, connection):
 *         self.connection = connection
 *         threading.Thread(target=self.keep_alive, daemon=True).start()
 *
 *     def keep_alive(self):
 *         while True:
 *             self.connection.ping()
 *             time.sleep(30)
 *
 *
 * def handle(request):
 *     session = Session(request.connection)
 *     return session.connection.answer(request)
 * ```
 *
 * Give it an end that its user can call:
 *
 * ```python good
 * import threading
 *
 *
 * class Session:
 *     def __init__(self, connection):
 *         self.connection = connection
 *         self.closed = threading.Event()
 *         threading.Thread(target=self.keep_alive, daemon=True).start()
 *
 *     def keep_alive(self):
 *         while not self.closed.wait(30):
 *             self.connection.ping()
 *
 *     def close(self):
 *         self.closed.set()
 *
 *
 * def handle(request):
 *     session = Session(request.connection)
 *     return session.connection.answer(request)
 * ```
 *
 * ## When it is silent
 * - A method that others can call, a base, a subclass or code that has the object sets what the
 *   loop asks, sends a message to its queue, or closes what it works on.
 * - What the loop asks was given to the constructor: the giver can stop it.
 * - The loop can end by something else: a `return`, `break` or `raise` that no attribute of the
 *   object decides, data that comes to its end.
 * - The thread runs a function that does not get the object, or one that holds it weakly.
 * - One object is made, at import or at the start of a program, or the class is a singleton.
 * - The loop asks an attribute, and nobody in the project makes one: who does may set it.
 * - Only `__del__` would stop it: LMP109 speaks of that.
 *
 * At low confidence: classes that the project itself does not make, or makes in functions that may
 * run once; workers that a constructor or a counted loop makes; tests.
 *
 * ## What it misses
 * Threads that are started by another object, lambdas as targets, callbacks of the event loop and
 * tasks, loops that are more than one method away from the thread's target.
 *
 * ## How to confirm
 * Make some objects, drop them and look at `threading.active_count()`: it is higher by as many.
 *
 * ## References
 * - CPython, Lib/threading.py, `Thread._bootstrap`: a running thread is in `_active`
 * - Python documentation, `threading.Timer.cancel`
 */
#include "rule/rule.h"

/* The class is made again and again, as far as the place that makes it shows: not by a counted loop
 * of a function that may run once, and not by a constructor of such a class. */
static bool is_made_again(RuleContext *c, const Instances *made) {
    if (made->making != MADE_OFTEN) return false;
    const Op *op = facts_op(graph_facts(c->graph, made->site.file), made->site.op);
    ScopeRef function = rule_function_around(c, made->site.file, op);
    if (scope_is_none(function)) return false;
    const Facts *f = graph_facts(c->graph, function.file);
    ClassId owner = graph_method_class(c->graph, function);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    if (owner.i && str_is(name, "__init__"))
        return graph_instances(c->graph, owner).making == MADE_OFTEN;
    bool is_round = graph_how_often(c->graph, made->site.file, op->region) == RUNS_PER_ROUND;
    return !is_round || graph_is_driven(c->graph, function) ||
           graph_is_endless(c->graph, function.file, op->region);
}

static bool judge(RuleContext *c, ClassId id, const Keeper *k, Confidence *sure) {
    Instances made = graph_instances(c->graph, id);
    if (made.is_singleton || made.making == MADE_ONCE) return false;
    if (made.making == MADE_UNSEEN && k->is_asked) return false; /* who makes it may stop it */
    bool is_sure = is_made_again(c, &made) && !graph_is_test_file(c->graph, k->file);
    *sure = is_sure ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    return true;
}

/* "the running thread of 'keep_alive'", or the object itself. */
static Str holder_text(RuleContext *c, const Keeper *k) {
    Str runs = str_after_last(graph_scope_name(c->graph, k->runs), '.');
    if (k->kind == KEEPER_TIMER)
        return rule_text(c, "the timer that runs '%.*s' again and again", STR_ARG(runs));
    return rule_text(c, "the running thread of '%.*s'", STR_ARG(runs));
}

static void add_steps(RuleContext *c, Finding *f, ClassId id, const Keeper *k) {
    bool is_timer = k->kind == KEEPER_TIMER;
    Str runs = str_after_last(graph_scope_name(c->graph, k->runs), '.');
    rule_step(c, f, STEP_NODE, is_timer ? STR("threading.Timer") : STR("running thread"), (Str){0},
              k->file, k->site);
    rule_step(c, f, STEP_EDGE, is_timer ? STR(".function") : STR("target"), STR("nothing ends it"),
              k->file, k->site);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_text(c, "method %.*s", STR_ARG(runs)),
              k->is_asked ? STR("asks what nobody changes") : STR("goes on and on"), k->runs.file,
              k->loop);
    rule_step(c, f, STEP_EDGE, STR("self"), (Str){0}, k->runs.file, k->loop);
    ScopeRef body = graph_class_scope(c->graph, id);
    rule_step(c, f, STEP_NODE, graph_class_name(c->graph, id), (Str){0}, body.file,
              graph_facts(c->graph, body.file)->scopes[body.scope.i].name_span);
}

static void check(RuleContext *c, ClassId id) {
    Keeper k;
    Confidence sure;
    if (!graph_unstopped(c->graph, id, &k) || !judge(c, id, &k, &sure)) return;
    Str class = graph_class_name(c->graph, id);
    Finding *f = rule_report(c, k.file, k.site, k.function);
    f->confidence = sure;
    f->subject = class;
    f->message = rule_text(c, "%.*s keeps every '%.*s' alive until the process ends: %s",
                           STR_ARG(holder_text(c, &k)), STR_ARG(class),
                           k.is_asked ? "nothing sets what its loop asks"
                                      : "it never ends, and nothing can stop it");
    add_steps(c, f, id, &k);
    f->help =
        k.kind == KEEPER_TIMER
            ? STR("keep the timer, and `cancel()` it in a method that users call (`close`, "
                  "`__exit__`), where a flag keeps it from being armed again")
            : STR("let the loop ask an event (`while not self.closed.wait(30):`) that a method "
                  "sets which users call (`close`, `__exit__`), or let it run on a weak "
                  "reference");
    f->confirm = STR("make some, drop them, and look at `threading.active_count()`");
}

const Rule rule_lmp404 = {
    .code = "LMP404",
    .name = "thread-outlives-owner",
    .summary = "an object runs a thread or timer on itself that nobody can stop",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
