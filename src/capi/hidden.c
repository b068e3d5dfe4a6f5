/* Code that the preprocessor left out: which macros would bring it back. */
#include "capi/front.h"

#ifdef HAS_CLANG

#include <string.h>

enum { NESTING_MAX = 64, MACROS_MAX = 32, BRANCH_MIN = 40 /* bytes */ };

typedef struct Branch {
    u32 start;
    Str macro; /* that it is for, or empty */
} Branch;

typedef struct Hidden {
    Front *front;
    char *seen; /* a byte for each of the text: does a node or declaration begin there? */
    FrontMacros *out;
} Hidden;

/* ---- conditions ---- */

static Str take_identifier(Str s) {
    u32 n = 0;
    while (n < s.n && char_is_word(s.p[n])) n++;
    return str_sub(s, 0, n);
}

static bool has_one_of(Str name, const char *const *words, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_contains(name, words[i])) return true;
    return false;
}

/* What a project is built with. Names of systems, compilers and versions of Python say where code
 * runs; those for tests and debugging bring in what nobody ships. */
static bool is_feature(Str name) {
    static const char *const marks[] = {"HAVE_", "WITH_", "USE_", "ENABLE_", "SUPPORT", "FEATURE"};
    static const char *const others[] = {"DEBUG",    "TEST",   "FAULT",   "TRACE",   "LEAK",
                                         "VALGRIND", "CHECK",  "_ASAN",   "MS_",     "WIN",
                                         "PYPY",     "CYTHON", "LIMITED", "DISABLE", "GIL"};
    if (!name.n || name.p[0] == '_' || char_is_digit(name.p[0])) return false;
    if (str_starts(name, "Py") || str_starts(name, "PY")) return false;
    return has_one_of(name, marks, ARRAY_LEN(marks)) &&
           !has_one_of(name, others, ARRAY_LEN(others));
}

/* The macro of `ifdef X`, `if defined(X)`, `if X`, and nothing more. */
static Str macro_of(Str line) {
    bool is_ifdef = str_starts(line, "ifdef");
    if (!is_ifdef && !str_starts(line, "if ") && !str_starts(line, "if(")) return (Str){0};
    Str rest = str_trim(str_sub(line, is_ifdef ? 5 : 2, line.n));
    if (!is_ifdef && str_starts(rest, "defined")) rest = str_trim(str_sub(rest, 7, rest.n));
    bool has_paren = str_starts(rest, "(");
    if (has_paren) rest = str_trim(str_sub(rest, 1, rest.n));
    Str name = take_identifier(rest);
    rest = str_trim(str_sub(rest, name.n, rest.n));
    if (has_paren && str_starts(rest, ")")) rest = str_trim(str_sub(rest, 1, rest.n));
    bool is_end = !rest.n || str_starts(rest, "/*") || str_starts(rest, "//");
    return is_end && is_feature(name) ? name : (Str){0};
}

/* ---- branches ---- */

/* Does the text call the Python API? */
static bool speaks_python(Str text) {
    for (u32 i = 0; i + 3 < text.n; i++) {
        if (text.p[i] != 'P' || text.p[i + 1] != 'y' || (i && char_is_word(text.p[i - 1])))
            continue;
        Str name = take_identifier(str_sub(text, i, text.n));
        if (str_contains(name, "_") && i + name.n < text.n && text.p[i + name.n] == '(')
            return true;
        i += name.n;
    }
    return false;
}

static void close_branch(Hidden *h, const Branch *branch, u32 end) {
    if (!branch->macro.n || end < branch->start + BRANCH_MIN || h->out->n == MACROS_MAX) return;
    if (!speaks_python(str_sub(h->front->text, branch->start, end))) return;
    if (!h->seen) h->seen = front_places(h->front);
    if (memchr(h->seen + branch->start, 1, end - branch->start)) return;
    for (u32 i = 0; i < h->out->n; i++)
        if (str_eq(h->out->names[i], branch->macro)) return;
    h->out->names[h->out->n++] = branch->macro;
}

static void take_directive(Hidden *h, Str line, u32 start, u32 end, Branch *stack, u32 *depth) {
    if (str_starts(line, "if")) {
        if (*depth < NESTING_MAX) stack[*depth] = (Branch){end, macro_of(line)};
        ++*depth;
        return;
    }
    bool is_end = str_starts(line, "endif");
    if (!*depth || (!is_end && !str_starts(line, "el"))) return;
    if (*depth <= NESTING_MAX) {
        close_branch(h, &stack[*depth - 1], start);
        stack[*depth - 1] = (Branch){end, {0}}; /* what `else` is for nobody defines */
    }
    if (is_end) --*depth;
}

void front_hidden(Front *f, FrontMacros *out) {
    Hidden h = {.front = f, .out = out};
    Branch stack[NESTING_MAX];
    u32 depth = 0;
    for (u32 at = 0; at < f->text.n;) {
        u32 start = at;
        while (at < f->text.n && f->text.p[at] != '\n') at++;
        Str line = str_trim(str_sub(f->text, start, at));
        if (at < f->text.n) at++;
        if (!str_starts(line, "#")) continue;
        take_directive(&h, str_trim(str_sub(line, 1, line.n)), start, at, stack, &depth);
    }
}

/* ---- what is there ---- */

static u32 mark_body(const Front *f, u32 node, char *seen) {
    u32 n = 0;
    VEC(u32) stack = {0};
    vec_push(f->arena, &stack, node);
    while (stack.n) {
        const CNode *at = &f->nodes.v[stack.v[--stack.n]];
        n++;
        if (seen && at->start < f->text.n) seen[at->start] = 1;
        for (u32 i = at->child; i; i = f->nodes.v[i].next) vec_push(f->arena, &stack, i);
    }
    return n;
}

char *front_places(const Front *f) {
    char *seen = arena_alloc(f->arena, f->text.n + 1);
    memset(seen, 0, f->text.n + 1);
    for (u32 i = 1; i < f->decls.n; i++) {
        const CDecl *decl = &f->decls.v[i];
        if (decl->file != 1) continue;
        if (decl->start < f->text.n) seen[decl->start] = 1;
        if (decl->node) mark_body(f, decl->node, seen);
    }
    return seen;
}

u32 front_weight(const Front *f) {
    u32 n = 0;
    for (u32 i = 1; i < f->decls.n; i++) {
        const CDecl *decl = &f->decls.v[i];
        bool counts = decl->kind == C_FUNCTION && decl->file == 1 && decl->flags & CDECL_BODY;
        if (counts && !(decl->flags & CDECL_BROKEN)) n += mark_body(f, decl->node, NULL);
    }
    return n;
}

#endif
