/* ## What it does
 * Reports `logging.getLogger` with a name that is new with each call or each instance: one made of
 * `id(self)`, a uuid, a counter, the identity of a request or connection.
 *
 * ## Why it leaks
 * The logging module keeps every logger under its name until the process ends, so that all modules
 * get the same one. Nothing removes a logger, and nothing can: its handlers, filters and children
 * hang on it. A name that does not come again is one more logger that nobody uses.
 *
 * ## Example
 * ```python bad
 * import logging
 *
 *
 * class Connection:
 *     def __init__(self, peer):
 *         self.peer = peer
 *         self.log = logging.getLogger("connection.%d" % id(self))
 *
 *
 * def accept(server):
 *     while True:
 *         Connection(server.accept()).log.info("connected")
 * ```
 *
 * Each connection leaves a logger behind. One logger and an adapter say the same:
 *
 * ```python good
 * import logging
 *
 * log = logging.getLogger(__name__)
 *
 *
 * class Connection:
 *     def __init__(self, peer):
 *         self.peer = peer
 *         self.log = logging.LoggerAdapter(log, {"connection": id(self)})
 *
 *
 * def accept(server):
 *     while True:
 *         Connection(server.accept()).log.info("connected")
 * ```
 *
 * ## When it is silent
 * - Names that the source bounds: constants, `__name__`, names of classes and modules, Enum
 * members.
 * - A name that is handed in as it is, unless a caller in the project makes it of such parts.
 * - Code that runs once, or while modules are imported only.
 *
 * At low confidence: names made of what is open but may repeat (a parameter, an attribute, an
 * identity by its name alone, a byte or field by its number: `message[0]`), constructors of classes
 * of which a program makes one or may make one (in a `mount` or `setup`), and tests.
 *
 * ## What it misses
 * Names that come from a configuration or a peer and are new each time, and loggers of other
 * libraries.
 *
 * ## How to confirm
 * Print `len(logging.root.manager.loggerDict)` before and after a hundred calls.
 *
 * ## References
 * - Python documentation, `logging.getLogger`: "All calls to this function with a given name return
 *   the same logger instance"
 * - Python documentation, "Logging Cookbook": it advises against a logger for each connection
 */
#include "rule/rule.h"

static bool is_open(u32 shape) {
    return shape & (SHAPE_ID | SHAPE_REQUEST | SHAPE_ROUND | SHAPE_PARAMETER | SHAPE_OPEN);
}

/* The name is put together here, and not one that somebody chose. */
static bool is_composed(const Facts *f, PathId name) {
    const Path *p = &f->paths[name.i];
    if (p->kind != PATH_OP) return false;
    OpKind kind = (OpKind)f->ops[p->id].kind;
    return kind == OP_FSTRING || kind == OP_BINARY || kind == OP_CALL;
}

static Confidence confidence_of(RuleContext *c, u32 file, ScopeRef function,
                                const TextParts *parts) {
    if (graph_is_test_file(c->graph, file)) return CONFIDENCE_LOW;
    if (rule_is_made_seldom(c, function)) return CONFIDENCE_LOW;
    if (parts->is_fresh)
        return graph_is_driven(c->graph, function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    if (parts->shape & SHAPE_REQUEST) return CONFIDENCE_MEDIUM;
    return CONFIDENCE_LOW;
}

static Str why_text(RuleContext *c, const TextParts *parts) {
    if (parts->is_fresh)
        return rule_text(c, "'%.*s' makes a new name each time", STR_ARG(parts->fresh));
    if (parts->shape & SHAPE_REQUEST)
        return STR("it is named after one request, message or connection");
    return STR("nothing shows that the names repeat");
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId name = call_argument(f, call, 0, "name");
    ScopeRef function = {ref.file,
                         facts_enclosing(f, f->regions[call->region.i].scope, SCOPE_FUNCTION)};
    if (!name.i || !function.scope.i) return;
    if (graph_how_often(c->graph, ref.file, call->region) < RUNS_PER_INSTANCE) return;
    TextParts parts = graph_text_parts(c->graph, ref.file, name);
    PathId made = graph_alias_of(c->graph, ref.file, name);
    bool is_sure = parts.is_fresh || parts.shape & SHAPE_REQUEST;
    if (!is_sure && (!is_open(parts.shape) || !is_composed(f, made))) return;
    Str text = rule_path_text(c, ref.file, name);
    Str by = graph_scope_name(c->graph, function);
    Finding *finding = rule_report(c, ref.file, call->span, function);
    finding->confidence = confidence_of(c, ref.file, function, &parts);
    finding->subject = by;
    finding->message =
        rule_text(c,
                  "the registry of 'logging' keeps the logger that '%.*s' asks for "
                  "alive until the process ends: %.*s, and no logger is ever removed",
                  STR_ARG(by), STR_ARG(why_text(c, &parts)));
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_NODE, .text = STR("logging.root.manager.loggerDict")});
    rule_step(c, finding, STEP_EDGE, rule_text(c, "[%.*s]", STR_ARG(text)),
              STR("added here, never removed"), ref.file, call->span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, STR("logger"), (Str){0}, ref.file, call->span);
    finding->help = STR("use one logger (`logging.getLogger(__name__)`) and put what differs into "
                        "the message, or into a `logging.LoggerAdapter`");
    finding->confirm = STR("`len(logging.root.manager.loggerDict)` before and after 100 calls");
}

static const char *const callees[] = {"logging.getLogger", NULL};

const Rule rule_lmp210 = {
    .code = "LMP210",
    .name = "logger-per-instance",
    .summary = "a logger with a new name for each call or instance stays for ever",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
