/* Does a metaclass, or an `__init_subclass__`, come to the operation that registers a class? Its
 * guards ask the name, the body, an attribute or a keyword of the class, and the class statement
 * answers: `abstract = True`, `class Base(Plugin, abstract=True)`. */
#include "graph/argued.h"
#include "graph/guard.h"

bool is_new_class(const Facts *f, ScopeRef function, PathId value) {
    const Scope *scope = &f->scopes[function.scope.i];
    if (f->paths[value.i].kind != PATH_SYMBOL || scope->param_first == scope->param_end)
        return false;
    SymbolId s = facts_root_symbol(f, value);
    if (f->params[scope->param_first].symbol.i == s.i)
        return !str_is(facts_str(f, scope->name), "__new__");
    const Op *bind = facts_op(f, f->symbols[s.i].bind);
    const Op *made = bind->kind == OP_BIND ? facts_call(f, bound_value(f, bind)) : NULL;
    return made && str_is(facts_method(f, made), "__new__");
}

typedef struct Admission {
    const Graph *g;
    const Facts *f; /* of the function */
    ScopeRef function;
    ClassId class;
    bool *is_open; /* a test cannot be answered */
} Admission;

typedef enum AnswerKind {
    ANSWER_NONE, /* it is not asked about the class */
    ANSWER_OPEN,
    ANSWER_NAME,   /* its name */
    ANSWER_VALUE,  /* a constant */
    ANSWER_OBJECT, /* something that is there, and true */
    ANSWER_THERE,  /* something that is there */
    ANSWER_ABSENT,
} AnswerKind;

typedef struct Answer {
    AnswerKind kind;
    Constant value;
} Answer;

static Answer answer(AnswerKind kind) {
    return (Answer){.kind = kind};
}

static Answer answer_literal(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_LITERAL) return answer(ANSWER_OPEN);
    return (Answer){ANSWER_VALUE, {f, p}};
}

/* What the body of a class binds the name to. */
static Answer answer_of_member(const Graph *g, ClassId owner, SymbolId s) {
    const Facts *f = g->files[g->classes[owner.i].file].facts;
    const Symbol *member = &f->symbols[s.i];
    const Op *bind = facts_op(f, member->bind);
    u32 how = bind->flags & OP_LOW;
    if (member->binds != 1 || bind->kind != OP_BIND || how == BIND_DECLARE ||
        f->regions[bind->region.i].kind != REGION_BODY)
        return answer(ANSWER_OPEN);
    if (how == BIND_FUNCTION || how == BIND_CLASS) return answer(ANSWER_OBJECT);
    Answer a = answer_literal(f, bound_value(f, bind));
    return a.kind == ANSWER_OPEN ? answer(ANSWER_THERE) : a;
}

static Answer answer_of_body(const Admission *q, Str name) {
    SymbolId s = member_of(q->g, q->class, hash_str(name));
    return s.i ? answer_of_member(q->g, q->class, s) : answer(ANSWER_ABSENT);
}

/* The function itself sets the attribute of each class: `cls.known = []`. */
static bool is_set_here(const Admission *q, Str name) {
    const Scope *scope = &q->f->scopes[q->function.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &q->f->ops[i];
        if (op->kind != OP_STORE || !str_eq(facts_attribute(q->f, op_path(op)), name)) continue;
        if (is_new_class(q->f, q->function, q->f->paths[op->subject].parent)) return true;
    }
    return false;
}

/* An attribute of the class, which a base may have, too. */
static Answer answer_of_attribute(const Admission *q, Str name) {
    if (str_is(name, "__name__") || str_is(name, "__qualname__")) return answer(ANSWER_NAME);
    if ((str_starts(name, "__") && str_ends(name, "__")) || is_set_here(q, name))
        return answer(ANSWER_NONE);
    ClassId owner;
    SymbolId s = class_member(q->g, q->class, hash_str(name), &owner);
    if (s.i) return answer_of_member(q->g, owner, s);
    return answer(q->g->classes[q->class.i].complete ? ANSWER_ABSENT : ANSWER_OPEN);
}

/* `class Local(Plugin, abstract=True)`, or the default of the parameter. */
static Answer answer_of_keyword(const Admission *q, const Param *p) {
    ScopeRef scope = graph_class_scope(q->g, q->class);
    const Facts *f = q->g->files[scope.file].facts;
    Str name = facts_str(q->f, q->f->symbols[p->symbol.i].name);
    if (p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) return answer(ANSWER_NONE);
    for (u32 i = f->scopes[scope.scope.i].base_first; i < f->scopes[scope.scope.i].base_end; i++) {
        Operand o = f->operands[i];
        if (operand_kind(o) == OPERAND_DOUBLE_STAR) return answer(ANSWER_OPEN);
        if (operand_kind(o) == OPERAND_KEYWORD && str_eq(facts_str(f, operand_name(o)), name))
            return answer_literal(f, o.path);
    }
    return p->fallback.i ? answer_literal(q->f, p->fallback) : answer(ANSWER_OPEN);
}

enum { META_NAME = 1, META_BASES, META_NAMESPACE, META_PARAMETERS };

/* The place of a parameter of the function, or none: -1. */
static int place_of(const Admission *q, PathId path) {
    const Scope *scope = &q->f->scopes[q->function.scope.i];
    if (q->f->paths[path.i].kind != PATH_SYMBOL) return -1;
    SymbolId s = facts_root_symbol(q->f, path);
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (q->f->params[i].symbol.i == s.i) return (int)(i - scope->param_first);
    return -1;
}

static bool is_of_metaclass(const Admission *q) {
    return !str_is(facts_str(q->f, q->f->scopes[q->function.scope.i].name), "__init_subclass__");
}

/* What the body binds: the namespace, `cls.__dict__`, `vars(cls)`. */
static bool is_namespace(const Admission *q, PathId path) {
    PathId made = graph_alias_of(q->g, q->function.file, path);
    const Op *call = facts_call(q->f, made);
    if (call && str_is(facts_last_name(q->f, op_path(call)), "vars"))
        return is_new_class(q->f, q->function, op_operand(q->f, call, 0));
    if (str_is(facts_attribute(q->f, made), "__dict__"))
        return is_new_class(q->f, q->function, q->f->paths[made.i].parent);
    return is_of_metaclass(q) && place_of(q, made) == META_NAMESPACE;
}

static Str text_of(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_CONST) return facts_text(f, path);
    return p->flags == LITERAL_STRING ? facts_str(f, (StrId){p->id}) : (Str){0};
}

/* `namespace.get("abstract")`, `namespace.pop("abstract", False)`, `getattr(cls, "abstract", 0)`;
 * any other call that is given the class is left open. */
static Answer answer_of_call(const Admission *q, const Op *call) {
    const Facts *f = q->f;
    PathId callee = op_path(call), first = op_operand(f, call, 0);
    Str name = facts_last_name(f, callee);
    bool is_method = f->paths[callee.i].kind == PATH_ATTR;
    bool is_lookup = is_method && (str_is(name, "get") || str_is(name, "pop"));
    Answer a = answer(ANSWER_NONE);
    u32 key = 0;
    if (is_lookup && is_namespace(q, f->paths[callee.i].parent)) {
        a = text_of(f, first).n ? answer_of_body(q, text_of(f, first)) : answer(ANSWER_OPEN);
    } else if (!is_method && str_is(name, "getattr") && is_new_class(f, q->function, first)) {
        Str text = text_of(f, op_operand(f, call, key = 1));
        a = text.n ? answer_of_attribute(q, text) : answer(ANSWER_OPEN);
    } else {
        for (u32 i = 0; i < call->operands; i++)
            if (is_new_class(f, q->function, op_operand(f, call, i))) a = answer(ANSWER_OPEN);
    }
    if (a.kind != ANSWER_ABSENT) return a;
    PathId fallback = op_operand(f, call, key + 1);
    return fallback.i ? answer_literal(f, fallback) : a;
}

static Answer answer_of(const Admission *q, PathId asked) {
    const Facts *f = q->f;
    PathId path = graph_alias_of(q->g, q->function.file, asked);
    const Path *p = &f->paths[path.i];
    const Op *call = facts_call(f, path);
    if (call) return answer_of_call(q, call);
    if (p->kind == PATH_CONST && is_namespace(q, p->parent))
        return answer_of_body(q, text_of(f, path));
    if (p->kind == PATH_ATTR)
        return is_new_class(f, q->function, p->parent)
                   ? answer_of_attribute(q, facts_attribute(f, path))
                   : answer(ANSWER_NONE);
    int place = place_of(q, path);
    if (place < 1) return answer(ANSWER_NONE);
    if (is_of_metaclass(q) && place == META_NAME) return answer(ANSWER_NAME);
    if (is_of_metaclass(q) && place < META_PARAMETERS) return answer(ANSWER_NONE);
    return answer_of_keyword(q, facts_param(f, facts_root_symbol(f, path)));
}

static Outcome truth(const Answer *a) {
    if (a->kind == ANSWER_VALUE) return truth_of(&a->value);
    if (a->kind == ANSWER_ABSENT) return OUTCOME_FALSE;
    return a->kind == ANSWER_OBJECT || a->kind == ANSWER_NAME ? OUTCOME_TRUE : OUTCOME_UNKNOWN;
}

/* The name of the class is the text. */
static Outcome is_named(const Admission *q, PathId text) {
    const Path *p = &q->f->paths[text.i];
    ScopeRef scope = graph_class_scope(q->g, q->class);
    const Facts *f = q->g->files[scope.file].facts;
    if (p->kind != PATH_LITERAL || p->flags != LITERAL_STRING) return OUTCOME_UNKNOWN;
    return outcome_of(str_eq(facts_str(f, f->scopes[scope.scope.i].name), text_of(q->f, text)));
}

static Outcome equality(const Admission *q, const Answer *a, PathId other) {
    if (a->kind == ANSWER_NAME) return is_named(q, other);
    if (a->kind == ANSWER_VALUE) return constant_equals(&a->value, q->f, other);
    if (!facts_is_none(q->f, other)) return OUTCOME_UNKNOWN;
    return a->kind == ANSWER_ABSENT   ? OUTCOME_TRUE
           : a->kind == ANSWER_OBJECT ? OUTCOME_FALSE
                                      : OUTCOME_UNKNOWN;
}

/* `name in ("Base", "Mixin")` */
static Outcome is_among(const Admission *q, PathId names) {
    const Path *p = &q->f->paths[graph_alias_of(q->g, q->function.file, names).i];
    const Op *display = p->kind == PATH_OP ? &q->f->ops[p->id] : NULL;
    if (!display ||
        (display->kind != OP_TUPLE && display->kind != OP_LIST && display->kind != OP_SET))
        return OUTCOME_UNKNOWN;
    Outcome all = OUTCOME_FALSE;
    for (u32 i = 0; i < display->operands; i++) {
        Outcome one = is_named(q, op_operand(q->f, display, i));
        if (one == OUTCOME_TRUE) return one;
        if (one == OUTCOME_UNKNOWN) all = one;
    }
    return all;
}

/* The answer to the test; *a is what is asked about. */
static Outcome outcome_of_test(const Admission *q, const Op *test, Answer *a) {
    const Facts *f = q->f;
    PathId asked = op_path(test), other = op_operand(f, test, 0);
    switch (test->flags & OP_LOW) {
    case TEST_TRUTH:
    case TEST_CALL:
        *a = answer_of(q, asked);
        return truth(a);
    case TEST_IS:
    case TEST_EQUAL:
        *a = answer_of(q, asked);
        return equality(q, a, other);
    case TEST_IN:
        *a = is_namespace(q, other) ? answer_of_body(q, text_of(f, asked)) : answer_of(q, asked);
        if (!is_namespace(q, other))
            return a->kind == ANSWER_NAME ? is_among(q, other) : OUTCOME_UNKNOWN;
        break;
    case TEST_HAS:
        if (!is_new_class(f, q->function, asked)) return OUTCOME_UNKNOWN;
        *a = answer_of_attribute(q, text_of(f, other));
        break;
    default:
        return OUTCOME_UNKNOWN;
    }
    bool is_known = a->kind != ANSWER_NONE && a->kind != ANSWER_OPEN;
    return is_known ? outcome_of(a->kind != ANSWER_ABSENT) : OUTCOME_UNKNOWN;
}

/* The operation runs when the test comes out as `outcome`, and for the class it does not. */
static bool refuses(const void *context, const Op *test, bool outcome) {
    const Admission *q = context;
    Answer a = answer(ANSWER_NONE);
    if (test->kind != OP_TEST) return false;
    bool wanted = outcome != !!(test->flags & OP_NEGATED);
    Outcome is = outcome_of_test(q, test, &a);
    if (is == OUTCOME_UNKNOWN && a.kind != ANSWER_NONE) *q->is_open = true;
    return is != OUTCOME_UNKNOWN && is != outcome_of(wanted);
}

Outcome admits_class(const Graph *g, ScopeRef function, OpId at, ClassId c) {
    const Facts *f = graph_facts(g, function.file);
    bool is_open = false;
    Admission q = {g, f, function, c, &is_open};
    if (branch_says(f, at, refuses, &q)) return OUTCOME_FALSE;
    return is_open ? OUTCOME_UNKNOWN : OUTCOME_TRUE;
}
