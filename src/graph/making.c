/* Classes that are made while the program runs: by a class statement in a function, or by a call of
 * `namedtuple`, `type` and their kin. Who keeps the class, and what does it hold? */
#include "graph/model.h"

/* Operations of a function that are searched for what becomes of a class. */
enum { FATE_OPS = 4000 };
enum { VALUE_STEPS = 4, OUTER_MAX = 16 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    OpId made;       /* the class statement or the call */
    SymbolId symbol; /* the local variable that it is bound to, or 0 */
} Look;

static ScopeId scope_of(const Facts *f, OpId op) {
    return f->regions[f->ops[op.i].region.i].scope;
}

/* Is the value the class, or a tuple or the like with the class in it? */
static bool is_class(const Look *l, PathId value, u32 steps) {
    const Path *p = &l->f->paths[value.i];
    if (!steps) return false;
    if (p->kind == PATH_SYMBOL)
        return l->symbol.i && facts_root_symbol(l->f, value).i == l->symbol.i;
    if (p->kind != PATH_OP) return false;
    if (p->id == l->made.i) return true;
    const Op *op = &l->f->ops[p->id];
    bool is_display =
        op->kind == OP_TUPLE || op->kind == OP_LIST || op->kind == OP_DICT || op->kind == OP_CHOICE;
    for (u32 i = 0; is_display && i < op->operands; i++)
        if (is_class(l, op_operand(l->f, op, i), steps - 1)) return true;
    return false;
}

/* The variable that the operation's value is bound to at once; 0 without one. */
static SymbolId bound_to(const Facts *f, OpId made) {
    const Op *op = &f->ops[made.i];
    u32 next = op->kind == OP_CLASS ? f->scopes[op->subject].op_end : made.i + 1;
    for (u32 o = next; o < f->n_ops && o < next + 3; o++) {
        const Op *bind = &f->ops[o];
        const Path *value = &f->paths[bound_value(f, bind).i];
        if (bind->kind == OP_BIND && value->kind == PATH_OP && value->id == made.i)
            return facts_root_symbol(f, op_path(bind));
    }
    return (SymbolId){0};
}

/* A function around the place is a cache: the class is made once for each of its arguments. */
static bool is_in_memoised(const Look *l, ScopeId scope) {
    for (u32 n = 0; scope.i && n < OUTER_MAX; n++) {
        const Scope *s = &l->f->scopes[scope.i];
        if (is_memoised(l->g, (ScopeRef){l->file, scope})) return true;
        for (u32 d = s->decorator_first; d < s->decorator_end; d++) {
            Str name = graph_name_of(l->g, l->file, l->f->operands[d].path);
            if (str_ends(name, "cached_property") || str_ends(name, "memoize")) return true;
        }
        scope = s->parent;
    }
    return false;
}

/* Is the scope one of those around the other? */
static bool is_around(const Facts *f, ScopeId outer, ScopeId inner) {
    do inner = f->scopes[inner.i].parent;
    while (inner.i && inner.i != outer.i);
    return inner.i != 0;
}

static bool is_self(const Look *l, SymbolId s) {
    ScopeRef function = {l->file, l->f->symbols[s.i].scope};
    const Scope *scope = &l->f->scopes[function.scope.i];
    return graph_method_kind(l->g, function) == METHOD_INSTANCE &&
           l->f->params[scope->param_first].symbol.i == s.i;
}

/* Something that outlives the call gets the class: a module variable, an attribute of a parameter
 * other than self, a table that is no local, `setattr`, `globals()[…]`, a cache of ctypes. */
static bool is_stored_outside(const Look *l, const Op *op) {
    const Path *subject = &l->f->paths[op->subject];
    if (op->kind == OP_CALL) {
        Str name = graph_name_of(l->g, l->file, op_path(op));
        if (str_is(name, "builtins.setattr")) return is_class(l, op_operand(l->f, op, 2), 2);
        if (str_is(name, "ctypes.POINTER")) return is_class(l, op_operand(l->f, op, 0), 2);
        if (graph_is_class_registry(l->g, l->file, op_path(op)))
            return is_class(l, op_operand(l->f, op, 0), 2);
        if (subject->kind != PATH_ATTR) return false;
        const MethodRow *row = know_method(facts_str(l->f, (StrId){subject->id}));
        if (!row || row->effect != METHOD_ADDS) return false;
        bool has_it = false;
        for (u32 i = 0; i < op->operands; i++)
            if (is_class(l, op_operand(l->f, op, i), VALUE_STEPS)) has_it = true;
        if (!has_it) return false;
    } else if (!is_class(l, bound_value(l->f, op), VALUE_STEPS)) {
        return false;
    }
    SymbolId root = facts_root_symbol(l->f, op_path(op));
    if (!root.i) return op->kind != OP_BIND; /* globals()[name] = C */
    const Symbol *owner = &l->f->symbols[root.i];
    if (is_around(l->f, owner->scope, scope_of(l->f, l->made))) return true;
    if (op->kind == OP_BIND) return false;
    bool is_attribute = op->kind == OP_STORE && subject->kind == PATH_ATTR &&
                        l->f->paths[subject->parent.i].kind == PATH_SYMBOL;
    return owner->flags & SYMBOL_PARAM && !(is_attribute && is_self(l, root));
}

/* `type(x)`, `Color(1)`: the call makes a class only with all its arguments. */
static bool makes_class(const Look *l, const Op *op) {
    if (op->kind == OP_CLASS) return true;
    Str name = graph_name_of(l->g, l->file, op_path(op));
    if (str_is(name, "builtins.type") || str_is(name, "abc.ABCMeta")) return op->operands >= 3;
    return !str_starts(name, "enum.") || op->operands >= 2;
}

/* `class Row(namedtuple("Row", "a b"))`: the class speaks for both. Bases are evaluated right
 * before the class is made. */
static bool is_base(const Look *l) {
    for (u32 o = l->made.i + 1; o < l->f->n_ops && o < l->made.i + 8; o++) {
        if (l->f->ops[o].kind != OP_CLASS) continue;
        const Scope *class = &l->f->scopes[l->f->ops[o].subject];
        for (u32 b = class->base_first; b < class->base_end; b++) {
            const Path *p = &l->f->paths[l->f->operands[b].path.i];
            if (p->kind == PATH_OP && p->id == l->made.i) return true;
        }
    }
    return false;
}

/* `Utils.addresses = staticmethod(addresses)` in the function `addresses`: another one takes its
 * place with the first call. */
static bool replaces_function(const Facts *f, const Op *op, const Scope *function) {
    const Path *to = &f->paths[op->subject];
    if (op->kind != OP_STORE || to->kind != PATH_ATTR || to->id != function->name.i) return false;
    SymbolId root = facts_root_symbol(f, op_path(op));
    const Symbol *owner = &f->symbols[f->symbols[root.i].target.i];
    return root.i && f->scopes[owner->scope.i].kind == SCOPE_MODULE;
}

ClassMaking graph_class_making(const Graph *g, OpRef made) {
    const Facts *f = graph_facts(g, made.file);
    Look l = {g, f, made.file, made.op, bound_to(f, made.op)};
    RegionId region = f->ops[made.op.i].region;
    ClassMaking m = {.how_often = graph_how_often(g, made.file, region), .symbol = l.symbol};
    m.function =
        (ScopeRef){made.file, facts_enclosing(f, f->regions[region.i].scope, SCOPE_FUNCTION)};
    if (!m.function.scope.i || m.how_often < RUNS_PER_INSTANCE) return m;
    m.is_class = makes_class(&l, &f->ops[made.op.i]) && !is_base(&l);
    m.is_in_loop = region_is_in_loop(f, region);
    m.is_kept = is_in_memoised(&l, m.function.scope);
    if (l.symbol.i && f->symbols[l.symbol.i].scope.i != scope_of(f, made.op).i) m.is_kept = true;
    const Scope *scope = &f->scopes[m.function.scope.i];
    u32 end = MIN(scope->op_end, made.op.i + FATE_OPS);
    for (u32 o = made.op.i + 1; o < end && !m.is_kept; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_STORE || op->kind == OP_BIND || op->kind == OP_CALL)
            m.is_kept = is_stored_outside(&l, op) || replaces_function(f, op, scope);
        if (op->kind == OP_RETURN && is_class(&l, op_operand(f, op, 0), VALUE_STEPS))
            m.is_returned = true;
    }
    return m;
}

/* ---- what a class holds ---- */

/* A name in the body holds the variable's value: `owner = self`, `state = (self, 0)`. */
static bool is_in_value(const Facts *f, PathId value, SymbolId s, u32 steps) {
    const Path *p = &f->paths[value.i];
    if (!steps) return false;
    if (p->kind == PATH_SYMBOL) return facts_root_symbol(f, value).i == s.i;
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind != OP_TUPLE && op->kind != OP_LIST && op->kind != OP_DICT && op->kind != OP_SET)
        return false;
    for (u32 i = 0; i < op->operands; i++)
        if (is_in_value(f, op_operand(f, op, i), s, steps - 1)) return true;
    return false;
}

static bool is_held(const Facts *f, ScopeId class, SymbolId s) {
    const Scope *body = &f->scopes[class.i];
    for (u32 i = class.i + 1; i < f->n_scopes && f->scopes[i].span.start < body->span.end; i++) {
        const Scope *inner = &f->scopes[i];
        if (inner->kind == SCOPE_COMPREHENSION || inner->kind == SCOPE_CLASS) continue;
        for (u32 k = inner->symbol_first; k < inner->symbol_end; k++)
            if (f->symbols[k].flags & SYMBOL_FREE && f->symbols[k].target.i == s.i) return true;
    }
    for (u32 o = body->op_first; o < body->op_end; o++) {
        const Op *op = &f->ops[o];
        bool is_here = op->kind == OP_BIND && f->regions[op->region.i].scope.i == class.i;
        if (is_here && is_in_value(f, bound_value(f, op), s, VALUE_STEPS)) return true;
    }
    return false;
}

u32 graph_class_captures(const Graph *g, Arena *arena, ScopeRef class, SymbolId **out) {
    const Facts *f = graph_facts(g, class.file);
    const Scope *scope = &f->scopes[class.scope.i];
    u32 n = 0;
    *out = arena_array(arena, SymbolId, scope->symbol_end - scope->symbol_first + 1);
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++) {
        const Symbol *s = &f->symbols[i];
        bool is_itself = bound_to(f, scope->def).i == s->target.i;
        bool is_free = s->flags & SYMBOL_FREE && s->target.i && !is_itself;
        if (is_free && is_held(f, class.scope, s->target)) (*out)[n++] = s->target;
    }
    return n;
}

/* ---- caches of types ---- */

static bool is_typing(Str name) {
    return str_starts(name, "typing.") || str_starts(name, "typing_extensions.");
}

static PathId subscripted(const Facts *f, const Op *op) {
    if (op->kind == OP_SUBSCRIPT) return op_path(op);
    const Path *p = &f->paths[op->subject];
    return op->kind == OP_LOAD && p->kind == PATH_ANY ? p->parent : (PathId){0};
}

OpId graph_typing_use(const Graph *g, u32 file, OpId made, SymbolId symbol) {
    const Facts *f = graph_facts(g, file);
    Look l = {g, f, file, made, symbol};
    const Op *op = &f->ops[made.i];
    ScopeId function = facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION);
    u32 first = op->kind == OP_CLASS ? f->scopes[op->subject].op_end : made.i + 1;
    u32 end = MIN(f->scopes[function.i].op_end, first + FATE_OPS);
    for (u32 o = first; o < end; o++) {
        PathId base = subscripted(f, &f->ops[o]);
        if (!base.i) continue;
        bool has_it = false;
        for (u32 i = 0; i < f->ops[o].operands; i++)
            if (is_class(&l, op_operand(f, &f->ops[o], i), VALUE_STEPS)) has_it = true;
        if (has_it && f->ops[o].kind == OP_LOAD && is_typing(graph_name_of(g, file, base)))
            return (OpId){o};
    }
    return (OpId){0};
}

/* ---- ctypes ---- */

/* A length that is not the same each time: neither a number nor a constant by its name. */
static bool is_varying(const Facts *f, PathId length) {
    const Path *p = &f->paths[length.i];
    if (p->kind == PATH_LITERAL || !length.i) return false;
    Str name = {0};
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[p->id].target.i];
        if (f->scopes[s->scope.i].kind == SCOPE_MODULE) return false;
        name = facts_str(f, f->symbols[p->id].name);
    }
    if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
    for (u32 i = 0; i < name.n; i++)
        if (name.p[i] >= 'a' && name.p[i] <= 'z') return true;
    return !name.n && p->kind == PATH_OP;
}

static bool is_ctypes(const Graph *g, u32 file, PathId type) {
    Str name = graph_name_of(g, file, type);
    if (str_starts(name, "ctypes.")) return true;
    ClassId c = graph_class_of_scope(g, graph_definition_of(g, file, type));
    return c.i &&
           (graph_is_subclass(g, c, "ctypes.Structure") || graph_is_subclass(g, c, "ctypes.Union"));
}

bool graph_is_fresh_ctype(const Graph *g, u32 file, PathId type, u32 depth) {
    const Facts *f = graph_facts(g, file);
    type = graph_alias_of(g, file, type);
    const Path *p = &f->paths[type.i];
    if (!depth || !type.i) return false;
    const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (op->kind == OP_BINARY && (op->flags & OP_LOW) == OPERATOR_MUL) {
        PathId left = op_operand(f, op, 0), right = op_operand(f, op, 1);
        if (is_ctypes(g, file, left)) return is_varying(f, right);
        return is_ctypes(g, file, right) && is_varying(f, left);
    }
    if (op->kind == OP_CALL && str_starts(graph_name_of(g, file, op_path(op)), "ctypes."))
        return graph_is_fresh_ctype(g, file, op_operand(f, op, 0), depth - 1);
    ScopeRef local = graph_definition_of(g, file, type);
    ClassId c = graph_class_of_scope(g, local);
    return c.i && !graph_class_is_static(g, c) && is_ctypes(g, file, type);
}

/* The ctypes structure of a function that is handed to one of the caches of ctypes, or 0. */
static ClassId local_ctype(const Graph *g, u32 file, const Op *call) {
    const Facts *f = graph_facts(g, file);
    for (u32 i = 0; i < call->operands; i++) {
        PathId type = graph_alias_of(g, file, op_operand(f, call, i));
        ClassId c = graph_class_of_scope(g, graph_definition_of(g, file, type));
        if (c.i && !graph_class_is_static(g, c) && is_ctypes(g, file, type)) return c;
    }
    return (ClassId){0};
}

/* `ctypes.POINTER(…)` and the makers of function types remember what they were given. */
static bool is_cache(const Graph *g, u32 file, const Op *call) {
    Str name = graph_name_of(g, file, op_path(call));
    return str_is(name, "ctypes.POINTER") ||
           (str_starts(name, "ctypes.") && str_ends(name, "FUNCTYPE"));
}

CtypeUse graph_ctype_use(const Graph *g, OpRef call) {
    const Facts *f = graph_facts(g, call.file);
    const Op *op = &f->ops[call.op.i];
    CtypeUse use = {.structure = local_ctype(g, call.file, op), .is_first = true};
    if (!use.structure.i) return use;
    ScopeId around = facts_enclosing(f, scope_of(f, call.op), SCOPE_FUNCTION);
    ScopeRef class = graph_class_scope(g, use.structure);
    OpId made = graph_facts(g, class.file)->scopes[class.scope.i].def;
    bool is_here = class.file == call.file &&
                   facts_enclosing(f, scope_of(f, made), SCOPE_FUNCTION).i == around.i;
    use.is_in_loop = is_here && region_is_in_loop(f, f->ops[made.i].region);
    use.is_first = is_here;
    u32 first = MAX(f->scopes[around.i].op_first, call.op.i > FATE_OPS ? call.op.i - FATE_OPS : 0);
    for (u32 o = first; o < call.op.i && use.is_first; o++)
        if (f->ops[o].kind == OP_CALL)
            use.is_first =
                !is_cache(g, call.file, &f->ops[o]) || !local_ctype(g, call.file, &f->ops[o]).i;
    return use;
}
