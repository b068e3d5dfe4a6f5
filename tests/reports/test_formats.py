"""Every format for programs is valid, says what the JSON report says, and keeps hostile text inert."""

import copy
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import validators
from validators import golden, strict_json, visible

from support import FIXTURES, limpet

SAMPLE = strict_json(golden("json"))["findings"]
HOSTILE = next(f for f in SAMPLE if f["name"] == "lock-reacquired")
LEVELS = {"error": 0, "warning": 1, "note": 2}
CONFIDENCE = {"high": 0, "medium": 1, "low": 2}


def by_weight(findings):
    return sorted(findings, key=lambda f: (LEVELS[f["severity"]], CONFIDENCE[f["confidence"]]))


def in_repository(path):
    """The sample's paths as its repository knows them."""
    return path if path.startswith("../") else "lib/" + path


class Sarif(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = validators.sarif_validator()
        cls.document = strict_json(golden("sarif"))
        cls.run_ = cls.document["runs"][0]

    def test_is_valid(self):
        self.validator.validate(self.document)
        self.validator.validate(strict_json(golden("sarif_clean")))

    def test_the_schema_notices(self):
        broken = copy.deepcopy(self.document)
        broken["runs"][0]["results"][0]["level"] = "grave"
        self.assertFalse(self.validator.is_valid(broken))

    def test_says_what_json_says(self):
        self.assertEqual(len(self.run_["results"]), len(SAMPLE))
        for result, finding in zip(self.run_["results"], SAMPLE):
            region = result["locations"][0]["physicalLocation"]["region"]
            self.assertEqual(result["ruleId"], finding["code"])
            self.assertEqual(result["level"], finding["severity"])
            self.assertEqual(
                (region["startLine"], region["startColumn"]), (finding["line"], finding["column"])
            )
            self.assertEqual(region["startLine"], region["endLine"], "code scanning marks one line")
            if finding["line"] == finding["end_line"]:
                self.assertEqual(region["endColumn"], finding["end_column"])
            prints = result["partialFingerprints"]
            self.assertEqual(prints["limpet/v1"], finding["fingerprint"])
            self.assertEqual(prints["primaryLocationLineHash"], finding["fingerprint"] + ":1")
            placed = [step for step in finding["evidence"] if step["path"] is not None]
            self.assertEqual(len(result["relatedLocations"]), len(placed))
            self.assertEqual("fix" in finding and finding["fix"] is not None, "fixes" in result)
        self.assertEqual(self.run_["columnKind"], "unicodeCodePoints")

    def test_rules_are_those_that_found_something(self):
        rules = self.run_["tool"]["driver"]["rules"]
        self.assertEqual([rule["id"] for rule in rules], sorted({f["code"] for f in SAMPLE}))
        for rule in rules:
            self.assertTrue({"precision", "problem.severity", "tags"} <= set(rule["properties"]))
            self.assertNotIn("security-severity", rule["properties"])
            self.assertTrue(rule["fullDescription"]["text"] and rule["help"]["markdown"])
        for result in self.run_["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
        self.assertEqual(rules[1]["properties"]["problem.severity"], "recommendation")

    def test_paths(self):
        uris = {}
        for result, finding in zip(self.run_["results"], SAMPLE):
            artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
            uris[finding["path"]] = artifact
        self.assertEqual(uris["app/cache.py"], {"uri": "lib/app/cache.py", "uriBaseId": "%SRCROOT%"})
        self.assertEqual(uris["../gone.py"], {"uri": "file:///top/gone.py"})
        hostile = uris[HOSTILE["path"]]["uri"]
        self.assertRegex(hostile, r"\A[A-Za-z0-9%/._~-]+\Z")
        self.assertEqual(validators.path_of_uri(hostile), b"lib/dir \"q\"/<b>&\x1b[31m%s\n\xff'.py")

    def test_a_path_is_a_thread_flow(self):
        at = next(i for i, f in enumerate(SAMPLE) if f["message"].startswith("'app.cache._sessions'"))
        result = self.run_["results"][at]
        steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        texts = [step["location"]["message"]["text"] for step in steps]
        self.assertEqual(texts[0], "module global app.cache._sessions")
        self.assertEqual(texts[-1], ".request → Request  (holds Response, 2 files)")
        self.assertEqual([step["importance"] for step in steps].count("essential"), 1)

    def test_fixes(self):
        safe, unsafe = [
            next(r["fixes"][0] for r in self.run_["results"]
                 if r.get("fixes") and r["fixes"][0]["properties"]["applicability"] == kind)
            for kind in ("safe", "unsafe")
        ]  # fmt: skip
        replacement = safe["artifactChanges"][0]["replacements"][0]
        self.assertEqual(replacement["insertedContent"]["text"], "_recent[req.id]")
        self.assertEqual(
            replacement["deletedRegion"], {"startLine": 8, "startColumn": 5, "endLine": 8, "endColumn": 22}
        )
        self.assertTrue(unsafe["description"]["text"].endswith("(changes behaviour)"))

    def test_texts_make_no_links(self):
        text = next(r["message"]["text"] for r in self.run_["results"] if r["ruleId"] == "LMP900")
        self.assertTrue(text.startswith("see \\[0\\](1), ##\\[error\\]"), text)

    def test_notifications(self):
        (invocation,) = self.run_["invocations"]
        self.assertFalse(invocation["executionSuccessful"])
        error, warning = invocation["toolExecutionNotifications"]
        self.assertEqual((error["level"], warning["level"]), ("error", "warning"))
        self.assertIn("Permission denied", error["message"]["text"])
        self.assertIn("%0A", warning["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        clean = strict_json(golden("sarif_clean"))["runs"][0]["invocations"][0]
        self.assertTrue(clean["executionSuccessful"])

    def test_no_place_of_this_machine(self):
        self.assertNotIn("uri", self.run_["originalUriBaseIds"]["%SRCROOT%"])


class Github(unittest.TestCase):
    def setUp(self):
        self.text = golden("github")
        self.commands = validators.github_commands(self.text)
        self.order = by_weight(SAMPLE)

    def annotations(self):
        return [c for c in self.commands if c[0] in ("error", "warning", "notice")]

    def test_ten_of_each_type_the_gravest_first(self):
        kinds = [c[0] for c in self.annotations()]
        self.assertEqual(kinds, ["error"] + ["warning"] * 10 + ["notice"] * 2)
        wanted = [f for f in self.order if f["severity"] == "warning"][:10]
        shown = [c for c in self.annotations() if c[0] == "warning"]
        self.assertEqual([c[2].split("\n")[0] for c in shown], [visible(f["message"]) for f in wanted])

    def test_the_rest_is_a_group(self):
        at = next(i for i, c in enumerate(self.commands) if c[0] == "group")
        inside = self.commands[at + 1 : -1]
        self.assertEqual(self.commands[-1][0], "endgroup")
        self.assertEqual(len(inside), len(SAMPLE) - len(self.annotations()))
        self.assertEqual({c[0] for c in inside}, {None}, "no line of the group is a command")
        for _, _, line in inside:
            self.assertNotIn("##[", line)

    def test_places(self):
        for _, properties, message in self.annotations():
            finding = next(f for f in SAMPLE if visible(f["message"]) == message.split("\n")[0])
            self.assertEqual(int(properties["line"]), finding["line"])
            one_line = properties["line"] == properties["endLine"]
            self.assertEqual(one_line, "col" in properties)
            if one_line and finding["line"] == finding["end_line"]:
                self.assertEqual(int(properties["col"]), finding["column"])
                self.assertEqual(int(properties["endColumn"]), finding["end_column"])
            self.assertEqual(properties["title"], "%s %s" % (finding["code"], finding["name"]))
            path = in_repository(finding["path"])
            self.assertEqual(properties["file"], visible(path).replace("\ufffd", "\\xff"))

    def test_as_the_toolkit_escapes(self):
        """@actions/core writes the same bytes for the same properties and message."""
        folder = validators.need_package("@actions/core")
        validators.need_command("node")
        script = (
            "import {error, warning, notice} from '%s/lib/core.js';"
            "let text = ''; for await (const part of process.stdin) text += part;"
            "for (const [kind, p, m] of JSON.parse(text)) ({error, warning, notice})[kind](m, {title: p.title,"
            " file: p.file, startLine: p.line, endLine: p.endLine, startColumn: p.col, endColumn: p.endColumn})"
        )
        import json

        done = subprocess.run(
            ["node", "--input-type=module", "-e", script % folder],
            input=json.dumps(self.annotations()).encode(), stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        ours = [line for line in self.text.splitlines() if line.startswith(("::error", "::warn", "::notice"))]
        self.assertEqual(done.stdout.decode().splitlines(), ours)

    def test_nothing_when_clean(self):
        self.assertEqual(golden("github_clean"), "")

    def test_summary_is_a_table_of_text(self):
        rows = [row for row in golden("github_summary").splitlines() if row.startswith("| ")][1:]
        self.assertEqual(len(rows), len(SAMPLE))
        for row in rows:
            bare = row.replace("\\\\", "").replace("\\|", "")
            self.assertEqual(bare.count("|"), 5, row)
            for character in "<@`[]*":
                at = bare.find(character)
                self.assertTrue(at < 0 or bare[at - 1] == "\\", row)


class Azure(unittest.TestCase):
    def test_says_what_json_says(self):
        commands = validators.azure_commands(golden("azure"))
        self.assertEqual(len(commands), len(SAMPLE))
        for (command, properties, message), finding in zip(commands, by_weight(SAMPLE)):
            self.assertEqual(command, "task.logissue")
            self.assertEqual(properties["type"], "error" if finding["severity"] == "error" else "warning")
            self.assertEqual(properties["code"], finding["code"])
            self.assertEqual(
                (properties["linenumber"], properties["columnnumber"]),
                (str(finding["line"]), str(finding["column"])),
            )
            path = visible(in_repository(finding["path"])).replace("\ufffd", "\\xff")
            self.assertEqual(properties["sourcepath"], path)
            self.assertEqual(message.split("\n")[0], visible(finding["message"]))

    def test_hostile_text_ends_nothing(self):
        for line in golden("azure").splitlines():
            head = line.split("]", 1)[0]
            self.assertEqual(head.count(";"), 5, line)
            self.assertNotIn("]", line.split("]", 1)[1])

    def test_nothing_when_clean(self):
        self.assertEqual(golden("azure_clean"), "")


class Gitlab(unittest.TestCase):
    def test_says_what_json_says(self):
        issues = strict_json(golden("gitlab"))
        self.assertEqual(len(issues), len(SAMPLE))
        severities = {"error": "critical", "warning": "major", "note": "minor"}
        for issue, finding in zip(issues, SAMPLE):
            path = finding["path"]
            path = path[3:] if path.startswith("../") else "repo/lib/" + path
            self.assertEqual(
                issue,
                {
                    "description": "%s: %s" % (finding["code"], finding["message"]),
                    "check_name": finding["code"],
                    "fingerprint": finding["fingerprint"],
                    "severity": severities[finding["severity"]],
                    "location": {"path": path, "lines": {"begin": finding["line"]}},
                },
            )
        self.assertEqual(len({issue["fingerprint"] for issue in issues}), len(issues))

    def test_clean_is_an_empty_array(self):
        self.assertEqual(golden("gitlab_clean"), "[]\n")


class Rdjson(unittest.TestCase):
    def setUp(self):
        self.document = strict_json(golden("rdjson"))

    def test_is_valid(self):
        validator = validators.schema_of(validators.HERE / "rdjson.schema.json")
        validator.validate(self.document)
        validator.validate(strict_json(golden("rdjson_clean")))

    def test_columns_are_bytes(self):
        for diagnostic, finding in zip(self.document["diagnostics"], SAMPLE):
            start = diagnostic["location"]["range"]["start"]
            self.assertEqual(start["line"], finding["line"])
            self.assertGreaterEqual(start["column"], finding["column"])
            self.assertEqual(diagnostic["location"]["path"], finding["path"])
        at = self.document["diagnostics"][SAMPLE.index(HOSTILE)]["location"]["range"]
        before = "名前 = "
        self.assertEqual(at["start"]["column"], len(before.encode()) + 1)
        self.assertEqual(at["end"]["column"], len((before + "保存(値)").encode()) + 1)

    def test_one_suggestion_a_fix(self):
        diagnostic = self.document["diagnostics"][SAMPLE.index(HOSTILE)]
        (suggestion,) = diagnostic["suggestions"]
        self.assertEqual(suggestion["text"], "<b>&\x1b[31m%s(\"a\",\n\t'b')")
        self.assertIn("fix (changes behaviour): ", diagnostic["message"])
        two_files = next(f for f in SAMPLE if f["message"] == "a span of several lines")
        self.assertNotIn("suggestions", self.document["diagnostics"][SAMPLE.index(two_files)])


class Xml(unittest.TestCase):
    def test_are_valid(self):
        for name in ("junit", "checkstyle"):
            for kind in ("", "_clean"):
                self.assertIsNone(validators.xmllint(golden(name + kind), name + ".rng"))
        self.assertIsNotNone(validators.xmllint(golden("junit").replace("tests=", "test="), "junit.rng"))

    def test_junit(self):
        suites = validators.xml(golden("junit"))
        cases = suites.findall(".//testcase")
        self.assertEqual(len(cases), len(SAMPLE))
        self.assertEqual(suites.get("failures"), str(len(SAMPLE)))
        for suite in suites:
            failures = suite.findall("testcase/failure")
            self.assertEqual(suite.get("failures"), str(len(failures)))
            self.assertEqual(suite.get("tests"), str(len(suite.findall("testcase"))))
        for case, finding in zip(cases, SAMPLE):
            failure = case.find("failure")
            self.assertEqual(failure.get("message"), visible(finding["message"]))
            self.assertEqual(failure.get("type"), finding["severity"])
            self.assertEqual(case.get("line"), str(finding["line"]))
        self.assertIn("Permission denied", suites.find(".//system-err").text)

    def test_junit_passes_when_clean(self):
        suites = validators.xml(golden("junit_clean"))
        self.assertEqual([case.find("failure") for case in suites.findall(".//testcase")], [None])

    def test_checkstyle(self):
        root = validators.xml(golden("checkstyle"))
        errors = root.findall("file/error")
        self.assertEqual(len(errors), len(SAMPLE))
        for error, finding in zip(errors, SAMPLE):
            self.assertEqual(error.get("message"), visible(finding["message"]))
            self.assertEqual(error.get("source"), "limpet." + finding["code"])
            self.assertEqual(error.get("column"), str(finding["column"]))
        names = [file.get("name") for file in root]
        self.assertEqual(len(names), len(set(names)))


SOURCE = "import functools\n\nclass C:\n    @functools.lru_cache(maxsize=None)\n    def m(self):\n        return [self]\n"
NAME = 'a "b"\n\x1b[1m%s,:;]<&>.py'


class RealRun(unittest.TestCase):
    """The binary itself, on a file with a hostile name in a folder of a repository."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name).resolve()
        subprocess.run(["git", "init", "-q", str(self.top)], check=True)
        self.folder = self.top / "sub dir"
        self.folder.mkdir()
        (self.folder / NAME).write_text(SOURCE)

    def run_(self, *arguments, env=None, code=1):
        done = limpet(
            "check", "--isolated", *arguments, cwd=self.folder, env=dict(os.environ, **(env or {}))
        )
        self.assertEqual((done.returncode, done.stderr), (code, ""))
        return done.stdout

    def test_sarif(self):
        document = strict_json(self.run_("--output-format=sarif"))
        validators.sarif_validator().validate(document)
        (result,) = document["runs"][0]["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(validators.path_of_uri(uri).decode(), "sub dir/" + NAME)
        self.assertTrue(result["message"]["text"].startswith("the 'functools.lru_cache'"))

    def test_github_with_summary(self):
        summary = self.top / "summary.md"
        summary.write_text("before\n")
        out = self.run_("--output-format=github", env={"GITHUB_STEP_SUMMARY": str(summary)})
        ((kind, properties, _),) = validators.github_commands(out)
        self.assertEqual((kind, properties["file"]), ("error", visible("sub dir/" + NAME)))
        self.assertTrue(summary.read_text().startswith("before\n### limpet\n"))
        self.assertIn("LMP205", summary.read_text())

    def test_a_summary_that_cannot_be_written(self):
        env = dict(os.environ, GITHUB_STEP_SUMMARY="/dev/full")
        done = limpet("--isolated", "--output-format=github", cwd=self.folder, env=env)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write '/dev/full'", done.stderr)
        self.assertEqual(len(validators.github_commands(done.stdout)), 1)

    def test_gitlab_paths(self):
        for project, path in ((str(self.folder), NAME), (None, "sub dir/" + NAME)):
            env = {"CI_PROJECT_DIR": project} if project else {}
            (issue,) = strict_json(self.run_("--output-format=gitlab", env=env))
            self.assertEqual(issue["location"]["path"], path)

    def test_xml_and_azure(self):
        for name in ("junit", "checkstyle"):
            self.assertIsNone(validators.xmllint(self.run_("--output-format", name), name + ".rng"))
        ((_, properties, _),) = validators.azure_commands(self.run_("--output-format=azure"))
        self.assertEqual(properties["sourcepath"], visible("sub dir/" + NAME))

    def test_several_at_once(self):
        out = self.run_("--output-format", "concise,sarif=a.sarif,json=b.json,junit=../c.xml")
        self.assertIn("LMP205", out)
        self.assertEqual(len(strict_json((self.folder / "b.json").read_text())["findings"]), 1)
        self.assertEqual(
            (self.folder / "a.sarif").read_text(), self.run_("--output-format=sarif")
        )
        self.assertTrue((self.top / "c.xml").exists())
        self.assertEqual(self.run_("--output-format", "sarif=a.sarif"), "")
        self.run_("--output-format", "gitlab,sarif=a.sarif", "-o", "d.json")
        self.assertEqual(len(strict_json((self.folder / "d.json").read_text())), 1)

    def test_one_bad_file_does_not_spoil_the_others(self):
        done = limpet(
            "--isolated", "--output-format=concise,sarif=no/a.sarif,json=/dev/full,gitlab=b.json",
            cwd=self.folder,
        )  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write 'no/a.sarif': No such file or directory", done.stderr)
        self.assertIn("cannot write '/dev/full': No space left on device", done.stderr)
        self.assertIn("LMP205", done.stdout)
        self.assertEqual(len(strict_json((self.folder / "b.json").read_text())), 1)
        self.assertEqual(sorted(os.listdir(self.folder)), sorted([NAME, "b.json"]), "nothing half")

    def test_bad_usage(self):
        for words, text in (
            (["--output-format=json,sarif"], "would both go to one place: write 'sarif=FILE'"),
            (["--output-format=json=a", "-o", "b"], "every format has a file already"),
            (["--output-format=json="], "'json=' has no file"),
            (["--output-format=jsn=a"], "did you mean 'json'?"),
            (["--config", "output-format = 'json=a'"], "on the command line alone"),
        ):
            done = limpet(*words, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(text, done.stderr)

    def test_unreadable_files_are_told(self):
        (self.folder / "broken.py").write_text("def (:\n")
        done = limpet("--isolated", "--output-format=sarif", ".", "gone.py", cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        document = strict_json(done.stdout)
        validators.sarif_validator().validate(document)
        (invocation,) = document["runs"][0]["invocations"]
        texts = [n["message"]["text"] for n in invocation["toolExecutionNotifications"]]
        self.assertFalse(invocation["executionSuccessful"])
        self.assertEqual(texts, ["gone.py: No such file or directory", "'broken.py' has syntax errors: analysed in part"])

    def test_bytes_do_not_depend_on_threads_and_order(self):
        for name in ("sarif", "github", "gitlab", "junit", "rdjson", "azure", "checkstyle", "html"):
            one, other = [
                limpet("--isolated", "--output-format", name, *arguments, cwd=FIXTURES).stdout
                for arguments in (("-j1", "LMP101", "LMP301"), ("-j4", "LMP301", "LMP101"))
            ]
            self.assertTrue(one and one == other, name)

    def test_the_way_through_a_function_of_c_is_a_thread_flow(self):
        folder = FIXTURES / "LMP602"
        out = limpet("--isolated", "--output-format=sarif", "early_returns.c", cwd=folder).stdout
        document = strict_json(out)
        validators.sarif_validator().validate(document)
        for result in document["runs"][0]["results"]:
            steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
            self.assertGreater(len(steps), 1)
            self.assertEqual(len(steps), len(result["relatedLocations"]))

    def test_suppressed_findings_are_said_to_be(self):
        """What a comment covers is no failure when it is asked for."""
        (self.folder / NAME).write_text(SOURCE.replace("    @", "    # limpet: ignore[LMP205] few\n    @"))

        def run(name):
            return self.run_("--show-suppressed", "--output-format", name, code=0)

        sarif = strict_json(run("sarif"))
        validators.sarif_validator().validate(sarif)
        self.assertEqual(sarif["runs"][0]["results"][0]["suppressions"], [{"kind": "inSource"}])
        ((kind, _, message),) = validators.github_commands(run("github"))
        self.assertEqual((kind, "(suppressed)" in message), ("notice", True))
        ((_, properties, message),) = validators.azure_commands(run("azure"))
        self.assertEqual((properties["type"], "(suppressed)" in message), ("warning", True))
        (issue,) = strict_json(run("gitlab"))
        self.assertEqual((issue["severity"], "(suppressed)" in issue["description"]), ("minor", True))
        self.assertIsNone(validators.xmllint(run("junit"), "junit.rng"))
        suites = validators.xml(run("junit"))
        self.assertEqual((suites.get("failures"), len(suites.findall(".//skipped"))), ("0", 1))
        (diagnostic,) = strict_json(run("rdjson"))["diagnostics"]
        self.assertEqual(diagnostic["severity"], "INFO")
        self.assertIn('severity="info"', run("checkstyle"))
        self.assertIn(">suppressed</span>", run("html"))

    def test_machine_formats_are_alone_on_stdout(self):
        (self.folder / NAME).write_text("x = 1\n")
        for name in ("json", "sarif", "gitlab", "rdjson"):
            strict_json(self.run_("--output-format", name, code=0))
        for name in ("junit", "checkstyle"):
            validators.xml(self.run_("--output-format", name, code=0))
        for name in ("github", "azure"):
            self.assertEqual(self.run_("--output-format", name, code=0), "")


class Multitool(unittest.TestCase):
    """Microsoft's own validator, with the rules of GitHub's code scanning."""

    def test_no_error(self):
        program = validators.need_package("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
        if not os.access(program, os.X_OK):
            self.skipTest("the multitool may not be run")
        with tempfile.TemporaryDirectory() as folder:
            for name in ("sarif", "sarif_clean"):
                Path(folder, name + ".sarif").write_text(golden(name))
                done = subprocess.run(
                    [program, "validate", name + ".sarif", "--rule-kind", "Sarif;Ghas"],
                    cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )  # fmt: skip
                said = done.stdout.decode()
                self.assertIn("Analysis completed successfully", said)
                self.assertNotIn(" error ", said)  # it exits with 0 all the same


if __name__ == "__main__":
    unittest.main()
