"""The house has storeys: a folder includes only lower ones, and of another folder only its public header."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import REPO

# Low to high; folders of one row do not see each other.
STOREYS = [
    {"base"},
    {"os"},
    {"source", "finding", "syntax"},
    {"facts"},
    {"python", "capi", "know"},
    {"graph"},
    {"heap", "cpu"},
    {"root"},
    {"rule"},
    {"rules"},
    {"cache", "report"},
    {"config"},
    {"app"},
    {"main"},
]
LEVEL = {folder: level for level, row in enumerate(STOREYS) for folder in row}
# Folders with several public headers.
OPEN = {"base", "app", "finding"}
# Libraries that only one folder may see, by how their includes and names begin.
PRIVATE = {
    "tree_sitter": ({"syntax", "python", "config"}, re.compile(r"\bTS[A-Z][a-z]+\b|\bts_[a-z]+_[a-z_]+\(")),
    "clang-c": ({"capi"}, re.compile(r"\bCX[A-Z]\w+|\bclang_\w+\(")),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def sources():
    return sorted(
        path for root in ("src", "rules") for path in (REPO / root).rglob("*") if path.suffix in (".c", ".h")
    )


def folder_of(path):
    """The storey of a source file: its folder in src, "rules" for every rule."""
    parts = path.relative_to(REPO).parts
    if parts[0] == "rules":
        return "rules"
    return parts[1] if len(parts) > 2 else "main"


def includes(path):
    """(is in quotes, what) of every #include."""
    text = COMMENT.sub("", path.read_text())
    return [(quote == '"', name) for quote, name in INCLUDE.findall(text)]


class LayerTest(unittest.TestCase):
    def test_every_folder_has_a_storey(self):
        self.assertGreater(len(sources()), 20)
        for path in sources():
            self.assertIn(folder_of(path), LEVEL, path)

    def test_only_lower_folders_are_included(self):
        for path in sources():
            here = folder_of(path)
            for quoted, name in includes(path):
                if not quoted:
                    continue
                there = name.split("/")[0]
                self.assertTrue((REPO / "src" / name).exists(), "%s: no src/%s" % (path, name))
                if there != here:
                    self.assertLess(LEVEL[there], LEVEL[here], "%s includes %s" % (path, name))

    def test_only_public_headers_are_included(self):
        for path in sources():
            for quoted, name in includes(path):
                there = name.split("/")[0]
                if quoted and there != folder_of(path) and there not in OPEN:
                    self.assertEqual(name, "%s/%s.h" % (there, there), path)

    def test_rules_include_only_their_header(self):
        for path in sources():
            if folder_of(path) == "rules":
                self.assertEqual(includes(path), [(True, "rule/rule.h")], path)

    def test_libraries_are_seen_by_one_folder(self):
        for path in sources():
            text = COMMENT.sub("", path.read_text())
            for library, (folders, names) in PRIVATE.items():
                if folder_of(path) in folders:
                    continue
                for _, name in includes(path):
                    self.assertFalse(name.startswith(library), "%s includes %s" % (path, name))
                self.assertIsNone(names.search(text), "%s uses %s" % (path, library))

    def test_headers_compile_alone(self):
        compiler = shlex.split(os.environ.get("CC", "cc"))
        libraries = ["third_party", "node_modules"]
        flags = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Isrc"]
        flags += ["-I%s/tree-sitter/vendor/tree-sitter/lib/include" % folder for folder in libraries]
        for path in sources():
            if path.suffix != ".h":
                continue
            # Through a file that only includes it: alone, a header's static functions are unused.
            with self.subTest(path=path), tempfile.NamedTemporaryFile("w", suffix=".c") as unit:
                unit.write('#include "%s"\n' % path)
                unit.flush()
                done = subprocess.run(
                    [*compiler, *flags, unit.name], cwd=REPO, stderr=subprocess.PIPE, text=True
                )
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_headers_are_guarded_by_their_path(self):
        for path in sources():
            if path.suffix == ".h":
                parts = path.relative_to(REPO / "src").with_suffix("").parts
                guard = "LIMPET_%s_H" % "_".join(parts).upper()
                self.assertIn("#ifndef %s\n#define %s\n" % (guard, guard), path.read_text(), path)


if __name__ == "__main__":
    unittest.main()
