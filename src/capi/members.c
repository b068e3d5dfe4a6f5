/* What the code of a unit tells of the fields of its objects, and of the variables whose values
 * they get: one pass over all nodes, and a second one over the assignments. No flow: a fact holds
 * for the variable wherever it is. */
#include "capi/slots.h"

#include <string.h>

enum { SURE = HOLDS_OWNED | HOLDS_SURELY };

typedef struct Learner {
    const Study *s;
    const CUnit *u;
    Members m;
    u32 *gained; /* by variable: references that it got, and */
    u32 *given;  /* fields that it was put into */
    u32 *bodies; /* by node: the function whose body it is */
    Map fields;  /* by record and name */
} Learner;

/* Names are the same string of the unit where they are equal. */
static u64 field_key(u32 record, u32 name) {
    return (u64)record << 32 | name;
}

/* ---- of what kind an object is ---- */

/* A class of objects by the prefix of its functions: "PyUnicode_" … */
static const struct {
    const char *prefix;
    u32 holds;
} kinds[] = {
    {"PyBool_", HOLDS_ATOM},         {"PyByteArray_", HOLDS_ATOM}, {"PyBytes_", HOLDS_ATOM},
    {"PyCallable_", HOLDS_CALLABLE}, {"PyCapsule_", HOLDS_ATOM},   {"PyComplex_", HOLDS_ATOM},
    {"PyDict_", HOLDS_CONTAINER},    {"PyFloat_", HOLDS_ATOM},     {"PyInt_", HOLDS_ATOM},
    {"PyList_", HOLDS_CONTAINER},    {"PyLong_", HOLDS_ATOM},      {"PySet_", HOLDS_CONTAINER},
    {"PyString_", HOLDS_ATOM},       {"PyThread_", HOLDS_ATOM},    {"PyTuple_", HOLDS_CONTAINER},
    {"PyUnicode_", HOLDS_ATOM},      {"PyWeakref_", HOLDS_ATOM},
};

static u32 kind_by_prefix(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_starts(name, kinds[i].prefix)) return kinds[i].holds;
    return 0;
}

/* PyUnicode_FromFormat, PyDict_New … make one of their kind; PyList_GetItem does not. */
static u32 kind_of_result(Str name) {
    u32 kind = kind_by_prefix(name);
    bool is_made = str_contains(name, "From") || str_contains(name, "New") ||
                   str_contains(name, "_As") || str_contains(name, "Encode") ||
                   str_contains(name, "Decode") || str_contains(name, "Pack") ||
                   str_contains(name, "Copy") || str_contains(name, "Intern");
    bool is_text = str_starts(name, "PyUnicode_") || str_starts(name, "PyObject_Str") ||
                   str_starts(name, "PyObject_Repr") || str_starts(name, "PyNumber_Long") ||
                   str_starts(name, "PyNumber_Float");
    if (is_text) return HOLDS_ATOM;
    return kind && is_made ? kind : HOLDS_FETCHED;
}

/* Objects of the type's name: "PyUnicode_Type". */
static u32 kind_of_type(Str name) {
    if (!str_ends(name, "_Type") || !str_starts(name, "Py")) return HOLDS_PROJECT;
    return kind_by_prefix(str_sub(name, 0, name.n - 4));
}

/* Bits of Py_TPFLAGS_…_SUBCLASS. */
static u32 kind_of_feature(i64 feature) {
    if (feature == 1 << 24 || feature == 1 << 27 || feature == 1 << 28) return HOLDS_ATOM;
    return feature == 1 << 25 || feature == 1 << 26 || feature == 1 << 29 ? HOLDS_CONTAINER : 0;
}

/* The kind that a declared type tells: `PyListObject *`, `Node *`. */
static u32 kind_of_declared(const CUnit *u, u32 type) {
    Str name = cunit_type_name(u, type);
    static const char *const atoms[] = {"PyUnicodeObject", "PyBytesObject",  "PyLongObject",
                                        "PyFloatObject",   "PyStringObject", "PyIntObject",
                                        "PyTypeObject",    "PyCodeObject"};
    if (!cunit_is_object(u, type) || str_starts(name, "PyObject ")) return 0;
    for (u32 i = 0; i < ARRAY_LEN(atoms); i++)
        if (str_starts(name, atoms[i])) return HOLDS_ATOM;
    u32 record = u->types[u->types[type].target].record;
    if (u->decls[record].flags & CDECL_SYSTEM || str_starts(name, "Py"))
        return HOLDS_CONTAINER; /* PyListObject … */
    return HOLDS_PROJECT;
}

/* ---- places ---- */

/* The field, variable or parameter that an expression names, or whose address it takes; or 0. */
static u32 place_of(const Learner *l, u32 node) {
    const CUnit *u = l->u;
    const CNode *n = &u->nodes[node];
    if (n->kind == C_UNARY && n->op == '&') n = &u->nodes[n->child];
    if (n->kind == C_REF) return u->decls[n->decl].kind == C_FUNCTION ? 0 : n->decl;
    return n->kind == C_MEMBER ? map_get(&l->fields, field_key(n->decl, n->name)) : 0;
}

static void hold(Learner *l, u32 place, u32 holds) {
    if (place) l->m.holds[place] |= holds;
}

/* ---- functions ---- */

/* A function that runs while an instance is made, by its name and parameters. */
static bool makes_instances(const CUnit *u, u32 function) {
    Str name = cunit_name(u, function);
    u32 first = u->decls[function].child;
    return str_contains(name, "init") || str_contains(name, "new") || str_contains(name, "New") ||
           str_contains(name, "create") || str_contains(name, "make") ||
           str_contains(name, "setup") ||
           str_starts(cunit_type_name(u, u->decls[first].type), "PyTypeObject");
}

static u32 function_around(const Learner *l, u32 node) {
    while (l->s->parents[node]) node = l->s->parents[node];
    return l->bodies[node];
}

/* Does the call stand in a function that makes, empties or ends instances, by its name? */
static bool ends_instances(const Learner *l, u32 call) {
    static const char *const words[] = {"clear", "dealloc",  "free",    "destroy", "del", "close",
                                        "reset", "finalize", "cleanup", "decref",  "set"};
    u32 function = function_around(l, call);
    Str name = cunit_name(l->u, function);
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains(name, words[i])) return true;
    return makes_instances(l->u, function);
}

/* ---- calls ---- */

static void learn_parsed(Learner *l, u32 call, const ApiRow *row) {
    const CUnit *u = l->u;
    u32 format, first, at = 0;
    if (!api_format(row, &format, &first)) return;
    const CNode *text = &u->nodes[cnode_child(u, call, format + 1)];
    if (text->kind != C_STRING) return;
    Str units = cunit_str(u, text->name);
    u32 arg = cnode_child(u, call, first + 1);
    for (ApiUnit unit; arg && api_unit(row, units, &at, &unit);) {
        u32 kind = units.p[unit.begin] == 'O' ? HOLDS_GIVEN : HOLDS_ATOM;
        for (u32 i = 0; arg && i < unit.n; i++, arg = u->nodes[arg].next) {
            u32 type = unit.n == 2 && i == 0 ? cnode_named(u, arg) : 0;
            if (type && u->decls[type].kind == C_VARIABLE) kind = kind_of_type(cunit_name(u, type));
            if (unit.args[i] == API_ARG_OUT_BORROWED) hold(l, place_of(l, arg), kind);
        }
    }
}

/* `PyUnicode_Check(x)`, `PyType_HasFeature(Py_TYPE(x), 1 << 28)`, `PyObject_TypeCheck(x, &T)`. */
static void learn_check(Learner *l, u32 call, Str name) {
    const CUnit *u = l->u;
    u32 first = cnode_child(u, call, 1), second = cnode_child(u, call, 2);
    if (str_is(name, "PyType_HasFeature") || str_is(name, "PyType_FastSubclass")) {
        const CNode *type = &u->nodes[first];
        u32 object = type->kind == C_CALL ? cnode_child(u, first, 1) : type->child;
        hold(l, place_of(l, object), kind_of_feature(u->nodes[second].value));
    } else if (str_is(name, "PyObject_TypeCheck") || str_is(name, "PyObject_IsInstance")) {
        u32 type = cnode_named(u, second);
        if (type) hold(l, place_of(l, first), kind_of_type(cunit_name(u, type)));
    } else if (str_ends(name, "_Check") || str_ends(name, "_CheckExact")) {
        hold(l, place_of(l, first), kind_by_prefix(name));
    }
}

/* Arguments of a function of the project. */
static void learn_handed(Learner *l, u32 call) {
    for (u32 arg = cnode_child(l->u, call, 1); arg; arg = l->u->nodes[arg].next)
        if (l->u->nodes[arg].kind == C_REF) hold(l, place_of(l, arg), HOLDS_CHECKED);
}

static void learn_call(Learner *l, u32 call) {
    const CUnit *u = l->u;
    Str name = cunit_str(u, u->nodes[call].name);
    const ApiRow *row = study_row(l->s, call);
    if (!row) {
        learn_handed(l, call);
        return;
    }
    if (row->traits & API_FORMAT_PARSE) {
        learn_parsed(l, call, row);
        return;
    }
    learn_check(l, call, name);
    u32 i = 0;
    for (u32 arg = cnode_child(u, call, 1); arg; arg = u->nodes[arg].next, i++) {
        ApiArg effect = api_arg(row, i);
        u32 place = place_of(l, arg);
        if (effect == API_ARG_RETAIN) {
            hold(l, place, HOLDS_OWNED | HOLDS_SURELY);
            l->gained[place]++;
        }
        if (effect == API_ARG_RELEASE || effect == API_ARG_XRELEASE || effect == API_ARG_CLEAR)
            hold(l, place, HOLDS_RELEASED | (ends_instances(l, call) ? 0 : HOLDS_BRIEFLY));
        else if (effect == API_ARG_OUT_NEW)
            hold(l, place, SURE | HOLDS_FETCHED);
        else if (effect == API_ARG_OUT_BORROWED && str_starts(name, "PyArg_"))
            hold(l, place, HOLDS_GIVEN);
    }
}

/* ---- assignments ---- */

/* What a value is that comes from a variable, parameter or field. */
static u32 holds_of_place(const Learner *l, u32 place) {
    u32 holds =
        l->m.holds[place] & ~(u32)(HOLDS_RELEASED | HOLDS_SURELY | HOLDS_SET_LATER | HOLDS_BRIEFLY);
    bool is_passed_on = l->u->decls[place].kind == C_FIELD;
    u32 known = HOLDS_GIVEN | HOLDS_CALLABLE;
    if (is_passed_on && holds & known) holds = (holds & ~known) | HOLDS_FETCHED;
    return holds;
}

/* What the value of an expression is; HOLDS_OWNED when it is a new reference. */
static u32 value_holds(const Learner *l, u32 node) {
    const CUnit *u = l->u;
    const CNode *n = &u->nodes[node];
    if (n->flags & C_HAS_VALUE) return 0; /* NULL */
    if (n->kind == C_CHOOSE) {
        u32 yes = cnode_child(u, node, 1), no = cnode_child(u, node, 2);
        return value_holds(l, yes) | value_holds(l, no);
    }
    if (n->kind == C_ASSIGN) return value_holds(l, u->nodes[n->child].next);
    if (n->kind != C_CALL) return holds_of_place(l, place_of(l, node));
    const ApiRow *row = study_row(l->s, node);
    Str name = cunit_str(u, n->name);
    if (row && (str_ends(name, "Py_NewRef") || str_ends(name, "Py_XNewRef")))
        return SURE | holds_of_place(l, place_of(l, cnode_child(u, node, 1)));
    if (row && row->result == API_NEW) return SURE | kind_of_result(name);
    if (row) return row->result == API_BORROWED ? HOLDS_FETCHED : 0;
    bool makes = cunit_is_object(u, n->type) && u->decls[n->decl].kind == C_FUNCTION;
    return makes ? HOLDS_OWNED | HOLDS_FETCHED : 0;
}

/* `Timer *self = (Timer *)op;` */
static bool is_copy_of_parameter(const CUnit *u, u32 variable) {
    u32 value = u->decls[variable].node;
    return value && u->decls[cnode_named(u, value)].kind == C_PARAMETER;
}

/* Does the statement change an instance that is there, and not one that is being made? */
static bool is_set_later(const Learner *l, u32 site) {
    const CUnit *u = l->u;
    u32 function = function_around(l, site), target = u->nodes[site].child;
    if (u->nodes[site].kind == C_CALL) target = cnode_child(u, site, 1); /* Py_XSETREF(…, …) */
    if (u->nodes[target].kind == C_UNARY) target = u->nodes[target].child;
    u32 instance = cnode_named(u, u->nodes[target].child);
    bool is_local = u->decls[instance].kind != C_PARAMETER;
    return !makes_instances(u, function) && !(is_local && !is_copy_of_parameter(u, instance));
}

static void learn_value(Learner *l, u32 place, u32 value, u32 site) {
    u32 holds = value_holds(l, value), from = place_of(l, value);
    /* One reference, put into two fields: which of them owns it? */
    if (from && l->given[from] > l->gained[from]) holds &= ~(u32)HOLDS_OWNED;
    /* The variable's own reference is released, perhaps after the field has got its value. */
    if (from && l->m.holds[from] & HOLDS_RELEASED) holds &= ~(u32)HOLDS_OWNED;
    bool is_field = l->u->decls[place].kind == C_FIELD;
    if (is_field && holds && !l->m.site[place]) l->m.site[place] = site;
    if (is_field && holds & HOLDS_GIVEN && is_set_later(l, site)) holds |= HOLDS_SET_LATER;
    hold(l, place, holds);
}

static void learn_assignment(Learner *l, u32 node) {
    const CUnit *u = l->u;
    const CNode *n = &u->nodes[node];
    if (n->kind == C_DECLARE && n->child) learn_value(l, n->decl, n->child, node);
    if (n->kind == C_ASSIGN && n->op == 0)
        learn_value(l, place_of(l, n->child), u->nodes[n->child].next, node);
    if (n->kind != C_CALL) return;
    Str name = cunit_str(u, n->name);
    if (!str_is(name, "Py_SETREF") && !str_is(name, "Py_XSETREF")) return;
    u32 target = cnode_child(u, node, 1);
    hold(l, place_of(l, target), SURE | HOLDS_RELEASED);
    learn_value(l, place_of(l, target), cnode_child(u, node, 2), node);
}

/* How many references a variable gets, and into how many fields it is put. */
static void count_value(Learner *l, u32 place, u32 value) {
    const CUnit *u = l->u;
    u32 from = place_of(l, value);
    bool is_field = u->decls[place].kind == C_FIELD;
    if (from && is_field) l->given[from]++;
    if (!is_field && value_holds(l, value) & HOLDS_SURELY) l->gained[place]++;
}

static void count_assignment(Learner *l, u32 node) {
    const CUnit *u = l->u;
    const CNode *n = &u->nodes[node];
    if (n->kind == C_DECLARE && n->child) count_value(l, n->decl, n->child);
    if (n->kind == C_ASSIGN && n->op == 0)
        count_value(l, place_of(l, n->child), u->nodes[n->child].next);
}

/* Functions whose address is taken are called by Python: their objects are anything. */
static void learn_parameters(Learner *l) {
    const CUnit *u = l->u;
    for (u32 i = 1; i < u->n_nodes; i++) {
        const CNode *n = &u->nodes[i];
        if (n->kind != C_REF || u->decls[n->decl].kind != C_FUNCTION) continue;
        const CNode *above = &u->nodes[l->s->parents[i]];
        if (above->kind == C_CALL && above->child == i) continue;
        u32 first = u->decls[n->decl].child; /* the instance or module itself */
        for (u32 p = first ? u->decls[first].next : 0; p; p = u->decls[p].next)
            if (str_starts(cunit_type_name(u, u->decls[p].type), "PyObject "))
                l->m.holds[p] |= HOLDS_GIVEN;
    }
}

Members members_learn(const Study *s) {
    const CUnit *u = s->unit;
    Learner l = {.s = s, .u = u};
    l.gained = arena_array(s->out->arena, u32, u->n_decls);
    l.given = arena_array(s->out->arena, u32, u->n_decls);
    l.bodies = arena_array(s->out->arena, u32, u->n_nodes);
    for (u32 d = 1; d < u->n_decls; d++) {
        const CDecl *decl = &u->decls[d];
        if (decl->kind == C_FUNCTION && decl->flags & CDECL_BODY) l.bodies[decl->node] = d;
        if (decl->kind == C_FIELD)
            map_set(s->out->arena, &l.fields, field_key(decl->owner, decl->name), d);
    }
    l.m.holds = arena_array(s->out->arena, u32, u->n_decls);
    l.m.site = arena_array(s->out->arena, u32, u->n_decls);
    for (u32 d = 1; d < u->n_decls; d++)
        if (u->decls[d].kind == C_FIELD || u->decls[d].kind == C_PARAMETER ||
            u->decls[d].kind == C_VARIABLE)
            l.m.holds[d] |= kind_of_declared(u, u->decls[d].type);
    learn_parameters(&l);
    for (u32 i = 1; i < u->n_nodes; i++)
        if (u->nodes[i].kind == C_CALL) learn_call(&l, i);
    for (u32 i = 1; i < u->n_nodes; i++) count_assignment(&l, i);
    for (u32 round = 0; round < 2; round++) /* a value can go through a variable */
        for (u32 i = 1; i < u->n_nodes; i++) learn_assignment(&l, i);
    return l.m;
}
