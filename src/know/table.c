#include "know/table.h"

static Str row_name(const void *rows, u32 i, size_t size) {
    const char *const *row = (const void *)((const char *)rows + (size_t)i * size);
    return str_from(*row);
}

u32 table_find(const void *rows, u32 n, size_t size, Str name) {
    u32 low = 0, high = n;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (str_cmp(row_name(rows, middle, size), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && str_eq(row_name(rows, low, size), name) ? low : n;
}
