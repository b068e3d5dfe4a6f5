/* What the formats for programs have in common: paths, places, order, text. */
#include "report/parts.h"

#include "base/path.h"
#include "base/utf8.h"

#include <stdlib.h>

Str path_of(const ReportInput *in, u32 file) {
    return file < in->n_files ? in->files[file].path : (Str){0};
}

static Str path_from(const ReportInput *in, u32 file, Str folder) {
    bool is_known = file < in->n_files && folder.n;
    Str inside = is_known ? path_below(folder, in->files[file].absolute) : (Str){0};
    return inside.p ? inside : path_of(in, file);
}

Str path_in_repository(const ReportInput *in, u32 file) {
    return path_from(in, file, in->top);
}

Str path_in_project(const ReportInput *in, u32 file) {
    return path_from(in, file, in->project.n ? in->project : in->top);
}

/* ---- places ---- */

/* Offset of the line after that of the offset, UINT32_MAX when it is the last. */
static u32 next_line(const ReportInput *in, u32 file, u32 offset) {
    if (file >= in->n_files || !in->files[file].lines) return UINT32_MAX;
    u32 line = place_in_file(in, file, offset).line;
    return line < in->files[file].n_lines ? in->files[file].lines[line] : UINT32_MAX;
}

bool place_is_on_one_line(const ReportInput *in, Place place) {
    return place.end <= place.start || place.end < next_line(in, place.file, place.start);
}

Place place_on_one_line(const ReportInput *in, Place place) {
    u32 next = next_line(in, place.file, place.start);
    Str text;
    place.end = MAX(place.start, place.end);
    if (place.end < next) return place;
    place.end = MAX(place.start, next - 1);
    bool is_readable = sources_text(in->sources, place.file, &text) && place.end <= text.n;
    if (is_readable && place.end > place.start && text.p[place.end - 1] == '\r') place.end--;
    return place;
}

u32 place_byte_column(const ReportInput *in, u32 file, u32 offset) {
    if (file >= in->n_files || !in->files[file].lines) return 1;
    u32 line = place_in_file(in, file, offset).line;
    return offset - MIN(offset, in->files[file].lines[line - 1]) + 1;
}

/* ---- order ---- */

Severity shown_severity(const Finding *f) {
    return f->is_suppressed ? SEVERITY_NOTE : f->severity;
}

Str shown_message(Arena *arena, const Finding *f) {
    if (!f->is_suppressed) return f->message;
    return str_format(arena, "%.*s (suppressed)", STR_ARG(f->message));
}

static int weight_cmp(const void *a, const void *b, void *context) {
    const Findings *findings = context;
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    const Finding *f = &findings->v[x], *g = &findings->v[y];
    if (f->is_suppressed != g->is_suppressed) return f->is_suppressed ? 1 : -1;
    if (f->severity != g->severity) return f->severity > g->severity ? -1 : 1;
    if (f->confidence != g->confidence) return f->confidence > g->confidence ? -1 : 1;
    /* what is said of files comes after what is said of code */
    bool of_file = str_starts(f->code, "LMP9"), of_other = str_starts(g->code, "LMP9");
    if (of_file != of_other) return of_file ? 1 : -1;
    return (x > y) - (x < y);
}

const u32 *findings_by_weight(const ReportInput *in, Arena *arena) {
    u32 n = in->findings->n;
    u32 *order = arena_array(arena, u32, n + 1);
    for (u32 i = 0; i < n; i++) order[i] = i;
    qsort_r(order, n, sizeof *order, weight_cmp, (void *)(uintptr_t)in->findings);
    return order;
}

/* ---- text ---- */

static void step_text(const ReportInput *in, const Step *step, bool is_first, Buf *out) {
    buf_text(out, is_first || step->kind == STEP_NOTE ? "" : "→ ");
    buf_str(out, step->text);
    if (step->has_place && step->place.file < in->n_files) {
        buf_text(out, " (");
        buf_str(out, path_in_repository(in, step->place.file));
        buf_printf(out, ":%u)", place_in_file(in, step->place.file, step->place.start).line);
    }
    if (step->note.n) {
        buf_text(out, step->text.n ? ": " : "");
        buf_str(out, step->note);
    }
    buf_char(out, '\n');
}

static void labelled(Buf *out, const char *label, Str text) {
    if (!text.n) return;
    buf_text(out, label);
    buf_str(out, text);
    buf_char(out, '\n');
}

void finding_text(const ReportInput *in, const Finding *f, Buf *out) {
    buf_str(out, shown_message(out->arena, f));
    buf_char(out, '\n');
    if (f->steps.n) buf_char(out, '\n');
    for (u32 i = 0; i < f->steps.n; i++) step_text(in, &f->steps.v[i], i == 0, out);
    if (f->help.n || f->confirm.n || f->fix.edits.n) buf_char(out, '\n');
    labelled(out, "help: ", f->help);
    labelled(out, "confirm: ", f->confirm);
    if (f->fix.edits.n)
        labelled(out, f->fix.is_safe ? "fix: " : "fix (changes behaviour): ", f->fix.title);
    while (out->n && out->p[out->n - 1] == '\n') out->n--;
}

void text_visible(Buf *out, Str s) {
    while (s.n) {
        u32 n = 0;
        while (n < s.n && s.p[n] != '\n' && s.p[n] != '\r') n++;
        report_escape(out, str_sub(s, 0, n));
        if (n < s.n) buf_char(out, s.p[n++]);
        s = str_sub(s, n, s.n);
    }
}

Str text_cut(Arena *arena, Str s, u32 most) {
    static const char ELLIPSIS[] = "…";
    if (s.n <= most) return s;
    u32 room = most - MIN(most, (u32)sizeof ELLIPSIS - 1), at = 0, code;
    while (at < room) {
        u32 n = utf8_decode(s, at, &code);
        if (at + n > room) break;
        at += n;
    }
    Buf cut = {.arena = arena};
    buf_str(&cut, str_sub(s, 0, at));
    buf_text(&cut, ELLIPSIS);
    return buf_get(&cut);
}

/* ---- rules ---- */

const RuleEntry *rule_of(const ReportInput *in, Str code) {
    u32 low = 0, high = in->n_rules;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        int order = str_cmp(str_from(in->rules[middle].rule->code), code);
        if (!order) return &in->rules[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

Str rule_section(const RuleEntry *entry, const char *heading) {
    Str left = str_from(entry->doc), found = {0};
    bool is_inside = false;
    while (left.n) {
        i64 end = str_find(left, '\n');
        Str line = end < 0 ? left : str_sub(left, 0, (u32)end);
        left = end < 0 ? (Str){0} : str_sub(left, (u32)end + 1, left.n);
        if (str_starts(line, "## ")) {
            if (is_inside) break;
            is_inside = str_is(str_sub(line, 3, line.n), heading);
            found = (Str){left.p, 0};
        } else if (is_inside) {
            found.n = (u32)(line.p + line.n - found.p);
        }
    }
    return is_inside ? str_trim(found) : (Str){0};
}
