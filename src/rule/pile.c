/* Findings about what piles up beside the work: tasks that stay, queues without a bound, entries of
 * threads that are over. The rules LMP215, LMP219 and LMP220 decide, this says it. */
#include "rule/rule.h"

/* ---- tasks ---- */

bool rule_runs_once(const RuleContext *c, ScopeRef function) {
    static const char *const NAMES[] = {"aenter", "connect", "enter",    "init", "launch",
                                        "listen", "main",    "on_start", "open", "run",
                                        "serve",  "set_up",  "setup",    "start"};
    if (scope_is_none(function)) return true;
    const Facts *f = graph_facts(c->graph, function.file);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    while (str_starts(name, "_")) name = str_sub(name, 1, name.n);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_starts(name, NAMES[i])) return true;
    return false;
}

static Str help_text(RuleContext *c, const TaskHoard *h) {
    Str name = str_after_last(h->name, '.');
    if (h->kind == CONTAINER_SET)
        return rule_text(c, "take it out when it is done: `task.add_done_callback(%.*s.discard)`",
                         STR_ARG(name));
    if (h->kind == CONTAINER_LIST || h->kind == CONTAINER_DEQUE)
        return rule_text(c,
                         "make '%.*s' a set, and take the %.*s out when it is done: "
                         "`task.add_done_callback(%.*s.discard)`",
                         STR_ARG(name), STR_ARG(h->task), STR_ARG(name));
    return rule_text(c,
                     "take it out when it is done: `task.add_done_callback(lambda _: "
                     "%.*s.pop(key, None))`",
                     STR_ARG(name));
}

void rule_report_hoard(RuleContext *c, const TaskHoard *h) {
    const Facts *facts = graph_facts(c->graph, h->use_file);
    Span span = facts->ops[h->op.i].span;
    Str written = rule_path_text(c, h->use_file, h->value);
    bool is_short = written.n && written.n <= 48 && !str_contains(written, "(");
    Str what = is_short ? written : h->task;
    Str function = scope_is_none(h->function) ? graph_module_name(c->graph, h->use_file)
                                              : graph_scope_name(c->graph, h->function);
    Finding *f = rule_report(c, h->use_file, span, h->function);
    f->container = graph_place(c->graph, h->file, h->definition);
    f->has_container = true;
    f->confidence = h->confidence;
    f->severity = h->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = h->name;
    f->message = rule_text(c,
                           "'%.*s' keeps '%.*s' alive until %.*s: one %.*s per call of '%.*s', "
                           "and none is taken out when it is done",
                           STR_ARG(h->name), STR_ARG(what), STR_ARG(h->until), STR_ARG(h->task),
                           STR_ARG(function));
    f->help = help_text(c, h);
    f->confirm = rule_text(c, "`len(%.*s)` before and after 100 %.*ss that are done",
                           STR_ARG(h->name), STR_ARG(h->task));
    rule_step(c, f, STEP_NODE, h->holder, (Str){0}, h->file, h->definition);
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%.*s()", STR_ARG(h->how)),
              STR("added here, never taken out"), h->use_file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, what,
              rule_text(c, "a %.*s with its result or exception", STR_ARG(h->task)), h->use_file,
              span);
}

/* ---- queues ---- */

static void add_steps(RuleContext *c, Finding *f, const Pile *p) {
    const Facts *there = graph_facts(c->graph, p->use_file);
    rule_step(c, f, STEP_NODE, p->holder, STR("no bound"), p->file, p->made);
    rule_step(c, f, STEP_EDGE, STR("filled"), p->take.i ? (Str){0} : STR("nobody takes from it"),
              p->use_file, there->ops[p->fill.i].span);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (p->take.i)
        rule_note(c, f, STR("emptied"), STR("as fast as this part of the program runs"),
                  (OpRef){p->use_file, p->take});
}

void rule_report_pile(RuleContext *c, const Pile *p) {
    Finding *f = rule_report(c, p->file, p->made, p->function);
    f->container = graph_place(c->graph, p->file, p->made);
    f->has_container = true;
    f->confidence = p->confidence;
    f->subject = p->name;
    bool is_deque = str_is(p->what, "deque");
    if (p->take.i) {
        f->effect = EFFECT_HAZARD;
        f->message = rule_text(c,
                               "'%.*s' grows without limit when '%.*s' fills it faster than it is "
                               "emptied: the %.*s has no bound",
                               STR_ARG(p->name), STR_ARG(p->filler), STR_ARG(p->what));
    } else {
        f->message =
            rule_text(c,
                      "'%.*s' keeps what '%.*s' puts into it alive until %.*s: the %.*s has no "
                      "bound, and nothing takes from it",
                      STR_ARG(p->name), STR_ARG(p->filler), STR_ARG(p->until), STR_ARG(p->what));
    }
    f->help = is_deque
                  ? STR("give it a bound: `collections.deque(maxlen=…)` drops the oldest")
                  : STR("give it a bound, `maxsize=…`: `put` then waits, and `put_nowait` tells "
                        "that it is full");
    f->confirm = rule_text(c,
                           is_deque ? "`len(%.*s)` once a second under load"
                                    : "`%.*s.qsize()` once a second under load",
                           STR_ARG(p->name));
    add_steps(c, f, p);
}

/* ---- contexts and threads ---- */

ScopeRef rule_function_around(const RuleContext *c, u32 file, const Op *op) {
    const Facts *f = graph_facts(c->graph, file);
    return (ScopeRef){file, facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION)};
}

static Str function_text(RuleContext *c, ScopeRef function) {
    return scope_is_none(function) ? graph_module_name(c->graph, function.file)
                                   : graph_scope_name(c->graph, function);
}

void rule_report_variable(RuleContext *c, OpRef call, const ContextVariable *v, Confidence sure) {
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = &facts->ops[call.op.i];
    ScopeRef function = rule_function_around(c, call.file, op);
    Str name = v->path.i ? rule_path_text(c, call.file, v->path) : STR("ContextVar(…)");
    Finding *f = rule_report(c, call.file, op->span, function);
    f->confidence = sure;
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = name;
    f->message =
        rule_text(c,
                  "the current context keeps '%.*s' and its value alive until its thread or "
                  "task ends: one variable per call of '%.*s', set and never reset",
                  STR_ARG(name), STR_ARG(function_text(c, function)));
    rule_step(c, f, STEP_NODE, STR("context of the thread or task"), (Str){0}, call.file,
              facts->ops[v->set.i].span);
    rule_step(c, f, STEP_EDGE, STR(".set()"), STR("no reset() with its token"), call.file,
              facts->ops[v->set.i].span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_text(c, "ContextVar %.*s", STR_ARG(name)),
              STR("another one with each call"), call.file, op->span);
    f->help =
        STR("make the variable once, at module level, and `reset` it with the token that `set` "
            "returns");
    f->confirm = rule_text(c,
                           "`len(contextvars.copy_context())` before and after 100 calls of "
                           "`%.*s()`",
                           STR_ARG(function_text(c, function)));
}

void rule_report_left(RuleContext *c, OpRef at, PathId holder, PathId value, const char *edge) {
    const Facts *facts = graph_facts(c->graph, at.file);
    const Op *op = &facts->ops[at.op.i];
    Str name = rule_path_text(c, at.file, holder), what = rule_path_text(c, at.file, value);
    Finding *f = rule_report(c, at.file, op->span, rule_function_around(c, at.file, op));
    f->effect = EFFECT_BOUNDED;
    f->confidence = CONFIDENCE_LOW;
    f->subject = name;
    f->message = rule_text(c,
                           "'%.*s' keeps '%.*s' alive until the next one replaces it or the thread "
                           "ends: nothing takes it away when the work is over",
                           STR_ARG(name), STR_ARG(what));
    rule_step(c, f, STEP_NODE, name, (Str){0}, at.file, op->span);
    rule_step(c, f, STEP_EDGE, str_from(edge), STR("set here, never taken away"), at.file,
              op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, what, STR("an object of one request, or an exception"), at.file,
              op->span);
    f->help = STR("take it away in a `finally`: `reset` with the token, or `del` of the attribute");
    f->confirm = rule_text(c, "a weak reference to '%.*s' after the call", STR_ARG(what));
}

/* Numbers of threads are used again, so that such a table holds as many entries as threads ran at
 * once: that matters where an entry is a connection or the like. */
static void grade_numbers(RuleContext *c, const Table *t, Finding *f) {
    bool is_heavy = t->value.i && graph_shape(c->graph, t->use_file, t->value) & SHAPE_REQUEST;
    f->effect = EFFECT_BOUNDED;
    f->confidence = is_heavy ? MIN(f->confidence, CONFIDENCE_MEDIUM) : CONFIDENCE_LOW;
}

void rule_report_table(RuleContext *c, const Table *t) {
    const Facts *facts = graph_facts(c->graph, t->use_file);
    Span span = facts->ops[t->op.i].span;
    Finding *f = rule_report(c, t->use_file, span, t->function);
    f->container = graph_place(c->graph, t->file, t->definition);
    f->has_container = true;
    f->confidence = t->confidence;
    f->subject = t->name;
    bool is_reused = graph_is_reused_identity(c->graph, t->use_file, t->key);
    if (is_reused) grade_numbers(c, t, f);
    Str until =
        is_reused ? rule_text(c, "another %.*s gets its number", STR_ARG(t->what)) : t->until;
    f->message =
        rule_text(c,
                  "'%.*s' keeps the entry of each %.*s alive until %.*s: nothing removes it "
                  "when the %.*s ends",
                  STR_ARG(t->name), STR_ARG(t->what), STR_ARG(until), STR_ARG(t->what));
    rule_step(c, f, STEP_NODE, t->holder, (Str){0}, t->file, t->definition);
    rule_step(c, f, STEP_EDGE, rule_text(c, "[current %.*s]", STR_ARG(t->what)),
              STR("added here, never removed"), t->use_file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_text(c, "entry of a %.*s", STR_ARG(t->what)),
              rule_text(c, "stays when the %.*s ends", STR_ARG(t->what)), t->use_file, span);
    f->help =
        str_is(t->what, "thread")
            ? STR("use a `threading.local()`, which goes with the thread, or remove the entry "
                  "in a `finally`")
            : STR("use a `contextvars.ContextVar` or a `weakref.WeakKeyDictionary`, or remove "
                  "the entry in a `finally`");
    f->confirm =
        rule_text(c, "`len(%.*s)` before and after 100 %.*ss", STR_ARG(t->name), STR_ARG(t->what));
}
