/* How rules name what a callback is and what it holds. */
#include "rule/rule.h"

/* `self.pool` without the call around it. */
static Str path_name(RuleContext *c, u32 file, PathId path) {
    return rule_path_text(c, file, path);
}

Str rule_grip_callback(RuleContext *c, u32 file, const Grip *grip) {
    Str name = grip->carry.name;
    switch (grip->carry.kind) {
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "the inner function '%.*s'", STR_ARG(name)) : STR("a lambda");
    case CARRY_PARTIAL:
        return STR("a partial");
    case CARRY_INSTANCE:
        return rule_text(c, "a '%.*s'", STR_ARG(str_after_last(name, '.')));
    case CARRY_DISPLAY:
        return STR("a container of callbacks");
    default:
        return rule_text(c, "'%.*s'", STR_ARG(path_name(c, file, grip->value)));
    }
}

Str rule_grip_object(RuleContext *c, u32 file, const Grip *grip) {
    const Facts *f = graph_facts(c->graph, file);
    if (grip->kind == GRIP_SELF && grip->class.i)
        return rule_text(c, "'%.*s'",
                         STR_ARG(str_after_last(graph_class_name(c->graph, grip->class), '.')));
    if (grip->kind == GRIP_LOCAL)
        return rule_text(c, "'%.*s'", STR_ARG(facts_str(f, f->symbols[grip->variable.i].name)));
    return rule_text(c, "'%.*s'", STR_ARG(path_name(c, file, grip->object)));
}

Str rule_grip_all(RuleContext *c, u32 file, const Grip *grip) {
    Str object = rule_grip_object(c, file, grip);
    if (grip->kind == GRIP_LOCAL) return rule_text(c, "%.*s of each call", STR_ARG(object));
    if (grip->kind != GRIP_PART) return rule_text(c, "every %.*s", STR_ARG(object));
    Str name = str_after_last(graph_class_name(c->graph, grip->class), '.');
    return rule_text(c, "%.*s of every '%.*s'", STR_ARG(object), STR_ARG(name));
}

static Str node_of(RuleContext *c, u32 file, const Grip *grip) {
    Str name = grip->carry.name;
    switch (grip->carry.kind) {
    case CARRY_METHOD:
        return rule_text(c, "bound method %.*s", STR_ARG(name));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "function %.*s", STR_ARG(name)) : STR("lambda");
    case CARRY_PARTIAL:
        return STR("functools.partial");
    case CARRY_INSTANCE:
        return str_after_last(name, '.');
    default:
        return path_name(c, file, grip->value);
    }
}

/* Where the object comes from: the class, the variable, else the call. */
static void object_step(RuleContext *c, Finding *f, u32 file, OpId call, const Grip *grip) {
    const Facts *facts = graph_facts(c->graph, file);
    if (grip->kind == GRIP_SELF && grip->class.i) {
        ScopeRef scope = graph_class_scope(c->graph, grip->class);
        Str name = str_after_last(graph_class_name(c->graph, grip->class), '.');
        rule_step(c, f, STEP_NODE, rule_text(c, "self (%.*s)", STR_ARG(name)), (Str){0}, scope.file,
                  graph_facts(c->graph, scope.file)->scopes[scope.scope.i].name_span);
        return;
    }
    Span span = facts_op(facts, call)->span;
    if (grip->kind == GRIP_LOCAL) {
        const Symbol *s = &facts->symbols[grip->variable.i];
        if (s->bind.i) span = facts_op(facts, s->bind)->span;
        rule_step(c, f, STEP_NODE, facts_str(facts, s->name), (Str){0}, file, span);
        return;
    }
    rule_step(c, f, STEP_NODE, path_name(c, file, grip->object), (Str){0}, file, span);
}

void rule_grip_steps(RuleContext *c, Finding *f, u32 file, OpId call, const Grip *grip) {
    Span span = facts_op(graph_facts(c->graph, file), call)->span;
    if (grip->carry.kind != CARRY_ITSELF) {
        bool has_place = grip->carry.has_place;
        rule_step(c, f, STEP_NODE, node_of(c, file, grip), (Str){0},
                  has_place ? grip->carry.file : file, has_place ? grip->carry.place : span);
        rule_step(c, f, STEP_EDGE, str_from(rule_carried_edge(grip->carry.kind)), (Str){0}, file,
                  span);
    }
    object_step(c, f, file, call, grip);
}
