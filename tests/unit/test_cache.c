/* The cache on disk: what was put is found, and whatever happens to its files makes pieces missing,
 * and nothing else. */
#include "cache/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct Place {
    Arena arena;
    Str top;    /* temporary */
    Str folder; /* of the cache, not there yet */
} Place;

static int enter(void **state) {
    Place *p = calloc(1, sizeof *p);
    char name[] = "/tmp/limpet-cache-XXXXXX";
    if (!p || !mkdtemp(name)) return 1;
    p->top = str_copy(&p->arena, str_from(name));
    p->folder = store_path(&p->arena, p->top, "deep/cache");
    *state = p;
    return 0;
}

static void empty(Arena *arena, Str folder) {
    DirEntry *entries;
    u32 n;
    if (os_list_dir(folder.p, arena, &entries, &n)) return;
    for (u32 i = 0; i < n; i++) {
        Str path = store_path(arena, folder, entries[i].name.p);
        if (entries[i].kind != FILE_DIRECTORY) os_remove(path.p);
        if (entries[i].kind == FILE_DIRECTORY) empty(arena, path);
    }
    os_remove_dir(folder.p);
}

static int leave(void **state) {
    Place *p = *state;
    empty(&p->arena, p->top);
    arena_free(&p->arena);
    free(p);
    return 0;
}

static Hash128 key_of(u32 i) {
    return hash_wide(&i, sizeof i);
}

/* A text that belongs to the number, in two parts. */
static Str text_of(Place *p, u32 i) {
    Buf text = {.arena = &p->arena};
    buf_printf(&text, "piece %08u |", i);
    buf_repeat(&text, (char)('a' + i % 26), i % 1000);
    return str_copy(&p->arena, buf_get(&text));
}

static void put(Place *p, Cache *c, u32 worker, u32 i) {
    Str text = text_of(p, i);
    cache_put(c, worker, key_of(i), (Str){text.p, 0}, text, i % 2 == 0);
}

static bool has(Place *p, Cache *c, u32 i) {
    Str piece;
    if (!cache_find(c, key_of(i), &piece)) return false;
    assert_int_equal((uintptr_t)piece.p % STORE_ALIGN, 0);
    assert_true(str_eq(piece, text_of(p, i)));
    return true;
}

static void save(Cache *c) {
    Str problem = {0};
    if (!cache_save(c, &problem)) fail_msg("not saved: %.*s", STR_ARG(problem));
    cache_free(c);
}

/* Saves the pieces [from, to). */
static void save_range(Place *p, u32 from, u32 to) {
    Cache *c = cache_open(&p->arena, p->folder, 2);
    for (u32 i = from; i < to; i++) put(p, c, i % 2, i);
    save(c);
}

static u32 count_range(Place *p, u32 from, u32 to) {
    Cache *c = cache_open(&p->arena, p->folder, 1);
    u32 n = 0;
    for (u32 i = from; i < to; i++) n += has(p, c, i);
    CacheCounts counts = cache_counts(c);
    assert_int_equal(counts.found, n);
    assert_int_equal(counts.found + counts.missed, to - from);
    cache_free(c);
    return n;
}

static u32 files_like(Place *p, const char *end) {
    DirEntry *entries;
    u32 n, count = 0;
    if (os_list_dir(p->folder.p, &p->arena, &entries, &n)) return 0;
    for (u32 i = 0; i < n; i++) count += str_ends(entries[i].name, end);
    return count;
}

static Str segment_path(Place *p) {
    DirEntry *entries;
    u32 n;
    assert_int_equal(os_list_dir(p->folder.p, &p->arena, &entries, &n), 0);
    for (u32 i = 0; i < n; i++)
        if (str_ends(entries[i].name, ".segment"))
            return store_path(&p->arena, p->folder, entries[i].name.p);
    fail_msg("no segment");
    return (Str){0};
}

/* ---- what works ---- */

static void pieces_come_back(void **state) {
    Place *p = *state;
    assert_int_equal(count_range(p, 0, 10), 0);
    save_range(p, 0, 2000);
    assert_int_equal(count_range(p, 0, 2000), 2000);
    assert_int_equal(count_range(p, 2000, 2100), 0);
    assert_int_equal(files_like(p, ".tmp"), 0);
    assert_int_equal(files_like(p, STORE_TAG), 1);
    assert_int_equal(files_like(p, STORE_IGNORE), 1);
}

static void nothing_new_writes_nothing(void **state) {
    Place *p = *state;
    FileInfo info;
    save(cache_open(&p->arena, p->folder, 1));
    os_stat(p->folder.p, false, &info);
    assert_int_equal(info.kind, FILE_MISSING);
}

static void two_parts_are_one_piece(void **state) {
    Place *p = *state;
    Cache *c = cache_open(&p->arena, p->folder, 1);
    cache_put(c, 0, key_of(1), STR("0123456789abcdef"), STR("and more"), false);
    cache_put(c, 0, key_of(2), STR("0123456789abcdef"), (Str){0}, false);
    save(c);
    Str piece;
    c = cache_open(&p->arena, p->folder, 1);
    assert_true(cache_find(c, key_of(1), &piece));
    assert_true(str_is(piece, "0123456789abcdefand more"));
    assert_true(cache_find(c, key_of(2), &piece));
    assert_true(str_is(piece, "0123456789abcdef"));
    cache_free(c);
}

static void an_open_cache_stays_whole(void **state) {
    Place *p = *state;
    save_range(p, 0, 100);
    Cache *old = cache_open(&p->arena, p->folder, 1);
    for (u32 round = 1; round < 8; round++) save_range(p, 100 * round, 100 * round + 100);
    empty(&p->arena, p->folder);
    for (u32 i = 0; i < 100; i++) assert_true(has(p, old, i));
    cache_free(old);
}

static void two_runs_side_by_side(void **state) {
    Place *p = *state;
    save_range(p, 0, 50);
    Cache *one = cache_open(&p->arena, p->folder, 1), *other = cache_open(&p->arena, p->folder, 1);
    for (u32 i = 50; i < 100; i++) put(p, one, 0, i);
    for (u32 i = 90; i < 140; i++) put(p, other, 0, i);
    save(one);
    save(other);
    assert_int_equal(count_range(p, 0, 140), 140);
}

static void a_lock_is_waited_for_and_no_longer(void **state) {
    Place *p = *state;
    Str problem = {0};
    int lock;
    save_range(p, 0, 5);
    assert_int_equal(os_lock(store_path(&p->arena, p->folder, STORE_LOCK).p, 0, &lock), 0);
    Cache *c = cache_open(&p->arena, p->folder, 1);
    put(p, c, 0, 7);
    assert_false(cache_save(c, &problem));
    assert_true(problem.n);
    cache_free(c);
    os_unlock(lock);
    assert_int_equal(count_range(p, 0, 8), 5);
}

/* ---- size ---- */

static void segments_stay_few(void **state) {
    Place *p = *state;
    save_range(p, 0, 1000);
    for (u32 i = 0; i < 100; i++) {
        save_range(p, 1000 + i, 1001 + i);
        assert_in_range(files_like(p, ".segment"), 1, 12);
    }
    assert_int_equal(count_range(p, 0, 1100), 1100);
}

static void what_is_not_used_goes(void **state) {
    Place *p = *state;
    save_range(p, 0, 1000);
    for (u32 i = 0; i < 60; i++) {
        Cache *c = cache_open(&p->arena, p->folder, 1);
        c->quiet = 1;
        for (u32 k = 0; k < 10; k++) assert_true(has(p, c, k));
        put(p, c, 0, 1000 + i);
        save(c);
    }
    assert_int_equal(count_range(p, 0, 10), 10);
    assert_int_equal(count_range(p, 10, 1000), 0);
    assert_in_range(count_range(p, 1000, 1060), 49, 52);
    assert_in_range(files_like(p, ".segment"), 1, 8);
}

static void the_oldest_go_when_it_is_too_large(void **state) {
    Place *p = *state;
    for (u32 i = 0; i < 20; i++) {
        Cache *c = cache_open(&p->arena, p->folder, 1);
        c->most = 300 * 1000;
        for (u32 k = 0; k < 100; k++) put(p, c, 0, 100 * i + k);
        save(c);
    }
    assert_int_equal(count_range(p, 1900, 2000), 100);
    assert_int_equal(count_range(p, 0, 500), 0);
    Cache *c = cache_open(&p->arena, p->folder, 1);
    c->most = 1; /* what this run made stays, even so */
    for (u32 k = 3000; k < 3100; k++) put(p, c, 0, k);
    save(c);
    assert_int_equal(count_range(p, 3000, 3100), 100);
    assert_int_equal(count_range(p, 0, 3000), 0);
}

/* ---- damage ---- */

static Str read_whole(Place *p, Str path) {
    Str bytes;
    assert_int_equal(os_read_file(path.p, 0, &p->arena, &bytes), 0);
    return bytes;
}

static void put_whole(Str path, const char *bytes, u32 n) {
    const OsMap part = {bytes, n};
    os_remove(path.p);
    assert_int_equal(os_write_new(path.p, &part, 1), 0);
}

/* Each byte changed: what is found is right (has() compares), and a save mends it. */
static void flip_all(Place *p, Str path) {
    Str whole = read_whole(p, path);
    char *bytes = arena_copy(&p->arena, whole.p, whole.n);
    for (u32 i = 0; i < whole.n; i++) {
        ArenaMark mark = arena_mark(&p->arena);
        bytes[i] = (char)~bytes[i];
        put_whole(path, bytes, whole.n);
        count_range(p, 0, 12);
        bytes[i] = (char)~bytes[i];
        arena_rewind(&p->arena, mark);
    }
    put_whole(path, bytes, whole.n);
    assert_int_equal(count_range(p, 0, 12), 12);
}

static void every_byte_may_change(void **state) {
    Place *p = *state;
    save_range(p, 0, 12);
    flip_all(p, store_path(&p->arena, p->folder, STORE_INDEX));
    flip_all(p, segment_path(p));
}

static void cut_all(Place *p, Str path, bool is_longer) {
    Str whole = read_whole(p, path);
    char *bytes = arena_alloc(&p->arena, whole.n + 64);
    memcpy(bytes, whole.p, whole.n);
    for (u32 n = 0; n < whole.n; n++) {
        ArenaMark mark = arena_mark(&p->arena);
        put_whole(path, bytes, n);
        assert_int_equal(count_range(p, 0, 12), 0);
        arena_rewind(&p->arena, mark);
    }
    if (is_longer) {
        put_whole(path, bytes, whole.n + 1);
        assert_int_equal(count_range(p, 0, 12), 0);
    }
    put_whole(path, bytes, whole.n);
}

static void files_may_be_cut(void **state) {
    Place *p = *state;
    save_range(p, 0, 12);
    cut_all(p, store_path(&p->arena, p->folder, STORE_INDEX), true);
    cut_all(p, segment_path(p), true);
    assert_int_equal(count_range(p, 0, 12), 12);
}

/* An index whose hash is right and whose ids are not. */
static void hostile_entries(void **state) {
    Place *p = *state;
    static const u64 odd[] = {0, 1, 15, 33, 1u << 20, UINT32_MAX, UINT64_MAX, UINT64_MAX - 15};
    save_range(p, 0, 12);
    Str path = store_path(&p->arena, p->folder, STORE_INDEX), whole = read_whole(p, path);
    for (u32 i = 0; i < 4 * ARRAY_LEN(odd); i++) {
        IndexHead *head = arena_copy(&p->arena, whole.p, whole.n);
        EntryRecord *entries = (void *)((SegmentRecord *)(head + 1) + head->n_segments);
        for (u32 k = 0; k < head->n_entries; k++) {
            if (i % 4 == 0) entries[k].at = odd[i / 4];
            if (i % 4 == 1) entries[k].size = odd[i / 4];
            if (i % 4 == 2) entries[k].segment = (u32)odd[i / 4] | 1;
            if (i % 4 == 3) entries[k].at += odd[i / 4];
        }
        head->check = hash_bytes(head + 1, whole.n - sizeof *head);
        put_whole(path, (const char *)head, whole.n);
        count_range(p, 0, 12);
        save_range(p, 500, 501); /* pieces that are not what they say do not move on */
        count_range(p, 0, 12);
        assert_int_equal(count_range(p, 500, 501), 1);
        empty(&p->arena, p->folder);
        save_range(p, 0, 12);
        whole = read_whole(p, path);
    }
}

static void other_versions_are_not_read(void **state) {
    Place *p = *state;
    save_range(p, 0, 12);
    Str path = store_path(&p->arena, p->folder, STORE_INDEX), whole = read_whole(p, path);
    IndexHead *head = arena_copy(&p->arena, whole.p, whole.n);
    head->version++;
    put_whole(path, (const char *)head, whole.n);
    assert_int_equal(count_range(p, 0, 12), 0);
    head->version--;
    head->byte_order = 0x04030201;
    put_whole(path, (const char *)head, whole.n);
    assert_int_equal(count_range(p, 0, 12), 0);
    save_range(p, 0, 3); /* what nobody can read is replaced, and its segments removed */
    assert_int_equal(count_range(p, 0, 12), 3);
    assert_int_equal(files_like(p, ".segment"), 1);
}

static void lost_segments_are_missed(void **state) {
    Place *p = *state;
    save_range(p, 0, 12);
    os_remove(segment_path(p).p);
    assert_int_equal(count_range(p, 0, 12), 0);
    save_range(p, 5, 8);
    assert_int_equal(count_range(p, 0, 12), 3);
    Str path = segment_path(p);
    os_remove(path.p);
    assert_int_equal(mkdir(path.p, 0777), 0);
    assert_int_equal(count_range(p, 0, 12), 0);
    os_remove_dir(path.p);
    assert_int_equal(symlink("/dev/zero", path.p), 0);
    assert_int_equal(count_range(p, 0, 12), 0);
}

static void what_a_killed_run_left_is_removed(void **state) {
    Place *p = *state;
    save_range(p, 0, 3);
    Str tmp = store_path(&p->arena, p->folder, "facts-0123456789abcdef.tmp");
    Str segment = store_path(&p->arena, p->folder, "facts-0123456789abcdef.segment");
    put_whole(tmp, "half", 4);
    put_whole(segment, "half", 4);
    assert_int_equal(count_range(p, 0, 3), 3);
    save_range(p, 3, 6);
    FileInfo info;
    assert_int_equal(os_stat(tmp.p, false, &info), ENOENT);
    assert_int_equal(os_stat(segment.p, false, &info), ENOENT);
    assert_int_equal(count_range(p, 0, 6), 6);
}

/* ---- folders that are not ours ---- */

static void refused(Place *p, const char *why) {
    Cache *c = cache_open(&p->arena, p->folder, 1);
    Str problem = {0};
    put(p, c, 0, 1);
    if (cache_save(c, &problem) || !problem.n) fail_msg("%s: saved", why);
    cache_free(c);
}

static void other_folders_are_left_alone(void **state) {
    Place *p = *state;
    u32 files;
    Str problem = {0}, path = store_path(&p->arena, p->folder, "facts.py");
    assert_int_equal(os_make_dir(p->folder.p), 0);
    put_whole(path, "x", 1);
    refused(p, "a folder with a file of someone else");
    assert_false(cache_remove(&p->arena, p->folder, &files, &problem));
    assert_true(problem.n && !files);
    assert_int_equal(files_like(p, ""), 1);
    os_remove(path.p);
    path = store_path(&p->arena, p->folder, STORE_TAG);
    put_whole(path, "Signature: 8a477f597d28d172789f06886806bc55\n", 44);
    refused(p, "the cache of another program");
    assert_false(cache_remove(&p->arena, p->folder, &files, &problem));
    os_remove(path.p);
    save_range(p, 0, 3); /* an empty folder is as good as none */
    assert_int_equal(count_range(p, 0, 3), 3);
}

static void symlinks_are_not_followed(void **state) {
    Place *p = *state;
    Str other = store_path(&p->arena, p->top, "other"),
        deep = store_path(&p->arena, p->top, "deep");
    assert_int_equal(os_make_dir(other.p), 0);
    assert_int_equal(os_make_dir(deep.p), 0);
    assert_int_equal(symlink(other.p, p->folder.p), 0);
    refused(p, "a symlink");
    DirEntry *entries;
    u32 n;
    assert_int_equal(os_list_dir(other.p, &p->arena, &entries, &n), 0);
    assert_int_equal(n, 0);
    os_remove(p->folder.p);
    put_whole(p->folder, "a file", 6);
    refused(p, "a file");
}

static void without_permission(void **state) {
    Place *p = *state;
    if (geteuid() == 0) skip();
    save_range(p, 0, 3);
    chmod(p->folder.p, 0555);
    Cache *c = cache_open(&p->arena, p->folder, 1);
    assert_true(has(p, c, 0));
    put(p, c, 0, 9);
    Str problem = {0};
    assert_false(cache_save(c, &problem));
    cache_free(c);
    chmod(p->folder.p, 0777);
    chmod(segment_path(p).p, 0);
    assert_int_equal(count_range(p, 0, 3), 0);
}

static void removal_takes_what_is_ours(void **state) {
    Place *p = *state;
    u32 files;
    Str problem;
    assert_true(cache_remove(&p->arena, p->folder, &files, &problem));
    assert_int_equal(files, 0);
    save_range(p, 0, 3);
    Str own = store_path(&p->arena, p->folder, "notes.txt");
    put_whole(own, "mine", 4);
    assert_true(cache_remove(&p->arena, p->folder, &files, &problem));
    assert_int_equal(files, 5);
    assert_int_equal(files_like(p, ""), 1);
    os_remove(own.p);
    save_range(p, 0, 3);
    assert_true(cache_remove(&p->arena, p->folder, &files, &problem));
    FileInfo info;
    os_stat(p->folder.p, false, &info);
    assert_int_equal(info.kind, FILE_MISSING);
}

#define on_place(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        on_place(pieces_come_back),
        on_place(nothing_new_writes_nothing),
        on_place(two_parts_are_one_piece),
        on_place(an_open_cache_stays_whole),
        on_place(two_runs_side_by_side),
        on_place(a_lock_is_waited_for_and_no_longer),
        on_place(segments_stay_few),
        on_place(what_is_not_used_goes),
        on_place(the_oldest_go_when_it_is_too_large),
        on_place(every_byte_may_change),
        on_place(files_may_be_cut),
        on_place(hostile_entries),
        on_place(other_versions_are_not_read),
        on_place(lost_segments_are_missed),
        on_place(what_a_killed_run_left_is_removed),
        on_place(other_folders_are_left_alone),
        on_place(symlinks_are_not_followed),
        on_place(without_permission),
        on_place(removal_takes_what_is_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
