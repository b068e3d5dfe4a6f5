#include "know/table.h"

#include "base/map.h"

#include <stdlib.h>
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

/* ---- whole names ---- */

enum { SKETCHES = 2048 }; /* a power of two */

/* Where the rows of one table stand, by the hashes of their names: most names that are asked for
 * are in no table, and a look at one slot tells; of most of these a bit says so before they are
 * hashed. Made when the table is first asked. */
typedef struct Index {
    const void *rows;
    u64 sketches[SKETCHES / 64]; /* of the names that are there */
    u32 mask;
    u32 slots[]; /* first row of its name + 1, and above it 16 bits of the hash; 0 is free */
} Index;

enum { INDEXES_MAX = 64 }; /* a power of two; there are about half as many tables */

static Index *indexes[INDEXES_MAX]; /* by the address of the rows; never freed */

/* Names that differ in it differ: the length and three characters. */
static u32 sketch_of(Str name) {
    u32 begin = (u8)name.p[0], middle = (u8)name.p[name.n / 2], end = (u8)name.p[name.n - 1];
    return (begin * 37 + middle * 149 + end * 599 + name.n * 1031) & (SKETCHES - 1);
}

static bool may_have(const Index *index, Str name) {
    u32 sketch = sketch_of(name);
    return index->sketches[sketch / 64] >> sketch % 64 & 1;
}

static u32 tag_of(u64 hash) {
    return (u32)(hash >> 32) & 0xFFFF0000u;
}

/* The slot of the name, or the free one where it would be. */
static u32 slot_of(const Index *index, size_t size, Str name, u64 hash) {
    u32 at = (u32)hash & index->mask;
    for (u32 slot; (slot = index->slots[at]) != 0; at = (at + 1) & index->mask) {
        if ((slot & 0xFFFF0000u) != tag_of(hash)) continue;
        if (str_is(name, row_name(index->rows, (slot & 0xFFFF) - 1, size))) break;
    }
    return at;
}

static Index *make_index(const void *rows, u32 n, size_t size) {
    u32 cap = 16;
    REQUIRE(n < UINT16_MAX);
    while (cap < n * 4) cap *= 2;
    Index *index = calloc(1, sizeof *index + sizeof *index->slots * cap);
    if (!index) base_panic("out of memory");
    index->rows = rows;
    index->mask = cap - 1;
    for (u32 i = 0; i < n; i++) {
        Str name = str_from(row_name(rows, i, size));
        u64 hash = hash_str(name);
        u32 sketch = sketch_of(name);
        index->sketches[sketch / 64] |= (u64)1 << sketch % 64;
        u32 *slot = &index->slots[slot_of(index, size, name, hash)];
        if (!*slot) *slot = tag_of(hash) | (i + 1);
    }
    return index;
}

static const Index *index_of(const void *rows, u32 n, size_t size) {
    u32 at = (u32)((u64)(uintptr_t)rows * 0x9E3779B97F4A7C15u >> 58);
    for (u32 tries = 0; tries < INDEXES_MAX; tries++, at = (at + 1) & (INDEXES_MAX - 1)) {
        Index *known = __atomic_load_n(&indexes[at], __ATOMIC_ACQUIRE);
        if (!known) {
            Index *made = make_index(rows, n, size);
            if (__atomic_compare_exchange_n(&indexes[at], &known, made, false, __ATOMIC_ACQ_REL,
                                            __ATOMIC_ACQUIRE))
                return made;
            free(made); /* another thread was here first, for this table or another one */
        }
        if (known->rows == rows) return known;
    }
    base_panic("more than %d tables", INDEXES_MAX);
}

u32 table_find(const void *rows, u32 n, size_t size, Str name) {
    const Index *index = index_of(rows, n, size);
    if (!name.n || !may_have(index, name)) return n;
    u64 hash = hash_str(name);
    u32 slot = index->slots[slot_of(index, size, name, hash)];
    return slot ? (slot & 0xFFFF) - 1 : n;
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
