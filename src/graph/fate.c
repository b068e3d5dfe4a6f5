/* What becomes of the value of a call inside its function: the operation that takes it, and, when
 * that binds a local variable, all that is done with the variable. */
#include "graph/model.h"

/* Operations after the value that are searched for the one that takes it; operations of a function
 * that are searched for uses of a local; displays and comprehensions inside one another. */
enum { TAKER_OPS = 400, LOCAL_OPS = 20000, FATE_STEPS = 4 };

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    u32 value;   /* the operation whose value it is */
    SymbolId of; /* or the variable */
    u32 at;      /* the operation that is looked at */
    bool hit;
} Look;

static bool is_value(void *context, PathId path) {
    Look *look = context;
    const Path *root = facts_root(look->f, path);
    return root->kind == PATH_OP && root->id == look->value;
}

static bool is_variable(void *context, PathId path) {
    Look *look = context;
    return path.i && facts_root_symbol(look->f, path).i == look->of.i;
}

/* The first operation from `from` on that takes the value, or 0. */
static u32 taker_of(const Facts *f, u32 value, u32 from) {
    Look look = {.f = f, .value = value};
    u32 end = MIN(from + TAKER_OPS, f->n_ops);
    for (u32 i = from; i < end; i++)
        if (op_paths(f, &f->ops[i], is_value, &look)) return i;
    return 0;
}

/* ---- what is done with a local variable ---- */

/* `add_done_callback` and `set_name`: the task gets something, and nobody gets the task. */
static bool is_adornment(Str method) {
    return str_is(method, "add_done_callback") || str_is(method, "set_name");
}

static bool is_variable_itself(const Look *look, PathId path) {
    return is_variable((void *)(uintptr_t)look, path) && !look->f->paths[path.i].depth;
}

static bool is_value_itself(const Look *look, PathId path) {
    const Path *p = &look->f->paths[path.i];
    return p->kind == PATH_OP && p->id == look->value;
}

/* The operation waits: the frame, and what its variables hold, lives on meanwhile. */
static bool is_wait(const Facts *f, const Op *op) {
    static const char *const METHODS[] = {
        "run_forever", "run_until_complete", "serve_forever", "run", "join", "wait"};
    if (op->kind == OP_AWAIT || op->kind == OP_YIELD) return !(op->flags & OP_IMPLICIT);
    if (op->kind == OP_ITERATE || op->kind == OP_ENTER) return op->flags & OP_ASYNC;
    Str method = op->kind == OP_CALL ? facts_method(f, op) : (Str){0};
    for (u32 i = 0; method.n && i < ARRAY_LEN(METHODS); i++)
        if (str_is(method, METHODS[i])) return true;
    return false;
}

/* Does the variable's own function wait for something after the operation? */
static bool waits_after(const Facts *f, SymbolId owner, u32 from) {
    ScopeId s = f->symbols[owner.i].scope;
    for (u32 i = from + 1; i < f->scopes[s.i].op_end; i++)
        if (f->regions[f->ops[i].region.i].scope.i == s.i && is_wait(f, &f->ops[i])) return true;
    return false;
}

/* A variable of a function, small enough to be searched for. */
static bool is_local(const Facts *f, SymbolId owner) {
    const Scope *s = &f->scopes[f->symbols[owner.i].scope.i];
    return owner.i && (s->kind == SCOPE_FUNCTION || s->kind == SCOPE_LAMBDA) &&
           s->op_end - s->op_first <= LOCAL_OPS;
}

/* What is done with a variable, least first. */
typedef enum Reading {
    READ_NOT,
    READ_ADORNED,
    READ_FILLED,
    READ_RETURNED,
    READ_REALLY,
} Reading;

/* `box.discard` as the callback of a task: it lives with the task, and no longer. */
static bool is_own_callback(const Look *look, const Op *op) {
    const Facts *f = look->f;
    if (op->kind != OP_CALL || !str_is(facts_method(f, op), "add_done_callback")) return false;
    const Path *p = &f->paths[op_operand(f, op, 0).i];
    return op->operands == 1 && p->kind == PATH_ATTR && p->depth == 1;
}

/* `ensure_future(task).add_done_callback(…)` is of that task, like a call on the variable. */
static bool is_echo(const Look *look, const Op *op) {
    const Facts *f = look->f;
    if (op->kind != OP_CALL || !op->operands || !is_variable_itself(look, op_operand(f, op, 0)))
        return false;
    if (!str_is(graph_name_of(look->g, look->file, op_path(op)), "asyncio.ensure_future"))
        return false;
    u32 future = (u32)(op - f->ops), taker = taker_of(f, future, future + 1);
    const Op *chained = &f->ops[taker];
    const Path *callee = &f->paths[taker && chained->kind == OP_CALL ? chained->subject : 0];
    const Path *of = &f->paths[callee->parent.i];
    return callee->kind == PATH_ATTR && of->kind == PATH_OP && of->id == future &&
           is_adornment(facts_str(f, (StrId){callee->id})) && !taker_of(f, future, taker + 1);
}

static Reading reading_of(const Look *look, const Op *op) {
    const Facts *f = look->f;
    if (!op_paths(f, op, is_variable, (void *)(uintptr_t)look)) return READ_NOT;
    if (op->kind == OP_DELETE && is_variable_itself(look, op_path(op))) return READ_NOT;
    if (op->kind == OP_BIND && op->operands &&
        !op_paths(f, op, is_variable, (void *)(uintptr_t)look))
        return READ_NOT;
    if (op->kind == OP_RETURN && is_variable_itself(look, op_operand(f, op, 0)))
        return READ_RETURNED;
    if (op->kind != OP_CALL) return READ_REALLY;
    PathId callee = op_path(op);
    bool is_own = is_variable((void *)(uintptr_t)look, callee) && f->paths[callee.i].depth == 1;
    for (u32 i = 0; is_own && i < op->operands; i++)
        if (is_variable((void *)(uintptr_t)look, f->operands[op->operand + i].path))
            return READ_REALLY;
    Str method = facts_method(f, op);
    if (is_own && is_adornment(method)) return READ_ADORNED;
    const MethodRow *row = is_own ? know_method(method) : NULL;
    if (row && row->effect == METHOD_ADDS && op->flags & OP_DROPPED) return READ_FILLED;
    return is_own_callback(look, op) || is_echo(look, op) ? READ_ADORNED : READ_REALLY;
}

/* How the variable is read anywhere in its function or in inner ones, the most that is done. */
static Reading reading_in_function(const Look *look) {
    const Facts *f = look->f;
    const Scope *s = &f->scopes[f->symbols[look->of.i].scope.i];
    Reading most = READ_NOT;
    for (u32 i = s->op_first; i < s->op_end && most != READ_REALLY; i++) {
        Reading reading = reading_of(look, &f->ops[i]);
        bool is_later = f->regions[f->ops[i].region.i].scope.i != f->symbols[look->of.i].scope.i;
        if (reading && is_later) reading = READ_REALLY; /* an inner function has it */
        most = MAX(most, reading);
    }
    return most;
}

/* `task.add_done_callback(box.discard)`, for what is done with the box. */
static bool is_taken_out(const Look *box) {
    const Facts *f = box->f;
    const Scope *s = &f->scopes[f->symbols[box->of.i].scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (!is_own_callback(box, op)) continue;
        PathId callback = op_operand(f, op, 0);
        if (!is_variable((void *)(uintptr_t)box, callback)) continue;
        const MethodRow *row = know_method(facts_str(f, (StrId){f->paths[callback.i].id}));
        if (row && row->effect == METHOD_REMOVES) return true;
    }
    return false;
}

/* ---- the fate ---- */

static Fate fate_of_value(const Look *look, u32 value, u32 steps);

static Fate fate_of_container(const Look *look, PathId container, u32 op) {
    const Facts *f = look->f;
    Look box = *look;
    box.of = facts_root_symbol(f, container);
    Fate kept = {.kind = FATE_KEPT, .op = {op}};
    if (f->paths[container.i].kind != PATH_SYMBOL || !is_local(f, box.of)) return kept;
    const Symbol *symbol = &f->symbols[box.of.i];
    const Op *bind = &f->ops[symbol->bind.i];
    if (symbol->flags & SYMBOL_PARAM || symbol->binds != 1 || bind->kind != OP_BIND) return kept;
    if (graph_made_kind(look->g, look->file, bound_value(f, bind)) == CONTAINER_OTHER) return kept;
    if (reading_in_function(&box) > READ_FILLED) return kept;
    return (Fate){.kind = FATE_CONTAINER,
                  .op = {op},
                  .local = facts_str(f, symbol->name),
                  .waits = waits_after(f, box.of, op),
                  .is_taken_out = is_taken_out(&box)};
}

/* The call that puts the variable into a local container, if that is all that is done to it. */
static u32 filling_of(const Look *look) {
    const Facts *f = look->f;
    const Scope *s = &f->scopes[f->symbols[look->of.i].scope.i];
    u32 filling = 0;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        Reading reading = reading_of(look, op);
        if (reading == READ_NOT || reading == READ_ADORNED) continue;
        bool is_added = op->kind == OP_CALL && op->operands == 1 && op->flags & OP_DROPPED &&
                        is_variable_itself(look, op_operand(f, op, 0)) && !filling;
        const MethodRow *row = is_added ? know_method(facts_method(f, op)) : NULL;
        if (!row || row->effect != METHOD_ADDS) return 0;
        filling = i;
    }
    return filling;
}

static Fate fate_of_local(const Look *look, u32 op) {
    const Facts *f = look->f;
    Look variable = *look;
    variable.of = facts_root_symbol(f, op_path(&f->ops[op]));
    Fate fate = {.kind = FATE_KEPT, .op = {op}};
    ScopeId here = f->regions[f->ops[op].region.i].scope;
    /* bound for an outer function by `nonlocal`: that one may read it at any time */
    bool is_own = f->symbols[variable.of.i].scope.i == here.i;
    if (!is_local(f, variable.of) || !is_own) return fate;
    fate.local = facts_str(f, f->symbols[variable.of.i].name);
    Reading reading = reading_in_function(&variable);
    if (reading == READ_REALLY) {
        u32 filling = filling_of(&variable);
        if (!filling) return fate;
        return fate_of_container(look, (PathId){f->paths[f->ops[filling].subject].parent.i},
                                 filling);
    }
    fate.waits = waits_after(f, variable.of, op);
    fate.kind = reading == READ_RETURNED  ? FATE_RETURNED
                : reading == READ_ADORNED ? FATE_UNKEPT
                                          : FATE_UNREAD;
    if (reading == READ_FILLED) fate.kind = FATE_KEPT;
    return fate;
}

static Fate fate_in_call(const Look *look, u32 op) {
    const Facts *f = look->f;
    const Op *call = &f->ops[op];
    PathId callee = op_path(call);
    Fate fate = {.kind = FATE_KEPT, .op = {op}};
    if (is_value((void *)(uintptr_t)look, callee)) {
        bool is_chained = f->paths[callee.i].depth == 1 && is_adornment(facts_method(f, call));
        if (is_chained) fate.kind = FATE_CHAINED;
        return fate;
    }
    bool is_itself = call->operands == 1 && is_value_itself(look, op_operand(f, call, 0));
    if (!is_itself || !(call->flags & OP_DROPPED)) return fate;
    const MethodRow *row = know_method(facts_method(f, call));
    if (row && row->effect == METHOD_ADDS)
        return fate_of_container(look, (PathId){f->paths[callee.i].parent.i}, op);
    const CallRow *known = know_call(graph_name_of(look->g, look->file, callee));
    if (known && known->flags & CALL_READS) fate.kind = FATE_DROPPED;
    return fate;
}

/* A display, a choice between values, or a comprehension that the value is an element of. */
static Fate fate_of_part(const Look *look, u32 whole, u32 steps) {
    const Op *op = &look->f->ops[whole];
    if (op->flags & OP_DROPPED) return (Fate){.kind = FATE_DROPPED, .op = {whole}};
    if (op->kind == OP_GENERATOR) return (Fate){.kind = FATE_KEPT, .op = {whole}};
    Look of = *look;
    of.value = whole;
    return fate_of_value(&of, whole, steps);
}

static Fate fate_of_taking(const Look *look, u32 op, u32 steps) {
    const Facts *f = look->f;
    const Op *taker = &f->ops[op];
    Fate fate = {.kind = FATE_KEPT, .op = {op}};
    switch (taker->kind) {
    case OP_AWAIT:
        fate.kind = FATE_AWAITED;
        return fate;
    case OP_RETURN:
        if (is_value_itself(look, op_operand(f, taker, 0))) fate.kind = FATE_RETURNED;
        return fate;
    case OP_YIELD: {
        ScopeId s = f->regions[taker->region.i].scope;
        if (!(taker->flags & OP_IMPLICIT) || f->scopes[s.i].kind != SCOPE_COMPREHENSION)
            return fate;
        return fate_of_part(look, f->scopes[s.i].def.i, steps);
    }
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_CHOICE:
        return fate_of_part(look, op, steps);
    case OP_BIND:
        return fate_of_local(look, op);
    case OP_CALL:
        return fate_in_call(look, op);
    default:
        return fate;
    }
}

static Fate fate_of_value(const Look *look, u32 value, u32 steps) {
    const Facts *f = look->f;
    Fate fate = {.kind = FATE_KEPT, .op = {value}};
    u32 taker = steps ? taker_of(f, value, value + 1) : 0;
    if (!taker) return fate;
    u32 kind = f->ops[taker].kind;
    u32 again = taker_of(f, value, taker + 1);
    /* `a, b = f(), g()`: the tuple is never made, its elements are bound */
    if (again && kind == OP_TUPLE) {
        taker = again;
        again = taker_of(f, value, taker + 1);
    }
    if (again && kind != OP_AWAIT) return fate;
    return fate_of_taking(look, taker, steps - 1);
}

Fate graph_fate_of(const Graph *g, u32 file, OpId call) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[call.i];
    if (op->flags & OP_AWAITED) return (Fate){.kind = FATE_AWAITED, .op = call};
    if (op->flags & OP_DROPPED) return (Fate){.kind = FATE_DROPPED, .op = call};
    Look look = {.g = g, .file = file, .f = f, .value = call.i};
    return fate_of_value(&look, call.i, FATE_STEPS);
}

/* ---- queues ---- */

bool graph_is_size_asked(const Graph *g, u32 file, Str queue) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i], *of = &f->paths[p->parent.i];
        if (p->kind != PATH_ATTR) continue;
        Str name = facts_str(f, (StrId){p->id});
        if (!str_is(name, "qsize") && !str_is(name, "full")) continue;
        Str last = of->kind == PATH_ATTR     ? facts_str(f, (StrId){of->id})
                   : of->kind == PATH_SYMBOL ? facts_str(f, f->symbols[of->id].name)
                                             : (Str){0};
        if (last.n && str_eq(last, queue)) return true;
    }
    return false;
}

bool graph_is_named_by_others(const Graph *g, u32 file, Str attribute) {
    const Facts *f = g->files[file].facts;
    u64 hash = hash_str(attribute);
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i];
        if (p->kind != PATH_ATTR || name_hash(f, (StrId){p->id}) != hash) continue;
        const Path *owner = &f->paths[p->parent.i];
        bool is_self =
            owner->kind == PATH_SYMBOL && str_is(facts_str(f, f->symbols[owner->id].name), "self");
        if (!is_self) return true;
    }
    return false;
}

/* `queue.put` as it is called, or as a value: bit 0, or bit 1. */
static u32 method_use(const Look *look, const Op *op, const char *method, const char *other) {
    const Facts *f = look->f;
    u32 uses = 0;
    for (u32 i = 0; i <= op->operands; i++) {
        PathId path = i ? f->operands[op->operand + i - 1].path : op_path(op);
        if (!i && op_subject((OpKind)op->kind) != SUBJECT_PATH) continue;
        const Path *p = &f->paths[path.i];
        if (p->kind != PATH_ATTR || p->depth != 1 || !is_variable((void *)(uintptr_t)look, path))
            continue;
        Str name = facts_str(f, (StrId){p->id});
        if (!str_is(name, method) && !str_is(name, other)) continue;
        uses |= !i && op->kind == OP_CALL ? 1 : 2;
    }
    return uses;
}

LocalQueue graph_local_queue(const Graph *g, OpRef made) {
    const Facts *f = g->files[made.file].facts;
    u32 taker = taker_of(f, made.op.i, made.op.i + 1);
    LocalQueue q = {0};
    if (!taker || f->ops[taker].kind != OP_BIND) return q;
    Look look = {
        .g = g, .file = made.file, .f = f, .of = facts_root_symbol(f, op_path(&f->ops[taker]))};
    if (!is_local(f, look.of) || f->symbols[look.of.i].binds != 1) return q;
    if (graph_made_kind(g, made.file, bound_value(f, &f->ops[taker])) != CONTAINER_QUEUE) return q;
    q.name = facts_str(f, f->symbols[look.of.i].name);
    ScopeId own = f->symbols[look.of.i].scope;
    for (u32 i = f->scopes[own.i].op_first; i < f->scopes[own.i].op_end; i++) {
        const Op *op = &f->ops[i];
        ScopeId here = enclosing_function(f, f->regions[op->region.i].scope);
        u32 put = method_use(&look, op, "put", "put_nowait");
        bool fills = put & 2 || (put & 1 && here.i != own.i);
        if (fills && !q.fill.i) {
            q.fill = (OpId){i};
            q.filler = here;
        }
        if (method_use(&look, op, "get", "get_nowait") && !q.take.i) q.take = (OpId){i};
    }
    return q;
}
