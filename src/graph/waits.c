/* What a coroutine waits for: the loop's own timers and transports, which hold a waiting task, or
 * things that nobody else may hold. */
#include "graph/model.h"

enum { WAIT_DEPTH = 4, WAIT_OPS = 2000 };

static bool is_parameter(const Facts *f, SymbolId s) {
    return s.i && f->symbols[s.i].flags & SYMBOL_PARAM;
}

/* A method of a primitive whose other side somebody else has to call. */
static bool is_rendezvous(Str method) {
    static const char *const NAMES[] = {"acquire", "get", "join", "put", "wait", "wait_closed"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(method, NAMES[i])) return true;
    return false;
}

/* Whoever has the lock leads to it, and lets those who wait for it go on. */
static bool is_lock(const Graph *g, u32 file, PathId path) {
    static const char *const NAMES[] = {"lock", "mutex", "sem", "semaphore", "limiter"};
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_ATTR && p->kind != PATH_SYMBOL) return false;
    Str maker = str_after_last(graph_maker_of(g, file, path), '.');
    if (str_ends(maker, "Lock") || str_ends(maker, "Semaphore")) return true;
    Str name =
        p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : facts_str(f, f->symbols[p->id].name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_ends(name, NAMES[i])) return true;
    return false;
}

/* `self.client(request)`: it goes over a transport, like what is called on one. */
static bool is_client(Str name) {
    static const char *const NAMES[] = {"api", "client", "conn", "connection", "session", "stub"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return str_ends(name, "_client") || str_ends(name, "_session");
}

static bool is_timed(Str name) {
    return str_is(name, "asyncio.sleep") || str_is(name, "asyncio.wait_for") ||
           str_starts(name, "asyncio.open_");
}

/* What is known to be held: function -> depth that it was searched to, plus 1. A search ends with
 * the first wait for code that others bring, so that what is looked at again has none. */
typedef struct Search {
    Arena arena;
    Map done;
    bool meets; /* it waits for futures and primitives, whose other side is in the project */
} Search;

static bool function_waits_openly(const Graph *g, Search *s, u32 fn, u32 depth);

/* A base outside the project may have the method: nothing stores an attribute of that name. */
static bool may_be_inherited(const Graph *g, ClassId c, u64 name) {
    const ClassId *mro;
    bool complete = true;
    if (c.i) graph_mro(g, c, &mro, &complete);
    return !complete && !graph_is_stored(g, c, name);
}

/* `callback(…)` of a parameter or of an attribute that is no method, a primitive, a function of the
 * project that waits so. What else is called (a request, a query) goes over a transport. */
static bool call_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (is_timed(graph_name_of(g, file, op_path(call)))) return false;
    ClassId made;
    u32 fn = callee_function(g, file, call, &made);
    if (fn) return depth && function_waits_openly(g, search, fn, depth - 1);
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_SYMBOL) return is_parameter(f, f->symbols[callee->id].target);
    if (callee->kind != PATH_ATTR) return false;
    Str method = facts_str(f, (StrId){callee->id});
    if (str_is(method, "acquire") && is_lock(g, file, callee->parent)) return false;
    if (is_rendezvous(method)) {
        search->meets = true;
        return false;
    }
    if (is_client(method)) return false;
    const Path *owner = &f->paths[callee->parent.i];
    ScopeId s = enclosing_function(f, f->regions[call->region.i].scope);
    SymbolId self = self_symbol(g, (ScopeRef){file, s});
    if (owner->kind != PATH_SYMBOL || !self.i || f->symbols[owner->id].target.i != self.i)
        return false;
    return !may_be_inherited(g, graph_method_class(g, (ScopeRef){file, s}),
                             name_hash(f, (StrId){callee->id}));
}

enum { CALLERS_ASKED = 8 };

/* A task that is in a container or attribute of somebody. */
static bool is_kept_task(const Graph *g, u32 file, const Path *p) {
    const Facts *f = g->files[file].facts;
    return p->kind == PATH_OP && makes_task(g, file, &f->ops[p->id]) &&
           graph_fate_of(g, file, (OpId){p->id}).kind < FATE_DROPPED;
}

/* Do callers give a coroutine for the parameter, and not a future that somebody has? */
static bool is_given_code(const Graph *g, u32 fn, SymbolId parameter) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *home = g->files[node->file].facts;
    const Scope *s = &home->scopes[node->scope.i];
    u32 index = 0, skipped = node->owner.i && node->kind != METHOD_STATIC;
    while (index < s->param_end - s->param_first &&
           home->params[s->param_first + index].symbol.i != parameter.i)
        index++;
    if (index < skipped || !node->callers.n) return true;
    Str name = facts_str(home, home->symbols[parameter.i].name);
    for (u32 i = 0; i < node->callers.n && i < CALLERS_ASKED; i++) {
        OpRef call = node->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        PathId value = call_argument_named(f, &f->ops[call.op.i], index - skipped, name);
        const Path *p = &f->paths[graph_alias_of(g, call.file, value).i];
        if (is_kept_task(g, call.file, p)) continue;
        if (p->kind != PATH_ATTR && p->kind != PATH_LITERAL && value.i) return true;
    }
    return false;
}

/* The call only looks at what it is given, or waits for it. */
static bool is_look(Str name) {
    static const char *const WAITS[] = {
        "asyncio.create_task", "asyncio.ensure_future", "asyncio.gather", "asyncio.iscoroutine",
        "asyncio.isfuture",    "asyncio.shield",        "asyncio.wait",   "asyncio.wait_for"};
    for (u32 i = 0; i < ARRAY_LEN(WAITS); i++)
        if (str_is(name, WAITS[i])) return true;
    const CallRow *row = know_call(name);
    return str_starts(name, "inspect.") || str_starts(name, "builtins.") ||
           (row && row->flags & CALL_READS);
}

/* `fut.add_done_callback(partial(release, waiter))`, before it waits: somebody else has it, too. */
static bool others_have(const Graph *g, u32 fn, SymbolId variable) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + WAIT_OPS; i++) {
        const Op *op = &f->ops[i];
        const Path *awaited = &f->paths[op->kind == OP_AWAIT ? op->subject : 0];
        if (awaited->kind == PATH_SYMBOL && f->symbols[awaited->id].target.i == variable.i)
            return false;
        bool is_given = false;
        for (u32 k = 0; op->kind == OP_CALL && k < op->operands; k++) {
            const Path *p = &f->paths[op_operand(f, op, k).i];
            is_given |= p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == variable.i;
        }
        if (is_given && !is_look(graph_name_of(g, file, op_path(op)))) return true;
    }
    return false;
}

/* `await x`: a future of its own, a variable of the function around it, or what it was given. */
static bool variable_waits_openly(const Graph *g, Search *search, u32 fn, SymbolId variable) {
    const Facts *f = g->files[g->functions[fn].file].facts;
    bool is_own = f->symbols[variable.i].scope.i == g->functions[fn].scope.i;
    bool is_open = is_own && (is_parameter(f, variable) ? is_given_code(g, fn, variable)
                                                        : !others_have(g, fn, variable));
    search->meets |= !is_open;
    return is_open;
}

static bool value_waits_openly(const Graph *g, Search *search, u32 fn, PathId awaited, u32 depth) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[awaited.i];
    if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i)
        return variable_waits_openly(g, search, fn, f->symbols[p->id].target);
    if (p->kind != PATH_OP) {
        search->meets |= p->kind == PATH_ATTR;
        return false;
    }
    if (f->ops[p->id].kind != OP_CALL) return false;
    return call_waits_openly(g, search, file, &f->ops[p->id], depth);
}

static bool function_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth) {
    if (map_get(&search->done, fn) > depth) return false;
    map_set(&search->arena, &search->done, fn, depth + 1);
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    if (!(s->flags & SCOPE_ASYNC)) { /* it gives a future, which it has from somewhere */
        search->meets = true;
        return false;
    }
    bool calls = false; /* an empty method is there to be overridden */
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (i - s->op_first > WAIT_OPS) { /* who knows */
            search->meets = true;
            return false;
        }
        calls |= op->kind == OP_CALL;
        bool is_async = (op->kind == OP_ITERATE || op->kind == OP_ENTER) && op->flags & OP_ASYNC;
        if (!is_async && op->kind != OP_AWAIT) continue;
        if (op->kind == OP_ENTER && is_lock(g, file, op_path(op))) continue;
        if (op->kind != OP_AWAIT && f->paths[op->subject].kind == PATH_SYMBOL) {
            search->meets = true;
            continue;
        }
        if (value_waits_openly(g, search, fn, op_path(op), depth)) return true;
    }
    return !calls && g->functions[fn].owner.i;
}

static Waits waits_of(const Graph *g, u32 fn) {
    Search search = {0};
    bool is_foreign = function_waits_openly(g, &search, fn, WAIT_DEPTH);
    arena_free(&search.arena);
    return is_foreign ? WAITS_FOREIGN : search.meets ? WAITS_MEETS : WAITS_HELD;
}

Waits graph_function_waits(const Graph *g, ScopeRef function) {
    if (scope_is_none(function)) return WAITS_FOREIGN;
    return waits_of(g, function_id(g, function.file, function.scope));
}

Waits graph_waits(const Graph *g, u32 file, PathId coroutine) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, coroutine).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return WAITS_FOREIGN;
    ClassId made;
    const Op *call = &f->ops[p->id];
    const Path *callee = &f->paths[call->subject];
    u32 fn = callee_function(g, file, call, &made);
    /* `self.plugins["caps"].update()`: the one method of that name */
    if (!fn && callee->kind == PATH_ATTR)
        fn = map_get(&g->only_methods, name_hash(f, (StrId){callee->id}));
    return fn && fn != UINT32_MAX ? waits_of(g, fn) : WAITS_FOREIGN;
}
