"""The JSON report keeps to its schema, and the schema notices when it does not."""
import copy
import json
import os
import subprocess
import tempfile
import unittest

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMPET = os.environ.get("LIMPET_BIN", os.path.join(ROOT, "build", "limpet"))


def load(path):
    # strict: twice the same key, or a number that JSON does not have, is an error
    def unique(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"repeated key in {keys}"
        return dict(pairs)

    def refuse(text):
        raise ValueError(text)

    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=unique, parse_constant=refuse)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = load(os.path.join(ROOT, "src", "report", "limpet.schema.json"))
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(schema)
        cls.sample = load(os.path.join(HERE, "json.golden"))

    def test_sample_is_valid(self):
        self.validator.validate(self.sample)
        self.validator.validate(load(os.path.join(HERE, "json_clean.golden")))

    def test_hostile_text_comes_through(self):
        finding = next(f for f in self.sample["findings"] if f["name"] == "lock-reacquired")
        self.assertEqual(finding["path"], 'dir "q"/<b>&\x1b[31m%s\n\ufffd\'.py')
        self.assertEqual(finding["message"], "'保存' keeps '<b>\"x\" & 100%s</b>\\' alive")
        self.assertEqual((finding["line"], finding["column"]), (5, 6))
        self.assertEqual((finding["end_line"], finding["end_column"]), (5, 11))
        self.assertEqual(
            finding["evidence"][0]["message"], 'line\none \u202e"two" %n: bad \ufffd byte \x9b'
        )

    def test_a_broken_report_is_noticed(self):
        """Every key is required, none may be added, and every value has a type."""
        path = next(i for i, f in enumerate(self.sample["findings"]) if len(f["evidence"]) > 3)

        def places(report):
            return [report, report["findings"][path], report["findings"][path]["evidence"][0]]

        for depth, place in enumerate(places(self.sample)):
            for key in place:
                missing, wrong = copy.deepcopy(self.sample), copy.deepcopy(self.sample)
                del places(missing)[depth][key]
                places(wrong)[depth][key] = {"a": "b"}
                self.assertFalse(self.validator.is_valid(missing), f"without {key}")
                self.assertFalse(self.validator.is_valid(wrong), f"with a wrong {key}")
            added = copy.deepcopy(self.sample)
            places(added)[depth]["surprise"] = 1
            self.assertFalse(self.validator.is_valid(added))
        for key in self.validator.schema["properties"]["statistics"]["required"]:
            wrong = copy.deepcopy(self.sample)
            wrong["statistics"][key] = -1
            self.assertFalse(self.validator.is_valid(wrong), key)

    def test_counts_agree(self):
        self.assertEqual(self.sample["statistics"]["findings"], len(self.sample["findings"]))

    @unittest.skipUnless(os.path.exists(LIMPET), "limpet is not built")
    def test_real_run(self):
        source = "import functools\n\nclass C:\n    @functools.lru_cache(maxsize=None)\n    def m(self):\n        return [self]\n"
        with tempfile.TemporaryDirectory() as folder:
            name = 'a "b"\n\x1b[1m%s.py'
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(source)
            run = subprocess.run(
                [LIMPET, "check", "--isolated", "--output-format", "json", "."],
                cwd=folder, capture_output=True, check=False,
            )
        self.assertEqual((run.returncode, run.stderr), (1, b""))
        report = json.loads(run.stdout)
        self.validator.validate(report)
        self.assertEqual([(f["code"], f["path"]) for f in report["findings"]], [("LMP205", name)])


if __name__ == "__main__":
    unittest.main()
