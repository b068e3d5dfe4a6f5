/* What a rule calls when it has something to say. */
#include "rule/rule.h"

#include <stdarg.h>
#include <stdio.h>

Finding rule_finding(const Rule *rule, Place place) {
    return (Finding){
        .code = str_from(rule->code),
        .name = str_from(rule->name),
        .effect = rule->effect,
        .severity = rule->severity,
        .confidence = rule->confidence,
        .place = place,
    };
}

const Rule *rules_selected(const Selection *selection, const char *code) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (str_is(str_from(all[i].rule->code), code))
            return selection->enabled[i] ? all[i].rule : NULL;
    return NULL;
}

bool rule_wants_plain(const RuleContext *c, u32 file) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (all[i].rule == c->rule) return rules_of_file(c->selection, file).chosen[i];
    return true;
}

Finding *rule_report(RuleContext *c, u32 file, Span span, ScopeRef scope) {
    Finding finding = rule_finding(c->rule, graph_place(c->graph, file, span));
    finding.scope = scope_is_none(scope) ? graph_module_name(c->graph, file)
                                         : graph_scope_name(c->graph, scope);
    vec_push(c->arena, c->findings, finding);
    return &c->findings->v[c->findings->n - 1];
}

Str rule_text(RuleContext *c, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    REQUIRE(n >= 0);
    char *text = arena_alloc(c->arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return (Str){text, (u32)n};
}

Str rule_path_text(RuleContext *c, u32 file, PathId path) {
    Buf text = {.arena = c->arena};
    facts_path_text(graph_facts(c->graph, file), path, &text);
    return buf_get(&text);
}

Str rule_call_text(RuleContext *c, u32 file, const Op *call, u32 most) {
    const Facts *f = graph_facts(c->graph, file);
    Buf text = {.arena = c->arena};
    facts_path_text(f, op_path(call), &text);
    buf_char(&text, '(');
    for (u32 i = 0; i < call->operands; i++) {
        if (operand_kind(f->operands[call->operand + i]) != OPERAND_POSITIONAL) return (Str){0};
        if (i) buf_text(&text, ", ");
        facts_path_text(f, op_operand(f, call, i), &text);
    }
    buf_char(&text, ')');
    return text.n <= most ? buf_get(&text) : (Str){0};
}

void rule_step(RuleContext *c, Finding *f, StepKind kind, Str text, Str note, u32 file, Span span) {
    Step step = {
        .kind = kind,
        /* what the graph was asked for may lie in the scratch arena */
        .text = str_copy(c->arena, text),
        .note = str_copy(c->arena, note),
        .place = graph_place(c->graph, file, span),
        .has_place = true,
    };
    finding_step(c->arena, f, step);
}

void rule_note(RuleContext *c, Finding *f, Str text, Str note, OpRef at) {
    Span span = facts_op(graph_facts(c->graph, at.file), at.op)->span;
    rule_step(c, f, STEP_NOTE, text, note, at.file, span);
}

void rule_fix(Finding *f, Str title, bool is_safe) {
    f->fix.title = title;
    f->fix.is_safe = is_safe;
}

void rule_edit(RuleContext *c, Finding *f, u32 file, Span span, Str text) {
    finding_edit(c->arena, f, (Edit){graph_place(c->graph, file, span), text});
}
