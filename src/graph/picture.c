/* The class picture: what an attribute is, and what is done to it by whom. The records of touch.c
 * are read by the kind of the attribute; nothing is kept. */
#include "graph/model.h"

#include <stdlib.h>

/* Properties whose users are users of the attribute that they return, and touches that one question
 * looks at: beyond, the picture is cut. */
enum { ACCESSORS_MAX = 4, TOUCHES_MAX = 1000 };

typedef struct Picture {
    const Graph *g;
    ClassId class;
    u64 name;
    Str text;
    ClassId family[FAMILY_MAX];
    u32 n_family;
    u64 names[1 + ACCESSORS_MAX]; /* the attribute's, then those of properties that return it */
    u32 n_names;
    Attribute out;
    u32 weak, strong; /* definitions */
} Picture;

/* The touches of the attribute by receivers of one class of the family, of which at most *left are
 * looked at. */
static const Touch *touches_at(Picture *p, u32 member, u64 name, u32 *left, u32 *n) {
    const Touch *touches = touches_of(p->g, p->family[member], name, n);
    p->out.is_cut |= *n > *left;
    *n = MIN(*n, *left);
    *left -= *n;
    return touches;
}

const char *attribute_kind_text(AttributeKind kind) {
    static const char *const TEXTS[] = {"unknown",  "container", "weak reference", "lock",
                                        "resource", "task",      "instance",       "function",
                                        "plain",    "outside"};
    return TEXTS[kind];
}

const char *attribute_use_text(AttributeUseKind kind) {
    static const char *const TEXTS[] = {"defined",  "emptied",  "grows",     "shrinks",
                                        "measured", "released", "handed out"};
    return TEXTS[kind];
}

u32 graph_shape(const Graph *g, u32 file, PathId path) {
    return path.i ? shape_of(g, file, path, 6) : 0;
}

/* ---- definitions ---- */

/* The operation that binds the name in the body of the class itself, or 0: what is no function,
 * class or import. */
static OpId body_definition(const Graph *g, ClassId c, u64 name) {
    SymbolId member = member_of(g, c, name);
    if (!member.i) return (OpId){0};
    const Facts *f = g->files[g->classes[c.i].file].facts;
    const Op *op = &f->ops[f->symbols[member.i].bind.i];
    u32 bind = op->flags & OP_LOW;
    bool is_data = op->kind == OP_BIND && (bind == BIND_ASSIGN || bind == BIND_DECLARE);
    return (OpId){is_data ? (u32)(op - f->ops) : 0};
}

static bool is_defined_here(const Graph *g, ClassId c, u64 name) {
    if (own_attribute(g, c, name)) return true;
    return body_definition(g, c, name).i != 0;
}

/* `self.x = None` says nothing, and a sentinel of text or number little. */
static void merge(Picture *p, Value v) {
    Attribute *a = &p->out;
    bool is_weak = v.kind == ATTRIBUTE_WEAK || v.container == CONTAINER_WEAK;
    if (v.is_nothing) return;
    p->weak += is_weak;
    p->strong += !is_weak && v.kind != ATTRIBUTE_PLAIN;
    if (v.kind == ATTRIBUTE_UNKNOWN || (v.kind == ATTRIBUTE_PLAIN && a->kind != ATTRIBUTE_UNKNOWN))
        return;
    if (a->kind == ATTRIBUTE_UNKNOWN || a->kind == ATTRIBUTE_PLAIN) {
        a->kind = v.kind;
        a->container = v.container;
        a->resource = v.resource;
        a->instance = v.instance;
        a->made_by = v.made_by;
        return;
    }
    bool is_same = a->kind == v.kind;
    if (a->container != v.container) a->container = CONTAINER_OTHER;
    if (a->instance.i != v.instance.i) a->instance = (ClassId){0};
    if (a->resource != v.resource) a->resource = RESOURCE_NONE;
    if (!str_eq(a->made_by, v.made_by)) a->made_by = (Str){0};
    if (!is_same) p->out.kind = v.kind = ATTRIBUTE_UNKNOWN;
}

static Value value_of_bind(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    return value_find(g, file, bound_value(f, op), bound_annotation(f, op));
}

static bool is_literal_set(const Facts *f, const Op *set) {
    return f->paths[bound_value(f, set).i].kind == PATH_LITERAL;
}

static void find_kind(Picture *p) {
    u32 left = TOUCHES_MAX;
    p->out.container = CONTAINER_OTHER;
    for (u32 i = 0; i < p->n_family; i++) {
        u32 n;
        const Touch *touches = touches_at(p, i, p->name, &left, &n);
        OpId body = body_definition(p->g, p->family[i], p->name);
        u32 home = p->g->classes[p->family[i].i].file;
        if (body.i) merge(p, value_of_bind(p->g, home, &p->g->files[home].facts->ops[body.i]));
        for (u32 k = 0; k < n; k++) {
            const Touch *t = &touches[k];
            if (t->kind != TOUCH_SET || t->level) continue;
            const Op *set = &p->g->files[t->file].facts->ops[t->op.i];
            p->out.n_values += !is_literal_set(p->g->files[t->file].facts, set);
            if (graph_is_switched_off(p->g, t->file, set->region)) continue;
            merge(p, value_of_bind(p->g, t->file, set));
        }
    }
    p->out.is_weak = p->weak && !p->strong && !p->out.is_cut;
}

static void begin(Picture *p, const Graph *g, ClassId c, Str name) {
    p->g = g;
    p->class = c;
    p->text = name;
    p->names[0] = p->name = hash_str(name);
    p->n_names = 1;
    p->n_family = p->weak = p->strong = 0;
    p->out = (Attribute){.name = name};
    if (c.i) p->n_family = family_of(g, c, p->family);
    for (u32 i = 0; i < g->classes[c.i].n_mro; i++) {
        if (!is_defined_here(g, p->family[i], p->name)) continue;
        if (!p->out.owner.i) p->out.owner = p->family[i];
        p->out.first_owner = p->family[i];
    }
    find_kind(p);
}

/* ---- what a touch means ---- */

static bool is_constructor(const Graph *g, u32 file, ScopeId s) {
    static const char *const NAMES[] = {"__init__", "__new__", "__post_init__", "__setstate__",
                                        "__attrs_post_init__"};
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(facts_str(f, f->scopes[s.i].name), NAMES[i])) return true;
    return false;
}

/* `if self.x is None: self.x = {}`, `if not self.x`, `if not hasattr(self, "x")`: there was nothing
 * before. */
static bool was_empty(const Facts *f, const Op *op) {
    const Region *r = &f->regions[op->region.i];
    for (u32 i = r->test_first; i < r->test_end; i++) {
        const Op *t = &f->ops[i];
        if (t->kind != OP_TEST) continue;
        u32 kind = t->flags & OP_LOW;
        bool holds = !(t->flags & OP_NEGATED) == !(r->flags & REGION_NEGATED);
        const Path *other = &f->paths[op_operand(f, t, 0).i];
        bool is_none = other->kind == PATH_LITERAL && other->flags == LITERAL_NONE;
        if (kind == TEST_HAS && !holds) return true;
        if (t->subject != op->subject) continue;
        if ((kind == TEST_TRUTH && !holds) || (kind == TEST_IS && is_none && holds)) return true;
    }
    return false;
}

static bool is_slice(const Facts *f, PathId key) {
    const Path *p = &f->paths[key.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_SLICE;
}

static bool is_mapping(ContainerKind kind) {
    return kind == CONTAINER_DICT || kind == CONTAINER_DEFAULTDICT ||
           kind == CONTAINER_ORDERED_DICT || kind == CONTAINER_COUNTER || kind == CONTAINER_WEAK ||
           kind == CONTAINER_BOUNDED;
}

/* May the value at the level be a container at all? */
static bool may_contain(const Picture *p, u32 level) {
    AttributeKind kind = p->out.kind;
    return level ? kind == ATTRIBUTE_CONTAINER || kind == ATTRIBUTE_UNKNOWN
                 : kind == ATTRIBUTE_CONTAINER || kind == ATTRIBUTE_UNKNOWN;
}

static bool read_set(const Picture *p, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    Value v = value_of_bind(p->g, u->file, op);
    bool first = is_constructor(p->g, u->file, u->function.scope) || scope_is_none(u->function) ||
                 was_empty(f, op);
    bool empties = v.is_nothing || v.is_fresh;
    u->kind = empties && !first ? ATTRIBUTE_EMPTIED : ATTRIBUTE_DEFINED;
    u->value = bound_value(f, op);
    u->how = facts_is_none(f, u->value) ? STR("= None") : STR("=");
    u->replaces = !first;
    u->is_weak = v.is_nothing || v.kind == ATTRIBUTE_WEAK || v.container == CONTAINER_WEAK;
    return true;
}

static bool raises_without_key(const Picture *p) {
    return p->out.kind == ATTRIBUTE_CONTAINER &&
           (p->out.container == CONTAINER_DICT || p->out.container == CONTAINER_ORDERED_DICT);
}

static bool read_item_set(const Picture *p, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    bool is_constant = f->paths[op->subject].kind == PATH_CONST;
    u->key = bound_key(f, op);
    u->value = bound_value(f, op);
    u->how = STR("[…] =");
    u->kind = ATTRIBUTE_GROWS;
    if (is_slice(f, u->key)) {
        bool whole = !f->ops[f->paths[u->key.i].id].operands && !u->level;
        u->how = STR("[:] =");
        u->kind = whole ? ATTRIBUTE_EMPTIED : ATTRIBUTE_SHRINKS;
    } else if (facts_is_none(f, u->value)) {
        u->how = STR("[…] = None");
        u->kind = ATTRIBUTE_SHRINKS;
    } else if (u->level
                   ? is_constant
                   : p->out.kind == ATTRIBUTE_CONTAINER && p->out.container != CONTAINER_OTHER &&
                         !is_mapping(p->out.container)) {
        return false; /* an element takes the place of another one */
    } else if (!u->level && raises_without_key(p) && replaces_entry(p->g, u->file, u->op.i)) {
        return false;
    }
    return may_contain(p, u->level);
}

static bool read_item_delete(const Picture *p, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    u->key = bound_key(f, op);
    bool whole = !u->level && is_slice(f, u->key) && !f->ops[f->paths[u->key.i].id].operands;
    u->kind = whole ? ATTRIBUTE_EMPTIED : ATTRIBUTE_SHRINKS;
    u->how = whole ? STR("del [:]") : STR("del […]");
    return may_contain(p, u->level);
}

static bool read_augment(const Picture *p, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    u32 operation = op->flags & OP_LOW;
    bool adds = operation == OPERATOR_ADD || operation == OPERATOR_OR;
    u->value = bound_value(f, op);
    u->kind = adds ? ATTRIBUTE_GROWS : ATTRIBUTE_SHRINKS;
    u->how = adds ? STR("+=") : STR("-=");
    if (p->out.kind == ATTRIBUTE_CONTAINER) return true;
    /* `self.total += n`: as a rule a number */
    Value v = value_find(p->g, u->file, u->value, (PathId){0});
    return p->out.kind == ATTRIBUTE_UNKNOWN && v.kind == ATTRIBUTE_CONTAINER;
}

/* `x.join(parts)` of a text, `thread.join(5)`. */
static bool is_text_join(const Facts *f, Str method, const Op *op) {
    if (!str_is(method, "join") || !op->operands) return false;
    const Path *p = &f->paths[op_operand(f, op, 0).i];
    return operand_kind(f->operands[op->operand]) == OPERAND_POSITIONAL &&
           (p->kind != PATH_LITERAL || (p->flags != LITERAL_INT && p->flags != LITERAL_FLOAT));
}

static bool is_among(const char *names, Str name) {
    for (Str rest = str_from(names); rest.n;) {
        i64 comma = str_find(rest, ',');
        u32 end = comma < 0 ? rest.n : (u32)comma;
        if (str_eq(str_sub(rest, 0, end), name)) return true;
        rest = str_sub(rest, MIN(end + 1, rest.n), rest.n);
    }
    return false;
}

static bool is_release(const Picture *p, const AttributeUse *u, Str method, const Op *op) {
    AttributeKind kind = p->out.kind;
    const ResourceRow *row = u->level ? NULL : know_resource(p->out.made_by);
    if (row) return is_among(row->releases, method);
    if (!u->level && (kind == ATTRIBUTE_CONTAINER || kind == ATTRIBUTE_LOCK ||
                      kind == ATTRIBUTE_PLAIN || kind == ATTRIBUTE_FUNCTION))
        return false;
    const Facts *f = p->g->files[u->file].facts;
    return is_release_name(method) && (u->is_callback || !is_text_join(f, method, op));
}

static bool read_method(const Picture *p, const Touch *t, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    PathId path = t->flags & TOUCH_VALUE ? op_operand(f, op, t->operand)
                                         : graph_alias_of(p->g, u->file, op_path(op));
    Str method =
        facts_str(f, (StrId){f->paths[path.i].kind == PATH_ATTR ? f->paths[path.i].id : 0});
    u->is_callback = t->flags & TOUCH_VALUE;
    u->how = method;
    bool is_whole = !u->level && p->out.container != CONTAINER_OTHER;
    const MethodRow *row =
        is_whole ? know_method_of(made_of(p->out.container), method) : know_method(method);
    if (is_release(p, u, method, op)) {
        u->kind = ATTRIBUTE_RELEASED;
        return !(t->flags & TOUCH_VIEW);
    }
    if (!row || row->effect == METHOD_READS || t->flags & TOUCH_VIEW) return false;
    if (!u->is_callback) {
        u->key = row->key >= 0 ? call_argument(f, op, (u32)row->key, NULL) : (PathId){0};
        u->value = row->value >= 0 ? call_argument(f, op, (u32)row->value, NULL) : (PathId){0};
    }
    u->kind = row->effect == METHOD_ADDS             ? ATTRIBUTE_GROWS
              : row->flags & METHOD_ALL && !u->level ? ATTRIBUTE_EMPTIED
                                                     : ATTRIBUTE_SHRINKS;
    return may_contain(p, u->level);
}

/* `for end in self.pipe: os.close(end)` */
static bool is_closing_call(const Picture *p, u32 file, const Op *op) {
    const ResourceRow *row = know_resource(p->out.made_by);
    Str name = op->kind == OP_CALL ? graph_name_of(p->g, file, op_path(op)) : (Str){0};
    return row && str_find(name, '.') >= 0 && resource_has_release(row, name);
}

/* A log record holds its arguments only until it is written. */
static bool is_log_method(Str method) {
    static const char *const NAMES[] = {"debug", "info",     "warning", "warn",
                                        "error", "critical", "log",     "exception"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(method, NAMES[i])) return true;
    return false;
}

/* Does the call only read what it gets? Else *u is filled as by what it does. */
static bool read_argument(const Picture *p, const Touch *t, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    Str name = graph_name_of(p->g, u->file, op_path(op));
    const Path *callee = &f->paths[op->subject];
    const CallRow *row = know_call(name);
    Str method = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    u->kind = ATTRIBUTE_HANDED_OUT;
    u->how = name.n ? name : method;
    u->value = op_operand(f, op, t->operand);
    if (row && row->container == (int)t->operand && row->flags & (CALL_GROWS | CALL_SHRINKS)) {
        u->kind = row->flags & CALL_GROWS ? ATTRIBUTE_GROWS : ATTRIBUTE_SHRINKS;
        u->value = row->value >= 0 ? call_argument(f, op, (u32)row->value, NULL) : (PathId){0};
        return true;
    }
    if (row) return (row->flags & CALL_HOLDS) != 0;
    if (know_constructor(name) != MADE_NOTHING) return false; /* a copy */
    const Path *receiver = &f->paths[callee->parent.i];
    if (method.n && receiver->kind == PATH_LITERAL) return false; /* "…".format(self.x) */
    if (is_log_method(method)) return false;
    const MethodRow *known = method.n ? know_method(method) : NULL;
    return !known || (known->effect != METHOD_READS && !(known->flags & METHOD_ITERABLE));
}

/* `old, self.x = self.x, None`: the tuple is taken apart at once. */
static bool is_unpacked(const Facts *f, const Touch *t, PathId operand) {
    for (u32 i = t->op.i + 1; i < f->n_ops && i < t->op.i + 6; i++) {
        u8 kind = f->ops[i].kind;
        if (kind != OP_BIND && kind != OP_STORE) return false;
        if (bound_value(f, &f->ops[i]).i == operand.i) return true;
    }
    return false;
}

static bool read_hand_out(const Picture *p, const Touch *t, const Op *op, AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    u->kind = ATTRIBUTE_HANDED_OUT;
    u->value = op_operand(f, op, t->operand);
    if (p->out.kind == ATTRIBUTE_PLAIN || t->flags & TOUCH_VIEW) return false;
    switch ((TouchKind)t->kind) {
    case TOUCH_PASS:
        return read_argument(p, t, op, u);
    case TOUCH_RETURN:
        u->how = op->kind == OP_YIELD ? STR("yield") : STR("return");
        return true;
    case TOUCH_KEEP:
        u->how = STR("kept");
        return true;
    default:
        u->how = STR("in a display");
        return !is_unpacked(f, t, u->value);
    }
}

/* Reads the touch as what it is for an attribute of this kind; false when it is nothing. */
static bool read_touch(const Picture *p, const Touch *t, AttributeUse *u) {
    const Facts *f = p->g->files[t->file].facts;
    const Op *op = &f->ops[t->op.i];
    ContainerKind kind = p->out.container;
    switch ((TouchKind)t->kind) {
    case TOUCH_SET:
        return !t->level && read_set(p, op, u);
    case TOUCH_DELETE:
        u->kind = ATTRIBUTE_EMPTIED;
        u->how = STR("del");
        return !t->level;
    case TOUCH_AUGMENT:
        return !t->level && read_augment(p, op, u);
    case TOUCH_ITEM_SET:
        return !(t->flags & TOUCH_VIEW) && read_item_set(p, op, u);
    case TOUCH_ITEM_DELETE:
        return !(t->flags & TOUCH_VIEW) && read_item_delete(p, op, u);
    case TOUCH_ITEM_AUGMENT:
        u->kind = ATTRIBUTE_GROWS;
        u->how = STR("[…] +=");
        u->key = bound_key(f, op);
        return !t->level && (kind == CONTAINER_DEFAULTDICT || kind == CONTAINER_COUNTER);
    case TOUCH_ITEM_READ:
        u->kind = ATTRIBUTE_GROWS;
        u->how = STR("[…]");
        u->key = bound_key(f, op);
        return !t->level && kind == CONTAINER_DEFAULTDICT;
    case TOUCH_METHOD:
        return read_method(p, t, op, u);
    case TOUCH_LENGTH:
        u->kind = ATTRIBUTE_MEASURED;
        u->how = STR("len");
        return may_contain(p, t->level);
    case TOUCH_ENTER:
        u->kind = ATTRIBUTE_RELEASED;
        u->how = STR("with");
        return p->out.kind != ATTRIBUTE_LOCK && p->out.kind != ATTRIBUTE_FUNCTION;
    case TOUCH_PASS:
        if (t->level && is_closing_call(p, u->file, op)) {
            u->kind = ATTRIBUTE_RELEASED;
            u->how = STR("os.close");
            return true;
        }
        return !t->level && read_hand_out(p, t, op, u);
    default:
        return !t->level && read_hand_out(p, t, op, u);
    }
}

static AttributeUse use_at(const Graph *g, u32 file, OpId op) {
    const Facts *f = g->files[file].facts;
    RegionId region = f->ops[op.i].region;
    ScopeId s = enclosing_function(f, f->regions[region.i].scope);
    return (AttributeUse){.file = file,
                          .op = op,
                          .how_often = graph_how_often(g, file, region),
                          .function = s.i ? (ScopeRef){file, s} : (ScopeRef){0}};
}

/* ---- all uses ---- */

typedef struct Uses {
    Arena *arena;
    VEC(AttributeUse) list;
} Uses;

/* `@property def jobs(self): return self._jobs`: what is done to x.jobs is done to x._jobs. */
static void note_accessor(Picture *p, const AttributeUse *u) {
    const Facts *f = p->g->files[u->file].facts;
    const Scope *scope = &f->scopes[u->function.scope.i];
    if (p->n_names > ACCESSORS_MAX || scope->decorator_first == scope->decorator_end) return;
    Str decorator = graph_name_of(p->g, u->file, f->operands[scope->decorator_first].path);
    if (!str_ends(decorator, "property")) return;
    u64 name = name_hash(f, scope->name);
    for (u32 i = 0; i < p->n_names; i++)
        if (p->names[i] == name) return;
    p->names[p->n_names++] = name;
}

static void add_uses(Picture *p, u64 name, Uses *out) {
    u32 left = TOUCHES_MAX;
    for (u32 i = 0; i < p->n_family; i++) {
        u32 n;
        const Touch *touches = touches_at(p, i, name, &left, &n);
        for (u32 k = 0; k < n; k++) {
            const Touch *t = &touches[k];
            if (name != p->name && t->kind == TOUCH_SET) continue;
            AttributeUse u = use_at(p->g, t->file, t->op);
            u.level = t->level;
            u.through_alias = t->flags & TOUCH_ALIAS;
            u.by_other = t->flags & TOUCH_OTHER;
            u.of_class = t->flags & TOUCH_CLASS;
            if (t->kind == TOUCH_RETURN && !t->level && !scope_is_none(u.function))
                note_accessor(p, &u);
            if (read_touch(p, t, &u)) vec_push(out->arena, &out->list, u);
        }
    }
}

static void add_body_definitions(Picture *p, Uses *out) {
    for (u32 i = 0; i < p->n_family; i++) {
        OpId body = body_definition(p->g, p->family[i], p->name);
        u32 home = p->g->classes[p->family[i].i].file;
        if (!body.i) continue;
        AttributeUse u = use_at(p->g, home, body);
        read_set(p, &p->g->files[home].facts->ops[body.i], &u);
        u.in_class_body = u.of_class = true;
        vec_push(out->arena, &out->list, u);
    }
}

/* `self.__dict__.clear()` empties every attribute. */
static void add_wipes(Picture *p, Uses *out) {
    u32 left = TOUCHES_MAX;
    for (u32 i = 0; i < p->n_family; i++) {
        u32 n;
        const Touch *touches = touches_at(p, i, hash_str(STR("__dict__")), &left, &n);
        for (u32 k = 0; k < n; k++) {
            AttributeUse u = use_at(p->g, touches[k].file, touches[k].op);
            const Facts *f = p->g->files[u.file].facts;
            bool is_call = touches[k].kind == TOUCH_METHOD && !touches[k].flags;
            if (!is_call || !str_is(facts_method(f, &f->ops[u.op.i]), "clear")) continue;
            u.kind = ATTRIBUTE_EMPTIED;
            u.how = STR("__dict__.clear");
            vec_push(out->arena, &out->list, u);
        }
    }
}

static int by_place(const void *a, const void *b) {
    const AttributeUse *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->op.i != y->op.i) return x->op.i < y->op.i ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

Attribute graph_attribute(const Graph *g, ClassId c, Str name, Arena *arena) {
    Picture p;
    Uses uses = {.arena = arena};
    begin(&p, g, c, name);
    add_body_definitions(&p, &uses);
    for (u32 i = 0; i < p.n_names; i++) add_uses(&p, p.names[i], &uses);
    add_wipes(&p, &uses);
    if (uses.list.n) qsort(uses.list.v, uses.list.n, sizeof *uses.list.v, by_place);
    p.out.uses = uses.list.v;
    p.out.n_uses = uses.list.n;
    return p.out;
}

/* ---- questions ---- */

/* What was found of an attribute, which many rules ask. */
typedef struct Outline {
    u64 key; /* attribute_key */
    Attribute attribute;
} Outline;

void outlines_begin(Graph *g) {
    g->outline_slots = 1024;
    while (g->outline_slots < 2 * g->n_touched) g->outline_slots *= 2;
    g->outlines = arena_array(g->arena, const Outline *, g->outline_slots);
}

enum { PROBES_MAX = 8 };

/* The slot of the outline, or a free one for it; NULL when it is not to be remembered. */
static const Outline **outline_slot(const Graph *g, u64 key, const Outline **known) {
    for (u64 i = 0; g->outlines && i < PROBES_MAX; i++) {
        const Outline **slot = &g->outlines[((key >> 20) + i) & (g->outline_slots - 1)];
        *known = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
        if (!*known || (*known)->key == key) return slot;
    }
    *known = NULL;
    return NULL;
}

/* Two threads that ask at the same time find the same, and one of them keeps it. */
Attribute graph_attribute_outline(const Graph *g, ClassId c, Str name) {
    const Outline *known = NULL;
    Outline found = {.key = attribute_key(c, hash_str(name))};
    const Outline **slot = outline_slot(g, found.key, &known);
    if (known) {
        found.attribute = known->attribute;
        found.attribute.name = name;
        return found.attribute;
    }
    Picture p;
    begin(&p, g, c, name);
    found.attribute = p.out;
    if (slot) __atomic_store_n(slot, graph_keep(g, &found, sizeof found), __ATOMIC_RELEASE);
    return found.attribute;
}

Str graph_next_attribute(const Graph *g, ClassId c, Str after) {
    u32 id = g->classes[c.i].first_touched;
    if (after.n) {
        id = map_get(&g->touched_of, attribute_key(c, hash_str(after)));
        id = g->touched[id].next_of_class;
    }
    for (; id; id = g->touched[id].next_of_class) {
        const Facts *f = g->files[g->touched[id].file].facts;
        StrId name = g->touched[id].name;
        if (is_defined_here(g, c, name_hash(f, name))) return facts_str(f, name);
    }
    return (Str){0};
}

AttributeKind attribute_kind(const Graph *g, ClassId c, Str name) {
    return graph_attribute_outline(g, c, name).kind;
}

bool graph_attribute_is_weak(const Graph *g, ClassId c, Str name) {
    return graph_attribute_outline(g, c, name).is_weak;
}

ClassId graph_attribute_class(const Graph *g, ClassId c, Str name) {
    return graph_attribute_outline(g, c, name).instance;
}

static bool is_in_family(const Graph *g, ClassId c, ClassId owner) {
    return class_is_kind_of(g, c, owner) || class_is_kind_of(g, owner, c);
}

/* 0: users call it, 1: a leaving method, 2: __del__, private ones. */
static u32 rank_of(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    Str name = facts_str(f, f->scopes[method.scope.i].name);
    if (!str_starts(name, "_")) return 0;
    return str_is(name, "__exit__") || str_is(name, "__aexit__") ? 1 : 2;
}

ScopeRef graph_attribute_releaser(const Graph *g, ClassId c, Str name, OpRef *where) {
    Arena scratch = {0};
    Attribute a = graph_attribute(g, c, name, &scratch);
    ScopeRef best = {0};
    *where = (OpRef){0};
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        if (u->kind != ATTRIBUTE_RELEASED || u->by_other || scope_is_none(u->function)) continue;
        const Facts *f = g->files[u->file].facts;
        ScopeRef method = u->function;
        while (method.scope.i && !graph_method_class(g, method).i) /* an inner function */
            method.scope = enclosing_function(f, f->scopes[method.scope.i].parent);
        if (!method.scope.i || !is_in_family(g, c, graph_method_class(g, method))) continue;
        if (!scope_is_none(best) && rank_of(g, best) <= rank_of(g, method)) continue;
        best = method;
        *where = (OpRef){u->file, u->op};
    }
    arena_free(&scratch);
    return best;
}

/* In __del__ of the class itself, which a container that holds its instances puts off for ever. */
static bool in_own_del(const Graph *g, ClassId c, const AttributeUse *u) {
    if (scope_is_none(u->function)) return false;
    const Facts *f = g->files[u->function.file].facts;
    return str_is(facts_str(f, f->scopes[u->function.scope.i].name), "__del__") &&
           is_in_family(g, c, graph_method_class(g, u->function));
}

static RemovalKind removes(const Graph *g, ClassId c, const Attribute *a, const AttributeUse *u,
                           u32 level) {
    if (g->files[u->file].is_test || in_own_del(g, c, u)) return REMOVAL_NONE;
    switch (u->kind) {
    case ATTRIBUTE_EMPTIED:
        return REMOVAL_SURE;
    case ATTRIBUTE_SHRINKS:
        return u->level <= level ? REMOVAL_SURE : REMOVAL_NONE;
    case ATTRIBUTE_DEFINED:
        if (a->container == CONTAINER_WEAK) return REMOVAL_SURE;
        if (a->container == CONTAINER_BOUNDED) return REMOVAL_BOUND;
        return u->replaces ? REMOVAL_SURE : REMOVAL_NONE;
    case ATTRIBUTE_MEASURED:
        return u->level <= level ? REMOVAL_BOUND : REMOVAL_NONE;
    default:
        return REMOVAL_NONE;
    }
}

Removal graph_attribute_removal(const Graph *g, ClassId c, Str name, u32 level) {
    Arena scratch = {0};
    Attribute a = graph_attribute(g, c, name, &scratch);
    Removal best = {.escapes = a.is_cut};
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        RemovalKind kind = removes(g, c, &a, u, level);
        best.escapes |= u->kind == ATTRIBUTE_HANDED_OUT && !g->files[u->file].is_test;
        if (kind <= best.kind) continue;
        best.kind = kind;
        best.use = *u;
    }
    if (best.kind == REMOVAL_NONE && map_get(&g->removed_attributes, hash_str(name)))
        best.kind = REMOVAL_BY_NAME;
    arena_free(&scratch);
    return best;
}
