/* ## What it does
 * Reports a list, dict or set in a variable of a function that runs while modules are imported (a
 * decorator, a maker of handlers), when an inner function that lives on adds to it with every call
 * and nothing removes from it.
 *
 * ## Why it leaks
 * The inner function holds the variable in a cell. Once it decorates a function of a module it
 * lives as long as that module, and so does the container, out of reach for everybody else: nobody
 * can even look how long it has become.
 *
 * ## Example
 * ```python bad
 * def audited(handler):
 *     handled = []
 *
 *     def wrapper(request):
 *         handled.append(request)
 *         return handler(request)
 *
 *     return wrapper
 *
 *
 * @audited
 * def index(request):
 *     return request.path
 *
 *
 * async def serve(listener):
 *     async for request in listener:
 *         index(request)
 * ```
 *
 * Keep what is needed, or so many:
 *
 * ```python good
 * from collections import deque
 *
 *
 * def audited(handler):
 *     handled = deque(maxlen=100)
 *
 *     def wrapper(request):
 *         handled.append(request.path)
 *         return handler(request)
 *
 *     return wrapper
 *
 *
 * @audited
 * def index(request):
 *     return request.path
 *
 *
 * async def serve(listener):
 *     async for request in listener:
 *         index(request)
 * ```
 *
 * ## When it is silent
 * - An inner function removes from it, binds the variable to something fresh, or compares its
 * length; it is bounded or weak.
 * - The function runs per call: the container goes with the inner functions.
 * - The key is a variable of the decorator itself (`instances[cls]`), or comes from a closed set.
 * - It is a memo, which is asked first whether it has the key: LMP206 speaks of these.
 *
 * The default level asks for a fact that makes the growth serious, as LMP201 does. Decorators that
 * the project defines and does not apply, and functions that only `main` calls, are reported at low
 * confidence.
 *
 * ## What it misses
 * Closures that are made per call and kept somewhere, and containers inside other containers.
 *
 * ## How to confirm
 * Look at `wrapper.__closure__` of the decorated function before and after a hundred calls.
 *
 * ## References
 * - Python documentation, "Data model": `__closure__`
 */
#include "rule/rule.h"

static bool is_memo(const Container *container, const Use *use) {
    bool keyed = container->kind == CONTAINER_DICT || container->kind == CONTAINER_DEFAULTDICT ||
                 container->kind == CONTAINER_ORDERED_DICT;
    return keyed && use->membership_guard;
}

static void check(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    Growth growth;
    if (container->holder != HOLDER_CLOSURE || !rule_growth(c, id, &growth)) return;
    if (is_memo(container, growth.site)) return; /* LMP206 */
    ScopeRef definition = {0};
    Str object = rule_use_object(c, growth.site, &definition);
    Str inner = graph_scope_name(c->graph, growth.site->function);
    Str name = rule_container_name(container);
    Finding *f = rule_report_growth(c, container, &growth);
    f->message = rule_text(c,
                           "'%.*s' keeps '%.*s' alive until the process ends: '%.*s' shares it and "
                           "adds one per call, none removed",
                           STR_ARG(container->name), STR_ARG(object), STR_ARG(inner));
    f->confirm = rule_text(c, "the cell of '%.*s' in `__closure__` before and after 100 calls",
                           STR_ARG(name));
}

const Rule rule_lmp218 = {
    .code = "LMP218",
    .name = "closure-cell-grows",
    .summary = "a container that a decorator's inner function shares grows with every call",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check,
};
