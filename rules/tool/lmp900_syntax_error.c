/* ## What it does
 * Reports the places of a Python file that could not be read: text that no statement can begin
 * with, a bracket that is never closed. At most one is reported for a line and three for a file,
 * since one slip often breaks what follows it too.
 *
 * ## Why it leaks
 * It does not: the finding says where limpet is blind. The statements around the place are
 * recovered and checked as ever, but what stands in the broken part is not seen, neither a
 * container that it fills nor a line that empties one.
 *
 * ## Example
 * ```text bad
 * def handle(request:
 *     return request.id
 * ```
 *
 * The bracket of the parameters is still open at the colon. Closing it lets the file be read:
 *
 * ```text good
 * def handle(request):
 *     return request.id
 * ```
 *
 * ## When it is silent
 * - The statements of Python 2 (`print x`, `exec code`, `except E, e`) are read as such.
 * - Syntax of a newer Python than the one that runs the project is no error: limpet has no version
 *   in mind when it reads.
 * - Stubs (`.pyi`) only feed types; nothing in them is reported.
 *
 * ## What it misses
 * The grammar is wider than Python's. Text that parses and that CPython still rejects (`return`
 * outside of a function, a repeated parameter, `await` in a plain function) is not reported: that
 * is the compiler's task.
 *
 * ## How to confirm
 * `python3 -m py_compile FILE` names the first error of the file, as far as the version at hand
 * knows the syntax.
 *
 * ## References
 * - The Python Language Reference, chapter 10, "Full Grammar specification"
 */
#include "rule/rule.h"

const Rule rule_lmp900 = {
    .code = "LMP900",
    .name = "syntax-error",
    .summary = "part of a file is not Python and was not analysed",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_TOOL,
};
