/* ## What it does
 * Reports types that set `tp_del`, the finalizer of before Python 3.4.
 *
 * ## Why it leaks
 * The collector does not dare to break a cycle with an object that has `tp_del`: it puts it
 * into `gc.garbage`, where it stays until the process ends. `tp_finalize` took its place with
 * PEP 442.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *callback;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *callback;
 *
 *     if (!PyArg_ParseTuple(args, "O", &callback)) {
 *         return -1;
 *     }
 *     Py_INCREF(callback);
 *     Py_XSETREF(self->callback, callback);
 *     return 0;
 * }
 *
 * static void
 * timer_del(PyObject *self)
 * {
 * }
 *
 * static int
 * timer_traverse(Timer *self, visitproc visit, void *arg)
 * {
 *     Py_VISIT(self->callback);
 *     return 0;
 * }
 *
 * static int
 * timer_clear(Timer *self)
 * {
 *     Py_CLEAR(self->callback);
 *     return 0;
 * }
 *
 * static void
 * timer_dealloc(Timer *self)
 * {
 *     PyObject_GC_UnTrack(self);
 *     timer_clear(self);
 *     Py_TYPE(self)->tp_free((PyObject *)self);
 * }
 *
 * PyTypeObject Timer_Type = {
 *     PyVarObject_HEAD_INIT(NULL, 0)
 *     .tp_name = "clock.Timer",
 *     .tp_basicsize = sizeof(Timer),
 *     .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
 *     .tp_dealloc = (destructor)timer_dealloc,
 *     .tp_traverse = (traverseproc)timer_traverse,
 *     .tp_clear = (inquiry)timer_clear,
 *     .tp_del = (destructor)timer_del,
 *     .tp_init = (initproc)timer_init,
 *     .tp_new = PyType_GenericNew,
 * };
 * ```
 *
 * A finalizer that the collector can call first:
 *
 * ```c good
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *callback;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *callback;
 *
 *     if (!PyArg_ParseTuple(args, "O", &callback)) {
 *         return -1;
 *     }
 *     Py_INCREF(callback);
 *     Py_XSETREF(self->callback, callback);
 *     return 0;
 * }
 *
 * static void
 * timer_finalize(PyObject *self)
 * {
 * }
 *
 * static int
 * timer_traverse(Timer *self, visitproc visit, void *arg)
 * {
 *     Py_VISIT(self->callback);
 *     return 0;
 * }
 *
 * static int
 * timer_clear(Timer *self)
 * {
 *     Py_CLEAR(self->callback);
 *     return 0;
 * }
 *
 * static void
 * timer_dealloc(Timer *self)
 * {
 *     PyObject_GC_UnTrack(self);
 *     timer_clear(self);
 *     Py_TYPE(self)->tp_free((PyObject *)self);
 * }
 *
 * PyTypeObject Timer_Type = {
 *     PyVarObject_HEAD_INIT(NULL, 0)
 *     .tp_name = "clock.Timer",
 *     .tp_basicsize = sizeof(Timer),
 *     .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
 *     .tp_dealloc = (destructor)timer_dealloc,
 *     .tp_traverse = (traverseproc)timer_traverse,
 *     .tp_clear = (inquiry)timer_clear,
 *     .tp_finalize = (destructor)timer_finalize,
 *     .tp_init = (initproc)timer_init,
 *     .tp_new = PyType_GenericNew,
 * };
 * ```
 *
 * ## When it is silent
 * - `tp_del` is NULL.
 *
 * ## What it misses
 * Types that get it through a table that is filled at run time.
 *
 * ## How to confirm
 * Make a cycle through an instance, drop it, and call `gc.collect()`: it is in `gc.garbage`.
 *
 * ## References
 * - PEP 442, Safe object finalization
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    f->message = rule_text(c,
                           "a cycle through '%.*s' keeps its objects alive until the process ends: "
                           "with 'tp_del' it is uncollectable",
                           STR_ARG(fault->holder));
    f->help =
        STR("use `tp_finalize`, and call `PyObject_CallFinalizerFromDealloc` in `tp_dealloc`");
    f->confirm = STR("make a cycle through an instance, `gc.collect()`, look at `gc.garbage`");
}

const Rule rule_lmp707 = {
    .code = "LMP707",
    .name = "legacy-tp-del",
    .summary = "`tp_del` makes cycles uncollectable",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_TP_DEL,
    .on_fault = check,
};
