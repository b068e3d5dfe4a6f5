/* Handlers and filters that are added to loggers: is the logger shared, and the handler new? */
#include "graph/model.h"

/* `logger.handlers`, `hasHandlers()`, `removeHandler(h)`, `logging.config.dictConfig`, and
 * `logging.root.manager.loggerDict`, which knows the loggers that were set up before. */
static bool is_about_handlers(Str name) {
    static const char *const NAMES[] = {"handlers",      "filters",      "hasHandlers",
                                        "removeHandler", "removeFilter", "dictConfig",
                                        "fileConfig",    "loggerDict"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* Any path of the file: asked once for each candidate, and those are few. */
static bool file_looks_at_handlers(const Facts *f) {
    for (u32 p = 1; p < f->n_paths; p++)
        if (f->paths[p].kind == PATH_ATTR &&
            is_about_handlers(facts_str(f, (StrId){f->paths[p].id})))
            return true;
    return false;
}

/* A logger that this call makes, or one for each call: by a name that differs. */
static bool is_own_logger(const Graph *g, u32 file, PathId logger) {
    const Facts *f = graph_facts(g, file);
    PathId value = graph_alias_of(g, file, logger);
    const Path *p = &f->paths[value.i];
    if (str_is(graph_maker_of(g, file, logger), "logging.Logger")) return true;
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Op *call = &f->ops[p->id];
    if (!call->operands) return false;
    u32 shape = graph_shape(g, file, op_operand(f, call, 0));
    return (shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED)) != 0;
}

/* The receiver is a logger by its making, by its name, or the argument is a handler by its class.
 */
static Confidence is_logger(const Graph *g, u32 file, PathId logger, PathId handler) {
    Str maker = graph_maker_of(g, file, logger), text = {0};
    const Facts *f = graph_facts(g, file);
    if (str_is(maker, "logging.getLogger")) return CONFIDENCE_HIGH;
    if (str_starts(graph_name_of(g, file, logger), "logging.")) return CONFIDENCE_HIGH;
    const Path *p = &f->paths[logger.i];
    if (p->kind == PATH_ATTR) text = facts_str(f, (StrId){p->id});
    if (p->kind == PATH_SYMBOL) text = facts_str(f, f->symbols[p->id].name);
    if (str_is(text, "logger") || str_is(text, "log") || str_is(text, "_logger"))
        return CONFIDENCE_MEDIUM;
    return str_starts(graph_maker_of(g, file, handler), "logging.") ? CONFIDENCE_MEDIUM
                                                                    : CONFIDENCE_LOW;
}

/* The handler is made by this call of the function, or is the instance itself. */
static bool is_new(const Graph *g, u32 file, OpId call, PathId handler, const Grip *grip) {
    const Facts *f = graph_facts(g, file);
    PathId value = graph_alias_of(g, file, handler);
    const Path *p = &f->paths[value.i];
    bool is_here = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL &&
                   f->regions[f->ops[p->id].region.i].scope.i ==
                       f->regions[facts_op(f, call)->region.i].scope.i;
    if (is_here) {
        Str name = str_after_last(graph_name_of(g, file, op_path(&f->ops[p->id])), '.');
        return name.n && name.p[0] >= 'A' && name.p[0] <= 'Z';
    }
    if (grip->kind == GRIP_SELF) return true;
    if (p->kind != PATH_ATTR || p->depth != 1) return false; /* `self.handler`, made by the class */
    ScopeRef method = {
        file, facts_enclosing(f, f->regions[facts_op(f, call)->region.i].scope, SCOPE_FUNCTION)};
    ClassId class = graph_method_class(g, method);
    Str maker = graph_maker_of(g, file, value);
    return class.i && str_ends(str_after_last(maker, '.'), "Handler");
}

Confidence graph_new_handler(const Graph *g, OpRef call, const Grip *grip) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = facts_op(f, call.op);
    PathId logger = {f->paths[op->subject].parent.i}, handler = op_operand(f, op, 0);
    if (is_own_logger(g, call.file, logger)) return CONFIDENCE_LOW;
    if (!is_new(g, call.file, call.op, handler, grip) || file_looks_at_handlers(f))
        return CONFIDENCE_LOW;
    return is_logger(g, call.file, logger, handler);
}
