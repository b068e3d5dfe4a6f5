/* Versions of Python: their names, sets of them, and what each file is meant for. */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_names(void **state) {
    (void)state;
    for (u32 v = 0; v < PYTHON_VERSIONS; v++)
        assert_int_equal(version_find(str_from(version_text((PythonVersion)v))), v);
    assert_int_equal(version_find(STR("3.10")), PYTHON_3_10);
    const char *others[] = {"", "3", "3.2", "2.6", "3.1", "3.16", "3.10.1", "?"};
    for (u32 i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(version_find(str_from(others[i])), PYTHON_VERSIONS);
}

static void test_sets(void **state) {
    (void)state;
    u32 supported = targets_supported();
    for (u32 v = 0; v < PYTHON_VERSIONS; v++)
        assert_int_equal(supported >> v & 1, v >= PYTHON_3_8 && v <= PYTHON_3_14);
    assert_false(targets_before(supported, PYTHON_3_8));
    assert_true(targets_before(supported, PYTHON_3_9));
    assert_true(targets_from(supported, PYTHON_3_14));
    assert_false(targets_from(supported, PYTHON_3_15));
    u32 old = 1u << PYTHON_2_7;
    assert_true(targets_before(old, PYTHON_3_3));
    assert_false(targets_before(old, PYTHON_2_7));
    assert_true(targets_from(old, PYTHON_2_7));
    assert_false(targets_from(old, PYTHON_3_3));
}

/* Facts of an empty module with these flags. */
static Facts facts_with(Arena *arena, u32 flags) {
    FactsBuilder b = {0};
    facts_begin(&b, arena);
    b.flags = flags;
    vec_push(arena, &b.scopes,
             (Scope){.kind = SCOPE_MODULE, .region = {1}, .op_first = 1, .op_end = 1});
    vec_push(arena, &b.regions, (Region){.kind = REGION_BODY, .scope = {1}, .group = {1}});
    return facts_freeze(&b);
}

static void test_files(void **state) {
    (void)state;
    Arena arena = {0};
    Facts facts[] = {facts_with(&arena, 0), facts_with(&arena, FACTS_PYTHON2)};
    GraphFile files[] = {
        {.path = STR("new.py"), .real_path = STR("/p/new.py"), .facts = &facts[0]},
        {.path = STR("old.py"), .real_path = STR("/p/old.py"), .facts = &facts[1]},
    };
    Graph *graph = graph_link(&arena, files, 2, 1, NULL);
    RuleContext c = {.graph = graph, .arena = &arena};
    assert_int_equal(rule_targets(&c, 0), targets_supported());
    assert_int_equal(rule_targets(&c, 1), 1u << PYTHON_2_7);
    c.targets = 1u << PYTHON_3_12; /* what the user said holds for all */
    assert_int_equal(rule_targets(&c, 0), c.targets);
    assert_int_equal(rule_targets(&c, 1), c.targets);
    graph_free(graph);
    for (u32 i = 0; i < 2; i++) free((void *)(uintptr_t)facts[i].block);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
