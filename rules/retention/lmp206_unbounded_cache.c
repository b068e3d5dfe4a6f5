/* ## What it does
 * Reports a cache without a bound whose keys never end: `functools.cache`,
 * `lru_cache(maxsize=None)` and their kin in other packages, or the project's own memoiser, on a
 * function or around a class; and a dictionary that lives as long as the process and is filled by
 * hand in the same way: asked for a key, and given the answer when it has none.
 *
 * ## Why it leaks
 * Every call with new arguments adds an entry, and an entry holds the arguments and the result. No
 * entry is ever pushed out. When the arguments are objects that are their own key (no `__eq__` and
 * `__hash__`), each new object is one more entry, kept with all that it refers to, and never found
 * again. A cache around a class keeps every instance that it made.
 *
 * ## Example
 * ```python bad
 * import functools
 *
 *
 * class Query:
 *     def __init__(self, text):
 *         self.text = text
 *         self.rows = []
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
 *         self.rows = []
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
 * - A bound (`maxsize`, `lru_cache` without arguments), a weak store, a store that something
 * empties.
 * - Functions without parameters: one entry.
 * - Parameters of a closed domain: `bool`, `Literal`, Enum members, classes, flags with a default
 * of True or False, and what all known callers pass as constants.
 * - Functions that run while modules are imported only, caches on functions that are made per call
 *   (they go with the function), tests.
 * - Instance methods: LMP205. Instances that a class caches by its own arguments: LMP223.
 *
 * The default level asks for an aggravating fact: an argument of a class that the project
 * instantiates per call and that is its own key, an object of one request, message or connection,
 * or instances that the cache makes itself. Texts, numbers, and objects that compare by value are
 * reported at low confidence, and so is a cache whose `cache_clear` the project mentions.
 *
 * ## What it misses
 * Arguments that no annotation, no name and no caller in the project tells of; memoisers written as
 * classes; caches with a bound that is larger than what the process can hold.
 *
 * ## How to confirm
 * Call the function with a hundred new objects, drop them, and look at `cache_info().currsize`, or
 * at a weak reference to one of them after `gc.collect()`.
 *
 * ## References
 * - Python documentation, `functools.cache`: "returns the same as `lru_cache(maxsize=None)`"
 * - pylint W1518 reports the unbounded cache on methods alone
 */
#include "rule/rule.h"

/* What is cached, by which cache, and where that is written. */
typedef struct Cached {
    Memo memo;
    u32 file;
    Span span;
    ScopeRef scope;    /* for the finding */
    Str name;          /* canonical, of the function or class */
    ScopeRef function; /* of the project, or none */
    ClassId class;     /* of the project, when a class is cached */
    bool is_class;
    Domain domain;
} Cached;

/* ---- how sure ---- */

static bool is_rich(const Domain *d) {
    return d->kind == DOMAIN_IDENTITY || d->kind == DOMAIN_REQUEST;
}

static Confidence confidence_of(RuleContext *c, const Cached *k) {
    if (graph_is_test_file(c->graph, k->file)) return CONFIDENCE_LOW;
    if (graph_cache_is_cleared(c->graph, str_after_last(k->name, '.'))) return CONFIDENCE_LOW;
    if (k->is_class) return MIN(k->memo.confidence, CONFIDENCE_MEDIUM);
    return is_rich(&k->domain) ? MIN(k->domain.confidence, k->memo.confidence) : CONFIDENCE_LOW;
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
    switch (k->domain.kind) {
    case DOMAIN_IDENTITY:
        return rule_text(c, "each '%.*s' is its own key", STR_ARG(k->domain.what));
    case DOMAIN_REQUEST:
        return STR("an object of one request, message or connection is its own key");
    case DOMAIN_PLAIN:
        return STR("as many entries as there are different values");
    default:
        return STR("nothing shows that the values repeat");
    }
}

static Str help_text(const Cached *k) {
    if (k->is_class) return STR("give the cache a bound: `lru_cache(maxsize=128)`");
    if (is_rich(&k->domain))
        return STR(
            "key it by what repeats (a text, a number), keep the result on the object, or use "
            "a `weakref.WeakKeyDictionary`");
    return STR("give it a bound: `lru_cache(maxsize=…)`");
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
        rule_step(c, f, STEP_NODE, k->is_class ? STR("instance") : parameter_name(c, k), (Str){0},
                  k->file, k->span);
    }
    if (!scope_is_none(k->memo.definition))
        rule_step(c, f, STEP_NOTE, k->memo.name, STR("keeps the arguments here"),
                  k->memo.definition.file, k->memo.store);
    f->help = help_text(k);
    if (str_starts(k->memo.name, "functools."))
        f->confirm = rule_text(c, "`%.*s.cache_info().currsize` after 100 calls with new arguments",
                               STR_ARG(str_after_last(k->name, '.')));
}

/* ---- what can be cached ---- */

/* The constructor's own parameters decide how many instances there can be. */
static Domain constructor_domain(RuleContext *c, ClassId class) {
    ScopeRef init = graph_method(c->graph, class, "__init__");
    if (scope_is_none(init)) init = graph_method(c->graph, class, "__new__");
    if (!scope_is_none(init)) return graph_arguments_domain(c->graph, init, 1);
    const Str *names;
    u32 n = graph_fields(c->graph, class, c->scratch, 1, &names);
    const ClassId *mro;
    bool complete;
    graph_mro(c->graph, class, &mro, &complete);
    Domain d = {.kind = n || !complete ? DOMAIN_UNKNOWN : DOMAIN_CLOSED};
    return d;
}

/* It runs per call, as far as the project shows. */
static bool runs_per_call(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    RegionId body = f->scopes[function.scope.i].region;
    return graph_how_often(c->graph, function.file, body) >= RUNS_PER_INSTANCE;
}

/* ---- decorators ---- */

static void check_decorators(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->decorator_first == scope->decorator_end) return;
    if (scope->param_first == scope->param_end) return;
    MethodKind kind = graph_method_kind(c->graph, function);
    if (kind == METHOD_INSTANCE || facts_enclosing(f, scope->parent, SCOPE_FUNCTION).i) return;
    bool is_new =
        graph_method_class(c->graph, function).i && str_is(facts_str(f, scope->name), "__new__");
    u32 first = kind == METHOD_CLASS || is_new ? 1 : 0;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Memo memo = graph_memo_of(c->graph, function.file, f->operands[d].path);
        if (memo.bound != MEMO_UNBOUNDED) continue;
        Cached k = {.memo = memo, .file = function.file, .scope = function, .function = function};
        k.domain = graph_arguments_domain(c->graph, function, first);
        if (k.domain.kind <= DOMAIN_UNHASHABLE || !runs_per_call(c, function)) return;
        k.span = graph_decorator_span(c->graph, function, d - scope->decorator_first);
        k.name = graph_scope_name(c->graph, function);
        report(c, &k);
        return;
    }
}

/* ---- a cache around a class ---- */

static void check_class(RuleContext *c, ClassId class) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, scope.file);
    const Scope *body = &f->scopes[scope.scope.i];
    if (body->decorator_first == body->decorator_end) return;
    if (!graph_class_is_static(c->graph, class)) return;
    for (u32 d = body->decorator_first; d < body->decorator_end; d++) {
        Memo memo = graph_memo_of(c->graph, scope.file, f->operands[d].path);
        if (memo.bound != MEMO_UNBOUNDED || !scope_is_none(memo.definition)) continue;
        Cached k = {.memo = memo, .file = scope.file, .scope = scope, .is_class = true};
        k.domain = constructor_domain(c, class);
        if (k.domain.kind <= DOMAIN_UNHASHABLE) return;
        k.class = class;
        k.span = graph_decorator_span(c->graph, scope, d - body->decorator_first);
        k.name = graph_class_name(c->graph, class);
        report(c, &k);
        return;
    }
}

/* ---- caches in call form ---- */

/* The call in which the result of another one is called: `lru_cache(None)(f)`. */
static OpId called_result(const Facts *f, OpId factory) {
    for (u32 o = factory.i + 1; o < f->n_ops && o < factory.i + 16; o++) {
        const Path *callee = &f->paths[f->ops[o].kind == OP_CALL ? f->ops[o].subject : 0];
        if (callee->kind == PATH_OP && callee->id == factory.i) return (OpId){o};
    }
    return (OpId){0};
}

/* `pydantic.TypeAdapter`: a class outside the project, by its name. */
static bool is_class_name(Str name) {
    Str last = str_after_last(name, '.');
    bool has_lower = false;
    for (u32 i = 0; i < last.n; i++) has_lower |= last.p[i] >= 'a' && last.p[i] <= 'z';
    while (last.n && last.p[0] == '_') last = str_sub(last, 1, last.n);
    return has_lower && last.n && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

/* The cached function or class lives as long as the module: the call stands at module level. */
static bool is_lasting(RuleContext *c, u32 file, const Op *call) {
    const Facts *f = graph_facts(c->graph, file);
    u8 kind = f->scopes[f->regions[call->region.i].scope.i].kind;
    return kind == SCOPE_MODULE && graph_how_often(c->graph, file, call->region) != RUNS_NEVER;
}

static void check_target(RuleContext *c, Cached *k, PathId target) {
    ScopeRef definition = graph_definition_of(c->graph, k->file, target);
    k->class = graph_class_of_scope(c->graph, definition);
    k->is_class = k->class.i != 0;
    if (k->is_class) {
        k->name = graph_class_name(c->graph, k->class);
        k->domain = constructor_domain(c, k->class);
    } else if (!scope_is_none(definition)) {
        k->function = definition;
        k->name = graph_scope_name(c->graph, definition);
        if (graph_method_kind(c->graph, definition) == METHOD_INSTANCE) return;
        k->domain = graph_arguments_domain(c->graph, definition, 0);
        if (!runs_per_call(c, definition)) return;
    } else {
        k->name = graph_name_of(c->graph, k->file, target);
        k->is_class = is_class_name(k->name);
        k->domain = (Domain){.kind = DOMAIN_UNKNOWN};
    }
    if (k->name.n && k->domain.kind > DOMAIN_UNHASHABLE) report(c, k);
}

static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    if (!is_lasting(c, ref.file, call)) return;
    OpId outer = called_result(f, ref.op);
    const Op *applied = outer.i ? facts_op(f, outer) : call;
    if (applied->operands != 1) return;
    PathId target = op_operand(f, applied, 0);
    const Path *p = &f->paths[target.i];
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) return;
    Cached k = {.file = ref.file, .span = applied->span};
    k.memo = graph_memo_of(c->graph, ref.file, op_path(applied));
    if (k.memo.bound != MEMO_UNBOUNDED) return;
    check_target(c, &k, target);
}

/* ---- dictionaries that are caches ---- */

static bool is_mapping(ContainerKind kind) {
    return kind == CONTAINER_DICT || kind == CONTAINER_DEFAULTDICT ||
           kind == CONTAINER_ORDERED_DICT;
}

static Confidence memo_confidence(RuleContext *c, const Growth *growth, const Domain *d) {
    if (graph_is_test_file(c->graph, growth->site->file)) return CONFIDENCE_LOW;
    if (growth->escapes) return CONFIDENCE_LOW;
    if (growth->facts) return growth->by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    return is_rich(d) ? d->confidence : CONFIDENCE_LOW;
}

static void report_memo(RuleContext *c, const Container *k, const Growth *growth, Domain d) {
    const Use *use = growth->site;
    const Facts *facts = graph_facts(c->graph, use->file);
    Str key = rule_path_text(c, use->file, use->key);
    Str object = is_rich(&d) && d.class.i ? d.what : key;
    Str function = graph_scope_name(c->graph, use->function);
    Span span = facts->ops[use->op.i].span;
    Finding *f = rule_report(c, use->file, span, use->function);
    f->container = graph_place(c->graph, k->file, k->definition);
    f->has_container = true;
    f->confidence = memo_confidence(c, growth, &d);
    f->subject = k->name;
    f->message = rule_text(c,
                           "'%.*s' keeps '%.*s' alive until the process ends: '%.*s' adds an entry "
                           "for each new key, and none is removed",
                           STR_ARG(k->name), STR_ARG(object), STR_ARG(function));
    rule_step(c, f, STEP_NODE, rule_text(c, "cache %.*s", STR_ARG(k->name)), (Str){0}, k->file,
              k->definition);
    rule_step(c, f, STEP_EDGE, rule_text(c, "[%.*s]", STR_ARG(key)),
              STR("added when it is not found, never removed"), use->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    Str note = is_rich(&d) ? STR("each is its own key") : STR("a key of an open domain");
    rule_step(c, f, STEP_NODE, object, note, use->file, span);
    f->help = STR("bound it (`functools.lru_cache(maxsize=…)` on the function), key it by what "
                  "repeats, or hold the key weakly (`weakref.WeakKeyDictionary`)");
    f->confirm =
        rule_text(c, "`len(%.*s)` before and after 100 calls of `%.*s()` with new arguments",
                  STR_ARG(k->name), STR_ARG(function));
}

static void check_container(RuleContext *c, ContainerId id) {
    const Container *k = graph_container(c->graph, id);
    if (!is_mapping(k->kind)) return;
    Growth growth = graph_growth(c->graph, id);
    if (growth.verdict != VERDICT_GROWS || growth.doomed_removal) return;
    const Use *use = growth.site;
    bool is_memo = use->membership_guard && use->key.i && use->value.i && use->level == 0;
    if (!is_memo || use->value_shape & (SHAPE_FUNCTION | SHAPE_EXCEPTION)) return;
    if (scope_is_none(use->function)) return;
    Domain d = graph_value_domain(c->graph, use->file, use->key);
    if (d.kind <= DOMAIN_UNHASHABLE) return;
    report_memo(c, k, &growth, d);
}

/* ---- who is asked ---- */

/* The project's own memoiser, or its own name for a known one, in call form. */
static void check_callers(RuleContext *c, ScopeRef memoiser) {
    u32 n;
    const OpRef *calls = graph_callers(c->graph, memoiser, &n);
    for (u32 i = 0; i < n; i++) check_call(c, calls[i]);
}

static void check_function(RuleContext *c, ScopeRef function) {
    if (graph_facts(c->graph, function.file)->scopes[function.scope.i].kind != SCOPE_FUNCTION)
        return;
    check_decorators(c, function);
    check_callers(c, function);
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
