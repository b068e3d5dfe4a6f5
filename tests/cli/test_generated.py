"""What is generated from the tables: the manual page, completion of shells, the pages of rules; and that every
option that the help lists is tried by some test."""

import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import ROOT, CliTest

SECTION = re.compile(r"^  (?:-(\w), |    )--([\w-]+)", re.M)


class GeneratedTest(CliTest):
    def commands(self):
        text = self.limpet("help").split("\nCommands:\n")[1].split("\n'limpet")[0]
        return [line.split()[0] for line in text.splitlines()]

    def options(self, command):
        """(letter or "", name) of each option."""
        return SECTION.findall(self.limpet("help", command))

    def all_options(self):
        return sorted({name for command in self.commands() for _, name in self.options(command)})


class EveryOption(GeneratedTest):
    def test_is_tried(self):
        """By a test of the real program: its name stands in one as an argument."""
        texts = [p.read_text() for p in Path(ROOT, "tests").rglob("*.py")]
        texts += [Path(ROOT, "README.md").read_text()]
        options = self.all_options()
        self.assertGreater(len(options), 40)
        missing = [n for n in options if not any(re.search(r"""["' ]--%s(["'= \n]|$)""" % n, t) for t in texts)]
        self.assertEqual(missing, [], "no test tries these options")

    def test_is_in_every_generated_text(self):
        for what, shape in (("man", r"\-\-%s"), ("bash", "--%s"), ("zsh", "--%s"), ("fish", "-l %s ")):
            text = self.limpet("generate", what)
            for name in self.all_options():
                name = name.replace("-", r"\-") if what == "man" else name
                self.assertIn(shape % name, text, what)
            for command in self.commands():
                self.assertIn(command, text, what)


class Commands(GeneratedTest):
    def test_errors(self):
        self.assertIn("what? 'limpet generate man'", self.fails("generate"))
        self.assertIn("did you mean 'bash'?", self.fails("generate", "bahs"))
        self.assertIn("there are man, bash, zsh, fish", self.fails("generate", "powershell"))
        self.assertIn("does not take 'fish'", self.fails("generate", "bash", "fish"))

    def test_into_a_file(self):
        self.limpet("generate", "man", "-o", "limpet.1")
        with open(os.path.join(self.dir, "limpet.1")) as f:
            self.assertEqual(f.read(), self.limpet("generate", "man"))

    def test_pages_of_all_rules_are_one_document(self):
        text = self.limpet("rule", "--all")
        heads = re.findall(r"^# (LMP\d+ [\w-]+)$", text, re.M)
        anchors = ["#" + head.lower().replace(" ", "-") for head in heads]
        links = re.findall(r"^- \[(LMP\d+ [\w-]+)\]\((#[\w-]+)\)", text, re.M)
        self.assertEqual(links, list(zip(heads, anchors)))
        self.assertGreater(len(heads), 50)
        self.assertNotIn(": Others\n", text)
        self.limpet("rule", "--all", "--output-file", "rules.md")
        with open(os.path.join(self.dir, "rules.md")) as f:
            self.assertEqual(f.read(), text)


class LongForms(GeneratedTest):
    """The short forms are tried everywhere."""

    def test_jobs_and_output_file(self):
        self.write("a.py", "x = $\n")
        self.limpet("--jobs", "2", "--output-file", "out.txt", code=1)
        self.limpet("-j", "1", "-o", "same.txt", code=1)
        texts = [Path(self.dir, name).read_text() for name in ("out.txt", "same.txt")]
        self.assertIn("LMP900", texts[0])
        self.assertEqual(*texts)

    def test_python_include(self):
        self.write("a.py", "x = 1\n")
        self.limpet("--python-include", self.dir, "a.py")
        self.assertIn('python-include = "%s"' % self.dir, self.limpet("--python-include", self.dir, "--show-settings"))


class Man(GeneratedTest):
    def setUp(self):
        super().setUp()
        self.page = self.limpet("generate", "man")

    def test_lines_that_are_no_macros(self):
        known = {".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi"}
        for line in self.page.splitlines():
            if line.startswith((".", "'")):
                self.assertIn(line.split()[0], known)

    @unittest.skipUnless(shutil.which("man") and shutil.which("nroff"), "man is not installed")
    def test_man_reads_it(self):
        path = self.write("limpet.1", self.page)
        run = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=self.environment(MANWIDTH="100", LC_ALL="C.UTF-8", MANPAGER="cat", MAN_KEEP_FORMATTING=""))
        self.assertEqual((run.returncode, run.stderr.decode()), (0, ""))
        text = re.sub("\x1b\\[[0-9;]*m|.\b", "", run.stdout.decode())
        for words in ("limpet - find what keeps", "--min-confidence LEVEL", "'@FILE' stands for", "per-file-ignores",
                      "--add-ignore[=REASON]", "-o, --output-file FILE"):
            self.assertIn(words, text)


class Bash(GeneratedTest):
    def complete(self, *words):
        script = self.write("limpet.bash", self.limpet("generate", "bash"))
        ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _limpet; printf "%s\\n" "${COMPREPLY[@]}"'
        run = subprocess.run(["bash", "--norc", "-uc", ask, "bash", script, "limpet", *words], cwd=self.dir, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(run.stderr, "")
        return run.stdout.split("\n")[:-1]

    def test_options_of_the_command(self):
        self.assertEqual(self.complete("--min"), ["--min-confidence"])
        self.assertEqual(self.complete("graph", "--sing"), ["--singletons"])
        self.assertEqual(self.complete("check", "--sing"), [""])
        for command in self.commands():
            wanted = sorted("--" + name for _, name in self.options(command))
            self.assertEqual(sorted(self.complete(command, "--")), wanted)

    def test_values(self):
        self.assertEqual(self.complete("--min-confidence", ""), ["low", "medium", "high"])
        self.assertEqual(self.complete("--min-confidence", "=", "h"), ["high"])
        self.assertEqual(self.complete("--min-confidence", "="), ["low", "medium", "high"])
        self.assertEqual(self.complete("--output-format", "js"), ["json"])
        self.assertEqual(self.complete("--select", "global-c"), ["global-container-grows"])
        self.assertEqual(self.complete("--select", "LMP1,global-c"), ["LMP1,global-container-grows"])
        self.assertEqual(self.complete("rule", "LMP20"), ["LMP20%d" % i for i in range(1, 10)])
        self.assertEqual(self.complete("help", "gr"), ["graph"])
        self.assertEqual(self.complete("config", "per-"), ["per-file-ignores"])
        self.assertEqual(self.complete("generate", "f"), ["fish"])

    def test_files_and_commands(self):
        self.write("two words.py", "")
        self.assertEqual(self.complete("two"), ["two words.py"])
        self.assertIn("check", self.complete("ch"))
        self.assertEqual(self.complete("src", "ch"), [""])
        self.write("known.json", "")
        self.assertEqual(self.complete("--baseline", "kn"), ["known.json"])


class OtherShells(GeneratedTest):
    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        self.write("_limpet", self.limpet("generate", "zsh"))
        run = subprocess.run(["zsh", "-f", "-n", "_limpet"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((run.returncode, run.stdout), (0, b""))
        self.assertIn("--singletons[", self.zsh("graph", "--sing"))
        self.assertNotIn("--singletons[", self.zsh("check", "--sing"))
        self.assertIn("*--min-confidence=[", self.zsh("--min"))
        self.assertIn("]:LEVEL:_values -s , word low medium high", self.zsh("--min"))
        self.assertIn("*:word:_limpet_first", self.zsh("src", "gr"))
        self.assertIn("*:word:(man bash zsh fish)", self.zsh("generate", ""))

    def zsh(self, *words):
        """What the function hands to zsh's own _arguments, a line each."""
        ask = '_arguments() { print -rl -- "$@" }; words=(limpet "${@[2,-1]}"); CURRENT=$#words; source $1'
        run = subprocess.run(["zsh", "-f", "-c", ask, "zsh", "_limpet", *words], cwd=self.dir, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(run.stderr, "")
        return run.stdout

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        script = self.write("limpet.fish", self.limpet("generate", "fish"))
        env = self.environment(HOME=self.dir, XDG_CONFIG_HOME=self.dir, XDG_DATA_HOME=self.dir)

        def complete(line):
            run = subprocess.run(["fish", "-c", "source $argv[1]; complete -C $argv[2]", script, line], cwd=self.dir, env=env,
                                 text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            return [row.split("\t")[0] for row in run.stdout.splitlines()]

        self.assertEqual(complete("limpet --min-conf"), ["--min-confidence"])
        self.assertEqual(complete("limpet graph --sing"), ["--singletons"])
        self.assertEqual(complete("limpet check --sing"), [])
        self.assertEqual(complete("limpet --min-confidence h"), ["high"])
        self.assertEqual(complete("limpet rule global-c"), ["global-container-grows"])
        self.assertIn("graph", complete("limpet gr"))


if __name__ == "__main__":
    unittest.main()
