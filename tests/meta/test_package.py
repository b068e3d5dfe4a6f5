"""What is installed: `make install`, the wheel, the source archive, and that nothing stays behind."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import LIMPET, REPO


def backend():
    spec = importlib.util.spec_from_file_location("limpet_build", REPO / "packaging" / "limpet_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="limpet-package-"))
        self.addCleanup(shutil.rmtree, self.folder)


class Wheel(Folder):
    def setUp(self):
        super().setUp()
        old = os.environ.get("LIMPET_BINARY")
        os.environ["LIMPET_BINARY"] = str(LIMPET)
        self.addCleanup(os.environ.update, {"LIMPET_BINARY": old} if old else {})
        self.addCleanup(os.environ.pop, "LIMPET_BINARY", None)
        self.backend = backend()
        self.wheel = self.folder / self.backend.build_wheel(self.folder)

    def test_what_it_holds(self):
        version = self.backend.version()
        self.assertRegex(self.wheel.name, r"^limpet_lint-%s-py3-none-\w+\.whl$" % version.replace(".", r"\."))
        info = "limpet_lint-%s.dist-info/" % version
        with zipfile.ZipFile(self.wheel) as archive:
            self.assertIsNone(archive.testzip())
            names = archive.namelist()
            rows = archive.read(info + "RECORD").decode().splitlines()
            self.assertEqual([row.split(",")[0] for row in rows], names)
            for row in rows[:-1]:
                name, digest, size = row.split(",")
                data = archive.read(name)
                self.assertEqual(int(size), len(data))
                wanted = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                self.assertEqual(digest, "sha256=" + wanted)
            metadata = archive.read(info + "METADATA").decode()
            self.assertIn("\nName: limpet-lint\nVersion: %s\n" % version, metadata)
            entry = archive.getinfo("limpet_lint-%s.data/scripts/limpet" % version)
            self.assertEqual(entry.external_attr >> 16 & 0o777, 0o755)
            binary = self.folder / "limpet"
            binary.write_bytes(archive.read(entry))
        binary.chmod(0o755)
        out = subprocess.run([binary, "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual(out, "limpet %s\n" % version)

    def test_the_same_bytes_again(self):
        first = self.wheel.read_bytes()
        os.remove(self.wheel)
        self.backend.build_wheel(self.folder)
        self.assertEqual(self.wheel.read_bytes(), first)

    def test_metadata_alone(self):
        name = self.backend.prepare_metadata_for_build_wheel(self.folder)
        with zipfile.ZipFile(self.wheel) as archive:
            for file in ("METADATA", "WHEEL"):
                self.assertEqual((self.folder / name / file).read_text(), archive.read(name + "/" + file).decode())

    def test_nothing_is_required(self):
        self.assertEqual(self.backend.get_requires_for_build_wheel(), [])
        self.assertIn("requires = []\n", (REPO / "pyproject.toml").read_text())

    def test_pip_takes_it(self):
        target = self.folder / "there"
        pip = [sys.executable, "-m", "pip", "--isolated"]
        if subprocess.run([*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            self.skipTest("pip is not installed")
        done = subprocess.run([*pip, "install", "-q", "--no-index", "--no-deps", "--target", target, self.wheel],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        out = subprocess.run([target / "bin" / "limpet", "version"], stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(out, "limpet %s\n" % self.backend.version())


class Debian(Folder):
    def test_version_and_needs(self):
        debian = REPO / "packaging" / "debian"
        version = json.loads((REPO / "package.json").read_text())["version"]
        self.assertTrue((debian / "changelog").read_text().startswith("limpet (%s) " % version))
        needs = re.search(r"^Build-Depends: (.*)", (debian / "control").read_text(), re.M).group(1)
        deps = (REPO / "packaging" / "deps.sh").read_text().split("find_test()")[0]
        for package in re.findall(r"need (lib(?!c6)[\w-]+-dev)", deps):
            self.assertIn(package, needs)
        self.assertTrue(os.access(debian / "rules", os.X_OK))

    @unittest.skipUnless(shutil.which("dpkg-parsechangelog"), "dpkg-dev is not installed")
    def test_dpkg_reads_it(self):
        run = subprocess.run(["dpkg-parsechangelog", "--all", "-l", REPO / "packaging/debian/changelog"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    @unittest.skipUnless(os.environ.get("FULL") and shutil.which("dh"), "long: FULL=1 runs it, with debhelper")
    def test_packages(self):
        tree = self.folder / "tree"
        subprocess.run(["git", "clone", "-q", REPO, tree], check=True)
        os.symlink(REPO / "node_modules", tree / "node_modules")
        done = subprocess.run(["make", "deb"], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        (package,) = tree.glob("dist/limpet_*.deb")
        out = subprocess.run(["dpkg", "-c", package], stdout=subprocess.PIPE, text=True, check=True).stdout
        for name in ("./usr/bin/limpet", "./usr/share/man/man1/limpet.1.gz", "./usr/share/zsh/vendor-completions/_limpet"):
            self.assertIn(name, out)


if __name__ == "__main__":
    unittest.main()
