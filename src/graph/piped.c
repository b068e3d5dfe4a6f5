/* Processes whose output goes into a pipe: who waits for their end before anybody reads it, and who
 * never waits at all. */
#include "graph/model.h"

enum { PIPED_OPS = 4000, VALUE_OPS = 40 };

typedef struct Watch {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope; /* of the call */
    u32 value;     /* the operation whose value is the process */
    SymbolId process;
    u32 polled; /* the first poll of a loop that goes on while it runs, and the end of that loop */
    u32 polled_end;
    bool is_handed; /* somebody else may read it, or the process is told to end */
    bool is_asked;  /* polled, and so on */
    Piped *out;
} Watch;

static bool is_pipe(const Graph *g, u32 file, const Op *call, u32 index, const char *name) {
    PathId path = call_argument(g->files[file].facts, call, index, name);
    Str value = path.i ? graph_name_of(g, file, path) : (Str){0};
    return str_ends(value, "subprocess.PIPE") || str_ends(value, "subprocess32.PIPE");
}

/* ---- the variable ---- */

static u32 awaited_value(const Facts *f, u32 call) {
    if (!(f->ops[call].flags & OP_AWAITED)) return call;
    for (u32 i = call + 1; i < MIN(call + 4, f->n_ops); i++) {
        const Path *p = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind == OP_AWAITED_VALUE && p->kind == PATH_OP && p->id == call) return i;
    }
    return call;
}

static bool is_value(const Facts *f, PathId path, u32 value) {
    const Path *p = &f->paths[path.i];
    return path.i && p->kind == PATH_OP && p->id == value;
}

/* The local or global variable that it is bound to; 0 when it goes elsewhere. */
static u32 bind_of(Watch *w) {
    const Facts *f = w->f;
    u32 end = MIN(w->value + VALUE_OPS, f->n_ops);
    for (u32 i = w->value + 1; i < end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL && w->f->paths[op->subject].kind == PATH_ATTR &&
            is_value(f, f->paths[op->subject].parent, w->value)) { /* `Popen(…).wait()` */
            Str method = facts_str(f, (StrId){f->paths[op->subject].id});
            w->out->is_dropped = true;
            if (str_is(method, "wait")) w->out->wait = (OpId){i};
            return 0;
        }
        if (op->kind != OP_BIND || !is_value(f, bound_value(f, op), w->value)) continue;
        w->process = facts_root_symbol(f, op_path(op));
        return f->symbols[w->process.i].scope.i == w->scope.i ? i : 0;
    }
    w->out->is_dropped = f->ops[w->value].flags & OP_DROPPED;
    return 0;
}

/* ---- what is done with it ---- */

/* The first selector of a path that begins at the process; empty for the process itself. */
static bool is_of_process(const Watch *w, PathId path, Str *part) {
    const Facts *f = w->f;
    *part = (Str){0};
    if (!path.i || facts_root_symbol(f, path).i != w->process.i) return false;
    for (PathId p = path; f->paths[p.i].depth; p = f->paths[p.i].parent)
        if (f->paths[p.i].depth == 1 && f->paths[p.i].kind == PATH_ATTR)
            *part = facts_str(f, (StrId){f->paths[p.i].id});
    return true;
}

static void note_part(Watch *w, Str part, u32 op) {
    bool is_out = str_is(part, "stdout"), is_err = str_is(part, "stderr");
    if (w->out->wait.i) {
        if ((is_out || is_err) && !w->out->read.i) w->out->read = (OpId){op};
        return;
    }
    if (is_out) w->out->is_out = false;
    if (is_err) w->out->is_err = false;
}

/* The end of the loop that asks in its head, or 0. */
static u32 end_of_loop(const Watch *w, u32 op) {
    const Facts *f = w->f;
    for (u32 r = f->ops[op].region.i; r < f->n_regions; r++) {
        const Region *region = &f->regions[r];
        if (region->kind == REGION_WHILE && region->test_first <= op && op < region->test_end)
            return region->span.end;
        if (region->span.start > f->ops[op].span.end) break;
    }
    return 0;
}

static void note_method(Watch *w, Str method, u32 op) {
    static const char *const ENDS[] = {"communicate", "kill", "terminate", "send_signal",
                                       "__exit__"};
    const Op *call = &w->f->ops[op];
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_is(method, ENDS[i])) {
            if (w->out->wait.i && !w->out->read.i)
                w->out->read = (OpId){op};
            else
                w->is_handed = true;
        }
    if (str_is(method, "poll") && !w->polled && (w->polled_end = end_of_loop(w, op)))
        w->polled = op;
    w->is_asked |= str_is(method, "poll") || str_is(method, "wait");
    if (!str_is(method, "wait") || w->out->wait.i) return;
    w->out->wait = (OpId){op};
    w->out->has_timeout = call->operands > 0;
}

static void note_operation(Watch *w, u32 i) {
    const Facts *f = w->f;
    const Op *op = &f->ops[i];
    bool is_own = f->regions[op->region.i].scope.i == w->scope.i;
    Str part;
    if (op_subject((OpKind)op->kind) == SUBJECT_PATH && is_of_process(w, op_path(op), &part)) {
        bool is_binding = op->kind == OP_BIND || op->kind == OP_DELETE;
        if (!is_own || (is_binding && !part.n) || (op->kind == OP_CALL && !part.n))
            w->is_handed = true;
        else if (op->kind == OP_CALL && f->paths[op->subject].depth == 1)
            note_method(w, part, i);
        else
            note_part(w, part, i);
    }
    for (u32 k = 0; k < op->operands; k++) {
        if (!is_of_process(w, op_operand(f, op, k), &part)) continue;
        if (part.n)
            note_part(w, part, i);
        else if (op->kind != OP_TEST && op->kind != OP_COMPARE && op->kind != OP_FSTRING)
            w->is_handed = true;
    }
}

/* A poll in the head of a loop that reads nothing is a wait. */
static void end_poll(Watch *w, u32 i) {
    if (!w->polled || w->f->ops[i].span.start < w->polled_end) return;
    if (!w->out->wait.i) {
        w->out->wait = (OpId){w->polled};
        w->out->is_polled = true;
    }
    w->polled = 0;
}

static void watch(Watch *w, u32 bind) {
    const Scope *scope = &w->f->scopes[w->scope.i];
    for (u32 i = bind + 1; i < scope->op_end && !w->is_handed; i++) {
        end_poll(w, i);
        note_operation(w, i);
    }
    if (!w->is_handed && scope->op_end) {
        w->polled_end = 0;
        end_poll(w, scope->op_end - 1);
    }
}

/* A function that waits by itself, and reads nothing: `subprocess.call(…, stdout=PIPE)`. */
static bool is_waiting_call(Str name) {
    return str_is(name, "subprocess.call") || str_is(name, "subprocess.check_call");
}

bool graph_piped(const Graph *g, OpRef call, Piped *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    Str name = graph_name_of(g, call.file, op_path(op));
    *out = (Piped){.name = name,
                   .is_out = is_pipe(g, call.file, op, 4, "stdout"),
                   .is_err = is_pipe(g, call.file, op, 5, "stderr")};
    bool is_piped = out->is_out || out->is_err;
    if (is_waiting_call(name)) {
        out->wait = call.op;
        return is_piped;
    }
    Watch w = {.g = g, .file = call.file, .f = f, .out = out};
    w.scope = f->regions[op->region.i].scope;
    const Scope *scope = &f->scopes[w.scope.i];
    if (scope->op_end - scope->op_first > PIPED_OPS || scope->kind == SCOPE_CLASS) return false;
    w.value = awaited_value(f, call.op.i);
    bool both = out->is_out && out->is_err;
    u32 bind = bind_of(&w);
    if (bind) {
        out->process = op_path(&f->ops[bind]);
        out->is_entered = (f->ops[bind].flags & OP_LOW) == BIND_WITH;
        watch(&w, bind);
        if (w.is_handed) return false;
        out->is_half_read = both && out->is_out != out->is_err;
    } else if (!out->is_dropped) {
        return false;
    }
    bool is_reaped = str_starts(name, "asyncio.") || out->is_entered;
    if (!out->wait.i) return !w.is_asked && !is_reaped; /* nobody waits */
    return out->is_out || out->is_err;
}
