/* ## What it does
 * Reports a container that lives as long as the process and is filled again and again while nothing
 * in the whole program ever removes from it: a module global, an attribute of a class body, an
 * attribute of an object that a module holds, an attribute of a function.
 *
 * ## Why it leaks
 * What is in the container is reachable from a module, and modules live until the process ends. If
 * each request, message or connection adds an entry and none is removed, memory grows with the
 * number of calls, and with it everything that the entries refer to.
 *
 * ## Example
 * ```python bad
 * SESSIONS = {}
 *
 *
 * def handle(request):
 *     SESSIONS[request.id] = request
 *     return request.user
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * Every request ever handled stays in memory. Remove the entry when its time is over:
 *
 * ```python good
 * SESSIONS = {}
 *
 *
 * def handle(request):
 *     SESSIONS[request.id] = request
 *     try:
 *         return request.user
 *     finally:
 *         del SESSIONS[request.id]
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * ## When it is silent
 * - Something removes from the container anywhere in the program: `pop`, `remove`, `discard`,
 *   `clear`, `del`, a slice assignment, a fresh container bound to the name; through an alias,
 *   another module, a helper that gets the container as an argument, or a method handed out as a
 *   callback. A removal in tests does not count, nor one in `__del__`; where it is `__del__` of
 *   what the container holds, it can never run, and LMP109 says so instead.
 * - Its length is compared somewhere, it has a `maxlen` or `maxsize`, or it holds its elements
 *   weakly.
 * - It is filled while modules are imported only: decorators, `__init_subclass__`, metaclasses,
 *   helpers that the module deletes.
 * - It is filled once: only while it is empty, or a constant only while it is missing.
 * - The keys come from a closed set: constants, Enum members, bool, types, names of keyword
 *   arguments, elements of a list of constants.
 * - The elements are weak references, the filling code is a test, or a script that runs once.
 *
 * The default level asks for a fact that makes the growth serious: a per-request object, an
 * identity as key, a task or thread, an exception, or `self`. Plain growth, functions that look
 * like registration, and containers that code outside the project can reach are reported at low
 * confidence.
 *
 * ## What it misses
 * Containers reached through `getattr`, `globals()` or untyped attributes of other objects, and
 * growth through more than one helper. A removal that exists but never runs counts as a removal.
 *
 * ## How to confirm
 * Print the length of the container before and after a hundred calls of the function that fills it.
 *
 * ## References
 * - Python documentation, "Data model": an object is kept while it is reachable
 * - SpotBugs fb-contrib, PMB_POSSIBLE_MEMORY_BLOAT, is the same idea for Java
 */
#include "rule/rule.h"

static const char *const HOLDERS[] = {"", "module global", "class attribute",
                                      "module instance's attribute", "function attribute"};

/* What is kept: the class of the value when it is known, else the value or key as written. */
static Str object_text(RuleContext *c, const Use *use, ScopeRef *definition) {
    PathId object = use->value.i ? use->value : use->key;
    ClassId class = use->value.i ? graph_type_of(c->graph, use->file, use->value) : (ClassId){0};
    if (class.i) {
        *definition = graph_class_scope(c->graph, class);
        const Facts *f = graph_facts(c->graph, definition->file);
        return facts_str(f, f->scopes[definition->scope.i].name);
    }
    Str text = rule_path_text(c, use->file, object);
    return text.n ? text : STR("element");
}

static Str edge_text(RuleContext *c, const Use *use) {
    Str key = use->key.i ? rule_path_text(c, use->file, use->key) : (Str){0};
    if (key.n && use->value.i) return rule_text(c, "[%.*s]", STR_ARG(key));
    if (str_is(use->how, "[…]")) return rule_text(c, "[%.*s] (a read that inserts)", STR_ARG(key));
    return rule_text(c, ".%.*s()", STR_ARG(use->how));
}

/* The object itself says more than the key, which may be read from a name only. */
static Str reason_text(RuleContext *c, u32 facts) {
    static const struct {
        u32 shape;
        const char *text;
    } REASONS[] = {{SHAPE_REQUEST, "an object of one request, message or connection"},
                   {SHAPE_TASK, "a task or thread"},
                   {SHAPE_EXCEPTION, "an exception with its traceback"},
                   {SHAPE_ID, "a key that does not repeat"},
                   {SHAPE_SELF, "the instance itself"}};
    for (u32 i = 0; i < ARRAY_LEN(REASONS); i++)
        if (facts & REASONS[i].shape) return str_from(REASONS[i].text);
    return rule_text(c, "plain growth");
}

static Str help_text(const Container *container, const Growth *growth) {
    if (growth->doomed_removal)
        return STR("remove the entry where its life ends (`finally`, `close`): `__del__` cannot "
                   "run while it is held");
    switch (container->kind) {
    case CONTAINER_LIST:
    case CONTAINER_DEQUE:
        return STR("bound it (`collections.deque(maxlen=…)`), or remove the element when its work "
                   "is done");
    case CONTAINER_SET:
        return STR("use a `weakref.WeakSet`, or `discard` the element when its work is done");
    default:
        return STR("remove the entry in a `finally` when its time is over, bound it, or use a "
                   "`weakref.WeakValueDictionary`");
    }
}

static void add_evidence(RuleContext *c, Finding *f, const Container *container,
                         const Growth *growth, Str object, ScopeRef definition) {
    const Use *use = growth->site;
    const Facts *facts = graph_facts(c->graph, use->file);
    Str holder = rule_text(c, "%s %.*s", HOLDERS[container->holder], STR_ARG(container->name));
    rule_step(c, f, STEP_NODE, holder, (Str){0}, container->file, container->definition);
    Str note = growth->doomed_removal ? STR("added here, removed in __del__ only")
                                      : STR("added here, never removed");
    rule_step(c, f, STEP_EDGE, edge_text(c, use), note, use->file, facts->ops[use->op.i].span);
    f->steps.v[f->steps.n - 1].suspect = true;
    bool known = !scope_is_none(definition);
    const Facts *home = known ? graph_facts(c->graph, definition.file) : facts;
    Span span = known ? home->scopes[definition.scope.i].name_span : facts->ops[use->op.i].span;
    rule_step(c, f, STEP_NODE, object, reason_text(c, growth->facts),
              known ? definition.file : use->file, span);
}

static Confidence confidence_of(const Growth *growth) {
    if (!growth->facts || growth->escapes) return CONFIDENCE_LOW;
    return growth->by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void check(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth = graph_growth(c->graph, id);
    if (growth.verdict != VERDICT_GROWS || container->kind == CONTAINER_QUEUE) return;
    OpRef removal;
    if (graph_doomed_growth(c->graph, id, &growth, &removal)) return; /* LMP109 speaks */
    if (graph_is_revival(c->graph, growth.site)) return;              /* LMP108 speaks */
    const Use *use = growth.site;
    Str what;
    Confidence sure;
    if (rule_keeps_exceptions(c, use, &what, &sure)) return; /* LMP106 */
    const Facts *facts = graph_facts(c->graph, use->file);
    ScopeRef definition = {0};
    Str object = object_text(c, use, &definition);
    Str function = scope_is_none(use->function) ? graph_module_name(c->graph, use->file)
                                                : graph_scope_name(c->graph, use->function);
    Finding *f = rule_report(c, use->file, facts->ops[use->op.i].span, use->function);
    f->container = graph_place(c->graph, container->file, container->definition);
    f->has_container = true;
    f->confidence = confidence_of(&growth);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = container->name;
    f->message = rule_text(
        c, "'%.*s' keeps '%.*s' alive until the process ends: one per call of '%.*s', none removed",
        STR_ARG(container->name), STR_ARG(object), STR_ARG(function));
    f->help = help_text(container, &growth);
    f->confirm = rule_text(c, "`len(%.*s)` before and after 100 calls of `%.*s()`",
                           STR_ARG(container->name), STR_ARG(function));
    add_evidence(c, f, container, &growth, object, definition);
}

const Rule rule_lmp201 = {
    .code = "LMP201",
    .name = "global-container-grows",
    .summary = "a container that lives as long as the process is filled per call and never drained",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check,
};
