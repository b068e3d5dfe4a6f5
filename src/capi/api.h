/* What functions of the C API do to references, buffers and memory, as data: CPython 2.7 and 3.8 to
 * 3.14, the C library's allocators, and NumPy. Private to capi/.
 *
 *     const ApiRow *row = api_row(STR("PyDict_GetItemRef"));
 *     row->result == API_PLAIN, api_arg(row, 2) == API_OUT_NEW, row->traits & API_TRISTATE
 *
 * A function without a row is not known; one that returns an object is then best taken to return a
 * new reference or NULL, and to borrow its arguments. Rows are constant, sorted by name in byte
 * order in each table (a unit test checks it) and found by halving.
 *
 * Where the facts come from stands in each row (ApiSource) and at the head of each table. Tests
 * compare the rows with the headers of the installed versions, and show at run time those that
 * surprise. */
#ifndef LIMPET_CAPI_API_H
#define LIMPET_CAPI_API_H

#include "base/str.h"

/* What the result is. A new or borrowed result may be NULL, with an exception set, unless a trait
 * says otherwise: the caller owns a new one if and only if it is not NULL. */
typedef enum ApiResult {
    API_PLAIN,    /* nothing to own: void, a number, a status, text that somebody else owns */
    API_NEW,      /* a new reference, the caller's */
    API_BORROWED, /* a reference that somebody else owns: api_from() says who, if an argument does
                   */
    API_NULL,     /* always NULL: PyErr_Format, PyErr_NoMemory */
    API_MEMORY,   /* a block of memory of the row's family, or NULL */
} ApiResult;

/* What happens to an argument: one letter for each in ApiRow.args. "Through" means that the
 * argument is the address of a variable. */
typedef enum ApiArg {
    API_ARG_PLAIN = '.',  /* nothing to own, or nothing known */
    API_ARG_BORROW = 'b', /* an object that is used and not kept */
    API_ARG_KEEP = 'k',   /* used, and kept with a reference of its keeper's own: the first
                           * borrowed argument, the result or the interpreter. The caller still
                           * owns his reference */
    API_ARG_STEAL = 's',  /* the caller's reference is gone after the call, whatever it returns */
    API_ARG_STEAL_OK =
        'S',               /* the same when the call succeeds; after a failure it is the caller's */
    API_ARG_RELEASE = 'r', /* the reference is given up: Py_DECREF; not NULL */
    API_ARG_XRELEASE = 'x', /* the same, and NULL is allowed: Py_XDECREF */
    API_ARG_CLEAR = 'c',    /* the variable itself (Py_CLEAR is a macro): released, set to NULL */
    API_ARG_RETAIN = 'n',   /* gains a reference, the caller's: Py_INCREF, Py_XINCREF */
    API_ARG_OUT_NEW = 'o',  /* through it a new reference is stored, see API_TRISTATE and kin */
    API_ARG_OUT_BORROWED = 'w', /* through it a borrowed reference is stored */
    API_ARG_IN_OUT = 'i',       /* through it the caller's reference is taken and another one given,
                                 * NULL after a failure */
    API_ARG_IN_OUT_KEPT = 'I',  /* the same, and after a failure the old one is still there */
    API_ARG_OUT_BUFFER = 'y',   /* a Py_buffer that is filled on success */
    API_ARG_FREE_BUFFER = 'z',  /* a Py_buffer that is released */
    API_ARG_OUT_MEMORY = 'a',   /* through it a block of the row's family is stored on success */
    API_ARG_FREE = 'm',         /* a block of the row's family, or an object that is freed without
                                 * its deallocator: it is gone; NULL is allowed */
    API_ARG_REALLOC = 'M',      /* a block that is gone if the result is not NULL */
    API_ARG_OUT_CONVERTED =
        'v',              /* of formats only: filled by the converter that stands before it */
    API_ARG_FORMAT = 'f', /* a format, whose units describe the variadic arguments */
} ApiArg;

enum { /* traits of a row */
       /* How a number that is returned is to be read. Out-parameters are filled on success alone.
        */
       API_NEGATIVE = 1 << 0, /* an int: below 0 is failure, with an exception */
       API_FALSE =
           1 << 1, /* an int: 0 is failure, with an exception; O& converters, PyArg_Parse… */
       API_TRISTATE = 1 << 2,  /* 1 found, 0 absent, -1 failure: out-parameters are filled at 1, and
                                * NULL else */
       API_MINUS_ONE = 1 << 3, /* a value: -1 may be failure, and PyErr_Occurred() decides */
       API_OUT_ALWAYS = 1 << 4, /* out-parameters are always written; each may be NULL */

       API_NEVER_NULL = 1 << 5,  /* the result is not NULL */
       API_NULL_ABSENT = 1 << 6, /* NULL may also mean that there is none, without an exception; so
                                  * may NULL in an out-parameter of a call that has worked */
       API_NULL_SILENT = 1 << 7, /* NULL never comes with an exception: errors are swallowed, or
                                  * there are none */
       API_NORETURN = 1 << 8,

       API_SETS_ERROR = 1 << 9,    /* after it an exception is set */
       API_CLEARS_ERROR = 1 << 10, /* after it none is */

       /* The global interpreter lock. Without one of these a function needs it. */
       API_GIL_FREE = 1 << 11,     /* may be called without it */
       API_GIL_TAKES = 1 << 12,    /* may be called without it, and holds it after */
       API_GIL_RELEASES = 1 << 13, /* gives it up */

       API_FORMAT_BUILD = 1 << 14, /* its format is that of Py_BuildValue */
       API_FORMAT_PARSE = 1 << 15, /* of PyArg_ParseTuple */
       API_FORMAT_TEXT = 1 << 16,  /* of PyUnicode_FromFormat */
};

/* Who allocates and frees a block; a block has to go back to its own family. */
typedef enum ApiFamily {
    API_FAMILY_NONE,
    API_FAMILY_MEM,      /* PyMem_Malloc … PyMem_Free */
    API_FAMILY_RAW,      /* PyMem_RawMalloc … PyMem_RawFree */
    API_FAMILY_OBJECT,   /* PyObject_Malloc … PyObject_Free, PyObject_New … PyObject_Del */
    API_FAMILY_GC,       /* PyObject_GC_New … PyObject_GC_Del */
    API_FAMILY_C,        /* malloc … free */
    API_FAMILY_LOCK,     /* PyThread_allocate_lock … PyThread_free_lock */
    API_FAMILY_WRITER,   /* PyUnicodeWriter_Create … PyUnicodeWriter_Finish or _Discard */
    API_FAMILY_NPY_ITER, /* NpyIter_New … NpyIter_Deallocate */
    API_FAMILY_NPY_DATA, /* PyDataMem_NEW … PyDataMem_FREE */
} ApiFamily;

#define API_FROM(argument) ((u32)((argument) + 1) << 20) /* the borrowed result's owner, to 14 */
#define API_OF(family) ((u32)(family) << 24)

typedef enum ApiSource {
    API_DOC,    /* Doc/c-api, the documentation of the library */
    API_HEADER, /* its headers say so, in the declaration or a comment */
    API_CODE,   /* read in its implementation: it is documented nowhere, or wrongly */
    API_SHOWN,  /* documented, and shown at run time by tests/capi */
} ApiSource;

typedef struct ApiRow {
    const char *name;
    ApiResult result;
    const char *args; /* ApiArg letters; a last `*` repeats the letter before it for all that
                       * follow; what lies past the end is plain, or of the format */
    u32 traits;       /* API_… | API_FROM(…) | API_OF(…) */
    u16 since, until; /* first and last version that has it, as 309 for 3.9; 0: no bound within
                       * 3.8 … 3.14. Macros and functions count alike */
    ApiSource source;
} ApiRow;

/* The row of a function or macro, or NULL. Renamed forms have the row of what they stand for:
 * `_Py_BuildValue_SizeT`, `_PyArg_ParseTuple_SizeT`. */
const ApiRow *api_row(Str name);
/* The row of entry `slot` of NumPy's table of functions (`PyArray_API[slot]`, and with `ufunc`
 * `PyUFunc_API[slot]`): its functions are macros that call through it. NULL when not known. */
const ApiRow *api_numpy(bool ufunc, u32 slot);

/* What happens to argument `i`, from 0. Variadic arguments behind a format are API_ARG_PLAIN here:
 * api_unit() tells them. */
ApiArg api_arg(const ApiRow *row, u32 i);
/* The argument that owns a borrowed result, or -1: the interpreter, a module, nobody. */
int api_from(const ApiRow *row);
ApiFamily api_family(const ApiRow *row);
/* True when the version, 309 for 3.9, has it. */
bool api_has(const ApiRow *row, u32 version);
/* Index of the format among the arguments, and of the first argument that it describes; false when
 * the row has no format, or takes a va_list. */
bool api_format(const ApiRow *row, u32 *format, u32 *first);

/* One unit of a format: what it takes from the variadic arguments. */
typedef struct ApiUnit {
    u32 n; /* how many, at most 3; 0 for parentheses and marks */
    ApiArg args[3];
    u32 begin, end; /* its bytes in the format */
} ApiUnit;

/* The unit at `*at` (0 at first), which moves behind it. False at the end, and when the format is
 * not understood: then `*at` is not its length, and nothing is known of the arguments that remain.
 * Memory of "es" and "et" is API_ARG_OUT_MEMORY of API_FAMILY_MEM. */
bool api_unit(const ApiRow *row, Str format, u32 *at, ApiUnit *unit);

/* All rows, table by table: for tests and `limpet`'s own listings. `table` counts from 0; NULL
 * behind the last one. */
typedef struct ApiTable {
    const char *name; /* "objects" */
    const ApiRow *rows;
    u32 n;
} ApiTable;
const ApiTable *api_table(u32 table);

#endif
