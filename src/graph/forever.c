/* What goes on and on with an object of one request: tasks on coroutines with an endless loop, and
 * timers and callbacks that arm themselves again. */
#include "graph/model.h"

enum { RUNNER_OPS = 2000 };

bool region_is_within(const Facts *f, RegionId inner, RegionId outer) {
    while (inner.i && inner.i != outer.i) inner = f->regions[inner.i].parent;
    return inner.i != 0;
}

RegionId loop_of_region(const Facts *f, RegionId region) {
    for (u32 r = region.i; r && f->regions[r].kind != REGION_BODY; r = f->regions[r].parent.i)
        if (f->regions[r].kind == REGION_FOR || f->regions[r].kind == REGION_WHILE)
            return (RegionId){r};
    return (RegionId){0};
}

bool region_is_in_loop(const Facts *f, RegionId region) {
    ScopeId scope = f->regions[region.i].scope;
    for (; region.i && f->regions[region.i].scope.i == scope.i;
         region = f->regions[region.i].parent) {
        u8 kind = f->regions[region.i].kind;
        if (kind == REGION_FOR || kind == REGION_WHILE || kind == REGION_COMPREHENSION) return true;
    }
    return false;
}

bool is_endless_coroutine(const Graph *g, u32 file, const Op *call) {
    ClassId made;
    u32 id = callee_function(g, file, call, &made);
    if (!id) return false;
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *s = &f->scopes[fn->scope.i];
    if (!(s->flags & SCOPE_ASYNC) || s->op_end - s->op_first > RUNNER_OPS) return false;
    bool loops = false;
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_RETURN || op->kind == OP_BREAK || op->kind == OP_RAISE) return false;
        RegionId r = loop_of_region(f, op->region);
        loops |= f->regions[r.i].kind == REGION_WHILE && f->regions[r.i].flags & REGION_ENDLESS;
    }
    return loops;
}

typedef struct Wanted {
    const Facts *f;
    SymbolId symbol;
} Wanted;

static bool is_of_symbol(void *context, PathId path) {
    const Wanted *w = context;
    return path.i && facts_root_symbol(w->f, path).i == w->symbol.i;
}

/* In a `try` inside of the function that takes what is raised there. */
static bool is_taken(const Graph *g, u32 file, const Scope *s, RegionId region) {
    const Facts *f = g->files[file].facts;
    for (u32 r = region.i; r && r != s->region.i; r = f->regions[r].parent.i) {
        if (f->regions[r].kind != REGION_TRY) continue;
        for (u32 o = s->op_first; o < s->op_end; o++) {
            const Op *op = &f->ops[o];
            u32 group = f->regions[op->region.i].group.i;
            bool is_its = op->kind == OP_HANDLER && group == r;
            if (is_its && handler_takes_all(g, file, op)) return true;
        }
    }
    return false;
}

/* The function calls something of the object, or with it, where nothing takes an exception: once it
 * is closed that raises, and the end of it all. */
static bool may_fail(const Graph *g, ScopeRef function, SymbolId held, OpId but) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    Wanted w = {f, held};
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *op = &f->ops[o];
        bool is_use = op->kind == OP_CALL || (op->kind == OP_ITERATE) || op->kind == OP_ENTER;
        if (o == but.i || !is_use || !op_paths(f, op, is_of_symbol, &w)) continue;
        if (op->kind == OP_CALL) { /* `id(request)` */
            const CallRow *row = know_call(graph_name_of(g, function.file, op_path(op)));
            if (row && row->flags & CALL_READS && row->flags & CALL_PLAIN) continue;
        }
        if (!is_taken(g, function.file, s, op->region)) return true;
    }
    return false;
}

static bool is_weighty(const Graph *g, u32 file, SymbolId s) {
    return s.i && graph_burden_of(g, file, s).kind != BURDEN_NONE;
}

/* The parameter of the function that takes an operand of the call. */
static SymbolId parameter_of(const Graph *g, ScopeRef function, u32 index) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    u32 skip = graph_method_kind(g, function) == METHOD_INSTANCE;
    u32 at = s->param_first + index + skip;
    return at < s->param_end ? f->params[at].symbol : (SymbolId){0};
}

/* `asyncio.create_task(watch(request))`, and nobody keeps the task. */
static bool is_task(const Graph *g, OpRef call, HeldForever *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    const Path *p = &f->paths[op_operand(f, op, 0).i];
    if (!makes_task(g, call.file, op) || p->kind != PATH_OP) return false;
    const Op *coroutine = &f->ops[p->id];
    if (coroutine->kind != OP_CALL || !is_endless_coroutine(g, call.file, coroutine)) return false;
    FateKind fate = graph_fate_of(g, call.file, call.op).kind;
    if (fate != FATE_DROPPED && fate != FATE_UNREAD && fate != FATE_UNKEPT && fate != FATE_CHAINED)
        return false;
    ClassId made;
    u32 id = callee_function(g, call.file, coroutine, &made);
    out->runs = (ScopeRef){g->functions[id].file, g->functions[id].scope};
    for (u32 i = 0; i < coroutine->operands; i++) {
        PathId value = op_operand(f, coroutine, i);
        SymbolId held = parameter_of(g, out->runs, i);
        bool is_it = f->paths[value.i].kind == PATH_SYMBOL &&
                     is_weighty(g, call.file, facts_root_symbol(f, value));
        if (!is_it || !held.i || may_fail(g, out->runs, held, (OpId){0})) continue;
        out->held = value;
        return true;
    }
    return false;
}

/* The arguments of a callback stand behind it, or in `args=(…)`. */
static PathId own_argument(const Graph *g, u32 file, const Op *op, const Op *arguments) {
    const Facts *f = g->files[file].facts;
    for (u32 i = arguments == op ? 2 : 0; i < arguments->operands; i++) {
        PathId value = op_operand(f, arguments, i);
        SymbolId s = facts_root_symbol(f, value);
        bool is_own = f->paths[value.i].kind == PATH_SYMBOL && f->symbols[s.i].flags & SYMBOL_PARAM;
        if (is_own && is_weighty(g, file, s)) return value;
    }
    return (PathId){0};
}

/* `def tick(request): loop.call_later(1, tick, request)`. */
static bool is_rearmed(const Graph *g, OpRef call, HeldForever *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i], *arguments = op;
    bool is_timer = str_is(graph_name_of(g, call.file, op_path(op)), "threading.Timer");
    if (!is_timer && (!know_protocol(facts_method(f, op), PROTOCOL_SCHEDULE) || op->operands < 3))
        return false;
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    ScopeRef callback = graph_definition_of(g, call.file, op_operand(f, op, 1));
    if (!s.i || callback.file != call.file || callback.scope.i != s.i) return false;
    if (is_timer) {
        const Path *p = &f->paths[call_argument(f, op, 2, "args").i];
        if (p->kind != PATH_OP) return false;
        arguments = &f->ops[p->id];
    }
    out->runs = callback;
    out->held = own_argument(g, call.file, op, arguments);
    out->is_timer = true;
    if (!out->held.i || f->regions[op->region.i].kind != REGION_BODY) return false;
    for (u32 o = f->scopes[s.i].op_first; o < call.op.i; o++)
        if (f->ops[o].kind == OP_RETURN || f->ops[o].kind == OP_RAISE) return false;
    if (!is_timer && graph_fate_of(g, call.file, call.op).kind != FATE_DROPPED) return false;
    return !may_fail(g, callback, facts_root_symbol(f, out->held), call.op) &&
           g->functions[function_id(g, call.file, s)].callers.n;
}

bool graph_held_forever(const Graph *g, OpRef call, HeldForever *out) {
    *out = (HeldForever){0};
    return is_task(g, call, out) || is_rearmed(g, call, out);
}
