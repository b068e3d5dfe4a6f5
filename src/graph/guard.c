/* What the branch that an operation stands in says about a container: it is empty, it has the key,
 * it has not. A branch speaks through the tests that open it, and through those that left the
 * function before it (`if x: return x`). */
#include "graph/guard.h"

typedef struct Guard {
    const Graph *g;
    u32 file;
    const Facts *f;
    u32 container; /* 0: `held` is asked about */
    GuardKind kind;
    PathId held, key; /* the path of a container, and the key, as they are written */
} Guard;

/* `x.count(key) < 1`, `not x.count(key)`, and what leaves when `x.count(key) > 0`: the call, or
 * NULL. The direction of a comparison is not told. */
static const Op *asks_count(const Guard *q, const Op *test, bool outcome) {
    const Path *number = &q->f->paths[op_operand(q->f, test, 0).i];
    const Op *call = facts_call(q->f, op_path(test));
    if (!call || !str_is(facts_method(q->f, call), "count")) return NULL;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    u32 kind = test->flags & OP_LOW;
    if (kind == TEST_CALL) return holds ? NULL : call;
    if (number->kind != PATH_LITERAL || number->flags != LITERAL_INT) return NULL;
    Str text = facts_str(q->f, (StrId){number->id});
    if (kind == TEST_EQUAL) return holds && str_is(text, "0") ? call : NULL;
    return kind == TEST_ORDER && str_is(text, outcome ? "1" : "0") ? call : NULL;
}

/* Does the test, when it comes out as `outcome`, say what is asked? */
static bool says(const void *context, const Op *test, bool outcome) {
    const Guard *q = context;
    if (test->kind != OP_TEST) return false;
    u32 kind = test->flags & OP_LOW;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    PathId asked = op_path(test), key = asked;
    const Op *count =
        q->kind == GUARD_LACKS_KEY && q->container ? asks_count(q, test, outcome) : NULL;
    if (count) {
        asked = q->f->paths[count->subject].parent;
        key = op_operand(q->f, count, 0);
    } else if (q->kind == GUARD_EMPTY) {
        bool none = kind == TEST_IS && facts_is_none(q->f, op_operand(q->f, test, 0));
        if (!(kind == TEST_TRUTH && !holds) && !(none && holds)) return false;
        if (q->held.i) return asked.i == q->held.i;
    } else {
        if (kind != TEST_IN || holds != (q->kind == GUARD_HAS_KEY)) return false;
        asked = op_operand(q->f, test, 0);
        if (!q->container) return asked.i == q->held.i && key.i == q->key.i;
    }
    if (q->kind != GUARD_EMPTY && q->key.i && key.i != q->key.i) return false;
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

typedef struct Branch {
    const Facts *f;
    TestSays *says;
    const void *context;
} Branch;

static bool region_says(const Branch *b, const Region *region, bool outcome) {
    if (region->test_first == region->test_end || !is_conjunction(b->f, region, outcome))
        return false;
    for (u32 i = region->test_first; i < region->test_end; i++)
        if (b->says(b->context, &b->f->ops[i], outcome)) return true;
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
static bool exit_says(const Branch *b, u32 at, RegionId here) {
    const Facts *f = b->f;
    ScopeId scope = f->regions[here.i].scope;
    u32 first = MAX(f->scopes[scope.i].op_first, at - MIN(at, (u32)GUARD_OPS));
    for (u32 i = first; i < at; i++) {
        const Op *op = &f->ops[i];
        const Region *left = &f->regions[op->region.i];
        if (!is_exit(op) || left->scope.i != scope.i || left->kind != REGION_IF) continue;
        if (is_around(f, op->region, here) || !is_around(f, left->parent, here)) continue;
        if (region_says(b, left, false)) return true;
    }
    return false;
}

bool branch_says(const Facts *f, OpId at, TestSays *asks, const void *context) {
    Branch b = {f, asks, context};
    RegionId r = f->ops[at.i].region;
    ScopeId scope = f->regions[r.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[r.i].scope.i == scope.i; up++) {
        if (region_says(&b, &f->regions[r.i], !(f->regions[r.i].flags & REGION_NEGATED)))
            return true;
        r = f->regions[r.i].parent;
    }
    return exit_says(&b, at.i, f->ops[at.i].region);
}

bool end_says(const Facts *f, ScopeId function, TestSays *asks, const void *context) {
    Branch b = {f, asks, context};
    return exit_says(&b, f->scopes[function.i].op_end, f->scopes[function.i].region);
}

static bool stands_guarded(const Guard *q, u32 op_index) {
    return branch_says(q->f, (OpId){op_index}, says, q);
}

bool is_guarded(const Graph *g, u32 file, u32 op_index, u32 container, GuardKind kind) {
    return stands_guarded(
        &(Guard){
            .g = g, .file = file, .f = g->files[file].facts, .container = container, .kind = kind},
        op_index);
}

bool admits_once(const Graph *g, u32 file, u32 op_index, u32 container, PathId key) {
    Guard q = {g, file, g->files[file].facts, .container = container, .kind = GUARD_LACKS_KEY};
    q.key = key;
    return key.i && stands_guarded(&q, op_index);
}

/* ---- stores to a key that is there ---- */

/* A parameter, or a local that is bound once, or an attribute of one: from *since on it is one
 * object. */
static bool is_steady(const Facts *f, PathId key, ScopeId scope, u32 *since) {
    const Symbol *s = &f->symbols[facts_root_symbol(f, key).i];
    const Path *p = &f->paths[key.i];
    while (p->kind == PATH_ATTR) p = &f->paths[p->parent.i];
    *since = s->flags & SYMBOL_PARAM ? 0 : s->bind.i;
    return p->kind == PATH_SYMBOL && s->scope.i == scope.i &&
           (s->flags & SYMBOL_PARAM ? !s->binds : s->binds == 1);
}

bool replaces_entry(const Graph *g, u32 file, u32 store) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[store];
    PathId key = bound_key(f, op);
    ScopeId scope = f->regions[op->region.i].scope;
    u32 since;
    if (op->kind != OP_STORE || !key.i || !is_steady(f, key, scope, &since)) return false;
    u32 first = MAX(MAX(f->scopes[scope.i].op_first, since), store - MIN(store, (u32)GUARD_OPS));
    for (u32 i = store; i-- > first;) {
        const Op *before = &f->ops[i];
        bool sets = before->kind == OP_STORE || before->kind == OP_AUGMENT;
        if (sets && before->subject == key.i) return false;
        if (before->kind == OP_LOAD && before->subject == op->subject &&
            bound_key(f, before).i == key.i && region_is_within(f, op->region, before->region))
            return true;
    }
    Guard q = {g, file, f, .kind = GUARD_HAS_KEY, .key = key};
    q.held = f->paths[op->subject].parent;
    return stands_guarded(&q, store);
}

bool is_made_empty(const Graph *g, u32 file, PathId value) {
    const Path *p = &g->files[file].facts->paths[value.i];
    if (p->kind != PATH_OP || made_kind(g, file, value) == CONTAINER_OTHER) return false;
    const Op *op = &g->files[file].facts->ops[p->id];
    bool is_display = op->kind == OP_LIST || op->kind == OP_DICT || op->kind == OP_SET;
    return (is_display || op->kind == OP_CALL) && !op->operands;
}

/* `x.get(key)`, with whatever else it is told. */
static bool is_looked_up(const Facts *f, const Op *op, PathId held, PathId key) {
    const Path *callee = &f->paths[op->kind == OP_CALL ? op->subject : 0];
    return callee->kind == PATH_ATTR && callee->parent.i == held.i &&
           str_is(facts_str(f, (StrId){callee->id}), "get") && op_operand(f, op, 0).i == key.i;
}

/* The value is what `x.get(key)` gave. */
static bool is_found_by(const Facts *f, PathId value, PathId held, PathId key) {
    const Op *call = facts_call(f, value);
    return call && is_looked_up(f, call, held, key);
}

bool lacks_entry(const Graph *g, OpRef at, PathId held, PathId key) {
    const Facts *f = g->files[at.file].facts;
    ScopeId scope = f->regions[f->ops[at.op.i].region.i].scope;
    Guard q = {g, at.file, f, .kind = GUARD_LACKS_KEY, .held = held, .key = key};
    if (!key.i || stands_guarded(&q, at.op.i)) return key.i != 0;
    u32 first = MAX(f->scopes[scope.i].op_first, at.op.i - MIN(at.op.i, (u32)GUARD_OPS));
    for (u32 i = at.op.i; i-- > first;) {
        const Op *bind = &f->ops[i];
        if (bind->kind != OP_BIND || !is_found_by(f, bound_value(f, bind), held, key)) continue;
        Guard none = {g, at.file, f, .kind = GUARD_EMPTY, .held = op_path(bind)};
        return stands_guarded(&none, at.op.i);
    }
    return false;
}

/* The way out before an operation leaves the function, or the round of a loop that it is in. */
static bool is_left_before(const Facts *f, const Op *out, RegionId here) {
    if (!is_exit(out)) return false;
    if (out->kind == OP_RETURN || out->kind == OP_RAISE) return true;
    return region_is_within(f, here, loop_of_region(f, out->region));
}

/* The entry has been looked up before, and whatever was found leads to the store. */
static bool is_after_look(const Facts *f, u32 store) {
    const Op *op = &f->ops[store];
    PathId key = bound_key(f, op), held = f->paths[op->subject].parent;
    ScopeId scope = f->regions[op->region.i].scope;
    u32 since;
    if (!key.i || !is_steady(f, key, scope, &since)) return false;
    u32 first = MAX(MAX(f->scopes[scope.i].op_first, since), store - MIN(store, (u32)GUARD_OPS));
    for (u32 i = store; i-- > first;) {
        const Op *before = &f->ops[i];
        if (f->regions[before->region.i].scope.i != scope.i) continue;
        if (is_left_before(f, before, op->region)) return false;
        if (is_looked_up(f, before, held, key))
            return region_is_within(f, before->region, op->region);
    }
    return false;
}

bool empties_entry(const Graph *g, u32 file, u32 store, bool is_there) {
    const Facts *f = g->files[file].facts;
    if (!is_made_empty(g, file, bound_value(f, &f->ops[store]))) return false;
    return is_there || replaces_entry(g, file, store) || is_after_look(f, store);
}

/* ---- containers that a function has just made ---- */

/* `jobs = []`, `self.jobs = []`: the container that the variable or attribute is bound to anew, or
 * 0. */
static u32 made_anew(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    if (op->kind != OP_BIND && op->kind != OP_STORE) return 0;
    if (made_kind(g, file, bound_value(f, op)) == CONTAINER_OTHER) return 0;
    if (op->kind == OP_BIND)
        return map_get(&g->container_of, variable_key(file, facts_root_symbol(f, op_path(op))));
    Held h = held_by(g, file, op_path(op), RESOLVE_DEPTH);
    return f->paths[op->subject].kind == PATH_ATTR && !h.level && !h.more ? h.container : 0;
}

/* A loop that may go on for long is around the inner region and not around the outer. */
static bool goes_on_between(const Facts *f, RegionId inner, RegionId outer) {
    for (RegionId r = inner; r.i && r.i != outer.i; r = f->regions[r.i].parent) {
        const Region *loop = &f->regions[r.i];
        bool is_async = loop->flags & REGION_ASYNC;
        if (loop->kind == REGION_WHILE || (loop->kind == REGION_FOR && is_async)) return true;
    }
    return false;
}

bool is_made_anew(const Graph *g, OpRef op, u32 container) {
    const Facts *f = g->files[op.file].facts;
    RegionId here = f->ops[op.op.i].region;
    ScopeId scope = f->regions[here.i].scope;
    if (f->scopes[scope.i].kind != SCOPE_FUNCTION) return false;
    u32 first = MAX(f->scopes[scope.i].op_first, op.op.i - MIN(op.op.i, (u32)GUARD_OPS));
    for (u32 i = op.op.i; i-- > first;) {
        RegionId there = f->ops[i].region;
        if (made_anew(g, op.file, &f->ops[i]) == container && region_is_within(f, here, there))
            return !goes_on_between(f, here, there);
    }
    return false;
}

/* ---- functions that are called while it is empty ---- */

bool is_called_while_empty(const Graph *g, ScopeRef function, u32 container, u32 level) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    u32 asked = 0;
    if (scope_is_none(function) || fn->callers.n > GUARD_CALLERS) return false;
    if (fn->escapes || fn->is_value || fn->called_by_name || graph_users_may_call(g, function))
        return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        bool is_empty = !level && is_guarded(g, call.file, call.op.i, container, GUARD_EMPTY);
        if (!is_empty && !is_made_anew(g, call, container)) return false;
        asked++;
    }
    return asked != 0;
}

/* ---- forks ---- */

/* `os.getpid()`, or a local that is bound to it. */
static bool is_process_id(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, path).i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL &&
           str_is(graph_name_of(g, file, op_path(&f->ops[p->id])), "os.getpid");
}

bool graph_is_after_fork(const Graph *g, u32 file, OpId op) {
    const Facts *f = g->files[file].facts;
    RegionId r = f->ops[op.i].region;
    ScopeId scope = f->regions[r.i].scope;
    for (; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent)
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++) {
            const Op *test = &f->ops[t];
            if (test->kind != OP_TEST) continue;
            if (is_process_id(g, file, op_path(test)) ||
                is_process_id(g, file, op_operand(f, test, 0)))
                return true;
        }
    return false;
}
