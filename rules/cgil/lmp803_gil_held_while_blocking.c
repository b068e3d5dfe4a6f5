/* ## What it does
 * Reports calls that wait for something outside of the process (`read`, `connect`, `sleep`,
 * `sqlite3_step` …), and of functions of the project that do, where the global interpreter lock is
 * held: in a method, or after the function has used the Python API. Off by default.
 *
 * ## Why it leaks
 * As long as the call waits, no other thread of the program runs.
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
 *     sleep((unsigned)n);
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
 * Other threads run in the meantime:
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
 * - The lock is given up around the call.
 * - The function is in no table of methods and has not used the API: whoever calls it may have
 * given the lock up.
 *
 * ## What it misses
 * Waits in other libraries, and long computations.
 *
 * ## How to confirm
 * Let a second thread count while the first one is in the call: it stands still.
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
    f->message = rule_text(c, "'%.*s' stops all other threads when '%.*s' waits: it holds the lock",
                           STR_ARG(function), STR_ARG(fault->source));
    rule_native_step(c, u, f, STEP_NOTE, fault->source, STR("may wait here"), fault->function,
                     fault->origin);
    f->help = STR("put it between `Py_BEGIN_ALLOW_THREADS` and `Py_END_ALLOW_THREADS`");
}

const Rule rule_lmp803 = {
    .code = "LMP803",
    .name = "gil-held-while-blocking",
    .summary = "a method waits and holds the global interpreter lock",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .faults = 1u << C_FAULT_WAITS,
    .on_fault = check,
};
