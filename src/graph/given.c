/* What callers give for a parameter that is called, or waited for. */
#include "graph/waits.h"

enum { GIVEN_STEPS = 4, PARTIAL_OPS = 20000 };

/* What callers give for a parameter that is called. */
typedef struct Givers {
    u32 own, others; /* functions of the project; anything else */
    bool is_open;    /* one of the project's waits openly */
} Givers;
/* So many callers who give functions of the project say that it is there for these. */
enum { OWN_GIVERS = 2, GIVERS_MAX = 16 };

/* `def run(work=None)`: what it is when nobody gives it. */
static bool is_none_by_default(const Graph *g, const FunctionNode *node, SymbolId parameter) {
    const Facts *f = g->files[node->file].facts;
    const Param *p = facts_param(f, parameter);
    return p && facts_is_none(f, p->fallback);
}

static void ask_giver(const Graph *g, Search *search, u32 fn, u32 depth, Givers *givers) {
    givers->is_open |= function_waits_openly(g, search, fn, depth - 1);
    givers->own++;
}

static void ask_givers(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth,
                       Givers *givers);

static void ask_value(const Graph *g, Search *search, u32 file, PathId value, u32 depth,
                      Givers *givers) {
    const Facts *f = g->files[file].facts;
    value = without_partial(g, file, graph_alias_of(g, file, value));
    const Path *p = &f->paths[value.i];
    SymbolId own = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    ScopeRef given = function_named(g, file, value);
    if (!scope_is_none(given))
        ask_giver(g, search, function_id(g, given.file, given.scope), depth, givers);
    else if (is_parameter(f, own))
        ask_givers(g, search, file, own, depth - 1, givers);
    else if (!facts_is_none(f, value))
        givers->others++;
}

static void ask_caller(const Graph *g, Search *search, const FunctionNode *node, OpRef call,
                       SymbolId parameter, u32 depth, Givers *givers) {
    PathId value = given_argument(g, call, (ScopeRef){node->file, node->scope}, parameter);
    if (!value.i && is_none_by_default(g, node, parameter)) return;
    ask_value(g, search, call.file, value, depth, givers);
}

/* Nothing is seen to call the method itself: the calls of its name on what is not known, as those
 * of a class that it is mixed into. */
static u32 ask_named_calls(const Graph *g, Search *search, const FunctionNode *node,
                           SymbolId parameter, u32 depth, Givers *givers) {
    const Facts *f = g->files[node->file].facts;
    u64 name = name_hash(f, f->scopes[node->scope.i].name);
    u32 n = 0;
    if (!node->owner.i || node->callers.n || node->escapes) return 0;
    const NamedCalls *named = &g->named_calls;
    for (u32 i = map_get(&named->last, name); i; i = named->before.v[i - 1]) {
        if (n++ == GIVERS_MAX || givers->others) return n;
        ask_caller(g, search, node, named->calls.v[i - 1], parameter, depth, givers);
    }
    return n;
}

/* `partial(self._run, work)`: what the parameter is bound to there, or 0. */
static PathId bound_by_partial(const Graph *g, const FunctionNode *node, const Op *call,
                               SymbolId parameter) {
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    u32 first = s->param_first + (node->owner.i && node->kind != METHOD_STATIC);
    for (u32 i = first; i < s->param_end && f->params[i].kind <= PARAM_POSITIONAL_ONLY; i++)
        if (f->params[i].symbol.i == parameter.i)
            return call_argument_named(f, call, i - first + 1,
                                       facts_str(f, f->symbols[parameter.i].name));
    return (PathId){0};
}

/* A method that nothing calls here, and of which its class makes partials: their number. It counts
 * as given by others where the class hands it on in any other way. */
static u32 ask_partials(const Graph *g, Search *search, const FunctionNode *node,
                        SymbolId parameter, u32 depth, Givers *givers) {
    const Facts *f = g->files[node->file].facts;
    StrId name = f->scopes[node->scope.i].name;
    ScopeRef body = graph_class_scope(g, node->owner);
    const Scope *s = &f->scopes[body.scope.i];
    u32 n = 0;
    if (!node->owner.i || body.file != node->file || node->callers.n) return 0;
    for (u32 i = s->op_first; i < s->op_end && i - s->op_first < PARTIAL_OPS; i++) {
        const Op *op = &f->ops[i];
        for (u32 k = 0; op->kind != OP_FUNCTION && k < op->operands; k++) {
            PathId value = op_operand(f, op, k);
            const Path *p = &f->paths[value.i];
            if (p->kind != PATH_ATTR || p->id != name.i) continue;
            PathId bound = {0};
            if (op->kind == OP_CALL && !k && is_partial(g, node->file, op))
                bound = bound_by_partial(g, node, op, parameter);
            if (!bound.i || n++ == GIVERS_MAX)
                givers->others++;
            else
                ask_value(g, search, node->file, bound, depth, givers);
        }
    }
    return n;
}

/* What the function, or what a call of it gives, decorates: not in tests, whose functions are no
 * sign of what users bring. */
static u32 ask_decorated(const Graph *g, Search *search, u32 decorator, bool is_called, u32 depth,
                         Givers *givers) {
    u32 n = 0;
    for (u32 i = map_get(&g->decorated_by, decorator); i; i = g->decorated.v[i - 1].next) {
        const Decorated *d = &g->decorated.v[i - 1];
        if (d->is_called != is_called || g->files[g->functions[d->function].file].is_test) continue;
        if (n++ < GIVERS_MAX) ask_giver(g, search, d->function, depth, givers);
    }
    givers->others += n > GIVERS_MAX;
    return n;
}

/* Of a decorator: `@repeat`, and `@repeat(60)` where it is the inner function of `repeat`. */
static u32 ask_decorations(const Graph *g, Search *search, u32 fn, SymbolId parameter, u32 depth,
                           Givers *givers) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *s = &f->scopes[node->scope.i];
    u32 first = s->param_first + (node->owner.i && node->kind != METHOD_STATIC);
    if (first >= s->param_end || f->params[first].symbol.i != parameter.i) return 0;
    ScopeId around = enclosing_function(f, s->parent);
    u32 maker = around.i ? function_id(g, node->file, around) : 0;
    u32 n = ask_decorated(g, search, fn, false, depth, givers);
    if (maker && (g->functions[maker].inner == fn || is_applied_by(g, node, &g->functions[maker])))
        n += ask_decorated(g, search, maker, true, depth, givers);
    return n;
}

static void ask_givers(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth,
                       Givers *givers) {
    u32 fn = function_id(g, file, g->files[file].facts->symbols[parameter.i].scope);
    const FunctionNode *node = &g->functions[fn];
    givers->others += node->callers.n > GIVERS_MAX || !depth;
    if (givers->others) return;
    u32 decorated = ask_decorations(g, search, fn, parameter, depth, givers);
    u32 partials = ask_partials(g, search, node, parameter, depth, givers);
    u32 named = ask_named_calls(g, search, node, parameter, depth, givers);
    givers->others += named > GIVERS_MAX;
    givers->others += !node->callers.n && !decorated && !partials && !named;
    for (u32 i = 0; i < node->callers.n && !givers->others && !givers->is_open; i++)
        ask_caller(g, search, node, node->callers.v[i], parameter, depth, givers);
}

bool givers_wait_openly(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth) {
    Givers givers = {0};
    ask_givers(g, search, file, parameter, depth, &givers);
    if (givers.is_open) return true;
    bool is_brought = givers.others || givers.own < OWN_GIVERS;
    return is_brought && waits_for(search, WAITS_FOR_BROUGHT);
}

/* ---- by the calls that are followed ---- */

bool call_has_spread(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++) {
        OperandKind kind = operand_kind(f->operands[call->operand + i]);
        if (kind != OPERAND_POSITIONAL && kind != OPERAND_KEYWORD) return true;
    }
    return false;
}

/* What a call gives, in `file`, and the calls that lead to that one. */
typedef struct Given {
    bool is_known;
    u32 file;
    PathId value; /* or 0: the parameter has its default */
    const CallFrame *up;
} Given;

static Given given_by_frames(const Graph *g, const Search *search, u32 file, SymbolId parameter) {
    const CallFrame *frame = search->frame;
    Given given = {0};
    for (u32 steps = 0; steps < GIVEN_STEPS && parameter.i; steps++) {
        const Facts *home = g->files[file].facts;
        ScopeId s = home->symbols[parameter.i].scope;
        u32 fn = function_id(g, file, s);
        while (frame && frame->fn != fn) frame = frame->up;
        if (!frame || call_has_spread(g->files[frame->file].facts, frame->call)) return (Given){0};
        const Facts *f = g->files[frame->file].facts;
        OpRef call = {frame->file, {(u32)(frame->call - f->ops)}};
        PathId value = given_argument(g, call, (ScopeRef){file, s}, parameter);
        if (!value.i && !is_none_by_default(g, &g->functions[fn], parameter)) return (Given){0};
        value = graph_alias_of(g, frame->file, value);
        given = (Given){true, frame->file, value, frame->up};
        const Path *p = &f->paths[value.i];
        SymbolId next = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
        parameter = is_parameter(f, next) ? next : (SymbolId){0};
        file = frame->file;
        frame = frame->up;
    }
    return parameter.i ? (Given){0} : given;
}

/* `export(progress=self.tell)`, `export(progress=self.make_teller(job))`: the function. */
static u32 given_function(const Graph *g, const Given *given) {
    PathId value = without_partial(g, given->file, given->value);
    ScopeRef named = function_named(g, given->file, value);
    if (!scope_is_none(named)) return function_id(g, named.file, named.scope);
    return made_function(g, given->file, value);
}

Answer given_waits_openly(const Graph *g, Search *search, u32 file, SymbolId parameter,
                          bool is_called, u32 depth) {
    Given given = given_by_frames(g, search, file, parameter);
    if (!given.is_known || !depth) return ANSWER_UNKNOWN;
    const Facts *f = g->files[given.file].facts;
    search->depends = true;
    if (!given.value.i || facts_is_none(f, given.value)) return ANSWER_HELD;
    const CallFrame *frame = search->frame;
    const Path *p = &f->paths[given.value.i];
    bool is_open;
    if (is_called) {
        u32 fn = given_function(g, &given);
        if (!fn) return ANSWER_UNKNOWN;
        search->frame = given.up;
        is_open = function_waits_openly(g, search, fn, depth - 1);
    } else if (is_kept_task(g, given.file, p)) {
        search->meets = true;
        return ANSWER_HELD;
    } else if (facts_call(f, given.value)) {
        search->frame = given.up;
        is_open = coroutine_waits_openly(g, search, given.file, given.value, depth - 1);
    } else {
        return ANSWER_UNKNOWN;
    }
    search->frame = frame;
    return is_open ? ANSWER_OPEN : ANSWER_HELD;
}
