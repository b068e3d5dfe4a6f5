/* Suppression comments against facts made by hand: the comments and a few operations of a text, and
 * findings at the lines that a test names. */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct World {
    Arena arena;
    FactsBuilder builder;
    Str text;
    Facts facts;
    const Facts *files[1];
    bool enabled[1000], chosen[1000];
    Selection selection;
    Findings findings;
} World;

/* Comments that can be directives, and an operation for each line that holds code: what extraction
 * would have found, as far as suppression reads it. */
static void extract(World *w) {
    FactsBuilder *b = &w->builder;
    facts_begin(b, &w->arena);
    b->text_size = w->text.n;
    /* the body of the module, so that the block is sound */
    vec_push(&w->arena, &b->scopes,
             (Scope){.kind = SCOPE_MODULE, .region = {1}, .span = {0, w->text.n}});
    vec_push(&w->arena, &b->regions,
             (Region){.kind = REGION_BODY, .scope = {1}, .group = {1}, .span = {0, w->text.n}});
    u32 start = 0;
    while (start < w->text.n) {
        u32 end = start;
        while (end < w->text.n && w->text.p[end] != '\n') end++;
        Str line = str_sub(w->text, start, end);
        i64 hash = str_find(line, '#');
        Str code = str_trim(hash < 0 ? line : str_sub(line, 0, (u32)hash));
        if (code.n) {
            u32 at = (u32)(code.p - w->text.p);
            vec_push(&w->arena, &b->ops,
                     (Op){.kind = OP_BREAK, .region = {1}, .span = {at, at + code.n}});
        }
        if (hash >= 0) {
            Comment comment = {.span = {start + (u32)hash, end}, .own_line = code.n == 0};
            comment.directive = facts_string(b, str_trim(str_sub(line, (u32)hash + 1, line.n)));
            vec_push(&w->arena, &b->comments, comment);
        }
        start = end + 1;
        vec_push(&w->arena, &b->lines, start);
    }
    b->scopes.v[1].op_first = 1;
    b->scopes.v[1].op_end = b->ops.n;
}

static World *world(const char *text) {
    World *w = calloc(1, sizeof *w);
    w->text = str_from(text);
    w->selection.enabled = w->enabled;
    w->selection.chosen = w->chosen;
    w->selection.min_confidence = CONFIDENCE_MEDIUM;
    extract(w);
    return w;
}

static void freeze(World *w) {
    w->facts = facts_freeze(&w->builder);
    w->files[0] = &w->facts;
}

static void enable(World *w, const char *words) {
    Str word = str_from(words);
    rules_select((RuleWords){&word, 1}, (RuleWords){0}, (RuleWords){0}, w->enabled, w->chosen);
}

static u32 start_of_line(const World *w, u32 line) {
    return w->builder.lines.v[line - 1];
}

static Finding *find_at(World *w, const char *code, u32 line) {
    u32 at = start_of_line(w, line);
    Finding f = {.code = str_from(code), .place = {0, at, at + 1}, .confidence = CONFIDENCE_HIGH};
    vec_push(&w->arena, &w->findings, f);
    return &w->findings.v[w->findings.n - 1];
}

static u32 suppress(World *w) {
    if (!w->files[0]) freeze(w);
    return rules_suppress(&w->arena, &w->selection, w->files, 1, &w->findings, NULL);
}

static u32 count_of(const World *w, const char *code) {
    u32 n = 0;
    for (u32 i = 0; i < w->findings.n; i++) n += str_is(w->findings.v[i].code, code);
    return n;
}

static u32 line_of_first(const World *w, const char *code) {
    u32 line = 0, column;
    for (u32 i = 0; i < w->findings.n && !line; i++)
        if (str_is(w->findings.v[i].code, code))
            facts_line(&w->facts, w->findings.v[i].place.start, &line, &column);
    return line;
}

static void done(World *w) {
    free((void *)(uintptr_t)w->facts.block);
    arena_free(&w->arena);
    free(w);
}

/* The lines of `text` at which a finding of `code` survives, as a string of digits. */
static void expect_left(const char *text, const char *code, const char *left) {
    World *w = world(text);
    u32 lines = w->builder.lines.n - 1;
    for (u32 line = 1; line <= lines; line++) find_at(w, code, line);
    u32 dropped = suppress(w);
    char seen[64] = "";
    size_t n = 0;
    for (u32 i = 0; i < w->findings.n; i++) {
        u32 line, column;
        facts_line(&w->facts, w->findings.v[i].place.start, &line, &column);
        seen[n++] = (char)('0' + line);
    }
    assert_string_equal(seen, left);
    assert_int_equal(dropped, lines - (u32)strlen(left));
    done(w);
}

static void test_on_the_line(void **state) {
    (void)state;
    expect_left("a\nb  # limpet: ignore[LMP900] because\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet:ignore[LMP901,LMP900]\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet : Ignore [ lmp900 , LMP901 ]\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet: ignore[syntax-error]\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet: ignore[LMP9]\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet: ignore[ALL]\nc\n", "LMP900", "13");
    expect_left("a\nb  # type: ignore  # limpet: ignore[LMP900]\nc\n", "LMP900", "13");
    expect_left("a\nb  # limpet: ignore[LMP901]\nc\n", "LMP900", "123");
}

static void test_noqa(void **state) {
    (void)state;
    expect_left("a\nb  # noqa: LMP900\nc\n", "LMP900", "13");
    expect_left("a\nb  # NOQA:E501,LMP900\nc\n", "LMP900", "13");
    expect_left("a\nb  # noqa: E501 LMP900 text\nc\n", "LMP900", "13");
    expect_left("a\nb  # noqa\nc\n", "LMP900", "123");
    expect_left("a\nb  # noqa: E501\nc\n", "LMP900", "123");
    expect_left("a\n# noqa: LMP900\nc\n", "LMP900", "13");
    expect_left("a\nb  # noqa: B019\nc\n", "LMP205", "13");
    expect_left("a\nb  # noqa: B006\nc\n", "LMP217", "123"); /* shared on purpose may grow */
    expect_left("a\nb  # noqa: E501, RUF006\nc\n", "LMP216", "13");
    expect_left("a\nb  # noqa: RUF006\nc\n", "LMP205", "123");
}

static void test_own_line(void **state) {
    (void)state;
    expect_left("a\n# limpet: ignore[LMP900]\nc\nd\n", "LMP900", "124");
    expect_left("a\n# limpet: ignore[LMP900]\n\n# text\n\nf\ng\n", "LMP900", "123457");
    expect_left("a\n# limpet: ignore[LMP900]\n# limpet: ignore[LMP901]\nd\n", "LMP900", "123");
    expect_left("a\n# limpet: ignore[LMP900]\n", "LMP900", "1");
}

static void test_regions(void **state) {
    (void)state;
    expect_left("a\nb  # limpet: file-ignore[LMP900]\nc\n", "LMP900", "");
    expect_left("a\n# limpet: disable[LMP900]\nc\nd\n# limpet: enable[LMP900]\nf\n", "LMP900",
                "156");
    expect_left("a\n# limpet: disable[LMP900]\nc\n# limpet: enable[LMP901]\ne\n", "LMP900", "1");
    expect_left("# limpet: disable[syntax-error]\nb\n# limpet: enable[LMP900]\nd\n", "LMP900",
                "34");
}

static void test_container_place(void **state) {
    (void)state;
    World *w = world("a  # limpet: ignore[LMP900]\nb\nc\n");
    Finding *f = find_at(w, "LMP900", 3);
    f->has_container = true;
    f->container = (Place){0, start_of_line(w, 1), start_of_line(w, 1) + 1};
    find_at(w, "LMP900", 3);
    assert_int_equal(suppress(w), 1);
    assert_int_equal(w->findings.n, 1);
    done(w);
}

/* A comment above a decorated definition covers down to the line of the name. */
static void test_decorated(void **state) {
    (void)state;
    World *w = world("# limpet: ignore[LMP900]\n@first\n@second()\ndef f():\n    x\n");
    FactsBuilder *b = &w->builder;
    u32 def_at = start_of_line(w, 4);
    StrId name = facts_string(b, STR("first"));
    vec_push(&w->arena, &b->symbols, (Symbol){.name = name, .scope = {1}});
    PathId first = facts_path(b, (PathId){0}, PATH_SYMBOL, 1, 0);
    b->ops.v[1].kind = OP_LOAD;
    b->ops.v[1].flags = OP_IMPLICIT;
    b->ops.v[1].subject = first.i;
    b->ops.v[2].kind = OP_CALL;
    PathId second = facts_path(b, (PathId){0}, PATH_OP, 2, 0);
    b->ops.v[3].kind = OP_FUNCTION;
    b->ops.v[3].subject = 2;
    Scope scope = {.kind = SCOPE_FUNCTION,
                   .parent = {1},
                   .region = {1},
                   .def = {3},
                   .span = {def_at, w->text.n},
                   .name_span = {def_at + 4, def_at + 5},
                   .op_first = 4,
                   .op_end = 5};
    scope.decorator_first = b->operands.n;
    vec_push(&w->arena, &b->operands, (Operand){.path = first});
    vec_push(&w->arena, &b->operands, (Operand){.path = second});
    scope.decorator_end = b->operands.n;
    vec_push(&w->arena, &b->scopes, scope);
    for (u32 line = 2; line <= 5; line++) find_at(w, "LMP900", line);
    assert_int_equal(suppress(w), 3);
    assert_int_equal(w->findings.n, 1);
    assert_int_equal(line_of_first(w, "LMP900"), 5);
    done(w);
}

static void test_unused(void **state) {
    (void)state;
    World *w = world("a  # limpet: ignore[LMP900]\nb  # limpet: ignore[LMP901]\n"
                     "c  # noqa: LMP900\n");
    enable(w, "ALL");
    find_at(w, "LMP900", 1);
    assert_int_equal(suppress(w), 1);
    assert_int_equal(count_of(w, "LMP902"), 2);
    assert_int_equal(line_of_first(w, "LMP902"), 2);
    assert_true(str_is(w->findings.v[0].message, "suppression of 'LMP901' covers no finding"));
    done(w);
}

/* Nothing is said of a rule that did not run, nor with LMP902 off. */
static void test_unused_needs_a_run(void **state) {
    (void)state;
    const char *text = "a  # limpet: ignore[LMP901, LMP9]\n";
    World *w = world(text);
    enable(w, "LMP902");
    suppress(w);
    assert_int_equal(w->findings.n, 0);
    done(w);
    w = world(text);
    enable(w, "LMP901");
    suppress(w);
    assert_int_equal(w->findings.n, 0);
    done(w);
}

static void test_unused_file_not_analysed(void **state) {
    (void)state;
    u32 flags[] = {FACTS_STOPPED, FACTS_STUB};
    for (u32 i = 0; i < ARRAY_LEN(flags); i++) {
        World *w = world("a  # limpet: ignore[LMP901]\n");
        w->builder.flags |= flags[i];
        enable(w, "ALL");
        suppress(w);
        assert_int_equal(w->findings.n, 0);
        done(w);
    }
}

/* A finding below the level counts as covered, but not as suppressed. */
static void test_unsure_finding(void **state) {
    (void)state;
    World *w = world("a  # limpet: ignore[LMP900]\n");
    enable(w, "ALL");
    find_at(w, "LMP900", 1)->confidence = CONFIDENCE_LOW;
    assert_int_equal(suppress(w), 0);
    assert_int_equal(w->findings.n, 0);
    done(w);
}

static void test_unused_may_be_suppressed(void **state) {
    (void)state;
    World *w = world("a  # limpet: ignore[LMP901, LMP902]\n"
                     "b  # limpet: ignore[LMP901]\n");
    enable(w, "ALL");
    suppress(w);
    assert_int_equal(count_of(w, "LMP902"), 1);
    assert_int_equal(line_of_first(w, "LMP902"), 2);
    done(w);
}

static void test_enable_alone(void **state) {
    (void)state;
    World *w = world("a\n# limpet: enable[LMP900]\n");
    enable(w, "ALL");
    suppress(w);
    assert_int_equal(w->findings.n, 1);
    assert_true(str_is(w->findings.v[0].message, "'enable' of 'LMP900' ends no 'disable'"));
    done(w);
}

static void test_unknown(void **state) {
    (void)state;
    World *w = world("a  # limpet: ignore[syntax-eror]\n"
                     "b  # limpet: ignore\n"
                     "c  # limpet: ignroe[LMP900]\n"
                     "d  # limpet: ignore[]\n"
                     "e  # noqa: LMP999\n"
                     "f  # limpet: ignore[LMP900\n");
    enable(w, "ALL");
    suppress(w);
    assert_int_equal(count_of(w, "LMP903"), 5);
    assert_int_equal(w->findings.n, 5);
    bool suggested = false;
    for (u32 i = 0; i < w->findings.n; i++)
        suggested |= str_is(w->findings.v[i].help, "did you mean 'syntax-error'?");
    assert_true(suggested);
    done(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_the_line),
        cmocka_unit_test(test_noqa),
        cmocka_unit_test(test_own_line),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_container_place),
        cmocka_unit_test(test_decorated),
        cmocka_unit_test(test_unused),
        cmocka_unit_test(test_unused_needs_a_run),
        cmocka_unit_test(test_unused_file_not_analysed),
        cmocka_unit_test(test_unsure_finding),
        cmocka_unit_test(test_unused_may_be_suppressed),
        cmocka_unit_test(test_enable_alone),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
