/* What callers need to know of a function: the edges between what they can name and what they get
 * back. The rest of its objects is its own business. */
#include "heap/frame.h"

typedef struct Making {
    Frame *fr;
    u8 *marks;   /* by object: MARK_* */
    u32 *index;  /* by object: index in the summary, 0 for none */
    u32 *queue;
    VEC(SummaryObject) objects;
    VEC(SummaryEdge) edges;
    VEC(SummaryCut) cuts;
    VEC(u32) returns;
} Making;

enum {
    MARK_NAMED = 1,   /* the caller can name it */
    MARK_FORWARD = 2, /* it is held by something that the caller has */
    MARK_BACK = 4,    /* it holds something that the caller has */
};

static bool is_named(const Frame *fr, u32 i) {
    const Object *o = &fr->objects.v[i];
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
    const Frame *fr = m->fr;
    for (u32 i = 1; i < fr->objects.n; i++) {
        const Object *o = &fr->objects.v[i];
        bool named = is_named(fr, i) ||
                     (o->kind == OBJECT_LOADED && m->marks[o->base.i] & MARK_NAMED);
        if (named) m->marks[i] = MARK_NAMED | MARK_FORWARD | MARK_BACK;
    }
    for (u32 r = 0; r < fr->returns.n; r++)
        for (u32 k = 0; k < fr->returns.v[r].n; k++)
            m->marks[fr->returns.v[r].v[k].i] |= MARK_FORWARD | MARK_BACK;
}

/* Along the edges, from what the caller has to what that holds. */
static void mark_forward(Making *m) {
    const Frame *fr = m->fr;
    u32 n = 0;
    for (u32 i = 1; i < fr->objects.n; i++)
        if (m->marks[i] & MARK_FORWARD) m->queue[n++] = i;
    while (n) {
        u32 at = m->queue[--n];
        for (u32 e = fr->objects.v[at].edges; e; e = fr->edges.v[e].next) {
            u32 to = fr->edges.v[e].to.i;
            if (!is_live(&fr->edges.v[e]) || m->marks[to] & MARK_FORWARD) continue;
            m->marks[to] |= MARK_FORWARD;
            m->queue[n++] = to;
        }
    }
}

/* Against them, in rounds over all edges: chains of what is made in a function are short. */
static void mark_back(Making *m) {
    const Frame *fr = m->fr;
    bool changed = true;
    for (u32 round = 0; changed && round < CYCLE_LENGTH; round++) {
        changed = false;
        for (u32 e = fr->edges.n; e-- > 1;) {
            const Edge *edge = &fr->edges.v[e];
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

static u32 index_of(Making *m, u32 object) {
    if (!object || m->index[object]) return m->index[object];
    Frame *fr = m->fr;
    const Object *o = &fr->objects.v[object];
    u32 base = o->kind == OBJECT_LOADED ? index_of(m, o->base.i) : 0;
    if (m->objects.n >= SUMMARY_OBJECTS || (o->kind == OBJECT_LOADED && !base)) {
        fr->space->counts.cut++;
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
    vec_push(&fr->space->arena, &m->objects, s);
    return m->index[object] = m->objects.n - 1;
}

static void take_edges(Making *m) {
    Frame *fr = m->fr;
    for (u32 i = 1; i < fr->edges.n; i++) {
        const Edge *e = &fr->edges.v[i];
        if (!is_live(e) || e->flags & EDGE_IMPLIED) continue;
        if (!is_kept(m, e->from.i) || !is_kept(m, e->to.i)) continue;
        if (m->edges.n >= SUMMARY_EDGES) {
            fr->space->counts.cut++;
            break;
        }
        u32 from = index_of(m, e->from.i), to = index_of(m, e->to.i);
        if (!from || !to) continue;
        SummaryEdge s = {from, to, e->flags, e->label, e->file, e->op};
        vec_push(&fr->space->arena, &m->edges, s);
    }
}

static void take_cuts(Making *m) {
    Frame *fr = m->fr;
    for (u32 i = 0; i < fr->cuts.n; i++) {
        SummaryCut cut = fr->cuts.v[i];
        if (!cut.is_sure || !(m->marks[cut.base] & MARK_NAMED)) continue;
        cut.base = index_of(m, cut.base);
        if (cut.base) vec_push(&fr->space->arena, &m->cuts, cut);
    }
}

static void take_returns(Making *m) {
    Frame *fr = m->fr;
    for (u32 r = 0; r < fr->returns.n; r++) {
        const Value *v = &fr->returns.v[r];
        for (u32 k = 0; k < v->n; k++)
            vec_push(&fr->space->arena, &m->returns, index_of(m, v->v[k].i));
        if (v->is_open) vec_push(&fr->space->arena, &m->returns, 0);
    }
}

/* A return of nothing with a name says nothing. */
static bool is_empty(const Making *m) {
    if (m->edges.n || m->cuts.n) return false;
    for (u32 i = 0; i < m->returns.n; i++)
        if (m->returns.v[i]) return false;
    return true;
}

#define KEEP(field, T)                                                              \
    s->field = arena_copy(&fr->space->kept, m.field.v, sizeof(T) * m.field.n);      \
    s->n_##field = m.field.n

const Summary *summary_make(Frame *fr) {
    if (fr->objects.n < 2) return NULL;
    Arena *arena = &fr->space->arena;
    Making m = {.fr = fr,
                .marks = arena_array(arena, u8, fr->objects.n),
                .index = arena_array(arena, u32, fr->objects.n),
                .queue = arena_array(arena, u32, fr->objects.n + 1)};
    vec_push(arena, &m.objects, (SummaryObject){0});
    mark_named(&m);
    mark_forward(&m);
    mark_back(&m);
    take_edges(&m);
    take_cuts(&m);
    take_returns(&m);
    if (is_empty(&m)) return NULL;
    Summary *s = arena_new(&fr->space->kept, Summary);
    KEEP(objects, SummaryObject);
    KEEP(edges, SummaryEdge);
    KEEP(cuts, SummaryCut);
    KEEP(returns, u32);
    fr->space->counts.summaries++;
    fr->space->counts.edges += m.edges.n;
    return s;
}
