/* What the arguments of a call, and the defaults of those that it leaves out, say of the branches
 * in what it calls: `register(f)` of `def register(f, persist=False)` passes by what stands under
 * `if persist:`. Only constants say anything, and only of parameters that keep their value. */
#include "graph/argued.h"

enum { ARGUED_OPS = 2000, ARGUED_STEPS = 4, ARGUED_CALLS = 32 };

/* ---- what a parameter is ---- */

static bool keeps_value(const Facts *f, SymbolId parameter) {
    const Symbol *s = &f->symbols[parameter.i];
    return s->flags & SYMBOL_PARAM && !s->binds && !is_bound_elsewhere(f, parameter);
}

/* What the call gives for it, in *file; its default when that is nothing; 0 when nobody can tell.
 */
static PathId given_or_default(const Graph *g, const CallLink *link, SymbolId parameter,
                               u32 *file) {
    const Facts *f = g->files[link->function.file].facts;
    const Facts *from = g->files[link->call.file].facts;
    bool is_own = f->symbols[parameter.i].scope.i == link->function.scope.i;
    const Param *p = is_own ? facts_param(f, parameter) : NULL;
    bool is_plain = p && p->kind != PARAM_STAR && p->kind != PARAM_DOUBLE_STAR;
    if (!is_plain || !keeps_value(f, parameter)) return (PathId){0};
    if (call_has_spread(from, &from->ops[link->call.op.i])) return (PathId){0};
    PathId given = given_argument(g, link->call, link->function, parameter);
    *file = given.i ? link->call.file : link->function.file;
    return given.i ? given : p->fallback;
}

/* A caller may hand on its own parameter. */
static Constant constant_of(const Graph *g, const CallLink *link, SymbolId parameter) {
    for (u32 steps = 0; link && steps < ARGUED_STEPS; steps++, link = link->up) {
        u32 file = 0;
        PathId value = given_or_default(g, link, parameter, &file);
        const Facts *f = g->files[file].facts;
        const Path *p = &f->paths[value.i];
        if (!value.i) break;
        if (p->kind == PATH_LITERAL) return (Constant){f, p};
        bool is_handed_on = p->kind == PATH_SYMBOL && file == link->call.file;
        parameter = is_handed_on ? f->symbols[p->id].target : (SymbolId){0};
        if (!parameter.i || !link->up) break;
    }
    return (Constant){0};
}

static bool is_literal_by(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (p->kind == PATH_LITERAL) return true;
    if (!s.i || !depth || !keeps_value(f, s)) return false;
    ScopeRef function = {file, f->symbols[s.i].scope};
    const FunctionNode *fn = &g->functions[function_id(g, file, function.scope)];
    if (fn->callers.n > ARGUED_CALLS || graph_users_may_call(g, function)) return false;
    u32 seen = 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        CallLink link = {NULL, fn->callers.v[i], function};
        u32 at = 0;
        if (g->files[link.call.file].is_test) continue;
        PathId given = given_or_default(g, &link, s, &at);
        if (!given.i || !is_literal_by(g, at, given, depth - 1)) return false;
        seen++;
    }
    const Param *own = facts_param(f, s);
    bool has_literal = own && own->fallback.i && f->paths[own->fallback.i].kind == PATH_LITERAL;
    return seen || (fn->called_by_name && has_literal);
}

bool is_always_literal(const Graph *g, u32 file, PathId path) {
    return is_literal_by(g, file, path, ARGUED_STEPS);
}

/* ---- what a test says of it ---- */

Outcome truth_of(const Constant *c) {
    Str text = facts_str(c->f, (StrId){c->literal->id});
    switch (c->literal->flags) {
    case LITERAL_NONE:
    case LITERAL_FALSE:
        return OUTCOME_FALSE;
    case LITERAL_TRUE:
    case LITERAL_ELLIPSIS:
        return OUTCOME_TRUE;
    case LITERAL_INT:
        return text.n == 1 ? outcome_of(text.p[0] != '0') : OUTCOME_UNKNOWN;
    case LITERAL_STRING:
    case LITERAL_BYTES:
        return outcome_of(text.n > 0);
    default:
        return OUTCOME_UNKNOWN;
    }
}

static bool is_name_like(u32 literal) {
    return literal == LITERAL_NONE || literal == LITERAL_TRUE || literal == LITERAL_FALSE;
}

Outcome constant_equals(const Constant *c, const Facts *f, PathId other) {
    const Path *o = &f->paths[other.i];
    u32 kind = c->literal->flags;
    if (o->kind != PATH_LITERAL) return OUTCOME_UNKNOWN;
    if (is_name_like(kind) && is_name_like(o->flags)) return outcome_of(kind == o->flags);
    if (kind == LITERAL_NONE || o->flags == LITERAL_NONE) return OUTCOME_FALSE;
    if (kind != o->flags || kind != LITERAL_STRING) return OUTCOME_UNKNOWN;
    Str a = facts_str(c->f, (StrId){c->literal->id}), b = facts_str(f, (StrId){o->id});
    bool is_whole = a.n < FACTS_LITERAL_MAX && b.n < FACTS_LITERAL_MAX;
    return is_whole ? outcome_of(str_eq(a, b)) : OUTCOME_UNKNOWN;
}

static Outcome outcome_of_test(const Graph *g, const CallLink *link, const Op *test) {
    const Facts *f = g->files[link->function.file].facts;
    const Path *p = &f->paths[test->subject];
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (test->kind != OP_TEST || !s.i || f->symbols[s.i].scope.i != link->function.scope.i)
        return OUTCOME_UNKNOWN;
    Constant c = constant_of(g, link, s);
    Outcome outcome = OUTCOME_UNKNOWN;
    u32 kind = test->flags & OP_LOW;
    if (!c.literal) return OUTCOME_UNKNOWN;
    if (kind == TEST_TRUTH) outcome = truth_of(&c);
    if (kind == TEST_IS || kind == TEST_EQUAL)
        outcome = constant_equals(&c, f, op_operand(f, test, 0));
    if (outcome == OUTCOME_UNKNOWN || !(test->flags & OP_NEGATED)) return outcome;
    return outcome == OUTCOME_TRUE ? OUTCOME_FALSE : OUTCOME_TRUE;
}

/* ---- branches ---- */

/* Is the branch entered? Of tests that are joined by `or` one is enough. */
static Outcome is_entered(const Graph *g, const CallLink *link, const Region *r) {
    const Facts *f = g->files[link->function.file].facts;
    Outcome needed = outcome_of(!(r->flags & REGION_NEGATED));
    bool is_joined = is_conjunction(f, r, needed == OUTCOME_TRUE);
    u32 hold = 0, fail = 0, n = 0;
    for (u32 i = r->test_first; i < r->test_end; i++) {
        if (f->ops[i].kind != OP_TEST) continue;
        Outcome outcome = outcome_of_test(g, link, &f->ops[i]);
        n++;
        hold += outcome == needed;
        fail += outcome != OUTCOME_UNKNOWN && outcome != needed;
    }
    if (!n) return OUTCOME_UNKNOWN;
    if (fail == n || (is_joined && fail)) return OUTCOME_FALSE;
    return hold == n ? OUTCOME_TRUE : OUTCOME_UNKNOWN;
}

static bool is_leaving(const Op *op) {
    return op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_CONTINUE ||
           op->kind == OP_BREAK;
}

/* `if not persist: return` before it, in a block that the operation is in, too. */
static bool is_left_before(const Graph *g, const CallLink *link, OpId at) {
    const Facts *f = g->files[link->function.file].facts;
    ScopeId scope = link->function.scope;
    u32 first = MAX(f->scopes[scope.i].op_first, at.i - MIN(at.i, (u32)ARGUED_OPS));
    for (u32 i = first; i < at.i; i++) {
        RegionId left = f->ops[i].region;
        const Region *r = &f->regions[left.i];
        bool is_branch = r->kind == REGION_IF || r->kind == REGION_ELSE;
        if (!is_leaving(&f->ops[i]) || !is_branch || r->scope.i != scope.i) continue;
        if (region_is_within(f, f->ops[at.i].region, left)) continue;
        if (region_is_within(f, f->ops[at.i].region, r->parent) &&
            is_entered(g, link, r) == OUTCOME_TRUE)
            return true;
    }
    return false;
}

bool call_passes_by(const Graph *g, const CallLink *link, OpId at) {
    const Facts *f = g->files[link->function.file].facts;
    ScopeId scope = link->function.scope;
    RegionId r = f->ops[at.i].region;
    const Scope *s = &f->scopes[scope.i];
    if (f->regions[r.i].scope.i != scope.i || s->param_first == s->param_end) return false;
    for (; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent)
        if (is_entered(g, link, &f->regions[r.i]) == OUTCOME_FALSE) return true;
    return is_left_before(g, link, at);
}

bool graph_is_passed_by(const Graph *g, OpRef at) {
    const Facts *f = g->files[at.file].facts;
    ScopeRef function = {at.file,
                         enclosing_function(f, f->regions[f->ops[at.op.i].region.i].scope)};
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    if (!function.scope.i || fn->escapes || fn->called_by_name) return false;
    if (graph_users_may_call(g, function)) return false;
    u32 seen = 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        CallLink link = {NULL, fn->callers.v[i], function};
        if (g->files[link.call.file].is_test) continue;
        if (graph_callee(g, link.call.file, link.call.op).is_unbound) return false;
        if (!call_passes_by(g, &link, at.op)) return false;
        seen++;
    }
    return seen > 0;
}

/* ---- what stands in for an argument that is left out ---- */

/* The parameter of the function that the region asks for, and which is not there, or 0. */
static SymbolId missing_parameter(const Facts *f, ScopeId function, const Region *r) {
    if (r->test_end != r->test_first + 1) return (SymbolId){0};
    const Op *test = &f->ops[r->test_first];
    const Path *p = &f->paths[test->subject];
    if (test->kind != OP_TEST || p->kind != PATH_SYMBOL) return (SymbolId){0};
    SymbolId s = f->symbols[p->id].target;
    bool is_own = s.i && f->symbols[s.i].scope.i == function.i;
    if (!is_own || !(f->symbols[s.i].flags & SYMBOL_PARAM)) return (SymbolId){0};
    bool is_inverted = !(test->flags & OP_NEGATED) != !(r->flags & REGION_NEGATED);
    if ((test->flags & OP_LOW) == TEST_TRUTH) return is_inverted ? s : (SymbolId){0};
    const Path *other = &f->paths[op_operand(f, test, 0).i];
    bool is_none = (test->flags & OP_LOW) == TEST_IS && other->kind == PATH_LITERAL &&
                   other->flags == LITERAL_NONE;
    return is_none && !is_inverted ? s : (SymbolId){0};
}

/* Code of the project gives it something. */
static bool is_given_by_callers(const Graph *g, ScopeRef function, SymbolId parameter) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    for (u32 i = 0; i < fn->callers.n && i < ARGUED_OPS; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        PathId given = given_argument(g, call, function, parameter);
        if (given.i && g->files[call.file].facts->paths[given.i].kind != PATH_LITERAL) return true;
    }
    return false;
}

bool graph_stands_in(const Graph *g, OpRef at) {
    const Facts *f = g->files[at.file].facts;
    RegionId r = f->ops[at.op.i].region;
    ScopeRef function = {at.file, f->regions[r.i].scope};
    if (f->scopes[function.scope.i].kind != SCOPE_FUNCTION) return false;
    for (; r.i && f->regions[r.i].scope.i == function.scope.i; r = f->regions[r.i].parent) {
        SymbolId parameter = missing_parameter(f, function.scope, &f->regions[r.i]);
        if (parameter.i && is_given_by_callers(g, function, parameter)) return true;
    }
    return false;
}
