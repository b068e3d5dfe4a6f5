/* ## What it does
 * Reports calls of the Python API, `Py_INCREF` and `Py_DECREF` among them, on ways on which the
 * function has given the global interpreter lock up; and calls of functions of the project that
 * call it, directly or through others.
 *
 * ## Why it leaks
 * Without the lock another thread runs in the interpreter at the same time: reference counts are
 * lost, memory is freed twice, and the process crashes now and then.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 * #include <unistd.h>
 *
 * static PyObject *
 * wait_for(PyObject *self, PyObject *seconds)
 * {
 *     Py_BEGIN_ALLOW_THREADS
 *     sleep((unsigned)PyLong_AsLong(seconds));
 *     Py_END_ALLOW_THREADS
 *     Py_RETURN_NONE;
 * }
 *
 * static PyMethodDef methods[] = {{"wait_for", wait_for, METH_O, NULL}, {NULL}};
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "waits", NULL, -1, methods};
 *
 * PyMODINIT_FUNC
 * PyInit_waits(void)
 * {
 *     return PyModule_Create(&module);
 * }
 * ```
 *
 * What the API has to tell is asked before:
 *
 * ```c good
 * #include <Python.h>
 * #include <unistd.h>
 *
 * static PyObject *
 * wait_for(PyObject *self, PyObject *seconds)
 * {
 *     long n = PyLong_AsLong(seconds);
 *     Py_BEGIN_ALLOW_THREADS
 *     sleep((unsigned)n);
 *     Py_END_ALLOW_THREADS
 *     Py_RETURN_NONE;
 * }
 *
 * static PyMethodDef methods[] = {{"wait_for", wait_for, METH_O, NULL}, {NULL}};
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "waits", NULL, -1, methods};
 *
 * PyMODINIT_FUNC
 * PyInit_waits(void)
 * {
 *     return PyModule_Create(&module);
 * }
 * ```
 *
 * ## When it is silent
 * - `PyGILState_Ensure` or `Py_BLOCK_THREADS` has taken the lock again, here or in the function
 * that is called.
 * - Functions that need no lock: `PyMem_RawMalloc`, `PyThread_acquire_lock`, `Py_FatalError` …
 *
 * ## What it misses
 * Functions that a library calls from threads of its own, and calls through pointers.
 *
 * ## How to confirm
 * A debug build of Python stops at the call with "the function must be called with the GIL held".
 *
 * ## References
 * - Python documentation, C API, "Thread State and the Global Interpreter Lock"
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    f->steps.n = 0;
    Str function = cunit_name(u->unit, fault->function);
    f->message =
        rule_text(c, "'%.*s' races with other threads when '%.*s' calls it: the lock is given up",
                  STR_ARG(fault->source), STR_ARG(function));
    if (fault->exit)
        rule_native_step(c, u, f, STEP_NOTE, cunit_str(u->unit, u->unit->nodes[fault->exit].name),
                         STR("gives the lock up"), fault->function, fault->exit);
    rule_native_step(c, u, f, STEP_NOTE, fault->source, STR("needs it"), fault->function,
                     fault->origin);
    f->help = STR("call it before the lock is given up, or after it is taken back");
}

const Rule rule_lmp802 = {
    .code = "LMP802",
    .name = "api-without-gil",
    .summary = "the Python API is called while the global interpreter lock is given up",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_NO_GIL,
    .on_fault = check,
};
