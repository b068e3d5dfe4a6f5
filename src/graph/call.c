/* The call graph, and how often code runs.
 *
 * Callers that are known are call sites in the project; a function that is used as a value, or that
 * nobody in the project calls, has callers that we cannot see and is taken to run per call, except
 * where its shape says that it runs while modules are imported: decorators, __init_subclass__,
 * metaclasses. */
#include "graph/model.h"

const char *how_often_text(HowOften how) {
    static const char *const TEXT[] = {
        "never",        "once at import", "at import",          "once at start",
        "per instance", "per call",       "per round of a loop"};
    return TEXT[how];
}

/* ---- callers ---- */

static void note_call(Graph *g, u32 file, u32 op_index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[op_index];
    OpRef ref = {file, {op_index}};
    ClassId c;
    u32 fn = callee_function(g, file, op, &c);
    if (fn) {
        vec_push(g->arena, &g->functions[fn].callers, ref);
        return;
    }
    if (c.i) {
        vec_push(g->arena, &g->classes[c.i].calls, ref);
        static const char *const MADE_BY[] = {"__new__", "__init__", "__post_init__"};
        for (u32 i = 0; i < ARRAY_LEN(MADE_BY); i++) {
            ScopeRef m = graph_method(g, c, MADE_BY[i]);
            u32 id = m.scope.i ? function_id(g, m.file, m.scope) : 0;
            if (id) vec_push(g->arena, &g->functions[id].callers, ref);
        }
        return;
    }
    const Path *p = &f->paths[op->subject];
    if (p->kind != PATH_ATTR) return;
    if (entity_of_path(g, file, op_path(op), RESOLVE_DEPTH).kind == ENTITY_EXTERNAL) return;
    map_set(g->arena, &g->methods_called, name_hash(f, (StrId){p->id}), 1);
}

/* An operand that is a function or class: somebody else has it now. */
static void note_value(Graph *g, u32 file, PathId path, const Op *user) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR && p->kind != PATH_OP) return;
    if (p->kind == PATH_OP && f->ops[p->id].kind != OP_LAMBDA && f->ops[p->id].kind != OP_LOAD)
        return;
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS && user->kind != OP_HANDLER && user->kind != OP_RAISE &&
        user->kind != OP_TEST && user->kind != OP_MATCH && user->kind != OP_SUBSCRIPT) {
        g->classes[g->files[e.file].class_of_scope[e.id]].escapes = true;
        return;
    }
    if (e.kind == ENTITY_FUNCTION) {
        g->functions[function_id(g, e.file, (ScopeId){e.id})].escapes = true;
        return;
    }
    if (p->kind != PATH_ATTR) return; /* a bound method handed out: self.close */
    ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH), owner;
    SymbolId s = c.i ? class_member(g, c, name_hash(f, (StrId){p->id}), &owner) : (SymbolId){0};
    if (!s.i) return;
    e = entity_of_symbol(g, g->classes[owner.i].file, s, RESOLVE_DEPTH);
    if (e.kind == ENTITY_FUNCTION)
        g->functions[function_id(g, e.file, (ScopeId){e.id})].escapes = true;
}

static bool takes_values(OpKind kind) {
    switch (kind) {
    case OP_CALL:
    case OP_STORE:
    case OP_BIND:
    case OP_RETURN:
    case OP_YIELD:
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
    case OP_CHOICE:
    case OP_AUGMENT:
        return true;
    default:
        return false;
    }
}

/* A returned inner function is judged by how its maker is used, not here. */
static bool is_returned_inner(const Facts *f, const Op *op, PathId path) {
    const Path *p = &f->paths[path.i];
    if (op->kind != OP_RETURN || p->kind != PATH_SYMBOL) return false;
    const Symbol *s = &f->symbols[p->id];
    return s->target.i == p->id && (s->flags & SYMBOL_BOUND) &&
           f->scopes[s->scope.i].kind == SCOPE_FUNCTION;
}

static void collect_file(Graph *g, u32 file) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL) note_call(g, file, i);
        if (!takes_values((OpKind)op->kind)) continue;
        bool definition = op->kind == OP_BIND && ((op->flags & OP_LOW) == BIND_FUNCTION ||
                                                  (op->flags & OP_LOW) == BIND_CLASS ||
                                                  (op->flags & OP_LOW) == BIND_IMPORT);
        if (definition) continue;
        for (u32 k = 0; k < op->operands; k++) {
            Operand o = f->operands[op->operand + k];
            bool binds = op->kind == OP_BIND || op->kind == OP_STORE;
            if (binds && operand_kind(o) == OPERAND_KEYWORD) continue; /* an annotation */
            if (!is_returned_inner(f, op, o.path)) note_value(g, file, o.path, op);
        }
    }
}

/* ---- decorators ---- */

static bool is_known_decorator(Str name) {
    static const char *const KEEPERS[] = {
        "builtins.property",         "builtins.staticmethod",     "builtins.classmethod",
        "functools.wraps",           "functools.lru_cache",       "functools.cache",
        "functools.cached_property", "contextlib.contextmanager", "contextlib.asynccontextmanager",
        "abc.abstractmethod",        "typing.overload",           "typing.final",
        "typing.override",           "types.coroutine",           "functools.total_ordering",
        "dataclasses.dataclass"};
    for (u32 i = 0; i < ARRAY_LEN(KEEPERS); i++)
        if (str_is(name, KEEPERS[i])) return true;
    return false;
}

static void note_decorators(Graph *g, FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) path = op_path(&f->ops[p->id]);
        if (!is_known_decorator(graph_name_of(g, fn->file, path))) fn->escapes = true;
    }
}

/* `def deco(f): REG[name] = f; return f`: the function returns its own first parameter, whole. */
static bool returns_parameter(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->param_first == scope->param_end || scope->kind != SCOPE_FUNCTION) return false;
    u32 first = scope->param_first + (fn->owner.i && fn->kind != METHOD_STATIC);
    if (first >= scope->param_end) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RETURN || f->regions[op->region.i].scope.i != fn->scope.i) continue;
        const Path *p = &f->paths[op_operand(f, op, 0).i];
        if (p->kind != PATH_SYMBOL) continue;
        for (u32 k = first; k < scope->param_end; k++)
            if (f->symbols[p->id].target.i == f->params[k].symbol.i) return true;
    }
    return false;
}

/* The inner function that a function returns, or 0. */
static u32 returned_inner(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RETURN || f->regions[op->region.i].scope.i != fn->scope.i) continue;
        Entity e = entity_of_path(g, fn->file, op_operand(f, op, 0), 4);
        if (e.kind == ENTITY_FUNCTION && e.file == fn->file &&
            f->scopes[e.id].parent.i == fn->scope.i)
            return function_id(g, e.file, (ScopeId){e.id});
    }
    return 0;
}

/* ---- how often ---- */

static HowOften in_region(const FileNode *node, RegionId region, HowOften base) {
    const Facts *f = node->facts;
    ScopeId scope = f->regions[region.i].scope;
    for (RegionId r = region; r.i && f->regions[r.i].scope.i == scope.i;
         r = f->regions[r.i].parent) {
        const Region *at = &f->regions[r.i];
        bool loop =
            at->kind == REGION_FOR || at->kind == REGION_WHILE || at->kind == REGION_COMPREHENSION;
        if (at->kind == REGION_TYPE_CHECKING) return RUNS_NEVER;
        if (at->kind == REGION_MAIN && base == RUNS_ONCE) base = RUNS_ON_START;
        if (!loop) continue;
        if (base >= RUNS_PER_INSTANCE)
            base = RUNS_PER_ROUND;
        else if (at->flags & REGION_ENDLESS)
            base = RUNS_PER_ROUND;
        else if (base == RUNS_ONCE)
            base = RUNS_IMPORT;
    }
    return base;
}

HowOften how_often_at(const Graph *g, u32 file, RegionId region) {
    const Facts *f = g->files[file].facts;
    HowOften inner = RUNS_ONCE;
    ScopeId scope = f->regions[region.i].scope;
    if (!scope.i) return RUNS_PER_CALL;
    /* comprehension and class bodies run where they stand */
    RegionId chain[16];
    u32 n = 0;
    RegionId at = region;
    while (n < ARRAY_LEN(chain)) {
        chain[n++] = at;
        const Scope *s = &f->scopes[scope.i];
        if (s->kind != SCOPE_COMPREHENSION && s->kind != SCOPE_CLASS) break;
        at = f->ops[s->def.i].region;
        scope = s->parent;
    }
    u32 fn = g->files[file].function_of_scope[scope.i];
    if (fn) inner = (HowOften)g->functions[fn].how_often;
    while (n--) inner = in_region(&g->files[file], chain[n], inner);
    return inner;
}

HowOften graph_how_often(const Graph *g, u32 file, RegionId region) {
    return how_often_at(g, file, region);
}

static bool is_metaclass(const Graph *g, ClassId c) {
    return c.i && graph_is_subclass(g, c, "builtins.type");
}

/* What a function whose callers are not all known runs at least. */
static HowOften unseen(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    Str name = facts_str(f, scope->name);
    if (fn->owner.i) {
        bool is_static = g->classes[fn->owner.i].is_static;
        if (str_is(name, "__init_subclass__") || str_is(name, "__set_name__"))
            return is_static ? RUNS_IMPORT : RUNS_PER_CALL;
        if (is_metaclass(g, fn->owner) && !str_is(name, "__call__") && fn->kind != METHOD_CLASS &&
            (str_is(name, "__new__") || str_is(name, "__init__") || str_is(name, "__prepare__")))
            return RUNS_IMPORT;
        if (str_is(name, "__init__") || str_is(name, "__new__") || str_is(name, "__post_init__"))
            return RUNS_PER_INSTANCE;
        return RUNS_PER_CALL;
    }
    return RUNS_PER_CALL;
}

static bool raise_to(FunctionNode *fn, HowOften how) {
    if (fn->how_often >= how) return false;
    fn->how_often = (u8)how;
    return true;
}

/* Decoration sites of a decorator: where the decorated definitions stand. */
typedef struct Decorations {
    HowOften *bare;   /* by function id: most often that @f is applied */
    HowOften *called; /* that the result of f(…) is applied: @f(…) */
} Decorations;

static void note_decoration(Graph *g, u32 file, ScopeId s, Decorations *out) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[s.i];
    if (scope->kind == SCOPE_MODULE || !scope->def.i) return;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        bool called = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL;
        u32 fn = 0;
        ClassId c;
        if (called) {
            fn = callee_function(g, file, &f->ops[p->id], &c);
        } else {
            Op as_call = {
                .kind = OP_CALL, .subject = path.i, .region = f->ops[scope->def.i].region};
            fn = callee_function(g, file, &as_call, &c);
        }
        if (!fn) continue;
        HowOften how = how_often_at(g, file, f->ops[scope->def.i].region);
        HowOften *slot = called ? &out->called[fn] : &out->bare[fn];
        *slot = MAX(*slot, how);
    }
}

static bool propagate(Graph *g, u32 id, const Decorations *deco) {
    FunctionNode *fn = &g->functions[id];
    bool changed = false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        RegionId region = g->files[call.file].facts->ops[call.op.i].region;
        HowOften how = how_often_at(g, call.file, region);
        changed |= raise_to(fn, how);
    }
    changed |= raise_to(fn, deco->bare[id]);
    u32 inner = returned_inner(g, fn);
    if (inner && deco->called[id]) changed |= raise_to(&g->functions[inner], deco->called[id]);
    if (inner && deco->called[id]) {
        u32 wrapper = returned_inner(g, &g->functions[inner]);
        if (wrapper) changed |= raise_to(&g->functions[wrapper], RUNS_PER_CALL);
    }
    if (inner && deco->bare[id]) changed |= raise_to(&g->functions[inner], RUNS_PER_CALL);
    return changed;
}

/* Defined under `if TYPE_CHECKING`: it never exists at run time. */
static bool is_never_made(const Facts *f, const Scope *scope) {
    for (RegionId r = f->ops[scope->def.i].region; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TYPE_CHECKING) return true;
    return false;
}

/* First guess before propagation: what unseen callers make of it. */
static void start(Graph *g, u32 id, const Decorations *deco) {
    FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    u64 name = name_hash(f, scope->name);
    bool decorates = deco->bare[id] || deco->called[id];
    fn->called_by_name = fn->owner.i && map_get(&g->methods_called, name);
    ScopeId parent = enclosing_function(f, scope->parent);
    bool inner_of_maker = false;
    if (parent.i) {
        u32 maker = function_id(g, fn->file, parent);
        inner_of_maker = maker && returned_inner(g, &g->functions[maker]) == id;
        if (inner_of_maker && (deco->called[maker] || deco->bare[maker]))
            return; /* propagate decides */
    }
    fn->registers = returns_parameter(g, fn);
    if (is_never_made(f, scope)) return;
    if (fn->callers.n == 0 && !fn->escapes && !fn->called_by_name && !decorates)
        fn->unknown_callers = true;
    u32 inner = returned_inner(g, fn);
    bool registering = fn->registers || (inner && returns_parameter(g, &g->functions[inner]));
    bool unseen_callers = fn->escapes || fn->called_by_name || fn->unknown_callers;
    if (!unseen_callers) return;
    HowOften how = unseen(g, fn);
    if (registering && how == RUNS_PER_CALL) how = RUNS_IMPORT;
    raise_to(fn, how);
}

void calls_link(Graph *g) {
    for (u32 file = 0; file < g->n_files; file++) collect_file(g, file);
    for (u32 i = 1; i <= g->n_functions; i++) note_decorators(g, &g->functions[i]);
    Decorations deco = {arena_array(g->arena, HowOften, g->n_functions + 1),
                        arena_array(g->arena, HowOften, g->n_functions + 1)};
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 s = 1; s < g->files[file].facts->n_scopes; s++)
            note_decoration(g, file, (ScopeId){s}, &deco);
    for (u32 i = 1; i <= g->n_functions; i++) start(g, i, &deco);
    /* each function can rise six times; bounded all the same */
    bool changed = true;
    for (u32 round = 0; changed && round < 40; round++) {
        changed = false;
        for (u32 i = 1; i <= g->n_functions; i++) changed |= propagate(g, i, &deco);
    }
}

u32 graph_callers(const Graph *g, ScopeRef function, const OpRef **calls, bool *escapes) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    *calls = fn->callers.v;
    *escapes = fn->escapes || fn->called_by_name || fn->unknown_callers;
    return fn->callers.n;
}
