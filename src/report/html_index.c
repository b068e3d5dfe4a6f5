/* The index of the HTML report: one row for each holder, since one bug may have many findings. */
#include "report/html.h"

#include "base/map.h"

/* ---- one row for each holder ---- */

typedef struct Group {
    u32 first, last; /* findings, the gravest first */
    u32 n;
} Group;

typedef struct Index {
    const ReportInput *in;
    u32 *next; /* by finding: the next one of the same holder */
    Group *groups;
    u32 n;
} Index;

static const Step *holder_of(const Finding *f) {
    for (u32 i = 0; i < f->steps.n; i++)
        if (f->steps.v[i].kind == STEP_NODE) return &f->steps.v[i];
    return NULL;
}

static u64 holder_key(const ReportInput *in, u32 finding, Arena *arena) {
    const Finding *f = &in->findings->v[finding];
    const Step *holder = holder_of(f);
    Buf key = {.arena = arena};
    if (holder && holder->has_place)
        buf_printf(&key, "%u:%u:%.*s", holder->place.file, holder->place.start,
                   STR_ARG(holder->text));
    else if (holder)
        buf_printf(&key, "#%u", finding);
    else
        buf_printf(&key, "%u:%.*s:%.*s", f->place.file, STR_ARG(f->code), STR_ARG(f->scope));
    return hash_str(buf_get(&key));
}

static void take(Index *index, Map *groups, u32 finding, Arena *arena) {
    u64 key = holder_key(index->in, finding, arena);
    u32 known = map_get(groups, key);
    if (known) {
        Group *group = &index->groups[known - 1];
        index->next[group->last] = finding;
        group->last = finding;
        group->n++;
        return;
    }
    index->groups[index->n++] = (Group){finding, finding, 1};
    map_set(arena, groups, key, index->n);
}

static void holder_cell(const Finding *f, Buf *out) {
    const Step *holder = holder_of(f);
    buf_text(out, "<td class=\"holder\"><a href=\"#");
    html_anchor(f, out);
    buf_text(out, "\"><code>");
    html_escape(out, holder ? holder->text : f->scope.n ? f->scope : f->name);
    buf_text(out, "</code></a><span class=\"message\">");
    html_line(out, f->message);
    buf_text(out, "</span></td>");
}

static void place_cell(const Index *index, const Group *group, Buf *out) {
    enum { MOST = 4 };
    const ReportInput *in = index->in;
    u32 finding = group->first;
    buf_text(out, "<td class=\"places\">");
    for (u32 i = 0; i < MIN(group->n, (u32)MOST); i++, finding = index->next[finding]) {
        const Finding *f = &in->findings->v[finding];
        buf_printf(out, "%s<a href=\"#", i ? "<br>" : "");
        html_anchor(f, out);
        buf_text(out, "\">");
        html_path_name(out, path_of(in, f->place.file));
        buf_printf(out, ":%u</a>", place_position(in, f->place.file, f->place.start).line);
    }
    if (group->n > MOST) buf_printf(out, "<br>and %u more", group->n - MOST);
    buf_text(out, "</td>");
}

static void index_row(const Index *index, const Group *group, Buf *out) {
    const Finding *f = &index->in->findings->v[group->first];
    buf_text(out, "<tr");
    html_data(index->in, f, out);
    buf_text(out, "><td>");
    html_badge(out, severity_text(f->severity), severity_text(f->severity));
    buf_text(out, "</td>");
    holder_cell(f, out);
    buf_printf(out, "<td><a href=\"#rule-%.*s\">%.*s</a></td><td>%s</td><td>%s</td>",
               STR_ARG(f->code), STR_ARG(f->code), effect_text(f->effect),
               confidence_text(f->confidence));
    place_cell(index, group, out);
    buf_text(out, "</tr>\n");
}

void html_index(const ReportInput *in, Buf *out) {
    static const char *const COLUMNS[] = {"Severity", "Holder",     "Rule",
                                          "Effect",   "Confidence", "Place"};
    u32 n = in->findings->n;
    Arena *arena = out->arena;
    const u32 *order = findings_by_weight(in, arena);
    Index index = {.in = in,
                   .next = arena_array(arena, u32, n + 1),
                   .groups = arena_array(arena, Group, n + 1)};
    Map groups = {0};
    for (u32 i = 0; i < n; i++) take(&index, &groups, order[i], arena);
    buf_text(out,
             "<section id=\"index\"><h2>Holders</h2>\n<p class=\"lead\">One row for each object "
             "that holds on too long, or for the code of a finding without one; the gravest "
             "first.</p>\n<div class=\"table\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Holders\"><table>\n<thead><tr>");
    for (u32 i = 0; i < ARRAY_LEN(COLUMNS); i++)
        buf_printf(out, "<th scope=\"col\">%s</th>", COLUMNS[i]);
    buf_text(out, "</tr></thead>\n<tbody>\n");
    for (u32 i = 0; i < index.n; i++) index_row(&index, &index.groups[i], out);
    buf_text(out, "</tbody></table></div></section>\n");
}
