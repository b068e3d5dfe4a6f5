#include "report/html.h"

enum { CONTEXT = 2, LINES_MOST = 12, LINE_MOST = 320, LINE_BEFORE = 120 };

/* One excerpt: a line, what is marked in it, and who speaks of it. */
typedef struct Excerpt {
    u32 file, line;
    Place mark;
} Excerpt;

static u32 character_start(Str s, u32 at) {
    while (at > 0 && at < s.n && ((u8)s.p[at] & 0xC0) == 0x80) at--;
    return at;
}

/* Code: tabs stay, what cannot be seen is an escape in a frame. */
static void code(Buf *out, Str s) {
    u32 begin = 0;
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        bool is_tab = s.p[i] == '\t';
        bool is_escaped = !is_tab && cell.n > 1 && cell.shown[0] == '\\' && s.p[i] != '\\';
        if (is_tab || is_escaped) {
            html_escape(out, str_sub(s, begin, i));
            if (is_tab) buf_char(out, '\t');
            if (is_escaped) buf_printf(out, "<i>%.*s</i>", cell.n, cell.shown);
            begin = i + cell.bytes;
        }
        i += cell.bytes;
    }
    html_escape(out, str_sub(s, begin, s.n));
}

/* A line with the bytes [from, to) marked; of an endless one the neighbourhood of the mark. */
static void marked_line(Buf *out, Str line, u32 from, u32 to) {
    u32 begin = 0, end = line.n;
    if (line.n > LINE_MOST) {
        begin = character_start(line, from - MIN(from, (u32)LINE_BEFORE));
        end = character_start(line, MIN(line.n, begin + LINE_MOST));
    }
    from = MIN(MAX(from, begin), end);
    to = MIN(MAX(to, from), end);
    if (begin) buf_text(out, "…");
    code(out, str_sub(line, begin, from));
    if (to > from) {
        buf_text(out, "<mark>");
        code(out, str_sub(line, from, to));
        buf_text(out, "</mark>");
    }
    code(out, str_sub(line, to, end));
    if (end < line.n) buf_text(out, "…");
}

static void source_row(const ReportInput *in, const Excerpt *e, Str text, u32 number, Buf *out) {
    const ReportFile *file = &in->files[e->file];
    Str line = source_line(text, file->lines, file->n_lines, number);
    u32 begin = file->lines[number - 1];
    u32 from = e->mark.start - MIN(e->mark.start, begin),
        to = e->mark.end - MIN(e->mark.end, begin);
    bool is_marked = number >= e->line && e->mark.end > begin;
    while (number > e->line && from < line.n && (line.p[from] == ' ' || line.p[from] == '\t'))
        from++;
    buf_printf(out, "<span class=\"%s\"><b>%u</b>", is_marked ? "hit" : "near", number);
    marked_line(out, line, is_marked ? MIN(from, line.n) : 0, is_marked ? MIN(to, line.n) : 0);
    buf_text(out, "\n</span>");
}

static void source_rows(const ReportInput *in, const Excerpt *e, Buf *out) {
    Str text;
    if (!sources_text(in->sources, e->file, &text) || e->mark.start > text.n) {
        buf_text(out, "<p class=\"gone\">The file cannot be read any more, or has changed.</p>\n");
        return;
    }
    u32 first = e->line - MIN(e->line - 1, (u32)CONTEXT);
    u32 end = place_position(in, e->file, MAX(e->mark.end, e->mark.start + 1) - 1).line;
    u32 last = MIN(MAX(e->line + CONTEXT, end + 1), e->line + LINES_MOST);
    last = MIN(last, in->files[e->file].n_lines);
    buf_text(out, "<pre tabindex=\"0\"><code>");
    for (u32 n = first; n <= last; n++) source_row(in, e, text, n, out);
    buf_text(out, "</code></pre>\n");
}

static bool is_at(const ReportInput *in, const Step *step, const Excerpt *e) {
    return step->has_place && step->place.file == e->file && e->file < in->n_files &&
           place_position(in, e->file, step->place.start).line == e->line;
}

/* The last node of a cycle is the first one, which has spoken already. */
static bool is_again(const Finding *f, u32 step) {
    for (u32 i = 0; i < step; i++)
        if (step_number(f, i) == step_number(f, step)) return true;
    return false;
}

static void step_line(const Finding *f, u32 i, Buf *out) {
    const Step *step = &f->steps.v[i];
    buf_printf(out, "<span class=\"step%s\"><b class=\"n\">%u</b> ", step->suspect ? " cut" : "",
               step_number(f, i));
    html_line(out, step->text);
    if (step->note.n) {
        buf_text(out, " <em>");
        html_line(out, step->note);
        buf_text(out, "</em>");
    }
    buf_text(out, "</span>\n");
}

static void excerpt(const ReportInput *in, const Finding *f, const Excerpt *e, Buf *out) {
    buf_text(out, "<figure class=\"source\"><figcaption><span class=\"steps\">");
    for (u32 i = 0; i < f->steps.n; i++)
        if (is_at(in, &f->steps.v[i], e) && !is_again(f, i)) step_line(f, i, out);
    buf_text(out, "</span><span class=\"place\">");
    html_path_name(out, path_of(in, e->file));
    buf_printf(out, ":%u</span></figcaption>\n", e->line);
    source_rows(in, e, out);
    buf_text(out, "</figure>\n");
}

static Excerpt excerpt_of(const ReportInput *in, Place place) {
    return (Excerpt){place.file,
                     place_position(in, place.file, place.start).line,
                     {place.file, place.start, MAX(place.start, place.end)}};
}

/* Is it shown with a step before? */
static bool is_shown(const ReportInput *in, const Finding *f, u32 step, const Excerpt *e) {
    for (u32 i = 0; i < step; i++)
        if (is_at(in, &f->steps.v[i], e)) return true;
    return false;
}

void html_excerpts(const ReportInput *in, const Finding *f, Buf *out) {
    Excerpt main = excerpt_of(in, f->place);
    if (f->place.file < in->n_files && !is_shown(in, f, f->steps.n, &main))
        excerpt(in, f, &main, out);
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        bool is_placed = step->has_place && step->place.file < in->n_files;
        if (!is_placed && step->kind == STEP_NOTE) continue; /* said with the reasons */
        if (!is_placed) {
            buf_text(out, "<p class=\"bare\">");
            step_line(f, i, out);
            buf_text(out, "</p>\n");
            continue;
        }
        Excerpt e = excerpt_of(in, step->place);
        /* the line of the finding itself is marked as the finding marks it */
        if (e.file == main.file && e.line == main.line) e.mark = main.mark;
        if (!is_shown(in, f, i, &e)) excerpt(in, f, &e, out);
    }
}

/* ---- fixes ---- */

void html_fix(const ReportInput *in, const Finding *f, Buf *out) {
    ReportInput plain = *in;
    plain.color = false;
    plain.width = 120;
    Buf text = {.arena = out->arena};
    fix_write(&plain, f, &text);
    Str left = buf_get(&text);
    line_next(&left); /* the title */
    if (!left.n) return;
    buf_text(out, "<pre class=\"diff\" tabindex=\"0\"><code>");
    while (left.n) {
        Str line = line_next(&left);
        /* "   41 - text": the sign is behind the number */
        i64 minus = str_find(str_sub(line, 0, 14), '-'), plus = str_find(str_sub(line, 0, 14), '+');
        bool is_old = minus >= 0 && (plus < 0 || minus < plus);
        buf_text(out, is_old ? "<del>" : "<ins>");
        html_escape(out, str_trim(line));
        buf_text(out, is_old ? "\n</del>" : "\n</ins>");
    }
    buf_text(out, "</code></pre>\n");
}
