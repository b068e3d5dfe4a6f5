/* Loops of workers that wait for the next item of a queue. By what is written: which locals a round
 * binds, and what lets go of them before the queue is asked again. */
#include "graph/model.h"

typedef struct Loop {
    u32 file;
    const Facts *f;
    RegionId region; /* the while statement */
    ScopeId scope;
    u32 get; /* the call that waits */
    u32 end; /* operation after the loop's last */
    SymbolId
        items[WORKER_KEPT_MAX]; /* bound to the item or to parts of it, cleared ones included */
    u32 n_items;
    SymbolId kept[WORKER_KEPT_MAX]; /* still bound when the queue is asked again: of the items, and
                                     * results
                                     */
    u32 n_kept;
    bool keeps_item; /* not only results */
} Loop;

static bool is_item(const Loop *l, SymbolId s) {
    for (u32 i = 0; i < l->n_items; i++)
        if (l->items[i].i == s.i) return true;
    return false;
}

static bool is_in_loop(const Loop *l, const Op *op) {
    RegionId r = op->region;
    while (r.i && r.i != l->region.i && l->f->regions[r.i].scope.i == l->scope.i)
        r = l->f->regions[r.i].parent;
    return r.i == l->region.i;
}

/* ---- the loop ---- */

static bool has_word(Str text, const char *const *words, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_contains(text, words[i])) return true;
    return false;
}

/* `while not self.stopped`, `while running.is_set()`: a loop that goes on until somebody ends it.
 */
static bool is_lasting(const Facts *f, const Region *loop) {
    static const char *const WORDS[] = {"stop", "run",  "alive", "active", "shut",   "clos",
                                        "done", "exit", "quit",  "ended",  "is_set", "finish"};
    if (loop->flags & REGION_ENDLESS) return true;
    for (u32 o = loop->test_first; o < loop->test_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_BIND) return true; /* `while (item := queue.get()) is not None` */
        const Path *p = &f->paths[op->kind == OP_TEST ? op->subject : 0];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL)
            p = &f->paths[f->ops[p->id].subject];
        Str name = {0};
        if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
        if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
        if (name.n && has_word(name, WORDS, ARRAY_LEN(WORDS))) return true;
    }
    return false;
}

/* Nothing follows in the loop's own body that ends it in the first round. */
static bool goes_round(const Loop *l) {
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        bool ends = op->kind == OP_RETURN || op->kind == OP_BREAK || op->kind == OP_RAISE;
        if (ends && op->region.i == l->region.i) return false;
    }
    return true;
}

static bool find_loop(Loop *l) {
    const Facts *f = l->f;
    RegionId r = f->ops[l->get].region;
    l->scope = f->regions[r.i].scope;
    u8 scope = f->scopes[l->scope.i].kind;
    if (scope != SCOPE_FUNCTION) return false;
    while (r.i && f->regions[r.i].scope.i == l->scope.i && f->regions[r.i].kind != REGION_WHILE) {
        if (f->regions[r.i].kind == REGION_FOR) return false;
        r = f->regions[r.i].parent;
    }
    if (f->regions[r.i].kind != REGION_WHILE || f->regions[r.i].scope.i != l->scope.i) return false;
    l->region = r;
    l->end = l->get;
    for (u32 o = l->get; o < f->scopes[l->scope.i].op_end; o++)
        if (is_in_loop(l, &f->ops[o])) l->end = o + 1;
    return is_lasting(f, &f->regions[r.i]) && goes_round(l);
}

/* ---- locals ---- */

/* The local that an operation binds, or 0. */
static SymbolId bound_local(const Loop *l, const Op *op) {
    if (op->kind != OP_BIND || !op->operands) return (SymbolId){0};
    SymbolId s = facts_root_symbol(l->f, op_path(op));
    return l->f->symbols[s.i].scope.i == l->scope.i ? s : (SymbolId){0};
}

static bool is_constant(const Facts *f, const Op *bind) {
    return f->paths[op_operand(f, bind, 0).i].kind == PATH_LITERAL;
}

/* The operation that made the value, through an `await`. */
static u32 made_by(const Facts *f, PathId value) {
    const Path *root = facts_root(f, value);
    if (root->kind != PATH_OP) return 0;
    const Op *op = &f->ops[root->id];
    if (op->kind != OP_AWAITED_VALUE) return root->id;
    const Path *awaited = facts_root(f, op_path(op));
    return awaited->kind == PATH_OP ? awaited->id : root->id;
}

static void add(SymbolId *list, u32 *n, SymbolId s) {
    for (u32 i = 0; i < *n; i++)
        if (list[i].i == s.i) return;
    if (*n < WORKER_KEPT_MAX) list[(*n)++] = s;
}

/* The last operation of the loop that binds the local to an object. */
static u32 last_bind(const Loop *l, SymbolId s) {
    u32 last = 0;
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if (bound_local(l, op).i == s.i && !is_constant(l->f, op)) last = o;
    }
    return last;
}

/* Something lets go of the local between its last use in a round and the next time that the queue
 * is asked. */
static bool is_cleared(const Loop *l, SymbolId s) {
    u32 last = last_bind(l, s);
    u32 first = l->f->scopes[l->scope.i].op_first;
    for (u32 o = first; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if ((o > l->get && o < last) || !is_in_loop(l, op)) continue;
        if (op->kind == OP_DELETE && l->f->paths[op->subject].kind == PATH_SYMBOL &&
            facts_root_symbol(l->f, op_path(op)).i == s.i)
            return true;
        if (bound_local(l, op).i == s.i && is_constant(l->f, op)) return true;
    }
    return false;
}

/* A call that is given the item or a part of it, or of which it is the callee. */
static bool works_on_item(const Loop *l, u32 made) {
    const Op *op = &l->f->ops[made];
    if (op->kind != OP_CALL || made <= l->get) return false;
    if (is_item(l, facts_root_symbol(l->f, op_path(op)))) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (is_item(l, facts_root_symbol(l->f, op_operand(l->f, op, i)))) return true;
    return false;
}

/* The item, what is taken out of it, and results of calls that are made of it. */
static void find_locals(Loop *l) {
    SymbolId results[WORKER_KEPT_MAX];
    u32 n_results = 0;
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        SymbolId s = bound_local(l, op);
        if (!s.i || is_constant(l->f, op)) continue;
        PathId value = op_operand(l->f, op, 0);
        u32 made = made_by(l->f, value);
        bool is_part = made == l->get || is_item(l, facts_root_symbol(l->f, value));
        if (is_part)
            add(l->items, &l->n_items, s);
        else if (works_on_item(l, made))
            add(results, &n_results, s);
    }
    for (u32 i = 0; i < l->n_items; i++)
        if (!is_cleared(l, l->items[i])) add(l->kept, &l->n_kept, l->items[i]);
    l->keeps_item = l->n_kept > 0;
    for (u32 i = 0; i < n_results; i++)
        if (!is_cleared(l, results[i])) add(l->kept, &l->n_kept, results[i]);
}

/* ---- what the item is ---- */

static WorkWeight weight_of_name(Str name) {
    static const char *const WORK[] = {"task", "job", "work", "callback", "coro"};
    bool is_count = str_ends(name, "_id") || str_ends(name, "_name") || str_ends(name, "s");
    if (is_count) return WORK_NONE;
    bool is_work = has_word(name, WORK, ARRAY_LEN(WORK));
    return is_work || know_is_request_name(name) ? WORK_NAME : WORK_NONE;
}

/* What the call does with the item or a part of it. */
static WorkWeight weight_of_call(const Loop *l, const Op *op) {
    static const char *const RUNS[] = {"run", "execute", "perform", "invoke", "process", "_run"};
    static const char *const SETS[] = {"set_result", "set_exception",
                                       "set_running_or_notify_cancel"};
    const Path *callee = &l->f->paths[op->subject];
    if (!is_item(l, facts_root_symbol(l->f, op_path(op)))) return WORK_NONE;
    if (callee->kind == PATH_SYMBOL || callee->kind == PATH_CONST) return WORK_CALLABLE;
    if (callee->kind != PATH_ATTR) return WORK_NONE;
    Str name = facts_str(l->f, (StrId){callee->id});
    bool sets_nothing = l->f->paths[op_operand(l->f, op, 0).i].kind == PATH_LITERAL;
    for (u32 i = 0; i < ARRAY_LEN(SETS); i++)
        if (str_is(name, SETS[i]) && !sets_nothing) return WORK_FUTURE;
    for (u32 i = 0; i < ARRAY_LEN(RUNS); i++)
        if (str_is(name, RUNS[i])) return WORK_RUN;
    return WORK_NONE;
}

/* `context.run(function, *arguments)`: a callable and its arguments, both out of the item. */
static bool hands_on_call(const Loop *l, const Op *op) {
    bool has_callable = false;
    for (u32 i = 0; i < op->operands; i++) {
        Operand o = l->f->operands[op->operand + i];
        if (!is_item(l, facts_root_symbol(l->f, o.path))) continue;
        if (operand_kind(o) == OPERAND_STAR || operand_kind(o) == OPERAND_DOUBLE_STAR)
            return has_callable || is_item(l, facts_root_symbol(l->f, op_path(op)));
        has_callable = true;
    }
    return false;
}

static WorkWeight weight_of(const Loop *l) {
    WorkWeight w = WORK_NONE;
    for (u32 i = 0; i < l->n_kept; i++) {
        WorkWeight named = weight_of_name(facts_str(l->f, l->f->symbols[l->kept[i].i].name));
        w = MAX(w, named);
    }
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if (op->kind != OP_CALL || l->f->regions[op->region.i].scope.i != l->scope.i) continue;
        if (hands_on_call(l, op)) return WORK_CALLABLE;
        w = MAX(w, weight_of_call(l, op));
    }
    return w;
}

/* Another one keeps the item: `batch.append(item)`. */
static bool is_put_elsewhere(const Loop *l) {
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        const Path *callee = &l->f->paths[op->kind == OP_CALL ? op->subject : 0];
        bool adds = op->kind == OP_STORE;
        if (callee->kind == PATH_ATTR) {
            const MethodRow *row = know_method(facts_str(l->f, (StrId){callee->id}));
            adds = row && row->effect == METHOD_ADDS;
        }
        for (u32 i = 0; adds && i < op->operands; i++) {
            const Path *p = &l->f->paths[op_operand(l->f, op, i).i];
            if (p->kind == PATH_SYMBOL && l->f->symbols[p->id].target.i == l->items[0].i)
                return true;
        }
    }
    return false;
}

/* ---- the call ---- */

/* `get()`, `get(True)`, `get(timeout=5)`: it may wait. */
static bool may_wait(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        const Path *p = &f->paths[o.path.i];
        bool is_flag = operand_kind(o) == OPERAND_KEYWORD
                           ? str_is(facts_str(f, operand_name(o)), "block")
                           : operand_kind(o) == OPERAND_POSITIONAL && i == 0;
        if (operand_kind(o) == OPERAND_KEYWORD && !is_flag &&
            !str_is(facts_str(f, operand_name(o)), "timeout"))
            return false;
        if (is_flag && !(p->kind == PATH_LITERAL && p->flags == LITERAL_TRUE)) return false;
    }
    return true;
}

/* A queue by the call that made it or by its annotation; *is_named when only its name says so. */
static bool is_queue(const Graph *g, u32 file, PathId receiver, bool *is_named) {
    const Facts *f = graph_facts(g, file);
    Str made = graph_maker_of(g, file, receiver);
    *is_named = false;
    if (know_constructor(made) == MADE_QUEUE) return true;
    if (made.n && !str_ends(made, "Queue")) return false;
    const Path *p = &f->paths[receiver.i];
    Str name = {0};
    if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
    if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
    SymbolId param = graph_parameter(g, file, receiver);
    const Scope *scope = &f->scopes[f->symbols[param.i].scope.i];
    for (u32 i = scope->param_first; param.i && i < scope->param_end; i++)
        if (f->params[i].symbol.i == param.i &&
            know_constructor(graph_name_of(g, file, f->params[i].annotation)) == MADE_QUEUE)
            return true;
    *is_named = true;
    return str_is(name, "q") || str_ends(name, "_q") || str_contains(name, "queue") ||
           str_contains(name, "Queue");
}

bool graph_worker(const Graph *g, OpRef ref, Worker *out) {
    const Facts *f = graph_facts(g, ref.file);
    const Op *call = facts_op(f, ref.op);
    Loop l = {.file = ref.file, .f = f, .get = ref.op.i};
    PathId receiver = f->paths[call->subject].parent;
    *out = (Worker){0};
    if (!may_wait(f, call) || !find_loop(&l) || !is_queue(g, ref.file, receiver, &out->is_named))
        return false;
    find_locals(&l);
    if (!l.n_kept) return false;
    out->scope = l.scope;
    out->n_kept = l.n_kept;
    for (u32 i = 0; i < l.n_kept; i++) out->kept[i] = l.kept[i];
    out->keeps_item = l.keeps_item;
    out->is_put_elsewhere = is_put_elsewhere(&l);
    out->weight = weight_of(&l);
    out->bound = (OpId){last_bind(&l, l.kept[0])};
    return true;
}
