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
    STUB_ROUNDS = 3,
    STUBS_MAX = 200,
    ARGUMENTS_MAX = 512,
    PARSE_OPTIONS = CXTranslationUnit_KeepGoing,
};

/* Errors of newer compilers that old code is full of, and that leave the tree whole. */
static const char *const usual_arguments[] = {
    "-x",
    "c",
    "-std=gnu17",
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

typedef struct Worker {
    Clang clang;
    CXIndex index;
} Worker;

typedef struct Request {
    Worker *worker;
    Arena *arena;
    Str path, text, precompiled;
    const char *given[ARGUMENTS_MAX];
    u32 n_given;
    VEC(Str) stubs; /* names of types that are made up */
} Request;

static bool fail(Arena *arena, Str why) {
    AnswerHead head = {0};
    Buf buf = {.arena = arena};
    buf_str(&buf, (Str){(const char *)&head, sizeof head});
    buf_str(&buf, why);
    return os_message_write(buf.p, buf.n);
}

/* ---- parsing ---- */

static Str stub_text(const Request *r) {
    Buf buf = {.arena = r->arena};
    for (u32 i = 0; i < r->stubs.n; i++)
        buf_printf(&buf, "typedef struct limpet_%.*s %.*s;\n", STR_ARG(r->stubs.v[i]),
                   STR_ARG(r->stubs.v[i]));
    return buf_get(&buf);
}

static CXTranslationUnit parse(const Request *r, bool with_precompiled, const char *path,
                               unsigned options) {
    const char *arguments[ARGUMENTS_MAX + 32];
    int n = 0;
    for (u32 i = 0; i < ARRAY_LEN(usual_arguments); i++) arguments[n++] = usual_arguments[i];
    if (with_precompiled) {
        arguments[n++] = "-include-pch";
        arguments[n++] = r->precompiled.p;
    }
    for (u32 i = 0; i < r->n_given; i++) arguments[n++] = r->given[i];
    struct CXUnsavedFile files[2] = {{path, r->text.p, r->text.n}};
    unsigned n_files = r->text.p ? 1 : 0;
    Str stubs = stub_text(r);
    if (stubs.n) {
        arguments[n++] = "-include";
        arguments[n++] = "limpet_stubs.h";
        files[n_files++] = (struct CXUnsavedFile){"limpet_stubs.h", stubs.p, stubs.n};
    }
    CXTranslationUnit unit = NULL;
    r->worker->clang.parseTranslationUnit2(r->worker->index, path, arguments, n, files, n_files,
                                           options, &unit);
    return unit;
}

static u32 count_errors(const Clang *clang, CXTranslationUnit unit) {
    u32 errors = 0;
    unsigned n = clang->getNumDiagnostics(unit);
    for (unsigned i = 0; i < n; i++) {
        CXDiagnostic diagnostic = clang->getDiagnostic(unit, i);
        errors += clang->getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error;
        clang->disposeDiagnostic(diagnostic);
    }
    return errors;
}

/* The name between the quotes of "unknown type name 'X'". */
static bool add_stub(Request *r, Str message) {
    static const char start[] = "unknown type name '";
    if (!str_starts(message, start) || r->stubs.n >= STUBS_MAX) return false;
    Str name = str_sub(message, sizeof start - 1, message.n);
    i64 quote = str_find(name, '\'');
    if (quote <= 0) return false;
    name = str_sub(name, 0, (u32)quote);
    for (u32 i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok =
            c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!ok) return false;
    }
    for (u32 i = 0; i < r->stubs.n; i++)
        if (str_eq(r->stubs.v[i], name)) return false;
    vec_push(r->arena, &r->stubs, str_copy(r->arena, name));
    return true;
}

static bool add_stubs(Request *r, CXTranslationUnit unit) {
    const Clang *clang = &r->worker->clang;
    bool any = false;
    unsigned n = clang->getNumDiagnostics(unit);
    for (unsigned i = 0; i < n; i++) {
        CXDiagnostic diagnostic = clang->getDiagnostic(unit, i);
        if (clang->getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error)
            any |=
                add_stub(r, clang_text(clang, r->arena, clang->getDiagnosticSpelling(diagnostic)));
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

/* Reads the unit, again where that helps: without the precompiled header, with types made up. */
static CXTranslationUnit parse_best(Request *r, u32 *rounds) {
    const Clang *clang = &r->worker->clang;
    bool fast = r->precompiled.n && !defines_first(r->text);
    CXTranslationUnit unit = parse(r, fast, r->path.p, PARSE_OPTIONS);
    *rounds = 1;
    if (fast && (!unit || count_errors(clang, unit))) {
        CXTranslationUnit slow = parse(r, false, r->path.p, PARSE_OPTIONS);
        ++*rounds;
        bool is_better = slow && (!unit || count_errors(clang, slow) < count_errors(clang, unit));
        CXTranslationUnit worse = is_better ? unit : slow;
        if (worse) clang->disposeTranslationUnit(worse);
        if (is_better) unit = slow, fast = false;
    }
    for (u32 i = 0; unit && i < STUB_ROUNDS && add_stubs(r, unit); i++) {
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

static bool answer_unit(Request *r) {
    u32 rounds = 0;
    CXTranslationUnit unit = parse_best(r, &rounds);
    if (!unit) return fail(r->arena, STR("libclang gave up on it"));
    Front front = {.clang = &r->worker->clang,
                   .arena = r->arena,
                   .unit = unit,
                   .path = r->path,
                   .text = r->text};
    os_deep(read_deep, &front);
    size_t size;
    void *block = front_freeze(&front, rounds, &size);
    r->worker->clang.disposeTranslationUnit(unit);
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
    bool ok = unit && count_errors(clang, unit) == 0 &&
              clang->saveTranslationUnit(unit, r->path.p, clang->defaultSaveOptions(unit)) == 0;
    if (unit) clang->disposeTranslationUnit(unit);
    if (!ok) return fail(r->arena, STR("no precompiled header"));
    return os_message_write(&head, sizeof head);
}

static bool answer(Worker *worker, Arena *arena, Str message) {
    Str kind, field;
    Request r = {.worker = worker, .arena = arena};
    bool ok = message_take(&message, &kind) && message_take(&message, &r.path);
    bool reads = ok && str_is(kind, MESSAGE_READ);
    if (reads) ok = message_take(&message, &r.precompiled) && message_take(&message, &r.text);
    while (ok && message.n && r.n_given < ARGUMENTS_MAX) {
        ok = message_take(&message, &field);
        if (ok) r.given[r.n_given++] = field.p;
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
