/* Profiles, callees before callers: what a call of a function runs into, and the work in it. */
#include "cpu/read.h"

/* ---- one call ---- */

static bool is_print(const CostRow *row) {
    return !str_starts(str_from(row->name), "logging.") && !str_starts(str_from(row->name), "warn");
}

static u32 row_does(const CostRow *row, u32 flags) {
    switch (row->cost) {
    case COST_RELEASES:
        return DOES_RELEASE;
    case COST_HEAVY:
        return DOES_RELEASE | DOES_HEAVY;
    case COST_WAITS:
        if (flags & SITE_HARMLESS) return row->wait == WAIT_LOCK ? (u32)DOES_QUEUE : 0u;
        if (row->wait == WAIT_OUTPUT) /* a line now and then */
            return is_print(row) && !(flags & SITE_CONDITIONAL) ? (u32)DOES_QUEUE : 0u;
        return row->wait == WAIT_LOCK || row->wait == WAIT_QUEUE ? (u32)DOES_QUEUE : (u32)DOES_WAIT;
    default:
        return 0;
    }
}

u32 site_does(const Cpu *c, const Site *site) {
    switch (site->kind) {
    case SITE_OUTSIDE:
        return row_does(site->row, site->flags);
    case SITE_AWAIT:
        return DOES_SUSPEND;
    case SITE_UNKNOWN:
        return DOES_UNKNOWN;
    case SITE_PROJECT: {
        const Code *callee = &c->codes[site->function];
        u32 does = callee->profile.does;
        if (!(site->flags & SITE_AWAITED)) does &= ~(u32)DOES_SUSPEND;
        if (!callee->is_read || callee->is_abstract || site->flags & SITE_DOUBTFUL)
            does |= DOES_UNKNOWN;
        return does;
    }
    default:
        return 0;
    }
}

/* ---- evidence ---- */

static bool is_plainer(const Spot *a, const Spot *b) {
    if (!b->op.i) return true;
    if (a->is_conditional != b->is_conditional) return !a->is_conditional;
    return a->depth < b->depth;
}

static void note_spot(Spot *best, Spot spot) {
    if (is_plainer(&spot, best)) *best = spot;
}

/* How the site leads to what the callee knows of. */
static Spot spot_through(const Site *site, const Spot *of_callee) {
    Spot spot = {.op = site->op, .row = site->row, .via = site->function};
    spot.is_conditional = site->flags & (SITE_CONDITIONAL | SITE_LATE | SITE_DOUBTFUL);
    if (site->kind != SITE_PROJECT || !of_callee->op.i) {
        if (site->kind != SITE_PROJECT) spot.via = 0;
        return spot;
    }
    spot.row = of_callee->row;
    spot.is_conditional |= of_callee->is_conditional;
    spot.depth = (u8)MIN(of_callee->depth + 1, 250);
    return spot;
}

static bool is_long(WaitKind kind) {
    return kind != WAIT_DISK && kind != WAIT_LOCK && kind != WAIT_OUTPUT && kind != WAIT_START;
}

static void note_waits(CpuProfile *p, const Site *site, const CpuProfile *callee) {
    if (site->kind == SITE_PROJECT) {
        if (callee->long_wait.op.i)
            note_spot(&p->long_wait, spot_through(site, &callee->long_wait));
        if (callee->short_wait.op.i)
            note_spot(&p->short_wait, spot_through(site, &callee->short_wait));
        return;
    }
    if (site->kind != SITE_OUTSIDE || site->row->cost != COST_WAITS ||
        site->flags & SITE_HARMLESS || site->row->wait == WAIT_OUTPUT)
        return;
    Spot none = {0};
    bool is_short = !is_long(site->row->wait) || site->flags & (SITE_SHORT | SITE_ENTER);
    note_spot(is_short ? &p->short_wait : &p->long_wait, spot_through(site, &none));
}

static void note_site(const Cpu *c, CpuProfile *p, const Site *site, u32 does) {
    const CpuProfile *callee = &c->codes[site->function].profile;
    static const Spot none = {0};
    for (u32 k = 0; k < DOES_KINDS; k++)
        if (does >> k & 1) {
            bool is_callees = site->kind == SITE_PROJECT && callee->does >> k & 1;
            note_spot(&p->first[k], spot_through(site, is_callees ? &callee->first[k] : &none));
        }
    note_waits(p, site, callee);
    p->does |= does;
}

/* ---- work ---- */

/* What a load is doing beside, by the loops around it. */
static void add_company(Workload *l, u32 does) {
    if (does & DOES_QUEUE) l->is_handed = true;
    if (does & (DOES_WAIT | DOES_RELEASE | DOES_UNKNOWN | DOES_SUSPEND)) l->is_mixed = true;
}

static u32 does_around(const Code *code, const LoopState *room, u32 loop) {
    u32 does = 0;
    for (; loop; loop = code->loops[loop - 1].parent) does |= room[loop].does;
    return does;
}

static void offer_load(LoopState *room, u32 loop, const Workload *l) {
    if (load_is_better(l, &room[loop].inner)) room[loop].inner = *l;
}

/* Parameters that a call of a method does not write. */
static u32 own_parameters(const Graph *g, u32 function) {
    MethodKind kind = graph_method_kind(g, graph_function_scope(g, function));
    return kind == METHOD_INSTANCE || kind == METHOD_CLASS;
}

static void offer_callee(const Cpu *c, const Reader *r, LoopState *room, const Site *site) {
    const Code *callee = &c->codes[site->function];
    if (site->kind != SITE_PROJECT || !callee->profile.load.op.i || callee->is_memo) return;
    if (site->flags & SITE_DOUBTFUL || site->function == r->code) return;
    const Op *call = &r->f->ops[site->op.i];
    Workload l =
        load_at_call(r, &callee->profile.load, call, 0, own_parameters(c->g, site->function));
    l.op = site->op;
    l.via = site->function;
    if (l.grade > LOAD_NONE) offer_load(room, site->loop, &l);
}

static bool is_pure(u32 does) {
    return !(does & (DOES_WAIT | DOES_QUEUE | DOES_RELEASE | DOES_UNKNOWN | DOES_SUSPEND));
}

/* From the inside out: a loop in which nothing lets others run is one factor more; one in which
 * something does hands on what it has inside. */
static void close_loops(const Code *code, LoopState *room) {
    for (u32 i = code->n_loops; i > 0; i--) {
        const Loop *loop = &code->loops[i - 1];
        bool is_handed = room[i].does & DOES_QUEUE && room[i].inner.op.i;
        if (is_pure(room[i].does)) {
            room[i].load = load_in_loop(&room[i].inner, loop);
            offer_load(room, loop->parent, &room[i].load);
        } else if (is_handed && is_pure(room[i].does & ~(u32)DOES_QUEUE)) {
            Workload l = load_in_loop(&room[i].inner, loop); /* once for each item */
            l.is_handed = true;
            offer_load(room, loop->parent, &l);
        } else if (room[i].inner.op.i) {
            Workload l = room[i].inner;
            add_company(&l, does_around(code, room, i));
            offer_load(room, loop->parent, &l);
        }
    }
}

static void offer_recursion(const Code *code, LoopState *room, u32 does) {
    if (!code->recursion.i) return;
    Workload l = {.kind = LOAD_RECURSION,
                  .op = code->recursion,
                  .arithmetic = 1,
                  .parameter = code->recursion_parameter};
    add_company(&l, does & ~(u32)DOES_SUSPEND);
    l.grade = LOAD_LIKELY;
    offer_load(room, 0, &l);
}

CpuProfile code_compose(const Cpu *c, u32 id, LoopState *room) {
    const Code *code = &c->codes[id];
    ScopeRef scope = cpu_code_scope(c, id);
    Reader r = {(Cpu *)(uintptr_t)c,           c->g,        NULL, scope.file,
                graph_facts(c->g, scope.file), scope.scope, id};
    CpuProfile p = {.is_known = true};
    for (u32 i = 0; i < code->n_sites; i++) {
        u32 does = site_does(c, &code->sites[i]);
        if (does) note_site(c, &p, &code->sites[i], does);
        for (u32 l = code->sites[i].loop; l; l = code->loops[l - 1].parent) room[l].does |= does;
        offer_callee(c, &r, room, &code->sites[i]);
    }
    for (u32 i = 1; i <= code->n_loops; i++)
        for (u32 l = i; l; l = code->loops[l - 1].parent) {
            room[l].does |= code->loops[i - 1].does;
            p.does |= code->loops[i - 1].does;
        }
    close_loops(code, room);
    offer_recursion(code, room, p.does);
    p.load = room[0].inner;
    return p;
}

/* ---- all of them ---- */

static void compose_one(Cpu *c, Arena *scratch, u32 id) {
    Code *code = &c->codes[id];
    ArenaMark mark = arena_mark(scratch);
    LoopState *room = arena_array(scratch, LoopState, code->n_loops + 1);
    code->profile = code_compose(c, id, room);
    arena_rewind(scratch, mark);
}

void compose_all(Cpu *c) {
    Arena scratch = {0};
    Calls *calls = arena_array(&scratch, Calls, c->n_functions + 1);
    for (u32 id = 1; id <= c->n_functions; id++) {
        const Code *code = &c->codes[id];
        if (!code->n_sites) continue;
        calls[id].v = arena_array(&scratch, u32, code->n_sites);
        for (u32 i = 0; i < code->n_sites; i++)
            if (code->sites[i].kind == SITE_PROJECT)
                calls[id].v[calls[id].n++] = code->sites[i].function;
    }
    Order order = order_of_calls(&scratch, calls, c->n_functions);
    for (u32 ring = 0; ring < order.n_rings; ring++) {
        u32 first = order.rings[ring], end = order.rings[ring + 1];
        u32 rounds = end - first > 1 ? RING_ROUNDS : 1;
        for (u32 round = 0; round < rounds; round++)
            for (u32 i = first; i < end; i++)
                if (c->codes[order.functions[i]].is_read)
                    compose_one(c, &scratch, order.functions[i]);
    }
    for (u32 id = c->n_functions + 1; id < c->n_codes; id++)
        if (c->codes[id].is_read) compose_one(c, &scratch, id);
    arena_free(&scratch);
}
