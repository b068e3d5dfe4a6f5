/* What the keys are: for people, and as JSON Schema for editors. */
#include "config/table.h"
#include "report/report.h"

#include <string.h>

/* The help of an option speaks of its own name. */
static const char *help_of(const OptionRow *row) {
    return row->key == KEY_NEGATED
               ? "Leave out what .gitignore and .ignore files leave out (default: true)"
               : row->help;
}

/* ---- JSON Schema ---- */

static const char MODEL[] =
    "{\n"
    "        \"type\": \"object\",\n"
    "        \"required\": [\"add\"],\n"
    "        \"additionalProperties\": false,\n"
    "        \"properties\": {\n"
    "          \"add\": {\"$ref\": \"#/definitions/symbol\"},\n"
    "          \"removes\": {\"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/definitions/symbol\"}},\n"
    "          \"weak\": {\"type\": \"boolean\", \"default\": false},\n"
    "          \"callback\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255, "
    "\"default\": 0}\n"
    "        }\n"
    "      }";

/* Names may hold any letter, which ECMA-262 cannot say without flags: what is no ASCII will do. */
#define NAME "[A-Za-z_\\\\u0080-\\\\uffff][A-Za-z0-9_\\\\u0080-\\\\uffff]*"

static const char DEFINITIONS[] =
    "  \"definitions\": {\n"
    "    \"rule\": {\n"
    "      \"description\": \"A code, a prefix of codes, the name of a rule, or ALL\",\n"
    "      \"type\": \"string\",\n"
    "      \"pattern\": \"^[A-Za-z][A-Za-z0-9-]*$\"\n"
    "    },\n"
    "    \"pattern\": {\"type\": \"string\", \"minLength\": 1},\n"
    "    \"version\": {\"type\": \"string\", \"pattern\": "
    "\"^[23]\\\\.[0-9]+(-[23]\\\\.[0-9]+)?$\"},\n"
    "    \"symbol\": {\"type\": \"string\", \"pattern\": \"^" NAME "(\\\\." NAME ")+$\"}\n"
    "  }\n";

static const char *type_of(OptionKind kind) {
    switch (kind) {
    case OPTION_FLAG:
        return "\"type\": \"boolean\"";
    case OPTION_CODES:
        return "\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/rule\"}";
    case OPTION_LIST:
    case OPTION_CONFIG:
    case OPTION_PATTERNS:
        return "\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/pattern\"}";
    case OPTION_SYMBOLS:
        return "\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/symbol\"}";
    case OPTION_VERSIONS:
        return "\"anyOf\": [{\"$ref\": \"#/definitions/version\"}, {\"type\": \"array\", "
               "\"minItems\": 1, \"items\": {\"$ref\": \"#/definitions/version\"}}]";
    case OPTION_SIZE:
    case OPTION_NUMBER:
        return "\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1}, {\"type\": \"string\", "
               "\"pattern\": \"^[0-9]+[kKmMgG]?$\"}]";
    case OPTION_PATTERN_CODES:
        return "\"type\": \"object\", \"additionalProperties\": {\"type\": \"array\", \"items\": "
               "{\"$ref\": \"#/definitions/rule\"}}";
    case OPTION_MODELS:
        return "\"type\": \"array\", \"items\": ";
    case OPTION_ATTACHED:
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_EXTEND:
        return "\"type\": \"string\", \"minLength\": 1";
    case OPTION_CHOICE:
    case OPTION_FORMAT:
        break;
    }
    return "\"enum\": [";
}

static void put_choices(const OptionRow *row, Buf *out) {
    for (u32 i = 0; row->kind == OPTION_CHOICE && row->choices[i]; i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", row->choices[i]);
    const ReportFormat *first = report_formats();
    for (const ReportFormat *f = first; row->kind == OPTION_FORMAT && f->name; f++)
        buf_printf(out, "%s\"%s\"", f == first ? "" : ", ", f->name);
    buf_char(out, ']');
}

static void put_default(const OptionRow *row, const Options *defaults, Buf *out) {
    const char *field = (const char *)defaults + row->field;
    if (row->kind == OPTION_FLAG)
        buf_printf(out, ", \"default\": %s",
                   *(const bool *)field != (row->key == KEY_NEGATED) ? "true" : "false");
    if (row->kind == OPTION_CHOICE)
        buf_printf(out, ", \"default\": \"%s\"", row->choices[*(const u32 *)field]);
    if (row->kind == OPTION_FORMAT)
        buf_printf(out, ", \"default\": \"%.*s\"", STR_ARG(*(const Str *)field));
    if (row->kind == OPTION_SIZE)
        buf_printf(out, ", \"default\": %llu", (unsigned long long)*(const u64 *)field);
}

void config_schema(Buf *out) {
    const Options defaults = options_default();
    u32 n;
    bool is_first = true;
    const OptionRow *rows = options_all(&n);
    buf_text(out, "{\n"
                  "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                  "  \"title\": \"Configuration of limpet\",\n"
                  "  \"description\": \"limpet.toml, .limpet.toml, or the table tool.limpet of "
                  "pyproject.toml\",\n"
                  "  \"type\": \"object\",\n"
                  "  \"additionalProperties\": false,\n"
                  "  \"properties\": {\n");
    for (u32 i = 0; i < n; i++) {
        if (rows[i].key == NO_KEY) continue;
        Str key = option_key(&rows[i]);
        buf_printf(out, "%s    \"%.*s\": {\n      \"description\": \"", is_first ? "" : ",\n",
                   STR_ARG(key));
        is_first = false;
        buf_json(out, str_from(help_of(&rows[i])));
        buf_printf(out, "\",\n      %s", type_of(rows[i].kind));
        if (rows[i].kind == OPTION_MODELS) buf_text(out, MODEL);
        if (rows[i].kind == OPTION_CHOICE || rows[i].kind == OPTION_FORMAT)
            put_choices(&rows[i], out);
        if (str_is(key, "select")) buf_text(out, ", \"minItems\": 1");
        put_default(&rows[i], &defaults, out);
        buf_text(out, "\n    }");
    }
    buf_text(out, "\n  },\n");
    buf_text(out, DEFINITIONS);
    buf_text(out, "}\n");
}

/* ---- for people ---- */

static const char *words_of(OptionKind kind) {
    switch (kind) {
    case OPTION_FLAG:
        return "true or false";
    case OPTION_CODES:
    case OPTION_LIST:
    case OPTION_PATTERNS:
    case OPTION_SYMBOLS:
    case OPTION_CONFIG:
        return "a list of strings";
    case OPTION_VERSIONS:
        return "a string, or a list of strings";
    case OPTION_SIZE:
    case OPTION_NUMBER:
        return "a number of bytes, or a string such as \"8M\"";
    case OPTION_PATTERN_CODES:
        return "a table of patterns, each with a list of rules";
    case OPTION_MODELS:
        return "an array of tables";
    case OPTION_ATTACHED:
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_EXTEND:
        return "a string";
    case OPTION_CHOICE:
    case OPTION_FORMAT:
        break;
    }
    return "one of ";
}

static const char *example_of(const OptionRow *row) {
    static const char *const EXAMPLES[][2] = {
        {"select", "select = [\"LMP2\", \"del-in-cycle\"]"},
        {"extend-select", "extend-select = [\"LMP902\"]"},
        {"ignore", "ignore = [\"LMP201\"]"},
        {"extend-ignore", "extend-ignore = [\"LMP201\"]"},
        {"min-confidence", "min-confidence = \"high\""},
        {"target-version", "target-version = [\"2.7\", \"3.9-3.12\"]"},
        {"fail-on", "fail-on = \"error\""},
        {"ignore-suppressions", "ignore-suppressions = true"},
        {"baseline", "baseline = \".limpet-baseline.json\""},
        {"python-include", "python-include = \"/usr/include/python3.11\""},
        {"unsafe-fixes", "unsafe-fixes = true"},
        {"strict-baseline", "strict-baseline = true"},
        {"free-threaded", "free-threaded = true"},
        {"exclude", "exclude = [\"generated\", \"docs/*.py\"]"},
        {"extend-exclude", "extend-exclude = [\"*_pb2.py\"]"},
        {"force-exclude", "force-exclude = true"},
        {"no-respect-gitignore", "respect-gitignore = false"},
        {"max-file-size", "max-file-size = \"8M\""},
        {"python-include", "python-include = \"/usr/include/python3.11\""},
        {"compile-commands", "compile-commands = \"out/compile_commands.json\""},
        {"c-flags", "c-flags = [\"-DHAVE_ZLIB\", \"-Iinclude\"]"},
        {"output-format", "output-format = \"concise\""},
        {"extend", "extend = \"../limpet.toml\""},
        {"per-file-ignores", "per-file-ignores = {\"tests/*\" = [\"LMP2\"]}"},
        {"extend-per-file-ignores", "extend-per-file-ignores = {\"!app/*\" = [\"ALL\"]}"},
        {"profile", "profile = \"library\""},
        {"long-lived", "long-lived = [\"app.core.Manager\"]"},
        {"models", "models = [{add = \"app.bus.Bus.subscribe\", removes = "
                   "[\"app.bus.Bus.unsubscribe\"]}]"},
    };
    for (u32 i = 0; i < ARRAY_LEN(EXAMPLES); i++)
        if (strcmp(EXAMPLES[i][0], row->name) == 0) return EXAMPLES[i][1];
    return "";
}

static void explain(const OptionRow *row, Buf *out) {
    Str key = option_key(row);
    buf_printf(out, "%.*s: %s", STR_ARG(key), words_of(row->kind));
    if (row->kind == OPTION_CHOICE || row->kind == OPTION_FORMAT) {
        put_choices(row, out);
        out->n--; /* without the bracket of JSON */
    }
    buf_text(out, "\n");
    help_paragraph(help_of(row), 4, out);
    buf_printf(out, "    %s\n", example_of(row));
    if (row->commands) buf_printf(out, "    On the command line: --%s\n", row->name);
}

bool config_explain(Str key, Buf *out) {
    const OptionRow *row = option_of_key(key);
    if (row) explain(row, out);
    return row != NULL;
}

void config_explain_all(Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    for (u32 i = 0, shown = 0; i < n; i++) {
        if (rows[i].key == NO_KEY) continue;
        if (shown++) buf_char(out, '\n');
        explain(&rows[i], out);
    }
}
