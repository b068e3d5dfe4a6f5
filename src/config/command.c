/* Which Python a line of a script starts a program with. */
#include "config/interpreter.h"

#include "base/vec.h"

enum {
    WORDS_MAX = 128, /* of one command: what comes after them says nothing */
    DEPTH_MAX = 3,   /* `sh -c "sh -c '…'"` */
    OLDEST_MINOR = 13,
};

typedef struct Command {
    Str words[WORDS_MAX];
    u32 n;
} Command;

typedef enum Gil { GIL_UNSAID, GIL_OFF, GIL_ON } Gil;

/* One command's words as they are read. */
typedef struct Reading {
    GilClaims *claims;
    Arena arena; /* of the words */
    u32 depth;
    Gil outer; /* what the command around `sh -c` says */
    Gil gil;   /* what this one says */
    Str what;  /* in these words */
} Reading;

static void read_text(Reading *r, Str text, bool is_list);

/* ---- names ---- */

static bool is_digit(Str s, u32 i) {
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_word(Str s, const char *word) {
    if (s.n != strlen(word)) return false;
    for (u32 i = 0; i < s.n; i++)
        if (lower(s.p[i]) != word[i]) return false;
    return true;
}

bool command_is_trial(Str name) {
    static const char *const WORDS[] = {
        "test",       "tests", "testing", "pytest",   "unittest", "bench",  "benchmark",
        "benchmarks", "ci",    "lint",    "coverage", "tox",      "nox",    "runtests",
        "runtest",    "check", "checks",  "wheel",    "wheels",   "profile"};
    for (u32 i = 0, from; i < name.n; i++) {
        if (!is_letter(name.p[i])) continue;
        for (from = i; i < name.n && is_letter(name.p[i]);) i++;
        Str word = str_sub(name, from, i);
        for (u32 k = 0; k < ARRAY_LEN(WORDS); k++)
            if (is_word(word, WORDS[k])) return true;
    }
    return false;
}

/* Programs and modules that prepare, build or try the code. */
static bool is_tool(Str word) {
    static const char *const TOOLS[] = {
        "pip",        "pip3",          "venv",       "virtualenv", "ensurepip",  "build",
        "setup.py",   "twine",         "py.test",    "nose",       "compileall", "timeit",
        "pyperf",     "pyperformance", "mypy",       "ruff",       "black",      "pylint",
        "flake8",     "isort",         "pre-commit", "doctest",    "sysconfig",  "cibuildwheel",
        "setuptools", "pipx",          "asv",        "site"};
    Str name = str_after_last(word, '/');
    bool is_absolute = str_starts(word, "/"); /* where it lies on a machine says little */
    return str_is_any(name, TOOLS, ARRAY_LEN(TOOLS)) || command_is_trial(is_absolute ? name : word);
}

/* The minor version behind "3.", and what follows it. */
static bool take_minor(Str *s, u32 *minor) {
    if (!str_starts(*s, "3.") || !is_digit(*s, 2)) return false;
    u32 i = 2;
    for (*minor = 0; is_digit(*s, i); i++) *minor = MIN(*minor * 10 + (u32)(s->p[i] - '0'), 1000);
    *s = str_sub(*s, i, s->n);
    return true;
}

/* `python`, `/usr/bin/python3.14t`: is it an interpreter, and of which build? */
static bool is_python(Str word, Gil *gil) {
    Str name = str_after_last(word, '/');
    u32 minor;
    *gil = GIL_UNSAID;
    if (!str_starts(name, "python")) return false;
    name = str_sub(name, 6, name.n);
    if (!name.n || str_is(name, "3")) return true;
    if (!take_minor(&name, &minor)) return false;
    bool is_free = str_is(name, "t") || str_is(name, "td") || str_is(name, "-nogil") ||
                   str_is(name, "-freethreading");
    if (name.n && !is_free) return false;
    *gil = is_free && minor >= OLDEST_MINOR ? GIL_OFF : GIL_ON;
    return true;
}

static bool is_free_version(Str s) {
    static const char *const PREFIXES[] = {"cpython", "python"};
    u32 minor, ignored = 0;
    for (u32 i = 0; i < ARRAY_LEN(PREFIXES); i++)
        if (str_starts(s, PREFIXES[i])) s = str_sub(s, (u32)strlen(PREFIXES[i]), s.n);
    if (s.n && (s.p[0] == '-' || s.p[0] == '@')) s = str_sub(s, 1, s.n);
    if (!take_minor(&s, &minor) || minor < OLDEST_MINOR) return false;
    if (str_starts(s, ".") && is_digit(s, 1))
        for (ignored = 1; is_digit(s, ignored);) ignored++;
    s = str_sub(s, ignored, s.n);
    if (str_starts(s, "a") || str_starts(s, "b") || str_starts(s, "rc")) { /* 3.15.0rc1t */
        for (ignored = 1; ignored < s.n && s.p[ignored] == 'c';) ignored++;
        while (is_digit(s, ignored)) ignored++;
        s = str_sub(s, ignored, s.n);
    }
    bool is_t = str_starts(s, "t") && (s.n == 1 || s.p[1] == '-');
    return is_t || str_starts(s, "+freethreaded") || str_starts(s, "-freethreaded");
}

/* ---- claims ---- */

static void claim(GilClaims *c, Gil gil, Str what) {
    Str *side = gil == GIL_OFF ? &c->without : &c->with;
    if (gil == GIL_UNSAID || side->n) return;
    *side = str_format(c->arena, "%.*s in %.*s:%u", STR_ARG(what), STR_ARG(c->shown), c->line);
}

static void say(Reading *r, Gil gil, const char *name, Str value) {
    r->gil = gil;
    r->what = str_format(&r->arena, "%s%.*s", name, STR_ARG(value));
}

/* What a variable says; `${X:-0}` is 0 when nobody sets it. */
static void take_variable(Reading *r, Str name, Str value) {
    static const char *const PYTHONS[] = {
        "PYTHON", "PYTHON3", "PY", "PYTHON_BIN", "PYTHON_EXE", "PYTHON_CMD", "PYTHON_EXECUTABLE"};
    Gil gil = GIL_UNSAID;
    if (str_is(name, "PYTHON_GIL")) {
        if (str_is(value, "0") || str_ends(value, ":-0}")) gil = GIL_OFF;
        if (str_is(value, "1") || str_ends(value, ":-1}")) gil = GIL_ON;
    } else if (str_is(name, "UV_PYTHON")) {
        if (is_free_version(value) || (is_python(value, &gil) && gil == GIL_OFF)) gil = GIL_OFF;
    } else if (str_is_any(name, PYTHONS, ARRAY_LEN(PYTHONS))) {
        is_python(value, &gil);
    }
    bool is_weaker = !str_is(name, "PYTHON_GIL") && r->gil != GIL_UNSAID;
    if (gil == GIL_UNSAID || is_weaker) return;
    say(r, gil, str_format(&r->arena, "%.*s=", STR_ARG(name)).p, value);
}

/* NAME=value; with `--env=` and the like before it. */
static bool take_assignment(Reading *r, Str word, bool is_applied) {
    i64 equal = str_find(word, '=');
    if (equal <= 0) return false;
    Str name = str_sub(word, 0, (u32)equal);
    for (u32 i = 0; i < name.n; i++)
        if (!is_letter(name.p[i]) && name.p[i] != '_' && !is_digit(name, i)) return false;
    if (is_applied) take_variable(r, name, str_sub(word, (u32)equal + 1, word.n));
    return true;
}

/* ---- one command ---- */

static bool is_wrapper(Str word) {
    static const char *const WRAPPERS[] = {
        "exec",    "env",       "sudo",    "nohup",  "nice",      "ionice",      "gosu",
        "su-exec", "setpriv",   "chpst",   "tini",   "uv",        "poetry",      "pipenv",
        "pdm",     "hatch",     "rye",     "pixi",   "xvfb-run",  "timeout",     "taskset",
        "numactl", "stdbuf",    "docker",  "podman", "dumb-init", "systemd-run", "time",
        "chrt",    "watchexec", "command", "setsid"};
    return str_is_any(str_after_last(word, '/'), WRAPPERS, ARRAY_LEN(WRAPPERS));
}

static bool is_keyword(Str word) {
    static const char *const KEYWORDS[] = {"then",  "do",    "else", "if", "elif",
                                           "while", "until", "!",    "{"};
    return str_is_any(word, KEYWORDS, ARRAY_LEN(KEYWORDS));
}

static bool is_declaring(Str word) {
    static const char *const NAMES[] = {"export", "declare", "typeset", "readonly"};
    return str_is_any(word, NAMES, ARRAY_LEN(NAMES));
}

static bool is_shell(Str word) {
    static const char *const SHELLS[] = {"sh", "bash", "dash", "zsh", "ash", "ksh"};
    return str_is_any(str_after_last(word, '/'), SHELLS, ARRAY_LEN(SHELLS));
}

static Str word_at(const Command *c, u32 i) {
    return i < c->n ? c->words[i] : (Str){0};
}

/* `-c`, `-lc`: the next word is a script. */
static bool is_script_option(Str word) {
    return word.n > 1 && word.n <= 5 && word.p[0] == '-' && word.p[1] != '-' && str_ends(word, "c");
}

/* `--env=PYTHON_GIL=0`, `--setenv=…`, `--python=3.14t`. */
static Str option_value(Str word, const char *option) {
    Str value = {0};
    if (str_starts(word, option)) value = str_sub(word, (u32)strlen(option), word.n);
    return value.n > 1 && value.p[0] == '=' ? str_sub(value, 1, value.n) : (Str){0};
}

static void take_uv(Reading *r, const Command *c, u32 i) {
    Str word = word_at(c, i), value = option_value(word, "--python"), name = value;
    Gil gil;
    bool is_split = str_is(word, "--python") || str_is(word, "-p");
    if (is_split) value = name = word_at(c, i + 1);
    bool is_free = is_free_version(value) || (is_python(name, &gil) && gil == GIL_OFF);
    if (is_free && r->gil == GIL_UNSAID) say(r, GIL_OFF, "--python ", value);
}

/* -X gil=0; false for what takes no value. */
static bool take_python_option(Reading *r, const Command *c, u32 *i) {
    Str word = word_at(c, *i), value = {0};
    bool is_x = str_starts(word, "-X"), is_w = str_is(word, "-W");
    if (!is_x && !is_w) return false;
    if (word.n > 2) {
        value = str_sub(word, 2, word.n);
    } else {
        value = word_at(c, ++*i);
    }
    if (is_x && (str_is(value, "gil=0") || str_is(value, "gil=1")))
        say(r, str_ends(value, "0") ? GIL_OFF : GIL_ON, "-X ", value);
    return true;
}

/* What stands behind an interpreter; false when it starts no program of the project. */
static bool take_python(Reading *r, const Command *c, u32 i) {
    for (i++; i < c->n; i++) {
        Str word = word_at(c, i);
        if (str_is(word, "-m")) return i + 1 < c->n && !is_tool(word_at(c, i + 1));
        if (take_python_option(r, c, &i)) continue;
        bool is_code = is_script_option(word) || str_is(word, "--version") || str_is(word, "-V");
        if (is_code || str_is(word, "-")) return false;
        if (word.n && word.p[0] != '-') return !is_tool(word);
    }
    return false;
}

/* From the word behind the assignments on; false when nothing of it counts. */
static bool take_program(Reading *r, const Command *c, u32 from) {
    Str first = word_at(c, from);
    bool wraps = is_wrapper(first), is_uv = str_is(str_after_last(first, '/'), "uv");
    Gil gil;
    if (is_uv && !str_is(word_at(c, from + 1), "run")) return false;
    for (u32 i = from; i < c->n; i++) {
        Str word = word_at(c, i);
        if (is_python(word, &gil) && !(is_uv && str_is(word_at(c, i - 1), "-p"))) {
            Gil before = r->gil;
            if (!take_python(r, c, i)) return false;
            if (before == GIL_UNSAID && r->gil == GIL_UNSAID)
                say(r, gil, "", str_after_last(word, '/'));
            return true;
        }
        if (is_shell(word) && is_script_option(word_at(c, i + 1))) {
            read_text(r, word_at(c, i + 2), false);
            return false; /* they have said it themselves */
        }
        if (is_tool(word)) return false;
        if (!wraps) return true; /* a program whose interpreter is not named */
        Str value = option_value(word, "--env");
        if (!value.n) value = option_value(word, "--setenv");
        take_assignment(r, value.n ? value : word, true);
        if (is_uv) take_uv(r, c, i);
    }
    return true;
}

static void read_command(Reading *r, const Command *c) {
    u32 i = 0;
    r->gil = r->outer;
    while (i < c->n && is_keyword(c->words[i])) i++;
    while (i < c->n && take_assignment(r, c->words[i], true)) i++;
    bool counts = true;
    if (is_declaring(word_at(c, i)))
        for (i++; i < c->n; i++) take_assignment(r, c->words[i], true);
    else if (i < c->n)
        counts = take_program(r, c, i);
    if (counts && c->n) claim(r->claims, r->gil, r->what);
}

/* ---- words ---- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '<' || c == '>';
}

static bool is_end(char c) {
    return c == ';' || c == '&' || c == '|' || c == '(' || c == ')' || c == '`' || c == '\n';
}

/* One word from *at on, without its quotes. */
static Str take_word(Reading *r, Str text, u32 *at, bool is_list) {
    Buf out = {.arena = &r->arena};
    char quote = 0;
    for (; *at < text.n; ++*at) {
        char c = text.p[*at];
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        bool is_bare = !quote && (is_space(c) || (is_list ? c == ',' || c == ']' : is_end(c)));
        if (is_bare) break;
        if (c == '\\' && quote != '\'' && *at + 1 < text.n) c = text.p[++*at];
        buf_char(&out, c);
    }
    return buf_get(&out);
}

static void read_words(Reading *r, Str text, bool is_list) {
    Command *c = arena_new(&r->arena, Command);
    for (u32 at = 0; at < text.n;) {
        char byte = text.p[at];
        bool is_gap = is_space(byte) || (is_list && (byte == '[' || byte == ',' || byte == ']'));
        if (is_gap) {
            at++;
        } else if (!is_list && byte == '#') {
            break;
        } else if (!is_list && is_end(byte)) {
            read_command(r, c);
            c->n = 0;
            at++;
        } else {
            u32 from = at;
            Str word = take_word(r, text, &at, is_list);
            at = MAX(at, from + 1);
            if (c->n < WORDS_MAX) c->words[c->n++] = word;
        }
    }
    read_command(r, c);
}

static void read_text(Reading *r, Str text, bool is_list) {
    if (r->depth == DEPTH_MAX) return;
    Gil outer = r->outer;
    r->outer = r->gil; /* PYTHON_GIL=0 sh -c "…" */
    r->depth++;
    read_words(r, text, is_list);
    r->depth--;
    r->outer = outer;
}

static void read_line(GilClaims *claims, Str line, bool is_list) {
    Reading r = {.claims = claims};
    read_text(&r, line, is_list);
    arena_free(&r.arena);
}

void command_read(GilClaims *claims, Str line) {
    read_line(claims, line, false);
}

void command_read_list(GilClaims *claims, Str line) {
    read_line(claims, line, true);
}

void command_variable(GilClaims *claims, Str name, Str value) {
    Reading r = {.claims = claims};
    take_variable(&r, name, value);
    claim(claims, r.gil, r.what);
    arena_free(&r.arena);
}

void command_version(GilClaims *claims, Str version) {
    if (is_free_version(version)) claim(claims, GIL_OFF, version);
}

void command_image(GilClaims *claims, Str image) {
    Str name = str_after_last(image, '/');
    i64 colon = str_find(name, ':');
    Str tag = colon < 0 ? (Str){0} : str_sub(name, (u32)colon + 1, name.n);
    if (colon > 0 && str_is(str_sub(name, 0, (u32)colon), "python") && is_free_version(tag))
        claim(claims, GIL_OFF, name);
}
