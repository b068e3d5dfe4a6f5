/* What goes into an attribute with each message that the object is given, and comes out when the
 * object ends. */
#include "graph/starting.h"

enum { LATE_STEPS = 3, LATE_CALLERS = 8 };

/* `close`, `_stop`, or what only such methods call. */
static bool is_of_end(const Graph *g, ScopeRef function, u32 steps) {
    const Facts *f = g->files[function.file].facts;
    if (!function.scope.i) return false;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    if (fn->owner.i && (is_ending_name(name) || is_ending_name(str_public(name)))) return true;
    ScopeRef outer = {function.file, enclosing_function(f, f->scopes[function.scope.i].parent)};
    if (!fn->owner.i && outer.scope.i) return is_of_end(g, outer, steps);
    if (!steps || fn->escapes || fn->called_by_name || fn->callers.n > LATE_CALLERS) return false;
    if (graph_users_may_call(g, function)) return false;
    u32 seen = 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        if (g->files[fn->callers.v[i].file].is_test) continue;
        if (!is_of_end(g, function_of_op(g, fn->callers.v[i]), steps - 1)) return false;
        seen++;
    }
    return seen > 0;
}

bool graph_is_emptied_late(const Graph *g, const Attribute *a) {
    if (a->is_cut) return false;
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        bool takes = u->kind == ATTRIBUTE_EMPTIED || u->kind == ATTRIBUTE_SHRINKS ||
                     u->kind == ATTRIBUTE_MEASURED || u->kind == ATTRIBUTE_HANDED_OUT ||
                     (u->kind == ATTRIBUTE_DEFINED && u->replaces);
        if (!takes || g->files[u->file].is_test) continue;
        if (u->is_callback || !is_of_end(g, u->function, LATE_STEPS)) return false;
    }
    return true;
}

static bool is_message_name(Str name) {
    static const char *const NAMES[] = {"datagram", "envelope", "message", "msg",
                                        "packet",   "req",      "request"};
    return str_is_any(str_after_last(name, '_'), NAMES, ARRAY_LEN(NAMES));
}

/* `def send(self, message):`, `def on_request(self, request):`, or what such a method calls. */
static bool is_for_message(const Graph *g, ScopeRef function, u32 steps) {
    const Facts *f = g->files[function.file].facts;
    if (!function.scope.i) return false;
    const Scope *s = &f->scopes[function.scope.i];
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    u32 skipped = fn->owner.i && fn->kind != METHOD_STATIC;
    for (u32 i = s->param_first + skipped; i < s->param_end; i++)
        if (is_message_name(facts_str(f, f->symbols[f->params[i].symbol.i].name))) return true;
    for (u32 i = 0; steps && i < MIN(fn->callers.n, (u32)LATE_CALLERS); i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        if (is_for_message(g, function_of_op(g, call), steps - 1)) return true;
    }
    return false;
}

bool graph_is_for_each_message(const Graph *g, ScopeRef function) {
    return graph_method_class(g, function).i && is_for_message(g, function, LATE_STEPS - 1);
}
