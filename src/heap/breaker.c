/* Methods that cut cycles in what the parts of their object hold, directly or through what they
 * call: `def close(self): self.child.parent = None`. Found from the summaries when all are made.
 * What a method does to its own attributes the class picture has said already. */
#include "heap/walk.h"

/* Links from the object whose method it is to what it lets go: `.child.parents[…]` has three. */
enum { CUT_LINKS = 4 };

bool is_constructor(const Graph *g, ScopeRef function) {
    if (scope_is_none(function)) return false;
    const Facts *f = graph_facts(g, function.file);
    return str_is(facts_str(f, f->scopes[function.scope.i].name), "__init__");
}

/* A cut of a summary: the operation of a method that makes it. */
typedef struct Cutter {
    u32 function;
    OpId at;
    u32 next; /* with the same key, in the order of functions; or 0 */
} Cutter;

typedef struct Breakers {
    Heap *h;
    VEC(Cutter) cutters; /* [0] is none */
    Map first, last;     /* key: the class and the links -> of cutters */
} Breakers;

static u64 key_with(u64 key, u64 more) {
    key = key * 0x9E3779B97F4A7C15u ^ more;
    return (key ^ key >> 31) * 0xD6E8FEB86659FD93u;
}

/* An element of a container counts as any of them. */
static u64 link_key(u64 key, bool is_element, u64 name) {
    return key_with(key, is_element ? 1 : name);
}

static bool is_filled_again(const Summary *s, const SummaryCut *cut) {
    for (u32 i = 0; i < s->n_edges; i++)
        if (s->edges[i].from == cut->base && label_equal(&s->edges[i].label, &cut->label))
            return true;
    return false;
}

/* Attributes and what stands for all elements; not one element that has a name of its own. */
static bool is_followed(LabelKind kind) {
    return kind == LABEL_ATTRIBUTE || kind == LABEL_ELEMENT;
}

/* The key of a cut two links or more from an attribute of self, or 0. */
static u64 cut_key(const Summary *s, const SummaryCut *cut, ClassId c) {
    const Label *links[CUT_LINKS] = {&cut->label};
    u32 n = 1, at = cut->base;
    for (; s->objects[at].kind == OBJECT_LOADED && n < CUT_LINKS; at = s->objects[at].base)
        links[n++] = &s->objects[at].label;
    bool is_own = s->objects[at].kind == OBJECT_PARAMETER && s->objects[at].id == 0;
    if (!is_own || n < 2 || links[n - 1]->kind != LABEL_ATTRIBUTE) return 0;
    /* what the attribute itself holds, the class picture has said */
    if (n == 2 && links[0]->kind != LABEL_ATTRIBUTE) return 0;
    u64 key = c.i;
    for (u32 i = n; i--;) {
        if (!is_followed(links[i]->kind)) return 0;
        key = link_key(key, links[i]->kind == LABEL_ELEMENT, links[i]->hash);
    }
    return key;
}

static void note_cut(Breakers *b, u64 key, Cutter cutter) {
    Arena *arena = b->h->arena;
    vec_push(arena, &b->cutters, cutter);
    u32 last = map_get(&b->last, key), at = b->cutters.n - 1;
    if (last)
        b->cutters.v[last].next = at;
    else
        map_set(arena, &b->first, key, at);
    map_set(arena, &b->last, key, at);
}

static void note_method(Breakers *b, u32 function) {
    Heap *h = b->h;
    const Summary *s = h->summaries[function];
    ClassId c = graph_method_class(h->g, graph_function_scope(h->g, function));
    for (u32 i = 0; c.i && i < s->n_cuts; i++) {
        bool is_filled = s->cuts[i].is_replaced || is_filled_again(s, &s->cuts[i]);
        u64 key = is_filled ? 0 : cut_key(s, &s->cuts[i], c);
        if (key) note_cut(b, key, (Cutter){function, s->cuts[i].at, 0});
    }
}

/* The first method that lets go of what `owner` holds by the links with the key, on each of its
 * ways; *some: one does so on some ways. */
static ScopeRef first_cutter(const Breakers *b, u64 key, const CycleObject *owner, Str attribute,
                             bool drains, bool *some) {
    const Graph *g = b->h->g;
    for (u32 i = map_get(&b->first, key); i; i = b->cutters.v[i].next) {
        const Cutter *cutter = &b->cutters.v[i];
        ScopeRef method = graph_function_scope(g, cutter->function);
        OpRef where = {method.file, cutter->at};
        ScopeRef breaker = graph_breaker_at(g, owner->class, attribute, where, drains);
        if (!scope_is_none(breaker)) return breaker;
        *some |= !graph_is_in_finalizer(g, method) && !is_constructor(g, method);
    }
    return (ScopeRef){0};
}

/* Who cuts the cycle at a link after the one that leads from object `at`. */
static ScopeRef breaker_from(const Breakers *b, const Cycle *cycle, u32 at, bool *some) {
    const CycleObject *owner = &cycle->objects[at];
    Str attribute = cycle->links[at].attribute;
    const ClassId *mro;
    bool complete;
    if (!owner->class.i || !attribute.n) return (ScopeRef){0};
    u32 n = graph_mro(b->h->g, owner->class, &mro, &complete);
    for (u32 k = 0; k < n; k++) {
        u64 key = link_key(mro[k].i, false, hash_str(attribute));
        bool drains = false;
        for (u32 i = 1; i < MIN(cycle->n, CUT_LINKS); i++) {
            const CycleLink *link = &cycle->links[(at + i) % cycle->n];
            bool is_element = str_starts(link->text, "[");
            if (!is_element && !link->attribute.n) break;
            key = link_key(key, is_element, hash_str(link->attribute));
            ScopeRef breaker = first_cutter(b, key, owner, attribute, drains, some);
            if (!scope_is_none(breaker)) return breaker;
            drains |= is_element;
        }
    }
    return (ScopeRef){0};
}

static ScopeRef breaker_of(const Breakers *b, const Cycle *cycle, bool *some) {
    for (u32 i = 0; i < cycle->n; i++) {
        ScopeRef breaker = breaker_from(b, cycle, i, some);
        if (!scope_is_none(breaker)) return breaker;
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
    vec_push(h->arena, &b.cutters, (Cutter){0});
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
        bool some = false;
        cycle->breaker = breaker_of(&b, cycle, &some);
        if (scope_is_none(cycle->breaker)) cycle->breaker = closer_of(h, cycle);
        bool is_cut = !scope_is_none(cycle->breaker) || (some && cycle->kind == CYCLE_DEL);
        if (is_cut && cycle->confidence > CONFIDENCE_LOW) cycle->confidence--;
    }
}
