"""Python texts that break analysers: nesting, chains, soup. Pure functions of their arguments."""

import random

TOKENS = """( ) [ ] { } : , ; = == != <> < > <= >= -> := + - * ** / // % @ & | ^ ~ << >> . ... ` \\
    and or not in is if elif else for while break continue return yield await async def class lambda
    try except except* finally with as from import global nonlocal del pass raise assert match case type
    print exec None True False self x y _ __name__ 0 1.5e3 0x1f 1j 'a' "b" '''c''' f'{x}' f"{ f'{' b'\\xff' r'\\'
    +=  **= #c # @x ! ? $""".split(" ")


def nested(n):
    """Files by name, each nested or chained n deep: well-formed ones, then ones that are never closed."""
    pairs = {
        "parentheses": ("(", "1", ")"),
        "brackets": ("[", "1", "]"),
        "sets": ("{", "1", "}"),
        "dicts": ("{1:", "1", "}"),
        "calls": ("f(", "1", ")"),
        "keyword_calls": ("f(a=", "1", ")"),
        "subscripts": ("a[", "1", "]"),
        "slices": ("a[b:", "1", "]"),
        "lambdas": ("lambda: ", "1", ""),
        "lambda_defaults": ("lambda a=(", "1", "): a"),
        "nots": ("not ", "1", ""),
        "minuses": ("-", "1", ""),
        "inverts": ("~", "1", ""),
        "stars": ("[*", "a", "]"),
        "double_stars": ("{**", "a", "}"),
        "awaits": ("await ", "a", ""),
        "yields": ("(yield ", "1", ")"),
        "walruses": ("(a := ", "1", ")"),
        "comprehensions": ("[a for a in ", "b", "]"),
        "comprehension_elements": ("[", "a", " for a in b]"),
        "generators": ("(a for a in ", "b", ")"),
        "conditions": ("a if b else ", "c", ""),
        "conditional_tests": ("(a if ", "b", " else c)"),
        "f_strings": ('f"{', "1", '}"'),
        "f_string_formats": ("f'{a:{", "b", "}}'"),
        "backquotes": ("`(", "a", ")`"),
    }
    texts = {}
    for name, (begin, middle, end) in pairs.items():
        texts[name] = "x = " + begin * n + middle + end * n + "\n"
        texts["open_" + name] = "x = " + begin * n + "\n"
    chains = {
        "attributes": ("a", ".b"),
        "call_chain": ("a", "()"),
        "method_chain": ("a", ".b(1)"),
        "subscript_chain": ("a", "[0]"),
        "sums": ("1", " + 1"),
        "powers": ("1", " ** 1"),
        "ands": ("a", " and b"),
        "mixed_booleans": ("a", " and b or c"),
        "comparisons": ("a", " < b"),
        "membership": ("a", " in b"),
        "strings": ("'a'", " 'b'"),
        "tuples": ("a", ", b"),
        "assignments": ("a", " = b"),
        "unions": ("a: int", " | int"),
        "open_sums": ("1", " +"),
        "dots": ("a", "."),
    }
    for name, (begin, link) in chains.items():
        texts[name] = ("x = " if name not in ("unions",) else "") + begin + link * n + "\n"
    texts["annotations"] = "x: " + "List[" * n + "int" + "]" * n + "\n"
    texts["decorators"] = "@d\n" * n + "def f(): pass\n"
    texts["decorator_calls"] = "@" + "d(" * n + ")" * n + "\ndef f(): pass\n"
    texts["elifs"] = "if a: pass\n" + "elif a: pass\n" * n
    texts["parameters"] = "def f(" + ", ".join("a%d=1" % i for i in range(n)) + "): pass\n"
    texts["with_items"] = "with " + ", ".join(["a as b"] * n) + ": pass\n"
    texts["excepts"] = "try: pass\n" + "except A: pass\n" * n
    texts["bases"] = "class C(" + ", ".join(["B"] * n) + "): pass\n"
    texts["base_chain"] = "".join("class C%d(C%d): pass\n" % (i + 1, i) for i in range(n))
    texts["call_tower"] = "".join("def f%d(x): return f%d(x)\n" % (i, i + 1) for i in range(n))
    texts["alias_chain"] = "a0 = []\n" + "".join("a%d = a%d\n" % (i + 1, i) for i in range(n))
    texts["alias_ring"] = "".join("b%d = b%d\n" % ((i + 1) % n, i) for i in range(n))
    texts["class_ring"] = "".join("class R%d(R%d): pass\n" % ((i + 1) % n, i) for i in range(n))
    texts["imports"] = "import a" + ".b" * n + "\nfrom " + "." * n + " import c\n"
    texts["globals"] = "def f():\n    global " + ", ".join(["a"] * n) + "\n"
    texts["patterns"] = "match x:\n    case " + "(" * n + "a" + ")" * n + ": pass\n"
    texts["class_patterns"] = "match x:\n    case " + "C(" * n + "a" + ")" * n + ": pass\n"
    texts["or_patterns"] = "match x:\n    case 1" + " | 1" * n + ": pass\n"
    texts["cases"] = "match x:\n" + "    case 1: pass\n" * n
    texts["statements"] = "a;" * n + "\n"
    texts["continuations"] = "x = 1 + \\\n" * n + "1\n"
    texts["comments"] = "# limpet: ignore[LMP201]\n" * n
    texts["types"] = "type A = " + "B[" * n + "int" + "]" * n + "\n"
    texts["targets"] = "(" * n + "a" + ")" * n + " = b\n"
    texts["for_targets"] = "for " + "[" * n + "a" + "]" * n + " in b: pass\n"
    texts["deletes"] = "del " + "(" * n + "a" + ")" * n + "\n"
    return texts


def blocks(n):
    """Blocks nested n deep, one space a level: the size grows with n squared."""
    heads = {
        "ifs": "if a:",
        "elses": "else:",
        "whiles": "while a:",
        "fors": "for a in b:",
        "withs": "with a:",
        "tries": "try:",
        "functions": "def f(a):",
        "methods_and_classes": "class C:",
        "async_functions": "async def f():",
        "matches": "match a:",
    }
    texts = {}
    for name, head in heads.items():
        lines = [" " * i + head for i in range(n)]
        texts["block_" + name] = "\n".join(lines) + "\n" + " " * n + "pass\n"
    alternating = [" " * i + ("class C:" if i % 2 else "def f(self):") for i in range(n)]
    texts["block_alternating"] = "\n".join(alternating) + "\n" + " " * n + "return lambda: self\n"
    loops = [" " * i + "for a in b:" for i in range(n)]
    back = [" " * i + "else: c.append(a)" for i in reversed(range(n))]
    texts["block_loop_else"] = "\n".join([*loops, " " * n + "pass", *back]) + "\n"
    return texts


def soup(seed, size):
    """About `size` bytes of tokens in random order and random indentation."""
    rng = random.Random(seed)
    parts, length = [], 0
    while length < size:
        if rng.random() < 0.12:
            word = "\n" + " " * rng.choice((0, 0, 1, 4, 4, 8))
        else:
            word = rng.choice(TOKENS) + rng.choice((" ", " ", ""))
        parts.append(word)
        length += len(word)
    return "".join(parts).encode()


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def mutated(seed, data):
    """`data` with a few spans deleted, doubled, moved, or overwritten by noise."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 6)):
        if not data:
            break
        begin = rng.randrange(len(data))
        end = min(len(data), begin + rng.choice((1, 1, 2, 5, 20, 200)))
        span = data[begin:end]
        kind = rng.randrange(4)
        if kind == 0:
            data = data[:begin] + data[end:]
        elif kind == 1:
            data = data[:end] + span + data[end:]
        elif kind == 2:
            rest = data[:begin] + data[end:]
            at = rng.randrange(len(rest) + 1)
            data = rest[:at] + span + rest[at:]
        else:
            data = data[:begin] + rng.randbytes(end - begin) + data[end:]
    return data


# Bytes that no Python source may hold, or that only look so. (name, bytes, is LMP901 due?)
ENCODINGS = [
    ("latin_without_cookie", b"x = '\xe9'\n", True),
    ("nul", b"x = 1\0\ny = 2\n", True),
    ("only_nul", b"\0", True),
    ("surrogate", b"x = '\xed\xa0\x80'\n", True),
    ("overlong", b"x = '\xc0\xaf'\n", True),
    ("above_unicode", b"x = '\xf5\x80\x80\x80'\n", True),
    ("cut_character", b"x = 1  # \xe2\x82", True),
    ("utf16_bom", b"\xff\xfex\0=\x001\0", True),
    ("unknown_cookie", b"# coding: no-such-thing\nx = 1\n", True),
    ("cookie_against_bom", b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", True),
    ("latin_with_cookie", b"# coding: latin-1\nx = '\xe9'\n", False),
    ("bom", b"\xef\xbb\xbfx = 1\n", False),
    ("only_bom", b"\xef\xbb\xbf", False),
    ("empty", b"", False),
    ("lone_cr", b"x = 1\ry = 2\r", False),
    ("form_feed", b"\x0cx = 1\n\x0c\n", False),
    ("line_separator", "x = '\u2028'\n".encode(), False),
    ("wide_names", "变量 = 1\nﬁ = 变量\n".encode(), False),
    ("no_last_newline", b"x = 1", False),
    ("only_backslash", b"\\", False),
    ("only_spaces", b"   ", False),
    ("only_tabs_and_newline", b"\t\t\n\t", False),
]
