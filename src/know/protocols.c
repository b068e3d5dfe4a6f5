/* Methods that belong together by name: what undoes what, what tells a thing to stop, what gives a
 * callback to the event loop, what blocks for good; and locks that a thread cannot take twice.
 * Sources: the libraries named in the rows, and CPython's asyncio, threading, queue. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const UndoRow undos[] = {
    /* adds, removes, usually weak */
    {"addCallback", "removeCallback", false},
    {"addHandler", "removeHandler", false}, /* logging.Logger */
    {"addListener", "removeListener", false},
    {"addObserver", "removeObserver", false},
    {"add_callback", "remove_callback", false},
    {"add_done_callback", "remove_done_callback", false}, /* asyncio.Future */
    {"add_handler", "remove_handler", false},
    {"add_hook", "remove_hook", false},
    {"add_listener", "remove_listener", false},
    {"add_observer", "remove_observer", false},
    {"add_reader", "remove_reader", false},                 /* asyncio */
    {"add_signal_handler", "remove_signal_handler", false}, /* asyncio */
    {"add_subscriber", "remove_subscriber", false},
    {"add_watcher", "remove_watcher", false},
    {"add_writer", "remove_writer", false}, /* asyncio */
    {"attach", "detach", false},
    {"bind", "unbind", false},
    {"connect", "disconnect", true}, /* django, blinker, pydispatcher hold receivers weakly */
    {"listen", "remove", false},     /* sqlalchemy.event */
    {"observe", "unobserve", false}, /* traitlets */
    {"on", "off", false},            /* pyee: remove_listener */
    {"on", "remove_listener", false},
    {"on_trait_change", "on_trait_change", false}, /* traitlets: with remove=True */
    {"register", "deregister", false},
    {"register", "unregister", false}, /* atexit, selectors, codecs */
    {"register_callback", "unregister_callback", false},
    {"register_handler", "unregister_handler", false},
    {"register_hook", "unregister_hook", false},
    {"register_listener", "unregister_listener", false},
    {"register_observer", "unregister_observer", false},
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

const UndoRow *know_undo(Str adds, Str removes) {
    u32 n = ARRAY_LEN(undos);
    for (u32 i = table_find(undos, n, sizeof undos[0], adds); i < n; i++) {
        if (!str_is(adds, undos[i].adds)) break;
        if (!removes.n || str_is(removes, undos[i].removes)) return &undos[i];
    }
    return NULL;
}

const ProtocolRow *know_protocol(Str name, Protocol kind) {
    u32 n = ARRAY_LEN(protocols);
    u32 i = table_find(protocols, n, sizeof protocols[0], name);
    return i < n && protocols[i].kind == kind ? &protocols[i] : NULL;
}
