/* ## What it does
 * Reports what stays in a context, or under the identity of a thread, when the work is over: a
 * `contextvars.ContextVar` that is made per call or per instance and set without `reset`; a mapping
 * keyed by the current thread or task whose entries are never removed; an object of one request
 * that is left in a context variable or in a `threading.local`.
 *
 * ## Why it leaks
 * A context is a mapping from variables to values, and it holds both. There is no way to take a
 * variable out but `reset` with the token of its first `set`. A variable that is made anew each
 * time adds an entry each time, in the context of the thread or task that sets it, for as long as
 * that lives: for the main thread until the process ends. Threads and tasks come and go; a table
 * with one entry for each grows with them. What is left in a thread-local stays until the thread
 * ends, which threads of a pool never do, or until the next value replaces it (bounded).
 *
 * ## Example
 * ```python bad
 * from contextvars import ContextVar
 *
 *
 * class Tracer:
 *     def __init__(self, name):
 *         self.current = ContextVar(name, default=None)
 *
 *     def enter(self, span):
 *         self.current.set(span)
 *
 *
 * def handle(request):
 *     tracer = Tracer(request.path)
 *     tracer.enter(request)
 * ```
 *
 * One variable of the module, which every tracer shares, and a `reset` when the work is over:
 *
 * ```python good
 * from contextvars import ContextVar
 *
 * current = ContextVar("current", default=None)
 *
 *
 * class Tracer:
 *     def __init__(self, name):
 *         self.name = name
 *
 *     def run(self, span, work):
 *         token = current.set(span)
 *         try:
 *             return work()
 *         finally:
 *             current.reset(token)
 * ```
 *
 * ## When it is silent
 * - The variable is made at module level, in the body of a class, once per class statement
 *   (`__init_subclass__`), or bound by `global`; or all instances of its class are made by modules.
 * - Its `reset` is called, or nothing in its file sets it.
 * - A function returns it or passes it on: others may pool it.
 * - The table by thread is weak, or something removes from it, measures it, or binds a fresh one.
 *
 * At low confidence: a variable that only coroutines set, since the context of a task goes with the
 * task; one that is set from outside its class; an object of one request or an exception that a
 * function which is no coroutine sets, or stores in a `threading.local`, and never takes away again
 * (bounded: one for each thread); tables by the number of a thread, which comes again (bounded),
 * unless connections or the like are in it that the next thread with the number does not ask for.
 *
 * ## What it misses
 * Variables that a helper makes and returns, and a removal that exists and never runs.
 *
 * ## How to confirm
 * Compare `len(contextvars.copy_context())`, or the length of the table, after a hundred calls.
 *
 * ## References
 * - Python documentation, `contextvars.ContextVar`: "… created at top module level"
 * - PEP 567, "Implementation"
 */
#include "rule/rule.h"

/* ---- variables that are made per call ---- */

static Confidence confidence_of(const RuleContext *c, OpRef call, const ContextVariable *v,
                                ClassId class) {
    const Facts *f = graph_facts(c->graph, call.file);
    if (graph_is_test_file(c->graph, call.file) || v->in_task) return CONFIDENCE_LOW;
    if (!class.i) return CONFIDENCE_HIGH;
    if (graph_instances(c->graph, class).making != MADE_OFTEN) return CONFIDENCE_LOW;
    ScopeRef setter = rule_function_around(c, call.file, &f->ops[v->set.i]);
    ClassId by = scope_is_none(setter) ? (ClassId){0} : graph_method_class(c->graph, setter);
    return by.i == class.i ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void check_variable(RuleContext *c, OpRef call) {
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = &facts->ops[call.op.i];
    ScopeRef function = rule_function_around(c, call.file, op);
    if (scope_is_none(function)) return;
    if (graph_how_often(c->graph, call.file, op->region) < RUNS_PER_INSTANCE) return;
    ClassId class = graph_method_class(c->graph, function);
    if (class.i && graph_only_module_instances(c->graph, class)) return;
    ContextVariable v = graph_context_variable(c->graph, call);
    if (!v.set.i || v.is_reset || v.escapes || v.is_shared) return;
    bool is_attribute = facts->paths[v.path.i].kind == PATH_ATTR;
    rule_report_variable(c, call, &v,
                         confidence_of(c, call, &v, is_attribute ? class : (ClassId){0}));
}

/* ---- what is left in a variable or thread-local of the module ---- */

enum { SHORT_LIVED = SHAPE_REQUEST | SHAPE_EXCEPTION };

static void check_set(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = &f->ops[call.op.i];
    if (!(op->flags & OP_DROPPED) || op->operands != 1) return;
    PathId receiver = f->paths[op->subject].parent, value = op_operand(f, op, 0);
    ScopeRef function = rule_function_around(c, call.file, op);
    if (scope_is_none(function) || f->paths[value.i].kind == PATH_LITERAL) return;
    if (f->scopes[function.scope.i].flags & SCOPE_ASYNC) return;
    if (graph_is_test_file(c->graph, call.file)) return;
    if (!str_is(graph_maker_of(c->graph, call.file, receiver), "contextvars.ContextVar")) return;
    SymbolRef variable = graph_variable_of(c->graph, call.file, receiver);
    if (!variable.symbol.i) return;
    const Facts *home = graph_facts(c->graph, variable.file);
    ScopeId scope = home->symbols[variable.symbol.i].scope;
    if (home->scopes[scope.i].kind != SCOPE_MODULE ||
        !(graph_shape(c->graph, call.file, value) & SHORT_LIVED))
        return;
    if (graph_is_reset(c->graph, call.file, receiver)) return;
    rule_report_left(c, call, receiver, value, ".set()");
}

static void check_local(RuleContext *c, OpRef call) {
    if (graph_is_test_file(c->graph, call.file)) return;
    OpId kept = graph_thread_local_kept(c->graph, call, SHORT_LIVED);
    if (!kept.i) return;
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = &f->ops[kept.i];
    rule_report_left(c, (OpRef){call.file, kept}, op_path(op), bound_value(f, op), "attribute");
}

static void check_call(RuleContext *c, OpRef call) {
    const Facts *f = graph_facts(c->graph, call.file);
    const Path *callee = &f->paths[f->ops[call.op.i].subject];
    if (callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "set")) {
        check_set(c, call);
        return;
    }
    Str name = graph_name_of(c->graph, call.file, op_path(&f->ops[call.op.i]));
    if (str_ends(name, "ContextVar"))
        check_variable(c, call);
    else
        check_local(c, call);
}

/* ---- tables by thread ---- */

static void check_container(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    if (container->holder == HOLDER_SINGLETON) return; /* check_class speaks */
    Growth growth = graph_growth(c->graph, id);
    if (growth.verdict != VERDICT_GROWS || !growth.site->key.i || growth.site->level) return;
    const Use *use = growth.site;
    Str what = graph_thread_identity(c->graph, use->file, use->key);
    if (!what.n) return;
    Confidence sure = growth.by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    bool is_used_again = /* by the next thread that gets the number */
        use->membership_guard && graph_is_reused_identity(c->graph, use->file, use->key);
    rule_report_table(
        c, &(Table){.holder = rule_text(c, "%s %.*s", rule_holder_word(container->holder),
                                        STR_ARG(container->name)),
                    .name = container->name,
                    .what = what,
                    .until = STR("the process ends"),
                    .file = container->file,
                    .definition = container->definition,
                    .use_file = use->file,
                    .op = use->op,
                    .function = use->function,
                    .key = use->key,
                    .value = use->value,
                    .confidence = growth.escapes || is_used_again ? CONFIDENCE_LOW : sure});
}

static bool is_table(const Attribute *a, ClassId id) {
    bool is_mapping = a->container == CONTAINER_DICT || a->container == CONTAINER_DEFAULTDICT ||
                      a->container == CONTAINER_ORDERED_DICT;
    return a->kind == ATTRIBUTE_CONTAINER && is_mapping && !a->is_cut && a->owner.i == id.i;
}

static void check_use(RuleContext *c, ClassId id, const Attribute *a, const AttributeUse *made,
                      const AttributeUse *use) {
    if (use->kind != ATTRIBUTE_GROWS || use->level || !use->key.i) return;
    if (use->how_often < RUNS_PER_INSTANCE || graph_is_test_file(c->graph, use->file)) return;
    Str what = graph_thread_identity(c->graph, use->file, use->key);
    if (!what.n) return;
    Removal removal = graph_attribute_removal(c->graph, id, a->name, 0);
    if (removal.kind != REMOVAL_NONE) return;
    Str class = graph_class_name(c->graph, id);
    Str name = rule_text(c, "%.*s.%.*s", STR_ARG(class), STR_ARG(a->name));
    Str until = graph_only_module_instances(c->graph, id)
                    ? STR("the process ends")
                    : rule_text(c, "the '%.*s' goes", STR_ARG(str_after_last(class, '.')));
    const Facts *f = graph_facts(c->graph, made->file);
    rule_report_table(c,
                      &(Table){.holder = rule_text(c, "attribute %.*s", STR_ARG(name)),
                               .name = name,
                               .what = what,
                               .until = until,
                               .file = made->file,
                               .definition = f->ops[made->op.i].span,
                               .use_file = use->file,
                               .op = use->op,
                               .function = use->function,
                               .key = use->key,
                               .value = use->value,
                               .confidence = removal.escapes ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM});
}

static void check_class(RuleContext *c, ClassId id) {
    Str name = {0};
    while ((name = graph_next_attribute(c->graph, id, name)).n) {
        Attribute a = graph_attribute_outline(c->graph, id, name);
        if (!is_table(&a, id)) continue;
        a = graph_attribute(c->graph, id, name, c->scratch);
        if (a.is_cut) continue;
        const AttributeUse *made = NULL;
        for (u32 i = 0; i < a.n_uses && !made; i++)
            if (a.uses[i].kind == ATTRIBUTE_DEFINED) made = &a.uses[i];
        if (!made || made->in_class_body) continue; /* a container of the class: check_container */
        for (u32 i = 0; i < a.n_uses; i++) check_use(c, id, &a, made, &a.uses[i]);
    }
}

static const char *const CALLEES[] = {".set", "contextvars.ContextVar", "threading.local", NULL};

const Rule rule_lmp220 = {
    .code = "LMP220",
    .name = "context-leak",
    .summary = "a context variable, thread-local or table by thread keeps what is over",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check_call,
    .on_class = check_class,
    .on_container = check_container,
};
