/* What cache decorators keep: the known ones by their row in know/, the project's own by looking
 * into them, one level deep. */
#include "graph/model.h"

#include <stdlib.h>
#include <string.h>

static const Memo NO_MEMO;

/* The operation at the root of a path without selectors, or NULL. */
static const Op *op_of(const Facts *f, PathId p, OpKind kind) {
    const Path *path = &f->paths[p.i];
    if (path->kind != PATH_OP) return NULL;
    const Op *op = &f->ops[path->id];
    return op->kind == kind ? op : NULL;
}

/* A path, in the file where it is written. */
typedef struct Spot {
    u32 file;
    PathId path;
} Spot;

/* The first assignment of the module variable that a path names, in whatever file; else none. */
static Spot assigned(const Graph *g, Spot at) {
    Entity e = entity_of_path(g, at.file, at.path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return (Spot){0};
    const Facts *f = graph_facts(g, e.file);
    const Symbol *s = &f->symbols[e.id];
    const Op *bind = facts_op(f, s->bind);
    if (s->flags & SYMBOL_PARAM || bind->kind != OP_BIND) return (Spot){0};
    u8 scope = f->scopes[s->scope.i].kind;
    bool is_lasting = scope == SCOPE_MODULE || scope == SCOPE_CLASS || s->binds == 1;
    bool is_plain = (bind->flags & OP_LOW) == BIND_ASSIGN && is_lasting;
    return is_plain ? (Spot){e.file, bound_value(f, bind)} : (Spot){0};
}

/* What a path was bound to, through aliases and modules: `cache` may be `compat.cache`, bound to
 * `functools.lru_cache(maxsize=None)`. */
static Spot value_of(const Graph *g, u32 file, PathId p) {
    Spot at = {file, graph_alias_of(g, file, p)};
    for (u32 steps = 0; steps < 4; steps++) {
        Spot next = assigned(g, at);
        if (!next.path.i) break;
        at = (Spot){next.file, graph_alias_of(g, next.file, next.path)};
    }
    return at;
}

/* The argument of a call by position or keyword (NULL: no keyword), or none. *known is false when a
 * star hides it. */
static PathId argument(const Facts *f, const Op *call, u32 position, const char *keyword,
                       bool *known) {
    u32 at = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        OperandKind kind = operand_kind(o);
        if (kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR) *known = false;
        if (kind == OPERAND_POSITIONAL && at++ == position) return o.path;
        if (kind == OPERAND_KEYWORD && keyword && str_is(facts_str(f, operand_name(o)), keyword))
            return o.path;
    }
    return (PathId){0};
}

/* ---- bounds ---- */

/* A size argument: None is no bound, a number below 1 switches the cache off. */
static void read_size(const Graph *g, u32 file, PathId size, Memo *m) {
    Spot at = value_of(g, file, size);
    const Facts *f = graph_facts(g, at.file);
    const Path *path = &f->paths[at.path.i];
    m->bound = MEMO_UNKNOWN;
    if (path->kind != PATH_LITERAL) return;
    if (path->flags == LITERAL_NONE) m->bound = MEMO_UNBOUNDED;
    if (path->flags == LITERAL_FALSE) m->bound = MEMO_NONE;
    if (path->flags != LITERAL_INT) return;
    Str text = facts_str(f, (StrId){path->id});
    char digits[32];
    u32 n = 0;
    for (u32 i = 0; i < text.n && n + 1 < sizeof digits; i++)
        if (text.p[i] != '_') digits[n++] = text.p[i];
    digits[n] = 0;
    if (digits[0] == '-') m->bound = MEMO_NONE;
    char *end;
    m->size = strtoull(digits, &end, strpbrk(digits, "xX") ? 16 : 10);
    if (*end || digits[0] == '-') return; /* 0o17, 0b11: rare enough */
    m->bound = m->size ? MEMO_BOUNDED : MEMO_NONE;
}

/* A store argument: `cached({})`, `cached(cache=TTLCache(100, 60))`. */
static void read_store(const Graph *g, u32 file, PathId store, Memo *m) {
    Spot at = value_of(g, file, store);
    const Facts *f = graph_facts(g, at.file);
    m->bound = MEMO_UNKNOWN;
    const Path *path = &f->paths[at.path.i];
    if (path->kind == PATH_LITERAL) m->bound = MEMO_NONE; /* cache=None switches it off */
    if (path->kind != PATH_OP) return;
    const Op *op = &f->ops[path->id];
    if (op->kind == OP_DICT) m->bound = MEMO_UNBOUNDED;
    if (op->kind != OP_CALL) return;
    const ConstructorRow *row = know_constructor_row(graph_name_of(g, at.file, op_path(op)));
    if (!row) return;
    if (row->made == MADE_BOUNDED) {
        bool known = true;
        PathId size = argument(f, op, (u32)row->bound, row->bound_name, &known);
        if (size.i) read_size(g, at.file, size, m);
    } else if (row->made != MADE_WEAK) {
        m->bound = MEMO_UNBOUNDED;
    }
}

/* A key function that surely, or possibly, leaves the instance out. */
static bool may_leave_self_out(const Graph *g, u32 file, PathId key) {
    Spot at = value_of(g, file, key);
    const Facts *f = graph_facts(g, at.file);
    const Op *call = op_of(f, at.path, OP_CALL);
    if (call && str_is(graph_name_of(g, at.file, op_path(call)), "functools.partial"))
        at.path = op_operand(f, call, 0);
    Str name = graph_name_of(g, at.file, at.path);
    return !str_starts(name, "cachetools.keys.") || know_is_key_without_self(name);
}

/* A known cache, applied bare (`call` NULL) or with arguments. */
static Memo known_memo(const Graph *g, u32 file, Str name, const Op *call) {
    const CacheRow *row = know_cache(name);
    if (!row || row->unbound || (row->is_factory && !call)) return NO_MEMO;
    const Facts *f = graph_facts(g, file);
    Memo m = {.name = name, .confidence = CONFIDENCE_HIGH};
    m.bound = row->default_size ? MEMO_BOUNDED : MEMO_UNBOUNDED;
    m.size = (u64)row->default_size;
    if (!call) return m;
    bool known = true;
    if (row->takes_size) {
        PathId size = argument(f, call, 0, "maxsize", &known);
        if (size.i) read_size(g, file, size, &m);
    }
    if (row->takes_store) {
        PathId store = argument(f, call, 0, "cache", &known);
        if (store.i) read_store(g, file, store, &m);
    }
    PathId key = row->key ? argument(f, call, UINT32_MAX, row->key, &known) : (PathId){0};
    if (row->takes_store && !key.i) key = argument(f, call, 1, NULL, &known);
    if (key.i && may_leave_self_out(g, file, key)) return NO_MEMO;
    if (!known) m.bound = MEMO_UNKNOWN;
    if (m.bound == MEMO_UNKNOWN) m.confidence = CONFIDENCE_MEDIUM;
    return m;
}

/* ---- the project's own memoisers ---- */

static bool is_inside(const Facts *f, ScopeId scope, ScopeId outer) {
    while (scope.i && scope.i != outer.i) scope = f->scopes[scope.i].parent;
    return scope.i == outer.i;
}

/* The owner of a bare variable, or none. */
static SymbolId variable_of(const Facts *f, PathId p) {
    return f->paths[p.i].kind == PATH_SYMBOL ? facts_root_symbol(f, p) : (SymbolId){0};
}

/* Where a memoiser keeps its results: a variable, or an attribute of a function: `inner.cache`. */
typedef struct Table {
    SymbolId owner;
    StrId attribute; /* or none */
} Table;

static Table table_of(const Facts *f, PathId p) {
    const Path *path = &f->paths[p.i];
    if (path->kind != PATH_ATTR) return (Table){variable_of(f, p), {0}};
    return (Table){variable_of(f, path->parent), {path->id}};
}

static bool is_table(const Facts *f, PathId p, Table t) {
    Table other = table_of(f, p);
    return t.owner.i && other.owner.i == t.owner.i && other.attribute.i == t.attribute.i;
}

static bool is_new_dict(const Graph *g, u32 file, PathId value) {
    const Facts *f = graph_facts(g, file);
    if (op_of(f, value, OP_DICT)) return true;
    const Op *call = op_of(f, value, OP_CALL);
    if (!call) return false;
    MadeKind made = know_constructor(graph_name_of(g, file, op_path(call)));
    return made == MADE_DICT || made == MADE_ORDERED_DICT || made == MADE_DEFAULTDICT;
}

/* A table of `outer` or of a scope inside it that is bound to an empty strong dict. */
static bool is_closure_dict(const Graph *g, u32 file, Table t, ScopeId outer) {
    const Facts *f = graph_facts(g, file);
    if (!t.owner.i || !is_inside(f, f->symbols[t.owner.i].scope, outer)) return false;
    if (!t.attribute.i) {
        const Op *bind = facts_op(f, f->symbols[t.owner.i].bind);
        return bind->kind == OP_BIND && is_new_dict(g, file, bound_value(f, bind));
    }
    const Scope *scope = &f->scopes[outer.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        if (f->ops[o].kind == OP_STORE && is_table(f, op_path(&f->ops[o]), t))
            return is_new_dict(g, file, bound_value(f, &f->ops[o]));
    return false;
}

/* Anything that takes an entry out again, or looks at the size: the memoiser keeps a bound. Inner
 * helpers that only exist to be called from outside (`wrapper.clear = cache.clear`) do not count.
 */
static bool is_drained(const Facts *f, const Scope *outer, Table dict) {
    for (u32 o = outer->op_first; o < outer->op_end; o++) {
        const Op *op = &f->ops[o];
        const Path *subject = &f->paths[op->kind == OP_IMPORT ? 0 : op->subject];
        if (op->kind == OP_DELETE && facts_root_symbol(f, op_path(op)).i == dict.owner.i)
            return true;
        if (op->kind != OP_CALL) continue;
        if (subject->kind == PATH_ATTR && is_table(f, subject->parent, dict)) {
            const MethodRow *row = know_method(facts_str(f, (StrId){subject->id}));
            if (row && (row->effect == METHOD_REMOVES || row->effect == METHOD_REPLACES))
                return true;
        }
        bool is_len = str_is(
            facts_str(f, f->symbols[subject->kind == PATH_SYMBOL ? subject->id : 0].name), "len");
        if (is_len && is_table(f, op_operand(f, op, 0), dict)) return true;
    }
    return false;
}

/* Does the key hold the first argument of the wrapper? `args`, `(args, …)`, `args[0]`, a local made
 * of these, `functools._make_key(args, kwargs, …)`. Not `args[1:]`, not text. */
static bool holds_first(const Graph *g, u32 file, PathId key, SymbolId first, bool is_star,
                        u32 steps) {
    const Facts *f = graph_facts(g, file);
    const Path *path = &f->paths[key.i];
    if (!steps || !key.i) return false;
    if (path->kind == PATH_CONST)
        return is_star && variable_of(f, path->parent).i == first.i &&
               str_is(facts_str(f, (StrId){path->id}), "0");
    SymbolId s = variable_of(f, key);
    if (s.i == first.i && s.i) return true;
    if (s.i) {
        const Symbol *symbol = &f->symbols[s.i];
        const Op *bind = facts_op(f, symbol->bind);
        if (symbol->flags & SYMBOL_PARAM || bind->kind != OP_BIND) return false;
        return holds_first(g, file, bound_value(f, bind), first, is_star, steps - 1);
    }
    if (path->kind != PATH_OP) return false;
    const Op *op = &f->ops[path->id];
    if (op->kind == OP_CALL) {
        Str name = graph_name_of(g, file, op_path(op));
        const CallRow *row = know_call(name);
        bool is_kept = str_is(name, "functools._make_key") || str_ends(name, "hashkey") ||
                       (row && row->flags & CALL_COPY);
        if (!is_kept) return false;
    } else if (op->kind != OP_TUPLE && op->kind != OP_BINARY && op->kind != OP_CHOICE) {
        return false;
    }
    for (u32 i = 0; i < op->operands; i++)
        if (holds_first(g, file, op_operand(f, op, i), first, is_star, steps - 1)) return true;
    return false;
}

/* The first parameter that receives the instance when the function is called as a method. */
static SymbolId first_parameter(const Facts *f, const Scope *wrapper, bool *is_star) {
    if (wrapper->param_first == wrapper->param_end) return (SymbolId){0};
    const Param *p = &f->params[wrapper->param_first];
    if (p->kind == PARAM_KEYWORD_ONLY || p->kind == PARAM_DOUBLE_STAR) return (SymbolId){0};
    *is_star = p->kind == PARAM_STAR;
    return p->symbol;
}

/* The key under which an operation stores into a closure dict, or none. */
static PathId stored_key(const Facts *f, const Op *op, Table *dict) {
    const Path *subject = &f->paths[op->kind == OP_IMPORT ? 0 : op->subject];
    *dict = subject->parent.i ? table_of(f, subject->parent) : (Table){0};
    if (!dict->owner.i) return (PathId){0};
    if (op->kind == OP_STORE && subject->kind == PATH_ANY) return bound_key(f, op);
    bool is_default = op->kind == OP_CALL && subject->kind == PATH_ATTR &&
                      str_is(facts_str(f, (StrId){subject->id}), "setdefault");
    return is_default ? op_operand(f, op, 0) : (PathId){0};
}

static PathId stored_value(const Facts *f, const Op *op) {
    return op->kind == OP_STORE ? bound_value(f, op) : op_operand(f, op, 1);
}

static bool is_parameter(const Facts *f, PathId value) {
    SymbolId s = variable_of(f, value);
    return s.i && f->symbols[s.i].flags & SYMBOL_PARAM && !f->symbols[s.i].binds;
}

/* A wrapper among the inner functions that keeps its first argument. */
static bool stores_arguments(const Graph *g, ScopeRef memoiser, ScopeId wrapper, Span *store) {
    const Facts *f = graph_facts(g, memoiser.file);
    const Scope *scope = &f->scopes[wrapper.i];
    bool is_star = false;
    SymbolId first = first_parameter(f, scope, &is_star);
    if (!first.i) return false;
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        Table dict;
        PathId key = stored_key(f, &f->ops[o], &dict);
        if (!key.i || is_inside(f, f->symbols[dict.owner.i].scope, wrapper)) continue;
        if (!is_closure_dict(g, memoiser.file, dict, memoiser.scope)) continue;
        if (!holds_first(g, memoiser.file, key, first, is_star, 4)) continue;
        if (is_parameter(f, stored_value(f, &f->ops[o]))) continue; /* `registry[cls] = handler` */
        if (is_drained(f, &f->scopes[memoiser.scope.i], dict)) continue;
        *store = f->ops[o].span;
        return true;
    }
    return false;
}

/* Takes `cache_clear` out of what it makes: somebody is going to call it. */
static bool keeps_clear(const Facts *f, const Scope *scope) {
    for (u32 o = scope->op_first; o < scope->op_end; o++)
        for (u32 i = 0; i < f->ops[o].operands; i++) {
            const Path *p = &f->paths[op_operand(f, &f->ops[o], i).i];
            if (p->kind == PATH_ATTR && str_is(facts_str(f, (StrId){p->id}), "cache_clear"))
                return true;
        }
    return false;
}

/* `lru_cache(…)(f)` or `cache(f)` on a parameter of the scope that makes the call. */
static Memo wraps_known(const Graph *g, ScopeRef memoiser) {
    const Facts *f = graph_facts(g, memoiser.file);
    const Scope *outer = &f->scopes[memoiser.scope.i];
    for (u32 o = outer->op_first; o < outer->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL || op->operands != 1) continue;
        SymbolId param = variable_of(f, op_operand(f, op, 0));
        if (!param.i || !(f->symbols[param.i].flags & SYMBOL_PARAM)) continue;
        if (f->symbols[param.i].scope.i != f->regions[op->region.i].scope.i) continue;
        const Op *factory = op_of(f, op_path(op), OP_CALL);
        Str name = graph_name_of(g, memoiser.file, factory ? op_path(factory) : op_path(op));
        Memo m = known_memo(g, memoiser.file, name, factory);
        /* `lru_cache(n)` with a parameter is a size more often than a function. */
        const CacheRow *row = know_cache(name);
        if (!factory && row && (row->takes_size || row->takes_store)) continue;
        if (!m.bound) continue;
        m.store = op->span;
        m.confidence = keeps_clear(f, outer) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
        return m;
    }
    return NO_MEMO;
}

/* Does the inner function call a parameter of a function around it with what it is given first? */
static bool calls_parameter(const Facts *f, ScopeId inner, ScopeId memoiser) {
    const Scope *scope = &f->scopes[inner.i];
    bool is_star = false;
    SymbolId first = first_parameter(f, scope, &is_star);
    for (u32 o = scope->op_first; first.i && o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        SymbolId callee = op->kind == OP_CALL ? variable_of(f, op_path(op)) : (SymbolId){0};
        if (!callee.i || !(f->symbols[callee.i].flags & SYMBOL_PARAM)) continue;
        ScopeId of = f->symbols[callee.i].scope;
        bool is_given = variable_of(f, op_operand(f, op, 0)).i == first.i;
        if (is_given && of.i != inner.i && is_inside(f, of, memoiser)) return true;
    }
    return false;
}

/* `@lru_cache(…)` on an inner function that calls what the memoiser wraps. */
static Memo decorates_known(const Graph *g, ScopeRef memoiser, ScopeId inner) {
    const Facts *f = graph_facts(g, memoiser.file);
    const Scope *scope = &f->scopes[inner.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        const Op *call = op_of(f, f->operands[d].path, OP_CALL);
        PathId named = call ? op_path(call) : f->operands[d].path;
        Memo m = known_memo(g, memoiser.file, graph_name_of(g, memoiser.file, named), call);
        if (!m.bound || !calls_parameter(f, inner, memoiser.scope)) continue;
        m.store = scope->name_span;
        m.confidence =
            keeps_clear(f, &f->scopes[memoiser.scope.i]) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
        return m;
    }
    return NO_MEMO;
}

/* A function with more operations, or more scopes inside, is no memoiser. */
enum { OPS_MAX = 2000, INNER_MAX = 64 };

static Memo own_memo(const Graph *g, ScopeRef memoiser) {
    const Facts *f = graph_facts(g, memoiser.file);
    const Scope *outer = &f->scopes[memoiser.scope.i];
    if (outer->kind != SCOPE_FUNCTION || outer->flags & SCOPE_GENERATOR) return NO_MEMO;
    if (outer->op_end - outer->op_first > OPS_MAX) return NO_MEMO;
    Memo m = {.bound = MEMO_UNBOUNDED, .confidence = CONFIDENCE_HIGH};
    Memo wraps = NO_MEMO;
    bool found = false;
    u32 end = MIN(f->n_scopes, memoiser.scope.i + INNER_MAX);
    for (u32 s = memoiser.scope.i + 1; !found && s < end; s++) {
        if (f->scopes[s].span.start >= outer->span.end) break;
        if (f->scopes[s].kind != SCOPE_FUNCTION || !is_inside(f, (ScopeId){s}, memoiser.scope))
            continue;
        found = stores_arguments(g, memoiser, (ScopeId){s}, &m.store);
        if (!found && !wraps.bound) wraps = decorates_known(g, memoiser, (ScopeId){s});
    }
    if (!found) m = wraps.bound ? wraps : wraps_known(g, memoiser);
    m.definition = memoiser;
    m.name = graph_scope_name(g, memoiser);
    return m;
}

/* ---- the project's own names for a known cache ---- */

/* The call that makes what a return statement returns: through a local and `typing.cast`. */
static const Op *returned_call(const Graph *g, u32 file, const Op *ret) {
    const Facts *f = graph_facts(g, file);
    PathId value = op_operand(f, ret, 0);
    for (u32 steps = 0; steps < 3; steps++) {
        const Op *call = op_of(f, graph_alias_of(g, file, value), OP_CALL);
        if (!call || !str_ends(graph_name_of(g, file, op_path(call)), ".cast")) return call;
        value = op_operand(f, call, 1);
    }
    return NULL;
}

/* The size that a call of the factory passes on: its argument, or the parameter's default. */
static void read_passed_size(const Graph *g, ScopeRef factory, PathId size, u32 file,
                             const Op *call, Memo *m) {
    const Facts *f = graph_facts(g, factory.file);
    const Scope *scope = &f->scopes[factory.scope.i];
    SymbolId s = variable_of(f, size);
    m->bound = MEMO_UNKNOWN;
    for (u32 at = scope->param_first; s.i && at < scope->param_end; at++) {
        const Param *p = &f->params[at];
        if (p->symbol.i != s.i) continue;
        u32 index = p->kind == PARAM_KEYWORD_ONLY ? UINT32_MAX / 4 : at - scope->param_first;
        PathId passed = call_argument_named(graph_facts(g, file), call, index,
                                            facts_str(f, f->symbols[s.i].name));
        if (passed.i)
            read_size(g, file, passed, m);
        else if (p->fallback.i)
            read_size(g, factory.file, p->fallback, m);
        return;
    }
    if (!s.i) read_size(g, factory.file, size, m);
}

/* `def cached(size=128): return functools.lru_cache(maxsize=size)`. */
static Memo relayed_memo(const Graph *g, ScopeRef factory, u32 file, const Op *call) {
    const FunctionNode *fn = &g->functions[function_id(g, factory.file, factory.scope)];
    const Facts *f = graph_facts(g, factory.file);
    if (fn->n_returns != 1 || !call) return NO_MEMO;
    const Op *made = returned_call(g, factory.file, &f->ops[fn->returns[0].i]);
    const CacheRow *row = made ? know_cache(graph_name_of(g, factory.file, op_path(made))) : NULL;
    if (!row || !row->takes_size) return NO_MEMO;
    bool known = true;
    PathId size = argument(f, made, 0, "maxsize", &known);
    if (!size.i || !known || variable_of(f, size).i == 0) return NO_MEMO;
    Memo m = {.name = str_from(row->name), .confidence = CONFIDENCE_MEDIUM};
    read_passed_size(g, factory, size, file, call, &m);
    return m;
}

/* ---- questions ---- */

Memo graph_memo_of(const Graph *g, u32 file, PathId decorator) {
    if (!graph_facts(g, file) || !decorator.i) return NO_MEMO;
    Spot made = value_of(g, file, decorator);
    const Op *call = op_of(graph_facts(g, made.file), made.path, OP_CALL);
    Spot callee = call ? value_of(g, made.file, op_path(call)) : made;
    Str name = graph_name_of(g, callee.file, callee.path);
    if (know_cache(name)) return known_memo(g, made.file, name, call);
    ScopeRef definition = graph_definition_of(g, callee.file, callee.path);
    if (scope_is_none(definition)) return NO_MEMO;
    Memo m = relayed_memo(g, definition, made.file, call);
    return m.bound ? m : own_memo(g, definition);
}

bool is_memoised(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        if (graph_memo_of(g, function.file, f->operands[d].path).bound != MEMO_NONE) return true;
    return false;
}

/* The function that a path names: a lambda, a definition, or, for a name that is bound again
 * (`f = cache(f)`), what it was bound to first. */
static ScopeRef function_of(const Graph *g, u32 file, PathId p) {
    const Facts *f = graph_facts(g, file);
    const Op *op = op_of(f, p, OP_LAMBDA);
    if (op) return (ScopeRef){file, {op->subject}};
    ScopeRef definition = graph_definition_of(g, file, p);
    SymbolId s = variable_of(f, p);
    if (!scope_is_none(definition) || !s.i) return definition;
    op = op_of(f, bound_value(f, facts_op(f, f->symbols[s.i].bind)), OP_FUNCTION);
    return op ? (ScopeRef){file, {op->subject}} : definition;
}

Memo graph_memo_applied(const Graph *g, u32 file, PathId value, ScopeRef *function) {
    const Facts *f = graph_facts(g, file);
    const Op *call = op_of(f, value, OP_CALL);
    if (call && str_is(graph_name_of(g, file, op_path(call)), "builtins.property"))
        call = op_of(f, op_operand(f, call, 0), OP_CALL);
    if (!call || call->operands != 1) return NO_MEMO;
    *function = function_of(g, file, op_operand(f, call, 0));
    if (scope_is_none(*function)) return NO_MEMO;
    return graph_memo_of(g, file, op_path(call));
}

static u64 cleared_key(u32 file, u64 method) {
    return hash_mix(method, file);
}

enum { ANY_FILE = UINT32_MAX };

/* `f.cache_clear`, `f.cache.clear`: the name of f, or 0. */
static u64 cleared_name(const Facts *f, const Path *p) {
    static const char *const CLEARS[] = {"cache_clear", "cache_close", "cache_invalidate"};
    Str name = facts_str(f, (StrId){p->id});
    const Path *of = &f->paths[p->parent.i];
    bool clears = false;
    if (name.n < 5 || name.p[0] != 'c') return 0;
    for (u32 i = 0; i < ARRAY_LEN(CLEARS); i++) clears |= str_is(name, CLEARS[i]);
    if (str_is(name, "clear") && of->kind == PATH_ATTR &&
        str_is(facts_str(f, (StrId){of->id}), "cache")) {
        clears = true;
        of = &f->paths[of->parent.i];
    }
    if (!clears) return 0;
    if (of->kind == PATH_ATTR) return name_hash(f, (StrId){of->id});
    return of->kind == PATH_SYMBOL ? name_hash(f, f->symbols[of->id].name) : 0;
}

/* `Class.method` of a cache that is cleared: the file of the class is told. */
static void clear_method(Graph *g, u32 file, PathId cache) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[cache.i];
    if (p->kind != PATH_ATTR || g->files[file].is_test) return;
    Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
    if (e.kind != ENTITY_CLASS) return;
    map_set(g->arena, &g->cleared_caches, cleared_key(e.file, name_hash(f, (StrId){p->id})), 1);
}

/* `for cache in (f, Class.method): cache.cache_clear()` */
static void clear_elements(Graph *g, u32 file, PathId variable) {
    const Facts *f = g->files[file].facts;
    SymbolId owner = facts_root_symbol(f, variable);
    const Op *bind = &f->ops[f->symbols[owner.i].bind.i];
    if (f->paths[variable.i].kind != PATH_SYMBOL || bind->kind != OP_BIND ||
        (bind->flags & OP_LOW) != BIND_FOR)
        return;
    const Path *element = &f->paths[bound_value(f, bind).i];
    const Path *all = &f->paths[element->parent.i];
    if (element->kind != PATH_ANY || all->kind != PATH_OP) return;
    const Op *display = &f->ops[all->id];
    if (display->kind != OP_TUPLE && display->kind != OP_LIST && display->kind != OP_SET) return;
    for (u32 i = 0; i < display->operands; i++) {
        PathId cache = op_operand(f, display, i);
        const Path *p = &f->paths[cache.i];
        u64 name = p->kind == PATH_ATTR     ? name_hash(f, (StrId){p->id})
                   : p->kind == PATH_SYMBOL ? name_hash(f, f->symbols[p->id].name)
                                            : 0;
        if (name) map_set(g->arena, &g->cleared_caches, cleared_key(ANY_FILE, name), 1);
        clear_method(g, file, cache);
    }
}

void memos_index(Graph *g) {
    u64 clear = hash_str(STR("cache_clear"));
    for (u32 file = 0; file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        u32 end = g->files[file].mentions & MENTIONS_CLEAR ? f->n_paths : 0;
        for (u32 i = 1; i < end; i++) {
            const Path *p = &f->paths[i], *of = &f->paths[p->parent.i];
            if (p->kind != PATH_ATTR) continue;
            u64 name = cleared_name(f, p);
            if (name) map_set(g->arena, &g->cleared_caches, cleared_key(ANY_FILE, name), 1);
            if (name) {
                clear_method(g, file, (PathId){p->parent.i});
                clear_elements(g, file, (PathId){p->parent.i});
            }
            if (of->kind != PATH_ATTR || name_hash(f, (StrId){p->id}) != clear) continue;
            u64 key = cleared_key(file, name_hash(f, (StrId){of->id}));
            map_set(g->arena, &g->cleared_caches, key, 1);
        }
    }
}

bool graph_memo_is_cleared(const Graph *g, u32 file, Str method) {
    return map_get(&g->cleared_caches, cleared_key(file, hash_str(method))) != 0;
}

bool graph_cache_is_cleared(const Graph *g, Str function) {
    return graph_memo_is_cleared(g, ANY_FILE, function);
}

Span graph_decorator_span(const Graph *g, ScopeRef function, u32 index) {
    const Facts *f = graph_facts(g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    PathId path = f->operands[scope->decorator_first + index].path;
    const Op *call = op_of(f, path, OP_CALL);
    if (call) return call->span;
    /* decorators are evaluated right before the function is made */
    for (u32 o = scope->def.i; o > 0 && o + 200 > scope->def.i; o--) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_LOAD && op->flags & OP_IMPLICIT && op->subject == path.i)
            return op->span;
    }
    return scope->name_span;
}
