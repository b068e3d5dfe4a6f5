/* TOML 1.0 as a tree of values that know where they stand. The grammar reads the text; what it lets
 * pass and the specification forbids (a key or table that is there twice) is found here. */
#ifndef LIMPET_CONFIG_TOML_H
#define LIMPET_CONFIG_TOML_H

#include "base/str.h"
#include "base/vec.h"

typedef enum TomlKind {
    TOML_STRING,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOLEAN,
    TOML_DATE, /* dates and times of all kinds */
    TOML_ARRAY,
    TOML_TABLE,
} TomlKind;
/* "a string", "an integer" … */
const char *toml_kind_text(TomlKind kind);

typedef struct TomlValue TomlValue;

typedef struct TomlMember {
    Str key;
    u32 at; /* offset of the key where the member is first named */
    TomlValue *value;
} TomlMember;

struct TomlValue {
    TomlKind kind;
    u32 at;       /* offset in the text; of its header for a table that has one */
    u32 id;       /* of a table */
    Str text;     /* string: decoded; numbers and dates: as written */
    i64 integer;  /* integer that fits */
    bool is_wide; /* integer: more than 64 bits */
    bool boolean;
    VEC(TomlValue *) items;  /* array, in order */
    VEC(TomlMember) members; /* table, in order of first mention */
    /* how a table was made, for what may still be added to it */
    bool is_headed; /* by a header of its own */
    bool is_frozen; /* inside of a value: `{…}`, `[…]` */
    u32 section;    /* by dotted keys of this section */
};

/* The longest key, in parts, and the deepest nesting of values. */
enum { TOML_DEPTH = 64 };

/* Parses all of `text`, which begins with no BOM. On an error returns false with a
 * message (lower case, without a place) and its offset. Values live in `arena` and point into
 * `text`. */
bool toml_parse(Arena *arena, Str text, TomlValue **root, Str *error, u32 *at);

/* The member of a table, or NULL (also when `table` is NULL or no table). */
const TomlMember *toml_member(const TomlValue *table, const char *key);

/* 1-based line and column (in code points) of an offset. */
void toml_position(Str text, u32 at, u32 *line, u32 *column);

#endif
