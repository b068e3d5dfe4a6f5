"""Runs one child process and says how it ended and what it cost. Shared by the corpus and bench scripts."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

os.environ["LIMPET_NO_CACHE"] = "1"  # a run from memory measures nothing

REPO = Path(__file__).resolve().parent.parent.parent

# What a sanitizer or a broken invariant leaves on stderr, whatever the exit code.
TROUBLE = ("internal failure", "AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def limpet():
    """The binary under test."""
    return os.environ.get("LIMPET_BIN", str(REPO / "build" / "limpet"))


class Run:
    """What a finished child left behind: code is negative for a signal, None when it was too slow."""

    def __init__(self, code, stdout, stderr, seconds, peak_bytes, cpu_seconds):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        self.peak_bytes = peak_bytes
        self.cpu_seconds = cpu_seconds

    def crash(self):
        """One line that says how the child broke, or an empty string."""
        if self.code is None:
            return "hang: stopped after %.0f s" % self.seconds
        if self.code < 0:
            return "killed by %s" % signal.Signals(-self.code).name
        if self.code not in (0, 1, 2):
            return "exit code %d" % self.code
        for line in self.stderr.decode("utf-8", "replace").splitlines():
            if any(word in line for word in TROUBLE):
                return line.strip()
        return ""


def measure(command, limit, cwd=None, env=None):
    """Runs `command` for at most `limit` seconds; its peak memory is its own, not that of its siblings."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env=env
        )
        slow = threading.Event()

        def stop():
            slow.set()
            os.kill(child.pid, signal.SIGKILL)

        alarm = threading.Timer(limit, stop)
        alarm.start()
        # wait4 rather than Popen.wait: only it gives the resources of this one child.
        _, status, used = os.wait4(child.pid, 0)
        alarm.cancel()
        seconds = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Run(
            None if slow.is_set() else child.returncode,
            out.read(),
            err.read(),
            seconds,
            used.ru_maxrss * 1024,
            used.ru_utime + used.ru_stime,
        )
