/* C units from the cache: what libclang made of a text holds as long as the flags, the headers that
 * were read (the manifest) and libclang itself are what they were. A header that comes to lie
 * before another one of its name, in a directory that is not the project's, is not noticed. */
#ifndef LIMPET_APP_KEPT_UNIT_H
#define LIMPET_APP_KEPT_UNIT_H

#include "base/vec.h"
#include "cache/cache.h"
#include "capi/capi.h"

/* What a unit is read from, beside its headers. */
typedef struct UnitQuestion {
    Str path;  /* real */
    Str bytes; /* of the file */
    const CFlags *flags;
    const Str *folders; /* searched for headers */
    u32 n_folders;
    Str python;    /* directory with Python.h */
    Hash128 files; /* of the paths of all C files: one more can be found before another one */
    Hash128 near; /* of the project's headers that it seems to include: states of git that differ in
                     them do not push each other out */
} UnitQuestion;

/* Hashes of headers as they are now, each made once. Texts that stand for those on disk come from
 * `text_of`; NULL p: from disk. */
typedef struct Headers {
    Arena *arena;
    Map by_path; /* hash of the path -> index + 1 */
    VEC(Hash128) hashes;
    Str (*text_of)(void *context, Str path);
    void *context;
} Headers;

/* The hash of a header's text; 0 when it is not there. */
Hash128 headers_hash(Headers *headers, Str path);

Hash128 kept_unit_key(const UnitQuestion *q);

/* The unit of a key, if all that it was read from is as it was. It lies in the cache. */
bool kept_unit_take(Cache *cache, const UnitQuestion *q, Hash128 key, Headers *headers, CUnit *unit,
                    Hash128 *manifest);
/* Keeps a unit; `ours` is the directory of headers that belong to this program. False when a header
 * is gone meanwhile. `manifest`: the hash of what was read beside the unit. */
bool kept_unit_keep(Cache *cache, Hash128 key, Headers *headers, Str ours, const CUnit *unit,
                    bool copy, Hash128 *manifest);

#endif
