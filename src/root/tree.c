/* The tree below a root: the statements that bind it, what they bind, and what functions store. */
#include "root/tree.h"

/* ---- holds ---- */

Str hold_place(Tree *t, u32 file, OpId op) {
    const Facts *f = graph_facts(t->g, file);
    u32 line, column;
    facts_line(f, f->ops[op.i].span.start, &line, &column);
    return str_format(t->arena, "%.*s:%u", STR_ARG(graph_file_path(t->g, file)), line);
}

static u64 place_key(u32 file, OpId op, u32 what) {
    u64 key[] = {map_pair(file, op.i), what};
    return hash_bytes(key, sizeof key);
}

HoldId hold_add(Tree *t, HoldId parent, Hold hold) {
    if (t->holds.n >= HOLDS_MAX) {
        hold_at(t, parent)->flags |= HOLD_CUT;
        return (HoldId){0};
    }
    HoldId id = {t->holds.n};
    vec_push(t->arena, &t->holds, hold);
    Hold *above = hold_at(t, parent);
    if (above->last.i)
        hold_at(t, above->last)->next = id;
    else
        above->first = id;
    above->last = id;
    if (hold.has_place) {
        map_set(t->arena, &t->places, place_key(hold.file, hold.op, 0), 1);
        map_set(t->arena, &t->places, place_key(hold.file, hold.op, hold.what), 1);
    }
    return id;
}

static u32 what_of(const Thing *thing) {
    if (thing->class.i) return thing->class.i;
    return thing->bound.i || thing->code.scope.i || thing->made ? WHAT_CODE : 0;
}

Hold hold_of(const Tree *t, Str selector, Thing thing, u32 file, OpId op) {
    const Facts *f = graph_facts(t->g, file);
    RegionId region = f->ops[op.i].region;
    ScopeId in = facts_enclosing(f, f->regions[region.i].scope, SCOPE_FUNCTION);
    return (Hold){.selector = selector,
                  .object = thing.text,
                  .class = thing.class,
                  .flags = (thing.is_weak ? (u32)HOLD_WEAK : 0u) | thing.lends |
                           (thing.is_plain ? (u32)HOLD_PLAIN : 0u),
                  .what = what_of(&thing),
                  .has_place = true,
                  .file = file,
                  .op = op,
                  .function = in.i ? graph_scope_name(t->g, (ScopeRef){file, in})
                                   : graph_module_name(t->g, file),
                  .how_often = graph_how_often(t->g, file, region)};
}

HoldId hold_thing(Tree *t, HoldId parent, Hold hold, u32 file, Thing thing, u32 depth) {
    HoldId id = hold_add(t, parent, hold);
    bool is_end = hold.flags & HOLD_WEAK && !thing.made && !thing.is_container;
    if (id.i && !is_end) object_grow(t, id, file, thing, depth);
    return id;
}

/* ---- containers ---- */

ContainerId container_named(const Tree *t, Str name) {
    return (ContainerId){map_get(&t->containers, hash_str(name))};
}

static Str verdict_text(Tree *t, const Container *c, Growth growth) {
    switch (growth.verdict) {
    case VERDICT_WEAK:
        return lending_of(t, c->file, c->op) == HOLD_LENDS ? STR("holds its elements weakly")
                                                           : STR("holds its keys weakly");
    case VERDICT_SETTLED:
        return STR("grows only at import or start, if at all");
    case VERDICT_CONSTANT:
        return STR("the same keys are written again");
    case VERDICT_GROWS:
        if (growth.idle_removal) return STR("grows, nothing calls what removes from it");
        if (growth.expiry) return STR("grows, what is too old goes when it is asked for again");
        return growth.escapes ? STR("grows, nothing seen removes from it")
                              : STR("grows, nothing removes from it");
    default:
        break;
    }
    if (c->kind == CONTAINER_BOUNDED) return STR("bounded where it is made");
    const char *what = growth.verdict == VERDICT_BOUNDED ? "bounded" : "removed from";
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool is_it = growth.verdict == VERDICT_BOUNDED
                         ? u->kind == USE_GUARD
                         : u->kind == USE_SHRINK || u->kind == USE_REBIND;
        if (is_it)
            return str_format(t->arena, "%s by %.*s at %.*s", what, STR_ARG(u->how),
                              STR_ARG(hold_place(t, u->file, u->op)));
    }
    return str_from(what);
}

static void container_grow(Tree *t, HoldId at, ContainerId id, u32 depth) {
    const Container *c = graph_container(t->g, id);
    hold_at(t, at)->removal = verdict_text(t, c, graph_growth(t->g, id));
    if (c->kind == CONTAINER_WEAK) hold_at(t, at)->flags |= lending_of(t, c->file, c->op);
    u32 left = ROW_MAX;
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool is_test = graph_is_test_file(t->g, u->file) && !graph_is_test_file(t->g, c->file);
        if (u->kind != USE_GROW || is_test) continue;
        if (!depth || !left--) {
            hold_at(t, at)->flags |= HOLD_CUT;
            return;
        }
        element_grow(t, at, u->file, u->op, u->how, u->key, u->value, depth - 1);
    }
}

/* A container without a statement of its own in the tree: `f.cache = {}`. */
static void lone_container(Tree *t, HoldId at, ContainerId id, Str selector, u32 depth) {
    const Container *c = graph_container(t->g, id);
    Thing thing = {.text = str_from(graph_container_text(c->kind)), .is_container = true};
    HoldId hold = hold_add(t, at, hold_of(t, selector, thing, c->file, c->op));
    if (hold.i) container_grow(t, hold, id, depth);
}

/* ---- variables ---- */

u64 variable_key(SymbolRef variable) {
    return map_pair(variable.file, variable.symbol.i);
}

/* `settings.CACHE = …` in whatever module: once for all trees. */
void assignments_find(const Graph *g, Arena *arena, Assignments *out) {
    vec_push(arena, &out->list, (Assignment){0});
    for (u32 file = 0; file < graph_file_count(g); file++) {
        const Facts *f = graph_facts(g, file);
        for (u32 o = 1; o < f->n_ops; o++) {
            if (f->ops[o].kind != OP_STORE) continue;
            const Path *p = &f->paths[f->ops[o].subject];
            SymbolId root = p->kind == PATH_ATTR ? facts_root_symbol(f, p->parent) : (SymbolId){0};
            if (!root.i || !(f->symbols[root.i].flags & SYMBOL_IMPORT)) continue;
            SymbolRef variable = graph_variable_of(g, file, op_path(&f->ops[o]));
            if (!variable.symbol.i) continue;
            u64 key = variable_key(variable);
            Assignment a = {{file, {o}}, map_get(&out->newest, key)};
            map_set(arena, &out->newest, key, out->list.n);
            vec_push(arena, &out->list, a);
        }
    }
}

/* What a statement binds the variable to: each different thing once. */
static void binding_grow(Tree *t, HoldId at, Str selector, u32 file, OpId op, Map *seen,
                         u32 depth) {
    const Facts *f = graph_facts(t->g, file);
    u32 bind = f->ops[op.i].flags & OP_LOW;
    if (bind == BIND_IMPORT || bind == BIND_FUNCTION || bind == BIND_CLASS || bind == BIND_DECLARE)
        return;
    PathId value = bound_value(f, &f->ops[op.i]);
    Thing thing = thing_of(t, file, value);
    if (!value.i || thing.is_plain || map_get(seen, hash_str(thing.text))) return;
    map_set(t->arena, seen, hash_str(thing.text), 1);
    hold_thing(t, at, hold_of(t, selector, thing, file, op), file, thing, depth);
}

/* The stores of summaries under `under`, below a hold. */
static void stores_grow(Tree *t, HoldId at, const Root *root, Str prefix, u32 under, u32 depth) {
    u32 left = ROW_MAX;
    for (u32 i = under; i < t->n_stores; i++) {
        const HeapStore *s = &t->stores[i];
        if (s->under != under || s->variable.file != root->file ||
            s->variable.symbol.i != root->symbol.i)
            continue;
        if (graph_is_test_file(t->g, s->function.file) && !graph_is_test_file(t->g, root->file))
            continue;
        u32 what = s->class.i ? s->class.i : s->is_made ? WHAT_CODE : 0;
        if (!under && map_get(&t->places, place_key(s->file, s->op, what))) continue;
        if (!left-- || !depth) {
            hold_at(t, at)->flags |= HOLD_CUT;
            return;
        }
        Thing thing = {.text = s->object, .class = s->class, .is_weak = s->is_weak};
        if (s->is_made && (s->made_file != s->file || s->made.i != s->op.i))
            thing.text = str_format(t->arena, "%.*s made at %.*s", STR_ARG(s->object),
                                    STR_ARG(hold_place(t, s->made_file, s->made)));
        Str selector = str_format(t->arena, "%.*s%.*s", STR_ARG(prefix), STR_ARG(s->selector));
        Hold hold = hold_of(t, selector, thing, s->file, s->op);
        hold.what = what;
        hold.function = graph_scope_name(t->g, s->function);
        hold.flags |= (s->is_brief ? (u32)HOLD_BRIEF : 0u) |
                      (s->is_unsure ? (u32)HOLD_UNSURE : 0u) | (u32)HOLD_SUMMARY;
        HoldId id = hold_add(t, at, hold);
        if (!id.i) return;
        if (s->is_weak) continue;
        stores_grow(t, id, root, (Str){0}, i + 1, depth - 1);
        Thing object = {.class = s->class};
        object_grow(t, id, s->file, object, depth - 1);
    }
}

static void bindings_grow(Tree *t, HoldId at, const Root *root, Str selector, u32 depth) {
    const Facts *f = graph_facts(t->g, root->file);
    Map seen = {0};
    for (u32 o = 1; o < f->n_ops; o++) {
        if (f->ops[o].kind != OP_BIND) continue;
        const Path *p = &f->paths[f->ops[o].subject];
        if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == root->symbol.i)
            binding_grow(t, at, selector, root->file, (OpId){o}, &seen, depth);
    }
    u64 key = variable_key((SymbolRef){root->file, root->symbol});
    for (u32 i = map_get(&t->assignments->newest, key); i; i = t->assignments->list.v[i].older) {
        OpRef where = t->assignments->list.v[i].where;
        binding_grow(t, at, selector, where.file, where.op, &seen, depth);
    }
}

static void variable_grow(Tree *t, HoldId at, const Root *root, Str selector, u32 depth) {
    HoldId before = hold_at(t, at)->last;
    bindings_grow(t, at, root, selector, depth);
    HoldId first = before.i ? hold_at(t, before)->next : hold_at(t, at)->first;
    if (root->container.i && first.i)
        container_grow(t, first, root->container, depth);
    else if (root->container.i)
        lone_container(t, at, root->container, selector, depth);
    Str prefix = str_is(selector, "=") ? (Str){0} : selector;
    stores_grow(t, at, root, prefix, 0, depth);
}

/* ---- modules ---- */

/* All that the variables of the module hold, and the containers that its classes and functions
 * have. */
static void module_grow(Tree *t, HoldId at, const Root *root, u32 depth) {
    const Facts *f = graph_facts(t->g, root->file);
    const Scope *module = &f->scopes[1];
    Str name = graph_module_name(t->g, root->file);
    for (u32 s = module->symbol_first; f->n_scopes > 1 && s < module->symbol_end; s++) {
        const Symbol *symbol = &f->symbols[s];
        if (symbol->target.i != s || symbol->flags & SYMBOL_IMPORT) continue;
        if (str_starts(facts_str(f, symbol->name), "__")) continue; /* __all__, __doc__ */
        Str selector = str_format(t->arena, ".%.*s", STR_ARG(facts_str(f, symbol->name)));
        Str full = str_format(t->arena, "%.*s%.*s", STR_ARG(name), STR_ARG(selector));
        Root variable = {.kind = ROOT_VARIABLE,
                         .name = full,
                         .file = root->file,
                         .symbol = {s},
                         .container = container_named(t, full)};
        variable_grow(t, at, &variable, selector, depth);
    }
    for (u32 i = 1; i <= graph_container_count(t->g); i++) {
        const Container *c = graph_container(t->g, (ContainerId){i});
        bool is_ours = c->file == root->file && (c->holder == HOLDER_CLASS_ATTRIBUTE ||
                                                 c->holder == HOLDER_FUNCTION_ATTRIBUTE);
        if (is_ours && c->name.n > name.n)
            lone_container(t, at, (ContainerId){i}, str_sub(c->name, name.n, c->name.n), depth);
    }
}

void tree_grow(Tree *t, const Root *root, u32 depth) {
    HoldId top = {1};
    switch (root->kind) {
    case ROOT_MODULE:
        module_grow(t, top, root, depth);
        break;
    case ROOT_VARIABLE:
        variable_grow(t, top, root, STR("="), depth);
        break;
    case ROOT_ATTRIBUTE:
        if (root->container.i)
            lone_container(t, top, root->container, STR("="), depth);
        else
            attribute_grow(t, top, root->owner, str_after_last(root->name, '.'), STR("="), depth);
        break;
    case ROOT_CONTAINER:
        lone_container(t, top, root->container, STR("="), depth);
        break;
    case ROOT_RUNTIME:
        runtime_grow(t, root, depth);
        break;
    case ROOT_CACHES:
        caches_grow(t, depth);
        break;
    }
}
