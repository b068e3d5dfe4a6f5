/* Tests behind an addition that say that the entry is not there: `if key not in table: raise`. On
 * the branch that they open nothing is left behind, whatever was meant to be added. A getter of the
 * project that looks the table up under its parameter is asked like the table itself. */
#include "graph/guard.h"

/* Operations of a function, and getters inside one another, that are looked at. */
enum { ABSENT_OPS = 6000, GETTER_OPS = 400, GETTERS = 2 };

/* The table and its key, as one function sees them. */
typedef struct Look {
    const Graph *g;
    const Holding *h;
    u32 file;
    const Facts *f;
    ScopeId scope;
    PathId object;      /* that has the table as an attribute; none in a getter, which has `self` */
    SymbolId parameter; /* of a getter: what it is given as the key */
    const EntrySite *entry;             /* of the function that adds, else NULL */
    u32 from;                           /* what was looked up before says nothing */
    bool is_never_none, is_never_false; /* what the table has as values */
    u32 getters;
} Look;

/* ---- what is in the table ---- */

static bool is_false_literal(const Path *value) {
    return value->kind == PATH_LITERAL &&
           (value->flags == LITERAL_NONE || value->flags == LITERAL_FALSE);
}

/* `replies[key] = None` stands for what has not come yet: `None` says nothing of the key then. */
static void see_values(Look *l) {
    l->is_never_none = l->is_never_false = true;
    for (u32 i = 0; i < l->h->n_changes; i++) {
        const Change *c = &l->h->changes[i];
        const Facts *f = l->g->files[c->file].facts;
        PathId value = graph_alias_of(l->g, c->file, c->value);
        bool is_unset = str_is(c->how, "setdefault") && !c->value.i;
        if (c->level || (!c->value.i && !is_unset)) continue;
        if (is_unset || facts_is_none(f, value)) l->is_never_none = false;
        if (is_unset || is_false_literal(&f->paths[value.i]) || is_made_empty(l->g, c->file, value))
            l->is_never_false = false;
    }
}

/* ---- the table and the key ---- */

static bool is_table(const Look *l, PathId path) {
    if (l->h->container.i) {
        Held held = held_by(l->g, l->file, path, RESOLVE_DEPTH);
        return held.container == l->h->container.i && !held.level && !held.more &&
               !(held.flags & HELD_VIEW);
    }
    const Path *p = &l->f->paths[graph_alias_of(l->g, l->file, path).i];
    if (p->kind != PATH_ATTR ||
        !str_eq(facts_str(l->f, (StrId){p->id}), str_after_last(l->h->name, '.')))
        return false;
    if (l->entry) return p->parent.i == l->object.i;
    bool is_class;
    return l->f->paths[p->parent.i].kind == PATH_SYMBOL &&
           self_class(l->g, l->file, facts_root_symbol(l->f, p->parent), &is_class).i && !is_class;
}

static bool is_key(const Look *l, PathId path, u32 at) {
    if (!path.i) return false;
    if (!l->entry) {
        SymbolId s = facts_root_symbol(l->f, path);
        return l->f->paths[path.i].kind == PATH_SYMBOL && s.i == l->parameter.i &&
               !l->f->symbols[s.i].binds;
    }
    for (u32 i = 0; i < l->entry->n_keys; i++) {
        KeyRef key = {l->file, l->entry->keys[i]}, other = {l->file, path};
        bool is_same = path.i == key.path.i || graph_match_keys(l->g, key, other).kind == KEY_SAME;
        if (is_same && !is_bound_between(l->f, path, l->from, at)) return true;
    }
    return false;
}

/* ---- look-ups ---- */

static bool says_absent(const void *context, const Op *test, bool outcome);

/* `table.get(key)`, `table.get(key, None)` */
static bool is_plain_get(const Look *l, const Op *call, u32 at) {
    if (!str_is(facts_method(l->f, call), "get") || call->operands > 2) return false;
    PathId other = op_operand(l->f, call, 1);
    return (!other.i || facts_is_none(l->f, other)) && is_key(l, op_operand(l->f, call, 0), at) &&
           is_table(l, l->f->paths[call->subject].parent);
}

/* `table[key]`, which was read before. */
static bool is_element(const Look *l, PathId value, u32 at) {
    const Path *p = &l->f->paths[value.i];
    if (p->kind != PATH_ANY || !is_table(l, p->parent)) return false;
    for (u32 i = at; i-- > l->f->scopes[l->scope.i].op_first;)
        if (l->f->ops[i].kind == OP_LOAD && l->f->ops[i].subject == value.i)
            return is_key(l, bound_key(l->f, &l->f->ops[i]), at);
    return false;
}

/* `except KeyError: return None` */
static bool is_key_error(const Facts *f, OpId at, ScopeId scope) {
    static const char *const NAMES[] = {"KeyError", "LookupError"};
    RegionId r = f->ops[at.i].region;
    if (f->regions[r.i].kind != REGION_EXCEPT) return false;
    for (u32 i = at.i; i-- > f->scopes[scope.i].op_first;)
        if (f->ops[i].kind == OP_HANDLER && f->ops[i].region.i == r.i)
            return f->ops[i].operands == 1 &&
                   str_is_any(facts_last_name(f, op_operand(f, &f->ops[i], 0)), NAMES,
                              ARRAY_LEN(NAMES));
    return false;
}

static bool is_looked_up(const Look *l, PathId value, u32 at);

/* What the getter returns is the entry, or it has found that there is none. */
static bool returns_entry(const Look *l) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->scope.i];
    bool is_found = false;
    if (scope->op_end - scope->op_first > GETTER_OPS || scope->flags & SCOPE_GENERATOR)
        return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RETURN || f->regions[op->region.i].scope.i != l->scope.i) continue;
        PathId value = graph_alias_of(l->g, l->file, op_operand(f, op, 0));
        bool is_entry = op->operands && (is_looked_up(l, value, i) || is_element(l, value, i));
        is_found |= is_entry;
        if (!is_entry && !branch_says(f, (OpId){i}, says_absent, l) &&
            !is_key_error(f, (OpId){i}, l->scope))
            return false;
    }
    bool ends = graph_reaches_end(l->g, (ScopeRef){l->file, l->scope});
    return is_found && (!ends || end_says(f, l->scope, says_absent, l));
}

/* `return key in table`, in a function that is called as one that says so. */
static bool returns_whether(const Look *l) {
    static const char *const STARTS[] = {"contains", "exists", "has", "is_known", "knows"};
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->scope.i];
    Str name = str_public(facts_str(f, scope->name));
    bool is_named = false;
    for (u32 i = 0; i < ARRAY_LEN(STARTS); i++) is_named |= str_starts(name, STARTS[i]);
    const FunctionNode *fn =
        &l->g->functions[graph_function_id(l->g, (ScopeRef){l->file, l->scope})];
    if (!is_named || fn->n_returns != 1) return false;
    u32 at = fn->returns[0].i;
    const Path *p = &f->paths[op_operand(f, &f->ops[at], 0).i];
    const Op *compare = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    return compare && compare->kind == OP_COMPARE && compare->operands == 2 &&
           is_key(l, op_operand(f, compare, 0), at) && is_table(l, op_operand(f, compare, 1));
}

typedef bool Returns(const Look *getter);

/* The call is one of a function of the project that is given the key, and looks it up. */
static bool is_asked(const Look *l, u32 at, Returns *returns) {
    const Op *call = &l->f->ops[at];
    const Path *callee = &l->f->paths[call->subject];
    ClassId made = {0};
    u32 id = callee_function(l->g, l->file, call, &made);
    if (!id || made.i || l->getters >= GETTERS) return false;
    const FunctionNode *fn = &l->g->functions[id];
    ScopeRef getter = {fn->file, fn->scope};
    bool is_self = callee->kind == PATH_ATTR && fn->owner.i &&
                   (l->entry ? callee->parent.i == l->object.i
                             : l->f->paths[callee->parent.i].kind == PATH_SYMBOL);
    if ((!l->h->container.i && !is_self) || graph_is_overridden(l->g, getter)) return false;
    Look inner = *l;
    inner.file = fn->file;
    inner.f = l->g->files[fn->file].facts;
    inner.scope = fn->scope;
    inner.entry = NULL;
    inner.from = 0;
    inner.getters++;
    const Scope *scope = &inner.f->scopes[fn->scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        inner.parameter = inner.f->params[i].symbol;
        PathId argument = given_argument(l->g, (OpRef){l->file, {at}}, getter, inner.parameter);
        if (is_key(l, argument, at) && returns(&inner)) return true;
    }
    return false;
}

/* The value of a local at a place behind its last binding, or the path itself. */
static PathId value_at(const Look *l, PathId path, u32 at) {
    SymbolId s = facts_root_symbol(l->f, path);
    if (l->f->paths[path.i].kind != PATH_SYMBOL || l->f->symbols[s.i].scope.i != l->scope.i)
        return path;
    for (u32 i = at; i-- > MAX(l->from + 1, l->f->scopes[l->scope.i].op_first);) {
        const Op *op = &l->f->ops[i];
        if (op->kind != OP_BIND || facts_root_symbol(l->f, op_path(op)).i != s.i) continue;
        bool is_sure = region_is_within(l->f, l->f->ops[at].region, op->region);
        return is_sure ? bound_value(l->f, op) : path;
    }
    return path;
}

/* The value is what a look-up gave: the entry, or None. */
static bool is_looked_up(const Look *l, PathId value, u32 at) {
    PathId of = value_at(l, value, at);
    const Path *p = &l->f->paths[of.i];
    if (p->kind == PATH_OP && l->f->ops[p->id].kind == OP_AWAITED_VALUE)
        p = &l->f->paths[l->f->ops[p->id].subject];
    if (p->kind != PATH_OP || l->f->ops[p->id].kind != OP_CALL || p->id <= l->from) return false;
    return is_plain_get(l, &l->f->ops[p->id], at) || is_asked(l, p->id, returns_entry);
}

/* ---- tests ---- */

static bool says_absent(const void *context, const Op *test, bool outcome) {
    const Look *l = context;
    if (test->kind != OP_TEST) return false;
    u32 kind = test->flags & OP_LOW, at = (u32)(test - l->f->ops);
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    PathId asked = op_path(test), other = op_operand(l->f, test, 0);
    if (kind == TEST_IN) return !holds && is_key(l, asked, at) && is_table(l, other);
    if (kind == TEST_IS || kind == TEST_EQUAL)
        return holds && l->is_never_none && facts_is_none(l->f, other) &&
               is_looked_up(l, asked, at);
    if (holds || (kind != TEST_TRUTH && kind != TEST_CALL)) return false;
    const Path *p = &l->f->paths[value_at(l, asked, at).i];
    if (p->kind == PATH_OP && l->f->ops[p->id].kind == OP_AWAITED_VALUE)
        p = &l->f->paths[l->f->ops[p->id].subject];
    /* `if not add(key): raise`: the helper says that it has not */
    if (l->entry && l->entry->by_call && p->kind == PATH_OP && p->id == l->from) return true;
    bool is_call = p->kind == PATH_OP && l->f->ops[p->id].kind == OP_CALL && p->id > l->from;
    return (l->is_never_false && is_looked_up(l, asked, at)) ||
           (is_call && is_asked(l, p->id, returns_whether));
}

/* What the table is an attribute of, in the function that adds; none when that does not show. */
static PathId object_of(const Graph *g, const EntrySite *e) {
    const Facts *f = g->files[e->add.file].facts;
    const Path *p = &f->paths[f->ops[e->add.op.i].subject];
    if (e->by_call) return p->kind == PATH_ATTR && !e->added->by_other ? p->parent : (PathId){0};
    const Path *table = &f->paths[graph_alias_of(g, e->add.file, p->parent).i];
    return table->kind == PATH_ATTR ? table->parent : (PathId){0};
}

u32 entry_absences(const Graph *g, const Holding *h, const EntrySite *e, Impossible *out,
                   u32 most) {
    const Facts *f = g->files[e->add.file].facts;
    Look l = {.g = g, .h = h, .file = e->add.file, .f = f, .entry = e, .from = e->add.op.i};
    l.scope = f->regions[f->ops[l.from].region.i].scope;
    l.object = object_of(g, e);
    const Scope *scope = &f->scopes[l.scope.i];
    if (e->added->level || (!h->container.i && !l.object.i) ||
        scope->op_end - scope->op_first > ABSENT_OPS)
        return 0;
    see_values(&l);
    u32 n = 0;
    for (u32 i = l.from + 1; i < scope->op_end && n < most; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_TEST || f->regions[op->region.i].scope.i != l.scope.i) continue;
        bool if_true = says_absent(&l, op, true);
        if (if_true || says_absent(&l, op, false)) out[n++] = (Impossible){{i}, if_true};
    }
    return n;
}
