#include "python/tree.h"

#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_python(void);

enum { KEPT_NODES = 1 << 20 };
/* A list of numbers needs 139 times its text, ordinary code 20 to 40. */
static const u64 LEAST_BOUND = 64u << 20, BOUND_PER_BYTE = 256, MOST_BOUND = (u64)4 << 30;

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

/* Behind a bracket that is never closed tree-sitter copies all that it has read since, at every
 * token: 18 kB of text cost 300 MB of copies, twice as much text four times as much. Text that it
 * can read costs less than a byte each. Counted in bytes, so that the result depends on no clock.
 */
static const u64 LEAST_COPIES = (u64)4 << 30, COPIES_PER_BYTE = 1000;

typedef struct Bound {
    const Pool *pool;
    u64 taken, reused; /* at most */
} Bound;

static const char *read_text(void *payload, uint32_t at, TSPoint point, uint32_t *n) {
    (void)point;
    const Str *text = payload;
    *n = at < text->n ? text->n - at : 0;
    return at < text->n ? text->p + at : "";
}

static bool over_bound(TSParseState *state) {
    const Bound *bound = state->payload;
    return bound->pool->taken > bound->taken || bound->pool->reused > bound->reused;
}

/* NULL when the bound was reached. */
static TSTree *parse(Pool *pool, Str *text) {
    TSParser *parser = ts_parser_new();
    REQUIRE(ts_parser_set_language(parser, tree_sitter_python()));
    Bound bound = {pool, MIN(MAX(LEAST_BOUND, BOUND_PER_BYTE * text->n), MOST_BOUND),
                   LEAST_COPIES + COPIES_PER_BYTE * text->n};
    TSInput input = {.payload = text, .read = read_text, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = &bound, .progress_callback = over_bound};
    TSTree *parsed = ts_parser_parse_with_options(parser, NULL, input, options);
    /* the scanner's own record is the one thing that is not the pool's; a parser that came to its
     * end has given it back */
    if (!parsed) ts_parser_reset(parser);
    return parsed;
}

static void flatten(Tree *tree, Arena *arena, const TSTree *parsed) {
    tree->n = 0;
    memset(&tree->comments, 0, sizeof tree->comments);
    memset(&tree->errors, 0, sizeof tree->errors);
    memset(&tree->missing, 0, sizeof tree->missing);
    if (parsed) tree_flatten(tree, arena, parsed);
}

/* Where the grammar failed: is the file better read with its brackets on one line? (joined.c) */
static void read_again(Tree *tree, Pool *pool, Arena *arena, Str text, const TSTree *first) {
    Tree before = *tree;
    Str joined;
    if (!text_joined(arena, text, &joined)) return;
    TSTree *second = parse(pool, &joined);
    if (!second) return;
    flatten(tree, arena, second);
    tree->comments.v = before.comments.v; /* they were blanked out */
    tree->comments.n = before.comments.n;
    tree->comments.cap = before.comments.cap;
    if (tree->errors.n >= before.errors.n) flatten(tree, arena, first);
}

void tree_parse(Tree *tree, Pool *pool, Arena *arena, Str text) {
    if (tree->cap > KEPT_NODES) {
        free(tree->nodes);
        tree->nodes = NULL;
        tree->cap = 0;
    }
    pool_enter(pool);
    TSTree *parsed = parse(pool, &text);
    tree->stopped = !parsed;
    flatten(tree, arena, parsed);
    if (tree->errors.n) read_again(tree, pool, arena, text, parsed);
    pool_enter(NULL);
    pool_reset(pool);
}

u32 tree_parse_only(Pool *pool, Str text) {
    pool_enter(pool);
    TSTree *parsed = parse(pool, &text);
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
