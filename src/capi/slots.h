/* Type objects of a unit and what their slots do. Private to capi/.
 *
 * slots.c finds the types, members.c what is known of the fields of their instances, reach.c what a
 * slot does with them; support.c draws the conclusions, bridge.c tells the Python side. */
#ifndef LIMPET_CAPI_SLOTS_H
#define LIMPET_CAPI_SLOTS_H

#include "capi/fault.h"

typedef enum TypeSlot {
    SLOT_BASE,
    SLOT_BASES,
    SLOT_CLEAR,
    SLOT_DEALLOC,
    SLOT_DEL,
    SLOT_DICTOFFSET,
    SLOT_FINALIZE,
    SLOT_FREE,
    SLOT_GETSET,
    SLOT_INIT,
    SLOT_METHODS,
    SLOT_NEW,
    SLOT_TRAVERSE,
    SLOTS,
} TypeSlot;

enum {
    TYPE_BASETYPE = 1 << 10, /* Py_TPFLAGS_BASETYPE */
    TYPE_HAVE_GC = 1 << 14,  /* Py_TPFLAGS_HAVE_GC */
};

/* A static type, or the specification of a heap type. */
typedef struct TypeObject {
    u32 decl; /* variable of type PyTypeObject or PyType_Spec */
    bool is_heap;
    bool flags_known; /* else `flags` may lack some */
    bool is_unclear;  /* a slot is set in a way that is not understood */
    i64 flags;
    u32 flags_at;     /* node of the flags, or 0 */
    u32 record;       /* struct of the instances, or 0 */
    Str name;         /* as Python shows it, or that of the variable */
    u32 slots[SLOTS]; /* node of what is in it, or 0: nothing, NULL */
} TypeObject;

typedef struct TypeObjects {
    VEC(TypeObject) list;
    bool sets_bases; /* some code sets tp_base of a type that is not known */
} TypeObjects;

/* In the order of their declarations; memory: s->out->arena. */
void slots_find(const Study *s, TypeObjects *out);
/* The function in a slot if the unit has its body, else 0. */
u32 slots_function(const CUnit *u, const TypeObject *type, TypeSlot slot);

/* ---- fields of instances (members.c) ---- */

enum {                          /* what is known of a field, or of a variable whose value it gets */
       HOLDS_OWNED = 1 << 0,    /* a reference of its own was put there */
       HOLDS_RELEASED = 1 << 1, /* something releases it */
       HOLDS_CALLABLE = 1 << 2, /* was asked whether it can be called */
       HOLDS_GIVEN = 1 << 3,    /* comes from the Python code that calls: an argument, any object */
       HOLDS_ATOM = 1 << 4,     /* text, bytes, number, None: cannot refer to anything */
       HOLDS_CONTAINER = 1 << 5,  /* list, dict, set, tuple */
       HOLDS_FETCHED = 1 << 6,    /* result of a call or look-up: any object */
       HOLDS_PROJECT = 1 << 7,    /* an object of a type of the project */
       HOLDS_SURELY = 1 << 8,     /* HOLDS_OWNED is seen at the field itself */
       HOLDS_CHECKED = 1 << 9,    /* goes to functions of the unit, which may check what it is */
       HOLDS_SET_LATER = 1 << 10, /* HOLDS_GIVEN not only when the instance is made */
       HOLDS_BRIEFLY = 1 << 11,   /* released by a method: it is there while that runs */
};

/* Flags by declaration: of fields, variables and parameters. */
typedef struct Members {
    u32 *holds;
    u32 *site; /* by field: node of an assignment that shows it, or 0 */
} Members;

Members members_learn(const Study *s);

/* ---- what a function does with an instance (reach.c) ---- */

typedef struct Reach {
    u64 fields;   /* bit i: field i of the record is mentioned */
    bool is_open; /* the instance goes to code that is not in the unit */
    bool is_cast; /* … or to a function that takes it for another struct */
    bool calls_dealloc, calls_traverse, calls_clear; /* that slot of some type is called */
    bool calls_static_dealloc; /* tp_dealloc of a type of Python's own: PyUnicode_Type */
    bool names_type;           /* Py_TYPE(self) is mentioned */
    bool drops_type;           /* … and released */
    bool untracks;             /* PyObject_GC_UnTrack */
    bool releases;             /* any object */
    bool frees;                /* the instance's memory, or keeps it for later */
    bool takes_address;        /* of a field, for more than releasing it */
} Reach;

enum { REACH_FIELDS = 64 }; /* fields beyond are taken to be mentioned */

/* What the function does, and those of the unit that it calls with the instance. */
Reach reach_of(const Study *s, u32 function, u32 record);
/* Bit of a field in Reach.fields. */
u64 reach_bit(u32 index);

/* ---- conclusions (support.c) ---- */

void slot_faults(const Study *s);

#endif
