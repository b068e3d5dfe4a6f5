/* Clock, terminal, environment, and what the process has used. */
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

u64 os_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

bool os_is_terminal(int fd) {
    return isatty(fd) == 1;
}

u32 os_terminal_width(int fd) {
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) return 0;
    return size.ws_col;
}

Str os_host_name(Arena *arena) {
    char name[256];
    if (gethostname(name, sizeof name) < 0) return (Str){0};
    name[sizeof name - 1] = '\0';
    return str_copy(arena, str_from(name));
}

Str os_env(const char *name) {
    const char *value = getenv(name);
    return value ? str_from(value) : (Str){0};
}

u64 os_peak_memory(void) {
    /* ru_maxrss begins with the size of the process that called exec; VmHWM is this program's own.
     */
    FILE *file = fopen("/proc/self/status", "re");
    unsigned long long kilobytes = 0;
    char line[256];
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %llu", &kilobytes) == 1) break;
    if (file) fclose(file);
    if (kilobytes) return (u64)kilobytes * 1024;
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (u64)usage.ru_maxrss * 1024;
}
