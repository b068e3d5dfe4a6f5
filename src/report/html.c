/* One page that says it all: no network, no date, the same bytes for the same findings. */
#include "report/html.h"

enum { SMALL_MOST = 30 }; /* with more findings each is closed at first, and refers to its rule */

/* ---- what the page may load: its own style and script ---- */

static void page_head(bool is_inline, Buf *out) {
    buf_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    if (is_inline)
        buf_printf(out, "style-src 'sha256-%s'; script-src 'sha256-%s'; ", html_style_hash,
                   html_script_hash);
    else
        buf_text(out, "style-src 'self'; script-src 'self'; ");
    buf_text(out, "base-uri 'none'; form-action 'none'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<title>limpet report</title>\n");
    if (is_inline)
        buf_printf(out, "<style>%s</style>\n", html_style);
    else
        buf_text(out, "<link rel=\"stylesheet\" href=\"limpet.css\">\n");
    buf_text(out, "</head>\n<body>\n");
}

static void page_end(const ReportInput *in, bool is_inline, Buf *out) {
    buf_text(out, "<footer>limpet ");
    html_escape(out, in->version);
    buf_text(out, " · paths from the working directory, columns in characters</footer>\n");
    if (is_inline)
        buf_printf(out, "<script>%s</script>\n", html_script);
    else
        buf_text(out, "<script src=\"limpet.js\"></script>\n");
    buf_text(out, "</body>\n</html>\n");
}

/* ---- the top ---- */

static void number(Buf *out, u32 n, const char *noun) {
    buf_printf(out, "%u %s%s", n, noun, n == 1 ? "" : "s");
}

static u32 count_severity(const ReportInput *in, Severity severity) {
    u32 n = 0;
    for (u32 i = 0; i < in->findings->n; i++) n += in->findings->v[i].severity == severity;
    return n;
}

static void tile(Buf *out, const char *kind, u32 n) {
    buf_printf(out, "<li class=\"%s\"><b>%u</b> %s%s</li>\n", kind, n, kind, n == 1 ? "" : "s");
}

/* A limpet on its rock. */
static const char MARK[] =
    "<svg class=\"mark\" viewBox=\"0 0 32 32\" width=\"40\" height=\"40\" aria-hidden=\"true\">"
    "<path d=\"M2 26C7 24 11 8 16 6c5 2 9 18 14 20z\" fill=\"currentColor\"/>"
    "<path d=\"M16 6v19M12.500 13 9 25M19.500 13 23 25\" fill=\"none\" stroke=\"#fff\" "
    "stroke-width=\"1.500\" opacity=\".7\"/></svg>";

static void left_out(Buf *out, u32 n, const char *why) {
    if (!n) return;
    buf_char(out, ' ');
    number(out, n, "finding");
    buf_printf(out, " %s %s.", n == 1 ? "is" : "are", why);
}

static void headline(const ReportInput *in, Buf *out) {
    const ReportSummary *s = &in->summary;
    bool is_empty = !s->files && !in->findings->n;
    buf_printf(out, "<header>\n%s<div><h1>", MARK);
    if (is_empty) {
        buf_text(out, "Nothing was checked");
    } else if (!in->findings->n) {
        buf_text(out, "No findings");
    } else {
        number(out, in->findings->n, "finding");
        buf_text(out, " in ");
        number(out, files_with_findings(in->findings), "file");
    }
    buf_text(out, "</h1>\n<p>limpet read ");
    number(out, s->files, "file");
    if (s->skipped) buf_printf(out, " (%u skipped)", s->skipped);
    buf_text(out, " and looked at ");
    number(out, s->containers, "long-lived container");
    buf_printf(out, ": %u bounded, %u drained", s->bounded, s->drained);
    if (s->steady) buf_printf(out, ", %u not filled per call", s->steady);
    buf_text(out, ", ");
    number(out, s->suspects, "suspect");
    buf_char(out, '.');
    left_out(out, s->suppressed, "suppressed by comments");
    left_out(out, s->known, "known before");
    left_out(out, s->baselined, "in the baseline");
    buf_text(out, "</p></div></header>\n");
}

static void tiles(const ReportInput *in, Buf *out) {
    if (!in->findings->n) return;
    buf_text(out, "<ul class=\"tiles\">\n");
    tile(out, "error", count_severity(in, SEVERITY_ERROR));
    tile(out, "warning", count_severity(in, SEVERITY_WARNING));
    tile(out, "note", count_severity(in, SEVERITY_NOTE));
    buf_text(out, "</ul>\n");
}

/* Errors first: something was asked for and not done. */
static void notices(const ReportInput *in, Buf *out) {
    enum { OPEN_NOTICES = 6 };
    u32 errors = 0;
    if (!in->n_notices) return;
    for (u32 i = 0; i < in->n_notices; i++) errors += in->notices[i].severity == SEVERITY_ERROR;
    buf_printf(out, "<details class=\"notices\"%s><summary>Not everything could be read: ",
               in->n_notices <= OPEN_NOTICES ? " open" : "");
    if (errors) number(out, errors, "failure");
    if (errors && in->n_notices > errors) buf_text(out, ", ");
    if (in->n_notices > errors) number(out, in->n_notices - errors, "file");
    if (in->n_notices > errors) buf_text(out, " skipped or read in part");
    buf_text(out, "</summary>\n<ul>\n");
    for (u32 round = 0; round < 2; round++)
        for (u32 i = 0; i < in->n_notices; i++) {
            if ((in->notices[i].severity == SEVERITY_ERROR) != (round == 0)) continue;
            buf_text(out, "<li>");
            html_escape(out, in->notices[i].text);
            buf_text(out, "</li>\n");
        }
    buf_text(out, "</ul></details>\n");
}

/* ---- controls: they work with the script alone, which shows them ---- */

static void choice(Buf *out, const char *id, const char *label, const char *words) {
    buf_printf(out, "<label>%s <select id=\"%s\">", label, id);
    Str left = str_from(words);
    bool is_first = true;
    while (left.n) {
        i64 space = str_find(left, ' ');
        Str word = space < 0 ? left : str_sub(left, 0, (u32)space);
        left = space < 0 ? (Str){0} : str_sub(left, (u32)space + 1, left.n);
        buf_printf(out, "<option value=\"%.*s\">%.*s</option>", is_first ? 0 : (int)word.n, word.p,
                   STR_ARG(word));
        is_first = false;
    }
    buf_text(out, "</select></label>\n");
}

static void controls(const ReportInput *in, Buf *out) {
    if (!in->findings->n) return;
    buf_text(out,
             "<form id=\"controls\" hidden>\n<label class=\"search\">Filter <input id=\"text\" "
             "type=\"search\" placeholder=\"path, name, rule …\" autocomplete=\"off\"></label>\n");
    choice(out, "severity", "Severity", "any error warning note");
    choice(out, "confidence", "Confidence", "any high medium low");
    choice(out, "effect", "Effect", "any never-freed bounded delayed hazard");
    choice(out, "sort", "Sort by", "gravity path rule");
    buf_text(out,
             "<span class=\"buttons\"><button type=\"button\" id=\"fold\">Fold all</button>\n"
             "<button type=\"button\" id=\"theme\">Dark</button></span>\n"
             "<p class=\"keys\"><output id=\"shown\"></output> <kbd>j</kbd> <kbd>k</kbd> next and "
             "previous, <kbd>o</kbd> open or fold, <kbd>/</kbd> filter</p>\n</form>\n");
}

/* ---- rules ---- */

static void rule_part(const RuleEntry *entry, const char *heading, Buf *out) {
    Str text = rule_section(entry, heading);
    if (!text.n) return;
    buf_printf(out, "<h3>%s</h3>\n", heading);
    html_markdown(out, text);
}

static void rule_write(const RuleEntry *entry, Buf *out) {
    buf_printf(out,
               "<details class=\"rule\" id=\"rule-%s\"><summary><span class=\"head\"><span "
               "class=\"code\">%s</span> <span class=\"name\">%s</span></span><span "
               "class=\"message\">",
               entry->rule->code, entry->rule->code, entry->rule->name);
    html_line(out, str_from(entry->rule->summary));
    buf_text(out, "</span></summary>\n<div class=\"body prose\">\n");
    rule_part(entry, "What it does", out);
    rule_part(entry, "Why it leaks", out);
    Buf pair = {.arena = out->arena};
    if (html_example(entry, &pair)) {
        buf_text(out, "<h3>Example</h3>\n");
        buf_str(out, buf_get(&pair));
    }
    rule_part(entry, "When it is silent", out);
    rule_part(entry, "What it misses", out);
    rule_part(entry, "How to confirm", out);
    rule_part(entry, "References", out);
    buf_text(out, "</div></details>\n");
}

static void rules(const ReportInput *in, Buf *out) {
    bool *is_used = arena_array(out->arena, bool, in->n_rules + 1), any = false;
    for (u32 i = 0; i < in->findings->n; i++) {
        const RuleEntry *rule = rule_of(in, in->findings->v[i].code);
        if (rule) any = is_used[rule - in->rules] = true;
    }
    if (!any) return;
    buf_text(out, "<section id=\"rules\"><h2>Rules</h2>\n");
    for (u32 i = 0; i < in->n_rules; i++)
        if (is_used[i]) rule_write(&in->rules[i], out);
    buf_text(out, "</section>\n");
}

/* ---- the page ---- */

static void page(const ReportInput *in, bool is_inline, Buf *out) {
    Buf index = {.arena = out->arena};
    u32 n = in->findings->n;
    if (n) html_index(in, &index);
    page_head(is_inline, out);
    headline(in, out);
    buf_text(out, "<main>\n");
    tiles(in, out);
    notices(in, out);
    controls(in, out);
    buf_str(out, buf_get(&index));
    if (n) buf_text(out, "<section id=\"findings\"><h2>Findings</h2>\n");
    const u32 *order = findings_by_weight(in, out->arena);
    for (u32 i = 0; i < n; i++) html_finding(in, &in->findings->v[order[i]], n <= SMALL_MOST, out);
    if (n) buf_text(out, "</section>\n");
    rules(in, out);
    buf_text(out, "</main>\n");
    page_end(in, is_inline, out);
}

void report_html(const ReportInput *in, Buf *out) {
    page(in, true, out);
}

static void page_file(const ReportInput *in, Buf *out) {
    page(in, false, out);
}

static void style_file(const ReportInput *in, Buf *out) {
    (void)in;
    buf_text(out, html_style);
}

static void script_file(const ReportInput *in, Buf *out) {
    (void)in;
    buf_text(out, html_script);
}

const ReportPart *report_html_parts(void) {
    static const ReportPart parts[] = {
        {"index.html", page_file}, {"limpet.css", style_file}, {"limpet.js", script_file}, {0}};
    return parts;
}
