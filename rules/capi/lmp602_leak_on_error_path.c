/* ## What it does
 * Reports references that a function owns and does not release on a way out that fails: an early
 * `return NULL`, a `goto` to a label that forgets one of several objects.
 *
 * ## Why it leaks
 * Every new reference has to be released, returned or handed on, on every way out. The ways on
 * which something fails are the ones that no test walks; each time one is taken, an object stays
 * until the process ends, and with a caller that tries again that is once per attempt.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * PyObject *
 * pair(PyObject *left, PyObject *right)
 * {
 *     PyObject *first = PyNumber_Long(left);
 *     if (first == NULL) {
 *         return NULL;
 *     }
 *     PyObject *second = PyNumber_Long(right);
 *     if (second == NULL) {
 *         return NULL;
 *     }
 *     return Py_BuildValue("(NN)", first, second);
 * }
 * ```
 *
 * What was acquired before is released before the function returns:
 *
 * ```c good
 * #include <Python.h>
 *
 * PyObject *
 * pair(PyObject *left, PyObject *right)
 * {
 *     PyObject *first = PyNumber_Long(left);
 *     if (first == NULL) {
 *         return NULL;
 *     }
 *     PyObject *second = PyNumber_Long(right);
 *     if (second == NULL) {
 *         Py_DECREF(first);
 *         return NULL;
 *     }
 *     return Py_BuildValue("(NN)", first, second);
 * }
 * ```
 *
 * ## When it is silent
 * - The object is NULL on that way, was released, returned, stored in a structure, a global or an
 * array, or taken over by a call (`PyTuple_SET_ITEM`, the format `N`).
 * - It was given to a function that limpet cannot see into, which may keep or release it.
 * - The function cannot be followed: libclang could not read a part of it, or it has too many ways.
 * - A helper of the project has taken it over, or gives its argument back: what each function does
 * with its parameters, and through them, is known from its body.
 * - In code that runs once, when the module is initialised, it is LMP608.
 *
 * ## What it misses
 * References in memory that is allocated (`node->value`), those in arrays that are given to other
 * functions, and those that a function of which no body was read has given, unless at
 * `--min-confidence low`.
 *
 * ## How to confirm
 * Let the call fail a hundred thousand times: `sys.getallocatedblocks()` grows with each.
 *
 * ## References
 * - Python documentation, Extending and Embedding, "Reference Counts": ownership rules
 * - Python documentation, C API, "Exceptions": cleaning up with `goto`
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    Str name = rule_fault_name(c, fault), function = cunit_name(u->unit, fault->function);
    f->message = rule_text(
        c, "'%.*s' keeps %.*s alive until the process ends when it fails: no release on a way out",
        STR_ARG(function), STR_ARG(name));
    rule_fault_exit(c, u, f, fault, STR("the way out"), STR("still owned here"));
    f->help = rule_text(c, "call `Py_DECREF(%.*s)` before this way out",
                        STR_ARG(rule_fault_holder(fault)));
    f->confirm =
        rule_text(c, "`sys.getallocatedblocks()` grows with each call of '%.*s' that fails there",
                  STR_ARG(function));
}

const Rule rule_lmp602 = {
    .code = "LMP602",
    .name = "leak-on-error-path",
    .summary = "a reference is not released on a way out that fails",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_ERROR_PATH,
    .on_fault = check,
};
