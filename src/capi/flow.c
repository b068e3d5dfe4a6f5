#include "capi/flow.h"

enum { DEPTH_MAX = 800, BLOCKS_MAX = 20000 };

typedef struct Label {
    u32 name, block;
} Label;

typedef struct Builder {
    const CUnit *unit;
    Arena *arena;
    Flow *flow;
    u32 at; /* the block that is being filled */
    u32 break_to, continue_to;
    u32 switch_from; /* block whose switch the next case belongs to, or 0 */
    bool has_default;
    VEC(Label) labels;
    u32 depth;
} Builder;

static u32 new_block(Builder *b) {
    u32 id = b->flow->blocks.n;
    vec_push(b->arena, &b->flow->blocks, (FlowBlock){.end = FLOW_DEAD});
    if (id > BLOCKS_MAX) b->flow->is_whole = false;
    return id;
}

static FlowBlock *here(Builder *b) {
    return &b->flow->blocks.v[b->at];
}

/* Ends the block at hand and goes on in another one. */
static void jump_to(Builder *b, u32 target) {
    here(b)->end = FLOW_JUMP;
    here(b)->first = target;
}

static void add_step(Builder *b, u32 node, u32 value) {
    vec_push(b->arena, &here(b)->steps, (FlowStep){node, value});
}

/* ---- conditions ---- */

static void branch(Builder *b, u32 node, u32 yes, u32 no) {
    FlowBlock *block = here(b);
    block->end = FLOW_BRANCH;
    block->node = node;
    block->first = yes;
    block->second = no;
}

static void condition(Builder *b, u32 node, u32 yes, u32 no);

static void condition_of_two(Builder *b, const CNode *n, u32 yes, u32 no) {
    u32 middle = new_block(b), right = b->unit->nodes[n->child].next;
    if (n->op == C_OP_AND)
        condition(b, n->child, middle, no);
    else
        condition(b, n->child, yes, middle);
    b->at = middle;
    condition(b, right, yes, no);
}

static void condition(Builder *b, u32 node, u32 yes, u32 no) {
    const CNode *n = &b->unit->nodes[node];
    if (b->depth > DEPTH_MAX) b->flow->is_whole = false;
    if (!b->flow->is_whole) return;
    b->depth++;
    if (n->kind == C_UNARY && n->op == '!') {
        condition(b, n->child, no, yes);
    } else if (n->kind == C_BINARY && (n->op == C_OP_AND || n->op == C_OP_OR)) {
        condition_of_two(b, n, yes, no);
    } else if (n->kind == C_BINARY && n->op == ',') {
        add_step(b, n->child, 0);
        condition(b, b->unit->nodes[n->child].next, yes, no);
    } else {
        branch(b, node, yes, no);
    }
    b->depth--;
}

/* ---- values ---- */

/* The `?:` that gives the value of an assignment, declaration or return, or 0. */
static u32 choice_of(const CUnit *u, u32 node) {
    const CNode *n = &u->nodes[node];
    u32 value = n->child;
    if (n->kind == C_ASSIGN) value = n->op ? 0 : u->nodes[n->child].next;
    const CNode *v = &u->nodes[value];
    if (v->kind != C_CHOOSE) return 0;
    return u->nodes[cnode_child(u, value, 1)].kind == C_NONE ? 0 : value;
}

static void end_return(Builder *b, u32 node, u32 value) {
    FlowBlock *block = here(b);
    block->end = FLOW_RETURN;
    block->node = node;
    block->value = value ? value : b->unit->nodes[node].child;
}

static void finish(Builder *b, u32 node, u32 value) {
    if (b->unit->nodes[node].kind == C_RETURN)
        end_return(b, node, value);
    else
        add_step(b, node, value);
}

static void evaluate(Builder *b, u32 node) {
    u32 choice = choice_of(b->unit, node);
    if (!choice) {
        finish(b, node, 0);
        return;
    }
    u32 yes = new_block(b), no = new_block(b), after = new_block(b);
    condition(b, b->unit->nodes[choice].child, yes, no);
    for (u32 i = 0; i < 2; i++) {
        b->at = i ? no : yes;
        finish(b, node, cnode_child(b->unit, choice, 1 + i));
        if (here(b)->end == FLOW_DEAD) jump_to(b, after);
    }
    b->at = after;
}

/* ---- statements ---- */

static void statement(Builder *b, u32 node);

static void statements(Builder *b, u32 first) {
    for (u32 i = first; i; i = b->unit->nodes[i].next) statement(b, i);
}

static u32 label_block(Builder *b, u32 name) {
    for (u32 i = 0; i < b->labels.n; i++)
        if (b->labels.v[i].name == name) return b->labels.v[i].block;
    u32 block = new_block(b);
    vec_push(b->arena, &b->labels, (Label){name, block});
    return block;
}

static void lower_if(Builder *b, const CNode *n) {
    u32 then = b->unit->nodes[n->child].next, otherwise = b->unit->nodes[then].next;
    u32 yes = new_block(b), after = new_block(b), no = otherwise ? new_block(b) : after;
    condition(b, n->child, yes, no);
    b->at = yes;
    statement(b, then);
    jump_to(b, after);
    if (otherwise) {
        b->at = no;
        statement(b, otherwise);
        jump_to(b, after);
    }
    b->at = after;
}

/* condition 0: none. A step of 0 is none. */
static void lower_loop(Builder *b, u32 test, u32 step, u32 body, bool body_first) {
    u32 head = new_block(b), inside = new_block(b), next = new_block(b), after = new_block(b);
    u32 saved_break = b->break_to, saved_continue = b->continue_to;
    jump_to(b, body_first ? inside : head);
    b->at = head;
    if (test)
        condition(b, test, inside, after);
    else
        jump_to(b, inside);
    b->break_to = after;
    b->continue_to = next;
    b->at = inside;
    statement(b, body);
    jump_to(b, next);
    b->at = next;
    if (step) evaluate(b, step);
    jump_to(b, head);
    b->break_to = saved_break;
    b->continue_to = saved_continue;
    b->at = after;
}

static void lower_for(Builder *b, u32 node) {
    u32 parts[4];
    for (u32 i = 0; i < 4; i++) {
        parts[i] = cnode_child(b->unit, node, i);
        if (b->unit->nodes[parts[i]].kind == C_NONE) parts[i] = 0;
    }
    if (parts[0]) statement(b, parts[0]);
    lower_loop(b, parts[1], parts[2], parts[3], false);
}

static void add_target(Builder *b, u32 block, u32 value) {
    FlowBlock *from = &b->flow->blocks.v[b->switch_from];
    vec_push(b->arena, &from->targets, block);
    vec_push(b->arena, &from->cases, value);
}

static void lower_switch(Builder *b, const CNode *n) {
    u32 body = b->unit->nodes[n->child].next, after = new_block(b);
    u32 saved_from = b->switch_from, saved_break = b->break_to;
    bool saved_default = b->has_default;
    add_step(b, n->child, 0);
    b->switch_from = b->at;
    b->has_default = false;
    here(b)->end = FLOW_SWITCH;
    here(b)->value = n->child;
    b->break_to = after;
    b->at = new_block(b); /* before the first case nothing runs */
    statement(b, body);
    jump_to(b, after);
    /* the cases of an enum are taken to be all that there are */
    bool is_enum = b->unit->types[b->unit->nodes[n->child].type].flags & CTYPE_ENUM;
    bool is_whole = is_enum && b->flow->blocks.v[b->switch_from].targets.n > 1;
    if (!b->has_default && !is_whole) add_target(b, after, 0);
    b->switch_from = saved_from;
    b->break_to = saved_break;
    b->has_default = saved_default;
    b->at = after;
}

static void lower_case(Builder *b, const CNode *n) {
    u32 block = new_block(b), inner = n->child;
    jump_to(b, block);
    b->at = block;
    u32 second = b->unit->nodes[inner].next;
    bool is_range = n->kind == C_CASE && second && b->unit->nodes[second].next;
    if (b->switch_from) add_target(b, block, n->kind == C_CASE && !is_range ? inner : 0);
    if (n->kind == C_DEFAULT)
        b->has_default = true;
    else
        inner = b->unit->nodes[inner].next;
    /* `case 1 ... 5:` has two values */
    while (inner && b->unit->nodes[inner].next) inner = b->unit->nodes[inner].next;
    if (inner) statement(b, inner);
}

static void go(Builder *b, u32 target) {
    if (!target) b->flow->is_whole = false;
    jump_to(b, target);
    b->at = new_block(b);
}

/* assert(x): what follows knows that it holds. */
static bool is_assertion(const CUnit *u, const CNode *n) {
    return n->kind == C_CALL && str_is(cunit_str(u, n->name), "assert");
}

static void lower_assertion(Builder *b, u32 node) {
    u32 holds = new_block(b), fails = new_block(b);
    u32 test = cnode_child(b->unit, node, 1);
    const CNode *n = &b->unit->nodes[test];
    /* the macro asks `(e) ? 1 : 0` */
    condition(b, n->kind == C_CHOOSE ? n->child : test, holds, fails);
    b->at = holds;
}

static void lower_jump(Builder *b, const CNode *n) {
    if (n->kind == C_GOTO)
        go(b, n->name ? label_block(b, n->name) : 0);
    else
        go(b, n->kind == C_BREAK ? b->break_to : b->continue_to);
}

static void lower_label(Builder *b, const CNode *n) {
    u32 block = label_block(b, n->name);
    jump_to(b, block);
    b->at = block;
    statements(b, n->child);
}

static void lower(Builder *b, u32 node) {
    const CUnit *u = b->unit;
    const CNode *n = &u->nodes[node];
    switch ((CNodeKind)n->kind) {
    case C_NONE:
        return;
    case C_COMPOUND:
        statements(b, n->child);
        return;
    case C_IF:
        lower_if(b, n);
        return;
    case C_WHILE:
        lower_loop(b, n->child, 0, u->nodes[n->child].next, false);
        return;
    case C_DO:
        lower_loop(b, u->nodes[n->child].next, 0, n->child, true);
        return;
    case C_FOR:
        lower_for(b, node);
        return;
    case C_SWITCH:
        lower_switch(b, n);
        return;
    case C_CASE:
    case C_DEFAULT:
        lower_case(b, n);
        return;
    case C_BREAK:
    case C_CONTINUE:
    case C_GOTO:
        lower_jump(b, n);
        return;
    case C_LABEL:
        lower_label(b, n);
        return;
    case C_RETURN:
        evaluate(b, node);
        b->at = new_block(b);
        return;
    default:
        break;
    }
    if (n->flags & C_DEEP || (n->kind == C_UNKNOWN && n->flags & C_BROKEN))
        b->flow->is_whole = false;
    if (is_assertion(u, n))
        lower_assertion(b, node);
    else
        evaluate(b, node);
}

static void statement(Builder *b, u32 node) {
    if (b->depth > DEPTH_MAX) b->flow->is_whole = false;
    if (!b->flow->is_whole || !node) return;
    b->depth++;
    lower(b, node);
    b->depth--;
}

Flow flow_build(const CUnit *u, u32 function, Arena *arena) {
    Flow flow = {.is_whole = true};
    Builder b = {.unit = u, .arena = arena, .flow = &flow};
    new_block(&b);
    b.at = new_block(&b);
    statement(&b, u->decls[function].node);
    here(&b)->end = FLOW_RETURN;
    return flow;
}

/* ---- printing ---- */

static void print_place(const CUnit *u, u32 node, Buf *out) {
    buf_printf(out, "%u-%u", u->nodes[node].start, u->nodes[node].end);
}

static void print_end(const CUnit *u, const FlowBlock *block, Buf *out) {
    switch (block->end) {
    case FLOW_JUMP:
        buf_printf(out, "    to %u\n", block->first);
        return;
    case FLOW_BRANCH:
        buf_text(out, "    if ");
        print_place(u, block->node, out);
        buf_printf(out, " to %u else %u\n", block->first, block->second);
        return;
    case FLOW_SWITCH:
        buf_text(out, "    to one of");
        for (u32 i = 0; i < block->targets.n; i++) buf_printf(out, " %u", block->targets.v[i]);
        buf_char(out, '\n');
        return;
    case FLOW_RETURN:
        buf_text(out, "    return ");
        if (block->value) print_place(u, block->value, out);
        buf_char(out, '\n');
        return;
    case FLOW_DEAD:
        buf_text(out, "    never ends\n");
        return;
    }
}

void flow_print(const CUnit *u, const Flow *flow, Buf *out) {
    if (!flow->is_whole) buf_text(out, "  cannot be followed\n");
    for (u32 i = 1; i < flow->blocks.n; i++) {
        const FlowBlock *block = &flow->blocks.v[i];
        if (block->end == FLOW_DEAD && !block->steps.n) continue;
        buf_printf(out, "  block %u\n", i);
        for (u32 k = 0; k < block->steps.n; k++) {
            buf_text(out, "    do ");
            print_place(u, block->steps.v[k].node, out);
            if (block->steps.v[k].value) {
                buf_text(out, " with ");
                print_place(u, block->steps.v[k].value, out);
            }
            buf_char(out, '\n');
        }
        print_end(u, block, out);
    }
}
