/* Questions about one file that need no other, and the texts that messages are made of. */
#include "facts/facts.h"
#include "facts/text.h"

#include <string.h>

enum {
    NAME_TEXT_MAX = 160, /* bytes of a name that are shown */
    TEXT_MAX = 300,      /* bytes of a path's text after which it is cut */
    NESTING_MAX = 6,     /* calls of calls that a path's text spells out */
    SCOPES_MAX = 64,     /* enclosing scopes that a scope's name spells out */
    OPERANDS_TEXT = 2    /* operands that a path's text spells out */
};

const Path *facts_root(const Facts *f, PathId path) {
    while (f->paths[path.i].parent.i) path = f->paths[path.i].parent;
    return &f->paths[path.i];
}

SymbolId facts_root_symbol(const Facts *f, PathId path) {
    const Path *root = facts_root(f, path);
    if (root->kind != PATH_SYMBOL) return (SymbolId){0};
    return f->symbols[root->id].target;
}

const Op *facts_bind_before(const Facts *f, const Scope *scope, SymbolId variable, u32 end) {
    for (u32 i = end; i-- > scope->op_first;) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_BIND && f->paths[op->subject].kind == PATH_SYMBOL &&
            facts_root_symbol(f, op_path(op)).i == variable.i)
            return op;
    }
    return NULL;
}

void facts_line(const Facts *f, u32 offset, u32 *line, u32 *byte_column) {
    u32 from = 0;
    for (u32 to = f->n_lines; to - from > 1;) {
        u32 middle = from + (to - from) / 2;
        if (f->lines[middle] <= offset)
            from = middle;
        else
            to = middle;
    }
    *line = from + 1;
    *byte_column = offset - f->lines[from] + 1;
}

ScopeId facts_enclosing(const Facts *f, ScopeId scope, ScopeKind kind) {
    while (scope.i && f->scopes[scope.i].kind != kind) scope = f->scopes[scope.i].parent;
    return scope;
}

/* ---- texts ---- */

void facts_name_text(const Facts *f, StrId id, Buf *out) {
    Str s = facts_str(f, id);
    u32 n = s.n;
    if (n > NAME_TEXT_MAX) /* at a character boundary */
        for (n = NAME_TEXT_MAX; n > NAME_TEXT_MAX - 4 && ((u8)s.p[n] & 0xC0) == 0x80;) n--;
    buf_json(out, str_sub(s, 0, n));
    if (n < s.n) buf_text(out, "…");
}

void path_literal_text(const Facts *f, const Path *literal, Buf *out) {
    StrId id = {literal->id};
    switch (literal->flags) {
    case LITERAL_NONE:
        buf_text(out, "None");
        return;
    case LITERAL_TRUE:
        buf_text(out, "True");
        return;
    case LITERAL_FALSE:
        buf_text(out, "False");
        return;
    case LITERAL_ELLIPSIS:
        buf_text(out, "...");
        return;
    case LITERAL_INT:
    case LITERAL_FLOAT:
        facts_name_text(f, id, out);
        return;
    default:
        break;
    }
    buf_text(out, literal->flags == LITERAL_BYTES ? "b\"" : "\"");
    facts_name_text(f, id, out);
    buf_char(out, '"');
}

void path_step_text(const Facts *f, const Path *step, Buf *out) {
    switch (step->kind) {
    case PATH_ATTR:
        buf_char(out, '.');
        facts_name_text(f, (StrId){step->id}, out);
        break;
    case PATH_CONST:
        buf_char(out, '[');
        path_literal_text(f, step, out);
        buf_char(out, ']');
        break;
    case PATH_ANY:
        buf_text(out, step->flags == PATH_SLICE ? "[:]" : "[*]");
        break;
    default:
        buf_text(out, ".…");
        break;
    }
}

u32 path_steps(const Facts *f, PathId path, const Path **root,
               const Path *steps[PATH_MAX_SELECTORS + 1]) {
    u32 n = f->paths[path.i].depth;
    for (u32 i = n; i > 0; i--, path = f->paths[path.i].parent) steps[i - 1] = &f->paths[path.i];
    *root = &f->paths[path.i];
    return n;
}

const char *operator_text(u32 operator) {
    static const char *const texts[] = {"+", "-", "*", "/", "//", "%",  "**",
                                        "@", "&", "|", "^", "<<", ">>", "~"};
    return operator<ARRAY_LEN(texts) ? texts[operator] : "?";
}

static void path_text(const Facts *f, PathId path, u32 nesting, u32 limit, Buf *out);

static void operands_text(const Facts *f, const Op *op, const char *between, u32 nesting, u32 limit,
                          Buf *out) {
    for (u32 i = 0; i < op->operands; i++) {
        if (i) buf_text(out, between);
        if (i == OPERANDS_TEXT) {
            buf_text(out, "…");
            return;
        }
        path_text(f, op_operand(f, op, i), nesting, limit, out);
    }
}

static void scope_text(const Facts *f, const Op *op, Buf *out) {
    facts_name_text(f, f->scopes[op->subject].name, out);
}

/* The value of an op. `nesting` and the length (`limit`, a length of `out`) bound the recursion. */
static void value_text(const Facts *f, const Op *op, u32 nesting, u32 limit, Buf *out) {
    if (!nesting || out->n >= limit) {
        buf_text(out, "…");
        return;
    }
    nesting--;
    switch (op->kind) {
    case OP_CALL:
        path_text(f, op_path(op), nesting, limit, out);
        buf_text(out, "()");
        break;
    case OP_LIST:
        buf_text(out, op->operands ? "[…]" : "[]");
        break;
    case OP_TUPLE:
        buf_text(out, op->operands ? "(…)" : "()");
        break;
    case OP_SET:
        buf_text(out, "{…}");
        break;
    case OP_DICT:
        buf_text(out, op->operands ? "{…: …}" : "{}");
        break;
    case OP_LISTCOMP:
        buf_text(out, "[… for …]");
        break;
    case OP_SETCOMP:
        buf_text(out, "{… for …}");
        break;
    case OP_DICTCOMP:
        buf_text(out, "{…: … for …}");
        break;
    case OP_GENERATOR:
        buf_text(out, "(… for …)");
        break;
    case OP_LAMBDA:
        buf_text(out, "lambda");
        break;
    case OP_FUNCTION:
    case OP_CLASS:
        scope_text(f, op, out);
        break;
    case OP_FSTRING:
        buf_text(out, "f\"…\"");
        break;
    case OP_BINARY: {
        char between[8] = " ";
        strcat(strcat(between, operator_text(op->flags & OP_LOW)), " ");
        operands_text(f, op, between, nesting, limit, out);
        break;
    }
    case OP_UNARY:
        buf_text(out, operator_text(op->flags & OP_LOW));
        operands_text(f, op, "", nesting, limit, out);
        break;
    case OP_NOT:
        buf_text(out, "not ");
        operands_text(f, op, "", nesting, limit, out);
        break;
    case OP_CHOICE:
        operands_text(f, op, " or ", nesting, limit, out);
        break;
    case OP_SUBSCRIPT:
        path_text(f, op_path(op), nesting, limit, out);
        buf_char(out, '[');
        operands_text(f, op, ", ", nesting, limit, out);
        buf_char(out, ']');
        break;
    case OP_AWAITED_VALUE:
        buf_text(out, "await ");
        path_text(f, op_path(op), nesting, limit, out);
        break;
    case OP_SENT_VALUE:
        buf_text(out, "(yield)");
        break;
    case OP_COMPARE:
        buf_text(out, "(comparison)");
        break;
    case OP_SLICE:
        buf_text(out, "(slice)");
        break;
    default:
        buf_text(out, "(expression)");
        break;
    }
}

static void path_text(const Facts *f, PathId path, u32 nesting, u32 limit, Buf *out) {
    const Path *root;
    const Path *steps[PATH_MAX_SELECTORS + 1];
    u32 n = path_steps(f, path, &root, steps);
    switch (root->kind) {
    case PATH_SYMBOL:
        facts_name_text(f, f->symbols[root->id].name, out);
        break;
    case PATH_OP:
        value_text(f, &f->ops[root->id], nesting, limit, out);
        break;
    case PATH_LITERAL:
        path_literal_text(f, root, out);
        break;
    default:
        break;
    }
    for (u32 i = 0; i < n; i++) path_step_text(f, steps[i], out);
}

void facts_path_text(const Facts *f, PathId path, Buf *out) {
    path_text(f, path, NESTING_MAX, out->n + TEXT_MAX, out);
}

static const char *anonymous_text(const Facts *f, const Scope *scope) {
    if (scope->kind == SCOPE_LAMBDA) return "<lambda>";
    switch (f->ops[scope->def.i].kind) {
    case OP_LISTCOMP:
        return "<listcomp>";
    case OP_SETCOMP:
        return "<setcomp>";
    case OP_DICTCOMP:
        return "<dictcomp>";
    default:
        return "<genexpr>";
    }
}

void facts_scope_name(const Facts *f, ScopeId scope, Buf *out) {
    const Scope *chain[SCOPES_MAX];
    u32 n = 0;
    for (; f->scopes[scope.i].parent.i; scope = f->scopes[scope.i].parent) {
        if (n == SCOPES_MAX) {
            buf_text(out, "….");
            break;
        }
        chain[n++] = &f->scopes[scope.i];
    }
    while (n--) {
        const Scope *s = chain[n];
        if (s->kind == SCOPE_CLASS || s->kind == SCOPE_FUNCTION)
            facts_name_text(f, s->name, out);
        else
            buf_text(out, anonymous_text(f, s));
        if (n) buf_text(out, s->kind == SCOPE_CLASS ? "." : ".<locals>.");
    }
}
