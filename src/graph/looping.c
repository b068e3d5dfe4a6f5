/* Code that goes on until something stops it: loops of a thread's target, timers that are armed
 * again, callbacks and tasks. What it looks at, and what the class and others do to that. */
#include "graph/looping.h"

/* ---- what running code looks at ---- */

static void add_signal(Code *code, u64 name, When when) {
    for (u32 i = 0; i < code->n; i++) {
        Signal *s = &code->signals[i];
        if (s->name != name) continue;
        if (s->when == MENTIONED) s->when = when;
        if (s->when != when && when != MENTIONED) s->when = WHILE_ASKED;
        return;
    }
    if (code->n < SIGNALS_MAX) code->signals[code->n++] = (Signal){name, when, false};
}

static Signal *signal_of(Code *code, u64 name) {
    for (u32 i = 0; i < code->n; i++)
        if (code->signals[i].name == name) return &code->signals[i];
    return NULL;
}

/* The method of self that a path names or a call calls, or none. */
ScopeRef own_method(const Look *l, PathId path) {
    bool exact;
    StrId name = attribute_named(l->f, path, l->self, &exact);
    if (!name.i || !exact) return (ScopeRef){0};
    u32 fn = method_by_name(l->g, l->class, name_hash(l->f, name));
    if (!fn) return (ScopeRef){0};
    return (ScopeRef){l->g->functions[fn].file, l->g->functions[fn].scope};
}

Look look_into(const Look *l, ScopeRef method) {
    Look in = *l;
    in.file = method.file;
    in.f = l->g->files[method.file].facts;
    in.function = method;
    in.self = self_symbol(l->g, method);
    return in;
}

static bool mention(void *context, PathId path) {
    Look *l = context;
    bool exact;
    StrId name = attribute_named(l->f, path, l->self, &exact);
    if (name.i && !(exact && !scope_is_none(own_method(l, path))))
        add_signal(l->code, name_hash(l->f, name), l->when);
    return false;
}

/* All attributes that a method mentions: `while self.is_running():`. */
static bool mention_all(const Look *l, ScopeRef method, When when) {
    Look in = look_into(l, method);
    const Scope *scope = &in.f->scopes[method.scope.i];
    u32 before = l->code->n;
    in.when = when;
    for (u32 o = scope->op_first; in.self.i && o < scope->op_end; o++)
        op_paths(in.f, &in.f->ops[o], mention, &in);
    return l->code->n > before;
}

/* What a condition asks: an attribute, a method of one, an own method, a local that got its value
 * from one of these. False when it is something else. */
static bool ask(const Look *l, PathId path, When when) {
    bool exact;
    path = graph_alias_of(l->g, l->file, path);
    const Op *call = facts_call(l->f, path);
    PathId asked = call ? op_path(call) : path;
    ScopeRef method = own_method(l, asked);
    if (!scope_is_none(method)) return mention_all(l, method, WHILE_ASKED);
    StrId name = attribute_named(l->f, asked, l->self, &exact);
    if (!name.i) return false;
    add_signal(l->code, name_hash(l->f, name), call || !exact ? WHILE_ASKED : when);
    Str asks = call ? facts_method(l->f, call) : (Str){0};
    Signal *s = signal_of(l->code, name_hash(l->f, name));
    if (s && when == WHILE_TRUE) s->is_flag |= str_is(asks, "is_set") || str_is(asks, "isSet");
    return true;
}

static bool ask_tests(const Look *l, const Region *region, bool must) {
    bool all = true;
    for (u32 i = region->test_first; i < region->test_end; i++) {
        const Op *test = &l->f->ops[i];
        if (test->kind != OP_TEST) continue;
        u32 kind = test->flags & OP_LOW;
        bool is_truth = kind == TEST_TRUTH || kind == TEST_CALL;
        When when = !is_truth ? WHILE_ASKED : test->flags & OP_NEGATED ? WHILE_FALSE : WHILE_TRUE;
        if (!must && when != WHILE_ASKED) /* the test leads to an exit */
            when = when == WHILE_TRUE ? WHILE_FALSE : WHILE_TRUE;
        all &= ask(l, op_path(test), when);
    }
    return all;
}

static bool is_loop(const Region *r) {
    return r->kind == REGION_WHILE || r->kind == REGION_FOR;
}

static bool has_test(const Facts *f, const Region *region) {
    for (u32 i = region->test_first; i < region->test_end; i++)
        if (f->ops[i].kind == OP_TEST) return true;
    return false;
}

/* Ways out of an endless loop, and what they depend on. */
static void ask_exits(const Look *l, RegionId loop) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_BREAK && op->kind != OP_RETURN && op->kind != OP_RAISE) continue;
        bool is_inside = false;
        for (RegionId r = op->region; r.i > loop.i; r = f->regions[r.i].parent) {
            if (f->regions[r.i].parent.i == loop.i) is_inside = true;
            if (op->kind == OP_BREAK && is_loop(&f->regions[r.i])) break;
        }
        if (!is_inside && op->region.i != loop.i) continue;
        l->code->has_exit = true;
        bool is_asked = false;
        for (RegionId r = op->region; r.i > loop.i; r = f->regions[r.i].parent)
            is_asked |= ask_tests(l, &f->regions[r.i], false) && has_test(f, &f->regions[r.i]);
        l->code->has_other_exit |= !is_asked;
    }
}

static bool is_nested_loop(const Facts *f, RegionId region) {
    for (RegionId r = f->regions[region.i].parent; r.i; r = f->regions[r.i].parent)
        if (is_loop(&f->regions[r.i])) return true;
    return false;
}

static void take_loop(const Look *l, Span span) {
    const Scope *scope = &l->f->scopes[l->function.scope.i];
    Look in = *l;
    in.when = MENTIONED;
    if (!l->code->runs) l->code->function = l->function, l->code->loop = span;
    l->code->runs = true;
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (l->f->ops[o].span.start >= span.start && l->f->ops[o].span.end <= span.end)
            op_paths(l->f, &l->f->ops[o], mention, &in);
}

/* `while True`, `while not self.stopped`: the outermost loops of the function. */
static void look_at_loops(const Look *l) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->function.scope.i];
    for (u32 r = scope->region.i; r < f->n_regions; r++) {
        const Region *region = &f->regions[r];
        if (region->span.start >= scope->span.end) break;
        bool is_while = region->kind == REGION_WHILE && region->scope.i == l->function.scope.i;
        if (!is_while || is_nested_loop(f, (RegionId){r})) continue;
        if (region->flags & REGION_ENDLESS)
            ask_exits(l, (RegionId){r});
        else if (ask_tests(l, region, true))
            l->code->has_exit = true;
        else
            continue;
        take_loop(l, region->span);
    }
}

/* `for item in iter(self.queue.get, None)`, `self.server.serve_forever()`. */
static void look_at_calls(const Look *l) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->function.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL) continue;
        const Path *callee = &f->paths[op->subject];
        bool exact, is_endless = callee->kind == PATH_ATTR &&
                                 know_protocol(facts_str(f, (StrId){callee->id}), PROTOCOL_ENDLESS);
        bool is_iter = op->operands == 2 && callee->kind == PATH_SYMBOL &&
                       str_is(graph_name_of(l->g, l->file, op_path(op)), "builtins.iter");
        PathId of = is_iter ? op_operand(f, op, 0) : is_endless ? callee->parent : (PathId){0};
        StrId name = of.i ? attribute_named(f, of, l->self, &exact) : (StrId){0};
        if (!name.i) continue;
        add_signal(l->code, name_hash(f, name), WHILE_ASKED);
        l->code->has_exit = true;
        take_loop(l, op->span);
    }
}

/* The function, or an own method that it calls, goes on and on. */
void look_at_code(const Look *l, u32 depth) {
    if (!l->self.i) return;
    look_at_loops(l);
    look_at_calls(l);
    const Scope *scope = &l->f->scopes[l->function.scope.i];
    for (u32 o = scope->op_first; depth && !l->code->runs && o < scope->op_end; o++) {
        if (l->f->ops[o].kind != OP_CALL) continue;
        ScopeRef method = own_method(l, op_path(&l->f->ops[o]));
        if (scope_is_none(method) || method.scope.i == l->function.scope.i) continue;
        Look in = look_into(l, method);
        look_at_code(&in, depth - 1);
    }
}

/* ---- who stops it ---- */

typedef enum Handling {
    TOUCH_NOTHING,
    TOUCH_MAYBE, /* somebody else may stop it then */
    TOUCH_END,   /* what the loop uses is closed or gone: it may end by an exception */
    TOUCH_STOP,
} Handling;

static Handling stop_of(const Signal *s) {
    return s->when == MENTIONED ? TOUCH_END : TOUCH_STOP;
}

static Handling touch_by_store(const Look *l, const Op *op) {
    const Facts *f = l->f;
    bool exact;
    StrId name = attribute_named(f, op_path(op), l->self, &exact);
    const Signal *s = name.i ? signal_of(l->code, name_hash(f, name)) : NULL;
    if (!s) return TOUCH_NOTHING;
    if (!exact || op->kind == OP_DELETE) return stop_of(s);
    const Path *value = &f->paths[bound_value(f, op).i];
    if (value->kind == PATH_LITERAL) {
        bool is_false = value->flags == LITERAL_FALSE || value->flags == LITERAL_NONE ||
                        str_is(facts_str(f, (StrId){value->id}), "0");
        if (s->when == WHILE_TRUE) return is_false ? TOUCH_STOP : TOUCH_NOTHING;
        if (s->when == WHILE_FALSE) return is_false ? TOUCH_NOTHING : TOUCH_STOP;
        return stop_of(s);
    }
    if (value->kind == PATH_OP && s->when >= WHILE_ASKED) return TOUCH_NOTHING; /* a fresh one */
    return s->when == MENTIONED ? TOUCH_NOTHING : TOUCH_MAYBE;
}

/* What a message that stops a loop is made of: a literal, a constant of the module or class. */
static bool is_constant(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_LITERAL) return true;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_TUPLE) {
        const Op *tuple = &f->ops[p->id];
        return !tuple->operands || is_constant(f, op_operand(f, tuple, 0));
    }
    SymbolId root = facts_root_symbol(f, path);
    if (root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    Str last = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : STR("x");
    for (u32 i = 0; i < last.n; i++)
        if (last.p[i] >= 'a' && last.p[i] <= 'z') return false;
    return true;
}

static Handling touch_by_call(const Look *l, const Op *op) {
    const Facts *f = l->f;
    const Path *callee = &f->paths[op->subject];
    bool exact;
    StrId name = attribute_named(f, op_path(op), l->self, &exact);
    const Signal *s = name.i && !exact ? signal_of(l->code, name_hash(f, name)) : NULL;
    Str verb = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    bool is_wakening = l->any_message && s && s->when == MENTIONED && !is_closing_name(verb);
    if (is_wakening) s = NULL;
    if (s && know_protocol(verb, PROTOCOL_STOP)) return stop_of(s);
    if (s && s->is_flag && str_is(verb, "clear")) return TOUCH_STOP;
    if (s && know_protocol(verb, PROTOCOL_SENTINEL) &&
        (l->any_message || is_constant(f, op_operand(f, op, 0))))
        return stop_of(s);
    Handling touch = TOUCH_NOTHING;
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(f, op, i);
        const Path *p = &f->paths[path.i];
        name = attribute_named(f, path, l->self, &exact);
        s = name.i ? signal_of(l->code, name_hash(f, name)) : NULL;
        if (!s) continue;
        if (!exact && p->kind == PATH_ATTR &&
            know_protocol(facts_str(f, (StrId){p->id}), PROTOCOL_STOP))
            return stop_of(s);
        const CallRow *row = know_call(graph_name_of(l->g, l->file, op_path(op)));
        if (exact && s->when < MENTIONED && !row) touch = TOUCH_MAYBE;
    }
    return touch;
}

static Handling touch_of(const Look *l, const Op *op) {
    bool exact;
    switch ((OpKind)op->kind) {
    case OP_STORE:
    case OP_DELETE:
    case OP_AUGMENT:
        return touch_by_store(l, op);
    case OP_CALL:
        return touch_by_call(l, op);
    case OP_RETURN: {
        StrId name = attribute_named(l->f, op_operand(l->f, op, 0), l->self, &exact);
        const Signal *s = name.i && exact ? signal_of(l->code, name_hash(l->f, name)) : NULL;
        return s && s->when == WHILE_ASKED ? TOUCH_MAYBE : TOUCH_NOTHING;
    }
    default:
        return TOUCH_NOTHING;
    }
}

static bool is_constructor(const Facts *f, ScopeId method) {
    Str name = facts_str(f, f->scopes[method.i].name);
    return str_is(name, "__init__") || str_is(name, "__new__") || str_is(name, "__post_init__");
}

/* The loop itself does it. */
static bool is_in_loop(const Code *code, u32 file, const Op *op) {
    return code->function.file == file && code->loop.start <= op->span.start &&
           op->span.end <= code->loop.end;
}

/* One class body: does a method stop the code? Stores in the method that starts it set it up, but
 * for what its loop does. */
static void find_stops_in(const Look *l, ClassId c, ScopeRef starter, Stops *out) {
    ScopeRef body = graph_class_scope(l->g, c);
    const Facts *f = l->g->files[body.file].facts;
    const Scope *scope = &f->scopes[body.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    for (u32 o = scope->op_first; o < end && !out->by_users; o++) {
        const Op *op = &f->ops[o];
        ScopeId m = method_around(f, op->region, body.scope);
        ScopeRef method = {body.file, m};
        if (!m.i || is_constructor(f, m)) continue;
        bool is_starter = starter.file == body.file && starter.scope.i == m.i;
        if (is_starter && op->kind == OP_STORE && !is_in_loop(l->code, body.file, op)) continue;
        Look in = look_into(l, method);
        Handling touch = in.self.i ? touch_of(&in, op) : TOUCH_NOTHING;
        if (touch == TOUCH_NOTHING) continue;
        if (!graph_is_in_finalizer(l->g, method)) {
            out->by_users = true;
        } else if (touch >= TOUCH_END && !out->is_plain) {
            out->by_finalizer = true;
            out->is_plain = touch == TOUCH_STOP;
            out->release = (OpRef){body.file, {o}};
        }
    }
}

Stops find_stops(const Look *l, ScopeRef starter) {
    const ClassNode *node = &l->g->classes[l->class.i];
    Stops out = {0};
    for (u32 i = 0; i < l->code->n; i++) {
        const Signal *s = &l->code->signals[i];
        bool is_ended = l->any_message && s->when == MENTIONED;
        out.by_users |=
            map_get(is_ended ? &l->g->closed_attributes : &l->g->touched_attributes, s->name) != 0;
        if (s->when != MENTIONED)
            out.by_users |= attribute_origin(l->g, l->class, s->name) == ORIGINS_GIVEN;
    }
    for (u32 i = 0; i < node->n_mro && !out.by_users; i++)
        find_stops_in(l, node->mro[i], starter, &out);
    for (u32 i = 0; i < node->subclasses.n && !out.by_users; i++)
        find_stops_in(l, node->subclasses.v[i], starter, &out);
    return out;
}

/* ---- sites ---- */

/* The path of self in its method. */
PathId self_path(const Look *l) {
    for (u32 p = 1; p < l->f->n_paths; p++)
        if (l->f->paths[p].kind == PATH_SYMBOL &&
            l->f->symbols[l->f->paths[p].id].target.i == l->self.i)
            return (PathId){p};
    return (PathId){0};
}

/* The attribute or variable that takes the value of a call is looked at from outside: `cancel`. */
static void add_store_of(const Look *l, u32 call) {
    const Facts *f = l->f;
    SymbolId local = {0};
    const Scope *scope = &f->scopes[l->function.scope.i];
    for (u32 o = call + 1; o < MIN(scope->op_end, call + 32); o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_STORE && op->kind != OP_BIND) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        bool is_it = value->kind == PATH_OP && value->id == call;
        bool is_local = value->kind == PATH_SYMBOL && f->symbols[value->id].target.i &&
                        f->symbols[value->id].target.i == local.i;
        if (!is_it && !is_local) continue;
        bool exact;
        if (op->kind == OP_BIND) local = facts_root_symbol(f, op_path(op));
        StrId name = attribute_named(f, op_path(op), l->self, &exact);
        if (name.i) add_signal(l->code, name_hash(f, name), WHILE_ASKED);
    }
}

static bool has_start(const Look *l) {
    ScopeRef body = graph_class_scope(l->g, graph_method_class(l->g, l->function));
    const Scope *scope = &l->f->scopes[body.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Path *callee = &l->f->paths[l->f->ops[o].subject];
        if (l->f->ops[o].kind == OP_CALL && callee->kind == PATH_ATTR &&
            str_is(facts_str(l->f, (StrId){callee->id}), "start"))
            return true;
    }
    return false;
}

/* The function that a thread gets self as an argument for: its parameter is the self there. */
static Look argument_target(const Look *l, const Op *call) {
    const Facts *f = l->f;
    Look none = *l;
    none.self = (SymbolId){0};
    ScopeRef target = graph_definition_of(l->g, l->file, call_argument(f, call, 1, "target"));
    const Path *args = &f->paths[call_argument(f, call, 3, "args").i];
    if (scope_is_none(target) || args->kind != PATH_OP) return none;
    const Facts *there = l->g->files[target.file].facts;
    const Scope *scope = &there->scopes[target.scope.i];
    if (scope->kind != SCOPE_FUNCTION) return none;
    const Op *tuple = &f->ops[args->id];
    for (u32 i = 0; i < tuple->operands; i++) {
        const Path *p = &f->paths[op_operand(f, tuple, i).i];
        bool is_self = p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == l->self.i;
        if (!is_self || scope->param_first + i >= scope->param_end) continue;
        none.file = target.file, none.f = there, none.function = target;
        none.self = there->params[scope->param_first + i].symbol;
    }
    return none;
}

/* The method of self that a call gets as a bound method, or as a call of a coroutine function. */
static ScopeRef given_method(const Look *l, const Op *call, PathId self) {
    for (u32 i = 0; i < call->operands; i++) {
        PathId path = op_operand(l->f, call, i);
        const Path *p = &l->f->paths[path.i];
        if (p->kind == PATH_OP && l->f->ops[p->id].kind == OP_CALL) {
            ScopeRef m = own_method(l, op_path(&l->f->ops[p->id]));
            const Facts *f = graph_facts(l->g, m.file);
            if (m.scope.i && f->scopes[m.scope.i].flags & SCOPE_ASYNC) return m;
        }
        Carry c = graph_carries(l->g, l->file, path, self);
        if (c.kind == CARRY_METHOD) return own_method(l, path);
    }
    return (ScopeRef){0};
}

static KeeperKind kind_of_call(const Look *l, const Op *op) {
    const Path *callee = &l->f->paths[op->subject];
    Str last = callee->kind == PATH_ATTR ? facts_str(l->f, (StrId){callee->id}) : (Str){0};
    if (last.n && know_protocol(last, PROTOCOL_SCHEDULE)) return KEEPER_CALLBACK;
    Str name = graph_name_of(l->g, l->file, op_path(op));
    if (str_is(name, "threading.Timer")) return KEEPER_TIMER;
    const CallRow *row = name.n ? know_call(name) : NULL;
    bool is_task = row && (row->flags & (CALL_TASK | CALL_HOLDS)) == (CALL_TASK | CALL_HOLDS);
    if (is_task && str_starts(name, "threading.")) return KEEPER_THREAD;
    if (is_task && str_starts(name, "asyncio.")) return KEEPER_TASK;
    return last.n && know_is_task_method(last) ? KEEPER_TASK : KEEPER_NONE;
}

/* Does the callback arm itself again: the site is in it, or in a method that it calls? */
static bool is_rearmed(const Look *l, ScopeRef callback) {
    if (callback.file == l->function.file && callback.scope.i == l->function.scope.i) return true;
    Look in = look_into(l, callback);
    const Scope *scope = &in.f->scopes[callback.scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        if (in.f->ops[o].kind != OP_CALL) continue;
        ScopeRef m = own_method(&in, op_path(&in.f->ops[o]));
        if (m.file == l->function.file && m.scope.i == l->function.scope.i) return true;
    }
    return false;
}

/* A timer goes on while the tests of its callback and of the method that arms it let it. */
static void look_at_timer(const Look *l, ScopeRef callback, Span site) {
    ScopeRef both[] = {callback, l->function};
    for (u32 i = 0; i < ARRAY_LEN(both); i++) {
        Look in = look_into(l, both[i]);
        const Scope *scope = &in.f->scopes[both[i].scope.i];
        for (u32 o = scope->op_first; in.self.i && o < scope->op_end; o++)
            if (in.f->ops[o].kind == OP_TEST && !ask(&in, op_path(&in.f->ops[o]), WHILE_ASKED))
                l->code->has_exit = l->code->has_other_exit = true; /* who knows what ends it */
    }
    l->code->runs = true;
    l->code->function = callback;
    l->code->loop = site;
}

/* `async with self.group as group: await group.spawn(self.loop())`: who cancels the group ends its
 * tasks, and so does a task of it that fails. */
static void look_at_group(const Look *l) {
    const Scope *scope = &l->f->scopes[l->function.scope.i];
    bool exact, is_group = false;
    for (u32 o = scope->op_first; l->self.i && o < scope->op_end; o++) {
        const Op *op = &l->f->ops[o];
        if (op->kind == OP_ENTER && op->flags & OP_ASYNC) {
            StrId name = attribute_named(l->f, op_path(op), l->self, &exact);
            if (name.i && exact) add_signal(l->code, name_hash(l->f, name), WHILE_ASKED);
            is_group = true;
        }
        ScopeRef task = is_group && op->kind == OP_CALL ? own_method(l, op_path(op)) : l->function;
        if (task.scope.i && task.scope.i != l->function.scope.i) mention_all(l, task, MENTIONED);
    }
}

/* The call gets something that may be code, or lead to it. */
static bool gives_code(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++)
        if (f->paths[op_operand(f, call, i).i].kind != PATH_LITERAL) return true;
    return false;
}

bool may_keep_running(const Look *l, u32 o) {
    const Op *op = &l->f->ops[o];
    return gives_code(l->f, op) && kind_of_call(l, op) != KEEPER_NONE;
}

bool keep_running(const Look *l, u32 o, Keeper *out) {
    const Op *op = &l->f->ops[o];
    KeeperKind kind = gives_code(l->f, op) ? kind_of_call(l, op) : KEEPER_NONE;
    if (kind == KEEPER_NONE) return false;
    PathId self = self_path(l);
    ScopeRef target = given_method(l, op, self);
    bool is_timer = kind == KEEPER_TIMER || kind == KEEPER_CALLBACK;
    if (is_timer) {
        if (scope_is_none(target) || !is_rearmed(l, target)) return false;
        look_at_timer(l, target, op->span);
    } else {
        Look in = scope_is_none(target) ? argument_target(l, op) : look_into(l, target);
        if (kind == KEEPER_THREAD && !has_start(l)) return false;
        look_at_code(&in, 1);
        if (kind == KEEPER_TASK) look_at_group(l), look_at_group(&in);
        bool exact; /* `self.pool.submit(…)`: whoever shuts down the pool ends it */
        StrId pool = attribute_named(l->f, op_path(op), l->self, &exact);
        if (pool.i && !exact) add_signal(l->code, name_hash(l->f, pool), WHILE_ASKED);
    }
    if (!l->code->runs) return false;
    add_store_of(l, o);
    *out = (Keeper){.kind = kind, .site = op->span, .holder = op_path(op)};
    return true;
}
