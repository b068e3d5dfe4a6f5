/* Chains of calls as messages and evidence. */
#include "rule/rule.h"

Str rule_code_name(RuleContext *c, u32 code) {
    ScopeRef s = cpu_code_scope(c->cpu, code);
    const Facts *f = graph_facts(c->graph, s.file);
    Str name = graph_scope_name(c->graph, s), module = graph_module_name(c->graph, s.file);
    if (f->scopes[s.scope.i].kind == SCOPE_MODULE || name.n <= module.n + 1) return name;
    return str_sub(name, module.n + 1, name.n);
}

Span rule_code_span(RuleContext *c, u32 code) {
    ScopeRef s = cpu_code_scope(c->cpu, code);
    const Scope *scope = &graph_facts(c->graph, s.file)->scopes[s.scope.i];
    return scope->kind == SCOPE_MODULE ? (Span){0, 0} : scope->name_span;
}

Str rule_chain_end(RuleContext *c, const CpuStep *last) {
    const Facts *f = graph_facts(c->graph, last->file);
    if (last->text.n) return last->text;
    return rule_path_text(c, last->file, op_path(&f->ops[last->op.i]));
}

void rule_step_chain(RuleContext *c, Finding *f, const CpuStep *steps, u32 n, Str note) {
    for (u32 i = 0; i < n; i++) {
        const Facts *facts = graph_facts(c->graph, steps[i].file);
        const Op *op = &facts->ops[steps[i].op.i];
        Str callee = rule_chain_end(c, &steps[i]);
        const char *verb = op->kind == OP_ENTER ? "enters" : "calls";
        rule_step(c, f, STEP_EDGE, rule_text(c, "%s %.*s", verb, STR_ARG(callee)),
                  i + 1 == n ? note : (Str){0}, steps[i].file, op->span);
        if (i + 1 == n && note.n) f->steps.v[f->steps.n - 1].suspect = true;
        if (steps[i].function)
            rule_step(c, f, STEP_NODE, callee, (Str){0},
                      cpu_code_scope(c->cpu, steps[i].function).file,
                      rule_code_span(c, steps[i].function));
        else
            rule_step(c, f, STEP_NODE, callee, (Str){0}, steps[i].file, op->span);
    }
}
