#include "report/html.h"

void html_escape(Buf *out, Str s) {
    for (u32 i = 0; i < s.n;) {
        Cell cell = text_cell(s, i);
        if (!markup_entity(out, s.p[i])) buf_str(out, (Str){cell.shown, cell.n});
        i += cell.bytes;
    }
}

void html_path_name(Buf *out, Str path) {
    while (path.n) {
        i64 slash = str_find(path, '/');
        u32 n = slash < 0 ? path.n : (u32)slash + 1;
        html_escape(out, str_sub(path, 0, n));
        if (slash >= 0) buf_text(out, "<wbr>");
        path = str_sub(path, n, path.n);
    }
}

static bool is_word(char c) {
    return char_is_word(c) || (u8)c >= 0x80;
}

/* The end of what a quote at `at` opens, or 0: the next quote of its kind that no word follows. */
static u32 closing(Str s, u32 at) {
    char quote = s.p[at];
    if (at > 0 && is_word(s.p[at - 1])) return 0;
    for (u32 i = at + 1; i < s.n; i++)
        if (s.p[i] == quote && (i + 1 == s.n || !is_word(s.p[i + 1]))) return i > at + 1 ? i : 0;
    return 0;
}

void html_line(Buf *out, Str s) {
    for (u32 i = 0, begin = 0; i <= s.n; i++) {
        bool is_quote = i < s.n && (s.p[i] == '`' || s.p[i] == '\'');
        u32 end = is_quote ? closing(s, i) : 0;
        if (!end && i < s.n) continue;
        html_escape(out, str_sub(s, begin, i));
        if (i == s.n) return;
        buf_text(out, "<code>");
        html_escape(out, str_sub(s, i + 1, end));
        buf_text(out, "</code>");
        i = end;
        begin = end + 1;
    }
}

/* ---- Markdown ---- */

Str line_next(Str *text) {
    i64 end = str_find(*text, '\n');
    Str line = end < 0 ? *text : str_sub(*text, 0, (u32)end);
    *text = end < 0 ? (Str){0} : str_sub(*text, (u32)end + 1, text->n);
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    return line;
}

static i64 find_from(Str s, u32 from, char c) {
    i64 at = str_find(str_sub(s, from, s.n), c);
    return at < 0 ? -1 : at + from;
}

/* `code`, *emphasis* or a [link](https://…) at `at`: writes it and returns its end, or returns 0.
 */
static u32 inline_piece(Buf *out, Str s, u32 at) {
    char c = s.p[at];
    i64 end = find_from(s, at + 1, c == '[' ? ']' : c);
    if (end < 0 || end == at + 1) return 0;
    Str inside = str_sub(s, at + 1, (u32)end);
    if (c == '`' || (c == '*' && inside.p[0] != ' ')) {
        buf_text(out, c == '`' ? "<code>" : "<em>");
        html_escape(out, inside);
        buf_text(out, c == '`' ? "</code>" : "</em>");
        return (u32)end + 1;
    }
    if (c != '[' || (u32)end + 1 >= s.n || s.p[end + 1] != '(') return 0;
    i64 stop = find_from(s, (u32)end, ')');
    Str address = stop < 0 ? (Str){0} : str_sub(s, (u32)end + 2, (u32)stop);
    if (!str_starts(address, "https://")) return 0;
    buf_text(out, "<a rel=\"noreferrer\" href=\"");
    html_escape(out, address);
    buf_text(out, "\">");
    html_escape(out, inside);
    buf_text(out, "</a>");
    return (u32)stop + 1;
}

static void inline_text(Buf *out, Str s) {
    u32 begin = 0;
    for (u32 i = 0; i < s.n; i++) {
        if (s.p[i] != '`' && s.p[i] != '*' && s.p[i] != '[') continue;
        Buf piece = {.arena = out->arena};
        u32 end = inline_piece(&piece, s, i);
        if (!end) continue;
        html_escape(out, str_sub(s, begin, i));
        buf_str(out, buf_get(&piece));
        begin = end;
        i = end - 1;
    }
    html_escape(out, str_sub(s, begin, s.n));
}

/* Lines that belong together become one. */
static void join_line(Buf *text, Str line) {
    if (text->n) buf_char(text, ' ');
    buf_str(text, str_trim(line));
}

static void end_block(Buf *out, Buf *text, const char *tag) {
    if (!text->n) return;
    buf_printf(out, "<%s>", tag);
    inline_text(out, buf_get(text));
    buf_printf(out, "</%s>\n", tag);
    text->n = 0;
}

static void fenced(Buf *out, Str *left) {
    buf_text(out, "<pre><code>");
    for (u32 i = 0; left->n; i++) {
        Str line = line_next(left);
        if (str_starts(line, "```")) break;
        if (i) buf_char(out, '\n');
        html_escape(out, line);
    }
    buf_text(out, "</code></pre>\n");
}

void html_markdown(Buf *out, Str left) {
    Buf text = {.arena = out->arena};
    bool is_list = false;
    while (left.n) {
        Str line = line_next(&left);
        bool is_item = str_starts(line, "- "), is_fence = str_starts(line, "```");
        bool goes_on = line.n && !is_item && !is_fence && (!is_list || line.p[0] == ' ');
        if (goes_on) {
            join_line(&text, line);
            continue;
        }
        end_block(out, &text, is_list ? "li" : "p");
        if (is_list && !is_item) buf_text(out, "</ul>\n");
        if (!is_list && is_item) buf_text(out, "<ul>\n");
        is_list = is_item;
        if (is_fence) fenced(out, &left);
        if (line.n && !is_fence) join_line(&text, is_item ? str_sub(line, 2, line.n) : line);
    }
    end_block(out, &text, is_list ? "li" : "p");
    if (is_list) buf_text(out, "</ul>\n");
}

Str markdown_block(Str left, const char *kind) {
    while (left.n) {
        Str line = line_next(&left);
        if (!str_starts(line, "```") || !str_ends(line, kind)) continue;
        Str block = {left.p, 0};
        while (left.n) {
            line = line_next(&left);
            if (str_starts(line, "```")) return block;
            block.n = (u32)(line.p + line.n - block.p);
        }
    }
    return (Str){0};
}
