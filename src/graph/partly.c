/* Functions that take back what they have added where some exceptions arrive, and leave it where
 * the others do: `except Exception` around an await, which a cancelled task passes by,
 * `except OSError` around a call that may raise something else. What takes the entry out when all
 * goes well stands in another function. */
#include "graph/model.h"

/* Changes of one table, and operations of one function, that are looked at. */
enum { CHANGES_MAX = 64, PARTLY_OPS = 4000, CALLERS_MAX = 32 };

typedef struct Partly {
    const Graph *g;
    const Holding *h;
    const Change *added;
    const Facts *f;
    const Scope *scope;
    u32 file;
} Partly;

static bool is_in_scope(const Partly *p, const Change *c) {
    return c->file == p->file && c->op.i >= p->scope->op_first && c->op.i < p->scope->op_end;
}

/* The except clause around an operation of the function, or none. */
static RegionId clause_around(const Partly *p, OpId op) {
    RegionId r = p->f->ops[op.i].region;
    ScopeId scope = p->added->function.scope;
    for (; r.i && p->f->regions[r.i].scope.i == scope.i; r = p->f->regions[r.i].parent)
        if (p->f->regions[r.i].kind == REGION_EXCEPT) return r;
    return (RegionId){0};
}

/* ---- what a clause catches ---- */

static bool is_cancel_name(Str name) {
    static const char *const NAMES[] = {"CancelledError", "Cancelled", "BaseException",
                                        "BaseExceptionGroup", "get_cancelled_exc_class"};
    return str_is_any(str_after_last(name, '.'), NAMES, ARRAY_LEN(NAMES));
}

typedef struct Catches {
    bool all, cancel; /* every exception that is one of the program; cancelling */
    bool is_unknown;  /* a type that cannot be named */
} Catches;

static void note_name(Str name, Catches *out) {
    out->cancel |= is_cancel_name(name);
    out->is_unknown |= !name.n;
    out->all |= str_is(name, "Exception") || str_is(name, "BaseException");
}

/* `except (ValueError, asyncio.CancelledError)`: a tuple is one operand or several. */
static void note_type(const Partly *p, PathId type, Catches *out) {
    const Path *path = &p->f->paths[type.i];
    const Op *made = path->kind == PATH_OP ? &p->f->ops[path->id] : NULL;
    if (made && made->kind == OP_TUPLE) {
        for (u32 i = 0; i < made->operands; i++)
            note_name(facts_last_name(p->f, op_operand(p->f, made, i)), out);
        return;
    }
    if (made && made->kind == OP_CALL) type = op_path(made);
    Str name = facts_last_name(p->f, type);
    note_name(name, out);
    out->is_unknown |= name.n && name.p[0] >= 'a' && name.p[0] <= 'z' && !str_ends(name, "class");
}

static Catches caught_by(const Partly *p, u32 handler) {
    const Op *op = &p->f->ops[handler];
    Catches out = {.all = !op->operands, .cancel = !op->operands};
    for (u32 i = 0; i < op->operands; i++) note_type(p, op_operand(p->f, op, i), &out);
    return out;
}

/* What all clauses of the statement catch together. */
static Catches caught_together(const Partly *p, RegionId group) {
    Catches out = {0};
    for (u32 i = p->scope->op_first; i < p->scope->op_end; i++) {
        const Op *op = &p->f->ops[i];
        if (op->kind != OP_HANDLER || p->f->regions[op->region.i].group.i != group.i) continue;
        Catches one = caught_by(p, i);
        out.all |= one.all;
        out.cancel |= one.cancel;
        out.is_unknown |= one.is_unknown;
    }
    return out;
}

/* ---- what may raise ---- */

/* The first await behind the addition in the body of the statement, or none. */
static OpId await_in(const Partly *p, RegionId group) {
    for (u32 i = p->added->op.i + 1; i < p->scope->op_end; i++) {
        const Op *op = &p->f->ops[i];
        if (op->kind == OP_AWAIT && region_is_within(p->f, op->region, group)) return (OpId){i};
    }
    return (OpId){0};
}

/* The clause gives up: it ends in a raise or return of its own. */
static bool gives_up(const Partly *p, RegionId clause) {
    for (u32 i = p->scope->op_first; i < p->scope->op_end; i++) {
        const Op *op = &p->f->ops[i];
        if ((op->kind == OP_RAISE || op->kind == OP_RETURN) && op->region.i == clause.i)
            return true;
    }
    return false;
}

/* ---- who else takes it out ---- */

static bool is_same_entry(const Partly *p, const Change *out) {
    KeyRef a = {p->file, change_key(p->h, p->added)}, b = {out->file, change_key(p->h, out)};
    return a.path.i && b.path.i && graph_match_keys(p->g, a, b).kind == KEY_SAME;
}

/* The function takes something out outside of the clauses of that statement. */
static bool takes_out_elsewhere(const Partly *p, RegionId group) {
    for (u32 i = 0; i < p->h->n_changes; i++) {
        const Change *c = &p->h->changes[i];
        if (!is_in_scope(p, c) || !change_removes(c, c->level)) continue;
        RegionId clause = clause_around(p, c->op);
        if (c->is_callback || !clause.i || p->f->regions[clause.i].group.i != group.i) return true;
    }
    return false;
}

/* … or one of its callers does. */
static bool callers_take_out(const Partly *p) {
    const FunctionNode *fn = &p->g->functions[graph_function_id(p->g, p->added->function)];
    if (fn->callers.n > CALLERS_MAX) return true;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = p->g->files[call.file].facts;
        ScopeId s = f->regions[f->ops[call.op.i].region.i].scope;
        for (u32 k = 0; k < p->h->n_changes; k++) {
            const Change *c = &p->h->changes[k];
            bool is_there = c->file == call.file && c->op.i >= f->scopes[s.i].op_first &&
                            c->op.i < f->scopes[s.i].op_end;
            if (is_there && change_removes(c, c->level)) return true;
        }
    }
    return false;
}

/* ---- the question ---- */

static bool leaves_rest(const Partly *p, const Change *out, Pairing *pair) {
    RegionId clause = clause_around(p, out->op);
    if (!clause.i || out->op.i < p->added->op.i || out->level != p->added->level) return false;
    RegionId group = p->f->regions[clause.i].group;
    if (region_is_within(p->f, p->f->ops[p->added->op.i].region, clause)) return false;
    if (!gives_up(p, clause) || !is_same_entry(p, out) || takes_out_elsewhere(p, group))
        return false;
    Catches together = caught_together(p, group);
    OpId await = await_in(p, group);
    if (together.is_unknown || !await.i || (together.all && together.cancel)) return false;
    /* `await future`, which somebody gives a result: it is cancelled, and raises nothing else */
    const Path *awaited = &p->f->paths[p->f->ops[await.i].subject];
    if (together.cancel && awaited->kind != PATH_OP) return false;
    *pair = (Pairing){.function = p->added->function,
                      .added = p->added,
                      .add = {p->file, p->added->op},
                      .removed = out,
                      .remove = {p->file, out->op},
                      .by_cancel = together.all,
                      .by_error = together.cancel,
                      .is_partly = true};
    pair->skip.call = await;
    return !callers_take_out(p);
}

bool pairing_in_handlers(const Graph *g, const Holding *h, const Change *added, Pairing *out) {
    if (added->kind != CHANGE_ADDED || added->is_callback || added->overwrites ||
        scope_is_none(added->function) || added->how_often < RUNS_PER_INSTANCE ||
        str_is(added->how, "[…]"))
        return false;
    Partly p = {.g = g, .h = h, .added = added, .file = added->file};
    p.f = g->files[added->file].facts;
    p.scope = &p.f->scopes[added->function.scope.i];
    if (p.scope->op_end - p.scope->op_first > PARTLY_OPS) return false;
    for (u32 i = 0; i < h->n_changes && i < CHANGES_MAX; i++) {
        const Change *c = &h->changes[i];
        if (c->kind == CHANGE_REMOVED && is_in_scope(&p, c) && leaves_rest(&p, c, out)) return true;
    }
    return false;
}
