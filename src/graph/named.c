/* Elements of which nothing but a name says that they are requests, messages or connections. */
#include "graph/rows.h"

/* Does a class, an annotation or the call that makes it say so? */
static bool is_shown_request(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    PathId alias = graph_alias_of(g, file, path);
    const Path *p = &f->paths[alias.i];
    ClassId c = type_of_path(g, file, alias, RESOLVE_DEPTH);
    if (c.i)
        return know_is_request_type(graph_class_name(g, c)) ||
               graph_instances(g, c).making == MADE_OFTEN;
    if (p->kind == PATH_OP) return shape_of(g, file, alias, RESOLVE_DEPTH / 2) & SHAPE_REQUEST;
    SymbolId owner = p->kind == PATH_SYMBOL ? facts_root_symbol(f, alias) : (SymbolId){0};
    const Param *param = owner.i ? facts_param(f, owner) : NULL;
    return param && shape_of_annotation(g, file, param->annotation) & SHAPE_REQUEST;
}

/* `client.connection`, where a loop gives `client`, and its class is not known. */
static bool is_field_of_unknown(const Graph *g, u32 file, PathId path) {
    const Path *p = &g->files[file].facts->paths[path.i];
    return p->kind == PATH_ATTR && is_round_of_unknown(g, file, p->parent) &&
           !type_of_path(g, file, path, RESOLVE_DEPTH).i &&
           !(shape_of(g, file, p->parent, RESOLVE_DEPTH / 2) & SHAPE_REQUEST);
}

/* The key or element, or each part of a tuple that is said to be a request. */
static bool is_named_only(const Graph *g, const Use *u, PathId path) {
    const Facts *f = g->files[u->file].facts;
    const Path *p = &f->paths[path.i];
    if (!path.i || !(shape_of(g, u->file, path, RESOLVE_DEPTH / 2) & SHAPE_REQUEST)) return true;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_TUPLE) {
        for (u32 i = 0; i < f->ops[p->id].operands; i++) {
            PathId part = op_operand(f, &f->ops[p->id], i);
            bool is_tuple = f->paths[part.i].kind == PATH_OP;
            if (is_tuple || !is_named_only(g, u, part)) return false;
        }
        return true;
    }
    return is_field_of_unknown(g, u->file, path) ||
           (u->admits_once && !is_shown_request(g, u->file, path));
}

bool graph_is_request_by_name(const Graph *g, const Use *u) {
    return is_named_only(g, u, u->key) && is_named_only(g, u, u->value);
}
