/* The block of a unit, and reading it. */
#include "capi/capi.h"

static bool has_room(const CUnitHead *head, u32 table, size_t record) {
    u64 bytes = (u64)head->counts[table] * record;
    return head->counts[table] && head->at[table] % 16 == 0 && head->at[table] <= head->size &&
           bytes <= head->size - head->at[table];
}

#define IN(id, table) ((id) < u->n_##table)

/* Each node is the child of one at most, and comes before it: no ring can be. */
static bool are_nodes_sound(const CUnit *u) {
    u32 children = 0;
    for (u32 i = 0; i < u->n_nodes; i++) {
        const CNode *n = &u->nodes[i];
        bool ok = n->kind < C_KIND_COUNT && IN(n->type, types) && IN(n->decl, decls) &&
                  IN(n->name, strings) && IN(n->child, nodes) && IN(n->next, nodes);
        if (!ok) return false;
        for (u32 c = n->child; c; c = u->nodes[c].next)
            if (c >= i || !IN(u->nodes[c].next, nodes) || ++children > u->n_nodes) return false;
    }
    return true;
}

static bool are_decls_sound(const CUnit *u) {
    for (u32 i = 0; i < u->n_decls; i++) {
        const CDecl *d = &u->decls[i];
        bool ok = d->kind <= C_ENUMERATOR && IN(d->name, strings) && IN(d->type, types) &&
                  IN(d->owner, decls) && IN(d->child, decls) && IN(d->next, decls) &&
                  IN(d->node, nodes) && IN(d->file, files);
        if (!ok) return false;
    }
    return true;
}

static bool are_others_sound(const CUnit *u) {
    for (u32 i = 0; i < u->n_strings; i++) {
        const CString *s = &u->strings[i];
        if (s->at > u->n_chars || s->n > u->n_chars - s->at) return false;
    }
    for (u32 i = 0; i < u->n_types; i++) {
        const CType *t = &u->types[i];
        if (!IN(t->name, strings) || !IN(t->target, types) || !IN(t->record, decls)) return false;
    }
    for (u32 i = 0; i < u->n_files; i++)
        if (!IN(u->files[i].path, strings)) return false;
    for (u32 i = 0; i < u->n_includes; i++)
        if (!IN(u->includes[i].path, strings)) return false;
    for (u32 i = 0; i < u->n_errors; i++)
        if (!IN(u->errors[i].file, files) || !IN(u->errors[i].text, strings)) return false;
    return true;
}

bool cunit_view(const void *bytes, size_t size, CUnit *out) {
    *out = (CUnit){0};
    const CUnitHead *head = bytes;
    if (size < sizeof *head || head->magic != CUNIT_MAGIC || head->version != CUNIT_VERSION ||
        head->size != size)
        return false;
    CUnit u = {.rounds = head->rounds, .flags = head->flags, .block = bytes, .block_size = size};
    u32 k = 0;
#define X(Record, field)                                         \
    if (!has_room(head, k, sizeof(Record))) return false;        \
    u.field = (const void *)((const char *)bytes + head->at[k]); \
    u.n_##field = head->counts[k++];
    CUNIT_TABLES(X)
#undef X
    if (!are_nodes_sound(&u) || !are_decls_sound(&u) || !are_others_sound(&u)) return false;
    *out = u;
    return true;
}

u32 cnode_child(const CUnit *u, u32 node, u32 i) {
    u32 child = u->nodes[node].child;
    while (child && i--) child = u->nodes[child].next;
    return child;
}

CWalk cwalk_begin(Arena *arena, u32 top) {
    CWalk walk = {.arena = arena};
    if (top) vec_push(arena, &walk.stack, top);
    return walk;
}

/* The sibling of `top` itself is not below it: only children are followed by their siblings. */
u32 cwalk_next(const CUnit *u, CWalk *walk) {
    if (!walk->stack.n) return 0;
    u32 node = walk->stack.v[--walk->stack.n];
    bool is_top = !walk->begun;
    walk->begun = true;
    if (!is_top && u->nodes[node].next) vec_push(walk->arena, &walk->stack, u->nodes[node].next);
    if (u->nodes[node].child) vec_push(walk->arena, &walk->stack, u->nodes[node].child);
    return node;
}

u32 cnode_named(const CUnit *u, u32 node) {
    const CNode *n = &u->nodes[node];
    if (n->kind == C_UNARY && n->op == '&') n = &u->nodes[n->child];
    return n->kind == C_REF ? n->decl : 0;
}
