/* Flags of a compiler: those that change what is read, and none that could run or write something.
 */
#include "capi/capi.h"

#include "base/map.h"
#include "base/path.h"
#include "os/os.h"

#include <string.h>

enum {
    WORDS_MAX = 20000,
    RESPONSE_DEPTH = 8,
    RESPONSE_BYTES = 1 << 20,
};

/* ---- words ---- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One word from offset `at` on; the offset behind it. */
static u32 take_word(Str s, u32 at, Buf *word) {
    char quote = 0;
    for (; at < s.n && (quote || !is_space(s.p[at])); at++) {
        char c = s.p[at];
        bool escapes = c == '\\' && quote != '\'' && at + 1 < s.n;
        if (escapes && quote == '"') escapes = s.p[at + 1] == '"' || s.p[at + 1] == '\\';
        if (escapes)
            buf_char(word, s.p[++at]);
        else if (c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else
            buf_char(word, c);
    }
    return at;
}

void cflags_split(Arena *arena, Str command, CFlagWords *out) {
    for (u32 at = 0; at < command.n && out->list.n < WORDS_MAX;) {
        if (is_space(command.p[at])) {
            at++;
            continue;
        }
        Buf word = {.arena = arena};
        at = take_word(command, at, &word);
        vec_push(arena, &out->list, str_copy(arena, buf_get(&word)));
    }
}

/* `@file` stands for the words in a file; one that cannot be read for nothing. */
static void expand(Arena *arena, const CFlagWords *words, Str directory, u32 depth,
                   CFlagWords *out) {
    for (u32 i = 0; i < words->list.n && out->list.n < WORDS_MAX; i++) {
        Str word = words->list.v[i], text;
        if (!str_starts(word, "@") || word.n == 1) {
            vec_push(arena, &out->list, word);
            continue;
        }
        Str path = path_join(arena, directory, str_sub(word, 1, word.n));
        if (depth >= RESPONSE_DEPTH || os_read_file(path.p, RESPONSE_BYTES, arena, &text) != 0)
            continue;
        CFlagWords inner = {0};
        cflags_split(arena, text, &inner);
        expand(arena, &inner, directory, depth + 1, out);
    }
}

/* ---- flags ---- */

typedef struct Taking {
    Arena *arena;
    Str directory, root;
    bool is_cxx;
    VEC(Str) common, own;
} Taking;

/* Options whose value is the next word, which is then none of its own. */
static bool has_value(Str word) {
    static const char *const names[] = {
        "-o",           "-MF",          "-MT",
        "-MQ",          "-MJ",          "-Xclang",
        "-Xlinker",     "-arch",        "-Xassembler",
        "-target",      "-Xanalyzer",   "-Xpreprocessor",
        "-T",           "-u",           "-z",
        "-L",           "-l",           "-framework",
        "-isysroot",    "--sysroot",    "-iprefix",
        "-iwithprefix", "-include-pch", "-B",
        "-mllvm",       "--param",      "-iwithsysroot",
        "-aux-info",    "-dumpbase",    "-dumpdir",
        "-load",        "-plugin",      "-wrapper",
        "-F",           "-iframework",  "-e",
    };
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(word, names[i])) return true;
    return false;
}

static bool is_name_start(Str s) {
    return s.n &&
           (s.p[0] == '_' || (s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z'));
}

static void take_macro(Taking *t, const char *option, Str value) {
    if (!is_name_start(value)) return;
    Str flag = str_format(t->arena, "%s%.*s", option, STR_ARG(value));
    /* names that Python.h and libc ask for */
    if (str_starts(value, "Py") || str_starts(value, "PY") || value.p[0] == '_' ||
        str_starts(value, "NEEDS_PY"))
        vec_push(t->arena, &t->common, flag);
    else
        vec_push(t->arena, &t->own, flag);
}

static bool is_kind(Str path, FileKind kind) {
    FileInfo info;
    return os_stat(path.p, true, &info) == 0 && info.kind == kind;
}

/* Python's own headers are those that were chosen for all units: their macros are calls. */
static void take_folder(Taking *t, const char *option, Str value) {
    Str path = path_join(t->arena, t->directory, value);
    Str python = path_join(t->arena, path, STR("Python.h"));
    if (!value.n || value.p[0] == '-' || !is_kind(path, FILE_DIRECTORY) ||
        is_kind(python, FILE_REGULAR))
        return;
    Str real;
    bool is_project = os_real_path(path.p, t->arena, &real) &&
                      (str_eq(real, t->root) || path_below(t->root, real).p);
    if (!is_project) option = "-isystem";
    vec_push(t->arena, &t->own, str_format(t->arena, "%s%.*s", option, STR_ARG(path)));
}

/* A file that is read first: found from the directory, or later by the compiler. */
static void take_file(Taking *t, const char *option, Str value) {
    Str path = path_join(t->arena, t->directory, value);
    FileInfo info;
    bool is_there = os_stat(path.p, true, &info) == 0;
    if (!value.n || (is_there && info.kind != FILE_REGULAR)) return;
    vec_push(t->arena, &t->common, str_from(option));
    vec_push(t->arena, &t->common, is_there ? path : value);
}

static void take_standard(Taking *t, Str value) {
    static const char *const known[] = {"89", "90", "99", "11", "17", "18", "2x", "23",
                                        "2y", "98", "03", "0x", "1y", "14", "1z", "20",
                                        "2a", "2b", "2c", "26", "9x", "1x"};
    Str rest = value;
    if (str_starts(rest, "gnu"))
        rest = str_sub(rest, 3, rest.n);
    else if (str_starts(rest, "c"))
        rest = str_sub(rest, 1, rest.n);
    bool is_cxx = str_starts(rest, "++");
    if (is_cxx) rest = str_sub(rest, 2, rest.n);
    for (u32 i = 0; i < ARRAY_LEN(known) && is_cxx == t->is_cxx; i++)
        if (str_is(rest, known[i]))
            vec_push(t->arena, &t->common, str_format(t->arena, "-std=%.*s", STR_ARG(value)));
}

static void take_plain(Taking *t, Str word) {
    static const char *const kept[] = {"-funsigned-char", "-fsigned-char", "-fms-extensions"};
    if (str_starts(word, "-std=")) take_standard(t, str_sub(word, 5, word.n));
    if (str_starts(word, "--std=")) take_standard(t, str_sub(word, 6, word.n));
    for (u32 i = 0; i < ARRAY_LEN(kept); i++)
        if (str_is(word, kept[i])) vec_push(t->arena, &t->common, word);
}

typedef struct Valued {
    const char *option;
    void (*take)(Taking *t, const char *option, Str value);
    bool may_be_joined;
} Valued;

static const Valued valued[] = {
    {"-isystem", take_folder, true},   {"-iquote", take_folder, true},
    {"-idirafter", take_folder, true}, {"-include", take_file, false},
    {"-imacros", take_file, false},    {"-I", take_folder, true},
    {"-D", take_macro, true},          {"-U", take_macro, true},
};

/* Takes the option at word i; how many words it has. */
static u32 take_option(Taking *t, const CFlagWords *words, u32 i) {
    Str word = words->list.v[i];
    Str next = i + 1 < words->list.n ? words->list.v[i + 1] : (Str){0};
    if (has_value(word) || str_is(word, "-x")) return 2;
    for (u32 k = 0; k < ARRAY_LEN(valued); k++) {
        const char *option = valued[k].option;
        u32 n = (u32)strlen(option);
        if (!str_starts(word, option)) continue;
        if (word.n == n) {
            valued[k].take(t, option, next);
            return 2;
        }
        if (!valued[k].may_be_joined) continue;
        valued[k].take(t, option, str_sub(word, n, word.n));
        return 1;
    }
    take_plain(t, word);
    return 1;
}

bool cflags_is_cxx_name(Str path) {
    static const char *const ends[] = {".cc", ".cpp", ".cxx", ".C", ".c++", ".hpp", ".hh", ".hxx"};
    for (u32 i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends(path, ends[i])) return true;
    return false;
}

/* `-x c++`, `-xc`: the last one counts. */
static bool is_cxx(const CFlagWords *words, Str path) {
    bool cxx = cflags_is_cxx_name(path);
    for (u32 i = 0; i < words->list.n; i++) {
        Str word = words->list.v[i], language = {0};
        if (str_is(word, "-x") && i + 1 < words->list.n)
            language = words->list.v[i + 1];
        else if (str_starts(word, "-x"))
            language = str_sub(word, 2, word.n);
        if (str_is(language, "c++")) cxx = true;
        if (str_is(language, "c")) cxx = false;
    }
    return cxx;
}

CFlags cflags_of(Arena *arena, const CFlagWords *words, Str directory, Str root, Str path) {
    CFlagWords all = {0};
    expand(arena, words, directory, 0, &all);
    Taking t = {.arena = arena, .directory = directory, .root = root};
    t.is_cxx = is_cxx(&all, path);
    for (u32 i = 0; i < all.list.n;) i += take_option(&t, &all, i);
    return (CFlags){false, t.is_cxx, t.common.v, t.own.v, t.common.n, t.own.n};
}

static const Str *join(Arena *arena, const Str *a, u32 n, const Str *b, u32 m) {
    Str *all = arena_array(arena, Str, n + m + 1);
    if (n) memcpy(all, a, n * sizeof *a);
    if (m) memcpy(all + n, b, m * sizeof *b);
    return all;
}

CFlags cflags_join(Arena *arena, CFlags a, CFlags b) {
    a.common = join(arena, a.common, a.n_common, b.common, b.n_common);
    a.own = join(arena, a.own, a.n_own, b.own, b.n_own);
    a.n_common += b.n_common;
    a.n_own += b.n_own;
    return a;
}
