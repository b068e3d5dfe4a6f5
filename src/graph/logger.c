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

/* ---- which logger it is ---- */

/* The name that a call of `getLogger` asks for. */
static Str name_asked(const Graph *g, u32 file, const Op *call) {
    const Facts *f = graph_facts(g, file);
    PathId argument = call_argument(f, call, 0, "name");
    const Path *p = &f->paths[argument.i];
    if (!str_is(graph_name_of(g, file, op_path(call)), "logging.getLogger")) return (Str){0};
    if (!call->operands) return STR("root");
    if (p->kind == PATH_LITERAL && p->flags == LITERAL_NONE) return STR("root");
    if (p->kind == PATH_LITERAL) return facts_text(f, argument);
    bool is_own = p->kind == PATH_SYMBOL && str_is(facts_last_name(f, argument), "__name__");
    return is_own ? graph_module_name(g, file) : (Str){0};
}

/* The only value that methods give the attribute of their instance. */
static bool follow_attribute(const Graph *g, ScopeRef function, u32 *file, PathId *path) {
    const Facts *f = graph_facts(g, *file);
    const Path *p = &f->paths[path->i];
    ClassId class = graph_method_class(g, function), owner;
    if (p->depth != 1 || !class.i || facts_root_symbol(f, *path).i != self_symbol(g, function).i)
        return false;
    const AttributeDef *d = class_attribute(g, class, name_hash(f, (StrId){p->id}), &owner);
    if (!d || attribute_next(g, d)) return false;
    *file = d->file;
    *path = bound_value(graph_facts(g, d->file), facts_op(graph_facts(g, d->file), d->op));
    return true;
}

/* What a variable of a module is bound to, through imports. */
static bool follow_variable(const Graph *g, u32 *file, PathId *path) {
    SymbolRef s = graph_variable_of(g, *file, *path);
    const Facts *f = graph_facts(g, s.file);
    if (!s.symbol.i || f->symbols[s.symbol.i].binds != 1) return false;
    const Op *bind = facts_op(f, f->symbols[s.symbol.i].bind);
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN) return false;
    *file = s.file;
    *path = bound_value(f, bind);
    return true;
}

Str graph_logger_name(const Graph *g, ScopeRef function, PathId logger) {
    u32 file = function.file;
    for (u32 steps = 0; logger.i && steps < 4; steps++) {
        logger = graph_alias_of(g, file, logger);
        const Facts *f = graph_facts(g, file);
        const Path *p = &f->paths[logger.i];
        if (p->kind == PATH_OP)
            return f->ops[p->id].kind == OP_CALL ? name_asked(g, file, &f->ops[p->id]) : (Str){0};
        bool is_next = (p->kind == PATH_ATTR && follow_attribute(g, function, &file, &logger)) ||
                       follow_variable(g, &file, &logger);
        if (!is_next) break;
    }
    return (Str){0};
}
