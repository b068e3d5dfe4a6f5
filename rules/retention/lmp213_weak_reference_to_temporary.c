/* ## What it does
 * Reports a weak reference to an object that nobody else holds: `weakref.ref`, `weakref.proxy` or
 * the object that `weakref.finalize` watches, an element of a `WeakSet`, a value of a
 * `WeakValueDictionary`, a key of a `WeakKeyDictionary`, or the receiver of a signal that refers
 * weakly (Django, blinker), where that is a bound method, a lambda, a partial, or an object that
 * was made in the same expression. Also where a function refers weakly to its parameter and a
 * caller in the project passes such an object.
 *
 * ## Why it leaks
 * Nothing leaks: it is lost. `self.method` makes a new bound method with each access. The weak
 * reference does not hold it, so that it dies when the statement ends, and the reference is dead
 * from the beginning: a listener that is never called, an entry that is not there. It goes unseen,
 * because dead references are skipped by design. It is often written to break a cycle.
 *
 * ## Example
 * ```python bad
 * import weakref
 *
 *
 * class Program:
 *     def __init__(self, source):
 *         source.listeners.append(weakref.ref(self.source_changed))
 *
 *     def source_changed(self, event):
 *         print("changed", event)
 * ```
 *
 * `source_changed` is never called. `weakref.WeakMethod` refers to object and function, and is
 * alive as long as the object:
 *
 * ```python good
 * import weakref
 *
 *
 * class Program:
 *     def __init__(self, source):
 *         source.listeners.append(weakref.WeakMethod(self.source_changed))
 *
 *     def source_changed(self, event):
 *         print("changed", event)
 * ```
 *
 * ## When it is silent
 * - `weakref.WeakMethod`, and signals that refer to bound methods that way.
 * - Functions and classes of modules, static methods, attributes of an instance that hold a
 *   function.
 * - An object that another statement holds, too: stored, passed on, returned, or bound to a second
 *   name.
 * - A parameter that its function also stores or passes on, or of which it asks what it is
 *   (`inspect.ismethod`, `hasattr(callback, "__self__")`).
 * - The reference is called at once, or its result is dropped: a test whether the object can be
 *   referred to.
 *
 * At medium confidence: parameters, decorated methods, new instances, and what a local holds until
 * its function returns. At low confidence: tests.
 *
 * ## What it misses
 * Methods of objects whose class is not known, subclasses of `weakref.ref`, weak containers that
 * are local to a function.
 *
 * ## How to confirm
 * `assert reference() is not None` right after it was made fails.
 *
 * ## References
 * - Python documentation, `weakref.WeakMethod`: "a bound method is ephemeral"
 * - Django documentation, "Signals": receivers are stored as weak references
 */
#include "rule/rule.h"

/* What refers weakly, and what it was given. */
typedef struct Site {
    OpRef op;
    Str holder; /* "weakref.ref", or a container */
    PathId value;
    bool is_container;
    bool takes_methods; /* bound methods are treated as WeakMethod does */
    ScopeRef function;
} Site;

static Str object_text(RuleContext *c, const Temporary *t) {
    Str text = rule_path_text(c, t->file, t->value);
    switch (t->kind) {
    case TEMPORARY_METHOD:
        return rule_text(c, "the bound method '%.*s'", STR_ARG(text));
    case TEMPORARY_LAMBDA:
        return STR("a lambda");
    case TEMPORARY_FUNCTION:
        return rule_text(c, "the inner function '%.*s'", STR_ARG(t->name));
    case TEMPORARY_PARTIAL:
        return rule_text(c, "a '%.*s'", STR_ARG(t->name));
    default:
        return rule_text(c, "a new '%.*s'", STR_ARG(str_after_last(t->name, '.')));
    }
}

static const char *when_text(const Temporary *t) {
    if (t->passed.i) return "when the call that passes it is over";
    return t->in_local ? "when the function returns" : "when the statement is over";
}

static Str help_text(RuleContext *c, const Site *site, const Temporary *t) {
    Str text = rule_path_text(c, t->file, t->value);
    if (t->kind == TEMPORARY_METHOD && site->is_container)
        return rule_text(c,
                         "keep `weakref.WeakMethod(%.*s)` in a list or dictionary, and drop the "
                         "dead ones",
                         STR_ARG(text));
    if (t->kind == TEMPORARY_METHOD && t->passed.i)
        return STR("refer to bound methods by `weakref.WeakMethod`, or hold the callback strongly "
                   "and drop it by hand");
    if (t->kind == TEMPORARY_METHOD)
        return rule_text(c,
                         "use `weakref.WeakMethod(%.*s)`: it lives as long as the object of the "
                         "method",
                         STR_ARG(text));
    if (t->kind == TEMPORARY_INSTANCE)
        return STR("bind the object to something that lives as long as it is needed");
    return STR("keep the function where it lives as long as it shall be called: a function of the "
               "module, an attribute; or hold it strongly");
}

static void add_evidence(RuleContext *c, Finding *f, const Site *site, const Temporary *t) {
    const Facts *facts = graph_facts(c->graph, site->op.file);
    rule_step(c, f, STEP_NODE, site->holder, (Str){0}, site->op.file,
              facts->ops[site->op.op.i].span);
    rule_step(c, f, STEP_EDGE, STR("weak reference"), STR("holds nothing"), site->op.file,
              facts->ops[site->op.op.i].span);
    f->steps.v[f->steps.n - 1].suspect = true;
    Str text = rule_path_text(c, t->file, t->value);
    if (t->kind == TEMPORARY_LAMBDA) text = STR("lambda");
    const Facts *from = graph_facts(c->graph, t->file);
    Span span = facts->ops[site->op.op.i].span;
    if (t->passed.i) span = from->ops[t->passed.i].span;
    rule_step(c, f, STEP_NODE, text,
              t->passed.i ? STR("made for this call, and held by nobody else")
                          : STR("held by nobody else"),
              t->file, span);
}

static void check(RuleContext *c, const Site *site) {
    Temporary t = graph_temporary(c->graph, site->op, site->value);
    if (t.kind == TEMPORARY_NONE || (t.kind == TEMPORARY_METHOD && site->takes_methods)) return;
    const Facts *facts = graph_facts(c->graph, site->op.file);
    Finding *f = rule_report(c, site->op.file, facts->ops[site->op.op.i].span, site->function);
    bool is_test = graph_is_test_file(c->graph, site->op.file);
    /* a finalizer of nothing, at import: it is there so that `weakref` registers with `atexit` */
    bool is_dummy = facts->ops[site->op.op.i].flags & OP_DROPPED && t.kind == TEMPORARY_LAMBDA &&
                    facts->scopes[site->function.scope.i].kind == SCOPE_MODULE &&
                    !site->is_container;
    f->confidence = is_test || is_dummy ? CONFIDENCE_LOW : t.confidence;
    if (t.in_local) f->confidence = MIN(f->confidence, CONFIDENCE_MEDIUM);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    Str object = object_text(c, &t);
    f->subject = rule_path_text(c, site->op.file, site->value);
    f->message = rule_text(c,
                           "'%.*s' loses %.*s %s: it refers to it weakly, and nobody else "
                           "holds it",
                           STR_ARG(site->holder), STR_ARG(object), when_text(&t));
    f->help = help_text(c, site, &t);
    f->confirm = site->is_container
                     ? rule_text(c, "`len(%.*s)` is the same as before", STR_ARG(site->holder))
                     : STR("the reference gives None (a proxy raises ReferenceError) as soon as it "
                           "is used");
    add_evidence(c, f, site, &t);
}

/* ---- calls ---- */

static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    Str name = graph_name_of(c->graph, ref.file, op_path(call));
    Site site = {.op = ref,
                 .holder = name,
                 .value = op_operand(f, call, 0),
                 .function = {ref.file, f->regions[call->region.i].scope}};
    const Path *callee = &f->paths[call->subject];
    bool is_connect =
        callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "connect");
    if (is_connect) {
        site.value = graph_weak_receiver(c->graph, ref);
        site.takes_methods = true;
        if (!site.value.i) return;
    } else if (!str_starts(name, "weakref.") || !call->operands ||
               operand_kind(f->operands[call->operand]) != OPERAND_POSITIONAL) {
        return;
    }
    bool is_finalizer = str_is(name, "weakref.finalize");
    if (!is_connect && !is_finalizer && call->flags & OP_DROPPED) return;
    if (graph_is_spent_at_once(f, ref.op)) return;
    check(c, &site);
}

/* ---- containers ---- */

static void check_store(RuleContext *c, const WeakStore *s) {
    if (s->is_inner || s->is_handed_back) return;
    Site site = {.op = {s->file, s->op},
                 .holder = s->name,
                 .value = s->kind == WEAK_KEYS ? s->key : s->value,
                 .is_container = true,
                 .function = s->function};
    if (site.value.i) check(c, &site);
}

static void check_container(RuleContext *c, ContainerId id) {
    WeakStore *stores;
    u32 n = graph_weak_stores(c->graph, id, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) check_store(c, &stores[i]);
}

static void check_class(RuleContext *c, ClassId id) {
    WeakStore *stores;
    u32 n = graph_weak_attribute_stores(c->graph, id, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) check_store(c, &stores[i]);
}

static const char *const callees[] = {"weakref.ref",
                                      "weakref.ReferenceType",
                                      "weakref.proxy",
                                      "weakref.KeyedRef",
                                      "weakref.finalize",
                                      ".connect",
                                      NULL};

const Rule rule_lmp213 = {
    .code = "LMP213",
    .name = "weak-reference-to-temporary",
    .summary = "a weak reference to something that nobody else holds is dead at once",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_class = check_class,
    .on_container = check_container,
};
