/* Frames: which expressions are frames or what hangs on them, and what of weight the frame of a
 * function holds. */
#include "graph/model.h"

enum { FRAME_STEPS = 6, RETURNS_READ = 8, BURDEN_OPS = 4000, FAR = 99 };

static const Frame NO_FRAME;

static Frame look(const Graph *g, u32 file, PathId value, u32 steps);

/* A small number as written, or the default of the parameter that the path is. */
static int number_of(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[p->id].target.i];
        const Scope *scope = &f->scopes[s->scope.i];
        if (!(s->flags & SYMBOL_PARAM)) return FAR;
        for (u32 i = scope->param_first; i < scope->param_end; i++)
            if (f->params[i].symbol.i == f->symbols[p->id].target.i && f->params[i].fallback.i)
                p = &f->paths[f->params[i].fallback.i];
    }
    bool is_literal = p->kind == PATH_LITERAL || p->kind == PATH_CONST;
    if (!is_literal || p->flags != LITERAL_INT) return FAR;
    Str text = facts_str(f, (StrId){p->id});
    return text.n == 1 && text.p[0] >= '0' && text.p[0] <= '9' ? text.p[0] - '0' : FAR;
}

/* A call of the project returns a frame: as seen from its caller, one step nearer. */
static Frame returned(const Graph *g, u32 file, const Op *call, u32 steps) {
    ClassId instance;
    u32 id = callee_function(g, file, call, &instance);
    if (!id) return NO_FRAME;
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    for (u32 i = 0; i < fn->n_returns && i < RETURNS_READ; i++) {
        PathId value = op_operand(f, &f->ops[fn->returns[i].i], 0);
        Frame frame = look(g, fn->file, value, steps);
        if (!frame.kind) continue;
        if (frame.depth != FAR) frame.depth--;
        frame.helper = (ScopeRef){fn->file, fn->scope};
        return frame;
    }
    return NO_FRAME;
}

static Frame called(const Graph *g, u32 file, const Op *call, u32 steps) {
    const Facts *f = g->files[file].facts;
    Str name = graph_name_of(g, file, op_path(call));
    if (str_is(name, "inspect.currentframe")) return (Frame){.kind = FRAME_ITSELF};
    if (str_is(name, "inspect.stack")) return (Frame){.kind = FRAME_STACK};
    if (str_is(name, "sys._getframe"))
        return (Frame){.kind = FRAME_ITSELF,
                       .depth = call->operands ? number_of(f, op_operand(f, call, 0)) : 0};
    return know_call(name) ? NO_FRAME : returned(g, file, call, steps);
}

static Frame attribute(const Graph *g, u32 file, const Path *p, u32 steps) {
    const Facts *f = g->files[file].facts;
    Str name = facts_str(f, (StrId){p->id});
    bool is_back = str_is(name, "f_back"), is_locals = str_is(name, "f_locals");
    if (!is_back && !is_locals && !str_is(name, "frame")) return NO_FRAME;
    Frame frame = look(g, file, p->parent, steps);
    if (frame.kind == FRAME_INFO && str_is(name, "frame")) frame.kind = FRAME_ITSELF;
    if (frame.kind != FRAME_ITSELF) return NO_FRAME;
    if (is_back && frame.depth != FAR) frame.depth++;
    if (is_locals) frame.kind = FRAME_LOCALS;
    return frame;
}

/* `inspect.stack()[1]`, `inspect.stack()[1][0]` */
static Frame element(const Graph *g, u32 file, const Path *p, u32 steps) {
    const Facts *f = g->files[file].facts;
    Frame frame = look(g, file, p->parent, steps);
    int index = p->kind == PATH_CONST
                    ? (p->flags == LITERAL_INT ? facts_str(f, (StrId){p->id}).p[0] - '0' : FAR)
                    : FAR;
    if (frame.kind == FRAME_STACK) {
        frame.kind = FRAME_INFO;
        frame.depth = frame.depth == FAR || index == FAR ? FAR : frame.depth + index;
        return frame;
    }
    if (frame.kind != FRAME_INFO || index != 0) return NO_FRAME;
    frame.kind = FRAME_ITSELF;
    return frame;
}

static Frame look(const Graph *g, u32 file, PathId value, u32 steps) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (!steps || !value.i) return NO_FRAME;
    switch ((PathKind)p->kind) {
    case PATH_SYMBOL: {
        PathId alias = graph_alias_of(g, file, value);
        return alias.i == value.i ? NO_FRAME : look(g, file, alias, steps - 1);
    }
    case PATH_OP:
        return f->ops[p->id].kind == OP_CALL ? called(g, file, &f->ops[p->id], steps - 1)
                                             : NO_FRAME;
    case PATH_ATTR:
        return attribute(g, file, p, steps - 1);
    case PATH_CONST:
    case PATH_ANY:
        return element(g, file, p, steps - 1);
    default:
        return NO_FRAME;
    }
}

Frame graph_frame_of(const Graph *g, u32 file, PathId value) {
    return look(g, file, value, FRAME_STEPS);
}

/* ---- what a frame holds ---- */

/* Somebody closes it, hands it over or gets it back: its end does not hang on the frame. */
static bool is_settled(const Facts *f, const Scope *scope, PathId path) {
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        const Path *p = &f->paths[op->subject];
        bool is_subject = op_subject((OpKind)op->kind) == SUBJECT_PATH;
        if (is_subject && op->kind == OP_CALL && p->kind == PATH_ATTR && p->parent.i == path.i) {
            Str name = facts_str(f, (StrId){p->id});
            if (str_contains(name, "close") || str_contains(name, "shutdown") ||
                str_is(name, "terminate") || str_is(name, "kill") || str_is(name, "release") ||
                str_is(name, "cleanup") || str_is(name, "join") || str_is(name, "detach"))
                return true;
        }
        if (is_subject && op->kind == OP_ENTER && op->subject == path.i) return true;
        if (op->kind == OP_DELETE && op->subject == path.i && !(op->flags & OP_IMPLICIT))
            return true;
        if (op->kind == OP_RETURN || op->kind == OP_YIELD || op->kind == OP_CALL ||
            op->kind == OP_STORE || op->kind == OP_TUPLE || op->kind == OP_LIST ||
            op->kind == OP_DICT)
            for (u32 i = 0; i < op->operands; i++)
                if (f->operands[op->operand + i].path.i == path.i) return true;
    }
    return false;
}

static bool burden_of_local(const Graph *g, ScopeRef function, const Op *bind, FrameBurden *b) {
    const Facts *f = g->files[function.file].facts;
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN) return false;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
    const ResourceRow *row =
        know_resource(graph_name_of(g, function.file, op_path(&f->ops[value->id])));
    SymbolId owner = facts_root_symbol(f, op_path(bind));
    const Scope *scope = &f->scopes[function.scope.i];
    if (!row || f->symbols[owner.i].scope.i != function.scope.i) return false;
    if (row->kind == RESOURCE_THREAD) return false; /* while it runs, it holds itself */
    if (is_settled(f, scope, op_path(bind))) return false;
    for (RegionId r = bind->region; r.i > scope->region.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TRY) return false; /* what failed may be just that */
    *b = (FrameBurden){.what = str_from(resource_text(row->kind)),
                       .name = facts_str(f, f->symbols[owner.i].name),
                       .is_resource = true,
                       .place = bind->span};
    return true;
}

/* The annotation, or a part of `X | None`, `Optional[X]`, names something large. */
static bool is_large(const Graph *g, u32 file, PathId annotation, u32 steps) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (!annotation.i || !steps) return false;
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!op) {
        bool is_text = p->kind == PATH_LITERAL && p->flags == LITERAL_STRING;
        return know_is_large_type(is_text ? facts_str(f, (StrId){p->id})
                                          : graph_name_of(g, file, annotation));
    }
    if (op->kind != OP_BINARY && op->kind != OP_SUBSCRIPT) return false;
    for (u32 i = 0; i < op->operands && i < 8; i++)
        if (is_large(g, file, op_operand(f, op, i), steps - 1)) return true;
    return op->kind == OP_SUBSCRIPT && is_large(g, file, op_path(op), steps - 1);
}

bool graph_frame_burden(const Graph *g, ScopeRef function, OpId before, FrameBurden *b) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        if (!is_large(g, function.file, p->annotation, 3)) continue;
        const Symbol *s = &f->symbols[p->symbol.i];
        *b = (FrameBurden){
            .what = STR("large object"), .name = facts_str(f, s->name), .place = scope->name_span};
        return true;
    }
    u32 end = MIN(before.i ? before.i : scope->op_end, scope->op_first + BURDEN_OPS);
    for (u32 o = scope->op_first; o < end; o++)
        if (burden_of_local(g, function, &f->ops[o], b)) return true;
    return false;
}
