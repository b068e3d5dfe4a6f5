/* Finalizers that have nothing left to do once an owner has closed the object: what they do stands
 * under an attribute that the closing method clears. `if self._handle is not None: …` */
#include "graph/spent.h"

#include "graph/guard.h"

typedef struct Spent {
    const Graph *g;
    ScopeRef finalizer;
    const Facts *f; /* of its file */
    ClassId class;
    const Op *work; /* of the finalizer */
} Spent;

/* The attribute of self for which the test asks: `self.x`, a variable that stands for it,
 * `getattr(self, "x", None)`, `hasattr(self, "x")`; or none. */
static Str asked_attribute(const Spent *s, const Op *test) {
    SymbolId self = self_symbol(s->g, s->finalizer);
    PathId path = graph_alias_of(s->g, s->finalizer.file, op_path(test));
    const Op *call = facts_call(s->f, path);
    PathId name = op_operand(s->f, test, 0);
    bool is_got = call && str_is(facts_last_name(s->f, op_path(call)), "getattr");
    if (is_got) {
        path = op_operand(s->f, call, 0);
        name = op_operand(s->f, call, 1);
    }
    if (is_got || (test->flags & OP_LOW) == TEST_HAS) {
        const Path *object = &s->f->paths[path.i], *text = &s->f->paths[name.i];
        bool is_own = object->kind == PATH_SYMBOL && facts_root_symbol(s->f, path).i == self.i;
        return is_own && text->kind == PATH_LITERAL ? facts_str(s->f, (StrId){text->id}) : (Str){0};
    }
    bool exact;
    StrId own = attribute_named(s->f, path, self, &exact);
    return own.i && exact ? facts_str(s->f, own) : (Str){0};
}

/* Does the test come out the other way after what is done to the attribute? */
static bool turns(const Spent *s, const Op *test, bool outcome, const Touch *t) {
    const Facts *f = s->g->files[t->file].facts;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    if (t->level || t->flags & (TOUCH_OTHER | TOUCH_CLASS | TOUCH_VIEW | TOUCH_VALUE)) return false;
    bool is_set = t->kind == TOUCH_SET;
    PathId value = is_set ? bound_value(f, &f->ops[t->op.i]) : (PathId){0};
    const Path *p = &f->paths[value.i];
    switch (test->flags & OP_LOW) {
    case TEST_HAS:
        return holds && t->kind == TOUCH_DELETE;
    case TEST_IS:
        return !holds && is_set && facts_is_none(s->f, op_operand(s->f, test, 0)) &&
               facts_is_none(f, value);
    case TEST_TRUTH:
    case TEST_CALL:
        if (!is_set) return false;
        return holds ? is_unset(f, value) : p->kind == PATH_LITERAL && p->flags == LITERAL_TRUE;
    default:
        return false;
    }
}

static Str name_of(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    return facts_str(f, f->scopes[function.scope.i].name);
}

static bool calls(const Graph *g, ScopeRef function, Str name) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    for (u32 i = scope->op_first; i < end; i++)
        if (f->ops[i].kind == OP_CALL && str_eq(facts_last_name(f, op_path(&f->ops[i])), name))
            return true;
    return false;
}

/* The method does what the finalizer does under the test: that calls it, or both call the same. A
 * flag that pauses something says nothing of its end. */
static bool does_work(const Spent *s, ScopeRef method) {
    return calls(s->g, s->finalizer, name_of(s->g, method)) || s->work->kind != OP_CALL ||
           calls(s->g, method, facts_last_name(s->f, op_path(s->work)));
}

/* Does a method that owners call make the test come out the other way? */
static bool is_turned(const void *context, const Op *test, bool outcome) {
    const Spent *s = context;
    if (test->kind != OP_TEST) return false;
    Str attribute = asked_attribute(s, test);
    ClassId family[FAMILY_MAX];
    u32 n_family = attribute.n ? family_of(s->g, s->class, family) : 0;
    for (u32 i = 0; i < n_family; i++) {
        u32 n;
        const Touch *touches = touches_of(s->g, family[i], hash_str(attribute), &n);
        for (u32 k = 0; k < n; k++) {
            OpRef where = {touches[k].file, touches[k].op};
            if (!turns(s, test, outcome, &touches[k])) continue;
            ScopeRef closer = called_breaker_at(s->g, s->class, attribute, where);
            if (scope_is_none(closer)) continue;
            if (does_work(s, closer) || does_work(s, function_of_op(s->g, where))) return true;
        }
    }
    return false;
}

bool is_spent(const Graph *g, ClassId c, ScopeRef finalizer, OpId op) {
    const Facts *f = g->files[finalizer.file].facts;
    Spent s = {g, finalizer, f, c, &f->ops[op.i]};
    return branch_says(f, op, is_turned, &s);
}
