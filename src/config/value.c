#include "config/value.h"

#include "base/near.h"
#include "report/report.h"
#include "rule/rule.h"

#include <string.h>

/* ---- into Options ---- */

static void append(Arena *arena, StrList *to, const StrList *from) {
    for (u32 i = 0; i < from->n; i++) vec_push(arena, to, from->v[i]);
}

void value_store(Arena *arena, const OptionRow *row, const OptionValue *value, Options *options) {
    void *field = (char *)options + row->field;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = value->flag;
        return;
    case OPTION_ATTACHED:
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_FORMAT:
        *(Str *)field = value->text;
        return;
    case OPTION_LIST:
    case OPTION_CODES:
    case OPTION_PATTERNS:
    case OPTION_CONFIG:
    case OPTION_SYMBOLS:
        append(arena, field, &value->list);
        return;
    case OPTION_SIZE:
        *(u64 *)field = value->number;
        return;
    case OPTION_CHOICE:
    case OPTION_NUMBER:
        *(u32 *)field = (u32)MIN(value->number, (u64)UINT32_MAX);
        return;
    case OPTION_VERSIONS:
        *(u32 *)field |= (u32)value->number;
        return;
    case OPTION_PATTERN_CODES:
        for (u32 i = 0; i < value->patterns.n; i++)
            vec_push(arena, (PatternCodesList *)field, value->patterns.v[i]);
        return;
    case OPTION_MODELS:
        for (u32 i = 0; i < value->models.n; i++)
            vec_push(arena, (ModelList *)field, value->models.v[i]);
        return;
    case OPTION_EXTEND:
        return;
    }
}

void value_reset(const OptionRow *row, const Options *from, Options *options) {
    static const size_t SIZES[] = {
        [OPTION_PATH] = sizeof(Str),         [OPTION_ATTACHED] = sizeof(Str),
        [OPTION_FLAG] = sizeof(bool),        [OPTION_TEXT] = sizeof(Str),
        [OPTION_FORMAT] = sizeof(Str),       [OPTION_LIST] = sizeof(StrList),
        [OPTION_CODES] = sizeof(StrList),    [OPTION_PATTERNS] = sizeof(StrList),
        [OPTION_CHOICE] = sizeof(u32),       [OPTION_SIZE] = sizeof(u64),
        [OPTION_NUMBER] = sizeof(u32),       [OPTION_VERSIONS] = sizeof(u32),
        [OPTION_CONFIG] = sizeof(StrList),   [OPTION_EXTEND] = 0,
        [OPTION_SYMBOLS] = sizeof(StrList),  [OPTION_PATTERN_CODES] = sizeof(PatternCodesList),
        [OPTION_MODELS] = sizeof(ModelList),
    };
    memcpy((char *)options + row->field, (const char *)from + row->field, SIZES[row->kind]);
}

/* ---- from words ---- */

static Str not_one_of(Arena *arena, Str word, const Buf *all, Str near) {
    if (near.n)
        return str_format(arena, "'%.*s' is not one of %.*s; did you mean '%.*s'?", STR_ARG(word),
                          STR_ARG(buf_get(all)), STR_ARG(near));
    return str_format(arena, "'%.*s' is not one of %.*s", STR_ARG(word), STR_ARG(buf_get(all)));
}

Str value_of_choice(Arena *arena, const OptionRow *row, Str word, OptionValue *out) {
    Buf all = {.arena = arena};
    Str near = {0};
    for (u32 i = 0; row->choices[i]; i++) {
        out->number = i;
        if (str_is(word, row->choices[i])) return (Str){0};
        buf_printf(&all, "%s%s", i ? ", " : "", row->choices[i]);
        near_keep(word, str_from(row->choices[i]), &near);
    }
    return not_one_of(arena, word, &all, near);
}

Str value_of_format(Arena *arena, Str word, OptionValue *out) {
    ReportOutputs outputs;
    out->text = str_copy(arena, word);
    return report_outputs(arena, word, &outputs);
}

Str value_of_size(Arena *arena, const OptionRow *row, Str word, OptionValue *out) {
    u64 n = 0;
    u32 i = 0;
    for (; i < word.n && char_is_digit(word.p[i]) && n < 1u << 30; i++)
        n = n * 10 + (u64)(word.p[i] - '0');
    u32 digits = i;
    if (row->kind == OPTION_SIZE && i < word.n) {
        const char *units = "kKmMgG", *unit = strchr(units, word.p[i]);
        if (unit) n <<= 10 * ((u32)(unit - units) / 2 + 1), i++;
    }
    out->number = n;
    if (digits && i == word.n && n) return (Str){0};
    return str_format(arena, "'%.*s' is not a %s", STR_ARG(word),
                      row->kind == OPTION_SIZE ? "size (such as 500K or 8M)" : "number from 1 on");
}

/* "3.9" or "3.9-3.12" */
Str value_of_version(Arena *arena, Str word, OptionValue *out) {
    i64 dash = str_find(word, '-');
    PythonVersion first = version_find(dash < 0 ? word : str_sub(word, 0, (u32)dash));
    PythonVersion last = dash < 0 ? first : version_find(str_sub(word, (u32)dash + 1, word.n));
    if (first > last || last == PYTHON_VERSIONS)
        return str_format(arena, "'%.*s' is not a version from 2.7, 3.3 to %s", STR_ARG(word),
                          version_text(PYTHON_VERSIONS - 1));
    for (u32 v = first; v <= last; v++) out->number |= (u64)1 << v;
    return (Str){0};
}
