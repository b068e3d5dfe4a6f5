/* What one operation does with an object that a local variable holds: uses it, releases it, or
 * hands it over to somebody else, who owns it from then on. */
#include "graph/model.h"

/* Operations that are searched for what becomes of a value; of a function that is called. */
enum { RESULT_OPS = 600, CALLEE_OPS = 4000 };

typedef struct Hand {
    const Graph *g;
    u32 file;
    const Facts *f;
    SymbolId local;
    const ResourceRow *row; /* or NULL: any object */
    u32 depth;
} Hand;

static bool is_local_itself(const Hand *h, PathId path) {
    return h->f->paths[path.i].kind == PATH_SYMBOL && facts_root_symbol(h->f, path).i == h->local.i;
}

/* `name` of `local.name`, else empty. */
static Str attribute_of_local(const Hand *h, PathId path) {
    const Path *p = &h->f->paths[path.i];
    bool is_direct = p->kind == PATH_ATTR && p->depth == 1;
    if (!is_direct || !is_local_itself(h, p->parent)) return (Str){0};
    return facts_str(h->f, (StrId){p->id});
}

static bool is_release_of(const Hand *h, Str method) {
    static const char *const ALWAYS[] = {"aclose", "close", "__exit__", "__aexit__"};
    if (!h->row) return false;
    for (u32 i = 0; i < ARRAY_LEN(ALWAYS); i++)
        if (str_is(method, ALWAYS[i])) return true;
    return resource_has_release(h->row, method);
}

/* ---- what takes a value ---- */

static bool is_escape(const Hand *h, const Op *op);

/* Does somebody who outlives the function, or who cannot be seen, get the value of an operation? */
static bool is_value_escaping(const Hand *h, u32 value) {
    const Facts *f = h->f;
    u32 end = MIN(value + 1 + RESULT_OPS, f->n_ops);
    for (u32 i = value + 1; i < end; i++) {
        const Op *op = &f->ops[i];
        for (u32 k = 0; k < op->operands; k++) {
            PathId path = op_operand(f, op, k);
            const Path *p = &f->paths[path.i];
            if (p->kind == PATH_OP && p->id == value && is_escape(h, op)) return true;
        }
    }
    return false;
}

static bool is_borrowed(const Hand *h, const Op *call) {
    Str name = graph_name_of(h->g, h->file, op_path(call));
    const CallRow *row = know_call(name);
    return know_borrowing(name) == BORROWS_NOW ||
           (row && !(row->flags & (CALL_HOLDS | CALL_TASK | CALL_LAZY | CALL_COPY)));
}

/* Does the operation, which takes a value, give it to somebody who outlives the function? */
static bool is_escape(const Hand *h, const Op *op) {
    switch (op->kind) {
    case OP_RETURN:
    case OP_YIELD:
    case OP_STORE:
    case OP_RAISE:
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
    case OP_CHOICE:
        return true;
    case OP_CALL:
        return !is_borrowed(h, op);
    case OP_BIND: {
        SymbolId s = facts_root_symbol(h->f, op_path(op));
        if (!h->depth || !s.i || h->f->symbols[s.i].flags & (SYMBOL_GLOBAL | SYMBOL_CELL))
            return true;
        return is_handed_over(h->g, h->file, s, h->depth - 1);
    }
    default:
        return false;
    }
}

bool is_handed_over(const Graph *g, u32 file, SymbolId local, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[f->symbols[local.i].scope.i];
    if (scope->op_end - scope->op_first > CALLEE_OPS) return true;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (hand_at(g, file, local, NULL, (OpId){i}, depth) == HAND_PASSES) return true;
    return false;
}

/* ---- arguments ---- */

/* The parameter that an operand of a call becomes, or 0 when it cannot be told. */
static SymbolId parameter_of(const Hand *h, const Op *call, u32 operand, u32 function, bool made) {
    const FunctionNode *fn = &h->g->functions[function];
    const Facts *home = h->g->files[fn->file].facts;
    const Scope *scope = &home->scopes[fn->scope.i];
    Operand o = h->f->operands[call->operand + operand];
    bool is_bound = made || fn->kind == METHOD_INSTANCE || fn->kind == METHOD_CLASS;
    u32 at = scope->param_first + operand + is_bound;
    for (u32 i = 0; i < operand; i++)
        if (operand_kind(h->f->operands[call->operand + i]) != OPERAND_POSITIONAL)
            return (SymbolId){0};
    if (operand_kind(o) == OPERAND_POSITIONAL) {
        for (u32 i = scope->param_first; i < MIN(at + 1, scope->param_end); i++)
            if (home->params[i].kind > PARAM_POSITIONAL_ONLY) return (SymbolId){0};
        return at < scope->param_end ? home->params[at].symbol : (SymbolId){0};
    }
    if (operand_kind(o) != OPERAND_KEYWORD) return (SymbolId){0};
    Str name = facts_str(h->f, operand_name(o));
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        SymbolId s = home->params[i].symbol;
        if (str_eq(facts_str(home, home->symbols[s.i].name), name)) return s;
    }
    return (SymbolId){0};
}

/* What the function of the project does with a parameter, somewhere in its body. */
static HandKind hand_of_parameter(const Hand *h, u32 function, SymbolId parameter) {
    const FunctionNode *fn = &h->g->functions[function];
    const Facts *home = h->g->files[fn->file].facts;
    const Scope *scope = &home->scopes[fn->scope.i];
    if (!h->depth || !parameter.i || scope->op_end - scope->op_first > CALLEE_OPS)
        return HAND_PASSES;
    if (home->symbols[parameter.i].flags & SYMBOL_CELL) return HAND_PASSES;
    HandKind found = HAND_NOTHING;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        HandKind each = hand_at(h->g, fn->file, parameter, h->row, (OpId){i}, h->depth - 1);
        if (each == HAND_PASSES) return HAND_PASSES;
        if (each == HAND_RELEASES || found == HAND_NOTHING) found = each;
    }
    return found;
}

/* Somebody else may run instead: a method that a subclass has, too. */
static bool is_overridden(const Graph *g, const FunctionNode *fn) {
    if (!fn->owner.i) return false;
    const Facts *f = g->files[fn->file].facts;
    u64 name = name_hash(f, f->scopes[fn->scope.i].name);
    const ClassNode *node = &g->classes[fn->owner.i];
    for (u32 i = 0; i < node->subclasses.n; i++)
        if (method_by_name(g, node->subclasses.v[i], name) != function_id(g, fn->file, fn->scope))
            return true;
    return false;
}

static HandKind hand_of_project(const Hand *h, const Op *call, u32 operand) {
    ClassId made;
    u32 function = callee_function(h->g, h->file, call, &made);
    if (made.i) function = method_by_name(h->g, made, hash_str(STR("__init__")));
    const FunctionNode *fn = &h->g->functions[function];
    if (!function || h->g->files[fn->file].is_stub || is_overridden(h->g, fn)) return HAND_PASSES;
    SymbolId parameter = parameter_of(h, call, operand, function, made.i != 0);
    HandKind hand = hand_of_parameter(h, function, parameter);
    if (hand == HAND_NOTHING) return fn->owner.i ? HAND_PASSES : HAND_USES; /* a hook */
    /* a generator or coroutine holds it, and runs later */
    u16 flags = h->g->files[fn->file].facts->scopes[fn->scope.i].flags;
    bool is_later = flags & SCOPE_GENERATOR || (flags & SCOPE_ASYNC && !(call->flags & OP_AWAITED));
    u32 at = (u32)(call - h->f->ops);
    return is_later && hand == HAND_USES && is_value_escaping(h, at) ? HAND_PASSES : hand;
}

static bool is_log_method(const Hand *h, const Op *call) {
    static const char *const NAMES[] = {"critical", "debug", "error",   "exception",
                                        "info",     "log",   "warning", "warn"};
    const Path *p = &h->f->paths[call->subject];
    Str name = p->kind == PATH_ATTR ? facts_str(h->f, (StrId){p->id}) : (Str){0};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* The local itself is an argument. */
static HandKind hand_of_argument(const Hand *h, const Op *call, u32 operand) {
    Str name = graph_name_of(h->g, h->file, op_path(call));
    if (h->row && str_find(name, '.') >= 0 && resource_has_release(h->row, name))
        return HAND_RELEASES;
    u32 at = (u32)(call - h->f->ops);
    Borrowing how = know_borrowing(name);
    if (how == BORROWS_NOW || is_log_method(h, call)) return HAND_USES;
    if (how == BORROWS_LATER) return is_value_escaping(h, at) ? HAND_PASSES : HAND_USES;
    const CallRow *row = know_call(name);
    if (row && !(row->flags & (CALL_HOLDS | CALL_TASK | CALL_GROWS))) {
        bool is_held = row->flags & (CALL_LAZY | CALL_COPY | CALL_ELEMENT);
        return is_held && is_value_escaping(h, at) ? HAND_PASSES : HAND_USES;
    }
    return hand_of_project(h, call, operand);
}

/* `f(local.name)`. */
static HandKind hand_of_attribute(const Hand *h, const Op *call, Str name) {
    if (is_release_of(h, name)) return HAND_RELEASES;
    if (know_is_plain_attribute(name) || know_call(graph_name_of(h->g, h->file, op_path(call))))
        return HAND_USES;
    return HAND_PASSES;
}

static HandKind worse(HandKind a, HandKind b) {
    return a > b ? a : b;
}

static HandKind hand_of_call(const Hand *h, const Op *call) {
    Str method = attribute_of_local(h, op_path(call));
    HandKind hand = HAND_NOTHING;
    if (method.n) {
        if (is_release_of(h, method)) return HAND_RELEASES;
        if (str_is(method, "__enter__") || str_is(method, "__aenter__")) return HAND_RELEASES;
        if (know_protocol(method, PROTOCOL_ENDLESS)) return HAND_PASSES;
        hand = HAND_USES;
        if (know_is_lending(method) && is_value_escaping(h, (u32)(call - h->f->ops)))
            return HAND_PASSES;
    } else if (facts_root_symbol(h->f, op_path(call)).i == h->local.i) {
        hand = HAND_USES;
    }
    for (u32 i = 0; i < call->operands; i++) {
        PathId path = op_operand(h->f, call, i);
        Str name = attribute_of_local(h, path);
        if (is_local_itself(h, path))
            hand = worse(hand, hand_of_argument(h, call, i));
        else if (name.n)
            hand = worse(hand, hand_of_attribute(h, call, name));
        else if (path.i && facts_root_symbol(h->f, path).i == h->local.i)
            hand = worse(hand, HAND_USES);
    }
    return hand;
}

/* ---- other operations ---- */

/* `select.select([sock], [], [])`: the list lives as long as the call. */
static bool is_display_borrowed(const Hand *h, u32 display) {
    const Facts *f = h->f;
    for (u32 i = display + 1; i < MIN(display + 40, f->n_ops); i++) {
        const Op *op = &f->ops[i];
        for (u32 k = 0; k < op->operands; k++) {
            const Path *p = &f->paths[op_operand(f, op, k).i];
            if (p->kind != PATH_OP || p->id != display) continue;
            bool is_reading = op->kind == OP_TEST || op->kind == OP_BINARY ||
                              op->kind == OP_COMPARE || op->kind == OP_FSTRING;
            return is_reading || (op->kind == OP_CALL && is_borrowed(h, op));
        }
    }
    return false;
}

/* The local, or a bound method of it, is given away. */
static HandKind hand_of_value(const Hand *h, PathId path) {
    if (is_local_itself(h, path)) return HAND_PASSES;
    Str name = attribute_of_local(h, path);
    if (name.n) {
        if (is_release_of(h, name)) return HAND_RELEASES;
        return know_is_plain_attribute(name) ? HAND_USES : HAND_PASSES;
    }
    bool is_inside = path.i && facts_root_symbol(h->f, path).i == h->local.i;
    return is_inside ? HAND_USES : HAND_NOTHING;
}

static HandKind hand_of_operands(const Hand *h, const Op *op) {
    HandKind hand = HAND_NOTHING;
    for (u32 i = 0; i < op->operands; i++)
        hand = worse(hand, hand_of_value(h, op_operand(h->f, op, i)));
    return hand;
}

/* A second name for it, or one for something of it: `reader = sock.recv`. */
static HandKind hand_of_bind(const Hand *h, const Op *op) {
    if (is_local_itself(h, op_path(op)))
        return (op->flags & OP_LOW) == BIND_DECLARE ? HAND_NOTHING : HAND_REBINDS;
    PathId value = bound_value(h->f, op);
    if (op->kind == OP_BIND && !is_local_itself(h, value)) {
        bool is_part = value.i && facts_root_symbol(h->f, value).i == h->local.i;
        return is_part ? HAND_USES : HAND_NOTHING;
    }
    return hand_of_value(h, value);
}

static HandKind hand_of_mention(const Hand *h, const Op *op) {
    if (op_subject((OpKind)op->kind) == SUBJECT_PATH && op->subject &&
        facts_root_symbol(h->f, op_path(op)).i == h->local.i)
        return HAND_USES;
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(h->f, op, i);
        if (path.i && facts_root_symbol(h->f, path).i == h->local.i) return HAND_USES;
    }
    return HAND_NOTHING;
}

/* `pools[connection]`, `state[sock] = …`: a mapping that has a new object as a key keeps it. */
static bool is_key(const Hand *h, const Op *op) {
    if (!h->row || h->row->flags & RESOURCE_STAYS) return false; /* numbers */
    for (u32 i = 0; i < op->operands; i++)
        if (operand_kind(h->f->operands[op->operand + i]) == OPERAND_KEY &&
            is_local_itself(h, op_operand(h->f, op, i)))
            return true;
    return false;
}

HandKind hand_at(const Graph *g, u32 file, SymbolId local, const ResourceRow *row, OpId at,
                 u32 depth) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[at.i];
    Hand h = {.g = g, .file = file, .f = f, .local = local, .row = row, .depth = depth};
    HandKind hand;
    bool is_keyed = op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_AUGMENT;
    if (is_keyed && is_key(&h, op)) return HAND_PASSES;
    switch ((OpKind)op->kind) {
    case OP_CALL:
        return hand_of_call(&h, op);
    case OP_ENTER:
        if (row && row->flags & RESOURCE_WITH_STAYS) return hand_of_mention(&h, op);
        return is_local_itself(&h, op_path(op)) ? HAND_RELEASES : hand_of_mention(&h, op);
    case OP_BIND:
    case OP_STORE:
        hand = hand_of_bind(&h, op);
        return hand ? hand : hand_of_mention(&h, op);
    case OP_DELETE:
        return is_local_itself(&h, op_path(op)) ? HAND_DELETES : hand_of_mention(&h, op);
    case OP_YIELD:
        if (op->flags & OP_DELEGATE) return hand_of_mention(&h, op);
        return hand_of_operands(&h, op);
    case OP_RETURN:
    case OP_RAISE:
    case OP_UNKNOWN:
        return hand_of_operands(&h, op);
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
    case OP_CHOICE:
        hand = hand_of_operands(&h, op);
        return hand == HAND_PASSES && is_display_borrowed(&h, at.i) ? HAND_USES : hand;
    default:
        return hand_of_mention(&h, op);
    }
}
