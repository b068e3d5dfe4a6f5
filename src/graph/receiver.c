/* Who gets a callback, and whether that lives longer than what the callback holds. */
#include "graph/shared.h"

enum { RECEIVER_SITES_MAX = 64 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    const Grip *grip;
    ScopeRef function; /* in which the path is read */
} Look;

static Receiver receiver_of(const Look *l, PathId holder, u32 depth);

/* ---- paths ---- */

static bool is_of_module(const Facts *f, PathId path) {
    SymbolId root = facts_root_symbol(f, path);
    return root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE;
}

static PathId start_of(const Facts *f, PathId path) {
    while (f->paths[path.i].parent.i) path = f->paths[path.i].parent;
    return path;
}

/* What a local is bound to, if it is bound once; variables of modules are where it ends. */
static PathId followed(const Facts *f, PathId path) {
    for (u32 steps = 0; steps < RESOLVE_DEPTH && !is_of_module(f, path); steps++) {
        const Path *p = &f->paths[path.i];
        SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
        const Symbol *s = &f->symbols[owner.i];
        const Op *bind = &f->ops[s->bind.i];
        if (!owner.i || s->binds != 1 || s->flags & SYMBOL_PARAM || bind->kind != OP_BIND) break;
        u32 kind = bind->flags & OP_LOW;
        PathId value = bound_value(f, bind);
        if ((kind != BIND_ASSIGN && kind != BIND_WALRUS) || !value.i) break;
        path = value;
    }
    return path;
}

/* ---- functions that hand out what is shared ---- */

static bool begins_word(Str name, const char *word) {
    Str w = str_from(word);
    return str_starts(name, word) &&
           (name.n == w.n || name.p[w.n] == '_' || (name.p[w.n] >= 'A' && name.p[w.n] <= 'Z'));
}

/* `get_event_loop`, `IOLoop.current`, `QApplication.instance`: what is there already. */
static bool is_handing_out(Str name) {
    static const char *const WORDS[] = {"get",    "current", "instance", "default",
                                        "shared", "global",  "getLogger"};
    Str last = str_after_last(name, '.');
    while (last.n && last.p[0] == '_') last = str_sub(last, 1, last.n);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (begins_word(last, WORDS[i])) return true;
    return false;
}

static Str callee_text(const Look *l, const Op *call) {
    Str name = graph_name_of(l->g, l->file, op_path(call));
    const Path *p = &l->f->paths[call->subject];
    if (name.n) return name;
    return p->kind == PATH_ATTR ? facts_str(l->f, (StrId){p->id}) : (Str){0};
}

/* What a call returns: shared things by the name of the function, else something new. */
static Receiver result_of(const Look *l, const Op *call, PathId holder) {
    Receiver r = {.holder = holder};
    Str name = callee_text(l, call);
    const Path *callee = &l->f->paths[call->subject];
    if (str_is(name, "builtins.super")) {
        r.kind = RECEIVER_OWN;
    } else if (str_is(name, "builtins.type")) {
        r.kind = RECEIVER_CLASS;
    } else if (str_is(name, "logging.getLogger")) {
        r.kind = RECEIVER_MODULE;
    } else if ((r.name = shared_result(l->g, l->file, call)).n) {
        r.kind = RECEIVER_MODULE;
    } else if (is_handing_out(name)) {
        /* `self.widgets.get(k)` is one of its own */
        SymbolId root = facts_root_symbol(l->f, op_path(call));
        bool is_own = callee->kind == PATH_ATTR && callee->depth > 1 && root.i &&
                      root.i == self_symbol(l->g, l->function).i;
        r.kind = is_own ? RECEIVER_OWN : RECEIVER_RESULT;
    }
    return r;
}

/* ---- what the constructor was given ---- */

static bool is_named(const Facts *f, ScopeRef function, const char *name) {
    return str_is(facts_str(f, f->scopes[function.scope.i].name), name);
}

static bool is_constructor(const Facts *f, ScopeRef function) {
    return is_named(f, function, "__init__") || is_named(f, function, "__new__") ||
           is_named(f, function, "__post_init__");
}

/* The argument of a call that makes an instance which `parameter` of `__init__` is bound to. */
static PathId argument_for(const Graph *g, OpRef call, ScopeRef init, SymbolId parameter) {
    const Facts *f = g->files[init.file].facts, *there = g->files[call.file].facts;
    const Scope *scope = &f->scopes[init.scope.i];
    for (u32 p = scope->param_first + 1; p < scope->param_end; p++) {
        if (f->params[p].symbol.i != parameter.i) continue;
        Str name = facts_str(f, f->symbols[parameter.i].name);
        u32 index = f->params[p].kind <= PARAM_POSITIONAL_ONLY ? p - scope->param_first - 1
                                                               : UINT32_MAX / 4;
        return call_argument_named(there, &there->ops[call.op.i], index, name);
    }
    return (PathId){0};
}

/* Does what a site gives live longer than the instance: `Session(self.bus)` in a method that runs
 * again and again, `Session(BUS)`? */
static bool gives_longer(const Graph *g, OpRef call, PathId given, bool *is_shared) {
    const Facts *f = g->files[call.file].facts;
    given = followed(f, given);
    SymbolId root = facts_root_symbol(f, given);
    if (!root.i) return false;
    const Op *op = &f->ops[call.op.i];
    HowOften how = graph_how_often(g, call.file, op->region);
    *is_shared = is_of_module(f, given);
    if (*is_shared) return how >= RUNS_PER_INSTANCE;
    ScopeRef function = function_of_op(g, call);
    while (function.scope.i && !graph_method_class(g, function).i)
        function.scope = enclosing_function(f, f->scopes[function.scope.i].parent);
    if (!function.scope.i || self_symbol(g, function).i != root.i) return false;
    return how >= RUNS_PER_CALL && !is_constructor(f, function);
}

/* The instance is put into an attribute of its maker, which holds one at a time. */
static bool is_stored_once(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = call.op.i + 1; i < f->n_ops && i < call.op.i + 4; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind == PATH_OP && value->id == call.op.i && op->kind == OP_STORE)
            return f->paths[op->subject].kind == PATH_ATTR;
    }
    return false;
}

static void look_at_sites(const Graph *g, ClassId c, ScopeRef init, SymbolId parameter,
                          Receiver *r) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 k = 0; k <= node->subclasses.n && !r->is_longer; k++) {
        ClassId made = k ? node->subclasses.v[k - 1] : c;
        if (graph_method(g, made, "__init__").scope.i != init.scope.i) continue;
        const ClassNode *each = &g->classes[made.i];
        u32 n = MIN(each->calls.n, (u32)RECEIVER_SITES_MAX);
        for (u32 i = 0; i < n && !r->is_longer; i++) {
            OpRef call = each->calls.v[i];
            if (g->files[call.file].is_test || is_stored_once(g, call)) continue;
            PathId given = argument_for(g, call, init, parameter);
            if (!given.i || !gives_longer(g, call, given, &r->is_shared)) continue;
            r->is_longer = true;
            r->site = call;
        }
    }
}

/* A parameter: of the constructor, or of another function. */
static Receiver parameter_of(const Look *l, PathId holder, SymbolId parameter) {
    const Facts *f = l->f;
    Receiver r = {.kind = RECEIVER_PARAMETER, .holder = holder};
    ScopeRef function = {l->file, f->symbols[parameter.i].scope};
    ClassId c = graph_method_class(l->g, function);
    if (!c.i || !is_constructor(f, function)) return r;
    r.kind = RECEIVER_GIVEN;
    look_at_sites(l->g, c, function, parameter, &r);
    return r;
}

/* ---- attributes of the instance ---- */

/* What `self.bus` was bound to: the store that says most. */
static Receiver stored_in(const Look *l, ClassId c, u64 name, PathId holder, u32 depth) {
    Receiver best = {.kind = RECEIVER_OWN, .holder = holder};
    ClassId owner;
    const AttributeDef *d = class_attribute(l->g, c, name, &owner);
    for (; d; d = attribute_next(l->g, d)) {
        const Facts *f = l->g->files[d->file].facts;
        const Op *op = &f->ops[d->op.i];
        PathId value = bound_value(f, op);
        if (!value.i || f->paths[value.i].kind == PATH_LITERAL) continue;
        ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
        Look there = {l->g, f, d->file, l->grip, {d->file, s}};
        const Path *made = &f->paths[followed(f, value).i];
        if (made->kind == PATH_OP && f->ops[made->id].kind == OP_CHOICE)
            value = op_operand(f, &f->ops[made->id], 0); /* `bus or Bus()` */
        Receiver r = receiver_of(&there, value, depth - 1);
        r.holder = holder;
        if (r.kind > best.kind) best = r;
    }
    return best;
}

/* `bus = Bus()` in the body of the class: its instances share it. Descriptors are per instance. */
static bool is_class_attribute(const Look *l, ClassId c, u64 name) {
    ClassId owner;
    SymbolId s = class_member(l->g, c, name, &owner);
    if (!s.i || class_attribute(l->g, c, name, &(ClassId){0})) return false;
    u32 file = l->g->classes[owner.i].file;
    const Facts *f = l->g->files[file].facts;
    const Op *bind = &f->ops[f->symbols[s.i].bind.i];
    if (bind->kind != OP_BIND || !bound_value(f, bind).i) return false;
    ClassId type = graph_type_of(l->g, file, bound_value(f, bind));
    return type.i && scope_is_none(graph_method(l->g, type, "__get__"));
}

static Receiver attribute_of(const Look *l, PathId holder, SymbolId self, u32 depth) {
    Receiver r = {.kind = RECEIVER_OWN, .holder = holder};
    bool exact;
    StrId name = attribute_named(l->f, holder, self, &exact);
    ClassId c = graph_method_class(l->g, l->function);
    if (!name.i || !c.i || !depth) return r;
    if (str_is(facts_str(l->f, name), "__class__")) {
        r.kind = RECEIVER_CLASS;
        return r;
    }
    if (is_class_attribute(l, c, name_hash(l->f, name))) {
        r.kind = RECEIVER_CLASS;
        return r;
    }
    return stored_in(l, c, name_hash(l->f, name), holder, depth);
}

/* ---- the whole ---- */

/* `get_app().bus`, which the constructor of the app makes once for all. */
static bool is_standing_part(const Look *l, PathId path, PathId start) {
    const Path *p = &l->f->paths[path.i];
    ClassId c = graph_type_of(l->g, l->file, start), owner;
    if (p->kind != PATH_ATTR || p->parent.i != start.i || !c.i) return false;
    const AttributeDef *d = class_attribute(l->g, c, name_hash(l->f, (StrId){p->id}), &owner);
    bool any = d != NULL;
    for (; d && any; d = attribute_next(l->g, d)) {
        const Facts *f = l->g->files[d->file].facts;
        ScopeId s = enclosing_function(f, f->regions[f->ops[d->op.i].region.i].scope);
        any = s.i && is_constructor(f, (ScopeRef){d->file, s});
    }
    return any;
}

/* Of what is handed out, a part may come and go. */
static Receiver part_of(const Look *l, PathId path, PathId start, Receiver of) {
    if (path.i == start.i || !of.name.n) return of;
    bool stays = is_standing_part(l, path, start);
    of.kind = stays ? of.kind : RECEIVER_RESULT;
    of.name = (Str){0};
    return of;
}

/* The function whose variable it is, methods around inner functions included. */
static Receiver variable_of(const Look *l, PathId holder, SymbolId root, u32 depth) {
    const Symbol *s = &l->f->symbols[root.i];
    Receiver r = {.holder = holder};
    Look in = *l;
    in.function = (ScopeRef){l->file, s->scope};
    bool is_class;
    ClassId c = self_class(l->g, l->file, root, &is_class);
    if (c.i && is_class) r.kind = RECEIVER_CLASS;
    if (c.i && is_class) return r;
    if (self_symbol(l->g, in.function).i == root.i) return attribute_of(&in, holder, root, depth);
    return s->flags & SYMBOL_PARAM ? parameter_of(&in, holder, root) : r;
}

static Receiver receiver_of(const Look *l, PathId holder, u32 depth) {
    Receiver r = {.holder = holder};
    PathId path = followed(l->f, holder), start = start_of(l->f, path);
    if (is_of_module(l->f, path)) r.kind = RECEIVER_MODULE;
    if (is_of_module(l->f, path)) return r;
    PathId origin = followed(l->f, start);
    if (origin.i != start.i) { /* `client = session.client; client.events.on(…)` */
        if (!depth) return r;
        Receiver of = receiver_of(l, origin, depth - 1);
        of.holder = holder;
        return part_of(l, path, start, of);
    }
    const Path *root = &l->f->paths[start.i];
    if (root->kind == PATH_OP && l->f->ops[root->id].kind == OP_CALL)
        return part_of(l, path, start, result_of(l, &l->f->ops[root->id], holder));
    if (root->kind == PATH_OP && l->f->ops[root->id].kind == OP_AWAITED_VALUE) return r;
    SymbolId target = facts_root_symbol(l->f, path);
    if (!target.i) return r;
    const Scope *scope = &l->f->scopes[l->f->symbols[target.i].scope.i];
    if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA)
        return variable_of(l, path, target, depth);
    return r;
}

Receiver graph_receiver(const Graph *g, u32 file, OpId call, PathId holder, const Grip *grip) {
    const Facts *f = g->files[file].facts;
    const Op *op = facts_op(f, call);
    Look l = {g, f, file, grip, {file, enclosing_function(f, f->regions[op->region.i].scope)}};
    Receiver r = receiver_of(&l, holder, 4);
    r.holder = holder;
    /* `session.events` of a parameter */
    SymbolId owner = facts_root_symbol(f, holder);
    r.is_brief = r.kind == RECEIVER_GIVEN && owner.i &&
                 graph_burden_of(g, file, owner).kind == BURDEN_REQUEST;
    return r;
}
