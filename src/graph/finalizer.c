/* What the questions about `__del__` share: who is self, what is called on whose behalf, where a
 * value comes from, what is caught. */
#include "graph/model.h"

#include "os/os.h"

/* ---- methods ---- */

SymbolId self_symbol(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    if (graph_method_kind(g, method) != METHOD_INSTANCE || scope->param_first == scope->param_end)
        return (SymbolId){0};
    const Param *first = &f->params[scope->param_first];
    return first->kind <= PARAM_POSITIONAL_ONLY ? first->symbol : (SymbolId){0};
}

ScopeId method_around(const Facts *f, RegionId region, ScopeId class_scope) {
    ScopeId s = f->regions[region.i].scope;
    while (s.i && f->scopes[s.i].parent.i != class_scope.i) s = f->scopes[s.i].parent;
    return s.i && f->scopes[s.i].kind == SCOPE_FUNCTION ? s : (ScopeId){0};
}

static Str name_of(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    return facts_str(f, f->scopes[function.scope.i].name);
}

static bool is_del(const Graph *g, ScopeRef function) {
    return str_is(name_of(g, function), "__del__") && graph_method_class(g, function).i;
}

bool graph_is_in_finalizer(const Graph *g, ScopeRef function) {
    if (scope_is_none(function)) return false;
    if (is_del(g, function)) return true;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    Str name = name_of(g, function);
    bool is_private = str_starts(name, "_") && !str_ends(name, "__");
    if (!fn->owner.i || !is_private || fn->escapes || fn->called_by_name || !fn->callers.n)
        return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        ScopeId s = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
        if (!s.i || !is_del(g, (ScopeRef){call.file, s})) return false;
    }
    return true;
}

bool graph_is_revival(const Graph *g, const Use *use) {
    if (scope_is_none(use->function)) return false;
    if (graph_is_in_finalizer(g, use->function))
        return ((use->value_shape | use->key_shape) & SHAPE_SELF) != 0;
    const FunctionNode *fn = &g->functions[function_id(g, use->function.file, use->function.scope)];
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        ScopeId s = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
        if (!s.i || !graph_is_in_finalizer(g, (ScopeRef){call.file, s})) return false;
    }
    return fn->callers.n && !fn->escapes;
}

/* ---- paths ---- */

StrId attribute_named(const Facts *f, PathId path, SymbolId self, bool *exact) {
    const Path *p = &f->paths[path.i];
    *exact = p->depth == 1;
    if (!path.i || !p->depth || facts_root_symbol(f, path).i != self.i) return (StrId){0};
    while (p->depth > 1) p = &f->paths[p->parent.i];
    return (StrId){p->kind == PATH_ATTR ? p->id : 0};
}

bool op_paths(const Facts *f, const Op *op, PathVisitor *visit, void *context) {
    bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
    PathId subject = is_path ? op_path(op) : (PathId){0};
    if (op->kind == OP_STORE || op->kind == OP_BIND)
        subject = (PathId){f->paths[subject.i].parent.i};
    if (subject.i && visit(context, subject)) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (visit(context, f->operands[op->operand + i].path)) return true;
    return false;
}

/* ---- where values come from ---- */

static Str maker(const Graph *g, u32 file, PathId path, u32 depth);

/* The calls that the stores of an attribute agree on; None beside them says nothing. */
static Str maker_of_attribute(const Graph *g, ClassId c, u64 name, u32 depth) {
    Str found = {0};
    ClassId owner;
    for (const AttributeDef *d = class_attribute(g, c, name, &owner); d; d = attribute_next(g, d)) {
        const Facts *f = g->files[d->file].facts;
        PathId value = bound_value(f, &f->ops[d->op.i]);
        if (f->paths[value.i].kind == PATH_LITERAL) continue;
        Str each = maker(g, d->file, value, depth - 1);
        if (!each.n || (found.n && !str_eq(found, each))) return (Str){0};
        found = each;
    }
    SymbolId s = found.n ? (SymbolId){0} : class_member(g, c, name, &owner);
    if (!s.i) return found;
    const Facts *f = g->files[g->classes[owner.i].file].facts;
    const Op *bind = &f->ops[f->symbols[s.i].bind.i];
    return bind->kind == OP_BIND
               ? maker(g, g->classes[owner.i].file, bound_value(f, bind), depth - 1)
               : found;
}

static Str maker_of_entity(const Graph *g, Entity e, u32 depth) {
    if (e.kind != ENTITY_VARIABLE) return (Str){0};
    const Facts *f = g->files[e.file].facts;
    const Symbol *s = &f->symbols[e.id];
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND) return (Str){0};
    return maker(g, e.file, bound_value(f, bind), depth - 1);
}

/* The name of a callee; that of a method by the class of what made its receiver, when that is known
 * to return one: `get_context("spawn").Pool`. */
static Str maker_of_callee(const Graph *g, u32 file, PathId callee, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callee.i];
    Str name = graph_name_of(g, file, callee);
    if (name.n || p->kind != PATH_ATTR) return name;
    Str class = know_result_class(maker(g, file, p->parent, depth - 1));
    if (!class.n) return name;
    Str method = facts_str(f, (StrId){p->id});
    Arena scratch = {0};
    name = graph_text(g, str_format(&scratch, "%.*s.%.*s", STR_ARG(class), STR_ARG(method)));
    arena_free(&scratch);
    return name;
}

/* `await asyncio.create_subprocess_exec(…)`: what it acquires. Other awaits give what the call
 * would not. */
static Str maker_of_awaited(const Graph *g, u32 file, PathId value) {
    const Op *call = facts_call(g->files[file].facts, value);
    if (!call) return (Str){0};
    Str name = graph_name_of(g, file, op_path(call));
    return know_resource(name) ? name : (Str){0};
}

/* `reader, writer = await asyncio.open_connection(…)`: one of the two. */
static Str maker_of_stream(const Graph *g, u32 file, const Path *element) {
    static const char *const NAMES[] = {"asyncio.open_connection", "asyncio.open_unix_connection"};
    const Facts *f = g->files[file].facts;
    const Path *pair = &f->paths[element->parent.i];
    const Op *await = pair->kind == PATH_OP ? &f->ops[pair->id] : NULL;
    if (!await || await->kind != OP_AWAITED_VALUE) return (Str){0};
    const Op *made = facts_call(f, op_path(await));
    if (!made) return (Str){0};
    Str name = graph_name_of(g, file, op_path(made));
    if (!str_is_any(name, NAMES, ARRAY_LEN(NAMES))) return (Str){0};
    bool is_first = str_is(facts_str(f, (StrId){element->id}), "0");
    return is_first ? STR("asyncio.StreamReader") : STR("asyncio.StreamWriter");
}

static Str maker(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (!depth || !path.i) return (Str){0};
    path = graph_alias_of(g, file, path);
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL)
        return maker_of_callee(g, file, op_path(&f->ops[p->id]), depth);
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_AWAITED_VALUE)
        return maker_of_awaited(g, file, op_path(&f->ops[p->id]));
    if (p->kind == PATH_CONST) return maker_of_stream(g, file, p);
    if (p->kind == PATH_ATTR) {
        const Path *base = &f->paths[p->parent.i];
        bool is_class = false;
        ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH);
        if (!c.i && base->kind == PATH_SYMBOL && f->symbols[base->id].target.i)
            c = self_class(g, file, f->symbols[base->id].target, &is_class);
        Entity e = c.i ? (Entity){0} : entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
        if (e.kind == ENTITY_CLASS) c = entity_class(g, e);
        if (c.i) return maker_of_attribute(g, c, name_hash(f, (StrId){p->id}), depth);
    }
    return maker_of_entity(g, entity_of_path(g, file, path, RESOLVE_DEPTH), depth);
}

Str maker_of(const Graph *g, u32 file, PathId path) {
    return maker(g, file, path, 4);
}

Str maker_of_call(const Graph *g, u32 file, const Op *call) {
    return maker_of_callee(g, file, op_path(call), 4);
}

Str graph_maker_of(const Graph *g, u32 file, PathId path) {
    return maker_of(g, file, path);
}

static bool is_parameter(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    SymbolId target = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    return target.i && f->symbols[target.i].flags & SYMBOL_PARAM;
}

/* `given or Fresh()` may be given. */
static bool is_given(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    value = graph_alias_of(g, file, value);
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CHOICE) {
        for (u32 i = 0; i < f->ops[p->id].operands; i++)
            if (is_parameter(f, op_operand(f, &f->ops[p->id], i))) return true;
        return false;
    }
    return is_parameter(f, value) || p->kind == PATH_ATTR || p->kind == PATH_SYMBOL;
}

/* A display, or a call of a class; what a function returns may be anybody's. */
static bool is_made(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    value = graph_alias_of(g, file, value);
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind != OP_CALL) return true;
    Entity e = entity_of_path(g, file, op_path(op), RESOLVE_DEPTH);
    Str last = str_after_last(entity_name(g, e), '.');
    return e.kind == ENTITY_CLASS || (last.n && last.p[0] >= 'A' && last.p[0] <= 'Z') ||
           know_constructor(entity_name(g, e)) != MADE_NOTHING;
}

Origins attribute_origin(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    Origins found = ORIGINS_UNKNOWN;
    for (const AttributeDef *d = class_attribute(g, c, name, &owner); d; d = attribute_next(g, d)) {
        const Facts *f = g->files[d->file].facts;
        PathId value = bound_value(f, &f->ops[d->op.i]);
        if (f->paths[value.i].kind == PATH_LITERAL) continue;
        if (is_given(g, d->file, value)) return ORIGINS_GIVEN;
        if (is_made(g, d->file, value)) found = ORIGINS_FRESH;
    }
    return found;
}

/* ---- guards ---- */

/* Exceptions that have nothing to do with a half-made object or an interpreter that ends. */
static bool is_other_exception(const Graph *g, u32 file, PathId type) {
    static const char *const OTHERS[] = {"builtins.OSError",
                                         "builtins.IOError",
                                         "builtins.EnvironmentError",
                                         "builtins.KeyError",
                                         "builtins.ValueError",
                                         "builtins.IndexError",
                                         "socket.error",
                                         "builtins.LookupError",
                                         "builtins.FileNotFoundError",
                                         "builtins.EOFError",
                                         "select.error",
                                         "os.error",
                                         "queue.Empty",
                                         "builtins.BrokenPipeError"};
    Str name = graph_name_of(g, file, type);
    for (u32 i = 0; i < ARRAY_LEN(OTHERS); i++)
        if (str_is(name, OTHERS[i])) return true;
    return false;
}

static bool handler_takes(const Graph *g, u32 file, const Op *handler) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < handler->operands; i++) {
        const Path *p = &f->paths[op_operand(f, handler, i).i];
        const Op *tuple = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
        if (!tuple && !is_other_exception(g, file, op_operand(f, handler, i))) return true;
        for (u32 k = 0; tuple && k < tuple->operands; k++)
            if (!is_other_exception(g, file, op_operand(f, tuple, k))) return true;
    }
    return handler->operands == 0;
}

static bool group_takes(const Graph *g, u32 file, const Scope *scope, RegionId group) {
    const Facts *f = g->files[file].facts;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_HANDLER && f->regions[op->region.i].group.i == group.i &&
            handler_takes(g, file, op))
            return true;
    }
    return false;
}

static bool is_suppressing(const Graph *g, u32 file, const Scope *scope, RegionId with) {
    const Facts *f = g->files[file].facts;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_ENTER || op->region.i != with.i) continue;
        const Path *p = &f->paths[op->subject];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL &&
            str_is(graph_name_of(g, file, op_path(&f->ops[p->id])), "contextlib.suppress"))
            return true;
    }
    return false;
}

bool is_caught(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    ScopeId s = f->regions[op->region.i].scope;
    const Scope *scope = &f->scopes[s.i];
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind == REGION_TRY && group_takes(g, file, scope, r)) return true;
        if (f->regions[r.i].kind == REGION_WITH && is_suppressing(g, file, scope, r)) return true;
    }
    return false;
}

bool is_unconditional(const Facts *f, const Op *op) {
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        u32 kind = f->regions[r.i].kind;
        bool runs = kind == REGION_BODY || kind == REGION_WITH || kind == REGION_TRY ||
                    kind == REGION_FINALLY || kind == REGION_TRY_ELSE;
        if (!runs) return false;
    }
    return true;
}

/* ---- attributes that others set ---- */

typedef struct TouchedNames {
    VEC(u64) names;
    VEC(u64) closed;
} TouchedNames;

typedef struct Touching {
    const Graph *g;
    const Map *asked; /* name hashes of attributes of classes with a finalizer, or near threads */
    Arena *arenas;    /* by worker */
    TouchedNames *files;
} Touching;

bool is_closing_name(Str method) {
    static const char *const OTHERS[] = {"notify", "notify_all", "release", "set", "set_result"};
    for (u32 i = 0; i < ARRAY_LEN(OTHERS); i++)
        if (str_is(method, OTHERS[i])) return false;
    return know_protocol(method, PROTOCOL_STOP) != NULL;
}

/* `worker.stopped = True`, `worker.wakeup.set()`: the attribute's name, or 0. */
static u64 touched_name(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_CALL) {
        if (p->kind != PATH_ATTR || p->depth < 2) return 0;
        Str verb = facts_str(f, (StrId){p->id});
        if (!know_protocol(verb, PROTOCOL_STOP) && !know_protocol(verb, PROTOCOL_SENTINEL))
            return 0;
        p = &f->paths[p->parent.i];
    } else if (op->kind != OP_STORE) {
        return 0;
    }
    if (p->kind != PATH_ATTR) return 0;
    SymbolId root = p->depth == 1 ? facts_root_symbol(f, p->parent) : (SymbolId){0};
    bool is_class;
    if (root.i && self_class(g, file, root, &is_class).i) return 0;
    return name_hash(f, (StrId){p->id});
}

static void touch_file(void *context, u32 worker, u32 file) {
    Touching *all = context;
    const Facts *f = all->g->files[file].facts;
    if (all->g->files[file].is_test) return;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL && op->kind != OP_STORE) continue;
        u64 name = touched_name(all->g, file, op);
        if (!name || !map_get(all->asked, name)) continue;
        vec_push(&all->arenas[worker], &all->files[file].names, name);
        const Path *p = &f->paths[op->subject];
        bool is_closed = op->kind == OP_CALL && is_closing_name(facts_str(f, (StrId){p->id}));
        if (is_closed) vec_push(&all->arenas[worker], &all->files[file].closed, name);
    }
}

static bool imports_threading(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        if (str_is(module, "threading") || str_ends(module, "thread")) return true;
    }
    return false;
}

/* Classes of which it is asked who stops what they run: with a finalizer, or in files (or with
 * bases in files) that can start threads. */
static bool is_asked(const Graph *g, const bool *is_threaded, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (is_threaded[g->classes[node->mro[i].i].file]) return true;
    return !scope_is_none(graph_method(g, c, "__del__"));
}

void touches_index(Graph *g) {
    Arena scratch = {0};
    Map asked = {0};
    bool *is_threaded = arena_array(&scratch, bool, g->n_files + 1);
    for (u32 i = 0; i < g->n_files; i++) is_threaded[i] = imports_threading(g->files[i].facts);
    for (u32 c = 1; c <= g->n_classes; c++) {
        if (!is_asked(g, is_threaded, (ClassId){c})) continue;
        for (u32 i = 0; i < g->classes[c].n_mro; i++)
            for (u32 d = g->classes[g->classes[c].mro[i].i].first_attribute; d;
                 d = g->attribute_defs.v[d].next_of_class) {
                const Facts *f = g->files[g->attribute_defs.v[d].file].facts;
                const Op *op = &f->ops[g->attribute_defs.v[d].op.i];
                map_set(&scratch, &asked, name_hash(f, (StrId){f->paths[op->subject].id}), 1);
            }
    }
    Touching all = {g, &asked, arena_array(&scratch, Arena, g->workers),
                    arena_array(&scratch, TouchedNames, g->n_files)};
    if (asked.n) os_parallel(g->workers, g->n_files, touch_file, &all);
    for (u32 file = 0; file < g->n_files; file++) {
        for (u32 i = 0; i < all.files[file].names.n; i++)
            map_set(g->arena, &g->touched_attributes, all.files[file].names.v[i], 1);
        for (u32 i = 0; i < all.files[file].closed.n; i++)
            map_set(g->arena, &g->closed_attributes, all.files[file].closed.v[i], 1);
    }
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
    arena_free(&scratch);
}

/* ---- containers that only a finalizer drains ---- */

/* The class of the instances that a use adds, as value or as key. */
static ClassId added_class(const Graph *g, const Use *u) {
    if ((u->value_shape | u->key_shape) & SHAPE_SELF) return graph_method_class(g, u->function);
    ClassId c = u->value.i ? graph_type_of(g, u->file, u->value) : (ClassId){0};
    return c.i || !u->key.i ? c : graph_type_of(g, u->file, u->key);
}

static const Use *doomed_use(const Graph *g, const Container *c, const Use *adds, OpRef *removal) {
    ClassId added = added_class(g, adds);
    for (u32 i = 0; added.i && i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        if (u->kind != USE_SHRINK || !graph_is_in_finalizer(g, u->function)) continue;
        if (!class_is_kind_of(g, added, graph_method_class(g, u->function))) continue;
        *removal = (OpRef){u->file, u->op};
        return adds;
    }
    return NULL;
}

const Use *graph_doomed_growth(const Graph *g, ContainerId id, const Growth *growth,
                               OpRef *removal) {
    const Container *c = graph_container(g, id);
    bool is_emptied = growth->verdict == VERDICT_DRAINED && growth->emptied;
    if ((growth->verdict != VERDICT_GROWS && !is_emptied) || !growth->doomed_removal) return NULL;
    const Use *found = growth->site ? doomed_use(g, c, growth->site, removal) : NULL;
    for (u32 i = 0; !found && i < c->n_uses; i++)
        if (c->uses[i].kind == USE_GROW && c->uses[i].how_often >= RUNS_PER_INSTANCE)
            found = doomed_use(g, c, &c->uses[i], removal);
    return found;
}
