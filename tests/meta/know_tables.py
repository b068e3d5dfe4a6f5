"""The knowledge tables as data: their rows read from the C sources, so that no row escapes a test."""

import importlib
import pathlib
import re
import sys
import warnings

KNOW = pathlib.Path(__file__).resolve().parents[2] / "src" / "know"

# Modules that builds of CPython lack: their rows are tested where the modules are.
OPTIONAL_MODULES = {"tkinter", "readline", "dbm", "ssl", "bz2", "lzma", "ctypes", "sqlite3"}


def rows(source, table=None):
    """(name, rest of the row) of every row of a table file, or of one of its tables."""
    text = (KNOW / source).read_text()
    begin = text.index("%s[] = {" % (table or ""))
    end = re.compile(r"^\};", re.M).search(text, begin).start()
    body = re.sub(r"/\*.*?\*/", "", text[begin:end], flags=re.S)
    found = re.findall(r'^ *\{"([^"]+)",\s*(.*?)\},$', body, re.M | re.S)
    return [(name, re.sub(r"\s*\n\s*", " ", rest)) for name, rest in found]


def cells(rest):
    """The cells of a row: texts without their quotes, all else as it is written."""
    parts = [part.strip() for part in re.findall(r'"[^"]*"|[^,"]+', rest)]
    return [part[1:-1] if part.startswith('"') else part for part in parts if part]


class Effect:
    """One row of effects: what a call holds, and who holds it."""

    def __init__(self, name, rest):
        self.name = name
        origin, holder, index, self.held, self.how, flags = cells(rest)
        self.origin = origin[len("ORIGIN_") :]
        self.holder = holder[len("HELD_BY_") :]
        self.index = int(index)
        words = [] if flags == "0" else [word[len("EFFECT_") :] for word in flags.split(" | ")]
        ends = [re.match(r"(SINCE|BEFORE)\((\d+)\)", word) for word in words]
        self.flags = {word for word, end in zip(words, ends) if not end}
        bounds = {end[1]: int(end[2]) for end in ends if end}
        self.since, self.before = bounds.get("SINCE", 0), bounds.get("BEFORE", 99)
        self.tokens = self.held.split(",") if self.held else []

    @property
    def is_here(self):
        """True for the running interpreter."""
        return self.since <= sys.version_info[1] < self.before

    def __repr__(self):
        return "%s %s %s %s" % (self.name, self.holder, self.held, sorted(self.flags))


EFFECT_SOURCES = ("effects_objects.c", "effects_run.c", "effects_other.c")


def effects():
    return [Effect(name, rest) for source in EFFECT_SOURCES for name, rest in rows(source)]


def import_module(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def resolve(dotted):
    """The object of a dotted name: its longest importable prefix, then attributes."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            value = import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part)
        return value
    raise ImportError(dotted)


def exists(dotted):
    try:
        resolve(dotted)
    except (ImportError, AttributeError):
        return False
    return True


def is_lacking(dotted):
    """True when the module of the name is one that this build of CPython does without."""
    top = dotted.split(".")[0]
    if top not in OPTIONAL_MODULES:
        return False
    try:
        import_module(dotted.rsplit(".", 1)[0] if top == "dbm" else top)
    except ImportError:
        return True
    return False
