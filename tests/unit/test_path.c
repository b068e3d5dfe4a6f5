/* Absolute paths as text: joined, taken apart, and what lies below what. */
#include "base/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void is_text(Str got, const char *want) {
    assert_non_null(got.p);
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void join_puts_one_slash_between(void **state) {
    (void)state;
    Arena arena = {0};
    is_text(path_join(&arena, STR("/a/b"), STR("c.py")), "/a/b/c.py");
    is_text(path_join(&arena, STR("/"), STR("c.py")), "/c.py");
    is_text(path_join(&arena, STR("/a/b"), STR("/c.py")), "/c.py");
    arena_free(&arena);
}

static void join_and_folder_end_in_nul(void **state) {
    (void)state;
    Arena arena = {0};
    char name[] = "/a/name-and-more";
    Str joined = path_join(&arena, STR("/x"), (Str){name, 7});
    assert_string_equal(joined.p, "/a/name");
    assert_string_equal(path_folder(&arena, (Str){name, 7}).p, "/a");
    arena_free(&arena);
}

static void folder_climbs_to_the_root_and_stops(void **state) {
    (void)state;
    Arena arena = {0};
    Str at = path_folder(&arena, STR("/a/b/c"));
    is_text(at, "/a/b");
    at = path_folder(&arena, at);
    is_text(at, "/a");
    at = path_folder(&arena, at);
    is_text(at, "/");
    assert_int_equal(path_folder(&arena, at).n, 0);
    assert_int_equal(path_folder(&arena, STR("name")).n, 0);
    arena_free(&arena);
}

static void above_is_a_view(void **state) {
    (void)state;
    const char path[] = "/a/b/c";
    Str at = path_above(str_from(path));
    is_text(at, "/a/b");
    assert_ptr_equal(at.p, path);
    assert_int_equal(path_above(STR("/a")).n, 0);
    assert_int_equal(path_above(STR("name")).n, 0);
}

static void below_is_whole_names_only(void **state) {
    (void)state;
    is_text(path_below(STR("/a"), STR("/a/b/c")), "b/c");
    is_text(path_below(STR("/"), STR("/a")), "a");
    assert_null(path_below(STR("/a"), STR("/ab/c")).p); /* a name that begins alike */
    assert_null(path_below(STR("/a"), STR("/a")).p);
    assert_null(path_below(STR("/a"), STR("/a/")).p);
    assert_null(path_below(STR("/a/b"), STR("/a")).p);
    assert_null(path_below(STR("/"), STR("/")).p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_puts_one_slash_between),
        cmocka_unit_test(join_and_folder_end_in_nul),
        cmocka_unit_test(folder_climbs_to_the_root_and_stops),
        cmocka_unit_test(above_is_a_view),
        cmocka_unit_test(below_is_whole_names_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
