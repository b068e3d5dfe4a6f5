/* Of the findings about one holder and object, which one speaks. */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOWHERE = 0 };

static Arena arena;
static Findings findings;

/* A finding at a place of file 0, about the container that is defined at another one. */
static void add(const char *code, u32 site, u32 container, Confidence confidence) {
    Finding f = {.code = str_from(code),
                 .place = {0, site, site + 1},
                 .confidence = confidence,
                 .container = {0, container, container + 1},
                 .has_container = container != NOWHERE};
    vec_push(&arena, &findings, f);
}

/* The codes that are left, in their order, and an empty list for the next test. */
static void expect(const char *codes) {
    rules_precede(&arena, &findings);
    char seen[128] = "";
    for (u32 i = 0; i < findings.n; i++) {
        if (i) strcat(seen, " ");
        strncat(seen, findings.v[i].code.p, findings.v[i].code.n);
    }
    assert_string_equal(seen, codes);
    findings = (Findings){0};
    arena_free(&arena);
}

static void same_container_is_told_once(void **state) {
    (void)state;
    add("LMP201", 10, 5, CONFIDENCE_MEDIUM);
    add("LMP203", 20, 5, CONFIDENCE_MEDIUM);
    expect("LMP203");
}

static void same_place_is_told_once(void **state) {
    (void)state;
    add("LMP208", 10, NOWHERE, CONFIDENCE_HIGH);
    add("LMP201", 10, 5, CONFIDENCE_HIGH);
    add("LMP202", 10, 5, CONFIDENCE_HIGH);
    expect("LMP202");
}

static void the_surest_speaks(void **state) {
    (void)state;
    add("LMP203", 10, 5, CONFIDENCE_LOW);
    add("LMP201", 20, 5, CONFIDENCE_MEDIUM);
    expect("LMP201");
}

static void several_of_one_rule_stay(void **state) {
    (void)state;
    add("LMP226", 10, 5, CONFIDENCE_MEDIUM);
    add("LMP226", 20, 5, CONFIDENCE_HIGH);
    add("LMP225", 30, 5, CONFIDENCE_HIGH);
    expect("LMP226 LMP226");
}

static void others_do_not_compete(void **state) {
    (void)state;
    add("LMP203", 10, 5, CONFIDENCE_HIGH);
    add("LMP105", 10, 5, CONFIDENCE_HIGH);
    add("LMP201", 20, 6, CONFIDENCE_HIGH);
    add("LMP501", 10, NOWHERE, CONFIDENCE_HIGH);
    expect("LMP203 LMP105 LMP201 LMP501");
}

static void owners_before_resources(void **state) {
    (void)state;
    add("LMP501", 10, NOWHERE, CONFIDENCE_HIGH);
    add("LMP502", 10, NOWHERE, CONFIDENCE_HIGH);
    add("LMP404", 20, NOWHERE, CONFIDENCE_MEDIUM);
    add("LMP109", 20, NOWHERE, CONFIDENCE_MEDIUM);
    expect("LMP502 LMP109");
}

static void a_silenced_finding_silences_nobody(void **state) {
    (void)state;
    add("LMP225", 10, 5, CONFIDENCE_HIGH);
    add("LMP203", 20, 5, CONFIDENCE_MEDIUM); /* goes, for its container */
    add("LMP201", 20, 6, CONFIDENCE_LOW);    /* the same site, another container */
    expect("LMP225 LMP201");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_container_is_told_once),
        cmocka_unit_test(same_place_is_told_once),
        cmocka_unit_test(the_surest_speaks),
        cmocka_unit_test(several_of_one_rule_stay),
        cmocka_unit_test(others_do_not_compete),
        cmocka_unit_test(owners_before_resources),
        cmocka_unit_test(a_silenced_finding_silences_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
