/* What callers need to know of a function: the edges between what they can name and what they get
 * back. The rest of its objects is its own business. */
#include "heap/walk.h"

typedef struct Making {
    Walk *w;
    u8 *marks;  /* by object: MARK_* */
    u32 *index; /* by object: index in the summary, 0 for none */
    u32 *queue;
    VEC(SummaryObject) objects;
    VEC(SummaryEdge) edges;
    VEC(SummaryCut) cuts;
    VEC(SummaryCall) calls;
    VEC(u32) returns;
} Making;

enum {
    MARK_NAMED = 1,   /* the caller can name it */
    MARK_FORWARD = 2, /* it is held by something that the caller has */
    MARK_BACK = 4,    /* it holds something that the caller has */
};

static bool is_named(const Walk *w, u32 i) {
    const Object *o = &w->objects.v[i];
    switch (o->kind) {
    case OBJECT_PARAMETER:
    case OBJECT_GLOBAL:
    case OBJECT_CELL:
        return true;
    default:
        return false;
    }
}

static bool is_live(const Edge *e) {
    return !(e->flags & EDGE_DEAD);
}

static void mark_named(Making *m) {
    const Walk *w = m->w;
    for (u32 i = 1; i < w->objects.n; i++) {
        const Object *o = &w->objects.v[i];
        bool named =
            is_named(w, i) || (o->kind == OBJECT_LOADED && m->marks[o->base.i] & MARK_NAMED);
        if (named) m->marks[i] = MARK_NAMED | MARK_FORWARD | MARK_BACK;
    }
    for (u32 r = 0; r < w->returns.n; r++)
        for (u32 k = 0; k < w->returns.v[r].n; k++)
            m->marks[w->returns.v[r].v[k].i] |= MARK_FORWARD | MARK_BACK;
}

/* Along the edges, from what the caller has to what that holds. */
static void mark_forward(Making *m) {
    const Walk *w = m->w;
    u32 n = 0;
    for (u32 i = 1; i < w->objects.n; i++)
        if (m->marks[i] & MARK_FORWARD) m->queue[n++] = i;
    while (n) {
        u32 at = m->queue[--n];
        for (u32 e = w->objects.v[at].edges; e; e = w->edges.v[e].next) {
            u32 to = w->edges.v[e].to.i;
            if (!is_live(&w->edges.v[e]) || m->marks[to] & MARK_FORWARD) continue;
            m->marks[to] |= MARK_FORWARD;
            m->queue[n++] = to;
        }
    }
}

/* Against them, in rounds over all edges: chains of what is made in a function are short. */
static void mark_back(Making *m) {
    const Walk *w = m->w;
    bool changed = true;
    for (u32 round = 0; changed && round < CYCLE_LENGTH; round++) {
        changed = false;
        for (u32 e = w->edges.n; e-- > 1;) {
            const Edge *edge = &w->edges.v[e];
            if (!is_live(edge) || m->marks[edge->from.i] & MARK_BACK) continue;
            if (!(m->marks[edge->to.i] & MARK_BACK)) continue;
            m->marks[edge->from.i] |= MARK_BACK;
            changed = true;
        }
    }
}

static bool is_kept(const Making *m, u32 object) {
    return (m->marks[object] & (MARK_FORWARD | MARK_BACK)) == (MARK_FORWARD | MARK_BACK);
}

/* `a.b.c…`: is there room for all that is not in the summary yet? */
static bool has_room(const Making *m, u32 object) {
    u32 n = m->objects.n;
    for (; object && !m->index[object] && n <= SUMMARY_OBJECTS; n++) {
        const Object *o = &m->w->objects.v[object];
        object = o->kind == OBJECT_LOADED ? o->base.i : 0;
    }
    return n <= SUMMARY_OBJECTS;
}

static u32 index_of(Making *m, u32 object) {
    if (!object || m->index[object]) return m->index[object];
    Walk *w = m->w;
    const Object *o = &w->objects.v[object];
    bool has_base = o->kind == OBJECT_LOADED && has_room(m, object);
    u32 base = has_base ? index_of(m, o->base.i) : 0;
    if (m->objects.n >= SUMMARY_OBJECTS || (o->kind == OBJECT_LOADED && !base)) {
        w->space->counts.cut++;
        return 0;
    }
    SummaryObject s = {.kind = o->kind,
                       .file = o->file,
                       .id = o->id,
                       .base = base,
                       .label = o->label,
                       .class = o->class,
                       .is_weak = o->is_weak,
                       .made = o->made,
                       .code = o->code};
    vec_push(&w->space->arena, &m->objects, s);
    return m->index[object] = m->objects.n - 1;
}

static void take_edges(Making *m) {
    Walk *w = m->w;
    for (u32 i = 1; i < w->edges.n; i++) {
        const Edge *e = &w->edges.v[i];
        if (!is_live(e) || e->flags & EDGE_IMPLIED) continue;
        if (!is_kept(m, e->from.i) || !is_kept(m, e->to.i)) continue;
        if (m->edges.n >= SUMMARY_EDGES) {
            w->space->counts.cut++;
            break;
        }
        u32 from = index_of(m, e->from.i), to = index_of(m, e->to.i);
        if (!from || !to) continue;
        SummaryEdge s = {from, to, e->flags, e->label, e->file, e->op, e->blind};
        vec_push(&w->space->arena, &m->edges, s);
    }
}

static void take_cuts(Making *m) {
    Walk *w = m->w;
    for (u32 i = 0; i < w->cuts.n; i++) {
        SummaryCut cut = w->cuts.v[i];
        if (!(m->marks[cut.base] & MARK_NAMED)) continue;
        cut.base = index_of(m, cut.base);
        if (cut.base) vec_push(&w->space->arena, &m->cuts, cut);
    }
}

/* Is the object a parameter, or read from it? */
static bool is_of(const Walk *w, ObjectId o, u32 parameter) {
    while (o.i != parameter && object_at(w, o)->kind == OBJECT_LOADED) o = object_at(w, o)->base;
    return o.i == parameter;
}

/* A weak reference to the parameter, or a tuple with one. */
static bool refers_weakly(const Walk *w, ObjectId from, u32 parameter, u32 depth) {
    for (u32 i = object_at(w, from)->edges, left = SCAN_MAX; i && left; left--) {
        const Edge *e = &w->edges.v[i];
        i = e->next;
        if (e->flags & EDGE_WEAK ? is_of(w, e->to, parameter)
                                 : depth && object_at(w, e->to)->is_weak &&
                                       refers_weakly(w, e->to, parameter, depth - 1))
            return true;
    }
    return false;
}

/* `try: return weakref.ref(x)`, `except TypeError: return x`: itself only where no weak reference
 * can be had, which is no object with parts. */
static bool is_fallback(const Walk *w, ObjectId returned) {
    if (object_at(w, returned)->kind != OBJECT_PARAMETER) return false;
    for (u32 r = 0; r < w->returns.n; r++)
        for (u32 k = 0; k < w->returns.v[r].n; k++)
            if (refers_weakly(w, w->returns.v[r].v[k], returned.i, 1)) return true;
    return false;
}

static void take_returns(Making *m) {
    Walk *w = m->w;
    for (u32 r = 0; r < w->returns.n; r++) {
        const Value *v = &w->returns.v[r];
        for (u32 k = 0; k < v->n; k++)
            if (!is_fallback(w, v->v[k]))
                vec_push(&w->space->arena, &m->returns, index_of(m, v->v[k].i));
        if (v->is_open) vec_push(&w->space->arena, &m->returns, 0);
    }
}

static void take_calls(Making *m) {
    for (u32 i = 0; i < m->w->calls.n; i++) {
        SummaryCall call = m->w->calls.v[i];
        for (u32 k = 0; k < call.n; k++) call.arguments[k] = index_of(m, call.arguments[k]);
        vec_push(&m->w->space->arena, &m->calls, call);
    }
}

/* A return of nothing with a name says nothing. */
static bool is_empty(const Making *m) {
    if (m->edges.n || m->cuts.n || m->calls.n) return false;
    for (u32 i = 0; i < m->returns.n; i++)
        if (m->returns.v[i]) return false;
    return true;
}

#define KEEP(field, T)                                                        \
    s->field = arena_copy(&w->space->kept, m.field.v, sizeof(T) * m.field.n); \
    s->n_##field = m.field.n

const Summary *summary_make(Walk *w) {
    if (w->objects.n < 2) return NULL;
    Arena *arena = &w->space->arena;
    Making m = {.w = w,
                .marks = arena_array(arena, u8, w->objects.n),
                .index = arena_array(arena, u32, w->objects.n),
                .queue = arena_room(arena, sizeof(u32) * (w->objects.n + 1))};
    vec_push(arena, &m.objects, (SummaryObject){0});
    mark_named(&m);
    mark_forward(&m);
    mark_back(&m);
    take_edges(&m);
    take_cuts(&m);
    take_calls(&m);
    take_returns(&m);
    if (is_empty(&m)) return NULL;
    Summary *s = arena_new(&w->space->kept, Summary);
    KEEP(objects, SummaryObject);
    KEEP(edges, SummaryEdge);
    KEEP(cuts, SummaryCut);
    KEEP(calls, SummaryCall);
    KEEP(returns, u32);
    w->space->counts.summaries++;
    w->space->counts.edges += m.edges.n;
    return s;
}
