"""What was read on real code (tests/corpus/ledger.tsv): every row is whole, and every word in it means something."""

import collections
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

LEDGER = support.REPO / "tests" / "corpus" / "ledger.tsv"
COLUMNS = "project commit code path line subject level verdict reader why".split()
# cured: the finding is given no longer, at any level, or another one of the same objects speaks of it
LEVELS = "high medium low cured".split()
VERDICTS = "true-useful true-harmless false".split()
READERS = (
    "author second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
# Of all that is told by default today, on projects that nobody here wrote; nine in ten is the aim. The projects of the
# readers from the fourth on were new when they were read: between one in three and one in two of their findings of the
# retention rules was useful then, of the fifteenth's none, of the seventeenth's and eighteenth's one in seven, of the
# nineteenth's two in five and of the twentieth's two in nine. What they found false or harmless is mended where a
# general cause was found; each new sample takes the share down at first. The twentieth has read 890 findings of low
# confidence, too, which nobody sees by default: one in 26 of them was useful.
RETENTION = 0.7


# Leaks that projects mended, for `make bench-real`; area and explanation are in the words of whoever read the fix.
LEAKS = LEDGER.with_name("leaks.tsv")
LEAK_COLUMNS = "id repo fix_commit path line_start line_end area intra_or_cross after_clean one_line_explanation".split()


class LeaksTest(unittest.TestCase):
    def test_rows(self):
        head, *rows = [line.split("\t") for line in LEAKS.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(head, LEAK_COLUMNS)
        self.assertGreater(len(rows), 100)
        self.assertEqual(len({row[0] for row in rows}), len(rows))
        for row in rows:
            self.assertEqual(len(row), len(LEAK_COLUMNS), row)
            self.assertTrue(all(field and field == field.strip() for field in row), row)
            _, repo, commit, path, first, last, _, where, clean, why = row
            self.assertRegex(repo, r"^[\w.-]+/[\w.-]+$")
            self.assertRegex(commit, r"^[0-9a-f]{40}$")
            self.assertRegex(path, r"^[^/].*\.py$")
            self.assertLessEqual(int(first), int(last))
            self.assertIn(where, ("intra", "cross"))
            self.assertIn(clean, ("yes", "no"))
            self.assertRegex(why, r"^\[\w+\] ")


class LedgerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lines = LEDGER.read_text(encoding="utf-8").splitlines()
        cls.head = lines[0].split("\t")
        cls.rows = [line.split("\t") for line in lines[1:]]

    def test_columns(self):
        self.assertEqual(self.head, COLUMNS)
        for row in self.rows:
            self.assertEqual(len(row), len(COLUMNS), row)
            self.assertTrue(all(field and field == field.strip() for field in row), row)

    def test_words(self):
        codes = {path.name[:6].upper() for path in (support.REPO / "rules").rglob("lmp*.c")}
        for project, commit, code, path, line, _, level, verdict, reader, _ in self.rows:
            self.assertIn(code, codes)
            self.assertRegex(commit, r"^([0-9a-f]{40}|\d+(\.\d+)+)$", project)
            self.assertFalse(path.startswith("/"), path)
            self.assertGreater(int(line), 0)
            self.assertIn(level, LEVELS)
            self.assertIn(verdict, VERDICTS)
            self.assertIn(reader, READERS)

    def test_each_finding_is_judged_once(self):
        """Two readers may both have judged it; one has not twice."""
        seen = collections.Counter((*row[:6], row[8]) for row in self.rows)
        self.assertEqual([key for key, n in seen.items() if n > 1], [])

    def test_a_project_is_read_at_one_commit(self):
        commits = collections.defaultdict(set)
        for row in self.rows:
            commits[row[0]].add(row[1])
        self.assertEqual({k: v for k, v in commits.items() if len(v) > 1}, {})

    def test_precision_of_the_retention_rules(self):
        rules = (support.REPO / "rules" / "retention").glob("lmp2*.c")
        on = {path.name[:6].upper() for path in rules if "RULE_OPT_IN" not in path.read_text(encoding="utf-8")}
        self.assertGreater(len(on), 20)
        told = [row[7] for row in self.rows if row[2] in on and row[6] in ("high", "medium")]
        self.assertTrue(told)
        self.assertGreaterEqual(told.count("true-useful") / len(told), RETENTION)


if __name__ == "__main__":
    unittest.main()
