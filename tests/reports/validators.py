"""Where the validators are that tests of reports may use, and what the formats are read with here.

Those that `make deps` brings lie in node_modules; heavy ones (LIMPET_VALIDATORS=folder with a
node_modules of its own) are optional, and tests that want them skip without.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import REPO

HERE = Path(__file__).resolve().parent


def npm_package(name):
    """The folder of an npm package that is installed, or None."""
    for top in (REPO, Path(os.environ.get("LIMPET_VALIDATORS") or REPO)):
        if (top / "node_modules" / name / "package.json").exists():
            return top / "node_modules" / name
    return None


def need_package(name):
    folder = npm_package(name)
    if not folder:
        raise unittest.SkipTest("npm package %s is not installed" % name)
    return folder


def need_command(*names):
    for name in names:
        if shutil.which(name):
            return name
    raise unittest.SkipTest("%s is not installed" % names[0])


def strict_json(text):
    """Reads JSON; the same key twice, or a number that JSON does not have, is an error."""

    def unique(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), "repeated key in %s" % keys
        return dict(pairs)

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)


def golden(name):
    return (HERE / (name + ".golden")).read_bytes().decode("utf-8")


def schema_of(path):
    import jsonschema

    schema = json.loads(path.read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def sarif_validator():
    """Of the published schema of SARIF 2.1.0."""
    folder = need_package("@microsoft/jest-sarif") / "lib" / "schemas"
    return schema_of(next(folder.glob("sarif-2.1.0*.json")))


def xmllint(text, schema):
    """What xmllint says against text, or None."""
    need_command("xmllint")
    command = ["xmllint", "--noout", "--nonet", "--relaxng", str(HERE / schema), "-"]
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode() if done.returncode else None


def xml(text):
    return ElementTree.fromstring(text.encode())


# ---- commands of GitHub and Azure, read as their documents say ----


def github_commands(text):
    """(command, properties, message) of each line; plain lines as (None, {}, line)."""

    def undo(value, extra):
        for code, character in (("%0D", "\r"), ("%0A", "\n"), *extra, ("%25", "%")):
            value = value.replace(code, character)
        return value

    read = []
    for line in text.splitlines():
        match = re.fullmatch(r"::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)", line.lstrip())
        if not match:
            read.append((None, {}, line))
            continue
        properties = {}
        for pair in (match.group(2) or "").split(","):
            if pair:
                name, value = pair.split("=", 1)
                properties[name] = undo(value, (("%3A", ":"), ("%2C", ",")))
        read.append((match.group(1), properties, undo(match.group(3), ())))
    return read


def azure_commands(text):
    """(command, properties, message) of each line."""

    def undo(value):
        for code, character in (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")):
            value = value.replace(code, character)
        return value

    read = []
    for line in text.splitlines():
        begin = line.index("##vso[")
        head, message = line[begin + len("##vso[") :].split("]", 1)
        command, properties = head.split(" ", 1)
        pairs = [pair.split("=", 1) for pair in properties.split(";") if pair]
        read.append((command, {name: undo(value) for name, value in pairs}, undo(message)))
    return read


def visible(text):
    """Text as formats for a log write it: what cannot be seen is an escape."""
    return "".join(
        c if c in "\n\r" or (c.isprintable() or c == "\u3000") else "\\x%02x" % ord(c) if ord(c) < 0x80
        else "\\u%04x" % ord(c)
        for c in text
    )  # fmt: skip


def path_of_uri(uri):
    return urllib.parse.unquote_to_bytes(uri)
