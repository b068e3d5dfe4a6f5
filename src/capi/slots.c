/* Finds type objects: initialisers of PyTypeObject, specifications with their slots, and what is
 * assigned later (`T.tp_traverse = f;`). */
#include "capi/slots.h"

/* Fields of PyTypeObject in their order, the same from 2.7 to 3.14. */
static const char *const type_fields[] = {
    "ob_base",      "tp_name",        "tp_basicsize",  "tp_itemsize",    "tp_dealloc",
    "tp_print",     "tp_getattr",     "tp_setattr",    "tp_as_async",    "tp_repr",
    "tp_as_number", "tp_as_sequence", "tp_as_mapping", "tp_hash",        "tp_call",
    "tp_str",       "tp_getattro",    "tp_setattro",   "tp_as_buffer",   "tp_flags",
    "tp_doc",       "tp_traverse",    "tp_clear",      "tp_richcompare", "tp_weaklistoffset",
    "tp_iter",      "tp_iternext",    "tp_methods",    "tp_members",     "tp_getset",
    "tp_base",      "tp_dict",        "tp_descr_get",  "tp_descr_set",   "tp_dictoffset",
    "tp_init",      "tp_alloc",       "tp_new",        "tp_free",        "tp_is_gc",
    "tp_bases",     "tp_mro",         "tp_cache",      "tp_subclasses",  "tp_weaklist",
    "tp_del",       "tp_version_tag", "tp_finalize",   "tp_vectorcall",
};
static const char *const spec_fields[] = {"name", "basicsize", "itemsize", "flags", "slots"};
static const char *const slot_fields[] = {"slot", "pfunc"};

static const struct {
    const char *name;
    i64 id; /* in typeslots.h */
    TypeSlot slot;
} known_slots[] = {
    {"tp_base", 48, SLOT_BASE},         {"tp_bases", 49, SLOT_BASES},
    {"tp_clear", 51, SLOT_CLEAR},       {"tp_dealloc", 52, SLOT_DEALLOC},
    {"tp_del", 53, SLOT_DEL},           {"tp_dictoffset", -1, SLOT_DICTOFFSET},
    {"tp_finalize", 80, SLOT_FINALIZE}, {"tp_free", 74, SLOT_FREE},
    {"tp_getset", 73, SLOT_GETSET},     {"tp_init", 60, SLOT_INIT},
    {"tp_methods", 64, SLOT_METHODS},   {"tp_new", 65, SLOT_NEW},
    {"tp_traverse", 71, SLOT_TRAVERSE},
};

/* A value that is no NULL and no 0. */
static bool is_something(const CNode *n) {
    return n->kind != C_NONE && !(n->flags & C_HAS_VALUE && n->value == 0);
}

static void take_flags(const CUnit *u, TypeObject *type, u32 node) {
    const CNode *value = &u->nodes[node];
    if (!type->flags_at) type->flags_at = node;
    type->flags_known = (value->flags & C_HAS_VALUE) != 0;
    type->flags |= value->value;
}

static void take_size(const CUnit *u, TypeObject *type, u32 node) {
    const CNode *value = &u->nodes[node];
    if (value->kind == C_BINARY) value = &u->nodes[value->child]; /* sizeof(T) + n */
    if (value->kind == C_SIZEOF) type->record = u->types[value->type].record;
}

static void take_name(const CUnit *u, TypeObject *type, u32 value) {
    Str text = cunit_str(u, u->nodes[value].name);
    if (u->nodes[value].kind == C_STRING && text.n) type->name = text;
}

/* What is put into a field of a PyTypeObject. */
static void take_field(const CUnit *u, TypeObject *type, Str name, u32 value) {
    if (str_is(name, "tp_flags")) take_flags(u, type, value);
    if (str_is(name, "tp_basicsize")) take_size(u, type, value);
    if (str_is(name, "tp_name")) take_name(u, type, value);
    for (u32 i = 0; i < ARRAY_LEN(known_slots); i++)
        if (str_is(name, known_slots[i].name) && is_something(&u->nodes[value]))
            type->slots[known_slots[i].slot] = value;
}

typedef struct Items {
    const CUnit *unit;
    const char *const *fields;
    u32 n, at; /* number of the next positional item */
    u32 node;
    Str name; /* of this one */
    u32 value;
} Items;

/* `PyObject_HEAD_INIT(&PyType_Type) 0, "name"`: the number is ob_size, which 3 has in the head. */
static bool is_size_of_python2(const CUnit *u, const Items *items, const CNode *n) {
    return items->at == 1 && items->fields == type_fields && n->kind == C_INT &&
           u->nodes[n->next].kind == C_STRING;
}

/* The next item of an initialiser with the name of its field; false at the end. */
static bool next_item(Items *items) {
    const CUnit *u = items->unit;
    if (!items->node) return false;
    const CNode *n = &u->nodes[items->node];
    items->value = items->node;
    u32 named = items->n;
    if (n->kind == C_DESIGNATED)
        for (named = 0; named < items->n; named++)
            if (str_is(cunit_str(u, n->name), items->fields[named])) break;
    if (named < items->n) {
        items->value = n->child;
        items->at = named;
    } /* else by its place: the field that `offsetof` names is no field of the type */
    if (is_size_of_python2(u, items, n)) items->at--;
    items->name = items->at < items->n ? str_from(items->fields[items->at]) : (Str){0};
    items->at++;
    items->node = n->next;
    return true;
}

static Items items_of(const CUnit *u, u32 list, const char *const *fields, u32 n) {
    return (Items){.unit = u, .fields = fields, .n = n, .node = u->nodes[list].child};
}

static void read_static(const CUnit *u, TypeObject *type, u32 list) {
    type->flags_known = true; /* 0 when it is not there */
    Items items = items_of(u, list, type_fields, ARRAY_LEN(type_fields));
    while (next_item(&items)) take_field(u, type, items.name, items.value);
}

/* `{Py_tp_dealloc, f}`. */
static void read_slot(const CUnit *u, TypeObject *type, u32 list) {
    Items items = items_of(u, list, slot_fields, ARRAY_LEN(slot_fields));
    i64 id = 0;
    u32 value = 0;
    while (next_item(&items)) {
        if (str_is(items.name, "slot")) id = u->nodes[items.value].value;
        if (str_is(items.name, "pfunc")) value = items.value;
    }
    for (u32 i = 0; i < ARRAY_LEN(known_slots); i++)
        if (id == known_slots[i].id && is_something(&u->nodes[value]))
            type->slots[known_slots[i].slot] = value;
}

static void read_spec(const CUnit *u, TypeObject *type, u32 list) {
    u32 slots = 0;
    Items items = items_of(u, list, spec_fields, ARRAY_LEN(spec_fields));
    while (next_item(&items)) {
        if (str_is(items.name, "name")) take_name(u, type, items.value);
        if (str_is(items.name, "flags")) take_flags(u, type, items.value);
        if (str_is(items.name, "basicsize")) take_size(u, type, items.value);
        if (str_is(items.name, "slots")) slots = cnode_named(u, items.value);
    }
    u32 array = u->decls[slots].node;
    if (!slots || u->nodes[array].kind != C_INIT) type->is_unclear = true;
    for (u32 n = slots ? u->nodes[array].child : 0; n; n = u->nodes[n].next)
        if (u->nodes[n].kind == C_INIT) read_slot(u, type, n);
}

u32 slots_function(const CUnit *u, const TypeObject *type, TypeSlot slot) {
    u32 decl = type->slots[slot] ? cnode_named(u, type->slots[slot]) : 0;
    const CDecl *d = &u->decls[decl];
    return d->kind == C_FUNCTION && d->flags & CDECL_BODY && d->node ? decl : 0;
}

/* `T.tp_traverse = f;`, `T.tp_flags |= Py_TPFLAGS_HAVE_GC;` */
static void read_assignment(const CUnit *u, TypeObjects *types, const u32 *by_decl, u32 node) {
    const CNode *n = &u->nodes[node], *target = &u->nodes[n->child];
    if (target->kind != C_MEMBER) return;
    u32 index = by_decl[cnode_named(u, target->child)];
    if (!index) { /* through a parameter: any type can have got a base */
        types->sets_bases |= str_is(cunit_str(u, target->name), "tp_base");
        return;
    }
    TypeObject *type = &types->list.v[index - 1];
    u32 value = target->next;
    Str field = cunit_str(u, target->name);
    if (n->op == 0) {
        take_field(u, type, field, value);
    } else if (str_is(field, "tp_flags") && n->op == '|') {
        bool was_known = type->flags_known;
        take_flags(u, type, value);
        type->flags_known &= was_known;
    } else {
        type->is_unclear = true;
    }
}

/* The struct that a variable points to, if it can be that of instances. */
static u32 record_of_variable(const CUnit *u, u32 decl) {
    const CType *type = &u->types[u->decls[decl].type];
    u32 record = type->flags & CTYPE_POINTER ? u->types[type->target].record : 0;
    bool is_own = !(u->decls[record].flags & CDECL_SYSTEM) && u->decls[record].child;
    return is_own && u->types[type->target].flags & CTYPE_OBJECT ? record : 0;
}

/* The struct of the instances when the size does not tell: what a slot's first parameter, or the
 * variable that it is put into, points to. */
static u32 record_of_function(const Study *s, u32 function) {
    const CUnit *u = s->unit;
    if (!function) return 0;
    u32 first = u->decls[function].child, record = record_of_variable(u, first);
    CWalk walk = cwalk_begin(s->out->arena, u->decls[function].node);
    for (u32 n; !record && (n = cwalk_next(u, &walk));)
        if (u->nodes[n].kind == C_DECLARE && cnode_named(u, u->nodes[n].child) == first)
            record = record_of_variable(u, u->nodes[n].decl);
    return record;
}

/* `PyType_FromSpecWithBases(&spec, bases)`: the bases stand in the last argument but for NULL. */
static void read_making(const CUnit *u, TypeObjects *types, const u32 *by_decl, u32 call) {
    if (!str_starts(cunit_str(u, u->nodes[call].name), "PyType_From")) return;
    u32 index = 0, last = 0;
    for (u32 arg = cnode_child(u, call, 1); arg; arg = u->nodes[arg].next) {
        u32 spec = cnode_named(u, arg);
        last = index ? arg : 0;
        if (by_decl[spec]) index = by_decl[spec];
    }
    if (index && last && is_something(&u->nodes[last]))
        types->list.v[index - 1].slots[SLOT_BASES] = last;
}

void slots_find(const Study *s, TypeObjects *out) {
    const CUnit *u = s->unit;
    Arena *arena = s->out->arena;
    u32 *by_decl = arena_array(arena, u32, u->n_decls);
    for (u32 d = 1; d < u->n_decls; d++) {
        const CDecl *decl = &u->decls[d];
        if (decl->kind != C_VARIABLE || !decl->node || decl->flags & CDECL_SYSTEM) continue;
        Str name = cunit_type_name(u, decl->type);
        bool is_static = str_is(name, "PyTypeObject") || str_is(name, "struct _typeobject");
        bool is_spec = str_is(name, "PyType_Spec");
        if ((!is_static && !is_spec) || u->nodes[decl->node].kind != C_INIT) continue;
        TypeObject type = {.decl = d, .is_heap = is_spec, .name = cunit_name(u, d)};
        (is_spec ? read_spec : read_static)(u, &type, decl->node);
        vec_push(arena, &out->list, type);
        by_decl[d] = out->list.n;
    }
    if (!out->list.n) return;
    for (u32 i = 1; i < u->n_nodes; i++) { /* PyTypeObject *type = &T; */
        const CNode *n = &u->nodes[i];
        if (n->kind == C_DECLARE && n->child && by_decl[cnode_named(u, n->child)])
            by_decl[n->decl] = by_decl[cnode_named(u, n->child)];
    }
    for (u32 i = 1; i < u->n_nodes; i++) {
        if (u->nodes[i].kind == C_ASSIGN) read_assignment(u, out, by_decl, i);
        if (u->nodes[i].kind == C_CALL) read_making(u, out, by_decl, i);
    }
    for (u32 i = 0; i < out->list.n; i++) {
        TypeObject *type = &out->list.v[i];
        static const TypeSlot telling[] = {SLOT_DEALLOC, SLOT_TRAVERSE, SLOT_CLEAR};
        for (u32 k = 0; k < ARRAY_LEN(telling) && !type->record; k++)
            type->record = record_of_function(s, slots_function(u, type, telling[k]));
    }
}
