/* Facts: building, the block and its validation, reading, texts. */
#include "facts/facts.h"

#include "facts_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- a file built by hand ----
 *
 *     1  import os
 *     2  class Box(Base):
 *     3      def put(self, key, *rest, size=9):
 *     4          if key is None: return
 *     5          self.items[key] = os.open(key).read()  # noqa: X
 *     6  put = [x for x in Box]
 */
static const char TEXT[] = "import os\nclass Box(Base):\n    def put(self, key, *rest, size=9):\n"
                           "        if key is None: return\n"
                           "        self.items[key] = os.open(key).read()  # noqa: X\n"
                           "put = [x for x in Box]\n";

static u32 at(const char *needle) {
    const char *p = strstr(TEXT, needle);
    assert_non_null(p);
    return (u32)(p - TEXT);
}

static Span span_of(const char *needle) {
    return (Span){at(needle), at(needle) + (u32)strlen(needle)};
}

static StrId str_id(FactsBuilder *b, const char *s) {
    return facts_string(b, str_from(s));
}

static u32 add_symbol(FactsBuilder *b, u32 scope, const char *name, u32 flags, u32 target) {
    u32 id = b->symbols.n;
    vec_push(
        b->arena, &b->symbols,
        (Symbol){.name = str_id(b, name), .scope = {scope}, .flags = flags, .target = {target}});
    return id;
}

static u32 add_op(FactsBuilder *b, OpKind kind, u8 flags, u32 subject, u32 region, const char *text,
                  u32 operands) {
    u32 id = b->ops.n;
    vec_push(b->arena, &b->ops,
             (Op){.kind = (u8)kind,
                  .flags = flags,
                  .subject = subject,
                  .operand = operands ? b->operands.n - operands : 0,
                  .operands = (u16)operands,
                  .region = {region},
                  .span = span_of(text)});
    return id;
}

static void add_operand(FactsBuilder *b, PathId path, OperandKind kind) {
    vec_push(b->arena, &b->operands, (Operand){path, OPERAND_TAG(kind, 0)});
}

static PathId symbol_path(FactsBuilder *b, u32 symbol) {
    return facts_path(b, (PathId){0}, PATH_SYMBOL, symbol, 0);
}

static PathId attr(FactsBuilder *b, PathId p, const char *name) {
    return facts_path(b, p, PATH_ATTR, str_id(b, name).i, 0);
}

static PathId value_of(FactsBuilder *b, u32 op) {
    return facts_path(b, (PathId){0}, PATH_OP, op, 0);
}

enum { MODULE = 1, BOX, PUT, LISTCOMP };
enum { OS = 1, BOX_NAME, BASE, PUT_GLOBAL, PUT_METHOD, SELF, KEY, REST, SIZE, OS_FREE, X };

static void add_symbols(FactsBuilder *b) {
    add_symbol(b, MODULE, "os", SYMBOL_BOUND | SYMBOL_IMPORT, OS);
    add_symbol(b, MODULE, "Box", SYMBOL_BOUND, BOX_NAME);
    add_symbol(b, MODULE, "Base", SYMBOL_UNRESOLVED, 0);
    add_symbol(b, MODULE, "put", SYMBOL_BOUND, PUT_GLOBAL);
    add_symbol(b, BOX, "put", SYMBOL_BOUND, PUT_METHOD);
    add_symbol(b, PUT, "self", SYMBOL_BOUND | SYMBOL_PARAM, SELF);
    add_symbol(b, PUT, "key", SYMBOL_BOUND | SYMBOL_PARAM, KEY);
    add_symbol(b, PUT, "rest", SYMBOL_BOUND | SYMBOL_PARAM, REST);
    add_symbol(b, PUT, "size", SYMBOL_BOUND | SYMBOL_PARAM, SIZE);
    add_symbol(b, PUT, "os", SYMBOL_MODULE, OS);
    add_symbol(b, LISTCOMP, "x", SYMBOL_BOUND, X);
}

static void add_region(FactsBuilder *b, RegionKind kind, u32 scope, u32 parent, const char *text) {
    vec_push(
        b->arena, &b->regions,
        (Region){.kind = (u8)kind, .scope = {scope}, .parent = {parent}, .span = span_of(text)});
}

static void add_regions(FactsBuilder *b) {
    add_region(b, REGION_BODY, MODULE, 0, TEXT);
    add_region(b, REGION_BODY, BOX, 1, "def put(self");
    add_region(b, REGION_BODY, PUT, 2, "if key is None: return");
    add_region(b, REGION_IF, PUT, 3, "return");
    add_region(b, REGION_COMPREHENSION, LISTCOMP, 1, "[x for x in Box]");
    b->regions.v[4].group = (RegionId){4};
    b->regions.v[4].test_first = 5;
    b->regions.v[4].test_end = 6;
}

static void add_method_body(FactsBuilder *b) {
    PathId key = symbol_path(b, KEY);
    PathId none = facts_path(b, (PathId){0}, PATH_LITERAL, 0, LITERAL_NONE);
    add_operand(b, none, OPERAND_POSITIONAL);
    u32 test = add_op(b, OP_TEST, TEST_IS, key.i, 3, "key is None", 1);
    assert_int_equal(test, 5);
    add_op(b, OP_RETURN, 0, 0, 4, "return", 0);
    add_operand(b, key, OPERAND_POSITIONAL);
    u32 open =
        add_op(b, OP_CALL, 0, attr(b, symbol_path(b, OS_FREE), "open").i, 3, "os.open(key)", 1);
    u32 read =
        add_op(b, OP_CALL, 0, attr(b, value_of(b, open), "read").i, 3, "os.open(key).read()", 0);
    PathId items = facts_path(b, attr(b, symbol_path(b, SELF), "items"), PATH_ANY, 0, 0);
    add_operand(b, value_of(b, read), OPERAND_POSITIONAL);
    add_operand(b, key, OPERAND_KEY);
    add_op(b, OP_STORE, BIND_ASSIGN, items.i, 3, "self.items[key]", 2);
}

static void add_ops(FactsBuilder *b) {
    add_op(b, OP_IMPORT, 0, 1, 1, "import os", 0);
    add_op(b, OP_BIND, BIND_IMPORT, symbol_path(b, OS).i, 1, "os", 0);
    u32 box = add_op(b, OP_CLASS, 0, BOX, 1, "class Box", 0);
    u32 put = add_op(b, OP_FUNCTION, 0, PUT, 2, "def put", 0);
    u32 put_first = b->ops.n;
    add_method_body(b);
    u32 put_end = b->ops.n;
    add_operand(b, value_of(b, put), OPERAND_POSITIONAL);
    add_op(b, OP_BIND, BIND_FUNCTION, symbol_path(b, PUT_METHOD).i, 2, "def put", 1);
    u32 box_end = b->ops.n;
    u32 comp = add_op(b, OP_LISTCOMP, 0, LISTCOMP, 1, "[x for x in Box]", 0);
    add_operand(b, symbol_path(b, X), OPERAND_POSITIONAL);
    add_op(b, OP_YIELD, OP_IMPLICIT, 0, 5, "x for x", 1);
    u32 comp_end = b->ops.n;
    add_operand(b, value_of(b, comp), OPERAND_POSITIONAL);
    add_op(b, OP_BIND, BIND_ASSIGN, symbol_path(b, PUT_GLOBAL).i, 1, "put = [", 1);
    u32 base = b->operands.n;
    add_operand(b, symbol_path(b, BASE), OPERAND_POSITIONAL);
    Scope *s = b->scopes.v;
    s[MODULE].op_first = 1, s[MODULE].op_end = b->ops.n;
    s[BOX].def = (OpId){box}, s[BOX].op_first = box + 1, s[BOX].op_end = box_end;
    s[PUT].def = (OpId){put}, s[PUT].op_first = put_first, s[PUT].op_end = put_end;
    s[LISTCOMP].def = (OpId){comp}, s[LISTCOMP].op_first = comp + 1, s[LISTCOMP].op_end = comp_end;
    s[BOX].base_first = base, s[BOX].base_end = base + 1;
}

static void add_scopes(FactsBuilder *b) {
    Scope *module = arena_new(b->arena, Scope);
    *module = (Scope){.kind = SCOPE_MODULE, .region = {1}, .span = {0, (u32)strlen(TEXT)}};
    module->symbol_first = OS, module->symbol_end = PUT_METHOD;
    vec_push(b->arena, &b->scopes, *module);
    vec_push(b->arena, &b->scopes,
             (Scope){.kind = SCOPE_CLASS,
                     .name = str_id(b, "Box"),
                     .parent = {MODULE},
                     .region = {2},
                     .span = span_of("class Box"),
                     .name_span = span_of("Box"),
                     .symbol_first = PUT_METHOD,
                     .symbol_end = SELF});
    vec_push(b->arena, &b->scopes,
             (Scope){.kind = SCOPE_FUNCTION,
                     .name = str_id(b, "put"),
                     .parent = {BOX},
                     .region = {3},
                     .span = span_of("def put"),
                     .name_span = span_of("put"),
                     .symbol_first = SELF,
                     .symbol_end = X,
                     .param_first = 1,
                     .param_end = 5});
    vec_push(b->arena, &b->scopes,
             (Scope){.kind = SCOPE_COMPREHENSION,
                     .parent = {MODULE},
                     .region = {5},
                     .span = span_of("[x for x in Box]"),
                     .name_span = span_of("[x"),
                     .symbol_first = X,
                     .symbol_end = X + 1});
}

static void add_params(FactsBuilder *b) {
    PathId nine = facts_path(b, (PathId){0}, PATH_LITERAL, str_id(b, "9").i, LITERAL_INT);
    vec_push(b->arena, &b->params, (Param){.kind = PARAM_NORMAL, .symbol = {SELF}});
    vec_push(b->arena, &b->params, (Param){.kind = PARAM_NORMAL, .symbol = {KEY}});
    vec_push(b->arena, &b->params, (Param){.kind = PARAM_STAR, .symbol = {REST}});
    vec_push(b->arena, &b->params,
             (Param){.kind = PARAM_KEYWORD_ONLY, .symbol = {SIZE}, .fallback = nine});
}

static void build(FactsBuilder *b, Arena *arena) {
    facts_begin(b, arena);
    b->text_size = (u32)strlen(TEXT);
    b->content = hash_bytes(TEXT, strlen(TEXT));
    for (u32 i = 0; i + 1 < b->text_size; i++)
        if (TEXT[i] == '\n') vec_push(arena, &b->lines, i + 1);
    add_symbols(b);
    add_scopes(b);
    add_params(b);
    add_regions(b);
    vec_push(arena, &b->imports,
             (Import){.module = str_id(b, "os"),
                      .symbol = {OS},
                      .region = {1},
                      .span = span_of("import os")});
    add_ops(b);
    vec_push(arena, &b->comments,
             (Comment){.span = span_of("# noqa: X"), .directive = str_id(b, "noqa: X")});
    vec_push(arena, &b->errors, (SyntaxError){.span = span_of("9"), .text = str_id(b, "9")});
}

static Facts frozen(void) {
    Arena arena = {0};
    FactsBuilder b;
    build(&b, &arena);
    Facts f = facts_freeze(&b);
    arena_free(&arena);
    return f;
}

/* ---- building ---- */

static void test_strings_are_deduplicated(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    facts_begin(&b, &arena);
    char room[16] = "name";
    StrId a = facts_string(&b, str_from(room));
    memset(room, 'x', sizeof room); /* the bytes were copied */
    assert_int_equal(facts_string(&b, STR("name")).i, a.i);
    assert_int_not_equal(facts_string(&b, STR("nam")).i, a.i);
    assert_int_equal(facts_string(&b, STR("")).i, 0);
    assert_int_equal(facts_string(&b, (Str){0}).i, 0);
    assert_int_equal(b.strings.n, 3);
    for (u32 i = 0; i < 1000; i++) facts_string(&b, str_format(&arena, "%u", i));
    for (u32 i = 0; i < 1000; i++) {
        Str s = str_format(&arena, "%u", i);
        StringRec rec = b.strings.v[facts_string(&b, s).i];
        assert_true(str_eq(s, (Str){b.chars.v + rec.at, rec.n}));
        assert_true(rec.hash == hash_str(s));
    }
    assert_int_equal(b.strings.n, 1003);
    arena_free(&arena);
}

static void test_equal_paths_have_equal_ids(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    facts_begin(&b, &arena);
    PathId root = facts_path(&b, (PathId){0}, PATH_SYMBOL, 7, 0);
    assert_int_equal(facts_path(&b, (PathId){0}, PATH_SYMBOL, 7, 0).i, root.i);
    assert_int_not_equal(facts_path(&b, (PathId){0}, PATH_SYMBOL, 8, 0).i, root.i);
    PathId name = attr(&b, root, "a");
    assert_int_equal(attr(&b, root, "a").i, name.i);
    u32 id = str_id(&b, "a").i;
    assert_int_not_equal(facts_path(&b, root, PATH_CONST, id, LITERAL_STRING).i, name.i);
    assert_int_not_equal(facts_path(&b, root, PATH_CONST, id, LITERAL_STRING).i,
                         facts_path(&b, root, PATH_CONST, id, LITERAL_BYTES).i);
    assert_int_not_equal(facts_path(&b, root, PATH_ANY, 0, 0).i,
                         facts_path(&b, name, PATH_ANY, 0, 0).i);
    /* each op's value is a root of its own */
    assert_int_not_equal(value_of(&b, 3).i, value_of(&b, 3).i);
    assert_int_equal(attr(&b, (PathId){0}, "a").i, 0);
    arena_free(&arena);
}

/* Keys that are equal in the hash table's eyes must not be taken for each other. */
static void test_clashing_path_keys(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    facts_begin(&b, &arena);
    enum { N = 300 };
    static u32 seen[N * N];
    memset(seen, 0, sizeof seen);
    for (u32 round = 0; round < 2; round++)
        for (u32 i = 0; i < N; i++) {
            PathId p = facts_path(&b, (PathId){0}, PATH_SYMBOL, i, 0);
            for (u32 k = 0; k < N; k++) {
                PathId q = facts_path(&b, p, PATH_ATTR, k, 0);
                if (round) assert_int_equal(q.i, seen[i * N + k]);
                seen[i * N + k] = q.i;
                assert_int_equal(b.paths.v[q.i].id, k);
                assert_int_equal(b.paths.v[q.i].parent.i, p.i);
            }
        }
    assert_int_equal(b.paths.n, 1 + N + N * N);
    arena_free(&arena);
}

static void test_deep_paths_are_cut(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    facts_begin(&b, &arena);
    PathId p = symbol_path(&b, 1);
    for (u32 i = 0; i < PATH_MAX_SELECTORS; i++) p = attr(&b, p, "a");
    assert_int_equal(b.paths.v[p.i].depth, PATH_MAX_SELECTORS);
    assert_int_equal(b.paths.v[p.i].kind, PATH_ATTR);
    PathId cut = attr(&b, p, "a");
    assert_int_equal(b.paths.v[cut.i].kind, PATH_CUT);
    assert_int_equal(b.paths.v[cut.i].id, 0);
    assert_int_equal(attr(&b, p, "other").i, cut.i);
    assert_int_equal(facts_path(&b, p, PATH_CONST, 1, LITERAL_INT).i, cut.i);
    assert_int_equal(attr(&b, cut, "a").i, cut.i);
    assert_int_equal(facts_path(&b, cut, PATH_ANY, 0, 0).i, cut.i);
    arena_free(&arena);
}

/* ---- the block ---- */

static void test_round_trip(void **state) {
    (void)state;
    Facts f = frozen();
    Facts again = frozen();
    assert_int_equal(f.block_size, again.block_size);
    assert_memory_equal(f.block, again.block, f.block_size); /* the same facts, the same bytes */
    void *copy = malloc(f.block_size);
    memcpy(copy, f.block, f.block_size);
    Facts g;
    assert_true(facts_view(copy, f.block_size, &g));
    assert_int_equal(g.flags, f.flags);
    assert_int_equal(g.content, f.content);
    assert_int_equal(g.text_size, f.text_size);
#define X(Record, field)                                                 \
    assert_int_equal(g.n_##field, f.n_##field);                          \
    assert_memory_equal(g.field, f.field, sizeof(Record) * f.n_##field); \
    assert_int_equal((uintptr_t)g.field % 16, 0);
    FACTS_TABLES(X)
#undef X
    free((void *)again.block);
    free((void *)f.block);
    free(copy);
}

static void test_every_byte_flipped(void **state) {
    (void)state;
    Facts f = frozen();
    u8 *copy = malloc(f.block_size);
    memcpy(copy, f.block, f.block_size);
    Arena arena = {0};
    u32 accepted = 0, refused = 0;
    for (size_t i = 0; i < f.block_size; i++) {
        u8 good = copy[i];
        const u8 bad[] = {0, 1, 0x7F, 0x80, 0xFF, (u8)(good + 1), (u8)(good - 1), (u8)(good ^ 16)};
        for (u32 k = 0; k < ARRAY_LEN(bad); k++) {
            copy[i] = bad[k];
            Facts g;
            if (bad[k] == good) continue;
            if (!facts_view(copy, f.block_size, &g)) {
                refused++;
                assert_null(g.block);
                continue;
            }
            accepted++;
            ArenaMark mark = arena_mark(&arena);
            facts_walk(&g, &arena);
            arena_rewind(&arena, mark);
        }
        copy[i] = good;
    }
    /* a flag, a span or padding may change and stay sound; most bytes may not */
    assert_true(accepted > 0 && refused > accepted);
    arena_free(&arena);
    free(copy);
    free((void *)f.block);
}

static void test_every_truncation(void **state) {
    (void)state;
    Facts f = frozen();
    Facts g;
    for (size_t n = 0; n < f.block_size; n++) {
        void *copy = malloc(n ? n : 1);
        memcpy(copy, f.block, n);
        assert_false(facts_view(copy, n, &g));
        free(copy);
    }
    u8 *longer = malloc(f.block_size + 16);
    memcpy(longer, f.block, f.block_size);
    memset(longer + f.block_size, 0, 16);
    assert_false(facts_view(longer, f.block_size + 16, &g));
    assert_false(facts_view(longer + 1, f.block_size, &g)); /* not aligned */
    free(longer);
    free((void *)f.block);
}

/* Sound in every range, and yet a reader would never come back: one change each. */
#define REFUSED(change)                                                               \
    do {                                                                              \
        FactsBuilder b;                                                               \
        build(&b, &arena);                                                            \
        change;                                                                       \
        Facts f = facts_freeze(&b), g;                                                \
        if (facts_view(f.block, f.block_size, &g)) fail_msg("accepted: %s", #change); \
        free((void *)f.block);                                                        \
    } while (0)

static void test_loops_are_refused(void **state) {
    (void)state;
    Arena arena = {0};
    REFUSED(b.scopes.v[PUT].parent.i = PUT);
    REFUSED(b.scopes.v[BOX].parent.i = PUT);
    REFUSED(b.scopes.v[BOX].parent.i = 0);
    REFUSED(b.regions.v[3].parent.i = 3);
    REFUSED(b.paths.v[3].parent.i = 3);
    REFUSED(b.scopes.v[BOX].op_first = b.scopes.v[BOX].def.i);
    REFUSED(b.scopes.v[BOX].op_end = b.scopes.v[BOX].op_first - 1);
    REFUSED(b.scopes.v[PUT].op_end = b.scopes.v[BOX].op_end + 1);
    REFUSED(b.ops.v[b.scopes.v[PUT].def.i].subject = LISTCOMP);
    REFUSED(b.symbols.v[OS].target.i = BASE);
    REFUSED(b.lines.v[2] = b.lines.v[1]);
    REFUSED(b.ops.v[9].operands = OPERANDS_MAX + 1);
    /* a call on its own result */
    REFUSED(b.ops.v[8].subject = value_of(&b, 8).i);
    /* operands that two ops claim */
    REFUSED(b.ops.v[8].operand = 1; b.ops.v[8].operands = (u16)(b.operands.n - 1));
    arena_free(&arena);
}

static void test_empty_builder_has_no_module(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    facts_begin(&b, &arena);
    Facts f = facts_freeze(&b), g;
    assert_false(facts_view(f.block, f.block_size, &g));
    free((void *)f.block);
    arena_free(&arena);
}

/* ---- reading ---- */

static void assert_text(Buf *out, const char *expected) {
    assert_string_equal(str_copy(out->arena, buf_get(out)).p, expected);
    out->n = 0;
}

static void test_reading(void **state) {
    (void)state;
    Facts f = frozen();
    u32 line, column;
    facts_line(&f, 0, &line, &column);
    assert_true(line == 1 && column == 1);
    facts_line(&f, at("import os") + 9, &line, &column); /* the line end belongs to its line */
    assert_true(line == 1 && column == 10);
    facts_line(&f, at("def put"), &line, &column);
    assert_true(line == 3 && column == 5);
    facts_line(&f, f.text_size, &line, &column);
    assert_int_equal(line, 6);
    assert_int_equal(facts_enclosing(&f, (ScopeId){PUT}, SCOPE_CLASS).i, BOX);
    assert_int_equal(facts_enclosing(&f, (ScopeId){PUT}, SCOPE_FUNCTION).i, PUT);
    assert_int_equal(facts_enclosing(&f, (ScopeId){LISTCOMP}, SCOPE_CLASS).i, 0);
    PathId open = op_path(&f.ops[7]);
    assert_int_equal(facts_root(&f, open)->id, OS_FREE);
    assert_int_equal(facts_root_symbol(&f, open).i, OS);
    assert_int_equal(facts_root_symbol(&f, op_path(&f.ops[8])).i, 0);
    assert_int_equal(op_operand(&f, &f.ops[9], 2).i, 0);
    free((void *)f.block);
}

static void test_texts(void **state) {
    (void)state;
    Arena arena = {0};
    Facts f = frozen();
    Buf out = {.arena = &arena};
    facts_path_text(&f, op_path(&f.ops[8]), &out);
    assert_text(&out, "os.open().read");
    facts_path_text(&f, op_path(&f.ops[9]), &out);
    assert_text(&out, "self.items[*]");
    facts_path_text(&f, op_operand(&f, &f.ops[9], 0), &out);
    assert_text(&out, "os.open().read()");
    facts_path_text(&f, op_operand(&f, &f.ops[5], 0), &out);
    assert_text(&out, "None");
    facts_scope_name(&f, (ScopeId){PUT}, &out);
    assert_text(&out, "Box.put");
    facts_scope_name(&f, (ScopeId){LISTCOMP}, &out);
    assert_text(&out, "<listcomp>");
    facts_scope_name(&f, (ScopeId){MODULE}, &out);
    assert_int_equal(out.n, 0);
    arena_free(&arena);
    free((void *)f.block);
}

/* A chain of calls longer than anybody reads: the text stays short, and so does the work. */
static void test_long_chains_are_cut(void **state) {
    (void)state;
    Arena arena = {0};
    FactsBuilder b;
    build(&b, &arena);
    PathId p = symbol_path(&b, OS);
    for (u32 i = 0; i < 5000; i++)
        p = attr(&b, value_of(&b, add_op(&b, OP_CALL, 0, p.i, 1, "os", 0)), "then");
    b.scopes.v[MODULE].op_end = b.ops.n;
    Facts f = facts_freeze(&b), g;
    assert_true(facts_view(f.block, f.block_size, &g));
    Buf out = {.arena = &arena};
    facts_path_text(&g, p, &out);
    assert_in_range(out.n, 20, 500);
    free((void *)f.block);
    arena_free(&arena);
}

static void test_print(void **state) {
    (void)state;
    Arena arena = {0};
    Facts f = frozen();
    Buf out = {.arena = &arena};
    facts_print(&f, &out);
    Str s = buf_get(&out);
    static const char *const lines[] = {
        "class Box",
        "base Base",
        "param *rest\n",
        "param size = 9  keyword-only\n",
        "test key is None\n",
        "store self.items[*] = #5b, key key\n",
        "#5a = call os.open(key)\n",
        "#5b = call #5a.read()\n",
        "import os, binds os of module",
        "after code \"noqa: X\"\n",
        "unexpected \"9\"\n",
        "begin Box.put\n",
        "end Box.put\n",
        "symbol os: module -> module\n",
        "yield x implicit\n",
    };
    for (u32 i = 0; i < ARRAY_LEN(lines); i++)
        if (!str_contains(s, lines[i])) fail_msg("no '%s' in:\n%.*s", lines[i], STR_ARG(s));
    arena_free(&arena);
    free((void *)f.block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_are_deduplicated),
        cmocka_unit_test(test_equal_paths_have_equal_ids),
        cmocka_unit_test(test_clashing_path_keys),
        cmocka_unit_test(test_deep_paths_are_cut),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_byte_flipped),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_loops_are_refused),
        cmocka_unit_test(test_empty_builder_has_no_module),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_long_chains_are_cut),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
