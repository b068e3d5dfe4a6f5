/* ## What it does
 * Reports a file on which limpet itself failed: a check of its own inner consistency did not hold
 * while the file was read. The file counts as not analysed, all others are checked as ever, and the
 * exit code is 2.
 *
 * ## Why it leaks
 * It does not: the fault is limpet's, and whatever leaks in that file is not seen.
 *
 * ## Example
 * ```text bad
 * any file on which an invariant of limpet breaks; none is known
 * ```
 *
 * There is nothing to change in the file. Leaving it out keeps the exit code clean until limpet is
 * mended:
 *
 * ```text good
 * limpet check --extend-exclude path/of/the/file.py
 * ```
 *
 * ## When it is silent
 * Trouble that the file causes is reported otherwise: syntax by LMP900, encoding by LMP901, size by
 * LMP905.
 *
 * ## What it misses
 * A failure after all files were read has no file to be reported on. It is one line on stderr, and
 * exit code 2.
 *
 * ## How to confirm
 * `limpet facts FILE` fails in the same way. Please report it, with the file if it may be shown.
 *
 * ## References
 * - "limpet help" explains the exit codes
 */
#include "rule/rule.h"

const Rule rule_lmp904 = {
    .code = "LMP904",
    .name = "analysis-failed",
    .summary = "limpet failed on a file: the fault is limpet's own",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_TOOL,
};
