"""`limpet graph` over small projects, against goldens: NAME/ or a fixture, and NAME.graph beside this file;
with `--class` for the classes in PICTURES, and NAME.classes.

BLESS=1 writes the goldens anew; read the difference before it is committed.
"""

import json
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
# Samples whose classes are printed, too.
PICTURES = {"pictures": "Base,Pool,Record,manager.Manager,Job"}


def samples():
    found = {path.name: path for path in sorted(HERE.iterdir()) if path.is_dir()}
    found.pop("__pycache__", None)
    for name, fixture in FIXTURES.items():
        assert name not in found, name
        found[name] = support.FIXTURES / fixture
    return found


class GraphTest(unittest.TestCase):
    maxDiff = None

    def graph(self, path, *options):
        where, what = (path, ".") if path.is_dir() else (path.parent, path.name)
        done = support.limpet("graph", "--isolated", *options, what, cwd=where)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def check(self, name, path):
        self.compare(name + ".graph", [self.graph(path, "--format", form) for form in ("text", "dot")])

    def compare(self, golden, parts):
        golden = HERE / golden
        text = "\n".join(parts)
        if os.environ.get("BLESS"):
            golden.write_text(text)
        self.assertTrue(golden.exists(), "no golden; BLESS=1 writes one")
        self.assertEqual(golden.read_text(), text)

    def test_goldens_have_samples(self):
        known = {name + ".graph" for name in samples()} | {name + ".classes" for name in PICTURES}
        found = {path.name for form in ("*.graph", "*.classes") for path in HERE.glob(form)}
        self.assertEqual(found - known, set())

    def test_pictures_of_classes(self):
        for name, classes in PICTURES.items():
            with self.subTest(sample=name):
                forms = "text", "dot", "json"
                parts = [self.graph(HERE / name, "--class", classes, "--format", form) for form in forms]
                self.compare(name + ".classes", parts)

    def test_json_says_what_text_says(self):
        """One object of four lists, with as many rows as the text has lines, and no shape of its own."""
        for name, path in samples().items():
            with self.subTest(sample=name):
                whole = json.loads(self.graph(path, "--format", "json"))
                text = self.graph(path, "--format", "text").splitlines()
                lines = [line for line in text if not self.is_container(line)]
                self.assertEqual(list(whole), ["modules", "classes", "functions", "containers"])
                for rows, begins in ("modules", "module "), ("classes", "  class "), ("functions", "  def "):
                    expected = [line for line in lines if line.startswith(begins)]
                    self.assertEqual(len(whole[rows]), len(expected), rows)
                containers = [line.split(" at ")[0].split(" ")[-1] for line in text if self.is_container(line)]
                self.assertEqual(containers, [row["name"] for row in whole["containers"]])
                for row in whole["classes"] + whole["functions"] + whole["containers"]:
                    self.assertGreater(row["line"], 0)
                    self.assertIn(row["path"], {module["path"] for module in whole["modules"]})
                for row in whole["containers"]:
                    self.assertIn(row["verdict"], ("weak", "bounded", "drained", "settled", "constant", "grows"))

    @staticmethod
    def is_container(line):
        holders = "module global", "class attribute", "singleton attribute", "function attribute"
        return line.startswith(tuple("  %s " % holder for holder in holders))

    def test_picture_as_json(self):
        """The three forms of a picture agree, and names are found by their last parts."""
        path = HERE / "pictures"
        whole = json.loads(self.graph(path, "--class", "Pool,pool.Pool", "--format", "json"))
        text = self.graph(path, "--class", "pool.Pool").splitlines()
        self.assertEqual([row["name"] for row in whole["classes"]], ["pool.Pool"])
        attributes = whole["classes"][0]["attributes"]
        self.assertEqual(
            ["." + row["name"] for row in attributes],
            [line.split(":")[0].strip() for line in text if line.startswith("  .")],
        )
        uses = [use for row in attributes for use in row["uses"]]
        self.assertEqual(len(uses), sum(" in " in line and line.startswith("    ") for line in text))
        holders = whole["classes"][0]["holders"]
        self.assertEqual(len(holders), len(text) - text.index("  instances are held by") - 1)


def add(name, path):
    setattr(GraphTest, "test_" + name, lambda self: self.check(name, path))


for each in samples().items():
    add(*each)

if __name__ == "__main__":
    unittest.main()
