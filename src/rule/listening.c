/* How a listener that nobody takes back is reported. */
#include "rule/rule.h"

static bool is_lasting(const Listening *k) {
    ReceiverKind kind = k->l.receiver.kind;
    if (k->l.intake.container.i) return true;
    return kind == RECEIVER_MODULE || kind == RECEIVER_CLASS || kind == RECEIVER_PROCESS;
}

/* The receiver as it is written; what has no short name is named by the method. */
static Str holder_of(RuleContext *c, const Listening *k) {
    Str text = {0};
    if (k->l.receiver.name.n) return k->l.receiver.name;
    if (k->l.receiver.holder.i) text = rule_path_text(c, k->call.file, k->l.receiver.holder);
    if (text.n && text.p[0] != '(') return text;
    return k->l.row && !text.n ? str_from(k->l.row->adds) : k->l.verb;
}

static Str reason_of(RuleContext *c, const Listening *k) {
    char room[80];
    Str undo = graph_undo_name(&k->l, room, sizeof room);
    Str verb = k->l.verb;
    if (!scope_is_none(k->l.intake.undo)) {
        const Facts *f = graph_facts(c->graph, k->l.intake.undo.file);
        undo = facts_str(f, f->scopes[k->l.intake.undo.scope.i].name);
    } else if (!scope_is_none(k->l.intake.end)) {
        const Facts *f = graph_facts(c->graph, k->l.intake.end.file);
        return rule_text(c, "'%.*s' adds %.*s, and only '%.*s', which lets go of all, takes it out",
                         STR_ARG(verb), STR_ARG(rule_grip_callback(c, k->call.file, &k->l.grip)),
                         STR_ARG(facts_str(f, f->scopes[k->l.intake.end.scope.i].name)));
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

/* Who keeps what: the message without its reason. */
static Str keeping_of(RuleContext *c, const Listening *k) {
    return rule_text(c, "'%.*s' keeps %.*s alive until %s", STR_ARG(holder_of(c, k)),
                     STR_ARG(rule_grip_all(c, k->call.file, &k->l.grip)),
                     is_lasting(k) ? "the process ends" : "it goes itself");
}

static Str help_of(RuleContext *c, const Listening *k) {
    char room[80];
    Str undo = graph_undo_name(&k->l, room, sizeof room);
    if (k->l.row && k->l.row->weak_keyword && k->l.row->hold != PAIR_STRONG)
        return rule_text(c, "leave out `%s=False`, and keep the callback where it is needed",
                         k->l.row->weak_keyword);
    if (k->l.is_gobject)
        return STR(
            "keep the number that `connect()` returns and give it to `disconnect()` when the "
            "object is done");
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

static Str confirm_of(RuleContext *c, const Listening *k) {
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

static void add_evidence(RuleContext *c, Finding *f, const Listening *k) {
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

enum { MORE_MAX = 5 };

/* The finding of this function about the same objects and the same receiver, or NULL: who takes
 * back one of its listeners takes back all. */
static Finding *told_before(const RuleContext *c, const Listening *k, ScopeRef scope, Str keeping) {
    Str text = graph_scope_name(c->graph, scope);
    for (u32 i = c->findings->n; k->l.grip.kind != GRIP_LOCAL && i-- > 0;) {
        Finding *f = &c->findings->v[i];
        if (str_is(f->code, c->rule->code) && str_eq(f->scope, text) && f->confidence == k->sure &&
            f->message.n > keeping.n && str_eq(str_sub(f->message, 0, keeping.n), keeping))
            return f;
    }
    return NULL;
}

static bool adds_to(RuleContext *c, Finding *before, const Listening *k) {
    u32 notes = 0;
    for (u32 i = 0; before && i < before->steps.n; i++)
        notes += before->steps.v[i].kind == STEP_NOTE;
    if (before && notes < MORE_MAX)
        rule_note(c, before, STR("also added here"),
                  rule_grip_callback(c, k->call.file, &k->l.grip), k->call);
    return before != NULL;
}

void rule_report_listening(RuleContext *c, const Listening *k) {
    const Facts *facts = graph_facts(c->graph, k->call.file);
    const Op *op = facts_op(facts, k->call.op);
    ScopeRef scope = {k->call.file, facts->regions[op->region.i].scope};
    Str keeping = keeping_of(c, k);
    if (adds_to(c, told_before(c, k, scope, keeping), k)) return;
    Finding *f = rule_report(c, k->call.file, op->span, scope);
    f->confidence = k->sure;
    f->severity = k->sure == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = holder_of(c, k);
    f->message = rule_text(c, "%.*s: %.*s", STR_ARG(keeping), STR_ARG(reason_of(c, k)));
    f->help = help_of(c, k);
    f->confirm = confirm_of(c, k);
    add_evidence(c, f, k);
}

Confidence rule_receiver_confidence(const RuleContext *c, const Listening *k) {
    const Listener *l = &k->l;
    bool is_method = l->grip.carry.kind == CARRY_METHOD;
    if (l->row || l->model) return CONFIDENCE_HIGH;
    if (l->intake.is_known && !l->intake.store.op.i) return CONFIDENCE_LOW; /* unseen code has it */
    if (l->intake.is_known) {
        Str name = is_method ? l->grip.carry.name : (Str){0};
        return graph_intake_is_undone(c->graph, &l->intake, name) ? CONFIDENCE_LOW
                                                                  : CONFIDENCE_HIGH;
    }
    if (l->is_of_module) return CONFIDENCE_LOW;
    bool is_shared = l->receiver.kind == RECEIVER_MODULE || l->receiver.kind == RECEIVER_CLASS;
    bool is_longer = l->receiver.kind == RECEIVER_GIVEN && l->receiver.is_longer;
    if (l->is_gobject && (is_shared || is_longer)) return CONFIDENCE_HIGH;
    const UndoRow *undo = know_undo(l->verb, (Str){0});
    bool is_doubtful = undo && undo->flags & UNDO_WEAK;
    return is_doubtful || l->grip.carry.kind == CARRY_ITSELF ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}
