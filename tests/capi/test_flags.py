"""Flags of C units: from compile_commands.json and --c-flags, and what a hostile one can do."""

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
INCLUDE = HERE / "sources" / "include"

# A finding at line 5 only when _LEAKS is defined.
SWITCHED = """#include <Python.h>
#ifdef _LEAKS
int add(PyObject *list)
{
    return PyList_Append(list, PyLong_FromLong(100000));
}
#endif
"""


def can_read_c():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.c").write_text(SWITCHED.replace("#ifdef _LEAKS", "#if 1"))
        run = support.limpet("--isolated", "--python-include", INCLUDE, "a.c", cwd=folder)
        return "LMP601" in run.stdout


@unittest.skipUnless(can_read_c(), "libclang cannot be used here")
class FlagsTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="limpet-flags-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("m.c", SWITCHED)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    def limpet(self, *arguments, cwd=None):
        return support.limpet(
            "--isolated", "--no-cache", "--python-include", INCLUDE, "--output-format", "concise", "--exit-zero", *arguments,
            cwd=cwd or self.folder)

    def finds(self, *arguments, cwd=None):
        run = self.limpet(*arguments, cwd=cwd)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return "LMP601" in run.stdout

    def entry(self, *flags, **more):
        return {"directory": str(self.folder), "file": "m.c", "arguments": ["cc", *flags, "-c", "m.c"], **more}

    def database(self, *entries, path="compile_commands.json"):
        self.write(path, list(entries))

    # ---- where it is looked for ----

    def test_without_one(self):
        self.assertFalse(self.finds("."))

    def test_beside_the_unit_and_in_build(self):
        for path in "compile_commands.json", "build/compile_commands.json":
            with self.subTest(path):
                self.database(self.entry("-D_LEAKS"), path=path)
                self.assertTrue(self.finds("."))
                self.assertTrue(self.finds("m.c"))
                (self.folder / path).unlink()

    def test_above_the_unit_as_far_as_the_project_reaches(self):
        self.write("deep/er/m.c", SWITCHED)
        self.database(self.entry("-D_LEAKS", file="deep/er/m.c"))
        self.assertTrue(self.finds("deep/er/m.c"))
        self.assertFalse(self.finds("m.c", cwd=self.folder / "deep" / "er"), "above where limpet was called")
        (self.folder / ".git").mkdir()
        self.assertTrue(self.finds("m.c", cwd=self.folder / "deep" / "er"), "up to the top of the repository")
        (self.folder / "deep" / ".git").mkdir()
        self.assertFalse(self.finds("m.c", cwd=self.folder / "deep" / "er"), "above the repository")

    def test_the_nearest_one_counts(self):
        self.write("part/m.c", SWITCHED)
        self.database(self.entry("-D_LEAKS", file="part/m.c"))
        self.write("part/compile_commands.json", [])
        self.assertFalse(self.finds("."))

    def test_named_on_the_command_line(self):
        self.database(self.entry("-D_LEAKS"), path="elsewhere/commands.json")
        self.assertTrue(self.finds("--compile-commands", "elsewhere/commands.json", "."))
        run = self.limpet("--compile-commands", "nowhere.json", ".")
        self.assertEqual(run.stderr, "limpet: 'nowhere.json' cannot be used: No such file or directory\n")

    def test_in_a_configuration_file(self):
        self.database(self.entry("-D_LEAKS"), path="out/commands.json")
        self.write("limpet.toml", 'compile-commands = "out/commands.json"\n')
        run = support.limpet("--python-include", INCLUDE, ".", cwd=self.folder)
        self.assertIn("LMP601", run.stdout)
        self.write("limpet.toml", 'c-flags = ["-D_LEAKS"]\n')
        run = support.limpet("--python-include", INCLUDE, ".", cwd=self.folder)
        self.assertIn("LMP601", run.stdout)

    def test_c_flags(self):
        self.assertTrue(self.finds("--c-flags", "-D_LEAKS", "."))
        self.assertTrue(self.finds("--c-flags=-DA,-D_LEAKS=1", "."))
        self.write("flags/on.h", "#define _LEAKS\n")
        self.assertTrue(self.finds("--c-flags=-Iflags,-include,on.h", "."))
        self.database(self.entry("-D_LEAKS"))
        self.assertFalse(self.finds("--c-flags=-U_LEAKS", "."), "those of the user come last")

    # ---- what it says ----

    def test_forms_of_flags(self):
        self.write("inc/on.h", "#define _LEAKS\n")
        self.write("m.c", SWITCHED.replace("#ifdef", '#if __has_include("on.h")\n#include "on.h"\n#endif\n#ifdef'))
        for flags in (
            ["-Iinc"], ["-I", "inc"], ["-I%s/inc" % self.folder], ["-isystem", "inc"], ["-isysteminc"], ["-iquote", "inc"],
            ["-idirafter", "inc"], ["-include", "inc/on.h"], ["-imacros", "inc/on.h"], ["-D_LEAKS"], ["-D", "_LEAKS"],
            ["-D_LEAKS=\"a b\""], ["-UX", "-D_LEAKS"], ["-Iinc", "-include", "on.h"], ["-DPy_X", "-D_LEAKS"],
        ):
            with self.subTest(flags):
                self.database(self.entry(*flags))
                self.assertTrue(self.finds("m.c"))
        for flags in (["-D_LEAKS", "-U_LEAKS"], ["-Ino"], ["-MF", "x", "-o", "-D_LEAKS"], ["-Xclang", "-D_LEAKS"], []):
            with self.subTest(flags):
                self.database(self.entry(*flags))
                self.assertFalse(self.finds("m.c"))

    def test_command_is_split_as_a_shell_does(self):
        for command in (
            "cc -D_LEAKS -c m.c", "  cc\t-D _LEAKS  m.c", "cc '-D_LEAKS=a b' m.c", 'cc -D"_LEAKS" m.c', "cc -D_LEAKS=\\\"x\\\" m.c",
            "cc -D\\_LEAKS m.c", 'cc "-D_LEAKS=\\"a\\"" m.c', "cc 'open -DX' -D_LEAKS",
        ):
            with self.subTest(command):
                self.database({"directory": str(self.folder), "file": "m.c", "command": command})
                self.assertTrue(self.finds("."))

    def test_a_shell_is_never_asked(self):
        for command in ("cc -D`touch owned` m.c", "cc -D$(touch owned) m.c", "cc m.c; touch owned", "cc -DX=$(touch\\ owned)"):
            self.database({"directory": str(self.folder), "file": "m.c", "command": command})
            self.assertFalse(self.finds("."))
        self.assertFalse((self.folder / "owned").exists())

    def test_response_files(self):
        self.write("flags.rsp", "-DA\n@more.rsp\n")
        self.write("more.rsp", "'-D_LEAKS' @flags.rsp @missing.rsp")
        self.database(self.entry("@flags.rsp"))
        self.assertTrue(self.finds("."))

    def test_the_standard(self):
        self.write("m.c", SWITCHED.replace("#ifdef _LEAKS", "#if __STDC_VERSION__ == 199901L && defined __STRICT_ANSI__"))
        self.database(self.entry("-std=c99"))
        self.assertTrue(self.finds("."))
        for flag in "-std=gnu11", "-std=c++17", "-std=nonsense", "-std=":
            with self.subTest(flag):
                self.database(self.entry(flag))
                self.assertFalse(self.finds("."))

    def test_relative_to_the_directory(self):
        self.write("src/m.c", SWITCHED)
        self.write("out/on.h", "#define _LEAKS\n")
        for directory, file in (("out", "../src/m.c"), ("out", str(self.folder / "src" / "m.c")), ("out/./../out", "..//src/m.c")):
            with self.subTest(directory=directory, file=file):
                self.database(self.entry("-include", "on.h", directory=directory, file=file))
                self.assertTrue(self.finds("src"))

    def test_symbolic_links_on_the_way(self):
        (self.folder / "link").symlink_to(self.folder)
        self.database(self.entry("-D_LEAKS", directory=str(self.folder / "link")))
        self.assertTrue(self.finds("."))

    def test_first_entry_counts(self):
        self.database(self.entry("-D_LEAKS"), self.entry())
        self.assertTrue(self.finds("."))

    def test_many_units_with_flags_in_common(self):
        """A precompiled header of their own, which knows the macros that Python.h asks for."""
        text = SWITCHED.replace("#ifdef _LEAKS", "#if defined Py_LIMITED_API && defined _LEAKS")
        names = ["u%d.c" % i for i in range(5)]
        for name in names:
            self.write(name, text)
        self.database(*(self.entry("-DPy_LIMITED_API=0x03080000", "-D_LEAKS", "-std=gnu99", file=name) for name in names))
        run = self.limpet(".")
        self.assertEqual((run.stdout.count("LMP601"), run.stderr), (5, ""))

    def test_another_python_h_is_not_taken(self):
        """The macros of the API have to stay calls."""
        self.write("other/Python.h", (INCLUDE / "Python.h").read_text())
        self.write("m.c", "#include <Python.h>\nint f(PyObject *o)\n{\n    PyObject *s = PyObject_Str(o);\n    Py_DECREF(s);\n    return PyList_Append(o, PyObject_Str(o));\n}\n")
        for flag in "-I", "-isystem":
            self.database(self.entry(flag, "other"))
            self.assertTrue(self.finds("."))

    # ---- what is wrong with it ----

    def test_broken_ones_cost_a_message(self):
        for text, problem in (
            ("", "line 1: '[' or '{' expected near end of file"),
            ("[", "line 1: "),
            ("{}", "it is not a list of commands"),
            ("\"x\"", "line 1: "),
            ("[" * 100000, "line 1: maximum parsing depth reached"),
            ("[{\"file\": \"m\\u0000.c\"}]", "line 1: "),
            (b"\xff\xfe[".decode("latin-1"), "line 1: "),
        ):
            with self.subTest(text[:20]):
                self.write("compile_commands.json", text)
                self.write("leak.c", SWITCHED.replace("#ifdef _LEAKS", "#if 1"))
                run = self.limpet(".")
                self.assertEqual(run.returncode, 0)
                self.assertTrue(run.stderr.startswith("limpet: 'compile_commands.json' cannot be used: " + problem), run.stderr)
                self.assertEqual(run.stderr.count("\n"), 1)
                self.assertIn("LMP601", run.stdout, "and the scan goes on")

    def test_entries_that_are_none(self):
        wrong = [
            1, None, [], {}, {"file": "m.c"}, {"file": 1, "command": "cc"}, {"file": "m.c", "command": 1},
            {"file": "m.c", "arguments": "cc"}, {"file": "m.c", "arguments": ["cc", 1]},
            {"file": "m.c", "command": "cc", "directory": 3},
        ]
        self.database(*wrong, self.entry("-D_LEAKS"))
        run = self.limpet(".")
        self.assertEqual(run.stderr, "limpet: 'compile_commands.json': 10 entries are no command for a file\n")
        self.assertIn("LMP601", run.stdout)
        self.database({})
        self.assertEqual(self.limpet(".").stderr, "limpet: 'compile_commands.json': 1 entry is no command for a file\n")
        self.assertEqual(self.limpet("-q", ".").stderr, "")

    def test_directories_and_pipes_of_that_name(self):
        (self.folder / "compile_commands.json").mkdir()
        self.assertIn("Is a directory", self.limpet(".").stderr)
        (self.folder / "compile_commands.json").rmdir()
        os.mkfifo(self.folder / "compile_commands.json")
        self.assertIn("cannot be used", self.limpet(".").stderr)

    def test_huge_ones(self):
        with open(self.folder / "compile_commands.json", "w") as file:
            file.truncate(65 << 20)
        self.assertIn("File too large", self.limpet(".").stderr)
        entries = [self.entry("-DX%d" % i, file="x%d.c" % i) for i in range(20000)]
        self.database(*entries, self.entry("-D_LEAKS", *("-DX%d" % i for i in range(30000)), "-DLAST"))
        self.assertTrue(self.finds("."))

    def test_nothing_runs_and_nothing_is_written(self):
        owned = str(self.folder / "owned")
        flags = [
            "-o", owned, "-MF", owned, "-MD", "-MJ", owned, "-save-temps", "-fplugin=%s.so" % owned, "-Xclang", "-load", "-Xclang",
            owned, "-Xclang", "-ast-dump=json", "-Wp,-MD,%s" % owned, "-E", "-S", "-emit-llvm", "--serialize-diagnostics", owned,
            "-ftime-report", "-include-pch", owned, "-fmodules", "-fmodules-cache-path=%s" % owned, "-B", str(self.folder),
            "-specs=%s" % owned, "--config", owned, "-wrapper", owned, "-frecord-sources", "-dependency-file", owned,
        ]
        self.database(self.entry(*flags, "-D_LEAKS"))
        before = sorted(path.name for path in self.folder.iterdir())
        self.assertTrue(self.finds("."))
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)

    def test_files_that_never_end(self):
        os.mkfifo(self.folder / "pipe.h")
        self.database(self.entry("-include", "pipe.h", "-include", "/dev/zero", "-include", "/dev/stdin", "-imacros", "/dev/zero",
                                 "@/dev/zero", "@pipe.h", "-I", "/dev/zero", "-I", "pipe.h", "-D_LEAKS"))
        self.assertTrue(self.finds("."))

    def test_flags_without_their_value(self):
        for flag in "-I", "-D", "-include", "-x", "-o", "-isystem", "-U", "@", "-", "--", "":
            with self.subTest(flag):
                self.database({"directory": str(self.folder), "file": "m.c", "arguments": ["cc", "-D_LEAKS", flag]})
                self.assertTrue(self.finds("."))
        self.database(self.entry("-D_LEAKS", "-D", "1x", "-D", "-UX", "-D=", "-I-", "-Dé"))
        self.assertTrue(self.finds("."))


if __name__ == "__main__":
    unittest.main()
