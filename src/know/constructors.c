/* Containers by the call that makes them, or by the annotation that names them. A name stands here
 * when its value can grow: tuple, frozenset and mappingproxy do not. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ConstructorRow constructors[] = {
    /* name, origin, made, bound argument, its keyword */
    {"Queue.LifoQueue", ORIGIN_PYTHON2, MADE_QUEUE, 0, "maxsize"},
    {"Queue.PriorityQueue", ORIGIN_PYTHON2, MADE_QUEUE, 0, "maxsize"},
    {"Queue.Queue", ORIGIN_PYTHON2, MADE_QUEUE, 0, "maxsize"},
    {"UserDict.IterableUserDict", ORIGIN_PYTHON2, MADE_DICT, -1, NULL},
    {"UserDict.UserDict", ORIGIN_PYTHON2, MADE_DICT, -1, NULL},
    {"UserList.UserList", ORIGIN_PYTHON2, MADE_LIST, -1, NULL},
    {"_collections.OrderedDict", ORIGIN_STDLIB, MADE_ORDERED_DICT, -1,
     NULL}, /* the library itself */
    {"_collections.defaultdict", ORIGIN_STDLIB, MADE_DEFAULTDICT, -1, NULL},
    {"_collections.deque", ORIGIN_STDLIB, MADE_DEQUE, 1, "maxlen"},
    {"_weakrefset.WeakSet", ORIGIN_STDLIB, MADE_WEAK, -1, NULL},
    {"array.array", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"asyncio.LifoQueue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"asyncio.PriorityQueue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"asyncio.Queue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"bidict.bidict", ORIGIN_OTHER, MADE_DICT, -1, NULL},
    {"boltons.cacheutils.LRI", ORIGIN_OTHER, MADE_BOUNDED, 0, "max_size"},
    {"boltons.cacheutils.LRU", ORIGIN_OTHER, MADE_BOUNDED, 0, "max_size"},
    {"builtins.bytearray", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"builtins.dict", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"builtins.dict.fromkeys", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"builtins.list", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"builtins.set", ORIGIN_STDLIB, MADE_SET, -1, NULL},
    {"builtins.sorted", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"cachetools.Cache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.FIFOCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.LFUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.MRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.RRCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.TLRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"cachetools.TTLCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "maxsize"},
    {"collections.ChainMap", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"collections.Counter", ORIGIN_STDLIB, MADE_COUNTER, -1, NULL},
    {"collections.OrderedDict", ORIGIN_STDLIB, MADE_ORDERED_DICT, -1, NULL},
    {"collections.OrderedDict.fromkeys", ORIGIN_STDLIB, MADE_ORDERED_DICT, -1, NULL},
    {"collections.UserDict", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"collections.UserList", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"collections.abc.MutableMapping", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"collections.abc.MutableSequence", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"collections.abc.MutableSet", ORIGIN_STDLIB, MADE_SET, -1, NULL},
    {"collections.defaultdict", ORIGIN_STDLIB, MADE_DEFAULTDICT, -1, NULL},
    {"collections.deque", ORIGIN_STDLIB, MADE_DEQUE, 1, "maxlen"},
    {"eventlet.queue.LifoQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"eventlet.queue.PriorityQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"eventlet.queue.Queue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"expiringdict.ExpiringDict", ORIGIN_OTHER, MADE_BOUNDED, 0, "max_len"},
    {"gevent.queue.JoinableQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"gevent.queue.LifoQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"gevent.queue.PriorityQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"gevent.queue.Queue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"janus.Queue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"jinja2.utils.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "capacity"},
    {"kombu.utils.functional.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "limit"},
    {"lru.LRU", ORIGIN_OTHER, MADE_BOUNDED, 0, "size"},
    {"mako.util.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "capacity"},
    {"multidict.MultiDict", ORIGIN_OTHER, MADE_DICT, -1, NULL},
    {"multiprocessing.JoinableQueue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"multiprocessing.Queue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"multiprocessing.SimpleQueue", ORIGIN_STDLIB, MADE_QUEUE, -1, NULL},
    {"ordered_set.OrderedSet", ORIGIN_OTHER, MADE_SET, -1, NULL},
    {"pylru.lrucache", ORIGIN_OTHER, MADE_BOUNDED, 0, "size"},
    {"queue.LifoQueue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"queue.PriorityQueue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"queue.Queue", ORIGIN_STDLIB, MADE_QUEUE, 0, "maxsize"},
    {"queue.SimpleQueue", ORIGIN_STDLIB, MADE_QUEUE, -1, NULL},
    {"repoze.lru.ExpiringLRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "size"},
    {"repoze.lru.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "size"},
    {"sets.Set", ORIGIN_PYTHON2, MADE_SET, -1, NULL},
    {"six.moves.queue.LifoQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"six.moves.queue.PriorityQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"six.moves.queue.Queue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"sortedcontainers.SortedDict", ORIGIN_OTHER, MADE_DICT, -1, NULL},
    {"sortedcontainers.SortedKeyList", ORIGIN_OTHER, MADE_LIST, -1, NULL},
    {"sortedcontainers.SortedList", ORIGIN_OTHER, MADE_LIST, -1, NULL},
    {"sortedcontainers.SortedSet", ORIGIN_OTHER, MADE_SET, -1, NULL},
    {"sqlalchemy.util.LRUCache", ORIGIN_OTHER, MADE_BOUNDED, 0, "capacity"},
    {"tornado.queues.LifoQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"tornado.queues.PriorityQueue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"tornado.queues.Queue", ORIGIN_OTHER, MADE_QUEUE, 0, "maxsize"},
    {"typing.ChainMap", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"typing.Counter", ORIGIN_STDLIB, MADE_COUNTER, -1, NULL},
    {"typing.DefaultDict", ORIGIN_STDLIB, MADE_DEFAULTDICT, -1, NULL},
    {"typing.Deque", ORIGIN_STDLIB, MADE_DEQUE, -1, NULL},
    {"typing.Dict", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"typing.List", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"typing.MutableMapping", ORIGIN_STDLIB, MADE_DICT, -1, NULL},
    {"typing.MutableSequence", ORIGIN_STDLIB, MADE_LIST, -1, NULL},
    {"typing.MutableSet", ORIGIN_STDLIB, MADE_SET, -1, NULL},
    {"typing.OrderedDict", ORIGIN_STDLIB, MADE_ORDERED_DICT, -1, NULL},
    {"typing.Set", ORIGIN_STDLIB, MADE_SET, -1, NULL},
    {"weakref.WeakKeyDictionary", ORIGIN_STDLIB, MADE_WEAK, -1, NULL},
    {"weakref.WeakSet", ORIGIN_STDLIB, MADE_WEAK, -1, NULL},
    {"weakref.WeakValueDictionary", ORIGIN_STDLIB, MADE_WEAK, -1, NULL},
    {"werkzeug.datastructures.MultiDict", ORIGIN_OTHER, MADE_DICT, -1, NULL},
};
/* clang-format on */

const ConstructorRow *know_constructors(u32 *n) {
    *n = ARRAY_LEN(constructors);
    return constructors;
}

const ConstructorRow *know_constructor_row(Str canonical) {
    u32 n = ARRAY_LEN(constructors);
    u32 i = table_find(constructors, n, sizeof constructors[0], canonical);
    return i < n ? &constructors[i] : NULL;
}

MadeKind know_constructor(Str canonical) {
    const ConstructorRow *row = know_constructor_row(canonical);
    return row ? row->made : MADE_NOTHING;
}
