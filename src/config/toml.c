#include "config/toml.h"

#include "base/map.h"
#include "base/utf8.h"
#include "config/toml_text.h"
#include "syntax/syntax.h"

#include <string.h>

const TSLanguage *tree_sitter_toml(void);

const char *toml_kind_text(TomlKind kind) {
    static const char *const TEXTS[] = {"a string", "an integer", "a float", "a boolean",
                                        "a date",   "an array",   "a table"};
    return TEXTS[kind];
}

typedef struct Reader {
    Arena *arena;
    Str text;
    TSTreeCursor cursor;
    Interner keys;
    Map members; /* (table, key) -> index of the member + 1 */
    u32 tables;
    u32 section; /* a header or inline table and what belongs to it */
    u32 sections;
    Str error;
    u32 error_at;
} Reader;

#define FAIL(r, where, ...) \
    ((r)->error = str_format((r)->arena, __VA_ARGS__), (r)->error_at = (where), false)

/* ---- tables ---- */

static TomlValue *value_new(Reader *r, TomlKind kind, u32 at) {
    TomlValue *v = arena_new(r->arena, TomlValue);
    *v = (TomlValue){.kind = kind, .at = at};
    if (kind == TOML_TABLE) v->id = ++r->tables;
    return v;
}

static TomlMember *member_find(Reader *r, TomlValue *table, Str key) {
    u32 index =
        map_get(&r->members, map_pair(table->id, intern(r->arena, &r->keys, key, false) + 1));
    return index ? &table->members.v[index - 1] : NULL;
}

static void member_add(Reader *r, TomlValue *table, TomlKey key, TomlValue *value) {
    u64 id = map_pair(table->id, intern(r->arena, &r->keys, key.text, false) + 1);
    vec_push(r->arena, &table->members, (TomlMember){key.text, key.at, value});
    map_set(r->arena, &r->members, id, table->members.n);
}

static bool fail_twice(Reader *r, TomlKey key) {
    return FAIL(r, key.at, "'%.*s' is already there", STR_ARG(key.text));
}

/* One step of a header: an array of tables stands for its last one. NULL after an error. */
static TomlValue *step_of_header(Reader *r, TomlValue *table, TomlKey key) {
    TomlMember *m = member_find(r, table, key.text);
    if (!m) {
        TomlValue *fresh = value_new(r, TOML_TABLE, key.at);
        member_add(r, table, key, fresh);
        return fresh;
    }
    TomlValue *v = m->value;
    if (v->kind == TOML_ARRAY && !v->is_frozen) v = v->items.v[v->items.n - 1];
    if (v->kind == TOML_TABLE && !v->is_frozen) return v;
    fail_twice(r, key);
    return NULL;
}

static TomlValue *open_table(Reader *r, TomlValue *root, TomlKeys keys, u32 at) {
    TomlValue *table = root;
    for (u32 i = 0; i + 1 < keys.n; i++)
        if (!(table = step_of_header(r, table, keys.v[i]))) return NULL;
    TomlKey last = keys.v[keys.n - 1];
    TomlMember *m = member_find(r, table, last.text);
    if (!m) {
        TomlValue *fresh = value_new(r, TOML_TABLE, at);
        fresh->is_headed = true;
        member_add(r, table, last, fresh);
        return fresh;
    }
    TomlValue *v = m->value;
    if (v->kind != TOML_TABLE || v->is_headed || v->is_frozen || v->section) {
        fail_twice(r, last);
        return NULL;
    }
    v->is_headed = true;
    v->at = at;
    return v;
}

static TomlValue *open_element(Reader *r, TomlValue *root, TomlKeys keys, u32 at) {
    TomlValue *table = root;
    for (u32 i = 0; i + 1 < keys.n; i++)
        if (!(table = step_of_header(r, table, keys.v[i]))) return NULL;
    TomlKey last = keys.v[keys.n - 1];
    TomlMember *m = member_find(r, table, last.text);
    TomlValue *list = m ? m->value : NULL;
    if (!list) {
        list = value_new(r, TOML_ARRAY, at);
        member_add(r, table, last, list);
    }
    if (list->kind != TOML_ARRAY || list->is_frozen) {
        fail_twice(r, last);
        return NULL;
    }
    TomlValue *fresh = value_new(r, TOML_TABLE, at);
    fresh->is_headed = true;
    vec_push(r->arena, &list->items, fresh);
    return fresh;
}

/* `a.b.c = value` in a table: a and b are made, or were by dotted keys of the same section. */
static bool add_pair(Reader *r, TomlValue *table, TomlKeys keys, TomlValue *value) {
    for (u32 i = 0; i + 1 < keys.n; i++) {
        TomlMember *m = member_find(r, table, keys.v[i].text);
        if (!m) {
            TomlValue *fresh = value_new(r, TOML_TABLE, keys.v[i].at);
            member_add(r, table, keys.v[i], fresh);
            m = member_find(r, table, keys.v[i].text);
        }
        TomlValue *next = m->value;
        if (next->kind != TOML_TABLE || next->is_headed || next->is_frozen ||
            (next->section && next->section != r->section))
            return fail_twice(r, keys.v[i]);
        next->section = r->section;
        table = next;
    }
    TomlKey last = keys.v[keys.n - 1];
    if (member_find(r, table, last.text)) return fail_twice(r, last);
    member_add(r, table, last, value);
    return true;
}

/* ---- the tree ---- */

static TSNode node(const Reader *r) {
    return ts_tree_cursor_current_node(&r->cursor);
}

static bool is_kind(TSNode n, const char *kind) {
    return strcmp(ts_node_type(n), kind) == 0;
}

static bool is_key(TSNode n) {
    return is_kind(n, "bare_key") || is_kind(n, "quoted_key") || is_kind(n, "dotted_key");
}

static Str text_of(const Reader *r, TSNode n) {
    return str_sub(r->text, ts_node_start_byte(n), ts_node_end_byte(n));
}

static bool read_keys(Reader *r, TomlKeys *keys) {
    u32 at = ts_node_start_byte(node(r));
    if (toml_keys(r->arena, text_of(r, node(r)), at, keys, &r->error, &r->error_at)) return true;
    return false;
}

static TomlValue *read_value(Reader *r, u32 depth);

/* Below: the cursor stands on a node, and does so again afterwards. */
static bool read_pair(Reader *r, TomlValue *table, u32 depth) {
    TomlKeys keys = {0};
    TomlValue *value = NULL;
    bool ok = true, is_value = false;
    if (!ts_tree_cursor_goto_first_child(&r->cursor)) return true;
    do {
        TSNode n = node(r);
        if (is_kind(n, "=")) {
            is_value = true;
        } else if (!is_value && is_key(n)) {
            ok = read_keys(r, &keys);
        } else if (is_value && ts_node_is_named(n) && !is_kind(n, "comment") && !value) {
            value = read_value(r, depth);
            ok = value != NULL;
        }
    } while (ok && ts_tree_cursor_goto_next_sibling(&r->cursor));
    ts_tree_cursor_goto_parent(&r->cursor);
    if (!ok) return false;
    REQUIRE(keys.n && value);
    return add_pair(r, table, keys, value);
}

static bool read_items(Reader *r, TomlValue *array, u32 depth) {
    bool ok = true;
    if (!ts_tree_cursor_goto_first_child(&r->cursor)) return true;
    do {
        TSNode n = node(r);
        if (!ts_node_is_named(n) || is_kind(n, "comment")) continue;
        TomlValue *item = read_value(r, depth);
        ok = item != NULL;
        if (ok) vec_push(r->arena, &array->items, item);
    } while (ok && ts_tree_cursor_goto_next_sibling(&r->cursor));
    ts_tree_cursor_goto_parent(&r->cursor);
    return ok;
}

static bool read_pairs(Reader *r, TomlValue *table, u32 depth) {
    bool ok = true;
    if (!ts_tree_cursor_goto_first_child(&r->cursor)) return true;
    do {
        if (is_kind(node(r), "pair")) ok = read_pair(r, table, depth);
    } while (ok && ts_tree_cursor_goto_next_sibling(&r->cursor));
    ts_tree_cursor_goto_parent(&r->cursor);
    return ok;
}

static TomlKind kind_of(TSNode n) {
    static const struct {
        const char *name;
        TomlKind kind;
    } KINDS[] = {{"string", TOML_STRING}, {"integer", TOML_INTEGER}, {"float", TOML_FLOAT},
                 {"array", TOML_ARRAY},   {"boolean", TOML_BOOLEAN}, {"inline_table", TOML_TABLE}};
    for (u32 i = 0; i < ARRAY_LEN(KINDS); i++)
        if (is_kind(n, KINDS[i].name)) return KINDS[i].kind;
    return TOML_DATE;
}

/* NULL after an error. */
static TomlValue *read_value(Reader *r, u32 depth) {
    TSNode n = node(r);
    TomlValue *v = value_new(r, kind_of(n), ts_node_start_byte(n));
    u32 outer = r->section;
    v->text = text_of(r, n);
    if (depth == TOML_DEPTH) {
        (void)FAIL(r, v->at, "values are nested more than %d deep", TOML_DEPTH);
        return NULL;
    }
    switch (v->kind) {
    case TOML_STRING:
        return toml_string(r->arena, v->text, v->at, &v->text, &r->error, &r->error_at) ? v : NULL;
    case TOML_INTEGER:
        v->is_wide = !toml_integer(v->text, &v->integer);
        return v;
    case TOML_BOOLEAN:
        v->boolean = str_is(v->text, "true");
        return v;
    case TOML_DATE: /* the grammar takes years of any length */
        if (str_find(v->text, '-') <= 4 || str_find(v->text, ':') == 2) return v;
        (void)FAIL(r, v->at, "not valid TOML: a year has four digits");
        return NULL;
    case TOML_FLOAT:
        return v;
    case TOML_ARRAY:
        if (!read_items(r, v, depth + 1)) return NULL;
        break;
    case TOML_TABLE:
        r->section = ++r->sections;
        if (!read_pairs(r, v, depth + 1)) return NULL;
        r->section = outer;
        break;
    }
    v->is_frozen = true;
    return v;
}

static bool read_table(Reader *r, TomlValue *root, bool is_element) {
    TomlKeys keys = {0};
    TomlValue *table = NULL;
    bool ok = true;
    u32 at = ts_node_start_byte(node(r));
    r->section = ++r->sections;
    if (!ts_tree_cursor_goto_first_child(&r->cursor)) return true;
    do {
        TSNode n = node(r);
        if (!table && is_key(n)) {
            ok = read_keys(r, &keys);
            if (ok) table = (is_element ? open_element : open_table)(r, root, keys, at);
            ok = table != NULL;
        } else if (table && is_kind(n, "pair")) {
            ok = read_pair(r, table, 0);
        }
    } while (ok && ts_tree_cursor_goto_next_sibling(&r->cursor));
    ts_tree_cursor_goto_parent(&r->cursor);
    return ok;
}

static bool read_document(Reader *r, TomlValue *root) {
    bool ok = true;
    r->section = ++r->sections;
    if (!ts_tree_cursor_goto_first_child(&r->cursor)) return true;
    do {
        TSNode n = node(r);
        if (is_kind(n, "pair"))
            ok = read_pair(r, root, 0);
        else if (is_kind(n, "table") || is_kind(n, "table_array_element"))
            ok = read_table(r, root, is_kind(n, "table_array_element"));
    } while (ok && ts_tree_cursor_goto_next_sibling(&r->cursor));
    return ok;
}

/* ---- errors ---- */

/* The beginning of what could not be read, up to the end of its line. */
static bool fail_syntax(Reader *r, TSNode n) {
    enum { LONGEST = 40 };
    u32 at = ts_node_start_byte(n);
    if (ts_node_is_missing(n)) {
        if (is_kind(n, "_line_ending_or_eof"))
            return FAIL(r, at, "not valid TOML: a line should end here");
        return FAIL(r, at, "not valid TOML: missing '%s'", ts_node_type(n));
    }
    Str rest = str_sub(r->text, at, r->text.n);
    i64 end = str_find(rest, '\n');
    Str line = str_trim(end < 0 ? rest : str_sub(rest, 0, (u32)end));
    if (!line.n) return FAIL(r, at, "not valid TOML: the line ends too early");
    u32 n_shown = line.n;
    if (line.n > LONGEST)
        for (n_shown = LONGEST; n_shown && ((u8)line.p[n_shown] & 0xc0) == 0x80;) n_shown--;
    return FAIL(r, at, "not valid TOML: cannot read '%.*s%s'", (int)n_shown, line.p,
                n_shown < line.n ? "…" : "");
}

/* The first error in the order of the text, or else the whole. */
static bool find_error(Reader *r, TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    TSNode found = root;
    for (;;) {
        TSNode n = ts_tree_cursor_current_node(&cursor);
        found = n;
        if (ts_node_is_error(n) || ts_node_is_missing(n)) break;
        bool inside = ts_tree_cursor_goto_first_child(&cursor);
        while (inside && !ts_node_has_error(ts_tree_cursor_current_node(&cursor)))
            inside = ts_tree_cursor_goto_next_sibling(&cursor);
        if (!inside) break;
    }
    return fail_syntax(r, found);
}

/* What the grammar takes for the end of the text, or passes over. */
static bool check_bytes(Reader *r) {
    for (u32 at = 0; at < r->text.n;) {
        u8 c = (u8)r->text.p[at];
        u32 code, n = utf8_decode(r->text, at, &code);
        bool is_crlf = c == '\r' && at + 1 < r->text.n && r->text.p[at + 1] == '\n';
        if (code == UTF8_INVALID) return FAIL(r, at, "byte 0x%02x is not valid UTF-8", c);
        if ((c < 0x20 && c != '\t' && c != '\n' && !is_crlf) || c == 0x7f)
            return FAIL(r, at, "character 0x%02x is not allowed in TOML", c);
        at += n;
    }
    return true;
}

static bool read_all(Reader *r, const Pool *pool, TomlValue *root) {
    TSTree *tree = syntax_parse(pool, tree_sitter_toml(), r->text);
    if (!tree) return FAIL(r, 0, "the parser needs too much memory or time");
    TSNode top = ts_tree_root_node(tree);
    if (ts_node_has_error(top)) return find_error(r, top);
    r->cursor = ts_tree_cursor_new(top);
    return read_document(r, root);
}

bool toml_parse(Arena *arena, Str text, TomlValue **root, Str *error, u32 *at) {
    Reader r = {.arena = arena, .text = text};
    *root = value_new(&r, TOML_TABLE, 0);
    Pool pool = {0};
    pool_enter(&pool);
    bool ok = check_bytes(&r) && read_all(&r, &pool, *root);
    pool_enter(NULL);
    pool_free(&pool);
    *error = r.error;
    *at = r.error_at;
    return ok;
}

const TomlMember *toml_member(const TomlValue *table, const char *key) {
    if (!table || table->kind != TOML_TABLE) return NULL;
    for (u32 i = 0; i < table->members.n; i++)
        if (str_is(table->members.v[i].key, key)) return &table->members.v[i];
    return NULL;
}

void toml_position(Str text, u32 at, u32 *line, u32 *column) {
    *line = *column = 1;
    for (u32 i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n')
            ++*line, *column = 1;
        else if (((u8)text.p[i] & 0xc0) != 0x80)
            ++*column;
    }
}
