/* ## What it does
 * Reports a new handler or filter that is added to a logger of the process with each call of a
 * function or for each instance of a class, when neither asks first whether it is there nor takes
 * it away again; and `warnings.filterwarnings` with arguments that differ from call to call.
 *
 * ## Why it leaks
 * `logging.getLogger(name)` gives the same logger each time, and the logger keeps its handlers. One
 * more handler for each call is one more object that stays, one more line of output for each
 * record, and with files and sockets one more descriptor. The list of warning filters only grows,
 * too: equal filters are kept once (Python 3), different ones all.
 *
 * ## Example
 * ```python bad
 * import logging
 *
 *
 * class Job:
 *     def __init__(self, name):
 *         self.log = logging.getLogger("jobs")
 *         self.log.addHandler(logging.FileHandler(name + ".log"))
 *
 *
 * def handle(request):
 *     Job(request.name).log.info("done")
 * ```
 *
 * The hundredth job writes each line into a hundred files. Take the handler away when the job ends:
 *
 * ```python good
 * import logging
 *
 *
 * class Job:
 *     def __init__(self, name):
 *         self.log = logging.getLogger("jobs")
 *         self.handler = logging.FileHandler(name + ".log")
 *         self.log.addHandler(self.handler)
 *
 *     def close(self):
 *         self.log.removeHandler(self.handler)
 *         self.handler.close()
 *
 *
 * def handle(request):
 *     job = Job(request.name)
 *     try:
 *         job.log.info("done")
 *     finally:
 *         job.close()
 * ```
 *
 * ## When it is silent
 * - The function or its class looks at `logger.handlers`, asks `hasHandlers()`, empties the list,
 * calls `removeHandler`, or asks `loggerDict` for the name; so does anything in the same file.
 * - Set-up that runs once: at import, from a main function, under a flag, in a cached function.
 * - The handler is not made here: a parameter, a module variable, of which a logger keeps one.
 * - The logger is made here (`logging.Logger(…)`), or its name differs from call to call: then each
 *   logger has one handler, and LMP210 speaks of the loggers.
 * - `warnings.catch_warnings()` around it, code that handles `warnings.filters`, equal filters.
 *
 * At low confidence: classes of which the project may make only one or none, what a loop makes anew
 * when a restart is asked for (`while code == RESTART`), functions that may run once, methods that
 * only constructors of such classes call, set-up by its name or in `__main__`, singletons, tests,
 * and warning filters that are added neither in a loop nor by many instances.
 *
 * ## What it misses
 * Handlers that a helper makes and adds for its caller; loggers of other libraries.
 *
 * ## How to confirm
 * `len(logging.getLogger(name).handlers)`, or `len(warnings.filters)`, before and after 100 calls.
 *
 * ## References
 * - Python documentation, Logging HOWTO, and `logging.Logger.addHandler`
 * - CPython, Lib/warnings.py: filters are compared with those that are there before they are added
 */
#include "rule/rule.h"

/* ---- reports ---- */

static void report_handler(RuleContext *c, const Again *spot, PathId logger, PathId handler,
                           Confidence sure) {
    const Facts *facts = graph_facts(c->graph, spot->call.file);
    const Op *op = facts_op(facts, spot->call.op);
    u32 file = spot->call.file;
    Str text = rule_path_text(c, file, logger), what = rule_path_text(c, file, handler);
    if (!text.n || text.p[0] == '(') text = STR("logger");
    if (!what.n || what.p[0] == '(') what = STR("handler");
    bool is_filter = str_is(facts_attribute(facts, op_path(op)), "addFilter");
    const char *kind = is_filter ? "filter" : "handler";
    Str name = spot->class.i ? graph_class_name(c->graph, spot->class)
                             : graph_scope_name(c->graph, spot->function);
    Finding *f = rule_report(c, file, op->span, spot->function);
    f->confidence = sure;
    f->severity = sure == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = text;
    Str known = graph_logger_name(c->graph, spot->function, logger);
    f->message = rule_text(
        c,
        "%.*s keeps the %s '%.*s' of every %s '%.*s' alive until the process ends: nothing asks "
        "whether one is there, and nothing takes it away",
        STR_ARG(rule_logger_text(c, text, known)), kind, STR_ARG(what),
        spot->class.i ? "instance of" : "call of", STR_ARG(name));
    finding_step(c->arena, f,
                 (Step){.kind = STEP_NODE,
                        .text = rule_text(c, "logger %.*s", STR_ARG(known.n ? known : text))});
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%ss", kind), STR("one more each time, none removed"),
              file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, what, (Str){0}, file, op->span);
    f->help = is_filter ? STR("add it once, at module level, or remove it in a `finally`")
                        : STR("set logging up once, ask `if not logger.handlers`, or call "
                              "`removeHandler()` and `close()` when it is done");
    f->confirm =
        rule_text(c, "`len(%.*s.%ss)` before and after a hundred calls", STR_ARG(text), kind);
}

static void check_logger(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = facts_op(f, call.op);
    const Path *callee = &f->paths[op->subject];
    if (callee->kind != PATH_ATTR || op->operands != 1) return;
    PathId logger = callee->parent, handler = op_operand(f, op, 0);
    Again spot = graph_again(c->graph, call);
    Confidence sure = spot.confidence;
    if (spot.is_bounded) return;
    Grip grip = graph_grip(c->graph, call.file, call.op, handler);
    Confidence logging = graph_new_handler(c->graph, call, &grip);
    if (logging == CONFIDENCE_LOW) return;
    Receiver receiver = graph_receiver(c->graph, call.file, call.op, logger, &grip);
    if (receiver.kind == RECEIVER_BRIEF) return;
    bool is_given = receiver.kind == RECEIVER_PARAMETER || receiver.kind == RECEIVER_GIVEN;
    if (is_given || graph_is_test_file(c->graph, call.file)) sure = CONFIDENCE_LOW;
    report_handler(c, &spot, logger, handler, MIN(sure, logging));
}

/* ---- warning filters ---- */

static bool is_of_list(const RuleContext *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->graph, file);
    for (; path.i; path = f->paths[path.i].parent)
        if (str_is(graph_name_of(c->graph, file, path), "warnings.filters")) return true;
    return false;
}

/* The function does something with the list itself: it knows what it adds. */
static bool tends_list(const RuleContext *c, u32 file, const Op *op) {
    const Facts *f = graph_facts(c->graph, file);
    bool tends = op_subject((OpKind)op->kind) == SUBJECT_PATH && is_of_list(c, file, op_path(op));
    for (u32 i = 0; !tends && i < op->operands; i++)
        tends = is_of_list(c, file, op_operand(f, op, i));
    return tends;
}

/* `with warnings.catch_warnings():` around it, or `resetwarnings()` in the same function. */
static bool is_undone(const RuleContext *c, OpRef call, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (tends_list(c, call.file, op)) return true;
        if (op->kind != OP_CALL) continue;
        Str name = graph_name_of(c->graph, call.file, op_path(op));
        if (str_is(name, "warnings.catch_warnings") || str_is(name, "warnings.resetwarnings"))
            return true;
    }
    return false;
}

/* An argument that may be another one with each call. */
static bool has_varying(const RuleContext *c, u32 file, const Op *op, PathId *which) {
    const Facts *f = graph_facts(c->graph, file);
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(f, op, i);
        if (operand_kind(f->operands[op->operand + i]) == OPERAND_DOUBLE_STAR) continue;
        u32 shape = graph_shape(c->graph, file, path);
        u32 open = SHAPE_PARAMETER | SHAPE_ID | SHAPE_ROUND | SHAPE_TEXT | SHAPE_REQUEST;
        if (!(shape & open) || shape & SHAPE_CLOSED) continue;
        *which = path;
        return true;
    }
    return false;
}

static void report_filter(RuleContext *c, const Again *spot, PathId which, Confidence sure) {
    const Facts *facts = graph_facts(c->graph, spot->call.file);
    const Op *op = facts_op(facts, spot->call.op);
    Str text = which.i ? rule_path_text(c, spot->call.file, which) : (Str){0};
    if (!text.n || text.p[0] == '(') text = STR("filter");
    Finding *f = rule_report(c, spot->call.file, op->span, spot->function);
    f->confidence = sure;
    f->subject = STR("warnings.filters");
    f->message = rule_text(
        c,
        "'warnings.filters' keeps a filter of every call of '%.*s' alive until the process ends: "
        "'%.*s' differs from call to call, and nothing restores the list",
        STR_ARG(graph_scope_name(c->graph, spot->function)), STR_ARG(text));
    if (!which.i)
        f->message = rule_text(c,
                               "'warnings.filters' keeps a filter of every call of '%.*s' alive "
                               "until the process ends: "
                               "Python 2 adds equal ones again",
                               STR_ARG(graph_scope_name(c->graph, spot->function)));
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = STR("warnings.filters")});
    rule_step(c, f, STEP_EDGE, STR("[0]"), STR("one more each time, none removed"), spot->call.file,
              op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, text, (Str){0}, spot->call.file, op->span);
    f->help = STR("put `with warnings.catch_warnings():` around the code, or add the filter once");
    f->confirm = STR("`len(warnings.filters)` before and after a hundred calls");
}

static void check_filter(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = facts_op(f, call.op);
    Again spot = graph_again(c->graph, call);
    PathId which = {0};
    bool is_python2 = targets_before(rule_targets(c, call.file), PYTHON_3_3);
    Confidence sure = spot.confidence;
    if (spot.is_bounded || (!has_varying(c, call.file, op, &which) && !is_python2)) return;
    if (is_undone(c, call, spot.function)) return;
    /* a loop or many instances: what else adds a filter does so a few times in a process */
    sure = sure == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    if (graph_is_test_file(c->graph, call.file)) sure = CONFIDENCE_LOW;
    report_filter(c, &spot, which, sure);
}

static void check(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    Str last = facts_attribute(f, op_path(facts_op(f, call.op)));
    if (str_is(last, "addHandler") || str_is(last, "addFilter"))
        check_logger(c, call);
    else
        check_filter(c, call);
}

static const char *const callees[] = {".addHandler", ".addFilter", "warnings.filterwarnings",
                                      "warnings.simplefilter", NULL};

const Rule rule_lmp209 = {
    .code = "LMP209",
    .name = "handler-per-instance",
    .summary = "a logger gets one more handler with each call or instance, and loses none",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
