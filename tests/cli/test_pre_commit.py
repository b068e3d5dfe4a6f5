"""A real pre-commit in a scratch repository, with the hooks that this repository offers."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import LIMPET, ROOT
from test_hook import DROP, KEPT, LEAK, OTHER, GitTest

PRE_COMMIT = shutil.which("pre-commit")


@unittest.skipUnless(PRE_COMMIT, "pre-commit is not installed")
class PreCommit(GitTest):
    hook = "limpet-system"

    def setUp(self):
        super().setUp()
        self.hooks = self.dir + "-hooks"
        os.mkdir(self.hooks)
        self.addCleanup(shutil.rmtree, self.hooks)
        # what a clone of this repository holds, as far as installing looks at it
        for name in (".pre-commit-hooks.yaml", "pyproject.toml", "package.json", "README.md", "packaging"):
            source = os.path.join(ROOT, name)
            (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, os.path.join(self.hooks, name))
        self.git("init", "-q", "-b", "main", ".", cwd=self.hooks)
        self.git("add", "-A", cwd=self.hooks)
        self.git("commit", "-q", "-m", "hooks", cwd=self.hooks)
        revision = self.git("rev-parse", "HEAD", cwd=self.hooks).stdout.strip()
        self.write(".pre-commit-config.yaml",
                   "repos:\n- repo: file://%s\n  rev: %s\n  hooks:\n  - id: %s\n" % (self.hooks, revision, self.hook))
        self.commit(kept=KEPT, drop=DROP, old=LEAK)
        self.pre_commit("install")

    def environment(self, **more):
        path = os.path.dirname(LIMPET) + os.pathsep + os.environ["PATH"]
        base = dict(PATH=path, PRE_COMMIT_HOME=self.dir + "-hooks/cache", LIMPET_BINARY=LIMPET)
        return super().environment(**dict(base, **more))

    def pre_commit(self, *args, code=0):
        run = subprocess.run([PRE_COMMIT, *args], cwd=self.dir, env=self.environment(), text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(run.returncode, code, run.stdout)
        return run.stdout

    def passes(self, *args):
        run = self.git("commit", "-m", "x", *args)
        self.assertIn("Passed", run.stdout)
        self.assertNotIn("LMP", run.stdout)

    def blocks(self, *findings):
        run = self.git("commit", "-m", "x", ok=False)
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertEqual(run.stdout.count(": LMP"), len(findings), run.stdout)
        for finding in findings:
            self.assertIn(finding, run.stdout)


class System(PreCommit):
    def test_clean_commits_and_old_leaks(self):
        self.write("old.py", "import os\n\n" + LEAK + "\n\nprint(os)\n")
        self.git("add", "-A")
        self.passes()

    def test_a_staged_leak(self):
        self.write("new.py", OTHER)
        self.git("add", "-A")
        self.blocks("new.py:5:5: LMP201")
        self.git("rm", "-q", "-f", "new.py")
        self.git("commit", "-m", "x", "--allow-empty")

    def test_one_of_two_files_and_unstaged_changes(self):
        self.write("drop.py", DROP.replace("kept.CACHE.pop(request.id, None)", "print(request)"))
        self.write("a.py", "x = 1\n")
        self.git("add", "a.py")
        self.passes()  # pre-commit puts the unstaged change aside
        self.git("add", "drop.py")
        self.write("drop.py", DROP)  # mended on disk alone
        self.blocks("kept.py:5:5: LMP201")

    def test_deletions_renames_and_untracked_files(self):
        self.git("mv", "old.py", "moved.py")
        self.write("untracked.py", OTHER)
        self.passes()
        self.write("use.py", "import kept\n\n\ndef go(source):\n    for r in source:\n        kept.put(r)\n")
        self.git("add", "use.py")
        self.passes()
        self.git("rm", "-q", "drop.py")
        self.blocks("kept.py:5:5: LMP201")

    def test_commit_all(self):
        self.write("old.py", LEAK + "\n\n" + OTHER)
        run = self.git("commit", "-a", "-m", "x", ok=False)
        self.assertIn("old.py:12:5: LMP201", run.stdout)
        self.assertEqual(run.stdout.count(": LMP"), 1, run.stdout)

    def test_between_two_revisions(self):
        self.commit(new=OTHER)
        out = self.pre_commit("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD", code=1)
        self.assertIn("new.py:5:5: LMP201", out)
        self.assertNotIn("old.py", out)
        self.pre_commit("run", "--from-ref", "HEAD", "--to-ref", "HEAD")
        self.assertIn("Passed", self.pre_commit("run", "--all-files"))


class Python(PreCommit):
    """The same hook, installed by pip through the backend of this repository."""

    hook = "limpet"

    def environment(self, **more):
        return super().environment(**dict(PATH=os.environ["PATH"], PIP_NO_INDEX="1", **more))

    def test_installs_and_blocks(self):
        self.write("new.py", OTHER)
        self.git("add", "-A")
        self.blocks("new.py:5:5: LMP201")
        self.assertTrue(list(Path(self.hooks, "cache").glob("repo*/py_env-*/bin/limpet")))
        self.write("new.py", "x = 1\n")
        self.git("add", "-A")
        self.passes()


class Full(PreCommit):
    hook = "limpet-full"

    def test_reports_all_of_the_project(self):
        self.write("a.py", "x = 1\n")
        self.git("add", "-A")
        run = self.git("commit", "-m", "x", ok=False)
        self.assertIn("old.py:5:5: LMP201", run.stdout)


if __name__ == "__main__":
    unittest.main()
