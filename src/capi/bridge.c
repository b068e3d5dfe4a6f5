/* What Python code can give to objects that the collector does not see: constructors, methods and
 * attributes of types without support for it, and which of their arguments an instance keeps. */
#include "capi/slots.h"

typedef struct Bridge {
    const Study *s;
    const CUnit *u;
    const TypeObject *type;
    const Members *m;
    Arena *arena; /* of what is handed out */
    CKeeps *out;
} Bridge;

static u32 field_of(const CUnit *u, const CNode *member) {
    Str name = cunit_str(u, member->name);
    for (u32 f = u->decls[member->decl].child; f; f = u->decls[f].next)
        if (str_eq(cunit_name(u, f), name)) return f;
    return 0;
}

/* The owned field of the type's instances that the statement puts the variable into, or 0. */
static u32 field_that_gets(const Bridge *b, u32 node, u32 variable) {
    const CUnit *u = b->u;
    const CNode *n = &u->nodes[node];
    u32 target = n->kind == C_ASSIGN && !n->op ? n->child : 0;
    Str name = cunit_str(u, n->name);
    if (n->kind == C_CALL && (str_is(name, "Py_XSETREF") || str_is(name, "Py_SETREF")))
        target = cnode_child(u, node, 1);
    if (!target) return 0;
    u32 value = u->nodes[target].next;
    if (u->nodes[target].kind == C_UNARY) target = u->nodes[target].child;
    const CNode *v = &u->nodes[value], *t = &u->nodes[target];
    bool is_new_reference = v->kind == C_CALL && str_ends(cunit_str(u, v->name), "NewRef");
    if (is_new_reference) value = cnode_child(u, value, 1);
    if (t->kind != C_MEMBER || t->decl != b->type->record || cnode_named(u, value) != variable)
        return 0;
    u32 field = field_of(u, t);
    u32 owned = HOLDS_OWNED | HOLDS_RELEASED;
    return field && b->m->holds[field] & owned && !(b->m->holds[field] & HOLDS_ATOM) ? field : 0;
}

/* The field that the function puts the variable into, or 0. */
static u32 field_in(const Bridge *b, u32 function, u32 variable) {
    CWalk walk = cwalk_begin(b->s->out->arena, b->u->decls[function].node);
    for (u32 n, field; (n = cwalk_next(b->u, &walk));)
        if ((field = field_that_gets(b, n, variable))) return field;
    return 0;
}

static void keep(Bridge *b, Str method, u32 field, i64 position, Str keyword, CKeepHow how) {
    Str type = b->type->name;
    CKeep k = {.how = how};
    k.name = method.n ? str_format(b->arena, "%.*s.%.*s", STR_ARG(type), STR_ARG(method))
                      : str_copy(b->arena, type);
    k.held = keyword.n ? str_format(b->arena, "%lld,%.*s", (long long)position, STR_ARG(keyword))
                       : str_format(b->arena, "%lld", (long long)position);
    k.edge = str_format(b->arena, ".%.*s", STR_ARG(cunit_name(b->u, field)));
    vec_push(b->arena, &b->out->list, k);
}

/* The name of parameter `i` in the list of keywords that the call passes, or empty. */
static Str keyword_at(const CUnit *u, u32 list, u32 i) {
    u32 array = cnode_named(u, list), node = u->decls[array].node;
    if (!array || u->nodes[node].kind != C_INIT) return (Str){0};
    const CNode *n = &u->nodes[cnode_child(u, node, i)];
    return n->kind == C_STRING ? cunit_str(u, n->name) : (Str){0};
}

/* Is the format of a function without keywords, or has it a list of them? */
static void keep_parsed(Bridge *b, u32 function, u32 call, const ApiRow *row, Str method,
                        CKeepHow how) {
    const CUnit *u = b->u;
    u32 format, first, at = 0, position = 0;
    if (!api_format(row, &format, &first)) return;
    const CNode *text = &u->nodes[cnode_child(u, call, format + 1)];
    if (text->kind != C_STRING) return;
    u32 list = first > format + 1 ? cnode_child(u, call, format + 2) : 0;
    u32 arg = cnode_child(u, call, first + 1);
    for (ApiUnit unit; arg && api_unit(row, cunit_str(u, text->name), &at, &unit);) {
        u32 last = 0;
        for (u32 i = 0; arg && i < unit.n; i++, arg = u->nodes[arg].next) last = arg;
        if (!unit.n) continue;
        bool is_object = unit.args[unit.n - 1] == API_ARG_OUT_BORROWED;
        u32 field = is_object && last ? field_in(b, function, cnode_named(u, last)) : 0;
        Str keyword = list ? keyword_at(u, list, position) : (Str){0};
        if (field) keep(b, method, field, position, keyword, how);
        position++;
    }
}

/* All arguments that the function takes out of its tuple and keeps. */
static void keep_arguments(Bridge *b, u32 function, Str method, CKeepHow how) {
    CWalk walk = cwalk_begin(b->s->out->arena, b->u->decls[function].node);
    for (u32 n; (n = cwalk_next(b->u, &walk));) {
        const ApiRow *row = study_row(b->s, n);
        if (row && row->traits & API_FORMAT_PARSE) keep_parsed(b, function, n, row, method, how);
    }
}

static bool has_body(const CUnit *u, u32 decl) {
    return decl && u->decls[decl].kind == C_FUNCTION && u->decls[decl].node;
}

/* The second parameter: the argument of METH_O, the value of a setter. */
static u32 second_parameter(const CUnit *u, u32 function) {
    u32 first = u->decls[function].child;
    return first ? u->decls[first].next : 0;
}

/* {"connect", connect, METH_O | …}: flags 1 METH_VARARGS, 8 METH_O. */
static void keep_method(Bridge *b, u32 entry) {
    const CUnit *u = b->u;
    const CNode *name = &u->nodes[cnode_child(u, entry, 0)];
    u32 function = cnode_named(u, cnode_child(u, entry, 1));
    i64 flags = u->nodes[cnode_child(u, entry, 2)].value;
    if (name->kind != C_STRING || !has_body(u, function)) return;
    Str method = cunit_str(u, name->name);
    if (flags & 1) keep_arguments(b, function, method, C_KEEPS_RECEIVER);
    u32 argument = flags & 8 ? second_parameter(u, function) : 0;
    u32 field = argument ? field_in(b, function, argument) : 0;
    if (field) keep(b, method, field, 0, (Str){0}, C_KEEPS_RECEIVER);
}

/* {"callback", getter, setter, …} */
static void keep_attribute(Bridge *b, u32 entry) {
    const CUnit *u = b->u;
    const CNode *name = &u->nodes[cnode_child(u, entry, 0)];
    u32 setter = cnode_named(u, cnode_child(u, entry, 2));
    if (name->kind != C_STRING || !has_body(u, setter)) return;
    u32 field = field_in(b, setter, second_parameter(u, setter));
    if (field) keep(b, cunit_str(u, name->name), field, 0, (Str){0}, C_KEEPS_ASSIGNED);
}

static void keep_table(Bridge *b, TypeSlot slot, void (*take)(Bridge *, u32)) {
    u32 array = b->type->slots[slot] ? cnode_named(b->u, b->type->slots[slot]) : 0;
    u32 node = b->u->decls[array].node;
    if (!array || b->u->nodes[node].kind != C_INIT) return;
    for (u32 n = b->u->nodes[node].child; n; n = b->u->nodes[n].next)
        if (b->u->nodes[n].kind == C_INIT) take(b, n);
}

/* A type that surely has no part in the collection, and a name by which Python code can reach it.
 */
static bool is_blind(const TypeObjects *types, const TypeObject *type) {
    bool may_inherit =
        type->slots[SLOT_BASE] || type->slots[SLOT_BASES] || (types->sets_bases && !type->is_heap);
    return type->flags_known && !(type->flags & TYPE_HAVE_GC) && !may_inherit &&
           !type->is_unclear && type->record && str_find(type->name, '.') > 0;
}

void cunit_keeps(const CUnit *u, Arena *arena, CKeeps *out) {
    Arena scratch = {0};
    CFaults unused = {.arena = &scratch};
    u32 *parents = arena_array(&scratch, u32, u->n_nodes);
    for (u32 i = 1; i < u->n_nodes; i++)
        for (u32 c = u->nodes[i].child; c; c = u->nodes[c].next) parents[c] = i;
    Study s = {.unit = u, .out = &unused, .parents = parents};
    TypeObjects types = {0};
    slots_find(&s, &types);
    Members members = types.list.n ? members_learn(&s) : (Members){0};
    for (u32 i = 0; i < types.list.n; i++) {
        const TypeObject *type = &types.list.v[i];
        Bridge b = {.s = &s, .u = u, .type = type, .m = &members, .arena = arena, .out = out};
        if (!is_blind(&types, type)) continue;
        u32 init = slots_function(u, type, SLOT_INIT), make = slots_function(u, type, SLOT_NEW);
        if (init) keep_arguments(&b, init, (Str){0}, C_KEEPS_RESULT);
        if (make) keep_arguments(&b, make, (Str){0}, C_KEEPS_RESULT);
        u32 before = out->list.n;
        keep_table(&b, SLOT_METHODS, keep_method);
        keep_table(&b, SLOT_GETSET, keep_attribute);
        /* Whose methods those are, the constructor tells. */
        CKeep made = {str_copy(arena, type->name), STR(""), STR(".fields"), C_KEEPS_RESULT};
        if (out->list.n > before) vec_push(arena, &out->list, made);
    }
    arena_free(&scratch);
}
