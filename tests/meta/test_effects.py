"""The rows about references, measured: does the holder keep the argument that the row says, and for how long?

What is expected of a call follows from its row alone:

    strong      the probe lives while the holder does, and dies with it, or when the call is undone
    WEAK        it dies at once
    COPY        a container dies at once, its element lives
    UNTIL_RUN   it dies when the callback has run, though the holder lives
    SLOT        the next call lets the first probe die
    BLIND       a cycle through the holder outlives the collector; without BLIND it does not
"""

import gc
import logging
import os
import select
import shutil
import socket
import sys
import tempfile
import threading
import unittest
import warnings
import weakref
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from effect_cases import CASES, Pairs, Probe
from know_tables import effects, exists, is_lacking, rows


def row_of(case, by_name):
    """The row that the case is about; None when the running version has none."""
    found = [row for row in by_name.get(case.name, ()) if row.is_here]
    if case.how is not None:
        found = [row for row in found if case.how in (row.how, *row.tokens)]
    if not found and any(not row.is_here for row in by_name.get(case.name, ())):
        return None
    if len(found) != 1:
        raise AssertionError("%s %s names %d rows" % (case.name, case.how, len(found)))
    return found[0]


def make(case, row):
    """(what is passed, what is watched, what must go at once or None)."""
    given = case.make()
    if "COPY" not in row.flags:
        return given, weakref.ref(given), None
    element = Probe()
    if isinstance(given, Pairs):
        given[1] = element
    else:
        given.append(element)
    return given, weakref.ref(element), weakref.ref(given)


# Rows whose truth changed with a patch release: not measured on that version.
PATCHED = {("pickle.Pickler.dump", (3, 11))}


class Measured:
    """One call, made; what it holds and what it returned."""

    def __init__(self, case, row):
        self.case, self.row = case, row
        self.holder = case.new()
        self.first = self.put()

    def put(self):
        given, watched, container = make(self.case, self.row)
        self.result = self.case.call(self.holder, given)
        del given
        gc.collect()
        if container and container() is not None:
            raise AssertionError("%s: the container itself is held" % self.row)
        return watched


class EffectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = {}
        for row in effects():
            cls.rows.setdefault(row.name, []).append(row)
        cls.cases = [(case, row_of(case, cls.rows)) for case in CASES if not is_lacking(case.name)]
        cls.cases = [(case, row) for case, row in cls.cases if row]
        gc.collect()
        gc.freeze()  # what is collected from here on is what the tests make

    @classmethod
    def tearDownClass(cls):
        gc.unfreeze()

    def alive(self, reference):
        gc.collect()
        return reference() is not None

    def measure(self, case, row):
        m = Measured(case, row)
        if "WEAK" in row.flags:
            self.assertFalse(self.alive(m.first), "held")
            return m
        self.assertTrue(self.alive(m.first), "not held")
        if "SLOT" in row.flags:
            second = m.put()
            self.assertFalse(self.alive(m.first), "the second call replaces nothing")
            m.first = second
        elif row.holder != "RESULT" and not case.once and not case.run and not case.undo:
            m.put()
            self.assertTrue(self.alive(m.first), "the second call replaces the first")
        if not case.undo:
            self.assertEqual(case.run is not None, "UNTIL_RUN" in row.flags, "nothing to run")
        if case.undo:
            self.assertIn(case.undone, self.rows)
            undoes = [r for r in self.rows[case.undone] if r.how == row.how and "REMOVES" in r.flags]
            self.assertTrue(undoes, "%s does not undo %s" % (case.undone, row.how))
            case.undo(m.holder, m.first())
            self.assertFalse(self.alive(m.first), "held after %s" % case.undone)
        elif "UNTIL_RUN" in row.flags:
            case.run(m.holder, m.result)
            self.assertFalse(self.alive(m.first), "held after it has run")
        elif row.holder in ("RESULT", "RECEIVER", "ARGUMENT"):
            if row.holder == "RESULT":
                m.result = None
            elif case.end:
                return m
            else:
                m.holder = None
            self.assertFalse(self.alive(m.first), "held by more than the row says")
        return m

    def test_calls_hold_what_the_rows_say(self):
        for case, row in self.cases:
            with self.subTest(row=str(row)):
                m = self.measure(case, row)
                if case.end:
                    case.end(m.holder)

    def test_the_collector_sees_what_is_not_blind(self):
        checked = 0
        for case, row in self.cases:
            if row.holder not in ("RESULT", "RECEIVER") or case.end or row.flags & {"WEAK", "BLIND"}:
                continue
            if (row.name, sys.version_info[:2]) in PATCHED:
                continue
            with self.subTest(row=str(row)):
                m = Measured(case, row)
                watched = m.first()
                try:
                    watched.back = (m.holder, m.result)
                except AttributeError:  # a C object
                    continue
                reference = m.first
                del watched, m
                self.assertFalse(self.alive(reference), "the collector does not see it")
                checked += 1
        self.assertGreater(checked, 100)

    def test_enough_is_measured(self):
        measured = {id(row) for _, row in self.cases}
        self.assertGreater(len(measured), 290)


class SqliteTest(unittest.TestCase):
    """What the collector does not see."""

    CALLS = {
        "create_function": lambda c, x: c.create_function("f", 1, x),
        "create_aggregate": lambda c, x: c.create_aggregate("f", 1, x),
        "create_window_function": lambda c, x: c.create_window_function("f", 1, x),
        "create_collation": lambda c, x: c.create_collation("f", x),
        "set_authorizer": lambda c, x: c.set_authorizer(x),
        "set_progress_handler": lambda c, x: c.set_progress_handler(x, 9),
        "set_trace_callback": lambda c, x: c.set_trace_callback(x),
        "row_factory": lambda c, x: setattr(c, "row_factory", x),
        "text_factory": lambda c, x: setattr(c, "text_factory", x),
    }

    def setUp(self):
        if not exists("sqlite3.connect"):
            self.skipTest("no sqlite3")
        self.rows = [row for row in effects() if row.name.startswith("sqlite3.Connection.") and row.is_here]
        self.removed = {row.how for row in self.rows if row.name == "sqlite3.Connection.close"}

    def cycle(self, call, close):
        import sqlite3

        probe = Probe()
        probe.connection = sqlite3.connect(":memory:")
        call(probe.connection, probe)
        if close:
            probe.connection.close()
        reference = weakref.ref(probe)
        del probe
        gc.collect()
        return reference() is not None

    def test_blind_rows(self):
        for row in self.rows:
            method = row.name.rpartition(".")[2]
            if method not in self.CALLS:
                continue
            with self.subTest(row=str(row)):
                self.assertEqual(self.cycle(self.CALLS[method], False), "BLIND" in row.flags)
                closed = "BLIND" in row.flags and row.how not in self.removed
                self.assertEqual(self.cycle(self.CALLS[method], True), closed)


class ResultTest(unittest.TestCase):
    """Rows that hold the receiver or the result."""

    def test_running_thread(self):
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        reference = weakref.ref(thread)
        thread.start()
        del thread
        gc.collect()
        self.assertIsNotNone(reference())
        stop.set()
        reference().join(5)
        gc.collect()
        self.assertIsNone(reference())

    def test_cancelled_timer(self):
        timer = threading.Timer(30, int)
        reference = weakref.ref(timer)
        timer.start()
        del timer
        self.assertIsNotNone(reference())
        thread = reference()
        thread.cancel()
        thread.join(5)
        del thread
        gc.collect()
        self.assertIsNone(reference())

    def test_loggers_stay_and_handlers_do_not(self):
        logger = weakref.ref(logging.getLogger("limpet.probe"))
        handler = weakref.ref(logging.Handler())
        gc.collect()
        self.assertIsNotNone(logger())
        self.assertIsNone(handler())


class ResourceTest(unittest.TestCase):
    """RESOURCE_STAYS: what dropping the last reference does not release."""

    def files(self):
        return len(os.listdir("/proc/self/fd"))

    def setUp(self):
        if not os.path.isdir("/proc/self/fd"):
            self.skipTest("no /proc/self/fd")
        self.stays = {name for name, rest in rows("resources.c") if "RESOURCE_STAYS" in rest}
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "file")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def check(self, name, acquire):
        with self.subTest(name=name), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = self.files()
            number = acquire()
            left = self.files() - before
            self.assertEqual(left > 0, name in self.stays)
            for fd in number if isinstance(number, (list, tuple)) else [number]:
                if isinstance(fd, int):
                    os.close(fd)

    def test_descriptors(self):
        self.check("builtins.open", lambda: open(self.path, "w") and None)
        self.check("os.open", lambda: os.open(self.path, os.O_RDWR))
        self.check("os.dup", lambda: os.dup(1))
        self.check("os.pipe", os.pipe)
        self.check("os.openpty", os.openpty)
        self.check("tempfile.mkstemp", lambda: tempfile.mkstemp(dir=self.folder)[:1])
        self.check("tempfile.NamedTemporaryFile", lambda: tempfile.NamedTemporaryFile() and None)
        self.check("socket.socket", lambda: socket.socket() and None)
        self.check("socket.socketpair", lambda: socket.socketpair() and None)
        self.check("select.epoll", lambda: hasattr(select, "epoll") and select.epoll() and None)
        self.check("os.scandir", lambda: os.scandir(self.folder) and None)

    def test_directories(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stays = tempfile.mkdtemp(dir=self.folder)
            goes = tempfile.TemporaryDirectory(dir=self.folder).name
        self.assertTrue(os.path.isdir(stays))
        self.assertFalse(os.path.isdir(goes))
        self.assertIn("tempfile.mkdtemp", self.stays)
        self.assertNotIn("tempfile.TemporaryDirectory", self.stays)


if __name__ == "__main__":
    unittest.main()
