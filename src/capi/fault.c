/* Faults of a unit: what all finders ask, and the order in which they run. */
#include "capi/engine.h"
#include "capi/slots.h"

#include <string.h>

const ApiRow *study_row(const Study *s, u32 call) {
    const CNode *n = &s->unit->nodes[call];
    if (n->kind != C_CALL || !n->decl) return NULL;
    const CDecl *decl = &s->unit->decls[n->decl];
    if (decl->kind != C_FUNCTION || decl->flags & CDECL_BODY) return NULL;
    return api_row(cunit_str(s->unit, n->name));
}

u32 study_argument(const Study *s, u32 call, u32 child) {
    u32 i = 0;
    for (u32 c = s->unit->nodes[call].child; c && c != child; c = s->unit->nodes[c].next) i++;
    return i - 1;
}

/* The variadic argument `i`, counted from the first that the format describes. */
static ApiArg by_format(const ApiRow *row, Str format, u32 i) {
    ApiUnit unit;
    for (u32 at = 0, seen = 0; api_unit(row, format, &at, &unit); seen += unit.n)
        if (i < seen + unit.n) return unit.args[i - seen];
    return API_ARG_PLAIN;
}

ApiArg study_effect(const Study *s, u32 call, const ApiRow *row, u32 i) {
    u32 format, first;
    if (!api_format(row, &format, &first) || i < first) return api_arg(row, i);
    const CNode *text = &s->unit->nodes[cnode_child(s->unit, call, format + 1)];
    if (text->kind != C_STRING) return API_ARG_PLAIN;
    return by_format(row, cunit_str(s->unit, text->name), i - first);
}

/* What Py_NewRef is a macro of. */
static Str public_name(Str name) {
    bool is_inner = str_is(name, "_Py_NewRef") || str_is(name, "_Py_XNewRef");
    return is_inner ? str_sub(name, 1, name.n) : name;
}

CFault *study_fault(const Study *s, CFaultKind kind, u32 function, u32 origin) {
    CFault fault = {.kind = kind,
                    .function = function,
                    .origin = origin,
                    .is_init = s->is_init[function],
                    .is_sure = true};
    fault.source = public_name(cunit_str(s->unit, s->unit->nodes[origin].name));
    vec_push(s->out->arena, &s->out->list, fault);
    return &s->out->list.v[s->out->list.n - 1];
}

/* ---- code that runs once ---- */

static bool is_init_name(Str name) {
    if (str_starts(name, "PyInit_")) return true;
    /* Python 2: initNAME */
    return str_starts(name, "init") && name.n > 4 && name.p[4] != '_' &&
           !str_contains(name, "_init");
}

/* Functions that are called from `from` gain a caller; those that are named otherwise run often. */
static void mark_callers(const Study *s, u32 *callers, bool *is_open) {
    const CUnit *u = s->unit;
    for (u32 i = 1; i < u->n_nodes; i++) {
        const CNode *n = &u->nodes[i];
        if (n->kind != C_REF || u->decls[n->decl].kind != C_FUNCTION) continue;
        const CNode *above = &u->nodes[s->parents[i]];
        bool is_called = above->kind == C_CALL && above->child == i;
        if (!is_called) is_open[n->decl] = true;
        callers[n->decl]++;
    }
}

/* The function around a node, or 0. */
static u32 function_around(const Study *s, const u32 *function_of_body, u32 node) {
    while (s->parents[node]) node = s->parents[node];
    return function_of_body[node];
}

/* The slot of multi-phase initialisation: `{Py_mod_exec, f}`. */
static bool is_exec_slot(const Study *s, u32 ref) {
    const CUnit *u = s->unit;
    const CNode *list = &u->nodes[s->parents[ref]];
    if (list->kind != C_INIT) return false;
    const CNode *id = &u->nodes[list->child];
    return id->flags & C_HAS_VALUE && id->value == 2 && id->next == ref;
}

/* Functions of PyMethodDef and PyGetSetDef tables: what they are passed is lent to them. */
static void mark_methods(const Study *s, bool *is_method) {
    const CUnit *u = s->unit;
    bool *is_table = arena_array(s->out->arena, bool, u->n_nodes);
    for (u32 i = 1; i < u->n_decls; i++)
        if (u->decls[i].kind == C_VARIABLE && u->decls[i].node)
            is_table[u->decls[i].node] =
                str_contains(cunit_type_name(u, u->decls[i].type), "PyMethodDef") ||
                str_contains(cunit_type_name(u, u->decls[i].type), "PyGetSetDef");
    for (u32 i = 1; i < u->n_nodes; i++) {
        if (u->nodes[i].kind != C_REF || u->decls[u->nodes[i].decl].kind != C_FUNCTION) continue;
        u32 top = i;
        while (s->parents[top]) top = s->parents[top];
        if (is_table[top]) is_method[u->nodes[i].decl] = true;
    }
}

/* PyInit_x, its exec slots, and static functions that only such functions call. */
static void mark_init(Study *s, bool *is_init) {
    const CUnit *u = s->unit;
    Arena *arena = s->out->arena;
    u32 *callers = arena_array(arena, u32, u->n_decls), *ours = arena_array(arena, u32, u->n_decls);
    u32 *function_of_body = arena_array(arena, u32, u->n_nodes);
    bool *is_open = arena_array(arena, bool, u->n_decls);
    mark_callers(s, callers, is_open);
    for (u32 i = 1; i < u->n_decls; i++) {
        const CDecl *d = &u->decls[i];
        if (d->kind != C_FUNCTION || !(d->flags & CDECL_BODY)) continue;
        if (d->node) function_of_body[d->node] = i;
        is_init[i] = is_init_name(cunit_name(u, i)) && !(d->flags & CDECL_STATIC);
    }
    for (u32 i = 1; i < u->n_nodes; i++)
        if (u->nodes[i].kind == C_REF && u->decls[u->nodes[i].decl].kind == C_FUNCTION &&
            is_exec_slot(s, i))
            is_init[u->nodes[i].decl] = true;
    for (u32 round = 0, changed = 1; round < 4 && changed; round++) {
        changed = 0;
        for (u32 i = 1; i < u->n_decls; i++) ours[i] = 0;
        for (u32 i = 1; i < u->n_nodes; i++)
            if (u->nodes[i].kind == C_REF && u->decls[u->nodes[i].decl].flags & CDECL_STATIC &&
                is_init[function_around(s, function_of_body, i)])
                ours[u->nodes[i].decl]++;
        for (u32 i = 1; i < u->n_decls; i++) {
            bool only = ours[i] && ours[i] == callers[i] && !is_open[i];
            if (only && !is_init[i] && u->decls[i].kind == C_FUNCTION)
                is_init[i] = true, changed = 1;
        }
    }
}

/* ---- all of it ---- */

static void find_parents(const CUnit *u, u32 *parents) {
    for (u32 i = 1; i < u->n_nodes; i++)
        for (u32 c = u->nodes[i].child; c; c = u->nodes[c].next) parents[c] = i;
}

typedef struct Tables {
    u32 *parents;
    bool *is_init, *is_method;
    u8 *gives_new;
    Summary *summaries;
} Tables;

/* All that is known of a unit before its functions are looked at. */
static Study begin(const CUnit *u, const CExports *exports, CFaults *out, Arena *scratch,
                   Tables *t) {
    *t = (Tables){
        arena_array(out->arena, u32, u->n_nodes), arena_array(out->arena, bool, u->n_decls),
        arena_array(out->arena, bool, u->n_decls), arena_array(out->arena, u8, u->n_decls),
        arena_array(out->arena, Summary, u->n_decls)};
    Study s = {.unit = u,
               .out = out,
               .scratch = scratch,
               .parents = t->parents,
               .is_init = t->is_init,
               .is_method = t->is_method,
               .gives_new = t->gives_new};
    find_parents(u, t->parents);
    mark_methods(&s, t->is_method);
    mark_init(&s, t->is_init);
    if (exports) engine_import(u, exports, t->summaries);
    return s;
}

/* See Study.gives_new. */
static u8 gives_new(const Summary *summary) {
    if (summary->state != 2) return 0;
    if (summary->result == RESULT_AGAIN) return (u8)(summary->same + 2);
    return summary->result == RESULT_NEW;
}

static bool has_body(const CDecl *d) {
    return d->kind == C_FUNCTION && d->flags & CDECL_BODY && d->node;
}

void cunit_faults(const CUnit *u, const CExports *exports, CFaults *out) {
    Tables t;
    Arena scratch = {0};
    Study s = begin(u, exports, out, &scratch, &t);
    for (u32 i = 1; i < u->n_decls; i++) {
        if (!has_body(&u->decls[i])) continue;
        out->functions++;
        engine_run(&s, t.summaries, i);
    }
    for (u32 i = 1; i < u->n_decls; i++) t.gives_new[i] = gives_new(&t.summaries[i]);
    for (u32 i = 1; i < u->n_decls; i++)
        if (has_body(&u->decls[i])) {
            inline_faults(&s, i);
            overwrite_faults(&s, i);
        }
    slot_faults(&s);
    arena_free(&scratch);
}

void cunit_export(const CUnit *u, Arena *arena, CExports *out) {
    Tables t;
    Arena tables = {0}, scratch = {0};
    CFaults unused = {.arena = &tables};
    Study s = begin(u, NULL, &unused, &scratch, &t);
    for (u32 i = 1; i < u->n_decls; i++) {
        const CDecl *d = &u->decls[i];
        if (!has_body(d) || d->flags & (CDECL_STATIC | CDECL_HEADER)) continue;
        engine_run(&s, t.summaries, i);
        if (t.summaries[i].state == 2)
            engine_export(hash_str(cunit_name(u, i)), &t.summaries[i], arena, out);
    }
    arena_free(&scratch);
    arena_free(&tables);
}

void cexports_add(CExports *all, Arena *arena, const CExports *more) {
    for (u32 i = 0; i < more->list.n; i++) {
        const CExport *one = &more->list.v[i];
        u32 known = map_get(&all->by_name, one->name);
        if (!known) {
            vec_push(arena, &all->list, *one);
            map_set(arena, &all->by_name, one->name, all->list.n);
            continue;
        }
        CExport *old = &all->list.v[known - 1];
        old->is_unsure |=
            one->is_unsure || memcmp(old->packed, one->packed, sizeof one->packed) != 0;
    }
}
