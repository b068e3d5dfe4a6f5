/* What type.c tells rounds.c of its answers. Private to the two. */
#ifndef LIMPET_GRAPH_ROUNDS_H
#define LIMPET_GRAPH_ROUNDS_H

#include "graph/model.h"

/* Which cells of the tables of types an answer was read from: while a thread sets types_read, what
 * it asks is noted there, as bits of a hash. More than fit, or nothing noted yet: n is
 * TYPES_READ_ALL. */
enum { TYPES_READ_MAX = 5, TYPES_READ_ALL = UINT32_MAX, TYPE_CELLS = 1 << 20 };
typedef struct TypesRead {
    u32 cells[TYPES_READ_MAX];
    u32 n;
} TypesRead;
extern _Thread_local TypesRead *types_read;

/* The cell of a variable's type, of an attribute's by its name alone, of a function's result. */
static inline u32 type_cell_of_variable(u32 file, SymbolId owner) {
    return (u32)(hash_mix(map_pair(file, owner.i), 11) >> 40) & (TYPE_CELLS - 1);
}
static inline u32 type_cell_of_attribute(u64 name) {
    return (u32)(hash_mix(name, 12) >> 40) & (TYPE_CELLS - 1);
}
static inline u32 type_cell_of_result(u32 function) {
    return (u32)(hash_mix(function, 13) >> 40) & (TYPE_CELLS - 1);
}
void note_type_read(u32 cell);

#endif
