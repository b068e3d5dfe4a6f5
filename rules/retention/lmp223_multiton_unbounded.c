/* ## What it does
 * Reports a class that keeps each of its instances under the arguments that it was made with, in a
 * table without a bound: in `__new__`, in `__call__` of its metaclass, in a class method such as
 * `get_instance`, or through a decorator of the project.
 *
 * ## Why it leaks
 * The table lives as long as the class, and holds every instance strongly. One entry for each class
 * is a singleton, and harmless; one for each set of arguments is as many as there are different
 * arguments. When these come from outside (names, numbers, addresses), the process keeps every
 * instance that it ever made, with all that it refers to, whether or not anybody uses it.
 *
 * ## Example
 * ```python bad
 * class Profile:
 *     _known = {}
 *
 *     def __new__(cls, request):
 *         profile = cls._known.get(request)
 *         if profile is None:
 *             profile = super().__new__(cls)
 *             cls._known[request] = profile
 *         return profile
 *
 *
 * def handle(request):
 *     return Profile(request)
 * ```
 *
 * Every request ever seen has its profile for ever. A weak table gives the same instance as long as
 * the request is there, and lets it go with it:
 *
 * ```python good
 * import weakref
 *
 *
 * class Profile:
 *     _known = weakref.WeakKeyDictionary()
 *
 *     def __new__(cls, request):
 *         profile = cls._known.get(request)
 *         if profile is None:
 *             profile = super().__new__(cls)
 *             cls._known[request] = profile
 *         return profile
 *
 *
 * def handle(request):
 *     return Profile(request)
 * ```
 *
 * ## When it is silent
 * - The key is the class alone (`_instances[cls]`): a singleton, one for each class.
 * - The key comes from a closed set: constants, Enum members, flags, classes.
 * - The table is weak, bounded, measured, or something removes from it; nothing runs after import.
 *
 * At low confidence: tables by a name or by other plain values, of which a program mostly has few
 * (not by a number made of a content, or by three and more arguments at once); classes that nobody
 * is seen to instantiate per call, escaping tables, tests.
 *
 * ## What it misses
 * Tables that are reached through `getattr`, and `functools` caches around a class: LMP206.
 *
 * ## How to confirm
 * Make a hundred instances with different arguments, drop them, and look at the table's length.
 *
 * ## References
 * - Python documentation, `weakref.WeakValueDictionary` and `object.__new__`
 */
#include "rule/rule.h"

/* ---- what is cached ---- */

/* `cls(…)`, `super().__new__(cls)`, `super().__call__(…)`. */
static bool is_making(const Facts *f, ScopeRef function, PathId value) {
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Path *callee = &f->paths[f->ops[p->id].subject];
    const Scope *scope = &f->scopes[function.scope.i];
    if (callee->kind == PATH_SYMBOL && scope->param_first < scope->param_end)
        return facts_root_symbol(f, op_path(&f->ops[p->id])).i ==
               f->params[scope->param_first].symbol.i;
    Str method = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    return str_is(method, "__new__") || str_is(method, "__call__");
}

/* The same for a local that is bound more than once: `obj = table.get(key)` comes first. */
static bool is_made_somewhere(const Facts *f, ScopeRef function, PathId value) {
    if (f->paths[value.i].kind != PATH_SYMBOL) return false;
    SymbolId s = facts_root_symbol(f, value);
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_BIND || facts_root_symbol(f, op_path(op)).i != s.i) continue;
        if (is_making(f, function, bound_value(f, op))) return true;
    }
    return false;
}

/* What is stored is an instance of the class that stores it, or of a class of the metaclass. */
static bool is_own_instance(RuleContext *c, const Use *use, ClassId own) {
    const Facts *f = graph_facts(c->graph, use->file);
    PathId value = graph_alias_of(c->graph, use->file, use->value);
    if (is_making(f, use->function, value) || is_made_somewhere(f, use->function, value))
        return true;
    ClassId type = graph_type_of(c->graph, use->file, use->value);
    const ClassId *mro;
    bool complete;
    u32 n = type.i ? graph_mro(c->graph, type, &mro, &complete) : 0;
    for (u32 i = 0; i < n; i++)
        if (mro[i].i == own.i) return true;
    return false;
}

static bool is_metaclass(RuleContext *c, ClassId class) {
    return graph_is_subclass(c->graph, class, "builtins.type") ||
           graph_is_subclass(c->graph, class, "abc.ABCMeta");
}

/* The function decides which instance a caller gets. */
static bool hands_out(RuleContext *c, ScopeRef function, ClassId own) {
    const Facts *f = graph_facts(c->graph, function.file);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    if (str_is(name, "__new__")) return !is_metaclass(c, own);
    if (str_is(name, "__call__")) return is_metaclass(c, own);
    MethodKind kind = graph_method_kind(c->graph, function);
    return kind == METHOD_CLASS || kind == METHOD_STATIC;
}

/* ---- how sure ---- */

static Confidence confidence_of(RuleContext *c, const Use *use, ClassId made, const Domain *d) {
    if (graph_is_test_file(c->graph, use->file)) return CONFIDENCE_LOW;
    /* of a metaclass: the classes that it makes are not looked at one by one */
    bool is_repeated = is_metaclass(c, made) || graph_is_made_per_call(c->graph, made) ||
                       graph_is_driven(c->graph, use->function);
    if (!is_repeated) return CONFIDENCE_LOW;
    if (d->kind == DOMAIN_REQUEST) return CONFIDENCE_HIGH;
    if (d->kind == DOMAIN_IDENTITY) return d->confidence;
    bool is_wide = graph_is_wide_key(c->graph, use->file, use->key); /* names repeat: few */
    return is_wide && !is_metaclass(c, made) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* ---- the findings ---- */

typedef struct Multiton {
    u32 file;
    Span span;
    ScopeRef scope;
    Str holder; /* as the message names it */
    Str class;  /* whose instances are kept */
    Str by;     /* the function that adds */
    Str key;
    Confidence confidence;
} Multiton;

static Finding *report(RuleContext *c, const Multiton *m) {
    Finding *f = rule_report(c, m->file, m->span, m->scope);
    f->confidence = m->confidence;
    f->severity = SEVERITY_WARNING;
    f->message = rule_text(c,
                           "%.*s keeps every '%.*s' alive until the process ends: '%.*s' adds one "
                           "for each new key '%.*s', none is removed",
                           STR_ARG(m->holder), STR_ARG(m->class), STR_ARG(m->by), STR_ARG(m->key));
    f->help = STR("hold the instances in a `weakref.WeakValueDictionary`, or bound the table");
    f->confirm = rule_text(c,
                           "a weak reference to a dropped '%.*s' is still alive after "
                           "`gc.collect()`",
                           STR_ARG(m->class));
    return f;
}

static void check_container(RuleContext *c, ContainerId id) {
    const Container *k = graph_container(c->graph, id);
    Growth growth = graph_growth(c->graph, id);
    const Use *use = growth.site;
    if (growth.verdict != VERDICT_GROWS || growth.doomed_removal || !use->key.i || !use->value.i)
        return;
    ClassId own = graph_method_class(c->graph, use->function);
    if (!own.i || use->level > 1 || !hands_out(c, use->function, own)) return;
    if (!is_own_instance(c, use, own)) return;
    Domain d = graph_value_domain(c->graph, use->file, use->key);
    if (d.kind <= DOMAIN_UNHASHABLE) return;
    Multiton m = {.file = use->file, .scope = use->function};
    m.span = graph_facts(c->graph, use->file)->ops[use->op.i].span;
    m.holder = rule_text(c, "'%.*s'", STR_ARG(k->name));
    Str name = str_after_last(graph_class_name(c->graph, own), '.');
    m.class = is_metaclass(c, own) ? STR("instance") : name;
    m.by = graph_scope_name(c->graph, use->function);
    m.key = rule_path_text(c, use->file, use->key);
    m.confidence = growth.escapes ? CONFIDENCE_LOW : confidence_of(c, use, own, &d);
    Finding *f = report(c, &m);
    f->subject = k->name;
    f->container = graph_place(c->graph, k->file, k->definition);
    f->has_container = true;
    rule_step(c, f, STEP_NODE, rule_text(c, "table %.*s", STR_ARG(k->name)), (Str){0}, k->file,
              k->definition);
    rule_step(c, f, STEP_EDGE, rule_text(c, "[%.*s]", STR_ARG(m.key)),
              STR("added with the instance, never removed"), m.file, m.span);
    f->steps.v[f->steps.n - 1].suspect = true;
    ScopeRef at = graph_class_scope(c->graph, own);
    Span at_name = graph_facts(c->graph, at.file)->scopes[at.scope.i].name_span;
    rule_step(c, f, STEP_NODE,
              is_metaclass(c, own) ? rule_text(c, "instance of a class of %.*s", STR_ARG(name))
                                   : rule_text(c, "%.*s instance", STR_ARG(name)),
              (Str){0}, at.file, at_name);
}

/* ---- decorators of the project that keep what the class makes ---- */

static void report_decorated(RuleContext *c, ClassId class, Memo memo, Span span) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, scope.file);
    Multiton m = {.file = scope.file, .span = span, .scope = scope};
    Str decorator = str_after_last(memo.name, '.');
    m.class = facts_str(f, f->scopes[scope.scope.i].name);
    m.holder =
        rule_text(c, "the table of '%.*s' around '%.*s'", STR_ARG(decorator), STR_ARG(m.class));
    m.by = memo.name;
    m.key = STR("(…)");
    m.confidence = CONFIDENCE_LOW;
    Finding *finding = report(c, &m);
    finding->subject = graph_class_name(c->graph, class);
    rule_step(c, finding, STEP_NODE, rule_text(c, "table of %.*s", STR_ARG(memo.name)), (Str){0},
              memo.definition.file, memo.store);
    rule_step(c, finding, STEP_EDGE, STR("[(…)]"), STR("one entry for each set of arguments"),
              memo.definition.file, memo.store);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, rule_text(c, "%.*s instance", STR_ARG(m.class)), (Str){0},
              scope.file, f->scopes[scope.scope.i].name_span);
}

static void check_class(RuleContext *c, ClassId class) {
    Cached k;
    if (!graph_cached_class(c->graph, c->scratch, class, &k)) return;
    if (!scope_is_none(k.memo.definition)) report_decorated(c, class, k.memo, k.span);
}

const Rule rule_lmp223 = {
    .code = "LMP223",
    .name = "multiton-unbounded",
    .summary = "a class keeps every instance under the arguments that it was made with",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_class = check_class,
    .on_container = check_container,
};
