"""Hostile input and a hostile world: a finding or a clear message each time, and the neighbours unharmed.

FULL=1 runs the long form: more seeds, deeper blocks, every fixture cut at every byte in both ways.
"""

import json
import os
import signal
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import hostile_projects  # noqa: E402
import hostile_texts as texts  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
LIMPET = os.environ.get("LIMPET_BIN", str(REPO / "build" / "limpet"))
CUT = os.environ.get("LIMPET_CUT", str(Path(LIMPET).resolve().parent / "tests" / "cut"))
FULL = bool(os.environ.get("FULL"))
NOBODY = 65534

# A sanitizer build is several times slower; the limits only have to tell a hang from slow work.
LIMIT = 120
TROUBLE = ("internal failure", "Sanitizer", "runtime error:", "stack smashing")

# The neighbour: one finding that must come out the same whatever lies beside it.
NEIGHBOUR = b"""import functools


class Neighbour:
    @functools.cache
    def answer(self, question):
        return question
"""


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def findings(self):
        return json.loads(self.out)["findings"]

    def codes(self, path):
        """Codes of the findings in a file, in their order."""
        return [f["code"] for f in self.findings() if os.path.basename(f["path"]) == path]


class Hostile(unittest.TestCase):
    def setUp(self):
        self.directory = Path(os.path.realpath(tempfile.mkdtemp(prefix="limpet-hostile-")))
        self.addCleanup(self.remove)
        self.home = self.directory / "home"
        self.root = self.directory / "root"
        self.home.mkdir()
        self.root.mkdir()
        self.write("neighbour.py", NEIGHBOUR)

    def remove(self):
        subprocess.run(["chmod", "-R", "u+rwx", str(self.directory)], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, name, data):
        path = os.path.join(os.fsencode(self.root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return path

    def environment(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "XDG_"))}
        environment.update(HOME=str(self.home), LC_ALL="C.UTF-8", NO_COLOR="1")
        return environment

    def run_limpet(self, *arguments, limit=LIMIT, binary=LIMPET, **options):
        """Runs limpet; fails on a crash, a hang, an undocumented exit code or a sanitizer report."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("cwd", self.root)
        if "input" in options:
            del options["stdin"]
        command = [*([binary] if isinstance(binary, str) else binary), *arguments]
        try:
            done = subprocess.run(command, timeout=limit, env=self.environment(), **options)
        except subprocess.TimeoutExpired:
            self.fail("no end after %d s: %s" % (limit, command))
        err = (done.stderr or b"").decode("utf-8", "replace")
        if done.returncode < 0:
            self.fail("%s: %s\n%s" % (command, signal.Signals(-done.returncode).name, err[-2000:]))
        self.assertIn(done.returncode, (0, 1, 2), (command, err[-2000:]))
        for word in TROUBLE:
            self.assertNotIn(word, err, command)
        return Result(done.returncode, done.stdout or b"", err)

    def scan(self, *arguments, **options):
        """`limpet check` of the directory (or of the given paths and options) as JSON."""
        base = ["check", "--isolated", "--output-format", "json"]
        return self.run_limpet(*base, *(arguments or ["."]), **options)

    def neighbour_is_unharmed(self, result):
        found = [f for f in result.findings() if os.path.basename(f["path"]) == "neighbour.py"]
        places = [(f["code"], f["line"], f["confidence"]) for f in found]
        if not hasattr(self, "alone"):
            alone = self.scan("neighbour.py").findings()
            self.alone = [(f["code"], f["line"], f["confidence"]) for f in alone]
            self.assertEqual(["LMP205"], [code for code, _, _ in self.alone])
        self.assertEqual(self.alone, places)

    def fails_clearly(self, result, *words):
        """Exit code 2, with a message for a person that names what was wrong."""
        self.assertEqual(2, result.code, result.err)
        self.assertTrue(result.err.strip(), "no message")
        for word in words:
            self.assertIn(word, result.err)

    def culprit(self, names, arguments, options):
        """One file that kills limpet alone, found by halving; several when only together they do."""
        while len(names) > 1:
            half = len(names) // 2
            for part in (names[:half], names[half:]):
                try:
                    self.scan(*arguments, *[name + ".py" for name in part], **options)
                except AssertionError:
                    names = part
                    break
            else:
                break
        return ", ".join(names)

    def scan_texts(self, files, *arguments, **options):
        """Scans many files in one process; when that process dies, names the file that killed it."""
        for name, data in files.items():
            self.write(name + ".py", data)
        try:
            result = self.scan(*(arguments or ["."]), **options)
        except AssertionError as error:
            culprit = self.culprit(list(files), arguments[:-1], options)
            raise AssertionError("killed by %s: %s" % (culprit, error)) from None
        self.assertIn(result.code, (0, 1), result.err)
        self.assertEqual("", result.err)
        self.neighbour_is_unharmed(result)
        return result


class HostileText(Hostile):
    def test_nesting(self):
        self.scan_texts(texts.nested(10000))

    def test_nesting_is_printed(self):
        """facts and graph print what check survives."""
        names = texts.nested(10000 if FULL else 3000)
        for name, data in names.items():
            self.write(name + ".py", data)
            if FULL or name in ("parentheses", "attributes", "lambdas", "base_chain", "ands"):
                self.assertEqual(0, self.run_limpet("facts", name + ".py").code, name)
        self.assertEqual(0, self.run_limpet("graph", ".").code)
        self.assertEqual(0, self.run_limpet("graph", "--format", "dot", ".").code)
        self.assertEqual(0, self.run_limpet("graph", "--format", "json", ".").code)
        for form in "text", "dot", "json":
            options = "--root", "%s,atexit,loop,functools" % ",".join(names), "--depth", "1000000"
            self.assertEqual(0, self.run_limpet("graph", *options, "--format", form, ".").code)

    def test_nested_blocks(self):
        self.scan_texts(texts.blocks(1000))

    @unittest.skipUnless(FULL, "long: FULL=1 runs it")
    def test_very_deep_blocks(self):
        for name, data in texts.blocks(10000).items():
            with self.subTest(name):
                self.scan_texts({name: data}, "--max-file-size", "200000000", ".", limit=600)
                os.unlink(self.root / (name + ".py"))

    def test_random_bytes(self):
        sizes = (1, 10, 100, 1000, 4000)
        rounds = 100 if FULL else 20
        files = {
            "noise_%d_%d" % (size, seed): texts.noise(seed, size)
            for size in sizes
            for seed in range(rounds)
        }
        self.scan_texts(files)

    def test_token_soup(self):
        rounds = 400 if FULL else 60
        self.scan_texts({"soup_%d" % seed: texts.soup(seed, 4000) for seed in range(rounds)})

    def test_large_token_soup(self):
        """Error recovery may not eat the machine: the parser's memory is bounded."""
        self.scan_texts({"soup": texts.soup(1, 2400000 if FULL else 300000)}, limit=300)

    def test_mutated_fixtures(self):
        fixtures = sorted((REPO / "fixtures").rglob("*.py"))
        if not fixtures:
            self.skipTest("no fixtures")
        rounds = 20 if FULL else 2
        files = {}
        for i, path in enumerate(fixtures):
            for seed in range(rounds):
                files["m_%d_%d" % (i, seed)] = texts.mutated(i * 1000 + seed, path.read_bytes())
        self.scan_texts(files)

    def test_encodings(self):
        for name, data, _ in texts.ENCODINGS:
            self.write(name + ".py", data)
        result = self.scan(".")
        self.assertEqual(1, result.code)
        for name, _, bad in texts.ENCODINGS:
            with self.subTest(name):
                self.assertEqual(["LMP901"] if bad else [], [
                    code for code in result.codes(name + ".py") if code != "LMP900"
                ])  # fmt: skip
        self.neighbour_is_unharmed(result)


class HostileSize(Hostile):
    SIZE = 50000000

    def long_line(self, kind):
        """A file of one line, written without building it in memory twice."""
        begin, middle, end = {
            "string": (b"x = '", b"a" * 1000, b"'\n"),
            "comment": (b"#", b"# limpet: ignore[LMP201] " * 40, b"\n"),
            "names": (b"x = a", b"a" * 1000, b"\n"),
            "list": (b"x = [", b"1, " * 400, b"]\n"),
            "noise": (b"", bytes(range(256)) * 4, b""),
        }[kind]
        times = self.SIZE // len(middle)
        self.write(kind + ".py", begin + middle * times + end)

    def test_default_limit(self):
        self.long_line("string")
        result = self.scan("--extend-select", "LMP905", ".")
        self.assertEqual(["LMP905"], result.codes("string.py"))
        self.neighbour_is_unharmed(result)

    def test_raised_limit(self):
        kinds = ["string", "comment", "names"] + (["list", "noise"] if FULL else [])
        for kind in kinds:
            with self.subTest(kind):
                self.long_line(kind)
                result = self.scan("--max-file-size", "100000000", ".", limit=600)
                self.assertNotEqual(2, result.code, result.err)
                self.assertEqual([], [c for c in result.codes(kind + ".py") if c != "LMP900"]
                                 if kind != "noise" else [])  # fmt: skip
                self.neighbour_is_unharmed(result)
                os.unlink(self.root / (kind + ".py"))

    def test_full_format_of_a_long_line(self):
        """The excerpt is a window on the line, not the line."""
        self.write("long.py", b"x = '" + b"a" * 2000000 + b"'; y = (]\n")
        result = self.run_limpet("check", "--isolated", "--output-format", "full", ".")
        self.assertEqual(1, result.code)
        self.assertIn(b"LMP900", result.out)
        self.assertLess(len(result.out), 20000)

    def test_many_files(self):
        for i in range(5000):
            self.write("pkg%d/m%d.py" % (i % 50, i), b"x%d = []\n" % i)
        result = self.scan("--statistics", ".")
        self.assertEqual(5001, json.loads(result.out)["statistics"]["files"])
        self.neighbour_is_unharmed(result)


    def test_projects_that_multiply(self):
        """No question of the graph may cost more than its answer is worth: seconds, where blind search
        would take for ever."""
        for name, files in hostile_projects.projects(20000 if FULL else 4000).items():
            with self.subTest(name):
                for path, text in files.items():
                    self.write("%s/%s" % (name, path), text)
                result = self.scan(
                    "--select", "ALL", "--min-confidence", "low", "--exit-zero", name, limit=60
                )
                self.assertEqual((0, ""), (result.code, result.err))
                shutil.rmtree(self.root / name)


    def test_pictures_of_large_classes(self):
        """Nor may what is printed of a class; the picture of what is too large is cut."""
        for name, text in hostile_projects.pictures(20000 if FULL else 2000).items():
            with self.subTest(name):
                self.write("%s/a.py" % name, text)
                for options in ("--class", "Big"), ("--root", "a,atexit,threading,loop,functools"):
                    result = self.run_limpet("graph", "--isolated", *options, name, limit=60)
                    self.assertEqual((0, ""), (result.code, result.err))


class HostileWorld(Hostile):
    def as_nobody(self):
        """A command prefix that runs the binary without root's rights, on a copy that nobody may read."""
        os.chmod(self.directory, 0o755)
        copy = self.directory / "limpet"
        shutil.copy(LIMPET, copy)
        copy.chmod(0o755)
        if os.geteuid() != 0:
            return [str(copy)]
        if not shutil.which("setpriv"):
            self.skipTest("root without setpriv")
        drop = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
        return [*drop, str(copy)]

    def test_directory_without_permission(self):
        binary = self.as_nobody()
        self.write("closed/inside.py", NEIGHBOUR)
        os.chmod(self.root / "closed", 0)
        result = self.scan(".", binary=binary)
        self.fails_clearly(result, "closed")
        self.neighbour_is_unharmed(result)
        self.assertEqual([], result.codes("inside.py"))

    def test_directory_without_search_permission(self):
        binary = self.as_nobody()
        self.write("listed/inside.py", NEIGHBOUR)
        os.chmod(self.root / "listed", 0o444)
        result = self.scan(".", binary=binary)
        self.fails_clearly(result, "listed")
        self.neighbour_is_unharmed(result)

    def test_unreadable_file(self):
        binary = self.as_nobody()
        self.write("secret.py", NEIGHBOUR)
        os.chmod(self.root / "secret.py", 0)
        for paths in ((".",), ("secret.py", "neighbour.py")):
            with self.subTest(paths):
                result = self.scan(*paths, binary=binary)
                self.fails_clearly(result, "secret.py")
                self.neighbour_is_unharmed(result)

    def test_missing_path(self):
        result = self.scan("nothing-here.py", "neighbour.py", "nor/here")
        self.fails_clearly(result, "nothing-here.py", "nor/here")
        self.neighbour_is_unharmed(result)

    def test_dangling_symlink(self):
        os.symlink("nowhere.py", self.root / "dangling.py")
        for paths in ((".",), ("dangling.py", "neighbour.py")):
            with self.subTest(paths):
                result = self.scan(*paths)
                self.fails_clearly(result, "dangling.py")
                self.neighbour_is_unharmed(result)

    def test_symlink_loops(self):
        os.symlink("ring_b.py", self.root / "ring_a.py")
        os.symlink("ring_a.py", self.root / "ring_b.py")
        result = self.scan(".")
        self.fails_clearly(result, "ring_a.py", "ring_b.py")
        self.neighbour_is_unharmed(result)

    def test_directory_loop(self):
        (self.root / "deep").mkdir()
        os.symlink("..", self.root / "deep" / "up")
        os.symlink(".", self.root / "self")
        result = self.scan(".")
        self.assertEqual(1, result.code)
        self.neighbour_is_unharmed(result)

    def test_symlink_to_a_file_already_read(self):
        os.symlink("neighbour.py", self.root / "zz_again.py")
        result = self.scan(".", "neighbour.py", "./neighbour.py", str(self.root))
        self.assertEqual(1, len(result.findings()))

    def test_special_files(self):
        os.mkfifo(self.root / "pipe.py")
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(str(self.root / "socket.py"))
        (self.root / "folder.py").mkdir()
        walked = self.scan(".", limit=30)
        self.neighbour_is_unharmed(walked)
        if walked.code == 2:
            self.fails_clearly(walked, "pipe.py", "socket.py")
        named = self.scan("pipe.py", "socket.py", "neighbour.py", limit=30)
        self.fails_clearly(named, "pipe.py", "socket.py")
        self.neighbour_is_unharmed(named)
        self.fails_clearly(self.scan("/dev/zero", limit=30), "/dev/zero")

    def test_files_that_change_during_the_run(self):
        """Deleted, replaced by a directory, emptied: after discovery, before they are read."""
        body = NEIGHBOUR + b"def f(a, b):\n    return [a.x(i) for i in b if i > 1]\n" * 5000
        for i in range(80):
            self.write("a%02d.py" % i, body)
        for name in ("zz_deleted.py", "zz_folder.py", "zz_emptied.py"):
            self.write(name, body)
        command = [LIMPET, "check", "--isolated", "--output-format", "json", "-j", "1", "."]
        child = subprocess.Popen(
            command, cwd=self.root, env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        begin = time.monotonic()
        # Reading has begun, so discovery is over: the list is made, and the last files are far away.
        while self.bytes_read(child.pid) < 2000000 and time.monotonic() < begin + 20:
            time.sleep(0.002)
        os.unlink(self.root / "zz_deleted.py")
        os.unlink(self.root / "zz_folder.py")
        os.mkdir(self.root / "zz_folder.py")
        os.truncate(self.root / "zz_emptied.py", 0)
        out, err = child.communicate(timeout=LIMIT)
        result = Result(child.returncode, out, err.decode("utf-8", "replace"))
        self.fails_clearly(result, "zz_deleted.py", "zz_folder.py")
        self.neighbour_is_unharmed(result)
        self.assertEqual(["LMP205"], result.codes("a00.py"))

    @staticmethod
    def bytes_read(pid):
        try:
            with open("/proc/%d/io" % pid) as file:
                return int(file.readline().split()[1])
        except OSError:
            return 1 << 60  # already over

    def test_names(self):
        names = [b"new\nline.py", b"bad\xff\xfe.py", b"\x1b[31mred.py", b"-dash.py", b"quote'\".py",
                 b"sp ace.py", b"per%20cent%s%n.py", b"star*[a].py", b"back\\slash.py", b"\xe2\x80\xae.py",
                 b"::warning.py", b".hidden.py", b"x" * 252 + b".py"]  # fmt: skip
        for name in names:
            self.write(name, NEIGHBOUR)
        result = self.scan(".")
        self.assertEqual(1, result.code)
        self.assertEqual("", result.err)
        self.assertEqual(len(names) + 1, len(result.findings()))
        for output in ("concise", "full"):
            text = self.run_limpet("check", "--isolated", "--output-format", output, ".").out
            self.assertNotIn(b"\x1b", text)
            text.decode("utf-8")
            heads = [line for line in text.splitlines() if b": LMP205" in line]
            self.assertEqual(len(names) + 1, len(heads), output)
        explicit = self.scan("--", *names)
        self.assertEqual(len(names), len(explicit.findings()))

    def test_deep_directories(self):
        """Deeper than PATH_MAX: found or refused with a message, never a crash."""
        before = os.open(".", os.O_RDONLY)
        self.addCleanup(os.close, before)
        try:
            os.chdir(self.root)
            for _ in range(60):
                os.mkdir("d" * 200)
                os.chdir("d" * 200)
                Path("inside.py").write_bytes(b"x = 1\n")
        finally:
            os.fchdir(before)
        result = self.scan(".")
        self.neighbour_is_unharmed(result)
        if result.code == 2:
            self.assertTrue(result.err.strip())

    def test_vanished_working_directory(self):
        gone = self.directory / "gone"
        gone.mkdir()
        script = "cd '%s' && rmdir '%s' && exec '%s' check --isolated ." % (gone, gone, LIMPET)
        result = self.run_limpet("-c", script, binary="/bin/sh")
        self.assertIn(result.code, (0, 2))


class HostileStreams(Hostile):
    def full_device(self):
        """A device of our own like /dev/full, so that nothing can harm the real one."""
        path = self.directory / "full"
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
            with open(path, "wb", buffering=0) as file:
                file.write(b"x")
        except PermissionError:
            self.skipTest("no right to make or use a device")
        except OSError:
            pass  # no space left on device: as it should be
        return path

    def test_standard_output_is_full(self):
        for output in ("full", "concise", "json"):
            with self.subTest(output), open("/dev/full", "wb") as full:
                result = self.run_limpet(
                    "check", "--isolated", "--output-format", output, ".", stdout=full
                )
                self.fails_clearly(result)

    def test_output_file_is_full(self):
        device = self.full_device()
        result = self.run_limpet("check", "--isolated", "-o", str(device), ".")
        self.fails_clearly(result, str(device))
        self.assertTrue(stat.S_ISCHR(os.stat(device).st_mode), "the device was replaced by a file")

    def test_output_file_is_a_device(self):
        """Writing to a null device must not replace it."""
        path = self.directory / "null"
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        except PermissionError:
            self.skipTest("no right to make a device")
        result = self.run_limpet("check", "--isolated", "-o", str(path), ".")
        self.assertTrue(stat.S_ISCHR(os.stat(path).st_mode), "the device was replaced by a file")
        self.assertEqual(1, result.code, result.err)

    def test_output_file_cannot_be_written(self):
        for target in ("no/such/directory/out.json", "."):
            with self.subTest(target):
                result = self.run_limpet("check", "--isolated", "-o", target, "neighbour.py")
                self.fails_clearly(result)

    def test_closed_streams(self):
        """A file that is opened while 1 is closed gets that number: nothing may be written into it."""
        for closed in ("<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                script = "exec '%s' check --isolated . %s" % (LIMPET, closed)
                result = self.run_limpet("-c", script, binary="/bin/sh")
                self.assertEqual(2 if ">&-" in closed.split() else 1, result.code, result.err)
                self.assertEqual(NEIGHBOUR, (self.root / "neighbour.py").read_bytes())

    def test_reader_goes_away(self):
        for i in range(300):
            self.write("m%d.py" % i, NEIGHBOUR)
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            result = self.run_limpet("check", "--isolated", "--output-format", "full", ".", stdout=pipe)
        self.assertNotIn("Broken pipe", result.err)

    def test_standard_input(self):
        feeds = {
            "noise": texts.noise(1, 5000),
            "soup": texts.soup(2, 5000),
            "nul": b"x = 1\0",
            "empty": b"",
            "code": NEIGHBOUR,
        }
        for name, data in feeds.items():
            with self.subTest(name):
                result = self.scan("--stdin-filename", "neighbour.py", "-", input=data)
                self.assertIn(result.code, (0, 1), result.err)
        self.neighbour_is_unharmed(result)

    def test_closed_standard_input(self):
        script = "exec '%s' check --isolated - <&-" % LIMPET
        self.fails_clearly(self.run_limpet("-c", script, binary="/bin/sh"))


class HostilePrefixes(Hostile):
    def test_every_fixture_cut_at_every_byte(self):
        """In one process, through facts: tests/fuzz/cut.c. All of them with FULL=1, else a part."""
        fixtures = [str(p) for p in sorted((REPO / "fixtures").rglob("*.py"))][:: 1 if FULL else 8]
        if not fixtures:
            self.skipTest("no fixtures")
        if not os.path.exists(CUT):
            self.skipTest("%s is not built" % CUT)
        # Frozen blocks with bytes overwritten are refused or printable: facts/block.c's promise.
        flips = "2000" if FULL else "50"
        result = self.run_limpet("--flips", flips, *fixtures, binary=CUT, limit=1800, cwd=REPO)
        self.assertEqual(0, result.code, result.err)
        prefixes = sum(os.path.getsize(path) + 1 for path in fixtures)
        expected = b"%d files, %d prefixes" % (len(fixtures), prefixes)
        self.assertTrue(result.out.startswith(expected), (result.out, expected))

    def test_prefixes_through_the_command(self):
        """The whole pipeline on every prefix of a few fixtures, one process each."""
        fixtures = sorted((REPO / "fixtures").rglob("*.py"))
        if not fixtures:
            self.skipTest("no fixtures")
        for path in fixtures if FULL else fixtures[:: max(1, len(fixtures) // 4)][:4]:
            with self.subTest(path.name):
                data = path.read_bytes()[: None if FULL else 1500]
                files = {"cut%05d" % n: data[:n] for n in range(len(data) + 1)}
                self.scan_texts(files)
                for name in files:
                    os.unlink(self.root / (name + ".py"))


if __name__ == "__main__":
    unittest.main()
