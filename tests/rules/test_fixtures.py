"""Every fixture: findings where the marks stand, at both levels, and silence everywhere else."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support


def judge(fixture, level):
    """What is not as marked at this level, as lines."""
    found = fixture.findings("--min-confidence", level)
    wrong = []
    explained = set()
    for mark in fixture.marks:
        covered = [i for i, finding in enumerate(found) if mark.covers(finding)]
        if mark.kind == "missed":
            if covered:
                wrong.append("%s is no longer missed: mark it with expect" % mark)
            explained.update(covered)
            continue
        explained.update(covered)
        expected = level == "low" or not mark.only_low
        if expected and not covered:
            cured = "is cured: remove the mark" if mark.kind == "wrong" else "expected, not found"
            wrong.append("%s %s" % (mark, cured))
        if not expected and covered:
            wrong.append("%s found at the default level" % mark)
        for i in covered:
            complaint = mark.complaint(found[i])
            if complaint:
                wrong.append("%s %s" % (mark, complaint))
    for i, finding in enumerate(found):
        if i not in explained:
            wrong.append("%(path)s:%(line)d: %(code)s not expected: %(message)s" % finding)
    return wrong


class FixtureTest(unittest.TestCase):
    maxDiff = None

    def check(self, fixture):
        if fixture.is_ahead:
            self.skipTest("limpet has no rule %s" % fixture.code)
        for level in "medium", "low":
            with self.subTest(level=level):
                wrong = judge(fixture, level)
                self.assertFalse(wrong, "\n" + "\n".join(wrong))


def add(fixture):
    def test(self):
        self.check(fixture)

    name = "test_%s_%s" % (fixture.folder.name, fixture.name)
    test.__doc__ = str(fixture)
    assert not hasattr(FixtureTest, name), name
    setattr(FixtureTest, name, test)


for each in support.fixtures():
    add(each)

if __name__ == "__main__":
    unittest.main()
