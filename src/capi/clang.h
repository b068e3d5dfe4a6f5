/* libclang, loaded when it is needed. Only files of this folder include this header, and only the
 * helper process calls clang_load: it costs 80 ms and 76 MB. */
#ifndef LIMPET_CAPI_CLANG_H
#define LIMPET_CAPI_CLANG_H

#include "base/str.h"

#if defined(__has_include)
#if __has_include(<clang-c/Index.h>)
#define HAS_CLANG 1
#endif
#endif

#ifdef HAS_CLANG
#include <clang-c/Index.h>

/* Every function of libclang that is used, once. */
#define CLANG_FUNCTIONS(X)          \
    X(createIndex)                  \
    X(disposeIndex)                 \
    X(parseTranslationUnit2)        \
    X(disposeTranslationUnit)       \
    X(saveTranslationUnit)          \
    X(defaultSaveOptions)           \
    X(getTranslationUnitCursor)     \
    X(visitChildren)                \
    X(getCursorKind)                \
    X(getCursorType)                \
    X(getCursorSpelling)            \
    X(getCursorExtent)              \
    X(getCursorLocation)            \
    X(getCursorReferenced)          \
    X(getCanonicalCursor)           \
    X(getCursorDefinition)          \
    X(getCursorSemanticParent)      \
    X(getCursorLinkage)             \
    X(getCursorBinaryOperatorKind)  \
    X(getCursorUnaryOperatorKind)   \
    X(hashCursor)                   \
    X(equalCursors)                 \
    X(isCursorDefinition)           \
    X(isExpression)                 \
    X(Cursor_isNull)                \
    X(Cursor_Evaluate)              \
    X(Cursor_getVarDeclInitializer) \
    X(Cursor_getStorageClass)       \
    X(Cursor_hasAttrs)              \
    X(getSpecializedCursorTemplate) \
    X(Cursor_getNumArguments)       \
    X(Cursor_getArgument)           \
    X(EvalResult_getKind)           \
    X(EvalResult_getAsLongLong)     \
    X(EvalResult_dispose)           \
    X(getEnumConstantDeclValue)     \
    X(getResultType)                \
    X(getCanonicalType)             \
    X(getUnqualifiedType)           \
    X(getPointeeType)               \
    X(getElementType)               \
    X(getArrayElementType)          \
    X(getTypeDeclaration)           \
    X(getTypeSpelling)              \
    X(Type_visitFields)             \
    X(isFunctionTypeVariadic)       \
    X(getRangeStart)                \
    X(getRangeEnd)                  \
    X(getFileLocation)              \
    X(getSpellingLocation)          \
    X(Location_isInSystemHeader)    \
    X(getFileName)                  \
    X(tokenize)                     \
    X(disposeTokens)                \
    X(getTokenKind)                 \
    X(getTokenSpelling)             \
    X(getTokenLocation)             \
    X(getInclusions)                \
    X(getNumDiagnostics)            \
    X(getDiagnostic)                \
    X(disposeDiagnostic)            \
    X(getDiagnosticSeverity)        \
    X(getDiagnosticSpelling)        \
    X(getDiagnosticLocation)        \
    X(getCString)                   \
    X(disposeString)                \
    X(getClangVersion)

typedef struct Clang {
#define X(name) __typeof__(clang_##name) *name;
    CLANG_FUNCTIONS(X)
#undef X
    void *library;
} Clang;

/* Loads the newest libclang that knows what is needed (17 and later); false, with the reason in
 * `error`, when there is none. */
bool clang_load(Clang *clang, Arena *arena, Str *error);
/* A text of libclang's as one in the arena. */
Str clang_text(const Clang *clang, Arena *arena, CXString text);
#endif

/* Was limpet built with the headers of libclang? */
bool clang_is_built_in(void);

#endif
