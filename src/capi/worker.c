/* The helper process: parses units with libclang until its standard input ends. It may crash or
 * hang on hostile input; whoever asks has a deadline and starts another one. */
#include "capi/front.h"
#include "capi/message.h"
#include "os/os.h"

bool capi_is_built_in(void) {
    return clang_is_built_in();
}

#ifdef HAS_CLANG

#include <stdlib.h>
#include <string.h>

enum {
    HIDDEN_SECONDS = 15, /* a unit that took longer is not read once more: there is a deadline */
    STUB_ROUNDS = 4,
    STUB_ROUNDS_CXX = 1, /* classes and templates cannot be made up, and each round takes long */
    STUBS_MAX = 200,
    ARGUMENTS_MAX = 512,
    PARSE_OPTIONS = CXTranslationUnit_KeepGoing,
};

/* Errors of newer compilers that old code is full of, and that leave the tree whole. */
static const char *const usual_arguments[] = {
    "-w",
    "-ferror-limit=0",
    "-fbracket-depth=2048",
    "-Wno-error=implicit-function-declaration",
    "-Wno-error=implicit-int",
    "-Wno-error=int-conversion",
    "-Wno-error=incompatible-pointer-types",
    "-Wno-error=incompatible-function-pointer-types",
    "-Wno-error=return-type",
};

static const char *const c_arguments[] = {"-x", "c", "-std=gnu17"};
static const char *const cxx_arguments[] = {"-x", "c++", "-std=gnu++20"};

typedef struct Worker {
    Clang clang;
    CXIndex index;
} Worker;

typedef enum StubKind { STUB_TYPE, STUB_VALUE, STUB_FUNCTION } StubKind;

/* A name that is made up, because the header that declares it is not there. C makes up functions
 * itself. */
typedef struct Stub {
    Str name;
    StubKind kind;
} Stub;

typedef struct Request {
    Worker *worker;
    Arena *arena;
    Str path, text, precompiled, language;
    const char *given[ARGUMENTS_MAX];
    u32 n_given;
    VEC(Stub) stubs;
    VEC(struct CXUnsavedFile) overlays; /* texts that stand for files on disk */
    bool is_guessed;                    /* nobody says how it is compiled */
} Request;

static bool fail(Arena *arena, Str why) {
    AnswerHead head = {0};
    Buf buf = {.arena = arena};
    buf_str(&buf, (Str){(const char *)&head, sizeof head});
    buf_str(&buf, why);
    return os_message_write(buf.p, buf.n);
}

/* ---- parsing ---- */

static bool is_cxx(const Request *r) {
    return str_is(r->language, "c++");
}

static Str stub_text(const Request *r) {
    Buf buf = {.arena = r->arena};
    if (r->stubs.n) buf_text(&buf, "#pragma GCC system_header\n");
    if (r->stubs.n && is_cxx(r))
        buf_text(&buf, "struct limpet_any { template <class T> operator T() const; };\n");
    for (u32 i = 0; i < r->stubs.n; i++) {
        Str name = r->stubs.v[i].name;
        if (r->stubs.v[i].kind == STUB_TYPE)
            buf_printf(&buf, "typedef struct limpet_%.*s { int limpet; } %.*s;\n", STR_ARG(name),
                       STR_ARG(name));
        else if (r->stubs.v[i].kind == STUB_FUNCTION)
            buf_printf(&buf, "limpet_any %.*s(...);\n", STR_ARG(name));
        else
            buf_printf(&buf, "extern int %.*s;\n", STR_ARG(name));
    }
    return buf_get(&buf);
}

static CXTranslationUnit parse(const Request *r, bool with_precompiled, const char *path,
                               unsigned options) {
    const char *arguments[ARGUMENTS_MAX + 32];
    const char *const *first = is_cxx(r) ? cxx_arguments : c_arguments;
    int n = 0;
    for (u32 i = 0; i < ARRAY_LEN(c_arguments); i++) arguments[n++] = first[i];
    for (u32 i = 0; i < ARRAY_LEN(usual_arguments); i++) arguments[n++] = usual_arguments[i];
    if (with_precompiled) {
        arguments[n++] = "-include-pch";
        arguments[n++] = r->precompiled.p;
    }
    for (u32 i = 0; i < r->n_given; i++) arguments[n++] = r->given[i];
    struct CXUnsavedFile *files = arena_array(r->arena, struct CXUnsavedFile, r->overlays.n + 2);
    unsigned n_files = r->overlays.n;
    if (n_files) memcpy(files, r->overlays.v, n_files * sizeof *files);
    if (r->text.p) files[n_files++] = (struct CXUnsavedFile){path, r->text.p, r->text.n};
    Str stubs = stub_text(r);
    if (stubs.n) {
        arguments[n++] = "-include";
        arguments[n++] = "/limpet/stubs.h"; /* no such file: its text is given */
        files[n_files++] = (struct CXUnsavedFile){"/limpet/stubs.h", stubs.p, stubs.n};
    }
    /* templates are not worked out at the end: nobody looks at what they become */
    if (is_cxx(r)) options |= CXTranslationUnit_Incomplete;
    CXTranslationUnit unit = NULL;
    r->worker->clang.parseTranslationUnit2(r->worker->index, path, arguments, n, files, n_files,
                                           options, &unit);
    return unit;
}

typedef struct Errors {
    u32 n;
    bool lacks_header;
} Errors;

static Errors count_errors(const Request *r, CXTranslationUnit unit) {
    const Clang *clang = &r->worker->clang;
    Errors errors = {0};
    unsigned n = unit ? clang->getNumDiagnostics(unit) : 0;
    for (unsigned i = 0; i < n; i++) {
        CXDiagnostic diagnostic = clang->getDiagnostic(unit, i);
        if (clang->getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            Str text = clang_text(clang, r->arena, clang->getDiagnosticSpelling(diagnostic));
            errors.n++;
            errors.lacks_header |= str_ends(text, "file not found");
        }
        clang->disposeDiagnostic(diagnostic);
    }
    return errors;
}

static bool is_name_char(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_constant_name(Str name) {
    for (u32 i = 0; i < name.n; i++)
        if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
    return true;
}

/* `X status;`, `X *p;` at an offset of the main file. */
static bool reads_as_type(Str text, u32 at, u32 length) {
    u32 i = at + length;
    while (i < text.n && (text.p[i] == ' ' || text.p[i] == '*')) i++;
    return i > at + length && i < text.n && is_name_char(text.p[i]);
}

/* `f(x)` at an offset of the main file. */
static bool reads_as_call(Str text, u32 at, u32 length) {
    u32 i = at + length;
    while (i < text.n && text.p[i] == ' ') i++;
    return i < text.n && text.p[i] == '(';
}

static bool add_stub(Request *r, Str name, StubKind kind) {
    if (!name.n || r->stubs.n >= STUBS_MAX) return false;
    for (u32 i = 0; i < name.n; i++)
        if (!is_name_char(name.p[i])) return false;
    for (u32 i = 0; i < r->stubs.n; i++)
        if (str_eq(r->stubs.v[i].name, name)) return false;
    vec_push(r->arena, &r->stubs, (Stub){str_copy(r->arena, name), kind});
    return true;
}

/* The name in "unknown type name 'X'" or "use of undeclared identifier 'X'". */
static bool add_stub_for(Request *r, CXDiagnostic diagnostic) {
    static const char type[] = "unknown type name '", value[] = "use of undeclared identifier '";
    const Clang *clang = &r->worker->clang;
    Str message = clang_text(clang, r->arena, clang->getDiagnosticSpelling(diagnostic));
    bool is_type = str_starts(message, type);
    if (!is_type && !str_starts(message, value)) return false;
    u32 start = is_type ? sizeof type - 1 : sizeof value - 1;
    i64 quote = str_find(str_sub(message, start, message.n), '\'');
    Str name = str_sub(message, start, start + (quote < 0 ? 0 : (u32)quote));
    if (is_type) return add_stub(r, name, STUB_TYPE);
    CXFile file = NULL;
    unsigned at = 0;
    clang->getFileLocation(clang->getDiagnosticLocation(diagnostic), &file, NULL, NULL, &at);
    Str path = file ? clang_text(clang, r->arena, clang->getFileName(file)) : (Str){0};
    bool is_main = str_eq(path, r->path) && at < r->text.n;
    if (is_main && is_cxx(r) && reads_as_call(r->text, at, name.n))
        return add_stub(r, name, STUB_FUNCTION);
    if (is_constant_name(name)) return add_stub(r, name, STUB_VALUE);
    bool reads = is_main && reads_as_type(r->text, at, name.n);
    return is_main && add_stub(r, name, reads ? STUB_TYPE : STUB_VALUE);
}

static bool add_stubs(Request *r, CXTranslationUnit unit) {
    const Clang *clang = &r->worker->clang;
    bool any = false;
    unsigned n = clang->getNumDiagnostics(unit);
    for (unsigned i = 0; i < n; i++) {
        CXDiagnostic diagnostic = clang->getDiagnostic(unit, i);
        if (clang->getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error)
            any |= add_stub_for(r, diagnostic);
        clang->disposeDiagnostic(diagnostic);
    }
    return any;
}

/* Macros that change Python.h have to be defined before it is read: then no precompiled one fits.
 */
static bool defines_first(Str text) {
    while (text.n) {
        i64 end = str_find(text, '\n');
        Str line = str_trim(end < 0 ? text : str_sub(text, 0, (u32)end));
        text = end < 0 ? (Str){0} : str_sub(text, (u32)end + 1, text.n);
        if (!str_starts(line, "#")) continue;
        line = str_trim(str_sub(line, 1, line.n));
        if (str_starts(line, "include")) return false;
        if (!str_starts(line, "define")) continue;
        line = str_trim(str_sub(line, 6, line.n));
        if (str_starts(line, "Py_") || str_starts(line, "NEEDS_PY")) return true;
    }
    return false;
}

/* The precompiled header may hide a definition that the unit makes before Python.h. Missing headers
 * are no reason to try without it; nor, in C++, where that takes long, are errors of a text that
 * defines nothing of Python. */
static CXTranslationUnit parse_without(Request *r, CXTranslationUnit unit, bool *fast,
                                       u32 *rounds) {
    const Clang *clang = &r->worker->clang;
    Errors with = count_errors(r, unit);
    if (unit && (!with.n || with.lacks_header)) return unit;
    if (unit && is_cxx(r) && !str_contains(r->text, "define Py_")) return unit;
    CXTranslationUnit slow = parse(r, false, r->path.p, PARSE_OPTIONS);
    ++*rounds;
    bool is_better = slow && (!unit || count_errors(r, slow).n < with.n);
    CXTranslationUnit worse = is_better ? unit : slow;
    if (worse) clang->disposeTranslationUnit(worse);
    if (is_better) *fast = false;
    return is_better ? slow : unit;
}

/* Reads the unit, again where that helps: without the precompiled header, with names made up. */
static CXTranslationUnit parse_best(Request *r, u32 *rounds) {
    const Clang *clang = &r->worker->clang;
    bool fast = r->precompiled.n && !defines_first(r->text);
    CXTranslationUnit unit = parse(r, fast, r->path.p, PARSE_OPTIONS);
    *rounds = 1;
    if (fast) unit = parse_without(r, unit, &fast, rounds);
    u32 most = is_cxx(r) ? STUB_ROUNDS_CXX : STUB_ROUNDS;
    for (u32 i = 0; unit && i < most && add_stubs(r, unit); i++) {
        CXTranslationUnit next = parse(r, fast, r->path.p, PARSE_OPTIONS);
        ++*rounds;
        if (!next) break;
        clang->disposeTranslationUnit(unit);
        unit = next;
    }
    return unit;
}

/* ---- requests ---- */

static void read_deep(void *context, u32 worker, u32 item) {
    (void)worker;
    (void)item;
    front_read(context);
}

/* Parses and reads the unit; false when libclang gives up. */
static bool read_unit(Request *r, Front *front, u32 *rounds) {
    CXTranslationUnit unit = parse_best(r, rounds);
    if (!unit) return false;
    *front = (Front){.clang = &r->worker->clang,
                     .arena = r->arena,
                     .unit = unit,
                     .path = r->path,
                     .text = r->text,
                     .is_cxx = is_cxx(r)};
    os_deep(read_deep, front);
    r->worker->clang.disposeTranslationUnit(unit);
    return true;
}

/* Code that is left out for a feature which nobody defines is read with the feature, once, and what
 * shows more is kept. */
static void read_hidden(Request *r, Front *front, u32 *rounds) {
    FrontMacros macros = {0};
    Front other;
    u32 more = 0;
    front_hidden(front, &macros);
    for (u32 i = 0; i < macros.n && r->n_given < ARGUMENTS_MAX; i++)
        r->given[r->n_given++] = str_format(r->arena, "-D%.*s=1", STR_ARG(macros.names[i])).p;
    if (!macros.n || !read_unit(r, &other, &more)) return;
    *rounds += more;
    if (front_weight(&other) > front_weight(front)) *front = other;
}

static bool answer_unit(Request *r) {
    u32 rounds = 0;
    Front front;
    u64 begin = os_now();
    if (!read_unit(r, &front, &rounds)) return fail(r->arena, STR("libclang gave up on it"));
    bool has_time = os_now() - begin < (u64)HIDDEN_SECONDS * 1000000000;
    if (r->is_guessed && has_time) read_hidden(r, &front, &rounds);
    size_t size;
    void *block = front_freeze(&front, rounds, &size);
    AnswerHead head = {.is_good = 1};
    char *answer = malloc(sizeof head + size);
    if (!answer) base_panic("out of memory");
    memcpy(answer, &head, sizeof head);
    memcpy(answer + sizeof head, block, size);
    free(block);
    bool ok = os_message_write(answer, sizeof head + size);
    free(answer);
    return ok;
}

static bool answer_precompiled(Request *r) {
    const Clang *clang = &r->worker->clang;
    AnswerHead head = {.is_good = 1};
    if (!r->path.n) return os_message_write(&head, sizeof head);
    r->text = STR("#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n");
    CXTranslationUnit unit =
        parse(r, false, "limpet_python.h",
              CXTranslationUnit_ForSerialization | CXTranslationUnit_Incomplete);
    bool ok = unit && count_errors(r, unit).n == 0 &&
              clang->saveTranslationUnit(unit, r->path.p, clang->defaultSaveOptions(unit)) == 0;
    if (unit) clang->disposeTranslationUnit(unit);
    if (!ok) return fail(r->arena, STR("no precompiled header"));
    return os_message_write(&head, sizeof head);
}

static bool take_overlay(Request *r, Str *message) {
    Str path, text;
    if (!message_take(message, &path) || !message_take(message, &text)) return false;
    vec_push(r->arena, &r->overlays, (struct CXUnsavedFile){path.p, text.p, text.n});
    return true;
}

static bool answer(Worker *worker, Arena *arena, Str message) {
    Str kind, field;
    Request r = {.worker = worker, .arena = arena};
    bool ok = message_take(&message, &kind) && message_take(&message, &r.path) &&
              message_take(&message, &r.language);
    bool reads = ok && str_is(kind, MESSAGE_READ);
    if (reads)
        ok = message_take(&message, &r.precompiled) && message_take(&message, &field) &&
             message_take(&message, &r.text);
    r.is_guessed = reads && ok && str_is(field, MESSAGE_GUESSED);
    while (ok && message.n && r.n_given < ARGUMENTS_MAX) {
        ok = message_take(&message, &field);
        if (ok && str_is(field, CFLAGS_OVERLAY))
            ok = take_overlay(&r, &message);
        else if (ok)
            r.given[r.n_given++] = field.p;
    }
    if (!ok) return fail(arena, STR("request cannot be read"));
    return reads ? answer_unit(&r) : answer_precompiled(&r);
}

int capi_worker(void) {
    Arena arena = {0};
    Worker worker = {0};
    Str error;
    Str message;
    if (!clang_load(&worker.clang, &arena, &error)) {
        while (os_message_read(&arena, &message))
            if (!fail(&arena, error)) break;
        return 2;
    }
    worker.index = worker.clang.createIndex(1, 0);
    for (bool ok = true; ok && os_message_read(&arena, &message);) {
        ok = answer(&worker, &arena, message);
        arena_free(&arena);
    }
    return 0;
}

#else

int capi_worker(void) {
    return 2;
}

#endif
