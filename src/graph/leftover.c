/* Functions that leave a resource behind on purpose, or where it does not matter: daemons that set
 * themselves up, targets of processes, files that a child gets, loops that go on only without it.
 */
#include "graph/model.h"

typedef struct Look {
    const Graph *g;
    const Facts *f;
    const Ownership *o;
    const Scope *scope;
    SymbolId local; /* or 0 */
} Look;

static Str name_of_call(const Look *l, const Op *op) {
    return op->kind == OP_CALL ? graph_name_of(l->g, l->o->function.file, op_path(op)) : (Str){0};
}

static bool is_local(const Look *l, PathId path) {
    return l->local.i && l->f->paths[path.i].kind == PATH_SYMBOL &&
           facts_root_symbol(l->f, path).i == l->local.i;
}

/* `os.setsid()`: a process becomes a daemon, or a child another program; once. */
static bool makes_daemon(const Look *l) {
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i++)
        if (str_is(name_of_call(l, &l->f->ops[i]), "os.setsid")) return true;
    return false;
}

/* `Popen(command, stdout=log)`: the child has a descriptor of its own. */
static bool is_given_to_child(const Look *l) {
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i++) {
        const Op *op = &l->f->ops[i];
        Str name = name_of_call(l, op);
        bool starts = str_is(name, "subprocess.Popen") ||
                      str_is(name, "asyncio.create_subprocess_exec") ||
                      str_is(name, "asyncio.create_subprocess_shell");
        for (u32 k = 0; starts && k < op->operands; k++) {
            Operand o = l->f->operands[op->operand + k];
            if (operand_kind(o) == OPERAND_KEYWORD && is_local(l, o.path)) return true;
        }
    }
    return false;
}

/* `Process(target=serve)` in the same file: when the function ends, its process does. */
static bool is_process_target(const Look *l) {
    u32 file = l->o->function.file;
    for (u32 i = 1; i < l->f->n_ops; i++) {
        const Op *op = &l->f->ops[i];
        if (op->kind != OP_CALL || !op->operands) continue;
        Str name = graph_name_of(l->g, file, op_path(op));
        if (!str_is(name, "multiprocessing.Process")) continue;
        ScopeRef target = graph_definition_of(l->g, file, call_argument(l->f, op, 1, "target"));
        if (target.file == file && target.scope.i == l->o->function.scope.i) return true;
    }
    return false;
}

/* `while files and not name: name = files.pop(); file = open(name)`: with a file there is a name.
 */
static bool is_sought_in_loop(const Look *l) {
    const Op *bind = &l->f->ops[l->o->from.i];
    const Path *value = &l->f->paths[bind->kind == OP_BIND ? bound_value(l->f, bind).i : 0];
    RegionId loop = loop_of_region(l->f, bind->region);
    const Region *r = &l->f->regions[loop.i];
    if (!loop.i || r->kind != REGION_WHILE || !is_conjunction(l->f, r, true)) return false;
    for (u32 t = r->test_first; t < r->test_end; t++) {
        const Op *test = &l->f->ops[t];
        bool is_absent = test->kind == OP_TEST && (test->flags & OP_LOW) == TEST_TRUTH &&
                         test->flags & OP_NEGATED;
        if (!is_absent || value->kind != PATH_OP) continue;
        const Op *call = &l->f->ops[value->id];
        for (u32 k = 0; call->kind == OP_CALL && k < call->operands; k++)
            if (op_operand(l->f, call, k).i == op_path(test).i) return true;
    }
    return false;
}

/* A maker that hands it over or, after a look at it, refuses: the exception frees what nobody got.
 * Not in rounds of its own: what has failed until then stays with the traceback. */
static bool is_refused(const Look *l) {
    OpId raise = l->o->normal.raise;
    if (!raise.i || !l->o->handed.i || l->o->release.i || l->o->normal.returns.i) return false;
    RegionId from = l->f->ops[l->o->from.i].region;
    return loop_of_region(l->f, l->f->ops[raise.i].region).i == loop_of_region(l->f, from).i;
}

bool graph_leaves_on_purpose(const Graph *g, const Ownership *o, bool is_round) {
    const Facts *f = g->files[o->function.file].facts;
    Look l = {g, f, o, &f->scopes[o->function.scope.i], {0}};
    if (o->kind == OWNED_LOCAL) l.local = facts_root_symbol(f, o->path);
    if (makes_daemon(&l)) return true;
    if (o->kind != OWNED_LOCAL || o->acquired.row->flags & RESOURCE_STAYS) return false;
    return is_refused(&l) || (is_round && is_sought_in_loop(&l)) || is_given_to_child(&l) ||
           is_process_target(&l);
}
