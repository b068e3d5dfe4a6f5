#include "config/toml_text.h"

#include "config/toml.h"

#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static u32 hex(Str digits) {
    u32 n = 0;
    for (u32 i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        n = n << 4 | (u32)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return n;
}

static void put_utf8(Buf *out, u32 c) {
    if (c < 0x80) {
        buf_char(out, (char)c);
        return;
    }
    u32 more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const u32 LEADS[] = {0, 0xc0, 0xe0, 0xf0};
    buf_char(out, (char)(LEADS[more] | c >> 6 * more));
    while (more--) buf_char(out, (char)(0x80 | (c >> 6 * more & 0x3f)));
}

/* The escape at text[*i], which is the backslash; moves *i behind it. */
static bool put_escape(Buf *out, Str text, u32 *i) {
    static const char NAMES[] = "btnfr\"\\", VALUES[] = "\b\t\n\f\r\"\\";
    char c = text.p[*i + 1];
    const char *simple = strchr(NAMES, c);
    if (c && simple) {
        buf_char(out, VALUES[simple - NAMES]);
        *i += 2;
        return true;
    }
    if (c == 'u' || c == 'U') {
        u32 digits = c == 'u' ? 4 : 8;
        u32 code = hex(str_sub(text, *i + 2, *i + 2 + digits));
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
        put_utf8(out, code);
        *i += 2 + digits;
        return true;
    }
    /* the end of a line: blanks and line ends up to the next character are left out */
    for (++*i; *i < text.n && (is_blank(text.p[*i]) || strchr("\r\n", text.p[*i]));) ++*i;
    return true;
}

bool toml_string(Arena *arena, Str text, u32 at, Str *value, Str *error, u32 *error_at) {
    bool is_long = text.n >= 6 && (str_starts(text, "\"\"\"") || str_starts(text, "'''"));
    bool has_escapes = text.p[0] == '"';
    u32 quotes = is_long ? 3 : 1;
    Str body = str_sub(text, quotes, text.n - quotes);
    if (is_long && body.n && body.p[0] == '\r') body = str_sub(body, 1, body.n);
    if (is_long && body.n && body.p[0] == '\n') body = str_sub(body, 1, body.n);
    Buf out = {.arena = arena};
    u32 run = 0; /* of quotes: the grammar lets three of them stand inside */
    for (u32 i = 0; i < body.n;) {
        run = body.p[i] == text.p[0] ? run + 1 : 0;
        if (is_long && run == 3) {
            *error = STR("not valid TOML: three quotes in a string");
            *error_at = at + (u32)(body.p - text.p) + i;
            return false;
        }
        if (has_escapes && body.p[i] == '\\') {
            u32 from = i;
            if (put_escape(&out, body, &i)) continue;
            *error = STR("not a Unicode character");
            *error_at = at + (u32)(body.p - text.p) + from;
            return false;
        }
        bool is_crlf = body.p[i] == '\r' && i + 1 < body.n && body.p[i + 1] == '\n';
        if (!is_crlf) buf_char(&out, body.p[i]);
        i++;
    }
    *value = str_copy(arena, buf_get(&out));
    return true;
}

bool toml_keys(Arena *arena, Str text, u32 at, TomlKeys *keys, Str *error, u32 *error_at) {
    for (u32 i = 0; i < text.n;) {
        char c = text.p[i];
        if (is_blank(c) || c == '.') {
            i++;
            continue;
        }
        u32 from = i++;
        bool is_quoted = c == '"' || c == '\'';
        if (is_quoted) {
            while (text.p[i] != c) i += c == '"' && text.p[i] == '\\' ? 2 : 1;
            i++;
        } else {
            while (i < text.n && !is_blank(text.p[i]) && text.p[i] != '.') i++;
        }
        TomlKey key = {str_sub(text, from, i), at + from};
        if (is_quoted && !toml_string(arena, key.text, key.at, &key.text, error, error_at))
            return false;
        if (keys->n == TOML_DEPTH) {
            *error = str_format(arena, "a key has more than %d parts", TOML_DEPTH);
            *error_at = key.at;
            return false;
        }
        vec_push(arena, keys, key);
    }
    return true;
}

bool toml_integer(Str text, i64 *value) {
    static const char DIGITS[] = "0123456789abcdef";
    u32 i = 0, base = 10;
    bool is_negative = text.n && text.p[0] == '-';
    if (text.n && (text.p[0] == '-' || text.p[0] == '+')) i++;
    if (text.n > i + 2 && text.p[i] == '0' && strchr("xob", text.p[i + 1])) {
        base = text.p[i + 1] == 'x' ? 16 : text.p[i + 1] == 'o' ? 8 : 2;
        i += 2;
    }
    const u64 most = is_negative ? (u64)INT64_MAX + 1 : (u64)INT64_MAX;
    u64 n = 0;
    for (; i < text.n; i++) {
        if (text.p[i] == '_') continue;
        char c = text.p[i] >= 'A' ? (char)(text.p[i] | 0x20) : text.p[i];
        const char *digit = strchr(DIGITS, c);
        u64 d = digit ? (u64)(digit - DIGITS) : 0;
        if (n > (most - d) / base) return false;
        n = n * base + d;
    }
    *value = is_negative ? (i64)(0 - n) : (i64)n;
    return true;
}
