/* The flow graph of a function: blocks of steps, ended by a branch. Conditions are taken apart, so
 * that each branch tests one thing; `x = c ? a : b` is two assignments. Private to capi/. */
#ifndef LIMPET_CAPI_FLOW_H
#define LIMPET_CAPI_FLOW_H

#include "capi/capi.h"

typedef enum FlowEnd {
    FLOW_JUMP,   /* to first */
    FLOW_BRANCH, /* `node` holds: first, else second */
    FLOW_SWITCH, /* to any of the targets, by the value of `value` */
    FLOW_RETURN, /* `node` is the C_RETURN, or 0 where the body ends; `value` what is returned */
    FLOW_DEAD,   /* never gets here */
} FlowEnd;

/* A node that is evaluated. An assignment, declaration or return of `c ? a : b` stands here once
 * for each alternative: `value` is then the one that is meant, else 0. */
typedef struct FlowStep {
    u32 node, value;
} FlowStep;

typedef struct FlowBlock {
    VEC(FlowStep) steps;
    FlowEnd end;
    u32 node, value;
    u32 first, second;
    VEC(u32) targets; /* of FLOW_SWITCH */
    VEC(u32) cases;   /* by target: the node of its value, or 0: any other one, a range */
} FlowBlock;

typedef struct Flow {
    VEC(FlowBlock) blocks; /* [0] is none, [1] the entry */
    bool is_whole;         /* false: something could not be followed (computed goto, depth) */
} Flow;

/* The graph of a function's body, in the arena. */
Flow flow_build(const CUnit *u, u32 function, Arena *arena);
void flow_print(const CUnit *u, const Flow *flow, Buf *out);

#endif
