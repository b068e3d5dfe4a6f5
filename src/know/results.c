/* Classes of what lies outside the project: of what functions return, and of what is above a class.
 * They stand here as far as other tables speak of methods of the class. Sources: CPython; a test
 * checks with issubclass and isinstance that a base is one. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ClassRow results[] = {
    /* function, origin, class of its result */
    {"asyncio.AbstractEventLoop.call_at", ORIGIN_STDLIB, "asyncio.TimerHandle"},
    {"asyncio.AbstractEventLoop.call_later", ORIGIN_STDLIB, "asyncio.TimerHandle"},
    {"asyncio.AbstractEventLoop.call_soon", ORIGIN_STDLIB, "asyncio.Handle"},
    {"asyncio.AbstractEventLoop.call_soon_threadsafe", ORIGIN_STDLIB, "asyncio.Handle"},
    {"asyncio.AbstractEventLoop.create_future", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.AbstractEventLoop.create_server", ORIGIN_STDLIB, "asyncio.AbstractServer"},
    {"asyncio.AbstractEventLoop.create_task", ORIGIN_STDLIB, "asyncio.Task"},
    {"asyncio.AbstractEventLoop.create_unix_server", ORIGIN_STDLIB, "asyncio.AbstractServer"},
    {"asyncio.AbstractEventLoop.run_in_executor", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.Runner.get_loop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.TaskGroup.create_task", ORIGIN_STDLIB, "asyncio.Task"},
    {"asyncio.create_subprocess_exec", ORIGIN_STDLIB, "asyncio.subprocess.Process"},
    {"asyncio.create_subprocess_shell", ORIGIN_STDLIB, "asyncio.subprocess.Process"},
    {"asyncio.create_task", ORIGIN_STDLIB, "asyncio.Task"},
    {"asyncio.current_task", ORIGIN_STDLIB, "asyncio.Task"},
    {"asyncio.ensure_future", ORIGIN_STDLIB, "asyncio.Task"},
    {"asyncio.gather", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.get_event_loop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.get_running_loop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.new_event_loop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.run_coroutine_threadsafe", ORIGIN_STDLIB, "concurrent.futures.Future"},
    {"asyncio.shield", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.start_server", ORIGIN_STDLIB, "asyncio.AbstractServer"},
    {"asyncio.start_unix_server", ORIGIN_STDLIB, "asyncio.AbstractServer"},
    {"asyncio.wrap_future", ORIGIN_STDLIB, "asyncio.Future"},
    {"blinker.signal", ORIGIN_OTHER, "blinker.Signal"},
    {"builtins.open", ORIGIN_STDLIB, "io.IOBase"},
    {"bz2.open", ORIGIN_STDLIB, "bz2.BZ2File"},
    {"codecs.EncodedFile", ORIGIN_STDLIB, "codecs.StreamRecoder"},
    {"codecs.open", ORIGIN_STDLIB, "codecs.StreamReaderWriter"},
    {"collections.ChainMap.new_child", ORIGIN_STDLIB, "collections.ChainMap"},
    {"concurrent.futures.Executor.submit", ORIGIN_STDLIB, "concurrent.futures.Future"},
    {"concurrent.futures.thread.ThreadPoolExecutor", ORIGIN_STDLIB,
     "concurrent.futures.ThreadPoolExecutor"},
    {"contextlib.AsyncExitStack.pop_all", ORIGIN_STDLIB, "contextlib.AsyncExitStack"},
    {"contextlib.ExitStack.pop_all", ORIGIN_STDLIB, "contextlib.ExitStack"},
    {"contextvars.copy_context", ORIGIN_STDLIB, "contextvars.Context"},
    {"dbm.open", ORIGIN_STDLIB, "dbm.dumb._Database"},
    {"gzip.open", ORIGIN_STDLIB, "gzip.GzipFile"},
    {"hashlib.blake2b", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.blake2s", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.md5", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.new", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha1", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha224", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha256", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha384", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha3_256", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha3_512", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"hashlib.sha512", ORIGIN_STDLIB, "_hashlib.HASH"},
    {"io.open", ORIGIN_STDLIB, "io.IOBase"},
    {"logging.Logger.getChild", ORIGIN_STDLIB, "logging.Logger"},
    {"logging.getLogger", ORIGIN_STDLIB, "logging.Logger"},
    {"lzma.open", ORIGIN_STDLIB, "lzma.LZMAFile"},
    {"multiprocessing.Manager", ORIGIN_STDLIB, "multiprocessing.managers.SyncManager"},
    {"multiprocessing.Pool", ORIGIN_STDLIB, "multiprocessing.pool.Pool"},
    {"multiprocessing.active_children", ORIGIN_STDLIB, "builtins.list"},
    {"multiprocessing.current_process", ORIGIN_STDLIB, "multiprocessing.Process"},
    {"multiprocessing.dummy.Pool", ORIGIN_STDLIB, "multiprocessing.pool.ThreadPool"},
    {"multiprocessing.get_context", ORIGIN_STDLIB, "multiprocessing.context.BaseContext"},
    {"multiprocessing.pool.Pool.apply_async", ORIGIN_STDLIB, "multiprocessing.pool.AsyncResult"},
    {"multiprocessing.pool.Pool.map_async", ORIGIN_STDLIB, "multiprocessing.pool.AsyncResult"},
    {"multiprocessing.pool.Pool.starmap_async", ORIGIN_STDLIB, "multiprocessing.pool.AsyncResult"},
    {"opentelemetry.metrics.get_meter", ORIGIN_OTHER, "opentelemetry.metrics.Meter"},
    {"os.fdopen", ORIGIN_STDLIB, "io.IOBase"},
    {"pathlib.Path.open", ORIGIN_STDLIB, "io.IOBase"},
    {"re.Pattern.fullmatch", ORIGIN_STDLIB, "re.Match"},
    {"re.Pattern.match", ORIGIN_STDLIB, "re.Match"},
    {"re.Pattern.search", ORIGIN_STDLIB, "re.Match"},
    {"re.compile", ORIGIN_STDLIB, "re.Pattern"},
    {"re.fullmatch", ORIGIN_STDLIB, "re.Match"},
    {"re.match", ORIGIN_STDLIB, "re.Match"},
    {"re.search", ORIGIN_STDLIB, "re.Match"},
    {"shelve.open", ORIGIN_STDLIB, "shelve.Shelf"},
    {"socket.create_connection", ORIGIN_STDLIB, "socket.socket"},
    {"socket.create_server", ORIGIN_STDLIB, "socket.socket"},
    {"socket.fromfd", ORIGIN_STDLIB, "socket.socket"},
    {"socket.socket.dup", ORIGIN_STDLIB, "socket.socket"},
    {"socket.socket.makefile", ORIGIN_STDLIB, "io.IOBase"},
    {"sqlite3.Connection.cursor", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.Connection.execute", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.Connection.executemany", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.Connection.executescript", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.Cursor.execute", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.Cursor.executemany", ORIGIN_STDLIB, "sqlite3.Cursor"},
    {"sqlite3.connect", ORIGIN_STDLIB, "sqlite3.Connection"},
    {"ssl.SSLContext.wrap_socket", ORIGIN_STDLIB, "ssl.SSLSocket"},
    {"ssl.create_default_context", ORIGIN_STDLIB, "ssl.SSLContext"},
    {"tarfile.open", ORIGIN_STDLIB, "tarfile.TarFile"},
    {"tempfile.NamedTemporaryFile", ORIGIN_STDLIB, "tempfile._TemporaryFileWrapper"},
    {"tempfile.TemporaryFile", ORIGIN_STDLIB, "io.IOBase"},
    {"threading.current_thread", ORIGIN_STDLIB, "threading.Thread"},
    {"threading.main_thread", ORIGIN_STDLIB, "threading.Thread"},
    {"tornado.ioloop.IOLoop.current", ORIGIN_OTHER, "tornado.ioloop.IOLoop"},
    {"tornado.ioloop.IOLoop.instance", ORIGIN_OTHER, "tornado.ioloop.IOLoop"},
    {"unittest.mock.create_autospec", ORIGIN_STDLIB, "unittest.mock.NonCallableMock"},
    {"urllib.request.build_opener", ORIGIN_STDLIB, "urllib.request.OpenerDirector"},
    {"urllib.request.urlopen", ORIGIN_STDLIB, "http.client.HTTPResponse"},
    {"uvloop.new_event_loop", ORIGIN_OTHER, "asyncio.AbstractEventLoop"},
    {"wsgiref.simple_server.make_server", ORIGIN_STDLIB, "wsgiref.simple_server.WSGIServer"},
    {"xml.dom.minidom.Document.createElement", ORIGIN_STDLIB, "xml.dom.minidom.Element"},
    {"xml.dom.minidom.Document.createTextNode", ORIGIN_STDLIB, "xml.dom.minidom.Text"},
    {"xml.dom.minidom.parse", ORIGIN_STDLIB, "xml.dom.minidom.Document"},
    {"xml.dom.minidom.parseString", ORIGIN_STDLIB, "xml.dom.minidom.Document"},
    {"xml.etree.ElementTree.ElementTree.getroot", ORIGIN_STDLIB, "xml.etree.ElementTree.Element"},
    {"xml.etree.ElementTree.SubElement", ORIGIN_STDLIB, "xml.etree.ElementTree.Element"},
    {"xml.etree.ElementTree.XML", ORIGIN_STDLIB, "xml.etree.ElementTree.Element"},
    {"xml.etree.ElementTree.fromstring", ORIGIN_STDLIB, "xml.etree.ElementTree.Element"},
    {"xml.etree.ElementTree.parse", ORIGIN_STDLIB, "xml.etree.ElementTree.ElementTree"},
    {"xml.parsers.expat.ParserCreate", ORIGIN_STDLIB, "xml.parsers.expat.XMLParserType"},
    {"xml.sax.make_parser", ORIGIN_STDLIB, "xml.sax.xmlreader.XMLReader"},
};

/* Classes with a class above them, and objects of modules with their class. */
static const ClassRow bases[] = {
    /* class or object, origin, class above it */
    {"PyQt5.QtCore.pyqtSignal", ORIGIN_OTHER, "PyQt5.QtCore.pyqtBoundSignal"},
    {"PyQt6.QtCore.pyqtSignal", ORIGIN_OTHER, "PyQt6.QtCore.pyqtBoundSignal"},
    {"PySide2.QtCore.Signal", ORIGIN_OTHER, "PySide2.QtCore.SignalInstance"},
    {"PySide6.QtCore.Signal", ORIGIN_OTHER, "PySide6.QtCore.SignalInstance"},
    {"apscheduler.schedulers.asyncio.AsyncIOScheduler", ORIGIN_OTHER,
     "apscheduler.schedulers.base.BaseScheduler"},
    {"apscheduler.schedulers.background.BackgroundScheduler", ORIGIN_OTHER,
     "apscheduler.schedulers.base.BaseScheduler"},
    {"apscheduler.schedulers.blocking.BlockingScheduler", ORIGIN_OTHER,
     "apscheduler.schedulers.base.BaseScheduler"},
    {"asynchat.async_chat", ORIGIN_STDLIB, "asyncore.dispatcher"},
    {"asyncio.BaseEventLoop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.SelectorEventLoop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.Server", ORIGIN_STDLIB, "asyncio.AbstractServer"},
    {"asyncio.Task", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.TimerHandle", ORIGIN_STDLIB, "asyncio.Handle"},
    {"asyncio.base_events.BaseEventLoop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.events.AbstractEventLoop", ORIGIN_STDLIB, "asyncio.AbstractEventLoop"},
    {"asyncio.futures.Future", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncio.tasks.Task", ORIGIN_STDLIB, "asyncio.Future"},
    {"asyncore.dispatcher_with_send", ORIGIN_STDLIB, "asyncore.dispatcher"},
    {"blinker.NamedSignal", ORIGIN_OTHER, "blinker.Signal"},
    {"blinker.base.NamedSignal", ORIGIN_OTHER, "blinker.Signal"},
    {"blinker.base.Signal", ORIGIN_OTHER, "blinker.Signal"},
    {"builtins.AttributeError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.Exception", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.IndexError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.KeyError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.LookupError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.NotImplementedError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.OSError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.RuntimeError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.StopIteration", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.TypeError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"builtins.ValueError", ORIGIN_STDLIB, "builtins.BaseException"},
    {"celery.signals.task_failure", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.task_postrun", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.task_prerun", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.task_success", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.worker_init", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.worker_process_init", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.worker_ready", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.signals.worker_shutdown", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"celery.utils.dispatch.signal.Signal", ORIGIN_OTHER, "celery.utils.dispatch.Signal"},
    {"concurrent.futures.ProcessPoolExecutor", ORIGIN_STDLIB, "concurrent.futures.Executor"},
    {"concurrent.futures.ThreadPoolExecutor", ORIGIN_STDLIB, "concurrent.futures.Executor"},
    {"concurrent.futures._base.Executor", ORIGIN_STDLIB, "concurrent.futures.Executor"},
    {"concurrent.futures._base.Future", ORIGIN_STDLIB, "concurrent.futures.Future"},
    {"concurrent.futures.process.ProcessPoolExecutor", ORIGIN_STDLIB,
     "concurrent.futures.Executor"},
    {"concurrent.futures.thread.ThreadPoolExecutor", ORIGIN_STDLIB, "concurrent.futures.Executor"},
    {"django.core.signals.request_finished", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.core.signals.request_started", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.ModelSignal", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.m2m_changed", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.post_delete", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.post_init", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.post_migrate", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.post_save", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.pre_delete", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.pre_init", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.db.models.signals.pre_save", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"django.dispatch.dispatcher.Signal", ORIGIN_OTHER, "django.dispatch.Signal"},
    {"flask.appcontext_popped", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.appcontext_pushed", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.appcontext_tearing_down", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.got_request_exception", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.request_finished", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.request_started", ORIGIN_OTHER, "blinker.Signal"},
    {"flask.request_tearing_down", ORIGIN_OTHER, "blinker.Signal"},
    {"http.client.HTTPSConnection", ORIGIN_STDLIB, "http.client.HTTPConnection"},
    {"ipywidgets.Widget", ORIGIN_OTHER, "traitlets.HasTraits"},
    {"kombu.messaging.Consumer", ORIGIN_OTHER, "kombu.Consumer"},
    {"logging.FileHandler", ORIGIN_STDLIB, "logging.StreamHandler"},
    {"logging.Handler", ORIGIN_STDLIB, "logging.Filterer"},
    {"logging.Logger", ORIGIN_STDLIB, "logging.Filterer"},
    {"logging.NullHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.StreamHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.BaseRotatingHandler", ORIGIN_STDLIB, "logging.FileHandler"},
    {"logging.handlers.BufferingHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.DatagramHandler", ORIGIN_STDLIB, "logging.handlers.SocketHandler"},
    {"logging.handlers.HTTPHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.MemoryHandler", ORIGIN_STDLIB, "logging.handlers.BufferingHandler"},
    {"logging.handlers.QueueHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.RotatingFileHandler", ORIGIN_STDLIB, "logging.handlers.BaseRotatingHandler"},
    {"logging.handlers.SMTPHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.SocketHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.SysLogHandler", ORIGIN_STDLIB, "logging.Handler"},
    {"logging.handlers.TimedRotatingFileHandler", ORIGIN_STDLIB,
     "logging.handlers.BaseRotatingHandler"},
    {"logging.handlers.WatchedFileHandler", ORIGIN_STDLIB, "logging.FileHandler"},
    {"logging.root", ORIGIN_STDLIB, "logging.Logger"},
    {"multiprocessing.managers.SyncManager", ORIGIN_STDLIB, "multiprocessing.managers.BaseManager"},
    {"multiprocessing.pool.ThreadPool", ORIGIN_STDLIB, "multiprocessing.pool.Pool"},
    {"prometheus_client.REGISTRY", ORIGIN_OTHER, "prometheus_client.CollectorRegistry"},
    {"pyee.AsyncIOEventEmitter", ORIGIN_OTHER, "pyee.EventEmitter"},
    {"pyee.asyncio.AsyncIOEventEmitter", ORIGIN_OTHER, "pyee.EventEmitter"},
    {"pyee.base.EventEmitter", ORIGIN_OTHER, "pyee.EventEmitter"},
    {"selectors.DefaultSelector", ORIGIN_STDLIB, "selectors.BaseSelector"},
    {"selectors.EpollSelector", ORIGIN_STDLIB, "selectors.BaseSelector"},
    {"selectors.PollSelector", ORIGIN_STDLIB, "selectors.BaseSelector"},
    {"selectors.SelectSelector", ORIGIN_STDLIB, "selectors.BaseSelector"},
    {"ssl.SSLSocket", ORIGIN_STDLIB, "socket.socket"},
    {"threading.Timer", ORIGIN_STDLIB, "threading.Thread"},
    {"tkinter.BaseWidget", ORIGIN_STDLIB, "tkinter.Misc"},
    {"tkinter.BooleanVar", ORIGIN_STDLIB, "tkinter.Variable"},
    {"tkinter.Button", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Canvas", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Checkbutton", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.DoubleVar", ORIGIN_STDLIB, "tkinter.Variable"},
    {"tkinter.Entry", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Frame", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.IntVar", ORIGIN_STDLIB, "tkinter.Variable"},
    {"tkinter.Label", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Listbox", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Menu", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Radiobutton", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Scale", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Scrollbar", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.StringVar", ORIGIN_STDLIB, "tkinter.Variable"},
    {"tkinter.Text", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.Tk", ORIGIN_STDLIB, "tkinter.Misc"},
    {"tkinter.Tk", ORIGIN_STDLIB, "tkinter.Wm"},
    {"tkinter.Toplevel", ORIGIN_STDLIB, "tkinter.BaseWidget"},
    {"tkinter.Toplevel", ORIGIN_STDLIB, "tkinter.Wm"},
    {"tkinter.Widget", ORIGIN_STDLIB, "tkinter.BaseWidget"},
    {"tkinter.ttk.Button", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.ttk.Combobox", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.ttk.Entry", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.ttk.Frame", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.ttk.Label", ORIGIN_STDLIB, "tkinter.Widget"},
    {"tkinter.ttk.Treeview", ORIGIN_STDLIB, "tkinter.Widget"},
    {"traitlets.config.Configurable", ORIGIN_OTHER, "traitlets.HasTraits"},
    {"traitlets.config.SingletonConfigurable", ORIGIN_OTHER, "traitlets.HasTraits"},
    {"unittest.FunctionTestCase", ORIGIN_STDLIB, "unittest.TestCase"},
    {"unittest.IsolatedAsyncioTestCase", ORIGIN_STDLIB, "unittest.TestCase"},
    {"unittest.mock.AsyncMock", ORIGIN_STDLIB, "unittest.mock.NonCallableMock"},
    {"unittest.mock.MagicMock", ORIGIN_STDLIB, "unittest.mock.Mock"},
    {"unittest.mock.Mock", ORIGIN_STDLIB, "unittest.mock.NonCallableMock"},
    {"unittest.suite.TestSuite", ORIGIN_STDLIB, "unittest.TestSuite"},
    {"vine.promises.promise", ORIGIN_OTHER, "vine.promise"},
    {"wsgiref.simple_server.WSGIServer", ORIGIN_STDLIB, "socketserver.BaseServer"},
    {"xml.dom.minidom.Document", ORIGIN_STDLIB, "xml.dom.minidom.Node"},
    {"xml.dom.minidom.Element", ORIGIN_STDLIB, "xml.dom.minidom.Node"},
    {"xml.dom.minidom.Text", ORIGIN_STDLIB, "xml.dom.minidom.Node"},
    {"xmlrpc.server.SimpleXMLRPCServer", ORIGIN_STDLIB, "xmlrpc.server.SimpleXMLRPCDispatcher"},
};
/* Functions that hand out what a process has one of, and keep it. Sources: the manuals of GDK, GIO,
 * GTK, libadwaita and libwnck; dbus-python. */
static const struct {
    const char *name;
} shared[] = {
    {"dbus.SessionBus"},
    {"dbus.SystemBus"},
    {"gi.repository.Adw.StyleManager.get_default"},
    {"gi.repository.Gdk.Display.get_default"},
    {"gi.repository.Gdk.DisplayManager.get"},
    {"gi.repository.Gdk.Keymap.get_default"},
    {"gi.repository.Gdk.Screen.get_default"},
    {"gi.repository.Gio.Application.get_default"},
    {"gi.repository.Gio.NetworkMonitor.get_default"},
    {"gi.repository.Gst.Registry.get"},
    {"gi.repository.Gtk.Application.get_default"},
    {"gi.repository.Gtk.Clipboard.get"},
    {"gi.repository.Gtk.Clipboard.get_default"},
    {"gi.repository.Gtk.IconTheme.get_default"},
    {"gi.repository.Gtk.IconTheme.get_for_display"},
    {"gi.repository.Gtk.IconTheme.get_for_screen"},
    {"gi.repository.Gtk.RecentManager.get_default"},
    {"gi.repository.Gtk.Settings.get_default"},
    {"gi.repository.Gtk.Settings.get_for_display"},
    {"gi.repository.Gtk.Settings.get_for_screen"},
    {"gi.repository.Wnck.Screen.get"},
    {"gi.repository.Wnck.Screen.get_default"},
};
/* clang-format on */

enum { MOST_CLASSES = 8 }; /* above one another */

Str know_base_class(Str canonical, u32 nth) {
    u32 i = table_find(bases, ARRAY_LEN(bases), sizeof *bases, canonical) + nth;
    if (i >= ARRAY_LEN(bases) || !str_is(canonical, bases[i].name)) return (Str){0};
    return str_from(bases[i].class_name);
}

static bool has_methods(Str class_name, u32 depth) {
    if (know_has_methods(class_name)) return true;
    for (u32 i = 0; depth < MOST_CLASSES; i++) {
        Str base = know_base_class(class_name, i);
        if (!base.n) break;
        if (has_methods(base, depth + 1)) return true;
    }
    return false;
}

/* The class of what a method returns, from the rows of its class or of those above it. */
static Str result_of(Str canonical, u32 depth) {
    u32 i = table_find(results, ARRAY_LEN(results), sizeof *results, canonical);
    if (i < ARRAY_LEN(results)) return str_from(results[i].class_name);
    i64 dot = str_rfind(canonical, '.');
    if (dot < 0) return (Str){0};
    Str method = str_sub(canonical, (u32)dot + 1, canonical.n);
    for (u32 nth = 0; depth < MOST_CLASSES; nth++) {
        char name[TABLE_NAME_SIZE];
        Str base = know_base_class(str_sub(canonical, 0, (u32)dot), nth);
        if (!base.n || base.n + 1 + method.n >= sizeof name) break;
        Str found = result_of(table_join(name, base, method), depth + 1);
        if (found.n) return found;
    }
    return (Str){0};
}

Str know_result_class(Str canonical) {
    Str found = result_of(canonical, 0);
    return found.n || !has_methods(canonical, 0) ? found : canonical;
}

const ClassRow *know_results(u32 *n) {
    *n = ARRAY_LEN(results);
    return results;
}

const ClassRow *know_bases(u32 *n) {
    *n = ARRAY_LEN(bases);
    return bases;
}

bool know_is_shared(Str function) {
    u32 n = ARRAY_LEN(shared);
    return table_find(shared, n, sizeof shared[0], function) < n;
}

bool know_is_gobject(Str name) {
    return str_starts(name, "gi.repository.");
}
