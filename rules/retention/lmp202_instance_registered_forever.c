/* ## What it does
 * Reports an object that puts itself into a container which lives as long as the process, in its
 * constructor, in `__new__`, `__post_init__` or another method, when nothing ever takes it out.
 *
 * ## Why it leaks
 * The container belongs to the class or to a module, and so lives until the process ends. Every
 * instance that was ever made is reachable from it: none is freed, nor anything that it refers to,
 * and its `__del__` never runs.
 *
 * ## Example
 * ```python bad
 * class Session:
 *     instances = []
 *
 *     def __init__(self, user):
 *         self.user = user
 *         Session.instances.append(self)
 *
 *
 * def handle(request):
 *     session = Session(request.user)
 *     return session.user
 *
 *
 * async def serve(listener):
 *     async for request in listener:
 *         handle(request)
 * ```
 *
 * Let the table hold its instances weakly:
 *
 * ```python good
 * import weakref
 *
 *
 * class Session:
 *     instances = weakref.WeakSet()
 *
 *     def __init__(self, user):
 *         self.user = user
 *         Session.instances.add(self)
 *
 *
 * def handle(request):
 *     session = Session(request.user)
 *     return session.user
 *
 *
 * async def serve(listener):
 *     async for request in listener:
 *         handle(request)
 * ```
 *
 * ## When it is silent
 * - Something removes instances from the container: a `close` that is called, code elsewhere, a
 *   callback; it is weak, or its length is compared. That all go at once, as by `reset()`, does not
 *   help the one that is dropped before. A removal in `__del__` alone is LMP109: it never runs.
 * - All instances are held by modules or made while modules are imported.
 * - The key comes from a closed set, so that a new instance takes the place of an old one.
 *
 * Instances that register under a name, classes whose instances decorate functions at import or are
 * mostly made by statements of modules, plugins by their name, and functions that are named after
 * registering, are reported at low confidence: such tables are often meant to stay. So are classes
 * of which the project may make only one.
 *
 * Moving is no removal: `groups[old].remove(self)`, where the function goes on to
 * `groups[new].append(self)` on every way.
 *
 * ## What it misses
 * Registration by a decorator or a base outside the project, and containers that another object
 * holds through untyped attributes.
 *
 * ## How to confirm
 * Make an instance, drop it, collect: a weak reference to it is still alive.
 *
 * ## References
 * - Python documentation, "weakref": WeakSet, WeakValueDictionary
 */
#include "rule/rule.h"

static bool is_registering(RuleContext *c, const Use *use) {
    return use->kind == USE_GROW && use->how_often >= RUNS_PER_INSTANCE && !use->overwrites &&
           !graph_is_test_file(c->graph, use->file) && graph_adds_self(c->graph, use);
}

/* The place where instances register that says most; not one below which something removes. */
static const Use *registration(RuleContext *c, const Container *container, u32 drained_level) {
    const Use *best = NULL;
    for (u32 i = 0; i < container->n_uses; i++) {
        const Use *use = &container->uses[i];
        if (use->level >= drained_level || !is_registering(c, use)) continue;
        bool better =
            !best || (graph_serious_facts(c->graph, use) && !graph_serious_facts(c->graph, best));
        if (better) best = use;
    }
    return best;
}

/* The method by which users end an instance, which could take it out. */
static Str ending_of(RuleContext *c, ClassId class) {
    static const char *const NAMES[] = {"close",   "stop",      "shutdown", "disconnect",
                                        "destroy", "terminate", "__exit__"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (!scope_is_none(graph_method(c->graph, class, NAMES[i]))) return str_from(NAMES[i]);
    return (Str){0};
}

static Str help_of(RuleContext *c, const Container *container, ClassId class) {
    Str ending = ending_of(c, class);
    bool keyed = container->kind == CONTAINER_DICT || container->kind == CONTAINER_DEFAULTDICT ||
                 container->kind == CONTAINER_ORDERED_DICT;
    const char *weak = keyed ? "weakref.WeakValueDictionary" : "weakref.WeakSet";
    if (ending.n)
        return rule_text(c, "make it a `%s`, or take the instance out in `%.*s`", weak,
                         STR_ARG(ending));
    return rule_text(c, "make it a `%s`: an instance goes when nobody else holds it", weak);
}

/* `reset()`, which is there for tests or the end: not at the end of each piece of work. */
static bool is_emptied_seldom(RuleContext *c, const Growth *growth) {
    const Use *u = growth->emptied;
    return u && !growth->doomed_removal && u->how_often < RUNS_PER_ROUND &&
           !graph_is_driven(c->graph, u->function);
}

static void check(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth;
    if (container->holder == HOLDER_DEFAULT || container->holder == HOLDER_CLOSURE) return;
    bool grows = rule_growth(c, id, &growth);
    if (!grows && !is_emptied_seldom(c, &growth)) return;
    const Use *use = registration(c, container, grows ? growth.drained_level : 1);
    if (!use) return;
    growth.site = use;
    growth.facts = graph_serious_facts(c->graph, use);
    growth.by_callers = graph_is_driven(c->graph, use->function);
    ClassId class = graph_method_class(c->graph, use->function);
    Str name = graph_class_name(c->graph, class);
    Finding *f = rule_report_growth(c, container, &growth);
    bool is_registry = graph_is_decorator_class(c->graph, class) ||
                       graph_is_declared(c->graph, class) || str_ends(name, "Plugin");
    if (is_registry) f->confidence = CONFIDENCE_LOW;
    if (!grows) f->confidence = MIN(f->confidence, CONFIDENCE_MEDIUM);
    Str adder = graph_scope_name(c->graph, use->function);
    f->message = grows ? rule_text(c,
                                   "'%.*s' keeps every '%.*s' alive until the process ends: "
                                   "'%.*s' adds it, %s",
                                   STR_ARG(container->name), STR_ARG(name), STR_ARG(adder),
                                   rule_growth_end(&growth))
                       : rule_text(c,
                                   "'%.*s' keeps every '%.*s' alive until all of them are removed "
                                   "at once: '%.*s' adds it, and nothing removes a single one",
                                   STR_ARG(container->name), STR_ARG(name), STR_ARG(adder));
    f->help = help_of(c, container, class);
    f->confirm = rule_text(c, "a weak reference to a dropped '%.*s' is alive after `gc.collect()`",
                           STR_ARG(name));
}

const Rule rule_lmp202 = {
    .code = "LMP202",
    .name = "instance-registered-forever",
    .summary = "an object puts itself into a container that lives as long as the process, for good",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check,
};
