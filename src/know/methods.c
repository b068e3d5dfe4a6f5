/* Methods of containers: what they do to the elements. A method that kinds of containers share has
 * one row; where kinds differ, the row of the plain containers (kinds 0) comes first. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const MethodRow methods[] = {
    /* method, kinds, effect, key argument, element argument, flags */
    {"__contains__", 0, METHOD_READS, -1, -1, 0},
    {"__delitem__", 0, METHOD_REMOVES, 0, -1, 0},
    {"__getitem__", 0, METHOD_READS, 0, -1, METHOD_ELEMENT},
    {"__iadd__", 0, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"__ior__", 0, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"__iter__", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"__len__", 0, METHOD_READS, -1, -1, 0},
    {"__setitem__", 0, METHOD_ADDS, 0, 1, 0},
    {"add", 0, METHOD_ADDS, -1, 0, 0},
    {"append", 0, METHOD_ADDS, -1, 0, 0},
    {"appendleft", 0, METHOD_ADDS, -1, 0, 0},
    {"buffer_info", 1u << MADE_LIST, METHOD_READS, -1, -1, 0},
    {"clear", 0, METHOD_REMOVES, -1, -1, METHOD_ALL},
    {"copy", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"count", 0, METHOD_READS, -1, -1, 0},
    {"decode", 1u << MADE_LIST, METHOD_READS, -1, -1, 0},
    {"difference", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"difference_update", 0, METHOD_REMOVES, -1, 0, METHOD_ITERABLE},
    {"discard", 0, METHOD_REMOVES, -1, 0, 0},
    {"elements", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"empty", 1u << MADE_QUEUE, METHOD_READS, -1, -1, 0},
    {"expire", 1u << MADE_BOUNDED, METHOD_REMOVES, -1, -1, 0},
    {"extend", 0, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"extendleft", 0, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"frombytes", 1u << MADE_LIST, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"fromfile", 1u << MADE_LIST, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"fromkeys", 0, METHOD_READS, -1, -1, 0},
    {"fromlist", 1u << MADE_LIST, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"full", 1u << MADE_QUEUE, METHOD_READS, -1, -1, 0},
    {"get", 0, METHOD_READS, 0, -1, METHOD_ELEMENT},
    {"get", 1u << MADE_QUEUE, METHOD_REMOVES, -1, -1, METHOD_ELEMENT},
    {"get_nowait", 0, METHOD_REMOVES, -1, -1, METHOD_ELEMENT},
    {"has_key", 0, METHOD_READS, 0, -1, 0},
    {"index", 0, METHOD_READS, -1, -1, 0},
    {"insert", 0, METHOD_ADDS, -1, 1, 0},
    {"intersection", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"intersection_update", 0, METHOD_REMOVES, -1, -1, 0},
    {"isdisjoint", 0, METHOD_READS, -1, -1, 0},
    {"issubset", 0, METHOD_READS, -1, -1, 0},
    {"issuperset", 0, METHOD_READS, -1, -1, 0},
    {"items", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"iteritems", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"iterkeys", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"itervaluerefs", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"itervalues", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"join", 1u << MADE_QUEUE, METHOD_READS, -1, -1, 0},
    {"keyrefs", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"keys", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"most_common", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"move_to_end", 0, METHOD_READS, 0, -1, 0},
    {"pop", 0, METHOD_REMOVES, 0, -1, METHOD_ELEMENT},
    {"popitem", 0, METHOD_REMOVES, -1, -1, METHOD_ELEMENT},
    {"popleft", 0, METHOD_REMOVES, -1, -1, METHOD_ELEMENT},
    {"put", 0, METHOD_ADDS, -1, 0, 0},
    {"put_nowait", 0, METHOD_ADDS, -1, 0, 0},
    {"qsize", 1u << MADE_QUEUE, METHOD_READS, -1, -1, 0},
    {"remove", 0, METHOD_REMOVES, -1, 0, 0},
    {"reverse", 0, METHOD_READS, -1, -1, 0},
    {"rotate", 0, METHOD_READS, -1, -1, 0},
    {"setdefault", 0, METHOD_ADDS, 0, 1, METHOD_ELEMENT},
    {"sort", 0, METHOD_READS, -1, -1, 0},
    {"subtract", 1u << MADE_COUNTER, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"symmetric_difference", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"symmetric_difference_update", 0, METHOD_REPLACES, -1, 0, METHOD_ITERABLE},
    {"task_done", 1u << MADE_QUEUE, METHOD_READS, -1, -1, 0},
    {"tobytes", 1u << MADE_LIST, METHOD_READS, -1, -1, 0},
    {"tolist", 1u << MADE_LIST, METHOD_READS, -1, -1, 0},
    {"total", 1u << MADE_COUNTER, METHOD_READS, -1, -1, 0},
    {"union", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"update", 0, METHOD_ADDS, -1, 0, METHOD_ITERABLE},
    {"valuerefs", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"values", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"viewitems", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"viewkeys", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
    {"viewvalues", 0, METHOD_READS, -1, -1, METHOD_ELEMENTS},
};
/* clang-format on */

const MethodRow *know_methods(u32 *n) {
    *n = ARRAY_LEN(methods);
    return methods;
}

const MethodRow *know_method(Str name) {
    u32 n = ARRAY_LEN(methods);
    u32 i = table_find(methods, n, sizeof methods[0], name);
    return i < n ? &methods[i] : NULL;
}

const MethodRow *know_method_of(MadeKind kind, Str name) {
    const MethodRow *first = know_method(name);
    if (!first) return NULL;
    const MethodRow *plain = NULL;
    for (const MethodRow *row = first; row < methods + ARRAY_LEN(methods); row++) {
        if (!str_is(name, row->method)) break;
        if (row->kinds >> kind & 1) return row;
        if (!row->kinds) plain = row;
    }
    return plain;
}
