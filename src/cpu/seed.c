/* One pass over a file: what is handed over, dropped coroutines, loops that poll, and the functions
 * whose profiles are wanted. */
#include "cpu/read.h"

static bool may_hand_over(const Cpu *c, const Facts *f, const Op *call) {
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_ATTR) return map_get(&c->handover_names, f->strings[callee->id].hash);
    if (callee->kind != PATH_SYMBOL) return false;
    const Symbol *s = &f->symbols[callee->id];
    return f->symbols[s->target.i].flags & SYMBOL_IMPORT || !s->target.i ||
           map_get(&c->handover_names, f->strings[s->name.i].hash);
}

/* Is it worth looking whether a coroutine that the call makes, or is given, is dropped? */
static bool may_drop(const Cpu *c, const Facts *f, const Op *call, Callee callee) {
    if (call->flags & OP_AWAITED || callee.made.i) return false;
    if (!callee.function) return call->flags & OP_DROPPED || takes_callback(f, call);
    ScopeRef function = graph_function_scope(c->g, callee.function);
    return graph_facts(c->g, function.file)->scopes[function.scope.i].flags & SCOPE_ASYNC;
}

static void look_at_call(Cpu *c, Space *space, u32 file, u32 i) {
    const Facts *f = graph_facts(c->g, file);
    const Op *call = &f->ops[i];
    Callee callee = graph_callee(c->g, file, (OpId){i});
    bool hands_over = may_hand_over(c, f, call) || c->is_thread[callee.made.i];
    bool drops = c->has_coroutines && may_drop(c, f, call, callee);
    if (!hands_over && !drops) return;
    Reader r = reader_at(c, space, file, call->region);
    if (hands_over) find_handover(&r, (OpId){i});
    if (drops) find_dropped(&r, (OpId){i});
}

/* `sys._is_gil_enabled()`, `sysconfig.get_config_var("Py_GIL_DISABLED")` */
static bool asks_for_gil(const Facts *f) {
    for (u32 i = 1; i < f->n_strings; i++) {
        Str s = facts_str(f, (StrId){i});
        if (str_is(s, "_is_gil_enabled") || str_is(s, "Py_GIL_DISABLED") || str_is(s, "PYTHON_GIL"))
            return true;
    }
    return false;
}

void find_seeds(Cpu *c, Space *space, u32 file) {
    const Facts *f = graph_facts(c->g, file);
    if (!f || f->flags & FACTS_STUB) return;
    for (u32 i = 1; i < f->n_ops; i++)
        if (f->ops[i].kind == OP_CALL) look_at_call(c, space, file, i);
    for (u32 i = 1; i < f->n_regions; i++)
        if (f->regions[i].kind == REGION_WHILE) {
            Reader r = reader_at(c, space, file, (RegionId){i});
            find_polls(&r, (RegionId){i});
        }
    for (u32 i = 1; i < f->n_strings; i++)
        if (str_is(facts_str(f, (StrId){i}), "setblocking")) c->is_nonblocking[file] = true;
    c->minds_gil[file] = asks_for_gil(f);
}
