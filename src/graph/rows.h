/* What loops take out of lists, tables and files; beside model.h. */
#ifndef LIMPET_GRAPH_ROWS_H
#define LIMPET_GRAPH_ROWS_H

#include "graph/model.h"

/* The variable of a loop, of no class that the project knows; and `row.port` where it runs over
 * rows of a file or table (rows.c). */
bool is_round_of_unknown(const Graph *g, u32 file, PathId path);
bool is_field_of_row(const Graph *g, u32 file, PathId path);
/* `name` in `for name in ("a", "b")`, `row["id"]` in `for row in TABLE.values()`: a display of
 * constants gives it, also by a variable that no function of the file fills (listed.c). */
bool is_listed(const Graph *g, u32 file, PathId value);
/* The same of a variable of a function that is bound several times, to constants too. */
bool is_listed_variable(const Graph *g, u32 file, SymbolId variable);

#endif
