/* As much of Python's C API as the tests of the front end need: what it prints then depends on no
 * version of Python. */
#ifndef LIMPET_TEST_PYTHON_H
#define LIMPET_TEST_PYTHON_H
#include <stddef.h>

typedef long Py_ssize_t;
typedef struct _object {
    Py_ssize_t ob_refcnt;
    struct _typeobject *ob_type;
} PyObject;
#define PyObject_HEAD PyObject ob_base;
typedef struct _typeobject {
    PyObject ob_base;
    const char *tp_name;
    Py_ssize_t tp_basicsize;
    void (*tp_dealloc)(PyObject *);
    unsigned long tp_flags;
} PyTypeObject;
#define Py_TPFLAGS_DEFAULT 0
#define Py_TPFLAGS_HAVE_GC (1UL << 14)

PyObject *PyList_New(Py_ssize_t);
PyObject *PyObject_Str(PyObject *);
int PyList_Append(PyObject *, PyObject *);
PyObject *PyLong_FromLong(long);
PyObject *PyErr_Occurred(void);
PyObject *PyErr_NoMemory(void);
PyObject *_Py_BuildValue_SizeT(const char *, ...);
#define Py_BuildValue _Py_BuildValue_SizeT
void _Py_Fatal(const char *) __attribute__((noreturn));
#endif
