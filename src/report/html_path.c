/* The retention path as a drawing: the holder on top, what it holds below, the suspect edge marked
 * by its line, by a sign and by words. Colours stand in the style; where a host drops that, the
 * attributes draw it in black. */
#include "report/html.h"

enum {
    WIDTH = 440,
    NODE_X = 34,
    NODE_HEIGHT = 30,
    NODE_COLUMNS = 50,
    EDGE_HEIGHT = 46,
    CUT_HEIGHT = 62,
    BARE_HEIGHT = 20,
    EDGE_X = 58,
    EDGE_COLUMNS = 44,
};

bool is_ring(const Finding *f) {
    const Step *first = NULL, *last = NULL;
    for (u32 i = 0; i < f->steps.n; i++) {
        if (f->steps.v[i].kind != STEP_NODE) continue;
        if (!first) first = &f->steps.v[i];
        last = &f->steps.v[i];
    }
    if (!first || first == last) return false;
    Str again = last->text;
    if (str_ends(again, " again")) again.n -= 6;
    return str_eq(first->text, again);
}

/* Index of the last node. */
static u32 last_node(const Finding *f) {
    u32 last = 0;
    for (u32 i = 0; i < f->steps.n; i++)
        if (f->steps.v[i].kind == STEP_NODE) last = i;
    return last;
}

u32 step_number(const Finding *f, u32 step) {
    bool ring = is_ring(f);
    u32 end = last_node(f);
    if (!ring || step < end) return step + 1;
    if (step > end) return step;
    u32 first = 0;
    while (f->steps.v[first].kind != STEP_NODE) first++;
    return first + 1;
}

void svg_text(Buf *out, i64 x, i64 y, const char *attributes, Str s, u32 columns) {
    Buf fitted = {.arena = out->arena};
    text_fit(&fitted, s, columns);
    buf_printf(out, "<text x=\"%lld\" y=\"%lld\" %s>", (long long)x, (long long)y, attributes);
    html_escape(out, buf_get(&fitted));
    buf_text(out, "</text>\n");
}

void svg_number(Buf *out, i64 x, i64 y, u32 number) {
    buf_printf(out,
               "<circle class=\"disc\" cx=\"%lld\" cy=\"%lld\" r=\"10\" fill=\"#57606a\"/>"
               "<text class=\"no\" x=\"%lld\" y=\"%lld\" text-anchor=\"middle\" font-size=\"11\" "
               "font-weight=\"700\" fill=\"#fff\">%u</text>\n",
               (long long)x, (long long)y, (long long)x, (long long)y + 4, number);
}

static u32 height_of(const Step *step, const Step *next) {
    if (step->kind == STEP_EDGE) return step->suspect ? CUT_HEIGHT : EDGE_HEIGHT;
    bool is_followed = next && next->kind == STEP_NODE;
    return NODE_HEIGHT + (is_followed ? BARE_HEIGHT : 0);
}

static void node(const Finding *f, u32 i, u32 y, const char *role, Buf *out) {
    const Step *step = &f->steps.v[i];
    bool is_root = str_is(str_from(role), "root");
    buf_printf(out,
               "<rect class=\"node %s%s\" x=\"%d\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"6\" "
               "fill=\"none\" stroke=\"currentColor\" stroke-width=\"%s\"/>\n",
               role, step->suspect ? " cut" : "", NODE_X, y, WIDTH - NODE_X - 2, NODE_HEIGHT,
               is_root ? "2.5" : "1");
    svg_number(out, 14, y + NODE_HEIGHT / 2, step_number(f, i));
    svg_text(out, NODE_X + 10, y + NODE_HEIGHT / 2 + 4,
             is_root ? "font-weight=\"700\" fill=\"currentColor\"" : "fill=\"currentColor\"",
             step->text, NODE_COLUMNS);
}

static void arrow(u32 from, u32 to, bool is_cut, Buf *out) {
    buf_printf(out,
               "<path class=\"line%s\" d=\"M%d %uV%u\" fill=\"none\" stroke=\"currentColor\" "
               "stroke-width=\"%s\"%s/><path class=\"tip%s\" d=\"M%d %ul-4.5 -8h9z\" "
               "fill=\"currentColor\"/>\n",
               is_cut ? " cut" : "", EDGE_X, from, to - 6, is_cut ? "2.5" : "1.5",
               is_cut ? " stroke-dasharray=\"5 4\"" : "", is_cut ? " cut" : "", EDGE_X, to);
}

/* A cross on the line: where to cut. */
static void cross(i64 x, i64 y, Buf *out) {
    buf_printf(out,
               "<path class=\"cross\" d=\"M%lld %lldl12 12m0 -12l-12 12\" fill=\"none\" "
               "stroke=\"currentColor\" stroke-width=\"3\" stroke-linecap=\"round\"/>\n",
               (long long)x - 6, (long long)y - 6);
}

static void edge(const Finding *f, u32 i, u32 y, Buf *out) {
    const Step *step = &f->steps.v[i];
    u32 height = height_of(step, NULL);
    arrow(y, y + height, step->suspect, out);
    svg_number(out, 14, y + height / 2, step_number(f, i));
    i64 text_y = (i64)y + height / 2 + (step->suspect ? -4 : 4);
    svg_text(out, EDGE_X + 16, text_y,
             step->suspect ? "class=\"cut\" font-weight=\"700\" fill=\"currentColor\""
                           : "fill=\"currentColor\"",
             step->text, EDGE_COLUMNS);
    if (!step->suspect) return;
    cross(EDGE_X, (i64)y + height / 2 - 4, out);
    Buf words = {.arena = out->arena};
    buf_printf(&words, "✂ %.*s", STR_ARG(step->note.n ? step->note : STR("cut here")));
    svg_text(out, EDGE_X + 16, text_y + 17, "class=\"cut\" fill=\"currentColor\"", buf_get(&words),
             EDGE_COLUMNS);
}

static const Step *next_drawn(const Finding *f, u32 i) {
    for (u32 k = i + 1; k < f->steps.n; k++)
        if (f->steps.v[k].kind != STEP_NOTE) return &f->steps.v[k];
    return NULL;
}

static void title(const Finding *f, const char *what, Buf *out) {
    buf_printf(out, "<title>%s: ", what);
    bool is_first = true;
    for (u32 i = 0; i < f->steps.n; i++) {
        if (f->steps.v[i].kind == STEP_NOTE) continue;
        if (!is_first) buf_text(out, " → ");
        is_first = false;
        html_escape(out, f->steps.v[i].text);
        if (f->steps.v[i].suspect) buf_text(out, " (the edge to cut)");
    }
    buf_text(out, "</title>\n");
}

static void draw(const Finding *f, u32 height, Buf *out) {
    u32 y = 2, last = last_node(f);
    bool is_first = true;
    buf_printf(out,
               "<svg class=\"path\" viewBox=\"0 0 %d %u\" width=\"%d\" height=\"%u\" role=\"img\" "
               "font-family=\"ui-monospace, monospace\" font-size=\"13\">\n",
               WIDTH, height + 4, WIDTH, height + 4);
    title(f, "retention path", out);
    for (u32 i = 0; i < f->steps.n; i++) {
        const Step *step = &f->steps.v[i], *next = next_drawn(f, i);
        if (step->kind == STEP_NOTE) continue;
        u32 room = height_of(step, next);
        if (step->kind == STEP_EDGE)
            edge(f, i, y, out);
        else
            node(f, i, y, is_first ? "root" : i == last ? "object" : "between", out);
        if (step->kind == STEP_NODE && room > NODE_HEIGHT)
            arrow(y + NODE_HEIGHT, y + room, false, out);
        y += room;
        is_first = false;
    }
    buf_text(out, "</svg>\n");
}

void html_path(const Finding *f, Buf *out) {
    u32 height = 0, drawn = 0;
    for (u32 i = 0; i < f->steps.n; i++) {
        if (f->steps.v[i].kind == STEP_NOTE) continue;
        height += height_of(&f->steps.v[i], next_drawn(f, i));
        drawn++;
    }
    if (drawn < 2) return; /* a picture of one thing tells nothing */
    if (is_ring(f)) {
        html_ring(f, out);
        return;
    }
    draw(f, height, out);
}
