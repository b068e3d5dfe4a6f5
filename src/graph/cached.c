/* What is put into a cache without a bound: functions, classes, and dictionaries that are caches by
 * hand. */
#include "graph/model.h"

/* It runs per call, as far as the project shows. */
static bool runs_per_call(const Graph *g, ScopeRef function) {
    const Facts *f = graph_facts(g, function.file);
    RegionId body = f->scopes[function.scope.i].region;
    return graph_how_often(g, function.file, body) >= RUNS_PER_INSTANCE;
}

/* How sure it is that the instances that a function is called with are made again and again, and
 * go but for the cache. A base that is not seen may give them an `__eq__`. */
static void weigh_instances(const Graph *g, Domain *d) {
    if (d->kind != DOMAIN_IDENTITY || !d->class.i) return;
    Instances made = graph_instances(g, d->class);
    bool is_one = made.making == MADE_ONCE && !made.is_for_users;
    d->confidence = made.making == MADE_OFTEN ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    if (is_one || !g->classes[d->class.i].complete || graph_may_stay(g, d->class))
        d->confidence = CONFIDENCE_LOW;
}

/* ---- decorators ---- */

bool graph_cached_function(const Graph *g, ScopeRef function, Cached *out) {
    const Facts *f = graph_facts(g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->decorator_first == scope->decorator_end) return false;
    if (scope->param_first == scope->param_end) return false;
    MethodKind kind = graph_method_kind(g, function);
    if (kind == METHOD_INSTANCE || facts_enclosing(f, scope->parent, SCOPE_FUNCTION).i)
        return false;
    bool is_new = graph_method_class(g, function).i && str_is(facts_str(f, scope->name), "__new__");
    u32 first = kind == METHOD_CLASS || is_new ? 1 : 0;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Memo memo = graph_memo_of(g, function.file, f->operands[d].path);
        if (memo.bound != MEMO_UNBOUNDED) continue;
        Cached k = {.memo = memo, .file = function.file, .scope = function, .function = function};
        k.domain = graph_arguments_domain(g, function, first);
        if (k.domain.kind <= DOMAIN_UNHASHABLE || !runs_per_call(g, function)) return false;
        weigh_instances(g, &k.domain);
        k.span = graph_decorator_span(g, function, d - scope->decorator_first);
        k.name = graph_scope_name(g, function);
        *out = k;
        return true;
    }
    return false;
}

/* ---- a cache around a class ---- */

bool graph_cached_class(const Graph *g, Arena *arena, ClassId class, Cached *out) {
    ScopeRef scope = graph_class_scope(g, class);
    const Facts *f = graph_facts(g, scope.file);
    const Scope *body = &f->scopes[scope.scope.i];
    if (body->decorator_first == body->decorator_end) return false;
    if (!graph_class_is_static(g, class)) return false;
    for (u32 d = body->decorator_first; d < body->decorator_end; d++) {
        Memo memo = graph_memo_of(g, scope.file, f->operands[d].path);
        if (memo.bound != MEMO_UNBOUNDED) continue;
        Cached k = {.memo = memo, .file = scope.file, .scope = scope, .is_class = true};
        k.domain = graph_constructor_domain(g, arena, class);
        if (k.domain.kind <= DOMAIN_UNHASHABLE) return false;
        k.class = class;
        k.span = graph_decorator_span(g, scope, d - body->decorator_first);
        k.name = graph_class_name(g, class);
        *out = k;
        return true;
    }
    return false;
}

/* ---- caches in call form ---- */

/* The call in which the result of another one is called: `lru_cache(None)(f)`. */
static OpId called_result(const Facts *f, OpId factory) {
    for (u32 o = factory.i + 1; o < f->n_ops && o < factory.i + 16; o++) {
        const Path *callee = &f->paths[f->ops[o].kind == OP_CALL ? f->ops[o].subject : 0];
        if (callee->kind == PATH_OP && callee->id == factory.i) return (OpId){o};
    }
    return (OpId){0};
}

/* `pydantic.TypeAdapter`: a class outside the project, by its name. */
static bool is_class_name(Str name) {
    Str last = str_after_last(name, '.');
    bool has_lower = false;
    for (u32 i = 0; i < last.n; i++) has_lower |= last.p[i] >= 'a' && last.p[i] <= 'z';
    while (last.n && last.p[0] == '_') last = str_sub(last, 1, last.n);
    return has_lower && last.n && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

/* The cached function or class lives as long as the module: the call stands at module level. */
static bool is_lasting(const Graph *g, u32 file, const Op *call) {
    const Facts *f = graph_facts(g, file);
    u8 kind = f->scopes[f->regions[call->region.i].scope.i].kind;
    return kind == SCOPE_MODULE && graph_how_often(g, file, call->region) != RUNS_NEVER;
}

static bool find_target(const Graph *g, Arena *arena, Cached *k, PathId target) {
    ScopeRef definition = graph_definition_of(g, k->file, target);
    k->class = graph_class_of_scope(g, definition);
    k->is_class = k->class.i != 0;
    if (k->is_class) {
        k->name = graph_class_name(g, k->class);
        k->domain = graph_constructor_domain(g, arena, k->class);
    } else if (!scope_is_none(definition)) {
        k->function = definition;
        k->name = graph_scope_name(g, definition);
        if (graph_method_kind(g, definition) == METHOD_INSTANCE) return false;
        k->domain = graph_arguments_domain(g, definition, 0);
        if (!runs_per_call(g, definition)) return false;
        weigh_instances(g, &k->domain);
    } else {
        k->name = graph_name_of(g, k->file, target);
        k->is_class = is_class_name(k->name);
        k->domain = (Domain){.kind = DOMAIN_UNKNOWN};
    }
    return k->name.n && k->domain.kind > DOMAIN_UNHASHABLE;
}

bool graph_cached_call(const Graph *g, Arena *arena, OpRef ref, Cached *out) {
    const Facts *f = graph_facts(g, ref.file);
    const Op *call = facts_op(f, ref.op);
    if (!is_lasting(g, ref.file, call)) return false;
    OpId outer = called_result(f, ref.op);
    const Op *applied = outer.i ? facts_op(f, outer) : call;
    if (applied->operands != 1) return false;
    PathId target = op_operand(f, applied, 0);
    const Path *p = &f->paths[target.i];
    if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) return false;
    Cached k = {.file = ref.file, .span = applied->span};
    k.memo = graph_memo_of(g, ref.file, op_path(applied));
    if (k.memo.bound != MEMO_UNBOUNDED) return false;
    if (!find_target(g, arena, &k, target)) return false;
    *out = k;
    return true;
}

/* ---- dictionaries that are caches ---- */

/* The memo of a memoiser is judged where that is applied: graph_memo_of. */
static bool belongs_to_decorator(const Graph *g, const Container *k) {
    if (k->holder != HOLDER_CLOSURE) return false;
    const Scope *scope = &graph_facts(g, k->function.file)->scopes[k->function.scope.i];
    return scope->param_first != scope->param_end;
}

bool graph_is_memo_table(const Graph *g, ContainerId id, const Growth *growth, Domain *domain) {
    const Container *k = graph_container(g, id);
    const Use *use = growth->site;
    bool is_mapping = k->kind == CONTAINER_DICT || k->kind == CONTAINER_DEFAULTDICT ||
                      k->kind == CONTAINER_ORDERED_DICT;
    bool grows = growth->verdict == VERDICT_GROWS || growth->offered;
    if (!is_mapping || !grows || growth->doomed_removal) return false;
    if (growth->moving) return false; /* a cache has no need to renew its entries */
    bool is_memo = use->membership_guard && use->key.i && use->value.i && use->level == 0;
    if (!is_memo || use->value_shape & (SHAPE_FUNCTION | SHAPE_EXCEPTION)) return false;
    if (scope_is_none(use->function) || belongs_to_decorator(g, k)) return false;
    if (graph_thread_identity(g, use->file, use->key).n) return false; /* LMP220 speaks */
    *domain = graph_value_domain(g, use->file, use->key);
    if (graph_is_event_name(g, use->file, use->key)) domain->kind = DOMAIN_UNKNOWN;
    return domain->kind > DOMAIN_UNHASHABLE;
}
