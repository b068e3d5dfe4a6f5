/* Is this key that key? Two expressions of the same or of different functions are compared part by
 * part; what cannot be told is neither the same nor another. */
#include "graph/model.h"

enum { SAME_DEPTH = 8, EVIDENCE_OPS = 4000, ATTRIBUTES_MAX = 24 };

/* How sure it is that two expressions denote the same object. */
typedef enum Likeness {
    UNLIKE,
    NAMESAKE, /* a local or parameter of the same name in another function */
    OF_CLASS, /* instances of the same class */
    IDENTICAL,
} Likeness;

typedef struct Compare {
    const Graph *g;
    Likeness least; /* of the parts that were found the same */
} Compare;

static const Path *path_at(const Graph *g, KeyRef k) {
    return &g->files[k.file].facts->paths[k.path.i];
}

static const Op *op_at(const Graph *g, KeyRef k) {
    const Path *p = path_at(g, k);
    return p->kind == PATH_OP ? &g->files[k.file].facts->ops[p->id] : NULL;
}

static KeyRef part_of(KeyRef k, PathId path) {
    return (KeyRef){k.file, path};
}

/* Through locals that are bound once, and subscripts that are read before. */
static KeyRef resolved(const Graph *g, KeyRef k) {
    for (u32 i = 0; i < SAME_DEPTH; i++) {
        PathId path = graph_alias_of(g, k.file, k.path);
        const Facts *f = g->files[k.file].facts;
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_LOAD) path = op_path(&f->ops[p->id]);
        if (path.i == k.path.i) break;
        k.path = path;
    }
    return k;
}

/* ---- the same ---- */

static bool is_same(Compare *c, KeyRef a, KeyRef b, u32 depth);

static SymbolId variable_of(const Graph *g, KeyRef k) {
    const Path *p = path_at(g, k);
    if (p->kind != PATH_SYMBOL) return (SymbolId){0};
    return g->files[k.file].facts->symbols[p->id].target;
}

/* Both are what a method is called on, and some object can be both. */
static bool are_selves(const Graph *g, KeyRef a, KeyRef b) {
    bool is_class_a, is_class_b;
    SymbolId s = variable_of(g, a), t = variable_of(g, b);
    if (!s.i || !t.i) return false;
    ClassId x = self_class(g, a.file, s, &is_class_a), y = self_class(g, b.file, t, &is_class_b);
    if (!x.i || !y.i || is_class_a != is_class_b) return false;
    for (u32 i = 0; i < g->classes[x.i].n_mro; i++)
        if (g->classes[x.i].mro[i].i == y.i) return true;
    for (u32 i = 0; i < g->classes[y.i].n_mro; i++)
        if (g->classes[y.i].mro[i].i == x.i) return true;
    return false;
}

static bool take(Compare *c, Likeness how) {
    if (how != UNLIKE && how < c->least) c->least = how;
    return how != UNLIKE;
}

static bool is_same_variable(Compare *c, KeyRef a, KeyRef b) {
    const Graph *g = c->g;
    const Facts *f = g->files[a.file].facts, *h = g->files[b.file].facts;
    SymbolId s = variable_of(g, a), t = variable_of(g, b);
    if (a.file == b.file && s.i && s.i == t.i) return take(c, IDENTICAL);
    if (are_selves(g, a, b)) return take(c, IDENTICAL);
    Entity x = entity_of_path(g, a.file, a.path, RESOLVE_DEPTH);
    Entity y = entity_of_path(g, b.file, b.path, RESOLVE_DEPTH);
    bool is_global =
        x.kind == ENTITY_VARIABLE &&
        g->files[x.file].facts->scopes[g->files[x.file].facts->symbols[x.id].scope.i].kind ==
            SCOPE_MODULE;
    if (is_global || x.kind == ENTITY_FUNCTION || x.kind == ENTITY_CLASS)
        return take(c, x.kind == y.kind && x.file == y.file && x.id == y.id ? IDENTICAL : UNLIKE);
    if (!s.i || !t.i || f->scopes[f->symbols[s.i].scope.i].kind == SCOPE_MODULE) return false;
    ClassId m = type_of_path(g, a.file, a.path, RESOLVE_DEPTH);
    ClassId n = type_of_path(g, b.file, b.path, RESOLVE_DEPTH);
    if (m.i && n.i) return take(c, m.i == n.i ? OF_CLASS : UNLIKE);
    bool is_namesake =
        str_eq(facts_str(f, f->symbols[s.i].name), facts_str(h, h->symbols[t.i].name));
    return take(c, is_namesake ? NAMESAKE : UNLIKE);
}

static bool is_same_call(Compare *c, KeyRef a, KeyRef b, const Op *x, const Op *y, u32 depth) {
    const Graph *g = c->g;
    const Facts *f = g->files[a.file].facts, *h = g->files[b.file].facts;
    if (x->operands != y->operands || x->flags != y->flags) return false;
    if (x->kind == OP_CALL) {
        Str m = graph_name_of(g, a.file, op_path(x)), n = graph_name_of(g, b.file, op_path(y));
        bool is_known = m.n && str_eq(m, n);
        if (!is_known && !is_same(c, part_of(a, op_path(x)), part_of(b, op_path(y)), depth - 1))
            return false;
    }
    for (u32 i = 0; i < x->operands; i++) {
        Operand o = f->operands[x->operand + i], q = h->operands[y->operand + i];
        if (operand_kind(o) != operand_kind(q) ||
            !is_same(c, part_of(a, o.path), part_of(b, q.path), depth - 1))
            return false;
    }
    return true;
}

static bool is_same_op(Compare *c, KeyRef a, KeyRef b, u32 depth) {
    const Op *x = op_at(c->g, a), *y = op_at(c->g, b);
    if (a.file == b.file && x == y) return take(c, IDENTICAL);
    if (x->kind != y->kind) return false;
    Str what;
    if (graph_is_fresh_object(c->g, a, &what)) return false; /* each call makes another */
    switch (x->kind) {
    case OP_TUPLE:
    case OP_CALL:
    case OP_BINARY:
        return is_same_call(c, a, b, x, y, depth);
    default:
        return false;
    }
}

/* What one function makes and another one is given, by their class. */
static bool is_of_one_class(Compare *c, KeyRef a, KeyRef b) {
    ClassId x = type_of_path(c->g, a.file, a.path, RESOLVE_DEPTH);
    if (!x.i || type_of_path(c->g, b.file, b.path, RESOLVE_DEPTH).i != x.i) return false;
    return take(c, OF_CLASS);
}

static bool is_same(Compare *c, KeyRef a, KeyRef b, u32 depth) {
    if (!depth || !a.path.i || !b.path.i) return false;
    bool are_variables = variable_of(c->g, a).i && variable_of(c->g, b).i;
    if (are_variables && is_same_variable(c, a, b)) return true;
    a = resolved(c->g, a), b = resolved(c->g, b);
    const Path *p = path_at(c->g, a), *q = path_at(c->g, b);
    const Facts *f = c->g->files[a.file].facts, *h = c->g->files[b.file].facts;
    if (p->kind != q->kind)
        return (variable_of(c->g, a).i || variable_of(c->g, b).i) && is_of_one_class(c, a, b);
    switch (p->kind) {
    case PATH_SYMBOL:
        return is_same_variable(c, a, b);
    case PATH_OP:
        return is_same_op(c, a, b, depth);
    case PATH_LITERAL:
        return p->flags == q->flags &&
               str_eq(facts_str(f, (StrId){p->id}), facts_str(h, (StrId){q->id}));
    case PATH_ATTR:
    case PATH_CONST:
        return str_eq(facts_str(f, (StrId){p->id}), facts_str(h, (StrId){q->id})) &&
               is_same(c, part_of(a, p->parent), part_of(b, q->parent), depth - 1);
    default:
        return false;
    }
}

/* ---- an object, and not a text that has its name ---- */

/* Attributes that texts and bytes have too. */
static bool is_text_attribute(Str name) {
    static const char *const NAMES[] = {"decode", "encode", "endswith",   "format", "lower",
                                        "rsplit", "split",  "startswith", "strip",  "upper"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* Does a path go through an attribute of the variable? */
static bool has_attribute_of(const Facts *f, PathId path, SymbolId variable) {
    if (facts_root_symbol(f, path).i != variable.i) return false;
    for (; f->paths[path.i].depth > 1;) path = f->paths[path.i].parent;
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR && !is_text_attribute(facts_str(f, (StrId){p->id}));
}

static bool is_used_as_object(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[f->symbols[variable.i].scope.i];
    for (u32 i = scope->op_first; i < scope->op_end && i < scope->op_first + EVIDENCE_OPS; i++) {
        const Op *op = &f->ops[i];
        if (op_subject((OpKind)op->kind) == SUBJECT_PATH &&
            has_attribute_of(f, op_path(op), variable))
            return true;
        for (u32 k = 0; k < op->operands; k++)
            if (has_attribute_of(f, op_operand(f, op, k), variable)) return true;
    }
    return false;
}

/* Low: nothing but the use as a key is known of it. */
static Confidence object_confidence(const Graph *g, KeyRef k, bool *is_object) {
    k = resolved(g, k);
    const Facts *f = g->files[k.file].facts;
    SymbolId variable = variable_of(g, k);
    bool is_class;
    *is_object = true;
    if (variable.i && self_class(g, k.file, variable, &is_class).i) return CONFIDENCE_HIGH;
    ClassId c = type_of_path(g, k.file, k.path, RESOLVE_DEPTH);
    if (c.i) {
        *is_object = graph_hash_kind(g, c) == HASH_IDENTITY;
        return CONFIDENCE_HIGH;
    }
    u32 shape = shape_of(g, k.file, k.path, RESOLVE_DEPTH / 2);
    *is_object = !(shape & (SHAPE_TEXT | SHAPE_CONSTANT | SHAPE_CLOSED));
    if (!variable.i) return CONFIDENCE_LOW;
    if (is_used_as_object(g, k.file, variable)) return CONFIDENCE_HIGH;
    Str name = facts_str(f, f->symbols[variable.i].name);
    return know_is_request_name(name) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* ---- never the same ---- */

bool graph_is_fresh_object(const Graph *g, KeyRef value, Str *what) {
    const Op *op = op_at(g, value);
    if (!op) return false;
    if (op->kind == OP_LAMBDA) {
        *what = STR("lambda");
        return true;
    }
    if (op->kind != OP_CALL) return false;
    Str name = graph_name_of(g, value.file, op_path(op));
    ClassId made;
    callee_function(g, value.file, op, &made);
    bool is_partial = str_is(name, "functools.partial");
    bool is_handler = str_starts(name, "logging.") && str_ends(name, "Handler");
    *what = name;
    if (made.i) return graph_hash_kind(g, made) == HASH_IDENTITY && g->classes[made.i].complete;
    return is_partial || is_handler;
}

/* What a call makes of its first argument that never equals the argument. */
static KeyMatchKind wrapping_of(const Graph *g, KeyRef k, KeyRef *inner) {
    const Op *op = op_at(g, k);
    if (!op || op->kind != OP_CALL || !op->operands) return KEY_UNKNOWN;
    Str name = graph_name_of(g, k.file, op_path(op));
    *inner = part_of(k, op_operand(g->files[k.file].facts, op, 0));
    if (str_is(name, "builtins.id")) return KEY_IDENTITY;
    const CallRow *row = know_call(name);
    bool is_reference = row && row->flags & CALL_WEAK && !str_ends(name, "proxy");
    return is_reference || str_is(name, "functools.partial") ? KEY_WRAPPED : KEY_UNKNOWN;
}

/* `for host in gone:`: the list may as well be of keys. */
static bool is_loop_variable(const Graph *g, KeyRef k) {
    const Facts *f = g->files[k.file].facts;
    const Op *bind = &f->ops[f->symbols[variable_of(g, k).i].bind.i];
    return bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_FOR;
}

static Confidence confidence_of(Likeness least) {
    return least == NAMESAKE ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
}

/* The attributes of a variable that its function asks for, by the hashes of their names. */
static u32 attributes_of(const Graph *g, KeyRef variable, u64 *names) {
    const Facts *f = g->files[variable.file].facts;
    SymbolId s = variable_of(g, variable);
    u32 n = 0;
    for (u32 i = 1; s.i && i < f->n_paths && n < ATTRIBUTES_MAX; i++) {
        const Path *p = &f->paths[i];
        if (p->kind == PATH_ATTR && p->depth == 1 && facts_root_symbol(f, (PathId){i}).i == s.i)
            names[n++] = name_hash(f, (StrId){p->id});
    }
    return n;
}

/* Two parameters of one name: are they of one kind? They have an attribute in common, or are called
 * as requests are. */
static bool are_of_one_kind(const Graph *g, KeyRef a, KeyRef b) {
    u64 x[ATTRIBUTES_MAX], y[ATTRIBUTES_MAX];
    const Facts *f = g->files[a.file].facts;
    if (know_is_request_name(facts_str(f, f->symbols[variable_of(g, a).i].name))) return true;
    u32 m = attributes_of(g, a, x), n = attributes_of(g, b, y);
    for (u32 i = 0; i < m; i++)
        for (u32 k = 0; k < n; k++)
            if (x[i] == y[k]) return true;
    return false;
}

/* `whole` is made of the object or is a part of it, and the other key is the object itself. */
static KeyMatch made_of_other(const Graph *g, KeyRef whole, KeyRef other) {
    KeyRef inner = {0};
    KeyMatch m = {wrapping_of(g, whole, &inner), CONFIDENCE_HIGH};
    const Path *p = path_at(g, whole);
    if (p->kind == PATH_ATTR) {
        m.kind = KEY_PART;
        inner = part_of(whole, p->parent);
    }
    if (m.kind == KEY_UNKNOWN) return m;
    Compare c = {g, IDENTICAL};
    bool is_object;
    if (!is_same(&c, inner, other, SAME_DEPTH)) return (KeyMatch){0};
    Confidence sure = object_confidence(g, other, &is_object);
    if (!is_object) return (KeyMatch){0};
    bool is_doubtful = m.kind == KEY_PART && c.least == NAMESAKE;
    if (is_doubtful && !are_of_one_kind(g, inner, other)) return (KeyMatch){0};
    if (c.least == NAMESAKE && sure < CONFIDENCE_HIGH && is_loop_variable(g, other))
        return (KeyMatch){0};
    m.confidence = MIN(sure, confidence_of(c.least));
    return m;
}

static u32 tuple_length(const Graph *g, KeyRef k) {
    const Facts *f = g->files[k.file].facts;
    const Op *op = op_at(g, k);
    if (!op || op->kind != OP_TUPLE) return 0;
    for (u32 i = 0; i < op->operands; i++)
        if (operand_kind(f->operands[op->operand + i]) != OPERAND_POSITIONAL) return 0;
    return op->operands;
}

/* Does the tuple have what the other key is among its elements? */
static KeyMatch tuple_and_other(const Graph *g, KeyRef tuple, KeyRef other) {
    const Facts *f = g->files[tuple.file].facts;
    const Op *op = op_at(g, tuple);
    for (u32 i = 0; i < op->operands; i++) {
        Compare c = {g, IDENTICAL};
        if (!is_same(&c, part_of(tuple, op_operand(f, op, i)), other, SAME_DEPTH)) continue;
        if (c.least == NAMESAKE && is_loop_variable(g, other)) return (KeyMatch){0};
        return (KeyMatch){KEY_TUPLE, confidence_of(c.least)};
    }
    return (KeyMatch){0};
}

static KeyMatch match_tuples(const Graph *g, KeyRef a, KeyRef b) {
    u32 m = tuple_length(g, a), n = tuple_length(g, b);
    if (m && n) return (KeyMatch){m == n ? KEY_UNKNOWN : KEY_TUPLE, CONFIDENCE_HIGH};
    if (m) return tuple_and_other(g, a, b);
    return n ? tuple_and_other(g, b, a) : (KeyMatch){0};
}

KeyMatch graph_match_keys(const Graph *g, KeyRef added, KeyRef removed) {
    Compare c = {g, IDENTICAL};
    Str what;
    if (!added.path.i || !removed.path.i) return (KeyMatch){0};
    if (is_same(&c, added, removed, SAME_DEPTH))
        return (KeyMatch){KEY_SAME, c.least == NAMESAKE ? CONFIDENCE_LOW : CONFIDENCE_HIGH};
    added = resolved(g, added), removed = resolved(g, removed);
    if (graph_is_fresh_object(g, removed, &what)) return (KeyMatch){KEY_FRESH, CONFIDENCE_HIGH};
    KeyMatch m = match_tuples(g, added, removed);
    if (m.kind == KEY_UNKNOWN) m = made_of_other(g, added, removed);
    if (m.kind == KEY_UNKNOWN) m = made_of_other(g, removed, added);
    return m;
}

bool graph_is_bound_method(const Graph *g, KeyRef value) {
    value = resolved(g, value);
    const Facts *f = g->files[value.file].facts;
    const Path *p = path_at(g, value);
    bool is_class = false;
    if (p->kind != PATH_ATTR) return false;
    SymbolId variable = variable_of(g, part_of(value, p->parent));
    ClassId c = variable.i ? self_class(g, value.file, variable, &is_class) : (ClassId){0};
    if (!c.i) c = type_of_path(g, value.file, p->parent, RESOLVE_DEPTH);
    u64 name = name_hash(f, (StrId){p->id});
    return c.i && graph_member(g, c, name).kind == MEMBER_METHOD && !graph_is_stored(g, c, name);
}

PathId graph_identity_of(const Graph *g, KeyRef key) {
    key = resolved(g, key);
    const Facts *f = g->files[key.file].facts;
    const Op *op = op_at(g, key);
    if (!op) return (PathId){0};
    if (op->kind == OP_CALL && op->operands == 1 &&
        str_is(graph_name_of(g, key.file, op_path(op)), "builtins.id"))
        return op_operand(f, op, 0);
    PathId found = {0};
    for (u32 i = 0; op->kind == OP_TUPLE && i < op->operands && !found.i; i++) {
        KeyRef part = resolved(g, part_of(key, op_operand(f, op, i)));
        const Op *inner = op_at(g, part);
        if (inner && inner->kind == OP_CALL) found = graph_identity_of(g, part);
    }
    return found;
}

/* The expression, or the receiver of a call, is an attribute of the object. */
static bool is_read_from(const Graph *g, KeyRef part, KeyRef object) {
    part = resolved(g, part);
    const Op *op = op_at(g, part);
    PathId path = op && op->kind == OP_CALL ? op_path(op) : part.path;
    const Facts *f = g->files[part.file].facts;
    /* all that are of one class have the same one */
    if (str_is(facts_last_name(f, path), "__class__")) return false;
    for (u32 i = 0; i < SAME_DEPTH && f->paths[path.i].kind == PATH_ATTR; i++) {
        path = f->paths[path.i].parent;
        Compare c = {g, IDENTICAL};
        if (is_same(&c, part_of(part, path), object, SAME_DEPTH)) return c.least > NAMESAKE;
    }
    return false;
}

bool graph_is_identity_checked(const Graph *g, KeyRef key, PathId object) {
    key = resolved(g, key);
    const Op *op = op_at(g, key);
    KeyRef of = resolved(g, part_of(key, object));
    for (u32 i = 0; op && op->kind == OP_TUPLE && i < op->operands; i++)
        if (is_read_from(g, part_of(key, op_operand(g->files[key.file].facts, op, i)), of))
            return true;
    return false;
}
