/* ## What it does
 * Reports a mapping or set that lives as long as the process, is keyed by `id(obj)`, and never
 * loses an entry.
 *
 * ## Why it leaks
 * `id()` is the address of an object, and the address of a dead object is used again. The table
 * then answers for an object that it has never seen: a cache returns the result of another object,
 * a set of those that are done skips a new one. Where the value holds the object the address stays
 * taken and the answers are right, but no object that was ever entered is freed.
 *
 * ## Example
 * ```python bad
 * SIZES = {}
 *
 *
 * def size_of(document):
 *     key = id(document)
 *     if key not in SIZES:
 *         SIZES[key] = sum(len(page) for page in document.pages)
 *     return SIZES[key]
 * ```
 *
 * A new document can be made where an old one was, and has its size. Let the entry die with its
 * object:
 *
 * ```python good
 * import weakref
 *
 * SIZES = weakref.WeakKeyDictionary()
 *
 *
 * def size_of(document):
 *     if document not in SIZES:
 *         SIZES[document] = sum(len(page) for page in document.pages)
 *     return SIZES[document]
 * ```
 *
 * ## When it is silent
 * - Something removes from it: `del`, `pop`, `clear`, a callback of `weakref.ref` or
 *   `weakref.finalize`, a `finally` (guards against recursion); or its length is compared.
 * - The value holds a weak reference to the object, which tells whether it is still that one.
 * - The object is a class, a function of a module, or a module: these do not die.
 * - It is filled only while modules are imported, or by a function with a cache, which keeps its
 *   results.
 *
 * At low confidence: values that code which is not seen makes out of the object
 * (`client.register_script(text)`), since they may hold it; modules and code by their names; keys
 * with another part that is read from the object (`(id(conn), conn.number())`), which tells it from
 * the next. An entry that holds the owner of the object (`app` of `app.router`, which nothing but
 * constructors sets) holds the object.
 * Tables in attributes of objects that are not known to be long-lived (memos of visitors and
 * picklers) are reported at low confidence; so are those in which every constructor enters its
 * object anew.
 *
 * ## What it misses
 * Objects that something else keeps alive as long as the table: then nothing is wrong.
 *
 * ## How to confirm
 * Enter an object, drop it, make others like it until one has the same `id()`, and look it up.
 *
 * ## References
 * - Python documentation, `id`: "Two objects with non-overlapping lifetimes may have the same id()
 *   value"
 */
#include "rule/rule.h"

/* Never dies, or is as many as the source has. */
static bool is_immortal(RuleContext *c, KeyRef object) {
    u32 shape = graph_shape(c->graph, object.file, object.path);
    return shape & SHAPE_CLOSED || (shape && !(shape & ~(u32)SHAPE_CONSTANT)) ||
           !scope_is_none(graph_definition_of(c->graph, object.file, object.path));
}

/* An instance that `__del__` puts there: LMP108 speaks; an exception: LMP106. */
static bool is_told_by_others(RuleContext *c, const Holding *h, const Change *change) {
    if (graph_is_in_finalizer(c->graph, change->function)) return true;
    const Container *container = graph_container(c->graph, h->container);
    for (u32 i = 0; h->is_lasting && i < container->n_uses; i++) {
        const Use *use = &container->uses[i];
        Str what;
        Confidence sure;
        if (use->file == change->file && use->op.i == change->op.i && use->kind == USE_GROW)
            return graph_is_revival(c->graph, use) || rule_keeps_exceptions(c, use, &what, &sure);
    }
    return false;
}

static Carry held_by(RuleContext *c, u32 file, PathId value, PathId *of) {
    Carry held = graph_carries(c->graph, file, value, *of);
    if (held.kind != CARRY_NOTHING && held.kind != CARRY_OWNER) return held;
    return graph_carries_owner(c->graph, file, value, *of, of);
}

/* How the value holds the object, or its owner, which is then what *of becomes. Of `made =
 * table.get(key)`, `if made is None: made = {"of": thing}`, `table[key] = made` the last counts. */
static Carry held_by_value(RuleContext *c, const Change *change, PathId *of) {
    const Facts *f = graph_facts(c->graph, change->file);
    const Path *value = &f->paths[change->value.i];
    const Scope *scope = &f->scopes[change->function.scope.i];
    Carry held = held_by(c, change->file, change->value, of);
    if (held.kind != CARRY_NOTHING || value->kind != PATH_SYMBOL || scope_is_none(change->function))
        return held;
    SymbolId local = facts_root_symbol(f, change->value);
    const Op *bind = facts_bind_before(f, scope, local, change->op.i);
    return bind ? held_by(c, change->file, bound_value(f, bind), of) : held;
}

/* The addition that has most to say: one whose value holds the object. */
static const Change *find_addition(RuleContext *c, const Holding *h, PathId *object, Carry *carry) {
    const Change *best = NULL;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (change_removes(change, 0) || change->kind == CHANGE_MEASURED) return NULL;
        if (change->kind != CHANGE_ADDED || change->level) continue;
        PathId of = graph_identity_of(c->graph, (KeyRef){change->file, change_key(h, change)});
        if (!of.i || change->how_often < RUNS_PER_CALL || is_told_by_others(c, h, change)) continue;
        if (is_immortal(c, (KeyRef){change->file, of})) continue;
        if (graph_is_memoised(c->graph, change->function)) continue; /* its result never dies */
        bool is_mapped = change->key.i && change->value.i;
        if (is_mapped && graph_shape(c->graph, change->file, change->value) & SHAPE_WEAK)
            return NULL;
        Carry held = is_mapped ? held_by_value(c, change, &of) : (Carry){.kind = CARRY_NOTHING};
        if (best && (held.kind == CARRY_NOTHING || carry->kind != CARRY_NOTHING)) continue;
        best = change;
        *object = of;
        *carry = held;
    }
    return best;
}

/* `id(module)`, `id(func.__code__)`: as many as the source has, and they seldom die. */
static bool is_code(RuleContext *c, u32 file, PathId object) {
    static const char *const NAMES[] = {"cls", "code",   "code_object", "codeobject", "klass",
                                        "mod", "module", "__class__",   "__code__"};
    const Facts *f = graph_facts(c->graph, file);
    Str last = facts_last_name(f, graph_alias_of(c->graph, file, object));
    return str_is_any(last, NAMES, ARRAY_LEN(NAMES));
}

/* Each constructor writes the entry of its own object: no new one finds what an old one left. */
static bool is_entered_anew(RuleContext *c, const Change *added, PathId object) {
    if (scope_is_none(added->function)) return false;
    const Facts *f = graph_facts(c->graph, added->file);
    const Scope *scope = &f->scopes[added->function.scope.i];
    const Op *op = facts_op(f, added->op);
    return graph_method_class(c->graph, added->function).i && op->kind == OP_STORE &&
           str_is(facts_str(f, scope->name), "__init__") &&
           f->regions[op->region.i].kind == REGION_BODY && scope->param_first < scope->param_end &&
           facts_root_symbol(f, object).i == f->params[scope->param_first].symbol.i;
}

static Confidence confidence_of(RuleContext *c, const Holding *h, const Change *added,
                                PathId object) {
    if (!h->is_lasting || h->is_cut || h->is_removed_by_name) return CONFIDENCE_LOW;
    if (is_code(c, added->file, object)) return CONFIDENCE_LOW;
    return graph_is_driven(c->graph, added->function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

/* What the table does wrong. Of a key with more in it than an `id()` the whole is named. */
static Str message_of(RuleContext *c, const Holding *h, const Change *added, Str text,
                      CarryKind held) {
    PathId key = graph_alias_of(c->graph, added->file, change_key(h, added));
    Str whole = rule_key_text(c, added->file, key), under = STR("its own 'id()'"), tail = {0};
    bool is_part = str_starts(whole, "(");
    if (is_part || held == CARRY_OWNER) under = rule_text(c, "'%.*s'", STR_ARG(whole));
    if (is_part) tail = rule_text(c, ": the key is '%.*s'", STR_ARG(whole));
    if (held == CARRY_NOTHING)
        return rule_text(c,
                         "'%.*s' answers for another object when '%.*s' has died and its 'id()' is "
                         "used again%.*s",
                         STR_ARG(h->name), STR_ARG(text), STR_ARG(tail));
    return rule_text(c,
                     "'%.*s' keeps '%.*s' alive %.*s: it is in the value under %.*s, and nothing "
                     "removes the entry",
                     STR_ARG(h->name), STR_ARG(text), STR_ARG(rule_holder_end(h)), STR_ARG(under));
}

/* What there is against it, beside the table itself. */
static Confidence most(RuleContext *c, const Holding *h, const Change *added, PathId object,
                       CarryKind held) {
    KeyRef key = {added->file, change_key(h, added)};
    if (held != CARRY_NOTHING) return CONFIDENCE_HIGH;
    bool is_doubtful = rule_is_made_of(c, h, added, object) || is_entered_anew(c, added, object) ||
                       graph_is_identity_checked(c->graph, key, object);
    return is_doubtful ? CONFIDENCE_LOW : CONFIDENCE_HIGH;
}

static void report(RuleContext *c, const Holding *h, const Change *added, PathId object,
                   CarryKind held) {
    Str text = rule_path_text(c, added->file, object);
    Finding *f = rule_report_held(c, h, (OpRef){added->file, added->op}, added->function);
    bool holds = held != CARRY_NOTHING;
    f->confidence = MIN(confidence_of(c, h, added, object), most(c, h, added, object, held));
    f->effect = holds ? EFFECT_NEVER_FREED : EFFECT_HAZARD;
    bool is_error = f->confidence == CONFIDENCE_HIGH && holds;
    f->severity = is_error ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message = message_of(c, h, added, text, held);
    rule_step_holder(c, f, h);
    rule_step_change(c, f, STEP_EDGE, added, STR("added here, never removed"));
    f->steps.v[f->steps.n - 1].suspect = true;
    Span span = facts_op(graph_facts(c->graph, added->file), added->op)->span;
    rule_step(c, f, STEP_NODE, holds ? text : STR("entry of a dead object"), (Str){0}, added->file,
              span);
    f->help = STR("use a `weakref.WeakKeyDictionary`, keep the value on the object, or remove the "
                  "entry with `weakref.finalize`");
    f->confirm = holds ? rule_text(c, "a weak reference to '%.*s' is alive after `gc.collect()`",
                                   STR_ARG(text))
                       : rule_text(c,
                                   "drop '%.*s' and make others until one has its `id()`: the "
                                   "old entry is found",
                                   STR_ARG(text));
}

static void check(RuleContext *c, const Holding *h) {
    PathId object = {0};
    Carry carry = {0};
    if (h->kind == CONTAINER_WEAK || h->kind == CONTAINER_BOUNDED || h->kind == CONTAINER_LIST)
        return;
    if (h->owner.i && graph_is_descriptor(c->graph, h->owner)) return; /* LMP214 */
    const Change *added = find_addition(c, h, &object, &carry);
    if (added) report(c, h, added, object, carry.kind);
}

const Rule rule_lmp221 = {
    .code = "LMP221",
    .name = "keyed-by-id",
    .summary = "a table that outlives its objects is keyed by `id()`, which is used again",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
