/* ## What it does
 * Reports a bound method of an instance, a closure over it, or the instance itself that is given to
 * something that lives longer (`bus.subscribe(self.on_event)`, `add_listener`, `connect`, `on`, …),
 * in a class that never takes it back; and a new closure that each call of a function gives to
 * something that outlives the call.
 *
 * ## Why it leaks
 * The receiver keeps the callback, the callback keeps the instance. Nobody uses the instance any
 * more, and it goes on being called: memory grows by one instance for each that is made, and so
 * does the work that every event takes.
 *
 * ## Example
 * ```python bad
 * class Bus:
 *     def __init__(self):
 *         self.listeners = []
 *
 *     def subscribe(self, listener):
 *         self.listeners.append(listener)
 *
 *     def unsubscribe(self, listener):
 *         self.listeners.remove(listener)
 *
 *
 * bus = Bus()
 *
 *
 * class Session:
 *     def __init__(self):
 *         bus.subscribe(self.on_event)
 *
 *     def on_event(self, event):
 *         self.last = event
 *
 *
 * async def handle(request):
 *     session = Session()
 *     return session.last
 * ```
 *
 * Every session stays on the bus. Whoever subscribes takes it back:
 *
 * ```python good
 * class Bus:
 *     def __init__(self):
 *         self.listeners = []
 *
 *     def subscribe(self, listener):
 *         self.listeners.append(listener)
 *
 *     def unsubscribe(self, listener):
 *         self.listeners.remove(listener)
 *
 *
 * bus = Bus()
 *
 *
 * class Session:
 *     def __init__(self):
 *         bus.subscribe(self.on_event)
 *
 *     def close(self):
 *         bus.unsubscribe(self.on_event)
 *
 *     def on_event(self, event):
 *         self.last = event
 *
 *
 * async def handle(request):
 *     session = Session()
 *     try:
 *         return session.last
 *     finally:
 *         session.close()
 * ```
 *
 * ## When it is silent
 * - The class, a base or a subclass calls what takes it back, or closes the receiver.
 * - The receiver refers weakly: known signals (Django, blinker, celery; bound methods with PyQt,
 *   PySide, psygnal, matplotlib), `weakref.WeakMethod`, a receiver of the project that stores weak
 *   references.
 * - The receiver belongs to the instance, or was made in the same function: they go together.
 * - The receiver keeps it under a flag only, and by its arguments or defaults the call leaves that
 *   off: `def register(self, f, persist=False)`.
 * - Somebody keeps what the call returned, which is how it is taken back then.
 * - The callback is called once and let go of, or until something ends it: futures, timers, `once`,
 *   a reactor, `connect(f, until=…)`, receivers that empty their list when they call it.
 * - The function runs the receiver itself afterwards: `reactor.run()`.
 * - The program makes a bounded number of instances.
 *
 * What a function hands out of a module or class, or a library has one of, lives as long as the
 * process (`get_bus()`, `Gdk.Screen.get_default()`), unless something else takes its place. Of
 * GObjects, only what is connected to such ones is told above low confidence, or to one that lives
 * longer than the instance which was given it (`Row(self.app.config)`).
 *
 * What is seen by name alone (an unknown receiver, a library that no row speaks of) has medium
 * confidence at most. At low confidence: instances that may be made only once, or that are made
 * often only where an argument of the constructor closes the branch that registers, receivers that
 * the constructor was given when nothing shows that they outlive it or that are of one connection,
 * tests, functions of the project that hand the callback to code that is not seen, receivers whose
 * removing method somebody else calls, be it for all callbacks of an owner at once, callbacks that
 * are noted in a list, too.
 *
 * Several listeners of one class at one receiver, in one method, are one finding, which names the
 * other places: who takes back one takes back all.
 *
 * ## What it misses
 * Registration by a decorator without a call, by a helper that gets the callback as a parameter, or
 * by filling a list of somebody else's; removals that never run.
 *
 * ## How to confirm
 * Make a hundred instances, drop them, `gc.collect()`, and count the receiver's listeners.
 *
 * ## References
 * - Django documentation, Signals ("weak references"); Python documentation, `weakref.WeakMethod`
 */
#include "rule/rule.h"

/* ---- how sure ---- */

/* An instance of one request, connection or message; or one that has to be finalized. */
static bool is_grave(const RuleContext *c, ClassId class) {
    return know_is_request_type(graph_class_name(c->graph, class)) ||
           !scope_is_none(graph_method(c->graph, class, "__del__"));
}

/* A receiver that lives as long as the process, or as a class. */
static Confidence of_lasting(const RuleContext *c, const Listening *k) {
    if (k->made.making == MADE_OFTEN) return CONFIDENCE_HIGH;
    if (is_grave(c, k->l.grip.class)) return CONFIDENCE_MEDIUM;
    return CONFIDENCE_LOW;
}

/* A receiver that came from outside: does it outlive the instance? */
static Confidence of_given(const RuleContext *c, const Listening *k) {
    const Receiver *r = &k->l.receiver;
    bool is_often = k->made.making == MADE_OFTEN, grave = is_grave(c, k->l.grip.class);
    if (r->is_brief && !r->is_shared) return CONFIDENCE_LOW;
    if (r->is_shared && is_often) return CONFIDENCE_HIGH;
    bool is_told = r->is_longer ? is_often || grave : is_often && grave;
    return is_told ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static Confidence of_instance(const RuleContext *c, Listening *k) {
    ReceiverKind kind = k->l.receiver.kind;
    k->is_silent |= k->made.making == MADE_ONCE || kind <= RECEIVER_OWN ||
                    graph_only_module_instances(c->graph, k->l.grip.class);
    if (k->l.grip.kind == GRIP_PART || k->made.is_singleton) return CONFIDENCE_LOW;
    if (graph_is_seldom_reached(c->graph, k->l.grip.class, k->call)) return CONFIDENCE_LOW;
    if (kind == RECEIVER_GIVEN) return of_given(c, k);
    return kind < RECEIVER_GIVEN ? of_lasting(c, k) : CONFIDENCE_LOW;
}

/* The function, or the method around it, is called from several places, or in a loop. */
static bool is_called_often(const RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    RegionId region = facts_op(f, call.op)->region;
    if (graph_how_often(c->graph, call.file, region) == RUNS_PER_ROUND) return true;
    ScopeId outer = f->regions[region.i].scope;
    for (ScopeId s = outer; s.i; s = f->scopes[s.i].parent)
        if (f->scopes[s.i].kind == SCOPE_FUNCTION) outer = s;
    return graph_caller_count(c->graph, (ScopeRef){call.file, outer}) > 1;
}

/* A closure that each call makes anew: the receiver only has to outlive the call. */
static Confidence of_call(const RuleContext *c, Listening *k) {
    const Grip *grip = &k->l.grip;
    bool is_lasting = k->l.receiver.kind >= RECEIVER_PROCESS;
    k->is_silent |= !grip->is_new || scope_is_none(grip->method) ||
                    k->l.receiver.kind == RECEIVER_BRIEF ||
                    k->l.receiver.kind == RECEIVER_PARAMETER;
    if (!is_lasting && k->l.receiver.kind != RECEIVER_OWN) return CONFIDENCE_LOW;
    bool is_burdened = grip->burden.kind == BURDEN_REQUEST || grip->burden.kind == BURDEN_LARGE;
    /* it is put into a container that lives as long as the process */
    if (is_burdened && k->l.intake.container.i) return CONFIDENCE_HIGH;
    if (is_burdened && is_lasting) return CONFIDENCE_MEDIUM;
    /* what came as a parameter may be a function of the module */
    const Facts *f = graph_facts(c->graph, k->call.file);
    if (f->symbols[grip->variable.i].flags & SYMBOL_PARAM) return CONFIDENCE_LOW;
    return is_called_often(c, k->call) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void judge(const RuleContext *c, Listening *k) {
    const Grip *grip = &k->l.grip;
    if (grip->kind != GRIP_LOCAL) k->made = graph_instances(c->graph, grip->class);
    k->sure = grip->kind == GRIP_LOCAL ? of_call(c, k) : of_instance(c, k);
    k->sure = MIN(k->sure, rule_receiver_confidence(c, k));
    if (graph_intake_is_undone_for_all(c->graph, &k->l.intake)) k->sure = CONFIDENCE_LOW;
    k->sure = MIN(k->sure, grip->carry.confidence);
    if (graph_is_test_file(c->graph, k->call.file) || graph_is_noted(c->graph, k->call, &k->l))
        k->sure = CONFIDENCE_LOW;
}

/* ---- the check ---- */

/* The receiver does not keep it for good. */
static bool is_let_go(const Listener *l) {
    if (l->is_once || (l->row && l->row->flags & (PAIR_PROCESS | PAIR_LOGGER))) return true;
    const Intake *in = &l->intake;
    return in->is_known && (!in->keeps || in->is_weak || in->is_emptied || in->is_slot);
}

/* The result is what takes it back, and somebody has it. */
static bool has_handle(const Facts *f, OpId call) {
    return !(facts_op(f, call)->flags & OP_DROPPED);
}

static void check(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = facts_op(f, call.op);
    OpRef where;
    Listening k = {.call = call};
    if (!op->operands || has_handle(f, call.op)) return;
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_INSTANCE) return;
    if (!graph_listener(c->graph, call.file, call.op, &k.l) || is_let_go(&k.l)) return;
    judge(c, &k);
    if (k.is_silent || graph_is_once(c->graph, call.file, call.op)) return;
    if (graph_is_undone(c->graph, call.file, call.op, &k.l, &where)) return;
    rule_report_listening(c, &k);
}

/* `addHandler` and `addFilter` are LMP209's, hooks of the process LMP207's. */
static bool is_method(const Graph *g, Str method) {
    if (str_is(method, "addHandler") || str_is(method, "addFilter")) return false;
    if (know_is_listening(method) || know_has_pair_method(method)) return true;
    return models_have_method(graph_models(g), method);
}

static const char *const callees[] = {"pubsub.pub.subscribe", "pydispatch.dispatcher.connect",
                                      "sqlalchemy.event.listen", "twisted.python.log.addObserver",
                                      NULL};

const Rule rule_lmp208 = {
    .code = "LMP208",
    .name = "listener-never-removed",
    .summary = "a listener of something that lives longer holds an instance and is never removed",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .is_method = is_method,
    .on_call = check,
};
