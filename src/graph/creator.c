/* Functions that hand out an instance that they keep: `__new__` of a singleton, `__call__` of its
 * metaclass, `get_instance`, the inner function of a decorator.
 *
 * One pass finds what is made and where it is kept (the slot); a second one, whether the function
 * asks for the slot before it makes another, and whether it returns what the slot holds. */
#include "graph/model.h"

#include <string.h>

enum { CREATOR_OPS = 600, LOCALS_MAX = 8 };

/* A place that can hold the instance. */
typedef struct Slot {
    SlotKind kind;
    PathId base;       /* the owner of the attribute; the container when there is a key */
    StrId name;        /* of the attribute or variable */
    SymbolId variable; /* SLOT_VARIABLE: the owning symbol */
    bool is_container;
    PathId key;
} Slot;

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    CreatorKind kind;
    SymbolId cls;          /* first parameter */
    SymbolId class_symbol; /* owner of the variable that holds the class */
    ClassId class;
    SymbolId fresh[LOCALS_MAX]; /* locals that are bound to what was made */
    u32 n_fresh;
    SymbolId read[LOCALS_MAX]; /* locals that are bound to what the slot holds */
    u8 read_by[LOCALS_MAX];    /* SlotTest */
    u32 n_read;
    OpId made;
    Slot slot;
    OpId store;
} Look;

/* ---- small questions ---- */

static const Op *op_at(const Facts *f, PathId p, OpKind kind) {
    const Path *path = &f->paths[p.i];
    if (path->kind != PATH_OP || f->ops[path->id].kind != kind) return NULL;
    return &f->ops[path->id];
}

static SymbolId plain_symbol(const Facts *f, PathId p) {
    const Path *path = &f->paths[p.i];
    return path->kind == PATH_SYMBOL ? f->symbols[path->id].target : (SymbolId){0};
}

static bool is_among(const SymbolId *list, u32 n, SymbolId s) {
    for (u32 i = 0; s.i && i < n; i++)
        if (list[i].i == s.i) return true;
    return false;
}

static void add_local(SymbolId *list, u32 *n, SymbolId s) {
    if (s.i && *n < LOCALS_MAX && !is_among(list, *n, s)) list[(*n)++] = s;
}

static bool is_cls(const Look *l, PathId p) {
    SymbolId s = plain_symbol(l->f, p);
    return s.i && (s.i == l->cls.i || s.i == l->class_symbol.i);
}

static bool is_name(const Facts *f, StrId name, const char *text) {
    return str_is(facts_str(f, name), text);
}

/* The name of a literal text, or 0. */
static StrId literal(const Facts *f, PathId p) {
    const Path *path = &f->paths[p.i];
    return path->kind == PATH_LITERAL && path->flags == LITERAL_STRING ? (StrId){path->id}
                                                                       : (StrId){0};
}

/* `_B__instance`, as code outside the class has to spell `__instance`. */
static bool is_same_name(const Look *l, StrId attribute, StrId text) {
    if (!attribute.i || !text.i) return false;
    if (attribute.i == text.i) return true;
    Str a = facts_str(l->f, attribute), t = facts_str(l->f, text);
    return str_starts(a, "__") && str_starts(t, "_") && t.n > a.n &&
           str_eq(str_sub(t, t.n - a.n, t.n), a);
}

/* ---- what is made ---- */

/* `self._wrapped`, which the constructor binds to its argument. */
static bool is_given_attribute(const Look *l, PathId callee) {
    const Path *p = &l->f->paths[callee.i];
    if (p->kind != PATH_ATTR || l->f->paths[p->parent.i].kind != PATH_SYMBOL) return false;
    const AttributeDef *def = own_attribute(l->g, l->class, name_hash(l->f, (StrId){p->id}));
    if (!def || def->file != l->file) return false;
    SymbolId value = plain_symbol(l->f, bound_value(l->f, &l->f->ops[def->op.i]));
    const Symbol *symbol = &l->f->symbols[value.i];
    Str scope = facts_str(l->f, l->f->scopes[symbol->scope.i].name);
    return symbol->flags & SYMBOL_PARAM && str_is(scope, "__init__");
}

static bool is_making(const Look *l, const Op *call) {
    PathId callee = op_path(call);
    const Path *p = &l->f->paths[callee.i];
    if (l->kind == CREATOR_NEW || l->kind == CREATOR_CALL) {
        if (p->kind != PATH_ATTR) return false;
        const char *name = l->kind == CREATOR_NEW ? "__new__" : "__call__";
        return is_name(l->f, (StrId){p->id}, name);
    }
    if (l->kind == CREATOR_WRAPPED) return is_given_attribute(l, callee);
    if (is_cls(l, callee)) return true;
    if (p->kind == PATH_ATTR && is_name(l->f, (StrId){p->id}, "__new__")) return true;
    Entity e = entity_of_path(l->g, l->file, callee, RESOLVE_DEPTH);
    return l->class.i && e.kind == ENTITY_CLASS && entity_class(l->g, e).i == l->class.i;
}

static bool is_fresh(const Look *l, PathId value) {
    if (!value.i) return false;
    const Op *call = op_at(l->f, value, OP_CALL);
    if (call) return is_making(l, call);
    const Op *choice = op_at(l->f, value, OP_CHOICE);
    for (u32 i = 0; choice && i < choice->operands; i++)
        if (is_fresh(l, op_operand(l->f, choice, i))) return true;
    return is_among(l->fresh, l->n_fresh, plain_symbol(l->f, value));
}

/* ---- slots ---- */

static SlotKind owner_kind(const Look *l, PathId owner) {
    if (is_cls(l, owner)) return SLOT_CLASS;
    const Path *p = &l->f->paths[owner.i];
    /* `self.__class__._instance`, `type(self)._instance` */
    if (p->kind == PATH_ATTR && is_name(l->f, (StrId){p->id}, "__class__")) return SLOT_CLASS;
    Entity e = entity_of_path(l->g, l->file, owner, RESOLVE_DEPTH);
    return e.kind == ENTITY_CLASS ? SLOT_NAMED : SLOT_OBJECT;
}

static bool is_outer_variable(const Look *l, PathId path) {
    const Path *p = &l->f->paths[path.i];
    if (p->kind != PATH_SYMBOL) return false;
    const Symbol *mention = &l->f->symbols[p->id];
    SymbolId owner = mention->target;
    return owner.i && l->f->symbols[owner.i].scope.i != l->scope.i;
}

/* The place that a path ends in, as a slot that is no container. */
static Slot slot_at(const Look *l, PathId path) {
    const Path *p = &l->f->paths[path.i];
    Slot s = {0};
    if (p->kind == PATH_ATTR) {
        s = (Slot){.kind = owner_kind(l, p->parent), .base = p->parent, .name = {p->id}};
    } else if (is_outer_variable(l, path)) {
        s.kind = SLOT_VARIABLE;
        s.variable = plain_symbol(l->f, path);
        s.name = l->f->symbols[s.variable.i].name;
    }
    return s;
}

static Slot slot_in(const Look *l, PathId container, PathId key) {
    Slot s = slot_at(l, container);
    if (!s.kind) s = slot_at(l, graph_alias_of(l->g, l->file, container));
    if (!s.kind) return s;
    s.is_container = true;
    s.base = container;
    s.key = key;
    return s;
}

/* `setattr(cls, "_instance", made)`, `container.setdefault(key, made)`. */
static Slot slot_of_call(const Look *l, const Op *call) {
    const Facts *f = l->f;
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_ATTR && is_name(f, (StrId){callee->id}, "setdefault") &&
        is_fresh(l, op_operand(f, call, 1)))
        return slot_in(l, callee->parent, op_operand(f, call, 0));
    if (callee->kind == PATH_ATTR && is_name(f, (StrId){callee->id}, "append") &&
        is_fresh(l, op_operand(f, call, 0)))
        return slot_in(l, callee->parent, (PathId){0});
    if (!is_fresh(l, op_operand(f, call, 2))) return (Slot){0};
    if (!str_is(graph_name_of(l->g, l->file, op_path(call)), "builtins.setattr")) return (Slot){0};
    PathId owner = op_operand(f, call, 0);
    StrId name = literal(f, op_operand(f, call, 1));
    return (Slot){.kind = name.i ? owner_kind(l, owner) : SLOT_NONE, .base = owner, .name = name};
}

static Slot slot_of(const Look *l, const Op *op) {
    const Facts *f = l->f;
    if (op->kind == OP_CALL) return slot_of_call(l, op);
    if (op->kind != OP_STORE && op->kind != OP_BIND) return (Slot){0};
    if (!is_fresh(l, bound_value(f, op))) return (Slot){0};
    const Path *p = &f->paths[op->subject];
    if (p->kind == PATH_ANY || p->kind == PATH_CONST)
        return slot_in(l, p->parent, p->kind == PATH_ANY ? bound_key(f, op) : op_path(op));
    return slot_at(l, op_path(op));
}

/* ---- reading the slot ---- */

static bool is_slot_variable(const Look *l, PathId path) {
    return l->slot.variable.i && plain_symbol(l->f, path).i == l->slot.variable.i;
}

static bool is_container_path(const Look *l, PathId path) {
    if (path.i == l->slot.base.i) return true;
    PathId alias = graph_alias_of(l->g, l->file, path);
    return alias.i == graph_alias_of(l->g, l->file, l->slot.base).i;
}

/* `cls.__dict__`, `vars(cls)`. */
static bool is_own_dict(const Look *l, PathId path) {
    const Path *p = &l->f->paths[path.i];
    if (p->kind == PATH_ATTR) return is_name(l->f, (StrId){p->id}, "__dict__");
    const Op *call = op_at(l->f, path, OP_CALL);
    return call && str_is(graph_name_of(l->g, l->file, op_path(call)), "builtins.vars");
}

static SlotTest read_by_call(const Look *l, const Op *call) {
    const Facts *f = l->f;
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_ATTR) {
        Str method = facts_str(f, (StrId){callee->id});
        if (!str_is(method, "get") && !str_is(method, "setdefault")) return SLOT_TEST_NONE;
        if (l->slot.is_container && is_container_path(l, callee->parent)) return SLOT_TEST_KEY;
        bool own = is_own_dict(l, callee->parent);
        return own && is_same_name(l, l->slot.name, literal(f, op_operand(f, call, 0)))
                   ? SLOT_TEST_OWN
                   : SLOT_TEST_NONE;
    }
    if (!is_same_name(l, l->slot.name, literal(f, op_operand(f, call, 1)))) return SLOT_TEST_NONE;
    return str_is(graph_name_of(l->g, l->file, op_path(call)), "builtins.getattr")
               ? SLOT_TEST_IS_NONE
               : SLOT_TEST_NONE;
}

/* Is this the value in the slot, and how was it looked up? SLOT_TEST_NONE when it is not. */
static SlotTest read_of(const Look *l, PathId path) {
    const Facts *f = l->f;
    const Path *p = &f->paths[path.i];
    if (!path.i) return SLOT_TEST_NONE;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) return read_by_call(l, &f->ops[p->id]);
    SymbolId local = plain_symbol(f, path);
    for (u32 i = 0; local.i && i < l->n_read; i++)
        if (l->read[i].i == local.i) return (SlotTest)l->read_by[i];
    if (l->slot.is_container) {
        bool element = p->kind == PATH_ANY || p->kind == PATH_CONST;
        return element && is_container_path(l, p->parent) ? SLOT_TEST_KEY : SLOT_TEST_NONE;
    }
    if (is_slot_variable(l, path)) return SLOT_TEST_IS_NONE;
    bool named = p->kind == PATH_ATTR && is_same_name(l, (StrId){p->id}, l->slot.name);
    return named && owner_kind(l, p->parent) == l->slot.kind ? SLOT_TEST_IS_NONE : SLOT_TEST_NONE;
}

/* What a test says of the slot. */
static SlotTest test_of(const Look *l, const Op *op) {
    const Facts *f = l->f;
    u32 kind = op->flags & OP_LOW;
    PathId side = op_operand(f, op, 0);
    if (kind == TEST_HAS)
        return is_same_name(l, l->slot.name, literal(f, side)) ? SLOT_TEST_HAS : SLOT_TEST_NONE;
    if (kind == TEST_IN) {
        if (l->slot.is_container && is_container_path(l, side)) return SLOT_TEST_KEY;
        bool own = is_own_dict(l, side) && is_same_name(l, l->slot.name, literal(f, op_path(op)));
        return own ? SLOT_TEST_OWN : SLOT_TEST_NONE;
    }
    /* `if not instances:` */
    if (l->slot.is_container && kind == TEST_TRUTH && is_container_path(l, op_path(op)))
        return SLOT_TEST_KEY;
    SlotTest read = read_of(l, op_path(op));
    if (read == SLOT_TEST_IS_NONE && kind != TEST_IS) return SLOT_TEST_TRUTH;
    return read;
}

/* ---- the passes ---- */

static u32 next_op(const Facts *f, u32 i) {
    const Op *op = &f->ops[i];
    bool makes_scope = op_subject((OpKind)op->kind) == SUBJECT_SCOPE;
    return makes_scope ? MAX(i + 1, f->scopes[op->subject].op_end) : i + 1;
}

static u32 last_op(const Facts *f, ScopeId scope) {
    const Scope *s = &f->scopes[scope.i];
    return MIN(s->op_end, s->op_first + CREATOR_OPS);
}

static void find_slot(Look *l) {
    const Facts *f = l->f;
    u32 end = last_op(f, l->scope);
    for (u32 i = f->scopes[l->scope.i].op_first; i < end; i = next_op(f, i)) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL && is_making(l, op)) l->made = (OpId){i};
        Slot slot = slot_of(l, op);
        if (slot.kind && !l->slot.kind) {
            l->slot = slot;
            l->store = (OpId){i};
        }
        bool is_local = op->kind == OP_BIND && !is_outer_variable(l, op_path(op));
        if (is_local && is_fresh(l, bound_value(f, op)))
            add_local(l->fresh, &l->n_fresh, plain_symbol(f, op_path(op)));
    }
}

/* A slot that is tested, and that nothing fills: `if cls._instance is None: … return made`. */
static void find_empty_slot(Look *l) {
    const Facts *f = l->f;
    for (u32 i = f->scopes[l->scope.i].op_first; i < l->made.i; i = next_op(f, i)) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_TEST) continue;
        StrId has = literal(f, op_operand(f, op, 0));
        Slot s = {0};
        if ((op->flags & OP_LOW) == TEST_HAS && is_cls(l, op_path(op)))
            s = (Slot){.kind = SLOT_CLASS, .base = op_path(op), .name = has};
        else if ((op->flags & OP_LOW) <= TEST_IS)
            s = slot_at(l, op_path(op));
        if (s.kind != SLOT_CLASS && s.kind != SLOT_NAMED) continue;
        l->slot = s;
        return;
    }
}

/* Is there a handler of the function for what a missing key or attribute raises? */
static bool is_tried(const Look *l, const Op *op) {
    for (RegionId r = op->region; r.i; r = l->f->regions[r.i].parent) {
        if (l->f->regions[r.i].scope.i != l->scope.i) return false;
        if (l->f->regions[r.i].kind == REGION_TRY) return true;
    }
    return false;
}

static SlotTest asked_by(Look *l, u32 i, bool *returned) {
    const Facts *f = l->f;
    const Op *op = &f->ops[i];
    SlotTest bound = SLOT_TEST_NONE;
    switch (op->kind) {
    case OP_TEST:
        return test_of(l, op);
    case OP_CHOICE:
        for (u32 k = 0; k < op->operands && !bound; k++)
            if (read_of(l, op_operand(f, op, k))) bound = SLOT_TEST_TRUTH;
        return bound;
    case OP_BIND:
        bound = read_of(l, bound_value(f, op));
        if (bound && l->n_read < LOCALS_MAX) {
            l->read_by[l->n_read] = (u8)bound;
            add_local(l->read, &l->n_read, plain_symbol(f, op_path(op)));
        }
        return bound && is_tried(l, op) ? SLOT_TEST_MISSING : SLOT_TEST_NONE;
    case OP_CALL: /* setdefault asks and fills at once */
        return i == l->store.i && l->slot.is_container && l->slot.key.i ? SLOT_TEST_KEY
                                                                        : SLOT_TEST_NONE;
    case OP_RETURN:
        if (!read_of(l, op_operand(f, op, 0))) return SLOT_TEST_NONE;
        *returned = true;
        return is_tried(l, op) && (OpId){i}.i < l->made.i ? SLOT_TEST_MISSING : SLOT_TEST_NONE;
    default:
        return SLOT_TEST_NONE;
    }
}

/* What the key is made of. */
static SlotKey key_of(const Look *l, PathId key, u32 depth) {
    const Facts *f = l->f;
    key = graph_alias_of(l->g, l->file, key);
    const Path *root = facts_root(f, key);
    if (!key.i || !depth) return KEY_OTHER;
    if (root->kind == PATH_LITERAL) return KEY_CONSTANT;
    if (root->kind == PATH_SYMBOL) {
        SymbolId s = f->symbols[root->id].target;
        if (s.i && (s.i == l->cls.i || s.i == l->class_symbol.i)) return KEY_CLASS;
        bool parameter = s.i && f->symbols[s.i].flags & SYMBOL_PARAM;
        return parameter && f->symbols[s.i].scope.i == l->scope.i ? KEY_ARGUMENTS : KEY_OTHER;
    }
    const Op *op = root->kind == PATH_OP ? &f->ops[root->id] : NULL;
    SlotKey worst = op && op->operands ? KEY_CONSTANT : KEY_OTHER;
    for (u32 i = 0; op && i < op->operands; i++) {
        SlotKey k = key_of(l, op_operand(f, op, i), depth - 1);
        if (k == KEY_ARGUMENTS) return k;
        worst = MAX(worst, k);
    }
    /* `args.items()` */
    if (op && op->kind == OP_CALL && f->paths[op->subject].kind == PATH_ATTR &&
        key_of(l, f->paths[op->subject].parent, depth - 1) == KEY_ARGUMENTS)
        return KEY_ARGUMENTS;
    return worst;
}

/* ---- locks ---- */

static bool is_lock(const Look *l, PathId manager) {
    const Op *call = op_at(l->f, manager, OP_CALL);
    if (call) manager = op_path(call);
    const Path *p = &l->f->paths[manager.i];
    StrId name = p->kind == PATH_ATTR     ? (StrId){p->id}
                 : p->kind == PATH_SYMBOL ? l->f->symbols[p->id].name
                                          : (StrId){0};
    Str text = facts_str(l->f, name);
    static const char *const WORDS[] = {"lock", "Lock", "LOCK", "mutex", "MUTEX", "guard"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_contains(text, WORDS[i])) return true;
    return str_starts(graph_maker_of(l->g, l->file, manager), "threading.");
}

/* The outermost `with lock:` around an operation, or none. */
static RegionId lock_around(const Look *l, OpId op) {
    const Facts *f = l->f;
    RegionId found = {0};
    for (RegionId r = f->ops[op.i].region; r.i; r = f->regions[r.i].parent) {
        const Region *region = &f->regions[r.i];
        if (region->scope.i != l->scope.i) break;
        if (region->kind != REGION_WITH) continue;
        for (u32 i = f->scopes[l->scope.i].op_first; i < op.i; i++)
            if (f->ops[i].kind == OP_ENTER && f->ops[i].region.i == r.i &&
                is_lock(l, op_path(&f->ops[i])))
                found = r;
    }
    return found;
}

/* `lock.acquire()` before the test. */
static bool is_acquired(const Look *l, OpId before) {
    const Facts *f = l->f;
    for (u32 i = f->scopes[l->scope.i].op_first; i < before.i; i = next_op(f, i)) {
        const Path *callee = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind == OP_CALL && callee->kind == PATH_ATTR &&
            is_name(f, (StrId){callee->id}, "acquire"))
            return true;
    }
    return false;
}

/* ---- the question ---- */

static Str slot_name(const Look *l) {
    if (l->slot.name.i) return facts_str(l->f, l->slot.name);
    return (Str){0};
}

static bool is_weak_container(const Look *l) {
    if (!l->slot.is_container) return false;
    ContainerKind kind =
        graph_made_kind(l->g, l->file, graph_alias_of(l->g, l->file, l->slot.base));
    if (kind == CONTAINER_WEAK) return true;
    Str made = graph_maker_of(l->g, l->file, l->slot.base);
    if (!made.n && l->class.i && l->slot.name.i)
        return graph_attribute_is_weak(l->g, l->class, slot_name(l));
    return str_starts(made, "weakref.");
}

static void ask(Look *l, Creator *c) {
    const Facts *f = l->f;
    bool returned = false;
    RegionId lock = lock_around(l, l->store);
    u32 end = last_op(f, l->scope);
    for (u32 i = f->scopes[l->scope.i].op_first; i < end; i = next_op(f, i)) {
        SlotTest asked = asked_by(l, i, &returned);
        if (!asked) continue;
        if (!c->test || asked > c->test) c->test = asked;
        if (!c->test_op.i) c->test_op = (OpId){i};
        if (lock.i && region_is_within(f, f->ops[i].region, lock)) c->is_locked = true;
    }
    if (c->test_op.i && is_acquired(l, c->test_op)) c->is_locked = true;
    if (!returned) c->test = SLOT_TEST_NONE;
}

Creator graph_creator(const Graph *g, ScopeRef function, CreatorKind kind, SymbolId class_symbol,
                      ClassId class) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    Look l = {.g = g,
              .file = function.file,
              .f = f,
              .scope = function.scope,
              .kind = kind,
              .class_symbol = class_symbol,
              .class = class};
    bool takes_class = kind == CREATOR_NEW || kind == CREATOR_CALL ||
                       graph_method_kind(g, function) == METHOD_CLASS;
    if (takes_class && scope->param_first < scope->param_end)
        l.cls = f->params[scope->param_first].symbol;
    Creator c = {0};
    find_slot(&l);
    if (!l.made.i) return c;
    if (!l.slot.kind) {
        find_empty_slot(&l);
        c.is_always_fresh = l.slot.kind != SLOT_NONE;
        l.store = l.made;
    }
    if (!l.slot.kind) return c;
    ask(&l, &c);
    if (!c.test) return (Creator){0};
    c.function = function;
    c.slot = l.slot.kind;
    c.name = slot_name(&l);
    c.container = l.slot.base;
    c.key = l.slot.key;
    if (l.slot.is_container) {
        const Path *key = &f->paths[l.slot.key.i];
        bool is_fixed = key->kind == PATH_CONST || !l.slot.key.i;
        c.key_kind = is_fixed ? KEY_CONSTANT : key_of(&l, l.slot.key, 4);
    }
    bool by_thread = str_is(graph_maker_of(g, l.file, l.slot.base), "threading.local");
    if (by_thread && c.key_kind != KEY_ARGUMENTS) c.key_kind = KEY_OTHER;
    c.made = l.made;
    c.store = l.store;
    c.is_weakly_kept = is_weak_container(&l);
    return c;
}
