"""What README.md shows is what happens.

Every ```console block is run: lines that begin with `$ ` are commands, the lines after them their
output, and a line of `...` stands for any number of lines. The comment above the block names the
folder of the repository in whose copy it runs:

    <!-- run in: fixtures/LMP201/singleton_elsewhere -->

Commands of one block run in one shell, with limpet on the PATH. Blocks that cannot be run in a test
(the set-up) are of another kind, as ```sh.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import support

README = support.REPO / "README.md"
BLOCK = re.compile(r"((?:<!-- run in: (\S+) -->\s*\n)?)^```console\n(.*?)^```$", re.M | re.S)
SEPARATOR = "\x1e"


class Block:
    def __init__(self, text, match):
        self.line = text.count("\n", 0, match.start()) + 1
        self.sample = match.group(2)
        self.steps = []  # [command, lines of output]
        for line in match.group(3).splitlines():
            if line.startswith("$ "):
                self.steps.append([line[2:], []])
            elif self.steps:
                self.steps[-1][1].append(line)
            else:
                raise ValueError("README.md:%d: output without a command" % self.line)

    def run(self):
        """What each command prints, run one after the other in a copy of the sample."""
        between = "status=$?; printf '%s'; (exit $status)\n" % SEPARATOR  # `$?` outlives the mark
        script = "".join(between + command + "\n" for command, _ in self.steps)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, Path(self.sample).name)
            shutil.copytree(
                support.REPO / self.sample, copy, ignore=shutil.ignore_patterns("__pycache__")
            )
            path = "%s:%s" % (support.LIMPET.parent, os.environ["PATH"])
            done = subprocess.run(
                ["sh", "-c", script],
                cwd=copy,
                env=dict(os.environ, PATH=path, NO_COLOR="1"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=60,
            )
        return done.stdout.split(SEPARATOR)[1:]


def pattern(lines):
    """A regular expression for the shown lines."""
    parts = [r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + r" *\n" for line in lines]
    return "".join(parts)


def trimmed(text):
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return "".join(line + "\n" for line in lines) if text.strip() else ""


class ReadmeTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.text = README.read_text(encoding="utf-8")

    def blocks(self):
        return [Block(self.text, match) for match in BLOCK.finditer(self.text)]

    def test_there_is_something_to_run(self):
        self.assertTrue(self.blocks())

    def test_blocks_show_what_happens(self):
        for block in self.blocks():
            self.assertIsNotNone(block.sample, "README.md:%d: `run in` is missing" % block.line)
            printed = block.run()
            self.assertEqual(len(printed), len(block.steps))
            for (command, shown), text in zip(block.steps, printed):
                with self.subTest(line=block.line, command=command):
                    expected = trimmed("\n".join(shown))
                    if not re.fullmatch(pattern(expected.splitlines()), trimmed(text)):
                        self.assertEqual(expected, trimmed(text))

    def test_files_that_are_linked_exist(self):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", self.text):
            if "://" not in target:
                self.assertTrue((support.REPO / target).exists(), target)

    def test_make_targets_exist(self):
        makefile = (support.REPO / "Makefile").read_text()
        for target in set(re.findall(r"`make ([a-z-]+)", self.text)):
            self.assertRegex(makefile, r"(?m)^%s:" % re.escape(target))

    def test_codes_exist(self):
        listed = support.limpet("rules").stdout
        for code in set(re.findall(r"\bLMP\d{3}\b", self.text)):
            self.assertIn(code, listed)


if __name__ == "__main__":
    unittest.main()
