/* A second reading for files that the grammar stumbles over.
 *
 * tree-sitter-python emits newline and dedent tokens inside brackets when a line there stands
 * further left than its block, and takes a comment left of the block for the block's end. Neither
 * means anything to Python. Nor does it know defaults of type parameters (`class Box[T = int]`,
 * Python 3.13). So the text is offered once more with the line ends inside brackets, the comments
 * and these defaults blanked out byte for byte: all offsets stay what they were. */
#include "python/tree.h"

#include <string.h>

typedef struct Lexer {
    char *p;
    u32 n, at;
    u32 depth;       /* of brackets */
    u32 parameters;  /* depth inside of the brackets of type parameters, or 0 */
    bool in_default; /* of a type parameter */
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

static bool is_name_byte(char c) {
    return char_is_word(c) || (unsigned char)c >= 0x80;
}

/* Back over a word that ends before `at`, and the blanks before it; its length in *n. */
static u32 back_over_word(const Lexer *l, u32 at, u32 *n) {
    u32 end = at;
    while (at && is_name_byte(l->p[at - 1])) at--;
    *n = end - at;
    return at;
}

/* `class Box[`, `def first[`, `type Pair[`: the bracket at l->at opens type parameters. */
static bool opens_parameters(const Lexer *l) {
    static const char *const WORDS[] = {"class", "def", "type"};
    u32 n, at = back_over_word(l, l->at, &n);
    if (!n || l->depth) return false;
    while (at && (l->p[at - 1] == ' ' || l->p[at - 1] == '\t')) at--;
    u32 word = back_over_word(l, at, &n);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (n == strlen(WORDS[i]) && !memcmp(l->p + word, WORDS[i], n)) return true;
    return false;
}

static void open_bracket(Lexer *l) {
    bool opens = l->p[l->at] == '[' && opens_parameters(l);
    l->depth++;
    if (opens) l->parameters = l->depth;
}

static void close_bracket(Lexer *l) {
    if (l->parameters && l->depth == l->parameters) {
        l->parameters = 0;
        l->in_default = false;
    }
    l->depth -= l->depth > 0;
}

/* Does a default begin, or end, at a byte directly inside of type parameters? */
static void look_for_default(Lexer *l) {
    if (!l->parameters || l->depth != l->parameters) return;
    if (l->p[l->at] == '=') l->in_default = true;
    if (l->p[l->at] == ',') l->in_default = false;
}

static void step(Lexer *l) {
    u32 from = l->at;
    char c = l->p[l->at];
    look_for_default(l);
    switch (c) {
    case '"':
    case '\'':
        skip_string(l);
        while (l->in_default && from < l->at) blank(l, from++);
        return;
    case '#':
        skip_comment(l);
        return;
    case '(':
    case '[':
    case '{':
        open_bracket(l);
        break;
    case ')':
    case ']':
    case '}':
        close_bracket(l);
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
    if (l->in_default) blank(l, l->at);
    l->at++;
}

bool text_joined(Arena *arena, Str text, Str *out) {
    Lexer l = {.p = arena_copy(arena, text.p, text.n), .n = text.n};
    while (l.at < l.n) step(&l);
    *out = (Str){l.p, l.n};
    return l.changed;
}
