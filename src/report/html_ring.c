/* A cycle as a ring: objects on an ellipse, clockwise from the top, and between them the references
 * with an arrow, the one to weaken marked. */
#include "report/html.h"

#include <math.h>

enum { MOST = 64 };

static const int WIDTH = 440, NODE_HEIGHT = 30, RX = 134, FONT = 12;
static const u32 STEPS = 200;
static const double LETTER = 7.224; /* width of a character in FONT */

typedef struct Ring {
    const Finding *f;
    u32 nodes[MOST], edges[MOST]; /* steps; an edge of 0 is unsaid: step 0 is a node */
    u32 n;
    int width; /* of a node */
    double cx, cy, ry;
} Ring;

typedef struct Point {
    double x, y;
} Point;

/* At a part of the way round, from the top, clockwise. */
static Point at(const Ring *r, double part) {
    double angle = 2 * M_PI * part - M_PI / 2;
    return (Point){r->cx + RX * cos(angle), r->cy + r->ry * sin(angle)};
}

/* The last node is the first one again. */
static void collect(Ring *r) {
    const Finding *f = r->f;
    u32 edge = 0;
    for (u32 i = 0; i < f->steps.n && r->n < MOST - 1; i++) {
        const Step *step = &f->steps.v[i];
        if (step->kind == STEP_EDGE) edge = i;
        if (step->kind != STEP_NODE) continue;
        if (r->n) r->edges[r->n - 1] = edge;
        r->nodes[r->n++] = i;
        edge = 0;
    }
    r->n--;
    r->width = r->n < 5 ? 172 : r->n < 7 ? 150 : 110;
    r->ry = r->n < 3 ? 92 : 40.0 + 32.0 * r->n;
    r->cx = WIDTH / 2.0;
    r->cy = r->ry + NODE_HEIGHT / 2.0 + 4;
}

static bool is_inside(const Ring *r, u32 node, Point p) {
    Point middle = at(r, (double)node / r->n);
    return fabs(p.x - middle.x) < r->width / 2.0 && fabs(p.y - middle.y) < NODE_HEIGHT / 2.0;
}

/* The part of the way at which the ring leaves node i, and that at which it enters the next one. */
static void visible_part(const Ring *r, u32 i, double *from, double *to) {
    u32 steps = STEPS, a = 0, b = STEPS;
    while (a < steps && is_inside(r, i, at(r, (i + (double)a / STEPS) / r->n))) a++;
    while (b > a && is_inside(r, (i + 1) % r->n, at(r, (i + (double)b / STEPS) / r->n))) b--;
    *from = (i + (double)a / STEPS) / r->n;
    *to = (i + (double)b / STEPS) / r->n;
}

/* In two halves: an arc that ends where it began would be none. */
static void arc(const Ring *r, double from, double to, bool is_cut, Buf *out) {
    Point a = at(r, from), middle = at(r, (from + to) / 2), b = at(r, to);
    buf_printf(out,
               "<path class=\"line%s\" d=\"M%.1f %.1fA%d %.1f 0 0 1 %.1f %.1fA%d %.1f 0 0 1 %.1f "
               "%.1f\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"%s\"%s/>\n",
               is_cut ? " cut" : "", a.x, a.y, RX, r->ry, middle.x, middle.y, RX, r->ry, b.x, b.y,
               is_cut ? "2.5" : "1.5", is_cut ? " stroke-dasharray=\"5 4\"" : "");
}

/* An arrowhead that ends at a part of the way. */
static void tip(const Ring *r, double part, bool is_cut, Buf *out) {
    Point p = at(r, part), before = at(r, part - 0.02);
    double angle = atan2(p.y - before.y, p.x - before.x) * 180 / M_PI;
    buf_printf(out,
               "<path class=\"tip%s\" transform=\"translate(%.1f %.1f) rotate(%.1f)\" "
               "d=\"M0 0l-9 -5v10z\" fill=\"currentColor\"/>\n",
               is_cut ? " cut" : "", p.x, p.y, angle);
}

/* Is there a reference at the bottom between two objects that leave no room for words? */
static bool is_tight(const Ring *r) {
    return r->n >= 5 && r->n % 2;
}

/* Words inside of the ring, beside the disc; on its axis above or below it. */
static void words(const Ring *r, const Step *step, Point p, Buf *out) {
    bool is_side = fabs(p.x - r->cx) > 40, is_right = p.x > r->cx;
    double room = is_side ? fabs(p.x - r->cx) - 18 : RX;
    u32 columns = (u32)(room / LETTER);
    i64 x = (i64)p.x + (is_side ? (is_right ? -15 : 15) : 0);
    i64 y = (i64)p.y + (is_side ? 4 : p.y > r->cy ? -17 : 26);
    bool is_below = !is_side && p.y > r->cy && is_tight(r);
    if (is_below) y = (i64)p.y + 24;
    if (step->suspect && !is_below && (is_side || p.y > r->cy)) y -= is_side ? 7 : 14;
    Str style = str_format(out->arena, "%stext-anchor=\"%s\" fill=\"currentColor\"%s",
                           step->suspect ? "class=\"cut\" " : "",
                           !is_side   ? "middle"
                           : is_right ? "end"
                                      : "start",
                           step->suspect ? " font-weight=\"700\"" : "");
    svg_text(out, x, y, style.p, step->text, columns);
    if (step->suspect) svg_text(out, x, y + 15, style.p, STR("✂ weaken"), MAX(columns, 8u));
}

static void edge(const Ring *r, u32 i, Buf *out) {
    const Step *step = &r->f->steps.v[r->edges[i]];
    bool is_named = r->edges[i] != 0, is_cut = is_named && step->suspect;
    double from, to;
    visible_part(r, i, &from, &to);
    arc(r, from, to - 0.004, is_cut, out);
    tip(r, to, is_cut, out);
    if (!is_named) return;
    Point p = at(r, (from + to) / 2);
    svg_number(out, (i64)p.x, (i64)p.y, step_number(r->f, r->edges[i]));
    words(r, step, p, out);
}

static void node(const Ring *r, u32 i, Buf *out) {
    Point p = at(r, (double)i / r->n);
    i64 x = (i64)p.x - r->width / 2, y = (i64)p.y - NODE_HEIGHT / 2;
    buf_printf(out,
               "<rect class=\"node %s\" x=\"%lld\" y=\"%lld\" width=\"%d\" height=\"%d\" rx=\"15\" "
               "fill=\"none\" stroke=\"currentColor\" stroke-width=\"%s\"/>\n",
               i ? "between" : "root", (long long)x, (long long)y, r->width, NODE_HEIGHT,
               i ? "1" : "2");
    svg_number(out, x + 16, y + NODE_HEIGHT / 2, step_number(r->f, r->nodes[i]));
    svg_text(out, x + 31, y + NODE_HEIGHT / 2 + 4,
             i ? "fill=\"currentColor\"" : "font-weight=\"700\" fill=\"currentColor\"",
             r->f->steps.v[r->nodes[i]].text, (u32)((r->width - 40) / LETTER));
}

static void title(const Ring *r, Buf *out) {
    buf_text(out, "<title>reference cycle: ");
    for (u32 i = 0; i < r->n; i++) {
        const Step *link = &r->f->steps.v[r->edges[i]];
        html_escape(out, r->f->steps.v[r->nodes[i]].text);
        if (r->edges[i]) {
            buf_text(out, " → ");
            html_escape(out, link->text);
            if (link->suspect) buf_text(out, " (the reference to weaken)");
        }
        buf_text(out, " → ");
    }
    buf_text(out, "and round again</title>\n");
}

void html_ring(const Finding *f, Buf *out) {
    Ring r = {.f = f};
    collect(&r);
    int height = (int)(2 * r.cy) + (is_tight(&r) ? 32 : 0);
    buf_printf(out,
               "<svg class=\"path ring\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "role=\"img\" font-family=\"ui-monospace, monospace\" font-size=\"%d\">\n",
               WIDTH, height, WIDTH, height, FONT);
    title(&r, out);
    for (u32 i = 0; i < r.n; i++) edge(&r, i, out);
    for (u32 i = 0; i < r.n; i++) node(&r, i, out);
    buf_text(out, "</svg>\n");
}
