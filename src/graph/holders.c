/* Who holds instances of a class: attributes, module variables and containers of the whole project,
 * by the classes of what is bound to them and put into them. */
#include "graph/model.h"

#include <stdlib.h>

typedef struct Search {
    const Graph *g;
    ClassId class;
    Arena *arena;
    InstanceHolders out;
    Map seen; /* holders that are known, by name */
} Search;

/* The class itself, or a subclass. */
static bool is_wanted(const Search *s, ClassId c) {
    const ClassNode *node = &s->g->classes[c.i];
    for (u32 i = 0; c.i && i < node->n_mro; i++)
        if (node->mro[i].i == s->class.i) return true;
    return false;
}

/* The class of the value if it is one that is searched for, or 0; of what a weak reference made
 * here refers to, too. */
static ClassId wanted(const Search *s, u32 file, PathId value, bool *weakly) {
    const Facts *f = s->g->files[file].facts;
    *weakly = false;
    if (!value.i) return (ClassId){0};
    PathId made = graph_alias_of(s->g, file, value);
    const Path *p = &f->paths[made.i];
    const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (call && call->kind == OP_CALL) {
        const CallRow *row = know_call(graph_name_of(s->g, file, op_path(call)));
        *weakly = row && row->flags & CALL_WEAK;
    }
    ClassId c = type_of_path(s->g, file, *weakly ? op_operand(f, call, 0) : value, RESOLVE_DEPTH);
    return is_wanted(s, c) ? c : (ClassId){0};
}

static void add(Search *s, InstanceHolder h) {
    u64 key = hash_mix(hash_str(h.name), h.elements);
    if (map_get(&s->seen, key)) return;
    map_set(s->arena, &s->seen, key, 1);
    vec_push(s->arena, &s->out.list, h);
}

/* The value itself, or what stands in a display. */
static void look_at(Search *s, InstanceHolder h, u32 file, PathId value, bool elements) {
    const Facts *f = s->g->files[file].facts;
    h.file = file;
    h.elements = elements;
    h.type = wanted(s, file, value, &h.weakly);
    if (h.type.i) add(s, h);
    const Path *p = &f->paths[value.i];
    if (elements || p->kind != PATH_OP) return;
    const Op *op = &f->ops[p->id];
    if (op->kind != OP_LIST && op->kind != OP_SET && op->kind != OP_DICT && op->kind != OP_TUPLE)
        return;
    for (u32 i = 0; i < op->operands; i++) look_at(s, h, file, op_operand(f, op, i), true);
}

static Str joined(const Search *s, Str a, Str b) {
    return str_format(s->arena, "%.*s.%.*s", STR_ARG(a), STR_ARG(b));
}

static void search_variables(Search *s, u32 file) {
    const Facts *f = s->g->files[file].facts;
    const Scope *module = &f->scopes[1];
    if (f->n_scopes < 2) return;
    for (u32 i = module->symbol_first; i < module->symbol_end; i++) {
        const Symbol *symbol = &f->symbols[i];
        const Op *op = &f->ops[symbol->bind.i];
        u32 bind = op->flags & OP_LOW;
        if (op->kind != OP_BIND || symbol->target.i != i || bind == BIND_IMPORT) continue;
        if (bind == BIND_FUNCTION || bind == BIND_CLASS) continue;
        InstanceHolder h = {.what = STR("module variable"), .place = op->span};
        h.name = joined(s, s->g->files[file].module, facts_str(f, symbol->name));
        look_at(s, h, file, bound_value(f, op), false);
    }
}

static void search_attribute(Search *s, const Touched *t) {
    Str attribute = facts_str(s->g->files[t->file].facts, t->name);
    Attribute a = graph_attribute(s->g, t->owner, attribute, s->arena);
    if (a.owner.i != t->owner.i || a.first_owner.i != t->owner.i) return; /* its base is told of */
    InstanceHolder h = {.what = STR("attribute"),
                        .name = joined(s, graph_class_name(s->g, t->owner), attribute)};
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        h.place = s->g->files[u->file].facts->ops[u->op.i].span;
        if (u->kind == ATTRIBUTE_DEFINED && is_wanted(s, a.instance)) { /* by an annotation, too */
            h.file = u->file;
            h.type = a.instance;
            add(s, h);
        }
        if (u->kind == ATTRIBUTE_DEFINED) look_at(s, h, u->file, u->value, false);
        if (u->kind != ATTRIBUTE_GROWS) continue;
        look_at(s, h, u->file, u->value, true);
        look_at(s, h, u->file, u->key, true);
    }
}

static void search_container(Search *s, const Container *c) {
    if (c->holder != HOLDER_GLOBAL && c->holder != HOLDER_FUNCTION_ATTRIBUTE) return;
    InstanceHolder h = {.what = STR("container"), .name = c->name};
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        if (u->kind != USE_GROW) continue;
        h.place = s->g->files[u->file].facts->ops[u->op.i].span;
        look_at(s, h, u->file, u->value, true);
        look_at(s, h, u->file, u->key, true);
    }
}

static int by_place(const void *a, const void *b) {
    const InstanceHolder *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->place.start != y->place.start) return x->place.start < y->place.start ? -1 : 1;
    return str_cmp(x->name, y->name);
}

InstanceHolders holders_of(const Graph *g, ClassId c, Arena *arena) {
    Search s = {.g = g, .class = c, .arena = arena};
    for (u32 file = 0; file < g->n_files; file++) search_variables(&s, file);
    for (u32 id = 1; id <= g->n_touched; id++) search_attribute(&s, &g->touched[id]);
    for (u32 id = 1; id <= g->n_containers; id++) search_container(&s, &g->containers[id]);
    if (s.out.list.n) qsort(s.out.list.v, s.out.list.n, sizeof *s.out.list.v, by_place);
    return s.out;
}
