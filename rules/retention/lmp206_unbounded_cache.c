/* ## What it does
 * Reports a cache without a bound whose keys never end: `functools.cache`,
 * `lru_cache(maxsize=None)` and their kin in other packages, or the project's own memoiser, on a
 * function or around a class; and a dictionary that lives as long as the process and is filled by
 * hand in the same way: asked for a key, and given the answer when it has none.
 *
 * ## Why it leaks
 * Every call with new arguments adds an entry, which holds arguments and result, and none is pushed
 * out. An object that is its own key (no `__eq__` and `__hash__`) is kept with all that it refers
 * to, and never found again. A cache around a class keeps every instance that it made.
 *
 * ## Example
 * ```python bad
 * import functools
 *
 *
 * class Query:
 *     def __init__(self, text):
 *         self.text = text
 *
 *
 * @functools.cache
 * def plan(query: Query):
 *     return query.text.split()
 *
 *
 * def handle(text):
 *     query = Query(text)
 *     return plan(query)
 * ```
 *
 * Every query ever handled stays in memory, and no plan is found twice. A key that repeats and
 * holds nothing, and a bound, cure both:
 *
 * ```python good
 * import functools
 *
 *
 * class Query:
 *     def __init__(self, text):
 *         self.text = text
 *
 *
 * @functools.lru_cache(maxsize=256)
 * def plan(text: str):
 *     return text.split()
 *
 *
 * def handle(text):
 *     query = Query(text)
 *     return plan(query.text)
 * ```
 *
 * ## When it is silent
 * - A bound, a weak store, a store that something empties, functions without parameters.
 * - Parameters of a closed domain: `bool`, `Literal`, Enum members, classes, flags (`x=False`), and
 *   what all known callers pass as constants. Keys that a loop takes out of a list or table of
 *   constants, which no function of the file fills.
 * - Functions that run at import only, caches on functions that are made per call.
 * - Instance methods: LMP205. Instances that a class caches by its own arguments: LMP223.
 *
 * The default level asks for an aggravating fact: an argument of a class of the project that is its
 * own key (high where instances are seen to be made again and again, low where a process makes
 * one), an object of one request, message or connection, instances that the cache makes itself,
 * keys that clients send (headers, query, form, path of a request, unless the function asks another
 * collection for them before), or files that stay open under a key made of parameters. Other texts,
 * numbers, and objects that compare by value are at low confidence, and so are records of users by
 * number, a cache with `cache_clear` calls, and a table under the `id()` of a parameter that most
 * calls leave out, for which all of them share one entry.
 * A store that only a `reset()` empties, which nothing calls, is at medium where requests fill it.
 * So is one that drops what is too old only when it is asked for again, where clients send the
 * keys.
 *
 * ## What it misses
 * Arguments that nothing in the project tells of, and memoisers written as classes.
 *
 * ## How to confirm
 * Call it with a hundred new objects, drop them, and look at `cache_info().currsize`.
 *
 * ## References
 * - Python documentation, `functools.cache`; pylint W1518 is about methods alone
 */
#include "rule/rule.h"

/* ---- how sure ---- */

static Confidence confidence_of(RuleContext *c, const Cached *k) {
    if (graph_is_test_file(c->graph, k->file)) return CONFIDENCE_LOW;
    if (graph_cache_is_cleared(c->graph, str_after_last(k->name, '.'))) return CONFIDENCE_LOW;
    if (k->is_class) return MIN(k->memo.confidence, CONFIDENCE_MEDIUM);
    return domain_is_rich(&k->domain) ? MIN(k->domain.confidence, k->memo.confidence)
                                      : CONFIDENCE_LOW;
}

/* ---- the finding ---- */

static Str parameter_name(RuleContext *c, const Cached *k) {
    if (!k->domain.parameter.i) return STR("argument");
    const Facts *f = graph_facts(c->graph, k->function.file);
    return facts_str(f, f->symbols[k->domain.parameter.i].name);
}

static Str kept_text(RuleContext *c, const Cached *k) {
    Str parameter = parameter_name(c, k);
    if (k->is_class)
        return rule_text(c, "every '%.*s' that it made", STR_ARG(str_after_last(k->name, '.')));
    if (k->domain.kind == DOMAIN_IDENTITY)
        return rule_text(c, "every '%.*s' that it was called with", STR_ARG(k->domain.what));
    return rule_text(c, "every new '%.*s' and its result", STR_ARG(parameter));
}

static Str why_text(RuleContext *c, const Cached *k) {
    if (k->is_class) return STR("one instance for each new key, none is pushed out");
    if (k->domain.kind == DOMAIN_IDENTITY)
        return rule_text(c, "each '%.*s' is its own key", STR_ARG(k->domain.what));
    if (k->domain.kind == DOMAIN_REQUEST)
        return STR("an object of one request, message or connection is its own key");
    return k->domain.kind == DOMAIN_PLAIN ? STR("as many entries as there are different values")
                                          : STR("nothing shows that the values repeat");
}

static void report(RuleContext *c, const Cached *k) {
    Str decorator = k->memo.name;
    if (!scope_is_none(k->memo.definition)) decorator = str_after_last(decorator, '.');
    Str cache = rule_text(c, "the '%.*s' of '%.*s'", STR_ARG(decorator), STR_ARG(k->name));
    Str kept = kept_text(c, k);
    bool is_cleared = graph_cache_is_cleared(c->graph, str_after_last(k->name, '.'));
    Finding *f = rule_report(c, k->file, k->span, k->scope);
    f->confidence = confidence_of(c, k);
    f->severity = SEVERITY_WARNING;
    f->subject = k->name;
    f->message = rule_text(c, "%.*s keeps %.*s alive until %s: %.*s", STR_ARG(cache), STR_ARG(kept),
                           is_cleared ? "'cache_clear()' is called" : "the process ends",
                           STR_ARG(why_text(c, k)));
    rule_step(c, f, STEP_NODE, cache, (Str){0}, k->file, k->span);
    rule_step(c, f, STEP_EDGE, STR("[(…)]"),
              is_cleared ? STR("one entry per key, removed by 'cache_clear()' only")
                         : STR("one entry per key, never removed"),
              k->file, k->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    ClassId class = k->is_class ? k->class : k->domain.class;
    if (class.i) {
        ScopeRef at = graph_class_scope(c->graph, class);
        Span name = graph_facts(c->graph, at.file)->scopes[at.scope.i].name_span;
        rule_step(c, f, STEP_NODE, str_after_last(graph_class_name(c->graph, class), '.'), (Str){0},
                  at.file, name);
    } else {
        Str node = k->is_class ? STR("instance") : parameter_name(c, k);
        rule_step(c, f, STEP_NODE, node, (Str){0}, k->file, k->span);
    }
    if (!scope_is_none(k->memo.definition))
        rule_step(c, f, STEP_NOTE, k->memo.name, STR("keeps the arguments here"),
                  k->memo.definition.file, k->memo.store);
    f->help = k->is_class || !domain_is_rich(&k->domain)
                  ? STR("give the cache a bound: `lru_cache(maxsize=…)`")
                  : STR("key it by what repeats (a text, a number), or use a "
                        "`weakref.WeakKeyDictionary`");
    if (str_starts(k->memo.name, "functools."))
        f->confirm = rule_text(c, "`%.*s.cache_info().currsize` after 100 calls with new arguments",
                               STR_ARG(str_after_last(k->name, '.')));
}

/* ---- dictionaries that are caches ---- */

static void check_container(RuleContext *c, ContainerId id) {
    Growth growth = graph_growth(c->graph, id);
    Domain d;
    if (graph_is_memo_table(c->graph, id, &growth, &d))
        rule_report_memo(c, graph_container(c->graph, id), &growth, d);
}

/* ---- who is asked ---- */

static void check_call(RuleContext *c, OpRef call) {
    Cached k;
    if (graph_cached_call(c->graph, c->scratch, call, &k)) report(c, &k);
}

static void check_class(RuleContext *c, ClassId class) {
    Cached k;
    if (!graph_cached_class(c->graph, c->scratch, class, &k)) return;
    if (scope_is_none(k.memo.definition)) report(c, &k); /* else LMP223 speaks */
}

static void check_function(RuleContext *c, ScopeRef function) {
    Cached k;
    if (graph_facts(c->graph, function.file)->scopes[function.scope.i].kind != SCOPE_FUNCTION)
        return;
    if (graph_cached_function(c->graph, function, &k)) report(c, &k);
    /* the project's own memoiser, or its own name for a known one, in call form */
    const OpRef *calls;
    u32 n = graph_callers(c->graph, function, &calls);
    for (u32 i = 0; i < n; i++) check_call(c, calls[i]);
}

/* clang-format off */
static const char *const callees[] = {
    "async_lru.alru_cache", "backports.functools_lru_cache.lru_cache", "boltons.cacheutils.cached",
    "cachetools.cached", "functools.cache", "functools.lru_cache", "funcy.memoize",
    "toolz.memoize", NULL,
};
/* clang-format on */

const Rule rule_lmp206 = {
    .code = "LMP206",
    .name = "unbounded-cache",
    .summary = "a cache without bound is keyed by objects, or by values that never end",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_function = check_function,
    .on_class = check_class,
    .on_container = check_container,
};
