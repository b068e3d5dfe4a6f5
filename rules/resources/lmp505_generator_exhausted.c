/* ## What it does
 * Reports a variable that holds a generator, `map`, `filter`, `zip`, `enumerate` or an open file,
 * is read to its end (by a loop without `break`, `list`, `sum`, `sorted` …), and is read again
 * without being made anew: a second time, in the next round of a loop, or by others, for whom the
 * function keeps it in an attribute or table.
 *
 * ## Why it leaks
 * It gives wrong results, and leaks where a removal reads it. An iterator can be read once: the
 * second loop over it has no rounds, the second `sum` is 0, `max` fails. Nothing is raised as a
 * rule, so that the work is silently left out.
 *
 * ## Example
 * ```python bad
 * def mean(rows):
 *     values = (float(row["value"]) for row in rows)
 *     return sum(values) / len(list(values))
 * ```
 *
 * ```python good
 * def mean(rows):
 *     values = [float(row["value"]) for row in rows]
 *     return sum(values) / len(values)
 * ```
 *
 * ## When it is silent
 * - Lists, tuples, ranges, dictionary views and objects with an `__iter__` of their own; `map`,
 *   `filter` and `zip` where Python 2 is a target, which makes lists of them.
 * - It is bound again on every way in between, or the file is set back: `file.seek(0)`.
 * - The first loop has a `break`, or `next()` and `any()` read a part: the rest is often meant for
 *   later.
 * - The two reads are in branches of which one alone runs; a loop that ends after the read.
 * - Inner functions use the variable.
 * - What is kept is the generator of a function, `iter()` or a file: it may be there to be closed.
 *
 * At low confidence: tests, open files, and `iter()`.
 *
 * ## What it misses
 * Other iterators in attributes and arguments, and functions that read what they are given.
 *
 * ## How to confirm
 * `list()` of the variable before the second read is empty.
 *
 * ## References
 * - electrumx: the groups of a session were kept as a generator, and it was taken out of none
 * (8204829)
 * - Python documentation, Glossary: "iterator": "Attempting this with an iterator will just return
 *   the same exhausted iterator object"
 */
#include "rule/rule.h"

static Str what_of(RuleContext *c, const Exhausted *e) {
    Str name = e->made_by;
    if (str_starts(name, "builtins.")) name = str_after_last(name, '.');
    switch (e->kind) {
    case ITERATOR_EXPRESSION:
        return STR("generator expression");
    case ITERATOR_FUNCTION:
        return rule_text(c, "generator of '%.*s'", STR_ARG(str_after_last(name, '.')));
    case ITERATOR_FILE:
        return STR("open file");
    default:
        return rule_text(c, "iterator of '%.*s'", STR_ARG(name));
    }
}

static Confidence confidence_of(RuleContext *c, u32 file, const Exhausted *e) {
    bool is_weak = e->kind == ITERATOR_FILE || str_is(e->made_by, "builtins.iter");
    if (graph_is_test_file(c->graph, file) || is_weak) return CONFIDENCE_LOW;
    return CONFIDENCE_MEDIUM;
}

/* What is kept for others is empty. */
static void report_kept(RuleContext *c, Finding *f, const Exhausted *e, u32 file, Str what) {
    const Facts *facts = graph_facts(c->graph, file);
    const Op *store = facts_op(facts, e->second);
    Str name = rule_path_text(c, file, e->path);
    Str place = rule_path_text(c, file, op_path(store));
    f->message = rule_text(
        c, "'%.*s' gives nothing when it is read from '%.*s': the %.*s is read to its end here",
        STR_ARG(name), STR_ARG(place), STR_ARG(what));
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s '%.*s'", STR_ARG(what), STR_ARG(name)),
              STR("can be read once"), file, facts_op(facts, e->bind)->span);
    rule_note(c, f, STR("the store"), STR("for others to read"), (OpRef){file, e->second});
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_note(c, f, STR("the read"), STR("goes to its end"), (OpRef){file, e->first});
    f->help = rule_text(c, "keep the elements, `%.*s = list(…)`", STR_ARG(name));
    f->confirm = rule_text(c, "`list(%.*s)` is empty afterwards", STR_ARG(place));
}

static void check(RuleContext *c, ScopeRef function) {
    Exhausted e;
    u32 file = function.file;
    if (!graph_exhausted(c->graph, function, &e)) return;
    if (e.kind == ITERATOR_BUILTIN && targets_before(rule_targets(c, file), PYTHON_3_3)) return;
    const Facts *facts = graph_facts(c->graph, file);
    bool is_round = e.first.i == e.second.i;
    Str name = rule_path_text(c, file, e.path), what = what_of(c, &e);
    Finding *f = rule_report(c, file, facts_op(facts, e.second)->span, function);
    f->confidence = confidence_of(c, file, &e);
    f->subject = name;
    if (e.is_kept) {
        report_kept(c, f, &e, file, what);
        return;
    }
    f->message = rule_text(
        c, "'%.*s' gives nothing when it is read %s: the %.*s has been read to its end",
        STR_ARG(name), is_round ? "in the second round of the loop" : "here again", STR_ARG(what));
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s '%.*s'", STR_ARG(what), STR_ARG(name)),
              STR("can be read once"), file, facts_op(facts, e.bind)->span);
    rule_note(c, f, STR("the first read"), STR("goes to its end"), (OpRef){file, e.first});
    if (!is_round)
        rule_note(c, f, STR("the next read"), STR("gets nothing"), (OpRef){file, e.second});
    f->steps.v[f->steps.n - 1].suspect = true;
    f->help =
        e.kind == ITERATOR_FILE
            ? rule_text(c, "call `%.*s.seek(0)` in between, or keep what was read", STR_ARG(name))
            : rule_text(c, "keep the elements, `%.*s = list(…)`, or make it anew for each read",
                        STR_ARG(name));
    f->confirm = rule_text(c, "`list(%.*s)` is empty before that read", STR_ARG(name));
}

const Rule rule_lmp505 = {
    .code = "LMP505",
    .name = "generator-exhausted",
    .summary = "a generator that has been read to its end is read again, and gives nothing",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_function = check,
};
