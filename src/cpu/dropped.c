/* Coroutines that are made and never awaited. */
#include "cpu/read.h"

/* Methods that call what they are given, and look at no result; index of the callable. */
static int callback_index(const Facts *f, const Op *call) {
    static const struct {
        const char *name;
        int callable;
    } ROWS[] = {{"add_done_callback", 0}, {"add_signal_handler", 1}, {"call_at", 1},
                {"call_later", 1},        {"call_soon", 0},          {"call_soon_threadsafe", 0}};
    const Path *callee = &f->paths[call->subject];
    Str name = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    for (u32 i = 0; name.n && i < ARRAY_LEN(ROWS); i++)
        if (str_is(name, ROWS[i].name)) return ROWS[i].callable;
    return -1;
}

bool takes_callback(const Facts *f, const Op *call) {
    return callback_index(f, call) >= 0;
}

/* An event loop or task of asyncio, by what made it or by its name. */
static bool is_of_asyncio(const Reader *r, PathId receiver) {
    Str origin = origin_of(r, receiver);
    if (origin.n) return str_starts(origin, "asyncio.");
    const Path *p = &r->f->paths[receiver.i];
    Str name = {0};
    if (p->kind == PATH_ATTR) name = facts_str(r->f, (StrId){p->id});
    if (p->kind == PATH_SYMBOL) name = facts_str(r->f, r->f->symbols[p->id].name);
    return str_is(name, "loop") || str_is(name, "_loop") || str_ends(name, "task");
}

/* More than `...` or `raise NotImplementedError`: of a protocol others may be no coroutines. */
static bool has_body(const Facts *f, const Scope *scope) {
    bool calls = false, raises = false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        raises |= op->kind == OP_RAISE;
        calls |= op->kind == OP_CALL || (op->kind == OP_RETURN && !(op->flags & OP_IMPLICIT));
        if (op->kind == OP_AWAIT || op->kind == OP_STORE || op->kind == OP_AUGMENT ||
            op->kind == OP_ENTER || op->kind == OP_ITERATE)
            return true;
    }
    return calls && !raises;
}

static bool makes_coroutine(const Reader *r, u32 function) {
    if (!function) return false;
    ScopeRef made = graph_function_scope(r->g, function);
    const Facts *f = graph_facts(r->g, made.file);
    const Scope *scope = &f->scopes[made.scope.i];
    return scope->flags & SCOPE_ASYNC && !(scope->flags & SCOPE_GENERATOR) && has_body(f, scope);
}

static bool is_replaceable(const Reader *r, ScopeRef function) {
    return graph_decoration(r->g, function) >= DECORATION_NOTHING;
}

static bool imports_tornado(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++)
        if (str_starts(facts_str(f, f->imports[i].module), "tornado")) return true;
    return false;
}

static void add(Reader *r, DroppedCoroutine d) {
    d.in_coroutine = r->f->scopes[r->scope.i].flags & SCOPE_ASYNC;
    if (!scope_is_none(d.made_by)) d.is_doubtful = is_replaceable(r, d.made_by);
    vec_push(&r->space->kept, &r->space->dropped, d);
    vec_push(&r->space->kept, &r->space->dropped_code, r->code);
}

static void find_callback(Reader *r, OpId op) {
    const Op *call = &r->f->ops[op.i];
    int index = callback_index(r->f, call);
    if (index < 0) return;
    Target t = target_of(r, op_operand(r->f, call, (u32)index));
    const Path *callee = &r->f->paths[call->subject];
    if (!makes_coroutine(r, t.function) || !is_of_asyncio(r, callee->parent)) return;
    if (imports_tornado(r->f)) return; /* its loop takes coroutines */
    add(r, (DroppedCoroutine){.kind = DROPPED_CALLBACK,
                              .op = op,
                              .made_by = graph_function_scope(r->g, t.function),
                              .receiver = facts_str(r->f, (StrId){callee->id})});
}

/* What takes the value next to its making: a test, a local. */
static bool fate(const Reader *r, OpId op, DroppedCoroutine *d) {
    const Facts *f = r->f;
    if (f->ops[op.i].flags & OP_DROPPED) return true;
    for (u32 i = op.i + 1; i < f->n_ops && i < op.i + 3; i++) {
        const Op *next = &f->ops[i];
        const Path *subject = &f->paths[next->kind == OP_TEST ? next->subject : 0];
        if (subject->kind == PATH_OP && subject->id == op.i) {
            d->kind = DROPPED_TEST;
            u32 how = next->flags & OP_LOW;
            return how == TEST_CALL || how == TEST_TRUTH;
        }
        const Path *value = &f->paths[bound_value(f, next).i];
        if (next->kind != OP_BIND || value->kind != PATH_OP || value->id != op.i) continue;
        Fate became = graph_fate_of(r->g, r->file, op);
        d->kind = DROPPED_UNREAD;
        d->local = became.local;
        return became.kind == FATE_UNREAD;
    }
    return false;
}

void find_dropped(Reader *r, OpId op) {
    const Op *call = &r->f->ops[op.i];
    DroppedCoroutine d = {.kind = DROPPED_CALL, .op = op};
    Callee callee = graph_callee(r->g, r->file, op);
    if (callee.function) {
        if (!makes_coroutine(r, callee.function)) return;
        d.made_by = graph_function_scope(r->g, callee.function);
    } else {
        find_callback(r, op);
        if (!(call->flags & OP_DROPPED)) return;
        d.name = graph_name_of(r->g, r->file, op_path(call));
        if (!know_is_coroutine(d.name)) return;
    }
    if (fate(r, op, &d)) add(r, d);
}
