/* What a function hands out that lives as long as the process: `get_bus()`, which returns a
 * variable of its module, made at import or when it is asked for the first time; `Bus.get()`, which
 * keeps it in the class; what a library has one of. */
#include "graph/shared.h"

#include "graph/starting.h"

enum { SHARED_DEPTH = 3 };

static Str shared_call(const Graph *g, u32 file, const Op *call, u32 depth);

/* The statement gives the variable its first object, or always the same one: at import, `if x is
 * None: x = Bus()`, in what runs once. */
static bool is_first_filling(const Graph *g, u32 file, OpId at) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[at.i];
    PathId value = bound_value(f, op);
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    OpRef here = {file, at};
    if (!s.i || is_made_lazily(f, op) || graph_passes_once(g, here)) return true;
    /* `close()` lets go of it; what only tests call does not count */
    if (f->paths[value.i].kind == PATH_LITERAL)
        return graph_called_by(g, (ScopeRef){file, s}) != CALLED_BY_PROJECT;
    if (!facts_call(f, value)) return false;
    Again again = graph_again(g, here);
    return again.is_bounded || again.confidence < CONFIDENCE_MEDIUM;
}

/* What a variable of a module holds stays: nothing puts another object in its place. */
static bool is_standing_variable(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    OpList binds = ops_of(&g->files[file], OP_BIND), deleted = ops_of(&g->files[file], OP_DELETE);
    for (u32 i = 0; i < deleted.n; i++)
        if (f->paths[f->ops[deleted.v[i]].subject].kind == PATH_SYMBOL &&
            facts_root_symbol(f, op_path(&f->ops[deleted.v[i]])).i == variable.i)
            return false;
    bool is_filled = false;
    for (u32 i = 0; i < binds.n; i++) {
        const Op *op = &f->ops[binds.v[i]];
        if (f->paths[op->subject].kind != PATH_SYMBOL ||
            facts_root_symbol(f, op_path(op)).i != variable.i)
            continue;
        if (!is_first_filling(g, file, (OpId){binds.v[i]})) return false;
        is_filled |= f->paths[bound_value(f, op).i].kind != PATH_LITERAL;
    }
    return is_filled;
}

static Str shared_value(const Graph *g, u32 file, PathId value, u32 depth) {
    const Facts *f = g->files[file].facts;
    SymbolRef v = {0};
    if (f->paths[value.i].kind == PATH_SYMBOL) v = graph_variable_of(g, file, value);
    bool is_local = !v.symbol.i;
    if (!is_local) {
        const Facts *home = g->files[v.file].facts;
        is_local = home->scopes[home->symbols[v.symbol.i].scope.i].kind != SCOPE_MODULE;
    }
    if (is_local) value = graph_alias_of(g, file, value);
    const Op *call = facts_call(f, value);
    if (call) return shared_call(g, file, call, depth);
    if (is_local || !is_standing_variable(g, v.file, v.symbol)) return (Str){0};
    return entity_name(g, entity_at(ENTITY_VARIABLE, v.file, v.symbol.i));
}

/* All that the function returns is the same variable; `return None` is no object. */
static Str shared_return(const Graph *g, const FunctionNode *fn, u32 depth) {
    const Facts *f = g->files[fn->file].facts;
    Str name = {0};
    if (f->scopes[fn->scope.i].flags & SCOPE_GENERATOR) return name;
    for (u32 i = 0; i < fn->n_returns; i++) {
        PathId value = op_operand(f, &f->ops[fn->returns[i].i], 0);
        if (facts_is_none(f, value)) continue;
        Str each = shared_value(g, fn->file, value, depth - 1);
        if (!each.n || (name.n && !str_eq(each, name))) return (Str){0};
        name = each;
    }
    return name;
}

/* `if cls._instance is None: cls._instance = cls()`, `return cls._instance` */
static Str shared_slot(const Graph *g, const FunctionNode *fn) {
    ClassId c = fn->result.i ? fn->result : fn->owner;
    if (!fn->owner.i || fn->kind == METHOD_INSTANCE) return (Str){0};
    Creator made =
        graph_creator(g, (ScopeRef){fn->file, fn->scope}, CREATOR_FACTORY, (SymbolId){0}, c);
    bool is_of_class = made.slot == SLOT_CLASS || made.slot == SLOT_NAMED;
    bool is_one = made.key_kind == KEY_NONE || made.key_kind == KEY_CONSTANT;
    if (!is_of_class || !is_one || made.is_weakly_kept || made.is_always_fresh) return (Str){0};
    return graph_scope_name(g, (ScopeRef){fn->file, fn->scope});
}

static Str shared_call(const Graph *g, u32 file, const Op *call, u32 depth) {
    ClassId made;
    u32 fn = callee_function(g, file, call, &made);
    if (!depth) return (Str){0};
    if (fn) {
        Str slot = shared_slot(g, &g->functions[fn]);
        return slot.n ? slot : shared_return(g, &g->functions[fn], depth);
    }
    if (made.i) return graph_is_singleton(g, made) ? graph_class_name(g, made) : (Str){0};
    Str name = graph_name_of(g, file, op_path(call));
    if (!know_is_shared(name)) return (Str){0};
    Str prefix = STR("gi.repository.");
    return str_starts(name, "gi.repository.") ? str_sub(name, prefix.n, name.n) : name;
}

Str shared_result(const Graph *g, u32 file, const Op *call) {
    return shared_call(g, file, call, SHARED_DEPTH);
}
