/* ## What it does
 * Reports calls that give a new reference which nobody can release any more: the call stands in
 * the argument list of a function that does not take the reference over, it is only compared or
 * tested, only one of its fields is read, or its result is dropped.
 *
 * ## Why it leaks
 * Who calls `PyUnicode_FromString` owns the reference that it returns, and has to release it or
 * hand it on. Most functions of the C API do not take over what they are given: `PyList_Append`,
 * `PyDict_SetItem` and `PyObject_CallFunctionObjArgs` take a reference of their own. Without a
 * variable there is nothing left to call `Py_DECREF` with, and the object stays, once per call,
 * until the process ends.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * int
 * add_name(PyObject *names, const char *name)
 * {
 *     return PyList_Append(names, PyUnicode_FromString(name));
 * }
 * ```
 *
 * A variable owns it while the list takes a reference of its own:
 *
 * ```c good
 * #include <Python.h>
 *
 * int
 * add_name(PyObject *names, const char *name)
 * {
 *     PyObject *text = PyUnicode_FromString(name);
 *     if (text == NULL) {
 *         return -1;
 *     }
 *     int status = PyList_Append(names, text);
 *     Py_DECREF(text);
 *     return status;
 * }
 * ```
 *
 * ## When it is silent
 * - The function takes the reference over: `PyList_SetItem`, `PyTuple_SET_ITEM`, the format `N` of
 *   `Py_BuildValue`, `Py_DECREF` itself.
 * - The object is shared anyway and lives for ever: `PyBool_FromLong`, small numbers, interned
 *   strings, the empty tuple.
 * - It goes to a function of the project, or to one that limpet does not know.
 * - In code that runs once, when the module is initialised, it is LMP608.
 *
 * ## What it misses
 * New references of the project's own functions, and what is handed on by a macro that limpet
 * sees only the expansion of.
 *
 * ## How to confirm
 * Call the function a hundred thousand times: `sys.getallocatedblocks()` grows with each call; in
 * a debug build of Python `sys.gettotalrefcount()` does.
 *
 * ## References
 * - Python documentation, Extending and Embedding, "Reference Counts": ownership rules
 * - Python documentation, C API: `PyList_Append`, "PyList_SetItem … steals a reference"
 */
#include "rule/rule.h"

static Str what_becomes(RuleContext *c, const CFault *fault) {
    switch (fault->kind) {
    case C_FAULT_ARGUMENT:
        return rule_text(c, "'%.*s' does not take it over", STR_ARG(fault->consumer));
    case C_FAULT_COMPARED:
        return STR("it is only compared");
    case C_FAULT_READ:
        return STR("only a field of it is read");
    default:
        return STR("the result is dropped");
    }
}

static Str help_text(RuleContext *c, const CFault *fault) {
    if (fault->kind == C_FAULT_ARGUMENT)
        return rule_text(c, "keep it in a variable, and call `Py_DECREF` after `%.*s`",
                         STR_ARG(fault->consumer));
    if (fault->kind == C_FAULT_DROPPED)
        return STR("keep it in a variable, test it for NULL, and call `Py_DECREF`");
    return STR("keep it in a variable, and call `Py_XDECREF` when it has been looked at");
}

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    Str function = cunit_name(u->unit, fault->function), becomes = what_becomes(c, fault);
    f->message = rule_text(c,
                           "each call of '%.*s' keeps the object of '%.*s' alive until the process "
                           "ends: %.*s",
                           STR_ARG(function), STR_ARG(fault->source), STR_ARG(becomes));
    rule_native_step(c, u, f, STEP_NOTE, becomes, STR("and nothing else has it"), fault->function,
                     fault->exit);
    f->help = help_text(c, fault);
    f->confirm = rule_text(c, "`sys.getallocatedblocks()` grows with each call of '%.*s'",
                           STR_ARG(function));
}

const Rule rule_lmp601 = {
    .code = "LMP601",
    .name = "new-reference-dropped",
    .summary = "a new reference is given away or dropped without a variable that could release it",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_ARGUMENT | 1u << C_FAULT_COMPARED | 1u << C_FAULT_READ |
              1u << C_FAULT_DROPPED,
    .on_fault = check,
};
