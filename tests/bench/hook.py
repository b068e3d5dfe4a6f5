#!/usr/bin/env python3
"""What a run from the cache and a hook cost, as parts of a scan that reads every file.

    tests/bench/hook.py DIR [--runs N]

Puts the sources below DIR into a scratch repository, and measures there: a scan without a cache; a scan of the
same files from the cache; the hook on a commit to a repository that no run has seen; the hook on commits that
change one file each; the hook on the same commit again. Ratios of elapsed and of processor time: seconds belong
to a machine, and to what else it does meanwhile. The aim for the hook is 0.15.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpus"))
from measure import limpet, measure  # noqa: E402

SUFFIXES = {".py", ".pyi", ".c", ".h", ".cpp", ".hpp"}
SECONDS = 1800


def git(folder, *words):
    names = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", *names, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def copy_sources(source, folder):
    for path in sorted(source.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file() and ".git" not in path.parts:
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if k != "LIMPET_NO_CACHE"}

    def run(self, *options):
        command = [limpet(), "check", "--isolated", "--exit-zero", "-q", "-o", "/dev/null", *options]
        run = measure(command, SECONDS, cwd=self.folder, env=self.environment)
        if run.code != 0:
            sys.exit("limpet failed: %s" % (run.crash() or run.stderr.decode("utf-8", "replace")))
        return run

    def commit(self, number):
        """Changes a file in the middle, so that the commit to be checked is new."""
        files = sorted(self.folder.rglob("*.py"))
        with open(files[len(files) // 2], "a") as file:
            file.write("\n\ndef measured_%d(item):\n    return item\n" % number)
        git(self.folder, "add", "-A")

    def rows(self, runs):
        cold = [self.run("--no-cache") for _ in range(runs)]
        self.run()
        yield "scan, nothing kept", cold
        yield "scan from the cache", [self.run() for _ in range(runs)]
        shutil.rmtree(self.folder / ".limpet_cache")
        self.commit(0)
        yield "hook, nothing kept", [self.run("--hook")]
        hooks = []
        for number in range(1, runs + 1):
            git(self.folder, "commit", "-q", "--no-verify", "-m", "x")
            self.commit(number)
            hooks.append(self.run("--hook"))
        yield "hook on the next commit", hooks
        yield "hook on the same commit again", [self.run("--hook") for _ in range(runs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="limpet-bench-") as name:
        folder = Path(name)
        copy_sources(options.directory.resolve(), folder)
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "x")
        print("| run | elapsed / scan | processor / scan |")
        print("|---|---|---|")
        whole = None
        for title, runs in Bench(folder).rows(options.runs):
            cost = [statistics.median(values) for values in
                    ([r.seconds for r in runs], [r.cpu_seconds for r in runs])]
            whole = whole or cost
            print("| %s | %.2f | %.2f |" % (title, cost[0] / whole[0], cost[1] / whole[1]), flush=True)


if __name__ == "__main__":
    main()
