#include "report/parts.h"

void xml_text(Buf *out, Str s) {
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        switch (s.p[i]) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        case '\n':
            buf_text(out, "&#10;");
            break;
        case '\t':
            buf_text(out, "&#9;");
            break;
        default: /* what cannot be seen, or cannot stand in XML, as an escape */
            buf_str(out, (Str){cell.shown, cell.n});
        }
        i += cell.bytes;
    }
}

void xml_attribute(Buf *out, const char *name, Str value) {
    buf_printf(out, " %s=\"", name);
    xml_text(out, value);
    buf_char(out, '"');
}
