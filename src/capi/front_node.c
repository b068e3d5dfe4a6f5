/* Statements and expressions. A cursor becomes a node after its children, so that ids of children
 * are smaller; casts, parentheses and implicit conversions become nothing. */
#include "capi/front.h"

#include "capi/api.h"

#ifdef HAS_CLANG

#include <string.h>

/* Children of a cursor that is being read. */
typedef struct Children {
    Front *front;
    u32 first, last, n;
    bool is_initialiser;
} Children;

static void append(Children *c, u32 node) {
    if (!node) return;
    if (c->last)
        c->front->nodes.v[c->last].next = node;
    else
        c->first = node;
    c->last = node;
    c->n++;
}

static enum CXChildVisitResult visit_child(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    Children *c = data;
    append(c,
           c->is_initialiser ? front_initialiser(c->front, cursor) : front_node(c->front, cursor));
    return CXChildVisit_Continue;
}

static Children children_of(Front *f, CXCursor cursor, bool is_initialiser) {
    Children c = {.front = f, .is_initialiser = is_initialiser};
    f->clang->visitChildren(cursor, visit_child, &c);
    return c;
}

u32 front_add(Front *f, CNode node) {
    u32 id = f->nodes.n;
    vec_push(f->arena, &f->nodes, node);
    return id;
}

CNode front_begin(Front *f, CXCursor cursor, CNodeKind kind) {
    CNode node = {.kind = (u8)kind};
    u32 file = front_extent(f, cursor, &node.start, &node.end);
    const CDecl *around = &f->decls.v[f->function];
    if (f->function && (file != around->file || node.start > around->end))
        node.start = node.end = around->start;
    if (f->clang->isExpression(f->clang->getCursorKind(cursor)))
        node.type = front_type(f, f->clang->getCursorType(cursor));
    return node;
}

u32 front_children(Front *f, CXCursor cursor) {
    return children_of(f, cursor, false).first;
}

u32 front_plain(Front *f, CXCursor cursor, CNodeKind kind) {
    Children c = children_of(f, cursor, false);
    CNode node = front_begin(f, cursor, kind);
    node.child = c.first;
    return front_add(f, node);
}

bool front_text_has(const Front *f, u32 start, u32 end, const char *word) {
    if (start >= end || end > f->text.n) return false;
    return memmem(f->text.p + start, end - start, word, strlen(word)) != NULL;
}

/* ---- constants ---- */

static bool evaluate(Front *f, CXCursor cursor, i64 *value) {
    CXEvalResult result = f->clang->Cursor_Evaluate(cursor);
    if (!result) return false;
    bool ok = f->clang->EvalResult_getKind(result) == CXEval_Int;
    if (ok) *value = f->clang->EvalResult_getAsLongLong(result);
    f->clang->EvalResult_dispose(result);
    return ok;
}

static u32 integer(Front *f, CXCursor cursor) {
    CNode node = front_begin(f, cursor, C_INT);
    if (evaluate(f, cursor, &node.value)) node.flags |= C_HAS_VALUE;
    return front_add(f, node);
}

static u32 string(Front *f, CXCursor cursor) {
    CNode node = front_begin(f, cursor, C_STRING);
    Str text = clang_text(f->clang, f->arena, f->clang->getCursorSpelling(cursor));
    if (text.n >= 2 && text.p[0] == '"') text = str_sub(text, 1, text.n - 1);
    node.name = front_string(f, str_sub(text, 0, MIN(text.n, (u32)FRONT_STRING_MAX)));
    return front_add(f, node);
}

/* ---- operators ---- */

static u8 binary_op(enum CXBinaryOperatorKind kind) {
    static const u8 ops[] = {
        [CXBinaryOperator_Mul] = '*',
        [CXBinaryOperator_Div] = '/',
        [CXBinaryOperator_Rem] = '%',
        [CXBinaryOperator_Add] = '+',
        [CXBinaryOperator_Sub] = '-',
        [CXBinaryOperator_Shl] = C_OP_SHL,
        [CXBinaryOperator_Shr] = C_OP_SHR,
        [CXBinaryOperator_LT] = '<',
        [CXBinaryOperator_GT] = '>',
        [CXBinaryOperator_LE] = C_OP_LE,
        [CXBinaryOperator_GE] = C_OP_GE,
        [CXBinaryOperator_EQ] = C_OP_EQ,
        [CXBinaryOperator_NE] = C_OP_NE,
        [CXBinaryOperator_And] = '&',
        [CXBinaryOperator_Xor] = '^',
        [CXBinaryOperator_Or] = '|',
        [CXBinaryOperator_LAnd] = C_OP_AND,
        [CXBinaryOperator_LOr] = C_OP_OR,
        [CXBinaryOperator_MulAssign] = '*',
        [CXBinaryOperator_DivAssign] = '/',
        [CXBinaryOperator_RemAssign] = '%',
        [CXBinaryOperator_AddAssign] = '+',
        [CXBinaryOperator_SubAssign] = '-',
        [CXBinaryOperator_ShlAssign] = C_OP_SHL,
        [CXBinaryOperator_ShrAssign] = C_OP_SHR,
        [CXBinaryOperator_AndAssign] = '&',
        [CXBinaryOperator_XorAssign] = '^',
        [CXBinaryOperator_OrAssign] = '|',
        [CXBinaryOperator_Comma] = ',',
    };
    return (u32)kind < ARRAY_LEN(ops) ? ops[kind] : 0;
}

static u32 binary(Front *f, CXCursor cursor) {
    enum CXBinaryOperatorKind kind = f->clang->getCursorBinaryOperatorKind(cursor);
    Children c = children_of(f, cursor, false);
    bool is_assign = kind >= CXBinaryOperator_Assign && kind < CXBinaryOperator_Comma;
    CNode node = front_begin(f, cursor, is_assign ? C_ASSIGN : C_BINARY);
    node.op = binary_op(kind);
    node.child = c.first;
    /* `*p = (T){.x = x}`: whatever p belongs to has them now */
    if (is_assign && c.last && f->nodes.v[c.last].kind == C_INIT) f->nodes.v[c.last].kind = C_BLOCK;
    return front_add(f, node);
}

static u8 unary_op(enum CXUnaryOperatorKind kind) {
    switch (kind) {
    case CXUnaryOperator_PostInc:
    case CXUnaryOperator_PreInc:
        return C_OP_INC;
    case CXUnaryOperator_PostDec:
    case CXUnaryOperator_PreDec:
        return C_OP_DEC;
    case CXUnaryOperator_AddrOf:
        return '&';
    case CXUnaryOperator_Deref:
        return '*';
    case CXUnaryOperator_Plus:
        return '+';
    case CXUnaryOperator_Minus:
        return '-';
    case CXUnaryOperator_Not:
        return '~';
    case CXUnaryOperator_LNot:
        return '!';
    default:
        return 0;
    }
}

static u32 unary(Front *f, CXCursor cursor) {
    enum CXUnaryOperatorKind kind = f->clang->getCursorUnaryOperatorKind(cursor);
    Children c = children_of(f, cursor, false);
    if (kind == CXUnaryOperator_Extension) return c.first;
    CNode node = front_begin(f, cursor, C_UNARY);
    node.op = unary_op(kind);
    if (kind == CXUnaryOperator_PostInc || kind == CXUnaryOperator_PostDec) node.flags = C_POSTFIX;
    node.child = c.first;
    return front_add(f, node);
}

/* sizeof: of a type that is written, or of what an expression has. */
static enum CXChildVisitResult find_type(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

static u32 size_of(Front *f, CXCursor cursor) {
    CNode node = front_begin(f, cursor, C_SIZEOF);
    CXCursor inner = {0};
    if (f->clang->visitChildren(cursor, find_type, &inner)) {
        if (f->clang->getCursorKind(inner) == CXCursor_TypeRef)
            inner = f->clang->getCursorReferenced(inner);
        node.type = front_type(f, f->clang->getCursorType(inner));
    }
    if (evaluate(f, cursor, &node.value)) node.flags |= C_HAS_VALUE;
    return front_add(f, node);
}

/* ---- names, calls, members ---- */

static u32 reference(Front *f, CXCursor cursor) {
    CNode node = front_begin(f, cursor, C_REF);
    CXCursor target = f->clang->getCursorReferenced(cursor);
    node.decl = front_decl(f, target);
    node.name = node.decl ? f->decls.v[node.decl].name : front_spelling(f, cursor);
    bool is_array = f->types.v[node.type].flags & CTYPE_ARRAY;
    if (is_array && f->decls.v[node.decl].kind == C_PARAMETER)
        node.type = f->decls.v[node.decl].type;
    if (f->clang->getCursorKind(target) == CXCursor_EnumConstantDecl) {
        node.value = f->clang->getEnumConstantDeclValue(target);
        node.flags |= C_HAS_VALUE;
    }
    return front_add(f, node);
}

static u32 call(Front *f, CXCursor cursor) {
    u32 other = f->is_cxx ? front_cxx_call(f, cursor) : 0;
    if (other) return other;
    Children c = children_of(f, cursor, false);
    if (!c.first) return front_add(f, front_begin(f, cursor, C_UNKNOWN));
    CNode node = front_begin(f, cursor, C_CALL);
    const CNode *callee = &f->nodes.v[c.first];
    const CNode *named =
        callee->kind == C_UNARY && callee->child ? &f->nodes.v[callee->child] : callee;
    if (named->kind == C_REF && named->decl) {
        node.decl = named->decl;
        node.name = named->name;
    }
    Str name = {f->chars.v + f->strings.v[node.name].at, f->strings.v[node.name].n};
    u32 condition = f->nodes.v[c.first].next;
    /* only a hint for the compiler */
    if (condition && str_is(name, "__builtin_expect")) {
        f->nodes.v[condition].next = 0;
        return condition;
    }
    node.child = c.first;
    if (f->is_cxx) front_cxx_references(f, cursor, c.first);
    return front_add(f, node);
}

static u32 member(Front *f, CXCursor cursor) {
    Children c = children_of(f, cursor, false);
    CNode node = front_begin(f, cursor, C_MEMBER);
    node.name = front_spelling(f, cursor);
    node.child = c.first;
    if (!c.first) { /* of `this` */
        node.child = front_add(f, (CNode){.kind = C_UNKNOWN, .start = node.start, .end = node.end});
        node.flags |= C_ARROW;
    }
    if (c.first && f->types.v[f->nodes.v[c.first].type].flags & CTYPE_POINTER)
        node.flags |= C_ARROW;
    CXCursor field = f->clang->getCursorReferenced(cursor);
    if (!f->clang->Cursor_isNull(field)) {
        CXCursor record = f->clang->getCursorSemanticParent(field);
        node.decl = front_decl(f, record);
    }
    return front_add(f, node);
}

/* ---- what is only wrapping ---- */

/* `(PyObject *)panel_userptr(p)`: what comes out of a `void *` that nobody knows was put there by
 * somebody, who owns it. */
static bool is_opaque_call(const Front *f, const CNode *n) {
    const CType *type = &f->types.v[n->type];
    const CString *s = &f->strings.v[n->name];
    bool is_blank = type->flags & CTYPE_INTEGER ||
                    (type->flags & CTYPE_POINTER && f->types.v[type->target].flags & CTYPE_VOID);
    return n->decl && is_blank && !api_row((Str){f->chars.v + s->at, s->n});
}

/* Casts, implicit conversions and what libclang has no name for. */
static u32 unwrap(Front *f, CXCursor cursor, bool is_initialiser) {
    Children c = children_of(f, cursor, is_initialiser);
    enum CXCursorKind kind = f->clang->getCursorKind(cursor);
    bool is_cast = kind == CXCursor_CStyleCastExpr ||
                   (kind >= CXCursor_CXXStaticCastExpr && kind <= CXCursor_CXXFunctionalCastExpr);
    if (c.n == 1) {
        if (is_cast && f->clang->getCursorType(cursor).kind == CXType_Void)
            f->nodes.v[c.first].flags |= C_VOIDED;
        /* what it is used as: `(PyObject *)self` */
        u32 type = front_type(f, f->clang->getCursorType(cursor));
        CNode *inner = &f->nodes.v[c.first];
        bool gains = f->types.v[type].flags & CTYPE_POINTER &&
                     !(f->types.v[f->types.v[inner->type].target].flags & CTYPE_OBJECT);
        if (is_cast && gains && inner->kind == C_CALL && !is_opaque_call(f, inner))
            inner->type = type;
        return c.first;
    }
    CNode node = front_begin(f, cursor, C_UNKNOWN);
    if (c.n == 0 && !f->is_cxx) node.flags |= C_BROKEN;
    node.child = c.first;
    if (c.n == 2 && !is_initialiser) { /* a ?: b */
        u32 otherwise = f->nodes.v[c.first].next;
        u32 same = front_add(f, (CNode){.kind = C_NONE, .next = otherwise});
        f->nodes.v[c.first].next = same;
        node.kind = C_CHOOSE;
    }
    return front_add(f, node);
}

u32 front_unwrap(Front *f, CXCursor cursor) {
    return unwrap(f, cursor, false);
}

/* ---- initialisers ---- */

typedef struct Designation {
    Front *front;
    u32 name, value;
} Designation;

static enum CXChildVisitResult visit_designation(CXCursor cursor, CXCursor parent,
                                                 CXClientData data) {
    (void)parent;
    Designation *d = data;
    if (d->front->clang->getCursorKind(cursor) == CXCursor_MemberRef)
        d->name = front_spelling(d->front, cursor);
    else
        d->value = front_initialiser(d->front, cursor);
    return CXChildVisit_Continue;
}

static u32 designated(Front *f, CXCursor cursor) {
    Designation d = {.front = f};
    f->clang->visitChildren(cursor, visit_designation, &d);
    CNode node = front_begin(f, cursor, C_DESIGNATED);
    node.name = d.name;
    node.child = d.value;
    return front_add(f, node);
}

static enum CXChildVisitResult count_child(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    (void)cursor;
    ++*(u32 *)data;
    return CXChildVisit_Continue;
}

static bool is_designated(Front *f, CXCursor cursor) {
    u32 n = 0;
    f->clang->visitChildren(cursor, count_child, &n);
    return n > 1;
}

u32 front_initialiser(Front *f, CXCursor cursor) {
    enum CXCursorKind kind = f->clang->getCursorKind(cursor);
    if (f->depth >= FRONT_DEPTH) return front_node(f, cursor);
    f->depth++;
    u32 id;
    if (kind == CXCursor_InitListExpr) {
        Children c = children_of(f, cursor, true);
        CNode node = front_begin(f, cursor, C_INIT);
        node.child = c.first;
        id = front_add(f, node);
    } else if (kind == CXCursor_UnexposedExpr && is_designated(f, cursor)) {
        id = designated(f, cursor);
    } else if (kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr ||
               kind == CXCursor_CStyleCastExpr || kind == CXCursor_CompoundLiteralExpr) {
        id = unwrap(f, cursor, true);
    } else {
        id = front_node(f, cursor);
    }
    f->depth--;
    CNode *node = id ? &f->nodes.v[id] : NULL;
    bool is_open =
        node && (node->kind == C_BINARY || node->kind == C_UNARY || node->kind == C_CHOOSE);
    i64 value;
    if (is_open && !(node->flags & C_HAS_VALUE) && evaluate(f, cursor, &value)) {
        f->nodes.v[id].value = value;
        f->nodes.v[id].flags |= C_HAS_VALUE;
    }
    return id;
}

/* ---- statements ---- */

static u32 local(Front *f, CXCursor cursor) {
    u32 decl = front_decl(f, cursor);
    CXCursor value = f->clang->Cursor_getVarDeclInitializer(cursor);
    u32 init = f->clang->Cursor_isNull(value) ? 0 : front_initialiser(f, value);
    CNode node = front_begin(f, cursor, C_DECLARE);
    node.decl = decl;
    node.child = init;
    f->decls.v[decl].node = init;
    if (f->is_cxx && init && front_cxx_is_reference(f, f->clang->getCursorType(cursor))) {
        CNode address = {.kind = C_UNARY, .op = '&', .child = init};
        init = node.child = front_add(f, address);
        f->decls.v[decl].node = init;
    }
    if (f->clang->Cursor_hasAttrs(cursor) && !front_text_has(f, node.start, node.end, "unused"))
        f->decls.v[decl].flags |= CDECL_CLEANUP;
    return front_add(f, node);
}

static u32 declarations(Front *f, CXCursor cursor) {
    Children c = children_of(f, cursor, false);
    if (c.n == 1) return c.first;
    CNode node = front_begin(f, cursor, C_COMPOUND);
    node.child = c.first;
    return front_add(f, node);
}

/* Offsets of the two semicolons in the head of a `for`; false when it comes from a macro. */
static bool find_semicolons(Front *f, CXCursor cursor, u32 *first, u32 *second) {
    CXToken *tokens;
    unsigned n, found = 0, depth = 0;
    f->clang->tokenize(f->unit, f->clang->getCursorExtent(cursor), &tokens, &n);
    for (unsigned i = 0; i < n && found < 2; i++) {
        if (f->clang->getTokenKind(tokens[i]) != CXToken_Punctuation) continue;
        CXString text = f->clang->getTokenSpelling(f->unit, tokens[i]);
        char c = f->clang->getCString(text)[0];
        f->clang->disposeString(text);
        unsigned at = 0;
        f->clang->getFileLocation(f->clang->getTokenLocation(f->unit, tokens[i]), NULL, NULL, NULL,
                                  &at);
        if (c == '(' || c == '{') depth++;
        if (c == ')' || c == '}') depth--;
        if (depth == 0 && c == ')') break;
        if (c == ';' && depth == 1) *(found++ ? second : first) = at;
    }
    f->clang->disposeTokens(f->unit, tokens, n);
    return found == 2;
}

/* The parts of a `for` are told apart by where they stand: libclang drops those that are not there.
 */
static u32 loop_for(Front *f, CXCursor cursor) {
    Children c = children_of(f, cursor, false);
    u32 parts[4] = {0}, first = 0, second = 0, seen = 0;
    bool known = c.n < 4 && find_semicolons(f, cursor, &first, &second);
    for (u32 i = c.first; i; i = f->nodes.v[i].next, seen++) {
        u32 at = f->nodes.v[i].start;
        u32 slot = MIN(seen, 2);
        if (known) slot = (u32)(at > second) + (u32)(at > first);
        if (seen + 1 == c.n) slot = 3;
        parts[slot] = i;
    }
    for (u32 i = 0; i < 4; i++)
        if (!parts[i]) parts[i] = front_add(f, (CNode){.kind = C_NONE});
    for (u32 i = 0; i < 4; i++) f->nodes.v[parts[i]].next = i < 3 ? parts[i + 1] : 0;
    CNode node = front_begin(f, cursor, C_FOR);
    node.child = parts[0];
    return front_add(f, node);
}

static u32 named(Front *f, CXCursor cursor, CNodeKind kind) {
    Children c = children_of(f, cursor, false);
    CNode node = front_begin(f, cursor, kind);
    node.name = front_spelling(f, cursor);
    node.child = c.first;
    return front_add(f, node);
}

static enum CXChildVisitResult find_label(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

static u32 go_to(Front *f, CXCursor cursor) {
    CNode node = front_begin(f, cursor, C_GOTO);
    CXCursor label = {0};
    if (f->clang->visitChildren(cursor, find_label, &label)) node.name = front_spelling(f, label);
    return front_add(f, node);
}

/* ---- all kinds ---- */

static u32 statement(Front *f, CXCursor cursor, enum CXCursorKind kind) {
    switch (kind) {
    case CXCursor_CompoundStmt:
    case CXCursor_NullStmt:
        return front_plain(f, cursor, C_COMPOUND);
    case CXCursor_IfStmt:
        return front_plain(f, cursor, C_IF);
    case CXCursor_WhileStmt:
        return front_plain(f, cursor, C_WHILE);
    case CXCursor_DoStmt:
        return front_plain(f, cursor, C_DO);
    case CXCursor_ForStmt:
        return loop_for(f, cursor);
    case CXCursor_SwitchStmt:
        return front_plain(f, cursor, C_SWITCH);
    case CXCursor_CaseStmt:
        return front_plain(f, cursor, C_CASE);
    case CXCursor_DefaultStmt:
        return front_plain(f, cursor, C_DEFAULT);
    case CXCursor_BreakStmt:
        return front_plain(f, cursor, C_BREAK);
    case CXCursor_ContinueStmt:
        return front_plain(f, cursor, C_CONTINUE);
    case CXCursor_ReturnStmt:
        return front_plain(f, cursor, C_RETURN);
    case CXCursor_GotoStmt:
        return go_to(f, cursor);
    case CXCursor_LabelStmt:
        return named(f, cursor, C_LABEL);
    case CXCursor_DeclStmt:
        return declarations(f, cursor);
    case CXCursor_VarDecl:
        return local(f, cursor);
    case CXCursor_GCCAsmStmt:
    case CXCursor_MSAsmStmt:
        return front_add(f, front_begin(f, cursor, C_ASM));
    default:
        return 0;
    }
}

static u32 expression(Front *f, CXCursor cursor, enum CXCursorKind kind) {
    switch (kind) {
    case CXCursor_DeclRefExpr:
        return reference(f, cursor);
    case CXCursor_MemberRefExpr:
        return member(f, cursor);
    case CXCursor_CallExpr:
        return call(f, cursor);
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        return binary(f, cursor);
    case CXCursor_UnaryOperator:
        return unary(f, cursor);
    case CXCursor_ConditionalOperator:
        return front_plain(f, cursor, C_CHOOSE);
    case CXCursor_ArraySubscriptExpr:
        return front_plain(f, cursor, C_INDEX);
    case CXCursor_IntegerLiteral:
    case CXCursor_CharacterLiteral:
        return integer(f, cursor);
    case CXCursor_StringLiteral:
        return string(f, cursor);
    case CXCursor_FloatingLiteral:
    case CXCursor_ImaginaryLiteral:
        return front_add(f, front_begin(f, cursor, C_CONSTANT));
    case CXCursor_UnaryExpr:
        return size_of(f, cursor);
    case CXCursor_StmtExpr:
        return front_plain(f, cursor, C_BLOCK);
    case CXCursor_InitListExpr:
        return front_initialiser(f, cursor);
    case CXCursor_UnexposedExpr:
    case CXCursor_ParenExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_CompoundLiteralExpr:
        return unwrap(f, cursor, false);
    default:
        return 0;
    }
}

static bool is_of_no_interest(enum CXCursorKind kind) {
    return kind == CXCursor_TypeRef || (kind >= CXCursor_FirstAttr && kind <= CXCursor_LastAttr) ||
           kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl || kind == CXCursor_EnumDecl ||
           kind == CXCursor_TypedefDecl || kind == CXCursor_ParmDecl ||
           kind == CXCursor_FunctionDecl || kind == CXCursor_MemberRef ||
           kind == CXCursor_NamespaceRef || kind == CXCursor_TemplateRef ||
           kind == CXCursor_ClassDecl || kind == CXCursor_TypeAliasDecl ||
           kind == CXCursor_UsingDirective || kind == CXCursor_UsingDeclaration ||
           kind == CXCursor_StaticAssert;
}

u32 front_node(Front *f, CXCursor cursor) {
    enum CXCursorKind kind = f->clang->getCursorKind(cursor);
    if (is_of_no_interest(kind)) return 0;
    if (f->depth >= FRONT_DEPTH || f->nodes.n > FRONT_NODES_MAX) {
        CNode node = front_begin(f, cursor, C_UNKNOWN);
        node.flags |= C_DEEP;
        return front_add(f, node);
    }
    f->depth++;
    u32 id = f->is_cxx ? front_cxx_node(f, cursor, kind) : 0;
    if (!id) id = statement(f, cursor, kind);
    if (!id) id = expression(f, cursor, kind);
    if (!id) id = front_plain(f, cursor, C_UNKNOWN);
    f->depth--;
    return id;
}

#endif
