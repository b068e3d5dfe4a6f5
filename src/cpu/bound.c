/* How many rounds a loop has, by what is written. */
#include "cpu/read.h"

enum {
    LIMIT_DEPTH = 4,  /* operators in each other in the stop of a range */
    LIMIT_MOST = 4096 /* a larger limit, as `n & 0xFFFFFFFC`, says nothing about the rounds */
};

static const Bound DATA = {.kind = BOUND_DATA};

static Bound known(u64 rounds) {
    return (Bound){.kind = BOUND_KNOWN, .known = rounds};
}

u32 parameter_index(const Reader *r, PathId path) {
    const Facts *f = r->f;
    path = graph_alias_of(r->g, r->file, path);
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_BINARY) { /* `n + 1` */
        const Op *op = &f->ops[p->id];
        u64 ignored;
        for (u32 i = 0; i < 2; i++)
            if (path_number(r->g, r->file, op_operand(f, op, 1 - i), &ignored) &&
                (op->flags & OP_LOW) <= OPERATOR_SUB)
                return parameter_index(r, op_operand(f, op, i));
        return 0;
    }
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!s.i || !(f->symbols[s.i].flags & SYMBOL_PARAM)) return 0;
    const Scope *scope = &f->scopes[f->symbols[s.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == s.i) return i - scope->param_first + 1;
    return 0;
}

/* ---- for ---- */

static Bound of_iterable(const Reader *r, PathId iterable, u32 *does, u32 depth);

/* `range(len(items))`: as many as there are elements. */
static bool is_length(const Reader *r, PathId path) {
    path = graph_alias_of(r->g, r->file, path);
    const Path *p = &r->f->paths[path.i];
    if (p->kind != PATH_OP) return false;
    const Op *op = &r->f->ops[p->id];
    if (op->kind == OP_BINARY)
        return is_length(r, op_operand(r->f, op, 0)) || is_length(r, op_operand(r->f, op, 1));
    return op->kind == OP_CALL && str_is(graph_name_of(r->g, r->file, op_path(op)), "builtins.len");
}

static bool has_limit(const Reader *r, PathId path, u32 depth, u64 *number);

/* What is counted down from a number, or left by a division: counts are not negative. */
static bool binary_limit(const Reader *r, const Op *op, u32 depth, u64 *number) {
    PathId left = op_operand(r->f, op, 0), right = op_operand(r->f, op, 1);
    u64 more;
    switch (op->flags & OP_LOW) {
    case OPERATOR_SUB:
        return has_limit(r, left, depth, number);
    case OPERATOR_ADD:
        if (!has_limit(r, left, depth, number) || !has_limit(r, right, depth, &more)) return false;
        *number += more;
        return true;
    case OPERATOR_MOD:
        return path_number(r->g, r->file, right, number);
    case OPERATOR_AND:
        return path_number(r->g, r->file, right, number) ||
               path_number(r->g, r->file, left, number);
    default:
        return false;
    }
}

/* `min(n, 500)`, `8 - n + 1`, `n % 8`: no more than that. */
static bool has_limit(const Reader *r, PathId path, u32 depth, u64 *number) {
    if (path_number(r->g, r->file, path, number)) return true;
    const Path *p = &r->f->paths[graph_alias_of(r->g, r->file, path).i];
    if (p->kind != PATH_OP || !depth) return false;
    const Op *op = &r->f->ops[p->id];
    if (op->kind == OP_BINARY) return binary_limit(r, op, depth - 1, number);
    if (op->kind != OP_CALL) return false;
    if (!str_is(graph_name_of(r->g, r->file, op_path(op)), "builtins.min")) return false;
    for (u32 i = 0; i < op->operands; i++)
        if (path_number(r->g, r->file, op_operand(r->f, op, i), number)) return true;
    return false;
}

static Bound of_range(const Reader *r, const Op *call) {
    PathId first = op_operand(r->f, call, 0), second = op_operand(r->f, call, 1);
    PathId stop = second.i ? second : first;
    u64 from = 0, to, step = 1;
    if (second.i && !path_number(r->g, r->file, first, &from)) from = 0;
    if (call->operands > 2 && !path_number(r->g, r->file, op_operand(r->f, call, 2), &step))
        step = 1;
    bool is_exact = path_number(r->g, r->file, stop, &to);
    if (is_exact || (has_limit(r, stop, LIMIT_DEPTH, &to) && to <= LIMIT_MOST))
        return known(to > from ? (to - from) / MAX(step, 1u) : 1);
    if (is_length(r, stop)) return DATA;
    return (Bound){.kind = BOUND_NUMERIC, .parameter = parameter_index(r, stop)};
}

static bool is_search(Str name) {
    static const char *const NAMES[] = {"itertools.combinations",
                                        "itertools.combinations_with_replacement",
                                        "itertools.permutations", "itertools.product"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* Index of the argument whose elements a call goes through, or -1. */
static int passed_on(Str name) {
    static const char *const FIRST[] = {"enumerate", "iter",  "list", "reversed", "set",
                                        "sorted",    "tuple", "zip",  "frozenset"};
    if (str_is(name, "builtins.map") || str_is(name, "builtins.filter")) return 1;
    if (str_is(name, "itertools.islice") || str_is(name, "tqdm.tqdm")) return 0;
    if (!str_starts(name, "builtins.")) return -1;
    Str last = str_after_last(name, '.');
    for (u32 i = 0; i < ARRAY_LEN(FIRST); i++)
        if (str_is(last, FIRST[i])) return 0;
    return -1;
}

/* `iter(pipe.readline, b"")`: each round calls it. */
static u32 asked_again(const Reader *r, const Op *call) {
    const Path *p = &r->f->paths[op_operand(r->f, call, 0).i];
    Str name = p->kind == PATH_ATTR ? facts_str(r->f, (StrId){p->id}) : (Str){0};
    if (str_is(name, "get")) return DOES_QUEUE;
    return str_starts(name, "read") || str_is(name, "recv") ? DOES_WAIT : DOES_UNKNOWN;
}

static Bound of_call(const Reader *r, const Op *call, u32 *does, u32 depth) {
    Str name = graph_name_of(r->g, r->file, op_path(call));
    if (str_is(name, "builtins.range") || str_is(name, "builtins.xrange")) return of_range(r, call);
    if (str_is(name, "itertools.count") || str_is(name, "itertools.repeat"))
        return (Bound){.kind = BOUND_NUMERIC};
    if (str_is(name, "builtins.iter") && call->operands == 2) {
        *does |= asked_again(r, call);
        return DATA;
    }
    if (is_search(name)) {
        Bound inner = of_iterable(r, op_operand(r->f, call, 0), does, depth - 1);
        bool is_small = inner.kind == BOUND_KNOWN && inner.known < 8;
        return is_small ? known(inner.known * inner.known) : (Bound){.kind = BOUND_SEARCH};
    }
    int argument = passed_on(name);
    if (argument < 0) return DATA;
    return of_iterable(r, op_operand(r->f, call, (u32)argument), does, depth - 1);
}

static Bound of_display(const Op *op) {
    return known(op->kind == OP_DICT ? op->operands / 2 : op->operands);
}

static bool is_display(const Op *op) {
    return op->kind == OP_LIST || op->kind == OP_TUPLE || op->kind == OP_SET || op->kind == OP_DICT;
}

/* A parameter that is called like something to read from. */
static bool is_named_stream(const Reader *r, PathId path) {
    static const char *const NAMES[] = {"conn",     "cursor", "f",     "fd",     "fh",     "file",
                                        "fileobj",  "fin",    "fp",    "infile", "reader", "resp",
                                        "response", "sock",   "stdin", "stdout", "stream"};
    const Path *p = &r->f->paths[path.i];
    if (p->kind != PATH_SYMBOL) return false;
    Str name = facts_str(r->f, r->f->symbols[p->id].name);
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

/* A constant of a module that is a display: its elements are in the source. */
static bool module_display(const Reader *r, PathId path, Bound *out) {
    SymbolRef v = graph_variable_of(r->g, r->file, path);
    if (!v.symbol.i) return false;
    const Facts *f = graph_facts(r->g, v.file);
    const Symbol *s = &f->symbols[v.symbol.i];
    const Op *bind = &f->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND) return false;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (value->kind != PATH_OP || !is_display(&f->ops[value->id])) return false;
    *out = of_display(&f->ops[value->id]);
    return out->known > 0;
}

static Bound of_iterable(const Reader *r, PathId iterable, u32 *does, u32 depth) {
    PathId path = graph_alias_of(r->g, r->file, iterable);
    const Path *p = &r->f->paths[path.i];
    Bound constant;
    if (!depth || !path.i) return DATA;
    if (p->kind == PATH_LITERAL) return known(facts_str(r->f, (StrId){p->id}).n);
    if (p->kind == PATH_OP) {
        const Op *op = &r->f->ops[p->id];
        if (op->kind == OP_CALL) return of_call(r, op, does, depth);
        return is_display(op) ? of_display(op) : DATA;
    }
    Str origin = origin_of(r, path);
    const CostRow *row = origin.n ? know_cost(origin) : NULL;
    if (row && row->cost == COST_RELEASES) *does |= DOES_RELEASE;
    bool is_stream = (row && row->cost == COST_WAITS) || str_is(origin, "io.IOBase");
    if (is_stream || (!origin.n && is_named_stream(r, path))) *does |= DOES_WAIT;
    return module_display(r, path, &constant) ? constant : DATA;
}

Bound bound_of_iterable(const Reader *r, PathId iterable, u32 *does) {
    return of_iterable(r, iterable, does, 5);
}

/* ---- while ---- */

enum { TESTED_MAX = 8 };

/* The local variables that a condition asks. */
static u32 tested_symbols(const Facts *f, const Region *region, SymbolId *out) {
    u32 n = 0;
    for (u32 o = region->test_first; o < region->test_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_TEST && op->kind != OP_BINARY) continue;
        for (u32 k = 0; k <= op->operands && n < TESTED_MAX; k++) {
            PathId path =
                k ? op_operand(f, op, k - 1) : (op->kind == OP_TEST ? op_path(op) : (PathId){0});
            if (f->paths[path.i].kind == PATH_SYMBOL) out[n++] = facts_root_symbol(f, path);
        }
    }
    return n;
}

static bool is_tested(const SymbolId *tested, u32 n, SymbolId s) {
    for (u32 i = 0; i < n; i++)
        if (tested[i].i == s.i) return true;
    return false;
}

static bool is_shrinking(u32 operator) {
    return operator== OPERATOR_FLOORDIV || operator== OPERATOR_DIV || operator==
        OPERATOR_MOD || operator== OPERATOR_RSHIFT;
}

/* How an operation changes one of the variables: 0 not, 1 by division, 2 by other arithmetic. */
static u32 change_by(const Facts *f, const Op *op, const SymbolId *tested, u32 n) {
    if ((op->kind != OP_AUGMENT && op->kind != OP_BIND) ||
        f->paths[op->subject].kind != PATH_SYMBOL)
        return 0;
    if (!is_tested(tested, n, facts_root_symbol(f, op_path(op)))) return 0;
    if (op->kind == OP_AUGMENT) return is_shrinking(op->flags & OP_LOW) ? 1 : 2;
    const Path *value = &f->paths[bound_value(f, op).i];
    if (value->kind != PATH_OP) return 0;
    const Op *made = &f->ops[value->id];
    if (made->kind == OP_CHOICE) return 2; /* `x // 2 if x % 2 == 0 else 3 * x + 1` */
    if (made->kind != OP_BINARY) return 0;
    return is_shrinking(made->flags & OP_LOW) ? 1 : 2;
}

Bound bound_of_while(const Reader *r, RegionId loop, u32 first, u32 end) {
    const Facts *f = r->f;
    const Region *region = &f->regions[loop.i];
    SymbolId tested[TESTED_MAX];
    u32 n = tested_symbols(f, region, tested), slow = 0, fast = 0, arithmetic = 0, exits = 0;
    u32 parameter = 0;
    bool is_walk = false; /* `while at < len(text):` */
    for (u32 o = region->test_first; o < region->test_end && !parameter; o++) {
        if (f->ops[o].kind != OP_TEST) continue;
        is_walk |= is_length(r, op_operand(f, &f->ops[o], 0));
        parameter = parameter_index(r, op_operand(f, &f->ops[o], 0));
        if (!parameter) parameter = parameter_index(r, op_path(&f->ops[o]));
    }
    for (u32 i = first; i < end; i = next_own_op(f, i)) {
        u32 change = change_by(f, &f->ops[i], tested, n);
        slow += change == 2;
        fast += change == 1;
        arithmetic += f->ops[i].kind == OP_AUGMENT || f->ops[i].kind == OP_BINARY;
        exits += f->ops[i].kind == OP_BREAK || f->ops[i].kind == OP_RETURN;
    }
    if (slow && is_walk) return DATA;
    if (slow) return (Bound){.kind = BOUND_NUMERIC, .parameter = parameter};
    if (fast) return known(LOG_ROUNDS);
    bool is_endless = region->flags & REGION_ENDLESS;
    if (is_endless && arithmetic && exits) return (Bound){.kind = BOUND_NUMERIC};
    return DATA;
}
