"""`limpet graph` over small projects, against goldens: NAME/ or a fixture, and NAME.graph beside this file;
with `--class` for the classes in PICTURES, and NAME.classes; with `--root` for those in ROOTS, and NAME.roots;
with `--summaries` for SUMMARIES, and NAME.summaries; with `--singletons` for SINGLETONS, and NAME.singletons;
with `--profiles` for PROFILES, and NAME.profiles.

BLESS=1 writes the goldens anew; read the difference before it is committed.
"""

import json
import os
import re
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
PICTURES = {"pictures": "Base,Pool,Record,Desk,manager.Manager,Job"}
# Samples whose roots are printed: all that their modules hold, and what is registered with the runtime.
RUNTIME = "atexit,signal,logging,threading,asyncio,loop,weakref.finalize,functools caches,sys,codecs"
ROOTS = {"roots": "app,registry,jobs,live,_cache," + RUNTIME}
# Samples whose summaries are printed.
SUMMARIES = ["summaries"]
# Samples whose singletons are printed.
SINGLETONS = ["singletons"]
# Samples whose profiles are printed.
PROFILES = ["profiles"]
# A statement of DOT as limpet writes it: a node or an edge with attributes, names bare or in quotes.
DOT_NAME = r'(?:\w+|"(?:[^"\\]|\\.)*")'
DOT_STATEMENT = re.compile(r"  %s(?: -> %s)?(?: \[\w+=%s(?:, \w+=%s)*\])?;" % ((DOT_NAME,) * 4))


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
        known |= {name + ".roots" for name in ROOTS} | {name + ".summaries" for name in SUMMARIES}
        known |= {name + ".singletons" for name in SINGLETONS} | {name + ".profiles" for name in PROFILES}
        forms = "*.graph", "*.classes", "*.roots", "*.summaries", "*.singletons", "*.profiles"
        found = {path.name for form in forms for path in HERE.glob(form)}
        self.assertEqual(found - known, set())

    def test_pictures_of_classes(self):
        for name, classes in PICTURES.items():
            with self.subTest(sample=name):
                forms = "text", "dot", "json"
                parts = [self.graph(HERE / name, "--class", classes, "--format", form) for form in forms]
                self.compare(name + ".classes", parts)

    def test_trees_of_roots(self):
        for name, roots in ROOTS.items():
            with self.subTest(sample=name):
                forms = "text", "dot", "json"
                parts = [self.graph(HERE / name, "--root", roots, "--format", form) for form in forms]
                self.compare(name + ".roots", parts)

    def test_summaries_of_functions(self):
        for name in SUMMARIES:
            with self.subTest(sample=name):
                self.compare(name + ".summaries", [self.graph(HERE / name, "--summaries")])

    def test_singletons_of_classes(self):
        for name in SINGLETONS:
            with self.subTest(sample=name):
                self.compare(name + ".singletons", [self.graph(HERE / name, "--singletons")])

    def test_profiles_of_functions(self):
        """What functions do to their thread, whatever the number of threads that look."""
        for name in PROFILES:
            with self.subTest(sample=name):
                text = self.graph(HERE / name, "--profiles")
                self.compare(name + ".profiles", [text])
                self.assertEqual(text, self.graph(HERE / name, "--profiles", "-j7"))

    def check_dot(self, text):
        lines = text.splitlines()
        self.assertEqual((lines[:2], lines[-1]), (["digraph limpet {", "  rankdir=LR;"], "}"))
        for line in lines[2:-1]:
            self.assertRegex(line, DOT_STATEMENT)

    def test_dot_is_valid(self):
        for name, path in samples().items():
            with self.subTest(sample=name):
                self.check_dot(self.graph(path, "--format", "dot"))
        for name, classes in PICTURES.items():
            self.check_dot(self.graph(HERE / name, "--class", classes, "--format", "dot"))
        for name, roots in ROOTS.items():
            self.check_dot(self.graph(HERE / name, "--root", roots, "--format", "dot"))

    def test_roots_as_json(self):
        """The three forms of a tree agree, whatever the number of threads."""
        for name, roots in ROOTS.items():
            for depth in "1", "2", "4", "9":
                with self.subTest(sample=name, depth=depth):
                    options = "--root", roots, "--depth", depth
                    whole = json.loads(self.graph(HERE / name, *options, "--format", "json"))
                    text = self.graph(HERE / name, *options)
                    self.assertEqual(text, self.graph(HERE / name, *options, "-j7"))
                    lines = self.lines_of(whole["roots"])
                    said = [line for line in text.splitlines() if " holds nothing" not in line]
                    said = [line for line in said if "nothing that was read" not in line]
                    self.assertEqual(len(lines), len(said))
                    for expected, line in zip(lines, said):
                        self.assertTrue(line.startswith(expected), line)
                    dot = self.graph(HERE / name, *options, "--format", "dot")
                    self.assertEqual(dot.count("[shape="), len(lines))

    def lines_of(self, rows, indent=0):
        """How the lines of the text begin, from JSON."""
        lines = []
        for row in rows:
            if "selector" in row:
                arrow = " " if row["selector"] == "=" else " -> "
                lines.append(" " * indent + row["selector"] + arrow + row["object"])
            else:
                lines.append("root " + row["name"] + ": " + row["kind"])
            lines += self.lines_of(row["holds"], indent + 2)
        return lines

    def test_a_tree_ends(self):
        """Classes that hold each other are shown once, and a tree has no more than its share of lines."""
        text = self.graph(HERE / "roots", "--root", "app", "--depth", "100")
        self.assertLess(len(text.splitlines()), 100)
        self.assertIn("(shown above)", text)

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
        holders += "default argument", "closure variable"
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
        at = text.index("  instances are held by")
        paths = whole["classes"][0]["paths"]
        self.assertEqual(len(holders) + bool(paths) + len(paths), len(text) - at - 1)


def add(name, path):
    setattr(GraphTest, "test_" + name, lambda self: self.check(name, path))


for each in samples().items():
    add(*each)

if __name__ == "__main__":
    unittest.main()
