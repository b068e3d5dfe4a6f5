/* What every user of tree-sitter needs: the memory that it works in, and a parse within bounds.
 *
 * The memory is a bump allocator with a free list a size class, dropped whole after each file, so
 * that neither trees nor parsers are ever freed piece by piece. */
#ifndef LIMPET_SYNTAX_SYNTAX_H
#define LIMPET_SYNTAX_SYNTAX_H

#include "base/str.h"

#include <tree_sitter/api.h>

enum { POOL_CLASSES = 64 + 40 };

typedef struct PoolChunk PoolChunk;

/* A zeroed Pool is empty and ready. */
typedef struct Pool {
    PoolChunk *first,
        *current; /* chunks in use run from first to current; later ones wait for reuse */
    size_t used;  /* bytes used in the current chunk */
    u64 taken;    /* bytes handed out since the last reset, reused blocks not counted */
    u64 reused;   /* bytes of reused blocks over 1 kB: how much the parser has copied around */
    void *free[POOL_CLASSES];
} Pool;

/* Makes `pool` the memory of tree-sitter on this thread (NULL: none), and points tree-sitter's
 * global allocator hooks at it; safe to call from any thread. */
void pool_enter(Pool *pool);
/* Everything allocated is gone; chunks are kept up to a bound. */
void pool_reset(Pool *pool);
void pool_free(Pool *pool);

/* The tree of `text` (valid UTF-8) in the pool that was entered; NULL when the parser needs more
 * memory than 256 times the text (at least 64 MB, at most 4 GB), or copies too much around. The
 * result depends on no clock. */
TSTree *syntax_parse(const Pool *pool, const TSLanguage *language, Str text);

#endif
