/* What a client sends: a text of the headers, the query, the form or the path of a request. It
 * comes from outside, so that nobody bounds how many there are. */
#include "graph/calling.h"

enum { STEPS_MAX = 6, CALLERS_READ = 24, OPS_MAX = 400 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    PathId table; /* of the addition, as its function writes it; or none */
    u32 calls;    /* from a function to those who call it, that may still be followed */
} Look;

/* A handler is called with it, or it is a name of a module that stands for the one at hand; what a
 * function takes out of a queue may be of the program itself. */
static bool is_given(const Facts *f, SymbolId s) {
    const Op *bind = &f->ops[f->symbols[s.i].bind.i];
    bool is_imported = bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_IMPORT;
    return f->symbols[s.i].flags & SYMBOL_PARAM || is_imported;
}

/* `request`, `self.request`, `context.req`, `flask.request`. */
static bool is_request(const Graph *g, u32 file, PathId path) {
    static const char *const NAMES[] = {"req", "request", "websocket"};
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    Str name = {0};
    if (p->kind == PATH_SYMBOL && !is_given(f, f->symbols[p->id].target)) return false;
    if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
    if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
    return str_is_any(str_after_last(name, '_'), NAMES, ARRAY_LEN(NAMES));
}

static bool is_part_of_request(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR && know_is_sent_name(facts_str(f, (StrId){p->id})) &&
           is_request(g, file, p->parent);
}

bool is_mapped_over_sent(const Graph *g, u32 file, const Op *user, PathId function) {
    const Facts *f = g->files[file].facts;
    if (user->kind != OP_CALL || op_operand(f, user, 0).i != function.i) return false;
    Str name = facts_last_name(f, op_path(user));
    if (!str_is(name, "map") && !str_is(name, "filter")) return false;
    for (u32 i = 1; i < user->operands; i++)
        for (PathId p = op_operand(f, user, i); p.i; p = f->paths[p.i].parent)
            if (is_part_of_request(g, file, p)) return true;
    return false;
}

static bool is_sent(const Look *l, PathId path, OpId before, u32 steps);

static bool any_operand(const Look *l, const Op *op, OpId before, u32 steps) {
    for (u32 i = 0; i < op->operands && i < 8; i++)
        if (is_sent(l, op_operand(l->f, op, i), before, steps)) return true;
    return false;
}

static bool is_of_table(const Look *l, PathId value) {
    const Facts *f = l->f;
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL)
        p = &f->paths[f->ops[p->id].subject]; /* `table.get(key)` */
    if (p->kind == PATH_OP) p = &f->paths[f->ops[p->id].subject];
    return l->table.i && p->parent.i == l->table.i;
}

/* Before the operation the function asks some other collection whether the value is in it, or gives
 * the variable another value: `if lang not in LANGUAGES: return`. */
static bool is_checked(const Look *l, SymbolId s, OpId before) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[f->symbols[s.i].scope.i];
    u32 first = MAX(scope->op_first, before.i - MIN(before.i, (u32)OPS_MAX));
    for (u32 o = first; o < before.i; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_TEST && (op->flags & OP_LOW) == TEST_IN &&
            facts_root_symbol(f, op_path(op)).i == s.i && op_operand(f, op, 0).i != l->table.i)
            return true;
        bool is_param = f->symbols[s.i].flags & SYMBOL_PARAM;
        if (is_param && op->kind == OP_BIND && facts_root_symbol(f, op_path(op)).i == s.i &&
            !is_of_table(l, bound_value(f, op)))
            return true;
    }
    return false;
}

/* What some caller passes, or the function is mapped over. */
static bool is_passed(const Look *l, SymbolId s) {
    const Facts *f = l->f;
    const Param *p = facts_param(f, s);
    if (!l->calls || !p || p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) return false;
    ScopeRef function = {l->file, f->symbols[s.i].scope};
    const FunctionNode *fn = &l->g->functions[function_id(l->g, function.file, function.scope)];
    u32 skipped = fn->owner.i && fn->kind != METHOD_STATIC;
    if (fn->is_mapped && p == &f->params[f->scopes[function.scope.i].param_first + skipped])
        return true;
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++) {
        OpRef call = fn->callers.v[i];
        if (l->g->files[call.file].is_test) continue;
        Look there = {l->g, l->g->files[call.file].facts, call.file, {0}, l->calls - 1};
        PathId argument = given_argument(l->g, call, function, s);
        if (argument.i && is_sent(&there, argument, call.op, STEPS_MAX)) return true;
    }
    return false;
}

static bool is_sent_variable(const Look *l, SymbolId s, OpId before, u32 steps) {
    const Symbol *symbol = &l->f->symbols[s.i];
    if (!s.i || is_checked(l, s, before)) return false;
    if (symbol->flags & SYMBOL_PARAM) return is_passed(l, s);
    const Op *bind = &l->f->ops[symbol->bind.i];
    if (symbol->binds != 1 || bind->kind != OP_BIND) return false;
    u32 how = bind->flags & OP_LOW;
    bool is_plain = how == BIND_ASSIGN || how == BIND_FOR || how == BIND_WALRUS;
    return is_plain && is_sent(l, bound_value(l->f, bind), symbol->bind, steps);
}

static bool is_sent_result(const Look *l, const Op *op, OpId before, u32 steps) {
    switch ((OpKind)op->kind) {
    case OP_LOAD:
        return is_sent(l, op_path(op), before, steps);
    case OP_TUPLE:
    case OP_FSTRING:
    case OP_BINARY:
    case OP_CHOICE:
        return any_operand(l, op, before, steps);
    case OP_CALL: {
        const Path *callee = &l->f->paths[op->subject];
        if (callee->kind == PATH_ATTR && is_sent(l, callee->parent, before, steps)) return true;
        const CallRow *row = know_call(graph_name_of(l->g, l->file, op_path(op)));
        return row && row->flags & CALL_PLAIN && any_operand(l, op, before, steps);
    }
    default:
        return false;
    }
}

static bool is_sent(const Look *l, PathId path, OpId before, u32 steps) {
    const Path *p = &l->f->paths[path.i];
    if (!steps || !path.i) return false;
    switch ((PathKind)p->kind) {
    case PATH_SYMBOL:
        return is_sent_variable(l, l->f->symbols[p->id].target, before, steps - 1);
    case PATH_ATTR:
        return is_part_of_request(l->g, l->file, path) || is_sent(l, p->parent, before, steps - 1);
    case PATH_CONST:
    case PATH_ANY:
        return is_sent(l, p->parent, before, steps - 1);
    case PATH_OP:
        return is_sent_result(l, &l->f->ops[p->id], before, steps - 1);
    default:
        return false;
    }
}

bool graph_is_sent_key(const Graph *g, OpRef at, PathId key) {
    const Facts *f = graph_facts(g, at.file);
    const Op *op = &f->ops[at.op.i];
    if (!key.i || op_subject((OpKind)op->kind) != SUBJECT_PATH) return false;
    Look l = {g, f, at.file, f->paths[op->subject].parent, 1};
    return is_sent(&l, key, at.op, STEPS_MAX);
}

bool graph_is_sent(const Graph *g, const Use *use) {
    if (use->level || scope_is_none(use->function)) return false;
    return graph_is_sent_key(g, (OpRef){use->file, use->op}, use->key);
}

/* ---- open files ---- */

static bool is_open_call(const Graph *g, u32 file, PathId value) {
    const Op *call = facts_call(g->files[file].facts, value);
    const ResourceRow *row = call ? know_resource(graph_name_of(g, file, op_path(call))) : NULL;
    return row && (row->kind == RESOURCE_FILE || row->kind == RESOURCE_SOCKET);
}

/* The function opens it, whatever else the variable is bound to before. */
static bool is_open(const Graph *g, u32 file, PathId value, OpId before) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_SYMBOL) return is_open_call(g, file, value);
    SymbolId s = f->symbols[p->id].target;
    u32 first =
        MAX(f->scopes[f->symbols[s.i].scope.i].op_first, before.i - MIN(before.i, (u32)OPS_MAX));
    for (u32 o = before.i; o-- > first;)
        if (f->ops[o].kind == OP_BIND && facts_root_symbol(f, op_path(&f->ops[o])).i == s.i)
            return is_open_call(g, file, bound_value(f, &f->ops[o]));
    return false;
}

bool graph_keeps_open(const Graph *g, const Use *use) {
    const Facts *f = graph_facts(g, use->file);
    const Path *p = &f->paths[use->value.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!use->key.i || use->level || !(use->key_shape & SHAPE_PARAMETER)) return false;
    if (!op || op->kind != OP_TUPLE) return is_open(g, use->file, use->value, use->op);
    for (u32 i = 0; i < op->operands && i < 8; i++)
        if (is_open(g, use->file, op_operand(f, op, i), use->op)) return true;
    return false;
}
