/* What takes back what: names of methods that belong together on any receiver, and what is known of
 * single functions and methods that keep a callback. See know.h for the columns.
 *
 * The sources of the names that hold for any receiver are the libraries that stand beside them; of
 * the others, the last column: a file of CPython's Lib/ or Modules/, a file of the package, or a
 * page of its manual. Where effects*.c speak of the same call, a test compares what they say. */
#include "know/know.h"
#include "know/table.h"

#include <string.h>

/* clang-format off: one row a line */
static const UndoRow undos[] = {
    /* adds, removes, flags */
    {"acquire", "release", 0}, /* threading, semaphores, pools */
    {"add", "remove", 0},
    {"addBoth", "cancel", UNDO_LISTENS | UNDO_ONCE}, /* twisted: the Deferred's cancel */
    {"addCallback", "cancel", UNDO_LISTENS | UNDO_ONCE},
    {"addErrback", "cancel", UNDO_LISTENS | UNDO_ONCE},
    {"addEventListener", "removeEventListener", UNDO_LISTENS}, /* pyodide, DOM bindings */
    {"addHandler", "removeHandler", UNDO_LISTENS},             /* logging */
    {"addListener", "removeListener", UNDO_LISTENS},
    {"addObserver", "removeObserver", UNDO_LISTENS}, /* twisted.python.log */
    {"add_done_callback", "remove_done_callback", UNDO_LISTENS | UNDO_ONCE}, /* asyncio */
    {"add_listener", "remove_listener", UNDO_LISTENS}, /* pyee, discord.py, apscheduler */
    {"attach", "detach", UNDO_LISTENS},                /* the observer pattern's names */
    {"bind", "unbind", UNDO_LISTENS},                  /* tkinter, kivy */
    {"call_at", "cancel", UNDO_LISTENS | UNDO_ONCE | UNDO_RESULT},
    {"call_later", "cancel", UNDO_LISTENS | UNDO_ONCE | UNDO_RESULT},
    {"call_soon", "cancel", UNDO_LISTENS | UNDO_ONCE | UNDO_RESULT},
    {"connect", "disconnect", UNDO_WEAK | UNDO_LISTENS},         /* django, blinker, pydispatcher */
    {"connect", "disconnect_by_func", UNDO_WEAK | UNDO_LISTENS}, /* GObject */
    {"connect", "handler_disconnect", UNDO_WEAK | UNDO_LISTENS}, /* GObject */
    {"connect", "signal_handler_disconnect", UNDO_WEAK | UNDO_LISTENS}, /* GObject */
    {"link", "unlink", UNDO_LISTENS | UNDO_ONCE},                       /* gevent */
    {"listen", "remove", UNDO_LISTENS},                                 /* sqlalchemy.event */
    {"listen", "unlisten", UNDO_LISTENS},
    {"observe", "unobserve", UNDO_LISTENS}, /* traitlets */
    {"on", "off", UNDO_LISTENS},
    {"on", "remove_listener", UNDO_LISTENS},              /* pyee */
    {"on_change", "remove_on_change", UNDO_LISTENS},      /* bokeh */
    {"on_trait_change", "on_trait_change", UNDO_LISTENS}, /* traitlets: with remove=True */
    {"once", "off", UNDO_LISTENS | UNDO_ONCE},
    {"once", "remove_listener", UNDO_LISTENS | UNDO_ONCE}, /* pyee */
    {"open", "close", 0},
    {"rawlink", "unlink", UNDO_LISTENS | UNDO_ONCE}, /* gevent */
    {"register", "unregister", UNDO_LISTENS},        /* atexit, selectors, codecs */
    {"register", "deregister", UNDO_LISTENS},
    {"start", "stop", 0},
    {"subscribe", "unsubscribe", UNDO_LISTENS},
    {"trace_add", "trace_remove", UNDO_LISTENS}, /* tkinter.Variable */
    {"trace_variable", "trace_vdelete", UNDO_LISTENS},
    {"watch", "unwatch", UNDO_LISTENS}, /* param */
};

/* The same with more behind it, which is then the same: `addHandler` and `removeHandler` of
 * logging, `add_reader` and `remove_reader` of asyncio, `register_error_handler` … */
static const UndoRow undo_stems[] = {
    {"add", "remove", 0},
    {"add", "del", 0}, /* slixmpp, gi */
    {"add", "delete", 0},
    {"attach", "detach", UNDO_LISTENS},
    {"bind", "unbind", UNDO_LISTENS},
    {"connect", "disconnect", UNDO_WEAK | UNDO_LISTENS},
    {"observe", "unobserve", UNDO_LISTENS},
    {"register", "unregister", 0},
    {"register", "deregister", 0},
    {"subscribe", "unsubscribe", UNDO_LISTENS},
};

/* What `add_…` and `register_…` keep when it is the last word of their name. */
static const char *const listening_nouns[] = {
    "callback", "cb",        "consumer", "handler", "hook",       "listener", "middleware",
    "observer", "processor", "receiver", "slot",    "subscriber", "trigger",  "watcher"};

/* Methods of one receiver that let go of all that it was given to call. */
static const char *const undo_all[] = {
    "clear_callbacks", "clear_handlers",     "clear_listeners", "detach_all",
    "disconnect_all",  "removeAllListeners", "remove_all",      "remove_all_listeners",
    "unbind_all",      "unobserve_all",      "unregister_all",  "unsubscribe_all"};

/* Methods of the rows below that keep a callback until it is taken back, and whose names do not say
 * so; a test compares them. */
static const struct {
    const char *name;
} pair_methods[] = {
    {"addReader"},
    {"add_cog"},
    {"add_handler_for_watch"},
    {"add_job"},
    {"add_reader"},
    {"add_writer"},
    {"basic_consume"},
    {"create_observable_counter"},
    {"create_observable_gauge"},
    {"create_observable_up_down_counter"},
    {"fbind"},
    {"message_callback_add"},
    {"mpl_connect"},
    {"on_recv"},
    {"on_send"},
    {"protocol"},
    {"psubscribe"},
    {"schedule"},
    {"set_exception_handler"},
    {"set_function"},
};

static const PairRow pairs[] = {
    /* adds, origin, removes, callback, keywords, hold, keyword that changes it, flags, source */
    {"PyQt5.QtCore.pyqtBoundSignal.connect", ORIGIN_OTHER, "disconnect", 0, "slot",
     PAIR_WEAK_METHODS, NULL, 0, "manual, Support for Signals and Slots"},
    {"PyQt6.QtCore.pyqtBoundSignal.connect", ORIGIN_OTHER, "disconnect", 0, "slot",
     PAIR_WEAK_METHODS, NULL, 0, "manual, Support for Signals and Slots"},
    {"PySide2.QtCore.SignalInstance.connect", ORIGIN_OTHER, "disconnect", 0, "", PAIR_WEAK_METHODS,
     NULL, 0, "libpyside/dynamicqmetaobject.cpp"},
    {"PySide6.QtCore.SignalInstance.connect", ORIGIN_OTHER, "disconnect", 0, "", PAIR_WEAK_METHODS,
     NULL, 0, "libpyside/dynamicslot.cpp"},
    {"apscheduler.schedulers.base.BaseScheduler.add_job", ORIGIN_OTHER,
     "remove_job,remove_all_jobs,.remove", 0, "func,args,kwargs", PAIR_STRONG, NULL, PAIR_ALL,
     "apscheduler/schedulers/base.py"},
    {"apscheduler.schedulers.base.BaseScheduler.add_listener", ORIGIN_OTHER, "remove_listener", 0,
     "callback", PAIR_STRONG, NULL, 0, "apscheduler/schedulers/base.py"},
    {"asyncio.AbstractEventLoop.add_reader", ORIGIN_STDLIB, "remove_reader", 1, "callback",
     PAIR_STRONG, NULL, PAIR_SLOT | PAIR_ALL, "asyncio/selector_events.py"},
    {"asyncio.AbstractEventLoop.add_signal_handler", ORIGIN_STDLIB, "remove_signal_handler", 1,
     "callback", PAIR_STRONG, NULL, PAIR_SLOT | PAIR_ALL | PAIR_PROCESS, "asyncio/unix_events.py"},
    {"asyncio.AbstractEventLoop.add_writer", ORIGIN_STDLIB, "remove_writer", 1, "callback",
     PAIR_STRONG, NULL, PAIR_SLOT | PAIR_ALL, "asyncio/selector_events.py"},
    {"asyncio.AbstractEventLoop.call_at", ORIGIN_STDLIB, ".cancel", 1, "callback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "asyncio/base_events.py"},
    {"asyncio.AbstractEventLoop.call_later", ORIGIN_STDLIB, ".cancel", 1, "callback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "asyncio/base_events.py"},
    {"asyncio.AbstractEventLoop.call_soon", ORIGIN_STDLIB, ".cancel", 0, "callback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "asyncio/base_events.py"},
    {"asyncio.AbstractEventLoop.call_soon_threadsafe", ORIGIN_STDLIB, ".cancel", 0, "callback",
     PAIR_STRONG, NULL, PAIR_ONCE | PAIR_ALL, "asyncio/base_events.py"},
    {"asyncio.AbstractEventLoop.set_exception_handler", ORIGIN_STDLIB, "set_exception_handler", 0,
     "handler", PAIR_STRONG, NULL, PAIR_SLOT, "asyncio/base_events.py"},
    {"asyncio.Future.add_done_callback", ORIGIN_STDLIB, "remove_done_callback", 0, "", PAIR_STRONG,
     NULL, PAIR_ONCE, "asyncio/futures.py"},
    {"atexit.register", ORIGIN_STDLIB, "atexit.unregister", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_ALL, "Modules/atexitmodule.c"},
    {"billiard.util.register_after_fork", ORIGIN_OTHER, "", 1, "func", PAIR_STRONG, NULL,
     PAIR_PROCESS, "billiard/util.py"},
    {"blinker.Signal.connect", ORIGIN_OTHER, "disconnect", 0, "receiver", PAIR_WEAK, "weak", 0,
     "blinker/base.py"},
    {"bokeh.model.Model.on_change", ORIGIN_OTHER, "remove_on_change", 1, "", PAIR_STRONG, NULL, 0,
     "bokeh/model/model.py"},
    {"celery.utils.dispatch.Signal.connect", ORIGIN_OTHER, "disconnect", 0, "receiver", PAIR_WEAK,
     "weak", 0, "celery/utils/dispatch/signal.py"},
    {"codecs.register", ORIGIN_STDLIB, "codecs.unregister", 0, "search_function", PAIR_STRONG, NULL,
     PAIR_PROCESS, "Python/codecs.c"},
    {"codecs.register_error", ORIGIN_STDLIB, "", 1, "error_handler", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "Python/codecs.c"},
    {"concurrent.futures.Future.add_done_callback", ORIGIN_STDLIB, "", 0, "fn", PAIR_STRONG, NULL,
     PAIR_ONCE, "concurrent/futures/_base.py"},
    {"contextlib.ExitStack.callback", ORIGIN_STDLIB, "close,pop_all", 0, "", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "contextlib.py"},
    {"contextlib.ExitStack.push", ORIGIN_STDLIB, "close,pop_all", 0, "exit", PAIR_STRONG, NULL,
     PAIR_ONCE, "contextlib.py"},
    {"discord.ext.commands.Bot.add_cog", ORIGIN_OTHER, "remove_cog", 0, "cog", PAIR_STRONG, NULL,
     PAIR_SLOT, "discord/ext/commands/bot.py"},
    {"discord.ext.commands.Bot.add_listener", ORIGIN_OTHER, "remove_listener", 0, "func",
     PAIR_STRONG, NULL, 0, "discord/ext/commands/bot.py"},
    {"django.dispatch.Signal.connect", ORIGIN_OTHER, "disconnect", 0, "receiver", PAIR_WEAK, "weak",
     0, "django/dispatch/dispatcher.py"},
    {"gc.callbacks.append", ORIGIN_STDLIB, "gc.callbacks.remove,gc.callbacks.clear", 0, "",
     PAIR_STRONG, NULL, PAIR_PROCESS, "Modules/gcmodule.c"},
    {"gc.callbacks.insert", ORIGIN_STDLIB, "gc.callbacks.remove,gc.callbacks.clear", 1, "",
     PAIR_STRONG, NULL, PAIR_PROCESS, "Modules/gcmodule.c"},
    {"gevent.Greenlet.link", ORIGIN_OTHER, "unlink", 0, "callback", PAIR_STRONG, NULL, PAIR_ONCE,
     "gevent/greenlet.py"},
    {"gi.repository.GLib.timeout_add", ORIGIN_OTHER, "gi.repository.GLib.source_remove", 1,
     "function", PAIR_STRONG, NULL, PAIR_PROCESS | PAIR_TIMER, "gi/overrides/GLib.py"},
    {"gi.repository.GLib.timeout_add_seconds", ORIGIN_OTHER, "gi.repository.GLib.source_remove", 1,
     "function", PAIR_STRONG, NULL, PAIR_PROCESS | PAIR_TIMER, "gi/overrides/GLib.py"},
    {"gi.repository.GObject.timeout_add", ORIGIN_OTHER, "gi.repository.GLib.source_remove", 1,
     "function", PAIR_STRONG, NULL, PAIR_PROCESS | PAIR_TIMER, "gi/overrides/GLib.py"},
    {"gi.repository.GObject.timeout_add_seconds", ORIGIN_OTHER, "gi.repository.GLib.source_remove",
     1, "function", PAIR_STRONG, NULL, PAIR_PROCESS | PAIR_TIMER, "gi/overrides/GLib.py"},
    {"gobject.timeout_add", ORIGIN_OTHER, "gobject.source_remove", 1, "callback", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_TIMER, "gobject/__init__.py"},
    {"gobject.timeout_add_seconds", ORIGIN_OTHER, "gobject.source_remove", 1, "callback",
     PAIR_STRONG, NULL, PAIR_PROCESS | PAIR_TIMER, "gobject/__init__.py"},
    {"kivy.core.window.Window.bind", ORIGIN_OTHER, "unbind", -1, "*", PAIR_WEAK_METHODS, NULL, 0,
     "kivy/_event.pyx"},
    {"kivy.core.window.Window.fbind", ORIGIN_OTHER, "funbind,unbind_uid", 1, "func", PAIR_STRONG,
     NULL, PAIR_ALL, "kivy/_event.pyx"},
    {"kivy.event.EventDispatcher.bind", ORIGIN_OTHER, "unbind", -1, "*", PAIR_WEAK_METHODS, NULL, 0,
     "kivy/_event.pyx"},
    {"kivy.event.EventDispatcher.fbind", ORIGIN_OTHER, "funbind,unbind_uid", 1, "func", PAIR_STRONG,
     NULL, PAIR_ALL, "kivy/_event.pyx"},
    {"kombu.Consumer.register_callback", ORIGIN_OTHER, "", 0, "callback", PAIR_STRONG, NULL, 0,
     "kombu/messaging.py"},
    {"kombu.utils.compat.register_after_fork", ORIGIN_OTHER, "", 1, "func", PAIR_STRONG, NULL,
     PAIR_PROCESS, "kombu/utils/compat.py"},
    {"logging.Filterer.addFilter", ORIGIN_STDLIB, "removeFilter", 0, "filter", PAIR_STRONG, NULL,
     PAIR_LOGGER, "logging/__init__.py"},
    {"logging.Logger.addHandler", ORIGIN_STDLIB, "removeHandler", 0, "hdlr", PAIR_STRONG, NULL,
     PAIR_LOGGER, "logging/__init__.py"},
    {"matplotlib.backend_bases.FigureCanvasBase.mpl_connect", ORIGIN_OTHER, "mpl_disconnect", 1,
     "func", PAIR_WEAK_METHODS, NULL, 0, "matplotlib/cbook.py"},
    {"multiprocessing.util.register_after_fork", ORIGIN_STDLIB, "", 1, "func", PAIR_STRONG, NULL,
     PAIR_PROCESS, "multiprocessing/util.py"},
    {"opentelemetry.metrics.Meter.create_observable_counter", ORIGIN_OTHER, "", 1, "callbacks",
     PAIR_STRONG, NULL, 0, "opentelemetry-python, issues 2454 and 4120"},
    {"opentelemetry.metrics.Meter.create_observable_gauge", ORIGIN_OTHER, "", 1, "callbacks",
     PAIR_STRONG, NULL, 0, "opentelemetry-python, issues 2454 and 4120"},
    {"opentelemetry.metrics.Meter.create_observable_up_down_counter", ORIGIN_OTHER, "", 1,
     "callbacks", PAIR_STRONG, NULL, 0, "opentelemetry-python, issues 2454 and 4120"},
    {"os.register_at_fork", ORIGIN_STDLIB, "", -1, "before,after_in_child,after_in_parent",
     PAIR_STRONG, NULL, PAIR_PROCESS, "Modules/posixmodule.c"},
    {"paho.mqtt.client.Client.message_callback_add", ORIGIN_OTHER, "message_callback_remove", 1,
     "callback", PAIR_STRONG, NULL, PAIR_SLOT, "paho/mqtt/client.py"},
    {"pika.channel.Channel.add_on_close_callback", ORIGIN_OTHER, "remove_on_close_callback", 0,
     "callback", PAIR_STRONG, NULL, 0, "pika/channel.py"},
    {"pika.channel.Channel.basic_consume", ORIGIN_OTHER, "basic_cancel", 1, "on_message_callback",
     PAIR_STRONG, NULL, 0, "pika/channel.py"},
    {"pluggy.PluginManager.register", ORIGIN_OTHER, "unregister", 0, "plugin", PAIR_STRONG, NULL, 0,
     "pluggy/_manager.py"},
    {"prometheus_client.CollectorRegistry.register", ORIGIN_OTHER, "unregister", 0, "collector",
     PAIR_STRONG, NULL, 0, "prometheus_client/registry.py"},
    {"prometheus_client.Gauge.set_function", ORIGIN_OTHER, "", 0, "f", PAIR_STRONG, NULL, PAIR_SLOT,
     "prometheus_client/metrics.py"},
    {"psygnal.SignalInstance.connect", ORIGIN_OTHER, "disconnect", 0, "slot", PAIR_WEAK_METHODS,
     NULL, 0, "psygnal/_weak_callback.py"},
    {"pubsub.pub.subscribe", ORIGIN_OTHER, "pubsub.pub.unsubscribe,pubsub.pub.unsubAll", 0,
     "listener", PAIR_WEAK, NULL, 0, "pubsub/core/listener.py"},
    {"pydispatch.dispatcher.connect", ORIGIN_OTHER, "pydispatch.dispatcher.disconnect", 0,
     "receiver", PAIR_WEAK, "weak", 0, "pydispatch/dispatcher.py"},
    {"pyee.EventEmitter.add_listener", ORIGIN_OTHER, "remove_listener,remove_all_listeners", 1, "f",
     PAIR_STRONG, NULL, 0, "pyee/base.py"},
    {"pyee.EventEmitter.on", ORIGIN_OTHER, "remove_listener,remove_all_listeners", 1, "f",
     PAIR_STRONG, NULL, 0, "pyee/base.py"},
    {"pyee.EventEmitter.once", ORIGIN_OTHER, "remove_listener,remove_all_listeners", 1, "f",
     PAIR_STRONG, NULL, PAIR_ONCE, "pyee/base.py"},
    {"pytest.Config.add_cleanup", ORIGIN_OTHER, "", 0, "func", PAIR_STRONG, NULL, PAIR_ONCE,
     "_pytest/config/__init__.py"},
    {"pytest.FixtureRequest.addfinalizer", ORIGIN_OTHER, "", 0, "finalizer", PAIR_STRONG, NULL,
     PAIR_ONCE, "_pytest/fixtures.py"},
    {"readline.set_completer", ORIGIN_STDLIB, "readline.set_completer", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "Modules/readline.c"},
    {"redis.client.PubSub.psubscribe", ORIGIN_OTHER, "punsubscribe,close,aclose,reset", -1, "*",
     PAIR_STRONG, NULL, PAIR_SLOT, "redis/client.py"},
    {"redis.client.PubSub.subscribe", ORIGIN_OTHER, "unsubscribe,close,aclose,reset", -1, "*",
     PAIR_STRONG, NULL, PAIR_SLOT, "redis/client.py"},
    {"selectors.BaseSelector.register", ORIGIN_STDLIB, "unregister,close", 2, "data", PAIR_STRONG,
     NULL, PAIR_SLOT, "selectors.py"},
    {"signal.signal", ORIGIN_STDLIB, "signal.signal", 1, "handler", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "Modules/signalmodule.c"},
    {"socketio.AsyncClient.on", ORIGIN_OTHER, "", 1, "handler", PAIR_STRONG, NULL, PAIR_SLOT,
     "socketio/base_client.py"},
    {"socketio.AsyncServer.on", ORIGIN_OTHER, "", 1, "handler", PAIR_STRONG, NULL, PAIR_SLOT,
     "socketio/base_server.py"},
    {"socketio.Client.on", ORIGIN_OTHER, "", 1, "handler", PAIR_STRONG, NULL, PAIR_SLOT,
     "socketio/base_client.py"},
    {"socketio.Server.on", ORIGIN_OTHER, "", 1, "handler", PAIR_STRONG, NULL, PAIR_SLOT,
     "socketio/base_server.py"},
    {"sqlalchemy.event.listen", ORIGIN_OTHER, "sqlalchemy.event.remove", 2, "fn", PAIR_STRONG, NULL,
     PAIR_HOLDER, "sqlalchemy/event/registry.py"},
    {"sys.addaudithook", ORIGIN_STDLIB, "", 0, "hook", PAIR_STRONG, NULL, PAIR_PROCESS,
     "Python/sysmodule.c"},
    {"sys.breakpointhook", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.displayhook", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.excepthook", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.meta_path.append", ORIGIN_STDLIB,
     "sys.meta_path.remove,sys.meta_path.pop,sys.meta_path.clear", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS, "importlib/_bootstrap.py"},
    {"sys.meta_path.insert", ORIGIN_STDLIB,
     "sys.meta_path.remove,sys.meta_path.pop,sys.meta_path.clear", 1, "", PAIR_STRONG, NULL,
     PAIR_PROCESS, "importlib/_bootstrap.py"},
    {"sys.path_hooks.append", ORIGIN_STDLIB,
     "sys.path_hooks.remove,sys.path_hooks.pop,sys.path_hooks.clear", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS, "importlib/_bootstrap_external.py"},
    {"sys.path_hooks.insert", ORIGIN_STDLIB,
     "sys.path_hooks.remove,sys.path_hooks.pop,sys.path_hooks.clear", 1, "", PAIR_STRONG, NULL,
     PAIR_PROCESS, "importlib/_bootstrap_external.py"},
    {"sys.setprofile", ORIGIN_STDLIB, "sys.setprofile", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "Python/sysmodule.c"},
    {"sys.settrace", ORIGIN_STDLIB, "sys.settrace", 0, "", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "Python/sysmodule.c"},
    {"sys.stderr", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.stdin", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.stdout", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"sys.unraisablehook", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "Python/sysmodule.c"},
    {"threading.excepthook", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "threading.py"},
    {"threading.setprofile", ORIGIN_STDLIB, "threading.setprofile", 0, "func", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "threading.py"},
    {"threading.settrace", ORIGIN_STDLIB, "threading.settrace", 0, "func", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_SLOT, "threading.py"},
    {"tkinter.Misc.after", ORIGIN_STDLIB, "after_cancel", 1, "func", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "tkinter/__init__.py"},
    {"tkinter.Misc.after_idle", ORIGIN_STDLIB, "after_cancel", 0, "func", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "tkinter/__init__.py"},
    {"tkinter.Misc.bind", ORIGIN_STDLIB, "unbind,destroy", 1, "func", PAIR_STRONG, NULL, 0,
     "tkinter/__init__.py"},
    {"tkinter.Misc.bind_all", ORIGIN_STDLIB, "unbind_all,destroy", 1, "func", PAIR_STRONG, NULL, 0,
     "tkinter/__init__.py"},
    {"tkinter.Misc.bind_class", ORIGIN_STDLIB, "unbind_class,destroy", 2, "func", PAIR_STRONG, NULL,
     0, "tkinter/__init__.py"},
    {"tkinter.Variable.trace_add", ORIGIN_STDLIB, "trace_remove", 1, "callback", PAIR_STRONG, NULL,
     0, "tkinter/__init__.py"},
    {"tkinter.Variable.trace_variable", ORIGIN_STDLIB, "trace_vdelete", 1, "callback", PAIR_STRONG,
     NULL, 0, "tkinter/__init__.py"},
    {"tkinter.Wm.protocol", ORIGIN_STDLIB, "protocol,destroy", 1, "func", PAIR_STRONG, NULL,
     PAIR_SLOT, "tkinter/__init__.py"},
    {"tornado.ioloop.IOLoop.add_callback", ORIGIN_OTHER, "", 0, "callback", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "tornado/ioloop.py"},
    {"tornado.ioloop.IOLoop.add_future", ORIGIN_OTHER, "", 1, "callback", PAIR_STRONG, NULL,
     PAIR_ONCE, "tornado/ioloop.py"},
    {"tornado.ioloop.IOLoop.add_handler", ORIGIN_OTHER, "remove_handler", 1, "handler", PAIR_STRONG,
     NULL, PAIR_SLOT, "tornado/ioloop.py"},
    {"tornado.ioloop.IOLoop.add_timeout", ORIGIN_OTHER, "remove_timeout", 1, "callback",
     PAIR_STRONG, NULL, PAIR_ONCE | PAIR_ALL, "tornado/ioloop.py"},
    {"tornado.ioloop.IOLoop.call_later", ORIGIN_OTHER, "remove_timeout", 1, "callback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "tornado/ioloop.py"},
    {"tornado.ioloop.PeriodicCallback", ORIGIN_OTHER, ".stop", 0, "callback", PAIR_STRONG, NULL, 0,
     "tornado/ioloop.py"},
    {"traitlets.HasTraits.observe", ORIGIN_OTHER, "unobserve,unobserve_all", 0, "handler",
     PAIR_STRONG, NULL, 0, "traitlets/traitlets.py"},
    {"traitlets.HasTraits.on_trait_change", ORIGIN_OTHER, "on_trait_change,unobserve_all", 0,
     "handler", PAIR_STRONG, NULL, 0, "traitlets/traitlets.py"},
    {"twisted.internet.defer.Deferred.addBoth", ORIGIN_OTHER, "", 0, "callback", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "twisted/internet/defer.py"},
    {"twisted.internet.defer.Deferred.addCallback", ORIGIN_OTHER, "", 0, "callback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "twisted/internet/defer.py"},
    {"twisted.internet.defer.Deferred.addErrback", ORIGIN_OTHER, "", 0, "errback", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "twisted/internet/defer.py"},
    {"twisted.internet.reactor.addReader", ORIGIN_OTHER,
     "twisted.internet.reactor.removeReader,twisted.internet.reactor.removeAll", 0, "reader",
     PAIR_STRONG, NULL, 0, "twisted/internet/posixbase.py"},
    {"twisted.internet.reactor.addSystemEventTrigger", ORIGIN_OTHER,
     "twisted.internet.reactor.removeSystemEventTrigger", 2, "callable", PAIR_STRONG, NULL,
     PAIR_PROCESS | PAIR_ALL, "twisted/internet/base.py"},
    {"twisted.internet.reactor.callLater", ORIGIN_OTHER, ".cancel", 1, "callable", PAIR_STRONG,
     NULL, PAIR_ONCE | PAIR_ALL, "twisted/internet/base.py"},
    {"twisted.python.log.addObserver", ORIGIN_OTHER, "twisted.python.log.removeObserver", 0,
     "observer", PAIR_STRONG, NULL, 0, "twisted/python/log.py"},
    {"unittest.TestCase.addCleanup", ORIGIN_STDLIB, "doCleanups", 0, "function", PAIR_STRONG, NULL,
     PAIR_ONCE | PAIR_ALL, "unittest/case.py"},
    {"warnings.formatwarning", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "warnings.py"},
    {"warnings.showwarning", ORIGIN_STDLIB, "", -1, "", PAIR_STRONG, NULL,
     PAIR_ASSIGN | PAIR_SLOT | PAIR_PROCESS, "warnings.py"},
    {"watchdog.observers.Observer.add_handler_for_watch", ORIGIN_OTHER,
     "remove_handler_for_watch,unschedule,unschedule_all", 0, "event_handler", PAIR_STRONG, NULL, 0,
     "watchdog/observers/api.py"},
    {"watchdog.observers.Observer.schedule", ORIGIN_OTHER,
     "unschedule,unschedule_all,remove_handler_for_watch,stop", 0, "event_handler", PAIR_STRONG,
     NULL, 0, "watchdog/observers/api.py"},
    {"zmq.eventloop.zmqstream.ZMQStream.on_recv", ORIGIN_OTHER, "stop_on_recv,close", 0, "callback",
     PAIR_STRONG, NULL, PAIR_SLOT, "zmq/eventloop/zmqstream.py"},
    {"zmq.eventloop.zmqstream.ZMQStream.on_send", ORIGIN_OTHER, "stop_on_send,close", 0, "callback",
     PAIR_STRONG, NULL, PAIR_SLOT, "zmq/eventloop/zmqstream.py"},
};
/* clang-format on */

enum { MOST_CLASSES = 8 }; /* above one another */

const UndoRow *know_undos(u32 *n) {
    *n = ARRAY_LEN(undos);
    return undos;
}

const PairRow *know_pairs(u32 *n) {
    *n = ARRAY_LEN(pairs);
    return pairs;
}

/* ---- by name alone ---- */

/* What follows the stem, when it begins a new word: `_reader`, `Handler`. */
static Str rest_of(Str name, const char *stem) {
    if (!name.n || name.p[0] != stem[0]) return (Str){0};
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

Str know_undo_name(Str adds, char *room, u32 size) {
    const UndoRow *row = know_undo(adds, (Str){0});
    if (!row) return (Str){0};
    Str removes = str_from(row->removes), rest = rest_of(adds, row->adds);
    if (!rest.n) return removes;
    if (removes.n + rest.n > size) return (Str){0};
    memcpy(room, removes.p, removes.n);
    memcpy(room + removes.n, rest.p, rest.n);
    return (Str){room, removes.n + rest.n};
}

static bool has_word(const char *const *words, u32 n, Str word) {
    for (u32 i = 0; i < n; i++)
        if (str_is(word, words[i])) return true;
    return false;
}

/* `add_close_callback`, `registerHandler`: the last word, whatever begins it. */
static bool ends_in_listener(Str rest) {
    for (u32 i = 0; i < ARRAY_LEN(listening_nouns); i++) {
        Str noun = str_from(listening_nouns[i]);
        if (rest.n < noun.n) continue;
        Str last = str_sub(rest, rest.n - noun.n, rest.n);
        if (str_eq(last, noun) && rest.n > noun.n && rest.p[rest.n - noun.n - 1] == '_')
            return true;
        bool is_capital = (last.p[0] | 0x20) == noun.p[0] && last.p[0] != noun.p[0];
        if (is_capital && str_eq(str_sub(last, 1, last.n), str_sub(noun, 1, noun.n))) return true;
    }
    return false;
}

bool know_is_listening(Str method) {
    u32 n = ARRAY_LEN(undos);
    u32 i = table_find(undos, n, sizeof undos[0], method);
    if (i < n) return (undos[i].flags & UNDO_LISTENS) != 0;
    for (i = 0; i < ARRAY_LEN(undo_stems); i++) {
        Str rest = rest_of(method, undo_stems[i].adds);
        if (!rest.n) continue;
        if (undo_stems[i].flags & UNDO_LISTENS || ends_in_listener(rest)) return true;
    }
    return false;
}

bool know_is_undoing(Str adds, Str method) {
    if (method.n && know_undo(adds, method)) return true;
    return has_word(undo_all, ARRAY_LEN(undo_all), method);
}

bool know_is_ending_keyword(Str keyword) {
    static const char *const WORDS[] = {"once", "single_shot", "until"}; /* psygnal, napari, pyee */
    return has_word(WORDS, ARRAY_LEN(WORDS), keyword);
}

bool know_is_running(Str method) {
    /* twisted, Qt, asyncio, tkinter, socketserver */
    static const char *const WORDS[] = {
        "exec",         "exec_", "main", "mainloop", "run", "run_forever", "run_until_complete",
        "serve_forever"};
    return has_word(WORDS, ARRAY_LEN(WORDS), method);
}

/* ---- by canonical name ---- */

static const PairRow *row_of_method(Str class_name, Str method, u32 depth) {
    char name[TABLE_NAME_SIZE];
    if (class_name.n + 1 + method.n >= sizeof name) return NULL;
    u32 n = ARRAY_LEN(pairs);
    u32 i = table_find(pairs, n, sizeof pairs[0], table_join(name, class_name, method));
    if (i < n) return &pairs[i];
    const PairRow *found = NULL;
    for (u32 nth = 0; !found && depth < MOST_CLASSES; nth++) {
        Str base = know_base_class(class_name, nth);
        if (!base.n) break;
        found = row_of_method(base, method, depth + 1);
    }
    return found;
}

const PairRow *know_pair(Str canonical) {
    i64 dot = str_rfind(canonical, '.');
    if (dot < 0) return NULL;
    Str class_name = str_sub(canonical, 0, (u32)dot);
    return row_of_method(class_name, str_sub(canonical, (u32)dot + 1, canonical.n), 0);
}

bool know_has_pair_method(Str method) {
    u32 n = ARRAY_LEN(pair_methods);
    return table_find(pair_methods, n, sizeof pair_methods[0], method) < n;
}

/* The name that starts at `*at`, which moves behind it; empty at the end. */
static Str next_name(const char **at) {
    const char *from = *at;
    while (**at && **at != ',') (*at)++;
    Str name = {from, (u32)(*at - from)};
    if (**at) (*at)++;
    return name;
}

bool pair_is_undone_by(const PairRow *row, Str canonical, Str method) {
    const char *at = row->removes;
    for (Str name = next_name(&at); name.n; name = next_name(&at)) {
        if (str_eq(name, canonical) || str_eq(name, method)) return true;
        if (name.p[0] == '.' && str_eq(str_sub(name, 1, name.n), method)) return true;
    }
    return false;
}

Str pair_undo(const PairRow *row) {
    const char *at = row->removes;
    return next_name(&at);
}

/* ---- of the project's own ---- */

const Model *models_find(const Models *models, Str canonical) {
    for (u32 i = 0; models && i < models->n; i++)
        if (str_eq(models->v[i].add, canonical)) return &models->v[i];
    return NULL;
}

bool models_have_method(const Models *models, Str method) {
    for (u32 i = 0; models && i < models->n; i++)
        if (str_eq(str_after_last(models->v[i].add, '.'), method)) return true;
    return false;
}
