/* Files as modules: which dotted names lead to which file.
 *
 * A directory without __init__.py is a root: what stands below it can be imported by its path from
 * there. The nearest root gives the canonical name; the roots above (namespace packages, several
 * roots) give further names, and so do packages whose modules import each other as if the package
 * were a root. */
#include "graph/model.h"

enum { ROOTS_ABOVE = 4 };
#define NO_FILE UINT32_MAX

static Str without_suffix(Str path) {
    if (str_ends(path, ".py")) return str_sub(path, 0, path.n - 3);
    if (str_ends(path, ".ipynb")) return str_sub(path, 0, path.n - 6);
    if (str_ends(path, ".pyi")) return str_sub(path, 0, path.n - 4);
    i64 dot = str_rfind(path, '.'), slash = str_rfind(path, '/');
    return dot > slash ? str_sub(path, 0, (u32)dot) : path;
}

static Str directory(Str path) {
    i64 slash = str_rfind(path, '/');
    return slash < 0 ? (Str){path.p, 0} : str_sub(path, 0, (u32)slash);
}

static Str base_name(Str path) {
    i64 slash = str_rfind(path, '/');
    return str_sub(path, (u32)(slash + 1), path.n);
}

/* The path of the module: of a package its folder. */
static Str module_stem(const FileNode *node) {
    Str stem = without_suffix(node->real_path);
    return node->is_package ? directory(stem) : stem;
}

static Str first_part(Str dotted) {
    i64 dot = str_find(dotted, '.');
    return dot < 0 ? dotted : str_sub(dotted, 0, (u32)dot);
}

static u32 file_at(const Graph *g, Str stem) {
    return map_get(&g->paths, hash_str(stem)) - 1; /* 0 becomes NO_FILE */
}

static bool is_package_dir(const Graph *g, Str dir) {
    Buf stem = {.arena = g->arena};
    ArenaMark mark = arena_mark(g->arena);
    buf_str(&stem, dir);
    buf_text(&stem, "/__init__");
    bool found = file_at(g, buf_get(&stem)) != NO_FILE;
    arena_rewind(g->arena, mark);
    return found;
}

/* The dotted name of a stem below a root directory. */
static Str dotted_below(Graph *g, Str stem, u32 root_len) {
    Str rest = str_sub(stem, root_len ? root_len + 1 : (stem.n && stem.p[0] == '/'), stem.n);
    Str text = str_copy(g->arena, rest);
    for (u32 i = 0; i < text.n; i++)
        if (text.p[i] == '/') ((char *)text.p)[i] = '.';
    return text;
}

static void add_name(Graph *g, u32 file, Str dotted, u32 root_len) {
    if (!dotted.n) return;
    u64 key = hash_str(dotted);
    vec_push(g->arena, &g->names, (ModuleName){file, root_len, map_get(&g->module_names, key)});
    map_set(g->arena, &g->module_names, key, g->names.n - 1);
    for (u32 i = 1; i < dotted.n; i++)
        if (dotted.p[i] == '.')
            map_set(g->arena, &g->module_prefixes, hash_str(str_sub(dotted, 0, i)), 1);
}

static void name_file(Graph *g, u32 file) {
    FileNode *node = &g->files[file];
    Str stem = without_suffix(node->real_path);
    if (node->is_foreign) {
        node->module = base_name(stem);
        return;
    }
    node->is_package = str_is(base_name(stem), "__init__");
    stem = module_stem(node);
    Str root = directory(node->is_package ? stem : node->real_path);
    while (root.n && is_package_dir(g, root)) root = directory(root);
    node->root_len = root.n;
    node->module = dotted_below(g, stem, root.n);
    if (!node->module.n) node->module = str_copy(g->arena, base_name(stem));
    for (u32 i = 0; i <= ROOTS_ABOVE; i++) {
        add_name(g, file, dotted_below(g, stem, root.n), root.n);
        if (!root.n) break;
        root = directory(root);
    }
}

static bool is_test_word(Str part) {
    static const char *const WORDS[] = {
        "tests",        "test",      "testing",     "benchmarks",   "benchmark", "bench",
        "examples",     "example",   "docs",        "doc",          "samples",   "sample",
        "demo",         "demos",     "perf",        "e2e",          "docs_src",  "doc_src",
        "docs-src",     "docsrc",    "doc_code",    "docs_code",    "doc-code",  "docs-code",
        "example_code", "demo_code", "sample_code", "code_samples", "testcase",  "testcases",
        "testutil",     "testutils", "testlib",     "testlibs"};
    for (u32 w = 0; w < ARRAY_LEN(WORDS); w++)
        if (str_is(part, WORDS[w])) return true;
    return false;
}

/* `acme_examples/`, `integration-tests/`, `test_unit/`; `t/`, as Perl's and celery's projects have
 * it. Of an absolute path above the folder that all files have in common only the plain words: the
 * others may be where somebody keeps all projects. */
static bool is_test_folder(Str part, bool is_below) {
    static const char *const CAPITALS[] = {"Demos", "Examples", "Samples", "Tests"};
    static const char *const ENDS[] = {
        "_tests",   "-tests",   "_test",    "-test",  "_examples", "-examples",   "_example",
        "-example", "_samples", "-samples", "_demos", "-demos",    "_benchmarks", "-benchmarks"};
    if (is_below && str_is_any(part, CAPITALS, ARRAY_LEN(CAPITALS))) return true;
    if (is_test_word(part) || (is_below && str_is(part, "t"))) return true;
    if (is_below && (str_starts(part, "test_") || str_starts(part, "tests_"))) return true;
    for (u32 i = 0; is_below && i < ARRAY_LEN(ENDS); i++)
        if (str_ends(part, ENDS[i])) return true;
    return false;
}

static bool is_test_path(Str path, u32 common) {
    u32 start = 0;
    for (u32 i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        Str part = str_sub(path, start, i);
        bool is_below = path.p[0] != '/' || start >= common;
        start = i + 1;
        if (i < path.n && is_test_folder(part, is_below)) return true;
        if (i == path.n) part = without_suffix(part);
        if (i == path.n && is_test_word(part)) return true;
        if (i == path.n &&
            (str_starts(part, "test_") || str_ends(part, "_test") || str_is(part, "conftest")))
            return true;
    }
    return false;
}

/* ---- namespace packages ---- */

/* Directories without __init__.py that absolute imports name: `import acme.two` makes acme a
 * package of what stands below it, in every file there. `tops` maps their paths to the length of
 * the root above + 1. */
static void find_namespaces(Graph *g, u32 file, Map *tops) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_imports; i++) {
        Str dotted = facts_str(f, f->imports[i].module);
        if (f->imports[i].level || str_find(dotted, '.') < 0) continue;
        u32 target = module_find(g, file, dotted);
        if (target == NO_FILE) continue;
        Str to = g->files[target].real_path;
        u32 n = map_get(&g->module_names, hash_str(dotted));
        while (g->names.v[n].file != target) n = g->names.v[n].next;
        u32 root = g->names.v[n].root;
        if (root == g->files[target].root_len) continue;
        u32 end = root + 1;
        while (end < to.n && to.p[end] != '/') end++;
        map_set(g->arena, tops, hash_str(str_sub(to, 0, end)), root + 1);
    }
}

/* The outermost of the found directories that a file stands in says where its name begins. */
static void adopt_namespaces(Graph *g) {
    Map tops = {0};
    for (u32 i = 0; i < g->n_files; i++) find_namespaces(g, i, &tops);
    for (u32 i = 0; i < g->n_files && tops.n; i++) {
        FileNode *node = &g->files[i];
        for (u32 end = 1; end < node->root_len + 1 && end < node->real_path.n; end++) {
            u32 root = node->real_path.p[end] == '/'
                           ? map_get(&tops, hash_str(str_sub(node->real_path, 0, end)))
                           : 0;
            if (!root) continue;
            node->root_len = root - 1;
            node->module = dotted_below(g, module_stem(node), node->root_len);
            break;
        }
    }
}

/* ---- all files ---- */

static void adopt_renamed(Graph *g);
static void adopt_inner_roots(Graph *g);

void modules_index(Graph *g) {
    vec_push(g->arena, &g->names, (ModuleName){0});
    for (u32 i = 0; i < g->n_files; i++) {
        if (g->files[i].is_foreign) continue;
        u64 key = hash_str(without_suffix(g->files[i].real_path));
        u32 known = map_get(&g->paths, key);
        /* a stub beside its module: the module speaks */
        if (!known || g->files[known - 1].is_stub) map_set(g->arena, &g->paths, key, i + 1);
    }
    for (u32 i = 0; i < g->n_files; i++) {
        Str path = g->files[i].path;
        bool is_real = str_eq(path, g->files[i].real_path);
        g->files[i].is_test = is_test_path(path, is_real ? g->common_root : path.n);
        if (!g->files[i].is_test && g->files[i].facts->flags & FACTS_PYTHON2) g->n_python2++;
        name_file(g, i);
    }
    adopt_namespaces(g);
    adopt_renamed(g);
    adopt_inner_roots(g);
}

static u32 common_prefix(Str a, Str b) {
    u32 n = 0, components = 0;
    while (n < a.n && n < b.n && a.p[n] == b.p[n]) components += a.p[n++] == '/';
    return components;
}

/* Can code in `importer` mean this candidate? Its root must be on sys.path: a directory above the
 * importer, or one whose top-level name is a package (installed, src layout, a sibling project). */
static bool is_plausible(const Graph *g, u32 importer, const ModuleName *name, Str dotted) {
    Str from = g->files[importer].real_path, to = g->files[name->file].real_path;
    Str root = str_sub(to, 0, name->root);
    bool above = from.n > root.n && str_eq(str_sub(from, 0, root.n), root) &&
                 (!root.n || from.p[root.n] == '/');
    if (above)
        return str_find(dotted, '.') >= 0 || g->files[importer].root_len <= name->root ||
               g->files[name->file].root_len == name->root;
    return (str_find(dotted, '.') >= 0 || g->files[name->file].is_package) &&
           g->files[name->file].root_len == name->root;
}

u32 module_find(const Graph *g, u32 importer, Str dotted) {
    u32 best = NO_FILE;
    i64 best_score = -1;
    for (u32 i = map_get(&g->module_names, hash_str(dotted)); i; i = g->names.v[i].next) {
        const ModuleName *name = &g->names.v[i];
        if (!is_plausible(g, importer, name, dotted)) continue;
        const FileNode *to = &g->files[name->file], *from = &g->files[importer];
        i64 score = (i64)common_prefix(to->real_path, from->real_path) * 4;
        score += (name->root == from->root_len) * 2 + !to->is_stub;
        if (score > best_score || (score == best_score && name->file < best)) {
            best = name->file;
            best_score = score;
        }
    }
    return best;
}

static u32 file_below(const Graph *g, Str dir, Str dotted) {
    static const Str PACKAGE = STR("/__init__");
    Arena arena = {0};
    char *stem = arena_room(&arena, (size_t)dir.n + 1 + dotted.n + PACKAGE.n);
    u32 n = dir.n;
    if (n) memcpy(stem, dir.p, n);
    if (dotted.n) stem[n++] = '/';
    for (u32 i = 0; i < dotted.n; i++) stem[n++] = dotted.p[i] == '.' ? '/' : dotted.p[i];
    u32 file = dotted.n ? file_at(g, (Str){stem, n}) : NO_FILE;
    if (file == NO_FILE) {
        memcpy(stem + n, PACKAGE.p, PACKAGE.n);
        file = file_at(g, (Str){stem, n + PACKAGE.n});
    }
    arena_free(&arena);
    return file;
}

enum { PACKAGES_ABOVE = 6 };

/* `from storage.users import Users` in a package that is started from inside of it, as a container
 * with its folder as working directory does: found from a folder above that is a package, too. */
u32 module_inside(const Graph *g, u32 importer, Str dotted) {
    const FileNode *from = &g->files[importer];
    Str top = first_part(dotted);
    if (top.n == dotted.n || from->is_foreign || know_is_standard_package(top)) return NO_FILE;
    Str dir = directory(from->real_path);
    for (u32 i = 0; i < PACKAGES_ABOVE && dir.n; i++) {
        u32 file = module_in_directory(g, dir) == NO_FILE ? NO_FILE : file_below(g, dir, dotted);
        if (file != NO_FILE) return file;
        dir = directory(dir);
    }
    return NO_FILE;
}

u32 module_child(const Graph *g, u32 package, Str name) {
    if (!g->files[package].is_package) return NO_FILE;
    return file_below(g, directory(g->files[package].real_path), name);
}

u32 module_in_directory(const Graph *g, Str directory) {
    return file_below(g, directory, STR("__init__"));
}

u32 module_package(const Graph *g, u32 file) {
    Str dir = directory(g->files[file].real_path);
    if (g->files[file].is_package) dir = directory(dir);
    return file_below(g, dir, STR("__init__"));
}

static Str importing_directory(const Graph *g, u32 importer, u32 level) {
    Str dir = directory(g->files[importer].real_path);
    for (u32 i = 1; i < level; i++) dir = directory(dir);
    return dir;
}

u32 module_of_name(const Graph *g, u32 importer, const Import *import, Str name) {
    Str module = facts_str(g->files[importer].facts, import->module);
    Arena arena = {0};
    Str dotted = module.n ? str_format(&arena, "%.*s.%.*s", STR_ARG(module), STR_ARG(name)) : name;
    u32 file = import->level
                   ? file_below(g, importing_directory(g, importer, import->level), dotted)
                   : module_find(g, importer, dotted);
    arena_free(&arena);
    return file;
}

u32 module_of_import(const Graph *g, u32 importer, const Import *import, Str *dotted) {
    const FileNode *from = &g->files[importer];
    Str module = facts_str(from->facts, import->module);
    *dotted = module;
    if (!import->level) return module_find(g, importer, module);
    u32 file = file_below(g, importing_directory(g, importer, import->level), module);
    if (file != NO_FILE) *dotted = g->files[file].module;
    return file;
}

/* ---- packages that are installed under another name ---- */

enum { RENAMED_MAX = 8, PARTS_NEEDED = 3 };

/* `setup(package_dir={"acme": "src"})`: the code says `import acme.bus`, and the file is
 * src/bus.py. */
typedef struct Renamed {
    Str dir;  /* path of a top-level package */
    u32 root; /* length of the path above it */
    Str name; /* the name that the imports have for it, or empty */
    u32 found;
} Renamed;

typedef struct Unknown {
    Str top;        /* "acme", of which no module is here */
    VEC(Str) parts; /* "bus", each once */
} Unknown;

typedef struct Unknowns {
    Arena arena;
    Map used;  /* first names of absolute imports */
    Map tops;  /* name -> index + 1 */
    Map parts; /* dotted names of two parts */
    VEC(Unknown) v;
} Unknowns;

static void note_import(Unknowns *u, const Graph *g, u32 file, Str dotted) {
    Str top = first_part(dotted);
    map_set(&u->arena, &u->used, hash_str(top), 1);
    if (top.n == dotted.n || map_get(&g->module_prefixes, hash_str(top))) return;
    if (map_get(&g->module_names, hash_str(top)) || module_find(g, file, dotted) != NO_FILE) return;
    Str part = first_part(str_sub(dotted, top.n + 1, dotted.n));
    u64 key = hash_str(str_sub(dotted, 0, top.n + 1 + part.n));
    if (map_get(&u->parts, key)) return;
    map_set(&u->arena, &u->parts, key, 1);
    u32 at = map_get(&u->tops, hash_str(top));
    if (!at) {
        vec_push(&u->arena, &u->v, (Unknown){.top = top});
        map_set(&u->arena, &u->tops, hash_str(top), at = u->v.n);
    }
    vec_push(&u->arena, &u->v.v[at - 1].parts, part);
}

/* Most of what the imports name below the unknown package is below this one. */
static void try_name(const Graph *g, Renamed *r, const Unknown *u) {
    u32 found = 0;
    for (u32 i = 0; i < u->parts.n; i++) found += file_below(g, r->dir, u->parts.v[i]) != NO_FILE;
    if (found < PARTS_NEEDED || found * 4 < u->parts.n * 3 || found <= r->found) return;
    r->found = found;
    r->name = u->top;
}

static void rename_below(Graph *g, const Renamed *r) {
    for (u32 i = 0; i < g->n_files; i++) {
        FileNode *node = &g->files[i];
        bool is_below = node->real_path.n > r->dir.n && node->real_path.p[r->dir.n] == '/' &&
                        str_eq(str_sub(node->real_path, 0, r->dir.n), r->dir);
        if (!is_below || node->is_foreign || node->root_len != r->root) continue;
        u32 own = r->dir.n - (r->root ? r->root + 1 : 0); /* of the folder's name */
        Str rest = str_sub(node->module, own, node->module.n);
        node->module = str_format(g->arena, "%.*s%.*s", STR_ARG(r->name), STR_ARG(rest));
        add_name(g, i, node->module, r->root);
    }
}

static void adopt_renamed(Graph *g) {
    Unknowns u = {0};
    VEC(Renamed) found = {0};
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        for (u32 k = 1; f && k < f->n_imports; k++)
            if (!f->imports[k].level) note_import(&u, g, i, facts_str(f, f->imports[k].module));
    }
    for (u32 i = 0; i < g->n_files && u.v.n && found.n < RENAMED_MAX; i++) {
        const FileNode *node = &g->files[i];
        bool is_top = node->is_package && !node->is_test && str_find(node->module, '.') < 0;
        /* the project has its own name for it: the unknown one is of another */
        if (!is_top || map_get(&u.used, hash_str(node->module))) continue;
        Renamed r = {.dir = directory(node->real_path), .root = node->root_len};
        for (u32 k = 0; k < u.v.n; k++) try_name(g, &r, &u.v.v[k]);
        if (r.name.n) vec_push(&u.arena, &found, r);
    }
    for (u32 i = 0; i < found.n; i++) rename_below(g, &found.v[i]);
    arena_free(&u.arena);
}

/* ---- packages that are started from inside ---- */

/* `import queues` in app/main.py, with app/queues.py and app/__init__.py: who runs a script of the
 * folder has it on sys.path, and in Python 2 modules beside the importer come first. One such
 * import may as well mean a library of the same name, whose wrapper stands in the folder (redis,
 * in app/redis.py); several of them say how the folder is used. */
typedef struct InnerName {
    u32 dir;     /* in InnerRoots */
    u32 found;   /* modules that are named by it, each once */
    u32 missing; /* `import django.http`, and app/django/ has no http: it is another django */
    bool is_own; /* a part of it imports it */
} InnerName;

typedef struct InnerRoot {
    Str dir;
    u32 found;
} InnerRoot;

typedef struct InnerRoots {
    Arena arena;
    Map base_names;           /* of all files and packages: most libraries are none of them */
    Map dirs, names, counted; /* paths -> index + 1 */
    VEC(InnerRoot) v;
    VEC(InnerName) tops;
} InnerRoots;

/* The module's file, or one below its folder. */
static bool is_of_module(Str path, Str stem) {
    return path.n > stem.n && str_eq(str_sub(path, 0, stem.n), stem) &&
           (path.p[stem.n] == '/' || path.p[stem.n] == '.');
}

/* An absolute import leads nowhere, and a file here has the name that it begins with. */
static bool is_unknown_here(const Graph *g, const InnerRoots *r, u32 file, const Import *import) {
    Str dotted = facts_str(g->files[file].facts, import->module), top = first_part(dotted);
    if (import->level || !top.n || !map_get(&r->base_names, hash_str(top))) return false;
    return !know_is_standard_package(top) && module_find(g, file, dotted) == NO_FILE;
}

/* The nearest package around the importer that has a module of that name, or empty. */
static Str package_with(const Graph *g, u32 importer, Str top) {
    Str dir = directory(g->files[importer].real_path);
    for (u32 i = 0; i < PACKAGES_ABOVE && dir.n && is_package_dir(g, dir); i++) {
        if (file_below(g, dir, top) != NO_FILE) return dir;
        dir = directory(dir);
    }
    return (Str){0};
}

static InnerName *inner_name(InnerRoots *r, Str dir, Str stem) {
    u32 at = map_get(&r->names, hash_str(stem));
    if (at) return &r->tops.v[at - 1];
    u32 root = map_get(&r->dirs, hash_str(dir));
    if (!root) {
        vec_push(&r->arena, &r->v, (InnerRoot){.dir = dir});
        map_set(&r->arena, &r->dirs, hash_str(dir), root = r->v.n);
    }
    vec_push(&r->arena, &r->tops, (InnerName){.dir = root - 1});
    map_set(&r->arena, &r->names, hash_str(stem), r->tops.n);
    return &r->tops.v[r->tops.n - 1];
}

static void note_inside(const Graph *g, InnerRoots *r, u32 file, Str dotted) {
    Str top = first_part(dotted), dir = package_with(g, file, top);
    if (!dir.n) return;
    Str stem = str_format(&r->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(top));
    InnerName *name = inner_name(r, dir, stem);
    name->is_own |= is_of_module(g->files[file].real_path, stem);
    u64 key = hash_str(str_format(&r->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(dotted)));
    if (map_get(&r->counted, key)) return;
    map_set(&r->arena, &r->counted, key, 1);
    if (file_below(g, dir, dotted) == NO_FILE)
        name->missing++;
    else
        name->found++;
}

static void adopt_inner_roots(Graph *g) {
    InnerRoots r = {0};
    for (u32 i = 0; i < g->n_files; i++) {
        Str name = base_name(module_stem(&g->files[i]));
        map_set(&r.arena, &r.base_names, hash_str(name), 1);
    }
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        for (u32 k = 1; f && !g->files[i].is_foreign && k < f->n_imports; k++)
            if (is_unknown_here(g, &r, i, &f->imports[k]))
                note_inside(g, &r, i, facts_str(f, f->imports[k].module));
    }
    for (u32 i = 0; i < r.tops.n; i++) {
        const InnerName *name = &r.tops.v[i];
        bool is_other =
            name->missing * 4 > name->found || (name->is_own && name->found < PARTS_NEEDED);
        if (!is_other) r.v.v[name->dir].found += name->found;
    }
    for (u32 i = 0; i < g->n_files && r.v.n; i++) {
        if (g->files[i].is_foreign) continue;
        Str stem = module_stem(&g->files[i]);
        for (Str dir = directory(stem); dir.n; dir = directory(dir)) {
            u32 at = map_get(&r.dirs, hash_str(dir));
            if (at && r.v.v[at - 1].found >= PARTS_NEEDED)
                add_name(g, i, dotted_below(g, stem, dir.n), dir.n);
        }
    }
    arena_free(&r.arena);
}

/* ---- star imports ---- */

enum { STARS_MAX = 256 };

/* Adds the names of a display of strings; false when it is anything else. */
static bool export_display(Graph *g, FileNode *node, PathId value) {
    const Facts *f = node->facts;
    const Path *p = &f->paths[value.i];
    const Op *display = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!display || (display->kind != OP_LIST && display->kind != OP_TUPLE)) return false;
    for (u32 i = 0; i < display->operands; i++) {
        const Path *name = &f->paths[op_operand(f, display, i).i];
        if (name->kind != PATH_LITERAL) return false;
        map_set(g->arena, &node->exports, f->strings[name->id].hash, 1);
    }
    return true;
}

/* The names in a module's `__all__`, when all of it is written out: `=`, `+=` and extend with
 * displays. */
static void find_exports(Graph *g, FileNode *node) {
    const Facts *f = node->facts;
    bool plain = true;
    if (!(node->mentions & MENTIONS_ALL)) return;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND && op->kind != OP_AUGMENT && op->kind != OP_CALL) continue;
        const Path *p = &f->paths[op->subject];
        bool method = op->kind == OP_CALL && p->kind == PATH_ATTR;
        if (method) p = &f->paths[p->parent.i];
        if (p->kind != PATH_SYMBOL || (op->kind == OP_CALL && !method)) continue;
        if (!str_is(facts_str(f, f->symbols[p->id].name), "__all__")) continue;
        node->has_exports = true;
        plain = export_display(g, node, bound_value(f, op)) && plain;
    }
    if (!plain) node->exports = (Map){0}; /* then every name may be meant */
}

/* Nearest first, later imports before earlier ones, each file once: the order in which names are
 * looked up. */
static void follow_stars(Graph *g, u32 file) {
    FileNode *node = &g->files[file];
    find_exports(g, node);
    if (!node->n_star_imports) return;
    VEC(u32) found = {0};
    Map seen = {0};
    map_set(g->arena, &seen, file, 1);
    for (u32 at = 0; at <= found.n && found.n < STARS_MAX; at++) {
        u32 from = at ? found.v[at - 1] : file;
        const FileNode *source = &g->files[from];
        for (u32 i = source->n_star_imports; i-- > 0 && found.n < STARS_MAX;) {
            Str dotted;
            u32 target = module_of_import(g, from, &source->facts->imports[source->star_imports[i]],
                                          &dotted);
            if (target == NO_FILE || map_get(&seen, target)) continue;
            map_set(g->arena, &seen, target, 1);
            vec_push(g->arena, &found, target);
        }
    }
    node->star_files = found.v;
    node->n_star_files = found.n;
}

void stars_follow(Graph *g) {
    for (u32 i = 0; i < g->n_files; i++) follow_stars(g, i);
}
