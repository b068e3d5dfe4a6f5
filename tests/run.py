#!/usr/bin/env python3
"""Runs the tests: every unit program (tests/unit/test_*.c, built by make) and every tests/**/test_*.py.

    tests/run.py [--build DIR] [-j N] [--limit SECONDS] [-k PATTERN] [-v] [NAME...]

NAME keeps the suites whose path contains one of them; -k keeps the Python tests whose name matches (as
unittest's -k does). Suites run side by side, each in its own process and under a time limit; a suite that
contains the line "# suite: alone" runs when the others are done. The last line of the output is always

    N passed, N failed, N skipped

and the exit status is 0 only when something passed and nothing failed.
"""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
ALONE = re.compile(r"^(# suite: alone|/\* suite: alone \*/)$", re.M)


class Outcome:
    """What one suite did: counts, reasons for skipping, and the text that explains its failures."""

    def __init__(self, name, passed=0, failed=0, skipped=0, reasons=(), text=""):
        self.name = name
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.reasons = list(reasons)
        self.text = text
        self.seconds = 0.0


# ---- a child: one Python suite, its result as JSON in a file --------------------------------------------


class Result(unittest.TextTestResult):
    """Counts what passed itself: `testsRun` also counts a test whose subtests failed."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.passed += 1

    def failed_names(self):
        """Each failing test once, however many of its subtests failed."""
        broken = [test for test, _ in self.failures + self.errors] + self.unexpectedSuccesses
        return sorted({getattr(test, "test_case", test).id() for test in broken})


def load(path, patterns):
    """The tests of one file, which is imported as a module of its own name."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    loader = unittest.TestLoader()
    loader.testNamePatterns = [p if "*" in p else "*%s*" % p for p in patterns] or None
    return loader.loadTestsFromModule(module)


def run_child(path, report, patterns):
    """Runs the tests of `path` and writes the counts to `report`."""
    try:
        suite = load(path, patterns)
    except unittest.SkipTest as skip:
        report.write_text(json.dumps({"passed": 0, "failed": [], "skipped": [str(skip)]}))
        return 0
    result = unittest.TextTestRunner(resultclass=Result, verbosity=1, buffer=True).run(suite)
    counts = {
        "passed": result.passed,
        "failed": result.failed_names(),
        "skipped": [reason for _, reason in result.skipped],
    }
    report.write_text(json.dumps(counts))
    return 0


# ---- the parent -----------------------------------------------------------------------------------------


def call(command, limit):
    """Runs a child in its own process group; its status (None: too slow) and all that it printed."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command, cwd=REPO, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            status = child.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        output.seek(0)
        return status, output.read().decode("utf-8", "replace")


def ending(status, limit):
    """How a child ended, for a reader."""
    if status is None:
        return "stopped: not done after %d s" % limit
    if status < 0:
        return "killed by %s" % signal.Signals(-status).name
    return "exit status %d" % status


def run_python(path, options):
    """One Python suite in a child."""
    name = str(path.relative_to(REPO))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, __file__, "--child", str(path), "--report", str(report)]
        for pattern in options.patterns:
            command += ["-k", pattern]
        status, text = call(command, options.limit)
        if not report.exists():
            return Outcome(name, failed=1, text="%s\n%s" % (text, ending(status, options.limit)))
        counts = json.loads(report.read_text())
    outcome = Outcome(
        name, counts["passed"], len(counts["failed"]), len(counts["skipped"]), counts["skipped"], text
    )
    if status != 0:
        outcome.failed += 1
        outcome.text += "\n" + ending(status, options.limit)
    elif not (outcome.passed or outcome.failed or outcome.skipped or options.patterns):
        outcome.failed = 1
        outcome.text = "no test in this file"
    return outcome


def count_unit(text):
    """Passed, failed and skipped by cmocka's lines; a test that began and did not end has failed."""
    counts = {"OK": 0, "FAILED": 0, "SKIPPED": 0}
    running = None
    for mark, test in re.findall(r"\[ +(RUN|OK|FAILED|SKIPPED) +\] (.*)", text):
        # The summary lists failed and skipped tests again: only what follows its own RUN counts.
        if mark == "RUN":
            counts["FAILED"] += running is not None
            running = test
        elif test == running:
            counts[mark] += 1
            running = None
    counts["FAILED"] += running is not None
    return counts["OK"], counts["FAILED"], counts["SKIPPED"]


def run_unit(source, options):
    """One cmocka program: its lines, checked against how it ended (a crash may swallow lines)."""
    name = str(source.relative_to(REPO))
    program = Path(options.build, "tests", source.stem)
    if not program.exists():
        return Outcome(name, failed=1, text="%s is not built" % program)
    status, text = call([str(program)], options.limit)
    passed, failed, skipped = count_unit(text)
    if status != 0 or passed + failed + skipped == 0:
        failed = max(failed, 1)
        text += "\n" + ("no test ran" if status == 0 else ending(status, options.limit))
    return Outcome(name, passed, failed, skipped, ["unit test"] * skipped, text)


def run_suite(path, options):
    begin = time.monotonic()
    outcome = (run_unit if path.suffix == ".c" else run_python)(path, options)
    outcome.seconds = time.monotonic() - begin
    return outcome


def show(outcome, options):
    """A line for the suite, and all it printed when something failed."""
    mark = "FAIL" if outcome.failed else "ok  " if outcome.passed else "skip"
    counts = ", ".join(
        "%d %s" % (n, word)
        for n, word in (
            (outcome.passed, "passed"), (outcome.failed, "failed"), (outcome.skipped, "skipped"),
        )
        if n
    )  # fmt: skip
    print("%s  %-44s %-28s %6.1f s" % (mark, outcome.name, counts or "nothing to run", outcome.seconds))
    if outcome.failed or options.verbose:
        text = outcome.text.strip().encode("utf-8", "replace").decode("utf-8")
        print("".join("    | %s\n" % line for line in text.splitlines()[-200:]), end="")
    for reason in sorted(set(outcome.reasons)):
        print("      skipped %d: %s" % (outcome.reasons.count(reason), reason.splitlines()[0]))
    sys.stdout.flush()


def find_suites(names):
    """All suites, unit tests first; the slow Python ones are started as early as possible."""
    tests = REPO / "tests"
    found = sorted(tests.glob("unit/test_*.c")) + sorted(tests.rglob("test_*.py"))
    if names:
        found = [path for path in found if any(n in str(path.relative_to(REPO)) for n in names)]
    alone = [path for path in found if ALONE.search(path.read_text(encoding="utf-8"))]
    return [path for path in found if path not in alone], alone


def parse_arguments():
    parser = argparse.ArgumentParser(description="Runs limpet's tests.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a suite's path")
    parser.add_argument("--build", default=os.environ.get("LIMPET_BUILD", "build"), help="where make built")
    parser.add_argument("-j", type=int, default=len(os.sched_getaffinity(0)), dest="jobs")
    parser.add_argument("--limit", type=float, default=900, help="seconds that a suite may take")
    parser.add_argument("-k", action="append", default=[], dest="patterns", help="Python tests by name")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what passing suites printed")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--report", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()
    if options.child:
        return run_child(Path(options.child), Path(options.report), options.patterns)
    options.build = (REPO / options.build).resolve()
    os.environ.setdefault("LIMPET_BIN", str(options.build / "limpet"))
    os.environ["LIMPET_NO_CACHE"] = "1"  # but for the tests of the cache
    os.environ["LIMPET_BUILD"] = str(options.build)
    together, alone = find_suites(options.names)
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for future in concurrent.futures.as_completed(
            [pool.submit(run_suite, path, options) for path in together]
        ):
            outcomes.append(future.result())
            show(outcomes[-1], options)
    for path in alone:
        outcomes.append(run_suite(path, options))
        show(outcomes[-1], options)
    passed, failed, skipped = (
        sum(getattr(outcome, what) for outcome in outcomes) for what in ("passed", "failed", "skipped")
    )
    broken = sorted(outcome.name for outcome in outcomes if outcome.failed)
    if broken:
        print("failed in: %s" % " ".join(broken))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
