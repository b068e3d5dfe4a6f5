/* What is said of a dictionary that is a cache by hand. */
#include "rule/rule.h"

static Confidence memo_confidence(RuleContext *c, const Growth *growth, const Domain *d) {
    if (graph_is_test_file(c->graph, growth->site->file)) return CONFIDENCE_LOW;
    if (growth->escapes) return CONFIDENCE_LOW;
    const Use *use = growth->site;
    PathId object = graph_identity_of(c->graph, (KeyRef){use->file, use->key});
    if (object.i && graph_is_mostly_omitted(c->graph, (KeyRef){use->file, object}))
        return CONFIDENCE_LOW;
    if (growth->offered) return rule_offered_confidence(c, growth);
    if (growth->facts && rule_is_of_open_keys(growth)) return CONFIDENCE_MEDIUM;
    if (growth->facts) return growth->by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    return domain_is_rich(d) ? d->confidence : CONFIDENCE_LOW;
}

void rule_report_memo(RuleContext *c, const Container *k, const Growth *growth, Domain d) {
    const Use *use = growth->site;
    const Facts *facts = graph_facts(c->graph, use->file);
    Str key = rule_path_text(c, use->file, use->key);
    Str object = domain_is_rich(&d) && d.class.i ? d.what : key;
    /* `table[id(x)]`: the number is no object, but stands for one */
    PathId whose = graph_identity_of(c->graph, (KeyRef){use->file, use->key});
    Str named = whose.i ? rule_path_text(c, use->file, whose) : (Str){0};
    if (named.n && str_is(key, "id()")) {
        key = rule_text(c, "id(%.*s)", STR_ARG(named));
        object = named;
    }
    Str function = graph_scope_name(c->graph, use->function);
    Span span = facts->ops[use->op.i].span;
    Finding *f = rule_report(c, use->file, span, use->function);
    f->container = graph_place(c->graph, k->file, k->definition);
    f->has_container = true;
    f->confidence = memo_confidence(c, growth, &d);
    f->subject = k->name;
    f->message = rule_text(
        c,
        "'%.*s' keeps %s'%.*s' alive until the process ends: '%.*s' adds an entry "
        "for each new key, %s",
        STR_ARG(k->name), named.n ? "an entry for each " : "", STR_ARG(object), STR_ARG(function),
        growth->offered || growth->expiry ? rule_growth_end(growth) : "and none is removed");
    rule_step(c, f, STEP_NODE, rule_text(c, "cache %.*s", STR_ARG(k->name)), (Str){0}, k->file,
              k->definition);
    rule_step(c, f, STEP_EDGE, rule_text(c, "[%.*s]", STR_ARG(key)),
              growth->expiry ? STR("added when it is not found")
                             : STR("added when it is not found, never removed"),
              use->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    Str note = named.n                        ? STR("each has its own number")
               : domain_is_rich(&d)           ? STR("each is its own key")
               : growth->facts & SHAPE_SENT   ? STR("one for each key that a client sends")
               : growth->facts & SHAPE_OPENED ? STR("an open file or socket for each")
                                              : STR("a key of an open domain");
    rule_step(c, f, STEP_NODE, object, note, use->file, span);
    if (growth->offered) rule_offered_note(c, f, growth);
    if (growth->expiry) rule_expiry_note(c, f, growth);
    if (growth->facts & SHAPE_OPENED)
        f->help = STR("close the one that was not used longest above a number of them, or close it "
                      "when its time is over, and take the entry out");
    else if (growth->expiry)
        f->help = STR(RULE_EXPIRY_HELP);
    else
        f->help = rule_cache_help(domain_is_rich(&d) && d.class.i &&
                                  rule_may_hold_weakly(c, use->file, use->key));
    f->confirm =
        rule_text(c, "`len(%.*s)` before and after 100 calls of `%.*s()` with new arguments",
                  STR_ARG(k->name), STR_ARG(function));
}

/* An element of `*args`: whatever the callers have. */
static bool is_any_argument(RuleContext *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->graph, file);
    SymbolId root = facts_root_symbol(f, graph_alias_of(c->graph, file, path));
    const Scope *scope = &f->scopes[f->symbols[root.i].scope.i];
    for (u32 i = scope->param_first; root.i && i < scope->param_end; i++)
        if (f->params[i].symbol.i == root.i)
            return f->params[i].kind == PARAM_STAR ||
                   str_is(facts_str(f, f->symbols[root.i].name), "args");
    return false;
}

static bool has_any_argument(RuleContext *c, u32 file, PathId key) {
    const Facts *f = graph_facts(c->graph, file);
    PathId whole = graph_alias_of(c->graph, file, key);
    const Path *p = &f->paths[whole.i];
    if (is_any_argument(c, file, whole)) return true;
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_TUPLE) return false;
    for (u32 i = 0; i < f->ops[p->id].operands; i++)
        if (is_any_argument(c, file, op_operand(f, &f->ops[p->id], i))) return true;
    return false;
}

/* `def f(name, _cache={})`: a memo that is meant so, unless it keeps objects as keys. */
bool rule_is_plain_memo(RuleContext *c, Str name, const Use *use) {
    u32 rich = SHAPE_INSTANCE | SHAPE_SELF | SHAPE_REQUEST | SHAPE_TASK;
    bool is_meant =
        use->membership_guard || str_contains(name, "cache") || str_contains(name, "memo");
    return use->key.i && is_meant && !(use->key_shape & rich) &&
           !has_any_argument(c, use->file, use->key);
}
