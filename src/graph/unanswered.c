/* Entries of requests: what a function puts into a table for the answer, waits for with a time
 * limit, and leaves there when the time is over; and answers that are given to the entry where it
 * lies, which nothing takes out. */
#include "graph/model.h"

/* Changes of one table, callers of one function, operations of one function, what one expression
 * is made of, and the depth to which it is read. */
enum { CHANGES_MAX = 64, CALLERS_MAX = 64, FUNCTION_OPS = 4000, PARTS_MAX = 4, MENTION_DEPTH = 5 };

typedef struct Asking {
    const Graph *g;
    const Holding *h;
    const Change *added;
    ScopeRef function; /* that waits: the one that adds, or one that calls it */
    const Facts *f;
    const Scope *scope;
    OpId from;                 /* the addition, or the call of the function that adds */
    bool by_call;              /* the latter: what it returns is the entry */
    SymbolId parts[PARTS_MAX]; /* locals that the entry is made of */
    u32 n_parts;
    Str table; /* the last name of the container */
} Asking;

static bool is_out(const Change *c) {
    return c->kind == CHANGE_REMOVED || c->kind == CHANGE_EMPTIED || c->kind == CHANGE_REPLACED;
}

static bool is_within(const Facts *f, ScopeRef function, u32 file, OpId op) {
    const Scope *s = &f->scopes[function.scope.i];
    return file == function.file && op.i >= s->op_first && op.i < s->op_end;
}

/* ---- what an expression is made of ---- */

static bool mentions(const Asking *a, PathId path, u32 depth);

static bool mentions_in(const Asking *a, const Op *op, u32 depth) {
    bool has_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
    if (has_path && mentions(a, op_path(op), depth)) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (mentions(a, op_operand(a->f, op, i), depth)) return true;
    return false;
}

/* The entry, what it is made of, or the table that it is in. */
static bool mentions(const Asking *a, PathId path, u32 depth) {
    SymbolId root = facts_root_symbol(a->f, path);
    for (u32 i = 0; root.i && i < a->n_parts; i++)
        if (a->parts[i].i == root.i) return true;
    for (; path.i && depth; path = a->f->paths[path.i].parent) {
        const Path *p = &a->f->paths[path.i];
        if (p->kind == PATH_ATTR && str_eq(facts_str(a->f, (StrId){p->id}), a->table)) return true;
        if (p->kind != PATH_OP) continue;
        return (a->by_call && p->id == a->from.i) || mentions_in(a, &a->f->ops[p->id], depth - 1);
    }
    return false;
}

/* `table[key] = (answer, now)`: locals of the function that are no parameters. */
static void find_parts(Asking *a) {
    const Path *p = &a->f->paths[a->added->value.i];
    const Op *made = p->kind == PATH_OP ? &a->f->ops[p->id] : NULL;
    for (u32 i = 0; i < (made ? made->operands : 1) && a->n_parts < PARTS_MAX; i++) {
        PathId part = made ? op_operand(a->f, made, i) : a->added->value;
        SymbolId s = facts_root_symbol(a->f, part);
        bool is_own = s.i && a->f->paths[part.i].kind == PATH_SYMBOL &&
                      &a->f->scopes[a->f->symbols[s.i].scope.i] == a->scope &&
                      !(a->f->symbols[s.i].flags & SYMBOL_PARAM);
        if (is_own) a->parts[a->n_parts++] = s;
    }
}

/* ---- the wait ---- */

/* `async with asyncio.timeout(3):` around an operation. */
static bool is_in_timeout(const Asking *a, u32 index) {
    static const char *const NAMES[] = {"asyncio.timeout",       "asyncio.timeout_at",
                                        "async_timeout.timeout", "anyio.fail_after",
                                        "trio.fail_after",       "anyio.move_on_after"};
    const Facts *f = a->f;
    RegionId r = f->ops[index].region;
    ScopeId scope = f->regions[r.i].scope;
    for (; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind != REGION_WITH) continue;
        for (u32 i = index; i > a->from.i; i--) {
            const Path *manager = &f->paths[f->ops[i].subject];
            if (f->ops[i].kind != OP_ENTER || f->ops[i].region.i != r.i) continue;
            if (manager->kind != PATH_OP || f->ops[manager->id].kind != OP_CALL) continue;
            Str name = graph_name_of(a->g, a->function.file, op_path(&f->ops[manager->id]));
            if (str_is_any(name, NAMES, ARRAY_LEN(NAMES))) return true;
        }
    }
    return false;
}

/* `ready.wait(timeout)`: it comes back, and the answer has not come. */
static bool is_timed_event(const Asking *a, const Op *op) {
    if (op->kind != OP_CALL || !str_is(facts_attribute(a->f, op_path(op)), "wait")) return false;
    PathId time = call_argument(a->f, op, 0, "timeout");
    return time.i && !facts_is_none(a->f, time);
}

static bool is_wait(const Asking *a, u32 index) {
    const Op *op = &a->f->ops[index];
    if (!mentions_in(a, op, MENTION_DEPTH)) return false;
    if (op->kind == OP_AWAIT) return is_in_timeout(a, index);
    return call_is_timed_wait(a->g, a->function.file, index) || is_timed_event(a, op);
}

/* A loop around the wait, and not around the addition: it asks again. */
static bool is_tried_again(const Asking *a, u32 wait) {
    RegionId own = a->f->ops[a->from.i].region;
    for (RegionId r = a->f->ops[wait].region; r.i; r = a->f->regions[r.i].parent) {
        if (region_is_within(a->f, own, r)) return false;
        if (a->f->regions[r.i].kind == REGION_WHILE || a->f->regions[r.i].kind == REGION_FOR)
            return true;
    }
    return false;
}

/* `self.close()`, `answer.add_done_callback(…)`: the table goes, or the entry does. */
static bool is_handled(const Asking *a) {
    static const char *const NAMES[] = {
        "abort",       "aclose",   "add_done_callback", "close",   "destroy",  "disconnect",
        "fail",        "kill",     "reconnect",         "restart", "shutdown", "stop",
        "stop_nowait", "terminate"};
    u32 end = MIN(a->scope->op_end, a->from.i + FUNCTION_OPS);
    for (u32 i = a->from.i; i < end; i++) {
        const Op *op = &a->f->ops[i];
        if (op->kind != OP_CALL) continue;
        Str name = str_public(facts_last_name(a->f, op_path(op)));
        if (str_is_any(name, NAMES, ARRAY_LEN(NAMES))) return true;
    }
    return false;
}

static OpId wait_of(const Asking *a) {
    u32 end = MIN(a->scope->op_end, a->from.i + FUNCTION_OPS);
    for (u32 i = a->from.i + 1; i < end; i++) {
        if (a->f->regions[a->f->ops[i].region.i].scope.i != a->function.scope.i) continue;
        if (is_wait(a, i)) return is_tried_again(a, i) ? (OpId){0} : (OpId){i};
    }
    return (OpId){0};
}

/* ---- what takes it out ---- */

static bool is_called_in(const Graph *g, const Change *out, ScopeRef function) {
    const FunctionNode *fn = &g->functions[graph_function_id(g, out->function)];
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_MAX; i++)
        if (is_within(g->files[function.file].facts, function, fn->callers.v[i].file,
                      fn->callers.v[i].op))
            return true;
    return false;
}

/* The function takes something out, or a helper that it calls. */
static bool takes_out(const Asking *a, ScopeRef function) {
    const Facts *f = a->g->files[function.file].facts;
    for (u32 i = 0; i < a->h->n_changes; i++) {
        const Change *c = &a->h->changes[i];
        if (!is_out(c)) continue;
        if (is_within(f, function, c->file, c->op) || is_called_in(a->g, c, function)) return true;
    }
    return false;
}

static bool callers_take_out(const Asking *a) {
    const FunctionNode *fn = &a->g->functions[graph_function_id(a->g, a->added->function)];
    if (fn->callers.n > CALLERS_MAX) return true;
    for (u32 i = 0; i < fn->callers.n; i++)
        if (takes_out(a, function_of_op(a->g, fn->callers.v[i]))) return true;
    return false;
}

/* `for key in list(table): …`: old entries are looked for. */
static bool is_purge(const Asking *a, const Change *out) {
    Asking there = {
        .g = a->g, .function = out->function, .f = a->g->files[out->file].facts, .table = a->table};
    const Scope *s = &there.f->scopes[out->function.scope.i];
    u32 end = MIN(s->op_end, s->op_first + FUNCTION_OPS);
    for (u32 i = s->op_first; i < end; i++)
        if (there.f->ops[i].kind == OP_ITERATE && mentions_in(&there, &there.f->ops[i], 4))
            return true;
    return false;
}

/* `popleft()`, `pop(0)`, `get()`: the next one, whichever it is. */
static bool takes_next(const Facts *f, const Op *op) {
    static const char *const NAMES[] = {"get", "get_nowait", "pop", "popitem", "popleft"};
    if (op->kind != OP_CALL || !str_is_any(facts_method(f, op), NAMES, ARRAY_LEN(NAMES)))
        return false;
    const Path *p = &f->paths[op_operand(f, op, 0).i];
    return !op->operands ||
           (op->operands == 1 && p->kind == PATH_LITERAL && p->flags != LITERAL_STRING);
}

/* `while True: job = jobs.popleft()`: a loop that has received nothing before it takes the next one
 * out does so for each, answered or not. */
static bool is_worked_off(const Asking *a, const Change *out) {
    const Facts *f = a->g->files[out->file].facts;
    RegionId loop = loop_of_region(f, f->ops[out->op.i].region);
    if (f->regions[loop.i].kind != REGION_WHILE || !takes_next(f, &f->ops[out->op.i])) return false;
    for (u32 i = f->regions[loop.i].test_first; i && i < out->op.i; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[op->kind == OP_BIND ? bound_value(f, op).i : 0];
        if (op->kind == OP_AWAITED_VALUE || op->kind == OP_ITERATE || value->kind == PATH_OP)
            return false;
    }
    return true;
}

/* The one that takes a single entry out, when there is nothing that looks for old ones. */
static const Change *answer_of(const Asking *a) {
    const Change *found = NULL;
    for (u32 i = 0; i < a->h->n_changes; i++) {
        const Change *c = &a->h->changes[i];
        if (c->kind == CHANGE_MEASURED || c->kind == CHANGE_REPLACED || c->is_callback) return NULL;
        if (c->kind != CHANGE_REMOVED || c->level != a->added->level) continue;
        if (scope_is_none(c->function) || is_purge(a, c) || is_worked_off(a, c)) return NULL;
        if (!found) found = c;
    }
    return found;
}

/* ---- the question ---- */

static Asking asking_at(const Asking *a, ScopeRef function, OpId from) {
    Asking out = {.g = a->g, .h = a->h, .added = a->added, .function = function, .from = from};
    out.f = a->g->files[function.file].facts;
    out.scope = &out.f->scopes[function.scope.i];
    out.table = a->table;
    return out;
}

/* `return answer` */
static bool is_returned(const Asking *a) {
    u32 end = MIN(a->scope->op_end, a->from.i + FUNCTION_OPS);
    for (u32 i = a->from.i + 1; i < end; i++) {
        const Op *op = &a->f->ops[i];
        bool is_own = a->f->regions[op->region.i].scope.i == a->function.scope.i;
        if (is_own && op->kind == OP_RETURN && mentions_in(a, op, MENTION_DEPTH)) return true;
    }
    return false;
}

/* `answer = self._send(request)`: the local that gets it. */
static void find_bound(Asking *a) {
    for (u32 i = a->from.i + 1; i < MIN(a->scope->op_end, a->from.i + 8); i++) {
        const Op *op = &a->f->ops[i];
        SymbolId s = facts_root_symbol(a->f, op_path(op));
        const Path *value = op->kind == OP_BIND ? &a->f->paths[bound_value(a->f, op).i] : NULL;
        if (value && s.i && value->kind == PATH_OP && value->id == a->from.i && !a->n_parts)
            a->parts[a->n_parts++] = s;
    }
}

/* The function gives the entry to its caller, who waits for it. */
static bool find_waiting_caller(const Asking *a, Unanswered *out) {
    const FunctionNode *fn = &a->g->functions[graph_function_id(a->g, a->function)];
    if (!a->n_parts || fn->callers.n > CALLERS_MAX || !is_returned(a)) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        Asking there = asking_at(a, function_of_op(a->g, call), call.op);
        if (a->g->files[call.file].is_test || scope_is_none(there.function)) continue;
        there.by_call = true;
        find_bound(&there);
        out->wait = wait_of(&there);
        out->file = call.file;
        if (out->wait.i) return !is_handled(&there);
    }
    return false;
}

bool graph_unanswered(const Graph *g, const Holding *h, u32 change, Unanswered *out) {
    const Change *c = &h->changes[change];
    if (c->kind != CHANGE_ADDED || c->level || c->overwrites || c->is_callback || !c->value.i ||
        scope_is_none(c->function) || c->how_often < RUNS_PER_INSTANCE || h->is_cut)
        return false;
    Asking start = {.g = g, .h = h, .added = c, .table = str_after_last(h->name, '.')};
    Asking a = asking_at(&start, c->function, c->op);
    find_parts(&a);
    *out = (Unanswered){.added = c, .wait = wait_of(&a), .file = c->file};
    if (!out->wait.i && !find_waiting_caller(&a, out)) return false;
    out->removed = answer_of(&a);
    return out->removed && !takes_out(&a, c->function) && !callers_take_out(&a) && !is_handled(&a);
}

/* ---- answers that are given in place ---- */

/* `self._pending[id]`, `self._pending.get(id)`, or a local that holds it. */
static bool is_entry(const Asking *a, u32 file, PathId value) {
    const Facts *f = a->f;
    const Path *p = &f->paths[graph_alias_of(a->g, file, value).i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) {
        const Op *call = &f->ops[p->id];
        if (!str_is(facts_attribute(f, op_path(call)), "get")) return false;
        return str_eq(facts_attribute(f, f->paths[call->subject].parent), a->table);
    }
    return p->kind == PATH_ANY && str_eq(facts_attribute(f, p->parent), a->table);
}

/* The statement of the class that gives an entry its answer and leaves it where it is. */
static OpId answer_in_place(const Asking *a, ClassId c) {
    static const char *const NAMES[] = {"set_exception", "set_result"};
    const Facts *f = a->f;
    ScopeRef class = graph_class_scope(a->g, c);
    const Scope *s = &f->scopes[class.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL) continue;
        if (!str_is_any(facts_attribute(f, op_path(op)), NAMES, ARRAY_LEN(NAMES))) continue;
        if (is_entry(a, class.file, f->paths[op->subject].parent)) return (OpId){i};
    }
    return (OpId){0};
}

bool graph_answered_in_place(const Graph *g, const Holding *h, u32 change, Unanswered *out) {
    const Change *c = &h->changes[change];
    bool is_emptied = false;
    if (c->kind != CHANGE_ADDED || c->level || c->overwrites || !c->key.i || h->is_cut ||
        !h->owner.i || h->is_lasting || c->how_often < RUNS_PER_INSTANCE || h->is_removed_by_name)
        return false;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *other = &h->changes[i];
        bool is_drain = other->kind == CHANGE_REMOVED || other->kind == CHANGE_REPLACED ||
                        other->kind == CHANGE_MEASURED;
        if (is_drain) return false;
        is_emptied |= other->kind == CHANGE_EMPTIED;
    }
    ScopeRef class = graph_class_scope(g, h->owner);
    Asking a = {.g = g, .f = g->files[class.file].facts, .table = str_after_last(h->name, '.')};
    *out = (Unanswered){.added = c, .wait = answer_in_place(&a, h->owner), .file = class.file};
    return is_emptied && out->wait.i; /* else nothing at all removes: LMP215 */
}
