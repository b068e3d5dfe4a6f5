/* Does code run again and again, by all that shows: how often, flags, caches, names of set-up? */
#include "graph/model.h"

static bool is_setup_name(Str name) {
    static const char *const WORDS[] = {"setup",   "set_up", "configure", "config", "init",
                                        "install", "main",   "enable",    "start"};
    while (name.n && name.p[0] == '_') name = str_sub(name, 1, name.n);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return false;
}

/* A call in the project, tests left out: users of a library set it up once. */
static bool is_called_by_code(const Graph *g, ScopeRef function) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    for (u32 i = 0; i < fn->callers.n; i++)
        if (!g->files[fn->callers.v[i].file].is_test) return true;
    return false;
}

/* Constructors: as often as instances are made. */
static void look_at_instances(const Graph *g, Again *out) {
    Instances made = graph_instances(g, out->class);
    out->is_bounded = made.making == MADE_ONCE;
    bool is_often = made.making == MADE_OFTEN && !made.is_singleton;
    out->confidence = is_often ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
}

Again graph_again(const Graph *g, OpRef at) {
    const Facts *f = graph_facts(g, at.file);
    RegionId region = facts_op(f, at.op)->region;
    Again out = {.call = at, .confidence = CONFIDENCE_LOW};
    out.function.file = at.file;
    out.function.scope = facts_enclosing(f, f->regions[region.i].scope, SCOPE_FUNCTION);
    HowOften how = graph_how_often(g, at.file, region);
    out.is_bounded = how < RUNS_PER_INSTANCE || scope_is_none(out.function) ||
                     graph_is_once(g, at.file, at.op) || is_memoised(g, out.function);
    if (out.is_bounded) return out;
    Str name = facts_str(f, f->scopes[out.function.scope.i].name);
    if (str_is(name, "__init__")) out.class = graph_method_class(g, out.function);
    if (out.class.i) {
        look_at_instances(g, &out);
    } else if (!is_setup_name(name)) {
        bool is_often = graph_is_driven(g, out.function) && is_called_by_code(g, out.function);
        if (is_often) out.confidence = CONFIDENCE_MEDIUM;
        if (how == RUNS_PER_ROUND) out.confidence = CONFIDENCE_HIGH;
    }
    return out;
}
