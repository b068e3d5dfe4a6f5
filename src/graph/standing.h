/* What the code of a file is there for: whether somebody who is told of a leak in it would act. A
 * part of graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_STANDING_H
#define LIMPET_GRAPH_STANDING_H

#include "graph/graph.h"

typedef enum Standing {
    STANDING_PROGRAM, /* it may run for long */
    STANDING_TOOL,   /* a command, script or debugging aid, also one that lies beside the program in
                        `data`: it ends, or a developer is watching */
    STANDING_COPY,   /* another project's code that is kept in this one: nobody changes it here */
    STANDING_UNUSED, /* what is kept of the past */
} Standing;

/* By the folders below the one that all files have in common, by the name of the file, and for
 * folders whose names say less by what the file imports. *word is the folder or file that says so:
 * it lives as long as the graph. */
Standing graph_standing(const Graph *g, u32 file, Str *word);

#endif
