/* UTF-8: validation, decoding and counting. Strict as RFC 3629: no surrogates, no overlong forms.
 */
#ifndef LIMPET_BASE_UTF8_H
#define LIMPET_BASE_UTF8_H

#include "base/str.h"

#define UTF8_INVALID 0xFFFFFFFFu

/* Decodes the code point at byte `at` (at < s.n) into *code and returns its length in bytes. An
 * invalid byte gives UTF8_INVALID and 1. */
u32 utf8_decode(Str s, u32 at, u32 *code);

/* Byte offset of the first invalid byte, or s.n when the whole text is valid. */
u32 utf8_first_invalid(Str s);

#endif
