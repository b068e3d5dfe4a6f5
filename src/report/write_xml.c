#include "report/parts.h"

bool markup_entity(Buf *out, char c) {
    switch (c) {
    case '&':
        return buf_text(out, "&amp;"), true;
    case '<':
        return buf_text(out, "&lt;"), true;
    case '>':
        return buf_text(out, "&gt;"), true;
    case '"':
        return buf_text(out, "&quot;"), true;
    default:
        return false;
    }
}

/* What cannot be seen, or cannot stand in XML, comes as an escape. */
void xml_text(Buf *out, Str s) {
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        if (s.p[i] == '\n')
            buf_text(out, "&#10;");
        else if (s.p[i] == '\t')
            buf_text(out, "&#9;");
        else if (!markup_entity(out, s.p[i]))
            buf_str(out, (Str){cell.shown, cell.n});
        i += cell.bytes;
    }
}

void xml_attribute(Buf *out, const char *name, Str value) {
    buf_printf(out, " %s=\"", name);
    xml_text(out, value);
    buf_char(out, '"');
}
