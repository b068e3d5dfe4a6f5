/* How a hook of the process that holds something is reported. */
#include "rule/rule.h"

/* `sys.meta_path.append` fills `sys.meta_path`. */
static Str holder_of(const Hook *h) {
    Str name = str_from(h->row->adds), last = str_after_last(name, '.');
    if (str_is(last, "append") || str_is(last, "insert"))
        return str_sub(name, 0, name.n - last.n - 1);
    return str_starts(name, "asyncio.") ? last : name;
}

Str rule_logger_text(RuleContext *c, Str written, Str name) {
    if (!name.n) return rule_text(c, "'%.*s'", STR_ARG(written));
    if (str_ends(written, "()")) return rule_text(c, "the logger '%.*s'", STR_ARG(name));
    return rule_text(c, "'%.*s', the logger '%.*s',", STR_ARG(written), STR_ARG(name));
}

static Str message_of(RuleContext *c, const Hook *h) {
    Str holder = holder_of(h), object = rule_grip_object(c, h->file, &h->grip);
    Str callback = rule_grip_callback(c, h->file, &h->grip);
    const char *holds = h->grip.carry.kind == CARRY_ITSELF ? "is it" : "holds it";
    if (h->is_slot)
        return rule_text(
            c,
            "'%.*s' keeps the last %.*s alive until something else is set: %.*s %s, and "
            "the class never puts another one there",
            STR_ARG(holder), STR_ARG(object), STR_ARG(callback), holds);
    Str undo = pair_undo(h->row);
    Str end = undo.n ? rule_text(c, "no '%.*s' takes it back", STR_ARG(undo))
                     : STR("nothing can take it back");
    return rule_text(c, "'%.*s' keeps %.*s alive until the process ends: %.*s %s, and %.*s",
                     STR_ARG(holder), STR_ARG(rule_grip_all(c, h->file, &h->grip)),
                     STR_ARG(callback), holds, STR_ARG(end));
}

static Str help_of(RuleContext *c, const Hook *h) {
    Str undo = pair_undo(h->row), holder = holder_of(h);
    if (h->is_slot)
        return rule_text(c, "put the former value back when the object is done (`%.*s`)",
                         STR_ARG(holder));
    if (str_is(undo, "atexit.unregister"))
        return STR(
            "call `atexit.unregister()` with the same method when the object is done, or use "
            "`weakref.finalize(self, …)` with a function that does not hold `self`");
    if (h->row->flags & PAIR_TIMER)
        return rule_text(c,
                         "let the callback return False when the object is done, or keep what "
                         "the call gives and hand it to `%.*s()`",
                         STR_ARG(undo));
    if (undo.n)
        return rule_text(c, "call `%.*s()` with the same object when it is done", STR_ARG(undo));
    return STR("register one function of the module, once, that finds the live objects in a "
               "`weakref.WeakSet`");
}

static Str confirm_of(RuleContext *c, const Hook *h) {
    if (h->grip.kind == GRIP_LOCAL)
        return rule_text(c, "call '%.*s' a hundred times: the hook is there a hundred times",
                         STR_ARG(graph_scope_name(c->graph, h->grip.method)));
    Str name = str_after_last(graph_class_name(c->graph, h->grip.class), '.');
    return rule_text(
        c,
        "make and drop a few `%.*s` objects: `gc.collect()`, and weak references to them "
        "are still alive",
        STR_ARG(name));
}

void rule_report_hook(RuleContext *c, const Hook *h, Confidence sure) {
    const Facts *facts = graph_facts(c->graph, h->file);
    const Op *op = facts_op(facts, h->op);
    ScopeRef scope = {h->file, facts->regions[op->region.i].scope};
    Finding *f = rule_report(c, h->file, op->span, scope);
    f->effect = h->is_slot ? EFFECT_BOUNDED : EFFECT_NEVER_FREED;
    f->confidence = sure;
    f->severity = sure == CONFIDENCE_HIGH && !h->is_slot ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = holder_of(h);
    f->message = message_of(c, h);
    f->help = help_of(c, h);
    f->confirm = confirm_of(c, h);
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = holder_of(h)});
    Str edge = rule_text(c, "%s()", h->row->adds);
    bool is_store = op->kind == OP_STORE;
    rule_step(c, f, STEP_EDGE, is_store ? STR("= …") : edge,
              h->is_slot ? STR("set here, never set back") : STR("added here, never taken back"),
              h->file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_grip_steps(c, f, h->file, h->op, &h->grip);
    Instances made = graph_instances(c->graph, h->grip.class);
    if (h->grip.class.i && made.making >= MADE_MAYBE)
        rule_note(c, f, STR("instances are made here"), (Str){0}, made.site);
}
