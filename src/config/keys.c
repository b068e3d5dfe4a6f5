#include "config/keys.h"

#include "base/near.h"
#include "rule/rule.h"
#include "source/source.h"

/* ---- places and problems ---- */

static Position position_of(Arena *arena, ConfigSource *source, u32 at) {
    if (!source->lines) source->n_lines = source_lines(source->text, arena, &source->lines);
    return source_position(source->text, source->lines, source->n_lines, at);
}

/* Origins are asked for by the thousand: the column, which costs more, is left out. */
Str source_origin(Arena *arena, ConfigSource *source, u32 at) {
    if (source->is_typed) return source->shown;
    if (!source->lines) source->n_lines = source_lines(source->text, arena, &source->lines);
    u32 low = 0, high = source->n_lines;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        *(source->lines[middle] <= at ? &low : &high) = middle;
    }
    return str_format(arena, "%.*s:%u", STR_ARG(source->shown), low + 1);
}

Str source_place(Arena *arena, ConfigSource *source, u32 at) {
    if (source->is_typed) return source->shown;
    Position place = position_of(arena, source, at);
    return str_format(arena, "%.*s:%u:%u", STR_ARG(source->shown), place.line, place.column);
}

enum { PROBLEMS_MAX = 20 };

static bool fail(KeyReader *r, u32 at, Str message) {
    if (r->problems.n == PROBLEMS_MAX) return false;
    Str place = source_place(r->arena, r->source, at);
    vec_push(r->arena, &r->problems,
             str_format(r->arena, "%.*s: %.*s", STR_ARG(place), STR_ARG(message)));
    return false;
}

#define FAIL(r, at, ...) fail((r), (at), str_format((r)->arena, __VA_ARGS__))

/* ---- values ---- */

/* What a value is read for. */
typedef struct Wanted {
    KeyReader *r;
    const char *key; /* in messages */
} Wanted;

static bool is_kind(const Wanted *w, const TomlValue *v, TomlKind kind, const char *wanted) {
    if (v->kind == kind) return true;
    return FAIL(w->r, v->at, "'%s' is %s, not %s", w->key, wanted, toml_kind_text(v->kind));
}

/* Notes where the element that is added next stands. */
static void note_origin(const Wanted *w, u32 at, OptionValue *out) {
    vec_push(w->r->arena, &out->origins, source_origin(w->r->arena, w->r->source, at));
}

static bool check(const Wanted *w, const TomlValue *v, Str error) {
    if (!error.n) return true;
    return FAIL(w->r, v->at, "'%s': %.*s", w->key, STR_ARG(error));
}

static Str unknown_rule(Arena *arena, Str word) {
    Str near = rules_nearest(word);
    if (rules_know(word)) return (Str){0};
    if (near.n)
        return str_format(arena, "unknown rule '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                          STR_ARG(near));
    return str_format(arena, "unknown rule '%.*s'; 'limpet rules' lists them", STR_ARG(word));
}

/* At least two names with dots between them. */
static Str not_dotted(Arena *arena, Str word, const char *example) {
    u32 n = 1;
    bool ok = word.n > 0, at_start = true;
    for (u32 i = 0; i < word.n && ok; i++) {
        char c = word.p[i];
        bool is_letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || (u8)c >= 0x80;
        bool is_digit = c >= '0' && c <= '9';
        n += c == '.';
        ok = c == '.' ? !at_start : is_letter || (is_digit && !at_start);
        at_start = c == '.';
    }
    if (ok && !at_start && n >= 2) return (Str){0};
    return str_format(arena, "'%.*s' is not a full name such as '%s'", STR_ARG(word), example);
}

/* Globs are kept as the walk needs them: without a slash as they are, else absolute. */
static Str absolute_pattern(const KeyReader *r, Str pattern) {
    if (str_find(pattern, '/') < 0 || str_starts(pattern, "/")) return pattern;
    while (str_starts(pattern, "./")) pattern = str_sub(pattern, 2, pattern.n);
    return str_format(r->arena, "%.*s/%.*s",
                      str_is(r->source->folder, "/") ? 0 : (int)r->source->folder.n,
                      r->source->folder.p, STR_ARG(pattern));
}

static Str wrong_word(const KeyReader *r, OptionKind kind, Str word, OptionValue *out) {
    if (!word.n) return STR("an empty string");
    if (kind == OPTION_CODES) return unknown_rule(r->arena, word);
    if (kind == OPTION_SYMBOLS) return not_dotted(r->arena, word, "app.core.Manager");
    if (kind == OPTION_VERSIONS) return value_of_version(r->arena, word, out);
    return (Str){0};
}

static bool read_words(const Wanted *w, OptionKind kind, const TomlValue *v, OptionValue *out) {
    bool ok = true;
    if (!is_kind(w, v, TOML_ARRAY, "a list of strings")) return false;
    for (u32 i = 0; i < v->items.n && w->r->problems.n < PROBLEMS_MAX; i++) {
        const TomlValue *item = v->items.v[i];
        if (item->kind != TOML_STRING) {
            ok = FAIL(w->r, item->at, "'%s' is a list of strings, and this is %s", w->key,
                      toml_kind_text(item->kind));
            continue;
        }
        if (!check(w, item, wrong_word(w->r, kind, item->text, out))) {
            ok = false;
            continue;
        }
        bool is_path = kind == OPTION_PATTERNS;
        note_origin(w, item->at, out);
        vec_push(w->r->arena, &out->list,
                 is_path ? absolute_pattern(w->r, item->text) : item->text);
    }
    return ok;
}

static bool read_versions(const Wanted *w, const TomlValue *v, OptionValue *out) {
    if (v->kind == TOML_STRING) {
        vec_push(w->r->arena, &out->list, v->text);
        return check(w, v, value_of_version(w->r->arena, v->text, out));
    }
    if (v->kind != TOML_ARRAY)
        return FAIL(w->r, v->at, "'%s' is a string such as \"3.9\" or a list of them, not %s",
                    w->key, toml_kind_text(v->kind));
    if (!v->items.n) return FAIL(w->r, v->at, "'%s' is empty", w->key);
    return read_words(w, OPTION_VERSIONS, v, out);
}

static bool read_size(const Wanted *w, const OptionRow *row, const TomlValue *v, OptionValue *out) {
    if (v->kind == TOML_STRING) return check(w, v, value_of_size(w->r->arena, row, v->text, out));
    if (v->kind != TOML_INTEGER)
        return FAIL(w->r, v->at, "'%s' is a number of bytes or a string such as \"8M\", not %s",
                    w->key, toml_kind_text(v->kind));
    if (v->is_wide || v->integer < 1)
        return FAIL(w->r, v->at, "'%s': '%.*s' is not a size (such as \"500K\" or \"8M\")", w->key,
                    STR_ARG(v->text));
    out->number = (u64)v->integer;
    return true;
}

static bool read_pattern_codes(const Wanted *w, const TomlValue *v, OptionValue *out) {
    bool ok = true;
    if (!is_kind(w, v, TOML_TABLE, "a table of patterns with lists of rules")) return false;
    for (u32 i = 0; i < v->members.n; i++) {
        const TomlMember *m = &v->members.v[i];
        OptionValue codes = {0};
        Wanted inner = {w->r, str_format(w->r->arena, "%s.\"%.*s\"", w->key, STR_ARG(m->key)).p};
        bool is_other = str_starts(m->key, "!");
        Str pattern = is_other ? str_sub(m->key, 1, m->key.n) : m->key;
        if (!pattern.n) {
            ok = FAIL(w->r, m->at, "'%s' has an empty pattern", w->key);
        } else if (read_words(&inner, OPTION_CODES, m->value, &codes)) {
            note_origin(w, m->at, out);
            PatternCodes row = {absolute_pattern(w->r, pattern), is_other, codes.list};
            vec_push(w->r->arena, &out->patterns, row);
        } else {
            ok = false;
        }
    }
    return ok;
}

/* ---- models ---- */

static const char *const MODEL_KEYS[] = {"add", "removes", "weak", "callback"};

static bool fail_model_key(const Wanted *w, const TomlMember *m) {
    Str near = {0};
    for (u32 i = 0; i < ARRAY_LEN(MODEL_KEYS); i++)
        near_keep(m->key, str_from(MODEL_KEYS[i]), &near);
    if (near.n)
        return FAIL(w->r, m->at, "unknown key '%.*s' in '%s'; did you mean '%.*s'?",
                    STR_ARG(m->key), w->key, STR_ARG(near));
    return FAIL(w->r, m->at, "unknown key '%.*s' in '%s': there are add, removes, weak, callback",
                STR_ARG(m->key), w->key);
}

static bool read_name(const Wanted *w, const TomlValue *v, Str *out) {
    if (!is_kind(w, v, TOML_STRING, "a string")) return false;
    *out = v->text;
    return check(w, v, not_dotted(w->r->arena, v->text, "app.bus.Bus.subscribe"));
}

static bool read_removes(const Wanted *w, const TomlValue *v, Model *model) {
    bool ok = true;
    if (!is_kind(w, v, TOML_ARRAY, "a list of strings")) return false;
    Str *names = arena_array(w->r->arena, Str, v->items.n + 1);
    for (u32 i = 0; i < v->items.n; i++) ok &= read_name(w, v->items.v[i], &names[i]);
    model->removes = names;
    model->n_removes = v->items.n;
    return ok;
}

static bool read_callback(const Wanted *w, const TomlValue *v, Model *model) {
    enum { MOST = 255 };
    if (!is_kind(w, v, TOML_INTEGER, "the number of an argument, from 0")) return false;
    if (v->is_wide || v->integer < 0 || v->integer > MOST)
        return FAIL(w->r, v->at, "'%s': '%.*s' is not a number from 0 to %d", w->key,
                    STR_ARG(v->text), MOST);
    model->callback = (int)v->integer;
    return true;
}

static bool read_model_key(const Wanted *w, const TomlMember *m, Model *model) {
    Wanted inner = {w->r, str_format(w->r->arena, "%s.%.*s", w->key, STR_ARG(m->key)).p};
    if (str_is(m->key, "add")) return read_name(&inner, m->value, &model->add);
    if (str_is(m->key, "removes")) return read_removes(&inner, m->value, model);
    if (str_is(m->key, "callback")) return read_callback(&inner, m->value, model);
    if (!str_is(m->key, "weak")) return fail_model_key(w, m);
    model->weak = m->value->boolean;
    return is_kind(&inner, m->value, TOML_BOOLEAN, "true or false");
}

static bool read_models(const Wanted *w, const TomlValue *v, OptionValue *out) {
    bool ok = true;
    if (!is_kind(w, v, TOML_ARRAY, "an array of tables")) return false;
    for (u32 i = 0; i < v->items.n; i++) {
        const TomlValue *item = v->items.v[i];
        Model model = {0};
        if (!is_kind(w, item, TOML_TABLE, "an array of tables")) return false;
        for (u32 k = 0; k < item->members.n; k++)
            ok &= read_model_key(w, &item->members.v[k], &model);
        if (!toml_member(item, "add"))
            ok = FAIL(w->r, item->at, "'%s' has a table without 'add'", w->key);
        note_origin(w, item->at, out);
        vec_push(w->r->arena, &out->models, model);
    }
    return ok;
}

/* ---- keys ---- */

static bool read_flag(const Wanted *w, const OptionRow *row, const TomlValue *v, OptionValue *out) {
    out->flag = v->boolean != (row->key == KEY_NEGATED);
    return is_kind(w, v, TOML_BOOLEAN, "true or false");
}

/* One format. A configuration comes with the project that is looked at: it may not say which files
 * are written. */
static bool read_format(const Wanted *w, const TomlValue *v, OptionValue *out) {
    if (!is_kind(w, v, TOML_STRING, "a string")) return false;
    if (str_find(v->text, '=') >= 0)
        return FAIL(w->r, v->at, "'%s': files are named on the command line alone", w->key);
    return check(w, v, value_of_format(w->r->arena, v->text, out));
}

static bool read_path(const Wanted *w, const TomlValue *v, OptionValue *out) {
    if (!is_kind(w, v, TOML_STRING, "a string")) return false;
    if (!v->text.n) return FAIL(w->r, v->at, "'%s' is empty", w->key);
    Str folder = w->r->source->folder;
    bool is_absolute = str_starts(v->text, "/");
    out->text = is_absolute
                    ? v->text
                    : str_format(w->r->arena, "%.*s/%.*s", str_is(folder, "/") ? 0 : (int)folder.n,
                                 folder.p, STR_ARG(v->text));
    return true;
}

static bool read_value(const Wanted *w, const OptionRow *row, const TomlValue *v,
                       OptionValue *out) {
    Arena *arena = w->r->arena;
    switch (row->kind) {
    case OPTION_FLAG:
        return read_flag(w, row, v, out);
    case OPTION_FORMAT:
        return read_format(w, v, out);
    case OPTION_CHOICE:
        return is_kind(w, v, TOML_STRING, "a string") &&
               check(w, v, value_of_choice(arena, row, v->text, out));
    case OPTION_SIZE:
    case OPTION_NUMBER:
        return read_size(w, row, v, out);
    case OPTION_VERSIONS:
        return read_versions(w, v, out);
    case OPTION_CODES:
        if (v->kind == TOML_ARRAY && !v->items.n && str_is(str_from(row->name), "select"))
            return FAIL(w->r, v->at, "'select' is empty: no rule would run");
        return read_words(w, row->kind, v, out);
    case OPTION_LIST:
    case OPTION_PATTERNS:
    case OPTION_SYMBOLS:
        return read_words(w, row->kind, v, out);
    case OPTION_PATTERN_CODES:
        return read_pattern_codes(w, v, out);
    case OPTION_MODELS:
        return read_models(w, v, out);
    case OPTION_PATH:
        return read_path(w, v, out);
    case OPTION_ATTACHED:
    case OPTION_TEXT:
    case OPTION_CONFIG:
    case OPTION_EXTEND:
        break;
    }
    out->text = v->text;
    return is_kind(w, v, TOML_STRING, "a string") &&
           (v->text.n || FAIL(w->r, v->at, "'%s' is empty", w->key));
}

Str config_key_nearest(Str key) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    Str near = {0};
    for (u32 i = 0; i < n; i++)
        if (rows[i].key != NO_KEY) near_keep(key, option_key(&rows[i]), &near);
    return near;
}

static bool fail_unknown(KeyReader *r, const TomlMember *m) {
    Str near = config_key_nearest(m->key);
    const OptionRow *row = option_named(m->key);
    if (row && row->key == KEY_NEGATED)
        return FAIL(r, m->at, "'%s' is an option of the command line; the key is '%.*s'", row->name,
                    STR_ARG(option_key(row)));
    if (row)
        return FAIL(r, m->at, "'%s' is an option of the command line alone, not a key", row->name);
    if (near.n)
        return FAIL(r, m->at, "unknown key '%.*s'; did you mean '%.*s'?", STR_ARG(m->key),
                    STR_ARG(near));
    if (str_is(m->key, "tool") && !r->source->is_pyproject)
        return FAIL(r, m->at,
                    "unknown key 'tool': only in pyproject.toml do keys stand in "
                    "[tool.limpet]");
    return FAIL(r, m->at, "unknown key '%.*s'; 'limpet config' lists them", STR_ARG(m->key));
}

void keys_read(KeyReader *r, const TomlValue *table) {
    for (u32 i = 0; i < table->members.n && r->problems.n < PROBLEMS_MAX; i++) {
        const TomlMember *m = &table->members.v[i];
        const OptionRow *row = option_of_key(m->key);
        if (!row) {
            fail_unknown(r, m);
            continue;
        }
        Wanted w = {r, option_key(row).p};
        Given given = {
            .row = row, .origin = source_origin(r->arena, r->source, m->at), .layer = r->layer};
        if (!read_value(&w, row, m->value, &given.value)) continue;
        if (row->kind == OPTION_EXTEND) {
            r->extend = given.value.text;
            r->extend_at = m->value->at;
        }
        vec_push(r->arena, &r->given, given);
    }
}
