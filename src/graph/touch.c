/* Who does what to which attribute: one pass over the operations of all files, in parallel.
 *
 * A path reaches an attribute when it begins with `self.x`, with a receiver whose class is known,
 * or with a local variable, a loop variable or a call that leads there. What a path reaches is
 * found once a file. The records are joined in the order of the files and sorted by attribute. */
#include "graph/guard.h"

#include "os/os.h"

#include <string.h>

enum { REACH_DEPTH = 12 };

/* What methods know/ speaks of, by name. */
enum {
    VERB_METHOD = 1 << 0,  /* of a container, or one that releases */
    VERB_REMOVES = 1 << 1, /* of a container of unknown kind */
    VERB_CHANGES = 1 << 2, /* adds or removes, for some kind, or releases */
};

/* What a path denotes. */
typedef enum ReachState { REACH_NEW, REACH_BUSY, REACH_NOTHING, REACH_SELF, REACH_HELD } ReachState;
typedef struct Reach {
    u32 id; /* REACH_SELF: the class, REACH_HELD: index of FileTouches.attributes */
    u8 state;
    u8 level;
    u8 flags; /* TOUCH_* */
} Reach;

/* An attribute as one file knows it. */
typedef struct LocalAttribute {
    ClassId owner;
    StrId name;
    u64 key;
} LocalAttribute;

typedef struct FileTouches {
    VEC(LocalAttribute) attributes; /* [0] is empty */
    VEC(Touch) touches;
    VEC(u64) removed; /* attribute names that something of unknown type is removed from */
} FileTouches;

typedef struct Pass {
    const Graph *g;
    Arena *arena, *scratch;
    const Map *verbs;
    u32 file;
    const Facts *f;
    FileTouches *out;
    Reach *reaches; /* by path */
    Map known;      /* attribute_key -> index of out->attributes */
    Map stored;     /* operation that makes a container, or variable of one: stored_key -> the first
                       store of it in an attribute of self */
} Pass;

static const Reach NOTHING = {.state = REACH_NOTHING};

/* ---- what a path reaches ---- */

static Reach reach(Pass *p, PathId path, u32 depth);
static Reach whole(Pass *p, PathId path);

static Reach attribute_of(Pass *p, ClassId c, StrId name, u32 flags) {
    u64 key = attribute_key(c, name_hash(p->f, name));
    u32 index = map_get(&p->known, key);
    if (!index) {
        vec_push(p->arena, &p->out->attributes, (LocalAttribute){c, name, key});
        index = p->out->attributes.n - 1;
        map_set(p->scratch, &p->known, key, index);
    }
    return (Reach){.id = index, .state = REACH_HELD, .flags = (u8)flags};
}

/* ---- one container under two names: `self.jobs = jobs = []` ---- */

static u64 stored_key(PathKind kind, u32 id) {
    return (u64)kind << 32 | id;
}

/* A display, or a call that makes a container: what a variable and an attribute share. */
static bool makes_container(const Pass *p, PathId value) {
    const Path *made = &p->f->paths[value.i];
    const Op *op = made->kind == PATH_OP ? &p->f->ops[made->id] : NULL;
    if (!op) return false;
    bool is_display = op->kind == OP_LIST || op->kind == OP_SET || op->kind == OP_DICT;
    return is_display ||
           (op->kind == OP_CALL && know_constructor(graph_name_of(p->g, p->file, op_path(op))));
}

/* The variable of a function, bound once, to a new container. */
static SymbolId made_variable(const Pass *p, const Path *path) {
    SymbolId owner = path->kind == PATH_SYMBOL ? p->f->symbols[path->id].target : (SymbolId){0};
    const Symbol *s = &p->f->symbols[owner.i];
    if (!owner.i || s->binds != 1 || s->flags & SYMBOL_PARAM || !s->bind.i) return (SymbolId){0};
    const Op *bind = &p->f->ops[s->bind.i];
    bool is_plain = bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN &&
                    p->f->scopes[s->scope.i].kind == SCOPE_FUNCTION;
    return is_plain && makes_container(p, bound_value(p->f, bind)) ? owner : (SymbolId){0};
}

/* `self.jobs = jobs = []`, or `self.jobs = jobs` where `jobs = []` */
static void find_stored(Pass *p) {
    for (u32 i = 1; i < p->f->n_ops; i++) {
        const Op *op = &p->f->ops[i];
        const Path *subject = &p->f->paths[op->kind == OP_STORE ? op->subject : 0];
        if (subject->kind != PATH_ATTR || p->f->paths[subject->parent.i].kind != PATH_SYMBOL)
            continue;
        const Path *value = &p->f->paths[bound_value(p->f, op).i];
        if (value->kind != PATH_OP && value->kind != PATH_SYMBOL) continue;
        if (reach(p, subject->parent, 2).state != REACH_SELF) continue;
        bool is_variable = value->kind == PATH_SYMBOL;
        u32 id = is_variable ? made_variable(p, value).i : value->id;
        u64 key = stored_key((PathKind)value->kind, id);
        if (id && !map_get(&p->stored, key)) map_set(p->scratch, &p->stored, key, i);
    }
}

/* What the container in a variable is an attribute of, or nothing. */
static Reach reach_stored(Pass *p, SymbolId variable, PathId value, u32 depth) {
    const Facts *f = p->f;
    const Path *made = &f->paths[value.i];
    u32 store = map_get(&p->stored, stored_key(PATH_SYMBOL, variable.i));
    if (!store && made->kind == PATH_OP) store = map_get(&p->stored, stored_key(PATH_OP, made->id));
    if (!store || !makes_container(p, value)) return NOTHING;
    return reach(p, op_path(&f->ops[store]), depth - 1);
}

/* `self` and `cls`, or a local variable that is bound once, by a loop too. */
static Reach reach_symbol(Pass *p, const Path *path, u32 depth) {
    const Facts *f = p->f;
    SymbolId owner = f->symbols[path->id].target;
    const Symbol *s = &f->symbols[owner.i];
    if (!owner.i) return NOTHING;
    if (s->flags & SYMBOL_PARAM) {
        bool is_class;
        ClassId c = self_class(p->g, p->file, owner, &is_class);
        return c.i ? (Reach){c.i, REACH_SELF, 0, is_class ? TOUCH_CLASS : 0} : NOTHING;
    }
    if (s->binds != 1 || f->scopes[s->scope.i].kind == SCOPE_MODULE) return NOTHING;
    const Op *op = &f->ops[s->bind.i];
    u32 bind = op->flags & OP_LOW;
    if (op->kind != OP_BIND || bind == BIND_IMPORT || bind == BIND_FUNCTION || bind == BIND_CLASS)
        return NOTHING;
    Reach r = reach(p, bound_value(f, op), depth - 1);
    if (r.state != REACH_HELD && bind == BIND_ASSIGN)
        r = reach_stored(p, owner, bound_value(f, op), depth);
    if (r.state == REACH_HELD) r.flags |= TOUCH_ALIAS;
    return r;
}

static bool is_call_of(const Pass *p, const Op *op, const char *name) {
    return op->kind == OP_CALL && op->operands == 1 &&
           str_is(graph_name_of(p->g, p->file, op_path(op)), name);
}

/* `owner.attr`: by the class that the receiver is known to be of. */
static ClassId receiver_class(const Pass *p, PathId receiver, u32 *flags) {
    const Facts *f = p->f;
    const Path *path = &f->paths[receiver.i];
    *flags = TOUCH_OTHER;
    if (path->kind == PATH_LITERAL) return (ClassId){0};
    Entity e = entity_of_path(p->g, p->file, receiver, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) {
        *flags |= TOUCH_CLASS;
        return entity_class(p->g, e);
    }
    if (e.kind == ENTITY_MODULE || e.kind == ENTITY_EXTERNAL || e.kind == ENTITY_FUNCTION)
        return (ClassId){0};
    PathId instance = {0};
    if (path->kind == PATH_ATTR && str_is(facts_str(f, (StrId){path->id}), "__class__"))
        instance = path->parent;
    else if (path->kind == PATH_OP && is_call_of(p, &f->ops[path->id], "builtins.type"))
        instance = op_operand(f, &f->ops[path->id], 0);
    if (instance.i) *flags |= TOUCH_CLASS;
    return type_of_path(p->g, p->file, instance.i ? instance : receiver, RESOLVE_DEPTH);
}

static Reach reach_attribute(Pass *p, const Path *path, u32 depth) {
    Reach base = p->f->paths[path->parent.i].kind == PATH_SYMBOL ? reach(p, path->parent, depth - 1)
                                                                 : NOTHING;
    StrId name = {path->id};
    if (base.state == REACH_SELF) return attribute_of(p, (ClassId){base.id}, name, base.flags);
    u32 flags;
    ClassId c = receiver_class(p, path->parent, &flags);
    return c.i ? attribute_of(p, c, name, flags) : NOTHING;
}

/* What a call leads to: an element, a view, a copy. */
static Reach reach_call(Pass *p, const Op *op, u32 depth) {
    const Facts *f = p->f;
    const Path *callee = &f->paths[op->subject];
    if (callee->kind == PATH_ATTR && map_get(p->verbs, name_hash(f, (StrId){callee->id}))) {
        Str method = facts_str(f, (StrId){callee->id});
        const MethodRow *row = know_method(method);
        if (!row || !(row->flags & (METHOD_ELEMENT | METHOD_ELEMENTS))) return NOTHING;
        Reach r = reach(p, callee->parent, depth - 1);
        if (r.state != REACH_HELD) return NOTHING;
        r.flags |= TOUCH_ALIAS;
        if (row->flags & METHOD_ELEMENT)
            r.level++;
        else
            r.flags |= str_ends(method, "items") ? TOUCH_VIEW | TOUCH_PAIRS : TOUCH_VIEW;
        return r;
    }
    if (!op->operands) return NOTHING;
    /* list(self.x), sorted(self.x.items()), copy.copy(self.x) */
    Reach r = callee->kind == PATH_SYMBOL ? reach(p, op_operand(f, op, 0), depth - 1)
                                          : whole(p, op_operand(f, op, 0));
    if (r.state != REACH_HELD) return NOTHING;
    const CallRow *row = know_call(graph_name_of(p->g, p->file, op_path(op)));
    if (!row || !(row->flags & (CALL_COPY | CALL_LAZY))) return NOTHING;
    r.flags |= TOUCH_VIEW | TOUCH_ALIAS;
    return r;
}

/* The element that an index denotes; of a pair's view, the pair, and of the pair its value. */
static Reach reach_element(Pass *p, const Path *path, u32 depth) {
    Reach r = reach(p, path->parent, depth - 1);
    if (r.state != REACH_HELD) return NOTHING;
    if (r.flags & TOUCH_PAIRS) {
        if (r.flags & TOUCH_VIEW) {
            r.flags &= (u8)~TOUCH_VIEW;
            return r;
        }
        r.flags &= (u8)~TOUCH_PAIRS;
        if (path->kind != PATH_CONST || !str_is(facts_str(p->f, (StrId){path->id}), "1"))
            return NOTHING;
        r.level++;
        return r;
    }
    if (path->kind == PATH_ANY && path->flags == PATH_SLICE) {
        r.flags |= TOUCH_VIEW | TOUCH_ALIAS;
        return r;
    }
    r.flags &= (u8)~TOUCH_VIEW;
    r.level++;
    return r;
}

static Reach reach_op(Pass *p, const Op *op, u32 depth) {
    switch (op->kind) {
    case OP_LOAD:
        return reach(p, op_path(op), depth - 1);
    case OP_CALL:
        return reach_call(p, op, depth);
    case OP_CHOICE: {
        Reach r = reach(p, op_operand(p->f, op, 0), depth - 1);
        if (r.state != REACH_HELD) r = reach(p, op_operand(p->f, op, 1), depth - 1);
        if (r.state == REACH_HELD) r.flags |= TOUCH_ALIAS;
        return r;
    }
    default:
        return NOTHING;
    }
}

static Reach reach(Pass *p, PathId path, u32 depth) {
    const Path *at = &p->f->paths[path.i];
    Reach *known = &p->reaches[path.i];
    if (known->state > REACH_BUSY) return *known;
    if (!path.i || !depth || known->state == REACH_BUSY) return NOTHING;
    known->state = REACH_BUSY;
    Reach r = NOTHING;
    switch (at->kind) {
    case PATH_SYMBOL:
        r = reach_symbol(p, at, depth);
        break;
    case PATH_ATTR:
        r = reach_attribute(p, at, depth);
        break;
    case PATH_CONST:
    case PATH_ANY:
        r = reach_element(p, at, depth);
        break;
    case PATH_OP:
        r = reach_op(p, &p->f->ops[at->id], depth);
        break;
    default:
        break;
    }
    *known = r;
    return r;
}

static Reach held(Pass *p, PathId path) {
    Reach r = reach(p, path, REACH_DEPTH);
    return r.state == REACH_HELD ? r : NOTHING;
}

/* The attribute of self whose whole value a path is, itself or through a variable: no types are
 * looked up for the many operands that are none. */
static Reach whole(Pass *p, PathId path) {
    const Facts *f = p->f;
    const Path *at = &f->paths[path.i];
    if (at->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[at->id].target.i];
        if (s->binds != 1 || s->flags & SYMBOL_PARAM || !s->bind.i) return NOTHING;
        const Op *op = &f->ops[s->bind.i];
        if (op->kind != OP_BIND || (op->flags & OP_LOW) != BIND_ASSIGN) return NOTHING;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind == PATH_OP && made_variable(p, at).i) return held(p, path);
        if (value->kind != PATH_ATTR || f->paths[value->parent.i].kind != PATH_SYMBOL)
            return NOTHING;
        if (reach(p, value->parent, 2).state != REACH_SELF) return NOTHING;
        return held(p, path);
    }
    if (at->kind != PATH_ATTR || f->paths[at->parent.i].kind != PATH_SYMBOL) return NOTHING;
    return reach(p, at->parent, 2).state == REACH_SELF ? held(p, path) : NOTHING;
}

/* ---- touches ---- */

static void add(Pass *p, Reach r, TouchKind kind, u32 op, u32 operand) {
    Touch t = {r.id, p->file, {op}, (u8)kind, r.level, r.flags, (u8)MIN(operand, 255u)};
    vec_push(p->arena, &p->out->touches, t);
}

/* `x.name.pop()` where nobody can tell what x is: it may be any attribute of that name. */
static void note_removed_name(Pass *p, PathId path) {
    const Path *receiver = &p->f->paths[path.i];
    while (receiver->kind == PATH_ANY || receiver->kind == PATH_CONST)
        receiver = &p->f->paths[receiver->parent.i];
    if (receiver->kind != PATH_ATTR) return;
    EntityKind kind = entity_of_path(p->g, p->file, receiver->parent, RESOLVE_DEPTH).kind;
    if (kind == ENTITY_MODULE || kind == ENTITY_CLASS || kind == ENTITY_FUNCTION) return;
    vec_push(p->arena, &p->out->removed, name_hash(p->f, (StrId){receiver->id}));
}

/* `instances: list` in the body of a class: some other class gives it a value. */
static bool is_only_declared(const Graph *g, ClassId owner, SymbolId member) {
    const Facts *f = g->files[g->classes[owner.i].file].facts;
    const Op *bind = &f->ops[f->symbols[member.i].bind.i];
    return bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_DECLARE;
}

/* The class of the receiver (a protocol, a base, a class that is mixed in) does not have the
 * attribute: what is removed there is removed from some other class. */
static void note_undeclared(Pass *p, Reach r, PathId path) {
    const LocalAttribute *a = &p->out->attributes.v[r.id];
    u64 name = name_hash(p->f, a->name);
    ClassId owner;
    if (class_attribute(p->g, a->owner, name, &owner)) return;
    SymbolId member = class_member(p->g, a->owner, name, &owner);
    bool is_here = member.i && !is_only_declared(p->g, owner, member);
    if (!is_here && r.flags & (TOUCH_OTHER | TOUCH_CLASS)) note_removed_name(p, path);
}

/* `waiting = self.a if first else self.b`: what is removed goes from either. */
static void note_removed_choice(Pass *p, PathId path) {
    path = graph_alias_of(p->g, p->file, path);
    const Path *at = &p->f->paths[path.i];
    if (at->kind != PATH_OP || p->f->ops[at->id].kind != OP_CHOICE) return;
    for (u32 k = 0; k < p->f->ops[at->id].operands; k++)
        note_removed_name(p, op_operand(p->f, &p->f->ops[at->id], k));
}

static void touch_method(Pass *p, u32 i, const Path *callee, u32 flags, u32 operand) {
    u32 verb = map_get(p->verbs, name_hash(p->f, (StrId){callee->id}));
    if (!(verb & VERB_CHANGES)) return;
    Reach r = held(p, callee->parent);
    if (r.state == REACH_HELD) {
        r.flags |= (u8)flags;
        add(p, r, TOUCH_METHOD, i, operand);
        if (verb & VERB_REMOVES) note_undeclared(p, r, callee->parent);
        if (verb & VERB_REMOVES && r.flags & TOUCH_ALIAS) note_removed_choice(p, callee->parent);
    } else if (verb & VERB_REMOVES) {
        note_removed_name(p, callee->parent);
    }
}

static void touch_operands(Pass *p, u32 i, const Op *op, TouchKind kind) {
    for (u32 k = 0; k < op->operands; k++) {
        Operand o = p->f->operands[op->operand + k];
        const Path *path = &p->f->paths[o.path.i];
        if (path->kind != PATH_ATTR && path->kind != PATH_SYMBOL) continue;
        bool star = operand_kind(o) == OPERAND_STAR || operand_kind(o) == OPERAND_DOUBLE_STAR;
        Reach r = star ? NOTHING : whole(p, o.path);
        if (r.state == REACH_HELD)
            add(p, r, kind, i, k);
        else if (path->kind == PATH_ATTR)
            touch_method(p, i, path, TOUCH_VALUE, k);
    }
}

static void touch_call(Pass *p, u32 i, const Op *op) {
    const Path *callee = &p->f->paths[op->subject];
    if (callee->kind == PATH_SYMBOL)
        callee = &p->f->paths[graph_alias_of(p->g, p->file, op_path(op)).i];
    if (callee->kind == PATH_ATTR) touch_method(p, i, callee, 0, 0);
    touch_operands(p, i, op, TOUCH_PASS);
    if (callee->kind != PATH_ATTR || !str_is(facts_str(p->f, (StrId){callee->id}), "close")) return;
    Reach r = op->operands == 1 ? held(p, op_operand(p->f, op, 0)) : NOTHING;
    bool is_element = r.state == REACH_HELD && r.level; /* `for end in self.pipe: os.close(end)` */
    if (is_element) add(p, r, TOUCH_PASS, i, 0);
}

static void touch_store(Pass *p, u32 i, const Op *op) {
    const Path *subject = &p->f->paths[op->subject];
    PathId value = bound_value(p->f, op);
    Reach r = held(p, subject->kind == PATH_ATTR ? op_path(op) : subject->parent);
    if (r.state == REACH_HELD)
        add(p, r, subject->kind == PATH_ATTR ? TOUCH_SET : TOUCH_ITEM_SET, i, 0);
    else if (subject->kind == PATH_ATTR && !app_state_key(p->f, subject))
        note_removed_name(p, op_path(op));
    Reach kept = whole(p, value);
    if (kept.state == REACH_HELD && kept.id != r.id) add(p, kept, TOUCH_KEEP, i, 0);
    if (p->f->paths[value.i].kind == PATH_ATTR && kept.state != REACH_HELD)
        touch_method(p, i, &p->f->paths[value.i], TOUCH_VALUE, 0);
}

/* A variable of the module, or one that is bound several times: it is not followed. */
static void touch_bind(Pass *p, u32 i, const Op *op) {
    SymbolId owner = facts_root_symbol(p->f, op_path(op));
    u32 bind = op->flags & OP_LOW;
    if (!owner.i || (bind != BIND_ASSIGN && bind != BIND_WALRUS)) return;
    const Symbol *s = &p->f->symbols[owner.i];
    if (s->binds == 1 && p->f->scopes[s->scope.i].kind != SCOPE_MODULE) return;
    Reach kept = whole(p, bound_value(p->f, op));
    if (kept.state == REACH_HELD) add(p, kept, TOUCH_KEEP, i, 0);
}

static void touch_subject(Pass *p, u32 i, const Op *op, TouchKind attribute, TouchKind item) {
    const Path *subject = &p->f->paths[op->subject];
    bool is_item = subject->kind == PATH_ANY || subject->kind == PATH_CONST;
    if (!is_item && subject->kind != PATH_ATTR) {
        if (op->kind != OP_AUGMENT || subject->kind != PATH_SYMBOL) return;
        Reach r = held(p, op_path(op)); /* jobs = self.jobs; jobs += … */
        if (r.state == REACH_HELD && !r.level) add(p, r, attribute, i, 0);
        return;
    }
    Reach r = held(p, is_item ? subject->parent : op_path(op));
    bool removes = op->kind == OP_DELETE && is_item;
    if (r.state == REACH_HELD) {
        add(p, r, is_item ? item : attribute, i, 0);
        if (removes) note_undeclared(p, r, subject->parent);
    } else if (removes) {
        note_removed_name(p, subject->parent);
    }
}

static void touch_read(Pass *p, u32 i, const Op *op) {
    const Path *subject = &p->f->paths[op->subject];
    if (subject->kind != PATH_ANY && subject->kind != PATH_CONST) return;
    Reach r = whole(p, subject->parent);
    if (r.state == REACH_HELD) add(p, r, TOUCH_ITEM_READ, i, 0);
}

/* `len(self.x) > n` */
static void touch_length(Pass *p, u32 i, PathId side) {
    const Path *path = &p->f->paths[side.i];
    if (path->kind == PATH_SYMBOL) path = &p->f->paths[graph_alias_of(p->g, p->file, side).i];
    if (path->kind != PATH_OP) return;
    const Op *call = &p->f->ops[path->id];
    if (call->kind != OP_CALL || call->operands != 1) return;
    Reach r = held(p, op_operand(p->f, call, 0));
    if (r.state == REACH_HELD && is_call_of(p, call, "builtins.len") &&
        length_is_bound(p->g, p->file, i, side, op_operand(p->f, call, 0)))
        add(p, r, TOUCH_LENGTH, i, 0);
}

static void touch_comparison(Pass *p, u32 i, const Op *op) {
    u32 kind = op->flags & OP_LOW;
    if (op->kind == OP_TEST && kind != TEST_ORDER && kind != TEST_EQUAL) return;
    if (op->kind == OP_TEST) touch_length(p, i, op_path(op));
    for (u32 k = 0; k < op->operands; k++) touch_length(p, i, op_operand(p->f, op, k));
}

/* `def handler(event, after=self.after)`: the function may do anything with it. */
static void touch_defaults(Pass *p, u32 i, const Op *op) {
    const Scope *scope = &p->f->scopes[op->subject];
    for (u32 k = scope->param_first; k < scope->param_end; k++) {
        PathId fallback = p->f->params[k].fallback;
        PathKind kind = (PathKind)p->f->paths[fallback.i].kind;
        if (kind != PATH_ATTR && kind != PATH_SYMBOL) continue;
        Reach r = whole(p, fallback);
        if (r.state == REACH_HELD) add(p, r, TOUCH_KEEP, i, 0);
    }
}

static void touch_op(Pass *p, u32 i) {
    const Op *op = &p->f->ops[i];
    switch (op->kind) {
    case OP_CALL:
        touch_call(p, i, op);
        break;
    case OP_STORE:
        touch_store(p, i, op);
        break;
    case OP_BIND:
        touch_bind(p, i, op);
        break;
    case OP_AUGMENT:
        touch_subject(p, i, op, TOUCH_AUGMENT, TOUCH_ITEM_AUGMENT);
        break;
    case OP_DELETE:
        touch_subject(p, i, op, TOUCH_DELETE, TOUCH_ITEM_DELETE);
        break;
    case OP_LOAD:
        touch_read(p, i, op);
        break;
    case OP_TEST:
    case OP_COMPARE:
        touch_comparison(p, i, op);
        break;
    case OP_ENTER: {
        Reach r = whole(p, op_path(op));
        if (r.state == REACH_HELD) add(p, r, TOUCH_ENTER, i, 0);
        break;
    }
    case OP_FUNCTION:
    case OP_LAMBDA:
        touch_defaults(p, i, op);
        break;
    case OP_RETURN:
    case OP_YIELD:
        touch_operands(p, i, op, TOUCH_RETURN);
        break;
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        touch_operands(p, i, op, TOUCH_SHOW);
        break;
    default:
        break;
    }
}

/* ---- all files ---- */

/* Methods that release what is in no table: by habit. */
static const char *const RELEASES[] = {
    "aclose", "cancel",  "close",    "destroy", "disconnect", "dispose",    "join",
    "kill",   "release", "shutdown", "stop",    "terminate",  "unregister", "unsubscribe"};

static void add_verb(Arena *arena, Map *verbs, Str name, u32 bits) {
    u64 key = hash_str(name);
    map_set(arena, verbs, key, map_get(verbs, key) | bits);
}

static void find_verbs(Arena *arena, Map *verbs) {
    u32 n;
    const MethodRow *methods = know_methods(&n);
    for (u32 i = 0; i < n; i++) {
        bool changes = methods[i].effect != METHOD_READS;
        bool removes = changes && methods[i].effect != METHOD_ADDS && !methods[i].kinds;
        add_verb(arena, verbs, str_from(methods[i].method),
                 VERB_METHOD | (changes ? VERB_CHANGES : 0) | (removes ? VERB_REMOVES : 0));
    }
    const ResourceRow *resources = know_resources(&n);
    for (u32 i = 0; i < n; i++)
        for (Str rest = str_from(resources[i].releases); rest.n;) {
            i64 comma = str_find(rest, ',');
            u32 end = comma < 0 ? rest.n : (u32)comma;
            add_verb(arena, verbs, str_sub(rest, 0, end), VERB_METHOD | VERB_CHANGES);
            rest = str_sub(rest, MIN(end + 1, rest.n), rest.n);
        }
    for (u32 i = 0; i < ARRAY_LEN(RELEASES); i++)
        add_verb(arena, verbs, str_from(RELEASES[i]), VERB_METHOD | VERB_CHANGES);
}

typedef struct Passes {
    const Graph *g;
    Map verbs;
    Arena *arenas, *scratch; /* by worker */
    FileTouches *files;
} Passes;

static void collect_file(void *context, u32 worker, u32 file) {
    Passes *all = context;
    const Facts *f = all->g->files[file].facts;
    Arena *scratch = &all->scratch[worker];
    ArenaMark mark = arena_mark(scratch);
    Pass p = {.g = all->g,
              .arena = &all->arenas[worker],
              .scratch = scratch,
              .verbs = &all->verbs,
              .file = file,
              .f = f,
              .out = &all->files[file],
              .reaches = arena_array(scratch, Reach, f->n_paths)};
    vec_push(p.arena, &p.out->attributes, (LocalAttribute){0});
    find_stored(&p);
    for (u32 i = 1; i < f->n_ops; i++) touch_op(&p, i);
    arena_rewind(scratch, mark);
}

/* Project-wide ids of one file's attributes, in the order in which they are met. */
static void number_attributes(Graph *g, u32 file, FileTouches *in, u32 *ids) {
    for (u32 i = 1; i < in->attributes.n; i++) {
        const LocalAttribute *a = &in->attributes.v[i];
        ids[i] = map_get(&g->touched_of, a->key);
        if (ids[i]) continue;
        ids[i] = ++g->n_touched;
        g->touched[ids[i]] = (Touched){.owner = a->owner, .file = file, .name = a->name};
        map_set(g->arena, &g->touched_of, a->key, ids[i]);
        u64 name = name_hash(g->files[file].facts, a->name);
        g->touched[ids[i]].next_of_name = map_get(&g->touched_named, name);
        map_set(g->arena, &g->touched_named, name, ids[i]);
        ClassNode *c = &g->classes[a->owner.i];
        if (c->last_touched)
            g->touched[c->last_touched].next_of_class = ids[i];
        else
            c->first_touched = ids[i];
        c->last_touched = ids[i];
    }
}

static void join(Graph *g, FileTouches *files) {
    u32 most = 1;
    Arena scratch = {0};
    for (u32 file = 0; file < g->n_files; file++) {
        most += files[file].attributes.n;
        g->n_touches += files[file].touches.n;
    }
    g->touched = arena_array(g->arena, Touched, most);
    g->touches = arena_array(g->arena, Touch, g->n_touches);
    u32 *ids = arena_array(&scratch, u32, most);
    for (u32 file = 0; file < g->n_files; file++) {
        FileTouches *in = &files[file];
        number_attributes(g, file, in, ids);
        for (u32 i = 0; i < in->touches.n; i++) {
            in->touches.v[i].attribute = ids[in->touches.v[i].attribute];
            g->touched[in->touches.v[i].attribute].n++;
        }
        for (u32 i = 0; i < in->removed.n && !g->files[file].is_test; i++)
            map_set(g->arena, &g->removed_attributes, in->removed.v[i], 1);
    }
    u32 at = 0;
    for (u32 id = 1; id <= g->n_touched; id++) {
        g->touched[id].first = at;
        at += g->touched[id].n;
        g->touched[id].n = 0;
    }
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 i = 0; i < files[file].touches.n; i++) {
            Touched *t = &g->touched[files[file].touches.v[i].attribute];
            g->touches[t->first + t->n++] = files[file].touches.v[i];
        }
    arena_free(&scratch);
}

void touches_collect(Graph *g) {
    Passes all = {.g = g,
                  .arenas = arena_array(g->arena, Arena, g->workers),
                  .scratch = arena_array(g->arena, Arena, g->workers),
                  .files = arena_array(g->arena, FileTouches, g->n_files)};
    Arena verbs = {0};
    find_verbs(&verbs, &all.verbs);
    os_parallel(g->workers, g->n_files, collect_file, &all);
    join(g, all.files);
    for (u32 i = 0; i < g->workers; i++) {
        arena_free(&all.arenas[i]);
        arena_free(&all.scratch[i]);
    }
    arena_free(&verbs);
}

/* ---- questions ---- */

bool is_release_name(Str method) {
    for (u32 i = 0; i < ARRAY_LEN(RELEASES); i++)
        if (str_is(method, RELEASES[i])) return true;
    return false;
}

const Touch *touches_of(const Graph *g, ClassId c, u64 name, u32 *n) {
    const Touched *t = &g->touched[map_get(&g->touched_of, attribute_key(c, name))];
    *n = t->n;
    return g->touches + t->first;
}

/* Classes, each once; with a hash table, as long chains of subclasses have the same bases. */
typedef struct Family {
    ClassId *v;
    u32 n;
    u32 slots[2 * FAMILY_SLOTS];
} Family;

static void add_member(Family *family, ClassId c) {
    u32 at = c.i % FAMILY_SLOTS;
    while (family->slots[at] && family->slots[at] != c.i) at++;
    if (family->slots[at] || family->n == FAMILY_MAX) return;
    family->slots[at] = c.i;
    family->v[family->n++] = c;
}

u32 family_of(const Graph *g, ClassId c, ClassId *family) {
    const ClassNode *node = &g->classes[c.i];
    if (!node->subclasses.n && node->n_mro <= FAMILY_MAX) { /* most classes */
        memcpy(family, node->mro, sizeof *family * node->n_mro);
        return node->n_mro;
    }
    ClassId lower[FAMILY_MAX]; /* the class and its subclasses: whose subclasses are to be added */
    Family all = {.v = family}, below = {.v = lower};
    add_member(&below, c);
    for (u32 i = 0; i < node->n_mro; i++) add_member(&all, node->mro[i]);
    for (u32 at = 0; at < below.n && all.n < FAMILY_MAX; at++) {
        const ClassNode *from = &g->classes[lower[at].i];
        for (u32 i = 0; i < from->subclasses.n && all.n < FAMILY_MAX; i++) {
            const ClassNode *sub = &g->classes[from->subclasses.v[i].i];
            add_member(&below, from->subclasses.v[i]);
            for (u32 k = 0; k < sub->n_mro; k++) add_member(&all, sub->mro[k]);
        }
    }
    return all.n;
}
