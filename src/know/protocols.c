/* What methods do to code that runs, by name: what tells a thing to stop, what gives a callback to
 * an event loop, what blocks for good; and locks that a thread cannot take twice. What undoes what
 * is in pairs.c. Sources: the libraries named in the rows, and CPython's asyncio, threading, queue.
 */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ProtocolRow protocols[] = {
    /* method or canonical name, what it is, argument */
    {"CallAfter", PROTOCOL_ONCE, 0}, /* wxPython */
    {"CallLater", PROTOCOL_ONCE, 1}, /* wxPython */
    {"_thread.allocate_lock", PROTOCOL_LOCK, -1},
    {"aclose", PROTOCOL_STOP, -1},
    {"add_timeout", PROTOCOL_SCHEDULE, 1}, /* tornado */
    {"after", PROTOCOL_ONCE, 1},           /* tkinter */
    {"after_idle", PROTOCOL_ONCE, 0},
    {"callFromThread", PROTOCOL_ONCE, 0}, /* twisted */
    {"callLater", PROTOCOL_ONCE, 1},
    {"callWhenRunning", PROTOCOL_ONCE, 0},
    {"call_at", PROTOCOL_SCHEDULE, 1},
    {"call_later", PROTOCOL_SCHEDULE, 1},
    {"call_soon", PROTOCOL_SCHEDULE, 0},
    {"call_soon_threadsafe", PROTOCOL_SCHEDULE, 0},
    {"cancel", PROTOCOL_STOP, -1},
    {"cancel_remaining", PROTOCOL_STOP, -1}, /* aiorpcx, curio */
    {"close", PROTOCOL_STOP, -1},
    {"disconnect", PROTOCOL_STOP, -1},
    {"exit", PROTOCOL_STOP, -1},
    {"idle_add", PROTOCOL_ONCE, 0}, /* GLib */
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
    {"singleShot", PROTOCOL_ONCE, 1}, /* Qt */
    {"stop", PROTOCOL_STOP, -1},
    {"terminate", PROTOCOL_STOP, -1},
    {"thread.allocate_lock", PROTOCOL_LOCK, -1}, /* Python 2 */
    {"threading.BoundedSemaphore", PROTOCOL_LOCK, -1},
    {"threading.Lock", PROTOCOL_LOCK, -1},
    {"threading.Semaphore", PROTOCOL_LOCK, -1},
};
/* clang-format on */

const ProtocolRow *know_protocols(u32 *n) {
    *n = ARRAY_LEN(protocols);
    return protocols;
}

const ProtocolRow *know_protocol(Str name, Protocol kind) {
    u32 n = ARRAY_LEN(protocols);
    u32 i = table_find(protocols, n, sizeof protocols[0], name);
    return i < n && protocols[i].kind == kind ? &protocols[i] : NULL;
}
