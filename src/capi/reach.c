/* What a slot of a type does with an instance: a walk over its body and over the functions of the
 * unit that get the instance from it. Mentioning a field counts as doing the slot's work for it. */
#include "capi/slots.h"

#include <string.h>

enum {
    REACH_ALIASES = 64,  /* further variables for the instance */
    REACH_DEPTH = 6,     /* of calls */
    REACH_FUNCTIONS = 40 /* in all, for one slot */
};

typedef struct Walker {
    const Study *s;
    const CUnit *u;
    u32 record;
    Reach r;
    u32 seen[REACH_FUNCTIONS];
    u32 n_seen;
    u32 aliases[REACH_ALIASES];
    u32 n_aliases;
    u32 types[REACH_ALIASES]; /* variables that hold Py_TYPE(self) */
    u32 n_types;
} Walker;

u64 reach_bit(u32 index) {
    return index < REACH_FIELDS ? (u64)1 << index : 0;
}

static void mention_field(Walker *w, const CNode *member) {
    const CUnit *u = w->u;
    Str name = cunit_str(u, member->name);
    if (str_is(name, "ob_type")) w->r.names_type = true;
    if (member->decl != w->record) return;
    u32 i = 0;
    for (u32 f = u->decls[w->record].child; f; f = u->decls[f].next, i++)
        if (str_eq(cunit_name(u, f), name)) w->r.fields |= reach_bit(i);
}

/* Is the value of the expression, or of the variable that it names, the type of an object? */
static bool is_type_of(const Walker *w, u32 node) {
    const CUnit *u = w->u;
    const CNode *n = &u->nodes[node];
    if (n->kind == C_UNARY && n->op == '&') n = &u->nodes[n->child];
    if (n->kind == C_CALL) return str_is(cunit_str(u, n->name), "Py_TYPE");
    if (n->kind == C_MEMBER) return str_is(cunit_str(u, n->name), "ob_type");
    if (n->kind != C_REF) return false;
    for (u32 i = 0; i < w->n_types; i++)
        if (w->types[i] == n->decl) return true;
    return str_starts(cunit_type_name(u, u->decls[n->decl].type), "PyTypeObject");
}

/* Is the variable the instance? By its type, or because it got it. */
static bool is_instance_variable(const Walker *w, u32 decl) {
    const CUnit *u = w->u;
    const CType *type = &u->types[u->decls[decl].type];
    for (u32 i = 0; i < w->n_aliases; i++)
        if (w->aliases[i] == decl) return true;
    if (!(type->flags & CTYPE_POINTER)) return type->record == w->record;
    return u->types[type->target].record == w->record;
}

static bool is_instance(const Walker *w, u32 node) {
    const CNode *n = &w->u->nodes[node];
    if (n->kind == C_UNARY && n->op == '&') n = &w->u->nodes[n->child];
    bool is_variable = n->kind == C_REF && w->u->decls[n->decl].kind != C_FUNCTION;
    return is_variable && is_instance_variable(w, n->decl);
}

static bool gives_instance(const Walker *w, u32 call) {
    for (u32 arg = cnode_child(w->u, call, 1); arg; arg = w->u->nodes[arg].next)
        if (is_instance(w, arg)) return true;
    return false;
}

/* A function of the Python API, or of the C library. */
static void note_api(Walker *w, u32 call, Str name) {
    static const char *const untrack[] = {"PyObject_GC_UnTrack",    "_PyObject_GC_UNTRACK",
                                          "PyObject_GC_Fini",       "Py_TRASHCAN_BEGIN",
                                          "Py_TRASHCAN_SAFE_BEGIN", "_PyTrash_begin"};
    static const char *const frees[] = {
        "PyObject_Del", "PyObject_DEL", "PyObject_Free", "PyObject_FREE", "PyObject_GC_Del",
        "PyMem_Free",   "PyMem_Del",    "PyMem_DEL",     "PyMem_FREE",    "free"};
    static const char *const drops[] = {"Py_DECREF", "Py_XDECREF", "Py_DecRef", "Py_CLEAR"};
    if (str_is_any(name, untrack, ARRAY_LEN(untrack))) w->r.untracks = true;
    if (str_is_any(name, frees, ARRAY_LEN(frees))) w->r.frees = true;
    if (str_is(name, "Py_TYPE")) w->r.names_type = true;
    if (str_is(name, "PyType_GetSlot")) { /* by number: tp_free, tp_dealloc … */
        i64 slot = w->u->nodes[cnode_child(w->u, call, 2)].value;
        w->r.frees |= slot == 74;
        w->r.calls_dealloc |= slot == 52;
        w->r.calls_traverse |= slot == 71;
        w->r.calls_clear |= slot == 51;
    }
    if (!str_is_any(name, drops, ARRAY_LEN(drops))) return;
    w->r.releases = true;
    if (is_type_of(w, cnode_child(w->u, call, 1))) w->r.drops_type = true;
}

/* `PyUnicode_Type.tp_dealloc(self)`, or that of a base that is not known. */
static void note_dealloc(Walker *w, u32 call) {
    const CUnit *u = w->u;
    const CNode *type = &u->nodes[u->nodes[u->nodes[call].child].child];
    Str name = type->kind == C_REF ? cunit_name(u, type->decl) : (Str){0};
    bool is_static = str_starts(name, "Py") && str_ends(name, "_Type") &&
                     u->decls[type->decl].flags & CDECL_SYSTEM;
    if (is_static)
        w->r.calls_static_dealloc = true;
    else
        w->r.calls_dealloc = true;
}

static void note_slot(Walker *w, Str name, u32 call) {
    if (str_is(name, "tp_free"))
        w->r.frees = true;
    else if (str_is(name, "tp_dealloc"))
        note_dealloc(w, call);
    else if (str_is(name, "tp_traverse"))
        w->r.calls_traverse = true;
    else if (str_is(name, "tp_clear"))
        w->r.calls_clear = true;
    else if (gives_instance(w, call))
        w->r.is_open = true;
}

static void walk_function(Walker *w, u32 function, u32 depth);

/* The parameter is the instance; when it is declared as another struct, the function deals with the
 * fields by other names. */
static void enter(Walker *w, u32 parameter) {
    const CUnit *u = w->u;
    const CType *type = &u->types[u->decls[parameter].type];
    const CType *target = &u->types[type->target];
    bool is_struct = type->flags & CTYPE_POINTER && target->flags & CTYPE_OBJECT && target->record;
    bool is_other = is_struct && target->record != w->record &&
                    !(u->decls[target->record].flags & CDECL_SYSTEM);
    if (is_other) w->r.is_cast = true;
    if (w->n_aliases < REACH_ALIASES) w->aliases[w->n_aliases++] = parameter;
}

/* Enters a function of the unit with those of its parameters that get the instance. */
static void enter_call(Walker *w, u32 call, u32 function, u32 depth) {
    const CUnit *u = w->u;
    u32 parameter = u->decls[function].child;
    bool gets_it = false;
    for (u32 arg = cnode_child(u, call, 1); arg && parameter; arg = u->nodes[arg].next) {
        if (is_instance(w, arg)) {
            enter(w, parameter);
            gets_it = true;
        }
        parameter = u->decls[parameter].next;
    }
    if (gets_it) walk_function(w, function, depth + 1);
}

static void note_call(Walker *w, u32 call, u32 depth) {
    const CUnit *u = w->u;
    const CNode *callee = &u->nodes[u->nodes[call].child];
    if (callee->kind == C_MEMBER) {
        note_slot(w, cunit_str(u, callee->name), call);
        return;
    }
    const CDecl *decl = &u->decls[callee->decl];
    if (callee->kind != C_REF || decl->kind != C_FUNCTION) return; /* visit(…), a variable */
    Str name = cunit_str(u, callee->name ? callee->name : u->nodes[call].name);
    if (!name.n) name = cunit_name(u, callee->decl);
    if (decl->flags & CDECL_BODY && decl->node) {
        enter_call(w, call, callee->decl, depth);
        if (decl->flags & CDECL_SYSTEM) note_api(w, call, name);
    } else if (decl->flags & CDECL_SYSTEM || api_row(name)) {
        note_api(w, call, name);
    } else if (gives_instance(w, call)) {
        w->r.is_open = true;
    }
}

/* `PyObject *op = (PyObject *)self;`, `PyObject *type = (PyObject *)Py_TYPE(self);` */
static void note_alias(Walker *w, u32 variable, u32 value) {
    if (!variable || !value) return;
    if (is_instance(w, value) && w->n_aliases < REACH_ALIASES)
        w->aliases[w->n_aliases++] = variable;
    else if (is_type_of(w, value) && w->n_types < REACH_ALIASES)
        w->types[w->n_types++] = variable;
}

/* `free_list[n++] = self`, `self->next = free_list`: kept for later. */
static void note_assignment(Walker *w, const CNode *n) {
    const CNode *target = &w->u->nodes[n->child];
    bool is_local = target->kind == C_REF && w->u->decls[target->decl].owner &&
                    !(w->u->decls[target->decl].flags & CDECL_STATIC);
    if (is_local)
        note_alias(w, target->decl, target->next);
    else if (is_instance(w, target->next))
        w->r.frees = true;
}

static void note_address(Walker *w, u32 node) {
    const CUnit *u = w->u;
    const CNode *inner = &u->nodes[u->nodes[node].child];
    if (inner->kind != C_MEMBER || inner->decl != w->record) return;
    const CNode *above = &u->nodes[w->s->parents[node]];
    if (above->kind != C_CALL && above->kind != C_NONE) w->r.takes_address = true;
}

static void walk_function(Walker *w, u32 function, u32 depth) {
    const CUnit *u = w->u;
    for (u32 i = 0; i < w->n_seen; i++)
        if (w->seen[i] == function) return;
    if (depth > REACH_DEPTH || w->n_seen == REACH_FUNCTIONS) {
        w->r.is_open = true;
        return;
    }
    w->seen[w->n_seen++] = function;
    if (u->decls[function].flags & CDECL_BROKEN) w->r.is_open = true;
    CWalk walk = cwalk_begin(w->s->out->arena, u->decls[function].node);
    for (u32 i; (i = cwalk_next(u, &walk));) {
        const CNode *n = &u->nodes[i];
        if (n->kind == C_MEMBER) mention_field(w, n);
        if (n->kind == C_CALL) note_call(w, i, depth);
        if (n->kind == C_ASSIGN) note_assignment(w, n);
        if (n->kind == C_DECLARE) note_alias(w, n->decl, n->child);
        if (n->kind == C_UNARY && n->op == '&') note_address(w, i);
    }
}

Reach reach_of(const Study *s, u32 function, u32 record) {
    Walker w = {.s = s, .u = s->unit, .record = record};
    enter(&w, s->unit->decls[function].child);
    walk_function(&w, function, 0);
    return w.r;
}
