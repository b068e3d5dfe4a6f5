/* New references that are never named: in the arguments of a call that does not take them over,
 * compared, looked into, dropped. No flow of control is needed to see them. */
#include "capi/fault.h"

/* Objects that live for ever, or of which one more reference does no harm: small numbers, bools,
 * interned strings, the empty tuple. */
static bool is_shared(const Study *s, u32 call) {
    const CUnit *u = s->unit;
    Str name = cunit_str(u, u->nodes[call].name);
    u32 first = cnode_child(u, call, 1);
    const CNode *argument = &u->nodes[first];
    if (str_is(name, "Py_GetConstant")) return true;
    if (str_ends(name, "Py_XNewRef")) return argument->flags & C_HAS_VALUE && argument->value == 0;
    if (str_starts(name, "PyBool_From")) return true;
    if (str_starts(name, "PyUnicode_InternFrom")) return argument->kind == C_STRING;
    if (str_is(name, "PyTuple_New")) return argument->flags & C_HAS_VALUE && argument->value == 0;
    bool is_number = str_starts(name, "PyLong_From") || str_starts(name, "PyInt_From");
    return is_number && argument->kind == C_INT && argument->value < 257;
}

/* Does the call give a new reference that somebody has to take? */
static bool is_new(const Study *s, u32 call) {
    const ApiRow *row = study_row(s, call);
    if (!row) return s->gives_new[s->unit->nodes[call].decl];
    return row->result == API_NEW && !is_shared(s, call);
}

/* One leak has one finding: the engine may have seen who holds the object. */
static CFault *report(const Study *s, CFaultKind kind, u32 function, u32 origin, u32 exit) {
    CFaults *out = s->out;
    for (u32 i = 0; i < out->list.n; i++)
        if (out->list.v[i].function == function && out->list.v[i].origin == origin) return NULL;
    CFault *fault = study_fault(s, kind, function, origin);
    fault->exit = exit;
    return fault;
}

/* The node whose value it is, through `c ? f() : g()` and `a, f()`. */
static u32 climb(const Study *s, u32 node) {
    const CUnit *u = s->unit;
    for (;;) {
        u32 above = s->parents[node];
        const CNode *n = &u->nodes[above];
        bool is_choice = n->kind == C_CHOOSE && n->child != node;
        bool is_last = n->kind == C_BINARY && n->op == ',' && n->child != node;
        if (!is_choice && !is_last) return node;
        node = above;
    }
}

static bool is_borrowing(ApiArg effect) {
    return effect == API_ARG_BORROW || effect == API_ARG_KEEP;
}

static void check_argument(const Study *s, u32 function, u32 origin, u32 child, u32 call) {
    const ApiRow *row = study_row(s, call);
    u32 i = study_argument(s, call, child);
    if (!row || i == UINT32_MAX || !is_borrowing(study_effect(s, call, row, i))) return;
    u32 format, first;
    bool is_format =
        row->traits & API_FORMAT_BUILD && api_format(row, &format, &first) && i >= first;
    CFaultKind kind = is_format ? C_FAULT_FORMAT : C_FAULT_ARGUMENT;
    CFault *fault = report(s, kind, function, origin, call);
    if (fault) fault->consumer = cunit_str(s->unit, s->unit->nodes[call].name);
}

static bool is_comparison(const CNode *n) {
    if (n->kind == C_UNARY) return n->op == '!';
    if (n->kind != C_BINARY) return false;
    return n->op == C_OP_EQ || n->op == C_OP_NE || n->op == C_OP_AND || n->op == C_OP_OR ||
           n->op == '<' || n->op == '>' || n->op == C_OP_LE || n->op == C_OP_GE;
}

/* Is the node a condition, of a statement or of `?:`? */
static bool is_condition(const CUnit *u, u32 above, u32 node) {
    const CNode *n = &u->nodes[above];
    if (n->kind == C_IF || n->kind == C_WHILE || n->kind == C_SWITCH || n->kind == C_CHOOSE)
        return n->child == node;
    if (n->kind == C_DO) return n->child != node;
    return n->kind == C_FOR && cnode_child(u, above, 1) == node;
}

static bool is_statement_of(const CUnit *u, u32 above, u32 node) {
    const CNode *n = &u->nodes[above];
    switch (n->kind) {
    case C_COMPOUND:
    case C_LABEL:
    case C_DEFAULT:
        return true;
    case C_IF:
    case C_WHILE:
    case C_SWITCH:
    case C_CASE:
        return n->child != node;
    case C_DO:
        return n->child == node;
    case C_FOR:
        return cnode_child(u, above, 1) != node;
    case C_BINARY:
        return n->op == ',' && n->child == node;
    default:
        return false;
    }
}

/* The value of ({ … }) is its last statement. */
static bool is_value_of_block(const Study *s, u32 node) {
    const CUnit *u = s->unit;
    u32 above = s->parents[node];
    return u->nodes[s->parents[above]].kind == C_BLOCK && !u->nodes[node].next;
}

/* `again(list)`: one more reference to what a variable names, which may release it. The engine
 * follows that. */
static bool has_name(const Study *s, u32 call) {
    const CUnit *u = s->unit;
    u8 given = study_row(s, call) ? 0 : s->gives_new[u->nodes[call].decl];
    return given > 1 && u->nodes[cnode_child(u, call, given - 1u)].kind == C_REF;
}

static void check_call(const Study *s, u32 function, u32 origin) {
    const CUnit *u = s->unit;
    if (!is_new(s, origin) || has_name(s, origin)) return;
    u32 node = climb(s, origin), above = s->parents[node];
    const CNode *n = &u->nodes[above];
    if (n->kind == C_CALL)
        check_argument(s, function, origin, node, above);
    else if (is_comparison(n) || is_condition(u, above, node))
        report(s, C_FAULT_COMPARED, function, origin, above);
    else if (n->kind == C_MEMBER && n->flags & C_ARROW)
        report(s, C_FAULT_READ, function, origin, above);
    else if (is_statement_of(u, above, node) && !is_value_of_block(s, node))
        report(s, C_FAULT_DROPPED, function, origin, node);
}

void inline_faults(const Study *s, u32 function) {
    CWalk walk = cwalk_begin(s->out->arena, s->unit->decls[function].node);
    for (u32 node; (node = cwalk_next(s->unit, &walk));)
        if (s->unit->nodes[node].kind == C_CALL) check_call(s, function, node);
}
