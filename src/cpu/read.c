/* One pass over the operations of a function: its calls, its loops, and calls of itself. */
#include "cpu/read.h"

u32 next_own_op(const Facts *f, u32 i) {
    const Op *op = &f->ops[i];
    bool is_inner = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA || op->kind == OP_CLASS;
    return is_inner ? MAX(i + 1, f->scopes[op->subject].op_end) : i + 1;
}

bool is_conditional(const Facts *f, RegionId region, ScopeId scope) {
    for (u32 up = 0; region.i && up < REGIONS_UP; up++) {
        const Region *r = &f->regions[region.i];
        switch (r->kind) {
        case REGION_BODY:
            if (r->scope.i == scope.i) return false;
            break;
        case REGION_IF:
        case REGION_ELSE:
        case REGION_EXCEPT:
        case REGION_CASE:
        case REGION_MAIN:
        case REGION_TYPE_CHECKING:
        case REGION_SHORT_CIRCUIT:
        case REGION_THEN:
        case REGION_OTHERWISE:
            return true;
        default:
            break;
        }
        region = r->parent;
    }
    return false;
}

Reader reader_at(Cpu *c, Space *space, u32 file, RegionId region) {
    const Facts *f = graph_facts(c->g, file);
    ScopeId s = f->regions[region.i].scope;
    while (s.i && f->scopes[s.i].kind != SCOPE_FUNCTION && f->scopes[s.i].kind != SCOPE_LAMBDA)
        s = f->scopes[s.i].parent;
    Reader r = {c, c->g, space, file, f, s, 0};
    if (!s.i) r.scope.i = 1;
    r.code = s.i ? graph_function_id(c->g, (ScopeRef){file, s}) : code_of_module(c, file);
    return r;
}

/* ---- loops ---- */

typedef struct Reading {
    Reader *r;
    VEC(Site) sites;
    VEC(Loop) loops;
    u32 returns_of_itself; /* calls of itself with less */
    RegionId itself;       /* where the first of them stands */
    bool asks_table;       /* `if n in known:` */
} Reading;

/* The OP_ITERATE that a `for` goes through: before its first operation, or that itself. */
static PathId iterable_of(const Facts *f, const Region *region, u32 first) {
    for (u32 i = first, back = 0; i > 0 && back < 24; i--, back++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_ITERATE && op->span.start >= region->span.start &&
            op->span.end <= region->span.end)
            return op_path(op);
    }
    return (PathId){0};
}

static u32 loop_at(Reading *d, RegionId region, u32 op);

/* A region that is met for the first time. */
static u32 enter_region(Reading *d, RegionId region, u32 op) {
    const Facts *f = d->r->f;
    const Region *here = &f->regions[region.i];
    bool is_body = here->kind == REGION_BODY && here->scope.i == d->r->scope.i;
    u32 outer = is_body || !here->parent.i ? 0 : loop_at(d, here->parent, op);
    bool is_loop = here->kind == REGION_FOR || here->kind == REGION_WHILE;
    if (!is_loop || d->loops.n >= LOOPS_MAX) return outer;
    Loop loop = {.region = region, .first = {op}, .parent = outer};
    if (here->flags & REGION_ASYNC) loop.does |= DOES_SUSPEND;
    if (here->kind == REGION_FOR)
        loop.bound = bound_of_iterable(d->r, iterable_of(f, here, op), &loop.does);
    vec_push(&d->r->space->scratch, &d->loops, loop);
    return d->loops.n;
}

static u32 loop_at(Reading *d, RegionId region, u32 op) {
    Space *s = d->r->space;
    if (s->region_stamps[region.i] == s->stamp) return s->region_loops[region.i];
    u32 loop = enter_region(d, region, op);
    s->region_stamps[region.i] = s->stamp;
    s->region_loops[region.i] = loop;
    return loop;
}

/* How often a `while` goes round can be said when all of it was met. */
static void bound_whiles(Reading *d, u32 end) {
    const Facts *f = d->r->f;
    for (u32 i = 0; i < d->loops.n; i++) {
        Loop *loop = &d->loops.v[i];
        const Region *region = &f->regions[loop->region.i];
        if (region->kind != REGION_WHILE) continue;
        u32 last = loop->first.i;
        while (last < end && f->ops[last].span.start < region->span.end)
            last = next_own_op(f, last);
        loop->bound = bound_of_while(d->r, loop->region, loop->first.i, MIN(last, end));
    }
}

/* ---- calls of itself ---- */

/* `f(n - 1)`: an argument that is less than a parameter; *parameter is which. */
static bool is_called_with_less(const Reader *r, const Op *call, u32 *parameter, bool or_more) {
    const Facts *f = r->f;
    for (u32 i = 0; i < call->operands; i++) {
        const Path *p = &f->paths[op_operand(f, call, i).i];
        if (p->kind != PATH_OP || f->ops[p->id].kind != OP_BINARY) continue;
        u32 operator= f->ops[p->id].flags & OP_LOW;
        u64 ignored;
        bool changes = operator== OPERATOR_SUB ||(or_more &&operator== OPERATOR_ADD);
        if (!changes || !path_number(r->g, r->file, op_operand(f, &f->ops[p->id], 1), &ignored))
            continue;
        *parameter = parameter_index(r, op_operand(f, &f->ops[p->id], 0));
        if (*parameter) return true;
    }
    return false;
}

static void note_recursion(Reading *d, Code *code, const Site *site) {
    const Reader *r = d->r;
    const Op *call = &r->f->ops[site->op.i];
    u32 parameter = 0;
    if (site->loop) { /* tries one choice after the other, and goes on with the next; what goes
                         down a tree goes round its children */
        if (d->loops.v[site->loop - 1].bound.kind == BOUND_DATA) return;
        if (is_called_with_less(r, call, &parameter, true) && !code->recursion.i) {
            code->recursion = site->op;
            code->recursion_parameter = 0;
        }
        return;
    }
    if (!is_called_with_less(r, call, &parameter, false)) return;
    bool is_beside = d->returns_of_itself && d->itself.i == call->region.i;
    d->returns_of_itself++;
    d->itself = call->region;
    if (!is_beside || code->recursion.i) return;
    code->recursion = site->op;
    code->is_exponential = true;
    code->recursion_parameter = parameter;
}

/* ---- operations ---- */

static bool is_text_format(const Facts *f, const Op *op) {
    const Path *left = &f->paths[op_operand(f, op, 0).i];
    return (op->flags & OP_LOW) == OPERATOR_MOD && left->kind == PATH_LITERAL &&
           left->flags == LITERAL_STRING;
}

static bool is_arithmetic(const Facts *f, const Op *op) {
    switch (op->kind) {
    case OP_BINARY:
        return !is_text_format(f, op);
    case OP_AUGMENT:
    case OP_UNARY:
        return true;
    default:
        return false;
    }
}

static void add_site(Reading *d, Code *code, u32 i, u32 loop) {
    const Facts *f = d->r->f;
    Site site = site_of(d->r, (OpId){i});
    site.loop = loop;
    if (site.kind == SITE_NOTHING && !site.function && !(site.flags & SITE_HARMLESS)) return;
    if (is_conditional(f, f->ops[i].region, d->r->scope)) site.flags |= SITE_CONDITIONAL;
    if (site.kind == SITE_UNKNOWN) d->r->space->unknown++;
    if (site.kind == SITE_PROJECT && site.function == d->r->code) note_recursion(d, code, &site);
    vec_push(&d->r->space->scratch, &d->sites, site);
}

static void read_op(Reading *d, Code *code, u32 i) {
    const Facts *f = d->r->f;
    const Op *op = &f->ops[i];
    u32 loop = loop_at(d, op->region, i);
    if (graph_is_switched_off(d->r->g, d->r->file, op->region)) return;
    if (op->kind == OP_CALL || op->kind == OP_ENTER || op->kind == OP_AWAIT)
        add_site(d, code, i, loop);
    if (loop && is_arithmetic(f, op)) {
        d->loops.v[loop - 1].arithmetic++;
        bool is_sum = (op->flags & OP_LOW) <= OPERATOR_SUB || op->kind == OP_UNARY;
        d->loops.v[loop - 1].products += !is_sum;
    }
    if (op->kind == OP_YIELD && !(op->flags & OP_IMPLICIT) && loop && code->is_async)
        d->loops.v[loop - 1].does |= DOES_SUSPEND;
    if (op->kind == OP_ITERATE && op->flags & OP_ASYNC && loop)
        d->loops.v[loop - 1].does |= DOES_SUSPEND;
    if (op->kind == OP_TEST && (op->flags & OP_LOW) == TEST_IN) d->asks_table = true;
}

/* `raise NotImplementedError`, `...`, a docstring: subclasses do the work. */
static bool is_abstract(const Reader *r, const Scope *scope) {
    const Facts *f = r->f;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RAISE) continue;
        PathId raised = op_operand(f, op, 0);
        const Path *p = &f->paths[raised.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) raised = op_path(&f->ops[p->id]);
        return op->region.i == scope->region.i &&
               str_is(graph_name_of(r->g, r->file, raised), "builtins.NotImplementedError");
    }
    return false;
}

void code_read(Reader *r) {
    Code *code = &r->c->codes[r->code];
    const Scope *scope = &r->f->scopes[r->scope.i];
    Space *s = r->space;
    ArenaMark mark = arena_mark(&s->scratch);
    Reading d = {.r = r};
    s->stamp++;
    code->is_async = scope->flags & SCOPE_ASYNC;
    code->is_generator = scope->flags & SCOPE_GENERATOR;
    if (scope->kind != SCOPE_MODULE) {
        ScopeRef ref = {r->file, r->scope};
        code->is_memo = graph_decoration(r->g, ref) == DECORATION_MEMO;
        code->is_abstract = is_abstract(r, scope);
    }
    for (u32 i = scope->op_first; i < scope->op_end; i = next_own_op(r->f, i)) read_op(&d, code, i);
    bound_whiles(&d, scope->op_end);
    if (code->is_memo || (code->is_exponential && d.asks_table)) code->recursion = (OpId){0};
    code->n_sites = d.sites.n;
    code->n_loops = d.loops.n;
    if (d.sites.n) code->sites = arena_copy(&s->kept, d.sites.v, sizeof(Site) * d.sites.n);
    if (d.loops.n) code->loops = arena_copy(&s->kept, d.loops.v, sizeof(Loop) * d.loops.n);
    code->is_read = true;
    arena_rewind(&s->scratch, mark);
}
