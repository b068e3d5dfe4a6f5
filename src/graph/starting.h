/* Private to graph/: what runs once, what the start of a program makes, and what is made anew. */
#ifndef LIMPET_GRAPH_STARTING_H
#define LIMPET_GRAPH_STARTING_H

#include "graph/model.h"

/* Each place that makes one stands outside loops, in the main function or in what that calls once;
 * false when nobody makes one (solitary.c). */
bool is_made_by_main(const Graph *g, ClassId c);
/* As graph_is_run_by_main, or once for each thing that the settings list (solitary.c). */
bool is_started_by_main(const Graph *g, ScopeRef function);
bool is_application(const Graph *g, ClassId c); /* of a toolkit: one a process */
/* How often a region runs when the function around it does so `body` times. */
HowOften region_runs(const Graph *g, u32 file, RegionId region, HowOften body);
/* The one place that hands a method or an inner function on, to what runs it once (handed.c). */
OpRef handed_once(const Graph *g, ScopeRef function);
/* `close`, `shutdown`: it ends the life of what it is called on (manager.c). */
bool is_ending_name(Str name);
/* `setup_audio`, `_init_logging`: by its name it runs once (again.c). */
bool is_setup_name(Str name);
/* What is called runs the functions that it is given once: timers, threads, processes. */
bool runs_argument_once(const Graph *g, u32 file, const Op *call);
/* `from .client import Client` in the `__init__.py` of a package around the module: users of the
 * library have the class or function (offered.c). */
bool is_reexported(const Graph *g, ScopeRef definition);

/* `input()` and its kin: somebody at a terminal, who gets tired. */
bool asks_a_person(const Facts *f, const Op *op);
/* A flag of the module or class: `_installed`, `cls._ready`, `Worker._registered` (undo.c). */
bool is_lasting_flag(const Graph *g, u32 file, PathId path);
/* `self.view = View(…)`, then `self.view.fill()`, in no loop: a part of making it (manager.c). */
bool is_on_new(const Graph *g, OpRef call);
/* A function that runs per call binds a new instance to a module variable, in place of the last
 * (resident.c). */
bool is_replaced_often(const Graph *g, ClassId c);

/* `if __name__ == "__main__":` stands in the file (driven.c). */
bool has_main_part(const Facts *f);
/* The module variable that is bound to the result of the call, by module code or by a function that
 * declares it global; or 0 (resident.c). */
SymbolId module_variable_of(const Graph *g, OpRef call);

/* The call makes one for each key of a table that keeps it, which is asked first; nothing takes
 * single entries out of that in the middle of the work (keyed.c). */
bool is_kept_by_key(const Graph *g, OpRef call);

#endif
