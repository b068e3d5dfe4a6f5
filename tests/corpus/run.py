#!/usr/bin/env python3
"""Scans every checkout below a directory and prints a table: one row a project.

    tests/corpus/run.py DIR [--project NAME]... [--save DIR] [-j N] [--limit SECONDS] [-- LIMPET-OPTION...]

Each directory (or symlink to one) below DIR is one project and one run of limpet. projects.tsv lists what
we measure on; the checkouts themselves are never part of this repository. Exit status 1 when a run
crashed, hung, left a sanitizer report or lost a file; findings are no failure here.
"""

import argparse
import collections
import json
import os
import sys
from pathlib import Path

from measure import limpet, measure


def parse_arguments():
    argv = sys.argv[1:]
    extra = []
    if "--" in argv:
        at = argv.index("--")
        argv, extra = argv[:at], argv[at + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--project", action="append", help="only this one (repeatable)")
    parser.add_argument("--save", type=Path, help="keep each project's JSON document here")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one project")
    parser.add_argument("-j", default=None, help="threads, passed on")
    options = parser.parse_args(argv)
    options.extra = extra
    return options


def shown_files(command, root):
    """The files that limpet says it would read, or None when it does not say."""
    run = measure([*command, "--show-files", str(root)], 120)
    if run.code != 0:
        return None
    return [Path(os.fsdecode(line)) for line in run.stdout.splitlines() if line]


def count_lines(files):
    total = 0
    for path in files:
        try:
            total += path.read_bytes().count(b"\n")
        except OSError:
            pass
    return total


def scan(options, root):
    """One row of the table, and the text of what went wrong."""
    command = [limpet(), "check", "--isolated"]
    files = shown_files(command, root)
    extra = [*(["-j", options.j] if options.j else []), *options.extra]
    run = measure(
        [*command, "--output-format", "json", "--statistics", *extra, str(root)], options.limit
    )
    trouble = run.crash()
    codes = collections.Counter()
    read = None
    try:
        document = json.loads(run.stdout)
    except ValueError as error:
        trouble = trouble or "stdout is no JSON document: %s" % error
    else:
        codes.update(finding["code"] for finding in document["findings"])
        counts = document["statistics"]
        read = counts["files"] + counts["files_skipped"] + counts["files_unreadable"]
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            (options.save / (root.name + ".json")).write_bytes(run.stdout)
    if files is not None and read is not None and read != len(files):
        trouble = trouble or "%d files shown, %d accounted for" % (len(files), read)
    row = {
        "project": root.name,
        "files": len(files) if files is not None else -1,
        "lines": count_lines(files or []),
        "seconds": run.seconds,
        "peak": run.peak_bytes / 1e6,
        "exit": run.code,
        "codes": codes,
    }
    message = trouble
    if not trouble and run.code == 2:
        message = run.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
        message = "exit 2: " + (message[0] if message else "without a message")
    return row, trouble, message


def main():
    options = parse_arguments()
    roots = sorted(p for p in options.directory.iterdir() if p.is_dir())
    if options.project:
        roots = [p for p in roots if p.name in options.project]
    if not roots:
        sys.exit("no project below %s" % options.directory)
    print(
        "%-16s %7s %9s %7s %6s %4s  findings by code"
        % ("project", "files", "lines", "seconds", "MB", "exit")
    )
    totals = collections.Counter()
    codes = collections.Counter()
    crashes = []
    for root in roots:
        row, trouble, message = scan(options, root)
        totals.update(files=row["files"], lines=row["lines"])
        totals["seconds"] += row["seconds"]
        codes.update(row["codes"])
        by_code = " ".join("%s:%d" % pair for pair in sorted(row["codes"].items()))
        print(
            "%-16s %7d %9d %7.2f %6.0f %4s  %s"
            % (
                row["project"],
                row["files"],
                row["lines"],
                row["seconds"],
                row["peak"],
                row["exit"],
                by_code or "none",
            ),
            flush=True,
        )
        if message:
            print("    %s" % message, flush=True)
        if trouble:
            crashes.append((root.name, trouble))
    print(
        "%-16s %7d %9d %7.2f %6s %4s  %s"
        % (
            "all",
            totals["files"],
            totals["lines"],
            totals["seconds"],
            "",
            "",
            " ".join("%s:%d" % pair for pair in sorted(codes.items())) or "none",
        )
    )
    print("%d projects, %d crashes" % (len(roots), len(crashes)))
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
