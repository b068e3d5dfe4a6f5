#include "source/source.h"

#include "base/map.h"
#include "base/utf8.h"
#include "source/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

static const char BOM[] = "\xEF\xBB\xBF";

/* ---- the coding cookie ---- */

typedef struct Cookie {
    Str name; /* as written, empty when there is none */
    u32 at;   /* offset of the name */
} Cookie;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_cookie_char(char c) {
    return char_is_word(c) || c == '-' || c == '.';
}

/* End of the line that begins at `from`; any of LF, CR, CRLF ends it. */
static u32 line_end(Str s, u32 from) {
    while (from < s.n && s.p[from] != '\n' && s.p[from] != '\r') from++;
    return from;
}

/* "coding", ":" or "=", blanks, a name: the first such group of a line that is a comment. */
static Cookie line_cookie(Str s, u32 from, u32 end) {
    while (from < end && is_blank(s.p[from])) from++;
    if (from == end || s.p[from] != '#') return (Cookie){0};
    for (u32 i = from; i + 7 <= end; i++) {
        if (memcmp(s.p + i, "coding", 6) != 0 || (s.p[i + 6] != ':' && s.p[i + 6] != '=')) continue;
        u32 at = i + 7;
        while (at < end && (s.p[at] == ' ' || s.p[at] == '\t')) at++;
        u32 stop = at;
        while (stop < end && is_cookie_char(s.p[stop])) stop++;
        if (stop > at) return (Cookie){str_sub(s, at, stop), at};
    }
    return (Cookie){0};
}

/* The cookie of line 1, or of line 2 when line 1 is blank or a comment (CPython, Parser/tokenizer:
 * anything else before it may be the inside of a string). */
static Cookie find_cookie(Str s) {
    u32 end = line_end(s, 0);
    Cookie cookie = line_cookie(s, 0, end);
    if (cookie.name.n || end == s.n) return cookie;
    u32 i = 0;
    while (i < end && is_blank(s.p[i])) i++;
    if (i < end && s.p[i] != '#') return cookie;
    u32 next = end + 1;
    if (s.p[end] == '\r' && next < s.n && s.p[next] == '\n') next++;
    return line_cookie(s, next, line_end(s, next));
}

/* ---- decoding ---- */

static void trouble_set(Source *src, SourceTroubleKind kind, u32 at, Str text) {
    if (src->trouble != SOURCE_FINE) return; /* the first one is told */
    src->trouble = kind;
    src->trouble_at = at;
    src->trouble_text = text;
}

static void bad_byte(Source *src, u32 at, char byte, Arena *arena) {
    if (src->trouble != SOURCE_FINE) return;
    trouble_set(
        src, SOURCE_INVALID, at,
        str_format(arena, "byte 0x%02x is not valid %.*s", (u8)byte, STR_ARG(src->encoding)));
}

/* Copies UTF-8 and puts '?' for every byte that belongs to no character. */
static Str repair_utf8(Source *src, Str s, Arena *arena) {
    char *p = arena_copy(arena, s.p, s.n);
    Str text = {p, s.n};
    u32 code;
    for (u32 i = utf8_first_invalid(text); i < s.n;) {
        u32 n = utf8_decode(s, i, &code);
        if (code == UTF8_INVALID) {
            bad_byte(src, i, p[i], arena);
            p[i] = '?';
        }
        i += n;
    }
    return text;
}

/* Through iconv, in pieces; '?' for each byte that the encoding does not allow. */
static Str convert(Source *src, iconv_t cd, Str s, Arena *arena) {
    Buf out = {.arena = arena};
    char *in = (char *)(uintptr_t)s.p; /* iconv only reads, but its type says otherwise */
    size_t left = s.n;
    bool flushing = false;
    char room[4096];
    for (;;) {
        char *to = room;
        size_t space = sizeof room;
        size_t r = iconv(cd, flushing ? NULL : &in, flushing ? NULL : &left, &to, &space);
        int error = r == (size_t)-1 ? errno : 0;
        buf_str(&out, (Str){room, (u32)(to - room)});
        if (error == E2BIG) continue;
        if (flushing) break;
        if (error && left) { /* EILSEQ, or EINVAL: cut off at the end */
            bad_byte(src, out.n, *in, arena);
            buf_char(&out, '?');
            in++, left--;
        }
        flushing = left == 0;
    }
    return buf_get(&out);
}

/* Python reads the bytes 0x5c and 0x7e as ASCII where the C library follows the letter of the
 * standards: yen, won and overline. A backslash must stay one. The signs come from nowhere else in
 * these sets. */
static Str restore_ascii(Source *src, const char *converter, Str text) {
    bool japanese = strcmp(converter, "SHIFT_JIS") == 0;
    if (!japanese && strcmp(converter, "JOHAB") != 0) return text;
    char *p = (char *)(uintptr_t)text.p;
    u32 n = 0, trouble_at = src->trouble_at;
    for (u32 i = 0; i < text.n;) {
        if (i == trouble_at) src->trouble_at = n;
        u32 code;
        u32 length = utf8_decode(text, i, &code);
        char ascii = 0;
        if (code == (japanese ? 0xA5 : 0x20A9)) ascii = '\\';
        if (code == 0x203E && japanese) ascii = '~';
        if (ascii)
            p[n++] = ascii;
        else
            memmove(p + n, text.p + i, length), n += length;
        i += length;
    }
    return (Str){p, n};
}

/* Lone CR becomes LF and NUL a space. Most files hold neither and are returned as they are. */
static Str tidy(Source *src, Str text, bool owned, Arena *arena) {
    if (!text.n) return text;
    bool nul = memchr(text.p, 0, text.n) != NULL;
    bool lone = false;
    for (const char *p = text.p, *end = text.p + text.n; p < end && !lone; p++) {
        p = memchr(p, '\r', (size_t)(end - p));
        if (!p) break;
        lone = p + 1 == end || p[1] != '\n';
    }
    if (!nul && !lone) return text;
    char *p = owned ? (char *)(uintptr_t)text.p : arena_copy(arena, text.p, text.n);
    for (u32 i = 0; i < text.n; i++) {
        if (p[i] == '\r' && (i + 1 == text.n || p[i + 1] != '\n')) p[i] = '\n';
        if (p[i] != 0) continue;
        trouble_set(src, SOURCE_NUL, i, STR("a NUL byte"));
        p[i] = ' ';
    }
    return (Str){p, text.n};
}

/* Every byte is the code point of its number: no table, no error, nothing that the system could
 * lack. */
static Str convert_latin1(Str s, Arena *arena) {
    u32 high = 0;
    for (u32 i = 0; i < s.n; i++) high += (u8)s.p[i] >> 7;
    char *p = arena_alloc(arena, (size_t)s.n + high);
    u32 n = 0;
    for (u32 i = 0; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        if (c >= 0x80) {
            p[n++] = (char)(0xC0 | c >> 6);
            c = 0x80 | (c & 0x3F);
        }
        p[n++] = (char)c;
    }
    return (Str){p, n};
}

static Str unknown(Arena *arena, const char *before, Str name, const char *after) {
    return str_format(arena, "%s'%.*s'%s", before, STR_ARG(name), after);
}

/* How to read the text. A wrong cookie is the file's trouble, and the rest is read as UTF-8. */
static const Encoding *choose(Source *src, Cookie cookie, bool bom, Arena *arena) {
    static const Encoding utf8 = {.kind = ENCODING_UTF8};
    src->encoding = cookie.name.n ? cookie.name : STR("utf-8");
    if (!cookie.name.n) return &utf8;
    const Encoding *e = encoding_find(cookie.name);
    Str wrong = {0};
    if (bom && !encoding_agrees_with_bom(cookie.name))
        wrong = unknown(arena, "encoding ", cookie.name, " disagrees with the byte order mark");
    else if (!e)
        wrong = unknown(arena, "unknown encoding ", cookie.name, "");
    else if (e->kind == ENCODING_REFUSED)
        wrong = unknown(arena, "encoding ", cookie.name, " cannot hold Python source");
    if (!wrong.n) return e;
    trouble_set(src, SOURCE_UNKNOWN_ENCODING, cookie.at, wrong);
    return &utf8;
}

static Str decode(Source *src, const Encoding *e, Str body, u32 cookie_at, Arena *arena) {
    if (e->kind == ENCODING_LATIN1) return convert_latin1(body, arena);
    if (e->kind == ENCODING_ICONV) {
        iconv_t cd = iconv_open("UTF-8", e->iconv);
        if (cd != (iconv_t)-1) {
            Str text = convert(src, cd, body, arena);
            iconv_close(cd);
            return restore_ascii(src, e->iconv, text);
        }
        trouble_set(src, SOURCE_UNKNOWN_ENCODING, cookie_at,
                    unknown(arena, "this system cannot convert ", src->encoding, ""));
    }
    return utf8_first_invalid(body) == body.n ? body : repair_utf8(src, body, arena);
}

static bool encode_latin1(Str text, Buf *out) {
    for (u32 i = 0; i < text.n;) {
        u32 code;
        i += utf8_decode(text, i, &code);
        if (code > 0xff) return false;
        buf_char(out, (char)(u8)code);
    }
    return true;
}

static bool encode_iconv(const char *converter, Str text, Buf *out) {
    iconv_t cd = iconv_open(converter, "UTF-8");
    if (cd == (iconv_t)-1) return false;
    char *in = (char *)(uintptr_t)text.p, room[4096];
    size_t left = text.n;
    bool ok = true, flushing = false;
    while (ok) {
        char *to = room;
        size_t space = sizeof room;
        size_t r = iconv(cd, flushing ? NULL : &in, flushing ? NULL : &left, &to, &space);
        ok = r != (size_t)-1 || errno == E2BIG;
        buf_str(out, (Str){room, (u32)(to - room)});
        if (r == (size_t)-1) continue;
        if (flushing) break;
        flushing = left == 0;
    }
    iconv_close(cd);
    return ok;
}

bool source_encode(Str text, Str encoding, Arena *arena, Str *bytes) {
    const Encoding *e = encoding_find(encoding);
    Buf out = {.arena = arena};
    bool ok = e != NULL;
    if (ok && e->kind == ENCODING_UTF8)
        buf_str(&out, text);
    else if (ok && e->kind == ENCODING_LATIN1)
        ok = encode_latin1(text, &out);
    else if (ok)
        ok = e->kind == ENCODING_ICONV && encode_iconv(e->iconv, text, &out);
    *bytes = buf_get(&out);
    return ok;
}

Source source_decode(Str bytes, Arena *arena) {
    Source src = {.content = hash_bytes(bytes.p, bytes.n)};
    bool bom = str_starts(bytes, BOM);
    Str body = bom ? str_sub(bytes, 3, bytes.n) : bytes;
    Cookie cookie = find_cookie(body);
    const Encoding *e = choose(&src, cookie, bom, arena);
    Str text = decode(&src, e, body, cookie.at, arena);
    src.text = tidy(&src, text, text.p != body.p, arena);
    return src;
}
