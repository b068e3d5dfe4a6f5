#include "python/extract.h"
#include "python/python.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

struct PythonWorker {
    Pool pool;
    Tree tree;
};

PythonWorker *python_worker_new(void) {
    PythonWorker *worker = calloc(1, sizeof *worker);
    if (!worker) base_panic("out of memory");
    tree_begin(&worker->tree);
    return worker;
}

void python_worker_free(PythonWorker *worker) {
    if (!worker) return;
    pool_free(&worker->pool);
    tree_end(&worker->tree);
    free(worker);
}

u32 python_parse_only(PythonWorker *worker, Str text) {
    return tree_parse_only(&worker->pool, text);
}

/* ---- texts ---- */

Str node_text(const Extract *e, u32 i) {
    return str_sub(e->text, node_at(e, i)->start, node_at(e, i)->end);
}

static bool is_ascii(Str s) {
    for (u32 i = 0; i < s.n; i++)
        if ((u8)s.p[i] >= 0x80) return false;
    return true;
}

StrId name_of(Extract *e, u32 i) {
    Str s = node_text(e, i);
    if (is_ascii(s)) return facts_string(e->b, s);
    Str terminated = str_copy(e->b->arena, s);
    u8 *normal = utf8proc_NFKC((const u8 *)terminated.p);
    if (!normal) return facts_string(e->b, s);
    StrId id = facts_string(e->b, str_from((const char *)normal));
    free(normal);
    return id;
}

/* ---- paths ---- */

PathId path_symbol(Extract *e, SymbolId s) {
    return facts_path(e->b, (PathId){0}, PATH_SYMBOL, s.i, 0);
}

PathId path_op(Extract *e, OpId op) {
    return facts_path(e->b, (PathId){0}, PATH_OP, op.i, 0);
}

/* At most FACTS_LITERAL_MAX bytes, not in the middle of a character. */
static Str cut_text(Str s) {
    if (s.n <= FACTS_LITERAL_MAX) return s;
    u32 n = FACTS_LITERAL_MAX;
    while (n > 0 && ((u8)s.p[n] & 0xC0) == 0x80) n--;
    return str_sub(s, 0, n);
}

PathId path_literal(Extract *e, LiteralKind kind, Str text) {
    return facts_path(e->b, (PathId){0}, PATH_LITERAL, facts_string(e->b, cut_text(text)).i,
                      (u8)kind);
}

PathId path_select(Extract *e, PathId base, PathKind kind, u32 id, u8 flags, Span span) {
    if (e->b->paths.v[base.i].depth >= PATH_MAX_SELECTORS)
        base = path_op(e, emit_plain(e, OP_LOAD, 0, base.i, span));
    return facts_path(e->b, base, kind, id, flags);
}

bool path_is_op(const Extract *e, PathId p, OpKind kind) {
    const Path *path = &e->b->paths.v[p.i];
    return path->kind == PATH_OP && e->b->ops.v[path->id].kind == kind;
}

/* ---- operations ---- */

void operand_push(Extract *e, PathId path, OperandKind kind, StrId name) {
    vec_push(e->b->arena, &e->stack, (Operand){path, OPERAND_TAG(kind, name.i)});
}

OpId emit(Extract *e, OpKind kind, u8 flags, u32 subject, Span span, u32 operands_from) {
    FactsBuilder *b = e->b;
    u32 n = MIN(e->stack.n - operands_from, (u32)OPERANDS_MAX);
    Op op = {
        .kind = (u8)kind, .flags = flags, .subject = subject, .region = e->region, .span = span};
    op.operands = (u16)n;
    op.operand = n ? b->operands.n : 0;
    for (u32 i = 0; i < n; i++) vec_push(b->arena, &b->operands, e->stack.v[operands_from + i]);
    e->stack.n = operands_from;
    vec_push(b->arena, &b->ops, op);
    return (OpId){b->ops.n - 1};
}

OpId emit_plain(Extract *e, OpKind kind, u8 flags, u32 subject, Span span) {
    return emit(e, kind, flags, subject, span, e->stack.n);
}

OpId emit_with(Extract *e, OpKind kind, u8 flags, u32 subject, Span span, PathId operand) {
    u32 from = operands_begin(e);
    if (operand.i) operand_push(e, operand, OPERAND_POSITIONAL, (StrId){0});
    return emit(e, kind, flags, subject, span, from);
}

/* ---- regions and scopes ---- */

RegionId region_open(Extract *e, RegionKind kind, u8 flags, RegionId group, Span span) {
    RegionId id = {e->b->regions.n};
    Region r = {.kind = (u8)kind, .flags = flags, .scope = e->scope, .parent = e->region};
    r.group = group.i ? group : id;
    r.span = span;
    vec_push(e->b->arena, &e->b->regions, r);
    e->region = id;
    return id;
}

void region_tests(Extract *e, RegionId r, u32 first, u32 end) {
    e->b->regions.v[r.i].test_first = first;
    e->b->regions.v[r.i].test_end = end;
}

void region_close(Extract *e) {
    e->region = e->b->regions.v[e->region.i].parent;
}

ScopeId scope_make(Extract *e, ScopeKind kind, StrId name, Span span, Span name_span) {
    Scope s = {
        .kind = (u8)kind, .name = name, .parent = e->scope, .span = span, .name_span = name_span};
    vec_push(e->b->arena, &e->b->scopes, s);
    return (ScopeId){e->b->scopes.n - 1};
}

ScopeMark scope_enter(Extract *e, ScopeId s, OpId def, RegionKind body, Span span) {
    ScopeMark outer = {e->scope, e->region};
    e->scope = s;
    RegionId region = region_open(e, body, 0, (RegionId){0}, span);
    Scope *scope = &e->b->scopes.v[s.i];
    scope->region = region;
    scope->def = def;
    scope->op_first = e->b->ops.n;
    return outer;
}

void scope_leave(Extract *e, ScopeMark outer) {
    e->b->scopes.v[e->scope.i].op_end = e->b->ops.n;
    e->scope = outer.scope;
    e->region = outer.region;
}

bool depth_enter(Extract *e) {
    if (e->depth >= DEPTH_MAX) {
        e->b->flags |= FACTS_TOO_DEEP;
        return false;
    }
    e->depth++;
    return true;
}

/* ---- the file ---- */

/* Only comments that can be directives keep their text. */
static StrId directive_text(Extract *e, Str comment) {
    static const char *const WORDS[] = {"limpet", "noqa", "type:"};
    Str text = str_trim(str_sub(comment, 1, comment.n));
    for (u32 at = 0; at + 4 <= text.n; at++) {
        u8 c = (u8)text.p[at] | 0x20;
        const char *word = c == 'l' ? WORDS[0] : c == 'n' ? WORDS[1] : c == 't' ? WORDS[2] : NULL;
        size_t n = word ? strlen(word) : 0;
        if (word && at + n <= text.n && !strncasecmp(text.p + at, word, n))
            return facts_string(e->b, str_sub(text, 0, 1024));
    }
    return (StrId){0};
}

static void add_comments(Extract *e) {
    for (u32 i = 0; i < e->tree->comments.n; i++) {
        Span span = e->tree->comments.v[i];
        u32 at = span.start;
        while (at > 0 &&
               (e->text.p[at - 1] == ' ' || e->text.p[at - 1] == '\t' || e->text.p[at - 1] == '\f'))
            at--;
        Comment c = {.span = span, .own_line = at == 0 || e->text.p[at - 1] == '\n'};
        c.directive = directive_text(e, str_sub(e->text, span.start, span.end));
        vec_push(e->b->arena, &e->b->comments, c);
    }
}

static void add_errors(Extract *e) {
    for (u32 i = 0; i < e->tree->errors.n; i++) {
        SyntaxError error = e->tree->errors.v[i];
        Str text = error.missing ? e->tree->missing.v[i]
                                 : str_sub(e->text, error.span.start, error.span.end);
        i64 line_end = str_find(text, '\n');
        if (line_end >= 0) text = str_sub(text, 0, (u32)line_end);
        error.text = facts_string(e->b, cut_text(str_trim(text)));
        vec_push(e->b->arena, &e->b->errors, error);
    }
}

static void add_lines(Extract *e) {
    FactsBuilder *b = e->b;
    b->lines.n = 0;
    vec_push(b->arena, &b->lines, 0);
    for (const char *p = e->text.p, *end = p + e->text.n; p < end;) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p) break;
        p++;
        vec_push(b->arena, &b->lines, (u32)(p - e->text.p));
    }
}

void python_extract(PythonWorker *worker, Str text, bool is_stub, FactsBuilder *b) {
    if (!text.p) text = STR("");
    tree_parse(&worker->tree, &worker->pool, b->arena, text);
    Extract e = {.b = b, .tree = &worker->tree, .text = text};
    b->text_size = text.n;
    if (is_stub) b->flags |= FACTS_STUB;
    if (e.tree->stopped) b->flags |= FACTS_STOPPED;
    ScopeId module = scope_make(&e, SCOPE_MODULE, (StrId){0}, (Span){0, text.n}, (Span){0, 0});
    ScopeMark outer = scope_enter(&e, module, (OpId){0}, REGION_BODY, (Span){0, text.n});
    if (e.tree->n) statements(&e, 0);
    scope_leave(&e, outer);
    add_comments(&e);
    add_errors(&e);
    add_lines(&e);
    names_resolve(&e);
}
