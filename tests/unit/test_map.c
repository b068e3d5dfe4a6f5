/* Maps: what is set is found, growth loses nothing, and room that was asked for is enough. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static u64 key_of(u32 i) {
    return map_pair(i % 7, i) * 0x100000001B3u;
}

static void keys_are_found_while_it_grows(void **state) {
    (void)state;
    Arena arena = {0};
    Map map = {0};
    assert_int_equal(map_get(&map, 1), 0);
    for (u32 i = 1; i <= 5000; i++) {
        map_set(&arena, &map, key_of(i), i);
        map_set(&arena, &map, key_of(1), i); /* the later value counts */
        assert_int_equal(map.n, i);
    }
    for (u32 i = 2; i <= 5000; i++) assert_int_equal(map_get(&map, key_of(i)), i);
    assert_int_equal(map_get(&map, key_of(1)), 5000);
    assert_int_equal(map_get(&map, key_of(5001)), 0);
    arena_free(&arena);
}

static void reserved_room_is_enough(void **state) {
    (void)state;
    static const u32 sizes[] = {0, 1, 7, 8, 9, 511, 512, 3000};
    for (u32 k = 0; k < ARRAY_LEN(sizes); k++) {
        Arena arena = {0};
        Map map = {0};
        map_reserve(&arena, &map, sizes[k]);
        const MapSlot *slots = map.slots;
        for (u32 i = 1; i <= sizes[k]; i++) map_set(&arena, &map, key_of(i), i);
        assert_ptr_equal(map.slots, slots);
        for (u32 i = 1; i <= sizes[k]; i++) assert_int_equal(map_get(&map, key_of(i)), i);
        assert_int_equal(map_get(&map, key_of(sizes[k] + 1)), 0);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_while_it_grows),
        cmocka_unit_test(reserved_room_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
