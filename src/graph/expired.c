/* Removals of what is too old, where the key is asked for again: `if expires < time.time(): del
 * table[key]`. Keys that nobody asks for again stay. */
#include "graph/calling.h"
#include "graph/guard.h"

enum { CLOCK_STEPS = 4, CALLERS_READ = 16, OPS_MAX = 200 };

/* `time.time()`, `datetime.now()`, `loop.time()`, or an expression or a local that is made of it.
 */
static bool is_of_clock(const Facts *f, PathId path, u32 steps) {
    static const char *const NAMES[] = {"monotonic",    "monotonic_ns", "now",     "perf_counter",
                                        "process_time", "time",         "time_ns", "utcnow"};
    const Path *p = &f->paths[path.i];
    if (!steps || !path.i) return false;
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[p->id].target.i];
        const Op *bind = &f->ops[s->bind.i];
        return bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN &&
               is_of_clock(f, bound_value(f, bind), steps - 1);
    }
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_CALL)
        return str_is_any(facts_last_name(f, op_path(op)), NAMES, ARRAY_LEN(NAMES));
    for (u32 i = 0; op->kind == OP_BINARY && i < op->operands; i++)
        if (is_of_clock(f, op_operand(f, op, i), steps - 1)) return true;
    return false;
}

/* `entry.is_expired()`, `hit.stale`. */
static bool is_word_of_age(const Facts *f, PathId path) {
    const Op *call = facts_call(f, path);
    Str name = facts_last_name(f, call ? op_path(call) : path);
    return str_contains_word(name, "expired") || str_contains_word(name, "stale") ||
           str_contains_word(name, "outdated");
}

/* The test asks the time, or whether something is too old. */
static bool asks_for_age(const Facts *f, const Op *test) {
    u32 kind = test->flags & OP_LOW;
    if (test->kind != OP_TEST) return false;
    if (kind == TEST_TRUTH || kind == TEST_CALL) return is_word_of_age(f, op_path(test));
    if (kind != TEST_ORDER) return false;
    if (is_of_clock(f, op_path(test), CLOCK_STEPS)) return true;
    for (u32 i = 0; i < test->operands; i++)
        if (is_of_clock(f, op_operand(f, test, i), CLOCK_STEPS)) return true;
    return false;
}

static bool region_asks_for_age(const Facts *f, const Region *r) {
    for (u32 t = r->test_first; r->kind == REGION_IF && t < r->test_end; t++)
        if (asks_for_age(f, &f->ops[t])) return true;
    return false;
}

/* `if fresh: return value`, before it in the same block. A branch that removes, too, is the one for
 * what is too old. */
static bool follows_return_of_fresh(const Facts *f, const Op *removal) {
    u32 at = (u32)(removal - f->ops);
    const Scope *s = &f->scopes[f->regions[removal->region.i].scope.i];
    u32 first = MAX(s->op_first, at - MIN(at, (u32)OPS_MAX));
    bool is_after = false;
    for (u32 i = first; i < at; i++) {
        const Region *r = &f->regions[f->ops[i].region.i];
        if (r->parent.i != removal->region.i || !region_asks_for_age(f, r)) continue;
        if (f->ops[i].kind == OP_DELETE || f->ops[i].kind == OP_STORE) return false;
        bool is_taken =
            f->ops[i].kind == OP_CALL && str_is(facts_last_name(f, op_path(&f->ops[i])), "pop");
        if (is_taken) return false;
        is_after |= f->ops[i].kind == OP_RETURN;
    }
    return is_after;
}

static bool is_for_age(const Facts *f, const Op *removal) {
    ScopeId scope = f->regions[removal->region.i].scope;
    for (RegionId r = removal->region; r.i && f->regions[r.i].scope.i == scope.i;
         r = f->regions[r.i].parent)
        if (region_asks_for_age(f, &f->regions[r.i])) return true;
    return follows_return_of_fresh(f, removal);
}

/* Somebody goes through the keys and calls the function with each. */
static bool is_called_for_all(const Graph *g, ScopeRef function) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        if (!g->files[call.file].is_test && region_is_in_loop(f, f->ops[call.op.i].region))
            return true;
    }
    return false;
}

static PathId removed_key(const Facts *f, const Use *removal) {
    const Op *op = &f->ops[removal->op.i];
    return !removal->key.i && op->kind == OP_CALL ? op_operand(f, op, 0) : removal->key;
}

/* The function has looked the same key up before. */
static bool is_looked_up(const Graph *g, const Container *c, u32 removal, PathId key) {
    const Use *gone = &c->uses[removal];
    for (u32 i = removal; i-- > 0;) {
        const Use *u = &c->uses[i];
        if (u->file != gone->file || u->function.scope.i != gone->function.scope.i) return false;
        bool is_read = u->kind == USE_READ && !u->level && u->key.i;
        KeyRef one = {u->file, u->key}, other = {gone->file, key};
        if (is_read && (u->key.i == key.i || graph_match_keys(g, one, other).kind == KEY_SAME))
            return true;
    }
    return false;
}

bool removes_what_is_asked_for(const Graph *g, const Container *c, u32 removal) {
    const Use *u = &c->uses[removal];
    const Facts *f = g->files[u->file].facts;
    const Op *op = &f->ops[u->op.i];
    if (u->kind != USE_SHRINK || u->level || scope_is_none(u->function)) return false;
    PathId key = removed_key(f, u);
    if (!key.i || region_is_in_loop(f, op->region) || !is_for_age(f, op)) return false;
    return is_looked_up(g, c, removal, key) && !is_called_for_all(g, u->function);
}
