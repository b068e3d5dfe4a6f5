#!/usr/bin/env python3
"""Measures limpet against the parser that it stands on, on this machine and these files.

    tests/bench/bench.py DIR... [-j N] [--runs N] [--no-callgrind]

Prints, for the files that `limpet check --show-files DIR...` names:

  - the whole run / parsing alone (tests/bench/parse_only.c: same files, same threads, same flags, same
    allocator; once more with malloc), medians of several runs;
  - one thread / all threads;
  - linking, summaries and checking / reading (parsing and extraction included), by the clocks of one thread;
  - peak memory per million lines, in all and above what limpet takes for no file at all;
  - where the instructions of one thread go (callgrind, on the asyncio and logging packages of the
    interpreter that runs this script: a sample that does not depend on DIR).

Ratios are what counts; no figure here is a threshold. Needs hyperfine for the medians and valgrind for the
instruction counts: what is missing is said, and timing falls back to a loop of our own.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpus"))
from measure import REPO, limpet, measure  # noqa: E402

MAX_FILE_SIZE = 4 << 20

ANALYSIS = ["link", "summarise", "check"]

# Functions whose inclusive cost is a step of the pipeline; the first that callgrind saw counts, since the
# compiler may have inlined the others.
STEPS = [
    ("read", ["os_read_file"]),
    ("decode", ["source_decode"]),
    ("extract, parsing included", ["python_extract"]),
    ("  parse", ["ts_parser_parse_with_options", "ts_parser_parse"]),
    ("freeze", ["facts_freeze"]),
    ("link", ["graph_link"]),
    ("summarise: references", ["heap_build"]),
    ("summarise: processor time", ["cpu_build"]),
    ("check", ["rules_run"]),
    ("suppress", ["rules_suppress"]),
    ("settle", ["finding_settle"]),
]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=[])
    parser.add_argument("-j", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-callgrind", action="store_true")
    options = parser.parse_args()
    if not options.paths:
        options.paths = [sysconfig.get_path("stdlib")]
        print("no DIR given: measuring on %s" % options.paths[0])
    return options


def parse_only():
    """The parser-alone program that the build makes beside the binary under test."""
    default = Path(limpet()).resolve().parent / "tests" / "parse_only"
    return os.environ.get("LIMPET_PARSE_ONLY", str(default))


def is_parsed(path):
    """Files over the limit and generated ones are skipped by limpet, so the parser alone skips them too."""
    with open(path, "rb") as file:
        data = file.read(MAX_FILE_SIZE + 1)
    return len(data) <= MAX_FILE_SIZE and b"@generated" not in b"".join(data.splitlines(True)[:40])


def files_of(paths):
    run = measure([limpet(), "check", "--isolated", "--show-files", *paths], 300)
    if run.code != 0:
        sys.exit("limpet --show-files: %s" % (run.crash() or run.stderr.decode("utf-8", "replace")))
    return [name for name in run.stdout.split(b"\n") if name and is_parsed(name)]


def time_commands(commands, runs):
    """Median wall time and mean processor time of each command; hyperfine runs them when it is there."""
    if shutil.which("hyperfine"):
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            texts = [" ".join("'%s'" % part.replace("'", "'\\''") for part in c) for c in commands]
            subprocess.run(
                ["hyperfine", "-N", "-i", "--style", "none", "--warmup", "1", "--runs", str(runs)]
                + ["--export-json", out.name, *texts],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            results = json.load(open(out.name))["results"]
            return [r["median"] for r in results], [r["user"] + r["system"] for r in results]
    print("hyperfine is not installed: medians of %d plain runs" % runs)
    for command in commands:
        measure(command, 600)
    # Interleaved, so that a slow minute of the machine hits all of them.
    rounds = [[measure(command, 600) for command in commands] for _ in range(runs)]
    return (
        [statistics.median(run.seconds for run in column) for column in zip(*rounds)],
        [statistics.mean(run.cpu_seconds for run in column) for column in zip(*rounds)],
    )


def report_time(files, paths, options):
    with tempfile.NamedTemporaryFile() as listing:
        listing.write(b"".join(name + b"\0" for name in files))
        listing.flush()
        whole = [limpet(), "check", "--isolated", "--no-cache", "--exit-zero", "--output-format", "json"]
        threads = str(options.j)
        alone = [parse_only(), listing.name]
        commands = [
            [*whole, "-j", threads, *paths],
            [*alone, "-j", threads],
            [*alone, "--malloc", "-j", threads],
            [*whole, "-j", "1", *paths],
            [*alone, "-j", "1"],
        ]
        for command in commands[:3]:
            run = measure(command, 600)
            if run.crash() or run.code == 2:
                print("%s: exit %s %s" % (command[0], run.code, run.stderr.decode()[:500]))
        seconds, cpu = time_commands(commands, options.runs)
    names = ["whole run", "parse only", "parse only, malloc", "whole run, -j1", "parse only, -j1"]
    for name, second, work in zip(names, seconds, cpu):
        print("%-26s %8.3f s, %8.3f s of processor time" % (name, second, work))
    print("%-26s %8.2f   (target: at most 1.5)" % ("whole / parse, -j" + threads, seconds[0] / seconds[1]))
    # On a busy machine the wall clock says little; processor time suffers less.
    print("%-26s %8.2f" % ("the same, processor time", cpu[0] / cpu[1]))
    print("%-26s %8.2f" % ("whole / parse, -j1", seconds[3] / seconds[4]))
    print("%-26s %8.2f" % ("the same, processor time", cpu[3] / cpu[4]))
    print("%-26s %8.2f" % ("whole / parse with malloc", seconds[0] / seconds[2]))
    print("%-26s %8.2f" % ("whole, -j1 / -j" + threads, seconds[3] / seconds[0]))
    print("%-26s %8.2f" % ("parse only, -j1 / -j" + threads, seconds[4] / seconds[1]))


def report_analysis(paths, runs):
    """What the analysis costs on top of reading; of several runs, the one that was disturbed least."""
    command = [limpet(), "check", "--isolated", "--no-cache", "--exit-zero", "-j", "1"]
    command += ["--statistics", "--output-format", "json", *paths]
    best = {}
    for _ in range(runs):
        run = measure(command, 600)
        if run.crash() or run.code != 0:
            sys.exit("limpet --statistics: %s" % (run.crash() or run.stderr.decode("utf-8", "replace")))
        counts = json.loads(run.stdout)["statistics"]
        for step in ["read", *ANALYSIS]:
            best[step] = min(best.get(step, float("inf")), counts[step + "_microseconds"])
    share = sum(best[step] for step in ANALYSIS) / best["read"]
    print("%-26s %8.2f   (target: at most 0.25)" % ("link to check / read, -j1", share))


def report_memory(paths, lines, options):
    base = [limpet(), "check", "--isolated", "--no-cache", "--exit-zero"]
    peak = measure([*base, "-j", str(options.j), *paths], 600).peak_bytes
    with tempfile.TemporaryDirectory() as nothing:
        empty = measure([*base, "-j", str(options.j), nothing], 60).peak_bytes
    millions = lines / 1e6
    print("%-26s %8.0f MB" % ("peak memory", peak / 1e6))
    print("%-26s %8.0f MB" % ("per million lines", peak / 1e6 / millions))
    print("%-26s %8.0f MB" % ("above an empty run", (peak - empty) / 1e6 / millions))


def inclusive_costs(profile):
    """Inclusive instructions by function name, the whole program under ''."""
    text = subprocess.run(
        ["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    costs = {}
    for line in text.splitlines():
        total = re.match(r"\s*([\d,]+) .*PROGRAM TOTALS", line)
        row = re.match(r"\s*([\d,]+) \([ \d.]+%\)\s+\S*?:([\w.]+?)(?:'\d+)?(?: \[|$)", line)
        if total:
            costs[""] = int(total.group(1).replace(",", ""))
        elif row:
            name = row.group(2).split(".")[0]
            costs[name] = max(costs.get(name, 0), int(row.group(1).replace(",", "")))
    return costs


def report_instructions():
    missing = [tool for tool in ("valgrind", "callgrind_annotate") if not shutil.which(tool)]
    if missing:
        print("no instruction counts: valgrind is not installed")
        return
    library = Path(sysconfig.get_path("stdlib"))
    sample = [str(library / "asyncio"), str(library / "logging")]
    size = sum(p.stat().st_size for root in sample for p in Path(root).rglob("*.py"))
    with tempfile.NamedTemporaryFile(suffix=".callgrind") as profile:
        run = measure(
            ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + profile.name]
            + [limpet(), "check", "--isolated", "--no-cache", "--exit-zero", "-j", "1", *sample],
            900,
        )
        if run.code != 0:
            print("callgrind failed: %s" % run.stderr.decode("utf-8", "replace")[-500:])
            return
        costs = inclusive_costs(profile.name)
    total = costs[""]
    print("instructions, -j1, %d kB of asyncio and logging: %.0f a byte" % (size / 1e3, total / size))
    known = 0
    for name, functions in STEPS:
        cost = next((costs[f] for f in functions if f in costs), None)
        if cost is None:
            print("  %-30s not seen (inlined or not run)" % name)
            continue
        if not name.startswith(" "):
            known += cost
        print("  %-30s %5.1f %%" % (name, 100 * cost / total))
    print("  %-30s %5.1f %%" % ("all else", 100 * (total - known) / total))


def main():
    options = parse_arguments()
    if not Path(parse_only()).exists():
        sys.exit("%s is missing: build it with `make bench`" % parse_only())
    files = files_of(options.paths)
    lines = size = 0
    for name in files:
        with open(name, "rb") as file:
            data = file.read()
        lines += data.count(b"\n")
        size += len(data)
    if not lines:
        sys.exit("nothing to measure: no Python file in %s" % " ".join(options.paths))
    print("%d files, %d lines, %.1f MB" % (len(files), lines, size / 1e6))
    report_time(files, options.paths, options)
    report_analysis(options.paths, options.runs)
    report_memory(options.paths, lines, options)
    if not options.no_callgrind:
        report_instructions()
    return 0


if __name__ == "__main__":
    sys.exit(main())
