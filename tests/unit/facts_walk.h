/* Reads everything that a Facts view offers, in the ways later passes do. On a view that facts_view
 * accepted this neither reads outside the block nor runs long, whatever the bytes are. */
#ifndef LIMPET_TESTS_FACTS_WALK_H
#define LIMPET_TESTS_FACTS_WALK_H

#include "facts/facts.h"

#include <stdlib.h>

/* Ops of a scope without those of nested ones: the walk that every pass does. */
static inline u32 walk_own_ops(const Facts *f, u32 scope) {
    u32 seen = 0;
    for (u32 i = f->scopes[scope].op_first; i < f->scopes[scope].op_end; seen++) {
        const Op *op = facts_op(f, (OpId){i});
        u32 next = i + 1;
        if (op_subject(op->kind) == SUBJECT_SCOPE) next = f->scopes[op->subject].op_end;
        if (next <= i) abort(); /* would never end */
        i = next;
    }
    return seen;
}

static inline u32 walk_chains(const Facts *f) {
    u32 steps = 0;
    for (u32 i = 1; i < f->n_ops; i++)
        for (RegionId r = f->ops[i].region; r.i; r = f->regions[r.i].parent) steps++;
    for (u32 i = 1; i < f->n_paths; i++)
        for (PathId p = {i}; p.i; p = f->paths[p.i].parent) steps++;
    for (u32 i = 1; i < f->n_symbols; i++) steps += f->scopes[f->symbols[i].scope.i].kind;
    return steps;
}

/* Returns a sum of what was read, so that nothing is optimised away. */
static inline u32 facts_walk(const Facts *f, Arena *arena) {
    Buf out = {.arena = arena};
    u32 sum = walk_chains(f);
    facts_print(f, &out);
    for (u32 i = 1; i < f->n_scopes; i++) {
        facts_scope_name(f, (ScopeId){i}, &out);
        sum += facts_enclosing(f, (ScopeId){i}, SCOPE_CLASS).i + walk_own_ops(f, i);
    }
    for (u32 i = 0; i < f->n_paths; i++) {
        facts_path_text(f, (PathId){i}, &out);
        sum += facts_root_symbol(f, (PathId){i}).i + facts_root(f, (PathId){i})->kind;
    }
    for (u32 i = 0; i < f->n_ops; i++)
        for (u32 k = 0; k <= f->ops[i].operands; k++) sum += op_operand(f, &f->ops[i], k).i;
    for (u32 at = 0; at <= MIN(f->text_size, 1000u); at++) {
        u32 line, column;
        facts_line(f, at, &line, &column);
        sum += line + column;
    }
    for (u32 i = 0; i < out.n; i++) sum += (u8)out.p[i];
    return sum;
}

#endif
