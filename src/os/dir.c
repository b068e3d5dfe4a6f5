/* Directories and paths. */
#include "os/os.h"

#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b) {
    return str_cmp(((const DirEntry *)a)->name, ((const DirEntry *)b)->name);
}

/* Some file systems leave d_type unknown; then the entry is asked. One that vanished meanwhile is
 * FILE_MISSING. */
static FileKind kind_of(DIR *dir, const struct dirent *entry) {
    switch (entry->d_type) {
    case DT_REG:
        return FILE_REGULAR;
    case DT_DIR:
        return FILE_DIRECTORY;
    case DT_LNK:
        return FILE_SYMLINK;
    case DT_UNKNOWN:
        break;
    default:
        return FILE_OTHER;
    }
    struct stat st;
    if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) return FILE_MISSING;
    return S_ISREG(st.st_mode)   ? FILE_REGULAR
           : S_ISDIR(st.st_mode) ? FILE_DIRECTORY
           : S_ISLNK(st.st_mode) ? FILE_SYMLINK
                                 : FILE_OTHER;
}

int os_list_dir(const char *path, Arena *arena, DirEntry **entries, u32 *n) {
    *entries = NULL;
    *n = 0;
    DIR *dir = opendir(path);
    if (!dir) return errno;
    VEC(DirEntry) found = {0};
    int error = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            error = errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        Str name = str_copy(arena, str_from(entry->d_name));
        vec_push(arena, &found, (DirEntry){name, kind_of(dir, entry)});
    }
    closedir(dir);
    if (found.n) qsort(found.v, found.n, sizeof *found.v, by_name);
    *entries = found.v;
    *n = found.n;
    return error;
}

Str os_cwd(Arena *arena) {
    char path[PATH_MAX];
    if (!getcwd(path, sizeof path)) return (Str){0};
    return str_copy(arena, str_from(path));
}

bool os_real_path(const char *path, Arena *arena, Str *out) {
    char real[PATH_MAX];
    *out = (Str){0};
    if (!realpath(path, real)) return false;
    *out = str_copy(arena, str_from(real));
    return true;
}

int os_make_dir(const char *path) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n >= sizeof part) return ENAMETOOLONG;
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) == 0 || errno == EEXIST || errno == EISDIR) continue;
        int error = errno;
        struct stat st;
        if (stat(part, &st) < 0) return error;
    }
    struct stat st;
    if (stat(path, &st) < 0) return errno;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}
