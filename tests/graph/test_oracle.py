"""CPython is the oracle: what names mean after import, and how classes linearise their bases.

`limpet graph` over packages of the running interpreter's standard library, and over the samples of this
folder, is compared with the modules after they were imported. Names that are bound differently by
platform or version, in branches that were not taken, are not compared.
"""

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

STDLIB = Path(os.__file__).resolve().parent
PACKAGES = ["asyncio", "concurrent", "email", "http", "importlib", "json", "logging", "unittest", "urllib"]
HERE = Path(__file__).resolve().parent
SAMPLES = {"src_layout": ["src", "tools"], "namespace": ["."], "imports": ["."]}

MODULE = re.compile(r"^module (\S+) \((.*?)\)( package)?$")
IMPORT = re.compile(r"^  import (\w+) = (module|class|function|variable) (\S+)$")
CLASS = re.compile(r"^  class ([^:]+):(.*)$")


class Linked:
    """What `limpet graph` says, by module."""

    def __init__(self, paths, cwd):
        self.imports, self.classes, self.modules = [], [], {}
        module = None
        for line in support.limpet("graph", "--isolated", *paths, cwd=cwd).stdout.splitlines():
            if MODULE.match(line):
                module, path, _ = MODULE.match(line).groups()
                self.modules[path] = module
            elif IMPORT.match(line):
                self.imports.append((module, *IMPORT.match(line).groups()))
            elif CLASS.match(line):
                name, bases = CLASS.match(line).groups()
                is_whole = "(some bases" not in bases
                bases = re.sub(r" \(.*?\)| metaclass=\S+", "", bases).split()
                self.classes.append((name, bases, is_whole))


def loaded(name):
    if name.rpartition(".")[2] == "__main__":
        return None  # would run the program
    try:
        return importlib.import_module(name)
    except Exception:  # of another platform, or with a precondition
        return None


def found(dotted):
    """The object that a dotted name denotes after import, or None."""
    parts = dotted.split(".")
    for split in range(len(parts), 0, -1):
        there = loaded(".".join(parts[:split]))
        if there is not None:
            for part in parts[split:]:
                there = inspect.getattr_static(there, part, None)
            return there
    return None


def import_differs(module, name, kind, target):
    """Why an import is not what CPython made of it, or None."""
    here = loaded(module)
    if here is None or name not in vars(here):
        return None  # bound in a function, or in a branch that was not taken
    real, claimed = vars(here)[name], found(target)
    if real is claimed or claimed is None:
        return None
    same = getattr(real, "__qualname__", None) == getattr(claimed, "__qualname__", None)
    if same and getattr(real, "__module__", "").lstrip("_") == getattr(claimed, "__module__", "").lstrip("_"):
        return None  # the accelerated twin of a Python definition
    return "%s.%s is %r, not the %s %s" % (module, name, real, kind, target)


def class_differs(name, bases, is_whole):
    """Why the linearised bases are not CPython's, or None."""
    real = found(name)
    if not is_whole or not inspect.isclass(real) or "<locals>" in name:
        return None
    if real.__module__ + "." + real.__qualname__ != name:
        return None  # bound again later, or replaced by an accelerated twin
    ours = [c for c in map(found, bases) if c is not None]
    expected = [c for c in real.__mro__[1:] if c in ours]
    if ours != expected:
        return "%s: %s, not %s" % (name, [c.__qualname__ for c in real.__mro__[1:]], bases)
    return None


class OracleTest(unittest.TestCase):
    def compare(self, linked, most_wrong=0):
        wrong = [import_differs(*row) for row in linked.imports]
        wrong += [class_differs(*row) for row in linked.classes]
        wrong = [why for why in wrong if why]
        self.assertLessEqual(len(wrong), most_wrong, "\n" + "\n".join(wrong))

    def test_standard_library(self):
        linked = Linked(PACKAGES, STDLIB)
        self.assertGreater(len(linked.imports), 300)
        self.assertGreater(len(linked.classes), 300)
        for path, module in linked.modules.items():
            dotted = path[: -len(".py")].replace("/", ".")
            expected = dotted[: -len(".__init__")] if dotted.endswith(".__init__") else dotted
            self.assertEqual(module, expected)
        self.compare(linked)

    def test_samples(self):
        """Each in a process of its own, since they share names."""
        for sample, roots in SAMPLES.items():
            with self.subTest(sample=sample):
                done = subprocess.run(
                    [sys.executable, "-B", __file__, "--sample", sample, *roots],
                    stdout=subprocess.PIPE,
                    text=True,
                )
                self.assertEqual(done.returncode, 0)
                wrong, compared = json.loads(done.stdout.splitlines()[-1])
                self.assertEqual(wrong, [])
                self.assertGreaterEqual(compared, 3)


def compare_sample(sample, roots):
    sys.path[:0] = [str(HERE / sample / root) for root in roots]
    linked = Linked(["."], HERE / sample)
    compared = [row for row in linked.imports if loaded(row[0]) is not None]
    wrong = [why for why in map(lambda row: import_differs(*row), linked.imports) if why]
    for path, module in linked.modules.items():
        if loaded(module) is None:
            wrong.append("%s cannot be imported as %s" % (path, module))
        elif not os.path.samefile(loaded(module).__file__, HERE / sample / path):
            wrong.append("%s is not %s" % (module, path))
    print(json.dumps([wrong, len(compared)]))


if __name__ == "__main__":
    if "--sample" in sys.argv:
        compare_sample(sys.argv[2], sys.argv[3:])
    else:
        unittest.main()
