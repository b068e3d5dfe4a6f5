/* ## What it does
 * Reports a `limpet:` comment that names a rule which does not exist, or that cannot be read at
 * all.
 *
 * ## Why it leaks
 * It does not: but whoever wrote the comment believes that a finding is dealt with, and it is not.
 *
 * ## Example
 * ```text bad
 * CACHE = {}  # limpet: ignore[global-container-grow] emptied by the cron job
 * ```
 *
 * The name lacks its last letter, so that nothing is suppressed. The list of names is printed by
 * `limpet rules`:
 *
 * ```text good
 * CACHE = {}  # limpet: ignore[global-container-grows] emptied by the cron job
 * ```
 *
 * ## When it is silent
 * - Codes in a `# noqa:` comment: they may be those of another linter.
 * - Stubs (`.pyi`), in which nothing is reported.
 *
 * ## What it misses
 * A misspelt `limpet:` itself is an ordinary comment.
 *
 * ## How to confirm
 * `limpet rule NAME` knows the name, or suggests the one that was meant.
 *
 * ## References
 * - "limpet help check" lists the forms of a suppression
 */
#include "rule/rule.h"

const Rule rule_lmp903 = {
    .code = "LMP903",
    .name = "unknown-code-in-suppression",
    .summary = "a suppression comment names no known rule",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_TOOL | RULE_OPT_IN,
};
