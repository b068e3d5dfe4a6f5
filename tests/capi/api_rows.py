"""The table of the C API and the headers of CPython as data, for tests."""

import functools
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
CAPI = REPO / "src" / "capi"
ROW = re.compile(r'^    \{"(\w+)", (API_\w+), "([^"]*)",\s+(.*?),\s+(\d+),\s+(\d+),\s+(API_\w+)\},$', re.M)
INCLUDES = ("Python.h", "datetime.h", "structmember.h", "frameobject.h", "marshal.h")


class Row:
    def __init__(self, table, name, result, args, traits, since, until, source):
        self.table, self.name, self.result, self.args = table, name, result[4:].lower(), args
        self.traits = set() if traits == "0" else set(traits.split(" | "))
        self.since, self.until = int(since) or 308, int(until) or 314
        self.source = source[4:].lower()

    def is_in(self, version):
        return self.since <= version <= self.until


@functools.lru_cache(None)
def rows():
    """All rows by name."""
    found = {}
    for file in sorted(CAPI.glob("api_*.c")):
        for match in ROW.finditer(file.read_text()):
            found[match[1]] = Row(file.stem[len("api_") :], *match.groups())
    return found


def compiler():
    command = shlex.split(os.environ.get("CC", "cc"))
    return command if shutil.which(command[0]) else None


def header_folders():
    """(version as 311, folder) of every Python.h at hand: the running interpreter's, Debian's, and those
    of other interpreters below PYENV_ROOT."""
    folders = {Path(sysconfig.get_paths()["include"]), *Path("/usr/include").glob("python3.*")}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders |= set(pyenv.glob("versions/*/include/python*"))
    found = {}
    for folder in sorted(folders):
        patch = folder / "patchlevel.h"
        if not (folder / "Python.h").exists() or not patch.exists():
            continue
        text = patch.read_text()
        major, minor = (int(re.search(r"define PY_%s_VERSION\s+(\d+)" % part, text)[1]) for part in ("MAJOR", "MINOR"))
        found.setdefault(major * 100 + minor, folder)
    return sorted(found.items())


def preprocess(folder, *flags):
    unit = "".join("#include <%s>\n" % name for name in INCLUDES if (folder / name).exists())
    done = subprocess.run(
        [*compiler(), "-E", "-P", *flags, "-I%s" % folder, "-x", "c", "-"],
        input=unit,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")
STORAGE = re.compile(r"\b(extern|static|inline|__inline__|__inline|__extension__|_Noreturn)\b")
FUNCTION = re.compile(r"^([\w\s*]+?)\(?(\b_?Py\w+)\)? ?\((.*)\)$")


def statements(text):
    """What stands outside of braces, cut at semicolons and at the bodies of functions."""
    current, depth = "", 0
    for piece in re.split(r"([{};])", text):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
            is_body = depth == 0 and ")" in current
            if is_body and not re.match(r"\s*(typedef|struct|enum|union)", current):
                yield current
                current = ""
        elif depth:
            continue
        elif piece == ";":
            yield current
            current = ""
        else:
            current += piece


def arguments(text):
    parts, depth, current = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    parts.append(current.strip())
    return [] if parts in (["void"], [""]) else parts


@functools.lru_cache(None)
def functions(folder):
    """name -> (type of the result, types of the arguments) of what the headers declare."""
    found = {}
    for statement in statements(preprocess(folder)):
        line = " ".join(STORAGE.sub("", ATTRIBUTE.sub("", statement)).split())
        match = None if line.startswith("typedef") else FUNCTION.match(line)
        if match:
            found[match[2]] = (match[1].strip(), arguments(match[3]))
    return found


@functools.lru_cache(None)
def macros(folder):
    return set(re.findall(r"^#define (_?Py\w+)\b", preprocess(folder, "-dM"), re.M))


OBJECT = re.compile(r"\bPy\w*Object\b|\bstruct (_typeobject|_frame|_object)\b")


def stars(type_name):
    """0: no Python object, 1: pointer to one, 2: address of a variable for one."""
    match = OBJECT.search(type_name)
    return type_name[match.end() :].count("*") if match and "(*" not in type_name else 0

