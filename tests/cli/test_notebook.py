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

    def test_no_file_is_changed(self):
        text = notebook("x = 1  # limpet: ignore[LMP900]", LEAK)
        self.write("nb.ipynb", text)
        self.limpet("--fix", "--select", "LMP902,LMP900", code=1)
        self.assertIn("cannot change 'nb.ipynb': it is a notebook", self.fails("--add-ignore"))
        with open(os.path.join(self.dir, "nb.ipynb")) as f:
            self.assertEqual(f.read(), text)

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
