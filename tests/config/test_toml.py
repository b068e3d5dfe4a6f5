"""The reader of TOML against Python's tomllib, and version specifiers against the packaging library."""

import json
import os
import random
import struct
import subprocess
import tomllib
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LIMPET_BUILD", REPO / "build"))
MAIN = BUILD / "tests" / "config_main"
FULL = bool(os.environ.get("FULL"))

try:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
except ImportError:
    SpecifierSet = None

GOOD = [
    "", "\n", "# only a comment", "a = 1", "a=1\n", "a = 1\r\nb = 2\r\n", "\ta\t=\t1\t",
    "a.b.c = 1\na.b.d = 2", 'a."b.c".\'d e\' = 1', "a . b = 1", "1.2 = 3", "true = false",
    "[a]\nb = 1\n[a.c]\nd = 2", "[a.b.c]\n[a]\nx = 1", "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3",
    "[[a.b]]\n[[a.b]]\n[a.d]", "[ a . b ]\nc = 1", '["a b"]\nc = 1', "[a] # comment\nb = 1",
    "a = {}", "a = { b = 1, c.d = 2, c.e = 3 }", "a = [ ]", "a = [1, 2, 3,]",
    "a = [ # c\n 1, # d\n\n 2 # e\n]", "a = [[1], ['x', \"y\"], {z = 1}]",
    'a = "\\b\\t\\n\\f\\r\\"\\\\ \\u00e9 \\U0001F600"', "a = 'C:\\x'", 'a = """\nx\r\ny\\\n   z"""',
    "a = '''\nx\\\n'y'''", 'a = """"x""""', "a = ''''x''''", 'a = ""', "a = ''", 'a = """"""',
    "a = 0\nb = +1\nc = -0\nd = 1_000\ne = 0xDEAD_beef\nf = 0o755\ng = 0b1010",
    "a = 9223372036854775807\nb = -9223372036854775808",
    "a = 1.5\nb = -0.1e-3\nc = 1e10\nd = 1_0.0_1\ne = inf\nf = -nan\ng = +inf\nh = 6E+02",
    "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00.5\nc = 1979-05-27\nd = 07:32:00\n"
    "e = 1979-05-27T00:32:00-07:00",
    'é = 1'.replace("é", '"é"'), "a = \"保存\" # 保存", "a-b_c = 1\n-1 = 2",
    "[a]\nb.c = 1\n[a.d]\ne = 2", "[a]\n[a.b]\n[c]\n[a.e]", "a.b = 1\n[c]\nd = 1",
    "[tool.limpet]\nselect = ['LMP2']\n[[tool.limpet.models]]\nadd = 'a.b'",
]  # fmt: skip

BAD = [
    "a", "a =", "= 1", "a = 1 b = 2", "a b = 1", "a = [1", "a = {b = 1", "[a", "[a]]", "[[a]", "[]", "[a.]",
    "a..b = 1", ".a = 1", "a = 'x", 'a = "x\ny"', 'a = "\\x"', 'a = "\\uD800"', 'a = "\\U00110000"',
    "a = 1\na = 2", "a.b = 1\na.b = 2", "a = 1\na.b = 2", "[a]\n[a]", "[a]\nb = 1\n[a.b]", "a = 1\n[a]",
    "[[a]]\n[a]", "[a]\n[[a]]", "a = []\n[[a]]", "a = {}\n[a]", "a = {}\n[a.b]", "a = {}\na.b = 1",
    "a.b = 1\n[a]", "a.b = 1\n[a.b]", "[a.b]\n[a]\nb.c = 1", "a = {b = 1, b = 2}", "a = {b = {c = 1}, b.d = 2}",
    "[a.b.c]\nz = 9\n[a]\nb.c.t = 1", "[[a.b]]\n[a]\nb.y = 2", "a = [{b = 1}]\n[a.c]", "a = [{b = 1}]\n[[a]]",
    "a = 01", "a = 1__0", "a = _1", "a = 1_", "a = 0xG", "a = +0x1", "a = 1.", "a = .5", "a = 1e", "a = TRUE",
    "a = 1979-13-01", "a = 25:00:00", "a = {b = 1,}", "a = {\nb = 1}", "a = [1 2]", "a = [,]", "a = 1, 2",
    "a = \"\x01\"", "a = 1 # \x07", "a\x00 = 1", "a = 1\r", "a = 1\rb = 2", "\xa0a = 1", "é = 1", "'''a''' = 1",
    "a = 1\n\x0c", '"a\nb" = 1', "[a]b = 1", "[a]\n\"b\" = 1\nb = 2", "a = ", "a = \x7f",
]  # fmt: skip


def run(mode, data):
    done = subprocess.run([str(MAIN), mode], input=data, stdout=subprocess.PIPE, timeout=300, check=True)
    return done.stdout.decode().splitlines()


def ours(documents):
    texts = [d if isinstance(d, bytes) else d.encode() for d in documents]
    lines = run("toml", b"".join(struct.pack("<I", len(t)) + t for t in texts))
    assert len(lines) == len(texts)
    return [json.loads(line) for line in lines]


def theirs(document):
    """tomllib's answer in our form; None when it refuses."""
    try:
        text = document.decode() if isinstance(document, bytes) else document
        return form(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None


def form(value):
    if isinstance(value, dict):
        return {"t": {key: form(member) for key, member in value.items()}}
    if isinstance(value, list):
        return [form(item) for item in value]
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return {"i": value}
    return {"f": repr(value)} if isinstance(value, float) else {"d": None}


def read(value):
    """Our JSON with numbers as numbers."""
    if isinstance(value, list):
        return [read(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "t":
        return {"t": {key: read(member) for key, member in inner.items()}}
    if kind == "i":
        return {"i": int(inner.replace("_", ""), 0) if inner[:2].lower() in ("0x", "0o", "0b") else int(inner)}
    return {"f": repr(float(inner))} if kind == "f" else {"d": None}


class Toml(unittest.TestCase):
    def test_good(self):
        for document, found in zip(GOOD, ours(GOOD)):
            with self.subTest(document=document):
                self.assertNotIn("error", found)
                self.assertEqual(read(found), theirs(document))

    def test_bad(self):
        for document, found in zip(BAD, ours(BAD)):
            with self.subTest(document=document):
                self.assertIsNone(theirs(document))
                self.assertIn("error", found)

    def test_places(self):
        cases = {
            "a = 1\n\nbb = [": (3, 1),
            "[x]\na = 1\n[y]\na = 1\n  a = 2": (5, 3),
            "a = 1\nb.c = 1\n[b]\n": (3, 2),
            "é = 1".replace("é", '"é"') + "\n\"é\".é = 2": (2, 4),
            "a = \"\\uD800\"": (1, 6),
            "x = 1\ny = \"\x01\"": (2, 6),
            b"x = 1\n# \xff": (2, 3),
            "a = 1\nb = 2 c = 3\n": (2, 1),
        }
        for (document, place), found in zip(cases.items(), ours(cases)):
            with self.subTest(document=document):
                self.assertEqual((found["line"], found["column"]), place, found)

    def test_mutated(self):
        """Documents with bytes removed, doubled and swapped: both readers refuse, or read the same."""
        rng = random.Random(20261126)
        documents = []
        while len(documents) < (20000 if FULL else 3000):
            text = bytearray(rng.choice(GOOD + BAD).encode())
            text += b"\n" + rng.choice(GOOD).encode() if rng.random() < 0.4 else b""
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(len(text) + 1)
                kind = rng.randrange(4)
                if kind == 0:
                    del text[at : at + 1]
                elif kind == 1:
                    text[at:at] = text[at : at + rng.randint(1, 6)]
                elif kind == 2:
                    text[at:at] = rng.choice([b".", b"=", b"[", b"]", b"{", b"}", b'"', b"'", b"\n", b"#", b"\\", b","])
                else:
                    other = rng.randrange(len(text) + 1)
                    text[at : at + 2], text[other : other + 2] = text[other : other + 2], text[at : at + 2]
            documents.append(bytes(text))
        for document, found in zip(documents, ours(documents)):
            expected = theirs(document)
            with self.subTest(document=document):
                self.assertEqual(None if "error" in found else read(found), expected, found)

    def test_gaps(self):
        """What the grammar does not read although TOML has it, and what it reads and TOML has not."""
        strict, lax = ['a = """x\\  \n y"""'], ["a = 2021-02-30"]
        for document, found in zip(strict, ours(strict)):
            self.assertIsNotNone(theirs(document))
            self.assertIn("error", found)
        for document, found in zip(lax, ours(lax)):
            self.assertIsNone(theirs(document))
            self.assertNotIn("error", found)

    def test_deep_and_long(self):
        """No crash and no hang; bounds have messages."""
        cases = [
            "a = " + "[" * 60 + "]" * 60, "a = " + "[" * 100 + "]" * 100, "a = " + "[" * 500000,
            "a = " + "[" * 100000 + "]" * 100000, "a = " + "{a=" * 1000 + "1" + "}" * 1000,
            ".".join(["a"] * 60) + " = 1", ".".join(["a"] * 100) + " = 1", ".".join("a" * 300000) + " = 1",
            "[" + ".".join("a" * 1000) + "]", "\n".join("a%d = 1" % i for i in range(60000)),
            "[[a]]\n" * 100000, "a = [" + "1," * 300000 + "]", "a = 'x" * 100000, "=" * 500000, '"' * 500000,
            "a = {" * 100000, "[a\n" * 100000, "a = '''" + "x\n" * 200000,
        ]  # fmt: skip
        found = ours(cases)
        good = [i for i, answer in enumerate(found) if "error" not in answer]
        self.assertEqual(good, [0, 5, 9, 10, 11])
        self.assertIn("deep", found[1]["error"])
        self.assertIn("parts", found[6]["error"])


PINS = [
    (">=3.9", "3.9 3.10 3.11 3.12 3.13 3.14"), (">=3.9,<3.13", "3.9 3.10 3.11 3.12"), ("==3.10.*", "3.10"),
    ("~=3.8", "3.8 3.9 3.10 3.11 3.12 3.13 3.14"), ("~=3.8.1", "3.8"), ("<3", "2.7"), (">3.12", "3.12 3.13 3.14"),
    ("<=3.8", "2.7 3.3 3.4 3.5 3.6 3.7 3.8"), ("==3.11.4", "3.11"), ("!=3.13.*,>=3.12", "3.12 3.14"),
    (">=2.7, !=3.0.*, !=3.1.*, !=3.2.*, <3.5", "2.7 3.3 3.4"), (">=3.14.0rc1", "3.14"), ("===3.9", "3.9"),
    (" >= 3.13 , ", "3.13 3.14"), (">=3.15", "3.15"), (">=3.9.0,<=3.11.99", "3.9 3.10 3.11"),
]  # fmt: skip


class Requires(unittest.TestCase):
    def test_pins(self):
        for (text, expected), found in zip(PINS, run("requires", "\n".join(p for p, _ in PINS).encode())):
            with self.subTest(text=text):
                self.assertEqual(found.strip(), expected)

    def test_refused(self):
        cases = ["3.9", ">=", ">=3.9 <3.12", "=>3.9", ">=3.x", "^3.8", ">=3.8.*", "~=3", "python>=3", "==3.9.*.1",
                 ">=3.9;", "!= ", "==3.9+", ">=3.9+local", "*"]  # fmt: skip
        for text, found in zip(cases, run("requires", "\n".join(cases).encode())):
            with self.subTest(text=text):
                self.assertIn("is not a version specifier such as '>=3.9'", found)
        self.assertEqual(run("requires", b">=4"), ["'>=4' allows no version from 2.7, 3.3 to 3.15"])

    @unittest.skipIf(SpecifierSet is None, "the packaging library is not installed")
    def test_against_packaging(self):
        rng = random.Random(440)
        minors = ["2.7"] + ["3.%d" % minor for minor in range(3, 15)]
        operators = [">=", ">=", "<", "<=", ">", "==", "!=", "~=", "==*", "!=*"]
        suffixes = ["", "", "", "", "rc1", "a2", ".post1", ".dev0", ".0"]
        texts = []
        while len(texts) < 1500:
            parts = []
            for _ in range(rng.randint(1, 4)):
                operator = rng.choice(operators)
                micro = "3.%d.%d" % (rng.randint(3, 15), rng.randint(0, 12))
                version = rng.choice(["2.7", "3", "3.%d" % rng.randint(0, 15), micro])
                version += ".*" if "*" in operator else rng.choice(suffixes)
                parts.append(operator.strip("*") + version)
            texts.append(",".join(parts))
        for text, found in zip(texts, run("requires", "\n".join(texts).encode())):
            with self.subTest(text=text):
                try:
                    specifiers = SpecifierSet(text)
                except InvalidSpecifier:
                    self.assertIn("is not a version specifier", found)
                    continue
                micros = [*range(16), 999, 1000]
                expected = [m for m in minors if any(specifiers.contains("%s.%d" % (m, z)) for z in micros)]
                if expected or not found.startswith("3.15"):
                    self.assertEqual(found.split() if not found.startswith("'") else [], expected)


if __name__ == "__main__":
    unittest.main()
