/* What becomes of a resource in the function that acquires it: who takes it first, and when that is
 * a local variable, which ways out of the function leave it behind. */
#include "graph/model.h"

/* Operations after a call that are searched for what takes its result; of a function. */
enum { TAKER_OPS = 400, OWNED_OPS = 6000, ENDS_MAX = 64 };

typedef struct Taker {
    const Graph *g;
    OpRef call;
    const Facts *f;
    Ownership *out;
} Taker;

/* ---- the operation that takes the value ---- */

static bool is_rooted(const Facts *f, PathId path, u32 value) {
    const Path *root = facts_root(f, path);
    return path.i && root->kind == PATH_OP && root->id == value;
}

static bool takes(const Facts *f, const Op *op, u32 value) {
    if (op_subject((OpKind)op->kind) == SUBJECT_PATH && is_rooted(f, op_path(op), value))
        return true;
    for (u32 i = 0; i < op->operands; i++)
        if (is_rooted(f, op_operand(f, op, i), value)) return true;
    return false;
}

/* The first operation from `from` on that takes the value, or 0. */
static u32 taker_of(const Facts *f, u32 value, u32 from) {
    u32 end = MIN(from + TAKER_OPS, f->n_ops);
    for (u32 i = from; i < end; i++)
        if (takes(f, &f->ops[i], value)) return i;
    return 0;
}

/* The element of a tuple that a path takes: `#[0]`; -1 for the tuple itself. */
static int element_of(const Facts *f, PathId path, u32 value) {
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_CONST || !is_rooted(f, p->parent, value) || f->paths[p->parent.i].depth)
        return -1;
    Str text = facts_str(f, (StrId){p->id});
    return text.n == 1 && text.p[0] >= '0' && text.p[0] <= '9' ? text.p[0] - '0' : -1;
}

/* ---- a local variable ---- */

/* Only code of the function itself can reach the variable. */
static bool is_private(const Facts *f, SymbolId local, ScopeId function) {
    const Symbol *s = &f->symbols[local.i];
    if (!local.i || s->scope.i != function.i) return false;
    if (s->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) return false;
    if (!(s->flags & SYMBOL_CELL)) return true;
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *inner = &f->symbols[i];
        if (i == local.i || inner->target.i != local.i) continue;
        if (f->scopes[inner->scope.i].kind != SCOPE_COMPREHENSION) return false;
    }
    return true;
}

/* `x.start()` of what is acquired by that; 0 when the function does not start it. */
static OpId start_of(const Facts *f, SymbolId local, u32 from, u32 end) {
    for (u32 i = from; i < end; i++) {
        const Path *callee = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind != OP_CALL || callee->kind != PATH_ATTR || callee->depth != 1) continue;
        if (facts_root_symbol(f, op_path(&f->ops[i])).i == local.i &&
            str_is(facts_str(f, (StrId){callee->id}), "start"))
            return (OpId){i};
    }
    return (OpId){0};
}

/* Reading to the end closes it. */
static bool is_exhausted_by(const ResourceRow *row, const Op *op) {
    return op->kind == OP_ITERATE && str_is(str_from(row->name), "os.scandir");
}

typedef struct Ends {
    OpId v[ENDS_MAX];
    u32 n;
    bool is_cut;
} Ends;

static void add_end(Ends *ends, u32 op) {
    if (ends->n < ENDS_MAX)
        ends->v[ends->n++] = (OpId){op};
    else
        ends->is_cut = true;
}

/* The operation of the function's own that runs an operation of a comprehension in it. */
static u32 own_operation(const Facts *f, ScopeId function, u32 op) {
    ScopeId s = f->regions[f->ops[op].region.i].scope;
    u32 at = op;
    for (; s.i && s.i != function.i; s = f->scopes[s.i].parent) at = f->scopes[s.i].def.i;
    return at;
}

static void find_ends(const Taker *t, SymbolId local, Ends *ends) {
    const Facts *f = t->f;
    Ownership *o = t->out;
    const Scope *scope = &f->scopes[o->function.scope.i];
    const ResourceRow *row = o->acquired.row;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        if (i == o->from.i) continue;
        HandKind hand = hand_at(t->g, t->call.file, local, row, (OpId){i}, HAND_DEPTH);
        if (hand == HAND_USES && is_exhausted_by(row, &f->ops[i])) hand = HAND_RELEASES;
        if (hand == HAND_DELETES && row->flags & RESOURCE_STAYS) continue;
        if (hand < HAND_DELETES) continue;
        add_end(ends, own_operation(f, o->function.scope, i));
        if (hand == HAND_PASSES && !o->handed.i) o->handed = (OpId){i};
        if (hand != HAND_PASSES && !o->release.i) o->release = (OpId){i};
    }
}

static bool look_at_local(const Taker *t, u32 bind, bool is_choice) {
    const Facts *f = t->f;
    Ownership *o = t->out;
    const Scope *scope = &f->scopes[o->function.scope.i];
    PathId path = op_path(&f->ops[bind]);
    SymbolId local = facts_root_symbol(f, path);
    if (scope->op_end - scope->op_first > OWNED_OPS) return false;
    if (!is_private(f, local, o->function.scope)) return false;
    o->from = (OpId){bind};
    o->path = path;
    o->is_choice = is_choice;
    if (o->acquired.row->flags & RESOURCE_STARTED)
        o->from = start_of(f, local, bind, scope->op_end);
    if (!o->from.i) return false;
    Ends ends = {0};
    find_ends(t, local, &ends);
    if (ends.is_cut) return false;
    u32 file = t->call.file;
    o->normal = graph_leaving(t->g, file, o->from, path, ends.v, ends.n, false);
    o->thrown = graph_leaving(t->g, file, o->from, path, ends.v, ends.n, true);
    o->kind = OWNED_LOCAL;
    return o->normal.is_known;
}

/* ---- other takers ---- */

/* `open(p).read()`, `json.load(open(p))`, `for line in open(p)`. */
static OwnedKind chained(const Taker *t, const Op *op, u32 value) {
    const Facts *f = t->f;
    const ResourceRow *row = t->out->acquired.row;
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_ITERATE) return is_exhausted_by(row, op) ? OWNED_ELSEWHERE : OWNED_CHAINED;
    if (op->kind != OP_CALL) return OWNED_ELSEWHERE;
    if (is_rooted(f, op_path(op), value)) {
        Str method = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
        bool is_end = resource_has_release(row, method) || str_is(method, "close") ||
                      str_is(method, "__enter__") || know_is_lending(method) ||
                      know_protocol(method, PROTOCOL_ENDLESS);
        return is_end || p->depth != 1 ? OWNED_ELSEWHERE : OWNED_CHAINED;
    }
    Str name = graph_name_of(t->g, t->call.file, op_path(op));
    return know_borrowing(name) == BORROWS_NOW ? OWNED_CHAINED : OWNED_ELSEWHERE;
}

/* One value is bound to one local, and to nothing else. */
static bool is_only_taker(const Facts *f, u32 value, u32 taker) {
    return taker_of(f, value, taker + 1) == 0;
}

static void look_at_value(const Taker *t, u32 value, bool is_choice) {
    const Facts *f = t->f;
    u32 taker = taker_of(f, value, value + 1);
    const Op *op = &f->ops[taker];
    if (!taker) {
        bool is_dropped = f->ops[value].flags & OP_DROPPED;
        t->out->kind = is_dropped ? OWNED_DROPPED : OWNED_ELSEWHERE;
        return;
    }
    if (op->kind == OP_CHOICE && !is_choice) {
        look_at_value(t, taker, true);
        if (t->out->kind != OWNED_LOCAL) t->out->kind = OWNED_ELSEWHERE;
        return;
    }
    bool stays = t->out->acquired.row->flags & RESOURCE_WITH_STAYS;
    if (op->kind == OP_ENTER && stays) { /* `with sqlite3.connect(path) as connection` */
        t->out->kind = OWNED_ENTERED;
        taker = taker_of(f, value, taker + 1);
        op = &f->ops[taker];
        if (op->kind != OP_BIND || !taker) return;
        t->out->is_entered = look_at_local(t, taker, false);
        if (!t->out->is_entered) t->out->kind = OWNED_ELSEWHERE;
        return;
    }
    u32 how = op->flags & OP_LOW;
    bool is_bound = op->kind == OP_BIND && f->paths[op->subject].kind == PATH_SYMBOL &&
                    f->paths[bound_value(f, op).i].depth == 0 &&
                    (how == BIND_ASSIGN || how == BIND_WALRUS);
    if (!is_bound) {
        t->out->kind = is_choice ? OWNED_ELSEWHERE : chained(t, op, value);
        return;
    }
    if (how != BIND_WALRUS && !is_only_taker(f, value, taker)) return;
    if (!look_at_local(t, taker, is_choice)) t->out->kind = OWNED_ELSEWHERE;
}

/* Is the tuple taken apart into variables, or is one element picked? Else somebody has it whole. */
static bool is_apart(const Facts *f, u32 value, int *taken) {
    u32 taker = value;
    bool is_any = false;
    while ((taker = taker_of(f, value, taker + 1))) {
        const Op *op = &f->ops[taker];
        PathId path = op->kind == OP_LOAD ? op_path(op) : bound_value(f, op);
        if (op->kind == OP_RETURN || op->kind == OP_CALL) path = op_operand(f, op, 0);
        int element = -1;
        for (u32 i = 0; i < MAX(op->operands, 1u) && element < 0; i++) {
            PathId each = op->kind == OP_LOAD ? path : op_operand(f, op, i);
            element = element_of(f, each, value);
        }
        if (element < 0) return false;
        *taken |= 1 << element;
        is_any = true;
    }
    return is_any;
}

/* One element of the tuple: the variable that it is bound to, or nothing. */
static bool look_at_element(const Taker *t, u32 value, int element) {
    const Facts *f = t->f;
    for (u32 taker = value; (taker = taker_of(f, value, taker + 1));) {
        const Op *op = &f->ops[taker];
        if (op->kind != OP_BIND || f->paths[op->subject].kind != PATH_SYMBOL) continue;
        if (element_of(f, bound_value(f, op), value) == element)
            return look_at_local(t, taker, false);
    }
    return false;
}

static u32 look_at_tuple(Taker *t, u32 value, Ownership *out) {
    const Facts *f = t->f;
    Ownership start = *out;
    u32 n = 0;
    int taken = 0;
    int elements = start.acquired.row->flags & RESOURCE_FIRST ? 1 : OWNED_MAX;
    if (!taker_of(f, value, value + 1) || !is_apart(f, value, &taken)) return 0;
    for (int e = 0; e < elements; e++) {
        t->out = &out[n];
        out[n] = start;
        if (!(taken & 1 << e)) {
            out[n].kind = OWNED_LOST;
            n++;
        } else if (look_at_element(t, value, e)) {
            n++;
        }
    }
    return n;
}

u32 graph_owned(const Graph *g, OpRef call, Ownership *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    Ownership o = {.from = call.op};
    if (!graph_acquires(g, call, &o.acquired)) return 0;
    ScopeId function = f->regions[op->region.i].scope;
    if (f->scopes[function.i].kind != SCOPE_FUNCTION) return 0;
    o.function = (ScopeRef){call.file, function};
    u32 value = call.op.i;
    if (op->flags & OP_AWAITED) {
        value = 0;
        for (u32 i = call.op.i + 1; i < MIN(call.op.i + 4, f->n_ops) && !value; i++)
            if (f->ops[i].kind == OP_AWAITED_VALUE && takes(f, &f->ops[i], call.op.i)) value = i;
        if (!value) return 0;
    }
    Taker t = {.g = g, .call = call, .f = f, .out = out};
    *out = o;
    if (o.acquired.row->flags & RESOURCE_TUPLE && scope_is_none(o.acquired.helper))
        return look_at_tuple(&t, value, out);
    look_at_value(&t, value, false);
    return 1;
}
