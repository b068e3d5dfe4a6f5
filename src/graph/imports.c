/* Modules that import each other while they are being imported, and the names that one of them does
 * not have yet when the other asks.
 *
 * Who comes first decides: so each module that is on a ring of imports is taken as the first one,
 * and its import is played, statement by statement, as the interpreter would do it, until it fails.
 * A package comes before what is in it: a module whose package has already brought it in cannot be
 * the first. */
#include "graph/model.h"

#include <stdlib.h>

#define NO_FILE UINT32_MAX

/* Imports inside one another, and statements that the games of one ring may take. */
enum { DEPTH_MAX = 1000, STEPS_MAX = 4000000, NAMESPACES_MAX = 3 };

/* An import that runs while its module is imported. */
typedef struct Line {
    u32 op, import, to; /* operation, index of the import table, file that is asked */
    u32 child;          /* the submodule that the name may be, or NO_FILE */
    bool is_tried;      /* an ImportError would be caught */
    bool is_maybe;      /* under a condition */
} Line;
typedef VEC(Line) Lines;

typedef struct Play {
    const Graph *g;
    Arena *arena;
    ImportCycles *out;
    Map known; /* (file, op) -> index of out + 1 */
    Lines *steps;
    u32 *parent; /* by file: its package, or NO_FILE */
    u32 *component, *sizes;
    u32 *index, *low, *stack; /* Tarjan */
    bool *on_stack;
    u32 n_stack, counter, components;
    /* the game: what belongs to another one has another number */
    u32 *game, *at;
    bool *is_done;
    u32 number, entry, depth, tried, maybe;
    bool is_over; /* something failed */
    u64 played;
} Play;

/* ---- what runs when a module is imported ---- */

static bool read_step(const Facts *f, RegionId region, Line *step) {
    for (; region.i; region = f->regions[region.i].parent) {
        const Region *r = &f->regions[region.i];
        u8 scope = f->scopes[r->scope.i].kind;
        if (scope == SCOPE_FUNCTION || scope == SCOPE_LAMBDA) return false;
        switch (r->kind) {
        case REGION_TYPE_CHECKING:
        case REGION_MAIN:
        case REGION_EXCEPT: /* what is tried works */
            return false;
        case REGION_TRY:
            step->is_tried = true;
            break;
        case REGION_BODY:
        case REGION_TRY_ELSE:
        case REGION_FINALLY:
        case REGION_NONE:
            break;
        default:
            step->is_maybe = true;
        }
    }
    return true;
}

static void add_step(Play *p, u32 file, u32 op_index) {
    const Facts *f = p->g->files[file].facts;
    const Op *op = &f->ops[op_index];
    const Import *import = &f->imports[op->subject];
    Line step = {.op = op_index, .import = op->subject, .child = NO_FILE};
    if (!read_step(f, op->region, &step)) return;
    Str dotted, name = facts_str(f, import->name);
    step.to = module_of_import(p->g, file, import, &dotted);
    bool is_star = str_is(name, "*");
    if (step.to == NO_FILE) {
        step.to = name.n && !is_star ? module_of_name(p->g, file, import, name) : NO_FILE;
    } else if (name.n && !is_star) {
        step.child = module_child(p->g, step.to, name);
        if (step.child == step.to || (step.child != NO_FILE && p->g->files[step.child].is_stub))
            step.child = NO_FILE;
    }
    if (step.to == NO_FILE || p->g->files[step.to].is_stub) return;
    vec_push(p->arena, &p->steps[file], step);
}

/* The nearest package above; a directory in between may have no __init__.py. */
static u32 package_of(const Graph *g, u32 file) {
    Str path = g->files[file].real_path;
    if (g->files[file].is_package) path = str_sub(path, 0, (u32)MAX(str_rfind(path, '/'), 0));
    for (u32 i = 0; i < NAMESPACES_MAX; i++) {
        path = str_sub(path, 0, (u32)MAX(str_rfind(path, '/'), 0));
        u32 found = module_in_directory(g, path);
        if (found != NO_FILE) return found == file || g->files[found].is_stub ? NO_FILE : found;
    }
    return NO_FILE;
}

static void read_steps(Play *p, u32 file) {
    const Facts *f = p->g->files[file].facts;
    p->parent[file] = p->g->files[file].is_stub ? NO_FILE : package_of(p->g, file);
    if (p->g->files[file].is_stub) return;
    for (u32 i = 1; i < f->n_ops; i++)
        if (f->ops[i].kind == OP_IMPORT) add_step(p, file, i);
    u32 parent = module_package(p->g, file);
    if (parent != file && parent != NO_FILE && !p->g->files[parent].is_stub)
        p->parent[file] = parent;
}

/* ---- rings ---- */

/* The i-th module that the import of a file may lead to; false at the end. */
static bool edge_of(const Play *p, u32 file, u32 i, u32 *to) {
    const Lines *steps = &p->steps[file];
    if (i == 0) {
        *to = p->parent[file];
        return true;
    }
    u32 step = (i - 1) / 2;
    if (step >= steps->n) return false;
    *to = i % 2 ? steps->v[step].to : steps->v[step].child;
    return true;
}

typedef struct Visit {
    u32 file, edge;
} Visit;

static void leave(Play *p, u32 v) {
    p->components++;
    for (u32 w = NO_FILE; w != v;) {
        w = p->stack[--p->n_stack];
        p->on_stack[w] = false;
        p->component[w] = p->components;
        p->sizes[p->components]++;
    }
}

/* Tarjan's algorithm without recursion: import chains can be long. */
static void connect(Play *p, u32 root, Visit *frames) {
    u32 depth = 0, to;
    frames[depth++] = (Visit){root, 0};
    while (depth) {
        Visit *at = &frames[depth - 1];
        u32 v = at->file;
        if (!p->index[v]) {
            p->index[v] = p->low[v] = ++p->counter;
            p->stack[p->n_stack++] = v;
            p->on_stack[v] = true;
        }
        if (edge_of(p, v, at->edge, &to)) {
            at->edge++;
            if (to == NO_FILE) continue;
            if (!p->index[to])
                frames[depth++] = (Visit){to, 0};
            else if (p->on_stack[to])
                p->low[v] = MIN(p->low[v], p->index[to]);
            continue;
        }
        if (p->low[v] == p->index[v]) leave(p, v);
        if (--depth) {
            u32 above = frames[depth - 1].file;
            p->low[above] = MIN(p->low[above], p->low[v]);
        }
    }
}

/* ---- the game ---- */

static bool is_begun(const Play *p, u32 file) {
    return p->game[file] == p->number;
}

/* `from . import _speedups`: no file of the project, so it is one that the module imports. */
static bool is_outside_child(const Play *p, u32 file, OpId bind) {
    const Facts *f = p->g->files[file].facts;
    const Path *value = &f->paths[bound_value(f, &f->ops[bind.i]).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_IMPORT) return false;
    const Import *import = &f->imports[f->ops[value->id].subject];
    Str dotted;
    return import->name.i && module_of_import(p->g, file, import, &dotted) == file;
}

/* The module, which is being imported, has the name by now; or nobody can tell. */
static bool has_name(const Play *p, u32 file, Str name, OpId *bound) {
    const FileNode *node = &p->g->files[file];
    SymbolId symbol = module_symbol(p->g, file, hash_str(name));
    SymbolId lazy = module_symbol(p->g, file, hash_str(STR("__getattr__")));
    if (!symbol.i || (lazy.i && node->facts->symbols[lazy.i].bind.i < p->at[file])) return true;
    *bound = node->facts->symbols[symbol.i].bind;
    if (bound->i < p->at[file] || is_outside_child(p, file, *bound)) return true;
    for (u32 i = 0; i < p->steps[file].n && p->steps[file].v[i].op < p->at[file]; i++) {
        const Import *import = &node->facts->imports[p->steps[file].v[i].import];
        if (str_is(facts_str(node->facts, import->name), "*")) return true;
    }
    return false;
}

static void add_missing(Play *p, u32 file, const Line *step, Str name, OpId bound) {
    u64 key = (u64)file << 32 | step->op;
    p->is_over = true;
    u32 known = map_get(&p->known, key);
    ImportCycle cycle = {.at = {file, {step->op}},
                         .name = name,
                         .module = step->to,
                         .entry = p->entry,
                         .back = {step->to, {p->at[step->to]}},
                         .bound = {step->to, bound},
                         .is_maybe = p->maybe > 0};
    if (!known) {
        vec_push(p->arena, &p->out->list, cycle);
        map_set(p->arena, &p->known, key, p->out->list.n);
        return;
    }
    /* the plainest of the games that fail here: the module itself is the first */
    ImportCycle *best = &p->out->list.v[known - 1];
    bool is_plainer = cycle.entry == cycle.module && best->entry != best->module;
    if (best->is_maybe != cycle.is_maybe ? best->is_maybe : is_plainer) *best = cycle;
}

static void play(Play *p, u32 file);

static void play_step(Play *p, u32 file, const Line *step) {
    const Facts *f = p->g->files[file].facts;
    Str name = facts_str(f, f->imports[step->import].name);
    p->at[file] = step->op;
    p->tried += step->is_tried;
    p->maybe += step->is_maybe;
    play(p, step->to);
    OpId bound = {0};
    bool is_asked = !p->is_over && name.n && !str_is(name, "*") && step->to != file;
    bool is_partial = is_asked && is_begun(p, step->to) && !p->is_done[step->to];
    bool is_missing = is_partial && !has_name(p, step->to, name, &bound);
    if (step->child != NO_FILE && (is_missing || !is_partial))
        play(p, step->child);
    else if (is_missing && !p->tried)
        add_missing(p, file, step, name, bound);
    p->tried -= step->is_tried;
    p->maybe -= step->is_maybe;
}

static void play(Play *p, u32 file) {
    bool is_far = p->component[file] != p->component[p->entry];
    if (is_far || p->is_over || is_begun(p, file) || p->depth >= DEPTH_MAX || p->played > STEPS_MAX)
        return;
    p->depth++;
    if (p->parent[file] != NO_FILE) play(p, p->parent[file]);
    if (!is_begun(p, file)) {
        p->game[file] = p->number;
        p->is_done[file] = false;
        for (u32 i = 0; i < p->steps[file].n && !p->is_over; i++, p->played++)
            play_step(p, file, &p->steps[file].v[i]);
        p->is_done[file] = true;
    }
    p->depth--;
}

static void begin(Play *p, u32 entry) {
    p->number++;
    p->entry = entry;
    p->is_over = false;
    play(p, entry);
}

/* The outermost package on the same ring that comes before the module. */
static u32 outermost(const Play *p, u32 file) {
    u32 top = file;
    for (u32 at = p->parent[file]; at != NO_FILE; at = p->parent[at])
        if (p->component[at] == p->component[file]) top = at;
    return top;
}

/* Modules that the outermost package brings in need no game of their own. */
static void play_all(Play *p) {
    u32 n = p->g->n_files;
    u32 *first_game = arena_array(p->arena, u32, n + 1);
    bool *is_covered = arena_array(p->arena, bool, n + 1);
    for (u32 file = 0; file < n; file++) {
        if (p->sizes[p->component[file]] < 2 || is_covered[file]) continue;
        u32 top = outermost(p, file);
        if (!first_game[top]) {
            p->played = 0;
            begin(p, top);
            first_game[top] = p->number;
            for (u32 i = file; i < n; i++)
                if (is_begun(p, i) && outermost(p, i) == top) is_covered[i] = true;
        }
        if (!is_covered[file]) begin(p, file);
    }
}

static int compare(const void *a, const void *b) {
    const ImportCycle *x = a, *y = b;
    if (x->at.file != y->at.file) return x->at.file < y->at.file ? -1 : 1;
    return x->at.op.i < y->at.op.i ? -1 : x->at.op.i > y->at.op.i;
}

ImportCycles graph_import_cycles(const Graph *g, Arena *arena) {
    u32 n = g->n_files;
    ImportCycles out = {0};
    Play p = {.g = g, .arena = arena, .out = &out};
    p.steps = arena_array(arena, Lines, n + 1);
    p.parent = arena_array(arena, u32, n + 1);
    p.component = arena_array(arena, u32, n + 1);
    p.sizes = arena_array(arena, u32, n + 2);
    p.index = arena_array(arena, u32, n + 1);
    p.low = arena_array(arena, u32, n + 1);
    p.stack = arena_array(arena, u32, n + 1);
    p.on_stack = arena_array(arena, bool, n + 1);
    p.game = arena_array(arena, u32, n + 1);
    p.at = arena_array(arena, u32, n + 1);
    p.is_done = arena_array(arena, bool, n + 1);
    Visit *frames = arena_array(arena, Visit, n + 1);
    for (u32 i = 0; i < n; i++) read_steps(&p, i);
    for (u32 i = 0; i < n; i++)
        if (!p.index[i]) connect(&p, i, frames);
    play_all(&p);
    if (out.list.n) qsort(out.list.v, out.list.n, sizeof out.list.v[0], compare);
    return out;
}
