/* What rules about type objects of C extensions share. */
#include "rule/rule.h"

Finding *rule_report_slot(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    const CDecl *decl = &u->unit->decls[fault->function];
    Str name = cunit_name(u->unit, fault->function);
    Span span = {decl->name_start, decl->name_start + name.n};
    Str subject = rule_text(c, "%.*s %.*s", STR_ARG(fault->holder), STR_ARG(fault->source));
    Finding *f = rule_report_native(c, u, fault->function, decl->file, span, subject);
    if (!f) return NULL;
    static const Confidence levels[] = {CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH};
    f->confidence = levels[fault->sureness];
    Str type = rule_text(c, "type %.*s", STR_ARG(fault->holder));
    rule_step(c, f, STEP_NODE, type, (Str){0}, f->place.file, span);
    for (u32 i = 0; i < fault->n_steps; i++)
        rule_native_step(c, u, f, STEP_NOTE, fault->steps[i].text, (Str){0}, fault->function,
                         fault->steps[i].node);
    return f;
}
