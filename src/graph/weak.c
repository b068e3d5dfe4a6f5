/* Weak containers: which kind they are, and what is put into them. */
#include "graph/model.h"

/* Operations before a use that are searched for the key of the entry that it works on. */
enum { WEAK_KEY_OPS = 200 };

typedef VEC(WeakStore) Stores;

/* ---- kinds ---- */

static WeakKind kind_of_name(Str canonical) {
    if (know_constructor(canonical) != MADE_WEAK) return WEAK_NONE;
    if (str_ends(canonical, "WeakKeyDictionary")) return WEAK_KEYS;
    if (str_ends(canonical, "WeakValueDictionary")) return WEAK_VALUES;
    return str_ends(canonical, "WeakSet") ? WEAK_SET : WEAK_NONE;
}

/* `WeakSet()`, `field(default_factory=WeakSet)`, and calls of functions that return one. */
static WeakKind kind_of_value(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, value).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return WEAK_NONE;
    const Op *call = &f->ops[p->id];
    WeakKind kind = kind_of_name(graph_name_of(g, file, op_path(call)));
    PathId factory = kind ? (PathId){0} : call_argument(f, call, UINT32_MAX, "default_factory");
    if (!factory.i && !kind) factory = call_argument(f, call, UINT32_MAX, "factory");
    return factory.i ? kind_of_name(graph_name_of(g, file, factory)) : kind;
}

/* ---- keys ---- */

/* The container that the operation works on, as a path: what stands before the last selector. */
static PathId receiver_of(const Facts *f, const Op *op) {
    return f->paths[op->subject].parent;
}

/* The key of the last load or store of this path before the operation. */
static PathId key_of_load(const Facts *f, OpId at, PathId path) {
    ScopeId scope = f->regions[f->ops[at.i].region.i].scope;
    for (u32 o = at.i, left = WEAK_KEY_OPS; o && left; o--, left--) {
        const Op *op = &f->ops[o];
        if (f->regions[op->region.i].scope.i != scope.i) continue;
        bool is_it = op_subject((OpKind)op->kind) == SUBJECT_PATH && op->subject == path.i;
        for (u32 i = 0; i < op->operands && !is_it; i++)
            is_it = op->kind == OP_BIND && op_operand(f, op, i).i == path.i;
        for (u32 i = 0; i < op->operands && is_it; i++)
            if (operand_kind(f->operands[op->operand + i]) == OPERAND_KEY)
                return op_operand(f, op, i);
    }
    return (PathId){0};
}

/* The key of the outermost entry for a use of what is in it: `d[key].append(x)`,
 * `d.setdefault(key, []).append(x)`, `entry = d.setdefault(key, {})`, `entry[name] = x`. */
static PathId outer_key(const Graph *g, u32 file, OpId at) {
    const Facts *f = g->files[file].facts;
    PathId entry = graph_alias_of(g, file, receiver_of(f, &f->ops[at.i]));
    const Path *p = &f->paths[entry.i];
    if (p->kind == PATH_ANY) return key_of_load(f, at, entry);
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return (PathId){0};
    const Op *call = &f->ops[p->id];
    const Path *callee = &f->paths[call->subject];
    Str name = facts_str(f, (StrId){callee->kind == PATH_ATTR ? callee->id : 0});
    bool is_lookup = str_is(name, "setdefault") || str_is(name, "get");
    return is_lookup ? op_operand(f, call, 0) : (PathId){0};
}

/* ---- stores ---- */

/* `x = d.setdefault(key, value)` gives what it stored to somebody. */
static bool is_handed_back(const Facts *f, const Op *op) {
    return op->kind == OP_CALL && !(op->flags & OP_DROPPED) &&
           str_is(facts_str(f, (StrId){f->paths[op->subject].id}), "setdefault");
}

/* `self.refs[self] = …` */
static bool is_own(const Facts *f, const Op *op, PathId key) {
    const Path *container = &f->paths[receiver_of(f, op).i];
    SymbolId root = facts_root_symbol(f, key);
    return container->kind == PATH_ATTR && f->paths[key.i].kind == PATH_SYMBOL && root.i &&
           facts_root_symbol(f, container->parent).i == root.i;
}

static void complete(const Graph *g, WeakStore *s, u32 level) {
    const Facts *f = g->files[s->file].facts;
    const Op *op = &f->ops[s->op.i];
    s->is_inner = level == 1;
    if (level) s->key = outer_key(g, s->file, s->op);
    s->is_handed_back = is_handed_back(f, op);
    if (s->kind == WEAK_SET && !s->value.i) s->value = s->key;
    if (s->kind == WEAK_SET) s->key = (PathId){0};
    if (s->key.i && !level) s->is_own = is_own(f, op, s->key);
}

static bool is_drain(const Graph *g, const Use *u) {
    bool removes = u->kind == USE_SHRINK || u->kind == USE_REBIND;
    return removes && !u->level && !g->files[u->file].is_test &&
           !graph_is_in_finalizer(g, u->function);
}

u32 graph_weak_stores(const Graph *g, ContainerId id, Arena *arena, WeakStore **stores) {
    const Container *c = graph_container(g, id);
    const Facts *home = g->files[c->file].facts;
    const Op *made = &home->ops[c->op.i];
    *stores = NULL;
    if (c->kind != CONTAINER_WEAK) return 0;
    WeakKind kind = made->kind == OP_CALL ? kind_of_name(graph_name_of(g, c->file, op_path(made)))
                                          : kind_of_value(g, c->file, bound_value(home, made));
    Stores list = {0};
    bool is_drained = false;
    for (u32 i = 0; kind && i < c->n_uses; i++) is_drained |= is_drain(g, &c->uses[i]);
    for (u32 i = 0; kind && i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool overwrites = u->kind == USE_READ && u->value.i; /* `entry["x"] = value` */
        if ((u->kind != USE_GROW && !overwrites) || u->level > 1) continue;
        WeakStore s = {.kind = kind,
                       .name = c->name,
                       .is_lasting = true,
                       .made_file = c->file,
                       .made = c->definition,
                       .file = u->file,
                       .op = u->op,
                       .key = u->key,
                       .value = u->value,
                       .is_drained = is_drained,
                       .function = u->function};
        complete(g, &s, u->level);
        vec_push(arena, &list, s);
    }
    *stores = list.v;
    return list.n;
}

/* ---- attributes of instances ---- */

/* The kind that the stores of the attribute agree on, and the place of the first. */
static WeakKind kind_of_attribute(const Graph *g, ClassId c, Str name, WeakStore *s) {
    WeakKind found = WEAK_NONE;
    if (map_get(&g->container_of, attribute_key(c, hash_str(name)))) return WEAK_NONE;
    for (const AttributeDef *d = own_attribute(g, c, hash_str(name)); d; d = attribute_next(g, d)) {
        const Facts *f = g->files[d->file].facts;
        PathId value = bound_value(f, &f->ops[d->op.i]);
        if (!value.i || f->paths[value.i].kind == PATH_LITERAL) continue;
        WeakKind kind = kind_of_value(g, d->file, value);
        if (!kind || (found && found != kind)) return WEAK_NONE;
        if (!found) s->made_file = d->file, s->made = f->ops[d->op.i].span;
        found = kind;
    }
    SymbolId field = found ? (SymbolId){0} : member_of(g, c, hash_str(name));
    if (!field.i) return found;
    u32 file = g->classes[c.i].file; /* a field of a dataclass */
    const Facts *f = g->files[file].facts;
    const Op *bind = &f->ops[f->symbols[field.i].bind.i];
    if (bind->kind != OP_BIND) return found;
    s->made_file = file;
    s->made = bind->span;
    return kind_of_value(g, file, bound_value(f, bind));
}

static void add_attribute_stores(const Graph *g, const Attribute *a, WeakStore s, Arena *arena,
                                 Stores *list) {
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        bool removes = u->kind == ATTRIBUTE_SHRINKS || u->kind == ATTRIBUTE_EMPTIED;
        if (removes && !u->level && !g->files[u->file].is_test &&
            !graph_is_in_finalizer(g, u->function))
            s.is_drained = true;
    }
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        if (u->kind != ATTRIBUTE_GROWS || u->level > 1) continue;
        s.file = u->file;
        s.op = u->op;
        s.key = u->key;
        s.value = u->value;
        s.function = u->function;
        s.is_own = false;
        WeakStore each = s;
        complete(g, &each, u->level);
        vec_push(arena, list, each);
    }
}

u32 graph_weak_attribute_stores(const Graph *g, ClassId c, Arena *arena, WeakStore **stores) {
    Stores list = {0};
    *stores = NULL;
    if (!g->files[g->classes[c.i].file].imports_weakref) return 0;
    for (Str name = graph_next_attribute(g, c, (Str){0}); name.n;
         name = graph_next_attribute(g, c, name)) {
        WeakStore s = {0};
        s.kind = kind_of_attribute(g, c, name, &s);
        if (!s.kind) continue;
        Attribute a = graph_attribute_outline(g, c, name);
        if (a.owner.i != c.i || a.first_owner.i != c.i) continue; /* a base is asked */
        a = graph_attribute(g, c, name, arena);
        s.name = str_format(arena, "%.*s.%.*s", STR_ARG(graph_class_name(g, c)), STR_ARG(name));
        s.is_lasting = g->classes[c.i].instance_symbol.i != 0;
        add_attribute_stores(g, &a, s, arena, &list);
    }
    *stores = list.v;
    return list.n;
}

/* ---- event loops ---- */

/* The class of what a value is, as far as the call that makes it or an annotation tells. */
static Str class_of_value(const Graph *g, u32 file, PathId value) {
    Str made = graph_maker_of(g, file, value);
    Str class = know_result_class(made);
    if (class.n || made.n) return class.n ? class : made;
    const Facts *f = g->files[file].facts;
    SymbolId owner = facts_root_symbol(f, value);
    const Scope *scope = &f->scopes[f->symbols[owner.i].scope.i];
    if (f->paths[value.i].kind != PATH_SYMBOL) return (Str){0};
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == owner.i && f->params[i].annotation.i)
            return graph_name_of(g, file, f->params[i].annotation);
    return (Str){0};
}

bool graph_is_loop_in(const Graph *g, u32 file, PathId value, PathId object) {
    if (!str_ends(class_of_value(g, file, object), "EventLoop")) return false;
    static const char *const BOUND[] = {"asyncio.Task",          "asyncio.Future", "asyncio.Handle",
                                        "asyncio.TimerHandle",   "asyncio.Server", "asyncio.Runner",
                                        "asyncio.AbstractServer"};
    Str class = class_of_value(g, file, value);
    for (u32 i = 0; i < ARRAY_LEN(BOUND); i++)
        if (str_is(class, BOUND[i])) return true;
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, value).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    /* `loop.create_task(…)` of that loop */
    const Path *callee = &f->paths[f->ops[p->id].subject];
    Str name = facts_str(f, (StrId){callee->kind == PATH_ATTR ? callee->id : 0});
    return (str_is(name, "create_task") || str_is(name, "create_future")) &&
           facts_root_symbol(f, callee->parent).i == facts_root_symbol(f, object).i;
}

/* ---- who keeps a reference ---- */

/* The operation takes the result of the call. */
static bool takes(const Facts *f, const Op *op, OpId call) {
    for (u32 i = 0; i < op->operands; i++) {
        const Path *p = &f->paths[op_operand(f, op, i).i];
        if (p->kind == PATH_OP && p->id == call.i) return true;
    }
    return false;
}

/* What an operation that takes the reference puts it into. */
static PathId put_into(const Facts *f, const Op *op) {
    const Path *subject = &f->paths[op->subject];
    if (op->kind == OP_STORE) return op_path(op);
    if (op->kind != OP_CALL || subject->kind != PATH_ATTR) return (PathId){0};
    const MethodRow *row = know_method(facts_str(f, (StrId){subject->id}));
    return row && row->effect == METHOD_ADDS ? subject->parent : (PathId){0};
}

PathId graph_weak_keeper(const Graph *g, OpRef call, PathId object, bool *is_lasting) {
    const Facts *f = g->files[call.file].facts;
    PathId holder = {0};
    *is_lasting = false;
    for (u32 o = call.op.i + 1; !holder.i && o < f->n_ops && o <= call.op.i + 4; o++)
        if (takes(f, &f->ops[o], call.op)) holder = put_into(f, &f->ops[o]);
    if (!holder.i) return holder;
    PathId container = holder;
    const Path *p = &f->paths[holder.i];
    if (p->kind == PATH_ANY || p->kind == PATH_CONST) container = p->parent;
    SymbolId root = facts_root_symbol(f, holder);
    bool is_module = root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE;
    *is_lasting = is_module || held_by(g, call.file, container, RESOLVE_DEPTH).container != 0;
    bool is_its_own = root.i && root.i == facts_root_symbol(f, object).i;
    return is_its_own && !*is_lasting ? (PathId){0} : holder;
}
