/* ## What it does
 * Reports a frame that is kept: the function's own one (`inspect.currentframe()`,
 * `sys._getframe()`, a whole `inspect.stack()`), or a traceback that leads to it
 * (`sys.exc_info()`, `e.__traceback__` in a handler), in a local that is not cleared on every way
 * out; any frame, its `f_locals` or a traceback in what lives longer.
 *
 * ## Why it leaks
 * A frame holds all locals of its function, and through `f_back` the frames of all callers with
 * theirs. A local that holds the own frame is a cycle that waits for the collector. A frame that a
 * module, a class or an object of a module holds keeps whole call stacks until it is replaced.
 *
 * ## Example
 * ```python bad
 * import inspect
 *
 *
 * class Model:
 *     namespace = None
 *
 *     @classmethod
 *     def prepare(cls):
 *         cls.namespace = inspect.currentframe().f_back.f_locals
 * ```
 *
 * The class keeps every local of the caller. Take what is needed, and let the frame go:
 *
 * ```python good
 * import inspect
 *
 *
 * class Model:
 *     namespace = None
 *
 *     @classmethod
 *     def prepare(cls):
 *         frame = inspect.currentframe()
 *         try:
 *             cls.namespace = sorted(frame.f_back.f_locals)
 *         finally:
 *             del frame
 * ```
 *
 * ## When it is silent
 * - The local is deleted or bound to something else on every way out, most simply in a `finally`.
 * - A caller's frame in a local, a frame that is used in the same expression, `for info in
 *   inspect.stack()`, `inspect.stack()[1]`.
 * - `sys.exc_info()[0]`, `*sys.exc_info()` as arguments, `exc_info=True`, outside a handler.
 * - `e.__traceback__` in code for Python 2 alone.
 *
 * A frame in a local, or in an object that does not live as long as the process, is reported with
 * `--select LMP107` only, or when it holds something of weight (see LMP104). At low confidence:
 * what lives as long as the process and is set to None by the same function, one call later.
 *
 * ## What it misses
 * Frames that a generator or coroutine object holds, frames in containers of containers.
 *
 * ## How to confirm
 * `gc.disable()`, call the function, `gc.collect()` returns more than 0; for what a class holds:
 * `gc.get_referrers(frame)`.
 *
 * ## References
 * - Python documentation, `inspect`, "The Interpreter Stack": "Keeping references to frame objects
 *   ... can cause your program to create reference cycles"
 * - pydantic kept the locals of every function that defined a model, until it took weak references
 */
#include "rule/rule.h"

enum { SEEN_MAX = 32 };

typedef struct Search {
    RuleContext *c;
    ScopeRef function;
    const Facts *f;
    PathId seen[SEEN_MAX]; /* what is reported: the paths, and what they are bound to */
    u32 n;
} Search;

/* What is kept. */
typedef struct Find {
    Str object, node, edge;
    bool is_own;     /* it leads to the frame of this function */
    ScopeRef helper; /* that took it, or none */
    Confidence confidence;
} Find;

static bool find_traceback(Search *s, u32 index, PathId value, Find *find) {
    const Op *op = &s->f->ops[index];
    if (!graph_in_handler(s->c->graph, s->function.file, op->region)) return false;
    Caught caught = graph_caught_in(s->c->graph, s->function.file, (OpId){index}, value);
    if (caught.kind != CAUGHT_TRACEBACK && caught.kind != CAUGHT_INFO) return false;
    bool is_python3 = targets_from(rule_targets(s->c, s->function.file), PYTHON_3_3);
    if (caught.name.n && caught.kind == CAUGHT_TRACEBACK && !is_python3) return false;
    *find = (Find){.object = STR("the traceback"),
                   .node = STR("traceback"),
                   .edge = STR(".tb_frame"),
                   .is_own = true,
                   .confidence = caught.confidence};
    return true;
}

static bool find_frame(Search *s, PathId value, Find *find) {
    Frame frame = graph_frame_of(s->c->graph, s->function.file, value);
    if (!frame.kind) return false;
    bool is_stack = frame.kind == FRAME_STACK;
    *find = (Find){0};
    find->is_own = frame.depth == 0 && frame.kind != FRAME_LOCALS;
    find->confidence = CONFIDENCE_HIGH;
    find->helper = frame.helper;
    find->edge = is_stack ? STR("[0].frame") : (Str){0};
    if (is_stack)
        find->object = STR("the frames of all callers");
    else if (frame.depth == 0)
        find->object = STR("the own frame");
    else if (frame.kind == FRAME_LOCALS)
        find->object = STR("the locals of a caller");
    else
        find->object = STR("the frame of a caller with its locals");
    find->node = str_sub(find->object, 4, find->object.n);
    return true;
}

/* `state.info = None` in the same function: the next call lets go. */
static bool is_cleared(const Search *s, PathId path) {
    const Scope *scope = &s->f->scopes[s->function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &s->f->ops[o];
        if ((op->kind == OP_STORE || op->kind == OP_BIND) && op->subject == path.i &&
            s->f->paths[op_operand(s->f, op, 0).i].kind == PATH_LITERAL)
            return true;
    }
    return false;
}

static void report_lasting(Search *s, u32 index, PathId path, const Find *find, LastingKind owner) {
    RuleContext *c = s->c;
    const Op *op = &s->f->ops[index];
    Str text = rule_path_text(c, s->function.file, path);
    bool is_class = owner == LASTING_CLASS;
    Finding *f = rule_report(c, s->function.file, op->span, s->function);
    f->effect = is_class ? EFFECT_NEVER_FREED : EFFECT_BOUNDED;
    f->confidence = graph_is_test_file(c->graph, s->function.file) || is_cleared(s, path)
                        ? CONFIDENCE_LOW
                        : MIN(find->confidence, CONFIDENCE_MEDIUM);
    f->subject = text;
    f->message = rule_text(c, "'%.*s' keeps %.*s alive until %s", STR_ARG(text),
                           STR_ARG(find->object), is_class ? "the class dies" : "it is replaced");
    f->help = STR("keep the names or values that are needed, not the frame");
    f->confirm = rule_text(c, "a weak reference to a local of the caller is alive after "
                              "`gc.collect()`");
    rule_step(c, f, STEP_NODE, str_from(lasting_text(owner)), (Str){0}, s->function.file, op->span);
    rule_step(c, f, STEP_EDGE, text, STR("bound here"), s->function.file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, find->node, (Str){0}, s->function.file, op->span);
    if (scope_is_none(find->helper)) return;
    const Facts *home = graph_facts(c->graph, find->helper.file);
    rule_step(c, f, STEP_NOTE, STR("taken in this function"), (Str){0}, find->helper.file,
              home->scopes[find->helper.scope.i].name_span);
}

/* One report for a path, and for `t, v, tb = sys.exc_info()`, which binds thrice what one call
 * made. */
static bool is_new(Search *s, PathId path, PathId value) {
    while (s->f->paths[value.i].parent.i) value = s->f->paths[value.i].parent;
    for (u32 i = 0; i < s->n; i++)
        if (s->seen[i].i == value.i || s->seen[i].i == path.i) return false;
    if (s->n + 2 > SEEN_MAX) return false;
    s->seen[s->n++] = value;
    s->seen[s->n++] = path;
    return true;
}

/* `frame = frame.f_back` somewhere: the local walks up, and ends elsewhere. */
static bool is_walking(Search *s, PathId path) {
    const Facts *f = s->f;
    const Scope *scope = &f->scopes[s->function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        const Path *value = &f->paths[op_operand(f, op, 0).i];
        if (op->kind == OP_BIND && op->subject == path.i && value->kind == PATH_ATTR &&
            value->parent.i == path.i && str_is(facts_str(f, (StrId){value->id}), "f_back"))
            return true;
    }
    return false;
}

/* Python before 3.4 gives up a cycle with a `__del__` in it. */
static bool is_garbage(const Search *s, PathId path) {
    const Scope *scope = &s->f->scopes[s->function.scope.i];
    ClassId own = graph_method_class(s->c->graph, s->function);
    bool is_self = own.i && scope->param_first < scope->param_end &&
                   s->f->paths[path.i].kind != PATH_SYMBOL &&
                   facts_root_symbol(s->f, path).i == s->f->params[scope->param_first].symbol.i;
    if (!is_self || !targets_before(rule_targets(s->c, s->function.file), PYTHON_3_4)) return false;
    return !scope_is_none(graph_method(s->c->graph, own, "__del__"));
}

static void check_binding(Search *s, u32 index) {
    const Op *op = &s->f->ops[index];
    u32 kind = op->flags & OP_LOW;
    PathId path = op_path(op), value = op_operand(s->f, op, 0);
    if (kind != BIND_ASSIGN && kind != BIND_WALRUS) return;
    Find find;
    if (!find_traceback(s, index, value, &find) && !find_frame(s, value, &find)) return;
    LastingKind owner = graph_lasting_owner(s->c->graph, s->function, path);
    if (owner && is_new(s, path, value)) report_lasting(s, index, path, &find, owner);
    if (owner || !find.is_own || is_walking(s, path)) return;
    Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, path);
    if (exit.kind == EXIT_NONE || !is_new(s, path, value)) return;
    Kept kept = {
        .file = s->function.file,
        .op = {index},
        .path = path,
        .object = find.object,
        .node = find.node,
        .edge = find.edge,
        .instead = STR("keep text (`traceback.format_exc()`), or what is needed of the frame"),
        .exit = exit,
        .confidence = find.confidence,
        .is_garbage = is_garbage(s, path),
    };
    rule_report_kept(s->c, &kept);
}

static void check(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION) return;
    Search s = {.c = c, .function = function, .f = f};
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if ((op->kind == OP_BIND || op->kind == OP_STORE) &&
            f->regions[op->region.i].scope.i == function.scope.i)
            check_binding(&s, o);
    }
}

const Rule rule_lmp107 = {
    .code = "LMP107",
    .name = "frame-kept",
    .summary = "a frame or traceback is kept, and with it the locals of a whole call stack",
    .effect = EFFECT_NEVER_FREED,
    .effects = "delayed, bounded, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .flags = RULE_PLAIN_OPT_IN,
    .on_function = check,
};
