/* One finding: where, why, fix. */
#include "report/html.h"

void html_badge(Buf *out, const char *kind, const char *word) {
    buf_printf(out, "<span class=\"badge %s\">%s</span>", kind, word);
}

void html_anchor(const Finding *f, Buf *out) {
    buf_printf(out, "f-%016llx", (unsigned long long)f->fingerprint);
}

void html_data(const ReportInput *in, const Finding *f, Buf *out) {
    buf_printf(out,
               " data-severity=\"%s\" data-confidence=\"%s\" data-effect=\"%s\" data-rule=\"%.*s\" "
               "data-path=\"",
               severity_text(f->severity), confidence_text(f->confidence), effect_text(f->effect),
               STR_ARG(f->code));
    html_escape(out, path_of(in, f->place.file));
    buf_text(out, "\"");
}

static void place(const ReportInput *in, const Finding *f, Buf *out) {
    Position at = place_position(in, f->place.file, f->place.start);
    html_escape(out, path_of(in, f->place.file));
    buf_printf(out, ":%u:%u", at.line, at.column);
}

static void head(const ReportInput *in, const Finding *f, Buf *out) {
    buf_text(out, "<summary><span class=\"head\">");
    html_badge(out, severity_text(f->severity), severity_text(f->severity));
    if (f->is_suppressed) html_badge(out, "safe", "suppressed");
    buf_printf(out, "<span class=\"code\">%.*s</span> <span class=\"name\">", STR_ARG(f->code));
    html_escape(out, f->name);
    buf_text(out, "</span><span class=\"place\">");
    place(in, f, out);
    buf_text(out, "</span></span><span class=\"message\">");
    html_line(out, f->message);
    buf_text(out, "</span></summary>\n");
}

/* ---- where ---- */

static void where(const ReportInput *in, const Finding *f, Buf *out) {
    Buf picture = {.arena = out->arena};
    html_path(f, &picture);
    buf_printf(out, "<section class=\"where\"><h3>Where</h3>\n<div class=\"%s\">\n",
               picture.n ? "both" : "one");
    if (picture.n) {
        buf_text(out, "<div class=\"picture\">");
        buf_str(out, buf_get(&picture));
        buf_text(out, "</div>\n");
    }
    buf_text(out, "<div class=\"sources\">\n");
    html_excerpts(in, f, out);
    buf_text(out, "</div>\n</div></section>\n");
}

/* ---- why ---- */

static const char *effect_sentence(Effect effect) {
    switch (effect) {
    case EFFECT_NEVER_FREED:
        return "Memory grows until the process ends.";
    case EFFECT_BOUNDED:
        return "It stays in memory, but no more than so much.";
    case EFFECT_DELAYED:
        return "It waits for the cyclic garbage collector.";
    case EFFECT_HAZARD:
        return "Something other than memory goes wrong.";
    }
    return "";
}

static const char *confidence_sentence(Confidence confidence) {
    switch (confidence) {
    case CONFIDENCE_HIGH:
        return "nothing in what was read speaks against it.";
    case CONFIDENCE_MEDIUM:
        return "most often true; code that was not read may change it.";
    case CONFIDENCE_LOW:
        return "a suspicion that limpet cannot prove.";
    }
    return "";
}

static Str first_paragraph(Str text) {
    Str left = text, first = {text.p, 0};
    while (left.n) {
        Str line = line_next(&left);
        if (!line.n) break;
        first.n = (u32)(line.p + line.n - first.p);
    }
    return first;
}

static void why(const ReportInput *in, const Finding *f, Buf *out) {
    const RuleEntry *rule = rule_of(in, f->code);
    buf_text(out, "<section class=\"why\"><h3>Why</h3>\n");
    if (rule) html_markdown(out, first_paragraph(rule_section(rule, "Why it leaks")));
    buf_text(out, "<dl>");
    buf_printf(out, "<dt>Effect</dt><dd><b>%s</b> %s</dd>", effect_text(f->effect),
               effect_sentence(f->effect));
    buf_printf(out, "<dt>Confidence</dt><dd><b>%s</b> %s</dd>", confidence_text(f->confidence),
               confidence_sentence(f->confidence));
    bool is_open = false;
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        if (step->kind != STEP_NOTE || step->has_place) continue;
        if (!is_open) buf_text(out, "<dt>Looked at</dt><dd><ul>");
        is_open = true;
        buf_text(out, "<li>");
        html_line(out, step->text.n ? step->text : step->note);
        buf_text(out, "</li>");
    }
    if (is_open) buf_text(out, "</ul></dd>");
    if (f->effect != EFFECT_HAZARD) {
        u32 n = in->summary.files;
        buf_printf(out,
                   "<dt>Assumes</dt><dd>that the %u file%s read %s all the code that has to do "
                   "with it</dd>",
                   n, n == 1 ? "" : "s", n == 1 ? "is" : "are");
    }
    if (f->scope.n) {
        buf_text(out, "<dt>In</dt><dd><code>");
        html_escape(out, f->scope);
        buf_text(out, "</code></dd>");
    }
    buf_text(out, "</dl>\n");
    if (rule)
        buf_printf(
            out,
            "<p class=\"more\"><a href=\"#rule-%s\">What %s looks for, when it is silent, and "
            "what it misses</a></p>\n",
            rule->rule->code, rule->rule->code);
    buf_text(out, "</section>\n");
}

/* ---- fix ---- */

static void copyable(Buf *out, const char *label, Str text) {
    buf_printf(out, "<dt>%s</dt><dd class=\"copy\"><code>", label);
    html_escape(out, text);
    buf_text(out, "</code></dd>\n");
}

/* A check that is one piece of code, without its backquotes; else as it is. */
static void check(Buf *out, Str text) {
    buf_text(out, "<dt>Check at run time</dt><dd>");
    html_line(out, text);
    buf_text(out, "</dd>\n");
}

static bool is_c(Str path) {
    static const char *const endings[] = {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp"};
    for (u32 i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(path, endings[i])) return true;
    return false;
}

static void example_part(const char *title, Str code, Buf *out) {
    buf_printf(out, "<figure><figcaption>%s</figcaption><pre tabindex=\"0\"><code>", title);
    for (u32 i = 0; code.n; i++) {
        if (i) buf_char(out, '\n');
        html_escape(out, line_next(&code));
    }
    buf_text(out, "</code></pre></figure>\n");
}

bool html_example(const RuleEntry *rule, Buf *out) {
    Str text = rule_section(rule, "Example");
    Str bad = markdown_block(text, "bad"), good = markdown_block(text, "good");
    if (!bad.n || !good.n) return false;
    buf_text(out, "<div class=\"pair\">\n");
    example_part("Before", bad, out);
    example_part("After", good, out);
    buf_text(out, "</div>\n");
    return true;
}

/* How others mend it: the rule's example, or the way to it. */
static void before_and_after(const ReportInput *in, const Finding *f, bool is_small, Buf *out) {
    const RuleEntry *rule = rule_of(in, f->code);
    Buf pair = {.arena = out->arena};
    if (!rule || !html_example(rule, &pair)) return;
    if (!is_small) {
        buf_printf(
            out, "<p class=\"more\"><a href=\"#rule-%s\">Before and after, in an example</a></p>\n",
            rule->rule->code);
        return;
    }
    buf_text(out,
             "<details class=\"example\"><summary>Before and after, in an example</summary>\n");
    buf_str(out, buf_get(&pair));
    buf_text(out, "</details>\n");
}

static void fix(const ReportInput *in, const Finding *f, bool is_small, Buf *out) {
    buf_text(out, "<section class=\"fix\"><h3>Fix</h3>\n");
    if (f->help.n) {
        buf_text(out, "<p class=\"help\">");
        html_line(out, f->help);
        buf_text(out, "</p>\n");
    }
    if (f->fix.edits.n) {
        buf_text(out, "<p>");
        html_badge(out, f->fix.is_safe ? "safe" : "unsafe",
                   f->fix.is_safe ? "keeps behaviour" : "changes behaviour");
        html_line(out, f->fix.title);
        buf_text(out, "</p>\n");
        html_fix(in, f, out);
    } else {
        before_and_after(in, f, is_small, out);
    }
    buf_text(out, "<dl>\n");
    if (f->confirm.n) check(out, f->confirm);
    bool in_c = is_c(path_of(in, f->place.file));
    copyable(out, "If it is meant so",
             str_format(out->arena, "%s limpet: ignore[%.*s] why%s", in_c ? "/*" : "#",
                        STR_ARG(f->code), in_c ? " */" : ""));
    buf_text(out, "</dl>\n</section>\n");
}

void html_finding(const ReportInput *in, const Finding *f, bool is_small, Buf *out) {
    buf_text(out, "<details class=\"finding\"");
    html_data(in, f, out);
    buf_text(out, " id=\"");
    html_anchor(f, out);
    buf_text(out, is_small ? "\" open>\n" : "\">\n");
    head(in, f, out);
    buf_text(out, "<div class=\"body\">\n");
    where(in, f, out);
    buf_text(out, "<div class=\"reason\">\n");
    why(in, f, out);
    fix(in, f, is_small, out);
    buf_text(out, "</div></div></details>\n");
}
