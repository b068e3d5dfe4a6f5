#include "missing.h"
#include <Python.h>

struct Point {
    PyObject_HEAD PyObject *label;
    int x;
};

static int limit = 3;

static PyObject *loops(PyObject *self, int n) {
    PyObject *list = PyList_New(0), *item;
    if (!list) return NULL;
    for (int i = 0; i < n; i++) {
        if (i == limit) continue;
        item = PyLong_FromLong(i);
        if (item == NULL || PyList_Append(list, item) < 0) goto error;
        Py_DECREF(item);
    }
    for (;;) break;
    for (; n;) n--;
    do {
        n += 2;
    } while (n < 10);
    while ((item = PyErr_Occurred()))
        if (n) break;
    return list;
error:
    Py_XDECREF(item);
    Py_CLEAR(list);
    return NULL;
}

static int choices(struct Point *p, PyObject *other) {
    switch (p->x) {
    case 1:
    case 2:
        return 1;
    default:
        break;
    }
    p->label = other ? other : (PyObject *)p;
    PyObject *either = other ?: p->label;
    assert(either != NULL);
    Py_BEGIN_ALLOW_THREADS limit = sizeof(struct Point);
    Py_END_ALLOW_THREADS if (p->x > 5) _Py_Fatal("too far");
    return ({
        int y = p->x;
        y;
    });
}

static unknown_t *lost(unknown_t *thing) {
    thing = NULL;
    return thing;
}

static PyObject *none(void) {
    if (limit) return Py_BuildValue("(iN)", 1, PyLong_FromLong(2));
    Py_RETURN_NONE;
}
