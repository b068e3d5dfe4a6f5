/* `limpet facts FILE.c`: what the front end wrote, one record a line. */
#include "capi/flow.h"

static const char *const kind_names[C_KIND_COUNT] = {
    [C_NONE] = "none",
    [C_COMPOUND] = "block",
    [C_IF] = "if",
    [C_WHILE] = "while",
    [C_DO] = "do",
    [C_FOR] = "for",
    [C_SWITCH] = "switch",
    [C_CASE] = "case",
    [C_DEFAULT] = "default",
    [C_BREAK] = "break",
    [C_CONTINUE] = "continue",
    [C_RETURN] = "return",
    [C_GOTO] = "goto",
    [C_LABEL] = "label",
    [C_DECLARE] = "declare",
    [C_ASM] = "asm",
    [C_REF] = "name",
    [C_MEMBER] = "member",
    [C_INDEX] = "index",
    [C_CALL] = "call",
    [C_UNARY] = "unary",
    [C_BINARY] = "binary",
    [C_ASSIGN] = "assign",
    [C_CHOOSE] = "choose",
    [C_INT] = "integer",
    [C_STRING] = "string",
    [C_CONSTANT] = "constant",
    [C_INIT] = "list",
    [C_DESIGNATED] = "field",
    [C_SIZEOF] = "sizeof",
    [C_BLOCK] = "expression block",
    [C_UNKNOWN] = "unknown",
};

static const char *const long_ops[] = {"",   "==", "!=", "<=", ">=", "&&",
                                       "||", "<<", ">>", "++", "--"};

static void print_op(u8 op, Buf *out) {
    if (op >= ' ')
        buf_printf(out, " %c", op);
    else if (op)
        buf_printf(out, " %s", long_ops[op]);
}

static void print_node(const CUnit *u, u32 id, u32 depth, Buf *out) {
    const CNode *n = &u->nodes[id];
    buf_printf(out, "%4u-%-4u ", n->start, n->end);
    buf_repeat(out, ' ', depth * 2);
    buf_text(out, kind_names[n->kind]);
    print_op(n->op, out);
    Str name = cunit_str(u, n->name);
    if (n->kind == C_DECLARE) name = cunit_name(u, n->decl);
    if (n->kind == C_STRING)
        buf_char(out, ' '), buf_char(out, '"'), buf_json(out, name), buf_char(out, '"');
    else if (name.n)
        buf_printf(out, " %s%.*s", n->flags & C_ARROW ? "->" : "", STR_ARG(name));
    if (n->flags & C_HAS_VALUE) buf_printf(out, " = %lld", (long long)n->value);
    if (n->type) buf_printf(out, "  : %.*s", STR_ARG(cunit_type_name(u, n->type)));
    if (n->flags & C_POSTFIX) buf_text(out, " (after)");
    if (n->flags & C_VOIDED) buf_text(out, " (void)");
    if (n->flags & (C_BROKEN | C_DEEP)) buf_text(out, " (unread)");
    buf_char(out, '\n');
}

/* Preorder; the depth of each pending node beside it. */
static void print_tree(const CUnit *u, u32 top, Buf *out) {
    VEC(u32) nodes = {0};
    VEC(u32) depths = {0};
    Arena scratch = {0};
    vec_push(&scratch, &nodes, top);
    vec_push(&scratch, &depths, 1);
    while (nodes.n) {
        u32 node = nodes.v[--nodes.n], depth = depths.v[--depths.n];
        print_node(u, node, MIN(depth, 40), out);
        if (node != top && u->nodes[node].next) {
            vec_push(&scratch, &nodes, u->nodes[node].next);
            vec_push(&scratch, &depths, depth);
        }
        if (u->nodes[node].child) {
            vec_push(&scratch, &nodes, u->nodes[node].child);
            vec_push(&scratch, &depths, depth + 1);
        }
    }
    arena_free(&scratch);
}

static void print_flags(const CDecl *d, Buf *out) {
    if (d->flags & CDECL_STATIC) buf_text(out, " static");
    if (d->flags & CDECL_NORETURN) buf_text(out, " noreturn");
    if (d->flags & CDECL_CLEANUP) buf_text(out, " cleanup");
    if (d->flags & CDECL_VARIADIC) buf_text(out, " variadic");
    if (d->flags & CDECL_BROKEN) buf_text(out, " broken");
    if (d->flags & CDECL_HEADER) buf_text(out, " header");
}

static void print_members(const CUnit *u, u32 decl, const char *what, Buf *out) {
    for (u32 i = u->decls[decl].child; i; i = u->decls[i].next)
        buf_printf(out, "            %s %.*s : %.*s\n", what, STR_ARG(cunit_name(u, i)),
                   STR_ARG(cunit_type_name(u, u->decls[i].type)));
}

static void print_decl(const CUnit *u, u32 id, Buf *out) {
    static const char *const kinds[] = {
        [C_FUNCTION] = "function", [C_VARIABLE] = "variable", [C_RECORD] = "record"};
    const CDecl *d = &u->decls[id];
    buf_printf(out, "%4u-%-4u %s %.*s", d->start, d->end, kinds[d->kind],
               STR_ARG(cunit_name(u, id)));
    if (d->type) buf_printf(out, " : %.*s", STR_ARG(cunit_type_name(u, d->type)));
    if (d->kind != C_RECORD && cunit_is_object(u, d->type)) buf_text(out, " (object)");
    print_flags(d, out);
    buf_char(out, '\n');
    if (d->kind == C_RECORD) print_members(u, id, "field", out);
    if (d->kind == C_FUNCTION) print_members(u, id, "parameter", out);
    if (d->kind != C_RECORD && d->node) print_tree(u, d->node, out);
    if (d->kind != C_FUNCTION) return;
    Arena scratch = {0};
    Flow flow = flow_build(u, id, &scratch);
    buf_printf(out, "flow of %.*s\n", STR_ARG(cunit_name(u, id)));
    flow_print(u, &flow, out);
    arena_free(&scratch);
}

void cunit_print(const CUnit *u, Buf *out) {
    buf_text(out, "declarations\n");
    for (u32 i = 1; i < u->n_decls; i++) {
        const CDecl *d = &u->decls[i];
        bool is_ours = !(d->flags & CDECL_SYSTEM) && !d->owner;
        bool is_shown = (d->kind == C_FUNCTION && d->flags & CDECL_BODY) || d->kind == C_VARIABLE ||
                        d->kind == C_RECORD;
        if (is_ours && is_shown) print_decl(u, i, out);
    }
    if (u->n_errors > 1) buf_text(out, "errors\n");
    for (u32 i = 1; i < u->n_errors; i++)
        buf_printf(out, "%4u %.*s\n", u->errors[i].at, STR_ARG(cunit_str(u, u->errors[i].text)));
}
