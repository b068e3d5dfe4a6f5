/* The fix of a finding as a small diff: the lines as they are and as they would be. */
#include "report/parts.h"

enum { FIX_LINES = 12 }; /* of one change; a longer one is named and not drawn */

enum { TAB = 4 };

static Str without_tabs(Str line, Arena *arena) {
    Buf shown = {.arena = arena};
    for (u32 i = 0; i < line.n; i++) {
        if (line.p[i] == '\t')
            buf_repeat(&shown, ' ', TAB);
        else
            buf_char(&shown, line.p[i]);
    }
    return buf_get(&shown);
}

static void diff_line(const ReportInput *in, u32 number, char sign, Str line, Buf *out) {
    buf_printf(out, "  %4u ", number);
    style_begin(in, out, sign == '-' ? STYLE_RED : STYLE_GREEN);
    buf_printf(out, "%c ", sign);
    text_fit(out, without_tabs(line, out->arena),
             report_width(in) - MIN(report_width(in) - 20, 9u));
    style_end(in, out, sign == '-' ? STYLE_RED : STYLE_GREEN);
    buf_trim_line(out);
    buf_char(out, '\n');
}

static void diff_lines(const ReportInput *in, u32 number, char sign, Str text, Buf *out) {
    while (text.n) {
        i64 end = str_find(text, '\n');
        u32 n = end < 0 ? text.n : (u32)end;
        Str line = str_sub(text, 0, n);
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        diff_line(in, number++, sign, line, out);
        text = str_sub(text, end < 0 ? n : n + 1, text.n);
    }
}

/* The edits [first, end) touch the same or neighbouring lines of one file. */
static void hunk(const ReportInput *in, const Fix *fix, u32 first, u32 end, Str text, Buf *out) {
    const ReportFile *file = &in->files[fix->edits.v[first].place.file];
    u32 line =
        place_position(in, fix->edits.v[first].place.file, fix->edits.v[first].place.start).line;
    Place tail = fix->edits.v[end - 1].place;
    /* a line that goes with its line end is one line */
    u32 last = place_position(in, tail.file, MAX(tail.start, tail.end - (tail.end > 0))).line;
    u32 begin = file->lines[line - 1];
    u32 stop = last < file->n_lines ? file->lines[last] : text.n;
    Buf after = {.arena = out->arena};
    u32 at = begin;
    for (u32 i = first; i < end; i++) {
        const Edit *e = &fix->edits.v[i];
        buf_str(&after, str_sub(text, at, e->place.start));
        buf_str(&after, e->text);
        at = e->place.end;
    }
    buf_str(&after, str_sub(text, MIN(at, stop), stop));
    diff_lines(in, line, '-', str_sub(text, begin, stop), out);
    diff_lines(in, line, '+', buf_get(&after), out);
}

/* The end of the edits from `first` on that share lines with it. */
static u32 hunk_end(const ReportInput *in, const Fix *fix, u32 first) {
    u32 end = first + 1;
    for (; end < fix->edits.n; end++) {
        Place before = fix->edits.v[end - 1].place, next = fix->edits.v[end].place;
        if (next.file != before.file) break;
        u32 line = place_position(in, before.file, before.end).line;
        if (place_position(in, next.file, next.start).line > line) break;
    }
    return end;
}

static bool is_drawable(const ReportInput *in, const Fix *fix) {
    for (u32 i = 0; i < fix->edits.n; i++) {
        Place p = fix->edits.v[i].place;
        Str text;
        if (!sources_text(in->sources, p.file, &text) || p.end > text.n || p.start > p.end)
            return false;
        u32 lines =
            place_position(in, p.file, p.end).line - place_position(in, p.file, p.start).line;
        if (lines > FIX_LINES) return false;
    }
    return true;
}

void fix_write(const ReportInput *in, const Finding *f, Buf *out) {
    if (!f->fix.edits.n) return;
    buf_text(out, "  ");
    style_text(in, out, STYLE_GREEN, "fix");
    buf_text(out, f->fix.is_safe ? ": " : " (changes behaviour): ");
    report_escape(out, f->fix.title);
    buf_char(out, '\n');
    if (!is_drawable(in, &f->fix)) return;
    for (u32 i = 0, end; i < f->fix.edits.n; i = end) {
        end = hunk_end(in, &f->fix, i);
        Str text;
        if (sources_text(in->sources, f->fix.edits.v[i].place.file, &text))
            hunk(in, &f->fix, i, end, text, out);
    }
}
