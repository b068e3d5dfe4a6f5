/* ## What it does
 * Reports a queue or deque without a bound: one that outlives the calls which fill it and that
 * nothing in the program ever takes from (never-freed; at low confidence when it is public, so that
 * others may), and, at low confidence, one that one part of the program fills while another one
 * empties it (hazard). It is off by default.
 *
 * ## Why it leaks
 * `Queue()`, `Queue(0)`, `SimpleQueue()` and `deque()` take whatever they are given. Without a
 * consumer every element stays. With one they hold what the producer is ahead: when the consumer is
 * slower, blocked, or has died, memory grows until there is none. A bound makes the producer wait,
 * or tells it that the queue is full.
 *
 * ## Example
 * ```python bad
 * import queue
 *
 *
 * class Recorder:
 *     def __init__(self):
 *         self._events = queue.Queue()
 *
 *     def on_event(self, event):
 *         self._events.put(event)
 * ```
 *
 * Somebody has to take the events, and to be able to say stop:
 *
 * ```python good
 * import queue
 *
 *
 * class Recorder:
 *     def __init__(self):
 *         self._events = queue.Queue(maxsize=1000)
 *
 *     def on_event(self, event):
 *         self._events.put(event)
 *
 *     def work(self, store):
 *         while True:
 *             store(self._events.get())
 * ```
 *
 * ## When it is silent
 * - A `maxsize` or `maxlen`, by position or by name, that is more than 0.
 * - The length is compared, `qsize()` or `full()` is asked, or a fresh queue is bound to the name.
 * - It is filled while modules are imported, in constructors, or in tests only.
 * - A local queue that its own function fills: it has as many elements as its loop has rounds.
 * - A deque that one function both fills and empties: it is a work list.
 *
 * ## What it misses
 * Queues that are passed to the producer as an argument, and a consumer that exists and never runs.
 *
 * ## How to confirm
 * Log `qsize()`, or the length, once a second under load.
 *
 * ## References
 * - Python documentation, `queue.Queue`: "If maxsize is less than or equal to zero, the queue size
 * is infinite"
 */
#include "rule/rule.h"

static bool is_pile(ContainerKind kind) {
    return kind == CONTAINER_QUEUE || kind == CONTAINER_DEQUE;
}

static Str kind_text(ContainerKind kind) {
    return kind == CONTAINER_QUEUE ? STR("queue") : STR("deque");
}

/* ---- containers of modules and classes ---- */

static Confidence confidence_of(bool is_taken, bool escapes) {
    return is_taken || escapes ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

static void check_container(RuleContext *c, ContainerId id) {
    const Container *k = graph_container(c->graph, id);
    if (!is_pile(k->kind) || k->holder == HOLDER_SINGLETON) return;
    Growth growth = graph_growth(c->graph, id);
    if (growth.verdict != VERDICT_GROWS && growth.verdict != VERDICT_DRAINED) return;
    const Use *fill = NULL, *take = NULL;
    for (u32 i = 0; i < k->n_uses; i++) {
        const Use *use = &k->uses[i];
        if (use->kind == USE_REBIND) return;
        if (graph_is_test_file(c->graph, use->file)) continue;
        if (use->kind == USE_SHRINK && !take) take = use;
        if (use->kind == USE_GROW && use->how_often >= RUNS_PER_CALL && !fill) fill = use;
    }
    if (!fill || scope_is_none(fill->function)) return;
    bool is_same = take && take->function.file == fill->function.file &&
                   take->function.scope.i == fill->function.scope.i;
    if (is_same || (take && take->file != fill->file)) return;
    if (graph_is_size_asked(c->graph, fill->file, str_after_last(k->name, '.'))) return;
    const Facts *f = graph_facts(c->graph, k->file);
    rule_report_pile(c, &(Pile){.holder = rule_text(c, "%.*s %.*s", STR_ARG(kind_text(k->kind)),
                                                    STR_ARG(k->name)),
                                .name = k->name,
                                .what = kind_text(k->kind),
                                .until = STR("the process ends"),
                                .filler = graph_scope_name(c->graph, fill->function),
                                .file = k->file,
                                .made = f->ops[k->op.i].span,
                                .use_file = fill->file,
                                .fill = fill->op,
                                .take = take ? take->op : (OpId){0},
                                .confidence = confidence_of(take != NULL, growth.escapes)});
}

/* ---- attributes ---- */

/* What the uses of an attribute say, the first of each kind. */
typedef struct Ends {
    const AttributeUse *made, *fill, *take;
    bool is_kept_small; /* measured, replaced, or one function fills and empties it */
} Ends;

static bool is_same_function(const AttributeUse *a, const AttributeUse *b) {
    return a->file == b->file && a->function.scope.i == b->function.scope.i;
}

static Ends ends_of(const RuleContext *c, const Attribute *a) {
    Ends ends = {0};
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *use = &a->uses[i];
        if (graph_is_test_file(c->graph, use->file)) continue;
        bool is_more = use->kind == ATTRIBUTE_GROWS && use->how_often >= RUNS_PER_CALL;
        if (use->kind == ATTRIBUTE_DEFINED && !ends.made) ends.made = use;
        if (is_more && !ends.fill) ends.fill = use;
        if (use->kind == ATTRIBUTE_SHRINKS && !ends.take) ends.take = use;
        ends.is_kept_small |= use->kind == ATTRIBUTE_MEASURED || use->kind == ATTRIBUTE_EMPTIED ||
                              (use->kind == ATTRIBUTE_DEFINED && use->replaces);
    }
    for (u32 i = 0; ends.fill && i < a->n_uses; i++)
        ends.is_kept_small |=
            a->uses[i].kind == ATTRIBUTE_SHRINKS && is_same_function(&a->uses[i], ends.fill);
    return ends;
}

/* Only code that is seen can take from it: a private queue that nobody else has. */
static bool is_own(const RuleContext *c, const Attribute *a, u32 file) {
    return a->container == CONTAINER_QUEUE && str_starts(a->name, "_") &&
           !graph_is_named_by_others(c->graph, file, a->name);
}

static void check_attribute(RuleContext *c, ClassId id, const Attribute *a) {
    Ends e = ends_of(c, a);
    if (!e.made || !e.fill || e.is_kept_small || e.made->in_class_body) return;
    if (e.take && e.take->file != e.fill->file) return;
    const Facts *f = graph_facts(c->graph, e.made->file);
    const Path *made = &f->paths[e.made->value.i];
    if (made->kind != PATH_OP || scope_is_none(e.fill->function)) return;
    if (!is_pile(graph_made_kind(c->graph, e.made->file, e.made->value))) return;
    Removal removal = graph_attribute_removal(c->graph, id, a->name, 0);
    if (graph_is_size_asked(c->graph, e.fill->file, a->name)) return;
    if (!e.take && removal.kind != REMOVAL_NONE) return;
    Str class = graph_class_name(c->graph, id);
    Str name = rule_text(c, "%.*s.%.*s", STR_ARG(class), STR_ARG(a->name));
    Str until = graph_only_module_instances(c->graph, id)
                    ? STR("the process ends")
                    : rule_text(c, "the '%.*s' goes", STR_ARG(str_after_last(class, '.')));
    rule_report_pile(
        c, &(Pile){.holder = rule_text(c, "attribute %.*s", STR_ARG(name)),
                   .name = name,
                   .what = kind_text(a->container),
                   .until = until,
                   .filler = graph_scope_name(c->graph, e.fill->function),
                   .file = e.made->file,
                   .made = f->ops[made->id].span,
                   .function = e.made->function,
                   .use_file = e.fill->file,
                   .fill = e.fill->op,
                   .take = e.take ? e.take->op : (OpId){0},
                   .confidence = confidence_of(e.take != NULL,
                                               removal.escapes || !is_own(c, a, e.made->file))});
}

static void check_class(RuleContext *c, ClassId id) {
    if (graph_is_test_file(c->graph, graph_class_scope(c->graph, id).file)) return;
    Str name = {0};
    while ((name = graph_next_attribute(c->graph, id, name)).n) {
        Attribute a = graph_attribute_outline(c->graph, id, name);
        if (a.kind != ATTRIBUTE_CONTAINER || !is_pile(a.container) || a.owner.i != id.i) continue;
        a = graph_attribute(c->graph, id, name, c->scratch);
        if (!a.is_cut) check_attribute(c, id, &a);
    }
}

/* ---- locals that an inner function fills ---- */

static void check_call(RuleContext *c, OpRef call) {
    LocalQueue q = graph_local_queue(c->graph, call);
    if (!q.fill.i || !q.take.i || graph_is_test_file(c->graph, call.file)) return;
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = &f->ops[call.op.i];
    ScopeId around = facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION);
    ScopeRef function = {call.file, around};
    rule_report_pile(c,
                     &(Pile){.holder = rule_text(c, "local variable %.*s", STR_ARG(q.name)),
                             .name = q.name,
                             .what = STR("queue"),
                             .filler = graph_scope_name(c->graph, (ScopeRef){call.file, q.filler}),
                             .file = call.file,
                             .made = op->span,
                             .function = function,
                             .use_file = call.file,
                             .fill = q.fill,
                             .take = q.take,
                             .confidence = CONFIDENCE_LOW});
}

static const char *const CALLEES[] = {
    "asyncio.LifoQueue",   "asyncio.PriorityQueue", "asyncio.Queue",     "queue.LifoQueue",
    "queue.PriorityQueue", "queue.Queue",           "queue.SimpleQueue", NULL};

const Rule rule_lmp219 = {
    .code = "LMP219",
    .name = "unbounded-queue",
    .summary = "a queue without a bound is filled faster than it is emptied, or never emptied",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .callees = CALLEES,
    .on_call = check_call,
    .on_class = check_class,
    .on_container = check_container,
};
