/* ## What it does
 * Reports ways out of a function on which the global interpreter lock is not taken back after
 * `Py_BEGIN_ALLOW_THREADS` or `PyEval_SaveThread`, or not given back after `PyGILState_Ensure`.
 *
 * ## Why it leaks
 * Who returns to Python without the lock runs beside another thread in the interpreter: it crashes
 * sooner or later. Who keeps a lock that it took stops every other thread for good.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 * #include <unistd.h>
 *
 * static PyObject *
 * wait_for(PyObject *self, PyObject *seconds)
 * {
 *     long n = PyLong_AsLong(seconds);
 *     PyThreadState *state = PyEval_SaveThread();
 *     if (sleep((unsigned)n) > 0) {
 *         return NULL;
 *     }
 *     PyEval_RestoreThread(state);
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
 * Every way out takes the lock back first:
 *
 * ```c good
 * #include <Python.h>
 * #include <unistd.h>
 *
 * static PyObject *
 * wait_for(PyObject *self, PyObject *seconds)
 * {
 *     long n = PyLong_AsLong(seconds);
 *     PyThreadState *state = PyEval_SaveThread();
 *     unsigned left = sleep((unsigned)n);
 *     PyEval_RestoreThread(state);
 *     return PyLong_FromUnsignedLong(left);
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
 * - The function only gives the lock up, or only takes it: another one does the rest.
 * - The way out is guarded by the same local variable as the call that takes it back.
 *
 * ## What it misses
 * Locks that are given up in one function and should be taken back in another.
 *
 * ## How to confirm
 * Run that way out under a debug build of Python: it stops with "the function must be called with
 * the GIL held".
 *
 * ## References
 * - Python documentation, C API, "Thread State and the Global Interpreter Lock"
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    f->steps.n = 0;
    bool is_kept = str_is(fault->source, "PyGILState_Ensure");
    Str function = cunit_name(u->unit, fault->function);
    f->message = is_kept ? rule_text(c,
                                     "'%.*s' stops all other threads when it returns: the lock of "
                                     "'%.*s' is not given back",
                                     STR_ARG(function), STR_ARG(fault->source))
                         : rule_text(c,
                                     "'%.*s' runs on without the lock when it returns: what '%.*s' "
                                     "gave up is not taken back",
                                     STR_ARG(function), STR_ARG(fault->source));
    rule_native_step(c, u, f, STEP_NOTE, fault->source,
                     is_kept ? STR("takes the lock") : STR("gives the lock up"), fault->function,
                     fault->origin);
    rule_fault_exit(c, u, f, fault, STR("the way out"), STR("not undone here"));
    f->help = is_kept ? STR("call `PyGILState_Release` on this way out too")
                      : STR("take the lock back on this way out too, or leave the block first");
}

const Rule rule_lmp801 = {
    .code = "LMP801",
    .name = "gil-unbalanced",
    .summary = "a way out leaves the global interpreter lock given up, or taken",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_GIL,
    .on_fault = check,
};
