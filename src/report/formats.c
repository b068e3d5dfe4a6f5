#include "report/report.h"

#include "base/near.h"

static const ReportFormat formats[] = {
    {"full", "each finding with its excerpt, retention path and fix", false, report_full, NULL},
    {"concise", "one line a finding: path:line:col: CODE message", false, report_concise, NULL},
    {"json", "one JSON object, see limpet.schema.json", true, report_json, NULL},
    {"sarif", "SARIF 2.1.0, for GitHub's code scanning and editors", true, report_sarif, NULL},
    {"github", "annotations of GitHub Actions", true, report_github, NULL},
    {"gitlab", "GitLab's code quality report", true, report_gitlab, NULL},
    {"junit", "JUnit's XML, a failing test a finding", true, report_junit, NULL},
    {"rdjson", "reviewdog's JSON, with suggestions", true, report_rdjson, NULL},
    {"azure", "logging commands of Azure Pipelines", true, report_azure, NULL},
    {"checkstyle", "Checkstyle's XML", true, report_checkstyle, NULL},
    {"html", "one page to read in a browser; html=DIR/ makes a folder", true, report_html,
     report_html_parts},
    {0},
};

const ReportFormat *report_formats(void) {
    return formats;
}

const ReportFormat *report_format(Str name) {
    for (const ReportFormat *f = formats; f->name; f++)
        if (str_is(name, f->name)) return f;
    return NULL;
}

/* ---- several at once ---- */

static Str unknown(Arena *arena, Str name) {
    Buf all = {.arena = arena};
    Str near = {0};
    for (const ReportFormat *f = formats; f->name; f++) {
        buf_printf(&all, "%s%s", all.n ? ", " : "", f->name);
        near_keep(name, str_from(f->name), &near);
    }
    if (near.n) buf_printf(&all, "; did you mean '%.*s'?", STR_ARG(near));
    return str_format(arena, "'%.*s' is not one of %.*s", STR_ARG(name), STR_ARG(buf_get(&all)));
}

/* Does it clash with one before? */
static Str clash(Arena *arena, const ReportOutputs *all, const ReportOutput *one) {
    for (u32 i = 0; i < all->n; i++) {
        if (!str_eq(all->v[i].file, one->file)) continue;
        if (one->file.n)
            return str_format(arena, "two formats would write '%.*s'", STR_ARG(one->file));
        return str_format(arena, "'%s' and '%s' would both go to one place: write '%s=FILE'",
                          all->v[i].format->name, one->format->name, one->format->name);
    }
    return (Str){0};
}

static Str take_output(Arena *arena, Str word, ReportOutputs *out) {
    i64 equal = str_find(word, '=');
    Str name = str_trim(equal < 0 ? word : str_sub(word, 0, (u32)equal));
    ReportOutput one = {.format = report_format(name)};
    if (!one.format) return unknown(arena, name);
    if (equal >= 0) one.file = str_copy(arena, str_sub(word, (u32)equal + 1, word.n));
    if (equal >= 0 && !one.file.n) return str_format(arena, "'%.*s=' has no file", STR_ARG(name));
    if (str_ends(one.file, "/") && !one.format->parts)
        return str_format(arena, "'%.*s' is a folder: '%.*s' is one file", STR_ARG(one.file),
                          STR_ARG(name));
    Str error = clash(arena, out, &one);
    if (error.n) return error;
    if (out->n == REPORT_OUTPUTS) return STR("these are too many");
    out->v[out->n++] = one;
    return (Str){0};
}

Str report_outputs(Arena *arena, Str text, ReportOutputs *out) {
    Str left = text;
    out->n = 0;
    while (left.n) {
        i64 comma = str_find(left, ',');
        Str word = str_trim(comma < 0 ? left : str_sub(left, 0, (u32)comma));
        left = comma < 0 ? (Str){0} : str_sub(left, (u32)comma + 1, left.n);
        if (!word.n) continue;
        Str error = take_output(arena, word, out);
        if (error.n) return error;
    }
    return out->n ? (Str){0} : unknown(arena, text);
}
