/* ## What it does
 * Reports an attribute that a class binds to a resource of its own making (`self.log = open(path)`)
 * when nothing ever releases it: no method of the class, of its bases or of its subclasses closes
 * it, enters it in a `with`, sets it to None or hands it to somebody, and no other code does so
 * with the attribute of an instance.
 *
 * ## Why it leaks
 * The resource lives as long as the instance, and its end depends on what becomes of that. A
 * descriptor (`os.open`, `os.pipe`) stays open when the instance is gone: it is a number. What is
 * part of a cycle (`sqlite3` connections from Python 3.11 on, selectors) waits for the collector.
 * Files and sockets are closed when the last reference to the instance goes, which a traceback, a
 * cache or a cycle puts off; until then nobody can close them, and what was written is not on disk.
 *
 * ## Example
 * ```python bad
 * import os
 *
 *
 * class Wakeup:
 *     def __init__(self):
 *         self.reader, self.writer = os.pipe()
 *
 *     def notify(self):
 *         os.write(self.writer, b"x")
 *
 *     def close(self):
 *         os.close(self.reader)
 * ```
 *
 * What `__init__` acquires, `close` releases, all of it:
 *
 * ```python good
 * import os
 *
 *
 * class Wakeup:
 *     def __init__(self):
 *         self.reader, self.writer = os.pipe()
 *
 *     def notify(self):
 *         os.write(self.writer, b"x")
 *
 *     def close(self):
 *         os.close(self.reader)
 *         os.close(self.writer)
 * ```
 *
 * ## When it is silent
 * - Some method releases it: directly, through a local or a loop over attributes, by an ExitStack,
 *   in `__exit__` or `__del__`, in a base or a subclass; or code that has an instance does; or the
 *   block that binds it (`with open(path) as self.file:`).
 * - The class looks attributes up by computed names (`getattr(self, name).close()`).
 * - It is passed to code that limpet cannot see, stored elsewhere, put into a container, or the key
 *   by which a mapping is asked (`pools[self.connection]`). Known
 *   functions that only use it (`json.dump`, `os.write`, `select.select`) do not count.
 * - It is given to the class as an argument: somebody else owns it.
 * - All instances live as long as the process: a module holds them.
 * - Threads (LMP404, LMP109) and executors, whose threads end with them.
 *
 * At low confidence: tests; what is made to live on, as clients with a pool of their own; classes
 * of which the project makes one object, and singletons; classes with a base that is not read; what
 * a method returns; and all but descriptors in a class that has no method to end it, or for what
 * `__init__` acquires an empty one of a base: `disconnect(self, client)` ends what it is given.
 *
 * ## What it misses
 * A release that no code path reaches, resources in containers of the class, and those that a
 * function outside the class binds to the attribute.
 *
 * ## How to confirm
 * Make and end a hundred instances, and count descriptors (`/proc/self/fd`) before and after; run
 * with `python -X dev`, which shows every ResourceWarning.
 *
 * ## References
 * - pylint 4430 asks for exactly this: "resource taken in `__enter__`, not released in `__exit__`"
 * - Python documentation, "With Statement Context Managers"; `ResourceWarning`
 */
#include "rule/rule.h"

static bool is_exempt(RuleContext *c, ClassId class, const OwnerAttribute *a) {
    const ResourceRow *row = a->acquired.row;
    if (row->kind == RESOURCE_EXECUTOR && row->flags & RESOURCE_QUIET) return true;
    if (str_is(a->acquired.name, "tempfile.mkdtemp")) return true;
    return graph_only_module_instances(c->graph, class) || graph_resident(c->graph, class).n ||
           graph_is_long_lived_class(c->graph, class);
}

static Confidence confidence_of(RuleContext *c, ClassId class, const OwnerAttribute *a) {
    const ResourceRow *row = a->acquired.row;
    Instances made = graph_instances(c->graph, class);
    if (made.is_singleton || made.making == MADE_ONCE) return CONFIDENCE_LOW;
    bool has_closer = !scope_is_none(a->closer);
    if (graph_is_test_file(c->graph, a->store.file)) return CONFIDENCE_LOW;
    if (row->flags & RESOURCE_QUIET || a->is_choice || a->is_unsure || a->is_returned)
        return CONFIDENCE_LOW;
    bool stays = row->flags & RESOURCE_STAYS;
    bool is_one = graph_is_solitary(c->graph, class); /* of a program: it goes with that */
    if (!stays && (!has_closer || a->is_left_to_base || is_one))
        return CONFIDENCE_LOW; /* it goes with its owner, if late */
    return stays && has_closer && scope_is_none(a->acquired.helper) ? CONFIDENCE_HIGH
                                                                    : CONFIDENCE_MEDIUM;
}

static Str message_of(RuleContext *c, ClassId class, const OwnerAttribute *a, Effect effect) {
    Str name = str_after_last(graph_class_name(c->graph, class), '.');
    Str maker = a->acquired.name;
    if (str_starts(maker, "builtins.")) maker = str_after_last(maker, '.');
    const char *verb = rule_resource_third(&a->acquired);
    bool is_hazard = effect == EFFECT_HAZARD;
    Str owner = is_hazard ? rule_text(c, "'%.*s'", STR_ARG(maker))
                          : rule_text(c, "every '%.*s'", STR_ARG(name));
    Str event = is_hazard ? rule_text(c, "a '%.*s' goes: nothing %s it", STR_ARG(name), verb)
                          : rule_text(c, "nothing %s it", verb);
    return rule_owned_attribute_text(c, &a->acquired, effect, a->name, owner, event);
}

static void add_evidence(RuleContext *c, Finding *f, ClassId class, const OwnerAttribute *a) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *home = graph_facts(c->graph, scope.file);
    const Facts *facts = graph_facts(c->graph, a->store.file);
    rule_step(c, f, STEP_NODE,
              rule_text(c, "instance of %.*s", STR_ARG(graph_class_name(c->graph, class))),
              (Str){0}, scope.file, home->scopes[scope.scope.i].name_span);
    rule_step(c, f, STEP_EDGE, rule_text(c, ".%.*s", STR_ARG(a->name)),
              STR("acquired, never released"), a->store.file, facts_op(facts, a->store.op)->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, rule_resource_noun(&a->acquired), (Str){0}, a->call.file,
              facts_op(facts, a->call.op)->span);
    if (scope_is_none(a->closer)) return;
    const Facts *other = graph_facts(c->graph, a->closer.file);
    const Scope *closer = &other->scopes[a->closer.scope.i];
    rule_step(c, f, STEP_NOTE, rule_text(c, "'%.*s'", STR_ARG(facts_str(other, closer->name))),
              STR("ends the instance, and leaves it"), a->closer.file, closer->name_span);
}

static Str help_of(RuleContext *c, const OwnerAttribute *a) {
    Str name = rule_text(c, "self.%.*s", STR_ARG(a->name));
    Str call = rule_resource_release_text(c, &a->acquired, name);
    if (scope_is_none(a->closer))
        return rule_text(c,
                         "give the class a `close()` that calls `%.*s`, and `__enter__` and "
                         "`__exit__`",
                         STR_ARG(call));
    const Facts *f = graph_facts(c->graph, a->closer.file);
    return rule_text(c, "call `%.*s` in `%.*s`", STR_ARG(call),
                     STR_ARG(facts_str(f, f->scopes[a->closer.scope.i].name)));
}

static void check(RuleContext *c, ClassId class) {
    Str name = {0};
    while ((name = graph_next_attribute(c->graph, class, name)).n) {
        OwnerAttribute a;
        if (!graph_owner_attribute(c->graph, class, name, c->scratch, &a)) continue;
        if (a.is_released || a.is_handed_out || is_exempt(c, class, &a)) continue;
        Str because;
        Effect effect = rule_resource_effect(c, a.store.file, &a.acquired, &because);
        Span span = facts_op(graph_facts(c->graph, a.call.file), a.call.op)->span;
        Finding *f = rule_report(c, a.call.file, span, a.method);
        f->effect = effect;
        f->confidence = confidence_of(c, class, &a);
        f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
        f->subject = name;
        f->message = message_of(c, class, &a, effect);
        add_evidence(c, f, class, &a);
        f->help = help_of(c, &a);
        f->confirm =
            rule_resource_confirm(c, &a.acquired, effect, graph_class_name(c->graph, class));
    }
}

const Rule rule_lmp502 = {
    .code = "LMP502",
    .name = "owner-never-releases",
    .summary = "a class acquires a resource in an attribute, and nothing ever releases it",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check,
};
