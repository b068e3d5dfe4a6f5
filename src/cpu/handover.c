/* Who is given a callable to run in another thread or greenlet, and how many at once. */
#include "cpu/read.h"

/* ---- the row ---- */

static const HandoverRow *row_of(const Reader *r, const Op *call, Str *api) {
    const Path *callee = &r->f->paths[call->subject];
    *api = graph_name_of(r->g, r->file, op_path(call));
    const HandoverRow *row = api->n ? know_handover(*api) : NULL;
    if (row || callee->kind != PATH_ATTR) return row;
    Str method = facts_str(r->f, (StrId){callee->id});
    Str base = origin_of(r, callee->parent);
    row = base.n ? know_method_handover(base, method) : NULL;
    if (!row) row = know_method_handover((Str){0}, method);
    if (row && row->name[0] != '.') *api = str_from(row->name);
    if (row && row->name[0] == '.') *api = method;
    return row;
}

/* `loop.run_in_executor(pool, f)`: the default pool, or one of threads. */
static bool is_thread_pool(const Reader *r, const Op *call) {
    PathId executor = call_argument(r->f, call, 0, "executor");
    const Path *p = &r->f->paths[executor.i];
    if (p->kind == PATH_LITERAL && p->flags == LITERAL_NONE) return true;
    return str_is(origin_of(r, executor), "concurrent.futures.ThreadPoolExecutor");
}

/* ---- the pool ---- */

/* The call that made what a path evaluates to, in this file. */
static OpId maker_op(const Reader *r, PathId path) {
    for (u32 step = 0; step < 4; step++) {
        path = graph_alias_of(r->g, r->file, path);
        const Path *p = &r->f->paths[path.i];
        if (p->kind == PATH_OP) return (OpId){r->f->ops[p->id].kind == OP_CALL ? p->id : 0};
        SymbolId s = p->kind == PATH_SYMBOL ? r->f->symbols[p->id].target : (SymbolId){0};
        const Op *bind = &r->f->ops[r->f->symbols[s.i].bind.i];
        if (!s.i || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_WITH) break;
        path = bound_value(r->f, bind);
    }
    return (OpId){0};
}

static void find_pool(const Reader *r, const Op *call, Handover *h) {
    const Path *callee = &r->f->paths[call->subject];
    PathId pool = callee->kind == PATH_ATTR ? callee->parent : (PathId){0};
    if (h->runner == RUNNER_AWAITED) pool = call_argument(r->f, call, 0, "executor");
    h->pool = maker_op(r, pool);
    if (!h->pool.i) return;
    const Op *made = &r->f->ops[h->pool.i];
    PathId size = call_argument(r->f, made, 0, "max_workers");
    if (!size.i) size = call_argument(r->f, made, 0, "processes");
    u64 number;
    if (path_number(r->g, r->file, size, &number)) h->workers = (u32)MIN(number, 100000u);
}

/* ---- how many ---- */

static bool is_in_region(const Facts *f, RegionId region, RegionId outer) {
    for (u32 up = 0; region.i && up < REGIONS_UP; up++) {
        if (region.i == outer.i) return true;
        region = f->regions[region.i].parent;
    }
    return false;
}

/* The nearest loop of the same function around a region. */
static RegionId loop_around(const Reader *r, RegionId region) {
    const Facts *f = r->f;
    for (u32 up = 0; region.i && up < REGIONS_UP; up++) {
        const Region *here = &f->regions[region.i];
        if (here->kind == REGION_FOR || here->kind == REGION_WHILE) return region;
        if (here->kind == REGION_BODY && here->scope.i == r->scope.i) break;
        region = here->parent;
    }
    return (RegionId){0};
}

/* The local that the value of a call is bound to right away. */
static SymbolId bound_to(const Facts *f, OpId call) {
    for (u32 i = call.i + 1; i < f->n_ops && i < call.i + 4; i++) {
        const Path *value = &f->paths[bound_value(f, &f->ops[i]).i];
        if (f->ops[i].kind == OP_BIND && value->kind == PATH_OP && value->id == call.i)
            return facts_root_symbol(f, op_path(&f->ops[i]));
    }
    return (SymbolId){0};
}

static bool is_waiting_method(Str name) {
    return str_is(name, "join") || str_is(name, "result") || str_is(name, "get") ||
           str_is(name, "wait");
}

/* `x.join()` of the value itself, or of the local that has it. */
static bool is_wait_for(const Facts *f, const Op *op, OpId call, SymbolId local) {
    const Path *callee = &f->paths[op->kind == OP_CALL ? op->subject : 0];
    if (callee->kind != PATH_ATTR || !is_waiting_method(facts_str(f, (StrId){callee->id})))
        return false;
    const Path *of = &f->paths[callee->parent.i];
    if (of->kind == PATH_OP) return of->id == call.i;
    return local.i && of->kind == PATH_SYMBOL && f->symbols[of->id].target.i == local.i;
}

/* It is waited for in the round that starts it: one after the other. */
static bool is_waited_for_in(const Facts *f, OpId call, RegionId loop) {
    SymbolId local = bound_to(f, call);
    for (u32 i = call.i + 1; i < f->n_ops; i++) {
        if (f->ops[i].span.start >= f->regions[loop.i].span.end) break;
        if (is_wait_for(f, &f->ops[i], call, local) && is_in_region(f, f->ops[i].region, loop))
            return true;
    }
    return false;
}

/* `len(threads)`, `active_count()`, `semaphore.acquire()`, `with semaphore:` */
static bool is_limit(const Reader *r, const Op *op, Str method) {
    static const char *const NAMES[] = {"acquire",  "activeCount", "active_count", "isAlive",
                                        "is_alive", "join",        "result",       "wait"};
    if (op->kind == OP_ENTER) {
        Str origin = origin_of(r, op_path(op));
        return str_contains(origin, "Semaphore") || str_contains(origin, "Lock");
    }
    Str name = graph_name_of(r->g, r->file, op_path(op));
    if (str_is(name, "builtins.len") || str_is(name, "threading.enumerate")) return true;
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(method, NAMES[i])) return true;
    return str_is(name, "threading.active_count") || str_is(name, "threading.activeCount");
}

/* Its value is an item of work: `connection, peer = server.accept()`, `job = jobs.get()`. */
static bool is_source(const Reader *r, const Op *call, Str method) {
    Str name;
    if (call->flags & OP_DROPPED) return false;
    if (str_is(method, "accept") && !call->operands) return true;
    const CostRow *row = callee_cost(r, call, &name);
    bool is_item = row && (row->wait == WAIT_NETWORK || row->wait == WAIT_QUEUE);
    return is_item && (str_starts(method, "recv") || str_starts(method, "get") ||
                       str_starts(method, "accept") || str_starts(method, "read"));
}

/* In an except clause of the loop: started again when something has failed, not for an item. */
static bool is_after_failure(const Facts *f, RegionId region, RegionId loop) {
    for (; region.i && region.i != loop.i; region = f->regions[region.i].parent)
        if (f->regions[region.i].kind == REGION_EXCEPT) return true;
    return false;
}

/* What else the loop does that starts them. */
static void look_around(const Reader *r, Handover *h) {
    const Facts *f = r->f;
    const Region *loop = &f->regions[h->loop.i];
    const Scope *scope = &f->scopes[r->scope.i];
    h->is_limited = is_after_failure(f, f->ops[h->op.i].region, h->loop);
    for (u32 i = scope->op_first; i < scope->op_end; i = next_own_op(f, i)) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL && op->kind != OP_ENTER) continue;
        const Path *callee = &f->paths[op->subject];
        Str name, method = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
        if (op->kind == OP_CALL && str_is(method, "join") && !op->operands) h->is_joined = true;
        if (op->span.start < loop->span.start || op->span.start >= loop->span.end) continue;
        if (is_limit(r, op, method)) h->is_limited = true;
        if (op->kind != OP_CALL) continue;
        if (!h->source.i && is_source(r, op, method)) h->source = (OpId){i};
        const CostRow *row = callee_cost(r, op, &name);
        if (row && row->wait == WAIT_SLEEP) h->is_paced = true;
    }
}

/* How many rounds a `for` has by what is written; 0 when nobody can tell. */
static u64 rounds_of(const Reader *r, RegionId loop, OpId inside) {
    const Region *region = &r->f->regions[loop.i];
    u32 does = 0;
    if (region->kind != REGION_FOR) return 0;
    for (u32 i = inside.i; i > 0; i--) {
        const Op *op = &r->f->ops[i];
        if (op->kind != OP_ITERATE || op->span.start < region->span.start) continue;
        Bound b = bound_of_iterable(r, op_path(op), &does);
        return b.kind == BOUND_KNOWN ? b.known : 0;
    }
    return 0;
}

static void count(const Reader *r, Handover *h) {
    const Op *call = &r->f->ops[h->op.i];
    h->loop = loop_around(r, call->region);
    h->is_awaited = call->flags & OP_AWAITED;
    bool is_map = h->runner == RUNNER_MAP || h->runner == RUNNER_GREENLETS;
    if (h->loop.i) h->rounds = rounds_of(r, h->loop, h->op);
    if (h->loop.i && h->runner == RUNNER_THREAD) look_around(r, h);
    if (h->workers == 1) return;
    if (is_map) h->plurality = PLURAL_ELEMENTS;
    if (is_map || !h->loop.i || h->is_awaited) return;
    if (!is_waited_for_in(r->f, h->op, h->loop)) h->plurality = PLURAL_LOOP;
}

/* ---- found ---- */

static void keep(Reader *r, Handover h, Target t) {
    h.target = t.function;
    h.outside = t.row;
    const Facts *there = r->f;
    if (t.function) {
        ScopeRef target = graph_function_scope(r->g, t.function);
        there = graph_facts(r->g, target.file);
        h.has_arrays = r->c->has_arrays[target.file];
        u32 flags = there->scopes[target.scope.i].flags;
        if (flags & SCOPE_ASYNC && !(flags & SCOPE_GENERATOR)) {
            DroppedCoroutine d = {
                .kind = DROPPED_CALLBACK, .op = h.op, .made_by = target, .receiver = h.api};
            vec_push(&r->space->kept, &r->space->dropped, d);
            vec_push(&r->space->kept, &r->space->dropped_code, r->code);
            return;
        }
    }
    count(r, &h);
    vec_push(&r->space->kept, &r->space->handovers, h);
}

static void find_subclass(Reader *r, OpId op, ClassId made) {
    if (!r->c->is_thread[made.i]) return;
    ScopeRef run = graph_method(r->g, made, "run");
    Handover h = {.code = r->code, .file = r->file, .op = op, .runner = RUNNER_THREAD};
    if (scope_is_none(run)) return;
    h.api = graph_class_name(r->g, made);
    Target t = {.function = graph_function_id(r->g, run), .skip = 1};
    keep(r, h, t);
}

void find_handover(Reader *r, OpId op) {
    const Op *call = &r->f->ops[op.i];
    Callee callee = graph_callee(r->g, r->file, op);
    if (callee.made.i) find_subclass(r, op, callee.made);
    if (callee.made.i || callee.function) return;
    Handover h = {.code = r->code, .file = r->file, .op = op};
    h.row = row_of(r, call, &h.api);
    if (!h.row) return;
    bool is_executor = str_ends(str_from(h.row->name), ".run_in_executor");
    if (is_executor && !is_thread_pool(r, call)) return;
    h.runner = h.row->runner;
    h.callable = call_argument(r->f, call, (u32)h.row->callable, h.row->keyword);
    if (!h.callable.i) return;
    find_pool(r, call, &h);
    keep(r, h, target_of(r, h.callable));
}

/* ---- judged: the work with its arguments, and what is started side by side ---- */

/* The largest number among the elements that a map is given. */
static PathId largest_element(const Reader *r, PathId elements) {
    elements = graph_alias_of(r->g, r->file, elements);
    const Path *p = &r->f->paths[elements.i];
    if (p->kind != PATH_OP) return (PathId){0};
    const Op *op = &r->f->ops[p->id];
    if (op->kind == OP_BINARY) return largest_element(r, op_operand(r->f, op, 0));
    if (op->kind != OP_LIST && op->kind != OP_TUPLE) return (PathId){0};
    PathId best = {0};
    u64 most = 0, number;
    for (u32 i = 0; i < op->operands; i++)
        if (path_number(r->g, r->file, op_operand(r->f, op, i), &number) && number >= most) {
            most = number;
            best = op_operand(r->f, op, i);
        }
    return best;
}

static Workload load_with_arguments(const Reader *r, const Handover *h, u32 skip) {
    const Workload *load = &r->c->codes[h->target].profile.load;
    const Op *call = &r->f->ops[h->op.i];
    if (!load->parameter || !h->row) return *load;
    if (h->plurality == PLURAL_ELEMENTS)
        return load->parameter == skip + 1
                   ? load_filled(r, load,
                                 largest_element(
                                     r, call_argument(r->f, call, (u32)h->row->callable + 1, NULL)))
                   : *load;
    if (!h->row->is_started) return load_at_call(r, load, call, (u32)h->row->callable + 1, skip);
    PathId args = call_argument(r->f, call, (u32)h->row->callable + 1, "args");
    if (str_ends(str_from(h->row->name), ".Thread"))
        args = call_argument(r->f, call, (u32)h->row->callable + 2, "args");
    const Path *p = &r->f->paths[graph_alias_of(r->g, r->file, args).i];
    bool is_display = p->kind == PATH_OP &&
                      (r->f->ops[p->id].kind == OP_TUPLE || r->f->ops[p->id].kind == OP_LIST);
    return is_display ? load_at_call(r, load, &r->f->ops[p->id], 0, skip) : *load;
}

/* Something waits for a thread between two that are started. */
static bool is_wait_between(const Facts *f, const Handover *a, const Handover *b) {
    for (u32 i = a->op.i + 1; i < b->op.i; i++) {
        const Path *callee = &f->paths[f->ops[i].kind == OP_CALL ? f->ops[i].subject : 0];
        if (callee->kind == PATH_ATTR && is_waiting_method(facts_str(f, (StrId){callee->id})))
            return true;
    }
    return false;
}

static bool is_alone(const Handover *h) {
    return h->plurality == PLURAL_NOT && !h->is_awaited && h->workers != 1 &&
           h->load.grade >= LOAD_LIGHT;
}

static void pair_up(const Cpu *c, Handover *first, u32 n) {
    for (u32 i = 0; i + 1 < n; i++)
        for (u32 k = i + 1; k < n && k < i + 4; k++) {
            if (!is_alone(&first[i]) || first[k].is_awaited || first[k].load.grade < LOAD_LIGHT)
                continue;
            if (is_wait_between(graph_facts(c->g, first[i].file), &first[i], &first[k])) break;
            first[i].plurality = PLURAL_SIDE;
            if (first[k].plurality == PLURAL_NOT) first[k].plurality = PLURAL_SIDE;
        }
}

void judge_handovers(Cpu *c) {
    for (u32 i = 0; i < c->n_handovers; i++) {
        Handover *h = &c->handovers[i];
        if (!h->target) continue;
        Reader r =
            reader_at(c, &c->spaces[0], h->file, graph_facts(c->g, h->file)->ops[h->op.i].region);
        u32 skip = h->callable.i ? target_of(&r, h->callable).skip : 1;
        h->load = load_with_arguments(&r, h, skip);
    }
    for (u32 code = 1; code < c->n_codes; code++)
        if (c->handovers_of[code].n > 1)
            pair_up(c, &c->handovers[c->handovers_of[code].first], c->handovers_of[code].n);
}
