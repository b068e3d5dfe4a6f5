/* ## What it does
 * Reports a caught exception that ends in a local variable, or in what a local holds, which is
 * still bound when the function leaves: `err = e`, `errors.append(e)`, `result = (False, e)`,
 * `self.error = e`. And a local that holds an exception while it is raised: `raise err`.
 *
 * ## Why it leaks
 * On Python 3 an exception holds its traceback, the traceback the frame of every function that the
 * exception went through, and a frame all its locals. A local of such a frame that holds the
 * exception closes a cycle: reference counting frees nothing of it, neither the exception nor any
 * local of any of these functions, and they wait for the cyclic collector. `except … as e` deletes
 * `e` for that reason (PEP 3110); a second name is not deleted.
 *
 * ## Example
 * ```python bad
 * def fetch(address, attempts):
 *     failure = None
 *     for _ in range(attempts):
 *         connection = socket.create_connection(address)
 *         try:
 *             return connection.recv(4096)
 *         except OSError as error:
 *             failure = error
 *     raise failure
 * ```
 *
 * `failure`, the frame of `fetch` and the open connections hold each other. Delete the name on
 * every way out:
 *
 * ```python good
 * def fetch(address, attempts):
 *     failure = None
 *     try:
 *         for _ in range(attempts):
 *             connection = socket.create_connection(address)
 *             try:
 *                 return connection.recv(4096)
 *             except OSError as error:
 *                 failure = error
 *         raise failure
 *     finally:
 *         del failure
 * ```
 *
 * ## When it is silent
 * - The local is deleted or bound to something else on every way out, most simply in a `finally`.
 * - Text, type or arguments are kept (`str(e)`, `e.args`), a `traceback.TracebackException`, or the
 *   traceback is cut off (`e.with_traceback(None)`, `traceback.clear_frames`).
 * - `return e` in the handler, `raise New() from e`, an exception that is never raised.
 * - Code for Python 2 alone.
 *
 * Without `--select LMP104` only cycles are reported that hold something of weight: a resource that
 * nobody closes, or that never go because the collector is off; at low confidence an array or image
 * by its annotation, and a loop whose rounds replace the exception when they go well.
 *
 * ## What it misses
 * Variables of enclosing functions, exceptions that a helper function returns, more than one step
 * between the local and the exception.
 *
 * ## How to confirm
 * `gc.disable()`, call the function, `gc.collect()` returns more than 0.
 *
 * ## References
 * - PEP 3110, "Semantic Changes"; PEP 344, "Open Issue: Garbage Collection"
 * - huggingface_hub, pull request 4092: the memory of a GPU was held like this
 */
#include "rule/rule.h"

/* Locals of one function that are reported. */
enum { KEPT_MAX = 16 };

typedef struct Search {
    RuleContext *c;
    ScopeRef function;
    const Facts *f;
    const Scope *scope;
    u32 subjects[KEPT_MAX]; /* reported already */
    u32 n;
} Search;

/* `errors.append(e)`: the container and what is added. */
static bool read_addition(const Facts *f, const Op *op, PathId *path, PathId *value) {
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL || callee->kind != PATH_ATTR) return false;
    Str name = facts_str(f, (StrId){callee->id});
    const MethodRow *row = know_method(name);
    bool is_future = str_is(name, "set_exception");
    if (!is_future && (!row || row->effect != METHOD_ADDS || row->value < 0)) return false;
    *path = callee->parent;
    *value = op_operand(f, op, is_future ? 0 : (u32)row->value);
    return true;
}

static bool read_binding(const Facts *f, const Op *op, PathId *path, PathId *value) {
    if (op->kind != OP_BIND && op->kind != OP_STORE) return read_addition(f, op, path, value);
    u32 kind = op->flags & OP_LOW;
    if (kind != BIND_ASSIGN && kind != BIND_WALRUS && kind != BIND_FUNCTION) return false;
    *path = op_path(op);
    *value = op_operand(f, op, 0);
    return true;
}

/* What is told apart in the reports: a local, or the attribute of a parameter. */
static u32 subject_of(const Facts *f, PathId path) {
    SymbolId root = facts_root_symbol(f, path);
    return f->symbols[root.i].flags & SYMBOL_PARAM ? path.i : root.i | 1u << 31;
}

/* Rooted in a variable of this function, and not reported yet. */
static bool is_new_local(const Search *s, PathId path) {
    SymbolId root = facts_root_symbol(s->f, path);
    if (!root.i || s->f->symbols[root.i].scope.i != s->function.scope.i) return false;
    for (u32 i = 0; i < s->n; i++)
        if (s->subjects[i] == subject_of(s->f, path)) return false;
    return s->n < KEPT_MAX;
}

/* `t, v, tb = sys.exc_info()`: of the three the traceback is what counts (LMP107). */
static bool is_beside_traceback(const Search *s, u32 index) {
    const Path *value = &s->f->paths[op_operand(s->f, &s->f->ops[index], 0).i];
    if (value->kind != PATH_CONST || index + 1 >= s->scope->op_end) return false;
    const Op *next = &s->f->ops[index + 1];
    const Path *beside = &s->f->paths[op_operand(s->f, next, 0).i];
    return next->kind == OP_BIND && beside->kind == PATH_CONST &&
           beside->parent.i == value->parent.i;
}

static Str name_of(const Caught *caught) {
    return caught->name.n ? caught->name : STR("sys.exc_info()[1]");
}

static void report(Search *s, u32 index, PathId path, Exit exit, Str name, Confidence confidence,
                   bool is_plain) {
    s->subjects[s->n++] = subject_of(s->f, path);
    Kept kept = {
        .file = s->function.file,
        .op = {index},
        .path = path,
        .object = s->f->ops[index].kind == OP_RAISE ? STR("itself")
                                                    : rule_text(s->c, "'%.*s'", STR_ARG(name)),
        .node = name,
        .edge = STR(".__traceback__"),
        .instead = rule_text(s->c, "keep `str(%.*s)`, or `%.*s.with_traceback(None)`",
                             STR_ARG(name), STR_ARG(name)),
        .exit = exit,
        .confidence = confidence,
        .is_plain = is_plain,
    };
    rule_report_kept(s->c, &kept);
}

static void check_binding(Search *s, u32 index) {
    const Op *op = &s->f->ops[index];
    PathId path, value;
    if (!read_binding(s->f, op, &path, &value) || !is_new_local(s, path)) return;
    if (!graph_in_handler(s->c->graph, s->function.file, op->region)) return;
    if (graph_lasting_owner(s->c->graph, s->function, path)) return; /* LMP106 */
    Caught caught = graph_caught_in(s->c->graph, s->function.file, (OpId){index}, value);
    if (caught.kind != CAUGHT_EXCEPTION || is_beside_traceback(s, index)) return;
    Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, path);
    if (exit.kind == EXIT_NONE && !exit.endless.i) return;
    report(s, index, path, exit, name_of(&caught), caught.confidence, false);
}

/* What is raised is a local that holds a new exception, or whatever a call returned. */
static void check_raise(Search *s, u32 index) {
    PathId path = op_operand(s->f, &s->f->ops[index], 0);
    if (s->f->paths[path.i].kind != PATH_SYMBOL || !is_new_local(s, path)) return;
    SymbolId local = facts_root_symbol(s->f, path);
    const Symbol *symbol = &s->f->symbols[local.i];
    const Op *bind = facts_op(s->f, symbol->bind);
    if (symbol->flags & SYMBOL_PARAM || bind->kind != OP_BIND) return;
    if ((bind->flags & OP_LOW) != BIND_ASSIGN) return;
    PathId value = op_operand(s->f, bind, 0);
    const Path *made = &s->f->paths[value.i];
    if (made->kind != PATH_OP || s->f->ops[made->id].kind != OP_CALL) return;
    bool is_exception;
    Confidence sure = graph_new_exception(s->c->graph, s->function.file, value, &is_exception);
    Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, path);
    if (exit.kind == EXIT_NONE) return;
    Confidence confidence = is_exception ? MIN(sure, CONFIDENCE_MEDIUM) : CONFIDENCE_LOW;
    Str name = rule_path_text(s->c, s->function.file, path);
    report(s, index, path, exit, name, confidence, true);
}

/* `future.result()` raises what holds the frame that holds the future. */
static void check_future(Search *s, u32 index) {
    PathId future = graph_tried_future(s->c->graph, s->function.file, (OpId){index});
    if (!future.i || !is_new_local(s, future)) return;
    Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, future);
    if (exit.kind != EXIT_NONE)
        report(s, index, future, exit, STR("what result() raises"), CONFIDENCE_LOW, true);
}

/* `__exit__` stores the exception on the manager, which a local of the frame that raised may hold:
 * `with Manager() as local`. */
static void check_exit_method(Search *s, u32 index) {
    const Op *op = &s->f->ops[index];
    const Scope *scope = s->scope;
    Str method = facts_str(s->f, scope->name);
    if (!str_is(method, "__exit__") && !str_is(method, "__aexit__")) return;
    const Path *to = &s->f->paths[op->subject];
    PathId value = op_operand(s->f, op, 0);
    SymbolId given = facts_root_symbol(s->f, value);
    if (op->kind != OP_STORE || to->kind != PATH_ATTR || !given.i) return;
    if (s->f->paths[value.i].kind != PATH_SYMBOL || !is_new_local(s, op_path(op))) return;
    for (u32 i = scope->param_first + 1; i < scope->param_end; i++) {
        const Param *p = &s->f->params[i];
        bool holds = p->kind == PARAM_STAR || i >= scope->param_first + 2;
        if (p->symbol.i != given.i || !holds) continue;
        Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, op_path(op));
        Str name = facts_str(s->f, s->f->symbols[given.i].name);
        if (exit.kind) report(s, index, op_path(op), exit, name, CONFIDENCE_LOW, true);
    }
}

static void check(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION) return;
    if (!targets_from(rule_targets(c, function.file), PYTHON_3_3)) return;
    Search s = {.c = c, .function = function, .f = f, .scope = scope};
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (f->regions[op->region.i].scope.i != function.scope.i) continue;
        if (op->kind == OP_BIND || op->kind == OP_STORE || op->kind == OP_CALL)
            check_binding(&s, o);
        if (op->kind == OP_RAISE && op->operands) check_raise(&s, o);
        if (op->kind == OP_CALL) check_future(&s, o);
        if (op->kind == OP_STORE) check_exit_method(&s, o);
    }
}

const Rule rule_lmp104 = {
    .code = "LMP104",
    .name = "exception-kept-in-frame",
    .summary = "a caught exception stays bound to a local of a frame that it holds",
    .effect = EFFECT_NEVER_FREED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_PLAIN_OPT_IN,
    .on_function = check,
};
