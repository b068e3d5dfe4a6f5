#!/usr/bin/env python3
"""Runs the run-time witnesses of the fixtures under one or more interpreters.

    tests/rules/run_witness.py [NAME...]

NAME keeps the fixtures whose name contains one of them. The interpreters are the running one and those
in WITNESS_PYTHONS (paths separated by colons). Ends with `N passed, N failed, N skipped`.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

PROVEN = re.compile(r"^proven: (\d+) kept, (\d+) freed$", re.M)
SKIPPED = 77


class Outcome:
    """One witness under one interpreter: passed, failed or skipped, with its claims or the reason."""

    def __init__(self, fixture, python, status, text):
        self.fixture, self.python, self.text = fixture, python, text.strip()
        proven = PROVEN.search(text)
        self.kept, self.freed = map(int, proven.groups()) if proven else (0, 0)
        if status == SKIPPED:
            self.verdict = "skipped"
        else:
            self.verdict = "passed" if status == 0 and proven else "failed"

    def __str__(self):
        return "%s under %s %s: %s" % (self.fixture, self.python, self.verdict, self.text)


def interpreters():
    others = os.environ.get("WITNESS_PYTHONS", "").split(os.pathsep)
    return [sys.executable] + [path for path in others if path]


def run(fixture, python=sys.executable):
    """One witness in a process of its own, away from the repository."""
    try:
        done = subprocess.run(
            [python, str(fixture.witness)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=120,
        )
    except subprocess.TimeoutExpired:
        return Outcome(fixture, python, 1, "not done after 120 s")
    return Outcome(fixture, python, done.returncode, done.stdout)


def run_all(chosen, pythons):
    jobs = [(fixture, python) for python in pythons for fixture in chosen]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda job: run(*job), jobs))


def main(names):
    chosen = [
        fixture
        for fixture in support.fixtures()
        if fixture.witness.exists() and (not names or any(n in str(fixture) for n in names))
    ]
    outcomes = run_all(chosen, interpreters())
    for outcome in outcomes:
        if outcome.verdict != "passed":
            print(outcome)
    counts = [
        sum(outcome.verdict == verdict for outcome in outcomes)
        for verdict in ("passed", "failed", "skipped")
    ]
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return 0 if counts[0] and not counts[1] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
