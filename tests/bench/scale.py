#!/usr/bin/env python3
"""Does the cost of linking and checking grow as the input does? Ratios over inputs of growing size.

    tests/bench/scale.py DIR [--sizes N,N,...] [--output FILE] [--runs N] [-j N] [--instructions]
                         [-- LIMPET-OPTION...]

Takes whole packages from the projects below DIR, the smallest first, until they have as many lines as the
first size, and copies them again and again under other package names: imports of a copy lead into the same
copy, as in one large project. Each size is scanned at the default level and with all rules at the lowest
confidence; the steps' own clocks (`--statistics`) are divided by that of reading (reading, parsing and
extracting), whose cost follows the size: seconds belong to a machine, and to what else it does meanwhile. The
last column is (link + summarise + check) / read, relative to the smallest size: 1.0 all the way down is linear. The table
is printed, and written to FILE.

Tables that no longer fit a cache cost more a look-up, so growth in time is a little over 1 even for a linear
algorithm. --instructions counts instructions instead (valgrind; about fifty times as slow), which neither
caches nor other programs disturb.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpus"))
from bench import inclusive_costs  # noqa: E402
from measure import limpet, measure  # noqa: E402

LEVELS = [("default", []), ("all rules, low", ["--select", "ALL", "--min-confidence", "low"])]
STEPS = ["discover", "link", "summarise", "check", "settle"]
ANALYSIS = ["link", "summarise", "check"]
FUNCTIONS = {
    "read": ["python_extract"],
    "link": ["graph_link"],
    "summarise": ["heap_build", "cpu_build"],
    "check": ["rules_run"],
}
SECONDS = 1800  # for one scan
HEAD = (
    "| level | lines | discover | link | summarise | check | settle | link + summarise + check |"
    " MB a million lines | growth |"
)


class Package:
    """One importable package: its folder, and the text of its modules."""

    def __init__(self, folder):
        self.folder = folder
        self.files = sorted(path for path in folder.rglob("*.py") if path.is_file())
        self.lines = sum(path.read_bytes().count(b"\n") for path in self.files)


def packages_below(root):
    """Top packages of programs, the smallest first; one of each name, for names are modules."""
    found = {}
    for init in sorted(root.rglob("__init__.py")):
        folder = init.parent
        is_top = not (folder.parent / "__init__.py").exists()
        is_test = any(part.startswith("test") for part in folder.relative_to(root).parts)
        if is_top and not is_test and folder.name.isidentifier():
            found.setdefault(folder.name, Package(folder))
    return sorted(found.values(), key=lambda package: (package.lines, package.folder.name))


def choose(packages, lines):
    """Middling packages that together have at least so many lines."""
    chosen = []
    for package in packages:
        # Those of a few lines are examples and scripts, and many.
        if package.lines < lines / 50:
            continue
        chosen.append(package)
        if sum(each.lines for each in chosen) >= lines:
            return chosen
    sys.exit("too little to copy: %d packages, %d lines" % (len(chosen), sum(p.lines for p in chosen)))


def copy_packages(packages, number, root):
    """One more copy of each package, whose every name is another than that of the other copies."""
    names = b"|".join(re.escape(package.folder.name.encode()) for package in packages)
    # `from celery.app import x`, `import celery` and what is said through that name afterwards.
    word = re.compile(rb"(?<![\w.])(" + names + rb")(?=\.\w|[ \t]+import\b|[ \t]*$)", re.M)
    suffix = b"_%03d" % number
    for package in packages:
        for path in package.files:
            below = path.relative_to(package.folder)
            target = root / (package.folder.name + suffix.decode()) / below
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(word.sub(rb"\1" + suffix, path.read_bytes()))


def statistics_of(command, root, limit):
    run = measure(command, limit, cwd=root)
    if run.crash() or run.code != 0:
        sys.exit("limpet: %s" % (run.crash() or run.stderr.decode("utf-8", "replace")))
    return json.loads(run.stdout)["statistics"]


def count_instructions(command, root):
    """Statistics whose clocks are instructions, where those of a step are known."""
    with tempfile.NamedTemporaryFile(suffix=".callgrind") as profile:
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + profile.name]
        counts = statistics_of([*valgrind, *command], root, 100 * SECONDS)
        costs = inclusive_costs(profile.name)
    counts.update({step + "_microseconds": 0 for step in STEPS}, peak_memory_bytes=0)
    for step, names in FUNCTIONS.items():
        counts[step + "_microseconds"] = sum(costs[name] for name in names)
    return counts


def scan(root, options, level):
    """The statistics of one scan: of several runs, the one that something else disturbed least."""
    command = [os.path.abspath(limpet()), "check", "--isolated", "--no-cache", "--exit-zero", "--statistics"]
    command += ["--output-format", "json", "-j", str(options.j), *level, *options.extra, "."]
    if options.instructions:
        return count_instructions(command, root)
    best = None
    for _ in range(options.runs):
        counts = statistics_of(command, root, SECONDS)
        if best is None or spent(counts) < spent(best):
            best = counts
    return best


def analysis(counts):
    """Linking, summaries and checking, as a share of reading."""
    return sum(counts[step + "_microseconds"] for step in ANALYSIS) / counts["read_microseconds"]


def spent(counts):
    return sum(counts[step + "_microseconds"] for step in ["read", *STEPS])


def table_line(level, counts, first):
    """One row: each step as a share of reading, and the growth since the first size."""
    read = counts["read_microseconds"]
    shares = {step: counts[step + "_microseconds"] / read for step in STEPS}
    cells = [level, "%d" % counts["lines"], *("%.3f" % shares[step] for step in STEPS)]
    cells += ["%.3f" % analysis(counts), "%.0f" % (counts["peak_memory_bytes"] / counts["lines"])]
    cells += ["%.2f" % (analysis(counts) / analysis(first))]
    return "| %s |" % " | ".join(cells)


def parse_arguments():
    argv = sys.argv[1:]
    at = argv.index("--") if "--" in argv else len(argv)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, help="where projects lie")
    parser.add_argument("--sizes", default="100000,300000,1000000,3000000", help="in lines, growing")
    parser.add_argument("--output", type=Path, help="write the table here, too")
    parser.add_argument("--runs", type=int, default=3, help="runs of each scan; the fastest counts")
    parser.add_argument("-j", type=int, default=1, help="threads; linking and the ratios to it mean one")
    parser.add_argument("--instructions", action="store_true", help="count them, and no time")
    options = parser.parse_args(argv[:at])
    options.extra = argv[at + 1 :]
    options.sizes = sorted(int(size) for size in options.sizes.split(","))
    return options


def measure_sizes(options, packages, root):
    """Rows by level, smallest size first."""
    unit = sum(package.lines for package in packages)
    results = {name: [] for name, _ in LEVELS}
    copies = 0
    for size in options.sizes:
        while copies * unit < size:
            copies += 1
            copy_packages(packages, copies, root)
        for name, level in LEVELS:
            results[name].append(scan(root, options, level))
            print(table_line(name, results[name][-1], results[name][0]), flush=True)
    return results


def main():
    options = parse_arguments()
    packages = choose(packages_below(options.directory), options.sizes[0])
    print("copies of %s" % " ".join(package.folder.name for package in packages))
    rule = "|---" * HEAD.count(" | ") + "|---|"
    print("%s\n%s" % (HEAD, rule))
    with tempfile.TemporaryDirectory(prefix="limpet-scale-") as root:
        results = measure_sizes(options, packages, Path(root))
    if options.output:
        lines = [table_line(name, row, rows[0]) for name, rows in results.items() for row in rows]
        options.output.write_text("\n".join([HEAD, rule, *lines]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
