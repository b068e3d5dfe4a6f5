/* Tasks that a wait leaves behind: `asyncio.wait` returns before all of them are done, and nobody
 * cancels, keeps or waits for the others. */
#include "graph/waits.h"

enum { TASKS_MAX = 16, NAMES_MAX = 16, VALUE_DEPTH = 5, WAIT_OPS = 20000 };

/* A task that the function makes for the wait. */
typedef struct Task {
    OpId made;        /* the call that makes it, or the coroutine */
    PathId coroutine; /* what it runs */
    SymbolId local;   /* that holds it, or 0 */
    RegionId region;  /* where the variable is bound, or where it is made */
    bool is_many;     /* one for each element */
    bool is_given;    /* `ensure_future(x)`: it may be somebody's task already */
    bool is_taken;    /* somebody looks after it */
} Task;

/* A variable that holds tasks. */
typedef struct Name {
    SymbolId owner;
    u32 task;       /* 1 + index of the one that it holds; 0: all of them */
    bool is_result; /* it holds the pair (done, pending) */
} Name;

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    const Scope *function;
    ScopeId scope;
    OpId wait;
    RegionId loop; /* around the wait, or 0 */
    Task tasks[TASKS_MAX];
    u32 n_tasks;
    Name names[NAMES_MAX];
    u32 n_names;
    u32 own[NAMES_MAX]; /* operations that carry the tasks to the wait */
    u32 n_own;
    bool is_open;   /* there is more than can be followed */
    bool is_partly; /* some of what the wait is given is not seen to be made here */
} Look;

/* ---- what the wait is given ---- */

static void add_name(Look *l, SymbolId owner, u32 task, bool is_result) {
    for (u32 i = 0; i < l->n_names; i++)
        if (l->names[i].owner.i == owner.i && l->names[i].task == task) return;
    if (l->n_names == NAMES_MAX)
        l->is_open = true;
    else
        l->names[l->n_names++] = (Name){owner, task, is_result};
}

static void add_own(Look *l, u32 op) {
    if (l->n_own == NAMES_MAX)
        l->is_open = true;
    else
        l->own[l->n_own++] = op;
}

/* A call of a coroutine function, of which Python before 3.11 makes a task by itself. */
static bool is_coroutine(const Look *l, const Op *call) {
    ClassId made;
    u32 id = callee_function(l->g, l->file, call, &made);
    if (!id) return str_is(graph_name_of(l->g, l->file, op_path(call)), "asyncio.sleep");
    const FunctionNode *fn = &l->g->functions[id];
    u32 flags = l->g->files[fn->file].facts->scopes[fn->scope.i].flags;
    return flags & SCOPE_ASYNC && !(flags & SCOPE_GENERATOR);
}

/* The value of a call is a new task. */
static bool add_task(Look *l, PathId value, Task like) {
    const Facts *f = l->f;
    like.made = (OpId){f->paths[value.i].id};
    const Op *call = &f->ops[like.made.i];
    if (makes_task(l->g, l->file, call)) {
        like.coroutine = op_operand(f, call, 0);
        const Path *p = &f->paths[like.coroutine.i];
        bool is_call = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL;
        like.is_given = !is_call && !str_is(facts_attribute(f, op_path(call)), "create_task");
    } else if (is_coroutine(l, call)) {
        like.coroutine = value;
    } else {
        return false;
    }
    if (!like.region.i) like.region = call->region;
    if (l->n_tasks == TASKS_MAX) return false;
    l->tasks[l->n_tasks++] = like;
    return true;
}

static void add_value(Look *l, PathId value, Task like, u32 depth);

/* `tasks.append(create_task(…))` and its kin fill a local. */
static void add_fillings(Look *l, SymbolId owner, Task like, u32 depth) {
    const Facts *f = l->f;
    for (u32 o = l->function->op_first; o < l->function->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL || op->operands != 1) continue;
        const Path *callee = &f->paths[op->subject], *of = &f->paths[callee->parent.i];
        bool is_its = callee->kind == PATH_ATTR && of->kind == PATH_SYMBOL &&
                      f->symbols[of->id].target.i == owner.i;
        const MethodRow *row = is_its ? know_method(facts_attribute(f, op_path(op))) : NULL;
        if (!row || row->effect != METHOD_ADDS) continue;
        add_own(l, o);
        like.is_many |= loop_of_region(f, op->region).i != l->loop.i;
        add_value(l, op_operand(f, op, 0), like, depth);
    }
}

/* A local variable: of a task, or of a collection of tasks. */
static void add_local(Look *l, PathId value, Task like, u32 depth) {
    const Facts *f = l->f;
    SymbolId owner = f->symbols[f->paths[value.i].id].target;
    const Symbol *s = &f->symbols[owner.i];
    const Op *bind = &f->ops[s->bind.i];
    bool is_plain = owner.i && s->scope.i == l->scope.i && !(s->flags & SYMBOL_PARAM) &&
                    bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN;
    const Path *bound = &f->paths[bound_value(f, bind).i];
    if (!is_plain || s->binds != 1 || bound->kind != PATH_OP) {
        l->is_partly = true;
        return;
    }
    u32 before = l->n_tasks;
    like.region = bind->region;
    bool is_call = f->ops[bound->id].kind == OP_CALL;
    if (is_call) like.local = owner;
    add_value(l, bound_value(f, bind), like, depth);
    if (!is_call || l->n_tasks == before) add_fillings(l, owner, like, depth);
    bool is_one = is_call && l->n_tasks == before + 1 && !l->tasks[before].is_many;
    if (l->n_tasks > before) add_name(l, owner, is_one ? before + 1 : 0, false);
}

/* The elements of a comprehension. */
static void add_comprehension(Look *l, const Op *op, Task like, u32 depth) {
    const Scope *s = &l->f->scopes[op->subject];
    like.is_many = true;
    if (!like.region.i) like.region = op->region;
    for (u32 o = s->op_first; o < s->op_end; o++) {
        const Op *each = &l->f->ops[o];
        bool is_element = each->kind == OP_YIELD && each->flags & OP_IMPLICIT &&
                          l->f->regions[each->region.i].scope.i == op->subject;
        if (!is_element) continue;
        add_own(l, o);
        add_value(l, op_operand(l->f, each, 0), like, depth);
    }
}

static void add_value(Look *l, PathId value, Task like, u32 depth) {
    static const char *const COPIES[] = {"builtins.list", "builtins.set", "builtins.tuple",
                                         "builtins.frozenset", "builtins.iter"};
    const Facts *f = l->f;
    const Path *p = &f->paths[value.i];
    l->is_partly |= !depth || (p->kind != PATH_SYMBOL && p->kind != PATH_OP);
    if (!depth) return;
    if (p->kind == PATH_SYMBOL) add_local(l, value, like, depth - 1);
    if (p->kind != PATH_OP) return;
    const Op *op = &f->ops[p->id];
    switch (op->kind) {
    case OP_LIST:
    case OP_SET:
    case OP_TUPLE:
        add_own(l, p->id);
        for (u32 i = 0; i < op->operands; i++) add_value(l, op_operand(f, op, i), like, depth - 1);
        return;
    case OP_LISTCOMP:
    case OP_SETCOMP:
    case OP_GENERATOR:
        add_own(l, p->id);
        add_comprehension(l, op, like, depth - 1);
        return;
    case OP_CALL:
        if (add_task(l, value, like)) return;
        if (op->operands > 1 ||
            !str_is_any(graph_name_of(l->g, l->file, op_path(op)), COPIES, ARRAY_LEN(COPIES))) {
            l->is_partly = true;
            return;
        }
        if (!op->operands) return;
        add_own(l, p->id);
        add_value(l, op_operand(f, op, 0), like, depth - 1);
        return;
    default:
        l->is_partly = true;
        return;
    }
}

/* ---- what is done with them ---- */

typedef enum Using { USING_NOT, USING_LOOKS, USING_TAKES } Using;

typedef struct Mention {
    const Look *look;
    const Name *name;
} Mention;

/* `pair[0]`: the tasks that are done. */
static bool is_first(const Facts *f, const Path *selector) {
    return selector->kind == PATH_CONST && str_is(facts_str(f, (StrId){selector->id}), "0");
}

/* Is the path of the variable, beside the first element of a pair, which are the done ones? */
static bool is_named(void *context, PathId path) {
    const Mention *m = context;
    const Facts *f = m->look->f;
    if (!path.i || facts_root_symbol(f, path).i != m->name->owner.i) return false;
    for (u32 p = path.i; m->name->is_result && p; p = f->paths[p].parent.i)
        if (f->paths[p].depth == 1 && is_first(f, &f->paths[p])) return false;
    return true;
}

/* `task.done()`, `task.result()`: the task goes on as it did. */
static bool is_asking(Str method) {
    static const char *const NAMES[] = {"cancelled", "copy",     "done",     "exception",
                                        "get_coro",  "get_name", "set_name", "result"};
    return str_is_any(method, NAMES, ARRAY_LEN(NAMES));
}

static bool is_logging(Str method) {
    static const char *const NAMES[] = {"critical", "debug",   "error", "exception",
                                        "info",     "warning", "log"};
    return str_is_any(method, NAMES, ARRAY_LEN(NAMES));
}

static Using using_in_call(const Look *l, const Mention *m, const Op *call) {
    PathId callee = op_path(call);
    Mention own = *m;
    if (is_named(&own, callee))
        return is_asking(facts_attribute(l->f, callee)) ? USING_LOOKS : USING_TAKES;
    const CallRow *row = know_call(graph_name_of(l->g, l->file, callee));
    bool reads = (row && row->flags & CALL_READS && !(row->flags & CALL_COPY)) ||
                 is_logging(facts_attribute(l->f, callee));
    return reads ? USING_LOOKS : USING_TAKES;
}

/* The loop variable of an iteration over the tasks is looked at in their place. */
static Using using_in_loop(Look *l, u32 o) {
    const Facts *f = l->f;
    const Op *bind = o + 1 < l->function->op_end ? &f->ops[o + 1] : NULL;
    bool is_for = bind && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_FOR;
    SymbolId each = is_for ? facts_root_symbol(f, op_path(bind)) : (SymbolId){0};
    if (!each.i || f->symbols[each.i].binds != 1) return USING_TAKES;
    add_name(l, each, 0, false);
    return USING_LOOKS;
}

static Using using_at(Look *l, const Name *name, u32 o) {
    const Op *op = &l->f->ops[o];
    Mention m = {l, name};
    if (!op_paths(l->f, op, is_named, &m)) return USING_NOT;
    for (u32 i = 0; i < l->n_own; i++)
        if (l->own[i] == o) return USING_NOT;
    if (o == l->wait.i) return USING_NOT;
    switch (op->kind) {
    case OP_TEST:
    case OP_COMPARE:
    case OP_NOT:
    case OP_FSTRING:
    case OP_LOAD:
        return USING_LOOKS;
    case OP_BIND: /* of the variable of a loop over them */
        return (op->flags & OP_LOW) == BIND_FOR ? USING_LOOKS : USING_TAKES;
    case OP_DELETE:
        return l->f->paths[op->subject].depth ? USING_TAKES : USING_LOOKS;
    case OP_ITERATE:
        return op->flags & OP_ASYNC ? USING_TAKES : using_in_loop(l, o);
    case OP_CALL:
        return using_in_call(l, &m, op);
    default:
        return USING_TAKES;
    }
}

/* In an `except` clause of a try around the wait: it runs only when the wait itself fails. */
static bool is_only_on_failure(const Look *l, RegionId region) {
    const Facts *f = l->f;
    for (u32 r = region.i; r; r = f->regions[r].parent.i)
        if (f->regions[r].kind == REGION_EXCEPT &&
            region_is_within(f, f->ops[l->wait.i].region, f->regions[r].group))
            return true;
    return false;
}

/* Somebody looks after the tasks that the variable holds. */
static void look_after(Look *l, u32 n) {
    for (u32 o = l->function->op_first; o < l->function->op_end; o++) {
        Name name = l->names[n];
        if (using_at(l, &name, o) != USING_TAKES) continue;
        if (is_only_on_failure(l, l->f->ops[o].region)) continue;
        for (u32 t = 0; t < l->n_tasks; t++)
            if (!name.task || name.task == t + 1) l->tasks[t].is_taken = true;
    }
}

/* ---- what the wait gives ---- */

typedef struct Pair {
    const Facts *f;
    u32 value; /* the operation that has it */
} Pair;

/* The pair, or its second half: the tasks that are not done. */
static bool is_rest(void *context, PathId path) {
    const Pair *pair = context;
    const Facts *f = pair->f;
    const Path *root = facts_root(f, path);
    if (root->kind != PATH_OP || root->id != pair->value) return false;
    for (u32 p = path.i; p; p = f->paths[p].parent.i)
        if (f->paths[p].depth == 1) return !is_first(f, &f->paths[p]);
    return true;
}

/* The operation whose value is the pair, or 0. */
static u32 pair_of(const Look *l) {
    const Facts *f = l->f;
    u32 end = MIN(l->function->op_end, l->wait.i + 8);
    for (u32 o = l->wait.i + 1; o < end; o++) {
        const Path *of = &f->paths[f->ops[o].subject];
        bool is_value = f->ops[o].kind == OP_AWAITED_VALUE || f->ops[o].kind == OP_SENT_VALUE;
        if (is_value && of->kind == PATH_OP && of->id == l->wait.i) return o;
        bool is_sent = f->ops[o].kind == OP_SENT_VALUE && f->ops[o - 1].kind == OP_YIELD &&
                       f->ops[o - 1].flags & OP_DELEGATE;
        if (is_sent) return o;
    }
    return 0;
}

/* The variables that the tasks which are not done are bound to are names of tasks. */
static void follow_pair(Look *l) {
    const Facts *f = l->f;
    Pair pair = {f, pair_of(l)};
    if (!pair.value) return;
    for (u32 o = pair.value + 1; o < MIN(l->function->op_end, pair.value + 32); o++) {
        const Op *op = &f->ops[o];
        if (!op_paths(f, op, is_rest, &pair)) continue;
        PathId value = bound_value(f, op);
        SymbolId owner = op->kind == OP_BIND ? facts_root_symbol(f, op_path(op)) : (SymbolId){0};
        bool is_local = owner.i && f->symbols[owner.i].scope.i == l->scope.i;
        if (is_local && f->paths[value.i].depth <= 1)
            add_name(l, owner, 0, !f->paths[value.i].depth);
        else
            l->is_open = true;
    }
}

/* ---- how long they stay ---- */

static PendingUntil until_of(const Look *l, PathId coroutine) {
    static const char *const WAITS[] = {"acquire", "get", "join", "wait"};
    const Facts *f = l->f;
    const Path *p = &f->paths[coroutine.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return PENDING_UNKNOWN;
    const Op *call = &f->ops[p->id];
    PathId callee = op_path(call);
    if (str_is(graph_name_of(l->g, l->file, callee), "asyncio.sleep")) return PENDING_SLEEP;
    if (str_is_any(facts_attribute(f, callee), WAITS, ARRAY_LEN(WAITS))) {
        PathId receiver = f->paths[callee.i].parent;
        ConcurrentKind kind = concurrent_kind(l->g, l->file, receiver);
        const Symbol *owner = &f->symbols[facts_root_symbol(f, receiver).i];
        bool is_own = owner->scope.i == l->scope.i && !(owner->flags & SYMBOL_PARAM);
        if (is_own && !l->loop.i) return PENDING_UNKNOWN; /* it goes with the function */
        if (kind == CONCURRENT_ASYNC_SIGNAL || kind == CONCURRENT_ASYNC_LOCK) return PENDING_SIGNAL;
    }
    return is_endless_coroutine(l->g, l->file, call) ? PENDING_NEVER : PENDING_UNKNOWN;
}

static bool is_end_name(Str method) {
    static const char *const NAMES[] = {"abort",      "aclose",    "cancel",    "disconnect",
                                        "put",        "kill",      "set",       "set_exception",
                                        "set_result", "terminate", "put_nowait"};
    return is_release_name(method) || str_is_any(method, NAMES, ARRAY_LEN(NAMES));
}

/* A value of a plain path, which the coroutine works on. */
static bool is_about(const Facts *f, const Op *coroutine, PathId object) {
    if (f->paths[op_path(coroutine).i].parent.i == object.i) return true;
    for (u32 i = 0; i < coroutine->operands; i++)
        if (op_operand(f, coroutine, i).i == object.i) return true;
    return false;
}

/* After the wait the function closes what the coroutine works on, or tells it to end. */
static bool is_ended(const Look *l, const Task *task) {
    const Facts *f = l->f;
    const Path *p = &f->paths[task->coroutine.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Op *coroutine = &f->ops[p->id];
    for (u32 o = l->wait.i + 1; o < l->function->op_end; o++) {
        const Op *op = &f->ops[o];
        if (l->loop.i && !region_is_within(f, op->region, l->loop)) continue;
        const Path *callee = &f->paths[op->subject];
        bool is_exit = op->kind == OP_EXIT;
        bool is_call = op->kind == OP_CALL && callee->kind == PATH_ATTR && callee->parent.i;
        if (is_call && is_end_name(facts_attribute(f, op_path(op))) &&
            is_about(f, coroutine, callee->parent))
            return true;
        for (u32 i = 0; is_exit && i <= coroutine->operands; i++) {
            PathId of = i ? op_operand(f, coroutine, i - 1) : f->paths[op_path(coroutine).i].parent;
            SymbolId owner = facts_root_symbol(f, of);
            const Op *bind = &f->ops[f->symbols[owner.i].bind.i];
            bool is_entered = owner.i && bind->kind == OP_BIND &&
                              (bind->flags & OP_LOW) == BIND_WITH &&
                              bound_value(f, bind).i == op->subject;
            if (is_entered || (of.i && of.i == op->subject)) return true;
        }
    }
    return false;
}

/* It is made once, and each round of the loop waits for it again. */
static bool is_carried(const Look *l, const Task *task) {
    return l->loop.i && !region_is_within(l->f, task->region, l->loop);
}

/* An event that nobody sets says more than a queue, in which there is always something. */
static u32 rank_of(const Look *l, PendingUntil until, PathId coroutine) {
    if (until != PENDING_SIGNAL)
        return until == PENDING_NEVER ? 4 : until == PENDING_UNKNOWN ? 1 : 0;
    const Op *call = &l->f->ops[l->f->paths[coroutine.i].id];
    return str_is(facts_attribute(l->f, op_path(call)), "wait") ? 3 : 2;
}

static bool choose(const Look *l, PendingTasks *out) {
    bool found = false;
    u32 best = 0;
    for (u32 i = 0; i < l->n_tasks; i++) {
        const Task *task = &l->tasks[i];
        if (task->is_taken || is_carried(l, task) || is_ended(l, task)) continue;
        PendingUntil until = until_of(l, task->coroutine);
        u32 rank = rank_of(l, until, task->coroutine);
        if (found && rank <= best) continue;
        found = true;
        best = rank;
        out->until = until;
        out->made = task->made;
        out->coroutine = task->coroutine;
        out->is_many = task->is_many;
        out->is_given = task->is_given;
    }
    return found;
}

/* ---- the wait ---- */

static Str last_of(Str name) {
    return str_after_last(name, '.');
}

/* The parameter of the function that the path is, when its default is None; or -1. */
static int optional_parameter(const Look *l, PathId path) {
    const Facts *f = l->f;
    const Path *p = &f->paths[path.i];
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    for (u32 i = l->function->param_first; s.i && i < l->function->param_end; i++) {
        bool is_none = facts_is_none(f, f->params[i].fallback);
        if (f->params[i].symbol.i == s.i && !f->symbols[s.i].binds && is_none)
            return (int)(i - l->function->param_first);
    }
    return -1;
}

/* `timeout=None` of the function itself, which no caller that is known gives, tests left out. *all:
 * there are no others. */
static bool is_never_given(const Look *l, PathId timeout, bool *all) {
    const FunctionNode *fn = &l->g->functions[function_id(l->g, l->file, l->scope)];
    int index = optional_parameter(l, timeout), skipped = fn->owner.i && fn->kind != METHOD_STATIC;
    if (index < skipped) return false;
    const Param *p = &l->f->params[l->function->param_first + (u32)index];
    Str name = facts_str(l->f, l->f->symbols[p->symbol.i].name);
    u32 asked = 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = l->g->files[call.file].facts;
        if (l->g->files[call.file].is_test) continue;
        asked++;
        if (call_argument_named(from, &from->ops[call.op.i], (u32)(index - skipped), name).i)
            return false;
    }
    *all = !fn->called_by_name && !fn->unknown_callers && !fn->escapes;
    return asked > 0;
}

/* Does it return before all are done? */
static bool is_early(const Look *l, const Op *call, PendingTasks *out) {
    const Facts *f = l->f;
    PathId when = call_argument(f, call, 2, "return_when");
    const Path *p = &f->paths[when.i];
    Str text = p->kind == PATH_LITERAL ? facts_str(f, (StrId){p->id})
                                       : last_of(graph_name_of(l->g, l->file, when));
    out->is_first = str_is(text, "FIRST_COMPLETED");
    out->is_failure = str_is(text, "FIRST_EXCEPTION");
    PathId argument = call_argument(f, call, 1, "timeout");
    bool all = false;
    out->is_optional = is_never_given(l, argument, &all);
    out->has_timeout = f->paths[argument.i].kind != PATH_NONE && !facts_is_none(f, argument) &&
                       !(out->is_optional && all);
    return out->is_first || out->is_failure || out->has_timeout;
}

static Look look_of(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    RegionId region = f->ops[call.op.i].region;
    ScopeId scope = f->regions[region.i].scope;
    return (Look){.g = g,
                  .file = call.file,
                  .f = f,
                  .scope = scope,
                  .function = &f->scopes[scope.i],
                  .wait = call.op,
                  .loop = loop_of_region(f, region)};
}

static bool is_small_function(const Look *l) {
    return l->function->kind == SCOPE_FUNCTION &&
           l->function->op_end - l->function->op_first <= WAIT_OPS;
}

u32 waited_coroutines(const Graph *g, OpRef call, PathId *coroutines, u32 max) {
    Look l = look_of(g, call);
    if (!is_small_function(&l)) return 0;
    add_value(&l, call_argument(l.f, &l.f->ops[call.op.i], 0, "fs"), (Task){0}, VALUE_DEPTH);
    if (l.is_open || l.is_partly || l.n_tasks > max) return 0;
    for (u32 i = 0; i < l.n_tasks; i++) coroutines[i] = l.tasks[i].coroutine;
    return l.n_tasks;
}

bool graph_pending_left(const Graph *g, OpRef call, PendingTasks *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    Look l = look_of(g, call);
    Str name = facts_str(f, l.function->name);
    *out = (PendingTasks){.loop = l.loop,
                          .in_closing = is_release_name(name) || str_starts(name, "aclose")};
    bool is_awaited = op->flags & OP_AWAITED || pair_of(&l);
    if (!is_small_function(&l) || !is_awaited) return false;
    if (!is_early(&l, op, out)) return false;
    add_value(&l, call_argument(f, op, 0, "fs"), (Task){0}, VALUE_DEPTH);
    if (l.n_tasks) follow_pair(&l);
    for (u32 i = 0; i < l.n_names && !l.is_open; i++) look_after(&l, i);
    return l.n_tasks && !l.is_open && choose(&l, out);
}
