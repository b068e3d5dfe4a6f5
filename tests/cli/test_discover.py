"""Which files a run reads: walking, ignore rules with git itself as the oracle, excludes, hostile names."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import unittest
from collections import namedtuple
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LIMPET_BUILD", REPO / "build"))
DRIVER = BUILD / "tests" / "discover_main"
CASES = int(os.environ.get("DISCOVER_CASES", "2000" if os.environ.get("FULL") else "200"))
NOBODY = 65534

File = namedtuple("File", "path real size explicit")


class Found:
    """The driver's answer."""

    def __init__(self, fields):
        self.files, self.problems, self.excluded = [], [], 0
        fields = iter(fields)
        for kind in fields:
            if kind == b"F":
                self.files.append(File(*(next(fields) for _ in range(4))))
            elif kind == b"P":
                self.problems.append(next(fields).decode("utf-8", "surrogateescape"))
            else:
                self.excluded = int(next(fields))
        self.paths = [os.fsdecode(file.path) for file in self.files]


class Tree(unittest.TestCase):
    """A temporary directory to build trees in, cut off from this machine's git configuration."""

    def setUp(self):
        self.home = Path(os.path.realpath(tempfile.mkdtemp(prefix="limpet-discover-")))
        # shutil.rmtree recurses, and some of these trees are deeper than Python's stack.
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.home)], check=True)
        self.root = self.home / "tree"
        self.root.mkdir()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
        }

    def write(self, path, content="x = 1\n"):
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.root), os.fsencode(path))))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def dig(self, name, levels, each=False):
        """Directories within directories, and m.py in the last or in each of them."""
        here = os.open(".", os.O_RDONLY)
        try:
            os.chdir(self.root)
            for level in range(levels):
                os.mkdir(name)
                os.chdir(name)
                if each or level == levels - 1:
                    Path("m.py").write_text("x = 1\n")
        finally:
            os.fchdir(here)
            os.close(here)

    def git(self, *arguments, cwd=None, stdin=b"", ok=(0,)):
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.root, env=self.env, input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        self.assertIn(done.returncode, ok, done.stderr)
        return done.stdout

    def discover(self, *arguments, cwd=None, prefix=()):
        done = subprocess.run(
            [*prefix, str(DRIVER), *arguments], cwd=cwd or self.root, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60,
        )  # fmt: skip
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        found = Found(done.stdout.split(b"\0")[:-1])
        self.assertEqual(sorted(file.path for file in found.files), [file.path for file in found.files])
        return found


class Walking(Tree):
    def test_python_files_only_sorted_by_bytes(self):
        for name in ("b.py", "a/z.py", "a.py", "B.py", "a-b.py", "s.pyi", "c.txt", "d.pyc", "e.PY", ".h.py"):
            self.write(name)
        expected = [".h.py", "B.py", "a-b.py", "a.py", "a/z.py", "b.py", "s.pyi"]
        self.assertEqual(expected, self.discover(".").paths)

    def test_paths_are_shown_from_the_working_directory(self):
        self.write("pkg/sub/m.py")
        root = str(self.root)
        for given in (".", "./", "", "pkg", "./pkg//sub/", root, root + "/pkg/./sub", "../tree", "pkg/../pkg",
                      "pkg/sub/m.py", root + "//pkg/sub/m.py"):  # fmt: skip
            with self.subTest(given):
                self.assertEqual(["pkg/sub/m.py"], self.discover(given).paths)

    def test_paths_outside_of_the_working_directory_stay_as_given(self):
        self.write("pkg/x.py")
        self.write("pkg/sub/m.py")
        inner = self.root / "pkg" / "sub"
        for given, shown in (
            ("../x.py", "../x.py"),
            (".././x.py", "../x.py"),
            (str(self.root / "pkg" / "x.py"), str(self.root / "pkg" / "x.py")),
            ("../../pkg/sub/../x.py", "../../pkg/sub/../x.py"),
            ("../../pkg/sub", "m.py"),
        ):
            with self.subTest(given):
                self.assertEqual([shown], self.discover(given, cwd=inner).paths)

    def test_a_symlinked_working_directory(self):
        self.write("m.py")
        os.symlink(self.root, self.home / "alias")
        self.assertEqual(["m.py"], self.discover(str(self.home / "alias")).paths)

    def test_real_path_size_and_explicit(self):
        self.write("pkg/m.py", "abc")
        (file,) = self.discover("pkg").files
        self.assertEqual((os.fsencode(self.root) + b"/pkg/m.py", b"3", b"0"), file[1:])
        (file,) = self.discover("pkg", "pkg/m.py").files
        self.assertEqual(b"1", file.explicit)

    def test_a_named_file_is_taken_whatever_it_is_called(self):
        self.write("script")
        self.write("build/gen.py")
        self.assertEqual(["build/gen.py", "script"], self.discover("script", "build/gen.py").paths)

    def test_directory_symlinks_are_not_followed(self):
        self.write("real/m.py")
        os.symlink("real", self.root / "alias")
        os.symlink("..", self.root / "real" / "up.py")
        os.symlink(".", self.root / "self")
        self.assertEqual(["real/m.py"], self.discover(".").paths)
        self.assertEqual(["alias/m.py"], self.discover("alias").paths)

    def test_a_file_reached_twice_is_read_once_under_its_first_path(self):
        self.write("z.py")
        self.write("m/n.py")
        os.symlink("z.py", self.root / "a.py")
        found = self.discover(".", "m", "z.py", "./m/n.py", str(self.root))
        self.assertEqual(["a.py", "m/n.py"], found.paths)
        self.assertEqual([os.fsencode(self.root) + b"/z.py", os.fsencode(self.root) + b"/m/n.py"],
                         [file.real for file in found.files])  # fmt: skip
        self.assertEqual([b"1", b"1"], [file.explicit for file in found.files])

    def test_symlinks_that_lead_nowhere(self):
        self.write("good.py")
        os.symlink("nowhere", self.root / "dangling.py")
        os.symlink("ring_b.py", self.root / "ring_a.py")
        os.symlink("ring_a.py", self.root / "ring_b.py")
        os.symlink("user@host.1", self.root / ".#good.py")
        os.symlink("nowhere", self.root / "not-python")
        found = self.discover(".")
        self.assertEqual(["good.py"], found.paths)
        self.assertEqual(
            ["dangling.py: No such file or directory"]
            + ["ring_%s.py: Too many levels of symbolic links" % c for c in "ab"],
            found.problems,
        )

    def test_what_is_not_there(self):
        self.write("good.py")
        found = self.discover("good.py", "gone", "gone", "good.py/x")
        self.assertEqual(["good.py"], found.paths)
        self.assertEqual(["gone: No such file or directory", "good.py/x: Not a directory"], found.problems)

    def test_special_files(self):
        os.mkfifo(self.root / "pipe.py")
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(str(self.root / "socket.py"))
        found = self.discover(".")
        self.assertEqual(([], []), (found.paths, found.problems))
        found = self.discover("pipe.py", "socket.py", "/dev/null")
        self.assertEqual(["%s: Not a regular file" % p for p in ("/dev/null", "pipe.py", "socket.py")],
                         found.problems)  # fmt: skip

    def test_directories_without_permission(self):
        prefix = []
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                self.skipTest("root without setpriv")
            prefix = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
            os.chmod(self.home, 0o755)
            copy = self.home / "driver"
            shutil.copy(DRIVER, copy)
            prefix.append(str(copy))
        self.write("closed/a.py")
        self.write("listed/b.py")
        self.write("good.py")
        os.chmod(self.root / "closed", 0)
        os.chmod(self.root / "listed", 0o444)
        self.addCleanup(os.chmod, self.root / "closed", 0o700)
        self.addCleanup(os.chmod, self.root / "listed", 0o700)
        done = subprocess.run([*(prefix or [str(DRIVER)]), "."], cwd=self.root, env=self.env,
                              stdout=subprocess.PIPE)  # fmt: skip
        found = Found(done.stdout.split(b"\0")[:-1])
        self.assertEqual(["good.py"], found.paths)
        self.assertEqual(["closed: Permission denied", "listed/b.py: Permission denied"], found.problems)

    def test_hostile_names(self):
        names = [b"new\nline.py", b"bad\xff\xfe.py", b"\x1b[31m.py", b"-dash.py", b"sp ace.py", b"*[a].py",
                 b"back\\slash.py", b"x" * 252 + b".py", b" .py", b"%s%n.py", b"new\ndir/a.py"]  # fmt: skip
        for name in names:
            self.write(name)
        self.assertEqual(sorted(names), [file.path for file in self.discover(".").files])
        self.assertEqual(sorted(names), [file.path for file in self.discover(*sorted(names)).files])

    def test_deeper_than_a_path_may_be(self):
        self.dig("d" * 200, 30, each=True)
        found = self.discover(".")
        self.assertTrue(10 < len(found.paths) < 30)
        self.assertEqual(1, len(found.problems))
        self.assertIn("File name too long", found.problems[0])

    def test_many_levels_and_many_files(self):
        self.dig("d", 1500)
        for i in range(3000):
            self.write("wide/f%04d.py" % i)
        found = self.discover(".")
        self.assertEqual(3001, len(found.paths))
        self.assertEqual([], found.problems)


class Excludes(Tree):
    def test_usual_excludes(self):
        for name in (".git", ".venv", "venv", "node_modules", "build", "dist", "site-packages", ".tox", "_build",
                     "__pypackages__", ".mypy_cache", ".ipynb_checkpoints"):  # fmt: skip
            self.write("pkg/%s/m.py" % name)
        self.write("pkg/m.py")
        self.write("builds/m.py")
        found = self.discover(".")
        self.assertEqual((["builds/m.py", "pkg/m.py"], 12), (found.paths, found.excluded))

    def test_a_named_directory_is_walked_whatever_it_is_called(self):
        self.write("build/m.py")
        self.write("build/build/m.py")
        self.assertEqual(["build/m.py"], self.discover("build").paths)
        self.assertEqual([], self.discover("build", "--force-exclude").paths)
        self.assertEqual([], self.discover("build/m.py", "--force-exclude").paths)
        inside = self.discover(".", "--force-exclude", cwd=self.root / "build")
        self.assertEqual(["m.py"], inside.paths)

    def test_globs(self):
        for name in ("a.py", "b_test.py", "src/c.py", "src/gen/d.py", "src/gen/x/e.py", "docs/conf.py"):
            self.write(name)
        root = str(self.root)
        for globs, left in (
            (["*_test.py"], {"a.py", "src/c.py", "src/gen/d.py", "src/gen/x/e.py", "docs/conf.py"}),
            (["gen", "docs"], {"a.py", "b_test.py", "src/c.py"}),
            (["src/gen"], {"a.py", "b_test.py", "src/c.py", "docs/conf.py"}),
            (["./src/gen/"], {"a.py", "b_test.py", "src/c.py", "docs/conf.py"}),
            ([root + "/src"], {"a.py", "b_test.py", "docs/conf.py"}),
            (["/src"], {"a.py", "b_test.py", "src/c.py", "src/gen/d.py", "src/gen/x/e.py", "docs/conf.py"}),
            (["src/*.py"], {"a.py", "b_test.py", "docs/conf.py"}),
            (["src/**/e.py"], {"a.py", "b_test.py", "src/c.py", "src/gen/d.py", "docs/conf.py"}),
            (["**/c.py"], {"a.py", "b_test.py", "src/gen/d.py", "src/gen/x/e.py", "docs/conf.py"}),
            (["{a,[c-e],conf}.py"], {"b_test.py"}),
            (["s{rc,}/{c,gen/{d,nothing}}.py"], {"a.py", "b_test.py", "src/gen/x/e.py", "docs/conf.py"}),
            (["?.py"], {"b_test.py", "docs/conf.py"}),
        ):
            with self.subTest(globs):
                arguments = [word for glob in globs for word in ("--exclude", glob)]
                self.assertEqual(sorted(left), self.discover(".", *arguments).paths)

    def test_globs_from_another_directory(self):
        self.write("src/c.py")
        self.write("lib/c.py")
        self.assertEqual(["lib/c.py"], self.discover("src", "lib", "--exclude", "src/c.py").paths)
        self.assertEqual(["../src/c.py"],
                         self.discover("../src", "--exclude", "../src/d.py", cwd=self.root / "lib").paths)  # fmt: skip
        self.assertEqual(["c.py"], self.discover("c.py", "--exclude", "c.py", cwd=self.root / "lib").paths)


class Ignoring(Tree):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", ".")

    def expected(self, top=None):
        """Every Python file below the root that git does not ignore (the index does not matter)."""
        top = top or self.root
        names = [os.path.relpath(p, top) for p in top.rglob("*.py") if ".git" not in p.relative_to(top).parts]
        stdin = b"".join(os.fsencode(name) + b"\0" for name in names)
        out = self.git("check-ignore", "--no-index", "-z", "--stdin", cwd=top, stdin=stdin, ok=(0, 1))
        ignored = {os.fsdecode(name) for name in out.split(b"\0")}
        return sorted((n for n in names if n not in ignored), key=os.fsencode)

    def test_where_rules_come_from(self):
        for name in ("a.py", "b.py", "c.py", "d.py", "e.py", "sub/a.py", "sub/f.py"):
            self.write(name)
        self.write(".gitignore", "a.py\n")
        self.write("sub/.gitignore", "!a.py\nf.py\n")
        self.write(".git/info/exclude", "b.py\n")
        self.write("../ignore-me", "c.py\n!a.py\n")
        (self.home / ".gitconfig").write_text('[Core "x"]\n[core]\n excludesFile = "~/ignore-me" ; mine\n')
        self.assertEqual(["d.py", "e.py", "sub/a.py"], self.discover(".").paths)
        self.assertEqual(self.expected(), self.discover(".").paths)
        self.assertEqual(["c.py", "d.py", "e.py", "sub/a.py"], self.discover(".", "--isolated").paths)
        self.assertEqual(7, len(self.discover(".", "--no-respect-gitignore").paths))

    def test_the_users_file_by_its_default_name_and_by_each_configuration(self):
        self.write("a.py")
        self.write("b.py")
        self.write("../.config/git/ignore", "a.py\n")
        self.assertEqual(["b.py"], self.discover(".").paths)
        for setting in ("core.excludesFile=mine", "CORE.EXCLUDESFILE=" + str(self.root / "mine")):
            self.write("mine", "b.py\n")
            key, value = setting.split("=")
            self.git("config", key, value)
            self.assertEqual((["a.py"], ["a.py"]), (self.expected(), self.discover(".").paths))
        self.write("../global", '[core]excludesfile="%s/o\\"ther" # x\n' % self.home)
        self.git("config", "--unset", "core.excludesFile")
        self.write('../o"ther', "*.py\n")
        self.env["GIT_CONFIG_GLOBAL"] = str(self.home / "global")
        self.assertEqual(([], []), (self.expected(), self.discover(".").paths))
        self.write("../global", "[core]\nexcludesfile=\n")
        self.assertEqual((["a.py", "b.py"],) * 2, (self.expected(), self.discover(".").paths))

    def test_rules_above_the_scanned_directory(self):
        self.write("p/q/a.py")
        self.write("p/q/b.py")
        self.write("p/q/r/b.py")
        self.write(".gitignore", "/p/q/a.py\n")
        self.write("p/.gitignore", "q/b.py\n")
        for given, cwd in (("p/q", "."), (".", "p/q"), ("..", "p/q/r")):
            found = self.discover(given, cwd=self.root / cwd)
            self.assertEqual([b"b.py"], [os.path.basename(f.path) for f in found.files], given)
            self.assertTrue(found.files[0].real.endswith(b"/r/b.py"))

    def test_named_paths_are_taken(self):
        self.write(".gitignore", "out/\nx.py\n")
        self.write("out/m.py")
        self.write("out/x.py")
        self.assertEqual([], self.discover(".").paths)
        self.assertEqual(["out/m.py"], self.discover("out").paths)
        self.assertEqual(["out/x.py"], self.discover("out/x.py").paths)

    def test_dot_ignore(self):
        for name in ("a.py", "b.py", "c.py", "sub/a.py"):
            self.write(name)
        self.write(".gitignore", "a.py\nb.py\n")
        self.write(".ignore", "!b.py\nc.py\n")
        self.assertEqual(["b.py"], self.discover(".").paths)

    def test_outside_of_a_repository(self):
        shutil.rmtree(self.root / ".git")
        for name in ("a.py", "b.py", "c.py"):
            self.write(name)
        self.write(".gitignore", "a.py\n")
        self.write(".ignore", "b.py\n")
        self.assertEqual(["a.py", "c.py"], self.discover(".").paths)

    def test_a_repository_inside(self):
        self.write(".gitignore", "*.py\n")
        self.write("inner/a.py")
        self.write("inner/b.py")
        self.write("inner/sub/b.py")
        self.git("init", "-q", "inner")
        self.write("inner/.gitignore", "b.py\n")
        self.assertEqual(["inner/a.py"], self.discover(".").paths)
        self.assertEqual(self.expected(self.root / "inner"), self.discover(".", cwd=self.root / "inner").paths)

    def test_a_linked_work_tree(self):
        self.write("a.py")
        self.write("b.py")
        self.git("add", ".")
        self.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x")
        self.git("worktree", "add", "-q", "../linked")
        self.write(".git/info/exclude", "a.py\n")
        self.assertEqual(["b.py"], self.discover(".", cwd=self.home / "linked").paths)

    def test_ignore_files_that_are_no_files(self):
        self.write("a.py")
        self.write("rules", "a.py\n")
        os.symlink("rules", self.root / ".gitignore")
        self.assertEqual((["a.py"], ["a.py"]), (self.expected(), self.discover(".").paths))
        (self.root / ".gitignore").unlink()
        (self.root / ".gitignore").mkdir()
        self.assertEqual(["a.py"], self.discover(".").paths)

    def test_odd_lines(self):
        names = ["a.py", "#a.py", "!a.py", "a.py ", " a.py", "a\\.py", "b c.py", "t\t.py", "é.py", "x/a.py",
                 "x/y/a.py", "x/y/z/b.py", "[.py", "]x.py", "-.py", "^.py", "\r.py", "foobar.py"]  # fmt: skip
        for name in names:
            self.write(name if name.endswith(".py") else name + "/m.py")
        lines = [
            "a.py", "/a.py", "#a.py", "\\#a.py", "!a.py", "\\!a.py", "a.py ", "a.py\\ ", "a.py  \\ ", " a.py",
            "\\ a.py", "a\\\\.py", "b\\ c.py", "b c.py", "b?c.py", "b[ ]c.py", "t\t.py", "t[[:space:]].py",
            "t[[:blank:][:alpha:]].py", "é.py", "?.py", "??.py", "[[:alpha:]].py", "[[:bogus:]].py", "[[:].py",
            "[[:alpha].py", "[]].py", "[]-].py", "[!]].py", "[^]].py", "[a-].py", "[-a].py", "[\\-].py",
            "[\\]]x.py", "[]]x.py", "[--0].py", "[^^].py", "[z-a].py", "[a", "[.py", "\\[.py", "a.py\\", "**",
            "**/", "/**", "/**/", "x/**", "x/**/a.py", "**/a.py", "**/y/a.py", "x/**/z/b.py", "x**", "x/**y/a.py",
            "foo**/bar.py", "foo**r.py", "**.py", "x/*", "x/*/", "x/*/a.py", "*/a.py", "*/*/a.py", "/*", "/*/",
            "/", "//", "!", "!/", "x//", "x/", "/x/", "x/y/", "y/", "y", "x/y", "\r.py", "*\r", "a.py\r", "\\",
            "\\\\", "*", "!*", "***/a.py", "x/***/b.py", "x\\/a.py", "**\\/a.py", "[!a]*", "*[!a].py", "a.p[x-z]",
            "x/[!/]/a.py", "x[/]a.py", "x?a.py", "\xef\xbb\xbfa.py", "fo*ar.py", "f*o*r.py", "*o*b*",
        ]  # fmt: skip
        for line in lines:
            for text in (line + "\n", line, "*.py\n!" + line + "\n", "\ufeff" + line + "\r\n"):
                with self.subTest(text):
                    (self.root / ".gitignore").write_text(text, newline="")
                    self.assertEqual(self.expected(), self.discover(".").paths)

    def random_pattern(self, dice, names):
        parts = []
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
            part = dice.choice(names)
            kind = dice.random()
            if kind < 0.15:
                part = dice.choice(("*", "**", "?", "??", "*.py", "***"))
            elif kind < 0.6:
                i = dice.randrange(len(part) + 1)
                new = ("*", "?", "[a-c]", "[!a]", "**", "[[:alpha:]]", "\\" + part[i : i + 1])
                part = part[:i] + dice.choice(new) + part[i + dice.randrange(2) :]
            parts.append(part)
        pattern = dice.choice(("", "", "", "/", "**/")) + "/".join(parts) + dice.choice(("", "", "", "/", "/**", " "))
        return dice.choice(("", "", "!")) + pattern

    def test_random_trees_and_patterns(self):
        """Seeded; the failing seed is in the message. FULL=1 tries more."""
        names = ["a", "b", "ab", "abc", "ba", "c.py", "a.py", "ab.py", "bca.py"]
        folders = names[:5]
        ignored = 0
        for seed in range(CASES):
            dice = random.Random(seed)
            root = self.home / ("case%d" % seed)
            self.git("init", "-q", "--template=", str(root))
            places = [""]
            for _ in range(dice.randrange(2, 12)):
                path = "/".join(dice.choice(folders) for _ in range(dice.randrange(0, 4)))
                places.append(path)
                (root / path).mkdir(parents=True, exist_ok=True)
                for _ in range(dice.randrange(1, 4)):
                    (root / path / dice.choice(names[5:])).write_text("")
            for place in dice.sample(sorted(set(places)), min(len(set(places)), dice.randrange(1, 4))):
                lines = [self.random_pattern(dice, names) for _ in range(dice.randrange(1, 6))]
                (root / place / ".gitignore").write_text("\n".join(lines))
            if dice.random() < 0.3:
                (root / ".git/info").mkdir(exist_ok=True)
                (root / ".git/info/exclude").write_text(self.random_pattern(dice, names) + "\n")
            rules = {str(p.relative_to(root)): p.read_text() for p in root.rglob(".gitignore")}
            expected, found = self.expected(root), self.discover(".", cwd=root)
            self.assertEqual(expected, found.paths, "seed %d: %r" % (seed, rules))
            ignored += found.excluded > 0
            shutil.rmtree(root)
        self.assertGreater(ignored, CASES // 4, "the patterns hardly ever match: a poor test")


if __name__ == "__main__":
    unittest.main()
