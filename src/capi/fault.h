/* What the finders of faults share. Private to capi/. */
#ifndef LIMPET_CAPI_FAULT_H
#define LIMPET_CAPI_FAULT_H

#include "capi/api.h"
#include "capi/capi.h"

/* A unit while faults are looked for. */
typedef struct Study {
    const CUnit *unit;
    CFaults *out;
    Arena *scratch;        /* of one function */
    const u32 *parents;    /* by node: the node above, or 0 */
    const u8 *gives_new;   /* by declaration: a function of the unit that gives a new reference;
                            * from 2 on one to its argument, the number less 2 */
    const bool *is_method; /* by declaration: a function in a table of methods or attributes */
    const bool *is_init;   /* by declaration: a function that runs when the module is initialised */
} Study;

/* The row of the function that a call calls, when it is no function of the unit's own; or NULL. */
const ApiRow *study_row(const Study *s, u32 call);
/* Number of a child among the arguments of a call, from 0; UINT32_MAX for the callee. */
u32 study_argument(const Study *s, u32 call, u32 child);
/* The effect on argument `i`, those behind a format included. */
ApiArg study_effect(const Study *s, u32 call, const ApiRow *row, u32 i);
CFault *study_fault(const Study *s, CFaultKind kind, u32 function, u32 origin);

/* overwrite.c: variables and fields that outlive a call. */
void overwrite_faults(const Study *s, u32 function);

/* inline.c: new references that are never named. */
void inline_faults(const Study *s, u32 function);

#endif
