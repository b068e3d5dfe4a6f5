/* Private to graph/: functions that are given away beside what they are to be called with
 * (along.c).
 */
#ifndef LIMPET_GRAPH_ALONG_H
#define LIMPET_GRAPH_ALONG_H

#include "graph/model.h"

/* `retry(self.load, a, b)`, `Thread(target=load, args=(a, b))`: nearly always the call load(a, b).
 */
typedef struct Along {
    u32 function; /* the one that is given away, or 0 */
    const Operand *arguments;
    u32 n;
    bool is_named; /* it is the only method of the name, of something whose class is not known */
    PathId named;  /* `kwargs={…}` of the call, or 0 */
    u32 skipped;   /* parameters before the first argument: the instance of a bound method */
} Along;

/* The operand of the call is a function, and others are for it. */
Along given_along(const Graph *g, u32 file, const Op *call, u32 operand);
/* The place of the parameter for one of its arguments, and *keyword when it has one. */
u32 place_along(const Facts *f, const Along *along, u32 argument, Str *keyword);
/* Is there an argument for the parameter of that place and name? */
bool gives_along(const Facts *f, const Along *along, u32 place, Str name);
/* `retry(f, x)`, `handler = f`: an operation uses a function as a value. */
typedef struct Giving {
    u32 function;
    OpRef at;
    u32 operand;   /* of the operation */
    bool is_named; /* see Along */
    u32 next;      /* the function's next one: index of g->givings, or 0 */
} Giving;

/* Finds the places that use a function with a container as a default as a value (g->givings). */
void givings_find(Graph *g);

/* Every call of an instance of the class, as far as its instances are followed, gives an argument
 * of that place or name, and there is one: calls through variables, and through the attributes that
 * keep them (callable.c). */
bool instance_calls_give(const Graph *g, ClassId class, u32 place, Str name);

#endif
