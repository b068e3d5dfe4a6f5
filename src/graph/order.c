/* Callees before callers: the strongly connected components of the call graph (Tarjan 1972), and
 * the levels in which they can be walked side by side. */
#include "graph/graph.h"

#include "os/os.h"

typedef struct Search {
    const Graph *g;
    Arena *arenas;  /* by worker */
    Calls *callees; /* by function id */
} Search;

typedef struct Ordering {
    const Calls *callees; /* by function id */
    u32 *number, *low, *stack, *path, *next;
    bool *waits;
    u32 n_stack, n_path, counter;
    u32 *ring_of, *level_of; /* by function; by ring */
    Order *out;
} Ordering;

/* ---- callees ---- */

typedef struct CallList {
    VEC(u32) v;
} CallList;

static void add_callee(Arena *arena, CallList *list, u32 function) {
    if (!function || (list->v.n && list->v.v[list->v.n - 1] == function)) return;
    vec_push(arena, &list->v, function);
}

static void add_constructor(Search *o, Arena *arena, CallList *list, ClassId c) {
    static const char *const NAMES[] = {"__init__", "__post_init__"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) {
        Member m = graph_member(o->g, c, hash_str(str_from(NAMES[i])));
        if (m.kind == MEMBER_METHOD) add_callee(arena, list, graph_function_id(o->g, m.function));
    }
}

static void find_callees(void *context, u32 worker, u32 file) {
    Search *o = context;
    const Facts *f = graph_facts(o->g, file);
    Arena *arena = &o->arenas[worker];
    for (ScopeId s = graph_next_function(o->g, file, (ScopeId){0}); s.i;
         s = graph_next_function(o->g, file, s)) {
        CallList list = {0};
        const Scope *scope = &f->scopes[s.i];
        for (u32 i = scope->op_first; i < scope->op_end; i++) {
            const Op *op = &f->ops[i];
            if (op->kind == OP_FUNCTION || op->kind == OP_LAMBDA || op->kind == OP_CLASS) {
                i = MAX(i, f->scopes[op->subject].op_end - 1);
                continue;
            }
            if (op->kind != OP_CALL) continue;
            Callee c = graph_callee(o->g, file, (OpId){i});
            add_callee(arena, &list, c.function);
            if (c.made.i) add_constructor(o, arena, &list, c.made);
        }
        o->callees[graph_function_id(o->g, (ScopeRef){file, s})] = (Calls){list.v.v, list.v.n};
    }
}

/* ---- rings ---- */

static void close_ring(Ordering *o, u32 root, u32 *n_functions) {
    Order *out = o->out;
    u32 level = 0, ring = out->n_rings++;
    out->rings[ring] = *n_functions;
    u32 member;
    do {
        member = o->stack[--o->n_stack];
        o->waits[member] = false;
        o->ring_of[member] = ring;
        out->functions[(*n_functions)++] = member;
    } while (member != root);
    for (u32 i = out->rings[ring]; i < *n_functions; i++) {
        const Calls *calls = &o->callees[out->functions[i]];
        for (u32 k = 0; k < calls->n; k++)
            if (o->ring_of[calls->v[k]] != ring)
                level = MAX(level, o->level_of[o->ring_of[calls->v[k]]] + 1);
    }
    o->level_of[ring] = level;
}

static void open_function(Ordering *o, u32 function) {
    o->number[function] = o->low[function] = ++o->counter;
    o->stack[o->n_stack++] = function;
    o->path[o->n_path++] = function;
    o->waits[function] = true;
}

static void visit(Ordering *o, u32 root, u32 *n_functions) {
    open_function(o, root);
    while (o->n_path) {
        u32 at = o->path[o->n_path - 1];
        const Calls *calls = &o->callees[at];
        if (o->next[at] < calls->n) {
            u32 callee = calls->v[o->next[at]++];
            if (!o->number[callee])
                open_function(o, callee);
            else if (o->waits[callee])
                o->low[at] = MIN(o->low[at], o->number[callee]);
            continue;
        }
        o->n_path--;
        if (o->n_path) {
            u32 caller = o->path[o->n_path - 1];
            o->low[caller] = MIN(o->low[caller], o->low[at]);
        }
        if (o->low[at] == o->number[at]) close_ring(o, at, n_functions);
    }
}

/* Rings sorted by level, and within it in the order in which they were closed: that depends on the
 * facts alone. */
static void sort_levels(Ordering *o, Arena *arena, u32 n_functions) {
    Order *out = o->out;
    u32 levels = 0;
    for (u32 r = 0; r < out->n_rings; r++) levels = MAX(levels, o->level_of[r] + 1);
    u32 *functions = arena_array(arena, u32, n_functions + 1);
    u32 *rings = arena_array(arena, u32, out->n_rings + 1);
    u32 *starts = arena_array(arena, u32, levels + 2);
    out->rings[out->n_rings] = n_functions;
    for (u32 r = 0; r < out->n_rings; r++) starts[o->level_of[r] + 1]++;
    for (u32 l = 0; l < levels; l++) starts[l + 1] += starts[l];
    u32 *places = arena_copy(arena, starts, sizeof *starts * (levels + 1));
    u32 *order = arena_array(arena, u32, out->n_rings + 1);
    for (u32 r = 0; r < out->n_rings; r++) order[places[o->level_of[r]]++] = r;
    u32 n = 0;
    for (u32 i = 0; i < out->n_rings; i++) {
        rings[i] = n;
        for (u32 k = out->rings[order[i]]; k < out->rings[order[i] + 1]; k++)
            functions[n++] = out->functions[k];
    }
    rings[out->n_rings] = n;
    out->ring_of = arena_array(arena, u32, n_functions + 1);
    out->level_of = arena_array(arena, u32, n_functions + 1);
    for (u32 i = 0; i < out->n_rings; i++)
        for (u32 k = rings[i]; k < rings[i + 1]; k++) {
            out->ring_of[functions[k]] = i;
            out->level_of[functions[k]] = o->level_of[order[i]];
        }
    out->functions = functions;
    out->rings = rings;
    out->levels = starts;
    out->n_levels = levels;
}

Order order_of_calls(Arena *arena, const Calls *callees, u32 n) {
    u32 n_functions = 0;
    Order out = {0};
    Arena scratch = {0};
    Ordering o = {.callees = callees, .out = &out};
    u32 **tables[] = {&o.number, &o.low, &o.stack, &o.path, &o.next, &o.ring_of, &o.level_of};
    for (u32 i = 0; i < ARRAY_LEN(tables); i++) *tables[i] = arena_array(&scratch, u32, n + 1);
    o.waits = arena_array(&scratch, bool, n + 1);
    out.functions = arena_array(&scratch, u32, n + 1);
    out.rings = arena_array(&scratch, u32, n + 2);
    for (u32 id = 1; id <= n; id++)
        if (!o.number[id]) visit(&o, id, &n_functions);
    sort_levels(&o, arena, n_functions);
    arena_free(&scratch);
    return out;
}

Order graph_order_functions(const Graph *g, Arena *arena, u32 workers) {
    u32 n = graph_function_count(g);
    Arena scratch = {0};
    Search search = {.g = g};
    search.arenas = arena_array(&scratch, Arena, workers);
    search.callees = arena_array(&scratch, Calls, n + 1);
    os_parallel(workers, graph_file_count(g), find_callees, &search);
    Order out = order_of_calls(arena, search.callees, n);
    for (u32 i = 0; i < workers; i++) arena_free(&search.arenas[i]);
    arena_free(&scratch);
    return out;
}
