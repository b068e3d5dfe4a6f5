#include "app/compile.h"

#include "app/repository.h"
#include "base/map.h"
#include "base/path.h"
#include "os/os.h"

#include <string.h>

/* A directory that was looked at. */
typedef struct FlagPlace {
    bool is_known;
    u32 database; /* index, plus 1 */
    Str top;      /* of the project that it is in */
} FlagPlace;

struct Compile {
    Arena *arena;
    const Options *options;
    StrList *notes;
    StrList tops; /* real paths: named, or the working directory */
    Interner folders;
    VEC(FlagPlace) places; /* by folder id - 1 */
    VEC(CDatabase *) databases;
    CFlags given; /* --c-flags, of C and of C++ */
    CFlags given_cxx;
};

/* ---- databases ---- */

static u32 open_database(Compile *c, Str path) {
    Str problem = {0};
    u32 n_bad;
    CDatabase *database = cdatabase_read(c->arena, path, &problem, &n_bad);
    Str shown = config_shown_path(c->arena, path);
    if (!database) {
        Str note =
            str_format(c->arena, "'%.*s' cannot be used: %.*s", STR_ARG(shown), STR_ARG(problem));
        vec_push(c->arena, c->notes, note);
        return 0;
    }
    if (n_bad) {
        Str note = str_format(c->arena, "'%.*s': %u %s no command for a file", STR_ARG(shown),
                              n_bad, n_bad == 1 ? "entry is" : "entries are");
        vec_push(c->arena, c->notes, note);
    }
    vec_push(c->arena, &c->databases, database);
    return c->databases.n;
}

static u32 database_in(Compile *c, Str folder) {
    static const char *const names[] = {"compile_commands.json", "build/compile_commands.json"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++) {
        FileInfo info;
        Str path = path_join(c->arena, folder, str_from(names[i]));
        if (os_stat(path.p, true, &info) == 0) return open_database(c, path);
    }
    return 0;
}

/* ---- directories ---- */

static bool is_named(const Compile *c, Str folder) {
    for (u32 i = 0; i < c->tops.n; i++)
        if (str_eq(c->tops.v[i], folder)) return true;
    return false;
}

/* The directory where the search from `folder` on ends: the top of its repository, or else the
 * highest one that was named. */
static Str top_of(const Compile *c, Str folder) {
    Str top = folder;
    for (Str at = folder; at.n; at = path_folder(c->arena, at)) {
        if (repository_is_top(at.p)) return at;
        if (is_named(c, at)) top = at;
    }
    return top;
}

static FlagPlace *place_at(Compile *c, Str folder) {
    u32 known = c->folders.n, id = intern(c->arena, &c->folders, folder, true);
    if (id > known) vec_push(c->arena, &c->places, (FlagPlace){0});
    return &c->places.v[id - 1];
}

/* What holds for a directory: its own database, or else that of the one above. */
static FlagPlace look_at(Compile *c, Str folder, Str top) {
    if (place_at(c, folder)->is_known) return *place_at(c, folder);
    FlagPlace place = {.is_known = true, .top = top, .database = database_in(c, folder)};
    Str above = str_eq(folder, top) ? (Str){0} : path_folder(c->arena, folder);
    if (!place.database && above.n) place.database = look_at(c, above, top).database;
    *place_at(c, folder) = place;
    return place;
}

static FlagPlace place_of(Compile *c, Str path) {
    Str folder = path_folder(c->arena, path);
    Str top = top_of(c, folder);
    if (c->options->compile_commands.n) return (FlagPlace){.top = top, .database = c->databases.n};
    return look_at(c, folder, top);
}

/* ---- flags ---- */

CFlags compile_flags(Compile *c, Str path) {
    FlagPlace place = place_of(c, path);
    CFlags flags = {.is_cxx = cflags_is_cxx_name(path)};
    CFlagWords words = {0};
    Str directory;
    if (place.database &&
        cdatabase_find(c->databases.v[place.database - 1], c->arena, path, &words, &directory))
        flags = cflags_of(c->arena, &words, directory, place.top, path), flags.is_known = true;
    return cflags_join(c->arena, flags, flags.is_cxx ? c->given_cxx : c->given);
}

static CFlags given_flags(const Compile *c, const char *path) {
    CFlagWords words = {0};
    Str cwd = os_cwd(c->arena);
    for (u32 i = 0; i < c->options->c_flags.n; i++)
        vec_push(c->arena, &words.list, c->options->c_flags.v[i]);
    return cflags_of(c->arena, &words, cwd, cwd, str_from(path));
}

static void add_top(Compile *c, Str path) {
    FileInfo info;
    Str real;
    bool is_folder = os_stat(path.p, true, &info) == 0 && info.kind == FILE_DIRECTORY;
    if (is_folder && os_real_path(path.p, c->arena, &real)) vec_push(c->arena, &c->tops, real);
}

Compile *compile_begin(Arena *arena, const Options *options, StrList *notes) {
    Compile *c = arena_new(arena, Compile);
    *c = (Compile){.arena = arena, .options = options, .notes = notes};
    add_top(c, STR("."));
    for (u32 i = 0; i < options->words.n; i++) add_top(c, options->words.v[i]);
    c->given = given_flags(c, "c.c");
    c->given_cxx = given_flags(c, "c.cc");
    if (options->compile_commands.n) {
        Str path = str_copy(arena, options->compile_commands), real;
        open_database(c, os_real_path(path.p, arena, &real) ? real : path);
    }
    return c;
}

void compile_end(Compile *c) {
    for (u32 i = 0; i < c->databases.n; i++) cdatabase_free(c->databases.v[i]);
}
