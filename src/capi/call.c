/* What calls do to a state: by the table of the API, by the summary of a function of the unit, and
 * by what can be assumed of all others. */
#include "capi/engine.h"

#include <string.h>

static const Value UNKNOWN = {0};

typedef struct Call {
    Engine *e;
    u32 node;
    const ApiRow *row; /* or NULL */
    u32 n;
    u32 nodes[ARGUMENTS_MAX];
    Value values[ARGUMENTS_MAX];
    int status; /* thing, or -1 */
    u8 family;  /* ApiFamily of memory that a function of the project gives */
} Call;

static Thing *thing_of(Engine *e, Value value) {
    return value.kind == VALUE_THING ? &e->now->things[value.number] : NULL;
}

/* Functions that give a reference to an object that was there before: where they found it, it
 * still is. */
static bool gives_held(Str name) {
    static const char *const names[] = {"PyArray_DescrFromType",
                                        "PyContextVar_Get",
                                        "PyDict_GetItemRef",
                                        "PyDict_GetItemStringRef",
                                        "PyDict_SetDefaultRef",
                                        "PyImport_AddModuleRef",
                                        "PyImport_ImportModule",
                                        "PyList_GetItemRef",
                                        "Py_NewRef",
                                        "Py_XNewRef",
                                        "_Py_NewRef",
                                        "_Py_XNewRef"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return false;
}

static Value add(Engine *e, Thing thing) {
    /* the same call, while what it gave before is still there: a further round of a loop */
    for (u32 i = 0; i < e->now->n_things; i++) {
        Thing *old = &e->now->things[i];
        if (old->origin != thing.origin || old->kind != thing.kind) continue;
        if (thing.flags & THING_AGAIN) engine_escape(e, (Value){VALUE_THING, i});
        thing.flags |= THING_AGAIN;
    }
    int at = state_add(e->now, thing);
    if (at < 0) e->is_cut = true;
    return at < 0 ? UNKNOWN : (Value){VALUE_THING, at};
}

/* ---- uses and releases ---- */

void engine_use(Engine *e, Value value, u32 node) {
    Thing *t = thing_of(e, value);
    if (!t || t->kind != THING_OBJECT || t->owned > 0 || t->null == IS_NULL) return;
    bool is_gone = t->flags & THING_RELEASED && t->flags & THING_NEW;
    if (is_gone && !(t->flags & (THING_ESCAPED | THING_KEPT | THING_STOLEN | THING_HELD)))
        engine_report_release(e, C_FAULT_USED_AFTER, (u32)value.number, node);
}

/* Set…Item functions take it over even when they fail; after a macro nobody expects to have it. */
static CFaultKind twice_kind(const Engine *e, const Thing *t) {
    const ApiRow *row = t->last ? study_row(e->study, t->last) : NULL;
    bool can_fail = row && row->traits & API_NEGATIVE;
    return t->flags & THING_STOLEN && can_fail ? C_FAULT_STOLEN : C_FAULT_TWICE;
}

/* A reference that we do not own is released or given away. */
static void release_once_more(Engine *e, Value value, u32 node, u16 how) {
    Thing *t = thing_of(e, value);
    if (t->flags & THING_ESCAPED) return;
    bool is_lent = t->flags & THING_PARAMETER && !(t->flags & (THING_STOLEN | THING_RELEASED));
    if (is_lent && !e->study->is_method[e->function]) {
        /* a helper may be meant to take it over */
        if (t->owned > -2) t->owned--;
        return;
    }
    if (t->flags & THING_KEPT) return;
    bool is_given = how == THING_STOLEN && !(t->flags & (THING_STOLEN | THING_RELEASED));
    engine_report_release(e, is_given ? C_FAULT_GIVEN : twice_kind(e, t), (u32)value.number, node);
}

static void release(Engine *e, Value value, u32 node, u16 how) {
    Thing *t = thing_of(e, value);
    if (value.kind == VALUE_SLOT) engine_escape(e, value); /* free(list): what it points to goes */
    if (!t || t->null == IS_NULL) return;
    if (t->owned > 0) {
        if (t->flags & THING_UNSURE) engine_confirm(e, t->origin);
        if (--t->owned > 0) return;
        t->flags |= how;
        t->last = node;
    } else if (t->kind == THING_OBJECT) {
        release_once_more(e, value, node, how);
    } else if (t->flags & THING_PARAMETER && t->owned > -2) {
        t->owned--;
    }
}

/* Py_INCREF: of a variable whose value is not known, it begins a reference of ours. */
static void retain(Call *c, u32 i) {
    Engine *e = c->e;
    Thing *t = thing_of(e, c->values[i]);
    engine_use(e, c->values[i], c->nodes[i]);
    if (t) {
        /* who takes one more may have been given none */
        if (t->flags & THING_UNSURE && t->flags & THING_NEW) t->flags |= THING_ESCAPED;
        /* it is ours from here on */
        if (t->owned == 0 && !(t->flags & THING_NEW)) t->origin = c->node;
        if (t->owned < 3) t->owned++;
        return;
    }
    if (c->values[i].kind == VALUE_STATIC && e->now->n_immortal < 3) e->now->n_immortal++;
    u32 decl = engine_local(e, c->nodes[i]);
    if (!decl || c->values[i].kind != VALUE_UNKNOWN) return;
    Thing thing = {.kind = THING_OBJECT, .owned = 1, .origin = c->node, .flags = THING_UNSURE};
    engine_bind(e, decl, add(e, thing));
}

/* ---- out-parameters ---- */

static u32 slot_of(const Call *c, u32 i) {
    return c->values[i].kind == VALUE_SLOT ? (u32)c->values[i].number : 0;
}

/* Of a format with "es#" or "et#". */
static bool may_bring_room(const Call *c) {
    u32 format, first;
    if (!api_format(c->row, &format, &first)) return false;
    const CNode *text = &c->e->unit->nodes[cnode_child(c->e->unit, c->node, format + 1)];
    Str is = text->kind == C_STRING ? cunit_str(c->e->unit, text->name) : (Str){0};
    return str_contains(is, "es#") || str_contains(is, "et#");
}

/* With "es#" and "et#" a variable that is not NULL brings the room along. */
static bool brings_room(const Call *c, u32 decl) {
    Value now = state_get(c->e->now, decl);
    bool is_set = now.kind != VALUE_INT || now.number != 0;
    if (c->row && is_set && may_bring_room(c)) return true;
    u32 init = engine_place_at(c->e, decl) ? 0 : c->e->unit->decls[decl].node;
    const CNode *n = &c->e->unit->nodes[init];
    bool is_null = n->flags & C_HAS_VALUE && n->value == 0;
    return c->row && c->row->traits & API_FORMAT_PARSE && init && !is_null;
}

static void fill(Call *c, u32 i, ThingKind kind, bool is_ours) {
    u32 decl = slot_of(c, i);
    if (!decl) return;
    if (kind == THING_MEMORY && brings_room(c, decl)) {
        engine_escape(c->e, c->values[i]);
        return;
    }
    Thing thing = {.kind = (u8)kind, .owned = is_ours, .origin = c->node};
    thing.flags = is_ours ? THING_NEW : 0;
    if (is_ours && c->row && gives_held(str_from(c->row->name))) thing.flags |= THING_HELD;
    if (is_ours && c->row && c->row->traits & API_NULL_ABSENT) thing.flags |= THING_ABSENT;
    /* an optional argument that was not given leaves the variable as it was */
    if (is_ours) thing.status = (u16)(c->status + 1);
    thing.family = c->row ? (u8)api_family(c->row) : c->family;
    /* several of one call are told apart by where they go */
    thing.last = is_ours ? c->nodes[i] : 0;
    int at = state_add(c->e->now, thing);
    if (at < 0) c->e->is_cut = true;
    engine_bind(c->e, decl, at < 0 ? UNKNOWN : (Value){VALUE_THING, at});
}

static void exchange(Call *c, u32 i, bool is_kept) {
    u32 decl = slot_of(c, i);
    if (!decl) return;
    Thing *t = thing_of(c->e, state_get(c->e->now, decl));
    if (is_kept || (t && t->flags & THING_ESCAPED)) return;
    release(c->e, state_get(c->e->now, decl), c->node, THING_STOLEN);
    Thing thing = {.kind = THING_OBJECT, .owned = 1, .origin = c->node, .flags = THING_NEW};
    thing.status = (u16)(c->status + 1);
    if (t) engine_bind(c->e, decl, add(c->e, thing));
}

static void clear(Call *c, u32 i) {
    u32 decl = slot_of(c, i);
    if (!decl) return;
    release(c->e, state_get(c->e->now, decl), c->node, THING_RELEASED);
    engine_bind(c->e, decl, (Value){VALUE_INT, 0});
}

static void free_buffer(Call *c, u32 i) {
    u32 decl = slot_of(c, i);
    if (decl) release(c->e, state_get(c->e->now, decl), c->node, THING_RELEASED);
}

/* ---- one argument ---- */

static void keep(Call *c, u32 i) {
    Thing *t = thing_of(c->e, c->values[i]);
    engine_use(c->e, c->values[i], c->nodes[i]);
    if (t) t->flags |= THING_KEPT;
}

/* Taken over if the call succeeds. */
static void lend(Call *c, u32 i) {
    Thing *t = thing_of(c->e, c->values[i]);
    if (!t || t->owned <= 0 || c->status < 0 || t->status) {
        release(c->e, c->values[i], c->node, THING_STOLEN);
        return;
    }
    t->status = (u16)(c->status + 1);
    t->flags |= THING_LENT;
    t->last = c->node;
}

/* Functions that keep a pointer to memory which they are given. */
static bool keeps_pointer(Str name) {
    static const char *const starts[] = {"PyCapsule_",    "PyMemoryView_FromMemory",
                                         "PyBuffer_Fill", "Py_AddPending",
                                         "PyThread_",     "Py_AtExit",
                                         "PyCFunction_",  "PyCMethod_",
                                         "PyDescr_",      "PySys_Set",
                                         "Py_Set",        "PyStructSequence_",
                                         "PyType_",       "PyModule_",
                                         "PyEval_Set"};
    for (u32 i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts(name, starts[i])) return true;
    return false;
}

static void escape_owner(Call *c, u32 i);

static void pass_plain(Call *c, u32 i) {
    Thing *t = thing_of(c->e, c->values[i]);
    /* a capsule around a part of an object, which its destructor releases */
    if (i == 0 && str_is(str_from(c->row->name), "PyCapsule_New")) escape_owner(c, i);
    if (c->values[i].kind == VALUE_SLOT) engine_escape(c->e, c->values[i]);
    if (!t || t->kind != THING_MEMORY || !keeps_pointer(str_from(c->row->name))) return;
    bool is_capsule = str_is(str_from(c->row->name), "PyCapsule_New") && c->n == 3;
    bool is_bare = c->values[2].kind == VALUE_INT && c->values[2].number == 0;
    if (is_capsule && i == 0 && is_bare && t->owned > 0 && !(t->flags & THING_ESCAPED))
        study_fault(c->e->study, C_FAULT_CAPSULE, c->e->function, c->node)->holder = (Str){0};
    engine_escape(c->e, c->values[i]);
}

static void apply_effect(Call *c, u32 i, ApiArg effect) {
    Engine *e = c->e;
    switch (effect) {
    case API_ARG_BORROW:
        engine_use(e, c->values[i], c->nodes[i]);
        return;
    case API_ARG_KEEP:
        keep(c, i);
        return;
    case API_ARG_STEAL:
        release(e, c->values[i], c->node, THING_STOLEN);
        return;
    case API_ARG_STEAL_OK:
        lend(c, i);
        return;
    case API_ARG_RELEASE:
    case API_ARG_XRELEASE:
    case API_ARG_FREE:
    case API_ARG_REALLOC:
        release(e, c->values[i], c->node, THING_RELEASED);
        return;
    case API_ARG_CLEAR:
        clear(c, i);
        return;
    case API_ARG_RETAIN:
        retain(c, i);
        return;
    case API_ARG_OUT_NEW:
        fill(c, i, THING_OBJECT, true);
        return;
    case API_ARG_OUT_BORROWED:
        fill(c, i, THING_OBJECT, false);
        return;
    case API_ARG_OUT_BUFFER:
        fill(c, i, THING_BUFFER, true);
        return;
    case API_ARG_OUT_MEMORY:
        fill(c, i, THING_MEMORY, true);
        return;
    case API_ARG_IN_OUT:
    case API_ARG_IN_OUT_KEPT:
        exchange(c, i, effect == API_ARG_IN_OUT_KEPT);
        return;
    case API_ARG_FREE_BUFFER:
        free_buffer(c, i);
        return;
    case API_ARG_OUT_CONVERTED:
        engine_escape(e, c->values[i]);
        return;
    case API_ARG_PLAIN:
    case API_ARG_FORMAT:
        pass_plain(c, i);
        return;
    }
}

/* ---- functions of the API ---- */

static bool has_out(const Call *c) {
    for (u32 i = 0; i < c->n; i++) {
        ApiArg effect = study_effect(c->e->study, c->node, c->row, i);
        if (effect == API_ARG_OUT_NEW || effect == API_ARG_OUT_BORROWED ||
            effect == API_ARG_OUT_BUFFER || effect == API_ARG_OUT_MEMORY ||
            effect == API_ARG_STEAL_OK || effect == API_ARG_IN_OUT)
            return true;
    }
    return false;
}

static Value result_of(Call *c) {
    const ApiRow *row = c->row;
    Engine *e = c->e;
    Thing thing = {.kind = THING_OBJECT, .origin = c->node, .family = (u8)api_family(row)};
    Str name = str_from(row->name);
    bool is_same;
    u16 held = gives_held(name) ? THING_HELD : 0;
    if (row->traits & API_NEVER_NULL) thing.null = NOT_NULL;
    switch (row->result) {
    case API_NEW:
        thing.owned = 1;
        thing.flags = THING_NEW | held;
        return add(e, thing);
    case API_BORROWED:
        /* the type of an instance of a heap type is released with it */
        if (str_is(name, "Py_TYPE")) thing.flags = THING_ESCAPED;
        /* PyObject_Init: the same object */
        is_same = str_starts(name, "PyObject_Init") || str_starts(name, "PyObject_INIT");
        return is_same && c->n ? c->values[0] : add(e, thing);
    case API_NULL:
        return (Value){VALUE_INT, 0};
    case API_MEMORY:
        thing.kind = THING_MEMORY;
        thing.owned = 1;
        thing.flags = THING_NEW;
        return add(e, thing);
    case API_PLAIN:
        /* `if (state) PyEval_RestoreThread(state);` */
        if (str_is(name, "PyEval_SaveThread")) return (Value){.kind = VALUE_NOT_0};
        break;
    }
    return c->status >= 0 ? (Value){VALUE_THING, c->status} : UNKNOWN;
}

/* Py_NewRef(x): x itself, with a reference more. */
static bool is_same_object(const ApiRow *row) {
    Str name = str_from(row->name);
    return str_is(name, "Py_NewRef") || str_is(name, "Py_XNewRef") || str_is(name, "_Py_NewRef") ||
           str_is(name, "_Py_XNewRef");
}

/* 0 or less than 0, and no number of something: functions that change what they are given. */
static bool answers_0(const ApiRow *row) {
    static const char *const words[] = {"_Set",    "_Append", "_Add",  "_Del",   "_Insert",
                                        "_Extend", "_Update", "_Sort", "_Merge", "_Reverse"};
    Str name = str_from(row->name);
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains(name, words[i])) return row->traits & API_NEGATIVE;
    return false;
}

static Value call_api(Call *c) {
    Engine *e = c->e;
    bool is_null = c->values[0].kind == VALUE_INT && c->values[0].number == 0;
    if (c->n == 1 && is_same_object(c->row) && (c->values[0].kind == VALUE_THING || is_null)) {
        retain(c, 0);
        return c->values[0];
    }
    if (str_is(str_from(c->row->name), "Py_GetConstant")) {
        if (e->now->n_immortal < 3) e->now->n_immortal++;
        return (Value){.kind = VALUE_STATIC};
    }
    if (c->row->traits & API_NORETURN) {
        e->is_dead = true;
        return UNKNOWN;
    }
    u32 answers = API_NEGATIVE | API_FALSE | API_TRISTATE;
    bool can_fail = has_out(c) || answers_0(c->row);
    if (c->row->traits & answers && !(c->row->traits & API_OUT_ALWAYS) && can_fail) {
        Thing status = {
            .kind = THING_STATUS, .origin = c->node, .traits = c->row->traits & answers};
        c->status = state_add(e->now, status);
        if (c->status < 0) e->is_cut = true;
    }
    for (u32 i = 0; i < c->n; i++) apply_effect(c, i, study_effect(e->study, c->node, c->row, i));
    if (c->row->traits & API_SETS_ERROR || c->row->result == API_NULL) e->now->failed = true;
    if (c->row->traits & API_CLEARS_ERROR) e->now->failed = false;
    bool asks = str_is(str_from(c->row->name), "PyErr_Occurred");
    return asks && e->now->failed ? (Value){.kind = VALUE_NOT_0} : result_of(c);
}

/* ---- functions of the project ---- */

static Value new_object(Call *c, u16 flags, bool never_null) {
    Thing thing = {.kind = THING_OBJECT,
                   .owned = 1,
                   .null = never_null ? NOT_NULL : MAYBE_NULL,
                   .origin = c->node,
                   .flags = (u16)(THING_NEW | flags)};
    return add(c->e, thing);
}

/* Is it the address of a pointer or a buffer, whose ways are followed through the function? */
static bool is_followed(const Call *c, u32 i) {
    const CUnit *u = c->e->unit;
    u32 decl = (u32)c->values[i].number;
    if (engine_place_at(c->e, decl)) return true;
    const CType *type = &u->types[u->decls[decl].type];
    return type->flags & CTYPE_POINTER || str_is(cunit_str(u, type->name), "Py_buffer");
}

/* An argument of a function whose effect on it is known, or 0. */
static void pass_to(Call *c, u32 i, ApiArg effect) {
    bool is_address = c->values[i].kind == VALUE_SLOT;
    bool uses = effect == API_ARG_BORROW || effect == API_ARG_KEEP;
    bool takes = effect == API_ARG_STEAL || effect == API_ARG_STEAL_OK;
    /* a struct or a number of which the address is given is not followed into the function */
    bool is_lost = is_address && (takes || (uses && !is_followed(c, i)));
    if (!effect || is_lost)
        engine_escape(c->e, c->values[i]);
    else if (!is_address || !uses)
        apply_effect(c, i, effect);
}

static Value call_summarised(Call *c, const Summary *summary) {
    gil_follow(c->e, c->node, summary);
    if (summary->never_returns) {
        c->e->is_dead = true;
        return UNKNOWN;
    }
    if (summary->worked) {
        u32 answers = summary->worked | (u32)summary->failed << ANSWER_BITS;
        Thing status = {
            .kind = THING_STATUS, .origin = c->node, .traits = STATUS_ANSWERS | answers};
        c->status = state_add(c->e->now, status);
        if (c->status < 0) c->e->is_cut = true;
    }
    c->family = summary->family;
    for (u32 i = 0; i < c->n; i++)
        pass_to(c, i, i < PARAMETERS_MAX ? (ApiArg)summary->effects[i] : 0);
    if (summary->result == RESULT_AGAIN && summary->same < c->n) {
        if (c->values[summary->same].kind != VALUE_THING)
            return new_object(c, THING_HELD, summary->never_null);
        retain(c, summary->same);
        return c->values[summary->same];
    }
    if (summary->result == RESULT_NEW)
        return new_object(c, summary->is_held ? THING_HELD : 0, summary->never_null);
    if (summary->result == RESULT_SAME && summary->same < c->n) return c->values[summary->same];
    if (summary->result == RESULT_NULL) {
        c->e->now->failed = true;
        return (Value){VALUE_INT, 0};
    }
    if (summary->result == RESULT_BORROWED)
        return add(c->e, (Thing){.kind = THING_OBJECT, .origin = c->node, .flags = THING_ESCAPED});
    return c->status >= 0 ? (Value){VALUE_THING, c->status} : UNKNOWN;
}

/* Functions of the C library that keep nothing that they are given. */
static bool keeps_nothing(Str name) {
    static const char *const starts[] = {"mem",    "str",     "sprintf", "snprintf", "read",
                                         "write",  "fread",   "fwrite",  "recv",     "send",
                                         "printf", "fprintf", "wcs",     "qsort",    "__builtin_"};
    for (u32 i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts(name, starts[i])) return true;
    return false;
}

/* Slots of types that give a new reference, called as `type->tp_alloc(type, 0)`. */
static bool is_making_slot(Str name) {
    static const char *const names[] = {"tp_alloc",     "tp_new",      "tp_call", "tp_str",
                                        "tp_repr",      "tp_iternext", "tp_iter", "tp_getattro",
                                        "mp_subscript", "sq_item"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return false;
}

/* Slots that use what they are given and keep nothing: `PyUnicode_Type.tp_hash(key)`. */
static bool is_using_slot(Str name) {
    static const char *const others[] = {"tp_alloc",      "tp_clear",   "tp_dealloc", "tp_del",
                                         "tp_descr_set",  "tp_free",    "tp_init",    "tp_finalize",
                                         "tp_setattro",   "tp_new",     "tp_setattr", "tp_call",
                                         "tp_vectorcall", "tp_traverse"};
    bool is_slot = str_starts(name, "tp_") || str_starts(name, "nb_") || str_starts(name, "sq_") ||
                   str_starts(name, "mp_");
    if (!is_slot || str_starts(name, "nb_inplace") || str_contains(name, "ass_")) return false;
    for (u32 i = 0; i < ARRAY_LEN(others); i++)
        if (str_is(name, others[i])) return false;
    return true;
}

/* `&self->part`, `x->handle`: what it belongs to may be kept through it. */
static void escape_owner(Call *c, u32 i) {
    const CUnit *u = c->e->unit;
    const CNode *n = &u->nodes[c->nodes[i]];
    if (n->kind == C_UNARY && n->op == '&') n = &u->nodes[n->child];
    if (n->kind != C_MEMBER) return;
    u32 decl = engine_local(c->e, n->child);
    Value owner = decl ? state_get(c->e->now, decl) : UNKNOWN;
    const Thing *t = thing_of(c->e, owner);
    if (t && !(t->flags & THING_NEW)) engine_escape(c->e, owner);
}

/* Functions of the C library that return their first argument. */
static bool gives_first(Str name) {
    static const char *const names[] = {"memcpy",  "memmove", "memset", "strcat",  "strcpy",
                                        "strncat", "strncpy", "wcscpy", "wcsncpy", "wmemcpy"};
    if (str_starts(name, "__builtin___")) name = str_sub(name, 12, name.n);
    if (str_ends(name, "_chk")) name.n -= 4;
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return false;
}

static Value call_unknown(Call *c) {
    Engine *e = c->e;
    const CNode *n = &e->unit->nodes[c->node], *callee = &e->unit->nodes[n->child];
    if (callee->kind == C_MEMBER && is_making_slot(cunit_str(e->unit, callee->name)))
        return new_object(c, 0, false);
    if (str_starts(cunit_str(e->unit, n->name), "Py_RETURN_"))
        return new_object(c, THING_SHARED, true);
    bool is_system = e->unit->decls[n->decl].flags & CDECL_SYSTEM;
    bool is_harmless = is_system && keeps_nothing(cunit_str(e->unit, n->name));
    if (callee->kind == C_MEMBER) is_harmless |= is_using_slot(cunit_str(e->unit, callee->name));
    for (u32 i = 0; i < c->n && !is_harmless; i++) {
        engine_escape(e, c->values[i]);
        escape_owner(c, i);
    }
    /* memcpy(to, &item, sizeof item): a copy of the pointer lives on */
    bool copies = is_harmless && c->n > 1 && c->values[1].kind == VALUE_SLOT;
    if (copies && str_contains(cunit_str(e->unit, n->name), "mem")) engine_escape(e, c->values[1]);
    if (is_harmless && c->n > 1 && gives_first(cunit_str(e->unit, n->name))) return c->values[0];
    /* a function that calls itself says nothing of its result yet */
    bool is_function =
        e->unit->decls[n->decl].kind == C_FUNCTION && e->summaries[n->decl].state != 1;
    if (is_function && cunit_is_object(e->unit, n->type)) return new_object(c, THING_UNSURE, false);
    return UNKNOWN;
}

Value engine_call(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    Call c = {.e = e, .node = node, .status = -1};
    if (e->unit->nodes[n->child].kind != C_REF) engine_value(e, n->child);
    for (u32 i = e->unit->nodes[n->child].next; i && !e->is_dead; i = e->unit->nodes[i].next) {
        Value value = engine_value(e, i);
        if (c.n == ARGUMENTS_MAX) {
            engine_escape(e, value);
            continue;
        }
        c.nodes[c.n] = i;
        c.values[c.n++] = value;
    }
    if (e->is_dead) return UNKNOWN;
    if (e->unit->decls[n->decl].flags & CDECL_NORETURN) {
        e->is_dead = true;
        return UNKNOWN;
    }
    c.row = study_row(e->study, node);
    gil_call(e, node, c.row);
    if (c.row) return call_api(&c);
    const Summary *summary = &e->summaries[n->decl];
    return summary->state == 2 ? call_summarised(&c, summary) : call_unknown(&c);
}
