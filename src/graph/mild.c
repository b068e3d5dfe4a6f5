/* Which of the calls that may raise one thinks of as raising: by what they are called, and by what
 * the project's own functions do. */
#include "graph/model.h"

enum { RAISER_OPS = 200 }; /* of a function that is looked into */

/* `print_d(…)`, `log_state(…)`, `self._debug(…)`: helpers that tell what goes on. */
static bool is_telling(const Facts *f, u32 index) {
    static const char *const WORDS[] = {"debug", "dprint", "log", "print", "trace", "vprint"};
    const Op *op = &f->ops[index];
    if (op->kind != OP_CALL || !(op->flags & OP_DROPPED)) return false;
    Str name = facts_last_name(f, op_path(op));
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++) {
        u32 n = (u32)strlen(WORDS[i]);
        if (str_starts(name, WORDS[i]) && (name.n == n || name.p[n] == '_')) return true;
    }
    return false;
}

/* The name of what is called; of a variable that holds a method, the method's. */
static Str called_name(const Facts *f, const Op *call) {
    const Path *callee = &f->paths[call->subject];
    if (callee->kind == PATH_ATTR) return facts_str(f, (StrId){callee->id});
    const Symbol *s =
        callee->kind == PATH_SYMBOL ? &f->symbols[f->symbols[callee->id].target.i] : NULL;
    if (!s || s->binds != 1 || !s->bind.i || f->ops[s->bind.i].kind != OP_BIND) return (Str){0};
    return facts_attribute(f, bound_value(f, &f->ops[s->bind.i]));
}

/* `x.is_alive()`, `x._get_state()`: by its name it only asks, and it is told nothing. */
static bool is_asking(const Facts *f, u32 index) {
    static const char *const WORDS[] = {"is_", "has_", "get_"};
    const Op *op = &f->ops[index];
    if (op->kind != OP_CALL || op->operands) return false;
    Str name = called_name(f, op);
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return false;
}

bool call_is_told(const Facts *f, u32 index) {
    return is_telling(f, index) || is_asking(f, index);
}

/* The call that an operation is, or awaits. */
static const Op *call_of(const Facts *f, u32 index) {
    const Op *op = &f->ops[index];
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_AWAIT && p->kind == PATH_OP) op = &f->ops[p->id];
    return op->kind == OP_CALL && op->flags & OP_AWAITED ? op : NULL;
}

bool call_is_sleep(const Graph *g, u32 file, u32 index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[index];
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_AWAIT && p->kind == PATH_OP) op = &f->ops[p->id];
    return op->kind == OP_CALL && str_is(graph_name_of(g, file, op_path(op)), "asyncio.sleep");
}

bool call_is_endless_wait(const Graph *g, u32 file, u32 index) {
    const Facts *f = g->files[file].facts;
    const Op *call = call_of(f, index), *op = &f->ops[index];
    ClassId made;
    /* of a process: only an interrupt ends it early */
    if (op->kind == OP_CALL && str_is(facts_attribute(f, op_path(op)), "communicate"))
        return !call_argument(f, op, 1, "timeout").i;
    return call && !call->operands && str_is(facts_attribute(f, op_path(call)), "wait") &&
           !callee_function(g, file, call, &made);
}

/* `work()` of an `async def work`, which runs when somebody awaits it. */
static bool is_coroutine(const Graph *g, u32 file, const Op *call) {
    ClassId made = {0};
    u32 id = callee_function(g, file, call, &made);
    if (!id || made.i) return false;
    const FunctionNode *fn = &g->functions[id];
    const Scope *scope = &g->files[fn->file].facts->scopes[fn->scope.i];
    if (fn->owner.i && g->classes[fn->owner.i].subclasses.n) return false; /* they may override */
    return scope->flags & SCOPE_ASYNC && !(scope->flags & SCOPE_GENERATOR) &&
           scope->decorator_first == scope->decorator_end;
}

bool call_starts_nothing(const Graph *g, u32 file, u32 index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[index];
    if (op->kind != OP_CALL || op->flags & OP_AWAITED) return false;
    if (is_coroutine(g, file, op)) return true;
    for (u32 i = 0; op->flags & OP_DROPPED && i < op->operands; i++) {
        const Path *p = &f->paths[op_operand(f, op, i).i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL &&
            is_coroutine(g, file, &f->ops[p->id]))
            return true;
    }
    return false;
}

bool call_is_timed_wait(const Graph *g, u32 file, u32 index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[index];
    if (op->kind != OP_CALL) return false;
    Str method = facts_attribute(f, op_path(op));
    bool is_wait = str_is(graph_name_of(g, file, op_path(op)), "asyncio.wait_for");
    if (!is_wait && !str_is(method, "result")) return false;
    PathId time = call_argument(f, op, is_wait ? 1 : 0, "timeout");
    const Path *p = &f->paths[time.i];
    return time.i && !(p->kind == PATH_LITERAL && p->flags == LITERAL_NONE);
}

/* `x.has_watch(path)`: it only asks, and hardly fails over what it is told. */
static bool is_question(const Facts *f, const Op *call) {
    Str name = called_name(f, call);
    name = str_public(name);
    return str_starts(name, "is_") || str_starts(name, "has_");
}

/* `self._notify_progress(…)`: it says how far the work is that may really fail. */
static bool is_notifying(const Facts *f, const Op *call) {
    return call->flags & OP_DROPPED && str_starts(str_public(called_name(f, call)), "notify");
}

/* A function of the project with a `raise` of its own. */
static bool is_raising_callee(const Graph *g, u32 file, const Op *call) {
    ClassId made = {0};
    u32 id = callee_function(g, file, call, &made);
    if (!id) return false;
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    bool is_long = scope->op_end - scope->op_first > RAISER_OPS;
    if (is_long || scope->flags & SCOPE_GENERATOR) return false;
    if (fn->owner.i && g->classes[fn->owner.i].subclasses.n) return false; /* abstract? */
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (f->ops[i].kind == OP_RAISE && f->regions[f->ops[i].region.i].scope.i == fn->scope.i)
            return true;
    return false;
}

u32 call_mildness(const Graph *g, u32 file, u32 index) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[index];
    if (call_is_told(f, index)) return 4;
    if (call_is_timed_wait(g, file, index)) return 0;
    if (call_is_endless_wait(g, file, index)) return 3;
    if (op->kind == OP_YIELD) return 1; /* whoever takes the values may leave */
    if (op->kind != OP_CALL) return 2;
    if (is_raising_callee(g, file, op)) return 1;
    Str name = facts_attribute(f, op_path(op));
    bool is_wait = str_is(name, "wait") || str_is(name, "sleep");
    return is_wait || is_question(f, op) || is_notifying(f, op) ? 3 : 2;
}
