/* Which configuration files there are, and what they come to. */
#include "base/path.h"
#include "config/interpreter.h"
#include "config/keys.h"
#include "os/os.h"
#include "rule/rule.h"

#include <errno.h>
#include <string.h>

enum {
    LARGEST_FILE = 1 << 20,
    EXTENDS_MAX = 32, /* files that extend one another */
};

/* In the order in which they are looked for: the first that is there decides. */
static const char *const NAMES[] = {".limpet.toml", "limpet.toml", "pyproject.toml"};

/* ---- paths ---- */

Str config_shown_path(Arena *arena, Str real) {
    Str cwd = os_cwd(arena);
    Str inside = cwd.n ? path_below(cwd, real) : (Str){0};
    return inside.p ? inside : real;
}

/* The directory that the paths of the command line have in common. */
static Str common_folder(Arena *arena, const Options *typed) {
    Str common = {0};
    for (u32 i = 0; i < typed->words.n; i++) {
        Str word = typed->words.v[i], real;
        if (str_is(word, "-")) word = typed->stdin_filename.n ? typed->stdin_filename : STR(".");
        FileInfo info = {0};
        bool is_there = os_real_path(word.p, arena, &real);
        if (is_there) os_stat(real.p, true, &info);
        if (!is_there) continue;
        Str folder = info.kind == FILE_DIRECTORY ? real : path_folder(arena, real);
        if (!common.n) common = folder;
        while (common.n && !str_eq(common, folder) && !path_below(common, folder).p)
            common = path_folder(arena, common);
    }
    return common.n ? common : os_cwd(arena);
}

/* ---- files ---- */

static bool fail(Config *c, Str problem) {
    vec_push(c->arena, &c->problems, problem);
    return false;
}

#define FAIL(c, ...) fail((c), str_format((c)->arena, __VA_ARGS__))

/* What a file turned out to be. */
typedef enum Found { FOUND_NOTHING, FOUND_TABLE, FOUND_PROBLEM } Found;

static Found read_text(Config *c, Str path, Str shown, bool must_exist, Str *text) {
    FileInfo info = {0};
    int error = os_stat(path.p, true, &info);
    if (!must_exist && info.kind != FILE_REGULAR) return FOUND_NOTHING;
    if (!error) error = os_read_file(path.p, LARGEST_FILE, c->arena, text);
    if (error == ENOENT && !must_exist) return FOUND_NOTHING; /* gone since it was seen */
    if (error == EFBIG)
        FAIL(c, "%.*s: larger than %d bytes", STR_ARG(shown), LARGEST_FILE);
    else if (error)
        FAIL(c, "%.*s: %s", STR_ARG(shown),
             error == EINVAL ? "Not a regular file" : strerror(error));
    if (error) return FOUND_PROBLEM;
    if (str_starts(*text, "\xef\xbb\xbf")) *text = str_sub(*text, 3, text->n);
    return FOUND_TABLE;
}

static bool parse(Config *c, ConfigSource *source, TomlValue **root) {
    Str error;
    u32 at;
    if (toml_parse(c->arena, source->text, root, &error, &at)) return true;
    Str place = source_place(c->arena, source, at);
    return FAIL(c, "%.*s: %.*s", STR_ARG(place), STR_ARG(error));
}

/* [tool.limpet], or NULL. */
static Found find_table(Config *c, ConfigSource *source, TomlValue *root, TomlValue **out) {
    const TomlMember *tool = toml_member(root, "tool");
    const TomlMember *own = tool ? toml_member(tool->value, "limpet") : NULL;
    if (!own) return FOUND_NOTHING;
    *out = own->value;
    if (own->value->kind == TOML_TABLE) return FOUND_TABLE;
    Str place = source_place(c->arena, source, own->at);
    FAIL(c, "%.*s: 'tool.limpet' is a table, not %s", STR_ARG(place),
         toml_kind_text(own->value->kind));
    return FOUND_PROBLEM;
}

/* Reads the file and adds its keys to *out. */
static Found read_file(Config *c, Str path, Str shown, Str folder, bool must_exist,
                       KeyReader *out) {
    ConfigSource *source = arena_new(c->arena, ConfigSource);
    *source = (ConfigSource){.shown = shown, .folder = folder};
    source->is_pyproject = str_is(str_after_last(path, '/'), "pyproject.toml");
    Found found = read_text(c, path, shown, must_exist, &source->text);
    if (found != FOUND_TABLE) return found;
    TomlValue *table;
    if (source->is_pyproject && !must_exist && !str_contains(source->text, "limpet"))
        return FOUND_NOTHING;
    if (!parse(c, source, &table)) return FOUND_PROBLEM;
    if (source->is_pyproject) found = find_table(c, source, table, &table);
    if (found == FOUND_NOTHING && must_exist) {
        FAIL(c, "%.*s: there is no table [tool.limpet]", STR_ARG(shown));
        return FOUND_PROBLEM;
    }
    if (found != FOUND_TABLE) return found;
    *out = (KeyReader){.arena = c->arena, .source = source};
    keys_read(out, table);
    for (u32 i = 0; i < out->problems.n; i++) fail(c, out->problems.v[i]);
    return FOUND_TABLE;
}

/* A file, the one that it extends, and so on. */
typedef struct Chain {
    KeyReader files[EXTENDS_MAX];
    Str real[EXTENDS_MAX];
    u32 n;
} Chain;

/* Reads what the last file of the chain extends. */
static bool extend_chain(Config *c, Chain *chain, Str *shown) {
    const KeyReader *last = &chain->files[chain->n - 1];
    Str folder = path_folder(c->arena, chain->real[chain->n - 1]);
    Str path = path_join(c->arena, folder.n ? folder : last->source->folder, last->extend);
    Str place = source_place(c->arena, last->source, last->extend_at);
    if (!os_real_path(path.p, c->arena, &path))
        return FAIL(c, "%.*s: cannot extend '%.*s': %s", STR_ARG(place), STR_ARG(last->extend),
                    strerror(errno));
    for (u32 i = 0; i < chain->n; i++)
        if (str_eq(chain->real[i], path))
            return FAIL(c, "%.*s: '%.*s' extends itself", STR_ARG(place), STR_ARG(last->extend));
    if (chain->n == EXTENDS_MAX)
        return FAIL(c, "%.*s: more than %d files extend one another", STR_ARG(place), EXTENDS_MAX);
    *shown = config_shown_path(c->arena, path);
    chain->real[chain->n] = path;
    KeyReader *next = &chain->files[chain->n++];
    return read_file(c, path, *shown, path_folder(c->arena, path), true, next) == FOUND_TABLE;
}

/* The file and those that it extends become layers, the last of them the weakest. */
static bool read_chain(Config *c, KeyReader first, StrList *files, GivenList *given, u32 *layers) {
    Chain *chain = arena_new(c->arena, Chain);
    bool ok = !first.problems.n;
    chain->files[chain->n++] = first;
    os_real_path(files->v[0].p, c->arena, &chain->real[0]);
    while (chain->files[chain->n - 1].extend.n) {
        Str shown;
        if (!extend_chain(c, chain, &shown)) return false;
        ok &= !chain->files[chain->n - 1].problems.n;
        vec_push(c->arena, files, shown);
    }
    while (chain->n--) {
        const KeyReader *file = &chain->files[chain->n];
        ++*layers;
        for (u32 i = 0; i < file->given.n; i++) {
            vec_push(c->arena, given, file->given.v[i]);
            given->v[given->n - 1].layer = *layers;
        }
    }
    return ok;
}

/* The configuration file of one directory. */
static Found read_folder(Config *c, Str folder, KeyReader *out, Str *shown) {
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) {
        FileInfo info;
        Str path = path_join(c->arena, folder, str_from(NAMES[i]));
        if (os_stat(path.p, true, &info) || info.kind != FILE_REGULAR) continue;
        *shown = config_shown_path(c->arena, path);
        Found found = read_file(c, path, *shown, folder, false, out);
        if (found != FOUND_NOTHING) return found;
    }
    return FOUND_NOTHING;
}

/* ---- requires-python ---- */

static bool find_requires(Config *c, Str folder, GivenList *given) {
    for (; folder.n; folder = path_folder(c->arena, folder)) {
        ConfigSource source = {.folder = folder};
        Str path = path_join(c->arena, folder, STR("pyproject.toml")), error;
        source.shown = config_shown_path(c->arena, path);
        TomlValue *root;
        Found found = read_text(c, path, source.shown, false, &source.text);
        if (found == FOUND_PROBLEM) return false;
        if (!found || !str_contains(source.text, "requires-python")) continue;
        if (!parse(c, &source, &root)) return false;
        const TomlMember *project = toml_member(root, "project");
        const TomlMember *m = project ? toml_member(project->value, "requires-python") : NULL;
        if (!m) continue;
        Str place = source_place(c->arena, &source, m->value->at);
        if (m->value->kind != TOML_STRING)
            return FAIL(c, "%.*s: 'requires-python' is a string, not %s", STR_ARG(place),
                        toml_kind_text(m->value->kind));
        if (!str_trim(m->value->text).n) return true; /* any version */
        Given fallback = {.row = option_of_key(STR("target-version"))};
        Given free_threaded = {.row = option_of_key(STR("free-threaded"))};
        Str origin = source_origin(c->arena, &source, m->at);
        fallback.origin = str_format(c->arena, "requires-python in %.*s", STR_ARG(origin));
        free_threaded.origin = fallback.origin;
        fallback.value.number =
            requires_python(c->arena, m->value->text, &free_threaded.value.flag, &error);
        if (free_threaded.value.flag) vec_push(c->arena, given, free_threaded);
        if (!fallback.value.number)
            return FAIL(c, "%.*s: 'requires-python': %.*s", STR_ARG(place), STR_ARG(error));
        vec_push(c->arena, given, fallback);
        return true;
    }
    return true;
}

/* ---- the Python of the project's scripts ---- */

static bool holds_any(Str folder, const char *const *names, u32 n) {
    Arena arena = {0};
    FileInfo info;
    bool found = false;
    for (u32 i = 0; i < n && !found; i++)
        found = os_stat(path_join(&arena, folder, str_from(names[i])).p, true, &info) == 0;
    arena_free(&arena);
    return found;
}

/* The directory of the project: the top of its repository, or else what holds its metadata. */
static Str project_top(Config *c, Str folder) {
    static const char *const TOPS[] = {".git"};
    static const char *const METADATA[] = {"pyproject.toml", "setup.py", "setup.cfg", "limpet.toml",
                                           ".limpet.toml"};
    for (Str at = folder; at.n; at = path_folder(c->arena, at))
        if (holds_any(at, TOPS, ARRAY_LEN(TOPS))) return at;
    for (Str at = folder; at.n; at = path_folder(c->arena, at))
        if (holds_any(at, METADATA, ARRAY_LEN(METADATA))) return at;
    return folder;
}

/* The nearest directory whose scripts say how they are run decides. What they do both ways has to
 * be right with the GIL. */
static void find_interpreter(Config *c, Str folder, GivenList *given) {
    Str top = project_top(c, folder);
    for (; folder.n; folder = path_folder(c->arena, folder)) {
        GilClaims claims = {.arena = c->arena};
        interpreter_read(&claims, folder);
        if (claims.without.n && claims.with.n)
            vec_push(c->arena, &c->notes,
                     str_format(c->arena, "%.*s, but %.*s: the GIL is taken to be there",
                                STR_ARG(claims.without), STR_ARG(claims.with)));
        if (claims.without.n && !claims.with.n) {
            Given found = {.row = option_of_key(STR("free-threaded")), .origin = claims.without};
            found.value.flag = true;
            vec_push(c->arena, &c->notes,
                     str_format(c->arena, "%.*s: the code is taken to run without the GIL",
                                STR_ARG(claims.without)));
            vec_push(c->arena, given, found);
        }
        if (claims.without.n || claims.with.n || str_eq(folder, top)) return;
    }
}

/* ---- the command line ---- */

static bool is_file(Str word) {
    FileInfo info;
    return os_stat(word.p, true, &info) == 0;
}

/* --config: the file, if one is named, and the assignments as one layer. */
static bool read_typed(Config *c, Str *file, GivenList *given) {
    bool ok = true;
    for (u32 i = 0; i < c->typed->config.n; i++) {
        Str word = c->typed->config.v[i];
        bool is_assignment = !is_file(word) && str_find(word, '=') >= 0;
        if (!is_assignment && c->typed->isolated)
            return FAIL(c, "--config '%.*s': --isolated reads no configuration file",
                        STR_ARG(word));
        if (!is_assignment && file->n)
            return FAIL(c, "--config '%.*s': there is one configuration file, '%.*s'",
                        STR_ARG(word), STR_ARG(*file));
        if (!is_assignment) {
            *file = word;
            continue;
        }
        ConfigSource source = {
            .shown = str_format(c->arena, "--config '%.*s'", STR_ARG(word)),
            .folder = os_cwd(c->arena),
            .text = word,
            .is_typed = true,
        };
        KeyReader r = {.arena = c->arena, .source = &source};
        TomlValue *table;
        if (!parse(c, &source, &table)) return false;
        keys_read(&r, table);
        if (r.extend.n)
            ok = FAIL(c, "%.*s: 'extend' is for configuration files", STR_ARG(source.shown));
        ok &= !r.problems.n;
        for (u32 k = 0; k < r.problems.n; k++) fail(c, r.problems.v[k]);
        for (u32 k = 0; k < r.given.n; k++) vec_push(c->arena, given, r.given.v[k]);
    }
    return ok;
}

/* Where the search for the project's configuration begins; empty after a problem, or when the
 * working directory was deleted. */
static Str project_folder(Config *c) {
    Str given = c->typed->project, real;
    FileInfo info;
    if (!given.n) return common_folder(c->arena, c->typed);
    int error = os_stat(given.p, true, &info);
    if (!error && info.kind != FILE_DIRECTORY) error = ENOTDIR;
    if (!error && !os_real_path(given.p, c->arena, &real)) error = errno;
    if (!error) return real;
    FAIL(c, "--project '%.*s': %s", STR_ARG(given), strerror(error));
    return (Str){0};
}

/* ---- all together ---- */

static void end_layer(Arena *arena, Options *o) {
    CodeLayer layer = {o->select, o->extend_select, o->ignore};
    if (layer.select.n || layer.extend_select.n || layer.ignore.n)
        vec_push(arena, &o->layers, layer);
    o->select = o->extend_select = o->ignore = (StrList){0};
}

static bool is_first_of_layer(const GivenList *given, u32 i) {
    u32 k = i;
    while (k && given->v[k - 1].layer == given->v[i].layer)
        if (given->v[--k].row == given->v[i].row) return false;
    return true;
}

/* What the given options come to. */
static Options fold(Config *c, const GivenList *given) {
    const Options defaults = options_default();
    Options o = *c->typed;
    u32 n, layer = 0;
    const OptionRow *rows = options_all(&n);
    for (u32 i = 0; i < n; i++)
        if (rows[i].key != NO_KEY) value_reset(&rows[i], &defaults, &o);
    memset(&o.layers, 0, sizeof o.layers);
    memset(&o.given, 0, sizeof o.given);
    for (u32 i = 0; i < given->n; i++) {
        const Given *g = &given->v[i];
        if (g->row->key == NO_KEY) continue;
        if (g->layer != layer) end_layer(c->arena, &o);
        layer = g->layer;
        bool is_list = g->row->kind == OPTION_CODES || option_extends(g->row);
        if (!is_list && is_first_of_layer(given, i)) value_reset(g->row, &defaults, &o);
        value_store(c->arena, g->row, &g->value, &o);
        vec_push(c->arena, &o.given, *g);
    }
    return o;
}

/* Puts the assignments and options of the command line over what files say. */
static Options fold_with_typed(Config *c, GivenList *given, u32 layers) {
    for (u32 i = 0; i < c->assigned.n; i++) {
        c->assigned.v[i].layer = layers + 1;
        vec_push(c->arena, given, c->assigned.v[i]);
    }
    for (u32 i = 0; i < c->typed->given.n; i++) {
        vec_push(c->arena, given, c->typed->given.v[i]);
        given->v[given->n - 1].layer = layers + 2;
    }
    return fold(c, given);
}

/* Is the option given by anybody? */
static bool is_said(const Config *c, const GivenList *given, Str key) {
    const OptionRow *row = option_of_key(key);
    const GivenList *lists[] = {given, &c->assigned, &c->typed->given};
    for (u32 k = 0; k < ARRAY_LEN(lists); k++)
        for (u32 i = 0; i < lists[k]->n; i++)
            if (lists[k]->v[i].row == row) return true;
    return false;
}

/* The project's file: the one that was named, or the nearest. */
static Found find_project(Config *c, Str named, Str folder, KeyReader *out, Str *shown) {
    if (named.n) {
        c->is_fixed = true;
        *shown = named;
        return read_file(c, named, named, os_cwd(c->arena), true, out);
    }
    for (; folder.n; folder = path_folder(c->arena, folder)) {
        Found found = read_folder(c, folder, out, shown);
        if (found == FOUND_NOTHING) continue;
        c->root = folder;
        return found;
    }
    return FOUND_NOTHING;
}

bool config_load(Config *c, Arena *arena, const Options *typed) {
    *c = (Config){.arena = arena, .typed = typed, .is_fixed = typed->isolated};
    GivenList given = {0};
    KeyReader first = {0};
    Str named = {0}, shown = {0}, folder = project_folder(c);
    c->folder = folder;
    u32 layers = 0;
    bool ok = read_typed(c, &named, &c->assigned) && (folder.n || !typed->project.n);
    Found found =
        ok && !typed->isolated ? find_project(c, named, folder, &first, &shown) : FOUND_NOTHING;
    ok &= found != FOUND_PROBLEM;
    if (found == FOUND_TABLE) {
        vec_push(arena, &c->files, shown);
        ok = read_chain(c, first, &c->files, &given, &layers) && ok;
    }
    if (ok && !typed->isolated && !is_said(c, &given, STR("target-version")))
        ok = find_requires(c, c->root.n ? c->root : folder, &given);
    if (ok && !typed->isolated && !is_said(c, &given, STR("free-threaded")))
        find_interpreter(c, folder, &given);
    /* what is found last is the weakest */
    GivenList all = {0};
    for (u32 i = 0; i < given.n; i++)
        if (given.v[i].layer == 0) vec_push(arena, &all, given.v[i]);
    for (u32 i = 0; i < given.n; i++)
        if (given.v[i].layer != 0) vec_push(arena, &all, given.v[i]);
    c->options = fold_with_typed(c, &all, layers);
    return ok;
}

/* ---- directories inside of the project ---- */

/* What holds for a whole run is not looked for here. */
static void note_unheeded(Config *c, const GivenList *given) {
    for (u32 i = 0; i < given->n; i++) {
        const OptionRow *row = given->v[i].row;
        bool is_heeded = row->kind == OPTION_CODES || row->kind == OPTION_PATTERN_CODES ||
                         row->kind == OPTION_EXTEND || str_is(option_key(row), "min-confidence");
        if (is_heeded) continue;
        vec_push(c->arena, &c->notes,
                 str_format(c->arena, "%.*s: '%s' counts only when this directory is checked alone",
                            STR_ARG(given->v[i].origin), option_key(row).p));
    }
}

static const Options *read_inner(Config *c, KeyReader first, Str shown) {
    GivenList given = {0};
    StrList files = {0};
    u32 layers = 0;
    vec_push(c->arena, &files, shown);
    Options *o = arena_new(c->arena, Options);
    read_chain(c, first, &files, &given, &layers);
    note_unheeded(c, &given);
    *o = fold_with_typed(c, &given, layers);
    return o;
}

static u32 folder_id(Config *c, Str folder) {
    u32 id = intern(c->arena, &c->folders, folder, true);
    while (c->options_of.n <= id) vec_push(c->arena, &c->options_of, NULL);
    return id;
}

const Options *config_of_file(Config *c, Str real_path) {
    if (c->is_fixed) return &c->options;
    const Options *found = NULL;
    Str first = path_folder(c->arena, real_path), folder = first;
    for (; folder.n && !found; folder = path_folder(c->arena, folder)) {
        u32 id = folder_id(c, folder);
        found = c->options_of.v[id];
        if (found) break;
        KeyReader reader;
        Str shown;
        if (str_eq(folder, c->root))
            found = &c->options;
        else if (read_folder(c, folder, &reader, &shown) == FOUND_TABLE)
            found = read_inner(c, reader, shown);
        if (found) break;
    }
    if (!found) found = &c->options;
    for (Str at = first; at.n; at = path_folder(c->arena, at)) {
        u32 id = folder_id(c, at);
        if (c->options_of.v[id]) break;
        c->options_of.v[id] = found;
        if (str_eq(at, folder)) break;
    }
    return found;
}
