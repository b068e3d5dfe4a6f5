/* Variables and fields that outlive a call and get another value without a release of the old one.
 * Seen in the tree: an assignment of an owned object, and no other mention of what is assigned to
 * before it in the function. */
#include "capi/fault.h"

typedef struct Target {
    u32 decl;   /* of a variable, or of the record of a field */
    u32 name;   /* of a field, or 0 */
    u32 object; /* the parameter that the field belongs to, or 0 */
} Target;

static bool is_lasting_variable(const CUnit *u, u32 decl) {
    const CDecl *d = &u->decls[decl];
    bool is_local = d->owner && !(d->flags & CDECL_STATIC);
    return d->kind == C_VARIABLE && !is_local && !(d->flags & CDECL_SYSTEM);
}

static bool find_target(const CUnit *u, u32 node, u32 function, Target *out) {
    const CNode *n = &u->nodes[node];
    if (!cunit_is_object(u, n->type)) return false;
    if (n->kind == C_REF && is_lasting_variable(u, n->decl)) {
        *out = (Target){n->decl, 0, 0};
        return true;
    }
    if (n->kind != C_MEMBER || !(n->flags & C_ARROW)) return false;
    const CNode *object = &u->nodes[n->child];
    bool is_self = object->kind == C_REF && u->decls[function].child == object->decl &&
                   cunit_is_object(u, object->type);
    *out = (Target){n->decl, n->name, object->decl};
    return is_self;
}

static bool is_mention(const CUnit *u, u32 node, const Target *t) {
    const CNode *n = &u->nodes[node];
    if (!t->name) return n->kind == C_REF && n->decl == t->decl;
    return n->kind == C_MEMBER && n->decl == t->decl && n->name == t->name;
}

/* Is the object mentioned before the assignment, or handed to a function that may do it? */
static bool is_touched_before(const Study *s, u32 function, u32 assign, const Target *t) {
    const CUnit *u = s->unit;
    u32 target = u->nodes[assign].child;
    CWalk walk = cwalk_begin(s->out->arena, u->decls[function].node);
    for (u32 node; (node = cwalk_next(u, &walk)) && node != assign;) {
        if (node != target && is_mention(u, node, t)) return true;
        const CNode *n = &u->nodes[node];
        /* self->clear(), job_reset(self) */
        bool is_self = t->object && n->kind == C_REF && n->decl == t->object;
        const CNode *above = &u->nodes[s->parents[node]];
        if (is_self && above->kind == C_CALL && !study_row(s, s->parents[node])) return true;
        bool makes = n->kind == C_ASSIGN || n->kind == C_DECLARE;
        u32 made = n->kind == C_DECLARE ? n->decl : u->nodes[n->child].decl;
        if (makes && t->object && made == t->object) return true; /* self is made here */
    }
    return false;
}

/* Does the function release what is in the variable, somewhere in the unit? Then it owns it. */
static bool is_owned(const Study *s, const Target *t) {
    const CUnit *u = s->unit;
    for (u32 i = 1; i < u->n_nodes; i++) {
        const CNode *n = &u->nodes[i];
        if (n->kind != C_CALL) continue;
        const ApiRow *row = study_row(s, i);
        if (!row) continue;
        u32 argument = cnode_child(u, i, 1);
        const CNode *a = &u->nodes[argument];
        if (a->kind == C_UNARY && a->op == '&') argument = a->child;
        ApiArg effect = api_arg(row, 0);
        bool releases =
            effect == API_ARG_RELEASE || effect == API_ARG_XRELEASE || effect == API_ARG_CLEAR;
        if (releases && is_mention(u, argument, t)) return true;
    }
    return false;
}

/* A new reference, or a variable that the function has taken a reference of before. */
static bool gives_owned(const Study *s, u32 function, u32 assign, u32 value) {
    const CUnit *u = s->unit;
    const CNode *v = &u->nodes[value];
    const ApiRow *row = study_row(s, value);
    if (v->kind == C_CALL) return row ? row->result == API_NEW : s->gives_new[v->decl];
    if (v->kind != C_REF || !v->decl || is_lasting_variable(u, v->decl)) return false;
    CWalk walk = cwalk_begin(s->out->arena, u->decls[function].node);
    for (u32 node; (node = cwalk_next(u, &walk)) && node != assign;) {
        const ApiRow *taken = study_row(s, node);
        if (!taken || api_arg(taken, 0) != API_ARG_RETAIN) continue;
        const CNode *a = &u->nodes[cnode_child(u, node, 1)];
        if (a->kind == C_REF && a->decl == v->decl) return true;
    }
    return false;
}

/* Functions that make or fill an object that has nothing to release yet. */
static bool is_making(Str name) {
    return str_contains(name, "new") || str_contains(name, "New") || str_contains(name, "create") ||
           str_contains(name, "alloc") || str_contains(name, "Create");
}

static bool is_repeatable_init(Str name) {
    return str_contains(name, "init") || str_contains(name, "Init") ||
           str_contains(name, "setup") || str_contains(name, "cache");
}

static void check_assignment(const Study *s, u32 function, u32 assign) {
    const CUnit *u = s->unit;
    const CNode *n = &u->nodes[assign];
    u32 target = n->child, value = u->nodes[target].next;
    Target t;
    Str name = cunit_name(u, function);
    if (n->op || !find_target(u, target, function, &t) || is_making(name)) return;
    if (!gives_owned(s, function, assign, value)) return;
    if (is_touched_before(s, function, assign, &t)) return;
    if (t.name && !is_owned(s, &t)) return;
    CFault *fault = study_fault(s, C_FAULT_STATIC, function, assign);
    fault->holder = t.name ? cunit_str(u, t.name) : cunit_name(u, t.decl);
    fault->source = fault->holder;
    fault->is_sure = s->is_method[function];
    fault->is_guess = is_repeatable_init(name) || !s->is_method[function];
}

void overwrite_faults(const Study *s, u32 function) {
    if (s->is_init[function] || s->unit->decls[function].flags & CDECL_BROKEN) return;
    CWalk walk = cwalk_begin(s->out->arena, s->unit->decls[function].node);
    for (u32 node; (node = cwalk_next(s->unit, &walk));)
        if (s->unit->nodes[node].kind == C_ASSIGN) check_assignment(s, function, node);
}
