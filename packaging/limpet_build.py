"""A PEP 517 backend: a wheel that carries the binary, and a source archive.

It needs nothing but the standard library; `make` does the work, so that what building needs
(README.md, "Two commands") has to be there. Where node_modules and third_party are both missing, as in
a clone that pip or pre-commit made, `packaging/deps.sh install build` fetches the sources first.

LIMPET_BINARY names a binary that is built already, for those who package: it is taken as it is.
"""

import base64
import hashlib
import json
import os
import subprocess
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "limpet-lint"
STEM = "limpet_lint"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same binary makes the same wheel


def version():
    return json.loads((ROOT / "package.json").read_text())["version"]


def metadata():
    head = [
        "Metadata-Version: 2.1",
        "Name: " + NAME,
        "Version: " + version(),
        "Summary: Finds what keeps Python objects alive too long",
        "License: MIT",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + (ROOT / "README.md").read_text(encoding="utf-8")


def tag():
    """Any Python, this machine's kind of system: the binary does not look at the interpreter."""
    return "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def static_libraries():
    """Where the archives are there, the binary does not depend on shared libraries beyond libc's."""
    compiler = os.environ.get("CC", "cc").split()
    names = ["libxxhash.a", "libutf8proc.a", "libjansson.a"]
    for name in names:
        found = subprocess.run([*compiler, "-print-file-name=" + name], stdout=subprocess.PIPE, text=True)
        if not os.path.isabs(found.stdout.strip()):
            return []
    return ["LDLIBS=%s -pthread" % " ".join("-l:" + name for name in names)]


def build_binary(folder):
    ready = os.environ.get("LIMPET_BINARY")
    if ready:
        return Path(ready)
    if not (ROOT / "third_party").exists() and not (ROOT / "node_modules").exists():
        subprocess.run(["packaging/deps.sh", "install", "build"], cwd=ROOT, check=True)
    command = ["make", "--no-print-directory", "-j%d" % (os.cpu_count() or 1), "BUILD=" + str(folder)]
    subprocess.run([*command, *static_libraries(), "all"], cwd=ROOT, check=True)
    return Path(folder) / "limpet"


def record_row(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return "%s,sha256=%s,%d" % (name, digest, len(data))


def add_file(archive, name, data, mode):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100000 | mode) << 16
    archive.writestr(entry, data)


# ---- what the front end calls -----------------------------------------------------------------------


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []


def info_files():
    wheel = "Wheel-Version: 1.0\nGenerator: limpet_build\nRoot-Is-Purelib: false\nTag: %s\n" % tag()
    return {"METADATA": metadata(), "WHEEL": wheel}


def info_folder():
    return "%s-%s.dist-info" % (STEM, version())


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = Path(metadata_directory) / info_folder()
    folder.mkdir()
    for name, text in info_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory(prefix="limpet-build-") as folder:
        binary = build_binary(folder).read_bytes()
    files = [("%s-%s.data/scripts/limpet" % (STEM, version()), binary, 0o755)]
    for name, text in info_files().items():
        files.append((info_folder() + "/" + name, text.encode(), 0o644))
    rows = [record_row(name, data) for name, data, _ in files]
    record = info_folder() + "/RECORD"
    files.append((record, ("\n".join(rows + [record + ",,"]) + "\n").encode(), 0o644))
    wheel = "%s-%s-%s.whl" % (STEM, version(), tag())
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w") as archive:
        for name, data, mode in files:
            add_file(archive, name, data, mode)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """What git tracks, and the third-party sources if they are here: it builds without npm."""
    stem = "%s-%s" % (STEM, version())
    subprocess.run(["make", "--no-print-directory", "dist"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="limpet-sdist-") as folder:
        with tarfile.open(ROOT / "dist" / ("limpet-%s.tar.gz" % version())) as made:
            made.extractall(folder)
        inner = Path(folder) / ("limpet-" + version())
        (inner / "PKG-INFO").write_text(metadata(), encoding="utf-8")
        target = Path(sdist_directory) / (stem + ".tar.gz")
        with tarfile.open(target, "w:gz", format=tarfile.PAX_FORMAT) as archive:
            archive.add(inner, stem)
    return target.name
