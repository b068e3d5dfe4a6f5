/* Methods that end an object's life and cut what its parts hold, directly or through what they
 * call: `def close(self): self.child.parent = None`. Found from the summaries when all are made.
 * What a method does to its own attributes the class picture has said already. */
#include "heap/walk.h"

typedef struct Breakers {
    Heap *h;
    Map by_key; /* (class, attribute, attribute of what that holds) -> function */
} Breakers;

static bool ends_life(Str name) {
    static const char *const NAMES[] = {
        "close",    "aclose",     "stop",   "shutdown", "finish",    "destroy",         "dispose",
        "release",  "disconnect", "detach", "unlink",   "cleanup",   "connection_lost", "teardown",
        "__exit__", "__aexit__",  "end",    "cancel",   "terminate", "tearDown",        "clear"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static u64 key_of(ClassId c, u64 first, u64 second) {
    u64 key = first * 0x9E3779B97F4A7C15u ^ second;
    return (key ^ key >> 31) * 0xD6E8FEB86659FD93u + c.i;
}

static bool is_filled_again(const Summary *s, const SummaryCut *cut) {
    for (u32 i = 0; i < s->n_edges; i++)
        if (s->edges[i].from == cut->base && label_equal(&s->edges[i].label, &cut->label))
            return true;
    return false;
}

static void note_method(Breakers *b, u32 function) {
    Heap *h = b->h;
    const Summary *s = h->summaries[function];
    ScopeRef ref = graph_function_scope(h->g, function);
    ClassId c = graph_method_class(h->g, ref);
    const Facts *f = graph_facts(h->g, ref.file);
    if (!c.i || !ends_life(facts_str(f, f->scopes[ref.scope.i].name))) return;
    for (u32 i = 0; i < s->n_cuts; i++) {
        const SummaryCut *cut = &s->cuts[i];
        const SummaryObject *part = &s->objects[cut->base];
        if (part->kind != OBJECT_LOADED || cut->label.kind != LABEL_ATTRIBUTE) continue;
        const SummaryObject *self = &s->objects[part->base];
        bool is_own = cut->is_sure && self->kind == OBJECT_PARAMETER && self->id == 0;
        if (!is_own || part->label.kind != LABEL_ATTRIBUTE || is_filled_again(s, cut)) continue;
        u64 key = key_of(c, part->label.hash, cut->label.hash);
        if (!map_get(&b->by_key, key)) map_set(h->arena, &b->by_key, key, function);
    }
}

static ScopeRef breaker_of(const Breakers *b, const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleLink *first = &cycle->links[i], *second = &cycle->links[(i + 1) % cycle->n];
        const ClassId *mro;
        bool complete;
        if (!cycle->objects[i].class.i || !first->attribute.n || !second->attribute.n) continue;
        u32 n = graph_mro(b->h->g, cycle->objects[i].class, &mro, &complete);
        for (u32 k = 0; k < n; k++) {
            u64 key = key_of(mro[k], hash_str(first->attribute), hash_str(second->attribute));
            u32 function = map_get(&b->by_key, key);
            if (function) return graph_function_scope(b->h->g, function);
        }
    }
    return (ScopeRef){0};
}

/* A method that closes what the ring goes through: `self.selector.close()` forgets all that was
 * registered. */
static ScopeRef closer_of(const Heap *h, const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        const CycleLink *first = &cycle->links[i], *second = &cycle->links[(i + 1) % cycle->n];
        ClassId c = cycle->objects[i].class;
        if (!c.i || !first->attribute.n || second->attribute.n) continue;
        if (!str_starts(second->text, "holds (")) continue;
        Arena scratch = {0};
        Attribute a = graph_attribute(h->g, c, first->attribute, &scratch);
        ScopeRef closer = {0};
        for (u32 u = 0; u < a.n_uses && scope_is_none(closer); u++) {
            bool is_end = a.uses[u].kind == ATTRIBUTE_RELEASED && !a.uses[u].level;
            if (is_end && !graph_is_in_finalizer(h->g, a.uses[u].function))
                closer = a.uses[u].function;
        }
        arena_free(&scratch);
        if (!scope_is_none(closer)) return closer;
    }
    return (ScopeRef){0};
}

/* The method or closure on the ring lets go of an attribute on it when it is called: a callback
 * that has run is no cycle. */
static bool cuts_itself(const Heap *h, const Cycle *cycle) {
    for (u32 i = 0; i < cycle->n; i++) {
        ScopeRef code = cycle->objects[i].code;
        u32 function = code.scope.i ? graph_function_id(h->g, code) : 0;
        const Summary *s = function ? h->summaries[function] : NULL;
        for (u32 c = 0; s && c < s->n_cuts; c++)
            for (u32 k = 0; k < cycle->n; k++)
                if (s->cuts[c].label.kind == LABEL_ATTRIBUTE && cycle->links[k].attribute.n &&
                    str_eq(s->cuts[c].label.text, cycle->links[k].attribute) &&
                    !is_filled_again(s, &s->cuts[c]))
                    return true;
    }
    return false;
}

void breakers_find(Heap *h) {
    Breakers b = {.h = h};
    for (u32 id = 1; id <= h->n_functions; id++)
        if (h->summaries[id] && h->summaries[id]->n_cuts) note_method(&b, id);
    for (u32 i = 0; i < h->n_cycles; i++) {
        Cycle *cycle = h->all_cycles[i];
        if (cycle->kind == CYCLE_BLIND) continue;
        if (cuts_itself(h, cycle)) {
            cycle->is_drained = true;
            cycle->confidence = CONFIDENCE_LOW;
        }
        if (!scope_is_none(cycle->breaker)) continue;
        cycle->breaker = breaker_of(&b, cycle);
        if (scope_is_none(cycle->breaker)) cycle->breaker = closer_of(h, cycle);
        if (!scope_is_none(cycle->breaker) && cycle->confidence > CONFIDENCE_LOW)
            cycle->confidence--;
    }
}
