/* ## What it does
 * Reports exceptions that `PyErr_Fetch`, `PyErr_GetRaisedException` and their kin have handed over
 * and that nobody releases or restores, and capsules around memory that nothing frees.
 *
 * ## Why it leaks
 * `PyErr_Fetch` takes the exception away from the interpreter and gives three references; an
 * exception has a traceback, and a traceback holds every frame with all its variables. A capsule
 * without a destructor does not free what it points to.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * int
 * close_quietly(PyObject *file)
 * {
 *     PyObject *type, *value, *traceback;
 *     PyErr_Fetch(&type, &value, &traceback);
 *     return PyObject_SetAttrString(file, "closed", Py_True);
 * }
 * ```
 *
 * What was fetched is restored, or released:
 *
 * ```c good
 * #include <Python.h>
 *
 * int
 * close_quietly(PyObject *file)
 * {
 *     PyObject *type, *value, *traceback;
 *     PyErr_Fetch(&type, &value, &traceback);
 *     int status = PyObject_SetAttrString(file, "closed", Py_True);
 *     PyErr_Restore(type, value, traceback);
 *     return status;
 * }
 * ```
 *
 * ## When it is silent
 * - The references were restored, released, or given to a function that limpet cannot see into.
 * - The capsule has a destructor, or the memory is kept somewhere else as well.
 *
 * ## What it misses
 * Exceptions that are kept in a structure and forgotten there.
 *
 * ## How to confirm
 * `sys.getallocatedblocks()` grows with each call.
 *
 * ## References
 * - Python documentation, C API: `PyErr_Fetch`, `PyCapsule_New`
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    Str function = cunit_name(u->unit, fault->function);
    bool is_capsule = fault->kind == C_FAULT_CAPSULE;
    f->message = is_capsule ? rule_text(c,
                                        "'%.*s' keeps the memory of its capsule alive until the "
                                        "process ends: no destructor frees it",
                                        STR_ARG(function))
                            : rule_text(c,
                                        "'%.*s' keeps the exception of '%.*s' alive until the "
                                        "process ends: nothing restores "
                                        "or releases it",
                                        STR_ARG(function), STR_ARG(fault->source));
    if (!is_capsule) rule_fault_exit(c, u, f, fault, STR("the way out"), STR("still owned here"));
    f->help = is_capsule ? STR("give `PyCapsule_New` a destructor that frees the pointer")
                         : STR("call `PyErr_Restore` with all three, or `Py_XDECREF` for each");
    f->confirm = rule_text(c, "`sys.getallocatedblocks()` grows with each call of '%.*s'",
                           STR_ARG(function));
}

const Rule rule_lmp609 = {
    .code = "LMP609",
    .name = "result-dropped",
    .summary = "a fetched exception is dropped, or a capsule does not free its memory",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_ERROR_LOST | 1u << C_FAULT_CAPSULE,
    .on_fault = check,
};
