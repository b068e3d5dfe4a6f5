/* Suppression comments. Each code in a comment becomes one directive with the lines that it covers;
 * a finding on such a line goes, and a directive that covered nothing is a finding itself.
 *
 * Lines: a comment behind code covers its own line; one on its own line covers the next line of
 * code, with the decorators of a definition down to its name; `file-ignore` covers the file;
 * `disable` covers all from its line to the `enable` of the same code. Nothing here reads the
 * source text. */
#include "rule/rule.h"

#include "base/near.h"

typedef enum Verb { VERB_IGNORE, VERB_FILE_IGNORE, VERB_DISABLE, VERB_ENABLE, VERB_NOQA } Verb;

static const char *const verb_texts[] = {
    [VERB_IGNORE] = "ignore",   [VERB_FILE_IGNORE] = "file-ignore",
    [VERB_DISABLE] = "disable", [VERB_ENABLE] = "enable",
    [VERB_NOQA] = "noqa",
};

typedef struct Directive {
    Verb verb;
    u32 file;
    Span span;       /* of the comment */
    u32 line;        /* of the comment */
    u32 first, last; /* lines that it covers */
    Str word;        /* code, prefix or name as written */
    Str prefix;      /* of the codes that it means; empty for an unknown word */
    bool is_used;
} Directive;

typedef struct Suppression {
    Arena *arena;
    const Selection *selection;
    const Facts *const *facts;
    u32 files;
    VEC(Directive) directives; /* in file and source order */
    u32 *first_of_file;        /* [file] .. [file + 1] */
    Findings *findings;
    Findings *covered; /* those that go; or NULL */
} Suppression;

/* ---- reading comments ---- */

static u32 line_of(const Facts *f, u32 offset) {
    u32 line, column;
    facts_line(f, offset, &line, &column);
    return line;
}

static bool is_blank_char(char c) {
    return c == ' ' || c == '\t';
}

static void skip_blanks(Str *s) {
    while (s->n && is_blank_char(s->p[0])) *s = str_sub(*s, 1, s->n);
}

static bool is_word_char(char c) {
    return char_is_letter(c) || char_is_digit(c) || c == '-';
}

/* Takes letters, digits and hyphens from the front. */
static Str take_word(Str *s) {
    u32 n = 0;
    while (n < s->n && is_word_char(s->p[n])) n++;
    Str word = str_sub(*s, 0, n);
    *s = str_sub(*s, n, s->n);
    return word;
}

static bool take_char(Str *s, char c) {
    skip_blanks(s);
    if (!s->n || s->p[0] != c) return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

/* The codes that a word means, as their common prefix; empty when there is no such rule. */
static Str meant_prefix(Str word) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    const RuleEntry *entry = rules_find(word);
    if (entry) return str_from(entry->rule->code);
    for (u32 i = 0; i < n; i++)
        if (rule_code_matches(all[i].rule->code, word)) return word;
    return (Str){0};
}

/* The first place after a comment where something stands that has an effect. */
static u32 next_code(const Facts *f, u32 after) {
    u32 best = UINT32_MAX;
#define NEAREST(table)                     \
    for (u32 i = 1; i < f->n_##table; i++) \
        if (f->table[i].span.start >= after) best = MIN(best, f->table[i].span.start);
    NEAREST(ops)
    NEAREST(scopes)
    NEAREST(imports)
    NEAREST(regions)
#undef NEAREST
    return best;
}

/* Where a decorator of a definition begins: at its call, or at the load that stands for a bare one.
 */
static u32 decorator_start(const Facts *f, const Scope *scope, PathId decorator) {
    const Path *root = facts_root(f, decorator);
    if (root->kind == PATH_OP) return f->ops[root->id].span.start;
    for (u32 i = scope->def.i; i-- > 1;) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_LOAD && op->flags & OP_IMPLICIT && op->subject == decorator.i)
            return op->span.start;
    }
    return UINT32_MAX;
}

static bool is_decorated_from(const Facts *f, const Scope *scope, u32 at) {
    for (u32 i = scope->decorator_first; i < scope->decorator_end; i++)
        if (decorator_start(f, scope, f->operands[i].path) <= at) return true;
    return false;
}

/* The class or function that begins first at or after an offset, or 0. */
static u32 next_definition(const Facts *f, u32 at) {
    u32 best = 0;
    for (u32 i = 1; i < f->n_scopes; i++) {
        const Scope *scope = &f->scopes[i];
        bool is_definition = scope->kind == SCOPE_CLASS || scope->kind == SCOPE_FUNCTION;
        if (!is_definition || scope->span.start < at) continue;
        if (!best || scope->span.start < f->scopes[best].span.start) best = i;
    }
    return best;
}

/* The lines of the code that follows a comment on its own line. */
static void cover_next(const Facts *f, Directive *d) {
    if (f->flags & FACTS_C) { /* nothing is known of its code but the comment has an end */
        d->first = d->line;
        d->last = line_of(f, d->span.end) + 1;
        return;
    }
    u32 at = next_code(f, d->span.end);
    if (at == UINT32_MAX) return;
    d->first = d->last = line_of(f, at);
    u32 i = next_definition(f, at);
    if (!i) return;
    const Scope *scope = &f->scopes[i];
    if (scope->span.start == at || is_decorated_from(f, scope, at))
        d->last = line_of(f, scope->name_span.start);
}

static void add_directive(Suppression *s, u32 file, const Comment *comment, Verb verb, Str word) {
    const Facts *f = s->facts[file];
    Directive d = {.verb = verb, .file = file, .span = comment->span, .word = word};
    d.line = d.first = d.last = line_of(f, comment->span.start);
    d.prefix = meant_prefix(word);
    if (verb == VERB_FILE_IGNORE) d.first = 1;
    if (verb == VERB_FILE_IGNORE || verb == VERB_DISABLE) d.last = UINT32_MAX;
    if (verb == VERB_IGNORE && comment->own_line) cover_next(f, &d);
    vec_push(s->arena, &s->directives, d);
}

/* The rule that says the same as a code of another linter: who has silenced that knows of it. B006
 * is none of them: it says that a default is shared, as one may want, and LMP217 that it grows. */
static Str same_rule(Str word) {
    static const char *const ROWS[][2] = {{"ASYNC210", "LMP411"}, {"ASYNC212", "LMP411"},
                                          {"ASYNC220", "LMP411"}, {"ASYNC221", "LMP411"},
                                          {"ASYNC222", "LMP411"}, {"ASYNC250", "LMP411"},
                                          {"ASYNC251", "LMP411"}, {"B019", "LMP205"},
                                          {"RUF006", "LMP216"},   {"SIM115", "LMP501"}};
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (near_equal(word, str_from(ROWS[i][0]))) return str_from(ROWS[i][1]);
    return (Str){0};
}

/* `noqa: LMP201, E501`: a bare noqa is none of our business. */
static void read_noqa(Suppression *s, u32 file, const Comment *comment, Str text) {
    if (!take_char(&text, ':')) return;
    for (;;) {
        while (take_char(&text, ',')) {
        }
        Str word = take_word(&text);
        if (!word.n) return;
        if (near_equal(str_sub(word, 0, 3), STR("LMP")) && meant_prefix(word).n)
            add_directive(s, file, comment, VERB_NOQA, word);
        if (!same_rule(word).n) continue;
        add_directive(s, file, comment, VERB_NOQA, same_rule(word));
        s->directives.v[s->directives.n - 1].is_used = true; /* by the other linter */
    }
}

/* A finding of the tool rule `code`, when that rule is selected. */
static void complain(Suppression *s, const char *code, const Directive *d, Str message, Str help) {
    const Rule *rule = rules_selected(s->selection, code);
    if (!rule || !rules_run_on(s->selection, d->file, str_from(code))) return;
    Finding finding = rule_finding(rule, (Place){d->file, d->span.start, d->span.end});
    finding.subject = str_format(s->arena, "%s %.*s", verb_texts[d->verb], STR_ARG(d->word));
    finding.message = message;
    finding.help = help;
    vec_push(s->arena, s->findings, finding);
}

static void complain_unreadable(Suppression *s, u32 file, const Comment *comment, Str what) {
    Directive d = {.file = file, .span = comment->span, .word = what};
    Str message =
        str_format(s->arena, "comment suppresses nothing: '%.*s' cannot be read", STR_ARG(what));
    complain(s, "LMP903", &d, message,
             STR("write '# limpet: ignore[CODE] reason', or file-ignore, disable, enable"));
}

/* `limpet: ignore[LMP201, name] reason`. */
static void read_limpet(Suppression *s, u32 file, const Comment *comment, Str text) {
    Str whole = text;
    if (!take_char(&text, ':')) return;
    skip_blanks(&text);
    Str verb_word = take_word(&text);
    u32 verb = VERB_IGNORE;
    while (verb < VERB_NOQA && !near_equal(verb_word, str_from(verb_texts[verb]))) verb++;
    bool is_bracketed = verb < VERB_NOQA && take_char(&text, '[');
    i64 end = is_bracketed ? str_find(text, ']') : -1;
    if (end < 0) {
        complain_unreadable(s, file, comment, str_format(s->arena, "limpet%.*s", STR_ARG(whole)));
        return;
    }
    Str list = str_sub(text, 0, (u32)end);
    u32 words = 0;
    for (; list.n; words++) {
        i64 comma = str_find(list, ',');
        Str word = str_trim(comma < 0 ? list : str_sub(list, 0, (u32)comma));
        list = comma < 0 ? (Str){0} : str_sub(list, (u32)comma + 1, list.n);
        if (word.n) add_directive(s, file, comment, (Verb)verb, word);
    }
    if (!words) complain_unreadable(s, file, comment, STR("[]"));
}

/* A comment can hold several directives: `# type: ignore  # noqa: LMP201`. */
static void read_comment(Suppression *s, u32 file, const Comment *comment) {
    Str rest = facts_str(s->facts[file], comment->directive);
    while (rest.n) {
        i64 hash = str_find(rest, '#');
        Str piece = str_trim(hash < 0 ? rest : str_sub(rest, 0, (u32)hash));
        rest = hash < 0 ? (Str){0} : str_sub(rest, (u32)hash + 1, rest.n);
        Str name = take_word(&piece);
        if (near_equal(name, STR("limpet"))) read_limpet(s, file, comment, piece);
        if (near_equal(name, STR("noqa"))) read_noqa(s, file, comment, piece);
    }
}

/* Lets each `enable` end the open `disable`s of the same word in its file. */
static void pair_enables(Suppression *s) {
    for (u32 i = 0; i < s->directives.n; i++) {
        Directive *enable = &s->directives.v[i];
        if (enable->verb != VERB_ENABLE) continue;
        for (u32 k = s->first_of_file[enable->file]; k < i; k++) {
            Directive *open = &s->directives.v[k];
            if (open->verb != VERB_DISABLE || open->last != UINT32_MAX) continue;
            if (!near_equal(open->prefix, enable->prefix)) continue;
            open->last = enable->line - 1;
            enable->is_used = true;
        }
        enable->first = UINT32_MAX; /* covers nothing itself */
        enable->last = 0;
    }
}

static void read_directives(Suppression *s) {
    s->first_of_file = arena_array(s->arena, u32, s->files + 1);
    for (u32 file = 0; file < s->files; file++) {
        s->first_of_file[file] = s->directives.n;
        const Facts *f = s->facts[file];
        if (!f || f->flags & FACTS_STUB) continue;
        for (u32 i = 1; i < f->n_comments; i++)
            if (f->comments[i].directive.i) read_comment(s, file, &f->comments[i]);
    }
    s->first_of_file[s->files] = s->directives.n;
    pair_enables(s);
}

/* ---- covering findings ---- */

/* Marks all directives that cover the finding at this place. */
static bool is_covered_at(Suppression *s, const Finding *finding, Place place) {
    if (place.file >= s->files || !s->facts[place.file]) return false;
    u32 i = s->first_of_file[place.file], end = s->first_of_file[place.file + 1];
    if (i == end) return false;
    u32 line = line_of(s->facts[place.file], place.start);
    bool covered = false;
    for (; i < end; i++) {
        Directive *d = &s->directives.v[i];
        if (line < d->first || line > d->last || !d->prefix.n) continue;
        /* codes lie in the rules' metadata, which is NUL-terminated */
        if (rule_code_matches(finding->code.p, d->prefix)) covered = d->is_used = true;
    }
    return covered;
}

static bool is_covered(Suppression *s, const Finding *finding) {
    bool covered = is_covered_at(s, finding, finding->place);
    if (finding->has_container) covered |= is_covered_at(s, finding, finding->container);
    return covered;
}

/* Drops the covered findings from `from` on; returns how many would have been shown. */
static u32 drop_covered(Suppression *s, u32 from) {
    u32 kept = from, dropped = 0;
    for (u32 i = from; i < s->findings->n; i++) {
        Finding *finding = &s->findings->v[i];
        if (!is_covered(s, finding)) {
            s->findings->v[kept++] = *finding;
            continue;
        }
        dropped +=
            finding->confidence >= rules_of_file(s->selection, finding->place.file).min_confidence;
        finding->is_suppressed = true;
        if (s->covered) vec_push(s->arena, s->covered, *finding);
    }
    s->findings->n = kept;
    return dropped;
}

/* ---- what is said about the comments themselves ---- */

/* Opt-in rules that are not selected do not count for a prefix: nobody expects them to run. */
static bool has_run(const Suppression *s, const Directive *d) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    const bool *enabled = rules_of_file(s->selection, d->file).enabled;
    bool any = false;
    for (u32 i = 0; i < n; i++) {
        if (!rule_code_matches(all[i].rule->code, d->prefix)) continue;
        any |= enabled[i];
        bool is_expected = !(all[i].rule->flags & RULE_OPT_IN);
        if (is_expected && !enabled[i]) return false;
    }
    return any;
}

static bool speaks_of_comments(const Directive *d) {
    return near_equal(d->prefix, STR("LMP902")) || near_equal(d->prefix, STR("LMP903"));
}

static void judge_directive(Suppression *s, const Directive *d) {
    if (!d->prefix.n) {
        Str near = rules_nearest(d->word);
        complain(s, "LMP903", d,
                 str_format(s->arena, "comment suppresses nothing: there is no rule '%.*s'",
                            STR_ARG(d->word)),
                 near.n ? str_format(s->arena, "did you mean '%.*s'?", STR_ARG(near))
                        : STR("'limpet rules' lists the codes and names"));
        return;
    }
    if (d->is_used || speaks_of_comments(d)) return;
    if (s->facts[d->file]->flags & FACTS_STOPPED || !has_run(s, d)) return;
    Str message =
        d->verb == VERB_ENABLE
            ? str_format(s->arena, "'enable' of '%.*s' ends no 'disable'", STR_ARG(d->word))
            : str_format(s->arena, "suppression of '%.*s' covers no finding", STR_ARG(d->word));
    complain(s, "LMP902", d, message, STR("remove it"));
}

u32 rules_suppress(Arena *arena, const Selection *selection, const Facts *const *facts, u32 files,
                   Findings *findings, Findings *covered) {
    Suppression s = {
        .arena = arena,
        .selection = selection,
        .facts = facts,
        .files = files,
        .findings = findings,
        .covered = covered,
    };
    read_directives(&s); /* reports comments that cannot be read */
    u32 dropped = drop_covered(&s, 0);
    u32 from = findings->n;
    for (u32 i = 0; i < s.directives.n; i++) judge_directive(&s, &s.directives.v[i]);
    return dropped + drop_covered(&s, from);
}
