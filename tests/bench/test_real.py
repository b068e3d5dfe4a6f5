"""The measurements on real projects, run on a project of a few lines that had leaks and mended them."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent))
import support  # noqa: E402

COLUMNS = "id repo fix_commit path line_start line_end area intra_or_cross after_clean one_line_explanation"
# Two leaks of the same text, of which the fix mends the first one alone.
LEAKS = """\
import functools


class Shape:
    @functools.cache
    def area(self):
        return 1

    @functools.cache
    def length(self):
        return 2
"""
MENDED = "# moved\n" + LEAKS.replace("    @functools.cache\n    def area", "    def area")
ENVIRONMENT = {
    **os.environ,
    **{"GIT_%s_%s" % (who, what): "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LIMPET_BIN": str(support.LIMPET),
}


class RealTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.project = self.folder / "mirror" / "owner+shapes"
        self.project.mkdir(parents=True)
        self.rows = []
        self.git("init", "-q")
        self.commit(LEAKS)

    def git(self, *arguments):
        done = subprocess.run(["git", *arguments], cwd=self.project, env=ENVIRONMENT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8")  # fmt: skip
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout.strip()

    def commit(self, text):
        """A commit of the project whose module has this text."""
        (self.project / "shapes.py").write_text(text)
        # What is committed is read, ignored or not.
        (self.project / ".gitignore").write_text("*.py\n")
        self.git("add", "--all", "--force")
        self.git("commit", "-q", "-m", "a change")
        return self.git("rev-parse", "HEAD")

    def row(self, identity, commit, line, text="", repo="owner/shapes", clean="yes", area="cache-method"):
        cells = [identity, repo, commit, "shapes.py", str(line), str(line), area, "intra", clean, text]
        self.rows.append(dict(zip(COLUMNS.split(), cells)))

    def run_real(self, *options, reasons=""):
        """Exit status and output of the script on the rows so far."""
        table = self.folder / "table.tsv"
        lines = [COLUMNS.split(), *([*row.values()] for row in self.rows)]
        table.write_text("".join("\t".join(line) + "\n" for line in lines))
        (self.folder / "reasons.tsv").write_text("id\treason\n" + reasons)
        self.move_git_directory()
        command = [sys.executable, str(BENCH / "real.py"), "--table", str(table)]
        command += ["--mirror", str(self.folder / "mirror"), "--work", str(self.folder / "work")]
        command += ["--reasons", str(self.folder / "reasons.tsv"), *options]
        done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8")  # fmt: skip
        return done.returncode, done.stdout

    def move_git_directory(self):
        """The layout of a mirror: the git directory alone, as owner+name/repo."""
        if (self.project / ".git").exists():
            (self.project / ".git").rename(self.project / "repo")

    def assert_line(self, pattern, text):
        self.assertRegex(text, "(?m)^" + pattern + " *$")

    def test_a_leak_and_its_fix(self):
        self.row("R-1", self.commit(MENDED), 5)
        code, text = self.run_real("-v")
        self.assertEqual(0, code, text)
        self.assert_line(r"R-1 +cache-method +shapes.py:5 +default:hit\(LMP205\) low:hit\(LMP205\)", text)
        self.assert_line(r"cache-method +1 +0 +\| +1 +100% +0 +1 +1/1 +\| +1 +100% +0 +1 +1/1", text)
        self.assertNotIn("missed", text)

    def test_a_fix_that_leaves_the_leak(self):
        self.row("R-1", self.commit(LEAKS.replace("import", "# moved\nimport")), 5)
        code, text = self.run_real()
        self.assertEqual(0, code, text)
        self.assertRegex(text, "(?m)^after the fix of R-1 at level default: shapes.py:6: LMP205 ")
        self.assert_line(r"all +1 +0 +\| +1 +100% +0 +1 +0/1 +\| +1 +100% +0 +1 +0/1", text)

    def test_a_fix_that_is_known_to_leave_something_is_not_looked_at(self):
        self.row("R-1", self.commit(LEAKS + "\n"), 5, clean="no")
        self.assert_line(r"all +1 +0 +\| +1 +100% +0 +1 +0/0 +\| +1 +100% +0 +1 +0/0", self.run_real()[1])

    def test_a_hit_by_a_rule_about_something_else(self):
        self.row("R-1", self.commit(MENDED), 5, area="singleton-new")
        code, text = self.run_real(reasons="R-1\tno rule sees this\n")
        self.assertEqual(0, code, text)
        self.assert_line(r"all +1 +0 +\| +1 +0% +1 +1 +1/1 +\| .*", text)
        self.assert_line(r"  R-1 +singleton-new +shapes.py:5 \(other LMP205\): no rule sees this", text)

    def test_rows_that_need_the_whole_are_apart(self):
        fix = self.commit(MENDED)
        self.row("R-1", fix, 5, "[whole] nothing shows it")
        self.row("R-2", fix, 9)
        text = self.run_real()[1]
        self.assert_line(r"all +1 +0 .*", text)
        self.assert_line(r"\[whole\], apart +1 +0 +\| +1 +100% +0 +1 +1/1 .*", text)

    def test_misses_and_their_reasons(self):
        fix = self.commit(MENDED)
        self.row("R-1", fix, 1, area="other")
        self.row("R-2", fix, 5)
        code, text = self.run_real(reasons="R-1\tnothing leaks here\n")
        self.assertEqual(0, code, text)
        self.assert_line("  R-1 +other +shapes.py:1: nothing leaks here", text)
        code, text = self.run_real(reasons="R-2\tthere is no such rule\n")
        self.assertEqual(1, code, text)
        self.assert_line("found, and still with a reason for being missed: R-2", text)
        self.assert_line("  R-1 +other +shapes.py:1: no reason is written down", text)

    def test_rows_without_their_project_are_skipped(self):
        fix = self.commit(MENDED)
        self.row("R-1", fix, 5, repo="owner/nowhere")
        self.row("R-2", "1" * 40, 5)
        self.row("R-3", fix, 5)
        code, text = self.run_real()
        self.assertEqual(0, code, text)
        self.assert_line("cache-method +1 +2 .*", text)
        self.assert_line("skipped: R-1: owner/nowhere is not in the mirror", text)

    def test_some_of_the_rows(self):
        fix = self.commit(MENDED)
        self.row("R-1", fix, 5)
        self.row("R-2", fix, 9, area="other")
        self.assertNotIn("R-2", self.run_real("-v", "--area", "cache-method,more")[1])
        self.assertNotIn("R-1", self.run_real("-v", "--id", "R-2")[1])
        code, text = self.run_real("--id", "R-9")
        self.assertEqual(1, code)
        self.assertIn("no such row", text)

    def test_exports_are_kept(self):
        self.row("R-1", self.commit(MENDED), 5)
        first = self.run_real()
        trees = sorted((self.folder / "work" / "owner+shapes").iterdir())
        self.assertEqual([["shapes.py"]] * 2, [[path.name for path in tree.iterdir()] for tree in trees])
        for path in self.folder.glob("mirror/*/repo/objects/??/*"):
            if self.git_type(path) == "blob":
                path.unlink()
        self.assertEqual(first, self.run_real())

    def git_type(self, path):
        name = path.parent.name + path.name
        done = subprocess.run(["git", "--git-dir", str(self.project / "repo"), "cat-file", "-t", name],
                              stdout=subprocess.PIPE, encoding="utf-8")  # fmt: skip
        return done.stdout.strip()

    def test_a_scan_that_breaks_is_no_miss(self):
        self.row("R-1", self.commit(MENDED), 5)
        code, text = self.run_real("--", "--no-such-option")
        self.assertEqual(1, code)
        self.assertRegex(text, "(?m)^broken: R-1: .*no-such-option")


class ScaleTest(unittest.TestCase):
    def test_copies_grow_and_resolve_among_themselves(self):
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "projects", "one", "shop")
            package.mkdir(parents=True)
            (package / "__init__.py").write_text("")
            (package / "store.py").write_text("STORE = []\nSTORES = {}\n" * 50)
            (package / "fill.py").write_text(
                "import shop.store\nfrom shop.store import STORE\n\n\n"
                "def handle(request):\n    STORE.append(request)\n    shop.store.STORES[request.id] = 1\n"
            )
            table = Path(folder, "table.md")
            command = [sys.executable, str(BENCH / "scale.py"), str(Path(folder, "projects"))]
            command += ["--sizes", "100,300", "--runs", "1", "--output", str(table)]
            done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, encoding="utf-8")
            self.assertEqual(0, done.returncode)
            self.assertIn("copies of shop", done.stdout)
            rows = [line.split(" | ") for line in table.read_text().splitlines()[2:]]
        self.assertEqual(["107", "321", "107", "321"], [row[1] for row in rows])
        self.assertEqual("1.00 |", rows[0][-1])

    def test_a_copy_imports_from_itself(self):
        sys.path.insert(0, str(BENCH))
        import scale

        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "shop")
            package.mkdir()
            for name, text in (
                ("__init__.py", "from shop.store import STORE\n"),
                ("store.py", "import threading\n\nSTORE = []\n"),
                ("fill.py", "import shop\n\n\ndef handle(request):\n    shop.store.STORE.append(request)\n"),
            ):
                (package / name).write_text(text)
            copies = Path(folder, "copies")
            for number in (1, 2):
                scale.copy_packages([scale.Package(package)], number, copies)
            found = support.findings("--select", "LMP201", "--min-confidence", "low", cwd=copies)
        self.assertEqual(
            ["shop_001.store.STORE", "shop_002.store.STORE"],
            sorted(finding["message"].split("'")[1] for finding in found),
        )


if __name__ == "__main__":
    unittest.main()
