/* Comparisons of a length that keep nothing small: `if n < len(x): return x[n]` asks whether there
 * is an entry, `if len(x) > 0` whether there is any. A bound stands before what adds. */
#include "graph/guard.h"

enum { SMALL = 2 }; /* `if len(x) >= 2: step = x[-1] - x[-2]` */

typedef struct Measured {
    const Graph *g;
    u32 file;
    const Facts *f;
    PathId container; /* as it is written in `len(…)` */
    PathId limit;     /* what the length is compared with */
    u32 at;
    ScopeId scope;
} Measured;

static const Op *op_of(const Facts *f, PathId path) {
    return f->paths[path.i].kind == PATH_OP ? &f->ops[f->paths[path.i].id] : NULL;
}

static bool is_whole_number(const Facts *f, PathId path) {
    return f->paths[path.i].kind == PATH_LITERAL && f->paths[path.i].flags == LITERAL_INT;
}

/* `n + 1`, `n - 1`: n. */
static PathId without_step(const Facts *f, PathId path) {
    const Op *op = op_of(f, path);
    bool is_step = op && op->kind == OP_BINARY && op->operands == 2;
    return is_step && is_whole_number(f, op_operand(f, op, 1)) ? op_operand(f, op, 0) : path;
}

/* A number in the source, or -1. */
static i64 number_of(const Facts *f, PathId path) {
    Str text = is_whole_number(f, path) ? facts_str(f, (StrId){f->paths[path.i].id}) : (Str){0};
    return text.n == 1 && text.p[0] >= '0' && text.p[0] <= '9' ? text.p[0] - '0' : -1;
}

/* The other side of the comparison, when there are two. */
static PathId other_side(const Facts *f, const Op *op, PathId length) {
    if (op->kind == OP_TEST && op->operands == 1)
        return op->subject == length.i ? op_operand(f, op, 0) : op_path(op);
    if (op->kind != OP_COMPARE || op->operands != 2) return (PathId){0};
    return op_operand(f, op, op_operand(f, op, 0).i == length.i ? 1 : 0);
}

/* The operation reads or sets `x[n]`, or an entry near an end where n is a small number. */
static bool takes_entry(const Measured *m, const Op *op) {
    const Path *p = &m->f->paths[op->subject];
    bool is_entry = p->kind == PATH_ANY || p->kind == PATH_CONST;
    bool is_access = op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_AUGMENT;
    if (!is_access || !is_entry || p->parent.i != m->container.i) return false;
    i64 limit = number_of(m->f, m->limit);
    if (limit >= 0) {
        const Op *key = op_of(m->f, bound_key(m->f, op));
        bool is_near = p->kind == PATH_CONST ? p->flags == LITERAL_INT
                                             : key && key->kind == OP_UNARY; /* `x[-1]` */
        return is_near && limit <= SMALL;
    }
    PathId key = without_step(m->f, bound_key(m->f, op));
    return key.i && key.i == without_step(m->f, m->limit).i;
}

/* The operation may add to the container, as far as the function shows. */
static bool may_add(const Measured *m, const Op *op) {
    const Path *p = &m->f->paths[op->subject];
    if (op->kind == OP_AUGMENT && op->subject == m->container.i) return true;
    if (op->kind == OP_STORE && (p->kind == PATH_ANY || p->kind == PATH_CONST))
        return p->parent.i == m->container.i && !takes_entry(m, op);
    if (op->kind != OP_CALL) return false;
    if (p->kind == PATH_ATTR && p->parent.i == m->container.i) {
        const MethodRow *row = know_method(facts_str(m->f, (StrId){p->id}));
        return row && row->effect == METHOD_ADDS;
    }
    bool is_len = str_is(graph_name_of(m->g, m->file, op_path(op)), "builtins.len");
    for (u32 i = 0; !is_len && i < op->operands; i++)
        if (m->f->operands[op->operand + i].path.i == m->container.i) return true;
    return false;
}

/* The branch that the comparison opens calls a function of the project: it may fill it. */
static bool calls_in_branch(const Measured *m, u32 i) {
    ClassId made;
    for (RegionId r = m->f->ops[i].region; r.i && m->f->regions[r.i].scope.i == m->scope.i;
         r = m->f->regions[r.i].parent) {
        const Region *branch = &m->f->regions[r.i];
        bool is_asked = branch->test_first <= m->at && m->at < branch->test_end;
        if (is_asked) return callee_function(m->g, m->file, &m->f->ops[i], &made) != 0;
    }
    return false;
}

bool length_is_bound(const Graph *g, u32 file, u32 at, PathId length, PathId container) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[at];
    Measured m = {
        g, file, f, container, other_side(f, op, length), at, f->regions[op->region.i].scope};
    if (!m.limit.i || f->scopes[m.scope.i].kind != SCOPE_FUNCTION) return true;
    bool is_emptiness = number_of(f, m.limit) == 0, is_index = false;
    bool goes_round = region_is_in_loop(f, op->region);
    const Scope *scope = &f->scopes[m.scope.i];
    u32 first = goes_round ? scope->op_first : at + 1;
    u32 end = MIN(scope->op_end, at + GUARD_OPS);
    for (u32 i = MAX(first, at - MIN(at, (u32)GUARD_OPS)); i < end; i++) {
        if (f->regions[f->ops[i].region.i].scope.i != m.scope.i) continue;
        if (may_add(&m, &f->ops[i])) return true;
        if (f->ops[i].kind == OP_CALL && calls_in_branch(&m, i)) return true;
        is_index |= takes_entry(&m, &f->ops[i]);
    }
    return !is_emptiness && !is_index;
}
