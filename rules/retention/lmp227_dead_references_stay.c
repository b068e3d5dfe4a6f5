/* ## What it does
 * Reports a list, set or dict of weak references (`weakref.ref`, `weakref.WeakMethod`) from which
 * nothing ever takes the dead ones out.
 *
 * ## Why it leaks
 * The objects die, as they should; the references to them stay. Each call adds one, and everything
 * that walks through the list gets slower with each object that there ever was.
 *
 * ## Example
 * ```python bad
 * import weakref
 *
 * VIEWS = []
 *
 *
 * def make_view(buffer):
 *     view = buffer.view()
 *     VIEWS.append(weakref.ref(view))
 *     return view
 * ```
 *
 * The references of dead views are never removed. A `WeakSet` removes them by itself:
 *
 * ```python good
 * import weakref
 *
 * VIEWS = weakref.WeakSet()
 *
 *
 * def make_view(buffer):
 *     view = buffer.view()
 *     VIEWS.add(view)
 *     return view
 * ```
 *
 * ## When it is silent
 * - Something removes single elements, or binds what is left of them to the name: `[r for r in refs
 *   if r() is not None]`, a list of those that are alive; or the length is compared.
 * - The reference has a callback, which is there to remove it.
 * - `WeakSet`, `WeakValueDictionary` and their kin.
 * - A dict with constant keys, or one reference for each object that owns the list.
 *
 * That all of it is emptied at some event, as by `reset()`, does not help in between, and is
 * reported where the list lives as long as the process. At low confidence: lists that are returned
 * or handed to other code, dicts by name, and what a private method adds to a list of its own
 * object.
 *
 * ## What it misses
 * References that are an attribute of the element, and lists that a helper fills.
 *
 * ## How to confirm
 * Add a hundred objects, drop them, and look at the length.
 *
 * ## References
 * - Python documentation, `weakref.ref`: the callback; `weakref.WeakSet`
 * - vispy: views of a buffer (e6142bd); redis-py: callbacks of connections (#2870)
 */
#include "rule/rule.h"

/* `weakref.ref(x)` and its kin without a callback, through locals and choices, also in a tuple. */
static bool is_plain_reference(RuleContext *c, u32 file, PathId value, u32 depth) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[graph_alias_of(c->graph, file, value).i];
    if (p->kind != PATH_OP || !depth) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_CHOICE) {
        for (u32 i = 0; i < op->operands; i++)
            if (!is_plain_reference(c, file, op_operand(f, op, i), depth - 1)) return false;
        return op->operands > 0;
    }
    if (op->kind == OP_TUPLE) { /* `(weakref.ref(target), name)` */
        for (u32 i = 0; i < op->operands; i++)
            if (is_plain_reference(c, file, op_operand(f, op, i), depth - 1)) return true;
        return false;
    }
    if (op->kind != OP_CALL) return false;
    Str name = graph_name_of(c->graph, file, op_path(op));
    bool is_reference = str_is(name, "weakref.ref") || str_is(name, "weakref.ReferenceType") ||
                        str_is(name, "weakref.WeakMethod");
    const Path *callback = &f->paths[call_argument(f, op, 1, "callback").i];
    bool has_callback = callback->kind != PATH_NONE &&
                        !(callback->kind == PATH_LITERAL && callback->flags == LITERAL_NONE);
    return is_reference && !has_callback;
}

/* Once for each owner: `def __init__(self, parent): self.parents.append(weakref.ref(parent))`. */
static bool is_in_constructor(RuleContext *c, const Holding *h, const Change *change) {
    if (h->is_lasting || change->by_other || scope_is_none(change->function)) return false;
    Str name = str_after_last(graph_scope_name(c->graph, change->function), '.');
    return str_is(name, "__init__") || str_is(name, "__post_init__");
}

static bool adds_reference(RuleContext *c, const Holding *h, const Change *change) {
    if (change->kind != CHANGE_ADDED || change->level || change->overwrites) return false;
    if (change->how_often < RUNS_PER_INSTANCE || is_in_constructor(c, h, change)) return false;
    return is_plain_reference(c, change->file, change->value, 3);
}

typedef struct Found {
    const Change *added;
    bool is_emptied;
} Found;

/* `self.refs = alive`, where the list was made of those that are not dead. */
static bool is_rebuilt(RuleContext *c, const Change *change) {
    const Facts *f = graph_facts(c->graph, change->file);
    const Op *op = facts_op(f, change->op);
    const Path *value = &f->paths[bound_value(f, op).i];
    bool is_store = op->kind == OP_STORE || op->kind == OP_BIND;
    return is_store && value->kind == PATH_SYMBOL && facts_root_symbol(f, bound_value(f, op)).i;
}

/* False when something takes single elements out. */
static bool find_references(RuleContext *c, const Holding *h, Found *out) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (change->kind == CHANGE_EMPTIED && is_rebuilt(c, change)) return false;
        if (change->kind == CHANGE_EMPTIED)
            out->is_emptied = true;
        else if (change_removes(change, 0) || change->kind == CHANGE_MEASURED)
            return false;
        if (!out->added && adds_reference(c, h, change)) out->added = change;
    }
    return out->added != NULL;
}

/* `def _add_head(self)`: how often it adds is the object's own affair. */
static bool is_private(RuleContext *c, const Change *change) {
    Str name = str_after_last(graph_scope_name(c->graph, change->function), '.');
    return str_starts(name, "_") && !str_ends(name, "__");
}

static Confidence confidence_of(RuleContext *c, const Holding *h, const Found *found) {
    const Change *a = found->added;
    bool is_mapped = a->key.i && a->value.i && h->kind != CONTAINER_LIST;
    bool is_many = graph_shape(c->graph, a->file, a->key) & (SHAPE_ID | SHAPE_REQUEST) &&
                   !graph_identity_of(c->graph, (KeyRef){a->file, a->key}).i;
    if (h->is_cut || (is_mapped && !is_many)) return CONFIDENCE_LOW;
    if (!h->is_lasting) return is_private(c, a) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    if (found->is_emptied) return CONFIDENCE_MEDIUM;
    return graph_is_driven(c->graph, a->function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void report(RuleContext *c, const Holding *h, const Found *found) {
    const Change *added = found->added;
    Str end = found->is_emptied ? STR("until all of it is emptied") : rule_holder_end(h);
    Finding *f = rule_report_held(c, h, (OpRef){added->file, added->op}, added->function);
    f->confidence = confidence_of(c, h, found);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message = rule_text(
        c, "'%.*s' keeps weak references of dead objects alive %.*s: none is ever taken out",
        STR_ARG(h->name), STR_ARG(end));
    rule_step_holder(c, f, h);
    rule_step_change(c, f, STEP_EDGE, added, STR("added here; no removal of single ones is seen"));
    f->steps.v[f->steps.n - 1].suspect = true;
    Span span = facts_op(graph_facts(c->graph, added->file), added->op)->span;
    rule_step(c, f, STEP_NODE, STR("weak reference"), STR("stays when its object has died"),
              added->file, span);
    bool is_mapped = h->kind == CONTAINER_DICT || h->kind == CONTAINER_DEFAULTDICT;
    f->help = is_mapped ? STR("use a `weakref.WeakValueDictionary`, which drops its dead entries")
                        : STR("use a `weakref.WeakSet`, or drop the dead ones when one is added: "
                              "`refs[:] = [r for r in refs if r() is not None]`");
    f->confirm = rule_text(c, "`len()` of '%.*s' after 100 objects were added and have died",
                           STR_ARG(h->name));
}

static void check(RuleContext *c, const Holding *h) {
    Found found = {0};
    if (h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED) return;
    if (find_references(c, h, &found)) report(c, h, &found);
}

const Rule rule_lmp227 = {
    .code = "LMP227",
    .name = "dead-references-stay",
    .summary = "a list or dict of weak references is never rid of the dead ones",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
