"""Every row of the knowledge tables that claims to be standard library exists in CPython.

The rows are read from the C sources, so that a row cannot escape the test. A name that the running
interpreter is too old or too new for must stand in OTHER_VERSIONS with the reason.
"""

import importlib
import inspect
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from know_tables import EFFECT_SOURCES, cells, effects, exists, is_lacking, resolve, rows

# Not in every supported version of CPython.
OTHER_VERSIONS = {
    "asyncio.Runner": "3.11",
    "asyncio.Runner.get_loop": "3.11",
    "asyncio.Server": "3.9",
    "asyncio.TaskGroup.create_task": "3.11",
    "asynchat.async_chat": "until 3.11",
    "asyncore.dispatcher": "until 3.11",
    "asyncore.dispatcher.add_channel": "until 3.11",
    "asyncore.dispatcher.close": "until 3.11",
    "asyncore.dispatcher.del_channel": "until 3.11",
    "asyncore.dispatcher_with_send": "until 3.11",
    "builtins.aiter": "3.10",
    "contextlib.aclosing": "3.10",
    "functools.cache": "3.9",
    "itertools.pairwise": "3.10",
    "nntplib.NNTP": "until 3.12",
    "nntplib.NNTP_SSL": "until 3.12",
    "os.memfd_create": "3.8, on Linux",
    "ssl.wrap_socket": "until 3.11",
    "telnetlib.Telnet": "until 3.12",
    "pprint.pp": "3.8",
    "random.randbytes": "3.9",
    "sys.exception": "3.11",
    "uuid.uuid6": "3.14",
    "uuid.uuid7": "3.14",
    "uuid.uuid8": "3.14",
    "types.NoneType": "3.10",
    "enum.StrEnum": "3.11",
    "asyncio.to_thread": "3.9",
    "asyncio.iscoroutinefunction": "deprecated in 3.14",
}

# What takes a hook back in some supported versions only.
NEWER = {"codecs.unregister"}  # 3.10

# Rows of words.c that name classes and functions of other packages.
OTHER_PACKAGES = (
    "typing_extensions.", "cachetools.", "PIL.", "numpy.", "pandas.", "polars.", "pyarrow.", "torch.",
    "tensorflow.", "jax.", "cupy.", "cv2.", "xarray.", "vine.",
)  # fmt: skip

# What containers the methods of the table may belong to, by module and class.
CONTAINERS = [
    "builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray", "array.array",
    "collections.deque", "collections.OrderedDict", "collections.Counter", "queue.Queue",
    "weakref.WeakValueDictionary", "weakref.WeakKeyDictionary",
]  # fmt: skip
# Methods of Python 2's dict, of third-party caches, and of Counter from 3.10 on.
OTHER_METHODS = {
    "has_key", "iteritems", "iterkeys", "itervalues", "viewitems", "viewkeys", "viewvalues",
    "expire", "total",
}  # fmt: skip


class KnowledgeTest(unittest.TestCase):
    def check(self, source):
        found = rows(source)
        self.assertGreater(len(found), 10, source)
        claimed = [name for name, rest in found if "ORIGIN_STDLIB" in rest]
        self.assertGreater(len(claimed), 0, source)
        missing = [n for n in claimed if n not in OTHER_VERSIONS and not exists(n) and not is_lacking(n)]
        self.assertEqual(missing, [], source)

    def test_constructors_exist(self):
        self.check("constructors.c")

    def test_calls_exist(self):
        self.check("calls.c")

    def test_pairs_exist(self):
        """What gives a callback and what takes it back, methods on the class of the first."""
        found = rows("pairs.c", "PairRow pairs")
        self.assertGreater(len(found), 80)
        for name, rest in found:
            if "ORIGIN_STDLIB" not in rest or name in OTHER_VERSIONS or is_lacking(name):
                continue
            self.assertTrue(exists(name), name)
            owner = name.rsplit(".", 1)[0]
            for undo in cells(rest)[1].split(","):
                if not undo or undo.startswith("."):
                    continue  # nothing, or a method of what the call returns
                full = undo if "." in undo else owner + "." + undo
                self.assertTrue(full in NEWER or exists(full), full)

    def test_immutables_are_complete_after_new(self):
        """They have no __init__ of their own, and refuse an argument more."""
        for name, rest in rows("immutables.c"):
            origin, most = cells(rest)
            if origin == "ORIGIN_PYTHON2":
                continue
            kind = resolve(name)
            self.assertIs(kind.__init__, object.__init__, name)
            with self.assertRaises(TypeError, msg=name):
                kind.__new__(type("K", (kind,), {}), *[1] * (int(most) + 1))

    def test_names_of_the_standard_library_exist(self):
        found = rows("standard.c")
        self.assertGreater(len(found), 100)
        for name, rest in found:
            if sys.version_info[1] < int(cells(rest)[1]):
                continue
            module, _, last = name.rpartition(".")
            with self.subTest(name):
                try:
                    importlib.import_module(name)
                except ImportError:
                    self.assertTrue(module and hasattr(importlib.import_module(module), last))
        self.assertEqual([n for n, _ in found], sorted(n for n, _ in found))

    def test_caches_exist(self):
        self.check("caches.c")

    def test_other_origins_are_not_standard_library(self):
        for source in ("constructors.c", "calls.c", "caches.c", "resources.c", "immutables.c", *EFFECT_SOURCES):
            for name, rest in rows(source):
                if "ORIGIN_PYTHON2" in rest:
                    self.assertFalse(exists(name), name)

    def test_methods_exist(self):
        classes = [resolve(name) for name in CONTAINERS]
        names = {name for name, _ in rows("methods.c")}
        self.assertGreater(len(names), 50)
        missing = {n for n in names if not any(hasattr(c, n) for c in classes)}
        self.assertEqual(missing - OTHER_METHODS, set())
        self.assertEqual(OTHER_METHODS - names, set(), "listed but not in the table")

    def test_type_names_exist(self):
        for name, rest in rows("words.c"):
            if "." not in name or name.startswith(OTHER_PACKAGES):
                continue
            if name in OTHER_VERSIONS or name in ("builtins.unicode", "builtins.long"):
                continue
            self.assertTrue(exists(name), name)

    def test_methods_do_what_the_rows_say(self):
        """Effects of list, dict, set and deque methods, tried on real containers."""
        rest = dict(rows("methods.c"))
        makers = {
            "append": ([], (1,)), "extend": ([], ([1],)), "insert": ([], (0, 1)),
            "add": (set(), (1,)), "update": ({}, ({1: 2},)), "setdefault": ({}, (1, 2)),
            "appendleft": (resolve("collections.deque")(), (1,)),
        }  # fmt: skip
        for name, (container, arguments) in makers.items():
            self.assertIn("METHOD_ADDS", rest[name], name)
            getattr(container, name)(*arguments)
            self.assertEqual(len(container), 1, name)
        takers = {
            "pop": ([1], ()), "popitem": ({1: 2}, ()), "remove": ([1], (1,)),
            "discard": ({1}, (1,)), "clear": ({1: 2}, ()), "difference_update": ({1}, ({1},)),
            "intersection_update": ({1}, ({2},)),
            "popleft": (resolve("collections.deque")([1]), ()),
        }  # fmt: skip
        for name, (container, arguments) in takers.items():
            self.assertIn("METHOD_REMOVES", rest[name], name)
            getattr(container, name)(*arguments)
            self.assertEqual(len(container), 0, name)



# Called through the class, with the object as argument 0, which is how the row counts.
UNSIGNED = {"builtins.object.__setattr__"}


def parameters(name):
    """The parameters that a call of this function, method or class has, or None when they are unknown."""
    value = resolve(name)
    try:
        found = list(inspect.signature(value).parameters.values())
    except (ValueError, TypeError):
        return None
    owner_name, _, attribute = name.rpartition(".")
    owner = resolve(owner_name) if "." in owner_name else None
    if inspect.isclass(owner) and not inspect.isclass(value):
        held = inspect.getattr_static(owner, attribute)
        if not isinstance(held, (staticmethod, classmethod)) and getattr(value, "__self__", None) is None:
            found = found[1:]
    return found


def misfits(row, found):
    """What of the row's `held` does not go with the parameters."""
    named = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = {p.name for p in found if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    takes_more = any(p.kind == p.VAR_POSITIONAL for p in found)
    takes_any = any(p.kind == p.VAR_KEYWORD for p in found)
    wrong = []
    for token in row.tokens:
        if token in ("*", "@self", "@result"):
            continue
        if token == "**":
            wrong += [] if takes_any else ["no keywords"]
        elif token.rstrip("+").isdigit():
            at = int(token.rstrip("+"))
            if at >= len(named):
                wrong += [] if takes_more else ["no position %s" % token]
            elif named[at].kind == named[at].POSITIONAL_OR_KEYWORD and named[at].name not in row.tokens:
                if not token.endswith("+"):
                    wrong.append("position %d is also called %s" % (at, named[at].name))
        elif token not in keywords:
            wrong += [] if takes_any else ["no keyword %s" % token]
        else:
            at = [i for i, p in enumerate(named) if p.name == token]
            if at and str(at[0]) not in row.tokens:
                wrong.append("%s is also position %d" % (token, at[0]))
    return wrong


# Classes of results that no row asks for.
RESULTS = {
    "dbm.dumb.open": "dbm.dumb._Database",
    "dbm.gnu.open": "dbm.dumb._Database",
    "dbm.ndbm.open": "dbm.dumb._Database",
    "fileinput.input": "fileinput.FileInput",
    "io.open_code": "io.IOBase",
    "multiprocessing.Pipe": "multiprocessing.connection.Connection",
    "multiprocessing.connection.Client": "multiprocessing.connection.Connection",
    "multiprocessing.dummy.Pool": "multiprocessing.pool.ThreadPool",
    "os.popen": "os._wrap_close",
    "os.scandir": "io.IOBase",  # its own class has no name
    "socket.socket.accept": "socket.socket",
    "socket.socketpair": "socket.socket",
    "ssl.wrap_socket": "ssl.SSLSocket",
    "tarfile.TarFile.open": "tarfile.TarFile",
    "tokenize.open": "io.IOBase",
    "wave.open": "wave.Wave_write",
    "zipfile.ZipFile.open": "zipfile.ZipExtFile",
}
# What instances have and their class does not show.
OF_INSTANCES = {
    ("codecs.open", "close"),
    ("multiprocessing.Manager", "shutdown"),
    ("multiprocessing.managers.SharedMemoryManager", "shutdown"),
    ("multiprocessing.managers.SyncManager", "shutdown"),
}
# An element goes in and one comes out.
SIZE_STAYS = {"heapq.heappushpop", "heapq.heapreplace"}


class ReferenceTest(unittest.TestCase):
    """The tables of effects, results, bases and resources."""

    def names(self, found):
        return [n for n in found if n not in OTHER_VERSIONS and not is_lacking(n)]

    def test_names_of_effects_exist(self):
        found = [row for row in effects() if row.origin == "STDLIB"]
        self.assertGreater(len(found), 400)
        missing = [n for n in self.names({row.name for row in found if row.is_here}) if not exists(n)]
        self.assertEqual(missing, [])

    @unittest.skipIf(sys.version_info < (3, 11), "signatures of older versions lack what was added since")
    def test_held_arguments_exist(self):
        checked, wrong = 0, []
        for row in effects():
            if row.origin != "STDLIB" or "ASSIGN" in row.flags or not row.is_here:
                continue
            if not self.names([row.name]) or not exists(row.name) or row.name in UNSIGNED:
                continue
            found = parameters(row.name)
            if found is not None:
                checked += 1
                wrong += ["%s: %s" % (row, what) for what in misfits(row, found)]
        self.assertEqual(wrong, [])
        self.assertGreater(checked, 250)

    def test_removals_undo_something(self):
        held = {(row.name.split(".")[0], row.how) for row in effects() if "REMOVES" not in row.flags}
        for row in effects():
            self.assertEqual(row.holder == "NOBODY", "REMOVES" in row.flags, row)
            if "REMOVES" in row.flags:
                self.assertTrue((row.name.split(".")[0], row.how) in held, row)

    def test_results_are_classes(self):
        for name, rest in rows("results.c", "results"):
            origin, class_name = cells(rest)
            if origin == "ORIGIN_STDLIB" and self.names([name]):
                self.assertTrue(exists(name), name)
                if self.names([class_name]):
                    self.assertTrue(inspect.isclass(resolve(class_name)), class_name)

    def test_bases_are_above(self):
        checked = 0
        for name, rest in rows("results.c", "bases"):
            origin, base_name = cells(rest)
            if origin != "ORIGIN_STDLIB" or not self.names([name]):
                continue
            value, base = resolve(name), resolve(base_name)
            fits = issubclass(value, base) if inspect.isclass(value) else isinstance(value, base)
            self.assertTrue(fits, "%s is no %s" % (name, base_name))
            checked += 1
        self.assertGreater(checked, 60)

    def test_concurrency_exists(self):
        found = [(name, cells(rest)[0]) for name, rest in rows("concurrency.c")]
        claimed = [name for name, origin in found if origin == "ORIGIN_STDLIB"]
        self.assertGreater(len(claimed), 30)
        self.assertEqual([n for n in self.names(claimed) if not exists(n)], [])

    def test_locks_are_acquired_and_released(self):
        for name, rest in rows("concurrency.c"):
            origin, kind = cells(rest)
            if origin != "ORIGIN_STDLIB" or kind not in ("CONCURRENT_LOCK", "CONCURRENT_ASYNC_LOCK"):
                continue
            is_bound = "semaphore" in name.lower()
            lock = resolve(name)() if not is_bound else resolve(name)(1)
            with self.subTest(name=name):
                self.assertTrue(callable(lock.acquire) and callable(lock.release))
                is_async = inspect.iscoroutinefunction(lock.acquire)
                self.assertEqual(is_async, kind == "CONCURRENT_ASYNC_LOCK")

    def test_resources_exist(self):
        found = [(name, cells(rest)) for name, rest in rows("resources.c")]
        claimed = [name for name, (origin, *_) in found if origin == "ORIGIN_STDLIB"]
        self.assertGreater(len(claimed), 80)
        self.assertEqual([n for n in self.names(claimed) if not exists(n)], [])

    def test_borrowers_exist(self):
        found = [(name, cells(rest)) for name, rest in rows("borrowers.c")]
        claimed = [name for name, (origin, _) in found if origin == "ORIGIN_STDLIB"]
        self.assertGreater(len(claimed), 80)
        self.assertEqual([n for n in self.names(claimed) if not exists(n)], [])
        self.assertEqual([name for name, _ in found], sorted(name for name, _ in found))

    def test_resources_can_be_released(self):
        """What has a dot is a function; the rest is looked up on the class, of the row or of its result."""
        results = {name: cells(rest)[1] for name, rest in rows("results.c", "results")}
        for name, rest in rows("resources.c"):
            origin, _, releases, flags = cells(rest)
            self.assertTrue(releases, name)
            if origin != "ORIGIN_STDLIB" or not self.names([name]):
                continue
            class_name = name if inspect.isclass(resolve(name)) else RESULTS.get(name, results.get(name))
            for release in releases.split(","):
                with self.subTest(name=name, release=release):
                    if "." in release:
                        self.assertTrue(callable(resolve(release)))
                    else:
                        self.assertTrue(class_name, "no class")
                        self.assertTrue(exists(class_name + "." + release) or (name, release) in OF_INSTANCES)
            if "STARTED" in flags:
                self.assertTrue(exists(class_name + ".start"), name)

    def test_tables_agree(self):
        """calls.c says in flags what effects say in rows."""
        by_name = {}
        for row in effects():
            by_name.setdefault(row.name, []).append(row)

        def has(name, holder, *flags, without=()):
            return any(
                row.holder == holder and row.flags.issuperset(flags) and not row.flags & set(without)
                for row in by_name.get(name, ())
            )

        for name, rest in rows("calls.c"):
            _, words, container, _, value = cells(rest)
            flags = set(words.split(" | "))
            strong = has(name, "RESULT", without=("WEAK", "COPY"))
            with self.subTest(name=name):
                if "CALL_HOLDS" in flags:
                    self.assertTrue(strong)
                if "CALL_LAZY" in flags:
                    self.assertTrue(strong or has(name, "RESULT", "COPY"))
                if "CALL_WEAK" in flags:
                    self.assertTrue(has(name, "RESULT", "WEAK"))
                if "CALL_COPY" in flags:
                    self.assertTrue(has(name, "RESULT", "COPY"))
                if "CALL_GROWS" in flags:
                    found = [r for r in by_name[name] if r.holder == "ARGUMENT" and str(r.index) == container]
                    self.assertTrue(any(value in row.tokens for row in found))
                if "CALL_READS" in flags and name not in SIZE_STAYS:
                    held = [row for row in by_name.get(name, ()) if not row.flags & {"COPY", "REMOVES"}]
                    self.assertEqual([row for row in held if row.held != "**"], [])
                if strong and not flags & {"CALL_HOLDS", "CALL_LAZY", "CALL_WEAK", "CALL_READS"}:
                    self.fail("the result holds arguments")


if __name__ == "__main__":
    unittest.main()
