/* The methods that a call of something unknown may be, and with them what it waits for. */
#include "graph/calling.h"
#include "graph/waits.h"

enum { SAME_NAME_MAX = 64, LIKELY_MAX = 8, WAITED_MAX = 16, LATER_OPS = 40 };

/* `self.steps.get(key)`, `self.steps[key]`: the class of what is stored there. */
static ClassId element_type(const Graph *g, u32 file, PathId element) {
    static const char *const GETTERS[] = {"get", "pop", "setdefault"};
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, element).i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) {
        const Path *callee = &f->paths[f->ops[p->id].subject];
        bool is_getter = false;
        for (u32 i = 0; callee->kind == PATH_ATTR && i < ARRAY_LEN(GETTERS); i++)
            is_getter |= str_is(facts_str(f, (StrId){callee->id}), GETTERS[i]);
        p = is_getter ? callee : &f->paths[0];
    } else if (p->kind != PATH_ANY && p->kind != PATH_CONST) {
        return (ClassId){0};
    }
    const Path *container = &f->paths[p->parent.i];
    if (container->kind != PATH_ATTR) return (ClassId){0};
    ClassId owner = graph_type_of(g, file, container->parent);
    u32 n = 0;
    const Touch *touch = NULL;
    if (owner.i) touch = touches_of(g, owner, name_hash(f, (StrId){container->id}), &n);
    for (u32 i = 0; i < n; i++) {
        if (touch[i].kind != TOUCH_ITEM_SET || touch[i].level) continue;
        const Op *store = &g->files[touch[i].file].facts->ops[touch[i].op.i];
        return graph_type_of(g, touch[i].file, bound_value(g->files[touch[i].file].facts, store));
    }
    return (ClassId){0};
}

u32 made_function(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, callee).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return 0;
    ClassId made;
    u32 maker = callee_function(g, file, &f->ops[p->id], &made);
    return maker ? g->functions[maker].inner : 0;
}

static bool has_parameter(const Graph *g, u32 fn, Str name) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    for (u32 i = s->param_first; i < s->param_end; i++)
        if (f->params[i].kind == PARAM_DOUBLE_STAR ||
            str_eq(facts_str(f, f->symbols[f->params[i].symbol.i].name), name))
            return true;
    return false;
}

/* Can the call, of which all arguments are written out, be one of the method? */
static bool fits_method(const Graph *g, u32 file, const Op *call, u32 fn) {
    const Facts *f = g->files[file].facts;
    const FunctionNode *node = &g->functions[fn];
    Accepts takes = graph_accepts(g, (ScopeRef){node->file, node->scope});
    u32 given = 0, named = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        OperandKind kind = operand_kind(o);
        if (kind != OPERAND_POSITIONAL && kind != OPERAND_KEYWORD) return true;
        if (kind == OPERAND_KEYWORD && !has_parameter(g, fn, facts_str(f, operand_name(o))))
            return false;
        given += kind == OPERAND_POSITIONAL;
        named += kind == OPERAND_KEYWORD;
    }
    return given <= takes.most && given + named >= takes.least;
}

/* The methods of that name that take such arguments, tests aside: coroutines, or the one that there
 * is. None when they are too many. */
static u32 methods_named(const Graph *g, u32 file, const Op *call, u64 name, u32 *found) {
    u32 n = 0, seen = 0;
    bool has_async = false;
    for (u32 fn = map_get(&g->last_methods, name); fn; fn = g->next_methods[fn]) {
        const FunctionNode *node = &g->functions[fn];
        if (seen++ == SAME_NAME_MAX) return 0;
        if (g->files[node->file].is_test || !fits_method(g, file, call, fn)) continue;
        bool is_async = g->files[node->file].facts->scopes[node->scope.i].flags & SCOPE_ASYNC;
        if (has_async && !is_async) continue;
        if (is_async && !has_async) n = 0;
        has_async |= is_async;
        if (n == LIKELY_MAX) return 0;
        found[n++] = fn;
    }
    return has_async || n == 1 ? n : 0;
}

/* The methods that may be called on something of unknown class: that of the elements of a
 * container, or those of the name: `self.plugins["caps"].update()`. */
static u32 likely_methods(const Graph *g, u32 file, const Op *call, u32 *found) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    if (p->kind != PATH_ATTR) return 0;
    ClassId c = element_type(g, file, p->parent);
    u64 name = name_hash(f, (StrId){p->id});
    if (!c.i) return methods_named(g, file, call, name, found);
    found[0] = method_by_name(g, c, name);
    return found[0] != 0;
}

/* `ws.close`, or `getattr(ws, "close", None)`: ws and "close". */
static PathId owner_and_method(const Graph *g, u32 file, PathId callee, Str *name) {
    const Facts *f = g->files[file].facts;
    PathId value = graph_alias_of(g, file, callee);
    const Path *p = &f->paths[value.i];
    *name = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
    if (p->kind == PATH_ATTR) return p->parent;
    const Op *call = facts_call(f, value);
    if (!call || call->operands < 2) return (PathId){0};
    if (!str_is(graph_name_of(g, file, op_path(call)), "builtins.getattr")) return (PathId){0};
    p = &f->paths[op_operand(f, call, 1).i];
    bool is_text = p->kind == PATH_LITERAL && p->flags == LITERAL_STRING;
    if (is_text) *name = facts_str(f, (StrId){p->id});
    return is_text ? op_operand(f, call, 0) : (PathId){0};
}

/* `ws.close()` of what is not the project's: it waits for its transport. `group.spawn(…)`: the
 * group keeps the task, and the coroutine is done at once. */
static bool is_held_by_habit(const Graph *g, u32 file, PathId callee) {
    static const char *const ENDS[] = {"aclose", "close", "disconnect", "shutdown", "wait_closed"};
    Str method, owner;
    PathId of = owner_and_method(g, file, callee, &method);
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(method, ENDS[i])) return true;
    owner = facts_last_name(g->files[file].facts, of);
    return str_is(method, "spawn") && (str_ends(owner, "group") || str_ends(owner, "nursery"));
}

/* `from storage.users import save`, in a package that is started from inside of it; or 0. */
static u32 function_inside(const Graph *g, u32 file, PathId callee) {
    Str name = graph_name_of(g, file, callee);
    i64 dot = str_rfind(name, '.');
    if (dot < 0) return 0;
    u32 module = module_inside(g, file, str_sub(name, 0, (u32)dot));
    if (module == UINT32_MAX) return 0;
    SymbolId s = module_symbol(g, module, hash_str(str_sub(name, (u32)dot + 1, name.n)));
    Entity e = s.i ? entity_of_symbol(g, module, s, RESOLVE_DEPTH) : (Entity){0};
    return e.kind == ENTITY_FUNCTION ? function_id(g, e.file, (ScopeId){e.id}) : 0;
}

/* What a parameter is annotated as, or empty. */
static Str annotated_name(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!is_parameter(f, owner)) return (Str){0};
    const Param *param = facts_param(f, owner);
    return param ? graph_name_of(g, file, param->annotation) : (Str){0};
}

/* `client.get(url)`: by what made the client, or by its annotation. */
static bool is_held_by_library(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callee.i];
    if (is_library_held(g, graph_name_of(g, file, callee))) return true;
    if (p->kind != PATH_ATTR) return false;
    return is_library_held(g, graph_maker_of(g, file, p->parent)) ||
           is_library_held(g, annotated_name(g, file, p->parent));
}

/* `result = handler(event)`, and `isawaitable(result)` then. */
static bool is_asked_later(const Graph *g, u32 file, const Op *call, PathId value) {
    const Facts *f = g->files[file].facts;
    u32 from = (u32)(call - f->ops);
    u32 end = f->scopes[f->regions[call->region.i].scope.i].op_end;
    return f->paths[value.i].kind == PATH_SYMBOL &&
           is_asked(g, file, MIN(end, from + LATER_OPS), value);
}

/* `event: asyncio.Event`, and `event.wait()`: of no class of the project. */
static bool is_of_primitive(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    if (p->kind != PATH_ATTR || !is_rendezvous(facts_str(f, (StrId){p->id}))) return false;
    return str_starts(graph_maker_of(g, file, p->parent), "asyncio.") ||
           str_starts(annotated_name(g, file, p->parent), "asyncio.");
}

/* All of them run in one go: those of a name, of which the empty ones are overridden by others. */
static bool none_waits(const Graph *g, const u32 *found, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (!never_waits(g, found[i])) return false;
    return n > 1;
}

/* Something in a class of the project has the name, a field or an attribute: it may be set to any
 * function. */
static bool is_member_name(const Graph *g, u64 name) {
    for (u32 c = 1; c <= g->n_classes; c++) {
        bool may_store = names_have(&g->attribute_names[c], name);
        if (member_of(g, (ClassId){c}, name).i) return true;
        if (may_store && own_attribute(g, (ClassId){c}, name)) return true;
    }
    return false;
}

/* `listener.on_close(…)`, `job.callback(…)`: what others are told by. */
static bool is_hook_name(Str name) {
    static const char *const ENDS[] = {"_callback", "_cb", "_func", "_handler", "_hook"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(name, ENDS[i])) return true;
    return is_code_name(name) || str_starts(name, "on_");
}

static bool is_coroutine_function(const Graph *g, u32 fn) {
    const FunctionNode *node = &g->functions[fn];
    return g->files[node->file].facts->scopes[node->scope.i].flags & SCOPE_ASYNC;
}

/* What a library is given it may call, or wait for: `retried(self.save())`. */
static bool argument_waits_openly(const Graph *g, Search *search, u32 file, PathId value,
                                  u32 depth) {
    const Facts *f = g->files[file].facts;
    const Op *call = facts_call(f, value);
    ClassId made;
    u32 fn = call ? callee_function(g, file, call, &made) : 0;
    if (fn && is_coroutine_function(g, fn))
        return depth && called_waits_openly(g, search, file, call, fn, depth - 1);
    if (call) return false;
    ScopeRef named = function_named(g, file, value);
    if (!scope_is_none(named)) fn = function_id(g, named.file, named.scope);
    if (fn)
        return depth && is_coroutine_function(g, fn) &&
               function_waits_openly(g, search, fn, depth - 1);
    const Path *p = &f->paths[value.i];
    bool is_given = p->kind == PATH_SYMBOL && is_parameter(f, f->symbols[p->id].target);
    return is_given && is_hook_name(facts_str(f, f->symbols[p->id].name)) &&
           waits_for(search, WAITS_FOR_BROUGHT);
}

/* A function or method that is not the project's at all. Its waits end with a transport, a timer
 * or an executor, as good as always. */
static bool is_of_library(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    if (p->kind == PATH_SYMBOL)
        return entity_of_path(g, file, op_path(call), RESOLVE_DEPTH).kind == ENTITY_EXTERNAL;
    if (p->kind != PATH_ATTR || is_hook_name(facts_str(f, (StrId){p->id}))) return false;
    u64 name = name_hash(f, (StrId){p->id});
    return !map_get(&g->last_methods, name) && !is_member_name(g, name);
}

/* A call of which nobody knows what it runs. */
static bool unknown_waits_openly(const Graph *g, Search *search, u32 file, const Op *call,
                                 u32 depth) {
    const Facts *f = g->files[file].facts;
    if (!is_of_library(g, file, call)) {
        const Path *p = &f->paths[call->subject];
        u64 name = p->kind == PATH_ATTR ? name_hash(f, (StrId){p->id}) : 0;
        bool is_method = name && map_get(&g->last_methods, name);
        return waits_for(search, is_method ? WAITS_FOR_UNSEEN : WAITS_FOR_BROUGHT);
    }
    search->meets = true;
    for (u32 i = 0; i < call->operands; i++)
        if (argument_waits_openly(g, search, file, op_operand(f, call, i), depth)) return true;
    return false;
}

/* `create_task(coroutine)` of a parameter, or of what is in a container or attribute. */
static WaitsFor unknown_coroutine(const Facts *f, PathId coroutine) {
    const Path *p = &f->paths[coroutine.i];
    bool is_own = p->kind == PATH_SYMBOL && !is_parameter(f, f->symbols[p->id].target);
    return is_own ? WAITS_FOR_UNSEEN : WAITS_FOR_BROUGHT;
}

/* `asyncio.wait(tasks)`: for all of what the function made, or for what it was given. */
static bool batch_waits_openly(const Graph *g, Search *search, u32 file, const Op *call,
                               u32 depth) {
    PathId coroutines[WAITED_MAX];
    OpRef at = {file, {(u32)(call - g->files[file].facts->ops)}};
    u32 n = waited_coroutines(g, at, coroutines, WAITED_MAX);
    for (u32 i = 0; i < n; i++)
        if (!depth || coroutine_waits_openly(g, search, file, coroutines[i], depth - 1))
            return true;
    return !n && waits_for(search, WAITS_FOR_UNSEEN);
}

/* `create_task(work())` of a parameter of what nothing calls: what partials bind to it. */
static Answer parameter_waits(const Graph *g, Search *search, u32 file, const Op *call, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!is_parameter(f, s)) return ANSWER_UNKNOWN;
    if (g->functions[function_id(g, file, f->symbols[s.i].scope)].callers.n) return ANSWER_UNKNOWN;
    return givers_wait_openly(g, search, file, s, depth) ? ANSWER_OPEN : ANSWER_HELD;
}

bool coroutine_waits_openly(const Graph *g, Search *search, u32 file, PathId coroutine, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Op *call = facts_call(f, graph_alias_of(g, file, coroutine));
    if (!call) return waits_for(search, unknown_coroutine(f, coroutine));
    ClassId made;
    u32 fn = callee_function(g, file, call, &made), found[LIKELY_MAX] = {0};
    if (!fn) fn = made_function(g, file, op_path(call));
    if (!fn && f->paths[call->subject].kind == PATH_SYMBOL)
        fn = function_inside(g, file, op_path(call));
    if (fn) return called_waits_openly(g, search, file, call, fn, depth);
    if (is_held_by_library(g, file, op_path(call))) return false;
    if (str_is(graph_name_of(g, file, op_path(call)), "asyncio.wait"))
        return batch_waits_openly(g, search, file, call, depth);
    Answer given = parameter_waits(g, search, file, call, depth);
    if (given != ANSWER_UNKNOWN) return given == ANSWER_OPEN;
    Answer stored = attribute_waits(g, search, file, call, depth);
    if (stored != ANSWER_UNKNOWN) return stored == ANSWER_OPEN;
    if (is_of_primitive(g, file, call)) return rendezvous_waits_openly(g, search, file, call);
    u32 n = likely_methods(g, file, call, found);
    if (n != 1 && is_held_by_habit(g, file, op_path(call))) return false;
    if (is_asked_later(g, file, call, coroutine) && !is_of_library(g, file, call))
        return waits_for(search, WAITS_FOR_BROUGHT);
    if (!n) return unknown_waits_openly(g, search, file, call, depth);
    if (none_waits(g, found, n)) return false;
    for (u32 i = 0; i < n; i++)
        if (called_waits_openly(g, search, file, call, found[i], depth)) return true;
    return false;
}

Waiting graph_waits(const Graph *g, u32 file, PathId coroutine) {
    Search search = {0};
    bool is_open = coroutine_waits_openly(g, &search, file, coroutine, WAIT_DEPTH);
    Waiting waiting = waiting_of(&search, is_open);
    arena_free(&search.arena);
    return waiting;
}
