/* What several rules say of a long-lived container that grows. */
#include "rule/rule.h"

#include <assert.h>

/* operations from the making of a container to the name that it gets */
enum { NAMING_OPS = 8 };

const char *rule_holder_word(HolderKind kind) {
    static const char *const WORDS[] = {"attribute",
                                        "module global",
                                        "class attribute",
                                        "module instance's attribute",
                                        "function attribute",
                                        "default argument",
                                        "variable of a closure"};
    static_assert(ARRAY_LEN(WORDS) == HOLDER_CLOSURE + 1, "a word for each holder");
    return WORDS[kind];
}

/* `counts[request.id] = 1`: a number, a text or an empty container weighs less than its key. */
static bool is_light(RuleContext *c, const Use *use) {
    const Facts *f = graph_facts(c->graph, use->file);
    const Path *p = &f->paths[use->value.i];
    u32 light = SHAPE_CONSTANT | SHAPE_TEXT;
    if (p->kind == PATH_LITERAL) return true;
    if (graph_made_kind(c->graph, use->file, use->value) != CONTAINER_OTHER)
        return !f->ops[p->id].operands;
    return use->value_shape && !(use->value_shape & ~light) &&
           !graph_type_of(c->graph, use->file, use->value).i;
}

Str rule_use_object(RuleContext *c, const Use *use, ScopeRef *definition) {
    bool is_key = use->key.i && (!use->value.i || (!use->level && is_light(c, use)));
    PathId object = is_key ? use->key : use->value;
    ClassId class = object.i ? graph_type_of(c->graph, use->file, object) : (ClassId){0};
    if (class.i) {
        *definition = graph_class_scope(c->graph, class);
        const Facts *f = graph_facts(c->graph, definition->file);
        return facts_str(f, f->scopes[definition->scope.i].name);
    }
    Str text = rule_path_text(c, use->file, object);
    return text.n ? text : STR("element");
}

enum { SAME_STATEMENT = 8 }; /* operations between the parts of one */

/* `table[a][b] = x`: the first `[…]` makes the inner container that the statement fills. */
static bool is_stored_into(RuleContext *c, const Use *use) {
    const Facts *f = graph_facts(c->graph, use->file);
    const Op *load = facts_op(f, use->op);
    for (u32 o = use->op.i + 1; o < f->n_ops && o <= use->op.i + SAME_STATEMENT; o++) {
        const Op *op = &f->ops[o];
        const Path *p = &f->paths[op->subject];
        if (op->kind != OP_STORE && op->kind != OP_AUGMENT) continue;
        if (p->kind != PATH_ANY && p->kind != PATH_CONST) continue;
        const Path *inner = &f->paths[p->parent.i];
        bool is_it = inner->kind == PATH_OP ? inner->id == use->op.i : p->parent.i == load->subject;
        if (is_it) return true;
    }
    return false;
}

static Str edge_text(RuleContext *c, const Use *use) {
    Str key = use->key.i ? rule_path_text(c, use->file, use->key) : (Str){0};
    if (key.n && use->value.i) return rule_text(c, "[%.*s]", STR_ARG(key));
    if (str_is(use->how, "[…]") && is_stored_into(c, use))
        return rule_text(c, "[%.*s] (made for the store)", STR_ARG(key));
    if (str_is(use->how, "[…]")) return rule_text(c, "[%.*s] (a read that inserts)", STR_ARG(key));
    return rule_text(c, ".%.*s()", STR_ARG(use->how));
}

/* Why growth by such an object is serious. The object itself says more than the key, which may be
 * read from a name only. */
static Str shape_reason(RuleContext *c, u32 facts) {
    static const struct {
        u32 shape;
        const char *text;
    } REASONS[] = {{SHAPE_REQUEST, "an object of one request, message or connection"},
                   {SHAPE_TASK, "a task or thread"},
                   {SHAPE_EXCEPTION, "an exception with its traceback"},
                   {SHAPE_ID, "a key that does not repeat"},
                   {SHAPE_SELF, "the instance itself"},
                   {SHAPE_SERVED, "one for each request, message or job"},
                   {SHAPE_SENT, "one for each key that a client sends"},
                   {SHAPE_OPENED, "an open file or socket"}};
    for (u32 i = 0; i < ARRAY_LEN(REASONS); i++)
        if (facts & REASONS[i].shape) return str_from(REASONS[i].text);
    return rule_text(c, "plain growth");
}

/* `self.children.append(Child(self))` adds what holds the instance. */
static Str reason_of(RuleContext *c, const Growth *growth) {
    bool is_other = growth->facts & SHAPE_SELF && !graph_adds_self(c->graph, growth->site);
    if (!is_other) return shape_reason(c, growth->facts);
    u32 others = growth->facts & ~(u32)SHAPE_SELF;
    return others ? shape_reason(c, others) : STR("it holds the instance that adds it");
}

static bool is_mapping(ContainerKind kind) {
    return kind == CONTAINER_DICT || kind == CONTAINER_DEFAULTDICT ||
           kind == CONTAINER_ORDERED_DICT || kind == CONTAINER_COUNTER;
}

/* An object that the program can refer to weakly. */
static bool is_object(u32 shape) {
    return shape & (SHAPE_INSTANCE | SHAPE_SELF | SHAPE_REQUEST | SHAPE_TASK);
}

/* Values are compared by what they hold. */
static const char *const VALUES[] = {
    "builtins.bool", "builtins.bytes", "builtins.float", "builtins.frozenset", "builtins.int",
    "builtins.str",  "builtins.tuple", "typing.Tuple",   "typing.NamedTuple",  "uuid.UUID"};
/* No weak reference leads to these, but to a class that derives from one. */
static const char *const PLAIN[] = {"builtins.dict", "builtins.list", "typing.Dict", "typing.List"};

static bool is_value(Str canonical) {
    return str_is_any(canonical, VALUES, ARRAY_LEN(VALUES)) ||
           str_is_any(canonical, PLAIN, ARRAY_LEN(PLAIN));
}

/* Functions of the library that give such values. */
static bool gives_value(Str canonical) {
    static const char *const NAMES[] = {"builtins.ascii",  "builtins.format", "builtins.hash",
                                        "builtins.hex",    "builtins.id",     "builtins.len",
                                        "builtins.oct",    "builtins.repr",   "builtins.round",
                                        "builtins.sorted", "builtins.vars",   "builtins.zip"};
    return is_value(canonical) || str_is_any(canonical, NAMES, ARRAY_LEN(NAMES)) ||
           str_starts(canonical, "time.") || str_starts(canonical, "uuid.");
}

/* `"%s-%d".format(…)`, `name.lower()`, `uuid4().hex` by the method or attribute alone. */
static bool is_text_method(Str name) {
    static const char *const NAMES[] = {"decode", "encode", "format", "hex",   "hexdigest",
                                        "join",   "lower",  "split",  "strip", "upper"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* A display, arithmetic, or a call that gives a text or a number. */
static bool makes_value(RuleContext *c, u32 file, const Op *op) {
    switch ((OpKind)op->kind) {
    case OP_TUPLE:
    case OP_LIST:
    case OP_DICT:
    case OP_BINARY:
    case OP_COMPARE:
    case OP_NOT:
    case OP_FSTRING:
        return true;
    case OP_CALL:
        return gives_value(graph_name_of(c->graph, file, op_path(op))) ||
               is_text_method(facts_method(graph_facts(c->graph, file), op));
    default:
        return false;
    }
}

/* `task.id`, `package["task_id"]`, `user_name`: a text or a number by its name. */
static bool is_name_of_value(const Facts *f, PathId path) {
    static const char *const WORDS[] = {"hash", "host", "key", "name", "path", "token", "url"};
    const Path *p = &f->paths[path.i];
    Str name = facts_last_name(f, path);
    if (p->kind == PATH_CONST) name = facts_str(f, (StrId){p->id});
    if (is_text_method(name) || know_is_id_name(name)) return true;
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_ends(name, WORDS[i])) return true;
    return false;
}

bool rule_may_hold_weakly(RuleContext *c, u32 file, PathId path) {
    const Facts *f = graph_facts(c->graph, file);
    PathId alias = graph_alias_of(c->graph, file, path);
    const Path *p = &f->paths[alias.i];
    /* texts, numbers, and tuples of such */
    if (p->kind == PATH_LITERAL || graph_shape(c->graph, file, path) & SHAPE_TEXT) return false;
    if (p->kind == PATH_OP && makes_value(c, file, &f->ops[p->id])) return false;
    ClassId class = graph_type_of(c->graph, file, path);
    if (!class.i) return !is_name_of_value(f, alias) && !is_name_of_value(f, path);
    for (u32 i = 0; i < ARRAY_LEN(VALUES); i++)
        if (graph_is_subclass(c->graph, class, VALUES[i])) return false;
    return scope_is_none(graph_method(c->graph, class, "__eq__"));
}

/* The statement that gives the container its name: that makes it, or follows soon. */
static const Op *naming_of(const Facts *f, OpId made) {
    u32 end = MIN(f->n_ops, made.i + NAMING_OPS);
    for (u32 i = made.i; made.i && i < end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND && op->kind != OP_STORE) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (i == made.i || (value->kind == PATH_OP && value->id == made.i)) return op;
    }
    return NULL;
}

/* `self.jobs: dict[str, list[Job]] = {}`: is what stands there, key or value, such a value? */
static bool is_annotated_value(RuleContext *c, const Container *container, u32 index) {
    const Facts *f = graph_facts(c->graph, container->file);
    const Op *naming = naming_of(f, container->op);
    const Path *given = &f->paths[naming ? bound_annotation(f, naming).i : 0];
    const Op *form = given->kind == PATH_OP ? &f->ops[given->id] : NULL;
    if (!form || form->kind != OP_SUBSCRIPT || form->operands <= index) return false;
    PathId part = op_operand(f, form, index);
    const Path *p = &f->paths[part.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT) part = op_path(&f->ops[p->id]);
    return is_value(graph_name_of(c->graph, container->file, part));
}

Str rule_cache_help(bool is_weak) {
    if (!is_weak)
        return STR("bound it (`functools.lru_cache(maxsize=…)` on the function), or key it by "
                   "what repeats");
    return STR("bound it (`functools.lru_cache(maxsize=…)` on the function), key it by what "
               "repeats, or hold the key weakly (`weakref.WeakKeyDictionary`)");
}

static Str growth_help(RuleContext *c, const Container *container, const Use *use) {
    ContainerKind kind = container->kind;
    bool mapping = is_mapping(kind);
    bool key_is_object = is_object(use->key_shape), value_is_object = is_object(use->value_shape);
    PathId element = use->value.i ? use->value : use->key;
    /* what is further in is held by a list or the like */
    bool is_weak_key = key_is_object && !use->level && !is_annotated_value(c, container, 0) &&
                       rule_may_hold_weakly(c, use->file, use->key);
    bool is_weak = value_is_object && !use->level &&
                   !is_annotated_value(c, container, mapping ? 1 : 0) &&
                   rule_may_hold_weakly(c, use->file, element);
    if (str_is(use->how, "[…]") && !is_stored_into(c, use))
        return STR("read with `.get(key)`: `[key]` of a defaultdict inserts every key that is "
                   "asked for");
    if (use->value_shape & SHAPE_TASK && !mapping)
        return STR("`task.add_done_callback(tasks.discard)` on a set: it goes when it is done");
    if (mapping && is_weak_key && !value_is_object)
        return STR("use a `weakref.WeakKeyDictionary`: the entry goes with its key");
    if (mapping && use->membership_guard)
        return STR("bound it: `functools.lru_cache(maxsize=…)`, or `popitem()` above a length");
    if (mapping && use->value_shape & SHAPE_REQUEST)
        return STR("take the entry out in a `finally`, or in the `__exit__` of a context manager");
    if (mapping && is_weak)
        return STR("use a `weakref.WeakValueDictionary`, or `pop` the entry in a `finally`");
    if (mapping)
        return STR("`pop` the entry in a `finally` when its time is over, or bound the table");
    if (kind == CONTAINER_SET && is_weak)
        return STR("use a `weakref.WeakSet`, or `discard` the element when its work is done");
    if (kind == CONTAINER_SET) return STR("`discard` the element when its work is done");
    return STR("bound it (`collections.deque(maxlen=…)`), or remove the element when its work "
               "is done");
}

/* The name by which code speaks of the container: `_conns` of `mod.Pool._conns`. */
Str rule_container_name(const Container *container) {
    if (container->holder == HOLDER_DEFAULT) {
        Str inside = str_after_last(container->name, '(');
        return str_sub(inside, 0, (u32)MAX(str_find(inside, '='), 0));
    }
    return str_after_last(container->name, '.');
}

/* ` outside of 'load'` when that makes the container, and can do so again; else empty. */
static Str maker_text(RuleContext *c, const Container *container) {
    const Facts *f = graph_facts(c->graph, container->file);
    ScopeId s = f->regions[f->ops[container->op.i].region.i].scope;
    bool is_function = f->scopes[s.i].kind == SCOPE_FUNCTION;
    bool is_named = container->holder == HOLDER_GLOBAL || container->holder == HOLDER_SINGLETON;
    if (!is_function || !is_named || str_is(facts_str(f, f->scopes[s.i].name), "__init__"))
        return (Str){0};
    Str maker = graph_scope_name(c->graph, (ScopeRef){container->file, s});
    return rule_text(c, " outside of '%.*s'", STR_ARG(maker));
}

static Str searched_text(RuleContext *c, ContainerKind kind, Str name, Str but) {
    const char *ways = is_mapping(kind)        ? "pop, del, clear"
                       : kind == CONTAINER_SET ? "discard, pop, clear"
                       : kind == CONTAINER_LIST || kind == CONTAINER_DEQUE
                           ? "pop, remove, clear, del"
                           : "pop, remove, clear";
    u32 n = graph_file_count(c->graph);
    if (n == 1)
        return rule_text(c, "no %s or rebinding of '%.*s' in this file%.*s", ways, STR_ARG(name),
                         STR_ARG(but));
    return rule_text(c, "no %s or rebinding of '%.*s' in %u files%.*s", ways, STR_ARG(name), n,
                     STR_ARG(but));
}

void rule_searched_note(RuleContext *c, Finding *f, ContainerKind kind, Str name) {
    finding_step(c->arena, f,
                 (Step){.kind = STEP_NOTE, .text = searched_text(c, kind, name, (Str){0})});
}

static Str function_text(RuleContext *c, ScopeRef function, u32 file) {
    if (scope_is_none(function)) return graph_module_name(c->graph, file);
    return graph_scope_name(c->graph, function);
}

void rule_offered_note(RuleContext *c, Finding *f, const Growth *growth) {
    const Use *u = growth->offered;
    Str by = function_text(c, u->function, u->file);
    rule_note(c, f, rule_text(c, "'%.*s' empties it, and nothing calls that", STR_ARG(by)),
              (Str){0}, (OpRef){u->file, u->op});
}

void rule_expiry_note(RuleContext *c, Finding *f, const Growth *growth) {
    rule_note(c, f, STR("what is too old goes when it is asked for again"), (Str){0},
              (OpRef){growth->expiry->file, growth->expiry->op});
}

/* What was looked for, what is there and never runs, what another container of the class has. */
static void add_notes(RuleContext *c, Finding *f, const Container *container,
                      const Growth *growth) {
    const Use *idle = growth->idle_removal;
    Str name = rule_container_name(container);
    if (growth->offered)
        rule_offered_note(c, f, growth);
    else if (idle)
        rule_note(c, f,
                  rule_text(c, "'%.*s' removes from it, and nothing calls that",
                            STR_ARG(function_text(c, idle->function, idle->file))),
                  (Str){0}, (OpRef){idle->file, idle->op});
    else if (growth->moving)
        rule_note(c, f, STR("what is removed here is put back"), (Str){0},
                  (OpRef){growth->moving->file, growth->moving->op});
    else if (growth->expiry)
        rule_expiry_note(c, f, growth);
    else if (growth->emptied)
        rule_note(c, f, STR("emptied"), STR("all at once"),
                  (OpRef){growth->emptied->file, growth->emptied->op});
    else if (!growth->doomed_removal)
        finding_step(
            c->arena, f,
            (Step){.kind = STEP_NOTE,
                   .text = searched_text(c, container->kind, name, maker_text(c, container))});
    if (growth->sites > 1)
        finding_step(c->arena, f,
                     (Step){.kind = STEP_NOTE,
                            .text = rule_text(c, "it grows in %u places", growth->sites)});
    const Use *use = growth->site;
    AttributeUse add = {.file = use->file,
                        .op = use->op,
                        .key = use->key,
                        .value = use->value,
                        .function = use->function};
    if (container->owner.i) rule_sibling_note(c, f, container->owner, name, &add);
}

bool rule_sibling_note(RuleContext *c, Finding *f, ClassId class, Str name,
                       const AttributeUse *add) {
    Sibling s = graph_drained_sibling(c->graph, class, name, add);
    if (!s.name.n) return false;
    Str by = function_text(c, s.removal.function, s.removal.file);
    rule_note(
        c, f,
        rule_text(c, "'%.*s' of the same class is emptied by '%.*s'", STR_ARG(s.name), STR_ARG(by)),
        (Str){0}, (OpRef){s.removal.file, s.removal.op});
    return true;
}

static void add_evidence(RuleContext *c, Finding *f, const Container *container,
                         const Growth *growth, Str object, ScopeRef definition) {
    const Use *use = growth->site;
    const Facts *facts = graph_facts(c->graph, use->file);
    Str holder =
        rule_text(c, "%s %.*s", rule_holder_word(container->holder), STR_ARG(container->name));
    rule_step(c, f, STEP_NODE, holder, (Str){0}, container->file, container->definition);
    Str note = growth->doomed_removal ? STR("added here, removed in __del__ only")
               : growth->expiry       ? STR("added here")
                                      : STR("added here, never removed");
    rule_step(c, f, STEP_EDGE, edge_text(c, use), note, use->file, facts->ops[use->op.i].span);
    f->steps.v[f->steps.n - 1].suspect = true;
    bool known = !scope_is_none(definition);
    const Facts *home = known ? graph_facts(c->graph, definition.file) : facts;
    Span span = known ? home->scopes[definition.scope.i].name_span : facts->ops[use->op.i].span;
    rule_step(c, f, STEP_NODE, object, reason_of(c, growth), known ? definition.file : use->file,
              span);
    add_notes(c, f, container, growth);
}

bool rule_is_made_seldom(RuleContext *c, ScopeRef function) {
    if (scope_is_none(function)) return false;
    const Facts *f = graph_facts(c->graph, function.file);
    ClassId class = graph_method_class(c->graph, function);
    if (!class.i || !str_is(facts_str(f, f->scopes[function.scope.i].name), "__init__"))
        return false;
    if (!scope_is_none(graph_method(c->graph, class, "__new__")))
        return false; /* again and again */
    MadeHow making = graph_instances(c->graph, class).making;
    return making == MADE_ONCE || making == MADE_MAYBE;
}

/* `for pk in nodes: addresses[pk]`: a read inserts nothing but empty entries for what is there. */
static bool is_looked_up_in_loop(RuleContext *c, const Container *container, const Use *use) {
    for (u32 i = 0; i < container->n_uses; i++) {
        const Use *u = &container->uses[i];
        bool is_here = u->file == use->file && u->function.scope.i == use->function.scope.i;
        if (is_here && u->kind == USE_GROW && u->level) return false;
    }
    return str_is(use->how, "[…]") && use->key_shape & SHAPE_ROUND && !is_stored_into(c, use);
}

/* `_blacklist`, `BANNED_HOSTS`: by its name it is there to remember. */
static bool is_meant_to_last(Str name) {
    static const char *const WORDS[] = {"allowlist", "banned",  "blacklist", "blocklist",
                                        "denylist",  "ignored", "whitelist"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_contains_word(name, WORDS[i])) return true;
    return false;
}

/* `receivers[type(message)]` elsewhere: all keys are classes. */
static bool is_keyed_by_class(const Container *container) {
    for (u32 i = 0; i < container->n_uses; i++) {
        const Use *use = &container->uses[i];
        if (use->kind == USE_GROW && !use->level && use->key.i && use->key_shape == SHAPE_CLOSED)
            return true;
    }
    return false;
}

static Confidence confidence_of(RuleContext *c, const Container *container, const Growth *growth) {
    if (!growth->facts || growth->escapes || container->is_unsure) return CONFIDENCE_LOW;
    if (growth->is_of_start || growth->is_idle) return CONFIDENCE_LOW;
    if (rule_is_made_seldom(c, growth->site->function)) return CONFIDENCE_LOW;
    if (is_meant_to_last(rule_container_name(container))) return CONFIDENCE_LOW;
    if (is_keyed_by_class(container)) return CONFIDENCE_LOW;
    if (is_looked_up_in_loop(c, container, growth->site)) return CONFIDENCE_LOW;
    if (growth->offered) return rule_offered_confidence(c, growth);
    if (growth->expiry && !(growth->facts & SHAPE_SENT)) return CONFIDENCE_LOW; /* keys come back */
    if (growth->idle_removal || growth->moving) return CONFIDENCE_MEDIUM;
    if (rule_is_of_open_keys(growth)) return CONFIDENCE_MEDIUM;
    if (growth->facts == SHAPE_REQUEST && graph_is_request_by_name(c->graph, growth->site))
        return CONFIDENCE_MEDIUM;
    return growth->by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

bool rule_is_of_open_keys(const Growth *growth) {
    return !(growth->facts & ~(u32)(SHAPE_SENT | SHAPE_OPENED));
}

Confidence rule_offered_confidence(RuleContext *c, const Growth *growth) {
    u32 from_outside = SHAPE_ID | SHAPE_REQUEST | SHAPE_SERVED | SHAPE_SENT;
    bool is_shown = growth->facts & from_outside && growth->by_callers &&
                    graph_is_called_by_others(c->graph, growth->site->function);
    return is_shown ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* How to reach the container from outside. */
static Str measured_text(RuleContext *c, const Container *container) {
    if (container->holder == HOLDER_DEFAULT)
        return rule_text(c, "%.*s.__defaults__",
                         STR_ARG(graph_scope_name(c->graph, container->function)));
    if (container->holder == HOLDER_CLOSURE) return rule_container_name(container);
    return container->name;
}

const char *rule_growth_end(const Growth *growth) {
    if (growth->offered) return "and nothing calls what empties it";
    if (growth->idle_removal) return "and nothing calls what removes it";
    if (growth->expiry) return "and none goes that is not asked for again";
    return growth->moving ? "and what removes it puts it back" : "none removed";
}

/* No other rule says more of it. */
static bool speaks_of_growth(RuleContext *c, ContainerId id, const Growth *growth) {
    OpRef removal;
    if (graph_doomed_growth(c->graph, id, growth, &removal)) return false; /* LMP109 speaks */
    if (graph_is_revival(c->graph, growth->site)) return false;            /* LMP108 speaks */
    const Use *use = growth->site;
    if (use->key.i && graph_is_reused_identity(c->graph, use->file, use->key) &&
        graph_thread_identity(c->graph, use->file, use->key).n)
        return false; /* LMP220 speaks */
    Str what;
    Confidence sure;
    return growth->moving || !rule_keeps_exceptions(c, growth->site, &what, &sure); /* LMP106 */
}

bool rule_growth(RuleContext *c, ContainerId id, Growth *growth) {
    const Container *container = graph_container(c->graph, id);
    *growth = graph_growth(c->graph, id);
    if (growth->verdict != VERDICT_GROWS || container->kind == CONTAINER_QUEUE) return false;
    return speaks_of_growth(c, id, growth);
}

bool rule_growth_offered(RuleContext *c, ContainerId id, Growth *growth) {
    if (rule_growth(c, id, growth)) return true;
    if (!growth->offered || graph_container(c->graph, id)->kind == CONTAINER_QUEUE) return false;
    return speaks_of_growth(c, id, growth);
}

Finding *rule_report_growth(RuleContext *c, const Container *container, const Growth *growth) {
    const Use *use = growth->site;
    const Facts *facts = graph_facts(c->graph, use->file);
    ScopeRef definition = {0};
    Str object = rule_use_object(c, use, &definition);
    Str function = function_text(c, use->function, use->file);
    Finding *f = rule_report(c, use->file, facts->ops[use->op.i].span, use->function);
    f->container = graph_place(c->graph, container->file, container->definition);
    f->has_container = true;
    f->confidence = confidence_of(c, container, growth);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = container->name;
    PathId element = use->admits_once ? use->key.i ? use->key : use->value : (PathId){0};
    Str added = element.i ? rule_path_text(c, use->file, element) : (Str){0};
    Str when = added.n ? rule_text(c, "new '%.*s'", STR_ARG(added))
                       : rule_text(c, "call of '%.*s'", STR_ARG(function));
    f->message = rule_text(c, "'%.*s' keeps '%.*s' alive until the process ends: one per %.*s, %s",
                           STR_ARG(container->name), STR_ARG(object), STR_ARG(when),
                           rule_growth_end(growth));
    f->help = growth->doomed_removal
                  ? STR("remove the entry where its life ends (`finally`, `close`): `__del__` "
                        "cannot run while it is held")
              : growth->expiry ? STR(RULE_EXPIRY_HELP)
                               : growth_help(c, container, use);
    Str each = added.n ? rule_text(c, ", each with another `%.*s`", STR_ARG(added)) : (Str){0};
    f->confirm = rule_text(c, "`len(%.*s)` before and after 100 calls of `%.*s()`%.*s",
                           STR_ARG(measured_text(c, container)), STR_ARG(function), STR_ARG(each));
    add_evidence(c, f, container, growth, object, definition);
    return f;
}
