/* Where the text of a notebook's cells stands in its JSON: edits of the joined text become edits of
 * the strings, and no other byte changes. Reads JSON that jansson has read already. */
#include "source/source.h"

#include <string.h>

/* A string of a cell's source: its raw bytes without the quotes. */
typedef struct RawString {
    u32 start, end;
} RawString;

typedef struct RawCell {
    RawString *strings;
    u32 n;
} RawCell;

typedef struct Reader {
    Arena *arena;
    Str bytes;
    VEC(RawCell) cells; /* of code, in the order of the document */
    bool is_odd;        /* something that is not looked through here */
} Reader;

/* ---- JSON ---- */

static u32 skip_blanks(const Reader *r, u32 at) {
    while (at < r->bytes.n && strchr(" \t\r\n", r->bytes.p[at])) at++;
    return at;
}

static char byte_at(const Reader *r, u32 at) {
    return at < r->bytes.n ? r->bytes.p[at] : '\0';
}

/* From the opening quote to behind the closing one. */
static u32 skip_string(const Reader *r, u32 at) {
    for (at++; at < r->bytes.n && r->bytes.p[at] != '"'; at++) at += r->bytes.p[at] == '\\';
    return at + 1;
}

static u32 skip_value(const Reader *r, u32 at) {
    u32 depth = 0;
    do {
        at = skip_blanks(r, at);
        char c = byte_at(r, at);
        if (c == '"') {
            at = skip_string(r, at);
            continue;
        }
        if (c == '{' || c == '[') depth++;
        if ((c == '}' || c == ']') && depth) depth--;
        at++;
        if (strchr("{}[],:", c)) continue;
        while (at < r->bytes.n && !strchr(" \t\r\n,:]}", r->bytes.p[at])) at++;
    } while (depth && at < r->bytes.n);
    return at;
}

/* The next item of the object or array whose opening bracket, or last item's end, is before *at. */
static bool next_item(const Reader *r, u32 *at) {
    *at = skip_blanks(r, *at);
    if (byte_at(r, *at) == ',') *at = skip_blanks(r, *at + 1);
    return *at < r->bytes.n && byte_at(r, *at) != '}' && byte_at(r, *at) != ']';
}

/* The value of a member, 0 without one. A name that stands twice is odd. */
static u32 member(Reader *r, u32 object, const char *name) {
    u32 found = 0;
    if (byte_at(r, object) != '{') return 0;
    for (u32 at = object + 1; next_item(r, &at);) {
        u32 end = skip_string(r, at);
        Str key = str_sub(r->bytes, at + 1, end - 1);
        at = skip_blanks(r, skip_blanks(r, end) + 1);
        if (str_is(key, name)) r->is_odd |= found != 0, found = at;
        at = skip_value(r, at);
    }
    return found;
}

/* ---- cells ---- */

static RawString string_at(const Reader *r, u32 at) {
    return (RawString){at + 1, skip_string(r, at) - 1};
}

static RawCell source_of(Reader *r, u32 value) {
    VEC(RawString) strings = {0};
    if (byte_at(r, value) == '"') vec_push(r->arena, &strings, string_at(r, value));
    if (byte_at(r, value) == '[')
        for (u32 at = value + 1; next_item(r, &at); at = skip_value(r, at))
            if (byte_at(r, at) == '"') vec_push(r->arena, &strings, string_at(r, at));
    return (RawCell){strings.v, strings.n};
}

static void read_cells(Reader *r, u32 array) {
    if (byte_at(r, array) != '[') return;
    for (u32 at = array + 1; next_item(r, &at); at = skip_value(r, at)) {
        u32 kind = member(r, at, "cell_type"), source = member(r, at, "source");
        if (!source) source = member(r, at, "input");
        if (!kind || !str_is(str_sub(r->bytes, kind, skip_value(r, kind)), "\"code\"")) continue;
        vec_push(r->arena, &r->cells, source_of(r, source));
    }
}

static void read_document(Reader *r) {
    u32 root = skip_blanks(r, str_starts(r->bytes, "\xEF\xBB\xBF") ? 3 : 0);
    read_cells(r, member(r, root, "cells"));
    u32 sheets = member(r, root, "worksheets");
    if (byte_at(r, sheets) != '[') return;
    for (u32 at = sheets + 1; next_item(r, &at); at = skip_value(r, at))
        read_cells(r, member(r, at, "cells"));
}

/* ---- from text to bytes ---- */

typedef struct RawChar {
    u32 width;   /* raw bytes */
    u32 columns; /* bytes of the text */
    bool is_return, is_newline;
} RawChar;

static u32 hex_at(const Reader *r, u32 at) {
    u32 code = 0;
    for (u32 i = 0; i < 4; i++) {
        char d = byte_at(r, at + i);
        code = code * 16 + (u32)(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
    }
    return code;
}

/* A pair of surrogates is one character of four bytes: the first one stands for it. */
static RawChar raw_char(const Reader *r, u32 at) {
    char c = byte_at(r, at), next = byte_at(r, at + 1);
    if (c != '\\') return (RawChar){1, 1, c == '\r', c == '\n'};
    if (next != 'u') return (RawChar){2, 1, next == 'r', next == 'n'};
    u32 code = hex_at(r, at + 2);
    bool is_high = code >= 0xD800 && code < 0xDC00, is_low = code >= 0xDC00 && code < 0xE000;
    u32 columns = is_high ? 4 : is_low ? 0 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    return (RawChar){6, columns, code == '\r', code == '\n'};
}

/* A place in a cell: the string and the raw offset in it. */
typedef struct RawPlace {
    u32 string, at;
    bool ok;
} RawPlace;

/* How far a cell was read, in lines as notebook_decode counts them. */
typedef struct Counter {
    u32 line, column;
    bool was_return;
} Counter;

static void count(Counter *c, RawChar raw) {
    bool is_second = c->was_return && raw.is_newline;
    c->was_return = raw.is_return;
    if (!raw.is_return && !raw.is_newline) {
        c->column += raw.columns;
    } else if (!is_second) {
        c->line++;
        c->column = 0;
    }
}

/* The place of column `column` (bytes) of line `line` of a cell, or of the end of its text. */
static RawPlace find_place(const Reader *r, const RawCell *cell, u32 line, u32 column) {
    Counter c = {0};
    for (u32 s = 0; s < cell->n; s++)
        for (u32 at = cell->strings[s].start; at < cell->strings[s].end;) {
            RawChar raw = raw_char(r, at);
            bool is_second = c.was_return && raw.is_newline;
            if (c.line == line && c.column == column && !is_second) return (RawPlace){s, at, true};
            count(&c, raw);
            at += raw.width;
        }
    if (!cell->n || c.line != line || c.column != column) return (RawPlace){0};
    return (RawPlace){cell->n - 1, cell->strings[cell->n - 1].end, true};
}

static u32 line_of(const u32 *lines, u32 n, u32 offset) {
    u32 low = 0, high = n;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        *(lines[middle] <= offset ? &low : &high) = middle;
    }
    return low;
}

/* Number of the cell of code around an offset. */
static u32 cell_at(const Source *source, const u32 *lines, u32 n, u32 offset) {
    u32 line = line_of(lines, n, offset), cell = 0;
    while (cell + 1 < source->n_cells && source->cells[cell + 1].line <= line) cell++;
    return cell;
}

static const RawCell *cell_of(const Reader *r, const Source *source, const u32 *lines, u32 n,
                              u32 offset) {
    return &r->cells.v[cell_at(source, lines, n, offset)];
}

static RawPlace place_of(const Reader *r, const Source *source, const u32 *lines, u32 n,
                         u32 offset) {
    u32 line = line_of(lines, n, offset), cell = cell_at(source, lines, n, offset);
    return find_place(r, &r->cells.v[cell], line - source->cells[cell].line, offset - lines[line]);
}

/* An edit inside of one string. */
static bool raw_edit(const Reader *r, const Source *source, const u32 *lines, u32 n,
                     const TextEdit *edit, TextEdit *out) {
    RawPlace from = place_of(r, source, lines, n, edit->start), to = from;
    if (edit->end > edit->start) {
        /* behind the last character that goes, and not before the first one that stays */
        to = place_of(r, source, lines, n, edit->end - 1);
        const RawCell *cell = cell_of(r, source, lines, n, edit->end - 1);
        bool is_end = to.ok && to.at == cell->strings[to.string].end;
        if (to.ok && !is_end) to.at += raw_char(r, to.at).width;
    }
    if (!from.ok || !to.ok || from.string != to.string || to.at < from.at) return false;
    Buf text = {.arena = r->arena};
    buf_json(&text, edit->text);
    *out = (TextEdit){from.at, to.at, buf_get(&text)};
    return true;
}

bool notebook_edit(Str bytes, const Source *source, const TextEdits *edits, Arena *arena,
                   TextEdits *out) {
    Reader r = {.arena = arena, .bytes = bytes};
    u32 *lines, n = source_lines(source->text, arena, &lines);
    read_document(&r);
    if (r.is_odd || !n || !r.cells.n || r.cells.n != source->n_cells) return false;
    for (u32 i = 0; i < edits->n; i++) {
        TextEdit raw;
        if (!raw_edit(&r, source, lines, n, &edits->v[i], &raw)) return false;
        vec_push(arena, out, raw);
    }
    return true;
}
