/* ## What it does
 * Reports `tp_traverse` functions that leave out a field of the instance which owns a
 * reference and can hold objects that refer back. For heap types it also looks for a visit to
 * the type (low confidence), which instances own since Python 3.8.
 *
 * ## Why it leaks
 * The collector counts the references between the objects that it knows. One that
 * `tp_traverse` does not show looks like a reference from outside: the object behind it, and
 * all of the cycle, is kept until the process ends.
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
 * Every owned reference is visited:
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
 * - The field stands anywhere in the function, or in one of the unit that it calls with the
 *   instance.
 * - The function hands the instance to code outside of the unit, or takes the address of a
 *   field.
 * - The field only ever gets texts, bytes or numbers, or is checked for that.
 * - The field is not owned: a back-pointer to what outlives the instance.
 *
 * ## What it misses
 * Fields of nested structs, arrays, and what is behind a pointer to a struct that is no
 * object.
 *
 * ## How to confirm
 * Let the field refer back to the instance, drop it, and call `gc.collect()`: weak references
 * stay alive. `gc.get_referents(instance)` does not list the object.
 *
 * ## References
 * - Python documentation, C API: "Supporting cyclic garbage collection"
 * - Python documentation, `tp_traverse`; for heap types the notes on Python 3.9
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    Str field = fault->source.n ? fault->source : STR("'Py_TYPE(self)'");
    f->message = rule_text(c,
                           "a cycle through '%.*s' keeps its objects alive until the process ends: "
                           "'%.*s' does not visit %.*s",
                           STR_ARG(fault->holder), STR_ARG(fault->consumer), STR_ARG(field));
    f->help = fault->source.n ? rule_text(c, "add a `Py_VISIT` for %.*s", STR_ARG(field))
                              : STR("from Python 3.9 on, add `Py_VISIT(Py_TYPE(self))`");
    f->confirm =
        rule_text(c, "`gc.get_referents(x)` for an instance `x` of '%.*s'", STR_ARG(fault->holder));
}

const Rule rule_lmp702 = {
    .code = "LMP702",
    .name = "traverse-misses-member",
    .summary = "`tp_traverse` does not visit a reference that the instance owns",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_TRAVERSE,
    .on_fault = check,
};
