"""What fixtures claim is true of CPython: each has a witness, and the witness proves as much as is marked."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import run_witness
import support

# Fixtures whose claims are not about objects that live or die.
WITHOUT = {"seeds"}


class WitnessTest(unittest.TestCase):
    def check(self, fixture):
        self.assertTrue(fixture.witness.exists(), "%s has no witness" % fixture)
        skipped = []
        for python in run_witness.interpreters():
            outcome = run_witness.run(fixture, python)
            if outcome.verdict == "skipped":
                skipped.append(outcome.text)
                continue
            self.assertEqual(outcome.verdict, "passed", str(outcome))
            # What other rules suspect there is proven in their own fixtures.
            marked = [mark for mark in fixture.marks if mark.kind in ("expect", "missed")]
            leaks = [mark for mark in marked if mark.code == fixture.code]
            self.assertGreaterEqual(
                outcome.kept, len(leaks), "%s proves less than it has marks" % fixture
            )
            if not marked:
                self.assertEqual(outcome.kept, 0, "%s has no mark for what it keeps" % fixture)
                self.assertGreater(outcome.freed, 0)
        if len(skipped) == len(run_witness.interpreters()):
            self.skipTest(skipped[0])

    def test_no_witness_without_fixture(self):
        known = {fixture.witness for fixture in support.fixtures()}
        for path in support.FIXTURES.glob("*/witness/*.py"):
            self.assertIn(path, known)


def add(fixture):
    name = "test_%s_%s" % (fixture.folder.name, fixture.name)
    setattr(WitnessTest, name, lambda self: self.check(fixture))


for each in support.fixtures():
    if each.folder.name not in WITHOUT and not str(each.code).startswith("LMP9"):
        add(each)

if __name__ == "__main__":
    unittest.main()
