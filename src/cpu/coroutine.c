/* What keeps an event loop waiting: calls and work inside coroutines. */
#include "cpu/read.h"

/* ---- calls that wait ---- */

/* `with lock:` … `await`: whoever wants the lock meanwhile stops the loop, and the one who has it
 * can never go on. */
static bool has_await_inside(const Facts *f, OpId enter, u32 end) {
    u32 subject = f->ops[enter.i].subject;
    for (u32 i = next_own_op(f, enter.i); i < end; i = next_own_op(f, i)) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_EXIT && op->subject == subject) return false;
        if (op->kind == OP_AWAIT) return true;
        if ((op->kind == OP_ITERATE || op->kind == OP_ENTER) && op->flags & OP_ASYNC) return true;
    }
    return false;
}

/* `future.result()` of one that was waited for: by `wrap_future`, or after `done()`. */
static bool is_done_already(const Cpu *c, u32 code, const Site *site) {
    ScopeRef scope = cpu_code_scope(c, code);
    const Facts *f = graph_facts(c->g, scope.file);
    if (site->row->wait != WAIT_FUTURE) return false;
    if (site->flags & SITE_CONDITIONAL) return true;
    SymbolId future = facts_root_symbol(f, op_path(&f->ops[site->op.i]));
    for (u32 i = f->scopes[scope.scope.i].op_first; future.i && i < site->op.i; i++) {
        const Op *op = &f->ops[i];
        for (u32 k = 0; op->kind == OP_CALL && k < op->operands; k++)
            if (facts_root_symbol(f, op_operand(f, op, k)).i == future.i) return true;
    }
    return false;
}

static const Path *receiver(const Facts *f, const Op *op) {
    return &f->paths[op->kind == OP_CALL ? f->paths[op->subject].parent.i : 0];
}

/* `while q.empty(): await …` and then `q.get()`: there is something. */
static bool is_asked_first(const Cpu *c, u32 code, const Site *site) {
    ScopeRef scope = cpu_code_scope(c, code);
    const Facts *f = graph_facts(c->g, scope.file);
    if (site->row->wait != WAIT_QUEUE || f->ops[site->op.i].kind != OP_CALL) return false;
    for (u32 i = f->scopes[scope.scope.i].op_first; i < site->op.i; i++) {
        const Op *op = &f->ops[i];
        const Path *callee = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        if (callee->kind != PATH_ATTR || receiver(f, op) != receiver(f, &f->ops[site->op.i]))
            continue;
        Str name = facts_str(f, (StrId){callee->id});
        if (str_is(name, "empty") || str_is(name, "qsize")) return true;
    }
    return false;
}

/* Something was awaited before: a thread that was told to end is about to. */
static bool is_after_await(const Cpu *c, u32 code, const Site *site) {
    ScopeRef scope = cpu_code_scope(c, code);
    const Facts *f = graph_facts(c->g, scope.file);
    u32 first = f->scopes[scope.scope.i].op_first;
    for (u32 i = first; i < site->op.i; i = next_own_op(f, i))
        if (f->ops[i].kind == OP_AWAIT) return true;
    return false;
}

/* `self._pidfd.fileno()`, `pidfd` */
static bool is_pidfd(const Cpu *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->g, file);
    const Path *p = &f->paths[graph_alias_of(c->g, file, path).i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) {
        PathId callee = op_path(&f->ops[p->id]);
        if (str_is(graph_name_of(c->g, file, callee), "os.pidfd_open")) return true;
        if (str_is(facts_last_name(f, callee), "fileno")) path = f->paths[callee.i].parent;
    }
    return str_contains(facts_last_name(f, path), "pidfd");
}

/* It was awaited that the process is over: `await wait_readable(pidfd)`, `await exited(process)`.
 * What comes then only takes its status. */
static bool is_after_end(const Cpu *c, u32 code, const Site *site) {
    ScopeRef scope = cpu_code_scope(c, code);
    const Facts *f = graph_facts(c->g, scope.file);
    if (site->row->wait != WAIT_PROCESS) return false;
    u32 first = f->scopes[scope.scope.i].op_first;
    for (u32 i = first; i < site->op.i; i = next_own_op(f, i)) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !(op->flags & OP_AWAITED)) continue;
        Str name = facts_last_name(f, op_path(op));
        if (str_contains(name, "exit")) return true;
        for (u32 k = 0; str_starts(name, "wait_") && k < op->operands; k++)
            if (is_pidfd(c, scope.file, op_operand(f, op, k))) return true;
    }
    return false;
}

/* `await save(answer); break`: the round is the last one. */
static bool is_last_round(const Facts *f, OpId await) {
    for (u32 i = await.i; i < f->n_ops; i = next_own_op(f, i)) {
        bool leaves = f->ops[i].kind == OP_BREAK || f->ops[i].kind == OP_RETURN;
        if (f->ops[i].region.i != f->ops[await.i].region.i) return false;
        if (leaves) return true;
    }
    return false;
}

/* Commands of a set-up ask their user, and nothing else runs; in a loop that awaits, too, other
 * tasks do. */
static bool is_dialogue(const Facts *f, const Code *of, const Site *site, const CostRow *row) {
    if (row->wait != WAIT_USER) return false;
    u32 outer = site->loop;
    while (outer && of->loops[outer - 1].parent) outer = of->loops[outer - 1].parent;
    for (u32 i = 0; outer && i < of->n_sites; i++) {
        bool awaits = of->sites[i].kind == SITE_AWAIT || of->sites[i].flags & SITE_AWAITED;
        if (awaits && is_last_round(f, of->sites[i].op)) continue;
        for (u32 l = awaits ? of->sites[i].loop : 0; l; l = of->loops[l - 1].parent)
            if (l == outer) return false;
    }
    return true;
}

static bool outside_blocks(const Cpu *c, u32 code, const Site *site, BlockingCall *out) {
    ScopeRef scope = cpu_code_scope(c, code);
    const Facts *f = graph_facts(c->g, scope.file);
    const CostRow *row = site->row;
    if (row->cost != COST_WAITS || row->wait == WAIT_OUTPUT || site->flags & SITE_HARMLESS)
        return false;
    if (is_done_already(c, code, site) || is_asked_first(c, code, site)) return false;
    out->spot = (Spot){.op = site->op, .row = row};
    out->is_brief = row->wait == WAIT_DISK || row->wait == WAIT_LOCK || row->wait == WAIT_START ||
                    site->flags & SITE_SHORT || is_dialogue(f, &c->codes[code], site, row) ||
                    (row->wait == WAIT_THREAD && is_after_await(c, code, site)) ||
                    is_after_end(c, code, site);
    bool is_reentrant = str_contains(str_from(row->name), "RLock"); /* one thread, one owner */
    if (row->wait == WAIT_LOCK && site->flags & SITE_ENTER && !is_reentrant)
        out->is_across_await = has_await_inside(f, site->op, f->scopes[scope.scope.i].op_end);
    return true;
}

static bool project_blocks(const Cpu *c, u32 code, const Site *site, BlockingCall *out) {
    const Code *of = &c->codes[code];
    const Facts *f = graph_facts(c->g, cpu_code_scope(c, code).file);
    const CpuProfile *callee = &c->codes[site->function].profile;
    if (site->flags & SITE_AWAITED) return false; /* it is a coroutine: judged by itself */
    const Spot *wait = callee->long_wait.op.i ? &callee->long_wait : &callee->short_wait;
    if (!wait->op.i || wait->row->wait == WAIT_LOCK)
        return false; /* held by helpers for a moment */
    out->spot = *wait;
    out->spot.op = site->op;
    out->spot.via = site->function;
    out->spot.depth = (u8)MIN(wait->depth + 1, 250);
    out->is_brief = !callee->long_wait.op.i || is_dialogue(f, of, site, wait->row);
    out->is_doubtful = site->flags & SITE_DOUBTFUL || c->codes[site->function].is_memo;
    return true;
}

static bool is_receiver_of(const Cpu *c, u32 code, OpId inner, OpId outer) {
    const Facts *f = graph_facts(c->g, cpu_code_scope(c, code).file);
    const Path *root = facts_root(f, op_path(&f->ops[outer.i]));
    return f->ops[outer.i].kind == OP_CALL && root->kind == PATH_OP && root->id == inner.i;
}

u32 cpu_blocking_calls(const Cpu *c, u32 code, Arena *arena, BlockingCall **out) {
    const Code *of = &c->codes[code];
    VEC(BlockingCall) list = {0};
    for (u32 i = 0; of->is_async && i < of->n_sites; i++) {
        const Site *site = &of->sites[i];
        BlockingCall call = {.op = site->op};
        bool blocks = (site->kind == SITE_OUTSIDE && outside_blocks(c, code, site, &call)) ||
                      (site->kind == SITE_PROJECT && project_blocks(c, code, site, &call));
        if (!blocks) continue;
        /* `client.bucket(name).upload(data)`: the last call of the chain is the one that waits */
        if (list.n && is_receiver_of(c, code, list.v[list.n - 1].op, site->op)) list.n--;
        vec_push(arena, &list, call);
    }
    *out = list.v;
    return list.n;
}

/* ---- work ---- */

static bool gives_way(u32 does) {
    return does & (DOES_WAIT | DOES_QUEUE | DOES_RELEASE | DOES_UNKNOWN | DOES_SUSPEND);
}

/* The outermost loop around, itself included, in which nothing gives way; 0 when there is none. */
static u32 pure_loop(const Code *of, const LoopState *room, u32 loop) {
    u32 outermost = 0;
    for (; loop && !gives_way(room[loop].does); loop = of->loops[loop - 1].parent) outermost = loop;
    return outermost;
}

/* A loop around it lets other tasks run. */
static bool is_broken(const Code *of, const LoopState *room, u32 loop) {
    for (; loop; loop = of->loops[loop - 1].parent)
        if (room[loop].does & DOES_SUSPEND) return true;
    return false;
}

/* An await in the loop of a coroutine that never suspends. */
static OpId idle_await(const Code *of, u32 loop) {
    for (u32 i = 0; i < of->n_sites; i++) {
        if (!(of->sites[i].flags & SITE_AWAITED)) continue;
        for (u32 l = of->sites[i].loop; l; l = of->loops[l - 1].parent)
            if (l == loop) return of->sites[i].op;
    }
    return (OpId){0};
}

static bool call_is_heavy(const Cpu *c, const Site *site, InlineLoad *out) {
    out->op = site->op;
    if (site->kind == SITE_OUTSIDE && site->row->cost == COST_HEAVY) {
        out->heavy = (Spot){.op = site->op, .row = site->row};
        return true;
    }
    if (site->kind != SITE_PROJECT || site->flags & (SITE_AWAITED | SITE_DOUBTFUL)) return false;
    const Spot *heavy = &c->codes[site->function].profile.first[DOES_HEAVY_AT];
    if (!heavy->op.i) return false;
    out->heavy = *heavy;
    out->heavy.op = site->op;
    out->heavy.via = site->function;
    out->heavy.depth = (u8)MIN(heavy->depth + 1, 250);
    return true;
}

/* A call of a function that works, outside of loops that are work themselves. */
static bool call_is_work(const Cpu *c, const Reader *r, const Site *site, InlineLoad *out) {
    const Code *callee = &c->codes[site->function];
    if (site->kind != SITE_PROJECT || site->flags & SITE_DOUBTFUL || callee->is_memo) return false;
    if (site->flags & SITE_AWAITED && callee->profile.does & DOES_SUSPEND) return false;
    if (!callee->profile.load.op.i || callee->profile.load.is_mixed) return false;
    if (site->function == r->code) return false; /* its own recursion */
    MethodKind kind = graph_method_kind(c->g, graph_function_scope(c->g, site->function));
    out->load = load_at_call(r, &callee->profile.load, &r->f->ops[site->op.i], 0,
                             kind == METHOD_INSTANCE || kind == METHOD_CLASS);
    out->load.op = site->op;
    out->load.via = site->function;
    out->is_idle = site->flags & SITE_AWAITED;
    if (out->is_idle) out->idle = site->op;
    return out->load.grade > LOAD_NONE;
}

u32 cpu_inline_loads(const Cpu *c, u32 code, Arena *arena, InlineLoad **out) {
    const Code *of = &c->codes[code];
    VEC(InlineLoad) list = {0};
    *out = NULL;
    if (!of->is_async) return 0;
    ScopeRef scope = cpu_code_scope(c, code);
    Reader r = {(Cpu *)(uintptr_t)c,           c->g,        NULL, scope.file,
                graph_facts(c->g, scope.file), scope.scope, code};
    LoopState *room = arena_array(arena, LoopState, of->n_loops + 1);
    code_compose(c, code, room);
    for (u32 l = 1; l <= of->n_loops; l++) {
        if (pure_loop(of, room, l) != l || room[l].load.grade == LOAD_NONE) continue;
        InlineLoad work = {.op = of->loops[l - 1].first, .load = room[l].load};
        work.idle = idle_await(of, l);
        work.is_idle = work.idle.i != 0;
        work.is_broken = is_broken(of, room, l);
        vec_push(arena, &list, work);
    }
    const Workload *own = &of->profile.load;
    if (own->kind == LOAD_RECURSION && !own->via && !(of->profile.does & DOES_SUSPEND))
        vec_push(arena, &list, (InlineLoad){.op = own->op, .load = *own});
    for (u32 i = 0; i < of->n_sites; i++) {
        const Site *site = &of->sites[i];
        InlineLoad work = {.op = site->op};
        bool is_found = call_is_heavy(c, site, &work) ||
                        (!pure_loop(of, room, site->loop) && call_is_work(c, &r, site, &work));
        work.is_broken = is_broken(of, room, site->loop);
        work.is_conditional = site->flags & SITE_CONDITIONAL;
        if (is_found) vec_push(arena, &list, work);
    }
    *out = list.v;
    return list.n;
}
