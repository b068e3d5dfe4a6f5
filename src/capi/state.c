#include "capi/state.h"

#include <string.h>

static u32 slot_at(const State *s, u32 decl) {
    u32 i = 0;
    while (i < s->n_slots && s->slots[i].decl < decl) i++;
    return i;
}

Value state_get(const State *s, u32 decl) {
    u32 i = slot_at(s, decl);
    return i < s->n_slots && s->slots[i].decl == decl ? s->slots[i].value : (Value){0};
}

bool state_set(State *s, u32 decl, Value value) {
    u32 i = slot_at(s, decl);
    bool is_there = i < s->n_slots && s->slots[i].decl == decl;
    if (value.kind == VALUE_UNKNOWN) {
        if (!is_there) return true;
        s->n_slots--;
        memmove(&s->slots[i], &s->slots[i + 1], (s->n_slots - i) * sizeof *s->slots);
        return true;
    }
    if (!is_there) {
        if (s->n_slots == SLOTS_MAX) return false;
        memmove(&s->slots[i + 1], &s->slots[i], (s->n_slots - i) * sizeof *s->slots);
        s->n_slots++;
    }
    s->slots[i] = (Slot){decl, value};
    return true;
}

int state_add(State *s, Thing thing) {
    if (s->n_things == THINGS_MAX) return -1;
    s->things[s->n_things] = thing;
    return (int)s->n_things++;
}

bool state_holds(const State *s, u32 thing) {
    for (u32 i = 0; i < s->n_slots; i++)
        if (s->slots[i].value.kind == VALUE_THING && s->slots[i].value.number == thing) return true;
    return false;
}

void state_drop(State *s, u32 thing, Value instead) {
    for (u32 i = s->n_slots; i-- > 0;) {
        if (s->slots[i].value.kind != VALUE_THING || s->slots[i].value.number != thing) continue;
        /* what an out-parameter was to get, it did not: there is nothing in it */
        bool is_place = s->slots[i].decl >= PLACE_FIRST;
        state_set(s, s->slots[i].decl, is_place ? (Value){.kind = VALUE_INT} : instead);
    }
    s->things[thing].kind = THING_NONE;
    s->things[thing].owned = 0;
}

/* Does something still depend on it? */
static bool is_needed(const State *s, u32 thing) {
    const Thing *t = &s->things[thing];
    if (t->kind == THING_NONE) return false;
    if (t->owned != 0 || t->flags & THING_PARAMETER || state_holds(s, thing)) return true;
    for (u32 i = 0; t->kind == THING_STATUS && i < s->n_things; i++)
        if (s->things[i].status == thing + 1 && s->things[i].kind != THING_NONE) return true;
    return false;
}

static bool comes_before(const Thing *a, const Thing *b) {
    if (a->origin != b->origin) return a->origin < b->origin;
    if (a->kind != b->kind) return a->kind < b->kind;
    return (a->flags & THING_AGAIN) < (b->flags & THING_AGAIN);
}

void state_tidy(State *s) {
    u32 order[THINGS_MAX], place[THINGS_MAX] = {0}, n = 0;
    for (u32 i = 0; i < s->n_things; i++) {
        if (!is_needed(s, i)) continue;
        u32 at = n++;
        while (at && comes_before(&s->things[i], &s->things[order[at - 1]])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    Thing things[THINGS_MAX];
    for (u32 i = 0; i < n; i++) {
        things[i] = s->things[order[i]];
        place[order[i]] = i;
    }
    for (u32 i = 0; i < n; i++)
        if (things[i].status) things[i].status = (u16)(place[things[i].status - 1] + 1);
    memset(s->things, 0, sizeof s->things);
    memcpy(s->things, things, n * sizeof *things);
    s->n_things = n;
    for (u32 i = 0; i < s->n_slots; i++)
        if (s->slots[i].value.kind == VALUE_THING)
            s->slots[i].value.number = place[s->slots[i].value.number];
}

static bool is_same_thing(const Thing *a, const Thing *b) {
    return a->kind == b->kind && a->owned == b->owned && a->family == b->family &&
           a->flags == b->flags && a->status == b->status && a->origin == b->origin;
}

static bool reads_part(const Known *known, u32 part) {
    for (u32 i = 0; i < known->n_parts; i++)
        if (known->parts[i] == part) return true;
    return false;
}

void state_forget(State *s, u32 part) {
    u32 kept = 0;
    for (u32 i = 0; i < s->n_known; i++)
        if (!reads_part(&s->known[i], part)) s->known[kept++] = s->known[i];
    s->n_known = kept;
}

int state_answer(const State *s, u64 key) {
    for (u32 i = 0; i < s->n_known; i++)
        if (s->known[i].key == key) return (int)s->known[i].holds;
    return -1;
}

void state_learn(State *s, Known known) {
    if (state_answer(s, known.key) >= 0) return;
    if (s->n_known == KNOWN_MAX) /* the oldest goes */
        memmove(&s->known[0], &s->known[1], --s->n_known * sizeof *s->known);
    s->known[s->n_known++] = known;
}

/* What both know. */
static void keep_common(State *a, const State *b) {
    u32 kept = 0;
    for (u32 i = 0; i < a->n_known; i++)
        if (state_answer(b, a->known[i].key) == (int)a->known[i].holds)
            a->known[kept++] = a->known[i];
    a->n_known = kept;
}

bool state_can_merge(const State *a, const State *b, bool forced) {
    if (a->gil_given != b->gil_given || a->gil_taken != b->gil_taken) return false;
    if (a->gil_back != b->gil_back || a->n_immortal != b->n_immortal) return false;
    if (a->n_things != b->n_things || a->n_slots != b->n_slots) return false;
    if (a->failed != b->failed && !forced) return false;
    for (u32 i = 0; i < a->n_slots; i++) {
        const Slot *x = &a->slots[i], *y = &b->slots[i];
        if (x->decl != y->decl || x->value.kind != y->value.kind ||
            x->value.number != y->value.number)
            return false;
    }
    u32 differ = 0;
    for (u32 i = 0; i < a->n_things; i++) {
        if (!is_same_thing(&a->things[i], &b->things[i])) return false;
        differ += a->things[i].null != b->things[i].null;
    }
    return differ <= 1 || forced; /* two facts that go together are not taken apart */
}

void state_merge(State *a, const State *b) {
    keep_common(a, b);
    a->gil_used &= b->gil_used;
    a->failed &= b->failed;
    for (u32 i = 0; i < a->n_things; i++)
        if (a->things[i].null != b->things[i].null) a->things[i].null = MAYBE_NULL;
}
