/* Strings, files, types and declarations of a unit. */
#include "capi/front.h"

#ifdef HAS_CLANG

#include <string.h>

u32 front_string(Front *f, Str s) {
    if (!s.n) return 0;
    u32 known = f->names.n;
    u32 id = intern(f->arena, &f->names, s, true);
    if (id > known) {
        CString record = {.at = f->chars.n, .n = s.n};
        for (u32 i = 0; i < s.n; i++) vec_push(f->arena, &f->chars, s.p[i]);
        vec_push(f->arena, &f->strings, record);
    }
    return id;
}

static u32 take_text(Front *f, CXString text) {
    const char *c = f->clang->getCString(text);
    u32 id = c ? front_string(f, str_from(c)) : 0;
    f->clang->disposeString(text);
    return id;
}

/* The name of a closure's type holds a path. */
static u32 take_name(Front *f, CXString text) {
    const char *c = f->clang->getCString(text);
    if (!c || !strstr(c, "(lambda at ")) return take_text(f, text);
    f->clang->disposeString(text);
    return front_string(f, STR("(lambda)"));
}

u32 front_spelling(Front *f, CXCursor cursor) {
    return take_name(f, f->clang->getCursorSpelling(cursor));
}

Str front_api_name(Str name) {
    if (str_starts(name, "limpet_")) return str_sub(name, 7, name.n);
    if (str_starts(name, "_Py") && str_ends(name, "_SizeT")) return str_sub(name, 1, name.n - 6);
    return name;
}

u32 front_file(Front *f, CXFile file) {
    if (!file) return 0;
    u64 key = (u64)(uintptr_t)file;
    u32 id = map_get(&f->file_by_handle, key);
    if (id) return id;
    Str path = clang_text(f->clang, f->arena, f->clang->getFileName(file));
    id = str_eq(path, f->path) ? 1 : f->files.n;
    if (id > 1) vec_push(f->arena, &f->files, (CFile){.path = front_string(f, path)});
    map_set(f->arena, &f->file_by_handle, key, id);
    return id;
}

u32 front_extent(Front *f, CXCursor cursor, u32 *start, u32 *end) {
    CXSourceRange range = f->clang->getCursorExtent(cursor);
    CXFile file = NULL, other = NULL;
    unsigned from = 0, to = 0;
    f->clang->getFileLocation(f->clang->getRangeStart(range), &file, NULL, NULL, &from);
    f->clang->getFileLocation(f->clang->getRangeEnd(range), &other, NULL, NULL, &to);
    *start = from;
    *end = other == file && to > from ? to : from;
    return front_file(f, file);
}

/* ---- types ---- */

static u32 new_type(Front *f, CXType type) {
    CType record = {.name = take_name(f, f->clang->getTypeSpelling(type))};
    u32 id = f->types.n;
    vec_push(f->arena, &f->types, record);
    return id;
}

static bool is_integer(enum CXTypeKind kind) {
    return kind == CXType_Enum || (kind >= CXType_Bool && kind <= CXType_Int128);
}

/* What the type is; may make others, so the record is looked up again after each. */
static void fill_type(Front *f, u32 id, CXType canonical) {
    u32 flags = 0, target = 0, record = 0;
    enum CXTypeKind kind = canonical.kind;
    if (kind == CXType_Pointer) {
        flags = CTYPE_POINTER;
        target = front_type(f, f->clang->getPointeeType(canonical));
    } else if (kind == CXType_ConstantArray || kind == CXType_IncompleteArray ||
               kind == CXType_VariableArray) {
        flags = CTYPE_ARRAY;
        target = front_type(f, f->clang->getArrayElementType(canonical));
    } else if (kind == CXType_Record) {
        flags = CTYPE_RECORD;
        record = front_record(f, f->clang->getTypeDeclaration(canonical));
    } else if (kind == CXType_FunctionProto || kind == CXType_FunctionNoProto) {
        flags = CTYPE_FUNCTION;
    } else if (kind == CXType_Void) {
        flags = CTYPE_VOID;
    } else if (is_integer(kind)) {
        bool is_unsigned = kind >= CXType_Bool && kind <= CXType_UInt128;
        flags = CTYPE_INTEGER | (is_unsigned ? 0 : CTYPE_SIGNED);
        if (kind == CXType_Enum) flags |= CTYPE_ENUM;
    }
    f->types.v[id].flags |= flags;
    f->types.v[id].target = target;
    f->types.v[id].record = record;
    const CString *s = &f->strings.v[f->types.v[id].name];
    Str name = {f->chars.v + s->at, s->n};
    bool is_opaque = record && !f->decls.v[record].child && str_starts(name, "Py") &&
                     str_ends(name, "Object"); /* PyFrameObject */
    if (record && (f->decls.v[record].unused || is_opaque)) f->types.v[id].flags |= CTYPE_OBJECT;
}

u32 front_type(Front *f, CXType type) {
    if (type.kind == CXType_Invalid) return 0;
    type = f->clang->getUnqualifiedType(type);
    u64 key = (u64)(uintptr_t)type.data[0];
    u32 id = map_get(&f->type_by_handle, key);
    if (id) return id;
    id = new_type(f, type);
    map_set(f->arena, &f->type_by_handle, key, id);
    fill_type(f, id, f->clang->getUnqualifiedType(f->clang->getCanonicalType(type)));
    return id;
}

/* ---- declarations ---- */

static u32 find_decl(const Front *f, CXCursor cursor, u32 hash) {
    u32 id = map_get(&f->decl_by_hash, hash);
    while (id && !f->clang->equalCursors(f->cursors.v[id], cursor)) id = f->decl_same_hash.v[id];
    return id;
}

static u32 add_decl(Front *f, CXCursor cursor, u32 hash, CDecl decl) {
    u32 id = f->decls.n;
    vec_push(f->arena, &f->decls, decl);
    vec_push(f->arena, &f->cursors, cursor);
    u32 first = map_get(&f->decl_by_hash, hash);
    vec_push(f->arena, &f->decl_same_hash, first);
    map_set(f->arena, &f->decl_by_hash, hash, id);
    return id;
}

static bool is_decl_named(const Front *f, u32 id, const char *name) {
    const CString *s = &f->strings.v[f->decls.v[id].name];
    return str_is((Str){f->chars.v + s->at, s->n}, name);
}

/* The header of objects, as the versions of Python name its first field. */
static bool begins_object(const Front *f, u32 field) {
    const CDecl *decl = &f->decls.v[field];
    if (is_decl_named(f, field, "ob_base") || is_decl_named(f, field, "ob_refcnt") ||
        is_decl_named(f, field, "_ob_next"))
        return true;
    const CType *type = &f->types.v[decl->type];
    return type->flags & CTYPE_OBJECT && type->flags & CTYPE_RECORD;
}

typedef struct Fields {
    Front *front;
    u32 record, last;
} Fields;

static enum CXVisitorResult visit_field(CXCursor cursor, CXClientData data) {
    Fields *fields = data;
    Front *f = fields->front;
    CDecl decl = {.kind = C_FIELD, .owner = fields->record};
    decl.name = front_spelling(f, cursor);
    decl.file = f->decls.v[fields->record].file;
    front_extent(f, cursor, &decl.start, &decl.end);
    /* the fields of a system header's record lead to half of libc: only what begins it matters */
    if (!(f->decls.v[fields->record].flags & CDECL_SYSTEM) || !fields->last)
        decl.type = front_type(f, f->clang->getCursorType(cursor));
    u32 id = add_decl(f, cursor, f->clang->hashCursor(cursor), decl);
    if (fields->last)
        f->decls.v[fields->last].next = id;
    else
        f->decls.v[fields->record].child = id;
    fields->last = id;
    return CXVisit_Continue;
}

static void place_decl(Front *f, CXCursor cursor, CDecl *decl) {
    decl->file = front_extent(f, cursor, &decl->start, &decl->end);
    unsigned at = 0;
    CXSourceLocation location = f->clang->getCursorLocation(cursor);
    f->clang->getFileLocation(location, NULL, NULL, NULL, &at);
    decl->name_start = at;
    if (f->clang->Location_isInSystemHeader(location)) decl->flags |= CDECL_SYSTEM;
}

u32 front_record(Front *f, CXCursor cursor) {
    const Clang *clang = f->clang;
    CXCursor definition = clang->getCursorDefinition(cursor);
    bool is_complete = !clang->Cursor_isNull(definition);
    if (is_complete) cursor = definition;
    u32 hash = clang->hashCursor(cursor), id = find_decl(f, cursor, hash);
    if (id) return id;
    CDecl decl = {.kind = C_RECORD, .name = front_spelling(f, cursor)};
    place_decl(f, cursor, &decl);
    id = add_decl(f, cursor, hash, decl);
    if (!is_complete) return id;
    /* `unused` says, while the front end runs: begins with an object header */
    f->decls.v[id].unused = is_decl_named(f, id, "_object");
    Fields fields = {f, id, 0};
    clang->Type_visitFields(clang->getCursorType(cursor), visit_field, &fields);
    if (f->decls.v[id].child) f->decls.v[id].unused |= begins_object(f, f->decls.v[id].child);
    if (f->is_cxx && !f->decls.v[id].unused) f->decls.v[id].unused = front_cxx_is_object(f, cursor);
    return id;
}

static bool is_noreturn(Front *f, CXCursor cursor) {
    CXString text = f->clang->getTypeSpelling(f->clang->getCursorType(cursor));
    const char *c = f->clang->getCString(text);
    bool yes = c && strstr(c, "noreturn");
    f->clang->disposeString(text);
    return yes;
}

/* Its declaration may be in a header that is not there. */
static bool is_fatal_name(Str name) {
    return str_starts(name, "Py_FatalError") || str_starts(name, "_Py_FatalError");
}

static void describe_function(Front *f, CXCursor cursor, CDecl *decl) {
    CXType type = f->clang->getCursorType(cursor);
    decl->type = front_type(f, f->clang->getResultType(type));
    if (is_noreturn(f, cursor)) decl->flags |= CDECL_NORETURN;
    if (f->clang->isFunctionTypeVariadic(type)) decl->flags |= CDECL_VARIADIC;
    Str name = {f->chars.v + f->strings.v[decl->name].at, f->strings.v[decl->name].n};
    if (is_fatal_name(name)) decl->flags |= CDECL_NORETURN;
    decl->name = front_string(f, str_copy(f->arena, front_api_name(name)));
}

static CDeclKind decl_kind(enum CXCursorKind kind) {
    switch (kind) {
    case CXCursor_FunctionDecl:
    case CXCursor_CXXMethod:
        return C_FUNCTION;
    case CXCursor_VarDecl:
        return C_VARIABLE;
    case CXCursor_ParmDecl:
        return C_PARAMETER;
    case CXCursor_EnumConstantDecl:
        return C_ENUMERATOR;
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
    case CXCursor_ClassDecl:
        return C_RECORD;
    default:
        return C_NO_DECL;
    }
}

/* `PyObject *args[]` as a parameter is a pointer; libclang shows what is written. */
static u32 as_parameter(Front *f, u32 type) {
    const CType *array = &f->types.v[type];
    if (!(array->flags & CTYPE_ARRAY)) return type;
    CType pointer = {.flags = CTYPE_POINTER, .name = array->name, .target = array->target};
    for (u32 i = 1; i < f->types.n; i++)
        if (f->types.v[i].flags == CTYPE_POINTER && f->types.v[i].name == pointer.name) return i;
    vec_push(f->arena, &f->types, pointer);
    return f->types.n - 1;
}

u32 front_decl(Front *f, CXCursor cursor) {
    const Clang *clang = f->clang;
    CDeclKind kind = decl_kind(clang->getCursorKind(cursor));
    if (kind == C_NO_DECL) return 0;
    if (kind == C_RECORD) return front_record(f, cursor);
    CXCursor canonical = clang->getCanonicalCursor(cursor);
    u32 hash = clang->hashCursor(canonical), id = find_decl(f, canonical, hash);
    if (id) return id;
    CDecl decl = {.kind = (u8)kind, .name = front_spelling(f, cursor)};
    place_decl(f, cursor, &decl);
    bool is_static = clang->getCursorLinkage(cursor) == CXLinkage_Internal ||
                     clang->Cursor_getStorageClass(cursor) == CX_SC_Static;
    if (is_static && kind != C_ENUMERATOR) decl.flags |= CDECL_STATIC;
    if (kind == C_FUNCTION)
        describe_function(f, cursor, &decl);
    else if (kind != C_ENUMERATOR)
        decl.type = front_type(f, clang->getCursorType(cursor));
    if (kind == C_PARAMETER) decl.type = as_parameter(f, decl.type);
    bool is_reference = front_cxx_is_reference(f, clang->getCursorType(cursor));
    bool is_inner = kind == C_PARAMETER ||
                    (kind == C_VARIABLE && clang->getCursorLinkage(cursor) == CXLinkage_NoLinkage);
    if (is_inner) decl.owner = f->function;
    /* what is stored goes elsewhere */
    if (f->is_cxx && kind != C_FUNCTION && is_reference) decl.flags |= CDECL_CLEANUP;
    return add_decl(f, canonical, hash, decl);
}

#endif
