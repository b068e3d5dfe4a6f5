/* What the branch that an operation stands in says about a container: it is empty, it has the key,
 * it has not. A branch speaks through the tests that open it, and through those that left the
 * function before it (`if x: return x`). */
#include "graph/model.h"

typedef struct Guard {
    const Graph *g;
    u32 file;
    const Facts *f;
    u32 container;
    GuardKind kind;
} Guard;

static bool is_none_literal(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return path.i && p->kind == PATH_LITERAL && p->flags == LITERAL_NONE;
}

/* Does the test, when it comes out as `outcome`, say what is asked? */
static bool says(const Guard *q, const Op *test, bool outcome) {
    if (test->kind != OP_TEST) return false;
    u32 kind = test->flags & OP_LOW;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    PathId asked = op_path(test);
    if (q->kind == GUARD_EMPTY) {
        bool none = kind == TEST_IS && is_none_literal(q->f, op_operand(q->f, test, 0));
        if (!(kind == TEST_TRUTH && !holds) && !(none && holds)) return false;
    } else {
        if (kind != TEST_IN || holds != (q->kind == GUARD_HAS_KEY)) return false;
        asked = op_operand(q->f, test, 0);
    }
    Held h = held_by(q->g, q->file, asked, RESOLVE_DEPTH);
    return h.container == q->container && h.level == 0;
}

bool is_conjunction(const Facts *f, const Region *region, bool outcome) {
    for (u32 i = region->test_first; i < region->test_end; i++) {
        const Region *at = &f->regions[f->ops[i].region.i];
        bool is_or = at->flags & REGION_NEGATED;
        if (at->kind == REGION_SHORT_CIRCUIT && is_or == outcome) return false;
    }
    return true;
}

static bool region_says(const Guard *q, const Region *region, bool outcome) {
    if (region->test_first == region->test_end || !is_conjunction(q->f, region, outcome))
        return false;
    for (u32 i = region->test_first; i < region->test_end; i++)
        if (says(q, &q->f->ops[i], outcome)) return true;
    return false;
}

static bool is_exit(const Op *op) {
    switch (op->kind) {
    case OP_RETURN:
    case OP_RAISE:
    case OP_CONTINUE:
    case OP_BREAK:
        return true;
    default:
        return false;
    }
}

/* Does the region hold `inner`, both in the same scope? */
static bool is_around(const Facts *f, RegionId outer, RegionId inner) {
    for (u32 up = 0; up < GUARD_REGIONS && inner.i > outer.i; up++)
        inner = f->regions[inner.i].parent;
    return inner.i && inner.i == outer.i;
}

/* `if key in x: return` before: what follows runs only when the test fails. */
static bool exit_says(const Guard *q, u32 op_index) {
    const Facts *f = q->f;
    RegionId here = f->ops[op_index].region;
    ScopeId scope = f->regions[here.i].scope;
    u32 first = MAX(f->scopes[scope.i].op_first, op_index - MIN(op_index, (u32)GUARD_OPS));
    for (u32 i = first; i < op_index; i++) {
        const Op *op = &f->ops[i];
        const Region *left = &f->regions[op->region.i];
        if (!is_exit(op) || left->scope.i != scope.i || left->kind != REGION_IF) continue;
        if (is_around(f, op->region, here) || !is_around(f, left->parent, here)) continue;
        if (region_says(q, left, false)) return true;
    }
    return false;
}

bool is_guarded(const Graph *g, u32 file, u32 op_index, u32 container, GuardKind kind) {
    const Facts *f = g->files[file].facts;
    Guard q = {g, file, f, container, kind};
    RegionId here = f->ops[op_index].region;
    ScopeId scope = f->regions[here.i].scope;
    RegionId r = here;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[r.i].scope.i == scope.i; up++) {
        if (region_says(&q, &f->regions[r.i], !(f->regions[r.i].flags & REGION_NEGATED)))
            return true;
        r = f->regions[r.i].parent;
    }
    return exit_says(&q, op_index);
}
