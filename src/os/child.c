/* Helper processes: one message there, one message back, and a deadline. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { LARGEST_MESSAGE = 1 << 30 };

static void close_both(int *pipe) {
    close(pipe[0]);
    close(pipe[1]);
}

static int start(const char *const *argv, int child_in, int child_out, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_in, 0);
    posix_spawn_file_actions_adddup2(&actions, child_out, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int error = posix_spawn(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Like pipe2, but clear of 0, 1 and 2, which the child's actions overwrite. */
static int make_pipe(int *ends) {
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    for (u32 i = 0; i < 2; i++) {
        if (ends[i] > 2) continue;
        int higher = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
        if (higher < 0) return close_both(ends), EMFILE;
        close(ends[i]);
        ends[i] = higher;
    }
    return 0;
}

int os_spawn(const char *const *argv, OsProcess *out) {
    int to[2], from[2];
    *out = (OsProcess){0};
    int error = make_pipe(to);
    if (error) return error;
    error = make_pipe(from);
    if (error) return close_both(to), error;
    pid_t pid = 0;
    error = start(argv, to[0], from[1], &pid);
    close(to[0]);
    close(from[1]);
    if (error) {
        close(to[1]);
        close(from[0]);
        return error;
    }
    *out = (OsProcess){.pid = pid, .in = to[1], .out = from[0]};
    /* a child that stops reading must not stop us */
    fcntl(out->in, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Waits for a descriptor until `end`: 0, ETIMEDOUT or another error. */
static int wait_for(int fd, short events, u64 end) {
    for (;;) {
        u64 now = os_now();
        if (now >= end) return ETIMEDOUT;
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, (int)MIN((end - now) / 1000000 + 1, 1000000u));
        if (n > 0) return 0;
        if (n < 0 && errno != EINTR) return errno;
    }
}

static int send_all(int fd, const void *bytes, size_t n, u64 end) {
    const char *p = bytes;
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        } else if (done < 0 && errno == EAGAIN) {
            int error = wait_for(fd, POLLOUT, end);
            if (error) return error;
        } else if (done == 0 || errno != EINTR) {
            return EPIPE;
        }
    }
    return 0;
}

static int receive_all(int fd, void *bytes, size_t n, u64 end) {
    char *p = bytes;
    while (n) {
        int error = end ? wait_for(fd, POLLIN, end) : 0;
        if (error) return error;
        ssize_t got = read(fd, p, n);
        if (got == 0) return EPIPE;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

int os_process_ask(OsProcess *process, Str message, u32 seconds, u64 limit, void **answer,
                   size_t *n) {
    u64 end = os_now() + (u64)seconds * 1000000000u;
    u32 length = message.n;
    *answer = NULL;
    int error = send_all(process->in, &length, sizeof length, end);
    if (!error) error = send_all(process->in, message.p, message.n, end);
    if (!error) error = receive_all(process->out, &length, sizeof length, end);
    if (error) return error;
    if (length > limit) return EMSGSIZE;
    void *bytes = malloc(length ? length : 1);
    if (!bytes) return ENOMEM;
    error = receive_all(process->out, bytes, length, end);
    if (error) return free(bytes), error;
    *answer = bytes;
    *n = length;
    return 0;
}

void os_process_end(OsProcess *process) {
    if (!process->pid) return;
    close(process->in);
    close(process->out);
    kill((pid_t)process->pid, SIGKILL);
    while (waitpid((pid_t)process->pid, NULL, 0) < 0 && errno == EINTR) continue;
    *process = (OsProcess){0};
}

bool os_message_read(Arena *arena, Str *message) {
    u32 length;
    if (receive_all(0, &length, sizeof length, 0) != 0 || length > LARGEST_MESSAGE) return false;
    char *bytes = arena_alloc(arena, (size_t)length + 1);
    if (receive_all(0, bytes, length, 0) != 0) return false;
    *message = (Str){bytes, length};
    return true;
}

bool os_message_write(const void *bytes, size_t n) {
    u32 length = (u32)n;
    return send_all(1, &length, sizeof length, 0) == 0 && send_all(1, bytes, n, 0) == 0;
}

bool os_program(Arena *arena, Str *path) {
    return os_real_path("/proc/self/exe", arena, path);
}

bool os_temporary(Arena *arena, Str *path) {
    Str top = os_env("TMPDIR");
    if (!top.n) top = STR("/tmp");
    *path = str_format(arena, "%.*s/limpet-XXXXXX", STR_ARG(top));
    return mkdtemp((char *)(uintptr_t)path->p) != NULL;
}

static void remove_below(Arena *arena, const char *path, u32 depth) {
    DirEntry *entries;
    u32 n;
    if (os_list_dir(path, arena, &entries, &n) != 0) return;
    for (u32 i = 0; i < n; i++) {
        Str inner = str_format(arena, "%s/%s", path, entries[i].name.p);
        if (entries[i].kind == FILE_DIRECTORY && depth)
            remove_below(arena, inner.p, depth - 1);
        else
            unlink(inner.p);
    }
    rmdir(path);
}

void os_remove_temporary(Str path) {
    Arena arena = {0};
    remove_below(&arena, path.p, 2);
    arena_free(&arena);
}
