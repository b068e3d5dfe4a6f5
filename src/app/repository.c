#include "app/repository.h"

#include "os/os.h"

/* No ignore or configuration file is larger; a larger one is a mistake. */
enum { LARGEST_FILE = 16 * 1024 * 1024 };

static Str read_text(Arena *arena, Str path) {
    Str text;
    return path.n && os_read_file(path.p, LARGEST_FILE, arena, &text) == 0 ? text : (Str){0};
}

static Str join(Arena *arena, Str folder, const char *name) {
    return str_format(arena, "%.*s/%s", STR_ARG(folder), name);
}

bool repository_is_top(const char *directory) {
    Arena arena = {0};
    FileInfo info;
    os_stat(join(&arena, str_from(directory), ".git").p, true, &info);
    arena_free(&arena);
    return info.kind == FILE_DIRECTORY || info.kind == FILE_REGULAR;
}

/* `path` from `folder`, unless it is absolute. */
static Str resolve(Arena *arena, Str folder, Str path) {
    if (str_starts(path, "/")) return str_copy(arena, path);
    return str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(path));
}

/* The directory with info/exclude and config. In a linked work tree or a submodule `.git` is a file
 * that names the git directory (gitrepository-layout(5)); `commondir` there names the one that is
 * shared. */
static Str common_directory(Arena *arena, Str top) {
    Str directory = join(arena, top, ".git");
    FileInfo info;
    os_stat(directory.p, true, &info);
    if (info.kind == FILE_REGULAR) {
        Str text = str_trim(read_text(arena, directory));
        if (!str_starts(text, "gitdir:")) return directory;
        directory = resolve(arena, top, str_trim(str_sub(text, 7, text.n)));
    }
    Str common = str_trim(read_text(arena, join(arena, directory, "commondir")));
    return common.n ? resolve(arena, directory, common) : directory;
}

/* ---- git's configuration, as far as one value needs it: git-config(1), "Syntax" ---- */

/* Reads the value at `*at`: quotes, escapes, comments, lines continued by a backslash. */
static Str read_value(Arena *arena, Str text, u32 *at) {
    Buf value = {.arena = arena};
    u32 kept = 0; /* length without spaces at the end that are not quoted */
    bool quoted = false;
    for (; *at < text.n && text.p[*at] != '\n'; (*at)++) {
        char c = text.p[*at];
        if (c == '"') {
            quoted = !quoted;
            kept = value.n;
            continue;
        }
        if (!quoted && (c == '#' || c == ';')) {
            while (*at < text.n && text.p[*at] != '\n') (*at)++;
            break;
        }
        bool is_space = c == ' ' || c == '\t' || c == '\r';
        if (is_space && !quoted && value.n == 0) continue;
        if (c == '\\' && *at + 1 < text.n) {
            c = text.p[++*at];
            if (c == '\n') continue;
            if (c == 'n') c = '\n';
            if (c == 't') c = '\t';
            is_space = false;
        }
        buf_char(&value, c);
        if (!is_space || quoted) kept = value.n;
    }
    return str_sub(buf_get(&value), 0, kept);
}

static bool is_word(Str text, const char *lower) {
    u32 i = 0;
    for (; i < text.n && lower[i]; i++) {
        char c = text.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c != lower[i]) return false;
    }
    return i == text.n && !lower[i];
}

/* The last core.excludesFile of a configuration file; p is NULL when there is none. Files that it
 * includes are not read. */
static Str excludes_setting(Arena *arena, Str path) {
    Str text = read_text(arena, path), found = {0};
    bool in_core = false;
    for (u32 at = 0; at < text.n; at++) {
        char c = text.p[at];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        u32 begin = at;
        if (c == '[') {
            while (at < text.n && text.p[at] != ']' && text.p[at] != '\n') at++;
            in_core = is_word(str_trim(str_sub(text, begin + 1, at)), "core");
            continue;
        }
        while (at < text.n && text.p[at] != '=' && text.p[at] != '\n') at++;
        if (c == '#' || c == ';' || at >= text.n || text.p[at] == '\n') {
            while (at < text.n && text.p[at] != '\n') at++;
            continue;
        }
        Str key = str_trim(str_sub(text, begin, at));
        at++;
        Str value = read_value(arena, text, &at);
        if (in_core && is_word(key, "excludesfile")) found = value.p ? value : STR("");
    }
    return found;
}

/* $XDG_CONFIG_HOME/git/NAME, by default ~/.config/git/NAME. */
static Str user_file(Arena *arena, const char *name) {
    Str base = os_env("XDG_CONFIG_HOME"), home = os_env("HOME");
    if (base.n) return str_format(arena, "%s/git/%s", base.p, name);
    return home.n ? str_format(arena, "%s/.config/git/%s", home.p, name) : (Str){0};
}

/* Path of the user's ignore file: the last configuration file that names one decides. */
static Str user_excludes(Arena *arena, Str top, Str common) {
    Str home = os_env("HOME"), system = os_env("GIT_CONFIG_SYSTEM");
    Str global = os_env("GIT_CONFIG_GLOBAL"), none = os_env("GIT_CONFIG_NOSYSTEM");
    bool skip_system = none.n && !str_is(none, "0") && !str_is(none, "false");
    Str files[4] = {skip_system ? (Str){0} : system.p ? system : STR("/etc/gitconfig")};
    if (global.p) {
        files[1] = global;
    } else {
        files[1] = user_file(arena, "config");
        if (home.n) files[2] = join(arena, home, ".gitconfig");
    }
    files[3] = join(arena, common, "config");
    Str path = {0};
    for (u32 i = 0; i < ARRAY_LEN(files); i++) {
        Str setting = excludes_setting(arena, files[i]);
        if (setting.p) path = setting;
    }
    if (!path.p) return user_file(arena, "ignore");
    if (str_starts(path, "~/") && home.n) return join(arena, home, str_copy(arena, path).p + 2);
    return path.n ? resolve(arena, top, path) : path;
}

const Repository *repository_open(Arena *arena, Str top, bool with_user) {
    Repository *repository = arena_new(arena, Repository);
    Str common = common_directory(arena, top);
    repository->top = top;
    repository->exclude =
        ignore_parse(arena, read_text(arena, join(arena, common, "info/exclude")));
    if (with_user)
        repository->user = ignore_parse(arena, read_text(arena, user_excludes(arena, top, common)));
    return repository;
}
