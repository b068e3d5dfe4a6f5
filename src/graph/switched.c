/* Branches that a constant of a module switches off: `_IS_SYNC = False`, bound once, and
 * `if _IS_SYNC:` there or where it is imported; `if False:` and the `else` of `if True:`; and what
 * runs in tests only, `if "pytest" in sys.modules:`. */
#include "graph/model.h"

typedef struct Switches {
    Graph *g;
    Map known;  /* by file and owner: 1 unknown, 2 false, 3 true */
    Map stored; /* hashes of attributes that some code sets on a module, by name alone */
    bool is_collected;
} Switches;

/* `settings.DEBUG = True`, by code that is no test. */
static void collect_stores(Switches *s) {
    const Graph *g = s->g;
    s->is_collected = true;
    for (u32 file = 0; file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        for (u32 i = 1; i < f->n_ops && !g->files[file].is_test; i++) {
            const Op *op = &f->ops[i];
            if (op->kind != OP_STORE && op->kind != OP_AUGMENT) continue;
            const Path *p = &f->paths[op->subject];
            if (p->kind != PATH_ATTR || f->paths[p->parent.i].depth > 2) continue;
            Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
            if (e.kind == ENTITY_MODULE)
                map_set(s->g->arena, &s->stored, name_hash(f, (StrId){p->id}), 1);
        }
    }
}

/* Some function rebinds it through `global`. */
static bool is_rebound(const Facts *f, u32 owner) {
    for (u32 i = 1; i < f->n_symbols; i++)
        if (i != owner && f->symbols[i].target.i == owner && f->symbols[i].binds) return true;
    return false;
}

/* -1 unknown, 0 false, 1 true. */
static int literal_truth(const Facts *f, const Path *value) {
    Str text = facts_str(f, (StrId){value->id});
    if (value->kind != PATH_LITERAL) return -1;
    if (value->flags == LITERAL_INT && (str_is(text, "0") || str_is(text, "1")))
        return str_is(text, "1");
    if (value->flags != LITERAL_TRUE && value->flags != LITERAL_FALSE) return -1;
    return value->flags == LITERAL_TRUE;
}

/* Bound once, at the top level of a module. */
static int variable_truth(const Graph *g, u32 file, u32 owner) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner];
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || s->flags & SYMBOL_PARAM || bind->kind != OP_BIND) return -1;
    const Region *at = &f->regions[bind->region.i];
    if ((bind->flags & OP_LOW) != BIND_ASSIGN || at->kind != REGION_BODY) return -1;
    if (f->scopes[s->scope.i].kind != SCOPE_MODULE || at->scope.i != s->scope.i) return -1;
    return g->files[file].n_star_imports ? -1 : literal_truth(f, &f->paths[bound_value(f, bind).i]);
}

static int constant_truth(Switches *s, u32 file, PathId path) {
    const Graph *g = s->g;
    const Path *p = &g->files[file].facts->paths[path.i];
    if (p->kind == PATH_LITERAL) return literal_truth(g->files[file].facts, p);
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) return -1;
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return -1;
    u64 key = map_pair(e.file, e.id);
    u32 known = map_get(&s->known, key);
    if (known) return (int)known - 2;
    const Facts *f = g->files[e.file].facts;
    int truth = variable_truth(g, e.file, e.id);
    if (truth >= 0 && is_rebound(f, e.id)) truth = -1;
    if (truth >= 0 && !s->is_collected) collect_stores(s);
    if (truth >= 0 && map_get(&s->stored, name_hash(f, f->symbols[e.id].name))) truth = -1;
    map_set(s->g->arena, &s->known, key, (u32)(truth + 2));
    return truth;
}

/* `hasattr(sys, "_called_from_test")`, `"pytest" in sys.modules`, `"PYTEST_CURRENT_TEST" in
 * os.environ`: what only tests bring about; else empty. */
static Str marker_of_tests(const Graph *g, u32 file, const Op *test) {
    const Facts *f = g->files[file].facts;
    bool asks_has = (test->flags & OP_LOW) == TEST_HAS, asks_in = (test->flags & OP_LOW) == TEST_IN;
    if (test->kind != OP_TEST || (!asks_has && !asks_in)) return (Str){0};
    Str text = facts_text(f, asks_has ? op_operand(f, test, 0) : op_path(test));
    Str of = graph_name_of(g, file, asks_has ? op_path(test) : op_operand(f, test, 0));
    bool is_module = str_is(text, "pytest") || str_is(text, "_pytest") || str_is(text, "nose");
    bool is_named = str_contains_word(text, "test") || str_contains_word(text, "pytest");
    if (asks_has ? str_is(of, "sys") && is_named
                 : (str_is(of, "sys.modules") && is_module) ||
                       (str_is(of, "os.environ") && str_starts(text, "PYTEST_")))
        return text;
    return (Str){0};
}

/* The test that never comes out as the region needs it, or 0. */
static u32 deciding_test(Switches *s, u32 file, const Region *r) {
    const Facts *f = s->g->files[file].facts;
    bool outcome = !(r->flags & REGION_NEGATED);
    if (r->test_first == r->test_end || !is_conjunction(f, r, outcome)) return 0;
    if (r->kind == REGION_TYPE_CHECKING) return r->test_first;
    for (u32 i = r->test_first; i < r->test_end; i++) {
        const Op *test = &f->ops[i];
        bool needed = outcome != !!(test->flags & OP_NEGATED);
        if (needed && marker_of_tests(s->g, file, test).n) return i;
        if (test->kind != OP_TEST || (test->flags & OP_LOW) != TEST_TRUTH) continue;
        int truth = constant_truth(s, file, op_path(test));
        if (truth >= 0 && needed != truth) return i;
    }
    return 0;
}

/* Regions stand behind those that they are in. */
static void read_file(Switches *s, u32 file) {
    FileNode *node = &s->g->files[file];
    const Facts *f = node->facts;
    for (u32 i = 1; i < f->n_regions; i++) {
        const Region *r = &f->regions[i];
        if (node->switched_off && node->switched_off[r->parent.i]) {
            node->switched_off[i] = node->switched_off[r->parent.i];
            continue;
        }
        u32 test = deciding_test(s, file, r);
        if (!test) continue;
        if (!node->switched_off) node->switched_off = arena_array(s->g->arena, u32, f->n_regions);
        node->switched_off[i] = test;
        vec_push(s->g->arena, &node->off_regions, (RegionId){i});
    }
}

void switched_find(Graph *g) {
    Switches s = {.g = g};
    for (u32 i = 0; i < g->n_files; i++) read_file(&s, i);
}

bool graph_is_switched_off(const Graph *g, u32 file, RegionId region) {
    return g->files[file].switched_off && g->files[file].switched_off[region.i];
}

Str graph_switch_around(const Graph *g, Place place, bool *is_of_tests) {
    const FileNode *node = &g->files[place.file];
    const Facts *f = node->facts;
    for (u32 i = 0; i < node->off_regions.n; i++) {
        RegionId r = node->off_regions.v[i];
        Span span = f->regions[r.i].span;
        if (place.start < span.start || place.end > span.end) continue;
        const Op *test = &f->ops[node->switched_off[r.i]];
        Str marker = marker_of_tests(g, place.file, test);
        *is_of_tests = marker.n;
        if (marker.n) return marker;
        const Path *p = &f->paths[test->subject];
        Str name = facts_str(f, p->kind == PATH_SYMBOL ? f->symbols[p->id].name : (StrId){p->id});
        return name.n ? name : STR("if");
    }
    return (Str){0};
}
