"""--since, --staged and --hook: what is new between two states of a project that git keeps."""

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import LIMPET, CliTest

KEPT = "CACHE = {}\n\n\ndef put(request):\n    CACHE[request.id] = request\n"
DROP = """\
import kept


def drop(request):
    kept.CACHE.pop(request.id, None)


def serve(source):
    for request in source:
        kept.put(request)
        drop(request)
"""
LEAK = "SEEN = []\n\n\ndef note(request):\n    SEEN.append(request)\n"
OTHER = LEAK.replace("SEEN", "LOG").replace("note", "log")


class GitTest(CliTest):
    """A scratch repository; no configuration of the machine or the user counts."""

    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main", ".")

    def environment(self, **more):
        env = super().environment(
            GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@b.c",
            GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@b.c", GIT_EDITOR="true", GIT_PROTOCOL_FROM_USER="1")
        for name in [k for k in env if k.startswith("PRE_COMMIT")] + ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"]:
            env.pop(name, None)
        env.update(more)
        return env

    def git(self, *args, ok=True, env=None, cwd=None):
        run = subprocess.run(["git", *args], cwd=cwd or self.dir, env=self.environment(**(env or {})), text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="backslashreplace")
        self.assertTrue(not ok or run.returncode == 0, "git %s\n%s" % (" ".join(args), run.stdout))
        return run

    def commit(self, **files):
        for name, text in files.items():
            self.write(name + ".py", text)
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", "x")

    def found(self, *options, **more):
        """(path, code) of what is reported, by the exit code, too."""
        run = self.run_limpet("--output-format", "json", *options, **more)
        self.assertEqual(run.stderr, b"")
        found = json.loads(run.stdout)["findings"]
        self.assertEqual(run.returncode, bool(found))
        return [(f["path"], f["code"]) for f in found]

    def silent(self, *options, **more):
        self.assertEqual(self.limpet("--hook", *options, **more), "")


class Staged(GitTest):
    def test_clean_commits_are_silent(self):
        self.commit(kept=KEPT, drop=DROP)
        self.silent()
        self.write("drop.py", DROP + "\n\ndef more():\n    return 1\n")
        self.git("add", "-A")
        self.silent()

    def test_old_leaks_are_silent_and_new_ones_are_not(self):
        self.commit(kept=KEPT, drop=DROP, old=LEAK)
        self.write("new.py", OTHER)
        self.git("add", "new.py")
        out = self.limpet("--hook", "--output-format", "concise", code=1)
        self.assertEqual(len(out.splitlines()), 2, out)
        self.assertTrue(out.startswith("new.py:5:5: LMP201 "), out)
        self.assertIn("1 finding known before", out)
        self.assertEqual(self.found("--staged"), [("new.py", "LMP201")])

    def test_an_old_leak_in_an_edited_file(self):
        self.commit(old=LEAK)
        self.write("old.py", "import os\n\n\n" + LEAK + "\n\ndef f():\n    return os\n")
        self.git("add", "-A")
        self.silent()

    def test_before_the_first_commit(self):
        self.write("new.py", LEAK)
        self.silent()  # nothing is staged
        self.git("add", "-A")
        self.assertEqual(self.found("--hook"), [("new.py", "LMP201")])

    def test_the_whole_program_answers_when_one_of_two_files_is_staged(self):
        self.commit(kept=KEPT, drop=DROP)
        self.write("drop.py", DROP.replace("kept.CACHE.pop(request.id, None)", "print(request)"))
        self.git("add", "drop.py")
        self.assertEqual(self.found("--hook"), [("kept.py", "LMP201")])

    def test_a_file_that_removes_is_deleted(self):
        self.commit(kept=KEPT, drop=DROP, use="import kept\n\n\ndef go(source):\n    for r in source:\n        kept.put(r)\n")
        self.git("rm", "-q", "drop.py")
        self.assertEqual(self.found("--hook"), [("kept.py", "LMP201")])

    def test_deletions_and_renames_of_leaks(self):
        self.commit(old=LEAK, other=OTHER)
        self.git("rm", "-q", "other.py")
        self.git("mv", "old.py", "moved.py")
        self.silent()
        os.mkdir(os.path.join(self.dir, "deep"))
        self.git("mv", "moved.py", "deep/er.py")
        self.silent()

    def test_what_is_not_staged_does_not_count(self):
        self.commit(kept=KEPT, drop=DROP)
        self.write("drop.py", DROP.replace("kept.CACHE.pop(request.id, None)", "print(request)"))
        self.silent()
        self.assertEqual(self.found("--since", "HEAD"), [("kept.py", "LMP201")])
        self.git("add", "drop.py")  # and the other way round: mended on disk, not in the index
        self.write("drop.py", DROP)
        self.assertEqual(self.found("--hook"), [("kept.py", "LMP201")])
        self.assertEqual(self.found("--since", "HEAD"), [])

    def test_the_excerpt_is_what_is_staged(self):
        self.commit(a="x = 1\n")
        self.write("new.py", LEAK)
        self.git("add", "-A")
        self.write("new.py", "# nothing of it\n")
        out = self.limpet("--hook", code=1)
        self.assertIn("    5 |     SEEN.append(request)\n", out)

    def test_untracked_files_do_not_count(self):
        self.commit(a="x = 1\n")
        self.write("new.py", LEAK)
        self.silent()
        self.assertEqual(self.found("--since", "HEAD"), [("new.py", "LMP201")])

    def test_commit_all_and_commit_paths_use_an_index_of_their_own(self):
        self.commit(a="x = 1\n", b="x = 1\n")
        hook = self.write(".git/hooks/pre-commit", '#!/bin/sh\nexec "$LIMPET" --hook --output-format concise\n')
        os.chmod(hook, 0o755)
        env = {"LIMPET": LIMPET}
        self.write("a.py", LEAK)
        self.write("b.py", OTHER)
        run = self.git("commit", "-a", "-m", "x", ok=False, env=env)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("a.py:5:5: LMP201", run.stdout)
        self.assertIn("b.py:5:5: LMP201", run.stdout)
        run = self.git("commit", "-m", "x", "b.py", ok=False, env=env)
        self.assertNotIn("a.py:", run.stdout)
        self.assertIn("b.py:5:5: LMP201", run.stdout)
        self.write("b.py", "y = 2\n")
        self.git("commit", "-q", "-m", "x", "b.py", env=env)
        os.mkdir(os.path.join(self.dir, "deep"))
        run = self.git("commit", "-a", "-m", "x", ok=False, env=env, cwd=os.path.join(self.dir, "deep"))
        self.assertIn("a.py:5:5: LMP201", run.stdout)

    def test_a_suppression_that_goes(self):
        self.commit(a=LEAK.replace("SEEN.append(request)", "SEEN.append(request)  # limpet: ignore[LMP201] few"))
        self.silent()
        self.write("a.py", LEAK)
        self.git("add", "-A")
        self.assertEqual(self.found("--hook"), [("a.py", "LMP201")])

    def test_the_baseline_counts_too(self):
        self.commit(a="x = 1\n")
        self.write("a.py", LEAK)
        self.limpet("--write-baseline", "-q")
        self.git("add", "-A")
        self.silent()
        self.assertEqual(self.found("--hook", "--no-baseline"), [("a.py", "LMP201")])

    def test_excludes_and_named_paths(self):
        self.commit(a="x = 1\n")
        self.write("venv/a.py", LEAK)
        self.write("skipped/a.py", LEAK)
        self.write("app/a.py", LEAK)
        self.write("app/readme.txt", LEAK)
        self.write("limpet.toml", 'exclude = ["skipped"]\n')
        self.git("add", "-A", "-f")
        self.assertEqual(self.found("--hook"), [("app/a.py", "LMP201")])
        self.assertEqual(self.found("--hook", "--isolated", "skipped"), [("skipped/a.py", "LMP201")])
        self.assertEqual(self.found("--hook", "a.py"), [])

    def test_hostile_names(self):
        self.commit(a="x = 1\n")
        names = ["--output-format=json.py", "two words.py", "new\nline.py", "quo\"te's.py", "é\u202e.py", "-.py", "%s.py",
                 "\\x41.py", ":(top)a.py", "*.py"]
        for i, name in enumerate(names):
            self.write(name, LEAK.replace("SEEN", "SEEN%d" % i))
        with open(os.path.join(self.dir.encode(), b"\xff.py"), "w") as f:
            f.write(LEAK.replace("SEEN", "BYTES"))
        self.git("add", "-A")
        self.assertEqual(sorted(p for p, _ in self.found("--hook")), sorted(names + ["\ufffd.py"]))

    def test_symlinks_and_submodules_are_not_read(self):
        self.commit(a="x = 1\n")
        inner = os.path.join(self.dir, "inner")
        os.mkdir(inner)
        self.git("init", "-q", cwd=inner)
        self.write("inner/leak.py", LEAK)
        self.git("add", "-A", cwd=inner)
        self.git("commit", "-q", "-m", "x", cwd=inner)
        self.git("-c", "advice.addEmbeddedRepo=false", "add", "inner")
        os.symlink("inner/leak.py", os.path.join(self.dir, "link.py"))
        self.git("add", "link.py")
        self.silent()
        self.write("inner/leak.py", LEAK + OTHER)  # the submodule is a repository of its own
        self.git("add", "-A", cwd=inner)
        run = subprocess.run([LIMPET, "--hook", "--output-format", "concise"], cwd=inner,
                             env=self.environment(), stdout=subprocess.PIPE, text=True)
        self.assertEqual((run.returncode, run.stdout.count("LMP201")), (1, 1), run.stdout)

    def test_a_merge_brings_nothing_new(self):
        self.commit(a="x = 1\n")
        self.git("checkout", "-q", "-b", "side")
        self.commit(side=LEAK)
        self.git("checkout", "-q", "main")
        self.commit(main=OTHER)
        self.git("merge", "-q", "--no-commit", "--no-ff", "side")
        self.silent()
        self.write("main.py", OTHER + "    LOG2.append(request)\n\n\nLOG2 = []\n")
        self.git("add", "-A")
        self.assertEqual(self.found("--hook"), [("main.py", "LMP201")])

    def test_a_conflict(self):
        self.commit(a="x = 1\n")
        self.git("checkout", "-q", "-b", "side")
        self.commit(a=LEAK)
        self.git("checkout", "-q", "main")
        self.commit(a=OTHER)
        self.git("merge", "-q", "side", ok=False)
        self.silent()  # our side, which is not new

    def test_two_revisions_of_pre_commit(self):
        self.commit(a="x = 1\n")
        self.commit(b=LEAK)
        self.commit(c=OTHER)
        between = lambda one, two: {"PRE_COMMIT_FROM_REF": one, "PRE_COMMIT_TO_REF": two}
        self.assertEqual(self.found("--hook", env=between("HEAD~2", "HEAD~1")), [("b.py", "LMP201")])
        self.assertEqual(self.found("--hook", env=between("HEAD~1", "HEAD")), [("c.py", "LMP201")])
        self.git("checkout", "-q", "-b", "side", "HEAD~2")
        self.commit(d=LEAK.replace("SEEN", "D"))
        # what main got meanwhile is neither new nor missing
        self.assertEqual(self.found("--hook", env=between("main", "side")), [("d.py", "LMP201")])
        self.silent(env=between("HEAD", "HEAD"))
        self.assertIn("git knows no commit 'gone'", self.fails("--hook", env=between("gone", "HEAD")))

    def test_formats_and_quiet(self):
        self.commit(a="x = 1\n")
        document = json.loads(self.limpet("--hook", "--output-format", "json"))
        self.assertEqual(document["findings"], [])
        self.write("a.py", LEAK)
        self.git("add", "-A")
        self.assertEqual(len(self.limpet("--hook", "-q", "--output-format", "concise", code=1).splitlines()), 1)
        self.limpet("--hook", "-q", "--exit-zero", "--output-format", "concise")


class Since(GitTest):
    def test_new_since_a_revision(self):
        self.commit(a="x = 1\n", old=LEAK)
        self.git("tag", "v1")
        self.commit(b=OTHER)
        self.assertEqual(self.found("--since", "HEAD"), [])
        self.assertEqual(self.found("--since", "v1"), [("b.py", "LMP201")])
        self.git("mv", "old.py", "older.py")
        self.assertEqual(self.found("--since", "v1"), [("b.py", "LMP201")])
        self.assertEqual(self.found("--since", "v1", "--staged"), [("b.py", "LMP201")])
        self.assertEqual(self.found("--since", "v1", "a.py"), [])

    def test_line_ends_and_attributes(self):
        self.write(".gitattributes", "*.py text eol=crlf\n")
        self.commit(a=LEAK)
        self.assertEqual(self.found("--since", "HEAD"), [])
        os.utime(os.path.join(self.dir, "a.py"), (1, 1))  # times lie
        self.assertEqual(self.found("--since", "HEAD"), [])

    def test_from_a_folder_inside(self):
        self.commit(a="x = 1\n")
        self.write("deep/b.py", LEAK)
        self.git("add", "-A")
        for option in (("--since", "HEAD"), ("--staged",)):
            run = subprocess.run([LIMPET, *option, "--output-format", "concise"],
                                 cwd=os.path.join(self.dir, "deep"), env=self.environment(), stdout=subprocess.PIPE, text=True)
            self.assertTrue(run.stdout.startswith("b.py:5:5: LMP201"), run.stdout)

    def test_errors(self):
        self.commit(a="x = 1\n")
        self.assertEqual(self.fails("--since", "nosuch"), "limpet: git knows no commit 'nosuch'\n")
        for revision in ("--output=pwned", "HEAD:a.py", "-h", "a..b", "HEAD\nHEAD"):
            self.assertIn("git knows no commit", self.fails("--since=" + revision))
        self.assertFalse(os.path.exists(os.path.join(self.dir, "pwned")))
        self.assertIn("without --staged", self.fails("--staged", "--write-baseline"))
        self.assertIn("'-' is in no revision", self.fails("--staged", "-"))
        self.assertIn("git is not installed", self.fails("--staged", env={"PATH": "/nonexistent"}))
        with open(os.path.join(self.dir, ".git", "HEAD"), "w") as f:
            f.write("broken")
        self.assertIn("limpet: git ", self.fails("--staged"))

    def test_outside_of_a_repository(self):
        subprocess.run(["rm", "-rf", os.path.join(self.dir, ".git")], check=True)
        env = {"GIT_CEILING_DIRECTORIES": os.path.dirname(self.dir)}
        for option in ("--staged", "--hook", "--since=HEAD"):
            self.assertIn("not a git repository", self.fails(option, env=env))

    def test_a_blob_that_is_missing(self):
        self.commit(a="x = 1\n")
        self.write("a.py", LEAK)
        self.git("add", "-A")
        name = self.git("rev-parse", ":a.py").stdout.strip()
        os.remove(os.path.join(self.dir, ".git", "objects", name[:2], name[2:]))
        self.assertIn("git lacks the object " + name, self.fails("--staged"))

    def test_large_files_are_not_fetched(self):
        self.commit(a="x = 1\n")
        self.write("big.py", LEAK + "#" * 5000)
        self.git("add", "-A")
        self.assertEqual(self.found("--staged", "--max-file-size", "1K"), [])
        self.assertEqual(self.found("--staged"), [("big.py", "LMP201")])


class Large(GitTest):
    def test_2500_files(self):
        """Two states are compared for little more than one is checked: what is the same is read once."""
        for i in range(2500):
            self.write("pkg%d/m%d.py" % (i % 50, i),
                       "import os\n\n\nclass C%d:\n    def __init__(self):\n        self.items = {}\n\n"
                       "    def put(self, key, value):\n        self.items[key] = value\n\n"
                       "    def drop(self, key):\n        self.items.pop(key, None)\n\n\n" % i
                       + "\n\n".join("def f%d(a, b):\n    c = [x for x in a if x]\n    return os.path.join(b, *c)\n" % k
                                     for k in range(5)))
        self.commit()
        seconds = lambda *args, code=0: self.timed(*args, code=code)
        cold = min(seconds("-q") for _ in range(2))
        self.assertLess(seconds("--hook"), cold, "nothing is staged: nothing is read")
        self.write("pkg1/new.py", LEAK)
        self.git("add", "-A")
        hook = min(seconds("--hook", "-q", code=1) for _ in range(2))
        self.assertLess(hook, 2.5 * cold + 0.2, "cold scan %.2f s, hook %.2f s" % (cold, hook))

    def timed(self, *args, code):
        begin = time.monotonic()
        self.limpet(*args, code=code)
        return time.monotonic() - begin


if __name__ == "__main__":
    unittest.main()
