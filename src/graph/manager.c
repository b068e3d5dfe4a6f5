/* What classes collect in attributes of their instances and never give back: connections that a
 * manager is told of, locks by key, children. The picture of the class says what is added and what
 * removed; here it is asked by whom, and how long the class and what it holds live. */
#include "graph/calling.h"
#include "graph/starting.h"

#include "os/os.h"

enum {
    ATTRIBUTES_MAX = 64, /* of one class that a question about its siblings looks at */
};

static Str function_name(const Graph *g, ScopeRef s) {
    if (scope_is_none(s)) return (Str){0};
    const Facts *f = g->files[s.file].facts;
    return facts_str(f, f->scopes[s.scope.i].name);
}

bool is_ending_name(Str name) {
    static const char *const NAMES[] = {
        "close",    "aclose",  "stop",           "shutdown",  "terminate", "disconnect",
        "__exit__", "destroy", "dispose",        "__aexit__", "teardown",  "quit",
        "abort",    "__del__", "cancel",         "finalize",  "release",   "finish",
        "kill",     "hangup",  "connection_lost"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* ---- siblings ---- */

/* Is the attribute filled by the function, under the same key or with the same value? */
static bool grows_beside(const Attribute *a, const AttributeUse *add) {
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        bool same = u->kind == ATTRIBUTE_GROWS && u->file == add->file &&
                    u->function.scope.i == add->function.scope.i;
        if (!same || scope_is_none(add->function)) continue;
        if ((u->key.i && u->key.i == add->key.i) || (u->value.i && u->value.i == add->value.i))
            return true;
    }
    return false;
}

/* The method is one of the class, or of a base, of the other one. */
static bool is_of_line(const Graph *g, ScopeRef method, ScopeRef other) {
    ClassId by = graph_method_class(g, method), own = graph_method_class(g, other);
    return !by.i || !own.i || class_is_kind_of(g, own, by);
}

Sibling graph_drained_sibling(const Graph *g, ClassId c, Str name, const AttributeUse *add) {
    Arena scratch = {0};
    Sibling best = {0};
    u32 left = ATTRIBUTES_MAX;
    for (Str next = graph_next_attribute(g, c, (Str){0}); next.n && left && !best.is_beside;
         next = graph_next_attribute(g, c, next), left--) {
        if (str_eq(next, name)) continue;
        ArenaMark mark = arena_mark(&scratch);
        Attribute a = graph_attribute(g, c, next, &scratch);
        bool is_beside = grows_beside(&a, add);
        bool is_table = a.kind == ATTRIBUTE_CONTAINER && a.container != CONTAINER_WEAK &&
                        a.container != CONTAINER_BOUNDED;
        for (u32 i = 0; is_table && (is_beside || !best.name.n) && i < a.n_uses; i++) {
            const AttributeUse *u = &a.uses[i];
            if (u->kind != ATTRIBUTE_SHRINKS || u->level || g->files[u->file].is_test) continue;
            if (graph_called_by(g, u->function) == CALLED_BY_NOBODY) continue;
            /* a stack of what is at work: it says nothing of what stays */
            bool is_same = u->file == add->file && u->function.scope.i == add->function.scope.i;
            if (is_same && add->function.scope.i) continue;
            best = (Sibling){.name = next,
                             .removal = *u,
                             .is_beside = is_beside && is_of_line(g, u->function, add->function)};
            break;
        }
        arena_rewind(&scratch, mark);
    }
    arena_free(&scratch);
    return best;
}

/* ---- how long the owner lives ---- */

bool graph_is_long_lived(const Graph *g, ClassId c) {
    static const char *const METHODS[] = {"serve_forever", "run_forever", "serve", "listen"};
    const Facts *f = g->files[g->classes[c.i].file].facts;
    if (g->classes[c.i].resident.n) return true;
    if (know_is_manager_type(facts_str(f, f->scopes[g->classes[c.i].scope.i].name))) return true;
    for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
        if (!scope_is_none(graph_method(g, c, METHODS[i]))) return true;
    return false;
}

bool graph_looks_lasting(const Graph *g, ClassId c) {
    if (graph_is_long_lived(g, c)) return true;
    u32 left = ATTRIBUTES_MAX;
    for (Str a = graph_next_attribute(g, c, (Str){0}); a.n && left; left--) {
        AttributeKind kind = attribute_kind(g, c, a);
        /* `self.lock = make_lock()` */
        bool is_made = kind == ATTRIBUTE_UNKNOWN || kind == ATTRIBUTE_OUTSIDE;
        if (kind == ATTRIBUTE_LOCK || kind == ATTRIBUTE_TASK) return true;
        if (is_made && (str_is(str_public(a), "lock") || str_ends(a, "_lock"))) return true;
        a = graph_next_attribute(g, c, a);
    }
    return false;
}

enum { MAKINGS_MAX = 8, MAKER_OPS = 2000 };

/* The instance is used in the function that makes it, and nowhere else. */
static bool is_used_here(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    RegionId region = f->ops[call.op.i].region;
    ScopeId s = enclosing_function(f, f->regions[region.i].scope);
    const Scope *scope = &f->scopes[s.i];
    if (!s.i || graph_how_often(g, call.file, region) <= RUNS_ON_START) return false;
    if (scope->op_end - scope->op_first > MAKER_OPS) return false;
    SymbolId local = {0};
    for (u32 i = call.op.i + 1; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        bool binds = op->kind == OP_BIND && f->paths[op->subject].kind == PATH_SYMBOL;
        for (u32 k = 0; k < op->operands; k++) {
            const Path *p = &f->paths[f->operands[op->operand + k].path.i];
            bool is_it = p->kind == PATH_OP && p->id == call.op.i;
            bool is_local =
                local.i && p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == local.i;
            if (is_it && binds && !local.i)
                local = facts_root_symbol(f, op_path(op));
            else if ((is_it || is_local) && op->kind != OP_TEST)
                return false; /* handed on, returned, stored */
        }
    }
    return !local.i || (f->symbols[local.i].scope.i == s.i &&
                        !(f->symbols[local.i].flags & (SYMBOL_CELL | SYMBOL_GLOBAL)));
}

/* Every place that is known to make one uses it up. */
static bool is_made_briefly(const Graph *g, ClassId c, u32 depth, u32 *made) {
    const ClassNode *node = &g->classes[c.i];
    if (node->escapes) return false;
    for (u32 i = 0; i < node->calls.n; i++) {
        if (g->files[node->calls.v[i].file].is_test) continue;
        if (++*made > MAKINGS_MAX || !is_used_here(g, node->calls.v[i])) return false;
    }
    for (u32 i = 0; i < node->subclasses.n; i++)
        if (!depth || !is_made_briefly(g, node->subclasses.v[i], depth - 1, made)) return false;
    return true;
}

bool graph_is_used_up(const Graph *g, ClassId c) {
    u32 made = 0;
    return is_made_briefly(g, c, 4, &made) && made;
}

/* The function that makes it asks it for something in a loop. */
static bool is_used_in_loop(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Scope *scope = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    for (u32 i = call.op.i + 1; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || f->paths[op->subject].kind != PATH_ATTR) continue;
        const Path *on = &f->paths[graph_alias_of(g, call.file, f->paths[op->subject].parent).i];
        if (on->kind == PATH_OP && on->id == call.op.i && region_is_in_loop(f, op->region))
            return true;
    }
    return false;
}

bool graph_is_used_up_soon(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    if (!graph_is_used_up(g, c)) return false;
    for (u32 i = 0; i < node->calls.n; i++)
        if (is_used_in_loop(g, node->calls.v[i])) return false;
    return true;
}

/* Objects that die young, or that are data themselves: what they collect goes with them. */
static bool is_brief(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    Str name = facts_str(f, f->scopes[node->scope.i].name);
    if (node->resident.n) return false;
    if (!node->is_static || g->files[node->file].is_test) return true;
    if (know_is_brief_type(name) || know_is_exception_type(name)) return true;
    if (str_starts(name, "Mock") || str_starts(name, "Fake") || str_starts(name, "Dummy"))
        return true; /* stand-ins */
    for (u32 i = 0; i < node->n_mro; i++) {
        const Facts *home = g->files[g->classes[node->mro[i].i].file].facts;
        Str base = facts_str(home, home->scopes[g->classes[node->mro[i].i].scope.i].name);
        if (know_is_brief_type(base)) return true;
        for (u32 b = 0; b < g->classes[node->mro[i].i].n_bases; b++) {
            const BaseRef *ref = &g->classes[node->mro[i].i].bases[b];
            if (!ref->known.i && know_is_brief_type(str_after_last(ref->name, '.'))) return true;
        }
    }
    return false;
}

/* ---- numbers ---- */

enum { NUMBER_CALLERS = 8, NUMBER_DEPTH = 3 };

/* `range(n)`, or what may be one: `self.ids or range(n)`. */
static bool is_range(const Graph *g, u32 file, PathId over, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, over).i];
    if (p->kind != PATH_OP || !depth) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_CALL) return str_is(graph_name_of(g, file, op_path(op)), "builtins.range");
    for (u32 i = 0; op->kind == OP_CHOICE && i < op->operands; i++)
        if (is_range(g, file, op_operand(f, op, i), depth - 1)) return true;
    return false;
}

static bool is_number(const Graph *g, u32 file, PathId key, u32 depth);

/* All callers pass one, and a call of the function by itself what it was given. */
static bool is_number_by_callers(const Graph *g, u32 file, SymbolId parameter, u32 depth) {
    const Facts *f = g->files[file].facts;
    ScopeRef function = {file, f->symbols[parameter.i].scope};
    const FunctionNode *fn = &g->functions[function_id(g, file, function.scope)];
    const Scope *scope = &f->scopes[function.scope.i];
    u32 index = 0, skipped = fn->owner.i && fn->kind != METHOD_STATIC, others = 0;
    if (fn->escapes || fn->callers.n > NUMBER_CALLERS || !depth) return false;
    while (f->params[scope->param_first + index].symbol.i != parameter.i) index++;
    for (u32 i = 0; i < fn->callers.n && index >= skipped; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = g->files[call.file].facts;
        const Op *op = &from->ops[call.op.i];
        ScopeId s = enclosing_function(from, from->regions[op->region.i].scope);
        if (call.file == file && s.i == function.scope.i) continue;
        PathId argument = call_argument_named(from, op, index - skipped,
                                              facts_str(f, f->symbols[parameter.i].name));
        if (!is_number(g, call.file, argument, depth - 1)) return false;
        others++;
    }
    return others > 0;
}

/* The key counts from 0: what is filled again replaces what was there. */
static bool is_number(const Graph *g, u32 file, PathId key, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[key.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    const Symbol *s = &f->symbols[owner.i];
    if (!owner.i) return false;
    if (s->flags & SYMBOL_PARAM) return !s->binds && is_number_by_callers(g, file, owner, depth);
    const Op *op = &f->ops[s->bind.i];
    if (s->binds != 1 || op->kind != OP_BIND || (op->flags & OP_LOW) != BIND_FOR) return false;
    const Path *value = &f->paths[bound_value(f, op).i];
    return value->kind == PATH_ANY && is_range(g, file, value->parent, NUMBER_DEPTH);
}

/* ---- what is added ---- */

static bool is_plain_shape(u32 shape) {
    u32 holds = SHAPE_SELF | SHAPE_TASK | SHAPE_REQUEST | SHAPE_INSTANCE | SHAPE_EXCEPTION;
    return !(shape & holds) && shape & (SHAPE_TEXT | SHAPE_CONSTANT | SHAPE_CLOSED | SHAPE_WEAK);
}

static bool is_closed(u32 shape) {
    return shape && !(shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED));
}

bool is_on_new(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    PathId receiver = f->paths[op->subject].parent;
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_FOR || f->regions[r.i].kind == REGION_WHILE)
            return false;
    for (u32 i = f->scopes[s.i].op_first; i < call.op.i; i++) {
        const Op *bind = &f->ops[i];
        bool binds = bind->kind == OP_BIND || bind->kind == OP_STORE;
        if (!binds || bind->subject != receiver.i) continue;
        const Path *value = &f->paths[bound_value(f, bind).i];
        ClassId made = {0};
        if (value->kind == PATH_OP && f->ops[value->id].kind == OP_CALL)
            callee_function(g, call.file, &f->ops[value->id], &made);
        if (made.i) return true;
    }
    return false;
}

/* Constructors of the class call the method on themselves, or those who make an instance on that,
 * and nobody else in the program does: the manager puts in its own parts. */
static bool is_part_of_making(const Graph *g, ScopeRef adder) {
    const FunctionNode *fn = &g->functions[graph_function_id(g, adder)];
    bool any = false;
    for (u32 i = 0; i < fn->callers.n && !fn->escapes && !fn->called_by_name; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        const Facts *f = g->files[call.file].facts;
        const Op *op = &f->ops[call.op.i];
        const Path *callee = &f->paths[op->subject];
        ScopeId s = f->regions[op->region.i].scope;
        Str name = facts_str(f, f->scopes[s.i].name);
        SymbolId self = facts_root_symbol(f, op_path(op));
        bool is_class = true;
        bool is_own = callee->kind == PATH_ATTR && callee->depth == 1 && self.i &&
                      self_class(g, call.file, self, &is_class).i && !is_class;
        bool is_making = is_own && (str_is(name, "__init__") || str_is(name, "__post_init__"));
        if (!is_making && !(callee->kind == PATH_ATTR && is_on_new(g, call))) return false;
        any = true;
    }
    return any;
}

/* `self.Session()`: a new object of a class, by its name. */
static bool is_made_by_class(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, value).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    Str name = facts_last_name(f, op_path(&f->ops[p->id]));
    return name.n && name.p[0] >= 'A' && name.p[0] <= 'Z';
}

/* Does the use add, again and again, an object that comes from outside or is made for the call? */
static bool is_adding(const Graph *g, const AttributeUse *u, Hoard *h) {
    if (u->kind != ATTRIBUTE_GROWS || u->level || u->is_callback || scope_is_none(u->function))
        return false;
    Str name = function_name(g, u->function);
    bool is_dunder = str_starts(name, "__") && str_ends(name, "__");
    if (u->how_often < RUNS_PER_INSTANCE || g->files[u->file].is_test) return false;
    if (is_dunder && !str_is(name, "__enter__") && !str_is(name, "__aenter__")) return false;
    if (is_part_of_making(g, u->function)) return false;
    h->key_shape = u->key.i ? shape_of(g, u->file, u->key, 6) : 0;
    h->value_shape = u->value.i ? shape_of(g, u->file, u->value, 6) : 0;
    if (!u->key.i && !u->value.i) return false;
    if (u->key.i && (is_closed(h->key_shape) || is_number(g, u->file, u->key, NUMBER_DEPTH)))
        return false;
    if (graph_is_lasting_number(g, u->file, u->key)) h->key_shape &= ~(u32)SHAPE_ID;
    h->is_made = is_made_by_class(g, u->file, u->value);
    h->is_room = u->key.i && graph_made_kind(g, u->file, graph_alias_of(g, u->file, u->value)) !=
                                 CONTAINER_OTHER;
    h->kept = u->value.i ? type_of_path(g, u->file, u->value, RESOLVE_DEPTH) : (ClassId){0};
    if (g->files[g->classes[h->kept.i].file].is_test) h->kept = (ClassId){0}; /* a stand-in */
    h->is_lock = u->value.i &&
                 value_find(g, u->file, graph_alias_of(g, u->file, u->value), (PathId){0}).kind ==
                     ATTRIBUTE_LOCK;
    /* tasks are LMP215's */
    if (h->value_shape & SHAPE_TASK) return false;
    /* equal values are one element of a set */
    if (h->value_shape & SHAPE_INSTANCE && h->kept.i && !u->key.i &&
        graph_hash_kind(g, h->kept) == HASH_VALUE && str_is(u->how, "add"))
        return false;
    /* callbacks and classes are registered: LMP208, LMP222 */
    bool is_code = h->value_shape & SHAPE_FUNCTION;
    h->is_plain = is_plain_shape(h->value_shape);
    return h->is_lock || (!is_code && (!h->is_plain || u->key.i));
}

/* The operation by which the nearest `for` around another one in the same function iterates. */
static const Op *loop_around(const Facts *f, OpId at) {
    RegionId r = f->ops[at.i].region;
    ScopeId s = f->regions[r.i].scope;
    while (r.i && f->regions[r.i].scope.i == s.i && f->regions[r.i].kind != REGION_FOR)
        r = f->regions[r.i].parent;
    if (!r.i || f->regions[r.i].scope.i != s.i) return NULL;
    for (u32 i = at.i; i-- > f->scopes[s.i].op_first;)
        if (f->ops[i].kind == OP_ITERATE && f->ops[i + 1].region.i == r.i) return &f->ops[i];
    return NULL;
}

/* `for client in self.clients.values(): …`: one for each of its own. */
static bool is_of_own(const Graph *g, const AttributeUse *add, const Op *loop) {
    const Facts *f = g->files[add->file].facts;
    PathId over = op_path(loop);
    const Path *p = &f->paths[over.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) {
        const Path *callee = &f->paths[f->ops[p->id].subject];
        static const char *const VIEWS[] = {"items", "keys", "values"};
        Str name = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
        if (!str_is_any(name, VIEWS, ARRAY_LEN(VIEWS))) return false;
        over = callee->parent;
    }
    p = &f->paths[over.i];
    return p->kind == PATH_ATTR && p->depth == 1 && !(loop->flags & OP_ASYNC) &&
           facts_root_symbol(f, over).i == self_symbol(g, add->function).i &&
           attribute_kind(g, graph_method_class(g, add->function), facts_str(f, (StrId){p->id})) ==
               ATTRIBUTE_CONTAINER;
}

/* `for number in numbers: self.by_number[number] = plugin`: one object under all of them. */
static bool is_index(const Facts *f, const AttributeUse *add) {
    const Path *value = &f->paths[add->value.i];
    SymbolId of = value->kind == PATH_SYMBOL ? f->symbols[value->id].target : (SymbolId){0};
    const Symbol *key = &f->symbols[add->key.i ? facts_root_symbol(f, add->key).i : 0];
    const Op *bind = &f->ops[key->bind.i];
    bool is_round = bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_FOR;
    return of.i && f->symbols[of.i].flags & SYMBOL_PARAM && !f->symbols[of.i].binds && is_round;
}

/* `self.running[id] = self.known[id]`, where nothing is taken out of the other table: there are no
 * more of them than it has, and it keeps them anyway. */
static bool is_kept_anyway(const Graph *g, ClassId c, const AttributeUse *add, Arena *arena) {
    const Facts *f = g->files[add->file].facts;
    PathId element = graph_alias_of(g, add->file, add->value);
    const Path *p = &f->paths[element.i], *table = &f->paths[p->parent.i];
    bool is_same_key = false, is_drained = false;
    if (!add->key.i || p->kind != PATH_ANY || table->kind != PATH_ATTR || table->depth != 1 ||
        facts_root_symbol(f, element).i != self_symbol(g, add->function).i)
        return false;
    for (u32 i = f->scopes[add->function.scope.i].op_first; i <= add->op.i && !is_same_key; i++)
        is_same_key = f->ops[i].kind == OP_LOAD && f->ops[i].subject == element.i &&
                      op_operand(f, &f->ops[i], 0).i == add->key.i;
    if (!is_same_key) return false;
    Attribute a = graph_attribute(g, c, facts_str(f, (StrId){table->id}), arena);
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        is_drained |= u->kind == ATTRIBUTE_EMPTIED || (u->kind == ATTRIBUTE_SHRINKS && !u->level) ||
                      (u->kind == ATTRIBUTE_DEFINED && u->replaces);
    }
    return a.kind == ATTRIBUTE_CONTAINER && !is_drained;
}

/* `def _start_workers(self): for _ in range(self.size): …`: a pool fills itself. */
static bool is_starting(const Graph *g, const AttributeUse *add, const Op *loop) {
    static const char *const WORDS[] = {"init", "launch", "setup", "spawn", "start"};
    Str name = str_public(function_name(g, add->function));
    bool starts = false;
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++) starts |= str_starts(name, WORDS[i]);
    return starts && is_range(g, add->file, op_path(loop), NUMBER_DEPTH);
}

/* A number or a short text, and nothing that ends. */
static bool is_identity(const Hoard *h) {
    u32 holds = SHAPE_REQUEST | SHAPE_TASK | SHAPE_INSTANCE | SHAPE_SELF;
    u32 shape = h->add.value.i ? h->value_shape : h->key_shape;
    return shape & SHAPE_ID && !(shape & holds) && !h->kept.i && !h->is_lock;
}

/* What is added is as much as there is already, by the loop that adds it, or weighs nothing. */
static bool is_few(const Graph *g, const Hoard *h) {
    const AttributeUse *add = &h->add;
    const Facts *f = g->files[add->file].facts;
    const Op *loop = loop_around(f, add->op);
    if (is_identity(h)) return true;
    if (h->is_lock && graph_is_lasting_number(g, add->file, add->key)) return true;
    return loop && (is_index(f, add) || is_of_own(g, add, loop) || is_starting(g, add, loop));
}

/* A method by which what is kept ends. */
static ScopeRef end_of(const Graph *g, ClassId kept) {
    static const char *const NAMES[] = {
        "close",    "aclose", "stop", "shutdown", "terminate", "disconnect", "cancel",
        "__exit__", "finish", "kill", "destroy",  "abort",     "__aexit__",  "hangup"};
    for (u32 i = 0; kept.i && i < ARRAY_LEN(NAMES); i++) {
        ScopeRef m = graph_method(g, kept, NAMES[i]);
        if (!scope_is_none(m)) return m;
    }
    return (ScopeRef){0};
}

/* ---- what removes ---- */

static bool takes_nothing(const Graph *g, ScopeRef s) {
    const Facts *f = g->files[s.file].facts;
    const Scope *scope = &f->scopes[s.scope.i];
    Str name = facts_str(f, scope->name);
    if (str_is(name, "__exit__") || str_is(name, "__aexit__")) return true;
    u32 required = 0;
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        required += !f->params[i].fallback.i && f->params[i].kind <= PARAM_POSITIONAL_ONLY;
    return required <= 1;
}

/* Leaving `with` undoes what entering it did, and objects that are made for a `with` are brief. */
static bool is_leaving(Str name) {
    return str_is(name, "__exit__") || str_is(name, "__aexit__");
}

/* The end of the manager itself takes all that it has left. */
static bool is_own_end(const Graph *g, ClassId c, const AttributeUse *u) {
    if (scope_is_none(u->function) || u->by_other) return false;
    ClassId owner = graph_method_class(g, u->function);
    Str name = function_name(g, u->function);
    if (!owner.i || !is_ending_name(name) || is_leaving(name)) return false;
    /* of a semaphore or a pool: one turn of many */
    if (str_is(name, "release") && !scope_is_none(graph_method(g, c, "acquire"))) return false;
    for (u32 i = 0; i < g->classes[c.i].n_mro; i++)
        if (g->classes[c.i].mro[i].i == owner.i) return takes_nothing(g, u->function);
    return false;
}

static Taking taking_of(const AttributeUse *u) {
    return (Taking){{u->file, u->op}, u->function.scope, u->level, u->key, u->value};
}

/* `self.peers.pop(peer.id, None); self.peers[peer.id] = peer`: the same function puts it back. */
static bool is_renewal(const Graph *g, const Attribute *a, u32 removal) {
    const AttributeUse *u = &a->uses[removal];
    Taking removed = taking_of(u);
    u32 end = u->kind == ATTRIBUTE_SHRINKS && !u->is_callback ? function_end(g, &removed) : 0;
    for (u32 i = removal + 1; i < a->n_uses; i++) {
        Taking added = taking_of(&a->uses[i]);
        if (added.at.file != u->file || added.at.op.i >= end) return false;
        if (a->uses[i].kind == ATTRIBUTE_GROWS && puts_back(g, &removed, &added)) return true;
    }
    return false;
}

/* False when something takes entries out while the manager lives. */
static bool read_removals(const Graph *g, ClassId c, const Attribute *a, Hoard *h) {
    bool adder_runs = graph_is_called_by_others(g, h->add.function);
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        if (g->files[u->file].is_test) continue;
        bool removes = u->kind == ATTRIBUTE_EMPTIED ||
                       (u->kind == ATTRIBUTE_SHRINKS && !u->level) ||
                       (u->kind == ATTRIBUTE_DEFINED && u->replaces);
        h->escapes |= u->kind == ATTRIBUTE_HANDED_OUT;
        if (u->kind == ATTRIBUTE_MEASURED && !u->level) return false;
        if (!removes) continue;
        if (is_renewal(g, a, i)) {
            h->renewal = (OpRef){u->file, u->op};
            continue;
        }
        CalledBy by = graph_called_by(g, u->function);
        bool is_reset = u->kind != ATTRIBUTE_SHRINKS;
        bool is_idle = by == CALLED_BY_NOBODY || (by == CALLED_BY_USERS && adder_runs &&
                                                  (!is_reset || is_offered_reset(g, u->function)));
        if (is_idle && !u->is_callback && h->end <= HOARD_IDLE_REMOVAL) {
            if (h->end != HOARD_IDLE_REMOVAL) h->removal = *u;
            h->end = HOARD_IDLE_REMOVAL;
        } else if (is_own_end(g, c, u)) {
            h->removal = *u;
            h->end = HOARD_OWN_END;
        } else if (!is_idle) {
            return false;
        }
    }
    return true;
}

static bool is_own_container(const Attribute *a, ClassId c) {
    if (a->kind != ATTRIBUTE_CONTAINER || a->is_cut || a->is_weak) return false;
    if (a->owner.i != c.i || a->first_owner.i != c.i) return false;
    return a->container != CONTAINER_WEAK && a->container != CONTAINER_BOUNDED &&
           a->container != CONTAINER_QUEUE && a->container != CONTAINER_COUNTER;
}

/* Made for each instance, not in the body of the class. */
static bool is_of_instances(const Attribute *a) {
    if (a->is_cut) return false;
    bool own = false, shared = false;
    for (u32 i = 0; i < a->n_uses; i++) {
        if (a->uses[i].kind != ATTRIBUTE_DEFINED) continue;
        own |= !a->uses[i].in_class_body;
        shared |= a->uses[i].in_class_body;
    }
    return own && !shared;
}

static void find_definition(const Graph *g, const Attribute *a, Hoard *h) {
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        if (u->kind != ATTRIBUTE_DEFINED || u->in_class_body) continue;
        const Facts *f = g->files[u->file].facts;
        PathId value = u->value;
        const Path *p = &f->paths[value.i];
        h->file = u->file;
        h->definition = f->ops[u->op.i].span;
        if (p->kind == PATH_OP && made_kind(g, u->file, value) != CONTAINER_OTHER) return;
    }
}

static u32 weight(const Hoard *h) {
    u32 n = h->is_lock ? 2 : 0;
    if (!h->is_plain) n += 8;
    if (h->value_shape & (SHAPE_REQUEST | SHAPE_TASK | SHAPE_INSTANCE)) n += 2;
    if (h->key_shape & (SHAPE_ID | SHAPE_REQUEST)) n++;
    return n + (h->kept.i != 0);
}

/* `self.waiting[key] += 1`: what is kept is numbers. */
static bool is_counting(const Graph *g, const Attribute *a) {
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        const Facts *f = g->files[u->file].facts;
        const Op *op = &f->ops[u->op.i];
        bool is_number = f->paths[bound_value(f, op).i].kind == PATH_LITERAL;
        if (op->kind == OP_AUGMENT && u->key.i && is_number) return true;
    }
    return false;
}

/* A uuid, a time, a counter: what is under it is never asked for by chance again. The `id()` of an
 * object is there again when the object is. */
static bool is_fresh_key(const Graph *g, const AttributeUse *add) {
    if (!add->key.i || graph_identity_of(g, (KeyRef){add->file, add->key}).i) return false;
    return graph_text_parts(g, add->file, add->key).is_fresh;
}

bool graph_hoard(const Graph *g, ClassId c, Str name, Arena *arena, Hoard *out) {
    Attribute a = graph_attribute_outline(g, c, name);
    Hoard best = {0};
    if (!is_own_container(&a, c)) return false;
    a = graph_attribute(g, c, name, arena);
    if (!is_of_instances(&a) || is_brief(g, c) || is_counting(g, &a)) return false;
    for (u32 i = 0; i < a.n_uses; i++) {
        Hoard h = {.add = a.uses[i], .kind = a.container};
        if (!is_adding(g, &a.uses[i], &h)) continue;
        h.adds = best.adds + 1;
        if (!best.adds || weight(&h) > weight(&best)) best = h;
        best.adds = h.adds;
    }
    /* threads come and go, and their numbers come again: LMP220 speaks */
    if (best.adds && graph_thread_identity(g, best.add.file, best.add.key).n) return false;
    if (!best.adds || !read_removals(g, c, &a, &best)) return false;
    if (graph_is_used_up(g, c)) return false;
    if (best.end == HOARD_NO_REMOVAL && map_get(&g->removed_attributes, hash_str(name)))
        return false;
    const Facts *f = g->files[best.add.file].facts;
    u32 op = best.add.op.i;
    best.holder = g->classes[c.i].resident;
    best.ends_by = end_of(g, best.kept);
    best.is_few = is_few(g, &best) || is_kept_anyway(g, c, &best.add, arena);
    best.is_of_source = graph_is_of_source(g, &best.add, name);
    best.is_named = is_called_name(g->files[best.add.file].facts, best.add.key);
    best.is_fresh = is_fresh_key(g, &best.add);
    best.is_guarded = graph_asks_first(g, best.add.file, f->ops[op].region, name);
    find_definition(g, &a, &best);
    *out = best;
    return true;
}

/* ---- signs of an end ---- */

/* A number or an empty list for each key: it stays when what is kept beside it goes. */
static HoardSign sign_of_plain(const Graph *g, ClassId class, const Hoard *h, Str name) {
    bool is_idle = h->end != HOARD_NO_REMOVAL || h->is_guarded || h->is_named;
    if (is_idle || !graph_drained_sibling(g, class, name, &h->add).is_beside)
        return HOARD_SIGN_NONE;
    return HOARD_SIGN_SIBLING;
}

HoardSign graph_hoard_sign(const Graph *g, ClassId class, const Hoard *h, Str name) {
    bool is_value = h->value_shape & (SHAPE_REQUEST | SHAPE_TASK);
    bool is_key = h->key_shape & (SHAPE_ID | SHAPE_REQUEST);
    bool is_manager = know_is_manager_type(function_name(g, graph_class_scope(g, class)));
    bool is_long = h->holder.n || is_manager;
    bool is_ending = is_value || is_key || !scope_is_none(h->ends_by);
    if (h->is_plain && !h->is_lock) return sign_of_plain(g, class, h, name);
    if (h->end == HOARD_IDLE_REMOVAL && is_long && is_ending) return HOARD_SIGN_IDLE;
    if (h->is_few || h->is_named) return h->is_few ? HOARD_SIGN_PLAIN : HOARD_SIGN_NONE;
    /* what is made once for a host or a path is a cache: it has an end with the manager */
    bool is_cached = h->is_guarded && !is_key;
    if (!scope_is_none(h->ends_by) && h->end == HOARD_NO_REMOVAL && !is_cached)
        return HOARD_SIGN_END;
    if (h->is_lock) return is_key ? HOARD_SIGN_LOCK : HOARD_SIGN_PLAIN;
    if (is_cached && h->end == HOARD_NO_REMOVAL) return HOARD_SIGN_NONE; /* no lock: see above */
    Sibling s = graph_drained_sibling(g, class, name, &h->add);
    bool is_given = h->value_shape & SHAPE_PARAMETER && !(h->value_shape & SHAPE_TEXT);
    bool is_object = h->kept.i || is_value || is_given || h->is_made || h->is_room;
    if (s.is_beside && is_object) return HOARD_SIGN_SIBLING;
    if (is_value && is_key && !h->is_guarded && is_manager) return HOARD_SIGN_IDENTITY;
    bool is_for_good = h->end == HOARD_NO_REMOVAL && !h->is_guarded;
    if (h->is_fresh && is_object && is_for_good) return HOARD_SIGN_IDENTITY;
    return is_value || is_key || h->is_lock || h->end != HOARD_NO_REMOVAL ? HOARD_SIGN_PLAIN
                                                                          : HOARD_SIGN_NONE;
}

bool graph_asks_first(const Graph *g, u32 file, RegionId region, Str name) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[region.i].scope;
    for (RegionId r = region; r.i && f->regions[r.i].scope.i == scope.i;
         r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind == REGION_EXCEPT) return true;
        for (u32 i = f->regions[r.i].test_first; i < f->regions[r.i].test_end; i++) {
            const Op *t = &f->ops[i];
            u32 kind = t->flags & OP_LOW;
            if (t->kind != OP_TEST) continue;
            bool is_found = f->paths[t->subject].kind == PATH_SYMBOL; /* what a lookup gave */
            if (is_found && (kind == TEST_IS || kind == TEST_TRUTH)) return true;
            const Path *in = &f->paths[op_operand(f, t, 0).i];
            if (kind == TEST_IN && in->kind == PATH_ATTR &&
                str_eq(facts_str(f, (StrId){in->id}), name))
                return true;
        }
    }
    return false;
}
