/* The parts of the C front end that need no libclang, and helpers that crash, hang or talk
 * nonsense. */
#include "capi/capi.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- comments and includes ---- */

static void find_comments(void **state) {
    (void)state;
    Arena arena = {0};
    CComment *found;
    Str text = STR("int a; /* limpet: ignore[LMP601] why */\n"
                   "  // limpet: ignore[LMP602]\n"
                   "char *s = \"/* limpet: ignore[X] */\"; char c = '\"'; /* other */\n"
                   "/*\n * limpet: no */ // noqa: LMP603\n");
    assert_int_equal(ccomments(text, &arena, &found), 3);
    assert_true(str_is(found[0].text, "limpet: ignore[LMP601] why"));
    assert_false(found[0].own_line);
    assert_int_equal(found[0].start, 7);
    assert_true(str_is(found[1].text, "limpet: ignore[LMP602]"));
    assert_true(found[1].own_line);
    assert_true(str_is(found[2].text, "noqa: LMP603"));
    arena_free(&arena);
}

/* Any prefix of a text: nothing is read beyond its end (the sanitizers watch). */
static void cut_everywhere(void **state) {
    (void)state;
    static const char text[] =
        "/* limpet: a */ \"\\\"\" '\\'' // noqa\n#include \"x\"\n# include <y>\n";
    for (u32 n = 0; n < sizeof text; n++) {
        Arena arena = {0};
        char *copy = malloc(n + 1);
        memcpy(copy, text, n);
        CComment *found;
        u32 at = 0;
        Str name;
        ccomments((Str){copy, n}, &arena, &found);
        while (cinclude_next((Str){copy, n}, &at, &name)) assert_true(name.n > 0);
        free(copy);
        arena_free(&arena);
    }
}

static void find_includes(void **state) {
    (void)state;
    Str text =
        STR("#include <Python.h>\n  #  include \"a/b.h\" /* x */\n#include MACRO\n#include \"\"\n"
            "//#include <no.h>\n#include \"open\n#include <z.h>");
    const char *const expected[] = {"Python.h", "a/b.h", "z.h"};
    u32 at = 0, n = 0;
    Str name;
    while (cinclude_next(text, &at, &name)) assert_true(str_is(name, expected[n++]));
    assert_int_equal(n, 3);
}

static void hear_python(void **state) {
    (void)state;
    static const char *const yes[] = {"Py_INCREF(x);", "PyMethodDef m[];", "x = _PyThing",
                                      "a_Py Py_"};
    static const char *const no[] = {
        "",         "P",          "PyObject *x;", "#include <Python.h>",
        "a_Py_x()", "COPy_x xPy", "pybind11::x",  "PY_SSIZE_T_CLEAN"};
    for (u32 i = 0; i < ARRAY_LEN(yes); i++) assert_true(ctext_speaks_python(str_from(yes[i])));
    for (u32 i = 0; i < ARRAY_LEN(no); i++) assert_false(ctext_speaks_python(str_from(no[i])));
}

static void list_standard_headers(void **state) {
    (void)state;
    Arena arena = {0};
    u64 set = cstandard_bit(STR("string")) | cstandard_bit(STR("vector"));
    assert_int_equal(cstandard_bit(STR("string.h")) | cstandard_bit(STR("")), 0);
    assert_int_equal(cstandard_bit(STR("cassert")), 0); /* reads otherwise after NDEBUG */
    Str text = cstandard_text(&arena, set);
    assert_true(str_contains(text, "#include <string>\n"));
    assert_true(str_contains(text, "#include <vector>\n"));
    assert_false(str_contains(text, "<map>"));
    arena_free(&arena);
}

/* ---- flags ---- */

static CFlagWords words_of(Arena *arena, const char *command) {
    CFlagWords words = {0};
    cflags_split(arena, str_from(command), &words);
    return words;
}

static void split_commands(void **state) {
    (void)state;
    Arena arena = {0};
    CFlagWords words = words_of(
        &arena, "cc  -DA='x y' \"-I a\" b\\ c '' \"\\\"\" '\\' \t\n`touch z` $(touch z) ;'open");
    static const char *const expected[] = {"cc", "-DA=x y", "-I a", "b c",     "",   "\"",
                                           "\\", "`touch",  "z`",   "$(touch", "z)", ";open"};
    assert_int_equal(words.list.n, ARRAY_LEN(expected));
    for (u32 i = 0; i < words.list.n; i++) assert_true(str_is(words.list.v[i], expected[i]));
    assert_int_equal(words_of(&arena, "").list.n, 0);
    assert_int_equal(words_of(&arena, " \n").list.n, 0);
    arena_free(&arena);
}

/* Any prefix of a command: nothing is read beyond its end (the sanitizers watch). */
static void cut_commands_everywhere(void **state) {
    (void)state;
    static const char text[] =
        "cc -D 'A b' -I\"/x\\\"\" -include -isystem -x c++ @none -std=c99 \\";
    for (u32 n = 0; n < sizeof text; n++) {
        Arena arena = {0};
        char *copy = malloc(n + 1);
        memcpy(copy, text, n);
        CFlagWords words = {0};
        cflags_split(&arena, (Str){copy, n}, &words);
        CFlags flags = cflags_of(&arena, &words, STR("/"), STR("/"), STR("/x.c"));
        assert_true(flags.n_common + flags.n_own <= 2 * words.list.n);
        free(copy);
        arena_free(&arena);
    }
}

static void take_over_only_what_reads(void **state) {
    (void)state;
    Arena arena = {0};
    CFlagWords words =
        words_of(&arena, "cc -DX -o -DY -Xclang -load -Xclang -DZ -MF -DQ -DPy_A=1 -UV "
                         "-fplugin=x -std=c++17 -std=gnu11 -D1 -include-pch -DP -D");
    CFlags flags = cflags_of(&arena, &words, STR("/"), STR("/"), STR("/x.c"));
    assert_false(flags.is_cxx);
    assert_int_equal(flags.n_own, 2);
    assert_true(str_is(flags.own[0], "-DX") && str_is(flags.own[1], "-UV"));
    assert_int_equal(flags.n_common, 2);
    assert_true(str_is(flags.common[0], "-DPy_A=1") && str_is(flags.common[1], "-std=gnu11"));
    assert_true(cflags_of(&arena, &words, STR("/"), STR("/"), STR("/x.cc")).is_cxx);
    words = words_of(&arena, "c++ -x c++ a.c");
    assert_true(cflags_of(&arena, &words, STR("/"), STR("/"), STR("/x.c")).is_cxx);
    CFlags more = cflags_join(&arena, flags, flags);
    assert_int_equal(more.n_own, 4);
    assert_true(cflags_share(&flags, &flags) && !cflags_share(&flags, &more));
    arena_free(&arena);
}

/* ---- blocks ---- */

static void refuse_unsound_blocks(void **state) {
    (void)state;
    CUnit unit;
    _Alignas(16) char block[512] = {0};
    CUnitHead head = {.magic = CUNIT_MAGIC, .version = CUNIT_VERSION, .size = sizeof block};
    for (u32 i = 0; i < CUNIT_TABLE_COUNT; i++) {
        head.counts[i] = 1;
        head.at[i] = 160 + i * 48;
    }
    memcpy(block, &head, sizeof head);
    assert_true(cunit_view(block, sizeof block, &unit));
    for (size_t n = 0; n < sizeof block; n++) assert_false(cunit_view(block, n, &unit));
    for (u32 at = 0; at < sizeof head; at++)
        for (u32 bit = 0; bit < 8; bit++) {
            block[at] ^= (char)(1 << bit);
            cunit_view(block, sizeof block, &unit); /* any answer, and no read outside */
            block[at] ^= (char)(1 << bit);
        }
    CNode *node = (CNode *)(void *)(block + head.at[5]);
    node->child = 7;
    assert_false(cunit_view(block, sizeof block, &unit));
    node->child = 0;
    node->kind = C_KIND_COUNT;
    assert_false(cunit_view(block, sizeof block, &unit));
}

/* ---- helpers ---- */

typedef struct Asked {
    Arena arena;
    Str problem;
    bool is_good;
} Asked;

/* Reads a unit with a helper that is this shell script. */
static Asked ask(const char *script, u32 seconds) {
    const char *const command[] = {"/bin/sh", "-c", script, NULL};
    Asked a = {0};
    CReaderSettings settings = {.workers = 1,
                                .seconds = seconds,
                                .python = STR("tests/capi/sources/include"),
                                .worker = command};
    CReader *reader = creader_begin(&a.arena, &settings, &a.problem);
    CUnit unit;
    if (reader) {
        a.is_good = creader_read(reader, 0, STR("/x.c"), STR("int x;"), &(CFlags){0}, NULL, 0,
                                 &a.arena, &unit, &a.problem);
        creader_end(reader);
    }
    return a;
}

static void expect_problem(const char *script, u32 seconds, const char *problem) {
    if (!capi_is_built_in()) skip();
    Asked a = ask(script, seconds);
    assert_false(a.is_good);
    assert_string_equal(str_copy(&a.arena, a.problem).p, problem);
    arena_free(&a.arena);
}

/* The answer "good" to the first question, 16 bytes long. */
#define GREETING "printf '\\020\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'; "

static void helper_that_ends(void **state) {
    (void)state;
    expect_problem("exit 0", 20, "libclang crashed");
    expect_problem(GREETING "kill -SEGV $$", 20, "libclang crashed");
}

static void helper_that_hangs(void **state) {
    (void)state;
    u64 begin = os_now();
    expect_problem(GREETING "exec sleep 30", 1, "it took too long");
    assert_true(os_now() - begin < 10 * (u64)1000000000);
}

static void helper_that_stops_in_the_middle(void **state) {
    (void)state;
    expect_problem(GREETING "printf '\\377\\0\\0\\0half'", 20, "libclang crashed");
}

static void helper_that_talks_nonsense(void **state) {
    (void)state;
    expect_problem(GREETING "printf '\\377\\377\\377\\377'; exec sleep 30", 20, "Message too long");
    expect_problem(GREETING
                   "printf '\\024\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0abcd'; "
                   "cat > /dev/null",
                   20, "what the helper sent is not sound");
    expect_problem(GREETING "printf '\\002\\0\\0\\0ab'; cat > /dev/null", 20, "");
}

static void no_helper_at_all(void **state) {
    (void)state;
    if (!capi_is_built_in()) skip();
    const char *const command[] = {"/nonexistent/helper", NULL};
    Arena arena = {0};
    Str problem = {0};
    CReaderSettings settings = {
        .workers = 1, .python = STR("tests/capi/sources/include"), .worker = command};
    assert_null(creader_begin(&arena, &settings, &problem));
    assert_true(str_is(problem, "No such file or directory"));
    arena_free(&arena);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as limpet does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_comments),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(find_includes),
        cmocka_unit_test(hear_python),
        cmocka_unit_test(list_standard_headers),
        cmocka_unit_test(split_commands),
        cmocka_unit_test(cut_commands_everywhere),
        cmocka_unit_test(take_over_only_what_reads),
        cmocka_unit_test(refuse_unsound_blocks),
        cmocka_unit_test(helper_that_ends),
        cmocka_unit_test(helper_that_hangs),
        cmocka_unit_test(helper_that_stops_in_the_middle),
        cmocka_unit_test(helper_that_talks_nonsense),
        cmocka_unit_test(no_helper_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
