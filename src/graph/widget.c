/* Widgets of Tk that have a name of their own: a master has one child of a name, and what was there
 * before is destroyed. */
#include "graph/calls.h"
#include "graph/windows.h"

enum { NAME_DEPTH = 4, NAME_OPS = 400, NO_POSITION = UINT32_MAX / 4 };

static PathId name_given(const Facts *f, const Op *call) {
    return call_argument(f, call, NO_POSITION, "name");
}

static bool is_text(const Facts *f, PathId path) {
    return f->paths[path.i].kind == PATH_LITERAL && f->paths[path.i].flags == LITERAL_STRING;
}

/* A text, or the translation of one. */
static bool is_fixed(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    PathId made = graph_alias_of(g, file, path);
    const Op *call = facts_call(f, made);
    if (call && is_translating(f, call)) return is_text(f, op_operand(f, call, 0));
    if (f->paths[made.i].kind == PATH_LITERAL) return true;
    Entity e = entity_of_path(g, file, made, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return false;
    const Facts *home = g->files[e.file].facts;
    const Symbol *s = &home->symbols[e.id];
    return s->binds == 1 && is_text(home, bound_value(home, facts_op(home, s->bind)));
}

/* A function that changes nothing but its variables and asks no counter. */
static bool is_plain_function(const Graph *g, u32 file, const Op *call) {
    ClassId made;
    u32 id = callee_function(g, file, call, &made);
    Str last = facts_method(g->files[file].facts, call);
    if (!id) return str_is(last, "lower") || str_is(last, "replace") || str_is(last, "strip");
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->op_end - scope->op_first > NAME_OPS) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_STORE || op->kind == OP_AUGMENT) return false;
        if (op->kind != OP_CALL) continue;
        Str name = graph_name_of(g, fn->file, op_path(op)), method = facts_method(f, op);
        if (str_is(method, "append") || str_is(method, "add") || str_is(method, "pop"))
            return false;
        const CallRow *row = know_call(name);
        if (str_is(name, "builtins.next") || (row && row->flags & (CALL_ID | CALL_COUNTER)))
            return false;
    }
    return true;
}

/* The value is made of parameters of the constructor alone, but `self`. */
static bool is_of_arguments(const Graph *g, ScopeRef init, PathId value, u32 depth) {
    const Facts *f = g->files[init.file].facts;
    const Path *p = &f->paths[value.i];
    while (p->kind == PATH_CONST) p = &f->paths[p->parent.i];
    if (!depth) /* `name, label = split(label)`: of an argument, however often */
        return p->kind == PATH_SYMBOL && facts_param(f, f->symbols[p->id].target) != NULL;
    if (p->kind == PATH_LITERAL) return p->flags != LITERAL_NONE;
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        if (op->kind == OP_CALL && !is_plain_function(g, init.file, op)) return false;
        if (op->kind != OP_CALL && op->kind != OP_FSTRING && op->kind != OP_BINARY) return false;
        for (u32 i = 0; i < op->operands; i++)
            if (!is_of_arguments(g, init, op_operand(f, op, i), depth - 1)) return false;
        return true;
    }
    if (p->kind != PATH_SYMBOL) return false;
    SymbolId s = f->symbols[p->id].target, self = self_symbol(g, init);
    const Scope *scope = &f->scopes[init.scope.i];
    if (!s.i || s.i == self.i || f->symbols[s.i].scope.i != init.scope.i) return false;
    if (f->symbols[s.i].flags & SYMBOL_PARAM && !f->symbols[s.i].binds) return true;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND || facts_root_symbol(f, op_path(op)).i != s.i) continue;
        if (!is_of_arguments(g, init, bound_value(f, op), depth - 1)) return false;
    }
    return true;
}

typedef enum Naming {
    NAMING_NONE, /* the constructor gives no name */
    NAMING_OPEN,
    NAMING_ARGUMENTS, /* it is made of the arguments, or is one of them */
    NAMING_FIXED,
} Naming;

/* `super().__init__(master, name=…)`, `options.setdefault(name=…)`. */
static Naming naming_of(const Graph *g, ScopeRef init) {
    const Facts *f = g->files[init.file].facts;
    const Scope *scope = &f->scopes[init.scope.i];
    for (u32 i = scope->op_first; i < MIN(scope->op_end, scope->op_first + NAME_OPS); i++) {
        const Op *op = &f->ops[i];
        PathId name = op->kind == OP_CALL ? name_given(f, op) : (PathId){0};
        if (!name.i || facts_is_none(f, name)) continue;
        if (str_starts(facts_method(f, op), "add")) continue; /* an entry of another menu */
        if (is_text(f, name)) return NAMING_FIXED;
        return is_of_arguments(g, init, name, NAME_DEPTH) ? NAMING_ARGUMENTS : NAMING_OPEN;
    }
    return NAMING_NONE;
}

/* Whatever the constructor is given is the same each time, but its master. */
static bool has_fixed_arguments(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        bool is_master = i == 0 && operand_kind(o) == OPERAND_POSITIONAL;
        if (operand_kind(o) == OPERAND_KEYWORD)
            is_master = str_is_any(facts_str(f, operand_name(o)),
                                   (const char *const[]){"master", "parent"}, 2);
        if (operand_kind(o) != OPERAND_POSITIONAL && operand_kind(o) != OPERAND_KEYWORD)
            return false;
        if (!is_master && !is_fixed(g, file, o.path)) return false;
    }
    return true;
}

static bool takes_any_keyword(const Facts *f, ScopeRef init) {
    const Scope *scope = &f->scopes[init.scope.i];
    return scope->param_end > scope->param_first &&
           f->params[scope->param_end - 1].kind == PARAM_DOUBLE_STAR;
}

bool graph_takes_place_of_widget(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    PathId name = name_given(f, op);
    ClassId made = {0};
    callee_function(g, call.file, op, &made);
    ScopeRef init = made.i ? graph_method(g, made, "__init__") : (ScopeRef){0};
    if (name.i && (facts_is_none(f, name) || !is_fixed(g, call.file, name))) return false;
    if (scope_is_none(init)) return name.i != 0;
    Naming naming = naming_of(g, init);
    if (naming == NAMING_NONE) return name.i && takes_any_keyword(g->files[init.file].facts, init);
    return naming == NAMING_FIXED ||
           (naming == NAMING_ARGUMENTS && has_fixed_arguments(g, call.file, op));
}
