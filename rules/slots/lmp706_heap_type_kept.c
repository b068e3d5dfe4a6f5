/* ## What it does
 * Reports `tp_dealloc` functions of heap types (made with `PyType_FromSpec` and its kin) that
 * free the instance and do not release its type.
 *
 * ## Why it leaks
 * Since Python 3.8 every instance of a heap type owns a reference to the type. Who frees the
 * instance by hand has to release it: else the count of the type grows with each instance, and
 * the type, its module and all that they hold stay after the module is unloaded, for instance
 * with a sub-interpreter.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *label;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *label;
 *
 *     if (!PyArg_ParseTuple(args, "U", &label)) {
 *         return -1;
 *     }
 *     Py_INCREF(label);
 *     Py_XSETREF(self->label, label);
 *     return 0;
 * }
 *
 * static void
 * timer_dealloc(Timer *self)
 * {
 *     Py_XDECREF(self->label);
 *     Py_TYPE(self)->tp_free((PyObject *)self);
 * }
 *
 * static PyType_Slot timer_slots[] = {
 *     {Py_tp_dealloc, timer_dealloc},
 *     {Py_tp_init, timer_init},
 *     {0, NULL},
 * };
 *
 * PyType_Spec timer_spec = {
 *     .name = "clock.Timer",
 *     .basicsize = sizeof(Timer),
 *     .flags = Py_TPFLAGS_DEFAULT,
 *     .slots = timer_slots,
 * };
 * ```
 *
 * The type is remembered, and released after the instance:
 *
 * ```c good
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *label;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *label;
 *
 *     if (!PyArg_ParseTuple(args, "U", &label)) {
 *         return -1;
 *     }
 *     Py_INCREF(label);
 *     Py_XSETREF(self->label, label);
 *     return 0;
 * }
 *
 * static void
 * timer_dealloc(Timer *self)
 * {
 *     PyTypeObject *type = Py_TYPE(self);
 *
 *     Py_XDECREF(self->label);
 *     type->tp_free((PyObject *)self);
 *     Py_DECREF(type);
 * }
 *
 * static PyType_Slot timer_slots[] = {
 *     {Py_tp_dealloc, timer_dealloc},
 *     {Py_tp_init, timer_init},
 *     {0, NULL},
 * };
 *
 * PyType_Spec timer_spec = {
 *     .name = "clock.Timer",
 *     .basicsize = sizeof(Timer),
 *     .flags = Py_TPFLAGS_DEFAULT,
 *     .slots = timer_slots,
 * };
 * ```
 *
 * ## When it is silent
 * - The function leaves the work to `tp_dealloc` of a base. That of a type of Python's own
 * (`PyUnicode_Type.tp_dealloc`) does not do it.
 * - It hands the instance to code outside of the unit.
 * - Static types: their instances own no reference to them.
 *
 * ## What it misses
 * Specifications whose slots are put together at run time.
 *
 * ## How to confirm
 * `sys.getrefcount(type(x))` before and after making and dropping instances `x`.
 *
 * ## References
 * - Python documentation, "What's new in Python 3.8", changes in the C API (bpo-35810)
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    f->message = rule_text(c,
                           "each '%.*s' keeps its type alive until the process ends: '%.*s' does "
                           "not release it",
                           STR_ARG(fault->holder), STR_ARG(fault->consumer));
    f->help = STR("keep `Py_TYPE(self)` in a variable, and `Py_DECREF` it after `tp_free`");
    f->confirm = rule_text(c, "`sys.getrefcount` of '%.*s' grows with each instance",
                           STR_ARG(fault->holder));
}

const Rule rule_lmp706 = {
    .code = "LMP706",
    .name = "heap-type-kept",
    .summary = "`tp_dealloc` of a heap type keeps the reference of the instance to its type",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_TYPE_KEPT,
    .on_fault = check,
};
