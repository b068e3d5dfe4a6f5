/* Objects that live as long as the process, as methods see them. */
#include "graph/model.h"

const char *lasting_text(LastingKind kind) {
    static const char *const TEXTS[] = {"object", "module variable", "class", "object of a module"};
    return TEXTS[kind];
}

/* Methods of the class make and adorn other classes. */
static bool is_metaclass(const Graph *g, ClassId c) {
    static const char *const METACLASSES[] = {"builtins.type", "abc.ABCMeta", "enum.EnumMeta",
                                              "enum.EnumType"};
    for (u32 i = 0; i < ARRAY_LEN(METACLASSES); i++)
        if (graph_is_subclass(g, c, METACLASSES[i])) return true;
    return false;
}

LastingKind graph_lasting_owner(const Graph *g, ScopeRef function, PathId path) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    SymbolId root = facts_root_symbol(f, path);
    const Symbol *symbol = &f->symbols[root.i];
    if (!root.i) return LASTING_NOT;
    if (f->scopes[symbol->scope.i].kind == SCOPE_MODULE) {
        /* for debuggers, and meant to stay */
        bool is_post_mortem = str_starts(graph_name_of(g, function.file, path), "sys.last_");
        return is_post_mortem ? LASTING_NOT : LASTING_MODULE;
    }
    if (f->paths[path.i].kind == PATH_SYMBOL) return LASTING_NOT;
    ClassId own = graph_method_class(g, function);
    if (!own.i) return LASTING_NOT;
    bool is_first =
        scope->param_first < scope->param_end && f->params[scope->param_first].symbol.i == root.i;
    if ((is_first || str_is(facts_str(f, symbol->name), "cls")) && is_metaclass(g, own))
        return LASTING_CLASS;
    if (!is_first) return LASTING_NOT;
    if (graph_method_kind(g, function) == METHOD_CLASS)
        return graph_class_is_static(g, own) ? LASTING_CLASS : LASTING_NOT;
    return graph_only_module_instances(g, own) ? LASTING_OBJECT : LASTING_NOT;
}
