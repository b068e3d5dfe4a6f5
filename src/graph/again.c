/* Does code run again and again, by all that shows: how often, flags, caches, names of set-up? */
#include "graph/starting.h"

bool is_setup_name(Str name) {
    static const char *const WORDS[] = {"setup",   "set_up", "configure", "config", "init",
                                        "install", "main",   "enable",    "start"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return str_ends(name, "_config") || str_ends(name, "_logging") || str_ends(name, "_setup");
}

/* One call is all that the function does. */
static bool calls_only(const Facts *f, ScopeId function) {
    const Scope *s = &f->scopes[function.i];
    u32 calls = 0;
    for (u32 i = s->op_first; i < s->op_end; i++) calls += f->ops[i].kind == OP_CALL;
    return calls == 1;
}

/* A statement of a module or of the main function, or one that asks first whether the attribute has
 * what it makes, of a class of which nothing shows that there are many. */
static bool is_once_each(const Graph *g, OpRef call, ScopeRef caller) {
    ClassId owner = caller.scope.i ? lazy_owner(g, call, caller, NULL) : (ClassId){0};
    if (!caller.scope.i || graph_is_run_by_main(g, caller)) return true;
    return owner.i && graph_instances(g, owner).making != MADE_OFTEN;
}

/* A call in the project, tests left out: users of a library set it up once, also by a function that
 * only they call and that does nothing but call it. */
static bool is_called_by_code(const Graph *g, ScopeRef function) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    bool is_method = fn->owner.i != 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        ScopeRef caller = function_of_op(g, call);
        bool is_shorthand = !is_method && caller.scope.i && caller.file == function.file &&
                            calls_only(g->files[call.file].facts, caller.scope) &&
                            graph_called_by(g, caller) == CALLED_BY_USERS;
        if (!is_shorthand && !is_once_each(g, call, caller)) return true;
    }
    return false;
}

/* Constructors: as often as instances are made. */
static void look_at_instances(const Graph *g, Again *out) {
    Instances made = graph_instances(g, out->class);
    out->is_bounded = made.making == MADE_ONCE;
    bool is_often = made.making == MADE_OFTEN && !made.is_singleton;
    out->confidence = is_often ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
}

/* Constructors, and nobody else, call it on themselves or others: most often that their classes are
 * made; MADE_UNSEEN when somebody else calls it, or nobody. *class is one that is made so often. */
static bool is_part_of_constructors(const Graph *g, ScopeRef function, ClassId *class,
                                    MadeHow *most) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    *most = MADE_UNSEEN;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        if (g->files[call.file].is_test) continue;
        ScopeId s = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
        Str name = s.i ? facts_str(f, f->scopes[s.i].name) : (Str){0};
        ClassId owner = graph_method_class(g, (ScopeRef){call.file, s});
        if (!owner.i || (!str_is(name, "__init__") && !str_is(name, "__post_init__"))) return false;
        Instances made = graph_instances(g, owner);
        if (class->i && (made.is_singleton || made.making <= *most)) continue;
        *class = owner;
        *most = made.is_singleton ? MADE_MAYBE : made.making;
    }
    return class->i && !fn->escapes && !fn->called_by_name;
}

/* A class of a library that nobody in it makes: users make one for each connection, or one. */
static bool is_made_by_users(const Graph *g, ClassId class, MadeHow making) {
    Str name = str_after_last(graph_class_name(g, class), '.');
    return making == MADE_UNSEEN && (know_is_request_type(name) || str_ends(name, "Client"));
}

static Confidence by_constructors(const Graph *g, ClassId class, MadeHow making) {
    if (making == MADE_OFTEN) return CONFIDENCE_HIGH;
    return is_made_by_users(g, class, making) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* `os.fork()` and `os.setsid()`: the process leaves its terminal, which it does once. */
static bool becomes_daemon(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    bool forks = false, leaves = false;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        if (region_is_in_loop(f, f->ops[i].region)) continue;
        Str name = graph_name_of(g, function.file, op_path(&f->ops[i]));
        forks |= str_is(name, "os.fork");
        leaves |= str_is(name, "os.setsid");
    }
    return forks && leaves;
}

/* It does, or the only function that calls it. */
static bool is_part_of_daemon(const Graph *g, ScopeRef function) {
    if (becomes_daemon(g, function)) return true;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    ScopeRef only = {0};
    if (fn->escapes || fn->called_by_name) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        if (g->files[call.file].is_test) continue;
        if (!scope_is_none(only) || region_is_in_loop(f, f->ops[call.op.i].region)) return false;
        only = function_of_op(g, call);
        if (scope_is_none(only)) return false;
    }
    return !scope_is_none(only) && becomes_daemon(g, only);
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
    ClassId maker = {0};
    MadeHow making;
    if (str_is(name, "__init__")) out.class = graph_method_class(g, out.function);
    if (out.class.i) {
        look_at_instances(g, &out);
    } else if (is_part_of_constructors(g, out.function, &maker, &making)) {
        out.confidence = by_constructors(g, maker, making);
    } else if (!is_setup_name(name) && !str_ends(g->files[at.file].module, "__main__")) {
        bool is_often = graph_is_driven(g, out.function) && is_called_by_code(g, out.function) &&
                        !graph_is_run_by_main(g, out.function);
        if (is_often && !is_part_of_daemon(g, out.function)) out.confidence = CONFIDENCE_MEDIUM;
        if (how == RUNS_PER_ROUND) out.confidence = CONFIDENCE_HIGH;
    }
    return out;
}
