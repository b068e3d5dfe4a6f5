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
 * `--select LMP107` only, or when it holds something of weight (see LMP104).
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

enum { KEPT_MAX = 16 };

typedef struct Search {
    RuleContext *c;
    ScopeRef function;
    const Facts *f;
    u32 origins[KEPT_MAX]; /* one report for all that one call made */
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

/* ---- holders ---- */

/* The path is an attribute of something that lives as long as the process, or of a class that a
 * metaclass makes. */
static Str lasting_holder(Search *s, PathId path) {
    const Facts *f = s->f;
    SymbolId root = facts_root_symbol(f, path);
    const Symbol *symbol = &f->symbols[root.i];
    if (!root.i) return (Str){0};
    if (f->scopes[symbol->scope.i].kind == SCOPE_MODULE) return STR("module");
    if (f->paths[path.i].kind == PATH_SYMBOL) return (Str){0};
    const Scope *scope = &f->scopes[s->function.scope.i];
    ClassId own = graph_method_class(s->c->graph, s->function);
    bool is_first =
        scope->param_first < scope->param_end && f->params[scope->param_first].symbol.i == root.i;
    if (!own.i) return (Str){0};
    if (graph_is_subclass(s->c->graph, own, "builtins.type")) return STR("class");
    if (!is_first) return (Str){0};
    bool is_class = graph_method_kind(s->c->graph, s->function) == METHOD_CLASS;
    if (is_class && graph_class_is_static(s->c->graph, own)) return STR("class");
    return graph_only_module_instances(s->c->graph, own) ? STR("object of a module") : (Str){0};
}

static void report_lasting(Search *s, u32 index, PathId path, const Find *find, Str holder) {
    RuleContext *c = s->c;
    const Op *op = &s->f->ops[index];
    Str text = rule_path_text(c, s->function.file, path);
    bool is_class = str_is(holder, "class");
    Finding *f = rule_report(c, s->function.file, op->span, s->function);
    f->effect = is_class ? EFFECT_NEVER_FREED : EFFECT_BOUNDED;
    f->confidence = graph_is_test_file(c->graph, s->function.file)
                        ? CONFIDENCE_LOW
                        : MIN(find->confidence, CONFIDENCE_MEDIUM);
    f->subject = text;
    f->message = rule_text(c, "'%.*s' keeps %.*s alive until %s", STR_ARG(text),
                           STR_ARG(find->object), is_class ? "the class dies" : "it is replaced");
    f->help = STR("keep the names or values that are needed, not the frame");
    f->confirm = rule_text(c, "a weak reference to a local of the caller is alive after "
                              "`gc.collect()`");
    rule_step(c, f, STEP_NODE, holder, (Str){0}, s->function.file, op->span);
    rule_step(c, f, STEP_EDGE, text, STR("bound here"), s->function.file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, find->node, (Str){0}, s->function.file, op->span);
    if (scope_is_none(find->helper)) return;
    const Facts *home = graph_facts(c->graph, find->helper.file);
    rule_step(c, f, STEP_NOTE, STR("taken in this function"), (Str){0}, find->helper.file,
              home->scopes[find->helper.scope.i].name_span);
}

/* `t, v, tb = sys.exc_info()` binds three times what one call made. */
static bool is_new(Search *s, PathId value) {
    while (s->f->paths[value.i].parent.i) value = s->f->paths[value.i].parent;
    for (u32 i = 0; i < s->n; i++)
        if (s->origins[i] == value.i) return false;
    if (s->n < KEPT_MAX) s->origins[s->n++] = value.i;
    return s->n < KEPT_MAX;
}

static void check_binding(Search *s, u32 index) {
    const Op *op = &s->f->ops[index];
    u32 kind = op->flags & OP_LOW;
    PathId path = op_path(op), value = op_operand(s->f, op, 0);
    if (kind != BIND_ASSIGN && kind != BIND_WALRUS) return;
    Find find;
    if (!find_traceback(s, index, value, &find) && !find_frame(s, value, &find)) return;
    Str holder = lasting_holder(s, path);
    if (holder.n && is_new(s, value)) report_lasting(s, index, path, &find, holder);
    if (holder.n || !find.is_own) return;
    Exit exit = graph_exit_with(s->c->graph, s->function.file, (OpId){index}, path);
    if (exit.kind == EXIT_NONE || !is_new(s, value)) return;
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
