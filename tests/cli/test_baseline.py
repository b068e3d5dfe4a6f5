"""The baseline: written, used, pruned; stable under edits, moves and renames; whole or not at all."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import LIMPET, CliTest
from test_fingerprint import STORE, USER

NAME = ".limpet-baseline.json"
LEAK = "SEEN = []\n\n\ndef note(request):\n    SEEN.append(request)\n"


class Baseline(CliTest):
    def setUp(self):
        super().setUp()
        self.write("app/__init__.py", "")
        self.write("app/store.py", STORE)
        self.write("app/serve.py", USER)
        self.all = self.codes("--isolated")
        self.assertGreaterEqual(len(self.all), 2)
        self.limpet("--write-baseline", "-q")

    def codes(self, *args, code=None, stderr=""):
        run = self.run_limpet("--output-format", "json", *args)
        self.assertEqual(run.stderr.decode(), stderr, run.stdout)
        found = json.loads(run.stdout)["findings"]
        self.assertEqual(run.returncode, bool(found) if code is None else code)
        return [(f["path"], f["code"], f["scope"]) for f in found]

    def entries(self):
        return json.loads(self.read(NAME))["findings"]

    def read(self, path):
        with open(os.path.join(self.dir, path)) as f:
            return f.read()

    def edit(self, path, old, new):
        text = self.read(path)
        self.assertIn(old, text)
        self.write(path, text.replace(old, new))

    def move(self, old, new):
        os.makedirs(os.path.dirname(os.path.join(self.dir, new)), exist_ok=True)
        shutil.move(os.path.join(self.dir, old), os.path.join(self.dir, new))

    def test_what_is_written(self):
        text = self.read(NAME)
        lines = text.splitlines()
        self.assertEqual(lines[:3], ["{", '  "version": 1,', '  "findings": ['])
        self.assertEqual(lines[-2:], ["  ]", "}"])
        rows = [json.loads(line.rstrip(",")) for line in lines[3:-2]]
        self.assertEqual(rows, self.entries())
        self.assertEqual(len(rows), len(self.all))
        keys = [tuple(str(row.get(k, 1)) for k in ("path", "code", "scope", "subject", "ordinal")) for row in rows]
        self.assertEqual(keys, sorted(keys))
        self.assertNotIn('"line"', text)
        self.assertIn({"path": "app/store.py", "code": "LMP201", "scope": "handle", "subject": "CACHE"}, rows)

    def test_says_what_it_did(self):
        out = self.limpet("--write-baseline")
        self.assertEqual(out, "Wrote %d findings to '%s'\n" % (len(self.all), NAME))
        self.assertIn("%d findings in the baseline" % len(self.all), self.limpet())
        document = json.loads(self.limpet("--output-format", "json"))
        self.assertEqual(document["statistics"]["baselined"], len(self.all))

    def test_the_same_again_changes_no_byte(self):
        before = self.read(NAME)
        self.limpet("--write-baseline", "-q", "-j", "1")
        self.assertEqual(self.read(NAME), before)
        self.limpet("--prune-baseline", "-q")
        self.assertEqual(self.read(NAME), before)

    def test_only_what_is_new_is_reported(self):
        self.assertEqual(self.codes(), [])
        self.write("app/new.py", LEAK)
        self.assertEqual(self.codes(), [("app/new.py", "LMP201", "app.new.note")])
        self.assertEqual(len(self.codes("--no-baseline")), len(self.all) + 1)
        self.assertEqual(len(self.codes("--isolated")), len(self.all) + 1)

    def test_a_second_one_of_the_same_kind(self):
        self.edit("app/store.py", "    CACHE[request.id] = request\n",
                  "    CACHE[request.id] = request\n    CACHE[request.name] = request\n")
        new = self.codes("--no-baseline")
        self.assertEqual(len(self.codes()), len(new) - len(self.all))
        self.limpet("--write-baseline", "-q")
        self.assertEqual(self.codes(), [])

    def test_edits(self):
        self.write("app/store.py", "# a line\n\nimport os\n\n" + STORE.replace("self.items", "self .items"))
        self.assertEqual(self.codes(), [])

    def test_a_renamed_file(self):
        self.move("app/store.py", "app/kept.py")
        self.edit("app/serve.py", "app.store", "app.kept")
        self.assertEqual(self.codes(), [])

    def test_a_renamed_package(self):
        self.move("app", "service")
        self.edit("service/serve.py", "app.store", "service.store")
        self.assertEqual(self.codes(), [])

    def test_a_renamed_function(self):
        self.edit("app/store.py", "def handle(", "def process(")
        self.edit("app/serve.py", "handle", "process")
        self.assertEqual(self.codes(), [])

    def test_a_function_that_moves_into_another_file(self):
        body = STORE[STORE.index("CACHE = {}"):].replace("    store.add(request)\n    store.also(request)\n", "")
        self.write("app/store.py", STORE.replace("CACHE = {}\n", "").replace(
            "def handle(request):\n    CACHE[request.id] = request\n", "def serve(request):\n"))
        self.write("app/table.py", body)
        self.assertIn("app/table.py", [path for path, _, _ in self.codes("--no-baseline")])
        self.assertEqual(self.codes(), [])

    def test_the_same_leak_elsewhere_while_the_old_one_is_mended(self):
        """The old file still has the function: what is in the other file is new."""
        self.write("app/one.py", LEAK)
        self.limpet("--write-baseline", "-q")
        self.write("app/one.py", LEAK.replace("SEEN.append(request)", "print(request)"))
        self.write("app/two.py", LEAK)
        run = self.codes("-q")
        self.assertEqual(run, [("app/two.py", "LMP201", "app.two.note")])

    def test_stale_entries(self):
        self.edit("app/store.py", "    CACHE[request.id] = request\n", "")
        note = "limpet: 1 entry of '%s' is no finding any more: --prune-baseline removes it\n" % NAME
        before = self.read(NAME)
        self.assertEqual(self.codes(stderr=note), [])
        self.assertEqual(self.codes("-q"), [])
        self.assertEqual(self.codes("--strict-baseline", stderr=note, code=1), [])
        self.assertEqual(self.read(NAME), before)
        self.write("app/new.py", LEAK)  # pruning only removes
        found = self.codes("--prune-baseline", stderr="limpet: removed 1 entry from '%s'\n" % NAME)
        self.assertEqual(len(found), 1)
        self.assertEqual(len(self.entries()), len(self.all) - 1)
        self.assertNotIn("CACHE", self.read(NAME))
        self.assertEqual(self.codes("--strict-baseline"), found)

    def test_a_part_of_the_project_judges_only_that_part(self):
        self.write("other/one.py", LEAK)
        self.limpet("--write-baseline", "-q")
        before = self.read(NAME)
        self.assertEqual(self.codes("app", "--strict-baseline"), [])
        self.assertEqual(self.codes("app", "--select", "LMP9", "--strict-baseline"), [])
        self.limpet("--prune-baseline", "other")
        self.assertEqual(self.read(NAME), before)
        self.limpet("--write-baseline", "-q", "other")
        self.assertEqual(self.read(NAME), before)

    def test_confidence_does_not_make_entries_stale(self):
        self.assertEqual(self.codes("--min-confidence", "high", "--strict-baseline"), [])

    def test_named_files_say_nothing_of_what_is_gone(self):
        """Alone a file shows less than with what calls it."""
        self.edit("app/store.py", "    CACHE[request.id] = request\n", "")
        self.assertEqual(self.codes("app/store.py", "--strict-baseline"), [])
        before = self.read(NAME)
        self.limpet("app/store.py", "--prune-baseline")
        self.assertEqual(self.read(NAME), before)

    def test_where_it_is_looked_for(self):
        self.assertEqual(self.codes("app/store.py", "--baseline", NAME), [])
        self.move(NAME, "app/" + NAME)  # paths in it are relative to it
        self.assertEqual(self.codes("app"), [])
        self.move("app/" + NAME, "known/list.json")
        self.assertEqual(len(self.codes()), len(self.all))
        self.write("limpet.toml", 'baseline = "known/list.json"\n')
        self.assertEqual(self.codes(), [])
        run = subprocess.run([LIMPET, "--show-settings"], cwd=self.dir + "/app",
                             stdout=subprocess.PIPE, text=True)
        self.assertIn("known/list.json", run.stdout)

    def test_named_and_missing(self):
        self.assertEqual(self.fails("--baseline", "none.json"),
                         "limpet: cannot read the baseline 'none.json': No such file or directory\n")
        os.remove(os.path.join(self.dir, NAME))
        self.assertIn("--write-baseline writes one", self.fails("--strict-baseline"))

    def test_broken(self):
        whole = self.read(NAME)
        for text, what in (
            ("", ":1:1: the baseline cannot be read: "),
            (whole[: len(whole) // 2], "the baseline cannot be read: "),
            ("<<<<<<< HEAD\n" + whole, ":1:1: the baseline cannot be read: "),
            ("[]", "it is not an object"),
            ('{"version": 2, "findings": []}', "its 'version' is not 1"),
            ('{"version": 1}', "it has no list 'findings'"),
            ('{"version": 1, "findings": [3]}', "entry 1 of 'findings' is no object"),
            ('{"version": 1, "findings": [{"path": "a", "code": 7}]}', "entry 1 of 'findings' lacks"),
            (whole.replace('"scope"', '"ordinal": 0, "scope"', 1), "'ordinal'"),
            ("[" * 100000, "the baseline cannot be read"),
            ('{"version": 1, "findings": [{"path": "\xff"}]}'.encode("latin-1"), "cannot be read"),
        ):
            self.write(NAME, text)
            for option in ((), ("--write-baseline",), ("--prune-baseline",)):
                self.assertIn(what, self.fails(*option), text[:60])
            with open(os.path.join(self.dir, NAME), "rb") as f:
                self.assertEqual(f.read(), text if isinstance(text, bytes) else text.encode())

    def test_two_branches_with_the_same_line(self):
        lines = self.read(NAME).splitlines(True)
        self.write(NAME, "".join(lines[:4] + lines[3:]))
        self.assertEqual(self.codes("--strict-baseline"), [])

    def test_a_write_that_fails_leaves_the_old_one(self):
        before = self.read(NAME)
        self.write("app/new.py", LEAK)

        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

        error = self.fails("--write-baseline", preexec_fn=no_room)
        self.assertIn("cannot write the baseline '%s'" % NAME, error)
        self.assertEqual(self.read(NAME), before)
        self.assertEqual(sorted(os.listdir(self.dir)), [NAME, "app"])

    def test_hostile_names(self):
        name = 'q"uo\\te\n\u202e<&>%.py'
        self.write(name, LEAK)
        bad = os.path.join(self.dir.encode(), b"not-utf8-\xff.py")
        with open(bad, "w") as f:
            f.write(LEAK.replace("SEEN", "KEPT"))
        self.limpet("--write-baseline", "-q")
        self.assertIn(name, [entry["path"] for entry in self.entries()])
        self.assertEqual(self.codes("--strict-baseline"), [])


if __name__ == "__main__":
    unittest.main()
