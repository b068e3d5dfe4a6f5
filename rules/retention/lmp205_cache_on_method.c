/* ## What it does
 * Reports a function cache (`functools.cache`, `lru_cache` and their kin in other packages, or the
 * project's own memoiser) on an instance method. Such a cache belongs to the function, so that all
 * instances share it, and every entry holds the arguments of its call: `self` is one of them.
 *
 * ## Why it leaks
 * An entry keeps the instance, and all that the instance holds, until the entry goes. With
 * `maxsize=None`, and with `functools.cache`, which is the same, it never goes: each instance on
 * which the method was called once lives as long as the class (never-freed). With a bound of n the
 * last n entries stay (bounded), which for a program that makes few instances is all of them.
 *
 * ## Example
 * ```python bad
 * import functools
 *
 *
 * class Report:
 *     def __init__(self, rows):
 *         self.rows = rows
 *
 *     @functools.cache
 *     def total(self, column):
 *         return sum(row[column] for row in self.rows)
 * ```
 *
 * Every report that was asked for a total stays in memory with all its rows. A dictionary that the
 * instance owns dies with the instance:
 *
 * ```python good
 * class Report:
 *     def __init__(self, rows):
 *         self.rows = rows
 *         self.totals = {}
 *
 *     def total(self, column):
 *         if column not in self.totals:
 *             self.totals[column] = sum(row[column] for row in self.rows)
 *         return self.totals[column]
 * ```
 *
 * ## When it is silent
 * - Static and class methods, and functions without a parameter: no instance is an argument.
 * - `functools.cached_property`, `cachetools.cachedmethod` and caches made in `__init__`: the store
 *   hangs on the instance.
 * - Enum members, metaclasses, and classes whose instances are all made at module level.
 * - Classes made inside a function: cache, class and instances go together.
 * - `maxsize=0`, caches whose key leaves `self` out, unhashable instances (the call raises
 *   TypeError), stubs and overloads.
 *
 * At low confidence: a cache with a bound, which is mostly meant so and keeps few; tests; a first
 * parameter that is not called `self`; methods whose `cache_clear` is called; classes of which one
 * is made (by the main function, commands, parts of these), that keep each in a table of their own,
 * or that hold nothing. At medium: instances that compare by value;
 * with a bound: where another argument is a frame or an object of one request (not a job or task).
 *
 * ## What it misses
 * A cache put on a class from outside, memoisers written as classes, and unknown decorators.
 *
 * ## How to confirm
 * Call the method on a hundred instances, drop them: `Report.total.cache_info().currsize`.
 *
 * ## References
 * - Python documentation, Programming FAQ, "How do I cache method calls?"
 * - ruff B019 and pylint W1518 report a part of this
 */
#include "rule/rule.h"

/* Members of enumerations, classes and modules live for ever. */
static bool is_immortal(const RuleContext *c, ClassId class) {
    static const char *const bases[] = {
        "enum.Enum",     "enum.IntEnum",     "enum.Flag",   "enum.IntFlag",
        "enum.StrEnum",  "builtins.type",    "abc.ABCMeta", "enum.EnumMeta",
        "enum.EnumType", "types.ModuleType", NULL};
    for (u32 i = 0; bases[i]; i++)
        if (graph_is_subclass(c->graph, class, bases[i])) return true;
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, scope.file);
    const Scope *body = &f->scopes[scope.scope.i];
    for (u32 b = body->base_first; b < body->base_end; b++) {
        Str name = graph_name_of(c->graph, scope.file, f->operands[b].path);
        if (str_ends(name, "Enum")) return true; /* of a package that is not at hand */
    }
    return graph_only_module_instances(c->graph, class);
}

/* Nothing in the body but a docstring, `...`, or raise NotImplementedError. */
static bool is_stub(const Facts *f, const Scope *function) {
    for (u32 o = function->op_first; o < function->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_RAISE) return true;
        if (op->kind != OP_LOAD || f->paths[op->subject].kind != PATH_LITERAL) return false;
    }
    return true;
}

/* ---- how sure ---- */

static Confidence confidence_of(const RuleContext *c, ScopeRef function, ClassId class, Memo memo) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    Str first = facts_str(f, f->symbols[f->params[scope->param_first].symbol.i].name);
    bool is_star = f->params[scope->param_first].kind == PARAM_STAR;
    if (!is_star && !str_is(str_public(first), "self")) return CONFIDENCE_LOW;
    if (graph_is_test_file(c->graph, function.file) ||
        graph_is_subclass(c->graph, class, "unittest.TestCase"))
        return CONFIDENCE_LOW;
    bool is_value = graph_hash_kind(c->graph, class) == HASH_VALUE;
    /* a number in the source is nothing that a program grows by: what counts is what each holds */
    if (memo.bound == MEMO_BOUNDED || memo.bound == MEMO_UNKNOWN)
        return graph_grave_argument(c->graph, function, 1).n ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    Instances made = graph_instances(c->graph, class);
    if (made.making == MADE_ONCE && !made.is_for_users) return CONFIDENCE_LOW;
    if (graph_may_stay(c->graph, class)) return CONFIDENCE_LOW;
    return is_value ? MIN(memo.confidence, CONFIDENCE_MEDIUM) : memo.confidence;
}

/* ---- the finding ---- */

typedef struct Method {
    ScopeRef function; /* what is cached */
    ClassId class;
    Str name; /* under which the class has it */
    u32 file;
    Span span; /* where */
    Memo memo;
} Method;

/* What the cache keeps, until when, and what removes an entry. */
static void grade(RuleContext *c, Finding *f, const Method *m, Str cache, Str *note) {
    Str class = str_after_last(graph_class_name(c->graph, m->class), '.');
    Str kept = rule_text(c, "every '%.*s' that it was called on", STR_ARG(class));
    Str event = STR("the process ends");
    *note = STR("one entry per call, never removed");
    if (m->memo.bound != MEMO_UNBOUNDED) {
        f->effect = EFFECT_BOUNDED;
        unsigned long long size = m->memo.size;
        kept = m->memo.bound == MEMO_UNKNOWN
                   ? rule_text(c, "the last instances of '%.*s'", STR_ARG(class))
                   : rule_text(c, "up to %llu instance%s of '%.*s'", size, size == 1 ? "" : "s",
                               STR_ARG(class));
        Str grave = graph_grave_argument(c->graph, m->function, 1);
        if (grave.n)
            kept = rule_text(c, "%.*s, and the '%.*s' of each,", STR_ARG(kept), STR_ARG(grave));
        event = STR("calls on others push them out");
        *note = STR("one entry per call, removed only when the cache is full");
    }
    if (graph_memo_is_cleared(c->graph, m->file, m->name)) {
        f->effect = EFFECT_BOUNDED;
        f->confidence = CONFIDENCE_LOW;
        event = STR("'cache_clear()' is called");
        *note = STR("removed by 'cache_clear()'");
        if (m->memo.bound != MEMO_UNBOUNDED)
            event = STR("'cache_clear()' is called, or calls on others push them out");
    }
    bool is_sure = f->effect == EFFECT_NEVER_FREED && f->confidence == CONFIDENCE_HIGH;
    f->severity = is_sure ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message = rule_text(c, "%.*s keeps %.*s alive until %.*s", STR_ARG(cache), STR_ARG(kept),
                           STR_ARG(event));
}

static void report(RuleContext *c, const Method *m) {
    if (!graph_class_is_static(c->graph, m->class) || is_immortal(c, m->class)) return;
    if (graph_hash_kind(c->graph, m->class) == HASH_NONE) return;
    Str class = graph_class_name(c->graph, m->class), decorator = m->memo.name, note;
    if (!scope_is_none(m->memo.definition)) decorator = str_after_last(decorator, '.');
    Str method = rule_text(c, "%.*s.%.*s", STR_ARG(class), STR_ARG(m->name));
    Str cache = rule_text(c, "the '%.*s' of '%.*s'", STR_ARG(decorator), STR_ARG(method));
    Finding *f = rule_report(c, m->file, m->span, m->function);
    f->confidence = confidence_of(c, m->function, m->class, m->memo);
    f->subject = method;
    grade(c, f, m, cache, &note);
    rule_step(c, f, STEP_NODE, cache, (Str){0}, m->file, m->span);
    rule_step(c, f, STEP_EDGE, STR("[(self, …)]"), note, m->file, m->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    ScopeRef at = graph_class_scope(c->graph, m->class);
    Span name = graph_facts(c->graph, at.file)->scopes[at.scope.i].name_span;
    rule_step(c, f, STEP_NODE, class, (Str){0}, at.file, name);
    if (!scope_is_none(m->memo.definition))
        rule_step(c, f, STEP_NOTE, m->memo.name, STR("keeps the arguments here"),
                  m->memo.definition.file, m->memo.store);
    f->help = STR("cache on the instance (`functools.cached_property`, or a dict made in "
                  "`__init__`), or in a function of plain values");
    if (str_starts(m->memo.name, "functools."))
        f->confirm = rule_text(c, "`%.*s.cache_info().currsize` after 100 dropped instances",
                               STR_ARG(method));
}

/* ---- candidates ---- */

/* The instance is the first argument, and it is called so. */
static bool takes_instance(const Facts *f, const Scope *function) {
    if (function->param_first == function->param_end) return false;
    const Param *first = &f->params[function->param_first];
    if (first->kind == PARAM_KEYWORD_ONLY || first->kind == PARAM_DOUBLE_STAR) return false;
    Str name = facts_str(f, f->symbols[first->symbol.i].name);
    return !str_is(name, "cls") && !str_is(name, "mcs") && !str_is(name, "mcls") &&
           !str_is(name, "metacls");
}

static void check_decorators(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->decorator_first == scope->decorator_end) return;
    ClassId class = graph_method_class(c->graph, function);
    if (!class.i || graph_method_kind(c->graph, function) != METHOD_INSTANCE) return;
    if (!takes_instance(f, scope)) return;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Memo memo = graph_memo_of(c->graph, function.file, f->operands[d].path);
        if (memo.bound == MEMO_NONE || is_stub(f, scope)) continue;
        report(c, &(Method){function, class, facts_str(f, scope->name), function.file,
                            graph_decorator_span(c->graph, function, d - scope->decorator_first),
                            memo});
        return;
    }
}

/* `m = cache(_m)` in the body of the class. */
static void check_class_body(RuleContext *c, ClassId class) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, scope.file);
    const Scope *body = &f->scopes[scope.scope.i];
    for (u32 o = body->op_first; o < body->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_BIND || f->regions[op->region.i].scope.i != scope.scope.i) continue;
        if ((op->flags & OP_LOW) != BIND_ASSIGN) continue;
        ScopeRef function = {0};
        Memo memo = graph_memo_applied(c->graph, scope.file, op_operand(f, op, 0), &function);
        if (memo.bound == MEMO_NONE) continue;
        MethodKind kind = graph_method_kind(c->graph, function);
        const Facts *there = graph_facts(c->graph, function.file);
        const Scope *called = &there->scopes[function.scope.i];
        if (kind == METHOD_STATIC || kind == METHOD_CLASS || called->kind == SCOPE_CLASS) continue;
        if (!takes_instance(there, called)) continue;
        Str name = facts_str(f, f->symbols[facts_root_symbol(f, op_path(op)).i].name);
        report(c, &(Method){function, class, name, scope.file, op->span, memo});
    }
}

const Rule rule_lmp205 = {
    .code = "LMP205",
    .name = "cache-on-method",
    .summary = "a function cache on an instance method keeps the instances",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_function = check_decorators,
    .on_class = check_class_body,
};
