/* Exceptions that are raised again and again: is what a raise statement raises one object that
 * lives on, and where is it kept? */
#include "graph/model.h"

/* Definitions of one attribute, operations of one function or file, and steps through locals that
 * one question looks at. */
enum { DEFINITIONS_READ = 24, RAISED_OPS = 20000, RAISED_STEPS = 3 };

typedef struct Raise {
    const Graph *g;
    u32 file;
    const Facts *f;
    u32 op;
    ScopeId scope;
} Raise;

static const Shared NOTHING;

/* `TIMED_OUT` */
static bool is_constant_name(Str name) {
    u32 letters = 0;
    for (u32 i = 0; i < name.n; i++) {
        if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
        letters += name.p[i] >= 'A' && name.p[i] <= 'Z';
    }
    return letters > 1;
}

/* `LATE = sock.gaierror(EAI_AGAIN, "late")`: what is raised as it is, is made by something that is
 * not read, and has a constant's name is an instance. Functions that make classes are given a name
 * or nothing. */
static bool is_made_elsewhere(const Graph *g, u32 file, Str name, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL || !is_constant_name(name))
        return false;
    const Op *call = &f->ops[p->id];
    Str callee = facts_last_name(f, op_path(call));
    bool is_error = str_ends(callee, "error") || str_ends(callee, "timeout");
    return is_error && call->operands && scope_is_none(graph_definition_of(g, file, op_path(call)));
}

/* A variable or class attribute that its only assignment binds to a new exception. */
static Shared of_symbol(const Graph *g, u32 file, SymbolId id, SharedKind kind) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[id.i];
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN)
        return NOTHING;
    bool is_one;
    PathId value = bound_value(f, bind);
    Confidence sure = graph_new_exception(g, file, value, &is_one);
    if (!is_one && kind == SHARED_GLOBAL &&
        is_made_elsewhere(g, file, facts_str(f, s->name), value)) {
        is_one = true;
        sure = CONFIDENCE_MEDIUM;
    }
    if (!is_one) return NOTHING;
    return (Shared){.kind = kind, .confidence = sure, .file = file, .op = s->bind, .value = value};
}

static Shared of_default(const Raise *r, SymbolId owner) {
    const Symbol *s = &r->f->symbols[owner.i];
    const Scope *scope = &r->f->scopes[s->scope.i];
    if (s->binds || s->scope.i != r->scope.i) return NOTHING;
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &r->f->params[i];
        bool is_one;
        if (p->symbol.i != owner.i) continue;
        Confidence sure = graph_new_exception(r->g, r->file, p->fallback, &is_one);
        if (!is_one) return NOTHING;
        return (Shared){.kind = SHARED_DEFAULT,
                        .confidence = sure,
                        .file = r->file,
                        .op = {r->f->paths[p->fallback.i].id},
                        .value = p->fallback};
    }
    return NOTHING;
}

/* ---- attributes of instances ---- */

/* A name that only exceptions have: `exc`, `last_error`. */
static bool is_exception_word(Str name) {
    static const char *const WORDS[] = {"exc", "exception", "error", "err", "ex"};
    Str last = str_after_last(name, '_');
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(last, WORDS[i])) return true;
    return false;
}

/* The annotation, or a part of `X | None` or `Optional[X]`, is a class of exceptions. */
static bool is_exception_annotation(const Graph *g, u32 file, PathId annotation, u32 steps) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (!annotation.i || !steps) return false;
    if (p->kind == PATH_LITERAL) return know_is_exception_type(facts_str(f, (StrId){p->id}));
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        for (u32 i = 0; i < op->operands && i < 4; i++)
            if (is_exception_annotation(g, file, op_operand(f, op, i), steps - 1)) return true;
        return false;
    }
    bool is_one;
    graph_exception_class(g, file, annotation, &is_one);
    return is_one;
}

bool graph_exception_parameter(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM)) return false;
    const Param *param = facts_param(f, owner);
    if (!param) return false;
    return param->annotation.i ? is_exception_annotation(g, file, param->annotation, 3)
                               : is_exception_word(facts_str(f, f->symbols[owner.i].name));
}

/* Is what a store keeps an exception? */
static bool is_exception_value(const Graph *g, u32 file, u32 op, PathId value, Confidence *sure) {
    bool is_one;
    *sure = graph_new_exception(g, file, value, &is_one);
    if (is_one) return true;
    Caught caught = graph_caught_in(g, file, (OpId){op}, value);
    *sure = CONFIDENCE_HIGH;
    if (caught.kind == CAUGHT_EXCEPTION && caught.carry == CARRY_ITSELF) return true;
    *sure = CONFIDENCE_MEDIUM;
    return graph_exception_parameter(g, file, value);
}

/* Bound or cleared in the function that raises it: it is raised once. */
static bool is_handled_here(const Raise *r, u32 file, OpId op) {
    return file == r->file && r->f->regions[r->f->ops[op.i].region.i].scope.i == r->scope.i;
}

static bool is_initial(const Facts *f, const Op *op) {
    Str name = facts_str(f, f->scopes[f->regions[op->region.i].scope.i].name);
    return str_is(name, "__init__") || str_is(name, "__new__") || str_is(name, "__setstate__");
}

/* `del self.x` in the function that raises. */
static bool is_deleted_here(const Raise *r, PathId path) {
    const Scope *scope = &r->f->scopes[r->scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + RAISED_OPS);
    for (u32 o = scope->op_first; o < end; o++)
        if (r->f->ops[o].kind == OP_DELETE && r->f->ops[o].subject == path.i) return true;
    return false;
}

static Shared of_attribute(const Raise *r, PathId path, ClassId c, u64 name) {
    ClassId owner;
    Shared found = {0};
    const AttributeDef *def = class_attribute(r->g, c, name, &owner);
    for (u32 n = 0; def && n < DEFINITIONS_READ; def = attribute_next(r->g, def), n++) {
        const Facts *f = r->g->files[def->file].facts;
        const Op *op = &f->ops[def->op.i];
        PathId value = bound_value(f, op);
        if (is_handled_here(r, def->file, def->op)) return NOTHING;
        Confidence sure;
        if (facts_is_none(f, value)) {
            if (op->kind == OP_STORE && !is_initial(f, op)) found.is_cleared = true;
        } else if (is_exception_value(r->g, def->file, def->op.i, value, &sure)) {
            if (found.kind && found.confidence >= sure) continue;
            found.kind = SHARED_ATTRIBUTE;
            found.confidence = sure;
            found.file = def->file;
            found.op = def->op;
            found.value = value;
        }
    }
    if (!found.kind || is_deleted_here(r, path)) return NOTHING;
    return found;
}

/* ---- elements ---- */

/* The container that the value is an element of: `x[k]`, `x.get(k)`. */
static PathId container_of(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_ANY && !(p->flags & PATH_SLICE)) return p->parent;
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return (PathId){0};
    const Path *callee = &f->paths[f->ops[p->id].subject];
    bool is_get = callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "get");
    return is_get ? callee->parent : (PathId){0};
}

/* The same attribute of the first parameter, or the same variable, whatever function mentions it.
 */
static bool is_same_container(const Facts *f, PathId a, PathId b) {
    const Path *p = &f->paths[a.i], *q = &f->paths[b.i];
    if (p->kind != q->kind) return false;
    if (p->kind == PATH_SYMBOL)
        return f->symbols[p->id].target.i &&
               f->symbols[p->id].target.i == f->symbols[q->id].target.i;
    if (p->kind != PATH_ATTR || p->id != q->id) return false;
    const Path *x = &f->paths[p->parent.i], *y = &f->paths[q->parent.i];
    if (x->kind != PATH_SYMBOL || y->kind != PATH_SYMBOL) return false;
    return f->symbols[x->id].name.i == f->symbols[y->id].name.i;
}

/* The container is a module variable, or an attribute of an object that a module holds. */
static bool is_lasting(const Raise *r, SymbolId root) {
    bool is_class;
    if (r->f->scopes[r->f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    ClassId c = self_class(r->g, r->file, root, &is_class);
    return c.i && (is_class || graph_only_module_instances(r->g, c));
}

/* What is stored is an exception, or a local that some statement of the function binds to one. */
static bool is_stored_exception(const Raise *r, u32 store, PathId value, Confidence *sure) {
    const Facts *f = r->f;
    if (is_exception_value(r->g, r->file, store, value, sure)) return true;
    SymbolId owner = facts_root_symbol(f, value);
    ScopeId id = f->regions[f->ops[store].region.i].scope;
    const Scope *scope = &f->scopes[id.i];
    if (f->paths[value.i].kind != PATH_SYMBOL || f->symbols[owner.i].scope.i != id.i) return false;
    for (u32 o = scope->op_first; o < store; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_BIND || facts_root_symbol(f, op_path(op)).i != owner.i) continue;
        if (is_exception_value(r->g, r->file, o, bound_value(f, op), sure)) return true;
    }
    return false;
}

/* A store into the container of an exception. */
static Shared of_element(const Raise *r, PathId container) {
    SymbolId root = facts_root_symbol(r->f, container);
    /* a local container dies with its function */
    if (!root.i || (r->f->symbols[root.i].scope.i == r->scope.i &&
                    r->f->paths[container.i].kind == PATH_SYMBOL))
        return NOTHING;
    for (u32 o = 1; o < r->f->n_ops && o < RAISED_OPS; o++) {
        const Op *op = &r->f->ops[o];
        const Path *to = &r->f->paths[op->subject];
        if (op->kind != OP_STORE || to->kind != PATH_ANY) continue;
        if (!is_same_container(r->f, to->parent, container)) continue;
        Confidence sure;
        PathId value = bound_value(r->f, op);
        if (!is_stored_exception(r, o, value, &sure)) continue;
        return (Shared){.kind = SHARED_ELEMENT,
                        .confidence = MIN(sure, CONFIDENCE_MEDIUM),
                        .file = r->file,
                        .op = {o},
                        .value = value,
                        .is_lasting = is_lasting(r, root)};
    }
    return NOTHING;
}

/* A local: what it is bound to somewhere in the function, when that lives on. */
static Shared of_local(const Raise *r, SymbolId owner) {
    const Symbol *s = &r->f->symbols[owner.i];
    const Scope *scope = &r->f->scopes[r->scope.i];
    if (s->scope.i != r->scope.i || scope->op_end - scope->op_first > RAISED_OPS) return NOTHING;
    for (u32 o = scope->op_first; o < r->op; o++) {
        const Op *op = &r->f->ops[o];
        if (op->kind != OP_BIND || (op->flags & OP_LOW) > BIND_WALRUS) continue;
        if (facts_root_symbol(r->f, op_path(op)).i != owner.i) continue;
        PathId container = container_of(r->f, bound_value(r->f, op));
        Shared found = container.i ? of_element(r, container) : NOTHING;
        if (found.kind) return found;
    }
    return NOTHING;
}

/* ---- how many raise it ---- */

static ScopeId function_of(const Facts *f, u32 op) {
    return enclosing_function(f, f->regions[f->ops[op].region.i].scope);
}

/* Methods of the class, as far as its file, that raise the same attribute. */
static u32 count_raisers(const Raise *r, PathId path) {
    ClassId own = graph_method_class(r->g, (ScopeRef){r->file, function_of(r->f, r->op)});
    u32 n = 0;
    ScopeId last = {0};
    for (u32 o = 1; o < r->f->n_ops && o < RAISED_OPS; o++) {
        const Op *op = &r->f->ops[o];
        if (op->kind != OP_RAISE || !is_same_container(r->f, op_operand(r->f, op, 0), path))
            continue;
        ScopeId here = function_of(r->f, o);
        if (graph_method_class(r->g, (ScopeRef){r->file, here}).i != own.i) continue;
        n += here.i != last.i;
        last = here;
    }
    return n;
}

/* Methods of the class that call the one that raises: it is their guard. */
static u32 count_guarded(const Raise *r, ClassId c) {
    const FunctionNode *fn = &r->g->functions[function_id(r->g, r->file, r->scope)];
    u32 n = 0;
    ScopeId last = r->scope;
    for (u32 i = 0; i < fn->callers.n && n < 2; i++) {
        OpRef call = fn->callers.v[i];
        ScopeId from = function_of(r->g->files[call.file].facts, call.op.i);
        if (graph_method_class(r->g, (ScopeRef){call.file, from}).i != c.i) continue;
        n += from.i != last.i;
        last = from;
    }
    return n;
}

/* ---- the question ---- */

static Shared shared_of(const Raise *r, PathId path, u32 steps) {
    const Facts *f = r->f;
    const Path *p = &f->paths[path.i];
    if (!steps || (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR && p->kind != PATH_ANY))
        return NOTHING;
    if (p->kind == PATH_ANY) return of_element(r, p->parent);
    Entity e = entity_of_path(r->g, r->file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_VARIABLE) {
        const Facts *home = r->g->files[e.file].facts;
        u8 kind = home->scopes[home->symbols[e.id].scope.i].kind;
        if (kind == SCOPE_MODULE) return of_symbol(r->g, e.file, (SymbolId){e.id}, SHARED_GLOBAL);
        if (kind == SCOPE_CLASS) return of_symbol(r->g, e.file, (SymbolId){e.id}, SHARED_CLASS);
    }
    if (p->kind == PATH_SYMBOL) {
        SymbolId owner = f->symbols[p->id].target;
        if (!owner.i) return NOTHING;
        if (f->symbols[owner.i].flags & SYMBOL_PARAM) return of_default(r, owner);
        const Op *bind = &f->ops[f->symbols[owner.i].bind.i];
        bool is_once = f->symbols[owner.i].binds == 1 && bind->kind == OP_BIND &&
                       (bind->flags & OP_LOW) == BIND_ASSIGN;
        Shared found = is_once ? shared_of(r, bound_value(f, bind), steps - 1) : NOTHING;
        return found.kind ? found : of_local(r, owner);
    }
    ClassId c = type_of_path(r->g, r->file, p->parent, RESOLVE_DEPTH), owner;
    SymbolId root = facts_root_symbol(f, p->parent);
    bool is_class;
    if (!c.i && root.i && f->paths[p->parent.i].kind == PATH_SYMBOL)
        c = self_class(r->g, r->file, root, &is_class);
    if (!c.i) return NOTHING;
    u64 name = name_hash(f, (StrId){p->id});
    Shared found = of_attribute(r, path, c, name);
    if (found.kind) {
        found.guards = MAX(count_raisers(r, path), count_guarded(r, c));
        found.is_lasting = graph_looks_lasting(r->g, c);
        found.is_brief = graph_is_used_up(r->g, c);
    }
    if (found.kind || own_attribute(r->g, c, name)) return found;
    SymbolId member = class_member(r->g, c, name, &owner);
    return member.i ? of_symbol(r->g, r->g->classes[owner.i].file, member, SHARED_CLASS) : NOTHING;
}

Shared graph_shared_exception(const Graph *g, u32 file, OpId raise) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[raise.i];
    Raise r = {.g = g, .file = file, .f = f, .op = raise.i};
    r.scope = f->regions[op->region.i].scope;
    if (!op->operands || f->scopes[r.scope.i].kind != SCOPE_FUNCTION) return NOTHING;
    return shared_of(&r, op_operand(f, op, 0), RAISED_STEPS);
}
