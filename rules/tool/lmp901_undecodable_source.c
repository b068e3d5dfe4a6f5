/* ## What it does
 * Reports a file whose bytes are not text in the encoding that it claims: bytes that the encoding
 * does not allow, a NUL byte, a coding cookie that names no known encoding, or one that contradicts
 * the byte order mark.
 *
 * ## Why it leaks
 * It does not: the finding says that limpet guessed. Each bad byte is read as a question mark and
 * the rest of the file is checked as ever, so that a name or a text that holds such a byte may be
 * taken for another one.
 *
 * ## Example
 * ```text bad
 * # a file without a cookie, in which é was saved as the single byte E9 of Latin-1
 * NAMES = ["café"]
 * ```
 *
 * Without a cookie a file is UTF-8, where E9 alone is no character. Saving the file as UTF-8 cures
 * it, and so does a cookie that says what the bytes are:
 *
 * ```text good
 * # -*- coding: latin-1 -*-
 * NAMES = ["café"]
 * ```
 *
 * ## When it is silent
 * - A byte order mark, carriage returns and any encoding that CPython accepts are read without
 *   comment.
 * - Stubs (`.pyi`) only feed types; nothing in them is reported.
 *
 * ## What it misses
 * Bytes that are valid in the claimed encoding and still mean something else than the author saw.
 *
 * ## How to confirm
 * `python3 -c "import tokenize, sys; tokenize.open(sys.argv[1]).read()" FILE` fails in the same
 * way.
 *
 * ## References
 * - PEP 263, "Defining Python Source Code Encodings"
 * - PEP 3120, "Using UTF-8 as the default source encoding"
 */
#include "rule/rule.h"

const Rule rule_lmp901 = {
    .code = "LMP901",
    .name = "undecodable-source",
    .summary = "a file holds bytes that its encoding does not allow",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_TOOL,
};
