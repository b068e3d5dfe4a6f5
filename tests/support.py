"""What several test suites share: the binary, its findings as data, and the marks in the fixtures.

fixtures/README.md describes the marks.
"""

import functools
import json
import os
import re
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
FIXTURES = REPO / "fixtures"
LIMPET = Path(os.environ.get("LIMPET_BIN", REPO / "build" / "limpet")).resolve()

MARK = re.compile(r"#\s*(expect|missed|wrong):\s*([^#]*)")
# The same in C: `// expect: LMP601`.
C_MARK = re.compile(r"//\s*(expect|missed|wrong):\s*([^/]*)")
# What limpet is told beside the code: `# options: --target-version 2.7` in the first line of a fixture.
OPTIONS = re.compile(r"\A(?:#|//)\s*options:\s*(.*)")
C_SUFFIXES = {".c", ".h", ".cpp"}
SUFFIXES = {".py"} | C_SUFFIXES
CODE = re.compile(r"LMP\d{3}\Z")
EFFECTS = {"never-freed", "bounded", "delayed", "hazard"}
CONFIDENCES = {"low", "medium", "high"}


def limpet(*arguments, cwd=REPO, env=None, input=None, timeout=120):
    """Runs the binary; stdout and stderr as text, with what is no UTF-8 in it escaped."""
    return subprocess.run(
        [str(LIMPET), *map(str, arguments)],
        cwd=cwd,
        env=env,
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=timeout,
    )


def findings(*arguments, cwd=REPO):
    """The findings of `limpet check --isolated --output-format json` with these arguments."""
    done = limpet("check", "--isolated", "--output-format", "json", *arguments, cwd=cwd)
    if done.returncode not in (0, 1) or done.stderr:
        raise AssertionError("exit status %d\n%s" % (done.returncode, done.stderr))
    found = json.loads(done.stdout)["findings"]
    if bool(found) != bool(done.returncode):
        raise AssertionError("exit status %d with %d findings" % (done.returncode, len(found)))
    return found


@functools.lru_cache(None)
def rule_codes():
    return set(re.findall(r"^LMP\d{3}", limpet("rules").stdout, re.M))


class Mark:
    """One expectation: `kind` is expect, missed or wrong; line 0 stands for any line of the file."""

    def __init__(self, kind, path, line, code, words):
        self.kind, self.path, self.line, self.code = kind, path, line, code
        self.effects = words & EFFECTS
        self.confidences = words & CONFIDENCES
        unknown = words - EFFECTS - CONFIDENCES
        if not CODE.match(code) or unknown:
            raise ValueError("%s:%s: not a mark: %s %s" % (path, line, code, " ".join(sorted(unknown))))

    @property
    def only_low(self):
        return "low" in self.confidences

    def covers(self, finding):
        return (
            finding["code"] == self.code
            and finding["path"] == self.path
            and self.line in (0, finding["line"])
        )

    def complaint(self, finding):
        """What of a finding at the right place is not as the mark says, or None."""
        if self.effects and finding["effect"] not in self.effects:
            return "is %s, not %s" % (finding["effect"], " or ".join(sorted(self.effects)))
        if self.confidences and finding["confidence"] not in self.confidences:
            return "has confidence %s" % finding["confidence"]
        return None

    def __str__(self):
        return "%s:%s: %s" % (self.path, self.line or "*", self.code)


def words_to_mark(kind, path, line, text):
    code, *words = text.split()
    return Mark(kind, path, line, code, set(words))


def marks_in(file, shown):
    """The marks of one file: beside it in NAME.expect, else in its comments."""
    beside = file.with_suffix(".expect")
    if beside.exists():
        rows = [row.split("#")[0].split(None, 1) for row in beside.read_text().splitlines()]
        return [
            words_to_mark("expect", shown, 0 if row[0] == "*" else int(row[0]), row[1])
            for row in rows
            if row
        ]
    marks = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        pattern = C_MARK if file.suffix in C_SUFFIXES else MARK
        for kind, text in pattern.findall(line):
            marks += [words_to_mark(kind, shown, number, part) for part in text.split(",")]
    return marks


class Fixture:
    """A file or a folder below fixtures/<CODE>/."""

    def __init__(self, path):
        self.path = path
        self.folder = path.parent
        self.name = path.stem if path.is_file() else path.name
        inside = [] if path.is_file() else sorted(path.rglob("*"))
        self.files = [path] if path.is_file() else [file for file in inside if file.suffix in SUFFIXES]
        self.marks = []
        self.options = []
        for file in self.files:
            said = OPTIONS.match(file.read_bytes().decode("utf-8", "replace"))
            self.options += said.group(1).split() if said else []
            self.marks += marks_in(file, str(file.relative_to(self.folder)))

    @property
    def code(self):
        """The rule that the fixture belongs to, or None for code from elsewhere."""
        return self.folder.name if CODE.match(self.folder.name) else None

    @property
    def witness(self):
        return self.folder / "witness" / (self.name + "_witness.py")

    @property
    def needs_c(self):
        return any(file.suffix in C_SUFFIXES for file in self.files)

    @property
    def is_ahead(self):
        """Fixtures in C can be ahead of the rule that they are for."""
        return self.needs_c and self.code and self.code not in rule_codes()

    def findings(self, *options):
        select = ["--extend-select", self.code] if self.code else ["--select", "ALL"]
        return findings(*select, *self.options, *options, self.path.name, cwd=self.folder)

    def __str__(self):
        return "%s/%s" % (self.folder.name, self.name)


def fixtures():
    """All fixtures in order of their paths."""
    return [
        Fixture(path)
        for folder in sorted(FIXTURES.iterdir())
        if folder.is_dir() and folder.name != "__pycache__"
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES or (path.is_dir() and path.name not in ("witness", "__pycache__"))
    ]
