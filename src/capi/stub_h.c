/* A Python.h of our own, for machines that have none: what the documentation of the C API says of
 * types and constants, in as many words as a parser needs; functions come from the tables of the
 * API, by what they return. It tells what limpet has to know and could not be compiled with.
 *
 * Source: Doc/c-api of CPython 3.13 (common object structures, type objects, the buffer protocol,
 * defining extension modules). */
#include "capi/python_h.h"

#include "base/map.h"
#include "capi/api.h"

/* clang-format off: as it is written to the file */
static const char *const types[] = {
    "#ifndef LIMPET_PYTHON_H",
    "#define LIMPET_PYTHON_H",
    "#define Py_PYTHON_H",
    "#include <assert.h>",
    "#include <errno.h>",
    "#include <limits.h>",
    "#include <math.h>",
    "#include <stdarg.h>",
    "#include <stddef.h>",
    "#include <stdint.h>",
    "#include <stdio.h>",
    "#include <stdlib.h>",
    "#include <string.h>",
    "#include <wchar.h>",
    "#include <sys/types.h>",
    "#define PY_MAJOR_VERSION 3",
    "#define PY_MINOR_VERSION 13",
    "#define PY_MICRO_VERSION 0",
    "#define PY_RELEASE_LEVEL 15",
    "#define PY_VERSION \"3.13.0\"",
    "#define PY_VERSION_HEX 0x030D00F0",
    "#if defined __cplusplus || __STDC_VERSION__ > 201710L",
    "#define LIMPET_ANY ...",
    "#else",
    "#define LIMPET_ANY",
    "#endif",
    "#ifdef __cplusplus",
    "#define PyMODINIT_FUNC extern \"C\" PyObject *",
    "extern \"C\" {",
    "#else",
    "#define PyMODINIT_FUNC PyObject *",
    "#endif",
    "#define PyAPI_FUNC(type) type",
    "#define PyAPI_DATA(type) extern type",
    "#define Py_LOCAL(type) static type",
    "#define Py_LOCAL_INLINE(type) static inline type",
    "#define Py_UNUSED(name) limpet_unused_##name __attribute__((unused))",
    "#define Py_DEPRECATED(version)",
    "#define Py_ALIGNED(n)",
    "#define Py_GCC_ATTRIBUTE(x)",
    "#define Py_NO_INLINE",
    "#define Py_ALWAYS_INLINE",
    "#define Py_STRINGIFY(x) #x",
    "#define Py_MIN(a, b) ((a) < (b) ? (a) : (b))",
    "#define Py_MAX(a, b) ((a) > (b) ? (a) : (b))",
    "#define Py_ABS(a) ((a) < 0 ? -(a) : (a))",
    "#define Py_ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))",
    "#define Py_CHARMASK(c) ((unsigned char)((c) & 255))",
    "#define Py_MEMCPY memcpy",
    "#define Py_SAFE_DOWNCAST(value, wide, narrow) ((narrow)(value))",
    "#define Py_STATIC_INLINE static inline",
    "#define _Py_CAST(type, x) ((type)(x))",
    "#define _PyObject_CAST(x) ((PyObject *)(x))",
    "#define Py_CLEANUP_SUPPORTED 0x20000",
    "#define Py_IS_NAN(x) ((x) != (x))",
    "#define Py_IS_INFINITY isinf",
    "#define Py_IS_FINITE isfinite",
    "#define Py_HUGE_VAL HUGE_VAL",
    "#define Py_MATH_PI 3.14159265358979323846",
    "typedef long Py_ssize_t; typedef Py_ssize_t Py_hash_t; typedef size_t Py_uhash_t;",
    "typedef int64_t PyTime_t; typedef uint32_t Py_UCS4; typedef uint16_t Py_UCS2;",
    "typedef uint8_t Py_UCS1; typedef wchar_t Py_UNICODE;",
    "#define PY_SSIZE_T_MAX LONG_MAX",
    "#define PY_SSIZE_T_MIN LONG_MIN",
    "#define PY_FORMAT_SIZE_T \"z\"",
    "#define PY_LONG_LONG long long",
    "#define SIZEOF_VOID_P 8",
    "#define SIZEOF_LONG 8",
    "#define SIZEOF_INT 4",
    "#define SIZEOF_SIZE_T 8",
    "#define WITH_THREAD 1",
    "#define HAVE_LONG_LONG 1",
    "typedef struct _typeobject PyTypeObject; typedef struct _object {",
    "Py_ssize_t ob_refcnt; PyTypeObject *ob_type; } PyObject; typedef struct {",
    "PyObject ob_base; Py_ssize_t ob_size; } PyVarObject;",
    "#define PyObject_HEAD PyObject ob_base;",
    "#define PyObject_VAR_HEAD PyVarObject ob_base;",
    "#define PyObject_HEAD_INIT(type) {1, (type)},",
    "#define PyVarObject_HEAD_INIT(type, size) {{1, (type)}, (size)},",
    "typedef struct { void *buf; PyObject *obj; Py_ssize_t len, itemsize;",
    "int readonly, ndim; char *format; Py_ssize_t *shape, *strides, *suboffsets;",
    "void *internal; } Py_buffer; typedef struct _frame PyFrameObject;",
    "typedef struct _ts PyThreadState; typedef struct _is PyInterpreterState;",
    "typedef struct PyCodeObject PyCodeObject; typedef struct PyLongObject PyLongObject;",
    "typedef PyObject *(*unaryfunc)(PyObject *);",
    "typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);",
    "typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);",
    "typedef int (*inquiry)(PyObject *); typedef Py_ssize_t (*lenfunc)(PyObject *);",
    "typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);",
    "typedef PyObject *(*ssizessizeargfunc)(PyObject *, Py_ssize_t, Py_ssize_t);",
    "typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);",
    "typedef int (*ssizessizeobjargproc)(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);",
    "typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);",
    "typedef int (*objobjproc)(PyObject *, PyObject *);",
    "typedef int (*visitproc)(PyObject *, void *);",
    "typedef int (*traverseproc)(PyObject *, visitproc, void *);",
    "typedef void (*freefunc)(void *); typedef void (*destructor)(PyObject *);",
    "typedef PyObject *(*getattrfunc)(PyObject *, char *);",
    "typedef PyObject *(*getattrofunc)(PyObject *, PyObject *);",
    "typedef int (*setattrfunc)(PyObject *, char *, PyObject *);",
    "typedef int (*setattrofunc)(PyObject *, PyObject *, PyObject *);",
    "typedef PyObject *(*reprfunc)(PyObject *);",
    "typedef Py_hash_t (*hashfunc)(PyObject *);",
    "typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);",
    "typedef PyObject *(*getiterfunc)(PyObject *);",
    "typedef PyObject *(*iternextfunc)(PyObject *);",
    "typedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *);",
    "typedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *);",
    "typedef int (*initproc)(PyObject *, PyObject *, PyObject *);",
    "typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);",
    "typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);",
    "typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);",
    "typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);",
    "typedef void (*releasebufferproc)(PyObject *, Py_buffer *);",
    "typedef enum { PYGEN_RETURN = 0, PYGEN_ERROR = -1, PYGEN_NEXT = 1 } PySendResult;",
    "typedef PySendResult (*sendfunc)(PyObject *, PyObject *, PyObject **);",
    "typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);",
    "typedef PyObject *(*PyCFunctionFast)(PyObject *, PyObject *const *, Py_ssize_t);",
    "typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);",
    "typedef PyObject *(*PyCFunctionFastWithKeywords)(PyObject *, PyObject *const *, "
    "Py_ssize_t, PyObject *);",
    "typedef PyObject *(*PyCMethod)(PyObject *, PyTypeObject *, PyObject *const *, size_t, "
    "PyObject *);",
    "typedef PyCFunctionFast _PyCFunctionFast;",
    "typedef PyCFunctionFastWithKeywords _PyCFunctionFastWithKeywords;",
    "#define _PyCFunction_CAST(f) ((PyCFunction)(void (*)(void))(f))",
    "typedef PyObject *(*getter)(PyObject *, void *);",
    "typedef int (*setter)(PyObject *, PyObject *, void *);",
    "typedef void (*PyCapsule_Destructor)(PyObject *); typedef struct PyMethodDef {",
    "const char *ml_name; PyCFunction ml_meth; int ml_flags; const char *ml_doc;",
    "} PyMethodDef; typedef struct PyMemberDef { const char *name; int type;",
    "Py_ssize_t offset; int flags; const char *doc; } PyMemberDef;",
    "typedef struct PyGetSetDef { const char *name; getter get; setter set;",
    "const char *doc; void *closure; } PyGetSetDef; typedef struct {",
    "binaryfunc nb_add, nb_subtract, nb_multiply, nb_remainder, nb_divmod;",
    "ternaryfunc nb_power; unaryfunc nb_negative, nb_positive, nb_absolute;",
    "inquiry nb_bool; unaryfunc nb_invert;",
    "binaryfunc nb_lshift, nb_rshift, nb_and, nb_xor, nb_or; unaryfunc nb_int;",
    "void *nb_reserved; unaryfunc nb_float;",
    "binaryfunc nb_inplace_add, nb_inplace_subtract, nb_inplace_multiply, nb_inplace_remainder;",
    "ternaryfunc nb_inplace_power;",
    "binaryfunc nb_inplace_lshift, nb_inplace_rshift, nb_inplace_and, nb_inplace_xor, "
    "nb_inplace_or;",
    "binaryfunc nb_floor_divide, nb_true_divide, nb_inplace_floor_divide, nb_inplace_true_divide;",
    "unaryfunc nb_index; binaryfunc nb_matrix_multiply, nb_inplace_matrix_multiply;",
    "} PyNumberMethods; typedef struct { lenfunc sq_length; binaryfunc sq_concat;",
    "ssizeargfunc sq_repeat, sq_item; void *was_sq_slice; ssizeobjargproc sq_ass_item;",
    "void *was_sq_ass_slice; objobjproc sq_contains; binaryfunc sq_inplace_concat;",
    "ssizeargfunc sq_inplace_repeat; } PySequenceMethods; typedef struct {",
    "lenfunc mp_length; binaryfunc mp_subscript; objobjargproc mp_ass_subscript;",
    "} PyMappingMethods; typedef struct { unaryfunc am_await, am_aiter, am_anext;",
    "sendfunc am_send; } PyAsyncMethods; typedef struct { getbufferproc bf_getbuffer;",
    "releasebufferproc bf_releasebuffer; } PyBufferProcs; struct _typeobject {",
    "PyVarObject ob_base; const char *tp_name; Py_ssize_t tp_basicsize, tp_itemsize;",
    "destructor tp_dealloc; Py_ssize_t tp_vectorcall_offset; getattrfunc tp_getattr;",
    "setattrfunc tp_setattr; PyAsyncMethods *tp_as_async; reprfunc tp_repr;",
    "PyNumberMethods *tp_as_number; PySequenceMethods *tp_as_sequence;",
    "PyMappingMethods *tp_as_mapping; hashfunc tp_hash; ternaryfunc tp_call;",
    "reprfunc tp_str; getattrofunc tp_getattro; setattrofunc tp_setattro;",
    "PyBufferProcs *tp_as_buffer; unsigned long tp_flags; const char *tp_doc;",
    "traverseproc tp_traverse; inquiry tp_clear; richcmpfunc tp_richcompare;",
    "Py_ssize_t tp_weaklistoffset; getiterfunc tp_iter; iternextfunc tp_iternext;",
    "PyMethodDef *tp_methods; PyMemberDef *tp_members; PyGetSetDef *tp_getset;",
    "PyTypeObject *tp_base; PyObject *tp_dict; descrgetfunc tp_descr_get;",
    "descrsetfunc tp_descr_set; Py_ssize_t tp_dictoffset; initproc tp_init;",
    "allocfunc tp_alloc; newfunc tp_new; freefunc tp_free; inquiry tp_is_gc;",
    "PyObject *tp_bases, *tp_mro, *tp_cache; void *tp_subclasses; PyObject *tp_weaklist;",
    "destructor tp_del; unsigned int tp_version_tag; destructor tp_finalize;",
    "vectorcallfunc tp_vectorcall; }; typedef struct { PyTypeObject ht_type;",
    "PyAsyncMethods as_async; PyNumberMethods as_number; PyMappingMethods as_mapping;",
    "PySequenceMethods as_sequence; PyBufferProcs as_buffer;",
    "PyObject *ht_name, *ht_slots, *ht_qualname, *ht_module; } PyHeapTypeObject;",
    "typedef struct { int slot; void *pfunc; } PyType_Slot; typedef struct {",
    "const char *name; int basicsize, itemsize; unsigned int flags; PyType_Slot *slots;",
    "} PyType_Spec; typedef struct PyModuleDef_Base { PyObject ob_base;",
    "PyObject *(*m_init)(void); Py_ssize_t m_index; PyObject *m_copy; } PyModuleDef_Base;",
    "#define PyModuleDef_HEAD_INIT {{1, NULL}, NULL, 0, NULL}",
    "typedef struct PyModuleDef_Slot { int slot; void *value; } PyModuleDef_Slot;",
    "typedef struct PyModuleDef { PyModuleDef_Base m_base; const char *m_name, *m_doc;",
    "Py_ssize_t m_size; PyMethodDef *m_methods; PyModuleDef_Slot *m_slots;",
    "traverseproc m_traverse; inquiry m_clear; freefunc m_free; } PyModuleDef;",
    "typedef struct { const char *name, *doc; } PyStructSequence_Field; typedef struct {",
    "const char *name, *doc; PyStructSequence_Field *fields; int n_in_sequence;",
    "} PyStructSequence_Desc; typedef struct { double real, imag; } Py_complex;",
    "typedef struct { PyObject_VAR_HEAD PyObject **ob_item; Py_ssize_t allocated; } PyListObject;",
    "typedef struct { PyObject_VAR_HEAD PyObject *ob_item[1]; } PyTupleObject;",
    "typedef struct { PyObject_HEAD Py_ssize_t ma_used; } PyDictObject;",
    "typedef struct { PyObject_VAR_HEAD Py_hash_t ob_shash; char ob_sval[1]; } PyBytesObject;",
    "typedef struct { PyObject_VAR_HEAD char *ob_bytes; } PyByteArrayObject;",
    "typedef struct { PyObject_HEAD double ob_fval; } PyFloatObject;",
    "typedef struct { PyObject_HEAD Py_complex cval; } PyComplexObject;",
    "typedef struct { PyObject_HEAD Py_ssize_t length; } PyUnicodeObject;",
    "typedef struct { PyObject_HEAD Py_ssize_t fill, used; } PySetObject;",
    "typedef struct { PyObject_HEAD PyObject *wr_object, *wr_callback; } PyWeakReference;",
    "typedef struct { PyObject_HEAD PyMethodDef *m_ml; PyObject *m_self, *m_module; } "
    "PyCFunctionObject;",
    "typedef struct { PyObject_HEAD PyObject *dict, *args, *notes, *traceback, *context, "
    "*cause; } PyBaseExceptionObject;",
    "typedef PyObject PyDateTime_DateTime, PyDateTime_Date, PyDateTime_Time, "
    "PyDateTime_Delta, PyModuleObject, PyFunctionObject,",
    "PyMethodObject, PyCellObject, PySliceObject, PyMemoryViewObject, PyTracebackObject;",
    "typedef struct { void *state; } Py_tss_t;",
    "#define Py_tss_NEEDS_INIT {0}",
    "typedef void *PyThread_type_lock;",
    "typedef enum { PY_LOCK_FAILURE, PY_LOCK_ACQUIRED, PY_LOCK_INTR } PyLockStatus;",
    "typedef enum { PyGILState_LOCKED, PyGILState_UNLOCKED } PyGILState_STATE;",
    "typedef struct { unsigned char bits; } PyMutex;",
    "typedef struct { const char *string; } _Py_Identifier;",
    "#define _Py_IDENTIFIER(name) static _Py_Identifier PyId_##name = {#name}",
    "#define _Py_static_string(name, text) static _Py_Identifier name = {text}",
    "#define WAIT_LOCK 1",
    "#define NOWAIT_LOCK 0",
    "#define METH_VARARGS 1",
    "#define METH_KEYWORDS 2",
    "#define METH_NOARGS 4",
    "#define METH_O 8",
    "#define METH_CLASS 16",
    "#define METH_STATIC 32",
    "#define METH_COEXIST 64",
    "#define METH_FASTCALL 128",
    "#define METH_METHOD 512",
    "#define Py_READONLY 1",
    "#define READONLY 1",
    "#define Py_RELATIVE_OFFSET 8",
    "enum { T_SHORT, T_INT, T_LONG, T_FLOAT, T_DOUBLE, T_STRING, T_OBJECT, T_CHAR, T_BYTE, "
    "T_UBYTE, T_USHORT, T_UINT, T_ULONG,",
    "T_STRING_INPLACE, T_BOOL, T_OBJECT_EX = 16, T_LONGLONG, T_ULONGLONG, T_PYSSIZET, T_NONE };",
    "enum { Py_T_SHORT, Py_T_INT, Py_T_LONG, Py_T_FLOAT, Py_T_DOUBLE, Py_T_STRING, Py_T_CHAR "
    "= 7, Py_T_BYTE, Py_T_UBYTE, Py_T_USHORT,",
    "Py_T_UINT, Py_T_ULONG, Py_T_STRING_INPLACE, Py_T_BOOL, Py_T_OBJECT_EX = 16, "
    "Py_T_LONGLONG, Py_T_ULONGLONG, Py_T_PYSSIZET };",
    "enum { Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE };",
    "#define Py_TPFLAGS_DEFAULT 0UL",
    "#define Py_TPFLAGS_MANAGED_WEAKREF (1UL << 3)",
    "#define Py_TPFLAGS_MANAGED_DICT (1UL << 4)",
    "#define Py_TPFLAGS_SEQUENCE (1UL << 5)",
    "#define Py_TPFLAGS_MAPPING (1UL << 6)",
    "#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)",
    "#define Py_TPFLAGS_IMMUTABLETYPE (1UL << 8)",
    "#define Py_TPFLAGS_HEAPTYPE (1UL << 9)",
    "#define Py_TPFLAGS_BASETYPE (1UL << 10)",
    "#define Py_TPFLAGS_HAVE_VECTORCALL (1UL << 11)",
    "#define Py_TPFLAGS_READY (1UL << 12)",
    "#define Py_TPFLAGS_READYING (1UL << 13)",
    "#define Py_TPFLAGS_HAVE_GC (1UL << 14)",
    "#define Py_TPFLAGS_METHOD_DESCRIPTOR (1UL << 17)",
    "#define Py_TPFLAGS_HAVE_VERSION_TAG (1UL << 18)",
    "#define Py_TPFLAGS_ITEMS_AT_END (1UL << 23)",
    "#define Py_TPFLAGS_LONG_SUBCLASS (1UL << 24)",
    "#define Py_TPFLAGS_LIST_SUBCLASS (1UL << 25)",
    "#define Py_TPFLAGS_TUPLE_SUBCLASS (1UL << 26)",
    "#define Py_TPFLAGS_BYTES_SUBCLASS (1UL << 27)",
    "#define Py_TPFLAGS_UNICODE_SUBCLASS (1UL << 28)",
    "#define Py_TPFLAGS_DICT_SUBCLASS (1UL << 29)",
    "#define Py_TPFLAGS_BASE_EXC_SUBCLASS (1UL << 30)",
    "#define Py_TPFLAGS_TYPE_SUBCLASS (1UL << 31)",
    "#define Py_TPFLAGS_HAVE_FINALIZE 1UL",
    "enum { Py_mod_create = 1, Py_mod_exec, Py_mod_multiple_interpreters, Py_mod_gil };",
    "#define Py_MOD_GIL_USED ((void *)0)",
    "#define Py_MOD_GIL_NOT_USED ((void *)1)",
    "#define Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED ((void *)0)",
    "#define Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED ((void *)1)",
    "#define Py_MOD_PER_INTERPRETER_GIL_SUPPORTED ((void *)2)",
    "enum { Py_bf_getbuffer = 1, Py_bf_releasebuffer, Py_mp_ass_subscript, Py_mp_length, "
    "Py_mp_subscript, Py_nb_absolute, Py_nb_add,",
    "Py_nb_and, Py_nb_bool, Py_nb_divmod, Py_nb_float, Py_nb_floor_divide, Py_nb_index, "
    "Py_nb_inplace_add, Py_nb_inplace_and,",
    "Py_nb_inplace_floor_divide, Py_nb_inplace_lshift, Py_nb_inplace_multiply, "
    "Py_nb_inplace_or, Py_nb_inplace_power,",
    "Py_nb_inplace_remainder, Py_nb_inplace_rshift, Py_nb_inplace_subtract, "
    "Py_nb_inplace_true_divide, Py_nb_inplace_xor,",
    "Py_nb_int, Py_nb_invert, Py_nb_lshift, Py_nb_multiply, Py_nb_negative, Py_nb_or, "
    "Py_nb_positive, Py_nb_power,",
    "Py_nb_remainder, Py_nb_rshift, Py_nb_subtract, Py_nb_true_divide, Py_nb_xor, "
    "Py_sq_ass_item, Py_sq_concat, Py_sq_contains,",
    "Py_sq_inplace_concat, Py_sq_inplace_repeat, Py_sq_item, Py_sq_length, Py_sq_repeat, "
    "Py_tp_alloc, Py_tp_base, Py_tp_bases,",
    "Py_tp_call, Py_tp_clear, Py_tp_dealloc, Py_tp_del, Py_tp_descr_get, Py_tp_descr_set, "
    "Py_tp_doc, Py_tp_getattr,",
    "Py_tp_getattro, Py_tp_hash, Py_tp_init, Py_tp_is_gc, Py_tp_iter, Py_tp_iternext, "
    "Py_tp_methods, Py_tp_new, Py_tp_repr,",
    "Py_tp_richcompare, Py_tp_setattr, Py_tp_setattro, Py_tp_str, Py_tp_traverse, "
    "Py_tp_members, Py_tp_getset, Py_tp_free,",
    "Py_nb_matrix_multiply, Py_nb_inplace_matrix_multiply, Py_am_await, Py_am_aiter, "
    "Py_am_anext, Py_tp_finalize, Py_am_send };",
    "#define PyBUF_SIMPLE 0",
    "#define PyBUF_WRITABLE 1",
    "#define PyBUF_WRITEABLE 1",
    "#define PyBUF_FORMAT 4",
    "#define PyBUF_ND 8",
    "#define PyBUF_STRIDES 0x18",
    "#define PyBUF_C_CONTIGUOUS 0x38",
    "#define PyBUF_F_CONTIGUOUS 0x58",
    "#define PyBUF_ANY_CONTIGUOUS 0x98",
    "#define PyBUF_INDIRECT 0x118",
    "#define PyBUF_CONTIG 9",
    "#define PyBUF_CONTIG_RO 8",
    "#define PyBUF_STRIDED 0x19",
    "#define PyBUF_STRIDED_RO 0x18",
    "#define PyBUF_RECORDS 0x1d",
    "#define PyBUF_RECORDS_RO 0x1c",
    "#define PyBUF_FULL 0x11d",
    "#define PyBUF_FULL_RO 0x11c",
    "#define PyBUF_READ 0x100",
    "#define PyBUF_WRITE 0x200",
    "#define PyUnicode_WCHAR_KIND 0",
    "#define PyUnicode_1BYTE_KIND 1",
    "#define PyUnicode_2BYTE_KIND 2",
    "#define PyUnicode_4BYTE_KIND 4",
    "#define Py_single_input 256",
    "#define Py_file_input 257",
    "#define Py_eval_input 258",
    "#define Py_PRINT_RAW 1",
    "#define Py_CLEANUP_ENDS 0",
    "#define PY_VECTORCALL_ARGUMENTS_OFFSET ((size_t)1 << 63)",
    "#define PyDoc_VAR(name) static const char name[]",
    "#define PyDoc_STRVAR(name, text) PyDoc_VAR(name) = PyDoc_STR(text)",
    "#define PyDoc_STR(text) text",
    "#define Py_BEGIN_CRITICAL_SECTION(o) {",
    "#define Py_END_CRITICAL_SECTION() }",
    "#define Py_TRASHCAN_END }",
    "#define PyDateTime_IMPORT ((void)0)",
    "#define Py_CLEANUP(x) x",
    "extern PyObject _Py_NoneStruct, _Py_TrueStruct, _Py_FalseStruct, _Py_EllipsisObject, "
    "_Py_NotImplementedStruct;",
    "#define Py_None (&_Py_NoneStruct)",
    "#define Py_True ((PyObject *)&_Py_TrueStruct)",
    "#define Py_False ((PyObject *)&_Py_FalseStruct)",
    "#define Py_Ellipsis (&_Py_EllipsisObject)",
    "#define Py_NotImplemented (&_Py_NotImplementedStruct)",
};

/* Behind the functions: macros that name a type. */
static const char *const macros[] = {
    "#define PyObject_New(type, o) ((type *)_PyObject_New(o))",
    "#define PyObject_NewVar(type, o, n) ((type *)_PyObject_NewVar((o), (n)))",
    "#define PyObject_GC_New(type, o) ((type *)_PyObject_GC_New(o))",
    "#define PyObject_GC_NewVar(type, o, n) ((type *)_PyObject_GC_NewVar((o), (n)))",
    ("#define PyObject_GC_Resize(type, o, n) "
     "((type *)_PyObject_GC_Resize((PyVarObject *)(o), (n)))"),
    "#define PyObject_NEW PyObject_New",
    "#define PyObject_Length PyObject_Size",
    "#define PyModule_Create(def) PyModule_Create2((def), 1013)",
    "#define PyModule_FromDefAndSpec(def, spec) PyModule_FromDefAndSpec2((def), (spec), 1013)",
    "#define PySequence_Length PySequence_Size",
    "#define PyMapping_Length PyMapping_Size",
    "#define PyObject_NEW_VAR PyObject_NewVar",
    "#define PyMem_New(type, n) ((type *)PyMem_Malloc((n) * sizeof(type)))",
    "#define PyMem_NEW PyMem_New",
    "#define PyMem_Resize(p, type, n) ((p) = (type *)PyMem_Realloc((p), (n) * sizeof(type)))",
    "#define PyMem_RESIZE PyMem_Resize",
    "#define PyModule_AddIntMacro(m, c) PyModule_AddIntConstant((m), #c, (c))",
    "#define PyModule_AddStringMacro(m, c) PyModule_AddStringConstant((m), #c, (c))",
    "#define Py_TRASHCAN_BEGIN(o, f) { _PyTrash_begin(o);",
    "#define Py_TRASHCAN_SAFE_BEGIN(o) { _PyTrash_begin(o);",
    "#define Py_TRASHCAN_SAFE_END(o) }",
    "#ifdef __cplusplus",
    "}",
    "#endif",
    "#endif",
};

/* What functions return that is no int, and no object by the table. */
static const struct Result {
    const char *type, *names;
} results[] = {
    {"void", "PyMem_Free PyMem_RawFree PyMem_GetAllocator PyMem_SetAllocator PyBuffer_Release "
             "PyMutex_Lock PyMutex_Unlock Py_SET_REFCNT Py_SET_TYPE Py_SET_SIZE PyType_Modified "
             "PyObject_ClearWeakRefs Py_ReprLeave _Py_Dealloc Py_IncRef Py_DecRef Py_INCREF "
             "Py_DECREF Py_XINCREF Py_XDECREF PyObject_ClearManagedDict PyObject_Free PyObject_Del "
             "PyObject_GC_Track PyObject_GC_UnTrack PyObject_GC_Del PyBytes_Concat "
             "PyBytes_ConcatAndDel PyUnicode_InternInPlace PyUnicode_Append PyUnicode_AppendAndDel "
             "PyErr_SetNone PyErr_SetObject PyErr_SetString PyErr_Clear PyErr_Fetch PyErr_Restore "
             "PyErr_SetRaisedException PyErr_SetHandledException PyErr_GetExcInfo PyErr_SetExcInfo "
             "PyErr_NormalizeException PyException_SetCause PyException_SetContext "
             "PyException_SetArgs PyErr_BadInternalCall PyErr_WriteUnraisable PyErr_SetInterrupt "
             "_PyErr_ChainExceptions1 _PyErr_ChainExceptions PyErr_SyntaxLocationObject "
             "PyErr_FormatUnraisable PyTuple_SET_ITEM PyList_SET_ITEM PyDict_Clear PyCell_SET "
             "PyGILState_Release PyThreadState_DeleteCurrent PyStructSequence_SetItem "
             "PyThread_init_thread PyThread_free_lock PyThread_release_lock PyThread_delete_key "
             "PyThread_tss_free PyThread_tss_delete PyErr_Print PyErr_PrintEx PyErr_Display "
             "PyErr_DisplayException Py_LeaveRecursiveCall PyEval_RestoreThread "
             "PyEval_AcquireThread PyEval_ReleaseThread PyEval_SetProfile PyEval_SetTrace "
             "PySys_FormatStdout PySys_FormatStderr PyFrame_LocalsToFast PyFrame_FastToLocals "
             "PyMarshal_WriteObjectToFile Py_Initialize Py_InitializeEx Py_Finalize "
             "PyEval_InitThreads PySys_WriteStdout PySys_WriteStderr PyOS_AfterFork_Child "
             "PyOS_AfterFork_Parent PyOS_BeforeFork PyBuffer_FillContiguousStrides PyUnicode_WRITE "
             "PyThreadState_Clear PyThreadState_Delete PyMem_Del PyMem_DEL PyMem_FREE "
             "PyObject_FREE PyObject_DEL PyUnicodeWriter_Discard PyStructSequence_SET_ITEM"},
    {"Py_ssize_t",
     "Py_REFCNT Py_SIZE PyType_GetTypeDataSize PyByteArray_Size PyByteArray_GET_SIZE "
     "PyBytes_Size PyBytes_GET_SIZE PyUnicode_GetLength PyUnicode_GetSize "
     "PyUnicode_GET_SIZE PyUnicode_AsWideChar PyUnicode_Tailmatch PyUnicode_Find "
     "PyUnicode_FindChar PyUnicode_Count PyUnicode_GET_LENGTH PyUnicode_CopyCharacters "
     "PyUnicode_Fill PyLong_AsSsize_t PyLong_AsNativeBytes PyTuple_Size PyTuple_GET_SIZE "
     "PyList_Size PyList_GET_SIZE PyDict_Size PyDict_GET_SIZE PySet_Size PySet_GET_SIZE "
     "PyCode_GetNumFree PyObject_Size PyObject_Length PyNumber_AsSsize_t PySequence_Size "
     "PySequence_Length PySequence_Count PySequence_Index PyMapping_Size PyMapping_Length "
     "PyObject_LengthHint PySequence_Fast_GET_SIZE PyVectorcall_NARGS "
     "PySlice_AdjustIndices PyGC_Collect PyBuffer_SizeFromFormat"},
    {"void *", "PyType_GetSlot PyType_GetModuleState PyObject_GetTypeData PyObject_GetItemData "
               "PyUnicode_DATA PyLong_AsVoidPtr PyModule_GetState PyCapsule_GetPointer "
               "PyCapsule_GetContext PyCapsule_Import PyThread_get_key_value PyThread_tss_get "
               "PyBuffer_GetPointer"},
    {"long", "PyLong_AsLong PyLong_AsLongAndOverflow PyOS_strtol PyImport_GetMagicNumber"},
    {"unsigned long",
     "PyType_GetFlags PyLong_AsUnsignedLong PyLong_AsUnsignedLongMask "
     "PyThread_start_new_thread PyThread_get_thread_ident PyThread_get_thread_native_id "
     "PyOS_strtoul"},
    {"long long", "PyLong_AsLongLong PyLong_AsLongLongAndOverflow"},
    {"unsigned long long", "PyLong_AsUnsignedLongLong PyLong_AsUnsignedLongLongMask"},
    {"size_t", "PyLong_AsSize_t PyThread_get_stacksize"},
    {"double", "PyLong_AsDouble PyFloat_AsDouble PyFloat_AS_DOUBLE PyComplex_RealAsDouble "
               "PyComplex_ImagAsDouble PyOS_string_to_double PyFloat_GetMax PyFloat_GetMin "
               "PyFloat_Unpack2 PyFloat_Unpack4 PyFloat_Unpack8 PyTime_AsSecondsDouble"},
    {"Py_hash_t", "PyObject_Hash PyObject_HashNotImplemented Py_HashPointer PyObject_GenericHash"},
    {"PyObject * *", "PyObject_GET_WEAKREFS_LISTPTR PySequence_Fast_ITEMS _PyObject_GetDictPtr"},
    {"char *", "PyByteArray_AsString PyByteArray_AS_STRING PyBytes_AsString PyBytes_AS_STRING "
               "PyOS_Readline PyOS_double_to_string Py_EncodeLocale"},
    {"const char *",
     "PyUnicode_AsUTF8AndSize PyUnicode_AsUTF8 PyExceptionClass_Name PyModule_GetName "
     "PyModule_GetFilename PyCapsule_GetName Py_GetVersion Py_GetPlatform Py_GetCopyright "
     "Py_GetCompiler Py_GetBuildInfo PyEval_GetFuncName PyEval_GetFuncDesc "
     "PyUnicode_GetDefaultEncoding"},
    {"Py_UCS4 *", "PyUnicode_AsUCS4 PyUnicode_AsUCS4Copy PyUnicode_4BYTE_DATA"},
    {"Py_UCS2 *", "PyUnicode_2BYTE_DATA"},
    {"Py_UCS1 *", "PyUnicode_1BYTE_DATA"},
    {"Py_UCS4", "PyUnicode_ReadChar PyUnicode_READ_CHAR PyUnicode_READ PyUnicode_MAX_CHAR_VALUE"},
    {"Py_UNICODE *", "PyUnicode_AsUnicode PyUnicode_AsUnicodeAndSize PyUnicode_AS_UNICODE "
                     "PyUnicode_AsUnicodeCopy"},
    {"wchar_t *", "PyUnicode_AsWideCharString Py_DecodeLocale"},
    {"Py_complex", "PyComplex_AsCComplex"},
    {"Py_buffer *", "PyMemoryView_GET_BUFFER PyPickleBuffer_GetBuffer"},
    {"PyCFunction", "PyCFunction_GetFunction PyCFunction_GET_FUNCTION"},
    {"PyModuleDef *", "PyModule_GetDef"},
    {"PyCapsule_Destructor", "PyCapsule_GetDestructor"},
    {"PyGILState_STATE", "PyGILState_Ensure"},
    {"PyThreadState *",
     "PyGILState_GetThisThreadState PyThreadState_GetUnchecked PyEval_SaveThread "
     "PyThreadState_Get PyThreadState_New PyThreadState_Swap Py_NewInterpreter"},
    {"PyInterpreterState *",
     "PyInterpreterState_Main PyInterpreterState_Get PyInterpreterState_Head"},
    {"PyLockStatus", "PyThread_acquire_lock_timed"},
    {"PyThread_type_lock", "PyThread_allocate_lock"},
    {"Py_tss_t *", "PyThread_tss_alloc"},
    {"PySendResult", "PyIter_Send"},
    {"vectorcallfunc", "PyVectorcall_Function"},
    {"PyTypeObject *", "Py_TYPE PyCFunction_GET_CLASS PyStructSequence_NewType PyDescr_TYPE"},
    {"PyVarObject *", "PyObject_InitVar _PyObject_NewVar _PyObject_GC_NewVar"},
    {"PyLongObject *", "_PyLong_New"},
    {"PyCodeObject *", "PyUnstable_Code_New PyCode_New PyCode_NewWithPosOnlyArgs PyCode_NewEmpty "
                       "PyFrame_GetCode PyGen_GetCode"},
    {"PyFrameObject *", "PyFrame_GetBack PyFrame_New PyThreadState_GetFrame PyEval_GetFrame"},
    {"__attribute__((noreturn)) void",
     "Py_FatalError _Py_FatalErrorFunc Py_Exit Py_ExitStatusException PyThread_exit_thread"},
    {"int", "PyErr_CheckSignals PyGC_Enable PyGC_Disable PyGC_IsEnabled PyBuffer_IsContiguous "
            "PyBuffer_ToContiguous PyBuffer_FromContiguous PyState_RemoveModule "
            "PyRun_SimpleString Py_AtExit Py_MakePendingCalls PyImport_AppendInittab "
            "PyOS_InterruptOccurred PyFloat_Pack2 PyFloat_Pack4 PyFloat_Pack8 "
            "PyCodec_KnownEncoding Py_IsInitialized PyGILState_Check Py_GetRecursionLimit "
            "Py_UNICODE_ISSPACE Py_UNICODE_ISALNUM PyTime_Monotonic PyTime_Time"},
};

static const char exceptions[] =
    "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup "
    "BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError "
    "ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError "
    "DeprecationWarning EOFError EncodingWarning EnvironmentError Exception FileExistsError "
    "FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError "
    "ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError "
    "KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError "
    "NotADirectoryError NotImplementedError OSError OverflowError PendingDeprecationWarning "
    "PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError "
    "ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError "
    "SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError "
    "UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning "
    "UserWarning ValueError Warning ZeroDivisionError";

static const char type_objects[] =
    "PyAsyncGen PyBaseObject PyBool PyByteArray PyBytes PyCFunction PyCapsule PyCell "
    "PyClassMethod PyCode PyComplex PyContext PyContextVar PyCoro PyDictItems PyDictKeys "
    "PyDictProxy PyDictValues PyDict PyEllipsis PyEnum PyFilter PyFloat PyFrame PyFrozenSet "
    "PyFunction PyGen PyGetSetDescr PyInstanceMethod PyListIter PyList PyLong PyMap "
    "PyMemberDescr PyMemoryView PyMethodDescr PyMethod PyModuleDef PyModule PyODict "
    "PyPickleBuffer PyProperty PyRange PyReversed PySeqIter PySet PySlice PyStaticMethod "
    "PySuper PyTraceBack PyTuple PyType PyUnicode PyWrapperDescr PyZip";
/* clang-format on */

/* The next word of a list. */
static Str take_word(Str *list) {
    i64 space = str_find(*list, ' ');
    Str word = space < 0 ? *list : str_sub(*list, 0, (u32)space);
    *list = space < 0 ? (Str){0} : str_sub(*list, (u32)space + 1, list->n);
    return word;
}

static void put_lines(const char *const *lines, u32 n, Buf *out) {
    for (u32 i = 0; i < n; i++) buf_printf(out, "%s\n", lines[i]);
}

static void put_names(const char *before, Str names, const char *behind, Buf *out) {
    while (names.n) {
        Str name = take_word(&names);
        buf_printf(out, "%s%.*s%s;\n", before, STR_ARG(name), behind);
    }
}

static void put_results(Map *known, Buf *out) {
    for (u32 i = 0; i < ARRAY_LEN(results); i++) {
        Str names = str_from(results[i].names);
        while (names.n) {
            Str name = take_word(&names);
            map_set(out->arena, known, hash_str(name), 1);
            buf_printf(out, "%s %.*s(LIMPET_ANY);\n", results[i].type, STR_ARG(name));
        }
    }
}

/* By the tables of the API; macros are functions here. */
static void put_functions(const ApiTable *table, const Map *known, Buf *out) {
    static const char *const types_of[] = {
        [API_PLAIN] = "int",       [API_NEW] = "PyObject *", [API_BORROWED] = "PyObject *",
        [API_NULL] = "PyObject *", [API_MEMORY] = "void *",
    };
    for (u32 i = 0; i < table->n; i++) {
        const ApiRow *row = &table->rows[i];
        if (!map_get(known, hash_str(str_from(row->name))))
            buf_printf(out, "%s %s(LIMPET_ANY);\n", types_of[row->result], row->name);
    }
}

Str stub_h_text(Arena *arena) {
    static const char *const wanted[] = {"objects", "types", "text", "runtime"};
    Buf out = {.arena = arena};
    Map known = {0};
    const ApiTable *table;
    put_lines(types, ARRAY_LEN(types), &out);
    put_names("extern PyObject *PyExc_", STR(exceptions), "", &out);
    put_names("extern PyTypeObject ", STR(type_objects), "_Type", &out);
    put_results(&known, &out);
    for (u32 i = 0; (table = api_table(i)); i++)
        for (u32 k = 0; k < ARRAY_LEN(wanted); k++)
            if (str_is(str_from(table->name), wanted[k])) put_functions(table, &known, &out);
    put_lines(macros, ARRAY_LEN(macros), &out);
    return buf_get(&out);
}
