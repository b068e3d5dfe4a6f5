/* What classes own: attributes that are bound to a resource which the class has acquired, and who
 * releases it, in the class, its bases and subclasses, and in code that has an instance. */
#include "graph/model.h"

/* Operations of a class that are searched for attributes by computed names. */
enum { METHOD_OPS = 20000 };

typedef struct Owner {
    const Graph *g;
    ClassId class;
    u64 name; /* of the attribute */
    ClassId family[FAMILY_MAX];
    u32 n_family;
    OwnerAttribute *out;
} Owner;

static bool is_in_family(const Owner *o, ClassId c) {
    for (u32 i = 0; i < o->n_family; i++)
        if (o->family[i].i == c.i) return true;
    return false;
}

/* ---- what it is bound to ---- */

OpId acquiring_choice(const Graph *g, u32 file, PathId value, bool *is_choice, Acquired *out) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, value).i];
    *is_choice = p->kind == PATH_OP && f->ops[p->id].kind == OP_CHOICE;
    if (!*is_choice) return acquiring_call(g, file, value, out);
    const Op *choice = &f->ops[p->id];
    for (u32 i = 0; i < choice->operands; i++) {
        OpId call = acquiring_call(g, file, op_operand(f, choice, i), out);
        if (call.i) return call;
    }
    return (OpId){0};
}

static bool is_off(const Owner *o, const AttributeUse *u) {
    RegionId region = o->g->files[u->file].facts->ops[u->op.i].region;
    return graph_is_switched_off(o->g, u->file, region);
}

/* `with open(path) as self.file:` closes it at the end of the block. */
static bool is_of_block(const Owner *o, const AttributeUse *u, const ResourceRow *row) {
    const Op *bind = &o->g->files[u->file].facts->ops[u->op.i];
    bool is_with = bind->kind == OP_STORE && (bind->flags & OP_LOW) == BIND_WITH;
    return is_with && !(row->flags & RESOURCE_WITH_STAYS);
}

static bool note_definition(const Owner *o, const AttributeUse *u) {
    Acquired acquired;
    bool is_choice;
    if (u->kind != ATTRIBUTE_DEFINED || u->by_other || scope_is_none(u->function)) return false;
    if (o->g->files[u->file].is_test && !o->g->files[o->g->classes[o->class.i].file].is_test)
        return false;
    OpId call = acquiring_choice(o->g, u->file, u->value, &is_choice, &acquired);
    if (!call.i || is_of_block(o, u, acquired.row)) return false;
    o->out->acquired = acquired;
    o->out->store = (OpRef){u->file, u->op};
    o->out->call = (OpRef){u->file, call};
    o->out->method = u->function;
    o->out->is_choice = is_choice;
    return true;
}

/* ---- who releases it ---- */

/* `os.close(self.fd)` */
static bool is_released_by(const Owner *o, u32 file, const Op *call) {
    return resource_has_release(o->out->acquired.row, graph_name_of(o->g, file, op_path(call)));
}

/* Does the call, which gets the value, leave it as it is? */
static bool is_borrowed(const Owner *o, u32 file, const Op *call) {
    Str name = graph_name_of(o->g, file, op_path(call));
    const CallRow *row = know_call(name);
    if (is_released_by(o, file, call)) return false;
    return know_borrowing(name) != BORROWS_NOT ||
           (row && !(row->flags & (CALL_HOLDS | CALL_TASK | CALL_GROWS)));
}

/* `select.select([self.sock], [], [])` */
static bool is_display_borrowed(const Owner *o, u32 file, OpId display) {
    const Facts *f = o->g->files[file].facts;
    for (u32 i = display.i + 1; i < MIN(display.i + 40, f->n_ops); i++)
        for (u32 k = 0; k < f->ops[i].operands; k++) {
            const Path *p = &f->paths[op_operand(f, &f->ops[i], k).i];
            if (p->kind == PATH_OP && p->id == display.i)
                return f->ops[i].kind == OP_CALL && is_borrowed(o, file, &f->ops[i]);
        }
    return false;
}

static void note_hand_out(const Owner *o, const AttributeUse *u) {
    const Facts *f = o->g->files[u->file].facts;
    const Op *op = &f->ops[u->op.i];
    switch (op->kind) {
    case OP_CALL:
        if (is_released_by(o, u->file, op))
            o->out->is_released = true;
        else if (!is_borrowed(o, u->file, op))
            o->out->is_handed_out = true;
        return;
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
        if (!is_display_borrowed(o, u->file, u->op)) o->out->is_handed_out = true;
        return;
    case OP_RETURN:
        o->out->is_returned = true;
        return;
    default:
        o->out->is_handed_out = true;
    }
}

/* A `with` that ends a transaction and no more. */
static bool is_entered_only(const Owner *o, const Op *op) {
    return op->kind == OP_ENTER && o->out->acquired.row->flags & RESOURCE_WITH_STAYS;
}

static void note_use(const Owner *o, const AttributeUse *u) {
    bool stays = o->out->acquired.row->flags & RESOURCE_STAYS;
    bool in_test = o->g->files[u->file].is_test && !o->g->files[o->out->store.file].is_test;
    if (u->level || in_test) return;
    switch (u->kind) {
    case ATTRIBUTE_RELEASED:
        o->out->is_released |= !is_entered_only(o, &o->g->files[u->file].facts->ops[u->op.i]);
        return;
    case ATTRIBUTE_EMPTIED: /* dropped: a number is not closed by that */
        if (!stays) o->out->is_released = true;
        return;
    case ATTRIBUTE_HANDED_OUT:
        note_hand_out(o, u);
        return;
    default:
        return;
    }
}

/* ---- code that does not show whose attribute it touches ---- */

/* `.name` at the end of a path, or before its last part. */
static bool is_mention(const Owner *o, const Facts *f, PathId path, bool *is_last) {
    const Path *p = &f->paths[path.i];
    *is_last = p->kind == PATH_ATTR && name_hash(f, (StrId){p->id}) == o->name;
    if (*is_last) return true;
    p = &f->paths[p->parent.i];
    return p->kind == PATH_ATTR && name_hash(f, (StrId){p->id}) == o->name;
}

/* The attribute is one of `self`, in a class that has nothing to do with this one. */
static bool is_of_stranger(const Owner *o, u32 file, PathId path, bool is_last) {
    bool is_class;
    const Facts *f = o->g->files[file].facts;
    SymbolId root = facts_root_symbol(f, path);
    ClassId c = root.i ? self_class(o->g, file, root, &is_class) : (ClassId){0};
    return c.i && f->paths[path.i].depth == (is_last ? 1 : 2) && !is_in_family(o, c);
}

/* `pools[self.connection]`: a mapping that knows the object, and may end it. A number is none. */
static void note_key(const Owner *o, u32 file, const Op *op) {
    const Facts *f = o->g->files[file].facts;
    PathId key = op_operand(f, op, 0);
    bool is_last = false, stays = o->out->acquired.row->flags & RESOURCE_STAYS;
    if (stays || !is_mention(o, f, key, &is_last) || !is_last) return;
    if (!is_of_stranger(o, file, key, true)) o->out->is_handed_out = true;
}

static void note_mention(const Owner *o, u32 file, const Op *op) {
    const Facts *f = o->g->files[file].facts;
    bool is_last;
    if (op->kind == OP_LOAD) note_key(o, file, op);
    if (op_subject((OpKind)op->kind) != SUBJECT_PATH) return;
    bool is_called = op->kind == OP_CALL && is_mention(o, f, op_path(op), &is_last) && !is_last &&
                     !is_of_stranger(o, file, op_path(op), false);
    if (is_called) {
        Str method = facts_str(f, (StrId){f->paths[op->subject].id});
        if (resource_has_release(o->out->acquired.row, method) || is_release_name(method) ||
            str_is(method, "__exit__") || str_is(method, "__aexit__"))
            o->out->is_released = true;
    }
    bool is_entered = op->kind == OP_ENTER && !is_entered_only(o, op) &&
                      is_mention(o, f, op_path(op), &is_last) && is_last;
    if (is_entered && !is_of_stranger(o, file, op_path(op), true)) o->out->is_released = true;
    for (u32 i = 0; op->kind == OP_CALL && i < op->operands; i++) {
        PathId path = op_operand(f, op, i);
        if (!is_mention(o, f, path, &is_last) || is_of_stranger(o, file, path, is_last)) continue;
        if (!is_borrowed(o, file, op)) o->out->is_handed_out = true;
    }
}

static bool mentions(const Facts *f, u64 name) {
    for (u32 i = 1; i < f->n_strings; i++)
        if (f->strings[i].hash == name) return true;
    return false;
}

/* Attributes that nobody is seen to release are few: each looks through the files that write its
 * name. */
static void look_outside(const Owner *o) {
    OwnerAttribute *out = o->out;
    for (u32 file = 0; file < o->g->n_files && !out->is_released && !out->is_handed_out; file++) {
        const Facts *f = o->g->files[file].facts;
        if (o->g->files[file].is_test || !mentions(f, o->name)) continue;
        for (u32 i = 1; i < f->n_ops; i++) note_mention(o, file, &f->ops[i]);
    }
}

/* ---- the class ---- */

/* Bases outside the project that know nothing of what a subclass owns. */
static bool is_harmless_base(Str name) {
    static const char *const NAMES[] = {"abc.ABC",
                                        "builtins.object",
                                        "builtins.Exception",
                                        "threading.Thread",
                                        "typing.Generic",
                                        "typing.Protocol",
                                        "enum.Enum",
                                        "collections.abc.Iterator",
                                        "multiprocessing.Process",
                                        "builtins.dict",
                                        "builtins.list",
                                        "collections.OrderedDict",
                                        "typing.NamedTuple"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static bool has_unknown_base(const Owner *o) {
    const ClassNode *node = &o->g->classes[o->class.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *each = &o->g->classes[node->mro[i].i];
        for (u32 k = 0; k < each->n_bases; k++)
            if (!each->bases[k].known.i && !is_harmless_base(each->bases[k].name)) return true;
    }
    return false;
}

/* `for name in names: getattr(self, name).close()`, `vars(self)`, `self.__dict__`. */
static bool asks_by_name(const Owner *o, u32 file, const Op *op) {
    const Facts *f = o->g->files[file].facts;
    if (op->kind == OP_CALL) {
        Str name = graph_name_of(o->g, file, op_path(op));
        if (str_is(name, "builtins.vars")) return true;
        const Path *asked = &f->paths[op_operand(f, op, 1).i];
        if (str_is(name, "builtins.getattr") && asked->kind != PATH_LITERAL) return true;
    }
    PathId paths[2] = {op_subject((OpKind)op->kind) == SUBJECT_PATH ? op_path(op) : (PathId){0},
                       op_operand(f, op, 0)};
    for (u32 i = 0; i < ARRAY_LEN(paths); i++)
        for (PathId p = paths[i]; p.i; p = f->paths[p.i].parent)
            if (f->paths[p.i].kind == PATH_ATTR &&
                str_is(facts_str(f, (StrId){f->paths[p.i].id}), "__dict__"))
                return true;
    return false;
}

static bool is_dynamic(const Owner *o) {
    const ClassNode *node = &o->g->classes[o->class.i];
    if (graph_member(o->g, o->class, hash_str(STR("__getattr__"))).kind == MEMBER_METHOD)
        return true;
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *each = &o->g->classes[node->mro[i].i];
        const Facts *f = o->g->files[each->file].facts;
        const Scope *scope = &f->scopes[each->scope.i];
        if (scope->op_end - scope->op_first > METHOD_OPS) return true;
        for (u32 k = scope->op_first; k < scope->op_end; k++)
            if (asks_by_name(o, each->file, &f->ops[k])) return true;
    }
    return false;
}

/* `disconnect(self, client)` ends what it is given; `close(self, code)` says how. */
static bool ends_its_argument(const Graph *g, ScopeRef method) {
    static const char *const HOW[] = {"code",   "error",  "exc",    "exit_code", "force",
                                      "how",    "loop",   "now",    "reason",    "sig",
                                      "signal", "signum", "status", "timeout",   "wait"};
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    u32 first = scope->param_first + 1;
    if (first >= scope->param_end) return false;
    const Param *p = &f->params[first];
    if (p->fallback.i || p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) return false;
    Str name = facts_str(f, f->symbols[p->symbol.i].name);
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(HOW); i++)
        if (str_is(name, HOW[i])) return false;
    return true;
}

ScopeRef graph_closing_method(const Graph *g, ClassId c) {
    static const char *const NAMES[] = {
        "close",   "aclose",     "__exit__",  "__aexit__",    "stop",     "shutdown", "cleanup",
        "dispose", "disconnect", "terminate", "tearDown",     "teardown", "destroy",  "finish",
        "release", "stop_all",   "quit",      "server_close", "_close"};
    ScopeRef inherited = {0};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) {
        ScopeRef method = graph_method(g, c, NAMES[i]);
        if (scope_is_none(method)) continue;
        if (!str_ends(str_from(NAMES[i]), "exit__") && ends_its_argument(g, method)) continue;
        if (graph_method_class(g, method).i == c.i) return method;
        if (scope_is_none(inherited)) inherited = method;
    }
    return inherited;
}

/* What is made with the instance, in a class whose only end is an empty hook of a base: it may well
 * be made once, and live on. */
static bool is_left_to_base(const Graph *g, ClassId c, const OwnerAttribute *a) {
    if (scope_is_none(a->closer) || graph_method_class(g, a->closer).i == c.i) return false;
    const Facts *f = g->files[a->closer.file].facts;
    const Scope *closer = &f->scopes[a->closer.scope.i];
    const Facts *home = g->files[a->method.file].facts;
    Str method = facts_str(home, home->scopes[a->method.scope.i].name);
    return closer->op_first == closer->op_end && str_is(method, "__init__");
}

bool graph_owner_attribute(const Graph *g, ClassId c, Str name, Arena *arena, OwnerAttribute *out) {
    *out = (OwnerAttribute){.name = name};
    Attribute a = graph_attribute_outline(g, c, name);
    if (a.is_cut || a.first_owner.i != c.i) return false;
    if (a.kind != ATTRIBUTE_RESOURCE && a.kind != ATTRIBUTE_UNKNOWN && a.kind != ATTRIBUTE_TASK &&
        a.kind != ATTRIBUTE_INSTANCE)
        return false;
    a = graph_attribute(g, c, name, arena);
    if (a.is_cut) return false;
    Owner o = {.g = g, .class = c, .name = hash_str(name), .out = out};
    o.n_family = family_of(g, c, o.family);
    bool found = false;
    /* statements that run come first */
    for (u32 i = 0; i < a.n_uses && !found; i++)
        found = !is_off(&o, &a.uses[i]) && note_definition(&o, &a.uses[i]);
    for (u32 i = 0; i < a.n_uses && !found; i++) found = note_definition(&o, &a.uses[i]);
    if (!found) return false;
    for (u32 i = 0; i < a.n_uses; i++) note_use(&o, &a.uses[i]);
    if (!out->is_released && !out->is_handed_out) look_outside(&o);
    if (!out->is_released && !out->is_handed_out) out->is_released = is_dynamic(&o);
    out->is_unsure = !out->is_released && has_unknown_base(&o);
    out->closer = graph_closing_method(g, c);
    out->is_left_to_base = is_left_to_base(g, c, out);
    return true;
}
