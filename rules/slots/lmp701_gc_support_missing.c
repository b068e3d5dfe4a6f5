/* ## What it does
 * Reports types of C extensions whose instances own references to objects that may refer back,
 * a callback or whatever the caller gives, and that lack `Py_TPFLAGS_HAVE_GC`: also those that
 * have `tp_traverse`, which nothing calls without the flag.
 *
 * ## Why it leaks
 * The cyclic collector sees only objects of types that take part. `timer.callback =
 * timer.stop` makes a cycle through the timer; the collector finds references to the callback
 * that it cannot account for, takes them for references from outside, and keeps the cycle
 * until the process ends.
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
 * timer_dealloc(Timer *self)
 * {
 *     Py_XDECREF(self->callback);
 *     Py_TYPE(self)->tp_free((PyObject *)self);
 * }
 *
 * PyTypeObject Timer_Type = {
 *     PyVarObject_HEAD_INIT(NULL, 0)
 *     .tp_name = "clock.Timer",
 *     .tp_basicsize = sizeof(Timer),
 *     .tp_flags = Py_TPFLAGS_DEFAULT,
 *     .tp_dealloc = (destructor)timer_dealloc,
 *     .tp_init = (initproc)timer_init,
 *     .tp_new = PyType_GenericNew,
 * };
 * ```
 *
 * The type takes part: it has the flag, shows what it holds, and lets go of it:
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
 * - The fields only ever get texts, bytes or numbers, or are checked for that.
 * - The type has a base, or bases, from which it can inherit the support.
 * - The flags are not a constant that limpet can read, or the struct of the instances is not
 *   known.
 * - The field is not owned: nothing takes a reference for it, and nothing releases it.
 *
 * ## What it misses
 * Fields that are set by functions of other files, and objects in nested structs and arrays.
 * With `--min-confidence low` it also speaks of fields that get results of calls, containers,
 * and objects of other types of the extension.
 *
 * ## How to confirm
 * Make an instance that holds a bound method or closure that refers to it, drop it, and call
 * `gc.collect()`: a weak reference to an object of the cycle stays alive, and
 * `gc.is_tracked(instance)` is False.
 *
 * ## References
 * - Python documentation, C API: "Supporting cyclic garbage collection"
 * - LMP114, which finds Python code that makes such a cycle
 */
#include "rule/rule.h"

/* One reason more, and the surest: it was meant to take part. */
static void note_unused_traverse(RuleContext *c, Finding *f, const CFault *fault) {
    if (!fault->consumer.n) return;
    f->help = rule_text(c, "add `Py_TPFLAGS_HAVE_GC` to the flags: without it nothing calls '%.*s'",
                        STR_ARG(fault->consumer));
}

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    f->message = rule_text(c,
                           "a cycle through '%.*s' keeps its objects alive until the process ends: "
                           "the collector cannot see %.*s",
                           STR_ARG(fault->holder), STR_ARG(fault->source));
    f->help = STR("add `Py_TPFLAGS_HAVE_GC`, `tp_traverse` and `tp_clear`, and call "
                  "`PyObject_GC_UnTrack` first in `tp_dealloc`");
    note_unused_traverse(c, f, fault);
    f->confirm = rule_text(c, "`gc.is_tracked(x)` is False for an instance `x` of '%.*s'",
                           STR_ARG(fault->holder));
}

const Rule rule_lmp701 = {
    .code = "LMP701",
    .name = "gc-support-missing",
    .summary = "an extension type that can hold any object has no support for the cyclic collector",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_NO_GC,
    .on_fault = check,
};
