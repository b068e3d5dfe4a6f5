/* ## What it does
 * Reports `tp_dealloc` functions of types with `Py_TPFLAGS_HAVE_GC` that release objects and
 * never call `PyObject_GC_UnTrack`.
 *
 * ## Why it leaks
 * Releasing an object can run any code, and a collection with it. The collector then visits an
 * instance whose count is zero and whose fields are half released: it crashes, or frees the
 * instance twice.
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
 *     .tp_init = (initproc)timer_init,
 *     .tp_new = PyType_GenericNew,
 * };
 * ```
 *
 * The collector is told first:
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
 *     .tp_init = (initproc)timer_init,
 *     .tp_new = PyType_GenericNew,
 * };
 * ```
 *
 * ## When it is silent
 * - Nothing is released before the memory is freed: `PyObject_GC_Del` untracks by itself.
 * - The function leaves the work to `tp_dealloc` of a base, or hands the instance to code
 *   outside of the unit.
 *
 * ## What it misses
 * A call of `PyObject_GC_UnTrack` that comes too late.
 *
 * ## How to confirm
 * Build Python with assertions (`--with-pydebug`), let a field hold an object whose finalizer
 * calls `gc.collect()`, and drop the instance.
 *
 * ## References
 * - Python documentation, `PyObject_GC_UnTrack`: "before any of the fields used by the
 *   tp_traverse handler become invalid"
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    f->message = rule_text(c,
                           "the collector can visit a '%.*s' when it is half taken apart: '%.*s' "
                           "does not call 'PyObject_GC_UnTrack'",
                           STR_ARG(fault->holder), STR_ARG(fault->consumer));
    f->help = STR("call `PyObject_GC_UnTrack(self)` first");
    f->confirm =
        STR("a debug build of Python aborts when a field's finalizer calls `gc.collect()`");
}

const Rule rule_lmp705 = {
    .code = "LMP705",
    .name = "dealloc-without-untrack",
    .summary =
        "`tp_dealloc` of a collected type takes the instance apart while the collector can see it",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_UNTRACK,
    .on_fault = check,
};
