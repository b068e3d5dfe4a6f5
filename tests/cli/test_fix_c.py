"""--add-ignore and --fix in C: comments change, and nothing else."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import CliTest

HEAD = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n\n"
LEAK = """PyObject *
%s(PyObject *self, PyObject *thing)
{
    PyObject *text = PyObject_Str(thing);%s
    if (text == NULL)
        return NULL;
    return PyLong_FromSsize_t(PyUnicode_GetLength(text));
}
"""
IGNORE = "/* limpet: ignore[LMP603] known */"


class FixC(CliTest):
    def setUp(self):
        super().setUp()
        self.write("probe.c", HEAD + LEAK % ("probe", ""))
        run = self.run_limpet("--output-format", "json")
        os.unlink(os.path.join(self.dir, "probe.c"))
        if run.stderr:
            self.skipTest("C cannot be read here: %s" % run.stderr.decode())
        (self.place,) = json.loads(run.stdout)["findings"]
        self.assertEqual(self.place["code"], "LMP603")

    def read(self, name):
        return Path(self.dir, name).read_bytes().decode()

    def suppress(self, text, name="a.c"):
        """What --add-ignore makes of it; afterwards nothing is found."""
        self.write(name, text)
        self.assertIn("Suppressed ", self.limpet("--add-ignore=known", name))
        self.assertIn("No findings", self.limpet(name))
        return self.read(name)

    def test_behind_the_line(self):
        text = HEAD + LEAK % ("one", "") + LEAK % ("two", "")
        after = self.suppress(text)
        self.assertEqual(after.count("  " + IGNORE + "\n"), 2)
        self.assertEqual(after.replace("  " + IGNORE, ""), text)

    def test_above_where_the_line_ends_in_a_comment(self):
        text = HEAD + (LEAK % ("one", "  // of the caller")).replace("(text));", "(text));  // its length")
        after = self.suppress(text)
        self.assertEqual(after.count(IGNORE), 1)
        self.assertEqual(after.replace("    " + IGNORE + "\n", ""), text)

    def test_line_ends_and_encodings_stay(self):
        text = (HEAD + "/* caf\xe9 */\n" + LEAK % ("one", "")).replace("\n", "\r\n")
        after = self.suppress(text)
        self.assertEqual(after.replace("  " + IGNORE, ""), text)

    def test_a_reason_cannot_end_the_comment(self):
        self.write("a.c", HEAD + LEAK % ("one", ""))
        self.limpet("--add-ignore=a */ int x; /* b", "-q")
        self.assertIn("/* limpet: ignore[LMP603] a * / int x; /* b */", self.read("a.c"))
        self.assertIn("No findings", self.limpet())

    def test_a_macro_is_left_whole(self):
        text = HEAD + "#define RETURN_LENGTH(text) \\\n    return PyLong_FromSsize_t( \\\n        PyUnicode_GetLength(text))\n" + (
            LEAK % ("one", "")).replace("return PyLong_FromSsize_t(PyUnicode_GetLength(text));", "RETURN_LENGTH(text);")
        self.write("a.c", text)
        run = self.run_limpet("--add-ignore", "--output-format", "concise")
        after = self.read("a.c")
        self.assertIn("PyUnicode_GetLength(text))\n", after)
        self.assertIn("\\\n    return PyLong_FromSsize_t( \\\n", after)
        self.assertEqual(run.returncode, 0)

    def test_the_difference_alone(self):
        text = HEAD + LEAK % ("one", "")
        self.write("a.c", text)
        out = self.limpet("--add-ignore=known", "--diff", code=1)
        self.assertEqual([l for l in out.splitlines() if l.startswith("+") and l != "+++ a.c"],
                         ["+" + l + "  " + IGNORE for l in [text.splitlines()[self.place["line"] - 1]]])
        self.assertEqual(self.read("a.c"), text)

    def fix(self, text):
        self.write("a.c", text)
        self.limpet("--fix", "--extend-select", "LMP902", "-q", "--exit-zero")
        return self.read("a.c")

    def test_comments_that_cover_nothing_go(self):
        body = HEAD + "int\nzero(void)\n{\n%s    return 0;%s\n}\n"
        for comment, left in (
            ("/* limpet: ignore[LMP603] no more */", ""),
            ("// limpet: ignore[LMP603]", ""),
            ("/* limpet: ignore[LMP603, LMP602] both */", ""),
        ):
            with self.subTest(comment=comment):
                self.assertEqual(self.fix(body % ("", "  " + comment)), body % ("", left))
                self.assertEqual(self.fix(body % ("    " + comment + "\n", "")), body % ("", left))

    def test_a_code_of_several(self):
        text = HEAD + LEAK % ("one", "")
        kept = self.suppress(text)
        both = kept.replace("ignore[LMP603]", "ignore[LMP602, LMP603]")
        self.assertEqual(self.fix(both), kept)
        self.assertEqual(self.fix(kept.replace("ignore[LMP603]", "ignore[LMP603, LMP602]")), kept)

    def test_tokens_are_not_joined(self):
        text = HEAD + "int/* limpet: ignore[LMP603] */zero(void);\n"
        self.write("a.c", text)
        run = self.run_limpet("--fix", "--extend-select", "LMP902", "-q")
        self.assertEqual(self.read("a.c"), text)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"the result would be another program", run.stderr)


if __name__ == "__main__":
    unittest.main()
