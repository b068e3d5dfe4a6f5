"""Generated projects of one shape in two sizes: four times as much input takes about four times as long.

Each shape once took the square of its size, or more. Ratios of processor time are compared, so that neither a slow
machine nor a busy one matters; what is done within FAST seconds is not looked at.
"""

import resource
import tempfile
import unittest
from pathlib import Path

from support import limpet

TIMES = 4
# The square would be 16; memory that no longer fits the caches makes more than 4 of straight work.
MOST = 9
FAST = 0.4


def lines(n, text):
    """`text` n times; {i} is the round, {next} the one after, in a ring."""
    return "".join(text.replace("{i}", str(i)).replace("{next}", str((i + 1) % n)) for i in range(n))



def one_helper_of_all(n):
    return {"a.py": lines(n, "R{i} = {}\n") + "def f(r, k):\n    r[k] = k\n    if k in r: return\n"
            + lines(n, "    r[k] = {i}\n") + lines(n, "f(R{i}, {i})\n")}  # fmt: skip


def elif_chain(n):
    return {"a.py": "R = {}\ndef f(a):\n    if a: pass\n"
            + lines(n, "    elif a == {i} and a not in R:\n        R[a] = {i}\n        return\n")}  # fmt: skip


def inner_containers(n):
    return {"a.py": "R = {}\ndef f(k):\n" + lines(n, "    R[k][{i}].append(k)\n")}


def inner_functions(n):
    return {"a.py": "def outer(a):\n"
            + lines(n, "    @outer\n    def f{i}(x): return a\n    a.b(lambda: f{i})\n") + "    return f0\n"}  # fmt: skip


def cached_methods(n):
    return {"a.py": "import functools\nclass C:\n" + lines(n, "    @functools.cache\n    def f{i}(self): pass\n")}


def memoised_methods(n):
    return {"a.py": "def memo(f):\n    cache = {}\n"
            + lines(n, "    def g{i}(x):\n        cache[x] = f(x)\n        return cache[x]\n")
            + "    return g0\nclass C:\n" + lines(n, "    @memo\n    def f{i}(self): pass\n")}  # fmt: skip


def finalizers_of_attributes(n):
    return {"a.py": "import weakref\nclass C:\n    def __init__(self, x):\n"
            + lines(n, "        self.a{i} = x\n        weakref.finalize(self, self.a{i}.f, self)\n")}  # fmt: skip


def calls_against_the_order(n):
    return {"a.py": "R = {}\ndef f0(k): R[k] = k\n" + "".join(
        "def f%d(k): f%d(k)\n" % (i + 1, i) for i in range(n)) + "def f(k): f%d(k)\n" % n}  # fmt: skip


def layers_of_classes(n):
    width = 40
    text = lines(width, "class A0_{i}: pass\n")
    for layer in range(1, n // width):
        bases = ", ".join("A%d_%d" % (layer - 1, i) for i in range(width))
        text += lines(width, "class A%d_{i}(%s):\n    B = []\n" % (layer, bases))
    return {"a.py": text}


def hub_of_stars(n):
    files = {"p/__init__.py": lines(n, "from .m{i} import *\n")}
    for i in range(n):
        files["p/m%d.py" % i] = "from p import *\nR%d = {}\ndef f(k): nowhere(k), R%d.get(k)\n" % (i, i // 2)
    return files


def same_name_everywhere(n):
    files = {}
    for i in range(n):
        files["d%d/common/utils.py" % i] = "R = {}\n"
        files["d%d/main.py" % i] = "import common.utils\ndef f(k): common.utils.R[k] = k\n"
    return files


def open_bracket(n):
    return {"a.py": "f(" + lines(n, "x = {i}\n")}


def branches_of_references(n):
    return {"a.py": "def f(a, o):\n    if a: pass\n" + lines(
        n, "    elif a == {i}:\n        x = o.b\n        o.x = x\n        x.y = o\n        return x\n")}  # fmt: skip


def fields(n):
    return {"a.py": "from dataclasses import dataclass\n@dataclass\nclass D:\n" + lines(n, "    f{i}: object\n")
            + "def f(x):\n    x.d = D(%s)\n" % ("x, " * n)}  # fmt: skip


def setters(n):
    return {"a.py": "class C:\n"
            + lines(n, "    @property\n    def p{i}(self): return self._p{i}\n"
                       "    @p{i}.setter\n    def p{i}(self, v): self._p{i} = v\n")
            + "    def __init__(self, o):\n" + lines(n, "        self.p{i} = o\n        o.c = self.p{i}\n")}  # fmt: skip


def ring_of_calls(n):
    return {"a.py": "class C: pass\n" + lines(
        n, "def f{i}(a, b):\n    a.x{i} = b\n    c = C()\n    c.a = a\n    return f{next}(c, a)\n")}  # fmt: skip


def appended(n):
    return {"a.py": "class C:\n    def __init__(self):\n        self.items = []\n"
            + lines(n, "        self.items.append(D(self))\n") + "class D:\n    def __init__(self, o): self.o = o\n"}  # fmt: skip


def finalizers_in_cycles(n):
    return {"a.py": lines(n, "class C{i}:\n    def __init__(self, o):\n        self.c = C{next}(self)\n"
                             "        self.m = self.run\n    def run(self): pass\n    def __del__(self): self.o = 1\n")}  # fmt: skip


def straight_references(n):
    return {"a.py": "def f(a, b):\n"
            + lines(n, "    x = a.b\n    b.c = [x, a]\n    a = g(x, b)\n    b.d = lambda: a\n    x.a{i} = b\n")
            + "def g(p, q):\n    p.q = q\n    return p\n"}  # fmt: skip


# n of the smaller project.
SHAPES = {
    one_helper_of_all: 1000,
    elif_chain: 2000,
    inner_containers: 3000,
    inner_functions: 2000,
    cached_methods: 2000,
    memoised_methods: 1500,
    finalizers_of_attributes: 2000,
    calls_against_the_order: 3000,
    layers_of_classes: 320,
    hub_of_stars: 200,
    same_name_everywhere: 150,
    branches_of_references: 3000,
    fields: 2000,
    setters: 4000,
    ring_of_calls: 2500,
    appended: 5000,
    finalizers_in_cycles: 1500,
    straight_references: 6000,
}


def write(folder, files):
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class StressTest(unittest.TestCase):
    def seconds(self, files):
        with tempfile.TemporaryDirectory(prefix="limpet-stress-") as folder:
            write(folder, files)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = limpet("check", "--isolated", "-j1", "--exit-zero", "--output-format", "json", ".", cwd=folder)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return after.ru_utime - before.ru_utime

    def test_four_times_the_input(self):
        for shape, n in SHAPES.items():
            with self.subTest(shape=shape.__name__):
                many = self.seconds(shape(TIMES * n))
                if many > FAST:
                    few = self.seconds(shape(n))
                    self.assertLess(many, MOST * few, "%.2f s for n, %.2f s for %d n" % (few, many, TIMES))

    def test_open_bracket_ends(self):
        """The parser's own square: it is stopped, and the file is said not to be read."""
        self.seconds(open_bracket(40000))

    def test_functions_of_a_long_chain_are_reached(self):
        """A growth behind any number of calls, defined before their callers or after them."""
        grown = "R = {}\nasync def f(request): f0(request)\ndef f%d(request): R[request.id] = request\n"
        for name, order in (("after", range(300)), ("before", range(299, -1, -1))):
            with self.subTest(name), tempfile.TemporaryDirectory(prefix="limpet-stress-") as folder:
                chain = "".join("def f%d(request): f%d(request)\n" % (i, i + 1) for i in order)
                write(folder, {"a.py": grown % 300 + chain})
                done = limpet("check", "--isolated", "--output-format", "concise", ".", cwd=folder)
                self.assertIn("LMP201", done.stdout)


if __name__ == "__main__":
    unittest.main()
