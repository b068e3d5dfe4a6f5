#include "know/table.h"

#include <string.h>

static Str row_name(const void *rows, u32 i, size_t size) {
    const char *const *row = (const void *)((const char *)rows + (size_t)i * size);
    return str_from(*row);
}

/* Index of the first row whose name is not before `name`. */
static u32 lower_bound(const void *rows, u32 n, size_t size, Str name) {
    u32 low = 0, high = n;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (str_cmp(row_name(rows, middle, size), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

u32 table_find(const void *rows, u32 n, size_t size, Str name) {
    u32 i = lower_bound(rows, n, size, name);
    return i < n && str_eq(row_name(rows, i, size), name) ? i : n;
}

Str table_join(char *room, Str class_name, Str method) {
    memcpy(room, class_name.p, class_name.n);
    room[class_name.n] = '.';
    memcpy(room + class_name.n + 1, method.p, method.n);
    return (Str){room, class_name.n + 1 + method.n};
}

bool table_has_prefix(const void *rows, u32 n, size_t size, Str name) {
    char room[TABLE_NAME_SIZE];
    if (name.n + 1 >= sizeof room) return false;
    Str prefix = table_join(room, name, STR(""));
    u32 i = lower_bound(rows, n, size, prefix);
    if (i == n) return false;
    Str found = row_name(rows, i, size);
    return found.n > prefix.n && str_eq(str_sub(found, 0, prefix.n), prefix);
}
