/* Coroutines that have their event loop to themselves: what they keep waiting is nobody. */
#include "graph/model.h"

enum {
    ALONE_DEPTH = 4, /* calls, up to who runs it and down to what it starts */
    ALONE_LOOKS = 64 /* functions that one question looks at */
};

typedef struct Alone {
    const Graph *g;
    u32 left; /* functions that may still be looked at */
} Alone;

/* By its name: it makes a task, or leaves something behind that will run in the loop. */
static bool is_spawning_name(Str last, bool is_awaited) {
    static const char *const NAMES[] = {
        "TaskGroup",  "add_done_callback", "add_reader",        "add_signal_handler",
        "add_writer", "as_completed",      "create_task_group", "ensure_future",
        "gather",     "open_nursery",      "run_forever",       "serve_forever",
        "start",      "start_soon"};
    /* what is awaited may go on beside its caller: `await client.connect()` */
    static const char *const AWAITED[] = {"connect",
                                          "create_connection",
                                          "create_datagram_endpoint",
                                          "create_server",
                                          "create_unix_server",
                                          "launch",
                                          "listen",
                                          "open",
                                          "serve",
                                          "setup",
                                          "start_server",
                                          "start_unix_server",
                                          "subscribe",
                                          "wait"};
    if (is_awaited && str_is_any(last, AWAITED, ARRAY_LEN(AWAITED))) return true;
    return str_is_any(last, NAMES, ARRAY_LEN(NAMES)) || know_is_task_method(last) ||
           know_protocol(last, PROTOCOL_SCHEDULE);
}

/* The module works with an event loop: what imports none makes no tasks, as a rule. */
static bool knows_loops(const Facts *f) {
    static const char *const NAMES[] = {"anyio",   "asyncio", "curio",  "gevent",
                                        "tornado", "trio",    "twisted"};
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        i64 dot = str_find(module, '.');
        if (dot >= 0) module = str_sub(module, 0, (u32)dot);
        if (str_starts(module, "aio") || str_is_any(module, NAMES, ARRAY_LEN(NAMES))) return true;
    }
    return false;
}

static bool spawns(Alone *a, ScopeRef function, u32 from, u32 end, u32 depth);

/* Something else may run in the loop after the operation. */
static bool op_spawns(Alone *a, u32 file, u32 i, u32 depth) {
    const Facts *f = a->g->files[file].facts;
    const Op *op = &f->ops[i];
    if (op->kind == OP_ENTER) return op->flags & OP_ASYNC;
    if (op->kind != OP_CALL) return false;
    u32 callee = graph_callee(a->g, file, (OpId){i}).function;
    if (callee) {
        ScopeRef called = {a->g->functions[callee].file, a->g->functions[callee].scope};
        const Facts *there = a->g->files[called.file].facts;
        const Scope *s = &there->scopes[called.scope.i];
        if (s->flags & SCOPE_ASYNC && !(op->flags & OP_AWAITED)) return false; /* made, not run */
        if (!depth) return knows_loops(there);
        return spawns(a, called, s->op_first, s->op_end, depth - 1);
    }
    Str last = facts_last_name(f, op_path(op));
    bool is_awaited = op->flags & OP_AWAITED;
    if (is_awaited && str_is(last, "gather")) return false; /* all of them are done then */
    const CallRow *row = know_call(graph_name_of(a->g, file, op_path(op)));
    u32 task = CALL_TASK | CALL_HOLDS;
    return (row && (row->flags & task) == task) || is_spawning_name(last, is_awaited);
}

static bool spawns(Alone *a, ScopeRef function, u32 from, u32 end, u32 depth) {
    const Facts *f = a->g->files[function.file].facts;
    if (!a->left) return true;
    a->left--;
    for (u32 i = from; i < end; i++) {
        const Op *op = &f->ops[i];
        bool is_inner = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA || op->kind == OP_CLASS;
        if (op_spawns(a, function.file, i, depth)) return true;
        if (is_inner) i = MAX(i, f->scopes[op->subject].op_end - 1);
    }
    return false;
}

/* What the call makes is given to what makes a loop and runs it to the end: `asyncio.run(main())`,
 * `loop.run_until_complete(main())` in a function that starts nothing else. */
static bool is_run(Alone *a, OpRef call) {
    const Facts *f = a->g->files[call.file].facts;
    ScopeId scope = f->regions[f->ops[call.op.i].region.i].scope;
    u32 end = MIN(f->n_ops, call.op.i + 8);
    for (u32 i = call.op.i + 1; i < end; i++) {
        const Op *op = &f->ops[i];
        const Path *given = &f->paths[op->kind == OP_CALL ? op_operand(f, op, 0).i : 0];
        if (given->kind != PATH_OP || given->id != call.op.i) continue;
        Str name = graph_name_of(a->g, call.file, op_path(op));
        if (str_is(name, "asyncio.run")) return true;
        if (!str_is(facts_last_name(f, op_path(op)), "run_until_complete")) return false;
        return !spawns(a, (ScopeRef){call.file, scope}, f->scopes[scope.i].op_first,
                       f->scopes[scope.i].op_end, 1);
    }
    return false;
}

static bool is_alone(Alone *a, ScopeRef coroutine, OpId op, u32 depth);

/* Everybody who calls it runs it, or awaits it and is alone. */
static bool are_callers_alone(Alone *a, const FunctionNode *fn, u32 depth) {
    if (fn->escapes || fn->called_by_name || fn->unknown_callers || !fn->callers.n) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = a->g->files[call.file].facts;
        if (a->g->files[call.file].is_test || is_run(a, call)) continue;
        ScopeId from = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
        if (!(f->ops[call.op.i].flags & OP_AWAITED) || !from.i || !depth) return false;
        if (!is_alone(a, (ScopeRef){call.file, from}, call.op, depth - 1)) return false;
    }
    return true;
}

static bool is_in_loop(const Facts *f, RegionId region, ScopeId scope) {
    for (; region.i && f->regions[region.i].scope.i == scope.i;
         region = f->regions[region.i].parent)
        if (f->regions[region.i].kind == REGION_WHILE || f->regions[region.i].kind == REGION_FOR)
            return true;
    return false;
}

static bool is_alone(Alone *a, ScopeRef coroutine, OpId op, u32 depth) {
    const Facts *f = a->g->files[coroutine.file].facts;
    const Scope *s = &f->scopes[coroutine.scope.i];
    u32 end = is_in_loop(f, f->ops[op.i].region, coroutine.scope) ? s->op_end : op.i;
    const FunctionNode *fn = &a->g->functions[function_id(a->g, coroutine.file, coroutine.scope)];
    if (!(s->flags & SCOPE_ASYNC) || spawns(a, coroutine, s->op_first, end, 3)) return false;
    return graph_is_command(a->g, coroutine) || are_callers_alone(a, fn, depth);
}

bool graph_runs_alone(const Graph *g, ScopeRef coroutine, OpId op) {
    Alone a = {g, ALONE_LOOKS};
    return is_alone(&a, coroutine, op, ALONE_DEPTH);
}
