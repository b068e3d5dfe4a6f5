/* Strings as pointer and length, and a growing text buffer in an arena. Bytes are not owned by Str
 * and are not NUL-terminated unless a function says so. */
#ifndef LIMPET_BASE_STR_H
#define LIMPET_BASE_STR_H

#include "base/arena.h"

#include <string.h>

typedef struct Str {
    const char *p;
    u32 n;
} Str;

#define STR(literal) ((Str){(literal), (u32)(sizeof(literal) - 1)})
/* For printf("%.*s"). */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* Of ASCII, whatever the locale. */
static inline bool char_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool char_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* A letter, a digit or an underscore. */
static inline bool char_is_word(char c) {
    return char_is_letter(c) || char_is_digit(c) || c == '_';
}

static inline Str str_from(const char *c_string) {
    return (Str){c_string, c_string ? (u32)strlen(c_string) : 0};
}
static inline bool str_eq(Str a, Str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(Str a, const char *c_string) {
    /* of a literal the length is known; that of a name in a table need not be counted as a rule */
    bool is_literal = __builtin_constant_p(c_string ? strlen(c_string) : 0);
    if (!is_literal && a.n && c_string && a.p[0] != c_string[0]) return false;
    return str_eq(a, str_from(c_string));
}
/* Is it one of the `n` names? */
static inline bool str_is_any(Str s, const char *const *names, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_is(s, names[i])) return true;
    return false;
}
/* What stands behind the underscores that a name begins with. A view. */
static inline Str str_public(Str name) {
    while (name.n && name.p[0] == '_') name = (Str){name.p + 1, name.n - 1};
    return name;
}
/* Byte order; a prefix sorts first. */
int str_cmp(Str a, Str b);
static inline bool str_starts(Str s, const char *prefix) {
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}
static inline bool str_ends(Str s, const char *suffix) {
    size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}
bool str_contains(Str s, const char *needle);
/* The same for letters of either case; the needle has small letters and digits only. */
bool str_contains_word(Str s, const char *needle);
/* Index of the last/first `c`, or -1. */
i64 str_rfind(Str s, char c);
i64 str_find(Str s, char c);
Str str_sub(Str s, u32 from, u32 to);
Str str_trim(Str s);
/* What follows the last `c`; all of it when there is none. */
Str str_after_last(Str s, char c);
/* A copy in the arena, NUL-terminated. */
Str str_copy(Arena *arena, Str s);
/* NUL-terminated text in the arena. */
Str str_format(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* A text under construction. `arena` must be set; text stays valid while the arena does. */
typedef struct Buf {
    Arena *arena;
    char *p;
    u32 n;
    u32 cap;
} Buf;

void buf_str(Buf *buf, Str s);
/* With its length before it, so that no two lists of texts are the same bytes. */
void buf_counted(Buf *buf, Str s);
void buf_text(Buf *buf, const char *c_string);
void buf_char(Buf *buf, char c);
void buf_repeat(Buf *buf, char c, u32 times);
void buf_printf(Buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Appends `s` as the inside of a JSON string (no quotes): invalid UTF-8 becomes U+FFFD. */
void buf_json(Buf *buf, Str s);
/* Append `"key": "value", ` and `"key": true, `: members that another one follows. */
void buf_json_string(Buf *buf, const char *key, Str value);
void buf_json_flag(Buf *buf, const char *key, bool value);
Str buf_get(const Buf *buf);

#endif
