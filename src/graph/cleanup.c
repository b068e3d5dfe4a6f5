/* Generators that are context managers: what they clean up after the yield, and whether that is
 * done when the block under `with` fails. */
#include "graph/model.h"

/* Operations of a function, equal clean-ups, and yields that are looked at. */
enum { CLEANUP_OPS = 2000, CLEANUPS_MAX = 32, YIELDS_MAX = 8 };

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    const Scope *scope;
    ScopeId id;
} Look;

static bool is_own(const Look *l, const Op *op) {
    return l->f->regions[op->region.i].scope.i == l->id.i;
}

/* `@contextmanager`, `@asynccontextmanager`. */
static bool is_manager(const Look *l) {
    const Scope *s = l->scope;
    if (s->kind != SCOPE_FUNCTION || !(s->flags & SCOPE_GENERATOR)) return false;
    for (u32 i = s->decorator_first; i < s->decorator_end; i++) {
        Str name = graph_name_of(l->g, l->file, l->f->operands[i].path);
        if (str_is(name, "contextlib.contextmanager") ||
            str_is(name, "contextlib.asynccontextmanager"))
            return true;
    }
    return false;
}

bool graph_is_context_manager(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    Look l = {g, function.file, f, &f->scopes[function.scope.i], function.scope};
    return function.scope.i && is_manager(&l);
}

/* ---- what cleans up ---- */

static bool is_removing_function(Str name) {
    static const char *const NAMES[] = {"os.close",  "os.remove", "os.removedirs", "os.rmdir",
                                        "os.unlink", "os.killpg", "os.kill",       "shutil.rmtree"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* The value is a variable, or an attribute of one. */
static bool is_named(const Facts *f, PathId path) {
    return path.i && facts_root_symbol(f, path).i && f->paths[path.i].kind != PATH_ANY;
}

/* `patcher.stop()`; locks are asked by LMP410. */
static bool is_release(const Look *l, const Op *call, PathId *what) {
    const Facts *f = l->f;
    Str method = facts_method(f, call), name = graph_name_of(l->g, l->file, op_path(call));
    if (is_removing_function(name)) {
        *what = op_operand(f, call, 0);
        return is_named(f, *what);
    }
    if (!method.n || name.n || !is_release_name(method) || str_is(method, "release")) return false;
    if (str_is(method, "join") && call->operands) return false; /* `", ".join(names)` */
    *what = f->paths[call->subject].parent;
    return is_named(f, *what);
}

/* A variable of the function that is bound before `end`. */
static bool is_saved(const Look *l, PathId value, u32 end) {
    const Facts *f = l->f;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_SYMBOL) return false;
    SymbolId owner = f->symbols[p->id].target;
    const Symbol *s = &f->symbols[owner.i];
    return owner.i && s->scope.i == l->id.i && !(s->flags & SYMBOL_PARAM) && s->bind.i &&
           s->bind.i < end;
}

static bool is_same_key(const Facts *f, const Op *a, const Op *b) {
    if (f->paths[a->subject].kind != PATH_ANY) return true;
    return a->operands == 2 && b->operands == 2 && op_operand(f, a, 1).i == op_operand(f, b, 1).i;
}

/* The operation before the yield that sets what `op` sets, with another value; or none. */
static OpId set_before(const Look *l, u32 op, u32 yield) {
    const Facts *f = l->f;
    const Op *last = &f->ops[op];
    for (u32 i = yield; i-- > l->scope->op_first;) {
        const Op *o = &f->ops[i];
        if (o->kind != last->kind || o->subject != last->subject || !is_own(l, o)) continue;
        bool is_other = op_operand(f, o, 0).i != op_operand(f, last, 0).i;
        return is_other && is_same_key(f, o, last) ? (OpId){i} : (OpId){0};
    }
    return (OpId){0};
}

/* It lives on when the generator has ended. */
static bool is_outside(const Look *l, PathId path) {
    const Facts *f = l->f;
    SymbolId root = facts_root_symbol(f, path);
    const Symbol *s = &f->symbols[root.i];
    if (!root.i) return false;
    if (s->scope.i != l->id.i || s->flags & (SYMBOL_PARAM | SYMBOL_NONLOCAL)) return true;
    return false;
}

/* By its name the function sets something to what it is given. */
static bool is_setter(const Look *l, const Op *call) {
    static const char *const NAMES[] = {"activate", "chdir", "fchdir", "umask", "use"};
    const Facts *f = l->f;
    const Path *p = &f->paths[call->subject];
    Str last = facts_method(f, call);
    if (p->kind == PATH_SYMBOL) last = facts_str(f, f->symbols[p->id].name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(last, NAMES[i])) return true;
    return str_starts(last, "set") || str_starts(last, "_set");
}

/* `variable.reset(token)` after `token = variable.set(value)`. */
static OpId set_for_token(const Look *l, const Op *call, u32 yield) {
    const Facts *f = l->f;
    if (call->operands != 1 || !str_is(facts_method(f, call), "reset")) return (OpId){0};
    const Path *token = &f->paths[op_operand(f, call, 0).i];
    if (!is_saved(l, op_operand(f, call, 0), yield)) return (OpId){0};
    OpId bind = f->symbols[f->symbols[token->id].target.i].bind;
    const Path *made = &f->paths[bound_value(f, &f->ops[bind.i]).i];
    if (made->kind != PATH_OP || f->ops[made->id].kind != OP_CALL) return (OpId){0};
    const Op *set = &f->ops[made->id];
    bool is_same = f->paths[set->subject].parent.i == f->paths[call->subject].parent.i;
    return is_same && str_is(facts_method(f, set), "set") ? (OpId){made->id} : (OpId){0};
}

static bool is_restoring(const Look *l, u32 op, u32 yield, Cleanup *out) {
    const Facts *f = l->f;
    const Op *o = &f->ops[op];
    PathId value = o->kind == OP_CALL ? op_operand(f, o, 0) : bound_value(f, o);
    bool is_literal = f->paths[value.i].kind == PATH_LITERAL;
    if (o->kind == OP_CALL) {
        out->kind = CLEANUP_CALL;
        out->what = op_path(o);
        out->before = set_for_token(l, o, yield);
        if (out->before.i) return true;
        if (o->operands != 1 || !is_saved(l, value, yield) || !is_setter(l, o)) return false;
    } else {
        if (!is_outside(l, op_path(o)) || !(is_literal || is_saved(l, value, yield))) return false;
        out->kind = CLEANUP_STORE;
        out->says_done = is_literal && f->paths[value.i].flags == LITERAL_TRUE;
    }
    out->before = set_before(l, op, yield);
    out->what = op_path(o);
    return out->before.i != 0;
}

/* What the variable was bound to before the yield is a resource of the function's own. */
static void ask_owner(const Look *l, u32 yield, Cleanup *out) {
    const Facts *f = l->f;
    for (u32 i = yield; i-- > l->scope->op_first && !out->is_known;) {
        const Op *o = &f->ops[i];
        if (o->kind != OP_BIND || o->subject != out->what.i || !is_own(l, o)) continue;
        out->before = (OpId){i};
        out->is_known = acquiring_call(l->g, l->file, bound_value(f, o), &out->acquired).i != 0;
        return;
    }
}

static bool cleans_up(const Look *l, u32 op, u32 yield, Cleanup *out) {
    const Op *o = &l->f->ops[op];
    *out = (Cleanup){.op = {op}, .yield = {yield}, .is_async = l->scope->flags & SCOPE_ASYNC};
    if (!is_own(l, o)) return false;
    if (o->kind == OP_CALL && is_release(l, o, &out->what)) {
        ask_owner(l, yield, out);
        return true;
    }
    bool is_setting = o->kind == OP_CALL || o->kind == OP_STORE || o->kind == OP_BIND;
    return is_setting && is_restoring(l, op, yield, out);
}

/* ---- is it protected? ---- */

static bool is_same_call(const Facts *f, const Op *a, const Op *b) {
    return a->kind == b->kind && a->subject == b->subject &&
           (a->kind != OP_CALL || op_operand(f, a, 0).i == op_operand(f, b, 0).i);
}

/* The region, or one around it, is a handler or a finally clause of a try around the yield; or a
 * branch that raises: what the block raises has no need of it. */
static bool is_for_failures(const Look *l, u32 op, u32 yield) {
    const Facts *f = l->f;
    for (RegionId r = f->ops[op].region; r.i; r = f->regions[r.i].parent) {
        const Region *region = &f->regions[r.i];
        if (region->scope.i != l->id.i) break;
        if (region->kind == REGION_FINALLY || region->kind == REGION_EXCEPT) {
            const Region *try = &f->regions[region->group.i];
            if (try->span.start <= f->ops[yield].span.start &&
                f->ops[yield].span.end <= try->span.end)
                return true;
        }
        if (region->kind != REGION_IF) continue;
        for (u32 i = op; i < l->scope->op_end && f->ops[i].span.start < region->span.end; i++)
            if (f->ops[i].kind == OP_RAISE && f->ops[i].region.i == r.i) return true;
    }
    return false;
}

/* It stands in a handler or a finally clause, too, or all that is thrown passes by it. */
static bool is_protected(const Look *l, u32 op, u32 yield) {
    const Facts *f = l->f;
    if (is_for_failures(l, op, yield)) return true;
    OpId same[CLEANUPS_MAX];
    u32 n = 0;
    for (u32 i = l->scope->op_first; i < l->scope->op_end && n < CLEANUPS_MAX; i++)
        if (is_own(l, &f->ops[i]) && is_same_call(f, &f->ops[i], &f->ops[op]))
            same[n++] = (OpId){i};
    return !graph_yield_skips(l->g, l->file, (OpId){yield}, same, n);
}

/* `with suppress(…):` around the yield goes on after what it swallows. */
static bool is_swallowed(const Look *l, u32 yield) {
    const Facts *f = l->f;
    for (RegionId r = f->ops[yield].region; r.i; r = f->regions[r.i].parent) {
        if (f->regions[r.i].scope.i != l->id.i) break;
        if (f->regions[r.i].kind != REGION_WITH) continue;
        for (u32 i = yield; i-- > l->scope->op_first;) {
            const Path *manager = &f->paths[f->ops[i].subject];
            if (f->ops[i].kind != OP_ENTER || manager->kind != PATH_OP) continue;
            Str name = graph_name_of(l->g, l->file, op_path(&f->ops[manager->id]));
            if (str_ends(name, "suppress") || str_ends(name, "raises")) return true;
        }
    }
    return false;
}

/* `open_nursery()`, `asyncio.TaskGroup()`: on the way out of a failure they cancel what runs. */
static bool is_task_group(const Look *l, const Op *bind) {
    static const char *const MAKERS[] = {"open_nursery", "create_task_group", "TaskGroup",
                                         "CancelScope",  "move_on_after",     "fail_after"};
    const Facts *f = l->f;
    const Path *p = &f->paths[bound_value(f, bind).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Op *call = &f->ops[p->id];
    Str name = str_after_last(graph_name_of(l->g, l->file, op_path(call)), '.');
    if (!name.n) name = facts_method(f, call);
    for (u32 i = 0; i < ARRAY_LEN(MAKERS); i++)
        if (str_is(name, MAKERS[i])) return true;
    return false;
}

static bool is_around(const Look *l, const Op *bind, u32 yield) {
    const Facts *f = l->f;
    for (RegionId r = f->ops[yield].region; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_WITH && bind->region.i == r.i) return true;
    return false;
}

/* The end of a `with` around the yield does it: what is released is bound by that, or belongs to
 * the group of tasks that it is: `nursery.cancel_scope.cancel()`, a task that the group made. */
static bool is_ended_by_with(const Look *l, const Cleanup *k, u32 yield) {
    const Facts *f = l->f;
    SymbolId owner = facts_root_symbol(f, k->what);
    bool is_itself = f->paths[k->what.i].kind == PATH_SYMBOL;
    for (u32 hop = 0; k->kind == CLEANUP_RELEASE && owner.i && hop < 2; hop++) {
        const Symbol *s = &f->symbols[owner.i];
        const Op *bind = &f->ops[s->bind.i];
        if (s->binds != 1 || s->scope.i != l->id.i || bind->kind != OP_BIND) return false;
        if ((bind->flags & OP_LOW) == BIND_WITH)
            return is_around(l, bind, yield) && (is_itself || is_task_group(l, bind));
        const Path *made = &f->paths[bound_value(f, bind).i];
        if (made->kind != PATH_OP || f->ops[made->id].kind != OP_CALL) return false;
        owner = facts_root_symbol(f, op_path(&f->ops[made->id]));
        is_itself = false;
    }
    return false;
}

/* What is released is made between the yield and the clean-up: it belongs to a later yield. */
static bool is_made_between(const Look *l, const Cleanup *k) {
    const Facts *f = l->f;
    for (u32 i = k->yield.i + 1; k->kind == CLEANUP_RELEASE && i < k->op.i; i++) {
        const Op *o = &f->ops[i];
        if (o->kind != OP_BIND && o->kind != OP_STORE) continue;
        const Path *value = &f->paths[bound_value(f, o).i];
        if (o->subject == k->what.i && value->kind == PATH_OP && is_own(l, o)) return true;
    }
    return false;
}

/* ---- who uses it ---- */

/* Some handler of the `try`, whose operations end before `end`, takes every exception. */
static bool has_catch_all(const Graph *g, u32 file, u32 try, u32 from, u32 end) {
    const Facts *f = g->files[file].facts;
    for (u32 i = from; i < f->n_ops && f->ops[i].span.start < end; i++)
        if (f->ops[i].kind == OP_HANDLER && f->regions[f->ops[i].region.i].group.i == try &&
            handler_takes_all(g, file, &f->ops[i]))
            return true;
    return false;
}

/* What the operation, in the block of the `with`, raises does not leave the block. *tries is set
 * when a handler sees to that. */
static bool stays_inside(const Graph *g, u32 file, u32 op, u32 with, bool *tries) {
    const Facts *f = g->files[file].facts;
    RegionId top = f->ops[op].region;
    u8 kind = f->ops[op].kind;
    if (kind != OP_CALL && kind != OP_RAISE && kind != OP_AWAIT && kind != OP_YIELD) return true;
    if (top.i == with) return false;
    while (top.i && f->regions[top.i].parent.i != with) top = f->regions[top.i].parent;
    if (!top.i) return false;
    if (f->regions[top.i].kind == REGION_TRY)
        return *tries = has_catch_all(g, file, top.i, op, f->regions[with].span.end);
    return f->regions[top.i].kind == REGION_EXCEPT && kind != OP_RAISE;
}

/* `with manager():` around a block that nothing leaves by raising. */
static bool is_caught_there(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = call.op.i + 1; i < MIN(call.op.i + 8, f->n_ops); i++) {
        const Path *p = &f->paths[f->ops[i].subject];
        u32 with = f->ops[i].region.i;
        bool is_it = f->ops[i].kind == OP_ENTER && p->kind == PATH_OP && p->id == call.op.i;
        if (!is_it || f->regions[with].kind != REGION_WITH) continue;
        bool tries = false;
        for (u32 k = i + 1; k < f->n_ops && f->ops[k].span.start < f->regions[with].span.end; k++)
            if (!stays_inside(g, call.file, k, with, &tries)) return false;
        return tries;
    }
    return false;
}

enum { USERS_READ = 32 };

static bool is_caught_everywhere(const Graph *g, ScopeRef function) {
    const OpRef *calls;
    u32 n = graph_callers(g, function, &calls), caught = 0;
    for (u32 i = 0; i < n && n <= USERS_READ; i++) caught += is_caught_there(g, calls[i]);
    return n && caught == n;
}

static bool is_in_loop(const Look *l, u32 op, u32 yield) {
    const Facts *f = l->f;
    for (RegionId r = f->ops[op].region; r.i && f->regions[r.i].scope.i == l->id.i;
         r = f->regions[r.i].parent) {
        const Region *loop = &f->regions[r.i];
        bool is_loop = loop->kind == REGION_FOR || loop->kind == REGION_WHILE;
        if (is_loop && loop->span.start > f->ops[yield].span.start) return true;
    }
    return false;
}

/* `async def lifespan(app):`, whose block ends with the process; or `stack.pop_all()` behind the
 * yield: until then the stack does what is to be done. */
static bool is_served(const Look *l, u32 yield) {
    Str name = facts_str(l->f, l->scope->name);
    if (l->scope->flags & SCOPE_ASYNC && str_contains(name, "lifespan")) return true;
    for (u32 i = yield + 1; i < l->scope->op_end; i++)
        if (l->f->ops[i].kind == OP_CALL && str_is(facts_method(l->f, &l->f->ops[i]), "pop_all"))
            return true;
    return false;
}

bool graph_bare_cleanup(const Graph *g, ScopeRef function, Cleanup *out) {
    const Facts *f = g->files[function.file].facts;
    Look l = {g, function.file, f, &f->scopes[function.scope.i], function.scope};
    if (l.scope->op_end - l.scope->op_first > CLEANUP_OPS || !is_manager(&l)) return false;
    u32 yields = 0;
    for (u32 y = l.scope->op_first; y < l.scope->op_end && yields < YIELDS_MAX; y++) {
        if (f->ops[y].kind != OP_YIELD || !is_own(&l, &f->ops[y]) || is_swallowed(&l, y)) continue;
        yields++;
        for (u32 i = y + 1; i < l.scope->op_end; i++)
            if (cleans_up(&l, i, y, out) && !is_made_between(&l, out) &&
                !is_ended_by_with(&l, out, y) && !is_protected(&l, i, y)) {
                out->in_loop = is_in_loop(&l, i, y);
                out->is_served = is_served(&l, y);
                out->is_caught = is_caught_everywhere(g, function);
                return true;
            }
    }
    return false;
}
