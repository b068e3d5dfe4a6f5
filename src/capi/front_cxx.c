/* C++ beyond C. What is done by objects of classes is not followed, and never reported: a holder
 * may release what it was given. */
#include "capi/front.h"

#ifdef HAS_CLANG

#include <string.h>

/* ---- what is given up ---- */

typedef struct Mentions {
    Front *front;
    u32 first, last;
} Mentions;

static enum CXChildVisitResult add_mention(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    Mentions *m = data;
    Front *f = m->front;
    if (f->clang->getCursorKind(cursor) != CXCursor_DeclRefExpr) return CXChildVisit_Recurse;
    CXCursor target = f->clang->getCursorReferenced(cursor);
    enum CXCursorKind kind = f->clang->getCursorKind(target);
    if (kind != CXCursor_VarDecl && kind != CXCursor_ParmDecl) return CXChildVisit_Continue;
    CNode node = front_begin(f, cursor, C_REF);
    node.decl = front_decl(f, target);
    node.name = f->decls.v[node.decl].name;
    u32 id = front_add(f, node);
    if (m->last)
        f->nodes.v[m->last].next = id;
    else
        m->first = id;
    m->last = id;
    return CXChildVisit_Continue;
}

/* A call of something unknown that is given the variables that are mentioned below. */
static u32 give_up(Front *f, CXCursor cursor) {
    Mentions m = {.front = f};
    f->clang->visitChildren(cursor, add_mention, &m);
    CNode member = front_begin(f, cursor, C_MEMBER), call = front_begin(f, cursor, C_CALL);
    CNode block = front_begin(f, cursor, C_BLOCK);
    member.child = front_add(f, (CNode){.kind = C_UNKNOWN, .start = call.start, .end = call.end});
    member.next = m.first;
    member.type = 0;
    call.child = front_add(f, member);
    block.child = front_add(f, call);
    return front_add(f, block);
}

/* ---- calls ---- */

static bool is_operator_name(Str name) {
    return str_starts(name, "operator") &&
           (name.n == 8 || !((name.p[8] >= 'a' && name.p[8] <= 'z') || name.p[8] == '_'));
}

/* A function as in C: no method, template, operator or object that is called. */
static bool is_plain_function(Front *f, CXCursor target) {
    const Clang *clang = f->clang;
    if (clang->getCursorKind(target) != CXCursor_FunctionDecl) return false;
    if (!clang->Cursor_isNull(clang->getSpecializedCursorTemplate(target))) return false;
    return !is_operator_name(clang_text(clang, f->arena, clang->getCursorSpelling(target)));
}

static bool is_class(Front *f, CXType type) {
    return f->clang->getCanonicalType(type).kind == CXType_Record;
}

u32 front_cxx_call(Front *f, CXCursor cursor) {
    CXCursor target = f->clang->getCursorReferenced(cursor);
    enum CXCursorKind kind = f->clang->getCursorKind(target);
    bool is_pointer = kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl ||
                      kind == CXCursor_FieldDecl || f->clang->Cursor_isNull(target);
    if (is_class(f, f->clang->getCursorType(cursor))) return give_up(f, cursor);
    return is_pointer || is_plain_function(f, target) ? 0 : give_up(f, cursor);
}

bool front_cxx_is_reference(Front *f, CXType type) {
    enum CXTypeKind kind = f->clang->getCanonicalType(type).kind;
    return kind == CXType_LValueReference || kind == CXType_RValueReference;
}

void front_cxx_references(Front *f, CXCursor cursor, u32 callee) {
    CXCursor target = f->clang->getCursorReferenced(cursor);
    if (f->clang->getCursorKind(target) != CXCursor_FunctionDecl) return;
    int n = f->clang->Cursor_getNumArguments(target);
    u32 before = callee, argument;
    for (int i = 0; i < n && (argument = f->nodes.v[before].next); i++, before = argument) {
        CXCursor parameter = f->clang->Cursor_getArgument(target, (unsigned)i);
        if (!front_cxx_is_reference(f, f->clang->getCursorType(parameter))) continue;
        CNode inner = f->nodes.v[argument], address = {.kind = C_UNARY, .op = '&'};
        address.child = argument;
        address.next = inner.next;
        address.start = inner.start;
        address.end = inner.end;
        f->nodes.v[argument].next = 0;
        argument = front_add(f, address); /* which may move the nodes */
        f->nodes.v[before].next = argument;
    }
}

/* ---- statements ---- */

/* `throw`: a call that does not return. */
static u32 throw(Front * f, CXCursor cursor) {
    if (!f->thrower) {
        CDecl decl = {.kind = C_FUNCTION, .flags = CDECL_SYSTEM | CDECL_NORETURN};
        decl.name = front_string(f, STR("throw"));
        f->thrower = f->decls.n;
        vec_push(f->arena, &f->decls, decl);
        vec_push(f->arena, &f->cursors, (CXCursor){0});
        vec_push(f->arena, &f->decl_same_hash, 0);
    }
    CNode callee = front_begin(f, cursor, C_REF), node = front_begin(f, cursor, C_CALL);
    callee.decl = node.decl = f->thrower;
    callee.name = node.name = f->decls.v[f->thrower].name;
    callee.type = node.type = 0;
    node.child = front_add(f, callee);
    return front_add(f, node);
}

/* What is tried; handlers begin somewhere in the middle of it. */
static u32 try(Front *f, CXCursor cursor) {
    u32 body = front_children(f, cursor);
    if (body) f->nodes.v[body].next = 0;
    CNode node = front_begin(f, cursor, C_COMPOUND);
    node.child = body;
    return front_add(f, node);
}

/* `for (T x : range)`: some rounds. */
static u32 range_for(Front *f, CXCursor cursor) {
    u32 first = front_children(f, cursor), body = first, before = 0;
    while (body && f->nodes.v[body].next) before = body, body = f->nodes.v[body].next;
    if (before) f->nodes.v[before].next = 0;
    if (!body) body = front_add(f, (CNode){.kind = C_COMPOUND});
    CNode range = front_begin(f, cursor, C_UNKNOWN);
    range.child = before ? first : 0;
    u32 start = front_add(f, (CNode){.kind = C_NONE});
    u32 condition = front_add(f, range), step = front_add(f, (CNode){.kind = C_NONE});
    f->nodes.v[start].next = condition;
    f->nodes.v[condition].next = step;
    f->nodes.v[step].next = body;
    CNode node = front_begin(f, cursor, C_FOR);
    node.child = start;
    return front_add(f, node);
}

/* `if (T x = …)`: the declaration comes before the test. */
static u32 branch(Front *f, CXCursor cursor) {
    u32 first = front_children(f, cursor), test = first, last = 0;
    while (test && (f->nodes.v[test].kind == C_DECLARE || f->nodes.v[test].kind == C_COMPOUND) &&
           f->nodes.v[test].next)
        last = test, test = f->nodes.v[test].next;
    CNode node = front_begin(f, cursor, C_IF);
    node.child = test;
    u32 id = front_add(f, node);
    if (!last) return id;
    f->nodes.v[last].next = id;
    CNode around = front_begin(f, cursor, C_COMPOUND);
    around.child = first;
    return front_add(f, around);
}

/* `while (T x = …)`: x is assigned before each round. */
static u32 loop(Front *f, CXCursor cursor) {
    u32 first = front_children(f, cursor);
    CNode node = front_begin(f, cursor, C_WHILE);
    const CNode declare = f->nodes.v[first];
    node.child = first;
    if (!first || declare.kind != C_DECLARE || !declare.child || !declare.next)
        return front_add(f, node);
    CNode name = {.kind = C_REF, .decl = declare.decl, .start = declare.start, .end = declare.end};
    name.name = f->decls.v[declare.decl].name;
    name.type = f->decls.v[declare.decl].type;
    name.next = declare.child;
    CNode assign = {.kind = C_ASSIGN, .type = name.type, .start = name.start, .end = name.end};
    assign.child = front_add(f, name);
    assign.next = f->nodes.v[declare.next].next;
    node.child = front_add(f, assign);
    return front_add(f, node);
}

/* ---- expressions ---- */

static u32 null(Front *f, CXCursor cursor, i64 value) {
    CNode node = front_begin(f, cursor, C_INT);
    node.value = value;
    node.flags |= C_HAS_VALUE;
    return front_add(f, node);
}

static u32 truth(Front *f, CXCursor cursor) {
    CXEvalResult result = f->clang->Cursor_Evaluate(cursor);
    i64 value = result ? f->clang->EvalResult_getAsLongLong(result) : 0;
    if (result) f->clang->EvalResult_dispose(result);
    return null(f, cursor, value);
}

u32 front_cxx_node(Front *f, CXCursor cursor, enum CXCursorKind kind) {
    switch (kind) {
    case CXCursor_CXXThrowExpr:
        return throw(f, cursor);
    case CXCursor_CXXTryStmt:
        return try(f, cursor);
    case CXCursor_CXXForRangeStmt:
        return range_for(f, cursor);
    case CXCursor_IfStmt:
        return branch(f, cursor);
    case CXCursor_WhileStmt:
        return loop(f, cursor);
    case CXCursor_GNUNullExpr:
    case CXCursor_CXXNullPtrLiteralExpr:
        return null(f, cursor, 0);
    case CXCursor_CXXBoolLiteralExpr:
        return truth(f, cursor);
    case CXCursor_CXXStaticCastExpr:
    case CXCursor_CXXDynamicCastExpr:
    case CXCursor_CXXReinterpretCastExpr:
    case CXCursor_CXXConstCastExpr:
    case CXCursor_CXXFunctionalCastExpr:
        return is_class(f, f->clang->getCursorType(cursor)) ? give_up(f, cursor)
                                                            : front_unwrap(f, cursor);
    case CXCursor_CXXThisExpr:
        return front_plain(f, cursor, C_UNKNOWN);
    case CXCursor_LambdaExpr:
    case CXCursor_CXXNewExpr:
    case CXCursor_CXXDeleteExpr:
        return give_up(f, cursor);
    default:
        return 0;
    }
}

/* ---- classes ---- */

typedef struct BaseSearch {
    Front *front;
    bool found;
} BaseSearch;

static enum CXChildVisitResult find_base(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    BaseSearch *search = data;
    Front *f = search->front;
    if (f->clang->getCursorKind(cursor) != CXCursor_CXXBaseSpecifier) return CXChildVisit_Continue;
    u32 type = front_type(f, f->clang->getCursorType(cursor));
    search->found = f->types.v[type].flags & CTYPE_OBJECT;
    return CXChildVisit_Break;
}

bool front_cxx_is_object(Front *f, CXCursor record) {
    BaseSearch search = {.front = f};
    f->clang->visitChildren(record, find_base, &search);
    return search.found;
}

#endif
