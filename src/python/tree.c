#include "python/tree.h"

#include <stdlib.h>
#include <string.h>

const TSLanguage *tree_sitter_python(void);

enum { KEPT_NODES = 1 << 20, MORE_READINGS = 3 };
static const struct {
    const char *name;
    u8 kind;
    bool named;
} KINDS[] = {
#define X(name, text) {text, N_##name, true},
    NODE_KINDS(X)
#undef X
#define X(name, text) {text, T_##name, false},
        TOKEN_KINDS(X)
#undef X
            {"comment", N_COMMENT, true},
    {"line_continuation", N_SKIPPED, true},
};

static const char *const FIELDS[] = {NULL,
#define X(name, text) text,
                                     FIELD_NAMES(X)
#undef X
};

static u8 kind_of_symbol(const TSLanguage *language, TSSymbol symbol) {
    TSSymbolType type = ts_language_symbol_type(language, symbol);
    const char *name = ts_language_symbol_name(language, symbol);
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
        if (KINDS[i].named == (type == TSSymbolTypeRegular) && !strcmp(KINDS[i].name, name))
            return KINDS[i].kind;
    return type == TSSymbolTypeRegular ? N_OTHER : N_SKIPPED;
}

void tree_begin(Tree *tree) {
    const TSLanguage *language = tree_sitter_python();
    tree->symbols = ts_language_symbol_count(language);
    tree->kinds = calloc(tree->symbols, 1);
    u32 fields = ts_language_field_count(language);
    tree->fields = calloc(fields + 1, 1);
    if (!tree->kinds || !tree->fields) base_panic("out of memory");
    for (u32 s = 0; s < tree->symbols; s++) tree->kinds[s] = kind_of_symbol(language, (TSSymbol)s);
    for (u32 id = 1; id <= fields; id++) {
        const char *name = ts_language_field_name_for_id(language, (TSFieldId)id);
        for (u32 k = 1; k < ARRAY_LEN(FIELDS); k++)
            if (name && !strcmp(FIELDS[k], name)) tree->fields[id] = (u8)k;
    }
}

void tree_end(Tree *tree) {
    free(tree->nodes);
    free(tree->kinds);
    free(tree->fields);
    *tree = (Tree){0};
}

static void flatten(Tree *tree, Arena *arena, const TSTree *parsed) {
    tree->n = 0;
    memset(&tree->comments, 0, sizeof tree->comments);
    memset(&tree->errors, 0, sizeof tree->errors);
    memset(&tree->missing, 0, sizeof tree->missing);
    if (parsed) tree_flatten(tree, arena, parsed);
}

/* Where the grammar failed: is the file better read without what it stumbles over? (joined.c) */
static bool read_again(Tree *tree, Pool *pool, Arena *arena, Str *text, const TSTree **best) {
    Tree before = *tree;
    Str joined;
    if (!text_joined(arena, *text, tree, &joined)) return false;
    const TSTree *next = syntax_parse(pool, tree_sitter_python(), joined);
    if (!next) return false;
    flatten(tree, arena, next);
    bool is_better = tree->errors.n < before.errors.n;
    if (is_better) {
        *text = joined;
        *best = next;
    } else {
        flatten(tree, arena, *best);
    }
    tree->comments.v = before.comments.v; /* they were blanked out */
    tree->comments.n = before.comments.n;
    tree->comments.cap = before.comments.cap;
    return is_better;
}

void tree_parse(Tree *tree, Pool *pool, Arena *arena, Str text) {
    if (tree->cap > KEPT_NODES) {
        free(tree->nodes);
        tree->nodes = NULL;
        tree->cap = 0;
    }
    pool_enter(pool);
    const TSTree *parsed = syntax_parse(pool, tree_sitter_python(), text);
    tree->stopped = !parsed;
    flatten(tree, arena, parsed);
    /* one error can hide another: a reading that has fewer of them is followed by one more */
    for (u32 n = 0; tree->errors.n && n < MORE_READINGS; n++)
        if (!read_again(tree, pool, arena, &text, &parsed)) break;
    pool_enter(NULL);
    pool_reset(pool);
}

u32 tree_parse_only(Pool *pool, Str text) {
    pool_enter(pool);
    TSTree *parsed = syntax_parse(pool, tree_sitter_python(), text);
    u32 n = parsed ? ts_node_descendant_count(ts_tree_root_node(parsed)) : 0;
    pool_enter(NULL);
    pool_reset(pool);
    return n;
}

u32 node_field(const Tree *t, u32 i, FieldKind field) {
    EACH_CHILD(t, i, c)
    if (t->nodes[c].field == field) return c;
    return 0;
}

u32 node_child(const Tree *t, u32 i, NodeKind kind) {
    EACH_CHILD(t, i, c)
    if (t->nodes[c].kind == kind) return c;
    return 0;
}
