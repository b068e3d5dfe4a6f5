/* What a coroutine waits for: the loop's own timers and transports, which hold a waiting task, or
 * things that nobody else may hold. */
#include "graph/model.h"

/* Calls that are followed into one another: what is called farther down is called now and then. */
enum { WAIT_DEPTH = 3, WAIT_OPS = 2000, ASKED_OPS = 200, CALLERS_ASKED = 8 };

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

/* The function or method that a path names, or none. */
ScopeRef function_named(const Graph *g, u32 file, PathId path) {
    const Path *p = &g->files[file].facts->paths[path.i];
    ScopeRef named = graph_definition_of(g, file, path);
    if (scope_is_none(named) && p->kind == PATH_ATTR) {
        ClassId owner = graph_type_of(g, file, p->parent);
        u64 name = name_hash(g->files[file].facts, (StrId){p->id});
        if (owner.i) named = graph_member(g, owner, name).function;
    }
    bool is_function = !scope_is_none(named) && function_id(g, named.file, named.scope);
    return is_function ? named : (ScopeRef){0}; /* and not a class */
}

/* What is known to be held: function -> depth that it was searched to, plus 1. A search ends with
 * the first wait for code that others bring, so that what is looked at again has none. */
typedef struct Search {
    Arena arena;
    Map done;
    bool meets; /* it waits for futures and primitives, whose other side is in the project */
} Search;

static bool function_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth);

/* `partial(f, …)`: f. */
static PathId without_partial(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return value;
    bool is_partial = str_is(graph_name_of(g, file, op_path(&f->ops[p->id])), "functools.partial");
    return is_partial ? op_operand(f, &f->ops[p->id], 0) : value;
}

enum { ANNOTATION_DEPTH = 4 };

/* `Callable[[str], Awaitable[str]] | None`: whoever sets it brings the code. */
static bool is_callable_annotation(const Graph *g, u32 file, PathId annotation, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (str_is(facts_last_name(f, annotation), "Callable")) return true;
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
            return true;
        PathId value = without_partial(g, def->file, bound_value(f, op));
        if (!value.i && op->kind == OP_BIND) continue;
        if (facts_is_none(f, value)) continue;
        ScopeRef stored = function_named(g, def->file, value);
        if (scope_is_none(stored)) return true;
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

/* `x.callback(…)`: an attribute that is no method. A class that has neither gets the method from a
 * base outside the project or, when it is mixed in, from a sibling. */
static bool attribute_waits_openly(const Graph *g, Search *search, ClassId c, u64 name, u32 depth) {
    ClassId owner;
    if (!c.i) return false;
    if (is_declared_callable(g, c, name)) return true;
    return stored_waits_openly(g, search, class_attribute(g, c, name, &owner), depth);
}

/* The value, or what a call makes of it: `unwrap(callback)`. */
static bool is_about(const Facts *f, PathId path, PathId value) {
    const Path *p = &f->paths[path.i];
    if (path.i == value.i) return true;
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    return op && op->kind == OP_CALL && op->operands == 1 && op_operand(f, op, 0).i == value.i;
}

/* `iscoroutinefunction(callback)`, before: whoever asks does not know what he has. */
static bool is_asked(const Graph *g, u32 file, u32 before, PathId value) {
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

/* A method of something that is not known. What is called (a request, a query) goes over a
 * transport, unless it is an attribute of self that others set. */
static bool method_waits_openly(const Graph *g, Search *search, u32 file, const Op *call,
                                u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
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
    bool is_own = owner->kind == PATH_SYMBOL && self.i && f->symbols[owner->id].target.i == self.i;
    ClassId c = is_own ? graph_method_class(g, (ScopeRef){file, s})
                       : graph_type_of(g, file, callee->parent);
    return attribute_waits_openly(g, search, c, name_hash(f, (StrId){callee->id}), depth);
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

/* What callers give for a parameter that is called. */
typedef struct Givers {
    u32 own, others; /* functions of the project; anything else */
    bool is_open;    /* one of the project's waits openly */
} Givers;
/* So many callers who give functions of the project say that it is there for these. */
enum { OWN_GIVERS = 2, GIVERS_MAX = 16 };

/* `def run(work=None)`: what it is when nobody gives it. */
static bool is_none_by_default(const Graph *g, const FunctionNode *node, SymbolId parameter) {
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    for (u32 i = s->param_first; i < s->param_end; i++)
        if (f->params[i].symbol.i == parameter.i) return facts_is_none(f, f->params[i].fallback);
    return false;
}

static void ask_giver(const Graph *g, Search *search, u32 fn, u32 depth, Givers *givers) {
    givers->is_open |= function_waits_openly(g, search, fn, depth - 1);
    givers->own++;
}

static void ask_givers(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth,
                       Givers *givers);

static void ask_caller(const Graph *g, Search *search, const FunctionNode *node, OpRef call,
                       SymbolId parameter, u32 depth, Givers *givers) {
    const Facts *f = g->files[call.file].facts;
    PathId value = given_argument(g, call, (ScopeRef){node->file, node->scope}, parameter);
    if (!value.i && is_none_by_default(g, node, parameter)) return;
    value = without_partial(g, call.file, graph_alias_of(g, call.file, value));
    const Path *p = &f->paths[value.i];
    SymbolId own = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    ScopeRef given = function_named(g, call.file, value);
    if (!scope_is_none(given))
        ask_giver(g, search, function_id(g, given.file, given.scope), depth, givers);
    else if (is_parameter(f, own))
        ask_givers(g, search, call.file, own, depth - 1, givers);
    else if (!facts_is_none(f, value))
        givers->others++;
}

/* What the function, or what a call of it gives, decorates: not in tests, whose functions are no
 * sign of what users bring. */
static u32 ask_decorated(const Graph *g, Search *search, u32 decorator, bool is_called, u32 depth,
                         Givers *givers) {
    u32 n = 0;
    for (u32 i = map_get(&g->decorated_by, decorator); i; i = g->decorated.v[i - 1].next) {
        const Decorated *d = &g->decorated.v[i - 1];
        if (d->is_called != is_called || g->files[g->functions[d->function].file].is_test) continue;
        if (n++ < GIVERS_MAX) ask_giver(g, search, d->function, depth, givers);
    }
    givers->others += n > GIVERS_MAX;
    return n;
}

/* Of a decorator: `@repeat`, and `@repeat(60)` where it is the inner function of `repeat`. */
static u32 ask_decorations(const Graph *g, Search *search, u32 fn, SymbolId parameter, u32 depth,
                           Givers *givers) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    u32 first = s->param_first + (node->owner.i && node->kind != METHOD_STATIC);
    if (first >= s->param_end || f->params[first].symbol.i != parameter.i) return 0;
    ScopeId around = enclosing_function(f, s->parent);
    u32 maker = around.i ? function_id(g, node->file, around) : 0;
    u32 n = ask_decorated(g, search, fn, false, depth, givers);
    if (maker && (g->functions[maker].inner == fn || is_applied_by(g, node, &g->functions[maker])))
        n += ask_decorated(g, search, maker, true, depth, givers);
    return n;
}

static void ask_givers(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth,
                       Givers *givers) {
    u32 fn = function_id(g, file, g->files[file].facts->symbols[parameter.i].scope);
    const FunctionNode *node = &g->functions[fn];
    givers->others += node->callers.n > GIVERS_MAX || !depth;
    if (givers->others) return;
    u32 decorated = ask_decorations(g, search, fn, parameter, depth, givers);
    givers->others += !node->callers.n && !decorated;
    for (u32 i = 0; i < node->callers.n && !givers->others && !givers->is_open; i++)
        ask_caller(g, search, node, node->callers.v[i], parameter, depth, givers);
}

/* `callback(…)` of a parameter or of an attribute that is no method, a primitive, a function of the
 * project that waits so. */
static bool call_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (is_timed(graph_name_of(g, file, op_path(call)))) return false;
    ClassId made;
    u32 fn = callee_function(g, file, call, &made);
    if (fn) return depth && function_waits_openly(g, search, fn, depth - 1);
    const Path *callee = &f->paths[call->subject];
    SymbolId variable = callee->kind == PATH_SYMBOL ? f->symbols[callee->id].target : (SymbolId){0};
    if (is_parameter(f, variable)) {
        Givers givers = {0};
        ask_givers(g, search, file, variable, depth, &givers);
        return givers.is_open || givers.others || givers.own < OWN_GIVERS;
    }
    if (is_asked(g, file, (u32)(call - f->ops), op_path(call))) return true;
    if (variable.i) return is_taken_out(g, file, variable);
    return callee->kind == PATH_ATTR && method_waits_openly(g, search, file, call, depth);
}

/* A task that is in a container or attribute of somebody. */
static bool is_kept_task(const Graph *g, u32 file, const Path *p) {
    const Facts *f = g->files[file].facts;
    return p->kind == PATH_OP && makes_task(g, file, &f->ops[p->id]) &&
           graph_fate_of(g, file, (OpId){p->id}).kind < FATE_DROPPED;
}

/* Do callers give a coroutine for the parameter, and not a future that somebody has? */
static bool is_given_code(const Graph *g, u32 fn, SymbolId parameter) {
    const FunctionNode *node = &g->functions[fn];
    if (!node->callers.n) return true;
    for (u32 i = 0; i < node->callers.n && i < CALLERS_ASKED; i++) {
        OpRef call = node->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        PathId value = given_argument(g, call, (ScopeRef){node->file, node->scope}, parameter);
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

/* `self.waiters[id] = fut`, `fut.add_done_callback(partial(release, waiter))`, before it waits:
 * somebody else has it, too. */
static bool others_have(const Graph *g, u32 fn, SymbolId variable) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + WAIT_OPS; i++) {
        const Op *op = &f->ops[i];
        const Path *awaited = &f->paths[op->kind == OP_AWAIT ? op->subject : 0];
        if (awaited->kind == PATH_SYMBOL && f->symbols[awaited->id].target.i == variable.i)
            return false;
        const Path *stored = &f->paths[op->kind == OP_STORE ? bound_value(f, op).i : 0];
        if (stored->kind == PATH_SYMBOL && f->symbols[stored->id].target.i == variable.i)
            return true;
        bool is_given = false;
        for (u32 k = 0; op->kind == OP_CALL && k < op->operands; k++) {
            const Path *p = &f->paths[op_operand(f, op, k).i];
            is_given |= p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == variable.i;
        }
        if (is_given && !is_look(graph_name_of(g, file, op_path(op)))) return true;
    }
    return false;
}

/* `loop.create_future()`, `Future()`, `create_task(…)`: somebody has it beside the caller. */
static bool gives_future(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    Str name = facts_last_name(f, op_path(call));
    return str_ends(name, "_future") || str_is(name, "Future") || makes_task(g, file, call);
}

/* `answer = loop.run_in_executor(…)`, and `await answer` then: the call that made it, or NULL. */
static const Op *made_before(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[variable.i];
    const Op *bind = &f->ops[s->bind.i];
    bool is_one = s->binds == 1 && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN;
    const Path *made = &f->paths[is_one ? bound_value(f, bind).i : 0];
    const Op *call = made->kind == PATH_OP ? &f->ops[made->id] : NULL;
    return call && call->kind == OP_CALL && !gives_future(g, file, call) ? call : NULL;
}

/* `await x`: a future of its own, a variable of the function around it, or what it was given. */
static bool variable_waits_openly(const Graph *g, Search *search, u32 fn, SymbolId variable,
                                  u32 depth) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    bool is_own = f->symbols[variable.i].scope.i == g->functions[fn].scope.i;
    const Op *before = is_own && !is_parameter(f, variable) ? made_before(g, file, variable) : NULL;
    if (before) return call_waits_openly(g, search, file, before, depth);
    bool is_open = is_own && (is_parameter(f, variable) ? is_given_code(g, fn, variable)
                                                        : !others_have(g, fn, variable));
    const Symbol *symbol = &f->symbols[variable.i];
    const Op *bind = &f->ops[symbol->bind.i];
    const Path *made = &f->paths[symbol->binds && !is_own ? bound_value(f, bind).i : 0];
    if (made->kind == PATH_OP &&
        f->ops[made->id].kind == OP_CALL) /* a coroutine of the outer one */
        is_open |= call_waits_openly(g, search, file, &f->ops[made->id], depth);
    search->meets |= !is_open;
    return is_open;
}

/* What the operation waits for. */
static bool value_waits_openly(const Graph *g, Search *search, u32 fn, u32 at, u32 depth) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    PathId awaited = op_path(&f->ops[at]);
    const Path *p = &f->paths[awaited.i];
    if (is_asked(g, file, at, awaited)) return true;
    if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i)
        return variable_waits_openly(g, search, fn, f->symbols[p->id].target, depth);
    if (p->kind != PATH_OP) {
        search->meets |= p->kind == PATH_ATTR;
        return false;
    }
    if (f->ops[p->id].kind != OP_CALL) return false;
    return call_waits_openly(g, search, file, &f->ops[p->id], depth);
}

/* The code runs when something calls it, and not where it stands. */
static u32 after_inner(const Facts *f, u32 at) {
    const Op *op = &f->ops[at];
    bool is_inner = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA;
    return is_inner ? MAX(at, f->scopes[op->subject].op_end - 1) : at;
}

static bool is_act(const Op *op) {
    return op->kind == OP_CALL || op->kind == OP_AWAIT || op->kind == OP_ENTER ||
           op->kind == OP_STORE || op->kind == OP_AUGMENT;
}

/* An empty method is there to be overridden. Where the project makes instances of its class, it is
 * what they do; and the subclasses that stand beside it do the rest, or, for a method that is not
 * public, those of the project. */
static bool stub_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    if (!node->owner.i) return false;
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, node->owner, family), others = 0;
    StrId own = f->scopes[node->scope.i].name;
    u64 name = name_hash(f, own);
    Str text = facts_str(f, own);
    bool is_private = str_public(text).n < text.n && !str_starts(text, "__");
    for (u32 i = 0; i < n; i++) {
        if (family[i].i == node->owner.i || !member_of(g, family[i], name).i) continue;
        u32 other = method_by_name(g, family[i], name);
        if (!other || g->files[g->functions[other].file].is_test) continue;
        if (!is_private && g->functions[other].file != node->file) continue;
        if (depth && function_waits_openly(g, search, other, depth - 1)) return true;
        others++;
    }
    return !others || !g->classes[node->owner.i].calls.n;
}

/* The body, as far as it waits; *acts when it does anything. */
static bool body_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth, bool *acts) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    for (u32 i = s->op_first; i < s->op_end; i = after_inner(f, i) + 1) {
        const Op *op = &f->ops[i];
        if (i - s->op_first > WAIT_OPS) { /* who knows */
            search->meets = *acts = true;
            return false;
        }
        *acts |= is_act(op);
        bool is_async = (op->kind == OP_ITERATE || op->kind == OP_ENTER) && op->flags & OP_ASYNC;
        if (!is_async && op->kind != OP_AWAIT) continue;
        if (graph_in_handler(g, file, op->region)) { /* now and then */
            search->meets = true;
            continue;
        }
        if (op->kind == OP_ENTER && is_lock(g, file, op_path(op))) continue;
        if (op->kind != OP_AWAIT && f->paths[op->subject].kind == PATH_SYMBOL) {
            search->meets = true;
            continue;
        }
        if (value_waits_openly(g, search, fn, i, depth)) return true;
    }
    return false;
}

/* A plain function gives what it calls, `return self.emit(…)`, or a future that it has from
 * somewhere. */
static bool result_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    search->meets |= !node->n_returns;
    for (u32 i = 0; i < node->n_returns; i++) {
        PathId value = op_operand(f, &f->ops[node->returns[i].i], 0);
        const Path *p = &f->paths[graph_alias_of(g, node->file, value).i];
        const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
        bool is_call = call && call->kind == OP_CALL;
        search->meets |= !is_call || gives_future(g, node->file, call);
        if (is_call && call_waits_openly(g, search, node->file, call, depth)) return true;
    }
    return false;
}

static bool function_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth) {
    if (map_get(&search->done, fn) > depth) return false;
    map_set(&search->arena, &search->done, fn, depth + 1);
    const Facts *f = g->files[g->functions[fn].file].facts;
    if (!(f->scopes[g->functions[fn].scope.i].flags & SCOPE_ASYNC))
        return result_waits_openly(g, search, fn, depth);
    bool acts = false;
    if (body_waits_openly(g, search, fn, depth, &acts)) return true;
    return !acts && stub_waits_openly(g, search, fn, depth);
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

/* `again = repeated(work, 60)`, and a call of it: the function inside `repeated`. */
static u32 made_function(const Graph *g, u32 file, PathId callee) {
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

enum { SAME_NAME_MAX = 64 };

/* The one method of that name that takes such arguments, tests aside; or 0. */
static u32 only_method(const Graph *g, u32 file, const Op *call, u64 name) {
    u32 found = 0, n = 0;
    for (u32 fn = map_get(&g->last_methods, name); fn; fn = g->next_methods[fn]) {
        if (n++ == SAME_NAME_MAX) return 0;
        if (g->files[g->functions[fn].file].is_test || !fits_method(g, file, call, fn)) continue;
        if (found) return 0;
        found = fn;
    }
    return found;
}

/* The method that is called on something of unknown class: that of the elements of a container, or
 * the one of that name: `self.plugins["caps"].update()`. */
static u32 likely_method(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    if (p->kind != PATH_ATTR) return 0;
    ClassId c = element_type(g, file, p->parent);
    u64 name = name_hash(f, (StrId){p->id});
    return c.i ? method_by_name(g, c, name) : only_method(g, file, call, name);
}

/* `ws.close()` of what is not the project's: it waits for its transport. `group.spawn(…)`: the
 * group keeps the task, and the coroutine is done at once. */
static bool is_held_by_habit(const Facts *f, PathId callee) {
    static const char *const ENDS[] = {"aclose", "close", "disconnect", "shutdown", "wait_closed"};
    const Path *p = &f->paths[callee.i];
    if (p->kind != PATH_ATTR) return false;
    Str method = facts_str(f, (StrId){p->id});
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(method, ENDS[i])) return true;
    Str owner = facts_last_name(f, p->parent);
    return str_is(method, "spawn") && (str_ends(owner, "group") || str_ends(owner, "nursery"));
}

Waits graph_waits(const Graph *g, u32 file, PathId coroutine) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, coroutine).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return WAITS_FOREIGN;
    ClassId made;
    const Op *call = &f->ops[p->id];
    u32 fn = callee_function(g, file, call, &made);
    if (!fn) fn = made_function(g, file, op_path(call));
    if (!fn) fn = likely_method(g, file, call);
    if (fn) return waits_of(g, fn);
    return is_held_by_habit(f, op_path(call)) ? WAITS_HELD : WAITS_FOREIGN;
}
