/* Forks in programs that have threads: of all threads only the one that forks goes on in the
 * child, and what the others had locked stays locked there. */
#include "graph/model.h"

enum {
    STARTS_MAX = 8,     /* starts of threads in one function that are followed to the fork */
    STOPS_MAX = 64,     /* what may end threads there */
    FORK_OPS = 20000,   /* operations of a function that are looked at */
    CALLERS_LIMIT = 24, /* callers of the function that forks */
    CALLER_DEPTH = 3,
    BEFORE_MAX = 16,  /* functions that are registered to run before a fork */
    STOP_CALLS = 200, /* functions that are looked at for the end of one thread */
    STOP_DEPTH = 3,   /* calls between what runs before each fork and the end of a thread */
    START_DEPTH = 3,  /* calls between a function and the start of a thread */
};

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    OpId stops[STOPS_MAX];
    u32 n_stops;
} Look;

static Look look_at(const Graph *g, u32 file, ScopeId scope) {
    return (Look){.g = g, .file = file, .f = g->files[file].facts, .scope = scope};
}

static PathId receiver_of(const Facts *f, const Op *call) {
    return f->paths[call->subject].kind == PATH_ATTR ? f->paths[call->subject].parent : (PathId){0};
}

static bool is_own(const Look *l, const Op *op) {
    return l->f->regions[op->region.i].scope.i == l->scope.i;
}

/* ---- what is started ---- */

static ConcurrentKind kind_of_class(const Graph *g, ClassId c) {
    if (!c.i) return CONCURRENT_NONE;
    if (graph_is_subclass(g, c, "threading.Thread")) return CONCURRENT_THREAD;
    bool is_process = graph_is_subclass(g, c, "multiprocessing.Process") ||
                      graph_is_subclass(g, c, "multiprocessing.context.Process") ||
                      graph_is_subclass(g, c, "multiprocessing.process.BaseProcess");
    return is_process ? CONCURRENT_PROCESS : CONCURRENT_NONE;
}

/* What a value is, by its making, its annotation or its class; *maker is the call, or 0. */
static ConcurrentKind kind_of(const Look *l, PathId value, OpId *maker) {
    const Facts *f = l->f;
    PathId alias = graph_alias_of(l->g, l->file, value);
    const Path *p = &f->paths[alias.i];
    bool is_call = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL;
    if (is_call) *maker = (OpId){p->id};
    if (is_call && str_is(facts_method(f, &f->ops[p->id]), "Process") &&
        str_ends(graph_maker_of(l->g, l->file, receiver_of(f, &f->ops[p->id])), ".get_context"))
        return CONCURRENT_PROCESS;
    ConcurrentKind kind = concurrent_kind(l->g, l->file, value);
    if (kind != CONCURRENT_NONE) return kind;
    return kind_of_class(l->g, graph_type_of(l->g, l->file, value));
}

/* What the elements of a local list are: by its comprehension, its display, or what is appended. */
static ConcurrentKind kind_of_elements(const Look *l, SymbolId list, OpId *maker) {
    const Facts *f = l->f;
    const Scope *s = &f->scopes[l->scope.i];
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *op = &f->ops[o];
        PathId each = {0};
        if (op->kind == OP_BIND && facts_root_symbol(f, op_path(op)).i == list.i) {
            const Path *value = &f->paths[bound_value(f, op).i];
            const Op *made = value->kind == PATH_OP ? &f->ops[value->id] : NULL;
            if (made && made->kind == OP_LIST) each = op_operand(f, made, 0);
            if (made && made->kind == OP_LISTCOMP && value->id + 1 < o) {
                const Op *last = &f->ops[f->scopes[made->subject].op_end - 1];
                if (last->kind == OP_YIELD) each = op_operand(f, last, 0);
            }
        } else if (op->kind == OP_CALL && str_is(facts_method(f, op), "append") &&
                   f->paths[receiver_of(f, op).i].kind == PATH_SYMBOL &&
                   facts_root_symbol(f, receiver_of(f, op)).i == list.i) {
            each = op_operand(f, op, 0);
        }
        ConcurrentKind kind = each.i ? kind_of(l, each, maker) : CONCURRENT_NONE;
        if (kind != CONCURRENT_NONE) return kind;
    }
    return CONCURRENT_NONE;
}

/* The receiver of `start()`: also the variable of a loop over a list. */
static ConcurrentKind kind_of_receiver(const Look *l, PathId receiver, OpId *maker) {
    const Facts *f = l->f;
    *maker = (OpId){0};
    ConcurrentKind kind = kind_of(l, receiver, maker);
    const Path *p = &f->paths[receiver.i];
    if (kind != CONCURRENT_NONE || p->kind != PATH_SYMBOL) return kind;
    const Op *bind = &f->ops[f->symbols[f->symbols[p->id].target.i].bind.i];
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FOR) return kind;
    SymbolId list = facts_root_symbol(f, bound_value(f, bind));
    return list.i ? kind_of_elements(l, list, maker) : kind;
}

/* ---- calls that fork ---- */

typedef enum StartMethod { START_UNKNOWN, START_DEFAULT, START_FORK, START_OTHER } StartMethod;

static StartMethod method_of_text(const Facts *f, PathId text) {
    const Path *p = &f->paths[text.i];
    if (p->kind == PATH_NONE) return START_DEFAULT;
    if (p->kind != PATH_LITERAL || p->flags != LITERAL_STRING) return START_UNKNOWN;
    return str_is(facts_str(f, (StrId){p->id}), "fork") ? START_FORK : START_OTHER;
}

/* A context of multiprocessing: `get_context("fork")`. */
static StartMethod method_of_context(const Look *l, PathId context) {
    const Facts *f = l->f;
    Str maker = graph_maker_of(l->g, l->file, context);
    if (!str_ends(maker, ".get_context")) return START_UNKNOWN;
    const Path *p = &f->paths[graph_alias_of(l->g, l->file, context).i];
    if (p->kind != PATH_OP) { /* a variable of a module, an attribute: its one statement */
        SymbolRef v = graph_variable_of(l->g, l->file, context);
        const Facts *there = v.symbol.i ? graph_facts(l->g, v.file) : NULL;
        const Op *bind = there ? &there->ops[there->symbols[v.symbol.i].bind.i] : NULL;
        const Path *value = bind ? &there->paths[bound_value(there, bind).i] : NULL;
        if (!value || value->kind != PATH_OP) return START_UNKNOWN;
        return method_of_text(there, call_argument(there, &there->ops[value->id], 0, "method"));
    }
    return method_of_text(f, call_argument(f, &f->ops[p->id], 0, "method"));
}

/* How the process is started that the call makes: `ctx.Process(…)`, `Pool(…, context=ctx)`. */
static StartMethod method_of_maker(const Look *l, OpId maker) {
    const Facts *f = l->f;
    const Op *call = &f->ops[maker.i];
    if (!maker.i || call->kind != OP_CALL) return START_DEFAULT;
    PathId context = call_argument(f, call, UINT32_MAX, "mp_context");
    if (!context.i) context = call_argument(f, call, UINT32_MAX, "context");
    if (context.i) {
        bool is_none = f->paths[context.i].kind == PATH_LITERAL;
        return is_none ? START_DEFAULT : method_of_context(l, context);
    }
    bool is_named = graph_name_of(l->g, l->file, op_path(call)).n;
    return is_named ? START_DEFAULT : method_of_context(l, receiver_of(f, call));
}

/* `os.exec…` after the fork: the child becomes another program. */
static bool executes(const Look *l, u32 from, u32 depth) {
    const Facts *f = l->f;
    const Scope *s = &f->scopes[l->scope.i];
    for (u32 o = MAX(from, s->op_first); o < s->op_end; o++) {
        if (f->ops[o].kind != OP_CALL) continue;
        if (str_starts(graph_name_of(l->g, l->file, op_path(&f->ops[o])), "os.exec")) return true;
        ClassId made;
        u32 fn = depth ? callee_function(l->g, l->file, &f->ops[o], &made) : 0;
        if (!fn) continue;
        Look callee = look_at(l->g, l->g->functions[fn].file, l->g->functions[fn].scope);
        if (executes(&callee, 0, depth - 1)) return true;
    }
    return false;
}

static bool is_submit(Str method) {
    return str_is(method, "submit") || str_is(method, "map");
}

/* What the call starts in a forked child: os.fork itself, a process, a pool. */
static ConcurrentKind forked_by(const Look *l, OpId at, OpId *maker) {
    const Op *call = &l->f->ops[at.i];
    Str method = facts_method(l->f, call);
    *maker = at;
    ConcurrentKind kind = know_concurrency(maker_of_call(l->g, l->file, call));
    if (kind == CONCURRENT_FORK || kind == CONCURRENT_PROCESS_POOL) return kind;
    bool is_start = str_is(method, "start");
    if (!is_start && !is_submit(method)) return CONCURRENT_NONE;
    kind = kind_of_receiver(l, receiver_of(l->f, call), maker);
    bool is_it = kind == (is_start ? CONCURRENT_PROCESS : CONCURRENT_PROCESS_EXECUTOR);
    return is_it ? kind : CONCURRENT_NONE;
}

static bool is_fork(const Look *l, OpId at, ForkedThreads *out) {
    OpId maker = {0};
    out->kind = forked_by(l, at, &maker);
    if (out->kind == CONCURRENT_NONE) return false;
    if (out->kind == CONCURRENT_FORK) {
        out->is_chosen = true;
        return !executes(l, at.i + 1, 1);
    }
    StartMethod method = method_of_maker(l, maker);
    u32 set = l->g->start_methods;
    if (method == START_DEFAULT && set & (1u << START_OTHER)) return false;
    if (method == START_DEFAULT && set & (1u << START_FORK)) method = START_FORK;
    out->is_chosen = method == START_FORK;
    return method == START_FORK || method == START_DEFAULT;
}

/* ---- threads that run ---- */

static bool starts_thread(const Look *l, const Op *call) {
    Str method = facts_method(l->f, call);
    OpId maker;
    if (str_is(method, "start")) {
        ConcurrentKind kind = kind_of_receiver(l, receiver_of(l->f, call), &maker);
        return kind == CONCURRENT_THREAD || kind == CONCURRENT_TIMER;
    }
    if (is_submit(method))
        return concurrent_kind(l->g, l->file, receiver_of(l->f, call)) ==
               CONCURRENT_THREAD_EXECUTOR;
    ConcurrentKind kind = know_concurrency(graph_name_of(l->g, l->file, op_path(call)));
    return kind == CONCURRENT_THREAD_STARTED || kind == CONCURRENT_THREAD_POOL;
}

/* Nothing comes after it in this process; or it may end threads: `thread.join()`,
 * `monitor.stop()`, the end of a `with`. */
static bool may_stop(const Look *l, const Op *op) {
    static const char *const ENDS[] = {"os._exit", "os.abort", "sys.exit"};
    if (op->kind == OP_EXIT) return true;
    if (op->kind != OP_CALL) return false;
    Str name = graph_name_of(l->g, l->file, op_path(op)), method = facts_method(l->f, op);
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(name, ENDS[i])) return true;
    if (str_starts(name, "os.exec")) return true;
    bool is_text =
        str_is(method, "join") && l->f->paths[receiver_of(l->f, op).i].kind == PATH_LITERAL;
    return (is_release_name(method) && !is_text) || str_is(method, "cancel");
}

static void find_stops(Look *l) {
    const Scope *s = &l->f->scopes[l->scope.i];
    l->n_stops = 0;
    for (u32 o = s->op_first; o < s->op_end && l->n_stops < STOPS_MAX; o++)
        if (is_own(l, &l->f->ops[o]) && may_stop(l, &l->f->ops[o]))
            l->stops[l->n_stops++] = (OpId){o};
}

/* `self._thread`, `worker` of a module: what others know it by. */
static Str name_of_thread(const Look *l, PathId thread) {
    const Path *p = &l->f->paths[thread.i];
    if (p->kind == PATH_ATTR) return facts_str(l->f, (StrId){p->id});
    SymbolId s = p->kind == PATH_SYMBOL ? l->f->symbols[p->id].target : (SymbolId){0};
    bool is_global = s.i && l->f->scopes[l->f->symbols[s.i].scope.i].kind == SCOPE_MODULE;
    return is_global ? facts_str(l->f, l->f->symbols[s.i].name) : (Str){0};
}

/* Does the function end the thread of that name, itself or by what it calls? Methods of objects
 * whose class does not show are looked for in `owner`. */
static bool ends_thread(const Graph *g, u32 fn, ClassId owner, Str thread, u32 depth, u32 *left) {
    if (!*left) return false;
    --*left;
    Look l = look_at(g, g->functions[fn].file, g->functions[fn].scope);
    const Scope *s = &l.f->scopes[l.scope.i];
    if (s->op_end - s->op_first > FORK_OPS) return false;
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *op = &l.f->ops[o];
        if (op->kind != OP_CALL || !is_own(&l, op)) continue;
        bool is_it = str_eq(name_of_thread(&l, receiver_of(l.f, op)), thread);
        if (is_it && may_stop(&l, op)) return true;
        if (!depth) continue;
        ClassId made = {0};
        Str method = facts_method(l.f, op);
        u32 callee = callee_function(g, l.file, op, &made);
        if (!callee && !made.i && method.n && owner.i)
            callee = method_by_name(g, owner, hash_str(method));
        if (callee && ends_thread(g, callee, owner, thread, depth - 1, left)) return true;
    }
    return false;
}

/* `os.register_at_fork(before=stop)`: the thread does not run while a process is forked. */
static bool rests_at_forks(const Look *l, const Op *start) {
    Str thread = l->g->before_fork.n ? name_of_thread(l, receiver_of(l->f, start)) : (Str){0};
    if (!thread.n) return false;
    ScopeRef function = {l->file, enclosing_function(l->f, l->scope)};
    ClassId owner = function.scope.i ? graph_method_class(l->g, function) : (ClassId){0};
    u32 left = STOP_CALLS;
    for (u32 i = 0; i < l->g->before_fork.n; i++)
        if (ends_thread(l->g, l->g->before_fork.v[i], owner, thread, STOP_DEPTH, &left))
            return true;
    return false;
}

static bool leaves_thread(const Graph *g, u32 fn, u32 depth, OpRef *start);

/* The call starts a thread that runs on: by itself, or the function that it calls does. */
static bool is_start(const Look *l, u32 o, u32 depth, OpRef *start) {
    const Op *op = &l->f->ops[o];
    *start = (OpRef){l->file, {o}};
    if (op->kind != OP_CALL) return false;
    if (starts_thread(l, op)) return !rests_at_forks(l, op);
    if (!depth) return false;
    ClassId made = {0};
    u32 fn = callee_function(l->g, l->file, op, &made);
    if (!fn && made.i) fn = graph_function_id(l->g, graph_method(l->g, made, "__init__"));
    return fn && leaves_thread(l->g, fn, depth - 1, start);
}

/* Does a call of the function leave a thread that runs? */
static bool leaves_thread(const Graph *g, u32 fn, u32 depth, OpRef *start) {
    Look l = look_at(g, g->functions[fn].file, g->functions[fn].scope);
    const Scope *s = &l.f->scopes[l.scope.i];
    if (s->op_end - s->op_first > FORK_OPS || s->flags & (SCOPE_ASYNC | SCOPE_GENERATOR))
        return false;
    bool found = false;
    for (u32 o = s->op_first; o < s->op_end; o++) {
        OpRef at;
        if (!is_own(&l, &l.f->ops[o])) continue;
        if (found && may_stop(&l, &l.f->ops[o])) return false;
        if (found || !is_start(&l, o, depth, &at)) continue;
        found = true;
        *start = at;
    }
    return found;
}

/* ---- before the fork ---- */

/* In the function (or module) of `at`: a thread is started, and goes on when that is reached. */
static bool started_before(const Graph *g, OpRef at, OpRef *start, OpId *here) {
    const Facts *f = g->files[at.file].facts;
    Look l = look_at(g, at.file, f->regions[f->ops[at.op.i].region.i].scope);
    const Scope *s = &f->scopes[l.scope.i];
    if (s->op_end - s->op_first > FORK_OPS) return false;
    find_stops(&l);
    if (l.n_stops == STOPS_MAX) return false;
    OpId none = {UINT32_MAX};
    u32 tried = 0;
    for (u32 o = s->op_first; o < s->op_end && tried < STARTS_MAX; o++) {
        if (o == at.op.i || !is_own(&l, &f->ops[o]) || !is_start(&l, o, START_DEPTH - 1, start))
            continue;
        tried++;
        *here = (OpId){o};
        if (graph_reaches(g, at.file, *here, at.op, l.n_stops ? l.stops : &none,
                          l.n_stops ? l.n_stops : 1))
            return true;
    }
    return false;
}

/* The constructor of the method's class starts a thread of the object. */
static bool started_by_constructor(const Graph *g, ScopeRef function, OpRef *start) {
    ClassId c = graph_method_class(g, function);
    if (!c.i || graph_method_kind(g, function) != METHOD_INSTANCE) return false;
    u32 init = graph_function_id(g, graph_method(g, c, "__init__"));
    return init && init != graph_function_id(g, function) && leaves_thread(g, init, 1, start);
}

/* The same for the modules' own code, outside of `if __name__ == "__main__"`. */
static bool started_at_import(const Graph *g, u32 file, OpRef *start) {
    Look l = look_at(g, file, (ScopeId){1});
    const Scope *s = &l.f->scopes[1];
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *op = &l.f->ops[o];
        if (!is_own(&l, op) || graph_how_often(g, file, op->region) != RUNS_ONCE) continue;
        if (op->kind == OP_CALL && is_start(&l, o, 0, start)) return true;
    }
    return false;
}

static bool find_before(const Graph *g, OpRef at, u32 depth, ForkedThreads *out) {
    const Facts *f = g->files[at.file].facts;
    ScopeId s = enclosing_function(f, f->regions[f->ops[at.op.i].region.i].scope);
    if (started_before(g, at, &out->start, &out->here)) {
        out->at = at;
        return true;
    }
    u32 fn = s.i ? function_id(g, at.file, s) : 0;
    if (!fn || !depth) return false;
    const FunctionNode *node = &g->functions[fn];
    for (u32 i = 0; i < MIN(node->callers.n, CALLERS_LIMIT); i++) {
        OpRef caller = node->callers.v[i];
        bool is_itself =
            caller.file == at.file &&
            enclosing_function(f, f->regions[f->ops[caller.op.i].region.i].scope).i == s.i;
        if (g->files[caller.file].is_test || is_itself) continue;
        if (find_before(g, caller, depth - 1, out)) return true;
    }
    return false;
}

bool graph_forks_with_threads(const Graph *g, OpRef call, ForkedThreads *out) {
    const Facts *f = g->files[call.file].facts;
    ScopeId scope = f->regions[f->ops[call.op.i].region.i].scope;
    Look l = look_at(g, call.file, scope);
    *out = (ForkedThreads){0};
    if (!is_fork(&l, call.op, out)) return false;
    if (find_before(g, call, CALLER_DEPTH, out)) return true;
    ScopeRef function = function_of_op(g, call);
    if (!function.scope.i) return false;
    out->is_elsewhere = true;
    return started_by_constructor(g, function, &out->start) ||
           started_at_import(g, call.file, &out->start);
}

/* ---- how processes start ---- */

static bool imports_processes(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        if (str_starts(module, "multiprocess") || str_starts(module, "torch")) return true;
    }
    return false;
}

static void note_before_fork(Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    if (!str_is(graph_name_of(g, file, op_path(call)), "os.register_at_fork")) return;
    PathId before = call_argument(f, call, UINT32_MAX, "before");
    ScopeRef function = before.i ? graph_definition_of(g, file, before) : (ScopeRef){0};
    u32 fn = scope_is_none(function) ? 0 : graph_function_id(g, function);
    if (fn && g->before_fork.n < BEFORE_MAX) vec_push(g->arena, &g->before_fork, fn);
}

/* `Process(target=serve)`: the function is the main one of a process. */
static void note_process_target(Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    if (!str_is(facts_last_name(f, op_path(call)), "Process")) return;
    PathId target = call_argument(f, call, 1, "target");
    ScopeRef function = target.i ? graph_definition_of(g, file, target) : (ScopeRef){0};
    u32 fn = scope_is_none(function) ? 0 : graph_function_id(g, function);
    if (fn) map_set(g->arena, &g->process_targets, fn, 1);
}

static void note_start_method(Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    if (!str_ends(graph_name_of(g, file, op_path(call)), ".set_start_method")) return;
    StartMethod method = method_of_text(f, call_argument(f, call, 0, "method"));
    g->start_methods |= 1u << (method == START_FORK ? START_FORK : START_OTHER);
}

/* The last part of what is called, as it is written. */
static u64 written_name(const Facts *f, const Op *call) {
    const Path *p = &f->paths[call->subject];
    if (p->kind == PATH_ATTR) return f->strings[p->id].hash;
    return p->kind == PATH_SYMBOL ? f->strings[f->symbols[p->id].name.i].hash : 0;
}

void start_methods_find(Graph *g) {
    u64 at_fork = hash_str(STR("register_at_fork"));
    for (u32 file = 0; file < g->n_files; file++) {
        const FileNode *node = &g->files[file];
        const Facts *f = node->facts;
        if (node->is_test || node->is_stub) continue;
        bool has_processes = imports_processes(f);
        for (u32 o = 1; o < f->n_ops; o++) {
            const Op *op = &f->ops[o];
            if (op->kind != OP_CALL) continue;
            if (has_processes) note_start_method(g, file, op);
            if (has_processes) note_process_target(g, file, op);
            if (written_name(f, op) == at_fork) note_before_fork(g, file, op);
        }
    }
}
