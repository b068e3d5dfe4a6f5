"""What findings advise and name, where a wrong detail would mislead."""

import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support


class WordingTest(unittest.TestCase):
    def only(self, code, text):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "app.py").write_text(textwrap.dedent(text))
            found = support.findings("--select", code, "--min-confidence", "low", "app.py", cwd=folder)
        self.assertEqual([f["code"] for f in found], [code])
        return found[0]

    def blacklist(self, base, body):
        return self.only("LMP201", """
            SEEN = set()

            class Name(%s):
                %s

            def handle(request):
                SEEN.add(Name(request.path))

            def serve(queue):
                while True:
                    handle(queue.get())
            """ % (base, body))["help"]

    def test_weak_containers_are_for_objects(self):
        self.assertIn("WeakSet", self.blacklist("object", "pass"))
        self.assertNotIn("Weak", self.blacklist("str", "pass"))
        self.assertNotIn("Weak", self.blacklist("tuple", "pass"))
        self.assertNotIn("Weak", self.blacklist("object", "def __eq__(self, other): return True"))

    def table(self, store, annotation="dict"):
        return self.only("LMP201", """
            import uuid

            class Node:
                pass

            TABLE: %s = {}

            def handle(request):
                node = Node()
                %s

            def serve(queue):
                while True:
                    handle(queue.get())
            """ % (annotation, store))["help"]

    def test_weak_mappings_are_for_objects(self):
        self.assertIn("WeakKeyDictionary", self.table("TABLE[request] = request.path"))
        self.assertIn("WeakValueDictionary", self.table("TABLE[request.path] = node"))
        for store in (
            "TABLE[str(request)] = request.path",
            "TABLE[request['task_id']] = request.path",
            "TABLE['{}-{}'.format(request, 1)] = request.path",
            "TABLE[uuid.uuid4().hex] = request.path",
            "TABLE[request.path] = {'node': node}",
            "TABLE[request.path] = [node]",
            "TABLE[request.path] = (node, 1)",
            "TABLE.setdefault(request.path, []).append(node)",
        ):
            self.assertNotIn("Weak", self.table(store), store)
        self.assertNotIn("Weak", self.table("TABLE[request] = request.path", "dict[str, str]"))
        self.assertNotIn("Weak", self.table("TABLE[request.path] = node", "dict[str, list[str]]"))

    def test_what_never_runs_is_garbage(self):
        text = """
            class Owner(object):
                def __init__(self):
                    self.report = self.tell

                def tell(self):
                    pass

                def __del__(self):
                    print("gone")
            """
        for version, expected in ("2.7", "gc.garbage"), ("2.7,3.12", "before 3.4"), ("3.12", "gc.disable"):
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "app.py").write_text(textwrap.dedent(text))
                (found,) = support.findings("--select", "LMP101", "--target-version", version, "app.py", cwd=folder)
            self.assertIn(expected, found["confirm"])

    def manager(self, end):
        return self.only("LMP506", """
            import contextlib
            import threading

            @contextlib.contextmanager
            def running(work):
                thread = threading.Thread(target=work)
                thread.start()
                yield thread
                %s
            """ % end)["help"]

    def test_what_is_joined_is_stopped_first(self):
        self.assertIn("first stop", self.manager("thread.join()"))

    def taken(self, lock, call="job()", before=""):
        return self.only("LMP410", """
            import threading
            %s

            class Slots:
                def __init__(self, n):
                    self.slots = threading.%s

                def run(self, job):
                    self.slots.acquire()
                    %s
                    self.slots.release()
            """ % (before, lock, call))

    def test_a_semaphore_is_empty_after_as_many_losses_as_it_has_permits(self):
        for lock in "Lock()", "Semaphore()", "Semaphore(1)":
            self.assertIn("stays locked, and the next one", self.taken(lock)["message"])
        finding = self.taken("BoundedSemaphore(value=4)")
        self.assertIn("loses one of its 4 permits", finding["message"])
        self.assertTrue(finding["confirm"].endswith("has 4 times"))
        finding = self.taken("Semaphore(n)")
        self.assertIn("loses one of its permits", finding["message"])
        self.assertIn("as often as it has permits", finding["confirm"])

    def test_what_raises_on_purpose_is_the_likelier_way_out(self):
        save = """
            def save(job):
                if not job:
                    raise OSError("disk full")
        """
        both = "self.app.has_watch(job); self.app.watch(job); save(job)"
        finding = self.taken("Lock()", both, save.strip())
        self.assertIn("an exception of 'save'", finding["message"])
        finding = self.taken("Lock()", "self.app.has_watch(job); self.app.watch(job)")
        self.assertIn("an exception of 'self.app.watch'", finding["message"])

    def test_the_way_out_is_the_likelier_call(self):
        text = """
            import threading

            ACTIVE = []
            ready = threading.Event()

            class Client:
                def run(self, connect):
                    ACTIVE.append(self)
                    while True:
                        if self.abort.wait(1):
                            break
                        %s
                    ACTIVE.remove(self)

            def serve(queue):
                while True:
                    Client().run(queue.get())
            """
        self.assertIn("'connect'", self.only("LMP204", text % "connect(self)")["message"])
        self.assertIn("'self.abort.wait'", self.only("LMP204", text % "pass")["message"])

    def test_a_translation_and_a_notice_are_no_ways_out(self):
        text = """
            %s
            JOBS = {}

            class Worker:
                def run(self, request, work):
                    JOBS[request.id] = request
                    self._notify(request, _("begins"))
                    work(request)
                    del JOBS[request.id]
            """
        for known in "from gettext import gettext as _", "from app.texts import _", "import builtins":
            self.assertIn("'work'", self.only("LMP204", text % known)["message"])

    def dialog(self, name):
        return self.only("LMP232", """
            import wx

            class Frame(wx.Frame):
                def __init__(self):
                    super().__init__(None)
                    self.Bind(wx.EVT_BUTTON, self.on_open)

                def on_open(self, event):
                    dialog = wx.%s(self)
                    dialog.ShowModal()
            """ % name)

    def test_a_dialog_of_the_desktop_is_in_no_list_of_wx(self):
        for name in "Dialog", "TextEntryDialog", "SingleChoiceDialog":
            self.assertIn("the list of windows of wx", self.dialog(name)["message"])
            self.assertIn("wx.GetTopLevelWindows()", self.dialog(name)["confirm"])
        for name in "FileDialog", "MessageDialog", "ColourDialog":
            self.assertTrue(self.dialog(name)["message"].startswith("wx keeps every"))
            self.assertNotIn("GetTopLevelWindows", str(self.dialog(name)))

    def test_a_closure_is_shown_where_it_names_itself(self):
        finding = self.only("LMP111", """
            def count(stream):
                data = stream.read()
                def walk(at):
                    if at < len(data):
                        return walk(at + 1)
                return walk(0)
            """)
        places = [s["line"] for s in finding["evidence"] if s["message"].startswith("variable walk")]
        self.assertEqual((finding["line"], places), (4, [6]))

    def test_the_other_cycle_is_where_it_is(self):
        finding = self.only("LMP101", """
            class Parser:
                def __init__(self, is_new):
                    if is_new:
                        self.parse = self.parse_new
                    else:
                        self.parse = self.parse_old

                def parse_new(self):
                    pass

                def parse_old(self):
                    pass

                def __del__(self):
                    print("gone")
            """)
        lines = [s["line"] for s in finding["evidence"] if s["message"].startswith("1 more cycle")]
        self.assertEqual((finding["line"], lines), (5, [7]))

    def grown(self, value):
        return self.only("LMP201", """
            TABLE = {}

            def handle(request, height):
                TABLE[request.id] = %s

            def serve(queue):
                while True:
                    handle(queue.get(), 1)
            """ % value)["message"]

    def test_what_piles_up_is_the_key_where_the_value_is_next_to_nothing(self):
        for value in "False", "1", "height + 1", "[]", "dict()", "'seen'":
            self.assertIn("keeps 'request.id' alive", self.grown(value))
        self.assertIn("keeps 'request' alive", self.grown("request"))
        self.assertIn("keeps 'request.user' alive", self.grown("request.user"))

    def logger(self, before, made, by="self.log"):
        return self.only("LMP209", """
            import logging
            %s

            class Job:
                def __init__(self):
                    self.log = %s
                    %s.addHandler(logging.StreamHandler())

            def handle(request):
                while True:
                    Job().run(request)
            """ % (before, made, by))["message"]

    def test_a_logger_is_named(self):
        self.assertIn("'self.log', the logger 'jobs', keeps", self.logger("", "logging.getLogger('jobs')"))
        self.assertIn("'self.log', the logger 'root', keeps", self.logger("", "logging.getLogger()"))
        shared = "log = logging.getLogger(__name__)"
        self.assertIn("'self.log', the logger 'app', keeps", self.logger(shared, "log"))
        self.assertIn("'log', the logger 'app', keeps", self.logger(shared, "None", "log"))
        self.assertTrue(self.logger("", "None", "logging.getLogger('x')").startswith("the logger 'x' keeps"))
        self.assertTrue(self.logger("from other import made", "made()").startswith("'self.log' keeps"))

    def notes(self, between, use):
        return str(self.only("LMP501", """
            import socket

            def listen(numbers, addresses, make):
                found = []
                if numbers:
                    for number in numbers:
                        sock = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM)
                        if sock.getsockname() in addresses:
                            %s
                        found.append(make(%s))
                    return found
                for address in addresses:
                    sock = make(address)
                    found.append(sock)
                return found
            """ % (between, use)))

    def test_the_end_is_of_the_same_life(self):
        self.assertNotIn("handed over", self.notes("continue", "number"))
        self.assertIn("handed over", self.notes("continue", "sock"))


if __name__ == "__main__":
    unittest.main()
