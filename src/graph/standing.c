/* Files whose code ends soon, or is somebody else's. */
#include "graph/model.h"

/* Folders and files, without a leading underscore. */
static bool is_copy_word(Str word) {
    static const char *const WORDS[] = {"extern",     "externals", "third_party", "third-party",
                                        "thirdparty", "vendor",    "vendored",    "vendors"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(word, WORDS[i])) return true;
    return false;
}

/* ---- folders into which a program has copied the libraries that it uses ---- */

enum { COPIES_MIN = 4 };

static bool is_library_folder(Str word) {
    return str_is(word, "ext") || str_is(word, "lib") || str_is(word, "libs");
}

/* Packages that many programs use and that are published on their own. */
static bool is_known_package(Str name) {
    static const char *const NAMES[] = {
        "apscheduler", "attr",       "babel",      "backports",  "bs4",          "cachetools",
        "certifi",     "cffi",       "chardet",    "cherrypy",   "click",        "colorama",
        "configobj",   "dateutil",   "defusedxml", "dns",        "docutils",     "feedparser",
        "flask",       "future",     "guessit",    "html5lib",   "httplib2",     "idna",
        "jinja2",      "jwt",        "mako",       "markupsafe", "mutagen",      "oauthlib",
        "packaging",   "paho",       "passlib",    "pygments",   "pyparsing",    "pytz",
        "requests",    "simplejson", "six",        "soupsieve",  "sqlalchemy",   "stevedore",
        "tornado",     "tzlocal",    "unidecode",  "urllib3",    "webencodings", "websocket",
        "werkzeug",    "xmltodict",  "yaml",       "zeroconf"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* A file in a library folder, as `lib/requests/__init__.py` or `lib/six.py`: one package more. */
static void count_package(Graph *g, Str path, u32 folder_end, u32 first) {
    Str rest = str_sub(path, first, path.n);
    i64 slash = str_find(rest, '/');
    Str file = slash < 0 ? rest : str_sub(rest, (u32)slash + 1, rest.n);
    Str name =
        slash < 0 ? str_sub(rest, 0, rest.n - MIN(rest.n, 3u)) : str_sub(rest, 0, (u32)slash);
    if ((slash >= 0 && !str_is(file, "__init__.py")) || !is_known_package(name)) return;
    u64 key = hash_str(str_sub(path, 0, folder_end));
    map_set(g->arena, &g->library_folders, key, map_get(&g->library_folders, key) + 1);
}

void library_folders_find(Graph *g) {
    for (u32 i = 0; i < g->n_files; i++) {
        Str path = g->files[i].real_path;
        u32 start = g->common_root;
        for (u32 at = start; at < path.n; at++) {
            if (path.p[at] != '/') continue;
            if (is_library_folder(str_sub(path, start, at))) count_package(g, path, at, at + 1);
            start = at + 1;
        }
    }
}

static bool holds_copies(const Graph *g, Str path, Str word) {
    return is_library_folder(word) && map_get(&g->library_folders, hash_str(path)) >= COPIES_MIN;
}

static bool is_unused_word(Str word) {
    static const char *const WORDS[] = {"attic", "graveyard", "obsolete", "unmaintained", "unused"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(word, WORDS[i])) return true;
    return false;
}

/* Modules that are published as one file, or have left the standard library: in a folder of a
 * project they are copies. */
static bool is_copied_module(Str word) {
    static const char *const NAMES[] = {"appdirs",   "asynchat",    "asyncore",  "feedparser",
                                        "markdown2", "ordereddict", "polib",     "profilehooks",
                                        "six",       "smtpd",       "xmltodict", "zipfile36"};
    return str_is_any(word, NAMES, ARRAY_LEN(NAMES));
}

/* The folder that a project has its code in. */
static bool is_source_folder(Str word) {
    static const char *const NAMES[] = {"Lib", "lib", "python", "src"};
    return str_is_any(word, NAMES, ARRAY_LEN(NAMES));
}

static bool is_tool_folder(Str word) {
    static const char *const WORDS[] = {"bin", "cli", "script", "scripts", "site_scons", "waflib"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(word, WORDS[i])) return true;
    return false;
}

static bool is_tool_file(Str word) {
    static const char *const WORDS[] = {"cli", "debug", "fabfile", "noxfile", "setup"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(word, WORDS[i])) return true;
    return false;
}

/* `commands/` of a bot or `tools/` of a library may be no commands. */
static bool may_be_tools(Str word) {
    static const char *const WORDS[] = {"command", "commands", "management", "tool", "tools"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(word, WORDS[i])) return true;
    return false;
}

static bool reads_arguments(const Graph *g, u32 file) {
    static const char *const MODULES[] = {"argparse", "click", "cyclopts", "django.core.management",
                                          "docopt",   "fire",  "getopt",   "optparse",
                                          "typer"};
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        for (u32 m = 0; m < ARRAY_LEN(MODULES) && !f->imports[i].level; m++)
            if (str_is(module, MODULES[m]) ||
                (str_starts(module, MODULES[m]) && module.p[strlen(MODULES[m])] == '.'))
                return true;
    }
    return false;
}

static Str without_underscores(Str word) {
    while (word.n && word.p[0] == '_') word = str_sub(word, 1, word.n);
    return word;
}

static bool begins_with(Str text, Str start, char next) {
    return text.n >= start.n && str_eq(str_sub(text, 0, start.n), start) &&
           (text.n == start.n || text.p[start.n] == next);
}

/* `app.data.tables` goes through `data`. */
static bool goes_through(Str module, Str folder) {
    for (u32 i = 0; i < module.n; i++)
        if ((!i || module.p[i - 1] == '.') &&
            begins_with(str_sub(module, i, module.n), folder, '.'))
            return true;
    return false;
}

/* No module outside of the folder imports one through it: what lies there is shipped beside the
 * program, to run somewhere else, or has made the data in it. */
static bool is_beside(const Graph *g, u32 file, Str path, Str folder) {
    Str module = g->files[file].module;
    if (!begins_with(module, folder, '.')) return !goes_through(module, folder);
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        if (begins_with(g->files[i].real_path, path, '/')) continue;
        for (u32 k = 1; k < f->n_imports; k++)
            if (!f->imports[k].level &&
                begins_with(facts_str(f, f->imports[k].module), folder, '.'))
                return false;
    }
    return true;
}

/* `is_inside`: below a folder of the project that is more than the place of its code. */
static Standing of_part(const Graph *g, u32 file, Str path, Str part, bool is_file,
                        bool is_inside) {
    Str word = without_underscores(part);
    if (is_file) {
        i64 dot = str_rfind(word, '.');
        Str stem = dot < 0 ? word : str_sub(word, 0, (u32)dot);
        if (is_inside && is_copied_module(stem)) return STANDING_COPY;
        return is_tool_file(stem) ? STANDING_TOOL : STANDING_PROGRAM;
    }
    if (is_copy_word(word) || holds_copies(g, path, part)) return STANDING_COPY;
    if (is_unused_word(word)) return STANDING_UNUSED;
    if (str_is(word, "data") && is_beside(g, file, path, part)) return STANDING_TOOL;
    if (is_tool_folder(word)) return STANDING_TOOL;
    return may_be_tools(word) && reads_arguments(g, file) ? STANDING_TOOL : STANDING_PROGRAM;
}

Standing graph_standing(const Graph *g, u32 file, Str *word) {
    Str path = g->files[file].real_path;
    Standing best = STANDING_PROGRAM;
    u32 start = g->common_root;
    bool is_inside = false;
    for (u32 i = start; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        Str part = str_sub(path, start, i);
        start = i + 1;
        Standing s = of_part(g, file, str_sub(path, 0, i), part, i == path.n, is_inside);
        is_inside |= !is_source_folder(part);
        if (s <= best) continue;
        best = s;
        *word = part;
    }
    return best;
}

/* The length of the path of the folder that all files lie in, with its last '/'. */
void common_root_find(Graph *g) {
    Str first = {0};
    u32 n = 0;
    for (u32 i = 0; i < g->n_files; i++) {
        Str path = g->files[i].real_path;
        if (!path.n) continue; /* standard input */
        if (!first.n) first = path, n = path.n;
        u32 same = 0;
        while (same < n && same < path.n && path.p[same] == first.p[same]) same++;
        n = same;
    }
    while (n && first.p[n - 1] != '/') n--;
    g->common_root = n;
}
