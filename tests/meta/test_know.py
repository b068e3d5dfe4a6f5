"""Every row of the knowledge tables that claims to be standard library exists in CPython.

The rows are read from the C sources, so that a row cannot escape the test. A name that the running
interpreter is too old or too new for must stand in OTHER_VERSIONS with the reason.
"""

import importlib
import pathlib
import re
import unittest
import warnings

KNOW = pathlib.Path(__file__).resolve().parents[2] / "src" / "know"

# Not in every supported version of CPython.
OTHER_VERSIONS = {
    "functools.cache": "3.9",
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

# Packages whose types the words name.
THIRD_PARTY = (
    "typing_extensions.", "cachetools.", "numpy.", "pandas.", "polars.", "pyarrow.", "torch.",
    "tensorflow.", "jax.", "PIL.", "cv2.", "xarray.",
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


def resolve(dotted):
    """The object of a dotted name: its longest importable prefix, then attributes."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part)
        return value
    raise ImportError(dotted)


def rows(source):
    """(name, rest of the row) of every row in a table file."""
    text = (KNOW / source).read_text()
    table = text[text.index("[] = {") : text.index("/* clang-format on")]
    return re.findall(r'^ *\{"([^"]+)", (.*)\},$', table, re.M)


def exists(dotted):
    try:
        resolve(dotted)
    except (ImportError, AttributeError):
        return False
    return True


class KnowledgeTest(unittest.TestCase):
    def check(self, source):
        found = rows(source)
        self.assertGreater(len(found), 10, source)
        claimed = [name for name, rest in found if "ORIGIN_STDLIB" in rest]
        self.assertGreater(len(claimed), 0, source)
        missing = [n for n in claimed if n not in OTHER_VERSIONS and not exists(n)]
        self.assertEqual(missing, [], source)

    def test_constructors_exist(self):
        self.check("constructors.c")

    def test_calls_exist(self):
        self.check("calls.c")

    def test_caches_exist(self):
        self.check("caches.c")

    def test_other_origins_are_not_standard_library(self):
        for source in ("constructors.c", "calls.c", "caches.c"):
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
            if "." not in name or name.startswith(THIRD_PARTY):
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


if __name__ == "__main__":
    unittest.main()
