/* Findings about what a container holds, whoever it belongs to. */
#include "rule/rule.h"

Finding *rule_report_held(RuleContext *c, const Holding *h, OpRef at, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, at.file);
    Finding *finding = rule_report(c, at.file, facts_op(f, at.op)->span, function);
    finding->container = graph_place(c->graph, h->file, h->definition);
    finding->has_container = true;
    finding->subject = str_copy(c->arena, h->name);
    return finding;
}

Str rule_holder_end(const Holding *h) {
    return h->is_lasting ? STR("until the process ends") : STR("until its owner dies");
}

void rule_step_holder(RuleContext *c, Finding *f, const Holding *h) {
    HolderKind kind =
        h->container.i ? graph_container(c->graph, h->container)->holder : HOLDER_NONE;
    Str text = rule_text(c, "%s %.*s", rule_holder_word(kind), STR_ARG(h->name));
    rule_step(c, f, STEP_NODE, text, (Str){0}, h->file, h->definition);
}

/* The operands of a tuple or call; of a tuple, the calls among them with theirs. */
static Str operands_text(RuleContext *c, u32 file, const Op *op) {
    const Facts *f = graph_facts(c->graph, file);
    Buf text = {.arena = c->arena};
    for (u32 i = 0; i < op->operands; i++) {
        PathId operand = op_operand(f, op, i);
        if (i) buf_str(&text, STR(", "));
        if (op->kind == OP_TUPLE && facts_call(f, operand))
            buf_str(&text, rule_key_text(c, file, operand));
        else
            facts_path_text(f, operand, &text);
    }
    return buf_get(&text);
}

Str rule_key_text(RuleContext *c, u32 file, PathId key) {
    enum { SHORT = 60 };
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[key.i];
    Str plain = key.i ? rule_path_text(c, file, key) : (Str){0};
    if (p->kind != PATH_OP) return plain;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_LAMBDA) return STR("lambda");
    if (op->kind != OP_TUPLE && op->kind != OP_CALL) return plain;
    Str callee = op->kind == OP_CALL ? rule_path_text(c, file, op_path(op)) : (Str){0};
    Str inner = operands_text(c, file, op);
    if (callee.n + inner.n > SHORT) return plain;
    return rule_text(c, "%.*s(%.*s)", STR_ARG(callee), STR_ARG(inner));
}

Str rule_change_text(RuleContext *c, const Change *change) {
    Str key = rule_key_text(c, change->file, change->key);
    if (str_is(change->how, "[…] =")) return rule_text(c, "[%.*s] =", STR_ARG(key));
    if (str_is(change->how, "[…]")) return rule_text(c, "[%.*s]", STR_ARG(key));
    if (str_starts(change->how, "del")) return rule_text(c, "del [%.*s]", STR_ARG(key));
    if (str_starts(change->how, "=") || str_starts(change->how, "["))
        return rule_text(c, "%.*s", STR_ARG(change->how));
    Str argument = key.n ? key : rule_key_text(c, change->file, change->value);
    if (change->is_callback) argument = (Str){0};
    return rule_text(c, ".%.*s(%.*s)", STR_ARG(change->how), STR_ARG(argument));
}

void rule_step_change(RuleContext *c, Finding *f, StepKind kind, const Change *change, Str note) {
    const Facts *facts = graph_facts(c->graph, change->file);
    rule_step(c, f, kind, rule_change_text(c, change), note, change->file,
              facts_op(facts, change->op)->span);
}

/* A number or text under a key says less than the key. */
static bool is_plain(RuleContext *c, const Change *change) {
    u32 shape = graph_shape(c->graph, change->file, change->value);
    return change->key.i && shape &&
           !(shape & ~(u32)(SHAPE_TEXT | SHAPE_CONSTANT | SHAPE_CLOSED | SHAPE_ID));
}

/* `isinstance(object, …)`: its function is given objects of several classes. */
static bool is_of_several(RuleContext *c, const Change *change, PathId object) {
    const Facts *f = graph_facts(c->graph, change->file);
    const Scope *s = &f->scopes[change->function.scope.i];
    for (u32 i = s->op_first; i < s->op_end && !scope_is_none(change->function); i++)
        if (f->ops[i].kind == OP_TEST && (f->ops[i].flags & OP_LOW) == TEST_INSTANCE &&
            f->ops[i].subject == object.i)
            return true;
    return false;
}

Str rule_changed_object(RuleContext *c, const Change *change) {
    bool is_valued = change->value.i && !is_plain(c, change);
    PathId object = is_valued ? change->value : change->key;
    ClassId class = object.i ? graph_type_of(c->graph, change->file, object) : (ClassId){0};
    if (class.i && !is_of_several(c, change, object))
        return str_after_last(graph_class_name(c->graph, class), '.');
    Str text = rule_key_text(c, change->file, object);
    return text.n ? text : STR("element");
}
