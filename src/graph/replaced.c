/* Names of classes that a decorator has made something else, and who uses them as classes. */
#include "graph/model.h"

static bool is_replaced(const Graph *g, u32 file, PathId path, ClassId *class) {
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_CLASS) return false;
    *class = entity_class(g, e);
    Singleton s = graph_singleton(g, *class);
    bool by_decorator = s.form == SINGLETON_DECORATOR || s.form == SINGLETON_CACHED;
    return by_decorator && (s.replaced == REPLACED_BY_FUNCTION || s.replaced == REPLACED_BY_OBJECT);
}

/* Inside the class itself its attributes are reached through the name, too, and fail as well; but
 * `K.x` of an object that the decorator made may be what the object has. */
static bool is_attribute_use(const Graph *g, u32 file, PathId path, ClassId *class) {
    const Facts *f = g->files[file].facts;
    for (PathId p = path; p.i && f->paths[p.i].kind == PATH_ATTR; p = f->paths[p.i].parent) {
        PathId base = f->paths[p.i].parent;
        if (f->paths[base.i].kind == PATH_ATTR) continue;
        if (!is_replaced(g, file, base, class)) return false;
        Singleton s = graph_singleton(g, *class);
        ClassId owner;
        u64 name = name_hash(f, (StrId){f->paths[p.i].id});
        return s.replaced == REPLACED_BY_FUNCTION && class_member(g, *class, name, &owner).i != 0;
    }
    return false;
}

/* As what the operation works on, or as one of the values that it takes. */
static bool is_using_attribute(const Graph *g, u32 file, const Op *op, ClassId *class) {
    const Facts *f = g->files[file].facts;
    if (op_subject((OpKind)op->kind) == SUBJECT_PATH &&
        is_attribute_use(g, file, op_path(op), class))
        return true;
    for (u32 i = 0; i < op->operands; i++)
        if (is_attribute_use(g, file, op_operand(f, op, i), class)) return true;
    return false;
}

typedef struct Search {
    const Graph *g;
    u32 file;
    Arena *arena;
    ClassUses *out;
} Search;

static void add(Search *s, ClassId class, ClassUseKind kind, u32 op) {
    ClassUse use = {.class = class, .kind = kind, .at = {s->file, {op}}};
    vec_push(s->arena, &s->out->list, use);
}

/* The classes that a test or a handler names, alone or in a tuple. */
static void add_named(Search *s, ClassUseKind kind, u32 i, PathId path, u32 depth) {
    const Facts *f = s->g->files[s->file].facts;
    const Path *p = &f->paths[path.i];
    ClassId class;
    if (is_replaced(s->g, s->file, path, &class)) add(s, class, kind, i);
    if (!depth || p->kind != PATH_OP || f->ops[p->id].kind != OP_TUPLE) return;
    const Op *tuple = &f->ops[p->id];
    for (u32 k = 0; k < tuple->operands; k++)
        add_named(s, kind, i, op_operand(f, tuple, k), depth - 1);
}

static void look_at(Search *s, u32 i) {
    const Graph *g = s->g;
    const Facts *f = g->files[s->file].facts;
    const Op *op = &f->ops[i];
    ClassId class;
    if (op->kind == OP_TEST && (op->flags & OP_LOW) == TEST_INSTANCE) {
        for (u32 k = 0; k < op->operands; k++)
            add_named(s, CLASS_TESTED, i, op_operand(f, op, k), 2);
        return;
    }
    if (op->kind == OP_CLASS) {
        const Scope *scope = &f->scopes[op->subject];
        for (u32 b = scope->base_first; b < scope->base_end; b++)
            if (operand_kind(f->operands[b]) == OPERAND_POSITIONAL &&
                is_replaced(g, s->file, f->operands[b].path, &class))
                add(s, class, CLASS_DERIVED, i);
        return;
    }
    if (op->kind == OP_HANDLER) {
        for (u32 k = 0; k < op->operands; k++)
            add_named(s, CLASS_CAUGHT, i, op_operand(f, op, k), 2);
        return;
    }
    if (is_using_attribute(g, s->file, op, &class)) {
        add(s, class, CLASS_ATTRIBUTE, i);
        return;
    }
    if (op->kind != OP_CALL || op->operands != 2) return;
    Str name = graph_name_of(g, s->file, op_path(op));
    if (str_is(name, "builtins.isinstance") || str_is(name, "builtins.issubclass"))
        add_named(s, CLASS_TESTED, i, op_operand(f, op, 1), 2);
    if (str_is(name, "builtins.super") && is_replaced(g, s->file, op_operand(f, op, 0), &class))
        add(s, class, CLASS_SUPER, i);
}

ClassUses graph_replaced_class_uses(const Graph *g, Arena *arena) {
    ClassUses out = {0};
    bool any = false;
    for (u32 i = 0; i < g->singletons.n && !any; i++)
        any = g->singletons.v[i].replaced != REPLACED_NOT;
    for (u32 file = 0; any && file < g->n_files; file++) {
        Search s = {g, file, arena, &out};
        const Facts *f = g->files[file].facts;
        for (u32 i = 1; i < f->n_ops; i++) look_at(&s, i);
    }
    return out;
}
