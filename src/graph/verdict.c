/* What becomes of a long-lived container: bounded, drained, constant, settled, or growing, and how
 * serious the growth is. */
#include "graph/along.h"
#include "graph/calling.h"
#include "graph/guard.h"
#include "graph/starting.h"

enum {
    SERIOUS = SHAPE_ID | SHAPE_REQUEST | SHAPE_TASK | SHAPE_EXCEPTION | SHAPE_SELF,
};

static bool runs_later(const Use *u) {
    return u->how_often >= RUNS_PER_INSTANCE;
}

/* `by_id[request.id]`: requests are not registered, whatever the function is called. */
static bool is_request_identity(const Graph *g, const Use *u) {
    const Path *key = &g->files[u->file].facts->paths[u->key.i];
    return u->key.i && u->key_shape & SHAPE_ID && key->kind == PATH_ATTR &&
           shape_of(g, u->file, key->parent, RESOLVE_DEPTH / 2) & SHAPE_REQUEST;
}

/* `message.channel.id`, `item.owner.id`: a place or person that others know, too. The variable of
 * that name may be of a connection. */
static bool is_place_of(Str attribute) {
    return str_is(attribute, "channel") || str_is(attribute, "owner");
}

/* `device.id`, `self.user.pk`, `dev.address`, `message.author.id`. */
static bool is_of_lasting(const Facts *f, const Path *key) {
    const Path *of = &f->paths[key->parent.i];
    Str name = facts_str(f, (StrId){key->id}), owner = {0};
    if (of->kind == PATH_SYMBOL) owner = facts_str(f, f->symbols[of->id].name);
    if (of->kind == PATH_ATTR) owner = facts_str(f, (StrId){of->id});
    bool is_lasting = know_is_lasting_name(owner) || (of->kind == PATH_ATTR && is_place_of(owner));
    return (know_is_id_name(name) || str_is(name, "address")) && is_lasting;
}

/* What a local is bound to may say that the number is new. */
static bool is_bound_to_lasting(const Graph *g, u32 file, const Symbol *s) {
    const Facts *f = g->files[file].facts;
    const Op *bind = &f->ops[s->bind.i];
    u32 how = bind->flags & OP_LOW;
    if (s->flags & SYMBOL_PARAM) return true;
    if (!s->bind.i || bind->kind != OP_BIND || (how != BIND_FOR && how != BIND_ASSIGN))
        return false;
    PathId value = bound_value(f, bind);
    bool is_new = how == BIND_ASSIGN && shape_of(g, file, value, 4) & SHAPE_ID;
    return !is_new ||
           (f->paths[value.i].kind == PATH_ATTR && graph_is_lasting_number(g, file, value));
}

bool graph_is_lasting_number(const Graph *g, u32 file, PathId key) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[key.i];
    if (!key.i || (p->kind != PATH_ATTR && p->kind != PATH_SYMBOL)) return false;
    if (p->kind == PATH_ATTR && is_of_lasting(f, p)) return true;
    const Symbol *s = p->kind == PATH_SYMBOL ? &f->symbols[p->id] : NULL;
    if (s && s->target.i) s = &f->symbols[s->target.i];
    if (s && !is_bound_to_lasting(g, file, s)) return false;
    Str name = s ? facts_str(f, s->name) : facts_str(f, (StrId){p->id});
    i64 end = str_rfind(name, '_');
    return end > 0 && know_is_id_name(name) && know_is_lasting_name(str_sub(name, 0, (u32)end));
}

bool graph_is_code_name(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_SYMBOL && is_code_name(facts_str(f, f->symbols[p->id].name));
}

/* `def hook(f): HOOKS.append(f); return f`: it decorates. */
static bool is_decorating(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Path *p = &f->paths[(u->value.i ? u->value : u->key).i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM) || scope_is_none(u->function))
        return false;
    const Scope *s = &f->scopes[u->function.scope.i];
    u32 params = s->param_end - s->param_first;
    bool is_method = g->functions[function_id(g, u->file, u->function.scope)].owner.i != 0;
    if (params != 1u + is_method || !is_code_name(facts_str(f, f->symbols[owner.i].name)))
        return false;
    for (u32 i = s->op_end; i-- > s->op_first;) {
        const Path *value = &f->paths[op_operand(f, &f->ops[i], 0).i];
        if (f->ops[i].kind == OP_RETURN && f->ops[i].operands)
            return value->kind == PATH_SYMBOL && f->symbols[value->id].target.i == owner.i;
    }
    return false;
}

/* A parameter that is annotated as a class. */
static bool is_class_parameter(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM)) return false;
    const Scope *s = &f->scopes[f->symbols[owner.i].scope.i];
    for (u32 i = s->param_first; i < s->param_end; i++)
        if (f->params[i].symbol.i == owner.i)
            return shape_of_annotation(g, file, f->params[i].annotation) ==
                   (SHAPE_CLOSED | SHAPE_FUNCTION);
    return false;
}

/* `def subscribe(self, channel, callback): self.listeners.setdefault(channel, set())…`: the entry
 * is for callbacks, which are sorted by names. */
static bool is_entry_of_listeners(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    if (!u->key.i || u->level || u->key_shape & (SHAPE_ID | SHAPE_SELF | SHAPE_TASK)) return false;
    bool is_entry = str_is(u->how, "[…]") || !u->value.i ||
                    made_kind(g, u->file, graph_alias_of(g, u->file, u->value)) != CONTAINER_OTHER;
    const Scope *s = &f->scopes[u->function.scope.i];
    for (u32 i = s->param_first; is_entry && i < s->param_end; i++)
        if (is_code_name(facts_str(f, f->symbols[f->params[i].symbol.i].name))) return true;
    return false;
}

/* A function that a program may call with its own classes and functions: filled by registration. */
static bool is_registration(const Graph *g, const Use *u) {
    if (u->value_shape & SHAPE_FUNCTION &&
        !(u->value_shape & (SHAPE_SELF | SHAPE_REQUEST | SHAPE_TASK)))
        return true;
    if (scope_is_none(u->function) || is_class_parameter(g, u->file, u->value)) return true;
    if (is_decorating(g, u) || is_entry_of_listeners(g, u)) return true;
    if (is_request_identity(g, u)) return false;
    const Facts *f = g->files[u->function.file].facts;
    Str name = facts_str(f, f->scopes[u->function.scope.i].name);
    return str_starts(name, "register") || str_starts(name, "_register") ||
           str_contains(name, "_register");
}

/* `last[event.type] = event`: one for each kind. */
static bool is_under_kind(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Path *p = &f->paths[u->key.i];
    Str name = {0};
    if (!u->key.i || u->level || f->ops[u->op.i].kind != OP_STORE) return false;
    if (u->key_shape & (SHAPE_ID | SHAPE_SELF | SHAPE_TASK | SHAPE_INSTANCE)) return false;
    if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
    if (p->kind == PATH_ATTR || p->kind == PATH_CONST) name = facts_str(f, (StrId){p->id});
    return know_is_kind_name(name);
}

bool graph_is_event_name(const Graph *g, u32 file, PathId key) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[key.i];
    Str name = {0};
    if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
    if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
    return key.i && str_is(str_after_last(name, '_'), "event") &&
           !type_of_path(g, file, key, RESOLVE_DEPTH).i;
}

bool graph_is_called_name(const Graph *g, u32 file, PathId key) {
    return key.i && is_called_name(g->files[file].facts, key);
}

bool is_called_name(const Facts *f, PathId key) {
    const Path *p = &f->paths[key.i];
    const Symbol *s = p->kind == PATH_SYMBOL ? &f->symbols[p->id] : NULL;
    if (s && s->target.i) s = &f->symbols[s->target.i];
    return s && s->flags & SYMBOL_PARAM && str_is(facts_str(f, s->name), "name");
}

/* The record of a user under the number of that user is no object of a request. */
static bool is_record_of_user(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Path *p = &f->paths[u->value.i];
    Str name = p->kind == PATH_SYMBOL ? facts_str(f, f->symbols[p->id].name) : (Str){0};
    return str_is(str_after_last(name, '_'), "user") && graph_is_lasting_number(g, u->file, u->key);
}

enum { FLAG_OPS = 400 }; /* before or behind a use that are looked through for a number or a flag */

/* What a name says of the life of what it numbers: `job_id` and `uuid` are new each time,
 * `indexer_id` and a bare `id` may be of anything. */
static bool is_number_of_brief(Str name) {
    static const char *const NAMES[] = {"guid", "nonce", "timestamp", "token", "uuid"};
    i64 end = str_rfind(name, '_');
    if (str_is_any(str_after_last(name, '_'), NAMES, ARRAY_LEN(NAMES))) return true;
    return end > 0 && know_is_request_name(str_sub(name, 0, (u32)end));
}

/* `self.unique_id`: as many as there are objects of the class, which may be a few. */
static bool is_number_of_self(const Graph *g, u32 file, const Path *key) {
    const Facts *f = g->files[file].facts;
    const Path *of = &f->paths[key->parent.i];
    bool is_class;
    ClassId own = key->kind == PATH_ATTR && of->kind == PATH_SYMBOL
                      ? self_class(g, file, f->symbols[of->id].target, &is_class)
                      : (ClassId){0};
    return own.i && !know_is_request_type(graph_class_name(g, own)) &&
           !is_number_of_brief(facts_str(f, (StrId){key->id}));
}

/* `section.split("_")[0]`, `path.replace("/", ".")`: a part of a text. */
static bool is_cut_from_text(const Facts *f, const Path *value) {
    static const char *const METHODS[] = {"lower",  "partition", "replace", "rpartition",
                                          "rsplit", "split",     "strip",   "upper"};
    while (value->kind == PATH_CONST || value->kind == PATH_ANY) value = &f->paths[value->parent.i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
    return str_is_any(facts_method(f, &f->ops[value->id]), METHODS, ARRAY_LEN(METHODS));
}

/* A parameter, or what a function of the project gave, of which nothing but the name says that it
 * is a number that does not come again. */
static bool is_number_by_name(const Graph *g, u32 file, const Path *key) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = key->kind == PATH_SYMBOL ? &f->symbols[key->id] : NULL;
    if (s && s->target.i) s = &f->symbols[s->target.i];
    if (!s || is_number_of_brief(facts_str(f, s->name))) return false;
    if (s->flags & SYMBOL_PARAM) return !s->binds;
    const Op *bind = &f->ops[s->bind.i];
    const Path *value = bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN
                            ? &f->paths[bound_value(f, bind).i]
                            : &f->paths[0];
    ClassId made;
    if (is_cut_from_text(f, value)) return true;
    return value->kind == PATH_OP && f->ops[value->id].kind == OP_CALL &&
           callee_function(g, file, &f->ops[value->id], &made);
}

/* `self.id = next(numbers)`, before: it is a new one. A parameter is as old as any. */
static bool is_numbered_here(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    u32 first = f->scopes[u->function.scope.i].op_first;
    for (u32 i = u->op.i; i-- > MAX(first, u->op.i - MIN(u->op.i, (u32)FLAG_OPS));)
        if (f->ops[i].kind == OP_STORE && f->ops[i].subject == u->key.i) {
            SymbolId from = facts_root_symbol(f, bound_value(f, &f->ops[i]));
            return !(f->symbols[from.i].flags & SYMBOL_PARAM);
        }
    return false;
}

/* It is a number by its name only, and a store under it that is there already replaces that. */
static bool is_named_number(const Graph *g, const Use *u) {
    if (!u->key.i || !(u->key_shape & SHAPE_ID)) return false;
    const Path *key = &g->files[u->file].facts->paths[u->key.i];
    if (!is_number_of_self(g, u->file, key) && !is_number_by_name(g, u->file, key)) return false;
    if (is_numbered_here(g, u)) return false;
    return !graph_text_parts(g, u->file, u->key).is_fresh;
}

/* `if self.started: return` before it, `self.started = True` behind: the flag lets it pass once. */
static bool is_behind_own_flag(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Scope *scope = &f->scopes[u->function.scope.i];
    u32 first = MAX(scope->op_first, u->op.i - MIN(u->op.i, (u32)FLAG_OPS));
    for (u32 i = u->op.i + 1; i < MIN(scope->op_end, u->op.i + FLAG_OPS); i++) {
        const Path *value = &f->paths[bound_value(f, &f->ops[i]).i];
        bool is_flag = f->ops[i].kind == OP_STORE && value->kind == PATH_LITERAL &&
                       value->flags == LITERAL_TRUE;
        for (u32 k = first; is_flag && k < u->op.i; k++)
            if (f->ops[k].kind == OP_TEST && (f->ops[k].flags & OP_LOW) == TEST_TRUTH &&
                f->ops[k].subject == f->ops[i].subject)
                return true;
    }
    return false;
}

/* `history.append(body)` in code that a framework calls for each request. */
static bool is_added_when_served(const Graph *g, const Use *u) {
    u32 little = SHAPE_CONSTANT | SHAPE_CLOSED | SHAPE_FUNCTION | SHAPE_WEAK;
    bool is_list = str_is(u->how, "append") || str_is(u->how, "appendleft") ||
                   str_is(u->how, "extend") || str_is(u->how, "insert");
    return is_list && !u->key.i && !u->membership_guard && u->value_shape & ~little &&
           graph_runs_when_served(g, (OpRef){u->file, u->op}) && !is_behind_own_flag(g, u);
}

/* Facts that make this growth more than a registry or a cache of a few entries. In a mapping an
 * identity counts as key only; an instance that registers itself under a name is a registry. */
static u32 serious_facts(const Graph *g, const Use *u) {
    if (is_registration(g, u) || is_under_kind(g, u)) return 0;
    u32 facts = u->key_shape & SERIOUS;
    u32 value = u->value_shape & SERIOUS;
    if (graph_is_lasting_number(g, u->file, u->key) ||
        is_called_name(g->files[u->file].facts, u->key) || is_named_number(g, u))
        facts &= ~(u32)SHAPE_ID;
    if (is_record_of_user(g, u)) value &= ~(u32)SHAPE_REQUEST;
    if (graph_is_event_name(g, u->file, u->key)) facts &= ~(u32)SHAPE_REQUEST;
    if (u->key.i) {
        value &= ~(u32)SHAPE_ID;
        if (!(facts & (SHAPE_ID | SHAPE_REQUEST))) value &= ~(u32)SHAPE_SELF;
        facts &= ~(u32)SHAPE_SELF;
    }
    if (!u->key.i && graph_adds_self(g, u)) value |= SHAPE_SELF;
    /* a table that is asked first whether it has the key is a cache: as large as the set of keys */
    if (u->membership_guard || graph_is_memoised(g, u->function)) facts &= ~(u32)SHAPE_ID;
    if (u->membership_guard && !u->key.i) value &= ~(u32)SHAPE_ID;
    /* a tuple that may be there already is made of what compares by value */
    const Path *p = &g->files[u->file].facts->paths[u->value.i];
    bool is_tuple = p->kind == PATH_OP && g->files[u->file].facts->ops[p->id].kind == OP_TUPLE;
    if (u->membership_guard && !u->key.i && is_tuple) value &= ~(u32)SHAPE_REQUEST;
    /* … whatever it is that each of them gets: a connection for each backend */
    bool is_named = u->key.i && !(u->key_shape & (SHAPE_ID | SHAPE_REQUEST));
    if (u->membership_guard && is_named) value &= ~(u32)(SHAPE_REQUEST | SHAPE_TASK);
    if (is_added_when_served(g, u)) facts |= SHAPE_SERVED;
    if (graph_is_sent(g, u)) facts |= SHAPE_SENT;
    if (graph_is_driven(g, u->function) && graph_keeps_open(g, u)) facts |= SHAPE_OPENED;
    return facts | value;
}

u32 graph_serious_facts(const Graph *g, const Use *use) {
    return serious_facts(g, use);
}

static u32 weight(const Graph *g, const Use *u) {
    u32 facts = serious_facts(g, u), n = 0;
    for (u32 bit = facts; bit; bit &= bit - 1) n++;
    return n * 4 + (graph_is_driven(g, u->function) ? 2 : 0) + (u->level == 0);
}

static bool in_del(const Graph *g, const Use *u) {
    return graph_is_in_finalizer(g, u->function);
}

/* `defaultdict(lambda: TTLCache(…))`, `defaultdict(WeakSet)`: what is inside is bounded or weak. */
static bool has_bounded_inside(const Graph *g, const Container *c) {
    const Facts *f = g->files[c->file].facts;
    const Op *made = &f->ops[c->op.i];
    if (made->kind == OP_BIND && f->paths[bound_value(f, made).i].kind == PATH_OP)
        made = &f->ops[f->paths[bound_value(f, made).i].id];
    if (c->kind != CONTAINER_DEFAULTDICT || made->kind != OP_CALL || !made->operands) return false;
    PathId factory = op_operand(f, made, 0);
    const Path *p = &f->paths[factory.i];
    if (p->kind != PATH_OP) {
        Str name = graph_name_of(g, c->file, factory);
        return str_is(name, "weakref.WeakSet") || str_is(name, "weakref.WeakKeyDictionary") ||
               str_is(name, "weakref.WeakValueDictionary");
    }
    if (f->ops[p->id].kind != OP_LAMBDA) return false;
    const Scope *s = &f->scopes[f->ops[p->id].subject];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        if (f->ops[i].kind != OP_RETURN) continue;
        ContainerKind kind = made_kind(g, c->file, op_operand(f, &f->ops[i], 0));
        return kind == CONTAINER_BOUNDED || kind == CONTAINER_WEAK;
    }
    return false;
}

/* In a constructor of the one main window, in a callback that the start of the program hands to
 * what calls it once: the loops in it end, and it does not come again. */
static bool is_of_start(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    if (scope_is_none(u->function) || f->scopes[u->function.scope.i].flags & SCOPE_ASYNC)
        return false;
    RegionId region = f->ops[u->op.i].region;
    return region_runs(g, u->file, region, RUNS_ON_START) < RUNS_PER_INSTANCE &&
           !is_reexported(g, u->function) && is_started_by_main(g, u->function);
}

/* No call comes to it: those that there are pass by; or the project makes instances, and calls no
 * method that leads to this one. What a library gives away, others call, as they do what the
 * configuration names as long-lived. */
static bool is_unreached(const Graph *g, const Use *u) {
    if (g->settings.n_long_lived) return false;
    if (graph_is_passed_by(g, (OpRef){u->file, u->op})) return true;
    ClassId c = graph_method_class(g, u->function);
    if (!c.i || graph_users_may_call(g, u->function)) return false;
    if (graph_called_by(g, u->function) == CALLED_BY_PROJECT) return false;
    const ClassNode *node = &g->classes[c.i];
    bool is_given_away = is_reexported(g, (ScopeRef){node->file, node->scope});
    return !is_given_away && graph_instances(g, c).making != MADE_UNSEEN;
}

static bool is_growth(const Graph *g, const Use *u) {
    bool weak = u->value_shape == SHAPE_WEAK;
    return u->kind == USE_GROW && runs_later(u) && !u->overwrites && !weak &&
           !g->files[u->file].is_test;
}

/* Removals count for growth at their own level and below: the entry goes with all that is in it. */
static bool is_drain(const Graph *g, const Use *u) {
    if (u->kind == USE_REBIND) return !g->files[u->file].is_test;
    return u->kind == USE_SHRINK && !g->files[u->file].is_test && !in_del(g, u);
}

/* Every way from the one operation leads to the other. */
static bool always_leads_to(const Facts *f, OpId from, OpId to) {
    RegionId r = f->ops[from.i].region;
    while (r.i && r.i != f->ops[to.i].region.i) r = f->regions[r.i].parent;
    for (u32 i = from.i + 1; r.i && i < to.i; i++)
        if (f->ops[i].kind == OP_RETURN || f->ops[i].kind == OP_RAISE) return false;
    return r.i != 0;
}

/* The key of a mapping, else the element. */
static KeyRef element_of(const Graph *g, const Taking *t, bool removes) {
    const Facts *f = g->files[t->at.file].facts;
    const Op *op = &f->ops[t->at.op.i];
    if (t->key.i) return (KeyRef){t->at.file, t->key};
    bool is_argument = removes && op->kind == OP_CALL;
    return (KeyRef){t->at.file, is_argument ? op_operand(f, op, 0) : t->value};
}

bool puts_back(const Graph *g, const Taking *removal, const Taking *addition) {
    if (!removal->function.i || removal->function.i != addition->function.i) return false;
    KeyRef removed = element_of(g, removal, true);
    const Facts *f = g->files[removal->at.file].facts;
    if (removal->level != addition->level || !removed.path.i ||
        !always_leads_to(f, removal->at.op, addition->at.op))
        return false;
    KeyMatch match = graph_match_keys(g, element_of(g, addition, false), removed);
    return match.kind == KEY_SAME && match.confidence == CONFIDENCE_HIGH;
}

u32 function_end(const Graph *g, const Taking *t) {
    return g->files[t->at.file].facts->scopes[t->function.i].op_end;
}

static Taking taking_of(const Use *u) {
    return (Taking){{u->file, u->op}, u->function.scope, u->level, u->key, u->value};
}

/* `groups[old].remove(self); groups[new].append(self)`: what is moved, or renewed, is not gone. */
static bool is_put_back(const Graph *g, const Container *c, u32 removal) {
    Taking removed = taking_of(&c->uses[removal]);
    u32 end = c->uses[removal].kind == USE_SHRINK ? function_end(g, &removed) : 0;
    for (u32 i = removal + 1; i < c->n_uses; i++) {
        Taking added = taking_of(&c->uses[i]);
        if (added.at.file != removed.at.file || added.at.op.i >= end) return false;
        if (c->uses[i].kind == USE_GROW && puts_back(g, &removed, &added)) return true;
    }
    return false;
}

static bool takes_all(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const MethodRow *row = f->ops[u->op.i].kind == OP_CALL ? know_method(u->how) : NULL;
    const Path *key = &f->paths[u->key.i];
    bool is_slice = key->kind == PATH_OP && f->ops[key->id].kind == OP_SLICE;
    return (row && row->flags & METHOD_ALL) || is_slice || str_is(u->how, "[…] = []");
}

static bool is_removed_by_name(const Graph *g, const Container *c) {
    if (c->holder != HOLDER_CLASS_ATTRIBUTE && c->holder != HOLDER_SINGLETON) return false;
    i64 dot = str_rfind(c->short_name, '.');
    Str name = str_sub(c->short_name, (u32)(dot + 1), c->short_name.n);
    return map_get(&g->removed_attributes, hash_str(name)) != 0;
}

/* A removal in a function that nothing calls. What users may call counts, when they call what adds,
 * too, or when it takes everything away: `clear_cache()` is there for them. */
static bool is_idle(const Graph *g, const Use *u) {
    if (graph_users_may_call(g, u->function)) return false;
    CalledBy by = graph_called_by(g, u->function);
    if (by == CALLED_BY_USERS) return u->kind == USE_SHRINK && !takes_all(g, u);
    return by == CALLED_BY_NOBODY;
}

/* The runtime calls it too, and passes nothing but the instance: copying and pickling, `with`, … */
static bool is_called_by_runtime(Str name) {
    static const char *const NAMES[] = {"__reduce__", "__getstate__", "__enter__", "__aenter__",
                                        "__iter__",   "__repr__",     "__str__"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* Where the function is used as a value, it is given away beside something for the parameter;
 * *n counts the places. */
static bool is_given_beside(const Graph *g, u32 fn, u32 place, Str name, u32 *n) {
    for (u32 i = map_get(&g->given_away, fn); i; i = g->givings[i].next) {
        const Giving *giving = &g->givings[i];
        const Facts *f = g->files[giving->at.file].facts;
        const Op *op = &f->ops[giving->at.op.i];
        Along along = {0};
        if (op->kind == OP_CALL) along = given_along(g, giving->at.file, op, giving->operand);
        bool is_given = along.function == fn && gives_along(f, &along, place, name);
        if (!is_given && !giving->is_named) return false;
        *n += is_given;
    }
    return true;
}

/* Every call that is known, but in tests, passes something, and nobody else calls. Calls through an
 * unknown receiver may mean a method of the same name elsewhere: they are left out. */
static bool is_always_passed(const Graph *g, const Container *c) {
    u32 id = c->holder == HOLDER_DEFAULT ? function_id(g, c->function.file, c->function.scope) : 0;
    const FunctionNode *fn = &g->functions[id];
    if (!id) return false;
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    u32 index = 0, skipped = fn->owner.i && fn->kind != METHOD_STATIC, given = 0;
    while (f->params[scope->param_first + index].symbol.i != c->variable.i) index++;
    Str name = facts_str(f, f->symbols[c->variable.i].name);
    if (fn->owner.i && !fn->callers.n && str_is(facts_str(f, scope->name), "__call__"))
        return instance_calls_give(g, fn->owner, index - skipped, name);
    if (!is_given_beside(g, id, index, name, &given) || (fn->is_value && !given)) return false;
    if (!fn->callers.n && !fn->called_by_name && !given) return false;
    bool is_known = fn->is_value && scope->decorator_first == scope->decorator_end;
    if (fn->escapes && !is_known && (!fn->callers.n || !graph_is_wrapped(g, c->function)))
        return false;
    if (fn->owner.i && is_called_by_runtime(facts_str(f, scope->name))) return false;
    u32 others = given;
    for (u32 i = 0; i < fn->callers.n; i++) {
        if (g->files[fn->callers.v[i].file].is_test) continue;
        const Facts *from = g->files[fn->callers.v[i].file].facts;
        const Op *call = &from->ops[fn->callers.v[i].op.i];
        ScopeId s = enclosing_function(from, from->regions[call->region.i].scope);
        others += fn->callers.v[i].file != fn->file || s.i != fn->scope.i; /* no recursion */
        if (!call_argument_named(from, call, index - skipped, name).i) return false;
    }
    return others > 0 || fn->called_by_name;
}

/* `before = self.held`, `self.held = []`, …, `self.held = before`: a list for a while. */
static bool is_for_a_while(const Graph *g, const Container *c) {
    const Facts *f = g->files[c->file].facts;
    const Scope *scope = &f->scopes[f->regions[f->ops[c->op.i].region.i].scope.i];
    PathId held = {0};
    if (scope->kind != SCOPE_FUNCTION) return false;
    for (u32 i = c->op.i; i < MIN(scope->op_end, c->op.i + 3) && !held.i; i++) {
        PathId value = bound_value(f, &f->ops[i]);
        bool is_it = f->paths[value.i].kind == PATH_OP && f->paths[value.i].id == c->op.i;
        if (f->ops[i].kind == OP_STORE && (is_it || i == c->op.i)) held = op_path(&f->ops[i]);
    }
    for (u32 i = c->op.i + 1; held.i && i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i];
        if (op->kind != OP_STORE || op->subject != held.i || value->kind != PATH_SYMBOL) continue;
        const Op *bind = &f->ops[f->symbols[f->symbols[value->id].target.i].bind.i];
        if (bind->kind == OP_BIND && bound_value(f, bind).i == held.i) return true;
    }
    return false;
}

static Growth settled(Verdict v) {
    return (Growth){.verdict = v};
}

/* What takes from a container, and what else is known of it before its growth is looked at. */
typedef struct Drains {
    u32 lowest;         /* level of the outermost removal, UINT32_MAX for none */
    u32 lowest_other;   /* … but for `offered` */
    const Use *offered; /* see Growth */
    const Use *emptied; /* the first that takes all at once */
    bool is_picked;     /* something takes single entries, or gives it another value */
    bool is_bounded, is_constant;
} Drains;

static void read_drain(const Graph *g, const Container *c, u32 use, Drains *d, Growth *growth) {
    const Use *u = &c->uses[use];
    if (!is_drain(g, u)) return;
    if (is_put_back(g, c, use)) {
        if (!growth->moving) growth->moving = u;
    } else if (removes_what_is_asked_for(g, c, use)) {
        if (!growth->expiry) growth->expiry = u;
    } else if (is_idle(g, u)) {
        if (!growth->idle_removal) growth->idle_removal = u;
    } else {
        bool all = takes_all(g, u);
        u32 level = u->kind == USE_REBIND ? 0 : u->level;
        bool is_whole = !level && (all || u->kind == USE_REBIND);
        d->lowest = MIN(d->lowest, level);
        if (is_whole && is_offered_reset(g, u->function))
            d->offered = d->offered ? d->offered : u;
        else
            d->lowest_other = MIN(d->lowest_other, level);
        d->is_picked |= !all;
        if (all && !u->level && !d->emptied) d->emptied = u;
    }
}

static Drains read_drains(const Graph *g, const Container *c, Growth *growth) {
    Drains d = {.lowest = UINT32_MAX, .lowest_other = UINT32_MAX};
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool is_test = g->files[u->file].is_test;
        d.is_constant |= u->kind == USE_GROW && runs_later(u) && u->overwrites;
        if (u->kind == USE_GUARD && !is_test) { /* of an inner one it bounds what is in that */
            d.is_bounded |= !u->level;
            d.lowest = MIN(d.lowest, u->level);
            d.lowest_other = MIN(d.lowest_other, u->level);
        }
        growth->doomed_removal |= u->kind == USE_SHRINK && in_del(g, u);
        growth->escapes |= u->kind == USE_ESCAPE && !is_test;
        read_drain(g, c, i, &d, growth);
    }
    if (has_bounded_inside(g, c)) {
        d.lowest = MIN(d.lowest, 1);
        d.lowest_other = MIN(d.lowest_other, 1);
    }
    return d;
}

/* `for key in others: table[key] = …`: as many as there are in another table, which may be few. */
static bool is_key_of_other(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Op *bind = &f->ops[f->symbols[facts_root_symbol(f, u->key).i].bind.i];
    if (f->paths[u->key.i].kind != PATH_SYMBOL || bind->kind != OP_BIND) return false;
    const Path *element = &f->paths[bound_value(f, bind).i];
    if (element->kind == PATH_CONST) element = &f->paths[element->parent.i]; /* of items() */
    return (bind->flags & OP_LOW) == BIND_FOR && element->kind == PATH_ANY &&
           held_by(g, u->file, element->parent, RESOLVE_DEPTH).container;
}

static void find_site(const Graph *g, const Container *c, u32 lowest_drain, Growth *growth) {
    u32 best = 0;
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        if (!is_growth(g, u) || lowest_drain <= u->level) continue;
        growth->sites++;
        u32 w = (weight(g, u) + 1) * 2 + !is_key_of_other(g, u); /* of equals one with new keys */
        if (w <= best) continue;
        bool is_start = is_of_start(g, u), is_idle = is_unreached(g, u);
        if ((is_start || is_idle) && best) continue; /* another one will show more */
        best = is_start || is_idle ? 1 : w;
        growth->site = u;
        growth->is_of_start = is_start;
        growth->is_idle = is_idle;
    }
}

static void describe(const Graph *g, const Container *c, u32 lowest_drain, Growth *growth) {
    growth->is_passed = is_always_passed(g, c);
    growth->drained_level = lowest_drain;
    growth->facts = serious_facts(g, growth->site);
    growth->by_callers = graph_is_driven(g, growth->site->function);
}

/* It grows until somebody calls what nobody calls. What functions or classes are registered in, or
 * what nothing in the project adds to, is there to be filled and emptied by others. */
static void look_past_offer(const Graph *g, const Container *c, const Drains *d, Growth growth,
                            Growth *done) {
    if (!d->offered || !d->lowest_other) return;
    find_site(g, c, d->lowest_other, &growth);
    if (!growth.site || is_registration(g, growth.site)) return;
    if (graph_called_by(g, growth.site->function) != CALLED_BY_PROJECT) return;
    describe(g, c, d->lowest_other, &growth);
    growth.verdict = done->verdict;
    growth.emptied = done->emptied;
    growth.offered = d->offered;
    *done = growth;
}

Growth graph_growth(const Graph *g, ContainerId id) {
    const Container *c = &g->containers[id.i];
    if (c->kind == CONTAINER_WEAK) return settled(VERDICT_WEAK);
    if (c->kind == CONTAINER_BOUNDED) return settled(VERDICT_BOUNDED);
    Growth growth = {.verdict = VERDICT_SETTLED};
    Drains d = read_drains(g, c, &growth);
    growth.escapes |= map_get(&g->unfollowed, id.i) != 0 || settings_escapes(g, c);
    bool is_brief = is_for_a_while(g, c) || (!growth.idle_removal && is_removed_by_name(g, c));
    if (d.is_bounded || is_brief || !d.lowest) {
        Growth done = settled(d.is_bounded ? VERDICT_BOUNDED : VERDICT_DRAINED);
        done.doomed_removal = growth.doomed_removal;
        if (!d.is_bounded && !d.is_picked) done.emptied = d.emptied;
        if (!d.is_bounded && !is_brief) look_past_offer(g, c, &d, growth, &done);
        return done;
    }
    find_site(g, c, d.lowest, &growth);
    if (!growth.site) {
        Growth none = settled(d.is_constant ? VERDICT_CONSTANT : VERDICT_SETTLED);
        none.is_passed = d.is_constant && is_always_passed(g, c);
        return none;
    }
    const Use *idle = growth.idle_removal;
    bool by_users = idle && graph_called_by(g, idle->function) == CALLED_BY_USERS;
    if (by_users && (is_registration(g, growth.site) || is_reexported(g, idle->function) ||
                     !graph_is_called_by_others(g, growth.site->function)))
        return settled(VERDICT_DRAINED);
    describe(g, c, d.lowest, &growth);
    growth.verdict = VERDICT_GROWS;
    return growth;
}

/* Is it an instance of a class of the project that the same function makes? */
static bool is_made_here(const Graph *g, u32 file, PathId value) {
    const Op *call = facts_call(g->files[file].facts, graph_alias_of(g, file, value));
    ClassId class = {0};
    if (call) callee_function(g, file, call, &class);
    return class.i != 0;
}

bool graph_adds_self(const Graph *g, const Use *use) {
    if (scope_is_none(use->function) || !graph_method_class(g, use->function).i) return false;
    const Facts *f = g->files[use->file].facts;
    u32 shape = use->value.i ? use->value_shape : use->key_shape;
    if (shape & SHAPE_SELF) {
        PathId value = use->value.i ? use->value : use->key;
        if (is_made_here(g, use->file, value)) return false; /* `Child(self)` is another object */
        /* a parameter to which callers pass themselves is another object */
        SymbolId root = facts_root_symbol(f, graph_alias_of(g, use->file, value));
        bool is_parameter = root.i && f->symbols[root.i].flags & SYMBOL_PARAM;
        return !is_parameter || root.i == self_symbol(g, use->function).i;
    }
    if (!str_is(facts_str(f, f->scopes[use->function.scope.i].name), "__new__")) return false;
    PathId value = graph_alias_of(g, use->file, use->value.i ? use->value : use->key);
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Path *callee = &f->paths[f->ops[p->id].subject];
    return callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "__new__");
}
