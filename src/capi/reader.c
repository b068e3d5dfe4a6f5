/* The side that asks: helpers, their deadline, and what is shared between units. */
#include "capi/capi.h"
#include "capi/message.h"
#include "capi/python_h.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECONDS = 60, /* for one unit */
    ANSWER_MAX = 1 << 30,
};

struct CReader {
    CReaderSettings settings;
    const char *command[3];
    OsProcess *helpers; /* one a worker */
    Str folder;         /* ours, for a while */
    Str wrapped;        /* with Python.h and assert.h */
    Str *precompiled;   /* one for each of settings.shared, or empty */
    Str python;
    bool is_stub; /* `python` is a directory of ours */
};

Str creader_python(const CReader *reader) {
    return reader->is_stub ? (Str){0} : reader->python;
}

Str creader_folder(const CReader *reader) {
    return reader->folder;
}

Str capi_python(Arena *arena) {
    return python_h_find(arena);
}

/* ---- asking ---- */

static const char *const *command_of(const CReader *r) {
    return r->settings.worker ? r->settings.worker : r->command;
}

static Str describe(int error, Arena *arena) {
    if (error == ETIMEDOUT) return STR("it took too long");
    if (error == EPIPE) return STR("libclang crashed");
    return str_copy(arena, str_from(strerror(error)));
}

/* One message to the helper of a worker; an answer that is not good is a problem. */
static bool ask(CReader *r, u32 worker, Str message, Arena *arena, void **answer, size_t *n,
                Str *problem) {
    OsProcess *helper = &r->helpers[worker];
    int error = helper->pid ? 0 : os_spawn(command_of(r), helper);
    if (!error) {
        u32 seconds = r->settings.seconds ? r->settings.seconds : SECONDS;
        error = os_process_ask(helper, message, seconds, ANSWER_MAX, answer, n);
    }
    if (error) {
        os_process_end(helper);
        *problem = describe(error, arena);
        return false;
    }
    AnswerHead head = {0};
    if (*n >= sizeof head) memcpy(&head, *answer, sizeof head);
    if (head.is_good) return true;
    Str text = {*answer, (u32)*n};
    *problem = str_copy(arena, str_sub(text, MIN((u32)sizeof head, text.n), text.n));
    free(*answer);
    return false;
}

static void put_include(Buf *message, const char *option, Str folder) {
    message_put(message, str_from(option));
    message_put(message, folder);
}

static void put_words(Buf *message, const Str *words, u32 n) {
    for (u32 i = 0; i < n; i++) message_put(message, words[i]);
}

static Str language(const CFlags *flags) {
    return flags->is_cxx ? STR("c++") : STR("c");
}

static void put_headers(const CReader *r, const CFlags *flags, Buf *message) {
    put_words(message, flags->common, flags->n_common);
    put_include(message, "-isystem", r->wrapped);
    put_include(message, "-isystem", r->python);
}

/* ---- units ---- */

static Str folder_of(Str path) {
    i64 slash = str_rfind(path, '/');
    return slash < 0 ? STR(".") : str_sub(path, 0, slash ? (u32)slash : 1);
}

static bool are_same_words(const Str *a, const Str *b, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (!str_eq(a[i], b[i])) return false;
    return true;
}

bool cflags_share(const CFlags *a, const CFlags *b) {
    return a->is_cxx == b->is_cxx && a->n_common == b->n_common &&
           are_same_words(a->common, b->common, a->n_common);
}

static Str precompiled_for(const CReader *r, const CFlags *flags) {
    for (u32 i = 0; i < r->settings.n_shared; i++)
        if (cflags_share(flags, &r->settings.shared[i])) return r->precompiled[i];
    return (Str){0};
}

bool creader_read(CReader *r, u32 worker, Str path, Str text, const CFlags *flags,
                  const Str *folders, u32 n, Arena *arena, CUnit *unit, Str *problem) {
    Buf message = {.arena = arena};
    message_put(&message, STR(MESSAGE_READ));
    message_put(&message, path);
    message_put(&message, language(flags));
    message_put(&message, precompiled_for(r, flags));
    message_put(&message, flags->is_known ? STR("known") : STR(MESSAGE_GUESSED));
    message_put(&message, text);
    put_headers(r, flags, &message);
    put_words(&message, flags->own, flags->n_own);
    put_include(&message, "-I", folder_of(path));
    for (u32 i = 0; i < n; i++) put_include(&message, "-I", folders[i]);
    void *answer;
    size_t size;
    if (!ask(r, worker, buf_get(&message), arena, &answer, &size, problem)) return false;
    /* the head is as long as the alignment of what follows */
    size_t rest = size - sizeof(AnswerHead);
    memmove(answer, (char *)answer + sizeof(AnswerHead), rest);
    if (cunit_view(answer, rest, unit)) return true;
    free(answer);
    *problem = STR("what the helper sent is not sound");
    return false;
}

/* ---- begin and end ---- */

/* Declarations of our own, under the names by which Python's are included. */
static bool write_stub(CReader *r, Arena *arena) {
    static const char *const others[] = {"structmember.h", "datetime.h", "frameobject.h",
                                         "marshal.h",      "pythread.h", "patchlevel.h",
                                         "pyconfig.h",     "object.h",   "pymem.h"};
    r->python = str_format(arena, "%.*s/stub", STR_ARG(r->folder));
    Str path = str_format(arena, "%.*s/Python.h", STR_ARG(r->python));
    bool ok = os_make_dir(r->python.p) == 0 && os_write_file(path.p, stub_h_text(arena)) == 0;
    for (u32 i = 0; i < ARRAY_LEN(others) && ok; i++) {
        path = str_format(arena, "%.*s/%s", STR_ARG(r->python), others[i]);
        ok = os_write_file(path.p, STR("#include <Python.h>\n")) == 0;
    }
    return ok;
}

static bool write_headers(CReader *r, Arena *arena) {
    if (!os_temporary(arena, &r->folder)) return false;
    r->wrapped = str_format(arena, "%.*s/include", STR_ARG(r->folder));
    Str python = str_format(arena, "%.*s/Python.h", STR_ARG(r->wrapped));
    Str assert = str_format(arena, "%.*s/assert.h", STR_ARG(r->wrapped));
    return os_make_dir(r->wrapped.p) == 0 && os_write_file(python.p, python_h_text()) == 0 &&
           os_write_file(assert.p, assert_h_text()) == 0 && (!r->is_stub || write_stub(r, arena));
}

/* Makes the header that units with these flags begin with; without a path only: does the helper
 * work at all? */
static bool precompile(CReader *r, const CFlags *flags, Str path, Arena *arena, Str *problem) {
    Buf message = {.arena = arena};
    message_put(&message, STR(MESSAGE_PRECOMPILE));
    message_put(&message, path);
    message_put(&message, language(flags));
    put_headers(r, flags, &message);
    void *answer;
    size_t n;
    if (!ask(r, 0, buf_get(&message), arena, &answer, &n, problem)) return false;
    free(answer);
    return true;
}

/* That a header cannot be made is no reason to give up; that no helper can be had is. */
static bool try_helper(CReader *r, Arena *arena, Str *problem) {
    const CFlags none = {0};
    r->precompiled = arena_array(arena, Str, r->settings.n_shared + 1);
    for (u32 i = 0; i < r->settings.n_shared; i++) {
        Str path = str_format(arena, "%.*s/python%u.pch", STR_ARG(r->folder), i);
        if (precompile(r, &r->settings.shared[i], path, arena, problem))
            r->precompiled[i] = path;
        else if (!str_starts(*problem, "no precompiled header"))
            return false;
    }
    return r->settings.n_shared || precompile(r, &none, (Str){0}, arena, problem);
}

CReader *creader_begin(Arena *arena, const CReaderSettings *settings, Str *problem) {
    CReader *r = arena_new(arena, CReader);
    Str program;
    r->settings = *settings;
    r->helpers = arena_array(arena, OsProcess, settings->workers + 1);
    bool wants_stub = str_is(str_after_last(settings->python, '/'), "none");
    r->python = settings->python.n ? settings->python : python_h_find(arena);
    r->is_stub = !r->python.n || (wants_stub && !python_h_is_in(arena, r->python));
    if (!capi_is_built_in()) {
        *problem = STR("limpet was built without the headers of libclang (libclang-19-dev)");
    } else if (!r->is_stub && !python_h_is_in(arena, r->python)) {
        *problem = STR("no Python.h was found in the directory of --python-include");
    } else if (!os_program(arena, &program) || !write_headers(r, arena)) {
        *problem = STR("no temporary files can be written");
    } else {
        r->command[0] = program.p;
        r->command[1] = "--capi-worker";
        if (try_helper(r, arena, problem)) return r;
    }
    creader_end(r);
    return NULL;
}

void creader_end(CReader *r) {
    for (u32 i = 0; i < r->settings.workers; i++) os_process_end(&r->helpers[i]);
    if (r->folder.n) os_remove_temporary(r->folder);
    r->folder = (Str){0};
}
