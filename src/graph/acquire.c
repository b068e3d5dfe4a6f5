/* Calls that acquire an owned resource: of functions and classes that know/ speaks of, of classes
 * derived from these, and of functions of the project that return what they have acquired. */
#include "graph/model.h"

/* Functions that return what other such functions return: so many one after the other. */
enum { HELPER_ROUNDS = 3 };
/* Operations of a function that are searched for uses of what is given to a reader. */
enum { USES_MAX = 4000 };

static const Acquired NOTHING;

/* ---- by name ---- */

static Str last_part(Str dotted) {
    return str_after_last(dotted, '.');
}

/* "class.method" of the receiver's class, when that is a row: `socket.socket.accept`. */
static const ResourceRow *row_of_method(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callee.i];
    Str maker = graph_maker_of(g, file, p->parent);
    if (!maker.n) maker = value_find(g, file, p->parent, (PathId){0}).made_by;
    Str class = know_result_class(maker);
    if (!class.n) class = maker;
    Str method = facts_str(f, (StrId){p->id});
    if (!class.n || class.n + method.n + 2 > 200) return NULL;
    Arena arena = {0};
    Str name = str_format(&arena, "%.*s.%.*s", STR_ARG(class), STR_ARG(method));
    const ResourceRow *row = know_resource(name);
    arena_free(&arena);
    return row;
}

/* A thread or process of the standard library: others look after what it runs. */
static bool is_runner(const ResourceRow *row) {
    return str_is(str_from(row->name), "threading.Thread") ||
           str_is(str_from(row->name), "threading.Timer") ||
           str_is(str_from(row->name), "multiprocessing.Process");
}

/* The class is derived from one that is a resource. */
static const ResourceRow *find_row_of_class(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        for (u32 k = 0; k < base->n_bases; k++) {
            Str name = base->bases[k].name;
            const ResourceRow *row = name.n ? know_resource(name) : NULL;
            if (row) return row;
        }
    }
    return NULL;
}

static const ResourceRow *row_of_call(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    PathId callee = op_path(call);
    const Path *p = &f->paths[callee.i];
    ClassId made;
    u32 function = callee_function(g, file, call, &made);
    if (made.i) return g->classes[made.i].resource;
    if (function) return NULL;
    if (p->kind == PATH_ATTR && !map_get(&g->resource_names, name_hash(f, (StrId){p->id})))
        return NULL;
    if (p->kind != PATH_ATTR && p->kind != PATH_SYMBOL) return NULL;
    const ResourceRow *row = know_resource(graph_name_of(g, file, callee));
    return row || p->kind == PATH_SYMBOL ? row : row_of_method(g, file, callee);
}

/* `open(path, "w")`: the mode is written out. */
static bool is_opened_to_write(const Facts *f, const Op *call) {
    const Path *mode = &f->paths[call_argument(f, call, 1, "mode").i];
    if (mode->kind != PATH_LITERAL || mode->flags != LITERAL_STRING) return false;
    Str text = facts_str(f, (StrId){mode->id});
    return str_find(text, 'w') >= 0 || str_find(text, 'a') >= 0 || str_find(text, 'x') >= 0 ||
           str_find(text, '+') >= 0;
}

/* The call makes an open file, as far as its name tells: also `path.open("rb")`. */
static bool makes_file(const Graph *g, u32 file, PathId made) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[made.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Op *call = &f->ops[p->id];
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "open")) return true;
    return str_starts(graph_name_of(g, file, op_path(call)), "io.") || row_of_call(g, file, call);
}

/* `source: BinaryIO`, `IO[bytes]` */
static bool is_file_type(const Facts *f, PathId annotation) {
    const Path *p = &f->paths[annotation.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT)
        annotation = op_path(&f->ops[p->id]);
    Str name = facts_last_name(f, annotation);
    return str_ends(name, "IO") || str_starts(name, "Buffered");
}

/* The function asks the variable for what only a file has: `h.read(4)`, `h.seek(0)`. */
static bool is_used_as_file(const Facts *f, SymbolId local) {
    static const char *const METHODS[] = {"fileno", "read", "readinto", "readline", "seek", "tell"};
    const Scope *scope = &f->scopes[f->symbols[local.i].scope.i];
    for (u32 i = scope->op_first; i < MIN(scope->op_end, scope->op_first + USES_MAX); i++) {
        const Path *p = &f->paths[f->ops[i].kind == OP_CALL ? f->ops[i].subject : 0];
        const Path *of = &f->paths[p->kind == PATH_ATTR ? p->parent.i : 0];
        if (of->kind != PATH_SYMBOL || f->symbols[of->id].target.i != local.i) continue;
        for (u32 k = 0; k < ARRAY_LEN(METHODS); k++)
            if (str_is(facts_str(f, (StrId){p->id}), METHODS[k])) return true;
    }
    return false;
}

/* A local that `with open(path) as h` binds, a parameter that is annotated, or what is read. */
static bool is_file_variable(const Graph *g, u32 file, const Path *p) {
    const Facts *f = g->files[file].facts;
    SymbolId local = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    const Symbol *s = &f->symbols[local.i];
    if (!local.i || f->scopes[s->scope.i].kind == SCOPE_MODULE) return false;
    const Op *bind = &f->ops[s->bind.i];
    if (bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_WITH && s->binds == 1 &&
        makes_file(g, file, bound_value(f, bind)))
        return true;
    const Scope *scope = &f->scopes[s->scope.i];
    for (u32 i = scope->param_first; s->flags & SYMBOL_PARAM && i < scope->param_end; i++)
        if (f->params[i].symbol.i == local.i && is_file_type(f, f->params[i].annotation))
            return true;
    return is_used_as_file(f, local);
}

/* `ZipFile(file)`, `tarfile.open(fileobj=file)`: what it reads is somebody else's. */
static bool is_around_file(const Graph *g, u32 file, const Op *call) {
    static const char *const ENDS[] = {"buf", "buffer", "bytes", "file", "fileobj",
                                       "fp",  "fh",     "io",    "obj",  "stream"};
    const Facts *f = g->files[file].facts;
    if (call_argument(f, call, UINT32_MAX, "fileobj").i) return true;
    PathId first = call_argument(f, call, 0, "file");
    if (!first.i) first = call_argument(f, call, UINT32_MAX, "f"); /* of wave */
    const Path *p = &f->paths[first.i];
    if (makes_file(g, file, graph_alias_of(g, file, first)) || is_file_variable(g, file, p))
        return true;
    Str name = facts_last_name(f, first);
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(name, ENDS[i])) return true;
    return str_is(name, "f");
}

/* `os.fdopen(1, "w")`, `open(fd, closefd=False)`: the descriptor is the process', or somebody
 * else's. */
static bool is_of_other(const Facts *f, const ResourceRow *row, const Op *call) {
    const Path *first = &f->paths[call_argument(f, call, 0, "file").i];
    const Path *closes = &f->paths[call_argument(f, call, UINT32_MAX, "closefd").i];
    bool opens = str_is(str_from(row->name), "os.fdopen") || str_ends(str_from(row->name), ".open");
    return (opens && first->kind == PATH_LITERAL && first->flags == LITERAL_INT) ||
           (closes->kind == PATH_LITERAL && closes->flags == LITERAL_FALSE);
}

bool graph_acquires(const Graph *g, OpRef call, Acquired *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    *out = NOTHING;
    if (op->kind != OP_CALL) return false;
    const ResourceRow *row = row_of_call(g, call.file, op);
    if (row) {
        if (is_runner(row) || (row->flags & RESOURCE_AWAITED && !(op->flags & OP_AWAITED)))
            return false;
        if (row->kind == RESOURCE_FILE && is_of_other(f, row, op)) return false;
        if (row->flags & RESOURCE_WRAPS && !is_opened_to_write(f, op) &&
            is_around_file(g, call.file, op))
            return false;
        *out = (Acquired){.row = row,
                          .name = str_from(row->name),
                          .made = call,
                          .is_writing = is_opened_to_write(f, op)};
        return true;
    }
    ClassId made;
    u32 function = callee_function(g, call.file, op, &made);
    u32 at = function ? map_get(&g->returned_resource, function) : 0;
    if (!at) return false;
    const FunctionNode *fn = &g->functions[function];
    const Scope *scope = &g->files[fn->file].facts->scopes[fn->scope.i];
    if (scope->flags & SCOPE_ASYNC && !(op->flags & OP_AWAITED)) return false;
    *out = g->returned_resources.v[at - 1];
    out->helper = (ScopeRef){fn->file, fn->scope};
    return true;
}

bool graph_returns_resource(const Graph *g, ScopeRef function, Acquired *out) {
    u32 at = map_get(&g->returned_resource, graph_function_id(g, function));
    *out = at ? g->returned_resources.v[at - 1] : NOTHING;
    return at != 0;
}

/* ---- functions that return what they acquire ---- */

static bool is_nothing(const Path *p) {
    return p->kind == PATH_LITERAL && p->flags == LITERAL_NONE;
}

/* The local is the function's own until it is returned. */
static bool is_kept_private(const Graph *g, u32 file, SymbolId local, const ResourceRow *row) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[f->symbols[local.i].scope.i];
    if (f->symbols[local.i].flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL | SYMBOL_CELL)) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        HandKind hand = hand_at(g, file, local, row, (OpId){i}, HAND_DEPTH);
        if (hand == HAND_PASSES && f->ops[i].kind != OP_RETURN) return false;
    }
    return true;
}

OpId acquiring_call(const Graph *g, u32 file, PathId value, Acquired *out) {
    const Facts *f = g->files[file].facts;
    PathId made = graph_alias_of(g, file, value);
    const Path *p = &f->paths[made.i];
    bool is_element = p->kind == PATH_CONST && f->paths[p->parent.i].kind == PATH_OP;
    bool is_first = is_element && str_is(facts_str(f, (StrId){p->id}), "0");
    if (is_element) p = &f->paths[p->parent.i];
    if (p->kind != PATH_OP) return (OpId){0};
    if (f->ops[p->id].kind == OP_AWAITED_VALUE) p = &f->paths[f->ops[p->id].subject];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return (OpId){0};
    if (!graph_acquires(g, (OpRef){file, {p->id}}, out)) return (OpId){0};
    bool is_tuple = out->row->flags & RESOURCE_TUPLE && scope_is_none(out->helper);
    bool is_right = !(out->row->flags & RESOURCE_FIRST) || is_first;
    return is_tuple == is_element && is_right ? (OpId){p->id} : (OpId){0};
}

static bool value_acquires(const Graph *g, const FunctionNode *fn, PathId value, Acquired *out) {
    const Facts *f = g->files[fn->file].facts;
    if (!acquiring_call(g, fn->file, value, out).i) return false;
    if (out->row->flags & (RESOURCE_TUPLE | RESOURCE_STARTED)) return false;
    const Path *written = &f->paths[value.i];
    if (written->kind != PATH_SYMBOL) return true;
    SymbolId local = f->symbols[written->id].target;
    if (f->symbols[local.i].scope.i != fn->scope.i) return false;
    return is_kept_private(g, fn->file, local, out->row);
}

static bool function_gives(const Graph *g, const FunctionNode *fn, Acquired *out) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->flags & SCOPE_GENERATOR) return false;
    if (scope->decorator_first != scope->decorator_end && fn->kind != METHOD_STATIC &&
        fn->kind != METHOD_CLASS)
        return false;
    bool found = false;
    for (u32 i = 0; i < fn->n_returns; i++) {
        PathId value = op_operand(f, &f->ops[fn->returns[i].i], 0);
        if (is_nothing(&f->paths[value.i])) continue;
        Acquired each;
        if (!value_acquires(g, fn, value, &each)) return false;
        if (!found) *out = each;
        found = true;
    }
    return found;
}

void resources_find(Graph *g) {
    u32 n;
    const ResourceRow *all = know_resources(&n);
    for (u32 i = 0; i < n; i++)
        map_set(g->arena, &g->resource_names, hash_str(last_part(str_from(all[i].name))), 1);
    for (u32 c = 1; c <= g->n_classes; c++)
        g->classes[c].resource = find_row_of_class(g, (ClassId){c});
    for (u32 round = 0; round < HELPER_ROUNDS; round++) {
        u32 known = g->returned_resources.n;
        for (u32 i = 1; i <= g->n_functions; i++) {
            Acquired out;
            if (!g->functions[i].n_returns || map_get(&g->returned_resource, i)) continue;
            if (!function_gives(g, &g->functions[i], &out)) continue;
            vec_push(g->arena, &g->returned_resources, out);
            map_set(g->arena, &g->returned_resource, i, g->returned_resources.n);
        }
        if (g->returned_resources.n == known) return;
    }
}
