/* Decoding of source files: by fixed vectors, and against CPython's own reading of the same bytes.
 */
#include "base/map.h"
#include "base/utf8.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Source decode_text(Arena *arena, const char *text, u32 n) {
    Source s = source_decode((Str){text, n}, arena);
    assert_int_equal(utf8_first_invalid(s.text), s.text.n);
    assert_true(s.content == hash_bytes(text, n));
    return s;
}

#define DECODE(arena, literal) decode_text((arena), (literal), sizeof(literal) - 1)

static void assert_text(Str s, const char *expected) {
    if (!str_is(s, expected)) fail_msg("got \"%.*s\", not \"%s\"", STR_ARG(s), expected);
}

static void plain_text_is_not_copied(void **state) {
    (void)state;
    Arena arena = {0};
    static const char text[] = "x = 'é'\r\n";
    Source s = DECODE(&arena, text);
    assert_ptr_equal(s.text.p, text);
    assert_text(s.encoding, "utf-8");
    assert_int_equal(s.trouble, SOURCE_FINE);
    static const char marked[] = "\xEF\xBB\xBFx = 1\n";
    s = DECODE(&arena, marked);
    assert_ptr_equal(s.text.p, marked + 3);
    assert_int_equal(s.text.n, 6);
    assert_int_equal(DECODE(&arena, "").text.n, 0);
    arena_free(&arena);
}

static void line_ends(void **state) {
    (void)state;
    Arena arena = {0};
    assert_text(DECODE(&arena, "a\rb\r\nc\r\rd\r").text, "a\nb\r\nc\n\nd\n");
    assert_text(DECODE(&arena, "# coding: latin-1\rx = '\xe9'\r").text,
                "# coding: latin-1\nx = 'é'\n");
    assert_text(DECODE(&arena, "#\r# coding: latin-1\r\xe9\r").text, "#\n# coding: latin-1\né\n");
    arena_free(&arena);
}

static void bad_bytes(void **state) {
    (void)state;
    Arena arena = {0};
    Source s = DECODE(&arena, "x = '\xe9\xa4'\ny = '\xff'\n");
    assert_int_equal(s.trouble, SOURCE_INVALID);
    assert_int_equal(s.trouble_at, 5);
    assert_text(s.text, "x = '?\?'\ny = '?'\n");
    assert_text(s.trouble_text, "byte 0xe9 is not valid utf-8");

    s = DECODE(&arena, "a\0b\xff\n");
    assert_int_equal(s.trouble, SOURCE_INVALID); /* what hinders decoding comes first */
    assert_text(s.text, "a b?\n");
    s = DECODE(&arena, "a\0b\n");
    assert_int_equal(s.trouble, SOURCE_NUL);
    assert_int_equal(s.trouble_at, 1);
    assert_text(s.text, "a b\n");

    s = DECODE(&arena, "# coding: shift_jis\n'\\' \xff '\\'\n");
    assert_int_equal(s.trouble, SOURCE_INVALID);
    assert_text(s.text, "# coding: shift_jis\n'\\' ? '\\'\n");
    assert_int_equal(s.trouble_at, 24);
    assert_text(s.trouble_text, "byte 0xff is not valid shift_jis");
    arena_free(&arena);
}

static void wrong_cookies(void **state) {
    (void)state;
    Arena arena = {0};
    Source s = DECODE(&arena, "# coding: klingon\nx = '\xc3\xa9'\n");
    assert_int_equal(s.trouble, SOURCE_UNKNOWN_ENCODING);
    assert_int_equal(s.trouble_at, 10);
    assert_text(s.trouble_text, "unknown encoding 'klingon'");
    assert_text(s.text, "# coding: klingon\nx = 'é'\n");
    s = DECODE(&arena, "# coding: utf-16\nx = 1\n");
    assert_text(s.trouble_text, "encoding 'utf-16' cannot hold Python source");
    /* unlike tokenize, the compiler compares the spelling with "utf-8" */
    s = DECODE(&arena, "\xEF\xBB\xBF# coding: utf8\n");
    assert_text(s.trouble_text, "encoding 'utf8' disagrees with the byte order mark");
    s = DECODE(&arena, "\xEF\xBB\xBF# coding: UTF_8-unix\n");
    assert_int_equal(s.trouble, SOURCE_FINE);
    char name[2048] = "# coding: ";
    memset(name + 10, 'x', sizeof name - 10);
    assert_int_equal(decode_text(&arena, name, sizeof name).trouble, SOURCE_UNKNOWN_ENCODING);
    arena_free(&arena);
}

/* ---- CPython as the oracle ---- */

static u32 unhex(const char *hex, char *out) {
    u32 n = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        unsigned value;
        if (sscanf(hex, "%2x", &value) != 1) break;
        out[n++] = (char)value;
    }
    return n;
}

static void compare_case(Arena *arena, const char *bytes, const char *expected, const char *name) {
    char in[4096], out[8192];
    u32 n = unhex(bytes, in);
    Source s = decode_text(arena, in, n);
    if (strcmp(expected, "invalid") == 0) {
        if (s.trouble != SOURCE_INVALID) fail_msg("%s: CPython finds it invalid", name);
    } else if (strcmp(expected, "unknown") == 0) {
        if (s.trouble != SOURCE_UNKNOWN_ENCODING) fail_msg("%s: CPython refuses the cookie", name);
    } else {
        if (s.trouble != SOURCE_FINE)
            fail_msg("%s: CPython reads it, but %.*s", name, STR_ARG(s.trouble_text));
        Str text = {out, unhex(expected, out)};
        if (!str_eq(s.text, text))
            fail_msg("%s: \"%.*s\" where CPython reads \"%.*s\"", name, STR_ARG(s.text),
                     STR_ARG(text));
    }
}

static void same_as_cpython(void **state) {
    (void)state;
    const char *end = strrchr(__FILE__, '/');
    assert_non_null(end);
    char command[1024];
    snprintf(command, sizeof command, "PYTHONIOENCODING=utf-8 python3 -B '%.*s/source_oracle.py'",
             (int)(end - __FILE__), __FILE__);
    FILE *oracle = popen(command, "r");
    assert_non_null(oracle);
    Arena arena = {0};
    static char bytes[4096], expected[8192], name[256];
    u32 cases = 0;
    for (; fscanf(oracle, "%4095s %8191s %255s", bytes, expected, name) == 3; cases++)
        compare_case(&arena, bytes, expected, name);
    assert_int_equal(pclose(oracle), 0);
    assert_true(cases > 450);
    arena_free(&arena);
}

/* ---- lines ---- */

static void positions(void **state) {
    (void)state;
    Arena arena = {0};
    Str text = STR("a\r\néé = 'x'\n\nlast");
    u32 *starts;
    u32 lines = source_lines(text, &arena, &starts);
    assert_int_equal(lines, 4);
    assert_int_equal(starts[1], 3);
    assert_text(source_line(text, starts, lines, 1), "a");
    assert_text(source_line(text, starts, lines, 2), "éé = 'x'");
    assert_text(source_line(text, starts, lines, 3), "");
    assert_text(source_line(text, starts, lines, 4), "last");
    assert_int_equal(source_line(text, starts, lines, 5).n, 0);
    assert_int_equal(source_line(text, starts, lines, 0).n, 0);
    Position p = source_position(text, starts, lines, 10); /* the quote: after é é space = space */
    assert_int_equal(p.line, 2);
    assert_int_equal(p.column, 6);
    p = source_position(text, starts, lines, 0);
    assert_int_equal(p.line, 1);
    assert_int_equal(p.column, 1);
    p = source_position(text, starts, lines, 9999);
    assert_int_equal(p.line, 4);
    assert_int_equal(p.column, 5);
    assert_int_equal(source_lines((Str){0}, &arena, &starts), 1);
    assert_int_equal(starts[0], 0);
    arena_free(&arena);
}

static void generated_mark(void **state) {
    (void)state;
    assert_true(source_is_generated(STR("# @generated by a tool\n")));
    assert_true(source_is_generated(STR("\n\n# This is @generated")));
    assert_false(source_is_generated(STR("# me@generated.org\n")));
    assert_false(source_is_generated(STR("# @generated_by\n")));
    assert_false(source_is_generated(STR("# @generate")));
    char text[64] = {0};
    memset(text, '\n', 40);
    memcpy(text + 40, "@generated", 10);
    assert_false(source_is_generated((Str){text, 50}));
    assert_true(source_is_generated((Str){text + 1, 49}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_not_copied),
        cmocka_unit_test(line_ends),
        cmocka_unit_test(bad_bytes),
        cmocka_unit_test(wrong_cookies),
        cmocka_unit_test(same_as_cpython),
        cmocka_unit_test(positions),
        cmocka_unit_test(generated_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
