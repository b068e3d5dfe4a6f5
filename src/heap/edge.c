/* Objects, edges, and what a store replaces. */
#include "heap/walk.h"

/* ---- labels ---- */

Label label_attribute(const Facts *f, StrId name) {
    return (Label){LABEL_ATTRIBUTE, f->strings[name.i].hash, facts_str(f, name)};
}

Label label_item(const Facts *f, const Path *literal) {
    LabelKind kind = literal->flags == LITERAL_STRING ? LABEL_ITEM : LABEL_INDEX;
    return (Label){kind, f->strings[literal->id].hash, facts_str(f, (StrId){literal->id})};
}

Label label_text(LabelKind kind, Str text) {
    return (Label){kind, 0, text};
}

/* ---- objects and edges ---- */

ObjectId object_new(Walk *w, ObjectKind kind, u32 id) {
    if (w->objects.n >= OBJECTS_MAX) {
        w->space->counts.cut++;
        return (ObjectId){0};
    }
    Object o = {.kind = kind, .file = w->file, .id = id, .op = w->at};
    vec_push(&w->space->lists, &w->objects, o);
    return (ObjectId){w->objects.n - 1};
}

ClassId object_class(Walk *w, ObjectId o) {
    Object *object = object_at(w, o);
    if (object->is_asked || object->class.i) return object->class;
    object->is_asked = true;
    if (object->kind == OBJECT_PARAMETER) {
        SymbolId s = w->f->params[w->f->scopes[w->scope.i].param_first + object->id].symbol;
        object->class = graph_type_of_variable(w->g, (SymbolRef){w->file, s});
    } else if (object->kind == OBJECT_GLOBAL || object->kind == OBJECT_CELL) {
        object->class = graph_type_of_variable(w->g, (SymbolRef){object->file, {object->id}});
    } else if (object->path.i) {
        object->class = graph_type_of(w->g, w->file, object->path);
    }
    return object->class;
}

/* A weak container or reference holds nothing. */
static bool is_weak(Walk *w, ObjectId o) {
    const Object *object = object_at(w, o);
    if (object->is_weak || object->is_strong) return object->is_weak;
    if (object->kind != OBJECT_LOADED || object->label.kind != LABEL_ATTRIBUTE) return false;
    ClassId c = object_class(w, object->base);
    if (!c.i) return false;
    bool weak = graph_attribute_is_weak(w->g, c, object_at(w, o)->label.text);
    object_at(w, o)->is_weak = weak;
    object_at(w, o)->is_strong = !weak;
    return weak;
}

/* An attribute of something whose class is not known: it may be a weak container. */
static bool is_nobodys(Walk *w, ObjectId o) {
    const Object *object = object_at(w, o);
    return object->kind == OBJECT_LOADED && object->label.kind == LABEL_ATTRIBUTE &&
           !object_class(w, object->base).i;
}

u32 edge_add(Walk *w, ObjectId from, ObjectId to, Label label, u32 flags) {
    if (!from.i || !to.i) return 0;
    if (w->edges.n >= EDGES_MAX) {
        w->space->counts.cut++;
        return 0;
    }
    bool is_into = label_is_element(label.kind);
    if (is_into && is_weak(w, from)) flags |= EDGE_WEAK;
    if (is_into && is_nobodys(w, from)) flags |= EDGE_UNSURE;
    Edge e = {.from = from,
              .to = to,
              .next = object_at(w, from)->edges,
              .flags = flags,
              .label = label,
              .file = w->file,
              .op = w->at,
              .at = w->at};
    vec_push(&w->space->lists, &w->edges, e);
    object_at(w, from)->edges = w->edges.n - 1;
    return w->edges.n - 1;
}

void exhaust(Walk *w, const Value *v) {
    for (u32 k = 0; k < v->n; k++) {
        const Object *o = object_at(w, v->v[k]);
        if (o->kind != OBJECT_GENERATOR) continue;
        for (u32 i = o->edges; i; i = w->edges.v[i].next)
            if (is_around(w, w->region, w->f->ops[w->edges.v[i].at.i].region))
                w->edges.v[i].flags |= EDGE_DEAD;
    }
}

static bool is_cut_by(const Edge *e, const Label *label) {
    if (label->kind == LABEL_ATTRIBUTE && !label->hash) return e->label.kind == LABEL_ATTRIBUTE;
    if (label->kind != LABEL_ELEMENT) return label_equal(&e->label, label);
    return label_is_element(e->label.kind);
}

/* For callers: what goes, surely or on some way, from something that they may have a name for. */
static void note_cut(Walk *w, ObjectId base, Label label, bool is_replaced) {
    ObjectKind kind = object_at(w, base)->kind;
    bool is_named = kind == OBJECT_PARAMETER || kind == OBJECT_LOADED || kind == OBJECT_GLOBAL ||
                    kind == OBJECT_CELL;
    if (!is_named) return;
    bool is_sure = is_around(w, w->region, w->f->scopes[w->scope.i].region);
    SummaryCut cut = {base.i, label, is_sure, is_replaced, w->at};
    if (w->cuts.n < SUMMARY_EDGES)
        vec_push(&w->space->arena, &w->cuts, cut);
    else
        w->space->counts.cut++;
}

static void cut(Walk *w, ObjectId base, Label label, bool is_replaced) {
    const Facts *f = w->f;
    u32 scanned = 0;
    for (u32 i = object_at(w, base)->edges; i && scanned < SCAN_MAX; scanned++) {
        Edge *e = &w->edges.v[i];
        i = e->next;
        if (!is_cut_by(e, &label) || e->flags & EDGE_DEAD) continue;
        RegionId made = f->ops[e->at.i].region;
        if (e->flags & EDGE_IMPLIED) made = f->scopes[w->scope.i].region;
        if (is_around(w, w->region, made) || is_around(w, w->region, f->ops[e->at.i].region))
            e->flags |= EDGE_DEAD;
        else if (!is_either(w, made, e->at, w->region, w->at))
            e->flags |= EDGE_DOUBTED;
    }
    note_cut(w, base, label, is_replaced);
}

void edges_cut(Walk *w, ObjectId base, Label label) {
    cut(w, base, label, false);
}

void edges_cut_by(Walk *w, ObjectId base, const SummaryCut *by) {
    cut(w, base, by->label, by->is_replaced);
}

/* Text, a number, None, or an object that was made here and holds nothing. */
static bool is_empty_handed(const Walk *w, const Value *v) {
    if (v->is_open) return false;
    for (u32 i = 0; i < v->n; i++) {
        const Object *o = object_at(w, v->v[i]);
        bool is_new = o->kind == OBJECT_CONTAINER || o->kind == OBJECT_INSTANCE;
        if (!is_new || o->edges) return false;
    }
    return true;
}

/* `x.m = wrap(x.m)`: what was read before code takes its place was a bound method of x. */
static void note_patch(Walk *w, ObjectId base, Label label, const Value *value) {
    bool is_code = false;
    for (u32 i = 0; i < value->n; i++) {
        ObjectKind kind = object_at(w, value->v[i])->kind;
        is_code |= kind == OBJECT_CLOSURE || kind == OBJECT_HOLDER || kind == OBJECT_METHOD;
    }
    u32 scanned = 0;
    for (u32 i = is_code ? object_at(w, base)->edges : 0; i && scanned < SCAN_MAX; scanned++) {
        const Edge e = w->edges.v[i];
        i = e.next;
        if (!(e.flags & EDGE_IMPLIED) || !label_equal(&e.label, &label)) continue;
        if (object_class(w, base).i) continue; /* the class would have said so */
        edge_add(w, e.to, base, label_text(LABEL_SELF, STR("__self__")), EDGE_UNSURE);
    }
}

void edges_store(Walk *w, Value base, Label label, Value value, u32 flags) {
    bool is_plain = base.n == 1 && !base.is_open;
    bool replaces = is_plain && (label.kind == LABEL_ATTRIBUTE || label.kind == LABEL_ITEM ||
                                 label.kind == LABEL_INDEX);
    if (replaces && label.kind == LABEL_ATTRIBUTE) note_patch(w, base.v[0], label, &value);
    if (replaces) cut(w, base.v[0], label, !is_empty_handed(w, &value));
    if (!is_plain || value.is_open || value.n > 1) flags |= EDGE_UNSURE;
    if (base.is_doubtful || value.is_doubtful) flags |= EDGE_GUESSED;
    if (base.n > 1 && value.n > 1) return; /* which of them goes with which is not known */
    for (u32 b = 0; b < base.n; b++)
        for (u32 v = 0; v < value.n; v++) edge_add(w, base.v[b], value.v[v], label, flags);
}
