"""Whole projects that make a linker do quadratic or exponential work, as {file name: text} by shape.

Each shape repeats one pattern n times: many uses of one thing, one use of many things, chains, rings, and
questions that lead to several further questions at every step."""


def times(n, line):
    """`line` n times; {i} is the round, {p} the round before, {q} two other rounds."""
    rounds = range(n)
    return "".join(
        line.replace("{i}", str(i))
        .replace("{p}", str(max(i - 1, 0)))
        .replace("{next}", str(i + 1))
        .replace("{q}", str((i * 7 + 3) % n))
        for i in rounds
    )


def containers(n):
    return {
        "one_global_many_uses": "R = {}\n" + times(n, "def f{i}(x):\n    R[x] = {i}\n"),
        "many_globals_one_function": times(n, "R{i} = []\n")
        + "def f(x):\n"
        + times(n, "    R{i}.append(x)\n"),
        "drained_through_aliases": times(
            n,
            "R{i} = {}\ndef f{i}(x):\n    R{i}[x] = x\ndef g{i}(x):\n    y = R{i}\n    y.pop(x)\n",
        ),
        "one_helper": "R = {}\ndef put(c, k): c[k] = 1\n" + times(n, "def f{i}(x): put(R, x)\n"),
        "same_attribute": times(
            n,
            "class C{i}:\n    items = []\n    def add(self, x): self.items.append(x)\n"
            "    def drop(self, o): o.items.remove(self)\n",
        ),
        "singletons": times(
            n,
            "class C{i}:\n    def __init__(self): self.items = []\n"
            "    def add(self, x): self.items.append(x)\nI{i} = C{i}()\n",
        ),
        "tuple_tower": "R = []\ndef f(x):\n    a0 = x\n"
        + times(n, "    a{next} = (a{i}, a{i}, lambda: a{i}, a{q})\n")
        + "    R.append(a%d)\n" % n,
        "choice_tower": "R = []\ndef f(x):\n    a0 = x\n"
        + times(n, "    a{next} = a{i} if x else (a{i} or a{i})\n")
        + "    R.append(a%d)\n" % n,
    }


def calls(n):
    return {
        "chain": "R = []\n" + times(n, "def f{i}(x): return f{next}(x)\n") + "def f%d(x): R.append(x)\n" % n,
        "chain_reversed": "R = []\ndef f0(x): R.append(x)\n" + times(n, "def f{next}(x): return f{i}(x)\n"),
        "everybody_calls_one": times(n, "def f{i}(x): return f0(f{p}(x)) or f{q}(x)\n"),
        "results_of_choices": "class A: pass\ndef f0(): return A()\n"
        + times(n, "def f{next}(): return (f{i}() if x else f{i}()) or f{i}()\n"),
        "arguments": "class A:\n    def x(self, p): return p\n    def y(self, p): return p\n"
        + times(n, "def f{i}(p, q):\n    f{q}(p.x(q), q.y(p))\n    f{p}(q.x(p), p.y(q))\n    p.items.append(q)\n")
        + "f0(A(), A())\n",
        "closures": "R = []\n"
        + times(n, "def f{i}(p):\n    g = lambda: f{q}(p) or f{p}(p)\n    R.append(g)\n    return g\n"),
        "decorators": "def d(f):\n    def w(*a): return f(*a)\n    return w\n"
        + times(n, "@d\ndef f{i}(x): pass\n"),
        "decorator_towers": times(n, "def d{i}(f): return d{q}(d{p}(f))\n")
        + "class C:\n"
        + times(n, "    @d{i}\n    def m{i}(self): pass\n"),
        "caches": "import functools\nclass C:\n"
        + times(n // 4, "    @functools.cache\n    def m{i}(self): return self.m{p}()\n"),
        "many_returns": "def f(x):\n" + times(n, "    if x: return g(x)\n")
        + "def g(x):\n" + times(n, "    if x: return f(x)\n"),
    }  # fmt: skip


def classes(n):
    few = max(2, n // 60)
    return {
        "deep": "class C0: pass\n"
        + times(n // 4, "class C{next}(C{i}):\n    def m{i}(self): self.a.append(self.m{p})\n"),
        "wide": "class B: pass\n" + times(n, "class C{i}(B): pass\n")
        + "class D(%s): pass\n" % ", ".join("C%d" % i for i in range(n // 4)),
        "same_method": times(
            n, "class C{i}:\n    def run(self, x):\n        self.x = x\n        return x.run(self)\n"
        ),
        "attribute_chain": "class A:\n    def __init__(self, o):\n"
        + times(n, "        self.a{i} = o.a{i}.b(self.a{p})\n"),
        "attribute_maze": "class A:\n    def __init__(self):\n"
        + "".join(
            "        self.a%d = self.a%d.m%d()\n" % (i, j, j) for i in range(few) for j in range(few)
        )
        + times(few, "    def m{i}(self):\n        if x: return self.a{q}.m{p}()\n        return self.a{p}\n"),
        "constructors": times(
            n,
            "class C{i}:\n    def __init__(self, a):\n        self.a = C{p}(self)\n"
            "        a.b.c.d.e = self.a\n",
        ),
        "finalizers": "import weakref\nclass C:\n    def close(self): pass\n    def __init__(self):\n"
        + times(n, "        weakref.finalize(self, self.close)\n"),
    }  # fmt: skip


def comments(n):
    return {
        "ignores": "R = []\n" + times(n, "def f{i}(x):\n    R.append(x)  # limpet: ignore[LMP201]\n"),
        "disabled": "R = []\n"
        + times(n, "# limpet: disable[LMP201]\ndef f{i}(x):\n    R.append(x)\n# limpet: enable[LMP201]\n"),
    }


def modules(n):
    few = n // 20
    last = "m%d.py" % few
    chain = {"m%d.py" % i: "from m%d import *\nX%d = []\n" % (i + 1, i) for i in range(few)}
    ring = {
        "m%d.py" % i: "from m%d import *\nX%d = []\ndef f(): return Y.append(X0)\n" % ((i + 1) % few, i)
        for i in range(few)
    }
    exports = {"m%d.py" % i: "from m%d import X\n" % (i + 1) for i in range(few)}
    exports[last] = "X = []\ndef f(a): X.append(a)\n"
    users = {"m%d.py" % i: "from a import R\ndef f(x):\n    R[x] = 1\n" for i in range(few)}
    own = {"a.py": "".join("from a import b%d as b%d\n" % (i, (i + 1) % few) for i in range(few))}
    return {
        "star_chain": chain,
        "star_ring": ring,
        "reexports": exports,
        "users_of_one_global": {"a.py": "R = {}\n", **users},
        "imports_itself": own,
    }


def pictures(n):
    """A class of which every question is large: Big, and One."""
    method = (
        "    def m%d(self, k):\n        if self.flag%d: return\n        self.x[k] = self\n"
        "        self.y%d = self.x\n        self._drop()\n        self.x.clear()\n"
    )
    methods = "".join(method % (i, i, i) for i in range(n // 4))
    few = n // 8
    return {
        "methods": "class Big:\n    def __init__(self): self.x = {}\n    def _drop(self): self.x = None\n" + methods,
        "subclasses": "class Big:\n    def close(self): self.x = {}\n"
        + "".join("class S%d(Big):\n    def m(self): self.x = {}\n" % i for i in range(few)),
        "bases": "class Big: pass\n"
        + "".join("class D%d(%s):\n    def m(self): self.x = {}\n" % (i, "D%d" % (i - 1) if i else "Big") for i in range(few)),
        "aliases": "class Big: pass\ndef f(a: Big):\n    b0 = a.x\n"
        + "".join("    b%d = b%d\n" % (i + 1, i) for i in range(n)) + "    b%d.clear()\n" % n,
        "guards": "class Big:\n    def close(self):\n"
        + "".join("        if self.a%d: return\n" % i for i in range(few)) + "        self.x = None\n" * few
        + "".join("        self.a%d = None\n" % i for i in range(few)),
        "everything_in_everything": "R = []\nclass Big: pass\n" + times(
            n // 2, "def f{i}(p):\n" + "".join("    %s = []\n" % v for v in "abcdefg")
            + "    x = Big()\n    x.p = p\n    x.b = b\n    a.append(x)\n"
            + "".join("    %s.append(%s)\n" % (u, v) for u in "abcdefg" for v in "abcdefg" if u != v)
            + "    R.append(a)\n"),
        "callers": "class Big:\n    def _drop(self): self.x = None\n"
        + "".join("    def m%d(self):\n        if self.c: self._drop()\n" % i for i in range(n // 2)),
    }  # fmt: skip


def references(n):
    """Objects, edges and cycles without end: what one function, one ring of calls or one chain may have."""
    few = n // 8
    parameters = ", ".join("p%d" % i for i in range(n // 2))
    return {
        "attributes_of_one": "class C:\n    def f(self, x):\n" + times(n, "        self.a{i} = x\n")
        + "        x.c = self\n",
        "one_attribute": "class C:\n    def f(self, x):\n" + times(n, "        self.a = self.f\n"),
        "appended": "class C:\n    def __init__(self, x):\n        self.items = []\n"
        + times(n, "        self.items.append(D(self))\n") + "class D:\n    def __init__(self, o): self.o = o\n",
        "ring_of_calls": "class C: pass\n"
        + times(n, "def f{i}(a, b):\n    a.x{i} = b\n    c = C()\n    c.a = a\n    return f{p}(c, a)\n")
        + "def f0(a, b): return f%d(b, a)\n" % (n - 1),
        "nested_calls": "def f(x): return %sx%s\n" % ("x.g(" * n, ")" * n) + "def g(x): return %sx%s\n" % ("g(" * n, ")" * n),
        "nested_attributes": "def f(x):\n    x%s = x\n    return x%s\n" % (".a" * n, ".a" * n)
        + times(few, "def g{i}(y): f(y).z = y\n"),
        "finalizers": times(
            n,
            "class C{i}:\n    def __init__(self, o):\n        self.o = o\n        self.c = C{p}(self)\n"
            "        self.m = self.run\n    def run(self): pass\n    def __del__(self): self.o = None\n",
        ),
        "super_chain": "class C0:\n    def __init__(self, o): self.o = o\n"
        + times(few, "class C{next}(C{i}):\n    def __init__(self, o):\n        super().__init__(o)\n"
                "        self.a{i} = self.m\n        o.c = self\n    def m(self): pass\n"),
        "straight": "def f(a, b):\n"
        + times(n * 3, "    x = a.b\n    b.c = [x, a]\n    a = g(x, b)\n    b.d = lambda: a\n")
        + "def g(p, q):\n    p.q = q\n    return p\n",
        "parameters": "def g(%s): p1.x = p0\ndef f(%s):\n" % (parameters, parameters)
        + times(n // 2, "    p0.a{i} = p{i}\n    g(p{i}, p0)\n"),
        "fields": "from dataclasses import dataclass\n@dataclass\nclass D:\n" + times(n, "    f{i}: object\n")
        + "def f(x):\n    x.a = D(%s)\n    x.b = D(%s)\n"
        % ("x, " * n, ", ".join("f%d=x" % i for i in range(n))),
        "properties": "class C:\n"
        + times(n, "    @property\n    def p{i}(self): return self._p{i}\n"
                "    @p{i}.setter\n    def p{i}(self, v): self._p{i} = v\n")
        + "    def __init__(self, o):\n" + times(n, "        self.p{i} = o\n        o.c = self.p{i}\n"),
        "wide_summaries": "class C: pass\ndef f(a, b):\n" + times(24, "    a.x{i} = b\n    b.y{i} = a\n")
        + times(few, "def g{i}(a, b):\n" + "    f(a.c, b.items[1])\n    a = C()\n    a.i = []\n    f(a, a.i)\n" * 20),
        "closures": "def f(a):\n" + times(n, "    def g{i}(): return g{q}, a\n    a.h{i} = g{i}\n"),
        "branches": "def f(a, o):\n    if a: pass\n"
        + times(n, "    elif a == {i}:\n        x = o.b\n        o.x = x\n        x.y = o\n        return x\n"),
    }  # fmt: skip


def projects(n):
    """All shapes by name."""
    found = dict(modules(n))
    for family in (containers, calls, classes, comments, pictures, references):
        for name, text in family(n).items():
            found["%s_%s" % (family.__name__, name)] = {"a.py": text}
    return found
