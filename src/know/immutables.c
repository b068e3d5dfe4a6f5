/* Types whose instances are complete when their `__new__` is done, and that have no `__init__` of
 * their own: the arguments of a call go to `__new__`, and `object.__init__` refuses them.
 * Source: CPython, tp_new and tp_init of
 * Objects/{tuple,unicode,bytes,long,float,complex,set}object.c and Modules/_datetimemodule.c;
 * Lib/fractions.py; Modules/_decimal. */
#include "know/know.h"
#include "know/table.h"

/* One row a line. */
/* clang-format off */
static const ImmutableRow immutables[] = {
    /* name, origin, arguments that it takes */
    {"builtins.bytes", ORIGIN_STDLIB, 3},
    {"builtins.complex", ORIGIN_STDLIB, 2},
    {"builtins.float", ORIGIN_STDLIB, 1},
    {"builtins.frozenset", ORIGIN_STDLIB, 1},
    {"builtins.int", ORIGIN_STDLIB, 2},
    {"builtins.long", ORIGIN_PYTHON2, 2},
    {"builtins.str", ORIGIN_STDLIB, 3},
    {"builtins.tuple", ORIGIN_STDLIB, 1},
    {"builtins.unicode", ORIGIN_PYTHON2, 3},
    {"datetime.date", ORIGIN_STDLIB, 3},
    {"datetime.datetime", ORIGIN_STDLIB, 9},
    {"datetime.time", ORIGIN_STDLIB, 6},
    {"datetime.timedelta", ORIGIN_STDLIB, 7},
    {"decimal.Decimal", ORIGIN_STDLIB, 2},
    {"fractions.Fraction", ORIGIN_STDLIB, 2},
};
/* clang-format on */

const ImmutableRow *know_immutables(u32 *n) {
    *n = ARRAY_LEN(immutables);
    return immutables;
}

const ImmutableRow *know_immutable(Str canonical) {
    u32 n = ARRAY_LEN(immutables);
    u32 i = table_find(immutables, n, sizeof immutables[0], canonical);
    return i < n ? &immutables[i] : NULL;
}
