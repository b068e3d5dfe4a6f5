"""Jupyter notebooks: code cells as one program, commands of IPython left out, places by cell."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import CliTest

LEAK = ["SEEN = []\n", "\n", "def note(request):\n", "    SEEN.append(request)"]


def notebook(*cells, **metadata):
    """Cells: a string or list is code, a pair is (kind, text)."""
    rows = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        row = {"cell_type": kind, "metadata": {}, "source": source}
        rows.append(dict(row, execution_count=None, outputs=[]) if kind == "code" else row)
    return json.dumps({"cells": rows, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


class Notebooks(CliTest):
    def concise(self, *args, code=1):
        return self.limpet("--output-format", "concise", "-q", *args, code=code)

    def test_places_are_those_of_cells(self):
        self.write("nb.ipynb", notebook(("markdown", "# Title"), "import os\nimport sys\n", LEAK))
        self.assertTrue(self.concise().startswith("nb.ipynb:cell 3:4:5: LMP201 'nb.SEEN' keeps 'request'"), self.concise())
        out = self.limpet(code=1)
        self.assertIn("\n    4 |     SEEN.append(request)\n", out)
        self.assertIn("nb.ipynb:cell 3:1", out)
        (finding,) = json.loads(self.limpet("--output-format", "json", code=1))["findings"]
        self.assertEqual([finding[k] for k in ("path", "cell", "line", "column", "end_line")], ["nb.ipynb", 3, 4, 5, 4])
        self.assertEqual(finding["evidence"][0]["cell"], 3)

    def test_cells_are_one_program(self):
        self.write("nb.ipynb", notebook("SEEN = []", "def note(request):\n    SEEN.append(request)",
                                        "def forget(request):\n    SEEN.remove(request)", "note(1)\nforget(1)"))
        self.assertEqual(self.concise(code=0), "")

    def test_formats_that_know_lines_of_files_alone(self):
        self.write("nb.ipynb", notebook("x = 1", LEAK))
        self.assertIn("file=nb.ipynb,line=1,", self.limpet("--output-format", "github", code=1))
        sarif = json.loads(self.limpet("--output-format", "sarif", code=1))
        region = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
        self.assertEqual(region["startLine"], 1)

    def test_commands_are_left_out(self):
        cells = ["%matplotlib inline\n!pip install x\nimport os\n", "?os\nos?\nos??\n", "%%bash\nls $(pwd) |& cat",
                 "%%time\nx = 1\n", "%%html\n<b>", "files = !ls\nvalue = %env HOME\n",
                 "if os:\n    !ls\nelse:\n    %cd ..\n", 'text = """\n%s and\n!important\n"""\ny = (3\n% 2)\n', "a, b = 1, 2\nb != a\n"]
        self.write("nb.ipynb", notebook(*cells))
        self.assertEqual(self.limpet("--select", "LMP900", "-q"), "")
        self.write("broken.ipynb", notebook("x = 1", "y = $"))
        self.assertIn("broken.ipynb:cell 2:1:1: LMP900", self.concise("--select", "LMP900"))

    def test_suppression_and_baseline(self):
        self.write("nb.ipynb", notebook("x = 1", LEAK[:-1] + [LEAK[-1] + "  # limpet: ignore[LMP201]"]))
        self.assertEqual(self.concise(code=0), "")
        self.write("nb.ipynb", notebook(LEAK))
        self.limpet("--write-baseline", "-q")
        self.write("nb.ipynb", notebook("x = 1", ("markdown", "moved"), LEAK))
        self.assertEqual(self.concise(code=0), "")

    def test_other_shapes(self):
        old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": LEAK, "language": "python"}]}]}
        self.write("old.ipynb", json.dumps(old))
        self.write("text.ipynb", "\ufeff" + notebook("".join(LEAK).replace("\n", "\r\n"), language_info={"name": "python"}))
        self.write("julia.ipynb", notebook("x = $$", language_info={"name": "julia"}))
        self.write("r.ipynb", notebook("x <- $$", kernelspec={"language": "R"}))
        self.write("empty.ipynb", notebook())
        self.assertEqual([line.split(": ")[0] for line in self.concise().splitlines()],
                         ["old.ipynb:cell 1:4:5", "text.ipynb:cell 1:4:5"])

    def test_what_is_no_notebook(self):
        for name, text in (("a", b""), ("b", b"{"), ("c", b"[1, 2]"), ("d", b'{"cells": 3}'), ("e", b"\xff\xfe"),
                           ("f", b"[" * 100000), ("g", b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}')):
            self.write(name + ".ipynb", text)
        lines = self.concise().splitlines()
        self.assertEqual([line[:1] for line in lines], list("abcdefg"))
        for line in lines:
            self.assertIn(":1:1: LMP901 not a notebook: ", line)
        self.write("h.ipynb", '{"cells": [3, null, {"cell_type": 7}, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"]}]}')
        self.assertEqual(self.concise("h.ipynb", code=0), "")

    def read(self):
        with open(os.path.join(self.dir, "nb.ipynb"), newline="") as f:
            return f.read()

    def joined(self, text):
        """The sources of the code cells."""
        return ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]

    def suppress(self, text):
        """--add-ignore: nothing changes but by what is added."""
        self.write("nb.ipynb", text)
        self.assertIn("Suppressed 1 finding", self.limpet("--add-ignore=it is \"so\""))
        after = self.read()
        comment = '  # limpet: ignore[LMP201] it is \\"so\\"'
        self.assertEqual(after.replace(comment, ""), text)
        self.assertEqual(after.count(comment), 1)
        self.assertIn("No findings", self.limpet())
        return after

    def test_suppressions_are_written(self):
        for cells in (("x = 1", LEAK), ("x = 1", "".join(LEAK)), ("x = '\\u00e9\\ud83d\\ude00'\n", LEAK + ["\n", "y = 1"]),
                      (("markdown", "SEEN"), "%time x\n", "".join(LEAK).replace("\n", "\r\n")),
                      ("x = 1", ["s = 'caf\u00e9 \U0001f600 \\t'\n"] + LEAK)):
            for style in ({}, {"indent": 1}, {"ensure_ascii": False}, {"indent": "\t", "separators": (" , ", " : ")}):
                text = json.dumps(json.loads(notebook(*cells)), **style)
                with self.subTest(cells=cells, style=style):
                    self.suppress(text)
                    self.suppress("\ufeff \n" + text + "\n\n")

    def test_suppressions_above_a_line(self):
        long = LEAK[:-1] + ["    SEEN.append(request) \\\n", "\n"]
        self.write("nb.ipynb", notebook("x = 1", long))
        self.limpet("--add-ignore=so", "-q")
        self.assertEqual(self.joined(self.read())[1], "".join(LEAK[:-1]) + "    # limpet: ignore[LMP201] so\n" + "".join(long[-2:]))

    def test_comments_that_cover_nothing_go(self):
        for before, after in (
            (["x = 1  # limpet: ignore[LMP201]\n", "y = 2"], ["x = 1\n", "y = 2"]),
            (["x = 1\n", "# limpet: ignore[LMP201]\n", "y = 2"], ["x = 1\n", "y = 2"]),
            (["x = 1\n", "# limpet: ignore[LMP201]"], ["x = 1\n"]),
            ("x = 1  # limpet: ignore[LMP201]", "x = 1"),
        ):
            with self.subTest(before=before):
                self.write("nb.ipynb", notebook("z = 1", before))
                self.limpet("--fix", "--extend-select", "LMP902", "-q")
                self.assertEqual(self.joined(self.read()), ["z = 1", "".join(after)])

    def test_fixes_of_code_and_differences(self):
        code = ["class One:\n", "    def __new__(cls, *args):\n", "        return super().__new__(cls, *args)\n"]
        text = json.dumps(json.loads(notebook("x = 1", code)), indent=1)
        self.write("nb.ipynb", text)
        diff = self.run_limpet("--diff", "--unsafe-fixes", "--select", "LMP301").stdout.decode()
        if diff:
            subprocess.run(["git", "apply", "-p0"], cwd=self.dir, input=diff.encode(), check=True)
            changed = self.read()
            self.write("nb.ipynb", text)
            self.limpet("--fix", "--unsafe-fixes", "--select", "LMP301", "-q")
            self.assertEqual(self.read(), changed)
        self.write("nb.ipynb", json.dumps(json.loads(notebook("x = 1", LEAK)), indent=1))
        diff = self.limpet("--add-ignore=so", "--diff", code=1)
        subprocess.run(["git", "apply", "-p0"], cwd=self.dir, input=diff.encode(), check=True)
        self.assertIn("No findings", self.limpet())

    def test_what_cannot_be_changed_stays(self):
        text = notebook("x = 1", LEAK).replace('"source": "x = 1"', '"source": "x = 2", "source": "x = 1"')
        self.write("nb.ipynb", text)
        self.assertIn("cannot change 'nb.ipynb': its cells cannot be changed at this place", self.fails("--add-ignore"))
        self.assertEqual(self.read(), text)

    def test_reports_carry_no_edits_of_joined_cells(self):
        self.write("nb.ipynb", notebook("x = 1  # limpet: ignore[LMP201]"))
        out = self.limpet("--extend-select", "LMP902", "--output-format", "sarif", code=1)
        self.assertNotIn('"fixes"', out)

    def test_staged_and_named(self):
        git = lambda *args: subprocess.run(["git", *args], cwd=self.dir, check=True, stdout=subprocess.DEVNULL)
        git("init", "-q", ".")
        self.write("nb.ipynb", notebook("x = 1", LEAK))
        git("add", "-A")
        self.write("nb.ipynb", notebook("x = 1"))
        self.assertIn("    4 |     SEEN.append(request)\n", self.limpet("--staged", code=1))
        self.write("nb.ipynb", notebook("x = 1", LEAK))
        out = self.limpet("--stdin-filename", "nb.ipynb", "-", stdin=notebook("x = 1", LEAK).encode(), code=1)
        self.assertIn("nb.ipynb:cell 2:4:5: LMP201", out)
        self.assertIn("    4 |     SEEN.append(request)\n", out)


if __name__ == "__main__":
    unittest.main()
