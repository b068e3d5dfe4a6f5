/* From libclang's cursors to the tables of capi.h: what the files of the front end share. It runs
 * in the helper process only. */
#ifndef LIMPET_CAPI_FRONT_H
#define LIMPET_CAPI_FRONT_H

#include "capi/capi.h"
#include "capi/clang.h"

#ifdef HAS_CLANG

enum {
    FRONT_DEPTH = 1500,        /* levels of nesting that are followed */
    FRONT_NODES_MAX = 4000000, /* nodes of a unit; beyond, functions have no body */
    FRONT_STRING_MAX = 400,    /* bytes of a literal */
};

typedef struct Front {
    const Clang *clang;
    Arena *arena;
    CXTranslationUnit unit;
    Str path; /* of the main file, as given to clang */
    Str text; /* its text */
#define X(Record, field) VEC(Record) field;
    CUNIT_TABLES(X)
#undef X
    Interner names;
    Map file_by_handle, type_by_handle;
    Map decl_by_hash;        /* hash of a cursor -> first declaration */
    VEC(CXCursor) cursors;   /* of each declaration */
    VEC(u32) decl_same_hash; /* the next declaration with the same hash */
    u32 function;            /* whose body is being read, or 0 */
    u32 thrower;             /* stands for `throw`, or 0 */
    u32 depth;
    bool is_cxx;
} Front;

/* ---- front_decl.c ---- */

u32 front_string(Front *f, Str s);
u32 front_spelling(Front *f, CXCursor cursor);
u32 front_type(Front *f, CXType type);
/* The declaration that a cursor refers to (any redeclaration), made when it is new; 0 for kinds
 * that are not kept. */
u32 front_decl(Front *f, CXCursor cursor);
u32 front_file(Front *f, CXFile file);
/* File and offsets of a cursor; the place of use for what comes out of a macro. */
u32 front_extent(Front *f, CXCursor cursor, u32 *start, u32 *end);
/* The record of a type's declaration with its fields, or 0. */
u32 front_record(Front *f, CXCursor cursor);
/* `limpet_Py_CLEAR` is Py_CLEAR, `_Py_BuildValue_SizeT` is Py_BuildValue. */
Str front_api_name(Str name);

/* ---- front_include.c ---- */

/* The files that were read for the unit. */
void front_includes(Front *f);

/* ---- front_node.c ---- */

/* The node of a statement or expression, 0 for what is nothing (a reference to a type …). */
u32 front_node(Front *f, CXCursor cursor);
/* The same for an initialiser, whose constants are computed. */
u32 front_initialiser(Front *f, CXCursor cursor);
/* The nodes of all children of a cursor, linked; the first one, or 0. */
u32 front_children(Front *f, CXCursor cursor);
/* A node at the place of a cursor, with its type; then put it among the nodes. */
CNode front_begin(Front *f, CXCursor cursor, CNodeKind kind);
u32 front_add(Front *f, CNode node);
/* A node with all children of the cursor. */
u32 front_plain(Front *f, CXCursor cursor, CNodeKind kind);
/* Casts, and what has no name: the node of what is inside. */
u32 front_unwrap(Front *f, CXCursor cursor);
/* Does the text of the main file at these offsets hold the word? */
bool front_text_has(const Front *f, u32 start, u32 end, const char *word);

/* ---- front_cxx.c ---- */

/* What C++ has beyond C: 0 when the cursor is none of it. Plain C API code is read as in C; what an
 * object of a class, a lambda or an overloaded operator does is not known, so the variables that it
 * mentions are given up (C_BLOCK). A `throw` ends a way, and handlers are not followed. */
u32 front_cxx_node(Front *f, CXCursor cursor, enum CXCursorKind kind);
/* A call in C++; 0 when it is one as in C. */
u32 front_cxx_call(Front *f, CXCursor cursor);
/* Arguments that are taken by reference, as if by address: the nodes behind the callee. */
void front_cxx_references(Front *f, CXCursor cursor, u32 callee);
bool front_cxx_is_reference(Front *f, CXType type);
/* Does the class derive from an object? */
bool front_cxx_is_object(Front *f, CXCursor record);

/* ---- hidden.c ---- */

/* Names of macros, views of the text. */
typedef struct FrontMacros {
    Str names[32];
    u32 n;
} FrontMacros;

/* The macros of features that keep calls of the Python API out of the unit: `#ifdef HAVE_KQUEUE`
 * around code of which nothing was read. */
void front_hidden(Front *f, FrontMacros *out);
/* A byte for each of the text of the main file: 1 where a node or declaration begins. */
char *front_places(const Front *f);
/* How much of the main file's functions was read without errors, in nodes. */
u32 front_weight(const Front *f);

/* ---- front.c ---- */

/* Reads a parsed unit; afterwards the tables are filled. */
void front_read(Front *f);
/* malloc'ed block of all tables; *size its bytes. */
void *front_freeze(const Front *f, u32 rounds, size_t *size);

#endif
#endif
