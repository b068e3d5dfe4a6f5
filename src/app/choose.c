#include "app/choose.h"

#include "app/ignore.h"

#include <string.h>

/* ---- selection ---- */

static RuleWords words_of(const StrList *list) {
    return (RuleWords){list->v, list->n};
}

/* A script ends before it has kept much: only what is wrong at once is looked for. */
static void keep_hazards(bool *enabled) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        enabled[i] &= str_contains(str_from(all[i].rule->effects), "hazard");
}

/* What the options select; the first word that stands for no rule is returned. */
static Str select_rules(const Options *o, bool *enabled, bool *chosen) {
    Str unknown = rules_select((RuleWords){0}, (RuleWords){0}, (RuleWords){0}, enabled, chosen);
    for (u32 i = 0; i <= o->layers.n && !unknown.n; i++) {
        const CodeLayer last = {o->select, o->extend_select, o->ignore};
        const CodeLayer *layer = i < o->layers.n ? &o->layers.v[i] : &last;
        unknown = rules_select_over(words_of(&layer->select), words_of(&layer->extend_select),
                                    words_of(&layer->ignore), enabled, chosen);
    }
    return unknown;
}

static Str unknown_word(Arena *arena, Str word) {
    Str near = rules_nearest(word);
    if (near.n)
        return str_format(arena, "unknown rule '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                          STR_ARG(near));
    return str_format(arena, "unknown rule '%.*s'; 'limpet rules' lists them", STR_ARG(word));
}

/* ---- file by file ---- */

/* One set of rules, of the options `from` without what the rows in `mask` ignore. */
typedef struct Choice {
    const Options *from;
    const FileRules *rules;
    Str mask; /* a byte a row of per-file ignores: does it match? */
} Choice;

typedef struct Choosing {
    Arena *arena;
    u32 n_rules;
    bool is_script; /* the project's profile, whatever is inside of it */
    VEC(Choice) choices;
} Choosing;

static bool is_matched(const PatternCodes *row, Str path) {
    bool by_name = str_find(row->pattern, '/') < 0;
    Str text = by_name ? str_after_last(path, '/') : path;
    return ignore_glob(row->pattern, text, false) != row->is_other;
}

static Str match_rows(Arena *arena, const Options *o, Str path) {
    Buf mask = {.arena = arena};
    const PatternCodesList *lists[] = {&o->per_file_ignores, &o->extend_per_file_ignores};
    for (u32 k = 0; k < ARRAY_LEN(lists); k++)
        for (u32 i = 0; i < lists[k]->n; i++)
            buf_char(&mask, is_matched(&lists[k]->v[i], path) ? '1' : '0');
    return buf_get(&mask);
}

static const FileRules *make_rules(Choosing *c, const Options *o, Str mask) {
    bool *enabled = arena_array(c->arena, bool, c->n_rules);
    bool *chosen = arena_array(c->arena, bool, c->n_rules);
    bool *ignored = arena_array(c->arena, bool, c->n_rules);
    select_rules(o, enabled, chosen);
    if (c->is_script) keep_hazards(enabled);
    for (u32 i = 0; i < mask.n; i++) {
        if (mask.p[i] == '0') continue;
        u32 own = o->per_file_ignores.n;
        const PatternCodes *row =
            i < own ? &o->per_file_ignores.v[i] : &o->extend_per_file_ignores.v[i - own];
        rules_mean(words_of(&row->codes), ignored);
    }
    for (u32 i = 0; i < c->n_rules; i++) enabled[i] &= !ignored[i];
    FileRules *rules = arena_new(c->arena, FileRules);
    *rules = (FileRules){enabled, chosen, (Confidence)o->min_confidence};
    return rules;
}

static const FileRules *rules_for(Choosing *c, const Options *o, Str path) {
    ArenaMark mark = arena_mark(c->arena);
    Str mask = match_rows(c->arena, o, path);
    for (u32 i = 0; i < c->choices.n; i++) {
        const Choice *known = &c->choices.v[i];
        if (known->from != o || !str_eq(known->mask, mask)) continue;
        arena_rewind(c->arena, mark);
        return known->rules;
    }
    Choice fresh = {o, make_rules(c, o, mask), mask};
    vec_push(c->arena, &c->choices, fresh);
    return fresh.rules;
}

/* What any file wants. */
static void join_choices(const Choosing *c, bool *enabled, bool *chosen, Selection *out) {
    memset(enabled, 0, c->n_rules);
    memset(chosen, 0, c->n_rules);
    out->min_confidence = CONFIDENCE_HIGH;
    for (u32 i = 0; i < c->choices.n; i++) {
        const FileRules *rules = c->choices.v[i].rules;
        for (u32 k = 0; k < c->n_rules; k++) {
            enabled[k] |= rules->enabled[k];
            chosen[k] |= rules->chosen[k];
        }
        out->min_confidence = MIN(out->min_confidence, rules->min_confidence);
    }
}

bool choose_rules(Arena *arena, Config *config, const Scan *scan, Selection *out, Str *error) {
    const Options *o = &config->options;
    Choosing c = {.arena = arena, .is_script = o->profile == PROFILE_SCRIPT};
    rules_all(&c.n_rules);
    bool *enabled = arena_array(arena, bool, c.n_rules);
    bool *chosen = arena_array(arena, bool, c.n_rules);
    *out = (Selection){.enabled = enabled,
                       .chosen = chosen,
                       .min_confidence = (Confidence)o->min_confidence,
                       .targets = o->targets,
                       .free_threaded = o->free_threaded};
    Str unknown = select_rules(o, enabled, chosen);
    if (unknown.n) {
        *error = unknown_word(arena, unknown);
        return false;
    }
    if (c.is_script) keep_hazards(enabled);
    const FileRules **files = arena_array(arena, const FileRules *, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        Str path = scan->files[i].real_path;
        files[i] = rules_for(&c, config_of_file(config, path), path);
    }
    if (c.choices.n == 1 && c.choices.v[0].from == o && !str_contains(c.choices.v[0].mask, "1"))
        return true;
    if (!c.choices.n) return true;
    join_choices(&c, enabled, chosen, out);
    out->files = files;
    return true;
}
