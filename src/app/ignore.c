#include "app/ignore.h"

#include "base/vec.h"

#include <ctype.h>
#include <string.h>

/* ---- globs ---- */

static bool in_named_class(Str name, int c, bool *known) {
    static const struct {
        const char *name;
        int (*has)(int);
    } classes[] = {
        {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
        {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
        {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
    };
    for (u32 i = 0; i < ARRAY_LEN(classes); i++)
        if (str_is(name, classes[i].name)) return c < 0x80 && classes[i].has(c);
    *known = false;
    return false;
}

/* `[:name:]` at `at` (its `[`): the index behind it and the name, or 0 when it is not one. */
static u32 named_class(Str p, u32 at, Str *name) {
    if (at + 1 >= p.n || p.p[at + 1] != ':') return 0;
    i64 close = str_find(str_sub(p, at + 2, p.n), ']');
    /* `[[:]` is the set of `[` and `:`. */
    if (close < 1 || p.p[at + 1 + close] != ':') return 0;
    *name = str_sub(p, at + 2, at + 1 + (u32)close);
    return at + 3 + (u32)close;
}

/* Is `c` in the bracket set whose `[` stands before `from`? Sets *end behind its `]`; 0 when the
 * set is broken (never closed, unknown class), and then the pattern matches nothing. */
static bool in_set(Str p, u32 from, int c, u32 *end) {
    u32 i = from;
    bool negated = i < p.n && (p.p[i] == '!' || p.p[i] == '^'), matched = false, known = true;
    if (negated) i++;
    int low = -1; /* the character that a `-` here would begin a range with */
    *end = 0;
    for (bool first = true;; first = false) {
        if (i >= p.n) return false;
        int each = (u8)p.p[i];
        u32 behind;
        Str name;
        if (each == ']' && !first) break;
        if (each == '[' && (behind = named_class(p, i, &name)) != 0) {
            matched |= in_named_class(name, c, &known);
            i = behind;
            low = -1;
            continue;
        }
        bool is_range = each == '-' && low >= 0 && i + 1 < p.n && p.p[i + 1] != ']';
        if (is_range) each = (u8)p.p[++i];
        if (each == '\\') {
            if (++i >= p.n) return false;
            each = (u8)p.p[i];
        }
        matched |= is_range ? low <= c && c <= each : c == each;
        low = is_range ? -1 : each;
        i++;
    }
    if (known) *end = i + 1;
    return known && matched != negated;
}

/* Where a star stood: the pattern behind it, and the text up to which it has eaten. */
typedef struct Star {
    bool is_set;
    bool by_directory; /* eats whole directories only */
    u32 pattern, text;
} Star;

/* Lets a star eat more; false when it cannot. */
static bool eat(Star *star, Str text, bool stop_at_slash) {
    if (!star->is_set || star->text >= text.n) return false;
    if (star->by_directory) {
        i64 slash = str_find(str_sub(text, star->text, text.n), '/');
        if (slash < 0) return false;
        star->text += (u32)slash + 1;
        return true;
    }
    if (stop_at_slash && text.p[star->text] == '/') return false;
    star->text++;
    return true;
}

/* Does one element of the pattern, not a star, match the byte at `j`? Sets *next behind the
 * element. */
static bool step(Str p, u32 i, Str text, u32 j, bool by_segment, u32 *next) {
    char c = text.p[j];
    *next = i + 1;
    switch (p.p[i]) {
    case '?':
        return !by_segment || c != '/';
    case '[':
        return in_set(p, i + 1, (u8)c, next) && (!by_segment || c != '/');
    case '\\':
        *next = i + 2;
        return i + 1 < p.n && p.p[i + 1] == c;
    default:
        return p.p[i] == c;
    }
}

/* Reads the run of stars at `i`; true when nothing but it is left and it eats everything. */
static bool read_stars(Str p, u32 *i, u32 j, bool by_segment, Star *narrow, Star *wide) {
    u32 begin = *i, end = begin;
    while (end < p.n && p.p[end] == '*') end++;
    bool alone = end - begin > 1 && (begin == 0 || p.p[begin - 1] == '/') &&
                 (end == p.n || p.p[end] == '/' ||
                  (p.p[end] == '\\' && end + 1 < p.n && p.p[end + 1] == '/'));
    if (end == p.n && (alone || !by_segment)) return true;
    bool by_directory = alone && p.p[end] == '/';
    *i = by_directory ? end + 1 : end;
    Star star = {true, by_directory, *i, j};
    /* What an earlier star could still eat, the newest can eat as well, as long as it reaches as
     * far: one star of each reach is remembered. */
    if (alone || !by_segment) {
        *wide = star;
        *narrow = (Star){0};
    } else {
        *narrow = star;
    }
    return false;
}

bool ignore_glob(Str p, Str text, bool by_segment) {
    Star narrow = {0}, wide = {0};
    u32 i = 0, j = 0, next;
    for (;;) {
        if (i < p.n && p.p[i] == '*') {
            if (read_stars(p, &i, j, by_segment, &narrow, &wide)) return true;
            continue;
        }
        if (i == p.n && j == text.n) return true;
        if (i < p.n && j < text.n && step(p, i, text, j, by_segment, &next)) {
            i = next;
            j++;
        } else if (eat(&narrow, text, true)) {
            i = narrow.pattern;
            j = narrow.text;
        } else if (eat(&wide, text, false)) {
            i = wide.pattern;
            j = wide.text;
            narrow = (Star){0};
        } else {
            return false;
        }
    }
}

/* ---- braces ---- */

/* Finds the first `{` and its `}`; commas between them, outside of inner braces, go to `commas`. */
static bool find_braces(Arena *arena, Str p, u32 *open, u32 *close, u32 **commas, u32 *n) {
    VEC(u32) found = {0};
    u32 depth = 0;
    for (u32 i = 0; i < p.n; i++) {
        char c = p.p[i];
        if (c == '\\')
            i++;
        else if (c == '{' && depth++ == 0)
            *open = i;
        else if (c == ',' && depth == 1)
            vec_push(arena, &found, i);
        else if (c == '}' && depth && --depth == 0) {
            *close = i;
            *commas = found.v;
            *n = found.n;
            return true;
        }
    }
    return false;
}

Str *ignore_expand_braces(Arena *arena, Str pattern, u32 *n) {
    enum { MOST = 1000 };
    VEC(Str) globs = {0};
    vec_push(arena, &globs, pattern);
    for (u32 i = 0; i < globs.n;) {
        Str p = globs.v[i];
        u32 open = 0, close = 0, *commas = NULL, n_commas = 0;
        if (!find_braces(arena, p, &open, &close, &commas, &n_commas)) {
            i++;
            continue;
        }
        if (globs.n + n_commas > MOST) {
            globs.n = 0;
            vec_push(arena, &globs, pattern);
            break;
        }
        for (u32 k = 0, from = open + 1; k <= n_commas; k++) {
            u32 to = k < n_commas ? commas[k] : close;
            Str one =
                str_format(arena, "%.*s%.*s%.*s", STR_ARG(str_sub(p, 0, open)),
                           STR_ARG(str_sub(p, from, to)), STR_ARG(str_sub(p, close + 1, p.n)));
            from = to + 1;
            /* The first takes the place of the pattern and is looked at again. */
            if (k == 0)
                globs.v[i] = one;
            else
                vec_push(arena, &globs, one);
        }
    }
    *n = globs.n;
    return globs.v;
}

/* ---- ignore files ---- */

/* Spaces at the end do not count, unless a backslash stands before them. */
static Str trim_spaces(Str line) {
    u32 end = 0;
    for (u32 i = 0; i < line.n; i++) {
        if (line.p[i] == ' ') continue;
        if (line.p[i] == '\\') i++;
        end = MIN(i + 1, line.n);
    }
    return str_sub(line, 0, end);
}

static IgnorePattern read_pattern(Str line) {
    IgnorePattern pattern = {0};
    if (str_starts(line, "!")) {
        pattern.negated = true;
        line = str_sub(line, 1, line.n);
    }
    if (str_ends(line, "/")) {
        pattern.directory_only = true;
        line = str_sub(line, 0, line.n - 1);
    }
    pattern.anchored = str_find(line, '/') >= 0;
    if (str_starts(line, "/")) line = str_sub(line, 1, line.n);
    pattern.text = line;
    while (pattern.literal < line.n && !strchr("*?[\\", line.p[pattern.literal])) pattern.literal++;
    return pattern;
}

IgnoreFile ignore_parse(Arena *arena, Str text) {
    VEC(IgnorePattern) patterns = {0};
    if (str_starts(text, "\xEF\xBB\xBF")) text = str_sub(text, 3, text.n);
    for (u32 at = 0; at < text.n;) {
        Str rest = str_sub(text, at, text.n);
        i64 newline = str_find(rest, '\n');
        Str line = newline < 0 ? rest : str_sub(rest, 0, (u32)newline);
        at += line.n + 1;
        if (str_starts(line, "#")) continue;
        if (str_ends(line, "\r")) line = str_sub(line, 0, line.n - 1);
        i64 nul = str_find(line, '\0');
        if (nul >= 0) line = str_sub(line, 0, (u32)nul);
        line = trim_spaces(line);
        IgnorePattern pattern = read_pattern(line);
        if (pattern.text.n) vec_push(arena, &patterns, pattern);
    }
    return (IgnoreFile){patterns.v, patterns.n};
}

static bool is_match(const IgnorePattern *pattern, Str path, Str name) {
    Str text = pattern->anchored ? path : name, p = pattern->text;
    u32 literal = pattern->literal;
    if (literal > text.n || memcmp(p.p, text.p, literal) != 0) return false;
    /* As git does, the glob begins behind the literal part: `a**` + `/b` can match a directory
     * there. */
    return ignore_glob(str_sub(p, literal, p.n), str_sub(text, literal, text.n), true);
}

IgnoreVerdict ignore_match(const IgnoreFile *file, Str path, bool is_directory) {
    Str name = str_sub(path, (u32)(str_rfind(path, '/') + 1), path.n);
    for (u32 i = file->n; i-- > 0;) {
        const IgnorePattern *pattern = &file->patterns[i];
        if (pattern->directory_only && !is_directory) continue;
        if (is_match(pattern, path, name)) return pattern->negated ? IGNORE_IN : IGNORE_OUT;
    }
    return IGNORE_SILENT;
}
