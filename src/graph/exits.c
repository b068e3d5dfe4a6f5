/* What is still bound when a function leaves: one walk over the regions of a function, with one
 * bit. The bit says that some path leads from the statement that binds to here with nothing in
 * between that lets go. Exceptions that a call may raise count where a handler or a finally clause
 * of the function waits for them, and are no exits of their own: when in doubt nothing is kept. */
#include "graph/model.h"

/* Operations of one function, and regions inside one another, that one question looks at. */
enum { EXIT_OPS = 6000, EXIT_REGIONS = 48 };
/* … and of a function that it calls. */
enum { QUIET_OPS = 200 };

/* The ways that lead out of a block with the bit set. */
typedef struct Ways {
    bool next;          /* on to what follows */
    bool again, out;    /* continue, break */
    u32 returns, raise; /* first statement of the kind, 0 for none */
    u32 throws;         /* first call that may raise, for graph_skip */
} Ways;

typedef struct Flow {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    u32 from;             /* the operation that binds, or that raises, or that adds */
    PathId path;          /* what it binds, or: */
    const OpId *removals; /* of what it adds */
    u32 n_removals;
    PathId quiet; /* methods of it do not raise */
    bool ever;    /* the bit was set at some time in this try block; for graph_skip, when something
                     was raised there */
    u32 endless;  /* the bit goes round this endless loop */
    u32 cleared;
    u32 depth;
} Flow;

/* Operations and child regions of a block that are still to come. */
typedef struct Cursor {
    u32 op, end;
    u32 child, child_end;
} Cursor;

static Ways run_block(Flow *fl, u32 region, u32 first, u32 end, bool in);

/* Of two ways out the one that a reader meets first after the binding; 0 is none. */
static u32 nearer(const Flow *fl, u32 a, u32 b) {
    if (!a || !b) return a | b;
    bool is_past_a = a >= fl->from, is_past_b = b >= fl->from;
    if (is_past_a != is_past_b) return is_past_a ? a : b;
    return MIN(a, b);
}

static void join(const Flow *fl, Ways *a, Ways b) {
    a->next |= b.next;
    a->again |= b.again;
    a->out |= b.out;
    a->returns = nearer(fl, a->returns, b.returns);
    a->raise = nearer(fl, a->raise, b.raise);
    a->throws = nearer(fl, a->throws, b.throws);
}

static bool is_any(const Ways *w) {
    return w->next || w->again || w->out || w->returns || w->raise || w->throws;
}

/* Regions are numbered in the order in which they open: the first that is not inside. */
static u32 region_end(const Facts *f, u32 region) {
    u32 end = region + 1;
    while (end < f->n_regions && f->regions[end].parent.i >= region) end++;
    return end;
}

/* The operations of a region and of all inside it follow one another. */
static u32 ops_end(const Facts *f, u32 region, u32 region_end, u32 op, u32 end) {
    while (op < end && f->ops[op].region.i >= region && f->ops[op].region.i < region_end) {
        const Op *o = &f->ops[op];
        bool makes_scope = op_subject((OpKind)o->kind) == SUBJECT_SCOPE;
        op = makes_scope ? MAX(op + 1, f->scopes[o->subject].op_end) : op + 1;
    }
    return MIN(op, end);
}

/* ---- what one operation does ---- */

/* Methods of locks, events, loggers and texts. */
static bool is_quiet_method(Str name) {
    static const char *const NAMES[] = {
        "acquire",   "debug",  "encode", "error", "exception", "format", "info",       "is_set",
        "isoformat", "locked", "log",    "lower", "monotonic", "notify", "notify_all", "release",
        "set",       "split",  "strip",  "time",  "upper",     "warn",   "warning"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static bool is_quiet_function(Str name) {
    static const char *const STARTS[] = {
        "logging.",     "time.",          "threading.",   "weakref.", "asyncio.Event",
        "asyncio.Lock", "asyncio.Future", "asyncio.get_", "uuid.",    "contextlib.suppress"};
    for (u32 i = 0; i < ARRAY_LEN(STARTS); i++)
        if (str_starts(name, STARTS[i])) return true;
    return str_is(name, "builtins.print") || str_is(name, "builtins.super");
}

/* `prefix` is the path, or what the path goes through. */
static bool is_prefix(const Facts *f, PathId prefix, PathId path) {
    for (; path.i; path = f->paths[path.i].parent)
        if (path.i == prefix.i) return true;
    return false;
}

static Str last_attribute(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
}

/* `errors.clear()`, `err.with_traceback(None)`, `traceback.clear_frames(err.__traceback__)`. */
static bool is_release_call(const Flow *fl, const Op *op) {
    const Facts *f = fl->f;
    Str name = last_attribute(f, op_path(op));
    if (str_is(name, "clear_frames")) return is_prefix(f, fl->path, op_operand(f, op, 0));
    if (!name.n || f->paths[op->subject].parent.i != fl->path.i) return false;
    const Path *argument = &f->paths[op_operand(f, op, 0).i];
    if (str_is(name, "with_traceback"))
        return argument->kind == PATH_LITERAL && argument->flags == LITERAL_NONE;
    const MethodRow *row = know_method(name);
    return row && (row->effect == METHOD_REMOVES || row->effect == METHOD_REPLACES);
}

/* Some removal is among the operations. */
static bool has_removal(const Flow *fl, u32 first, u32 end) {
    for (u32 i = 0; i < fl->n_removals; i++)
        if (fl->removals[i].i >= first && fl->removals[i].i < end) return true;
    return false;
}

/* Bound to something else, deleted, emptied; removed. */
static bool is_release(const Flow *fl, const Op *op) {
    const Facts *f = fl->f;
    if (fl->n_removals) return has_removal(fl, (u32)(op - f->ops), (u32)(op - f->ops) + 1);
    switch (op->kind) {
    case OP_BIND:
    case OP_STORE:
        if ((op->flags & OP_LOW) == BIND_DECLARE) return false;
        if (is_prefix(f, op_path(op), fl->path)) return true;
        return str_is(last_attribute(f, op_path(op)), "__traceback__") &&
               f->paths[op->subject].parent.i == fl->path.i;
    case OP_DELETE:
        return is_prefix(f, op_path(op), fl->path) || is_prefix(f, fl->path, op_path(op));
    case OP_CALL:
        return is_release_call(fl, op);
    default:
        return false;
    }
}

/* The process ends, or nearly so. */
static bool is_end_of_process(const Flow *fl, const Op *op) {
    static const char *const ENDS[] = {"sys.exit", "os._exit", "os.abort", "builtins.exit",
                                       "builtins.quit"};
    const Facts *f = fl->f;
    const Path *callee = &f->paths[op->subject];
    Str last = last_attribute(f, op_path(op));
    if (callee->kind == PATH_SYMBOL) last = facts_str(f, f->symbols[callee->id].name);
    if (!str_ends(last, "exit") && !str_is(last, "abort") && !str_is(last, "quit")) return false;
    Str name = graph_name_of(fl->g, fl->file, op_path(op));
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(name, ENDS[i])) return true;
    return false;
}

/* Calls that only look, log or make what is empty do not raise as a rule. */
static bool is_quiet_call(const Graph *g, u32 file, const Op *call) {
    Str last = last_attribute(g->files[file].facts, op_path(call));
    if (last.n && (know_method(last) || is_quiet_method(last))) return true;
    Str name = graph_name_of(g, file, op_path(call));
    const CallRow *row = know_call(name);
    return (row && row->flags & (CALL_READS | CALL_PLAIN | CALL_WEAK | CALL_HOLDS)) ||
           know_constructor(name) != MADE_NOTHING || is_quiet_function(name);
}

/* A short function of the project that raises nothing and calls only what is quiet. */
static bool is_quiet_callee(const Graph *g, u32 file, const Op *call) {
    ClassId made = {0};
    u32 id = callee_function(g, file, call, &made);
    if (!id || made.i) return false;
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    bool is_long = scope->op_end - scope->op_first > QUIET_OPS;
    if (fn->owner.i && g->classes[fn->owner.i].subclasses.n) return false; /* they may override */
    if (is_long || scope->flags & (SCOPE_ASYNC | SCOPE_GENERATOR)) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_RAISE || op->kind == OP_YIELD || op->kind == OP_ENTER) return false;
        if (op->kind == OP_CALL && !is_quiet_call(g, fn->file, op)) return false;
    }
    return true;
}

static bool may_raise(const Flow *fl, const Op *op) {
    const Facts *f = fl->f;
    if (!fl->n_removals) return false;
    if (op->kind == OP_AWAIT || op->kind == OP_YIELD) return true;
    if (op->kind != OP_CALL) return false;
    bool is_own = fl->quiet.i && f->paths[op->subject].kind == PATH_ATTR &&
                  f->paths[op->subject].parent.i == fl->quiet.i;
    return !is_own && !is_quiet_call(fl->g, fl->file, op) && !is_quiet_callee(fl->g, fl->file, op);
}

/* One operation; the bit after it is w->next. */
static void step(Flow *fl, u32 index, Ways *w) {
    const Op *op = &fl->f->ops[index];
    bool here = index == fl->from;
    if (here && op->kind == OP_RAISE) w->next = true;
    if (w->next && !here && is_release(fl, op)) {
        if (!fl->cleared) fl->cleared = index;
        w->next = false;
    }
    if (here) w->next = true;
    if (!w->next) return;
    bool throws = !here && may_raise(fl, op);
    if (throws) w->throws = nearer(fl, w->throws, index);
    fl->ever |= !fl->n_removals || throws || op->kind == OP_RAISE;
    switch (op->kind) {
    case OP_RETURN:
        w->returns = nearer(fl, w->returns, index);
        break;
    case OP_RAISE:
        w->raise = nearer(fl, w->raise, index);
        break;
    case OP_BREAK:
        w->out = true;
        break;
    case OP_CONTINUE:
        w->again = true;
        break;
    case OP_CALL:
        if (!is_end_of_process(fl, op)) return;
        break;
    default:
        return;
    }
    w->next = false;
}

/* ---- conditions ---- */

/* What is bound is an exception, a frame, or a container that holds one: true, and not None. */
static bool is_impossible(const Flow *fl, const Op *test, bool outcome) {
    if (test->kind != OP_TEST || test->subject != fl->path.i) return false;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    u32 kind = test->flags & OP_LOW;
    if (kind == TEST_TRUTH) return !holds;
    if (kind != TEST_IS && kind != TEST_EQUAL) return false;
    const Path *other = &fl->f->paths[op_operand(fl->f, test, 0).i];
    return holds && other->kind == PATH_LITERAL && other->flags == LITERAL_NONE;
}

/* The branch that its tests open by coming out as `outcome` can be taken with the bit set. */
static bool is_open(const Flow *fl, u32 region, bool outcome) {
    const Region *r = &fl->f->regions[region];
    if (r->test_first == r->test_end || !is_conjunction(fl->f, r, outcome)) return true;
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (is_impossible(fl, &fl->f->ops[i], outcome)) return false;
    return true;
}

/* ---- statements ---- */

/* One region of a statement: its operations are the next ones of the cursor. */
static Ways run_member(Flow *fl, Cursor *c, u32 region, bool in) {
    u32 first = c->op, next = region_end(fl->f, region);
    c->op = ops_end(fl->f, region, next, first, c->end);
    c->child = next;
    return run_block(fl, region, first, c->op, in);
}

/* The next region of the same statement, if it is of this kind. */
static u32 next_member(const Flow *fl, const Cursor *c, u32 group, RegionKind kind) {
    if (c->child >= c->child_end) return 0;
    const Region *r = &fl->f->regions[c->child];
    return r->kind == kind && r->group.i == group && c->child != group ? c->child : 0;
}

/* The block ends in a statement that does not go on behind it. */
static bool is_left(const Flow *fl, u32 region, u32 first, u32 end) {
    const Facts *f = fl->f;
    for (u32 i = end; i-- > first;) {
        const Op *op = &f->ops[i];
        if (f->regions[op->region.i].scope.i != fl->scope.i) continue;
        return op->region.i == region && (op->kind == OP_RETURN || op->kind == OP_RAISE ||
                                          op->kind == OP_BREAK || op->kind == OP_CONTINUE);
    }
    return false;
}

static Ways run_if(Flow *fl, Cursor *c, bool in) {
    u32 then = c->child, first = c->op;
    Ways w = run_member(fl, c, then, in && is_open(fl, then, true));
    u32 otherwise = next_member(fl, c, then, REGION_ELSE);
    bool past = in && is_open(fl, then, false);
    /* `if key in x: del x[key]`: the condition is about the entry */
    if (has_removal(fl, first, c->op) && !is_left(fl, then, first, c->op)) past = false;
    if (otherwise)
        join(fl, &w, run_member(fl, c, otherwise, past));
    else
        w.next |= past;
    return w;
}

/* `while True` with no way out but what a call raises. */
static bool is_for_ever(const Facts *f, const Region *loop, u32 first, u32 end) {
    if (!(loop->flags & REGION_ENDLESS)) return false;
    for (u32 o = first; o < end; o++)
        if (f->ops[o].kind == OP_BREAK || f->ops[o].kind == OP_RETURN || f->ops[o].kind == OP_RAISE)
            return false;
    return true;
}

static Ways run_loop(Flow *fl, Cursor *c, bool in) {
    u32 loop = c->child, first = c->op;
    const Region *r = &fl->f->regions[loop];
    bool is_while = r->kind == REGION_WHILE, is_endless = r->flags & REGION_ENDLESS;
    Ways w = run_member(fl, c, loop, in && is_open(fl, loop, true));
    bool round = (w.next || w.again) && is_open(fl, loop, true);
    /* once more: what the first round bound comes round to the head */
    if (round && !in) join(fl, &w, run_block(fl, loop, first, c->op, true));
    if (round && !fl->endless && is_for_ever(fl->f, r, first, c->op)) fl->endless = loop;
    bool past = in || w.next || w.again;
    if (is_endless || has_removal(fl, first, c->op)) past = false; /* `for key in keys: …` */
    if (is_while && past) past = is_open(fl, loop, false);
    Ways result = {.next = w.out, .returns = w.returns, .raise = w.raise, .throws = w.throws};
    u32 otherwise = next_member(fl, c, loop, REGION_LOOP_ELSE);
    if (otherwise)
        join(fl, &result, run_member(fl, c, otherwise, past));
    else
        result.next |= past;
    return result;
}

/* Every way out of the statement goes through the finally clause. True when the bit can come
 * through it. */
static bool run_finally(Flow *fl, Cursor *c, u32 region, Ways *w, bool during) {
    bool is_pending = is_any(w);
    Ways last = run_member(fl, c, region, is_pending || during);
    bool is_through = last.next;
    if (!is_through) *w = (Ways){0};
    if (!is_pending && !during) w->next = last.next;
    last.next = false;
    join(fl, w, last);
    return is_through;
}

/* `except:`, `except Exception:` */
static bool is_catch_all(const Flow *fl, const Op *handler) {
    const Facts *f = fl->f;
    if (!handler->operands) return true;
    for (u32 i = 0; i < handler->operands; i++) {
        Str name = graph_name_of(fl->g, fl->file, op_operand(f, handler, i));
        if (str_is(name, "builtins.Exception") || str_is(name, "builtins.BaseException"))
            return true;
    }
    return false;
}

/* Some handler of the statement takes every exception that is not about the process, or removes. */
static bool catches_all(const Flow *fl, const Cursor *c, u32 group) {
    const Facts *f = fl->f;
    for (u32 o = c->op; o < c->end; o++) {
        const Region *r = &f->regions[f->ops[o].region.i];
        bool is_handler = f->ops[o].kind == OP_HANDLER && r->group.i == group;
        if (is_handler && is_catch_all(fl, &f->ops[o])) return true;
        if (r->kind == REGION_EXCEPT && r->group.i == group && has_removal(fl, o, o + 1))
            return true;
    }
    return false;
}

static Ways run_try(Flow *fl, Cursor *c, bool in) {
    u32 group = c->child, region;
    bool before = fl->ever;
    fl->ever = in && !fl->n_removals;
    Ways body = run_member(fl, c, group, in);
    bool during = fl->ever;
    Ways w = body;
    w.next = false;
    bool is_caught = next_member(fl, c, group, REGION_EXCEPT) != 0;
    if (is_caught) w.raise = 0;
    if (is_caught && catches_all(fl, c, group)) w.throws = 0;
    while ((region = next_member(fl, c, group, REGION_EXCEPT)))
        join(fl, &w, run_member(fl, c, region, during));
    if ((region = next_member(fl, c, group, REGION_TRY_ELSE)))
        join(fl, &w, run_member(fl, c, region, body.next));
    else
        w.next |= body.next;
    during = fl->ever;
    if ((region = next_member(fl, c, group, REGION_FINALLY)) &&
        !run_finally(fl, c, region, &w, during && !is_caught && !is_any(&w)))
        during = is_any(&w);
    fl->ever = before || during;
    return w;
}

static Ways run_cases(Flow *fl, Cursor *c, bool in) {
    u32 group = c->child;
    Ways w = run_member(fl, c, group, in);
    u32 region;
    while ((region = next_member(fl, c, group, REGION_CASE)))
        join(fl, &w, run_member(fl, c, region, in));
    w.next |= in;
    return w;
}

static Ways run_statement(Flow *fl, Cursor *c, bool in) {
    switch (fl->f->regions[c->child].kind) {
    case REGION_IF:
    case REGION_MAIN:
    case REGION_TYPE_CHECKING:
        return run_if(fl, c, in);
    case REGION_FOR:
    case REGION_WHILE:
        return run_loop(fl, c, in);
    case REGION_TRY:
        return run_try(fl, c, in);
    case REGION_CASE:
        return run_cases(fl, c, in);
    case REGION_WITH:
        return run_member(fl, c, c->child, in);
    default: { /* parts of expressions: they may be skipped */
        Ways w = run_member(fl, c, c->child, in);
        w.next |= in;
        return w;
    }
    }
}

/* The next child region comes before the next operation of the block itself. */
static bool is_child_next(const Flow *fl, const Cursor *c, u32 region) {
    if (c->child >= c->child_end) return false;
    if (c->op >= c->end) return true;
    const Op *op = &fl->f->ops[c->op];
    /* an empty block has no operations: its place tells */
    return op->region.i != region || fl->f->regions[c->child].span.end <= op->span.start;
}

static Ways run_block(Flow *fl, u32 region, u32 first, u32 end, bool in) {
    const Facts *f = fl->f;
    Ways w = {.next = in};
    Cursor c = {first, end, region + 1, region_end(f, region)};
    fl->ever |= in && !fl->n_removals;
    if (fl->depth >= EXIT_REGIONS) return w;
    fl->depth++;
    while (c.op < c.end || c.child < c.child_end) {
        if (is_child_next(fl, &c, region)) {
            if (f->regions[c.child].scope.i != fl->scope.i) {
                c.child = region_end(f, c.child);
                continue;
            }
            u32 at = c.op, child = c.child;
            bool was = w.next;
            w.next = false;
            join(fl, &w, run_statement(fl, &c, was));
            if (c.op == at && c.child == child) break;
            continue;
        }
        if (c.op >= c.end) break;
        const Op *op = &f->ops[c.op];
        if (op->region.i == region) step(fl, c.op, &w);
        bool makes_scope = op_subject((OpKind)op->kind) == SUBJECT_SCOPE;
        c.op = makes_scope ? MAX(c.op + 1, f->scopes[op->subject].op_end) : c.op + 1;
    }
    fl->depth--;
    return w;
}

/* Another function may bind the variable at any time. */
static bool is_bound_elsewhere(const Facts *f, SymbolId owner) {
    const Symbol *s = &f->symbols[owner.i];
    if (!(s->flags & SYMBOL_CELL)) return false;
    for (u32 i = 1; i < f->n_symbols; i++)
        if (f->symbols[i].target.i == owner.i && f->symbols[i].flags & SYMBOL_NONLOCAL) return true;
    return false;
}

Exit graph_exit_with(const Graph *g, u32 file, OpId from, PathId path) {
    const Facts *f = g->files[file].facts;
    ScopeId id = f->regions[f->ops[from.i].region.i].scope;
    const Scope *scope = &f->scopes[id.i];
    SymbolId root = facts_root_symbol(f, path);
    Exit exit = {0};
    if (scope->kind != SCOPE_FUNCTION || !root.i || f->symbols[root.i].scope.i != id.i) return exit;
    if (f->symbols[root.i].flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) return exit;
    if (scope->op_end - scope->op_first > EXIT_OPS || is_bound_elsewhere(f, root)) return exit;
    Flow fl = {.g = g, .file = file, .f = f, .scope = id, .from = from.i, .path = path};
    Ways w = run_block(&fl, scope->region.i, scope->op_first, scope->op_end, false);
    exit.cleared = (OpId){fl.cleared};
    exit.endless = (RegionId){fl.endless};
    u32 op = nearer(&fl, w.raise, w.returns);
    if (w.next && op < from.i) op = 0;
    exit.op = (OpId){op};
    if (op)
        exit.kind = op == w.raise ? EXIT_RAISE : EXIT_RETURN;
    else if (w.next)
        exit.kind = EXIT_END;
    return exit;
}

Skip graph_skip(const Graph *g, u32 file, OpId from, const OpId *removals, u32 n, PathId quiet) {
    const Facts *f = g->files[file].facts;
    ScopeId id = f->regions[f->ops[from.i].region.i].scope;
    const Scope *scope = &f->scopes[id.i];
    Skip skip = {0};
    if (scope->kind != SCOPE_FUNCTION || scope->op_end - scope->op_first > EXIT_OPS || !n)
        return skip;
    Flow fl = {.g = g,
               .file = file,
               .f = f,
               .scope = id,
               .from = from.i,
               .removals = removals,
               .n_removals = n,
               .quiet = quiet};
    Ways w = run_block(&fl, scope->region.i, scope->op_first, scope->op_end, false);
    return (Skip){{w.raise}, {w.returns}, {w.throws}, w.next};
}

bool graph_reaches_end(const Graph *g, ScopeRef function) {
    static const OpId NONE = {UINT32_MAX};
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->op_end - scope->op_first > EXIT_OPS) return false;
    Flow fl = {.g = g,
               .file = function.file,
               .f = f,
               .scope = function.scope,
               .from = UINT32_MAX,
               .path = {UINT32_MAX}, /* no value is spoken of */
               .removals = &NONE,
               .n_removals = 1};
    return run_block(&fl, scope->region.i, scope->op_first, scope->op_end, true).next;
}
