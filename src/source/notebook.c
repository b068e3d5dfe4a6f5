/* Jupyter notebooks: the code cells as one text. nbformat 3 and 4. */
#include "source/source.h"

#include "base/map.h"
#include "base/vec.h"

#include <jansson.h>
#include <string.h>

typedef VEC(SourceCell) Cells;

typedef struct Joining {
    Arena *arena;
    Buf text;
    Cells cells;
    u32 line; /* of the text, from 0, where the next cell begins */
} Joining;

/* ---- what is no Python ---- */

/* How far a cell was read: inside of brackets or a long string nothing is a command. */
typedef struct CellState {
    u32 depth;
    char quote; /* of a string with three of them; 0: none */
} CellState;

/* Goes over one line of Python. */
static void read_line(CellState *s, Str line) {
    for (u32 i = 0; i < line.n; i++) {
        char c = line.p[i];
        bool triple = i + 2 < line.n && line.p[i + 1] == c && line.p[i + 2] == c;
        if (c == '\\') {
            i++;
        } else if (s->quote) {
            if (c != s->quote || !triple) continue;
            s->quote = 0;
            i += 2;
        } else if (c == '#') {
            return;
        } else if (c == '"' || c == '\'') {
            if (triple) {
                s->quote = c;
                i += 2;
                continue;
            }
            while (++i < line.n && line.p[i] != c) i += line.p[i] == '\\';
        } else if (strchr("([{", c)) {
            s->depth++;
        } else if (strchr(")]}", c) && s->depth) {
            s->depth--;
        }
    }
}

/* `x = !ls` and `x = %magic`: where the right side begins, or 0. */
static u32 assigned_command(Str line) {
    i64 equal = str_find(line, '=');
    if (equal <= 0) return 0;
    u32 at = (u32)equal + 1;
    while (at < line.n && line.p[at] == ' ') at++;
    if (at >= line.n || (line.p[at] != '!' && line.p[at] != '%')) return 0;
    for (u32 i = 0; i < (u32)equal; i++) /* names alone on the left */
        if (strchr("\"'#=<>!(", line.p[i])) return 0;
    return at;
}

/* Puts a line as Python reads it: commands of IPython become nothing, or nothing that is a
 * statement where there has to be one. */
static void put_line(Joining *j, CellState *s, Str line) {
    u32 at = 0;
    bool is_inside = s->depth || s->quote;
    while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t')) at++;
    Str body = str_sub(line, at, line.n);
    bool is_command = !is_inside && body.n &&
                      (strchr("%!?", body.p[0]) || (str_ends(body, "?") && body.p[0] != '#'));
    u32 right = is_inside ? 0 : assigned_command(line);
    if (is_command) {
        buf_str(&j->text, str_sub(line, 0, at));
        if (at) buf_text(&j->text, "pass");
    } else if (right) {
        buf_str(&j->text, str_sub(line, 0, right));
        buf_text(&j->text, "None");
    } else {
        read_line(s, line);
        buf_str(&j->text, line);
    }
    buf_char(&j->text, '\n');
    j->line++;
}

/* `%%bash` takes the whole cell, `%%time` runs it. */
static bool is_foreign(Str text) {
    static const char *const runs[] = {"%%time", "%%timeit", "%%capture",
                                       "%%prun", "%%memit",  "%%mprun"};
    if (!str_starts(text, "%%")) return false;
    for (u32 i = 0; i < ARRAY_LEN(runs); i++) {
        u32 n = str_from(runs[i]).n;
        if (str_starts(text, runs[i]) && (text.n == n || text.p[n] == ' ' || text.p[n] == '\n'))
            return false;
    }
    return true;
}

static void put_cell(Joining *j, u32 number, Str text) {
    CellState state = {0};
    bool foreign = is_foreign(str_trim(text));
    SourceCell cell = {j->line, number};
    vec_push(j->arena, &j->cells, cell);
    while (text.n) {
        u32 end = 0;
        while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r') end++;
        Str line = str_sub(text, 0, end);
        if (end + 1 < text.n && text.p[end] == '\r' && text.p[end + 1] == '\n') end++;
        text = str_sub(text, MIN(end + 1, text.n), text.n);
        put_line(j, &state, foreign ? STR("") : line);
    }
    buf_char(&j->text, '\n'); /* between cells, so that none runs into the next */
    j->line++;
}

/* ---- the document ---- */

/* A string, or a list of them. */
static Str text_of(Arena *arena, const json_t *value) {
    Buf text = {.arena = arena};
    if (json_is_string(value))
        buf_str(&text, (Str){json_string_value(value), (u32)json_string_length(value)});
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *line = json_array_get(value, i);
        if (json_is_string(line))
            buf_str(&text, (Str){json_string_value(line), (u32)json_string_length(line)});
    }
    return buf_get(&text);
}

static bool is_python(const json_t *root) {
    const json_t *metadata = json_object_get(root, "metadata");
    const json_t *kernel = json_object_get(json_object_get(metadata, "kernelspec"), "language");
    const json_t *info = json_object_get(json_object_get(metadata, "language_info"), "name");
    const json_t *language = json_is_string(info) ? info : kernel;
    return !json_is_string(language) || strcmp(json_string_value(language), "python") == 0;
}

static void put_cells(Joining *j, const json_t *cells, u32 *number) {
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i), *kind = json_object_get(cell, "cell_type");
        ++*number;
        if (!json_is_string(kind) || strcmp(json_string_value(kind), "code") != 0) continue;
        const json_t *source = json_object_get(cell, "source");
        put_cell(j, *number, text_of(j->arena, source ? source : json_object_get(cell, "input")));
    }
}

static bool is_document(const json_t *root) {
    return json_is_array(json_object_get(root, "cells")) ||
           json_is_array(json_object_get(root, "worksheets"));
}

Source notebook_decode(Str bytes, Arena *arena) {
    Source source = {.content = hash_bytes(bytes.p, bytes.n), .encoding = STR("utf-8")};
    Joining j = {.arena = arena, .text = {.arena = arena}};
    json_error_t error;
    Str body = str_starts(bytes, "\xEF\xBB\xBF") ? str_sub(bytes, 3, bytes.n) : bytes;
    json_t *root = json_loadb(body.p ? body.p : "", body.n, 0, &error);
    if (!root || !is_document(root)) {
        source.trouble = SOURCE_NO_NOTEBOOK;
        source.trouble_text =
            root ? STR("not a notebook: it has no list of cells")
                 : str_format(arena, "not a notebook: line %d: %s", MAX(error.line, 1), error.text);
    } else if (is_python(root)) {
        u32 number = 0;
        const json_t *sheets = json_object_get(root, "worksheets");
        put_cells(&j, json_object_get(root, "cells"), &number);
        for (size_t i = 0; i < json_array_size(sheets); i++)
            put_cells(&j, json_object_get(json_array_get(sheets, i), "cells"), &number);
    }
    json_decref(root);
    source.text = buf_get(&j.text);
    source.cells = j.cells.v;
    source.n_cells = j.cells.n;
    return source;
}

Source source_decode_as(Str path, Str bytes, Arena *arena) {
    return str_ends(path, ".ipynb") ? notebook_decode(bytes, arena) : source_decode(bytes, arena);
}

u32 source_cell(const SourceCell *cells, u32 n, u32 line, u32 *inside) {
    u32 at = n;
    while (at > 0 && cells[at - 1].line >= line) at--; /* lines of cells count from 0 */
    *inside = at ? line - cells[at - 1].line : line;
    return at ? cells[at - 1].number : 0;
}
