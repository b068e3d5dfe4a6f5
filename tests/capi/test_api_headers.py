"""The table of the C API against the headers of every CPython at hand: nothing is missing, nothing invented."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import api_rows

# Functions of the headers that have no row, and why.
EXEMPT = {
    "PyAST_CompileEx": "internal: takes the compiler's own tree",
    "PyAST_CompileObject": "internal: takes the compiler's own tree",
    "PyArena_AddPyObject": "internal: the compiler's arena",
    "PyFrame_ExtendStack": "internal: the stack of a frame, not an object",
    "PyFrame_BlockPop": "internal: blocks of the interpreter's loop",
    "PyFrame_BlockSetup": "internal: blocks of the interpreter's loop",
    "PyFuture_FromASTObject": "internal: takes the compiler's own tree",
    "PyInit__imp": "the initialisation of a built-in module",
    "PyNode_Compile": "internal: takes the parser's own tree",
    "PyParser_ASTFromFileObject": "internal: the parser",
    "PyParser_ASTFromStringObject": "internal: the parser",
    "Py_SymtableStringObject": "internal: symbol tables",
    "PyAST_Compile": "internal: takes the compiler's own tree",
    "PyImport_AppendInittab": "takes a function that returns an object, not an object",
    "PyClass_IsSubclass": "2.7 alone, looks at its arguments",
}
# Their arguments differ from version to version, or are memory that becomes an object.
VARIED = {"PyCode_New", "PyCode_NewWithPosOnlyArgs", "PyObject_Init", "PyObject_InitVar"}
# Rows of functions that headers hold for other systems or builds only.
ELSEWHERE = {
    name
    for name in api_rows.rows()
    if "Windows" in name or "MBCS" in name or "CodePage" in name
} | {"_Py_Dealloc", "Py_InitModule4", "Py_InitModule4_64"}

FOLDERS = api_rows.header_folders() if api_rows.compiler() else []


@unittest.skipUnless(FOLDERS, "no headers of CPython, or no compiler")
class HeaderTest(unittest.TestCase):
    maxDiff = None

    @staticmethod
    def folders():
        return [(version, folder) for version, folder in FOLDERS if version == 207 or version >= 308]

    def test_no_function_is_missing(self):
        missing = set()
        for _, folder in self.folders():
            declared = api_rows.functions(folder)
            self.assertGreater(len(declared), 700)
            missing |= {
                name
                for name, (result, arguments) in declared.items()
                if not name.startswith("_") and any(map(api_rows.stars, [result, *arguments]))
            }
        self.assertEqual([], sorted(missing - set(api_rows.rows()) - set(EXEMPT)))

    def test_every_row_is_of_its_versions(self):
        wrong = []
        for version, folder in self.folders():
            known = set(api_rows.functions(folder)) | api_rows.macros(folder)
            for row in api_rows.rows().values():
                if row.table in ("libc", "numpy") or row.name in ELSEWHERE:
                    continue
                if row.name.startswith("_") or (version == 207 and row.since != 207):
                    continue  # not told: versions of private names, and what 2.7 has of 3
                if row.is_in(version) != (row.name in known):
                    wrong.append((row.name, version, row.name in known))
        self.assertEqual([], sorted(wrong))

    def test_private_rows_are_of_some_version(self):
        if len(self.folders()) < 6:
            self.skipTest("needs the headers of all versions")
        text = "".join(
            header.read_text(errors="replace") for _, folder in self.folders() for header in folder.rglob("*.h")
        )
        words = set(re.findall(r"\b_\w+", text))
        rows = api_rows.rows().values()
        private = {row.name for row in rows if row.name[0] == "_" and row.table not in ("libc", "numpy")}
        self.assertGreater(len(private), 40)
        self.assertEqual(set(), private - words)

    def test_results_and_arguments_are_of_the_declared_types(self):
        wrong = set()
        for version, folder in self.folders():
            for name, (result, arguments) in api_rows.functions(folder).items():
                row = api_rows.rows().get(name)
                if not row or not row.is_in(version) or name in VARIED:
                    continue
                is_object = row.result in ("new", "borrowed", "null")
                if (api_rows.stars(result) == 1) != is_object:
                    wrong.add("%s returns %s" % (name, result))
                letters = row.args.rstrip("*")
                if len(letters) > len(arguments):
                    wrong.add("%s takes %d arguments" % (name, len(arguments)))
                for letter, argument in zip(letters.ljust(len(arguments), "."), arguments):
                    if not self.fits(letter, argument) and row.args[-1:] != "*":
                        wrong.add("%s: '%s' for %s" % (name, letter, argument))
        self.assertEqual([], sorted(wrong))

    @staticmethod
    def fits(letter, argument):
        depth = api_rows.stars(argument)
        if letter in "bksSrxn":
            return depth == 1 or argument == "..." or "void *" in argument
        if letter in "owiI":
            return depth == 2 or "void" in argument or argument == "..."
        if letter in "yz":
            return "Py_buffer" in argument
        if letter == "f":
            return "char" in argument
        return letter != "." or depth != 1

    def test_exemptions_are_needed(self):
        seen = set().union(*(api_rows.functions(folder) for _, folder in FOLDERS))
        if {version for version, _ in FOLDERS} >= {207, 308, 309, 313}:
            self.assertEqual(set(), set(EXEMPT) - seen)
        self.assertEqual(set(), set(EXEMPT) & set(api_rows.rows()))


class TableTest(unittest.TestCase):
    def test_every_row_is_read(self):
        for file in api_rows.CAPI.glob("api_*.c"):
            written = re.findall(r'^ *\{"(\w+)"', file.read_text(), re.M)
            read = [row.name for row in api_rows.rows().values() if row.table == file.stem[len("api_") :]]
            self.assertEqual(written, read, file)
        self.assertGreater(len(api_rows.rows()), 1500)


if __name__ == "__main__":
    unittest.main()
