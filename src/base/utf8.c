#include "base/utf8.h"

#include <string.h>

u32 utf8_decode(Str s, u32 at, u32 *code) {
    const u8 *p = (const u8 *)s.p + at;
    u32 left = s.n - at;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    u32 n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    *code = UTF8_INVALID;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < n) return 1;
    u32 value = p[0] & (0x7Fu >> n);
    for (u32 i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) return 1;
        value = value << 6 | (p[i] & 0x3F);
    }
    bool overlong = (n == 3 && value < 0x800) || (n == 4 && value < 0x10000);
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF) return 1;
    *code = value;
    return n;
}

u32 utf8_first_invalid(Str s) {
    u32 i = 0;
    while (i < s.n) {
        u64 word;
        while (i + 8 <= s.n && (memcpy(&word, s.p + i, 8), !(word & 0x8080808080808080u))) i += 8;
        if (i >= s.n) break;
        u32 code;
        u32 n = utf8_decode(s, i, &code);
        if (code == UTF8_INVALID) return i;
        i += n;
    }
    return s.n;
}
