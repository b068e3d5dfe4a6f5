#!/usr/bin/env python3
"""Measures limpet on leaks that real projects had and mended: found before the fix, silent after it.

    tests/bench/real.py --table FILE --mirror DIR [--work DIR] [--area AREA,...] [--id ID,...] [-j N] [-v]
                        [-- LIMPET-OPTION...]

FILE is a table with tabs and these columns: id, repo (owner/name), fix_commit, path, line_start and line_end
(the leak, in the commit before the fix), area, after_clean (is the leak wholly gone after the fix?),
one_line_explanation. It is no part of this repository, nor are the projects: below DIR each has a bare git
directory, as owner+name/repo, owner+name or owner+name.git. A row without its project is skipped and counted.

For each row the trees of fix_commit^ and of fix_commit are exported below --work, where they stay for the
next time, and scanned whole at two levels: as users run it, and with all rules at the lowest confidence.

  hit     a finding (no LMP9xx: those speak of files) at most two lines away from the leak
  touch   a hit, or a finding elsewhere with a step of its evidence there
  other   a hit, but only by rules of other families than the row's area is about: by chance, or another leak;
          it is no part of the recall
  silent  after the fix no hit comes back, neither its fingerprint nor its code on the same text in that file

Rows whose explanation begins with [whole] need facts that no file shows; they are counted apart.

reasons.tsv beside this script says why a row is missed. Exit status 1 when a reason stands for a row that is
found by now, or when a scan broke; a miss is no failure here.
"""

import argparse
import collections
import concurrent.futures
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpus"))
from measure import limpet, measure  # noqa: E402

LEVELS = {"default": [], "low": ["--select", "ALL", "--min-confidence", "low"]}
LOWEST = "low"
NEAR = 2  # lines
SECONDS = 600  # for one scan
SOURCES = (".py", ".pyi")
SOURCE_PATHS = ":(glob)**/*.py*"  # a mirror may lack the largest files, and an archive of all would break there
# The tree is a checkout without its repository: what is committed is read, whatever the ignore files say.
SCAN = ["check", "--isolated", "--no-respect-gitignore", "--output-format", "json", "-j", "1"]
# The families of rules that see leaks of an area for what they are; any family for areas that are not here.
FAMILIES = {
    "cache-method": "LMP2",
    "closure": "LMP1 LMP2",
    "cycle": "LMP1",
    "del-cycle": "LMP1",
    "exc-traceback": "LMP1 LMP2",
    "generator": "LMP1 LMP5",
    "global-retention": "LMP2 LMP3 LMP109",
    "listener": "LMP2",
    "metaclass-registry": "LMP2 LMP3",
    "mutable-default": "LMP2",
    "singleton-new": "LMP3",
    "thread-local": "LMP2",
    "unbounded-queue": "LMP2",
    "unclosed-resource": "LMP4 LMP5",
    "weakref-misuse": "LMP1 LMP2",
}
COLUMNS = ["repo", "fix_commit", "path", "line_start", "line_end", "area"]


class Skipped(Exception):
    """Why a row cannot be measured."""


class Broken(Exception):
    """How a scan broke."""


class Once:
    """A table of results: each key is made once, and whoever asks meanwhile waits for it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.results = {}

    def get(self, key, make):
        with self.lock:
            mine = key not in self.results
            result = self.results.setdefault(key, concurrent.futures.Future())
        if mine:
            try:
                result.set_result(make())
            except Exception as error:
                result.set_exception(error)
        return result.result()


class Row:
    """One leak and its fix."""

    def __init__(self, columns):
        self.repo = columns["repo"]
        self.fix = columns["fix_commit"]
        self.path = columns["path"]
        self.span = (int(columns["line_start"]), int(columns["line_end"]))
        self.area = columns["area"]
        self.id = columns.get("id") or "%s@%s" % (self.repo, self.fix[:8])
        self.is_mended = (columns.get("after_clean") or "yes") == "yes"
        self.text = columns.get("one_line_explanation") or ""

    @property
    def needs_whole(self):
        return self.text.startswith("[whole]")

    def is_near(self, place):
        """Is a finding, or a step of its evidence, at the leak?"""
        if place["path"] is None or os.path.normpath(place["path"]) != self.path:
            return False
        return self.span[0] - NEAR <= place["line"] <= self.span[1] + NEAR


    def is_meant(self, finding):
        """Is a finding's rule of a family that the row is about?"""
        families = FAMILIES.get(self.area, "LMP").split()
        return finding["code"].startswith(tuple(families))


class Outcome:
    """What one level said of one row."""

    def __init__(self, row, hits, touches, back):
        self.hits = hits
        self.is_found = any(map(row.is_meant, hits))
        self.touches = touches  # findings that are no hits, with evidence at the leak
        self.back = back  # hits that come back after the fix, None when that was not to be looked at

    def word(self):
        if self.hits:
            return "hit" if self.is_found else "other"
        return "touch" if self.touches else "miss"

    def codes(self):
        return ",".join(sorted({finding["code"] for finding in self.hits or self.touches}))


# ---- trees ----------------------------------------------------------------------------------------------


def repository(mirror, repo):
    """The bare git directory of a project."""
    name = repo.replace("/", "+")
    for place in (mirror / name / "repo", mirror / name, mirror / (name + ".git")):
        if (place / "objects").is_dir():
            return place
    raise Skipped("%s is not in the mirror" % repo)


def git(directory, *arguments):
    return subprocess.run(
        ["git", "--git-dir", str(directory), *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def commit_id(directory, revision):
    done = git(directory, "rev-parse", "--verify", "--quiet", revision + "^{commit}")
    if done.returncode != 0:
        raise Skipped("%s is not in the mirror" % revision)
    return done.stdout.decode().strip()


def unpack(archive, folder):
    """Python sources out of a tar archive; nothing that could land outside of `folder`."""
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        for member in tar:
            parts = member.name.split("/")
            if not member.isfile() or not member.name.endswith(SOURCES) or {"", "..", ".git"} & set(parts):
                continue
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as out:
                shutil.copyfileobj(tar.extractfile(member), out)


def export(directory, commit, target):
    """The Python sources of a commit below `target`, unless they are there from another time."""
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Under another name first: a run that is stopped must not leave half a tree behind.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="half-") as half:
        tree = Path(half, "tree")
        tree.mkdir()
        command = ["git", "--git-dir", str(directory), "archive", "--format=tar", commit, SOURCE_PATHS]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            try:
                unpack(child.stdout, tree)
            except tarfile.TarError as error:
                raise Skipped("%s cannot be exported: %s" % (commit, error)) from error
            complaint = child.stderr.read().decode("utf-8", "replace").strip()
        if child.returncode != 0:
            raise Skipped("%s cannot be exported: %s" % (commit, complaint))
        try:
            tree.rename(target)
        except OSError:
            if not target.is_dir():  # else another run was faster
                raise


def line_text(tree, place):
    """The line that a finding stands on: it tells the place when an edit elsewhere has moved it."""
    source = Path(tree, place["path"]).read_bytes().decode("utf-8", "replace")
    lines = re.split("\r\n|\r|\n", source)
    return lines[place["line"] - 1].strip() if place["line"] <= len(lines) else ""


# ---- one row --------------------------------------------------------------------------------------------


class Bench:
    """All rows of one run: exports and scans are shared between rows of the same commit."""

    def __init__(self, options):
        self.options = options
        self.exports = Once()
        self.scans = Once()

    def tree(self, row, revision):
        directory = repository(self.options.mirror, row.repo)
        commit = commit_id(directory, revision)
        target = self.options.work / row.repo.replace("/", "+") / commit
        self.exports.get(target, lambda: export(directory, commit, target))
        return target

    def scan(self, tree, level):
        """All findings on a tree but those about files."""

        def run():
            command = [os.path.abspath(limpet()), *SCAN, *LEVELS[level], *self.options.extra, "."]
            done = measure(command, SECONDS, cwd=tree)
            if done.crash() or done.code == 2:
                text = done.crash() or done.stderr.decode("utf-8", "replace").strip()
                raise Broken("%s at level %s: %s" % (tree, level, text))
            found = json.loads(done.stdout)["findings"]
            return [finding for finding in found if not finding["code"].startswith("LMP9")]

        return self.scans.get((tree, level), run)

    def measure(self, row):
        """The outcome of a row at each level."""
        before = self.tree(row, row.fix + "^")
        if not (before / row.path).is_file():
            raise Skipped("%s is not in %s^" % (row.path, row.fix))
        after = self.tree(row, row.fix) if row.is_mended else None
        return {level: self.outcome(row, level, before, after) for level in LEVELS}

    def outcome(self, row, level, before, after):
        found = self.scan(before, level)
        hits = [finding for finding in found if row.is_near(finding)]
        touches = [finding for finding in found if any(map(row.is_near, finding["evidence"]))]
        back = None
        if hits and after:
            others = [finding for finding in found if finding not in hits]
            back = come_back(row, (before, hits, others), (after, self.scan(after, level)))
        return Outcome(row, hits, touches, back)


def come_back(row, before, after):
    """Findings after the fix that are hits from before it."""
    tree, hits, others = before
    later_tree, later = after
    prints = {hit["fingerprint"] for hit in hits} - {other["fingerprint"] for other in others}
    back = [finding for finding in later if finding["fingerprint"] in prints]

    def key(tree, finding):
        return finding["code"], line_text(tree, finding)

    def in_file(findings):
        return [finding for finding in findings if os.path.normpath(finding["path"]) == row.path]

    # Text such as `@lru_cache` stands on many lines: as many findings as the other places had are theirs.
    known = collections.Counter(key(tree, other) for other in in_file(others))
    wanted = {key(tree, hit) for hit in hits}
    for finding in in_file(later):
        text = key(later_tree, finding)
        if text in wanted:
            known[text] -= 1
            if known[text] < 0 and finding not in back:
                back.append(finding)
    return back


# ---- the report -----------------------------------------------------------------------------------------


class Tally:
    """Counts of an area."""

    def __init__(self):
        self.rows = self.skipped = 0
        self.levels = {level: collections.Counter() for level in LEVELS}

    def add(self, outcomes):
        self.rows += 1
        for level, outcome in outcomes.items():
            counts = self.levels[level]
            counts["hit"] += bool(outcome.hits)
            counts["other"] += bool(outcome.hits) and not outcome.is_found
            counts["touch"] += bool(outcome.hits or outcome.touches)
            counts["checked"] += outcome.back is not None
            counts["silent"] += outcome.back == []

    def __iadd__(self, other):
        self.rows += other.rows
        self.skipped += other.skipped
        for level, counts in self.levels.items():
            counts.update(other.levels[level])
        return self

    def line(self, name):
        text = "%-20s %5d %7d" % (name, self.rows, self.skipped)
        for counts in self.levels.values():
            found = counts["hit"] - counts["other"]
            share = "%.0f%%" % (100 * found / self.rows) if self.rows else "-"
            silent = "%d/%d" % (counts["silent"], counts["checked"])
            text += "  | %4d %5s %6d %6d %7s" % (
                counts["hit"], share, counts["other"], counts["touch"], silent,
            )  # fmt: skip
        return text


def show_table(rows, results):
    areas = collections.defaultdict(Tally)
    whole = Tally()
    for row in rows:
        tally = whole if row.needs_whole else areas[row.area]
        if row.id in results:
            tally.add(results[row.id])
        else:
            tally.skipped += 1
    total = Tally()
    print("%-34s" % "" + "".join("  | %-32s" % level for level in LEVELS).rstrip())
    head = "%-20s %5s %7s" % ("area", "rows", "skipped")
    print(head + "  |  hit recall  other touch  silent" * len(LEVELS))
    for name, tally in sorted(areas.items()):
        print(tally.line(name))
        total += tally
    print(total.line("all"))
    if whole.rows or whole.skipped:
        print(whole.line("[whole], apart"))


def show_row(row, outcomes):
    """A line for the row, and one for each finding that counts."""
    words = " ".join(
        "%s:%s%s" % (level, outcome.word(), "(%s)" % outcome.codes() if outcome.codes() else "")
        for level, outcome in outcomes.items()
    )
    print("%-8s %-16s %s:%d  %s" % (row.id, row.area, row.path, row.span[0], words))
    outcome = outcomes[LOWEST]
    for finding in outcome.hits or outcome.touches:
        print("         %s:%d: %s [%s, %s] %s" % (
            finding["path"], finding["line"], finding["code"], finding["effect"], finding["confidence"],
            finding["message"],
        ))  # fmt: skip


def show_trouble(row, outcomes):
    """Hits that come back after the fix."""
    for level, outcome in outcomes.items():
        for finding in outcome.back or []:
            print("after the fix of %s at level %s: %s:%d: %s %s" % (
                row.id, level, finding["path"], finding["line"], finding["code"], finding["message"],
            ))  # fmt: skip


def show_misses(rows, results, reasons):
    misses = [row for row in rows if row.id in results and not results[row.id][LOWEST].is_found]
    if misses:
        print("\nmissed at every level:")
    for row in misses:
        outcome = results[row.id][LOWEST]
        mark = " (%s %s)" % (outcome.word(), outcome.codes()) if outcome.codes() else ""
        why = reasons.get(row.id, "no reason is written down")
        print("  %-8s %-16s %s:%d%s: %s" % (row.id, row.area, row.path, row.span[0], mark, why))


def show_faint(rows, results):
    """Rows that only the lowest level sees, with the best confidence of their hits."""
    order = ["low", "medium", "high"]
    faint = [
        row for row in rows
        if row.id in results and results[row.id][LOWEST].is_found and not results[row.id]["default"].is_found
    ]  # fmt: skip
    if faint:
        print("\nhit at the low level only:")
    for row in faint:
        outcome = results[row.id][LOWEST]
        best = max((finding["confidence"] for finding in outcome.hits), key=order.index)
        print("  %-8s %-16s %s:%d: %s, %s" % (row.id, row.area, row.path, row.span[0], outcome.codes(), best))


def stale_reasons(rows, results, reasons):
    """Rows that have a reason for being missed, and are found."""
    explained = [row for row in rows if row.id in reasons and row.id in results]
    return [row.id for row in explained if results[row.id][LOWEST].is_found]


def read_reasons(path):
    """Why rows are missed, by id."""
    reasons = {}
    with open(path, encoding="utf-8", newline="") as file:
        for number, columns in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if number == 1 or not columns:
                continue
            if len(columns) != 2 or not all(columns) or columns[0] in reasons:
                sys.exit("%s:%d: not an id that is new and a reason" % (path, number))
            reasons[columns[0]] = columns[1]
    return reasons


def read_rows(options):
    with open(options.table, encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [name for name in COLUMNS if name not in (table.fieldnames or [])]
        if missing:
            sys.exit("%s: no column %s" % (options.table, ", ".join(missing)))
        rows = [Row(columns) for columns in table]
    if len({row.id for row in rows}) != len(rows):
        sys.exit("%s: an id is there twice" % options.table)
    if options.area:
        rows = [row for row in rows if row.area in options.area.split(",")]
    if options.id:
        rows = [row for row in rows if row.id in options.id.split(",")]
    if not rows:
        sys.exit("%s: no such row" % options.table)
    return rows


def parse_arguments():
    argv = sys.argv[1:]
    at = argv.index("--") if "--" in argv else len(argv)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", required=True, help="the leaks and their fixes")
    parser.add_argument("--mirror", required=True, type=Path, help="where the bare git directories are")
    parser.add_argument("--work", type=Path, default=cache / "limpet-bench", help="where exports are kept")
    parser.add_argument("--reasons", type=Path, default=Path(__file__).with_name("reasons.tsv"))
    parser.add_argument("--area", help="only rows of these areas")
    parser.add_argument("--id", help="only these rows")
    parser.add_argument("-j", type=int, default=len(os.sched_getaffinity(0)), dest="jobs")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the findings of each row")
    options = parser.parse_args(argv[:at])
    options.extra = argv[at + 1 :]
    options.work = options.work.resolve()
    return options


def run_rows(bench, rows, options):
    """Outcomes by id, and what broke; a row is shown when it is done."""
    results, skipped, broken = {}, [], []
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        futures = [(row, pool.submit(bench.measure, row)) for row in rows]
        for row, future in futures:
            try:
                results[row.id] = future.result()
            except Skipped as why:
                skipped.append("%s: %s" % (row.id, why))
            except Broken as why:
                broken.append("%s: %s" % (row.id, why))
            else:
                if options.verbose:
                    show_row(row, results[row.id])
                show_trouble(row, results[row.id])
                sys.stdout.flush()
    return results, skipped, broken


def main():
    options = parse_arguments()
    rows = read_rows(options)
    reasons = read_reasons(options.reasons)
    results, skipped, broken = run_rows(Bench(options), rows, options)
    show_table(rows, results)
    show_faint(rows, results)
    show_misses(rows, results, reasons)
    stale = stale_reasons(rows, results, reasons)
    for text in skipped:
        print("skipped: %s" % text)
    for text in broken:
        print("broken: %s" % text)
    if stale:
        print("found, and still with a reason for being missed: %s" % " ".join(stale))
    return 1 if broken or stale else 0


if __name__ == "__main__":
    sys.exit(main())
