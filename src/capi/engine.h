/* The ownership engine: follows every way through a function with a set of states, and tells where
 * a reference is lost. Private to capi/. */
#ifndef LIMPET_CAPI_ENGINE_H
#define LIMPET_CAPI_ENGINE_H

#include "capi/state.h"

enum {
    STATES_MANY = 32,  /* of one block: from here on they are told apart less */
    STATES_MAX = 64,   /* of one block; further ones are not followed */
    STEPS_MAX = 40000, /* of one function */
    ARGUMENTS_MAX = 32,
    PARAMETERS_MAX = 16,
};

typedef enum ResultKind {
    RESULT_UNKNOWN,
    RESULT_NEW,      /* a new reference, or NULL */
    RESULT_BORROWED, /* a reference that somebody else owns */
    RESULT_PLAIN,    /* no object */
    RESULT_SHARED,   /* None, True …: that one more reference stays does no harm */
    RESULT_NULL,     /* always NULL: it sets an exception for its caller to return */
    RESULT_SAME,     /* the argument `same`, or NULL */
    RESULT_AGAIN,    /* the argument `same`, with one more reference that is the caller's */
} ResultKind;

/* Classes of numbers that a function can return, as bits. */
enum {
    ANSWER_BELOW = 1 << 0, /* less than 0 */
    ANSWER_ZERO = 1 << 1,  /* 0, NULL */
    ANSWER_ABOVE = 1 << 2, /* anything else that is known */
    ANSWER_OPEN = 1 << 3,  /* not known, or no number */
    ANSWER_BITS = 3,
};

/* What a function of the unit does to references, as its callers see it. */
typedef struct Summary {
    u8 state;  /* 0 not asked for, 1 being made, 2 there */
    u8 result; /* ResultKind */
    bool never_returns;
    bool never_null;
    u8 effects[PARAMETERS_MAX]; /* ApiArg of each parameter; 0: not known, it may be kept */
    u8 worked, failed; /* numbers it returns when API_ARG_STEAL_OK and out-parameters have taken
                        * place, and when not; 0: that is no matter of the result */
    u8 family;         /* ApiFamily of the memory that it gives through a parameter */
    u8 gil;            /* GIL_… */
    u8 same;           /* see RESULT_SAME, RESULT_AGAIN */
    bool is_held;      /* somebody else holds the new reference's object too */
} Summary;

/* What a function does with the global interpreter lock that its caller holds, or does not hold. */
enum {
    GIL_NEEDS = 1 << 0, /* it calls the API, on some way, and does not take the lock before */
    GIL_WAITS = 1 << 1, /* it waits, on some way, and does not give the lock up */
    GIL_GIVES = 1 << 2, /* without the lock after it, on all ways */
    GIL_TAKES = 1 << 3, /* with the lock after it, on all ways */
    GIL_KEEPS = 1 << 4, /* it leaves the lock as it was, on some way */
};

/* What the ways through a function have done to one parameter so far. */
typedef struct Outcome {
    u8 effect;      /* ApiArg: what some ways did beyond using it */
    u8 done, other; /* ANSWER_… of the ways that did that, and of those that did not */
    bool is_open;   /* two ways do what does not go together, or nobody knows what */
    bool is_kept;   /* see API_ARG_KEEP */
    bool is_passed; /* some way returns it as it came */
} Outcome;

/* Something in a variable that holds values as a variable does. */
typedef enum PlaceKind {
    PLACE_POINTED, /* what a parameter points to: `*out` */
    PLACE_FIELD,   /* of a local struct: `pair.left` */
    PLACE_ELEMENT, /* of a local array, by a constant: `items[1]` */
} PlaceKind;

typedef struct Place {
    PlaceKind kind;
    u32 base; /* the variable */
    u32 part; /* name of the field, the index */
} Place;

typedef struct Engine {
    const Study *study;
    const CUnit *unit;
    u32 function;
    Arena *arena; /* until the function is done */
    Flow flow;
    State *now;         /* the state that is worked on */
    bool is_dead;       /* the way ends here */
    bool is_cut;        /* bounds were met: not all ways were followed */
    u32 step;           /* the node that is executed */
    Summary *summaries; /* by declaration */
    VEC(u32) confirmed; /* calls whose results the function releases somewhere: they are new */
    VEC(Place) places;  /* id: PLACE_FIRST + index */
    VEC(u32) walked;    /* local arrays with an index that is not constant */
    bool has_walked;    /* they were looked for */
    bool has_returned;
    Summary made; /* of this function, so far */
    Outcome outcomes[PARAMETERS_MAX];
} Engine;

/* ---- engine.c ---- */

/* ---- summary.c ---- */

/* A way out of the function. */
void summary_return(Engine *e, Value value);
/* What all of them come to, for the function's callers. */
Summary summary_made(const Engine *e);

/* ---- place.c ---- */

/* The variable of this function that a node names, or the place in one; or 0. */
u32 engine_local(Engine *e, u32 node);
u32 engine_place(Engine *e, Place place);
/* The variable that it lies in; the variable itself. */
u32 engine_base(const Engine *e, u32 decl);
/* As written: "items[1]". */
Str engine_place_name(const Engine *e, u32 decl);
/* What it is, or NULL: a variable. */
const Place *engine_place_at(const Engine *e, u32 decl);
/* All that lies in the variable may be changed or released from here on. */
void engine_escape_parts(Engine *e, u32 base);

/* Looks at the function and, before it, at those of the unit that it calls. */
void engine_run(const Study *s, Summary *summaries, u32 function);

/* One export more. */
void engine_export(u64 name, const Summary *summary, Arena *arena, CExports *out);
/* Gives the declarations of the unit that have no body here the summaries of other units. */
void engine_import(const CUnit *u, const CExports *exports, Summary *summaries);

/* ---- evaluate.c ---- */

/* The value of an expression; what it does is done to engine->now. */
Value engine_value(Engine *e, u32 node);
/* A step of the flow graph. */
void engine_step(Engine *e, FlowStep step);
/* Gives a local variable a value. */
void engine_bind(Engine *e, u32 decl, Value value);
/* Something that is not seen may own or release it from now on. */
void engine_escape(Engine *e, Value value);

/* ---- call.c ---- */

Value engine_call(Engine *e, u32 node);
/* A use of what the value names: a fault when its last reference is gone. */
void engine_use(Engine *e, Value value, u32 node);

/* What was assumed of a call's result is what the code takes it for. */
void engine_confirm(Engine *e, u32 origin);
bool engine_is_confirmed(const Engine *e, u32 origin);

/* ---- gil.c ---- */

void gil_call(Engine *e, u32 node, const ApiRow *row);
/* A call of a function with a summary. */
void gil_follow(Engine *e, u32 node, const Summary *callee);
void gil_return(Engine *e, u32 node);

/* ---- branch.c ---- */

/* A condition whose sides were evaluated. */
typedef struct Test {
    Value left;
    u32 decl; /* the variable that was tested, or 0 */
    u8 op;    /* C_OP_EQ, C_OP_NE, '<', … */
    i64 right;
    bool is_open; /* says nothing about what is known */
    u32 same;     /* index + 1 of the thing that is compared with an object that lives for ever */
    Known known;  /* key 0: the condition does more than read; `holds` whether it is turned round */
    Known equal;  /* of `a < b`: that they are equal; or key 0 */
} Test;

/* The key of an expression that only reads, or 0; `reads` gains what it reads. */
u64 engine_key(const Engine *e, u32 node, Known *reads);

Test engine_test(Engine *e, u32 node);
/* The value of a comparison that only reads: a variable may keep it, and be asked later. */
Value engine_answer(const Engine *e, u32 node);
/* Narrows the state to where the test holds (or not); false when that cannot be. */
bool engine_narrow(Engine *e, State *s, const Test *test, bool holds);

/* Narrows the state to where a switch over `node` goes to the case of a value; 0: any other one. */
bool engine_narrow_case(Engine *e, State *s, u32 node, u32 value);

/* The call of a status has worked, or has not: what it answers then. False when that cannot be. */
bool engine_settle(State *s, u32 status, bool worked, i64 *answer);

/* ---- loss.c ---- */

/* Reports what no variable holds any more, after a step. */
void engine_check_lost(Engine *e, u32 node);
/* Reports what is still owned where the function returns. */
void engine_check_return(Engine *e, u32 node, Value value);
/* Reports a reference that is returned to Python and not owned; before summary_return. */
void engine_check_returned(Engine *e, u32 node, Value value);
/* A release that should not be. */
void engine_report_release(Engine *e, CFaultKind kind, u32 thing, u32 node);

#endif
