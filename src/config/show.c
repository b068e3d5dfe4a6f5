/* --show-settings: what is in force and who said so, as TOML. */
#include "config/keys.h"
#include "config/value.h"
#include "report/report.h"
#include "rule/rule.h"

typedef struct Shower {
    Arena *arena;
    const Config *config;
    Buf *out;
} Shower;

static void put_string(Buf *out, Str s) {
    buf_char(out, '"');
    buf_json(out, s);
    buf_char(out, '"');
}

static void put_origin(Buf *out, Str origin) {
    buf_text(out, "  # ");
    report_escape(out, origin); /* no line ends */
    buf_char(out, '\n');
}

/* ---- which of what was given counts ---- */

static bool is_select(const OptionRow *row) {
    return str_is(str_from(row->name), "select");
}

/* The last layer that gives the option; with codes, the last one with `select`, which ends what was
 * said before. */
static u32 first_layer(const Shower *s, const OptionRow *row) {
    const GivenList *given = &s->config->options.given;
    u32 layer = 0;
    for (u32 i = 0; i < given->n; i++) {
        const Given *g = &given->v[i];
        bool counts =
            row->kind == OPTION_CODES ? is_select(g->row) : g->row == row && !option_extends(row);
        if (counts) layer = g->layer;
    }
    return layer;
}

/* The next given of the option from *at on that is in force, or NULL. */
static const Given *next_given(const Shower *s, const OptionRow *row, u32 *at) {
    const GivenList *given = &s->config->options.given;
    u32 layer = first_layer(s, row);
    for (; *at < given->n; ++*at)
        if (given->v[*at].row == row && given->v[*at].layer >= layer) return &given->v[(*at)++];
    return NULL;
}

static const Given *last_given(const Shower *s, const OptionRow *row) {
    const Given *last = NULL;
    u32 at = 0;
    for (const Given *g; (g = next_given(s, row, &at));) last = g;
    return last;
}

static Str origin_of(const Given *given, u32 element) {
    bool has_own = element < given->value.origins.n;
    return has_own ? given->value.origins.v[element] : given->origin;
}

/* ---- values ---- */

static void show_scalar(Shower *s, const OptionRow *row) {
    const Given *given = last_given(s, row);
    const char *field = (const char *)&s->config->options + row->field;
    Str key = option_key(row);
    if (row->kind == OPTION_PATH && !given) {
        buf_printf(s->out, "# %.*s: not set  # default\n", STR_ARG(key));
        return;
    }
    buf_printf(s->out, "%.*s = ", STR_ARG(key));
    if (row->kind == OPTION_FLAG) {
        bool is_set = *(const bool *)field != (row->key == KEY_NEGATED);
        buf_text(s->out, is_set ? "true" : "false");
    } else if (row->kind == OPTION_CHOICE) {
        put_string(s->out, str_from(row->choices[*(const u32 *)field]));
    } else if (row->kind == OPTION_SIZE) {
        buf_printf(s->out, "%llu", (unsigned long long)*(const u64 *)field);
    } else if (row->kind == OPTION_PATH) {
        put_string(s->out, config_shown_path(s->arena, *(const Str *)field));
    } else {
        put_string(s->out, *(const Str *)field);
    }
    put_origin(s->out, given ? given->origin : STR("default"));
}

static void show_versions(Shower *s, const OptionRow *row) {
    const Given *given = last_given(s, row);
    if (!given) {
        buf_text(s->out,
                 "# target-version: 3.8-3.14, and 2.7 for files in its syntax  # default\n");
        return;
    }
    u32 targets = s->config->options.targets, n = 0;
    buf_text(s->out, "target-version = [");
    for (u32 v = 0; v < PYTHON_VERSIONS; v++)
        if (targets & 1u << v)
            buf_printf(s->out, "%s\"%s\"", n++ ? ", " : "", version_text((PythonVersion)v));
    buf_char(s->out, ']');
    put_origin(s->out, given->origin);
}

static void show_list(Shower *s, const OptionRow *row) {
    Str key = option_key(row);
    u32 at = 0, n = 0;
    for (const Given *g; (g = next_given(s, row, &at));) {
        for (u32 i = 0; i < g->value.list.n; i++) {
            Str word = g->value.list.v[i];
            if (!n++) buf_printf(s->out, "%.*s = [\n", STR_ARG(key));
            if (row->kind == OPTION_PATTERNS) word = config_shown_path(s->arena, word);
            buf_text(s->out, "    ");
            put_string(s->out, word);
            buf_char(s->out, ',');
            put_origin(s->out, origin_of(g, i));
        }
    }
    if (n) {
        buf_text(s->out, "]\n");
        return;
    }
    const Given *empty = last_given(s, row);
    if (is_select(row))
        buf_text(s->out, "# select: every rule that is on by default  # default\n");
    else
        buf_printf(s->out, "%.*s = []", STR_ARG(key));
    if (!is_select(row)) put_origin(s->out, empty ? empty->origin : STR("default"));
}

static void show_pattern_codes(Shower *s, const OptionRow *row) {
    u32 at = 0, n = 0;
    for (const Given *g; (g = next_given(s, row, &at));) {
        for (u32 i = 0; i < g->value.patterns.n; i++) {
            const PatternCodes *p = &g->value.patterns.v[i];
            Str shown = config_shown_path(s->arena, p->pattern);
            if (!n++) buf_printf(s->out, "\n[%s]\n", row->name);
            put_string(s->out,
                       str_format(s->arena, "%s%.*s", p->is_other ? "!" : "", STR_ARG(shown)));
            buf_text(s->out, " = [");
            for (u32 k = 0; k < p->codes.n; k++) {
                if (k) buf_text(s->out, ", ");
                put_string(s->out, p->codes.v[k]);
            }
            buf_char(s->out, ']');
            put_origin(s->out, origin_of(g, i));
        }
    }
}

static void show_models(Shower *s, const OptionRow *row) {
    u32 at = 0;
    for (const Given *g; (g = next_given(s, row, &at));) {
        for (u32 i = 0; i < g->value.models.n; i++) {
            const Model *m = &g->value.models.v[i];
            buf_text(s->out, "\n[[models]]");
            put_origin(s->out, origin_of(g, i));
            buf_text(s->out, "add = ");
            put_string(s->out, m->add);
            buf_text(s->out, "\nremoves = [");
            for (u32 k = 0; k < m->n_removes; k++) {
                if (k) buf_text(s->out, ", ");
                put_string(s->out, m->removes[k]);
            }
            buf_printf(s->out, "]\nweak = %s\ncallback = %d\n", m->weak ? "true" : "false",
                       m->callback);
        }
    }
}

static void show_row(Shower *s, const OptionRow *row) {
    switch (row->kind) {
    case OPTION_FLAG:
    case OPTION_ATTACHED:
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_FORMAT:
    case OPTION_CHOICE:
    case OPTION_SIZE:
    case OPTION_NUMBER:
        show_scalar(s, row);
        return;
    case OPTION_VERSIONS:
        show_versions(s, row);
        return;
    case OPTION_LIST:
    case OPTION_CODES:
    case OPTION_PATTERNS:
    case OPTION_SYMBOLS:
        show_list(s, row);
        return;
    case OPTION_CONFIG:
    case OPTION_EXTEND:
    case OPTION_PATTERN_CODES: /* tables come last */
    case OPTION_MODELS:
        return;
    }
}

void config_show(const Config *config, Buf *out) {
    Shower s = {out->arena, config, out};
    u32 n;
    const OptionRow *rows = options_all(&n);
    if (!config->files.n) buf_text(out, "# no configuration file\n");
    for (u32 i = 0; i < config->files.n; i++) {
        buf_text(out, i ? "# extends: " : "# configuration: ");
        report_escape(out, config->files.v[i]);
        buf_char(out, '\n');
    }
    for (u32 i = 0; i < n; i++)
        if (rows[i].key != NO_KEY) show_row(&s, &rows[i]);
    for (u32 i = 0; i < n; i++)
        if (rows[i].kind == OPTION_PATTERN_CODES) show_pattern_codes(&s, &rows[i]);
    for (u32 i = 0; i < n; i++)
        if (rows[i].kind == OPTION_MODELS) show_models(&s, &rows[i]);
}
