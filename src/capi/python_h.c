#include "capi/python_h.h"

#include "os/os.h"

/* Names of the API as calls: `limpet_` is taken off again (front_api_name). What does not return is
 * said to the compiler. Arguments keep their places; casts are peeled. */
static const char wrapper[] =
    "#pragma GCC system_header\n"
    "#include_next <Python.h>\n"
    "#ifndef LIMPET_MARKERS\n"
    "#define LIMPET_MARKERS 1\n"
    "void limpet_Py_INCREF(const void *);\n"
    "void limpet_Py_DECREF(const void *);\n"
    "void limpet_Py_XINCREF(const void *);\n"
    "void limpet_Py_XDECREF(const void *);\n"
    "void limpet_Py_CLEAR(const void *);\n"
    "void limpet_Py_SETREF(const void *, const void *);\n"
    "void limpet_Py_XSETREF(const void *, const void *);\n"
    "void limpet_Py_VISIT(const void *);\n"
    "PyObject *limpet_Py_RETURN_NONE(void);\n"
    "PyObject *limpet_Py_RETURN_TRUE(void);\n"
    "PyObject *limpet_Py_RETURN_FALSE(void);\n"
    "PyObject *limpet_Py_RETURN_NOTIMPLEMENTED(void);\n"
    "void limpet_Py_BEGIN_ALLOW_THREADS(void);\n"
    "void limpet_Py_END_ALLOW_THREADS(void);\n"
    "void limpet_Py_BLOCK_THREADS(void);\n"
    "void limpet_Py_UNBLOCK_THREADS(void);\n"
    "void limpet_PyList_SET_ITEM(const void *, Py_ssize_t, const void *);\n"
    "void limpet_PyTuple_SET_ITEM(const void *, Py_ssize_t, const void *);\n"
    "PyObject *limpet_PyList_GET_ITEM(const void *, Py_ssize_t);\n"
    "PyObject *limpet_PyTuple_GET_ITEM(const void *, Py_ssize_t);\n"
    "void limpet_Py_UNREACHABLE(void) __attribute__((noreturn));\n"
    "#undef Py_INCREF\n"
    "#define Py_INCREF(op) limpet_Py_INCREF((const void *)(op))\n"
    "#undef Py_DECREF\n"
    "#define Py_DECREF(op) limpet_Py_DECREF((const void *)(op))\n"
    "#undef Py_XINCREF\n"
    "#define Py_XINCREF(op) limpet_Py_XINCREF((const void *)(op))\n"
    "#undef Py_XDECREF\n"
    "#define Py_XDECREF(op) limpet_Py_XDECREF((const void *)(op))\n"
    "#undef Py_CLEAR\n"
    "#define Py_CLEAR(op) limpet_Py_CLEAR((const void *)&(op))\n"
    "#undef Py_SETREF\n"
    "#define Py_SETREF(op, v) limpet_Py_SETREF((const void *)&(op), (const void *)(v))\n"
    "#undef Py_XSETREF\n"
    "#define Py_XSETREF(op, v) limpet_Py_XSETREF((const void *)&(op), (const void *)(v))\n"
    "#undef Py_VISIT\n"
    "#define Py_VISIT(op) limpet_Py_VISIT((const void *)(op))\n"
    "#undef Py_RETURN_NONE\n"
    "#define Py_RETURN_NONE return limpet_Py_RETURN_NONE()\n"
    "#undef Py_RETURN_TRUE\n"
    "#define Py_RETURN_TRUE return limpet_Py_RETURN_TRUE()\n"
    "#undef Py_RETURN_FALSE\n"
    "#define Py_RETURN_FALSE return limpet_Py_RETURN_FALSE()\n"
    "#undef Py_RETURN_NOTIMPLEMENTED\n"
    "#define Py_RETURN_NOTIMPLEMENTED return limpet_Py_RETURN_NOTIMPLEMENTED()\n"
    "#undef Py_BEGIN_ALLOW_THREADS\n"
    "#define Py_BEGIN_ALLOW_THREADS { limpet_Py_BEGIN_ALLOW_THREADS();\n"
    "#undef Py_END_ALLOW_THREADS\n"
    "#define Py_END_ALLOW_THREADS limpet_Py_END_ALLOW_THREADS(); }\n"
    "#undef Py_BLOCK_THREADS\n"
    "#define Py_BLOCK_THREADS limpet_Py_BLOCK_THREADS();\n"
    "#undef Py_UNBLOCK_THREADS\n"
    "#define Py_UNBLOCK_THREADS limpet_Py_UNBLOCK_THREADS();\n"
    "#undef PyList_SET_ITEM\n"
    "#define PyList_SET_ITEM(o, i, v) "
    "limpet_PyList_SET_ITEM((const void *)(o), (i), (const void *)(v))\n"
    "#undef PyTuple_SET_ITEM\n"
    "#define PyTuple_SET_ITEM(o, i, v) "
    "limpet_PyTuple_SET_ITEM((const void *)(o), (i), (const void *)(v))\n"
    "#undef PyList_GET_ITEM\n"
    "#define PyList_GET_ITEM(o, i) limpet_PyList_GET_ITEM((const void *)(o), (i))\n"
    "#undef PyTuple_GET_ITEM\n"
    "#define PyTuple_GET_ITEM(o, i) limpet_PyTuple_GET_ITEM((const void *)(o), (i))\n"
    "#undef Py_UNREACHABLE\n"
    "#define Py_UNREACHABLE() limpet_Py_UNREACHABLE()\n"
    "#include <assert.h>\n"
    "#endif\n";

static const char assertion[] = "#pragma GCC system_header\n"
                                "#include_next <assert.h>\n"
                                "#ifndef LIMPET_ASSERT\n"
                                "#define LIMPET_ASSERT 1\n"
                                "void limpet_assert(int);\n"
                                "#endif\n"
                                "#undef assert\n"
                                "#define assert(e) limpet_assert((e) ? 1 : 0)\n";

Str python_h_text(void) {
    return STR(wrapper);
}

Str assert_h_text(void) {
    return STR(assertion);
}

/* ---- finding the real ones ---- */

bool python_h_is_in(Arena *arena, Str folder) {
    FileInfo info;
    Str path = str_format(arena, "%.*s/Python.h", STR_ARG(folder));
    return os_stat(path.p, true, &info) == 0 && info.kind == FILE_REGULAR;
}

/* The number behind "python3.", or 0. */
static u32 minor_version(Str name) {
    u32 minor = 0;
    if (!str_starts(name, "python3.")) return 0;
    for (u32 i = 8; i < name.n && char_is_digit(name.p[i]); i++)
        minor = MIN(minor * 10 + (u32)(name.p[i] - '0'), 1000u);
    return minor + 1;
}

/* The newest pythonX.Y below an include directory. */
static Str newest_in(Arena *arena, const char *folder) {
    DirEntry *entries;
    u32 n, best = 0;
    Str found = {0};
    if (os_list_dir(folder, arena, &entries, &n) != 0) return found;
    for (u32 i = 0; i < n; i++) {
        u32 minor = minor_version(entries[i].name);
        if (minor <= best) continue;
        Str path = str_format(arena, "%s/%.*s", folder, STR_ARG(entries[i].name));
        if (!python_h_is_in(arena, path)) continue;
        best = minor;
        found = path;
    }
    return found;
}

/* `…/bin/python3` in the path, links followed: headers are in `…/include`. */
static Str beside_python(Arena *arena) {
    Str path = os_env("PATH");
    while (path.n) {
        i64 colon = str_find(path, ':');
        Str folder = colon < 0 ? path : str_sub(path, 0, (u32)colon);
        path = colon < 0 ? (Str){0} : str_sub(path, (u32)colon + 1, path.n);
        Str real, program = str_format(arena, "%.*s/python3", STR_ARG(folder));
        if (!folder.n || folder.p[0] != '/' || !os_real_path(program.p, arena, &real)) continue;
        i64 slash = str_rfind(real, '/');
        Str bin = str_sub(real, 0, slash > 0 ? (u32)slash : 0);
        if (!str_ends(bin, "/bin")) continue;
        Str include = str_format(arena, "%.*s/include", STR_ARG(str_sub(bin, 0, bin.n - 4)));
        Str found = newest_in(arena, include.p);
        if (found.n) return found;
    }
    return (Str){0};
}

Str python_h_find(Arena *arena) {
    Str found = newest_in(arena, "/usr/include");
    if (!found.n) found = newest_in(arena, "/usr/local/include");
    if (!found.n) found = beside_python(arena);
    return found;
}
