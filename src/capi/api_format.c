#include "capi/api.h"

#include <string.h>

bool api_format(const ApiRow *row, u32 *format, u32 *first) {
    const char *at = strchr(row->args, API_ARG_FORMAT);
    if (!at || !(row->traits & (API_FORMAT_BUILD | API_FORMAT_PARSE | API_FORMAT_TEXT)))
        return false;
    *format = (u32)(at - row->args);
    *first = (u32)strlen(row->args);
    return true;
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static char at(Str format, u32 i) {
    return i < format.n ? format.p[i] : '\0';
}

static void take(ApiUnit *unit, ApiArg arg) {
    unit->args[unit->n++] = arg;
}

/* Py_BuildValue: the bytes that the unit has, or 0 when it is not understood. */
static u32 build(Str format, u32 i, ApiUnit *unit) {
    char c = at(format, i);
    if (is_one_of(c, "()[]{}:, \t")) return 1;
    if (c == 'O' && at(format, i + 1) == '&') {
        take(unit, API_ARG_PLAIN);
        take(unit, API_ARG_PLAIN);
        return 2;
    }
    if (is_one_of(c, "ONS")) {
        take(unit, c == 'N' ? API_ARG_STEAL : API_ARG_KEEP);
        return 1;
    }
    if (is_one_of(c, "szyuU")) {
        take(unit, API_ARG_PLAIN);
        if (at(format, i + 1) != '#') return 1;
        take(unit, API_ARG_PLAIN);
        return 2;
    }
    if (!is_one_of(c, "ibhlBHIkLKncCdfDp")) return 0;
    take(unit, API_ARG_PLAIN);
    return 1;
}

/* Texts and buffers of PyArg_ParseTuple: "s", "s#", "s*", "es", "et#" and kin. */
static u32 parse_text(Str format, u32 i, ApiUnit *unit) {
    if (at(format, i) == 'e') {
        if (!is_one_of(at(format, i + 1), "st")) return 0;
        take(unit, API_ARG_PLAIN); /* encoding */
        take(unit, API_ARG_OUT_MEMORY);
        if (at(format, i + 2) != '#') return 2;
        take(unit, API_ARG_PLAIN);
        return 3;
    }
    char mark = at(format, i + 1);
    take(unit, mark == '*' ? API_ARG_OUT_BUFFER : API_ARG_PLAIN);
    if (mark == '#') take(unit, API_ARG_PLAIN);
    return mark == '#' || mark == '*' ? 2 : 1;
}

static u32 parse(Str format, u32 i, ApiUnit *unit) {
    char c = at(format, i), mark = at(format, i + 1);
    if (is_one_of(c, "()|$")) return 1;
    if (is_one_of(c, ":;")) return format.n - i; /* the function's name, or a message */
    if (is_one_of(c, "szyuZwte")) return parse_text(format, i, unit);
    if (c == 'O' && is_one_of(mark, "!&")) {
        take(unit, API_ARG_PLAIN);
        take(unit, mark == '!' ? API_ARG_OUT_BORROWED : API_ARG_OUT_CONVERTED);
        return 2;
    }
    if (is_one_of(c, "OSUY")) {
        take(unit, API_ARG_OUT_BORROWED);
        return 1;
    }
    if (!is_one_of(c, "bBhHiIlkLKncCfdDp")) return 0;
    take(unit, API_ARG_PLAIN);
    return 1;
}

/* PyUnicode_FromFormat: text, then "%", flags, width, precision, size, and a letter. */
static u32 text(Str format, u32 i, ApiUnit *unit) {
    u32 from = i;
    if (at(format, i) != '%') {
        while (i < format.n && format.p[i] != '%') i++;
        return i - from;
    }
    if (at(format, i + 1) == '%') return 2;
    for (i++; is_one_of(at(format, i), "0123456789-.*#lzjt"); i++) {
        if (at(format, i) != '*') continue;
        if (unit->n >= 2) return 0;
        take(unit, API_ARG_PLAIN);
    }
    char c = at(format, i);
    if (is_one_of(c, "USRATNV")) {
        if (unit->n >= 2) return 0;
        take(unit, API_ARG_BORROW);
        if (c == 'V') take(unit, API_ARG_PLAIN);
    } else if (is_one_of(c, "cdiuxXosp")) {
        take(unit, API_ARG_PLAIN);
    } else {
        return 0;
    }
    return i + 1 - from;
}

bool api_unit(const ApiRow *row, Str format, u32 *at_, ApiUnit *unit) {
    *unit = (ApiUnit){.begin = *at_, .end = *at_};
    if (*at_ >= format.n) return false;
    u32 n = 0;
    if (row->traits & API_FORMAT_BUILD)
        n = build(format, *at_, unit);
    else if (row->traits & API_FORMAT_PARSE)
        n = parse(format, *at_, unit);
    else if (row->traits & API_FORMAT_TEXT)
        n = text(format, *at_, unit);
    if (!n) return false;
    *at_ = unit->end = *at_ + n;
    return true;
}
