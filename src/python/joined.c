/* A second reading for files that the grammar stumbles over.
 *
 * tree-sitter-python emits newline and dedent tokens inside brackets when a line there stands
 * further left than its block, and takes a comment left of the block for the block's end. Neither
 * means anything to Python. Nor does it know defaults of type parameters (`class Box[T = int]`,
 * Python 3.13), the star before brackets of a tuple that has none itself (`return a, *[b]`), a
 * format that fills with equals signs (`f"{a:=^9}"`), and what is called or indexed once more in an
 * annotation (`x: Box[int](1)`). So the text is offered once more with the line ends inside
 * brackets, the comments, these defaults, stars and signs, and the first brackets of such an
 * annotation blanked out byte for byte: all offsets stay what they were. */
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

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static bool is_tripled(const Lexer *l, u32 at) {
    return at + 2 < l->n && l->p[at + 1] == l->p[at] && l->p[at + 2] == l->p[at];
}

/* Is the string whose quote is at l->at a format? */
static bool is_format(const Lexer *l) {
    for (u32 at = l->at; at && char_is_letter(l->p[at - 1]) && l->at - at < 2; at--)
        if ((l->p[at - 1] | 0x20) == 'f') return true;
    return false;
}

/* `:=^`, `:=<` and their kin in a format: the sign fills. */
static void look_for_fill(Lexer *l) {
    if (l->at + 2 < l->n && !memcmp(l->p + l->at, ":=", 2) && is_one_of(l->p[l->at + 2], "<>^="))
        blank(l, l->at + 1);
}

/* Past a string; an unterminated single-quoted one ends with its line. */
static void skip_string(Lexer *l) {
    char quote = l->p[l->at];
    bool triple = is_tripled(l, l->at), format = is_format(l);
    l->at += triple ? 3 : 1;
    while (l->at < l->n) {
        if (format) look_for_fill(l);
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

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static u32 back_over_blanks(const Lexer *l, u32 at) {
    while (at && is_blank(l->p[at - 1])) at--;
    return at;
}

/* Back over a word that ends before `at`; its length in *n. */
static u32 back_over_word(const Lexer *l, u32 at, u32 *n) {
    u32 end = at;
    while (at && is_name_byte(l->p[at - 1])) at--;
    *n = end - at;
    return at;
}

/* One of the words stands before `at`, with blanks between. */
static bool is_behind_word(const Lexer *l, u32 at, const char *const *words, u32 count) {
    u32 n, word = back_over_word(l, back_over_blanks(l, at), &n);
    return str_is_any((Str){l->p + word, n}, words, count);
}

/* `class Box[`, `def first[`, `type Pair[`: the bracket at l->at opens type parameters. */
static bool opens_parameters(const Lexer *l) {
    static const char *const WORDS[] = {"class", "def", "type"};
    u32 n, at = back_over_word(l, l->at, &n);
    if (!n || l->depth) return false;
    return is_behind_word(l, at, WORDS, ARRAY_LEN(WORDS));
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

/* The star at l->at, outside of brackets: does it unpack what stands in brackets? */
static bool unpacks_brackets(const Lexer *l) {
    static const char *const WORDS[] = {"return", "yield", "in"};
    u32 after = l->at + 1, at;
    while (after < l->n && is_blank(l->p[after])) after++;
    if (after == l->n || !is_one_of(l->p[after], "([{")) return false;
    at = back_over_blanks(l, l->at);
    if (at && (l->p[at - 1] == ',' || l->p[at - 1] == '=')) return true;
    return is_behind_word(l, at, WORDS, ARRAY_LEN(WORDS));
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
    case '*':
        if (!l->depth && unpacks_brackets(l)) blank(l, l->at);
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

/* `Box[int]` that was not expected, before one more bracket: its own bracket means nothing to us.
 */
static void blank_first_brackets(Lexer *l, Span error) {
    bool follows = error.end < l->n && is_one_of(l->p[error.end], "([");
    if (!follows || error.end <= error.start || l->p[error.end - 1] != ']') return;
    u32 at = error.start;
    while (at < error.end && is_name_byte(l->p[at])) at++;
    if (at == error.start || l->p[at] != '[') return;
    while (at < error.end) blank(l, at++);
}

bool text_joined(Arena *arena, Str text, const Tree *first, Str *out) {
    Lexer l = {.p = arena_copy(arena, text.p, text.n), .n = text.n};
    for (u32 i = 0; i < first->errors.n; i++) blank_first_brackets(&l, first->errors.v[i].span);
    while (l.at < l.n) step(&l);
    *out = (Str){l.p, l.n};
    return l.changed;
}
