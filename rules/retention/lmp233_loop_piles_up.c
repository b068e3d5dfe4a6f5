/* ## What it does
 * Reports a list, set or mapping of an object to which an endless loop adds in its rounds, and from
 * which nothing in the project ever takes anything: `self.samples.append(value)` in a `while True`
 * of the object's method, or in a method that the loop calls.
 *
 * ## Why it leaks
 * The loop keeps the object alive, and the object keeps all that the rounds have added. Memory
 * grows with the time that the program runs, be it never so slow at first: one sample a second is
 * 31 million a year.
 *
 * ## Example
 * ```python bad
 * import time
 *
 *
 * class Monitor:
 *     def __init__(self, probe):
 *         self.probe = probe
 *         self.samples = []
 *
 *     def run(self):
 *         while True:
 *             self.samples.append(self.probe())
 *             time.sleep(1)
 * ```
 *
 * Keep as many as are looked at:
 *
 * ```python good
 * import collections
 * import time
 *
 *
 * class Monitor:
 *     def __init__(self, probe):
 *         self.probe = probe
 *         self.samples = collections.deque(maxlen=3600)
 *
 *     def run(self):
 *         while True:
 *             self.samples.append(self.probe())
 *             time.sleep(1)
 * ```
 *
 * ## When it is silent
 * - Something takes from the container, empties it, binds another one in its place, or compares its
 *   length; also code that has the object, and by the name of the attribute where its class is not
 *   known.
 * - Data may end the loop: a `break`, `return` or `raise` but after an error, a flag of the object,
 *   an event, or a None out of a queue.
 * - Keys of mappings and elements of sets that may come again: only a counter, a time or a uuid is
 *   new in each round.
 * - The loop makes the object anew in each round, or waits for nothing in them: then it reads
 *   something that has an end.
 * - Containers that live as long as the process: LMP201 speaks of them.
 *
 * At low confidence: what is added only where the container has it not, or after an error, tests,
 * and containers that other code gets.
 *
 * ## What it misses
 * Local containers, `for` loops over endless iterators (the messages of a queue), callbacks that a
 * timer runs again and again.
 *
 * ## How to confirm
 * Print the length of the container every thousand rounds.
 *
 * ## References
 * - Python documentation, `collections.deque`: `maxlen`
 */
#include "rule/rule.h"

/* Something takes out, or bounds it. */
static bool is_tended(const Holding *h) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *c = &h->changes[i];
        if (c->kind == CHANGE_REPLACED || (c->kind == CHANGE_MEASURED && !c->level)) return true;
        if (change_removes(c, 0)) return true;
    }
    return h->is_removed_by_name;
}

static bool is_handed_out(const Holding *h) {
    for (u32 i = 0; i < h->n_changes; i++)
        if (h->changes[i].kind == CHANGE_HANDED_OUT) return true;
    return h->is_cut;
}

/* Another one in each round. */
static bool is_new(RuleContext *c, const Holding *h, const Change *added) {
    PathId key = change_key(h, added);
    if (h->kind == CONTAINER_LIST || h->kind == CONTAINER_DEQUE)
        return !str_is(added->how, "[…] =");
    return key.i && graph_text_parts(c->graph, added->file, key).is_fresh;
}

static bool is_in_rounds(RuleContext *c, const Holding *h, const Change *added, EndlessLoop *loop) {
    bool is_growth = added->kind == CHANGE_ADDED && !added->level && !added->overwrites &&
                     !added->is_callback && !str_is(added->how, "[…]");
    return is_growth && is_new(c, h, added) &&
           graph_goes_on_and_on(c->graph, (OpRef){added->file, added->op}, loop);
}

static Confidence confidence_of(RuleContext *c, const Holding *h, const Change *added) {
    const Facts *f = graph_facts(c->graph, added->file);
    RegionId region = facts_op(f, added->op)->region;
    if (is_handed_out(h) || graph_is_test_file(c->graph, added->file)) return CONFIDENCE_LOW;
    if (graph_in_handler(c->graph, added->file, region)) return CONFIDENCE_LOW;
    Str name = str_after_last(h->name, '.');
    return graph_asks_first(c->graph, added->file, region, name) ? CONFIDENCE_LOW
                                                                 : CONFIDENCE_MEDIUM;
}

static void report(RuleContext *c, const Holding *h, const Change *added, const EndlessLoop *loop) {
    const Facts *f = graph_facts(c->graph, added->file);
    Str object = rule_changed_object(c, added);
    Str function = graph_scope_name(c->graph, loop->function);
    Finding *finding = rule_report_held(c, h, (OpRef){added->file, added->op}, added->function);
    finding->confidence = confidence_of(c, h, added);
    finding->message = rule_text(
        c, "'%.*s' keeps '%.*s' alive %.*s: the endless loop of '%.*s' adds them, none removed",
        STR_ARG(h->name), STR_ARG(object), STR_ARG(rule_holder_end(h)),
        STR_ARG(str_after_last(function, '.')));
    rule_step_holder(c, finding, h);
    rule_step_change(c, finding, STEP_EDGE, added, STR("added in the rounds, never removed"));
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, object, (Str){0}, added->file, facts_op(f, added->op)->span);
    rule_step(c, finding, STEP_NOTE, STR("the loop"), STR("no data ends it"), loop->file,
              loop->span);
    bool is_mapping = added->key.i;
    finding->help = is_mapping
                        ? STR("take out what is done with, or bound it: `popitem()` above a length")
                        : STR("take out what is done with, or bound it: "
                              "`collections.deque(maxlen=…)`");
    finding->confirm =
        rule_text(c, "print `len()` of '%.*s' every thousand rounds", STR_ARG(h->name));
}

static void check(RuleContext *c, const Holding *h) {
    EndlessLoop loop;
    if (h->is_lasting || h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED) return;
    if (h->kind == CONTAINER_QUEUE || is_tended(h)) return;
    for (u32 i = 0; i < h->n_changes; i++)
        if (is_in_rounds(c, h, &h->changes[i], &loop)) {
            report(c, h, &h->changes[i], &loop);
            return;
        }
}

const Rule rule_lmp233 = {
    .code = "LMP233",
    .name = "loop-piles-up",
    .summary = "an endless loop adds to a container of its object, and nothing takes out",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
