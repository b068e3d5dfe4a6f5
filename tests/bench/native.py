#!/usr/bin/env python3
"""Measures limpet on C extensions: what cpychecker's tests expect, and leaks that projects had and mended.

    tests/bench/native.py --mirror DIR [--cpychecker TABLE] [--fixes TABLE] [-v]
    tests/bench/native.py --speed DIR [--python-include DIR] [-j N]

Below DIR each project has a bare git directory, as owner+name/repo. Tables and projects are no part of this
repository (cpychecker's inputs are GPL: they are read where they are); a row without its project is skipped
and counted.

--cpychecker: a table with the columns test_dir, input, expected_verdict (leak, clean, other-warning),
expected_leaks ("leak@44(origin 38) in test") and parses_3.11. A leak has to be found at one of its lines; a
file that is clean, or whose other defects are none of ours, must have no finding of LMP6xx.

--fixes: a table with the columns repo, fix_commit, path, line_start, line_end, kind and parse (what clang made of
the span: "FOUND … errs_in_range=0" is sound). The trees of fix_commit^ and fix_commit are scanned whole: found is a
finding or a step of its evidence at most two lines away from the span, at the default level or, counted apart, at
low confidence; silent is that none of its kind stands on the same text afterwards.

Rows that differ from the table have their reason in native_reasons.tsv beside this file; those without one are
told.

--speed: a tree of C extensions, as Modules/ of CPython. All processor time of a scan against what libclang alone
takes for the same parses in the same run (loading, the precompiled header, each parse and reparse): the aim is
at most 1.3.
"""

import argparse
import csv
import glob
import json
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["LIMPET_NO_CACHE"] = "1"  # a run from memory measures nothing

LIMPET = os.environ.get("LIMPET_BIN", str(Path(__file__).resolve().parents[2] / "build" / "limpet"))
CPYCHECKER = "davidmalcolm+gcc-python-plugin"
NEAR = 2
REASONS = Path(__file__).with_name("native_reasons.tsv")
AIM = 1.3  # of --speed


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


REASON_OF = {row["id"]: row["reason"] for row in rows(REASONS)}


def git(repository, *words):
    return subprocess.run(["git", "--git-dir", str(repository), *words], capture_output=True)


def repository(mirror, name):
    for path in mirror / name / "repo", mirror / name, mirror / (name + ".git"):
        if (path / "objects").is_dir():
            return path
    return None


def scan(path, select, cwd, level="medium"):
    command = [LIMPET, "--isolated", "--no-respect-gitignore", "--select", select, "--output-format", "json", "--exit-zero"]
    command += ["--min-confidence", level]
    run = subprocess.run(command + [path], capture_output=True, cwd=cwd)
    return json.loads(run.stdout)["findings"] if run.stdout else []


def lines_of(finding, path):
    lines = [finding["line"]] if finding["path"] == path else []
    return lines + [step["line"] for step in finding["evidence"] if step.get("path") == path]


# ---- cpychecker ----


def judge_input(row, text, verbose):
    """"right", or what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "input.c").write_bytes(text)
        found = scan("input.c", "LMP6", folder)
    expected = row["expected_verdict"]
    if expected != "leak":
        return "right" if not found else "false alarm: %s" % "; ".join(
            "%(line)d %(code)s %(message)s" % f for f in found)
    wanted = {int(n) for n in re.findall(r"@(\d+)|origin (\d+)", row["expected_leaks"]) for n in n if n}
    lines = {line for f in found for line in lines_of(f, "input.c")}
    return "right" if lines & wanted else "missed: expected %s, found %s" % (sorted(wanted), sorted(lines))


def cpychecker(table, mirror, verbose):
    repo = repository(mirror, CPYCHECKER)
    counts = {}
    for row in rows(table):
        if row["parses_3.11"] != "yes" or not repo:
            counts["skipped"] = counts.get("skipped", 0) + 1
            continue
        path = "tests/cpychecker/%s/%s" % (row["test_dir"], row["input"])
        shown = git(repo, "show", "HEAD:" + path)
        if shown.returncode:
            counts["skipped"] = counts.get("skipped", 0) + 1
            continue
        verdict = judge_input(row, shown.stdout, verbose)
        key = "%s %s" % (row["expected_verdict"], verdict.split(":")[0])
        if verdict != "right" and row["test_dir"] in REASON_OF:
            key += ", explained"
        counts[key] = counts.get(key, 0) + 1
        if verbose and verdict != "right":
            print("%-60s %s" % (row["test_dir"], verdict))
    for key in sorted(counts):
        print("cpychecker %-30s %d" % (key, counts[key]))


# ---- fixes ----


def export(repo, commit, folder):
    """Writes the C and Python files of a commit; a blob that the mirror lacks is left out."""
    listed = git(repo, "ls-tree", "-r", "-z", commit)
    entries = [entry.split(b"\t", 1) for entry in listed.stdout.split(b"\0") if b"\t" in entry]
    wanted = [(head.split()[2], os.fsdecode(name)) for head, name in entries if name.endswith((b".c", b".h", b".py"))]
    batch = subprocess.run(["git", "--git-dir", str(repo), "cat-file", "--batch"], capture_output=True,
                           input=b"\n".join(blob for blob, _ in wanted) + b"\n")
    rest = batch.stdout
    for _, name in wanted:
        head, rest = rest.split(b"\n", 1)
        if head.endswith(b"missing"):
            continue
        size = int(head.split()[2])
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rest[:size])
        rest = rest[size + 1 :]
    return bool(wanted)


def findings_at(repo, commit, path):
    with tempfile.TemporaryDirectory() as folder:
        if not export(repo, commit, folder):
            return None, []
        found = scan(".", "LMP6,LMP7,LMP8,LMP803", folder, "low")
        try:
            text = Path(folder, path).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            text = []
    return found, text


def judge_fix(row, repo):
    path, first, last = row["path"], int(row["line_start"]), int(row["line_end"])
    before, text = findings_at(repo, row["fix_commit"] + "^", path)
    after, text_after = findings_at(repo, row["fix_commit"], path)
    if before is None or after is None:
        return None, None
    hits = [f for f in before
            if any(first - NEAR <= line <= last + NEAR for line in lines_of(f, path))]
    keys = {(f["code"], text[f["line"] - 1].strip()) for f in hits if f["path"] == path}
    again = [f for f in after if f["path"] == path and (f["code"], text_after[f["line"] - 1].strip()) in keys]
    return hits, not again


def level_of(hits):
    """Where a user sees it: "default", "low" or "missed"."""
    if any(f["confidence"] != "low" for f in hits):
        return "default"
    return "low" if hits else "missed"


def fixes(table, mirror, verbose):
    counts = {"default": 0, "low": 0, "missed": 0}
    sound = dict(counts)
    silent = silent_but_true = skipped = 0
    for row in rows(table):
        repo = repository(mirror, row["repo"].replace("/", "+"))
        hits, quiet = judge_fix(row, repo) if repo else (None, None)
        if hits is None:
            skipped += 1
            continue
        key = "%s:%s" % (row["fix_commit"][:9], row["line_start"])
        level = level_of(hits)
        counts[level] += 1
        if "FOUND" in row["parse"] and "NOTFOUND" not in row["parse"] and "errs_in_range=0" in row["parse"]:
            sound[level] += 1
        silent += quiet
        silent_but_true += not quiet and key + " after" in REASON_OF
        wanted = ([key] if level != "default" else []) + ([] if quiet else [key + " after"])
        for unexplained in (k for k in wanted if k not in REASON_OF):
            print("no reason for %s" % unexplained)
        if verbose:
            print("%-8s %-7s %-22s %s %s:%s-%s %s %s" % (
                level, "" if quiet else "STAYS", row["kind"][:22], row["fix_commit"][:9], row["path"],
                row["line_start"], row["line_end"], row["function"], ",".join(sorted({f["code"] for f in hits}))), flush=True)
    for name, found in (("fixes", counts), ("of these with sound spans", sound)):
        total = sum(found.values())
        print("%s: found %d of %d by default, %d more at low confidence" % (name, found["default"], total, found["low"]))
    print("silent after %d of %d, %d more with another true leak; skipped %d" % (
        silent, sum(counts.values()), silent_but_true, skipped))


# ---- speed ----


def real_libclang():
    places = ["/usr/lib/*/libclang-19.so.19*", "/usr/lib/*/libclang-19.so.1*", "/usr/lib/llvm-19/lib/libclang*.so*"]
    found = [path for place in places for path in sorted(glob.glob(place))]
    return os.path.realpath(found[0]) if found else sys.exit("libclang 19 is not installed")


def build_shim(folder):
    """A library of libclang's name, which hands everything on to a copy of it under another name."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    real, name = Path(real_libclang()), b"libclang-19.so.19"
    other = Path(folder, "libclang-xx.so.19")
    other.write_bytes(real.read_bytes().replace(name, other.name.encode()))
    source = Path(__file__).with_name("clang_times.c")
    subprocess.run([*compiler, "-shared", "-fPIC", "-O1", "-I/usr/lib/llvm-19/include", "-o", str(Path(folder, name.decode())),
                    str(source), "-Wl,--no-as-needed", str(other), "-ldl"], check=True)


def speed(tree, include, jobs):
    with tempfile.TemporaryDirectory() as folder:
        build_shim(folder)
        times = Path(folder, "times")
        times.mkdir()
        environment = {**os.environ, "LD_LIBRARY_PATH": folder, "CLANG_TIMES": str(times)}
        command = [LIMPET, "--isolated", "--no-cache", "--no-respect-gitignore", "--exit-zero", "--select", "LMP6,LMP7,LMP8"]
        command += ["-j", str(jobs)]
        command += ["--python-include", include] if include else []
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*command, tree], env=environment, stdout=subprocess.DEVNULL, check=True)
        wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        records = [path.read_text().split() for path in times.iterdir()]
    assert records, "no C unit was read"
    clang = sum(int(microseconds) for microseconds, _ in records) / 1e6
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("speed: %d parses, libclang alone %.2f s, limpet %.2f s of processor time (%.2f s on the clock): %.2f" % (
        sum(int(n) for _, n in records), clang, whole, wall, whole / clang))
    return whole / clang


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--speed", metavar="DIR")
    parser.add_argument("--python-include", metavar="DIR")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("--cpychecker")
    parser.add_argument("--fixes")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    if options.speed:
        return int(speed(options.speed, options.python_include, options.j) > AIM)
    if not options.mirror:
        parser.error("--mirror or --speed")
    if options.cpychecker:
        cpychecker(options.cpychecker, options.mirror, options.verbose)
    if options.fixes:
        fixes(options.fixes, options.mirror, options.verbose)


if __name__ == "__main__":
    sys.exit(main())
