/* Files: reading whole, replacing atomically, kind and identity. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 64 * 1024 };

/* Reads `fd` to its end. `expected` is a guess of the size: right, it costs one read and no copy.
 */
static int read_all(int fd, u64 expected, u64 limit, Arena *arena, Str *bytes) {
    u64 most = limit && limit < UINT32_MAX - 1 ? limit : UINT32_MAX - 1;
    u64 room = MIN(expected ? expected : (u64)FIRST_ROOM, most) + 1;
    char *p = arena_alloc(arena, (size_t)room);
    u64 n = 0;
    for (;;) {
        /* One byte beyond the limit is asked for, so that EFBIG is known without fstat. */
        ssize_t got = read(fd, p + n, (size_t)(room - n));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        n += (u64)got;
        if (n > most) {
            bytes->n = (u32)MIN(n, UINT32_MAX);
            return EFBIG;
        }
        if (got == 0) break;
        if (n < room) continue;
        u64 wider = MIN(room * 2, most + 1);
        char *copy = arena_alloc(arena, (size_t)wider);
        memcpy(copy, p, (size_t)n);
        p = copy;
        room = wider;
    }
    *bytes = (Str){p, (u32)n};
    return 0;
}

int os_read_file(const char *path, u64 limit, Arena *arena, Str *bytes) {
    *bytes = (Str){0};
    /* Without O_NONBLOCK, opening a FIFO waits for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* A socket cannot be opened; it is the caller's EINVAL like the other kinds. */
    if (fd < 0) return errno == ENXIO ? EINVAL : errno;
    struct stat st;
    int error = 0;
    if (fstat(fd, &st) < 0)
        error = errno;
    else if (S_ISDIR(st.st_mode))
        error = EISDIR;
    else if (!S_ISREG(st.st_mode))
        error = EINVAL;
    else {
        u64 size = (u64)st.st_size;
        if ((limit && size > limit) || size >= UINT32_MAX) {
            bytes->n = (u32)MIN(size, UINT32_MAX);
            error = EFBIG;
        } else {
            error = read_all(fd, size, limit, arena, bytes);
        }
    }
    close(fd);
    return error;
}

int os_read_start(const char *path, u32 most, Arena *arena, Str *bytes) {
    *bytes = (Str){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (fd < 0) return errno;
    struct stat st;
    int error = fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
    u64 size = error ? 0 : MIN((u64)st.st_size, most);
    char *p = arena_alloc(arena, (size_t)size + 1);
    for (ssize_t got = 1; !error && got && bytes->n < size;) {
        got = read(fd, p + bytes->n, (size_t)(size - bytes->n));
        if (got > 0) bytes->n += (u32)got;
        if (got < 0 && errno != EINTR) error = errno;
    }
    bytes->p = p;
    close(fd);
    return error;
}

int os_read_stdin(u64 limit, Arena *arena, Str *bytes) {
    *bytes = (Str){0};
    return read_all(STDIN_FILENO, 0, limit, arena, bytes);
}

int os_write_fd(int fd, Str content) {
    for (u32 done = 0; done < content.n;) {
        ssize_t put = write(fd, content.p + done, content.n - done);
        if (put >= 0) {
            done += (u32)put;
        } else if (errno == EAGAIN) {
            /* A descriptor that its other owner made non-blocking, as some terminals' are. */
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (poll(&wait, 1, -1) < 0 && errno != EINTR) return errno;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* A device or pipe (`-o /dev/stderr`) cannot be replaced; what is meant is to write into it. */
static int write_into(const char *path, Str content) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return errno;
    int error = os_write_fd(fd, content);
    if (close(fd) < 0 && !error) error = errno;
    return error;
}

/* Opens a new file in the directory of `path`; its name does not grow with that of `path`, which
 * may have 255 bytes already. */
static int open_beside(const char *path, char *name, size_t room) {
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    for (u32 attempt = 0; attempt < 100; attempt++) {
        int n = snprintf(name, room, "%.*s.limpet-%ld-%llx-%u.tmp", folder, path, (long)getpid(),
                         (unsigned long long)os_now(), attempt);
        if (n < 0 || (size_t)n >= room) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

int os_write_file(const char *path, Str content) {
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) return EISDIR;
    if (exists && !S_ISREG(old.st_mode)) return write_into(path, content);
    /* The file behind a symlink is replaced, not the symlink; a dangling one is. */
    char real[PATH_MAX], temporary[PATH_MAX];
    if (exists && realpath(path, real)) path = real;
    int fd = open_beside(path, temporary, sizeof temporary);
    if (fd < 0) return errno;
    int error = 0;
    if (exists && fchmod(fd, old.st_mode & 07777) < 0) error = errno;
    if (!error) error = os_write_fd(fd, content);
    if (!error && fsync(fd) < 0) error = errno;
    if (close(fd) < 0 && !error) error = errno;
    if (!error && rename(temporary, path) < 0) error = errno;
    if (error) unlink(temporary);
    return error;
}

int os_append_file(const char *path, Str content) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0) return errno;
    int error = os_write_fd(fd, content);
    if (close(fd) < 0 && !error) error = errno;
    return error;
}

int os_stat(const char *path, bool follow, FileInfo *out) {
    *out = (FileInfo){.kind = FILE_MISSING};
    struct stat st;
    if ((follow ? stat(path, &st) : lstat(path, &st)) < 0) return errno;
    out->kind = S_ISREG(st.st_mode)   ? FILE_REGULAR
                : S_ISDIR(st.st_mode) ? FILE_DIRECTORY
                : S_ISLNK(st.st_mode) ? FILE_SYMLINK
                                      : FILE_OTHER;
    out->device = (u64)st.st_dev;
    out->inode = (u64)st.st_ino;
    out->size = (u64)st.st_size;
    return 0;
}
