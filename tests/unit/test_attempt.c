/* A panic inside an attempt ends the attempt, not the process; one outside ends the process. */
#include "base/arena.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void calm(void *context) {
    *(int *)context += 1;
}

static void broken(void *context) {
    *(int *)context += 10;
    REQUIRE(*(int *)context < 0);
    *(int *)context += 100;
}

static void test_attempt(void **state) {
    (void)state;
    int count = 0;
    char message[64] = "untouched";
    assert_true(base_attempt(calm, &count, message, sizeof message));
    assert_string_equal(message, "untouched");
    assert_false(base_attempt(broken, &count, message, sizeof message));
    assert_int_equal(count, 11);
    assert_non_null(strstr(message, "*(int *)context < 0"));
    assert_true(base_attempt(calm, &count, message, sizeof message));
    assert_int_equal(count, 12);
}

static void test_message_is_cut(void **state) {
    (void)state;
    int count = 0;
    char message[8];
    assert_false(base_attempt(broken, &count, message, sizeof message));
    assert_int_equal(strlen(message), 7);
}

static void attempt_item(void *context, u32 worker, u32 item) {
    (void)worker;
    u8 *failed = context;
    int count = item % 2 ? -1000 : 0;
    char message[64];
    failed[item] = !base_attempt(broken, &count, message, sizeof message);
}

/* Each thread has its own. */
static void test_threads(void **state) {
    (void)state;
    u8 failed[500] = {0};
    os_parallel(4, 500, attempt_item, failed);
    for (u32 i = 0; i < 500; i++) assert_int_equal(failed[i], i % 2 == 0);
}

static void test_panic_outside(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        close(2);
        base_panic("nothing holds");
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempt),
        cmocka_unit_test(test_message_is_cut),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_panic_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
