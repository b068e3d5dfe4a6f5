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

/* Does the state add nothing to one that has come before? A state that was not followed yet is
 * widened by it. */
static bool is_covered(Waiting *at, const State *s, bool forced) {
    for (u32 i = 0; i < at->states.n; i++) {
        if (!state_can_merge(at->states.v[i], s, forced)) continue;
        State old = *at->states.v[i];
        state_merge(&old, s);
        bool is_same = true;
        for (u32 k = 0; k < old.n_things; k++)
            is_same &= old.things[k].null == at->states.v[i]->things[k].null;
        is_same &= old.n_known == at->states.v[i]->n_known;
        if (is_same) return true;
        if (i >= at->done) { /* not followed yet: it can be widened */
            *at->states.v[i] = old;
            return true;
        }
    }
    return false;
}

static void arrive(Ways *w, u32 block, const State *from) {
    Engine *e = w->e;
    Waiting *at = &w->blocks[block];
    State s = *from;
    state_tidy(&s);
    if (is_covered(at, &s, false)) return;
    /* many: those that differ in what is NULL become one */
    if (at->states.n >= STATES_MANY && is_covered(at, &s, true)) return;
    if (at->states.n >= STATES_MAX)
        e->is_cut = true;
    else
        vec_push(e->arena, &at->states, arena_copy(e->arena, &s, sizeof s));
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

static void leave(Engine *e, const FlowBlock *block, Value value) {
    engine_check_returned(e, block->node, value);
    summary_return(e, value);
    engine_check_return(e, block->node, value);
    gil_return(e, block->node);
}

/* `return PyObject_GetBuffer(object, view, flags);`: it has worked, or it has not. */
static void leave_with_status(Engine *e, const FlowBlock *block, u32 status) {
    State before = *e->now;
    for (u32 worked = 0; worked < 2; worked++) {
        Value answer = {.kind = VALUE_INT};
        *e->now = before;
        if (engine_settle(e->now, status, worked, &answer.number)) leave(e, block, answer);
    }
}

static void follow_return(Ways *w, const FlowBlock *block) {
    Engine *e = w->e;
    e->step = block->node;
    Value value = block->value ? engine_value(e, block->value) : (Value){0};
    if (e->is_dead) return;
    const Thing *t = value.kind == VALUE_THING ? &e->now->things[value.number] : NULL;
    if (t && t->kind == THING_STATUS) {
        leave_with_status(e, block, (u32)value.number);
        return;
    }
    if (t && t->null == IS_NULL) value = (Value){VALUE_INT, 0};
    leave(e, block, value);
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
        for (u32 i = 0; i < block->targets.n; i++) {
            State next = now;
            if (engine_narrow_case(e, &next, block->value, block->cases.v[i]))
                arrive(w, block->targets.v[i], &next);
        }
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

/* What a parameter points to that its caller may want to be given: THING_NONE for anything else. */
static ThingKind pointed_kind(const CUnit *u, u32 type) {
    const CType *target = &u->types[u->types[type].target];
    if (target->flags & CTYPE_POINTER)
        return cunit_is_object(u, u->types[type].target) ? THING_OBJECT : THING_MEMORY;
    bool is_buffer = str_is(cunit_type_name(u, u->types[type].target), "Py_buffer");
    return is_buffer ? THING_BUFFER : THING_NONE;
}

static void add_parameter(Engine *e, State *s, u32 p) {
    const CUnit *u = e->unit;
    u32 type = u->decls[p].type;
    ThingKind pointed = pointed_kind(u, type);
    Thing thing = {.flags = THING_PARAMETER | THING_NAMED, .parameter = p};
    thing.kind = cunit_is_object(u, type) ? THING_OBJECT : THING_MEMORY;
    u32 slot = p;
    if (pointed != THING_NONE) {
        slot = thing.parameter = engine_place(e, (Place){PLACE_POINTED, p, 0});
        thing.kind = (u8)pointed;
        state_set(s, p, (Value){VALUE_SLOT, slot});
    }
    int at = state_add(s, thing);
    if (at >= 0) state_set(s, slot, (Value){VALUE_THING, at});
}

/* Objects that are passed in are somebody else's. */
static void add_parameters(Engine *e, State *s) {
    const CUnit *u = e->unit;
    e->now = s;
    for (u32 p = u->decls[e->function].child; p; p = u->decls[p].next)
        if (u->types[u->decls[p].type].flags & CTYPE_POINTER) add_parameter(e, s, p);
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

static void keep_summary(Engine *e) {
    Summary *summary = &e->summaries[e->function];
    *summary = (Summary){.state = 2};
    if (!e->is_cut && e->flow.is_whole) *summary = summary_made(e);
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
    ArenaMark mark = arena_mark(s->scratch);
    Engine e = {.study = s,
                .unit = s->unit,
                .function = function,
                .arena = s->scratch,
                .summaries = summaries,
                .made = {.never_null = true, .is_held = true}};
    e.flow = flow_build(s->unit, function, s->scratch);
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
    arena_rewind(s->scratch, mark);
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
