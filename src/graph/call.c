/* The call graph, and how often code runs.
 *
 * Callers that are known are call sites in the project; a function that is used as a value, or that
 * nobody in the project calls, has callers that we cannot see and is taken to run per call, except
 * where its shape says that it runs while modules are imported: decorators, __init_subclass__,
 * metaclasses. */
#include "graph/calling.h"
#include "graph/edges.h"
#include "graph/starting.h"

#include "os/os.h"

const char *how_often_text(HowOften how) {
    static const char *const TEXT[] = {
        "never",        "once at import", "at import",          "once at start",
        "per instance", "per call",       "per round of a loop"};
    return TEXT[how];
}

/* ---- how often regions run ---- */

static HowOften step(const Region *r, HowOften base) {
    bool loop = r->kind == REGION_FOR || r->kind == REGION_WHILE || r->kind == REGION_COMPREHENSION;
    if (r->kind == REGION_TYPE_CHECKING || base == RUNS_NEVER) return RUNS_NEVER;
    if (r->kind == REGION_MAIN && base == RUNS_ONCE) return RUNS_ON_START;
    if (!loop) return base;
    if (base >= RUNS_PER_INSTANCE || r->flags & REGION_ENDLESS) return RUNS_PER_ROUND;
    return base == RUNS_ONCE ? RUNS_IMPORT : base;
}

/* Each region's table from its parent's, which stands before it, in a table of zeros. */
static void find_region_effects(Graph *g, u32 file) {
    FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    for (u32 i = 1; i < f->n_regions; i++) {
        const Region *r = &f->regions[i];
        bool outermost = !r->parent.i || f->regions[r->parent.i].scope.i != r->scope.i;
        for (u32 how = RUNS_NEVER; how <= RUNS_PER_ROUND; how++) {
            HowOften outside =
                outermost ? (HowOften)how : apply(node->region_effects[r->parent.i], (HowOften)how);
            node->region_effects[i] |= (u32)step(r, outside) << how * 4;
        }
    }
}

/* The function in which the code of a region runs (comprehensions and class bodies run where they
 * stand), or 0 for module code; its effect is put before `*effect`. */
static u32 function_around(const Graph *g, u32 file, RegionId region, u32 *effect) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    ScopeId scope = f->regions[region.i].scope;
    *effect = node->region_effects[region.i];
    while (f->scopes[scope.i].kind == SCOPE_COMPREHENSION ||
           f->scopes[scope.i].kind == SCOPE_CLASS) {
        u32 inner = *effect,
            outer = node->region_effects[f->ops[f->scopes[scope.i].def.i].region.i];
        *effect = 0;
        for (u32 how = RUNS_NEVER; how <= RUNS_PER_ROUND; how++)
            *effect |= (u32)apply(inner, apply(outer, (HowOften)how)) << how * 4;
        scope = f->scopes[scope.i].parent;
    }
    return node->function_of_scope[scope.i];
}

/* ---- callers ---- */

/* What one call calls, with CALLEE_CLASS for a class; or the name of a method of something that is
 * not known. */
typedef struct FoundCall {
    u32 op, callee;
    u64 method;         /* when callee is 0 */
    u32 caller, effect; /* else: see FoundEdge */
    bool is_handed;     /* no call: the function is given to what runs it once */
} FoundCall;

typedef struct FoundCalls {
    Graph *g;
    Arena *arenas; /* by worker */
    u32 **callees; /* by file: see FileNode */
    struct {
        VEC(FoundCall) list;
    } *files;
} FoundCalls;

static void find_calls(FoundCalls *all, u32 worker, u32 file) {
    const FileNode *node = &all->g->files[file];
    const Facts *f = node->facts;
    OpList calls = ops_of(node, OP_CALL);
    for (u32 i = 0; i < calls.n; i++) {
        const Op *op = &f->ops[calls.v[i]];
        FoundCall found = {.op = calls.v[i], .callee = all->callees[file][calls.v[i]]};
        if (found.callee == CALLEE_OUTSIDE) continue;
        const Path *p = &f->paths[op->subject];
        if (!found.callee && p->kind != PATH_ATTR) continue;
        if (found.callee)
            found.caller = function_around(all->g, file, op->region, &found.effect);
        else
            found.method = name_hash(f, (StrId){p->id});
        if (node->is_test) found.effect |= EDGE_IN_TEST;
        vec_push(&all->arenas[worker], &all->files[file].list, found);
    }
}

static void add_caller(Graph *g, Edges *e, u32 fn, OpRef call, const FoundCall *found) {
    FoundEdge edge = {found->caller, {fn, found->effect}};
    vec_push(g->arena, &g->functions[fn].callers, call);
    vec_push(&e->arena, &e->found, edge);
}

/* The functions that run when an instance of a class is made. */
typedef struct Makers {
    u32 functions[3];
    u32 n;
    bool is_known;
} Makers;

static void find_makers(const Graph *g, ClassId c, Makers *out) {
    static const char *const MADE_BY[] = {"__new__", "__init__", "__post_init__"};
    _Static_assert(ARRAY_LEN(MADE_BY) == ARRAY_LEN(out->functions), "one each");
    for (u32 i = 0; i < ARRAY_LEN(MADE_BY); i++) {
        ScopeRef m = graph_method(g, c, MADE_BY[i]);
        u32 id = m.scope.i ? function_id(g, m.file, m.scope) : 0;
        if (id) out->functions[out->n++] = id;
    }
    out->is_known = true;
}

static void add_making(Graph *g, Edges *e, Makers *m, OpRef call, const FoundCall *found) {
    ClassId c = {found->callee & ~CALLEE_CLASS};
    vec_push(g->arena, &g->classes[c.i].calls, call);
    if (!m->is_known) find_makers(g, c, m);
    for (u32 i = 0; i < m->n; i++) add_caller(g, e, m->functions[i], call, found);
}

/* Called by name, of something that is not known. */
static void add_method_called(Graph *g, OpRef call, u64 name) {
    u32 file = call.file, before = map_get(&g->methods_called, name);
    u32 now = before | (g->files[file].is_test ? CALLED_BY_TESTS : CALLED_BY_CODE);
    if (now != before) map_set(g->arena, &g->methods_called, name, now);
    if (g->files[file].is_test || !map_get(&g->last_methods, name)) return;
    NamedCalls *named = &g->named_calls;
    vec_push(g->arena, &named->before, map_get(&named->last, name));
    vec_push(g->arena, &named->calls, call);
    map_set(g->arena, &named->last, name, named->calls.n);
}

/* Files are looked at in parallel, and several may find the same. */
static void set_flag(bool *flag) {
    __atomic_store_n(flag, true, __ATOMIC_RELAXED);
}

static void set_value(FunctionNode *fn) {
    set_flag(&fn->is_value);
    set_flag(&fn->escapes);
}

/* Its user calls it once, or nobody knows how often. */
static void note_use(FoundCalls *all, u32 worker, u32 file, const Op *user, u32 function) {
    const FileNode *node = &all->g->files[file];
    FunctionNode *fn = &all->g->functions[function];
    FoundCall found = {.callee = function, .is_handed = true};
    set_value(fn);
    if (user->kind != OP_CALL || !runs_argument_once(all->g, file, user)) {
        set_flag(&fn->is_spread);
        return;
    }
    found.caller = function_around(all->g, file, user->region, &found.effect);
    if (node->is_test) found.effect |= EDGE_IN_TEST;
    vec_push(&all->arenas[worker], &all->files[file].list, found);
}

static void set_served(FunctionNode *fn) {
    set_flag(&fn->is_served);
}

static void note_given(Graph *g, u32 file, PathId path, const Op *user, u32 function) {
    if (is_mapped_over_sent(g, file, user, path)) set_flag(&g->functions[function].is_mapped);
    if (is_given_to_framework(g->files[file].facts, user, path))
        set_served(&g->functions[function]);
}

/* An operand that is a function or class: somebody else has it now. */
static void note_value(FoundCalls *all, u32 worker, u32 file, PathId path, const Op *user) {
    Graph *g = all->g;
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR && p->kind != PATH_OP) return;
    if (p->kind == PATH_OP && f->ops[p->id].kind != OP_LAMBDA && f->ops[p->id].kind != OP_LOAD)
        return;
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS && user->kind != OP_HANDLER && user->kind != OP_RAISE &&
        user->kind != OP_TEST && user->kind != OP_MATCH && user->kind != OP_SUBSCRIPT) {
        set_flag(&g->classes[entity_class(g, e).i].escapes);
        return;
    }
    if (e.kind == ENTITY_FUNCTION) {
        note_use(all, worker, file, user, entity_function(g, e));
        note_given(g, file, path, user, entity_function(g, e));
        return;
    }
    if (p->kind != PATH_ATTR) return; /* a bound method handed out: self.close */
    ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH), owner;
    SymbolId s = c.i ? class_member(g, c, name_hash(f, (StrId){p->id}), &owner) : (SymbolId){0};
    if (!s.i) return;
    e = entity_of_symbol(g, g->classes[owner.i].file, s, RESOLVE_DEPTH);
    if (e.kind != ENTITY_FUNCTION) return;
    note_use(all, worker, file, user, entity_function(g, e));
    note_given(g, file, path, user, entity_function(g, e));
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

/* `hasattr(f, "count")`: asks about a function, and does not keep it. */
static bool asks_about(const Graph *g, u32 file, const Op *op) {
    static const char *const NAMES[] = {"callable", "delattr",    "getattr",    "hasattr",
                                        "id",       "isinstance", "issubclass", "setattr"};
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[op->kind == OP_CALL ? op->subject : 0];
    if (callee->kind != PATH_SYMBOL) return false;
    Str name = facts_str(f, f->symbols[callee->id].name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i]))
            return str_starts(graph_name_of(g, file, op_path(op)), "builtins.");
    return false;
}

/* A returned inner function is judged by how its maker is used, not here. */
static bool is_returned_inner(const Facts *f, const Op *op, PathId path) {
    const Path *p = &f->paths[path.i];
    if (op->kind != OP_RETURN || p->kind != PATH_SYMBOL) return false;
    const Symbol *s = &f->symbols[p->id];
    return s->target.i == p->id && (s->flags & SYMBOL_BOUND) &&
           f->scopes[s->scope.i].kind == SCOPE_FUNCTION;
}

/* `del helper` at the end of a module: nobody outside can call it. */
static void note_deletion(Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    if (f->scopes[f->regions[op->region.i].scope.i].kind != SCOPE_MODULE) return;
    if (f->paths[op->subject].kind != PATH_SYMBOL) return;
    Entity e = entity_of_path(g, file, op_path(op), RESOLVE_DEPTH);
    if (e.kind == ENTITY_FUNCTION && e.file == file)
        g->functions[entity_function(g, e)].is_deleted = true;
}

static void note_deletions(Graph *g) {
    for (u32 file = 0; file < g->n_files; file++) {
        OpList deletions = ops_of(&g->files[file], OP_DELETE);
        for (u32 i = 0; i < deletions.n; i++)
            note_deletion(g, file, &g->files[file].facts->ops[deletions.v[i]]);
    }
}

static void collect_values(FoundCalls *all, u32 worker, u32 file) {
    const Facts *f = all->g->files[file].facts;
    serve_loops(all->g, file, set_served);
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (!takes_values((OpKind)op->kind)) continue;
        bool definition = op->kind == OP_BIND && ((op->flags & OP_LOW) == BIND_FUNCTION ||
                                                  (op->flags & OP_LOW) == BIND_CLASS ||
                                                  (op->flags & OP_LOW) == BIND_IMPORT);
        if (definition) continue;
        for (u32 k = 0; k < op->operands; k++) {
            Operand o = f->operands[op->operand + k];
            bool binds = op->kind == OP_BIND || op->kind == OP_STORE;
            if (binds && operand_kind(o) == OPERAND_KEYWORD) continue; /* an annotation */
            if (!k && f->paths[o.path.i].kind == PATH_SYMBOL && asks_about(all->g, file, op))
                continue;
            if (!is_returned_inner(f, op, o.path)) note_value(all, worker, file, o.path, op);
        }
    }
}

/* ---- all calls ---- */

static void read_calls(void *context, u32 worker, u32 file) {
    FoundCalls *all = context;
    callees_find(all->g, file, all->callees[file]);
    find_region_effects(all->g, file);
    /* nobody asks for those of other files before all are read */
    all->g->files[file].callees = all->callees[file];
    find_calls(all, worker, file);
    collect_values(all, worker, file);
}

/* In the order of the files: whom the calls call. */
static void distribute_calls(const FoundCalls *all, Edges *e) {
    Graph *g = all->g;
    Arena scratch = {0};
    Makers *makers = arena_array(&scratch, Makers, g->n_classes + 1);
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < all->files[file].list.n; i++) {
            const FoundCall *found = &all->files[file].list.v[i];
            OpRef ref = {file, {found->op}};
            FoundEdge edge = {found->caller, {found->callee, found->effect}};
            if (found->is_handed)
                vec_push(&e->arena, &e->handed, edge);
            else if (!found->callee)
                add_method_called(g, ref, found->method);
            else if (found->callee & CALLEE_CLASS)
                add_making(g, e, &makers[found->callee & ~CALLEE_CLASS], ref, found);
            else
                add_caller(g, e, found->callee, ref, found);
        }
    arena_free(&scratch);
}

static void collect_calls(Graph *g, Edges *e) {
    FoundCalls all = {.g = g,
                      .arenas = arena_array(g->arena, Arena, g->workers),
                      .callees = arena_array(g->arena, u32 *, g->n_files)};
    all.files = arena_alloc(g->arena, sizeof *all.files * g->n_files);
    for (u32 i = 0; i < g->n_files; i++) {
        g->files[i].region_effects = arena_array(g->arena, u32, g->files[i].facts->n_regions);
        all.callees[i] = arena_array(g->arena, u32, g->files[i].facts->n_ops);
    }
    os_parallel(g->workers, g->n_files, read_calls, &all);
    distribute_calls(&all, e);
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
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
        if (is_known_decorator(graph_name_of(g, fn->file, path))) continue;
        fn->escapes = true;
        fn->is_spread = true;
    }
}

/* The inner function that a function returns, or 0. */
static u32 returned_inner(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    for (u32 i = 0; i < fn->n_returns; i++) {
        PathId value = op_operand(f, &f->ops[fn->returns[i].i], 0);
        Entity e = entity_of_path(g, fn->file, value, 4);
        if (e.kind == ENTITY_FUNCTION && e.file == fn->file &&
            f->scopes[e.id].parent.i == fn->scope.i)
            return entity_function(g, e);
    }
    return 0;
}

static void read_functions(void *context, u32 worker, u32 first, u32 end) {
    (void)worker;
    Graph *g = context;
    for (u32 i = first + 1; i <= end; i++) {
        note_decorators(g, &g->functions[i]);
        g->functions[i].inner = returned_inner(g, &g->functions[i]);
        if (is_called_by_framework(g, &g->functions[i])) g->functions[i].is_served = true;
    }
}

/* ---- how often code runs ---- */

HowOften region_runs(const Graph *g, u32 file, RegionId region, HowOften body) {
    u32 effect;
    function_around(g, file, region, &effect);
    return apply(effect, body);
}

HowOften graph_how_often(const Graph *g, u32 file, RegionId region) {
    if (!g->files[file].facts->regions[region.i].scope.i) return RUNS_PER_CALL;
    u32 effect, fn = function_around(g, file, region, &effect);
    return apply(effect, fn ? (HowOften)g->functions[fn].how_often : RUNS_ONCE);
}

static bool is_metaclass(const Graph *g, ClassId c) {
    return c.i && graph_is_subclass(g, c, "builtins.type");
}

static bool imports_commands(const Facts *f) {
    static const char *const LIBRARIES[] = {"asyncclick", "click", "cyclopts", "rich_click",
                                            "typer"};
    for (u32 i = 1; i < f->n_imports; i++)
        if (str_is_any(facts_str(f, f->imports[i].module), LIBRARIES, ARRAY_LEN(LIBRARIES)))
            return true;
    return false;
}

bool graph_is_command(const Graph *g, ScopeRef function) {
    static const char *const NAMES[] = {"callback", "command", "group"};
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) path = op_path(&f->ops[p->id]);
        Str name = str_after_last(graph_name_of(g, function.file, path), '.');
        if (!name.n) name = facts_attribute(f, path);
        if (str_is_any(name, NAMES, ARRAY_LEN(NAMES))) return imports_commands(f);
    }
    return false;
}

/* What a function whose callers are not all known runs at least. */
static HowOften unseen(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    Str name = facts_str(f, scope->name);
    if (fn->owner.i) {
        bool is_static = g->classes[fn->owner.i].is_static;
        if (str_is(name, "__class_getitem__")) return RUNS_IMPORT; /* `x: Units["m"]` */
        if (str_is(name, "__init_subclass__") || str_is(name, "__set_name__"))
            return is_static ? RUNS_IMPORT : RUNS_PER_CALL;
        if (is_metaclass(g, fn->owner) && !str_is(name, "__call__") && fn->kind != METHOD_CLASS &&
            (str_is(name, "__new__") || str_is(name, "__init__") || str_is(name, "__prepare__")))
            return RUNS_IMPORT;
        if (str_is(name, "__init__") || str_is(name, "__new__") || str_is(name, "__post_init__"))
            return RUNS_PER_INSTANCE;
        return RUNS_PER_CALL;
    }
    return graph_is_command(g, (ScopeRef){fn->file, fn->scope}) ? RUNS_ON_START : RUNS_PER_CALL;
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

/* Nothing that may change the function stands between it and the decorator. */
static void note_decorated(Graph *g, u32 file, ScopeId s, u32 decorator, Decorated site, u32 by) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[s.i];
    site.function = scope->kind == SCOPE_FUNCTION ? function_id(g, file, s) : 0;
    if (!site.function) return;
    for (u32 d = decorator + 1; d < scope->decorator_end; d++)
        if (!is_known_decorator(graph_name_of(g, file, f->operands[d].path))) return;
    site.next = map_get(&g->decorated_by, by);
    vec_push(g->arena, &g->decorated, site);
    map_set(g->arena, &g->decorated_by, by, g->decorated.n);
}

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
        HowOften how = graph_how_often(g, file, f->ops[scope->def.i].region);
        HowOften *slot = called ? &out->called[fn] : &out->bare[fn];
        *slot = MAX(*slot, how);
        note_decorated(g, file, s, d, (Decorated){.is_called = called}, fn);
    }
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
    u32 maker = parent.i ? function_id(g, fn->file, parent) : 0;
    if (maker && g->functions[maker].inner == id && (deco->called[maker] || deco->bare[maker]))
        return; /* decorations decide */
    if (is_never_made(f, scope)) return;
    bool seen = fn->callers.n || fn->escapes || fn->called_by_name || decorates || fn->is_deleted;
    if (!seen) fn->unknown_callers = true;
    bool registering =
        is_registering(g, fn) || (fn->inner && is_registering(g, &g->functions[fn->inner]));
    /* `found.add(x)` is a set as a rule, and says nothing where callers are known */
    bool is_container_like = fn->callers.n && know_method(facts_str(f, scope->name));
    bool by_name = fn->called_by_name && !is_container_like;
    bool unseen_callers = fn->escapes || by_name || fn->unknown_callers;
    if (!unseen_callers) return;
    HowOften how = unseen(g, fn);
    if (registering && how == RUNS_PER_CALL) how = RUNS_IMPORT;
    raise_to(fn, how);
}

typedef struct Starting {
    Graph *g;
    const Decorations *deco;
} Starting;

static void start_all(void *context, u32 worker, u32 first, u32 end) {
    (void)worker;
    Starting *s = context;
    for (u32 i = first + 1; i <= end; i++) start(s->g, i, s->deco);
}

bool is_applied_by(const Graph *g, const FunctionNode *inner, const FunctionNode *maker) {
    const Facts *f = g->files[maker->file].facts;
    for (u32 i = 0; i < inner->callers.n; i++) {
        OpRef call = inner->callers.v[i];
        if (call.file != maker->file) continue;
        if (f->regions[f->ops[call.op.i].region.i].scope.i == maker->scope.i) return true;
    }
    return false;
}

/* What decorating makes of a decorator, and of the functions that it makes and returns. */
static void decorate(Graph *g, u32 id, const Decorations *deco) {
    FunctionNode *fn = &g->functions[id];
    raise_to(fn, deco->bare[id]);
    if (!fn->inner) return;
    FunctionNode *inner = &g->functions[fn->inner];
    bool both = is_applied_by(g, inner, fn);
    if (deco->bare[id]) raise_to(inner, both ? deco->bare[id] : RUNS_PER_CALL);
    if (!deco->called[id] && !both) return;
    raise_to(inner, deco->called[id]);
    if (inner->inner) raise_to(&g->functions[inner->inner], RUNS_PER_CALL);
}

/* ---- from callers to callees ---- */

/* Sorted by their callers: each list is read from its beginning to its end. */
static void find_edges(const Graph *g, Edges *e) {
    e->all = arena_array(&e->arena, CallEdge, e->found.n + 1);
    e->first = arena_array(&e->arena, u32, g->n_functions + 3);
    u32 *end = e->first + 1; /* while they are counted and filled in */
    for (u32 i = 0; i < e->found.n; i++) end[e->found.v[i].caller + 1]++;
    for (u32 id = 0; id <= g->n_functions; id++) end[id + 1] += end[id];
    for (u32 i = 0; i < e->found.n; i++) e->all[end[e->found.v[i].caller]++] = e->found.v[i].edge;
    e->waits = arena_array(&e->arena, bool, g->n_functions + 1);
    e->how_often = arena_array(&e->arena, u8, g->n_functions + 1);
    e->how_often[0] = RUNS_ONCE;
    for (u32 id = 1; id <= g->n_functions; id++) e->how_often[id] = g->functions[id].how_often;
    for (u32 id = 0; id <= g->n_functions; id++) push_work(e, id);
}

/* Each function can rise six times, so that each edge is followed at most so often; the order makes
 * no difference to where this ends. */
static void propagate(Edges *e) {
    while (e->work.n) {
        u32 caller = e->work.v[--e->work.n];
        e->waits[caller] = false;
        HowOften body = (HowOften)e->how_often[caller];
        for (u32 i = e->first[caller]; i < e->first[caller + 1]; i++) {
            u32 callee = e->all[i].callee;
            HowOften how = edge_runs(e->all[i], body);
            if (e->how_often[callee] >= how) continue;
            e->how_often[callee] = (u8)how;
            push_work(e, callee);
        }
    }
}

/* Functions that only call each other, or themselves: somebody that we cannot see calls the first.
 */
static void start_rings(Graph *g, Edges *e) {
    for (u32 caller = 1; caller <= g->n_functions; caller++) {
        if (e->how_often[caller] != RUNS_NEVER) continue;
        const FunctionNode *from = &g->functions[caller];
        const Facts *f = g->files[from->file].facts;
        if (is_never_made(f, &f->scopes[from->scope.i])) continue;
        for (u32 i = e->first[caller]; i < e->first[caller + 1]; i++) {
            u32 callee = e->all[i].callee;
            bool reached = edge_runs(e->all[i], RUNS_PER_CALL) != RUNS_NEVER;
            if (reached && e->how_often[callee] == RUNS_NEVER)
                g->functions[callee].unknown_callers = true;
        }
    }
    for (u32 id = 1; id <= g->n_functions; id++) {
        const FunctionNode *fn = &g->functions[id];
        HowOften how =
            e->how_often[id] == RUNS_NEVER && fn->unknown_callers ? unseen(g, fn) : RUNS_NEVER;
        if (how == RUNS_NEVER) continue;
        e->how_often[id] = (u8)how;
        push_work(e, id);
    }
    propagate(e);
    for (u32 id = 1; id <= g->n_functions; id++) g->functions[id].how_often = e->how_often[id];
}

bool graph_is_driven(const Graph *g, ScopeRef function) {
    return !scope_is_none(function) &&
           g->functions[function_id(g, function.file, function.scope)].is_driven;
}

void calls_link(Graph *g) {
    Edges edges = {0};
    method_names_find(g);
    collect_calls(g, &edges);
    note_deletions(g);
    serving_find(g);
    os_parallel_ranges(g->workers, g->n_functions, read_functions, g);
    Decorations deco = {arena_array(g->arena, HowOften, g->n_functions + 1),
                        arena_array(g->arena, HowOften, g->n_functions + 1)};
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 s = 1; s < g->files[file].facts->n_scopes; s++)
            note_decoration(g, file, (ScopeId){s}, &deco);
    os_parallel_ranges(g->workers, g->n_functions, start_all, &(Starting){g, &deco});
    for (u32 i = 1; i <= g->n_functions; i++) decorate(g, i, &deco);
    find_edges(g, &edges);
    propagate(&edges);
    start_rings(g, &edges);
    driven_find(g, &edges);
    served_spread(g, &edges);
    arena_free(&edges.arena);
}
