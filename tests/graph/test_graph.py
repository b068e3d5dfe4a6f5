"""`limpet graph` over small projects, against goldens: NAME/ or a fixture, and NAME.graph beside this file.

BLESS=1 writes the goldens anew; read the difference before it is committed.
"""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

HERE = Path(__file__).resolve().parent
# Fixtures whose containers are filled and emptied in many ways.
FIXTURES = {
    "class_attribute": "LMP201/class_attribute.py",
    "drained": "LMP201/ok_drained.py",
    "drained_elsewhere": "LMP201/ok_drained_elsewhere",
    "manager": "LMP201/ok_manager_releases",
    "operators": "LMP201/operators.py",
    "reexport": "LMP205/reexport",
}


def samples():
    found = {path.name: path for path in sorted(HERE.iterdir()) if path.is_dir()}
    found.pop("__pycache__", None)
    for name, fixture in FIXTURES.items():
        assert name not in found, name
        found[name] = support.FIXTURES / fixture
    return found


class GraphTest(unittest.TestCase):
    maxDiff = None

    def check(self, name, path):
        where, what = (path, ".") if path.is_dir() else (path.parent, path.name)
        golden = HERE / (name + ".graph")
        parts = []
        for form in "text", "dot":
            done = support.limpet("graph", "--isolated", "--format", form, what, cwd=where)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            parts.append(done.stdout)
        text = "\n".join(parts)
        if os.environ.get("BLESS"):
            golden.write_text(text)
        self.assertTrue(golden.exists(), "no golden; BLESS=1 writes one")
        self.assertEqual(golden.read_text(), text)

    def test_goldens_have_samples(self):
        known = {name + ".graph" for name in samples()}
        self.assertEqual({path.name for path in HERE.glob("*.graph")} - known, set())


def add(name, path):
    setattr(GraphTest, "test_" + name, lambda self: self.check(name, path))


for each in samples().items():
    add(*each)

if __name__ == "__main__":
    unittest.main()
