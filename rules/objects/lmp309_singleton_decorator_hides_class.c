/* ## What it does
 * Reports code that uses a class as a class although a singleton decorator has put a function, or
 * another object, in its place.
 *
 * ## Why it leaks
 * Nothing leaks: the use fails. After `@singleton` the name stands for what the decorator returned.
 * `isinstance(x, K)`, `class Sub(K)`, `except K`, `super(K, self)` and the attributes of the class
 * need the class.
 *
 * ## Example
 * ```python bad
 * def singleton(cls):
 *     instances = {}
 *
 *     def get(*args):
 *         if cls not in instances:
 *             instances[cls] = cls(*args)
 *         return instances[cls]
 *
 *     return get
 *
 *
 * @singleton
 * class Config:
 *     pass
 *
 *
 * def is_config(value):
 *     return isinstance(value, Config)
 * ```
 *
 * Keep the class, and give the instance by a function:
 *
 * ```python good
 * import functools
 *
 *
 * class Config:
 *     pass
 *
 *
 * @functools.lru_cache(maxsize=None)
 * def config():
 *     return Config()
 *
 *
 * def is_config(value):
 *     return isinstance(value, Config)
 * ```
 *
 * ## When it is silent
 * - The name is only called.
 * - The decorator returns a class.
 * - `super()` without arguments, which does not use the name.
 *
 * ## What it misses
 * Pickling of an instance, which looks the class up by its name, and uses in annotations that are
 * evaluated.
 *
 * ## How to confirm
 * Run the line: it raises TypeError or AttributeError.
 *
 * ## References
 * - PEP 3129, class decorators: the name is bound to what the decorator returns
 */
#include "rule/rule.h"

static const char *const FAILS[] = {
    [CLASS_TESTED] = "fails with 'TypeError' when something is tested against it",
    [CLASS_DERIVED] = "fails with 'TypeError' when a class derives from it",
    [CLASS_CAUGHT] = "fails with 'TypeError' when an exception comes here",
    [CLASS_ATTRIBUTE] = "fails with 'AttributeError' when the attribute is asked for",
    [CLASS_SUPER] = "fails with 'TypeError' when 'super' gets it",
};

static void report(RuleContext *c, const ClassUse *use) {
    Singleton s = graph_singleton(c->graph, use->class);
    const Facts *f = graph_facts(c->graph, use->at.file);
    const Op *op = &f->ops[use->at.op.i];
    ScopeId scope = facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION);
    Span span = use->kind == CLASS_DERIVED ? f->scopes[op->subject].name_span : op->span;
    Finding *finding = rule_report(c, use->at.file, span, (ScopeRef){use->at.file, scope});
    Str name = str_after_last(graph_class_name(c->graph, use->class), '.');
    finding->confidence =
        graph_is_test_file(c->graph, use->at.file) ? CONFIDENCE_LOW : CONFIDENCE_HIGH;
    finding->subject = graph_class_name(c->graph, use->class);
    finding->message =
        rule_text(c, "'%.*s' %s: its decorator has made it %s", STR_ARG(name), FAILS[use->kind],
                  s.replaced == REPLACED_BY_FUNCTION ? "a function" : "another object");
    finding->help = STR("keep the class under its name, and give the instance by a function");
    finding->confirm = STR("run the line: it raises");
    rule_note(c, finding, STR("decorated here"), (Str){0}, s.decorator);
    if (scope_is_none(s.maker)) return;
    const Facts *home = graph_facts(c->graph, s.maker.file);
    rule_step(c, finding, STEP_NOTE, STR("what the decorator returns takes the place of the class"),
              (Str){0}, s.maker.file, home->scopes[s.maker.scope.i].name_span);
}

static void check(RuleContext *c) {
    ClassUses uses = graph_replaced_class_uses(c->graph, c->scratch);
    for (u32 i = 0; i < uses.list.n; i++) report(c, &uses.list.v[i]);
}

const Rule rule_lmp309 = {
    .code = "LMP309",
    .name = "singleton-decorator-hides-class",
    .summary = "a class that a decorator has made a function is used as a class",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_project = check,
};
