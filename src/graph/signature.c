/* Do `__new__` and `__init__` take the same calls? Both get the arguments of the call of the class.
 */
#include "graph/model.h"

/* Parameters of one method that are compared. */
enum { PARAMETERS_MAX = 64 };

typedef struct Named {
    Str name;
    u32 index; /* by position; UINT32_MAX: by keyword only */
    bool is_needed, has_name;
} Named;

typedef struct Signature {
    Named v[PARAMETERS_MAX];
    u32 n;
    u32 most; /* arguments by position */
    bool double_star, is_cut;
} Signature;

static Signature read_signature(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    Signature s = {0};
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        if (p->kind == PARAM_STAR && f->symbols[p->symbol.i].name.i) s.most = UINT32_MAX;
        s.double_star |= p->kind == PARAM_DOUBLE_STAR;
        bool is_first = i == scope->param_first;
        if (is_first || p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) continue;
        if (s.n == PARAMETERS_MAX) {
            s.is_cut = true;
            break;
        }
        bool by_position = p->kind != PARAM_KEYWORD_ONLY;
        s.v[s.n++] = (Named){.name = facts_str(f, f->symbols[p->symbol.i].name),
                             .index = by_position ? s.most : UINT32_MAX,
                             .is_needed = !p->fallback.i,
                             .has_name = p->kind != PARAM_POSITIONAL_ONLY};
        if (by_position) s.most++;
    }
    return s;
}

/* The parameter that a keyword fills when so many arguments come by position. */
static bool takes_keyword(const Signature *s, Str name, u32 positions) {
    for (u32 i = 0; i < s->n; i++)
        if (s->v[i].has_name && str_eq(s->v[i].name, name)) return s->v[i].index >= positions;
    return s->double_star;
}

/* What `of` needs beyond the arguments by position: can it be given to both by keyword? */
static bool is_met(const Signature *of, const Signature *other, u32 positions) {
    for (u32 i = 0; i < of->n; i++) {
        const Named *p = &of->v[i];
        if (!p->is_needed || p->index < positions) continue;
        if (!p->has_name || !takes_keyword(other, p->name, positions)) return false;
    }
    return true;
}

/* Some call suits both. */
static bool is_callable(const Signature *a, const Signature *b) {
    u32 most = MIN(MIN(a->most, b->most), PARAMETERS_MAX);
    for (u32 positions = 0; positions <= most; positions++)
        if (is_met(a, b, positions) && is_met(b, a, positions)) return true;
    return false;
}

static const Named *find_named(const Signature *s, Str name) {
    for (u32 i = 0; i < s->n; i++)
        if (str_eq(s->v[i].name, name)) return &s->v[i];
    return NULL;
}

/* A parameter of `of` that no call can pass, because `other` refuses it; or one that `other` takes
 * in another way only. */
static bool find_refused(const Signature *of, const Signature *other, Mismatch *out) {
    for (u32 i = 0; i < of->n; i++) {
        const Named *p = &of->v[i];
        bool by_position = p->index != UINT32_MAX && p->index < other->most;
        bool by_name = p->has_name && takes_keyword(other, p->name, 0);
        if (by_position || by_name) {
            const Named *same = find_named(other, p->name);
            bool differs = !by_position && p->index != UINT32_MAX && same;
            if (differs && out->kind == MISMATCH_NONE)
                *out = (Mismatch){.kind = MISMATCH_WAY, .name = p->name};
            continue;
        }
        *out = (Mismatch){.kind = MISMATCH_PARAMETER, .name = p->name};
        return true;
    }
    return false;
}

Mismatch graph_mismatch(const Graph *g, ScopeRef new_method, ScopeRef init) {
    Signature a = read_signature(g, new_method), b = read_signature(g, init);
    Mismatch out = {.kind = MISMATCH_NONE};
    if (a.is_cut || b.is_cut) return out;
    if (!is_callable(&a, &b)) return (Mismatch){.kind = MISMATCH_ALL};
    if (find_refused(&b, &a, &out)) {
        out.in_init = true;
        return out;
    }
    out.in_init = out.kind != MISMATCH_NONE;
    find_refused(&a, &b, &out);
    return out;
}

Accepts graph_accepts(const Graph *g, ScopeRef method) {
    Signature s = read_signature(g, method);
    Accepts out = {.most = s.most};
    for (u32 i = 0; i < s.n; i++) {
        bool by_position = s.v[i].index != UINT32_MAX;
        out.least += by_position && s.v[i].is_needed;
        out.named += by_position;
        if (by_position || !s.v[i].is_needed || out.keyword.n) continue;
        out.keyword = s.v[i].name;
    }
    return out;
}

/* ---- who calls them ---- */

/* `type.__call__` alone calls `__new__` and `__init__`: no metaclass of the project has a
 * `__call__`, and those outside it are known to have none. */
bool graph_is_called_plainly(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    if (!node->complete) return false;
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        ClassId owner, meta = base->metaclass_known;
        bool is_known = !base->metaclass.n || str_is(base->metaclass, "abc.ABCMeta") ||
                        str_is(base->metaclass, "builtins.type");
        if (!is_known) return false;
        if (!meta.i) continue;
        const ClassNode *of = &g->classes[meta.i];
        if (class_member(g, meta, hash_str(STR("__call__")), &owner).i) return false;
        for (u32 k = 0; k < of->n_mro; k++) {
            const ClassNode *at = &g->classes[of->mro[k].i];
            for (u32 b = 0; b < at->n_bases; b++) {
                Str name = at->bases[b].name;
                if (!at->bases[b].known.i && !str_is(name, "builtins.type") &&
                    !str_is(name, "abc.ABCMeta") && !str_is(name, "builtins.object"))
                    return false;
            }
        }
    }
    return true;
}

/* Every instance that the `__new__` makes is one of the class that it is asked for. */
bool graph_makes_asked_class(const Graph *g, ScopeRef new_method) {
    const Facts *f = g->files[new_method.file].facts;
    const Scope *scope = &f->scopes[new_method.scope.i];
    SymbolId cls = scope->param_first < scope->param_end ? f->params[scope->param_first].symbol
                                                         : (SymbolId){0};
    bool made = false;
    if (!cls.i || f->symbols[cls.i].binds) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *callee = &f->paths[op->subject];
        if (op->kind != OP_CALL || callee->kind != PATH_ATTR) continue;
        if (!str_is(facts_str(f, (StrId){callee->id}), "__new__")) continue;
        const Path *first = &f->paths[op_operand(f, op, 0).i];
        if (first->kind != PATH_SYMBOL || f->symbols[first->id].target.i != cls.i) return false;
        made = true;
    }
    return made;
}
