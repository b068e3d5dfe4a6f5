/* Functions that are given away beside what they are to be called with: `retry(self.load, a, b)`,
 * `pool.submit(load, a, b)`, `Thread(target=load, args=(a, b), kwargs={"c": 1})`. */
#include "graph/along.h"

#include "os/os.h"

/* The only method of that name, of something whose class is not known. */
static u32 only_method_named(const Graph *g, const Facts *f, const Path *p) {
    u32 fn = map_get(&g->last_methods, name_hash(f, (StrId){p->id}));
    bool is_only = fn && !g->next_methods[fn] && !g->files[g->functions[fn].file].is_test;
    return is_only && !know_method(facts_str(f, (StrId){p->id})) ? fn : 0;
}

static u32 function_denoted(const Graph *g, u32 file, PathId path, bool *is_named) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    *is_named = false;
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) return 0;
    ScopeRef named = function_named(g, file, path);
    if (!scope_is_none(named)) return function_id(g, named.file, named.scope);
    bool is_unknown = p->kind == PATH_ATTR && !graph_type_of(g, file, p->parent).i;
    *is_named = is_unknown;
    return is_unknown ? only_method_named(g, f, p) : 0;
}

/* The callee is a function of the project that takes more than this one, but not for it: no
 * `*args` follow. */
static bool is_for_callee(const Graph *g, u32 file, const Op *call, u32 position) {
    ClassId made;
    u32 fn = callee_function(g, file, call, &made);
    if (made.i) {
        ScopeRef init = graph_method(g, made, "__init__");
        fn = init.scope.i ? function_id(g, init.file, init.scope) : 0;
        if (!fn) return true;
    }
    if (!fn) return false;
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    u32 next = s->param_first + position + 1 + (node->owner.i && node->kind != METHOD_STATIC);
    return next >= s->param_end || f->params[next].kind != PARAM_STAR;
}

/* `Counter.add` of the class: the instance is an argument. */
static u32 skipped_by(const Graph *g, u32 file, PathId path, u32 function) {
    const FunctionNode *fn = &g->functions[function];
    if (!fn->owner.i || fn->kind == METHOD_STATIC) return 0;
    bool is_of_class = !scope_is_none(graph_definition_of(g, file, path));
    return fn->kind == METHOD_CLASS || !is_of_class;
}

/* What the list or tuple has that another operand is: `args=(a, b)`. */
static void unpack(const Facts *f, Along *along, PathId display) {
    const Path *p = &f->paths[display.i];
    const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
    bool is_display = op->kind == OP_TUPLE || op->kind == OP_LIST;
    along->function = is_display ? along->function : 0;
    along->arguments = f->operands + op->operand;
    along->n = op->operands;
}

Along given_along(const Graph *g, u32 file, const Op *call, u32 operand) {
    const Facts *f = g->files[file].facts;
    const Operand *all = f->operands + call->operand;
    PathId packed = call_argument(f, call, UINT32_MAX, "args");
    PathId named = call_argument(f, call, UINT32_MAX, "kwargs");
    OperandKind kind = operand_kind(all[operand]);
    bool is_packed = packed.i || named.i;
    if (kind != OPERAND_POSITIONAL && (kind != OPERAND_KEYWORD || !is_packed)) return (Along){0};
    if (!is_packed && operand + 1 == call->operands) return (Along){0};
    Along along = {.named = named};
    along.function = function_denoted(g, file, all[operand].path, &along.is_named);
    if (!along.function) return (Along){0};
    along.skipped = skipped_by(g, file, all[operand].path, along.function);
    along.arguments = all + operand + 1;
    along.n = call->operands - operand - 1;
    const HandoverRow *row = know_handover(graph_name_of(g, file, op_path(call)));
    if (packed.i)
        unpack(f, &along, packed);
    else if (named.i)
        along.n = 0;
    else if (row && row->runner == RUNNER_THREAD)
        unpack(f, &along, all[operand + 1].path);
    else if (is_for_callee(g, file, call, operand) ||
             (row && (row->runner == RUNNER_MAP || row->runner == RUNNER_GREENLETS)))
        along.function = 0;
    return along;
}

u32 place_along(const Facts *f, const Along *along, u32 argument, Str *keyword) {
    u32 place = 0;
    for (u32 i = 0; i < argument; i++)
        place += operand_kind(along->arguments[i]) == OPERAND_POSITIONAL;
    bool has_name = operand_kind(along->arguments[argument]) == OPERAND_KEYWORD;
    *keyword = has_name ? facts_str(f, operand_name(along->arguments[argument])) : (Str){0};
    return place + along->skipped;
}

/* `kwargs={"args": []}` */
static bool is_named_along(const Facts *f, const Along *along, Str name) {
    const Path *p = &f->paths[along->named.i];
    const Op *dict = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    for (u32 i = 0; dict && dict->kind == OP_DICT && i + 1 < dict->operands; i += 2) {
        const Path *key = &f->paths[op_operand(f, dict, i).i];
        bool is_text = key->kind == PATH_LITERAL && key->flags == LITERAL_STRING;
        if (is_text && str_eq(facts_str(f, (StrId){key->id}), name)) return true;
    }
    return false;
}

bool gives_along(const Facts *f, const Along *along, u32 place, Str name) {
    for (u32 i = 0; i < along->n; i++) {
        Str keyword;
        OperandKind kind = operand_kind(along->arguments[i]);
        u32 at = place_along(f, along, i, &keyword);
        if (kind == OPERAND_POSITIONAL ? at == place : str_eq(keyword, name) && name.n) return true;
        if (kind == OPERAND_STAR) return false;
    }
    return is_named_along(f, along, name);
}

/* ---- who uses functions with a container as a default as values ---- */

typedef struct Givings {
    Graph *g;
    Arena *arenas; /* by worker */
    Map names;     /* hashes of the names of the functions */
    KeyFilter filter;
    struct {
        VEC(Giving) list;
    } *files;
} Givings;

static void look_at_value(Givings *all, u32 worker, OpRef at, u32 operand) {
    const Facts *f = all->g->files[at.file].facts;
    PathId path = op_operand(f, &f->ops[at.op.i], operand);
    const Path *p = &f->paths[path.i];
    u64 name = 0;
    if (p->kind == PATH_SYMBOL) name = name_hash(f, f->symbols[p->id].name);
    if (p->kind == PATH_ATTR) name = name_hash(f, (StrId){p->id});
    if (!name || !filter_may_have(&all->filter, name) || !map_get(&all->names, name)) return;
    Giving found = {0, at, operand, false, 0};
    found.function = function_denoted(all->g, at.file, path, &found.is_named);
    if (found.function) vec_push(&all->arenas[worker], &all->files[at.file].list, found);
}

static void look_at_values(void *context, u32 worker, u32 file) {
    Givings *all = context;
    const Facts *f = all->g->files[file].facts;
    if (all->g->files[file].is_test) return;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        u32 how = op->flags & OP_LOW;
        bool defines = op->kind == OP_BIND &&
                       (how == BIND_FUNCTION || how == BIND_CLASS || how == BIND_IMPORT);
        for (u32 k = 0; k < op->operands && !defines; k++)
            look_at_value(all, worker, (OpRef){file, {i}}, k);
    }
}

static void put_givings(Graph *g, const Givings *all) {
    u32 n = 0;
    for (u32 file = 0; file < g->n_files; file++) n += all->files[file].list.n;
    g->givings = arena_array(g->arena, Giving, n + 1);
    n = 0;
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < all->files[file].list.n; i++) {
            Giving *giving = &g->givings[++n];
            *giving = all->files[file].list.v[i];
            giving->next = map_get(&g->given_away, giving->function);
            map_set(g->arena, &g->given_away, giving->function, n);
        }
}

void givings_find(Graph *g) {
    Arena scratch = {0};
    Givings *all = arena_new(&scratch, Givings);
    for (u32 i = 1; i <= g->n_containers; i++) {
        const Container *c = &g->containers[i];
        if (c->holder != HOLDER_DEFAULT) continue;
        const Facts *f = g->files[c->function.file].facts;
        u64 name = name_hash(f, f->scopes[c->function.scope.i].name);
        map_set(&scratch, &all->names, name, 1);
        filter_add(&all->filter, name);
    }
    if (all->names.n) {
        all->g = g;
        all->arenas = arena_array(&scratch, Arena, g->workers);
        all->files = arena_alloc(&scratch, sizeof *all->files * g->n_files);
        os_parallel(g->workers, g->n_files, look_at_values, all);
        put_givings(g, all);
        for (u32 i = 0; i < g->workers; i++) arena_free(&all->arenas[i]);
    }
    arena_free(&scratch);
}
