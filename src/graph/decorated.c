/* What stands between the name of a function and its body: methods of subclasses, decorators. */
#include "graph/model.h"

enum { DERIVED_MAX = 300 };

bool graph_is_overridden(const Graph *g, ScopeRef method) {
    ClassId c = graph_method_class(g, method);
    if (!c.i) return false;
    const Facts *f = g->files[method.file].facts;
    u64 name = name_hash(f, f->scopes[method.scope.i].name);
    ClassId queue[DERIVED_MAX];
    u32 n = 0;
    queue[n++] = c;
    for (u32 i = 0; i < n; i++) {
        const ClassNode *node = &g->classes[queue[i].i];
        if (i && member_of(g, queue[i], name).i) return true;
        for (u32 k = 0; k < node->subclasses.n && n < DERIVED_MAX; k++)
            queue[n++] = node->subclasses.v[k];
    }
    return n == DERIVED_MAX;
}

static Decoration decoration_by(const Graph *g, u32 file, PathId decorator) {
    static const char *const KEEPERS[] = {"builtins.classmethod",
                                          "builtins.staticmethod",
                                          "functools.wraps",
                                          "typing.final",
                                          "typing.no_type_check",
                                          "typing.override",
                                          "typing_extensions.override",
                                          "typing_extensions.final"};
    static const char *const STUBS[] = {"abc.abstractmethod", "typing.overload",
                                        "typing_extensions.overload"};
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[decorator.i];
    PathId callee = decorator;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) callee = op_path(&f->ops[p->id]);
    Str name = graph_name_of(g, file, callee);
    if (str_is_any(name, KEEPERS, ARRAY_LEN(KEEPERS))) return DECORATION_NONE;
    if (str_is_any(name, STUBS, ARRAY_LEN(STUBS))) return DECORATION_NOTHING;
    if (graph_memo_of(g, file, decorator).bound != MEMO_NONE) return DECORATION_MEMO;
    return scope_is_none(graph_definition_of(g, file, callee)) ? DECORATION_UNKNOWN
                                                               : DECORATION_PROJECT;
}

Decoration graph_decoration(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    Decoration most = DECORATION_NONE;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Decoration each = decoration_by(g, function.file, f->operands[d].path);
        most = MAX(most, each);
    }
    return most;
}

/* `@retry(…)` of a library, or a decorator of the project that returns an inner function. What is
 * called on an object, `@app.get("/")`, keeps the function to call it. */
static bool is_wrapper(const Graph *g, u32 file, PathId decorator) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[decorator.i];
    PathId callee = decorator;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) callee = op_path(&f->ops[p->id]);
    Entity e = entity_of_path(g, file, callee, RESOLVE_DEPTH);
    if (e.kind == ENTITY_EXTERNAL) return true;
    if (e.kind != ENTITY_FUNCTION) return false;
    const FunctionNode *fn = &g->functions[entity_function(g, e)];
    if (callee.i != decorator.i) fn = &g->functions[fn->inner];
    return fn->inner != 0;
}

bool graph_is_wrapped(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        if (!is_wrapper(g, function.file, f->operands[d].path)) return false;
    return true;
}
