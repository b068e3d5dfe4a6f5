/* Variables, and the places in them that hold values as variables do: fields of a local struct,
 * elements of a local array, what a parameter points to. */
#include "capi/engine.h"

const Place *engine_place_at(const Engine *e, u32 decl) {
    return decl >= PLACE_FIRST ? &e->places.v[decl - PLACE_FIRST] : NULL;
}

u32 engine_base(const Engine *e, u32 decl) {
    const Place *place = engine_place_at(e, decl);
    return place ? place->base : decl;
}

u32 engine_place(Engine *e, Place place) {
    for (u32 i = 0; i < e->places.n; i++) {
        const Place *p = &e->places.v[i];
        if (p->kind == place.kind && p->base == place.base && p->part == place.part)
            return PLACE_FIRST + i;
    }
    vec_push(e->arena, &e->places, place);
    return PLACE_FIRST + e->places.n - 1;
}

Str engine_place_name(const Engine *e, u32 decl) {
    const Place *place = engine_place_at(e, decl);
    if (!place) return cunit_name(e->unit, decl);
    Arena *arena = e->study->out->arena;
    Str base = cunit_name(e->unit, place->base);
    if (place->kind == PLACE_POINTED) return str_format(arena, "*%.*s", STR_ARG(base));
    if (place->kind == PLACE_ELEMENT)
        return str_format(arena, "%.*s[%u]", STR_ARG(base), place->part);
    Str field = cunit_str(e->unit, place->part);
    return str_format(arena, "%.*s.%.*s", STR_ARG(base), STR_ARG(field));
}

static u32 variable(const Engine *e, const CNode *n) {
    if (n->kind != C_REF || !n->decl) return 0;
    const CDecl *d = &e->unit->decls[n->decl];
    bool is_ours = d->owner == e->function && !(d->flags & CDECL_STATIC) &&
                   (d->kind == C_VARIABLE || d->kind == C_PARAMETER);
    return is_ours ? n->decl : 0;
}

/* `pair.left` of a local variable; the parts of a Py_buffer are the buffer's own. */
static u32 field(Engine *e, const CNode *n) {
    if (n->flags & C_ARROW) return 0;
    u32 base = variable(e, &e->unit->nodes[n->child]);
    const CType *type = &e->unit->types[e->unit->decls[base].type];
    bool is_own = type->flags & CTYPE_RECORD && !(e->unit->decls[n->decl].flags & CDECL_SYSTEM);
    return base && is_own ? engine_place(e, (Place){PLACE_FIELD, base, n->name}) : 0;
}

/* Is an index that is not constant used on the array? Its elements are not told apart then. */
static bool is_walked(Engine *e, u32 array) {
    const CUnit *u = e->unit;
    CWalk walk = cwalk_begin(e->arena, u->decls[e->function].node);
    for (u32 node; !e->has_walked && (node = cwalk_next(u, &walk));) {
        const CNode *n = &u->nodes[node], *of = &u->nodes[n->child];
        if (n->kind == C_INDEX && of->kind == C_REF && !(u->nodes[of->next].flags & C_HAS_VALUE))
            vec_push(e->arena, &e->walked, of->decl);
    }
    e->has_walked = true;
    for (u32 i = 0; i < e->walked.n; i++)
        if (e->walked.v[i] == array) return true;
    return false;
}

/* `items[1]` of a local array. */
static u32 element(Engine *e, const CNode *n) {
    const CNode *array = &e->unit->nodes[n->child], *index = &e->unit->nodes[array->next];
    u32 base = variable(e, array);
    bool is_array = e->unit->types[e->unit->decls[base].type].flags & CTYPE_ARRAY;
    bool is_constant = index->flags & C_HAS_VALUE && index->value >= 0 && index->value < 1000;
    if (!base || !is_array || !is_constant || is_walked(e, base)) return 0;
    return engine_place(e, (Place){PLACE_ELEMENT, base, (u32)index->value});
}

u32 engine_local(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    if (n->kind == C_REF) return variable(e, n);
    if (!(e->unit->types[n->type].flags & CTYPE_POINTER)) return 0;
    if (n->kind == C_MEMBER) return field(e, n);
    return n->kind == C_INDEX ? element(e, n) : 0;
}

void engine_escape_parts(Engine *e, u32 base) {
    for (u32 i = 0; base && i < e->places.n; i++) {
        if (e->places.v[i].base != base || e->places.v[i].kind == PLACE_POINTED) continue;
        Value value = state_get(e->now, PLACE_FIRST + i);
        if (value.kind == VALUE_THING)
            engine_escape(e, value);
        else
            state_set(e->now, PLACE_FIRST + i, (Value){0});
    }
}
