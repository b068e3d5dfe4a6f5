/* ## What it does
 * Reports references that a function owns and never releases, although nothing fails: on the normal
 * way out, because the variable gets another value, or because the next round of a loop overwrites
 * it.
 *
 * ## Why it leaks
 * The object stays with every call, or with every round of the loop, until the process ends:
 * `PyIter_Next`, `PySequence_GetItem` and `PyObject_GetAttr` give new references, and a variable
 * that is overwritten takes the last way to release one with it.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * int
 * count_true(PyObject *things)
 * {
 *     int n = 0;
 *     PyObject *item, *iterator = PyObject_GetIter(things);
 *     if (iterator == NULL) {
 *         return -1;
 *     }
 *     while ((item = PyIter_Next(iterator)) != NULL) {
 *         n += PyObject_IsTrue(item) == 1;
 *     }
 *     Py_DECREF(iterator);
 *     return n;
 * }
 * ```
 *
 * Each round releases what it was given:
 *
 * ```c good
 * #include <Python.h>
 *
 * int
 * count_true(PyObject *things)
 * {
 *     int n = 0;
 *     PyObject *item, *iterator = PyObject_GetIter(things);
 *     if (iterator == NULL) {
 *         return -1;
 *     }
 *     while ((item = PyIter_Next(iterator)) != NULL) {
 *         n += PyObject_IsTrue(item) == 1;
 *         Py_DECREF(item);
 *     }
 *     Py_DECREF(iterator);
 *     return n;
 * }
 * ```
 *
 * ## When it is silent
 * - The object was released, returned, stored in a structure, a global or an array, or taken over
 * by a call (`PyTuple_SET_ITEM`, `PyModule_AddObject`, the format `N`), or is NULL on that way.
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
 * Call the function a hundred thousand times: `sys.getallocatedblocks()` grows with each call.
 *
 * ## References
 * - Python documentation, Extending and Embedding, "Reference Counts": ownership rules
 * - Python documentation, C API: `PyIter_Next`, which shows the loop with its `Py_DECREF`
 */
#include "rule/rule.h"

static Str how_lost(RuleContext *c, const CFault *fault) {
    if (fault->kind == C_FAULT_ROUND)
        return rule_text(c, "each round of the loop overwrites '%.*s'", STR_ARG(fault->holder));
    if (fault->kind == C_FAULT_OVERWRITTEN)
        return rule_text(c, "'%.*s' gets another value", STR_ARG(fault->holder));
    return STR("nothing releases it");
}

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    Str name = rule_fault_name(c, fault), function = cunit_name(u->unit, fault->function);
    Str how = how_lost(c, fault);
    f->message = rule_text(c, "each call of '%.*s' keeps %.*s alive until the process ends: %.*s",
                           STR_ARG(function), STR_ARG(name), STR_ARG(how));
    bool returns = fault->kind == C_FAULT_NEVER;
    rule_fault_exit(c, u, f, fault, returns ? STR("the way out") : how, STR("still owned here"));
    f->help = rule_text(c, "call `Py_DECREF(%.*s)` when it is not needed any more",
                        STR_ARG(rule_fault_holder(fault)));
    f->confirm = rule_text(c, "`sys.getallocatedblocks()` grows with each call of '%.*s'",
                           STR_ARG(function));
}

const Rule rule_lmp603 = {
    .code = "LMP603",
    .name = "reference-leaked",
    .summary = "a reference is never released, or its variable is overwritten",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_NEVER | 1u << C_FAULT_OVERWRITTEN | 1u << C_FAULT_ROUND,
    .on_fault = check,
};
