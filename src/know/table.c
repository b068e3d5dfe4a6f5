#include "know/table.h"

#include <string.h>

static const char *row_name(const void *rows, u32 i, size_t size) {
    return *(const char *const *)(const void *)((const char *)rows + (size_t)i * size);
}

/* Byte order of a row's name and `name`; most comparisons end before either does. */
static int compare(const char *row, Str name) {
    int order = name.n ? strncmp(row, name.p, name.n) : 0;
    if (order) return order;
    size_t length = strnlen(row, (size_t)name.n + 1);
    return (length > name.n) - (length < name.n);
}

/* Index of the first row whose name is not before `name`. */
static u32 lower_bound(const void *rows, u32 n, size_t size, Str name) {
    u32 low = 0, high = n;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (compare(row_name(rows, middle, size), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

u32 table_find(const void *rows, u32 n, size_t size, Str name) {
    u32 i = lower_bound(rows, n, size, name);
    return i < n && compare(row_name(rows, i, size), name) == 0 ? i : n;
}

Str table_join(char *room, Str class_name, Str method) {
    if (class_name.n) memcpy(room, class_name.p, class_name.n);
    room[class_name.n] = '.';
    if (method.n) memcpy(room + class_name.n + 1, method.p, method.n);
    return (Str){room, class_name.n + 1 + method.n};
}

bool table_has_prefix(const void *rows, u32 n, size_t size, Str name) {
    char room[TABLE_NAME_SIZE];
    if (name.n + 1 >= sizeof room) return false;
    Str prefix = table_join(room, name, STR(""));
    u32 i = lower_bound(rows, n, size, prefix);
    return i < n && strncmp(row_name(rows, i, size), prefix.p, prefix.n) == 0;
}
