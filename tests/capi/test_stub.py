"""limpet's own Python.h: the same findings as with Python's headers, and a note where these are missing."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import api_rows
import support

FIXTURES = support.FIXTURES
LEAK = """#include <Python.h>

int add(PyObject *list) {
    return PyList_Append(list, PyLong_FromLong(100000));
}
"""


def findings(*arguments, cwd=None):
    run = support.limpet("--isolated", "--min-confidence", "low", "--output-format", "json", "--exit-zero", *arguments, cwd=cwd)
    return json.loads(run.stdout)["findings"], run.stderr


def short(finding):
    return "%(path)s:%(line)d:%(column)d %(code)s %(message)s" % finding


def can_read_c():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.c").write_text(LEAK)
        return any(f["code"] == "LMP601" for f in findings("--python-include", "none", "a.c", cwd=folder)[0])


@unittest.skipUnless(can_read_c(), "libclang cannot be used here")
class StubTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="limpet-stub-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_same_findings_as_with_headers(self):
        folders = [folder for version, folder in api_rows.header_folders() if version >= 311]
        if not folders:
            self.skipTest("no headers of Python from 3.11 on")
        sources = sorted(path for path in FIXTURES.rglob("*") if path.suffix in (".c", ".cpp"))
        self.assertGreater(len(sources), 20)
        ours, _ = findings("--python-include", "none", *sources)
        theirs, _ = findings("--python-include", folders[0], *sources)
        self.assertGreater(len(ours), 50)
        self.assertEqual([short(f) for f in ours], [short(f) for f in theirs])
        self.assertEqual([f["fingerprint"] for f in ours], [f["fingerprint"] for f in theirs])

    def test_it_can_be_parsed(self):
        """Every declaration of it, in C and in C++."""
        for name in "all.c", "all.cpp":
            path = self.folder / name
            path.write_text("#include <Python.h>\n#include <structmember.h>\n#include <datetime.h>\nint x = Py_tp_free == 74;\n")
            for standard in ("-std=c99", "-std=gnu17", "-std=c23") if name == "all.c" else ("-std=c++11", "-std=c++23"):
                run = support.limpet("facts", "--python-include", "none", "--c-flags", standard, path)
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                self.assertNotIn("errors", run.stdout)
                self.assertIn("integer = 74", run.stdout)

    def test_numbers_are_pythons(self):
        """Constants that rules look at have the values of the headers."""
        folders = api_rows.header_folders()
        if not folders or not api_rows.compiler():
            self.skipTest("no headers of Python, or no compiler")
        names = ["Py_tp_dealloc", "Py_tp_traverse", "Py_tp_clear", "Py_tp_free", "Py_tp_members", "Py_tp_finalize", "Py_tp_del",
                 "Py_tp_init", "Py_tp_new", "Py_tp_call", "Py_tp_base", "Py_nb_add", "Py_sq_item", "Py_mp_length", "Py_am_await", "Py_mod_exec", "Py_mod_create",
                 "Py_TPFLAGS_HAVE_GC", "Py_TPFLAGS_HEAPTYPE", "Py_TPFLAGS_BASETYPE", "Py_TPFLAGS_TYPE_SUBCLASS", "METH_VARARGS",
                 "METH_KEYWORDS", "METH_NOARGS", "METH_O", "METH_CLASS", "METH_STATIC", "METH_FASTCALL", "T_OBJECT", "T_OBJECT_EX", "PyBUF_FULL_RO",
                 "PyBUF_CONTIG", "Py_EQ", "Py_NE", "T_NONE", "T_PYSSIZET", "T_BOOL"]
        include = folders[-1][1]
        main = "#include <Python.h>\n#include <structmember.h>\n#include <stdio.h>\nint main(void) {%s return 0; }\n" % "".join(
            'printf("%%ld\\n", (long)%s);' % name for name in names)
        command = [*api_rows.compiler(), "-x", "c", "-", "-o", str(self.folder / "probe"), "-w", "-I%s" % include]
        subprocess.run(command, input=main, text=True, check=True, capture_output=True)
        expected = subprocess.run([str(self.folder / "probe")], capture_output=True, text=True).stdout.split()
        self.assertEqual(len(expected), len(names))
        for wrong in 0, 1:
            checks = "".join('_Static_assert((long)%s == %s + %d, "");\n' % (n, v, wrong) for n, v in zip(names, expected))
            source = self.folder / "numbers.c"
            source.write_text("#include <Python.h>\n#include <structmember.h>\n" + checks)
            run = support.limpet("facts", "--python-include", "none", source)
            self.assertEqual(run.stdout.count("static assertion failed"), wrong * len(names), run.stdout)

    def test_the_note(self):
        """Where there is no Python.h at all: its directories are covered, in a room of our own."""
        path = self.folder / "m.c"
        path.write_text(LEAK)
        covered = [folder for parent in ("/usr/include", "/usr/local/include") for folder in Path(parent).glob("python3*")]
        cover = " && ".join(["true", *("mount -t tmpfs none %s" % folder for folder in covered)])
        environment = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        for unshare in ["unshare", "-m"], ["unshare", "-rm"]:
            command = [*unshare, "sh", "-c", cover + ' && exec "$0" "$@"', str(support.LIMPET), "--isolated", "--output-format", "concise", "m.c"]
            try:
                run = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
            except OSError:
                continue
            if "LMP601" in run.stdout:
                break
        else:
            self.skipTest("no room of our own can be had")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr, "limpet: no Python.h was found: C files were read with limpet's own declarations "
                                     "(install python3-dev, or use --python-include)\n")
        self.assertEqual(findings("--python-include", "none", "m.c", cwd=self.folder)[1], "", "who asked for them knows")


if __name__ == "__main__":
    unittest.main()
