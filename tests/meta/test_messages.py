"""How findings are worded, over all fixtures."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

QUOTED = re.compile(r"'[^']*'")
RETENTION = re.compile(r"\S.* keeps \S.* alive until \S")
HAZARD = re.compile(r"\S.* when \S")
# What only a name looks like: a.b, a_b, a(), CamelCase. Codes and versions of Python are none.
NAME = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\b[A-Za-z]+_\w+|\b\w+\(\)|\b[A-Z][a-z]+[A-Z]\w*")


class MessageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        options = ["--select", "ALL", "--min-confidence", "low"]
        cls.found = cls.together = support.findings(*options, "fixtures")
        for fixture in support.fixtures():
            if fixture.options:
                path = str(fixture.path.relative_to(support.REPO))
                found = support.findings(*options, *fixture.options, path)
                cls.found = [f for f in cls.found if f["path"] != path and not f["path"].startswith(path + "/")] + found

    def each(self):
        for finding in self.found:
            with self.subTest(at="%(path)s:%(line)d" % finding, message=finding["message"]):
                yield finding

    def test_fixtures_have_findings_of_every_rule_with_fixtures(self):
        there = [fixture for fixture in support.fixtures() if not fixture.is_ahead]
        marked = {m.code for fixture in there for m in fixture.marks if m.kind == "expect"}
        self.assertTrue(marked)
        self.assertLessEqual(marked, {finding["code"] for finding in self.found})

    def test_messages_begin_low_and_end_open(self):
        for finding in self.each():
            message = finding["message"]
            self.assertTrue(message[0] in "'" or not message[0].isupper(), message)
            self.assertNotIn(message[-1], ".!:,; ")
            self.assertEqual(message, message.strip())
            self.assertNotIn("\n", message)

    def test_names_are_in_quotes(self):
        for finding in self.each():
            message = finding["message"]
            self.assertNotIn("`", message)
            self.assertNotIn('"', QUOTED.sub("", message))
            self.assertEqual(message.count("'") % 2, 0, "a quote is open")
            self.assertIsNone(NAME.search(QUOTED.sub("", message)))

    def test_messages_say_who_keeps_what_until_when(self):
        for finding in self.each():
            if finding["code"].startswith("LMP9"):
                continue  # about files and comments
            shape = HAZARD if finding["effect"] == "hazard" else RETENTION
            self.assertRegex(finding["message"], shape)

    def test_findings_carry_their_evidence(self):
        for finding in self.each():
            if finding["code"].startswith("LMP9"):
                continue
            self.assertTrue(finding["evidence"])
            self.assertTrue(finding["help"])
            self.assertNotEqual(finding["help"][-1], ".")
            self.assertTrue(finding["scope"])
            self.assertTrue(finding["fingerprint"])

    def test_fingerprints_are_distinct(self):
        """In one run: an ordinal tells findings apart that are alike, wherever their files are."""
        prints = [finding["fingerprint"] for finding in self.together]
        self.assertEqual(len(prints), len(set(prints)))


if __name__ == "__main__":
    unittest.main()
