/* The ways through a function: states wait at blocks, the first block first. */
#include "capi/engine.h"

#include <string.h>

enum { CHAIN_MAX = 200 }; /* calls into calls that are looked at first */

typedef struct Waiting {
    VEC(State *) states; /* that have come to the block */
    u32 done;            /* of these were followed */
} Waiting;

typedef struct Ways {
    Engine *e;
    Waiting *blocks; /* by block */
    u32 steps;
} Ways;

static void arrive(Ways *w, u32 block, const State *from) {
    Engine *e = w->e;
    Waiting *at = &w->blocks[block];
    State *s = arena_copy(e->arena, from, sizeof *from);
    state_tidy(s);
    for (u32 i = 0; i < at->states.n; i++) {
        State old = *at->states.v[i];
        if (!state_merge(&old, s)) continue;
        bool is_same = true;
        for (u32 k = 0; k < old.n_things; k++)
            is_same &= old.things[k].null == at->states.v[i]->things[k].null;
        is_same &= old.n_known == at->states.v[i]->n_known;
        if (is_same) return;
        if (i >= at->done) { /* not followed yet: it can be widened */
            *at->states.v[i] = old;
            return;
        }
    }
    if (at->states.n >= STATES_MAX)
        e->is_cut = true;
    else
        vec_push(e->arena, &at->states, s);
}

static void note_branch(State *s, u32 node, bool is_true) {
    s->steps[s->n_steps++ % C_STEPS_MAX] = node * 2 + is_true;
}

static void follow_branch(Ways *w, const FlowBlock *block) {
    Engine *e = w->e;
    e->step = block->node;
    Test test = engine_test(e, block->node);
    if (e->is_dead) return;
    engine_check_lost(e, block->node);
    for (u32 i = 0; i < 2; i++) {
        State next = *e->now;
        if (!engine_narrow(e, &next, &test, i == 0)) continue;
        note_branch(&next, block->node, i == 0);
        arrive(w, i ? block->second : block->first, &next);
    }
}

/* ---- what callers see ---- */

static u8 result_kind(Engine *e, Value value) {
    const CDecl *d = &e->unit->decls[e->function];
    if (!cunit_is_object(e->unit, d->type)) return RESULT_PLAIN;
    if (value.kind == VALUE_STATIC) return RESULT_UNKNOWN;
    if (value.kind != VALUE_THING) return RESULT_UNKNOWN;
    const Thing *t = &e->now->things[value.number];
    if (t->flags & THING_UNSURE) return RESULT_UNKNOWN;
    if (t->flags & THING_ESCAPED && t->owned <= 0) return RESULT_UNKNOWN;
    if (t->flags & THING_SHARED) return RESULT_SHARED;
    return t->owned > 0 ? RESULT_NEW : RESULT_BORROWED;
}

/* What the function has done to a parameter: the difference in references of the caller's. */
static u8 parameter_effect(const Engine *e, u32 decl) {
    const State *s = e->now;
    for (u32 i = 0; i < s->n_things; i++) {
        const Thing *t = &s->things[i];
        if (!(t->flags & THING_PARAMETER) || t->parameter != decl) continue;
        if (t->flags & THING_ESCAPED || t->owned > 0) return 0;
        return t->owned == 0 ? API_ARG_BORROW : API_ARG_STEAL;
    }
    return API_ARG_BORROW; /* NULL on this way */
}

static void summarise_return(Engine *e, Value value) {
    Summary *made = &e->made;
    bool is_null = value.kind == VALUE_INT && value.number == 0;
    u8 result = result_kind(e, value);
    bool is_first = !e->has_returned;
    e->has_returned = true;
    if (is_null) made->never_null = false;
    if (!is_null && made->state == 0) {
        made->result = result;
        made->state = 1; /* a value was seen */
    } else if (!is_null && made->result != result) {
        bool is_new = (made->result == RESULT_NEW && result == RESULT_SHARED) ||
                      (made->result == RESULT_SHARED && result == RESULT_NEW);
        made->result = is_new ? RESULT_NEW : RESULT_UNKNOWN;
    }
    u32 i = 0;
    for (u32 p = e->unit->decls[e->function].child; p && i < PARAMETERS_MAX; i++) {
        u8 effect = parameter_effect(e, p);
        if (is_first) made->effects[i] = effect;
        if (made->effects[i] != effect) made->effects[i] = 0;
        p = e->unit->decls[p].next;
    }
}

static void follow_return(Ways *w, const FlowBlock *block) {
    Engine *e = w->e;
    e->step = block->node;
    Value value = block->value ? engine_value(e, block->value) : (Value){0};
    if (e->is_dead) return;
    if (value.kind == VALUE_THING && e->now->things[value.number].null == IS_NULL)
        value = (Value){VALUE_INT, 0};
    summarise_return(e, value);
    engine_check_return(e, block->node, value);
    gil_return(e, block->node);
}

/* ---- following ---- */

static void follow_block(Ways *w, u32 id, const State *from) {
    Engine *e = w->e;
    State now = *from;
    const FlowBlock *block = &e->flow.blocks.v[id];
    e->now = &now;
    e->is_dead = false;
    for (u32 i = 0; i < block->steps.n && !e->is_dead; i++) {
        engine_step(e, block->steps.v[i]);
        w->steps++;
    }
    if (e->is_dead) return;
    switch (block->end) {
    case FLOW_JUMP:
        arrive(w, block->first, &now);
        return;
    case FLOW_BRANCH:
        follow_branch(w, block);
        return;
    case FLOW_SWITCH:
        for (u32 i = 0; i < block->targets.n; i++) arrive(w, block->targets.v[i], &now);
        return;
    case FLOW_RETURN:
        follow_return(w, block);
        return;
    case FLOW_DEAD:
        return;
    }
}

static bool follow_next(Ways *w) {
    Engine *e = w->e;
    for (u32 id = 1; id < e->flow.blocks.n; id++) {
        Waiting *at = &w->blocks[id];
        if (at->done == at->states.n) continue;
        w->steps++;
        follow_block(w, id, at->states.v[at->done++]);
        return true;
    }
    return false;
}

/* Objects that are passed in are somebody else's. */
static void add_parameters(Engine *e, State *s) {
    const CUnit *u = e->unit;
    e->now = s;
    for (u32 p = u->decls[e->function].child; p; p = u->decls[p].next) {
        if (!(u->types[u->decls[p].type].flags & CTYPE_POINTER)) continue;
        bool is_object = cunit_is_object(u, u->decls[p].type);
        Thing thing = {.kind = is_object ? THING_OBJECT : THING_MEMORY,
                       .flags = THING_PARAMETER | THING_NAMED,
                       .parameter = p};
        int at = state_add(s, thing);
        if (at >= 0) state_set(s, p, (Value){VALUE_THING, at});
    }
}

static void follow_all(Engine *e) {
    Ways w = {.e = e, .blocks = arena_array(e->arena, Waiting, e->flow.blocks.n)};
    State *entry = arena_new(e->arena, State);
    add_parameters(e, entry);
    vec_push(e->arena, &w.blocks[1].states, entry);
    while (follow_next(&w)) {
        if (w.steps < STEPS_MAX) continue;
        e->is_cut = true;
        return;
    }
}

static bool returns_object(const Engine *e) {
    return cunit_is_object(e->unit, e->unit->decls[e->function].type);
}

static void keep_summary(Engine *e) {
    Summary *summary = &e->summaries[e->function];
    *summary = (Summary){.state = 2};
    if (e->is_cut || !e->flow.is_whole) return;
    *summary = e->made;
    summary->state = 2;
    summary->never_returns = !e->has_returned;
    if (!returns_object(e))
        summary->result = RESULT_PLAIN;
    else if (e->made.state == 0 && e->has_returned)
        summary->result = RESULT_NULL;
}

void engine_confirm(Engine *e, u32 origin) {
    if (!engine_is_confirmed(e, origin)) vec_push(e->arena, &e->confirmed, origin);
}

bool engine_is_confirmed(const Engine *e, u32 origin) {
    for (u32 i = 0; i < e->confirmed.n; i++)
        if (e->confirmed.v[i] == origin) return true;
    return false;
}

/* Results that were taken to be new, and that nothing in the function bears out. */
static void mark_guesses(Engine *e, u32 from) {
    CFaults *out = e->study->out;
    for (u32 i = from; i < out->list.n; i++) {
        CFault *fault = &out->list.v[i];
        if (!fault->is_sure) fault->is_guess = !engine_is_confirmed(e, fault->origin);
    }
}

static void run(const Study *s, Summary *summaries, u32 function, u32 depth);

/* Functions of the unit that this one calls come first. */
static void run_callees(const Study *s, Summary *summaries, u32 function, u32 depth) {
    const CUnit *u = s->unit;
    Arena scratch = {0};
    CWalk walk = cwalk_begin(&scratch, u->decls[function].node);
    for (u32 node; (node = cwalk_next(u, &walk));) {
        const CNode *n = &u->nodes[node];
        if (n->kind != C_CALL || !n->decl || !(u->decls[n->decl].flags & CDECL_BODY)) continue;
        if (u->decls[n->decl].kind == C_FUNCTION) run(s, summaries, n->decl, depth + 1);
    }
    arena_free(&scratch);
}

static void run(const Study *s, Summary *summaries, u32 function, u32 depth) {
    const CDecl *d = &s->unit->decls[function];
    if (summaries[function].state || depth > CHAIN_MAX || !d->node) return;
    summaries[function].state = 1;
    run_callees(s, summaries, function, depth);
    Arena arena = {0};
    Engine e = {.study = s,
                .unit = s->unit,
                .function = function,
                .arena = &arena,
                .summaries = summaries,
                .made = {.never_null = true}};
    e.flow = flow_build(s->unit, function, &arena);
    /* where a statement is missing, so may be the one that releases */
    if (e.flow.is_whole && !(d->flags & CDECL_BROKEN)) {
        u32 from = s->out->list.n;
        follow_all(&e);
        mark_guesses(&e, from);
        keep_summary(&e);
    } else {
        summaries[function].state = 3;
    }
    s->out->cut += e.is_cut || summaries[function].state == 3;
    arena_free(&arena);
}

void engine_run(const Study *s, Summary *summaries, u32 function) {
    run(s, summaries, function, 0);
}

/* ---- other units ---- */

_Static_assert(sizeof(Summary) <= sizeof(((CExport *)0)->packed), "a summary fits into an export");

void engine_export(u64 name, const Summary *summary, Arena *arena, CExports *out) {
    CExport one = {.name = name};
    memcpy(one.packed, summary, sizeof *summary);
    vec_push(arena, &out->list, one);
    map_set(arena, &out->by_name, name, out->list.n);
}

void engine_import(const CUnit *u, const CExports *exports, Summary *summaries) {
    for (u32 i = 1; i < u->n_decls; i++) {
        const CDecl *d = &u->decls[i];
        if (d->kind != C_FUNCTION || d->flags & (CDECL_BODY | CDECL_STATIC | CDECL_SYSTEM))
            continue;
        u32 known = map_get(&exports->by_name, hash_str(cunit_name(u, i)));
        if (!known || exports->list.v[known - 1].is_unsure) continue;
        memcpy(&summaries[i], exports->list.v[known - 1].packed, sizeof summaries[i]);
    }
}
