/* What APIs do to references: who holds what after the call. Sources: the documentation and Lib/ of
 * CPython, and measurements of the runtime. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const EffectRow effects[] = {
    /* name, origin, holder, argument that holds, what is held, how, flags */
    {"atexit.register", ORIGIN_STDLIB, HELD_BY_PROCESS, -1, "*", "atexit registry", 0},
    {"functools.partial", ORIGIN_STDLIB, HELD_BY_RESULT, -1, "*", ".args", 0},
    {"sqlite3.Connection.create_function", ORIGIN_STDLIB, HELD_BY_RECEIVER, -1, "2,func",
     "function", EFFECT_BLIND},
    {"threading.Thread", ORIGIN_STDLIB, HELD_BY_RESULT, -1, "1,target,3,args,4,kwargs", ".target",
     EFFECT_UNTIL_RUN},
    {"weakref.ref", ORIGIN_STDLIB, HELD_BY_RESULT, -1, "0", "()", EFFECT_WEAK},
};
/* clang-format on */

const EffectRow *know_effects(Str canonical, u32 *n) {
    u32 i = table_find(effects, ARRAY_LEN(effects), sizeof *effects, canonical), end = i;
    while (end < ARRAY_LEN(effects) && str_is(canonical, effects[end].name)) end++;
    *n = end - i;
    return *n ? &effects[i] : NULL;
}

typedef struct ResultRow {
    const char *name;
    Origin origin;
    const char *class_name;
} ResultRow;

/* clang-format off: one row a line */
static const ResultRow results[] = {
    /* function, origin, class of its result */
    {"sqlite3.connect", ORIGIN_STDLIB, "sqlite3.Connection"},
};
/* clang-format on */

Str know_result_class(Str canonical) {
    u32 i = table_find(results, ARRAY_LEN(results), sizeof *results, canonical);
    if (i < ARRAY_LEN(results)) return str_from(results[i].class_name);
    return canonical;
}

const EffectRow *know_effect_rows(u32 *n) {
    *n = ARRAY_LEN(effects);
    return effects;
}
