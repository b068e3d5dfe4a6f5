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
