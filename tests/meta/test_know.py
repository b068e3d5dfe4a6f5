"""Every row of the knowledge tables that claims to be standard library exists in CPython.

The rows are read from the C sources, so that a row cannot escape the test. A name that the running
interpreter is too old or too new for must stand in OTHER_VERSIONS with the reason.
"""

import inspect
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from know_tables import EFFECT_SOURCES, cells, effects, exists, is_lacking, resolve, rows

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


def origin_of(rest):
    return re.search(r"ORIGIN_(\w+)", rest)[1]


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

    def test_caches_exist(self):
        self.check("caches.c")

    def test_other_origins_are_not_standard_library(self):
        for source in ("constructors.c", "calls.c", "caches.c", "resources.c", *EFFECT_SOURCES):
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
            if "." not in name or name.startswith(("typing_extensions.", "cachetools.")):
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



# Rows that the signatures of some version do not show, or show under another name.
UNSIGNED = {
    "asyncio.AbstractEventLoop.create_task": "context= since 3.11",
}


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
        if token in ("*", "self", "result"):
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


class ReferenceTest(unittest.TestCase):
    """The tables of effects, results, bases and resources."""

    def names(self, found):
        return [n for n in found if n not in OTHER_VERSIONS and not is_lacking(n)]

    def test_names_of_effects_exist(self):
        found = [row for row in effects() if row.origin == "STDLIB"]
        self.assertGreater(len(found), 400)
        missing = [n for n in self.names({row.name for row in found if row.is_here}) if not exists(n)]
        self.assertEqual(missing, [])

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


if __name__ == "__main__":
    unittest.main()
