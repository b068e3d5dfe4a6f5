/* Is a C file the same program after an edit of its comments? */
#include "app/edit.h"
#include "capi/capi.h"

/* What the compiler sees: comments and white space are one blank, lines that a backslash joins are
 * one, and where a directive ends is kept. */
typedef struct Code {
    Str text;
    u32 at;
    Buf out;
    bool is_blank;     /* owed */
    bool is_directive; /* the line began with `#` */
    bool is_begun;     /* the line has something in it */
} Code;

/* Bytes of a backslash with the line end after it; 0 when there is none. */
static u32 splice(const Code *c, u32 at) {
    if (at + 1 >= c->text.n || c->text.p[at] != '\\') return 0;
    if (c->text.p[at + 1] == '\n') return 2;
    return at + 2 < c->text.n && c->text.p[at + 1] == '\r' && c->text.p[at + 2] == '\n' ? 3 : 0;
}

static void put(Code *c, char byte) {
    if (!c->is_begun) c->is_directive = byte == '#';
    if (c->is_blank && c->out.n) buf_char(&c->out, ' ');
    c->is_blank = false;
    c->is_begun = true;
    buf_char(&c->out, byte);
}

static void end_line(Code *c) {
    c->is_blank = true;
    if (c->is_directive) buf_char(&c->out, '\n');
    c->is_directive = c->is_begun = false;
}

static void skip_comment(Code *c) {
    bool is_line = c->text.p[c->at + 1] == '/';
    c->is_blank = true;
    for (c->at += 2; c->at < c->text.n; c->at++) {
        if (is_line && splice(c, c->at))
            c->at += splice(c, c->at) - 1;
        else if (is_line && c->text.p[c->at] == '\n')
            return;
        bool closes = !is_line && c->at + 1 < c->text.n && c->text.p[c->at] == '*' &&
                      c->text.p[c->at + 1] == '/';
        if (!closes) continue;
        c->at += 2;
        return;
    }
}

static void copy_literal(Code *c) {
    char quote = c->text.p[c->at];
    put(c, c->text.p[c->at++]);
    while (c->at < c->text.n && c->text.p[c->at] != '\n') {
        u32 joined = splice(c, c->at);
        c->at += joined;
        if (joined) continue;
        char byte = c->text.p[c->at++];
        put(c, byte);
        if (byte == quote) return;
        if (byte == '\\' && c->at < c->text.n && c->text.p[c->at] != '\n')
            put(c, c->text.p[c->at++]);
    }
}

static Str code_of(Arena *arena, Str text) {
    Code c = {.text = text, .out = {.arena = arena}};
    while (c.at < text.n) {
        char byte = text.p[c.at], next = c.at + 1 < text.n ? text.p[c.at + 1] : '\0';
        if (splice(&c, c.at)) {
            c.at += splice(&c, c.at);
        } else if (byte == '/' && (next == '/' || next == '*')) {
            skip_comment(&c);
        } else if (byte == '"' || byte == '\'') {
            copy_literal(&c);
        } else if (byte == '\n') {
            end_line(&c);
            c.at++;
        } else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f' || byte == '\v') {
            c.is_blank = true;
            c.at++;
        } else {
            put(&c, byte);
            c.at++;
        }
    }
    return buf_get(&c.out);
}

bool edit_keeps_c(Arena *arena, Str before, Str after, const u32 *marks, u32 n) {
    CComment *comments;
    u32 count = ccomments(after, arena, &comments), at = 0;
    for (u32 i = 0; i < n; i++) {
        while (at < count && comments[at].start < marks[i]) at++;
        if (at == count || comments[at].start != marks[i]) return false;
    }
    return str_eq(code_of(arena, before), code_of(arena, after));
}
