/* Files that are mapped, files that are written once and never changed, and a lock between runs. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int os_map(const char *path, OsMap *out) {
    *out = (OsMap){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (fd < 0) return errno;
    struct stat st;
    int error = fstat(fd, &st) < 0 ? errno : 0;
    if (!error && (!S_ISREG(st.st_mode) || st.st_size <= 0)) error = EINVAL;
    if (!error) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            error = errno;
        else
            *out = (OsMap){p, (u64)st.st_size};
    }
    close(fd);
    return error;
}

void os_unmap(OsMap *map) {
    if (map->p) munmap((void *)(uintptr_t)map->p, (size_t)map->n);
    *map = (OsMap){0};
}

/* Writes all of the parts [0, n), which it uses up. */
static int write_parts(int fd, struct iovec *parts, u32 n) {
    while (n) {
        ssize_t put = writev(fd, parts, (int)n);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        for (size_t left = (size_t)put; n;) {
            size_t taken = MIN(left, parts->iov_len);
            parts->iov_base = (char *)parts->iov_base + taken;
            parts->iov_len -= taken;
            left -= taken;
            if (parts->iov_len) break;
            parts++, n--;
        }
    }
    return 0;
}

int os_write_new(const char *path, const OsMap *parts, u32 n) {
    enum { AT_ONCE = 512 };
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) return errno;
    int error = 0;
    for (u32 at = 0; at < n && !error;) {
        struct iovec batch[AT_ONCE];
        u32 count = 0;
        for (; at < n && count < AT_ONCE; at++)
            batch[count++] = (struct iovec){(void *)(uintptr_t)parts[at].p, (size_t)parts[at].n};
        error = write_parts(fd, batch, count);
    }
    if (close(fd) < 0 && !error) error = errno;
    if (error) unlink(path);
    return error;
}

int os_rename(const char *from, const char *to) {
    return rename(from, to) < 0 ? errno : 0;
}

int os_remove(const char *path) {
    return unlink(path) < 0 ? errno : 0;
}

int os_remove_dir(const char *path) {
    return rmdir(path) < 0 ? errno : 0;
}

int os_lock(const char *path, u32 milliseconds, int *fd) {
    enum { STEP = 10 };
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (*fd < 0) return errno;
    for (u32 waited = 0;; waited += STEP) {
        if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return 0;
        if (errno != EWOULDBLOCK && errno != EINTR) return 0; /* no locks here: go on without */
        if (waited >= milliseconds) break;
        usleep(STEP * 1000);
    }
    close(*fd);
    *fd = -1;
    return EWOULDBLOCK;
}

void os_unlock(int fd) {
    close(fd);
}
