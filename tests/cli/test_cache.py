"""The cache of what was read: the same output with and without it, whatever happens to it, and its removal."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import CLEAN, LIMPET, CliTest
from test_hook import DROP, KEPT, OTHER, GitTest

LEAK = "SEEN = []\n\n\ndef note(request):\n    SEEN.append(request)\n"
FORMATS = "full concise json sarif github gitlab junit rdjson azure checkstyle html".split()
FOLDER = ".limpet_cache"
# Not large, and with findings, notebooks and all that the reader meets.
LIBRARY = ("asyncio", "concurrent", "http", "json", "logging")


def notebook(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": s, "outputs": [], "metadata": {}} for s in sources],
                       "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


class CacheTest(CliTest):
    def environment(self, **more):
        env = super().environment()
        env.pop("LIMPET_NO_CACHE", None)
        env.pop("LIMPET_CACHE_DIR", None)
        env.update(more)
        return env

    def counts(self, *args, code=None, **more):
        """What -v says: found, missing, added."""
        run = self.run_limpet("-v", *args, **more)
        if code is not None:
            self.assertEqual(run.returncode, code)
        said = re.search(r"limpet: cache: (\d+) found, (\d+) missing, (\d+) added\n", run.stderr.decode())
        self.assertTrue(said, run.stderr.decode())
        return tuple(map(int, said.groups()))

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def listing(self, folder="."):
        return sorted(os.listdir(self.path(folder)))


class Output(CacheTest):
    def setUp(self):
        super().setUp()
        library = sysconfig.get_path("stdlib")
        for name in LIBRARY:
            shutil.copytree(os.path.join(library, name), self.path("lib", name),
                            ignore=lambda d, names: [n for n in names if not n.endswith(".py") and
                                                     not os.path.isdir(os.path.join(d, n))])
        self.write("lib/a.ipynb", notebook("x = 1", LEAK, "%time x\n", "CACHE = {}\ndef f(r):\n    CACHE[r.id] = r\n"))
        self.write("lib/broken.py", "def f(:\n    pass\n" + LEAK)
        self.write("lib/latin.py", b"# caf\xe9\n" + LEAK.encode())
        self.write("lib/cookie.py", b"# coding: latin-1\nname = '\xe9'\n" + LEAK.encode())
        self.write("lib/odd.py", b"# coding: no-such-code\n" + LEAK.encode())
        self.write("lib/nul.py", b"x = 1\0\n" + LEAK.encode())
        self.write("lib/stub.pyi", "SEEN: list\n")
        self.write("lib/twin.py", "SEEN: list\n")
        self.write("lib/generated.py", "# @generated\n" + LEAK)
        self.write("lib/empty.py", "")
        self.write("lib/ignored.py", LEAK.replace("(request)\n", "(request)  # limpet: ignore[LMP201] it is so\n"))

    def documents(self, *options):
        """All formats, and what else is printed."""
        wanted = ",".join("%s=%s" % (name, self.path("out." + name)) for name in FORMATS)
        run = self.run_limpet("--exit-zero", "--min-confidence", "low", "lib", "--output-format", wanted, *options)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        texts = {name: Path(self.path("out." + name)).read_bytes() for name in FORMATS}
        texts["stdout"], texts["stderr"] = run.stdout, run.stderr
        return texts

    def test_the_same_bytes_with_and_without_it(self):
        plain = self.documents("--no-cache")
        self.assertNotIn(FOLDER, self.listing())
        self.assertGreater(len(json.loads(plain["json"])["findings"]), 10)
        for options in ((), (), ("-j1",), ("-j8",)):
            with self.subTest(options=options):
                self.assertEqual(self.documents(*options), plain)
        shutil.rmtree(self.path(FOLDER))
        self.assertEqual(self.documents("-j1"), plain)
        self.assertEqual(self.documents("-j8"), plain)

    def test_what_is_kept(self):
        found, missing, added = self.counts("lib", "--exit-zero")
        self.assertEqual(found, 0)
        self.assertGreater(added, 50)
        again = self.counts("lib", "--exit-zero")
        # what iconv does not know is looked at anew
        self.assertEqual(again, (missing - 1, 1, 0))

    def test_damage_is_no_trouble(self):
        plain = self.documents("--no-cache")
        folder = Path(self.path(FOLDER))
        for pattern in ("facts.index", "*.segment"):
            for damage in (lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b[::-1],
                           lambda b: b[:100] + os.urandom(len(b) - 100)):
                self.documents()
                (victim,) = folder.glob(pattern)
                whole = victim.read_bytes()
                victim.unlink()
                victim.write_bytes(damage(whole))
                with self.subTest(file=pattern):
                    self.assertEqual(self.documents(), plain)
                shutil.rmtree(folder)

    def test_a_killed_run_leaves_it_usable(self):
        plain = self.documents("--no-cache")
        for delay in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
            self.write("lib/more.py", "x = %r\n" % delay)
            run = subprocess.Popen([LIMPET, "lib", "-q"], cwd=self.dir, env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            run.send_signal(signal.SIGKILL)
            run.wait()
        os.unlink(self.path("lib/more.py"))
        self.assertEqual(self.documents(), plain)
        self.assertEqual([n for n in self.listing(FOLDER) if n.endswith(".tmp")], [])

    def test_runs_side_by_side(self):
        plain = self.documents("--no-cache")["json"]
        for round in range(3):
            runs = [subprocess.Popen([LIMPET, "lib", "--exit-zero", "--min-confidence", "low", "--output-format",
                                      "json"], cwd=self.dir, env=self.environment(), stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE) for _ in range(4)]
            for run in runs:
                out, err = run.communicate(timeout=60)
                self.assertEqual((run.returncode, err), (0, b""))
                self.assertEqual(out, plain)
            self.assertEqual(self.counts("lib", "--exit-zero")[1:], (1, 0))
            shutil.rmtree(self.path(FOLDER))


class Keys(CacheTest):
    def test_only_what_was_edited_is_read_again(self):
        for i in range(20):
            self.write("m%d.py" % i, "x = %d\n" % i)
        self.assertEqual(self.counts(), (0, 20, 20))
        self.assertEqual(self.counts(), (20, 0, 0))
        self.write("m7.py", LEAK)
        self.assertEqual(self.counts(code=1), (19, 1, 1))
        self.assertEqual(self.counts(code=1), (20, 0, 0))
        self.write("m7.py", "x = 7\n")  # as it was
        self.assertEqual(self.counts(code=0), (20, 0, 0))

    def test_times_and_names_do_not_count(self):
        self.write("a.py", LEAK)
        self.counts()
        os.utime(self.path("a.py"), (1, 1))
        os.rename(self.path("a.py"), self.path("b.py"))
        self.assertEqual(self.counts(), (1, 0, 0))
        self.assertIn("b.py:5", self.limpet(code=1))

    def test_an_edit_that_keeps_size_and_time(self):
        self.write("a.py", LEAK)
        before = os.stat(self.path("a.py"))
        self.limpet(code=1)
        self.write("a.py", LEAK.replace("append", "remove"))
        os.utime(self.path("a.py"), ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(os.stat(self.path("a.py")).st_size, before.st_size)
        self.limpet(code=0)

    def test_the_kind_counts(self):
        self.write("a.py", "x = 1\n")
        self.counts()
        for name in ("a.pyi", "a.ipynb"):
            os.rename(self.path(self.listing()[1]), self.path(name))
            self.assertEqual(self.counts()[:2], (0, 1))

    def test_the_size_limit_holds(self):
        self.write("a.py", LEAK * 20)
        self.limpet(code=1)
        self.assertIn("larger than --max-file-size", self.run_limpet("-v", "--max-file-size", "100").stderr.decode())
        self.limpet(code=1)


class Place(CacheTest):
    def test_beside_the_configuration_or_at_the_top_or_here(self):
        self.write("app/pkg/a.py", CLEAN)
        self.limpet("app/pkg")
        self.assertIn(FOLDER, self.listing())
        os.mkdir(self.path("app/.git"))
        self.limpet("app/pkg")
        self.assertIn(FOLDER, self.listing("app"))
        self.write("app/pkg/limpet.toml", "")
        self.limpet("app/pkg")
        self.assertIn(FOLDER, self.listing("app/pkg"))

    def test_options_and_environment(self):
        self.write("a.py", CLEAN)
        self.limpet("--cache-dir", "one/two")
        self.assertIn("facts.index", self.listing("one/two"))
        self.assertEqual(self.counts("--cache-dir", "one/two"), (1, 0, 0))
        self.limpet(env={"LIMPET_CACHE_DIR": self.path("three")})
        self.assertIn("facts.index", self.listing("three"))
        self.assertEqual(self.counts("--cache-dir", "one/two", env={"LIMPET_CACHE_DIR": self.path("four")}), (1, 0, 0))
        self.limpet("--no-cache")
        self.limpet(env={"LIMPET_NO_CACHE": "1"})
        self.assertEqual(self.listing(), ["a.py", "one", "three"])
        self.limpet(env={"LIMPET_NO_CACHE": "0"})
        self.assertIn(FOLDER, self.listing())

    def test_a_configuration_cannot_say_where(self):
        self.write("limpet.toml", 'cache-dir = "/tmp"\n')
        self.write("a.py", CLEAN)
        self.assertIn("'cache-dir' is an option of the command line alone", self.fails())

    def test_it_is_not_read_and_not_tracked(self):
        self.write("a.py", CLEAN)
        self.limpet()
        self.write(FOLDER + "/b.py", LEAK)
        self.assertIn("1 file read", self.limpet("--no-cache"))
        self.assertEqual(Path(self.path(FOLDER, ".gitignore")).read_text().splitlines()[-1], "*")
        self.assertTrue(Path(self.path(FOLDER, "CACHEDIR.TAG")).read_text().startswith(
            "Signature: 8a477f597d28d172789f06886806bc55\n"))

    def test_where_nothing_can_be_written(self):
        self.write("a.py", LEAK)
        self.write("file", "")
        os.mkdir(self.path("full"))
        self.write("full/mine.txt", "mine")
        os.symlink(self.path("full"), self.path(FOLDER))
        for option in ((), ("--cache-dir", "file"), ("--cache-dir", "file/below"), ("--cache-dir", "full"),
                       ("--cache-dir", "/proc/none"), ("--cache-dir", "/dev/null"), ("--cache-dir", "x" * 5000)):
            with self.subTest(option=option):
                self.assertIn("LMP201", self.limpet(*option, code=1))
                self.assertIn("limpet: cache not written: ", self.run_limpet("-v", *option).stderr.decode())
        self.assertEqual(self.listing("full"), ["mine.txt"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk(self):
        self.write("a.py", LEAK + "x = 1\n" * 2000)
        run = subprocess.run(["/bin/sh", "-c", 'ulimit -f 1; exec "$0" -v', LIMPET], cwd=self.dir,
                             env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"limpet: cache not written: ", run.stderr)
        self.assertEqual([n for n in self.listing(FOLDER) if n.startswith("facts-")], [])

    def test_standard_input_is_not_kept(self):
        self.assertEqual(self.counts("-", stdin=LEAK.encode()), (0, 0, 0))
        self.assertEqual(self.listing(), [])


class Clean(CacheTest):
    def test_it_goes(self):
        self.write("a.py", CLEAN)
        self.assertEqual(self.limpet("clean"), "Nothing to remove: no '%s'\n" % FOLDER)
        self.limpet()
        self.assertEqual(self.limpet("clean"), "Removed '%s'\n" % FOLDER)
        self.assertEqual(self.listing(), ["a.py"])
        self.limpet()
        self.assertEqual(self.limpet("clean", "-q"), "")
        self.assertEqual(self.listing(), ["a.py"])

    def test_of_another_project(self):
        self.write("app/limpet.toml", "")
        self.write("app/a.py", CLEAN)
        self.limpet("app")
        self.assertEqual(self.limpet("clean", "app"), "Removed 'app/%s'\n" % FOLDER)
        self.limpet("app", "--cache-dir", "kept")
        self.assertEqual(self.limpet("clean", "--cache-dir", "kept"), "Removed 'kept'\n")
        self.assertEqual(self.listing(), ["app"])

    def test_what_is_not_ours_stays(self):
        self.write("full/mine.txt", "mine")
        said = self.fails("clean", "--cache-dir", "full")
        self.assertEqual(said, "limpet: cannot remove 'full': it holds what limpet did not put there\n")
        self.write("a.py", CLEAN)
        self.limpet()
        self.write(FOLDER + "/mine.txt", "mine")
        self.limpet("clean")
        self.assertEqual(self.listing(FOLDER), ["mine.txt"])


class Hook(GitTest):
    REMEMBERED = "limpet: the findings of 'HEAD' are remembered\n"

    def environment(self, **more):
        env = super().environment(**more)
        if "LIMPET_NO_CACHE" not in more:
            env.pop("LIMPET_NO_CACHE", None)
        return env

    def hook(self, *options, **more):
        """Exit code, stdout, and whether HEAD's findings were remembered; the same without the cache."""
        plain = self.run_limpet("--hook", *options, env={"LIMPET_NO_CACHE": "1"}, **more)
        self.assertEqual(plain.stderr, b"")
        for _ in range(2):
            run = self.run_limpet("--hook", *options, **more)
            self.assertEqual((run.returncode, run.stdout, run.stderr), (plain.returncode, plain.stdout, b""))
        return plain.returncode, plain.stdout.decode(), self.remembers(*options)

    def remembers(self, *options):
        """Of one more run of the hook: is HEAD remembered?"""
        return self.REMEMBERED in self.run_limpet("--hook", "-v", *options).stderr.decode()

    def test_a_sequence_of_commits(self):
        """With and without the cache, after each kind of edit."""
        self.write("limpet.toml", "")
        self.commit(kept=KEPT, drop=DROP, old=LEAK)
        edits = [
            lambda: self.write("new.py", OTHER),
            lambda: self.write("drop.py", DROP.replace("kept.CACHE.pop(request.id, None)", "print(request)")),
            lambda: self.git("mv", "old.py", "moved.py"),
            lambda: self.write("moved.py", "# a comment\n" + LEAK),
            lambda: self.git("rm", "-q", "kept.py"),
            lambda: self.write("kept.py", KEPT),
            lambda: self.write("limpet.toml", "ignore = ['LMP201']\n"),
            lambda: self.write("more.py", LEAK),
            lambda: self.write("limpet.toml", "min-confidence = 'low'\n"),
            lambda: self.write("kept.py", KEPT + "x = 1\n"),
        ]
        codes = []
        for edit in edits:
            edit()
            self.git("add", "-A")
            codes.append(self.hook("--output-format", "concise")[0])
            self.git("commit", "-q", "--no-verify", "-m", "x")
        self.assertEqual(codes[:4], [1, 1, 0, 0])
        self.assertIn(1, codes[4:])

    def test_the_staged_side_is_the_next_head(self):
        self.commit(kept=KEPT, old=LEAK)
        self.write("new.py", OTHER)
        self.git("add", "-A")
        self.assertFalse(self.remembers())
        self.git("commit", "-q", "--no-verify", "-m", "x")
        self.write("newer.py", OTHER.replace("LOG", "LINES"))
        self.git("add", "-A")
        self.assertTrue(self.remembers())
        self.assertEqual(self.found("--hook"), [("newer.py", "LMP201")])

    def test_settings_are_a_part_of_the_state(self):
        self.commit(kept=KEPT, old=LEAK)
        self.write("new.py", OTHER)
        self.git("add", "-A")
        self.assertTrue(self.hook()[2])
        for options in (("--min-confidence", "low"), ("--select", "LMP2"), ("--ignore-suppressions",),
                        ("--target-version", "3.12"), ("--config", "profile = 'library'"), ("--free-threaded",),
                        ("--config", "long-lived = ['old.SEEN']"), ("--exclude", "old.py"),
                        ("--max-file-size", "60")):
            with self.subTest(options=options):
                self.assertFalse(self.remembers(*options))
                self.hook(*options)

    def test_a_commit_that_is_tried_again_reads_nothing(self):
        self.commit(kept=KEPT, old=LEAK)
        self.write("old.py", LEAK + "x = 1\n")
        self.git("add", "-A")
        self.assertIn("limpet: link took", self.run_limpet("--hook", "-v").stderr.decode())
        self.assertNotIn("limpet: link took", self.run_limpet("--hook", "-v").stderr.decode())
        self.silent()
        self.assertEqual(self.found("--hook"), [])  # a document has its counts

    def test_what_was_new_stays_new_when_tried_again(self):
        self.commit(kept=KEPT)
        self.write("new.py", OTHER)
        self.git("add", "-A")
        for _ in range(3):
            self.assertEqual(self.found("--hook"), [("new.py", "LMP201")])
        self.limpet("--write-baseline", stderr="")
        self.git("add", "-A")
        self.silent()

    def test_merges_and_since(self):
        self.commit(kept=KEPT)
        self.git("checkout", "-q", "-b", "side")
        self.commit(side=LEAK)
        self.git("checkout", "-q", "main")
        self.commit(main=OTHER)
        self.git("merge", "-q", "--no-ff", "--no-commit", "side", ok=False)
        self.write("both.py", LEAK.replace("SEEN", "BOTH"))
        self.git("add", "-A")
        for _ in range(2):
            self.assertEqual(self.hook()[0], 1)
            self.assertEqual(self.found("--hook"), [("both.py", "LMP201")])
            self.assertEqual(self.found("--since", "HEAD"), [("both.py", "LMP201"), ("side.py", "LMP201")])

    def test_a_damaged_memory_is_no_memory(self):
        self.commit(kept=KEPT, old=LEAK)
        self.write("new.py", OTHER)
        self.git("add", "-A")
        self.hook()
        for file in sorted(Path(self.dir, FOLDER).glob("facts-*")):
            whole = file.read_bytes()
            file.unlink()
            file.write_bytes(whole[:64] + bytes(b ^ 1 for b in whole[64:]))
            self.assertEqual(self.found("--hook"), [("new.py", "LMP201")])
        shutil.rmtree(Path(self.dir, FOLDER))
        self.assertEqual(self.found("--hook"), [("new.py", "LMP201")])


if __name__ == "__main__":
    unittest.main()
