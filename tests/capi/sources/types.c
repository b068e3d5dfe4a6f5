#include <Python.h>

typedef struct {
    PyObject_HEAD PyObject *inner;
    char name[8];
} Box;

static void box_dealloc(PyObject *self) {
    Py_CLEAR(((Box *)self)->inner);
}

static PyTypeObject Box_Type = {
    .tp_name = "types.Box",
    .tp_basicsize = sizeof(Box),
    .tp_dealloc = (void (*)(PyObject *))box_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
};

static PyTypeObject Positional_Type = {
    {1, NULL}, "types.Positional", sizeof(Box), box_dealloc, Py_TPFLAGS_DEFAULT,
};

int table[] = {[2] = 5, 7};

static int array_parameter(PyObject *const given[], int counts[3]) {
    return given[0] != 0 && counts[2];
}
