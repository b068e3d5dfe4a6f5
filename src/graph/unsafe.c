/* What goes wrong in a `__del__`: attributes that a constructor that failed has not set, locks that
 * the interrupted code may hold, and what the interpreter no longer does when it ends. */
#include "graph/argued.h"

enum { INIT_DEPTH = 2 };

/* ---- what constructors set ---- */

typedef enum SetKind {
    SET_UNKNOWN, /* somebody else may set it */
    SET_NOT,
    SET_BRANCH, /* in a branch */
    SET_ALWAYS, /* unless something before it raises: */
} SetKind;

typedef struct Setting {
    SetKind kind;
    bool may_raise,
        raises;     /* some call is before it; a `raise` or a resource that may be missing */
    bool is_direct; /* the raising statement is in the constructor itself */
    u32 file;       /* of what may raise, or of the store in a branch */
    Span cause;
} Setting;

typedef struct Init {
    const Graph *g;
    ClassId class;
    u64 name; /* of the attribute */
    u32 file;
    const Facts *f;
    ScopeRef function;
    SymbolId self;
} Init;

static bool fails_often(Str name, const Op *call) {
    const ResourceRow *row = know_resource(name);
    if (!row) return false;
    /* `requests.Session()` connects with its first use */
    if (row->kind == RESOURCE_CONNECTION && row->flags & RESOURCE_QUIET && !call->operands)
        return false;
    return row->kind == RESOURCE_FILE || row->kind == RESOURCE_CONNECTION ||
           row->kind == RESOURCE_PROCESS || row->kind == RESOURCE_MMAP ||
           row->kind == RESOURCE_SERVER || row->kind == RESOURCE_LOCK_FILE;
}

/* Does a branch around the operation ask for a parameter: `if kind not in KINDS: raise`? */
static bool depends_on_parameter(const Facts *f, const Op *op) {
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        RegionId group = f->regions[r.i].group.i ? f->regions[r.i].group : r;
        for (u32 t = f->regions[group.i].test_first; t < f->regions[group.i].test_end; t++) {
            SymbolId asked = facts_root_symbol(f, op_path(&f->ops[t]));
            bool is_test = f->ops[t].kind == OP_TEST && asked.i;
            if (is_test && f->symbols[asked.i].flags & SYMBOL_PARAM) return true;
        }
    }
    return false;
}

/* A function of the project with a `raise` that it does not catch itself; `constant`: the call
 * gives it literals only, which somebody has tried. */
static bool has_raise(const Graph *g, u32 fn, bool constant) {
    u32 file = g->functions[fn].file;
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[g->functions[fn].scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (f->ops[o].kind == OP_RAISE &&
            f->regions[f->ops[o].region.i].scope.i == g->functions[fn].scope.i &&
            !is_caught(g, file, &f->ops[o]) && !(constant && depends_on_parameter(f, &f->ops[o])))
            return true;
    return false;
}

static bool has_only_literals(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++)
        if (f->paths[op_operand(f, call, i).i].kind != PATH_LITERAL) return false;
    return call->operands > 0;
}

/* … or parameters, for which the callers give literals. */
static bool has_known_values(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < call->operands; i++)
        if (!is_always_literal(g, file, op_operand(f, call, i))) return false;
    return call->operands > 0 && !call_has_spread(f, call);
}

static void note_cause(Setting *s, u32 file, Span span) {
    s->file = file;
    s->cause = span;
}

/* Some `except` stands behind the operation: the constructor goes on. */
static bool is_tried(const Facts *f, const Op *op) {
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind != REGION_TRY) continue;
        for (u32 k = r.i + 1; k < f->n_regions && f->regions[k].scope.i >= s.i; k++)
            if (f->regions[k].kind == REGION_EXCEPT && f->regions[k].group.i == r.i) return true;
    }
    return false;
}

/* What an operation adds to what may raise before the attribute is set. */
static void note_danger(const Init *in, const Op *op, Setting *s) {
    if (s->raises || is_tried(in->f, op)) return;
    if (op->kind == OP_RAISE) {
        s->raises = s->is_direct = true;
        note_cause(s, in->file, op->span);
        return;
    }
    if (op->kind != OP_CALL) return;
    Str name = graph_name_of(in->g, in->file, op_path(op));
    ClassId made;
    u32 fn = callee_function(in->g, in->file, op, &made);
    bool is_literal = has_only_literals(in->f, op);
    bool is_known = fn && !is_literal && has_known_values(in->g, in->file, op);
    s->raises = fails_often(name, op) || (fn && has_raise(in->g, fn, is_literal || is_known));
    bool is_harmless = know_call(name) || know_constructor(name) != MADE_NOTHING ||
                       (fn && !is_known) || made.i || str_is(name, "builtins.super") ||
                       str_starts(name, "threading.");
    if (!s->raises && (s->may_raise || is_harmless)) return;
    s->may_raise = true;
    note_cause(s, in->file, op->span);
}

/* The outermost conditional region around an operation, as the group that it belongs to. */
static RegionId branch_group(const Facts *f, const Op *op) {
    RegionId found = {0};
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        u32 kind = f->regions[r.i].kind;
        if (kind == REGION_BODY || kind == REGION_WITH || kind == REGION_TRY) continue;
        if (kind == REGION_FINALLY || kind == REGION_TRY_ELSE) continue;
        if (kind == REGION_FOR || kind == REGION_WHILE) continue; /* some round is taken for sure */
        found = f->regions[r.i].group.i ? f->regions[r.i].group : r;
    }
    return found;
}

static bool is_dynamic(const Init *in, const Op *op) {
    const Facts *f = in->f;
    if (op->kind == OP_RETURN && !(op->flags & OP_IMPLICIT) && !is_unconditional(f, op))
        return true;
    if (op->kind != OP_CALL) return false;
    bool exact;
    StrId name = attribute_named(f, op_path(op), in->self, &exact);
    if (str_is(facts_str(f, name), "__dict__")) return true;
    Str callee = graph_name_of(in->g, in->file, op_path(op));
    return str_is(callee, "builtins.setattr") || str_is(callee, "builtins.vars") ||
           str_is(callee, "builtins.locals");
}

static Setting setting_in(const Init *in, u32 depth);

/* A method of the same object that the constructor calls whatever happens. */
static bool is_set_by_call(const Init *in, const Op *op, u32 depth, Setting *s) {
    const Facts *f = in->f;
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL || !depth || callee->kind != PATH_ATTR) return false;
    ClassId made;
    u32 fn = callee_function(in->g, in->file, op, &made);
    if (!fn || !in->g->functions[fn].owner.i) return false;
    const Path *base = &f->paths[callee->parent.i];
    bool is_own = base->kind == PATH_SYMBOL && f->symbols[base->id].target.i == in->self.i;
    bool is_super = base->kind == PATH_OP;
    bool is_base = op->operands && facts_root_symbol(f, op_operand(f, op, 0)).i == in->self.i;
    if (!is_own && !is_super && !is_base) return false;
    Init there = *in;
    there.function = (ScopeRef){in->g->functions[fn].file, in->g->functions[fn].scope};
    there.file = there.function.file;
    there.f = in->g->files[there.file].facts;
    there.self = self_symbol(in->g, there.function);
    if (!there.self.i) return false;
    Setting inner = setting_in(&there, depth - 1);
    if (inner.kind == SET_UNKNOWN) s->kind = SET_UNKNOWN;
    if (inner.kind != SET_ALWAYS || !is_unconditional(f, op)) return inner.kind == SET_UNKNOWN;
    s->kind = SET_ALWAYS;
    if (!s->raises && (inner.raises || (inner.may_raise && !s->may_raise))) {
        s->raises = inner.raises, s->may_raise = inner.may_raise;
        note_cause(s, inner.file, inner.cause);
    }
    return true;
}

static bool is_store_of(const Init *in, const Op *op) {
    bool exact;
    if (op->kind != OP_STORE) return false;
    StrId name = attribute_named(in->f, op_path(op), in->self, &exact);
    return name.i && exact && name_hash(in->f, name) == in->name;
}

/* Walks a constructor up to the store of the attribute. */
static Setting setting_in(const Init *in, u32 depth) {
    const Facts *f = in->f;
    const Scope *scope = &f->scopes[in->function.scope.i];
    Setting s = {.kind = SET_NOT};
    RegionId group = {0}, region = {0};
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (f->regions[op->region.i].scope.i != in->function.scope.i) continue;
        if (is_dynamic(in, op)) return (Setting){.kind = SET_UNKNOWN};
        Setting before = s;
        if (is_set_by_call(in, op, depth, &before)) return before;
        if (!is_store_of(in, op)) {
            note_danger(in, op, &s);
            continue;
        }
        RegionId branch = branch_group(f, op);
        bool is_other_arm = group.i && branch.i == group.i && op->region.i != region.i;
        if (!branch.i || is_other_arm) {
            s.kind = SET_ALWAYS;
            return s;
        }
        if (s.kind != SET_BRANCH) note_cause(&s, in->file, op->span);
        s.kind = SET_BRANCH;
        group = branch;
        region = op->region;
    }
    return s;
}

/* ---- attributes that a finalizer reads ---- */

typedef struct Look {
    const Graph *g;
    ClassId class;
    u32 file;
    const Facts *f;
    ScopeRef function;
    SymbolId self;
    OpRef call; /* of the helper, or none */
    bool is_stopped;
    bool may_leave; /* a way out of the function is behind */
    u32 op;
    Unsafe *out;
    u32 n;
    u32 seen; /* bits 1 << UnsafeKind */
} Look;

static Unsafe *add(Look *l, UnsafeKind kind, Confidence confidence, Str name) {
    if (l->seen >> kind & 1) return NULL;
    l->seen |= 1u << kind;
    l->out[l->n] = (Unsafe){.kind = kind,
                            .confidence = confidence,
                            .file = l->file,
                            .op = {l->op},
                            .function = l->function,
                            .call = l->call,
                            .name = name};
    return &l->out[l->n++];
}

/* Others may set its attributes: a decorator, `__new__`, `__getattr__`. */
static bool is_open_class(const Graph *g, ClassId c) {
    ScopeRef scope = graph_class_scope(g, c);
    const Facts *f = g->files[scope.file].facts;
    const Scope *body = &f->scopes[scope.scope.i];
    return body->decorator_first != body->decorator_end || g->classes[c.i].metaclass.n ||
           graph_method(g, c, "__new__").scope.i || graph_method(g, c, "__getattr__").scope.i ||
           graph_method(g, c, "__getattribute__").scope.i ||
           graph_method(g, c, "__setstate__").scope.i;
}

bool graph_is_stand_in(const Graph *g, ClassId c, Str method) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->subclasses.n; i++) {
        if (!member_of(g, node->subclasses.v[i], hash_str(method)).i) return false;
    }
    return node->subclasses.n && !node->calls.n;
}

static void add_unset(Look *l, Str name, const Setting *s) {
    bool is_known = l->g->classes[l->class.i].complete;
    Confidence sure = CONFIDENCE_MEDIUM;
    UnsetKind unset = UNSET_ELSEWHERE;
    if (s->kind == SET_ALWAYS) {
        unset = s->raises ? UNSET_RAISE : UNSET_CALL;
        if (!s->raises) sure = CONFIDENCE_LOW;
        if (s->raises && s->is_direct && !l->call.op.i) sure = CONFIDENCE_HIGH;
    } else if (s->kind == SET_BRANCH) {
        unset = UNSET_BRANCH;
    }
    Unsafe *u = add(l, UNSAFE_UNSET, is_known ? sure : CONFIDENCE_LOW, name);
    if (!u) return;
    u->unset = unset;
    u->has_cause = s->cause.end != 0;
    u->cause_file = s->file;
    u->cause = s->cause;
}

static bool read_attribute(void *context, PathId path) {
    Look *l = context;
    bool exact;
    ClassId owner;
    StrId id = attribute_named(l->f, path, l->self, &exact);
    Str name = facts_str(l->f, id);
    if (!id.i || str_starts(name, "__")) return false;
    u64 hash = name_hash(l->f, id);
    if (class_member(l->g, l->class, hash, &owner).i) return false;
    const AttributeDef *def = class_attribute(l->g, l->class, hash, &owner);
    if (!def) return false;
    ScopeRef init = graph_method(l->g, l->class, "__init__");
    Setting s = {.kind = SET_NOT};
    if (!scope_is_none(init)) {
        Init in = {l->g, l->class, hash, init.file, l->g->files[init.file].facts, init, {0}};
        in.self = self_symbol(l->g, init);
        if (in.self.i) s = setting_in(&in, INIT_DEPTH);
    }
    if (s.kind == SET_UNKNOWN || (s.kind == SET_ALWAYS && !s.may_raise && !s.raises)) return false;
    if (s.kind == SET_NOT)
        note_cause(&s, def->file, l->g->files[def->file].facts->ops[def->op.i].span);
    add_unset(l, name, &s);
    return false;
}

/* Reads that happen whenever the finalizer runs, up to the first way out. */
static void look_at_reads(Look *l, const Op *op) {
    bool exact;
    if (l->is_stopped) return;
    bool is_sure = is_unconditional(l->f, op);
    if ((op->kind == OP_RETURN || op->kind == OP_RAISE) && !is_sure) l->is_stopped = true;
    if (!is_sure || is_caught(l->g, l->file, op)) return;
    StrId stored =
        op->kind == OP_STORE ? attribute_named(l->f, op_path(op), l->self, &exact) : (StrId){0};
    op_paths(l->f, op, read_attribute, l);
    if (stored.i) l->is_stopped = true; /* what it sets here is set */
}

/* ---- locks ---- */

static bool is_shared_lock(const Look *l, PathId lock, Confidence *sure) {
    const Facts *f = l->f;
    if (!know_protocol(maker_of(l->g, l->file, lock), PROTOCOL_LOCK)) return false;
    SymbolId root = facts_root_symbol(f, lock);
    if (root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    bool exact;
    StrId name = attribute_named(f, lock, l->self, &exact);
    ClassId owner;
    if (!name.i) return false;
    if (!exact) *sure = CONFIDENCE_MEDIUM; /* of another object */
    /* its own lock: nobody who holds it has lost the instance */
    return !exact || !class_attribute(l->g, l->class, name_hash(f, name), &owner);
}

static void look_at_locks(Look *l, const Op *op) {
    const Facts *f = l->f;
    const Path *p = &f->paths[op->subject];
    PathId lock = op->kind == OP_ENTER ? op_path(op) : (PathId){0};
    if (op->kind == OP_CALL && p->kind == PATH_ATTR && !op->operands &&
        str_is(facts_str(f, (StrId){p->id}), "acquire"))
        lock = p->parent;
    Confidence sure = CONFIDENCE_HIGH;
    if (!lock.i || !is_shared_lock(l, lock, &sure)) return;
    Arena scratch = {0};
    Buf text = {.arena = &scratch};
    facts_path_text(f, lock, &text);
    add(l, UNSAFE_LOCK, sure, graph_text(l->g, buf_get(&text)));
    arena_free(&scratch);
}

/* ---- the end of the interpreter ---- */

static bool starts_thread(const Look *l, const Op *op) {
    const Path *callee = &l->f->paths[op->subject];
    if (callee->kind != PATH_ATTR) return false;
    Str method = facts_str(l->f, (StrId){callee->id});
    bool is_start = str_is(method, "start"), is_submit = str_is(method, "submit");
    if (!is_start && !is_submit) return false;
    Str maker = maker_of(l->g, l->file, callee->parent);
    if (is_start) return str_is(maker, "threading.Thread") || str_is(maker, "threading.Timer");
    return str_ends(maker, "ThreadPoolExecutor") || str_ends(maker, "ProcessPoolExecutor");
}

static bool is_module_name(void *context, PathId path) {
    Look *l = context;
    SymbolId root = facts_root_symbol(l->f, path);
    if (!root.i || l->f->scopes[l->f->symbols[root.i].scope.i].kind != SCOPE_MODULE) return false;
    bool is_alone = graph_only_module_instances(l->g, l->class);
    add(l, UNSAFE_GLOBAL, is_alone ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW,
        facts_str(l->f, l->f->symbols[root.i].name));
    return true;
}

static void look_at_shutdown(Look *l, const Op *op) {
    /* a helper that does so in one case may have no such case left at exit */
    bool is_sure = !l->call.op.i || (is_unconditional(l->f, op) && !l->may_leave);
    Confidence sure = is_sure ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    if (is_caught(l->g, l->file, op)) return;
    if (op->kind == OP_IMPORT) {
        /* it only tells of what has failed before */
        if (graph_in_handler(l->g, l->file, op->region)) sure = CONFIDENCE_LOW;
        const Import *import = &l->f->imports[op->subject];
        Str module = facts_str(l->f, import->module.i ? import->module : import->name);
        add(l, UNSAFE_IMPORT, sure, module);
    }
    if (op->kind == OP_CALL) {
        if (str_is(graph_name_of(l->g, l->file, op_path(op)), "builtins.open"))
            add(l, UNSAFE_OPEN, sure, STR("open"));
        if (starts_thread(l, op)) add(l, UNSAFE_THREAD, sure, STR("thread"));
    }
    if (!l->call.op.i) op_paths(l->f, op, is_module_name, l);
}

/* `if sys.is_finalizing(): return`, `sys.meta_path is None`: the author knows. */
static bool asks_for_shutdown(const Graph *g, u32 file, const Scope *scope) {
    const Facts *f = g->files[file].facts;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_CALL && str_is(graph_name_of(g, file, op_path(op)), "sys.is_finalizing"))
            return true;
        if (op->kind == OP_TEST && str_starts(graph_name_of(g, file, op_path(op)), "sys."))
            return true;
    }
    return false;
}

/* ---- all ---- */

static void look_at(Look *l, bool is_outer, bool has_shutdown);

/* A function of the project that the finalizer calls, one step. */
static void look_at_helper(Look *l, const Op *op, bool has_shutdown) {
    ClassId made;
    u32 fn = callee_function(l->g, l->file, op, &made);
    if (!fn || is_caught(l->g, l->file, op)) return;
    Look in = *l;
    in.file = l->g->functions[fn].file;
    in.f = l->g->files[in.file].facts;
    in.function = (ScopeRef){in.file, l->g->functions[fn].scope};
    in.call = (OpRef){l->file, {l->op}};
    in.may_leave = false;
    const Path *callee = &l->f->paths[op->subject];
    SymbolId base =
        callee->kind == PATH_ATTR ? facts_root_symbol(l->f, callee->parent) : (SymbolId){0};
    bool is_own = base.i == l->self.i && l->f->paths[callee->parent.i].kind == PATH_SYMBOL;
    if (str_is(facts_str(in.f, in.f->scopes[in.function.scope.i].name), "__del__")) return;
    in.self = is_own ? self_symbol(l->g, in.function) : (SymbolId){0};
    in.is_stopped = l->is_stopped || !in.self.i || !is_unconditional(l->f, op);
    look_at(&in, false, has_shutdown);
    l->n = in.n;
    l->seen = in.seen;
}

static void look_at(Look *l, bool is_outer, bool has_shutdown) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->function.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    has_shutdown &= !asks_for_shutdown(l->g, l->file, scope);
    for (u32 o = scope->op_first; o < end; o++) {
        const Op *op = &f->ops[o];
        if (f->regions[op->region.i].scope.i != l->function.scope.i) continue;
        l->op = o;
        if (l->self.i && !(l->seen >> UNSAFE_UNSET & 1)) look_at_reads(l, op);
        if (is_outer && op->kind == OP_RAISE && !is_caught(l->g, l->file, op))
            /* a bare `raise` lets through what the handler does not expect */
            add(l, UNSAFE_RAISES, op->operands ? CONFIDENCE_HIGH : CONFIDENCE_LOW, STR("raise"));
        look_at_locks(l, op);
        if (has_shutdown) look_at_shutdown(l, op);
        l->may_leave |= (op->kind == OP_RETURN || op->kind == OP_RAISE) && !is_unconditional(f, op);
        if (is_outer && op->kind == OP_CALL) look_at_helper(l, op, has_shutdown);
    }
}

u32 graph_unsafe(const Graph *g, ScopeRef finalizer, Unsafe *out) {
    const Facts *f = g->files[finalizer.file].facts;
    const Scope *scope = &f->scopes[finalizer.scope.i];
    ClassId c = graph_method_class(g, finalizer);
    Look l = {.g = g, .class = c, .file = finalizer.file, .f = f, .function = finalizer};
    l.out = out;
    l.self = self_symbol(g, finalizer);
    if (scope->flags & (SCOPE_ASYNC | SCOPE_GENERATOR))
        add(&l, UNSAFE_ASYNC, CONFIDENCE_HIGH,
            scope->flags & SCOPE_ASYNC ? STR("async def") : STR("yield"));
    l.is_stopped = is_open_class(g, c);
    look_at(&l, true, true);
    return l.n;
}

/* Does the finalizer ask for the attribute of the instance by a test: `if self.x`, `hasattr(self,
 * "x")`? */
static bool is_tested(const Facts *f, const Scope *scope, SymbolId self, StrId name) {
    bool exact;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_TEST) continue;
        if (attribute_named(f, op_path(op), self, &exact).i == name.i) return true;
        const Path *asked = &f->paths[op_operand(f, op, 0).i];
        if ((op->flags & OP_LOW) == TEST_HAS && facts_root_symbol(f, op_path(op)).i == self.i &&
            asked->kind == PATH_LITERAL &&
            str_eq(facts_str(f, (StrId){asked->id}), facts_str(f, name)))
            return true;
    }
    return false;
}

bool graph_is_repeatable(const Graph *g, ScopeRef finalizer) {
    const Facts *f = graph_facts(g, finalizer.file);
    const Scope *scope = &f->scopes[finalizer.scope.i];
    SymbolId self = self_symbol(g, finalizer);
    for (u32 o = scope->op_first; self.i && o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        bool is_plain =
            op->kind == OP_STORE || (op->kind == OP_DELETE && !(op->flags & OP_IMPLICIT));
        bool exact;
        StrId name = is_plain ? attribute_named(f, op_path(op), self, &exact) : (StrId){0};
        if (name.i && exact && is_tested(f, scope, self, name)) return true;
    }
    return false;
}
