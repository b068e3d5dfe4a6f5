/* Tables of the interpreter, and memos of the standard library, that a program fills: `sys.modules`
 * and `linecache.cache` by subscript, the rest by calls. */
#include "graph/model.h"

/* The function around an operation that runs per call; none for the rest. */
static ScopeRef repeated_function(const Graph *g, OpRef at) {
    const Facts *f = graph_facts(g, at.file);
    RegionId region = facts_op(f, at.op)->region;
    ScopeId s = facts_enclosing(f, f->regions[region.i].scope, SCOPE_FUNCTION);
    bool repeats = graph_how_often(g, at.file, region) >= RUNS_PER_INSTANCE;
    return s.i && repeats ? (ScopeRef){at.file, s} : (ScopeRef){0};
}

static bool is_composed(const Graph *g, u32 file, PathId name) {
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[graph_alias_of(g, file, name).i];
    return p->kind == PATH_OP &&
           (f->ops[p->id].kind == OP_FSTRING || f->ops[p->id].kind == OP_BINARY);
}

/* ---- sys.modules, linecache.cache ---- */

static ProcessTable table_of(const Graph *g, u32 file, PathId path) {
    Str name = graph_name_of(g, file, path);
    if (str_is(name, "sys.modules")) return TABLE_MODULES;
    if (str_is(name, "linecache.cache")) return TABLE_LINES;
    return TABLE_NONE;
}

/* The file imports a module that has such a table: most do not, and are left at once. */
static bool has_tables(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        if (str_is(module, "sys") || str_is(module, "linecache")) return true;
    }
    return false;
}

/* Some path ends in an element of what may be a table. */
static bool mentions_tables(const Facts *f) {
    u64 modules = hash_str(STR("modules")), cache = hash_str(STR("cache"));
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i];
        if (p->kind != PATH_ANY && p->kind != PATH_CONST && p->kind != PATH_ATTR) continue;
        const Path *table = &f->paths[p->parent.i];
        u64 name = 0;
        if (table->kind == PATH_ATTR) name = name_hash(f, (StrId){table->id});
        if (table->kind == PATH_SYMBOL) name = name_hash(f, f->symbols[table->id].name);
        if (name == modules || name == cache) return true;
    }
    return false;
}

/* `del t[k]`, `t.pop(k)`, `t.clear()`, `linecache.clearcache()`. */
static ProcessTable emptied_table(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_DELETE && (p->kind == PATH_ANY || p->kind == PATH_CONST))
        return table_of(g, file, p->parent);
    if (op->kind != OP_CALL || p->kind != PATH_ATTR) return TABLE_NONE;
    Str method = facts_str(f, (StrId){p->id});
    if (str_is(method, "clearcache") || str_is(method, "checkcache")) {
        Str name = graph_name_of(g, file, op_path(op));
        return str_starts(name, "linecache.") ? TABLE_LINES : TABLE_NONE;
    }
    if (!str_is(method, "pop") && !str_is(method, "clear") && !str_is(method, "popitem"))
        return TABLE_NONE;
    return table_of(g, file, p->parent);
}

static bool is_open(u32 shape) {
    return shape & (SHAPE_ID | SHAPE_REQUEST | SHAPE_ROUND | SHAPE_PARAMETER | SHAPE_OPEN);
}

/* `if name in sys.modules: name = f"{name}_{uuid4()}"`: the value of the local that is new each
 * time, or the path itself. */
static PathId newest_value(const Graph *g, OpRef at, PathId name) {
    const Facts *f = graph_facts(g, at.file);
    SymbolId s = facts_root_symbol(f, name);
    ScopeId scope = f->regions[f->ops[at.op.i].region.i].scope;
    bool is_local = f->paths[name.i].kind == PATH_SYMBOL && s.i &&
                    f->symbols[s.i].scope.i == scope.i && f->symbols[s.i].binds > 1;
    if (!is_local) return name;
    PathId newest = name;
    for (u32 i = f->scopes[scope.i].op_first; i < at.op.i; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND || facts_root_symbol(f, op_path(op)).i != s.i) continue;
        bool is_always = op->region.i == f->ops[at.op.i].region.i;
        bool is_fresh = (op->flags & OP_LOW) == BIND_ASSIGN &&
                        graph_text_parts(g, at.file, bound_value(f, op)).is_fresh;
        if (is_fresh || is_always) newest = is_fresh ? bound_value(f, op) : name;
    }
    return newest;
}

static bool find_store(const Graph *g, OpRef at, TableGrowth *out) {
    const Facts *f = graph_facts(g, at.file);
    const Op *op = facts_op(f, at.op);
    const Path *p = &f->paths[op->subject];
    if (p->kind != PATH_ANY) return false;
    *out = (TableGrowth){.table = table_of(g, at.file, p->parent), .op = at};
    if (out->table == TABLE_NONE) return false;
    out->function = repeated_function(g, at);
    if (scope_is_none(out->function)) return false;
    out->what = newest_value(g, at, bound_key(f, op));
    out->parts = graph_text_parts(g, at.file, out->what);
    return out->parts.is_fresh || (is_open(out->parts.shape) && is_composed(g, at.file, out->what));
}

u32 graph_table_stores(const Graph *g, u32 file, Arena *arena, TableGrowth **out) {
    const Facts *f = g->files[file].facts;
    VEC(TableGrowth) found = {0};
    bool is_emptied[TABLES] = {false};
    *out = NULL;
    if (!has_tables(f) || !mentions_tables(f)) return 0;
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_DELETE || op->kind == OP_CALL)
            is_emptied[emptied_table(g, file, op)] = true;
        TableGrowth s;
        if (op->kind == OP_STORE && find_store(g, (OpRef){file, {o}}, &s))
            vec_push(arena, &found, s);
    }
    u32 n = 0;
    for (u32 i = 0; i < found.n; i++)
        if (!is_emptied[found.v[i].table]) found.v[n++] = found.v[i];
    *out = found.v;
    return n;
}

/* ---- sys.path ---- */

/* What the operation asks, shortens or replaces, if it does one of these; else none. */
static PathId tended(const Facts *f, const Op *op) {
    static const char *const METHODS[] = {"remove", "pop", "clear"};
    if (op_subject((OpKind)op->kind) != SUBJECT_PATH) return (PathId){0};
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_TEST && (op->flags & OP_LOW) == TEST_IN) return op_operand(f, op, 0);
    if (op->kind == OP_COMPARE) return op_operand(f, op, 1);
    if (op->kind == OP_CALL && p->kind == PATH_ATTR)
        for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
            if (str_is(facts_str(f, (StrId){p->id}), METHODS[i])) return p->parent;
    if (op->kind != OP_STORE && op->kind != OP_DELETE) return (PathId){0};
    return p->kind == PATH_ANY || p->kind == PATH_CONST ? p->parent : op_path(op);
}

/* `set(sys.path)`, `map(str, sys.path)`: the last argument of a call. */
static PathId copied(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!op || op->kind != OP_CALL || !op->operands) return path;
    return op_operand(f, op, op->operands - 1);
}

static bool find_path(const Graph *g, OpRef call, TableGrowth *out) {
    const Facts *f = graph_facts(g, call.file);
    const Op *op = facts_op(f, call.op);
    bool inserts = str_ends(graph_name_of(g, call.file, op_path(op)), ".insert");
    out->table = TABLE_PATH;
    out->what = op_operand(f, op, inserts ? 1 : 0);
    for (u32 o = 1; o < f->n_ops; o++) {
        PathId about = copied(f, tended(f, &f->ops[o]));
        if (about.i && str_is(graph_name_of(g, call.file, about), "sys.path")) return false;
    }
    return !scope_is_none(out->function);
}

/* ---- memos ---- */

/* An attribute or a module's variable, and not a local that goes with the call. */
static bool outlives_call(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_ATTR) return f->paths[p->parent.i].kind == PATH_SYMBOL;
    if (p->kind != PATH_SYMBOL) return false;
    SymbolId owner = f->symbols[p->id].target;
    return owner.i && f->scopes[f->symbols[owner.i].scope.i].kind == SCOPE_MODULE;
}

/* The file mentions `clear_memo` or `fast`, or the memo of this pickler. */
static bool is_memo_tended(const Facts *f, PathId pickler) {
    for (u32 i = 1; i < f->n_paths; i++) {
        if (f->paths[i].kind != PATH_ATTR) continue;
        Str name = facts_str(f, (StrId){f->paths[i].id});
        bool is_own = str_is(name, "memo") && f->paths[i].parent.i == pickler.i;
        if (str_is(name, "clear_memo") || str_is(name, "fast") || is_own) return true;
    }
    return false;
}

static bool find_dump(const Graph *g, OpRef call, TableGrowth *out) {
    static const char *const PICKLERS[] = {"pickle.Pickler", "cPickle.Pickler", "dill.Pickler",
                                           "cloudpickle.CloudPickler", "cloudpickle.Pickler"};
    const Facts *f = graph_facts(g, call.file);
    const Op *op = facts_op(f, call.op);
    out->table = TABLE_PICKLER;
    out->what = f->paths[op->subject].parent;
    if (op->operands != 1 || !outlives_call(f, out->what)) return false;
    Str maker = graph_maker_of(g, call.file, out->what);
    bool is_pickler = false;
    for (u32 i = 0; i < ARRAY_LEN(PICKLERS); i++) is_pickler |= str_is(maker, PICKLERS[i]);
    return is_pickler && !scope_is_none(out->function) && !is_memo_tended(f, out->what);
}

/* The file empties the path, or binds it again: `clear`, `pop`, `= {}` outside of one place. */
static bool is_emptied(const Facts *f, PathId path) {
    u32 stores = 0;
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_STORE || op->kind == OP_BIND) stores += op->subject == path.i;
        const Path *p = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        if (p->kind != PATH_ATTR || p->parent.i != path.i) continue;
        const MethodRow *row = know_method(facts_str(f, (StrId){p->id}));
        if (row && row->effect == METHOD_REMOVES) return true;
    }
    return stores > 1;
}

static bool find_deepcopy(const Graph *g, OpRef call, TableGrowth *out) {
    const Facts *f = graph_facts(g, call.file);
    out->table = TABLE_DEEPCOPY;
    out->what = call_argument(f, facts_op(f, call.op), 1, "memo");
    return out->what.i && outlives_call(f, out->what) && !scope_is_none(out->function) &&
           !is_emptied(f, out->what);
}

/* ---- gc.get_objects() ---- */

/* The list is bound to an attribute or a module's variable at once. */
static bool find_objects(const Graph *g, OpRef call, TableGrowth *out) {
    const Facts *f = graph_facts(g, call.file);
    ScopeId scope = f->regions[facts_op(f, call.op)->region.i].scope;
    out->table = TABLE_OBJECTS;
    out->function = (ScopeRef){call.file, facts_enclosing(f, scope, SCOPE_FUNCTION)};
    for (u32 o = call.op.i + 1; o < f->n_ops && o < call.op.i + 3; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_STORE && op->kind != OP_BIND) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind != PATH_OP || value->id != call.op.i) continue;
        out->what = op_path(op);
        return op->kind == OP_STORE || outlives_call(f, out->what);
    }
    return false;
}

/* ---- texts ---- */

static bool find_interned(const Graph *g, OpRef call, u32 position, TableGrowth *out) {
    const Facts *f = graph_facts(g, call.file);
    if (scope_is_none(out->function)) return false;
    out->what = op_operand(f, facts_op(f, call.op), position);
    out->parts = graph_text_parts(g, call.file, out->what);
    if (!out->parts.is_fresh) return false;
    /* `id(self)` is new with each instance, and not with each call */
    ClassId class = graph_method_class(g, out->function);
    return !out->parts.is_of_self || (class.i && graph_instances(g, class).making == MADE_OFTEN);
}

static bool find_warning(const Graph *g, OpRef call, TableGrowth *out) {
    static const char *const IGNORED[] = {"builtins.DeprecationWarning",
                                          "builtins.PendingDeprecationWarning",
                                          "builtins.ImportWarning", "builtins.ResourceWarning"};
    const Facts *f = graph_facts(g, call.file);
    const Op *op = facts_op(f, call.op);
    out->table = TABLE_WARNINGS;
    out->what = call_argument(f, op, 0, "message");
    if (scope_is_none(out->function) || !is_composed(g, call.file, out->what)) return false;
    Str category = graph_name_of(g, call.file, call_argument(f, op, 1, "category"));
    for (u32 i = 0; i < ARRAY_LEN(IGNORED); i++) out->is_ignored |= str_is(category, IGNORED[i]);
    out->parts = graph_text_parts(g, call.file, out->what);
    return out->parts.is_fresh || out->parts.shape & (SHAPE_ID | SHAPE_REQUEST);
}

/* `for entry in entries` in the function itself: it ends with the list. */
static bool is_in_own_for(const Facts *f, RegionId region) {
    ScopeId scope = f->regions[region.i].scope;
    for (RegionId r = region; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_WHILE) return false;
    for (RegionId r = region; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_FOR) return true;
    return false;
}

bool graph_table_growth(const Graph *g, OpRef call, TableGrowth *out) {
    const Facts *f = graph_facts(g, call.file);
    const Op *op = facts_op(f, call.op);
    Str name = graph_name_of(g, call.file, op_path(op));
    *out = (TableGrowth){.op = call, .function = repeated_function(g, call)};
    out->is_in_loop = graph_how_often(g, call.file, op->region) == RUNS_PER_ROUND &&
                      !is_in_own_for(f, op->region);
    if (str_starts(name, "sys.path.")) return find_path(g, call, out);
    if (str_is(name, "copy.deepcopy")) return find_deepcopy(g, call, out);
    if (str_is(name, "gc.get_objects")) return find_objects(g, call, out);
    if (str_is(name, "warnings.warn")) return find_warning(g, call, out);
    out->table = str_is(name, "sys.intern") ? TABLE_INTERNED : TABLE_NAMES;
    if (out->table == TABLE_INTERNED) return find_interned(g, call, 0, out);
    if (str_is(name, "builtins.setattr")) return find_interned(g, call, 1, out);
    return find_dump(g, call, out);
}
