"""What the tables of costs and handovers say about the standard library, asked of the running one: the
names, the arguments, and, for calls that take a while, whether they hold the GIL."""

import bz2
import hashlib
import inspect
import io
import json
import pickle
import re
import sys
import threading
import time
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from know_tables import KNOW, cells, exists, import_module, is_lacking, resolve, rows
from test_know import OTHER_VERSIONS, parameters

COSTS = ("blocking.c", "waits"), ("blocking_work.c", "work"), ("blocking_other.c", "others")
# What makes an instance, where a call of the name does not.
MAKERS = {
    "_thread.lock": threading.Lock,
    "io.IOBase": lambda: io.BytesIO(),
    "multiprocessing.Semaphore": lambda: resolve("multiprocessing.Semaphore")(1),
    "select.poll": lambda: resolve("select.poll")() if exists("select.poll") else None,
}
METHODS_OF = (str, bytes, list, set, dict, int, float, type(re.match("", "")))
METHODS_IN = ("collections.deque", "collections.OrderedDict", "collections.Counter", "datetime.datetime",
              "datetime.timedelta", "decimal.Decimal")  # fmt: skip


def costs():
    return [(name, cells(rest)) for source, table in COSTS for name, rest in rows(source, table)]


def words(source, table):
    text = (KNOW / source).read_text()
    return re.findall(r'^ *"([^"]+)",$', text[text.index(table + "[] = {") :], re.M)


def is_module(name):
    try:
        return bool(import_module(name))
    except ImportError:
        return False


def is_there(name):
    """A function, a class, with a dot at the end all of a module or class, or a method of what a factory
    makes."""
    name = name.rstrip(".")
    if exists(name) or is_module(name):
        return True
    owner, _, attribute = name.rpartition(".")
    make = MAKERS.get(owner)
    if make is None and exists(owner):
        make = resolve(owner)
    if make is None:
        return False
    try:
        made = make()
    except Exception:
        return False
    return hasattr(made, attribute)


class CostTest(unittest.TestCase):
    def here(self, names):
        names = [(n, n.rstrip(".")) for n in names]
        return [n for n, bare in names if bare not in OTHER_VERSIONS and not is_lacking(bare)]

    def test_names_exist(self):
        claimed = self.here(name for name, row in costs() if row[0] == "ORIGIN_STDLIB")
        self.assertGreater(len(claimed), 400)
        self.assertEqual([name for name in claimed if not is_there(name)], [])

    def test_old_names_are_gone(self):
        old = [name for name, row in costs() if row[0] == "ORIGIN_PYTHON2"]
        self.assertGreater(len(old), 10)
        self.assertEqual([name for name in old if exists(name)], [])

    def test_each_name_has_one_row(self):
        names = [name for name, _ in costs()]
        self.assertEqual(sorted(set(names)), sorted(names))

    def test_rows_make_sense(self):
        for name, (_, cost, wait, argument, size) in costs():
            with self.subTest(name=name):
                self.assertEqual(cost == "COST_WAITS", wait != "WAIT_NOT")
                self.assertFalse(int(size) and (cost != "COST_RELEASES" or int(argument) < 0))

    def test_arguments_exist(self):
        checked = 0
        for name, (origin, _, _, argument, _) in costs():
            if origin != "ORIGIN_STDLIB" or int(argument) < 0 or not self.here([name]) or not exists(name):
                continue
            found = parameters(name)
            if found is not None:
                self.assertLess(int(argument), len(found), name)
                checked += 1
        self.assertGreater(checked, 0)

    def test_brief_methods_exist(self):
        classes = [*METHODS_OF, *map(resolve, METHODS_IN), type(hashlib.sha256())]
        names = words("blocking_work.c", "methods")
        self.assertGreater(len(names), 50)
        missing = [name for name in names if not any(hasattr(c, name) for c in classes)]
        python2 = {"iteritems", "iterkeys", "itervalues"}
        newer = {"removeprefix", "removesuffix"} if sys.version_info < (3, 9) else set()
        self.assertEqual(set(missing), python2 | newer)


class HandoverTest(unittest.TestCase):
    def test_callables_are_where_the_rows_say(self):
        checked = 0
        for name, rest in rows("handover.c", "handovers"):
            origin, _, index, keyword, _ = cells(rest)
            if origin != "ORIGIN_STDLIB" or name.startswith(".") or name in OTHER_VERSIONS:
                continue
            self.assertTrue(exists(name), name)
            found = parameters(name)
            if found is None:
                continue
            with self.subTest(name=name):
                at = found[min(int(index), len(found) - 1)]
                by_position = at.kind in (at.POSITIONAL_ONLY, at.POSITIONAL_OR_KEYWORD)
                self.assertTrue(by_position or at.kind == at.VAR_POSITIONAL)
                if keyword != "NULL" and by_position and at.kind != at.POSITIONAL_ONLY:
                    self.assertEqual(at.name, keyword)
                checked += 1
        self.assertGreater(checked, 8)

    def test_coroutines_are_coroutines(self):
        names = [n for n in words("handover.c", "coroutines") if n.startswith("asyncio.")]
        self.assertGreater(len(names), 5)
        for name in names:
            if exists(name) or name not in OTHER_VERSIONS:
                self.assertTrue(inspect.iscoroutinefunction(resolve(name)), name)


def progress_beside(call):
    """How far another thread gets, in rounds a second, while this one makes the call; as a share of what
    it gets to while this one sleeps."""
    rounds, is_over = [0], []

    def count():
        while not is_over:
            rounds[0] += 1

    def during(what):
        before, start = rounds[0], time.perf_counter()
        what()
        return (rounds[0] - before) / (time.perf_counter() - start)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        free = during(lambda: time.sleep(0.05))
        return during(call) / free
    finally:
        is_over.append(True)
        thread.join()


TEXT = "word " * 1_000_000
DATA = TEXT.encode()
NUMBERS = [(i * 7919) % 1_000_003 for i in range(600_000)]
CALLS = {
    "bz2.compress": lambda: bz2.compress(DATA[:2_000_000]),
    "hashlib.sha256": lambda: hashlib.sha256(DATA * 8),
    "json.dumps": lambda: json.dumps(NUMBERS),
    "json.loads": lambda text=json.dumps(NUMBERS): json.loads(text),
    "pickle.dumps": lambda: pickle.dumps([NUMBERS, list(map(str, NUMBERS))]),
    "re.findall": lambda: re.findall("w(o)(r)d", TEXT),
    "builtins.sorted": lambda: sorted(NUMBERS),
    "time.sleep": lambda: time.sleep(0.1),
    "zlib.compress": lambda: zlib.compress(DATA),
}


class GilTest(unittest.TestCase):
    """One thread makes the call, another one counts. A call that holds the GIL lets it count at the two
    ends, for one switch interval; a machine that is busy with other things can only slow it down."""

    def setUp(self):
        enabled = getattr(sys, "_is_gil_enabled", lambda: True)
        if not enabled():
            self.skipTest("this interpreter has no GIL")

    def test_rows_say_who_holds_it(self):
        by_name = {name: row[1] for name, row in costs()}
        for name, call in CALLS.items():
            cost = by_name.get(name) or by_name[name.rsplit(".", 1)[0] + "."]
            shares = []
            for _ in range(4):
                shares.append(progress_beside(call))
                if cost in ("COST_RELEASES", "COST_WAITS") and shares[-1] > 0.3:
                    break
                if cost in ("COST_HOLDS", "COST_CHEAP") and shares[-1] < 0.3:
                    break
            with self.subTest(name=name, cost=cost, shares=shares):
                if cost in ("COST_RELEASES", "COST_WAITS"):
                    self.assertGreater(max(shares), 0.3)
                else:
                    self.assertLess(min(shares), 0.3)


if __name__ == "__main__":
    unittest.main()
