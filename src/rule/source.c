/* The text of a source file, for rules that write a fix: facts do not keep it. */
#include "source/source.h"
#include "os/os.h"
#include "rule/rule.h"

enum { LARGEST = 64 * 1024 * 1024 };

Str rule_source(RuleContext *c, u32 file) {
    const Facts *f = graph_facts(c->graph, file);
    Str path = graph_real_path(c->graph, file), bytes;
    if (!f || !path.n || os_read_file(path.p, LARGEST, c->scratch, &bytes) != 0) return (Str){0};
    Source source = source_decode_as(path, bytes, c->scratch);
    return source.content == f->content ? source.text : (Str){0};
}

/* The end of a string literal that begins at `at`. */
static u32 string_end(Str text, u32 at) {
    char quote = text.p[at];
    bool triple = at + 2 < text.n && text.p[at + 1] == quote && text.p[at + 2] == quote;
    u32 i = at + (triple ? 3 : 1);
    while (i < text.n) {
        if (text.p[i] == '\\') {
            i += 2;
            continue;
        }
        bool closes =
            text.p[i] == quote &&
            (!triple || (i + 2 < text.n && text.p[i + 1] == quote && text.p[i + 2] == quote));
        if (closes) return i + (triple ? 3 : 1);
        i++;
    }
    return text.n;
}

bool rule_brackets(Str text, u32 from, u32 to, Brackets *out) {
    u32 depth = 0;
    *out = (Brackets){0};
    for (u32 i = from; i < MIN(to, text.n); i++) {
        char ch = text.p[i];
        if (ch == '"' || ch == '\'') {
            i = string_end(text, i) - 1;
        } else if (ch == '#') {
            while (i + 1 < text.n && text.p[i + 1] != '\n') i++;
        } else if (ch == '(' || ch == '[' || ch == '{') {
            if (!depth++) *out = (Brackets){.open = i};
        } else if (ch == ')' || ch == ']' || ch == '}') {
            if (!depth) return false;
            if (!--depth) out->close = i;
        } else if (ch == ',' && depth == 1 && !out->comma) {
            out->comma = i;
        }
    }
    return out->close != 0 && !depth;
}
