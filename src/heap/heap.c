/* The order of it all: functions level by level, then modules, then the cycles as one list. */
#include "heap/walk.h"

#include "os/os.h"

const char *object_kind_text(ObjectKind kind) {
    static const char *const TEXTS[] = {"object",    "parameter", "module variable", "variable",
                                        "attribute", "instance",  "container",       "bound method",
                                        "closure",   "class",     "generator",       "object",
                                        "namespace"};
    return TEXTS[kind];
}

/* ---- names that are worth looking up ---- */

static void add_name(Heap *h, const char *name) {
    Str text = str_from(name);
    map_set(h->arena, &h->names, hash_str(str_after_last(text, '.')), 1);
    i64 dot = str_rfind(text, '.'); /* of a method: its class, too */
    if (dot > 0) text = str_sub(text, 0, (u32)dot);
    map_set(h->arena, &h->names, hash_str(str_after_last(text, '.')), 1);
}

static void collect_names(Heap *h) {
    u32 n;
    for (u32 part = 0; part < EFFECT_TABLES; part++) {
        const EffectRow *effects = know_effect_rows(part, &n);
        for (u32 i = 0; i < n; i++) add_name(h, effects[i].name);
    }
    const EffectRow *own = graph_own_effects(h->g, &n);
    for (u32 i = 0; i < n; i++) add_name(h, own[i].name);
    const CallRow *calls = know_calls(&n);
    const u32 wanted = CALL_GROWS | CALL_LAZY | CALL_HOLDS | CALL_WEAK;
    for (u32 i = 0; i < n; i++)
        if (calls[i].flags & wanted) add_name(h, calls[i].name);
    const ConstructorRow *made = know_constructors(&n);
    for (u32 i = 0; i < n; i++) add_name(h, made[i].name);
    const ResourceRow *resources = know_resources(&n);
    for (u32 i = 0; i < n; i++) add_name(h, resources[i].name);
    static const char *const SPECIAL[] = {"setattr", "getattr", "delattr", "vars",
                                          "locals",  "iter",    "super",   "sum",
                                          "sorted",  "max",     "min",     "next"};
    for (u32 i = 0; i < ARRAY_LEN(SPECIAL); i++) add_name(h, SPECIAL[i]);
}

/* ---- walking ---- */

static void make_room(Heap *h) {
    u32 symbols = 0, ops = 0, regions = 0;
    for (u32 i = 0; i < graph_file_count(h->g); i++) {
        symbols = MAX(symbols, graph_facts(h->g, i)->n_symbols);
        ops = MAX(ops, graph_facts(h->g, i)->n_ops);
        regions = MAX(regions, graph_facts(h->g, i)->n_regions);
    }
    h->spaces = arena_array(h->arena, Workspace, h->workers);
    for (u32 w = 0; w < h->workers; w++) {
        Workspace *s = &h->spaces[w];
        s->symbol_stamps = arena_array(h->arena, u32, symbols + 1);
        s->symbol_bindings = arena_array(h->arena, u32, symbols + 1);
        s->region_stamps = arena_array(h->arena, u32, regions + 1);
        s->region_exits = arena_array(h->arena, u32, regions + 1);
        s->op_stamps = arena_array(h->arena, u32, ops + 1);
        s->op_values = arena_array(h->arena, Value, ops + 1);
    }
}

typedef struct Planting {
    Heap *h;
    Arena *arenas; /* by worker */
} Planting;

static void plant_regions(void *context, u32 worker, u32 file) {
    Planting *p = context;
    const Facts *f = graph_facts(p->h->g, file);
    if (f->flags & FACTS_STUB) return;
    p->h->regions[file] = region_tree_new(&p->arenas[worker], f);
    p->h->loud_paths[file] = loud_paths_new(&p->arenas[worker], p->h->g, f);
}

/* The lists of the function before, empty, with the room that they have. */
static void take_lists(Workspace *s, Walk *w) {
    w->objects = s->objects;
    w->edges = s->edges;
    w->bindings = s->bindings;
    w->objects.n = w->edges.n = w->bindings.n = 0;
}

static void give_lists(Workspace *s, const Walk *w) {
    s->objects = w->objects;
    s->edges = w->edges;
    s->bindings = w->bindings;
}

static void walk(Heap *h, u32 worker, u32 file, ScopeId scope, u32 id, bool is_last) {
    Workspace *s = &h->spaces[worker];
    s->counts.functions += is_last;
    Quiet q = {file, scope, id, h->loud_paths[file]};
    if (id <= h->n_functions && function_is_quiet(h, s, &q)) return;
    Walk w = {.h = h,
              .g = h->g,
              .space = s,
              .file = file,
              .f = graph_facts(h->g, file),
              .regions = h->regions[file],
              .scope = scope,
              .id = id};
    s->stamp++;
    ArenaMark mark = arena_mark(&s->arena);
    take_lists(s, &w);
    walk_function(&w);
    if (is_last) h->cycles[id] = cycles_find(&w);
    if (id <= h->n_functions) h->summaries[id] = summary_make(&w);
    give_lists(s, &w);
    arena_rewind(&s->arena, mark);
}

typedef struct LevelWork {
    Heap *h;
    const Order *order;
    u32 first_ring, end_ring;
} LevelWork;

enum { RINGS_PER_ITEM = 16 };

/* A ring of functions that call each other is walked more than once: what one adds to the summary
 * of another is seen in the round after. */
static void walk_ring(Heap *h, u32 worker, const Order *order, u32 ring) {
    u32 first = order->rings[ring], end = order->rings[ring + 1];
    u32 rounds = end - first > 1 ? RECURSION_ROUNDS : 1;
    if (rounds > 1) h->spaces[worker].counts.recursive += end - first;
    for (u32 round = 1; round <= rounds; round++)
        for (u32 i = first; i < end; i++) {
            u32 id = order->functions[i];
            ScopeRef s = graph_function_scope(h->g, id);
            if (graph_facts(h->g, s.file)->flags & FACTS_STUB) continue;
            walk(h, worker, s.file, s.scope, id, round == rounds);
        }
}

static void walk_rings(void *context, u32 worker, u32 item) {
    LevelWork *work = context;
    u32 first = work->first_ring + item * RINGS_PER_ITEM;
    u32 end = MIN(first + RINGS_PER_ITEM, work->end_ring);
    for (u32 ring = first; ring < end; ring++) walk_ring(work->h, worker, work->order, ring);
}

static void walk_module(void *context, u32 worker, u32 file) {
    Heap *h = context;
    const Facts *f = graph_facts(h->g, file);
    if (f->n_scopes > 1 && !(f->flags & FACTS_STUB))
        walk(h, worker, file, (ScopeId){1}, h->n_functions + 1 + file, true);
}

static void walk_all(Heap *h, const Order *order) {
    for (u32 level = 0; level < order->n_levels; level++) {
        LevelWork work = {h, order, order->levels[level], order->levels[level + 1]};
        u32 rings = work.end_ring - work.first_ring;
        u32 items = (rings + RINGS_PER_ITEM - 1) / RINGS_PER_ITEM;
        os_parallel(MIN(h->workers, items), items, walk_rings, &work);
    }
    os_parallel(h->workers, graph_file_count(h->g), walk_module, h);
}

/* ---- the result ---- */

static void append_cycles(Heap *h, u32 id) {
    for (u32 i = 0; i < h->cycles[id].n; i++) h->all_cycles[h->n_cycles++] = &h->cycles[id].v[i];
}

static void list_cycles(Heap *h) {
    u32 files = graph_file_count(h->g), n = 0;
    for (u32 id = 1; id <= h->n_functions + files; id++) n += h->cycles[id].n;
    h->all_cycles = arena_array(h->arena, Cycle *, n + 1);
    for (u32 id = 1; id <= h->n_functions + files; id++) append_cycles(h, id);
}

static void add_counts(HeapCounts *to, const HeapCounts *from) {
    to->functions += from->functions;
    to->summaries += from->summaries;
    to->edges += from->edges;
    to->recursive += from->recursive;
    to->cut += from->cut;
}

Heap *heap_build(Arena *arena, const Graph *g, u32 workers) {
    Heap *h = arena_new(arena, Heap);
    h->arena = arena;
    h->g = g;
    h->workers = MAX(workers, 1u);
    h->n_functions = graph_function_count(g);
    u32 ids = h->n_functions + graph_file_count(g) + 1;
    h->summaries = arena_array(arena, const Summary *, ids);
    h->cycles = arena_array(arena, FunctionCycles, ids);
    collect_names(h);
    h->is_outside = arena_array(arena, bool, graph_class_count(g) + 1);
    for (u32 c = 1; c <= graph_class_count(g); c++)
        h->is_outside[c] = is_known_outside(h, (ClassId){c});
    make_room(h);
    Arena scratch = {0};
    Order order = graph_order_functions(g, &scratch, h->workers);
    h->rings = order.ring_of;
    h->levels = order.level_of;
    h->regions = arena_array(&scratch, const RegionTree *, graph_file_count(g));
    h->loud_paths = arena_array(&scratch, const bool *, graph_file_count(g));
    Planting planting = {h, arena_array(&scratch, Arena, h->workers)};
    os_parallel(h->workers, graph_file_count(g), plant_regions, &planting);
    walk_all(h, &order);
    h->regions = NULL;
    h->loud_paths = NULL;
    for (u32 w = 0; w < h->workers; w++) arena_free(&planting.arenas[w]);
    for (u32 w = 0; w < h->workers; w++) {
        arena_free(&h->spaces[w].arena);
        arena_free(&h->spaces[w].lists);
        add_counts(&h->counts, &h->spaces[w].counts);
    }
    h->counts.levels = order.n_levels;
    arena_free(&scratch);
    list_cycles(h);
    breakers_find(h);
    crowds_find(h);
    return h;
}

void heap_free(Heap *h) {
    for (u32 w = 0; w < h->workers; w++) arena_free(&h->spaces[w].kept);
}

u32 heap_cycle_count(const Heap *h) {
    return h->n_cycles;
}

const Cycle *heap_cycle(const Heap *h, u32 i) {
    return h->all_cycles[i];
}

HeapCounts heap_counts(const Heap *h) {
    return h->counts;
}
