"""The Makefile and the set-up: what is rebuilt when, what is installed, what is said when a piece is missing.

Everything happens on a copy of the tree and of the build, so that the tree under test stays as it is.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LIMPET_BUILD", REPO / "build"))
FULL = bool(os.environ.get("FULL"))


class Copy(unittest.TestCase):
    """Each test gets an empty folder; tests that build get a copy of the tree in it."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="limpet-build-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.tree = self.folder / "tree"
        # Settings of the make that runs this test are not meant for the ones in it.
        keep = ("PATH", "HOME", "LANG", "TMPDIR")
        self.env = {name: os.environ[name] for name in keep if name in os.environ}

    def copy(self, built=False):
        self.tree.mkdir()
        for name in ("src", "rules", "packaging", "tests", "Makefile", "package.json", "README.md"):
            if (REPO / name).exists():
                subprocess.run(["cp", "-a", str(REPO / name), str(self.tree)], check=True)
        os.symlink(REPO / "node_modules", self.tree / "node_modules")
        if built:
            if BUILD != REPO / "build" or not (BUILD / "limpet").exists():
                self.skipTest("only for the plain build")
            shutil.copytree(BUILD, self.tree / "build", symlinks=True, ignore=self.is_program,
                            copy_function=shutil.copy2)  # fmt: skip
            # What the copy lacks is made first; the tests look at what is made after that.
            self.make()

    @staticmethod
    def is_program(folder, names):
        return names if folder.endswith("build/tests") else []

    def make(self, *arguments, ok=True, cwd=None):
        done = subprocess.run(
            ["make", *arguments], cwd=cwd or self.tree, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        if ok:
            self.assertEqual(0, done.returncode, done.stdout)
        return done

    def compiled(self, *arguments):
        """The sources that make compiles, and whether it links."""
        out = self.make(*arguments).stdout
        return re.findall(r"^  CC +(\S+)$", out, re.M), "  LD   limpet" in out

    def touch(self, name):
        os.utime(self.tree / name)


class Rebuilding(Copy):
    def test_only_what_changed(self):
        self.copy(built=True)
        self.assertEqual(([], False), self.compiled())
        self.touch("src/base/str.c")
        self.assertEqual((["src/base/str.c"], True), self.compiled())
        self.touch("src/know/table.h")  # what a few include: each is compiled here
        sources, linked = self.compiled()
        self.assertTrue(linked)
        self.assertIn("src/know/calls.c", sources)
        self.assertNotIn("src/base/str.c", sources)
        self.assertFalse([name for name in sources if "tree-sitter" in name])
        (self.tree / "src/base/extra.c").write_text("int extra(void);\nint extra(void) {\n    return 1;\n}\n")
        self.assertEqual((["src/base/extra.c"], True), self.compiled())
        archive = self.tree / "build/liblimpet.a"
        members = subprocess.run(["ar", "t", str(archive)], stdout=subprocess.PIPE, check=True).stdout
        self.assertIn(b"extra.o", members)
        (self.tree / "src/base/extra.c").unlink()
        self.assertEqual(([], True), self.compiled())
        members = subprocess.run(["ar", "t", str(archive)], stdout=subprocess.PIPE, check=True).stdout
        self.assertNotIn(b"extra.o", members)
        self.assertIn(b"str.o", members)

    def test_another_installation_of_the_same_grammar(self):
        self.copy(built=True)
        (self.tree / "node_modules").unlink()
        shutil.copytree(REPO / "node_modules", self.tree / "node_modules", symlinks=True)
        for path in (self.tree / "node_modules/tree-sitter-python/src").rglob("*.c"):
            self.touch(path)
        self.assertEqual(([], False), self.compiled())

    def test_a_new_rule_file_is_collected(self):
        self.copy(built=True)
        (self.tree / "rules/tool/lmp999_broken.c").write_text("int x;\n")
        done = self.make(ok=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("rules/tool/lmp999_broken.c", done.stdout)

    def test_install(self):
        self.copy(built=True)
        self.make("install", "DESTDIR=" + str(self.folder / "package"), "PREFIX=/usr")
        binary = self.folder / "package/usr/bin/limpet"
        self.assertTrue(os.access(binary, os.X_OK))
        self.assertEqual((self.tree / "build/limpet").read_bytes(), binary.read_bytes())
        installed = {str(p.relative_to(self.folder / "package/usr")) for p in (self.folder / "package").rglob("*") if p.is_file()}
        self.assertEqual(installed, {"bin/limpet", "share/man/man1/limpet.1", "share/bash-completion/completions/limpet",
                                     "share/zsh/site-functions/_limpet", "share/fish/vendor_completions.d/limpet.fish"})  # fmt: skip
        other = self.folder / "package/usr/share/man/man1/other.1"
        other.write_text("not ours")
        self.make("uninstall", "DESTDIR=" + str(self.folder / "package"), "PREFIX=/usr")
        left = [p for p in (self.folder / "package/usr").rglob("*") if p.is_file()]
        self.assertEqual(left, [other])
        other.unlink()
        self.make("install", "DESTDIR=" + str(self.folder / "package"), "PREFIX=/opt/of its own")
        self.make("uninstall", "DESTDIR=" + str(self.folder / "package"), "PREFIX=/opt/of its own")
        self.assertEqual(list((self.folder / "package/opt/of its own").iterdir()), [])

    def test_without_sources_of_the_grammar(self):
        self.copy()
        (self.tree / "node_modules").unlink()
        done = self.make(ok=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("run `make deps`", done.stdout)
        self.assertNotIn("  CC ", done.stdout)

    def test_help_lists_every_target(self):
        makefile = (REPO / "Makefile").read_text()
        phony = re.search(r"^\.PHONY: ((?:.|\\\n)*?)$(?<!\\)", makefile, re.M).group(1)
        targets = set(phony.replace("\\\n", " ").split()) - {"FORCE"}
        listed = re.findall(r"^  make (\S+) +\S", self.make("help", cwd=REPO).stdout, re.M)
        self.assertEqual(targets, set(listed))
        self.assertIn("scan", listed)


class Setup(Copy):
    """packaging/deps.sh in a world of stub commands."""

    TOOLS = ("sh", "env", "sed", "grep", "id", "tr", "cut", "mkdir", "cp")

    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.log = self.folder / "log"
        self.log.touch()
        for name in self.TOOLS:
            os.symlink(shutil.which(name), self.bin / name)
        self.env["PATH"] = str(self.bin)

    def stub(self, name, body="exit 0"):
        path = self.bin / name
        path.write_text('#!/bin/sh\necho "%s $*" >> %s\n%s\n' % (name, self.log, body))
        path.chmod(0o755)

    def everything(self):
        for name in ("make", "cc", "git", "npm", "python3", "apt-get", "sudo", "xmllint"):
            self.stub(name)

    def deps(self, *arguments, **settings):
        done = subprocess.run(
            [str(self.bin / "sh"), "packaging/deps.sh", *arguments], cwd=self.tree,
            env={**self.env, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        return done.returncode, done.stdout

    def called(self, name):
        return [line for line in self.log.read_text().splitlines() if line.split()[0] == name]

    def test_silent_and_offline_when_all_is_there(self):
        self.copy()
        self.everything()
        self.assertEqual((0, ""), self.deps("install", "build", "test"))
        self.assertEqual([], self.called("apt-get") + self.called("npm") + self.called("sudo"))

    def test_the_machine_at_hand_has_what_it_needs(self):
        done = subprocess.run(["packaging/deps.sh", "check", "build", "test"], cwd=REPO,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        self.assertEqual((0, b""), (done.returncode, done.stdout))

    def test_scanning_needs_less_than_testing(self):
        self.copy()
        self.everything()
        (self.bin / "git").unlink()
        self.assertEqual((0, ""), self.deps("install", "build"))
        self.assertEqual((1, "limpet: missing Debian packages: git (run `make deps`)\n"),
                         self.deps("check", "build", "test"))  # fmt: skip

    def test_installs_only_what_is_missing_and_says_so_before(self):
        self.copy()
        self.everything()
        self.stub("cc", "! grep -q utf8proc")
        self.stub("python3", "exit 1")
        code, out = self.deps("install", "build", "test")
        self.assertEqual(0, code, out)
        self.assertRegex(out, "^limpet: installing from Debian .*: libutf8proc-dev python3-jsonschema python3-yaml\n$")
        self.assertTrue(
            self.called("apt-get")[-1].endswith("--no-install-recommends libutf8proc-dev python3-jsonschema python3-yaml"))  # fmt: skip
        self.assertEqual([], self.called("npm"))
        self.assertEqual(os.geteuid() != 0, bool(self.called("sudo")))

    def test_a_bare_machine(self):
        self.copy()
        (self.tree / "node_modules").unlink()
        for name in ("make", "apt-get", "sudo"):
            self.stub(name)
        code, out = self.deps("install", "build", "test")
        self.assertEqual(1, code)
        for package in ("gcc", "libc6-dev", "libxxhash-dev", "libutf8proc-dev", "libjansson-dev", "libcmocka-dev", "git", "python3",
                        "python3-jsonschema", "python3-yaml", "libxml2-utils", "npm", "ca-certificates"):  # fmt: skip
            self.assertIn(" " + package, self.called("apt-get")[-1])
        self.assertIn("npm could not fetch the sources", out)

    def test_sources_that_are_missing_old_or_half_there(self):
        self.copy()
        self.everything()
        modules = self.tree / "node_modules"
        modules.unlink()
        self.stub("npm", "mkdir node_modules; cp -R %s/node_modules/. node_modules" % REPO)
        self.assertEqual(0, self.deps("install", "build")[0])
        self.assertEqual(["npm ci --ignore-scripts --no-audit --no-fund --omit=dev"], self.called("npm"))
        self.assertEqual((0, ""), self.deps("install", "build"))
        wanted = (self.tree / "package.json").read_text()
        (self.tree / "package.json").write_text(wanted.replace('python": "0.', 'python": "9.'))
        code, out = self.deps("install", "build")
        self.assertEqual((1, 2), (code, len(self.called("npm"))), out)
        (self.tree / "package.json").write_text(wanted)
        (modules / ".package-lock.json").unlink()
        self.deps("install", "build")
        self.assertEqual(3, len(self.called("npm")))

    def test_what_tests_alone_read_is_fetched_for_tests(self):
        self.copy()
        self.everything()
        (self.tree / "node_modules").unlink()
        (self.tree / "node_modules").mkdir()
        for part in (REPO / "node_modules").iterdir():
            if part.name != "@microsoft":
                os.symlink(part, self.tree / "node_modules" / part.name)
        self.assertEqual((0, ""), self.deps("install", "build"))
        code, out = self.deps("install", "build", "test")
        self.assertEqual(["npm ci --ignore-scripts --no-audit --no-fund"], self.called("npm"))
        self.assertIn("@microsoft/jest-sarif", out)
        self.assertEqual(1, code, "the stub brings nothing")

    def test_a_system_without_apt(self):
        self.copy()
        self.everything()
        (self.bin / "apt-get").unlink()
        (self.bin / "git").unlink()
        code, out = self.deps("install", "build", "test")
        self.assertEqual(1, code)
        self.assertIn("there is no apt-get to install it with: git", out)

    def test_no_right_to_install(self):
        self.copy()
        self.everything()
        (self.bin / "sudo").unlink()
        (self.bin / "git").unlink()
        (self.bin / "id").unlink()
        self.stub("id", "echo 1000")
        code, out = self.deps("install", "build", "test")
        self.assertEqual(1, code)
        self.assertIn("run this as root, then try again: apt-get install", out)
        self.assertEqual([], self.called("apt-get"))

    def test_a_compiler_that_was_asked_for(self):
        self.copy()
        self.everything()
        code, out = self.deps("install", "build", CC="clang-99")
        self.assertEqual((1, "limpet: the compiler 'clang-99' is not installed\n"), (code, out))

    def test_apt_fails(self):
        self.copy()
        self.everything()
        self.stub("apt-get", "exit 100")
        (self.bin / "git").unlink()
        code, out = self.deps("install", "test")
        self.assertEqual(1, code)
        self.assertIn("still missing: git", out)


@unittest.skipUnless(FULL, "long: FULL=1 runs it")
class Release(Copy):
    def test_builds_without_npm_and_is_the_same_each_time(self):
        subprocess.run(["git", "clone", "-q", str(REPO), str(self.tree)], check=True)
        os.symlink(REPO / "node_modules", self.tree / "node_modules")
        self.make("dist")
        (archive,) = (self.tree / "dist").iterdir()
        first = archive.read_bytes()
        self.make("dist")
        self.assertEqual(first, archive.read_bytes())
        subprocess.run(["tar", "-xf", str(archive), "-C", str(self.folder)], check=True)
        release = self.folder / archive.name[: -len(".tar.gz")]
        self.assertFalse((release / "node_modules").exists())
        self.make("-j2", cwd=release)
        done = subprocess.run([str(release / "build/limpet"), "version"], stdout=subprocess.PIPE)
        self.assertEqual(0, done.returncode)


if __name__ == "__main__":
    unittest.main()
