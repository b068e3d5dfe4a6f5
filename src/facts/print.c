/* The text form of one file's facts, for people and golden files.
 *
 * Made to be compared with `diff`: positions are line:column (bytes, from 1), ends are exclusive;
 * no record shows its id. An op whose value some path starts from is called `#LINE` and a letter,
 * in order of the ops on that line, so that a change moves labels of its own line only. */
#include "facts/facts.h"
#include "facts/text.h"

#include <string.h>

enum { INDENT_MAX = 40, POSITION_WIDTH = 20 };

typedef struct Printer {
    const Facts *f;
    Buf *out;
    u32 *labels; /* by op: 1 + its rank among the labelled ops of its line; 0 without label */
    u32 *depths; /* by region */
    u32 *scope_depths;
    u32 *begins, *ends;         /* by op: a scope whose ops begin, end here; more by the next two */
    u32 *next_begin, *next_end; /* by scope */
} Printer;

/* ---- pieces ---- */

static void text(Printer *p, const char *s) {
    buf_text(p->out, s);
}

static void position(Printer *p, u32 offset) {
    u32 line, column;
    facts_line(p->f, offset, &line, &column);
    buf_printf(p->out, "%u:%u", line, column);
}

/* `3:5-12`, or `3:5-4:2` when it ends on another line. */
static void span(Printer *p, Span s) {
    u32 line, column, end_line, end_column;
    facts_line(p->f, s.start, &line, &column);
    facts_line(p->f, s.end, &end_line, &end_column);
    buf_printf(p->out, "%u:%u-", line, column);
    if (end_line != line) buf_printf(p->out, "%u:", end_line);
    buf_printf(p->out, "%u", end_column);
}

/* Begins a line with a span and an indentation below it. */
static void begin_line(Printer *p, Span s, u32 depth) {
    u32 before = p->out->n;
    text(p, "  ");
    span(p, s);
    u32 width = p->out->n - before;
    buf_repeat(p->out, ' ', width < POSITION_WIDTH ? POSITION_WIDTH - width : 1);
    buf_repeat(p->out, ' ', 2 * MIN(depth, (u32)INDENT_MAX));
}

/* Begins a line without a span. */
static void begin_bare(Printer *p, u32 depth) {
    buf_repeat(p->out, ' ', POSITION_WIDTH + 2 * MIN(depth, (u32)INDENT_MAX));
}

static void name(Printer *p, StrId id) {
    facts_name_text(p->f, id, p->out);
}

static void quoted(Printer *p, StrId id) {
    buf_char(p->out, '"');
    name(p, id);
    buf_char(p->out, '"');
}

static void label(Printer *p, u32 op) {
    u32 line, column;
    facts_line(p->f, p->f->ops[op].span.start, &line, &column);
    buf_printf(p->out, "#%u", line);
    char letters[8];
    u32 n = 0;
    for (u32 rank = p->labels[op]; rank; rank = (rank - 1) / 26)
        letters[n++] = (char)('a' + (rank - 1) % 26);
    while (n) buf_char(p->out, letters[--n]);
}

static void path(Printer *p, PathId id) {
    const Path *root;
    const Path *steps[PATH_MAX_SELECTORS + 1];
    u32 n = path_steps(p->f, id, &root, steps);
    switch (root->kind) {
    case PATH_SYMBOL:
        name(p, p->f->symbols[root->id].name);
        break;
    case PATH_OP:
        label(p, root->id);
        break;
    case PATH_LITERAL:
        path_literal_text(p->f, root, p->out);
        break;
    default:
        text(p, "-");
        break;
    }
    for (u32 i = 0; i < n; i++) path_step_text(p->f, steps[i], p->out);
}

static void operand(Printer *p, Operand o) {
    switch (operand_kind(o)) {
    case OPERAND_POSITIONAL:
        break;
    case OPERAND_KEYWORD: /* the name of an annotation is a colon */
        name(p, operand_name(o));
        text(p, str_is(facts_str(p->f, operand_name(o)), ":") ? " " : "=");
        break;
    case OPERAND_STAR:
        text(p, "*");
        break;
    case OPERAND_DOUBLE_STAR:
        text(p, "**");
        break;
    case OPERAND_KEY:
        text(p, "key ");
        break;
    }
    path(p, o.path);
}

/* ` before a, b=c after`, or nothing without operands. */
static void operands(Printer *p, const Op *op, const char *before, const char *after) {
    if (!op->operands) return;
    text(p, before);
    for (u32 i = 0; i < op->operands; i++) {
        if (i) text(p, ", ");
        operand(p, p->f->operands[op->operand + i]);
    }
    if (op->operands == OPERANDS_MAX) text(p, ", …");
    text(p, after);
}

/* The names of the bits that are set, each after a space. */
static void flag_names(Printer *p, u32 flags, const char *const *names, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (flags & 1u << i) buf_printf(p->out, " %s", names[i]);
}

static void scope_name(Printer *p, ScopeId scope) {
    if (p->f->scopes[scope.i].kind == SCOPE_MODULE)
        text(p, "module");
    else
        facts_scope_name(p->f, scope, p->out);
}

static const char *region_kind(const Region *r) {
    static const char *const kinds[] = {
        "none",          "body",      "if",        "else",         "for",
        "while",         "loop-else", "try",       "except",       "try-else",
        "finally",       "with",      "case",      "main",         "type-checking",
        "short-circuit", "then",      "otherwise", "comprehension"};
    return kinds[r->kind];
}

static void region_label(Printer *p, RegionId id) {
    if (!id.i) {
        text(p, "-");
        return;
    }
    const Region *r = &p->f->regions[id.i];
    text(p, region_kind(r));
    text(p, " "), span(p, r->span);
}

/* ---- scopes ---- */

static const char *op_word(OpKind kind) {
    static const char *const words[OP_KIND_COUNT] = {
        [OP_NONE] = "none",
        [OP_LOAD] = "load",
        [OP_TEST] = "test",
        [OP_BIND] = "bind",
        [OP_STORE] = "store",
        [OP_AUGMENT] = "augment",
        [OP_DELETE] = "delete",
        [OP_ITERATE] = "iterate",
        [OP_ENTER] = "enter",
        [OP_EXIT] = "exit",
        [OP_CALL] = "call",
        [OP_AWAIT] = "await",
        [OP_RETURN] = "return",
        [OP_YIELD] = "yield",
        [OP_RAISE] = "raise",
        [OP_BREAK] = "break",
        [OP_CONTINUE] = "continue",
        [OP_HANDLER] = "handler",
        [OP_MATCH] = "match",
        [OP_LIST] = "list",
        [OP_TUPLE] = "tuple",
        [OP_SET] = "set",
        [OP_DICT] = "dict",
        [OP_LISTCOMP] = "listcomp",
        [OP_SETCOMP] = "setcomp",
        [OP_DICTCOMP] = "dictcomp",
        [OP_GENERATOR] = "generator",
        [OP_LAMBDA] = "lambda",
        [OP_FUNCTION] = "function",
        [OP_CLASS] = "class",
        [OP_FSTRING] = "fstring",
        [OP_BINARY] = "binary",
        [OP_UNARY] = "unary",
        [OP_COMPARE] = "compare",
        [OP_NOT] = "not",
        [OP_CHOICE] = "choice",
        [OP_SUBSCRIPT] = "subscript",
        [OP_AWAITED_VALUE] = "awaited",
        [OP_SENT_VALUE] = "sent",
        [OP_SLICE] = "slice",
        [OP_UNKNOWN] = "unknown",
    };
    return words[kind] ? words[kind] : "?";
}

static void param(Printer *p, const Param *param, u32 depth) {
    static const char *const stars[] = {"", "", "*", "", "**"};
    begin_bare(p, depth);
    buf_printf(p->out, "param %s", stars[param->kind]);
    name(p, p->f->symbols[param->symbol.i].name);
    if (param->annotation.i) text(p, ": "), path(p, param->annotation);
    if (param->fallback.i) text(p, " = "), path(p, param->fallback);
    if (param->kind == PARAM_POSITIONAL_ONLY) text(p, "  positional-only");
    if (param->kind == PARAM_KEYWORD_ONLY) text(p, "  keyword-only");
    text(p, "\n");
}

static void symbol(Printer *p, u32 id, u32 depth) {
    static const char *const names[] = {"bound",      "param",     "import",    "global",
                                        "nonlocal",   "free",      "cell",      "module",
                                        "unresolved", "annotated", "type-param"};
    const Symbol *s = &p->f->symbols[id];
    begin_bare(p, depth);
    text(p, "symbol ");
    name(p, s->name);
    text(p, ":");
    flag_names(p, s->flags, names, ARRAY_LEN(names));
    if (s->binds) buf_printf(p->out, ", %u bind%s", s->binds, s->binds > 1 ? "s" : "");
    if (s->bind.i) text(p, " from "), position(p, p->f->ops[s->bind.i].span.start);
    if (s->target.i && s->target.i != id) {
        text(p, " -> ");
        scope_name(p, p->f->symbols[s->target.i].scope);
    }
    text(p, "\n");
}

static void scope_head(Printer *p, u32 id, u32 depth) {
    static const char *const kinds[] = {"none",     "module", "class",
                                        "function", "lambda", "comprehension"};
    static const char *const flags[] = {"async", "generator", "star-import"};
    const Scope *s = &p->f->scopes[id];
    begin_line(p, s->span, depth);
    text(p, kinds[s->kind]);
    if (s->name.i) text(p, " "), name(p, s->name);
    if (s->kind == SCOPE_COMPREHENSION)
        buf_printf(p->out, " %s", op_word(p->f->ops[s->def.i].kind));
    flag_names(p, s->flags, flags, ARRAY_LEN(flags));
    if (s->kind != SCOPE_MODULE) text(p, ", named at "), span(p, s->name_span);
    text(p, ", body ");
    region_label(p, s->region);
    text(p, "\n");
}

static void scope(Printer *p, u32 id) {
    const Facts *f = p->f;
    const Scope *s = &f->scopes[id];
    u32 depth = p->scope_depths[id];
    scope_head(p, id, depth);
    for (u32 i = s->decorator_first; i < s->decorator_end; i++) {
        begin_bare(p, depth + 1);
        text(p, "decorator "), operand(p, f->operands[i]), text(p, "\n");
    }
    for (u32 i = s->base_first; i < s->base_end; i++) {
        begin_bare(p, depth + 1);
        text(p, "base "), operand(p, f->operands[i]), text(p, "\n");
    }
    for (u32 i = s->param_first; i < s->param_end; i++) param(p, &f->params[i], depth + 1);
    if (s->returns.i) {
        begin_bare(p, depth + 1);
        text(p, "returns "), path(p, s->returns), text(p, "\n");
    }
    for (u32 i = s->symbol_first; i < s->symbol_end; i++) symbol(p, i, depth + 1);
}

/* ---- imports ---- */

static void import_text(Printer *p, const Import *m) {
    bool is_from = m->name.i || m->level || !m->module.i;
    if (is_from) {
        text(p, "from ");
        buf_repeat(p->out, '.', MIN(m->level, 100u));
        name(p, m->module);
        text(p, " import ");
        name(p, m->name);
    } else {
        text(p, "import ");
        name(p, m->module);
    }
    if (m->alias.i) text(p, " as "), name(p, m->alias);
}

static void import(Printer *p, const Import *m) {
    begin_line(p, m->span, 0);
    import_text(p, m);
    if (m->symbol.i) {
        text(p, ", binds "), name(p, p->f->symbols[m->symbol.i].name);
        text(p, " of "), scope_name(p, p->f->symbols[m->symbol.i].scope);
    }
    text(p, ", in "), region_label(p, m->region);
    text(p, "\n");
}

/* ---- regions ---- */

static void region(Printer *p, u32 id) {
    static const char *const flags[] = {"negated", "async", "endless", "star"};
    const Facts *f = p->f;
    const Region *r = &f->regions[id];
    begin_line(p, r->span, p->depths[id]);
    text(p, region_kind(r));
    flag_names(p, r->flags, flags, ARRAY_LEN(flags));
    /* the scope is that of the parent unless it is said */
    if (!r->parent.i || f->regions[r->parent.i].scope.i != r->scope.i)
        text(p, " of "), scope_name(p, r->scope);
    if (r->group.i && r->group.i != id) text(p, ", group "), region_label(p, r->group);
    if (r->test_first < r->test_end) {
        buf_printf(p->out, ", condition of %u op%s, ", r->test_end - r->test_first,
                   r->test_end - r->test_first > 1 ? "s" : "");
        span(p, f->ops[r->test_first].span);
        if (r->test_end - r->test_first > 1) text(p, " to "), span(p, f->ops[r->test_end - 1].span);
    }
    text(p, "\n");
}

/* ---- operations ---- */

static void bind_kind(Printer *p, u32 kind) {
    static const char *const kinds[] = {"",         "param", "for",    "with",  "except",  "import",
                                        "function", "class", "walrus", "match", "declare", "type"};
    if (kind && kind < ARRAY_LEN(kinds)) buf_printf(p->out, " by %s", kinds[kind]);
}

/* `test x is not None`. */
static void test_text(Printer *p, const Op *op) {
    static const char *const words[] = {"truth", "is",       "in",  "equal",
                                        "order", "instance", "has", "call"};
    static const char *const negated[] = {"not truth", "is not",       "not in",  "not equal",
                                          "not order", "not instance", "not has", "not call"};
    u32 kind = op->flags & OP_LOW;
    text(p, " ");
    path(p, op_path(op));
    if (kind < ARRAY_LEN(words))
        buf_printf(p->out, " %s", op->flags & OP_NEGATED ? negated[kind] : words[kind]);
    operands(p, op, " ", "");
}

/* `subject = value, key k`. */
static void assignment_text(Printer *p, const Op *op) {
    text(p, " ");
    path(p, op_path(op));
    if (op->kind == OP_AUGMENT) buf_printf(p->out, " %s", operator_text(op->flags & OP_LOW));
    operands(p, op, op->kind == OP_AUGMENT ? "= " : " = ", "");
    if (op->kind != OP_AUGMENT) bind_kind(p, op->flags & OP_LOW);
}

static void subject_text(Printer *p, const Op *op) {
    const Facts *f = p->f;
    switch (op_subject(op->kind)) {
    case SUBJECT_SCOPE:
        if (f->scopes[op->subject].name.i) text(p, " "), name(p, f->scopes[op->subject].name);
        break;
    case SUBJECT_IMPORT:
        break;
    case SUBJECT_PATH:
        if (op->subject) text(p, " "), path(p, op_path(op));
        break;
    }
}

/* Bit 0x10 has a meaning of its own in some kinds. */
static void op_flags(Printer *p, const Op *op) {
    static const char *const names[] = {"async", "awaited", "dropped", "implicit"};
    u32 flags = op->flags >> 4;
    if (op->kind == OP_TEST) flags &= ~1u;
    if (flags & 1 && op->kind == OP_YIELD) text(p, " delegate"), flags &= ~1u;
    if (flags & 1 && op->kind == OP_HANDLER) text(p, " bare-comma"), flags &= ~1u;
    flag_names(p, flags, names, ARRAY_LEN(names));
}

static void op_text(Printer *p, u32 id) {
    const Op *op = &p->f->ops[id];
    if (p->labels[id]) label(p, id), text(p, " = ");
    if (op->kind != OP_IMPORT) text(p, op_word(op->kind));
    switch (op->kind) {
    case OP_IMPORT:
        import_text(p, &p->f->imports[op->subject]);
        break;
    case OP_TEST:
        test_text(p, op);
        break;
    case OP_BIND:
    case OP_STORE:
    case OP_AUGMENT:
        assignment_text(p, op);
        break;
    case OP_CALL:
        subject_text(p, op);
        operands(p, op, "(", ")");
        if (!op->operands) text(p, "()");
        break;
    case OP_BINARY:
    case OP_UNARY:
        buf_printf(p->out, " %s", operator_text(op->flags & OP_LOW)); /* fall through */
    default:
        subject_text(p, op);
        operands(p, op, op->subject ? ": " : " ", "");
    }
    op_flags(p, op);
    text(p, "\n");
}

static void scope_edge(Printer *p, const char *word, u32 scope, u32 depth) {
    begin_bare(p, depth);
    text(p, word);
    scope_name(p, (ScopeId){scope});
    text(p, "\n");
}

/* Ends and begins of scopes at an op; a scope without ops does both. */
static void scope_edges(Printer *p, u32 op) {
    const Facts *f = p->f;
    for (u32 s = p->ends[op]; s; s = p->next_end[s])
        if (f->scopes[s].op_first < op) scope_edge(p, "end ", s, p->depths[f->scopes[s].region.i]);
    for (u32 s = p->begins[op]; s; s = p->next_begin[s]) {
        bool is_empty = f->scopes[s].op_end == op;
        scope_edge(p, is_empty ? "begin and end " : "begin ", s, p->depths[f->scopes[s].region.i]);
    }
}

/* Ops in order; a line says in which region they are whenever that changes. */
static void all_ops(Printer *p) {
    const Facts *f = p->f;
    u32 region = 0;
    for (u32 i = 1; i <= f->n_ops; i++) {
        scope_edges(p, i);
        if (i == f->n_ops) break;
        const Op *op = &f->ops[i];
        if (op->region.i != region) {
            region = op->region.i;
            begin_bare(p, p->depths[region]);
            text(p, "in "), region_label(p, op->region), text(p, "\n");
        }
        begin_line(p, op->span, p->depths[region] + 1);
        op_text(p, i);
    }
}

/* ---- the whole ---- */

/* Ranks, on their line, of the ops that some path begins with. */
static void number_labels(Printer *p) {
    const Facts *f = p->f;
    u32 *ranks = arena_array(p->out->arena, u32, f->n_lines + 1);
    for (u32 i = 1; i < f->n_paths; i++)
        if (f->paths[i].kind == PATH_OP) p->labels[f->paths[i].id] = 1;
    for (u32 i = 1; i < f->n_ops; i++) {
        u32 line, column;
        if (!p->labels[i]) continue;
        facts_line(f, f->ops[i].span.start, &line, &column);
        p->labels[i] = ++ranks[line];
    }
}

static void prepare(Printer *p) {
    const Facts *f = p->f;
    Arena *arena = p->out->arena;
    p->labels = arena_array(arena, u32, f->n_ops);
    p->depths = arena_array(arena, u32, f->n_regions);
    p->scope_depths = arena_array(arena, u32, f->n_scopes);
    p->begins = arena_array(arena, u32, f->n_ops + 1);
    p->ends = arena_array(arena, u32, f->n_ops + 1);
    p->next_begin = arena_array(arena, u32, f->n_scopes);
    p->next_end = arena_array(arena, u32, f->n_scopes);
    number_labels(p);
    for (u32 i = 1; i < f->n_regions; i++)
        p->depths[i] = f->regions[i].parent.i ? p->depths[f->regions[i].parent.i] + 1 : 0;
    for (u32 i = 1; i < f->n_scopes; i++) {
        const Scope *s = &f->scopes[i];
        p->scope_depths[i] = s->parent.i ? p->scope_depths[s->parent.i] + 1 : 0;
        p->next_end[i] = p->ends[s->op_end];
        p->ends[s->op_end] = i; /* inner scopes first */
    }
    for (u32 i = f->n_scopes - 1; i > 0; i--) {
        p->next_begin[i] = p->begins[f->scopes[i].op_first];
        p->begins[f->scopes[i].op_first] = i; /* outer scopes first */
    }
}

static void head(Printer *p) {
    static const char *const flags[] = {"python2", "too-deep", "stub", "stopped"};
    const Facts *f = p->f;
    buf_printf(p->out, "facts version %u, content %016llx, %u bytes in %u lines", FACTS_VERSION,
               (unsigned long long)f->content, f->text_size, f->n_lines);
    if (f->flags) text(p, ", flags"), flag_names(p, f->flags, flags, ARRAY_LEN(flags));
    buf_printf(p->out, "\n%u strings in %u bytes, %u paths, %u operands\n", f->n_strings - 1,
               f->n_chars - 1, f->n_paths - 1, f->n_operands - 1);
}

static void comment(Printer *p, const Comment *c) {
    begin_line(p, c->span, 0);
    text(p, c->own_line ? "own line" : "after code");
    if (c->directive.i) text(p, " "), quoted(p, c->directive);
    text(p, "\n");
}

static void error(Printer *p, const SyntaxError *e) {
    begin_line(p, e->span, 0);
    text(p, e->missing ? "missing " : "unexpected ");
    quoted(p, e->text);
    text(p, "\n");
}

static void section(Printer *p, const char *title, u32 records) {
    if (records > 1) buf_printf(p->out, "\n%s\n", title);
}

void facts_print(const Facts *f, Buf *out) {
    Printer printer = {.f = f, .out = out};
    Printer *p = &printer;
    prepare(p);
    head(p);
    section(p, "scopes", f->n_scopes);
    for (u32 i = 1; i < f->n_scopes; i++) scope(p, i);
    section(p, "imports", f->n_imports);
    for (u32 i = 1; i < f->n_imports; i++) import(p, &f->imports[i]);
    section(p, "regions", f->n_regions);
    for (u32 i = 1; i < f->n_regions; i++) region(p, i);
    section(p, "operations", f->n_ops);
    all_ops(p);
    section(p, "comments", f->n_comments);
    for (u32 i = 1; i < f->n_comments; i++) comment(p, &f->comments[i]);
    section(p, "errors", f->n_errors);
    for (u32 i = 1; i < f->n_errors; i++) error(p, &f->errors[i]);
}
