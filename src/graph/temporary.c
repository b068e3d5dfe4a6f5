/* Objects that nobody but one expression holds, and what callers pass for parameters. */
#include "graph/model.h"

/* Calls on the way from a parameter to what callers pass; callers and operations of one function
 * that are looked at. */
enum { TEMPORARY_STEPS = 5, TEMPORARY_CALLERS = 64, TEMPORARY_OPS = 4000 };

static const Temporary NONE;

static Temporary temporary(const Graph *g, OpRef user, PathId value, u32 steps);

/* ---- callers ---- */

u32 graph_callers(const Graph *g, ScopeRef function, const OpRef **calls) {
    u32 id = function_id(g, function.file, function.scope);
    *calls = id ? g->functions[id].callers.v : NULL;
    return id ? g->functions[id].callers.n : 0;
}

SymbolId graph_parameter(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_SYMBOL) return (SymbolId){0};
    SymbolId owner = f->symbols[p->id].target;
    const Symbol *s = &f->symbols[owner.i];
    return s->flags & SYMBOL_PARAM && !s->binds ? owner : (SymbolId){0};
}

/* `kwargs = dict(callback=…)` or `{"callback": …}`, handed on as `**kwargs`. */
static PathId argument_in_options(const Graph *g, u32 file, PathId options, Str name) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, options).i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (op && op->kind == OP_CALL)
        return str_is(graph_name_of(g, file, op_path(op)), "builtins.dict")
                   ? call_argument_named(f, op, UINT32_MAX, name)
                   : (PathId){0};
    for (u32 i = 0; op && op->kind == OP_DICT && i + 1 < op->operands; i++) {
        const Path *key = &f->paths[op_operand(f, op, i).i];
        bool is_key = operand_kind(f->operands[op->operand + i]) == OPERAND_KEY;
        if (is_key && key->kind == PATH_LITERAL && str_eq(facts_str(f, (StrId){key->id}), name))
            return op_operand(f, op, i + 1);
    }
    return (PathId){0};
}

/* `Base.method(self, x)` passes the receiver in front; `obj.method(x)` and `C(x)` do not. */
static bool has_receiver(const Graph *g, OpRef call, u32 function) {
    const FunctionNode *fn = &g->functions[function];
    if (!fn->owner.i || fn->kind == METHOD_STATIC) return false;
    return !graph_callee(g, call.file, call.op).is_unbound;
}

PathId graph_argument(const Graph *g, OpRef call, ScopeRef function, SymbolId parameter) {
    const Facts *f = g->files[function.file].facts;
    const Facts *from = g->files[call.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    const Op *op = &from->ops[call.op.i];
    u32 index = 0;
    while (scope->param_first + index < scope->param_end &&
           f->params[scope->param_first + index].symbol.i != parameter.i)
        index++;
    if (scope->param_first + index == scope->param_end) return (PathId){0};
    ParamKind kind = (ParamKind)f->params[scope->param_first + index].kind;
    if (kind == PARAM_STAR || kind == PARAM_DOUBLE_STAR) return (PathId){0};
    u32 skipped = has_receiver(g, call, function_id(g, function.file, function.scope));
    if (index < skipped) { /* `x.method()`: x; a constructor makes its first argument */
        const Path *callee = &from->paths[op->subject];
        bool is_bound = callee->kind == PATH_ATTR && graph_callee(g, call.file, call.op).function;
        return is_bound ? callee->parent : (PathId){0};
    }
    if (kind == PARAM_KEYWORD_ONLY) index = UINT32_MAX;
    Str name = facts_str(f, f->symbols[parameter.i].name);
    PathId found = call_argument_named(from, op, index - (index < UINT32_MAX ? skipped : 0), name);
    for (u32 i = 0; !found.i && i < op->operands; i++) {
        Operand o = from->operands[op->operand + i];
        if (operand_kind(o) == OPERAND_DOUBLE_STAR)
            found = argument_in_options(g, call.file, o.path, name);
    }
    return found;
}

/* ---- who else has it ---- */

static bool is_symbol(const Facts *f, PathId path, SymbolId owner) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == owner.i;
}

/* Calls that look at what an object is, so that methods are perhaps treated in another way. */
static bool asks_what_it_is(Str callee) {
    static const char *const ASKING[] = {
        "builtins.isinstance", "builtins.hasattr",  "builtins.getattr",   "builtins.type",
        "inspect.ismethod",    "inspect.isroutine", "inspect.isfunction", "weakref.WeakMethod"};
    for (u32 i = 0; i < ARRAY_LEN(ASKING); i++)
        if (str_is(callee, ASKING[i])) return true;
    return false;
}

/* A dictionary, perhaps in a local, that is only handed on as `**options`. */
static bool is_options(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    u32 at = (u32)(op - f->ops);
    if (op->kind == OP_CALL && !str_is(graph_name_of(g, file, op_path(op)), "builtins.dict"))
        return false;
    if ((op->kind != OP_CALL && op->kind != OP_DICT) || at + 1 >= f->n_ops) return false;
    const Op *bind = &f->ops[at + 1];
    const Path *value = &f->paths[bind->kind == OP_BIND ? bound_value(f, bind).i : 0];
    if (value->kind != PATH_OP || value->id != at) return false;
    SymbolId local = facts_root_symbol(f, op_path(bind));
    const Scope *scope = &f->scopes[f->symbols[local.i].scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + TEMPORARY_OPS);
    if (f->symbols[local.i].binds != 1 || f->symbols[local.i].flags & SYMBOL_CELL) return false;
    for (u32 o = at + 2; o < end; o++) {
        const Op *user = &f->ops[o];
        for (u32 i = 0; i < user->operands; i++) {
            Operand operand = f->operands[user->operand + i];
            if (facts_root_symbol(f, operand.path).i == local.i &&
                operand_kind(operand) != OPERAND_DOUBLE_STAR)
                return false;
        }
    }
    return true;
}

/* Does the operation give the variable to somebody, or ask what it is? Calling it, and comparing
 * or formatting it, does not. */
static bool gives_away(const Graph *g, u32 file, const Op *op, SymbolId owner) {
    const Facts *f = g->files[file].facts;
    bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
    if (is_path && op->kind == OP_TEST && is_symbol(f, op_path(op), owner))
        return (op->flags & OP_LOW) == TEST_INSTANCE || (op->flags & OP_LOW) == TEST_HAS;
    if (is_path && f->paths[op->subject].depth && facts_root_symbol(f, op_path(op)).i == owner.i)
        return true; /* `callback.__self__`, `callback.owner = …` */
    if (op->kind == OP_TEST || op->kind == OP_COMPARE || op->kind == OP_FSTRING ||
        op->kind == OP_NOT || op->kind == OP_BINARY)
        return false;
    for (u32 i = 0; i < op->operands; i++) {
        PathId operand = op_operand(f, op, i);
        if (facts_root_symbol(f, operand).i != owner.i) continue;
        if (is_options(g, file, op)) continue;
        if (op->kind != OP_CALL || !is_symbol(f, operand, owner)) return true;
        Str callee = graph_name_of(g, file, op_path(op));
        const CallRow *row = know_call(callee);
        if (!row || !(row->flags & CALL_READS) || asks_what_it_is(callee)) return true;
    }
    return false;
}

/* The variable's function gives it to nobody but `user`. */
static bool has_only_user(const Graph *g, OpRef user, SymbolId owner) {
    const Facts *f = g->files[user.file].facts;
    const Symbol *s = &f->symbols[owner.i];
    const Scope *scope = &f->scopes[s->scope.i];
    if (s->flags & SYMBOL_CELL || scope->op_end - scope->op_first > TEMPORARY_OPS) return false;
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (o != user.op.i && o != s->bind.i && gives_away(g, user.file, &f->ops[o], owner))
            return false;
    return true;
}

/* `x = d[k] = Thing()`, `(x := Thing())`: another operation takes the same value. */
static bool is_shared(const Facts *f, u32 made, OpId user) {
    for (u32 o = made + 1; o < f->n_ops && o <= user.i + 4; o++) {
        const Op *op = &f->ops[o];
        if (o == user.i) continue;
        for (u32 i = 0; i < op->operands; i++) {
            const Path *p = &f->paths[op_operand(f, op, i).i];
            if (p->kind == PATH_OP && p->id == made) return true;
        }
    }
    return false;
}

/* ---- kinds ---- */

static Temporary method(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    Temporary t = {.kind = TEMPORARY_METHOD, .file = file, .value = value};
    t.name = facts_str(f, (StrId){p->id});
    u64 name = name_hash(f, (StrId){p->id});
    ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH);
    bool is_class = false;
    SymbolId root = facts_root_symbol(f, p->parent);
    if (!c.i && p->depth == 1 && root.i) c = self_class(g, file, root, &is_class);
    Entity e = entity_of_path(g, file, value, RESOLVE_DEPTH);
    if (e.kind == ENTITY_FUNCTION && g->functions[entity_function(g, e)].kind == METHOD_CLASS &&
        entity_of_path(g, file, p->parent, RESOLVE_DEPTH).kind == ENTITY_CLASS)
        t.confidence = CONFIDENCE_HIGH;
    else if (!c.i || graph_is_stored(g, c, name))
        return NONE;
    else {
        Member m = graph_member(g, c, name);
        bool of_class = m.kind == MEMBER_STATIC && graph_method_kind(g, m.function) == METHOD_CLASS;
        if ((m.kind != MEMBER_METHOD || is_class) && !of_class) return NONE;
        t.confidence = m.is_decorated && !of_class ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
    }
    return t;
}

/* Does `__init__` only use attributes of the new instance, and hand it to nobody? */
static bool keeps_to_itself(const Graph *g, ScopeRef init) {
    const Facts *f = g->files[init.file].facts;
    const Scope *scope = &f->scopes[init.scope.i];
    if (scope->param_first == scope->param_end) return false;
    SymbolId self = f->params[scope->param_first].symbol;
    if (f->symbols[self.i].flags & SYMBOL_CELL) return false;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
        const Path *callee = &f->paths[is_path && op->kind == OP_CALL ? op->subject : 0];
        if (callee->depth == 1 && facts_root_symbol(f, op_path(op)).i == self.i) return false;
        Str name =
            callee->kind == PATH_SYMBOL ? graph_name_of(g, init.file, op_path(op)) : (Str){0};
        if (str_is(name, "builtins.super")) return false;
        for (u32 i = 0; i < op->operands; i++) {
            const Path *p = &f->paths[op_operand(f, op, i).i];
            if (facts_root_symbol(f, op_operand(f, op, i)).i == self.i && p->depth <= 1)
                return false;
        }
    }
    return true;
}

static Temporary instance(const Graph *g, u32 file, PathId value, const Op *call) {
    ClassId made;
    callee_function(g, file, call, &made);
    const ClassNode *node = &g->classes[made.i];
    if (!made.i || !node->complete || node->metaclass.n || node->metaclass_known.i) return NONE;
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    if (scope->decorator_first != scope->decorator_end) return NONE;
    if (!scope_is_none(graph_method(g, made, "__new__"))) return NONE;
    ScopeRef init = graph_method(g, made, "__init__");
    if (!scope_is_none(init) && !keeps_to_itself(g, init)) return NONE;
    return (Temporary){
        TEMPORARY_INSTANCE, CONFIDENCE_MEDIUM, file, value, graph_class_name(g, made), false, {0}};
}

static Temporary made(const Graph *g, OpRef user, PathId value) {
    const Facts *f = g->files[user.file].facts;
    u32 at = f->paths[value.i].id;
    const Op *op = &f->ops[at];
    Temporary t = {.confidence = CONFIDENCE_HIGH, .file = user.file, .value = value};
    if (is_shared(f, at, user.op)) return NONE;
    if (op->kind == OP_LAMBDA) {
        t.kind = TEMPORARY_LAMBDA;
        return t;
    }
    if (op->kind != OP_CALL) return NONE;
    static const char *const PARTIALS[] = {"functools.partial", "types.MethodType"};
    t.name = graph_name_of(g, user.file, op_path(op));
    for (u32 i = 0; i < ARRAY_LEN(PARTIALS); i++)
        if (str_is(t.name, PARTIALS[i])) t.kind = TEMPORARY_PARTIAL;
    return t.kind ? t : instance(g, user.file, value, op);
}

/* A local that is bound once, to something temporary, and goes nowhere else. */
static Temporary local(const Graph *g, OpRef user, SymbolId owner, u32 steps) {
    const Facts *f = g->files[user.file].facts;
    const Symbol *s = &f->symbols[owner.i];
    const Op *bind = &f->ops[s->bind.i];
    if (f->scopes[s->scope.i].kind != SCOPE_FUNCTION || s->binds != 1 || bind->kind != OP_BIND)
        return NONE;
    u32 kind = bind->flags & OP_LOW;
    PathId value = bound_value(f, bind);
    Temporary t = NONE;
    if (kind == BIND_FUNCTION) {
        const Scope *inner = &f->scopes[f->ops[f->paths[value.i].id].subject];
        if (inner->decorator_first != inner->decorator_end) return NONE;
        t = (Temporary){.kind = TEMPORARY_FUNCTION,
                        .confidence = CONFIDENCE_HIGH,
                        .file = user.file,
                        .value = value,
                        .name = facts_str(f, s->name)};
    } else if (kind == BIND_ASSIGN) {
        t = temporary(g, (OpRef){user.file, s->bind}, value, steps - 1);
        if (t.passed.i || t.kind == TEMPORARY_INSTANCE) return NONE;
    }
    if (!t.kind || !has_only_user(g, user, owner)) return NONE;
    t.in_local = true;
    return t;
}

/* What a caller passes, the first that is temporary. */
static Temporary parameter(const Graph *g, OpRef user, SymbolId owner, u32 steps) {
    const Facts *f = g->files[user.file].facts;
    bool is_class;
    if (self_class(g, user.file, owner, &is_class).i) return NONE;
    ScopeRef function = {user.file, f->symbols[owner.i].scope};
    const OpRef *calls;
    u32 n = MIN(graph_callers(g, function, &calls), (u32)TEMPORARY_CALLERS);
    if (!n || !has_only_user(g, user, owner)) return NONE;
    for (u32 i = 0; i < n; i++) {
        if (g->files[calls[i].file].is_test) continue;
        PathId argument = graph_argument(g, calls[i], function, owner);
        Temporary t = argument.i ? temporary(g, calls[i], argument, steps - 1) : NONE;
        if (!t.kind || t.in_local || t.kind == TEMPORARY_INSTANCE) continue;
        if (!t.passed.i) t.passed = calls[i].op;
        t.confidence = MIN(t.confidence, CONFIDENCE_MEDIUM);
        return t;
    }
    return NONE;
}

static Temporary temporary(const Graph *g, OpRef user, PathId value, u32 steps) {
    const Facts *f = g->files[user.file].facts;
    const Path *p = &f->paths[value.i];
    if (!steps || !value.i) return NONE;
    if (p->kind == PATH_ATTR) return method(g, user.file, value);
    if (p->kind == PATH_OP) return made(g, user, value);
    if (p->kind != PATH_SYMBOL) return NONE;
    SymbolId owner = f->symbols[p->id].target;
    if (graph_parameter(g, user.file, value).i) return parameter(g, user, owner, steps);
    return owner.i ? local(g, user, owner, steps) : NONE;
}

Temporary graph_temporary(const Graph *g, OpRef user, PathId value) {
    return temporary(g, user, value, TEMPORARY_STEPS);
}
