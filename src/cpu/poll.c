/* Loops that only look whether something has happened, again and again: the way round the loop on
 * which nothing has happened is walked, and nothing on it waits, sleeps or gets anything done. */
#include "cpu/read.h"

enum { POLL_OPS = 120 };

/* Methods that look, and what waits instead. `idle` is what they say when nothing has happened. */
typedef struct Look {
    const char *method;
    const char *instead;
    bool idle;
    bool raises;    /* it raises when nothing has happened */
    bool is_common; /* many things have a method of that name: the receiver must be known */
} Look;
static const Look LOOKS[] = {
    {"done", "result()", false, false, false},   {"empty", "get()", true, false, false},
    {"full", "put()", true, false, false},       {"get_nowait", "get()", false, true, false},
    {"is_alive", "join()", true, false, false},  {"isAlive", "join()", true, false, false},
    {"is_set", "wait()", false, false, false},   {"isSet", "wait()", false, false, false},
    {"locked", "acquire()", true, false, false}, {"poll", "wait()", false, false, true},
    {"put_nowait", "put()", false, true, false}, {"qsize", "get()", false, false, true},
    {"ready", "get()", false, false, true},
};

typedef struct Walk {
    Reader *r;
    const Facts *f;
    RegionId loop;
    BusyWait out;
    bool has_poll, has_flag, has_clock;
    bool leaves;  /* on some way out of a round */
    bool skipped; /* some of the body runs only when something has happened */
    bool ended;   /* `continue` */
} Walk;

static bool is_clock(Str name) {
    static const char *const NAMES[] = {"datetime.datetime.now", "time.monotonic",
                                        "time.perf_counter", "time.time"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* `acquire(False)`, `get(block=False)` */
static bool is_nonblocking_form(const Facts *f, const Op *call, Str method) {
    bool gets = str_is(method, "get"), acquires = str_is(method, "acquire");
    if (!gets && !acquires) return false;
    PathId flag = call_argument(f, call, 0, gets ? "block" : "blocking");
    return path_is_false(f, flag) || (acquires && path_is_zero(f, flag));
}

static const Look *look_named(Str method) {
    for (u32 i = 0; i < ARRAY_LEN(LOOKS); i++)
        if (str_is(method, LOOKS[i].method)) return &LOOKS[i];
    return NULL;
}

/* The receiver is a process, a queue, a result of a pool. */
static bool is_known_receiver(const Reader *r, const Op *call) {
    Str origin = origin_of(r, (PathId){r->f->paths[call->subject].parent.i});
    return str_is(origin, "subprocess.Popen") || str_starts(origin, "queue.") ||
           str_starts(origin, "multiprocessing.");
}

static const Look *look_of(const Walk *w, const Op *call) {
    static const Look GET = {"get", "get()", false, true, false};
    static const Look ACQUIRE = {"acquire", "acquire()", false, false, false};
    Str method = facts_method(w->f, call);
    if (is_nonblocking_form(w->f, call, method)) return str_is(method, "get") ? &GET : &ACQUIRE;
    const Look *look = method.n ? look_named(method) : NULL;
    if (!look || call->operands > 1) return NULL;
    return look->is_common && !is_known_receiver(w->r, call) ? NULL : look;
}

static void note_poll(Walk *w, OpId op, const Look *look) {
    w->has_poll = true;
    if (w->out.op.i) return;
    const Op *call = &w->f->ops[op.i];
    Buf text = {.arena = &w->r->space->kept};
    facts_path_text(w->f, (PathId){w->f->paths[call->subject].parent.i}, &text);
    Str receiver = str_copy(&w->r->space->kept, buf_get(&text));
    w->out.op = op;
    w->out.kind = look->raises ? POLL_TRY : POLL_CALL;
    w->out.what = str_format(&w->r->space->kept, "%.*s.%s()", STR_ARG(receiver), look->method);
    w->out.instead = str_format(&w->r->space->kept, "%.*s.%s", STR_ARG(receiver), look->instead);
}

/* ---- calls ---- */

/* Containers, and what works on them, may change in a round: `d.popleft()`, `heappop(heap)`. */
static bool may_change(Str name) {
    static const char *const FAMILIES[] = {"array.",      "bisect.", "builtins.", "collections.",
                                           "contextlib.", "heapq.",  "random.",   "weakref."};
    for (u32 i = 0; i < ARRAY_LEN(FAMILIES); i++)
        if (str_starts(name, FAMILIES[i])) return true;
    return false;
}

/* `self.recent.popleft()`: the round after it finds something else there, whatever it is. */
static bool changes_receiver(const Facts *f, const Op *call) {
    Str method = facts_method(f, call);
    const MethodRow *row = method.n ? know_method(method) : NULL;
    return row && row->effect != METHOD_READS;
}

static bool idle_call(Walk *w, OpId op) {
    const Op *call = &w->f->ops[op.i];
    Callee callee = graph_callee(w->r->g, w->r->file, op);
    if (callee.made.i) return false;
    if (callee.function) { /* judged when its profile is known */
        Str name = graph_scope_name(w->r->g, graph_function_scope(w->r->g, callee.function));
        if (w->out.op.i) return true;
        w->has_poll = true;
        w->out.op = op;
        w->out.kind = POLL_CALL;
        w->out.what = str_format(&w->r->space->kept, "%.*s()", STR_ARG(str_after_last(name, '.')));
        return true;
    }
    const Look *look = look_of(w, call);
    if (look) {
        note_poll(w, op, look);
        return true;
    }
    if (changes_receiver(w->f, call)) return false;
    Str name;
    const CostRow *row = callee_cost(w->r, call, &name);
    if (!row) return false;
    if (is_clock(name)) w->has_clock = true;
    bool is_yield =
        row->wait == WAIT_SLEEP && path_is_zero(w->f, call_argument(w->f, call, 0, NULL));
    if (is_yield) w->out.yields = op;
    return is_yield || (row->cost == COST_CHEAP && !may_change(name));
}

/* ---- flags ---- */

/* A function declares it `global` and binds it. */
static bool is_set_elsewhere(const Facts *f, SymbolId variable) {
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *s = &f->symbols[i];
        if (s->target.i == variable.i && s->flags & SYMBOL_GLOBAL && s->binds) return true;
    }
    return false;
}

/* Somebody else can change it: an attribute, a variable of the module or of an outer function. */
static bool is_shared(const Walk *w, PathId path) {
    const Path *p = &w->f->paths[path.i];
    if (p->kind == PATH_ATTR)
        return !graph_may_be_property(w->r->g, w->f->strings[p->id].hash) ||
               graph_type_of(w->r->g, w->r->file, p->parent).i;
    SymbolId s = facts_root_symbol(w->f, path);
    if (p->kind == PATH_CONST || p->kind == PATH_ANY) return s.i != 0;
    if (p->kind != PATH_SYMBOL || !s.i) return false;
    const Symbol *owner = &w->f->symbols[s.i];
    bool is_global = w->f->scopes[owner->scope.i].kind == SCOPE_MODULE;
    if (is_global) return owner->binds > 1 || is_set_elsewhere(w->f, s);
    return owner->flags & SYMBOL_CELL;
}

static void note_flag(Walk *w, PathId path) {
    if (!is_shared(w, path)) return;
    w->has_flag = true;
    if (w->out.what.n) return;
    Buf text = {.arena = &w->r->space->kept};
    facts_path_text(w->f, path, &text);
    w->out.what = str_copy(&w->r->space->kept, buf_get(&text));
    w->out.kind = POLL_FLAG;
}

/* ---- branches ---- */

/* The look whose outcome decides whether a branch is taken, or NULL; *taken when it says that
 * nothing has happened. */
static const Look *guard_of(const Walk *w, RegionId branch, bool *taken) {
    const Region *region = &w->f->regions[branch.i];
    const Region *tests = region->kind == REGION_ELSE ? &w->f->regions[region->group.i] : region;
    const Look *look = NULL;
    u32 n = 0;
    bool negated = region->kind == REGION_ELSE;
    for (u32 o = tests->test_first; o < tests->test_end; o++) {
        const Op *op = &w->f->ops[o];
        if (op->kind != OP_TEST) continue;
        const Path *subject = &w->f->paths[op->subject];
        n++;
        if (subject->kind != PATH_OP || w->f->ops[subject->id].kind != OP_CALL) return NULL;
        look = look_of(w, &w->f->ops[subject->id]);
        u32 kind = op->flags & OP_LOW;
        bool is_none = kind == TEST_IS; /* `process.poll() is None` */
        if (!is_none && kind != TEST_CALL && kind != TEST_TRUTH) return NULL;
        if (op->flags & OP_NEGATED) negated = !negated;
        if (is_none) negated = !negated;
    }
    if (n != 1 || !look || look->raises) return NULL;
    *taken = look->idle != negated;
    return look;
}

static bool is_in(const Facts *f, RegionId region, RegionId outer) {
    for (u32 up = 0; region.i && up < REGIONS_UP; up++) {
        if (region.i == outer.i) return true;
        region = f->regions[region.i].parent;
    }
    return false;
}

/* The call in the `try` that raises when nothing has happened, or 0. */
static u32 raising_look(const Walk *w, RegionId try, u32 first, u32 end) {
    for (u32 i = first; i < end; i = next_own_op(w->f, i)) {
        const Op *op = &w->f->ops[i];
        if (op->kind != OP_CALL || !is_in(w->f, op->region, try)) continue;
        const Look *look = look_of(w, op);
        if (look && look->raises) return i;
    }
    return 0;
}

typedef enum Way {
    WAY_IDLE,    /* runs when nothing has happened */
    WAY_SKIPPED, /* does not */
    WAY_MAYBE,   /* nobody can tell */
} Way;

/* Does an operation run in a round in which nothing has happened? */
static Way way_of(Walk *w, u32 i, u32 first, u32 end) {
    Way way = WAY_IDLE;
    for (RegionId at = w->f->ops[i].region; at.i && at.i != w->loop.i;) {
        const Region *region = &w->f->regions[at.i];
        bool taken = false;
        switch (region->kind) {
        case REGION_IF:
        case REGION_ELSE:
            if (!guard_of(w, at, &taken))
                way = MAX(way, WAY_MAYBE);
            else if (!taken)
                return WAY_SKIPPED;
            break;
        case REGION_TRY: {
            u32 look = raising_look(w, at, first, end);
            if (look && i > look) return WAY_SKIPPED;
            break;
        }
        case REGION_EXCEPT:
            if (!raising_look(w, region->group, first, end)) return WAY_SKIPPED;
            break;
        case REGION_TRY_ELSE:
            if (raising_look(w, region->group, first, end)) return WAY_SKIPPED;
            break;
        case REGION_FINALLY:
        case REGION_WITH:
        case REGION_SHORT_CIRCUIT:
            break;
        default:
            return WAY_MAYBE;
        }
        at = region->parent;
    }
    return way;
}

/* ---- operations ---- */

/* A local that the loop's condition asks is bound to something else than a look: progress. */
static bool is_progress(const Walk *w, const Op *bind) {
    const Path *value = &w->f->paths[bound_value(w->f, bind).i];
    if (value->kind == PATH_OP && w->f->ops[value->id].kind == OP_CALL)
        return !look_of(w, &w->f->ops[value->id]);
    return value->kind != PATH_LITERAL || (bind->flags & OP_LOW) != BIND_ASSIGN;
}

static bool idle_op(Walk *w, u32 i) {
    const Op *op = &w->f->ops[i];
    switch (op->kind) {
    case OP_CALL:
        return idle_call(w, (OpId){i});
    case OP_TEST:
        note_flag(w, op_path(op));
        return true;
    case OP_LOAD:
    case OP_NOT:
    case OP_COMPARE:
    case OP_CHOICE:
    case OP_UNARY:
    case OP_BINARY:
    case OP_HANDLER:
    case OP_CONTINUE:
        return true;
    case OP_DELETE:
        return op->flags & OP_IMPLICIT;
    case OP_BIND:
        return (op->flags & OP_LOW) == BIND_EXCEPT || !is_progress(w, op);
    default:
        return false;
    }
}

static bool leaves(const Op *op) {
    return op->kind == OP_BREAK || op->kind == OP_RETURN || op->kind == OP_RAISE;
}

/* One operation of the loop; false when the loop is no busy wait. */
static bool step(Walk *w, u32 i, u32 first, u32 end) {
    const Op *op = &w->f->ops[i];
    Way way = way_of(w, i, first, end);
    if (way == WAY_SKIPPED) {
        w->skipped |= !leaves(op);
        /* the look itself stands in the part that is tried */
        return true;
    }
    w->leaves |= leaves(op);
    if (leaves(op)) return way == WAY_MAYBE;
    if (op->kind == OP_CONTINUE && way == WAY_IDLE) w->ended = true;
    return idle_op(w, i);
}

static bool is_tried(const Walk *w, RegionId region) {
    for (; region.i && region.i != w->loop.i; region = w->f->regions[region.i].parent)
        if (w->f->regions[region.i].kind == REGION_TRY) return true;
    return false;
}

/* It takes what is there, and ends when there is no more: `while lock.acquire(False)`, `while not
 * queue.empty()` with a `get_nowait()`, one that nothing in the loop catches. */
static bool takes_all(const Walk *w, u32 first, u32 end) {
    bool takes = false, waits = true;
    const Look *before = NULL;
    for (u32 i = first; i < end; i = next_own_op(w->f, i)) {
        const Op *op = &w->f->ops[i];
        const Look *look = op->kind == OP_CALL ? look_of(w, op) : NULL;
        if (!look) continue;
        if (look->raises && !is_tried(w, op->region)) return true;
        if (look->raises && before && before != look) return true; /* makes room, and tries again */
        if (look->raises) before = look;
        takes |= look->raises || str_is(str_from(look->method), "acquire");
    }
    return takes && guard_of(w, w->loop, &waits) && !waits;
}

static bool is_polling(const Walk *w) {
    const Region *region = &w->f->regions[w->loop.i];
    if (w->has_poll || w->has_flag || w->has_clock) return true;
    return region->flags & REGION_ENDLESS && !w->skipped;
}

/* Nothing but the look itself in an endless loop, or a look that is made in vain each time. */
static void classify(Walk *w) {
    if (!w->out.what.n && w->has_clock) w->out.kind = POLL_CLOCK;
    if (!w->out.what.n && !w->has_clock) w->out.kind = POLL_ENDLESS;
    w->out.is_partial = w->skipped || (w->has_clock && w->leaves);
}

void find_polls(Reader *r, RegionId loop) {
    const Facts *f = r->f;
    const Region *region = &f->regions[loop.i];
    Walk w = {.r = r, .f = f, .loop = loop, .out = {.loop = loop}};
    u32 first = region->test_first, end = first, n = 0;
    if (region->flags & REGION_ASYNC) return;
    if (region->test_first == region->test_end) { /* `while True:` has no condition */
        for (first = f->scopes[r->scope.i].op_first; first < f->scopes[r->scope.i].op_end; first++)
            if (f->ops[first].span.start >= region->span.start) break;
    }
    for (end = first; end < f->scopes[r->scope.i].op_end; end = next_own_op(f, end)) {
        if (f->ops[end].span.start >= region->span.end) break;
        if (++n > POLL_OPS) return;
    }
    for (u32 i = first; i < end && !w.ended; i = next_own_op(f, i))
        if (!step(&w, i, first, end)) return;
    if (!is_polling(&w) || takes_all(&w, first, end)) return;
    classify(&w);
    w.out.in_coroutine = f->scopes[r->scope.i].flags & SCOPE_ASYNC;
    vec_push(&r->space->kept, &r->space->polls, w.out);
    vec_push(&r->space->kept, &r->space->poll_code, r->code);
}

/* Only looks: no calls, no stores. */
static bool is_look(const Cpu *c, u32 function) {
    ScopeRef scope = graph_function_scope(c->g, function);
    const Facts *f = graph_facts(c->g, scope.file);
    const Scope *s = &f->scopes[scope.scope.i];
    if (s->flags & (SCOPE_ASYNC | SCOPE_GENERATOR) || graph_is_overridden(c->g, scope))
        return false;
    if (graph_decoration(c->g, scope) != DECORATION_NONE) return false;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        u8 kind = f->ops[i].kind;
        bool is_act = kind == OP_STORE || kind == OP_AUGMENT || kind == OP_DELETE ||
                      kind == OP_ENTER || kind == OP_ITERATE || kind == OP_RAISE;
        if (is_act) return false;
        if (kind != OP_CALL) continue;
        Str method = facts_method(f, &f->ops[i]);
        const Look *look = method.n ? look_named(method) : NULL;
        if (!look || look->raises || look->is_common) return false;
    }
    return true;
}

bool poll_stands(const Cpu *c, u32 file, RegionId loop) {
    const Facts *f = graph_facts(c->g, file);
    const Region *region = &f->regions[loop.i];
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->span.start < region->span.start || op->span.start >= region->span.end) continue;
        if (op->kind != OP_CALL || !is_in(f, op->region, loop)) continue;
        Callee callee = graph_callee(c->g, file, (OpId){i});
        if (callee.function && !is_look(c, callee.function)) return false;
    }
    return true;
}
