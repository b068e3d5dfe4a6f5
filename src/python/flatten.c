/* From tree-sitter's tree to our array, in one loop over the subtrees themselves.
 *
 * tree-sitter's public cursor computes points, descendant counts and ancestors at every step, which
 * costs a fifth of parsing. This file reads the pinned version's own structures instead: a subtree
 * stores its size and padding, a production says which children have an alias or a field. Nodes
 * that the grammar hides are walked through; a field of a hidden node belongs to the visible nodes
 * below it that have none. */
#include "python/tree.h"

#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#include <language.h>
#include <subtree.h>
#include <tree.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* An inner subtree whose children are being walked. */
typedef struct Level {
    Subtree subtree;
    const TSSymbol *aliases; /* by structural child, or NULL */
    u32 child, structural;   /* next child; next one that is not an extra */
    u32 open;                /* its node's index, UINT32_MAX when hidden */
    u8 field;                /* inherited by visible children: this level is hidden */
} Level;

typedef struct Walk {
    Tree *tree;
    Arena *arena;
    const TSLanguage *language;
    VEC(Level) levels;
    u32 at; /* offset of what comes next */
} Walk;

static u32 add_node(Tree *tree) {
    if (tree->n == tree->cap) {
        u64 cap = tree->cap ? (u64)tree->cap * 2 : 4096;
        REQUIRE(cap < UINT32_MAX);
        tree->nodes = realloc(tree->nodes, sizeof(Node) * cap);
        if (!tree->nodes) base_panic("out of memory");
        tree->cap = (u32)cap;
    }
    return tree->n++;
}

static void note_error(Walk *w, Subtree s, TSSymbol symbol, Span span) {
    bool missing = ts_subtree_missing(s);
    vec_push(w->arena, &w->tree->errors, (SyntaxError){.span = span, .missing = missing});
    Str name = {0};
    if (missing) name = str_copy(w->arena, str_from(ts_language_symbol_name(w->language, symbol)));
    vec_push(w->arena, &w->tree->missing, name);
}

static u8 field_at(const Walk *w, const Level *parent, u32 structural) {
    const TSFieldMapEntry *map, *end;
    ts_language_field_map(w->language, parent->subtree.ptr->production_id, &map, &end);
    for (; map < end; map++)
        if (!map->inherited && map->child_index == structural)
            return w->tree->fields[map->field_id];
    return parent->field;
}

static bool has_room_inside(u8 kind) {
    return kind <= N_YIELD && kind != N_IDENTIFIER && kind != N_OPERATOR &&
           kind != N_STRING_CONTENT && kind != N_COMMENT;
}

/* Stores a visible subtree; true when its children are wanted, its index (or UINT32_MAX) in *index.
 */
static bool store(Walk *w, Subtree s, TSSymbol symbol, u8 field, u32 *index) {
    Tree *tree = w->tree;
    u8 kind = symbol < tree->symbols ? tree->kinds[symbol] : (u8)N_ERROR;
    Span span = {w->at, w->at + ts_subtree_size(s).bytes};
    *index = UINT32_MAX;
    if (field == F_OPERATOR) kind = N_OPERATOR;
    if (kind == N_ERROR || ts_subtree_missing(s)) note_error(w, s, symbol, span);
    if (kind == N_COMMENT) vec_push(w->arena, &tree->comments, span);
    if (kind == N_SKIPPED || kind == N_COMMENT) return false;
    u32 i = *index = add_node(tree);
    tree->nodes[i] =
        (Node){.kind = kind, .field = field, .start = span.start, .end = span.end, .last = i + 1};
    return has_room_inside(kind);
}

static void descend(Walk *w, Subtree s, u32 open, u8 field) {
    Level level = {.subtree = s, .open = open, .field = field};
    level.aliases = ts_language_alias_sequence(w->language, s.ptr->production_id);
    vec_push(w->arena, &w->levels, level);
}

/* One child: `w->at` stands at its start, and behind its end (or at its first child) afterwards. */
static void visit(Walk *w, Subtree s, TSSymbol alias, u8 field) {
    u32 open = UINT32_MAX;
    bool inner = ts_subtree_child_count(s) > 0;
    if (alias || ts_subtree_visible(s)) {
        inner = store(w, s, alias ? alias : ts_subtree_symbol(s), field, &open) && inner;
        field = F_NONE;
    }
    if (inner)
        descend(w, s, open, field);
    else
        w->at += ts_subtree_size(s).bytes;
}

void tree_flatten(Tree *tree, Arena *arena, const struct TSTree *parsed) {
    Walk w = {.tree = tree, .arena = arena, .language = parsed->language};
    w.at = ts_subtree_padding(parsed->root).bytes;
    visit(&w, parsed->root, 0, F_NONE);
    while (w.levels.n) {
        Level *level = &w.levels.v[w.levels.n - 1];
        if (level->child == ts_subtree_child_count(level->subtree)) {
            if (level->open != UINT32_MAX) tree->nodes[level->open].last = tree->n;
            w.levels.n--;
            continue;
        }
        Subtree child = ts_subtree_children(level->subtree)[level->child];
        /* a first child's padding is its parent's, which has been passed */
        if (level->child++) w.at += ts_subtree_padding(child).bytes;
        if (ts_subtree_extra(child)) {
            visit(&w, child, 0, F_NONE);
            continue;
        }
        u32 structural = level->structural++;
        TSSymbol alias = level->aliases ? level->aliases[structural] : 0;
        visit(&w, child, alias, field_at(&w, level, structural));
    }
}
