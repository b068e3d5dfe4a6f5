/* ## What it does
 * Reports types whose `tp_dealloc` leaves out a field that owns a reference, that have no
 * `tp_dealloc` although their instances own references, and `tp_dealloc` functions that never
 * free the instance itself.
 *
 * ## Why it leaks
 * When the last reference to an instance goes, `tp_dealloc` is all that runs. A field that it
 * does not release keeps its object for good, once per instance.
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
 * The reference is given back before the memory is:
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
 * - The function hands the instance to code outside of the unit, or calls `tp_dealloc` of a
 *   base.
 * - Nothing takes a reference for the field: it is borrowed.
 *
 * ## What it misses
 * Memory that is no object, fields of nested structs and arrays, references that are released
 * on some ways only.
 *
 * ## How to confirm
 * Make and drop instances a hundred thousand times: `sys.getrefcount` of the object, or
 * `sys.getallocatedblocks()`, grows with each.
 *
 * ## References
 * - Python documentation, `tp_dealloc`
 */
#include "rule/rule.h"

static Str what_stays(RuleContext *c, const CFault *fault) {
    if (!fault->source.n) return STR("its memory");
    return rule_text(c, "what it holds in %.*s", STR_ARG(fault->source));
}

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_slot(c, u, fault);
    if (!f) return;
    Str stays = what_stays(c, fault);
    bool has_slot = u->unit->decls[fault->function].kind == C_FUNCTION;
    Str because = has_slot ? rule_text(c, "'%.*s' does not %s", STR_ARG(fault->consumer),
                                       fault->source.n ? "release it" : "free it")
                           : STR("the type has no 'tp_dealloc'");
    f->message = rule_text(c, "each '%.*s' keeps %.*s alive until the process ends: %.*s",
                           STR_ARG(fault->holder), STR_ARG(stays), STR_ARG(because));
    f->help = fault->source.n ? rule_text(c, "add a `Py_XDECREF` or `Py_CLEAR` for %.*s",
                                          STR_ARG(fault->source))
                              : STR("end with `Py_TYPE(self)->tp_free((PyObject *)self)`");
    f->confirm =
        STR("`sys.getallocatedblocks()` grows with each instance that is made and dropped");
}

const Rule rule_lmp704 = {
    .code = "LMP704",
    .name = "dealloc-misses-member",
    .summary = "`tp_dealloc` does not release a reference that the instance owns",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_DEALLOC,
    .on_fault = check,
};
