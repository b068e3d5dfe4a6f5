#include "capi/api.h"
#include "capi/api_tables.h"

#include <string.h>

static const ApiTable *const tables[] = {
    &api_objects, &api_types, &api_text, &api_runtime, &api_python2, &api_libc, &api_numpy_table,
};

const ApiTable *api_table(u32 table) {
    return table < ARRAY_LEN(tables) ? tables[table] : NULL;
}

/* Byte order of a row's name and `name`. */
static int compare(const char *row, Str name) {
    int order = name.n ? strncmp(row, name.p, name.n) : 0;
    return order ? order : row[name.n] != '\0';
}

static const ApiRow *find(const ApiTable *table, Str name) {
    u32 low = 0, high = table->n;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        int order = compare(table->rows[middle].name, name);
        if (order == 0) return &table->rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const ApiRow *find_in_all(Str name) {
    const ApiTable *table;
    for (u32 i = 0; (table = api_table(i)); i++) {
        const ApiRow *row = find(table, name);
        if (row) return row;
    }
    return NULL;
}

const ApiRow *api_row(Str name) {
    const ApiRow *row = find_in_all(name);
    /* PY_SSIZE_T_CLEAN renames functions with formats. */
    if (row || !str_starts(name, "_Py") || !str_ends(name, "_SizeT")) return row;
    return find_in_all(str_sub(name, 1, name.n - (u32)strlen("_SizeT")));
}

ApiArg api_arg(const ApiRow *row, u32 i) {
    size_t n = strlen(row->args);
    bool repeats = n > 1 && row->args[n - 1] == '*';
    size_t given = repeats ? n - 1 : n;
    if (i < given) return (ApiArg)row->args[i];
    return repeats ? (ApiArg)row->args[given - 1] : API_ARG_PLAIN;
}

int api_from(const ApiRow *row) {
    return (int)(row->traits >> 20 & 15) - 1;
}

ApiFamily api_family(const ApiRow *row) {
    return (ApiFamily)(row->traits >> 24 & 15);
}

bool api_has(const ApiRow *row, u32 version) {
    return (!row->since || version >= row->since) && (!row->until || version <= row->until);
}
