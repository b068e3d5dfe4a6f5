/* The syntax tree, flattened once into an array in source order. Extraction walks this array:
 * children are neighbours, a subtree is an index range, and tree-sitter itself is seen by two files
 * only. */
#ifndef LIMPET_PYTHON_TREE_H
#define LIMPET_PYTHON_TREE_H

#include "facts/facts.h"
#include "syntax/syntax.h"

/* X(NAME, "grammar name"): named nodes. */
#define NODE_KINDS(X)                                       \
    X(ALIASED_IMPORT, "aliased_import")                     \
    X(ARGUMENT_LIST, "argument_list")                       \
    X(AS_PATTERN, "as_pattern")                             \
    X(AS_PATTERN_TARGET, "as_pattern_target")               \
    X(ASSERT, "assert_statement")                           \
    X(ASSIGNMENT, "assignment")                             \
    X(ATTRIBUTE, "attribute")                               \
    X(AUGMENTED, "augmented_assignment")                    \
    X(AWAIT, "await")                                       \
    X(BINARY, "binary_operator")                            \
    X(BLOCK, "block")                                       \
    X(BOOLEAN, "boolean_operator")                          \
    X(BREAK, "break_statement")                             \
    X(CALL, "call")                                         \
    X(CASE_CLAUSE, "case_clause")                           \
    X(CASE_PATTERN, "case_pattern")                         \
    X(CHEVRON, "chevron")                                   \
    X(CLASS, "class_definition")                            \
    X(CLASS_PATTERN, "class_pattern")                       \
    X(COMPARISON, "comparison_operator")                    \
    X(COMPLEX_PATTERN, "complex_pattern")                   \
    X(CONCATENATED, "concatenated_string")                  \
    X(CONDITIONAL, "conditional_expression")                \
    X(CONSTRAINED_TYPE, "constrained_type")                 \
    X(CONTINUE, "continue_statement")                       \
    X(DECORATED, "decorated_definition")                    \
    X(DECORATOR, "decorator")                               \
    X(DEFAULT_PARAMETER, "default_parameter")               \
    X(DELETE, "delete_statement")                           \
    X(DICT_PATTERN, "dict_pattern")                         \
    X(DICTIONARY, "dictionary")                             \
    X(DICTIONARY_COMPREHENSION, "dictionary_comprehension") \
    X(DICTIONARY_SPLAT, "dictionary_splat")                 \
    X(DICTIONARY_SPLAT_PATTERN, "dictionary_splat_pattern") \
    X(DOTTED_NAME, "dotted_name")                           \
    X(ELIF, "elif_clause")                                  \
    X(ELLIPSIS, "ellipsis")                                 \
    X(ELSE, "else_clause")                                  \
    X(EXCEPT, "except_clause")                              \
    X(EXCEPT_GROUP, "except_group_clause")                  \
    X(EXEC, "exec_statement")                               \
    X(EXPRESSION_LIST, "expression_list")                   \
    X(EXPRESSION_STATEMENT, "expression_statement")         \
    X(FALSE, "false")                                       \
    X(FINALLY, "finally_clause")                            \
    X(FLOAT, "float")                                       \
    X(FOR, "for_statement")                                 \
    X(FOR_IN, "for_in_clause")                              \
    X(FORMAT_EXPRESSION, "format_expression")               \
    X(FORMAT_SPECIFIER, "format_specifier")                 \
    X(FUNCTION, "function_definition")                      \
    X(FUTURE_IMPORT, "future_import_statement")             \
    X(GENERATOR, "generator_expression")                    \
    X(GENERIC_TYPE, "generic_type")                         \
    X(GLOBAL, "global_statement")                           \
    X(IDENTIFIER, "identifier")                             \
    X(IF, "if_statement")                                   \
    X(IF_CLAUSE, "if_clause")                               \
    X(IMPORT, "import_statement")                           \
    X(IMPORT_FROM, "import_from_statement")                 \
    X(IMPORT_PREFIX, "import_prefix")                       \
    X(INTEGER, "integer")                                   \
    X(INTERPOLATION, "interpolation")                       \
    X(KEYWORD_ARGUMENT, "keyword_argument")                 \
    X(KEYWORD_PATTERN, "keyword_pattern")                   \
    X(KEYWORD_SEPARATOR, "keyword_separator")               \
    X(LAMBDA, "lambda")                                     \
    X(LAMBDA_PARAMETERS, "lambda_parameters")               \
    X(LIST, "list")                                         \
    X(LIST_COMPREHENSION, "list_comprehension")             \
    X(LIST_PATTERN, "list_pattern")                         \
    X(LIST_SPLAT, "list_splat")                             \
    X(LIST_SPLAT_PATTERN, "list_splat_pattern")             \
    X(MATCH, "match_statement")                             \
    X(MEMBER_TYPE, "member_type")                           \
    X(MODULE, "module")                                     \
    X(NAMED_EXPRESSION, "named_expression")                 \
    X(NONE, "none")                                         \
    X(NONLOCAL, "nonlocal_statement")                       \
    X(NOT, "not_operator")                                  \
    X(PAIR, "pair")                                         \
    X(PARAMETERS, "parameters")                             \
    X(PARENTHESIZED, "parenthesized_expression")            \
    X(PARENTHESIZED_SPLAT, "parenthesized_list_splat")      \
    X(PASS, "pass_statement")                               \
    X(PATTERN_LIST, "pattern_list")                         \
    X(POSITIONAL_SEPARATOR, "positional_separator")         \
    X(PRINT, "print_statement")                             \
    X(RAISE, "raise_statement")                             \
    X(RELATIVE_IMPORT, "relative_import")                   \
    X(RETURN, "return_statement")                           \
    X(SET, "set")                                           \
    X(SET_COMPREHENSION, "set_comprehension")               \
    X(SLICE, "slice")                                       \
    X(SPLAT_PATTERN, "splat_pattern")                       \
    X(SPLAT_TYPE, "splat_type")                             \
    X(STRING, "string")                                     \
    X(STRING_CONTENT, "string_content")                     \
    X(STRING_END, "string_end")                             \
    X(STRING_START, "string_start")                         \
    X(SUBSCRIPT, "subscript")                               \
    X(TRUE, "true")                                         \
    X(TRY, "try_statement")                                 \
    X(TUPLE, "tuple")                                       \
    X(TUPLE_PATTERN, "tuple_pattern")                       \
    X(TYPE, "type")                                         \
    X(TYPE_ALIAS, "type_alias_statement")                   \
    X(TYPE_PARAMETER, "type_parameter")                     \
    X(TYPED_DEFAULT_PARAMETER, "typed_default_parameter")   \
    X(TYPED_PARAMETER, "typed_parameter")                   \
    X(UNARY, "unary_operator")                              \
    X(UNION_PATTERN, "union_pattern")                       \
    X(UNION_TYPE, "union_type")                             \
    X(WHILE, "while_statement")                             \
    X(WILDCARD, "wildcard_import")                          \
    X(WITH, "with_statement")                               \
    X(WITH_CLAUSE, "with_clause")                           \
    X(WITH_ITEM, "with_item")                               \
    X(YIELD, "yield")

/* Unnamed tokens that extraction looks at; the others are left out of the array. */
#define TOKEN_KINDS(X)        \
    X(ASYNC, "async")         \
    X(COMMA, ",")             \
    X(FROM, "from")           \
    X(EXCEPT_STAR, "except*") \
    X(STAR, "*")              \
    X(AS, "as")               \
    X(UNDERSCORE, "_")        \
    X(COLON, ":")             \
    X(AND, "and")             \
    X(OR, "or")               \
    X(IN, "in")               \
    X(NOT_IN, "not in")       \
    X(IS, "is")               \
    X(IS_NOT, "is not")       \
    X(LESS, "<")              \
    X(LESS_EQUAL, "<=")       \
    X(EQUAL, "==")            \
    X(NOT_EQUAL, "!=")        \
    X(GREATER, ">")           \
    X(GREATER_EQUAL, ">=")    \
    X(DIAMOND, "<>")

typedef enum NodeKind {
    N_OTHER, /* a named node that is not listed: new in the grammar */
    N_ERROR,
    N_COMMENT,
    N_OPERATOR, /* the `operator` of a binary, unary or augmented expression; read its text */
#define X(name, text) N_##name,
    NODE_KINDS(X)
#undef X
#define X(name, text) T_##name,
        TOKEN_KINDS(X)
#undef X
            N_SKIPPED, /* never stored */
} NodeKind;

#define FIELD_NAMES(X)                    \
    X(ALIAS, "alias")                     \
    X(ALTERNATIVE, "alternative")         \
    X(ARGUMENT, "argument")               \
    X(ARGUMENTS, "arguments")             \
    X(ATTRIBUTE, "attribute")             \
    X(BODY, "body")                       \
    X(CAUSE, "cause")                     \
    X(CODE, "code")                       \
    X(CONDITION, "condition")             \
    X(CONSEQUENCE, "consequence")         \
    X(DEFINITION, "definition")           \
    X(EXPRESSION, "expression")           \
    X(FUNCTION, "function")               \
    X(GUARD, "guard")                     \
    X(KEY, "key")                         \
    X(LEFT, "left")                       \
    X(MODULE_NAME, "module_name")         \
    X(NAME, "name")                       \
    X(OBJECT, "object")                   \
    X(OPERATOR, "operator")               \
    X(OPERATORS, "operators")             \
    X(PARAMETERS, "parameters")           \
    X(RETURN_TYPE, "return_type")         \
    X(RIGHT, "right")                     \
    X(SUBJECT, "subject")                 \
    X(SUBSCRIPT, "subscript")             \
    X(SUPERCLASSES, "superclasses")       \
    X(TYPE, "type")                       \
    X(TYPE_PARAMETERS, "type_parameters") \
    X(VALUE, "value")

typedef enum FieldKind {
    F_NONE,
#define X(name, text) F_##name,
    FIELD_NAMES(X)
#undef X
} FieldKind;

typedef struct Node {
    u8 kind;  /* NodeKind */
    u8 field; /* FieldKind in its parent */
    u16 unused;
    u32 start, end; /* bytes */
    u32 last; /* index after its subtree: the next sibling, if it is inside the parent's range */
} Node;

/* One file's tree. Node 0 is the module; the children of i are i+1, nodes[i+1].last, … below
 * nodes[i].last. Comments and errors stand in lists of their own (errors in the tree as well). */
typedef struct Tree {
    Node *nodes; /* malloc'ed, kept from file to file */
    u32 n, cap;
    u8 *kinds;  /* by grammar symbol */
    u8 *fields; /* by grammar field id */
    u32 symbols;
    VEC(Span) comments;
    VEC(SyntaxError) errors; /* text is not set */
    VEC(Str) missing;        /* by error: name of the missing token; empty for unexpected ones */
    bool stopped;            /* over the memory bound: n is 0 */
} Tree;

/* Prepares the symbol tables. */
void tree_begin(Tree *tree);
/* Parses `text` in `pool` and flattens the result; lists are in `arena`. */
void tree_parse(Tree *tree, Pool *pool, Arena *arena, Str text);
/* The parser alone; returns the number of nodes. */
u32 tree_parse_only(Pool *pool, Str text);
void tree_end(Tree *tree);

/* The text without what the grammar stumbles over, blanked out, in the arena (joined.c says what);
 * `first` has the errors of the first reading. False when there was nothing to blank. */
bool text_joined(Arena *arena, Str text, const Tree *first, Str *out);

/* The flattening alone (flatten.c); `parsed` is a TSTree. */
struct TSTree;
void tree_flatten(Tree *tree, Arena *arena, const struct TSTree *parsed);

/* First child, or 0. */
static inline u32 node_first(const Tree *t, u32 i) {
    return t->nodes[i].last > i + 1 ? i + 1 : 0;
}
/* Next sibling under `parent`, or 0. */
static inline u32 node_next(const Tree *t, u32 parent, u32 i) {
    return t->nodes[i].last < t->nodes[parent].last ? t->nodes[i].last : 0;
}
/* First child with the field, or 0. */
u32 node_field(const Tree *t, u32 i, FieldKind field);
/* First child of the kind, or 0. */
u32 node_child(const Tree *t, u32 i, NodeKind kind);
static inline bool node_is_token(const Tree *t, u32 i) {
    return t->nodes[i].kind > N_YIELD;
}

#define EACH_CHILD(t, parent, c) for (u32 c = node_first(t, parent); c; c = node_next(t, parent, c))

#endif
