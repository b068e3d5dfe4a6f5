/* Decorators that keep the arguments of calls in a store of the decorated function.
 *
 * Not here, because the instance is not kept (each was read in its sources):
 * - functools.cached_property, cachetools.cachedmethod, methodtools.lru_cache: the store hangs on
 * the instance and dies with it;
 * - aiocache.cached: its key is the text of the arguments, and the text holds nobody;
 * - joblib.Memory.cache, streamlit's caches: keys are hashes of the arguments. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const CacheRow caches[] = {
    /* name, entries kept by default, takes a size, origin, takes a store, must be called, no
     * descriptor, keyword of a key function */
    {"async_lru.alru_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"asyncache.cached", 0, false, ORIGIN_OTHER, true, true, false, "key"},
    {"asyncstdlib.cache", 0, false, ORIGIN_OTHER, false, false, false, NULL},
    {"asyncstdlib.functools.cache", 0, false, ORIGIN_OTHER, false, false, false, NULL},
    {"asyncstdlib.functools.lru_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"asyncstdlib.lru_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"backports.functools_lru_cache.lru_cache", 100, true, ORIGIN_OTHER, false, false, false, NULL},
    {"boltons.cacheutils.cached", 0, false, ORIGIN_OTHER, true, true, true, "key"},
    {"cachetools.cached", 0, false, ORIGIN_OTHER, true, true, false, "key"},
    {"cachetools.decorators.cached", 0, false, ORIGIN_OTHER, true, true, false, "key"},
    {"cachetools.func.fifo_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cachetools.func.lfu_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cachetools.func.lru_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cachetools.func.mru_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cachetools.func.rr_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cachetools.func.ttl_cache", 128, true, ORIGIN_OTHER, false, false, false, NULL},
    {"cytoolz.functoolz.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key"},
    {"cytoolz.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key"},
    {"django.utils.lru_cache.lru_cache", 100, true, ORIGIN_OTHER, false, true, false, NULL},
    {"fastcache.clru_cache", 128, true, ORIGIN_OTHER, false, true, false, NULL},
    {"fastcache.lru_cache", 128, true, ORIGIN_OTHER, false, true, false, NULL},
    {"functools.cache", 0, false, ORIGIN_STDLIB, false, false, false, NULL},
    {"functools.lru_cache", 128, true, ORIGIN_STDLIB, false, false, false, NULL},
    {"functools32.lru_cache", 100, true, ORIGIN_OTHER, false, true, false, NULL},
    {"funcy.cache", 0, false, ORIGIN_OTHER, false, true, false, "key_func"},
    {"funcy.calc.cache", 0, false, ORIGIN_OTHER, false, true, false, "key_func"},
    {"funcy.calc.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key_func"},
    {"funcy.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key_func"},
    {"repoze.lru.lru_cache", 0, true, ORIGIN_OTHER, false, true, false, NULL},
    {"toolz.functoolz.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key"},
    {"toolz.memoize", 0, false, ORIGIN_OTHER, false, false, false, "key"},
};
/* clang-format on */

const CacheRow *know_caches(u32 *n) {
    *n = ARRAY_LEN(caches);
    return caches;
}

const CacheRow *know_cache(Str canonical) {
    u32 n = ARRAY_LEN(caches);
    u32 i = table_find(caches, n, sizeof caches[0], canonical);
    return i < n ? &caches[i] : NULL;
}
