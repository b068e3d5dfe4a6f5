/* What expressions and assignments do to a state. */
#include "capi/engine.h"

#include <string.h>

static const Value UNKNOWN = {0};

void engine_escape(Engine *e, Value value) {
    if (value.kind == VALUE_THING) e->now->things[value.number].flags |= THING_ESCAPED;
    if (value.kind != VALUE_SLOT) return;
    /* first forgotten: a variable may hold its own address */
    u32 decl = (u32)value.number;
    Value held = state_get(e->now, decl);
    state_set(e->now, decl, UNKNOWN);
    engine_escape(e, held);
    if (!engine_place_at(e, decl)) engine_escape_parts(e, decl);
}

void engine_bind(Engine *e, u32 decl, Value value) {
    state_forget(e->now, decl);
    const Place *place = engine_place_at(e, decl);
    if (place) state_forget(e->now, place->base);
    if (place && place->kind == PLACE_FIELD) state_forget(e->now, state_field(place->part));
    Value old = state_get(e->now, decl);
    bool is_same = old.kind == value.kind && old.number == value.number;
    if (old.kind == VALUE_THING && !is_same) e->now->things[old.number].left = decl;
    if (value.kind == VALUE_THING) {
        e->now->things[value.number].flags |= THING_NAMED;
        /* released at the end of its scope, by an attribute */
        if (e->unit->decls[engine_base(e, decl)].flags & CDECL_CLEANUP) engine_escape(e, value);
    }
    if (!state_set(e->now, decl, value)) {
        e->is_cut = true;
        engine_escape(e, value);
    }
}

/* `p++`: it points into the block now; when it was the only one that held it, it still does. */
static void move_on(Engine *e, u32 decl) {
    state_forget(e->now, decl);
    Value old = state_get(e->now, decl);
    if (old.kind == VALUE_SLOT) engine_escape(e, old);
    if (old.kind == VALUE_THING) {
        state_set(e->now, decl, UNKNOWN);
        if (state_holds(e->now, (u32)old.number)) return;
        engine_escape(e, old);
    }
    state_set(e->now, decl, UNKNOWN);
}

/* ---- assignments ---- */

static void store(Engine *e, u32 target, Value value) {
    const CNode *n = &e->unit->nodes[target];
    u32 decl = engine_local(e, target);
    if (decl) {
        engine_bind(e, decl, value);
        return;
    }
    if (n->kind == C_UNARY && n->op == '*') {
        Value pointer = engine_value(e, n->child);
        if (pointer.kind == VALUE_SLOT) {
            engine_bind(e, (u32)pointer.number, value);
            return;
        }
    } else {
        engine_value(e, target);
        state_forget(e->now, n->kind == C_MEMBER ? state_field(n->name) : n->decl);
    }
    engine_escape(e, value);
    if (value.kind == VALUE_THING) e->now->things[value.number].flags |= THING_STORED;
}

/* `*out = (struct pair){.left = left}`: what is mentioned lives on there. */
static void escape_listed(Engine *e, u32 source) {
    CWalk walk = cwalk_begin(e->arena, source);
    for (u32 i; (i = cwalk_next(e->unit, &walk));) {
        u32 decl = engine_local(e, i);
        if (decl) engine_escape(e, state_get(e->now, decl));
    }
}

static Value assign(Engine *e, u32 node, u32 instead) {
    const CNode *n = &e->unit->nodes[node];
    u32 target = n->child, source = instead ? instead : e->unit->nodes[target].next;
    Value value = engine_value(e, source);
    if (e->unit->nodes[source].kind == C_INIT) escape_listed(e, source);
    if (n->op) { /* p += 1 */
        u32 decl = engine_local(e, target);
        if (decl) move_on(e, decl);
        return UNKNOWN;
    }
    store(e, target, value);
    return value;
}

static void declare(Engine *e, u32 node, u32 instead) {
    const CNode *n = &e->unit->nodes[node];
    u32 source = instead ? instead : n->child;
    if (!n->decl || e->unit->decls[n->decl].flags & CDECL_STATIC) return;
    for (u32 i = 0; i < e->places.n; i++) /* of the round before */
        if (e->places.v[i].base == n->decl) engine_bind(e, PLACE_FIRST + i, UNKNOWN);
    engine_bind(e, n->decl, source ? engine_value(e, source) : UNKNOWN);
}

/* ---- expressions ---- */

static Value address_of(Engine *e, u32 child) {
    u32 decl = engine_local(e, child);
    if (decl) return (Value){VALUE_SLOT, decl};
    const CNode *n = &e->unit->nodes[child];
    if (n->kind == C_REF) return (Value){.kind = VALUE_STATIC};
    if (n->kind == C_UNARY && n->op == '*') { /* &*p */
        Value pointer = engine_value(e, n->child);
        return pointer.kind == VALUE_SLOT ? pointer : UNKNOWN;
    }
    engine_value(e, child);
    return UNKNOWN;
}

static Value unary(Engine *e, const CNode *n) {
    if (n->op == '&') return address_of(e, n->child);
    Value inner = engine_value(e, n->child);
    u32 decl = engine_local(e, n->child);
    if (n->op == C_OP_INC || n->op == C_OP_DEC) {
        if (decl) move_on(e, decl);
        return UNKNOWN;
    }
    if (n->op == '-' && inner.kind == VALUE_INT) return (Value){VALUE_INT, -inner.number};
    if (n->op == '*' && inner.kind == VALUE_SLOT) return state_get(e->now, (u32)inner.number);
    if (n->op == '*') engine_use(e, inner, n->child);
    return UNKNOWN;
}

static Value binary(Engine *e, const CNode *n) {
    Value left = engine_value(e, n->child);
    Value right = engine_value(e, e->unit->nodes[n->child].next);
    if (n->op == ',') return right;
    if (n->op == '+' || n->op == '-') {
        if (left.kind == VALUE_SLOT) engine_escape(e, left);
        if (right.kind == VALUE_SLOT) engine_escape(e, right);
    }
    /* a part of it */
    bool is_arithmetic = n->op == '+' || n->op == '-';
    return is_arithmetic && left.kind == VALUE_THING ? left : UNKNOWN;
}

static Value choose(Engine *e, const CNode *n) {
    u32 child = n->child;
    engine_value(e, child);
    for (u32 i = e->unit->nodes[child].next; i; i = e->unit->nodes[i].next)
        engine_escape(e, engine_value(e, i));
    return UNKNOWN;
}

/* An array or struct that is filled: it owns what has no name, and sees the rest. */
static Value list(Engine *e, const CNode *n) {
    for (u32 i = n->child; i; i = e->unit->nodes[i].next) {
        Value value = engine_value(e, i);
        if (value.kind == VALUE_THING && !(e->now->things[value.number].flags & THING_NAMED))
            engine_escape(e, value);
    }
    return UNKNOWN;
}

/* Statements inside of an expression are not followed: what they mention is given up. */
static Value block(Engine *e, u32 node) {
    CWalk walk = cwalk_begin(e->arena, node);
    for (u32 i; (i = cwalk_next(e->unit, &walk));) {
        u32 decl = engine_local(e, i);
        if (!decl) continue;
        engine_escape_parts(e, decl);
        engine_escape(e, state_get(e->now, decl));
        engine_bind(e, decl, UNKNOWN);
    }
    return UNKNOWN;
}

/* `view.obj`, `view.buf`: the buffer, by another name. */
static bool is_buffer_part(const Engine *e, const CNode *n, Value object) {
    Str name = cunit_str(e->unit, n->name);
    bool is_buffer =
        object.kind == VALUE_THING && e->now->things[object.number].kind == THING_BUFFER;
    return is_buffer && !(n->flags & C_ARROW) && (str_is(name, "buf") || str_is(name, "obj"));
}

static Value member(Engine *e, const CNode *n) {
    Value object = engine_value(e, n->child);
    if (is_buffer_part(e, n, object)) return object;
    if (n->flags & C_ARROW) engine_use(e, object, n->child);
    return UNKNOWN;
}

/* An element or field of something. */
static Value part(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    u32 place = engine_local(e, node);
    if (place) return state_get(e->now, place);
    if (n->kind == C_MEMBER) return member(e, n);
    engine_value(e, e->unit->nodes[n->child].next);
    Value object = engine_value(e, n->child);
    if (object.kind == VALUE_SLOT) engine_escape(e, object); /* further ones lie beside it */
    return UNKNOWN;
}

static Value reference(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    if (n->flags & C_HAS_VALUE) return (Value){VALUE_INT, n->value};
    u32 decl = engine_local(e, node);
    if (decl) engine_escape_parts(e, decl);
    if (decl) return state_get(e->now, decl);
    if (e->unit->decls[n->decl].kind == C_FUNCTION) return (Value){.kind = VALUE_STATIC};
    return UNKNOWN;
}

static Value all_children(Engine *e, const CNode *n) {
    for (u32 i = n->child; i; i = e->unit->nodes[i].next) engine_value(e, i);
    return UNKNOWN;
}

Value engine_value(Engine *e, u32 node) {
    const CNode *n = &e->unit->nodes[node];
    if (e->is_dead) return UNKNOWN;
    switch ((CNodeKind)n->kind) {
    case C_REF:
        return reference(e, node);
    case C_INT:
        return n->flags & C_HAS_VALUE ? (Value){VALUE_INT, n->value} : UNKNOWN;
    case C_CALL:
        return engine_call(e, node);
    case C_ASSIGN:
        return assign(e, node, 0);
    case C_UNARY:
        return unary(e, n);
    case C_BINARY: {
        Value answer = engine_answer(e, node), value = binary(e, n);
        return value.kind == VALUE_UNKNOWN ? answer : value;
    }
    case C_CHOOSE:
        return choose(e, n);
    case C_MEMBER:
    case C_INDEX:
        return part(e, node);
    case C_INIT:
        return list(e, n);
    case C_DESIGNATED:
        return n->child ? engine_value(e, n->child) : UNKNOWN;
    case C_BLOCK:
        return block(e, node);
    case C_SIZEOF:
        return UNKNOWN;
    default:
        return all_children(e, n);
    }
}

void engine_step(Engine *e, FlowStep step) {
    const CNode *n = &e->unit->nodes[step.node];
    e->step = step.node;
    if (n->kind == C_DECLARE)
        declare(e, step.node, step.value);
    else if (n->kind == C_ASSIGN)
        assign(e, step.node, step.value);
    else
        engine_value(e, step.node);
    if (!e->is_dead) engine_check_lost(e, step.node);
}
