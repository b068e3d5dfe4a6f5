"""The C front end: what `limpet facts` prints of a unit, which files are read, and what goes wrong."""

import json
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
INCLUDE = SOURCES / "include"
BLESS = os.environ.get("BLESS") == "1"

LEAK = """#include <Python.h>

int add(PyObject *list) {
    return PyList_Append(list, PyLong_FromLong(100000));
}
"""


def can_read_c():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.c").write_text(LEAK)
        run = support.limpet("--isolated", "--python-include", INCLUDE, "a.c", cwd=folder)
        return "LMP601" in run.stdout


@unittest.skipUnless(can_read_c(), "libclang cannot be used here")
class FrontTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="limpet-capi-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def limpet(self, *arguments, env=None):
        return support.limpet("--isolated", "--python-include", INCLUDE, *arguments, cwd=self.folder, env=env)

    def findings(self, *arguments):
        run = self.limpet("--output-format", "json", "--exit-zero", *arguments)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return json.loads(run.stdout)["findings"]

    def codes(self, *arguments):
        return [(f["path"], f["line"], f["code"]) for f in self.findings(*arguments)]

    def test_what_is_printed(self):
        for source in sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.cpp")]):
            with self.subTest(source.name):
                run = support.limpet("facts", "--python-include", "include", source.name, cwd=SOURCES)
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                golden = source.with_suffix(".facts")
                if BLESS:
                    golden.write_text(run.stdout)
                self.assertEqual(run.stdout, golden.read_text())

    def test_only_c_files_that_reach_python_are_read(self):
        self.write("src/plain.c", "int main(void) { return 0; }\n")
        self.write("src/direct.c", LEAK)
        self.write("src/by_header.c", LEAK.replace("<Python.h>", '"deep/project.h"'))
        self.write("include/deep/project.h", '#include "../deep/other.h"\n')
        self.write("include/deep/other.h", "#include <Python.h>\n")
        run = self.limpet("--show-files", ".")
        headers = ["include/deep/other.h", "include/deep/project.h"]
        self.assertEqual(run.stdout.split(), headers + ["src/by_header.c", "src/direct.c"])
        self.assertEqual(
            self.codes("."), [("src/by_header.c", 4, "LMP601"), ("src/direct.c", 4, "LMP601")]
        )

    def test_headers_that_include_each_other(self):
        self.write("a.h", '#include "b.h"\n')
        self.write("b.h", '#include "a.h"\n')
        self.write("m.c", '#include "a.h"\n')
        self.assertEqual(self.limpet("--show-files", ".").stdout, "")

    def test_sources_in_cxx(self):
        for end in "cc", "cpp", "cxx", "C", "c++":
            with self.subTest(end):
                path = self.write("m." + end, LEAK.replace("int add", "struct A {};\nA a() { return A(); }\nint add"))
                self.assertEqual(self.codes("."), [("m." + end, 6, "LMP601")])
                path.unlink()
        self.write("m.hpp", LEAK.replace("int add", "inline int add"))
        self.write("m.cc", '#include "m.hpp"\n')
        self.write("missing.cc", LEAK + '#include "nowhere.h"\nint g(PyObject *o) { THING *t = make_thing(o); return t ? FLAG : 0; }\n')
        self.assertEqual(self.codes("missing.cc"), [("missing.cc", 4, "LMP601")])
        (self.folder / "missing.cc").unlink()
        self.write("plain.cc", "int main() { return 0; }\n")
        self.assertEqual(self.codes("."), [("m.hpp", 4, "LMP601")])
        self.assertEqual(self.limpet("--show-files", ".").stdout.split(), ["m.cc", "m.hpp"])

    def test_sources_in_cxx_that_say_nothing_to_python(self):
        self.write("api.hpp", "#include <Python.h>\nint count(PyObject *list);\n")
        self.write("speaks.cc", LEAK.replace("<Python.h>", '"api.hpp"'))
        self.write("silent.cc", '#include "api.hpp"\nint twice(PyObject *list) { return 2 * count(list); }\n')
        self.write("same.c", '#include "api.hpp"\nint twice(PyObject *list) { return 2 * count(list); }\n')
        self.assertEqual(self.limpet("--show-files", ".").stdout.split(), ["api.hpp", "same.c", "speaks.cc"])
        self.write("inner.hpp", LEAK.replace("int add", "inline int add_too"))
        for name in "silent", "other":
            self.write(name + ".cc", '#include "inner.hpp"\nint twice(int n) { return 2 * n; }\n')
        self.assertEqual(self.limpet("--show-files", "--exclude", "same.c", ".").stdout.split(),
                         ["api.hpp", "inner.hpp", "other.cc", "speaks.cc"], "one shows the header")
        self.assertEqual(self.codes("."), [("inner.hpp", 4, "LMP601"), ("speaks.cc", 4, "LMP601")])

    def test_the_library_of_cxx_is_read_once_for_all(self):
        text = LEAK.replace("\n\n", "\n#include <%s>\n%s\n", 1)
        inner = "static std::%s text;\n#define text 1\n"
        for i, (header, name) in enumerate((("string", "string"), ("vector", "vector<int>"), ("map", "map<int, int>"))):
            self.write("m%d.cc" % i, text % (header, inner % name))
        self.write("old.cc", text % ("no_such_header", "using std::string;"))
        self.write("feature.cc", "#define PY_SSIZE_T_CLEAN\n" + text % ("utility", "#define string vector"))
        together = self.codes(".")
        self.assertEqual([code for _, _, code in together], ["LMP601"] * 5)
        for path, line, code in together:
            with self.subTest(path):
                self.assertEqual(self.codes(path), [(path, line, code)])

    def test_features_that_nobody_defines(self):
        hidden = LEAK.split("\n", 1)[1]
        for condition, is_read in (
            ("#ifdef HAVE_ZLIB", True), ("#if defined(HAVE_ZLIB)", True), ("# if defined HAVE_ZLIB /* so */", True),
            ("#if WITH_ZLIB // so", True), ("#ifdef _WIN32", False), ("#ifdef PYPY_VERSION", False), ("#if 0", False),
            ("#if PY_VERSION_HEX > 0x04000000", False), ("#ifdef THING_FAULT_INJECT", False), ("#ifdef HAVE_DEBUG", False),
            ("#ifdef SQLITE_ENABLE_SESSION", True), ("#ifdef DO_IT", False), ("#if defined(A) && defined(B)", False), ("#ifndef HAVE_ZLIB\n#else", False),
        ):
            with self.subTest(condition):
                self.write("m.c", "#include <Python.h>\n%s\n%s#endif\n" % (condition, hidden))
                self.assertEqual([c for _, _, c in self.codes("m.c")], ["LMP601"] if is_read else [])
        inner = "#include <Python.h>\n#ifdef HAVE_A\n#ifdef HAVE_B\n%s#endif\n#endif\n" % hidden
        self.write("m.c", inner)
        self.assertEqual([c for _, _, c in self.codes("m.c")], ["LMP601"], "one inside of another")
        self.write("compile_commands.json", json.dumps([{"directory": str(self.folder), "file": "m.c", "command": "cc m.c"}]))
        self.assertEqual(self.codes("m.c"), [], "the build says that it is not there")

    def test_a_feature_that_breaks_more_than_it_shows(self):
        text = LEAK + "#ifdef HAVE_IT\nint broken(PyObject *o) { PyList_Append(o, Py_BuildValue(\"i\", missing.field.other)); }\n#define add add(\n#endif\n"
        self.write("m.c", "#include <Python.h>\n#ifdef HAVE_IT\n#define list )(\nint x = PyList_Append(0, 0);\n#endif\n" + text)
        self.assertEqual([c for _, _, c in self.codes("m.c")], ["LMP601"])
        self.write("m.c", "#ifdef A\n" * 3000 + LEAK)
        self.assertEqual(self.codes("m.c"), [])

    def test_findings_in_what_is_included(self):
        self.write("whole.c", '#include <Python.h>\n#include "part.c"\n#include "table.h"\n')
        self.write("part.c", LEAK)
        self.write("table.h", LEAK.replace("int add", "static inline int add_too"))
        self.write("other.c", '#include "table.h"\n')
        self.assertEqual(self.codes("."), [("part.c", 4, "LMP601"), ("table.h", 4, "LMP601")])
        self.write("table.h", "/* limpet: file-ignore[LMP601] */\n")
        self.assertEqual(self.codes("."), [("part.c", 4, "LMP601")])

    def test_python_files_beside_have_their_own_names(self):
        self.write("thing.py", "import thing\n\ndef f():\n    return thing\n")
        self.write("thing.c", LEAK)
        self.assertEqual(self.codes("."), [("thing.c", 4, "LMP601")])

    def test_any_number_of_threads_and_any_order(self):
        for i in range(7):
            self.write("m%d.c" % i, LEAK)
        one = self.limpet("-j1", ".").stdout
        self.assertEqual(one.count("LMP601"), 7)
        self.assertEqual(self.limpet("-j4", "m6.c", "m1.c", ".").stdout, one)

    def test_suppression(self):
        call = "    return PyList_Append(list, PyLong_FromLong(100000));\n"
        for comment, above in (
            ("/* limpet: ignore[LMP601] kept on purpose */", True),
            ("// limpet: ignore[LMP601]", True),
            ("/* limpet: ignore[new-reference-dropped] */", False),
            ("// limpet: ignore[LMP6]", False),
        ):
            text = LEAK.replace(call, "    %s\n%s" % (comment, call) if above else call[:-1] + " %s\n" % comment)
            with self.subTest(comment=comment, above=above):
                self.write("m.c", text)
                self.assertEqual(self.codes("m.c", "--extend-select", "LMP902"), [])
        self.write("m.c", LEAK + "/* limpet: ignore[LMP602] */\nint x;\n")
        self.assertEqual([c for _, _, c in self.codes("m.c", "--extend-select", "LMP902")], ["LMP601", "LMP902"])

    def test_file_suppression_and_words_in_strings(self):
        self.write("m.c", "/* limpet: file-ignore[LMP601] */\n" + LEAK)
        self.assertEqual(self.codes("m.c"), [])
        self.write("m.c", 'const char *s = "/* limpet: file-ignore[LMP601] */";\n' + LEAK)
        self.assertEqual([c for _, _, c in self.codes("m.c")], ["LMP601"])

    def test_every_format_shows_it(self):
        self.write("m.c", LEAK)
        for name in "full", "concise", "json":
            with self.subTest(format=name):
                self.assertIn("LMP601", self.limpet("--output-format", name, "m.c").stdout)

    def test_places_in_text_that_is_no_utf8(self):
        leak = LEAK.replace("    return", "/* \xe9 */ return").encode("latin-1")
        self.write("m.c", b"/* caf\xe9 caf\xe9 caf\xe9 */\n" + leak)
        found = self.findings("m.c")
        self.assertEqual([(f["line"], f["column"]) for f in found], [(5, 36)])

    def test_hostile_texts(self):
        texts = {
            "empty": "#include <Python.h>\n",
            "open_comment": LEAK + "/* limpet: ignore[",
            "open_string": LEAK + '"\\',
            "brackets": LEAK + "int f(void) { return " + "(" * 5000 + "1" + ")" * 5000 + "; }\n",
            "braces": LEAK + "void g(void) " + "{" * 3000 + "}" * 3000 + "\n",
            "sum": LEAK + "int h(void) { return " + "+".join(["1"] * 20000) + "; }\n",
            "elses": LEAK + "int k(int x) {" + "".join("if (x == %d) return %d; else " % (i, i) for i in range(2000)) + "return 0; }\n",
            "nul": LEAK + "\0\0\0",
            "itself": '#include "itself.c"\n' + LEAK,
            "rings": LEAK + "void use(void *);\nvoid r(void) { void *p = &p, *q; use(p); p = &q; q = &p; use(q); use(&p); }\n",
            "deep.cc": LEAK.replace(".c", "") + "int f(int x) { return [&] { return " * 400 + "1" + "; }(); }" * 400,
            "classes.cc": LEAK + "class A {" * 900 + "};" * 900,
            "templates.cc": LEAK + "template <int n> int t() { return t<n + 1>(); }\nint z = t<0>();\n",
            "unfinished.cc": LEAK + "namespace { class X : Y<Z> { operator",
            "macro": LEAK + "#define A A A A\n#define B(x) B(B(x)) x\nint y = A B(B(3));\n",
        }
        for name, text in texts.items():
            self.write(name if "." in name else name + ".c", text)
        self.write("binary.c", b"#include <Python.h>\n" + bytes(range(256)) * 50)
        run = self.limpet("--output-format", "json", "--exit-zero", ".")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        found = {f["path"] for f in json.loads(run.stdout)["findings"] if f["code"] == "LMP601"}
        lapsed = {f["path"] for f in json.loads(run.stdout)["findings"] if f["code"] == "LMP904"}
        self.assertLessEqual({"open_comment.c", "open_string.c", "macro.c"}, found)
        self.assertLessEqual({name if "." in name else name + ".c" for name in texts} - {"empty.c", "itself.c", "nul.c"}, found | lapsed)

    def test_nothing_is_left_behind(self):
        room = self.folder / "tmp"
        room.mkdir()
        self.write("m.c", LEAK)
        self.limpet("m.c", env={**os.environ, "TMPDIR": str(room)})
        self.assertEqual(list(room.iterdir()), [])

    def test_no_room_for_temporary_files(self):
        self.write("m.c", LEAK)
        run = self.limpet("m.c", env={**os.environ, "TMPDIR": "/nonexistent"})
        self.assertEqual(run.stderr, "limpet: C files were not checked: no temporary files can be written\n")
        self.assertEqual(run.returncode, 0)


class WithoutTest(unittest.TestCase):
    def test_no_headers_of_python(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "m.c").write_text(LEAK)
            Path(folder, "m.py").write_text("x = 1\n")
            run = support.limpet("--isolated", "--python-include", "/nonexistent", ".", cwd=folder)
            self.assertEqual(run.returncode, 0)
            self.assertTrue(run.stderr.startswith("limpet: C files were not checked: "), run.stderr)

    def test_a_scan_without_c_starts_no_helper(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "m.py").write_text("x = 1\n")
            Path(folder, "plain.c").write_text("int x;\n")
            env = {**os.environ, "TMPDIR": "/nonexistent"}
            run = support.limpet("--isolated", "--python-include", "/nonexistent", ".", cwd=folder, env=env)
            self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
