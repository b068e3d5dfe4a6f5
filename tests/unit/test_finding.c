/* Order, duplicates and fingerprints of findings. */
#include "finding/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Files are numbered against the order of their paths, to see that the path decides. */
static const Str paths[] = {{"z.py", 4}, {"a.py", 4}, {"a.pyi", 5}};

static Finding make(u32 file, u32 start, const char *code, const char *message) {
    return (Finding){.code = str_from(code),
                     .place = {.file = file, .start = start, .end = start + 1},
                     .scope = STR("m.f"),
                     .subject = STR("m.CACHE"),
                     .local_scope = STR("f"),
                     .local_subject = STR("CACHE"),
                     .message = str_from(message)};
}

static void fill(Arena *arena, Findings *fs, const Finding *from, u32 n) {
    *fs = (Findings){0};
    for (u32 i = 0; i < n; i++) vec_push(arena, fs, from[i]);
}

static void order_is_total(void **state) {
    (void)state;
    Finding f[] = {
        make(1, 5, "LMP201", "a"),  make(1, 5, "LMP201", "b"), make(1, 5, "LMP205", "a"),
        make(1, 40, "LMP101", "a"), make(2, 0, "LMP201", "a"), make(0, 0, "LMP201", "a"),
    };
    Arena arena = {0};
    for (u32 shift = 0; shift < ARRAY_LEN(f); shift++) { /* any order of arrival, one order out */
        Findings fs = {0};
        for (u32 i = 0; i < ARRAY_LEN(f); i++)
            vec_push(&arena, &fs, f[(i * 5 + shift) % ARRAY_LEN(f)]);
        finding_settle(&fs, paths);
        assert_int_equal(fs.n, ARRAY_LEN(f));
        for (u32 i = 0; i < fs.n; i++) assert_int_equal(finding_cmp(&fs.v[i], &f[i], paths), 0);
    }
    for (u32 i = 0; i < ARRAY_LEN(f); i++)
        for (u32 k = 0; k < ARRAY_LEN(f); k++) {
            int order = finding_cmp(&f[i], &f[k], paths);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    arena_free(&arena);
}

static void duplicates_go(void **state) {
    (void)state;
    Arena arena = {0};
    Finding plain = make(1, 5, "LMP201", "a");
    Finding sure = plain, longer = plain, other = make(1, 5, "LMP201", "b");
    sure.confidence = CONFIDENCE_HIGH;
    longer.confidence = CONFIDENCE_HIGH;
    finding_step(&arena, &longer, (Step){.kind = STEP_NODE, .text = STR("x")});
    const Finding in[] = {plain, longer, other, sure}, reversed[] = {sure, other, longer, plain};
    Findings fs;
    fill(&arena, &fs, in, 4);
    finding_settle(&fs, paths);
    assert_int_equal(fs.n, 2);
    assert_int_equal(fs.v[0].confidence, CONFIDENCE_HIGH);
    assert_int_equal(fs.v[0].steps.n, 0); /* the surer one, and the shorter path of the two */
    fill(&arena, &fs, reversed, 4);
    finding_settle(&fs, paths);
    assert_int_equal(fs.n, 2);
    assert_int_equal(fs.v[0].confidence, CONFIDENCE_HIGH);
    assert_int_equal(fs.v[0].steps.n, 0);
    arena_free(&arena);
}

static void fingerprints_survive_edits(void **state) {
    (void)state;
    Arena arena = {0};
    const Finding before[] = {make(1, 5, "LMP201", "a"), make(1, 90, "LMP201", "a"),
                              make(1, 95, "LMP205", "a")};
    const Finding moved[] = {make(0, 7005, "LMP205", "a"), make(0, 7000, "LMP201", "c"),
                             make(0, 6000, "LMP201", "b")};
    Findings a, b;
    fill(&arena, &a, before, 3);
    fill(&arena, &b, moved, 3);
    finding_settle(&a, paths);
    finding_settle(&b, paths);
    for (u32 i = 0; i < 3; i++) assert_true(a.v[i].fingerprint == b.v[i].fingerprint);
    assert_true(a.v[0].fingerprint != a.v[1].fingerprint); /* the ordinal among equals */
    assert_true(a.v[0].fingerprint != a.v[2].fingerprint); /* the code */
    arena_free(&arena);
}

static void fingerprints_tell_apart(void **state) {
    (void)state;
    Arena arena = {0};
    Finding f[] = {make(1, 1, "LMP201", "a"), make(1, 2, "LMP201", "a"), make(1, 3, "LMP201", "a"),
                   make(1, 4, "LMP201", "a")};
    f[1].local_scope = STR("fC"); /* text moved from one field to the next */
    f[1].local_subject = STR("ACHE");
    f[2].local_scope = STR("g");
    f[3].local_subject = STR("OTHER");
    Findings fs;
    fill(&arena, &fs, f, 4);
    finding_settle(&fs, paths);
    for (u32 i = 0; i < 4; i++)
        for (u32 k = 0; k < i; k++) assert_true(fs.v[i].fingerprint != fs.v[k].fingerprint);
    /* users keep baselines: the value is a format, and a change of it must be meant */
    assert_true(fs.v[0].fingerprint == UINT64_C(0xcc54d88a205d3e2d));
    Findings none = {0};
    finding_settle(&none, paths);
    arena_free(&arena);
}

static void modules_are_left_out(void **state) {
    (void)state;
    static const char *const known[] = {"app", "app.cache", "app.cache.store", "bus", "é.ü"};
    static const struct {
        const char *own, *text, *local;
    } rows[] = {
        {"bus", "bus.bus.events", "bus.events"},
        {"bus", "bus", "<module>"},
        {"app", "bus", "bus"}, /* another module, or a variable of that name */
        {"bus", "app.cache.store.Store.items", "Store.items"},
        {"bus", "app.cache.other", "other"},
        {"bus", "application.cache", "application.cache"},
        {"bus", "app.", "app."},
        {"bus", ".app.x", ".app.x"},
        {"bus", "key of app.x in (bus.y, z)", "key of x in (y, z)"},
        {"é.ü", "é.ü.ß", "ß"},
        {"my-tool", "my-tool.CACHE", "CACHE"},
        {"x", "a\xff.y", "a\xEF\xBF\xBD.y"},
        {"", "", ""},
    };
    Arena arena = {0};
    ModuleNames names = {0};
    for (u32 i = 0; i < ARRAY_LEN(known); i++) module_names_add(&arena, &names, str_from(known[i]));
    for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
        Str local =
            fingerprint_local(&arena, &names, str_from(rows[i].own), str_from(rows[i].text));
        assert_string_equal(str_copy(&arena, local).p, rows[i].local);
    }
    arena_free(&arena);
}

static void words(void **state) {
    (void)state;
    assert_string_equal(effect_text(EFFECT_NEVER_FREED), "never-freed");
    assert_string_equal(effect_text(EFFECT_BOUNDED), "bounded");
    assert_string_equal(effect_text(EFFECT_DELAYED), "delayed");
    assert_string_equal(effect_text(EFFECT_HAZARD), "hazard");
    assert_string_equal(severity_text(SEVERITY_ERROR), "error");
    assert_string_equal(severity_text(SEVERITY_WARNING), "warning");
    assert_string_equal(severity_text(SEVERITY_NOTE), "note");
    assert_string_equal(confidence_text(CONFIDENCE_HIGH), "high");
    assert_string_equal(confidence_text(CONFIDENCE_MEDIUM), "medium");
    assert_string_equal(confidence_text(CONFIDENCE_LOW), "low");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_total),
        cmocka_unit_test(duplicates_go),
        cmocka_unit_test(fingerprints_survive_edits),
        cmocka_unit_test(fingerprints_tell_apart),
        cmocka_unit_test(modules_are_left_out),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
