/* The table of the C API: its order, its columns, look-up and formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "capi/api.h"

#define EACH_ROW(table, row)                        \
    for (u32 t_ = 0; (table = api_table(t_)); t_++) \
        for (const ApiRow *row = table->rows; row < table->rows + table->n; row++)

static void rows_are_sorted_and_found(void **state) {
    (void)state;
    u32 n = 0;
    const ApiTable *table;
    EACH_ROW(table, row) {
        if (row > table->rows) assert_true(strcmp(row[-1].name, row->name) < 0);
        if (api_row(str_from(row->name)) != row) fail_msg("%s is in two tables", row->name);
        n++;
    }
    assert_true(n > 1200);
}

static u32 bits(u32 traits, u32 mask) {
    return (u32)__builtin_popcount(traits & mask);
}

static void check_args(const ApiRow *row) {
    if (strspn(row->args, ".bksSrxcnowiIyzamMf*") != strlen(row->args))
        fail_msg("%s: unknown letter in \"%s\"", row->name, row->args);
    const char *star = strchr(row->args, '*');
    if (star && (star[1] || star == row->args)) fail_msg("%s: a star stands last", row->name);
    bool fills = strpbrk(row->args, "oya") != NULL;
    u32 decides = bits(row->traits, API_NEGATIVE | API_FALSE | API_TRISTATE | API_OUT_ALWAYS);
    if (fills && decides != 1) fail_msg("%s: when is the variable filled?", row->name);
    bool needs_family = row->result == API_MEMORY || strpbrk(row->args, "amM");
    if (needs_family && !api_family(row) && strcmp(row->name, "_Py_Dealloc") != 0)
        fail_msg("%s: memory without a family", row->name);
    u32 format, first;
    bool has_format = strchr(row->args, 'f') != NULL;
    if (api_format(row, &format, &first) != has_format)
        fail_msg("%s: a format and its trait go together", row->name);
}

static void check_result(const ApiRow *row) {
    bool object = row->result == API_NEW || row->result == API_BORROWED;
    u32 null = bits(row->traits, API_NEVER_NULL | API_NULL_ABSENT | API_NULL_SILENT);
    bool fills = strchr(row->args, 'o') && row->traits & API_NULL_ABSENT;
    if (null > 1 || (null && !object && row->result != API_MEMORY && !fills))
        fail_msg("%s: when is it NULL?", row->name);
    if (api_from(row) >= 0 && row->result != API_BORROWED)
        fail_msg("%s: an owner, and nothing borrowed", row->name);
    if (row->result == API_NULL && !(row->traits & API_SETS_ERROR))
        fail_msg("%s: NULL without an exception", row->name);
    if (row->result != API_PLAIN && bits(row->traits, API_NEGATIVE | API_FALSE | API_MINUS_ONE))
        fail_msg("%s: a status that is no number", row->name);
}

static void columns_fit_together(void **state) {
    (void)state;
    const ApiTable *table;
    EACH_ROW(table, row) {
        check_args(row);
        check_result(row);
        if (bits(row->traits, API_NEGATIVE | API_FALSE | API_TRISTATE | API_MINUS_ONE) > 1)
            fail_msg("%s: two conventions", row->name);
        if (bits(row->traits, API_GIL_FREE | API_GIL_TAKES | API_GIL_RELEASES) > 1)
            fail_msg("%s: two effects on the lock", row->name);
        if (row->since && row->until && row->since > row->until)
            fail_msg("%s: gone before it came", row->name);
    }
}

static void looks_up(void **state) {
    (void)state;
    const ApiRow *row = api_row(STR("PyList_GetItem"));
    assert_non_null(row);
    assert_int_equal(row->result, API_BORROWED);
    assert_int_equal(api_from(row), 0);
    assert_int_equal(api_from(api_row(STR("PyImport_AddModule"))), -1);
    assert_null(api_row(STR("PyList_GetIte")));
    assert_null(api_row(STR("PyList_GetItemX")));
    assert_null(api_row(STR("")));
    assert_null(api_row((Str){NULL, 0}));
    row = api_row(STR("Py_BuildValue"));
    assert_ptr_equal(api_row(STR("_Py_BuildValue_SizeT")), row);
    assert_ptr_equal(api_row(STR("_PyArg_ParseTuple_SizeT")), api_row(STR("PyArg_ParseTuple")));
    assert_null(api_row(STR("_Py_SizeT")));
    assert_null(api_row(STR("Py_BuildValue_SizeT")));
}

static void arguments(void **state) {
    (void)state;
    const ApiRow *row = api_row(STR("PyList_SetItem"));
    assert_int_equal(api_arg(row, 1), API_ARG_PLAIN);
    assert_int_equal(api_arg(row, 2), API_ARG_STEAL);
    assert_int_equal(api_arg(row, 3), API_ARG_PLAIN);
    row = api_row(STR("PyTuple_Pack"));
    assert_int_equal(api_arg(row, 0), API_ARG_PLAIN);
    assert_int_equal(api_arg(row, 1), API_ARG_KEEP);
    assert_int_equal(api_arg(row, 1000), API_ARG_KEEP);
    assert_int_equal(api_family(api_row(STR("PyMem_RawFree"))), API_FAMILY_RAW);
    row = api_row(STR("PyDict_GetItemRef"));
    assert_false(api_has(row, 312));
    assert_true(api_has(row, 313));
    assert_true(api_has(row, 314));
    row = api_row(STR("PyEval_CallFunction"));
    assert_true(api_has(row, 308));
    assert_false(api_has(row, 313));
    assert_false(api_has(api_row(STR("PyString_FromString")), 308));
}

static void numpy(void **state) {
    (void)state;
    assert_string_equal(api_numpy(false, 69)->name, "PyArray_FromAny");
    assert_int_equal(api_arg(api_numpy(false, 94), 1), API_ARG_STEAL);
    assert_string_equal(api_numpy(true, 1)->name, "PyUFunc_FromFuncAndData");
    assert_null(api_numpy(false, 40));
    assert_null(api_numpy(true, 100000));
    for (u32 slot = 0; slot < 400; slot++) {
        const ApiRow *row = api_numpy(false, slot);
        if (row)
            assert_true(strstr(row->name, "Array") || strstr(row->name, "Np") ||
                        strstr(row->name, "PyDataMem"));
    }
}

/* The letters of all arguments that a format takes, a blank between units; a "!" where it is not
 * understood. */
static const char *units(const char *function, const char *format) {
    static char out[256];
    const ApiRow *row = api_row(str_from(function));
    Str text = str_from(format);
    u32 at = 0, n = 0;
    ApiUnit unit;
    while (api_unit(row, text, &at, &unit)) {
        assert_true(unit.begin < unit.end && unit.end == at);
        for (u32 i = 0; i < unit.n; i++) out[n++] = (char)unit.args[i];
        if (unit.n) out[n++] = ' ';
    }
    if (at != text.n) out[n++] = '!';
    out[n] = '\0';
    return out;
}

static void formats(void **state) {
    (void)state;
    assert_string_equal(units("Py_BuildValue", "(O,N){s:i}s#O&"), "k s . . .. .. ");
    assert_string_equal(units("PyObject_CallFunction", "OQ"), "k !");
    assert_string_equal(units("Py_BuildValue", ""), "");
    assert_string_equal(units("PyArg_ParseTuple", "OO!O&|s#$p:name"), "w .w .v .. . ");
    assert_string_equal(units("PyArg_ParseTuple", "y*s*z*w*i;message (O)"), "y y y y . ");
    assert_string_equal(units("PyArg_ParseTupleAndKeywords", "eset#et(iO)"), ".a .a. .a . w ");
    assert_string_equal(units("PyArg_ParseTuple", "e"), "!");
    assert_string_equal(units("PyArg_ParseTuple", "O@"), "w !");
    assert_string_equal(units("PyErr_Format", "%s: %R of %zd %%"), ". b . ");
    assert_string_equal(units("PyErr_Format", "%.200s %*d %V %T"), ". .. b. b ");
    assert_string_equal(units("PyErr_Format", "%"), "!");
    assert_string_equal(units("PyErr_Format", "%y"), "!");
    assert_string_equal(units("PyErr_Format", "%*****d"), "!");
    /* The arguments begin behind the list of keywords. */
    u32 format, first;
    assert_true(api_format(api_row(STR("PyArg_ParseTupleAndKeywords")), &format, &first));
    assert_int_equal(format, 2);
    assert_int_equal(first, 4);
    assert_false(api_format(api_row(STR("PyArg_VaParse")), &format, &first));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_found),
        cmocka_unit_test(columns_fit_together),
        cmocka_unit_test(looks_up),
        cmocka_unit_test(arguments),
        cmocka_unit_test(numpy),
        cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
