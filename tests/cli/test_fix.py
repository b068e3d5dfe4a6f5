"""--fix, --unsafe-fixes, --diff, --add-ignore, --show-suppressed: what is written, and that it is whole."""

import ast
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import ROOT, CliTest

UNUSED = ("--select", "LMP902,LMP900")
LEAK = "SEEN = []\n\n\ndef note(request):\n    SEEN.append(request)\n"
NEW = """\
class A:
    def __new__(cls, name):
        return super().__new__(cls, name)

    def __init__(self, name):
        self.name = name


A("x")
"""


class Writing(CliTest):
    def read(self, path):
        with open(os.path.join(self.dir, path), "rb") as f:
            return f.read()

    def fixed(self, before, after, *options, path="a.py", code=0):
        """The file becomes `after`, --diff says so before, and a second run changes nothing."""
        before, after = (t if isinstance(t, bytes) else t.encode() for t in (before, after))
        self.write(path, before)
        diff = self.run_limpet("--diff", *options)
        self.assertEqual(diff.stderr, b"")
        self.assertEqual(self.read(path), before)
        self.assertEqual(diff.returncode, before != after)
        self.assertEqual(bool(diff.stdout), before != after)
        run = self.run_limpet("--fix", *options)
        self.assertEqual((run.stderr, run.returncode), (b"", code), run.stdout)
        self.assertEqual(self.read(path), after)
        again = self.run_limpet("--fix", *options)
        self.assertEqual(self.read(path), after)
        self.assertNotIn(b"fixed", again.stdout)
        self.assertEqual(self.limpet("--diff", *options), "")
        return run.stdout.decode(), diff.stdout

    def patched(self, before, patch, path="a.py"):
        """What git makes of the diff."""
        self.write(path, before)
        with open(os.path.join(self.dir, "p.diff"), "wb") as f:
            f.write(patch)
        subprocess.run(["git", "apply", "-p0", "--whitespace=nowarn", "p.diff"], cwd=self.dir, check=True,
                       env=self.environment(GIT_CEILING_DIRECTORIES=os.path.dirname(self.dir)))
        return self.read(path)


class UnusedSuppressions(Writing):
    CASES = [
        ("x = 1  # limpet: ignore[LMP900] reason\n", "x = 1\n"),
        ("x = 1  # limpet: ignore[LMP900]", "x = 1"),
        ("# limpet: ignore[LMP900]\nx = 1\n", "x = 1\n"),
        ("if a:\n    # limpet: ignore[LMP900]\n    x = 1\n", "if a:\n    x = 1\n"),
        ("x = 1\n# limpet: file-ignore[syntax-error]", "x = 1\n"),
        ("x = 1  # limpet: ignore[LMP900, LMP905]\n", "x = 1  # limpet: ignore[LMP905]\n"),
        ("x = 1  # limpet: ignore[LMP905,LMP900] why\n", "x = 1  # limpet: ignore[LMP905] why\n"),
        ("x = 1  # limpet: ignore[LMP900, syntax-error]\n", "x = 1\n"),
        ("x = 1  # noqa: LMP900\n", "x = 1\n"),
        ("x = 1  # noqa: E501, LMP900\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # noqa: LMP900, E501\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # type: ignore # noqa: LMP900\n", "x = 1  # type: ignore\n"),
        ("x = 1  # limpet: ignore[LMP900] # type: ignore\n", "x = 1  # type: ignore\n"),
        ("# limpet: disable[LMP900]\nx = 1\n# limpet: enable[LMP900]\n", "x = 1\n"),
        ("x = $  # limpet: ignore[LMP900]\n", "x = $  # limpet: ignore[LMP900]\n"),
        ("x = 1  # limpet: ignore[LMP900]\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        ("x = 1\r# limpet: ignore[LMP900]\ry = 2\r", "x = 1\ry = 2\r"),
        ("\ufeffx = 1  # limpet: ignore[LMP900]\n", "\ufeffx = 1\n"),
        ("é = 'ü'  # limpet: ignore[LMP900]\n", "é = 'ü'\n"),
    ]

    def test_cases(self):
        for before, after in self.CASES:
            with self.subTest(before=before):
                self.fixed(before, after, *UNUSED)

    def test_encodings_are_kept(self):
        for name, text in (("latin-1", "é"), ("cp1251", "жу"), ("euc-jp", "名前"), ("gbk", "名前"), ("utf-8", "😀")):
            with self.subTest(encoding=name):
                before = "# -*- coding: %s -*-\nx = '%s'  # limpet: ignore[LMP900] %s\ny = '%s'\n" % (name, text, text, text)
                after = "# -*- coding: %s -*-\nx = '%s'\ny = '%s'\n" % (name, text, text)
                self.fixed(before.encode(name), after.encode(name), *UNUSED)

    def test_what_cannot_be_written_back_is_left_alone(self):
        for bad in (b"x = '\xff'  # limpet: ignore[LMP902]\ny = 1  # limpet: ignore[LMP900]\n",):
            self.write("a.py", bad)
            run = self.run_limpet("--fix", *UNUSED)
            self.assertEqual(run.returncode, 2)
            self.assertIn(b"cannot change 'a.py': it has bytes that its encoding does not allow", run.stderr)
            self.assertEqual(self.read("a.py"), bad)

    def test_mode_and_links_are_kept(self):
        self.write("real.txt", "x = 1  # limpet: ignore[LMP900]\n")
        os.chmod(os.path.join(self.dir, "real.txt"), 0o750)
        os.symlink("real.txt", os.path.join(self.dir, "a.py"))
        self.limpet("--fix", *UNUSED)
        self.assertTrue(os.path.islink(os.path.join(self.dir, "a.py")))
        self.assertEqual(self.read("real.txt"), b"x = 1\n")
        self.assertEqual(os.stat(os.path.join(self.dir, "real.txt")).st_mode & 0o777, 0o750)

    def test_says_how_many(self):
        self.write("a.py", "x = 1  # limpet: ignore[LMP900]\ny = 2  # limpet: ignore[LMP900, syntax-error]\n")
        self.write("b.py", LEAK)
        out = self.limpet("--fix", "--extend-select", "LMP902", "--output-format", "concise", code=1)
        self.assertIn("b.py:5:5: LMP201", out)
        self.assertIn("3 findings fixed", out)
        self.assertEqual(self.read("b.py"), LEAK.encode())
        self.write("a.py", "x = 1  # limpet: ignore[LMP900]\n")
        self.assertEqual(json.loads(self.limpet("--fix", *UNUSED, "--output-format", "json"))["statistics"]["fixed"], 1)

    def test_standard_input_and_git_are_not_changed(self):
        text = b"x = 1  # limpet: ignore[LMP900]\n"
        self.write("a.py", text)
        self.limpet("--fix", *UNUSED, "--stdin-filename", "a.py", "-", stdin=text, code=1)
        self.assertEqual(self.read("a.py"), text)
        for option in ("--fix", "--diff", "--add-ignore"):
            self.assertIn("looks at what git keeps", self.fails(option, "--staged"))

    def test_diff_is_one_that_tools_take(self):
        lines = ["v%d = %d" % (i, i) for i in range(60)]
        for i in (0, 3, 20, 21, 40, 59):
            lines[i] += "  # limpet: ignore[LMP900]"
        lines[30] = "# limpet: ignore[LMP900]"
        for end in ("\n", ""):
            before = "\n".join(lines) + end
            after = "\n".join(l.split("  #")[0] for l in lines if not l.startswith("#")) + end
            _, diff = self.fixed(before, after, *UNUSED)
            self.assertEqual(self.patched(before, diff), after.encode())


class RuleFixes(Writing):
    def test_unsafe_fixes_need_to_be_asked_for(self):
        self.write("a.py", NEW)
        self.limpet("--fix", "--select", "LMP301", code=1)
        self.assertEqual(self.read("a.py"), NEW.encode())
        self.fixed(NEW, NEW.replace("super().__new__(cls, name)", "super().__new__(cls)"), "--select", "LMP301",
                   "--unsafe-fixes")

    def test_all_fixtures(self):
        """What a fix leaves is Python, has fewer findings with a fix, and is left alone by the next run."""
        tried = 0
        for code in ("LMP301", "LMP303", "LMP307"):
            target = os.path.join(self.dir, code)
            others = shutil.ignore_patterns("witness", "__pycache__", "old_project")  # the last is of Python 2
            shutil.copytree(os.path.join(ROOT, "fixtures", code), target, ignore=others)
            options = ("--isolated", "--select", code, "--unsafe-fixes", code)
            before = {p: p.read_bytes() for p in Path(target).rglob("*.py")}
            diff = self.run_limpet("--diff", *options).stdout
            run = self.run_limpet("--fix", *options)
            self.assertEqual(run.stderr, b"")
            after = {p: p.read_bytes() for p in Path(target).rglob("*.py")}
            changed = [p for p in before if before[p] != after[p]]
            self.assertTrue(changed, code)
            for path in changed:
                tried += 1
                try:
                    ast.parse(before[path])
                except SyntaxError:
                    continue
                ast.parse(after[path])
            self.assertEqual(self.limpet("--diff", *options), "")
            for path in changed:
                self.assertIn(b"--- " + str(path.relative_to(self.dir)).encode() + b"\n", diff)
        self.assertGreater(tried, 3)

    def test_a_full_disk_leaves_the_file(self):
        import resource
        import signal

        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

        text = b"x = 1\n" * 20 + b"y = 1  # limpet: ignore[LMP900]\n"
        self.write("a.py", text)
        self.assertIn("cannot change 'a.py'", self.fails("--fix", *UNUSED, preexec_fn=no_room))
        self.assertEqual(self.read("a.py"), text)
        self.assertEqual(os.listdir(self.dir), ["a.py"])


class AddIgnore(Writing):
    def added(self, before, after, *options):
        self.write("a.py", before)
        diff = self.run_limpet("--add-ignore", "--diff", *options)
        self.assertEqual(self.read("a.py"), before.encode())
        self.assertTrue(diff.stdout)
        out = self.limpet("--add-ignore", *options)
        self.assertEqual(self.read("a.py").decode(), after)
        self.assertEqual(self.limpet("--add-ignore", "-q", *options), "")
        self.assertEqual(self.read("a.py").decode(), after)
        self.assertEqual(self.findings(*options), [])
        return out

    def test_behind_the_line(self):
        out = self.added(LEAK, LEAK.replace("SEEN.append(request)", "SEEN.append(request)  # limpet: ignore[LMP201]"))
        self.assertEqual(out, "Suppressed 1 finding in 1 file\n")

    def test_a_reason(self):
        self.write("a.py", LEAK)
        self.limpet("--add-ignore=few of them")
        self.assertIn(b"# limpet: ignore[LMP201] few of them\n", self.read("a.py"))
        self.assertIn("has to fit on a line", self.fails("--add-ignore=two\nlines"))

    def test_several_on_a_line_and_comments_that_are_there(self):
        self.added("x = $; y = $  # note\n", "x = $; y = $  # note  # limpet: ignore[LMP900]\n", "--select", "LMP900")

    def test_where_no_comment_can_stand_behind(self):
        text = LEAK.replace("    SEEN.append(request)\n", "    SEEN.append(('''a\n    b''', request))\n")
        self.added(text, text.replace("    SEEN.append(", "    # limpet: ignore[LMP201]\n    SEEN.append("))
        text = LEAK.replace("    SEEN.append(request)\n", "    SEEN.append \\\n        (request)\n")
        self.added(text, text.replace("    SEEN.append", "    # limpet: ignore[LMP201]\n    SEEN.append"))

    def test_line_ends(self):
        text = LEAK.replace("\n", "\r\n")
        self.added(text, text.replace("(request)\r\n", "(request)  # limpet: ignore[LMP201]\r\n").replace(
            "def note(request)  # limpet: ignore[LMP201]", "def note(request)"))
        self.added(LEAK.rstrip("\n"), LEAK.rstrip("\n") + "  # limpet: ignore[LMP201]")

    def test_all_fixtures(self):
        """Afterwards nothing is reported, every file is what it was but for comments."""
        for code in ("LMP201", "LMP206", "LMP102"):
            target = os.path.join(self.dir, code)
            others = shutil.ignore_patterns("witness", "__pycache__", "old_project")  # the last is of Python 2
            shutil.copytree(os.path.join(ROOT, "fixtures", code), target, ignore=others)
            before = {p: p.read_bytes() for p in Path(target).rglob("*.py")}
            self.limpet("--isolated", "--add-ignore", "-q", code)
            self.assertEqual(self.limpet("--isolated", "-q", code), "")
            changed = 0
            for path, text in before.items():
                now = path.read_bytes()
                changed += now != text
                self.assertEqual(ast.dump(ast.parse(now)), ast.dump(ast.parse(text)), path)
            self.assertGreater(changed, 3)


class ShowSuppressed(Writing):
    def test_they_are_shown_and_do_not_count(self):
        self.write("a.py", LEAK.replace("(request)\n", "(request)  # limpet: ignore[LMP201]\n").replace(
            "def note(request)  # limpet: ignore[LMP201]", "def note(request)"))
        self.assertIn("1 finding suppressed", self.limpet())
        out = self.limpet("--show-suppressed", "--output-format", "concise")
        self.assertIn("a.py:5:5: LMP201 ", out)
        self.assertIn(" (suppressed)\n", out)
        self.assertIn("[never-freed, medium, suppressed]", self.limpet("--show-suppressed").replace("high", "medium"))
        (finding,) = json.loads(self.limpet("--show-suppressed", "--output-format", "json"))["findings"]
        self.assertIs(finding["suppressed"], True)
        self.limpet("--show-suppressed", "--write-baseline", "-q")
        self.assertEqual(json.loads(self.read(".limpet-baseline.json"))["findings"], [])


if __name__ == "__main__":
    unittest.main()
