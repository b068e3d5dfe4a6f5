/* C extensions: one translation unit as an own tree, and the questions about it.
 *
 * libclang reads a unit in a helper process (worker.c); what it says of the unit is copied at once
 * into flat tables without pointers (front.c), which come back over a pipe as one block. From here
 * on nothing knows of libclang.
 *
 * Shape: ids are indexes into the tables of the same unit, 0 is none (record 0 is empty); offsets
 * are bytes of the decoded text of the file in which the declaration stands. A CNode is a statement
 * or an expression; children are linked by `child` and `next`. Implicit and explicit casts,
 * parentheses and __builtin_expect are not in the tree: `((PyObject *)(x))` is the node of `x`.
 *
 * How to use it:
 *
 *     for (u32 d = 1; d < unit->n_decls; d++) {
 *         const CDecl *decl = &unit->decls[d];
 *         if (decl->kind == C_VARIABLE && str_is(cunit_type_name(unit, decl->type),
 * "PyTypeObject")) for (u32 i = unit->nodes[decl->node].child; i; i = unit->nodes[i].next) …
 *     }
 *
 * An initialiser list (C_INIT) has its items in the order of the source; a designated one
 * (`.tp_flags = …`) is a C_DESIGNATED with the name of the field and one child, the value. Constant
 * items carry their value (C_HAS_VALUE), also `Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC`, and
 * `sizeof(T)` has the type T in `type`. Later assignments (`T.tp_dealloc = f;`) are C_ASSIGN nodes
 * of a C_MEMBER in a function: walk its body with cwalk_begin and cwalk_next.
 *
 * Macros of the Python API are calls of their own name, whatever the version of the headers makes
 * of them (python_h.c): Py_INCREF(x), Py_CLEAR(x) (child: &x), Py_SETREF(x, y) (&x, y),
 * Py_VISIT(x), Py_RETURN_NONE (a return of the call Py_RETURN_NONE()), Py_BEGIN_ALLOW_THREADS and
 * Py_END_ALLOW_THREADS (statements), PyTuple_SET_ITEM and its kin, Py_UNREACHABLE, assert(x). */
#ifndef LIMPET_CAPI_CAPI_H
#define LIMPET_CAPI_CAPI_H

#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "os/os.h"

/* Raise it whenever the front end changes what it writes. */
enum { CUNIT_VERSION = 2 };

typedef enum CNodeKind {
    C_NONE, /* also a part of `for` that is not there */
    /* statements */
    C_COMPOUND,
    C_IF,     /* condition, then, [else] */
    C_WHILE,  /* condition, body */
    C_DO,     /* body, condition */
    C_FOR,    /* start, condition, step, body; C_NONE where one is missing */
    C_SWITCH, /* condition, body */
    C_CASE,   /* value, statement */
    C_DEFAULT,
    C_BREAK,
    C_CONTINUE,
    C_RETURN,  /* [value] */
    C_GOTO,    /* ref: the label, by its name */
    C_LABEL,   /* name, statement */
    C_DECLARE, /* decl: a local variable; its initialiser, if any, is the child */
    C_ASM,
    /* expressions; also as statements */
    C_REF,        /* decl: variable, parameter, function, constant of an enum (with its value) */
    C_MEMBER,     /* child: the object; name, C_ARROW; decl: the record that has the field */
    C_INDEX,      /* object, index */
    C_CALL,       /* callee, arguments; name of the function when it is called by name */
    C_UNARY,      /* op: '!', '-', '+', '~', '&', '*', C_OP_INC, C_OP_DEC (C_POSTFIX) */
    C_BINARY,     /* op: a character, or C_OP_*; left, right */
    C_ASSIGN,     /* op: 0 for `=`, else the operator of a compound assignment; target, value */
    C_CHOOSE,     /* a ? b : c; a ?: c has the children a, a's copy (C_NONE), c */
    C_INT,        /* value */
    C_STRING,     /* name: the text, at most 80 bytes */
    C_CONSTANT,   /* a floating or other literal */
    C_INIT,       /* items */
    C_DESIGNATED, /* name of the field or empty for [i]; value */
    C_SIZEOF,     /* type: of what */
    C_BLOCK,      /* ({ … }): a C_COMPOUND */
    C_UNKNOWN,    /* what could not be read; children as far as seen */
    C_KIND_COUNT,
} CNodeKind;

/* Operators of more than one character. */
enum {
    C_OP_EQ = 1,
    C_OP_NE,
    C_OP_LE,
    C_OP_GE,
    C_OP_AND,
    C_OP_OR,
    C_OP_SHL,
    C_OP_SHR,
    C_OP_INC,
    C_OP_DEC,
};

enum {
    C_HAS_VALUE = 1 << 0,
    C_ARROW = 1 << 1,
    C_POSTFIX = 1 << 2,
    C_VOIDED = 1 << 3,   /* cast to void: dropped on purpose */
    C_BROKEN = 1 << 4,   /* clang could not make sense of it */
    C_DEEP = 1 << 5,     /* nesting beyond the bound: children are missing */
    C_IN_MACRO = 1 << 6, /* the place is in the body of a macro: `start` is where it is used */
};

typedef struct CNode {
    u8 kind; /* CNodeKind */
    u8 op;
    u16 flags;
    u32 type; /* of an expression: index into types */
    u32 decl; /* index into decls, or 0 */
    u32 name; /* index into strings, or 0 */
    u32 child, next;
    u32 start, end; /* offsets in the file of the declaration around */
    i64 value;      /* with C_HAS_VALUE */
} CNode;

typedef enum CDeclKind {
    C_NO_DECL,
    C_FUNCTION,
    C_VARIABLE, /* local or not: `owner` is the function around */
    C_PARAMETER,
    C_RECORD, /* struct or union; its fields follow it as a list: child, next */
    C_FIELD,
    C_ENUMERATOR,
} CDeclKind;

enum {
    CDECL_STATIC = 1 << 0,   /* internal linkage, or a static local */
    CDECL_BODY = 1 << 1,     /* a function whose body is in `node` */
    CDECL_SYSTEM = 1 << 2,   /* declared in a header that is not the project's: Python.h, libc */
    CDECL_NORETURN = 1 << 3, /* never returns */
    CDECL_CLEANUP = 1 << 4,  /* has an attribute: may be released at the end of its scope */
    CDECL_BROKEN = 1 << 5,   /* an error of clang lies inside */
    CDECL_VARIADIC = 1 << 6,
    CDECL_HEADER = 1 << 7, /* a body that stands in a header */
};

typedef struct CDecl {
    u8 kind; /* CDeclKind */
    u8 unused;
    u16 flags;
    u32 name;
    u32 type;  /* of a function: what it returns */
    u32 owner; /* function of a parameter or local, record of a field, or 0 */
    u32 child; /* first parameter or field */
    u32 next;  /* the next one of the owner */
    u32 node;  /* body, or initialiser */
    u32 file;  /* index into files */
    u32 start, end;
    u32 name_start;
} CDecl;

enum {
    CTYPE_POINTER = 1 << 0, /* `target` is what it points to */
    CTYPE_OBJECT = 1 << 1,  /* a record that begins with an object header */
    CTYPE_RECORD = 1 << 2,
    CTYPE_ARRAY = 1 << 3, /* `target` is the element */
    CTYPE_FUNCTION = 1 << 4,
    CTYPE_SIGNED = 1 << 5, /* an integer */
    CTYPE_INTEGER = 1 << 6,
    CTYPE_VOID = 1 << 7,
    CTYPE_ENUM = 1 << 8,
};

typedef struct CType {
    u32 flags;
    u32 name;   /* as written, without const: "PyObject *", "PyTypeObject" */
    u32 target; /* of a pointer or an array */
    u32 record; /* C_RECORD, or 0 */
} CType;

/* A file that has a part in the unit; [1] is the one that was asked for. */
typedef struct CFile {
    u32 path; /* as clang names it: absolute, or as asked for */
    u32 is_system;
} CFile;

/* Something that clang could not read. */
typedef struct CError {
    u32 file;
    u32 at;
    u32 text;
} CError;

/* A file that clang read for the unit, the main one left out; and the file of libclang itself. */
typedef struct CInclude {
    u32 path;
} CInclude;

typedef struct CString {
    u32 at, n;
} CString;

#define CUNIT_TABLES(X) \
    X(char, chars)      \
    X(CString, strings) \
    X(CFile, files)     \
    X(CType, types)     \
    X(CDecl, decls)     \
    X(CNode, nodes)     \
    X(CError, errors)   \
    X(CInclude, includes)

/* Read-only; memory: the block that it is a view of. */
typedef struct CUnit {
#define X(Record, field) \
    const Record *field; \
    u32 n_##field;
    CUNIT_TABLES(X)
#undef X
    u32 rounds; /* how often clang had to read it */
    u32 flags;
    const void *block;
    size_t block_size;
} CUnit;

/* ---- the block (unit.c) ---- */

enum { CUNIT_MAGIC = 0x31756c70, CUNIT_TABLE_COUNT = 8 };

typedef struct CUnitHead {
    u32 magic, version;
    u64 size;
    u64 at[CUNIT_TABLE_COUNT]; /* offsets of the tables */
    u32 counts[CUNIT_TABLE_COUNT];
    u32 rounds, flags, unused[2];
} CUnitHead;

/* Views a block (16-aligned); checks sizes and every id: false for anything but a sound one. */
bool cunit_view(const void *bytes, size_t size, CUnit *out);

/* ---- reading (unit.c) ---- */

static inline Str cunit_str(const CUnit *u, u32 id) {
    return (Str){u->chars + u->strings[id].at, u->strings[id].n};
}
static inline Str cunit_name(const CUnit *u, u32 decl) {
    return cunit_str(u, u->decls[decl].name);
}
static inline Str cunit_type_name(const CUnit *u, u32 type) {
    return cunit_str(u, u->types[type].name);
}
/* Does an expression of this type hold a reference to a Python object? */
static inline bool cunit_is_object(const CUnit *u, u32 type) {
    const CType *t = &u->types[type];
    return t->flags & CTYPE_POINTER && u->types[t->target].flags & CTYPE_OBJECT;
}
/* Child number i (from 0), or 0. */
u32 cnode_child(const CUnit *u, u32 node, u32 i);
/* A walk over `top` and all below it, without recursion. */
typedef struct CWalk {
    bool begun;
    VEC(u32) stack;
    Arena *arena;
} CWalk;
CWalk cwalk_begin(Arena *arena, u32 top);
/* The next node in preorder, or 0 at the end. */
u32 cwalk_next(const CUnit *u, CWalk *walk);
/* The function, variable or 0 that an expression names: `f`, `&f`, `T`. */
u32 cnode_named(const CUnit *u, u32 node);
/* The whole unit, one record a line: the output of `limpet facts FILE.c`. */
void cunit_print(const CUnit *u, Buf *out);

/* ---- faults (fault.c, inline.c, …) ---- */

typedef enum CFaultKind {
    C_FAULT_ARGUMENT,    /* a new reference is an argument of a call that does not take it over */
    C_FAULT_COMPARED,    /* … is only compared or tested */
    C_FAULT_DROPPED,     /* … is a statement of its own */
    C_FAULT_READ,        /* … is only looked into: `f()->field` */
    C_FAULT_ERROR_PATH,  /* an owned reference is not released on a way out that fails */
    C_FAULT_NEVER,       /* … on a way out that does not */
    C_FAULT_OVERWRITTEN, /* the variable that owns it gets another value */
    C_FAULT_ROUND,       /* the same, by the next round of a loop */
    C_FAULT_TWICE,       /* a reference is released that is not, or no more, owned */
    C_FAULT_USED_AFTER,  /* an object is used after its last reference was released */
    C_FAULT_RETURNED,   /* a reference that is not owned is returned to Python, which releases it */
    C_FAULT_STOLEN,     /* what a call takes over even when it fails is released after it */
    C_FAULT_GIVEN,      /* a reference that is not owned is given to a call that takes it over */
    C_FAULT_REFUSED,    /* what a call takes over on success alone is not released when it fails */
    C_FAULT_FORMAT,     /* a new reference under the format "O" of Py_BuildValue */
    C_FAULT_STATIC,     /* a static variable or field gets another value, the old one is lost */
    C_FAULT_CAPSULE,    /* a capsule around owned memory, without a destructor */
    C_FAULT_BUFFER,     /* a Py_buffer is not released */
    C_FAULT_MEMORY,     /* a block of memory is not freed */
    C_FAULT_ERROR_LOST, /* results of PyErr_Fetch and its kin are dropped */
    C_FAULT_GIL,        /* the lock is not taken back, or not given back, on a way out */
    C_FAULT_NO_GIL,     /* the Python API is used while the lock is given up */
    C_FAULT_WAITS,      /* the function waits, and holds the lock */
    C_FAULT_IN_INIT,    /* any leak in code that runs when the module is initialised: see is_init */
    /* of type objects (support.c): `function` is where it is reported, a slot or the type */
    C_FAULT_NO_GC,     /* the collector does not see instances, and `source` can hold any object */
    C_FAULT_TRAVERSE,  /* tp_traverse does not visit `source` */
    C_FAULT_CLEAR,     /* tp_clear does not clear `source` */
    C_FAULT_DEALLOC,   /* tp_dealloc does not release `source` */
    C_FAULT_UNTRACK,   /* tp_dealloc lets the collector see what it takes apart */
    C_FAULT_TYPE_KEPT, /* tp_dealloc keeps the instance's reference to its heap type */
    C_FAULT_TP_DEL,    /* tp_del is set */
    C_FAULT_KINDS,
} CFaultKind;

/* A place on the way: the branch that is taken, the call that fails. */
typedef struct CStep {
    u32 node;
    Str text; /* "'PyList_New' fails" */
} CStep;

enum { C_STEPS_MAX = 6 };

typedef struct CFault {
    CFaultKind kind;
    bool is_init;  /* in the initialisation of a module: runs once */
    bool is_sure;  /* else one fact is inferred */
    bool is_guess; /* and nothing in the function bears it out */
    bool is_lent;  /* `origin` gives a reference that stays somebody else's */
    u32 function;  /* around it: its declaration */
    u32 origin;    /* node: where the reference comes from */
    u32 exit;      /* node: where it is lost: return, assignment, second release; or 0: the end */
    Str source;    /* the function that gave it: "PyObject_Str" */
    Str holder;    /* the variable that owned it, or empty */
    Str consumer;  /* the call that it was given to, or empty */
    CStep steps[C_STEPS_MAX];
    u32 n_steps;
    u32 sureness; /* of faults of type objects: 0 suspected, 1 likely, 2 sure */
} CFault;

typedef struct CFaults {
    Arena *arena;
    VEC(CFault) list;
    u32 functions, cut; /* functions looked at; those that were too much */
} CFaults;

/* What a function that other units can call does to references. */
typedef struct CExport {
    u64 name;       /* hash_str */
    u64 packed[4];  /* private to engine.c */
    bool is_unsure; /* two functions of the name differ */
} CExport;

/* By name: filled from all units, then read by all. */
typedef struct CExports {
    VEC(CExport) list;
    Map by_name; /* hash -> index + 1 */
} CExports;

/* Adds the functions of a unit that others can call, in the arena. Run over the units in their
 * order, so that the result is the same each time. */
void cunit_export(const CUnit *u, Arena *arena, CExports *out);
void cexports_add(CExports *all, Arena *arena, const CExports *more);

/* All faults of a unit, in the order of the source; they and their texts lie in out->arena.
 * `exports` may be NULL. */
void cunit_faults(const CUnit *u, const CExports *exports, CFaults *out);

/* ---- what objects keep that the collector does not see (bridge.c) ---- */

typedef enum CKeepHow {
    C_KEEPS_RESULT,   /* the constructor's result keeps an argument */
    C_KEEPS_RECEIVER, /* the object whose method is called does */
    C_KEEPS_ASSIGNED, /* the object whose attribute is set keeps the value */
} CKeepHow;

typedef struct CKeep {
    Str name; /* "clock.Timer", "clock.Timer.connect", "clock.Timer.callback" */
    Str held; /* the argument: its position, and its keyword if it has one: "0,callback" */
    Str edge; /* ".callback": the field */
    CKeepHow how;
} CKeep;

typedef struct CKeeps {
    VEC(CKeep) list;
} CKeeps;

/* Appends what the unit's types without support for the collector keep; texts are in the arena,
 * NUL-terminated. */
void cunit_keeps(const CUnit *u, Arena *arena, CKeeps *out);

/* ---- comments (comments.c) ---- */

/* A comment that can be a directive: `limpet: ignore[LMP602] reason`. */
typedef struct CComment {
    u32 start, end; /* with its delimiters */
    Str text;       /* in the text that was read: what stands after the delimiter, trimmed */
    bool own_line;  /* only white space stands before it on its line */
} CComment;
/* All of them, in order; the text need not be C at all. Returns how many. */
u32 ccomments(Str text, Arena *arena, CComment **out);

/* One #include line of a text, from offset *at on; false when there is no further one. */
bool cinclude_next(Str text, u32 *at, Str *name);
/* Does the text name anything of Python's C API beside PyObject? Comments and strings count. */
bool ctext_speaks_python(Str text);
/* A header of C++'s own library as a bit of a set: 0 for other names. C's own and what a macro
 * steers are left out: they may be read in any order. */
u64 cstandard_bit(Str name);
/* A header that reads all of a set, as far as this compiler has them and the language is new enough
 * for them. */
Str cstandard_text(Arena *arena, u64 set);

/* ---- flags of units (flags.c, database.c) ---- */

/* What the flags of a compiler say that changes what is read. Only what limpet knows is taken over:
 * macros, places of headers, files that are read first, the standard, the signs of char. Whatever
 * could run or write something (plugins, outputs, dependency files) has no place here. */
typedef struct CFlags {
    bool is_known; /* the build says so: what it leaves out is not read */
    bool is_cxx;
    const Str *common; /* what may change how Python.h reads, as arguments of clang */
    const Str *own;    /* the rest: searched before the `folders` of creader_read */
    u32 n_common, n_own;
} CFlags;

typedef struct CFlagWords {
    VEC(Str) list; /* as in a command line */
} CFlagWords;

/* Splits a command line as a shell would, without ever asking one: quotes and backslashes. */
void cflags_split(Arena *arena, Str command, CFlagWords *out);
/* Takes over the words; relative paths and response files lie in `directory`; headers outside of
 * `root` are a system's. `path` is the unit: its name may say that it is C++. */
CFlags cflags_of(Arena *arena, const CFlagWords *words, Str directory, Str root, Str path);
/* The flags of `a`, then those of `b`. */
CFlags cflags_join(Arena *arena, CFlags a, CFlags b);
/* Can units with these flags share a precompiled header? */
bool cflags_share(const CFlags *a, const CFlags *b);
/* Is it C++, by its name? */
bool cflags_is_cxx_name(Str path);

/* A compile_commands.json: https://clang.llvm.org/docs/JSONCompilationDatabase.html */
typedef struct CDatabase CDatabase;

/* Reads it. NULL, with the reason for the user in `problem`, when it is none; entries that are not
 * as they should be are left out and counted in *n_bad. */
CDatabase *cdatabase_read(Arena *arena, Str path, Str *problem, u32 *n_bad);
/* Its words for a unit, by its real path, and the directory in which they mean something; false
 * when it does not name it. The first entry of a file counts. */
bool cdatabase_find(const CDatabase *database, Arena *arena, Str path, CFlagWords *words,
                    Str *directory);
void cdatabase_free(CDatabase *database);

/* ---- getting units (reader.c, worker.c) ---- */

/* What stands in CFlags.own for a text that a file is given instead of the one on disk: this word,
 * the path and the text. */
#define CFLAGS_OVERLAY "limpet-overlay"

/* The directory with Python.h that is taken where none is named, or empty. */
Str capi_python(Arena *arena);

/* Was limpet built with the headers of libclang? Without, no unit can be read. */
bool capi_is_built_in(void);

typedef struct CReaderSettings {
    u32 workers;          /* threads that will ask */
    u32 seconds;          /* for one unit; 0: the usual bound */
    Str python;           /* directory with Python.h, or empty: look for it */
    const CFlags *shared; /* of many units: a precompiled header is worth its time */
    u32 n_shared;
    const char *const *worker; /* the command that is a helper, or NULL: this program */
} CReaderSettings;

typedef struct CReader CReader;

/* Finds the headers of Python, makes room for wrapped headers, and with the first helper a
 * precompiled header. NULL, with the reason for the user in `problem`, when C cannot be read here.
 * All in the arena. */
CReader *creader_begin(Arena *arena, const CReaderSettings *settings, Str *problem);
/* The directory with Python.h that is used; empty when there is none, and declarations of limpet's
 * own stand in for it. */
Str creader_python(const CReader *reader);
/* Reads a unit with the helper of the calling worker, which is started when need be: once each
 * for any number of units. `text` is the decoded text of the file; headers are looked for where
 * `flags` say and then in `folders`, in that order. False, with what happened in `problem` (in the
 * arena), when the helper crashed, ran out of time or gave up; the next unit gets a new one.
 * `unit->block` is malloc'ed and the caller's. */
bool creader_read(CReader *reader, u32 worker, Str path, Str text, const CFlags *flags,
                  const Str *folders, u32 n, Arena *arena, CUnit *unit, Str *problem);
/* Where our own headers lie for a while: what is in there is the same in each run. */
Str creader_folder(const CReader *reader);
/* Ends the helpers and removes what was written. */
void creader_end(CReader *reader);

/* What `limpet --capi-worker` does: answers until its standard input ends. */
int capi_worker(void);

#endif
