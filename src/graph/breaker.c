/* Which method lets go of what an attribute holds.
 *
 * A method lets go when every way through it passes a statement that empties the attribute, or a
 * call of a helper that has one. Two kinds of branches do not count as another way: those that ask
 * whether the attribute holds anything, and those that ask a flag which the method sets itself (`if
 * self._closed: return`), since they were passed the first time. */
#include "graph/spent.h"

/* Operations of one method and callers of one helper that a question looks at. */
enum { BREAKER_OPS = 4000, BREAKER_CALLERS = 64 };
/* Methods that override one another and call what they override. */
enum { OVERRIDES = 2 };
/* Classes that have an attribute of one name. */
enum { BREAKER_NAMESAKES = 4 };
/* Operations that one question looks at in all. */
enum { BREAKER_BUDGET = 200000 };

typedef struct Breaker {
    const Graph *g;
    ClassId class;
    Str attribute;
    const ClassId *family;
    u32 n_family;
    bool may_contain; /* by its kind: its methods add and remove elements */
    bool is_called;   /* only methods count that somebody outside of the family calls */
    u32 budget;
    ScopeRef best;
    OpRef where;
} Breaker;

/* False when the question has become too expensive: there is no answer then. */
static bool spend(Breaker *b, u32 ops) {
    b->budget -= MIN(b->budget, ops + 1);
    return b->budget != 0;
}

/* ---- the shape of a method ---- */

/* One step from a path towards an attribute of self: what its root is bound to, called on, or made
 * of. `elements`: also from a loop variable to what is iterated. */
static PathId behind(const Graph *g, u32 file, const Path *root, bool elements) {
    const Facts *f = g->files[file].facts;
    if (root->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[root->id].target.i];
        const Op *bind = &f->ops[s->bind.i];
        u32 kind = bind->flags & OP_LOW;
        bool followed =
            kind == BIND_ASSIGN || kind == BIND_WALRUS || (elements && kind == BIND_FOR);
        bool once = s->binds == 1 && !(s->flags & SYMBOL_PARAM) && bind->kind == OP_BIND;
        return once && followed ? bound_value(f, bind) : (PathId){0};
    }
    if (root->kind != PATH_OP) return (PathId){0};
    const Op *op = &f->ops[root->id];
    if (op->kind == OP_CHOICE || op->kind == OP_NOT) return op_operand(f, op, 0);
    bool is_bare_call = op->kind == OP_CALL && f->paths[op->subject].kind == PATH_SYMBOL;
    if (is_bare_call) return op_operand(f, op, 0); /* list(self.x) */
    return op->kind == OP_CALL || op->kind == OP_LOAD ? op_path(op) : (PathId){0};
}

/* The name x of `self.x`, `self.x.y`, `self.x.f()`, `len(self.x)` and a variable bound to one, or
 * none. `elements`: also of `self.x[i]` and of loop variables. */
static Str name_on_self(const Graph *g, u32 file, PathId path, bool elements) {
    const Facts *f = g->files[file].facts;
    for (u32 steps = 0; steps < RESOLVE_DEPTH && path.i; steps++) {
        const Path *p = &f->paths[path.i];
        for (; p->depth > 1; p = &f->paths[p->parent.i])
            if (p->kind != PATH_ATTR && !elements) return (Str){0};
        const Path *root = p->depth ? &f->paths[p->parent.i] : p;
        if (p->depth && p->kind != PATH_ATTR && !elements) return (Str){0};
        SymbolId owner = root->kind == PATH_SYMBOL ? f->symbols[root->id].target : (SymbolId){0};
        bool is_class;
        if (owner.i && p->kind == PATH_ATTR && self_class(g, file, owner, &is_class).i)
            return facts_str(f, (StrId){p->id});
        path = behind(g, file, root, elements);
    }
    return (Str){0};
}

/* Does the method set `self.<name>` to something: a flag that says that it has run? */
static bool sets_flag(Breaker *b, ScopeRef method, Str name) {
    const Graph *g = b->g;
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + BREAKER_OPS);
    if (!spend(b, end - scope->op_first)) return false;
    for (u32 i = scope->op_first; i < end; i++) {
        const Op *op = &f->ops[i];
        const Path *subject = &f->paths[op->subject];
        bool stores = op->kind == OP_STORE && subject->kind == PATH_ATTR && subject->depth == 1;
        bool calls_set = op->kind == OP_CALL && subject->kind == PATH_ATTR &&
                         str_is(facts_str(f, (StrId){subject->id}), "set");
        if (!stores && !calls_set) continue;
        if (str_eq(name_on_self(g, method.file, op_path(op), false), name)) return true;
    }
    return false;
}

/* `self.is_closed()`, or a property: the attribute that the method returns and nothing else, or of
 * which it tells whether it is None, or the name itself. */
static Str asked_through(Breaker *b, Str name) {
    Member m = graph_member(b->g, b->class, hash_str(name));
    bool is_method = m.kind == MEMBER_METHOD || m.kind == MEMBER_PROPERTY;
    u32 id = is_method ? function_id(b->g, m.function.file, m.function.scope) : 0;
    const FunctionNode *fn = &b->g->functions[id];
    if (!id || fn->n_returns != 1) return name;
    const Facts *f = b->g->files[fn->file].facts;
    PathId value = op_operand(f, &f->ops[fn->returns[0].i], 0);
    const Path *p = &f->paths[value.i];
    const Op *compare = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (compare->kind == OP_COMPARE && compare->operands == 2) { /* `self.x is not None` */
        const Path *other = &f->paths[op_operand(f, compare, 1).i];
        if (other->kind == PATH_LITERAL && other->flags == LITERAL_NONE)
            value = op_operand(f, compare, 0);
    }
    Str attribute = name_on_self(b->g, fn->file, value, false);
    return attribute.n ? attribute : name;
}

/* Does the test ask for the attribute itself, or for a flag of the method's own? `leaves`: what it
 * guards is an exit; a state that is compared is a flag there (`if self.state == CLOSED: return`),
 * and a counter elsewhere. */
static bool is_harmless_test(Breaker *b, ScopeRef method, const Op *test, bool leaves) {
    const Facts *f = b->g->files[method.file].facts;
    u32 kind = test->flags & OP_LOW;
    Str name = name_on_self(b->g, method.file, op_path(test), false);
    const Path *asked = &f->paths[op_operand(f, test, 0).i];
    if (kind == TEST_HAS && asked->kind == PATH_LITERAL)
        name = facts_str(f, (StrId){asked->id}); /* hasattr(self, "x") */
    if (!name.n) return false;
    if (kind == TEST_CALL || kind == TEST_TRUTH) name = asked_through(b, name);
    if (str_eq(name, b->attribute)) return true;
    bool is_flag = kind == TEST_TRUTH || kind == TEST_IS || kind == TEST_CALL || kind == TEST_HAS;
    if (!is_flag && !(leaves && (kind == TEST_EQUAL || kind == TEST_IN))) return false;
    return sets_flag(b, method, name);
}

/* A branch none of whose tests depends on anything else. */
static bool is_harmless_branch(Breaker *b, ScopeRef method, RegionId region, bool leaves) {
    const Facts *f = b->g->files[method.file].facts;
    RegionId group = f->regions[region.i].group;
    const Region *r = &f->regions[group.i ? group.i : region.i];
    u32 tests = 0;
    for (u32 i = r->test_first; i < r->test_end; i++) {
        if (f->ops[i].kind != OP_TEST) continue;
        if (!is_harmless_test(b, method, &f->ops[i], leaves)) return false;
        tests++;
    }
    return tests != 0;
}

/* A loop that goes on until the attribute is empty, or over its elements. */
static bool is_loop_over(Breaker *b, ScopeRef method, RegionId region) {
    const Facts *f = b->g->files[method.file].facts;
    const Region *r = &f->regions[region.i];
    if (r->kind == REGION_WHILE) {
        for (u32 i = r->test_first; i < r->test_end; i++)
            if (str_eq(name_on_self(b->g, method.file, op_path(&f->ops[i]), true), b->attribute))
                return true;
        return false;
    }
    const Scope *scope = &f->scopes[method.scope.i];
    if (!spend(b, BREAKER_OPS)) return false;
    for (u32 i = scope->op_first; i < MIN(scope->op_end, scope->op_first + BREAKER_OPS); i++) {
        const Op *op = &f->ops[i];
        if (op->region.i == region.i) return false;
        if (op->kind != OP_ITERATE || op->region.i != r->parent.i) continue;
        if (op->span.start < r->span.start || op->span.end > r->span.end) continue;
        return str_eq(name_on_self(b->g, method.file, op_path(op), true), b->attribute);
    }
    return false;
}

static bool is_passed(Breaker *b, ScopeRef method, RegionId region, bool drains) {
    switch (b->g->files[method.file].facts->regions[region.i].kind) {
    case REGION_BODY:
    case REGION_WITH:
    case REGION_TRY:
    case REGION_TRY_ELSE:
    case REGION_FINALLY:
        return true;
    case REGION_IF:
    case REGION_ELSE:
        return is_harmless_branch(b, method, region, false);
    case REGION_FOR:
    case REGION_WHILE:
        return drains && is_loop_over(b, method, region);
    default:
        return false;
    }
}

/* Does every way through the method that does not raise pass the operation? `drains`: it takes one
 * element, so that it has to stand in a loop. */
static bool is_on_every_path(Breaker *b, ScopeRef method, OpId at, bool drains) {
    const Facts *f = b->g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    bool loops = false;
    RegionId finally = {0};
    for (RegionId r = f->ops[at.i].region; r.i; r = f->regions[r.i].parent) {
        const Region *region = &f->regions[r.i];
        if (region->scope.i != method.scope.i) return false;
        if (!is_passed(b, method, r, drains)) return false;
        loops |= region->kind == REGION_FOR || region->kind == REGION_WHILE;
        if (region->kind == REGION_FINALLY) finally = region->group;
        if (r.i == scope->region.i) break;
    }
    if ((drains && !loops) || at.i - scope->op_first > BREAKER_OPS) return false;
    if (!spend(b, at.i - scope->op_first)) return false;
    for (u32 i = scope->op_first; i < at.i; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RETURN || op->flags & OP_IMPLICIT) continue;
        if (f->regions[op->region.i].scope.i != method.scope.i) continue;
        if (finally.i && region_is_within(f, op->region, finally)) continue;
        RegionId r = op->region;
        while (f->regions[r.i].kind == REGION_WITH || f->regions[r.i].kind == REGION_TRY)
            r = f->regions[r.i].parent;
        if (!is_harmless_branch(b, method, r, true)) return false;
    }
    return true;
}

/* ---- statements ---- */

static bool is_empty_value(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_LITERAL) return true;
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_LIST || op->kind == OP_DICT || op->kind == OP_SET || op->kind == OP_TUPLE)
        return !op->operands;
    if (op->kind != OP_CALL) return false;
    u32 positional = 0;
    for (u32 i = 0; i < op->operands; i++)
        positional += operand_kind(f->operands[op->operand + i]) != OPERAND_KEYWORD;
    Str name = graph_name_of(g, file, op_path(op));
    const ConstructorRow *row = know_constructor_row(name);
    if (row) return positional == 0 || (row->made == MADE_DEFAULTDICT && positional == 1);
    ClassId made;
    callee_function(g, file, op, &made);
    return !op->operands && made.i; /* a new instance that was given nothing */
}

static bool is_whole_slice(const Facts *f, PathId key) {
    const Path *p = &f->paths[key.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_SLICE && !f->ops[p->id].operands;
}

typedef enum Letting { LETS_NOTHING, LETS_GO, LETS_ONE, FILLS } Letting;

static Letting method_lets(Breaker *b, const Touch *t, const Op *op) {
    const Graph *g = b->g;
    const Facts *f = g->files[t->file].facts;
    const Path *callee = &f->paths[graph_alias_of(g, t->file, op_path(op)).i];
    if (callee->kind != PATH_ATTR) return LETS_NOTHING;
    const MethodRow *row = know_method(facts_str(f, (StrId){callee->id}));
    if (!row) return LETS_NOTHING;
    if (row->effect == METHOD_ADDS) return FILLS;
    /* of an event, or of a project class: who knows what a method of that name does */
    if (row->effect != METHOD_REMOVES || !b->may_contain) return LETS_NOTHING;
    return row->flags & METHOD_ALL ? LETS_GO : LETS_ONE;
}

static Letting touch_lets(Breaker *b, const Touch *t) {
    const Graph *g = b->g;
    const Facts *f = g->files[t->file].facts;
    const Op *op = &f->ops[t->op.i];
    if (t->level || t->flags & (TOUCH_VIEW | TOUCH_CLASS | TOUCH_VALUE)) return LETS_NOTHING;
    switch ((TouchKind)t->kind) {
    case TOUCH_SET:
        return is_empty_value(g, t->file, bound_value(f, op)) ? LETS_GO : FILLS;
    case TOUCH_DELETE:
        return LETS_GO;
    case TOUCH_ITEM_DELETE:
        return is_whole_slice(f, bound_key(f, op)) ? LETS_GO : LETS_ONE;
    case TOUCH_ITEM_SET:
        return is_whole_slice(f, bound_key(f, op)) && is_empty_value(g, t->file, bound_value(f, op))
                   ? LETS_GO
                   : FILLS;
    case TOUCH_METHOD:
        return method_lets(b, t, op);
    case TOUCH_AUGMENT:
        return FILLS;
    default:
        return LETS_NOTHING;
    }
}

/* Is the attribute filled again in the method after the operation? */
static bool is_refilled(Breaker *b, ScopeRef method, OpId after) {
    const Scope *scope = &b->g->files[method.file].facts->scopes[method.scope.i];
    ClassId owner = b->g->functions[function_id(b->g, method.file, method.scope)].owner;
    u32 n, low = 0;
    const Touch *touches = touches_of(b->g, owner, hash_str(b->attribute), &n);
    for (u32 high = n; low < high;) { /* the first after the operation */
        const Touch *t = &touches[low + (high - low) / 2];
        bool before = t->file < method.file || (t->file == method.file && t->op.i <= after.i);
        if (before)
            low += (high - low) / 2 + 1;
        else
            high = low + (high - low) / 2;
    }
    for (u32 i = low; i < n && spend(b, 1); i++) {
        const Touch *t = &touches[i];
        if (t->file != method.file || t->op.i >= scope->op_end) return false;
        if (touch_lets(b, t) == FILLS) return true;
    }
    return false;
}

/* ---- who can be called ---- */

static bool has_public_name(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    Str name = facts_str(f, f->scopes[method.scope.i].name);
    return !str_starts(name, "_") || str_is(name, "__exit__") || str_is(name, "__aexit__");
}

static bool is_in_family(Breaker *b, ClassId c) {
    for (u32 i = 0; i < b->n_family; i++)
        if (b->family[i].i == c.i) return true;
    return false;
}

/* The method of the family that directly holds an operation, or none. */
static ScopeRef method_of_op(Breaker *b, u32 file, OpId op) {
    const Facts *f = b->g->files[file].facts;
    ScopeRef method = {file, f->regions[f->ops[op.i].region.i].scope};
    u32 fn = function_id(b->g, file, method.scope);
    if (!fn || b->g->functions[fn].kind != METHOD_INSTANCE) return (ScopeRef){0};
    return is_in_family(b, b->g->functions[fn].owner) ? method : (ScopeRef){0};
}

/* A nearer class has a method of the same name: on the instances that are asked about this one runs
 * only when that one calls it. */
static bool is_overridden(Breaker *b, ScopeRef method) {
    const Facts *f = b->g->files[method.file].facts;
    u64 name = name_hash(f, f->scopes[method.scope.i].name);
    ClassId owner = b->g->functions[function_id(b->g, method.file, method.scope)].owner;
    const ClassNode *node = &b->g->classes[b->class.i];
    u32 at = 0;
    while (at < node->n_mro && node->mro[at].i != owner.i) at++;
    if (at == node->n_mro) return false; /* a subclass */
    for (u32 i = 0; i < at; i++)
        if (member_of(b->g, node->mro[i], name).i) return true;
    return false;
}

bool is_called_outside(const Graph *g, const ClassId *classes, u32 n, ScopeRef method) {
    const FunctionNode *fn = &g->functions[function_id(g, method.file, method.scope)];
    for (u32 i = 0; i < fn->callers.n && i < BREAKER_CALLERS; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        ScopeId s = facts_enclosing(f, f->regions[f->ops[call.op.i].region.i].scope, SCOPE_CLASS);
        ClassId of = s.i ? graph_class_of_scope(g, (ScopeRef){call.file, s}) : (ClassId){0};
        bool is_relative = false;
        for (u32 k = 0; of.i && k < n && !is_relative; k++) is_relative = classes[k].i == of.i;
        if (!g->files[call.file].is_test && !is_relative) return true;
    }
    return false;
}

/* A private method counts when one who owns the object calls it: `self._proxy._detach()` in another
 * class. */
static bool is_offered(Breaker *b, ScopeRef method) {
    return (!b->is_called && has_public_name(b->g, method)) ||
           is_called_outside(b->g, b->family, b->n_family, method);
}

static void offer(Breaker *b, ScopeRef method, OpRef where) {
    bool is_first = scope_is_none(b->best) || method.file < b->best.file ||
                    (method.file == b->best.file && method.scope.i < b->best.scope.i);
    if (!is_first) return;
    b->best = method;
    b->where = where;
}

/* `Base.close(self)`, `super().close()`, `self._close()`: it runs on the same object. */
static bool is_on_same_object(Breaker *b, OpRef call) {
    const Facts *f = b->g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    const Path *callee = &f->paths[op->subject];
    if (callee->kind != PATH_ATTR) return false;
    if (f->paths[callee->parent.i].kind == PATH_OP) return true; /* super() */
    Str name = facts_str(f, (StrId){callee->id});
    if (callee->depth != 1) return false;
    if (str_eq(name_on_self(b->g, call.file, op_path(op), false), name)) return true;
    ScopeRef base = graph_definition_of(b->g, call.file, callee->parent);
    bool is_class;
    return op->operands && !scope_is_none(base) &&
           is_in_family(b, graph_class_of_scope(b->g, base)) &&
           self_class(b->g, call.file, facts_root_symbol(f, op_operand(f, op, 0)), &is_class).i;
}

static void offer_callers_of(Breaker *b, u32 fn, OpRef where, u32 depth);

/* A method that users call, and that makes the call on every path; or the one that overrides it and
 * calls it. */
static void offer_caller(Breaker *b, OpRef call, OpRef where, u32 depth) {
    ScopeRef method = method_of_op(b, call.file, call.op);
    if (scope_is_none(method) || !is_on_same_object(b, call)) return;
    if (b->is_called ? !is_offered(b, method) : !has_public_name(b->g, method)) return;
    if (!is_on_every_path(b, method, call.op, false) || is_refilled(b, method, call.op)) return;
    if (!is_overridden(b, method))
        offer(b, method, where);
    else if (depth)
        offer_callers_of(b, function_id(b->g, method.file, method.scope), where, depth - 1);
}

static void offer_callers_of(Breaker *b, u32 fn, OpRef where, u32 depth) {
    const FunctionNode *node = &b->g->functions[fn];
    for (u32 i = 0; i < node->callers.n && i < BREAKER_CALLERS; i++)
        offer_caller(b, node->callers.v[i], where, depth);
}

/* Those who call the helper, or the method of a base that it overrides: `self._cleanup()` in
 * `cleanup()` of the base. */
static void offer_callers(Breaker *b, ScopeRef helper, OpRef where) {
    u32 fn = function_id(b->g, helper.file, helper.scope);
    offer_callers_of(b, fn, where, OVERRIDES);
    const ClassNode *node = &b->g->classes[b->g->functions[fn].owner.i];
    const Facts *f = b->g->files[helper.file].facts;
    u64 name = name_hash(f, f->scopes[helper.scope.i].name);
    if (is_overridden(b, helper)) return;
    for (u32 i = 1; i < node->n_mro && spend(b, 1); i++) {
        Member m = member_of(b->g, node->mro[i], name).i ? graph_member(b->g, node->mro[i], name)
                                                         : (Member){0};
        if (m.kind == MEMBER_METHOD)
            offer_callers_of(b, function_id(b->g, m.function.file, m.function.scope), where,
                             OVERRIDES);
    }
}

/* A method that lets go at the operation: the one in which it stands, or one that calls that.
 * `drains`: it takes one element. */
static void look_at(Breaker *b, OpRef where, bool drains) {
    ScopeRef method = method_of_op(b, where.file, where.op);
    if (scope_is_none(method)) return;
    const Facts *f = b->g->files[method.file].facts;
    Str name = facts_str(f, f->scopes[method.scope.i].name);
    if (str_is(name, "__init__") || str_is(name, "__del__")) return;
    if (!is_on_every_path(b, method, where.op, drains)) return;
    if (is_refilled(b, method, where.op)) return;
    if (is_offered(b, method) && !is_overridden(b, method)) offer(b, method, where);
    offer_callers(b, method, where);
}

static void look_at_touches(Breaker *b, const Touch *touches, u32 n) {
    for (u32 i = 0; i < n && spend(b, 1); i++) {
        const Touch *t = &touches[i];
        Letting lets = touch_lets(b, t);
        if (t->flags & TOUCH_OTHER || (lets != LETS_GO && lets != LETS_ONE)) continue;
        look_at(b, (OpRef){t->file, t->op}, lets == LETS_ONE);
    }
}

/* Fills the class, its family and what its attribute may be. */
static bool begin(Breaker *b, ClassId *family) {
    b->family = family;
    b->budget = BREAKER_BUDGET;
    if (!b->class.i) return false;
    b->n_family = family_of(b->g, b->class, family);
    AttributeKind kind = attribute_kind(b->g, b->class, b->attribute);
    b->may_contain = kind == ATTRIBUTE_UNKNOWN || kind == ATTRIBUTE_CONTAINER;
    return true;
}

u32 graph_attribute_clearings(const Graph *g, ClassId c, Str attribute) {
    ClassId family[FAMILY_MAX];
    Breaker b = {.g = g, .class = c, .attribute = attribute};
    ScopeRef last = {0};
    u32 found = 0;
    if (!begin(&b, family)) return 0;
    for (u32 i = 0; i < b.n_family; i++) {
        u32 n;
        const Touch *touches = touches_of(g, family[i], hash_str(attribute), &n);
        for (u32 k = 0; k < n && spend(&b, 1); k++) {
            const Touch *t = &touches[k];
            if (t->flags & TOUCH_OTHER || touch_lets(&b, t) != LETS_GO) continue;
            ScopeRef method = method_of_op(&b, t->file, t->op);
            const Facts *f = g->files[method.file].facts;
            Str name = facts_str(f, f->scopes[method.scope.i].name);
            bool is_same = last.file == method.file && last.scope.i == method.scope.i;
            if (scope_is_none(method) || is_same || str_is(name, "__init__") ||
                str_is(name, "__del__") || is_refilled(&b, method, t->op))
                continue;
            last = method;
            found++;
        }
    }
    return found;
}

ScopeRef graph_attribute_breaker(const Graph *g, ClassId c, Str attribute, OpRef *where) {
    ClassId family[FAMILY_MAX];
    Breaker b = {.g = g, .class = c, .attribute = attribute};
    *where = (OpRef){0};
    if (!begin(&b, family)) return b.best;
    u64 names[2] = {hash_str(attribute), hash_str(STR("__dict__"))};
    for (u32 i = 0; i < b.n_family; i++)
        for (u32 k = 0; k < ARRAY_LEN(names); k++) {
            u32 n;
            const Touch *touches = touches_of(g, family[i], names[k], &n);
            look_at_touches(&b, touches, n);
        }
    if (!b.budget) return (ScopeRef){0};
    *where = b.where;
    return b.best;
}

static ScopeRef breaker_at(Breaker *b, OpRef where, bool drains) {
    ClassId family[FAMILY_MAX];
    if (begin(b, family)) look_at(b, where, drains);
    return b->budget ? b->best : (ScopeRef){0};
}

ScopeRef graph_breaker_at(const Graph *g, ClassId c, Str attribute, OpRef where, bool drains) {
    return breaker_at(&(Breaker){.g = g, .class = c, .attribute = attribute}, where, drains);
}

ScopeRef called_breaker_at(const Graph *g, ClassId c, Str attribute, OpRef where) {
    Breaker b = {.g = g, .class = c, .attribute = attribute, .is_called = true};
    return breaker_at(&b, where, false);
}

/* Somebody gives the attribute a value, tests left out. */
static bool is_given_value(const Graph *g, const Touched *t) {
    for (u32 i = 0; i < t->n; i++) {
        const Touch *touch = &g->touches[t->first + i];
        if (touch->kind == TOUCH_SET && !touch->level && !g->files[touch->file].is_test)
            return true;
    }
    return false;
}

ScopeRef graph_breaker_named(const Graph *g, Str attribute) {
    ScopeRef breaker = {0};
    u32 left = BREAKER_NAMESAKES;
    for (u32 id = map_get(&g->touched_named, hash_str(attribute)); id;
         id = g->touched[id].next_of_name) {
        OpRef where;
        if (!is_given_value(g, &g->touched[id])) continue;
        if (!left--) return (ScopeRef){0};
        breaker = graph_attribute_breaker(g, g->touched[id].owner, attribute, &where);
        if (scope_is_none(breaker)) return breaker;
    }
    return breaker;
}
