"""Rows of the C API that surprise, shown at run time: a compiled probe counts references before and after.

It runs under the running interpreter and under every other one at hand that has its headers.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import api_rows

PROBE = Path(__file__).resolve().parent / "probe" / "shown.c"
RUN = "import json, shown; print(json.dumps(shown.proofs()))"


def interpreters():
    """(version, folder of headers, path of the interpreter)"""
    found = []
    for version, folder in api_rows.header_folders() if api_rows.compiler() else []:
        name = "python%d.%d" % divmod(version, 100)
        beside = folder.parent.parent / "bin" / name
        if beside.exists() and version >= 308:
            found.append((version, folder, beside))
    return found


class ShownTest(unittest.TestCase):
    maxDiff = None

    def test_the_probe_agrees(self):
        pythons = interpreters()
        if not pythons:
            self.skipTest("no headers of CPython, or no compiler")
        for version, folder, python in pythons:
            with self.subTest(version=version):
                proofs = self.run_probe(folder, python)
                self.assertEqual({}, {name: wrong for name, wrong in proofs.items() if wrong})
                rows = api_rows.rows().values()
                shown = {row.name for row in rows if row.source == "shown" and row.is_in(version)}
                self.assertEqual(shown, set(proofs))

    def run_probe(self, folder, python):
        with tempfile.TemporaryDirectory() as build:
            command = [*api_rows.compiler(), "-shared", "-fPIC", "-w", "-O1", "-I%s" % folder]
            subprocess.run([*command, str(PROBE), "-o", "%s/shown.so" % build], check=True)
            done = subprocess.run(
                [str(python), "-c", RUN], cwd=build, stdout=subprocess.PIPE, text=True, check=True, timeout=60
            )
            return json.loads(done.stdout)


if __name__ == "__main__":
    unittest.main()
