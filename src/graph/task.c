/* Tasks that nobody keeps. The event loop refers to its tasks weakly: a task that waits for
 * something which nothing else holds can be collected before it is done. */
#include "graph/model.h"

enum {
    BIND_OPS = 4000,    /* of a function in which all values of a variable are asked */
    BRIEF_OPS = 400,    /* of a coroutine that is asked whether it waits at all */
    CALLBACK_OPS = 100, /* of a lambda that is asked whether it makes a task */
    CALLERS_MAX = 200,
    JOIN_OPS = 40000, /* of a class, module or function that is asked who waits for tasks */
};

/* ---- calls that make tasks ---- */

static bool is_loop_name(Str name) {
    return str_is(name, "loop") || str_ends(name, "_loop");
}

/* The receiver is an event loop: by the call that made it, or by its name. */
static bool is_loop(const Graph *g, u32 file, PathId receiver) {
    const Facts *f = g->files[file].facts;
    Str maker = graph_maker_of(g, file, receiver);
    if (str_is(know_result_class(maker), "asyncio.AbstractEventLoop")) return true;
    if (graph_type_of(g, file, receiver).i) return false;
    const Path *p = &f->paths[receiver.i];
    if (p->kind == PATH_ATTR) return is_loop_name(facts_str(f, (StrId){p->id}));
    return p->kind == PATH_SYMBOL && is_loop_name(facts_str(f, f->symbols[p->id].name));
}

/* What is called, or would be, makes a task of its first argument. */
static bool is_task_maker(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    if (str_is(facts_attribute(f, callee), "create_task") &&
        is_loop(g, file, (PathId){f->paths[callee.i].parent.i}))
        return true;
    static const char *const MAKERS[] = {
        "asyncio.create_task", "asyncio.ensure_future",     "asyncio.Task",
        "asyncio.tasks.Task",  "asyncio.tasks.create_task", "asyncio.tasks.ensure_future"};
    Str name = graph_name_of(g, file, callee);
    for (u32 i = 0; i < ARRAY_LEN(MAKERS); i++)
        if (str_is(name, MAKERS[i])) return true;
    return false;
}

/* The value is that of a call which gives a future, or a task. */
static bool is_made_future(const Graph *g, u32 file, PathId value) {
    static const char *const FUTURES[] = {"asyncio.gather", "asyncio.shield", "asyncio.wrap_future",
                                          "asyncio.Future"};
    static const char *const METHODS[] = {"run_in_executor", "create_future", "submit"};
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, value).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    PathId callee = op_path(&f->ops[p->id]);
    Str name = graph_name_of(g, file, callee), method = facts_attribute(f, callee);
    for (u32 i = 0; i < ARRAY_LEN(FUTURES); i++)
        if (str_is(name, FUTURES[i])) return true;
    for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
        if (str_is(method, METHODS[i])) return true;
    const Op *call = &f->ops[p->id]; /* `context.run(loop.create_task, …)` */
    if (str_is(method, "run") && call->operands && is_task_maker(g, file, op_operand(f, call, 0)))
        return true;
    return is_task_maker(g, file, callee);
}

/* `asyncio.Task`, `Future[str]`. */
static Str task_of_annotation(const Graph *g, u32 file, PathId annotation) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT)
        annotation = op_path(&f->ops[p->id]);
    Str name = graph_name_of(g, file, annotation);
    if (str_is(name, "asyncio.Task")) return STR("task");
    bool is_future = str_is(name, "asyncio.Future") || str_is(name, "concurrent.futures.Future");
    return is_future ? STR("future") : (Str){0};
}

/* A variable of which all values are such futures, in whichever branch it gets them; and a
 * parameter that is declared as one. */
static bool is_future_variable(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[f->symbols[variable.i].scope.i];
    const Param *param = facts_param(f, variable);
    if (f->symbols[variable.i].flags & SYMBOL_PARAM)
        return param && !f->symbols[variable.i].binds &&
               task_of_annotation(g, file, param->annotation).n != 0;
    if (s->kind != SCOPE_FUNCTION || s->op_end - s->op_first > BIND_OPS) return false;
    u32 found = 0;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->kind == OP_BIND ? op->subject : 0];
        if (p->kind != PATH_SYMBOL || f->symbols[p->id].target.i != variable.i) continue;
        PathId value = bound_value(f, op);
        if (facts_is_none(f, value)) continue;
        if ((op->flags & OP_LOW) != BIND_ASSIGN || !is_made_future(g, file, value)) return false;
        found++;
    }
    return found != 0;
}

/* `ensure_future` gives back what is a future already: somebody else has it. */
static bool is_future(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    PathId at = graph_alias_of(g, file, value);
    const Path *p = &f->paths[at.i];
    SymbolId variable = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (variable.i) return is_future_variable(g, file, variable);
    return is_made_future(g, file, at);
}

static PathId coroutine_of(const Facts *f, const Op *call) {
    PathId first = call_argument(f, call, 0, "coro");
    return first.i ? first : call_argument(f, call, 0, "coro_or_future");
}

bool makes_task(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    return call->kind == OP_CALL && is_task_maker(g, file, op_path(call)) &&
           !is_future(g, file, coroutine_of(f, call));
}

/* ---- values that are tasks ---- */

static Str task_of_call(const Graph *g, u32 file, PathId callee) {
    static const char *const FUTURES[] = {"asyncio.Future", "asyncio.run_coroutine_threadsafe",
                                          "asyncio.wrap_future", "concurrent.futures.Future"};
    static const char *const METHODS[] = {"create_future", "run_in_executor", "submit"};
    const Facts *f = g->files[file].facts;
    if (is_task_maker(g, file, callee)) return STR("task");
    Str name = graph_name_of(g, file, callee), method = facts_attribute(f, callee);
    const HandoverRow *row = know_handover(name);
    if (row && row->runner == RUNNER_GREENLET && !row->is_started) return STR("greenlet");
    for (u32 i = 0; i < ARRAY_LEN(FUTURES); i++)
        if (str_is(name, FUTURES[i])) return STR("future");
    for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
        if (str_is(method, METHODS[i])) return STR("future");
    return str_is(method, "create_task") ? STR("task") : (Str){0};
}

static Str task_of_value(const Graph *g, u32 file, PathId value, u32 depth);

/* A parameter: by its annotation, or by what some caller gives. */
static Str task_of_parameter(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    ScopeId s = f->symbols[owner.i].scope;
    const Scope *scope = &f->scopes[s.i];
    const FunctionNode *fn = &g->functions[function_id(g, file, s)];
    bool is_method = fn->owner.i && fn->kind != METHOD_STATIC;
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        if (p->symbol.i != owner.i) continue;
        Str task = task_of_annotation(g, file, p->annotation);
        Str name = facts_str(f, f->symbols[owner.i].name);
        for (u32 k = 0; !task.n && k < MIN(fn->callers.n, 8u); k++) {
            OpRef call = fn->callers.v[k];
            const Facts *from = g->files[call.file].facts;
            PathId argument = call_argument_named(from, &from->ops[call.op.i],
                                                  i - scope->param_first - is_method, name);
            if (argument.i) task = task_of_value(g, call.file, argument, depth - 1);
        }
        return task;
    }
    return (Str){0};
}

static Str task_of_value(const Graph *g, u32 file, PathId value, u32 depth) {
    const Facts *f = g->files[file].facts;
    value = graph_alias_of(g, file, value);
    const Path *p = &f->paths[value.i];
    if (!depth || !value.i) return (Str){0};
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL)
        return task_of_call(g, file, op_path(&f->ops[p->id]));
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM)) return (Str){0};
    return task_of_parameter(g, file, owner, depth);
}

Str graph_task_text(const Graph *g, u32 file, PathId value) {
    return task_of_value(g, file, value, 3);
}

/* ---- who waits for them ---- */

/* The last name of a path; for an element of a container (`tasks[*]`) that of the container. */
static Str last_name(const Facts *f, PathId path, bool of_element) {
    const Path *p = &f->paths[path.i];
    if (of_element && p->kind != PATH_ANY) return (Str){0};
    return facts_last_name(f, of_element ? p->parent : path);
}

static bool is_join(const Graph *g, u32 file, const Op *op, Str container) {
    static const char *const WAITS[] = {"as_completed", "gather", "joinall", "wait", "wait_for"};
    const Facts *f = g->files[file].facts;
    Str name = last_name(f, op_path(op), false);
    for (u32 i = 0; i < ARRAY_LEN(WAITS); i++) {
        if (!str_is(name, WAITS[i])) continue;
        for (u32 k = 0; k < op->operands; k++)
            if (str_eq(last_name(f, f->operands[op->operand + k].path, false), container))
                return true;
    }
    return false;
}

/* The loop variable is awaited, or asked for its result. */
static bool is_waited_for(const Facts *f, const Op *op, SymbolId variable) {
    PathId path = op_path(op);
    if (!variable.i || (op->kind != OP_AWAIT && op->kind != OP_CALL)) return false;
    if (facts_root_symbol(f, path).i != variable.i) return false;
    if (op->kind == OP_AWAIT) return true;
    Str method = facts_attribute(f, path);
    return str_is(method, "result") || str_is(method, "exception");
}

bool graph_tasks_are_joined(const Graph *g, ScopeRef scope, Str container) {
    const Facts *f = g->files[scope.file].facts;
    const Scope *s = &f->scopes[scope.scope.i];
    SymbolId variable = {0};
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + JOIN_OPS; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL && is_join(g, scope.file, op, container)) return true;
        bool is_loop = op->kind == OP_BIND && (op->flags & OP_LOW) == BIND_FOR;
        if (is_loop && str_eq(last_name(f, bound_value(f, op), true), container))
            variable = facts_root_symbol(f, op_path(op));
        if (is_waited_for(f, op, variable)) return true;
    }
    return false;
}

bool graph_class_joins_tasks(const Graph *g, ClassId c, Str name) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (graph_tasks_are_joined(g, graph_class_scope(g, node->mro[i]), name)) return true;
    return false;
}

bool graph_is_endless(const Graph *g, u32 file, RegionId region) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[region.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[region.i].scope.i == scope.i; up++) {
        const Region *r = &f->regions[region.i];
        if (r->kind == REGION_WHILE && r->flags & REGION_ENDLESS) return true;
        if (r->kind == REGION_FOR && r->flags & REGION_ASYNC) return true;
        region = r->parent;
    }
    return false;
}

/* ---- what the task runs ---- */

/* In `except CancelledError`: whoever cancels a task has it, be it only from `all_tasks()`. */
static bool is_after_cancel(const Graph *g, u32 file, RegionId region) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[region.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[region.i].scope.i == scope.i; up++) {
        const Region *r = &f->regions[region.i];
        for (u32 i = f->scopes[scope.i].op_first;
             r->kind == REGION_EXCEPT && i < f->scopes[scope.i].op_end; i++)
            if (f->ops[i].kind == OP_HANDLER && f->ops[i].region.i == region.i)
                return str_is(graph_name_of(g, file, op_operand(f, &f->ops[i], 0)),
                              "asyncio.CancelledError");
        region = r->parent;
    }
    return false;
}

static bool is_brief(const Graph *g, u32 file, PathId coroutine) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[coroutine.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    if (call_is_sleep(g, file, p->id)) return true;
    ClassId made;
    u32 fn = callee_function(g, file, &f->ops[p->id], &made);
    if (!fn) return false;
    file = g->functions[fn].file;
    f = g->files[file].facts;
    const Scope *s = &f->scopes[g->functions[fn].scope.i];
    if (!(s->flags & SCOPE_ASYNC) || s->op_end - s->op_first > BRIEF_OPS) return false;
    bool calls = false; /* an empty method is there to be overridden */
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        calls |= op->kind == OP_CALL;
        bool is_async = (op->kind == OP_ITERATE || op->kind == OP_ENTER) && op->flags & OP_ASYNC;
        bool is_long = op->kind == OP_AWAIT && !call_is_sleep(g, file, i);
        if ((is_async || is_long) && !is_after_cancel(g, file, op->region)) return false;
    }
    return calls || !g->functions[fn].owner.i;
}

/* ---- who keeps it ---- */

static bool is_loose(FateKind kind) {
    return kind >= FATE_DROPPED;
}

PathId given_argument(const Graph *g, OpRef call, ScopeRef function, SymbolId parameter) {
    const Facts *home = g->files[function.file].facts, *f = g->files[call.file].facts;
    const Scope *s = &home->scopes[function.scope.i];
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    u32 skipped = fn->owner.i && fn->kind != METHOD_STATIC;
    for (u32 i = s->param_first; i < s->param_end; i++)
        if (home->params[i].symbol.i == parameter.i && i - s->param_first >= skipped) {
            bool by_place = home->params[i].kind <= PARAM_POSITIONAL_ONLY;
            u32 index = by_place ? i - s->param_first - skipped : UINT32_MAX / 4;
            return call_argument_named(f, &f->ops[call.op.i], index,
                                       facts_str(home, home->symbols[parameter.i].name));
        }
    return (PathId){0};
}

/* The parameter that a wrapper of the project gets: `guarded` of `create_task(watch(guarded))`. */
static PathId wrapped_parameter(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    ClassId made;
    if (!callee_function(g, file, call, &made)) return (PathId){0};
    for (u32 i = 0; i < call->operands; i++) {
        PathId operand = op_operand(f, call, i);
        const Path *p = &f->paths[operand.i];
        SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
        if (s.i && f->symbols[s.i].flags & SYMBOL_PARAM) return operand;
    }
    return (PathId){0};
}

/* What the task waits for. `background(self.tick)`, `background(self.tick())`: where a helper makes
 * it of its parameter, of what that gives, or of a coroutine that waits for it, the caller says
 * what runs. */
static Waiting waiting_for(const Graph *g, const LooseTask *task) {
    Waiting waiting = graph_waits(g, task->made_file, task->coroutine);
    if (scope_is_none(task->helper)) return waiting;
    const Facts *home = g->files[task->made_file].facts;
    const Path *p = &home->paths[task->coroutine.i];
    bool is_called = p->kind == PATH_OP && home->ops[p->id].kind == OP_CALL;
    PathId wrapped = {0};
    if (is_called && waiting.kind == WAITS_FOREIGN)
        wrapped = wrapped_parameter(g, task->made_file, &home->ops[p->id]);
    if (is_called) p = &home->paths[wrapped.i ? wrapped.i : home->ops[p->id].subject];
    SymbolId parameter = p->kind == PATH_SYMBOL ? home->symbols[p->id].target : (SymbolId){0};
    if (!parameter.i || !(home->symbols[parameter.i].flags & SYMBOL_PARAM)) return waiting;
    PathId value = given_argument(g, (OpRef){task->file, task->op}, task->helper, parameter);
    if (!value.i) return waiting;
    return is_called && !wrapped.i ? graph_function_waits(g, function_named(g, task->file, value))
                                   : graph_waits(g, task->file, value);
}

/* After these others let go of the object, and with it of what it waits for. */
static bool ends_life(Str name) {
    static const char *const NAMES[] = {
        "__aexit__",  "__exit__", "aclose",       "close",    "connection_lost",
        "disconnect", "dispose",  "eof_received", "on_close", "on_disconnect",
        "shutdown",   "stop",     "teardown",     "terminate"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* `self.flush()`: what it waits for is of the object that ends, and not of one that goes on. */
static bool is_of_self(const Graph *g, const LooseTask *task) {
    const Facts *f = g->files[task->made_file].facts;
    const Path *p = &f->paths[graph_alias_of(g, task->made_file, task->coroutine).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return true;
    p = &f->paths[f->ops[p->id].subject];
    return p->kind != PATH_ATTR || f->paths[p->parent.i].kind == PATH_SYMBOL;
}

static void grade(const Graph *g, LooseTask *task) {
    const Facts *f = g->files[task->file].facts;
    ScopeId s = enclosing_function(f, f->regions[f->ops[task->op.i].region.i].scope);
    task->waiting = waiting_for(g, task);
    Waits waits = task->waiting.kind;
    task->is_brief = is_brief(g, task->made_file, task->coroutine);
    bool is_ending = ends_life(facts_str(f, f->scopes[s.i].name)) && is_of_self(g, task);
    bool is_risky = waits == WAITS_FOREIGN || (waits == WAITS_MEETS && is_ending);
    /* what a finalizer starts is an attempt: its object is gone in any case */
    /* and what a signal starts ends the process, or runs once */
    bool is_signal = str_is(task->callback, "add_signal_handler");
    bool is_unsure = is_signal || task->is_brief || task->fate.waits ||
                     g->files[task->file].is_test ||
                     graph_is_in_finalizer(g, (ScopeRef){task->file, s}) || !is_risky;
    task->confidence = is_unsure ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

/* `tasks = asyncio.all_tasks()` later in the function: that has them all. */
static bool is_collected_later(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ScopeId s = f->regions[f->ops[call.op.i].region.i].scope;
    u32 end = MIN(f->scopes[s.i].op_end, call.op.i + JOIN_OPS);
    for (u32 i = call.op.i + 1; i < end; i++)
        if (f->ops[i].kind == OP_CALL && !(f->ops[i].flags & OP_DROPPED) &&
            str_is(last_name(f, op_path(&f->ops[i]), false), "all_tasks") &&
            str_is(graph_name_of(g, call.file, op_path(&f->ops[i])), "asyncio.all_tasks"))
            return true;
    return false;
}

bool graph_loose_task(const Graph *g, OpRef call, LooseTask *task) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    if (!makes_task(g, call.file, op)) return false;
    *task = (LooseTask){.file = call.file,
                        .op = call.op,
                        .made = call.op,
                        .made_file = call.file,
                        .fate = graph_fate_of(g, call.file, call.op),
                        .coroutine = coroutine_of(f, op)};
    if (!is_loose(task->fate.kind) || is_collected_later(g, call)) return false;
    task->is_hoarded =
        task->fate.kind == FATE_CONTAINER && graph_is_endless(g, call.file, op->region);
    /* the frame keeps it until it is done, and no longer */
    if (task->is_hoarded && task->fate.is_taken_out) return false;
    grade(g, task);
    return true;
}

/* The position of the callback among the arguments of a method of the loop or of a future that
 * throws away what the callback returns, or -1. */
static int callback_position(Str method) {
    static const struct {
        const char *method;
        int position;
    } ROWS[] = {{"add_done_callback", 0},
                {"add_reader", 1},
                {"add_signal_handler", 1},
                {"add_writer", 1},
                {"call_at", 1},
                {"call_later", 1},
                {"call_soon", 0},
                {"call_soon_threadsafe", 0}};
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (str_is(method, ROWS[i].method)) return ROWS[i].position;
    return -1;
}

/* The call in a lambda that makes the task which the lambda returns, or 0. */
static u32 task_of_lambda(const Graph *g, u32 file, PathId callback) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callback.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_LAMBDA) return 0;
    const Scope *s = &f->scopes[f->ops[p->id].subject];
    for (u32 i = s->op_first; i < s->op_end && i < s->op_first + CALLBACK_OPS; i++)
        if (makes_task(g, file, &f->ops[i]) &&
            graph_fate_of(g, file, (OpId){i}).kind == FATE_RETURNED)
            return i;
    return 0;
}

/* `loop.run_until_complete(…)` before, and nothing that runs the loop behind: it stands still, and
 * the callback is never called. */
static bool is_loop_done(const Facts *f, const Op *op, u32 at) {
    ScopeId s = f->regions[op->region.i].scope;
    PathId loop = f->paths[op->subject].parent;
    bool is_done = false;
    for (u32 i = f->scopes[s.i].op_first; i < f->scopes[s.i].op_end; i++) {
        const Op *run = &f->ops[i];
        Str method = run->kind == OP_CALL ? facts_attribute(f, op_path(run)) : (Str){0};
        bool runs = str_is(method, "run_until_complete") || str_is(method, "run_forever");
        if (!runs || f->paths[run->subject].parent.i != loop.i) continue;
        if (f->regions[run->region.i].scope.i != s.i || i > at) return false;
        is_done = true;
    }
    return is_done;
}

bool graph_loose_callback(const Graph *g, OpRef call, LooseTask *task) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    Str method = facts_attribute(f, op_path(op));
    int position = callback_position(method);
    if (position < 0 || is_loop_done(f, op, call.op.i)) return false;
    PathId callback = call_argument(f, op, (u32)position, "callback");
    if (!callback.i) return false;
    *task = (LooseTask){.file = call.file,
                        .op = call.op,
                        .made = call.op,
                        .made_file = call.file,
                        .fate = {.kind = FATE_DROPPED, .op = call.op},
                        .by_loop = true,
                        .callback = method};
    u32 inner = task_of_lambda(g, call.file, callback);
    if (inner) {
        task->op = task->made = (OpId){inner};
        task->coroutine = coroutine_of(f, &f->ops[inner]);
    } else if (is_task_maker(g, call.file, callback)) {
        task->coroutine = call_argument(f, op, (u32)position + 1, "");
        if (is_future(g, call.file, task->coroutine)) return false;
    } else {
        return false;
    }
    grade(g, task);
    return true;
}

u32 graph_loose_results(const Graph *g, OpRef call, Arena *arena, LooseTask **tasks) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    *tasks = NULL;
    ScopeId s = f->regions[op->region.i].scope;
    bool is_plain = f->scopes[s.i].kind == SCOPE_FUNCTION &&
                    !(f->scopes[s.i].flags & (SCOPE_ASYNC | SCOPE_GENERATOR));
    if (!is_plain || !makes_task(g, call.file, op)) return 0;
    if (graph_fate_of(g, call.file, call.op).kind != FATE_RETURNED) return 0;
    const FunctionNode *fn = &g->functions[function_id(g, call.file, s)];
    u32 n = 0, callers = MIN(fn->callers.n, CALLERS_MAX);
    *tasks = arena_array(arena, LooseTask, callers);
    for (u32 i = 0; i < callers; i++) {
        OpRef at = fn->callers.v[i];
        LooseTask *task = &(*tasks)[n];
        *task = (LooseTask){.file = at.file,
                            .op = at.op,
                            .made = call.op,
                            .made_file = call.file,
                            .helper = {call.file, s},
                            .fate = graph_fate_of(g, at.file, at.op),
                            .coroutine = coroutine_of(f, op)};
        if (!is_loose(task->fate.kind)) continue;
        grade(g, task);
        n++;
    }
    return n;
}
