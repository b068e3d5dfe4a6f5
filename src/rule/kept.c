/* What two rules say of objects that a frame holds and that hold the frame. */
#include "rule/rule.h"

static const char *const EXITS[] = {"", "raises", "returns", "ends"};

static u32 line_of(RuleContext *c, u32 file, OpId op) {
    u32 line, column;
    const Facts *f = graph_facts(c->graph, file);
    facts_line(f, facts_op(f, op)->span.start, &line, &column);
    return line;
}

/* Where the function leaves with it, in words. */
static Str exit_text(RuleContext *c, const Kept *k, Str path) {
    if (k->exit.op.i)
        return rule_text(c, "the function %s in line %u with '%.*s' still bound",
                         EXITS[k->exit.kind], line_of(c, k->file, k->exit.op), STR_ARG(path));
    if (k->exit.kind)
        return rule_text(c, "the function ends with '%.*s' still bound", STR_ARG(path));
    u32 line, column;
    const Facts *f = graph_facts(c->graph, k->file);
    facts_line(f, f->regions[k->exit.endless.i].span.start, &line, &column);
    return rule_text(c, "the loop in line %u never ends", line);
}

static Str event_text(RuleContext *c, const Kept *k, bool is_off) {
    const Facts *f = graph_facts(c->graph, k->file);
    if (!k->exit.kind) return STR("it is bound again");
    if (is_off) return STR("the process ends, as the collector is off");
    if (k->is_garbage)
        return STR("the process ends on Python before 3.4, as '__del__' is in the cycle");
    bool is_local = f->paths[k->path.i].kind == PATH_SYMBOL;
    SymbolId root = facts_root_symbol(f, k->path);
    if (is_local || !(f->symbols[root.i].flags & SYMBOL_PARAM))
        return STR("the cyclic collector runs");
    return STR("it is replaced and the cyclic collector runs");
}

static void add_evidence(RuleContext *c, Finding *f, const Kept *k, Str function, Str path) {
    const Facts *facts = graph_facts(c->graph, k->file);
    const Op *op = facts_op(facts, k->op);
    Span name = facts->scopes[facts->regions[op->region.i].scope.i].name_span;
    Str frame = rule_text(c, "frame of %.*s", STR_ARG(function));
    rule_step(c, f, STEP_NODE, frame, (Str){0}, k->file, name);
    rule_step(c, f, STEP_EDGE, path, STR("bound here, not cleared on every way out"), k->file,
              op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, k->node, (Str){0}, k->file, op->span);
    if (k->edge.n) {
        rule_step(c, f, STEP_EDGE, k->edge, STR("leads back to the frame"), k->file, op->span);
        rule_step(c, f, STEP_NODE, frame, (Str){0}, k->file, name);
    }
    if (k->exit.op.i)
        rule_step(c, f, STEP_NOTE, rule_text(c, "the function %s here", EXITS[k->exit.kind]),
                  (Str){0}, k->file, facts_op(facts, k->exit.op)->span);
    if (k->exit.cleared.i)
        rule_step(c, f, STEP_NOTE, STR("cleared here, on another way out"), (Str){0}, k->file,
                  facts_op(facts, k->exit.cleared)->span);
}

static Str help_of(RuleContext *c, const Kept *k, Str path) {
    const Facts *f = graph_facts(c->graph, k->file);
    if (f->paths[k->path.i].kind == PATH_SYMBOL)
        return rule_text(c, "`del %.*s` in a `finally` that every way out passes", STR_ARG(path));
    return k->instead;
}

/* What goes with it: the weight that the frame holds, else all its locals. */
static Str held_text(RuleContext *c, const FrameBurden *burden, Str function) {
    if (!burden) return rule_text(c, "the locals of '%.*s'", STR_ARG(function));
    return rule_text(c, "the %.*s '%.*s'", STR_ARG(burden->what), STR_ARG(burden->name));
}

Finding *rule_report_kept(RuleContext *c, const Kept *k) {
    const Facts *facts = graph_facts(c->graph, k->file);
    const Op *op = facts_op(facts, k->op);
    ScopeRef function = {k->file, facts->regions[op->region.i].scope};
    Str path = rule_path_text(c, k->file, k->path);
    Str name = graph_scope_name(c->graph, function);
    FrameBurden burden;
    OpRef collector;
    bool is_off = graph_collector_is_off(c->graph, k->file, &collector);
    bool is_heavy = !k->is_plain && graph_frame_burden(c->graph, function, k->exit.op, &burden);
    Finding *f = rule_report(c, k->file, op->span, function);
    bool is_endless = !k->exit.kind; /* it never leaves, and holds the last one */
    f->effect = is_endless                ? EFFECT_BOUNDED
                : is_off || k->is_garbage ? EFFECT_NEVER_FREED
                                          : EFFECT_DELAYED;
    f->is_plain = !is_off && !is_heavy && !is_endless && !k->is_garbage;
    f->confidence = graph_is_test_file(c->graph, k->file) ? CONFIDENCE_LOW : k->confidence;
    /* how large an array is nobody knows; a round of the loop that goes well lets go of it, too */
    bool is_light = is_endless ? k->exit.cleared.i != 0 : is_heavy && !burden.is_resource;
    if (is_light && !is_off && !k->is_garbage) f->confidence = CONFIDENCE_LOW;
    f->subject = path;
    Str what = held_text(c, is_heavy ? &burden : NULL, name);
    f->message = rule_text(c, "'%.*s' keeps %.*s and %.*s alive until %.*s: %.*s", STR_ARG(path),
                           STR_ARG(k->object), STR_ARG(what), STR_ARG(event_text(c, k, is_off)),
                           STR_ARG(exit_text(c, k, path)));
    f->help = help_of(c, k, path);
    f->confirm =
        k->is_garbage
            ? STR("`gc.garbage` is not empty after `gc.collect()`")
            : rule_text(c, "with `gc.disable()`, call `%.*s()`: `gc.collect()` finds the cycle",
                        STR_ARG(name));
    add_evidence(c, f, k, name, path);
    if (is_off) rule_note(c, f, STR("the collector is turned off here"), (Str){0}, collector);
    if (is_heavy)
        rule_step(c, f, STEP_NOTE,
                  rule_text(c, "the frame holds the %.*s %.*s", STR_ARG(burden.what),
                            STR_ARG(burden.name)),
                  (Str){0}, k->file, burden.place);
    return f;
}

bool rule_keeps_exceptions(RuleContext *c, const Use *use, Str *what, Confidence *sure) {
    PathId value = use->value.i ? use->value : use->key;
    bool is_python3 = targets_from(rule_targets(c, use->file), PYTHON_3_3);
    Caught caught = graph_caught_in(c->graph, use->file, use->op, value);
    *sure = caught.confidence;
    *what = caught.kind == CAUGHT_EXCEPTION && caught.name.n ? caught.name
                                                             : rule_path_text(c, use->file, value);
    if (caught.kind) return caught.kind == CAUGHT_INFO || is_python3;
    *sure = CONFIDENCE_MEDIUM;
    if (graph_frame_of(c->graph, use->file, value).kind) return true;
    return is_python3 && graph_exception_parameter(c->graph, use->file, value);
}
