"""The rules themselves: every one has fixtures, and the examples of its page are what they claim."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

# Their causes cannot stand in a small file: tests of the command line speak of them.
WITHOUT_FIXTURES = {"LMP904", "LMP905"}
FENCE = re.compile(r"^```(\w+) (bad|good)\n(.*?)^```$", re.M | re.S)


# An example of several files has the name of each above it.
FILE = re.compile(r"^# (\w+\.py)\n", re.M)


def files_of(source):
    parts = FILE.split(source)
    return [("service.py", source)] if len(parts) == 1 else list(zip(parts[1::2], parts[2::2]))


class Page:
    """A rule's file: its code and its examples, read from the head comment."""

    def __init__(self, path):
        self.path = path
        text = path.read_text()
        self.code = re.match(r"(lmp\d+)_", path.name).group(1).upper()
        head = text[: text.index("*/")]
        lines = [re.sub(r"^(/\*| \*) ?", "", line) for line in head.split("\n")]
        self.examples = FENCE.findall("\n".join(lines))

    def codes_in(self, source):
        with tempfile.TemporaryDirectory() as folder:
            # No name that says "test" or "example": such files end in seconds, and rules know that.
            for name, text in files_of(source):
                Path(folder, name).write_text(text)
            found = support.findings("--extend-select", self.code, ".", cwd=folder)
        return {finding["code"] for finding in found}


def pages():
    return [Page(path) for path in sorted((support.REPO / "rules").glob("*/*.c"))]


class RuleTest(unittest.TestCase):
    def test_every_rule_has_fixtures(self):
        codes = [page.code for page in pages()]
        self.assertTrue(codes)
        self.assertEqual(len(codes), len(set(codes)))
        marked = {m.code for fixture in support.fixtures() for m in fixture.marks if m.kind == "expect"}
        for code in codes:
            if code not in WITHOUT_FIXTURES:
                self.assertIn(code, marked, "no fixture expects %s" % code)
                if not code.startswith("LMP9"):
                    self.assertTrue((support.FIXTURES / code).is_dir(), code)

    def test_fixture_folders_belong_to_rules(self):
        codes = {page.code for page in pages()}
        for fixture in support.fixtures():
            if fixture.code and not fixture.is_ahead:
                self.assertIn(fixture.code, codes)

    def test_every_rule_is_listed_and_explained(self):
        listed = support.limpet("rules").stdout
        for page in pages():
            self.assertIn(page.code, listed)
            explained = support.limpet("rule", page.code)
            self.assertEqual(explained.returncode, 0, explained.stderr)
            self.assertIn("## Example", explained.stdout)

    def test_every_page_has_a_bad_and_a_good_example(self):
        for page in pages():
            kinds = [kind for _, kind, _ in page.examples]
            self.assertIn("bad", kinds, page.path)
            self.assertIn("good", kinds, page.path)

    def test_examples_are_what_they_claim(self):
        for page in pages():
            for language, kind, source in page.examples:
                if language != "python":
                    continue
                with self.subTest(code=page.code, kind=kind):
                    codes = page.codes_in(source)
                    self.assertEqual(codes, {page.code} if kind == "bad" else set(), source)

    def test_only_tool_rules_have_examples_that_are_no_python(self):
        for page in pages():
            for language, _, _ in page.examples:
                allowed = {"text", "python"} if page.code.startswith("LMP9") else {"python", "c"}
                self.assertIn(language, allowed, page.path)


if __name__ == "__main__":
    unittest.main()
