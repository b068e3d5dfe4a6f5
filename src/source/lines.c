#include "base/utf8.h"
#include "source/source.h"

#include <string.h>

u32 source_lines(Str text, Arena *arena, u32 **starts) {
    if (!text.n) text.p = "";
    const char *end = text.p + text.n;
    u32 n = 1;
    for (const char *p = text.p; (p = memchr(p, '\n', (size_t)(end - p))); p++) n++;
    u32 *v = arena_array(arena, u32, n);
    u32 at = 1;
    for (const char *p = text.p; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        v[at++] = (u32)(p - text.p) + 1;
    *starts = v;
    return n;
}

/* Index of the last line that begins at or before the offset. */
static u32 line_index(const u32 *starts, u32 lines, u32 offset) {
    u32 low = 0, high = lines;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        if (starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

Position source_position(Str text, const u32 *starts, u32 lines, u32 offset) {
    offset = MIN(offset, text.n);
    u32 line = line_index(starts, lines, offset);
    u32 column = 1;
    /* the text is valid UTF-8: a character is what its first byte says, and this loop is vectorised
     */
    for (u32 i = starts[line]; i < offset; i++) column += ((u8)text.p[i] & 0xC0) != 0x80;
    return (Position){line + 1, column};
}

Str source_line(Str text, const u32 *starts, u32 lines, u32 line) {
    if (line == 0 || line > lines) return (Str){0};
    u32 end = line < lines ? starts[line] : text.n;
    Str s = str_sub(text, starts[line - 1], end);
    if (s.n && s.p[s.n - 1] == '\n') {
        s.n--;
        if (s.n && s.p[s.n - 1] == '\r') s.n--;
    }
    return s;
}

bool source_is_generated(Str text) {
    static const char mark[] = "@generated";
    enum { LINES = 40, LENGTH = sizeof mark - 1 };
    u32 line = 1;
    for (u32 i = 0; i < text.n && line <= LINES; i++) {
        if (text.p[i] == '\n') line++;
        if (text.p[i] != '@' || text.n - i < LENGTH) continue;
        if (memcmp(text.p + i, mark, LENGTH) != 0) continue;
        bool before = i > 0 && char_is_word(text.p[i - 1]);
        bool after = i + LENGTH < text.n && char_is_word(text.p[i + LENGTH]);
        if (!before && !after) return true;
    }
    return false;
}
