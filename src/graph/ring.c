/* Rings of inner functions: functions that refer to themselves through variables of the function
 * around them.
 *
 * One pass over a function finds which of its variables hold inner functions and which of the inner
 * functions capture these variables; both are masks, so that what a function leads to is a closure
 * of sixty-four words. */
#include "graph/model.h"

/* Inner functions, and captured variables, of one function that are looked at. */
enum { MEMBERS_MAX = 64 };
/* Steps from a value to the functions in it: displays, calls that keep arguments, aliases. */
enum { VALUE_STEPS = 5 };

typedef struct Cell {
    SymbolId symbol;
    u64 holds;        /* inner functions that it was given */
    u32 given, freed; /* the last operation that gave it one, that took them all back */
    bool is_container;
    bool is_sure;
} Cell;

typedef struct Rings {
    const Graph *g;
    const Facts *f;
    u32 file;
    ScopeId outer;
    ScopeId functions[MEMBERS_MAX];
    u64 captures[MEMBERS_MAX]; /* cells, by function */
    u64 reaches[MEMBERS_MAX];  /* functions, by function */
    u64 attached; /* functions that were stored in an attribute of something that they capture */
    u32 n_functions;
    Cell cells[MEMBERS_MAX];
    u32 n_cells;
} Rings;

/* ---- who captures what ---- */

static u32 cell_of(const Rings *r, SymbolId s) {
    for (u32 i = 0; i < r->n_cells; i++)
        if (r->cells[i].symbol.i == s.i) return i;
    return MEMBERS_MAX;
}

static u32 cell_add(Rings *r, SymbolId s) {
    u32 i = cell_of(r, s);
    if (i < MEMBERS_MAX || r->n_cells == MEMBERS_MAX) return i;
    r->cells[r->n_cells] = (Cell){.symbol = s, .is_sure = true};
    return r->n_cells++;
}

/* A variable that could be given a function: not a mere parameter, import or class. */
static bool may_hold(const Facts *f, const Symbol *s) {
    if (!(s->flags & SYMBOL_CELL) || !s->bind.i) return false;
    const Op *bind = facts_op(f, s->bind);
    if (bind->kind != OP_BIND) return false;
    u32 kind = bind->flags & OP_LOW;
    return kind == BIND_FUNCTION || kind == BIND_ASSIGN || kind == BIND_WALRUS ||
           kind == BIND_DECLARE;
}

/* Most functions have no such variable: nothing else of them is looked at. */
static bool is_candidate(const Facts *f, const Scope *outer) {
    if (outer->kind != SCOPE_FUNCTION) return false;
    for (u32 i = outer->symbol_first; i < outer->symbol_end; i++)
        if (may_hold(f, &f->symbols[i])) return true;
    return false;
}

static void find_captures(Rings *r) {
    const Facts *f = r->f;
    u32 end = f->scopes[r->outer.i].span.end;
    for (u32 s = r->outer.i + 1; s < f->n_scopes && f->scopes[s].span.start < end; s++) {
        const Scope *scope = &f->scopes[s];
        bool is_function = scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA;
        if (!is_function || f->scopes[scope->parent.i].kind == SCOPE_CLASS) continue;
        if (r->n_functions == MEMBERS_MAX) return;
        u64 mask = 0;
        for (u32 i = scope->symbol_first; i < scope->symbol_end; i++) {
            const Symbol *symbol = &f->symbols[i];
            if (!(symbol->flags & SYMBOL_FREE)) continue;
            if (f->symbols[symbol->target.i].scope.i != r->outer.i) continue;
            u32 cell = cell_add(r, symbol->target);
            if (cell < MEMBERS_MAX) mask |= (u64)1 << cell;
        }
        if (!mask) continue;
        r->functions[r->n_functions] = (ScopeId){s};
        r->captures[r->n_functions++] = mask;
    }
}

/* ---- who holds whom ---- */

static u64 functions_in(const Rings *r, PathId value, u32 steps, bool *is_sure);

static u64 functions_in_operands(const Rings *r, const Op *op, u32 steps, bool *is_sure) {
    u64 mask = 0;
    for (u32 i = 0; i < op->operands; i++)
        mask |= functions_in(r, op_operand(r->f, op, i), steps, is_sure);
    return mask;
}

/* A call whose result holds its arguments: `partial(f)`, `lru_cache(None)(f)`, `Timer(1, f)`. */
static bool holds_arguments(const Rings *r, const Op *call) {
    const Path *callee = &r->f->paths[call->subject];
    if (callee->kind == PATH_OP && r->f->ops[callee->id].kind == OP_CALL)
        call = &r->f->ops[callee->id];
    Str name = graph_name_of(r->g, r->file, op_path(call));
    const CallRow *row = know_call(name);
    if ((row && row->flags & (CALL_HOLDS | CALL_LAZY)) || know_cache(name)) return true;
    u32 n;
    const EffectRow *effects = know_effects(name, &n);
    for (u32 i = 0; i < n; i++)
        if (effects[i].holder == HELD_BY_RESULT && !(effects[i].flags & EFFECT_WEAK)) return true;
    return false;
}

/* Other decorators than these may return something that does not hold the function. */
static bool is_kept_by_decorators(const Rings *r, const Scope *function) {
    for (u32 d = function->decorator_first; d < function->decorator_end; d++) {
        PathId path = r->f->operands[d].path;
        const Path *p = &r->f->paths[path.i];
        if (p->kind == PATH_OP && r->f->ops[p->id].kind == OP_CALL)
            path = op_path(&r->f->ops[p->id]);
        Str name = graph_name_of(r->g, r->file, path);
        bool is_known = know_cache(name) || str_is(name, "functools.wraps") ||
                        str_starts(name, "contextlib.") || str_is(name, "types.coroutine");
        if (!is_known) return false;
    }
    return true;
}

static u64 functions_made(const Rings *r, const Op *op, u32 steps, bool *is_sure) {
    switch ((OpKind)op->kind) {
    case OP_FUNCTION:
    case OP_LAMBDA:
        for (u32 i = 0; i < r->n_functions; i++) {
            if (r->functions[i].i != op->subject) continue;
            if (!is_kept_by_decorators(r, &r->f->scopes[op->subject])) *is_sure = false;
            return (u64)1 << i;
        }
        return 0;
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        return functions_in_operands(r, op, steps, is_sure);
    case OP_CHOICE:
        *is_sure = false;
        return functions_in_operands(r, op, steps, is_sure);
    case OP_CALL:
        return holds_arguments(r, op) ? functions_in_operands(r, op, steps, is_sure) : 0;
    default:
        return 0;
    }
}

/* The inner functions that a value holds. */
static u64 functions_in(const Rings *r, PathId value, u32 steps, bool *is_sure) {
    const Path *path = &r->f->paths[value.i];
    if (!steps) return 0;
    if (path->kind == PATH_OP) return functions_made(r, &r->f->ops[path->id], steps - 1, is_sure);
    if (path->kind != PATH_SYMBOL) return 0;
    const Symbol *s = &r->f->symbols[r->f->symbols[path->id].target.i];
    const Scope *outer = &r->f->scopes[r->outer.i];
    bool is_inside = s->bind.i >= outer->op_first && s->bind.i < outer->op_end;
    if (s->flags & SYMBOL_PARAM || !is_inside || s->binds != 1) return 0;
    const Op *bind = facts_op(r->f, s->bind);
    return bind->kind == OP_BIND ? functions_in(r, bound_value(r->f, bind), steps - 1, is_sure) : 0;
}

static void give(Rings *r, u32 cell, u32 op, u64 mask, bool is_sure) {
    if (!mask) return;
    r->cells[cell].holds |= mask;
    r->cells[cell].given = op;
    if (!is_sure) r->cells[cell].is_sure = false;
}

/* `x = None` and `del x` in the function itself take back what the variable held. */
static void take(Rings *r, u32 cell, u32 op) {
    if (r->f->regions[r->f->ops[op].region.i].scope.i == r->outer.i) r->cells[cell].freed = op;
}

static bool is_strong_container(const Rings *r, PathId value) {
    const Path *path = &r->f->paths[value.i];
    if (path->kind != PATH_OP) return false;
    const Op *op = &r->f->ops[path->id];
    if (op->kind == OP_LIST || op->kind == OP_DICT || op->kind == OP_SET) return true;
    if (op->kind != OP_CALL) return false;
    MadeKind made = know_constructor(graph_name_of(r->g, r->file, op_path(op)));
    return made != MADE_NOTHING && made != MADE_WEAK;
}

static void note_bind(Rings *r, u32 o) {
    const Op *op = &r->f->ops[o];
    u32 cell = cell_of(r, facts_root_symbol(r->f, op_path(op)));
    bool is_sure = true;
    PathId value = bound_value(r->f, op);
    if (cell == MEMBERS_MAX || !value.i) return;
    u64 mask = functions_in(r, value, VALUE_STEPS, &is_sure);
    if (is_strong_container(r, value)) r->cells[cell].is_container = true;
    give(r, cell, o, mask, is_sure);
    if (!mask) take(r, cell, o);
}

/* `table[key] = f` into a container of this function. `x.attribute = f` is only noted. */
static void note_store(Rings *r, u32 o) {
    const Op *op = &r->f->ops[o];
    const Path *subject = &r->f->paths[op->subject];
    bool is_sure = true;
    u64 mask = functions_in(r, bound_value(r->f, op), VALUE_STEPS, &is_sure);
    if (!mask) return;
    u32 cell = cell_of(r, facts_root_symbol(r->f, op_path(op)));
    if (cell == MEMBERS_MAX || r->f->paths[subject->parent.i].kind != PATH_SYMBOL) return;
    if (subject->kind != PATH_ATTR && r->cells[cell].is_container) give(r, cell, o, mask, is_sure);
    for (u32 i = 0; subject->kind == PATH_ATTR && i < r->n_functions; i++)
        if (mask >> i & 1 && r->captures[i] >> cell & 1) r->attached |= (u64)1 << i;
}

/* `callbacks.append(f)`, `callbacks.clear()`. */
static void note_call(Rings *r, u32 o) {
    const Op *op = &r->f->ops[o];
    const Path *subject = &r->f->paths[op->subject];
    if (subject->kind != PATH_ATTR || r->f->paths[subject->parent.i].kind != PATH_SYMBOL) return;
    u32 cell = cell_of(r, facts_root_symbol(r->f, op_path(op)));
    if (cell == MEMBERS_MAX || !r->cells[cell].is_container) return;
    const MethodRow *row = know_method(facts_str(r->f, (StrId){subject->id}));
    bool is_sure = true;
    if (row && row->effect == METHOD_ADDS)
        give(r, cell, o, functions_in_operands(r, op, VALUE_STEPS, &is_sure), is_sure);
    if (row && row->effect == METHOD_REMOVES && row->flags & METHOD_ALL) take(r, cell, o);
}

static void find_holders(Rings *r) {
    const Scope *outer = &r->f->scopes[r->outer.i];
    for (u32 o = outer->op_first; o < outer->op_end; o++) {
        switch ((OpKind)r->f->ops[o].kind) {
        case OP_BIND:
            note_bind(r, o);
            break;
        case OP_STORE:
            note_store(r, o);
            break;
        case OP_CALL:
            note_call(r, o);
            break;
        case OP_DELETE: {
            PathId subject = op_path(&r->f->ops[o]);
            u32 cell = cell_of(r, facts_root_symbol(r->f, subject));
            bool is_bare = r->f->paths[subject.i].kind == PATH_SYMBOL;
            if (cell < MEMBERS_MAX && is_bare) take(r, cell, o);
            break;
        }
        default:
            break;
        }
    }
}

/* ---- taking back ---- */

static bool is_within_region(const Facts *f, RegionId inner, RegionId outer) {
    while (inner.i && inner.i != outer.i) inner = f->regions[inner.i].parent;
    return inner.i == outer.i;
}

/* The function is left only through the operation that takes the functions back: it stands in a
 * `finally`, or where every way leads, and nothing returns before it. */
static bool is_on_all_ways(const Rings *r, const Cell *cell) {
    const Facts *f = r->f;
    RegionId region = f->ops[cell->freed].region;
    for (RegionId up = region; up.i && f->regions[up.i].scope.i == r->outer.i;
         up = f->regions[up.i].parent)
        if (f->regions[up.i].kind == REGION_FINALLY) return true;
    if (!is_within_region(f, f->ops[cell->given].region, region)) return false;
    for (u32 o = cell->given + 1; o < cell->freed; o++) {
        u8 kind = f->ops[o].kind;
        bool leaves = kind == OP_RETURN || kind == OP_BREAK || kind == OP_CONTINUE;
        if (leaves && f->regions[f->ops[o].region.i].scope.i == r->outer.i) return false;
    }
    return true;
}

static void drop_freed(Rings *r) {
    for (u32 i = 0; i < r->n_cells; i++) {
        Cell *cell = &r->cells[i];
        if (cell->freed <= cell->given) continue;
        if (is_on_all_ways(r, cell)) cell->holds = 0;
        cell->is_sure = false; /* on some ways it is */
    }
}

/* ---- rings ---- */

static u64 held_by_cells(const Rings *r, u64 cells) {
    u64 mask = 0;
    for (u32 i = 0; i < r->n_cells; i++)
        if (cells >> i & 1) mask |= r->cells[i].holds;
    return mask;
}

static void find_reach(Rings *r) {
    for (u32 i = 0; i < r->n_functions; i++) r->reaches[i] = held_by_cells(r, r->captures[i]);
    for (u32 k = 0; k < r->n_functions; k++)
        for (u32 i = 0; i < r->n_functions; i++)
            if (r->reaches[i] >> k & 1) r->reaches[i] |= r->reaches[k];
}

/* The first captured variable of `from` that holds a function which leads to `to`, nearest first;
 * *next is that function. */
static u32 cell_towards(const Rings *r, u32 from, u32 to, u64 avoid, u32 *next) {
    for (u32 pass = 0; pass < 3; pass++) /* 0: by name, 1: in a container, 2: over others */
        for (u32 c = 0; c < r->n_cells; c++) {
            if (!(r->captures[from] >> c & 1) || (!pass && r->cells[c].is_container)) continue;
            for (u32 i = 0; i < r->n_functions; i++) {
                if (!(r->cells[c].holds >> i & 1) || avoid >> i & 1) continue;
                bool leads = pass == 2 ? r->reaches[i] >> to & 1 : i == to;
                *next = i;
                if (leads) return c;
            }
        }
    return MEMBERS_MAX;
}

/* From the function back to itself: each step is a function and the variable that leads on. */
static void add_steps(Arena *arena, const Rings *r, u32 start, ClosureRing *ring) {
    ring->steps = arena_array(arena, ClosureStep, r->n_functions);
    u64 seen = 0;
    u32 at = start, next;
    do {
        seen |= (u64)1 << at;
        u32 c = cell_towards(r, at, start, seen & ~((u64)1 << start), &next);
        if (c == MEMBERS_MAX) break; /* every way on has been tried */
        const Cell *cell = &r->cells[c];
        ring->steps[ring->n_steps++] = (ClosureStep){r->functions[at], cell->symbol, {cell->given}};
        if (!cell->is_sure) ring->is_sure = false;
        at = next;
    } while (at != start && ring->n_steps < r->n_functions);
}

/* Variables that the functions of the ring, and those they lead to, hold beside one another. */
static void add_captured(Arena *arena, const Rings *r, u64 functions, ClosureRing *ring) {
    const Facts *f = r->f;
    ring->captured = arena_array(arena, SymbolId, MEMBERS_MAX);
    for (u32 i = 0; i < r->n_functions; i++) {
        const Scope *scope = &f->scopes[r->functions[i].i];
        if (!(functions >> i & 1)) continue;
        for (u32 s = scope->symbol_first; s < scope->symbol_end; s++) {
            SymbolId target = f->symbols[s].target;
            if (!(f->symbols[s].flags & SYMBOL_FREE) || ring->n_captured == MEMBERS_MAX) continue;
            u32 cell = cell_of(r, target);
            bool is_known = cell < MEMBERS_MAX && r->cells[cell].holds;
            for (u32 k = 0; k < ring->n_captured; k++)
                if (ring->captured[k].i == target.i) is_known = true;
            if (!is_known) ring->captured[ring->n_captured++] = target;
        }
    }
}

u32 graph_closure_rings(const Graph *g, Arena *arena, ScopeRef function, ClosureRing **out) {
    const Facts *f = graph_facts(g, function.file);
    if (!is_candidate(f, &f->scopes[function.scope.i])) return 0;
    Rings r = {.g = g, .f = f, .file = function.file, .outer = function.scope};
    find_captures(&r);
    if (!r.n_functions) return 0;
    find_holders(&r);
    drop_freed(&r);
    find_reach(&r);
    u32 n = 0;
    u64 done = 0;
    *out = arena_array(arena, ClosureRing, r.n_functions);
    for (u32 i = 0; i < r.n_functions; i++) {
        if (!(r.reaches[i] >> i & 1) || done >> i & 1) continue;
        u64 members = 0;
        for (u32 k = 0; k < r.n_functions; k++)
            if (r.reaches[i] >> k & 1 && r.reaches[k] >> i & 1) members |= (u64)1 << k;
        done |= members;
        ClosureRing *ring = &(*out)[n++];
        *ring = (ClosureRing){.is_sure = true, .is_attached = (r.attached & members) != 0};
        add_steps(arena, &r, i, ring);
        add_captured(arena, &r, r.reaches[i], ring);
    }
    return n;
}
