/* Version specifiers of Python packages (PEP 440), as far as releases of CPython need them. */
#include "config/config.h"
#include "rule/rule.h"

#include <string.h>

enum {
    PARTS_MAX = 8,
    MICRO_LAST = 1000, /* later than all releases of a minor version */
};

typedef enum Compare {
    SAME,        /* == */
    SAME_PREFIX, /* == 3.8.* */
    OTHER,       /* != */
    OTHER_PREFIX,
    COMPATIBLE, /* ~= */
    BELOW,
    AT_MOST,
    ABOVE,
    AT_LEAST,
    EXACTLY, /* === */
} Compare;

typedef struct Specifier {
    Compare compare;
    u32 release[PARTS_MAX];
    u32 n;      /* parts that are written */
    int suffix; /* before the release (a, b, rc, dev): -1; after it (post): 1 */
    bool has_epoch;
    bool is_free_threaded; /* 3.13t */
} Specifier;

static const struct {
    const char *text;
    Compare compare;
} OPERATORS[] = {{"===", EXACTLY}, {"==", SAME},     {"!=", OTHER}, {"~=", COMPATIBLE},
                 {"<=", AT_MOST},  {">=", AT_LEAST}, {"<", BELOW},  {">", ABOVE}};

static bool is_digit(Str s, u32 i) {
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static bool take_number(Str *s, u32 *out) {
    u32 i = 0;
    *out = 0;
    for (; is_digit(*s, i); i++) *out = MIN(*out * 10 + (u32)(s->p[i] - '0'), 1u << 24);
    *s = str_sub(*s, i, s->n);
    return i > 0;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool take_word(Str *s, const char *word) {
    u32 n = (u32)strlen(word);
    if (s->n < n) return false;
    for (u32 i = 0; i < n; i++)
        if (lower(s->p[i]) != word[i]) return false;
    *s = str_sub(*s, n, s->n);
    return true;
}

static void take_separator(Str *s) {
    if (s->n && strchr("-_.", s->p[0])) *s = str_sub(*s, 1, s->n);
}

/* rc1, .post2, -1, .dev3, and nothing else. */
static bool take_suffixes(Str *s, Specifier *out) {
    static const struct {
        const char *word;
        int suffix;
    } WORDS[] = {{"alpha", -1}, {"beta", -1}, {"preview", -1}, {"post", 1}, {"pre", -1}, {"rev", 1},
                 {"dev", -1},   {"rc", -1},   {"a", -1},       {"b", -1},   {"c", -1},   {"r", 1}};
    while (s->n) {
        u32 number, i = 0;
        Str rest = *s;
        take_separator(&rest);
        while (i < ARRAY_LEN(WORDS) && !take_word(&rest, WORDS[i].word)) i++;
        if (i == ARRAY_LEN(WORDS)) {
            bool is_post = s->p[0] == '-' && is_digit(*s, 1); /* 1.0-1 */
            if (!is_post) return false;
            *s = str_sub(*s, 1, s->n);
            take_number(s, &number);
            if (!out->suffix) out->suffix = 1;
            continue;
        }
        *s = rest;
        if (s->n && strchr("-_.", s->p[0]) && is_digit(*s, 1)) *s = str_sub(*s, 1, s->n);
        take_number(s, &number);
        if (!out->suffix) out->suffix = WORDS[i].suffix;
    }
    return true;
}

static bool take_release(Str *s, Specifier *out) {
    u32 number;
    if (s->n && lower(s->p[0]) == 'v') *s = str_sub(*s, 1, s->n);
    if (!take_number(s, &number)) return false;
    if (s->n && s->p[0] == '!') {
        out->has_epoch = number != 0;
        *s = str_sub(*s, 1, s->n);
        if (!take_number(s, &number)) return false;
    }
    out->release[out->n++] = number;
    while (s->n && s->p[0] == '.' && is_digit(*s, 1)) {
        *s = str_sub(*s, 1, s->n);
        take_number(s, &number);
        if (out->n < PARTS_MAX) out->release[out->n++] = number;
    }
    out->is_free_threaded = s->n && lower(s->p[0]) == 't';
    if (out->is_free_threaded) *s = str_sub(*s, 1, s->n);
    return true;
}

static bool take_specifier(Str text, Specifier *out) {
    Str s = str_trim(text);
    u32 i = 0;
    *out = (Specifier){0};
    while (i < ARRAY_LEN(OPERATORS) && !take_word(&s, OPERATORS[i].text)) i++;
    if (i == ARRAY_LEN(OPERATORS)) return false;
    out->compare = OPERATORS[i].compare;
    s = str_trim(s);
    if (!take_release(&s, out)) return false;
    if (str_is(s, ".*") && (out->compare == SAME || out->compare == OTHER)) {
        out->compare = out->compare == SAME ? SAME_PREFIX : OTHER_PREFIX;
        return true;
    }
    i64 plus = str_find(s, '+'); /* a local version: no release of CPython has one */
    if (plus >= 0) {
        if (out->compare != SAME && out->compare != OTHER && out->compare != EXACTLY) return false;
        if ((u32)plus + 1 == s.n) return false;
        out->suffix = 1;
        s = str_sub(s, 0, (u32)plus);
        return take_suffixes(&s, out);
    }
    return take_suffixes(&s, out) && (out->compare != COMPATIBLE || out->n >= 2);
}

/* -1, 0, 1: the release comes before, is, or comes after that of the specifier. */
static int order(const u32 version[3], const Specifier *s) {
    for (u32 i = 0; i < PARTS_MAX; i++) {
        u32 left = i < 3 ? version[i] : 0, right = i < s->n ? s->release[i] : 0;
        if (left != right) return left < right ? -1 : 1;
    }
    return 0;
}

/* The same with the first `parts` parts. */
static int prefix_order(const u32 version[3], const Specifier *s, u32 parts) {
    for (u32 i = 0; i < parts; i++) {
        u32 left = i < 3 ? version[i] : 0;
        if (left != s->release[i]) return left < s->release[i] ? -1 : 1;
    }
    return 0;
}

static bool allows(const Specifier *s, const u32 version[3]) {
    int whole = order(version, s);
    if (s->has_epoch) whole = -1;                /* CPython's epoch is 0 */
    if (!whole && s->suffix) whole = -s->suffix; /* 3.9.0 is later than 3.9.0rc1 */
    switch (s->compare) {
    case SAME:
    case EXACTLY:
        return whole == 0;
    case OTHER:
        return whole != 0;
    case SAME_PREFIX:
        return !s->has_epoch && prefix_order(version, s, s->n) == 0;
    case OTHER_PREFIX:
        return s->has_epoch || prefix_order(version, s, s->n) != 0;
    case COMPATIBLE:
        return whole >= 0 && prefix_order(version, s, s->n - 1) == 0;
    case BELOW:
        return whole < 0;
    case AT_MOST:
        return whole <= 0;
    case ABOVE:
        return whole > 0;
    case AT_LEAST:
        return whole >= 0;
    }
    return false;
}

/* Some versions lie above it, or are it. */
static bool asks_for(const Specifier *s) {
    return s->compare != BELOW && s->compare != AT_MOST && s->compare != OTHER &&
           s->compare != OTHER_PREFIX;
}

enum { SPECIFIERS_MAX = 64 };

static bool all_allow(const Specifier *set, u32 n, const u32 version[3]) {
    for (u32 i = 0; i < n; i++)
        if (!allows(&set[i], version)) return false;
    return true;
}

/* Some release of the minor version fits: the first, the last, or one beside a number that a
 * specifier names. */
static bool minor_fits(const Specifier *set, u32 n, u32 major, u32 minor) {
    const u32 first[3] = {major, minor, 0}, last[3] = {major, minor, MICRO_LAST};
    if (all_allow(set, n, first) || all_allow(set, n, last)) return true;
    for (u32 i = 0; i < n; i++) {
        u32 named = set[i].n > 2 ? set[i].release[2] : 0;
        for (u32 micro = named ? named - 1 : 0; micro <= named + 1 && micro < MICRO_LAST; micro++)
            if (all_allow(set, n, (const u32[3]){major, minor, micro})) return true;
    }
    return false;
}

static u32 fitting(const Specifier *set, u32 n, PythonVersion last) {
    u32 versions = 0;
    for (u32 v = 0; v <= last; v++) {
        Str text = str_from(version_text((PythonVersion)v));
        u32 major = 0, minor = 0;
        take_number(&text, &major);
        text = str_sub(text, 1, text.n);
        take_number(&text, &minor);
        if (minor_fits(set, n, major, minor)) versions |= 1u << v;
    }
    return versions;
}

u32 requires_python(Arena *arena, Str text, bool *free_threaded, Str *error) {
    Specifier set[SPECIFIERS_MAX];
    u32 n = 0;
    *free_threaded = false;
    for (Str rest = text; rest.n;) {
        i64 comma = str_find(rest, ',');
        Str word = str_trim(comma < 0 ? rest : str_sub(rest, 0, (u32)comma));
        rest = comma < 0 ? (Str){0} : str_sub(rest, (u32)comma + 1, rest.n);
        if (!word.n) continue; /* a comma at the end is allowed */
        if (n == SPECIFIERS_MAX || !take_specifier(word, &set[n++])) {
            *error = str_format(arena, "'%.*s' is not a version specifier such as '>=3.9'",
                                STR_ARG(word));
            return 0;
        }
        *free_threaded |= set[n - 1].is_free_threaded && asks_for(&set[n - 1]);
    }
    u32 supported = targets_supported(), newest = 0;
    while (supported >> (newest + 1)) newest++;
    u32 versions = fitting(set, n, (PythonVersion)newest);
    if (!versions) versions = fitting(set, n, PYTHON_VERSIONS - 1); /* one that is to come */
    if (!n) versions = 0;
    if (!versions)
        *error = str_format(arena, "'%.*s' allows no version from 2.7, 3.3 to %s", STR_ARG(text),
                            version_text(PYTHON_VERSIONS - 1));
    return versions;
}
