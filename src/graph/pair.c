/* Functions that add to a container and take the same out again, themselves or by a helper for each
 * of the two, and the ways on which they do not come to the second. */
#include "graph/guard.h"

#include <stdlib.h>

/* Changes of one container, callers of one helper, and removals of one function that are compared.
 */
enum { CHANGES_MAX = 64, CALLERS_MAX = 64, REMOVALS_MAX = 16, TESTS_MAX = 16 };

/* A change as one function sees it: its own statement, or the call of a helper. */
typedef struct Site {
    ScopeRef function;
    OpId op;
    const Change *change;
    bool by_call;
} Site;

typedef struct Sites {
    VEC(Site) list;
} Sites;

typedef struct Pairs {
    const Graph *g;
    const Holding *h;
    Arena *arena;
    Sites added, removed;
    VEC(Pairing) out;
} Pairs;

/* ---- sites ---- */

static ScopeRef function_around(const Graph *g, OpRef at) {
    const Facts *f = g->files[at.file].facts;
    return (ScopeRef){at.file, f->regions[f->ops[at.op.i].region.i].scope};
}

static void add_callers(Pairs *p, const Change *c, Sites *out) {
    u32 id = graph_function_id(p->g, c->function);
    const FunctionNode *fn = &p->g->functions[id];
    if (!id || fn->callers.n > CALLERS_MAX) return;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        ScopeRef caller = function_around(p->g, call);
        bool is_recursion =
            caller.file == c->function.file && caller.scope.i == c->function.scope.i;
        if (p->g->files[call.file].is_test || is_recursion) continue;
        Site s = {caller, call.op, c, true};
        vec_push(p->arena, &out->list, s);
    }
}

static int by_site(const void *a, const void *b) {
    const Site *x = a, *y = b;
    if (x->function.file != y->function.file) return x->function.file < y->function.file ? -1 : 1;
    if (x->function.scope.i != y->function.scope.i)
        return x->function.scope.i < y->function.scope.i ? -1 : 1;
    if (x->op.i != y->op.i) return x->op.i < y->op.i ? -1 : 1;
    return (int)x->by_call - (int)y->by_call;
}

/* A function that does both is no half of a pair. */
static bool is_one_sided(const Pairs *p, const Change *c) {
    for (u32 i = 0; i < p->h->n_changes; i++) {
        const Change *other = &p->h->changes[i];
        bool is_near = other->function.file == c->function.file &&
                       other->function.scope.i == c->function.scope.i;
        bool is_opposite = c->kind == CHANGE_ADDED ? change_removes(other, other->level)
                                                   : other->kind == CHANGE_ADDED;
        if (is_near && is_opposite) return false;
    }
    return true;
}

static void find_sites(Pairs *p) {
    u32 n = 0;
    for (u32 i = 0; i < p->h->n_changes && n < CHANGES_MAX; i++) {
        const Change *c = &p->h->changes[i];
        bool is_removal = change_removes(c, c->level);
        /* a read of a defaultdict inserts, and is not meant to */
        bool is_addition = c->kind == CHANGE_ADDED && !str_is(c->how, "[…]");
        if ((!is_removal && !is_addition) || scope_is_none(c->function)) continue;
        Sites *out = is_removal ? &p->removed : &p->added;
        ScopeRef here = function_around(p->g, (OpRef){c->file, c->op});
        Site own = {here, c->op, c, false};
        vec_push(p->arena, &out->list, own);
        /* what an inner function does is not done by calling the outer one */
        if (here.scope.i == c->function.scope.i && is_one_sided(p, c)) add_callers(p, c, out);
        n++;
    }
    if (p->added.list.n) qsort(p->added.list.v, p->added.list.n, sizeof(Site), by_site);
    if (p->removed.list.n) qsort(p->removed.list.v, p->removed.list.n, sizeof(Site), by_site);
}

/* ---- does the one undo the other? ---- */

static Str callee_name(const Graph *g, const Site *s) {
    const Facts *f = g->files[s->function.file].facts;
    const Path *p = &f->paths[f->ops[s->op.i].subject];
    if (p->kind == PATH_SYMBOL) return facts_str(f, f->symbols[p->id].name);
    return p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
}

static Str without_underscores(Str s) {
    while (str_starts(s, "_")) s = str_sub(s, 1, s.n);
    return s;
}

/* What helpers are called on; of a function of a module the module, which is one. */
static bool is_same_receiver(const Graph *g, const Site *a, const Site *b) {
    const Facts *f = g->files[a->function.file].facts;
    const Path *p = &f->paths[f->ops[a->op.i].subject], *q = &f->paths[f->ops[b->op.i].subject];
    if (p->kind != PATH_ATTR || q->kind != PATH_ATTR) return p->kind == q->kind;
    KeyRef x = {a->function.file, p->parent}, y = {b->function.file, q->parent};
    return p->parent.i == q->parent.i || graph_match_keys(g, x, y).kind == KEY_SAME;
}

/* The helper is a method of the object that the function's own statement reaches by self. */
static bool is_called_on_self(const Graph *g, const Site *s, const Change *other) {
    const Facts *f = g->files[s->function.file].facts;
    const Path *p = &f->paths[f->ops[s->op.i].subject];
    bool is_class;
    if (p->kind != PATH_ATTR) return false;
    SymbolId root = facts_root_symbol(f, p->parent);
    return !other->by_other && f->paths[p->parent.i].kind == PATH_SYMBOL && root.i &&
           self_class(g, s->function.file, root, &is_class).i;
}

static bool is_same_owner(const Pairs *p, const Site *a, const Site *b) {
    if (p->h->is_lasting || (!a->by_call && !b->by_call)) return true;
    if (a->by_call && b->by_call) return is_same_receiver(p->g, a, b);
    return a->by_call ? is_called_on_self(p->g, a, b->change)
                      : is_called_on_self(p->g, b, a->change);
}

typedef enum Undo {
    UNDO_OTHER,   /* it takes out something else */
    UNDO_PERHAPS, /* nobody can tell: a removal, but no proof */
    UNDO_STACK,   /* pop() of what was appended last */
    UNDO_SURE,
} Undo;

static bool is_pop(const Pairs *p, const Change *c) {
    bool is_list = p->h->kind == CONTAINER_LIST || p->h->kind == CONTAINER_DEQUE;
    return is_list && !c->level && str_is(c->how, "pop") && !c->key.i;
}

/* What the change is found by, as the function of the site sees it; *is_remote when only the helper
 * can name it. */
static KeyRef key_at(const Pairs *p, const Site *s, bool *is_remote) {
    const Change *c = s->change;
    KeyRef key = {c->file, change_key(p->h, c)};
    *is_remote = s->by_call;
    if (!s->by_call || !key.path.i) return key;
    const Facts *f = p->g->files[c->file].facts, *from = p->g->files[s->function.file].facts;
    const Path *path = &f->paths[graph_alias_of(p->g, c->file, key.path).i];
    const Scope *helper = &f->scopes[c->function.scope.i];
    for (u32 i = helper->param_first; i < helper->param_end; i++) {
        SymbolId parameter = f->params[i].symbol;
        if (path->kind != PATH_SYMBOL || f->symbols[path->id].target.i != parameter.i) continue;
        u32 skipped = graph_method_class(p->g, c->function).i &&
                      graph_method_kind(p->g, c->function) != METHOD_STATIC;
        if (i - helper->param_first < skipped) break;
        PathId argument =
            call_argument_named(from, &from->ops[s->op.i], i - helper->param_first - skipped,
                                facts_str(f, f->symbols[parameter.i].name));
        if (!argument.i) break;
        *is_remote = false;
        return (KeyRef){s->function.file, argument};
    }
    return key;
}

/* Both helpers are given the same. */
static bool has_same_arguments(const Graph *g, const Site *a, const Site *b) {
    const Facts *f = g->files[a->function.file].facts;
    const Op *x = &f->ops[a->op.i], *y = &f->ops[b->op.i];
    if (!a->by_call || !b->by_call || x->operands != y->operands || !x->operands) return false;
    for (u32 i = 0; i < x->operands; i++) {
        KeyRef k = {a->function.file, op_operand(f, x, i)};
        KeyRef l = {b->function.file, op_operand(f, y, i)};
        if (graph_match_keys(g, k, l).kind != KEY_SAME) return false;
    }
    return true;
}

static bool is_same_helper(const Change *a, const Change *b) {
    return a->function.file == b->function.file && a->function.scope.i == b->function.scope.i;
}

static Undo undo_of(const Pairs *p, const Site *a, const Site *b) {
    const Change *add = a->change, *remove = b->change;
    if (remove->kind != CHANGE_REMOVED || remove->level < add->level) return UNDO_PERHAPS;
    if (remove->level != add->level || !is_same_owner(p, a, b)) return UNDO_OTHER;
    bool is_same_call = a->by_call && b->by_call && is_same_helper(add, remove);
    if (is_same_call) return UNDO_OTHER; /* `x[key] = x.pop(key)` in the helper */
    /* `x[key] = None` notes that there is nothing */
    if (str_starts(remove->how, "[")) return UNDO_PERHAPS;
    if (is_pop(p, remove)) return str_is(add->how, "append") ? UNDO_STACK : UNDO_PERHAPS;
    if (remove->is_callback || add->is_callback) return UNDO_PERHAPS;
    bool is_remote_a, is_remote_b;
    KeyRef x = key_at(p, a, &is_remote_a), y = key_at(p, b, &is_remote_b);
    KeyMatch m = graph_match_keys(p->g, x, y);
    bool is_here = !is_remote_a && !is_remote_b;
    if (m.kind == KEY_SAME && (is_here || has_same_arguments(p->g, a, b))) return UNDO_SURE;
    if (m.kind > KEY_SAME) return UNDO_OTHER;
    if (!a->by_call || !b->by_call) return UNDO_PERHAPS;
    Str adds = without_underscores(callee_name(p->g, a));
    return know_undo(adds, without_underscores(callee_name(p->g, b))) ? UNDO_SURE : UNDO_PERHAPS;
}

/* ---- the main way ---- */

/* Regions that a statement is not under a condition in: `with`, `try`, its `finally`, and `if key
 * in table`. */
static bool is_transparent(const Facts *f, RegionId id) {
    const Region *r = &f->regions[id.i];
    if (r->kind == REGION_WITH || r->kind == REGION_TRY || r->kind == REGION_TRY_ELSE ||
        r->kind == REGION_FINALLY)
        return true;
    if (r->kind != REGION_IF) return false;
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (f->ops[i].kind == OP_TEST && (f->ops[i].flags & OP_LOW) == TEST_IN &&
            !(f->ops[i].flags & OP_NEGATED))
            return true;
    return false;
}

bool is_bound_between(const Facts *f, PathId path, u32 first, u32 end) {
    SymbolId root = facts_root_symbol(f, path);
    for (u32 i = first; i < end; i++) {
        const Op *op = &f->ops[i];
        bool binds = op->kind == OP_BIND || op->kind == OP_STORE || op->kind == OP_AUGMENT;
        if (!binds || facts_root_symbol(f, op_path(op)).i != root.i) continue;
        if (op->kind == OP_BIND || op->subject == path.i) return true;
    }
    return false;
}

static bool is_same_test(const Facts *f, const Op *a, const Op *b) {
    if (a->kind != OP_TEST || b->kind != OP_TEST || a->flags != b->flags) return false;
    if (a->subject != b->subject || a->operands != b->operands) return false;
    for (u32 i = 0; i < a->operands; i++)
        if (op_operand(f, a, i).i != op_operand(f, b, i).i) return false;
    return facts_root_symbol(f, op_path(a)).i != 0;
}

/* `if track: table[key] = x`, and later `if track: del table[key]`. */
static bool is_same_condition(const Facts *f, RegionId later, OpId add) {
    const Region *r = &f->regions[later.i];
    if (r->kind != REGION_IF || r->test_first == r->test_end) return false;
    for (RegionId a = f->ops[add.i].region; a.i; a = f->regions[a.i].parent) {
        const Region *first = &f->regions[a.i];
        u32 n = first->test_end - first->test_first, same = 0;
        if (first->kind != REGION_IF || n != r->test_end - r->test_first) continue;
        while (same < n &&
               is_same_test(f, &f->ops[first->test_first + same], &f->ops[r->test_first + same]) &&
               !is_bound_between(f, op_path(&f->ops[first->test_first + same]), first->test_end,
                                 r->test_first))
            same++;
        if (same == n) return true;
    }
    return false;
}

/* `room = rooms.setdefault(key, Room())`, and later `if room.is_empty(): del rooms[key]`; or `if
 * not rooms[key]: del rooms[key]`: others may be in it still, and the last one takes it out. */
static bool asks_entry(const Facts *f, RegionId id, OpId add, OpId remove) {
    const Region *r = &f->regions[id.i];
    const Op *from = &f->ops[add.i], *out = &f->ops[remove.i];
    const Op *test = NULL;
    for (u32 i = r->test_first; r->kind == REGION_IF && i < r->test_end; i++) {
        if (f->ops[i].kind != OP_TEST) continue;
        if (test) return false;
        test = &f->ops[i];
    }
    if (!test) return false;
    PathId of = op_path(test);
    const Path *p = &f->paths[of.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) of = op_path(&f->ops[p->id]);
    if (out->kind == OP_DELETE && of.i == out->subject) return true;
    const Symbol *s = &f->symbols[facts_root_symbol(f, of).i];
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN)
        return false;
    const Path *made = &f->paths[bound_value(f, bind).i];
    bool is_result = made->kind == PATH_OP && made->id == add.i;
    return is_result || (from->kind == OP_STORE && facts_root_symbol(f, bound_value(f, from)).i ==
                                                       facts_root_symbol(f, of).i);
}

/* The block that a statement is in, seen from the addition. */
static RegionId block_of(const Facts *f, OpId op, OpId add) {
    RegionId r = f->ops[op.i].region;
    while (is_transparent(f, r) || is_same_condition(f, r, add) || asks_entry(f, r, add, op))
        r = f->regions[r.i].parent;
    return r;
}

/* A block between the addition and the removal ends in `continue`, `break`, `return` or `raise`:
 * what stands behind it does not follow the addition. */
static bool leaves_between(const Facts *f, OpId add, OpId remove, RegionId target) {
    RegionId r = f->ops[add.i].region;
    for (u32 i = add.i + 1; i < remove.i; i++) {
        const Op *op = &f->ops[i];
        bool leaves = op->kind == OP_CONTINUE || op->kind == OP_BREAK || op->kind == OP_RETURN ||
                      op->kind == OP_RAISE;
        if (!leaves) continue;
        for (RegionId at = r; at.i && at.i != target.i; at = f->regions[at.i].parent)
            if (op->region.i == at.i) return true;
    }
    return false;
}

/* The removal stands in the block of the addition or in one around it, and is no way back from an
 * error, which ends in a raise. */
static bool is_on_main_way(const Facts *f, OpId add, OpId remove) {
    RegionId target = block_of(f, remove, add);
    bool is_around = false;
    for (RegionId r = f->ops[add.i].region; r.i && !is_around; r = f->regions[r.i].parent)
        is_around = r.i == target.i;
    if (!is_around || leaves_between(f, add, remove, target)) return false;
    ScopeId scope = f->regions[target.i].scope;
    for (u32 i = remove.i + 1; i < f->scopes[scope.i].op_end; i++)
        if (f->ops[i].kind == OP_RAISE && f->ops[i].region.i == target.i) return false;
    return true;
}

/* The block of the addition ends in a way out, and nothing is waited for before that: the removal
 * belongs to another turn of the function, `failed[key] = error; return`. */
static bool is_elsewhere(const Facts *f, OpId add, OpId remove) {
    RegionId target = block_of(f, remove, add);
    ScopeId scope = f->regions[target.i].scope;
    for (RegionId r = f->ops[add.i].region; r.i && r.i != target.i; r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind == REGION_TRY || f->regions[r.i].kind == REGION_WITH) return false;
        for (u32 i = add.i + 1; i < f->scopes[scope.i].op_end; i++) {
            const Op *op = &f->ops[i];
            bool is_out = op->kind == OP_RETURN || op->kind == OP_RAISE ||
                          op->kind == OP_CONTINUE || op->kind == OP_BREAK;
            if (op->kind == OP_AWAIT || op->kind == OP_YIELD) return false;
            if (is_out && op->region.i == r.i) return true;
        }
    }
    return false;
}

/* ---- pairs ---- */

/* `n = table.get(key, 0)` and `table[key] = n + 1` in one function: the entry is a record that is
 * kept up, and not what a call leaves behind. */
static bool is_update(const Graph *g, const Change *c) {
    const Facts *f = g->files[c->file].facts;
    const Op *store = facts_op(f, c->op);
    const Scope *scope = &f->scopes[c->function.scope.i];
    if (store->kind != OP_STORE || !c->key.i) return false;
    for (u32 i = scope->op_first; i < c->op.i; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || op->operands != 2) continue;
        const Path *callee = &f->paths[op->subject], *other = &f->paths[op_operand(f, op, 1).i];
        bool is_nothing = other->kind == PATH_LITERAL &&
                          (other->flags == LITERAL_NONE || other->flags == LITERAL_FALSE);
        if (callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "get") &&
            callee->parent.i == f->paths[store->subject].parent.i &&
            op_operand(f, op, 0).i == c->key.i && !is_nothing)
            return true;
    }
    return false;
}

static bool is_repeated(const Graph *g, const Site *s) {
    const Facts *f = g->files[s->function.file].facts;
    HowOften how = graph_how_often(g, s->function.file, f->ops[s->op.i].region);
    return how >= RUNS_PER_INSTANCE && !s->change->overwrites && !is_update(g, s->change);
}

static u32 note_key(const Pairs *p, const Site *s, PathId *keys, u32 n) {
    bool is_remote;
    KeyRef key = key_at(p, s, &is_remote);
    if (!is_remote && key.path.i) keys[n++] = key.path;
    return n;
}

/* The `try` of the `finally` that a removal stands in and the addition does not, or none. */
static RegionId try_of(const Facts *f, OpId removal, OpId add) {
    RegionId r = f->ops[removal.i].region;
    while (r.i && f->regions[r.i].kind != REGION_FINALLY) r = f->regions[r.i].parent;
    bool is_both = region_is_within(f, f->ops[add.i].region, r);
    return is_both ? (RegionId){0} : f->regions[r.i].group;
}

/* The first operation of the `try`, when that begins behind the addition: from there on nothing
 * passes the removal by. */
static OpId begin_behind(const Facts *f, RegionId try, OpId add) {
    if (region_is_within(f, f->ops[add.i].region, try)) return (OpId){0};
    ScopeId scope = f->regions[try.i].scope;
    for (u32 i = add.i + 1; i < f->scopes[scope.i].op_end; i++)
        if (region_is_within(f, f->ops[i].region, try)) return (OpId){i};
    return (OpId){0};
}

/* The await of the helper that adds: what it raises itself is raised before, as a rule. */
static OpId awaited_at(const Facts *f, OpId call) {
    const Op *next = &f->ops[call.i + 1];
    bool is_awaited = f->ops[call.i].flags & OP_AWAITED && call.i + 1 < f->n_ops &&
                      next->kind == OP_AWAIT && f->paths[next->subject].kind == PATH_OP &&
                      f->paths[next->subject].id == call.i;
    return is_awaited ? (OpId){call.i + 1} : call;
}

static void pair_site(Pairs *p, const Site *a, const Site *first, const Site *end) {
    const Facts *f = p->g->files[a->function.file].facts;
    OpId removals[REMOVALS_MAX + 1];
    PathId keys[REMOVALS_MAX + 1]; /* by which the function knows the entry */
    u32 n = 0, n_keys = note_key(p, a, keys, 0);
    Pairing pair = {.function = a->function, .added = a->change, .add = {a->function.file, a->op}};
    for (const Site *b = first; b < end && n < REMOVALS_MAX; b++) {
        Undo undo = undo_of(p, a, b);
        if (undo == UNDO_OTHER || b->op.i == a->op.i) continue;
        removals[n++] = b->op;
        if (undo == UNDO_SURE) n_keys = note_key(p, b, keys, n_keys);
        if (undo < UNDO_STACK || b->op.i < a->op.i || pair.removed) continue;
        if (!is_on_main_way(f, a->op, b->op) || is_elsewhere(f, a->op, b->op)) continue;
        RegionId try = try_of(f, b->op, a->op);
        OpId begin = try.i ? begin_behind(f, try, a->op) : (OpId){0};
        if (try.i && !begin.i) continue;
        if (begin.i) removals[n++] = begin;
        pair.removed = b->change;
        pair.remove = (OpRef){b->function.file, b->op};
        pair.by_helper = a->by_call || b->by_call;
        pair.is_stack = undo == UNDO_STACK;
        pair.is_late = begin.i != 0;
    }
    if (!pair.removed) return;
    EntrySite site = {a->change, pair.add, a->by_call, keys, n_keys};
    Impossible tests[TESTS_MAX];
    Spared spared = {.tests = tests};
    spared.n_tests = entry_absences(p->g, p->h, &site, tests, TESTS_MAX);
    OpId from = a->by_call && pair.is_late ? awaited_at(f, a->op) : a->op;
    pair.skip = graph_skip(p->g, a->function.file, from, removals, n, &spared);
    const Skip *s = &pair.skip;
    if (s->at_end || !(s->raise.i || s->returns.i || s->call.i)) return;
    vec_push(p->arena, &p->out, pair);
}

u32 graph_pairings(const Graph *g, const Holding *h, Arena *arena, const Pairing **out) {
    Pairs p = {.g = g, .h = h, .arena = arena};
    find_sites(&p);
    const Site *removed = p.removed.list.v, *all = removed + p.removed.list.n;
    for (u32 i = 0; i < p.added.list.n && removed; i++) {
        const Site *a = &p.added.list.v[i];
        while (removed < all && (removed->function.file < a->function.file ||
                                 (removed->function.file == a->function.file &&
                                  removed->function.scope.i < a->function.scope.i)))
            removed++;
        const Site *end = removed;
        while (end < all && end->function.file == a->function.file &&
               end->function.scope.i == a->function.scope.i)
            end++;
        if (end == removed || !is_repeated(g, a)) continue;
        u32 before = p.out.n;
        Pairing partly;
        pair_site(&p, a, removed, end);
        if (p.out.n == before && !a->by_call && pairing_in_handlers(g, h, a->change, &partly))
            vec_push(arena, &p.out, partly);
    }
    *out = p.out.v;
    return p.out.n;
}

/* ---- what a way out asks ---- */

/* The variable of an object that the function has just made: `waiters = Waiters()`; or none. */
static SymbolId made_before(const Facts *f, const Pairing *p) {
    SymbolId made = facts_root_symbol(f, p->added->value);
    OpId add = p->add.op;
    if (f->paths[p->added->value.i].kind != PATH_SYMBOL) return (SymbolId){0};
    for (u32 i = f->scopes[p->function.scope.i].op_first; i < add.i; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i];
        bool is_made = value->kind == PATH_OP && f->ops[value->id].kind == OP_CALL;
        if (op->kind == OP_BIND && is_made && op->region.i == facts_op(f, add)->region.i &&
            facts_root_symbol(f, op_path(op)).i == made.i)
            return made;
    }
    return (SymbolId){0};
}

/* `if waiters.task is not None: raise`: what was made here has no task yet. */
bool graph_asks_new_object(const Graph *g, const Pairing *p) {
    const Facts *f = g->files[p->function.file].facts;
    bool is_here = p->added->function.file == p->function.file &&
                   p->added->function.scope.i == p->function.scope.i;
    if (!p->skip.raise.i || !is_here) return false;
    SymbolId made = made_before(f, p);
    const Region *r = &f->regions[facts_op(f, p->skip.raise)->region.i];
    for (u32 i = r->test_first; made.i && i < r->test_end; i++) {
        const Path *tested = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind != OP_TEST) continue;
        PathId of = op_path(&f->ops[i]);
        bool is_call = tested->kind == PATH_OP && f->ops[tested->id].kind == OP_CALL;
        if (is_call) of = op_operand(f, &f->ops[tested->id], 0); /* `getattr(waiters, mode)` */
        if (facts_root_symbol(f, of).i == made.i) return true;
    }
    return false;
}

bool graph_is_one_of_many(const Graph *g, const Holding *h, const Pairing *p) {
    bool is_fresh = graph_text_parts(g, p->added->file, change_key(h, p->added)).is_fresh;
    return (is_fresh || graph_is_served(g, p->function)) && h->owner.i &&
           graph_looks_lasting(g, h->owner) && graph_is_driven(g, p->function);
}

bool graph_is_over_calls(const Graph *g, const Pairing *p) {
    const Facts *f = graph_facts(g, p->function.file);
    if (!p->skip.returns.i || p->add.file != p->function.file) return false;
    RegionId add = facts_op(f, p->add.op)->region, out = facts_op(f, p->skip.returns)->region;
    if (f->regions[add.i].kind != REGION_IF) return false;
    while (out.i > add.i) out = f->regions[out.i].parent;
    return out.i != add.i;
}
