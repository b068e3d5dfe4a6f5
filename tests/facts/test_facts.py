"""Golden facts: each `<construct>.py` here beside what `limpet facts` says of it, `<construct>.facts`.

BLESS=1 writes the golden files anew; read the difference before it is committed.
"""

import difflib
import os
import subprocess
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMPET = os.environ.get("LIMPET_BIN", os.path.join(ROOT, "build", "limpet"))


def constructs():
    names = sorted(name for name in os.listdir(HERE) if name.endswith(".py"))
    return [name[:-3] for name in names if not name.startswith("test_")]


class Facts(unittest.TestCase):
    def facts(self, name):
        run = subprocess.run(
            [LIMPET, "facts", os.path.join(HERE, name + ".py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.assertEqual((run.returncode, run.stderr), (0, b""), name)
        return run.stdout.decode("utf-8")

    def test_goldens(self):
        names = constructs()
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(name):
                path = os.path.join(HERE, name + ".facts")
                got = self.facts(name)
                if os.environ.get("BLESS"):
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(got)
                with open(path, encoding="utf-8") as file:
                    expected = file.read()
                lines = difflib.unified_diff(
                    expected.splitlines(), got.splitlines(), name + ".facts", "limpet facts", lineterm=""
                )
                self.assertEqual(expected, got, "\n" + "\n".join(lines))

    def test_every_golden_has_its_source(self):
        goldens = {name[:-6] for name in os.listdir(HERE) if name.endswith(".facts")}
        self.assertEqual(goldens, set(constructs()))

    def test_only_python2_and_gaps_have_errors(self):
        """What CPython accepts has no syntax errors, but for known gaps of the grammar (gap_*)."""
        for name in constructs():
            if name.startswith(("python2", "broken", "gap_")):
                continue
            with self.subTest(name):
                self.assertNotIn("\nerrors\n", self.facts(name))


if __name__ == "__main__":
    unittest.main()
