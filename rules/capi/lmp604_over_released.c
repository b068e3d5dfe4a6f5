/* ## What it does
 * Reports `Py_DECREF` of a reference that the function does not own: one that was borrowed, or one
 * that it has released already; uses of an object after its last reference was released; and
 * borrowed references that a method returns, which Python releases in its place.
 *
 * ## Why it leaks
 * The opposite of a leak: the object is freed while somebody still uses it. The interpreter crashes
 * or reads memory that belongs to something else, often much later and elsewhere.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * PyObject *
 * first_of(PyObject *list)
 * {
 *     PyObject *item = PyList_GetItem(list, 0);
 *     if (item == NULL) {
 *         return NULL;
 *     }
 *     PyObject *text = PyObject_Str(item);
 *     Py_DECREF(item);
 *     return text;
 * }
 * ```
 *
 * `PyList_GetItem` lends its result: the list owns it.
 *
 * ```c good
 * #include <Python.h>
 *
 * PyObject *
 * first_of(PyObject *list)
 * {
 *     PyObject *item = PyList_GetItem(list, 0);
 *     if (item == NULL) {
 *         return NULL;
 *     }
 *     return PyObject_Str(item);
 * }
 * ```
 *
 * ## When it is silent
 * - The function took a reference before (`Py_INCREF`), or was given one.
 * - Something else has a reference of its own: an object that was put into a list may be used after
 * the function has released it.
 * - Parameters: a function may be meant to take over what it is given.
 * - The object was given to a function that limpet cannot see into.
 * - None, True and False are returned, which nobody can free since Python 3.12: low.
 * - It was put into a tuple or list by `…_SET_ITEM`, and its place gets another object afterwards.
 *
 * ## What it misses
 * Objects in fields of structures, and what another function has released.
 *
 * ## How to confirm
 * `sys.getrefcount` of the object falls with each call; a debug build of Python stops at "negative
 * reference count".
 *
 * ## References
 * - Python documentation, Extending and Embedding, "Ownership Rules" and "Thin Ice"
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    const CNode *exit = &u->unit->nodes[fault->exit];
    f->place.start = exit->start;
    f->place.end = exit->end;
    Str name = rule_fault_name(c, fault), function = cunit_name(u->unit, fault->function);
    if (fault->kind == C_FAULT_USED_AFTER)
        f->message = rule_text(
            c,
            "%.*s may be freed memory when '%.*s' uses it: its last reference was released before",
            STR_ARG(name), STR_ARG(function));
    else if (fault->kind == C_FAULT_RETURNED)
        f->message = rule_text(
            c, "%.*s is freed too early when Python releases what '%.*s' returns: it is %s",
            STR_ARG(name), STR_ARG(function), fault->consumer.n ? "released already" : "borrowed");
    else
        f->message = rule_text(
            c, "%.*s is freed too early when '%.*s' releases it: the reference is %s",
            STR_ARG(name), STR_ARG(function), fault->consumer.n ? "released already" : "borrowed");
    Str exit_text = fault->kind == C_FAULT_USED_AFTER ? STR("the use")
                    : fault->kind == C_FAULT_RETURNED ? STR("the return")
                                                      : STR("the release");
    rule_fault_exit(c, u, f, fault, exit_text, STR("not owned here"));
    f->help = fault->kind == C_FAULT_RETURNED
                  ? STR("return a reference of its own: `return Py_NewRef(…)`")
                  : STR("leave the release out, or take a reference with `Py_INCREF` first");
    f->confirm = rule_text(c, "`sys.getrefcount` of the object falls with each call of '%.*s'",
                           STR_ARG(function));
}

const Rule rule_lmp604 = {
    .code = "LMP604",
    .name = "over-released",
    .summary = "a borrowed or already released reference is released, or used after its release",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_TWICE | 1u << C_FAULT_USED_AFTER | 1u << C_FAULT_RETURNED,
    .on_fault = check,
};
