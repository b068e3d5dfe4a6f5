/* Long-lived containers: what is one. */
#include "graph/starting.h"

/* ---- what a value makes ---- */

ContainerKind kind_of_made(MadeKind made) {
    switch (made) {
    case MADE_LIST:
        return CONTAINER_LIST;
    case MADE_DICT:
        return CONTAINER_DICT;
    case MADE_SET:
        return CONTAINER_SET;
    case MADE_DEQUE:
        return CONTAINER_DEQUE;
    case MADE_DEFAULTDICT:
        return CONTAINER_DEFAULTDICT;
    case MADE_ORDERED_DICT:
        return CONTAINER_ORDERED_DICT;
    case MADE_COUNTER:
        return CONTAINER_COUNTER;
    case MADE_WEAK:
        return CONTAINER_WEAK;
    case MADE_BOUNDED:
        return CONTAINER_BOUNDED;
    case MADE_QUEUE:
        return CONTAINER_QUEUE;
    default:
        return CONTAINER_OTHER;
    }
}

MadeKind made_of(ContainerKind kind) {
    static const MadeKind OF[] = {MADE_LIST,        MADE_DICT,         MADE_SET,     MADE_DEQUE,
                                  MADE_DEFAULTDICT, MADE_ORDERED_DICT, MADE_COUNTER, MADE_WEAK,
                                  MADE_BOUNDED,     MADE_QUEUE,        MADE_NOTHING};
    return OF[kind];
}

static bool is_bound_value(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (!path.i) return false;
    if (p->kind != PATH_LITERAL) return true;
    Str text = facts_str(f, (StrId){p->id});
    return p->flags == LITERAL_INT && !str_is(text, "0") && !str_starts(text, "-");
}

ContainerKind made_kind(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP) return CONTAINER_OTHER;
    const Op *op = &f->ops[p->id];
    switch (op->kind) {
    case OP_LIST:
    case OP_LISTCOMP:
        return CONTAINER_LIST;
    case OP_DICT:
    case OP_DICTCOMP:
        return CONTAINER_DICT;
    case OP_SET:
    case OP_SETCOMP:
        return CONTAINER_SET;
    case OP_CALL:
        break;
    default:
        return CONTAINER_OTHER;
    }
    const ConstructorRow *row = know_constructor_row(graph_name_of(g, file, op_path(op)));
    if (!row) return CONTAINER_OTHER;
    if (row->bound >= 0 &&
        is_bound_value(f, call_argument(f, op, (u32)row->bound, row->bound_name)))
        return CONTAINER_BOUNDED;
    return kind_of_made(row->made);
}

/* ---- finding them ---- */

void note_container_name(Graph *g, u64 name) {
    map_set(g->arena, &g->container_names, name, 1);
    filter_add(&g->held_keys, name);
}

static Container *add_container(Graph *g, u64 key, u64 name) {
    Container *c = &g->containers[++g->n_containers];
    map_set(g->arena, &g->container_of, key, g->n_containers);
    filter_add(&g->held_keys, key);
    note_container_name(g, name);
    return c;
}

static bool is_public_name(Str name) {
    return name.n && name.p[0] != '_';
}

static void fill(Graph *g, Container *c, u32 file, OpId op, HolderKind holder, ContainerKind kind) {
    const Facts *f = g->files[file].facts;
    c->holder = holder;
    c->kind = kind;
    c->file = file;
    c->op = op;
    c->definition = f->ops[op.i].span;
}

static Str dotted(Graph *g, Str a, Str b) {
    return str_format(g->arena, "%.*s.%.*s", STR_ARG(a), STR_ARG(b));
}

static void add_global(Graph *g, u32 file, SymbolId s, OpId op, ContainerKind kind) {
    const Facts *f = g->files[file].facts;
    Str name = facts_str(f, f->symbols[s.i].name);
    Container *c = add_container(g, variable_key(file, s), name_hash(f, f->symbols[s.i].name));
    fill(g, c, file, op, HOLDER_GLOBAL, kind);
    c->name = dotted(g, g->files[file].module, name);
    c->short_name = str_copy(g->arena, name);
    c->is_public = is_public_name(name);
}

/* Subclasses that one question looks at; beyond, they are taken to have their own. */
enum { SUBCLASSES_MAX = 200 };

/* Is the attribute set on instances by some method of the class, its bases or subclasses? Then each
 * instance has its own. */
static bool is_shadowed(const Graph *g, ClassId c, u64 name, u32 depth, u32 *left) {
    ClassId owner;
    if (!*left) return true;
    --*left;
    for (const AttributeDef *d = class_attribute(g, c, name, &owner); d; d = attribute_next(g, d)) {
        const Facts *f = g->files[d->file].facts;
        SymbolId root = facts_root_symbol(f, op_path(&f->ops[d->op.i]));
        bool is_class;
        if (root.i && self_class(g, d->file, root, &is_class).i && !is_class) return true;
    }
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->subclasses.n && depth; i++)
        if (is_shadowed(g, node->subclasses.v[i], name, depth - 1, left)) return true;
    return false;
}

bool is_set_on_instances(const Graph *g, ClassId c, u64 name) {
    u32 left = SUBCLASSES_MAX;
    return is_shadowed(g, c, name, 4, &left);
}

/* Annotated fields of classes whose base or decorator copies them for each instance (dataclasses,
 * pydantic, attrs, ORMs) are not shared. */
static bool is_field(const Graph *g, ClassId c, const Op *op) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    PathId annotation = bound_annotation(f, op);
    if (!annotation.i) return false;
    const Path *p = &f->paths[annotation.i];
    PathId head = p->kind == PATH_OP ? op_path(&f->ops[p->id]) : annotation;
    if (str_ends(graph_name_of(g, node->file, head), "ClassVar")) return false;
    return !node->complete || scope->decorator_first != scope->decorator_end || node->metaclass.n;
}

/* The name without its module, as far as one is a prefix of it. */
static Str short_name_of(const Graph *g, Str name) {
    for (u32 at = name.n; at-- > 0;)
        if (name.p[at] == '.' && map_get(&g->module_texts, hash_str(str_sub(name, 0, at))))
            return str_sub(name, at + 1, name.n);
    return name;
}

/* `pkg.mod.app` of the only instance, or of the first. */
static Str instance_name(Graph *g, const ClassNode *c) {
    if (c->resident.n || !c->instance_symbol.i) return c->resident;
    const Facts *home = g->files[c->instance_symbol_file].facts;
    return dotted(g, g->files[c->instance_symbol_file].module,
                  facts_str(home, home->symbols[c->instance_symbol.i].name));
}

/* The name of what keeps the instances of the class for as long as the process, or empty. */
static Str lasting_holder(Graph *g, ClassId id, Str attribute) {
    Str instance = instance_name(g, &g->classes[id.i]);
    Str configured = settings_holder(g, id, attribute); /* asked always: it notes what is named */
    if (!instance.n) instance = configured;
    return !instance.n && graph_is_singleton(g, id) ? graph_class_name(g, id) : instance;
}

/* Attributes of objects that live as long as the process do so too. */
static void add_lasting(Graph *g, ClassId id, u32 file, OpId op, StrId attribute,
                        ContainerKind kind) {
    const Facts *f = g->files[file].facts;
    u64 name = name_hash(f, attribute), key = attribute_key(id, name);
    if (kind == CONTAINER_OTHER || map_get(&g->container_of, key)) return;
    Str holder = lasting_holder(g, id, facts_str(f, attribute));
    if (!holder.n) return;
    Container *made = add_container(g, key, name);
    fill(g, made, file, op, HOLDER_SINGLETON, kind);
    made->owner = id;
    made->name = dotted(g, holder, facts_str(f, attribute));
    made->short_name = short_name_of(g, made->name);
    made->is_public = is_public_name(facts_str(f, attribute));
    made->is_unsure = is_replaced_often(g, id);
}

static void find_in_class(Graph *g, ClassId id) {
    const ClassNode *c = &g->classes[id.i];
    const Facts *f = g->files[c->file].facts;
    const Scope *scope = &f->scopes[c->scope.i];
    for (u32 i = scope->symbol_first; i < scope->symbol_end && c->is_static; i++) {
        const Symbol *s = &f->symbols[i];
        const Op *op = &f->ops[s->bind.i];
        if (!(s->flags & SYMBOL_BOUND) || op->kind != OP_BIND) continue;
        ContainerKind kind = made_kind(g, c->file, bound_value(f, op));
        u64 name = name_hash(f, s->name);
        Str text = facts_str(f, s->name);
        bool dunder = str_starts(text, "__") && str_ends(text, "__");
        u32 left = SUBCLASSES_MAX;
        if (dunder) continue;
        if (kind == CONTAINER_OTHER || is_field(g, id, op)) {
            if (kind == CONTAINER_OTHER) kind = field_kind(g, c->file, bound_value(f, op));
            add_lasting(g, id, c->file, s->bind, s->name, kind);
            continue;
        }
        if (is_shadowed(g, id, name, 4, &left)) continue;
        Container *made = add_container(g, attribute_key(id, name), name);
        fill(g, made, c->file, s->bind, HOLDER_CLASS_ATTRIBUTE, kind);
        made->owner = id;
        made->name = dotted(g, graph_class_name(g, id), text);
        made->short_name = dotted(g, facts_str(f, scope->name), text);
        made->is_public = is_public_name(text);
    }
}

static void find_in_singleton(Graph *g, u32 def_index) {
    const AttributeDef *d = &g->attribute_defs.v[def_index];
    const Facts *f = g->files[d->file].facts;
    const Op *op = &f->ops[d->op.i];
    bool is_class;
    ClassId id = self_class(g, d->file, facts_root_symbol(f, op_path(op)), &is_class);
    if (!is_class)
        add_lasting(g, id, d->file, d->op, (StrId){f->paths[op->subject].id},
                    made_kind(g, d->file, bound_value(f, op)));
}

static void find_function_attribute(Graph *g, u32 file, u32 op_index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[op_index];
    const Path *p = &f->paths[op->subject];
    if (op->kind != OP_STORE || p->kind != PATH_ATTR || p->depth != 1) return;
    ContainerKind kind = made_kind(g, file, bound_value(f, op));
    if (kind == CONTAINER_OTHER) return;
    Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
    if (e.kind != ENTITY_FUNCTION) return;
    u32 fn = entity_function(g, e);
    const Facts *home = g->files[e.file].facts;
    if (home->scopes[home->scopes[e.id].parent.i].kind != SCOPE_MODULE) return;
    u64 name = name_hash(f, (StrId){p->id}), key = function_attribute_key(fn, name);
    if (map_get(&g->container_of, key)) return;
    Container *made = add_container(g, key, name);
    fill(g, made, file, (OpId){op_index}, HOLDER_FUNCTION_ATTRIBUTE, kind);
    made->name = dotted(g, entity_name(g, e), facts_str(f, (StrId){p->id}));
    made->short_name =
        dotted(g, facts_str(home, home->scopes[e.id].name), facts_str(f, (StrId){p->id}));
    made->is_public = true;
}

u64 app_state_key(const Facts *f, const Path *p) {
    const Path *state = &f->paths[p->parent.i];
    if (p->kind != PATH_ATTR || state->kind != PATH_ATTR) return 0;
    if (!str_is(facts_str(f, (StrId){state->id}), "state")) return 0;
    if (!know_is_app_name(facts_last_name(f, state->parent))) return 0;
    return hash_mix(hash_str(STR("app.state")), name_hash(f, (StrId){p->id}));
}

/* Made where the application is put together, in a function, too. */
static void find_in_state(Graph *g, u32 file, u32 op_index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[op_index];
    const Path *p = &f->paths[op->subject];
    u64 key = op->kind == OP_STORE ? app_state_key(f, p) : 0;
    ContainerKind kind = key ? made_kind(g, file, bound_value(f, op)) : CONTAINER_OTHER;
    if (kind == CONTAINER_OTHER || g->files[file].is_test || map_get(&g->container_of, key)) return;
    Str attribute = facts_str(f, (StrId){p->id});
    Container *made = add_container(g, key, name_hash(f, (StrId){p->id}));
    fill(g, made, file, (OpId){op_index}, HOLDER_SINGLETON, kind);
    made->name = dotted(g, STR("app.state"), attribute);
    made->short_name = made->name;
}

/* ---- defaults and variables of functions ---- */

/* A function that modules make once: at module level, or in the body of such a class. */
static bool is_module_function(const Graph *g, u32 file, const Scope *scope) {
    const Facts *f = g->files[file].facts;
    if (scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_LAMBDA) return false;
    u8 around = f->scopes[scope->parent.i].kind;
    u32 c = g->files[file].class_of_scope[scope->parent.i];
    return around == SCOPE_MODULE || (around == SCOPE_CLASS && c && g->classes[c].is_static);
}

static const char *const DISPLAYS[] = {"[]", "{}", "set()"};

/* `def f(x, seen=[])`: one list for all calls that pass none. */
static void find_default(Graph *g, u32 file, const Param *p) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[p->symbol.i];
    /* `into += rows` leaves the parameter bound to the same list */
    bool augmented = s->binds == 1 && f->ops[s->bind.i].kind == OP_AUGMENT;
    if (f->paths[p->fallback.i].kind != PATH_OP || (s->binds && !augmented)) return;
    const Scope *scope = &f->scopes[s->scope.i];
    ContainerKind kind = made_kind(g, file, p->fallback);
    if (kind == CONTAINER_OTHER || !is_module_function(g, file, scope)) return;
    Container *c = add_container(g, variable_key(file, p->symbol), name_hash(f, s->name));
    fill(g, c, file, (OpId){f->paths[p->fallback.i].id}, HOLDER_DEFAULT, kind);
    c->function = (ScopeRef){file, s->scope};
    c->variable = p->symbol;
    Str function = graph_scope_name(g, c->function), name = facts_str(f, s->name);
    const char *made = kind < ARRAY_LEN(DISPLAYS) ? DISPLAYS[kind] : "…";
    c->name = str_format(g->arena, "%.*s(%.*s=%s)", STR_ARG(function), STR_ARG(name), made);
    c->short_name = short_name_of(g, c->name);
    c->is_public = false; /* nobody else can name it */
}

/* `def wrapper(*args): return function(*args)` in a function that gets `function`: it decorates,
 * whether or not the project applies it. */
static bool is_decorator(const Graph *g, u32 fn) {
    const FunctionNode *node = &g->functions[fn], *inner = &g->functions[node->inner];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[inner->scope.i];
    for (u32 i = scope->op_first; node->inner && i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || f->paths[op->subject].kind != PATH_SYMBOL) continue;
        const Symbol *callee = &f->symbols[facts_root_symbol(f, op_path(op)).i];
        if (callee->flags & SYMBOL_PARAM && callee->scope.i == node->scope.i) return true;
    }
    return false;
}

/* Only tests and examples call it: that says nothing of when its users do. */
static bool is_called_by_tests(const Graph *g, u32 fn) {
    const FunctionNode *node = &g->functions[fn];
    for (u32 i = 0; i < node->callers.n; i++)
        if (!g->files[node->callers.v[i].file].is_test) return false;
    return node->callers.n > 0;
}

/* A variable of a function that runs while modules are imported, and that an inner function shares:
 * it lives as long as that one. */
static void find_in_closure(Graph *g, u32 file, OpId bind, SymbolId owner) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    const Op *op = &f->ops[bind.i];
    if (!(s->flags & SYMBOL_CELL) || f->scopes[s->scope.i].kind != SCOPE_FUNCTION ||
        f->regions[op->region.i].scope.i != s->scope.i)
        return;
    ContainerKind kind = made_kind(g, file, bound_value(f, op));
    u32 fn = function_id(g, file, s->scope);
    HowOften how = graph_how_often(g, file, op->region);
    if (kind == CONTAINER_OTHER || !fn || how == RUNS_NEVER) return;
    if (is_called_by_tests(g, fn) && !g->files[file].is_test) return;
    bool applied_unseen = how > RUNS_ON_START && g->functions[fn].unknown_callers;
    if (how > RUNS_ON_START && !(applied_unseen && is_decorator(g, fn))) return;
    Container *c = add_container(g, variable_key(file, owner), name_hash(f, s->name));
    fill(g, c, file, bind, HOLDER_CLOSURE, kind);
    c->function = (ScopeRef){file, s->scope};
    c->variable = owner;
    c->is_unsure = how >= RUNS_ON_START;
    Str function = graph_scope_name(g, c->function);
    c->name = str_format(g->arena, "%.*s.<locals>.%.*s", STR_ARG(function),
                         STR_ARG(facts_str(f, s->name)));
    c->short_name = short_name_of(g, c->name);
    c->is_public = false;
}

/* Module code makes the container of the variable, before or after the function at `op`: that is
 * where it is defined, and the function binds a fresh one. */
static bool is_made_by_module(const Graph *g, u32 file, SymbolId owner, u32 op) {
    const Facts *f = g->files[file].facts;
    if (f->scopes[f->regions[f->ops[op].region.i].scope.i].kind == SCOPE_MODULE) return false;
    OpList binds = ops_of(&g->files[file], OP_BIND);
    for (u32 i = 0; i < binds.n; i++) {
        const Op *other = &f->ops[binds.v[i]];
        if (binds.v[i] > op && facts_root_symbol(f, op_path(other)).i == owner.i &&
            f->scopes[f->regions[other->region.i].scope.i].kind == SCOPE_MODULE &&
            made_kind(g, file, bound_value(f, other)) != CONTAINER_OTHER)
            return true;
    }
    return false;
}

/* Module code, or a function that declares the name global and makes the container on first use. */
static void find_bound(Graph *g, u32 file, u32 i) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[i];
    u32 bind = op->flags & OP_LOW;
    SymbolId owner = facts_root_symbol(f, op_path(op));
    if (!owner.i || (bind != BIND_ASSIGN && bind != BIND_WALRUS)) return;
    if (map_get(&g->container_of, variable_key(file, owner))) return;
    if (f->scopes[f->symbols[owner.i].scope.i].kind != SCOPE_MODULE) {
        find_in_closure(g, file, (OpId){i}, owner);
        return;
    }
    ContainerKind kind = made_kind(g, file, bound_value(f, op));
    if (kind != CONTAINER_OTHER && !is_made_by_module(g, file, owner, i))
        add_global(g, file, owner, (OpId){i}, kind);
}

/* Only what an operation makes is a container. In the order of the source: the first counts. */
static void find_in_file(Graph *g, u32 file) {
    const Facts *f = g->files[file].facts;
    OpList binds = ops_of(&g->files[file], OP_BIND), stores = ops_of(&g->files[file], OP_STORE);
    for (u32 b = 0, s = 0; b < binds.n || s < stores.n;) {
        bool is_bind = s == stores.n || (b < binds.n && binds.v[b] < stores.v[s]);
        u32 i = is_bind ? binds.v[b++] : stores.v[s++];
        const Op *op = &f->ops[i];
        if (f->paths[bound_value(f, op).i].kind != PATH_OP) continue;
        if (!is_bind) find_in_state(g, file, i);
        if (is_bind)
            find_bound(g, file, i);
        else if (f->scopes[f->regions[op->region.i].scope.i].kind == SCOPE_MODULE)
            find_function_attribute(g, file, i);
    }
    for (u32 i = 1; i < f->n_params; i++)
        if (f->params[i].fallback.i) find_default(g, file, &f->params[i]);
}

/* Of those that bind or store: how many take a value that an operation makes. */
static u32 count_made(const Facts *f, OpList ops) {
    u32 n = 0;
    for (u32 i = 0; i < ops.n; i++)
        n += f->paths[bound_value(f, &f->ops[ops.v[i]]).i].kind == PATH_OP;
    return n;
}

static u32 count_candidates(const Graph *g) {
    u32 n = 1 + g->attribute_defs.n;
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        n += count_made(f, ops_of(&g->files[i], OP_BIND));
        n += count_made(f, ops_of(&g->files[i], OP_STORE));
        for (u32 k = 1; k < f->n_params; k++)
            n += f->paths[f->params[k].fallback.i].kind == PATH_OP;
    }
    return n;
}

void containers_find(Graph *g) {
    for (u32 i = 0; i < g->n_files; i++)
        map_set(g->arena, &g->module_texts, hash_str(g->files[i].module), 1);
    g->containers = arena_array(g->arena, Container, count_candidates(g));
    for (u32 i = 0; i < g->n_files; i++) find_in_file(g, i);
    for (u32 id = 1; id <= g->n_classes; id++) find_in_class(g, (ClassId){id});
    for (u32 d = 1; d < g->attribute_defs.n; d++) {
        const AttributeDef *def = &g->attribute_defs.v[d];
        const Facts *f = g->files[def->file].facts;
        const Op *op = &f->ops[def->op.i];
        bool is_class;
        ClassId c = self_class(g, def->file, facts_root_symbol(f, op_path(op)), &is_class);
        if (!c.i || f->paths[bound_value(f, op).i].kind != PATH_OP) continue;
        find_in_singleton(g, d);
    }
}

u32 graph_container_count(const Graph *g) {
    return g->n_containers;
}
const Container *graph_container(const Graph *g, ContainerId id) {
    return &g->containers[id.i];
}
