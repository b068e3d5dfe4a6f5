/* Methods that belong together by name: what undoes what, what tells a thing to stop, what gives a
 * callback to the event loop, what blocks for good; and locks that a thread cannot take twice.
 * Sources: the libraries named in the rows, and CPython's asyncio, threading, queue. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const UndoRow undos[] = {
    /* adds, removes, usually weak */
    {"add", "remove", false},
    {"attach", "detach", false},
    {"bind", "unbind", false},
    {"connect", "disconnect", true}, /* django, blinker, pydispatcher hold receivers weakly */
    {"listen", "remove", false},     /* sqlalchemy.event */
    {"observe", "unobserve", false}, /* traitlets */
    {"on", "off", false},
    {"on", "remove_listener", false},              /* pyee */
    {"on_trait_change", "on_trait_change", false}, /* traitlets: with remove=True */
    {"register", "deregister", false},
    {"register", "unregister", false}, /* atexit, selectors, codecs */
    {"subscribe", "unsubscribe", false},
};

/* The same with more behind it, which is then the same: `addHandler` and `removeHandler` of
 * logging, `add_reader` and `remove_reader` of asyncio, `register_error_handler` … */
static const UndoRow undo_stems[] = {
    {"add", "remove", false},
    {"attach", "detach", false},
    {"bind", "unbind", false},
    {"connect", "disconnect", true},
    {"register", "deregister", false},
    {"register", "unregister", false},
    {"subscribe", "unsubscribe", false},
};

static const ProtocolRow protocols[] = {
    /* method or canonical name, what it is, argument */
    {"_thread.allocate_lock", PROTOCOL_LOCK, -1},
    {"aclose", PROTOCOL_STOP, -1},
    {"add_timeout", PROTOCOL_SCHEDULE, 1}, /* tornado */
    {"call_at", PROTOCOL_SCHEDULE, 1},
    {"call_later", PROTOCOL_SCHEDULE, 1},
    {"call_soon", PROTOCOL_SCHEDULE, 0},
    {"call_soon_threadsafe", PROTOCOL_SCHEDULE, 0},
    {"cancel", PROTOCOL_STOP, -1},
    {"close", PROTOCOL_STOP, -1},
    {"disconnect", PROTOCOL_STOP, -1},
    {"exit", PROTOCOL_STOP, -1},
    {"join_thread", PROTOCOL_STOP, -1},
    {"kill", PROTOCOL_STOP, -1},
    {"multiprocessing.Lock", PROTOCOL_LOCK, -1},
    {"notify", PROTOCOL_STOP, -1},
    {"notify_all", PROTOCOL_STOP, -1},
    {"put", PROTOCOL_SENTINEL, 0},
    {"put_nowait", PROTOCOL_SENTINEL, 0},
    {"quit", PROTOCOL_STOP, -1},
    {"release", PROTOCOL_STOP, -1},
    {"run_forever", PROTOCOL_ENDLESS, -1}, /* asyncio */
    {"send", PROTOCOL_SENTINEL, 0},
    {"serve_forever", PROTOCOL_ENDLESS, -1}, /* socketserver */
    {"set", PROTOCOL_STOP, -1},              /* threading.Event */
    {"set_result", PROTOCOL_STOP, -1},
    {"shutdown", PROTOCOL_STOP, -1},
    {"stop", PROTOCOL_STOP, -1},
    {"terminate", PROTOCOL_STOP, -1},
    {"thread.allocate_lock", PROTOCOL_LOCK, -1}, /* Python 2 */
    {"threading.BoundedSemaphore", PROTOCOL_LOCK, -1},
    {"threading.Lock", PROTOCOL_LOCK, -1},
    {"threading.Semaphore", PROTOCOL_LOCK, -1},
};
/* clang-format on */

const UndoRow *know_undos(u32 *n) {
    *n = ARRAY_LEN(undos);
    return undos;
}

const ProtocolRow *know_protocols(u32 *n) {
    *n = ARRAY_LEN(protocols);
    return protocols;
}

/* What follows the stem, when it begins a new word: `_reader`, `Handler`. */
static Str rest_of(Str name, const char *stem) {
    Str begin = str_from(stem);
    if (!str_starts(name, stem) || name.n == begin.n) return (Str){0};
    char next = name.p[begin.n];
    bool is_word = next == '_' || (next >= 'A' && next <= 'Z');
    return is_word ? str_sub(name, begin.n, name.n) : (Str){0};
}

const UndoRow *know_undo(Str adds, Str removes) {
    u32 n = ARRAY_LEN(undos);
    for (u32 i = table_find(undos, n, sizeof undos[0], adds); i < n; i++) {
        if (!str_is(adds, undos[i].adds)) break;
        if (!removes.n || str_is(removes, undos[i].removes)) return &undos[i];
    }
    for (u32 i = 0; i < ARRAY_LEN(undo_stems); i++) {
        Str rest = rest_of(adds, undo_stems[i].adds);
        if (rest.n && (!removes.n || str_eq(rest, rest_of(removes, undo_stems[i].removes))))
            return &undo_stems[i];
    }
    return NULL;
}

const ProtocolRow *know_protocol(Str name, Protocol kind) {
    u32 n = ARRAY_LEN(protocols);
    u32 i = table_find(protocols, n, sizeof protocols[0], name);
    return i < n && protocols[i].kind == kind ? &protocols[i] : NULL;
}
