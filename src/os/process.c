/* Running another program: its input, its output, its end. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { READ_STEP = 64 * 1024, IN = 0, OUT = 1, ERR = 2, STREAMS = 3 };

typedef struct Pipes {
    int ours[STREAMS], theirs[STREAMS];
} Pipes;

static void close_one(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void close_all(Pipes *p) {
    for (u32 i = 0; i < STREAMS; i++) {
        close_one(&p->ours[i]);
        close_one(&p->theirs[i]);
    }
}

static int open_pipes(Pipes *p) {
    for (u32 i = 0; i < STREAMS; i++) p->ours[i] = p->theirs[i] = -1;
    for (u32 i = 0; i < STREAMS; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) return errno;
        p->ours[i] = ends[i == IN ? 1 : 0];
        p->theirs[i] = ends[i == IN ? 0 : 1];
        if (fcntl(p->ours[i], F_SETFL, O_NONBLOCK) < 0) return errno;
    }
    return 0;
}

static int spawn(const char *const *argv, const Pipes *p, pid_t *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    for (int i = 0; i < STREAMS && !error; i++)
        error = posix_spawn_file_actions_adddup2(&actions, p->theirs[i], i);
    posix_spawnattr_init(&attributes);
    sigset_t defaults; /* main ignores SIGPIPE, and that is inherited */
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnp(child, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Takes what is there to read; false at the end. */
static bool drain(int fd, Buf *out) {
    char bytes[READ_STEP];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0) buf_str(out, (Str){bytes, (u32)got});
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Feeds and drains side by side: neither end waits for the other for ever. */
static int talk(Pipes *p, Str input, Buf *out, Buf *err) {
    u32 fed = 0;
    if (!input.n) close_one(&p->ours[IN]);
    while (p->ours[OUT] >= 0 || p->ours[ERR] >= 0) {
        struct pollfd fds[STREAMS] = {
            {p->ours[IN], POLLOUT, 0}, {p->ours[OUT], POLLIN, 0}, {p->ours[ERR], POLLIN, 0}};
        if (poll(fds, STREAMS, -1) < 0 && errno != EINTR) return errno;
        if (fds[IN].revents) {
            ssize_t put = write(p->ours[IN], input.p + fed, input.n - fed);
            if (put > 0) fed += (u32)put;
            /* a program that reads no more says why on its own */
            bool is_over = put < 0 && errno != EAGAIN && errno != EINTR;
            if (is_over || fed == input.n) close_one(&p->ours[IN]);
        }
        if (fds[OUT].revents && !drain(p->ours[OUT], out)) close_one(&p->ours[OUT]);
        if (fds[ERR].revents && !drain(p->ours[ERR], err)) close_one(&p->ours[ERR]);
    }
    return 0;
}

int os_run(const char *const *argv, Str input, Arena *arena, Str *out, Str *err, int *status) {
    Pipes p;
    pid_t child;
    Buf text = {.arena = arena}, complaint = {.arena = arena};
    int error = open_pipes(&p);
    if (!error) error = spawn(argv, &p, &child);
    if (error) {
        close_all(&p);
        return error;
    }
    for (u32 i = 0; i < STREAMS; i++) close_one(&p.theirs[i]);
    error = talk(&p, input, &text, &complaint);
    close_all(&p);
    int raw = 0;
    while (waitpid(child, &raw, 0) < 0)
        if (errno != EINTR) return errno;
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    *out = buf_get(&text);
    *err = buf_get(&complaint);
    return error;
}
