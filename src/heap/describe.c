/* A ring of edges as people see it, and the rule that it belongs to. */
#include "heap/walk.h"

typedef struct Describing {
    Walk *w;
    const u32 *ring; /* edges, the first leads from the owner */
    u32 n;
    Cycle *out;
    CycleObject *objects;
    CycleLink *links;
} Describing;

static const Edge *edge_at(const Describing *d, u32 i) {
    return &d->w->edges.v[d->ring[i]];
}

static Str keep(Walk *w, Str text) {
    return str_copy(&w->space->kept, text);
}

/* ---- names and places ---- */

static Str bare(Str name) {
    return str_after_last(name, '.');
}

static void write_object(Walk *w, ObjectId id, u32 depth, Buf *out) {
    const Object *o = object_at(w, id);
    switch (o->kind) {
    case OBJECT_LOADED:
        if (depth) write_object(w, o->base, depth - 1, out);
        if (!depth) buf_text(out, "…");
        if (o->label.kind == LABEL_ATTRIBUTE || label_is_element(o->label.kind))
            label_print(&o->label, out);
        break;
    case OBJECT_INSTANCE:
        buf_str(out, bare(graph_class_name(w->g, o->class)));
        break;
    case OBJECT_CONTAINER:
        buf_str(out, o->made.n ? bare(o->made) : STR("container"));
        break;
    default:
        if (o->label.text.n)
            buf_str(out, o->label.text);
        else
            buf_text(out, o->kind == OBJECT_CLOSURE     ? "lambda"
                          : o->kind == OBJECT_GENERATOR ? "generator"
                          : o->kind == OBJECT_NAMESPACE ? "locals()"
                                                        : object_kind_text(o->kind));
    }
}

static CycleObject describe_object(Walk *w, ObjectId id) {
    enum { NAME_DEPTH = 4 };
    Buf name = {.arena = &w->space->arena};
    write_object(w, id, NAME_DEPTH, &name);
    ClassId class = object_class(w, id);
    const Object *o = object_at(w, id);
    CycleObject out = {.kind = o->kind,
                       .name = keep(w, buf_get(&name)),
                       .class = class,
                       .made = o->made,
                       .code = o->code,
                       .file = w->file,
                       .place = w->f->ops[o->op.i].span};
    const Facts *home = graph_facts(w->g, o->file);
    if (o->kind == OBJECT_PARAMETER)
        out.place = w->f->scopes[w->scope.i].name_span;
    else if (o->code.scope.i && o->kind != OBJECT_GENERATOR)
        out.file = o->code.file,
        out.place = graph_facts(w->g, o->code.file)->scopes[o->code.scope.i].name_span;
    else if (o->kind == OBJECT_GLOBAL || o->kind == OBJECT_CELL)
        out.file = o->file, out.place = home->ops[home->symbols[o->id].bind.i].span;
    else if (o->kind != OBJECT_LOADED && o->file != w->file)
        out.file = o->file, out.place = home->ops[o->id].span;
    return out;
}

/* As in a summary, without the space that parts words from what is before them. */
static Str link_text(Walk *w, const Label *label) {
    Buf text = {.arena = &w->space->arena};
    if (label->kind == LABEL_NONE) return STR("holds");
    label_print(label, &text);
    return keep(w, str_trim(buf_get(&text)));
}

/* Does something take elements out of the container, or get it that may, under any of the
 * attributes that hold it? */
static bool find_drain(Walk *w, ObjectId container) {
    for (u32 i = 1; i < w->edges.n; i++) {
        const Edge *e = &w->edges.v[i];
        if (e->to.i != container.i || e->label.kind != LABEL_ATTRIBUTE) continue;
        ClassId c = object_class(w, e->from);
        if (!c.i) continue;
        Removal removal = graph_attribute_removal(w->g, c, w->edges.v[i].label.text, 0);
        if (removal.kind == REMOVAL_SURE || removal.escapes) return true;
    }
    return false;
}

/* The same, asked once an object. */
static bool is_drained(Walk *w, ObjectId container) {
    Object *o = object_at(w, container);
    if (o->is_drained || o->is_undrained) return o->is_drained;
    bool drained = find_drain(w, container);
    o->is_drained = drained;
    o->is_undrained = !drained;
    return drained;
}

static CycleLink describe_link(Describing *d, u32 i) {
    Walk *w = d->w;
    const Edge *e = edge_at(d, i);
    CycleLink link = {.text = link_text(w, &e->label),
                      .file = e->file,
                      .place = graph_facts(w->g, e->file)->ops[e->op.i].span,
                      .flags = e->flags & LINK_FLAGS};
    if (label_is_element(e->label.kind) && is_drained(w, e->from)) link.flags |= LINK_DRAINED;
    if (e->label.kind != LABEL_ATTRIBUTE) return link;
    link.attribute = e->label.text;
    OpRef where;
    if (d->objects[i].class.i)
        link.breaker = graph_attribute_breaker(w->g, d->objects[i].class, e->label.text, &where);
    else if (object_at(w, e->from)->kind == OBJECT_LOADED && !d->objects[i].made.n)
        link.breaker = graph_breaker_named(w->g, e->label.text);
    return link;
}

/* ---- owner, weakest link ---- */

/* The whole rather than the part: self before other parameters, these before what is made here. */
static u32 rank(const Walk *w, ObjectId id) {
    const Object *o = object_at(w, id);
    switch (o->kind) {
    case OBJECT_PARAMETER:
        return o->id == 0 ? 6 : 5;
    case OBJECT_GLOBAL:
    case OBJECT_CELL:
        return 4;
    case OBJECT_INSTANCE:
        return 3;
    case OBJECT_LOADED:
        return 2;
    case OBJECT_CONTAINER:
        return 1;
    default:
        return 0;
    }
}

static u32 find_owner(const Walk *w, const u32 *ring, u32 n) {
    u32 best = 0;
    for (u32 i = 0; i < n; i++) {
        ObjectId a = w->edges.v[ring[best]].from, b = w->edges.v[ring[i]].from;
        u32 rank_a = rank(w, a), rank_b = rank(w, b);
        if (rank_b > rank_a || (rank_b == rank_a && b.i < a.i)) best = i;
    }
    return best;
}

static bool is_weakenable(const Describing *d, u32 i) {
    LabelKind kind = edge_at(d, i)->label.kind;
    return kind == LABEL_ATTRIBUTE || label_is_element(kind);
}

/* Code that is kept: bound methods, closures, partials, generators, iterators. */
static bool is_code(const CycleObject *o) {
    switch (o->kind) {
    case OBJECT_METHOD:
    case OBJECT_CLOSURE:
    case OBJECT_GENERATOR:
    case OBJECT_CLASS:
        return true;
    case OBJECT_HOLDER:
        return know_is_code(o->made);
    default:
        return false;
    }
}

static u32 find_weakest(const Describing *d) {
    for (u32 i = 0; i < d->n; i++)
        if (d->links[i].flags & LINK_BLIND) return i;
    for (u32 i = 0; i < d->n; i++) /* code that is kept need not be */
        if (is_code(&d->objects[(i + 1) % d->n]) && is_weakenable(d, i)) return i;
    for (u32 i = 0; i < d->n; i++)
        if (d->links[i].attribute.n && know_is_back_reference(d->links[i].attribute)) return i;
    if (is_weakenable(d, d->n - 1) && !(d->links[d->n - 1].flags & LINK_IMPLIED)) return d->n - 1;
    for (u32 i = 0; i < d->n; i++)
        if (is_weakenable(d, i) && !(d->links[i].flags & LINK_IMPLIED)) return i;
    for (u32 i = 0; i < d->n; i++)
        if (!(d->links[i].flags & LINK_IMPLIED)) return i;
    return 0;
}

/* ---- which rule ---- */

/* The `__del__` of the class, its own or an inherited one; *is_idle when it does nothing that would
 * not happen without it. */
static bool has_del(const Walk *w, ClassId c, ScopeRef *finalizer, bool *is_idle) {
    Member m = c.i ? graph_member(w->g, c, hash_str(STR("__del__"))) : (Member){0};
    if (m.kind != MEMBER_METHOD) return false;
    *finalizer = m.function;
    *is_idle = graph_is_idle_finalizer(w->g, m.function);
    return true;
}

static bool find_del(Describing *d) {
    for (u32 i = 0; i < d->n; i++) {
        if (!has_del(d->w, d->objects[i].class, &d->out->finalizer, &d->out->is_idle)) continue;
        d->out->subject = i;
        return true;
    }
    return false;
}

/* Does the attribute keep its object until its owner dies: no method releases it or gives it away?
 */
static bool is_kept_to_the_end(const Walk *w, ClassId c, const Attribute *a) {
    OpRef where;
    for (u32 i = 0; i < a->n_uses; i++)
        if (a->uses[i].kind == ATTRIBUTE_RELEASED || a->uses[i].kind == ATTRIBUTE_HANDED_OUT)
            return false;
    return !graph_attribute_releaser(w->g, c, a->name, &where).scope.i;
}

/* The function that stores it lets go of it again: after it, or in a `finally`. */
static bool is_dropped_again(const Walk *w, const Attribute *a, u32 stored) {
    const AttributeUse *by = &a->uses[stored];
    const Facts *f = graph_facts(w->g, by->file);
    for (u32 i = stored + 1; i < a->n_uses; i++) {
        const AttributeUse *use = &a->uses[i];
        bool drops =
            use->kind == ATTRIBUTE_EMPTIED || (use->kind == ATTRIBUTE_DEFINED && use->is_weak);
        if (!drops || use->file != by->file) continue;
        if (use->function.scope.i != by->function.scope.i) continue;
        RegionId to = f->ops[use->op.i].region, at = f->ops[by->op.i].region;
        if (f->regions[to.i].kind == REGION_FINALLY) return true;
        while (at.i > to.i) at = f->regions[at.i].parent;
        if (at.i == to.i) return true;
    }
    return false;
}

/* An attribute for which the class makes an object with a `__del__`. */
static void note_leaf(Walk *w, ClassId c, const Attribute *a, Owned *out) {
    CycleLeaf leaf = {.class = a->instance};
    bool is_idle;
    if (out->leaf.class.i || a->is_weak || a->kind != ATTRIBUTE_INSTANCE) return;
    if (!has_del(w, a->instance, &leaf.finalizer, &is_idle) || is_idle) return;
    for (u32 i = 0; i < a->n_uses && !leaf.text.n; i++) {
        const AttributeUse *use = &a->uses[i];
        if (use->kind != ATTRIBUTE_DEFINED || use->is_weak || use->in_class_body || use->by_other ||
            is_dropped_again(w, a, i))
            continue;
        const Facts *f = graph_facts(w->g, use->file);
        const Path *value = &f->paths[use->value.i];
        if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) continue;
        leaf.text = str_format(&w->space->kept, ".%.*s", STR_ARG(a->name));
        leaf.file = use->file;
        leaf.place = f->ops[use->op.i].span;
        leaf.is_sure = is_constructor(w->g, use->function);
    }
    OpRef where;
    if (!leaf.text.n || !is_kept_to_the_end(w, c, a)) return;
    leaf.breaker = graph_attribute_breaker(w->g, c, a->name, &where);
    out->leaf = leaf;
}

enum { CHAIN = 6 }; /* operations of one assignment to several targets */

static bool is_owned_kind(ResourceKind kind) {
    switch (kind) {
    case RESOURCE_NONE:
    case RESOURCE_THREAD:
    case RESOURCE_EVENT_LOOP:
    case RESOURCE_MEMORY:
        return false;
    default:
        return true;
    }
}

/* A statement that runs binds it for one object, and longer than a `with open(…) as self.file`. */
static bool is_definition(const Walk *w, const AttributeUse *use) {
    if (use->kind != ATTRIBUTE_DEFINED || use->is_weak || use->of_class) return false;
    const Op *op = facts_op(graph_facts(w->g, use->file), use->op);
    bool is_brief = op->kind == OP_STORE && (op->flags & OP_LOW) == BIND_WITH;
    return !is_brief && !graph_is_switched_off(w->g, use->file, op->region);
}

/* An attribute that the class makes as an array, a frame of data, an image; `bytearray()` is
 * nothing yet. */
static void note_large(Walk *w, const Attribute *a, Owned *out) {
    for (u32 i = 0; i < a->n_uses && !out->large.n; i++) {
        const AttributeUse *use = &a->uses[i];
        if (!is_definition(w, use)) continue;
        const Facts *f = graph_facts(w->g, use->file);
        const Path *value = &f->paths[use->value.i];
        if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) continue;
        const Op *call = &f->ops[value->id];
        Str name = call->operands ? graph_name_of(w->g, use->file, op_path(call)) : (Str){0};
        if (!know_is_large(name)) continue;
        out->large = name;
        out->large_file = use->file;
        out->large_place = f->ops[use->op.i].span;
    }
}

/* `self.session = session`: what a caller gives is the caller's. */
static bool is_given(const Facts *f, const Op *define) {
    const Path *p = &f->paths[bound_value(f, define).i];
    const Symbol *s = &f->symbols[p->kind == PATH_SYMBOL ? f->symbols[p->id].target.i : 0];
    return p->kind == PATH_SYMBOL && s->flags & SYMBOL_PARAM && !s->binds;
}

static bool is_of_module(const Facts *f, PathId path) {
    const Symbol *root = &f->symbols[facts_root_symbol(f, path).i];
    return root->scope.i && f->scopes[root->scope.i].kind == SCOPE_MODULE;
}

/* `self.stdin = sys.stdin = open(…)`, `stderr = sys.stderr`: a module has it too. */
static bool is_shared(const Facts *f, OpId define) {
    PathId value = bound_value(f, &f->ops[define.i]);
    if (f->paths[value.i].kind != PATH_OP)
        return f->paths[value.i].kind == PATH_ATTR && is_of_module(f, value);
    u32 first = define.i > CHAIN ? define.i - CHAIN : 1;
    for (u32 i = first; i < MIN(f->n_ops, define.i + CHAIN); i++) {
        const Op *op = &f->ops[i];
        if ((op->kind != OP_STORE && op->kind != OP_BIND) || bound_value(f, op).i != value.i)
            continue;
        if (is_of_module(f, op_path(op))) return true;
    }
    return false;
}

/* A resource that methods keep in an attribute and that none of them releases or hands out. */
static bool is_unreleased(Walk *w, ClassId c, const Attribute *a, Owned *out) {
    const ResourceRow *row = know_resource(a->made_by);
    ResourceKind kind = a->kind == ATTRIBUTE_RESOURCE ? a->resource
                        : row                         ? row->kind
                                                      : RESOURCE_NONE;
    if (!is_owned_kind(kind) || !is_kept_to_the_end(w, c, a)) return false;
    if (know_needs_no_closing(a->made_by)) return false;
    const AttributeUse *made = NULL;
    for (u32 i = 0; i < a->n_uses && !made; i++)
        if (is_definition(w, &a->uses[i]) &&
            !is_given(graph_facts(w->g, a->uses[i].file),
                      facts_op(graph_facts(w->g, a->uses[i].file), a->uses[i].op)) &&
            !is_shared(graph_facts(w->g, a->uses[i].file), a->uses[i].op))
            made = &a->uses[i];
    if (!made) return false;
    out->what = str_from(resource_text(kind));
    out->file = made->file;
    out->place = graph_facts(w->g, made->file)->ops[made->op.i].span;
    return true;
}

static Owned find_owned(Walk *w, ClassId c) {
    enum { ATTRIBUTES_MAX = 256 };
    u32 left = ATTRIBUTES_MAX;
    Owned owned = {0};
    for (Str name = graph_next_attribute(w->g, c, (Str){0}); name.n && left;
         name = graph_next_attribute(w->g, c, name), left--) {
        Attribute a = graph_attribute(w->g, c, name, &w->space->arena);
        note_large(w, &a, &owned);
        note_leaf(w, c, &a, &owned);
        if (is_unreleased(w, c, &a, &owned)) break;
    }
    return owned;
}

/* The same, found once a worker. */
static Owned owned_by(Walk *w, ClassId c) {
    Workspace *s = w->space;
    u32 known = map_get(&s->owned_of, c.i);
    if (known) return s->owned.v[known - 1];
    Owned owned = find_owned(w, c);
    vec_push(&s->kept, &s->owned, owned);
    map_set(&s->kept, &s->owned_of, c.i, s->owned.n);
    return owned;
}

static bool find_resource(Describing *d) {
    for (u32 i = 0; i < d->n; i++) {
        const ClassId *mro;
        bool complete;
        if (!d->objects[i].class.i) continue;
        u32 n = graph_mro(d->w->g, d->objects[i].class, &mro, &complete);
        for (u32 k = 0; k < n; k++) {
            Owned owned = owned_by(d->w, mro[k]);
            if (owned.large.n && !d->out->large.n) {
                d->out->large = owned.large;
                d->out->large_file = owned.large_file;
                d->out->large_place = owned.large_place;
            }
            if (owned.leaf.class.i && !d->out->leaf.class.i) {
                d->out->leaf = owned.leaf;
                d->out->leaf.holder = i;
            }
            if (!owned.what.n) continue;
            d->out->subject = i;
            d->out->resource = owned.what;
            d->out->resource_file = owned.file;
            d->out->resource_place = owned.place;
            return true;
        }
    }
    return false;
}

static bool is_on_ring(const Describing *d, ObjectId o) {
    for (u32 i = 0; i < d->n; i++)
        if (edge_at(d, i)->from.i == o.i) return true;
    return false;
}

/* An object with a `__del__` that this function makes and puts into an object on the ring, or into
 * a container that such an object holds. */
static bool find_made_leaf(Describing *d, ObjectId from, const Label *outer) {
    Walk *w = d->w;
    u32 left = SCAN_MAX;
    for (u32 i = object_at(w, from)->edges; i && left; i = w->edges.v[i].next, left--) {
        const Edge *e = &w->edges.v[i];
        if (e->flags & (EDGE_DEAD | EDGE_WEAK | EDGE_BRIEF) || is_on_ring(d, e->to)) continue;
        ObjectKind kind = object_at(w, e->to)->kind;
        const Label *label = e->label.kind == LABEL_NONE ? NULL : &e->label; /* it has no text */
        if (kind == OBJECT_CONTAINER && !outer && find_made_leaf(d, e->to, label)) return true;
        CycleLeaf leaf = {.class = object_class(w, e->to)};
        bool is_idle;
        if (kind != OBJECT_INSTANCE || !has_del(w, leaf.class, &leaf.finalizer, &is_idle) ||
            is_idle)
            continue;
        Buf text = {.arena = &w->space->kept};
        if (outer) label_print(outer, &text);
        label_print(&e->label, &text);
        leaf.text = str_trim(buf_get(&text));
        leaf.file = e->file;
        leaf.place = graph_facts(w->g, e->file)->ops[e->op.i].span;
        leaf.is_sure = !(e->flags & (EDGE_UNSURE | EDGE_DOUBTED | EDGE_GUESSED));
        d->out->leaf = leaf;
        return true;
    }
    return false;
}

static bool is_attribute_kept(Describing *d, ClassId c, Str text, CycleLeaf *leaf) {
    OpRef where;
    i64 end = str_find(text, '[');
    Str name = str_sub(text, 1, end > 0 ? (u32)end : text.n);
    if (!c.i || !str_starts(text, ".")) return true;
    Attribute a = graph_attribute(d->w->g, c, name, &d->w->space->arena);
    leaf->breaker = graph_attribute_breaker(d->w->g, c, name, &where);
    return is_kept_to_the_end(d->w, c, &a);
}

/* What hangs off a ring that has no finalizer and no resource of its own. */
static void find_leaf(Describing *d) {
    if (d->out->leaf.class.i) return;
    for (u32 i = 0; i < d->n; i++) {
        if (!find_made_leaf(d, edge_at(d, i)->from, NULL)) continue;
        CycleLeaf *leaf = &d->out->leaf;
        leaf->holder = i;
        if (is_attribute_kept(d, d->objects[i].class, leaf->text, leaf)) return;
        *leaf = (CycleLeaf){0};
    }
}

/* An object that keeps code of its own, or something that does. */
static bool is_callback(Describing *d) {
    u32 code = 0;
    for (u32 i = 0; i < d->n; i++) {
        if (!is_code(&d->objects[i])) continue;
        if (!code++) d->out->subject = i;
    }
    return code > 0;
}

/* The object that tells most about the cycle beside the subject. */
static u32 find_partner(const Describing *d) {
    u32 best = d->out->subject, best_rank = 0;
    for (u32 i = 0; i < d->n; i++) {
        ObjectKind kind = d->objects[i].kind;
        u32 rank = is_code(&d->objects[i])                            ? 4
                   : kind == OBJECT_INSTANCE || d->objects[i].class.i ? 3
                   : kind == OBJECT_CONTAINER                         ? 1
                                                                      : 2;
        if (i == d->out->subject || rank <= best_rank) continue;
        best = i;
        best_rank = rank;
    }
    return best;
}

/* Only closing the object that the collector cannot see into takes such a cycle apart: without its
 * owner it stays. */
static void find_closer(Describing *d) {
    d->out->breaker = (ScopeRef){0};
    for (u32 i = 0; i < d->n; i++) {
        u32 before = (i + d->n - 1) % d->n;
        if (!(d->links[i].flags & LINK_BLIND) || !d->links[before].attribute.n) continue;
        OpRef where;
        ClassId c = d->objects[before].class;
        if (c.i)
            d->out->breaker =
                graph_attribute_releaser(d->w->g, c, d->links[before].attribute, &where);
    }
}

static bool has_blind(const Describing *d) {
    for (u32 i = 0; i < d->n; i++)
        if (d->links[i].flags & LINK_BLIND) return true;
    return false;
}

static CycleKind decide_kind(Describing *d) {
    d->out->subject = 0;
    if (has_blind(d)) return CYCLE_BLIND;
    if (find_del(d)) {
        u32 subject = d->out->subject;
        /* what the objects hold waits with them, whatever `__del__` does */
        if (d->out->is_idle && (find_resource(d) || d->out->large.n)) d->out->is_idle = false;
        d->out->subject = subject;
        return CYCLE_DEL;
    }
    if (find_resource(d)) return CYCLE_RESOURCE;
    find_leaf(d);
    if (is_callback(d)) return CYCLE_CALLBACK;
    return CYCLE_PLAIN;
}

/* ---- how sure ---- */

/* Functions and the cells that they share, or classes: LMP111 and LMP112 speak of these. */
static bool is_only_code(const Describing *d) {
    for (u32 i = 0; i < d->n; i++) {
        ObjectKind kind = d->objects[i].kind;
        if (kind != OBJECT_CLOSURE && kind != OBJECT_CLASS && kind != OBJECT_CONTAINER)
            return false;
        if (kind == OBJECT_CONTAINER && edge_at(d, i)->label.kind == LABEL_NONE) return false;
    }
    for (u32 i = 0; i < d->n; i++)
        if (d->objects[i].kind != OBJECT_CONTAINER) return true;
    return false;
}

static bool is_lasting(const Describing *d) {
    Walk *w = d->w;
    RegionId region = w->f->ops[d->out->op.i].region;
    if (graph_how_often(w->g, w->file, region) <= RUNS_ONCE &&
        w->f->scopes[w->scope.i].kind != SCOPE_MODULE)
        return true;
    for (u32 i = 0; i < d->n; i++) {
        ClassId c = d->objects[i].class;
        if (d->objects[i].kind == OBJECT_GLOBAL) return true;
        if (c.i && graph_only_module_instances(w->g, c)) return true;
    }
    return false;
}

/* Module code: its variables live on, unless some name is deleted afterwards. */
static bool is_dropped_by_module(const Walk *w, OpId from) {
    for (u32 i = from.i; i < w->f->n_ops; i++) {
        const Op *op = &w->f->ops[i];
        if (op->kind == OP_DELETE && w->f->paths[op->subject].kind == PATH_SYMBOL) return true;
    }
    return false;
}

static Confidence lower(Confidence c) {
    return c > CONFIDENCE_LOW ? (Confidence)(c - 1) : c;
}

/* An element of a container of an object that was read, and whose class is not known: who can tell
 * whether something takes it out? */
static bool is_in_unknown(const Describing *d) {
    for (u32 i = 0; i < d->n; i++) {
        const CycleObject *holder = &d->objects[i];
        bool is_element = label_is_element(edge_at(d, (i + 1) % d->n)->label.kind);
        if (is_element && holder->kind == OBJECT_LOADED && !holder->class.i &&
            d->links[i].attribute.n)
            return true;
    }
    return false;
}

/* The ring holds the object, too. */
static bool is_held_by_ring(const Describing *d, ObjectId object) {
    const Walk *w = d->w;
    for (u32 i = 0; i < d->n; i++)
        for (u32 e = object_at(w, edge_at(d, i)->from)->edges; e; e = w->edges.v[e].next)
            if (w->edges.v[e].to.i == object.i && !(w->edges.v[e].flags & EDGE_WEAK)) return true;
    return false;
}

/* `self.ref = weakref.ref(parent, lambda r: self.stop())`: the reference lets go of its callback
 * when the other object dies, which as a rule is the one who holds this one. */
static bool is_until_death(const Describing *d, u32 i) {
    const Walk *w = d->w;
    if (!str_is(d->links[i].text, ".__callback__")) return false;
    for (u32 e = object_at(w, edge_at(d, i)->from)->edges; e; e = w->edges.v[e].next) {
        ObjectId to = w->edges.v[e].to;
        if (w->edges.v[e].flags & EDGE_WEAK)
            return object_at(w, to)->kind == OBJECT_PARAMETER && !is_held_by_ring(d, to);
    }
    return false;
}

/* `if user:`, `if user is not None:`, of a variable: the statement is for something that is there.
 */
static bool is_for_what_is_there(const Walk *w, const Edge *e) {
    const Facts *f = graph_facts(w->g, e->file);
    RegionId r = f->ops[e->op.i].region;
    ScopeId scope = f->regions[r.i].scope;
    for (; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent) {
        const Region *each = &f->regions[r.i];
        if (each->kind != REGION_IF || each->test_end != each->test_first + 1) continue;
        const Op *test = &f->ops[each->test_first];
        u32 kind = test->flags & OP_LOW;
        bool is_negated = test->flags & OP_NEGATED;
        if (test->kind != OP_TEST || f->paths[test->subject].kind != PATH_SYMBOL) continue;
        if (kind == TEST_TRUTH ? !is_negated : kind == TEST_IS && is_negated) return true;
    }
    return false;
}

/* One part of the ring stands in for an argument that is left out, and another is there only when
 * something else is: who gives that gives the argument, too. */
static bool needs_coincidence(const Describing *d) {
    const Walk *w = d->w;
    u32 stand_ins = 0, conditions = 0;
    for (u32 i = 0; i < d->n; i++) {
        const Edge *e = edge_at(d, i);
        if (e->flags & EDGE_IMPLIED) continue;
        bool is_stand_in = graph_stands_in(w->g, (OpRef){w->file, e->at});
        stand_ins += is_stand_in;
        conditions += !is_stand_in && is_for_what_is_there(w, e);
    }
    return stand_ins && conditions;
}

static Confidence decide_confidence(Describing *d) {
    Confidence c = CONFIDENCE_HIGH;
    u32 unsure = 0, doubted = 0, guessed = 0, drained = 0, cleared = 0, brief = 0;
    for (u32 i = 0; i < d->n; i++) {
        unsure += !!(d->links[i].flags & LINK_UNSURE);
        drained += !!(d->links[i].flags & LINK_DRAINED);
        brief += is_until_death(d, i);
        guessed += !!(d->links[i].flags & LINK_GUESSED);
        doubted += !!(d->links[i].flags & LINK_DOUBTED);
        if (d->links[i].breaker.scope.i && !d->out->breaker.scope.i)
            d->out->breaker = d->links[i].breaker;
        if (d->links[i].attribute.n && d->objects[i].class.i)
            cleared = MAX(cleared, graph_attribute_clearings(d->w->g, d->objects[i].class,
                                                             d->links[i].attribute));
    }
    if (unsure) c = lower(c);
    if (unsure > 2) c = lower(c);
    if (doubted) c = lower(c);
    if (d->out->kind == CYCLE_BLIND) find_closer(d);
    if (d->out->breaker.scope.i) c = lower(c);
    /* its life has an end of its own, if not on every way */
    if (cleared && d->out->kind == CYCLE_DEL && !d->out->breaker.scope.i) c = lower(c);
    if (guessed || brief || cleared > 1 || needs_coincidence(d)) c = CONFIDENCE_LOW;
    if (drained || (d->out->kind == CYCLE_DEL && is_in_unknown(d))) c = lower(c);
    d->out->is_drained = drained;
    bool is_module = d->w->f->scopes[d->w->scope.i].kind == SCOPE_MODULE;
    if (is_module ? !is_dropped_by_module(d->w, d->out->op) : d->out->is_lasting)
        c = CONFIDENCE_LOW;
    return graph_is_test_file(d->w->g, d->w->file) ? CONFIDENCE_LOW : c;
}

static bool is_class_name(Str name) {
    return str_is(name, "cls") || str_is(name, "klass") || str_ends(name, "_cls") ||
           str_ends(name, "_class") || str_is(name, "mcs") || str_is(name, "metacls");
}

bool cycle_describe(Walk *w, const u32 *ring, u32 n, Cycle *out) {
    u32 turned[CYCLE_LENGTH + 1], owner = find_owner(w, ring, n);
    for (u32 i = 0; i < n; i++) turned[i] = ring[(owner + i) % n];
    *out = (Cycle){.file = w->file, .n = n};
    Describing d = {w, turned, n, out, NULL, NULL};
    d.objects = arena_array(&w->space->kept, CycleObject, n);
    d.links = arena_array(&w->space->kept, CycleLink, n);
    for (u32 i = 0; i < n; i++) {
        const Edge *e = edge_at(&d, i);
        if (!(e->flags & EDGE_IMPLIED)) out->op.i = MAX(out->op.i, e->at.i);
        out->blind |= e->blind;
        d.objects[i] = describe_object(w, e->from);
    }
    for (u32 i = 0; i < n; i++) d.links[i] = describe_link(&d, i);
    if (is_only_code(&d)) return false;
    for (u32 i = 0; i < n; i++)
        if (is_class_name(d.objects[i].name)) return false; /* classes live on, and are cycles */
    if (graph_is_in_finalizer(w->g, (ScopeRef){w->file, w->scope})) return false; /* LMP108 */
    out->objects = d.objects;
    out->links = d.links;
    out->function = (ScopeRef){w->file, w->scope};
    out->weakest = find_weakest(&d);
    out->kind = decide_kind(&d);
    out->partner = find_partner(&d);
    out->is_lasting = is_lasting(&d);
    out->confidence = decide_confidence(&d);
    return true;
}
