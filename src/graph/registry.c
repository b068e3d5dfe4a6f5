/* Classes that are made while the program runs, as what somebody registers. */
#include "graph/argued.h"

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

/* Which classes are asked for: those that the operation of the function is run for. */
typedef struct Search {
    const Graph *g;
    ScopeRef function;
    OpId at;
    u32 left;
    ClassId unsure; /* the first one of which it cannot be told */
} Search;

static bool is_sought(Search *s, ClassId c) {
    if (!is_run_time(s->g, c)) return false;
    Outcome admits = admits_class(s->g, s->function, s->at, c);
    if (admits == OUTCOME_UNKNOWN && !s->unsure.i) s->unsure = c;
    return admits == OUTCOME_TRUE;
}

static ClassId run_time_below(Search *s, ClassId c) {
    const ClassNode *node = &s->g->classes[c.i];
    for (u32 i = 0; i < node->subclasses.n && s->left; i++) {
        --s->left;
        ClassId below = node->subclasses.v[i];
        if (is_sought(s, below)) return below;
        ClassId deeper = run_time_below(s, below);
        if (deeper.i) return deeper;
    }
    return (ClassId){0};
}

static ClassId run_time_instance(Search *s, ClassId metaclass) {
    const Graph *g = s->g;
    for (u32 i = 1; i <= g->n_classes && s->left; i++) {
        if (g->classes[i].metaclass_known.i != metaclass.i) continue;
        if (is_sought(s, (ClassId){i})) return (ClassId){i};
        ClassId below = run_time_below(s, (ClassId){i});
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
    static const char *const NAMES[] = {"copy_reg.pickle", "copyreg.pickle",
                                        "sqlite3.register_adapter", "yaml.add_representer"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* ---- tables of the project ---- */

/* The base or metaclass registers every class that is made of it, if it passes: is one made at run
 * time? Where that cannot be told of any, s->unsure may be one. */
static ClassId adorned(Search *s) {
    const Graph *g = s->g;
    ClassId own = graph_method_class(g, s->function);
    const Facts *f = graph_facts(g, s->function.file);
    Str name = facts_str(f, f->scopes[s->function.scope.i].name);
    if (!own.i) return own;
    if (str_is(name, "__init_subclass__")) return run_time_below(s, own);
    bool is_maker = str_is(name, "__init__") || str_is(name, "__new__");
    if (!is_maker || !graph_is_subclass(g, own, "builtins.type")) return (ClassId){0};
    return run_time_instance(s, own);
}

/* The function looks into the table before it adds: one class for each key. */
static bool is_asked_first(const Container *k, const Use *use) {
    if (!use->key.i) return false;
    for (u32 i = 0; i < k->n_uses; i++) {
        const Use *u = &k->uses[i];
        bool is_here = u->file == use->file && u->function.scope.i == use->function.scope.i;
        if (is_here && u->kind == USE_READ && u->op.i < use->op.i) return true;
    }
    return use->membership_guard;
}

bool graph_registered_class(const Graph *g, const Container *k, const Use *use, RunTimeClass *out) {
    PathId value = use->value.i ? use->value : use->key;
    const Facts *f = graph_facts(g, use->file);
    if (use->kind != USE_GROW || use->overwrites || scope_is_none(use->function)) return false;
    *out = (RunTimeClass){.is_asked = is_asked_first(k, use)};
    OpId op = graph_run_time_class(g, use->file, value, &out->name, &out->making);
    out->op = (OpRef){use->file, op};
    if (op.i) return true;
    if (!is_new_class(f, use->function, value)) return false;
    Search s = {g, use->function, use->op, .left = SUBCLASSES_LOOKED_AT};
    ClassId class = adorned(&s);
    if (!class.i) {
        class = s.unsure;
        out->is_asked = true;
    }
    if (!class.i) return false;
    ScopeRef scope = graph_class_scope(g, class);
    const Facts *home = graph_facts(g, scope.file);
    out->op = (OpRef){scope.file, home->scopes[scope.scope.i].def};
    out->making = graph_class_making(g, out->op);
    out->name = facts_str(home, home->scopes[scope.scope.i].name);
    return true;
}
