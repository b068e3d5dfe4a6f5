/* The border to the operating system, on a temporary directory. */
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *path_of(Arena *arena, Str folder, const char *name) {
    return str_format(arena, "%.*s/%s", STR_ARG(folder), name).p;
}

typedef struct Place {
    Arena arena;
    Str folder;
} Place;

static int enter(void **state) {
    Place *place = calloc(1, sizeof *place);
    char name[] = "/tmp/limpet-os-XXXXXX";
    if (!place || !mkdtemp(name)) return 1;
    place->folder = str_copy(&place->arena, str_from(name));
    *state = place;
    return 0;
}

static int leave(void **state) {
    Place *place = *state;
    DirEntry *entries;
    u32 n;
    os_list_dir(place->folder.p, &place->arena, &entries, &n);
    for (u32 i = 0; i < n; i++) {
        const char *path = path_of(&place->arena, place->folder, entries[i].name.p);
        if (entries[i].kind == FILE_DIRECTORY)
            rmdir(path);
        else
            unlink(path);
    }
    int failed = rmdir(place->folder.p);
    arena_free(&place->arena);
    free(place);
    return failed;
}

static const char *in(void **state, const char *name) {
    Place *place = *state;
    return path_of(&place->arena, place->folder, name);
}

static Arena *arena_of(void **state) {
    return &((Place *)*state)->arena;
}

static void put(const char *path, const char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(void **state, const char *path, Str expected) {
    Str bytes;
    assert_int_equal(os_read_file(path, 0, arena_of(state), &bytes), 0);
    assert_int_equal(bytes.n, expected.n);
    if (bytes.n) assert_memory_equal(bytes.p, expected.p, bytes.n);
}

static u32 entries_in(void **state, const char *path) {
    DirEntry *entries;
    u32 n;
    assert_int_equal(os_list_dir(path, arena_of(state), &entries, &n), 0);
    return n;
}

/* ---- reading ---- */

static void read_whole_files(void **state) {
    const char *path = in(state, "file");
    put(path, "", 0);
    assert_content(state, path, STR(""));
    put(path, "a\0b\n", 4);
    assert_content(state, path, STR("a\0b\n"));
    size_t n = 3 * 1024 * 1024 + 7;
    char *large = arena_alloc(arena_of(state), n);
    for (size_t i = 0; i < n; i++) large[i] = (char)(i * 7 >> 3);
    put(path, large, n);
    assert_content(state, path, (Str){large, (u32)n});
}

static void read_limits(void **state) {
    const char *path = in(state, "file");
    Str bytes;
    put(path, "12345", 5);
    assert_int_equal(os_read_file(path, 5, arena_of(state), &bytes), 0);
    assert_int_equal(bytes.n, 5);
    assert_int_equal(os_read_file(path, 4, arena_of(state), &bytes), EFBIG);
    assert_int_equal(bytes.n, 5);
}

static void read_starts(void **state) {
    Arena *arena = arena_of(state);
    const char *path = in(state, "file");
    Str bytes;
    put(path, "12345", 5);
    assert_int_equal(os_read_start(path, 3, arena, &bytes), 0);
    assert_int_equal(bytes.n, 3);
    assert_memory_equal(bytes.p, "123", 3);
    assert_int_equal(os_read_start(path, 100, arena, &bytes), 0);
    assert_int_equal(bytes.n, 5);
    assert_int_equal(symlink("file", in(state, "link")), 0);
    assert_int_equal(os_read_start(in(state, "link"), 3, arena, &bytes), ELOOP);
    assert_int_equal(os_read_start(in(state, ""), 3, arena, &bytes), EINVAL);
    assert_int_equal(os_read_start(in(state, "missing"), 3, arena, &bytes), ENOENT);
    assert_int_equal(mkfifo(in(state, "fifo"), 0600), 0);
    assert_int_equal(os_read_start(in(state, "fifo"), 3, arena, &bytes), EINVAL);
}

/* Files of /proc say that their size is 0. */
static void read_files_of_unknown_size(void **state) {
    Str bytes;
    assert_int_equal(os_read_file("/proc/self/status", 0, arena_of(state), &bytes), 0);
    assert_true(bytes.n > 100);
    assert_true(str_contains(bytes, "VmHWM"));
    assert_int_equal(os_read_file("/proc/self/status", 10, arena_of(state), &bytes), EFBIG);
}

static void read_sparse_file_over_4_gib(void **state) {
    const char *path = in(state, "file");
    put(path, "", 0);
    if (truncate(path, (off_t)5 << 30) != 0) skip();
    Str bytes;
    assert_int_equal(os_read_file(path, 0, arena_of(state), &bytes), EFBIG);
    assert_int_equal(bytes.n, UINT32_MAX);
    assert_int_equal(os_read_file(path, (u64)8 << 30, arena_of(state), &bytes), EFBIG);
}

static void read_what_is_no_file(void **state) {
    Str bytes;
    Arena *arena = arena_of(state);
    assert_int_equal(os_read_file(in(state, "missing"), 0, arena, &bytes), ENOENT);
    assert_int_equal(os_read_file(in(state, ""), 0, arena, &bytes), EISDIR);
    assert_int_equal(mkfifo(in(state, "fifo"), 0600), 0);
    assert_int_equal(os_read_file(in(state, "fifo"), 0, arena, &bytes), EINVAL);
    assert_int_equal(os_read_file("/dev/zero", 0, arena, &bytes), EINVAL);
    assert_int_equal(os_read_file("/dev/full", 0, arena, &bytes), EINVAL);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", in(state, "socket"));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(os_read_file(in(state, "socket"), 0, arena, &bytes), EINVAL);
    close(fd);
    assert_null(bytes.p);
}

static void read_symlinks(void **state) {
    Str bytes;
    put(in(state, "file"), "x", 1);
    assert_int_equal(symlink("file", in(state, "link")), 0);
    assert_content(state, in(state, "link"), STR("x"));
    assert_int_equal(symlink("nowhere", in(state, "dangling")), 0);
    assert_int_equal(os_read_file(in(state, "dangling"), 0, arena_of(state), &bytes), ENOENT);
    assert_int_equal(symlink("loop", in(state, "loop")), 0);
    assert_int_equal(os_read_file(in(state, "loop"), 0, arena_of(state), &bytes), ELOOP);
}

static void read_stdin_from_file_and_pipe(void **state) {
    int saved = dup(STDIN_FILENO), ends[2];
    Str bytes;
    put(in(state, "file"), "from a file", 11);
    int fd = open(in(state, "file"), O_RDONLY);
    dup2(fd, STDIN_FILENO);
    int error = os_read_stdin(0, arena_of(state), &bytes);
    assert_int_equal(error, 0);
    assert_true(str_is(bytes, "from a file"));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    error = os_read_stdin(1, arena_of(state), &bytes);
    dup2(saved, STDIN_FILENO);
    assert_int_equal(error, EFBIG);
    close(fd);
    close(ends[0]);
    close(saved);
}

/* ---- writing ---- */

static void write_new_and_old_files(void **state) {
    const char *path = in(state, "file");
    mode_t mask = umask(027);
    assert_int_equal(os_write_file(path, STR("one")), 0);
    umask(mask);
    struct stat st;
    stat(path, &st);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_content(state, path, STR("one"));
    chmod(path, 0604);
    assert_int_equal(os_write_file(path, STR("second")), 0);
    assert_content(state, path, STR("second"));
    struct stat new;
    stat(path, &new);
    assert_int_equal(new.st_mode & 07777, 0604);
    assert_true(new.st_ino != st.st_ino);
    assert_int_equal(os_write_file(path, (Str){0}), 0);
    assert_content(state, path, STR(""));
    assert_int_equal(entries_in(state, in(state, "")), 1);
}

/* A reader that has the old file open keeps its bytes: nothing is written into it. */
static void write_is_atomic(void **state) {
    const char *path = in(state, "file");
    put(path, "old content", 11);
    FILE *reader = fopen(path, "rb");
    assert_int_equal(os_write_file(path, STR("new")), 0);
    char bytes[32] = {0};
    assert_int_equal(fread(bytes, 1, sizeof bytes, reader), 11);
    assert_string_equal(bytes, "old content");
    fclose(reader);
}

static void write_through_symlinks(void **state) {
    put(in(state, "file"), "old", 3);
    assert_int_equal(symlink("file", in(state, "link")), 0);
    assert_int_equal(os_write_file(in(state, "link"), STR("new")), 0);
    assert_content(state, in(state, "file"), STR("new"));
    FileInfo info;
    assert_int_equal(os_stat(in(state, "link"), false, &info), 0);
    assert_int_equal(info.kind, FILE_SYMLINK);
}

static void append_to_files(void **state) {
    const char *path = in(state, "file");
    assert_int_equal(os_append_file(path, STR("one")), 0);
    assert_int_equal(os_append_file(path, STR(" two")), 0);
    assert_content(state, path, STR("one two"));
    assert_int_equal(os_append_file("/dev/full", STR("x")), ENOSPC);
    assert_int_equal(os_append_file(in(state, "no/file"), STR("x")), ENOENT);
}

static void make_directories(void **state) {
    FileInfo info;
    assert_int_equal(os_make_dir(in(state, "a/b//c/")), 0);
    assert_int_equal(os_stat(in(state, "a/b/c"), true, &info), 0);
    assert_int_equal(info.kind, FILE_DIRECTORY);
    assert_int_equal(os_make_dir(in(state, "a/b")), 0);
    assert_int_equal(os_make_dir("/"), 0);
    put(in(state, "file"), "x", 1);
    assert_int_equal(os_make_dir(in(state, "file")), ENOTDIR);
    assert_int_equal(os_make_dir(in(state, "file/below")), ENOTDIR);
    assert_int_not_equal(os_make_dir("/proc/nothing/here"), 0);
    assert_int_not_equal(os_make_dir(""), 0);
    char name[5000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(os_make_dir(name), ENAMETOOLONG);
    assert_int_equal(rmdir(in(state, "a/b/c")), 0);
    assert_int_equal(rmdir(in(state, "a/b")), 0);
    assert_int_equal(rmdir(in(state, "a")), 0);
}

static void write_that_fails_leaves_nothing(void **state) {
    assert_int_equal(os_write_file(in(state, ""), STR("x")), EISDIR);
    assert_int_equal(os_write_file(in(state, "no/file"), STR("x")), ENOENT);
    put(in(state, "file"), "x", 1);
    assert_int_equal(os_write_file(in(state, "file/below"), STR("x")), ENOTDIR);
    assert_int_equal(os_write_file("/dev/full", STR("x")), ENOSPC);
    assert_int_equal(os_write_file("/dev/null", STR("x")), 0);
    assert_int_equal(symlink("loop", in(state, "loop")), 0);
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(os_write_file(in(state, name), STR("x")), 0);
    assert_content(state, in(state, name), STR("x"));
    assert_int_equal(entries_in(state, in(state, "")), 3);
}

static void write_without_permission(void **state) {
    if (geteuid() == 0) skip();
    assert_int_equal(mkdir(in(state, "closed"), 0500), 0);
    assert_int_equal(os_write_file(in(state, "closed/file"), STR("x")), EACCES);
}

static void write_to_descriptors(void **state) {
    int fd = open("/dev/full", O_WRONLY);
    assert_int_equal(os_write_fd(fd, STR("x")), ENOSPC);
    close(fd);
    assert_int_equal(os_write_fd(fd, STR("x")), EBADF);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(os_write_fd(ends[1], STR("piped")), 0);
    char bytes[8] = {0};
    assert_int_equal(read(ends[0], bytes, sizeof bytes), 5);
    assert_string_equal(bytes, "piped");
    close(ends[0]);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    assert_int_equal(os_write_fd(ends[1], STR("x")), EPIPE);
    signal(SIGPIPE, old);
    close(ends[1]);
    (void)state;
}

/* More than a pipe holds, into one whose writer end does not wait: every byte arrives, in order. */
static void write_waits_for_a_slow_reader(void **state) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    u32 n = 1024 * 1024;
    char *bytes = arena_alloc(arena_of(state), n);
    for (u32 i = 0; i < n; i++) bytes[i] = (char)(i % 251);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        char got[4096];
        u32 at = 0;
        for (ssize_t each; (each = read(ends[0], got, sizeof got)) > 0; at += (u32)each) {
            if (memcmp(got, bytes + at, (size_t)each) != 0) _exit(1);
            usleep(100);
        }
        _exit(at == n ? 0 : 2);
    }
    close(ends[0]);
    assert_int_equal(os_write_fd(ends[1], (Str){bytes, n}), 0);
    close(ends[1]);
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

/* ---- directories ---- */

static void kinds_and_identity(void **state) {
    FileInfo info, other;
    put(in(state, "file"), "123", 3);
    assert_int_equal(os_stat(in(state, "file"), true, &info), 0);
    assert_int_equal(info.kind, FILE_REGULAR);
    assert_int_equal(info.size, 3);
    assert_int_equal(link(in(state, "file"), in(state, "same")), 0);
    assert_int_equal(os_stat(in(state, "same"), true, &other), 0);
    assert_true(info.device == other.device && info.inode == other.inode);
    assert_int_equal(os_stat(in(state, ""), true, &info), 0);
    assert_int_equal(info.kind, FILE_DIRECTORY);
    assert_int_equal(os_stat("/dev/null", true, &info), 0);
    assert_int_equal(info.kind, FILE_OTHER);
    assert_int_equal(symlink("nowhere", in(state, "dangling")), 0);
    assert_int_equal(os_stat(in(state, "dangling"), true, &info), ENOENT);
    assert_int_equal(info.kind, FILE_MISSING);
    assert_int_equal(os_stat(in(state, "dangling"), false, &info), 0);
    assert_int_equal(info.kind, FILE_SYMLINK);
    assert_int_equal(symlink("loop", in(state, "loop")), 0);
    assert_int_equal(os_stat(in(state, "loop"), true, &info), ELOOP);
    assert_int_equal(os_stat(in(state, "file/x"), true, &info), ENOTDIR);
}

static void list_in_byte_order(void **state) {
    static const char *const names[] = {"a", "B", "a-b", "ab", ".h", "new\nline", "\xff\xfe", " "};
    for (u32 i = 0; i < ARRAY_LEN(names); i++) put(in(state, names[i]), "", 0);
    mkdir(in(state, "folder"), 0700);
    assert_int_equal(symlink("folder", in(state, "link")), 0);
    mkfifo(in(state, "pipe"), 0600);
    DirEntry *entries;
    u32 n;
    assert_int_equal(os_list_dir(in(state, ""), arena_of(state), &entries, &n), 0);
    static const struct {
        const char *name;
        FileKind kind;
    } expected[] = {
        {" ", FILE_REGULAR},        {".h", FILE_REGULAR},       {"B", FILE_REGULAR},
        {"a", FILE_REGULAR},        {"a-b", FILE_REGULAR},      {"ab", FILE_REGULAR},
        {"folder", FILE_DIRECTORY}, {"link", FILE_SYMLINK},     {"new\nline", FILE_REGULAR},
        {"pipe", FILE_OTHER},       {"\xff\xfe", FILE_REGULAR},
    };
    assert_int_equal(n, ARRAY_LEN(expected));
    for (u32 i = 0; i < n; i++) {
        assert_string_equal(entries[i].name.p, expected[i].name);
        assert_int_equal(entries[i].kind, expected[i].kind);
    }
    assert_int_equal(os_list_dir(in(state, "a"), arena_of(state), &entries, &n), ENOTDIR);
    assert_int_equal(os_list_dir(in(state, "missing"), arena_of(state), &entries, &n), ENOENT);
    assert_int_equal(n, 0);
}

static void real_paths(void **state) {
    Place *place = *state;
    Str real, folder;
    put(in(state, "file"), "", 0);
    assert_int_equal(symlink("file", in(state, "link")), 0);
    assert_true(os_real_path(place->folder.p, &place->arena, &folder));
    assert_true(os_real_path(in(state, "./link"), &place->arena, &real));
    assert_string_equal(real.p, path_of(&place->arena, folder, "file"));
    assert_false(os_real_path(in(state, "missing"), &place->arena, &real));
    char cwd[PATH_MAX];
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_string_equal(os_cwd(&place->arena).p, cwd);
}

static void deleted_working_directory(void **state) {
    char *before = getcwd(NULL, 0);
    mkdir(in(state, "gone"), 0700);
    assert_int_equal(chdir(in(state, "gone")), 0);
    rmdir(in(state, "gone"));
    Str cwd = os_cwd(arena_of(state)), real;
    bool has_real = os_real_path(".", arena_of(state), &real);
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_int_equal(cwd.n, 0);
    assert_false(has_real);
}

/* ---- threads ---- */

enum { MOST_WORKERS = 16 };

typedef struct Tally {
    atomic_uint *seen; /* by item: how often */
    atomic_uint workers[MOST_WORKERS];
    u32 size; /* number of workers that may appear */
} Tally;

static void count(void *context, u32 worker, u32 item) {
    Tally *tally = context;
    atomic_fetch_add(&tally->seen[item], 1);
    atomic_fetch_add(&tally->workers[worker < tally->size ? worker : MOST_WORKERS - 1], 1);
}

static void every_item_runs_once(void **state) {
    static const u32 workers[] = {0, 1, 2, 8, 15}, items[] = {0, 1, 2, 7, 100000};
    for (u32 w = 0; w < ARRAY_LEN(workers); w++) {
        for (u32 k = 0; k < ARRAY_LEN(items); k++) {
            Tally tally = {.size = MAX(1, workers[w])};
            tally.seen = arena_array(arena_of(state), atomic_uint, items[k] + 1);
            os_parallel(workers[w], items[k], count, &tally);
            for (u32 i = 0; i < items[k]; i++) assert_int_equal(atomic_load(&tally.seen[i]), 1);
            assert_int_equal(atomic_load(&tally.seen[items[k]]), 0);
            u32 sum = 0;
            for (u32 i = 0; i < tally.size; i++) sum += atomic_load(&tally.workers[i]);
            assert_int_equal(sum, items[k]);
        }
    }
}

static void count_range(void *context, u32 worker, u32 first, u32 end) {
    assert_true(first < end);
    for (u32 i = first; i < end; i++) count(context, worker, i);
}

static void ranges_cover_every_item_once(void **state) {
    static const u32 items[] = {0, 1, 255, 256, 257, 100000};
    for (u32 k = 0; k < ARRAY_LEN(items); k++) {
        Tally tally = {.size = 3};
        tally.seen = arena_array(arena_of(state), atomic_uint, items[k] + 1);
        os_parallel_ranges(3, items[k], count_range, &tally);
        for (u32 i = 0; i < items[k]; i++) assert_int_equal(atomic_load(&tally.seen[i]), 1);
        assert_int_equal(atomic_load(&tally.seen[items[k]]), 0);
    }
}

/* A rendezvous that only two threads at work at the same time can keep. */
static void meet(void *context, u32 worker, u32 item) {
    (void)worker, (void)item;
    atomic_uint *arrived = context;
    atomic_fetch_add(arrived, 1);
    for (u64 end = os_now() + 20000000000u; atomic_load(arrived) < 2 && os_now() < end;)
        usleep(100);
}

static void workers_run_side_by_side(void **state) {
    (void)state;
    atomic_uint arrived = 0;
    u64 begin = os_now();
    os_parallel(2, 2, meet, &arrived);
    assert_true(os_now() - begin < 15000000000u);
}

/* Uses `bytes` of stack, a page at a time. */
static u32 dig(u32 bytes) {
    volatile u8 page[4096];
    page[0] = 1;
    return bytes > sizeof page ? dig(bytes - (u32)sizeof page) + (u32)page[0] : 1;
}

static void dig_deep(void *context, u32 worker, u32 item) {
    (void)worker, (void)item;
    atomic_fetch_add((atomic_uint *)context, dig(OS_STACK_SIZE / 4 * 3) > 0);
}

static void threads_have_their_stack(void **state) {
    (void)state;
    atomic_uint done = 0;
    os_parallel(2, 2, dig_deep, &done);
    assert_int_equal(atomic_load(&done), 2);
}

/* ---- clock, terminal, environment ---- */

static void clock_and_surroundings(void **state) {
    u64 begin = os_now();
    usleep(2000);
    u64 took = os_now() - begin;
    assert_true(took >= 2000000 && took < 10000000000u);
    assert_true(os_cpu_count() >= 1);
    assert_false(os_is_terminal(open("/dev/null", O_RDONLY)));
    assert_int_equal(os_terminal_width(-1), 0);
    setenv("LIMPET_TEST", "", 1);
    assert_non_null(os_env("LIMPET_TEST").p);
    assert_int_equal(os_env("LIMPET_TEST").n, 0);
    unsetenv("LIMPET_TEST");
    assert_null(os_env("LIMPET_TEST").p);
    u64 more = 256 * 1024 * 1024, before = os_peak_memory();
    assert_true(before > 100 * 1024 && before < more);
    memset(arena_alloc(arena_of(state), more), 1, more);
    assert_true(os_peak_memory() >= more && os_peak_memory() < 64 * more);
}

#define on_place(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        on_place(read_whole_files),
        on_place(read_limits),
        on_place(read_starts),
        on_place(read_files_of_unknown_size),
        on_place(read_sparse_file_over_4_gib),
        on_place(read_what_is_no_file),
        on_place(read_symlinks),
        on_place(read_stdin_from_file_and_pipe),
        on_place(write_new_and_old_files),
        on_place(write_is_atomic),
        on_place(write_through_symlinks),
        on_place(append_to_files),
        on_place(make_directories),
        on_place(write_that_fails_leaves_nothing),
        on_place(write_without_permission),
        on_place(write_to_descriptors),
        on_place(write_waits_for_a_slow_reader),
        on_place(kinds_and_identity),
        on_place(list_in_byte_order),
        on_place(real_paths),
        on_place(deleted_working_directory),
        on_place(every_item_runs_once),
        on_place(ranges_cover_every_item_once),
        cmocka_unit_test(workers_run_side_by_side),
        cmocka_unit_test(threads_have_their_stack),
        on_place(clock_and_surroundings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
