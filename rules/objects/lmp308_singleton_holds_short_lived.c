/* ## What it does
 * Reports a singleton, or the only object that a module holds, that stores an object of one
 * request, message or connection in an attribute and does not take it out again.
 *
 * ## Why it leaks
 * The holder lives as long as the process, and the attribute keeps what was stored last, with all
 * that hangs on it, until the next one comes: between two nights of traffic that is a long time.
 * Only one is kept. Beside the memory, code that runs later sees the data of somebody else's
 * request.
 *
 * ## Example
 * ```python bad
 * class Dispatcher:
 *     def __init__(self):
 *         self.current = None
 *
 *     def dispatch(self, request):
 *         self.current = request
 *         return request.path
 *
 *
 * dispatcher = Dispatcher()
 *
 *
 * def serve(queue):
 *     while True:
 *         dispatcher.dispatch(queue.get())
 * ```
 *
 * Clear it on every way out:
 *
 * ```python good
 * class Dispatcher:
 *     def __init__(self):
 *         self.current = None
 *
 *     def dispatch(self, request):
 *         self.current = request
 *         try:
 *             return request.path
 *         finally:
 *             self.current = None
 *
 *
 * dispatcher = Dispatcher()
 *
 *
 * def serve(queue):
 *     while True:
 *         dispatcher.dispatch(queue.get())
 * ```
 *
 * ## When it is silent
 * - Something sets the attribute to None outside the constructor, or the property that stores it.
 * - What is stored is no object of a request by its type or name, or a weak reference to it.
 * - The storing function runs while the program starts.
 *
 * The confidence is low for connections, sessions and sockets, which are as often the program's
 * own, for methods that set an object up (`connect`, `init_app`), for a value that can be left out,
 * and where nothing shows that the method runs again and again.
 *
 * ## What it misses
 * Holders of which the project makes more than one.
 *
 * ## How to confirm
 * Drop everything else: a weak reference to the last request is still alive.
 *
 * ## References
 * - Flask documentation, "The Request Context": locals instead of attributes of the application
 */
#include "rule/rule.h"

static bool is_lasting_class(RuleContext *c, ClassId class) {
    return graph_is_singleton(c->graph, class) || graph_only_module_instances(c->graph, class);
}

static bool is_emptied(RuleContext *c, const Attribute *a) {
    for (u32 i = 0; i < a->n_uses; i++)
        if (a->uses[i].kind == ATTRIBUTE_EMPTIED && !graph_is_test_file(c->graph, a->uses[i].file))
            return true;
    return false;
}

/* Something sets the attribute to None outside the constructor, or the property whose setter the
 * storing function is. */
static bool is_cleared(RuleContext *c, ClassId class, const Attribute *a, ScopeRef function) {
    if (is_emptied(c, a)) return true;
    if (scope_is_none(function)) return false;
    const Facts *f = graph_facts(c->graph, function.file);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    ScopeRef setter = graph_setter(c->graph, class, name);
    if (setter.file != function.file || setter.scope.i != function.scope.i) return false;
    Attribute property = graph_attribute(c->graph, class, name, c->scratch);
    return is_emptied(c, &property);
}

/* `def watch(self, request=None)`: who passes nothing clears it. */
static bool is_optional(const Facts *f, SymbolId symbol) {
    const Scope *scope = &f->scopes[f->symbols[symbol.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == symbol.i) return f->params[i].fallback.i != 0;
    return false;
}

/* Connections and sessions are as often the program's as a request's: a request, a message and
 * what else lives for one of them says so. */
static Confidence sure_of(RuleContext *c, const AttributeUse *use, Burden *burden) {
    const Facts *f = graph_facts(c->graph, use->file);
    PathId value = graph_alias_of(c->graph, use->file, use->value);
    const Path *p = &f->paths[value.i];
    SymbolId symbol = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!symbol.i || !(f->symbols[symbol.i].flags & SYMBOL_PARAM)) return CONFIDENCE_LOW;
    *burden = graph_burden_of(c->graph, use->file, symbol);
    bool is_brief = know_is_brief_type(burden->what) || burden->confidence < CONFIDENCE_HIGH;
    bool is_setting = rule_runs_once(c, use->function) || is_optional(f, symbol);
    if (burden->kind != BURDEN_REQUEST || !is_brief || is_setting) return CONFIDENCE_LOW;
    return graph_is_driven(c->graph, use->function) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void report(RuleContext *c, ClassId class, const Attribute *a, const AttributeUse *use,
                   const Burden *burden, Confidence sure) {
    const Facts *f = graph_facts(c->graph, use->file);
    Span span = f->ops[use->op.i].span;
    Finding *finding = rule_report(c, use->file, span, use->function);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    Str value = rule_path_text(c, use->file, use->value);
    finding->confidence = graph_is_test_file(c->graph, use->file) ? CONFIDENCE_LOW : sure;
    finding->subject = rule_text(c, "%.*s.%.*s", STR_ARG(name), STR_ARG(a->name));
    finding->message =
        rule_text(c,
                  "'%.*s.%.*s' keeps the last '%.*s' alive until the next one comes: "
                  "'%.*s' lives as long as the process",
                  STR_ARG(last), STR_ARG(a->name), STR_ARG(value), STR_ARG(last));
    finding->help =
        rule_text(c, "set `%.*s` to None in a `finally`, or pass the %.*s as an argument",
                  STR_ARG(a->name), STR_ARG(burden->what));
    finding->confirm = rule_text(c, "a weak reference to the last %.*s is alive when nothing runs",
                                 STR_ARG(burden->what));
    ScopeRef home = graph_class_scope(c->graph, class);
    Span at = graph_facts(c->graph, home.file)->scopes[home.scope.i].name_span;
    rule_step(c, finding, STEP_NODE, rule_text(c, "the only %.*s", STR_ARG(last)), (Str){0},
              home.file, at);
    rule_step(c, finding, STEP_EDGE, rule_text(c, ".%.*s", STR_ARG(a->name)),
              STR("set here, not cleared on the way out"), use->file, span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, value, STR("an object of one request, message or connection"),
              use->file, span);
}

static void check_attribute(RuleContext *c, ClassId class, Str name) {
    Attribute a = graph_attribute(c->graph, class, name, c->scratch);
    if (a.owner.i != class.i || a.is_weak || a.is_cut) return;
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *use = &a.uses[i];
        if (use->kind != ATTRIBUTE_DEFINED || !use->replaces || use->level || use->is_weak)
            continue;
        if (use->how_often < RUNS_PER_CALL || !use->value.i) continue;
        Burden burden = {0};
        Confidence sure = sure_of(c, use, &burden);
        if (burden.kind != BURDEN_REQUEST || is_cleared(c, class, &a, use->function)) continue;
        report(c, class, &a, use, &burden, sure);
        return;
    }
}

static void check(RuleContext *c, ClassId class) {
    if (!is_lasting_class(c, class)) return;
    for (Str a = {0}; (a = graph_next_attribute(c->graph, class, a)).n;)
        check_attribute(c, class, a);
}

const Rule rule_lmp308 = {
    .code = "LMP308",
    .name = "singleton-holds-short-lived",
    .summary = "a singleton keeps the last request, message or connection",
    .effect = EFFECT_BOUNDED,
    .effects = "bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
