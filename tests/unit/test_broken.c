/* limpet's own failure on one file: LMP904, exit code 2, and all other files as ever. The front end
 * for Python is replaced by one that breaks on demand. */
#include "app/check.h"
#include "app/console.h"
#include "config/config.h"
#include "os/os.h"
#include "python/python.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct PythonWorker {
    int files; /* read by this worker */
};

PythonWorker *python_worker_new(void) {
    return calloc(1, sizeof(PythonWorker));
}

void python_worker_free(PythonWorker *worker) {
    free(worker);
}

u32 python_parse_only(PythonWorker *worker, Str text) {
    (void)worker;
    return text.n;
}

/* An empty module; `break here` breaks, and `syntax error` is one. A worker that broke is not used
 * again. */
void python_extract(PythonWorker *worker, Str text, bool is_stub, FactsBuilder *b) {
    (void)is_stub;
    assert_int_not_equal(worker->files, -1);
    worker->files++;
    b->text_size = text.n;
    Span all = {0, text.n};
    vec_push(b->arena, &b->scopes,
             (Scope){.kind = SCOPE_MODULE, .region = {1}, .span = all, .op_first = 1, .op_end = 1});
    vec_push(b->arena, &b->regions,
             (Region){.kind = REGION_BODY, .scope = {1}, .group = {1}, .span = all});
    if (str_contains(text, "syntax error"))
        vec_push(b->arena, &b->errors, (SyntaxError){.text = facts_string(b, STR("error"))});
    if (str_contains(text, "break here")) {
        worker->files = -1;
        free(worker); /* given up by the caller; here so that no leak is reported */
        base_panic("the front end broke");
    }
}

static void write_file(const char *name, const char *text) {
    assert_int_equal(os_write_file(name, str_from(text)), 0);
}

static int check(Arena *arena, const char *jobs, Str *report) {
    const char *argv[] = {"limpet", "check", "--isolated", "--output-format=concise",
                          "-q",     "-o",    "report",     jobs};
    Options options;
    Str error;
    assert_true(options_parse(arena, ARRAY_LEN(argv), argv, &options, &error));
    int code = check_run(&options);
    assert_int_equal(os_read_file("report", 0, arena, report), 0);
    return code;
}

static void test_broken(void **state) {
    (void)state;
    char folder[] = "/tmp/limpet-broken-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    char name[32];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "m%02d.py", i);
        write_file(name, i % 7 == 3 ? "break here\n" : "x = 1\n");
    }
    write_file("n.py", "syntax error\n");
    int saved = dup(2); /* what it says on stderr is not for the reader of the tests */
    assert_non_null(freopen("stderr.txt", "w", stderr));
    Arena arena = {0};
    const char *jobs[] = {"-j1", "-j3"};
    for (u32 i = 0; i < ARRAY_LEN(jobs); i++) {
        Str report;
        assert_int_equal(check(&arena, jobs[i], &report), EXIT_TROUBLE);
        assert_string_equal(str_copy(&arena, report).p,
                            "m03.py:1:1: LMP904 limpet failed on this file: 'the front end broke'\n"
                            "m10.py:1:1: LMP904 limpet failed on this file: 'the front end broke'\n"
                            "m17.py:1:1: LMP904 limpet failed on this file: 'the front end broke'\n"
                            "n.py:1:1: LMP900 unexpected 'error'\n");
    }
    Str said;
    assert_int_equal(os_read_file("stderr.txt", 0, &arena, &said), 0);
    assert_true(str_starts(said, "limpet: internal failure on 'm03.py': the front end broke\n"));
    fflush(stderr);
    dup2(saved, 2);
    arena_free(&arena);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
