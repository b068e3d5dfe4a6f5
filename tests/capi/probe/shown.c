/* Rows of the table of the C API that surprise, shown at run time: each proof counts the references
 * of a fresh object before and after a call. `proofs()` gives a dict from names of functions to
 * None, or to what was not true. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define TRUE_THAT(fact) \
    if (!(fact)) return #fact

#define SINCE(minor) (PY_VERSION_HEX >= 0x03000000 + ((minor) << 16))

typedef const char *(*Proof)(void);

static PyObject *fresh(void) {
    return PyDict_New();
}

/* The call failed, as it was meant to. */
static int failed(void) {
    int is_set = PyErr_Occurred() != NULL;
    PyErr_Clear();
    return is_set;
}

static PyObject *run(const char *code, const char *name) {
    PyObject *names = PyDict_New();
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
    PyObject *done = PyRun_String(code, Py_file_input, names, names);
    PyObject *value = done ? PyDict_GetItemString(names, name) : NULL;
    Py_XINCREF(value);
    Py_XDECREF(done);
    Py_DECREF(names);
    return value;
}

/* ---- who takes the caller's reference ---- */

static const char *PyList_SetItem_proof(void) {
    PyObject *list = PyList_New(1), *x = fresh();
    Py_INCREF(x);
    TRUE_THAT(PyList_SetItem(list, 0, x) == 0);
    TRUE_THAT(Py_REFCNT(x) == 2); /* the list has taken one of the two */
    Py_INCREF(x);
    TRUE_THAT(PyList_SetItem(list, 9, x) < 0 && failed());
    TRUE_THAT(Py_REFCNT(x) == 2); /* gone, though the call failed */
    Py_INCREF(x);
    TRUE_THAT(PyList_SetItem(Py_None, 0, x) < 0 && failed());
    TRUE_THAT(Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyList_SET_ITEM_proof(void) {
    PyObject *list = PyList_New(1), *x = fresh();
    PyList_SET_ITEM(list, 0, x);
    TRUE_THAT(Py_REFCNT(x) == 1);
    Py_DECREF(list);
    return NULL;
}

static const char *PyTuple_SetItem_proof(void) {
    PyObject *tuple = PyTuple_New(1), *x = fresh();
    Py_INCREF(x);
    TRUE_THAT(PyTuple_SetItem(tuple, 0, x) == 0 && Py_REFCNT(x) == 2);
    Py_INCREF(x);
    TRUE_THAT(PyTuple_SetItem(tuple, 9, x) < 0 && failed());
    TRUE_THAT(Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyStructSequence_SetItem_proof(void) {
    static PyStructSequence_Field fields[] = {{"a", NULL}, {NULL, NULL}};
    static PyStructSequence_Desc desc = {"shown.Record", "A record.", fields, 1};
    PyTypeObject *type = PyStructSequence_NewType(&desc);
    PyObject *record = PyStructSequence_New(type), *x = fresh();
    Py_INCREF(x);
    PyStructSequence_SetItem(record, 0, x);
    TRUE_THAT(Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyModule_AddObject_proof(void) {
    PyObject *module = PyModule_New("m"), *x = fresh();
    Py_INCREF(x);
    TRUE_THAT(PyModule_AddObject(module, "x", x) == 0 && Py_REFCNT(x) == 2);
    TRUE_THAT(PyModule_AddObject(Py_None, "x", x) < 0 && failed());
    TRUE_THAT(Py_REFCNT(x) == 2); /* still the caller's: to be released by hand */
    return NULL;
}

#if SINCE(10)
static const char *PyModule_AddObjectRef_proof(void) {
    PyObject *module = PyModule_New("m"), *x = fresh();
    TRUE_THAT(PyModule_AddObjectRef(module, "x", x) == 0 && Py_REFCNT(x) == 2);
    return NULL;
}
#endif

#if SINCE(13)
static const char *PyModule_Add_proof(void) {
    PyObject *module = PyModule_New("m"), *x = fresh();
    Py_INCREF(x);
    TRUE_THAT(PyModule_Add(module, "x", x) == 0 && Py_REFCNT(x) == 2);
    Py_INCREF(x);
    TRUE_THAT(PyModule_Add(Py_None, "x", x) < 0 && failed());
    TRUE_THAT(Py_REFCNT(x) == 2);
    return NULL;
}
#endif

static PyObject *exception(void) {
    return PyObject_CallFunction(PyExc_ValueError, "s", "no");
}

static const char *PyException_SetCause_proof(void) {
    PyObject *error = exception(), *cause = exception();
    Py_INCREF(cause);
    PyException_SetCause(error, cause);
    TRUE_THAT(Py_REFCNT(cause) == 2);
    return NULL;
}

static const char *PyException_SetContext_proof(void) {
    PyObject *error = exception(), *context = exception();
    Py_INCREF(context);
    PyException_SetContext(error, context);
    TRUE_THAT(Py_REFCNT(context) == 2);
    return NULL;
}

static const char *PyException_GetCause_proof(void) {
    PyObject *error = exception(), *cause = exception();
    TRUE_THAT(PyException_GetCause(error) == NULL && !failed());
    Py_INCREF(cause);
    PyException_SetCause(error, cause);
    TRUE_THAT(PyException_GetCause(error) == cause && Py_REFCNT(cause) == 3);
    return NULL;
}

static const char *PyException_GetContext_proof(void) {
    PyObject *error = exception(), *context = exception();
    TRUE_THAT(PyException_GetContext(error) == NULL && !failed());
    Py_INCREF(context);
    PyException_SetContext(error, context);
    TRUE_THAT(PyException_GetContext(error) == context && Py_REFCNT(context) == 3);
    return NULL;
}

static const char *PyException_GetTraceback_proof(void) {
    PyObject *error = run("try: 1/0\nexcept Exception as e: x = e\n", "x");
    PyObject *first = PyException_GetTraceback(error);
    TRUE_THAT(first && Py_REFCNT(first) == 2);
    PyObject *none = exception();
    TRUE_THAT(PyException_GetTraceback(none) == NULL && !failed());
    return NULL;
}

/* ---- the exception that is set ---- */

static const char *PyErr_Fetch_proof(void) {
    PyObject *value = exception(), *type, *fetched, *traceback;
    Py_ssize_t before = Py_REFCNT(value);
    PyErr_SetObject(PyExc_ValueError, value);
    TRUE_THAT(Py_REFCNT(value) == before + 1);
    PyErr_Fetch(&type, &fetched, &traceback);
    TRUE_THAT(fetched == value && !PyErr_Occurred());
    TRUE_THAT(Py_REFCNT(value) == before + 1); /* what was set is the caller's now */
    PyErr_Fetch(&type, &fetched, &traceback);
    TRUE_THAT(!type && !fetched && !traceback);
    return NULL;
}

static const char *PyErr_Restore_proof(void) {
    PyObject *value = exception();
    Py_INCREF(PyExc_ValueError);
    Py_INCREF(value);
    PyErr_Restore(PyExc_ValueError, value, NULL);
    TRUE_THAT(Py_REFCNT(value) == 2);
    TRUE_THAT(failed() && Py_REFCNT(value) == 1);
    return NULL;
}

static const char *PyErr_SetObject_proof(void) {
    PyObject *value = exception();
    PyErr_SetObject(PyExc_ValueError, value);
    TRUE_THAT(Py_REFCNT(value) == 2);
    TRUE_THAT(failed() && Py_REFCNT(value) == 1);
    return NULL;
}

static const char *PyErr_SetExcInfo_proof(void) {
    PyObject *value = exception();
    Py_INCREF(PyExc_ValueError);
    Py_INCREF(value);
    PyErr_SetExcInfo(PyExc_ValueError, value, NULL);
    TRUE_THAT(Py_REFCNT(value) == 2);
    PyErr_SetExcInfo(NULL, NULL, NULL);
    TRUE_THAT(Py_REFCNT(value) == 1);
    return NULL;
}

static const char *PyErr_GetExcInfo_proof(void) {
    PyObject *value = exception(), *type, *handled, *traceback;
    Py_INCREF(PyExc_ValueError);
    PyErr_SetExcInfo(PyExc_ValueError, value, NULL);
    PyErr_GetExcInfo(&type, &handled, &traceback);
    TRUE_THAT(handled == value && Py_REFCNT(value) == 2);
    PyErr_SetExcInfo(NULL, NULL, NULL);
    return NULL;
}

#if SINCE(11)
static const char *PyErr_SetHandledException_proof(void) {
    PyObject *value = exception();
    PyErr_SetHandledException(value);
    TRUE_THAT(Py_REFCNT(value) == 2); /* kept, not taken */
    PyErr_SetHandledException(NULL);
    TRUE_THAT(Py_REFCNT(value) == 1);
    return NULL;
}
#endif

#if SINCE(12)
static const char *PyErr_SetRaisedException_proof(void) {
    PyObject *value = exception();
    Py_INCREF(value);
    PyErr_SetRaisedException(value);
    TRUE_THAT(Py_REFCNT(value) == 2);
    TRUE_THAT(failed() && Py_REFCNT(value) == 1);
    return NULL;
}

static const char *PyErr_GetRaisedException_proof(void) {
    PyObject *value = exception();
    PyErr_SetObject(PyExc_ValueError, value);
    TRUE_THAT(PyErr_GetRaisedException() == value && Py_REFCNT(value) == 2);
    TRUE_THAT(PyErr_GetRaisedException() == NULL && !failed());
    return NULL;
}
#endif

/* ---- borrowed and new results ---- */

static const char *PyDict_SetDefault_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyUnicode_FromString("k"), *x = fresh();
    TRUE_THAT(PyDict_SetDefault(dict, key, x) == x && Py_REFCNT(x) == 2); /* the dict's alone */
    return NULL;
}

static const char *PyDict_GetItemWithError_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyUnicode_FromString("k"), *x = fresh();
    TRUE_THAT(PyDict_GetItemWithError(dict, key) == NULL && !failed());
    PyDict_SetItem(dict, key, x);
    TRUE_THAT(PyDict_GetItemWithError(dict, key) == x && Py_REFCNT(x) == 2);
    TRUE_THAT(PyDict_GetItemWithError(dict, dict) == NULL && failed()); /* not hashable */
    return NULL;
}

static const char *PyImport_AddModule_proof(void) {
    PyObject *module = PyImport_AddModule("shown_made_here");
    Py_ssize_t before = Py_REFCNT(module);
    TRUE_THAT(PyImport_AddModule("shown_made_here") == module && Py_REFCNT(module) == before);
    return NULL;
}

static const char *PySys_SetObject_proof(void) {
    PyObject *x = fresh();
    TRUE_THAT(PySys_SetObject("shown_x", x) == 0 && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PySys_GetObject_proof(void) {
    PyObject *x = fresh();
    PySys_SetObject("shown_y", x);
    TRUE_THAT(PySys_GetObject("shown_y") == x && Py_REFCNT(x) == 2);
    TRUE_THAT(PySys_GetObject("shown_z") == NULL && !failed());
    return NULL;
}

#if SINCE(9)
static const char *PyType_GetModule_proof(void) {
    static PyType_Slot slots[] = {{0, NULL}};
    static PyType_Spec spec = {"shown.T", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
    PyObject *module = PyModule_New("m");
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    Py_ssize_t before = Py_REFCNT(module);
    TRUE_THAT(PyType_GetModule((PyTypeObject *)type) == module && Py_REFCNT(module) == before);
    return NULL;
}
#endif

static const char *PyWeakref_GetObject_proof(void) {
    PyObject *x = PySet_New(NULL), *reference = PyWeakref_NewRef(x, NULL);
#if SINCE(13)
    (void)x, (void)reference; /* deprecated: the same as PyWeakref_GET_OBJECT */
#else
    TRUE_THAT(PyWeakref_GetObject(reference) == x && Py_REFCNT(x) == 1);
#endif
    return NULL;
}

static const char *PyCell_Get_proof(void) {
    PyObject *x = fresh(), *cell = PyCell_New(x), *empty = PyCell_New(NULL);
    TRUE_THAT(PyCell_Get(cell) == x && Py_REFCNT(x) == 3);
    TRUE_THAT(PyCell_Get(empty) == NULL && !failed());
    return NULL;
}

static const char *PyIter_Next_proof(void) {
    PyObject *x = fresh(), *list = PyList_New(0);
    PyList_Append(list, x);
    PyObject *iterator = PyObject_GetIter(list);
    TRUE_THAT(PyIter_Next(iterator) == x && Py_REFCNT(x) == 3);
    TRUE_THAT(PyIter_Next(iterator) == NULL && !failed());
    return NULL;
}

/* ---- through the address of a variable ---- */

static const char *PyBytes_Concat_proof(void) {
    PyObject *bytes = PyBytes_FromString("ab"), *more = PyBytes_FromString("bcd");
    PyObject *old = bytes;
    Py_INCREF(old);
    PyBytes_Concat(&bytes, more);
    TRUE_THAT(bytes && bytes != old && Py_REFCNT(old) == 1 && Py_REFCNT(more) == 1);
    PyBytes_Concat(&bytes, Py_None);
    TRUE_THAT(bytes == NULL && failed());
    return NULL;
}

static const char *PyBytes_ConcatAndDel_proof(void) {
    PyObject *bytes = PyBytes_FromString("ab"), *more = PyBytes_FromString("bcd");
    Py_INCREF(more);
    PyBytes_ConcatAndDel(&bytes, more);
    TRUE_THAT(bytes && Py_REFCNT(more) == 1);
    PyBytes_ConcatAndDel(&bytes, NULL); /* NULL is allowed */
    failed();
    return NULL;
}

static const char *PyContextVar_Get_proof(void) {
    PyObject *variable = PyContextVar_New("v", NULL), *x = fresh(), *value = x;
    TRUE_THAT(PyContextVar_Get(variable, NULL, &value) == 0 && value == NULL);
    TRUE_THAT(PyContextVar_Get(variable, x, &value) == 0 && value == x && Py_REFCNT(x) == 2);
    return NULL;
}

#if SINCE(13)
static const char *PyDict_GetItemRef_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyUnicode_FromString("k"), *x = fresh(), *value = x;
    TRUE_THAT(PyDict_GetItemRef(dict, key, &value) == 0 && value == NULL && !failed());
    PyDict_SetItem(dict, key, x);
    TRUE_THAT(PyDict_GetItemRef(dict, key, &value) == 1 && value == x && Py_REFCNT(x) == 3);
    TRUE_THAT(PyDict_GetItemRef(dict, dict, &value) < 0 && value == NULL && failed());
    return NULL;
}

static const char *PyDict_Pop_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyUnicode_FromString("k"), *x = fresh(), *value = x;
    TRUE_THAT(PyDict_Pop(dict, key, &value) == 0 && value == NULL);
    PyDict_SetItem(dict, key, x);
    TRUE_THAT(PyDict_Pop(dict, key, &value) == 1 && value == x && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyDict_SetDefaultRef_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyUnicode_FromString("k"), *x = fresh(), *value;
    TRUE_THAT(PyDict_SetDefaultRef(dict, key, x, &value) == 0 && value == x);
    TRUE_THAT(Py_REFCNT(x) == 3); /* ours, the dict's, and the result: filled at 0 and at 1 */
    TRUE_THAT(PyDict_SetDefaultRef(dict, key, Py_None, &value) == 1 && value == x);
    TRUE_THAT(Py_REFCNT(x) == 4);
    return NULL;
}

static const char *PyObject_GetOptionalAttr_proof(void) {
    PyObject *module = PyModule_New("m"), *name = PyUnicode_FromString("x"), *x = fresh(), *value;
    TRUE_THAT(PyObject_GetOptionalAttr(module, name, &value) == 0 && value == NULL && !failed());
    PyObject_SetAttr(module, name, x);
    TRUE_THAT(PyObject_GetOptionalAttr(module, name, &value) == 1 && value == x);
    TRUE_THAT(Py_REFCNT(x) == 3);
    return NULL;
}

static const char *PyWeakref_GetRef_proof(void) {
    PyObject *x = PySet_New(NULL), *reference = PyWeakref_NewRef(x, NULL), *value = NULL;
    TRUE_THAT(PyWeakref_GetRef(reference, &value) == 1 && value == x && Py_REFCNT(x) == 2);
    Py_DECREF(x);
    Py_DECREF(x);
    TRUE_THAT(PyWeakref_GetRef(reference, &value) == 0 && value == NULL);
    return NULL;
}
#endif

static const char *PyUnicode_FSConverter_proof(void) {
    PyObject *path = PyBytes_FromString("a/b"), *converted = NULL;
    TRUE_THAT(PyUnicode_FSConverter(path, &converted) && converted == path);
    TRUE_THAT(Py_REFCNT(path) == 2); /* a new reference in the variable of an O& */
    TRUE_THAT(!PyUnicode_FSConverter(PyExc_ValueError, &converted) && failed());
    return NULL;
}

static const char *PyObject_GetBuffer_proof(void) {
    PyObject *bytes = PyByteArray_FromStringAndSize("abc", 3);
    Py_buffer view;
    TRUE_THAT(PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) == 0 && Py_REFCNT(bytes) == 2);
    PyBuffer_Release(&view);
    TRUE_THAT(Py_REFCNT(bytes) == 1);
    return NULL;
}

/* ---- who keeps a reference of his own ---- */

static const char *PyList_Append_proof(void) {
    PyObject *list = PyList_New(0), *x = fresh();
    TRUE_THAT(PyList_Append(list, x) == 0 && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyDict_SetItem_proof(void) {
    PyObject *dict = PyDict_New(), *key = PyTuple_Pack(1, dict), *x = fresh();
    PyObject *text = PyUnicode_FromString("a key of its own");
    TRUE_THAT(PyDict_SetItem(dict, text, x) == 0 && Py_REFCNT(x) == 2 && Py_REFCNT(text) == 2);
    TRUE_THAT(PyDict_SetItem(dict, key, x) < 0 && failed() && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyObject_SetAttrString_proof(void) {
    PyObject *module = PyModule_New("m"), *x = fresh();
    TRUE_THAT(PyObject_SetAttrString(module, "x", x) == 0 && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PySequence_SetItem_proof(void) {
    PyObject *list = PyList_New(0), *x = fresh();
    PyList_Append(list, Py_None);
    TRUE_THAT(PySequence_SetItem(list, 0, x) == 0 && Py_REFCNT(x) == 2); /* not PyList_SetItem */
    return NULL;
}

static const char *PySet_Add_proof(void) {
    PyObject *set = PySet_New(NULL), *x = PyUnicode_FromString("an element of its own");
    TRUE_THAT(PySet_Add(set, x) == 0 && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyTuple_Pack_proof(void) {
    PyObject *x = fresh(), *tuple = PyTuple_Pack(2, x, x);
    TRUE_THAT(tuple && Py_REFCNT(x) == 3);
    return NULL;
}

static const char *Py_BuildValue_proof(void) {
    PyObject *x = fresh(), *tuple = Py_BuildValue("(OS)", x, x);
    TRUE_THAT(tuple && Py_REFCNT(x) == 3);
    Py_DECREF(tuple);
    Py_INCREF(x);
    tuple = Py_BuildValue("(N)", x);
    TRUE_THAT(tuple && Py_REFCNT(x) == 2);
    return NULL;
}

static const char *PyObject_CallFunction_proof(void) {
    PyObject *x = fresh();
    Py_INCREF(x);
    PyObject *size = PyObject_CallFunction((PyObject *)&PyList_Type, "(N)", x);
    TRUE_THAT(size && Py_REFCNT(x) == 1); /* "N" is gone even here */
    size = PyObject_CallFunction((PyObject *)&PyList_Type, "(O)", x);
    TRUE_THAT(size && Py_REFCNT(x) == 1);
    return NULL;
}

static const char *PyObject_CallFunctionObjArgs_proof(void) {
    PyObject *x = fresh();
    PyObject *list = PyObject_CallFunctionObjArgs((PyObject *)&PyList_Type, x, NULL);
    TRUE_THAT(list && Py_REFCNT(x) == 1);
    return NULL;
}

/* ---- the list of proofs ---- */

#define PROOF(function) {#function, function##_proof}

static const struct {
    const char *name;
    Proof proof;
} all[] = {
    PROOF(PyBytes_Concat),
    PROOF(PyBytes_ConcatAndDel),
    PROOF(PyCell_Get),
    PROOF(PyContextVar_Get),
    PROOF(PyDict_GetItemWithError),
    PROOF(PyDict_SetDefault),
    PROOF(PyDict_SetItem),
    PROOF(PyErr_Fetch),
    PROOF(PyErr_GetExcInfo),
    PROOF(PyErr_Restore),
    PROOF(PyErr_SetExcInfo),
    PROOF(PyErr_SetObject),
    PROOF(PyException_GetCause),
    PROOF(PyException_GetContext),
    PROOF(PyException_GetTraceback),
    PROOF(PyException_SetCause),
    PROOF(PyException_SetContext),
    PROOF(PyImport_AddModule),
    PROOF(PyIter_Next),
    PROOF(PyList_Append),
    PROOF(PyList_SET_ITEM),
    PROOF(PyList_SetItem),
    PROOF(PyModule_AddObject),
    PROOF(PyObject_CallFunction),
    PROOF(PyObject_CallFunctionObjArgs),
    PROOF(PyObject_GetBuffer),
    PROOF(PyObject_SetAttrString),
    PROOF(PySequence_SetItem),
    PROOF(PySet_Add),
    PROOF(PyStructSequence_SetItem),
    PROOF(PySys_GetObject),
    PROOF(PySys_SetObject),
    PROOF(PyTuple_Pack),
    PROOF(PyTuple_SetItem),
    PROOF(PyUnicode_FSConverter),
    PROOF(PyWeakref_GetObject),
    PROOF(Py_BuildValue),
#if SINCE(9)
    PROOF(PyType_GetModule),
#endif
#if SINCE(10)
    PROOF(PyModule_AddObjectRef),
#endif
#if SINCE(11)
    PROOF(PyErr_SetHandledException),
#endif
#if SINCE(12)
    PROOF(PyErr_GetRaisedException),
    PROOF(PyErr_SetRaisedException),
#endif
#if SINCE(13)
    PROOF(PyDict_GetItemRef),
    PROOF(PyDict_Pop),
    PROOF(PyDict_SetDefaultRef),
    PROOF(PyModule_Add),
    PROOF(PyObject_GetOptionalAttr),
    PROOF(PyWeakref_GetRef),
#endif
};

static PyObject *proofs(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    PyObject *found = PyDict_New();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *wrong = all[i].proof();
        PyErr_Clear();
        PyObject *text = Py_BuildValue("z", wrong);
        PyDict_SetItemString(found, all[i].name, text);
        Py_DECREF(text);
    }
    return found;
}

static PyMethodDef methods[] = {{"proofs", proofs, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "shown", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_shown(void) {
    return PyModule_Create(&module);
}
