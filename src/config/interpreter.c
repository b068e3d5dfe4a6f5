/* The places where projects say how they are started, and the shapes of what stands there. */
#include "config/interpreter.h"

#include "base/path.h"
#include "config/config.h"
#include "config/toml.h"
#include "os/os.h"

enum {
    BYTES_MAX = 256 * 1024, /* of a file: what comes after them says nothing */
    HEAD_MAX = 256,         /* of a file whose first line alone counts */
    FILES_MAX = 200,
    FOLDERS_MAX = 50,
    DEPTH_MAX = 2, /* deploy/web/unit/ */
    KEYS_MAX = 32, /* YAML inside of YAML */
};

/* ---- lines ---- */

typedef struct Lines {
    GilClaims *claims;
    Arena *arena;
    Str text;
    u32 n; /* read so far */
} Lines;

static Str take_line(Lines *l) {
    i64 end = str_find(l->text, '\n');
    Str line = end < 0 ? l->text : str_sub(l->text, 0, (u32)end);
    l->text = end < 0 ? (Str){0} : str_sub(l->text, (u32)end + 1, l->text.n);
    l->n++;
    if (str_ends(line, "\r")) line.n--;
    return line;
}

/* The next line with those that it is continued on, or false at the end. */
static bool lines_next(Lines *l, Str *line) {
    if (!l->text.n) return false;
    l->claims->line = l->n + 1;
    *line = take_line(l);
    if (!str_ends(*line, "\\")) return true;
    Buf joined = {.arena = l->arena};
    bool goes_on = true;
    for (Str part = *line; goes_on; part = take_line(l)) {
        bool is_between = joined.n && str_starts(str_trim(part), "#"); /* in a Dockerfile */
        goes_on = (is_between || str_ends(part, "\\")) && l->text.n;
        if (str_ends(part, "\\")) part.n--;
        if (!is_between) buf_str(&joined, part);
        buf_char(&joined, ' ');
        if (!goes_on) break;
    }
    *line = buf_get(&joined);
    return true;
}

static bool is_comment(Str line) {
    Str s = str_trim(line);
    return !s.n || s.p[0] == '#' || s.p[0] == ';';
}

/* A list of words in brackets, or a line of shell. */
static void read_start(GilClaims *c, Str line) {
    line = str_trim(line);
    if (str_starts(line, "["))
        command_read_list(c, line);
    else
        command_read(c, line);
}

static void read_shell(Lines *l) {
    Str line;
    while (lines_next(l, &line)) command_read(l->claims, line);
}

/* ---- Dockerfile ---- */

/* The first word and what follows it. */
static Str take_first(Str *line) {
    Str s = str_trim(*line);
    u32 i = 0;
    while (i < s.n && s.p[i] != ' ' && s.p[i] != '\t') i++;
    *line = str_trim(str_sub(s, i, s.n));
    return str_sub(s, 0, i);
}

static bool is_instruction(Str word, const char *upper) {
    if (word.n != strlen(upper)) return false;
    for (u32 i = 0; i < word.n; i++)
        if ((word.p[i] & ~0x20) != upper[i]) return false;
    return true;
}

/* FROM --platform=… python:3.14t-slim AS web; is the stage one that runs? */
static bool read_from(GilClaims *c, Str rest) {
    Str image = take_first(&rest);
    while (str_starts(image, "--")) image = take_first(&rest);
    take_first(&rest); /* AS */
    bool runs = !command_is_trial(rest);
    if (runs) command_image(c, image);
    return runs;
}

/* ENV NAME=value …, ENV NAME value */
static void read_env(GilClaims *c, Str rest) {
    Str more = rest, name = take_first(&more);
    if (str_find(name, '=') >= 0)
        command_read(c, str_format(c->arena, "export %.*s", STR_ARG(rest)));
    else
        command_variable(c, name, more);
}

static void read_dockerfile(Lines *l) {
    bool runs = true;
    Str line;
    while (lines_next(l, &line)) {
        Str rest = line, word = take_first(&rest);
        if (is_instruction(word, "FROM")) runs = read_from(l->claims, rest);
        if (!runs) continue;
        if (is_instruction(word, "ENV")) read_env(l->claims, rest);
        if (is_instruction(word, "CMD") || is_instruction(word, "ENTRYPOINT"))
            read_start(l->claims, rest);
    }
}

/* ---- make, Procfile, variables, units ---- */

/* `export NAME ?= value` as NAME=value; false for another line. */
static bool take_make_variable(GilClaims *c, Str line) {
    Str rest = line, name = take_first(&rest);
    if (str_is(name, "export") || str_is(name, "override")) name = take_first(&rest);
    i64 equal = str_find(name, '=');
    if (equal > 0) {
        rest = str_sub(name, (u32)equal + 1, name.n);
        name = str_sub(name, 0, (u32)equal);
    } else {
        Str sign = take_first(&rest);
        if (!str_ends(sign, "=")) return false;
    }
    while (name.n && strchr(":?+", name.p[name.n - 1])) name.n--;
    i64 comment = str_find(rest, '#');
    command_variable(c, name, str_trim(comment < 0 ? rest : str_sub(rest, 0, (u32)comment)));
    return true;
}

/* A recipe of `make` or `just`; those of targets such as `test` do not run the program. */
static void read_make(Lines *l) {
    bool runs = true;
    Str line;
    while (lines_next(l, &line)) {
        if (is_comment(line)) continue;
        if (line.p[0] == '\t' || line.p[0] == ' ') {
            Str recipe = str_trim(line);
            while (recipe.n && strchr("@-+", recipe.p[0])) recipe = str_sub(recipe, 1, recipe.n);
            if (runs) command_read(l->claims, recipe);
            continue;
        }
        i64 colon = str_find(line, ':');
        bool is_target = colon >= 0 && ((u32)colon + 1 == line.n || line.p[colon + 1] != '=');
        if (!is_target && take_make_variable(l->claims, line)) continue;
        if (!is_target) continue;
        runs = !command_is_trial(str_sub(line, 0, (u32)colon));
        Str rest = str_trim(str_sub(line, (u32)colon + 1, line.n));
        if (runs && str_find(rest, '=') >= 0) take_make_variable(l->claims, rest);
    }
}

/* web: PYTHON_GIL=0 python app.py */
static void read_procfile(Lines *l) {
    Str line;
    while (lines_next(l, &line)) {
        i64 colon = str_find(line, ':');
        if (is_comment(line) || colon < 0 || command_is_trial(str_sub(line, 0, (u32)colon)))
            continue;
        command_read(l->claims, str_sub(line, (u32)colon + 1, line.n));
    }
}

/* Environment="PYTHON_GIL=0" …, ExecStart=-/usr/bin/python3.14t … */
static void read_unit(Lines *l) {
    Str line;
    while (lines_next(l, &line)) {
        Str s = str_trim(line);
        i64 equal = str_find(s, '=');
        if (is_comment(s) || equal < 0) continue;
        Str value = str_trim(str_sub(s, (u32)equal + 1, s.n));
        Str key = str_trim(str_sub(s, 0, (u32)equal));
        while (str_is(key, "ExecStart") && value.n && strchr("-@:+!", value.p[0]))
            value = str_sub(value, 1, value.n);
        if (str_is(key, "Environment"))
            command_read(l->claims, str_format(l->arena, "export %.*s", STR_ARG(value)));
        if (str_is(key, "ExecStart")) command_read(l->claims, value);
    }
}

/* ---- versions ---- */

/* `.python-version`: the first line that is none of comment names the interpreter. */
static void read_version(Lines *l) {
    Str line;
    while (lines_next(l, &line)) {
        if (is_comment(line)) continue;
        command_version(l->claims, take_first(&line));
        return;
    }
}

/* `.tool-versions`: python 3.14.0t */
static void read_tool_versions(Lines *l) {
    Str line;
    while (lines_next(l, &line))
        if (str_is(take_first(&line), "python")) command_version(l->claims, take_first(&line));
}

/* #!/usr/bin/env -S python3 -X gil=0 */
static void read_head(Lines *l) {
    Str line, rest;
    if (!str_starts(l->text, "#!") || !lines_next(l, &line)) return;
    rest = str_sub(line, 2, line.n);
    bool is_python = str_contains(line, "python");
    if (is_python)
        command_read(l->claims, str_format(l->arena, "exec %.*s script", STR_ARG(rest)));
    else if (str_ends(str_trim(line), "sh"))
        read_shell(l);
}

/* ---- YAML ---- */

/* As much of YAML as compose files and manifests use: which keys a line stands below. */
typedef struct Yaml {
    Lines *lines;
    struct {
        u32 indent;
        Str key;
    } keys[KEYS_MAX];
    u32 n;
    bool names_gil; /* - name: PYTHON_GIL */
    Buf command;    /* the words of a list below `command` */
    u32 command_line;
} Yaml;

static Str unquoted(Str s) {
    s = str_trim(s);
    bool is_quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return is_quoted ? str_sub(s, 1, s.n - 1) : s;
}

static Str without_comment(Str s) {
    char quote = 0;
    for (u32 i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quote ? c == quote : c == '"' || c == '\'') quote = quote ? 0 : c;
        if (c == '#' && !quote && (!i || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
            return str_sub(s, 0, i);
    }
    return s;
}

/* The key before a colon, and *rest behind it; an empty Str for another line. */
static Str take_key(Str s, Str *rest) {
    for (u32 i = 0; i < s.n && s.p[i] != '[' && s.p[i] != '{'; i++) {
        if (s.p[i] != ':' || (i + 1 < s.n && s.p[i + 1] != ' ')) continue;
        *rest = str_trim(str_sub(s, i + 1, s.n));
        return unquoted(str_sub(s, 0, i));
    }
    return (Str){0};
}

static bool is_start_key(Str key) {
    static const char *const KEYS[] = {"command", "entrypoint", "args"};
    return str_is_any(key, KEYS, ARRAY_LEN(KEYS));
}

static void end_command(Yaml *y) {
    GilClaims *c = y->lines->claims;
    u32 line = c->line;
    if (!y->command.n) return;
    c->line = y->command_line;
    command_read_list(c, buf_get(&y->command));
    c->line = line;
    y->command.n = 0;
}

static bool is_below_trial(const Yaml *y) {
    for (u32 i = 0; i < y->n; i++)
        if (command_is_trial(y->keys[i].key)) return true;
    return false;
}

static void read_item(Yaml *y, Str item, bool is_dashed) {
    GilClaims *c = y->lines->claims;
    Str parent = y->n ? y->keys[y->n - 1].key : (Str){0};
    if (is_start_key(parent) && is_dashed) {
        if (!y->command.n) y->command_line = c->line;
        buf_printf(&y->command, "%.*s,", STR_ARG(item));
    } else if (is_start_key(parent)) {
        command_read(c, unquoted(item));
    } else if (str_is(parent, "environment")) {
        Str text = unquoted(item);
        i64 equal = str_find(text, '=');
        if (equal > 0)
            command_variable(c, str_sub(text, 0, (u32)equal),
                             str_sub(text, (u32)equal + 1, text.n));
    }
}

static void read_pair(Yaml *y, Str key, Str value) {
    GilClaims *c = y->lines->claims;
    Str text = unquoted(value);
    if (str_is(key, "name")) y->names_gil = str_is(text, "PYTHON_GIL");
    if (str_is(key, "value") && y->names_gil) command_variable(c, STR("PYTHON_GIL"), text);
    if (str_is(key, "image")) command_image(c, text);
    bool is_variable = str_is(key, "PYTHON_GIL") || str_is(key, "UV_PYTHON");
    if (is_variable) command_variable(c, key, text);
    if (is_start_key(key)) read_start(c, text);
}

static void read_yaml_line(Yaml *y, Str line) {
    Str text = str_trim(without_comment(line)), rest;
    u32 indent = 0;
    bool is_dashed = false;
    if (!text.n) return;
    while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t')) indent++;
    while (str_starts(text, "- ")) { /* an item stands below the key of the same indent */
        is_dashed = true;
        text = str_trim(str_sub(text, 2, text.n));
        indent += 2;
    }
    while (y->n && y->keys[y->n - 1].indent >= indent) {
        end_command(y);
        y->n--;
    }
    if (is_below_trial(y)) return;
    Str key = take_key(text, &rest);
    if (!key.n) {
        read_item(y, text, is_dashed);
        return;
    }
    if (!command_is_trial(key)) read_pair(y, key, rest);
    if (y->n == KEYS_MAX) return;
    y->keys[y->n].indent = indent;
    y->keys[y->n++].key = key;
}

static void read_yaml(Lines *l) {
    Yaml *y = arena_new(l->arena, Yaml);
    y->lines = l;
    y->command.arena = l->arena;
    Str line;
    while (lines_next(l, &line)) read_yaml_line(y, line);
    end_command(y);
}

/* ---- pyproject.toml ---- */

static bool is_scope(Str key) {
    static const char *const KEYS[] = {"tasks", "scripts", "env", "env-vars", "activation"};
    return str_is_any(key, KEYS, ARRAY_LEN(KEYS));
}

static void read_task(Lines *l, const TomlMember *m, bool is_inside) {
    static const char *const PROSE[] = {"help", "description"};
    u32 column;
    if (m->value->kind != TOML_STRING || str_is_any(m->key, PROSE, ARRAY_LEN(PROSE))) return;
    toml_position(l->text, m->at, &l->claims->line, &column);
    if (str_is(m->key, "python"))
        command_version(l->claims, m->value->text);
    else if (is_inside && str_is(m->key, "PYTHON_GIL"))
        command_variable(l->claims, m->key, m->value->text);
    else if (is_inside)
        command_read(l->claims, m->value->text);
}

/* Tasks of the tools that run them; the depth is that of the text. */
static void read_tasks(Lines *l, const TomlValue *table, bool is_inside) {
    for (u32 i = 0; i < table->members.n; i++) {
        const TomlMember *m = &table->members.v[i];
        if (command_is_trial(m->key)) continue;
        if (m->value->kind == TOML_TABLE)
            read_tasks(l, m->value, is_inside || is_scope(m->key));
        else
            read_task(l, m, is_inside);
    }
}

static void read_pyproject(Lines *l) {
    static const char *const TOOLS[] = {"poe", "pdm", "taskipy", "pixi", "hatch", "rye"};
    TomlValue *root;
    Str error;
    u32 at;
    if (!str_contains(l->text, "[tool.") || !toml_parse(l->arena, l->text, &root, &error, &at))
        return;
    const TomlMember *tool = toml_member(root, "tool");
    for (u32 i = 0; tool && i < ARRAY_LEN(TOOLS); i++) {
        const TomlMember *own = toml_member(tool->value, TOOLS[i]);
        if (own && own->value->kind == TOML_TABLE) read_tasks(l, own->value, false);
    }
}

/* ---- places ---- */

enum { AT_TOP = 1, IN_FOLDERS = 2, ANYWHERE = AT_TOP | IN_FOLDERS };

typedef struct Kind {
    const char *prefix, *suffix;
    u32 where;
    void (*read)(Lines *l);
    u32 bytes;
} Kind;

static const Kind KINDS[] = {
    {"Dockerfile", "", ANYWHERE, read_dockerfile, BYTES_MAX},
    {"Containerfile", "", ANYWHERE, read_dockerfile, BYTES_MAX},
    {"", ".Dockerfile", ANYWHERE, read_dockerfile, BYTES_MAX},
    {"", ".dockerfile", ANYWHERE, read_dockerfile, BYTES_MAX},
    {"", ".sh", ANYWHERE, read_shell, BYTES_MAX},
    {"", ".bash", ANYWHERE, read_shell, BYTES_MAX},
    {"Procfile", "", ANYWHERE, read_procfile, BYTES_MAX},
    {"Makefile", "", ANYWHERE, read_make, BYTES_MAX},
    {"makefile", "", ANYWHERE, read_make, BYTES_MAX},
    {"GNUmakefile", "", ANYWHERE, read_make, BYTES_MAX},
    {"justfile", "", ANYWHERE, read_make, BYTES_MAX},
    {".env", "", ANYWHERE, read_shell, BYTES_MAX},
    {"", ".env", ANYWHERE, read_shell, BYTES_MAX},
    {"docker-compose", ".yml", ANYWHERE, read_yaml, BYTES_MAX},
    {"docker-compose", ".yaml", ANYWHERE, read_yaml, BYTES_MAX},
    {"compose", ".yml", ANYWHERE, read_yaml, BYTES_MAX},
    {"compose", ".yaml", ANYWHERE, read_yaml, BYTES_MAX},
    {"", ".yml", IN_FOLDERS, read_yaml, BYTES_MAX},
    {"", ".yaml", IN_FOLDERS, read_yaml, BYTES_MAX},
    {"", ".service", ANYWHERE, read_unit, BYTES_MAX},
    {".python-version", "", ANYWHERE, read_version, BYTES_MAX},
    {".tool-versions", "", ANYWHERE, read_tool_versions, BYTES_MAX},
    {"pyproject.toml", "", ANYWHERE, read_pyproject, BYTES_MAX},
    {"", ".py", ANYWHERE, read_head, HEAD_MAX},
};

static const Kind NAMELESS = {"", "", IN_FOLDERS, read_head, BYTES_MAX};

static const Kind *kind_of(Str name, u32 where) {
    for (u32 i = 0; i < ARRAY_LEN(KINDS); i++) {
        const Kind *k = &KINDS[i];
        bool fits = str_starts(name, k->prefix) && str_ends(name, k->suffix);
        if (fits && (k->where & where)) return k;
    }
    bool is_nameless = where == IN_FOLDERS && str_find(name, '.') < 0;
    return is_nameless ? &NAMELESS : NULL;
}

static bool is_script_folder(Str name) {
    static const char *const NAMES[] = {"bin",        "scripts", "docker",  "deploy",
                                        "deployment", "k8s",     "systemd", "ops"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

typedef struct Places {
    GilClaims *claims;
    u32 files, folders; /* read so far */
} Places;

static void read_place(Places *p, const Kind *kind, Str path) {
    Arena arena = {0};
    Lines l = {.claims = p->claims, .arena = &arena};
    p->files++;
    if (!os_read_start(path.p, kind->bytes, &arena, &l.text)) {
        p->claims->shown = config_shown_path(p->claims->arena, path);
        p->claims->line = 1;
        kind->read(&l);
    }
    arena_free(&arena);
}

static void read_folder(Places *p, Str folder, u32 depth) {
    Arena arena = {0};
    DirEntry *entries;
    u32 n;
    p->folders++;
    if (os_list_dir(folder.p, &arena, &entries, &n)) n = 0;
    for (u32 i = 0; i < n && p->files < FILES_MAX; i++) {
        Str name = entries[i].name;
        const Kind *kind = kind_of(name, depth ? IN_FOLDERS : AT_TOP);
        bool is_inside = depth ? depth <= DEPTH_MAX : is_script_folder(name);
        if (command_is_trial(name)) continue;
        if (entries[i].kind == FILE_DIRECTORY && is_inside && p->folders < FOLDERS_MAX)
            read_folder(p, path_join(p->claims->arena, folder, name), depth + 1);
        if (entries[i].kind == FILE_REGULAR && kind)
            read_place(p, kind, path_join(p->claims->arena, folder, name));
    }
    arena_free(&arena);
}

void interpreter_read(GilClaims *claims, Str folder) {
    Places p = {.claims = claims};
    read_folder(&p, folder, 0);
}
