#!/usr/bin/env python3
"""Finds what CPython compiles and limpet calls a syntax error.

    PYTHON tests/corpus/compiles.py DIR... [--examples N] [--list]

Run it with the newest CPython at hand: the interpreter that runs this script is the judge. limpet scans all
directories; each file with LMP900 that the judge's compile() accepts is printed, grouped by the construct
that stands at the place of the error (innermost statement, innermost expression, message). Exit status 1
when there is one.
"""

import argparse
import ast
import collections
import json
import re
import sys
import warnings

from measure import limpet, measure


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directories", nargs="+")
    parser.add_argument("--examples", type=int, default=3, help="lines shown for each group")
    parser.add_argument("--list", action="store_true", help="print every file, not only the groups")
    return parser.parse_args()


def syntax_errors(directories):
    """LMP900 findings by path, as limpet reports them."""
    command = [limpet(), "check", "--isolated", "--select", "LMP900", "--min-confidence", "low"]
    run = measure([*command, "--output-format", "json", *directories], 3600)
    if run.crash():
        sys.exit(run.crash())
    by_path = collections.defaultdict(list)
    for finding in json.loads(run.stdout)["findings"]:
        if finding["code"] == "LMP900":
            by_path[finding["path"]].append(finding)
    return by_path


def tree_of(data):
    """The syntax tree when the judge compiles the bytes, else None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(data)
            compile(data, "<corpus>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return tree


def construct_at(tree, line, column):
    """The innermost statement and the chain of expressions around a place (1-based line, 0-based byte)."""
    statement, expressions = "module", []
    for node in ast.walk(tree):
        end = getattr(node, "end_lineno", None)
        if end is None:
            continue
        begin = (node.lineno, node.col_offset)
        if not begin <= (line, column) <= (end, node.end_col_offset):
            continue
        if isinstance(node, ast.stmt):
            statement, expressions = type(node).__name__, []
        else:
            expressions.append(type(node).__name__)
    return "/".join([statement, *expressions[-2:]])


def normal(message):
    """The message without the text of this one place."""
    return re.sub(r"'.*'", "'…'", message, flags=re.S)


def main():
    options = parse_arguments()
    by_path = syntax_errors(options.directories)
    groups = collections.defaultdict(list)
    bad = 0
    for path, findings in sorted(by_path.items()):
        with open(path, "rb") as file:
            data = file.read()
        tree = tree_of(data)
        if tree is None:
            continue
        bad += 1
        if options.list:
            print(path)
        lines = data.decode("utf-8", "replace").splitlines()
        # The first error of a file is the cause; what follows is often only its echo.
        first = min(findings, key=lambda f: (f["line"], f["column"]))
        text = lines[first["line"] - 1] if first["line"] <= len(lines) else ""
        column = len(text[: first["column"] - 1].encode("utf-8", "replace"))
        key = (construct_at(tree, first["line"], column), normal(first["message"]))
        groups[key].append((path, first["line"], first["column"], text.strip()[:100]))
    for (construct, message), places in sorted(groups.items(), key=lambda g: -len(g[1])):
        print("%4d  %s: %s" % (len(places), construct, message))
        for path, line, column, text in places[: options.examples]:
            print("      %s:%d:%d: %s" % (path, line, column, text))
    print(
        "%d files with LMP900, %d of them compile with CPython %s"
        % (len(by_path), bad, sys.version.split()[0])
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
