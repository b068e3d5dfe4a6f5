/* What runs once, and what is made anew: questions between files of this directory. */
#ifndef LIMPET_GRAPH_FLAGGED_H
#define LIMPET_GRAPH_FLAGGED_H

#include "graph/model.h"

/* A flag of the module or class: `_installed`, `cls._ready`, `Worker._registered` (undo.c). */
bool is_lasting_flag(const Graph *g, u32 file, PathId path);
/* `self.view = View(…)`, then `self.view.fill()`, in no loop: a part of making it (manager.c). */
bool is_on_new(const Graph *g, OpRef call);
/* A function that runs per call binds a new instance to a module variable, in place of the last
 * (resident.c). */
bool is_replaced_often(const Graph *g, ClassId c);

#endif
