"""The GitHub action and the GitLab template: the commands that they run are run, as those services would."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))
import validators
from support import LIMPET, REPO

LEAK = "import functools\n\n\nclass C:\n    @functools.lru_cache(maxsize=None)\n    def m(self):\n        return [self]\n"
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


class Service(unittest.TestCase):
    """A repository with a leak, and limpet alone in a folder of its own on the PATH."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name).resolve()
        self.work = self.top / "work"
        (self.work / "app").mkdir(parents=True)
        subprocess.run(["git", "init", "-q", str(self.work)], check=True)
        (self.work / "app" / "a.py").write_text(LEAK)
        (self.work / "b.py").write_text(LEAK)
        self.bin = self.top / "action" / "build"
        self.bin.mkdir(parents=True)
        os.symlink(LIMPET, self.bin / "limpet")
        (self.top / "action" / "packaging").symlink_to(REPO / "packaging")

    def bash(self, script, **env):
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], cwd=self.work,
            env={"PATH": os.environ["PATH"], "HOME": str(self.top), **env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr


class Github(Service):
    @classmethod
    def setUpClass(cls):
        cls.action = yaml.safe_load((REPO / "action.yml").read_text())
        cls.steps = cls.action["runs"]["steps"]

    def check(self, **inputs):
        """Runs the last step as the runner does; exit status, stdout, stderr, the step's outputs, its summary."""
        step = self.steps[-1]
        given = {name: row["default"] for name, row in self.action["inputs"].items()}
        given.update(inputs)
        env = {
            name: EXPRESSION.sub(lambda m: given[m.group()[3:-2].strip().split(".")[1]], value)
            for name, value in step["env"].items()
        }
        output, summary = self.top / "output", self.top / "summary"
        for path in (output, summary):
            path.write_text("")
        code, out, err = self.bash(
            step["run"], **env, GITHUB_ACTION_PATH=str(self.top / "action"), GITHUB_OUTPUT=str(output),
            GITHUB_STEP_SUMMARY=str(summary),
        )  # fmt: skip
        return code, out, err, output.read_text(), summary.read_text()

    def test_is_a_composite_action(self):
        self.assertEqual(self.action["runs"]["using"], "composite")
        for step in self.steps:
            self.assertEqual(step["shell"], "bash")
        self.assertIn("steps.check.outputs.sarif", self.action["outputs"]["sarif"]["value"])
        self.assertEqual(self.steps[-1]["id"], "check")

    def test_inputs_come_by_the_environment_alone(self):
        for step in self.steps:
            self.assertNotRegex(step["run"], EXPRESSION)
        used = [re.findall(r"inputs\.(\w+)", value) for value in self.steps[-1]["env"].values()]
        self.assertEqual(sorted(sum(used, [])), sorted(self.action["inputs"]))

    def test_annotations_and_a_summary(self):
        code, out, err, output, summary = self.check()
        self.assertEqual((code, err, output), (1, "", ""))
        commands = validators.github_commands(out)
        self.assertEqual([c[1]["file"] for c in commands], ["app/a.py", "b.py"])
        self.assertIn("LMP205", summary)

    def test_sarif_for_the_upload(self):
        code, _, err, output, _ = self.check(sarif="out dir.sarif", paths="app")
        self.assertEqual((code, err, output), (1, "", "sarif=out dir.sarif\n"))
        document = validators.strict_json((self.work / "out dir.sarif").read_text())
        validators.sarif_validator().validate(document)
        self.assertEqual(len(document["runs"][0]["results"]), 1)

    def test_arguments_one_a_line(self):
        code, out, err, _, _ = self.check(arguments="--isolated\n--exit-zero\n--exclude=b.py\n")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len(validators.github_commands(out)), 1)
        code, _, err, _, _ = self.check(arguments="--slect=LMP2")
        self.assertEqual(code, 2)
        self.assertIn("did you mean '--select'?", err)

    def test_with_a_baseline_only_what_is_new(self):
        self.assertEqual(self.bash("PATH=%s:$PATH limpet --write-baseline" % self.bin)[0], 0)
        self.assertEqual(self.check()[:3], (0, "", ""))
        (self.work / "b.py").write_text("# a line more\n" + LEAK + LEAK.replace("class C", "class New"))
        code, out, _, _, summary = self.check()
        ((_, properties, message),) = validators.github_commands(out)
        self.assertEqual((code, properties["file"], properties["line"]), (1, "b.py", "13"))
        self.assertIn("New", message)
        self.assertIn("2 findings in the baseline", summary)

    def test_inputs_run_nothing(self):
        hostile = "$(touch hacked) `touch hacked` ; touch hacked\n--output-file=x\n' \" \\"
        for inputs in ({"paths": hostile}, {"arguments": "--select=" + hostile}, {"sarif": hostile},
                       {"sarif": "a,json=hacked"}, {"sarif": "a\nname=value"}):  # fmt: skip
            code, _, _, output, _ = self.check(**inputs)
            self.assertEqual((code, output), (2, ""), inputs)
            self.assertEqual([p.name for p in self.work.iterdir() if "hacked" in p.name and p.name != hostile], [])

    def test_build_step_names_what_is_there(self):
        words = self.steps[0]["run"]
        for path in re.findall(r"packaging/[\w./-]+", words):
            self.assertTrue(os.access(REPO / path, os.X_OK), path)
        code, out, err = self.bash(
            words.replace("packaging/deps.sh install", "packaging/deps.sh check").replace("make -s", "make -n -s"),
            GITHUB_ACTION_PATH=str(REPO),
        )
        self.assertEqual((code, err), (0, ""), out)


class Gitlab(Service):
    @classmethod
    def setUpClass(cls):
        text = (REPO / "packaging" / "ci" / "limpet.gitlab-ci.yml").read_text()
        cls.job = yaml.safe_load(text)["limpet"]

    def run_job(self, **variables):
        env = {**self.job["variables"], **variables, "CI_PROJECT_DIR": str(self.work)}
        env["PATH"] = "%s:%s" % (self.bin, os.environ["PATH"])
        return self.bash("\n".join(self.job["before_script"] + self.job["script"]), **env)

    def report(self):
        name = self.job["artifacts"]["reports"]["codequality"]
        return validators.strict_json((self.work / name).read_text())

    def test_report_and_log(self):
        code, out, err = self.run_job()
        self.assertEqual((code, err), (1, ""))
        self.assertEqual(code, self.job["allow_failure"]["exit_codes"])
        self.assertEqual(self.job["artifacts"]["when"], "always")
        self.assertEqual([i["location"]["path"] for i in self.report()], ["app/a.py", "b.py"])
        self.assertIn("LMP205 cache-on-method", out)

    def test_clean_is_an_empty_report(self):
        code, _, err = self.run_job(LIMPET_ARGUMENTS="--isolated\n--ignore=LMP205")
        self.assertEqual((code, err, self.report()), (0, "", []))

    def test_variables_run_nothing(self):
        hostile = "$(touch hacked) `touch hacked`; touch hacked"
        for name in ("LIMPET_PATHS", "LIMPET_ARGUMENTS"):
            code, _, _ = self.run_job(**{name: hostile})
            self.assertEqual(code, 2)
            self.assertFalse((self.work / "hacked").exists())

    def test_installs_what_the_image_lacks(self):
        """With stubs for what would use the network: limpet is cloned, built and found."""
        stubs = self.top / "stubs"
        stubs.mkdir()
        log = self.top / "log"
        for name in ("apt-get", "git"):
            (stubs / name).write_text('#!/bin/sh\necho %s "$@" >> %s\n[ %s != git ]\n' % (name, log, name))
            (stubs / name).chmod(0o755)
        for name in ("bash", "sh", "printf"):
            (stubs / name).symlink_to(shutil.which(name))
        code, _, _ = self.bash(
            self.job["before_script"][0], PATH=str(stubs), LIMPET_REPOSITORY="https://x.example/y.git",
            LIMPET_VERSION="v9",
        )  # fmt: skip
        self.assertNotEqual(code, 0, "the stub of git clones nothing")
        self.assertIn("clone -q --depth 1 --branch v9 https://x.example/y.git /opt/limpet", log.read_text())


if __name__ == "__main__":
    unittest.main()
