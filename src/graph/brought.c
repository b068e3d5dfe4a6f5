/* What a coroutine waits for when it calls what others bring: callbacks, methods to be overridden,
 * what is in an attribute or a container. */
#include "graph/waits.h"

enum { ASKED_OPS = 200 };

/* The project may be the library. */
bool is_library_held(const Graph *g, Str canonical) {
    if (!know_is_held_by_loop(canonical)) return false;
    i64 dot = str_find(canonical, '.');
    u64 top = hash_str(dot < 0 ? canonical : str_sub(canonical, 0, (u32)dot));
    return !map_get(&g->module_names, top) && !map_get(&g->module_prefixes, top);
}

bool is_partial(const Graph *g, u32 file, const Op *call) {
    return str_is(graph_name_of(g, file, op_path(call)), "functools.partial");
}

PathId without_partial(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return value;
    return is_partial(g, file, &f->ops[p->id]) ? op_operand(f, &f->ops[p->id], 0) : value;
}

bool is_rendezvous(Str method) {
    static const char *const NAMES[] = {"acquire", "get", "join", "put", "wait", "wait_closed"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(method, NAMES[i])) return true;
    return false;
}

/* `self.process.wait()`, `self.writer.wait_closed()`, `process.stdin.drain()`: the loop holds the
 * transport, and that the future. */
static bool is_of_transport(const Graph *g, u32 file, PathId object) {
    static const char *const MAKERS[] = {"asyncio.StreamReader", "asyncio.StreamWriter",
                                         "asyncio.create_subprocess_exec",
                                         "asyncio.create_subprocess_shell"};
    static const char *const PIPES[] = {"stderr", "stdin", "stdout"};
    const Facts *f = g->files[file].facts;
    PathId at = graph_alias_of(g, file, object);
    if (str_is_any(facts_attribute(f, at), PIPES, ARRAY_LEN(PIPES))) at = f->paths[at.i].parent;
    return str_is_any(graph_maker_of(g, file, at), MAKERS, ARRAY_LEN(MAKERS));
}

/* `self.client(request)`: it goes over a transport, like what is called on one. */
static bool is_client(Str name) {
    static const char *const NAMES[] = {"api", "client", "conn", "connection", "session", "stub"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return str_ends(name, "_client") || str_ends(name, "_session");
}

enum { ANNOTATION_DEPTH = 4 };

/* `class Handler(Protocol)` with `__call__`. */
static bool is_call_protocol(const Graph *g, u32 file, PathId annotation) {
    ScopeRef named = graph_definition_of(g, file, annotation);
    ClassId c = scope_is_none(named) ? (ClassId){0} : graph_class_of_scope(g, named);
    return c.i && graph_is_subclass(g, c, "typing.Protocol") &&
           class_member(g, c, hash_str(STR("__call__")), &(ClassId){0}).i;
}

/* `Callable[[str], Awaitable[str]] | None`: whoever sets it brings the code. */
static bool is_callable_annotation(const Graph *g, u32 file, PathId annotation, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (str_is(facts_last_name(f, annotation), "Callable")) return true;
    if (is_call_protocol(g, file, annotation)) return true;
    if (p->kind != PATH_OP || !depth) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind != OP_SUBSCRIPT && op->kind != OP_BINARY) return false;
    if (op->kind == OP_SUBSCRIPT && is_callable_annotation(g, file, op_path(op), 1)) return true;
    bool is_choice = op->kind == OP_BINARY || str_is(facts_last_name(f, op_path(op)), "Optional") ||
                     str_is(facts_last_name(f, op_path(op)), "Union");
    for (u32 i = 0; is_choice && i < op->operands; i++)
        if (is_callable_annotation(g, file, op_operand(f, op, i), depth - 1)) return true;
    return false;
}

/* `self.set_state = hub.state.set_state`, and a call of it: when all that is stored are functions
 * of the project, these are asked. */
static bool stored_waits_openly(const Graph *g, Search *search, const AttributeDef *def,
                                u32 depth) {
    for (; def; def = attribute_next(g, def)) {
        const Facts *f = g->files[def->file].facts;
        const Op *op = &f->ops[def->op.i];
        if (is_callable_annotation(g, def->file, bound_annotation(f, op), ANNOTATION_DEPTH))
            return waits_for(search, WAITS_FOR_BROUGHT);
        PathId value = without_partial(g, def->file, bound_value(f, op));
        if (!value.i && op->kind == OP_BIND) continue;
        const Op *made = facts_call(f, value); /* `self.session = sessionmaker(…)` */
        bool is_held = made && is_library_held(g, graph_name_of(g, def->file, op_path(made)));
        if (facts_is_none(f, value) || is_held) continue;
        ScopeRef stored = function_named(g, def->file, value);
        if (scope_is_none(stored)) return waits_for(search, WAITS_FOR_BROUGHT);
        u32 fn = function_id(g, stored.file, stored.scope);
        if (depth && function_waits_openly(g, search, fn, depth - 1)) return true;
    }
    return false;
}

/* `author_rename: Callable[…] | None = None` in the body of the class. */
static bool is_declared_callable(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    SymbolId s = class_member(g, c, name, &owner);
    if (!s.i) return false;
    u32 file = g->classes[owner.i].file;
    const Facts *f = g->files[file].facts;
    const Op *bind = &f->ops[f->symbols[s.i].bind.i];
    return bind->kind == OP_BIND &&
           is_callable_annotation(g, file, bound_annotation(f, bind), ANNOTATION_DEPTH);
}

/* The value, or what a call makes of it: `unwrap(callback)`. */
static bool is_about(const Facts *f, PathId path, PathId value) {
    const Path *p = &f->paths[path.i];
    if (path.i == value.i) return true;
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    return op && op->kind == OP_CALL && op->operands == 1 && op_operand(f, op, 0).i == value.i;
}

bool is_asked(const Graph *g, u32 file, u32 before, PathId value) {
    static const char *const NAMES[] = {"isawaitable", "iscoroutine", "iscoroutinefunction"};
    const Facts *f = g->files[file].facts;
    u32 first = f->scopes[f->regions[f->ops[before].region.i].scope.i].op_first;
    for (u32 i = before; i-- > first && before - i < ASKED_OPS;) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !op->operands || !is_about(f, op_operand(f, op, 0), value))
            continue;
        Str name = facts_last_name(f, op_path(op));
        for (u32 k = 0; k < ARRAY_LEN(NAMES); k++)
            if (str_is(name, NAMES[k])) return true;
    }
    return false;
}

/* `x.callback(…)`: an attribute that is no method. A class that has neither gets the method from a
 * base outside the project or, when it is mixed in, from a sibling. */
Answer attribute_waits(const Graph *g, Search *search, u32 file, const Op *call, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    if (callee->kind != PATH_ATTR) return ANSWER_UNKNOWN;
    const Path *owner = &f->paths[callee->parent.i];
    ScopeId s = enclosing_function(f, f->regions[call->region.i].scope);
    SymbolId self = self_symbol(g, (ScopeRef){file, s});
    bool is_own = owner->kind == PATH_SYMBOL && self.i && f->symbols[owner->id].target.i == self.i;
    ClassId c = is_own ? graph_method_class(g, (ScopeRef){file, s})
                       : graph_type_of(g, file, callee->parent);
    u64 name = name_hash(f, (StrId){callee->id});
    if (!c.i) return ANSWER_UNKNOWN;
    if (is_declared_callable(g, c, name)) {
        waits_for(search, WAITS_FOR_BROUGHT);
        return ANSWER_OPEN;
    }
    const AttributeDef *stored = class_attribute(g, c, name, &(ClassId){0});
    if (!stored) return ANSWER_UNKNOWN;
    return stored_waits_openly(g, search, stored, depth) ? ANSWER_OPEN : ANSWER_HELD;
}

bool rendezvous_waits_openly(const Graph *g, Search *search, u32 file, const Op *call) {
    PathId object = g->files[file].facts->paths[call->subject].parent;
    if (is_own_primitive(g, file, object, call->region)) return waits_for(search, WAITS_FOR_OWN);
    search->meets |= !is_of_transport(g, file, object);
    return false;
}

/* A method of something that is not known. What is called (a request, a query) goes over a
 * transport, unless it is an attribute of self that others set. */
static bool method_waits_openly(const Graph *g, Search *search, u32 file, const Op *call,
                                u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    Str method = facts_str(f, (StrId){callee->id});
    if (str_is(method, "acquire") && is_waited_lock(g, file, callee->parent)) return false;
    if (is_rendezvous(method)) return rendezvous_waits_openly(g, search, file, call);
    if (is_client(method)) return false;
    return attribute_waits(g, search, file, call, depth) == ANSWER_OPEN;
}

/* `for side in enumerate((white, black))`: it goes over what is written there. */
static bool is_of_display(const Graph *g, u32 file, PathId element) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[facts_root_symbol(f, element).i];
    const Op *bind = &f->ops[s->bind.i];
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FOR) return false;
    const Path *over = facts_root(f, bound_value(f, bind));
    for (u32 steps = 0; steps < 2 && over->kind == PATH_OP; steps++) {
        const Op *op = &f->ops[over->id];
        if (op->kind == OP_TUPLE || op->kind == OP_LIST) return true;
        if (op->kind != OP_CALL || !op->operands) return false;
        over = &f->paths[op_operand(f, op, 0).i];
    }
    return false;
}

/* `for listener in self.listeners`, `handler = handlers[key]`: what was put in by others. */
static bool is_taken_out(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Op *bind = &f->ops[f->symbols[variable.i].bind.i];
    if (bind->kind != OP_BIND) return false;
    u32 kind = bind->flags & OP_LOW;
    const Path *value = &f->paths[bound_value(f, bind).i];
    bool is_element = value->kind == PATH_ANY || value->kind == PATH_CONST;
    if (!is_element || (kind != BIND_FOR && kind != BIND_ASSIGN)) return false;
    const Path *container = &f->paths[graph_alias_of(g, file, value->parent).i];
    if (is_of_display(g, file, value->parent)) return false;
    return container->kind != PATH_OP || f->ops[container->id].kind == OP_CALL; /* not made here */
}

/* `async def app(scope, receive, send)`: what a server of ASGI gives goes over its transport. */
static bool is_asgi_channel(const Facts *f, SymbolId parameter) {
    const Scope *s = &f->scopes[f->symbols[parameter.i].scope.i];
    bool receives = false, sends = false, is_one = false;
    for (u32 i = s->param_first; i < s->param_end; i++) {
        SymbolId each = f->params[i].symbol;
        Str name = facts_str(f, f->symbols[each.i].name);
        bool is_receive = str_is(name, "receive"), is_send = str_is(name, "send");
        receives |= is_receive;
        sends |= is_send;
        is_one |= each.i == parameter.i && (is_receive || is_send);
    }
    return receives && sends && is_one;
}

/* `callback(…)` of a parameter or of an attribute that is no method, a primitive, a function of the
 * project that waits so. */
bool call_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (is_library_held(g, graph_name_of(g, file, op_path(call)))) return false;
    ClassId made;
    u32 fn = callee_function(g, file, call, &made);
    if (fn) return depth && called_waits_openly(g, search, file, call, fn, depth - 1);
    const Path *callee = &f->paths[call->subject];
    SymbolId variable = callee->kind == PATH_SYMBOL ? f->symbols[callee->id].target : (SymbolId){0};
    if (is_parameter(f, variable)) {
        if (is_asgi_channel(f, variable)) return false;
        Answer answer = given_waits_openly(g, search, file, variable, true, depth);
        return answer == ANSWER_UNKNOWN ? givers_wait_openly(g, search, file, variable, depth)
                                        : answer == ANSWER_OPEN;
    }
    if (is_asked(g, file, (u32)(call - f->ops), op_path(call)) ||
        (variable.i && is_taken_out(g, file, variable)))
        return waits_for(search, WAITS_FOR_BROUGHT);
    return callee->kind == PATH_ATTR && method_waits_openly(g, search, file, call, depth);
}
