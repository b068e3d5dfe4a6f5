#include "base/str.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int str_cmp(Str a, Str b) {
    u32 n = MIN(a.n, b.n);
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_contains(Str s, const char *needle) {
    size_t n = strlen(needle);
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.p + i, needle, n) == 0) return true;
    return false;
}

bool str_contains_word(Str s, const char *needle) {
    Str w = str_from(needle);
    for (u32 i = 0; i + w.n <= s.n; i++) {
        u32 k = 0;
        while (k < w.n && (s.p[i + k] | 0x20) == w.p[k]) k++;
        if (k == w.n) return true;
    }
    return false;
}

i64 str_rfind(Str s, char c) {
    for (i64 i = (i64)s.n - 1; i >= 0; i--)
        if (s.p[i] == c) return i;
    return -1;
}

i64 str_find(Str s, char c) {
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

Str str_sub(Str s, u32 from, u32 to) {
    to = MIN(to, s.n);
    from = MIN(from, to);
    return (Str){s.p ? s.p + from : NULL, to - from};
}

Str str_trim(Str s) {
    while (s.n && (u8)s.p[0] <= ' ') s.p++, s.n--;
    while (s.n && (u8)s.p[s.n - 1] <= ' ') s.n--;
    return s;
}

Str str_after_last(Str s, char c) {
    i64 at = str_rfind(s, c);
    return at < 0 ? s : str_sub(s, (u32)at + 1, s.n);
}

Str str_copy(Arena *arena, Str s) {
    char *p = arena_alloc(arena, (size_t)s.n + 1);
    if (s.n) memcpy(p, s.p, s.n);
    return (Str){p, s.n};
}

static Str format_text(Arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    REQUIRE(n >= 0);
    char *p = arena_room(arena, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (Str){p, (u32)n};
}

Str str_format(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str s = format_text(arena, format, args);
    va_end(args);
    return s;
}

void buf_str(Buf *buf, Str s) {
    if (!s.n) return;
    if (buf->cap - buf->n < s.n) {
        u64 cap = MAX((u64)buf->cap * 2, (u64)buf->n + s.n);
        cap = MAX(cap, (u64)256);
        REQUIRE(cap <= UINT32_MAX);
        char *p = arena_room(buf->arena, cap);
        if (buf->n) memcpy(p, buf->p, buf->n);
        buf->p = p;
        buf->cap = (u32)cap;
    }
    memcpy(buf->p + buf->n, s.p, s.n);
    buf->n += s.n;
}

void buf_counted(Buf *buf, Str s) {
    buf_str(buf, (Str){(const char *)&s.n, sizeof s.n});
    buf_str(buf, s);
}

void buf_text(Buf *buf, const char *c_string) {
    buf_str(buf, str_from(c_string));
}

void buf_char(Buf *buf, char c) {
    buf_str(buf, (Str){&c, 1});
}

void buf_repeat(Buf *buf, char c, u32 times) {
    while (times--) buf_char(buf, c);
}

void buf_printf(Buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char room[512];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(room, sizeof room, format, args);
    REQUIRE(n >= 0);
    if ((size_t)n < sizeof room)
        buf_str(buf, (Str){room, (u32)n});
    else
        buf_str(buf, format_text(buf->arena, format, again));
    va_end(again);
    va_end(args);
}

/* Bytes from `i` on that stand for themselves. */
static u32 plain_run(Str s, u32 i) {
    u32 end = i;
    while (end < s.n && s.p[end] >= 0x20 && s.p[end] < 0x7f && s.p[end] != '"' && s.p[end] != '\\')
        end++;
    return end - i;
}

void buf_json(Buf *buf, Str s) {
    for (u32 i = 0; i < s.n;) {
        u32 code, plain = plain_run(s, i);
        if (plain) {
            buf_str(buf, str_sub(s, i, i + plain));
            i += plain;
            continue;
        }
        u32 n = utf8_decode(s, i, &code);
        if (code == '"' || code == '\\')
            buf_printf(buf, "\\%c", (char)code);
        else if (code == '\n')
            buf_text(buf, "\\n");
        else if (code < 0x20 || code == 0x7f || (code >= 0x80 && code < 0xa0))
            buf_printf(buf, "\\u%04x", code);
        else if (code == UTF8_INVALID)
            buf_text(buf, "\xEF\xBF\xBD");
        else
            buf_str(buf, str_sub(s, i, i + n));
        i += n;
    }
}

void buf_json_string(Buf *buf, const char *key, Str value) {
    buf_printf(buf, "\"%s\": \"", key);
    buf_json(buf, value);
    buf_text(buf, "\", ");
}

void buf_json_flag(Buf *buf, const char *key, bool value) {
    buf_printf(buf, "\"%s\": %s, ", key, value ? "true" : "false");
}

Str buf_get(const Buf *buf) {
    return (Str){buf->p, buf->n};
}
