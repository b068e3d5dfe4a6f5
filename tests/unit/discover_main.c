/* Prints what discovery finds, for tests/cli/test_discover.py:
 *
 *     discover_main [--force-exclude] [--no-respect-gitignore] [--isolated] [--exclude GLOB] PATH…
 *
 * Fields end with a NUL byte, since names may hold every other one: `F` path real-path size
 * explicit for each file, `P` text for each problem, `X` count for what was excluded. */
#include "app/discover.h"
#include "base/vec.h"

#include <stdio.h>
#include <string.h>

static void field(Str text) {
    fwrite(text.p, 1, text.n, stdout);
    putchar('\0');
}

int main(int argc, char **argv) {
    Arena arena = {0};
    DiscoverOptions options = {.respect_gitignore = true};
    VEC(Str) paths = {0}, excludes = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--force-exclude") == 0)
            options.force_exclude = true;
        else if (strcmp(argv[i], "--no-respect-gitignore") == 0)
            options.respect_gitignore = false;
        else if (strcmp(argv[i], "--isolated") == 0)
            options.isolated = true;
        else if (strcmp(argv[i], "--exclude") == 0 && i + 1 < argc)
            vec_push(&arena, &excludes, str_from(argv[++i]));
        else
            vec_push(&arena, &paths, str_from(argv[i]));
    }
    options.paths = paths.v;
    options.n_paths = paths.n;
    options.exclude = excludes.v;
    options.n_exclude = excludes.n;
    Discovery found = discover(&arena, &options);
    for (u32 i = 0; i < found.n; i++) {
        const FoundFile *file = &found.files[i];
        field(STR("F"));
        field(file->path);
        field(file->real_path);
        printf("%llu%c%d%c", (unsigned long long)file->size, 0, file->explicit, 0);
    }
    for (u32 i = 0; i < found.n_problems; i++) {
        field(STR("P"));
        field(found.problems[i]);
    }
    printf("X%c%u%c", 0, found.excluded, 0);
    arena_free(&arena);
    return 0;
}
