/* What is known at a point of a function: which variable holds which value, who owns what. Private
 * to capi/.
 *
 * A thing is one acquisition: the reference that a call gave, an object that was passed in, a block
 * of memory. "Owned" counts references of ours, and holds if and only if the thing is not NULL: a
 * state is not split where an API may fail, only where the code asks. */
#ifndef LIMPET_CAPI_STATE_H
#define LIMPET_CAPI_STATE_H

#include "capi/fault.h"
#include "capi/flow.h"

enum { THINGS_MAX = 40, SLOTS_MAX = 64, KNOWN_MAX = 12, PARTS_MAX = 6 };

typedef enum ThingKind {
    THING_NONE,
    THING_OBJECT,
    THING_BUFFER, /* a Py_buffer: its slot is the variable itself */
    THING_MEMORY,
    THING_STATUS, /* the number that tells whether a call has worked */
} ThingKind;

typedef enum Nullness { MAYBE_NULL, IS_NULL, NOT_NULL } Nullness;
/* of a status: IS_NULL means failure, NOT_NULL success */

enum {
    THING_NEW = 1 << 0,       /* began as ours */
    THING_PARAMETER = 1 << 1, /* was passed in */
    THING_ESCAPED = 1 << 2,   /* something that we do not see may hold or release it */
    THING_STOLEN = 1 << 3,    /* a call has taken our last reference */
    THING_RELEASED = 1 << 4,  /* our last reference was released */
    THING_KEPT = 1 << 5,      /* something has a reference of its own */
    THING_UNSURE = 1 << 6,    /* that it is ours is the usual case, and not known */
    THING_AGAIN = 1 << 7,     /* from a further round of a loop */
    THING_STORED = 1 << 12,   /* something that is not a variable of the function refers to it */
    THING_SHARED = 1 << 11,   /* None and its kin */
    THING_REFUSED = 1 << 10,  /* a call that would have taken it over has failed */
    THING_LENT = 1 << 9,      /* taken over if the call of `status` has worked */
    THING_NAMED = 1 << 8,     /* a variable has held it */
    THING_ABSENT = 1 << 14,   /* NULL on success as well */
    THING_HELD = 1 << 13,     /* somebody else holds it too: it outlives our last reference */
};

/* Traits of the status of a function of the project: from bit 0 the ANSWER_… that it returns when
 * it has worked, and from bit ANSWER_BITS when it has failed. */
enum { STATUS_ANSWERS = 1u << 31 };

typedef struct Thing {
    u8 kind; /* ThingKind */
    u8 null; /* Nullness */
    int8_t owned;
    u8 family; /* ApiFamily of memory */
    u16 flags;
    u16 status;    /* index + 1 of the status that says whether it is there, or 0 */
    u32 origin;    /* node */
    u32 last;      /* node that released or stole it */
    u32 parameter; /* its declaration, when it was passed in; or the place that it points to */
    u32 left;      /* the variable that held it last, when that got another value */
    u32 traits;    /* of a status: API_NEGATIVE …, or STATUS_ANSWERS */
} Thing;

typedef enum ValueKind {
    VALUE_UNKNOWN,
    VALUE_INT,    /* `number`; 0 is NULL as well */
    VALUE_NOT_0,  /* a number or pointer that is not 0 */
    VALUE_THING,  /* `number` is the index of a thing */
    VALUE_SLOT,   /* the address of variable `number` (its declaration) */
    VALUE_ANSWER, /* of a condition: `number` is its key, the lowest bit whether it is turned round
                   */
    VALUE_STATIC, /* an object that lives for ever: Py_None, a type */
} ValueKind;

typedef struct Value {
    u32 kind; /* ValueKind */
    i64 number;
} Value;

enum { PLACE_FIRST = 1u << 30 }; /* from here on slots are places: place.c */

typedef struct Slot {
    u32 decl; /* or a place */
    Value value;
} Slot;

/* What a condition that reads memory has answered: `s->hook != Py_None` has the same answer until
 * something in it changes. */
typedef struct Known {
    u64 key;
    u32 parts[PARTS_MAX]; /* the variables that it reads, and state_field of the fields */
    u32 n_parts;
    u32 holds;
} Known;

static inline u32 state_field(u32 name) {
    return name | 1u << 31;
}

typedef struct State {
    u32 n_known;
    Known known[KNOWN_MAX];
    u32 n_things, n_slots;
    bool failed;    /* an exception was set on this way: see API_SETS_ERROR */
    bool gil_given; /* the lock was given up, at: */
    u8 gil_taken;   /* nested PyGILState_Ensure, the last one at: */
    u32 gil_given_at, gil_taken_at;
    bool gil_back; /* taken back from somebody who gave it up before the call */
    bool gil_used; /* the API was called with the lock as it was at the call: it was held */
    u8 n_immortal; /* references of ours to objects that live for ever: None … */
    u32 steps[C_STEPS_MAX]; /* branches that were taken last: node * 2 + (1 when it held) */
    u32 n_steps;
    Thing things[THINGS_MAX];
    Slot slots[SLOTS_MAX]; /* by decl */
} State;

/* ---- state.c ---- */

Value state_get(const State *s, u32 decl);
/* False when there is no more room. */
bool state_set(State *s, u32 decl, Value value);
/* Index of a new thing, or -1 when there is no more room. */
int state_add(State *s, Thing thing);
/* Some variable holds it. */
bool state_holds(const State *s, u32 thing);
/* Variables that hold it hold NULL, and it is no more. */
void state_drop(State *s, u32 thing, Value instead);
/* Removes things that no variable holds and that are not owned, and puts all in a canonical order.
 */
void state_tidy(State *s);
/* Something that conditions read has changed: a variable, or the field state_field(name). */
void state_forget(State *s, u32 part);
/* What is known of a condition: 1 or 0, -1 when it is open. */
int state_answer(const State *s, u64 key);
void state_learn(State *s, Known known);
/* Are they equal but for what is known of NULL and of the way? Two facts of NULL that go together
 * are kept apart unless it is forced. */
bool state_can_merge(const State *a, const State *b, bool forced);
/* Of two that can be merged, `a` becomes what holds for both. */
void state_merge(State *a, const State *b);

#endif
