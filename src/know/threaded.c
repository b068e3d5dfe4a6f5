/* Objects of libraries that run a thread of their own once they are told to: it holds them, and
 * what they hold, until they are told to stop.
 *
 * Sources: apscheduler 3, schedulers/background.py and blocking.py (the thread's target is a bound
 * method); paho-mqtt, paho/mqtt/client.py (`_thread_main`, which ends after `disconnect` too);
 * pynput, _util/__init__.py (a listener is a thread); watchdog, utils/__init__.py (so is an
 * observer). */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ThreadedRow threaded[] = {
    /* name, origin, what starts the thread, what ends it */
    {"apscheduler.schedulers.background.BackgroundScheduler", ORIGIN_OTHER, "start", "shutdown",
     NULL},
    {"paho.mqtt.client.Client", ORIGIN_OTHER, "loop_start", "loop_stop", "disconnect"},
    {"pynput.keyboard.Listener", ORIGIN_OTHER, "start", "stop", NULL},
    {"pynput.mouse.Listener", ORIGIN_OTHER, "start", "stop", NULL},
    {"watchdog.observers.Observer", ORIGIN_OTHER, "start", "stop", NULL},
};
/* clang-format on */

const ThreadedRow *know_threaded_rows(u32 *n) {
    *n = ARRAY_LEN(threaded);
    return threaded;
}

const ThreadedRow *know_threaded(Str canonical) {
    u32 n = ARRAY_LEN(threaded);
    u32 i = table_find(threaded, n, sizeof threaded[0], canonical);
    return i < n ? &threaded[i] : NULL;
}
