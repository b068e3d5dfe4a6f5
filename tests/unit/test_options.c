/* The command line: what is understood, what is refused, and with which words. */
#include "config/config.h"

#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ARGUMENTS_MAX = 16 };

typedef struct Parse {
    Arena arena;
    Options options;
    Str error;
    bool ok;
} Parse;

/* Arguments as one text, separated by spaces. */
static Parse *parse(const char *line) {
    Parse *p = calloc(1, sizeof *p);
    const char *argv[ARGUMENTS_MAX] = {"limpet"};
    int argc = 1;
    char *copy = (char *)(uintptr_t)str_copy(&p->arena, str_from(line)).p;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert_true(argc < ARGUMENTS_MAX);
        argv[argc++] = word;
    }
    p->ok = options_parse(&p->arena, argc, argv, &p->options, &p->error);
    return p;
}

static void done(Parse *p) {
    arena_free(&p->arena);
    free(p);
}

static Parse *good(const char *line) {
    Parse *p = parse(line);
    if (!p->ok) print_error("%s: %.*s\n", line, STR_ARG(p->error));
    assert_true(p->ok);
    return p;
}

static void bad(const char *line, const char *error) {
    Parse *p = parse(line);
    assert_false(p->ok);
    assert_string_equal(p->error.p, error);
    done(p);
}

static void expect_list(StrList list, const char *joined) {
    char text[256] = "";
    for (u32 i = 0; i < list.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", i ? "|" : "",
                 STR_ARG(list.v[i]));
    assert_string_equal(text, joined);
}

static void test_defaults(void **state) {
    (void)state;
    Parse *p = good("");
    assert_int_equal(p->options.command, COMMAND_CHECK);
    assert_int_equal(p->options.words.n, 0);
    assert_int_equal(p->options.min_confidence, CONFIDENCE_MEDIUM);
    assert_int_equal(p->options.fail_on, SEVERITY_NOTE);
    assert_int_equal(p->options.max_file_size, 4 * 1024 * 1024);
    assert_true(str_is(p->options.output_format, "full"));
    assert_true(p->options.jobs >= 1);
    done(p);
}

static void test_commands(void **state) {
    (void)state;
    const struct {
        const char *line;
        Command command;
        const char *words;
    } cases[] = {
        {"check a b", COMMAND_CHECK, "a|b"},
        {"/tmp a", COMMAND_CHECK, "/tmp|a"},
        {"rule LMP900", COMMAND_RULE, "LMP900"},
        {"-q check a", COMMAND_CHECK, "a"},
        {"check graph", COMMAND_CHECK, "graph"},
        {"./graph", COMMAND_CHECK, "./graph"},
        {"-- graph", COMMAND_CHECK, "graph"},
        {"check -- -q --select", COMMAND_CHECK, "-q|--select"},
        {"help rule", COMMAND_HELP, "rule"},
        {"-", COMMAND_CHECK, "-"},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        Parse *p = good(cases[i].line);
        assert_int_equal(p->options.command, cases[i].command);
        expect_list(p->options.words, cases[i].words);
        done(p);
    }
}

static void test_values(void **state) {
    (void)state;
    Parse *p = good("--select=LMP2,LMP900 --select cache-on-method -j7 -qv --min-confidence low "
                    "--fail-on=error -o out --extend-ignore LMP201 --ignore LMP205");
    expect_list(p->options.select, "LMP2|LMP900|cache-on-method");
    expect_list(p->options.ignore, "LMP201|LMP205");
    assert_int_equal(p->options.jobs, 7);
    assert_true(p->options.quiet && p->options.verbose);
    assert_int_equal(p->options.min_confidence, CONFIDENCE_LOW);
    assert_int_equal(p->options.fail_on, SEVERITY_ERROR);
    assert_true(str_is(p->options.output_file, "out"));
    done(p);
}

static void test_sizes(void **state) {
    (void)state;
    const struct {
        const char *line;
        u64 size;
    } cases[] = {
        {"--max-file-size 1", 1},
        {"--max-file-size 10k", 10 << 10},
        {"--max-file-size=2M", 2 << 20},
        {"--max-file-size 1G", 1 << 30},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        Parse *p = good(cases[i].line);
        assert_int_equal(p->options.max_file_size, cases[i].size);
        done(p);
    }
    bad("--max-file-size 0", "--max-file-size: '0' is not a size (such as 500K or 8M)");
    bad("--max-file-size 1T", "--max-file-size: '1T' is not a size (such as 500K or 8M)");
    bad("--max-file-size 1MB", "--max-file-size: '1MB' is not a size (such as 500K or 8M)");
    bad("-j 0", "--jobs: '0' is not a number from 1 on");
    bad("-jx", "--jobs: 'x' is not a number from 1 on");
    bad("-j -1", "--jobs: '-1' is not a number from 1 on");
}

static void test_versions(void **state) {
    (void)state;
    const struct {
        const char *line;
        u32 targets;
    } cases[] = {
        {"", 0},
        {"--target-version 2.7", 1u << PYTHON_2_7},
        {"--target-version=3.12", 1u << PYTHON_3_12},
        {"--target-version 3.9-3.11", 1u << PYTHON_3_9 | 1u << PYTHON_3_10 | 1u << PYTHON_3_11},
        {"--target-version 3.9-3.9", 1u << PYTHON_3_9},
        {"--target-version 2.7,3.14-3.15",
         1u << PYTHON_2_7 | 1u << PYTHON_3_14 | 1u << PYTHON_3_15},
        {"--target-version 2.7 --target-version 3.8", 1u << PYTHON_2_7 | 1u << PYTHON_3_8},
        {"--target-version 3.8-3.14", targets_supported()},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        Parse *p = good(cases[i].line);
        assert_int_equal(p->options.targets, cases[i].targets);
        done(p);
    }
#define NO_VERSION(word) "--target-version: '" word "' is not a version from 2.7, 3.3 to 3.15"
    bad("--target-version 3.16", NO_VERSION("3.16"));
    bad("--target-version 3.8,2.6", NO_VERSION("2.6"));
    bad("--target-version 3.12-3.9", NO_VERSION("3.12-3.9"));
    bad("--target-version 3.8-", NO_VERSION("3.8-"));
    bad("--target-version py38", NO_VERSION("py38"));
    bad("--target-version 3", NO_VERSION("3"));
    bad("--target-version ,", "--target-version: no VERSIONS given");
    bad("--target-version=", "--target-version: no VERSIONS given");
    bad("graph --target-version 3.8",
        "option '--target-version' does not belong to 'limpet graph'");
}

static void test_refused(void **state) {
    (void)state;
    bad("--selct LMP201", "unknown option '--selct'; did you mean '--select'?");
    bad("--sel LMP201", "unknown option '--sel'; did you mean '--select'?");
    bad("--output x", "unknown option '--output'; did you mean '--output-format'?");
    bad("--json", "unknown option '--json'; did you mean '--output-format json'?");
    bad("--format json", "option '--format' does not belong to 'limpet check'; "
                         "did you mean '--output-format'?");
    bad("--profile=library",
        "'profile' is for configuration files; here it is --config 'profile = …'");
    bad("graph --format jsn",
        "--format: 'jsn' is not one of text, dot, json; did you mean 'json'?");
    bad("graph --class ,", "--class: no NAMES given");
    bad("--select ,", "--select: no CODES given");
    bad("rules LMP2", "'limpet rules' does not take 'LMP2'");
    bad("--stdin-filename a.py .",
        "--stdin-filename names the text of '-', which is not among the paths");
    bad("--frobnicate", "unknown option '--frobnicate'");
    bad("-x", "unknown option '-x'");
    bad("--select", "option '--select' needs a value: CODES");
    bad("-o", "option '-o' needs a value: FILE");
    bad("--quiet=1", "option '--quiet' takes no value");
    bad("--min-confidence hihg",
        "--min-confidence: 'hihg' is not one of low, medium, high; did you mean 'high'?");
    bad("--output-format=xml",
        "--output-format: 'xml' is not one of full, concise, json, sarif, github, gitlab, junit, "
        "rdjson, azure, checkstyle, html");
    bad("--output-format=json=a -o b", "-o 'b': every format has a file already");
    bad("rules --select LMP2", "option '--select' does not belong to 'limpet rules'");
    bad("--format dot x", "option '--format' does not belong to 'limpet check'; "
                          "did you mean '--output-format'?");
    bad("chekc", "unknown command 'chekc'; did you mean 'check'?");
    bad("--output-file=", "--output-file: the FILE is empty");
    bad("@/nonexistent/file",
        "cannot read the argument file '/nonexistent/file': No such file or directory");
}

static void test_argument_file(void **state) {
    (void)state;
    char path[] = "/tmp/limpet-arguments-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    const char text[] = "--select\r\nLMP900\n\na path\n@literal\n--\n-q";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    char line[64];
    snprintf(line, sizeof line, "check @%s @x", path);
    Parse *p = good(line);
    expect_list(p->options.select, "LMP900");
    /* a file's lines are not expanded again, and its `--` ends the options; here @x is too late */
    expect_list(p->options.words, "a path|@literal|-q|@x");
    done(p);
    unlink(path);
}

static void test_color_of_environment(void **state) {
    (void)state;
    const char *names[] = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++) unsetenv(names[i]);
    const struct {
        const char *name, *value, *line;
        ColorWish color;
    } cases[] = {
        {"NO_COLOR", "1", "", COLOR_NEVER},
        {"NO_COLOR", "", "", COLOR_AUTO},
        {"FORCE_COLOR", "1", "", COLOR_ALWAYS},
        {"CLICOLOR_FORCE", "1", "", COLOR_ALWAYS},
        {"CLICOLOR_FORCE", "0", "", COLOR_AUTO},
        {"NO_COLOR", "1", "--color always", COLOR_ALWAYS},
        {"FORCE_COLOR", "1", "--color=never", COLOR_NEVER},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        setenv(cases[i].name, cases[i].value, 1);
        Parse *p = good(cases[i].line);
        assert_int_equal(p->options.color, cases[i].color);
        done(p);
        unsetenv(cases[i].name);
    }
}

/* Every option that parses is in the help text of its command, with what it takes. */
static void test_help(void **state) {
    (void)state;
    Arena arena = {0};
    Buf out = {.arena = &arena};
    options_help(COMMAND_CHECK, true, &out);
    const char *wanted[] = {"Usage: limpet [check]", "--select CODES", "-o, --output-file FILE",
                            "low, medium, high",     "full, concise",  "-j, --jobs N",
                            "limpet: file-ignore",   "Exit codes",     "  rules "};
    for (u32 i = 0; i < ARRAY_LEN(wanted); i++) assert_true(str_contains(buf_get(&out), wanted[i]));
    assert_false(str_contains(buf_get(&out), "--all"));
    Str text = buf_get(&out);
    while (text.n) { /* no line is wider than a usual terminal allows */
        i64 end = str_find(text, '\n');
        assert_true(end >= 0 && end <= 110);
        text = str_sub(text, (u32)end + 1, text.n);
    }
    arena_free(&arena);
}

/* ---- selection, which the words of the options end in ---- */

static bool is_enabled(const bool *enabled, const char *code) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (str_is(str_from(all[i].rule->code), code)) return enabled[i];
    fail_msg("no rule %s", code);
    return false;
}

/* Selects by a command line and compares LMP900, LMP901 (default rules) and LMP902, LMP905
 * (opt-in). */
static void expect_selection(const char *line, const char *expected) {
    Parse *p = good(line);
    bool enabled[1000] = {0}, chosen[1000];
    const Options *o = &p->options;
    Str unknown = rules_select((RuleWords){o->select.v, o->select.n},
                               (RuleWords){o->extend_select.v, o->extend_select.n},
                               (RuleWords){o->ignore.v, o->ignore.n}, enabled, chosen);
    assert_int_equal(unknown.n, 0);
    const char *codes[] = {"LMP900", "LMP901", "LMP902", "LMP905"};
    char found[5] = "";
    for (u32 i = 0; i < 4; i++) found[i] = is_enabled(enabled, codes[i]) ? '1' : '0';
    if (strcmp(found, expected) != 0) print_error("%s\n", line);
    assert_string_equal(found, expected);
    done(p);
}

static void test_selection(void **state) {
    (void)state;
    expect_selection("", "1100");
    expect_selection("--select ALL", "1111");
    expect_selection("--select LMP9", "1100");
    expect_selection("--select LMP902", "0010");
    expect_selection("--select file-skipped", "0001");
    expect_selection("--select lmp90", "1100");
    expect_selection("--extend-select LMP905", "1101");
    expect_selection("--ignore LMP900", "0100");
    expect_selection("--ignore LMP9", "0000");
    expect_selection("--select LMP9 --ignore LMP900", "0100");
    expect_selection("--select LMP900 --ignore LMP9", "1000");
    expect_selection("--select LMP900 --ignore syntax-error", "0000");
    expect_selection("--select ALL --ignore LMP90 --extend-select LMP901", "0100");
    expect_selection("--select LMP90 --ignore ALL", "1100");
}

/* Whether a rule's plain findings are wanted by a command line. */
static bool is_chosen(const char *code, const char *line) {
    Parse *p = good(line);
    bool enabled[1000] = {0}, chosen[1000] = {0};
    const Options *o = &p->options;
    rules_select((RuleWords){o->select.v, o->select.n},
                 (RuleWords){o->extend_select.v, o->extend_select.n},
                 (RuleWords){o->ignore.v, o->ignore.n}, enabled, chosen);
    done(p);
    return is_enabled(chosen, code);
}

/* Words that take in what is opt-in, and words that do not, for the rule of that code. */
static void expect_chosen(const Rule *rule) {
    const struct {
        const char *format;
        bool chosen;
    } cases[] = {
        {"", false},
        {"--select LMP", false},
        {"--select %.4s", false}, /* LMP1 */
        {"--select %.5s", false},
        {"--extend-select %.4s", false},
        {"--ignore %s", false},
        {"--select %s", true},
        {"--select ALL", true},
        {"--select all", true},
        {"--extend-select %s", true},
        {"--extend-select ALL", true},
        {"--select LMP900 --extend-select %s", true},
        {"--select LMP900,%s", true},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        const char *words[] = {rule->code, rule->name};
        bool is_prefix = strstr(cases[i].format, "%.") != NULL;
        for (u32 k = 0; k < (is_prefix ? 1 : ARRAY_LEN(words)); k++) {
            char line[128];
            snprintf(line, sizeof line, cases[i].format, words[k]);
            if (is_chosen(rule->code, line) != cases[i].chosen) fail_msg("%s", line);
        }
    }
}

static void test_selection_of_plain_findings(void **state) {
    (void)state;
    u32 n, tried = 0;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++) {
        if (!(all[i].rule->flags & (RULE_PLAIN_OPT_IN | RULE_OPT_IN))) continue;
        expect_chosen(all[i].rule);
        tried++;
    }
    assert_true(tried > 0);
}

/* A rule with plain findings stays on by itself, and for prefixes: only these findings are opt-in.
 */
static void test_selection_of_rules_with_plain_findings(void **state) {
    (void)state;
    u32 n, tried = 0;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        if (!(rule->flags & RULE_PLAIN_OPT_IN) || rule->flags & RULE_OPT_IN) continue;
        Str code = str_from(rule->code), family = str_sub(code, 0, 4);
        bool enabled[1000] = {0}, chosen[1000] = {0};
        rules_select((RuleWords){0}, (RuleWords){0}, (RuleWords){0}, enabled, chosen);
        assert_true(is_enabled(enabled, rule->code));
        rules_select((RuleWords){&family, 1}, (RuleWords){0}, (RuleWords){0}, enabled, chosen);
        assert_true(is_enabled(enabled, rule->code));
        rules_select((RuleWords){&code, 1}, (RuleWords){0}, (RuleWords){&code, 1}, enabled, chosen);
        assert_false(is_enabled(enabled, rule->code)); /* between equals --ignore wins */
        rules_select((RuleWords){&code, 1}, (RuleWords){0}, (RuleWords){&family, 1}, enabled,
                     chosen);
        assert_true(is_enabled(enabled, rule->code));
        tried++;
    }
    if (!tried) skip();
}

static void test_selection_unknown(void **state) {
    (void)state;
    bool enabled[1000], chosen[1000];
    Str words[] = {STR("LMP900"), STR("sintax-error")};
    Str unknown =
        rules_select((RuleWords){words, 2}, (RuleWords){0}, (RuleWords){0}, enabled, chosen);
    assert_true(str_is(unknown, "sintax-error"));
    assert_true(str_is(rules_nearest(unknown), "syntax-error"));
    unknown = rules_select((RuleWords){0}, (RuleWords){0}, (RuleWords){words, 2}, enabled, chosen);
    assert_true(str_is(unknown, "sintax-error"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_argument_file),
        cmocka_unit_test(test_color_of_environment),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_selection_of_plain_findings),
        cmocka_unit_test(test_selection_of_rules_with_plain_findings),
        cmocka_unit_test(test_selection_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
