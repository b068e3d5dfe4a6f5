/* Classes whose instances something holds as long as the process, or until it is told otherwise,
 * from their constructor on: nobody waits for the collector there. */
#include "graph/looping.h"
#include "graph/spent.h"

/* Methods of the object that its constructor calls, one in another. */
enum { STARTS_DEPTH = 3 };

/* `Device.instances.append(self)`, `DEVICES[name] = self`. */
static bool adds_self(const Graph *g, u32 file, const Op *op, SymbolId self) {
    const Facts *f = g->files[file].facts;
    PathId holder = {0};
    if (op->kind == OP_CALL) {
        const Path *callee = &f->paths[op->subject];
        const MethodRow *row = know_method(facts_method(f, op));
        bool adds = callee->kind == PATH_ATTR && row && row->effect == METHOD_ADDS;
        for (u32 i = 0; adds && i < op->operands; i++) {
            const Path *p = &f->paths[op_operand(f, op, i).i];
            if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == self.i)
                holder = callee->parent;
        }
    } else if (op->kind == OP_STORE) {
        const Path *to = &f->paths[op->subject];
        const Path *value = &f->paths[bound_value(f, op).i];
        bool is_self = value->kind == PATH_SYMBOL && f->symbols[value->id].target.i == self.i;
        if (is_self && (to->kind == PATH_ANY || to->kind == PATH_CONST)) holder = to->parent;
    }
    if (!holder.i) return false;
    u32 container = held_by(g, file, holder, RESOLVE_DEPTH).container;
    return container && g->containers[container].kind != CONTAINER_WEAK;
}

bool graph_is_enrolled(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        ScopeRef init = graph_method(g, node->mro[i], "__init__");
        if (scope_is_none(init) || graph_method_class(g, init).i != node->mro[i].i) continue;
        SymbolId self = self_symbol(g, init);
        const Facts *f = g->files[init.file].facts;
        const Scope *scope = &f->scopes[init.scope.i];
        for (u32 o = scope->op_first; self.i && o < scope->op_end; o++)
            if (is_unconditional(f, &f->ops[o]) && adds_self(g, init.file, &f->ops[o], self))
                return true;
    }
    return false;
}

/* `if start_thread:`, a parameter of the constructor. */
static bool is_asked_for(const Facts *f, const Op *op) {
    const Region *r = &f->regions[op->region.i];
    for (u32 t = r->test_first; t < r->test_end; t++) {
        const Path *p = &f->paths[f->ops[t].subject];
        if (f->ops[t].kind == OP_TEST && p->kind == PATH_SYMBOL &&
            f->symbols[f->symbols[p->id].target.i].flags & SYMBOL_PARAM)
            return true;
    }
    return false;
}

/* `for line in self.stream`: not over a list. */
static bool is_stream(const Look *l, const Op *op) {
    bool exact;
    StrId name = attribute_named(l->f, op_path(op), l->self, &exact);
    if (op->kind != OP_ITERATE || !name.i) return false;
    AttributeKind kind = graph_attribute_outline(l->g, l->class, facts_str(l->f, name)).kind;
    return kind != ATTRIBUTE_CONTAINER && kind != ATTRIBUTE_PLAIN;
}

/* `self.server.serve_forever()`, `self.loop.start()`, `self.over.wait()` */
static bool is_waiting_call(const Facts *f, const Op *op) {
    static const char *const NAMES[] = {"join", "listen", "loop_forever", "start", "wait"};
    if (op->kind != OP_CALL) return false;
    Str name = facts_method(f, op);
    return know_is_running(name) || str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* What runs in the thread goes on until somebody ends it: a loop that asks an attribute or `while
 * True`, there or in a method that it calls, a stream, or a call that waits. */
static bool goes_on(const Graph *g, ClassId c, ScopeRef target) {
    if (scope_is_none(target)) return true; /* of a base outside */
    Code code = {0};
    Look l = look_into(&(Look){.g = g, .class = c, .code = &code}, target);
    look_at_code(&l, 2);
    const Scope *scope = &l.f->scopes[target.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end && !code.runs; o++)
        code.runs = is_waiting_call(l.f, &l.f->ops[o]) || is_stream(&l, &l.f->ops[o]);
    return code.runs;
}

static ScopeRef own_target(const Graph *g, ClassId c, const Facts *f, StrId name) {
    Member m = graph_member(g, c, name_hash(f, name));
    return m.kind == MEMBER_METHOD ? m.function : (ScopeRef){0};
}

/* A thread of the library, or of a class of the project that derives from it. */
static bool makes_thread(const Graph *g, u32 file, const Op *call) {
    Entity e = entity_of_path(g, file, op_path(call), RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return graph_is_subclass(g, entity_class(g, e), "threading.Thread");
    return str_is(entity_name(g, e), "threading.Thread");
}

/* `self._reader = Thread(target=self._read)`, `self._reader.start()` in the method, or in one of
 * its own that it calls on every way. */
static bool starts_on_itself(const Graph *g, ClassId c, ScopeRef method, u32 depth) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    SymbolId self = self_symbol(g, method);
    bool is_given = false, is_started = false, exact;
    for (u32 o = scope->op_first; self.i && o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL || (!is_unconditional(f, op) && !is_asked_for(f, op))) continue;
        is_started |= str_is(facts_method(f, op), "start");
        PathId target = call_argument(f, op, 1, "target");
        StrId name = target.i ? attribute_named(f, target, self, &exact) : (StrId){0};
        if (name.i && exact && makes_thread(g, method.file, op))
            is_given |= goes_on(g, c, own_target(g, c, f, name));
        name = depth ? attribute_named(f, op_path(op), self, &exact) : (StrId){0};
        ScopeRef own = name.i && exact ? own_target(g, c, f, name) : (ScopeRef){0};
        if (!scope_is_none(own) && starts_on_itself(g, c, own, depth - 1)) return true;
    }
    return is_given && is_started;
}

static bool starts_when_made(const Graph *g, ClassId c) {
    ScopeRef init = graph_method(g, c, "__init__");
    return !scope_is_none(init) && starts_on_itself(g, c, init, STARTS_DEPTH);
}

/* A method of the thread that starts it: `def play(self): self.start()`. */
static bool starts_itself(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    SymbolId self = self_symbol(g, method);
    for (u32 o = scope->op_first; self.i && o < scope->op_end; o++) {
        bool exact;
        const Op *op = &f->ops[o];
        StrId name =
            op->kind == OP_CALL ? attribute_named(f, op_path(op), self, &exact) : (StrId){0};
        if (name.i && exact && str_is(facts_str(f, name), "start")) return true;
    }
    return false;
}

bool graph_is_running_thread(const Graph *g, ClassId c) {
    ScopeRef run = graph_method(g, c, "run"), init = graph_method(g, c, "__init__");
    /* users of a library may end the thread and still have the object */
    if (starts_when_made(g, c)) return !graph_is_offered(g, c);
    if (scope_is_none(run) || scope_is_none(init)) return false;
    return graph_is_subclass(g, c, "threading.Thread") && starts_itself(g, init);
}

bool graph_is_done_with_thread(const Graph *g, ClassId c, ScopeRef function, ScopeRef finalizer) {
    if (!is_closed_twice(g, c, finalizer)) return false;
    bool is_own = class_is_kind_of(g, c, graph_method_class(g, function));
    return starts_when_made(g, c) || (is_own && starts_on_itself(g, c, function, 1));
}

/* `self.player.start()`, `self.player.play()`: a call that starts such a thread. */
static bool is_start_of(const Graph *g, u32 file, const Op *op, ClassId thread) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL || callee->kind != PATH_ATTR) return false;
    u64 name = name_hash(f, (StrId){callee->id});
    bool is_start = str_is(facts_str(f, (StrId){callee->id}), "start");
    Member m = is_start ? (Member){0} : graph_member(g, thread, name);
    if (!is_start && (m.kind != MEMBER_METHOD || !starts_itself(g, m.function))) return false;
    return graph_type_of(g, file, callee->parent).i == thread.i;
}

/* The function has made the thread anew before it starts it. */
static bool is_made_before(const Facts *f, const Scope *scope, u32 start) {
    PathId thread = f->paths[f->ops[start].subject].parent;
    for (u32 o = scope->op_first; o < start; o++) {
        const Op *op = &f->ops[o];
        bool binds = op->kind == OP_STORE || op->kind == OP_BIND;
        if (binds && op->subject == thread.i && is_unconditional(f, op)) return true;
    }
    return false;
}

bool graph_starts_thread(const Graph *g, ScopeRef function, ClassId thread) {
    if (!graph_is_subclass(g, thread, "threading.Thread")) return false;
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (is_start_of(g, function.file, &f->ops[o], thread)) return true;
    ClassId owner = graph_method_class(g, function);
    const Scope *body = &f->scopes[owner.i ? g->classes[owner.i].scope.i : 0];
    for (u32 o = body->op_first; owner.i && o < body->op_end; o++) {
        if (!is_start_of(g, function.file, &f->ops[o], thread)) continue;
        ScopeId s = enclosing_function(f, f->regions[f->ops[o].region.i].scope);
        if (s.i && !is_made_before(f, &f->scopes[s.i], o)) return true;
    }
    return false;
}

/* What the calls of one scope do to the thread of an object that a library has made. */
typedef struct Threaded {
    const ThreadedRow *row;
    bool is_started, is_stopped;
} Threaded;

static void look_for_threads(const Graph *g, u32 file, const Scope *scope, Threaded *t) {
    const Facts *f = g->files[file].facts;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        Str method = op->kind == OP_CALL ? facts_method(f, op) : (Str){0};
        bool is_start = str_is(method, t->row->start);
        bool is_stop = str_is(method, t->row->stop) ||
                       (t->row->other_stop && str_is(method, t->row->other_stop));
        if (!is_start && !is_stop) continue;
        if (!str_is(maker_of(g, file, f->paths[op->subject].parent), t->row->name)) continue;
        if (is_start) t->is_started = true;
        if (is_stop && !graph_is_in_finalizer(g, function_of_op(g, (OpRef){file, {o}})))
            t->is_stopped = true;
    }
}

bool graph_runs_for_ever(const Graph *g, ScopeRef function, Str made) {
    Threaded t = {.row = know_threaded(made)};
    if (!t.row) return false;
    ClassId owner = graph_method_class(g, function);
    const ClassNode *node = &g->classes[owner.i];
    if (!owner.i)
        look_for_threads(g, function.file, &g->files[function.file].facts->scopes[function.scope.i],
                         &t);
    for (u32 i = 0; owner.i && i < node->n_mro; i++) {
        const ClassNode *each = &g->classes[node->mro[i].i];
        look_for_threads(g, each->file, &g->files[each->file].facts->scopes[each->scope.i], &t);
    }
    return t.is_started && !t.is_stopped;
}

/* `cls.active = context`, `Context.active = self` in the body of the class. */
static bool sets_current(const Graph *g, const ClassNode *node, ClassId c) {
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        const Path *to = &f->paths[op->subject];
        if (op->kind != OP_STORE || to->kind != PATH_ATTR || to->depth != 1) continue;
        SymbolId root = facts_root_symbol(f, op_path(op));
        bool is_class = false;
        ClassId own = self_class(g, node->file, root, &is_class);
        if (!own.i) {
            Entity e = entity_of_path(g, node->file, to->parent, RESOLVE_DEPTH);
            is_class = e.kind == ENTITY_CLASS;
            own = is_class ? entity_class(g, e) : (ClassId){0};
        }
        ClassId kept = type_of_path(g, node->file, bound_value(f, op), RESOLVE_DEPTH);
        if (is_class && own.i && kept.i && class_is_kind_of(g, c, kept)) return true;
    }
    return false;
}

bool graph_has_current(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; c.i && i < node->n_mro; i++)
        if (sets_current(g, &g->classes[node->mro[i].i], c)) return true;
    return false;
}
