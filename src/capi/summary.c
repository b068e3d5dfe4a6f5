/* What a function does to references, as its callers see it: one outcome for each parameter, put
 * together from all ways out. */
#include "capi/engine.h"

enum { NOT_THERE = 255 }; /* the parameter is NULL on this way: anything goes with that */

static u8 result_kind(const Engine *e, Value value) {
    const CDecl *d = &e->unit->decls[e->function];
    if (!cunit_is_object(e->unit, d->type)) return RESULT_PLAIN;
    if (value.kind != VALUE_THING) return RESULT_UNKNOWN;
    const Thing *t = &e->now->things[value.number];
    if (t->flags & THING_UNSURE) return RESULT_UNKNOWN;
    if (t->flags & THING_ESCAPED && t->owned <= 0) return RESULT_UNKNOWN;
    /* a cache may own it */
    if (t->flags & THING_STORED && t->owned <= 1) return RESULT_UNKNOWN;
    if (t->flags & THING_SHARED) return RESULT_SHARED;
    bool is_passed = t->flags & THING_PARAMETER && t->parameter < PLACE_FIRST;
    if (is_passed && t->owned == 1) return RESULT_AGAIN;
    return t->owned > 0 ? RESULT_NEW : RESULT_BORROWED;
}

static bool is_new_or_shared(u8 result) {
    return result == RESULT_NEW || result == RESULT_SHARED || result == RESULT_AGAIN;
}

static void merge_result(Summary *made, u8 result) {
    if (made->state == 0) {
        made->result = result;
        made->state = 1; /* a value was seen */
    } else if (made->result != result) {
        bool is_new = is_new_or_shared(made->result) && is_new_or_shared(result);
        made->result = is_new ? RESULT_NEW : RESULT_UNKNOWN;
    }
}

static u8 answer_of(const Engine *e, Value value) {
    const CType *type = &e->unit->types[e->unit->decls[e->function].type];
    if (!(type->flags & CTYPE_INTEGER)) return ANSWER_OPEN;
    if (value.kind == VALUE_NOT_0) return ANSWER_ABOVE;
    if (value.kind != VALUE_INT) return ANSWER_OPEN;
    if (value.number == 0) return ANSWER_ZERO;
    return value.number < 0 ? ANSWER_BELOW : ANSWER_ABOVE;
}

/* ---- one parameter on one way ---- */

static const Thing *passed_in(const State *s, u32 decl) {
    for (u32 i = 0; i < s->n_things; i++)
        if (s->things[i].flags & THING_PARAMETER && s->things[i].parameter == decl)
            return &s->things[i];
    return NULL;
}

static u8 of_object(const Thing *t) {
    if (!t) return NOT_THERE;
    if (t->flags & (THING_ESCAPED | THING_STORED) || t->owned > 0) return 0;
    if (t->owned < -1) return 0;
    if (t->owned < 0) return t->kind == THING_BUFFER ? API_ARG_FREE_BUFFER : API_ARG_STEAL;
    return t->flags & THING_KEPT ? API_ARG_KEEP : API_ARG_BORROW;
}

static u8 out_effect(const Thing *t) {
    if (t->kind == THING_BUFFER) return API_ARG_OUT_BUFFER;
    return t->kind == THING_MEMORY ? API_ARG_OUT_MEMORY : API_ARG_OUT_NEW;
}

/* What the place that the parameter points to holds at the end, and what became of what it held. */
static u8 of_place(Engine *e, u32 place) {
    State *s = e->now;
    const Thing *before = passed_in(s, place);
    Value now = state_get(s, place);
    u8 was = before ? of_object(before) : API_ARG_BORROW;
    Thing *t = now.kind == VALUE_THING ? &s->things[now.number] : NULL;
    if (t && t->flags & THING_PARAMETER && t->parameter == place) {
        return was == API_ARG_STEAL ? 0 : was;
    }
    bool is_gone = was == API_ARG_STEAL;
    bool is_null = now.kind == VALUE_INT && now.number == 0;
    if (is_null) return is_gone ? API_ARG_CLEAR : API_ARG_BORROW;
    if (was == 0 || is_gone || !t || t->status) return 0;
    if (t->flags & (THING_ESCAPED | THING_UNSURE)) return 0;
    if (t->owned <= 0) return t->flags & THING_NEW ? 0 : API_ARG_OUT_BORROWED;
    u8 effect = out_effect(t);
    if (t->kind == THING_MEMORY) e->made.family = t->family;
    t->owned--;
    return effect;
}

static void merge(Outcome *o, u8 effect, u8 answer) {
    if (effect == NOT_THERE) return;
    if (effect == API_ARG_KEEP) o->is_kept = true;
    if (effect == API_ARG_KEEP || effect == API_ARG_BORROW) {
        o->other |= answer;
        return;
    }
    if (!effect || (o->effect && o->effect != effect)) o->is_open = true;
    o->effect = effect;
    o->done |= answer;
}

/* The reference that is returned is not the function's any more. */
static void hand_over(Engine *e, Value value, Outcome **passed) {
    *passed = NULL;
    if (value.kind != VALUE_THING) return;
    Thing *t = &e->now->things[value.number];
    u32 i = 0;
    bool is_lent = t->flags & THING_PARAMETER && t->owned == 0 && t->parameter < PLACE_FIRST;
    for (u32 p = e->unit->decls[e->function].child; p && is_lent && i < PARAMETERS_MAX; i++) {
        if (p == t->parameter) *passed = &e->outcomes[i];
        p = e->unit->decls[p].next;
    }
    if (!*passed) t->owned--;
}

static u8 parameter_at(const Engine *e, u32 decl) {
    u8 i = 0;
    for (u32 p = e->unit->decls[e->function].child; p && p != decl; p = e->unit->decls[p].next) i++;
    return i;
}

/* One more value that the function returns. */
static void merge_value(Engine *e, Value value, u8 result) {
    Summary *made = &e->made;
    const Thing *t = value.kind == VALUE_THING ? &e->now->things[value.number] : NULL;
    if (!t || !(t->flags & (THING_HELD | THING_KEPT))) made->is_held = false;
    u8 same = t && result == RESULT_AGAIN ? parameter_at(e, t->parameter) : 0;
    bool is_other = made->state && made->result == RESULT_AGAIN && made->same != same;
    merge_result(made, result == RESULT_AGAIN && is_other ? RESULT_NEW : result);
    if (result == RESULT_AGAIN) made->same = same;
}

/* `*place = value;` at the end: what was passed in lives on there. */
static void note_stored(Engine *e) {
    State *s = e->now;
    for (u32 i = 0; i < s->n_slots; i++) {
        const Place *place = engine_place_at(e, s->slots[i].decl);
        if (!place || place->kind != PLACE_POINTED || s->slots[i].value.kind != VALUE_THING)
            continue;
        Thing *t = &s->things[s->slots[i].value.number];
        if (t->flags & THING_PARAMETER && t->parameter != s->slots[i].decl && t->owned <= 0)
            t->flags |= THING_STORED;
    }
}

static bool points_to_place(const Engine *e, u32 parameter) {
    for (u32 i = 0; i < e->places.n; i++)
        if (e->places.v[i].kind == PLACE_POINTED && e->places.v[i].base == parameter) return true;
    return false;
}

void summary_return(Engine *e, Value value) {
    Summary *made = &e->made;
    bool is_null = value.kind == VALUE_INT && value.number == 0;
    u8 result = result_kind(e, value), answer = answer_of(e, value);
    bool is_sure = value.kind == VALUE_STATIC || value.kind == VALUE_NOT_0 ||
                   (value.kind == VALUE_THING && e->now->things[value.number].null == NOT_NULL);
    e->has_returned = true;
    if (!is_sure) made->never_null = false;
    Outcome *passed;
    hand_over(e, value, &passed);
    if (passed) passed->is_passed = true;
    if (!is_null && !passed) merge_value(e, value, result);
    note_stored(e);
    u32 i = 0;
    for (u32 p = e->unit->decls[e->function].child; p && i < PARAMETERS_MAX; i++) {
        Outcome *o = &e->outcomes[i];
        Value start = state_get(e->now, p);
        bool is_place = start.kind == VALUE_SLOT && engine_base(e, (u32)start.number) == p;
        bool was_place = is_place || points_to_place(e, p);
        if (was_place && !is_place)
            merge(o, 0, answer);
        else if (is_place)
            merge(o, of_place(e, (u32)start.number), answer);
        else if (o != passed)
            merge(o, of_object(passed_in(e->now, p)), answer);
        p = e->unit->decls[p].next;
    }
}

/* ---- all ways ---- */

static bool is_out(u8 effect) {
    return effect == API_ARG_OUT_NEW || effect == API_ARG_OUT_BORROWED ||
           effect == API_ARG_OUT_BUFFER || effect == API_ARG_OUT_MEMORY;
}

/* Ways that give it back and ways that release it: it is taken over, and the result is new. */
static void settle_passed(Summary *made, Outcome *o, u8 parameter) {
    bool is_taken = o->effect == API_ARG_STEAL && !o->other && !o->is_open;
    if (is_taken && (made->state == 0 || made->result == RESULT_NEW)) {
        merge_result(made, RESULT_NEW);
        return;
    }
    bool is_only = made->state == 0;
    merge_result(made, is_only ? RESULT_SAME : RESULT_UNKNOWN);
    made->same = parameter;
    /* the result may be the argument, or something else: who owns it then is not told */
    merge(o, is_only ? API_ARG_BORROW : 0, ANSWER_OPEN);
}

static u8 settled(Summary *made, const Outcome *o) {
    if (o->is_open) return 0;
    if (!o->effect) return o->is_kept ? API_ARG_KEEP : API_ARG_BORROW;
    if (!o->other) return o->effect;
    bool can_depend = is_out(o->effect) || o->effect == API_ARG_STEAL;
    bool is_told = !(o->done & o->other) && !((o->done | o->other) & ANSWER_OPEN);
    bool is_other = made->worked && (made->worked != o->done || made->failed != o->other);
    if (!can_depend) return 0;
    if (is_told && !is_other) {
        made->worked = o->done;
        made->failed = o->other;
        return o->effect == API_ARG_STEAL ? API_ARG_STEAL_OK : o->effect;
    }
    return 0;
}

Summary summary_made(const Engine *e) {
    Summary made = e->made;
    Outcome outcomes[PARAMETERS_MAX];
    made.state = e->made.state;
    made.never_returns = !e->has_returned;
    for (u32 i = 0; i < PARAMETERS_MAX; i++) {
        outcomes[i] = e->outcomes[i];
        if (outcomes[i].is_passed) settle_passed(&made, &outcomes[i], (u8)i);
    }
    for (u32 i = 0; i < PARAMETERS_MAX; i++) made.effects[i] = settled(&made, &outcomes[i]);
    if (!cunit_is_object(e->unit, e->unit->decls[e->function].type))
        made.result = RESULT_PLAIN;
    else if (made.state == 0 && e->has_returned)
        made.result = RESULT_NULL;
    made.state = 2;
    return made;
}
