"""Fingerprints: what edits, moved files and renamed packages leave alone, and what they do not."""

import json
import os
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_cli import CliTest

STORE = """\
class Store:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)

    def also(self, item):
        self.items.append(item)


store = Store()
CACHE = {}


def handle(request):
    CACHE[request.id] = request
    store.add(request)
    store.also(request)
"""
USER = "from app.store import handle\n\n\ndef serve(source):\n    for request in source:\n        handle(request)\n"


class Fingerprints(CliTest):
    def setUp(self):
        super().setUp()
        self.write("app/__init__.py", "")
        self.write("app/store.py", STORE)
        self.write("app/serve.py", USER)

    def prints(self, where="."):
        text = self.limpet("--isolated", "--output-format", "json", "--exit-zero", where)
        found = json.loads(text)["findings"]
        self.assertGreaterEqual(len(found), 2, found)
        return sorted(f["fingerprint"] for f in found)

    def changed(self, change):
        before = self.prints()
        change()
        self.assertEqual(self.prints(), before)

    def move(self, old, new):
        shutil.move(os.path.join(self.dir, old), os.path.join(self.dir, new))

    def edit(self, path, old, new):
        with open(os.path.join(self.dir, path)) as f:
            text = f.read()
        self.assertIn(old, text)
        self.write(path, text.replace(old, new))

    def test_lines_above(self):
        self.changed(lambda: self.write("app/store.py", "# one\n\nimport os\n\n" + STORE))

    def test_order_of_definitions(self):
        head, tail = STORE.split("store = Store()\n")
        self.changed(lambda: self.write("app/store.py", "CACHE = {}\n\n\n" + head + "store = Store()\n" + tail))

    def test_a_renamed_file(self):
        def rename():
            self.move("app/store.py", "app/aaa_kept.py")
            self.edit("app/serve.py", "app.store", "app.aaa_kept")

        self.changed(rename)

    def test_a_renamed_package(self):
        def rename():
            self.move("app", "service")
            self.edit("service/serve.py", "app.store", "service.store")

        self.changed(rename)

    def test_a_file_that_moves_into_another_folder(self):
        def move():
            self.write("app/inner/__init__.py", "")
            self.move("app/store.py", "app/inner/store.py")
            self.edit("app/serve.py", "app.store", "app.inner.store")

        self.changed(move)

    def test_a_source_folder_above(self):
        def move():
            os.mkdir(os.path.join(self.dir, "src"))
            self.move("app", "src/app")

        self.changed(move)

    def test_the_directory_that_one_looks_from(self):
        self.assertEqual(self.prints("app"), self.prints())

    def test_another_holder_is_another_finding(self):
        before = self.prints()
        self.edit("app/store.py", "CACHE", "TABLE")
        after = self.prints()
        self.assertEqual(len(set(before) & set(after)), len(before) - 1)

    def test_equal_findings_are_told_apart(self):
        self.edit("app/store.py", "    CACHE[request.id] = request\n",
                  "    CACHE[request.id] = request\n    CACHE[request.name] = request\n")
        prints = self.prints()
        self.assertEqual(len(set(prints)), len(prints))


if __name__ == "__main__":
    unittest.main()
