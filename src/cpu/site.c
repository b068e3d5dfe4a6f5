/* What a call is: code of the project, something outside that tables speak of, a method that only
 * texts and containers have, or nobody knows. */
#include "cpu/read.h"

/* ---- arguments that decide whether it waits ---- */

static PathId keyword(const Reader *r, const Op *call, const char *name) {
    return call_argument(r->f, call, UINT32_MAX / 4, name);
}

/* `acquire(False)`, `get(block=False)`, `join(timeout=0)` */
static bool waits_not(const Reader *r, const Op *call, const CostRow *row) {
    const Facts *f = r->f;
    static const char *const FLAGS[] = {"block", "blocking"};
    for (u32 i = 0; i < ARRAY_LEN(FLAGS); i++)
        if (path_is_false(f, keyword(r, call, FLAGS[i]))) return true;
    if (path_is_zero(f, keyword(r, call, "timeout"))) return true;
    PathId first = call_argument(f, call, 0, NULL);
    switch (row->wait) {
    case WAIT_LOCK:
    case WAIT_QUEUE: {
        bool puts = str_ends(str_from(row->name), ".put"); /* most queues have no bound */
        return puts || path_is_false(f, first) || path_is_zero(f, first);
    }
    case WAIT_SLEEP: /* `gevent.sleep(0)` lets the other greenlets run */
        return row->origin == ORIGIN_STDLIB && path_is_zero(f, first);
    case WAIT_THREAD:
    case WAIT_EVENT:
    case WAIT_FUTURE:
        return path_is_zero(f, first);
    case WAIT_DISK: { /* `sqlite3.connect(":memory:")` */
        const Path *p = &f->paths[first.i];
        return p->kind == PATH_LITERAL && str_starts(facts_str(f, (StrId){p->id}), ":memory");
    }
    case WAIT_NETWORK:
        return str_is(str_from(row->name), "select.select") &&
               path_is_zero(f, call_argument(f, call, 3, "timeout"));
    default:
        return false;
    }
}

/* `time.sleep(0.001)`: less than a hundredth of a second. */
static bool is_short_sleep(const Reader *r, const Op *call, const CostRow *row) {
    if (row->wait != WAIT_SLEEP || row->argument < 0) return false;
    const Path *p = &r->f->paths[call_argument(r->f, call, (u32)row->argument, NULL).i];
    if (p->kind != PATH_LITERAL || p->flags != LITERAL_FLOAT) return false;
    Str text = facts_str(r->f, (StrId){p->id});
    return str_starts(text, "0.00") || str_starts(text, ".00") || str_contains(text, "e-");
}

/* hashlib lets go of the GIL only for more than a few bytes. */
static bool is_small(const Reader *r, const Op *call, const CostRow *row) {
    if (row->cost != COST_RELEASES || row->argument < 0) return false;
    PathId data = call_argument(r->f, call, (u32)row->argument, NULL);
    return !data.i || path_size(r, data) <= row->size;
}

/* The file sets its sockets to be non-blocking: nobody can tell which. */
static bool is_nonblocking(const Reader *r, const CostRow *row) {
    return row->wait == WAIT_NETWORK && r->c->is_nonblocking[r->file] &&
           str_starts(str_from(row->name), "socket.socket.");
}

static Site outside(const Reader *r, OpId op, const CostRow *row) {
    static const CostRow holds = {"small", ORIGIN_OTHER, COST_HOLDS, WAIT_NOT, -1, 0};
    const Op *call = &r->f->ops[op.i];
    Site s = {.op = op, .kind = SITE_OUTSIDE, .row = row};
    if (row->cost == COST_CHEAP) s.kind = SITE_NOTHING;
    if (is_small(r, call, row)) s.row = &holds;
    FlagState flag = row->cost == COST_WAITS ? flag_of_call(r, call, row) : FLAG_ABSENT;
    if (row->cost == COST_WAITS && (waits_not(r, call, row) || is_nonblocking(r, row)))
        s.flags |= SITE_HARMLESS;
    if (row->wait == WAIT_NETWORK && flag != FLAG_SET)
        flag = MAX(flag, socket_waits_not(r, call, row));
    if (flag == FLAG_SET) s.flags |= SITE_HARMLESS;
    if (flag == FLAG_GIVEN) s.flags |= SITE_SHORT; /* perhaps not at all */
    if (is_short_sleep(r, call, row)) s.flags |= SITE_SHORT;
    return s;
}

/* ---- the project's own ---- */

static bool is_consumer(Str name) {
    static const char *const NAMES[] = {"all", "any",    "dict", "frozenset", "list", "max",
                                        "min", "sorted", "sum",  "set",       "tuple"};
    if (!str_starts(name, "builtins.")) return str_starts(name, "collections.");
    Str last = str_after_last(name, '.');
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(last, NAMES[i])) return true;
    return false;
}

/* Does something go through the generator that the call makes, there and then? */
static bool is_run_through(const Reader *r, OpId call) {
    const Facts *f = r->f;
    for (u32 i = call.i + 1; i < f->n_ops && i < call.i + 6; i++) {
        const Op *op = &f->ops[i];
        const Path *subject =
            &f->paths[op_subject((OpKind)op->kind) == SUBJECT_PATH ? op->subject : 0];
        bool is_it = subject->kind == PATH_OP && subject->id == call.i;
        if (op->kind == OP_ITERATE && is_it) return true;
        if (op->kind == OP_YIELD && op->flags & OP_DELEGATE) return true;
        if (op->kind != OP_CALL || !op->operands) continue;
        const Path *given = &f->paths[op_operand(f, op, 0).i];
        if (given->kind == PATH_OP && given->id == call.i)
            return is_consumer(graph_name_of(r->g, r->file, op_path(op)));
    }
    return false;
}

static Site project(const Reader *r, OpId op, u32 function) {
    const Op *call = &r->f->ops[op.i];
    ScopeRef callee = graph_function_scope(r->g, function);
    const Facts *there = graph_facts(r->g, callee.file);
    u32 flags = there->scopes[callee.scope.i].flags;
    Site s = {.op = op, .kind = SITE_PROJECT, .function = function};
    Decoration decoration = graph_decoration(r->g, callee);
    bool is_awaited = call->flags & OP_AWAITED;
    if (there->flags & FACTS_STUB || decoration == DECORATION_NOTHING) {
        s.kind = is_awaited ? SITE_AWAIT : SITE_UNKNOWN;
        return s;
    }
    bool is_lazy = flags & SCOPE_GENERATOR || (flags & SCOPE_ASYNC && !is_awaited);
    if (is_lazy && !(flags & SCOPE_ASYNC) && is_run_through(r, op)) is_lazy = false;
    if (is_lazy) s.kind = SITE_NOTHING;
    if (is_awaited) s.flags |= SITE_AWAITED;
    /* `await helper()` of a plain function: a decorator has made something else of it */
    if (is_awaited && !(flags & SCOPE_ASYNC)) s.kind = SITE_AWAIT;
    if (decoration >= DECORATION_PROJECT || graph_is_overridden(r->g, callee))
        s.flags |= SITE_DOUBTFUL;
    return s;
}

/* Names of bases outside that run nothing when an instance is made. */
static bool is_quiet_base(const Reader *r, ClassId c) {
    static const char *const BASES[] = {
        "builtins.object", "typing.NamedTuple",  "typing.Generic", "builtins.tuple",
        "builtins.list",   "builtins.dict",      "builtins.str",   "builtins.int",
        "enum.Enum",       "builtins.Exception", "abc.ABC"};
    for (u32 i = 0; i < ARRAY_LEN(BASES); i++)
        if (graph_is_subclass(r->g, c, BASES[i])) return true;
    return false;
}

static Site construction(const Reader *r, OpId op, ClassId c) {
    const ClassId *mro;
    bool complete;
    Site s = {.op = op, .kind = SITE_NOTHING};
    graph_mro(r->g, c, &mro, &complete);
    ScopeRef init = graph_method(r->g, c, "__init__");
    if (!scope_is_none(init)) return project(r, op, graph_function_id(r->g, init));
    if (!complete && !is_quiet_base(r, c)) s.kind = SITE_UNKNOWN;
    if (graph_has_metaclass(r->g, c)) s.kind = SITE_UNKNOWN;
    return s;
}

/* ---- all others ---- */

static bool is_cheap_class(Str name) {
    return know_constructor(name) != MADE_NOTHING || know_is_exception_type(name);
}

/* `Row(…)` of a named tuple that the module made, `fn = compile(…)` … */
static bool is_named_tuple(const Reader *r, PathId callee) {
    Str maker = graph_maker_of(r->g, r->file, callee);
    return str_is(maker, "collections.namedtuple") || str_is(maker, "typing.NamedTuple");
}

static Site other(const Reader *r, OpId op) {
    const Op *call = &r->f->ops[op.i];
    const Path *callee = &r->f->paths[call->subject];
    Str name;
    const CostRow *row = callee_cost(r, call, &name);
    if (row) return outside(r, op, row);
    Site s = {.op = op, .kind = SITE_UNKNOWN};
    bool is_brief =
        callee->kind == PATH_ATTR && know_is_brief_method(facts_str(r->f, (StrId){callee->id}));
    if (is_brief || is_cheap_class(name) || is_named_tuple(r, op_path(call))) s.kind = SITE_NOTHING;
    return s;
}

static Site call_site(const Reader *r, OpId op) {
    Callee callee = graph_callee(r->g, r->file, op);
    if (callee.function) return project(r, op, callee.function);
    if (callee.made.i) return construction(r, op, callee.made);
    Site s = other(r, op);
    if (r->f->ops[op.i].flags & OP_AWAITED) s.kind = SITE_AWAIT;
    return s;
}

/* ---- with, await ---- */

static bool is_quiet_manager(Str origin) {
    static const char *const NAMES[] = {"contextlib.suppress",  "contextlib.nullcontext",
                                        "contextlib.closing",   "contextlib.ExitStack",
                                        "decimal.localcontext", "warnings.catch_warnings"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(origin, NAMES[i])) return true;
    return false;
}

static Site enter_site(const Reader *r, OpId op) {
    const Op *enter = &r->f->ops[op.i];
    Site s = {.op = op, .kind = SITE_UNKNOWN, .flags = SITE_ENTER};
    if (enter->flags & OP_ASYNC) {
        s.kind = SITE_AWAIT;
        return s;
    }
    Str origin = origin_of(r, op_path(enter));
    const CostRow *lock = origin.n ? know_method_cost(origin, STR("acquire")) : NULL;
    if (lock && lock->wait == WAIT_LOCK) {
        s.kind = SITE_OUTSIDE;
        s.row = lock;
        return s;
    }
    /* what makes it is a call of its own: `with open(…)` */
    const CostRow *made = origin.n ? know_cost(origin) : NULL;
    if (is_quiet_manager(origin) || made) s.kind = SITE_NOTHING;
    return s;
}

/* An await of what is no call: a future, a task; that of a call of the project is judged with it.
 */
static Site await_site(const Reader *r, OpId op) {
    const Op *await = &r->f->ops[op.i];
    const Path *p = &r->f->paths[await->subject];
    Site s = {.op = op, .kind = SITE_AWAIT};
    if (p->kind == PATH_OP && r->f->ops[p->id].kind == OP_CALL) s.kind = SITE_NOTHING;
    return s;
}

Site site_of(const Reader *r, OpId op) {
    switch (r->f->ops[op.i].kind) {
    case OP_CALL:
        return call_site(r, op);
    case OP_ENTER:
        return enter_site(r, op);
    case OP_AWAIT:
        return await_site(r, op);
    default:
        return (Site){.op = op};
    }
}
