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
 * - Somebody keeps what the call returned, which is how it is taken back then.
 * - The callback is called once and let go of: futures, timers, `once`, receivers of the project
 * that empty their list when they call it.
 * - The program makes a bounded number of instances.
 *
 * What is seen by name alone (an unknown receiver, a library that no row speaks of) has medium
 * confidence at most. At low confidence: instances that may be made only once, receivers that the
 * constructor was given when nothing shows that they outlive it, tests, receivers whose removing
 * method somebody else calls.
 *
 * ## What it misses
 * Registration by a decorator without a call, by a helper that gets the callback as a parameter, or
 * by filling a list of somebody else's; removals that never run.
 *
 * ## How to confirm
 * Make a hundred instances, drop them, `gc.collect()`, and count the receiver's listeners.
 *
 * ## References
 * - Django documentation, Signals: "stores signal handlers as weak references"
 * - Python documentation, `weakref.WeakMethod`
 */
#include "rule/rule.h"

/* A listener with what was found out about it. */
typedef struct Case {
    OpRef call;
    Listener l;
    Instances made;
    Confidence sure;
    bool is_silent;
} Case;

/* ---- how sure ---- */

/* An instance of one request, connection or message; or one that has to be finalized. */
static bool is_grave(const RuleContext *c, ClassId class) {
    return know_is_request_type(graph_class_name(c->graph, class)) ||
           !scope_is_none(graph_method(c->graph, class, "__del__"));
}

/* A receiver that lives as long as the process, or as a class. */
static Confidence of_lasting(const RuleContext *c, const Case *k) {
    if (k->made.making == MADE_OFTEN) return CONFIDENCE_HIGH;
    if (is_grave(c, k->l.grip.class)) return CONFIDENCE_MEDIUM;
    return CONFIDENCE_LOW;
}

/* A receiver that came from outside: does it outlive the instance? */
static Confidence of_given(const RuleContext *c, const Case *k) {
    if (k->l.receiver.is_shared && k->made.making == MADE_OFTEN) return CONFIDENCE_HIGH;
    if (k->l.receiver.is_longer) return CONFIDENCE_MEDIUM;
    return is_grave(c, k->l.grip.class) && k->made.making == MADE_OFTEN ? CONFIDENCE_MEDIUM
                                                                        : CONFIDENCE_LOW;
}

static Confidence of_instance(const RuleContext *c, Case *k) {
    ReceiverKind kind = k->l.receiver.kind;
    k->is_silent |= k->made.making == MADE_ONCE || kind <= RECEIVER_OWN ||
                    graph_only_module_instances(c->graph, k->l.grip.class);
    if (k->l.grip.kind == GRIP_PART || k->made.is_singleton) return CONFIDENCE_LOW;
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
static Confidence of_call(const RuleContext *c, Case *k) {
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

/* What is known of the receiver's side. */
static Confidence of_receiver(const RuleContext *c, const Case *k) {
    const Listener *l = &k->l;
    bool is_method = l->grip.carry.kind == CARRY_METHOD;
    if (l->row || l->model) return CONFIDENCE_HIGH;
    if (l->intake.is_known) {
        Str name = is_method ? l->grip.carry.name : (Str){0};
        return graph_intake_is_undone(c->graph, &l->intake, name) ? CONFIDENCE_LOW
                                                                  : CONFIDENCE_HIGH;
    }
    const UndoRow *undo = know_undo(l->verb, (Str){0});
    bool is_doubtful = undo && undo->flags & UNDO_WEAK;
    return is_doubtful || l->grip.carry.kind == CARRY_ITSELF ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

static void judge(const RuleContext *c, Case *k) {
    const Grip *grip = &k->l.grip;
    if (grip->kind != GRIP_LOCAL) k->made = graph_instances(c->graph, grip->class);
    k->sure = grip->kind == GRIP_LOCAL ? of_call(c, k) : of_instance(c, k);
    k->sure = MIN(k->sure, of_receiver(c, k));
    k->sure = MIN(k->sure, grip->carry.confidence);
    if (graph_is_test_file(c->graph, k->call.file)) k->sure = CONFIDENCE_LOW;
}

/* ---- words ---- */

static bool is_lasting(const Case *k) {
    ReceiverKind kind = k->l.receiver.kind;
    if (k->l.intake.container.i) return true;
    return kind == RECEIVER_MODULE || kind == RECEIVER_CLASS || kind == RECEIVER_PROCESS;
}

/* The receiver as it is written; what has no short name is named by the method. */
static Str holder_of(RuleContext *c, const Case *k) {
    Str text = {0};
    if (k->l.receiver.holder.i) text = rule_path_text(c, k->call.file, k->l.receiver.holder);
    if (text.n && text.p[0] != '(') return text;
    return k->l.row && !text.n ? str_from(k->l.row->adds) : k->l.verb;
}

static Str reason_of(RuleContext *c, const Case *k) {
    char room[80];
    Str undo = graph_undo_name(&k->l, room, sizeof room);
    Str verb = k->l.verb;
    if (!scope_is_none(k->l.intake.undo)) {
        const Facts *f = graph_facts(c->graph, k->l.intake.undo.file);
        undo = facts_str(f, f->scopes[k->l.intake.undo.scope.i].name);
    } else if (k->l.intake.is_known && k->l.intake.owner.i) {
        return rule_text(c, "'%.*s' adds %.*s, and nothing can take it out again", STR_ARG(verb),
                         STR_ARG(rule_grip_callback(c, k->call.file, &k->l.grip)));
    }
    Str callback = rule_grip_callback(c, k->call.file, &k->l.grip);
    if (!undo.n)
        return rule_text(c, "'%.*s' adds %.*s, and nothing takes it back", STR_ARG(verb),
                         STR_ARG(callback));
    return rule_text(c, "'%.*s' adds %.*s, and no '%.*s' takes it back", STR_ARG(verb),
                     STR_ARG(callback), STR_ARG(undo));
}

static Str message_of(RuleContext *c, const Case *k) {
    return rule_text(c, "'%.*s' keeps %.*s alive until %s: %.*s", STR_ARG(holder_of(c, k)),
                     STR_ARG(rule_grip_all(c, k->call.file, &k->l.grip)),
                     is_lasting(k) ? "the process ends" : "it goes itself",
                     STR_ARG(reason_of(c, k)));
}

static Str help_of(RuleContext *c, const Case *k) {
    char room[80];
    Str undo = graph_undo_name(&k->l, room, sizeof room);
    if (k->l.row && k->l.row->weak_keyword && k->l.row->hold != PAIR_STRONG)
        return rule_text(c, "leave out `%s=False`, and keep the callback where it is needed",
                         k->l.row->weak_keyword);
    if (!scope_is_none(k->l.intake.undo)) {
        const Facts *f = graph_facts(c->graph, k->l.intake.undo.file);
        undo = facts_str(f, f->scopes[k->l.intake.undo.scope.i].name);
    } else if (k->l.intake.is_known) {
        return STR(
            "give the receiver a method that takes it out and call it when the object is done, "
            "or let it hold a `weakref.WeakMethod`");
    }
    if (k->l.grip.kind == GRIP_LOCAL && undo.n)
        return rule_text(c, "call `%.*s()` with the same function in a `finally`", STR_ARG(undo));
    if (undo.n)
        return rule_text(c, "call `%.*s()` with the same callback when the object is done",
                         STR_ARG(undo));
    return STR("give it a `weakref.WeakMethod`, or a function that finds the live objects weakly");
}

static Str confirm_of(RuleContext *c, const Case *k) {
    if (k->l.grip.kind == GRIP_LOCAL)
        return rule_text(c, "call '%.*s' a hundred times and count the callbacks of '%.*s'",
                         STR_ARG(graph_scope_name(c->graph, k->l.grip.method)),
                         STR_ARG(holder_of(c, k)));
    Str name = str_after_last(graph_class_name(c->graph, k->l.grip.class), '.');
    return rule_text(
        c,
        "make and drop a few `%.*s` objects: `gc.collect()`, and weak references to them "
        "are still alive",
        STR_ARG(name));
}

/* ---- the check ---- */

static void add_evidence(RuleContext *c, Finding *f, const Case *k) {
    const Op *op = facts_op(graph_facts(c->graph, k->call.file), k->call.op);
    const Intake *in = &k->l.intake;
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = holder_of(c, k)});
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%.*s()", STR_ARG(k->l.verb)),
              STR("added here, never taken back"), k->call.file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_grip_steps(c, f, k->call.file, k->call.op, &k->l.grip);
    if (in->store.op.i) rule_note(c, f, STR("the receiver keeps it here"), (Str){0}, in->store);
    if (k->l.receiver.site.op.i)
        rule_note(c, f, STR("made here, with a receiver that lives longer"), (Str){0},
                  k->l.receiver.site);
    else if (k->made.making >= MADE_MAYBE)
        rule_note(c, f, STR("instances are made here"), (Str){0}, k->made.site);
    if (!in->container.i) return;
    const Container *held = graph_container(c->graph, in->container);
    f->container = graph_place(c->graph, held->file, held->definition);
    f->has_container = true;
}

static void report(RuleContext *c, const Case *k) {
    const Facts *facts = graph_facts(c->graph, k->call.file);
    const Op *op = facts_op(facts, k->call.op);
    ScopeRef scope = {k->call.file, facts->regions[op->region.i].scope};
    Finding *f = rule_report(c, k->call.file, op->span, scope);
    f->confidence = k->sure;
    f->severity = k->sure == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = holder_of(c, k);
    f->message = message_of(c, k);
    f->help = help_of(c, k);
    f->confirm = confirm_of(c, k);
    add_evidence(c, f, k);
}

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
    Case k = {.call = call};
    OpRef where;
    if (!op->operands || has_handle(f, call.op)) return;
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_INSTANCE) return;
    if (!graph_listener(c->graph, call.file, call.op, &k.l) || is_let_go(&k.l)) return;
    judge(c, &k);
    if (k.is_silent || graph_is_once(c->graph, call.file, call.op)) return;
    if (graph_is_undone(c->graph, call.file, call.op, &k.l, &where)) return;
    report(c, &k);
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
