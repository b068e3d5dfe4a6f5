#include "report/parts.h"

/* Two columns: what, and where. The second begins at the same column for a whole path, but not
 * beyond what a reader's eye connects; a longer text pushes its own place to the right. */
enum { INDENT = 4, FIELD_LEAST = 43, FIELD_MOST = 60, PLACE_MOST = 40, EDGE_INDENT = 2, GAP = 2 };

typedef struct Columns {
    u32 field; /* width of the first column with its gap */
    u32 place; /* width of the second */
    u32 text;  /* the longest text that is shown */
} Columns;

static u32 step_indent(const Step *step) {
    return step->kind == STEP_EDGE ? EDGE_INDENT : 0;
}

static Str step_place(const ReportInput *in, const Step *step, Arena *arena) {
    if (!step->has_place || step->place.file >= in->n_files) return (Str){0};
    Position at = place_position(in, step->place.file, step->place.start);
    Buf text = {.arena = arena};
    report_escape(&text, in->files[step->place.file].path);
    buf_char(&text, ':');
    line_text(in, step->place.file, at.line, &text);
    return buf_get(&text);
}

static Columns measure(const ReportInput *in, const Finding *f, Arena *arena) {
    Columns c = {.field = FIELD_LEAST, .text = report_width(in) - INDENT - EDGE_INDENT};
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        /* a note that has no place may be as long as it likes */
        bool is_free = step->kind == STEP_NOTE && !step->has_place && !step->note.n;
        u32 text = is_free ? 0 : MIN(text_width(step->text), c.text) + step_indent(step) + GAP;
        c.field = MAX(c.field, MIN(text, (u32)FIELD_MOST));
        u32 place = text_width(step_place(in, step, arena));
        c.place = MAX(c.place, MIN(place, (u32)PLACE_MOST));
    }
    return c;
}

/* Pads to `target` columns, by GAP blanks at least. Returns the column then reached. */
static u32 pad(Buf *out, u32 column, u32 target) {
    u32 n = MAX(target, column + GAP) - column;
    buf_repeat(out, ' ', n);
    return column + n;
}

static void write_step(const ReportInput *in, const Step *step, const char *glyph, bool goes_on,
                       const Columns *c, Buf *out) {
    Style style = step->suspect ? STYLE_RED : step->kind == STEP_NODE ? STYLE_BOLD : STYLE_PLAIN;
    buf_text(out, "  ");
    style_text(in, out, STYLE_BLUE, glyph);
    buf_char(out, ' ');
    buf_repeat(out, ' ', step_indent(step));
    style_begin(in, out, style);
    u32 width = text_fit(out, step->text, c->text);
    style_end(in, out, style);
    u32 column = step_indent(step) + width;
    Str place = step_place(in, step, out->arena);
    if (place.n) {
        column = pad(out, column, c->field);
        style_begin(in, out, STYLE_FAINT);
        link_begin(in, step->place.file,
                   place_position(in, step->place.file, step->place.start).line, out);
        buf_str(out, place);
        link_end(in, step->place.file, out);
        style_end(in, out, STYLE_FAINT);
        column += text_width(place);
    }
    if (step->note.n) {
        pad(out, column, c->field + c->place + GAP);
        buf_text(out, "<- ");
        report_escape(out, step->note);
    }
    buf_char(out, '\n');
    if (!step->suspect || !width) return;
    buf_text(out, "  ");
    style_text(in, out, STYLE_BLUE, goes_on ? "│" : " ");
    buf_char(out, ' ');
    buf_repeat(out, ' ', step_indent(step));
    style_begin(in, out, STYLE_RED);
    buf_repeat(out, '~', width);
    style_end(in, out, STYLE_RED);
    buf_char(out, '\n');
}

void path_write(const ReportInput *in, const Finding *f, Buf *out) {
    Columns c = measure(in, f, out->arena);
    u32 first = UINT32_MAX, last = 0;
    for (u32 i = 0; i < f->steps.n; i++) {
        if (f->steps.v[i].kind == STEP_NOTE) continue;
        first = MIN(first, i);
        last = i;
    }
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i];
        if (step->kind == STEP_NOTE) continue;
        const char *glyph = step->kind == STEP_EDGE ? "│" : "├";
        if (i == first) glyph = "┬";
        if (i == last) glyph = i == first ? "╶" : "╰";
        write_step(in, step, glyph, i != last, &c, out);
    }
    for (u32 i = 0; i < f->steps.n; i++)
        if (f->steps.v[i].kind == STEP_NOTE) write_step(in, &f->steps.v[i], "·", false, &c, out);
}
