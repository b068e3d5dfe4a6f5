/* Real blocks: every construct's facts freeze into a block that is found sound, and that stays safe
 * to read when any of its bytes is wrong. Run from the top of the repository. */
#include "facts/facts.h"
#include "os/os.h"
#include "python/python.h"

#include "facts_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char FOLDER[] = "tests/facts";

typedef void WithBlock(const char *name, const Facts *f, Arena *arena);

static u32 each_construct(WithBlock *visit) {
    Arena arena = {0};
    DirEntry *entries;
    u32 n, visited = 0;
    assert_int_equal(os_list_dir(FOLDER, &arena, &entries, &n), 0);
    PythonWorker *worker = python_worker_new();
    for (u32 i = 0; i < n; i++) {
        if (!str_ends(entries[i].name, ".py") || str_starts(entries[i].name, "test_")) continue;
        Str path = str_format(&arena, "%s/%.*s", FOLDER, STR_ARG(entries[i].name)), text;
        assert_int_equal(os_read_file(path.p, 0, &arena, &text), 0);
        FactsBuilder b;
        facts_begin(&b, &arena);
        b.text_size = text.n;
        python_extract(worker, text, false, &b);
        Facts f = facts_freeze(&b);
        visit(path.p, &f, &arena);
        free((void *)f.block);
        visited++;
    }
    python_worker_free(worker);
    arena_free(&arena);
    return visited;
}

static void expect_sound(const char *name, const Facts *f, Arena *arena) {
    Facts g;
    if (!facts_view(f->block, f->block_size, &g)) fail_msg("%s: its block is refused", name);
    assert_true(facts_walk(&g, arena) > 0);
}

static void test_blocks_are_sound(void **state) {
    (void)state;
    assert_true(each_construct(expect_sound) > 20);
}

static void flip_bytes(const char *name, const Facts *f, Arena *arena) {
    (void)name;
    u8 *block = malloc(f->block_size);
    assert_non_null(block);
    memcpy(block, f->block, f->block_size);
    for (size_t i = 0; i < f->block_size; i++) {
        u8 good = block[i];
        const u8 bad[] = {(u8)(good ^ 1), (u8)(good + 1), (u8)(good - 1), 0xFF};
        for (u32 k = 0; k < ARRAY_LEN(bad); k++) {
            Facts g;
            block[i] = bad[k];
            if (bad[k] == good || !facts_view(block, f->block_size, &g)) continue;
            ArenaMark mark = arena_mark(arena);
            facts_walk(&g, arena);
            arena_rewind(arena, mark);
        }
        block[i] = good;
    }
    Facts g;
    assert_true(facts_view(block, f->block_size, &g));
    free(block);
}

static void test_flipped_bytes(void **state) {
    (void)state;
    each_construct(flip_bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_sound),
        cmocka_unit_test(test_flipped_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
