/* What a `__del__` does that would not happen without it. Nobody misses one that runs late and only
 * tidies up the object that dies, leaves a trace in a log, wakes those who would hold the object,
 * or takes it out of what cannot hold it strongly. */
#include "graph/spent.h"
#include "graph/starting.h"

/* Methods of the object that the finalizer calls, one in another. */
enum { FAREWELL_DEPTH = 2 };

static const char *const CONDITIONS[] = {"asyncio.Condition", "threading.Condition"};

typedef struct Farewell {
    const Graph *g;
    u32 file;
    const Facts *f;
    ClassId class; /* whose method it is */
    SymbolId self;
    u32 depth;  /* calls that are still followed */
    u32 tidied; /* statements that tidy up the object, calls that start nothing */
    u32 left;   /* calls that take the object out of somewhere */
    u32 told;   /* calls that only leave a trace */
    u32 warned; /* … at a level that somebody reads */
} Farewell;

/* ---- names ---- */

static bool is_removing_name(Str name) {
    static const char *const WORDS[] = {"deregister", "detach", "discard", "drop",
                                        "forget",     "remove", "un"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return false;
}

/* The same, of names that no file, module or lock has. */
static bool is_unregistering_name(Str name) {
    static const char *const WORDS[] = {"deregister", "detach",   "unbind",     "unhook",
                                        "unobserve",  "unregist", "unsubscribe"};
    name = str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return false;
}

/* `self.unregister_callbacks()`: those are bound methods of the object. */
static bool is_own_farewell(Str name) {
    static const char *const WORDS[] = {"callbacks", "handlers", "listeners", "observers"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_ends(name, WORDS[i])) return is_removing_name(name);
    return false;
}

/* ---- values ---- */

static bool is_self(const Farewell *w, PathId path) {
    const Path *p = &w->f->paths[path.i];
    return p->kind == PATH_SYMBOL && w->f->symbols[p->id].target.i == w->self.i;
}

/* `self.popup`, a method. */
static bool is_own_method(const Farewell *w, PathId path) {
    const Path *p = &w->f->paths[path.i];
    if (p->kind != PATH_ATTR || p->depth != 1 || !is_self(w, p->parent)) return false;
    return graph_member(w->g, w->class, name_hash(w->f, (StrId){p->id})).kind == MEMBER_METHOD;
}

/* `entry`, `entry[0]` in `for entry in self.entries`. */
static bool is_own_element(const Farewell *w, PathId path) {
    SymbolId variable = facts_root_symbol(w->f, path);
    const Symbol *s = &w->f->symbols[variable.i];
    if (!variable.i || s->flags & SYMBOL_PARAM || !s->bind.i) return false;
    const Op *bind = &w->f->ops[s->bind.i];
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FOR) return false;
    return facts_root_symbol(w->f, bound_value(w->f, bind)).i == w->self.i;
}

static bool has_only_literals(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++)
        if (f->paths[op_operand(f, call, i).i].kind != PATH_LITERAL) return false;
    return true;
}

/* ---- calls ---- */

/* `log.debug("%r is gone", self)`: who reads the log learns of the death late. Who prints it wants
 * to see it. */
static bool is_trace(const Facts *f, const Op *op) {
    static const char *const NAMES[] = {"debug", "format", "hex", "id", "info", "repr", "trace"};
    return str_is_any(facts_last_name(f, op_path(op)), NAMES, ARRAY_LEN(NAMES));
}

/* `log.error("gone already")`: it is told nothing of the object. */
static bool is_plain_warning(const Farewell *w, const Op *op) {
    static const char *const NAMES[] = {"error", "warning"};
    return w->f->paths[op->subject].kind == PATH_ATTR && has_only_literals(w->f, op) &&
           facts_root_symbol(w->f, op_path(op)).i != w->self.i &&
           str_is_any(facts_attribute(w->f, op_path(op)), NAMES, ARRAY_LEN(NAMES));
}

/* `hasattr(self, "file")`, `component.get("RPC")`, `application.name() == "qt"` */
static bool is_asking(const Farewell *w, const Op *op) {
    static const char *const NAMES[] = {
        "callable", "getattr", "hasattr", "iscoroutinefunction", "isinstance", "issubclass",
        "len",      "super",   "type"};
    Str name = facts_last_name(w->f, op_path(op));
    if (str_is_any(name, NAMES, ARRAY_LEN(NAMES))) return true;
    if (w->f->paths[op->subject].kind != PATH_ATTR) return false;
    if (facts_root_symbol(w->f, op_path(op)).i == w->self.i) return false;
    if (str_is(name, "get") && has_only_literals(w->f, op)) return true;
    return !op->operands && !(op->flags & OP_DROPPED) && !is_release_name(name);
}

/* Does an object of the other class hold one of the class that dies? Whoever runs or waits in a
 * method of it holds both, then. */
static bool holds_back(const Farewell *w, ClassId other) {
    for (Str name = {0}; (name = graph_next_attribute(w->g, other, name)).n;) {
        ClassId held = graph_attribute_class(w->g, other, name);
        if (held.i && class_is_kind_of(w->g, w->class, held) &&
            !graph_attribute_is_weak(w->g, other, name))
            return true;
    }
    return false;
}

/* Of which class the object is whose method is called, or 0; *is_own when that is the object that
 * dies. */
static ClassId called_class(const Farewell *w, const Op *op, bool *is_own) {
    const Path *callee = &w->f->paths[op->subject];
    *is_own = is_own_method(w, op_path(op));
    if (*is_own) return w->class;
    return callee->kind == PATH_ATTR ? graph_type_of(w->g, w->file, callee->parent) : (ClassId){0};
}

/* A method that is `async`, in all classes that it can be of: without an `await` it never runs. */
static bool is_coroutine(const Farewell *w, ScopeRef method) {
    return w->g->files[method.file].facts->scopes[method.scope.i].flags & SCOPE_ASYNC;
}

static bool is_idle_op(Farewell *w, const Op *op);

/* A plain method, of the object itself or of one that holds it. */
static bool is_idle_method(Farewell *w, ClassId c, ScopeRef method) {
    Farewell in = {.g = w->g, .file = method.file, .f = w->g->files[method.file].facts};
    in.self = self_symbol(w->g, method);
    in.class = c;
    in.depth = w->depth - 1;
    const Scope *scope = &in.f->scopes[method.scope.i];
    if (scope->flags & SCOPE_GENERATOR) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (!in.self.i || !is_idle_op(&in, &in.f->ops[i])) return false;
    w->tidied += in.tidied, w->left += in.left, w->told += in.told, w->warned += in.warned;
    return true;
}

/* A method of the project of which nobody misses that it runs late, in all classes that it can be
 * of: it never starts, or it does no more than an idle finalizer does. */
static bool calls_idle_method(Farewell *w, const Op *op) {
    bool is_own;
    ClassId family[FAMILY_MAX], c = called_class(w, op, &is_own);
    if (!c.i || op->flags & OP_AWAITED) return false;
    bool is_followed = w->depth && (is_own || holds_back(w, c));
    u64 name = name_hash(w->f, (StrId){w->f->paths[op->subject].id});
    u32 n = family_of(w->g, c, family), seen = 0;
    for (u32 i = 0; i < n; i++) {
        if (!member_of(w->g, family[i], name).i) continue;
        Member m = graph_member(w->g, family[i], name);
        if (m.kind != MEMBER_METHOD) return false;
        bool is_idle = is_coroutine(w, m.function) ||
                       (is_followed && is_idle_method(w, family[i], m.function));
        if (!is_idle) return false;
        seen++;
    }
    if (!seen) return false; /* of a base outside */
    w->tidied++;
    return true;
}

/* `run(self._stop)`, `stop = self._stop`: others have it, too. */
static bool is_shared(const Farewell *w, StrId name) {
    Arena scratch = {0};
    Attribute a = graph_attribute(w->g, w->class, facts_str(w->f, name), &scratch);
    bool found = a.is_cut || !a.owner.i;
    for (u32 i = 0; i < a.n_uses && !found; i++) found = a.uses[i].kind == ATTRIBUTE_HANDED_OUT;
    const ClassNode *owner = &w->g->classes[a.owner.i];
    const Facts *f = w->g->files[owner->file].facts;
    const Scope *scope = &f->scopes[owner->scope.i];
    for (u32 i = scope->op_first; a.owner.i && i < scope->op_end && !found; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[op->kind == OP_BIND ? bound_value(f, op).i : 0];
        found = value->kind == PATH_ATTR && str_eq(facts_str(f, (StrId){value->id}), a.name);
    }
    arena_free(&scratch);
    return found;
}

/* `self._stopped.set()`, `self._changed.notify_all()`: who waits for it does so by the object, and
 * holds it. */
static bool is_waking(const Farewell *w, const Op *op) {
    static const char *const EVENTS[] = {"asyncio.Event", "threading.Event"};
    const Path *callee = &w->f->paths[op->subject];
    const Path *what = &w->f->paths[callee->parent.i];
    if (callee->kind != PATH_ATTR || callee->depth != 2 || what->kind != PATH_ATTR) return false;
    if (!is_self(w, what->parent) || op->operands) return false;
    Str name = facts_str(w->f, (StrId){callee->id});
    Str maker = maker_of(w->g, w->file, callee->parent);
    bool is_set = str_is(name, "set") && str_is_any(maker, EVENTS, ARRAY_LEN(EVENTS));
    bool is_notify =
        str_starts(name, "notify") && str_is_any(maker, CONDITIONS, ARRAY_LEN(CONDITIONS));
    return (is_set || is_notify) && !is_shared(w, (StrId){what->id});
}

/* `registry.unregister(self)`, `menus.remove(self.popup)`: what held the object strongly would keep
 * `__del__` from ever running, and from what holds it weakly it goes by itself. */
static bool is_leaving(const Farewell *w, const Op *op) {
    const Path *callee = &w->f->paths[op->subject];
    if (callee->kind != PATH_ATTR) return false;
    Str name = facts_str(w->f, (StrId){callee->id});
    bool on_self = facts_root_symbol(w->f, op_path(op)).i == w->self.i;
    if (on_self && !op->operands && callee->depth == 1) return is_own_farewell(name);
    if (on_self || !op->operands) return false;
    bool all_methods = true, all_own = true;
    for (u32 i = 0; i < op->operands; i++) {
        PathId given = op_operand(w->f, op, i);
        all_methods &= is_self(w, given) || is_own_method(w, given);
        all_own &= is_own_element(w, given);
    }
    return (op->operands == 1 && all_methods && is_removing_name(name)) ||
           (all_own && is_unregistering_name(name));
}

static bool is_idle_call(Farewell *w, const Op *op) {
    if (is_trace(w->f, op))
        w->told++;
    else if (is_leaving(w, op))
        w->left++;
    else if (is_waking(w, op))
        w->tidied++;
    else if (is_plain_warning(w, op))
        w->warned++;
    else
        return is_asking(w, op) || calls_idle_method(w, op);
    return true;
}

/* ---- statements ---- */

static bool is_plain_value(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_LITERAL) return true;
    const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
    return (op->kind == OP_LIST || op->kind == OP_DICT) && !op->operands;
}

/* `self.closed = True`, `del self.table`: what that holds goes with the object. */
static bool is_tidying(const Farewell *w, const Op *op) {
    const Path *p = &w->f->paths[op->subject];
    if (p->kind != PATH_ATTR || p->depth != 1 || !is_self(w, p->parent)) return false;
    return op->kind == OP_DELETE || is_plain_value(w->f, bound_value(w->f, op));
}

/* `with self._changed:` waits for others, and leaves things as they are. */
static bool is_lock(const Farewell *w, PathId path) {
    Str maker = maker_of(w->g, w->file, path);
    return know_protocol(maker, PROTOCOL_LOCK) ||
           str_is_any(maker, CONDITIONS, ARRAY_LEN(CONDITIONS));
}

static bool is_idle_op(Farewell *w, const Op *op) {
    switch ((OpKind)op->kind) {
    case OP_CALL:
        return is_idle_call(w, op);
    case OP_STORE:
        w->tidied++;
        return is_tidying(w, op);
    case OP_DELETE:
        w->tidied += !(op->flags & OP_IMPLICIT);
        return op->flags & OP_IMPLICIT || is_tidying(w, op);
    case OP_RETURN:
        return !op->operands || is_plain_value(w->f, op_operand(w->f, op, 0));
    case OP_BIND:
        return (op->flags & OP_LOW) == BIND_FOR;
    case OP_ENTER:
        return is_lock(w, op_path(op));
    case OP_EXIT:
    case OP_LOAD:
    case OP_TEST:
    case OP_ITERATE:
    case OP_HANDLER:
    case OP_CHOICE:
    case OP_COMPARE:
    case OP_NOT:
    case OP_TUPLE:
    case OP_LIST:
    case OP_DICT:
    case OP_FSTRING:
    case OP_BINARY:
        return true;
    default:
        return false;
    }
}

static Farewell farewell_of(const Graph *g, ClassId c, ScopeRef finalizer) {
    return (Farewell){.g = g,
                      .file = finalizer.file,
                      .f = g->files[finalizer.file].facts,
                      .class = c,
                      .self = self_symbol(g, finalizer)};
}

bool graph_is_idle_finalizer(const Graph *g, ScopeRef finalizer) {
    Farewell w = farewell_of(g, graph_method_class(g, finalizer), finalizer);
    w.depth = FAREWELL_DEPTH;
    const Scope *scope = &w.f->scopes[finalizer.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (!w.self.i || !is_idle_op(&w, &w.f->ops[i])) return false;
    /* a warning alone is what the finalizer is there for */
    return w.tidied + w.left || !w.warned;
}

/* ---- methods that others call, too ---- */

/* `self.close()`, which others call, too. */
static bool is_closing(const Farewell *w, const Op *op) {
    if (op->kind != OP_CALL || !is_own_method(w, op_path(op))) return false;
    const Path *callee = &w->f->paths[op->subject];
    Member m = graph_member(w->g, w->class, name_hash(w->f, (StrId){callee->id}));
    ClassId family[FAMILY_MAX];
    return is_called_outside(w->g, family, family_of(w->g, w->class, family), m.function);
}

bool graph_is_closed_by_owners(const Graph *g, ClassId c, ScopeRef finalizer) {
    if (!c.i || graph_instances(g, c).is_for_users || graph_is_offered(g, c)) return false;
    Farewell w = farewell_of(g, c, finalizer);
    const Scope *scope = &w.f->scopes[finalizer.scope.i];
    u32 closed = 0;
    for (u32 i = scope->op_first; w.self.i && i < scope->op_end; i++) {
        if (is_idle_op(&w, &w.f->ops[i])) continue;
        if (!is_closing(&w, &w.f->ops[i]) && !is_spent(g, c, finalizer, (OpId){i})) return false;
        closed++;
    }
    return closed > 0;
}

/* ---- a net below the method that users call ---- */

/* Users can close the object. */
static bool has_end(const Graph *g, ClassId c) {
    static const char *const NAMES[] = {"__aexit__", "__exit__", "aclose",   "close",
                                        "destroy",   "dispose",  "shutdown", "stop"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (!scope_is_none(graph_method(g, c, NAMES[i]))) return true;
    return false;
}

/* `self.close()`, whoever calls that. */
static ScopeRef own_end(const Farewell *w, const Op *op) {
    if (op->kind != OP_CALL || !is_own_method(w, op_path(op))) return (ScopeRef){0};
    const Path *callee = &w->f->paths[op->subject];
    StrId name = {callee->id};
    Member m = graph_member(w->g, w->class, name_hash(w->f, name));
    return is_ending_name(facts_str(w->f, name)) ? m.function : (ScopeRef){0};
}

bool is_closed_twice(const Graph *g, ClassId c, ScopeRef finalizer) {
    Farewell w = farewell_of(g, c, finalizer);
    const Scope *scope = &w.f->scopes[finalizer.scope.i];
    u32 closed = 0;
    for (u32 i = scope->op_first; w.self.i && i < scope->op_end; i++) {
        if (is_idle_op(&w, &w.f->ops[i])) continue;
        ScopeRef end = own_end(&w, &w.f->ops[i]);
        if (scope_is_none(end) || !graph_is_repeatable(g, end)) return false;
        closed++;
    }
    return closed > 0;
}

/* `log.warning("%r was not closed", self)`; what `warnings.warn` says, tests wait for. */
static bool is_reminding(const Farewell *w, const Op *op) {
    static const char *const NAMES[] = {"critical", "error", "warn", "warning"};
    if (op->kind != OP_CALL || w->f->paths[op->subject].kind != PATH_ATTR) return false;
    return str_is_any(facts_attribute(w->f, op_path(op)), NAMES, ARRAY_LEN(NAMES)) &&
           !str_starts(graph_name_of(w->g, w->file, op_path(op)), "warnings.");
}

/* `closed = self.is_closed` */
static bool is_look(const Farewell *w, const Op *op) {
    PathId value = op->kind == OP_BIND ? bound_value(w->f, op) : (PathId){0};
    const Path *p = &w->f->paths[value.i];
    return value.i && p->kind == PATH_ATTR && p->depth == 1 && is_self(w, p->parent);
}

bool graph_is_reminder(const Graph *g, ClassId c, ScopeRef finalizer) {
    Farewell w = farewell_of(g, c, finalizer);
    const Scope *scope = &w.f->scopes[finalizer.scope.i];
    u32 asked = 0, reminded = 0;
    for (u32 i = scope->op_first; w.self.i && i < scope->op_end; i++) {
        const Op *op = &w.f->ops[i];
        asked += op->kind == OP_TEST;
        if (asked && is_reminding(&w, op))
            reminded++;
        else if (!is_idle_op(&w, op) && !is_look(&w, op) && scope_is_none(own_end(&w, op)))
            return false;
    }
    return reminded && has_end(g, c);
}
