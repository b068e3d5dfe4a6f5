/* Classes whose instances live as long as the process: each place that makes one gives it to a
 * module variable, to a class attribute, or to an object that is itself held so. */
#include "graph/starting.h"

enum {
    ROUNDS = 4,        /* steps from a module to an object that it holds: app.server.pool.slots */
    FAMILY_DEPTH = 8,  /* levels of subclasses */
    USER_DISTANCE = 8, /* operations between a call and the one that takes its result */
};

static bool is_value(const Facts *f, PathId path, OpId call) {
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_OP) return false;
    if (p->id == call.i) return true;
    const Op *op = &f->ops[p->id]; /* `given or Pool()` */
    for (u32 i = 0; op->kind == OP_CHOICE && i < op->operands; i++) {
        const Path *part = &f->paths[op_operand(f, op, i).i];
        if (part->kind == PATH_OP && part->id == call.i) return true;
    }
    return false;
}

/* The operation that binds or stores the result of a call, or NULL. */
static const Op *binding_of(const Facts *f, OpId call) {
    for (u32 i = call.i + 1; i < f->n_ops && i <= call.i + USER_DISTANCE; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND && op->kind != OP_STORE) continue;
        if (is_value(f, bound_value(f, op), call)) return op;
    }
    return NULL;
}

SymbolId module_variable_of(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = binding_of(f, call.op);
    if (!op || op->kind != OP_BIND) return (SymbolId){0};
    SymbolId owner = facts_root_symbol(f, op_path(op));
    bool module = owner.i && f->scopes[f->symbols[owner.i].scope.i].kind == SCOPE_MODULE;
    return module ? owner : (SymbolId){0};
}

static Str dotted(Graph *g, Str a, Str b) {
    return str_format(g->arena, "%.*s.%.*s", STR_ARG(a), STR_ARG(b));
}

/* Module code puts the result into a display or hands it to another call: `App(Pool())`. */
static bool is_handed_on(const Facts *f, OpId call) {
    for (u32 i = call.i + 1; i < f->n_ops && i <= call.i + USER_DISTANCE; i++) {
        const Op *op = &f->ops[i];
        bool takes = op->kind == OP_CALL || op->kind == OP_DICT || op->kind == OP_LIST ||
                     op->kind == OP_TUPLE;
        for (u32 k = 0; takes && k < op->operands; k++)
            if (is_value(f, op_operand(f, op, k), call)) return true;
    }
    return false;
}

bool is_made_lazily(const Facts *f, const Op *op) {
    const Region *r = &f->regions[op->region.i];
    for (u32 i = r->test_first; i < r->test_end; i++) {
        const Op *t = &f->ops[i];
        if (t->kind != OP_TEST) continue;
        u32 kind = t->flags & OP_LOW;
        if ((kind == TEST_IS || kind == TEST_TRUTH || kind == TEST_HAS) &&
            facts_root(f, op_path(t))->id == facts_root(f, op_path(op))->id)
            return true;
    }
    return false;
}

/* `self.pool = Pool()` in a constructor, or where there was none, of an object that lives on; and
 * `cls.pool = Pool()`. The forms of singletons that `__new__` and metaclasses make belong here. */
static Str held_by_owner(Graph *g, u32 file, const Op *store) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[store->subject];
    if (p->kind != PATH_ATTR || p->depth != 1) return (Str){0};
    bool is_class;
    ClassId owner = self_class(g, file, facts_root_symbol(f, op_path(store)), &is_class);
    Str attribute = facts_str(f, (StrId){p->id});
    if (!owner.i) {
        Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
        is_class = e.kind == ENTITY_CLASS;
        if (is_class) owner = entity_class(g, e);
    }
    const ClassNode *c = &g->classes[owner.i];
    ScopeId s = enclosing_function(f, f->regions[store->region.i].scope);
    bool first =
        is_made_lazily(f, store) || !s.i || str_is(facts_str(f, f->scopes[s.i].name), "__init__");
    if (!owner.i || !first) return (Str){0};
    if (is_class) return c->is_static ? dotted(g, graph_class_name(g, owner), attribute) : (Str){0};
    return c->resident.n ? dotted(g, c->resident, attribute) : (Str){0};
}

/* What holds the instance that the call makes for good, or empty. */
static Str holder_of(Graph *g, ClassId c, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    SymbolId variable = module_variable_of(g, call);
    HowOften how = graph_how_often(g, call.file, op->region);
    bool by_module = f->scopes[f->regions[op->region.i].scope.i].kind == SCOPE_MODULE;
    if (variable.i && (how == RUNS_ONCE || how == RUNS_ON_START || !by_module))
        return dotted(g, g->files[call.file].module, facts_str(f, f->symbols[variable.i].name));
    const Op *user = binding_of(f, call.op);
    if (user && user->kind == OP_STORE) return held_by_owner(g, call.file, user);
    if (by_module && how == RUNS_ONCE && !user && is_handed_on(f, call.op))
        return graph_class_name(g, c);
    return (Str){0};
}

/* Judges the class by the places that make its own instances; tests end in seconds. */
static void judge_calls(Graph *g, ClassId id) {
    ClassNode *c = &g->classes[id.i];
    Str first = {0};
    c->making = MAKING_NONE;
    for (u32 i = 0; i < c->calls.n; i++) {
        if (g->files[c->calls.v[i].file].is_test) continue;
        Str holder = holder_of(g, id, c->calls.v[i]);
        c->making = holder.n ? MAKING_RESIDENT : MAKING_OTHER;
        if (!holder.n) return;
        if (!first.n) first = holder;
    }
    c->made_for = first;
}

/* The first holder of an instance of the class or a subclass; *other when there are instances that
 * nobody is known to hold. */
static Str family_holder(const Graph *g, ClassId id, u32 depth, u32 *left, bool *other) {
    const ClassNode *c = &g->classes[id.i];
    *other |= c->escapes || c->making == MAKING_OTHER || !*left || !depth;
    if (*other) return (Str){0};
    --*left;
    Str first = c->made_for;
    for (u32 i = 0; i < c->subclasses.n && !*other; i++) {
        Str below = family_holder(g, c->subclasses.v[i], depth - 1, left, other);
        if (!first.n) first = below;
    }
    return first;
}

/* `create_app()`, `get_pool()`: by its name it is there to make the one that all use. */
static bool is_maker_name(Str name) {
    static const char *const WORDS[] = {"boot",   "build", "connect", "create", "get",
                                        "launch", "load",  "make",    "open",   "prepare",
                                        "ready",  "run",   "serve",   "set",    "startup"};
    if (is_setup_name(name)) return true;
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(str_public(name), WORDS[i])) return true;
    return false;
}

/* `global job`, `job = Job(…)`, in a function that runs per call and does not ask what was there.
 */
static bool is_replacing(const Graph *g, OpRef call, SymbolId variable) {
    const Facts *f = g->files[call.file].facts;
    RegionId region = f->ops[call.op.i].region;
    const Scope *scope = &f->scopes[f->regions[region.i].scope.i];
    if (scope->kind != SCOPE_FUNCTION || is_maker_name(facts_str(f, scope->name))) return false;
    if (graph_how_often(g, call.file, region) < RUNS_PER_CALL) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (f->ops[i].kind == OP_TEST && facts_root_symbol(f, op_path(&f->ops[i])).i == variable.i)
            return false;
    return true;
}

bool is_replaced_often(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        SymbolId variable = module_variable_of(g, call);
        if (variable.i && !g->files[call.file].is_test && is_replacing(g, call, variable))
            return true;
    }
    return false;
}

void residents_find(Graph *g) {
    bool changed = true;
    for (u32 round = 0; changed && round < ROUNDS; round++) {
        changed = false;
        for (u32 id = 1; id <= g->n_classes; id++) {
            ClassNode *c = &g->classes[id];
            if (c->calls.n && !c->escapes && c->making != MAKING_RESIDENT)
                judge_calls(g, (ClassId){id});
        }
        for (u32 id = 1; id <= g->n_classes; id++) {
            ClassNode *c = &g->classes[id];
            u32 left = FAMILY_MAX;
            bool other = false;
            if (c->resident.n) continue;
            Str holder = family_holder(g, (ClassId){id}, FAMILY_DEPTH, &left, &other);
            if (other || !holder.n) continue;
            c->resident = holder;
            changed = true;
        }
    }
}

void module_instances_find(Graph *g) {
    for (u32 id = 1; id <= g->n_classes; id++) {
        ClassNode *c = &g->classes[id];
        if (!c->calls.n || c->escapes || c->subclasses.n) continue;
        SymbolId first = {0};
        u32 file = 0;
        bool all = true;
        for (u32 i = 0; i < c->calls.n && all; i++) {
            OpRef call = c->calls.v[i];
            SymbolId s = module_variable_of(g, call);
            if (s.i && !first.i) first = s, file = call.file;
            const Facts *f = g->files[call.file].facts;
            RegionId region = f->ops[call.op.i].region;
            HowOften how = graph_how_often(g, call.file, region);
            bool global = f->scopes[f->regions[region.i].scope.i].kind != SCOPE_MODULE;
            all = s.i && (how == RUNS_ONCE || how == RUNS_ON_START || global);
        }
        if (!all) continue;
        c->instance_symbol = first;
        c->instance_symbol_file = file;
    }
}

Str graph_resident(const Graph *g, ClassId c) {
    return g->classes[c.i].resident;
}
