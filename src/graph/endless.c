/* Loops that go round for as long as the program runs: `while True`, and what waits for a flag of
 * the object or an event that says stop. */
#include "graph/calling.h"
#include "graph/holdings.h"
#include "graph/starting.h"

enum { LOOP_OPS = 3000, CALLERS_READ = 12, HELPERS = 2 };

typedef struct Loop {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    RegionId region;
} Loop;

/* `self.running`: an attribute of the object that holds nothing but whether to go on. */
static bool is_flag(const Loop *l, PathId path) {
    const Path *p = &l->f->paths[path.i];
    bool is_class;
    if (p->kind != PATH_ATTR || l->f->paths[p->parent.i].kind != PATH_SYMBOL) return false;
    ClassId c = self_class(l->g, l->file, facts_root_symbol(l->f, path), &is_class);
    return c.i && graph_attribute_outline(l->g, c, facts_str(l->f, (StrId){p->id})).kind ==
                      ATTRIBUTE_PLAIN;
}

/* `stop.is_set()`, `self.is_alive()`, `stop.wait(1)`. */
static bool is_question(const Loop *l, PathId path) {
    static const char *const NAMES[] = {"done",       "isInterruptionRequested",
                                        "isSet",      "is_alive",
                                        "is_closing", "is_running",
                                        "is_set",     "is_stopped",
                                        "stopped",    "wait"};
    const Op *call = facts_call(l->f, path);
    return call && str_is_any(facts_last_name(l->f, op_path(call)), NAMES, ARRAY_LEN(NAMES));
}

/* `item is None` of what a queue gave: somebody put it there to say stop. */
static bool is_last_item(const Loop *l, const Op *test) {
    const Path *p = &l->f->paths[test->subject];
    if ((test->flags & OP_LOW) != TEST_IS || p->kind != PATH_SYMBOL) return false;
    const Op *bind = &l->f->ops[l->f->symbols[l->f->symbols[p->id].target.i].bind.i];
    PathId value = bind->kind == OP_BIND ? bound_value(l->f, bind) : (PathId){0};
    const Path *v = &l->f->paths[value.i];
    if (v->kind == PATH_OP && l->f->ops[v->id].kind == OP_AWAIT) value = op_path(&l->f->ops[v->id]);
    const Op *call = facts_call(l->f, value);
    return call && !call->operands && str_is(facts_attribute(l->f, op_path(call)), "get");
}

static bool says_stop(const Loop *l, const Op *test) {
    u32 kind = test->flags & OP_LOW;
    if (test->kind != OP_TEST) return false;
    if (kind == TEST_IS) return is_last_item(l, test);
    if (kind != TEST_TRUTH && kind != TEST_CALL) return false;
    return is_flag(l, op_path(test)) || is_question(l, op_path(test));
}

static bool any_says_stop(const Loop *l, const Region *r) {
    for (u32 t = r->test_first; t < r->test_end; t++)
        if (says_stop(l, &l->f->ops[t])) return true;
    return false;
}

/* The way out is taken when somebody says stop, or after an error. */
static bool is_for_the_end(const Loop *l, RegionId r) {
    for (; r.i && r.i != l->region.i; r = l->f->regions[r.i].parent) {
        if (l->f->regions[r.i].kind == REGION_EXCEPT) return true;
        if (l->f->regions[r.i].kind == REGION_IF && any_says_stop(l, &l->f->regions[r.i]))
            return true;
    }
    return false;
}

/* Data may end it: a `break`, `return` or `raise` that nobody asked for. */
static bool is_left(const Loop *l) {
    const Scope *s = &l->f->scopes[l->scope.i];
    if (s->op_end - s->op_first > LOOP_OPS) return true;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &l->f->ops[i];
        bool leaves = op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_YIELD;
        if (op->kind == OP_BREAK) leaves = loop_of_region(l->f, op->region).i == l->region.i;
        if (leaves && region_is_within(l->f, op->region, l->region) &&
            !is_for_the_end(l, op->region))
            return true;
    }
    return false;
}

/* `await`, `queue.get()`, `sock.recv(…)`, `time.sleep(1)`: the rounds wait for what comes. */
static bool is_waiting(const Facts *f, const Op *op) {
    static const char *const NAMES[] = {"accept", "poll",  "recv", "receive", "recvfrom",
                                        "select", "sleep", "wait", "wait_for"};
    if (op->kind == OP_AWAIT || (op->kind == OP_ITERATE && op->flags & OP_ASYNC)) return true;
    if (op->kind != OP_CALL) return false;
    Str name = facts_last_name(f, op_path(op));
    bool is_read = str_starts(name, "recv_") || str_starts(name, "receive_");
    /* `table.get(key)` does not wait */
    if (str_is(name, "get")) return !op->operands || call_argument(f, op, 1, "timeout").i;
    return is_read || str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

static bool function_waits(const Graph *g, u32 id) {
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *s = &f->scopes[fn->scope.i];
    for (u32 i = s->op_first; id && i < MIN(s->op_end, s->op_first + LOOP_OPS); i++)
        if (is_waiting(f, &f->ops[i])) return true;
    return false;
}

/* `loop.run_until_complete(self.start())` in each round: it starts again when somebody asks; and
 * what a person is asked for in each round comes slowly. */
static bool is_seldom(const Loop *l) {
    static const char *const NAMES[] = {"run_forever", "run_until_complete", "serve_forever"};
    const Scope *s = &l->f->scopes[l->scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &l->f->ops[i];
        bool is_call = op->kind == OP_CALL && region_is_within(l->f, op->region, l->region);
        if (is_call && asks_a_person(l->f, op)) return true;
        if (is_call && str_is_any(facts_last_name(l->f, op_path(op)), NAMES, ARRAY_LEN(NAMES)))
            return true;
    }
    return false;
}

/* Something in its rounds waits, or in a function that they call: it does not run as fast as it can
 * through what a file has. */
static bool waits(const Loop *l) {
    const Scope *s = &l->f->scopes[l->scope.i];
    ClassId made;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &l->f->ops[i];
        if (!region_is_within(l->f, op->region, l->region)) continue;
        if (is_waiting(l->f, op)) return true;
        if (op->kind == OP_CALL && function_waits(l->g, callee_function(l->g, l->file, op, &made)))
            return true;
    }
    return false;
}

static bool goes_on(const Loop *l) {
    const Region *r = &l->f->regions[l->region.i];
    if (r->kind != REGION_WHILE) return false;
    return (r->flags & REGION_ENDLESS || any_says_stop(l, r)) && !is_left(l) && waits(l) &&
           !is_seldom(l);
}

/* The object is the same in each round: `self.step()`, or a variable from before the loop. */
static bool is_of_one(const Loop *l, const Op *call) {
    SymbolId root = facts_root_symbol(l->f, op_path(call));
    const Path *callee = &l->f->paths[call->subject];
    const Symbol *s = &l->f->symbols[root.i];
    if (callee->kind != PATH_ATTR || !root.i) return false;
    if (l->f->paths[callee->parent.i].kind != PATH_SYMBOL) return false;
    if (s->scope.i != l->scope.i) return true;
    bool is_bound_once = s->flags & SYMBOL_PARAM ? !s->binds : s->binds == 1;
    return is_bound_once && !region_is_within(l->f, l->f->ops[s->bind.i].region, l->region);
}

/* `self.step()`: a method calls another one of its object. */
static bool is_on_self(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Path *callee = &f->paths[f->ops[call.op.i].subject];
    bool is_class;
    return callee->kind == PATH_ATTR && f->paths[callee->parent.i].kind == PATH_SYMBOL &&
           self_class(g, call.file, facts_root_symbol(f, callee->parent), &is_class).i && !is_class;
}

static bool is_in_endless(const Graph *g, OpRef at, u32 steps, bool of_one, EndlessLoop *out) {
    const Facts *f = g->files[at.file].facts;
    RegionId region = f->ops[at.op.i].region;
    Loop l = {g, at.file, f, f->regions[region.i].scope, {0}};
    for (RegionId r = loop_of_region(f, region); r.i && f->regions[r.i].scope.i == l.scope.i;
         r = loop_of_region(f, f->regions[r.i].parent)) {
        l.region = r;
        if (!goes_on(&l) || (of_one && !is_of_one(&l, &f->ops[at.op.i]))) continue;
        *out = (EndlessLoop){function_of_op(g, at), at.file, f->regions[r.i].span};
        return true;
    }
    ScopeRef function = function_of_op(g, at);
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    if (!steps || scope_is_none(function) || !fn->owner.i) return false;
    if (of_one && !is_on_self(g, at)) return false;
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++)
        if (!g->files[fn->callers.v[i].file].is_test &&
            is_in_endless(g, fn->callers.v[i], steps - 1, true, out))
            return true;
    return false;
}

bool graph_goes_on_and_on(const Graph *g, OpRef op, EndlessLoop *out) {
    return is_in_endless(g, op, HELPERS, false, out);
}
