/* Exceptions: which classes are exceptions, what of the one that is being handled a value holds. */
#include "graph/model.h"

/* Operations back to the handler's head, or through its body, that one question looks at. */
enum { HANDLER_OPS = 3000, VALUE_STEPS = 5 };

/* ---- classes ---- */

Confidence graph_exception_class(const Graph *g, u32 file, PathId path, bool *is_one) {
    ScopeRef definition = graph_definition_of(g, file, path);
    ClassId c = graph_class_of_scope(g, definition);
    *is_one = false;
    if (!c.i) {
        if (!scope_is_none(definition)) return CONFIDENCE_LOW;
        Str name = graph_name_of(g, file, path);
        *is_one = know_is_exception_type(name);
        return str_starts(name, "builtins.") ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    }
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        for (u32 b = 0; b < base->n_bases; b++) {
            if (base->bases[b].known.i || !know_is_exception_type(base->bases[b].name)) continue;
            *is_one = true;
            return CONFIDENCE_HIGH;
        }
    }
    return CONFIDENCE_LOW;
}

/* The call that makes a path's value, or NULL. */
static const Op *call_of(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL ? &f->ops[p->id] : NULL;
}

Confidence graph_new_exception(const Graph *g, u32 file, PathId value, bool *is_one) {
    const Op *call = call_of(g->files[file].facts, value);
    *is_one = false;
    return call ? graph_exception_class(g, file, op_path(call), is_one) : CONFIDENCE_LOW;
}

/* ---- handlers ---- */

/* The head of the except clause that the region is, or 0. */
static u32 handler_of(const Facts *f, u32 at, RegionId region) {
    for (u32 o = at, n = 0; o > 0 && n < HANDLER_OPS; o--, n++)
        if (f->ops[o].kind == OP_HANDLER && f->ops[o].region.i == region.i) return o;
    return 0;
}

/* Does the handler cut the traceback off: `e.__traceback__ = None`, `e.with_traceback(None)`,
 * `traceback.clear_frames(…)`? */
static bool is_cut_off(const Facts *f, u32 handler) {
    const Region *r = &f->regions[f->ops[handler].region.i];
    for (u32 o = handler + 1; o < f->n_ops && o < handler + HANDLER_OPS; o++) {
        const Op *op = &f->ops[o];
        if (op->span.start >= r->span.end) break;
        const Path *p = &f->paths[op->subject];
        if ((op->kind != OP_CALL && op->kind != OP_STORE) || p->kind != PATH_ATTR) continue;
        Str name = facts_str(f, (StrId){p->id});
        if (op->kind == OP_STORE && str_is(name, "__traceback__")) return true;
        if (op->kind == OP_CALL && str_is(name, "clear_frames")) return true;
        const Path *argument = &f->paths[op_operand(f, op, 0).i];
        if (op->kind == OP_CALL && str_is(name, "with_traceback") &&
            argument->kind == PATH_LITERAL && argument->flags == LITERAL_NONE)
            return true;
    }
    return false;
}

typedef struct Handling {
    const Graph *g;
    u32 file;
    const Facts *f;
    SymbolId name; /* of the exception, 0 when it has none */
} Handling;

static const Caught NOTHING;

static Caught as(CaughtKind kind, CarryKind carry, Confidence confidence) {
    return (Caught){.kind = kind, .carry = carry, .confidence = confidence};
}

static Caught look(const Handling *h, PathId value, u32 steps);

/* The first operand that holds it, as a part of something. */
static Caught any_operand(const Handling *h, const Op *op, CarryKind carry, u32 steps) {
    for (u32 i = 0; i < op->operands && i < 32; i++) {
        Caught c = look(h, op_operand(h->f, op, i), steps);
        if (!c.kind) continue;
        if (carry != CARRY_NOTHING) c.carry = carry;
        return c;
    }
    return NOTHING;
}

/* A default value of a lambda or inner function; a free variable is unbound when the handler ends.
 */
static Caught defaults(const Handling *h, const Op *op, u32 steps) {
    const Scope *scope = &h->f->scopes[op->subject];
    for (u32 p = scope->param_first; p < scope->param_end; p++) {
        Caught c = look(h, h->f->params[p].fallback, steps);
        if (c.kind) return as(c.kind, CARRY_CLOSURE, c.confidence);
    }
    return NOTHING;
}

static Caught call(const Handling *h, const Op *op, PathId value, u32 steps) {
    Str name = graph_name_of(h->g, h->file, op_path(op));
    if (str_is(name, "sys.exc_info")) return as(CAUGHT_INFO, CARRY_ITSELF, CONFIDENCE_HIGH);
    if (str_is(name, "sys.exception")) return as(CAUGHT_EXCEPTION, CARRY_ITSELF, CONFIDENCE_HIGH);
    const CallRow *row = know_call(name);
    if (row) return row->flags & CALL_HOLDS ? any_operand(h, op, CARRY_PARTIAL, steps) : NOTHING;
    Caught inner = any_operand(h, op, CARRY_INSTANCE, steps);
    if (!inner.kind) return inner;
    bool is_exception; /* every exception keeps its arguments */
    graph_exception_class(h->g, h->file, op_path(op), &is_exception);
    inner.confidence = MIN(inner.confidence, CONFIDENCE_MEDIUM);
    if (is_exception || !h->name.i) return is_exception ? inner : NOTHING;
    for (u32 i = 0; i < op->operands; i++) {
        PathId argument = op_operand(h->f, op, i);
        if (facts_root_symbol(h->f, argument).i != h->name.i) continue;
        if (h->f->paths[argument.i].kind != PATH_SYMBOL) continue;
        Carry kept = graph_carries(h->g, h->file, value, argument);
        return kept.kind == CARRY_INSTANCE ? inner : NOTHING;
    }
    return NOTHING;
}

static Caught made(const Handling *h, const Op *op, PathId value, u32 steps) {
    switch (op->kind) {
    case OP_CALL:
        return call(h, op, value, steps);
    case OP_LAMBDA:
    case OP_FUNCTION:
        return defaults(h, op, steps);
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        return any_operand(h, op, CARRY_DISPLAY, steps);
    case OP_CHOICE:
        return any_operand(h, op, CARRY_NOTHING, steps);
    default:
        return NOTHING;
    }
}

/* `sys.exc_info()[1]`, or the second target of an unpacking. The second of a part (`[:2]`, `[1:]`)
 * is the exception or its traceback: either holds the frame. */
static Caught part_of_info(const Handling *h, const Path *p, u32 steps) {
    const Path *whole = &h->f->paths[p->parent.i];
    bool is_part = whole->kind == PATH_ANY && whole->flags & PATH_SLICE;
    Caught info = look(h, is_part ? whole->parent : p->parent, steps);
    if (info.kind != CAUGHT_INFO || info.carry != CARRY_ITSELF) return NOTHING;
    Str index = facts_str(h->f, (StrId){p->id});
    if (str_is(index, "1")) return as(CAUGHT_EXCEPTION, CARRY_ITSELF, CONFIDENCE_HIGH);
    if (is_part) return NOTHING;
    if (str_is(index, "2") || str_is(index, "-1"))
        return as(CAUGHT_TRACEBACK, CARRY_ITSELF, CONFIDENCE_HIGH);
    return NOTHING;
}

static Caught look(const Handling *h, PathId value, u32 steps) {
    const Path *p = &h->f->paths[value.i];
    if (!steps || !value.i) return NOTHING;
    switch ((PathKind)p->kind) {
    case PATH_SYMBOL: {
        SymbolId owner = h->f->symbols[p->id].target;
        if (owner.i && owner.i == h->name.i)
            return as(CAUGHT_EXCEPTION, CARRY_ITSELF, CONFIDENCE_HIGH);
        PathId alias = graph_alias_of(h->g, h->file, value);
        return alias.i == value.i ? NOTHING : look(h, alias, steps - 1);
    }
    case PATH_OP:
        return made(h, &h->f->ops[p->id], value, steps - 1);
    case PATH_CONST:
        return part_of_info(h, p, steps - 1);
    case PATH_ATTR: {
        if (!str_is(facts_str(h->f, (StrId){p->id}), "__traceback__")) return NOTHING;
        Caught of = look(h, p->parent, steps - 1);
        bool is_it = of.kind == CAUGHT_EXCEPTION && of.carry == CARRY_ITSELF;
        return is_it ? as(CAUGHT_TRACEBACK, CARRY_ITSELF, CONFIDENCE_HIGH) : NOTHING;
    }
    default:
        return NOTHING;
    }
}

bool graph_in_handler(const Graph *g, u32 file, RegionId region) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[region.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[region.i].scope.i == scope.i; up++) {
        if (f->regions[region.i].kind == REGION_EXCEPT) return true;
        region = f->regions[region.i].parent;
    }
    return false;
}

bool graph_in_loop(const Graph *g, u32 file, RegionId region) {
    return region_is_in_loop(g->files[file].facts, region);
}

Caught graph_caught_in(const Graph *g, u32 file, OpId at, PathId value) {
    const Facts *f = g->files[file].facts;
    RegionId region = f->ops[at.i].region;
    ScopeId scope = f->regions[region.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[region.i].scope.i == scope.i; up++) {
        RegionId here = region;
        region = f->regions[region.i].parent;
        if (f->regions[here.i].kind != REGION_EXCEPT) continue;
        u32 handler = handler_of(f, at.i, here);
        if (!handler) continue;
        const Op *bind = &f->ops[handler + 1];
        Handling h = {.g = g, .file = file, .f = f};
        bool has_name = handler + 1 < f->n_ops && bind->kind == OP_BIND &&
                        (bind->flags & OP_LOW) == BIND_EXCEPT;
        if (has_name) h.name = facts_root_symbol(f, op_path(bind));
        Caught c = look(&h, value, VALUE_STEPS);
        if (!c.kind) continue;
        if (is_cut_off(f, handler)) return NOTHING;
        c.handler = (OpId){handler};
        c.name = has_name ? facts_str(f, f->symbols[h.name.i].name) : (Str){0};
        return c;
    }
    return NOTHING;
}

bool handler_takes_all(const Graph *g, u32 file, const Op *handler) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < handler->operands; i++) {
        Str name = graph_name_of(g, file, op_operand(f, handler, i));
        if (str_is(name, "builtins.Exception") || str_is(name, "builtins.BaseException"))
            return true;
    }
    return !handler->operands;
}

/* The region stands in the body of a try statement that catches something. */
bool is_in_tried(const Facts *f, RegionId region) {
    ScopeId scope = f->regions[region.i].scope;
    for (u32 up = 0; up < GUARD_REGIONS && f->regions[region.i].scope.i == scope.i; up++) {
        if (f->regions[region.i].kind == REGION_TRY)
            for (u32 r = region.i + 1; r < f->n_regions && r < region.i + GUARD_OPS; r++)
                if (f->regions[r].group.i == region.i && f->regions[r].kind == REGION_EXCEPT)
                    return true;
        region = f->regions[region.i].parent;
    }
    return false;
}

PathId graph_tried_future(const Graph *g, u32 file, OpId call) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[call.i];
    const Path *callee = &f->paths[op->subject];
    if (callee->kind != PATH_ATTR || !str_is(facts_str(f, (StrId){callee->id}), "result"))
        return (PathId){0};
    const Symbol *local = &f->symbols[facts_root_symbol(f, callee->parent).i];
    const Op *bind = &f->ops[local->bind.i];
    if (f->paths[callee->parent.i].kind != PATH_SYMBOL || bind->kind != OP_BIND) return (PathId){0};
    const Op *made = call_of(f, bound_value(f, bind));
    const Path *maker = made ? &f->paths[made->subject] : NULL;
    if (!maker || maker->kind != PATH_ATTR) return (PathId){0};
    if (!know_is_task_method(facts_str(f, (StrId){maker->id}))) return (PathId){0};
    return is_in_tried(f, op->region) ? callee->parent : (PathId){0};
}
