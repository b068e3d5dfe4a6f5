/* ## What it does
 * Reports leaks of the kinds of LMP601, LMP602, LMP603, LMP605 and LMP606 in code that runs only
 * when the module is initialised: `PyInit_…`, functions of the slot `Py_mod_exec`, and helpers that
 * only these call. It is off by default.
 *
 * ## Why it leaks
 * The object stays until the process ends, but there is one of it for each import, and most of
 * these ways are taken only when an import fails. They have a rule of their own, which speaks when
 * it is asked for (`--extend-select LMP608`), so that they do not drown the leaks that grow.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "numbers", NULL, -1, NULL};
 *
 * PyMODINIT_FUNC
 * PyInit_numbers(void)
 * {
 *     PyObject *m = PyModule_Create(&module);
 *     if (m == NULL) {
 *         return NULL;
 *     }
 *     if (PyModule_AddIntConstant(m, "LIMIT", 10) < 0) {
 *         return NULL;
 *     }
 *     return m;
 * }
 * ```
 *
 * The module is released when the import fails:
 *
 * ```c good
 * #include <Python.h>
 *
 * static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "numbers", NULL, -1, NULL};
 *
 * PyMODINIT_FUNC
 * PyInit_numbers(void)
 * {
 *     PyObject *m = PyModule_Create(&module);
 *     if (m == NULL) {
 *         return NULL;
 *     }
 *     if (PyModule_AddIntConstant(m, "LIMIT", 10) < 0) {
 *         Py_DECREF(m);
 *         return NULL;
 *     }
 *     return m;
 * }
 * ```
 *
 * ## When it is silent
 * As the rules that it stands in for. What stays only when the import fails, as above, is a finding
 * of low confidence: it is seen with `--min-confidence low`.
 *
 * ## What it misses
 * As the rules that it stands in for.
 *
 * ## How to confirm
 * Import the module in a loop, each time after `del sys.modules[name]`, in a way that fails.
 *
 * ## References
 * - Python documentation, C API, "Module Objects"
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    bool fails = fault->kind == C_FAULT_ERROR_PATH || fault->kind == C_FAULT_REFUSED;
    if (fails) f->confidence = CONFIDENCE_LOW; /* once, and seldom: nobody waits for it */
    Str function = cunit_name(u->unit, fault->function);
    f->message =
        rule_text(c, "'%.*s' keeps %.*s alive until the process ends: once for each import",
                  STR_ARG(function), STR_ARG(rule_fault_name(c, fault)));
    rule_fault_exit(c, u, f, fault, STR("where it is lost"), STR("still owned here"));
    f->help = STR("call `Py_DECREF` before this way out");
    f->confirm = STR("import the module again and again: `sys.getallocatedblocks()` grows");
}

const Rule rule_lmp608 = {
    .code = "LMP608",
    .name = "init-leak",
    .summary = "the initialisation of a module does not release what it owns",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .faults = 1u << C_FAULT_IN_INIT,
    .on_fault = check,
};
