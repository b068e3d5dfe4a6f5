/* ## What it does
 * Reports assignments of an owned object to a static variable, a global or a field of `self`, in a
 * function that can run again, which neither looks at the old value before nor releases it.
 *
 * ## Why it leaks
 * The variable owns what it holds. When it gets another value, the reference to the old object is
 * gone, and the object stays until the process ends: one with each further call.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * static PyObject *hook;
 *
 * static PyObject *
 * set_hook(PyObject *self, PyObject *callable)
 * {
 *     Py_INCREF(callable);
 *     hook = callable;
 *     Py_RETURN_NONE;
 * }
 *
 * static PyMethodDef methods[] = {{"set_hook", set_hook, METH_O, NULL}, {NULL}};
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hooks", NULL, -1, methods};
 *
 * PyMODINIT_FUNC
 * PyInit_hooks(void)
 * {
 *     return PyModule_Create(&module);
 * }
 * ```
 *
 * `Py_XSETREF` releases the old value, after the new one is in place:
 *
 * ```c good
 * #include <Python.h>
 *
 * static PyObject *hook;
 *
 * static PyObject *
 * set_hook(PyObject *self, PyObject *callable)
 * {
 *     Py_INCREF(callable);
 *     Py_XSETREF(hook, callable);
 *     Py_RETURN_NONE;
 * }
 *
 * static PyMethodDef methods[] = {{"set_hook", set_hook, METH_O, NULL}, {NULL}};
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hooks", NULL, -1, methods};
 *
 * PyMODINIT_FUNC
 * PyInit_hooks(void)
 * {
 *     return PyModule_Create(&module);
 * }
 * ```
 *
 * ## When it is silent
 * - The function mentions the variable before: it tests, releases or saves the old value.
 * - It runs once (the initialisation of a module), or makes the object that has the field.
 * - Nothing in the unit ever releases the field: it does not own what it holds.
 * - At low confidence: `__init__`, which can be called again but seldom is, and functions that are
 * in no table of methods.
 *
 * ## What it misses
 * Fields of other objects than the first parameter, and arrays.
 *
 * ## How to confirm
 * Call it twice: `sys.getrefcount` of the first object, or `sys.getallocatedblocks()`, shows that
 * it stays.
 *
 * ## References
 * - Python documentation, C API: `Py_XSETREF`, `Py_CLEAR`
 * - Python documentation, Extending and Embedding, "Defining Extension Types": the order of
 * assignment and release in setters
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    Str function = cunit_name(u->unit, fault->function);
    f->steps.n = 0;
    f->message = rule_text(
        c,
        "each call of '%.*s' keeps the old object of '%.*s' alive until the process ends: nothing "
        "releases it",
        STR_ARG(function), STR_ARG(fault->holder));
    rule_native_step(c, u, f, STEP_NOTE,
                     rule_text(c, "'%.*s' gets another value", STR_ARG(fault->holder)),
                     STR("the old one is still owned"), fault->function, fault->origin);
    f->help = rule_text(c, "use `Py_XSETREF(%.*s, …)`", STR_ARG(fault->holder));
    f->confirm = rule_text(c, "call '%.*s' twice: the first object stays", STR_ARG(function));
}

const Rule rule_lmp607 = {
    .code = "LMP607",
    .name = "static-overwritten",
    .summary = "a static variable or field gets another value, and the old one is not released",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_STATIC,
    .on_fault = check,
};
