/* What APIs do, as data. Rows are documented in know/*.c; a test checks that every name exists in CPython.
 * Knowledge is applied at link and check time, never during extraction: editing a row does not touch
 * cached facts. */
#ifndef LIMPET_KNOW_KNOW_H
#define LIMPET_KNOW_KNOW_H

#include "base/str.h"

/* What calling a method does to the container that it is called on. */
typedef enum MethodEffect {
    METHOD_READS,
    METHOD_ADDS,     /* elements are kept */
    METHOD_REMOVES,
    METHOD_REPLACES, /* empties and fills */
} MethodEffect;

typedef struct MethodRow {
    const char *method;
    MethodEffect effect;
    int key;   /* argument index of the key (mappings), or -1 */
    int value; /* argument index of the element, or -1 */
} MethodRow;

/* The row of a container method name ("append"), or NULL. */
const MethodRow *know_method(Str name);

/* What a call to this canonical name makes. */
typedef enum MadeKind {
    MADE_NOTHING,
    MADE_LIST, MADE_DICT, MADE_SET, MADE_DEQUE, MADE_DEFAULTDICT, MADE_ORDERED_DICT, MADE_COUNTER,
    MADE_WEAK,    /* weak container */
    MADE_BOUNDED, /* cachetools.TTLCache, LRUCache … */
    MADE_QUEUE,
} MadeKind;
MadeKind know_constructor(Str canonical);

/* functools.cache and its kin. `default_size`: entries kept without arguments, 0 for no bound. */
typedef struct CacheRow {
    const char *name;
    int default_size;
    bool takes_size; /* first argument or maxsize= */
} CacheRow;
const CacheRow *know_cache(Str canonical);

#endif
