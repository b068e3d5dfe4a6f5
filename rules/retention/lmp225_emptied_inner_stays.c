/* ## What it does
 * Reports a mapping of sets, lists or dicts whose members are removed one by one while the entry
 * itself stays: `rooms[room].discard(user)`, with nothing that ever deletes `rooms[room]`. A count
 * under each key (`running[job] += 1`, `running[job] -= 1`) is the same: at zero the entry stays.
 *
 * ## Why it leaks
 * The removal is at the inner level, the growth at the outer one. When the last member has gone the
 * key stays, with an empty container of some 60 to 220 bytes, for every room, topic or connection
 * that there ever was.
 *
 * ## Example
 * ```python bad
 * WATCHERS = {}
 *
 *
 * def watch(request, callback):
 *     WATCHERS.setdefault(request.id, set()).add(callback)
 *
 *
 * def unwatch(request, callback):
 *     WATCHERS[request.id].discard(callback)
 * ```
 *
 * Every request leaves an empty set. Delete the entry with its last member:
 *
 * ```python good
 * WATCHERS = {}
 *
 *
 * def watch(request, callback):
 *     WATCHERS.setdefault(request.id, set()).add(callback)
 *
 *
 * def unwatch(request, callback):
 *     watchers = WATCHERS[request.id]
 *     watchers.discard(callback)
 *     if not watchers:
 *         del WATCHERS[request.id]
 * ```
 *
 * ## When it is silent
 * - Something removes entries of the outer mapping, empties it, or binds another one to its name;
 *   or its length is compared.
 * - The keys form a closed set: constants, Enum members, types.
 * - Nothing is removed from the inner containers (LMP201 speaks then), or the inner values are no
 *   containers.
 *
 * Keys that need not be many (names of events, of topics, whatever callbacks are sorted by,
 * classes, and what is asked for by a class elsewhere) are reported at low confidence: that is how
 * emitters are written; so are tables of an object that its maker uses up. Identities, objects of
 * one request, connection or task, and what a client sends are not few; identities alone are, in an
 * attribute of an object that is not known to be long-lived.
 *
 * ## What it misses
 * Removals at two levels of which the outer one never runs.
 *
 * ## How to confirm
 * Add and remove a member under a hundred keys, and look at the length of the outer mapping.
 *
 * ## References
 * - Python documentation, `dict.setdefault` and `collections.defaultdict`: both insert
 */
#include "rule/rule.h"

enum { MANY = SHAPE_ID | SHAPE_REQUEST | SHAPE_TASK | SHAPE_SELF | SHAPE_EXCEPTION | SHAPE_SENT };

/* `table[key] += 1` and `table[key] -= 1`, where the table makes the entry that is missing. */
static bool is_counted(RuleContext *c, const Change *change, u32 operation) {
    const Op *op = facts_op(graph_facts(c->graph, change->file), change->op);
    return op->kind == OP_AUGMENT && (op->flags & OP_LOW) == operation && change->key.i &&
           !change->level && change->kind == CHANGE_ADDED;
}

static bool is_mapping(const Holding *h) {
    return h->kind == CONTAINER_DICT || h->kind == CONTAINER_DEFAULTDICT ||
           h->kind == CONTAINER_ORDERED_DICT || h->kind == CONTAINER_COUNTER;
}

/* `list(range(255))`: what is taken out of it are numbers that are free, and it begins full. */
static bool is_stock(RuleContext *c, u32 file, PathId value) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[value.i];
    const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!call || call->kind != OP_CALL || call->operands != 1) return false;
    const Path *of = &f->paths[op_operand(f, call, 0).i];
    return of->kind == PATH_OP && f->ops[of->id].kind == OP_CALL &&
           str_is(graph_name_of(c->graph, file, op_path(&f->ops[of->id])), "builtins.range");
}

/* `table[key] = set()`, `table.setdefault(key, [])`, a read of a defaultdict. */
static bool adds_inner(RuleContext *c, const Holding *h, const Change *change) {
    if (change->kind != CHANGE_ADDED || change->level || change->overwrites || !change->key.i)
        return false;
    if (change->how_often < RUNS_PER_INSTANCE) return false;
    if (is_counted(c, change, OPERATOR_ADD)) return true;
    if (is_counted(c, change, OPERATOR_SUB)) return false;
    if (str_is(change->how, "[…]")) return h->kind == CONTAINER_DEFAULTDICT;
    PathId value = graph_alias_of(c->graph, change->file, change->value);
    if (is_stock(c, change->file, value)) return false;
    return graph_made_kind(c->graph, change->file, value) != CONTAINER_OTHER;
}

static bool is_member_removal(const Change *change) {
    return change->kind == CHANGE_REMOVED && change->level == 1 && !str_is(change->how, "clear") &&
           !str_starts(change->how, "[");
}

/* `close`, `stop` …: the life of the owner ends. */
static bool is_ending(RuleContext *c, ScopeRef function) {
    static const char *const NAMES[] = {"close",    "aclose",   "stop",    "shutdown", "dispose",
                                        "teardown", "__exit__", "destroy", "__aexit__"};
    if (scope_is_none(function)) return false;
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* What subscribers are sorted by is the name of an event, or the kind of what happens. */
static bool is_event(RuleContext *c, const Change *change) {
    Str key = rule_key_text(c, change->file, change->key);
    return str_ends(key, "event") || str_ends(key, "message") ||
           know_is_kind_name(str_after_last(key, '.'));
}

typedef struct Levels {
    const Change *added, *removed;
    u32 shape;     /* of the keys of the addition */
    bool is_count; /* numbers, which go back to zero */
    bool is_emptied_at_end;
} Levels;

static PathId member_of(const Change *change) {
    return change->value.i ? change->value : change->key;
}

/* What the function takes out of one entry it puts into another: a member that moves (LMP202). */
static bool is_move(const Holding *h, const Change *removal) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *c = &h->changes[i];
        bool is_beside =
            c->file == removal->file && c->function.scope.i == removal->function.scope.i;
        if (c->kind == CHANGE_ADDED && c->level == 1 && is_beside && member_of(removal).i &&
            member_of(c).i == member_of(removal).i)
            return true;
    }
    return false;
}

/* False when something takes outer entries out, or bounds them. */
static bool find_levels(RuleContext *c, const Holding *h, Levels *out) {
    bool counts_up = false;
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (change->kind == CHANGE_MEASURED && !change->level) return false;
        if (change->kind == CHANGE_EMPTIED && is_ending(c, change->function))
            out->is_emptied_at_end = true;
        else if (change_removes(change, 0))
            return false;
        bool is_count = is_counted(c, change, OPERATOR_SUB);
        if (!out->removed && (is_count || is_member_removal(change))) {
            out->removed = change;
            out->is_count = is_count;
        }
        if (is_counted(c, change, OPERATOR_ADD)) counts_up = true;
        if (!adds_inner(c, h, change)) continue;
        u32 shape = graph_shape(c->graph, change->file, change->key);
        if (is_event(c, change)) shape &= ~(u32)SHAPE_REQUEST;
        if (graph_is_sent_key(c->graph, (OpRef){change->file, change->op}, change->key))
            shape |= SHAPE_SENT;
        if (graph_is_lasting_number(c->graph, change->file, change->key)) shape &= ~(u32)SHAPE_ID;
        if (out->added && !(shape & MANY & ~out->shape)) continue;
        out->added = change;
        out->shape = shape;
    }
    if (out->removed && is_move(h, out->removed)) out->shape &= ~(u32)SHAPE_SENT;
    return out->added && out->removed && (!out->is_count || counts_up);
}

/* `receivers[type(message)]`, `receivers[message.__class__]` elsewhere: all keys are classes. */
static bool is_by_class(RuleContext *c, const Holding *h) {
    for (u32 i = 0; i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        if (!change->level && change->key.i && change->kind != CHANGE_HANDED_OUT &&
            graph_shape(c->graph, change->file, change->key) == SHAPE_CLOSED)
            return true;
    }
    return false;
}

/* The members are callbacks, and keys that are no identities are names of what they wait for. */
static bool is_of_listeners(RuleContext *c, const Levels *l) {
    const Change *gone = l->removed;
    PathId member = member_of(gone);
    bool is_code = graph_shape(c->graph, gone->file, member) & SHAPE_FUNCTION ||
                   graph_is_code_name(c->graph, gone->file, member);
    return is_code && !(l->shape & (SHAPE_ID | SHAPE_TASK | SHAPE_SELF));
}

static Confidence confidence_of(RuleContext *c, const Holding *h, const Levels *l) {
    if (is_of_listeners(c, l) || is_by_class(c, h)) return CONFIDENCE_LOW;
    if (!(l->shape & MANY) || h->is_cut || h->is_removed_by_name) return CONFIDENCE_LOW;
    if (l->is_emptied_at_end) return h->is_lasting ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    /* of accounts and plans there are few in the life of one object */
    if (!h->is_lasting && graph_is_used_up_soon(c->graph, h->owner)) return CONFIDENCE_LOW;
    if (!h->is_lasting)
        return l->shape & MANY & ~(u32)SHAPE_ID ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    bool is_proven = l->shape & MANY & ~(u32)SHAPE_SENT;
    return is_proven && graph_is_driven(c->graph, l->added->function) ? CONFIDENCE_HIGH
                                                                      : CONFIDENCE_MEDIUM;
}

static void report(RuleContext *c, const Holding *h, const Levels *l) {
    Str key = rule_key_text(c, l->added->file, l->added->key);
    Finding *f =
        rule_report_held(c, h, (OpRef){l->removed->file, l->removed->op}, l->removed->function);
    f->confidence = confidence_of(c, h, l);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->message = rule_text(c, "'%.*s' keeps the entry of every '%.*s' alive %.*s: %s",
                           STR_ARG(h->name), STR_ARG(key), STR_ARG(rule_holder_end(h)),
                           l->is_count ? "it is counted down, and stays when it is zero"
                                       : "its members are removed, and it is not");
    rule_step_holder(c, f, h);
    rule_step_change(c, f, STEP_EDGE, l->added, STR("an entry is added here, none is removed"));
    f->steps.v[f->steps.n - 1].suspect = true;
    Span span = facts_op(graph_facts(c->graph, l->added->file), l->added->op)->span;
    rule_step(c, f, STEP_NODE, l->is_count ? STR("count") : STR("inner container"), (Str){0},
              l->added->file, span);
    rule_step_change(c, f, STEP_NOTE, l->removed,
                     l->is_count ? STR("counts down only") : STR("removes a member only"));
    f->help = l->is_count ? STR("delete the entry at zero: `if not counts[key]: del counts[key]`")
                          : STR("delete the entry when its last member has gone: `if not inner: "
                                "del outer[key]`");
    f->confirm = rule_text(c, "`len()` of '%.*s' after 100 keys came and went", STR_ARG(h->name));
}

static void check(RuleContext *c, const Holding *h) {
    Levels levels = {0};
    if (is_mapping(h) && find_levels(c, h, &levels)) report(c, h, &levels);
}

const Rule rule_lmp225 = {
    .code = "LMP225",
    .name = "emptied-inner-stays",
    .summary = "members are removed from inner containers, and the emptied entries stay",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_holding = check,
};
