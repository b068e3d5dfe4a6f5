/* SARIF 2.1.0 (OASIS), with what GitHub's code scanning asks for ("SARIF support for code
 * scanning"). Section numbers are those of the standard. */
#include "report/parts.h"

#include <string.h>

enum { DESCRIPTION_MOST = 1000 }; /* GitHub shows 1024 characters */

typedef struct Sarif {
    const ReportInput *in;
    Json j;
    Arena *arena;
    u32 *index_of; /* by rule: its index in the driver's list plus 1; 0: it found nothing */
} Sarif;

/* ---- texts ---- */

/* 3.11.6: brackets make links; in text that has none, but looks as if it had, they are escaped. */
static Str inert(Arena *arena, Str s) {
    if (!str_contains(s, "](")) return s;
    Buf out = {.arena = arena};
    for (u32 i = 0; i < s.n; i++) {
        if (strchr("[]\\", s.p[i]) && s.p[i]) buf_char(&out, '\\');
        buf_char(&out, s.p[i]);
    }
    return buf_get(&out);
}

static void message(Sarif *s, const char *key, Str text) {
    json_begin(&s->j, key, '{');
    json_text(&s->j, "text", inert(s->arena, text));
    json_end(&s->j, '}');
}

/* 3.4: a relative reference or file: URI. */
static void artifact(Sarif *s, u32 file) {
    Str path = path_in_repository(s->in, file);
    if (str_starts(path, "../") && s->in->files[file].absolute.n)
        path = s->in->files[file].absolute;
    bool is_absolute = str_starts(path, "/");
    Buf uri = {.arena = s->arena};
    if (is_absolute) buf_text(&uri, "file://");
    uri_path(&uri, path);
    json_begin(&s->j, "artifactLocation", '{');
    json_text(&s->j, "uri", buf_get(&uri));
    if (!is_absolute) json_text(&s->j, "uriBaseId", STR("%SRCROOT%"));
    json_end(&s->j, '}');
}

/* ---- places ---- */

static void region(Sarif *s, const char *key, Place place) {
    Position start = place_in_file(s->in, place.file, place.start);
    Position end = place_in_file(s->in, place.file, MAX(place.start, place.end));
    json_begin(&s->j, key, '{');
    json_number(&s->j, "startLine", start.line);
    json_number(&s->j, "startColumn", start.column);
    json_number(&s->j, "endLine", end.line);
    json_number(&s->j, "endColumn", end.column);
    json_end(&s->j, '}');
}

static void physical(Sarif *s, Place place) {
    json_begin(&s->j, "physicalLocation", '{');
    artifact(s, place.file);
    region(s, "region", place_on_one_line(s->in, place));
    json_end(&s->j, '}');
}

static Str step_text(Arena *arena, const Step *step) {
    Buf text = {.arena = arena};
    buf_str(&text, step->text);
    if (step->text.n && step->note.n) buf_text(&text, ": ");
    buf_str(&text, step->note);
    return text.n ? buf_get(&text) : STR("step");
}

static bool is_located(const Sarif *s, const Step *step) {
    return step->has_place && step->place.file < s->in->n_files;
}

static void related_locations(Sarif *s, const Finding *f) {
    u32 id = 0;
    json_begin(&s->j, "relatedLocations", '[');
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        if (!is_located(s, step)) continue;
        json_begin(&s->j, NULL, '{');
        json_number(&s->j, "id", ++id);
        physical(s, step->place);
        message(s, "message", step_text(s->arena, step));
        json_end(&s->j, '}');
    }
    json_end(&s->j, ']');
}

/* Notes belong to the path where there is no other: the way through a function that C code takes.
 */
static bool is_on_path(const Finding *f, const Step *step) {
    u32 drawn = 0;
    for (u32 i = 0; i < f->steps.n; i++) drawn += f->steps.v[i].kind != STEP_NOTE;
    return step->kind != STEP_NOTE || (drawn == 1 && step->has_place);
}

/* The retention path (3.36). A step without a place is told with the next one that has a place,
 * since viewers want one for each. */
static void thread_flow(Sarif *s, const Finding *f) {
    Buf waiting = {.arena = s->arena};
    json_begin(&s->j, "locations", '[');
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        if (!is_on_path(f, step)) continue;
        if (waiting.n) buf_text(&waiting, " → ");
        buf_str(&waiting, step_text(s->arena, step));
        if (!is_located(s, step)) continue;
        json_begin(&s->j, NULL, '{');
        json_begin(&s->j, "location", '{');
        physical(s, step->place);
        message(s, "message", buf_get(&waiting));
        json_end(&s->j, '}');
        json_text(&s->j, "importance", step->suspect ? STR("essential") : STR("important"));
        json_end(&s->j, '}');
        waiting = (Buf){.arena = s->arena};
    }
    json_end(&s->j, ']');
}

static bool has_path(const Sarif *s, const Finding *f) {
    for (u32 i = 0; i < f->steps.n; i++)
        if (is_on_path(f, &f->steps.v[i]) && is_located(s, &f->steps.v[i])) return true;
    return false;
}

static void code_flows(Sarif *s, const Finding *f) {
    if (!has_path(s, f)) return;
    json_begin(&s->j, "codeFlows", '[');
    json_begin(&s->j, NULL, '{');
    json_begin(&s->j, "threadFlows", '[');
    json_begin(&s->j, NULL, '{');
    thread_flow(s, f);
    json_end(&s->j, '}');
    json_end(&s->j, ']');
    json_end(&s->j, '}');
    json_end(&s->j, ']');
}

/* ---- fixes (3.55) ---- */

static u32 artifact_change(Sarif *s, const Fix *fix, u32 first) {
    u32 file = fix->edits.v[first].place.file, i = first;
    json_begin(&s->j, NULL, '{');
    artifact(s, file);
    json_begin(&s->j, "replacements", '[');
    for (; i < fix->edits.n && fix->edits.v[i].place.file == file; i++) {
        const Edit *e = &fix->edits.v[i];
        json_begin(&s->j, NULL, '{');
        region(s, "deletedRegion", e->place);
        json_begin(&s->j, "insertedContent", '{');
        json_text(&s->j, "text", e->text);
        json_end(&s->j, '}');
        json_end(&s->j, '}');
    }
    json_end(&s->j, ']');
    json_end(&s->j, '}');
    return i;
}

static void fixes(Sarif *s, const Fix *fix) {
    if (!fix->edits.n) return;
    json_begin(&s->j, "fixes", '[');
    json_begin(&s->j, NULL, '{');
    message(s, "description",
            str_format(s->arena, "%.*s%s", STR_ARG(fix->title),
                       fix->is_safe ? "" : " (changes behaviour)"));
    json_begin(&s->j, "artifactChanges", '[');
    for (u32 i = 0; i < fix->edits.n;) i = artifact_change(s, fix, i);
    json_end(&s->j, ']');
    json_begin(&s->j, "properties", '{');
    json_text(&s->j, "applicability", fix->is_safe ? STR("safe") : STR("unsafe"));
    json_end(&s->j, '}');
    json_end(&s->j, '}');
    json_end(&s->j, ']');
}

/* ---- results ---- */

static Str level_of(Severity severity) {
    return str_from(severity_text(severity));
}

static void location(Sarif *s, const Finding *f) {
    json_begin(&s->j, "locations", '[');
    json_begin(&s->j, NULL, '{');
    physical(s, f->place);
    if (f->scope.n) {
        json_begin(&s->j, "logicalLocations", '[');
        json_begin(&s->j, NULL, '{');
        json_text(&s->j, "fullyQualifiedName", f->scope);
        json_end(&s->j, '}');
        json_end(&s->j, ']');
    }
    json_end(&s->j, '}');
    json_end(&s->j, ']');
}

static void fingerprints(Sarif *s, const Finding *f) {
    unsigned long long key = f->fingerprint;
    json_begin(&s->j, "partialFingerprints", '{');
    json_text(&s->j, "primaryLocationLineHash", str_format(s->arena, "%016llx:1", key));
    json_text(&s->j, "limpet/v1", str_format(s->arena, "%016llx", key));
    json_end(&s->j, '}');
}

static void suppressions(Sarif *s, const Finding *f) {
    if (!f->is_suppressed) return;
    json_begin(&s->j, "suppressions", '[');
    json_begin(&s->j, NULL, '{');
    json_text(&s->j, "kind", STR("inSource"));
    json_end(&s->j, '}');
    json_end(&s->j, ']');
}

static void properties(Sarif *s, const Finding *f) {
    json_begin(&s->j, "properties", '{');
    json_text(&s->j, "effect", str_from(effect_text(f->effect)));
    json_text(&s->j, "confidence", str_from(confidence_text(f->confidence)));
    if (f->help.n) json_text(&s->j, "help", f->help);
    if (f->confirm.n) json_text(&s->j, "confirm", f->confirm);
    json_end(&s->j, '}');
}

static void result(Sarif *s, const Finding *f) {
    const RuleEntry *rule = rule_of(s->in, f->code);
    Buf text = {.arena = s->arena};
    buf_str(&text, f->message);
    if (f->help.n) buf_printf(&text, "\nhelp: %.*s", STR_ARG(f->help));
    if (f->confirm.n) buf_printf(&text, "\nconfirm: %.*s", STR_ARG(f->confirm));
    json_begin(&s->j, NULL, '{');
    json_text(&s->j, "ruleId", f->code);
    if (rule) json_number(&s->j, "ruleIndex", s->index_of[rule - s->in->rules] - 1);
    json_text(&s->j, "level", level_of(f->severity));
    message(s, "message", buf_get(&text));
    location(s, f);
    related_locations(s, f);
    code_flows(s, f);
    fixes(s, &f->fix);
    fingerprints(s, f);
    suppressions(s, f);
    properties(s, f);
    json_end(&s->j, '}');
}

/* ---- the tool ---- */

static Str problem_severity(Severity severity) {
    return severity == SEVERITY_NOTE ? STR("recommendation") : level_of(severity);
}

static void tags(Sarif *s, const Rule *rule) {
    Str left = str_from(rule->effects);
    json_begin(&s->j, "tags", '[');
    json_text(&s->j, NULL, STR("memory"));
    while (left.n) {
        i64 comma = str_find(left, ',');
        json_text(&s->j, NULL, str_trim(comma < 0 ? left : str_sub(left, 0, (u32)comma)));
        left = comma < 0 ? (Str){0} : str_sub(left, (u32)comma + 1, left.n);
    }
    json_end(&s->j, ']');
}

static Str first_paragraph(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (u32 i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && i + 1 < text.n && text.p[i + 1] == '\n') break;
        buf_char(&out, text.p[i] == '\n' ? ' ' : text.p[i]);
    }
    return buf_get(&out);
}

static void rule_write(Sarif *s, const RuleEntry *entry) {
    const Rule *rule = entry->rule;
    Str full = first_paragraph(s->arena, rule_section(entry, "What it does"));
    json_begin(&s->j, NULL, '{');
    json_text(&s->j, "id", str_from(rule->code));
    json_text(&s->j, "name", str_from(rule->name));
    message(s, "shortDescription", str_from(rule->summary));
    message(s, "fullDescription",
            full.n ? text_cut(s->arena, full, DESCRIPTION_MOST) : str_from(rule->summary));
    json_begin(&s->j, "help", '{');
    json_text(&s->j, "text", inert(s->arena, str_from(entry->doc)));
    json_text(&s->j, "markdown", str_from(entry->doc));
    json_end(&s->j, '}');
    json_begin(&s->j, "defaultConfiguration", '{');
    json_text(&s->j, "level", level_of(rule->severity));
    json_end(&s->j, '}');
    json_begin(&s->j, "properties", '{');
    json_text(&s->j, "precision", str_from(confidence_text(rule->confidence)));
    json_text(&s->j, "problem.severity", problem_severity(rule->severity));
    tags(s, rule);
    json_end(&s->j, '}');
    json_end(&s->j, '}');
}

/* Numbers the rules that found something. */
static void number_rules(Sarif *s) {
    u32 n = 0;
    s->index_of = arena_array(s->arena, u32, s->in->n_rules + 1);
    for (u32 i = 0; i < s->in->findings->n; i++) {
        const RuleEntry *rule = rule_of(s->in, s->in->findings->v[i].code);
        if (rule) s->index_of[rule - s->in->rules] = 1;
    }
    for (u32 i = 0; i < s->in->n_rules; i++)
        if (s->index_of[i]) s->index_of[i] = ++n;
}

static void tool(Sarif *s) {
    json_begin(&s->j, "tool", '{');
    json_begin(&s->j, "driver", '{');
    json_text(&s->j, "name", STR("limpet"));
    json_text(&s->j, "version", s->in->version);
    json_text(&s->j, "semanticVersion", s->in->version);
    json_begin(&s->j, "rules", '[');
    for (u32 i = 0; i < s->in->n_rules; i++)
        if (s->index_of[i]) rule_write(s, &s->in->rules[i]);
    json_end(&s->j, ']');
    json_end(&s->j, '}');
    json_end(&s->j, '}');
}

/* ---- the run ---- */

static void notification(Sarif *s, const ReportNotice *n) {
    json_begin(&s->j, NULL, '{');
    json_text(&s->j, "level", level_of(n->severity));
    message(s, "message", n->text);
    if (n->has_file && n->file < s->in->n_files) {
        json_begin(&s->j, "locations", '[');
        json_begin(&s->j, NULL, '{');
        json_begin(&s->j, "physicalLocation", '{');
        artifact(s, n->file);
        json_end(&s->j, '}');
        json_end(&s->j, '}');
        json_end(&s->j, ']');
    }
    json_end(&s->j, '}');
}

static void invocation(Sarif *s) {
    bool is_whole = true;
    for (u32 i = 0; i < s->in->n_notices; i++)
        is_whole &= s->in->notices[i].severity != SEVERITY_ERROR;
    json_begin(&s->j, "invocations", '[');
    json_begin(&s->j, NULL, '{');
    json_flag(&s->j, "executionSuccessful", is_whole);
    json_begin(&s->j, "toolExecutionNotifications", '[');
    for (u32 i = 0; i < s->in->n_notices; i++) notification(s, &s->in->notices[i]);
    json_end(&s->j, ']');
    json_end(&s->j, '}');
    json_end(&s->j, ']');
}

/* 3.14.14: no place on this machine, so that the same tree gives the same bytes anywhere. */
static void base_ids(Sarif *s) {
    json_begin(&s->j, "originalUriBaseIds", '{');
    json_begin(&s->j, "%SRCROOT%", '{');
    message(s, "description",
            s->in->top.n ? STR("the top of the git work tree") : STR("the working directory"));
    json_end(&s->j, '}');
    json_end(&s->j, '}');
}

void report_sarif(const ReportInput *in, Buf *out) {
    Sarif s = {.in = in, .j = {.out = out}, .arena = out->arena};
    number_rules(&s);
    json_begin(&s.j, NULL, '{');
    json_text(&s.j, "$schema",
              STR("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                  "sarif-schema-2.1.0.json"));
    json_text(&s.j, "version", STR("2.1.0"));
    json_begin(&s.j, "runs", '[');
    json_begin(&s.j, NULL, '{');
    tool(&s);
    json_begin(&s.j, "automationDetails", '{');
    json_text(&s.j, "id", STR("limpet/"));
    json_end(&s.j, '}');
    invocation(&s);
    base_ids(&s);
    json_text(&s.j, "columnKind", STR("unicodeCodePoints"));
    json_begin(&s.j, "results", '[');
    for (u32 i = 0; i < in->findings->n; i++) result(&s, &in->findings->v[i]);
    json_end(&s.j, ']');
    json_end(&s.j, '}');
    json_end(&s.j, ']');
    json_end(&s.j, '}');
}
