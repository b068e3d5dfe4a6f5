/* What a coroutine waits for: the loop's own timers and transports, which hold a waiting task, or
 * things that nobody else may hold. */
#include "graph/waits.h"

enum { WAIT_OPS = 2000, CALLERS_ASKED = 8, CLOSURE_OPS = 200, CANCEL_OPS = 40, DONE_NONE = 1 };

/* Whoever has the lock leads to it, and lets those who wait for it go on. */
bool is_waited_lock(const Graph *g, u32 file, PathId path) {
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

bool is_kept_task(const Graph *g, u32 file, const Path *p) {
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

/* The code runs when something calls it, and not where it stands. */
static u32 after_inner(const Facts *f, u32 at) {
    const Op *op = &f->ops[at];
    bool is_inner = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA;
    return is_inner ? MAX(at, f->scopes[op->subject].op_end - 1) : at;
}

/* The inner function, or the lambda, has the variable. */
static bool has_variable(const Facts *f, ScopeId inner, SymbolId variable) {
    const Scope *s = &f->scopes[inner.i];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + CLOSURE_OPS; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_FUNCTION && op->kind != OP_LAMBDA &&
            facts_root_symbol(f, op_path(op)).i == variable.i)
            return true;
        for (u32 k = 0; k < op->operands; k++)
            if (facts_root_symbol(f, op_operand(f, op, k)).i == variable.i) return true;
    }
    return false;
}

/* `future = self.waiting[key] = loop.create_future()`: the store and the variable get one value. */
static bool is_bound_beside(const Facts *f, PathId value, SymbolId variable) {
    const Op *bind = &f->ops[f->symbols[variable.i].bind.i];
    return f->paths[value.i].kind == PATH_OP && bind->kind == OP_BIND &&
           bound_value(f, bind).i == value.i;
}

/* The variable, a method of it (`fut.cancel`), or a closure that has it. */
static bool hands_on(const Facts *f, PathId value, SymbolId variable) {
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_ATTR) p = &f->paths[p->parent.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_LAMBDA)
        return has_variable(f, (ScopeId){f->ops[p->id].subject}, variable);
    if (p->kind != PATH_SYMBOL) return false;
    SymbolId target = f->symbols[p->id].target;
    if (target.i == variable.i) return true;
    const Op *bind = &f->ops[f->symbols[target.i].bind.i];
    p = &f->paths[bind->kind == OP_BIND ? bound_value(f, bind).i : 0];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_FUNCTION &&
           has_variable(f, (ScopeId){f->ops[p->id].subject}, variable);
}

/* `self.waiters[id] = fut`, `dialog.rejected.connect(fut.cancel)`, before it waits: somebody else
 * has it, too. */
static bool others_have(const Graph *g, u32 fn, SymbolId variable) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + WAIT_OPS; i++) {
        const Op *op = &f->ops[i];
        const Path *awaited = &f->paths[op->kind == OP_AWAIT ? op->subject : 0];
        if (awaited->kind == PATH_SYMBOL && f->symbols[awaited->id].target.i == variable.i)
            return false;
        PathId stored = op->kind == OP_STORE ? bound_value(f, op) : (PathId){0};
        if (stored.i && (hands_on(f, stored, variable) || is_bound_beside(f, stored, variable)))
            return true;
        bool is_given = false;
        for (u32 k = 0; op->kind == OP_CALL && k < op->operands; k++)
            is_given |= hands_on(f, op_operand(f, op, k), variable);
        if (is_given && !is_look(graph_name_of(g, file, op_path(op)))) return true;
    }
    return false;
}

/* `asyncio.Event()`, `asyncio.Queue()`. */
static bool is_primitive_maker(Str name) {
    static const char *const KINDS[] = {"Barrier", "Condition", "Event",
                                        "Queue",   "LifoQueue", "PriorityQueue"};
    return str_starts(name, "asyncio.") &&
           str_is_any(str_after_last(name, '.'), KINDS, ARRAY_LEN(KINDS));
}

/* `queue.put_nowait(x)`: what it waits for later it may have done itself. */
static bool is_signal(const Facts *f, const Op *op, SymbolId variable) {
    static const char *const NAMES[] = {"notify", "notify_all", "put", "put_nowait", "set"};
    const Path *p = &f->paths[op->kind == OP_CALL ? op->subject : 0];
    const Path *of = &f->paths[p->parent.i];
    return p->kind == PATH_ATTR && of->kind == PATH_SYMBOL &&
           f->symbols[of->id].target.i == variable.i &&
           str_is_any(facts_str(f, (StrId){p->id}), NAMES, ARRAY_LEN(NAMES));
}

/* It is an argument, an element or a value, a function inside has it, or it is told itself. */
static bool is_handed(const Facts *f, ScopeId function, SymbolId variable) {
    const Scope *s = &f->scopes[function.i];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + WAIT_OPS; i++) {
        const Op *op = &f->ops[i];
        bool is_inner = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA;
        if (is_inner && has_variable(f, (ScopeId){op->subject}, variable)) return true;
        if (is_signal(f, op, variable)) return true;
        for (u32 k = 0; k < op->operands; k++)
            if (facts_root_symbol(f, op_operand(f, op, k)).i == variable.i) return true;
    }
    return false;
}

bool is_own_primitive(const Graph *g, u32 file, PathId value, RegionId at) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    SymbolId variable = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    ScopeId here = enclosing_function(f, f->regions[at.i].scope);
    if (!variable.i || is_parameter(f, variable) || !here.i) return false;
    const Symbol *s = &f->symbols[variable.i];
    if (s->scope.i != here.i || s->binds != 1) return false;
    return is_primitive_maker(graph_maker_of(g, file, value)) && !is_handed(f, here, variable);
}

bool never_waits(const Graph *g, u32 fn) {
    const Facts *f = g->files[g->functions[fn].file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    if (!(s->flags & SCOPE_ASYNC) || s->op_end - s->op_first > WAIT_OPS) return false;
    for (u32 i = s->op_first; i < s->op_end; i = after_inner(f, i) + 1) {
        const Op *op = &f->ops[i];
        bool is_async = (op->kind == OP_ITERATE || op->kind == OP_ENTER) && op->flags & OP_ASYNC;
        if (is_async || op->kind == OP_AWAIT) return false;
    }
    return true;
}

bool gives_future(const Graph *g, u32 file, const Op *call) {
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

/* `running = self.running`, and `await running` then. */
static bool is_of_object(const Facts *f, SymbolId variable) {
    const Symbol *s = &f->symbols[variable.i];
    const Op *bind = &f->ops[s->bind.i];
    bool is_one = s->binds == 1 && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN;
    return is_one && f->paths[bound_value(f, bind).i].kind == PATH_ATTR;
}

/* `reply = loop.create_future()`, or a variable that is bound to something that is not known. */
static WaitsFor own_or_unseen(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Op *bind = &f->ops[f->symbols[variable.i].bind.i];
    const Op *made = bind->kind == OP_BIND ? facts_call(f, bound_value(f, bind)) : NULL;
    return made && gives_future(g, file, made) ? WAITS_FOR_OWN : WAITS_FOR_UNSEEN;
}

/* `async with transports.request() as answer:`, and `await answer` then: who gives it away has it.
 */
static bool is_lent(const Facts *f, SymbolId variable) {
    const Symbol *s = &f->symbols[variable.i];
    const Op *bind = &f->ops[s->bind.i];
    return s->binds == 1 && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_WITH;
}

/* `await x`: a future of its own, a variable of the function around it, or what it was given. */
static bool variable_waits_openly(const Graph *g, Search *search, u32 fn, SymbolId variable,
                                  u32 depth) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    bool is_own = f->symbols[variable.i].scope.i == g->functions[fn].scope.i;
    bool is_given = is_parameter(f, variable);
    if (is_given) {
        Answer answer = given_waits_openly(g, search, file, variable, false, depth);
        if (answer != ANSWER_UNKNOWN) return answer == ANSWER_OPEN;
    }
    const Op *before = is_own && !is_given ? made_before(g, file, variable) : NULL;
    if (before) return call_waits_openly(g, search, file, before, depth);
    bool is_open = is_own && (is_given ? is_given_code(g, fn, variable)
                                       : !is_of_object(f, variable) && !is_lent(f, variable) &&
                                             !others_have(g, fn, variable));
    if (is_open) search->what = is_given ? WAITS_FOR_BROUGHT : own_or_unseen(g, file, variable);
    const Symbol *symbol = &f->symbols[variable.i];
    const Op *bind = &f->ops[symbol->bind.i];
    const Op *made = facts_call(f, symbol->binds && !is_own ? bound_value(f, bind) : (PathId){0});
    if (made) /* a coroutine of the outer one */
        is_open |= call_waits_openly(g, search, file, made, depth);
    search->meets |= !is_open;
    return is_open;
}

/* What the operation waits for. */
static bool value_waits_openly(const Graph *g, Search *search, u32 fn, u32 at, u32 depth) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    PathId awaited = op_path(&f->ops[at]);
    const Path *p = &f->paths[awaited.i];
    if (is_asked(g, file, at, awaited)) return waits_for(search, WAITS_FOR_BROUGHT);
    if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i)
        return variable_waits_openly(g, search, fn, f->symbols[p->id].target, depth);
    const Op *call = facts_call(f, awaited);
    if (call) return call_waits_openly(g, search, file, call, depth);
    search->meets |= p->kind == PATH_ATTR;
    return false;
}

/* `task.cancel()`, and `await task` then: its next step is in the queue of the loop. */
static bool is_cancelled_before(const Facts *f, u32 first, u32 at) {
    PathId awaited = op_path(&f->ops[at]);
    for (u32 i = at; i-- > first && at - i < CANCEL_OPS;) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        if (p->kind == PATH_ATTR && p->parent.i == awaited.i &&
            str_is(facts_str(f, (StrId){p->id}), "cancel"))
            return true;
    }
    return false;
}

static bool is_act(const Op *op) {
    return op->kind == OP_CALL || op->kind == OP_AWAIT || op->kind == OP_ENTER ||
           op->kind == OP_STORE || op->kind == OP_AUGMENT;
}

/* The one method that stands for the empty one of an abstract class, of a class of which the
 * project makes instances; or 0. */
static u32 only_made(const Graph *g, u32 fn, const ClassId *family, u32 n, u64 name) {
    u32 only = 0;
    if (g->classes[g->functions[fn].owner.i].calls.n) return 0;
    for (u32 i = 0; i < n; i++) {
        u32 other = member_of(g, family[i], name).i ? method_by_name(g, family[i], name) : 0;
        if (!other || other == fn || g->files[g->functions[other].file].is_test) continue;
        if (only || !g->classes[family[i].i].calls.n) return 0;
        only = other;
    }
    return only;
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
    u32 only = only_made(g, fn, family, n, name);
    if (only) return depth && function_waits_openly(g, search, only, depth - 1);
    for (u32 i = 0; i < n; i++) {
        if (family[i].i == node->owner.i || !member_of(g, family[i], name).i) continue;
        u32 other = method_by_name(g, family[i], name);
        if (!other || g->files[g->functions[other].file].is_test) continue;
        if (!is_private && g->functions[other].file != node->file) continue;
        if (depth && function_waits_openly(g, search, other, depth - 1)) return true;
        others++;
    }
    bool is_brought = !others || !g->classes[node->owner.i].calls.n;
    return is_brought && waits_for(search, WAITS_FOR_BROUGHT);
}

/* Remembers the innermost operation that waits openly. */
static bool is_open_at(Search *search, u32 file, u32 at) {
    if (!search->open.op.i) search->open = (OpRef){file, {at}};
    return true;
}

/* What is done after a failure counts little: it is not what the search looks for. */
static bool handler_meets(const Graph *g, Search *search, u32 fn, u32 at, u32 depth) {
    OpRef open = search->open;
    WaitsFor what = search->what;
    bool meets = g->files[g->functions[fn].file].facts->ops[at].kind != OP_AWAIT ||
                 value_waits_openly(g, search, fn, at, depth);
    search->open = open;
    search->what = what;
    return meets;
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
        if (op->kind == OP_AWAIT && is_cancelled_before(f, s->op_first, i)) continue;
        if (graph_in_handler(g, file, op->region)) { /* now and then */
            search->meets |= handler_meets(g, search, fn, i, depth);
            continue;
        }
        if (op->kind == OP_ENTER && is_waited_lock(g, file, op_path(op))) continue;
        if (op->kind != OP_AWAIT && f->paths[op->subject].kind == PATH_SYMBOL) {
            search->meets = true;
            continue;
        }
        if (value_waits_openly(g, search, fn, i, depth)) return is_open_at(search, file, i);
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
        if (is_call && call_waits_openly(g, search, node->file, call, depth))
            return is_open_at(search, node->file, (u32)(call - f->ops));
    }
    return false;
}

bool function_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth) {
    if (map_get(&search->done, fn) > depth + DONE_NONE) return false;
    map_set(&search->arena, &search->done, fn, depth + 1 + DONE_NONE);
    const Facts *f = g->files[g->functions[fn].file].facts;
    bool depends = search->depends, acts = false, is_open;
    search->depends = false;
    if (!(f->scopes[g->functions[fn].scope.i].flags & SCOPE_ASYNC))
        is_open = result_waits_openly(g, search, fn, depth);
    else
        is_open = body_waits_openly(g, search, fn, depth, &acts) ||
                  (!acts && stub_waits_openly(g, search, fn, depth));
    if (search->depends) /* others may give others */
        map_set(&search->arena, &search->done, fn, DONE_NONE);
    search->depends |= depends;
    return is_open;
}

/* Of which class self is in what is called; *fn is what that class has for a method of self. */
static ClassId receiver_of(const Graph *g, Search *search, u32 file, const Op *call, u32 *fn) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    if (callee->kind != PATH_ATTR) return (ClassId){0};
    const Path *owner = &f->paths[callee->parent.i];
    ScopeId s = enclosing_function(f, f->regions[call->region.i].scope);
    SymbolId self = self_symbol(g, (ScopeRef){file, s});
    bool is_own = owner->kind == PATH_SYMBOL && self.i && f->symbols[owner->id].target.i == self.i;
    ClassId known = search->frame ? search->frame->receiver : (ClassId){0};
    if (graph_is_super(g, file, callee->parent)) return known;
    if (!is_own) return graph_type_of(g, file, callee->parent);
    u32 own = known.i ? method_by_name(g, known, name_hash(f, (StrId){callee->id})) : 0;
    if (own && own != *fn) {
        *fn = own;
        search->depends = true;
    }
    return known;
}

bool called_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 fn,
                         u32 depth) {
    ClassId receiver = receiver_of(g, search, file, call, &fn);
    CallFrame frame = {search->frame, file, call, fn, receiver};
    search->frame = &frame;
    bool is_open = function_waits_openly(g, search, fn, depth);
    search->frame = frame.up;
    return is_open;
}

Waiting waiting_of(const Search *search, bool is_open) {
    if (is_open) return (Waiting){WAITS_FOREIGN, search->what, search->open};
    return (Waiting){.kind = search->meets ? WAITS_MEETS : WAITS_HELD};
}

Waiting graph_function_waits(const Graph *g, ScopeRef function) {
    if (scope_is_none(function)) return (Waiting){.kind = WAITS_FOREIGN};
    Search search = {0};
    u32 fn = function_id(g, function.file, function.scope);
    Waiting waiting = waiting_of(&search, function_waits_openly(g, &search, fn, WAIT_DEPTH));
    arena_free(&search.arena);
    return waiting;
}
