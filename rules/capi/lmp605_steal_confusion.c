/* ## What it does
 * Reports calls that take a reference over where the code thinks that they do not, or the other way
 * round: `Py_DECREF` after a failed `PyList_SetItem`, no `Py_DECREF` after a failed
 * `PyModule_AddObject`, a new reference under the format `O` of `Py_BuildValue`, a borrowed one
 * under `N`.
 *
 * ## Why it leaks
 * `PyList_SetItem`, `PyTuple_SetItem` and `PyStructSequence_SetItem` take the reference over even
 * when they fail: to release it again frees an object that is in use. `PyModule_AddObject` takes it
 * over only when it succeeds: after a failure the object stays for ever. `Py_BuildValue` takes a
 * reference of its own for `O` and takes yours over for `N`.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * PyObject *
 * area(long width, long height)
 * {
 *     return Py_BuildValue("(Oi)", PyLong_FromLong(width * height), 2);
 * }
 * ```
 *
 * `N` hands the new reference over:
 *
 * ```c good
 * #include <Python.h>
 *
 * PyObject *
 * area(long width, long height)
 * {
 *     return Py_BuildValue("(Ni)", PyLong_FromLong(width * height), 2);
 * }
 * ```
 *
 * ## When it is silent
 * - `PyModule_AddObject` whose result is not tested, and in the initialisation of a module: it
 * fails when there is no memory, and the interpreter ends soon after.
 * - Parameters of functions that are not in a table of methods: they may be meant to be taken over.
 *
 * ## What it misses
 * Functions of the project that take references over and are defined in another file.
 *
 * ## How to confirm
 * For what stays, `sys.getallocatedblocks()` grows with each call; for what is freed too early,
 * `sys.getrefcount` of the object falls.
 *
 * ## References
 * - Python documentation, C API: `PyList_SetItem`, `PyModule_AddObject`, `Py_BuildValue`
 */
#include "rule/rule.h"

static Str describe(RuleContext *c, const CFault *fault, Str function, Str name) {
    switch (fault->kind) {
    case C_FAULT_STOLEN:
        return rule_text(c,
                         "%.*s is freed too early when '%.*s' releases it: '%.*s' has taken it "
                         "over, even if it failed",
                         STR_ARG(name), STR_ARG(function), STR_ARG(fault->consumer));
    case C_FAULT_GIVEN:
        return rule_text(
            c, "%.*s is freed too early when '%.*s' gives it away: the reference is borrowed",
            STR_ARG(name), STR_ARG(function));
    case C_FAULT_FORMAT:
        return rule_text(
            c,
            "each call of '%.*s' keeps %.*s alive until the process ends: the format 'O' takes a "
            "reference of its own",
            STR_ARG(function), STR_ARG(name));
    default:
        return rule_text(c,
                         "'%.*s' keeps %.*s alive until the process ends when the call fails that "
                         "would have taken it "
                         "over",
                         STR_ARG(function), STR_ARG(name));
    }
}

static Str help_text(const CFault *fault) {
    switch (fault->kind) {
    case C_FAULT_STOLEN:
        return STR("leave the release out: the call takes the reference over whatever it returns");
    case C_FAULT_GIVEN:
        return STR("take a reference with `Py_INCREF` first, or use the format `O`");
    case C_FAULT_FORMAT:
        return STR("write `N` for a new reference");
    default:
        return STR("call `Py_DECREF` when the call fails, or use `PyModule_AddObjectRef`");
    }
}

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    bool is_early = fault->kind == C_FAULT_STOLEN || fault->kind == C_FAULT_GIVEN;
    bool is_elsewhere = is_early || fault->kind == C_FAULT_REFUSED;
    const CNode *exit = &u->unit->nodes[fault->exit];
    if (is_elsewhere && fault->exit) f->place.start = exit->start, f->place.end = exit->end;
    Str function = cunit_name(u->unit, fault->function);
    f->effect = is_early ? EFFECT_HAZARD : EFFECT_NEVER_FREED;
    f->message = describe(c, fault, function, rule_fault_name(c, fault));
    rule_fault_exit(c, u, f, fault, STR("the call or release"),
                    STR("not as the function treats it"));
    f->help = help_text(fault);
    f->confirm = is_early ? STR("`sys.getrefcount` of the object falls with each call")
                          : STR("`sys.getallocatedblocks()` grows with each call");
}

const Rule rule_lmp605 = {
    .code = "LMP605",
    .name = "steal-confusion",
    .summary = "a call takes a reference over where the code thinks otherwise, or does not",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults =
        1u << C_FAULT_STOLEN | 1u << C_FAULT_GIVEN | 1u << C_FAULT_FORMAT | 1u << C_FAULT_REFUSED,
    .on_fault = check,
};
