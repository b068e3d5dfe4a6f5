/* A parsed unit as tables: its functions, variables and errors; and the tables as one block. */
#include "capi/front.h"

#ifdef HAS_CLANG

#include <stdlib.h>
#include <string.h>

/* ---- functions and variables ---- */

static void read_parameters(Front *f, CXCursor cursor, u32 function) {
    int n = f->clang->Cursor_getNumArguments(cursor);
    u32 last = 0;
    for (int i = 0; i < n; i++) {
        u32 id = front_decl(f, f->clang->Cursor_getArgument(cursor, (unsigned)i));
        if (!id) continue;
        f->decls.v[id].owner = function;
        if (last)
            f->decls.v[last].next = id;
        else
            f->decls.v[function].child = id;
        last = id;
    }
}

typedef struct BodySearch {
    const Clang *clang;
    CXCursor body;
    bool found;
} BodySearch;

static enum CXChildVisitResult find_body(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    BodySearch *search = data;
    if (search->clang->getCursorKind(cursor) != CXCursor_CompoundStmt) return CXChildVisit_Continue;
    search->body = cursor;
    search->found = true;
    return CXChildVisit_Break;
}

static void read_function(Front *f, CXCursor cursor) {
    if (!f->clang->isCursorDefinition(cursor) || f->nodes.n > FRONT_NODES_MAX) return;
    u32 id = front_decl(f, cursor);
    if (!id || f->decls.v[id].flags & CDECL_BODY) return;
    BodySearch search = {.clang = f->clang};
    f->clang->visitChildren(cursor, find_body, &search);
    if (!search.found) return;
    CDecl *decl = &f->decls.v[id];
    decl->flags |= CDECL_BODY;
    /* the prototype may stand elsewhere */
    decl->file = front_extent(f, cursor, &decl->start, &decl->end);
    unsigned at = 0;
    f->clang->getFileLocation(f->clang->getCursorLocation(cursor), NULL, NULL, NULL, &at);
    decl->name_start = at;
    if (decl->file != 1) decl->flags |= CDECL_HEADER;
    f->function = id;
    read_parameters(f, cursor, id);
    u32 body = front_node(f, search.body);
    f->decls.v[id].node = body;
    f->function = 0;
}

static void read_variable(Front *f, CXCursor cursor) {
    u32 id = front_decl(f, cursor);
    if (!id) return;
    CXCursor value = f->clang->Cursor_getVarDeclInitializer(cursor);
    if (f->clang->Cursor_isNull(value) || f->decls.v[id].node) return;
    CDecl *decl = &f->decls.v[id];
    decl->file = front_extent(f, cursor, &decl->start, &decl->end);
    unsigned at = 0;
    f->clang->getFileLocation(f->clang->getCursorLocation(cursor), NULL, NULL, NULL, &at);
    decl->name_start = at;
    u32 node = front_initialiser(f, value);
    f->decls.v[id].node = node;
}

static enum CXChildVisitResult visit_top(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    Front *f = data;
    enum CXCursorKind kind = f->clang->getCursorKind(cursor);
    bool is_function = kind == CXCursor_FunctionDecl || kind == CXCursor_CXXMethod;
    bool is_class = kind == CXCursor_StructDecl || kind == CXCursor_ClassDecl;
    bool is_around = kind == CXCursor_LinkageSpec || kind == CXCursor_UnexposedDecl ||
                     kind == CXCursor_Namespace; /* extern "C" { … } */
    if (!is_function && !is_class && !is_around && kind != CXCursor_VarDecl)
        return CXChildVisit_Continue;
    if (f->clang->Location_isInSystemHeader(f->clang->getCursorLocation(cursor)))
        return kind == CXCursor_LinkageSpec ? CXChildVisit_Recurse : CXChildVisit_Continue;
    if (is_around) return CXChildVisit_Recurse;
    if (is_function)
        read_function(f, cursor);
    else if (is_class)
        front_decl(f, cursor);
    else
        read_variable(f, cursor);
    /* methods */
    return is_class && f->is_cxx ? CXChildVisit_Recurse : CXChildVisit_Continue;
}

/* ---- errors ---- */

static void mark_broken(Front *f, u32 file, u32 at) {
    for (u32 i = 1; i < f->decls.n; i++) {
        CDecl *decl = &f->decls.v[i];
        bool is_around = decl->file == file && decl->start <= at && at <= decl->end;
        if (is_around && (decl->flags & CDECL_BODY || (decl->kind == C_VARIABLE && decl->node)))
            decl->flags |= CDECL_BROKEN;
    }
}

static void read_errors(Front *f) {
    unsigned n = f->clang->getNumDiagnostics(f->unit);
    for (unsigned i = 0; i < n; i++) {
        CXDiagnostic diagnostic = f->clang->getDiagnostic(f->unit, i);
        if (f->clang->getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            CXFile file = NULL;
            unsigned at = 0;
            f->clang->getFileLocation(f->clang->getDiagnosticLocation(diagnostic), &file, NULL,
                                      NULL, &at);
            Str text = clang_text(f->clang, f->arena, f->clang->getDiagnosticSpelling(diagnostic));
            CError error = {.file = front_file(f, file), .at = at, .text = front_string(f, text)};
            vec_push(f->arena, &f->errors, error);
            if (error.file) mark_broken(f, error.file, at);
        }
        f->clang->disposeDiagnostic(diagnostic);
    }
}

void front_read(Front *f) {
#define X(Record, field) vec_push(f->arena, &f->field, (Record){0});
    CUNIT_TABLES(X)
#undef X
    vec_push(f->arena, &f->cursors, (CXCursor){0});
    vec_push(f->arena, &f->decl_same_hash, 0);
    vec_push(f->arena, &f->files, (CFile){.path = front_string(f, f->path)});
    f->clang->visitChildren(f->clang->getTranslationUnitCursor(f->unit), visit_top, f);
    read_errors(f);
    front_includes(f);
    for (u32 i = 1; i < f->decls.n; i++) f->decls.v[i].unused = 0;
}

/* ---- the block ---- */

void *front_freeze(const Front *f, u32 rounds, size_t *size) {
    CUnitHead head = {.magic = CUNIT_MAGIC, .version = CUNIT_VERSION, .rounds = rounds};
    u64 at = sizeof head;
    u32 k = 0;
#define X(Record, field)         \
    head.counts[k] = f->field.n; \
    head.at[k++] = at;           \
    at = (at + sizeof(Record) * f->field.n + 15) & ~(u64)15;
    CUNIT_TABLES(X)
#undef X
    head.size = at;
    char *block = calloc(1, at);
    if (!block) base_panic("out of memory");
    memcpy(block, &head, sizeof head);
    k = 0;
#define X(Record, field) memcpy(block + head.at[k++], f->field.v, sizeof(Record) * f->field.n);
    CUNIT_TABLES(X)
#undef X
    *size = at;
    return block;
}

#endif
