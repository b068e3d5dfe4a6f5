/* The global interpreter lock along the ways through a function. */
#include "capi/engine.h"

/* Calls of the C library and of databases that wait for something outside of the process. */
static const char *const waiting[] = {
    "accept",
    "accept4",
    "clock_nanosleep",
    "connect",
    "epoll_wait",
    "fdatasync",
    "flock",
    "fsync",
    "getaddrinfo",
    "gethostbyaddr",
    "gethostbyname",
    "getnameinfo",
    "mysql_query",
    "mysql_real_query",
    "nanosleep",
    "PQconnectdb",
    "PQexec",
    "PQexecParams",
    "PQgetResult",
    "poll",
    "read",
    "readv",
    "recv",
    "recvfrom",
    "recvmsg",
    "select",
    "send",
    "sendmsg",
    "sendto",
    "sleep",
    "sqlite3_step",
    "system",
    "usleep",
    "waitpid",
    "write",
    "writev",
};

static bool is_waiting(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(waiting); i++)
        if (str_is(name, waiting[i])) return true;
    return false;
}

static bool is_seen(const Engine *e, CFaultKind kind, u32 node) {
    const CFaults *out = e->study->out;
    for (u32 i = out->list.n; i-- > 0 && out->list.v[i].function == e->function;)
        if (out->list.v[i].kind == kind && out->list.v[i].origin == node) return true;
    return false;
}

/* One for each place where the lock is given up: the rest is its echo. */
static bool is_told(const Engine *e, u32 given_at) {
    const CFaults *out = e->study->out;
    for (u32 i = out->list.n; i-- > 0 && out->list.v[i].function == e->function;)
        if (out->list.v[i].kind == C_FAULT_NO_GIL && out->list.v[i].exit == given_at) return true;
    return false;
}

static CFault *report(Engine *e, CFaultKind kind, u32 node) {
    return is_seen(e, kind, node) ? NULL : study_fault(e->study, kind, e->function, node);
}

/* Python's own functions and macros, those of the C library left out. */
static bool is_python(Str name) {
    return str_starts(name, "Py") || str_starts(name, "_Py");
}

/* What only reads memory of an object that the caller holds. */
static bool is_reading(Str name) {
    static const char *const others[] = {"Py_SIZE",    "Py_TYPE",           "Py_REFCNT",
                                         "Py_IS_TYPE", "PyType_HasFeature", "PyErr_Occurred"};
    for (u32 i = 0; i < ARRAY_LEN(others); i++)
        if (str_is(name, others[i])) return true;
    return str_contains(name, "_AS_") || str_contains(name, "_GET_") || str_ends(name, "_Check") ||
           str_ends(name, "_CheckExact") || str_ends(name, "_DATA") || str_ends(name, "_KIND");
}

/* A thread state that goes anywhere but into a local variable is somebody else's to restore:
 * `*state = PyEval_SaveThread();`, `self->state = …`. */
static bool goes_elsewhere(Engine *e, u32 node) {
    const CNode *above = &e->unit->nodes[e->study->parents[node]];
    if (above->kind == C_DECLARE) return false;
    return above->kind != C_ASSIGN || !engine_local(e, above->child);
}

static bool is_kept_elsewhere(Engine *e, u32 node) {
    Str name = cunit_str(e->unit, e->unit->nodes[node].name);
    return str_is(name, "PyEval_SaveThread") && goes_elsewhere(e, node);
}

static void change(State *s, Str name, u32 node, u32 traits) {
    if (str_is(name, "PyGILState_Ensure")) {
        s->gil_taken++;
        s->gil_taken_at = node;
    } else if (str_is(name, "PyGILState_Release")) {
        if (s->gil_taken) s->gil_taken--;
    } else if (traits & API_GIL_RELEASES) {
        s->gil_given = true;
        s->gil_given_at = node;
    } else {
        s->gil_back |= !s->gil_given;
        s->gil_given = false;
    }
}

/* The function holds the lock here: it is called by Python, or has used the API on this way. */
static bool is_held(const Engine *e) {
    const State *s = e->now;
    if (s->gil_given) return false;
    return s->gil_used || s->gil_taken || s->gil_back || e->study->is_method[e->function];
}

static void use_lock(Engine *e, u32 node) {
    State *s = e->now;
    if (s->gil_given && !s->gil_taken) {
        CFault *fault = is_told(e, s->gil_given_at) ? NULL : report(e, C_FAULT_NO_GIL, node);
        if (fault) fault->exit = s->gil_given_at;
        /* another helper may take it back on a condition that is not seen to be the same */
        bool is_pair =
            study_row(e->study, s->gil_given_at) != NULL && !is_kept_elsewhere(e, s->gil_given_at);
        if (fault && !is_pair) fault->is_guess = true;
        return;
    }
    if (s->gil_taken || s->gil_back) return;
    s->gil_used = true;
    e->made.gil |= GIL_NEEDS;
}

static void wait(Engine *e, u32 node) {
    const State *s = e->now;
    if (is_held(e)) report(e, C_FAULT_WAITS, node);
    if (!s->gil_given && !s->gil_taken && !s->gil_back) e->made.gil |= GIL_WAITS;
}

void gil_call(Engine *e, u32 node, const ApiRow *row) {
    State *s = e->now;
    const CNode *n = &e->unit->nodes[node];
    Str name = cunit_str(e->unit, n->name);
    if (row && row->traits & (API_GIL_TAKES | API_GIL_RELEASES)) {
        change(s, name, node, row->traits);
        return;
    }
    if (row && is_python(name)) {
        if (!is_reading(name) && !(row->traits & (API_GIL_FREE | API_NORETURN))) use_lock(e, node);
        return;
    }
    bool is_library =
        e->unit->decls[n->decl].kind == C_FUNCTION && !(e->unit->decls[n->decl].flags & CDECL_BODY);
    if (is_library && is_waiting(name)) wait(e, node);
}

void gil_follow(Engine *e, u32 node, const Summary *callee) {
    State *s = e->now;
    if (callee->gil & GIL_NEEDS) use_lock(e, node);
    if (callee->gil & GIL_WAITS) wait(e, node);
    u32 end = callee->gil & (GIL_GIVES | GIL_TAKES | GIL_KEEPS);
    if (end == GIL_GIVES && !s->gil_given) {
        s->gil_given = true;
        s->gil_given_at = node;
    } else if (end == GIL_TAKES) {
        s->gil_back |= !s->gil_given;
        s->gil_given = false;
    }
}

/* Functions that only give the lock up, or only take it, are halves of a pair. */
static bool has_other_half(const Engine *e, bool given) {
    CWalk walk = cwalk_begin(e->arena, e->unit->decls[e->function].node);
    for (u32 node; (node = cwalk_next(e->unit, &walk));) {
        if (e->unit->nodes[node].kind != C_CALL) continue;
        Str name = cunit_str(e->unit, e->unit->nodes[node].name);
        if (!given && str_is(name, "PyGILState_Release")) return true;
        bool takes = str_is(name, "PyEval_RestoreThread") || str_is(name, "PyEval_AcquireThread") ||
                     str_is(name, "Py_END_ALLOW_THREADS") || str_is(name, "Py_BLOCK_THREADS");
        if (given && takes) return true;
    }
    return false;
}

void gil_return(Engine *e, u32 node) {
    const State *s = e->now;
    e->made.gil |= s->gil_given ? GIL_GIVES : s->gil_back ? GIL_TAKES : GIL_KEEPS;
    if (!s->gil_given && !s->gil_taken) return;
    bool given = s->gil_given;
    if (!has_other_half(e, given) || (given && is_kept_elsewhere(e, s->gil_given_at))) return;
    CFault *fault = report(e, C_FAULT_GIL, given ? s->gil_given_at : s->gil_taken_at);
    if (!fault) return;
    fault->exit = node;
}
