/* Classes that are made while the program runs, as what somebody registers. */
#include "graph/model.h"

static const char *const CLASS_MAKERS[] = {"attr.make_class",
                                           "attrs.make_class",
                                           "builtins.type",
                                           "collections.namedtuple",
                                           "dataclasses.make_dataclass",
                                           "pydantic.create_model",
                                           "types.new_class",
                                           "typing.NamedTuple",
                                           "enum.Enum",
                                           NULL};

static bool is_maker(Str name) {
    for (u32 i = 0; CLASS_MAKERS[i]; i++)
        if (str_is(name, CLASS_MAKERS[i])) return true;
    return false;
}

OpId graph_run_time_class(const Graph *g, u32 file, PathId value, Str *name, ClassMaking *making) {
    const Facts *f = graph_facts(g, file);
    PathId path = graph_alias_of(g, file, value);
    SymbolId s = f->paths[path.i].kind == PATH_SYMBOL ? facts_root_symbol(f, path) : (SymbolId){0};
    const Op *bind = facts_op(f, f->symbols[s.i].bind);
    bool is_bound = s.i && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_CLASS;
    if (is_bound) path = bound_value(f, bind);
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_OP) return (OpId){0};
    const Op *op = &f->ops[p->id];
    bool is_call = op->kind == OP_CALL && is_maker(graph_name_of(g, file, op_path(op)));
    if (op->kind != OP_CLASS && !is_call) return (OpId){0};
    *making = graph_class_making(g, (OpRef){file, {p->id}});
    bool repeats = making->how_often >= RUNS_PER_INSTANCE && making->function.scope.i;
    if (!repeats || !making->is_class) return (OpId){0};
    if (op->kind == OP_CLASS)
        *name = facts_str(f, f->scopes[op->subject].name);
    else
        *name = str_after_last(graph_name_of(g, file, op_path(op)), '.');
    return (OpId){p->id};
}

/* The class is made with each call of a function of the program. */
static bool is_run_time(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    if (node->is_static || g->files[node->file].is_test) return false;
    ClassMaking m = graph_class_making(g, (OpRef){node->file, scope->def});
    return m.how_often >= RUNS_PER_INSTANCE && m.function.scope.i;
}

enum { SUBCLASSES_LOOKED_AT = 200 };

static ClassId run_time_below(const Graph *g, ClassId c, u32 *left) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->subclasses.n && *left; i++) {
        --*left;
        ClassId below = node->subclasses.v[i];
        if (is_run_time(g, below)) return below;
        ClassId deeper = run_time_below(g, below, left);
        if (deeper.i) return deeper;
    }
    return (ClassId){0};
}

ClassId graph_run_time_subclass(const Graph *g, ClassId base) {
    u32 left = SUBCLASSES_LOOKED_AT;
    return run_time_below(g, base, &left);
}

ClassId graph_run_time_instance(const Graph *g, ClassId metaclass) {
    u32 left = SUBCLASSES_LOOKED_AT;
    for (u32 i = 1; i <= g->n_classes && left; i++) {
        if (g->classes[i].metaclass_known.i != metaclass.i) continue;
        if (is_run_time(g, (ClassId){i})) return (ClassId){i};
        ClassId below = run_time_below(g, (ClassId){i}, &left);
        if (below.i) return below;
    }
    return (ClassId){0};
}

static bool is_generic_function(const Graph *g, u32 file, PathId path) {
    ScopeRef function = graph_definition_of(g, file, path);
    if (scope_is_none(function)) return false;
    const Facts *f = graph_facts(g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        if (str_is(graph_name_of(g, function.file, f->operands[d].path),
                   "functools.singledispatch"))
            return true;
    return false;
}

bool graph_is_class_registry(const Graph *g, u32 file, PathId callee) {
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[callee.i];
    Str last = p->kind == PATH_ATTR     ? facts_str(f, (StrId){p->id})
               : p->kind == PATH_SYMBOL ? facts_str(f, f->symbols[p->id].name)
                                        : (Str){0};
    if (str_is(last, "register") && p->kind == PATH_ATTR)
        return is_generic_function(g, file, p->parent);
    Str name = graph_name_of(g, file, callee);
    return str_is(name, "copyreg.pickle") || str_is(name, "sqlite3.register_adapter") ||
           str_is(name, "yaml.add_representer");
}
