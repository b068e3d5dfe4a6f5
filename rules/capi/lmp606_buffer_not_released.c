/* ## What it does
 * Reports buffers and memory that a function acquires and does not release on some way out: a
 * `Py_buffer` of `PyObject_GetBuffer` or the formats `y*`, `s*` and `w*`, text of the formats `es`
 * and `et`, blocks of `PyMem_Malloc`, `malloc` and their kin.
 *
 * ## Why it leaks
 * A `Py_buffer` holds a reference to its object and keeps it from being resized; the memory of `es`
 * belongs to the caller. What is forgotten on a way out stays until the process ends.
 *
 * ## Example
 * ```c bad
 * #include <Python.h>
 *
 * PyObject *
 * first_byte(PyObject *thing)
 * {
 *     Py_buffer view;
 *     if (PyObject_GetBuffer(thing, &view, PyBUF_SIMPLE) < 0) {
 *         return NULL;
 *     }
 *     if (view.len == 0) {
 *         PyErr_SetString(PyExc_ValueError, "empty");
 *         return NULL;
 *     }
 *     long byte = ((unsigned char *)view.buf)[0];
 *     PyBuffer_Release(&view);
 *     return PyLong_FromLong(byte);
 * }
 * ```
 *
 * Every way out that comes after the acquisition releases it:
 *
 * ```c good
 * #include <Python.h>
 *
 * PyObject *
 * first_byte(PyObject *thing)
 * {
 *     Py_buffer view;
 *     if (PyObject_GetBuffer(thing, &view, PyBUF_SIMPLE) < 0) {
 *         return NULL;
 *     }
 *     if (view.len == 0) {
 *         PyErr_SetString(PyExc_ValueError, "empty");
 *         PyBuffer_Release(&view);
 *         return NULL;
 *     }
 *     long byte = ((unsigned char *)view.buf)[0];
 *     PyBuffer_Release(&view);
 *     return PyLong_FromLong(byte);
 * }
 * ```
 *
 * ## When it is silent
 * - It was released or freed, stored in a structure or global, returned, or given to a function
 * that limpet cannot see into. Helpers of the project that fill a buffer or a pointer in, or
 * release it, are known from their bodies.
 * - The call that acquires it has failed on that way: then there is nothing to release.
 * - A pointer into the block is made by arithmetic: what becomes of it is not followed.
 *
 * ## What it misses
 * Buffers in structures (`&self->view`), and memory of other libraries.
 *
 * ## How to confirm
 * Call the function a hundred thousand times on that way: the memory of the process grows; for a
 * `Py_buffer`, `sys.getrefcount` of its object does.
 *
 * ## References
 * - Python documentation, C API, "Buffer Protocol": "each acquisition has to be paired with a
 * release"
 * - Python documentation, C API, "Parsing arguments": `es`, `y*`
 */
#include "rule/rule.h"

static void check(RuleContext *c, const NativeUnit *u, const CFault *fault) {
    Finding *f = rule_report_fault(c, u, fault);
    if (!f) return;
    bool is_buffer = fault->kind == C_FAULT_BUFFER;
    Str function = cunit_name(u->unit, fault->function);
    const char *what = is_buffer ? "buffer" : "memory";
    Str name = fault->holder.n ? fault->holder : fault->source;
    f->message = rule_text(
        c,
        "'%.*s' keeps the %s of '%.*s' alive until the process ends: a way out does not release it",
        STR_ARG(function), what, STR_ARG(name));
    rule_fault_exit(c, u, f, fault, STR("the way out"), STR("still owned here"));
    f->help = is_buffer ? rule_text(c, "call `PyBuffer_Release(&%.*s)` before this way out",
                                    STR_ARG(rule_fault_holder(fault)))
                        : rule_text(c, "free `%.*s` before this way out",
                                    STR_ARG(rule_fault_holder(fault)));
    f->confirm = rule_text(c, "the memory of the process grows with calls of '%.*s' that end there",
                           STR_ARG(function));
}

const Rule rule_lmp606 = {
    .code = "LMP606",
    .name = "buffer-not-released",
    .summary = "a Py_buffer or a block of memory is not released on a way out",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .faults = 1u << C_FAULT_BUFFER | 1u << C_FAULT_MEMORY,
    .on_fault = check,
};
