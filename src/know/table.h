/* Private to know/: halving search over a sorted table of rows whose first member is the name. */
#ifndef LIMPET_KNOW_TABLE_H
#define LIMPET_KNOW_TABLE_H

#include "base/str.h"

/* Index of the first row that is called `name`, or `n`. `size` is that of one row. */
u32 table_find(const void *rows, u32 n, size_t size, Str name);

#endif
