/* Configuration from inside: what the files of a small tree come to, and which of them is meant. */
#include "config/config.h"

#include "config/toml.h"
#include "graph/graph.h"
#include "os/os.h"
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct Load {
    Arena arena;
    Options typed;
    Config config;
    bool ok;
} Load;

static char folder[] = "/tmp/limpet-config-XXXXXX";

static int begin(void **state) {
    (void)state;
    return !mkdtemp(folder) || chdir(folder) || mkdir("inner", 0777) || mkdir("inner/deep", 0777);
}

static int clean(void **state) {
    (void)state;
    static const char *const NAMES[] = {"limpet.toml", "base.toml", "pyproject.toml",
                                        "inner/limpet.toml"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) unlink(NAMES[i]);
    return 0;
}

static int end(void **state) {
    return clean(state) || rmdir("inner/deep") || rmdir("inner") || chdir("/") || rmdir(folder);
}

static void write_file(const char *name, const char *text) {
    assert_int_equal(os_write_file(name, str_from(text)), 0);
}

static Load *load(int argc, const char *const *argv) {
    Load *l = calloc(1, sizeof *l);
    Str error;
    assert_true(options_parse(&l->arena, argc, argv, &l->typed, &error));
    l->ok = config_load(&l->config, &l->arena, &l->typed);
    return l;
}

#define LOAD(...)                                                \
    load(ARRAY_LEN(((const char *[]){"limpet", ##__VA_ARGS__})), \
         (const char *[]){"limpet", ##__VA_ARGS__})

static void done(Load *l) {
    arena_free(&l->arena);
    free(l);
}

static void expect_list(const StrList *list, const char *joined) {
    char text[512] = "";
    for (u32 i = 0; i < list->n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", i ? "|" : "",
                 STR_ARG(list->v[i]));
    assert_string_equal(text, joined);
}

static void test_nothing(void **state) {
    (void)state;
    Load *l = LOAD("-q");
    assert_true(l->ok);
    assert_true(l->config.options.quiet);
    assert_int_equal(l->config.files.n, 0);
    assert_int_equal(l->config.options.min_confidence, CONFIDENCE_MEDIUM);
    assert_int_equal(l->config.options.max_file_size, 4 << 20);
    assert_int_equal(l->config.options.profile, PROFILE_SERVICE);
    assert_ptr_equal(config_of_file(&l->config, STR("/tmp/x/y.py")), &l->config.options);
    done(l);
}

static void test_layers(void **state) {
    (void)state;
    write_file("base.toml", "select = ['LMP1']\nexclude = ['a']\nextend-exclude = ['b']\n"
                            "fail-on = 'error'\nmin-confidence = 'low'");
    write_file("limpet.toml", "extend = 'base.toml'\nignore = ['LMP101']\nextend-exclude = ['c']\n"
                              "fail-on = 'warning'\nprofile = 'library'");
    Load *l = LOAD("--config", "profile = 'script'", "--extend-select", "LMP2,LMP205", "--exclude",
                   "x", "--exclude", "y");
    const Options *o = &l->config.options;
    assert_true(l->ok);
    assert_int_equal(o->layers.n, 2);
    expect_list(&o->layers.v[0].select, "LMP1");
    expect_list(&o->layers.v[1].ignore, "LMP101");
    expect_list(&o->extend_select, "LMP2|LMP205");
    expect_list(&o->exclude, "x|y");
    expect_list(&o->extend_exclude, "b|c");
    expect_list(&l->config.files, "limpet.toml|base.toml");
    assert_int_equal(o->fail_on, SEVERITY_WARNING);
    assert_int_equal(o->min_confidence, CONFIDENCE_LOW);
    assert_int_equal(o->profile, PROFILE_SCRIPT);
    done(l);
}

static void test_tables(void **state) {
    (void)state;
    write_file("limpet.toml",
               "long-lived = ['a.B', 'a.c']\n[per-file-ignores]\n'!x/*' = ['LMP1', 'LMP2']\n"
               "'y' = []\n[[models]]\nadd = 'a.B.on'\nremoves = ['a.B.off']\nweak = true\n"
               "callback = 2\n[[models]]\nadd = 'a.b'\n");
    Load *l = LOAD(".");
    const Options *o = &l->config.options;
    assert_true(l->ok);
    expect_list(&o->long_lived, "a.B|a.c");
    assert_int_equal(o->per_file_ignores.n, 2);
    assert_true(o->per_file_ignores.v[0].is_other);
    assert_true(str_ends(o->per_file_ignores.v[0].pattern, "/x/*"));
    assert_int_equal(o->per_file_ignores.v[0].pattern.p[0], '/');
    expect_list(&o->per_file_ignores.v[0].codes, "LMP1|LMP2");
    assert_true(str_is(o->per_file_ignores.v[1].pattern, "y"));
    assert_int_equal(o->models.n, 2);
    assert_true(str_is(o->models.v[0].removes[0], "a.B.off"));
    assert_true(o->models.v[0].weak);
    assert_int_equal(o->models.v[0].callback, 2);
    assert_int_equal(o->models.v[1].n_removes, 0);
    assert_int_equal(o->models.v[1].callback, 0);
    done(l);
}

static const Options *options_at(Load *l, const char *path) {
    Str cwd = os_cwd(&l->arena);
    return config_of_file(&l->config, str_format(&l->arena, "%.*s/%s", STR_ARG(cwd), path));
}

static void test_nearest(void **state) {
    (void)state;
    write_file("limpet.toml", "min-confidence = 'high'\nmax-file-size = 10");
    write_file("inner/limpet.toml", "ignore = ['LMP2']");
    Load *l = LOAD(".");
    const Options *inner = options_at(l, "inner/a.py");
    assert_ptr_equal(options_at(l, "a.py"), &l->config.options);
    assert_ptr_not_equal(inner, &l->config.options);
    assert_ptr_equal(options_at(l, "inner/deep/b.py"), inner);
    assert_ptr_equal(options_at(l, "inner/a.py"), inner);
    assert_int_equal(inner->min_confidence, CONFIDENCE_MEDIUM); /* nothing is inherited */
    expect_list(&inner->ignore, "LMP2");
    done(l);
    l = LOAD("--isolated");
    assert_ptr_equal(options_at(l, "inner/a.py"), &l->config.options);
    done(l);
    l = LOAD("--config", "limpet.toml");
    assert_ptr_equal(options_at(l, "inner/a.py"), &l->config.options);
    done(l);
    l = LOAD("inner/deep");
    expect_list(&l->config.files, "inner/limpet.toml");
    done(l);
}

static void test_targets(void **state) {
    (void)state;
    write_file("pyproject.toml", "[project]\nrequires-python = '>=3.10'");
    Load *l = LOAD(".");
    assert_int_equal(l->config.options.targets, (1u << (PYTHON_3_14 + 1)) - (1u << PYTHON_3_10));
    done(l);
    l = LOAD("--target-version", "2.7");
    assert_int_equal(l->config.options.targets, 1u << PYTHON_2_7);
    done(l);
    write_file("inner/limpet.toml", "target-version = '3.8'");
    l = LOAD("inner");
    assert_int_equal(l->config.options.targets, 1u << PYTHON_3_8);
    done(l);
}

static void test_problems(void **state) {
    (void)state;
    write_file("limpet.toml", "\n selct = 1\nfail-on = 2\nextend = 'base.toml'");
    write_file("base.toml", "[x");
    Load *l = LOAD(".");
    assert_false(l->ok);
    expect_list(&l->config.problems, "limpet.toml:2:2: unknown key 'selct'; did you mean 'select'?|"
                                     "limpet.toml:3:11: 'fail-on' is a string, not an integer|"
                                     "base.toml:1:1: not valid TOML: cannot read '[x'");
    done(l);
}

/* The codes of two layers, as --select, --extend-select and --ignore of each. */
static bool runs(const char *code, RuleWords select, RuleWords extend, RuleWords ignore) {
    bool enabled[1000] = {0}, chosen[1000] = {0};
    u32 n;
    const RuleEntry *all = rules_all(&n);
    static const Str FIRST[] = {{"LMP201", 6}};
    assert_int_equal(
        rules_select((RuleWords){0}, (RuleWords){0}, (RuleWords){FIRST, 1}, enabled, chosen).n, 0);
    assert_int_equal(rules_select_over(select, extend, ignore, enabled, chosen).n, 0);
    for (u32 i = 0; i < n; i++)
        if (strcmp(all[i].rule->code, code) == 0) return enabled[i];
    return false;
}

static void test_selection_over(void **state) {
    (void)state;
    const RuleWords none = {0};
    const Str family[] = {STR("LMP2")}, rule[] = {STR("LMP201")}, name[] = {STR("file-skipped")};
    assert_false(runs("LMP201", none, none, none));
    assert_true(runs("LMP205", none, none, none));
    assert_true(runs("LMP201", (RuleWords){family, 1}, none, none));
    assert_false(runs("LMP101", (RuleWords){family, 1}, none, none));
    assert_true(runs("LMP201", none, (RuleWords){rule, 1}, none));
    assert_true(runs("LMP201", none, (RuleWords){rule, 1}, (RuleWords){family, 1}));
    assert_false(runs("LMP205", none, (RuleWords){rule, 1}, (RuleWords){family, 1}));
    assert_false(runs("LMP905", none, none, none));
    assert_true(runs("LMP905", none, (RuleWords){name, 1}, none));
    assert_true(rules_know(STR("lmp2")));
    assert_false(rules_know(STR("LMP299")));
}

static void test_toml_values(void **state) {
    (void)state;
    Arena arena = {0};
    TomlValue *root;
    Str error;
    u32 at, line, column;
    assert_true(
        toml_parse(&arena, STR("a.b = 0x10\n[c]\nd = [true, \"x\\n\"]"), &root, &error, &at));
    const TomlMember *b = toml_member(toml_member(root, "a")->value, "b");
    assert_int_equal(b->value->integer, 16);
    assert_int_equal(b->at, 2);
    const TomlValue *d = toml_member(toml_member(root, "c")->value, "d")->value;
    assert_int_equal(d->items.n, 2);
    assert_true(d->items.v[0]->boolean);
    assert_true(str_is(d->items.v[1]->text, "x\n"));
    assert_null(toml_member(root, "d"));
    assert_null(toml_member(d, "d"));
    toml_position(STR("\xc3\xa9\nab\xc3\xa9"
                      "c"),
                  7, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 4);
    arena_free(&arena);
}

static void test_requires(void **state) {
    (void)state;
    Arena arena = {0};
    Str error = {0};
    bool is_free;
    assert_int_equal(requires_python(&arena, STR("~=3.12"), &is_free, &error),
                     1u << PYTHON_3_12 | 1u << PYTHON_3_13 | 1u << PYTHON_3_14);
    assert_int_equal(requires_python(&arena, STR("3"), &is_free, &error), 0);
    assert_true(str_contains(error, "'3' is not a version specifier"));
    assert_false(is_free);
    assert_int_equal(requires_python(&arena, STR(">=3.13t,<3.15"), &is_free, &error),
                     1u << PYTHON_3_13 | 1u << PYTHON_3_14);
    assert_true(is_free);
    assert_int_equal(requires_python(&arena, STR(">=3.14,<3.15t"), &is_free, &error),
                     1u << PYTHON_3_14);
    assert_false(is_free);
    assert_int_equal(requires_python(&arena, STR(">=3.13tx"), &is_free, &error), 0);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_nothing, clean),
        cmocka_unit_test_teardown(test_layers, clean),
        cmocka_unit_test_teardown(test_tables, clean),
        cmocka_unit_test_teardown(test_nearest, clean),
        cmocka_unit_test_teardown(test_targets, clean),
        cmocka_unit_test_teardown(test_problems, clean),
        cmocka_unit_test(test_selection_over),
        cmocka_unit_test(test_toml_values),
        cmocka_unit_test(test_requires),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
