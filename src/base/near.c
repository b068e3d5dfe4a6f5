#include "base/near.h"

#include <string.h>

enum { WORD_MAX = 63 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool near_equal(Str a, Str b) {
    if (a.n != b.n) return false;
    for (u32 i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

u32 near_distance(Str a, Str b) {
    if (a.n > WORD_MAX || b.n > WORD_MAX) return UINT32_MAX;
    u32 rows[3][WORD_MAX + 1];
    u32 *before = rows[0], *above = rows[1], *row = rows[2];
    for (u32 j = 0; j <= b.n; j++) above[j] = j;
    for (u32 i = 1; i <= a.n; i++) {
        row[0] = i;
        for (u32 j = 1; j <= b.n; j++) {
            char x = lower(a.p[i - 1]), y = lower(b.p[j - 1]);
            u32 best = MIN(above[j], row[j - 1]) + 1;
            best = MIN(best, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.p[j - 2]) && lower(a.p[i - 2]) == y)
                best = MIN(best, before[j - 2] + 1);
            row[j] = best;
        }
        u32 *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.n];
}

void near_keep(Str word, Str candidate, Str *best) {
    u32 bound = MAX(MAX(word.n, candidate.n) / 3, 1);
    u32 distance = near_distance(word, candidate);
    if (distance > bound) return;
    if (best->n && near_distance(word, *best) <= distance) return;
    *best = candidate;
}
