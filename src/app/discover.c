#include "app/discover.h"

#include "app/ignore.h"
#include "app/native.h"
#include "app/repository.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "os/os.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Directories of other tools and of copied code, as ruff leaves them out, and `build`. */
static const char *const usual_excludes[] = {
    ".bzr",          ".direnv",        ".eggs", ".git",        ".git-rewrite",
    ".hg",           ".mypy_cache",    ".nox",  ".pants.d",    ".pyenv",
    ".pytype",       ".pytest_cache",  ".svn",  ".ruff_cache", ".limpet_cache",
    ".tox",          ".venv",          ".idea", ".vscode",     ".ipynb_checkpoints",
    "_build",        "__pypackages__", "build", "dist",        "node_modules",
    "site-packages", "buck-out",       "venv",
};

enum { LARGEST_IGNORE_FILE = 16 * 1024 * 1024 };

/* A directory with the ignore rules that hold in it. */
typedef struct Folder Folder;
struct Folder {
    const Folder *parent;         /* NULL above the top of the repository, or of what was named */
    Str real;                     /* absolute, without symlinks */
    Str shown;                    /* "" for the working directory */
    Str absolute;                 /* what excludes with a slash are matched with */
    const Repository *repository; /* the nearest one, or NULL */
    IgnoreFile dot_ignore, git_ignore;
};

typedef struct Exclude {
    Str glob;
    bool by_name;
} Exclude;

typedef struct Walk {
    Arena *arena;  /* what is returned */
    Arena scratch; /* what the walk needs */
    const DiscoverOptions *options;
    Str cwd; /* empty when it was deleted */
    VEC(Exclude) excludes;
    VEC(FoundFile) files;
    VEC(Str) problems;
    VEC(const Folder *) pending;
    u32 excluded;
} Walk;

/* ---- paths ---- */

/* "" stands for the working directory, "/" keeps its slash. */
static Str join(Arena *arena, Str folder, Str name) {
    const char *slash = folder.n == 0 || str_ends(folder, "/") ? "" : "/";
    return str_format(arena, "%.*s%s%.*s", STR_ARG(folder), slash, STR_ARG(name));
}

/* Removes `.` parts and repeated slashes; *has_up tells of `..` parts, which stay: behind a symlink
 * only the file system knows what they mean. */
static Str tidy(Arena *arena, Str path, bool *has_up) {
    Buf buf = {.arena = arena};
    *has_up = false;
    if (str_starts(path, "/")) buf_char(&buf, '/');
    for (u32 at = 0; at < path.n;) {
        i64 slash = str_find(str_sub(path, at, path.n), '/');
        u32 end = slash < 0 ? path.n : at + (u32)slash;
        Str part = str_sub(path, at, end);
        at = end + 1;
        if (part.n == 0 || str_is(part, ".")) continue;
        if (str_is(part, "..")) *has_up = true;
        if (buf.n && buf.p[buf.n - 1] != '/') buf_char(&buf, '/');
        buf_str(&buf, part);
    }
    return str_copy(arena, buf_get(&buf));
}

/* How a path that was named is shown, and the absolute path that excludes are matched with. */
static void name_path(Walk *walk, Str given, Str real, Str *shown, Str *absolute) {
    bool has_up;
    Str path = tidy(&walk->scratch, given, &has_up);
    bool is_relative = !str_starts(path, "/");
    *absolute = has_up || !walk->cwd.n ? real
                : is_relative          ? join(&walk->scratch, walk->cwd, path)
                                       : path;
    if (path.n == 0) *absolute = walk->cwd;
    *shown = path;
    if (is_relative && !has_up) return;
    if (walk->cwd.n == 0) return;
    if (str_eq(*absolute, walk->cwd) || str_eq(real, walk->cwd)) {
        *shown = STR("");
        return;
    }
    Str inside = path_below(walk->cwd, *absolute);
    if (!inside.p) inside = path_below(walk->cwd, real);
    if (inside.p) *shown = inside;
}

static void complain(Walk *walk, Str path, int error) {
    Str problem = str_format(walk->arena, "%.*s: %s", STR_ARG(path.n ? path : STR(".")),
                             error == EINVAL ? "Not a regular file" : strerror(error));
    vec_push(walk->arena, &walk->problems, problem);
}

/* ---- excludes and ignore rules ---- */

static void add_excludes(Walk *walk) {
    Arena *arena = &walk->scratch;
    for (u32 i = 0; i < ARRAY_LEN(usual_excludes); i++)
        vec_push(arena, &walk->excludes, (Exclude){str_from(usual_excludes[i]), true});
    for (u32 i = 0; i < walk->options->n_exclude; i++) {
        Str pattern = walk->options->exclude[i];
        bool has_up, by_name = str_find(pattern, '/') < 0;
        if (!by_name) {
            pattern = tidy(arena, pattern, &has_up);
            if (!str_starts(pattern, "/")) pattern = join(arena, walk->cwd, pattern);
        }
        u32 n;
        Str *globs = ignore_expand_braces(arena, pattern, &n);
        for (u32 k = 0; k < n; k++) vec_push(arena, &walk->excludes, (Exclude){globs[k], by_name});
    }
}

static bool is_excluded(Walk *walk, Str absolute_folder, Str name) {
    Str absolute = {0};
    for (u32 i = 0; i < walk->excludes.n; i++) {
        const Exclude *exclude = &walk->excludes.v[i];
        if (!exclude->by_name && !absolute.p)
            absolute = join(&walk->scratch, absolute_folder, name);
        if (ignore_glob(exclude->glob, exclude->by_name ? name : absolute, false)) return true;
    }
    return false;
}

/* With --force-exclude a path that was named is excluded when it, or a directory on its way from
 * the working directory, is. */
static bool is_forced_out(Walk *walk, Str absolute) {
    if (str_eq(absolute, walk->cwd)) return false;
    Str inside = path_below(walk->cwd, absolute);
    u32 from = inside.p ? absolute.n - inside.n : 0;
    for (u32 at = from; at <= absolute.n; at++) {
        if (at < absolute.n && absolute.p[at] != '/') continue;
        Str part = str_sub(absolute, from, at);
        Str folder = str_sub(absolute, 0, from ? from - 1 : 0);
        if (part.n && is_excluded(walk, folder.n ? folder : STR("/"), part)) return true;
        from = at + 1;
    }
    return false;
}

/* What the ignore files say of an entry of `folder`: .ignore files before .gitignore files, inner
 * ones before outer ones, then the repository's and the user's own. */
static bool is_ignored(const Folder *folder, Str real, bool is_directory) {
    IgnoreVerdict verdict = IGNORE_SILENT;
    for (const Folder *f = folder; f && !verdict; f = f->parent)
        if (f->dot_ignore.n)
            verdict = ignore_match(&f->dot_ignore, path_below(f->real, real), is_directory);
    const Repository *repository = folder->repository;
    if (repository) {
        for (const Folder *f = folder; f && f->repository == repository && !verdict; f = f->parent)
            if (f->git_ignore.n)
                verdict = ignore_match(&f->git_ignore, path_below(f->real, real), is_directory);
        Str path = path_below(repository->top, real);
        if (!verdict) verdict = ignore_match(&repository->exclude, path, is_directory);
        if (!verdict) verdict = ignore_match(&repository->user, path, is_directory);
    }
    return verdict == IGNORE_OUT;
}

static IgnoreFile read_ignore_file(Walk *walk, const Folder *folder, Str name) {
    Str text, path = join(&walk->scratch, folder->real, name);
    FileInfo info;
    /* git does not follow a symlink here, so that a work tree cannot point outside of itself. */
    if (os_stat(path.p, false, &info) != 0 || info.kind != FILE_REGULAR) return (IgnoreFile){0};
    int error = os_read_file(path.p, LARGEST_IGNORE_FILE, &walk->scratch, &text);
    if (!error) return ignore_parse(&walk->scratch, text);
    if (error != ENOENT) complain(walk, join(&walk->scratch, folder->shown, name), error);
    return (IgnoreFile){0};
}

/* ---- walking ---- */

static bool is_source(Str name) {
    return str_ends(name, ".py") || str_ends(name, ".pyi") || str_ends(name, ".ipynb");
}

static void read_rules(Walk *walk, Folder *folder) {
    if (!walk->options->respect_gitignore) return;
    if (repository_is_top(folder->real.p))
        folder->repository =
            repository_open(&walk->scratch, folder->real, !walk->options->isolated);
    folder->dot_ignore = read_ignore_file(walk, folder, STR(".ignore"));
    if (folder->repository) folder->git_ignore = read_ignore_file(walk, folder, STR(".gitignore"));
}

/* The directories above `real` up to the top of its repository, whose rules hold in it as well;
 * NULL when it is in none or itself the top. */
static const Folder *outer_folders(Walk *walk, Str real) {
    if (!walk->options->respect_gitignore) return NULL;
    Str top = real;
    while (!repository_is_top(top.p)) {
        if (top.n <= 1) return NULL;
        i64 slash = str_rfind(top, '/');
        top = str_copy(&walk->scratch, str_sub(top, 0, slash > 0 ? (u32)slash : 1));
    }
    const Folder *outer = NULL;
    for (u32 end = top.n; end < real.n;) {
        Folder *folder = arena_new(&walk->scratch, Folder);
        folder->parent = outer;
        folder->real = str_copy(&walk->scratch, str_sub(real, 0, end));
        folder->shown = folder->real;
        if (outer) folder->repository = outer->repository;
        read_rules(walk, folder);
        outer = folder;
        if (end == 1) end = 0; /* "/" ends with the slash that begins the next part */
        i64 slash = str_find(str_sub(real, end + 1, real.n), '/');
        end = slash < 0 ? real.n : end + 1 + (u32)slash;
    }
    return outer;
}

static void push_folder(Walk *walk, const Folder *parent, Str real, Str shown, Str absolute) {
    Folder *folder = arena_new(&walk->scratch, Folder);
    *folder = (Folder){.parent = parent, .real = real, .shown = shown, .absolute = absolute};
    if (parent) folder->repository = parent->repository;
    read_rules(walk, folder);
    vec_push(&walk->scratch, &walk->pending, folder);
}

static void add_file(Walk *walk, Str shown, Str real, u64 size, bool is_named) {
    FoundFile file = {str_copy(walk->arena, shown), str_copy(walk->arena, real), size, is_named};
    vec_push(walk->arena, &walk->files, file);
}

/* Editors lock a file by a symlink `.#name` that points to no file. */
static bool is_lock(Str name) {
    return str_starts(name, ".#");
}

static void visit_file(Walk *walk, const Folder *folder, Str name, Str real, FileKind kind) {
    Str shown = join(&walk->scratch, folder->shown, name);
    FileInfo info;
    int error = os_stat(real.p, true, &info);
    /* Without the symlink there is nothing to complain of: the file has vanished since the listing.
     */
    if (error == ENOENT && kind != FILE_SYMLINK) return;
    if (!error && info.kind != FILE_REGULAR) return;
    if (!error && kind == FILE_SYMLINK && !os_real_path(real.p, &walk->scratch, &real))
        error = ENOENT;
    if (!error)
        add_file(walk, shown, real, info.size, false);
    else if (!is_lock(name))
        complain(walk, shown, error);
}

/* Python, and C with the headers that it may include. */
static bool is_wanted(Str name) {
    return is_source(name) || native_is_file(name);
}

static void visit_folder(Walk *walk, const Folder *folder) {
    DirEntry *entries;
    u32 n;
    int error = os_list_dir(folder->real.p, &walk->scratch, &entries, &n);
    if (error && error != ENOENT) complain(walk, folder->shown, error);
    for (u32 i = 0; i < n; i++) {
        Str name = entries[i].name;
        FileKind kind = entries[i].kind;
        bool is_directory = kind == FILE_DIRECTORY;
        bool is_file = kind == FILE_REGULAR || kind == FILE_SYMLINK;
        if (!is_directory && !(is_file && is_wanted(name))) continue;
        Str real = join(&walk->scratch, folder->real, name);
        if (is_excluded(walk, folder->absolute, name) || is_ignored(folder, real, is_directory)) {
            walk->excluded++;
        } else if (real.n >= PATH_MAX) {
            complain(walk, join(&walk->scratch, folder->shown, name), ENAMETOOLONG);
        } else if (is_directory) {
            push_folder(walk, folder, real, join(&walk->scratch, folder->shown, name),
                        join(&walk->scratch, folder->absolute, name));
        } else {
            visit_file(walk, folder, name, real, kind);
        }
    }
}

static void visit_named(Walk *walk, Str given) {
    Str path = str_copy(&walk->scratch, given.n ? given : STR(".")), real, shown, absolute;
    FileInfo info;
    int error = os_stat(path.p, true, &info);
    if (!error && !os_real_path(path.p, &walk->scratch, &real)) error = errno;
    if (!error && info.kind == FILE_OTHER) error = EINVAL;
    if (error) {
        complain(walk, given, error);
        return;
    }
    name_path(walk, path, real, &shown, &absolute);
    if (walk->options->force_exclude && is_forced_out(walk, absolute)) {
        walk->excluded++;
    } else if (info.kind == FILE_DIRECTORY) {
        push_folder(walk, outer_folders(walk, real), real, shown, absolute);
        while (walk->pending.n) visit_folder(walk, walk->pending.v[--walk->pending.n]);
    } else {
        add_file(walk, shown, real, info.size, true);
    }
}

/* ---- order ---- */

static int by_path(const void *a, const void *b) {
    return str_cmp(((const FoundFile *)a)->path, ((const FoundFile *)b)->path);
}

static int by_bytes(const void *a, const void *b) {
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

/* Keeps the first of each real path; it counts as named when any of them was. */
static void merge_files(Walk *walk) {
    if (!walk->files.n) return;
    qsort(walk->files.v, walk->files.n, sizeof *walk->files.v, by_path);
    Interner seen = {0};
    u32 kept = 0;
    for (u32 i = 0; i < walk->files.n; i++) {
        FoundFile file = walk->files.v[i];
        u32 id = intern(&walk->scratch, &seen, file.real_path, false);
        if (id > kept)
            walk->files.v[kept++] = file;
        else
            walk->files.v[id - 1].explicit |= file.explicit;
    }
    walk->files.n = kept;
}

static void merge_problems(Walk *walk) {
    if (!walk->problems.n) return;
    qsort(walk->problems.v, walk->problems.n, sizeof *walk->problems.v, by_bytes);
    u32 kept = 0;
    for (u32 i = 0; i < walk->problems.n; i++)
        if (kept == 0 || !str_eq(walk->problems.v[kept - 1], walk->problems.v[i]))
            walk->problems.v[kept++] = walk->problems.v[i];
    walk->problems.n = kept;
}

/* A file below a named directory: do its name and those of the directories on its way count? */
static bool is_reached(Walk *walk, Str absolute, Str inside) {
    if (!is_wanted(inside)) return false;
    Str folder = absolute;
    while (inside.n) {
        i64 slash = str_find(inside, '/');
        Str part = slash < 0 ? inside : str_sub(inside, 0, (u32)slash);
        if (is_excluded(walk, folder.n ? folder : STR("/"), part)) return false;
        folder = join(&walk->scratch, folder, part);
        inside = slash < 0 ? (Str){0} : str_sub(inside, (u32)slash + 1, inside.n);
    }
    return true;
}

/* The files of the list that one named path stands for. */
static void take_listed(Walk *walk, Str given, const Str *files, u32 n) {
    Str path = str_copy(&walk->scratch, given.n ? given : STR(".")), real, shown, absolute;
    bool has_up;
    /* what was deleted on disk may still be in the list */
    if (!os_real_path(path.p, &walk->scratch, &real)) {
        real = tidy(&walk->scratch, path, &has_up);
        if (!str_starts(real, "/")) real = join(&walk->scratch, walk->cwd, real);
    }
    name_path(walk, path, real, &shown, &absolute);
    for (u32 i = 0; i < n; i++) {
        ArenaMark mark = arena_mark(&walk->scratch);
        Str inside = path_below(real, files[i]);
        bool is_named = str_eq(real, files[i]);
        bool is_out = walk->options->force_exclude && is_forced_out(walk, files[i]);
        if (is_named && !is_out) add_file(walk, shown, files[i], 0, true);
        if (inside.n && !is_out && is_reached(walk, absolute, inside))
            add_file(walk, join(&walk->scratch, shown, inside), files[i], 0, false);
        arena_rewind(&walk->scratch, mark);
    }
}

Discovery discover_among(Arena *arena, const DiscoverOptions *options, const Str *files, u32 n) {
    Walk walk = {.arena = arena, .options = options};
    walk.cwd = os_cwd(&walk.scratch);
    add_excludes(&walk);
    for (u32 i = 0; i < options->n_paths; i++) take_listed(&walk, options->paths[i], files, n);
    merge_files(&walk);
    arena_free(&walk.scratch);
    return (Discovery){.files = walk.files.v, .n = walk.files.n};
}

Discovery discover(Arena *arena, const DiscoverOptions *options) {
    Walk walk = {.arena = arena, .options = options};
    walk.cwd = os_cwd(&walk.scratch);
    add_excludes(&walk);
    for (u32 i = 0; i < options->n_paths; i++) visit_named(&walk, options->paths[i]);
    merge_files(&walk);
    merge_problems(&walk);
    arena_free(&walk.scratch);
    return (Discovery){
        .files = walk.files.v,
        .n = walk.files.n,
        .problems = walk.problems.v,
        .n_problems = walk.problems.n,
        .excluded = walk.excluded,
    };
}
