/* ## What it does
 * Reports a class whose instances share one `__dict__` (a Borg).
 *
 * ## Why it leaks
 * The shared dictionary belongs to the class, and lives as long as the process: what an instance
 * stores in an attribute stays when the instance has died. With a fixed set of attribute names that
 * is one object for each name. Where the names are made at run time, there is no bound.
 *
 * ## Example
 * ```python bad
 * class Session:
 *     _shared = {}
 *
 *     def __init__(self, request):
 *         self.__dict__ = self._shared
 *         self.request = request
 * ```
 *
 * The request of the last session lives for ever. Keep what is shared in one place, and the rest in
 * the instance:
 *
 * ```python good
 * SHARED = {"retries": 3}
 *
 *
 * class Session:
 *     def __init__(self, request):
 *         self.request = request
 *
 *     @property
 *     def retries(self):
 *         return SHARED["retries"]
 * ```
 *
 * ## When it is silent
 * - The dictionary is made for each instance, or is that of one other object
 *   (`self.__dict__ = other.__dict__`, `self.__dict__ = self`).
 *
 * The rule is off by default: a Borg with a few settings is harmless. Attribute names that are made
 * at run time make it `never-freed`.
 *
 * ## What it misses
 * A shared object in an attribute, which is the same thing without the name.
 *
 * ## How to confirm
 * Drop all instances; a weak reference to what one of them held is still alive.
 *
 * ## References
 * - Alex Martelli, "Five Easy Pieces: Simple Python Non-Patterns", 2001
 */
#include "rule/rule.h"

/* Stores attributes under names that the source does not bound: `setattr(self, name, value)`,
 * `self.__dict__[name] = value`. *where is the first. */
static bool has_open_names(RuleContext *c, ClassId class, OpRef *where) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    const Facts *f = graph_facts(c->graph, scope.file);
    const Scope *s = &f->scopes[scope.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        bool is_item = op->kind == OP_STORE && p->kind == PATH_ANY &&
                       f->paths[p->parent.i].kind == PATH_ATTR &&
                       str_is(facts_str(f, (StrId){f->paths[p->parent.i].id}), "__dict__");
        bool is_call = op->kind == OP_CALL && op->operands == 3 &&
                       f->paths[op_operand(f, op, 1).i].kind != PATH_LITERAL &&
                       str_is(graph_name_of(c->graph, scope.file, op_path(op)), "builtins.setattr");
        *where = (OpRef){scope.file, {i}};
        if (is_item || is_call) return true;
    }
    return false;
}

static void check(RuleContext *c, ClassId class) {
    Singleton s = graph_singleton(c->graph, class);
    if (s.form != SINGLETON_BORG || s.definer.i != class.i) return;
    const Facts *facts = graph_facts(c->graph, s.share.file);
    OpRef open;
    bool is_open = has_open_names(c, class, &open);
    ScopeRef scope = graph_class_scope(c->graph, class);
    Finding *f = rule_report(c, s.share.file, facts->ops[s.share.op.i].span, scope);
    Str name = graph_class_name(c->graph, class), last = str_after_last(name, '.');
    f->effect = is_open ? EFFECT_NEVER_FREED : EFFECT_BOUNDED;
    f->confidence = graph_is_test_file(c->graph, s.share.file) ? CONFIDENCE_LOW
                    : is_open                                  ? CONFIDENCE_HIGH
                                                               : CONFIDENCE_MEDIUM;
    f->subject = name;
    Str shared = rule_path_text(c, s.share.file, op_operand(facts, &facts->ops[s.share.op.i], 0));
    f->message = rule_text(c, "'%.*s' keeps the attribute values of every '%.*s' alive until %s",
                           STR_ARG(shared), STR_ARG(last),
                           is_open ? "the process ends" : "another instance replaces them");
    f->help = STR("share an object in an attribute of the class, and keep what belongs to an "
                  "instance in the instance");
    f->confirm =
        rule_text(c, "drop every '%.*s': what the last one held is still alive", STR_ARG(last));
    rule_note(c, f, STR("all instances get this dictionary"), (Str){0}, s.share);
    if (is_open) rule_note(c, f, STR("a name that is made at run time"), (Str){0}, open);
}

const Rule rule_lmp310 = {
    .code = "LMP310",
    .name = "borg-state-grows",
    .summary = "instances share one __dict__, which keeps what dead ones stored",
    .effect = EFFECT_NEVER_FREED,
    .effects = "bounded, never-freed",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .on_class = check,
};
