/* FileFacts: what one Python file says, as flat tables. What is written, not what it means: that
 * `x.append(y)` grows a container is knowledge (know/), applied when the files are linked.
 *
 * Shape: every table is an array of fixed-size records without pointers; ids are indexes into the
 * tables of the same file, 0 is none (record 0 of each table is an empty record), offsets are bytes
 * of the decoded UTF-8 text. So the whole is one relocatable block that freezes, is written, mapped
 * back and validated in place. Ids of one file and ids of the project (graph/) are different types.
 *
 * Flow: python/ fills a FactsBuilder in scratch memory, facts_freeze makes the block, everything
 * later reads it through a Facts view. Nothing in a block depends on the target version or
 * configuration. */
#ifndef LIMPET_FACTS_FACTS_H
#define LIMPET_FACTS_FACTS_H

#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"

/* Raise it whenever extraction changes what it writes: it is part of the cache key. */
enum { FACTS_VERSION = 1 };

typedef struct StrId {
    u32 i;
} StrId;
typedef struct ScopeId {
    u32 i;
} ScopeId;
typedef struct SymbolId {
    u32 i;
} SymbolId;
typedef struct PathId {
    u32 i;
} PathId;
typedef struct RegionId {
    u32 i;
} RegionId;
typedef struct OpId {
    u32 i;
} OpId;

/* Half-open byte range of the decoded text. */
typedef struct Span {
    u32 start, end;
} Span;

/* ---- strings ---- */

/* Identifiers (NFKC-normalised, as CPython does), attribute names, literal texts (at most
 * FACTS_LITERAL_MAX bytes, longer ones are cut), directive comments. Deduplicated. */
typedef struct StringRec {
    u64 hash; /* hash_str of the bytes */
    u32 at;   /* offset into chars */
    u32 n;
} StringRec;

enum { FACTS_LITERAL_MAX = 80 };

/* ---- scopes ---- */

typedef enum ScopeKind {
    SCOPE_NONE,
    SCOPE_MODULE, /* always id 1 */
    SCOPE_CLASS,
    SCOPE_FUNCTION,
    SCOPE_LAMBDA,
    SCOPE_COMPREHENSION, /* list, set, dict comprehension and generator expression */
} ScopeKind;

enum {
    SCOPE_ASYNC = 1 << 0,
    SCOPE_GENERATOR = 1 << 1,   /* has a yield of its own */
    SCOPE_STAR_IMPORT = 1 << 2, /* `from m import *` inside: names may come from there */
    SCOPE_FLAGS = 0x7           /* all of them: facts_view refuses others */
};

typedef struct Scope {
    u8 kind; /* ScopeKind */
    u8 unused;
    u16 flags;
    StrId name;      /* function or class; 0 for module, lambda, comprehension */
    ScopeId parent;  /* lexically enclosing scope */
    RegionId region; /* its body */
    OpId def;        /* the OP_FUNCTION/OP_CLASS/OP_LAMBDA/... that creates it; 0 for the module */
    Span span;       /* the whole definition, without decorators */
    Span name_span;  /* of the name; of the keyword for a lambda, the bracket for a comprehension */
    u32 op_first, op_end;         /* ops of the body, those of nested scopes included */
    u32 symbol_first, symbol_end; /* its own symbols */
    u32 param_first, param_end;
    u32 decorator_first, decorator_end; /* operands: one positional path each, in source order */
    u32 base_first, base_end;           /* operands: bases, keywords (metaclass=), stars */
    PathId returns;                     /* return annotation, or 0 */
} Scope;

typedef enum ParamKind {
    PARAM_NORMAL,
    PARAM_POSITIONAL_ONLY,
    PARAM_STAR, /* *args */
    PARAM_KEYWORD_ONLY,
    PARAM_DOUBLE_STAR, /* **kwargs */
} ParamKind;

typedef struct Param {
    u32 kind; /* ParamKind */
    SymbolId symbol;
    PathId fallback;   /* default value, evaluated in the enclosing scope; 0 without one */
    PathId annotation; /* or 0 */
} Param;

/* ---- symbols ---- */

enum {
    SYMBOL_BOUND = 1 << 0, /* bound in this scope: it is a local (or module, class) variable here */
    SYMBOL_PARAM = 1 << 1,
    SYMBOL_IMPORT = 1 << 2,     /* some binding is an import */
    SYMBOL_GLOBAL = 1 << 3,     /* declared `global` here */
    SYMBOL_NONLOCAL = 1 << 4,   /* declared `nonlocal` here */
    SYMBOL_FREE = 1 << 5,       /* found in an enclosing function: captured by this scope */
    SYMBOL_CELL = 1 << 6,       /* captured by an inner scope */
    SYMBOL_MODULE = 1 << 7,     /* found in the module scope from an inner scope */
    SYMBOL_UNRESOLVED = 1 << 8, /* bound nowhere in the file: builtin, star import, or missing */
    SYMBOL_ANNOTATED = 1 << 9,
    SYMBOL_TYPE_PARAM = 1 << 10, /* PEP 695 */
    SYMBOL_FLAGS = 0x7FF         /* all of them */
};

/* One per name mentioned in a scope, or passed through it from an outer function to an inner one.
 */
typedef struct Symbol {
    StrId name;
    ScopeId scope;
    u32 flags;
    SymbolId
        target; /* the symbol that owns the variable: itself when bound here; 0 when unresolved */
    u32 binds;  /* number of binding operations through this mention's scope */
    OpId bind;  /* the first of them */
} Symbol;

typedef struct Import {
    StrId module;    /* dotted text; 0 in `from . import x` */
    StrId name;      /* imported name; 0 for `import m`; "*" for a star */
    StrId alias;     /* name after `as`, or 0 */
    u32 level;       /* leading dots */
    SymbolId symbol; /* what it binds: `import a.b` binds `a`; 0 for a star */
    RegionId region;
    Span span;
} Import;

/* ---- access paths ---- */

/* A path is a root followed by at most PATH_MAX_SELECTORS selectors. Paths form a trie: every
 * record is its parent plus one step, so that equal paths of a file have equal ids and a prefix is
 * a walk up. */
typedef enum PathKind {
    PATH_NONE,
    PATH_SYMBOL,  /* root: id is a SymbolId */
    PATH_OP,      /* root: the value that op `id` produces (a call's result, an allocation) */
    PATH_LITERAL, /* root: id is a StrId; flags hold the LiteralKind */
    PATH_ATTR,    /* selector .name: id is a StrId */
    PATH_CONST,   /* selector [literal]: id is a StrId; flags hold the LiteralKind */
    PATH_ANY,     /* selector [*]: a computed index, an element, a slice */
    PATH_CUT,     /* more selectors than are kept: may, never must */
} PathKind;

typedef enum LiteralKind {
    LITERAL_NONE, /* None */
    LITERAL_TRUE,
    LITERAL_FALSE,
    LITERAL_ELLIPSIS,
    LITERAL_INT,
    LITERAL_FLOAT,
    LITERAL_STRING, /* text is the decoded-as-written content, without quotes and prefix */
    LITERAL_BYTES,
} LiteralKind;

enum {
    PATH_MAX_SELECTORS = 4,
    PATH_SLICE = 1, /* flag of PATH_ANY: a slice, so that a load of it is a copy */
};

typedef struct Path {
    u8 kind;  /* PathKind */
    u8 depth; /* number of selectors up to here */
    u8 flags; /* LiteralKind for literals and constant selectors */
    u8 unused;
    PathId parent; /* 0 for roots */
    u32 id;
} Path;

static inline bool is_path_root(PathKind kind) {
    return kind >= PATH_SYMBOL && kind <= PATH_LITERAL;
}

/* ---- regions ---- */

typedef enum RegionKind {
    REGION_NONE,
    REGION_BODY, /* of a scope */
    REGION_IF,
    REGION_ELSE, /* of if (an elif is an IF inside an ELSE) */
    REGION_FOR,
    REGION_WHILE,
    REGION_LOOP_ELSE,
    REGION_TRY,
    REGION_EXCEPT,
    REGION_TRY_ELSE,
    REGION_FINALLY,
    REGION_WITH,
    REGION_CASE,          /* of match */
    REGION_MAIN,          /* if __name__ == "__main__" */
    REGION_TYPE_CHECKING, /* if TYPE_CHECKING, if MYPY, if False: it never runs */
    REGION_SHORT_CIRCUIT, /* right side of and/or, second and later comparisons of a chain */
    REGION_THEN,          /* conditional expression */
    REGION_OTHERWISE,
    REGION_COMPREHENSION, /* everything but the first iterable */
} RegionKind;

enum {
    REGION_NEGATED = 1 << 0, /* entered when its tests fail: else, `or` */
    REGION_ASYNC = 1 << 1,
    REGION_ENDLESS = 1 << 2, /* while with a constant true condition */
    REGION_STAR = 1 << 3,    /* except* */
    REGION_FLAGS = 0xF       /* all of them */
};

typedef struct Region {
    u8 kind; /* RegionKind */
    u8 flags;
    u16 unused;
    ScopeId scope;
    RegionId parent;
    RegionId group; /* first region of the statement: IF of an ELSE, TRY of EXCEPT and FINALLY */
    Span span;
    u32 test_first, test_end; /* ops of the condition: the OP_TESTs among them guard this region */
} Region;

/* ---- operations ---- */

/* In evaluation order; a nested function's ops follow the op that creates it (skip them by
 * Scope.op_end). `subject` is a PathId unless the comment says otherwise; operands are listed after
 * the arrow. */
typedef enum OpKind {
    OP_NONE,
    OP_LOAD,  /* a subscript is read, or a value is computed and dropped -> keys of [*] selectors;
                 with OP_IMPLICIT: a decorator that is not called stands here */
    OP_TEST,  /* subject is tested, flags: TestKind -> the other side(s) */
    OP_BIND,  /* subject is a bare name; flags: BindKind -> value (absent: annotation only), and the
                 annotation of this op and OP_STORE as a keyword operand named ":" */
    OP_STORE, /* subject ends in a selector; flags: BindKind -> value, keys of [*] selectors */
    OP_AUGMENT, /* subject op= value; flags: Operator -> value, keys */
    OP_DELETE,  /* del subject; flag OP_IMPLICIT at the end of `except … as name` -> keys */
    OP_ITERATE, /* for, comprehension, star-unpacking over subject; OP_ASYNC */
    OP_ENTER,   /* with: subject is the manager; OP_ASYNC */
    OP_EXIT,    /* the end of that with */
    OP_CALL,    /* subject is the callee; OP_AWAITED, OP_DROPPED -> arguments */
    OP_AWAIT,
    OP_IMPORT, /* subject is an index of the import table */
    OP_RETURN, /* -> value, if any */
    OP_YIELD,  /* -> value, if any; OP_DELEGATE for yield from */
    OP_RAISE,  /* -> exception, cause, (Python 2: value, traceback) */
    OP_BREAK,
    OP_CONTINUE,
    OP_HANDLER, /* an except clause begins -> exception types; both operands of Python 2's and PEP
                   758's `except A, B` are kept and OP_BARE_COMMA is set: link decides by target */
    OP_MATCH,   /* a case pattern is tried on subject -> classes and values that it names */
    /* allocations: a path PATH_OP refers to them */
    OP_LIST, /* -> elements */
    OP_TUPLE,
    OP_SET,
    OP_DICT,          /* -> key, value, key, value …, double-star operands */
    OP_LISTCOMP,      /* subject is a ScopeId; the element is in the scope as an OP_YIELD with
                         OP_IMPLICIT */
    OP_SETCOMP,       /* the same */
    OP_DICTCOMP,      /* the same, key and value */
    OP_GENERATOR,     /* the same, lazily */
    OP_LAMBDA,        /* subject is a ScopeId; the body ends in OP_RETURN with OP_IMPLICIT */
    OP_FUNCTION,      /* subject is a ScopeId -> decorators are in the scope */
    OP_CLASS,         /* subject is a ScopeId */
    OP_FSTRING,       /* -> interpolated values */
    OP_BINARY,        /* arithmetic; flags: Operator -> left, right */
    OP_UNARY,         /* flags: Operator -> operand */
    OP_COMPARE,       /* a comparison used as a value -> all sides */
    OP_NOT,           /* -> operand */
    OP_CHOICE,        /* and, or, conditional expression: one of the operands -> alternatives */
    OP_SUBSCRIPT,     /* in annotations and type expressions: subject[operands] */
    OP_AWAITED_VALUE, /* the result of an await; subject is what was awaited */
    OP_SENT_VALUE,    /* the value of a yield expression */
    OP_SLICE,         /* -> lower, upper, step as far as present */
    OP_UNKNOWN,       /* what the grammar or the depth bound did not let us read -> operands seen */
    OP_KIND_COUNT,
} OpKind;

/* Flags beside the kind-specific low nibble. */
enum {
    OP_LOW = 0x0F, /* TestKind, BindKind or Operator */
    OP_ASYNC = 0x10,
    OP_AWAITED = 0x20,    /* the call's result is awaited at once */
    OP_DROPPED = 0x40,    /* an expression statement: nobody takes the value */
    OP_IMPLICIT = 0x80,   /* not written out */
    OP_NEGATED = 0x10,    /* OP_TEST: `is not`, `not in`, `!=`, `not x` */
    OP_DELEGATE = 0x10,   /* OP_YIELD */
    OP_BARE_COMMA = 0x10, /* OP_HANDLER */
};

typedef enum TestKind {
    TEST_TRUTH,
    TEST_IS, /* is None, is x */
    TEST_IN, /* subject in operand: subject is the element, operand the container */
    TEST_EQUAL,
    TEST_ORDER,    /* < <= > >= */
    TEST_INSTANCE, /* isinstance, issubclass */
    TEST_HAS,      /* hasattr */
    TEST_CALL,     /* truth of another call; subject is its result */
} TestKind;

typedef enum BindKind {
    BIND_ASSIGN,
    BIND_PARAM, /* not an op: parameters are in their table */
    BIND_FOR,
    BIND_WITH,
    BIND_EXCEPT,
    BIND_IMPORT,
    BIND_FUNCTION,
    BIND_CLASS,
    BIND_WALRUS,
    BIND_MATCH,
    BIND_DECLARE, /* annotation without value */
    BIND_TYPE,    /* type statement, type parameter */
} BindKind;

typedef enum Operator {
    OPERATOR_ADD,
    OPERATOR_SUB,
    OPERATOR_MUL,
    OPERATOR_DIV,
    OPERATOR_FLOORDIV,
    OPERATOR_MOD,
    OPERATOR_POW,
    OPERATOR_MATMUL,
    OPERATOR_AND,
    OPERATOR_OR,
    OPERATOR_XOR,
    OPERATOR_LSHIFT,
    OPERATOR_RSHIFT,
    OPERATOR_INVERT,
} Operator;

typedef struct Op {
    u8 kind; /* OpKind */
    u8 flags;
    u16 operands; /* count; OPERANDS_MAX means there were more */
    u32 subject;  /* PathId.i, or what the kind says */
    u32 operand;  /* first operand */
    RegionId region;
    Span span;
} Op;

enum { OPERANDS_MAX = 4096 };

/* What Op.subject is an index of. A path may be 0; a scope or an import is there. The values that
 * an op takes were produced before it: a path that is rooted in an op, as subject or operand, names
 * an earlier one. Each operand belongs to one op or scope. */
typedef enum OpSubject { SUBJECT_PATH, SUBJECT_SCOPE, SUBJECT_IMPORT } OpSubject;

static inline OpSubject op_subject(OpKind kind) {
    if (kind == OP_IMPORT) return SUBJECT_IMPORT;
    return kind >= OP_LISTCOMP && kind <= OP_CLASS ? SUBJECT_SCOPE : SUBJECT_PATH;
}

typedef enum OperandKind {
    OPERAND_POSITIONAL,
    OPERAND_KEYWORD,     /* name= */
    OPERAND_STAR,        /* *x */
    OPERAND_DOUBLE_STAR, /* **x */
    OPERAND_KEY,         /* dict key, subscript key */
} OperandKind;

typedef struct Operand {
    PathId path;
    u32 tag; /* OperandKind in the top 4 bits, StrId of a keyword below */
} Operand;

#define OPERAND_TAG(kind, name) ((u32)(kind) << 28 | (name))
static inline OperandKind operand_kind(Operand o) {
    return (OperandKind)(o.tag >> 28);
}
static inline StrId operand_name(Operand o) {
    return (StrId){o.tag & 0x0FFFFFFF};
}

/* ---- the rest ---- */

typedef struct Comment {
    Span span;
    StrId
        directive; /* text after `#`, trimmed, when it can be a directive (limpet:, noqa, type:) */
    u32 own_line;  /* 1 when nothing but white space stands before it */
} Comment;

typedef struct SyntaxError {
    Span span;
    u32 missing; /* 1: a token that the grammar had to insert; 0: tokens that it could not place */
    StrId text;  /* the unexpected text (cut), or the missing token's name */
} SyntaxError;

enum {
    FACTS_PYTHON2 = 1 << 0,  /* print or exec statement, `<>`, backquotes, `except A, e`-like */
    FACTS_TOO_DEEP = 1 << 1, /* nesting beyond the bound: the innermost is OP_UNKNOWN */
    FACTS_STUB = 1 << 2,     /* .pyi */
    FACTS_STOPPED = 1 << 3,  /* the parser ran out of its memory bound: no facts beyond comments */
    FACTS_C = 1 << 4,        /* of a C file: comments, lines and nothing else */
    FACTS_FLAGS = 0x1F       /* all of them */
};

/* Every table once: X(Record, field). The builder, the view, freezing, validation and printing
 * follow it. */
#define FACTS_TABLES(X)    \
    X(char, chars)         \
    X(StringRec, strings)  \
    X(Scope, scopes)       \
    X(Param, params)       \
    X(Symbol, symbols)     \
    X(Import, imports)     \
    X(Path, paths)         \
    X(Region, regions)     \
    X(Op, ops)             \
    X(Operand, operands)   \
    X(Comment, comments)   \
    X(SyntaxError, errors) \
    X(u32, lines) /* offset of each line's first byte; [0] is 0: the first line */

/* The read-only view of one file. Memory: the block that it was made from. */
typedef struct Facts {
    u32 flags;
    u64 content;   /* hash_bytes of the file as it was on disk */
    u32 text_size; /* bytes of the decoded text */
#define X(Record, field) \
    const Record *field; \
    u32 n_##field;
    FACTS_TABLES(X)
#undef X
    const void *block;
    size_t block_size;
} Facts;

/* The tables under construction, in scratch memory. */
typedef struct FactsBuilder {
    Arena *arena;
    u32 flags;
    u64 content;
    u32 text_size;
#define X(Record, field) VEC(Record) field;
    FACTS_TABLES(X)
#undef X
    Interner strings_by_text;
    Map paths_by_key;
} FactsBuilder;

/* ---- building (facts/build.c) ---- */

/* Record 0 of every table is made empty, and the first line begins at 0. All memory is the arena's.
 */
void facts_begin(FactsBuilder *b, Arena *arena);
/* The id of the text, whose bytes are copied. */
StrId facts_string(FactsBuilder *b, Str s);
/* A root (parent 0) or one more step. Equal paths get equal ids, except that each call with PATH_OP
 * makes a new root. A step on none is none; more than PATH_MAX_SELECTORS steps give one PATH_CUT
 * below the deepest, and a step on a PATH_CUT is that PATH_CUT. */
PathId facts_path(FactsBuilder *b, PathId parent, PathKind kind, u32 id, u8 flags);

/* ---- the block (facts/block.c) ---- */

/* One malloc'ed block (owned by the caller, given back with free) that holds all tables. */
Facts facts_freeze(const FactsBuilder *b);
/* A view of `size` bytes at `bytes` (16-aligned). Checks magic, version, byte order, sizes and that
 * every id of every record is in range: false for anything but a whole, sound block. Never trusts a
 * byte. */
bool facts_view(const void *bytes, size_t size, Facts *out);

/* ---- reading ---- */

static inline Str facts_str(const Facts *f, StrId id) {
    return (Str){f->chars + f->strings[id.i].at, f->strings[id.i].n};
}
static inline const Op *facts_op(const Facts *f, OpId id) {
    return &f->ops[id.i];
}
static inline PathId op_path(const Op *op) {
    return (PathId){op->subject};
}
/* Operand `i` of the op, or an empty path. */
static inline PathId op_operand(const Facts *f, const Op *op, u32 i) {
    return i < op->operands ? f->operands[op->operand + i].path : (PathId){0};
}
/* The name of the attribute that a path ends in, or an empty Str. */
static inline Str facts_attribute(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
}
/* What a literal text says; an empty Str for all else. */
static inline Str facts_text(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    bool is_text = p->kind == PATH_LITERAL && p->flags == LITERAL_STRING;
    return is_text ? facts_str(f, (StrId){p->id}) : (Str){0};
}
/* That of a call: `close` of `self.log.close()`. */
static inline Str facts_method(const Facts *f, const Op *call) {
    return facts_attribute(f, op_path(call));
}
/* The last name of a path: of `f(…)` and `module.f(…)` it is `f`; an empty Str for other ends. */
static inline Str facts_last_name(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_SYMBOL) return facts_str(f, f->symbols[p->id].name);
    return p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
}
/* The literal None. */
static inline bool facts_is_none(const Facts *f, PathId path) {
    return f->paths[path.i].kind == PATH_LITERAL && f->paths[path.i].flags == LITERAL_NONE;
}
/* The call whose result a path is, or NULL. */
static inline const Op *facts_call(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL ? &f->ops[p->id] : NULL;
}
/* The parameter that a variable is in its function, or NULL. */
static inline const Param *facts_param(const Facts *f, SymbolId variable) {
    const Scope *scope = &f->scopes[f->symbols[variable.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == variable.i) return &f->params[i];
    return NULL;
}
/* The root record of a path. */
const Path *facts_root(const Facts *f, PathId path);
/* Root symbol of a path resolved to its owner, or 0 when the root is no symbol. */
SymbolId facts_root_symbol(const Facts *f, PathId path);
/* The last operation of the scope before `end` that binds the variable, or NULL. */
const Op *facts_bind_before(const Facts *f, const Scope *scope, SymbolId variable, u32 end);
/* 1-based line and byte column of an offset. */
void facts_line(const Facts *f, u32 offset, u32 *line, u32 *byte_column);
/* Class or function scope that contains the scope, itself included; 0 at module level. */
ScopeId facts_enclosing(const Facts *f, ScopeId scope, ScopeKind kind);
/* `a.b[*].c` as text, for printing and messages; a call is `f()`, an allocation `[]`, `{}` … */
void facts_path_text(const Facts *f, PathId path, Buf *out);
/* Dotted name of a scope inside the module: `C.method.<locals>.inner`. */
void facts_scope_name(const Facts *f, ScopeId scope, Buf *out);
/* The whole file, one record a line, grouped as a reader would: the output of `limpet facts`. */
void facts_print(const Facts *f, Buf *out);

#endif
