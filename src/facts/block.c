/* The block: all tables of one file in one piece of memory, and the proof that a piece of memory is
 * one.
 *
 * Layout: header, then each table at the next multiple of 16, in the order of FACTS_TABLES. Offsets
 * follow from the counts, so a block has one possible layout and tables cannot overlap. Numbers are
 * in the byte order of the machine; a block of another one is refused. */
#include "facts/facts.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_ALIGNMENT = 16,
    TABLES = 0
#define X(Record, field) +1
    FACTS_TABLES(X)
#undef X
};

static const char MAGIC[8] = {'l', 'i', 'm', 'p', 'e', 't', 'F', '\n'};
enum { BYTE_ORDER_MARK = 0x01020304 };

typedef struct TableHead {
    u64 at;
    u32 n;
    u32 record; /* bytes of one record */
} TableHead;

typedef struct Header {
    char magic[sizeof MAGIC];
    u32 version;
    u32 byte_order;
    u64 size; /* of the whole block */
    u64 content;
    u32 flags;
    u32 text_size;
    TableHead tables[TABLES];
} Header;

/* A block has no byte that its fields do not set: equal facts are equal bytes. */
_Static_assert(sizeof(Header) == 40 + 16 * TABLES, "padding in Header");
_Static_assert(sizeof(Scope) == 4 + 4 * 4 + 8 + 8 + 4 * 10 + 4, "padding in Scope");
_Static_assert(sizeof(Symbol) == 24 && sizeof(Import) == 32 && sizeof(Param) == 16, "padding");
_Static_assert(sizeof(Path) == 12 && sizeof(Region) == 32 && sizeof(Op) == 24, "padding");
_Static_assert(sizeof(StringRec) == 16 && sizeof(Operand) == 8, "padding");
_Static_assert(sizeof(Comment) == 16 && sizeof(SyntaxError) == 16, "padding");

static u64 aligned(u64 size) {
    return (size + BLOCK_ALIGNMENT - 1) & ~(u64)(BLOCK_ALIGNMENT - 1);
}

/* Sets `at` of each table from the counts and record sizes, and returns the size of the block. */
static u64 layout(TableHead *tables) {
    u64 at = aligned(sizeof(Header));
    for (u32 i = 0; i < TABLES; i++) {
        tables[i].at = at;
        at = aligned(at + (u64)tables[i].n * tables[i].record);
    }
    return at;
}

/* The view that a sound header describes. */
static Facts open_block(const void *block, const Header *head) {
    Facts f = {.flags = head->flags,
               .content = head->content,
               .text_size = head->text_size,
               .block = block,
               .block_size = (size_t)head->size};
    const TableHead *table = head->tables;
#define X(Record, field)                                                       \
    f.field = (const Record *)(const void *)((const char *)block + table->at); \
    f.n_##field = table++->n;
    FACTS_TABLES(X)
#undef X
    return f;
}

Facts facts_freeze(const FactsBuilder *b) {
    Header head = {.version = FACTS_VERSION,
                   .byte_order = BYTE_ORDER_MARK,
                   .content = b->content,
                   .flags = b->flags,
                   .text_size = b->text_size};
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    TableHead *table = head.tables;
#define X(Record, field) *table++ = (TableHead){.n = b->field.n, .record = sizeof(Record)};
    FACTS_TABLES(X)
#undef X
    head.size = layout(head.tables);
    char *block = malloc((size_t)head.size);
    if (!block) base_panic("out of memory (%zu bytes asked)", (size_t)head.size);
    memcpy(block, &head, sizeof head);
    table = head.tables;
    u64 end = sizeof head;
#define X(Record, field)                                                \
    memset(block + end, 0, (size_t)(table->at - end));                  \
    memcpy(block + table->at, b->field.v, sizeof(Record) * b->field.n); \
    end = table->at + sizeof(Record) * b->field.n;                      \
    table++;
    FACTS_TABLES(X)
#undef X
    memset(block + end, 0, (size_t)(head.size - end));
    return open_block(block, &head);
}

/* ---- validation ---- */

/* Sums of what scopes and ops claim of shared tables: no record may be claimed twice, or a small
 * block could make a reader work for hours. */
typedef struct Claims {
    u64 params, symbols, operands;
} Claims;

static bool is_range(u32 first, u32 end, u32 n) {
    return first <= end && end <= n && (first || first == end);
}

static bool is_span(const Facts *f, Span span) {
    return span.start <= span.end && span.end <= f->text_size;
}

static bool is_string(const Facts *f, StrId id) {
    return id.i < f->n_strings;
}

static bool is_path(const Facts *f, PathId id) {
    return id.i < f->n_paths;
}

/* A path whose root, if it is an op, comes before op `end`. Needs sound paths. */
static bool is_path_before(const Facts *f, PathId id, u32 end) {
    if (!is_path(f, id)) return false;
    const Path *root = facts_root(f, id);
    return root->kind != PATH_OP || root->id < end;
}

static bool is_string_sound(const Facts *f, u32 i) {
    const StringRec *s = &f->strings[i];
    return (u64)s->at + s->n <= f->n_chars && hash_str((Str){f->chars + s->at, s->n}) == s->hash;
}

static bool is_path_sound(const Facts *f, u32 i) {
    const Path *p = &f->paths[i];
    bool has_literal = p->kind == PATH_LITERAL || p->kind == PATH_CONST;
    u8 most = has_literal ? LITERAL_BYTES : p->kind == PATH_ANY ? PATH_SLICE : 0;
    if (p->unused || p->flags > most) return false;
    u32 ids = 1; /* number of valid ids */
    switch (p->kind) {
    case PATH_SYMBOL:
        ids = f->n_symbols;
        break;
    case PATH_OP:
        ids = f->n_ops;
        break;
    case PATH_LITERAL:
    case PATH_ATTR:
    case PATH_CONST:
        ids = f->n_strings;
        break;
    case PATH_ANY:
    case PATH_CUT:
        break;
    default:
        return false;
    }
    if (p->id >= ids) return false;
    if (is_path_root(p->kind)) return !p->parent.i && !p->depth && (p->id || has_literal);
    if (!p->parent.i || p->parent.i >= i) return false;
    const Path *above = &f->paths[p->parent.i];
    return above->kind != PATH_CUT && p->depth == above->depth + 1 &&
           p->depth <= PATH_MAX_SELECTORS + (p->kind == PATH_CUT);
}

static bool is_symbol_sound(const Facts *f, u32 i) {
    const Symbol *s = &f->symbols[i];
    if (!is_string(f, s->name) || !s->scope.i || s->scope.i >= f->n_scopes) return false;
    const Scope *scope = &f->scopes[s->scope.i];
    if (i < scope->symbol_first || i >= scope->symbol_end) return false;
    return !(s->flags & ~(u32)SYMBOL_FLAGS) && s->target.i < f->n_symbols &&
           (!s->target.i || f->symbols[s->target.i].target.i == s->target.i) &&
           s->bind.i < f->n_ops;
}

/* The op that creates a scope points at it and comes before its body, whose ops lie inside those of
 * the parent: a walk that skips nested bodies goes forward and stays inside. */
static bool is_scope_placed(const Facts *f, u32 i) {
    const Scope *s = &f->scopes[i];
    if (s->kind == SCOPE_MODULE) return i == 1 && !s->parent.i && !s->def.i;
    if (!s->parent.i || s->parent.i >= i || !s->def.i || s->def.i >= f->n_ops) return false;
    const Scope *parent = &f->scopes[s->parent.i];
    const Op *def = &f->ops[s->def.i];
    return op_subject(def->kind) == SUBJECT_SCOPE && def->subject == i && s->op_first > s->def.i &&
           s->op_first >= parent->op_first && s->op_end <= parent->op_end;
}

static bool is_scope_sound(const Facts *f, u32 i, Claims *claims) {
    const Scope *s = &f->scopes[i];
    if (!s->kind || s->kind > SCOPE_COMPREHENSION || s->unused || s->flags & ~SCOPE_FLAGS)
        return false;
    if (!is_string(f, s->name) || !s->region.i || s->region.i >= f->n_regions) return false;
    if (!is_span(f, s->span) || !is_span(f, s->name_span) || !is_path(f, s->returns)) return false;
    if (!is_range(s->op_first, s->op_end, f->n_ops) ||
        !is_range(s->symbol_first, s->symbol_end, f->n_symbols) ||
        !is_range(s->param_first, s->param_end, f->n_params) ||
        !is_range(s->decorator_first, s->decorator_end, f->n_operands) ||
        !is_range(s->base_first, s->base_end, f->n_operands))
        return false;
    claims->params += s->param_end - s->param_first;
    claims->symbols += s->symbol_end - s->symbol_first;
    claims->operands += s->decorator_end - s->decorator_first + s->base_end - s->base_first;
    return is_scope_placed(f, i);
}

static bool is_param_sound(const Facts *f, u32 i) {
    const Param *p = &f->params[i];
    return p->kind <= PARAM_DOUBLE_STAR && p->symbol.i && p->symbol.i < f->n_symbols &&
           is_path(f, p->fallback) && is_path(f, p->annotation);
}

static bool is_import_sound(const Facts *f, u32 i) {
    const Import *m = &f->imports[i];
    return is_string(f, m->module) && is_string(f, m->name) && is_string(f, m->alias) &&
           m->symbol.i < f->n_symbols && m->region.i && m->region.i < f->n_regions &&
           is_span(f, m->span);
}

static bool is_region_sound(const Facts *f, u32 i) {
    const Region *r = &f->regions[i];
    return r->kind && r->kind <= REGION_COMPREHENSION && !(r->flags & ~REGION_FLAGS) &&
           !r->unused && r->scope.i && r->scope.i < f->n_scopes && r->parent.i < i &&
           r->group.i <= i && is_span(f, r->span) && is_range(r->test_first, r->test_end, f->n_ops);
}

/* Largest value of the low nibble of flags. */
static u8 low_limit(OpKind kind) {
    switch (kind) {
    case OP_TEST:
        return TEST_CALL;
    case OP_BIND:
    case OP_STORE:
        return BIND_TYPE;
    case OP_AUGMENT:
    case OP_BINARY:
    case OP_UNARY:
        return OPERATOR_INVERT;
    default:
        return 0;
    }
}

static bool is_op_sound(const Facts *f, u32 i, Claims *claims) {
    const Op *op = &f->ops[i];
    if (!op->kind || op->kind >= OP_KIND_COUNT || (op->flags & OP_LOW) > low_limit(op->kind))
        return false;
    if (!op->region.i || op->region.i >= f->n_regions || !is_span(f, op->span)) return false;
    OpSubject subject = op_subject(op->kind);
    if (subject == SUBJECT_PATH && !is_path_before(f, op_path(op), i)) return false;
    if (subject == SUBJECT_SCOPE &&
        (!op->subject || op->subject >= f->n_scopes || f->scopes[op->subject].def.i != i))
        return false;
    if (subject == SUBJECT_IMPORT && (!op->subject || op->subject >= f->n_imports)) return false;
    claims->operands += op->operands;
    if (op->operands > OPERANDS_MAX || claims->operands >= f->n_operands) return false;
    if ((u64)op->operand + op->operands > f->n_operands) return false;
    if (op->operands && !op->operand) return false;
    for (u32 k = 0; k < op->operands; k++)
        if (!is_path_before(f, op_operand(f, op, k), i)) return false;
    return true;
}

static bool is_operand_sound(const Facts *f, u32 i) {
    const Operand *o = &f->operands[i];
    return is_path(f, o->path) && operand_kind(*o) <= OPERAND_KEY && is_string(f, operand_name(*o));
}

static bool is_comment_sound(const Facts *f, u32 i) {
    const Comment *c = &f->comments[i];
    return is_span(f, c->span) && is_string(f, c->directive) && c->own_line <= 1;
}

static bool is_error_sound(const Facts *f, u32 i) {
    const SyntaxError *e = &f->errors[i];
    return is_span(f, e->span) && is_string(f, e->text) && e->missing <= 1;
}

static bool is_line_sound(const Facts *f, u32 i) {
    return f->lines[i] > f->lines[i - 1] && f->lines[i] <= f->text_size;
}

/* Record 0 of every table is empty, except that the empty string has its hash. */
static bool has_empty_records(const Facts *f) {
    static const Scope zero; /* the largest record */
#define X(Record, field)                                      \
    if (!f->n_##field) return false;                          \
    if ((const void *)f->field != (const void *)f->strings && \
        memcmp(f->field, &zero, sizeof(Record)) != 0)         \
        return false;
    FACTS_TABLES(X)
#undef X
    return f->strings[0].n == 0;
}

/* Paths come before what is looked at through them; claims are compared when all are known. */
static bool is_sound(const Facts *f) {
    if (f->flags & ~(u32)FACTS_FLAGS || f->n_scopes < 2 || !has_empty_records(f)) return false;
    Claims claims = {0};
    for (u32 i = 0; i < f->n_strings; i++)
        if (!is_string_sound(f, i)) return false;
    for (u32 i = 1; i < f->n_paths; i++)
        if (!is_path_sound(f, i)) return false;
    for (u32 i = 1; i < f->n_scopes; i++)
        if (!is_scope_sound(f, i, &claims)) return false;
    if (f->scopes[1].kind != SCOPE_MODULE) return false;
    for (u32 i = 1; i < f->n_ops; i++)
        if (!is_op_sound(f, i, &claims)) return false;
#define ALL(table, check)                  \
    for (u32 i = 1; i < f->n_##table; i++) \
        if (!check(f, i)) return false;
    ALL(symbols, is_symbol_sound)
    ALL(params, is_param_sound)
    ALL(imports, is_import_sound)
    ALL(regions, is_region_sound)
    ALL(operands, is_operand_sound)
    ALL(comments, is_comment_sound)
    ALL(errors, is_error_sound)
    ALL(lines, is_line_sound)
#undef ALL
    return claims.params < f->n_params && claims.symbols < f->n_symbols &&
           claims.operands < f->n_operands;
}

bool facts_view(const void *bytes, size_t size, Facts *out) {
    *out = (Facts){0};
    if (size < sizeof(Header) || (uintptr_t)bytes % BLOCK_ALIGNMENT) return false;
    const Header *head = bytes;
    if (memcmp(head->magic, MAGIC, sizeof MAGIC) != 0 || head->version != FACTS_VERSION ||
        head->byte_order != BYTE_ORDER_MARK || head->size != size)
        return false;
    Header expected = *head;
    TableHead *table = expected.tables;
#define X(Record, field) table++->record = sizeof(Record);
    FACTS_TABLES(X)
#undef X
    if (layout(expected.tables) != size || memcmp(&expected, head, sizeof expected) != 0)
        return false;
    Facts f = open_block(bytes, head);
    if (!is_sound(&f)) return false;
    *out = f;
    return true;
}
