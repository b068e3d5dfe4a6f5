/* Objects of which their makers keep one for each key: `if host not in self.links: self.links[host]
 * = Link(host)`. They live as long as the table, whoever else has them. */
#include "graph/guard.h"
#include "graph/starting.h"

enum { KEYED_OPS = 200, KEYED_CALLERS = 16, KEYED_STEPS = 3 };

/* ---- who takes entries out ---- */

/* `def close_all(self):`, with nothing that says which: the table goes as a whole. */
static bool ends_all(const Graph *g, const FunctionNode *fn) {
    const Scope *s = &g->files[fn->file].facts->scopes[fn->scope.i];
    Str name = facts_str(g->files[fn->file].facts, s->name);
    if (str_is(name, "__del__") || str_is(name, "__exit__") || str_is(name, "__aexit__"))
        return true;
    return s->param_end - s->param_first == 1 && (is_closing_name(name) || str_ends(name, "_all"));
}

/* Some code of the project takes entries out by it, in the middle of the work. */
static bool takes_out(const Graph *g, ScopeRef function, u32 steps) {
    if (scope_is_none(function)) return true;
    u32 id = function_id(g, function.file, function.scope);
    const FunctionNode *fn = &g->functions[id];
    Str name =
        facts_str(g->files[fn->file].facts, g->files[fn->file].facts->scopes[fn->scope.i].name);
    if (g->files[function.file].is_test || (fn->owner.i && ends_all(g, fn))) return false;
    bool is_unseen = fn->called_by_name && !is_closing_name(name);
    if (!steps || fn->escapes || is_unseen || fn->callers.n > KEYED_CALLERS) return true;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        ScopeRef caller = function_of_op(g, call);
        u32 from = function_id(g, caller.file, caller.scope);
        if (g->files[call.file].is_test || from == id) continue;
        bool is_own = fn->owner.i && caller.scope.i && g->functions[from].owner.i == fn->owner.i;
        if (!is_own || takes_out(g, caller, steps - 1)) return true;
    }
    return false;
}

static bool attribute_keeps(const Graph *g, ClassId owner, Str name) {
    Arena arena = {0};
    Attribute a = graph_attribute(g, owner, name, &arena);
    bool keeps = a.kind == ATTRIBUTE_CONTAINER && !a.is_cut && a.container != CONTAINER_WEAK &&
                 a.container != CONTAINER_BOUNDED;
    for (u32 i = 0; keeps && i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        bool goes = u->kind == ATTRIBUTE_EMPTIED || u->kind == ATTRIBUTE_SHRINKS ||
                    u->kind == ATTRIBUTE_MEASURED || u->replaces;
        if (goes && u->level < 1) keeps = !takes_out(g, u->function, KEYED_STEPS);
    }
    arena_free(&arena);
    return keeps;
}

static bool container_keeps(const Graph *g, u32 id) {
    const Container *c = id ? graph_container(g, (ContainerId){id}) : NULL;
    if (!c || c->kind == CONTAINER_WEAK || c->kind == CONTAINER_BOUNDED) return false;
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool goes = u->kind == USE_SHRINK || u->kind == USE_REBIND || u->kind == USE_GUARD;
        if (goes && !u->level && takes_out(g, u->function, KEYED_STEPS)) return false;
    }
    return true;
}

/* `self.links` of an object of which there are not many, `LINKS` of a module: it lasts, and nothing
 * takes single entries out. */
static bool is_lasting_table(const Graph *g, u32 file, PathId held) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[held.i];
    bool is_class = false;
    SymbolId root = facts_root_symbol(f, held);
    if (p->kind == PATH_ATTR && p->depth == 1) {
        ClassId owner = self_class(g, file, root, &is_class);
        if (owner.i)
            return (is_class || graph_instances(g, owner).making != MADE_OFTEN) &&
                   attribute_keeps(g, owner, facts_attribute(f, held));
    }
    Held h = held_by(g, file, held, RESOLVE_DEPTH);
    return !h.level && !h.more && container_keeps(g, h.container);
}

/* ---- places that make one ---- */

typedef struct Made {
    const Facts *f;
    u32 op;
    SymbolId variable; /* that has it, or 0 */
} Made;

static bool is_made(const Made *m, PathId value) {
    const Path *p = &m->f->paths[value.i];
    if (p->kind == PATH_OP) return p->id == m->op;
    return m->variable.i && p->kind == PATH_SYMBOL &&
           m->f->symbols[p->id].target.i == m->variable.i;
}

static bool is_keyed(const Graph *g, OpRef call, u32 steps);

/* `return target` of what makes it: all who call that keep it so. */
static bool is_keyed_by_callers(const Graph *g, ScopeRef factory, u32 steps) {
    const FunctionNode *fn = &g->functions[function_id(g, factory.file, factory.scope)];
    u32 seen = 0;
    if (!steps || !factory.scope.i || fn->callers.n > KEYED_CALLERS) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        if (g->files[fn->callers.v[i].file].is_test) continue;
        if (!is_keyed(g, fn->callers.v[i], steps - 1)) return false;
        seen++;
    }
    return seen != 0;
}

static bool is_keyed(const Graph *g, OpRef call, u32 steps) {
    const Facts *f = g->files[call.file].facts;
    RegionId here = f->ops[call.op.i].region;
    const Scope *scope = &f->scopes[f->regions[here.i].scope.i];
    Made m = {f, call.op.i, {0}};
    for (u32 i = call.op.i + 1; i < MIN(scope->op_end, call.op.i + KEYED_OPS); i++) {
        const Op *op = &f->ops[i];
        bool is_it = op->kind == OP_BIND || op->kind == OP_STORE
                         ? is_made(&m, bound_value(f, op))
                         : op->kind == OP_RETURN && is_made(&m, op_operand(f, op, 0));
        if (op->kind == OP_BIND) {
            SymbolId to = facts_root_symbol(f, op_path(op));
            if (is_it && !m.variable.i) m.variable = to;
            if (!is_it && m.variable.i && to.i == m.variable.i) return false;
        }
        if (!is_it || !region_is_within(f, here, op->region)) continue;
        PathId key = op->kind == OP_STORE ? bound_key(f, op) : (PathId){0};
        PathId held = key.i ? f->paths[op->subject].parent : (PathId){0};
        if (held.i && lacks_entry(g, call, held, key) && is_lasting_table(g, call.file, held))
            return true;
        ScopeRef factory = {call.file, f->regions[here.i].scope};
        if (op->kind == OP_RETURN) return is_keyed_by_callers(g, factory, steps);
    }
    return false;
}

bool is_kept_by_key(const Graph *g, OpRef call) {
    return is_keyed(g, call, KEYED_STEPS);
}
