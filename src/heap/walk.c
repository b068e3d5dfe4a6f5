/* One function, operation by operation: variables, stores, allocations, returns. */
#include "heap/frame.h"

static const Value NOTHING;

static Value one(ObjectId o) {
    Value v = {0};
    value_add(&v, o);
    return v;
}

/* ---- allocations ---- */

static Label element(void) {
    return label_text(LABEL_ELEMENT, (Str){0});
}

/* A display: its elements are held. Keys of a dict are elements too. */
static Value display(Frame *fr, const Op *op, OpId id) {
    ObjectId o = object_new(fr, OBJECT_CONTAINER, id.i);
    Str key = {0};
    u64 hash = 0;
    for (u32 i = 0; o.i && i < op->operands; i++) {
        Operand operand = fr->f->operands[op->operand + i];
        OperandKind kind = operand_kind(operand);
        if (kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR) continue;
        const Path *p = &fr->f->paths[operand.path.i];
        bool is_name = kind == OPERAND_KEY && p->kind == PATH_LITERAL;
        Label label = key.n ? (Label){LABEL_ITEM, hash, key} : element();
        key = is_name ? facts_str(fr->f, (StrId){p->id}) : (Str){0};
        hash = is_name ? fr->f->strings[p->id].hash : 0;
        if (p->kind == PATH_LITERAL) continue;
        Value v = value_of(fr, operand.path);
        edges_store(fr, one(o), label, v, 0);
    }
    return one(o);
}

static Value choice(Frame *fr, const Op *op) {
    Value v = NOTHING;
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(fr->f, op, i);
        Value each = value_of(fr, path);
        value_join(&v, &each);
        v.is_open |= fr->f->paths[path.i].kind == PATH_LITERAL;
    }
    return v;
}

/* Function, lambda, generator expression or class: what it captures is filled in at the end, when
 * every variable has its last value; default values are held at once. */
ObjectId closure_object(Frame *fr, OpId op, ScopeId code) {
    const Scope *scope = &fr->f->scopes[code.i];
    ObjectKind kind = scope->kind == SCOPE_CLASS           ? OBJECT_CLASS
                      : scope->kind == SCOPE_COMPREHENSION ? OBJECT_GENERATOR
                                                           : OBJECT_CLOSURE;
    ObjectId o = object_new(fr, kind, op.i);
    if (!o.i) return o;
    Str name = facts_str(fr->f, scope->name);
    object_at(fr, o)->label = label_text(LABEL_NONE, name);
    object_at(fr, o)->code = (ScopeRef){fr->file, code};
    vec_push(&fr->space->arena, &fr->closures, o.i);
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        PathId fallback = fr->f->params[i].fallback;
        if (!fallback.i || fr->f->paths[fallback.i].kind == PATH_LITERAL) continue;
        const Symbol *symbol = &fr->f->symbols[fr->f->params[i].symbol.i];
        Label label = label_text(LABEL_ARGUMENT, facts_str(fr->f, symbol->name));
        edges_store(fr, one(o), label, value_of(fr, fallback), 0);
    }
    return o;
}

static bool is_within(Span inner, Span outer) {
    return inner.start >= outer.start && inner.end <= outer.end;
}

/* Cells of the closure and of the functions in it that lead out of it. */
static void fill_cells(Frame *fr, ObjectId o) {
    const Facts *f = fr->f;
    ScopeId code = object_at(fr, o)->code.scope;
    const Scope *scope = &f->scopes[code.i];
    for (u32 s = code.i; s < f->n_scopes && is_within(f->scopes[s].span, scope->span); s++) {
        for (u32 i = f->scopes[s].symbol_first; i < f->scopes[s].symbol_end; i++) {
            const Symbol *symbol = &f->symbols[i];
            if (!(symbol->flags & SYMBOL_FREE)) continue;
            if (is_within(f->scopes[f->symbols[symbol->target.i].scope.i].span, scope->span))
                continue;
            Value v = value_of_symbol(fr, symbol->target);
            Label label = label_text(LABEL_CELL, facts_str(f, symbol->name));
            u32 before = fr->edges.n;
            edges_store(fr, one(o), label, v, 0);
            for (u32 e = before; e < fr->edges.n; e++)
                fr->edges.v[e].op = fr->edges.v[e].at = object_at(fr, o)->op;
        }
    }
}

static Value comprehension(Frame *fr, OpId id, const Op *op) {
    if (op->kind == OP_GENERATOR) return one(closure_object(fr, id, (ScopeId){op->subject}));
    return one(object_new(fr, OBJECT_CONTAINER, id.i));
}

/* The element of a comprehension, which runs where it stands. */
static void yield_element(Frame *fr, const Op *op) {
    ScopeId s = fr->f->regions[op->region.i].scope;
    const Scope *scope = &fr->f->scopes[s.i];
    if (scope->kind != SCOPE_COMPREHENSION || !scope->def.i) return;
    Value *made = op_value(fr, scope->def);
    if (fr->f->ops[scope->def.i].kind == OP_GENERATOR || !op->operands) return;
    edges_store(fr, *made, element(), value_of(fr, op_operand(fr->f, op, op->operands - 1u)),
                EDGE_UNSURE);
}

/* ---- statements ---- */

static bool is_literal(const Facts *f, PathId path) {
    return !path.i || f->paths[path.i].kind == PATH_LITERAL;
}

static Value entered(Frame *fr, PathId manager) {
    Value v = value_of(fr, manager), out = NOTHING;
    for (u32 i = 0; i < v.n; i++) {
        ClassId c = object_class(fr, v.v[i]);
        Member m = c.i ? graph_member(fr->g, c, hash_str(STR("__enter__"))) : (Member){0};
        if (m.kind == MEMBER_NONE && c.i)
            m = graph_member(fr->g, c, hash_str(STR("__aenter__")));
        Value each = {.is_open = true};
        if (m.kind == MEMBER_METHOD) each = property_value(fr, m.function, v.v[i]);
        /* what is not of the project gives itself most often, and may give something else */
        if (!c.i) value_add(&each, v.v[i]);
        value_join(&out, &each);
    }
    return out;
}

static void bind(Frame *fr, const Op *op) {
    const Facts *f = fr->f;
    SymbolId target = facts_root_symbol(f, op_path(op));
    PathId value = bound_value(f, op);
    u32 kind = op->flags & OP_LOW;
    if (!target.i || kind == BIND_IMPORT || kind == BIND_TYPE || kind == BIND_DECLARE) return;
    Value v = NOTHING;
    if (kind == BIND_WITH)
        v = entered(fr, value);
    else if (kind == BIND_EXCEPT || kind == BIND_MATCH)
        v.is_open = true;
    else if (!is_literal(f, value))
        v = value_of(fr, value);
    bool is_global = f->scopes[f->symbols[target.i].scope.i].kind == SCOPE_MODULE;
    if (is_global && f->scopes[fr->scope.i].kind != SCOPE_MODULE) { /* `global name` */
        edges_store(fr, one(global_object(fr, fr->file, target)), label_text(LABEL_NONE, (Str){0}),
                    v, 0);
        return;
    }
    symbol_bind(fr, target, v);
}

/* Base and label of what a store or delete names. */
static Value place_of(Frame *fr, const Op *op, Label *label) {
    const Facts *f = fr->f;
    const Path *p = &f->paths[op->subject];
    if (p->kind == PATH_ATTR)
        *label = label_attribute(f, (StrId){p->id});
    else if (p->kind == PATH_CONST)
        *label = (Label){LABEL_ITEM, f->strings[p->id].hash, facts_str(f, (StrId){p->id})};
    else
        *label = element();
    return value_of(fr, p->parent);
}

/* `self.__dict__["x"] = v` and `vars(self)[name] = v` store attributes. */
static Label dictionary_label(const Facts *f, const Op *op, Label label) {
    const Path *parent = &f->paths[f->paths[op->subject].parent.i];
    bool is_dict = parent->kind == PATH_ATTR &&
                   str_is(facts_str(f, (StrId){parent->id}), "__dict__");
    if (is_dict && label.kind == LABEL_ITEM) label.kind = LABEL_ATTRIBUTE;
    return label;
}

static void store(Frame *fr, const Op *op) {
    Label label;
    PathId value = bound_value(fr->f, op);
    if (!fr->f->paths[op->subject].parent.i) return;
    Value base = place_of(fr, op, &label);
    if (!base.n) return;
    label = dictionary_label(fr->f, op, label);
    Value v = NOTHING;
    if (!is_literal(fr->f, value)) v = value_of(fr, value);
    /* a slice or element of many takes what the right side holds, or itself */
    edges_store(fr, base, label, v, 0);
}

/* `x.items += [a]` adds what the right side holds. */
static void augment(Frame *fr, const Op *op) {
    PathId value = bound_value(fr->f, op);
    if (is_literal(fr->f, value) || (op->flags & OP_LOW) > OPERATOR_OR) return;
    Value right = value_of(fr, value);
    if (!right.n || object_at(fr, right.v[0])->kind != OBJECT_CONTAINER) return;
    Value base = value_of(fr, op_path(op));
    for (u32 i = object_at(fr, right.v[0])->edges; i; i = fr->edges.v[i].next) {
        Value held = {.v = {fr->edges.v[i].to}, .n = 1};
        edges_store(fr, base, element(), held, 0);
    }
}

static void delete(Frame *fr, const Op *op) {
    Label label;
    if (!fr->f->paths[op->subject].parent.i) return; /* a variable: objects live on */
    Value base = place_of(fr, op, &label);
    bool is_slice = fr->f->paths[op->subject].kind == PATH_ANY &&
                    fr->f->paths[op->subject].flags & PATH_SLICE;
    if (base.n == 1 && (label.kind != LABEL_ELEMENT || is_slice)) edges_cut(fr, base.v[0], label);
}

static void step(Frame *fr, OpId id, const Op *op) {
    switch ((OpKind)op->kind) {
    case OP_BIND:
        bind(fr, op);
        break;
    case OP_STORE:
        store(fr, op);
        break;
    case OP_AUGMENT:
        augment(fr, op);
        break;
    case OP_DELETE:
        delete (fr, op);
        break;
    case OP_CALL:
        *op_value(fr, id) = call_value(fr, id);
        break;
    case OP_LOAD:
        *op_value(fr, id) = value_of(fr, op_path(op));
        break;
    case OP_AWAITED_VALUE:
        *op_value(fr, id) = value_of(fr, op_path(op));
        break;
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        *op_value(fr, id) = display(fr, op, id);
        break;
    case OP_LISTCOMP:
    case OP_SETCOMP:
    case OP_DICTCOMP:
    case OP_GENERATOR:
        *op_value(fr, id) = comprehension(fr, id, op);
        break;
    case OP_LAMBDA:
    case OP_FUNCTION:
    case OP_CLASS:
        if (fr->f->scopes[fr->scope.i].kind != SCOPE_MODULE)
            *op_value(fr, id) = one(closure_object(fr, id, (ScopeId){op->subject}));
        break;
    case OP_CHOICE:
        *op_value(fr, id) = choice(fr, op);
        break;
    case OP_YIELD:
        if (op->flags & OP_IMPLICIT) yield_element(fr, op);
        break;
    case OP_RETURN:
        if (op->operands && fr->returns.n < VALUES_MAX * 4)
            vec_push(&fr->space->arena, &fr->returns, value_of(fr, op_operand(fr->f, op, 0)));
        break;
    default:
        break;
    }
}

/* ---- the function ---- */

static void make_parameters(Frame *fr) {
    const Scope *scope = &fr->f->scopes[fr->scope.i];
    fr->n_parameters = scope->param_end - scope->param_first;
    fr->parameters = arena_array(&fr->space->arena, ObjectId, fr->n_parameters + 1);
    bool is_class_method = false;
    ScopeRef function = {fr->file, fr->scope};
    if (scope->kind == SCOPE_FUNCTION && graph_method_class(fr->g, function).i)
        is_class_method = graph_method_kind(fr->g, function) == METHOD_CLASS ||
                          str_is(facts_str(fr->f, scope->name), "__new__");
    for (u32 i = 0; i < fr->n_parameters; i++) {
        const Param *param = &fr->f->params[scope->param_first + i];
        if (i == 0 && is_class_method) continue; /* a class */
        if (param->kind == PARAM_STAR || param->kind == PARAM_DOUBLE_STAR) continue;
        ObjectId o = object_new(fr, OBJECT_PARAMETER, i);
        Str name = facts_str(fr->f, fr->f->symbols[param->symbol.i].name);
        object_at(fr, o)->label = label_text(LABEL_NONE, name);
        fr->parameters[i] = o;
    }
}

void frame_walk(Frame *fr) {
    const Scope *scope = &fr->f->scopes[fr->scope.i];
    vec_push(&fr->space->arena, &fr->objects, (Object){0});
    vec_push(&fr->space->arena, &fr->edges, (Edge){0});
    vec_push(&fr->space->arena, &fr->bindings, (Binding){0});
    make_parameters(fr);
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &fr->f->ops[i];
        fr->at = (OpId){i};
        fr->region = op->region;
        step(fr, fr->at, op);
        bool is_nested = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA ||
                         (op->kind == OP_CLASS);
        if (is_nested) i = MAX(i, fr->f->scopes[op->subject].op_end - 1);
    }
    fr->region = scope->region;
    for (u32 i = 0; i < fr->closures.n; i++) fill_cells(fr, (ObjectId){fr->closures.v[i]});
}
