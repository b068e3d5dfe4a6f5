/* What is still bound when a function leaves: one walk over the regions of a function, with one
 * bit. The bit says that some path leads from the statement that binds to here with nothing in
 * between that lets go. Exceptions that a call may raise count where a handler or a finally clause
 * of the function waits for them, and are no exits of their own: when in doubt nothing is kept. Of
 * something that the function owns (graph_leaving) more is asked: which of two branches releases
 * it, and whether that is meant so. */
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
    bool owns;   /* the path owns what it holds: see graph_leaving */
    u32 once;    /* the branch that binds it is taken once: see once.c */
    bool throws; /* calls may raise */
    Spared spared;
    bool thrown; /* only what is raised at `from` itself is followed */
    u32 goal;    /* an operation that is looked for, and whether the bit comes there */
    bool is_hit;
    u32 rebound; /* the first operation that binds something else while the bit is set */
    bool ever;   /* the bit was set at some time in this try block; for graph_skip and of an owner,
                    when something was raised there */
    u32 endless; /* the bit goes round this endless loop */
    u32 cleared;
    u32 depth;
} Flow;

/* Operations and child regions of a block that are still to come. */
typedef struct Cursor {
    u32 op, end;
    u32 child, child_end;
} Cursor;

static Ways run_block(Flow *fl, u32 region, u32 first, u32 end, bool in);

/* Only what may raise leads to a handler. */
static bool is_strict(const Flow *fl) {
    return fl->owns || fl->n_removals;
}

/* Of two ways out the one that a reader meets first after the binding; 0 is none. */
static u32 nearer(const Flow *fl, u32 a, u32 b) {
    if (!a || !b) return a | b;
    bool is_past_a = a >= fl->from, is_past_b = b >= fl->from;
    if (is_past_a != is_past_b) return is_past_a ? a : b;
    return MIN(a, b);
}

/* Of two calls that may raise the one that is likelier to, else the nearer. */
static u32 likelier(const Flow *fl, u32 a, u32 b) {
    if (!a || !b || fl->owns) return nearer(fl, a, b);
    u32 mild_a = call_mildness(fl->g, fl->file, a), mild_b = call_mildness(fl->g, fl->file, b);
    if (mild_a != mild_b) return mild_a < mild_b ? a : b;
    return nearer(fl, a, b);
}

static void join(const Flow *fl, Ways *a, Ways b) {
    a->next |= b.next;
    a->again |= b.again;
    a->out |= b.out;
    a->returns = nearer(fl, a->returns, b.returns);
    a->raise = nearer(fl, a->raise, b.raise);
    a->throws = likelier(fl, a->throws, b.throws);
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

bool is_translating(const Facts *f, const Op *call) {
    static const char *const NAMES[] = {"N_", "_",        "gettext",   "gettext_noop",
                                        "n_", "ngettext", "npgettext", "pgettext"};
    return str_is_any(facts_last_name(f, op_path(call)), NAMES, ARRAY_LEN(NAMES));
}

static bool is_quiet_function(Str name) {
    static const char *const STARTS[] = {"logging.",
                                         "time.",
                                         "threading.",
                                         "weakref.",
                                         "asyncio.Event",
                                         "asyncio.Lock",
                                         "asyncio.Future",
                                         "asyncio.current_task",
                                         "asyncio.get_",
                                         "uuid.",
                                         "contextlib.suppress",
                                         "heapq.heap",
                                         "gc.",
                                         "random.random",
                                         "psutil.virtual_memory",
                                         "ctypes.byref",
                                         "ctypes.sizeof"};
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

/* `errors.clear()`, `err.with_traceback(None)`, `traceback.clear_frames(err.__traceback__)`. */
static bool is_release_call(const Flow *fl, const Op *op) {
    const Facts *f = fl->f;
    Str name = facts_attribute(f, op_path(op));
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
    if (fl->n_removals || fl->owns)
        return has_removal(fl, (u32)(op - f->ops), (u32)(op - f->ops) + 1);
    switch (op->kind) {
    case OP_BIND:
    case OP_STORE:
        if ((op->flags & OP_LOW) == BIND_DECLARE) return false;
        if (is_prefix(f, op_path(op), fl->path)) return true;
        return str_is(facts_attribute(f, op_path(op)), "__traceback__") &&
               f->paths[op->subject].parent.i == fl->path.i;
    case OP_DELETE:
        return is_prefix(f, op_path(op), fl->path) || is_prefix(f, fl->path, op_path(op));
    case OP_CALL:
        return is_release_call(fl, op);
    default:
        return false;
    }
}

/* By its name the call does not come back: `exit_func(1)`, `parser.error(…)`, `self.fail(…)`. */
static bool is_named_end(Str last) {
    static const char *const NAMES[] = {"abort", "die",      "fail", "fatal",
                                        "skip",  "skipTest", "usage"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(last, NAMES[i])) return true;
    return str_contains(last, "exit");
}

/* The process ends, or nearly so. */
static bool is_end_of_process(const Flow *fl, const Op *op) {
    static const char *const ENDS[] = {"sys.exit", "os._exit", "os.abort", "builtins.exit",
                                       "builtins.quit"};
    const Facts *f = fl->f;
    const Path *callee = &f->paths[op->subject];
    Str last = facts_attribute(f, op_path(op));
    if (callee->kind == PATH_SYMBOL) last = facts_str(f, f->symbols[callee->id].name);
    if (fl->owns && is_named_end(last)) return true;
    if (fl->owns && str_is(last, "error") &&
        str_starts(graph_maker_of(fl->g, fl->file, callee->parent), "argparse."))
        return true;
    if (str_starts(last, "exec") && str_starts(graph_name_of(fl->g, fl->file, op_path(op)), "os."))
        return true;
    if (!str_ends(last, "exit") && !str_is(last, "abort") && !str_is(last, "quit")) return false;
    Str name = graph_name_of(fl->g, fl->file, op_path(op));
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(name, ENDS[i])) return true;
    return false;
}

/* Calls that only look, log or make what is empty do not raise as a rule. */
static bool is_quiet_call(const Graph *g, u32 file, const Op *call) {
    Str last = facts_attribute(g->files[file].facts, op_path(call));
    if (last.n && (know_method(last) || is_quiet_method(last))) return true;
    if (is_translating(g->files[file].facts, call)) return true;
    Str name = graph_name_of(g, file, op_path(call));
    const CallRow *row = know_call(name);
    return (row && row->flags & (CALL_READS | CALL_PLAIN | CALL_WEAK | CALL_HOLDS)) ||
           know_constructor(name) != MADE_NOTHING || is_quiet_function(name);
}

/* For an owner closing is quiet, and so are exceptions that are made and ends of the process. */
static bool is_quiet_for_owner(const Flow *fl, const Op *call) {
    Str last = facts_attribute(fl->f, op_path(call));
    Str name = graph_name_of(fl->g, fl->file, op_path(call));
    if (str_is(last, "close") || know_is_exception_type(name) || is_end_of_process(fl, call))
        return true;
    if (is_translating(fl->f, call)) return true;
    bool is_method = last.n && !name.n; /* `os.write` is none */
    if (is_method && (know_method(last) || is_quiet_method(last))) return true;
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

static bool may_raise(const Flow *fl, u32 index) {
    const Facts *f = fl->f;
    const Op *op = &f->ops[index];
    if (fl->thrown || (fl->owns ? !fl->throws : !fl->n_removals)) return false;
    if (op->kind == OP_AWAIT || op->kind == OP_YIELD) return true;
    if (op->kind != OP_CALL) return false;
    if (fl->owns) return !is_quiet_for_owner(fl, op) && !is_quiet_callee(fl->g, fl->file, op);
    if (call_starts_nothing(fl->g, fl->file, index)) return false;
    bool is_own = fl->spared.quiet.i && f->paths[op->subject].kind == PATH_ATTR &&
                  f->paths[op->subject].parent.i == fl->spared.quiet.i;
    return !is_own && !is_quiet_call(fl->g, fl->file, op) && !is_quiet_callee(fl->g, fl->file, op);
}

/* `raise SystemExit` */
static bool is_raised_exit(const Flow *fl, const Op *op) {
    PathId what = op_operand(fl->f, op, 0);
    const Path *p = &fl->f->paths[what.i];
    if (p->kind == PATH_OP && fl->f->ops[p->id].kind == OP_CALL) what = op_path(&fl->f->ops[p->id]);
    return str_is(graph_name_of(fl->g, fl->file, what), "builtins.SystemExit");
}

/* Something else takes the place of what the owner holds. */
static bool is_rebinding(const Flow *fl, const Op *op) {
    return fl->owns && op->subject == fl->path.i && (op->kind == OP_BIND || op->kind == OP_STORE) &&
           (op->flags & OP_LOW) != BIND_DECLARE;
}

/* One operation; the bit after it is w->next. */
static void step(Flow *fl, u32 index, Ways *w) {
    const Op *op = &fl->f->ops[index];
    bool here = index == fl->from;
    if (here && op->kind == OP_RAISE) w->next = true;
    fl->is_hit |= w->next && fl->goal == index;
    if (w->next && is_rebinding(fl, op)) {
        fl->rebound = nearer(fl, fl->rebound, index);
        w->next = false;
    }
    if (w->next && !here && is_release(fl, op)) {
        if (!fl->cleared) fl->cleared = index;
        w->next = false;
    }
    if (here) w->next = !fl->thrown;
    if (here && fl->thrown) {
        fl->ever = true;
        w->throws = nearer(fl, w->throws, index);
    }
    if (!w->next) return;
    bool throws = !here && may_raise(fl, index);
    if (throws) w->throws = likelier(fl, w->throws, index);
    fl->ever |= !is_strict(fl) || throws || op->kind == OP_RAISE;
    switch (op->kind) {
    case OP_RETURN:
        w->returns = nearer(fl, w->returns, index);
        break;
    case OP_RAISE:
        if (!fl->owns || !is_raised_exit(fl, op)) w->raise = nearer(fl, w->raise, index);
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

/* What was added would be missing then. */
static bool is_ruled_out(const Flow *fl, u32 test, bool outcome) {
    for (u32 i = 0; i < fl->spared.n_tests; i++)
        if (fl->spared.tests[i].test.i == test && fl->spared.tests[i].outcome == outcome)
            return true;
    return false;
}

/* The branch that its tests open by coming out as `outcome` can be taken with the bit set. */
static bool is_open(const Flow *fl, u32 region, bool outcome) {
    const Region *r = &fl->f->regions[region];
    if (outcome && fl->once == region) return false;
    if (r->test_first == r->test_end || !is_conjunction(fl->f, r, outcome)) return true;
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (is_impossible(fl, &fl->f->ops[i], outcome) || is_ruled_out(fl, i, outcome))
            return false;
    return true;
}

/* ---- conditions on a release ---- */

/* Symbols of this function that the tests of a region ask. */
static bool asks_symbol(const Flow *fl, const Region *r, u32 symbol) {
    for (u32 i = r->test_first; i < r->test_end; i++) {
        const Op *op = &fl->f->ops[i];
        if (op_subject((OpKind)op->kind) != SUBJECT_PATH) continue;
        if (facts_root_symbol(fl->f, op_path(op)).i == symbol) return true;
        for (u32 k = 0; k < op->operands; k++)
            if (facts_root_symbol(fl->f, op_operand(fl->f, op, k)).i == symbol) return true;
    }
    return false;
}

/* A condition under which the object was acquired asks for something that this one asks for, too.
 */
static bool is_same_condition(const Flow *fl, const Region *r) {
    const Facts *f = fl->f;
    for (RegionId a = f->ops[fl->from].region; a.i; a = f->regions[a.i].parent) {
        const Region *around = &f->regions[a.i];
        if (around == r || around->scope.i != fl->scope.i) break;
        for (u32 i = around->test_first; i < around->test_end; i++) {
            SymbolId s = facts_root_symbol(f, op_path(&f->ops[i]));
            if (op_subject((OpKind)f->ops[i].kind) == SUBJECT_PATH && s.i &&
                f->symbols[s.i].scope.i == fl->scope.i && asks_symbol(fl, r, s.i))
                return true;
        }
    }
    return false;
}

/* The condition is about the object that is owned: `if f is not sys.stdin: f.close()`. */
static bool is_about_owned(const Flow *fl, u32 region) {
    const Region *r = &fl->f->regions[region];
    return asks_symbol(fl, r, facts_root_symbol(fl->f, fl->path).i) || is_same_condition(fl, r);
}

/* A branch that ends in a statement that leaves it. */
static bool is_left(const Flow *fl, u32 region, u32 first, u32 end) {
    const Facts *f = fl->f;
    for (u32 i = end; i > first; i--) {
        const Op *op = &f->ops[i - 1];
        if (op->region.i != region) continue;
        return op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_BREAK ||
               op->kind == OP_CONTINUE || (op->kind == OP_CALL && is_end_of_process(fl, op));
    }
    return false;
}

/* An `if` with its else, and where its parts end. */
typedef struct Fork {
    u32 then, then_end;
    u32 otherwise, otherwise_end; /* 0 when there is none */
} Fork;

/* One branch releases and the other one does not. Is that meant so? When the condition is about the
 * object, or when both go on to the same statements: what is released under a condition is as a
 * rule owned under that condition. */
static bool is_excused(const Flow *fl, const Fork *k, u32 first) {
    if (is_about_owned(fl, k->then)) return true;
    if (is_left(fl, k->then, first, k->then_end)) return false;
    return !k->otherwise || !is_left(fl, k->otherwise, k->then_end, k->otherwise_end);
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

static Ways run_owned_if(Flow *fl, Cursor *c, bool in) {
    const Facts *f = fl->f;
    u32 first = c->op, next = region_end(f, c->child);
    Fork k = {.then = c->child, .then_end = ops_end(f, c->child, next, first, c->end)};
    Cursor after = {k.then_end, c->end, next, c->child_end};
    k.otherwise = next_member(fl, &after, k.then, REGION_ELSE);
    if (k.otherwise)
        k.otherwise_end = ops_end(f, k.otherwise, region_end(f, k.otherwise), k.then_end, c->end);
    bool then_releases = has_removal(fl, first, k.then_end);
    bool else_releases = k.otherwise && has_removal(fl, k.then_end, k.otherwise_end);
    bool is_meant = then_releases != else_releases && is_excused(fl, &k, first);
    bool enters = in && is_open(fl, k.then, true), past = in && is_open(fl, k.then, false);
    if (is_meant && then_releases) past = false;
    if (is_meant && else_releases) enters = false;
    Ways w = run_member(fl, c, k.then, enters);
    if (k.otherwise)
        join(fl, &w, run_member(fl, c, k.otherwise, past));
    else
        w.next |= past;
    return w;
}

static Ways run_if(Flow *fl, Cursor *c, bool in) {
    if (fl->owns) return run_owned_if(fl, c, in);
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

/* `for entry in archive.entries():` over the object that is owned. */
static bool is_over_owned(const Flow *fl, u32 first) {
    const Facts *f = fl->f;
    const Op *iterate = first ? &f->ops[first - 1] : NULL;
    if (!iterate || iterate->kind != OP_ITERATE) return false;
    PathId over = op_path(iterate);
    const Path *root = facts_root(f, over);
    if (root->kind == PATH_OP && f->ops[root->id].kind == OP_CALL)
        over = op_path(&f->ops[root->id]);
    SymbolId owner = facts_root_symbol(f, fl->path);
    return owner.i && facts_root_symbol(f, over).i == owner.i;
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
    bool drains = has_removal(fl, first, c->op); /* `for key in keys: …` */
    /* of an owner: when each round does; no rounds at all are not thought of */
    if (fl->owns)
        drains &= (is_while && is_about_owned(fl, loop)) || is_over_owned(fl, first) ||
                  !(w.next || w.again);
    if (is_endless || drains) past = false;
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

/* Some handler of the statement takes every exception that is not about the process, or removes. */
static bool catches_all(const Flow *fl, const Cursor *c, u32 group) {
    const Facts *f = fl->f;
    for (u32 o = c->op; o < c->end; o++) {
        const Region *r = &f->regions[f->ops[o].region.i];
        bool is_handler = f->ops[o].kind == OP_HANDLER && r->group.i == group;
        if (is_handler && handler_takes_all(fl->g, fl->file, &f->ops[o])) return true;
        if (r->kind == REGION_EXCEPT && r->group.i == group && has_removal(fl, o, o + 1))
            return true;
    }
    return false;
}

static Ways run_try(Flow *fl, Cursor *c, bool in) {
    u32 group = c->child, region;
    bool before = fl->ever;
    fl->ever = in && !is_strict(fl);
    Ways body = run_member(fl, c, group, in);
    bool during = fl->ever;
    Ways w = body;
    w.next = false;
    bool is_caught = next_member(fl, c, group, REGION_EXCEPT) != 0;
    bool is_all_caught = is_caught && catches_all(fl, c, group);
    if (is_caught) w.raise = 0;
    if (is_all_caught) w.throws = 0;
    if (fl->owns && is_all_caught) fl->ever = false; /* what is raised ends in the handlers */
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
    u32 group = c->child, first = c->op;
    Ways w = run_member(fl, c, group, in);
    u32 region;
    while ((region = next_member(fl, c, group, REGION_CASE)))
        join(fl, &w, run_member(fl, c, region, in));
    w.next |= in && !(fl->owns && has_removal(fl, first, c->op));
    return w;
}

/* `a if test else b`: one of them. A release in one is meant for when there is something. */
static Ways run_choice(Flow *fl, Cursor *c, bool in) {
    u32 then = c->child, first = c->op;
    Ways w = run_member(fl, c, then, in);
    u32 otherwise = next_member(fl, c, then, REGION_OTHERWISE);
    if (!otherwise) return w;
    Ways other = run_member(fl, c, otherwise, in);
    bool both = w.next && other.next;
    join(fl, &w, other);
    if (fl->owns && has_removal(fl, first, c->op)) w.next = both;
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
    case REGION_THEN:
        return run_choice(fl, c, in);
    default: { /* parts of expressions: they may be skipped */
        u32 first = c->op;
        Ways w = run_member(fl, c, c->child, in);
        w.next |= in && !(fl->owns && has_removal(fl, first, c->op)); /* `f and f.close()` */
        return w;
    }
    }
}

/* The next child region comes before the next operation of the block itself. */
static bool is_child_next(const Flow *fl, const Cursor *c, u32 region) {
    if (c->child >= c->child_end) return false;
    if (c->op >= c->end) return true;
    const Op *op = &fl->f->ops[c->op];
    const Region *child = &fl->f->regions[c->child];
    if (op->region.i != region) return true;
    /* `value if condition else other`: what is asked first stands behind it */
    if (child->kind == REGION_THEN) return c->op >= child->test_end;
    /* an empty block has no operations: its place tells */
    return child->span.end <= op->span.start;
}

static Ways run_block(Flow *fl, u32 region, u32 first, u32 end, bool in) {
    const Facts *f = fl->f;
    Ways w = {.next = in};
    Cursor c = {first, end, region + 1, region_end(f, region)};
    fl->ever |= in && !is_strict(fl);
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
bool is_bound_elsewhere(const Facts *f, SymbolId owner) {
    const Symbol *s = &f->symbols[owner.i];
    if (!(s->flags & SYMBOL_CELL)) return false;
    for (u32 i = 1; i < f->n_symbols; i++)
        if (f->symbols[i].target.i == owner.i && f->symbols[i].flags & SYMBOL_NONLOCAL) return true;
    return false;
}

/* From an operation to the ways out of its function; `removals` may be none. */
static Flow flow_from(const Graph *g, u32 file, OpId from, const OpId *removals, u32 n) {
    const Facts *f = g->files[file].facts;
    return (Flow){.g = g,
                  .file = file,
                  .f = f,
                  .scope = f->regions[f->ops[from.i].region.i].scope,
                  .from = from.i,
                  .removals = removals,
                  .n_removals = n};
}

static bool is_too_long(const Flow *fl) {
    const Scope *scope = &fl->f->scopes[fl->scope.i];
    return scope->op_end - scope->op_first > EXIT_OPS;
}

static Ways run_scope(Flow *fl, bool begins) {
    const Scope *scope = &fl->f->scopes[fl->scope.i];
    return run_block(fl, scope->region.i, scope->op_first, scope->op_end, begins);
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
    Flow fl = flow_from(g, file, from, NULL, 0);
    fl.path = path;
    Ways w = run_scope(&fl, false);
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

Leaving graph_leaving(const Graph *g, u32 file, OpId from, PathId path, const OpId *ends, u32 n,
                      bool throws) {
    Flow fl = flow_from(g, file, from, ends, n);
    if (fl.f->scopes[fl.scope.i].kind != SCOPE_FUNCTION || is_too_long(&fl)) return (Leaving){0};
    fl.path = path;
    fl.owns = true;
    fl.once = region_taken_once(fl.f, from, path).i;
    fl.throws = throws;
    Ways w = run_scope(&fl, false);
    return (Leaving){.raise = {w.raise},
                     .returns = {w.returns},
                     .call = {w.throws},
                     .rebound = {fl.rebound},
                     .at_end = w.next,
                     .is_known = true};
}

Skip graph_skip(const Graph *g, u32 file, OpId from, const OpId *removals, u32 n,
                const Spared *spared) {
    Flow fl = flow_from(g, file, from, removals, n);
    if (fl.f->scopes[fl.scope.i].kind != SCOPE_FUNCTION || is_too_long(&fl) || !n) return (Skip){0};
    fl.spared = *spared;
    Ways w = run_scope(&fl, false);
    bool is_told =
        w.throws && (call_is_told(fl.f, w.throws) || call_is_endless_wait(g, file, w.throws) ||
                     call_is_sleep(g, file, w.throws));
    bool is_timed = w.throws && call_is_timed_wait(g, file, w.throws) &&
                    !is_in_tried(fl.f, fl.f->ops[w.throws].region);
    return (Skip){{w.raise}, {w.returns}, {w.throws}, w.next, is_told, is_timed};
}

bool graph_yield_skips(const Graph *g, u32 file, OpId yield, const OpId *cleanup, u32 n) {
    Flow fl = flow_from(g, file, yield, cleanup, n), thrown = fl;
    if (is_too_long(&fl) || !n) return false;
    thrown.thrown = true;
    run_scope(&fl, false);
    Ways w = run_scope(&thrown, false);
    return fl.cleared && is_any(&w);
}

bool graph_reaches(const Graph *g, u32 file, OpId from, OpId to, const OpId *stops, u32 n) {
    Flow fl = flow_from(g, file, from, stops, n);
    if (is_too_long(&fl) || !n) return false;
    fl.goal = to.i;
    run_scope(&fl, false);
    return fl.is_hit;
}

bool graph_reaches_end(const Graph *g, ScopeRef function) {
    static const OpId NONE = {UINT32_MAX};
    Flow fl = {.g = g,
               .file = function.file,
               .f = g->files[function.file].facts,
               .scope = function.scope,
               .from = UINT32_MAX,
               .path = {UINT32_MAX}, /* no value is spoken of */
               .removals = &NONE,
               .n_removals = 1};
    return !is_too_long(&fl) && run_scope(&fl, true).next;
}
