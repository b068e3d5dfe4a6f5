"""The command line as a user types it: exit codes, streams, selection, formats, odd input."""

import fcntl
import glob
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMPET = os.environ.get("LIMPET_BIN", os.path.join(ROOT, "build", "limpet"))

CLEAN = "def f():\n    return 1\n"
BROKEN = "def f(:\n    pass\n"
LATIN = b'name = "caf\xe9"\n'


class CliTest(unittest.TestCase):
    """Each test has a directory of its own, which is the working directory of the runs."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="limpet-cli-")
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, path, content):
        full = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return full

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK",
                            "GITHUB_STEP_SUMMARY", "CI_PROJECT_DIR")}
        env.update(more)
        return env

    def run_limpet(self, *args, stdin=b"", env=None, **more):
        return subprocess.run([LIMPET, *args], cwd=self.dir, input=stdin, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment(**(env or {})), **more)

    def limpet(self, *args, code=0, stderr="", **more):
        """Runs, and checks exit code and the whole of stderr; returns stdout."""
        run = self.run_limpet(*args, **more)
        self.assertEqual((run.returncode, run.stderr.decode()), (code, stderr), run.stdout.decode())
        return run.stdout.decode()

    def fails(self, *args, **more):
        """Runs something that must end in exit code 2; returns stderr."""
        run = self.run_limpet(*args, **more)
        self.assertEqual(run.returncode, 2, run.stdout.decode() + run.stderr.decode())
        return run.stderr.decode()

    def findings(self, *args, **more):
        document = json.loads(self.limpet(*args, "--output-format", "json", "--exit-zero", **more))
        return [(f["path"], f["line"], f["code"]) for f in document["findings"]]


class ExitCodes(CliTest):
    def test_clean(self):
        self.write("a.py", CLEAN)
        self.assertIn("1 file read", self.limpet())

    def test_findings(self):
        self.write("a.py", BROKEN)
        self.assertIn("a.py:1:", self.limpet("check", ".", code=1))

    def test_exit_zero(self):
        self.write("a.py", BROKEN)
        self.assertIn("LMP900", self.limpet("--exit-zero"))

    def test_fail_on(self):
        self.write("a.py", BROKEN)
        self.assertIn("LMP900", self.limpet("--fail-on", "error"))
        self.limpet("--fail-on", "warning", code=1)
        self.write("a.py", "x = 1  # limpet: ignore[nothing]\n")
        self.limpet("--extend-select", "LMP903", "--fail-on", "warning")
        self.limpet("--extend-select", "LMP903", code=1)

    def test_missing_path_after_all_else(self):
        self.write("a.py", BROKEN)
        run = self.run_limpet("a.py", "gone.py")
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"a.py:1:", run.stdout)
        self.assertRegex(run.stderr.decode(), r"^limpet: .*gone\.py.*No such file or directory\n$")

    def test_trouble_wins_over_exit_zero(self):
        self.fails("--exit-zero", "gone.py")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_unreadable_file(self):
        os.chmod(self.write("a.py", CLEAN), 0)
        self.assertIn("a.py", self.fails())

    def test_unreadable_kinds(self):
        os.mkfifo(os.path.join(self.dir, "pipe.py"))
        self.assertIn("pipe.py", self.fails("pipe.py"))

    def test_nothing_to_check_is_not_praised(self):
        nothing = "Nothing was checked: no Python file was read\n"
        self.assertEqual(self.limpet(), nothing)
        self.write("readme.txt", "x = 1\n")
        self.assertEqual(self.limpet(), nothing)
        run = self.run_limpet("gone.py")
        self.assertEqual((run.returncode, run.stdout.decode()), (2, nothing))
        self.assertEqual(self.limpet("-q"), "")
        self.write("schema.py", "# @generated\n")
        self.assertRegex(self.limpet(), r"^Nothing was checked: all files were skipped .*LMP905")
        self.write("a.py", CLEAN)
        self.assertIn("(1 file read, 1 skipped, ", self.limpet())


class Usage(CliTest):
    def test_unknown_words(self):
        self.assertEqual(self.fails("--slect", "LMP900"),
                         "limpet: unknown option '--slect'; did you mean '--select'? "
                         "(see 'limpet help')\n")
        self.assertIn("did you mean 'check'?", self.fails("chekc"))
        self.assertIn("did you mean 'syntax-error'?", self.fails("--select", "syntax-eror"))
        self.assertIn("did you mean 'LMP900'?", self.fails("--ignore", "LMP9000"))
        self.assertIn("did you mean 'facts'?", self.fails("help", "fact"))
        self.assertIn("did you mean 'LMP901'?", self.fails("rule", "LMP9O1"))
        self.assertIn("did you mean 'LMP901'?", self.fails("--select", "901"))
        self.assertIn("low, medium, high", self.fails("--min-confidence", "sure"))
        self.assertIn("full, concise, json", self.fails("--output-format", "xml"))

    def test_empty_lists_and_words_too_many(self):
        self.assertIn("--select: no CODES given", self.fails("--select", ""))
        self.assertIn("--exclude: no PATTERNS given", self.fails("--exclude", " ,"))
        self.assertIn("'limpet rules' does not take 'LMP2'", self.fails("rules", "LMP2"))
        self.assertIn("'limpet version' does not take 'x'", self.fails("version", "x"))
        self.assertIn("'limpet help' does not take 'rules'", self.fails("help", "rule", "rules"))
        self.assertIn("'limpet rule LMP900' explains it", self.fails("help", "LMP900"))
        self.assertIn("does not belong to 'limpet rules'", self.fails("rules", "-q"))

    def test_bad_usage_prints_nothing_on_stdout(self):
        self.assertEqual(self.run_limpet("--frobnicate").stdout, b"")

    def test_option_of_another_command(self):
        self.assertIn("'limpet rules'", self.fails("rules", "--select", "ALL"))

    def test_words_are_escaped(self):
        err = self.fails("--select", "\x1b[31mred\n")
        self.assertNotIn("\x1b", err)
        self.assertEqual(err.count("\n"), 1)

    def test_double_hyphen(self):
        self.write("-q.py", BROKEN)
        self.assertEqual(self.findings("check", "--exit-zero", "./-q.py"), [("-q.py", 1, "LMP900")])
        run = self.run_limpet("check", "--output-format=concise", "--", "-q.py")
        self.assertIn(b"-q.py:1:", run.stdout)

    def test_argument_file(self):
        self.write("a.py", BROKEN)
        self.write("b.py", BROKEN)
        self.write("arguments", "--output-format\nconcise\nb.py\n")
        self.assertRegex(self.limpet("check", "@arguments", code=1), r"^b\.py:1:\d+: LMP900 ")
        self.assertIn("cannot read the argument file 'gone'", self.fails("@gone"))

    def test_a_path_named_like_a_command(self):
        self.write("rules/a.py", BROKEN)
        self.assertEqual(self.findings("check", "rules"), [("rules/a.py", 1, "LMP900")])


class Streams(CliTest):
    def test_output_file(self):
        self.write("a.py", BROKEN)
        self.assertEqual(self.limpet("--output-format=concise", "-o", "out.txt", code=1), "")
        with open(os.path.join(self.dir, "out.txt")) as f:
            self.assertIn("a.py:1:", f.read())
        self.assertEqual(sorted(os.listdir(self.dir)), ["a.py", "out.txt"])

    def test_output_file_that_cannot_be_written(self):
        self.write("a.py", CLEAN)
        self.assertIn("cannot write 'no/dir/out'", self.fails("-o", "no/dir/out"))

    def test_full_device(self):
        self.write("a.py", CLEAN)
        with open("/dev/full", "wb") as full:
            run = subprocess.run([LIMPET], cwd=self.dir, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"cannot write the output", run.stderr)

    def test_closed_stdout(self):
        self.write("a.py", CLEAN)
        run = subprocess.run(["sh", "-c", 'exec "$0" check a.py >&-', LIMPET], cwd=self.dir,
                             stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 2)

    def test_reader_that_goes_away(self):
        for i in range(200):
            self.write("m%d.py" % i, BROKEN * 3)
        read, write = os.pipe()
        os.close(read)
        run = subprocess.run([LIMPET], cwd=self.dir, stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        self.assertEqual((run.returncode, run.stderr), (1, b""))

    def test_json_stands_alone(self):
        self.write("a.py", BROKEN)
        run = self.run_limpet("--output-format=json", "--statistics", "a.py", "gone.py")
        document = json.loads(run.stdout)
        self.assertEqual([f["code"] for f in document["findings"]], ["LMP900"])
        self.assertEqual(document["statistics"]["lines"], 2)
        self.assertIn("peak_memory_bytes", document["statistics"])
        self.assertIn(b"gone.py", run.stderr)

    def test_json_keys_are_unique(self):
        def pairs(items):
            names = [name for name, _ in items]
            self.assertEqual(len(names), len(set(names)), names)
            return dict(items)
        self.write("a.py", BROKEN)
        out = self.limpet("--output-format=json", "--statistics", code=1)
        json.loads(out, object_pairs_hook=pairs)

    def test_statistics_of_human_formats(self):
        self.write("a.py", CLEAN)
        run = self.run_limpet("--statistics", "-q")
        self.assertEqual((run.returncode, run.stdout), (0, b""))
        counts = dict(line.split() for line in run.stderr.decode().splitlines())
        self.assertEqual((counts["files"], counts["lines"], counts["functions"]), ("1", "2", "1"))
        self.assertGreater(int(counts["peak_memory_bytes"]), 0)

    def test_lines_are_counted_as_editors_do(self):
        for text, lines in (("", 0), ("x", 1), ("x\n", 1), ("x\n\n", 2), ("x\ny", 2)):
            self.write("a.py", text)
            out = self.limpet("--output-format=json")
            self.assertEqual(json.loads(out)["statistics"]["lines"], lines, repr(text))

    def test_quiet(self):
        self.write("a.py", BROKEN)
        self.assertEqual(self.limpet("-q", "--output-format", "concise", code=1).count("\n"), 1)

    def test_verbose(self):
        self.write("a.py", "# @generated\n")
        run = self.run_limpet("-v")
        self.assertIn(b"skipped 'a.py'", run.stderr)
        self.assertIn(b"read took", run.stderr)


class Colour(CliTest):
    def colour(self, *args, **env):
        self.write("a.py", BROKEN)
        return b"\x1b[" in self.run_limpet(*args, env=env).stdout

    def test_environment_and_option(self):
        self.assertFalse(self.colour())
        self.assertTrue(self.colour("--color", "always"))
        self.assertTrue(self.colour(FORCE_COLOR="1"))
        self.assertTrue(self.colour(CLICOLOR_FORCE="1"))
        self.assertFalse(self.colour(CLICOLOR_FORCE="0"))
        self.assertFalse(self.colour("--color", "never", FORCE_COLOR="1"))
        self.assertTrue(self.colour("--color", "always", NO_COLOR="1"))

    def on_a_terminal(self, *args, columns=100, stdin=None, **env):
        self.write("a.py", BROKEN)
        try:
            ours, theirs = pty.openpty()
        except OSError as error:  # a bare chroot
            self.skipTest("no pseudo-terminal: %s" % error)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        with subprocess.Popen([LIMPET, *args], cwd=self.dir, stdout=theirs, stderr=theirs, stdin=stdin,
                              env=self.environment(**{"TERM": "xterm", **env})) as process:
            os.close(theirs)
            out = b""
            while select.select([ours], [], [], 30)[0]:
                try:
                    part = os.read(ours, 65536)
                except OSError:
                    break
                if not part:
                    break
                out += part
            process.wait(30)
        os.close(ours)
        return out

    def test_terminal(self):
        self.assertIn(b"\x1b[", self.on_a_terminal())
        self.assertNotIn(b"\x1b[", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", self.on_a_terminal(TERM="dumb"))
        self.assertNotIn(b"\x1b[", self.on_a_terminal("--color=never"))
        plain = self.run_limpet().stdout.decode().split()
        coloured = re.sub(r"\x1b(\[[0-9;]*m|\]8;[^\x1b]*\x1b\\)", "", self.on_a_terminal().decode())
        self.assertEqual(plain, coloured.split())

    def test_places_are_links_on_a_terminal(self):
        link = b"\x1b]8;;file://"
        self.assertIn(link, self.on_a_terminal())
        self.assertNotIn(link, self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn(link, self.on_a_terminal(FORCE_HYPERLINK="0"))
        self.assertIn(link, self.on_a_terminal("--color=never", FORCE_HYPERLINK="1"))
        self.assertNotIn(link, self.on_a_terminal(TERM="linux"))
        self.assertNotIn(link, self.run_limpet("--color=always").stdout)
        self.assertIn(link, self.run_limpet(env={"FORCE_HYPERLINK": "1"}).stdout)
        where = os.path.realpath(os.path.join(self.dir, "a.py")).encode()
        self.assertRegex(self.on_a_terminal(), re.escape(where) + rb"#\d+\x1b")

    def test_width_of_the_terminal(self):
        self.write("long.py", "def " + "f" * 200 + "(:\n")
        for columns in (50, 90):
            out = self.on_a_terminal("--color=never", "long.py", columns=columns).decode().splitlines()
            excerpt = [line for line in out if re.match(r" *1 \|", line)]
            self.assertEqual([len(line) for line in excerpt], [columns])

    def progress(self, *args, wait, **env):
        """What stderr shows when reading takes so many seconds: standard input is the slow file."""
        self.write("zz.py", "x = 1\n")
        theirs, ours = os.pipe()
        with os.fdopen(ours, "wb") as slow:
            timer = threading.Timer(wait, slow.close)
            timer.start()
            out = self.on_a_terminal("-j1", "--color=never", "--output-format=concise", "-", "zz.py", *args, stdin=theirs, **env)
            timer.join()
        os.close(theirs)
        return out

    def test_progress_after_a_second_on_a_terminal(self):
        out = self.progress(wait=1.5)
        self.assertRegex(out, rb"\r\x1b\[K1 of 2 files, \d+ files/s")
        self.assertIn(b"\r\x1b[KNo findings", out, "it is gone when the report comes")
        self.assertIn(b"\r\x1b[Klinking\r\x1b[Ksummarising\r\x1b[Kchecking\r\x1b[KNo", out)
        self.assertNotIn(b"files/s", self.progress(wait=0.1))
        self.assertNotIn(b"\x1b[K", self.progress("-q", wait=1.5))

    def test_no_colour_into_a_file(self):
        self.on_a_terminal("-o", "out")
        with open(os.path.join(self.dir, "out"), "rb") as f:
            self.assertNotIn(b"\x1b[", f.read())


class Selection(CliTest):
    def setUp(self):
        super().setUp()
        self.write("a.py", BROKEN)
        self.write("b.py", LATIN)
        self.write("c.py", "# @generated\n")

    def codes(self, *args):
        return sorted({code for _, _, code in self.findings(*args)})

    def test_free_threaded(self):
        """Threads that compute side by side do so without the GIL; greenlets still take turns."""
        fixtures = os.path.join(ROOT, "fixtures", "LMP401")
        for name, without in ("threads.py", []), ("of_gevent.py", ["LMP401"]):
            shutil.copy(os.path.join(fixtures, name), self.dir)
            rule = ["--select", "LMP401", name]
            self.assertEqual(self.codes(*rule), ["LMP401"], name)
            self.assertEqual(self.codes("--free-threaded", *rule), without, name)
        self.write("limpet.toml", "free-threaded = true\n")
        self.assertEqual(self.codes("--select", "LMP401", "threads.py"), [])

    def test_words(self):
        self.assertEqual(self.codes(), ["LMP900", "LMP901"])
        self.assertEqual(self.codes("--select", "LMP901"), ["LMP901"])
        self.assertEqual(self.codes("--select", "undecodable-source"), ["LMP901"])
        self.assertEqual(self.codes("--select", "LMP9"), ["LMP900", "LMP901"])
        self.assertEqual(self.codes("--select", "ALL"), ["LMP900", "LMP901", "LMP905"])
        self.assertEqual(self.codes("--select", "LMP905"), ["LMP905"])
        self.assertEqual(self.codes("--extend-select", "file-skipped"),
                         ["LMP900", "LMP901", "LMP905"])
        self.assertEqual(self.codes("--ignore", "LMP900"), ["LMP901"])
        self.assertEqual(self.codes("--select", "ALL", "--ignore", "LMP90"), [])
        self.assertEqual(self.codes("--select", "LMP900,LMP901", "--extend-ignore", "LMP901"),
                         ["LMP900"])

    def test_three_errors_a_file_at_most(self):
        self.write("a.py", "def f():\n    return 1\n\nx = (1 2)\n\n" * 10)
        self.assertEqual(len(self.findings("--select", "LMP900")), 3)

    def test_one_error_a_line(self):
        self.write("a.py", "x = 1\nhttp://example.org/p/1e375fb40506\ny = 2\n")
        errors = self.findings("--select", "LMP900")
        self.assertEqual([line for path, line, _ in errors if path == "a.py"], [2])


class Targets(CliTest):
    def test_versions(self):
        self.write("a.py", CLEAN)
        for words in "2.7", "3.8,3.12", "2.7,3.8-3.14":
            self.assertEqual(self.findings("--target-version", words), [])
        self.assertIn("'3.x' is not a version from 2.7, 3.3 to ", self.fails("--target-version", "3.x"))
        self.assertIn("does not belong to 'limpet graph'", self.fails("graph", "--target-version", "3.8"))
        self.assertIn("--target-version VERSIONS", self.limpet("help", "check"))


class PlainFindings(CliTest):
    """Findings that are true and harmless are shown to those who name their rule, and nobody else."""

    def rules(self):
        """Codes and names of the rules that have such findings, with their fixtures."""
        for path in sorted(glob.glob(os.path.join(ROOT, "rules", "*", "lmp*.c"))):
            with open(path) as f:
                source = f.read()
            code = re.search(r'\.code = "(LMP\d+)"', source).group(1)
            fixtures = os.path.join(ROOT, "fixtures", code)
            if "RULE_PLAIN_OPT_IN" in source and os.path.isdir(fixtures):
                yield code, re.search(r'\.name = "([^"]+)"', source).group(1), fixtures

    def found(self, code, *args):
        return [f for f in self.findings("--isolated", "--min-confidence", "low", *args) if f[2] == code]

    def test_only_the_code_the_name_or_all_takes_them_in(self):
        rules = list(self.rules())
        if not rules:
            self.skipTest("no rule has plain findings")
        tried = 0
        for code, name, fixtures in rules:
            with self.subTest(code=code):
                grave = self.found(code, fixtures)
                every = self.found(code, "--select", code, fixtures)
                self.assertLessEqual(set(grave), set(every))
                tried += len(every) > len(grave)
                for words in ("--select", "LMP"), ("--select", code[:4]), ("--extend-select", code[:5]):
                    self.assertEqual(self.found(code, *words, fixtures), grave, words)
                for words in (("--select", name), ("--select", "ALL"), ("--extend-select", code),
                              ("--extend-select", name), ("--select", "LMP900," + code)):
                    self.assertEqual(self.found(code, *words, fixtures), every, words)
                for words in ("--ignore", code), ("--select", code, "--ignore", name):
                    self.assertEqual(self.found(code, *words, fixtures), [], words)
        self.assertTrue(tried, "no fixture has a plain finding, or all are shown")


class Suppression(CliTest):
    def found_at_default(self, *paths):
        run = self.run_limpet("--isolated", "--output-format", "json", *paths)
        return json.loads(run.stdout)["findings"]

    def test_a_finalizer_that_only_says_farewell_is_idle(self):
        fixture = os.path.join(ROOT, "fixtures", "LMP101", "farewell.py")
        messages = [f["message"] for f in self.found_at_default(fixture) if f["code"] == "LMP101"]
        self.assertEqual(len(messages), 1, messages)
        self.assertIn("'Holder'", messages[0])

    def test_a_finalizer_that_nobody_misses_is_idle(self):
        fixture = os.path.join(ROOT, "fixtures", "LMP101", "idle_finalizers.py")
        messages = [f["message"] for f in self.found_at_default(fixture) if f["code"] == "LMP101"]
        self.assertEqual(len(messages), 3, messages)
        for name, message in zip(("Speaker", "Uploads", "Report"), messages):
            self.assertIn("'%s'" % name, message)

    def test_a_finalizer_whose_methods_nobody_misses_is_idle(self):
        fixture = os.path.join(ROOT, "fixtures", "LMP101", "idle_methods.py")
        messages = [f["message"] for f in self.found_at_default(fixture) if f["code"] == "LMP101"]
        self.assertEqual(len(messages), 4, messages)
        for name, message in zip(("Pump", "Bell", "Lender", "Sentry"), messages):
            self.assertIn("'%s'" % name, message)

    def test_a_cycle_that_several_methods_close_is_told_once(self):
        fixture = os.path.join(ROOT, "fixtures", "LMP101", "same_cycle.py")
        steps = [f["evidence"] for f in self.found_at_default(fixture) if f["code"] == "LMP101"]
        again = [[step["line"] for step in each if "closed here, too" in step["message"]]
                 for each in steps]
        self.assertEqual(again, [[22], [], []])

    def test_of_many_cycles_with_one_finalizer_one_is_told(self):
        base = "class Base:\n    def __del__(self):\n        print('gone')\n"
        child = "class C%d(Base):\n    def __init__(self):\n        self.go = self.run\n" \
                "    def run(self):\n        return self\n"
        for n, told in (24, 24), (25, 1):
            self.write("many.py", base + "".join(child % i for i in range(n)))
            findings = [f for f in self.found_at_default("many.py") if f["code"] == "LMP101"]
            self.assertEqual(len(findings), told, n)
        notes = [step["message"] for step in findings[0]["evidence"] if step["kind"] == "note"]
        self.assertIn("24 more cycles keep objects with this '__del__'", notes)

    def test_copies_and_commands_are_low_below_the_root_of_the_scan(self):
        leak = "SEEN = {}\ndef see(request):\n    SEEN[request.id] = request\n"
        for folder in "app/_vendor", "app/cli", "app/server":
            self.write(folder + "/seen.py", leak)
        self.write("app/server/polib.py", leak)  # a module of one file
        paths = sorted(f["path"] for f in self.found_at_default("app"))
        self.assertEqual(paths, ["app/server/seen.py"])
        for folder in "app/_vendor", "app/cli":  # who asks for it gets it
            self.assertEqual(len(self.found_at_default(folder)), 1, folder)
        low = self.limpet("--min-confidence", "low", "app", code=1)
        self.assertIn("low: '_vendor' holds copies of other projects", low)
        self.assertIn("low: 'cli' is for commands and aids of developers, which end", low)

    def test_comments(self):
        self.write("a.py", "x = $  # limpet: ignore[LMP900] on purpose\n")
        self.write("b.py", "# limpet: file-ignore[syntax-error]\nx = $\n")
        self.write("c.py", "x = $  # noqa: LMP900\n")
        self.write("d.py", "x = $  # noqa\n")
        self.assertEqual({path for path, _, _ in self.findings()}, {"d.py"})
        self.assertEqual({path for path, _, _ in self.findings("--ignore-suppressions")},
                         {"a.py", "b.py", "c.py", "d.py"})

    def test_unused_and_unknown(self):
        self.write("a.py", "x = 1  # limpet: ignore[LMP900]\n"
                           "y = 2  # limpet: ignore[LMP900x]\n"
                           "z = 3  # limpet: ignore[LMP901]\n")
        self.assertEqual(self.findings(), [])
        self.assertEqual(self.findings("--extend-select", "LMP902,LMP903", "--ignore", "LMP901"),
                         [("a.py", 1, "LMP902"), ("a.py", 2, "LMP903")])

    def test_stubs_are_not_reported_on(self):
        self.write("a.pyi", "x = $\ny = 1  # limpet: ignore[LMP900]\n")
        self.assertEqual(self.findings("--select", "ALL"), [])


class Input(CliTest):
    def test_stdin(self):
        out = self.limpet("-", "--output-format=concise", stdin=BROKEN.encode(), code=1)
        self.assertRegex(out, r"^-:1:\d+: LMP900 ")
        out = self.limpet("--stdin-filename", "pkg/new.py", "-", stdin=BROKEN.encode(), code=1)
        self.assertRegex(out, r"^pkg/new\.py:1:")
        self.assertIn("def f(:", out)  # the excerpt is of the text on stdin

    def test_stdin_stands_for_a_file(self):
        self.write("a.py", BROKEN)
        self.assertEqual(self.findings("a.py", "-", "--stdin-filename=a.py", stdin=b"x = 1\n"), [])

    def test_stdin_beside_files(self):
        self.write("a.py", BROKEN)
        self.write("z.py", BROKEN)
        found = self.findings(".", "-", "--stdin-filename=m.py", stdin=BROKEN.encode())
        self.assertEqual([path for path, _, _ in found], ["a.py", "m.py", "z.py"])

    def test_show_files(self):
        self.write("b.py", CLEAN)
        self.write("pkg/a.py", BROKEN)
        self.write("pkg/readme.txt", "text")
        self.write("build/c.py", CLEAN)
        self.assertEqual(self.limpet("--show-files"), "b.py\npkg/a.py\n")
        self.assertEqual(self.limpet("--show-files", "--exclude", "pkg"), "b.py\n")

    def test_named_file_of_any_name(self):
        self.write("script", BROKEN)
        self.assertEqual(self.findings("script"), [("script", 1, "LMP900")])

    def test_max_file_size(self):
        self.write("a.py", CLEAN + "#" * 5000)
        self.assertEqual(self.findings("--select", "ALL", "--max-file-size", "4K"),
                         [("a.py", 1, "LMP905")])
        self.assertEqual(self.findings("--select", "ALL", "--max-file-size", "8K"), [])

    def test_undecodable(self):
        self.write("a.py", LATIN)
        self.write("b.py", b"# -*- coding: latin-1 -*-\n" + LATIN)
        self.write("c.py", b"x = 1\x00\n")
        self.assertEqual(self.findings(), [("a.py", 1, "LMP901"), ("c.py", 1, "LMP901")])

    def test_names_of_any_bytes(self):
        self.write("new\nline.py", BROKEN)
        with open(os.path.join(os.fsencode(self.dir), b"\xff\x1b[31m.py"), "wb") as f:
            f.write(BROKEN.encode())
        out = self.run_limpet("--output-format", "concise").stdout
        self.assertEqual(out.count(b"\n"), 3)
        self.assertNotIn(b"\x1b", out)
        document = json.loads(self.limpet("--output-format=json", code=1))
        self.assertEqual(len(document["findings"]), 2)

    def test_same_bytes_for_any_number_of_threads(self):
        for i in range(40):
            self.write("d%d/m%d.py" % (i % 5, i), BROKEN if i % 3 else CLEAN)
        runs = {self.limpet("-j%d" % n, "--select", "ALL", code=1) for n in (1, 2, 8)}
        self.assertEqual(len(runs), 1)


class OtherCommands(CliTest):
    def test_version(self):
        with open(os.path.join(ROOT, "package.json")) as f:
            version = json.load(f)["version"]
        for args in (["version"], ["--version"], ["-V"]):
            self.assertEqual(self.limpet(*args), "limpet %s\n" % version)

    def test_help(self):
        overview = self.limpet("help")
        self.assertEqual(overview, self.limpet("--help"))
        for command in ("check", "rule", "rules", "facts", "graph", "version", "help"):
            self.assertIn("\n  %s " % command, overview)
            text = self.limpet("help", command)
            self.assertIn("Usage: limpet", text)
            if command not in ("check", "help"):
                self.assertEqual(text, self.limpet(command, "--help"))

    def test_rules(self):
        lines = self.limpet("rules").splitlines()
        codes = [line.split()[0] for line in lines]
        self.assertEqual(codes, sorted(codes))
        self.assertRegex(lines[codes.index("LMP902")], r"^LMP902 +unused-suppression +hazard +off ")

    def test_rule(self):
        page = self.limpet("rule", "lmp900")
        self.assertEqual(page, self.limpet("rule", "syntax-error"))
        self.assertTrue(page.startswith("# LMP900 syntax-error\n"))
        headings = re.findall(r"^## (.*)$", page, re.M)
        self.assertEqual(headings, ["What it does", "Why it leaks", "Example", "When it is silent",
                                    "What it misses", "How to confirm", "References"])
        every = self.limpet("rule", "--all")
        self.assertEqual(every.count("\n## References\n"), len(self.limpet("rules").splitlines()))
        self.fails("rule")

    def test_facts(self):
        source = "import os\n\ndef f(x):\n    return os.path.join(x)\n"
        self.write("a.py", source)
        text = self.limpet("facts", "a.py")
        self.assertIn("os.path.join", text)
        self.assertEqual(text, self.limpet("facts", "-", stdin=source.encode()))
        self.assertIn("gone.py", self.fails("facts", "gone.py"))
        self.fails("facts")

    def test_graph(self):
        self.write("pkg/__init__.py", "")
        self.write("pkg/m.py", "class C:\n    pass\n")
        self.assertIn("pkg.m", self.limpet("graph"))
        dot = self.limpet("graph", "--format", "dot", ".")
        self.assertTrue(dot.startswith("digraph"), dot[:80])
        self.assertIn("gone", self.fails("graph", "gone"))
        whole = json.loads(self.limpet("graph", "--format", "json"))
        self.assertEqual([row["name"] for row in whole["classes"]], ["pkg.m.C"])

    def test_graph_of_classes(self):
        self.write("a.py", "class Pool:\n    def __init__(self):\n        self.jobs = []\n")
        self.write("b.py", "import a\n\nclass Pool(a.Pool):\n    pass\n\nclass Job:\n    pool = a.Pool()\n")
        one = self.limpet("graph", "--class", "a.Pool")
        self.assertIn("class a.Pool at a.py:1\n  .jobs: list\n", one)
        self.assertNotIn("class b.", one)
        every = self.limpet("graph", "--class", "Pool,Job,b.Pool")
        heads = [line for line in every.splitlines() if line.startswith("class ")]
        self.assertEqual(heads, ["class a.Pool at a.py:1", "class b.Pool at b.py:3: a.Pool", "class b.Job at b.py:6"])
        self.assertTrue(self.limpet("graph", "--class", "Job", "--format=dot").startswith("digraph"))
        report = json.loads(self.limpet("graph", "--class", "Job", "--format", "json"))
        self.assertEqual([row["name"] for row in report["classes"]], ["b.Job"])
        self.assertIn("no class 'Pol'; did you mean 'Pool'?", self.fails("graph", "--class", "Pol"))
        self.assertIn("did you mean 'a.Pool'?", self.fails("graph", "--class", "a.Pol"))
        self.assertIn("no class 'Frobnicator'", self.fails("graph", "--class", "Frobnicator"))
        self.assertIn("no NAMES given", self.fails("graph", "--class", ","))
        self.assertIn("does not belong to 'limpet check'", self.fails("--class", "Pool"))

    def test_graph_of_roots(self):
        self.write("a.py", "import atexit\n\nITEMS = []\n\ndef add(x):\n    ITEMS.append(x)\n\natexit.register(add, ITEMS)\n")
        self.write("b.py", "ITEMS = {}\nNAME = 'b'\n\nclass C:\n    ITEMS = set()\n")
        heads = [line for line in self.limpet("graph", "--root", "ITEMS").splitlines() if line.startswith("root ")]
        self.assertEqual(
            heads,
            ["root a.ITEMS: module variable at a.py:3", "root b.ITEMS: module variable at b.py:1",
             "root b.C.ITEMS: class attribute at b.py:5"],
        )  # fmt: skip
        one = self.limpet("graph", "--root", "a.ITEMS,a.ITEMS")
        self.assertEqual(one.count("root "), 1)
        self.assertIn("  = list at a.py:3 in a, once at import; grows, nothing", one)
        self.assertIn("    […] -> parameter x at a.py:6 in a.add, per call\n", one)
        self.assertIn("C.ITEMS -> set at b.py:5", self.limpet("graph", "--root", "b"))
        self.assertIn("atexit registry -> function a.add at a.py:8", self.limpet("graph", "--root", "atexit"))
        self.assertIn("holds nothing that is seen", self.limpet("graph", "--root", "NAME"))
        self.assertIn("nothing that was read registers", self.limpet("graph", "--root", "signal"))
        self.assertTrue(self.limpet("graph", "--root", "ITEMS", "--format=dot").startswith("digraph"))
        report = json.loads(self.limpet("graph", "--root", "b.ITEMS,loop", "--format", "json"))
        self.assertEqual([row["name"] for row in report["roots"]], ["loop", "b.ITEMS"][::-1])
        self.write("c.py", "class D:\n    def __init__(self, x):\n        self.x = x\n\nDEEP = [D(D)]\n")
        self.assertIn("      .x -> parameter x at c.py:3", self.limpet("graph", "--root", "DEEP"))
        shallow = self.limpet("graph", "--root", "DEEP", "--depth", "1")
        self.assertTrue(shallow.endswith("\n    […] -> instance of c.D …\n"), shallow)
        self.assertIn("no root 'ITEM'; did you mean 'ITEMS'?", self.fails("graph", "--root", "ITEM"))
        self.assertIn("did you mean 'a.ITEMS'?", self.fails("graph", "--root", "a.ITEMSS"))
        self.assertIn("did you mean 'atexit'?", self.fails("graph", "--root", "atexi"))
        self.assertIn("no root 'Frobnicator'", self.fails("graph", "--root", "Frobnicator"))
        self.assertIn("no NAMES given", self.fails("graph", "--root", ","))
        self.assertIn("not a number from 1 on", self.fails("graph", "--root", "b", "--depth", "0"))
        self.assertIn("does not belong to 'limpet check'", self.fails("--root", "b"))

    def test_graph_of_summaries(self):
        self.write("a.py", "ITEMS = []\n\ndef add(x):\n    ITEMS.append(x)\n")
        text = self.limpet("graph", "--summaries")
        self.assertEqual(text, "module a\n  summary a.add\n    a.ITEMS[…] -> x, line 4\n")
        self.assertEqual(text, self.limpet("graph", "--summaries", "-j", "3", "."))
        self.write("a.py", "ITEMS = []\n")
        self.assertEqual("", self.limpet("graph", "--summaries"))
        self.assertIn("takes no value", self.fails("graph", "--summaries=yes"))
        self.assertIn("does not belong to 'limpet check'", self.fails("--summaries"))


class RuleFiles(CliTest):
    """The build collects the rule files, and stops on one that is not as it must be."""

    GOOD = os.path.join(ROOT, "rules", "tool", "lmp902_unused_suppression.c")

    def collect(self, **files):
        paths = []
        for name, text in files.items():
            paths.append(self.write("rules/%s.c" % name, text))
        return subprocess.run(["awk", "-f", "src/rule/collect.awk", *paths], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def good(self):
        with open(self.GOOD) as f:
            return f.read()

    def test_good(self):
        run = self.collect(lmp902_a=self.good())
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("extern const Rule rule_lmp902;", run.stdout)

    def test_order(self):
        other = self.good().replace("LMP902", "LMP150").replace("lmp902", "lmp150")
        out = self.collect(lmp902_a=self.good(), lmp150_b=other).stdout
        self.assertLess(out.index("rule_lmp150"), out.index("rule_lmp902"))

    def stops(self, message, **files):
        run = self.collect(**files)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"^\S+:\d+: ")
        self.assertIn(message, run.stderr)

    def test_bad(self):
        good = self.good()
        self.stops('"## What it misses" expected', lmp902_a=good.replace(" * ## What it misses\n", ""))
        self.stops('"## References" is missing', lmp902_a=good.replace(" * ## References\n", ""))
        self.stops("one too many", lmp902_a=good.replace("## References\n",
                                                         "## References\n * ## More\n"))
        self.stops("is also that of", lmp902_a=good, lmp902_b=good)
        self.stops("the Rule of this file", lmp903_a=good)
        self.stops("the code is not LMP902", lmp902_a=good.replace('"LMP902"', '"LMP903"'))
        self.stops("no `const Rule", lmp902_a=good.replace("const Rule ", "const Rules "))
        self.stops("is named lmpNNN", rule902=good)
        self.stops("does not end", lmp902_a=good.replace(" */\n", "\n"))
        self.stops("begins with its documentation", lmp902_a="\n" + good)


if __name__ == "__main__":
    unittest.main()
