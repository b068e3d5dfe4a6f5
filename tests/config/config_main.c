/* The configuration reader from inside, for tests/config/test_toml.py:
 *
 *     config_main toml       documents, each behind its length (4 bytes, little-endian), to a line
 *                            of JSON each
 *     config_main requires   lines of version specifiers to the versions that they allow
 *
 * Values: strings and booleans as JSON's, lists as lists, tables as {"t": {…}}, integers, floats
 * and dates as {"i": text}, {"f": text}, {"d": text}; errors as {"error": …, "line": …, "column":
 * …}. */
#include "config/config.h"
#include "config/toml.h"
#include "rule/rule.h"

#include <stdio.h>
#include <string.h>

static void put_text(Buf *out, Str text) {
    buf_char(out, '"');
    buf_json(out, text);
    buf_char(out, '"');
}

static void put_value(Buf *out, const TomlValue *v) {
    static const char *const KINDS[] = {
        [TOML_INTEGER] = "i", [TOML_FLOAT] = "f", [TOML_DATE] = "d"};
    if (v->kind == TOML_STRING) {
        put_text(out, v->text);
    } else if (v->kind == TOML_BOOLEAN) {
        buf_text(out, v->boolean ? "true" : "false");
    } else if (v->kind == TOML_ARRAY) {
        buf_char(out, '[');
        for (u32 i = 0; i < v->items.n; i++) {
            if (i) buf_char(out, ',');
            put_value(out, v->items.v[i]);
        }
        buf_char(out, ']');
    } else if (v->kind == TOML_TABLE) {
        buf_text(out, "{\"t\":{");
        for (u32 i = 0; i < v->members.n; i++) {
            if (i) buf_char(out, ',');
            put_text(out, v->members.v[i].key);
            buf_char(out, ':');
            put_value(out, v->members.v[i].value);
        }
        buf_text(out, "}}");
    } else {
        buf_printf(out, "{\"%s\":", KINDS[v->kind]);
        if (v->kind == TOML_INTEGER && !v->is_wide)
            buf_printf(out, "\"%lld\"", (long long)v->integer);
        else
            put_text(out, v->text);
        buf_char(out, '}');
    }
}

static void read_document(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    TomlValue *root;
    Str error;
    u32 at, line, column;
    if (toml_parse(arena, text, &root, &error, &at)) {
        put_value(&out, root);
    } else {
        toml_position(text, at, &line, &column);
        buf_text(&out, "{\"error\":");
        put_text(&out, error);
        buf_printf(&out, ",\"line\":%u,\"column\":%u}", line, column);
    }
    printf("%.*s\n", STR_ARG(buf_get(&out)));
}

static int read_documents(void) {
    u8 head[4];
    while (fread(head, 1, 4, stdin) == 4) {
        u32 n = head[0] | (u32)head[1] << 8 | (u32)head[2] << 16 | (u32)head[3] << 24;
        Arena arena = {0};
        char *text = arena_alloc(&arena, n + 1);
        if (fread(text, 1, n, stdin) != n) return 2;
        read_document(&arena, (Str){text, n});
        arena_free(&arena);
    }
    return 0;
}

static int read_specifiers(void) {
    static char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        Arena arena = {0};
        Str text = str_from(line), error = {0};
        bool is_free;
        if (str_ends(text, "\n")) text.n--;
        u32 versions = requires_python(&arena, text, &is_free, &error);
        for (u32 v = 0; v < PYTHON_VERSIONS; v++)
            if (versions & 1u << v) printf("%s ", version_text((PythonVersion)v));
        printf("%.*s\n", STR_ARG(error));
        arena_free(&arena);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "toml") == 0) return read_documents();
    if (argc == 2 && strcmp(argv[1], "requires") == 0) return read_specifiers();
    return 2;
}
