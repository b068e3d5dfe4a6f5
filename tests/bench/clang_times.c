/* Stands before libclang (found first by LD_LIBRARY_PATH, linked to the real one) and writes down
 * how much processor time a process has spent for it: what loading and parsing alone would take.
 * One file a process, in the directory CLANG_TIMES, with microseconds and the number of parses. */
#define _GNU_SOURCE
#include <clang-c/Index.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long total;
static long parses;

/* Of all threads: libclang parses in one of its own. */
static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void add(long long begin) {
    char path[4096];
    total += now() - begin;
    snprintf(path, sizeof path, "%s/%ld", getenv("CLANG_TIMES"), (long)getpid());
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file, "%lld %ld\n", total / 1000, parses);
    fclose(file);
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

CXIndex clang_createIndex(int exclude, int display) {
    CXIndex index = REAL(clang_createIndex)(exclude, display);
    add(0); /* the process began with loading it */
    return index;
}

enum CXErrorCode clang_parseTranslationUnit2(CXIndex index, const char *path,
                                             const char *const *arguments, int n,
                                             struct CXUnsavedFile *files, unsigned n_files,
                                             unsigned options, CXTranslationUnit *out) {
    long long begin = now();
    enum CXErrorCode code =
        REAL(clang_parseTranslationUnit2)(index, path, arguments, n, files, n_files, options, out);
    parses++;
    add(begin);
    return code;
}

int clang_saveTranslationUnit(CXTranslationUnit unit, const char *path, unsigned options) {
    long long begin = now();
    int code = REAL(clang_saveTranslationUnit)(unit, path, options);
    add(begin);
    return code;
}

void clang_disposeTranslationUnit(CXTranslationUnit unit) {
    long long begin = now();
    REAL(clang_disposeTranslationUnit)(unit);
    add(begin);
}
