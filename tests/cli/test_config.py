"""Configuration files: where they are found, what they change, and what is said when they are wrong."""

import json
import os
import re
import sys
import tomllib
import unittest
from pathlib import Path

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import ROOT, CliTest

BROKEN = "def f(:\n    pass\n"
LATIN = b'name = "caf\xe9"\n'
GROWS = "SEEN = {}\n\n\ndef handle(request):\n    SEEN[request.id] = request\n"
MANAGER = """class Manager:
    def __init__(self):
        self.items = []

    def add(self, request):
        self.items.append(request)
"""
CYCLE = "class Node:\n    def __init__(self):\n        self.me = self\n\n    def __del__(self):\n        pass\n"


class ConfigTest(CliTest):
    def codes(self, *args, **more):
        return sorted({code for _, _, code in self.findings(*args, **more)})

    def settings(self, *args, **more):
        return tomllib.loads(self.limpet("--show-settings", *args, **more))

    def problem(self, *args):
        """The one line that is said of a bad configuration; nothing else is done."""
        run = self.run_limpet(*args)
        self.assertEqual((run.returncode, run.stdout), (2, b""), run.stderr)
        lines = run.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith("limpet: "), lines[0])
        return lines[0][len("limpet: ") :]


class Discovery(ConfigTest):
    def setUp(self):
        super().setUp()
        self.write("app/a.py", BROKEN)
        self.write("app/b.py", LATIN)

    def test_each_file_name(self):
        for name, text in [("pyproject.toml", '[tool.limpet]\nselect = ["LMP901"]\n'),
                           ("limpet.toml", 'select = ["LMP901"]'),
                           (".limpet.toml", 'select = ["LMP901"]\r\n'),
                           ("limpet.toml", '\ufeffselect = ["LMP901"]')]:  # fmt: skip
            with self.subTest(name=name):
                path = self.write(name, text)
                self.assertEqual(self.codes(), ["LMP901"])
                self.assertEqual(self.codes("--isolated"), ["LMP900", "LMP901"])
                os.unlink(path)

    def test_first_name_wins(self):
        self.write("pyproject.toml", '[tool.limpet]\nselect = ["LMP905"]\n')
        self.write("limpet.toml", 'select = ["LMP900"]')
        self.assertEqual(self.codes(), ["LMP900"])
        self.write(".limpet.toml", 'select = ["LMP901"]')
        self.assertEqual(self.codes(), ["LMP901"])

    def test_found_above_what_is_read(self):
        self.write("limpet.toml", 'select = ["LMP901"]')
        self.assertEqual(self.codes("app/b.py"), ["LMP901"])
        self.assertEqual(self.codes("app/a.py"), [])

    def test_pyproject_without_a_table_is_passed_over(self):
        self.write("limpet.toml", 'select = ["LMP901"]')
        self.write("app/pyproject.toml", '[project]\nname = "limpet-user"\n')
        self.assertEqual(self.codes("app"), ["LMP901"])
        self.write("app/pyproject.toml", "this is { no TOML\n")  # and does not speak of us
        self.assertEqual(self.codes("app"), ["LMP901"])

    def test_what_the_paths_have_in_common(self):
        self.write("limpet.toml", 'min-confidence = "low"')
        self.write("app/one/limpet.toml", 'min-confidence = "high"')
        self.write("app/one/x.py", "")
        self.write("app/two/y.py", "")
        self.assertEqual(self.settings("app/one")["min-confidence"], "high")
        self.assertEqual(self.settings("app/one/x.py", "app/one")["min-confidence"], "high")
        self.assertEqual(self.settings("app/one", "app/two")["min-confidence"], "low")
        self.assertEqual(self.settings()["min-confidence"], "low")
        self.assertEqual(self.settings("-", "--stdin-filename", "app/one/x.py")["min-confidence"], "high")
        self.assertEqual(self.settings("-")["min-confidence"], "low")

    def test_project(self):
        self.write("limpet.toml", 'min-confidence = "low"')
        self.write("app/limpet.toml", 'min-confidence = "high"')
        self.write("app/deep/x.py", "")
        self.assertEqual(self.settings("app", "--project", ".")["min-confidence"], "low")
        self.assertEqual(self.settings("--project", "app/deep")["min-confidence"], "high")
        self.assertEqual(self.problem("--project", "nowhere"), "--project 'nowhere': No such file or directory")
        self.assertEqual(self.problem("--project", "limpet.toml"), "--project 'limpet.toml': Not a directory")

    def test_directory_and_broken_link_are_no_configuration(self):
        os.mkdir(os.path.join(self.dir, "limpet.toml"))
        os.symlink("nowhere", os.path.join(self.dir, ".limpet.toml"))
        os.mkfifo(os.path.join(self.dir, "pyproject.toml"))
        self.assertEqual(self.codes(), ["LMP900", "LMP901"])

    def test_graph_reads_it_too(self):
        self.write("limpet.toml", 'exclude = ["a.py"]')
        self.assertNotIn("a.py", self.limpet("graph"))
        self.assertIn("a.py", self.limpet("graph", "--isolated"))
        self.write("limpet.toml", "exclude = 1")
        self.assertIn("limpet.toml:1:11", self.fails("graph"))

    def test_other_commands_do_not(self):
        self.write("limpet.toml", "broken")
        self.limpet("rules")
        self.limpet("version")
        self.limpet("facts", "app/b.py")
        self.limpet("--help")


class Nearest(ConfigTest):
    """The nearest configuration decides selection, per-file ignores and confidence of a file."""

    def setUp(self):
        super().setUp()
        for folder in ("", "inner/", "inner/deep/"):
            self.write(folder + "broken.py", BROKEN)
            self.write(folder + "latin.py", LATIN)

    def found(self, *args):
        return [(path, code) for path, _, code in self.findings(*args)]

    def test_selection(self):
        self.write("limpet.toml", 'select = ["LMP901"]')
        self.write("inner/limpet.toml", 'select = ["LMP900"]')
        expected = [("inner/broken.py", "LMP900"), ("inner/deep/broken.py", "LMP900"), ("latin.py", "LMP901")]
        self.assertEqual(self.found(), expected)
        self.assertEqual(self.found("--ignore", "LMP901"), expected[:2])
        self.assertEqual(self.found("--select", "LMP901"),
                         [(p, "LMP901") for p in ("inner/deep/latin.py", "inner/latin.py", "latin.py")])  # fmt: skip

    def test_without_one_at_the_top(self):
        self.write("inner/limpet.toml", 'ignore = ["LMP9"]')
        self.assertEqual(self.found(), [("broken.py", "LMP900"), ("latin.py", "LMP901")])

    def test_confidence(self):
        self.write("inner/grows.py", GROWS)
        self.write("grows.py", GROWS)
        self.write("inner/limpet.toml", 'min-confidence = "low"')
        self.write("limpet.toml", 'min-confidence = "high"\nselect = ["LMP2"]')
        self.write("inner/limpet.toml", 'min-confidence = "low"\nselect = ["LMP2"]')
        self.assertEqual([path for path, code in self.found()], ["inner/grows.py"])

    def test_the_rest_is_the_project_s(self):
        self.write("limpet.toml", 'output-format = "json"\nmax-file-size = "1M"')
        self.write("inner/limpet.toml", 'output-format = "concise"\nmax-file-size = 1\nexclude = ["deep"]')
        found = json.loads(self.limpet("--exit-zero"))["findings"]
        self.assertEqual(len(found), 6)
        told = self.run_limpet("-v").stderr.decode()
        self.assertIn("inner/limpet.toml:1: 'output-format' counts only when this directory is checked alone\n", told)
        self.assertEqual(told.count("counts only"), 3)

    def test_problems_inside_stop_the_run(self):
        self.write("inner/deep/limpet.toml", "selct = []\nselect = [1]\n")
        self.assertEqual(self.fails().splitlines(), [
            "limpet: inner/deep/limpet.toml:1:1: unknown key 'selct'; did you mean 'select'?",
            "limpet: inner/deep/limpet.toml:2:11: 'select' is a list of strings, and this is an integer",
        ])  # fmt: skip
        self.limpet("--isolated", "--exit-zero", "-q")

    def test_unused_suppressions_know_what_ran(self):
        self.write("limpet.toml", 'select = ["LMP901", "LMP902"]')
        self.write("a.py", "x = 1  # limpet: ignore[LMP901]\n")
        self.write("inner/limpet.toml", 'select = ["LMP900", "LMP902"]')
        self.write("inner/a.py", "x = 1  # limpet: ignore[LMP901]\n")
        self.assertEqual([p for p, code in self.found() if code == "LMP902"], ["a.py"])


class PerFile(ConfigTest):
    def setUp(self):
        super().setUp()
        for path in ("tests/a.py", "app/a.py", "app/tests/b.py", "app/c_gen.py"):
            self.write(path, BROKEN)

    def found(self, config, *args):
        self.write("limpet.toml", config)
        return [path for path, _, _ in self.findings(*args)]

    def test_patterns(self):
        everything = ["app/a.py", "app/c_gen.py", "app/tests/b.py", "tests/a.py"]
        for pattern, left in [
            ("tests/*", everything[:3]), ("*_gen.py", [everything[0]] + everything[2:]), ("a.py", everything[1:3]),
            ("**/tests/*", everything[:2]), ("./tests/a.py", everything[:3]), ("!app/*", everything[:3]),
            ("nothing", everything), (self.dir + "/app/*", ["tests/a.py"]), ("tests", everything),
        ]:  # fmt: skip
            with self.subTest(pattern=pattern):
                config = "per-file-ignores = {%s = ['LMP900']}" % json.dumps(pattern)
                self.assertEqual(self.found(config), left)

    def test_words(self):
        for word in ("LMP900", "LMP9", "ALL", "syntax-error"):
            self.assertEqual(self.found("[per-file-ignores]\n'*' = ['%s']" % word), [])
        self.assertEqual(len(self.found("[per-file-ignores]\n'*' = ['LMP901']")), 4)

    def test_whatever_is_selected(self):
        config = "select = ['LMP900']\n[per-file-ignores]\n'tests/*' = ['LMP9']"
        self.assertEqual(len(self.found(config)), 3)
        self.assertEqual(len(self.found(config, "--select", "LMP900")), 3)

    def test_relative_to_the_file(self):
        self.write("app/limpet.toml", "[per-file-ignores]\n'tests/*' = ['LMP900']")
        self.assertEqual(self.found(""), ["app/a.py", "app/c_gen.py", "tests/a.py"])

    def test_extended(self):
        self.write("base.toml", "[per-file-ignores]\n'tests/*' = ['LMP900']")
        self.assertEqual(len(self.found("extend = 'base.toml'\n[extend-per-file-ignores]\n'app/*' = ['ALL']")), 0)
        self.assertEqual(len(self.found("extend = 'base.toml'\n[per-file-ignores]\n'app/*' = ['ALL']")), 1)


class Layers(ConfigTest):
    """Options over assignments over the file over what it extends, word by word as each says."""

    def setUp(self):
        super().setUp()
        self.write("a.py", BROKEN)
        self.write("b.py", LATIN)
        self.write("c.py", "# @generated\n")

    def test_selection(self):
        cases = [  # base, file, options, codes
            ('select = ["LMP900"]', "", [], ["LMP900"]),
            ('select = ["LMP900"]', 'select = ["LMP901"]', [], ["LMP901"]),
            ('select = ["LMP900"]', 'extend-select = ["LMP901"]', [], ["LMP900", "LMP901"]),
            ('ignore = ["LMP900"]', "", [], ["LMP901"]),
            ('ignore = ["LMP900"]', 'select = ["LMP900"]', [], ["LMP900"]),
            ('ignore = ["LMP900"]', 'extend-select = ["LMP900"]', [], ["LMP900", "LMP901"]),
            ('select = ["LMP900"]', 'ignore = ["LMP9"]', [], []),
            ("", 'ignore = ["LMP900"]', ["--select", "LMP900"], ["LMP900"]),
            ("", 'ignore = ["LMP900"]', ["--extend-select", "LMP905"], ["LMP901", "LMP905"]),
            ("", 'extend-select = ["LMP905"]', ["--ignore", "LMP90"], []),
            ("", 'select = ["LMP905"]', ["--config", 'select = ["LMP900"]'], ["LMP900"]),
            ("", 'select = ["LMP905"]', ["--config", 'select = ["LMP900"]', "--ignore", "LMP900"], []),
        ]
        for base, file, options, expected in cases:
            with self.subTest(base=base, file=file, options=options):
                self.write("base.toml", base)
                self.write("limpet.toml", 'extend = "base.toml"\n' + file)
                self.assertEqual(self.codes(*options), expected)

    def test_scalars(self):
        self.write("base.toml", 'min-confidence = "low"\nfail-on = "error"\nmax-file-size = 5')
        self.write("limpet.toml", 'extend = "base.toml"\nfail-on = "warning"')
        found = self.settings("--max-file-size", "2K")
        self.assertEqual((found["min-confidence"], found["fail-on"], found["max-file-size"]), ("low", "warning", 2048))

    def test_lists(self):
        self.write("sub/base.toml", 'exclude = ["x", "y/z"]\nextend-exclude = ["e1"]')
        self.write("limpet.toml", 'extend = "sub/base.toml"\nextend-exclude = ["e2"]')
        self.assertEqual(self.settings()["exclude"], ["x", "sub/y/z"])
        self.assertEqual(self.settings()["extend-exclude"], ["e1", "e2"])
        self.assertEqual(self.settings("--exclude", "q", "--exclude", "r")["exclude"], ["q", "r"])
        self.assertEqual(self.settings("--extend-exclude", "q")["extend-exclude"], ["e1", "e2", "q"])
        self.write("limpet.toml", 'extend = "sub/base.toml"\nexclude = []')
        self.assertEqual(self.settings()["exclude"], [])

    def test_negated(self):
        self.write(".git/config", "")
        self.write(".gitignore", "a.py\n")
        self.write("limpet.toml", "respect-gitignore = false")
        self.assertIn("LMP900", self.codes())
        self.assertNotIn("LMP900", self.codes("--config", "respect-gitignore = true"))
        self.write("limpet.toml", "")
        self.assertIn("LMP900", self.codes("--no-respect-gitignore"))

    def test_named_file(self):
        self.write("limpet.toml", "select = ['LMP900']")
        self.write("other/mine.toml", "select = ['LMP901']\nexclude = ['x/y']")
        self.write("other/limpet.toml", "select = ['LMP905']")
        self.write("other/d.py", BROKEN)
        self.assertEqual(self.codes("--config", "other/mine.toml"), ["LMP901"])
        # its paths are relative to the working directory, as ruff's
        self.assertEqual(self.settings("--config", "other/mine.toml")["exclude"], ["x/y"])
        self.write("other/pyproject.toml", "[tool.limpet]\nextend = 'mine.toml'")
        self.assertEqual(self.codes("--config", "other/pyproject.toml"), ["LMP901"])
        self.assertEqual(self.settings("--config", "other/pyproject.toml")["exclude"], ["other/x/y"])

    def test_extend_chain(self):
        self.write("a/one.toml", "extend = '../b/two.toml'\nselect = ['LMP900']")
        self.write("b/two.toml", "fail-on = 'error'")
        self.write("pyproject.toml", "[tool.limpet]\nextend = 'a/one.toml'")
        self.assertEqual(self.settings()["fail-on"], "error")
        out = self.limpet("--show-settings")
        self.assertIn("# configuration: pyproject.toml\n# extends: a/one.toml\n# extends: b/two.toml\n", out)


class Effects(ConfigTest):
    """What the settings do to the analysis."""

    def test_every_key_that_mirrors_an_option(self):
        self.write("a.py", BROKEN)
        self.write("g.py", GROWS)
        self.write("limpet.toml", 'output-format = "concise"')
        self.assertIn("a.py:1:7: LMP900", self.limpet(code=1))
        self.write("limpet.toml", 'fail-on = "error"')
        self.limpet("a.py")
        self.write("limpet.toml", 'max-file-size = "10"\nselect = ["ALL"]')
        self.assertEqual(self.codes(), ["LMP905"])
        self.write("limpet.toml", 'exclude = ["a.py"]\nforce-exclude = true')
        self.assertEqual(self.codes("a.py"), [])
        self.write("limpet.toml", "ignore-suppressions = true")
        self.write("a.py", "# limpet: file-ignore[ALL]\n" + BROKEN)
        self.assertIn("LMP900", self.codes("a.py"))
        self.write("limpet.toml", "")
        self.assertNotIn("LMP900", self.codes("a.py"))

    def test_target_version(self):
        self.write("c.py", "class Owner:\n    def __init__(self):\n        self.part = Part(self)\n\n\nclass Part:\n"
                           "    def __init__(self, owner):\n        self.owner = owner\n\n    def __del__(self):\n"
                           "        print('gone')\n\n\ndef make():\n    Owner()\n")  # fmt: skip

        def effect(*args):
            found = json.loads(self.limpet("--output-format", "json", "--exit-zero", "--select", "LMP101", *args))
            return [f["effect"] for f in found["findings"]]

        self.assertEqual(effect(), ["delayed"])
        self.write("limpet.toml", 'target-version = "3.3"')
        self.assertEqual(effect(), ["never-freed"])
        self.write("limpet.toml", 'target-version = ["2.7", "3.9-3.11"]')
        self.assertEqual(effect(), ["never-freed"])
        self.assertEqual(effect("--target-version", "3.9"), ["delayed"])
        self.write("limpet.toml", "")
        self.write("pyproject.toml", '[project]\nrequires-python = ">=2.7"')
        self.assertEqual(effect(), ["never-freed"])
        self.assertEqual(effect("--isolated"), ["delayed"])
        self.write("limpet.toml", 'target-version = "3.9"')
        self.assertEqual(effect(), ["delayed"])

    def test_requires_python(self):
        self.write("pyproject.toml", '[project]\nname = "x"\nrequires-python = ">=3.9,<3.12"\n')
        self.write("app/limpet.toml", "")
        out = self.limpet("--show-settings", "app")
        line = 'target-version = ["3.9", "3.10", "3.11"]  # requires-python in pyproject.toml:3\n'
        self.assertIn(line, out)
        self.write("pyproject.toml", '[project]\nrequires-python = ""\n')
        self.assertNotIn("target-version", self.settings())
        cases = [
            ('[project]\nrequires-python = "3.9+"', "pyproject.toml:2:19: 'requires-python': '3.9+' is not a version "
             "specifier such as '>=3.9'"),
            ("[project]\nrequires-python = 3.9", "pyproject.toml:2:19: 'requires-python' is a string, not a float"),
            ('[project]\nrequires-python = ">=9"', "pyproject.toml:2:19: 'requires-python': '>=9' allows no version "
             "from 2.7, 3.3 to 3.15"),
            ("[project\nrequires-python = 1", "pyproject.toml:1:1: not valid TOML: cannot read '[project'"),
        ]  # fmt: skip
        for text, problem in cases:
            self.write("pyproject.toml", text)
            self.assertEqual(self.problem(), problem)
            self.limpet("--target-version", "3.9")
            self.limpet("--isolated")

    def test_long_lived(self):
        self.write("app/core.py", MANAGER)
        self.write("app/__init__.py", "")
        self.assertEqual(self.codes(), [])
        for name in ("app.core.Manager", "app.core.Manager.items"):
            self.write("limpet.toml", "long-lived = ['%s']" % name)
            self.assertEqual(self.findings(), [("app/core.py", 6, "LMP201")], name)
        self.write("limpet.toml", "long-lived = ['app.core.Manage', 'app.core.Manager.other']")
        self.assertEqual(self.codes(), [])

    def test_long_lived_names_that_are_not_there(self):
        self.write("core.py", MANAGER + "\nmanager = Manager()\n")
        self.write("limpet.toml", "long-lived = ['core.manager', 'core.Manager', 'core.Manager.items', 'core.Manger']")
        told = self.run_limpet("-v").stderr.decode()
        self.assertIn("limpet: configuration in 'limpet.toml'\n", told)
        self.assertEqual(re.findall("names '(.*)'", told), ["core.Manger"])

    def test_long_lived_variable_and_subclass(self):
        self.write("core.py", MANAGER + "\n\nclass Special(Manager):\n    pass\n\n\n"
                   "def make() -> Special:\n    return Special()\n")  # fmt: skip
        self.write("main.py", "import core\n\nmanager = core.make()\n")
        self.assertEqual(self.codes(), [])
        for name in ("core.Special", "main.manager"):
            self.write("limpet.toml", "long-lived = ['%s']" % name)
            self.assertEqual(self.codes(), ["LMP201"], name)

    def test_script(self):
        self.write("g.py", GROWS)
        self.write("b.py", BROKEN)
        self.assertEqual(self.codes(), ["LMP201", "LMP900"])
        self.write("limpet.toml", 'profile = "script"')
        self.assertEqual(self.codes(), ["LMP900"])
        self.assertEqual(self.codes("--select", "ALL", "--min-confidence", "low"), ["LMP900"])

    def test_library(self):
        self.write("g.py", GROWS + "\n\n_HIDDEN = {}\n\n\ndef other(request):\n    _HIDDEN[request.id] = request\n")
        self.assertEqual(len(self.findings()), 2)
        self.write("limpet.toml", 'profile = "library"')
        self.assertEqual([line for _, line, _ in self.findings()], [12])
        low = self.findings("--min-confidence", "low")
        self.assertEqual(len([1 for _, _, code in low if code == "LMP201"]), 2)


class Errors(ConfigTest):
    """Each is one line with its place; nothing is guessed and nothing else is done."""

    CASES = [
        # ---- keys
        ("selct = []", "1:1: unknown key 'selct'; did you mean 'select'?"),
        ("\n  min_confidence = 'low'", "2:3: unknown key 'min_confidence'; did you mean 'min-confidence'?"),
        ("wholly-unlike = 1", "1:1: unknown key 'wholly-unlike'; 'limpet config' lists them"),
        ('"" = 1', "1:1: unknown key ''; 'limpet config' lists them"),
        ("jobs = 2", "1:1: 'jobs' is an option of the command line alone, not a key"),
        ("no-respect-gitignore = true", "1:1: 'no-respect-gitignore' is an option of the command line; the key is "
         "'respect-gitignore'"),
        ("[tool.limpet]\nselect = []", "1:2: unknown key 'tool': only in pyproject.toml do keys stand in [tool.limpet]"),
        ("[selection]\nselect = ['LMP2']", "1:2: unknown key 'selection'; did you mean 'select'?"),
        # ---- types
        ("select = 'LMP2'", "1:10: 'select' is a list of strings, not a string"),
        ("ignore = [['LMP2']]", "1:11: 'ignore' is a list of strings, and this is an array"),
        ("exclude = {a = 1}", "1:11: 'exclude' is a list of strings, not a table"),
        ("exclude.a = 1", "1:1: 'exclude' is a list of strings, not a table"),
        ("min-confidence = 1.5", "1:18: 'min-confidence' is a string, not a float"),
        ("force-exclude = 'yes'", "1:17: 'force-exclude' is true or false, not a string"),
        ("output-format = true", "1:17: 'output-format' is a string, not a boolean"),
        ("profile = 1979-05-27", "1:11: 'profile' is a string, not a date"),
        ("extend = 7", "1:10: 'extend' is a string, not an integer"),
        ("target-version = 3.9", "1:18: 'target-version' is a string such as \"3.9\" or a list of them, not a float"),
        ("target-version = [3.9]", "1:19: 'target-version' is a list of strings, and this is a float"),
        ("max-file-size = 1.5", "1:17: 'max-file-size' is a number of bytes or a string such as \"8M\", not a float"),
        ("per-file-ignores = []", "1:20: 'per-file-ignores' is a table of patterns with lists of rules, not an array"),
        ("per-file-ignores = {a = 'LMP2'}", "1:25: 'per-file-ignores.\"a\"' is a list of strings, not a string"),
        ("models = {add = 'a.b'}", "1:10: 'models' is an array of tables, not a table"),
        ("models = ['a.b']", "1:11: 'models' is an array of tables, not a string"),
        # ---- values
        ("select = []", "1:10: 'select' is empty: no rule would run"),
        ("select = ['LMP2', 'LMP9999']", "1:19: 'select': unknown rule 'LMP9999'; 'limpet rules' lists them"),
        ("extend-select = ['del-in-cycl']", "1:18: 'extend-select': unknown rule 'del-in-cycl'; did you mean "
         "'del-in-cycle'?"),
        ("ignore = ['']", "1:11: 'ignore': an empty string"),
        ("min-confidence = 'hihg'", "1:18: 'min-confidence': 'hihg' is not one of low, medium, high; did you mean "
         "'high'?"),
        ("fail-on = 'never'", "1:11: 'fail-on': 'never' is not one of note, warning, error"),
        ("profile = 'libary'", "1:11: 'profile': 'libary' is not one of service, library, script; did you mean "
         "'library'?"),
        ("target-version = 'py39'", "1:18: 'target-version': 'py39' is not a version from 2.7, 3.3 to 3.15"),
        ("target-version = []", "1:18: 'target-version' is empty"),
        ("target-version = ['3.9', '3.11-3.9']", "1:26: 'target-version': '3.11-3.9' is not a version from 2.7, 3.3 to "
         "3.15"),
        ("max-file-size = 0", "1:17: 'max-file-size': '0' is not a size (such as \"500K\" or \"8M\")"),
        ("max-file-size = 99999999999999999999", "1:17: 'max-file-size': '99999999999999999999' is not a size (such as "
         "\"500K\" or \"8M\")"),
        ("max-file-size = '8MB'", "1:17: 'max-file-size': '8MB' is not a size (such as 500K or 8M)"),
        ("long-lived = ['Manager']", "1:15: 'long-lived': 'Manager' is not a full name such as 'app.core.Manager'"),
        ("long-lived = ['a..b']", "1:15: 'long-lived': 'a..b' is not a full name such as 'app.core.Manager'"),
        ("long-lived = ['a.1b']", "1:15: 'long-lived': 'a.1b' is not a full name such as 'app.core.Manager'"),
        ("per-file-ignores = {'!' = []}", "1:21: 'per-file-ignores' has an empty pattern"),
        ("per-file-ignores = {'a' = ['LMPX']}", "1:28: 'per-file-ignores.\"a\"': unknown rule 'LMPX'; 'limpet rules' "
         "lists them"),
        ("[[models]]\nremoves = ['a.b']", "1:1: 'models' has a table without 'add'"),
        ("[[models]]\nadd = 'b'", "2:7: 'models.add': 'b' is not a full name such as 'app.bus.Bus.subscribe'"),
        ("[[models]]\nadd = 'a.b'\nremove = ['a.c']", "3:1: unknown key 'remove' in 'models'; did you mean 'removes'?"),
        ("[[models]]\nadd = 'a.b'\nfoobar = 1", "3:1: unknown key 'foobar' in 'models': there are add, removes, weak, "
         "callback"),
        ("[[models]]\nadd = 'a.b'\nremoves = 'a.c'", "3:11: 'models.removes' is a list of strings, not a string"),
        ("[[models]]\nadd = 'a.b'\nremoves = [3]", "3:12: 'models.removes' is a string, not an integer"),
        ("[[models]]\nadd = 'a.b'\nweak = 'no'", "3:8: 'models.weak' is true or false, not a string"),
        ("[[models]]\nadd = 'a.b'\ncallback = -1", "3:12: 'models.callback': '-1' is not a number from 0 to 255"),
        ("[[models]]\nadd = 'a.b'\ncallback = 'cb'", "3:12: 'models.callback' is the number of an argument, from 0, not "
         "a string"),
        # ---- TOML
        ("select = [", "1:1: not valid TOML: cannot read 'select = ['"),
        ("select = ['LMP2']\nselect = ['LMP2']", "2:1: 'select' is already there"),
        ("[per-file-ignores]\na = []\na = []", "3:1: 'a' is already there"),
        ("# \x01", "1:3: character 0x01 is not allowed in TOML"),
        ("fail-on = 'error'\0", "1:18: character 0x00 is not allowed in TOML"),
        (b"# caf\xe9", "1:6: byte 0xe9 is not valid UTF-8"),
        ("exclude = " + "[" * 70 + "]" * 70, "1:75: values are nested more than 64 deep"),
        ("a" + ".a" * 70 + " = 1", "1:129: a key has more than 64 parts"),
    ]  # fmt: skip

    def test_one_by_one(self):
        self.write("a.py", BROKEN)
        for text, problem in self.CASES:
            with self.subTest(text=text):
                self.write("limpet.toml", text)
                self.assertEqual(self.problem(), "limpet.toml:" + problem)

    def test_in_pyproject(self):
        self.write("pyproject.toml", "[tool.limpet]\nselct = []\n")
        self.assertEqual(self.problem(), "pyproject.toml:2:1: unknown key 'selct'; did you mean 'select'?")
        self.write("pyproject.toml", "[tool]\nlimpet = 3\n")
        self.assertEqual(self.problem(), "pyproject.toml:2:1: 'tool.limpet' is a table, not an integer")
        self.write("pyproject.toml", "[tool.limpet]\n[tool.limpet]\n")
        self.assertEqual(self.problem(), "pyproject.toml:2:7: 'limpet' is already there")

    def test_all_of_a_file(self):
        self.write("limpet.toml", "a-b = 1\nselect = ['LMP2', 'x']\nfail-on = 'eror'\nignore = ['LMP1', 'y', 'z']")
        lines = [line.split(":")[2:4] for line in self.fails().splitlines()]
        self.assertEqual(lines, [["1", "1"], ["2", "19"], ["3", "11"], ["4", "19"], ["4", "24"]])

    def test_words_are_escaped(self):
        self.write("limpet.toml", '"a\\u001b[31m\\u202e" = 1')
        self.assertIn("unknown key 'a\\x1b[31m\\u202e'", self.problem())

    def test_extend(self):
        self.write("p/pyproject.toml", "[project]\n")

        def problem(text, **files):
            for name, content in files.items():
                self.write(name + ".toml", content)
            self.write("limpet.toml", text)
            return self.problem()

        self.assertEqual(problem("extend = 'nothing.toml'"),
                         "limpet.toml:1:10: cannot extend 'nothing.toml': No such file or directory")  # fmt: skip
        self.assertEqual(problem("extend = 'limpet.toml'"), "limpet.toml:1:10: 'limpet.toml' extends itself")
        self.assertEqual(problem("extend = 'x.toml'", x="extend = 'y.toml'", y="\nextend = './x.toml'"),
                         "y.toml:2:10: './x.toml' extends itself")  # fmt: skip
        self.assertEqual(problem("extend = 'x.toml'", x="slect = 1"), "x.toml:1:1: unknown key 'slect'; did you mean "
                         "'select'?")  # fmt: skip
        self.assertEqual(problem("extend = 'x.toml'", x="a = "), "x.toml:1:4: not valid TOML: the line ends too early")
        self.assertEqual(problem("extend = ''"), "limpet.toml:1:10: 'extend' is empty")
        self.assertEqual(problem("extend = 'p'"), "p: Is a directory")
        self.assertEqual(problem("extend = 'p/pyproject.toml'"), "p/pyproject.toml: there is no table [tool.limpet]")
        for i in range(40):
            self.write("c%d.toml" % i, "extend = 'c%d.toml'" % (i + 1))
        self.assertEqual(problem("extend = 'c0.toml'"), "c30.toml:1:10: more than 32 files extend one another")

    def test_config_option(self):
        self.write("a.toml", "")
        self.write("b.toml", "")
        self.assertEqual(self.problem("--config", "none.toml"), "none.toml: No such file or directory")
        self.assertEqual(self.problem("--config", "."), ".: Is a directory")
        self.assertEqual(self.problem("--config", "a.toml", "--config", "b.toml"),
                         "--config 'b.toml': there is one configuration file, 'a.toml'")  # fmt: skip
        self.assertEqual(self.problem("--config", "a.toml", "--isolated"),
                         "--config 'a.toml': --isolated reads no configuration file")  # fmt: skip
        self.assertEqual(self.problem("--config", "fail-on = 3"), "--config 'fail-on = 3': 'fail-on' is a string, not an "
                         "integer")  # fmt: skip
        self.assertEqual(self.problem("--config", "fail-on = error"), "--config 'fail-on = error': not valid TOML: cannot "
                         "read 'fail-on = error'")  # fmt: skip
        self.assertEqual(self.problem("--config", "extend = 'a.toml'"), "--config 'extend = 'a.toml'': 'extend' is for configuration files")  # fmt: skip
        self.assertIn("no file or assignment given", self.problem("--config="))
        self.limpet("--isolated", "--config", "fail-on = 'error'")

    def test_the_world(self):
        path = self.write("limpet.toml", "x" * (1 << 20) + "x")
        self.assertEqual(self.problem(), "limpet.toml: larger than 1048576 bytes")
        os.chmod(path, 0)
        if os.geteuid() != 0:
            self.assertEqual(self.problem(), "limpet.toml: Permission denied")
        os.unlink(path)
        os.mkfifo(path)
        self.assertEqual(self.problem("--config", "limpet.toml"), "limpet.toml: Not a regular file")

    def test_hostile_bytes(self):
        """No text that stands in a configuration file crashes or hangs."""
        for text in (b"\xff" * 1000, b"\0", b"[" * 300000, b"a=" * 200000, b"[[a]]\n" * 100000, b"'" * 300001,
                     b"a.b=" + b"[{x=" * 20000, b'select = ["' + b"A" * 900000 + b'"]', os.urandom(65536)):  # fmt: skip
            self.write("limpet.toml", text)
            run = self.run_limpet()
            self.assertEqual((run.returncode, run.stdout), (2, b""), text[:20])
            self.assertRegex(run.stderr, rb"\Alimpet: limpet.toml:\d+:\d+: ")


    def test_many(self):
        """Nothing is quadratic in the number of elements, keys or mistakes."""
        words = json.dumps(["a"] * 200000, separators=(",", ":"))
        for text in ("exclude = %s" % words, "select = %s" % words, "exclude = [" + "1," * 400000 + "]",
                     "\n".join("x%d = 1" % i for i in range(80000)),
                     "[per-file-ignores]\n" + "\n".join("'a%d' = ['LMP1']" % i for i in range(40000)),
                     "\n".join("[[models]]\nadd='a.b'" for _ in range(40000))):  # fmt: skip
            self.write("limpet.toml", text)
            run = self.run_limpet("--show-settings")
            self.assertIn(run.returncode, (0, 2))
            self.assertLessEqual(len(run.stderr.splitlines()), 20)


class Settings(ConfigTest):
    def test_golden(self):
        self.write("conf/base.toml", 'ignore = ["LMP201"]\nfail-on = "error"\nextend-exclude = ["gen/*.py"]\n'
                   '[per-file-ignores]\n"tests/*" = ["LMP2", "ALL"]\n')  # fmt: skip
        self.write("pyproject.toml", '[project]\nrequires-python = ">=3.9,<3.13"\n\n[tool.limpet]\n'
                   'extend = "conf/base.toml"\nextend-select = ["LMP902"]\nextend-exclude = ["old"]\n'
                   'respect-gitignore = false\nprofile = "library"\nlong-lived = ["app.core.Manager"]\n\n'
                   '[tool.limpet.extend-per-file-ignores]\n"!app/*" = ["LMP101"]\n\n[[tool.limpet.models]]\n'
                   'add = "app.bus.Bus.on"\nremoves = ["app.bus.Bus.off", "app.bus.Bus.reset"]\ncallback = 1\n'
                   '\n[[tool.limpet.models]]\nadd = "app.bus.weakly"\nweak = true\n')  # fmt: skip
        self.write("app/a.py", "")
        out = self.limpet("--show-settings", "app", "--extend-select", "del-in-cycle", "--min-confidence", "low",
                          "--config", "max-file-size = '8M'")  # fmt: skip
        golden = Path(__file__).with_name("settings.golden")
        if os.environ.get("BLESS"):
            golden.write_text(out)
        self.assertEqual(out, golden.read_text())

    def test_defaults(self):
        out = self.limpet("--show-settings")
        self.assertTrue(out.startswith("# no configuration file\n"))
        for line in out.splitlines()[1:]:
            self.assertTrue(line.endswith("# default"), line)

    def test_read_back(self):
        """What is shown, written to a file, gives the same settings."""
        self.write("first.toml", 'select = ["LMP2"]\nignore = ["LMP201"]\nexclude = ["a b\\"c", "d\\\\e"]\n'
                   'per-file-ignores = {"x/*" = ["ALL"]}\nmodels = [{add = "a.b", removes = ["a.c"]}]\n'
                   'target-version = "2.7"\nlong-lived = ["é.à"]')  # fmt: skip
        first = self.settings("--config", "first.toml")
        self.write("second.toml", self.limpet("--show-settings", "--config", "first.toml"))
        self.assertEqual(self.settings("--config", "second.toml"), first)

    def test_reads_nothing_else(self):
        self.write("a.py", BROKEN)
        self.assertNotIn("LMP900", self.limpet("--show-settings"))

    def test_same_bytes(self):
        self.write("limpet.toml", 'select = ["LMP2", "LMP9"]')
        outs = {self.limpet("--show-settings", "-j", str(n)) for n in (1, 2, 7)}
        self.assertEqual(len(outs), 1)


class Keys(ConfigTest):
    def setUp(self):
        super().setUp()
        self.schema = json.loads(self.limpet("config", "--schema"))

    def test_schema_is_the_committed_one(self):
        golden = Path(ROOT) / "src" / "config" / "limpet-config.schema.json"
        out = self.limpet("config", "--schema")
        if os.environ.get("BLESS"):
            golden.write_text(out)
        self.assertEqual(out, golden.read_text())
        jsonschema.Draft7Validator.check_schema(self.schema)

    def test_examples(self):
        """Each key is explained with an example that is valid for us and for the schema."""
        text = self.limpet("config")
        blocks = text.split("\n\n")
        keys = [block.split(":")[0] for block in blocks]
        self.assertEqual(keys, list(self.schema["properties"]))
        for key, block in zip(keys, blocks):
            with self.subTest(key=key):
                self.assertEqual(self.limpet("config", key), block.rstrip("\n") + "\n")
                (example,) = [line.strip() for line in block.splitlines() if line.startswith("    %s = " % key)]
                jsonschema.validate(tomllib.loads(example), self.schema)
                if key == "extend":
                    continue
                self.limpet("--isolated", "--config", example, "--show-settings")

    def test_schema_refuses_what_we_refuse(self):
        skip = re.compile(r"unknown rule|not valid TOML|already there|not allowed|UTF-8|deep|parts|is empty|pattern$")
        validator = jsonschema.Draft7Validator(self.schema)
        tried = 0
        for text, problem in Errors.CASES:
            if isinstance(text, bytes) or skip.search(problem) or "3.11-3.9" in problem or "9999999" in text:
                continue
            tried += 1
            with self.subTest(text=text):
                self.assertFalse(validator.is_valid(json.loads(json.dumps(tomllib.loads(text), default=str)))
                                 and "date" not in problem)  # fmt: skip
        self.assertGreater(tried, 30)

    def test_schema_takes_what_is_shown(self):
        self.write("limpet.toml", 'select = ["LMP2"]\n[[models]]\nadd = "a.b"\n[per-file-ignores]\n"x" = ["ALL"]')
        jsonschema.validate(self.settings(), self.schema)

    def test_unknown(self):
        self.assertEqual(self.fails("config", "selct"), "limpet: unknown key 'selct'; did you mean 'select'?\n")
        self.assertEqual(self.fails("config", "qqqqqq"), "limpet: unknown key 'qqqqqq'; 'limpet config' lists them\n")

    def test_help_names_them(self):
        self.assertIn("--config FILE|'KEY = VALUE'", self.limpet("--help"))
        self.assertIn("--schema", self.limpet("config", "--help"))


if __name__ == "__main__":
    unittest.main()
