"""Docstring."""
name = f"{a} and {b.c!r:>{width}} {d['k']} {e(f'{g}')}"
nested = f"{', '.join(f"{x}" for x in xs)}"
debug = f"{value=}"
raw = r"\d" if 0 else rb"\d"
joined = "one" 'two' f"{three}"
table['quo"te'] = table[b"k"] = table["tab\t"] = 1
empty = ""
long = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
message = "%s" % name
