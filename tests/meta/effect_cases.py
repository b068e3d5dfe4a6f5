"""Calls for test_effects.py to measure: each names a row of the tables of effects and makes its call.

    result(names, call)          the result holds the probe: `call(function, probe)` for each of the names
    keeps(name, new, call)       `new()` makes the receiver, or the argument that holds; `call(holder, probe)`
    hook(name, call)             the process holds it: `call(probe)`

`how` tells rows of one name apart; `make` makes another probe than a Probe; `run(holder, result)` lets the
callback run; `undo` is a removing row and a function of the holder and the probe; `end(holder)` tidies up;
`once` is for calls that replace what they put there, or fail, the second time.
"""

import asyncio
import atexit
import codecs
import collections
import concurrent.futures
import contextlib
import contextvars
import copyreg
import heapq
import io
import logging
import logging.handlers
import multiprocessing.pool
import multiprocessing.util
import operator
import os
import pickle
import sched
import selectors
import signal
import socket
import sys
import threading
import types
import unittest
import unittest.mock
import urllib.request
import warnings  # noqa: F401: its slots are measured
import weakref
import xml.dom.minidom
import xml.etree.ElementTree as tree
import xml.parsers.expat
import xml.sax.xmlreader

from know_tables import exists, resolve

LOOP = "asyncio.AbstractEventLoop."


class Probe:
    """Something that can be passed as nearly anything: a callback, a file, a lock, a context manager."""

    def __call__(self, *arguments, **keywords):
        return None

    def __iter__(self):
        return iter(())

    def __reversed__(self):
        return iter(())

    def __enter__(self):
        return None

    def __exit__(self, *exception):
        return None

    def write(self, *arguments):
        return 0

    read = readline = flush = close = acquire = release = seekable = tell = write

    def fileno(self):
        return 1

    def method(self):
        return None


class Iterator:
    """An iterator that holds the probe and gives nothing."""

    def __init__(self, probe):
        self.probe = probe

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


class Numbered:
    """Holds the probe and can be ordered."""

    def __init__(self, number, probe=None):
        self.number, self.probe = number, probe

    def __lt__(self, other):
        return self.number < other.number


class Text(str):
    """A text that can be referred to weakly; so are these."""


class Buffer(bytearray):
    pass


class Items(list):
    pass


class Pairs(dict):
    pass


class Raw(io.RawIOBase):
    readable = writable = seekable = lambda self: True


class Test(unittest.TestCase):
    def runTest(self):
        pass


def function(*arguments, **keywords):
    return None


LASTING = Probe()


class Case:
    def __init__(
        self, name, new, call, how=None, make=Probe, run=None, undo=(None, None), end=None, once=False
    ):
        self.name, self.new, self.call, self.how, self.make = name, new, call, how, make
        self.run, self.end, self.once = run, end, once
        self.undone, self.undo = undo


CASES = []


def keeps(name, new, call, *how, **keywords):
    CASES.append(Case(name, new, call, *how, **keywords))


def result(names, call, *how, **keywords):
    for name in names.split():
        if exists(name):  # not in every version
            called = resolve(name)
            keeps(name, lambda: None, lambda _, x, called=called: call(called, x), *how, **keywords)


def hook(name, call, *how, **keywords):
    keeps(name, lambda: None, lambda _, x: call(x), *how, **keywords)


def only(call, x):
    return call(x)


def second(call, x):
    return call(function, x)


def iterator(call, x):
    return call(Iterator(x))


def ended(server):
    server.server_close()
    return server


# ---- objects that hold objects ----

result("functools.cached_property functools.cmp_to_key functools.wraps functools.lru_cache", only)
result("functools.singledispatch functools.singledispatchmethod functools.cache", only)
result("functools.partial functools.partialmethod", only, ".func")
result("functools.partial functools.partialmethod", second, ".args[]")
result("functools.partial functools.partialmethod", lambda call, x: call(function, a=x), ".keywords[]")
keeps(
    "functools.update_wrapper",
    Probe,
    lambda h, x: resolve("functools.update_wrapper")(h, x, (), ()) and None,
)
result("builtins.classmethod builtins.staticmethod builtins.property", only)
result("builtins.super", lambda call, x: call(Probe, x))
result("builtins.enumerate", iterator)
result("builtins.reversed", only, make=Items)
result("builtins.filter builtins.map", lambda call, x: call(x, ()))
result("builtins.zip itertools.chain itertools.zip_longest", lambda call, x: call((), Iterator(x)))
result("heapq.merge", lambda call, x: call((), Iterator(x)))
result("builtins.iter", lambda call, x: call(x, 1))
result("builtins.memoryview", only, make=Buffer)
result(
    "builtins.Exception builtins.BaseException builtins.KeyError builtins.LookupError",
    lambda call, x: call(1, x),
)
result(
    "builtins.ValueError builtins.TypeError builtins.RuntimeError builtins.OSError",
    lambda call, x: call(1, x),
)
result("builtins.AttributeError builtins.IndexError builtins.NotImplementedError", lambda call, x: call(1, x))
result("builtins.StopIteration", only)
result("builtins.list builtins.tuple builtins.set builtins.frozenset builtins.sorted", only, make=Items)
result("collections.deque collections.UserList", only, make=Items)
result("builtins.dict collections.OrderedDict collections.UserDict", only, "0", make=Pairs)
result("builtins.dict collections.OrderedDict collections.UserDict", lambda call, x: call(a=x), "**")
result("copy.copy", lambda call, x: list(call(x)), make=Items)
result("random.sample", lambda call, x: call(x, 1), make=Items)
result("random.choices", only, make=Items)
result("collections.defaultdict", only, ".default_factory")
result("collections.ChainMap", only, make=Pairs)
keeps(
    "collections.ChainMap.new_child",
    lambda: None,
    lambda h, x: collections.ChainMap().new_child(x),
    "0",
    make=Pairs,
)
result("heapq.nlargest heapq.nsmallest", lambda call, x: call(3, x), make=Items)
keeps("heapq.heappush", list, lambda h, x: heapq.heappush(h, Numbered(1, x)))
keeps("heapq.heappushpop", lambda: [Numbered(1)], lambda h, x: heapq.heappushpop(h, Numbered(2, x)) and None)
keeps(
    "heapq.heapreplace",
    lambda: [Numbered(1)],
    lambda h, x: heapq.heapreplace(h, Numbered(2, x)) and None,
    once=True,
)
keeps("operator.setitem", lambda: [0], lambda h, x: operator.setitem(h, 0, x))
keeps("operator.iadd", list, lambda h, x: operator.iadd(h, x) and None, make=Items)
keeps("operator.iconcat", list, lambda h, x: operator.iconcat(h, x) and None, make=Items)
result("operator.methodcaller", lambda call, x: call("f", x))
keeps(
    "builtins.setattr",
    Probe,
    lambda h, x: setattr(h, "a", x),
    undo=("builtins.delattr", lambda h, x: delattr(h, "a")),
)
keeps(
    "builtins.object.__setattr__",
    Probe,
    lambda h, x: object.__setattr__(h, "a", x),
    undo=("builtins.object.__delattr__", lambda h, x: object.__delattr__(h, "a")),
)
result("contextlib.closing contextlib.aclosing contextlib.nullcontext", only)
result("contextlib.redirect_stdout contextlib.redirect_stderr", only)
result("contextlib.contextmanager contextlib.asynccontextmanager", only)
result("contextvars.ContextVar", lambda call, x: call("probe", default=x))
result("csv.writer codecs.StreamReader codecs.StreamWriter", only)
result("codecs.EncodedFile", lambda call, x: call(x, "utf-8"))
result("csv.DictWriter", lambda call, x: call(x, ()))
result("csv.reader csv.DictReader", iterator)
result("io.BufferedReader io.BufferedWriter io.BufferedRandom", only, make=Raw)
result("io.BufferedRWPair", lambda call, x: call(x, Raw()), make=Raw)
result("io.TextIOWrapper", only, make=io.BytesIO)
result("gzip.GzipFile", lambda call, x: call("", "wb", 9, x))
result("json.JSONEncoder", lambda call, x: call(default=x))
result("json.JSONDecoder", lambda call, x: call(object_hook=x))
result("pickle.Pickler pickle.Unpickler", only)
keeps(
    "pickle.Pickler.dump",
    lambda: pickle.Pickler(io.BytesIO()),
    lambda h, x: h.dump(x),
    undo=("pickle.Pickler.clear_memo", lambda h, x: h.clear_memo()),
)
result("re.match re.search re.fullmatch re.finditer", lambda call, x: call(".*", x), make=lambda: Text("abc"))
result("shelve.Shelf", only, make=Pairs)
result("types.MethodType", lambda call, x: call(x, 1), ".__func__")
result("types.MethodType", second, ".__self__")
result("types.SimpleNamespace", lambda call, x: call(a=x))
result("types.MappingProxyType", only, make=Pairs)
result("types.CellType", only)
result(
    "itertools.accumulate itertools.chain.from_iterable itertools.cycle itertools.groupby itertools.tee",
    iterator,
)
result("itertools.pairwise", iterator)
result("itertools.compress", lambda call, x: call(Iterator(x), ()))
result("itertools.islice", lambda call, x: call(Iterator(x), 2))
result(
    "itertools.dropwhile itertools.takewhile itertools.filterfalse itertools.starmap",
    lambda call, x: call(x, ()),
)
result("itertools.repeat", only)
result("itertools.combinations itertools.permutations", lambda call, x: call(x, 1), make=Items)
result("itertools.combinations_with_replacement", lambda call, x: call(x, 1), make=Items)
result("itertools.product", only, make=Items)
result("ctypes.py_object", only)
result("ctypes.pointer ctypes.byref", only, make=lambda: resolve("ctypes.c_int")(1))
for name in ("insort", "insort_left", "insort_right"):
    keeps("bisect." + name, list, lambda h, x, call=resolve("bisect." + name): call(h, Numbered(1, x)))
result("cmd.Cmd", lambda call, x: call("tab", x))
result("cProfile.Profile", only)
result("codecs.StreamReaderWriter", lambda call, x: call(x, codecs.StreamReader, codecs.StreamWriter))
result("tarfile.TarFile", lambda call, x: call("", "w", x))
result("types.FunctionType", lambda call, x: call(function.__code__, {}, "f", (x,)))
result("json.JSONDecoder", lambda call, x: call(object_pairs_hook=x))
for name in ("match", "fullmatch", "search", "finditer"):
    call = getattr(resolve("re.compile")(".*"), name)
    result("re.Pattern." + name, lambda _, x, call=call: call(x), make=lambda: Text("abc"))
PARSER = resolve("argparse.ArgumentParser")
keeps("argparse.ArgumentParser.add_argument", PARSER, lambda h, x: h.add_argument("a", type=x) and None)
keeps("argparse.ArgumentParser.set_defaults", PARSER, lambda h, x: h.set_defaults(a=x), once=True)
keeps(
    "optparse.OptionParser.add_option",
    resolve("optparse.OptionParser"),
    lambda h, x: h.add_option("-a", action="callback", callback=x) and None,
    once=True,
)
keeps(
    "abc.ABC.register",
    lambda: type(resolve("abc.ABC"))("Abstract", (), {}),
    lambda h, x: h.register(x) and None,
    make=lambda: type("Concrete", (), {}),
)
result("sched.scheduler", only)
result("wsgiref.simple_server.make_server", lambda call, x: ended(call("localhost", 0, x)))
DISPATCHER = "xmlrpc.server.SimpleXMLRPCDispatcher"
dispatcher = resolve(DISPATCHER)
keeps(DISPATCHER + ".register_function", dispatcher, lambda h, x: h.register_function(x, str(id(x))) and None)
keeps(DISPATCHER + ".register_instance", dispatcher, lambda h, x: h.register_instance(x))
hook("webbrowser.register", lambda x: resolve("webbrowser.register")("probe", x))
for kind, values in (("archive", ()), ("unpack", (["probe"],))):
    add, remove = (resolve("shutil.%s_%s_format" % (verb, kind)) for verb in ("register", "unregister"))
    hook(
        "shutil.register_%s_format" % kind,
        lambda x, add=add, values=values: add("probe", *values, x),
        undo=("shutil.unregister_%s_format" % kind, lambda h, x, remove=remove: remove("probe")),
        once=True,
    )
hook("unittest.registerResult", unittest.registerResult, "0")
result("weakref.KeyedRef", lambda call, x: call(x, function, 1), "()")
result("weakref.KeyedRef", lambda call, x: call(LASTING, function, x), ".__callback__")
result("weakref.WeakSet", only, make=Items)
keeps("weakref.WeakSet.update", weakref.WeakSet, lambda h, x: h.update(x), make=Items)
result("weakref.WeakValueDictionary", only, make=Pairs)
keeps("weakref.WeakValueDictionary.update", weakref.WeakValueDictionary, lambda h, x: h.update(x), make=Pairs)
result("urllib.request.Request", lambda call, x: call("http://localhost/", x))

# ---- weak references ----

result("weakref.ref weakref.ReferenceType", only, "()")
result("weakref.proxy", only, "referent")
result("weakref.WeakMethod", lambda call, x: call(x.method), "()")
result("weakref.ref weakref.proxy", lambda call, x: call(LASTING, x), ".__callback__")
result("weakref.WeakMethod", lambda call, x: call(LASTING.method, x), ".__callback__")
keeps("weakref.WeakSet.add", weakref.WeakSet, lambda h, x: h.add(x))
KEYS, VALUES = "weakref.WeakKeyDictionary.", "weakref.WeakValueDictionary."
keeps(KEYS + "__setitem__", weakref.WeakKeyDictionary, lambda h, x: operator.setitem(h, x, 1), "keys")
keeps(KEYS + "__setitem__", weakref.WeakKeyDictionary, lambda h, x: operator.setitem(h, LASTING, x), "[]")
keeps(KEYS + "setdefault", weakref.WeakKeyDictionary, lambda h, x: h.setdefault(x, 1), "keys")
keeps(KEYS + "setdefault", weakref.WeakKeyDictionary, lambda h, x: h.setdefault(LASTING, x) and None, "[]")
keeps(
    VALUES + "__setitem__",
    weakref.WeakValueDictionary,
    lambda h, x: operator.setitem(h, x, LASTING),
    "keys",
)
keeps(VALUES + "__setitem__", weakref.WeakValueDictionary, lambda h, x: operator.setitem(h, 1, x), "[]")
keeps(VALUES + "setdefault", weakref.WeakValueDictionary, lambda h, x: h.setdefault(x, LASTING), "keys")
keeps(VALUES + "setdefault", weakref.WeakValueDictionary, lambda h, x: h.setdefault(1, x) and None, "[]")
hook("weakref.finalize", lambda x: weakref.finalize(x, function) and None, "0")
hook("weakref.finalize", lambda x: weakref.finalize(LASTING, x), "1", run=lambda h, r: r())
hook("weakref.finalize", lambda x: weakref.finalize(LASTING, function, x), "2+", run=lambda h, r: r())
hook(
    "weakref.finalize",
    lambda x: weakref.finalize(LASTING, function, x),
    "2+",
    run=lambda h,
    r: (r.detach(), 1)[1],
)
after_fork = multiprocessing.util.register_after_fork
hook("multiprocessing.util.register_after_fork", lambda x: after_fork(x, function), "0")
hook("multiprocessing.util.register_after_fork", lambda x: after_fork(LASTING, x), "1")
hook("multiprocessing.util.Finalize", lambda x: multiprocessing.util.Finalize(x, function), "0")
hook(
    "multiprocessing.util.Finalize",
    lambda x: multiprocessing.util.Finalize(LASTING, x),
    "1",
    run=lambda h,
    r: r(),
)
hook(
    "multiprocessing.util.Finalize",
    lambda x: multiprocessing.util.Finalize(LASTING, x),
    "1",
    run=lambda h,
    r: r.cancel(),
)

# ---- receivers: the probe is the object whose method it is ----


def receiver(name, make, call, *how, new=lambda: None, **keywords):
    keeps(name, new, call, *how, make=make, **keywords)


receiver("socket.socket.makefile", socket.socket, lambda h, x: x.makefile())
for name in ("createElement", "createTextNode"):
    call = lambda h, x, name=name: getattr(x, name)("a")
    receiver("xml.dom.minidom.Document." + name, xml.dom.minidom.Document, call)
receiver(
    "xml.dom.minidom.Node.appendChild",
    lambda: node(),
    lambda h, x: x.appendChild(h) and None,
    ".parentNode",
    new=lambda: node(),
    once=True,
)
receiver(
    "urllib.request.OpenerDirector.add_handler",
    urllib.request.OpenerDirector,
    lambda h, x: x.add_handler(h),
    ".parent",
    new=urllib.request.HTTPHandler,
    once=True,
)
if exists("sqlite3.connect"):

    class Connection(sys.modules["sqlite3"].Connection):
        """One that can be referred to weakly."""

    def connection():
        return Connection(":memory:")

    DATABASE = "sqlite3.Connection."
    receiver(DATABASE + "cursor", connection, lambda h, x: x.cursor())
    receiver(DATABASE + "execute", connection, lambda h, x: x.execute("select 1"))
    receiver(DATABASE + "executescript", connection, lambda h, x: x.executescript("select 1"))
    receiver(DATABASE + "iterdump", connection, lambda h, x: x.iterdump())
    result("sqlite3.Cursor", only, make=connection)
    for name, values in (("set_progress_handler", (9,)), ("set_authorizer", ()), ("set_trace_callback", ())):
        called = lambda h, x, name=name, values=values: getattr(h, name)(x, *values)
        keeps(DATABASE + name, connection, called, end=lambda h: h.close())
    keeps(DATABASE + "row_factory", connection, lambda h, x: setattr(h, "row_factory", x))
    keeps(DATABASE + "text_factory", connection, lambda h, x: setattr(h, "text_factory", x))
    keeps(DATABASE + "create_function", connection, lambda h, x: h.create_function("f", 1, x), once=True)
    keeps(DATABASE + "create_aggregate", connection, lambda h, x: h.create_aggregate("f", 1, x), once=True)
    keeps(DATABASE + "create_collation", connection, lambda h, x: h.create_collation("f", x), once=True)
    hook("sqlite3.register_adapter", lambda x: sys.modules["sqlite3"].register_adapter(Probe, x))
    hook("sqlite3.register_converter", lambda x: sys.modules["sqlite3"].register_converter("probe", x))

# ---- hooks of the interpreter ----

undo = ("atexit.unregister", lambda h, x: atexit.unregister(x))
hook("atexit.register", lambda x: atexit.register(x) and None, undo=undo)
undo = ("atexit.unregister", lambda h, x: atexit.unregister(function))
hook("atexit.register", lambda x: atexit.register(function, x) and None, undo=undo)
hook("atexit.register", lambda x: atexit.register(function, a=x) and None, undo=undo)
hook(
    "signal.signal",
    lambda x: signal.signal(signal.SIGUSR1, x) and None,
    end=lambda h: signal.signal(signal.SIGUSR1, signal.SIG_DFL),
)
for module in (sys, threading):
    for setter in ("settrace", "setprofile"):
        call = getattr(module, setter)
        hook(module.__name__ + "." + setter, call, end=lambda h, call=call: call(None))
for name in ("gc.callbacks", "sys.meta_path", "sys.path_hooks"):
    place = resolve(name)
    undo = (name + ".remove", lambda h, x, place=place: place.remove(x))
    hook(name + ".append", place.append, undo=undo)
    hook(name + ".insert", lambda x, place=place: place.insert(len(place), x), undo=undo)
undo = ("sys.modules.pop", lambda h, x: sys.modules.pop("probe") and None)
hook("sys.modules.__setitem__", lambda x: operator.setitem(sys.modules, "probe", x), undo=undo)
hook("sys.modules.setdefault", lambda x: sys.modules.setdefault("probe", x) and None, undo=undo)
if exists("codecs.unregister"):
    hook("codecs.register", codecs.register, undo=("codecs.unregister", lambda h, x: codecs.unregister(x)))
hook("codecs.register_error", lambda x: codecs.register_error("probe", x))
hook("copyreg.pickle", lambda x: copyreg.pickle(Case, x), end=lambda h: copyreg.dispatch_table.pop(Case))
hook("os.register_at_fork", lambda x: os.register_at_fork(before=x))
hook("sys.addaudithook", sys.addaudithook)
SLOTS = "sys.excepthook sys.displayhook sys.unraisablehook sys.breakpointhook sys.stdin"
for name in (SLOTS + " threading.excepthook warnings.showwarning warnings.formatwarning").split():
    place, slot = sys.modules[name.split(".")[0]], name.split(".")[1]
    hook(
        name,
        lambda x, place=place, slot=slot: setattr(place, slot, x),
        end=lambda h, place=place, slot=slot, before=resolve(name): setattr(place, slot, before),
    )
hook(
    "sys.set_asyncgen_hooks",
    lambda x: sys.set_asyncgen_hooks(x, None),
    end=lambda h: sys.set_asyncgen_hooks(None, None),
)
hook(
    "urllib.request.install_opener",
    urllib.request.install_opener,
    end=lambda h: urllib.request.install_opener(None),
)
keeps("contextvars.ContextVar.set", lambda: contextvars.ContextVar("probe"), lambda h, x: h.set(x) and None)

# ---- what is run later ----

PIPE = socket.socketpair()


def turn(loop, result=None):
    loop.run_until_complete(asyncio.sleep(0.005))


def complete(loop, result):
    loop.run_until_complete(result)


def after_turn(loop, result):
    turn(loop)
    return result


async def work(probe):
    return None


def loops(name, call, *how, **keywords):
    keeps(name, asyncio.new_event_loop, call, *how, end=lambda loop: loop.close(), **keywords)


loops(LOOP + "call_soon", lambda h, x: h.call_soon(x) and None, "ready queue", run=turn)
loops(LOOP + "call_soon", lambda h, x: h.call_soon(function, x) and None, "ready queue", run=turn)
loops(LOOP + "call_soon_threadsafe", lambda h, x: h.call_soon_threadsafe(x) and None, "ready queue", run=turn)
loops(LOOP + "call_later", lambda h, x: h.call_later(0.001, x) and None, "scheduled calls", run=turn)
loops(LOOP + "call_later", lambda h, x: h.call_later(9, x), "scheduled calls", run=lambda h, r: r.cancel())
loops(LOOP + "call_at", lambda h, x: h.call_at(0, x) and None, "scheduled calls", run=turn)
loops(LOOP + "call_soon", lambda h, x: after_turn(h, h.call_soon(x)), "._callback")
loops(LOOP + "call_soon_threadsafe", lambda h, x: after_turn(h, h.call_soon_threadsafe(x)), "._callback")
loops(LOOP + "call_later", lambda h, x: after_turn(h, h.call_later(0, x)), "._callback")
loops(LOOP + "call_at", lambda h, x: after_turn(h, h.call_at(0, x)), "._callback")
undo = (LOOP + "remove_reader", lambda h, x: h.remove_reader(PIPE[0]))
loops(LOOP + "add_reader", lambda h, x: h.add_reader(PIPE[0], x) and None, undo=undo)
undo = (LOOP + "remove_writer", lambda h, x: h.remove_writer(PIPE[1]))
loops(LOOP + "add_writer", lambda h, x: h.add_writer(PIPE[1], x) and None, undo=undo)
undo = (LOOP + "remove_signal_handler", lambda h, x: h.remove_signal_handler(signal.SIGUSR1))
loops(LOOP + "add_signal_handler", lambda h, x: h.add_signal_handler(signal.SIGUSR1, x), undo=undo)
loops(LOOP + "set_exception_handler", lambda h, x: h.set_exception_handler(x))
loops(LOOP + "set_task_factory", lambda h, x: h.set_task_factory(x))
GATE = threading.Event()
POOL = concurrent.futures.ThreadPoolExecutor(1)
loops(
    LOOP + "run_in_executor",
    lambda h, x: (GATE.clear(), POOL.submit(GATE.wait), h.run_in_executor(POOL, x))[2],
    run=lambda h, r: (GATE.set(), complete(h, r), POOL.submit(int).result()),
)
loops(LOOP + "create_task", lambda h, x: h.create_task(work(x)), "._coro", run=complete)
loops("asyncio.Task", lambda h, x: asyncio.Task(work(x), loop=h), run=complete)
loops("asyncio.shield", lambda h, x: asyncio.shield(h.create_task(work(x))), run=complete)
loops("asyncio.ensure_future", lambda h, x: asyncio.ensure_future(work(x), loop=h), "._coro", run=complete)
loops("asyncio.wait_for", lambda h, x: asyncio.wait_for(work(x), 1), run=complete)
loops("asyncio.sleep", lambda h, x: asyncio.sleep(0, x), run=complete)
threadsafe = asyncio.run_coroutine_threadsafe
loops("asyncio.run_coroutine_threadsafe", lambda h, x: threadsafe(work(x), h), "ready queue", run=turn)
if exists("asyncio.to_thread"):
    loops("asyncio.to_thread", lambda h, x: asyncio.to_thread(x), run=complete)


def future(loop, probe):
    made = loop.create_future()
    made.probe = probe
    return made


loops("asyncio.gather", lambda h, x: asyncio.gather(future(h, x)))


def pending():
    return asyncio.new_event_loop().create_future()


def finish(held, result=None):
    held.set_result(None)
    turn(held.get_loop())


def close_loop(held):
    held.get_loop().close()


ASYNC = "asyncio.Future."
keeps(ASYNC + "add_done_callback", pending, lambda h, x: h.add_done_callback(x), run=finish, end=close_loop)
undo = (ASYNC + "remove_done_callback", lambda h, x: h.remove_done_callback(x))
keeps(
    ASYNC + "add_done_callback",
    pending,
    lambda h, x: h.add_done_callback(x),
    run=lambda h,
    r: None,
    undo=undo,
    end=close_loop,
)
keeps(ASYNC + "set_result", pending, lambda h, x: h.set_result(x), end=close_loop, once=True)
CONCURRENT = "concurrent.futures.Future."
Future = concurrent.futures.Future
keeps(
    CONCURRENT + "add_done_callback",
    Future,
    lambda h, x: (h.add_done_callback(x), h.set_result(1))[1],
    once=True,
)
keeps(CONCURRENT + "set_result", Future, lambda h, x: h.set_result(x), once=True)
keeps(CONCURRENT + "set_exception", Future, lambda h, x: h.set_exception(x), once=True)
keeps(
    "concurrent.futures.Executor.submit",
    lambda: POOL,
    lambda h, x: (GATE.clear(), h.submit(GATE.wait), h.submit(x))[2],
    run=lambda h, r: (GATE.set(), r.result(), h.submit(int).result()),
    end=lambda h: GATE.set(),
)
result("concurrent.futures.ThreadPoolExecutor", lambda call, x: call(1, "name", x))
keeps(
    "multiprocessing.pool.Pool.apply_async",
    lambda: multiprocessing.pool.ThreadPool(1),
    lambda h, x: (h.apply_async(function, (), {}, x), h.apply(int), h.apply(int))[0],
    "._callback",
    end=lambda h: h.terminate(),
)
fork = multiprocessing.get_context("fork")
result(
    "multiprocessing.Process",
    lambda call, x: fork.Process(None, x),
    run=lambda h,
    r: (r.start(), r.join()),
)
result("threading.Thread", lambda call, x: call(None, x), run=lambda h, r: (r.start(), r.join()))
result("threading.Condition", only)
result("threading.Timer threading.Barrier", lambda call, x: call(2, x))
ENTER = "sched.scheduler.enter"
keeps(ENTER, sched.scheduler, lambda h, x: h.enter(0, 1, x) and None, ".queue[]", run=lambda h, r: h.run())
keeps(ENTER, sched.scheduler, lambda h, x: (lambda e: (h.cancel(e), e)[1])(h.enter(0, 1, x)), ".action")
undo = ("contextlib.ExitStack.close", lambda h, x: h.close())
STACK = "contextlib.ExitStack."
keeps(STACK + "callback", contextlib.ExitStack, lambda h, x: h.callback(x) and None, undo=undo)
keeps(STACK + "callback", contextlib.ExitStack, lambda h, x: h.callback(function, 1, a=x) and None, undo=undo)
keeps(STACK + "push", contextlib.ExitStack, lambda h, x: h.push(x) and None, undo=undo)
keeps(STACK + "enter_context", contextlib.ExitStack, lambda h, x: h.enter_context(x), undo=undo)
undo = ("contextlib.ExitStack.pop_all", lambda h, x: h.pop_all() and None)
keeps(STACK + "push", contextlib.ExitStack, lambda h, x: h.push(x) and None, undo=undo)
ASYNC_STACK = "contextlib.AsyncExitStack."
undo = (ASYNC_STACK + "pop_all", lambda h, x: h.pop_all() and None)
for name in ("callback", "push", "push_async_callback", "push_async_exit", "enter_context"):
    call = lambda h, x, name=name: getattr(h, name)(x) and None
    keeps(ASYNC_STACK + name, contextlib.AsyncExitStack, call, undo=undo)
SELECTOR = "selectors.BaseSelector."
keeps(
    SELECTOR + "register",
    selectors.DefaultSelector,
    lambda h, x: h.register(PIPE[0], 1, x) and None,
    undo=(SELECTOR + "unregister", lambda h, x: h.unregister(PIPE[0]) and None),
    end=lambda h: h.close(),
)
keeps("unittest.TestCase.addCleanup", Test, lambda h, x: h.addCleanup(x), run=lambda h, r: h.doCleanups())
keeps(
    "unittest.TestSuite.addTest",
    unittest.TestSuite,
    lambda h, x: h.addTest(x),
    make=Test,
    run=lambda h, r: h.run(unittest.TestResult()),
)
hook("unittest.TestCase.addClassCleanup", Test.addClassCleanup, run=lambda h, r: Test.doClassCleanups())
if exists("unittest.addModuleCleanup"):
    call = unittest.addModuleCleanup
    hook("unittest.addModuleCleanup", call, run=lambda h, r: unittest.case.doModuleCleanups())
result("unittest.mock.patch", lambda call, x: call("os.sep", x))
result("unittest.mock.create_autospec", lambda call, x: call(function, side_effect=x))
keeps("unittest.TestCase.addTypeEqualityFunc", Test, lambda h, x: h.addTypeEqualityFunc(Test, x))
MOCKS = "unittest.mock.Mock unittest.mock.MagicMock unittest.mock.AsyncMock"
result(MOCKS, lambda call, x: call(side_effect=x))
result(MOCKS, lambda call, x: call(return_value=x))
result(MOCKS, lambda call, x: call(wraps=x))
Mock = unittest.mock.Mock
undo = ("unittest.mock.NonCallableMock.reset_mock", lambda h, x: h.reset_mock())
keeps("unittest.mock.Mock.__call__", Mock, lambda h, x: h(x) and None, undo=undo)
keeps("unittest.mock.NonCallableMock.side_effect", Mock, lambda h, x: setattr(h, "side_effect", x))
keeps("unittest.mock.NonCallableMock.return_value", Mock, lambda h, x: setattr(h, "return_value", x))
result("unittest.mock.patch.object", lambda call, x: call(x, "method"))
for name in ("TCPServer", "UDPServer", "ThreadingTCPServer"):
    result("socketserver." + name, lambda call, x: ended(call(("localhost", 0), x, False)))

# ---- logging ----


def logger():
    return logging.Logger("probe")


undo = ("logging.Logger.removeHandler", lambda h, x: h.removeHandler(x))
keeps("logging.Logger.addHandler", logger, lambda h, x: h.addHandler(x), undo=undo)
undo = ("logging.Filterer.removeFilter", lambda h, x: h.removeFilter(x))
keeps("logging.Filterer.addFilter", logger, lambda h, x: h.addFilter(x), undo=undo)
keeps("logging.Handler.setFormatter", logging.Handler, lambda h, x: h.setFormatter(x))
keeps("logging.StreamHandler.setStream", logging.StreamHandler, lambda h, x: h.setStream(x) and None)
hook(
    "logging.setLogRecordFactory",
    logging.setLogRecordFactory,
    end=lambda h: logging.setLogRecordFactory(logging.LogRecord),
)
result("logging.StreamHandler", only, ".stream")
result("logging.LoggerAdapter", lambda call, x: call(x, {}), ".logger")
result("logging.LoggerAdapter", lambda call, x: call(None, x), ".extra")
result("logging.LogRecord", lambda call, x: call("name", 20, "path", 1, "text", (x,), None))
result("logging.handlers.QueueHandler", only)
result("logging.handlers.QueueListener", only, ".queue")
result("logging.handlers.QueueListener", lambda call, x: call(None, x), ".handlers[]")
result("logging.handlers.MemoryHandler", lambda call, x: call(10, 20, x))
keeps(
    "logging.handlers.MemoryHandler.setTarget",
    lambda: logging.handlers.MemoryHandler(9),
    lambda h, x: h.setTarget(x),
)

# ---- parsers and documents ----

EXPAT = "xml.parsers.expat.XMLParserType."
for name in ("StartElementHandler", "EndElementHandler", "CharacterDataHandler", "DefaultHandler"):
    keeps(EXPAT + name, xml.parsers.expat.ParserCreate, lambda h, x, name=name: setattr(h, name, x))
for name in ("setContentHandler", "setErrorHandler", "setDTDHandler", "setEntityResolver"):
    keeps(
        "xml.sax.xmlreader.XMLReader." + name,
        xml.sax.xmlreader.XMLReader,
        lambda h, x, name=name: getattr(h, name)(x),
    )
DOCUMENT = xml.dom.minidom.Document()


def node():
    return DOCUMENT.createElement("probe")


undo = ("xml.dom.minidom.Node.removeChild", lambda h, x: h.removeChild(x) and None)
keeps(
    "xml.dom.minidom.Node.appendChild",
    node,
    lambda h, x: h.appendChild(x) and None,
    ".childNodes[]",
    make=node,
    undo=undo,
)
undo = ("xml.dom.minidom.Node.unlink", lambda h, x: h.unlink())
keeps(
    "xml.dom.minidom.Node.appendChild",
    node,
    lambda h, x: h.appendChild(x) and None,
    ".childNodes[]",
    make=node,
    undo=undo,
)
ELEMENT = "xml.etree.ElementTree.Element."
undo = (ELEMENT + "remove", lambda h, x: h.remove(x))
keeps(
    ELEMENT + "append",
    lambda: tree.Element("a"),
    lambda h, x: h.append(x),
    make=lambda: tree.Element("b"),
    undo=undo,
)
keeps(
    ELEMENT + "insert",
    lambda: tree.Element("a"),
    lambda h, x: h.insert(0, x),
    make=lambda: tree.Element("b"),
)
result("xml.etree.ElementTree.ElementTree", only, make=lambda: tree.Element("a"))
result("xml.etree.ElementTree.XMLParser", lambda call, x: call(target=x))
