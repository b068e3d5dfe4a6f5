/* Private to know/: search over sorted, constant tables of rows whose first member is the name, and
 * what the files of one table share. */
#ifndef LIMPET_KNOW_TABLE_H
#define LIMPET_KNOW_TABLE_H

#include "know/know.h"

enum {
    TABLE_NAME_SIZE = 256
}; /* room for a name of a row, with its NUL; longer ones have no row */

/* Index of the first row that is called `name`, or `n`. `size` is that of one row. */
u32 table_find(const void *rows, u32 n, size_t size, Str name);
/* True when some row is called `name`, a dot, and more. */
bool table_has_prefix(const void *rows, u32 n, size_t size, Str name);
/* "class.method" in `room`, whose TABLE_NAME_SIZE bytes must be enough. */
Str table_join(char *room, Str class_name, Str method);
/* True when there are effects of methods of the class. */
bool know_has_methods(Str class_name);

/* The tables of costs, beside that of blocking.c. */
const CostRow *costs_of_work(u32 *n);
const CostRow *costs_of_others(u32 *n);

/* The tables of effects. */
const EffectRow *effects_objects(u32 *n);
const EffectRow *effects_run(u32 *n);
const EffectRow *effects_other(u32 *n);

#endif
