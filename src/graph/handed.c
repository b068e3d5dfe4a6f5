/* Functions that nothing calls by their names, because one place hands them to what calls them
 * once: `wx.CallLater(200, self.startup)`, `Thread(target=self.load)`, `loop.call_soon(begin)`. */
#include "graph/starting.h"

typedef struct Handing {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeRef function;
    ScopeId home; /* the class or function that it is defined in */
    Str name;
    OpRef site; /* the call that has it among its arguments */
    u32 uses;   /* places that use it as a value */
} Handing;

/* `self.startup` in a method of its class, `begin` in the function around it. */
static bool is_it(const Handing *h, PathId path) {
    const Path *p = &h->f->paths[path.i];
    bool is_class, is_method = h->f->scopes[h->home.i].kind == SCOPE_CLASS;
    if (p->kind == PATH_ATTR && is_method) {
        ClassId owner = graph_method_class(h->g, h->function);
        if (p->depth != 1 || !str_eq(facts_str(h->f, (StrId){p->id}), h->name)) return false;
        return self_class(h->g, h->file, facts_root_symbol(h->f, path), &is_class).i == owner.i;
    }
    if (p->kind != PATH_SYMBOL || is_method) return false;
    SymbolId s = h->f->symbols[p->id].target;
    return s.i && h->f->symbols[s.i].scope.i == h->home.i &&
           str_eq(facts_str(h->f, h->f->symbols[s.i].name), h->name);
}

bool runs_argument_once(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    Str name = graph_name_of(g, file, op_path(call)), last = facts_last_name(f, op_path(call));
    const HandoverRow *row = know_handover(name);
    if (row) return row->runner != RUNNER_MAP && row->runner != RUNNER_GREENLETS;
    const UndoRow *undo = know_undo(last, (Str){0});
    if (undo && undo->flags & UNDO_ONCE) return true;
    return know_protocol(last, PROTOCOL_ONCE) || know_protocol(last, PROTOCOL_SCHEDULE) ||
           str_is(last, "Process");
}

static bool is_code(const Handing *h, PathId path) {
    const Path *p = &h->f->paths[path.i];
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &h->f->symbols[h->f->symbols[p->id].target.i];
        const Op *bind = &h->f->ops[s->bind.i];
        if (bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_FUNCTION) return true;
    }
    return !scope_is_none(graph_definition_of(h->g, h->file, path));
}

/* `run(load, callback=show)`: a job, and what comes after it. */
static bool is_continuation(const Handing *h, const Op *call, u32 k) {
    Str name = facts_str(h->f, operand_name(h->f->operands[call->operand + k]));
    if (!str_ends(name, "callback") && !str_starts(name, "on_") && !str_ends(name, "done"))
        return false;
    for (u32 i = 0; i < call->operands; i++)
        if (i != k && is_code(h, op_operand(h->f, call, i))) return true;
    return false;
}

static void look_at(Handing *h, u32 i) {
    const Op *op = &h->f->ops[i];
    for (u32 k = 0; k < op->operands; k++) {
        if (!is_it(h, op_operand(h->f, op, k))) continue;
        h->uses++;
        if (op->kind == OP_CALL &&
            (runs_argument_once(h->g, h->file, op) || is_continuation(h, op, k)))
            h->site = (OpRef){h->file, (OpId){i}};
    }
}

OpRef handed_once(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    Handing h = {.g = g, .file = function.file, .f = f, .function = function};
    h.home = scope->parent;
    h.name = facts_str(f, scope->name);
    const Scope *home = &f->scopes[h.home.i];
    if (home->kind == SCOPE_MODULE) return (OpRef){0};
    for (u32 i = home->op_first; i < home->op_end; i++) look_at(&h, i);
    return h.uses == 1 ? h.site : (OpRef){0};
}
