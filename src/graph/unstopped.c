/* Objects that run a thread or timer on themselves which nobody can stop. */
#include "graph/looping.h"

/* Nothing ends what l->code has found, neither its own doing nor anybody else's. */
static bool is_unstoppable(const Look *l, ScopeRef starter, Keeper *k) {
    if (!l->code->runs || l->code->has_other_exit) return false;
    Stops stops = find_stops(l, starter);
    if (stops.by_users || stops.by_finalizer) return false;
    k->runs = l->code->function;
    k->loop = l->code->loop;
    k->is_asked = l->code->has_exit;
    return true;
}

/* `class Poller(Thread)` that starts itself, or is started by whoever makes one. */
static bool is_own_thread(Look *l, Keeper *out) {
    ScopeRef run = graph_method(l->g, l->class, "run");
    if (scope_is_none(run) || graph_method_class(l->g, run).i != l->class.i) return false;
    if (!graph_is_subclass(l->g, l->class, "threading.Thread")) return false;
    Look in = look_into(l, run);
    if (!in.self.i) return false;
    look_at_code(&in, 1);
    *out = (Keeper){.kind = KEEPER_ITSELF,
                    .file = run.file,
                    .site = in.f->scopes[run.scope.i].name_span,
                    .function = run};
    return is_unstoppable(&in, run, out);
}

static bool is_started_at(Look *l, u32 o, Keeper *out) {
    const Op *op = &l->f->ops[o];
    if (!op->operands || graph_how_often(l->g, l->file, op->region) < RUNS_PER_INSTANCE)
        return false;
    if (graph_is_in_finalizer(l->g, l->function) || !keep_running(l, o, out)) return false;
    out->file = l->file;
    out->function = l->function;
    bool is_thread = out->kind == KEEPER_THREAD || out->kind == KEEPER_TIMER;
    return is_thread && is_unstoppable(l, l->function, out);
}

bool graph_unstopped(const Graph *g, ClassId c, Keeper *out) {
    ScopeRef body = graph_class_scope(g, c);
    const Facts *f = g->files[body.file].facts;
    const Scope *scope = &f->scopes[body.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    Code code = {0};
    Look l = {.g = g, .class = c, .file = body.file, .f = f, .code = &code, .any_message = true};
    if (is_own_thread(&l, out)) return true;
    for (u32 o = scope->op_first; o < end; o++) {
        if (f->ops[o].kind != OP_CALL || !may_keep_running(&l, o)) continue;
        ScopeId m = method_around(f, f->ops[o].region, body.scope);
        if (!m.i) continue;
        code = (Code){0};
        l.function = (ScopeRef){body.file, m};
        l.self = self_symbol(g, l.function);
        if (l.self.i && is_started_at(&l, o, out)) return true;
    }
    return false;
}
