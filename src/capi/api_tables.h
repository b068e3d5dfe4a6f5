/* The tables of API rows, each in a file of its own: sorted by name in byte order, one row a line.
 */
#ifndef LIMPET_CAPI_API_TABLES_H
#define LIMPET_CAPI_API_TABLES_H

#include "capi/api.h"

extern const ApiTable
    api_objects;                 /* protocols: object, number, sequence, mapping, call, iterator */
extern const ApiTable api_types; /* numbers, bytes, containers, functions, capsules, types … */
extern const ApiTable api_text;  /* PyUnicode_… and codecs */
extern const ApiTable api_runtime; /* errors, arguments, modules, threads, memory, frames */
extern const ApiTable api_python2; /* what 2.7 has and 3 has not */
extern const ApiTable api_libc;    /* allocators of the C library */
extern const ApiTable api_numpy_table;

#endif
