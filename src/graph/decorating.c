/* Functions that are there to decorate others, or to register them: they give back what they get.
 */
#include "graph/calling.h"

bool is_code_name(Str name) {
    static const char *const NAMES[] = {"callback", "cb",       "cls",     "f",    "fn",
                                        "func",     "function", "handler", "hook", "klass",
                                        "listener", "method",   "view"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* `f.__name__`, `cls.__module__`: what is asked for that has a name of its own. */
static bool is_asked_for_name(const Facts *f, const Scope *scope, SymbolId parameter) {
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Path *p = &f->paths[f->ops[i].subject];
        Str name = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
        bool is_of_it = str_starts(name, "__") && facts_root_symbol(f, p->parent).i == parameter.i;
        if (is_of_it && f->paths[p->parent.i].kind == PATH_SYMBOL) return true;
    }
    return false;
}

/* The operand is the parameter, or a tuple with it. */
static bool is_whole(const Facts *f, PathId operand, SymbolId parameter) {
    const Path *p = &f->paths[operand.i];
    const Op *tuple = p->kind == PATH_OP && f->ops[p->id].kind == OP_TUPLE ? &f->ops[p->id] : NULL;
    for (u32 i = 0; tuple && i < tuple->operands; i++) {
        const Path *part = &f->paths[op_operand(f, tuple, i).i];
        if (part->kind == PATH_SYMBOL && f->symbols[part->id].target.i == parameter.i) return true;
    }
    return p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == parameter.i;
}

/* `PLUGINS.append(x)`, `TABLE[name] = x`, `registry.register(name, x)`: it is kept, whole. */
static bool is_kept_whole(const Facts *f, const Scope *scope, SymbolId parameter) {
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        Str method = op->kind == OP_CALL ? facts_last_name(f, op_path(op)) : (Str){0};
        const MethodRow *row = method.n ? know_method(method) : NULL;
        bool keeps =
            op->kind == OP_STORE || (row && row->effect == METHOD_ADDS) ||
            (method.n && (know_is_registering(method) || str_contains(method, "register")));
        for (u32 k = 0; keeps && k < op->operands; k++)
            if (is_whole(f, op_operand(f, op, k), parameter)) return true;
    }
    return false;
}

static bool returns_it(const Facts *f, const FunctionNode *fn, SymbolId parameter) {
    for (u32 i = 0; i < fn->n_returns; i++) {
        const Path *p = &f->paths[op_operand(f, &f->ops[fn->returns[i].i], 0).i];
        if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == parameter.i) return true;
    }
    return false;
}

static bool is_inner(const Facts *f, const Scope *scope) {
    ScopeId around = scope->parent;
    while (around.i && f->scopes[around.i].kind == SCOPE_COMPREHENSION)
        around = f->scopes[around.i].parent;
    return f->scopes[around.i].kind == SCOPE_FUNCTION;
}

bool is_registering(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->flags & SCOPE_ASYNC) return false;
    u32 first = scope->param_first + (fn->owner.i && fn->kind != METHOD_STATIC);
    for (u32 k = first; k < scope->param_end; k++) {
        SymbolId parameter = f->params[k].symbol;
        bool is_made = f->paths[f->params[k].fallback.i].kind == PATH_OP; /* `into=[]` */
        Str name = facts_str(f, f->symbols[parameter.i].name);
        if (is_made || !returns_it(f, fn, parameter)) continue;
        if (is_inner(f, scope) || is_code_name(str_after_last(name, '_'))) return true;
        if (is_asked_for_name(f, scope, parameter)) return true;
        /* `tag = tag or self._next_tag()`, and the caller gets it: a number, not what is decorated
         */
        bool is_given = !f->symbols[parameter.i].binds;
        if (is_given && is_kept_whole(f, scope, parameter) && !know_is_request_name(name))
            return true;
    }
    return false;
}
