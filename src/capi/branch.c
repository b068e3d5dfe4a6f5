/* Conditions: what a branch tells about a state. */
#include "capi/engine.h"

static bool holds(u8 op, i64 left, i64 right) {
    switch (op) {
    case C_OP_EQ:
        return left == right;
    case C_OP_NE:
        return left != right;
    case '<':
        return left < right;
    case '>':
        return left > right;
    case C_OP_LE:
        return left <= right;
    case C_OP_GE:
        return left >= right;
    default:
        return true;
    }
}

static u8 inverse(u8 op) {
    switch (op) {
    case C_OP_EQ:
        return C_OP_NE;
    case C_OP_NE:
        return C_OP_EQ;
    case '<':
        return C_OP_GE;
    case '>':
        return C_OP_LE;
    case C_OP_LE:
        return '>';
    default:
        return '<';
    }
}

/* `0 > rc` asks what `rc < 0` asks. */
static u8 mirrored(u8 op) {
    switch (op) {
    case '<':
        return '>';
    case '>':
        return '<';
    case C_OP_LE:
        return C_OP_GE;
    case C_OP_GE:
        return C_OP_LE;
    default:
        return op;
    }
}

static bool is_comparison(u8 op) {
    return op == C_OP_EQ || op == C_OP_NE || op == '<' || op == '>' || op == C_OP_LE ||
           op == C_OP_GE;
}

/* The variable behind `x` and `(x = f())`. */
static u32 tested_variable(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    return engine_local(e, n->kind == C_ASSIGN ? n->child : node);
}

/* What an object is does not change. */
static bool asks_type(Str name) {
    static const char *const names[] = {"Py_TYPE", "Py_IS_TYPE", "PyType_IsSubtype",
                                        "PyType_HasFeature", "PyType_FastSubclass"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return str_starts(name, "Py") && (str_ends(name, "_Check") || str_ends(name, "_CheckExact") ||
                                      str_ends(name, "TypeCheck"));
}

static bool only_reads(const CUnit *u, const CNode *n) {
    switch ((CNodeKind)n->kind) {
    case C_REF:
    case C_MEMBER:
    case C_INDEX:
    case C_INT:
    case C_BINARY:
    case C_SIZEOF:
    case C_STRING:
        return true;
    case C_UNARY:
        return n->op != C_OP_INC && n->op != C_OP_DEC;
    case C_CALL:
        return asks_type(cunit_str(u, n->name));
    default:
        return false;
    }
}

static bool add_part(Known *reads, u32 part) {
    for (u32 i = 0; i < reads->n_parts; i++)
        if (reads->parts[i] == part) return true;
    if (reads->n_parts == PARTS_MAX) return false;
    reads->parts[reads->n_parts++] = part;
    return true;
}

u64 engine_key(const Engine *e, u32 node, Known *reads) {
    u64 key = 1469598103934665603u;
    u32 seen = 0;
    CWalk walk = cwalk_begin(e->arena, node);
    for (u32 i; (i = cwalk_next(e->unit, &walk)); seen++) {
        const CNode *n = &e->unit->nodes[i];
        if (!only_reads(e->unit, n) || seen > 30) return 0;
        u32 named = n->kind == C_MEMBER ? n->name : n->decl;
        if (n->kind == C_REF && !add_part(reads, n->decl)) return 0;
        if (n->kind == C_MEMBER && !add_part(reads, state_field(n->name))) return 0;
        u64 piece = (u64)n->kind << 56 ^ (u64)n->op << 48 ^ (u64)named << 8 ^ (u64)n->value;
        key = (key ^ piece) * 1099511628211u;
    }
    return key << 1 | 1u << 1;
}

/* That two expressions are equal; with 0 it is what the first one says alone. */
static Known known_equal(const Engine *e, u32 left, u32 right) {
    Known known = {.holds = 1};
    const CNode *r = &e->unit->nodes[right];
    known.key = engine_key(e, left, &known);
    if (r->kind == C_INT && r->value == 0) return known;
    u64 right_key = engine_key(e, right, &known);
    known.key = known.key && right_key ? (known.key ^ right_key * 31) & ~(u64)1 : 0;
    return known;
}

/* `x`, `x != 0` and `x == 0` are one condition; so are `x != y` and `x == y`. */
static Known known_of(const Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    Known known = {0};
    bool is_equal = n->kind == C_BINARY && n->op == C_OP_EQ;
    if (n->kind == C_BINARY && (is_equal || n->op == C_OP_NE)) {
        known = known_equal(e, n->child, e->unit->nodes[n->child].next);
        known.holds = is_equal;
    } else
        known.key = engine_key(e, node, &known);
    return known;
}

Value engine_answer(const Engine *e, u32 node) {
    Known known = known_of(e, node);
    const CNode *n = &e->unit->nodes[node];
    if (!known.key || n->kind != C_BINARY || !is_comparison(n->op)) return (Value){0};
    return (Value){VALUE_ANSWER, (i64)(known.key | known.holds)};
}

static Test test_of(Engine *e, u32 node);

Test engine_test(Engine *e, u32 node) {
    Known known = known_of(e, node);
    Test test = test_of(e, node);
    bool is_open = test.is_open || (test.left.kind == VALUE_UNKNOWN && !test.decl);
    const CNode *n = &e->unit->nodes[node];
    bool is_order =
        n->kind == C_BINARY && is_comparison(n->op) && n->op != C_OP_EQ && n->op != C_OP_NE;
    if (is_open && is_order) test.equal = known_equal(e, n->child, e->unit->nodes[n->child].next);
    bool is_unlike = test.decl && test.left.kind == VALUE_UNKNOWN && test.right != 0 &&
                     (test.op == C_OP_NE || test.op == C_OP_EQ);
    if (is_open || is_unlike) test.known = known;
    if (is_open) test.is_open = true;
    return test;
}

/* A block that the function allocated, and an array or variable that was there before: never the
 * same. `if (block != array_on_stack) free(block);` */
static bool is_other_memory(const Engine *e, Value block, u32 other) {
    const CNode *n = &e->unit->nodes[other];
    if (block.kind != VALUE_THING) return false;
    const Thing *t = &e->now->things[block.number];
    bool is_ours = t->kind == THING_MEMORY && t->flags & THING_NEW && !t->status;
    bool is_array = n->kind == C_REF && e->unit->types[n->type].flags & CTYPE_ARRAY;
    is_array |= n->kind == C_MEMBER && e->unit->types[n->type].flags & CTYPE_ARRAY;
    return is_ours && (is_array || (n->kind == C_UNARY && n->op == '&'));
}

static Test test_of(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    if (n->kind != C_BINARY || !is_comparison(n->op)) {
        Value value = engine_value(e, node);
        return (Test){.left = value, .decl = tested_variable(e, node), .op = C_OP_NE};
    }
    u32 right_node = e->unit->nodes[n->child].next;
    Value left = engine_value(e, n->child), right = engine_value(e, right_node);
    if (right.kind == VALUE_INT)
        return (Test){
            .left = left, .decl = tested_variable(e, n->child), .op = n->op, .right = right.number};
    if (left.kind == VALUE_INT)
        return (Test){.left = right,
                      .decl = tested_variable(e, right_node),
                      .op = mirrored(n->op),
                      .right = left.number};
    bool is_other = is_other_memory(e, left, right_node) || is_other_memory(e, right, n->child);
    if (is_other && (n->op == C_OP_EQ || n->op == C_OP_NE))
        return (Test){.left = {.kind = VALUE_NOT_0}, .op = n->op};
    Test test = {.is_open = true, .op = n->op};
    if (left.kind == VALUE_THING && right.kind == VALUE_STATIC) test.same = (u32)left.number + 1;
    if (right.kind == VALUE_THING && left.kind == VALUE_STATIC) test.same = (u32)right.number + 1;
    return test;
}

/* ---- narrowing ---- */

/* What a call answers when it has worked, and when it has not. */
static bool can_answer(const Thing *status, bool worked, u8 op, i64 right) {
    if (status->traits & STATUS_ANSWERS) {
        u32 answers = status->traits >> (worked ? 0 : ANSWER_BITS);
        return (answers & ANSWER_BELOW && holds(op, -1, right)) ||
               (answers & ANSWER_ZERO && holds(op, 0, right)) ||
               (answers & ANSWER_ABOVE && holds(op, 1, right));
    }
    if (status->traits & API_FALSE) return worked ? holds(op, 1, right) : holds(op, 0, right);
    if (status->traits & API_TRISTATE)
        return worked ? holds(op, 1, right) : holds(op, 0, right) || holds(op, -1, right);
    return holds(op, worked ? 0 : -1, right);
}

/* A helper that takes its argument over, or gives something, when it has failed. */
static bool is_turned_round(const Thing *status) {
    return status->traits & STATUS_ANSWERS && status->traits & ANSWER_BELOW;
}

static void resolve(State *s, u32 status, bool worked) {
    if (worked == is_turned_round(&s->things[status])) s->failed = true;
    s->things[status].null = worked ? NOT_NULL : IS_NULL;
    for (u32 i = 0; i < s->n_things; i++) {
        Thing *t = &s->things[i];
        if (t->status != status + 1) continue;
        t->status = 0;
        if (t->flags & THING_LENT) {
            t->flags &= (u16)~THING_LENT;
            if (worked) t->flags |= THING_STOLEN;
            if (worked) t->owned--;
            if (!worked && !is_turned_round(&s->things[status])) t->flags |= THING_REFUSED;
        } else if (worked)
            t->null = t->flags & THING_ABSENT ? t->null : NOT_NULL;
        else
            state_drop(s, i, (Value){0});
    }
}

bool engine_settle(State *s, u32 status, bool worked, i64 *answer) {
    const Thing *t = &s->things[status];
    if (t->null == (worked ? IS_NULL : NOT_NULL)) return false;
    static const i64 answers[] = {0, -1, 1};
    u32 i = 0;
    while (i < 3 && !can_answer(t, worked, C_OP_EQ, answers[i])) i++;
    if (i == 3) return false;
    resolve(s, status, worked);
    *answer = answers[i];
    return true;
}

static bool narrow_status(State *s, u32 status, u8 op, i64 right) {
    Thing *t = &s->things[status];
    bool yes = can_answer(t, true, op, right) && t->null != IS_NULL;
    bool no = can_answer(t, false, op, right) && t->null != NOT_NULL;
    if (!yes && !no) return false;
    if (yes != no) resolve(s, status, yes);
    return true;
}

static bool narrow_thing(State *s, u32 thing, u8 op, i64 right) {
    Thing *t = &s->things[thing];
    if (t->kind == THING_STATUS) return narrow_status(s, thing, op, right);
    if (right != 0 || (op != C_OP_EQ && op != C_OP_NE)) return true;
    if (op == C_OP_NE) {
        if (t->null == IS_NULL) return false;
        t->null = NOT_NULL;
        return true;
    }
    if (t->null == NOT_NULL) return false;
    state_drop(s, thing, (Value){VALUE_INT, 0});
    return true;
}

/* PyErr_Fetch gives a type, or nothing at all. */
static void drop_together(Engine *e, State *s, u32 origin) {
    if (!origin || !str_is(cunit_str(e->unit, e->unit->nodes[origin].name), "PyErr_Fetch")) return;
    for (u32 i = 0; i < s->n_things; i++)
        if (s->things[i].origin == origin && s->things[i].kind == THING_OBJECT)
            state_drop(s, i, (Value){VALUE_INT, 0});
}

static bool narrow_object(Engine *e, State *s, u32 thing, u8 op, i64 right) {
    u32 origin = s->things[thing].kind == THING_OBJECT ? s->things[thing].origin : 0;
    bool is_possible = narrow_thing(s, thing, op, right);
    if (is_possible && op == C_OP_EQ && right == 0) {
        const ApiRow *row = origin ? study_row(e->study, origin) : NULL;
        bool is_error =
            row && row->result == API_NEW && !(row->traits & (API_NULL_ABSENT | API_NULL_SILENT));
        if (is_error) s->failed = true;
        drop_together(e, s, origin);
    }
    return is_possible;
}

/* A variable of which nothing was known. */
static void narrow_variable(State *s, u32 decl, u8 op, i64 right) {
    if (op == C_OP_EQ) state_set(s, decl, (Value){VALUE_INT, right});
    if (op == C_OP_NE && right == 0) state_set(s, decl, (Value){.kind = VALUE_NOT_0});
    if (op == '<' && right == 0) state_set(s, decl, (Value){VALUE_INT, -1});
    bool is_above = (op == '>' && right >= 0) || (op == C_OP_GE && right > 0);
    if (is_above) state_set(s, decl, (Value){.kind = VALUE_NOT_0});
}

/* The condition has this answer, turned round or not. */
static bool narrow_known(State *s, Known known, bool is_true) {
    bool holds_now = is_true != (known.holds != 0);
    int before = state_answer(s, known.key);
    if (before >= 0) return before == (int)holds_now;
    known.holds = holds_now;
    state_learn(s, known);
    return true;
}

static bool narrow_answer(State *s, const Test *test, u8 op) {
    if (test->right != 0 || (op != C_OP_EQ && op != C_OP_NE)) return true;
    u64 key = (u64)test->left.number;
    return narrow_known(s, (Known){.key = key & ~(u64)1, .holds = (u32)(key & 1)}, op == C_OP_NE);
}

bool engine_narrow_case(Engine *e, State *s, u32 node, u32 value) {
    const CNode *n = &e->unit->nodes[value];
    u32 decl = engine_local(e, node);
    if (!value) return true;
    Value now = decl ? state_get(s, decl) : (Value){0};
    if (now.kind == VALUE_INT && n->flags & C_HAS_VALUE && now.number != n->value) return false;
    Known known = known_equal(e, node, value);
    return !known.key || narrow_known(s, known, true);
}

bool engine_narrow(Engine *e, State *s, const Test *test, bool is_true) {
    u8 op = is_true ? test->op : inverse(test->op);
    if (test->is_open) {
        /* `x == Py_None`: who releases Py_None then releases it */
        if (test->same && op == C_OP_EQ) s->things[test->same - 1].flags |= THING_ESCAPED;
        if (test->known.key && !narrow_known(s, test->known, is_true)) return false;
        bool is_unequal = op == '<' || op == '>';
        return !test->equal.key || !is_unequal || narrow_known(s, test->equal, false);
    }
    switch ((ValueKind)test->left.kind) {
    case VALUE_INT:
        return holds(op, test->left.number, test->right);
    case VALUE_NOT_0:
    case VALUE_STATIC:
    case VALUE_SLOT:
        return !(op == C_OP_EQ && test->right == 0);
    case VALUE_ANSWER:
        return narrow_answer(s, test, op);
    case VALUE_THING:
        return narrow_object(e, s, (u32)test->left.number, op, test->right);
    case VALUE_UNKNOWN:
        if (test->known.key && !narrow_known(s, test->known, is_true)) return false;
        if (test->decl) narrow_variable(s, test->decl, op, test->right);
        return true;
    }
    return true;
}
