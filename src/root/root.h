/* What the roots of a process hold: `limpet graph --root`.
 *
 * A root lives as long as the process: a variable of a module, an attribute of a class, or a
 * registry of the runtime (atexit, signal handlers, running threads …). The tree below one is made
 * of what the graph says of the variable (statements that bind it, what fills and drains the
 * container in it), of the pictures of the classes that are met, and of the stores that summaries
 * of functions know of.
 *
 * Memory: lists and trees live in the arena that is given. */
#ifndef LIMPET_ROOT_ROOT_H
#define LIMPET_ROOT_ROOT_H

#include "base/vec.h"
#include "heap/heap.h"

typedef enum RootKind {
    ROOT_MODULE,    /* all its variables that hold something */
    ROOT_VARIABLE,  /* of a module */
    ROOT_ATTRIBUTE, /* of a class, bound in its body */
    ROOT_CONTAINER, /* a container that something else lasting has: f.cache = {} */
    ROOT_RUNTIME,   /* what calls of the runtime register: `name` says which */
    ROOT_CACHES,    /* the stores of functools.lru_cache and its kin */
} RootKind;

typedef struct Root {
    RootKind kind;
    Str name; /* canonical */
    u32 file;
    SymbolId symbol;       /* ROOT_VARIABLE, ROOT_ATTRIBUTE */
    ClassId owner;         /* ROOT_ATTRIBUTE */
    ContainerId container; /* the container that it is, or 0 */
} Root;

typedef struct RootList {
    VEC(Root) list;
    Map seen;
} RootList;

/* Adds the roots of this name, each once, in the order of files: by canonical name, else by the
 * last parts of one, and the registries of the runtime by the module or function that registers
 * there (`atexit`, `weakref.finalize`, `loop`, `functools caches`). False when there is none. */
bool roots_find(const Graph *g, Str name, Arena *arena, RootList *out);
/* The name nearest to a misspelt one, in the arena, or empty. */
Str roots_nearest(const Graph *g, Str name, Arena *arena);

enum { ROOT_DEPTH = 4, ROOT_DEPTH_MAX = 64 };
/* What they hold, and `depth` levels (1 to ROOT_DEPTH_MAX) below that. The JSON form is described
 * in print.c. */
void roots_print(const Heap *h, const Graph *g, const RootList *roots, u32 depth, GraphForm form,
                 Buf *out);

#endif
