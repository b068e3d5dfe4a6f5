/* What objects hold: the attributes of instances, what functions capture, arguments that are kept.
 */
#include "root/tree.h"

/* ---- classes ---- */

/* `growing`: how often the use that grows it most runs, RUNS_NEVER when none does. */
static Str removal_text(Tree *t, ClassId c, Str name, HowOften growing) {
    OpRef where;
    if (growing == RUNS_NEVER) {
        ScopeRef method = graph_attribute_breaker(t->g, c, name, &where);
        if (scope_is_none(method)) return (Str){0};
        return str_format(t->arena, "let go by %.*s at %.*s",
                          STR_ARG(graph_scope_name(t->g, method)),
                          STR_ARG(hold_place(t, where.file, where.op)));
    }
    Removal removal = graph_attribute_removal(t->g, c, name, 0);
    const AttributeUse *u = &removal.use;
    switch (removal.kind) {
    case REMOVAL_SURE:
        return str_format(t->arena, "removed from by %.*s at %.*s", STR_ARG(u->how),
                          STR_ARG(hold_place(t, u->file, u->op)));
    case REMOVAL_BOUND:
        return str_format(t->arena, "bounded at %.*s", STR_ARG(hold_place(t, u->file, u->op)));
    case REMOVAL_BY_NAME:
        return STR("perhaps removed from, by name");
    default:
        if (growing <= RUNS_ON_START) return STR("grows only at import or start, if at all");
        return removal.escapes ? STR("grows, nothing seen removes from it")
                               : STR("grows, nothing removes from it");
    }
}

static Str kind_text(Tree *t, const Attribute *a) {
    switch (a->kind) {
    case ATTRIBUTE_CONTAINER:
        return a->container == CONTAINER_OTHER ? STR("container")
                                               : str_from(graph_container_text(a->container));
    case ATTRIBUTE_INSTANCE:
        if (a->instance.i)
            return str_format(t->arena, "instance of %.*s",
                              STR_ARG(graph_class_name(t->g, a->instance)));
        return STR("instance");
    case ATTRIBUTE_RESOURCE:
        return str_format(t->arena, "%s %.*s", resource_text(a->resource), STR_ARG(a->made_by));
    default:
        if (a->made_by.n) return a->made_by;
        return a->kind == ATTRIBUTE_UNKNOWN ? STR("object")
                                            : str_from(attribute_kind_text(a->kind));
    }
}

/* The thing that a definition binds, with what the picture knows beyond the expression. */
static Thing defined_thing(Tree *t, const Attribute *a, const AttributeUse *u) {
    Thing thing = thing_of(t, u->file, u->value);
    bool says_nothing = !thing.class.i && !thing.bound.i && !thing.code.scope.i && !thing.made &&
                        !thing.is_container && !thing.is_plain && !thing.is_weak;
    if (says_nothing && a->instance.i) {
        thing.class = a->instance;
        thing.text = kind_text(t, a);
    } else if (a->kind == ATTRIBUTE_CONTAINER && !thing.is_plain) {
        thing.text = kind_text(t, a);
        thing.is_container = true;
    }
    return thing;
}

/* What tests do with a class that is no test's is not how the program uses it. */
static bool is_test_use(const Tree *t, ClassId c, u32 file) {
    return graph_is_test_file(t->g, file) &&
           !graph_is_test_file(t->g, graph_class_scope(t->g, c).file);
}

static void elements_grow(Tree *t, HoldId at, const Attribute *a, u32 depth) {
    u32 left = ROW_MAX;
    for (u32 i = 0; at.i && i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        if (u->kind != ATTRIBUTE_GROWS || is_test_use(t, a->owner, u->file)) continue;
        if (!left-- || !depth) {
            hold_at(t, at)->flags |= HOLD_CUT;
            return;
        }
        element_grow(t, at, u->file, u->op, u->how, u->key, u->value, depth - 1);
    }
}

/* `x: int` in the class body, where something else binds it. */
static bool is_declared_only(const Attribute *a, const AttributeUse *u) {
    if (u->value.i) return false;
    for (u32 i = 0; i < a->n_uses; i++)
        if (a->uses[i].kind == ATTRIBUTE_DEFINED && a->uses[i].value.i) return true;
    return false;
}

static bool holds_nothing(const Attribute *a) {
    return a->kind == ATTRIBUTE_PLAIN || a->kind == ATTRIBUTE_LOCK;
}

/* Each different thing that the attribute is bound to. */
void attribute_grow(Tree *t, HoldId at, ClassId c, Str name, Str selector, u32 depth) {
    ArenaMark mark = arena_mark(&t->scratch);
    Attribute a = graph_attribute(t->g, c, name, &t->scratch);
    HoldId container = {0};
    Map seen = {0};
    HowOften growing = RUNS_NEVER;
    u32 left = ROW_MAX;
    for (u32 i = 0; i < a.n_uses; i++)
        if (a.uses[i].kind == ATTRIBUTE_GROWS) growing = MAX(growing, a.uses[i].how_often);
    for (u32 i = 0; !holds_nothing(&a) && i < a.n_uses && left; i++) {
        const AttributeUse *u = &a.uses[i];
        if (u->kind != ATTRIBUTE_DEFINED || is_test_use(t, c, u->file)) continue;
        if (is_declared_only(&a, u)) continue;
        Thing thing = defined_thing(t, &a, u);
        if (thing.is_plain || map_get(&seen, hash_str(thing.text))) continue;
        map_set(&t->scratch, &seen, hash_str(thing.text), 1);
        Hold hold = hold_of(t, selector, thing, u->file, u->op);
        bool is_weak = u->is_weak || a.is_weak;
        if (is_weak && !thing.lends)
            hold.flags |= thing.is_container ? (u32)HOLD_LENDS : (u32)HOLD_WEAK;
        hold.removal = hold.flags & HOLD_LENDS        ? STR("holds its elements weakly")
                       : hold.flags & HOLD_LENDS_KEYS ? STR("holds its keys weakly")
                                                      : removal_text(t, c, name, growing);
        HoldId id = hold_thing(t, at, hold, u->file, thing, depth);
        if (!container.i) container = id;
        left--;
    }
    if (growing != RUNS_NEVER && !container.i) {
        Hold hold = {.selector = selector, .object = kind_text(t, &a)};
        hold.removal = removal_text(t, c, name, growing);
        container = hold_add(t, at, hold);
    }
    elements_grow(t, container, &a, depth);
    arena_rewind(&t->scratch, mark);
}

/* Bound in the class body only, and no field: the class holds it, not its instances. */
static bool is_of_class(Tree *t, ClassId c, Str name) {
    ArenaMark mark = arena_mark(&t->scratch);
    Attribute a = graph_attribute(t->g, c, name, &t->scratch);
    bool is_class = a.n_uses && !graph_is_field(t->g, c, name);
    for (u32 i = 0; i < a.n_uses; i++)
        is_class &= a.uses[i].kind != ATTRIBUTE_DEFINED || a.uses[i].in_class_body;
    arena_rewind(&t->scratch, mark);
    return is_class;
}

/* The attributes of the class and its bases, each once; a class is shown once in a tree. */
static void class_grow(Tree *t, HoldId at, ClassId c, u32 depth) {
    u32 shown = map_get(&t->shown, c.i);
    if (shown) {
        hold_at(t, at)->above = (HoldId){shown};
        return;
    }
    if (!depth) {
        hold_at(t, at)->flags |= graph_next_attribute(t->g, c, (Str){0}).n ? (u32)HOLD_CUT : 0u;
        return;
    }
    map_set(t->arena, &t->shown, c.i, at.i);
    const ClassId *mro;
    bool complete;
    Map seen = {0};
    u32 n = graph_mro(t->g, c, &mro, &complete);
    for (u32 i = 0; i < n; i++) {
        Str name = {0};
        while ((name = graph_next_attribute(t->g, mro[i], name)).n) {
            if (map_get(&seen, hash_str(name))) continue;
            map_set(t->arena, &seen, hash_str(name), 1);
            if (is_of_class(t, c, name)) continue;
            Str selector = str_format(t->arena, ".%.*s", STR_ARG(name));
            attribute_grow(t, at, c, name, selector, depth - 1);
        }
    }
}

/* ---- functions ---- */

/* Where the variable is bound, for one that is no parameter. */
static Thing variable_thing(Tree *t, u32 file, SymbolId variable) {
    const Facts *f = graph_facts(t->g, file);
    const Symbol *s = &f->symbols[variable.i];
    ClassId c = graph_type_of_variable(t->g, (SymbolRef){file, variable});
    Str name = facts_str(f, s->name);
    if (c.i) return instance_thing(t, c);
    if (s->flags & SYMBOL_PARAM)
        return (Thing){.text = str_format(t->arena, "parameter %.*s", STR_ARG(name))};
    const Op *bind = &f->ops[s->bind.i];
    if (s->flags & SYMBOL_IMPORT) return (Thing){.text = name, .is_plain = true};
    if (bind->kind != OP_BIND || s->binds != 1 || !bound_value(f, bind).i)
        return (Thing){.text = str_format(t->arena, "variable %.*s", STR_ARG(name))};
    return thing_of(t, file, bound_value(f, bind));
}

/* The class whose method holds the variable as its first parameter. */
static ClassId self_of(Tree *t, u32 file, SymbolId variable) {
    const Facts *f = graph_facts(t->g, file);
    ScopeRef function = {file, f->symbols[variable.i].scope};
    const Scope *scope = &f->scopes[function.scope.i];
    if (graph_method_kind(t->g, function) != METHOD_INSTANCE) return (ClassId){0};
    bool is_first = scope->param_first < scope->param_end &&
                    f->params[scope->param_first].symbol.i == variable.i;
    return is_first ? graph_method_class(t->g, function) : (ClassId){0};
}

static void captures_grow(Tree *t, HoldId at, ScopeRef code, u32 depth) {
    const Facts *f = graph_facts(t->g, code.file);
    const Scope *scope = &f->scopes[code.scope.i];
    for (u32 s = scope->symbol_first; s < scope->symbol_end; s++) {
        SymbolId target = f->symbols[s].target;
        if (!(f->symbols[s].flags & SYMBOL_FREE) || !target.i) continue;
        Thing thing = variable_thing(t, code.file, target);
        ClassId self = self_of(t, code.file, target);
        if (self.i && !thing.class.i) thing = instance_thing(t, self);
        if (thing.is_plain) continue;
        Str name = facts_str(f, f->symbols[s].name);
        Hold hold = {.selector = str_format(t->arena, "captures %.*s", STR_ARG(name)),
                     .object = thing.text,
                     .class = thing.class};
        hold_thing(t, at, hold, code.file, thing, depth);
    }
    for (u32 p = scope->param_first; p < scope->param_end; p++) {
        if (!f->params[p].fallback.i) continue;
        Thing thing = thing_of(t, code.file, f->params[p].fallback);
        if (thing.is_plain) continue;
        Str name = facts_str(f, f->symbols[f->params[p].symbol.i].name);
        Hold hold = {.selector = str_format(t->arena, "default %.*s", STR_ARG(name)),
                     .object = thing.text,
                     .class = thing.class};
        hold_thing(t, at, hold, code.file, thing, depth);
    }
}

/* ---- displays and holders of arguments ---- */

static void operands_grow(Tree *t, HoldId at, u32 file, Thing of, u32 depth) {
    const Facts *f = graph_facts(t->g, file);
    bool is_call = of.made->kind == OP_CALL;
    u32 end = MIN((u32)of.made->operands, (u32)ROW_MAX);
    Map seen = {0};
    for (u32 i = of.skip; i < end; i++) {
        Operand o = f->operands[of.made->operand + i];
        Thing thing = thing_of(t, file, o.path);
        u64 key = hash_str(thing.text);
        if (thing.is_value || (!is_call && (thing.is_plain || map_get(&seen, key)))) continue;
        map_set(t->arena, &seen, key, 1);
        Str name = operand_kind(o) == OPERAND_KEYWORD ? facts_str(f, operand_name(o)) : (Str){0};
        Hold hold = {.selector = !is_call ? STR("[…]")
                                 : name.n ? str_format(t->arena, "(%.*s=)", STR_ARG(name))
                                          : STR("(…)"),
                     .object = thing.text,
                     .class = thing.class};
        hold_thing(t, at, hold, file, thing, depth);
    }
    if (end < of.made->operands) hold_at(t, at)->flags |= HOLD_CUT;
}

void object_grow(Tree *t, HoldId at, u32 file, Thing thing, u32 depth) {
    if (thing.class.i) class_grow(t, at, thing.class, depth);
    bool has_more = thing.bound.i || thing.code.scope.i || (thing.made && thing.made->operands);
    if (has_more && !depth) {
        hold_at(t, at)->flags |= HOLD_CUT;
        return;
    }
    if (thing.bound.i) {
        Thing self = instance_thing(t, thing.bound);
        Hold hold = {.selector = STR(".__self__"), .object = self.text, .class = self.class};
        hold_thing(t, at, hold, file, self, depth - 1);
    }
    if (thing.code.scope.i) captures_grow(t, at, thing.code, depth - 1);
    if (thing.made) operands_grow(t, at, file, thing, depth - 1);
}

/* ---- elements ---- */

static bool takes_many(Str how) {
    return str_starts(how, "extend") || str_starts(how, "update") || str_ends(how, "=");
}

void element_grow(Tree *t, HoldId at, u32 file, OpId op, Str how, PathId key, PathId value,
                  u32 depth) {
    bool is_item = str_starts(how, "[");
    Thing thing = thing_of(t, file, value.i ? value : key);
    Hold hold = hold_of(t, STR("[…]"), thing, file, op);
    if (!value.i && !key.i) hold.object = str_format(t->arena, "by %.*s", STR_ARG(how));
    if (!is_item && takes_many(how) && !thing.made)
        hold.object = str_format(t->arena, "elements of %.*s", STR_ARG(thing.text));
    u32 above = hold_at(t, at)->flags;
    if (above & HOLD_LENDS) hold.flags |= HOLD_WEAK;
    hold_thing(t, at, hold, file, thing, depth);
    Thing by = value.i && key.i ? thing_of(t, file, key) : (Thing){0};
    if (!by.class.i && !by.bound.i && !by.made) return;
    Hold second = hold_of(t, STR("key"), by, file, op);
    if (above & HOLD_LENDS_KEYS) second.flags |= HOLD_WEAK;
    hold_thing(t, at, second, file, by, depth);
}
