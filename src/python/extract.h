/* The walk over the flattened tree: its state and the steps that its files share. Private to
 * python/.
 *
 *   extract.c  state, scopes, regions, operations        names.c  symbols, their owners, final
 * numbering stmt.c     statements                                 define.c functions, classes,
 * parameters expr.c     expressions and conditions                 bind.c   targets, imports,
 * patterns
 */
#ifndef LIMPET_PYTHON_EXTRACT_H
#define LIMPET_PYTHON_EXTRACT_H

#include "python/tree.h"

/* Nesting of expressions and statements that is followed; the rest becomes OP_UNKNOWN. CPython's
 * own parsers give up at 200 parentheses, 100 indents and some 6000 recursions. */
enum { DEPTH_MAX = 1200 };

typedef struct Extract {
    FactsBuilder *b;
    const Tree *tree;
    Str text;
    ScopeId scope;
    RegionId region;
    u32 depth;
    u32 quiet;          /* > 0 inside annotations: subscripts are types, not loads */
    u32 type_call;      /* node: the `(x)` of a `type(x).y = z` that the grammar calls an alias */
    VEC(Operand) stack; /* operands being gathered, innermost last */
    Map symbols;        /* (scope, name) -> symbol */
} Extract;

/* ---- extract.c ---- */

static inline const Node *node_at(const Extract *e, u32 i) {
    return &e->tree->nodes[i];
}
static inline NodeKind node_kind(const Extract *e, u32 i) {
    return (NodeKind)node_at(e, i)->kind;
}
static inline Span node_span(const Extract *e, u32 i) {
    return (Span){node_at(e, i)->start, node_at(e, i)->end};
}
Str node_text(const Extract *e, u32 i);
/* The text interned, NFKC-normalised when it is not ASCII. */
StrId name_of(Extract *e, u32 i);

PathId path_symbol(Extract *e, SymbolId s);
PathId path_op(Extract *e, OpId op);
PathId path_literal(Extract *e, LiteralKind kind, Str text);
/* One selector more; a path that is full is loaded first, and the new one begins at that load. */
PathId path_select(Extract *e, PathId base, PathKind kind, u32 id, u8 flags, Span span);
bool path_is_op(const Extract *e, PathId p, OpKind kind);

/* Operands are pushed on e->stack; operands_begin remembers where, emit takes what is above. */
static inline u32 operands_begin(const Extract *e) {
    return e->stack.n;
}
void operand_push(Extract *e, PathId path, OperandKind kind, StrId name);
OpId emit(Extract *e, OpKind kind, u8 flags, u32 subject, Span span, u32 operands_from);
/* Without operands. */
OpId emit_plain(Extract *e, OpKind kind, u8 flags, u32 subject, Span span);
/* With one positional operand, unless the path is empty. */
OpId emit_with(Extract *e, OpKind kind, u8 flags, u32 subject, Span span, PathId operand);

/* Opens a region in the current one and enters it. */
RegionId region_open(Extract *e, RegionKind kind, u8 flags, RegionId group, Span span);
void region_tests(Extract *e, RegionId r, u32 first, u32 end);
/* Back to the parent. */
void region_close(Extract *e);

/* Makes a scope below the current one. The caller emits its op, then enters. */
ScopeId scope_make(Extract *e, ScopeKind kind, StrId name, Span span, Span name_span);
typedef struct ScopeMark {
    ScopeId scope;
    RegionId region;
} ScopeMark;
ScopeMark scope_enter(Extract *e, ScopeId s, OpId def, RegionKind body, Span span);
void scope_leave(Extract *e, ScopeMark outer);

/* Counts one level down; false (and FACTS_TOO_DEEP) when that is too deep. Pair with e->depth--. */
bool depth_enter(Extract *e);

/* ---- names.c ---- */

/* The symbol of a name in a scope, made on first mention. */
SymbolId symbol_in(Extract *e, ScopeId scope, StrId name);
SymbolId symbol_mention(Extract *e, u32 identifier);
/* Scope in which a plain assignment in the current scope binds: comprehensions bind walrus outside.
 */
ScopeId binding_scope(const Extract *e);
/* Finds the owner of every symbol, then sorts symbols by scope and renumbers what refers to them.
 */
void names_resolve(Extract *e);

/* ---- expr.c ---- */

PathId expr(Extract *e, u32 node);
/* An annotation or other type expression. */
PathId expr_type(Extract *e, u32 node);
/* Evaluates a condition: OP_TESTs for its atoms. */
void condition(Extract *e, u32 node, bool negated);
/* Evaluates for effect only. */
void expr_dropped(Extract *e, u32 node);
/* An operand list of expressions separated by commas (a `pattern_list` or `expression_list` too).
 */
PathId expr_tuple(Extract *e, u32 node);
/* Pushes the arguments of a call, the bases of a class. */
void arguments(Extract *e, u32 list);
PathId string_literal(Extract *e, u32 node);
/* The path of an attribute or subscript that is about to be stored to or deleted, and the
 * subscript's key. */
PathId expr_target(Extract *e, u32 node, PathId *key);
/* The operator of a binary, unary or augmented node. */
u8 operator_of(const Extract *e, u32 node);

/* ---- define.c ---- */

void define_function(Extract *e, u32 node, u32 decorated);
void define_class(Extract *e, u32 node, u32 decorated);
PathId define_lambda(Extract *e, u32 node);

/* ---- bind.c ---- */

void bind_name(Extract *e, SymbolId s, BindKind kind, Span span, PathId value, PathId annotation);
/* Binds a target (name, attribute, subscript, tuple, starred) to a value. */
void bind_target(Extract *e, u32 target, BindKind kind, PathId value, PathId annotation);
void import_statement(Extract *e, u32 node);
void import_from(Extract *e, u32 node);
void match_pattern(Extract *e, u32 node, PathId subject);
void type_parameters(Extract *e, u32 node);

/* ---- stmt.c ---- */

void statement(Extract *e, u32 node);
bool is_statement(const Extract *e, u32 node);
/* All statements of a block, module or error node. */
void statements(Extract *e, u32 parent);
/* A block in a region of its own. */
void block_in(Extract *e, u32 block, RegionKind kind, u8 flags, RegionId group);

#endif
