/* What is read of a C file without libclang: comments that speak to limpet, and #include lines. */
#include "capi/capi.h"

typedef struct Reader {
    Str text;
    u32 at;
} Reader;

/* Skips a string or character literal, or what is left of one on its line. */
static void skip_literal(Reader *r) {
    char quote = r->text.p[r->at++];
    while (r->at < r->text.n && r->text.p[r->at] != quote && r->text.p[r->at] != '\n') {
        if (r->text.p[r->at] == '\\') r->at++;
        r->at++;
    }
    if (r->at < r->text.n) r->at++;
}

/* The end of the comment that begins here, behind its delimiter. */
static u32 comment_end(Str text, u32 at) {
    bool is_line = text.p[at + 1] == '/';
    for (u32 i = at + 2; i < text.n; i++) {
        if (is_line && text.p[i] == '\n') return i;
        if (!is_line && text.p[i] == '*' && i + 1 < text.n && text.p[i + 1] == '/') return i + 2;
    }
    return text.n;
}

static bool is_own_line(Str text, u32 at) {
    while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t')) at--;
    return !at || text.p[at - 1] == '\n';
}

static Str inner_text(Str text, u32 start, u32 end) {
    Str inner = str_sub(text, MIN(start + 2, end), end);
    if (str_ends(inner, "*/")) inner.n -= 2;
    return str_trim(inner);
}

u32 ccomments(Str text, Arena *arena, CComment **out) {
    VEC(CComment) found = {0};
    Reader r = {text, 0};
    while (r.at < text.n) {
        char c = text.p[r.at];
        bool opens =
            c == '/' && r.at + 1 < text.n && (text.p[r.at + 1] == '/' || text.p[r.at + 1] == '*');
        if (opens) {
            CComment comment = {.start = r.at, .end = comment_end(text, r.at)};
            comment.text = inner_text(text, comment.start, comment.end);
            comment.own_line = is_own_line(text, r.at);
            if (str_starts(comment.text, "limpet:") || str_starts(comment.text, "noqa"))
                vec_push(arena, &found, comment);
            r.at = comment.end;
        } else if (c == '"' || c == '\'') {
            skip_literal(&r);
        } else {
            r.at++;
        }
    }
    *out = found.v;
    return found.n;
}

static Str take_line(Str text, u32 *at) {
    u32 start = *at, end = start;
    while (end < text.n && text.p[end] != '\n') end++;
    *at = end < text.n ? end + 1 : end;
    return str_trim(str_sub(text, start, end));
}

bool cinclude_next(Str text, u32 *at, Str *name) {
    while (*at < text.n) {
        Str line = take_line(text, at);
        if (!str_starts(line, "#")) continue;
        line = str_trim(str_sub(line, 1, line.n));
        if (!str_starts(line, "include")) continue;
        line = str_trim(str_sub(line, 7, line.n));
        if (line.n < 3 || (line.p[0] != '"' && line.p[0] != '<')) continue;
        i64 close = str_find(str_sub(line, 1, line.n), line.p[0] == '<' ? '>' : '"');
        if (close <= 0) continue;
        *name = str_sub(line, 1, (u32)close + 1);
        return true;
    }
    return false;
}

static bool is_word_char(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ctext_speaks_python(Str text) {
    for (u32 i = 0; i + 2 < text.n;) {
        u32 end = i;
        while (end < text.n && is_word_char(text.p[end])) end++;
        Str word = str_sub(text, i, end);
        bool is_api = str_starts(word, "Py") || str_starts(word, "_Py");
        if (is_api && !str_is(word, "PyObject") && !str_is(word, "Python")) return true;
        i = end + 1;
    }
    return false;
}
