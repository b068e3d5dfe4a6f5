/* ## What it does
 * Reports a manager that is told of objects and never lets go of them: a method stores a
 * connection, a session, a lock for a key in a container of the instance, and what would take it
 * out does not exist, or exists and nothing calls it, or is the end of the manager itself.
 *
 * ## Why it leaks
 * A manager lives as long as the program, its connections do not. Each one that ends without being
 * taken out of the manager's table stays in memory with all that it refers to: buffers, users,
 * callbacks. The number grows with the traffic, and nothing fails until memory is short.
 *
 * ## Example
 * ```python bad
 * class Connection:
 *     def close(self):
 *         self.peer = None
 *
 *
 * class ConnectionManager:
 *     def __init__(self):
 *         self._connections = {}
 *
 *     def open(self, peer):
 *         connection = Connection()
 *         self._connections[peer.id] = connection
 *         return connection
 *
 *
 * manager = ConnectionManager()
 *
 *
 * async def handle(peer):
 *     connection = manager.open(peer)
 *     await peer.done()
 *     connection.close()
 * ```
 *
 * The connection is closed, and the manager still has it. Take it out where it ends:
 *
 * ```python good
 * class Connection:
 *     def close(self):
 *         self.peer = None
 *
 *
 * class ConnectionManager:
 *     def __init__(self):
 *         self._connections = {}
 *
 *     def open(self, peer):
 *         connection = Connection()
 *         self._connections[peer.id] = connection
 *         return connection
 *
 *     def close(self, peer):
 *         self._connections.pop(peer.id).close()
 *
 *
 * manager = ConnectionManager()
 *
 *
 * async def handle(peer):
 *     manager.open(peer)
 *     try:
 *         await peer.done()
 *     finally:
 *         manager.close(peer)
 * ```
 *
 * ## When it is silent
 * - Something takes entries out, not only to put them back: a method that is called, code that has
 *   the manager, a callback, a length that is compared (not only to find an entry), a bound, a
 *   public method of a library. Not a `reset()` or `clear()` of all that nothing calls, where code
 *   of the project calls what adds.
 * - Keys of a closed set, from `range`, or called `name`; texts, numbers and empty lists, unless
 *   what the same function keeps beside them, under the same key, is taken out; what is counted.
 * - Only constructors call the method that adds, on themselves: the manager puts in its own parts.
 * - The class makes objects that die young or are data: parsers, visitors, results, exceptions.
 *
 * The default level asks for a long-lived owner (held by a module, named a manager, pool, server …,
 * guarded by a lock) and for a sign that what is kept has an end: it has a `close` of its own, it
 * is a lock for a key, another table of objects beside it is emptied (no stack, which the same
 * function empties), the method that removes it is never called, an object of a connection is
 * stored under its identity, or the key does not come again (a uuid, a time, a counter). What a
 * loop over own parts adds or another table keeps anyway, one object under several keys, workers,
 * texts, numbers, an inner list, locks of what a program has some of, what only decorators add, and
 * keys that classes bind in their bodies
 * (`table[part.id] = part`, with `id = "clock"` in each class) are at low.
 *
 * ## What it misses
 * Containers that are inherited or made by a function, and removals that run too seldom (LMP204).
 *
 * ## How to confirm
 * Open and close a hundred connections and look at the length of the table.
 *
 * ## References
 * - Python documentation, "weakref": WeakValueDictionary for tables of objects that others own
 */
#include "rule/rule.h"

static Str name_of(RuleContext *c, ScopeRef s) {
    const Facts *f = graph_facts(c->graph, s.file);
    return facts_str(f, f->scopes[s.scope.i].name);
}

/* The class of what is kept, or the value as written. */
static Str object_of(RuleContext *c, const Hoard *h) {
    if (h->kept.i) return name_of(c, graph_class_scope(c->graph, h->kept));
    Str text = rule_path_text(c, h->add.file, h->add.value.i ? h->add.value : h->add.key);
    return text.n ? text : STR("element");
}

/* Why it stays, for the message and the evidence. */
static Str cause_of(RuleContext *c, const Hoard *h) {
    Str remover = h->end != HOARD_NO_REMOVAL ? name_of(c, h->removal.function) : (Str){0};
    switch (h->end) {
    case HOARD_IDLE_REMOVAL:
        return rule_text(c, "nothing calls '%.*s', which would take it out", STR_ARG(remover));
    case HOARD_OWN_END:
        return rule_text(c, "only '%.*s' of the manager itself takes anything out",
                         STR_ARG(remover));
    default:
        return h->renewal.op.i ? STR("what takes one out puts it back")
                               : STR("no method takes it out");
    }
}

static Str help_of(RuleContext *c, const Hoard *h) {
    if (h->end == HOARD_IDLE_REMOVAL)
        return rule_text(c, "call `%.*s` where the '%.*s' ends, in a `finally`",
                         STR_ARG(name_of(c, h->removal.function)), STR_ARG(object_of(c, h)));
    if (h->is_lock)
        return STR(
            "use a `weakref.WeakValueDictionary`: a lock goes when nobody holds it any more");
    if (!scope_is_none(h->ends_by))
        return rule_text(c,
                         "take it out when `%.*s` ends it (a callback, a `finally`), or hold it "
                         "weakly",
                         STR_ARG(name_of(c, h->ends_by)));
    return STR("add a method that takes it out, and call it in a `finally` where its work ends");
}

static void add_evidence(RuleContext *c, Finding *f, ClassId class, Str name, const Hoard *h,
                         Str object) {
    const Facts *facts = graph_facts(c->graph, h->add.file);
    Span at = facts_op(facts, h->add.op)->span;
    Str owner = h->holder.n ? h->holder : graph_class_name(c->graph, class);
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *home = graph_facts(c->graph, scope.file);
    rule_step(c, f, STEP_NODE, owner, h->holder.n ? STR("held by a module") : (Str){0}, scope.file,
              home->scopes[scope.scope.i].name_span);
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%.*s", STR_ARG(name)), (Str){0}, h->file,
              h->definition);
    rule_step(c, f, STEP_NODE, rule_text(c, "%s", graph_container_text(h->kind)), (Str){0}, h->file,
              h->definition);
    Str key = h->add.key.i ? rule_path_text(c, h->add.file, h->add.key) : (Str){0};
    Str edge =
        key.n ? rule_text(c, "[%.*s]", STR_ARG(key)) : rule_text(c, ".%.*s()", STR_ARG(h->add.how));
    rule_step(c, f, STEP_EDGE, edge, STR("added here, not taken out"), h->add.file, at);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, object, (Str){0}, h->add.file, at);
    OpRef removal =
        h->end == HOARD_NO_REMOVAL ? h->renewal : (OpRef){h->removal.file, h->removal.op};
    if (removal.op.i)
        rule_note(c, f, cause_of(c, h), (Str){0}, removal);
    else
        rule_searched_note(c, f, h->kind, name);
    if (!scope_is_none(h->ends_by)) {
        const Facts *kept = graph_facts(c->graph, h->ends_by.file);
        Str text = rule_text(c, "'%.*s' ends it, and it stays", STR_ARG(name_of(c, h->ends_by)));
        rule_step(c, f, STEP_NOTE, text, (Str){0}, h->ends_by.file,
                  kept->scopes[h->ends_by.scope.i].name_span);
    }
    rule_sibling_note(c, f, class, name, &h->add);
}

static Confidence confidence_of(RuleContext *c, ClassId class, const Hoard *h, HoardSign sign) {
    /* what goes beside it need not be the end of what the key stands for */
    if ((h->is_plain || h->is_room) && !h->is_lock) return CONFIDENCE_LOW;
    if (h->is_of_source) return CONFIDENCE_LOW;
    /* a `reset()` of all that is there for users says little of single entries */
    if (h->end == HOARD_IDLE_REMOVAL && h->removal.kind != ATTRIBUTE_SHRINKS && !h->kept.i &&
        graph_called_by(c->graph, h->removal.function) == CALLED_BY_USERS)
        return CONFIDENCE_LOW;
    if (sign <= HOARD_SIGN_PLAIN || h->escapes || h->end == HOARD_OWN_END) return CONFIDENCE_LOW;
    if (!graph_looks_lasting(c->graph, class)) return CONFIDENCE_LOW;
    bool is_shown = h->holder.n && graph_is_driven(c->graph, h->add.function);
    return is_shown && h->end == HOARD_NO_REMOVAL && sign != HOARD_SIGN_SIBLING ? CONFIDENCE_HIGH
                                                                                : CONFIDENCE_MEDIUM;
}

static void check_attribute(RuleContext *c, ClassId class, Str name) {
    Hoard h;
    if (!graph_hoard(c->graph, class, name, c->scratch, &h)) return;
    HoardSign sign = graph_hoard_sign(c->graph, class, &h, name);
    if (sign == HOARD_SIGN_NONE || (sign == HOARD_SIGN_PLAIN && h.holder.n)) return; /* LMP201 */
    Str object = object_of(c, &h), class_name = graph_class_name(c->graph, class);
    Str holder = h.holder.n ? h.holder : class_name,
        adder = graph_scope_name(c->graph, h.add.function);
    const Facts *facts = graph_facts(c->graph, h.add.file);
    Finding *f = rule_report(c, h.add.file, facts_op(facts, h.add.op)->span, h.add.function);
    f->container = graph_place(c->graph, h.file, h.definition);
    f->has_container = true;
    f->confidence = confidence_of(c, class, &h, sign);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = rule_text(c, "%.*s.%.*s", STR_ARG(class_name), STR_ARG(name));
    f->message = rule_text(c, "'%.*s.%.*s' keeps '%.*s' alive until %s: '%.*s' adds one, %.*s",
                           STR_ARG(holder), STR_ARG(name), STR_ARG(object),
                           h.holder.n ? "the process ends" : "the manager goes", STR_ARG(adder),
                           STR_ARG(cause_of(c, &h)));
    f->help = help_of(c, &h);
    f->confirm = rule_text(c, "`len(….%.*s)` after 100 calls of `%.*s()` whose work is done",
                           STR_ARG(name), STR_ARG(adder));
    add_evidence(c, f, class, name, &h, object);
}

static void check(RuleContext *c, ClassId class) {
    for (Str a = graph_next_attribute(c->graph, class, (Str){0}); a.n;
         a = graph_next_attribute(c->graph, class, a))
        check_attribute(c, class, a);
}

const Rule rule_lmp203 = {
    .code = "LMP203",
    .name = "manager-never-releases",
    .summary = "a manager collects connections, sessions or locks and never lets go of them",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
