/* Questions about summaries for `limpet graph`: what they say that roots hold, and who holds the
 * instances of a class. */
#include "heap/walk.h"

typedef struct Reading {
    const Heap *h;
    const Summary *s;
    ScopeRef function; /* whose summary it is */
    Arena *arena;
    const Map *weak; /* module variables that hold their elements weakly, by canonical name */
} Reading;

static Map weak_variables(const Graph *g, Arena *arena) {
    Map weak = {0};
    for (u32 i = 1; i <= graph_container_count(g); i++) {
        const Container *c = graph_container(g, (ContainerId){i});
        if (c->holder == HOLDER_GLOBAL && c->kind == CONTAINER_WEAK)
            map_set(arena, &weak, hash_str(c->name), 1);
    }
    return weak;
}

static u64 mix(u64 a, u64 b) {
    u64 pair[] = {a, b};
    return hash_bytes(pair, sizeof pair);
}

/* ---- text ---- */

static void write_variable(const Reading *r, const SummaryObject *o, Buf *out) {
    buf_printf(out, "%.*s.%.*s", STR_ARG(graph_module_name(r->h->g, o->file)),
               STR_ARG(o->label.text));
}

static void write_object(const Reading *r, u32 index, Buf *out) {
    const SummaryObject *o = &r->s->objects[index];
    switch (o->kind) {
    case OBJECT_GLOBAL:
        write_variable(r, o, out);
        return;
    case OBJECT_LOADED:
        write_object(r, o->base, out);
        label_print(&o->label, out);
        return;
    case OBJECT_PARAMETER:
    case OBJECT_CELL:
        buf_str(out, o->label.text);
        return;
    case OBJECT_INSTANCE:
        buf_printf(out, "instance of %.*s", STR_ARG(graph_class_name(r->h->g, o->class)));
        return;
    default:
        buf_text(out, object_kind_text(o->kind));
        if (o->made.n)
            buf_printf(out, " of %.*s", STR_ARG(o->made));
        else if (o->label.text.n)
            buf_printf(out, " %.*s", STR_ARG(o->label.text));
    }
}

/* The object at the end of an edge: by its class, when there is one. */
static Str object_text(const Reading *r, u32 index) {
    const SummaryObject *o = &r->s->objects[index];
    Buf text = {.arena = r->arena};
    bool is_named = o->kind == OBJECT_PARAMETER || o->kind == OBJECT_CELL;
    if ((is_named || o->kind == OBJECT_LOADED) && o->class.i)
        buf_printf(&text, "instance of %.*s", STR_ARG(graph_class_name(r->h->g, o->class)));
    else if (is_named)
        buf_printf(&text, "%s %.*s", object_kind_text(o->kind), STR_ARG(o->label.text));
    else
        write_object(r, index, &text);
    return buf_get(&text);
}

static bool is_weak_edge(const Reading *r, const SummaryEdge *e) {
    const SummaryObject *from = &r->s->objects[e->from];
    if (e->flags & EDGE_WEAK || from->is_weak || r->s->objects[e->to].is_weak) return true;
    if (from->kind != OBJECT_GLOBAL || !label_is_element(e->label.kind)) return false;
    Buf name = {.arena = r->arena};
    write_variable(r, from, &name);
    return map_get(r->weak, hash_str(buf_get(&name)));
}

static bool is_made(const SummaryObject *o) {
    switch (o->kind) {
    case OBJECT_GLOBAL:
    case OBJECT_PARAMETER:
    case OBJECT_CELL:
    case OBJECT_LOADED:
        return false;
    default:
        return true;
    }
}

/* ---- stores into variables of modules ---- */

enum {
    STORES_MAX = 200,   /* of one function, below those that its own edges are */
    SEARCHED_MAX = 500, /* edges of one function on ways back to one instance */
};

typedef struct Stores {
    Arena *arena;
    u32 left; /* of STORES_MAX */
    VEC(HeapStore) list;
    Map seen;     /* whole stores */
    Map concrete; /* variable, selector and statement of stores whose object has a name */
} Stores;

/* The module variable below what is reached through it, and the selectors in between. */
static const SummaryObject *variable_below(const Reading *r, u32 index, Buf *selectors) {
    const SummaryObject *o = &r->s->objects[index];
    if (o->kind == OBJECT_GLOBAL) return o;
    if (o->kind != OBJECT_LOADED) return NULL;
    const SummaryObject *variable = variable_below(r, o->base, selectors);
    if (variable) label_print(&o->label, selectors);
    return variable;
}

static HeapStore store_of(const Reading *r, const SummaryEdge *e) {
    const SummaryObject *to = &r->s->objects[e->to];
    HeapStore store = {.object = object_text(r, e->to),
                       .class = to->class,
                       .function = r->function,
                       .file = e->file,
                       .op = e->op,
                       .is_weak = is_weak_edge(r, e),
                       .is_brief = e->flags & EDGE_BRIEF,
                       .is_unsure = e->flags & (EDGE_UNSURE | EDGE_GUESSED | EDGE_DOUBTED),
                       .is_made = is_made(to)};
    if (store.is_made) {
        store.made_file = to->file;
        store.made = (OpId){to->id};
    }
    return store;
}

static u64 place_key(const HeapStore *s) {
    u64 key = mix(map_pair(s->variable.file, s->variable.symbol.i), hash_str(s->selector));
    return mix(mix(key, s->under), map_pair(s->file, s->op.i));
}

static u64 whole_key(const HeapStore *s) {
    u64 key = mix(place_key(s), hash_str(s->object));
    return mix(key, map_pair(s->made_file, s->made.i));
}

/* Index + 1, of one that is known too. */
static u32 add_store(Stores *out, HeapStore store, bool *is_new) {
    u64 key = whole_key(&store);
    u32 known = map_get(&out->seen, key);
    *is_new = !known;
    if (known) return known;
    vec_push(out->arena, &out->list, store);
    map_set(out->arena, &out->seen, key, out->list.n);
    if (store.is_made || store.class.i) map_set(out->arena, &out->concrete, place_key(&store), 1);
    return out->list.n;
}

/* What an object that is made here holds itself. */
static void add_below(const Reading *r, u32 object, HeapStore above, u32 under, u32 depth,
                      Stores *out) {
    const Summary *s = r->s;
    if (!depth || !is_made(&s->objects[object])) return;
    for (u32 i = 0; i < s->n_edges; i++) {
        const SummaryEdge *e = &s->edges[i];
        if (e->from != object || e->to == object) continue;
        if (!out->left) return;
        out->left--;
        Buf selector = {.arena = r->arena};
        bool is_new;
        label_print(&e->label, &selector);
        HeapStore store = store_of(r, e);
        store.variable = above.variable;
        store.under = under;
        store.selector = str_trim(buf_get(&selector));
        u32 index = add_store(out, store, &is_new);
        if (is_new) add_below(r, e->to, store, index, depth - 1, out);
    }
}

static void read_stores(const Reading *r, Stores *out) {
    enum { CHAIN_MAX = 4 };
    for (u32 i = 0; i < r->s->n_edges; i++) {
        const SummaryEdge *e = &r->s->edges[i];
        Buf selectors = {.arena = r->arena};
        const SummaryObject *variable = variable_below(r, e->from, &selectors);
        bool is_new;
        if (!variable) continue;
        label_print(&e->label, &selectors);
        HeapStore store = store_of(r, e);
        store.variable = (SymbolRef){variable->file, {variable->id}};
        store.selector = str_trim(buf_get(&selectors));
        u32 index = add_store(out, store, &is_new);
        if (is_new) add_below(r, e->to, store, index, CHAIN_MAX, out);
    }
}

/* Takes out the parameters that some caller has a better name for; indexes move. */
static u32 drop_parameters(Stores *out) {
    u32 *moved = arena_array(out->arena, u32, out->list.n + 1);
    u32 n = 0;
    for (u32 i = 0; i < out->list.n; i++) {
        HeapStore store = out->list.v[i];
        bool is_named = store.is_made || store.class.i;
        bool is_dropped = !is_named && map_get(&out->concrete, place_key(&store));
        if (is_dropped || (store.under && !moved[store.under])) continue;
        store.under = moved[store.under];
        out->list.v[n++] = store;
        moved[i + 1] = n;
    }
    return n;
}

u32 heap_stores(const Heap *h, Arena *arena, HeapStore **stores) {
    Stores out = {.arena = arena};
    Map weak = weak_variables(h->g, arena);
    for (u32 id = 1; id <= h->n_functions; id++) {
        Reading r = {h, h->summaries[id], graph_function_scope(h->g, id), arena, &weak};
        out.left = STORES_MAX;
        if (r.s) read_stores(&r, &out);
    }
    u32 n = drop_parameters(&out);
    *stores = out.list.v;
    return n;
}

/* ---- paths to instances of a class ---- */

typedef struct Paths {
    Arena *arena;
    ClassId wanted;
    VEC(HeapPath) list;
    Map seen;
    u32 left; /* of SEARCHED_MAX */
} Paths;

static bool is_wanted(const Heap *h, ClassId c, ClassId wanted) {
    const ClassId *mro;
    bool complete;
    u32 n = c.i ? graph_mro(h->g, c, &mro, &complete) : 0;
    for (u32 i = 0; i < n; i++)
        if (mro[i].i == wanted.i) return true;
    return false;
}

static bool is_between(const SummaryObject *o) {
    switch (o->kind) {
    case OBJECT_METHOD:
    case OBJECT_CLOSURE:
    case OBJECT_GENERATOR:
    case OBJECT_HOLDER:
    case OBJECT_CONTAINER:
        return true;
    default:
        return false;
    }
}

static void add_path(const Reading *r, HeapPath path, u32 from, Str rest, Paths *out) {
    Buf text = {.arena = r->arena};
    write_object(r, from, &text);
    buf_str(&text, rest);
    path.text = buf_get(&text);
    u64 key = mix(hash_str(path.text), map_pair(path.file, path.op.i));
    if (map_get(&out->seen, key) || out->list.n >= HEAP_PATHS_MAX) return;
    map_set(out->arena, &out->seen, key, 1);
    vec_push(out->arena, &out->list, path);
}

/* Against the edges, from the instance `target` to what a caller can name. `rest` is the text
 * behind. What only the instance itself holds is no path. */
static void read_back(const Reading *r, u32 target, u32 object, HeapPath path, Str rest, u32 depth,
                      Paths *out) {
    const Summary *s = r->s;
    for (u32 i = 0; depth && i < s->n_edges; i++) {
        const SummaryEdge *e = &s->edges[i];
        if (e->to != object || e->from == object || e->from == target) continue;
        if (!out->left) return;
        out->left--;
        Buf text = {.arena = r->arena};
        label_print(&e->label, &text);
        buf_text(&text, " -> ");
        buf_str(&text, object_text(r, object));
        buf_str(&text, rest);
        HeapPath next = path;
        next.file = e->file;
        next.op = e->op;
        next.is_weak |= is_weak_edge(r, e);
        next.is_brief |= (e->flags & EDGE_BRIEF) != 0;
        next.is_unsure |= (e->flags & (EDGE_UNSURE | EDGE_GUESSED | EDGE_DOUBTED)) != 0;
        if (is_between(&s->objects[e->from]))
            read_back(r, target, e->from, next, buf_get(&text), depth - 1, out);
        else
            add_path(r, next, e->from, buf_get(&text), out);
    }
}

u32 heap_paths_to(const Heap *h, ClassId c, Arena *arena, HeapPath **paths) {
    enum { STEPS_MAX = 4 };
    Paths out = {.arena = arena, .wanted = c};
    Map weak = weak_variables(h->g, arena);
    for (u32 id = 1; id <= h->n_functions && out.list.n < HEAP_PATHS_MAX; id++) {
        Reading r = {h, h->summaries[id], graph_function_scope(h->g, id), arena, &weak};
        for (u32 o = 1; r.s && o < r.s->n_objects; o++) {
            ClassId class = r.s->objects[o].class;
            if (!is_wanted(h, class, c) || is_between(&r.s->objects[o])) continue;
            HeapPath path = {.class = class, .function = r.function};
            out.left = SEARCHED_MAX;
            read_back(&r, o, o, path, (Str){0}, STEPS_MAX, &out);
        }
    }
    *paths = out.list.v;
    return out.list.n;
}
