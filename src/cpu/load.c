/* Work as a product: loops in each other, through calls. */
#include "cpu/read.h"

static u64 times(u64 a, u64 b) {
    return a && b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Numbers below which a recursion that calls itself twice is over soon, and from which it is not:
 * fib(20) makes twenty thousand calls, fib(30) two million. */
enum { RECURSION_SMALL = 20, RECURSION_LARGE = 27 };

static LoadGrade recursion_grade(const Workload *l) {
    if (!l->rounds) return LOAD_LIKELY;
    return l->rounds <= RECURSION_SMALL  ? LOAD_NONE
           : l->rounds < RECURSION_LARGE ? LOAD_LIKELY
                                         : LOAD_SURE;
}

LoadGrade load_grade(const Workload *l) {
    if (l->kind == LOAD_RECURSION) return recursion_grade(l);
    u32 open = l->numeric + l->data;
    if (l->rounds >= LARGE_ROUNDS && l->arithmetic) return LOAD_SURE;
    if (!open) return l->rounds >= LARGE_ROUNDS / 10 ? LOAD_LIKELY : LOAD_NONE;
    if (!l->arithmetic) return l->numeric + l->data > 1 ? LOAD_MAYBE : LOAD_LIGHT;
    if (l->numeric > 1 || (l->numeric && (l->data || l->rounds >= 100))) return LOAD_LIKELY;
    return l->numeric || l->data > 1 ? LOAD_MAYBE : LOAD_LIGHT;
}

bool load_is_better(const Workload *a, const Workload *b) {
    if (!a->op.i || !b->op.i) return a->op.i != 0;
    if (a->is_mixed != b->is_mixed) return !a->is_mixed;
    if (a->grade != b->grade) return a->grade > b->grade;
    if (a->is_handed != b->is_handed) return !a->is_handed;
    return a->rounds > b->rounds;
}

Workload load_in_loop(const Workload *inner, const Loop *loop) {
    Workload l = {.rounds = 1, .op = loop->first};
    if (inner->op.i && inner->kind == LOAD_LOOP) l = *inner;
    if (inner->op.i && inner->kind == LOAD_RECURSION) return *inner;
    l.op = loop->first;
    l.arithmetic += loop->arithmetic;
    l.products += loop->products;
    switch (loop->bound.kind) {
    case BOUND_KNOWN:
        l.rounds = times(l.rounds, loop->bound.known);
        break;
    case BOUND_DATA:
        l.data++;
        break;
    case BOUND_NUMERIC:
        l.numeric++;
        l.parameter = loop->bound.parameter;
        break;
    case BOUND_SEARCH:
        l.numeric += 2;
        break;
    }
    if (inner->op.i) { /* the place to show is the innermost that has work of its own */
        l.op = inner->op;
        l.via = inner->via;
    }
    l.grade = load_grade(&l);
    return l;
}

/* The argument that parameter `index` (from 0) of the callee is given. */
static PathId argument_at(const Reader *r, const Op *call, u32 index, u32 skip, u32 self) {
    if (index < self) return (PathId){0};
    u32 wanted = index - self + skip, position = 0;
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = r->f->operands[call->operand + k];
        if (operand_kind(o) == OPERAND_STAR) return (PathId){0};
        if (operand_kind(o) != OPERAND_POSITIONAL) continue;
        if (position++ == wanted) return o.path;
    }
    return (PathId){0};
}

/* Puts a number in for the parameter, or the caller's own parameter. */
Workload load_filled(const Reader *r, const Workload *load, PathId argument) {
    Workload l = *load;
    if (!l.parameter) return l;
    u64 number;
    bool is_known = argument.i && path_number(r->g, r->file, argument, &number);
    l.parameter = argument.i && !is_known ? parameter_index(r, argument) : 0;
    if (is_known && l.kind == LOAD_RECURSION) l.rounds = number;
    if (is_known && l.kind == LOAD_LOOP) l.rounds = times(MAX(l.rounds, 1u), number);
    if (is_known && l.kind == LOAD_LOOP && l.numeric) l.numeric--;
    l.grade = load_grade(&l);
    return l;
}

Workload load_at_call(const Reader *r, const Workload *load, const Op *call, u32 skip, u32 self) {
    if (!load->parameter) return *load;
    return load_filled(r, load, argument_at(r, call, load->parameter - 1, skip, self));
}
