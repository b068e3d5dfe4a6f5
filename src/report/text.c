#include "base/utf8.h"
#include "report/parts.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

/* Characters that move the cursor, reorder the line, or cannot be seen. The two joiners stay: words
 * of several scripts, and emoji, are written with them. */
static bool is_hidden(u32 code) {
    if (code == 0x200C || code == 0x200D) return false;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return false;
    }
}

static void escape(Cell *cell, u32 code, u8 byte) {
    int n;
    if (code == '\n' || code == '\r' || code == '\t')
        n = snprintf(cell->shown, sizeof cell->shown, "\\%c",
                     code == '\n'   ? 'n'
                     : code == '\r' ? 'r'
                                    : 't');
    else if (code == UTF8_INVALID || code < 0x80)
        n = snprintf(cell->shown, sizeof cell->shown, "\\x%02x", byte);
    else if (code < 0x10000)
        n = snprintf(cell->shown, sizeof cell->shown, "\\u%04x", code);
    else
        n = snprintf(cell->shown, sizeof cell->shown, "\\U%08x", code);
    cell->n = cell->width = (u8)n;
}

Cell text_cell(Str s, u32 at) {
    u32 code;
    Cell cell = {.bytes = (u8)utf8_decode(s, at, &code)};
    if (code >= 0x20 && code < 0x7F) { /* nearly all of it */
        cell.shown[0] = (char)code;
        cell.n = cell.width = 1;
    } else if (code == UTF8_INVALID || is_hidden(code)) {
        escape(&cell, code, (u8)s.p[at]);
    } else {
        memcpy(cell.shown, s.p + at, cell.bytes);
        cell.n = cell.bytes;
        int width = utf8proc_charwidth((utf8proc_int32_t)code);
        cell.width = (u8)MAX(width, 0);
    }
    return cell;
}

void report_escape(Buf *out, Str text) {
    for (u32 i = 0; i < text.n;) {
        Cell cell = text_cell(text, i);
        buf_str(out, (Str){cell.shown, cell.n});
        i += cell.bytes;
    }
}

u32 text_width(Str s) {
    u32 width = 0;
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        width += cell.width;
        i += cell.bytes;
    }
    return width;
}

u32 text_fit(Buf *out, Str s, u32 columns) {
    bool whole = text_width(s) <= columns;
    u32 room = whole ? columns : MAX(columns, 1u) - 1;
    u32 used = 0;
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        if (used + cell.width > room) break;
        buf_str(out, (Str){cell.shown, cell.n});
        used += cell.width;
        i += cell.bytes;
    }
    if (!whole) buf_text(out, "…");
    return used + !whole;
}

void buf_trim_line(Buf *out) {
    while (out->n && out->p[out->n - 1] == ' ') out->n--;
}

/* ---- colour ---- */

void style_begin(const ReportInput *in, Buf *out, Style style) {
    static const char *const codes[] = {
        [STYLE_PLAIN] = "",     [STYLE_BOLD] = "1",      [STYLE_FAINT] = "2",
        [STYLE_RED] = "1;31",   [STYLE_YELLOW] = "1;33", [STYLE_BLUE] = "1;34",
        [STYLE_GREEN] = "1;32", [STYLE_CYAN] = "1;36",
    };
    if (in->color && style != STYLE_PLAIN) buf_printf(out, "\x1b[%sm", codes[style]);
}

void style_end(const ReportInput *in, Buf *out, Style style) {
    if (in->color && style != STYLE_PLAIN) buf_text(out, "\x1b[0m");
}

void style_text(const ReportInput *in, Buf *out, Style style, const char *text) {
    style_begin(in, out, style);
    buf_text(out, text);
    style_end(in, out, style);
}

/* ---- links: OSC 8, as "Hyperlinks in Terminal Emulators" describes them ---- */

void uri_path(Buf *out, Str path) {
    for (u32 i = 0; i < path.n; i++) {
        char c = path.p[i];
        if (char_is_word(c) || (c && strchr("-.~/", c)))
            buf_char(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned)(u8)c);
    }
}

static bool has_link(const ReportInput *in, u32 file) {
    return in->links && file < in->n_files && in->files[file].absolute.n;
}

void link_begin(const ReportInput *in, u32 file, u32 line, Buf *out) {
    if (!has_link(in, file)) return;
    buf_text(out, "\x1b]8;;file://");
    uri_path(out, in->host);
    uri_path(out, in->files[file].absolute);
    buf_printf(out, "#%u\x1b\\", line);
}

void link_end(const ReportInput *in, u32 file, Buf *out) {
    if (has_link(in, file)) buf_text(out, "\x1b]8;;\x1b\\");
}

Style style_of(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR:
        return STYLE_RED;
    case SEVERITY_WARNING:
        return STYLE_YELLOW;
    case SEVERITY_NOTE:
        return STYLE_CYAN;
    }
    return STYLE_BOLD;
}

u32 report_width(const ReportInput *in) {
    enum { USUAL = 100, NARROWEST = 40, WIDEST = 400 };
    if (!in->width) return USUAL;
    return MIN(MAX(in->width, (u32)NARROWEST), (u32)WIDEST);
}
