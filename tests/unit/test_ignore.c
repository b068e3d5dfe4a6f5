/* Globs, braces and ignore patterns, one at a time; tests/cli/test_discover.py compares whole trees
 * with git. */
#include "app/ignore.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

typedef struct GlobCase {
    const char *glob, *text;
    bool by_segment, by_byte; /* does it match, when slashes are special and when they are not? */
} GlobCase;

static const GlobCase globs[] = {
    {"", "", true, true},
    {"", "a", false, false},
    {"a", "a", true, true},
    {"a", "ab", false, false},
    {"ab", "a", false, false},
    {"*", "", true, true},
    {"*", "a/b", false, true},
    {"a*", "a", true, true},
    {"a*c", "abbc", true, true},
    {"a*c", "ab/c", false, true},
    {"a?c", "a/c", false, true},
    {"a[/]c", "a/c", false, true},
    {"a[!b]c", "a/c", false, true},
    {"*a*b*c*", "xxaxxbxxcxx", true, true},
    {"*a*b*c", "abcabx", false, false},
    {"*/b", "a/b", true, true},
    {"*/b", "a/x/b", false, true},
    {"**/b", "b", true, true},
    {"**/b", "a/x/b", true, true},
    {"**/b", "ab", false, false},
    {"a/**", "a/b/c", true, true},
    {"a/**", "a", false, false},
    {"a/**/b", "a/b", true, true},
    {"a/**/b", "a/x/y/b", true, true},
    {"a/**/b", "a/xb", false, false},
    {"**/a/**/b", "a/a/x/a/b", true, true},
    {"**/*.py/x", "a/b.py/c.py/x", true, true},
    {"a**b", "axxb", true, true},
    {"a**b", "ax/b", false, true},
    {"**/x*y", "a/xz/xzy", true, true},
    {"**/x*y*z/w", "a/xy/xyz/w", true, true},
    {"\\*", "*", true, true},
    {"\\*", "a", false, false},
    {"a\\", "a", false, false},
    {"[", "[", false, false},
    {"[]]", "]", true, true},
    {"[!]]", "]", false, false},
    {"[]-a]", "^", true, true},
    {"[a-]", "-", true, true},
    {"[c-a]", "b", false, false},
    {"[\\]]", "]", true, true},
    {"[[:digit:]x]", "7", true, true},
    {"[[:digit:]x]", "x", true, true},
    {"[[:digit:]-z]", "-", true, true},
    {"[[:nonsense:]x]", "x", false, false},
    {"[[:]", ":", true, true},
    {"[[:digit]]", "d]", true, true},
    {"\xC3?", "\xC3\xA9", true, true},
};

static void glob_cases(void **state) {
    (void)state;
    for (u32 i = 0; i < ARRAY_LEN(globs); i++) {
        const GlobCase *c = &globs[i];
        Str glob = str_from(c->glob), text = str_from(c->text);
        if (ignore_glob(glob, text, true) != c->by_segment)
            fail_msg("\"%s\" and \"%s\", slashes special: not %d", c->glob, c->text, c->by_segment);
        if (ignore_glob(glob, text, false) != c->by_byte)
            fail_msg("\"%s\" and \"%s\", slashes plain: not %d", c->glob, c->text, c->by_byte);
    }
}

/* The definition, slow and plain: what `*`, `?` and `**` mean, tried in every way. */
static bool plain_match(const char *p, const char *begin, const char *t) {
    if (!*p) return !*t;
    if (*p != '*')
        return *t && (*p == '?' ? *t != '/' : *p == *t) && plain_match(p + 1, begin, t + 1);
    const char *end = p;
    while (*end == '*') end++;
    bool alone = end - p > 1 && (p == begin || p[-1] == '/') && (!*end || *end == '/');
    if (alone && *end == '/' && plain_match(end + 1, begin, t)) return true;
    for (;; t++) {
        /* Before a slash, what `**` eats ends in front of one. */
        if (plain_match(end, begin, t)) return true;
        if (!*t || (*t == '/' && !alone)) return false;
    }
}

/* All patterns and many texts of a small alphabet: some hundred thousand pairs. */
static void globs_match_as_defined(void **state) {
    (void)state;
    static const char pattern_bytes[] = "a/*?", text_bytes[] = "ab/";
    u32 matches = 0;
    for (u32 length = 1; length <= 6; length++) {
        for (u32 code = 0, most = 1u << (2 * length); code < most; code++) {
            char pattern[8] = {0};
            for (u32 i = 0; i < length; i++) pattern[i] = pattern_bytes[code >> (2 * i) & 3];
            for (u32 seed = 0; seed < 243; seed++) {
                char text[8] = {0};
                for (u32 i = 0, rest = seed + 243 * (seed % 2); i < 5 - seed % 3; i++, rest /= 3)
                    text[i] = text_bytes[rest % 3];
                /* Paths have no empty part. */
                if (*text == '/' || strstr(text, "//")) continue;
                bool expected = plain_match(pattern, pattern, text);
                matches += expected;
                if (ignore_glob(str_from(pattern), str_from(text), true) != expected)
                    fail_msg("\"%s\" and \"%s\": not %d", pattern, text, expected);
            }
        }
    }
    assert_true(matches > 10000);
}

static void hostile_globs_take_no_time(void **state) {
    (void)state;
    Arena arena = {0};
    Buf glob = {.arena = &arena}, text = {.arena = &arena};
    for (u32 i = 0; i < 60; i++) buf_text(&glob, i % 2 ? "**/*a*a" : "/*a*?");
    buf_char(&glob, 'b');
    for (u32 i = 0; i < 2000; i++) buf_text(&text, "a/");
    clock_t begin = clock();
    assert_false(ignore_glob(buf_get(&glob), buf_get(&text), true));
    assert_false(ignore_glob(buf_get(&glob), buf_get(&text), false));
    assert_true(clock() - begin < 5 * CLOCKS_PER_SEC);
    arena_free(&arena);
}

static void assert_expands(const char *pattern, const char *expected) {
    Arena arena = {0};
    u32 n;
    Str *parts = ignore_expand_braces(&arena, str_from(pattern), &n);
    Buf joined = {.arena = &arena};
    for (u32 i = 0; i < n; i++) {
        if (i) buf_char(&joined, ' ');
        buf_str(&joined, parts[i]);
    }
    buf_char(&joined, '\0');
    assert_string_equal(joined.p, expected);
    arena_free(&arena);
}

static void braces(void **state) {
    (void)state;
    assert_expands("plain", "plain");
    assert_expands("a{b,c}d", "abd acd");
    assert_expands("{a,b}{c,d}", "ac bc ad bd");
    assert_expands("{a,{b,c}}", "a b c");
    assert_expands("x{,y}", "x xy");
    assert_expands("{a}", "a");
    assert_expands("\\{a,b}", "\\{a,b}");
    assert_expands("{a,b", "{a,b");
    assert_expands("a}b", "a}b");
    const char *bomb = "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}";
    assert_expands(bomb, bomb);
}

static IgnoreVerdict verdict(const char *rules, const char *path, bool is_directory) {
    Arena arena = {0};
    IgnoreFile file = ignore_parse(&arena, str_from(rules));
    IgnoreVerdict answer = ignore_match(&file, str_from(path), is_directory);
    arena_free(&arena);
    return answer;
}

static void ignore_rules(void **state) {
    (void)state;
    assert_int_equal(verdict("", "a", false), IGNORE_SILENT);
    assert_int_equal(verdict("a", "a", false), IGNORE_OUT);
    assert_int_equal(verdict("a", "x/a", false), IGNORE_OUT);
    assert_int_equal(verdict("/a", "x/a", false), IGNORE_SILENT);
    assert_int_equal(verdict("x/a", "y/x/a", false), IGNORE_SILENT);
    assert_int_equal(verdict("a/", "a", false), IGNORE_SILENT);
    assert_int_equal(verdict("a/", "a", true), IGNORE_OUT);
    assert_int_equal(verdict("a\n!a", "a", false), IGNORE_IN);
    assert_int_equal(verdict("!a\na", "a", false), IGNORE_OUT);
    assert_int_equal(verdict("#a\n\\#a", "#a", false), IGNORE_OUT);
    assert_int_equal(verdict("#a", "#a", false), IGNORE_SILENT);
    assert_int_equal(verdict("\\!a", "!a", false), IGNORE_OUT);
    assert_int_equal(verdict("a  ", "a", false), IGNORE_OUT);
    assert_int_equal(verdict("a\\ ", "a ", false), IGNORE_OUT);
    assert_int_equal(verdict("a\\ ", "a", false), IGNORE_SILENT);
    assert_int_equal(verdict("a\r\nb\r", "b", false), IGNORE_OUT);
    assert_int_equal(verdict("\xEF\xBB\xBF"
                             "a",
                             "a", false),
                     IGNORE_OUT);
    assert_int_equal(verdict("/\n//\n!\n!/\n\n \n", "a", true), IGNORE_SILENT);
}

static void bytes_behind_nul_do_not_count(void **state) {
    (void)state;
    Arena arena = {0};
    IgnoreFile file = ignore_parse(&arena, STR("a\0b\nc"));
    assert_int_equal(file.n, 2);
    assert_int_equal(ignore_match(&file, STR("a"), false), IGNORE_OUT);
    assert_int_equal(ignore_match(&file, STR("c"), false), IGNORE_OUT);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glob_cases),
        cmocka_unit_test(globs_match_as_defined),
        cmocka_unit_test(hostile_globs_take_no_time),
        cmocka_unit_test(braces),
        cmocka_unit_test(ignore_rules),
        cmocka_unit_test(bytes_behind_nul_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
