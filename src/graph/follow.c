/* Containers that are handed on: as arguments, defaults and results, and kept in attributes by
 * those who get them. What these lead to counts as the container itself. */
#include "graph/along.h"

#include "os/os.h"

enum {
    FOLLOW_DEPTH = 8,
    HELPERS_MAX = 3, /* helpers that hand a container on to the next one */
    /* Containers that one parameter or attribute is followed for: each use of it is a use of all.
     */
    ALIASES_MAX = 64,
};

/* A parameter or field that is given a container, or a function that returns one. */
typedef struct Handed {
    u64 parameter; /* variable_key, or 0: */
    u32 function;  /* the one that returns it, or whose parameter it is; 0 of a field */
    u32 container;
    u64 attribute, name; /* of a field: attribute_key, and the hash of its name */
} Handed;

typedef struct HandedList {
    VEC(Handed) list;
} HandedList;

typedef struct Following {
    Graph *g;
    Arena *arenas; /* by worker */
    HandedList *files;
} Following;

static void add_alias(Graph *g, Map *map, u64 key, u32 container) {
    u32 first = map_get(map, key), n = 0;
    for (u32 a = first; a; a = g->aliases.v[a].next, n++)
        if (g->aliases.v[a].container == container) return;
    if (n >= ALIASES_MAX) { /* what becomes of it there is not looked at */
        map_set(g->arena, &g->unfollowed, container, 1);
        return;
    }
    vec_push(g->arena, &g->aliases, (Alias){container, first});
    map_set(g->arena, map, key, g->aliases.n - 1);
}

/* The container that a path denotes, whole; 0 for an element or a copy. */
static u32 whole(const Graph *g, u32 file, PathId path) {
    Held h = held_by(g, file, path, FOLLOW_DEPTH);
    return h.level || h.flags & HELD_VIEW ? 0 : h.container;
}

/* The parameter of that place, or name. */
static u64 parameter_at(const Graph *g, u32 fn, u32 place, Str keyword) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        bool match = keyword.n ? str_eq(facts_str(f, f->symbols[p->symbol.i].name), keyword)
                               : i - scope->param_first == place;
        if (!match || p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) continue;
        return f->symbols[p->symbol.i].binds ? 0 : variable_key(node->file, p->symbol);
    }
    return 0;
}

/* The parameter that takes an argument. */
static u64 parameter_of(const Graph *g, u32 fn, u32 index, Str keyword) {
    const FunctionNode *node = &g->functions[fn];
    return parameter_at(g, fn, index + (node->owner.i && node->kind != METHOD_STATIC), keyword);
}

/* `self.cache = set(self.cache)`: the field is another container by then. */
static bool is_replaced_at_start(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    for (const AttributeDef *d = class_attribute(g, c, name, &owner); d; d = attribute_next(g, d)) {
        const Facts *f = g->files[d->file].facts;
        ScopeId s = enclosing_function(f, f->regions[f->ops[d->op.i].region.i].scope);
        Str method = s.i ? facts_str(f, f->scopes[s.i].name) : (Str){0};
        if (str_is(method, "__post_init__") || str_is(method, "__attrs_post_init__")) return true;
    }
    return false;
}

/* A constructor that is made of the fields of the class: it assigns each of them its argument. */
static Handed handed_to_field(const Graph *g, ClassId made, u32 index, Str keyword, u32 container) {
    ClassId owner;
    SymbolId field = field_filled(g, made, index, keyword, &owner);
    if (!field.i) return (Handed){0};
    const Facts *f = g->files[g->classes[owner.i].file].facts;
    u64 name = name_hash(f, f->symbols[field.i].name);
    if (is_replaced_at_start(g, made, name)) return (Handed){0};
    return (Handed){.container = container, .attribute = attribute_key(owner, name), .name = name};
}

static void follow_arguments(const Graph *g, u32 file, const Op *op, Arena *arena,
                             HandedList *out) {
    const Facts *f = g->files[file].facts;
    u32 position = 0;
    for (u32 k = 0; k < op->operands; k++) {
        Operand o = f->operands[op->operand + k];
        bool keyword = operand_kind(o) == OPERAND_KEYWORD;
        u32 index = keyword ? 0 : position++;
        if (!keyword && operand_kind(o) != OPERAND_POSITIONAL) break;
        u32 container = whole(g, file, o.path);
        if (!container) continue;
        ClassId made;
        u32 fn = callee_function(g, file, op, &made);
        if (made.i) { /* a constructor: __init__ gets it */
            ScopeRef init = graph_method(g, made, "__init__");
            fn = init.scope.i ? function_id(g, init.file, init.scope) : 0;
        }
        Str name = keyword ? facts_str(f, operand_name(o)) : (Str){0};
        Handed h = {.function = fn, .container = container};
        if (fn)
            h.parameter = parameter_of(g, fn, index, name);
        else if (made.i)
            h = handed_to_field(g, made, index, name, container);
        if (h.parameter || h.attribute) vec_push(arena, &out->list, h);
    }
}

/* `retry(self.add, key, seen)`: what self.add gets. */
static void follow_along(const Graph *g, u32 file, const Along *along, Arena *arena,
                         HandedList *out) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < along->n; i++) {
        Str keyword;
        u32 container = whole(g, file, along->arguments[i].path);
        if (!container) continue;
        u32 place = place_along(f, along, i, &keyword);
        Handed h = {.function = along->function, .container = container};
        h.parameter = parameter_at(g, along->function, place, keyword);
        if (h.parameter) vec_push(arena, &out->list, h);
    }
}

/* A container among the arguments, or in a list or tuple there. */
static bool gives_container(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    for (u32 k = 0; k < op->operands; k++) {
        PathId given = op_operand(f, op, k);
        const Path *p = &f->paths[given.i];
        const Op *made = &f->ops[p->kind == PATH_OP ? p->id : 0];
        bool is_display = made->kind == OP_TUPLE || made->kind == OP_LIST;
        if (whole(g, file, given)) return true;
        if (is_display && depth && gives_container(g, file, made, 0)) return true;
    }
    return false;
}

static void follow_given(const Graph *g, u32 file, const Op *op, Arena *arena, HandedList *out) {
    if (op->operands < 2 || !gives_container(g, file, op, 1)) return;
    for (u32 k = 0; k < op->operands; k++) {
        Along along = given_along(g, file, op, k);
        if (along.function) follow_along(g, file, &along, arena, out);
    }
}

static void follow_result(const Graph *g, u32 file, const Op *op, Arena *arena, HandedList *out) {
    const Facts *f = g->files[file].facts;
    ScopeId s = f->regions[op->region.i].scope;
    if (f->scopes[s.i].kind != SCOPE_FUNCTION) return;
    u32 container = whole(g, file, op_operand(f, op, 0));
    Handed h = {.function = function_id(g, file, s), .container = container};
    if (container) vec_push(arena, &out->list, h);
}

static void follow_ops(const Graph *g, u32 file, u32 first, u32 end, Arena *arena,
                       HandedList *out) {
    const Facts *f = g->files[file].facts;
    for (u32 i = first; i < end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL && op->operands) follow_arguments(g, file, op, arena, out);
        if (op->kind == OP_CALL) follow_given(g, file, op, arena, out);
        if (op->kind == OP_RETURN && op->operands) follow_result(g, file, op, arena, out);
    }
}

/* `def f(seen=SEEN)`: the default is the container itself. */
static void follow_defaults(const Graph *g, u32 file, Arena *arena, HandedList *out) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_params; i++) {
        const Param *p = &f->params[i];
        if (!p->fallback.i || f->symbols[p->symbol.i].binds) continue;
        u32 container = whole(g, file, p->fallback);
        u32 fn = function_id(g, file, f->symbols[p->symbol.i].scope);
        Handed h = {variable_key(file, p->symbol), fn, container, 0, 0};
        if (container) vec_push(arena, &out->list, h);
    }
}

static void follow_file(void *context, u32 worker, u32 file) {
    Following *all = context;
    held_remember(all->g, file, &all->arenas[worker]);
    follow_defaults(all->g, file, &all->arenas[worker], &all->files[file]);
    follow_ops(all->g, file, 1, all->g->files[file].facts->n_ops, &all->arenas[worker],
               &all->files[file]);
    held_forget(all->g, file);
}

/* `@property def items(self): return self._items`: x.items is x._items. */
static void put_property(Graph *g, u32 function, u32 container) {
    const FunctionNode *fn = &g->functions[function];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (!fn->owner.i || scope->decorator_first == scope->decorator_end) return;
    Str decorator = graph_name_of(g, fn->file, f->operands[scope->decorator_first].path);
    if (!str_ends(decorator, "property")) return;
    u64 name = name_hash(f, scope->name);
    add_alias(g, &g->attribute_aliases, attribute_key(fn->owner, name), container);
    note_container_name(g, name);
}

static void put_field(Graph *g, const Handed *h) {
    if (map_get(&g->container_of, h->attribute)) return;
    add_alias(g, &g->attribute_aliases, h->attribute, h->container);
    note_container_name(g, h->name);
}

static void put(Graph *g, const Handed *h) {
    if (h->attribute) {
        put_field(g, h);
    } else if (h->parameter) {
        add_alias(g, &g->parameter_aliases, h->parameter, h->container);
        filter_add(&g->held_keys, h->parameter);
    } else if (!map_get(&g->returned, h->function)) {
        map_set(g->arena, &g->returned, h->function, h->container);
        put_property(g, h->function, h->container);
    }
}

/* A helper that hands its parameter on to another one: a few steps further, in those helpers only.
 */
static void follow_helpers(Graph *g, HandedList *found) {
    Arena scratch = {0};
    HandedList last = *found;
    for (u32 round = 0; last.list.n && round < HELPERS_MAX; round++) {
        HandedList next = {0};
        Map seen = {0};
        for (u32 i = 0; i < last.list.n; i++) {
            const Handed *h = &last.list.v[i];
            const FunctionNode *fn = &g->functions[h->function];
            if (!h->parameter || map_get(&seen, h->function)) continue;
            map_set(&scratch, &seen, h->function, 1);
            const Scope *scope = &g->files[fn->file].facts->scopes[fn->scope.i];
            follow_ops(g, fn->file, scope->op_first, scope->op_end, &scratch, &next);
        }
        for (u32 i = 0; i < next.list.n; i++) put(g, &next.list.v[i]);
        last = next;
    }
    arena_free(&scratch);
}

static bool takes_result(const Facts *f, const Op *call) {
    for (u32 k = 0; k < call->operands; k++) {
        const Path *p = &f->paths[f->operands[call->operand + k].path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) return true;
    }
    return false;
}

/* Arguments that are results of other calls, once it is known which functions return a container:
 * `forget(app.pending(), key)`. */
static void follow_results_of_file(void *context, u32 worker, u32 file) {
    Following *all = context;
    const Facts *f = all->g->files[file].facts;
    OpList calls = ops_of(&all->g->files[file], OP_CALL);
    held_remember(all->g, file, &all->arenas[worker]);
    for (u32 i = 0; i < calls.n; i++) {
        const Op *op = &f->ops[calls.v[i]];
        if (!takes_result(f, op)) continue;
        follow_arguments(all->g, file, op, &all->arenas[worker], &all->files[file]);
    }
    held_forget(all->g, file);
}

/* In parallel; what is found is put in the order of the files, and added to `found`. */
static void follow_all(Following *all, OsTask *task, Arena *arena, HandedList *found) {
    all->files = arena_array(arena, HandedList, all->g->n_files);
    os_parallel(all->g->workers, all->g->n_files, task, all);
    for (u32 file = 0; file < all->g->n_files; file++)
        for (u32 i = 0; i < all->files[file].list.n; i++) {
            put(all->g, &all->files[file].list.v[i]);
            vec_push(arena, &found->list, all->files[file].list.v[i]);
        }
}

/* `self.registry = registry` in a method that is given a container. */
static void follow_attributes(Graph *g) {
    for (u32 d = 1; d < g->attribute_defs.n; d++) {
        const AttributeDef *def = &g->attribute_defs.v[d];
        const Facts *f = g->files[def->file].facts;
        const Op *op = &f->ops[def->op.i];
        Held h = held_by(g, def->file, bound_value(f, op), FOLLOW_DEPTH);
        if (!h.container || h.level || h.flags & HELD_VIEW || map_get(&g->container_of, def->key))
            continue;
        add_alias(g, &g->attribute_aliases, def->key, h.container);
        for (u32 i = h.more; i; i = g->aliases.v[i].next)
            add_alias(g, &g->attribute_aliases, def->key, g->aliases.v[i].container);
        note_container_name(g, name_hash(f, (StrId){f->paths[op->subject].id}));
    }
}

void aliases_follow(Graph *g) {
    vec_push(g->arena, &g->aliases, (Alias){0});
    Following all = {g, arena_array(g->arena, Arena, g->workers), NULL};
    Arena scratch = {0};
    HandedList found = {0};
    follow_all(&all, follow_file, &scratch, &found);
    if (g->returned.n) follow_all(&all, follow_results_of_file, &scratch, &found);
    follow_helpers(g, &found);
    arena_free(&scratch);
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
    follow_attributes(g);
}
