/* ## What it does
 * Reports a suppression comment that suppresses nothing: the rule that it names ran over the file
 * and found nothing at that place.
 *
 * ## Why it leaks
 * It does not yet. But a suppression that outlives its reason hides the next leak that somebody
 * writes on the same line.
 *
 * ## Example
 * ```text bad
 * LIMITS = (10, 20)  # limpet: ignore[LMP201] emptied at midnight
 * ```
 *
 * A tuple cannot grow: the comment was left behind by an earlier version of the line. Without it, a
 * growing container that takes this place again is reported:
 *
 * ```text good
 * LIMITS = (10, 20)
 * ```
 *
 * ## When it is silent
 * - The rule did not run, because it is not selected.
 * - The file was not analysed: it was skipped, or the parser gave up on it.
 * - The finding exists, but is below `--min-confidence`.
 * - The comment names LMP902 itself.
 *
 * ## What it misses
 * A code prefix (`ignore[LMP2]`) counts as used as soon as one of its rules finds something,
 * however many others it covers in vain.
 *
 * ## How to confirm
 * Remove the comment and scan again: the number of findings stays the same.
 *
 * ## References
 * - "limpet help check" lists the forms of a suppression
 */
#include "rule/rule.h"

const Rule rule_lmp902 = {
    .code = "LMP902",
    .name = "unused-suppression",
    .summary = "a suppression comment covers no finding",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_TOOL | RULE_OPT_IN,
};
