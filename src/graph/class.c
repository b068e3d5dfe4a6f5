/* Classes: bases, linearisation, members, attributes that methods set through their first
 * parameter. */
#include "graph/model.h"

#include "os/os.h"

/* ---- index ---- */

static bool is_static_scope(const Graph *g, u32 file, ScopeId s) {
    const Facts *f = g->files[file].facts;
    for (ScopeId at = f->scopes[s.i].parent; at.i; at = f->scopes[at.i].parent)
        if (f->scopes[at.i].kind != SCOPE_CLASS && f->scopes[at.i].kind != SCOPE_MODULE)
            return false;
    return true;
}

/* A method that only type checkers see, under `if TYPE_CHECKING`. */
static bool is_for_checkers(const Facts *f, const Symbol *s) {
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FUNCTION)
        return false;
    for (RegionId r = bind->region; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TYPE_CHECKING) return true;
    return false;
}

static void index_members(Graph *g, u32 file, ScopeId s, u64 owner_key) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[s.i];
    bool in_class = scope->kind == SCOPE_CLASS;
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++) {
        if (!(f->symbols[i].flags & SYMBOL_BOUND)) continue;
        if (in_class && is_for_checkers(f, &f->symbols[i])) continue;
        map_set(g->arena, &g->members, hash_mix(name_hash(f, f->symbols[i].name), owner_key), i);
    }
}

static void note_members(Graph *g, u32 id, const Facts *f, const Scope *scope) {
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++)
        if (f->symbols[i].flags & SYMBOL_BOUND)
            names_add(&g->member_names[id], name_hash(f, f->symbols[i].name));
}

/* Names that modules and classes bind: at most so many members are found by name. */
static u32 count_members(const Facts *f) {
    u32 n = 0;
    for (u32 s = 1; s < f->n_scopes; s++) {
        const Scope *scope = &f->scopes[s];
        bool has_members = scope->kind == SCOPE_MODULE || scope->kind == SCOPE_CLASS;
        for (u32 i = scope->symbol_first; has_members && i < scope->symbol_end; i++)
            n += f->symbols[i].flags & SYMBOL_BOUND ? 1 : 0;
    }
    return n;
}

/* Gives ids to all classes and functions, and finds members by name. */
void classes_index(Graph *g) {
    u32 classes = 1, functions = 1, members = 0;
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        members += count_members(f);
        for (u32 s = 1; s < f->n_scopes; s++) {
            u8 kind = f->scopes[s].kind;
            classes += kind == SCOPE_CLASS;
            functions += kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA;
        }
    }
    g->classes = arena_array(g->arena, ClassNode, classes);
    g->functions = arena_array(g->arena, FunctionNode, functions);
    g->member_names = arena_array(g->arena, NameSet, classes);
    g->n_classes = g->n_functions = 0;
    map_reserve(g->arena, &g->members, members);
    for (u32 i = 0; i < g->n_files; i++) {
        FileNode *node = &g->files[i];
        const Facts *f = node->facts;
        node->class_of_scope = arena_array(g->arena, u32, f->n_scopes + 1);
        node->function_of_scope = arena_array(g->arena, u32, f->n_scopes + 1);
        if (f->n_scopes > 1) index_members(g, i, (ScopeId){1}, (u64)i << 8 | 7);
        for (u32 s = 2; s < f->n_scopes; s++) {
            const Scope *scope = &f->scopes[s];
            if (scope->kind == SCOPE_CLASS) {
                u32 id = node->class_of_scope[s] = ++g->n_classes;
                ClassNode *c = &g->classes[id];
                c->file = i;
                c->scope = (ScopeId){s};
                c->is_static = is_static_scope(g, i, (ScopeId){s});
                index_members(g, i, (ScopeId){s}, (u64)id << 8 | 8);
                note_members(g, id, f, scope);
            } else if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA) {
                u32 id = node->function_of_scope[s] = ++g->n_functions;
                FunctionNode *fn = &g->functions[id];
                fn->file = i;
                fn->scope = (ScopeId){s};
                fn->owner = (ClassId){node->class_of_scope[scope->parent.i]};
            }
        }
    }
}

/* ---- bases and linearisation ---- */

static BaseRef base_of(Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    /* Generic[T], Base[int] */
    if (p->kind == PATH_CONST || p->kind == PATH_ANY) return base_of(g, file, p->parent);
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return (BaseRef){{g->files[e.file].class_of_scope[e.id]}, {0}};
    return (BaseRef){{0}, entity_name(g, e)};
}

static void add_base(Graph *g, u32 id, PathId path) {
    ClassNode *c = &g->classes[id];
    BaseRef base = base_of(g, c->file, path);
    if (base.known.i == id) base = (BaseRef){{0}, STR("?")};
    c->bases[c->n_bases++] = base;
    if (base.known.i) vec_push(g->arena, &g->classes[base.known.i].subclasses, (ClassId){id});
}

static void set_metaclass(Graph *g, ClassNode *c, PathId path) {
    BaseRef meta = base_of(g, c->file, path);
    c->metaclass_known = meta.known;
    c->metaclass = meta.known.i ? (Str){0} : meta.name;
}

/* The call of six.with_metaclass, six.add_metaclass or a copy of them that a path is, or NULL. */
static const Op *metaclass_call(const Graph *g, u32 file, PathId path, const char *name) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!call || call->kind != OP_CALL) return NULL;
    return str_ends(graph_name_of(g, file, op_path(call)), name) ? call : NULL;
}

/* `@add_metaclass(M)`, and `__metaclass__ = M` where the file is Python 2. */
static void read_old_metaclass(Graph *g, ClassNode *c) {
    const Facts *f = g->files[c->file].facts;
    const Scope *scope = &f->scopes[c->scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        const Op *call = metaclass_call(g, c->file, f->operands[d].path, "add_metaclass");
        if (call) set_metaclass(g, c, op_operand(f, call, 0));
    }
    if (!(f->flags & FACTS_PYTHON2)) return;
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++)
        if (str_is(facts_str(f, f->symbols[i].name), "__metaclass__"))
            set_metaclass(g, c, bound_value(f, facts_op(f, f->symbols[i].bind)));
}

static void read_bases(Graph *g, u32 id) {
    ClassNode *c = &g->classes[id];
    const Facts *f = g->files[c->file].facts;
    const Scope *scope = &f->scopes[c->scope.i];
    u32 n = scope->base_end - scope->base_first;
    const Op *with =
        n ? metaclass_call(g, c->file, f->operands[scope->base_first].path, "with_metaclass")
          : NULL;
    c->bases = arena_array(g->arena, BaseRef, n + (with ? with->operands : 0) + 1);
    for (u32 i = scope->base_first; i < scope->base_end; i++) {
        Operand o = f->operands[i];
        if (with && i == scope->base_first) {
            set_metaclass(g, c, op_operand(f, with, 0));
            for (u32 k = 1; k < with->operands; k++) add_base(g, id, op_operand(f, with, k));
        } else if (operand_kind(o) == OPERAND_POSITIONAL) {
            add_base(g, id, o.path);
        } else if (operand_kind(o) == OPERAND_KEYWORD &&
                   str_is(facts_str(f, operand_name(o)), "metaclass")) {
            set_metaclass(g, c, o.path);
        } else if (operand_kind(o) == OPERAND_STAR) {
            c->bases[c->n_bases++] = (BaseRef){{0}, STR("?")};
        }
    }
    read_old_metaclass(g, c);
}

enum { LINEAR_MAX = 128, BASES_MAX = 32 };

static bool is_in_tail(const ClassId *list, u32 n, ClassId c) {
    for (u32 i = 1; i < n; i++)
        if (list[i].i == c.i) return true;
    return false;
}

/* C3 (the Python 2.3 method resolution order); an inconsistent hierarchy falls back to depth first.
 */
static void linearise(Graph *g, u32 id, u32 depth) {
    ClassNode *c = &g->classes[id];
    if (c->mro || depth > 200) return;
    ClassId self = {id};
    c->mro = arena_copy(g->arena, &self, sizeof self); /* a cycle of bases finds this */
    c->n_mro = 1;
    c->complete = true;
    const ClassId *lists[BASES_MAX + 1];
    u32 lengths[BASES_MAX + 1], n = 0;
    ClassId direct[BASES_MAX];
    u32 n_direct = 0;
    for (u32 i = 0; i < c->n_bases; i++) {
        BaseRef base = c->bases[i];
        if (!base.known.i) {
            bool harmless = str_is(base.name, "builtins.object") ||
                            str_is(base.name, "typing.Generic") ||
                            str_is(base.name, "typing.Protocol") || str_is(base.name, "abc.ABC");
            c->complete &= harmless;
            continue;
        }
        linearise(g, base.known.i, depth + 1);
        const ClassNode *b = &g->classes[base.known.i];
        c->complete &= b->complete;
        if (n == BASES_MAX || !b->mro) {
            c->complete = false;
            continue;
        }
        lists[n] = b->mro;
        lengths[n++] = b->n_mro;
        direct[n_direct++] = base.known;
    }
    lists[n] = direct;
    lengths[n++] = n_direct;
    ClassId out[LINEAR_MAX] = {{id}};
    u32 n_out = 1;
    for (bool more = true; more && n_out < LINEAR_MAX;) {
        more = false;
        u32 pick = UINT32_MAX;
        for (u32 l = 0; l < n && pick == UINT32_MAX; l++) {
            if (!lengths[l]) continue;
            more = true;
            bool good = true;
            for (u32 k = 0; k < n && good; k++)
                good = !is_in_tail(lists[k], lengths[k], lists[l][0]);
            if (good) pick = l;
        }
        if (!more) break;
        for (u32 l = 0; l < n && pick == UINT32_MAX; l++)
            if (lengths[l]) pick = l; /* inconsistent */
        ClassId next = lists[pick][0];
        bool known = false;
        for (u32 i = 0; i < n_out; i++) known |= out[i].i == next.i;
        if (!known) out[n_out++] = next;
        for (u32 l = 0; l < n; l++)
            if (lengths[l] && lists[l][0].i == next.i) lists[l]++, lengths[l]--;
    }
    c->complete &= n_out < LINEAR_MAX;
    c->mro = arena_copy(g->arena, out, sizeof *out * n_out);
    c->n_mro = n_out;
}

/* To the names of each class those of its bases: out of `own`. */
static void inherit_names(Graph *g, NameSet *sets, const NameSet *own) {
    for (u32 id = 1; id <= g->n_classes; id++)
        for (u32 i = 0; i < g->classes[id].n_mro; i++)
            names_join(&sets[id], &own[g->classes[id].mro[i].i]);
}

void classes_link(Graph *g) {
    for (u32 id = 1; id <= g->n_classes; id++) read_bases(g, id);
    for (u32 id = 1; id <= g->n_classes; id++) linearise(g, id, 0);
    NameSet *all = arena_array(g->arena, NameSet, g->n_classes + 1);
    inherit_names(g, all, g->member_names);
    g->member_names = all;
}

/* ---- members and attributes ---- */

SymbolId member_of(const Graph *g, ClassId c, u64 name) {
    if (!names_have(&g->member_names[c.i], name)) return (SymbolId){0};
    return (SymbolId){map_get(&g->members, hash_mix(name, (u64)c.i << 8 | 8))};
}

SymbolId class_member(const Graph *g, ClassId c, u64 name, ClassId *owner) {
    const ClassNode *node = &g->classes[c.i];
    u32 n = names_have(&g->member_names[c.i], name) ? node->n_mro : 0;
    for (u32 i = 0; i < n; i++) {
        *owner = node->mro[i];
        SymbolId s = member_of(g, *owner, name);
        if (s.i) return s;
    }
    *owner = (ClassId){0};
    return (SymbolId){0};
}

bool class_has_base(const Graph *g, ClassId c, bool (*is_it)(const BaseRef *base)) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *each = &g->classes[node->mro[i].i];
        for (u32 b = 0; b < each->n_bases; b++)
            if (is_it(&each->bases[b])) return true;
    }
    return false;
}

bool class_is_kind_of(const Graph *g, ClassId c, ClassId base) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (node->mro[i].i == base.i) return true;
    return false;
}

const AttributeDef *own_attribute(const Graph *g, ClassId c, u64 name) {
    u32 d = map_get(&g->attributes, attribute_key(c, name));
    return d ? &g->attribute_defs.v[d] : NULL;
}

const AttributeDef *class_attribute(const Graph *g, ClassId c, u64 name, ClassId *owner) {
    const ClassNode *node = &g->classes[c.i];
    u32 n = names_have(&g->attribute_names[c.i], name) ? node->n_mro : 0;
    for (u32 i = 0; i < n; i++) {
        *owner = node->mro[i];
        const AttributeDef *def = own_attribute(g, *owner, name);
        if (def) return def;
    }
    *owner = (ClassId){0};
    return NULL;
}

const AttributeDef *attribute_next(const Graph *g, const AttributeDef *def) {
    return def->next ? &g->attribute_defs.v[def->next] : NULL;
}

ScopeId enclosing_function(const Facts *f, ScopeId s) {
    while (s.i && f->scopes[s.i].kind != SCOPE_FUNCTION && f->scopes[s.i].kind != SCOPE_LAMBDA)
        s = f->scopes[s.i].kind == SCOPE_COMPREHENSION ? f->scopes[s.i].parent : (ScopeId){0};
    return s;
}

ClassId self_class(const Graph *g, u32 file, SymbolId owner, bool *is_class) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    *is_class = false;
    if (!(s->flags & SYMBOL_PARAM) || s->binds) return (ClassId){0};
    const Scope *scope = &f->scopes[s->scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->param_first == scope->param_end)
        return (ClassId){0};
    if (f->params[scope->param_first].symbol.i != owner.i) return (ClassId){0};
    u32 fn = g->files[file].function_of_scope[s->scope.i];
    if (!fn || !g->functions[fn].owner.i) return (ClassId){0};
    u8 kind = g->functions[fn].kind;
    *is_class = kind == METHOD_CLASS || str_is(facts_str(f, scope->name), "__new__");
    return kind == METHOD_STATIC && !*is_class ? (ClassId){0} : g->functions[fn].owner;
}

static void add_attribute(Graph *g, ClassId c, u64 name, AttributeDef def) {
    u64 key = attribute_key(c, name);
    u32 first = map_get(&g->attributes, key);
    def.key = key;
    vec_push(g->arena, &g->attribute_defs, def);
    u32 id = g->attribute_defs.n - 1;
    if (!first) {
        map_set(g->arena, &g->attributes, key, id);
        ClassNode *node = &g->classes[c.i];
        if (node->last_attribute)
            g->attribute_defs.v[node->last_attribute].next_of_class = id;
        else
            node->first_attribute = id;
        node->last_attribute = id;
        first = id;
    } else { /* the map names the first, which knows the last */
        g->attribute_defs.v[g->attribute_defs.v[first].last].next = id;
    }
    g->attribute_defs.v[first].last = id;
}

static void decide_kind(Graph *g, FunctionNode *fn) {
    if (!fn->owner.i) return;
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    Str name = facts_str(f, scope->name);
    fn->kind = METHOD_INSTANCE;
    if (str_is(name, "__new__")) fn->kind = METHOD_STATIC;
    if (str_is(name, "__init_subclass__") || str_is(name, "__class_getitem__"))
        fn->kind = METHOD_CLASS;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Str decorator = graph_name_of(g, fn->file, f->operands[d].path);
        if (str_ends(decorator, "staticmethod")) fn->kind = METHOD_STATIC;
        if (str_ends(decorator, "classmethod") || str_ends(decorator, "class_method"))
            fn->kind = METHOD_CLASS;
    }
}

/* A staticmethod or classmethod may also be made afterwards: `f = staticmethod(f)`. */
static void decide_kind_by_rebinding(Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    const Path *value = &f->paths[bound_value(f, op).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return;
    const Op *call = &f->ops[value->id];
    Str name = graph_name_of(g, file, op_path(call));
    bool is_static = str_is(name, "builtins.staticmethod"),
         is_class = str_is(name, "builtins.classmethod");
    if (!is_static && !is_class) return;
    Entity e = entity_of_path(g, file, op_operand(f, call, 0), RESOLVE_DEPTH);
    if (e.kind != ENTITY_FUNCTION) return;
    u32 fn = g->files[e.file].function_of_scope[e.id];
    g->functions[fn].kind = is_static ? METHOD_STATIC : METHOD_CLASS;
}

static void decide_kinds(void *context, u32 worker, u32 first, u32 end) {
    (void)worker;
    Graph *g = context;
    for (u32 i = first; i < end; i++) decide_kind(g, &g->functions[i + 1]);
}

/* A store to an attribute of `self`, or of `cls`. */
typedef struct Definition {
    u32 op;
    ClassId class;
} Definition;

typedef struct Definitions {
    const Graph *g;
    Arena *arenas; /* by worker */
    struct {
        VEC(Definition) list;
    } *files;
} Definitions;

static void find_definitions(void *context, u32 worker, u32 file) {
    Definitions *all = context;
    const Graph *g = all->g;
    const Facts *f = g->files[file].facts;
    OpList stores = ops_of(&g->files[file], OP_STORE);
    for (u32 k = 0; k < stores.n; k++) {
        const Op *op = &f->ops[stores.v[k]];
        const Path *p = &f->paths[op->subject];
        if (p->kind != PATH_ATTR || p->depth != 1) continue;
        SymbolId owner = facts_root_symbol(f, op_path(op));
        bool is_class;
        ClassId c = owner.i ? self_class(g, file, owner, &is_class) : (ClassId){0};
        if (c.i)
            vec_push(&all->arenas[worker], &all->files[file].list, ((Definition){stores.v[k], c}));
    }
}

static void decide_rebound_kinds(Graph *g, u32 file) {
    const Facts *f = g->files[file].facts;
    OpList binds = ops_of(&g->files[file], OP_BIND);
    for (u32 k = 0; k < binds.n; k++) {
        const Op *op = &f->ops[binds.v[k]];
        ScopeId scope = f->regions[op->region.i].scope;
        if (f->scopes[scope.i].kind == SCOPE_CLASS) decide_kind_by_rebinding(g, file, op);
    }
}

void attributes_collect(Graph *g) {
    NameSet *own = arena_array(g->arena, NameSet, g->n_classes + 1);
    vec_push(g->arena, &g->attribute_defs, (AttributeDef){0});
    os_parallel_ranges(g->workers, g->n_functions, decide_kinds, g);
    for (u32 file = 0; file < g->n_files; file++) decide_rebound_kinds(g, file);
    Definitions all = {.g = g, .arenas = arena_array(g->arena, Arena, g->workers)};
    all.files = arena_alloc(g->arena, sizeof *all.files * g->n_files);
    os_parallel(g->workers, g->n_files, find_definitions, &all);
    for (u32 file = 0; file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        for (u32 i = 0; i < all.files[file].list.n; i++) {
            Definition d = all.files[file].list.v[i];
            u64 name = name_hash(f, (StrId){f->paths[f->ops[d.op].subject].id});
            add_attribute(g, d.class, name, (AttributeDef){.file = file, .op = {d.op}});
            names_add(&own[d.class.i], name);
        }
    }
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
    g->attribute_names = arena_array(g->arena, NameSet, g->n_classes + 1);
    inherit_names(g, g->attribute_names, own);
}

/* ---- questions ---- */

u32 graph_class_count(const Graph *g) {
    return g->n_classes;
}

ScopeRef graph_class_scope(const Graph *g, ClassId c) {
    return (ScopeRef){g->classes[c.i].file, g->classes[c.i].scope};
}

ClassId graph_class_of_scope(const Graph *g, ScopeRef scope) {
    return (ClassId){g->files[scope.file].class_of_scope[scope.scope.i]};
}

Str graph_class_name(const Graph *g, ClassId c) {
    return c.i ? graph_scope_name(g, graph_class_scope(g, c)) : (Str){0};
}

u32 graph_mro(const Graph *g, ClassId c, const ClassId **mro, bool *complete) {
    *mro = g->classes[c.i].mro;
    *complete = g->classes[c.i].complete;
    return g->classes[c.i].n_mro;
}

bool graph_is_subclass(const Graph *g, ClassId c, const char *dotted) {
    const ClassNode *node = &g->classes[c.i];
    Str name = str_from(dotted), last = str_after_last(name, '.');
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        const Facts *f = g->files[base->file].facts;
        /* the whole name is composed for the few whose last part fits */
        if (str_eq(facts_str(f, f->scopes[base->scope.i].name), last) &&
            str_eq(graph_class_name(g, node->mro[i]), name))
            return true;
        for (u32 b = 0; b < base->n_bases; b++)
            if (!base->bases[b].known.i && str_eq(base->bases[b].name, name)) return true;
    }
    return false;
}

ScopeRef graph_method(const Graph *g, ClassId c, const char *name) {
    ClassId owner;
    SymbolId s = c.i ? class_member(g, c, hash_str(str_from(name)), &owner) : (SymbolId){0};
    if (!s.i) return (ScopeRef){0};
    Entity e = entity_of_symbol(g, g->classes[owner.i].file, s, RESOLVE_DEPTH);
    return e.kind == ENTITY_FUNCTION ? (ScopeRef){e.file, {e.id}} : (ScopeRef){0};
}

bool graph_only_module_instances(const Graph *g, ClassId c) {
    return g->classes[c.i].instance_symbol.i != 0 || graph_is_long_lived_class(g, c);
}

bool graph_class_is_static(const Graph *g, ClassId c) {
    return g->classes[c.i].is_static;
}

ClassId graph_method_class(const Graph *g, ScopeRef function) {
    u32 id = g->files[function.file].function_of_scope[function.scope.i];
    return id ? g->functions[id].owner : (ClassId){0};
}

MethodKind graph_method_kind(const Graph *g, ScopeRef function) {
    u32 id = g->files[function.file].function_of_scope[function.scope.i];
    return id ? (MethodKind)g->functions[id].kind : METHOD_NONE;
}
