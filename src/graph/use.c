/* Who fills a container, who drains it, who else gets it: one pass over the operations of all
 * files. */
#include "graph/along.h"
#include "graph/guard.h"
#include "graph/starting.h"

#include "os/os.h"

#include <stdlib.h>

enum { HELD_DEPTH = 8 };

typedef struct Found {
    u32 container;
    Use use;
} Found;

typedef struct FileUses {
    VEC(Found) found;
} FileUses;

typedef struct Collect {
    const Graph *g;
    Arena *arena;
    u32 file;
    const Facts *f;
    FileUses *out;
    Map *asked; /* (scope, container) pairs that a test has asked about so far */
} Collect;

/* ---- making uses ---- */

static bool is_len_of(const Collect *c, PathId path, PathId *measured, Held *held) {
    path = graph_alias_of(c->g, c->file, path);
    const Path *p = &c->f->paths[path.i];
    if (p->kind != PATH_OP || c->f->ops[p->id].kind != OP_CALL) return false;
    const Op *call = &c->f->ops[p->id];
    if (call->operands != 1) return false;
    Held h = held_by(c->g, c->file, op_operand(c->f, call, 0), HELD_DEPTH);
    if (!h.container || !str_is(graph_name_of(c->g, c->file, op_path(call)), "builtins.len"))
        return false;
    *measured = op_operand(c->f, call, 0);
    *held = h;
    return true;
}

enum { BINDING_OPS = 24 };

/* What a local that is bound several times was last bound to before an operation. */
static PathId last_bound(const Facts *f, u32 at, PathId local) {
    const Path *p = &f->paths[local.i];
    const Symbol *s = p->kind == PATH_SYMBOL ? &f->symbols[p->id] : NULL;
    if (!s || s->binds < 2 || f->scopes[s->scope.i].kind != SCOPE_FUNCTION) return local;
    u32 first = MAX(f->scopes[s->scope.i].op_first, at - MIN(at, (u32)BINDING_OPS));
    for (u32 i = at; i-- > first;)
        if (f->ops[i].kind == OP_BIND && facts_root_symbol(f, op_path(&f->ops[i])).i == p->id)
            return bound_value(f, &f->ops[i]);
    return local;
}

/* `key in x`, `x.get(key)`, `x.get(key) is None`: remembered for what the same scope does later. */
static void note_membership_test(const Collect *c, u32 at) {
    const Op *t = &c->f->ops[at];
    u32 kind = t->flags & OP_LOW;
    if (kind != TEST_IN && kind != TEST_IS && kind != TEST_TRUTH && kind != TEST_CALL) return;
    PathId looked = kind == TEST_IN ? op_operand(c->f, t, 0) : last_bound(c->f, at, op_path(t));
    u32 container = held_by(c->g, c->file, looked, HELD_DEPTH).container;
    ScopeId scope = c->f->regions[t->region.i].scope;
    if (container) map_set(c->arena, c->asked, map_pair(scope.i, container), 1);
}

/* Does the function ask before it adds whether the key is there: `key not in x`, a lookup that
 * found nothing, an early return, a KeyError? */
static bool is_membership_guarded(const Collect *c, const Op *op, u32 container) {
    const Facts *f = c->f;
    ScopeId scope = f->regions[op->region.i].scope;
    RegionId r = op->region;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[r.i].scope.i == scope.i; up++) {
        if (f->regions[r.i].kind == REGION_EXCEPT) return true;
        r = f->regions[r.i].parent;
    }
    return map_get(c->asked, map_pair(scope.i, container)) != 0;
}

static bool is_closed(u32 shape) {
    /* functions and classes that stand at module level are as many as the source has */
    u32 open =
        ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED) & ~(shape & SHAPE_CLOSED ? (u32)SHAPE_FUNCTION : 0u);
    return shape && !(shape & open);
}

/* `d.update(…)`: keywords, the keys of a display and those of `**options` are written out. */
static bool is_closed_update(const Collect *c, const Op *op, Use *use) {
    const Facts *f = c->f;
    const Path *p = &f->paths[use->value.i];
    if (!use->value.i) {
        if (!op->operands) return false;
        Operand o = f->operands[op->operand];
        return operand_kind(o) == OPERAND_KEYWORD ||
               (operand_kind(o) == OPERAND_DOUBLE_STAR && is_keyword_arguments(f, o.path));
    }
    if (is_keyword_arguments(f, use->value)) return true;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) { /* `dict(url=…)` */
        const Op *made = &f->ops[p->id];
        bool named = made->operands > 0;
        for (u32 i = 0; i < made->operands; i++)
            named &= operand_kind(f->operands[made->operand + i]) == OPERAND_KEYWORD;
        return named && str_is(graph_name_of(c->g, c->file, op_path(made)), "builtins.dict");
    }
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_DICT) return false;
    const Op *display = &f->ops[p->id];
    for (u32 i = 0; i < display->operands; i++)
        if (operand_kind(f->operands[display->operand + i]) != OPERAND_POSITIONAL)
            use->key_shape |= shape_of(c->g, c->file, f->operands[display->operand + i].path, 4);
    return is_closed(use->key_shape);
}

/* `self.x.append(…)` in the constructor that made the list: once for each instance, and this one
 * has its own. */
static bool fills_own(const Collect *c, u32 container, ScopeRef function) {
    const Container *made = &c->g->containers[container];
    if (made->holder != HOLDER_SINGLETON || scope_is_none(function)) return false;
    const Facts *home = c->g->files[made->file].facts;
    ScopeId maker = home->regions[home->ops[made->op.i].region.i].scope;
    return made->file == function.file && maker.i == function.scope.i &&
           str_is(facts_str(home, home->scopes[maker.i].name), "__init__");
}

/* `instances[cls]` in a decorator that gets `cls`: one value for each table. */
static bool is_own_variable(const Collect *c, Held h, PathId key) {
    const Container *made = &c->g->containers[h.container];
    const Path *p = &c->f->paths[key.i];
    if (made->holder != HOLDER_CLOSURE || made->file != c->file || p->kind != PATH_SYMBOL)
        return false;
    const Symbol *owner = &c->f->symbols[facts_root_symbol(c->f, key).i];
    if (owner->flags & SYMBOL_PARAM ? owner->binds : owner->binds != 1) return false;
    ScopeId s = made->function.scope; /* the function itself, or one around it */
    while (s.i && s.i != owner->scope.i) s = c->f->scopes[s.i].parent;
    return s.i && c->f->scopes[s.i].kind != SCOPE_MODULE;
}

/* `for key in table: table[key] = …` */
static bool is_own_key(const Collect *c, Held h, PathId key) {
    const Path *p = &c->f->paths[key.i];
    const Symbol *s = &c->f->symbols[p->kind == PATH_SYMBOL ? facts_root_symbol(c->f, key).i : 0];
    const Op *op = &c->f->ops[s->bind.i];
    if (s->binds != 1 || op->kind != OP_BIND || (op->flags & OP_LOW) != BIND_FOR) return false;
    const Path *element = &c->f->paths[bound_value(c->f, op).i];
    if (element->kind == PATH_CONST) element = &c->f->paths[element->parent.i]; /* of items() */
    if (element->kind != PATH_ANY) return false;
    Held over = held_by(c->g, c->file, element->parent, HELD_DEPTH);
    return over.container == h.container && over.level == h.level;
}

/* `self` of a class of which there are as many instances as the source makes. */
static bool is_lasting_self(const Collect *c, const Use *use) {
    const Path *p = &c->f->paths[use->value.i];
    SymbolId owner = facts_root_symbol(c->f, use->value);
    bool is_class;
    ClassId own = p->kind == PATH_SYMBOL && owner.i ? self_class(c->g, c->file, owner, &is_class)
                                                    : (ClassId){0};
    return own.i && !is_class;
}

/* The same keys, or the same elements of a set, come again and again. */
static bool is_overwriting(const Collect *c, const Op *op, Held h, Use *use) {
    ContainerKind kind = h.level ? CONTAINER_OTHER : c->g->containers[h.container].kind;
    u32 index = (u32)(op - c->f->ops);
    /* filled once: only while it is empty */
    if (!h.level && is_guarded(c->g, c->file, index, h.container, GUARD_EMPTY)) return true;
    bool raises = kind == CONTAINER_DICT || kind == CONTAINER_ORDERED_DICT;
    if (use->key.i)
        return is_closed(use->key_shape) || is_own_variable(c, h, use->key) ||
               is_own_key(c, h, use->key) || (raises && replaces_entry(c->g, c->file, index));
    if (is_lasting_self(c, use)) return is_closed(use->value_shape);
    if ((kind == CONTAINER_LIST || kind == CONTAINER_DEQUE) && is_closed(use->value_shape))
        return is_guarded(c->g, c->file, index, h.container, GUARD_LACKS_KEY);
    if (kind == CONTAINER_SET) return is_closed(use->value_shape);
    bool mapping =
        kind == CONTAINER_DICT || kind == CONTAINER_ORDERED_DICT || kind == CONTAINER_DEFAULTDICT;
    return mapping && op->kind == OP_CALL && is_closed_update(c, op, use);
}

static void add(const Collect *c, Held h, UseKind kind, u32 op_index, Str how, PathId key,
                PathId value) {
    const Op *op = &c->f->ops[op_index];
    Use use = {
        .kind = kind, .file = c->file, .op = {op_index}, .how = how, .key = key, .value = value};
    use.level = h.level;
    use.through_alias = h.flags & HELD_ALIAS;
    use.how_often = graph_how_often(c->g, c->file, op->region);
    ScopeId s = enclosing_function(c->f, c->f->regions[op->region.i].scope);
    if (s.i) use.function = (ScopeRef){c->file, s};
    bool is_class;
    SymbolId root = facts_root_symbol(c->f, op_path(op));
    use.through_instance = root.i && self_class(c->g, c->file, root, &is_class).i && !is_class;
    if (kind == USE_GROW) {
        if (!(h.flags & HELD_ALIAS) && fills_own(c, h.container, use.function))
            use.how_often = MIN(use.how_often, RUNS_IMPORT);
        if (use.how_often > RUNS_IMPORT && (graph_passes_once(c->g, (OpRef){c->file, use.op}) ||
                                            graph_is_called_once_each(c->g, use.function)))
            use.how_often = RUNS_IMPORT;
        use.key_shape = key.i ? shape_of(c->g, c->file, key, 6) : 0;
        use.value_shape = value.i ? shape_of(c->g, c->file, value, 6) : 0;
        use.overwrites = is_overwriting(c, op, h, &use);
        use.admits_once =
            !h.level && admits_once(c->g, c->file, op_index, h.container, key.i ? key : value);
        use.membership_guard = use.admits_once || is_membership_guarded(c, op, h.container);
    }
    vec_push(c->arena, &c->out->found, (Found){h.container, use});
    for (u32 i = h.more; i; i = c->g->aliases.v[i].next) {
        use.how = how;
        vec_push(c->arena, &c->out->found, (Found){c->g->aliases.v[i].container, use});
    }
}

static bool is_mapping(ContainerKind kind) {
    return kind == CONTAINER_DICT || kind == CONTAINER_DEFAULTDICT ||
           kind == CONTAINER_ORDERED_DICT || kind == CONTAINER_COUNTER || kind == CONTAINER_WEAK ||
           kind == CONTAINER_BOUNDED;
}

static bool inserts_on_read(ContainerKind kind) {
    return kind == CONTAINER_DEFAULTDICT;
}

/* ---- calls ---- */

static void use_method(const Collect *c, u32 i, const Op *op, const Path *callee) {
    Held h = held_by(c->g, c->file, callee->parent, HELD_DEPTH);
    Str method = facts_str(c->f, (StrId){callee->id});
    const MethodRow *plain = know_method(method);
    if (!h.container || h.flags & HELD_VIEW) return;
    ContainerKind kind = c->g->containers[h.container].kind;
    const MethodRow *row = h.level ? plain : know_method_of(made_of(kind), method);
    if (!row) {
        if (h.level == 0) add(c, h, USE_READ, i, method, (PathId){0}, (PathId){0});
        return;
    }
    PathId key = row->key >= 0 ? call_argument(c->f, op, (u32)row->key, NULL) : (PathId){0};
    PathId value = row->value >= 0 ? call_argument(c->f, op, (u32)row->value, NULL) : (PathId){0};
    switch (row->effect) {
    case METHOD_ADDS:
        add(c, h, USE_GROW, i, method, key, value);
        break;
    case METHOD_REMOVES:
    case METHOD_REPLACES:
        add(c, h, USE_SHRINK, i, method, key, value);
        break;
    default:
        add(c, h, USE_READ, i, method, key, value);
    }
}

static void use_argument(const Collect *c, u32 i, const Op *op, u32 index, Held h, Operand o) {
    if (h.flags & HELD_VIEW || operand_kind(o) == OPERAND_STAR ||
        operand_kind(o) == OPERAND_DOUBLE_STAR) {
        add(c, h, USE_READ, i, STR("call"), (PathId){0}, (PathId){0});
        return;
    }
    Str name = graph_name_of(c->g, c->file, op_path(op));
    const CallRow *row = know_call(name);
    if (row) {
        bool target = row->container == (int)index;
        PathId value =
            row->value >= 0 ? call_argument(c->f, op, (u32)row->value, NULL) : (PathId){0};
        if (target && row->flags & CALL_GROWS)
            add(c, h, USE_GROW, i, name, (PathId){0}, value);
        else if (target && row->flags & CALL_SHRINKS)
            add(c, h, USE_SHRINK, i, name, (PathId){0}, value);
        else if (row->flags & CALL_HOLDS)
            add(c, h, USE_ESCAPE, i, name, (PathId){0}, (PathId){0});
        else
            add(c, h, USE_READ, i, name, (PathId){0}, (PathId){0});
        return;
    }
    ClassId made;
    u32 fn = callee_function(c->g, c->file, op, &made);
    bool followed = fn || (made.i && graph_method(c->g, made, "__init__").scope.i);
    if (know_constructor(name) != MADE_NOTHING || followed) { /* a copy; a parameter */
        add(c, h, USE_READ, i, name, (PathId){0}, (PathId){0});
        return;
    }
    /* a method of another container that keeps it, or reads it: d.update(REG) */
    const Path *callee = &c->f->paths[op->subject];
    const MethodRow *method =
        callee->kind == PATH_ATTR ? know_method(facts_str(c->f, (StrId){callee->id})) : NULL;
    bool read = method && (method->flags & METHOD_ITERABLE || method->effect == METHOD_READS);
    add(c, h, read ? USE_READ : USE_ESCAPE, i, name, (PathId){0}, (PathId){0});
}

/* `callback(REG.pop, key)`: a method that is handed out will be called by somebody. */
static void use_method_value(const Collect *c, u32 i, PathId path) {
    const Path *p = &c->f->paths[path.i];
    if (p->kind != PATH_ATTR) return;
    Held h = held_by(c->g, c->file, p->parent, HELD_DEPTH);
    Str method = facts_str(c->f, (StrId){p->id});
    const MethodRow *row = h.container && !(h.flags & HELD_VIEW) ? know_method(method) : NULL;
    if (!row) return;
    if (row->effect == METHOD_REMOVES || row->effect == METHOD_REPLACES)
        add(c, h, USE_SHRINK, i, method, (PathId){0}, (PathId){0});
    else if (row->effect == METHOD_ADDS)
        add(c, h, USE_GROW, i, method, (PathId){0}, (PathId){0});
}

static void use_call(const Collect *c, u32 i, const Op *op) {
    const Path *callee = &c->f->paths[graph_alias_of(c->g, c->file, op_path(op)).i];
    if (callee->kind == PATH_ATTR) use_method(c, i, op, callee);
    u32 position = 0;
    for (u32 k = 0; k < op->operands; k++) {
        Operand o = c->f->operands[op->operand + k];
        u32 index = operand_kind(o) == OPERAND_POSITIONAL ? position++ : UINT32_MAX;
        Held h = held_by(c->g, c->file, o.path, HELD_DEPTH);
        use_method_value(c, i, o.path);
        if (h.container && h.level == 0) use_argument(c, i, op, index, h, o);
    }
}

/* ---- stores, binds, deletes ---- */

static bool is_slice(const Facts *f, PathId key) {
    const Path *p = &f->paths[key.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_SLICE;
}

/* `x[len(x):] = more` appends. */
static bool is_appending_slice(const Collect *c, PathId key, u32 container) {
    const Path *p = &c->f->paths[key.i];
    if (p->kind != PATH_OP || c->f->ops[p->id].kind != OP_SLICE || !c->f->ops[p->id].operands)
        return false;
    PathId path;
    Held measured;
    return is_len_of(c, op_operand(c->f, &c->f->ops[p->id], 0), &path, &measured) &&
           measured.container == container;
}

static bool is_fresh_definition(const Collect *c, u32 container, u32 op_index) {
    const Container *made = &c->g->containers[container];
    return made->file == c->file && made->op.i == op_index;
}

/* The function that makes the container makes it again: a loop calls it, or code that runs per call
 * does and something else beside that. Called from one place, it may be what sets the program up.
 */
static bool is_made_again(const Collect *c, const Op *op) {
    const Facts *f = c->f;
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    const FunctionNode *fn = &c->g->functions[s.i ? function_id(c->g, c->file, s) : 0];
    if (!s.i || is_setup_name(facts_str(f, f->scopes[s.i].name))) return false;
    u32 ways = fn->escapes;
    HowOften most = RUNS_NEVER;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = c->g->files[call.file].facts;
        RegionId region = from->ops[call.op.i].region;
        ScopeId by = enclosing_function(from, from->regions[region.i].scope);
        if (c->g->files[call.file].is_test || (call.file == c->file && by.i == s.i)) continue;
        ways++;
        if (by.i && !is_setup_name(facts_str(from, from->scopes[by.i].name)))
            most = MAX(most, graph_how_often(c->g, call.file, region));
    }
    return most == RUNS_PER_ROUND || (most == RUNS_PER_CALL && ways > 1);
}

static void use_rebinding(const Collect *c, u32 i, const Op *op, Held h) {
    bool import_time = graph_how_often(c->g, c->file, op->region) <= RUNS_IMPORT;
    const Container *made = &c->g->containers[h.container];
    if (is_fresh_definition(c, h.container, i) && !is_made_again(c, op)) return;
    if (made->holder == HOLDER_CLOSURE && /* `entries = {}` again, before anybody has it */
        c->f->regions[op->region.i].scope.i == made->function.scope.i)
        return;
    bool is_of_instance = made->holder == HOLDER_SINGLETON && made->owner.i;
    if (!is_of_instance && import_time) return;
    if (is_of_instance) {
        ScopeId s = enclosing_function(c->f, c->f->regions[op->region.i].scope);
        if (s.i && str_is(facts_str(c->f, c->f->scopes[s.i].name), "__init__")) return;
    }
    if (!is_made_lazily(c->f, op))
        add(c, h, USE_REBIND, i, STR("="), (PathId){0}, bound_value(c->f, op));
}

/* `x[key] = []`: takes out what is in the entry. A list has one at every index, and no store has to
 * make that of a defaultdict. */
static void use_emptying(const Collect *c, u32 i, Held h) {
    ContainerKind kind = c->g->containers[h.container].kind;
    const Op *op = &c->f->ops[i];
    PathId key = bound_key(c->f, op);
    bool is_made_by_reads = kind == CONTAINER_DEFAULTDICT;
    bool is_there = !is_mapping(kind) || is_own_key(c, h, key) ||
                    (is_made_by_reads && !is_membership_guarded(c, op, h.container));
    if (h.level || !empties_entry(c->g, c->file, i, is_there)) return;
    h.level = 1;
    add(c, h, USE_SHRINK, i, STR("[…] = []"), key, (PathId){0});
}

static void use_store(const Collect *c, u32 i, const Op *op) {
    const Path *p = &c->f->paths[op->subject];
    PathId value = bound_value(c->f, op), key = bound_key(c->f, op);
    if (p->kind == PATH_ATTR) {
        Held h = held_by(c->g, c->file, op_path(op), HELD_DEPTH);
        Held same = held_by(c->g, c->file, value, HELD_DEPTH);
        if (same.container && same.container == h.container) return; /* an alias that is followed */
        if (h.container && h.level == 0) use_rebinding(c, i, op, h);
    } else {
        Held h = held_by(c->g, c->file, p->parent, HELD_DEPTH);
        ContainerKind kind =
            h.container && h.level == 0 ? c->g->containers[h.container].kind : CONTAINER_OTHER;
        if (h.container && !(h.flags & HELD_VIEW)) {
            /* `x[k] = None` lets the object go, if not the slot */
            bool dropped = facts_is_none(c->f, value);
            bool list = h.level == 0 && !is_mapping(kind);
            if (is_appending_slice(c, key, h.container))
                add(c, h, USE_GROW, i, STR("[len():] ="), (PathId){0}, value);
            else if (is_slice(c->f, key) || dropped)
                add(c, h, USE_SHRINK, i, STR("[:] ="), key, value);
            else if (list || (h.level > 0 && p->kind == PATH_CONST))
                add(c, h, USE_READ, i, STR("[…] ="), key, value);
            else
                add(c, h, USE_GROW, i, STR("[…] ="), key, value);
            use_emptying(c, i, h);
        }
    }
    use_method_value(c, i, value);
    Held kept = held_by(c->g, c->file, value, HELD_DEPTH);
    if (kept.container && kept.level == 0 && !(kept.flags & HELD_VIEW))
        add(c, kept, USE_ESCAPE, i, STR("="), (PathId){0}, (PathId){0});
}

static void use_bind(const Collect *c, u32 i, const Op *op) {
    SymbolId owner = facts_root_symbol(c->f, op_path(op));
    u32 bind = op->flags & OP_LOW;
    if (!owner.i || bind == BIND_IMPORT || bind == BIND_FUNCTION || bind == BIND_CLASS) return;
    bool module = c->f->scopes[c->f->symbols[owner.i].scope.i].kind == SCOPE_MODULE;
    Held h = {.container = map_get(&c->g->container_of, variable_key(c->file, owner))};
    if (h.container) use_rebinding(c, i, op, h);
    use_method_value(c, i, bound_value(c->f, op));
    bool local = !module && !(c->f->symbols[owner.i].flags & SYMBOL_PARAM);
    if (c->f->symbols[owner.i].binds == 1 && local) return; /* an alias: followed */
    Held kept = held_by(c->g, c->file, bound_value(c->f, op), HELD_DEPTH);
    if (kept.container && kept.level == 0 && !(kept.flags & HELD_VIEW) &&
        kept.container != h.container)
        add(c, kept, USE_ESCAPE, i, STR("="), (PathId){0}, (PathId){0});
}

static void use_augment(const Collect *c, u32 i, const Op *op) {
    const Path *p = &c->f->paths[op->subject];
    u32 operation = op->flags & OP_LOW;
    PathId value = bound_value(c->f, op);
    Held h = held_by(c->g, c->file, op_path(op), HELD_DEPTH);
    if (h.container && h.level == 0 && !(h.flags & HELD_VIEW)) {
        bool grows = operation == OPERATOR_ADD || operation == OPERATOR_OR;
        /* a module variable needs `global`: else it is a local that was never bound */
        add(c, h, grows ? USE_GROW : USE_SHRINK, i, grows ? STR("+=") : STR("-="), (PathId){0},
            value);
        return;
    }
    if (p->kind != PATH_ANY && p->kind != PATH_CONST) return;
    h = held_by(c->g, c->file, p->parent, HELD_DEPTH);
    if (!h.container || h.level) return;
    ContainerKind kind = c->g->containers[h.container].kind;
    bool counts = kind == CONTAINER_DEFAULTDICT || kind == CONTAINER_COUNTER;
    add(c, h, counts ? USE_GROW : USE_READ, i, STR("[…] +="), bound_key(c->f, op), (PathId){0});
}

static void use_delete(const Collect *c, u32 i, const Op *op) {
    const Path *p = &c->f->paths[op->subject];
    if (p->kind == PATH_ANY || p->kind == PATH_CONST) {
        Held h = held_by(c->g, c->file, p->parent, HELD_DEPTH);
        if (h.container) add(c, h, USE_SHRINK, i, STR("del"), bound_key(c->f, op), (PathId){0});
        return;
    }
    Held h = held_by(c->g, c->file, op_path(op), HELD_DEPTH);
    bool alias = h.flags & HELD_ALIAS;
    if (h.container && h.level == 0 && !alias && !(op->flags & OP_IMPLICIT) &&
        graph_how_often(c->g, c->file, op->region) > RUNS_IMPORT)
        add(c, h, USE_REBIND, i, STR("del"), (PathId){0}, (PathId){0});
}

/* ---- reads ---- */

static void use_load(const Collect *c, u32 i, const Op *op) {
    const Path *p = &c->f->paths[op->subject];
    if (p->kind != PATH_ANY && p->kind != PATH_CONST) return;
    Held h = held_by(c->g, c->file, p->parent, HELD_DEPTH);
    if (!h.container || h.level || h.flags & HELD_VIEW) return;
    bool grows = inserts_on_read(c->g->containers[h.container].kind) &&
                 !is_guarded(c->g, c->file, i, h.container, GUARD_HAS_KEY);
    if (grows)
        add(c, h, USE_GROW, i, STR("[…]"), bound_key(c->f, op), (PathId){0});
    else
        add(c, h, USE_READ, i, STR("[…]"), bound_key(c->f, op), (PathId){0});
}

static void use_operands(const Collect *c, u32 i, const Op *op, UseKind kind, Str how) {
    for (u32 k = 0; k < op->operands; k++) {
        Operand o = c->f->operands[op->operand + k];
        Held h = held_by(c->g, c->file, o.path, HELD_DEPTH);
        if (!h.container || h.level) continue;
        bool read = h.flags & HELD_VIEW || operand_kind(o) == OPERAND_STAR ||
                    operand_kind(o) == OPERAND_DOUBLE_STAR;
        add(c, h, read ? USE_READ : kind, i, how, (PathId){0}, (PathId){0});
    }
}

/* What a getter returns is followed into its callers, when these are known. */
static void use_return(const Collect *c, u32 i, const Op *op) {
    ScopeId s = c->f->regions[op->region.i].scope;
    const FunctionNode *fn = &c->g->functions[function_id(c->g, c->file, s)];
    u32 container = map_get(&c->g->returned, function_id(c->g, c->file, s));
    Held h = held_by(c->g, c->file, op_operand(c->f, op, 0), HELD_DEPTH);
    bool is_followed = h.container && h.container == container && !h.level && fn->callers.n &&
                       !fn->escapes && !fn->called_by_name;
    use_operands(c, i, op, is_followed ? USE_READ : USE_ESCAPE, STR("return"));
}

static void use_length(const Collect *c, u32 i, PathId side) {
    PathId measured;
    Held h = {0};
    if (!is_len_of(c, side, &measured, &h)) return;
    bool is_bound = length_is_bound(c->g, c->file, i, side, measured);
    add(c, h, is_bound ? USE_GUARD : USE_READ, i, STR("len"), (PathId){0}, (PathId){0});
}

static void use_test(const Collect *c, u32 i, const Op *op) {
    u32 kind = op->flags & OP_LOW;
    bool order = op->kind == OP_COMPARE || kind == TEST_ORDER || kind == TEST_EQUAL;
    if (order) {
        if (op->kind == OP_TEST) use_length(c, i, op_path(op));
        for (u32 k = 0; k < op->operands; k++) use_length(c, i, op_operand(c->f, op, k));
    }
    for (u32 k = 0; op->kind == OP_COMPARE && k < op->operands; k++) { /* `return x in S` */
        Held h = held_by(c->g, c->file, op_operand(c->f, op, k), HELD_DEPTH);
        if (h.container && !h.level) add(c, h, USE_READ, i, STR("in"), (PathId){0}, (PathId){0});
    }
    if (op->kind != OP_TEST || kind != TEST_IN) return;
    Held h = held_by(c->g, c->file, op_operand(c->f, op, 0), HELD_DEPTH);
    if (h.container && !h.level) add(c, h, USE_READ, i, STR("in"), op_path(op), (PathId){0});
}

static void use_iterate(const Collect *c, u32 i, const Op *op) {
    Held h = held_by(c->g, c->file, op_path(op), HELD_DEPTH);
    if (h.container && !h.level) add(c, h, USE_READ, i, STR("for"), (PathId){0}, (PathId){0});
}

static void use_op(const Collect *c, u32 i) {
    const Op *op = &c->f->ops[i];
    if (op->kind == OP_TEST) note_membership_test(c, i);
    switch (op->kind) {
    case OP_CALL:
        use_call(c, i, op);
        break;
    case OP_STORE:
        use_store(c, i, op);
        break;
    case OP_BIND:
        use_bind(c, i, op);
        break;
    case OP_AUGMENT:
        use_augment(c, i, op);
        break;
    case OP_DELETE:
        use_delete(c, i, op);
        break;
    case OP_LOAD:
        use_load(c, i, op);
        break;
    case OP_TEST:
    case OP_COMPARE:
        use_test(c, i, op);
        break;
    case OP_ITERATE:
        use_iterate(c, i, op);
        break;
    case OP_RETURN:
        use_return(c, i, op);
        break;
    case OP_YIELD:
        use_operands(c, i, op, USE_ESCAPE, STR("return"));
        break;
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        use_operands(c, i, op, USE_ESCAPE, STR("kept in a display"));
        break;
    default:
        break;
    }
}

/* ---- all files ---- */

typedef struct Collecting {
    Graph *g;
    Arena *arenas;  /* by worker */
    FileUses *uses; /* by file */
} Collecting;

static void collect_file(void *context, u32 worker, u32 file) {
    Collecting *all = context;
    const Facts *f = all->g->files[file].facts;
    Map asked = {0};
    Collect c = {all->g, &all->arenas[worker], file, f, &all->uses[file], &asked};
    held_remember(all->g, file, c.arena);
    for (u32 i = 1; i < f->n_ops; i++) use_op(&c, i);
    held_forget(all->g, file);
}

static void distribute(Graph *g, const FileUses *uses) {
    u32 *counts = arena_array(g->arena, u32, g->n_containers + 1);
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < uses[file].found.n; i++) counts[uses[file].found.v[i].container]++;
    Use **lists = arena_array(g->arena, Use *, g->n_containers + 1);
    for (u32 id = 1; id <= g->n_containers; id++) {
        lists[id] = arena_array(g->arena, Use, counts[id]);
        g->containers[id].uses = lists[id];
    }
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < uses[file].found.n; i++) {
            const Found *found = &uses[file].found.v[i];
            lists[found->container][g->containers[found->container].n_uses++] = found->use;
        }
}

/* What a function adds only when its callers have found the container empty comes in once; what it
 * adds to one that it has just made takes the place of what was in the last. */
static void settle_filled_once(Graph *g, u32 id) {
    Use *uses = (Use *)(uintptr_t)g->containers[id].uses;
    for (u32 i = 0; i < g->containers[id].n_uses; i++) {
        Use *u = &uses[i];
        if (u->kind != USE_GROW || u->overwrites || u->how_often <= RUNS_IMPORT) continue;
        u->overwrites = is_made_anew(g, (OpRef){u->file, u->op}, id) ||
                        is_called_while_empty(g, u->function, id, u->level);
    }
}

void uses_collect(Graph *g) {
    if (!g->n_containers) return;
    aliases_follow(g);
    givings_find(g);
    Collecting all = {g, arena_array(g->arena, Arena, g->workers),
                      arena_array(g->arena, FileUses, g->n_files)};
    os_parallel(g->workers, g->n_files, collect_file, &all);
    distribute(g, all.uses);
    for (u32 id = 1; id <= g->n_containers; id++) settle_filled_once(g, id);
    for (u32 i = 0; i < g->workers; i++) arena_free(&all.arenas[i]);
}
