/* Exit stacks that outlive the functions which add to them, and who closes them. */
#include "graph/model.h"

static const ExitStack NONE;

static bool is_stack(Str canonical) {
    return str_is(canonical, "contextlib.ExitStack") ||
           str_is(canonical, "contextlib.AsyncExitStack");
}

static bool is_closing(Str method) {
    static const char *const CLOSING[] = {"close",     "aclose",    "pop_all",   "__exit__",
                                          "__aexit__", "__enter__", "__aenter__"};
    for (u32 i = 0; i < ARRAY_LEN(CLOSING); i++)
        if (str_is(method, CLOSING[i])) return true;
    return false;
}

/* ---- who closes it ---- */

/* Is the path the stack: a variable, or an attribute of this name of whatever object? */
typedef struct Wanted {
    const Graph *g;
    SymbolRef variable;
    u64 attribute; /* hash of the name, or 0 */
    SymbolId local;
    ExitStack *out;
} Wanted;

static bool is_wanted(const Wanted *w, u32 file, PathId path) {
    const Facts *f = w->g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (w->attribute) return p->kind == PATH_ATTR && name_hash(f, (StrId){p->id}) == w->attribute;
    if (w->local.i) return p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == w->local.i;
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) return false;
    SymbolRef s = graph_variable_of(w->g, file, path);
    return s.symbol.i && s.file == w->variable.file && s.symbol.i == w->variable.symbol.i;
}

/* The stack's method that a path names, where it closes the stack. */
static bool is_closing_method(const Wanted *w, u32 file, PathId path) {
    const Facts *f = w->g->files[file].facts;
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR && is_closing(facts_str(f, (StrId){p->id})) &&
           is_wanted(w, file, p->parent);
}

/* What one operation does to the stack. */
static void note(const Wanted *w, u32 file, u32 at, OpId made) {
    const Facts *f = w->g->files[file].facts;
    const Op *op = &f->ops[at];
    bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
    if (op->kind == OP_CALL && is_closing_method(w, file, op_path(op))) w->out->is_closed = true;
    bool binds = op->kind == OP_BIND || op->kind == OP_STORE || op->kind == OP_DELETE;
    bool rebinds = binds && at != made.i && is_wanted(w, file, op_path(op)) &&
                   f->paths[bound_value(f, op).i].kind != PATH_LITERAL;
    if (is_path && (rebinds || (op->kind == OP_ENTER && is_wanted(w, file, op_path(op)))))
        w->out->is_closed = true;
    for (u32 i = 0; i < op->operands; i++) {
        PathId operand = op_operand(f, op, i);
        bool is_method = is_closing_method(w, file, operand);
        if (!is_method && !is_wanted(w, file, operand)) continue;
        Str callee = op->kind == OP_CALL ? graph_name_of(w->g, file, op_path(op)) : (Str){0};
        if (is_method && str_is(callee, "atexit.register"))
            w->out->is_at_exit = true;
        else
            w->out->is_closed = true; /* by somebody who has it */
    }
}

/* Does the file write the name at all? */
static bool mentions(const Facts *f, u64 name) {
    for (u32 i = 1; i < f->n_strings; i++)
        if (f->strings[i].hash == name) return true;
    return false;
}

/* Calls that add to long-lived exit stacks are few: each looks through the files that write the
 * stack's name. */
static void find_closers(const Wanted *w, u64 name, u32 made_file, OpId made) {
    for (u32 file = 0; file < w->g->n_files && !w->out->is_closed; file++) {
        const Facts *f = w->g->files[file].facts;
        if (w->g->files[file].is_test || !mentions(f, name)) continue;
        for (u32 i = 1; i < f->n_ops; i++) note(w, file, i, file == made_file ? made : (OpId){0});
    }
}

/* ---- the stack ---- */

static ExitStack global(const Graph *g, SymbolRef variable) {
    const Facts *f = g->files[variable.file].facts;
    const Symbol *s = &f->symbols[variable.symbol.i];
    Entity e = entity_at(ENTITY_VARIABLE, variable.file, variable.symbol.i);
    if (f->scopes[s->scope.i].kind != SCOPE_MODULE) return NONE;
    ExitStack out = {.kind = STACK_GLOBAL,
                     .name = entity_name(g, e),
                     .is_lasting = true,
                     .file = variable.file,
                     .place = f->ops[s->bind.i].span};
    Wanted w = {.g = g, .variable = variable, .out = &out};
    find_closers(&w, name_hash(f, s->name), variable.file, s->bind);
    return out;
}

static bool is_set_up(Str function) {
    static const char *const SET_UP[] = {"__init__",    "__enter__",  "__aenter__", "__post_init__",
                                         "setUp",       "asyncSetUp", "setUpClass", "setup_method",
                                         "setup_class", "__new__"};
    for (u32 i = 0; i < ARRAY_LEN(SET_UP); i++)
        if (str_is(function, SET_UP[i])) return true;
    return false;
}

/* "Pool.stack" */
static Str attribute_name(const Graph *g, ClassId owner, Str name) {
    Arena arena = {0};
    Str class = str_after_last(graph_class_name(g, owner), '.');
    Str text = graph_text(g, str_format(&arena, "%.*s.%.*s", STR_ARG(class), STR_ARG(name)));
    arena_free(&arena);
    return text;
}

static ExitStack attribute(const Graph *g, u32 file, PathId receiver, ScopeRef function) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[receiver.i];
    ClassId c = graph_method_class(g, function), owner;
    u64 name = name_hash(f, (StrId){p->id});
    const AttributeDef *def = c.i ? class_attribute(g, c, name, &owner) : NULL;
    if (!def || facts_root_symbol(f, receiver).i != self_symbol(g, function).i) return NONE;
    const Facts *home = g->files[def->file].facts;
    ExitStack out = {.kind = STACK_ATTRIBUTE,
                     .name = attribute_name(g, owner, facts_str(f, (StrId){p->id})),
                     .is_lasting = graph_only_module_instances(g, c),
                     .file = def->file,
                     .place = home->ops[def->op.i].span};
    Wanted w = {.g = g, .attribute = name, .out = &out};
    find_closers(&w, name, def->file, def->op);
    return out;
}

/* `with ExitStack() as stack: while True: stack.enter_context(…)`. */
static ExitStack local(const Graph *g, OpRef call, SymbolId symbol) {
    const Facts *f = g->files[call.file].facts;
    const Symbol *s = &f->symbols[symbol.i];
    const Op *bind = &f->ops[s->bind.i], *op = &f->ops[call.op.i];
    if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_WITH) return NONE;
    RegionId r = op->region, loop = {0};
    for (; r.i && r.i != bind->region.i && f->regions[r.i].scope.i == s->scope.i;
         r = f->regions[r.i].parent)
        if (f->regions[r.i].flags & REGION_ENDLESS) loop = r;
    if (!loop.i) return NONE;
    for (u32 o = call.op.i; o < f->scopes[s->scope.i].op_end; o++) {
        u32 kind = f->ops[o].kind;
        bool ends = kind == OP_BREAK || kind == OP_RETURN;
        /* a loop that tries until it succeeds */
        if (ends && f->regions[f->ops[o].region.i].scope.i == s->scope.i) return NONE;
    }
    ExitStack out = {
        .kind = STACK_LOCAL, .name = facts_str(f, s->name), .file = call.file, .place = bind->span};
    Wanted w = {.g = g, .local = symbol, .out = &out};
    const Scope *scope = &f->scopes[s->scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) note(&w, call.file, o, s->bind);
    return out;
}

ExitStack graph_exit_stack(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    PathId receiver = f->paths[op->subject].parent;
    Str made = graph_maker_of(g, call.file, receiver);
    if (!is_stack(made)) return NONE;
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    ScopeRef function = {call.file, s};
    SymbolRef variable = graph_variable_of(g, call.file, receiver);
    const Path *p = &f->paths[receiver.i];
    ExitStack out = NONE;
    if (!s.i) return NONE;
    if (p->kind == PATH_ATTR && p->depth == 1) out = attribute(g, call.file, receiver, function);
    if (!out.kind && variable.symbol.i) out = global(g, variable);
    if (!out.kind && p->kind == PATH_SYMBOL) out = local(g, call, f->symbols[p->id].target);
    out.made = str_after_last(made, '.');
    out.function = function;
    bool is_set_up_once = out.kind == STACK_ATTRIBUTE &&
                          is_set_up(facts_str(f, f->scopes[s.i].name)) &&
                          graph_how_often(g, call.file, op->region) < RUNS_PER_ROUND;
    out.is_once = is_set_up_once || graph_how_often(g, call.file, op->region) < RUNS_PER_INSTANCE;
    return out;
}
