/* How instances hash: decided by the nearest class of the linearisation that says something. A
 * class that defines __eq__ alone gets `__hash__ = None` (the data model, section 3.3.1). */
#include "graph/model.h"

typedef enum Says { SAYS_NOTHING, SAYS_VALUE, SAYS_NONE } Says;

/* The operation that binds a name in the body of the class, or NULL. */
static const Op *bind_in(const Graph *g, ClassId c, const char *name) {
    const Facts *f = g->files[g->classes[c.i].file].facts;
    SymbolId s = member_of(g, c, hash_str(str_from(name)));
    return s.i ? facts_op(f, f->symbols[s.i].bind) : NULL;
}

static bool is_none(const Facts *f, const Op *bind) {
    return facts_is_none(f, bound_value(f, bind));
}

/* A keyword of the decorator call: 1 true, 0 false, -1 absent or unknown. */
static int switch_of(const Facts *f, const Op *call, const char *keyword) {
    for (u32 i = 0; call && i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        if (operand_kind(o) != OPERAND_KEYWORD || !str_is(facts_str(f, operand_name(o)), keyword))
            continue;
        const Path *p = &f->paths[o.path.i];
        if (p->kind != PATH_LITERAL) return -1;
        return p->flags == LITERAL_TRUE ? 1 : p->flags == LITERAL_FALSE ? 0 : -1;
    }
    return -1;
}

static bool is_one_of(Str name, const char *const *names) {
    for (; *names; names++)
        if (str_is(name, *names)) return true;
    return false;
}

/* Decorators that write __eq__ and so take __hash__ away, unless the instances are frozen. */
static Says dataclass_says(const Graph *g, ScopeRef class) {
    static const char *const plain[] = {"dataclasses.dataclass", "attr.s",        "attr.attrs",
                                        "attr.dataclass",        "attr.define",   "attr.mutable",
                                        "attrs.define",          "attrs.mutable", NULL};
    static const char *const frozen[] = {"attr.frozen", "attrs.frozen", NULL};
    const Facts *f = graph_facts(g, class.file);
    const Scope *scope = &f->scopes[class.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        const Op *call =
            p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL ? &f->ops[p->id] : NULL;
        Str name = graph_name_of(g, class.file, call ? op_path(call) : path);
        bool is_frozen = is_one_of(name, frozen);
        if (!is_frozen && !is_one_of(name, plain)) continue;
        if (switch_of(f, call, "eq") == 0) continue;
        bool is_hashed = switch_of(f, call, "frozen") == 1 ||
                         switch_of(f, call, "unsafe_hash") == 1 || switch_of(f, call, "hash") == 1;
        return is_frozen || is_hashed ? SAYS_VALUE : SAYS_NONE;
    }
    return SAYS_NOTHING;
}

static Says class_says(const Graph *g, ClassId c) {
    ScopeRef class = graph_class_scope(g, c);
    const Op *hash = bind_in(g, c, "__hash__");
    if (hash) return is_none(graph_facts(g, class.file), hash) ? SAYS_NONE : SAYS_VALUE;
    if (bind_in(g, c, "__eq__")) return SAYS_NONE;
    return dataclass_says(g, class);
}

HashKind graph_hash_kind(const Graph *g, ClassId c) {
    static const char *const values[] = {
        "typing.NamedTuple", "collections.namedtuple", "builtins.tuple",
        "builtins.str",      "builtins.int",           "builtins.float",
        "builtins.bytes",    "builtins.frozenset",     NULL};
    static const char *const unhashable[] = {"builtins.list",
                                             "builtins.dict",
                                             "builtins.set",
                                             "builtins.bytearray",
                                             "collections.OrderedDict",
                                             "collections.defaultdict",
                                             "collections.Counter",
                                             "collections.deque",
                                             "collections.UserDict",
                                             "collections.UserList",
                                             "collections.abc.Mapping",
                                             "collections.abc.MutableMapping",
                                             "collections.abc.Set",
                                             "collections.abc.MutableSet",
                                             "typing.Mapping",
                                             "typing.MutableMapping",
                                             "typing.Dict",
                                             "typing.List",
                                             "pydantic.BaseModel",
                                             "pydantic.main.BaseModel",
                                             NULL};
    const ClassId *mro;
    bool complete;
    u32 n = graph_mro(g, c, &mro, &complete);
    for (u32 i = 0; i < n; i++) {
        Says says = class_says(g, mro[i]);
        if (says) return says == SAYS_VALUE ? HASH_VALUE : HASH_NONE;
    }
    for (u32 i = 0; unhashable[i]; i++)
        if (graph_is_subclass(g, c, unhashable[i])) return HASH_NONE;
    for (u32 i = 0; values[i]; i++)
        if (graph_is_subclass(g, c, values[i])) return HASH_VALUE;
    return HASH_IDENTITY;
}
