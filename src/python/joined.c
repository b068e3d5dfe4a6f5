/* A second reading for files that the grammar stumbles over.
 *
 * tree-sitter-python emits newline and dedent tokens inside brackets when a line there stands
 * further left than its block, and takes a comment left of the block for the block's end. Neither
 * means anything to Python. So the text is offered once more with the line ends inside brackets,
 * and the comments, blanked out byte for byte: all offsets stay what they were. */
#include "python/tree.h"

#include <string.h>

typedef struct Lexer {
    char *p;
    u32 n, at;
    u32 depth; /* of brackets */
    bool changed;
} Lexer;

static void blank(Lexer *l, u32 at) {
    l->p[at] = ' ';
    l->changed = true;
}

static bool is_tripled(const Lexer *l, u32 at) {
    return at + 2 < l->n && l->p[at + 1] == l->p[at] && l->p[at + 2] == l->p[at];
}

/* Past a string; an unterminated single-quoted one ends with its line. */
static void skip_string(Lexer *l) {
    char quote = l->p[l->at];
    bool triple = is_tripled(l, l->at);
    l->at += triple ? 3 : 1;
    while (l->at < l->n) {
        char c = l->p[l->at];
        if (c == '\\' && l->at + 1 < l->n) {
            l->at += 2;
        } else if (c == quote && (!triple || is_tripled(l, l->at))) {
            l->at += triple ? 3 : 1;
            return;
        } else if (c == '\n' && !triple) {
            return;
        } else {
            l->at++;
        }
    }
}

static void skip_comment(Lexer *l) {
    while (l->at < l->n && l->p[l->at] != '\n') blank(l, l->at++);
}

static void step(Lexer *l) {
    char c = l->p[l->at];
    switch (c) {
    case '"':
    case '\'':
        skip_string(l);
        return;
    case '#':
        skip_comment(l);
        return;
    case '(':
    case '[':
    case '{':
        l->depth++;
        break;
    case ')':
    case ']':
    case '}':
        l->depth -= l->depth > 0;
        break;
    case '\\': /* a continuation inside brackets is one blank more */
        if (l->depth && l->at + 1 < l->n && l->p[l->at + 1] == '\n') blank(l, l->at);
        break;
    case '\r':
    case '\n':
        if (l->depth) blank(l, l->at);
        break;
    default:
        break;
    }
    l->at++;
}

bool text_joined(Arena *arena, Str text, Str *out) {
    Lexer l = {.p = arena_copy(arena, text.p, text.n), .n = text.n};
    while (l.at < l.n) step(&l);
    *out = (Str){l.p, l.n};
    return l.changed;
}
