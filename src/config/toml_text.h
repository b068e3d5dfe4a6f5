/* What keys, strings and numbers of TOML say. The grammar has already accepted them. */
#ifndef LIMPET_CONFIG_TOML_TEXT_H
#define LIMPET_CONFIG_TOML_TEXT_H

#include "base/str.h"
#include "base/vec.h"

typedef struct TomlKey {
    Str text;
    u32 at;
} TomlKey;
typedef VEC(TomlKey) TomlKeys;

/* The parts of `a."b c".d`, which stands at offset `at`; at most TOML_DEPTH. False after an error.
 */
bool toml_keys(Arena *arena, Str text, u32 at, TomlKeys *keys, Str *error, u32 *error_at);

/* The value of a string with its quotes, of one or several lines. */
bool toml_string(Arena *arena, Str text, u32 at, Str *value, Str *error, u32 *error_at);

/* False when it does not fit. */
bool toml_integer(Str text, i64 *value);

#endif
