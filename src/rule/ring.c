/* Findings about cycles: what all rules of that family say in the same way. */
#include "rule/rule.h"

Str rule_cycle_name(RuleContext *c, const CycleObject *object) {
    Str class = object->class.i ? graph_class_name(c->graph, object->class) : (Str){0};
    bool is_parameter = object->kind == OBJECT_PARAMETER;
    if (class.n && (is_parameter || object->kind == OBJECT_INSTANCE))
        return str_after_last(class, '.');
    return object->name;
}

/* What a person sees of an object in the ring: "instance of Child", "self (Parent)". */
static Str object_text(RuleContext *c, const CycleObject *object) {
    Str class = object->class.i ? graph_class_name(c->graph, object->class) : (Str){0};
    Str short_class = str_after_last(class, '.');
    switch (object->kind) {
    case OBJECT_INSTANCE:
        return rule_text(c, "%.*s instance", STR_ARG(short_class));
    case OBJECT_METHOD:
        return rule_text(c, "bound method %.*s", STR_ARG(object->name));
    case OBJECT_CLOSURE:
        return str_is(object->name, "lambda")
                   ? object->name
                   : rule_text(c, "function %.*s", STR_ARG(object->name));
    case OBJECT_GENERATOR:
        return str_is(object->name, "generator")
                   ? STR("generator expression")
                   : rule_text(c, "suspended %.*s()", STR_ARG(object->name));
    case OBJECT_CLASS:
        return rule_text(c, "class %.*s", STR_ARG(object->name));
    default:
        return class.n ? rule_text(c, "%.*s (%.*s)", STR_ARG(object->name), STR_ARG(short_class))
                       : object->name;
    }
}

Str rule_cycle_partner(RuleContext *c, const Cycle *cycle) {
    const CycleObject *o = &cycle->objects[cycle->partner];
    Str name = rule_cycle_name(c, o);
    switch (o->kind) {
    case OBJECT_METHOD:
        return rule_text(c, "its own bound method '%.*s'", STR_ARG(name));
    case OBJECT_CLOSURE:
        return rule_text(c, "a closure '%.*s'", STR_ARG(name));
    case OBJECT_GENERATOR:
        return rule_text(c, "a generator '%.*s'", STR_ARG(name));
    case OBJECT_CONTAINER:
        return STR("a container of its own");
    default:
        if (cycle->partner == cycle->subject) return STR("itself");
        return rule_text(c, "'%.*s'", STR_ARG(name));
    }
}

Str rule_cycle_end(RuleContext *c, const Cycle *cycle) {
    if (scope_is_none(cycle->breaker)) return STR("until the cyclic collector runs");
    Str name = str_after_last(graph_scope_name(c->graph, cycle->breaker), '.');
    return rule_text(c,
                     "until the cyclic collector runs; it is freed at once only if '%.*s()' is "
                     "called",
                     STR_ARG(name));
}

static Str note_of(const Cycle *cycle, u32 i) {
    const CycleLink *link = &cycle->links[i];
    if (i == cycle->weakest)
        return link->flags & LINK_BLIND ? STR("the collector does not see this reference")
                                        : STR("weaken this one");
    if (link->flags & LINK_BLIND) return STR("the collector does not see this reference");
    if (link->flags & LINK_IMPLIED) return (Str){0};
    return (Str){0};
}

static void add_ring(RuleContext *c, Finding *f, const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleObject *object = &cycle->objects[i];
        const CycleLink *link = &cycle->links[i];
        rule_step(c, f, STEP_NODE, object_text(c, object), (Str){0}, object->file, object->place);
        rule_step(c, f, STEP_EDGE, link->text, note_of(cycle, i), link->file, link->place);
        f->steps.v[f->steps.n - 1].suspect = i == cycle->weakest;
    }
    const CycleObject *first = &cycle->objects[0];
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s again", STR_ARG(object_text(c, first))), (Str){0},
              first->file, first->place);
}

/* Can the target of the link be referred to weakly, as far as the class says? */
static bool is_weakable(RuleContext *c, const CycleObject *to) {
    if (!to->class.i) return true;
    ScopeRef s = graph_class_scope(c->graph, to->class);
    const Facts *f = graph_facts(c->graph, s.file);
    const Scope *scope = &f->scopes[s.scope.i];
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++)
        if (f->symbols[i].flags & SYMBOL_BOUND &&
            str_is(facts_str(f, f->symbols[i].name), "__slots__"))
            return false;
    return !graph_is_subclass(c->graph, to->class, "builtins.tuple") &&
           !graph_is_subclass(c->graph, to->class, "builtins.int") &&
           !graph_is_subclass(c->graph, to->class, "typing.NamedTuple");
}

/* The edge to cut; an element of a container is named with the attribute that holds that. */
static Str weakest_text(RuleContext *c, const Cycle *cycle) {
    Str link = cycle->links[cycle->weakest].text;
    Str before = cycle->links[(cycle->weakest + cycle->n - 1) % cycle->n].text;
    bool is_element = link.n && link.p[0] == '[' && before.n && before.p[0] == '.';
    return is_element ? rule_text(c, "%.*s%.*s", STR_ARG(before), STR_ARG(link)) : link;
}

static Str help_text(RuleContext *c, const Cycle *cycle) {
    const CycleObject *to = &cycle->objects[(cycle->weakest + 1) % cycle->n];
    Str link = weakest_text(c, cycle);
    switch (to->kind) {
    case OBJECT_METHOD:
        return rule_text(c,
                         "keep a `weakref.WeakMethod` or the method's name in `%.*s`, or clear it "
                         "in the method that ends the object's life",
                         STR_ARG(link));
    case OBJECT_CLOSURE:
    case OBJECT_HOLDER:
    case OBJECT_GENERATOR:
        return STR("let it take a weak reference that is made outside of it, or clear the "
                   "attribute in the method that ends the object's life");
    case OBJECT_CONTAINER:
        return rule_text(c,
                         "take it out of `%.*s`, or clear that in the method that ends the "
                         "object's life",
                         STR_ARG(link));
    default:
        if (is_weakable(c, to))
            return rule_text(c, "make `%.*s` a weak reference (`weakref.ref` or `weakref.proxy`)",
                             STR_ARG(link));
        return rule_text(c, "clear `%.*s` in the method that ends the object's life",
                         STR_ARG(link));
    }
}

/* `self._process._selfref = self`: the name says that the cycle is there to keep it;
 * `self.context.active_buffer = self`: the next one that is used takes its place. */
static bool is_meant(const CycleLink *link) {
    static const char *const NAMES[] = {"circular_ref", "circular_reference", "self_ref",
                                        "self_reference", "selfref"};
    Str name = str_public(link->attribute);
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES)) || str_starts(name, "active_") ||
           str_starts(name, "current_");
}

bool rule_cycle_lasts(RuleContext *c, const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        ClassId class = cycle->objects[i].class;
        if (is_meant(&cycle->links[i])) return true;
        if (!class.i) continue;
        if (graph_is_singleton(c->graph, class) || graph_is_solitary(c->graph, class)) return true;
        if (graph_is_parented(c->graph, class)) return true;
    }
    return false;
}

/* The class in whose constructor the call stands, or 0. */
static ClassId constructor_around(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    ScopeRef function = {call.file, f->regions[f->ops[call.op.i].region.i].scope};
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    return str_is(name, "__init__") ? graph_method_class(c->graph, function) : (ClassId){0};
}

/* The call stands in a function, no method, for users: who knows how often they call it. */
static bool is_called_by_users(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    ScopeId scope = f->regions[f->ops[call.op.i].region.i].scope;
    ScopeRef function = {call.file, facts_enclosing(f, scope, SCOPE_FUNCTION)};
    return function.scope.i && !graph_method_class(c->graph, function).i &&
           graph_called_by(c->graph, function) == CALLED_BY_USERS;
}

static bool is_made_seldom(RuleContext *c, ClassId class, u32 owners) {
    Instances made = class.i ? graph_instances(c->graph, class) : (Instances){0};
    if (made.making != MADE_MAYBE || made.is_for_users) return false;
    if (graph_is_offered(c->graph, class) || is_called_by_users(c, made.site)) return false;
    ClassId owner = constructor_around(c, made.site);
    return !owner.i || (owners && is_made_seldom(c, owner, owners - 1));
}

bool rule_cycle_is_seldom(RuleContext *c, ClassId class) {
    return is_made_seldom(c, class, 2);
}

Finding *rule_report_cycle(RuleContext *c, const Cycle *cycle) {
    const Facts *facts = graph_facts(c->graph, cycle->file);
    Finding *f = rule_report(c, cycle->file, facts->ops[cycle->op.i].span, cycle->function);
    OpRef where;
    bool is_off = graph_collector_is_off(c->graph, cycle->file, &where);
    f->effect = is_off ? EFFECT_NEVER_FREED : EFFECT_DELAYED;
    f->is_plain = !is_off;
    f->confidence = cycle->confidence;
    f->subject = rule_cycle_name(c, &cycle->objects[cycle->subject]);
    f->help = help_text(c, cycle);
    f->confirm = rule_text(c,
                           "`r = weakref.ref(x)` of the '%.*s', drop it with `gc.disable()`: "
                           "`r()` is not None until `gc.collect()`",
                           STR_ARG(rule_cycle_name(c, &cycle->objects[0])));
    add_ring(c, f, cycle);
    if (cycle->more)
        rule_step(c, f, STEP_NOTE,
                  rule_text(c, "%u more cycle%s of this kind in the same function", cycle->more,
                            cycle->more > 1 ? "s" : ""),
                  (Str){0}, cycle->more_file, cycle->more_place);
    if (cycle->large.n)
        rule_step(c, f, STEP_NOTE,
                  rule_text(c,
                            "it holds what '%.*s' makes: the collector counts objects, not bytes",
                            STR_ARG(cycle->large)),
                  (Str){0}, cycle->large_file, cycle->large_place);
    if (is_off) rule_note(c, f, STR("the program turns the cyclic collector off"), (Str){0}, where);
    return f;
}
