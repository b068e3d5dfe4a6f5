"""Names as CPython sees them: for files of the standard library, what `limpet facts` says of each
scope (which names it binds, which it takes from outside and from where) agrees with `symtable`.

A few hundred files, chosen by name so that every run reads the same; all of them with FULL=1. The
library is that of the interpreter that runs this test, or the directory in STDLIB.
"""

import collections
import concurrent.futures
import os
import re
import subprocess
import symtable
import sys
import sysconfig
import unittest
import warnings
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMPET = os.environ.get("LIMPET_BIN", os.path.join(ROOT, "build", "limpet"))
STDLIB = os.environ.get("STDLIB", sysconfig.get_path("stdlib"))
SAMPLE = 300

# Names that CPython makes up. `__class__` is a variable of a class that only its methods see.
INVENTED = {
    ".0",
    "__class__",
    "__classdict__",
    "__classdictcell__",
    "__conditional_annotations__",
    ".type_params",
    ".generic_base",
    ".defaults",
    ".kwdefaults",
    ".format",
    "_annotation",
}
UNREAD = ["syntax errors"]
WIDTH = 20  # of the position column of `limpet facts`
SCOPE = re.compile(
    r"(?P<place>  (?P<line>\d+):\d+-[\d:]+)(?P<room> +)"
    r"(?P<kind>module|class|function|lambda|comprehension)"
    r"(?P<name> [^ ,]+)?.*, body "
)
SYMBOL = re.compile(r" +symbol (?P<name>[^ :]+):(?P<flags>[ a-z-]*)")


class Scope:
    def __init__(self, kind, name, line):
        self.kind = kind
        self.name = name
        self.line = line
        self.names = {}  # name -> how it is known here
        self.flags = {}  # of facts
        self.children = []

    def key(self):
        return (self.line, self.kind, self.name, sorted(self.names))


def how(flags):
    """What facts say of a name, in the words of symtable."""
    if "nonlocal" in flags or "free" in flags:
        return "free"
    if "bound" in flags and "global" not in flags:
        return "local"
    return "global"


def facts_scopes(text):
    """The tree of scopes in the output of `limpet facts`."""
    stack = []
    for line in text.partition("\nscopes\n")[2].splitlines():
        if not line.strip():
            break
        if found := SCOPE.match(line):
            room = len(found["room"]) - max(1, WIDTH - len(found["place"]))
            kind, name = found["kind"], (found["name"] or "").strip()
            scope = Scope(kind, name, int(found["line"]))
            if kind == "comprehension":
                scope.name = name.replace("generator", "genexpr")
            elif kind != "class" and kind != "function":
                scope.name = ""
            del stack[room // 2 :]
            if stack:
                stack[-1].children.append(scope)
            stack.append(scope)
        elif found := SYMBOL.match(line):
            stack[-1].flags[found["name"]] = set(found["flags"].split())
            stack[-1].names[found["name"]] = how(stack[-1].flags[found["name"]])
    return stack[0]


def mangled(scope, owner=""):
    """Private names as the compiler spells them: facts keep them as written."""
    if scope.kind == "class":
        owner = scope.name.lstrip("_")
    for table in (scope.names, scope.flags):
        for name in list(table):
            if owner and name.startswith("__") and not name.endswith("__") and "." not in name:
                table[f"_{owner}{name}"] = table.pop(name)
    for child in scope.children:
        mangled(child, owner)
    return scope


def table_scope(table):
    kind, name = str(table.get_type()), table.get_name()
    if kind == "function" and ".0" in table.get_identifiers():
        kind = "comprehension"
    elif kind == "function" and name == "lambda":
        kind, name = "lambda", ""
    elif kind == "module":
        name = ""
    scope = Scope(kind, name, table.get_lineno())
    for symbol in table.get_symbols():
        if symbol.get_name() in INVENTED:
            continue
        if symbol.is_free():
            known = "free"
        elif symbol.is_local():
            known = "local"
        else:
            known = "global"
        scope.names[symbol.get_name()] = known
        scope.flags[symbol.get_name()] = {
            word
            for word, is_so in (
                ("param", symbol.is_parameter()),
                ("import", symbol.is_imported()),
                ("annotated", symbol.is_annotated()),
                ("global", symbol.is_declared_global()),
                ("nonlocal", getattr(symbol, "is_nonlocal", lambda: False)()),
            )
            if is_so
        }
    for child in table.get_children():
        if str(child.get_type()) == "annotation":
            continue
        scope.children.append(table_scope(child))
    return scope


def is_inlined(scope):
    """PEP 709: since 3.12 symtable counts such a comprehension's names to the scope around it."""
    return (
        sys.version_info >= (3, 12)
        and scope.kind == "comprehension"
        and scope.name != "genexpr"
    )


def inlined(scope):
    """Folds comprehensions as the compiler does."""
    children = []
    for child in scope.children:
        inlined(child)
        if is_inlined(child):
            children += child.children
            for name, known in child.names.items():
                if name not in scope.names:
                    scope.names[name] = known
        else:
            children.append(child)
    scope.children = children
    return scope


class Differences(list):
    def __init__(self, lazy, made_global):
        super().__init__()
        self.made_global = made_global  # bound in the module by functions that say `global`
        self.lazy = lazy  # annotations are not evaluated: symtable has no names from them

    def compare(self, facts, cpython, where):
        where = f"{where}/{facts.kind} {facts.name}:{facts.line}"
        for name in sorted((set(facts.names) | set(cpython.names)) - INVENTED):
            ours, theirs = facts.names.get(name), cpython.names.get(name)
            if facts.kind == "module" and name in self.made_global:
                continue  # facts say that the functions' binding makes it a module variable
            if ours is None:
                self.append(f"{where}: '{name}' is {theirs}, facts lack it")
            elif theirs is None:
                if ours == "local" or not self.lazy:
                    self.append(f"{where}: '{name}' is not there, facts say {ours}")
            elif ours != theirs:
                self.append(f"{where}: '{name}' is {theirs}, facts say {ours}")
            elif name in facts.flags and name in cpython.flags:
                self.compare_flags(facts.flags[name], cpython.flags[name], f"{where}: '{name}'")
        self.compare_children(facts, cpython, where)

    def compare_flags(self, ours, theirs, what):
        for flag in ("param", "import", "annotated", "global", "nonlocal"):
            if flag == "global" and "/" not in what.strip("/"):
                continue  # says nothing in a module
            if flag == "annotated" and "param" in ours:
                continue  # facts count a parameter's annotation, symtable does not
            if flag in ("global", "nonlocal") and "comprehension" in what.rpartition("/")[2]:
                continue  # a walrus
            if (flag in ours) != (flag in theirs):
                self.append(f"{what} {'is' if flag in theirs else 'is not'} {flag}")

    def compare_children(self, facts, cpython, where):
        ours = sorted(facts.children, key=Scope.key)
        theirs = sorted(cpython.children, key=Scope.key)
        heads = [[(s.line, s.kind, s.name) for s in side] for side in (ours, theirs)]
        if heads[0] != heads[1]:
            counts = [collections.Counter(side) for side in heads]
            self.append(
                f"{where}: scopes differ: facts only {sorted((counts[0] - counts[1]).elements())},"
                f" CPython only {sorted((counts[1] - counts[0]).elements())}"
            )
            return
        for one, other in zip(ours, theirs):
            self.compare(one, other, where)


def has_type_scopes(table):
    """PEP 695: facts keep type parameters in the scope that they belong to."""
    known = ("module", "class", "function", "annotation")
    return str(table.get_type()) not in known or any(map(has_type_scopes, table.get_children()))


def global_names(scope):
    yield from (name for name, flags in scope.flags.items() if "global" in flags)
    for child in scope.children:
        yield from global_names(child)


def differences(path):
    """None for a file that CPython itself refuses or that has scopes which facts do not have."""
    with open(path, "rb") as file:
        source = file.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, path, "exec", dont_inherit=True)
            table = symtable.symtable(source, path, "exec")
        except (SyntaxError, ValueError, RecursionError):
            return None
    run = subprocess.run([LIMPET, "facts", path], stdout=subprocess.PIPE, check=True)
    text = run.stdout.decode("utf-8")
    if has_type_scopes(table):
        return None
    if "\nerrors\n" in text:
        return UNREAD  # a gap of the grammar: names around it may be lost
    lazy = b"import annotations" in source or sys.version_info >= (3, 14)
    facts = facts_scopes(text)
    made_global = set(global_names(facts))
    facts = inlined(mangled(facts))
    found = Differences(lazy, made_global | set(global_names(facts)))
    found.compare(facts, table_scope(table), "")
    return found


def library():
    paths = []
    for folder, folders, files in os.walk(STDLIB):
        folders[:] = [d for d in folders if d not in ("site-packages", "dist-packages")]
        paths += [os.path.join(folder, name) for name in files if name.endswith(".py")]
    return sorted(paths, key=lambda p: zlib.crc32(os.path.relpath(p, STDLIB).encode()))


class CPython(unittest.TestCase):
    maxDiff = None

    def test_names_of_the_standard_library(self):
        paths = library()
        if not os.environ.get("FULL"):
            paths = paths[:SAMPLE]
        self.assertGreater(len(paths), 100, f"no standard library in {STDLIB}")
        wrong, read, unread = [], 0, []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, found in zip(paths, pool.map(differences, paths)):
                if found is UNREAD:
                    unread.append(path)
                elif found is not None:
                    read += 1
                    wrong += [f"{path}{difference}" for difference in found]
        self.assertGreater(read, len(paths) * 0.9)
        self.assertLessEqual(len(unread), len(paths) // 200, unread)
        if wrong:
            shown = "\n".join(wrong[: int(os.environ.get("SHOW", "40"))])
            self.fail(f"{len(wrong)} differences in {read} files:\n{shown}")


if __name__ == "__main__":
    unittest.main()
