/* ## What it does
 * Reports `tp_clear` functions that leave out a field which `tp_traverse` visits and which can
 * hold objects that refer back.
 *
 * ## Why it leaks
 * The collector breaks a cycle by calling `tp_clear` of its objects. When the only way back
 * leads through a field that stays, the cycle survives although it was found, and is looked at
 * again with every collection.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *callback;
 *     PyObject *argument;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *callback, *argument;
 *
 *     if (!PyArg_ParseTuple(args, "OO", &callback, &argument)) {
 *         return -1;
 *     }
 *     Py_INCREF(callback);
 *     Py_XSETREF(self->callback, callback);
 *     Py_INCREF(argument);
 *     Py_XSETREF(self->argument, argument);
 *     return 0;
 * }
 *
 * static int
 * timer_traverse(Timer *self, visitproc visit, void *arg)
 * {
 *     Py_VISIT(self->callback);
 *     Py_VISIT(self->argument);
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
 *     Py_XDECREF(self->argument);
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
 * Both are cleared:
 *
 * ```c good
 * #include <Python.h>
 *
 * typedef struct {
 *     PyObject_HEAD
 *     PyObject *callback;
 *     PyObject *argument;
 * } Timer;
 *
 * static int
 * timer_init(Timer *self, PyObject *args, PyObject *kwargs)
 * {
 *     PyObject *callback, *argument;
 *
 *     if (!PyArg_ParseTuple(args, "OO", &callback, &argument)) {
 *         return -1;
 *     }
 *     Py_INCREF(callback);
 *     Py_XSETREF(self->callback, callback);
 *     Py_INCREF(argument);
 *     Py_XSETREF(self->argument, argument);
 *     return 0;
 * }
 *
 * static int
 * timer_traverse(Timer *self, visitproc visit, void *arg)
 * {
 *     Py_VISIT(self->callback);
 *     Py_VISIT(self->argument);
 *     return 0;
 * }
 *
 * static int
 * timer_clear(Timer *self)
 * {
 *     Py_CLEAR(self->callback);
 *     Py_CLEAR(self->argument);
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
 * - `tp_traverse` does not show the field either: that is LMP702.
 * - The field stands anywhere in the function, or in one of the unit that it calls with the
 *   instance.
 * - The field only ever gets texts, bytes or numbers.
 * - There is no `tp_clear` at all: types that cannot close a cycle by themselves do without.
 *
 * ## What it misses
 * Fields of nested structs and arrays.
 *
 * ## How to confirm
 * Let only that field refer back to the instance, drop it, and call `gc.collect()`: a weak
 * reference stays alive, although `gc.get_referents` lists the object.
 *
 * ## References
 * - Python documentation, C API: "Supporting cyclic garbage collection"
 * - Python documentation, `tp_clear`
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    f->message =
        rule_text(c,
                  "the collector cannot break a cycle through '%.*s' when only %.*s leads "
                  "back: '%.*s' does not clear it",
                  STR_ARG(fault->holder), STR_ARG(fault->source), STR_ARG(fault->consumer));
    f->help = rule_text(c, "add a `Py_CLEAR` for %.*s", STR_ARG(fault->source));
    f->confirm = rule_text(c, "let %.*s refer back, drop the instance, `gc.collect()`",
                           STR_ARG(fault->source));
}

const Rule rule_lmp703 = {
    .code = "LMP703",
    .name = "clear-misses-member",
    .summary = "`tp_clear` does not let go of a reference that `tp_traverse` shows",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_CLEAR,
    .on_fault = check,
};
