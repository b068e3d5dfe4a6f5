"""The same bytes come out whatever the number of workers and the order of the arguments."""

import json
import os
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

STDLIB = Path(os.__file__).resolve().parent
PACKAGES = ["asyncio", "concurrent", "email", "http", "importlib", "logging", "unittest", "xml"]
EVERYTHING = ["--select", "ALL", "--min-confidence", "low"]


def part_of_the_standard_library():
    """A few hundred files: the modules at the top, and packages that use each other."""
    files = sorted(STDLIB.glob("*.py"))
    for package in PACKAGES:
        files += sorted((STDLIB / package).rglob("*.py"))
    return [str(path.relative_to(STDLIB)) for path in files if "__pycache__" not in path.parts]


class DeterminismTest(unittest.TestCase):
    def run_all_ways(self, forms, paths, shuffled, cwd):
        """One output a format, taken from many runs that must agree."""
        outputs = {}
        for form in forms:
            runs = [
                ("-j%d" % workers, "with %d" % workers, paths) for workers in (1, 2, 8, 1)
            ] + [("-j2", "shuffled", order) for order in shuffled]
            first = None
            for workers, name, arguments in runs:
                done = support.limpet(
                    "check", "--isolated", "--output-format", form, workers, *EVERYTHING, *arguments,
                    cwd=cwd,
                )  # fmt: skip
                self.assertIn(done.returncode, (0, 1), done.stderr)
                if first is None:
                    first = done
                self.assertEqual(first.returncode, done.returncode, name)
                self.assertEqual(first.stderr, done.stderr, name)
                self.assertTrue(first.stdout == done.stdout, "%s %s differs" % (form, name))
            outputs[form] = first.stdout
        return outputs

    def shuffles(self, files, times):
        chance = random.Random(1)
        for _ in range(times):
            order = list(files)
            chance.shuffle(order)
            yield order

    def test_fixtures(self):
        files = [
            str(path.relative_to(support.REPO))
            for path in sorted(support.FIXTURES.rglob("*"))
            if path.suffix in (".py", ".c", ".cpp")
        ]
        outputs = self.run_all_ways(
            ["json", "full", "concise"], ["fixtures"], list(self.shuffles(files, 3)), support.REPO
        )
        self.assertIn("LMP205", outputs["concise"])

    def test_standard_library(self):
        files = part_of_the_standard_library()
        self.assertGreater(len(files), 200)
        self.run_all_ways(["json", "full"], files, list(self.shuffles(files, 2)), STDLIB)

    def test_graph(self):
        """Also of the attributes of classes: their records are joined from many workers."""
        whole = json.loads(support.limpet("graph", "--format", "json", "fixtures").stdout)
        names = ",".join(row["name"] for row in whole["classes"][::16])
        for form in "text", "dot", "json":
            for options in ["fixtures"], ["--class", names, "fixtures"]:
                texts = {
                    support.limpet("graph", workers, "--format", form, *options).stdout
                    for workers in ("-j1", "-j2", "-j8")
                }
                self.assertEqual(len(texts), 1)
                self.assertTrue(texts.pop())


if __name__ == "__main__":
    unittest.main()
