/* ## What it does
 * Reports an object that holds code of its own: a bound method, a lambda or inner function that
 * uses it, a `functools.partial` over it or a generator of its own, kept in an attribute, in a
 * container, or in something that it owns; and a callback attached to X that uses X.
 *
 * ## Why it leaks
 * A bound method holds its object, a closure holds what it uses. An object that keeps one of its
 * own is on a cycle: it is freed by the cyclic collector only, with all that it holds.
 *
 * ## Example
 * ```python bad
 * class Parser:
 *     def __init__(self):
 *         self.handlers = {"start": self.on_start}
 *
 *     def on_start(self, tag):
 *         print(tag)
 * ```
 *
 * Keep the name, or look the method up where it is called:
 *
 * ```python good
 * class Parser:
 *     handlers = {"start": "on_start"}
 *
 *     def on_start(self, tag):
 *         print(tag)
 *
 *     def handle(self, event, tag):
 *         getattr(self, self.handlers[event])(tag)
 * ```
 *
 * ## When it is silent
 * - Static and class methods, values of properties and attributes, results of calls, a local alias,
 *   methods of an attribute (`self.items.append`), weak references and `WeakMethod`.
 * - Closures that do not use the object, take it as a parameter, or are only used here.
 * - The link is cut again in the same function.
 *
 * On targets before Python 3.4 a generator that waits inside `try` or `with` is never freed.
 *
 * Such cycles are everywhere in good code: they are reported by default only when the program turns
 * the cyclic collector off; select LMP103 by code to see all of them.
 *
 * ## What it misses
 * Callbacks that are registered with something that limpet cannot see, when its method has a name
 * that says nothing.
 *
 * ## How to confirm
 * `r = weakref.ref(x); gc.disable(); del x; assert r() is None` fails.
 *
 * ## References
 * - Python documentation, "Instance methods" in the data model
 */
#include "rule/rule.h"

/* Before Python 3.4 the collector gives up a generator that waits inside `try` or `with`. */
static bool is_garbage(RuleContext *c, const CycleObject *code) {
    if (code->kind != OBJECT_GENERATOR || scope_is_none(code->code)) return false;
    const Facts *f = graph_facts(c->graph, code->code.file);
    const Scope *scope = &f->scopes[code->code.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        if (f->ops[i].kind != OP_YIELD || f->ops[i].flags & OP_IMPLICIT) continue;
        for (RegionId r = f->ops[i].region; r.i > scope->region.i; r = f->regions[r.i].parent)
            if (f->regions[r.i].kind == REGION_TRY || f->regions[r.i].kind == REGION_WITH)
                return true;
    }
    return false;
}

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind != CYCLE_CALLBACK) return;
    const CycleObject *code = &cycle->objects[cycle->subject];
    Str name = rule_cycle_name(c, &cycle->objects[0]);
    Finding *f = rule_report_cycle(c, cycle);
    bool is_old = targets_before(rule_targets(c, cycle->file), PYTHON_3_4);
    if (is_old && is_garbage(c, code)) {
        f->effect = EFFECT_NEVER_FREED;
        f->is_plain = false;
    }
    Str what = code->kind == OBJECT_METHOD      ? STR("bound method")
               : code->kind == OBJECT_GENERATOR ? STR("generator")
               : code->kind == OBJECT_HOLDER    ? STR("object")
                                                : STR("closure");
    f->message = rule_text(c, "its own %.*s '%.*s' keeps '%.*s' alive %.*s", STR_ARG(what),
                           STR_ARG(code->name), STR_ARG(name),
                           STR_ARG(f->effect == EFFECT_NEVER_FREED ? STR("until the process ends")
                                                                   : rule_cycle_end(c, cycle)));
}

const Rule rule_lmp103 = {
    .code = "LMP103",
    .name = "self-callback-cycle",
    .summary = "an object keeps a bound method, closure or generator of its own",
    .effect = EFFECT_DELAYED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.2.0",
    .flags = RULE_PLAIN_OPT_IN,
    .on_cycle = check,
};
