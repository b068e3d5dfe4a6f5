/* Types of variables, attributes and results, found in rounds over the whole project.
 *
 * The first round sees no table at all: what constructor calls and annotations tell at the place
 * itself. It runs in parallel, since no answer depends on another. What it could not tell, and a
 * later round may, is kept in lists: the rounds after it look at nothing else. */
#include "graph/rounds.h"

#include "os/os.h"

enum { LATER_ROUNDS = 2 };

/* A variable that a later round may tell more about. */
typedef struct PendingVariable {
    SymbolRef symbol;
    u32 function; /* it is bound to what this one returns; 0: to something else */
} PendingVariable;

typedef struct Pending {
    VEC(PendingVariable) variables;
    VEC(u32) attributes; /* first definitions */
    VEC(u32) functions;
} Pending;

/* One of these lists, as it is asked again and again: an answer that was read from cells that have
 * not changed since is the same. */
typedef struct Asking {
    TypesRead *read; /* by index in the list */
    u64 *changed;    /* by cell: since the list was last asked */
} Asking;

enum { ASKING_VARIABLES, ASKING_ATTRIBUTES, ASKING_RESULTS, ASKINGS };

typedef struct Rounds {
    Graph *g;
    Arena *arenas;  /* by worker */
    Pending *files; /* variables of each file, as the first round leaves them */
    ClassId **fresh;
    Pending pending;
    Asking asking[ASKINGS];
    Map votes;    /* parameter -> class that its callers pass */
    Map disputed; /* parameters whose callers disagree */
    VEC(SymbolRef) voted;
} Rounds;

/* Can a later round tell more about the value than the first? */
static bool may_become(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (!depth) return false;
    if (p->kind == PATH_SYMBOL || p->kind == PATH_ATTR) {
        EntityKind kind = entity_of_path(g, file, path, RESOLVE_DEPTH).kind;
        return kind == ENTITY_VARIABLE || (kind == ENTITY_NONE && p->kind == PATH_ATTR);
    }
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_LOAD) return may_become(g, file, op_path(op), depth - 1);
    if (op->kind == OP_CHOICE)
        return may_become(g, file, op_operand(f, op, 0), depth - 1) ||
               may_become(g, file, op_operand(f, op, 1), depth - 1);
    if (op->kind != OP_CALL) return false;
    EntityKind kind = entity_of_path(g, file, op_path(op), RESOLVE_DEPTH).kind;
    bool method = f->paths[op->subject].kind == PATH_ATTR;
    return kind == ENTITY_FUNCTION || (method && (kind == ENTITY_NONE || kind == ENTITY_VARIABLE));
}

/* ---- the first round ---- */

/* The function whose result the value is, when that can be told without the type of any variable
 * but `self`: no round will find another one. */
static u32 function_called(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return 0;
    PathId callee = op_path(&f->ops[p->id]);
    Entity e = entity_of_path(g, file, callee, RESOLVE_DEPTH);
    if (e.kind == ENTITY_FUNCTION) return entity_function(g, e);
    p = &f->paths[callee.i];
    const Path *base = &f->paths[p->parent.i];
    if (e.kind != ENTITY_NONE || p->kind != PATH_ATTR || base->kind != PATH_SYMBOL) return 0;
    SymbolId owner = f->symbols[base->id].target;
    bool is_class;
    ClassId c = owner.i ? self_class(g, file, owner, &is_class) : (ClassId){0};
    return c.i && !is_class ? method_by_name(g, c, name_hash(f, (StrId){p->id})) : 0;
}

static void first_round(void *context, u32 worker, u32 file) {
    Rounds *r = context;
    const Facts *f = r->g->files[file].facts;
    paths_resolve(r->g, file, &r->arenas[worker]);
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *s = &f->symbols[i];
        if (s->target.i != i) continue;
        ClassId c = r->fresh[file][i] = variable_type(r->g, file, (SymbolId){i}, RESOLVE_DEPTH);
        if (c.i || s->binds != 1 || s->flags & SYMBOL_PARAM) continue;
        const Op *op = &f->ops[s->bind.i];
        PathId value = bound_value(f, op);
        u32 bind = op->flags & OP_LOW; /* others are not typed by their value: variable_type */
        bool has_type = bind == BIND_ASSIGN || bind == BIND_WITH || bind == BIND_WALRUS;
        if (op->kind != OP_BIND || !has_type || !may_become(r->g, file, value, 4)) continue;
        PendingVariable later = {{file, {i}}, function_called(r->g, file, value)};
        vec_push(&r->arenas[worker], &r->files[file].variables, later);
    }
}

static void run_first_round(Rounds *r) {
    Graph *g = r->g;
    r->arenas = arena_array(g->arena, Arena, g->workers);
    r->files = arena_array(g->arena, Pending, g->n_files);
    r->fresh = arena_array(g->arena, ClassId *, g->n_files);
    for (u32 i = 0; i < g->n_files; i++) {
        u32 n = g->files[i].facts->n_symbols;
        r->fresh[i] = arena_array(g->arena, ClassId, n);
    }
    os_parallel(g->workers, g->n_files, first_round, r);
    for (u32 i = 0; i < g->n_files; i++) {
        g->files[i].variable_types = r->fresh[i];
        for (u32 k = 0; k < r->files[i].variables.n; k++)
            vec_push(g->arena, &r->pending.variables, r->files[i].variables.v[k]);
    }
    for (u32 i = 0; i < g->workers; i++) arena_free(&r->arenas[i]);
}

/* ---- attributes and results ---- */

static void note_change(Rounds *r, u32 cell) {
    for (u32 i = 0; i < ASKINGS; i++)
        if (r->asking[i].changed) r->asking[i].changed[cell / 64] |= (u64)1 << cell % 64;
}

static bool set_type(Rounds *r, ClassId *slot, ClassId c, u32 cell) {
    if (!c.i || slot->i == c.i) return false;
    *slot = c;
    note_change(r, cell);
    return true;
}

static bool set_variable(Rounds *r, SymbolRef s, ClassId c) {
    ClassId *slot = &r->g->files[s.file].variable_types[s.symbol.i];
    return set_type(r, slot, c, type_cell_of_variable(s.file, s.symbol));
}

static bool set_result(Rounds *r, u32 function, ClassId c) {
    return set_type(r, &r->g->functions[function].result, c, type_cell_of_result(function));
}

static bool set_attribute(Rounds *r, u32 d, ClassId c) {
    Graph *g = r->g;
    const AttributeDef *def = &g->attribute_defs.v[d];
    if (!c.i || map_get(&g->attribute_types, def->key) == c.i) return false;
    map_set(g->arena, &g->attribute_types, def->key, c.i);
    const Facts *f = g->files[def->file].facts;
    StrId name = {f->paths[f->ops[def->op.i].subject].id};
    note_change(r, type_cell_of_attribute(name_hash(f, name)));
    return true;
}

static bool attribute_may_become(const Graph *g, const AttributeDef *def) {
    for (; def; def = attribute_next(g, def)) {
        const Facts *f = g->files[def->file].facts;
        if (may_become(g, def->file, bound_value(f, &f->ops[def->op.i]), 4)) return true;
    }
    return false;
}

/* The return statements of each function that returns a value. */
static void collect_returns(Graph *g) {
    for (u32 file = 0; file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        OpList all = ops_of(&g->files[file], OP_RETURN);
        for (u32 pass = 0; pass < 2; pass++)
            for (u32 k = 0; k < all.n; k++) {
                u32 i = all.v[k];
                if (!f->ops[i].operands) continue;
                u32 fn = function_id(g, file, f->regions[f->ops[i].region.i].scope);
                if (!fn) continue;
                FunctionNode *node = &g->functions[fn];
                if (pass && !node->returns) {
                    node->returns = arena_array(g->arena, OpId, node->n_returns);
                    node->n_returns = 0;
                }
                if (pass) node->returns[node->n_returns] = (OpId){i};
                node->n_returns++;
            }
    }
}

static bool result_may_become(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    if (f->scopes[fn->scope.i].flags & (SCOPE_GENERATOR | SCOPE_ASYNC)) return false;
    for (u32 i = 0; i < fn->n_returns; i++)
        if (may_become(g, fn->file, op_operand(f, &f->ops[fn->returns[i].i], 0), 4)) return true;
    return false;
}

/* ---- parameters ---- */

/* What the callers pass to a parameter without annotation, when those that can be told agree. */
static void vote(Rounds *r, u32 fn, u32 index, Str keyword, ClassId c) {
    Graph *g = r->g;
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    u32 skipped = node->owner.i && node->kind != METHOD_STATIC;
    for (u32 i = scope->param_first + skipped; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        const Symbol *s = &f->symbols[p->symbol.i];
        bool match = keyword.n ? str_eq(facts_str(f, s->name), keyword)
                               : i - scope->param_first == index + skipped;
        if (!match) continue;
        u64 key = variable_key(node->file, p->symbol);
        bool plain =
            p->kind != PARAM_STAR && p->kind != PARAM_DOUBLE_STAR && !p->annotation.i && !s->binds;
        if (!plain || map_get(&r->disputed, key)) return;
        u32 known = map_get(&r->votes, key);
        if (!known) vec_push(g->arena, &r->voted, (SymbolRef){node->file, p->symbol});
        if (known && known != c.i)
            map_set(g->arena, &r->disputed, key, 1);
        else
            map_set(g->arena, &r->votes, key, c.i);
        return;
    }
}

/* An argument of a known class, for the function that the call calls. */
typedef struct Argument {
    u32 function, index;
    Str keyword;
    ClassId type;
} Argument;

typedef struct Arguments {
    const Graph *g;
    Arena *arenas; /* by worker */
    struct {
        VEC(Argument) list;
    } *files;
} Arguments;

static void find_arguments(Arguments *all, u32 worker, u32 file, const Op *call) {
    const Graph *g = all->g;
    const Facts *f = g->files[file].facts;
    u32 fn = 0, position = 0;
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = f->operands[call->operand + k];
        OperandKind kind = operand_kind(o);
        if (kind != OPERAND_POSITIONAL && kind != OPERAND_KEYWORD) return;
        u32 index = kind == OPERAND_POSITIONAL ? position++ : 0;
        ClassId c = type_of_path(g, file, o.path, RESOLVE_DEPTH), made;
        if (!c.i) continue;
        if (!fn) fn = callee_function(g, file, call, &made);
        if (!fn && made.i) fn = method_by_name(g, made, hash_str(STR("__init__")));
        if (!fn) return;
        Str keyword = kind == OPERAND_KEYWORD ? facts_str(f, operand_name(o)) : (Str){0};
        vec_push(&all->arenas[worker], &all->files[file].list, (Argument){fn, index, keyword, c});
    }
}

static void find_arguments_of_file(void *context, u32 worker, u32 file) {
    Arguments *all = context;
    const Facts *f = all->g->files[file].facts;
    OpList calls = ops_of(&all->g->files[file], OP_CALL);
    for (u32 i = 0; i < calls.n; i++)
        if (f->ops[calls.v[i]].operands) find_arguments(all, worker, file, &f->ops[calls.v[i]]);
}

static void type_parameters(Rounds *r) {
    Graph *g = r->g;
    Arguments all = {.g = g, .arenas = arena_array(g->arena, Arena, g->workers)};
    all.files = arena_alloc(g->arena, sizeof *all.files * g->n_files);
    os_parallel(g->workers, g->n_files, find_arguments_of_file, &all);
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < all.files[file].list.n; i++) {
            const Argument *a = &all.files[file].list.v[i];
            vote(r, a->function, a->index, a->keyword, a->type);
        }
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
    for (u32 i = 0; i < r->voted.n; i++) {
        SymbolRef s = r->voted.v[i];
        u64 key = variable_key(s.file, s.symbol);
        bool is_open = !g->files[s.file].variable_types[s.symbol.i].i;
        if (is_open && !map_get(&r->disputed, key))
            set_variable(r, s, (ClassId){map_get(&r->votes, key)});
    }
}

/* ---- later rounds ---- */

/* One list of pending things: each is asked in parallel from the tables as they stand, then all
 * answers are put in place, so that none depends on another of the same step. */
typedef ClassId Ask(const Rounds *r, u32 index);

typedef struct AskStep {
    const Rounds *r;
    Ask *ask;
    ClassId *found;
    const Asking *asking; /* NULL: each is asked */
} AskStep;

static bool is_unchanged(const Asking *asking, const TypesRead *read) {
    if (read->n == TYPES_READ_ALL) return false;
    for (u32 i = 0; i < read->n; i++)
        if (asking->changed[read->cells[i] / 64] >> read->cells[i] % 64 & 1) return false;
    return true;
}

static void ask_range(void *context, u32 worker, u32 first, u32 end) {
    (void)worker;
    AskStep *s = context;
    for (u32 i = first; i < end; i++) {
        TypesRead *read = s->asking ? &s->asking->read[i] : NULL;
        if (read && is_unchanged(s->asking, read)) continue;
        if (read) read->n = 0;
        types_read = read;
        s->found[i] = s->ask(s->r, i);
    }
    types_read = NULL;
}

/* The answers by index, in scratch: none for what would be answered as it was. */
static const ClassId *ask_all(const Rounds *r, Ask *ask, u32 n, const Asking *asking,
                              Arena *scratch) {
    AskStep s = {r, ask, arena_array(scratch, ClassId, n), asking};
    os_parallel_ranges(r->g->workers, n, ask_range, &s);
    if (asking) memset(asking->changed, 0, TYPE_CELLS / 8);
    return s.found;
}

/* ---- the first answers about attributes and results ---- */

/* In the place of a class: a later round may tell. */
enum { MAY_BECOME = UINT32_MAX };

static ClassId start_attribute(const Rounds *r, u32 i) {
    const Graph *g = r->g;
    const AttributeDef *def = &g->attribute_defs.v[i];
    if (!i || map_get(&g->attributes, def->key) != i) return (ClassId){0};
    ClassId c = attribute_type(g, def);
    return c.i || !attribute_may_become(g, def) ? c : (ClassId){MAY_BECOME};
}

static ClassId start_result(const Rounds *r, u32 i) {
    const Graph *g = r->g;
    if (!i) return (ClassId){0};
    ClassId c = result_type(g, i);
    return c.i || !result_may_become(g, &g->functions[i]) ? c : (ClassId){MAY_BECOME};
}

static void start_attributes(Rounds *r, Arena *scratch) {
    Graph *g = r->g;
    const ClassId *found = ask_all(r, start_attribute, g->attribute_defs.n, NULL, scratch);
    for (u32 d = 1; d < g->attribute_defs.n; d++)
        if (found[d].i == MAY_BECOME)
            vec_push(g->arena, &r->pending.attributes, d);
        else
            set_attribute(r, d, found[d]);
}

static void start_results(Rounds *r, Arena *scratch) {
    Graph *g = r->g;
    collect_returns(g);
    const ClassId *found = ask_all(r, start_result, g->n_functions + 1, NULL, scratch);
    for (u32 i = 1; i <= g->n_functions; i++)
        if (found[i].i == MAY_BECOME)
            vec_push(g->arena, &r->pending.functions, i);
        else
            set_result(r, i, found[i]);
}

static ClassId ask_variable(const Rounds *r, u32 i) {
    SymbolRef s = r->pending.variables.v[i].symbol;
    u32 function = r->pending.variables.v[i].function;
    if (function) {
        note_type_read(type_cell_of_result(function));
        return r->g->functions[function].result;
    }
    return variable_type(r->g, s.file, s.symbol, RESOLVE_DEPTH);
}

static ClassId ask_attribute(const Rounds *r, u32 i) {
    return attribute_type(r->g, &r->g->attribute_defs.v[r->pending.attributes.v[i]]);
}

static ClassId ask_result(const Rounds *r, u32 i) {
    return result_type(r->g, r->pending.functions.v[i]);
}

static bool set_variables(Rounds *r, Arena *scratch) {
    u32 n = r->pending.variables.n;
    const ClassId *found = ask_all(r, ask_variable, n, &r->asking[ASKING_VARIABLES], scratch);
    bool changed = false;
    for (u32 i = 0; i < n; i++)
        changed |= set_variable(r, r->pending.variables.v[i].symbol, found[i]);
    return changed;
}

static bool set_attributes(Rounds *r, Arena *scratch) {
    u32 n = r->pending.attributes.n;
    const ClassId *found = ask_all(r, ask_attribute, n, &r->asking[ASKING_ATTRIBUTES], scratch);
    bool changed = false;
    for (u32 i = 0; i < n; i++) changed |= set_attribute(r, r->pending.attributes.v[i], found[i]);
    return changed;
}

static bool set_results(Rounds *r, Arena *scratch) {
    u32 n = r->pending.functions.n;
    const ClassId *found = ask_all(r, ask_result, n, &r->asking[ASKING_RESULTS], scratch);
    bool changed = false;
    for (u32 i = 0; i < n; i++) changed |= set_result(r, r->pending.functions.v[i], found[i]);
    return changed;
}

/* Nothing was asked yet. */
static void begin_asking(Rounds *r, Arena *arena) {
    u32 n[ASKINGS] = {r->pending.variables.n, r->pending.attributes.n, r->pending.functions.n};
    for (u32 k = 0; k < ASKINGS; k++) {
        r->asking[k].read = arena_array(arena, TypesRead, n[k] + 1);
        r->asking[k].changed = arena_array(arena, u64, TYPE_CELLS / 64);
        for (u32 i = 0; i < n[k]; i++) r->asking[k].read[i].n = TYPES_READ_ALL;
    }
}

static void run_later_rounds(Rounds *r) {
    Arena scratch = {0};
    bool changed = true;
    for (u32 round = 0; changed && round < LATER_ROUNDS; round++) {
        changed = set_variables(r, &scratch);
        changed |= set_attributes(r, &scratch);
        changed |= set_results(r, &scratch);
    }
    arena_free(&scratch);
}

void types_find(Graph *g) {
    Rounds r = {.g = g};
    run_first_round(&r);
    Arena scratch = {0};
    start_attributes(&r, &scratch);
    start_results(&r, &scratch);
    begin_asking(&r, &scratch);
    run_later_rounds(&r);
    type_parameters(&r);
    run_later_rounds(&r);
    arena_free(&scratch);
}
