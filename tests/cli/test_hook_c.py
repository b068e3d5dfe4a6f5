"""C extensions in --since, --staged and --hook, and in the cache: headers belong to the state that is looked at."""

import json
import os
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_hook import LEAK, GitTest

HEAD = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n"
# One reference is lost when KEEP() keeps it and nothing else releases it.
HEADER = "#define DROP(x) Py_DECREF(x)\n"
LEAKY_HEADER = "#define DROP(x) ((void)(x))\n"
UNIT = """%s#include "drop.h"

PyObject *
length(PyObject *self, PyObject *thing)
{
    PyObject *text = PyObject_Str(thing);
    if (text == NULL)
        return NULL;
    Py_ssize_t n = PyUnicode_GetLength(text);
    DROP(text);
    return PyLong_FromSsize_t(n);
}
""" % HEAD
FOUND = [("unit.c", "LMP603")]


def leak(name):
    return UNIT.replace("length", name).replace("DROP(text);", "").replace('#include "drop.h"\n', "")


class CTest(GitTest):
    def setUp(self):
        super().setUp()
        self.write("probe.c", leak("probe"))
        run = self.run_limpet("probe.c", "--no-cache", "--output-format", "json")
        os.unlink(os.path.join(self.dir, "probe.c"))
        if run.stderr:
            self.skipTest("C cannot be read here: %s" % run.stderr.decode())
        self.assertEqual([f["code"] for f in json.loads(run.stdout)["findings"]], ["LMP603"])

    def save(self, **files):
        for name, text in files.items():
            self.write(name.replace("_", "."), text)
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", "x")

    def stage(self, **files):
        for name, text in files.items():
            self.write(name.replace("_", "."), text)
        self.git("add", "-A")


class States(CTest):
    def test_a_staged_leak(self):
        self.save(unit_c=UNIT, drop_h=HEADER)
        self.stage(more_c=leak("more"))
        self.assertEqual(self.found("--hook"), [("more.c", "LMP603")])
        self.assertEqual(self.found("--staged"), [("more.c", "LMP603")])
        self.assertEqual(self.found("--since", "HEAD"), [("more.c", "LMP603")])

    def test_old_leaks_are_silent(self):
        self.save(unit_c=leak("old"), a_py="x = 1\n")
        self.stage(unit_c="/* moved down */\n\n" + leak("old"))
        self.silent()
        self.git("mv", "unit.c", "other.c")
        self.silent()
        self.assertEqual(self.found("--since", "HEAD"), [])

    def test_a_header_makes_the_leak(self):
        self.save(unit_c=UNIT, drop_h=HEADER)
        self.stage(drop_h=LEAKY_HEADER)
        self.assertEqual(self.found("--hook"), FOUND)
        self.assertEqual(self.found("--since", "HEAD"), FOUND)

    def test_the_index_counts_and_not_the_disk(self):
        self.save(unit_c=UNIT, drop_h=HEADER, a_py="x = 1\n")
        self.stage(a_py="x = 2\n")
        self.write("drop.h", LEAKY_HEADER)  # not staged
        self.silent()
        self.git("add", "drop.h")
        self.write("drop.h", HEADER)  # mended on disk alone
        self.assertEqual(self.found("--hook"), FOUND)
        self.assertEqual(self.found("--since", "HEAD"), [])
        os.unlink(os.path.join(self.dir, "drop.h"))
        self.assertEqual(self.found("--hook"), FOUND)
        self.write("unit.c", "int x;\n")
        self.assertEqual(self.found("--hook"), FOUND)

    def test_the_base_has_its_own_headers(self):
        self.save(unit_c=UNIT, drop_h=LEAKY_HEADER)
        self.stage(drop_h=LEAKY_HEADER + "/* more */\n", unit_c=UNIT + "\n")
        self.silent()  # it leaked before
        self.stage(drop_h=HEADER)
        self.silent()

    def test_headers_in_directories_and_untracked_ones(self):
        self.write("src/unit.c", UNIT.replace("drop.h", "inner/drop.h"))
        self.write("src/inner/drop.h", '#include "config.h"\n#ifdef LOSE\n%s#else\n%s#endif\n' % (LEAKY_HEADER, HEADER))
        self.write("src/config.h", "")
        self.write(".gitignore", "config.h\n")
        self.save()
        self.write("src/config.h", "#define LOSE\n")  # not git's: as it lies on disk, for both
        self.stage(a_py="x = 1\n")
        self.silent()
        self.assertEqual(self.found("--no-cache"), [("src/unit.c", "LMP603")])

    def test_c_beside_python(self):
        self.save(unit_c=leak("old"), a_py="x = 1\n")
        self.stage(b_py=LEAK)
        self.assertEqual(self.found("--hook"), [("b.py", "LMP201")])

    def test_c_that_has_nothing_to_do_with_python(self):
        self.save(a_py="x = 1\n", plain_c="int main(void) { return 0; }\n")
        self.stage(plain_c="int main(void) { return 1; }\n")
        self.silent()

    def test_reports_show_the_staged_text(self):
        self.save(a_py="x = 1\n")
        self.stage(unit_c=leak("more"))
        self.write("unit.c", "/* nothing */\n")
        out = self.limpet("--hook", code=1)
        self.assertIn("PyObject_Str(thing)", out)


class Cached(CTest):
    def environment(self, **more):
        env = super().environment(**more)
        env.pop("LIMPET_NO_CACHE", None)
        return env

    def missing(self, *options):
        """How many units and files were read anew."""
        said = self.run_limpet("-v", *options).stderr.decode()
        return int(said.split("limpet: cache: ")[1].split(" found, ")[1].split(" missing")[0])

    def test_what_a_unit_depends_on(self):
        self.stage(unit_c=UNIT, drop_h=HEADER, other_c=leak("other"))
        self.assertEqual(self.found(), [("other.c", "LMP603")])
        self.assertEqual(self.missing(), 0)
        self.write("drop.h", LEAKY_HEADER)
        self.assertEqual(self.found(), [("other.c", "LMP603"), ("unit.c", "LMP603")])
        self.assertEqual(self.missing(), 0)
        self.write("other.c", UNIT.replace("length", "other"))
        self.assertEqual(self.found(), [("other.c", "LMP603"), ("unit.c", "LMP603")])
        self.write("drop.h", HEADER)
        self.assertEqual(self.found(), [])

    def test_a_header_that_appears(self):
        self.stage(unit_c=UNIT)
        first = self.found()
        self.assertEqual(self.found(), first)
        self.write("include/drop.h", LEAKY_HEADER)
        self.assertEqual(self.found(), self.found("--no-cache"))
        self.assertEqual(self.found(), FOUND)
        self.write("drop.h", HEADER)  # nearer
        self.assertEqual(self.found(), [])

    def test_a_header_outside_of_the_project(self):
        outside = os.path.join(self.dir, "outside")
        self.write("outside/drop.h", HEADER)
        self.write("in/unit.c", UNIT)
        options = ("in", "--c-flags=-I%s" % outside)
        self.assertEqual(self.found(*options), [])
        self.write("outside/drop.h", LEAKY_HEADER)
        self.assertEqual(self.found(*options), [("in/unit.c", "LMP603")])
        self.assertEqual(self.found(*options, "--c-flags=-DDROP_IT"), [("in/unit.c", "LMP603")])

    def test_the_same_with_and_without(self):
        self.save(unit_c=UNIT, drop_h=HEADER)
        for edit in ({"drop_h": LEAKY_HEADER}, {"more_c": leak("more")}, {"drop_h": HEADER}, {"unit_c": leak("now")}):
            self.stage(**edit)
            plain = self.found("--hook", "--no-cache")
            for _ in range(3):
                self.assertEqual(self.found("--hook"), plain, edit)
            if plain:
                said = self.run_limpet("--hook", "-v").stderr.decode()
                self.assertIn("the findings of 'HEAD' are remembered", said)
            self.git("commit", "-q", "--no-verify", "-m", "x")

    def test_damage(self):
        self.stage(unit_c=UNIT, drop_h=LEAKY_HEADER)
        self.assertEqual(self.found(), FOUND)
        folder = Path(self.dir, ".limpet_cache")
        for part in range(1, 8):
            (file,) = folder.glob("facts-*")
            whole = file.read_bytes()
            at = len(whole) * part // 8
            file.unlink()
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
            self.assertEqual(self.found(), FOUND)
            shutil.rmtree(folder)
            self.assertEqual(self.found(), FOUND)


if __name__ == "__main__":
    unittest.main()
