#include "report/parts.h"

enum { TAB = 4 };

/* One line of source laid out in columns. Offsets are bytes of `line`. */
typedef struct Layout {
    Str line;
    u32 from, to;              /* the part of the line that was laid out */
    u32 mark_from, mark_to;    /* the span */
    u32 columns;               /* of the part */
    u32 mark_left, mark_right; /* columns of the span, right exclusive */
} Layout;

static Cell layout_cell(Str line, u32 at, u32 column) {
    if (line.p[at] != '\t') return text_cell(line, at);
    Cell cell = {.bytes = 1};
    cell.n = cell.width = (u8)(TAB - column % TAB);
    for (u32 i = 0; i < cell.n; i++) cell.shown[i] = ' ';
    return cell;
}

static u32 character_start(Str s, u32 at) {
    while (at > 0 && at < s.n && ((u8)s.p[at] & 0xC0) == 0x80) at--;
    return at;
}

/* Whether the character at `at` touches the span. */
static bool is_marked(const Layout *l, u32 at, u32 bytes) {
    return at + bytes > l->mark_from && at < l->mark_to;
}

/* Measures the line; of an endless one only the neighbourhood of the span. */
static Layout measure(Str line, u32 mark_from, u32 mark_to, u32 room) {
    Layout l = {.line = line, .to = line.n, .mark_from = mark_from, .mark_to = mark_to};
    if (line.n > 64 * room) {
        l.from = character_start(line, mark_from - MIN(mark_from, 8 * room));
        l.to = character_start(line, MIN(line.n, mark_from + 16 * room));
    }
    bool marked = false;
    for (u32 i = l.from; i < l.to;) {
        Cell cell = layout_cell(line, i, l.columns);
        if (i <= mark_from && mark_from < i + cell.bytes) l.mark_left = l.columns;
        l.columns += cell.width;
        if (is_marked(&l, i, cell.bytes)) {
            marked = true;
            l.mark_right = l.columns;
        }
        i += cell.bytes;
    }
    if (mark_from >= l.to) l.mark_left = l.columns;
    if (!marked || l.mark_right <= l.mark_left) l.mark_right = l.mark_left + 1;
    return l;
}

/* The columns [left, right) to show: everything when it fits, else a window that begins some way
 * before the span. */
static void choose_window(const Layout *l, u32 room, u32 *left, u32 *right) {
    *left = 0;
    *right = l->columns;
    if (MAX(l->columns, l->mark_right) <= room && l->from == 0 && l->to == l->line.n) return;
    u32 marked = MIN(l->mark_right - l->mark_left, room / 3 * 2);
    u32 before = (room - marked) / 3;
    *left = l->mark_left - MIN(l->mark_left, before);
    u32 end = MAX(l->columns, l->mark_right);
    if (end - *left < room) *left = end - MIN(end, room);
    *right = *left + room;
}

/* The text line into `text`, the line of marks into `marks`. */
static void draw(const Layout *l, u32 left, u32 right, Buf *text, Buf *marks) {
    bool cut_left = left > 0 || l->from > 0, cut_right = right < l->columns || l->to < l->line.n;
    u32 column = 0, shown_to = left, marked = 0;
    if (cut_left) buf_text(text, "…"), buf_char(marks, ' '), shown_to++;
    u32 limit = cut_right ? right - 1 : right;
    for (u32 i = l->from; i < l->to && column <= limit;) {
        Cell cell = layout_cell(l->line, i, column);
        bool fits = column >= left + cut_left && column + cell.width <= limit;
        /* a combining character follows its letter, or nothing */
        if (!cell.width && cut_left && column == left + 1) fits = false;
        if (fits) {
            while (shown_to < column) { /* half of a wide character at the edge */
                buf_char(text, ' '), buf_char(marks, ' ');
                shown_to++;
            }
            buf_str(text, (Str){cell.shown, cell.n});
            bool mark = is_marked(l, i, cell.bytes);
            buf_repeat(marks, mark ? '^' : ' ', cell.width);
            if (mark) marked += cell.width;
            shown_to = column + cell.width;
        }
        column += cell.width;
        i += cell.bytes;
    }
    if (cut_right) buf_text(text, "…");
    if (marked) {
        buf_trim_line(marks);
        return;
    }
    /* nothing of any width: one mark where the span is */
    u32 at = l->mark_left > left ? l->mark_left - left : 0;
    marks->n = MIN(marks->n, at);
    while (marks->n < at) buf_char(marks, ' ');
    buf_char(marks, '^');
}

static u32 digits(u32 n) {
    u32 count = 1;
    while (n >= 10) n /= 10, count++;
    return count;
}

bool excerpt_write(const ReportInput *in, const Finding *f, Buf *out) {
    Str text;
    Place place = f->place;
    place.end = MAX(place.end, place.start);
    if (!sources_text(in->sources, place.file, &text) || place.start > text.n) return false;
    const ReportFile *file = &in->files[place.file];
    Position at = place_position(in, place.file, place.start);
    Str line = source_line(text, file->lines, file->n_lines, at.line);
    u32 begin = file->lines[at.line - 1];
    u32 mark_from = MIN(place.start - begin, line.n);
    u32 mark_to = MIN(place.end - begin, line.n);
    while (mark_to > mark_from && place.end - begin > line.n && line.p[mark_to - 1] == ' ')
        mark_to--;

    u32 shown_line = at.line;
    source_cell(file->cells, file->n_cells, at.line, &shown_line);
    u32 number = MAX(digits(shown_line), 3u);
    u32 room = report_width(in) - MIN(number + 5, report_width(in) - 20);
    Layout l = measure(line, mark_from, mark_to, room);
    u32 left, right;
    choose_window(&l, room, &left, &right);
    Buf shown = {.arena = out->arena}, marks = {.arena = out->arena};
    draw(&l, left, right, &shown, &marks);

    style_begin(in, out, STYLE_BLUE);
    buf_printf(out, "  %*u |", (int)number, shown_line);
    style_end(in, out, STYLE_BLUE);
    buf_char(out, ' ');
    buf_str(out, buf_get(&shown));
    buf_trim_line(out);
    buf_char(out, '\n');
    style_begin(in, out, STYLE_BLUE);
    buf_printf(out, "  %*s |", (int)number, "");
    style_end(in, out, STYLE_BLUE);
    buf_char(out, ' ');
    style_begin(in, out, style_of(f->severity));
    buf_str(out, buf_get(&marks));
    style_end(in, out, style_of(f->severity));
    buf_char(out, '\n');
    return true;
}
