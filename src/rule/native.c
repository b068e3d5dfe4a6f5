/* What rules about C share: findings in units, and faults as findings. */
#include "rule/rule.h"

Finding *rule_report_native(RuleContext *c, const NativeUnit *u, u32 decl, u32 file, Span span,
                            Str subject) {
    u32 id = u->file_ids[file];
    if (!id) return NULL;
    Finding *f = rule_report(c, id - 1, span, (ScopeRef){0});
    Str name = cunit_name(u->unit, decl);
    if (name.n) f->scope = rule_text(c, "%.*s.%.*s", STR_ARG(f->scope), STR_ARG(name));
    f->subject = rule_text(c, "%.*s: %.*s", STR_ARG(name), STR_ARG(subject));
    return f;
}

void rule_native_step(RuleContext *c, const NativeUnit *u, Finding *f, StepKind kind, Str text,
                      Str note, u32 decl, u32 node) {
    u32 id = u->file_ids[u->unit->decls[decl].file];
    const CNode *n = &u->unit->nodes[node];
    if (id) rule_step(c, f, kind, text, note, id - 1, (Span){n->start, n->end});
}

Finding *rule_report_fault(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    const CUnit *unit = u->unit;
    const CNode *origin = &unit->nodes[fault->origin];
    Str subject = rule_text(c, "%.*s %.*s", STR_ARG(fault->source), STR_ARG(fault->holder));
    Finding *f = rule_report_native(c, u, fault->function, unit->decls[fault->function].file,
                                    (Span){origin->start, origin->end}, subject);
    if (!f) return NULL;
    if (!fault->is_sure && f->confidence > CONFIDENCE_LOW) f->confidence--;
    if (fault->is_guess) f->confidence = CONFIDENCE_LOW;
    Str source = rule_text(c, fault->is_lent ? "borrowed from %.*s" : "new reference from %.*s",
                           STR_ARG(fault->source));
    Str note = fault->is_lent ? STR("somebody else owns it") : STR("owned from here on");
    if (fault->source.n)
        rule_native_step(c, u, f, STEP_NODE, source, note, fault->function, fault->origin);
    for (u32 i = 0; i < fault->n_steps; i++)
        rule_native_step(c, u, f, STEP_NOTE, fault->steps[i].text, (Str){0}, fault->function,
                         fault->steps[i].node);
    return f;
}

Str rule_fault_name(RuleContext *c, const CFault *fault) {
    if (fault->holder.n) return rule_text(c, "the object of '%.*s'", STR_ARG(fault->holder));
    return rule_text(c, "the object of '%.*s'", STR_ARG(fault->source));
}

Str rule_fault_holder(const CFault *fault) {
    return fault->holder.n ? fault->holder : STR("…");
}

void rule_fault_exit(RuleContext *c, const NativeUnit *u, Finding *f, const CFault *fault, Str text,
                     Str note) {
    u32 id = u->file_ids[u->unit->decls[fault->function].file];
    u32 end = u->unit->decls[fault->function].end;
    if (fault->exit)
        rule_native_step(c, u, f, STEP_NOTE, text, note, fault->function, fault->exit);
    else if (id && end)
        rule_step(c, f, STEP_NOTE, text, note, id - 1, (Span){end - 1, end});
}
