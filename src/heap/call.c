/* Calls of the project's own functions and classes: their summaries are applied to the arguments.
 * What is outside the project is in outside.c. */
#include "heap/walk.h"

static const Value ANYTHING = {.is_open = true};

/* ---- applying a summary ---- */

typedef struct Application {
    Walk *w;
    const Summary *summary;
    const Value *arguments; /* by parameter */
    u32 n_arguments;
    Value *objects; /* by index in the summary */
} Application;

static ObjectId fresh(Walk *w, const SummaryObject *from) {
    ObjectId o = object_new(w, from->kind, from->id);
    if (!o.i) return o;
    Object *object = object_at(w, o);
    object->file = from->file;
    object->label = from->label;
    object->class = from->class;
    object->is_asked = true;
    object->is_weak = from->is_weak;
    object->made = from->made;
    object->code = from->code;
    return o;
}

static bool is_own_scope(const Walk *w, u32 file, SymbolId symbol) {
    return file == w->file && w->f->symbols[symbol.i].scope.i == w->scope.i;
}

static Value loaded(Application *a, const SummaryObject *from) {
    const Value *base = &a->objects[from->base];
    Value v = {.is_open = base->is_open, .is_doubtful = base->is_doubtful};
    for (u32 i = 0; i < base->n; i++) {
        Value each = value_loaded(a->w, base->v[i], from->label, (PathId){0});
        value_join(&v, &each);
        if (each.n != 1 || !from->class.i) continue;
        Object *object = object_at(a->w, each.v[0]);
        if (!object->class.i) object->class = from->class;
    }
    return v;
}

static Value applied_object(Application *a, const SummaryObject *from) {
    switch (from->kind) {
    case OBJECT_PARAMETER:
        return from->id < a->n_arguments ? a->arguments[from->id] : ANYTHING;
    case OBJECT_GLOBAL:
        return value_one(global_object(a->w, from->file, (SymbolId){from->id}));
    case OBJECT_CELL:
        if (is_own_scope(a->w, from->file, (SymbolId){from->id}))
            return value_of_symbol(a->w, (SymbolId){from->id});
        return value_one(cell_object(a->w, from->file, (SymbolId){from->id}));
    case OBJECT_LOADED:
        return loaded(a, from);
    default:
        return value_one(fresh(a->w, from));
    }
}

static void apply_edges(Application *a) {
    Walk *w = a->w;
    for (u32 i = 0; i < a->summary->n_cuts; i++) {
        const SummaryCut *cut = &a->summary->cuts[i];
        const Value *base = &a->objects[cut->base];
        if (base->n == 1 && !base->is_open && cut->is_sure) edges_cut_by(w, base->v[0], cut);
    }
    for (u32 i = 0; i < a->summary->n_edges; i++) {
        const SummaryEdge *e = &a->summary->edges[i];
        const Value *from = &a->objects[e->from], *to = &a->objects[e->to];
        u32 flags = e->flags;
        if (from->n > 1 || to->n > 1 || from->is_open || to->is_open) flags |= EDGE_UNSURE;
        if (from->is_doubtful || to->is_doubtful) flags |= EDGE_GUESSED;
        for (u32 k = 0; k < from->n; k++)
            for (u32 m = 0; m < to->n; m++) {
                u32 edge = edge_add(w, from->v[k], to->v[m], e->label, flags);
                w->edges.v[edge].file = e->file;
                w->edges.v[edge].op = e->op;
                w->edges.v[edge].blind = e->blind;
            }
    }
}

static void run_callbacks(Application *a);

static Value apply(Walk *w, const Summary *s, const Value *arguments, u32 n, bool with_callbacks) {
    Application a = {w, s, arguments, n, NULL};
    a.objects = arena_array(&w->space->arena, Value, s->n_objects);
    a.objects[0] = ANYTHING;
    for (u32 i = 1; i < s->n_objects; i++) a.objects[i] = applied_object(&a, &s->objects[i]);
    apply_edges(&a);
    if (with_callbacks) run_callbacks(&a);
    Value v = {0};
    for (u32 i = 0; i < s->n_returns; i++) value_join(&v, &a.objects[s->returns[i]]);
    return v;
}

const Summary *summary_for(const Heap *h, u32 caller, u32 function) {
    bool is_module = caller > h->n_functions;
    if (is_module || h->levels[function] < h->levels[caller] ||
        h->rings[function] == h->rings[caller])
        return h->summaries[function];
    return NULL;
}

/* ---- arguments ---- */

typedef struct Target {
    u32 function;
    const Facts *f; /* of its file */
    const Scope *scope;
    Value *arguments; /* by parameter */
    u32 n;
} Target;

static Target target_of(Walk *w, u32 function) {
    ScopeRef ref = graph_function_scope(w->g, function);
    Target t = {.function = function, .f = graph_facts(w->g, ref.file)};
    t.scope = &t.f->scopes[ref.scope.i];
    t.n = MIN(t.scope->param_end - t.scope->param_first, (u32)PARAMETERS_MAX);
    t.arguments = arena_array(&w->space->arena, Value, t.n + 1);
    return t;
}

static u32 parameter_named(const Target *t, Str name) {
    for (u32 i = 0; i < t->n; i++) {
        const Param *p = &t->f->params[t->scope->param_first + i];
        if (str_eq(facts_str(t->f, t->f->symbols[p->symbol.i].name), name)) return i;
    }
    return UINT32_MAX;
}

/* Arguments of the call, from parameter `first` on. What stars bring is not known. */
static void take_arguments(Walk *w, const Op *call, Target *t, u32 first) {
    u32 position = first;
    bool is_starred = false;
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        OperandKind kind = operand_kind(o);
        u32 at = UINT32_MAX;
        if (kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR) is_starred = true;
        if (kind == OPERAND_POSITIONAL && !is_starred) at = position++;
        if (kind == OPERAND_KEYWORD) at = parameter_named(t, facts_str(w->f, operand_name(o)));
        if (at >= t->n) continue;
        u32 param = t->f->params[t->scope->param_first + at].kind;
        if (param == PARAM_STAR || param == PARAM_DOUBLE_STAR) {
            position = kind == OPERAND_POSITIONAL ? t->n : position;
            continue;
        }
        if (w->f->paths[o.path.i].kind != PATH_LITERAL) t->arguments[at] = value_of(w, o.path);
    }
}

/* A generator or coroutine that has not run: its frame holds the arguments, and what an inner
 * function captures, which is filled in at the end as that of closures is. */
static Value suspended(Walk *w, const Target *t, ScopeRef code) {
    ObjectId o = object_new(w, OBJECT_GENERATOR, w->at.i);
    if (!o.i) return ANYTHING;
    object_at(w, o)->code = code;
    object_at(w, o)->label = label_text(LABEL_NONE, facts_str(t->f, t->scope->name));
    for (u32 i = 0; i < t->n; i++) {
        const Param *p = &t->f->params[t->scope->param_first + i];
        Label label = label_text(LABEL_ARGUMENT, facts_str(t->f, t->f->symbols[p->symbol.i].name));
        edges_store(w, value_one(o), label, t->arguments[i], 0);
    }
    bool is_inner = code.file == w->file && t->scope->parent.i == w->scope.i;
    if (is_inner) vec_push(&w->space->arena, &w->closures, o.i);
    return value_one(o);
}

static Value run_function(Walk *w, const Op *call, u32 function, Value receiver, u32 first) {
    const Summary *summary = summary_of(w, function);
    ScopeRef code = graph_function_scope(w->g, function);
    u32 flags = graph_facts(w->g, code.file)->scopes[code.scope.i].flags;
    bool is_suspended =
        flags & SCOPE_GENERATOR || (flags & SCOPE_ASYNC && call && !(call->flags & OP_AWAITED));
    if (!summary && !is_suspended) return ANYTHING;
    Target t = target_of(w, function);
    if (first && t.n) t.arguments[0] = receiver;
    if (call) take_arguments(w, call, &t, first);
    if (is_suspended) return suspended(w, &t, code);
    return apply(w, summary, t.arguments, t.n, true);
}

Value property_value(Walk *w, ScopeRef function, ObjectId receiver) {
    u32 id = graph_function_id(w->g, function);
    return id ? run_function(w, NULL, id, value_one(receiver), 1) : ANYTHING;
}

void setter_call(Walk *w, ScopeRef setter, ObjectId receiver, Value value) {
    u32 id = graph_function_id(w->g, setter);
    const Summary *summary = id ? summary_of(w, id) : NULL;
    if (!summary) return;
    Value arguments[] = {value_one(receiver), value};
    apply(w, summary, arguments, ARRAY_LEN(arguments), true);
}

/* ---- methods and functions ---- */

static bool is_super_call(const Facts *f, const Path *p) {
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const Path *callee = &f->paths[f->ops[p->id].subject];
    return callee->kind == PATH_SYMBOL &&
           str_is(facts_str(f, f->symbols[callee->id].name), "super");
}

static Value receiver_of(Walk *w, const Op *call) {
    const Path *p = &w->f->paths[call->subject];
    if (p->kind != PATH_ATTR) return ANYTHING;
    if (is_super_call(w->f, &w->f->paths[p->parent.i]))
        return w->n_parameters ? value_one(w->parameters[0]) : ANYTHING;
    return value_of(w, p->parent);
}

static Value call_function(Walk *w, const Op *call, Callee c) {
    ScopeRef function = graph_function_scope(w->g, c.function);
    MethodKind kind =
        graph_method_class(w->g, function).i ? graph_method_kind(w->g, function) : METHOD_NONE;
    bool has_receiver = kind == METHOD_CLASS || (kind == METHOD_INSTANCE && !c.is_unbound);
    Value receiver = ANYTHING;
    if (kind == METHOD_INSTANCE && has_receiver &&
        (summary_of(w, c.function) ||
         graph_facts(w->g, function.file)->scopes[function.scope.i].flags))
        receiver = receiver_of(w, call);
    return run_function(w, call, c.function, receiver, has_receiver);
}

/* ---- classes ---- */

/* Found once a worker. */
static Fields fields_of(Walk *w, ClassId c) {
    Workspace *s = w->space;
    u32 known = map_get(&s->fields_of, c.i);
    if (known) return s->fields.v[known - 1];
    Fields fields = {0};
    fields.n = graph_fields(w->g, c, &s->kept, FIELDS_MAX, &fields.names);
    vec_push(&s->kept, &s->fields, fields);
    map_set(&s->kept, &s->fields_of, c.i, s->fields.n);
    return fields;
}

/* The field that an argument fills, by position (keyword empty) or keyword; or empty. */
static Str field_of(const Fields *fields, u32 position, Str keyword) {
    if (!keyword.n) return position < fields->n ? fields->names[position] : (Str){0};
    for (u32 i = 0; i < fields->n; i++)
        if (str_eq(fields->names[i], keyword)) return fields->names[i];
    return (Str){0};
}

/* `.args` of an exception, and fields of dataclasses and named tuples. */
static void fill_fields(Walk *w, const Op *call, ClassId class, ObjectId made) {
    bool is_exception = graph_is_subclass(w->g, class, "builtins.Exception") ||
                        graph_is_subclass(w->g, class, "builtins.BaseException");
    Fields fields = fields_of(w, class);
    u32 position = 0;
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        OperandKind kind = operand_kind(o);
        if (kind != OPERAND_POSITIONAL && kind != OPERAND_KEYWORD) return;
        Str keyword = kind == OPERAND_KEYWORD ? facts_str(w->f, operand_name(o)) : (Str){0};
        u32 at = kind == OPERAND_POSITIONAL ? position++ : 0;
        if (w->f->paths[o.path.i].kind == PATH_LITERAL) continue;
        Str field = field_of(&fields, at, keyword);
        if (!field.n && is_exception) field = STR("args");
        if (!field.n) continue;
        Label label = {LABEL_ATTRIBUTE, hash_str(field), field};
        edges_store(w, value_one(made), label, value_of(w, o.path), 0);
    }
}

static Value make_instance(Walk *w, const Op *call, ClassId class) {
    ObjectId made = object_new(w, OBJECT_INSTANCE, w->at.i);
    if (!made.i) return ANYTHING;
    object_at(w, made)->class = class;
    object_at(w, made)->is_asked = true;
    Member init = graph_member(w->g, class, hash_str(STR("__init__")));
    u32 function = init.kind == MEMBER_METHOD ? graph_function_id(w->g, init.function) : 0;
    if (function)
        run_function(w, call, function, value_one(made), 1);
    else
        fill_fields(w, call, class, made);
    Member post = graph_member(w->g, class, hash_str(STR("__post_init__")));
    if (!function && post.kind == MEMBER_METHOD) property_value(w, post.function, made);
    Value v = value_one(made);
    /* what `__new__` gives may be another object */
    v.is_open = graph_member(w->g, class, hash_str(STR("__new__"))).function.scope.i != 0;
    return v;
}

/* ---- callbacks ---- */

static ObjectId bound_to(const Walk *w, ObjectId method) {
    for (u32 i = object_at(w, method)->edges; i; i = w->edges.v[i].next)
        if (w->edges.v[i].label.kind == LABEL_SELF) return w->edges.v[i].to;
    return (ObjectId){0};
}

/* Runs a bound method or a closure that is at hand as a value. One level deep: what it is given may
 * not be called again in the same way. */
static Value call_object(Walk *w, ObjectId code, const Value *arguments, u32 n) {
    const Object *o = object_at(w, code);
    bool is_method = o->kind == OBJECT_METHOD;
    u32 function = o->code.scope.i ? graph_function_id(w->g, o->code) : 0;
    if (!function || (!is_method && o->kind != OBJECT_CLOSURE)) return ANYTHING;
    const Summary *s = summary_of(w, function);
    u32 flags = graph_facts(w->g, o->code.file)->scopes[o->code.scope.i].flags;
    if (!s || flags & (SCOPE_GENERATOR | SCOPE_ASYNC)) return ANYTHING;
    Target t = target_of(w, function);
    if (is_method && t.n) t.arguments[0] = value_one(bound_to(w, code));
    for (u32 i = 0; i < n && i + is_method < t.n; i++) {
        u32 kind = t.f->params[t.scope->param_first + i + is_method].kind;
        if (kind > PARAM_POSITIONAL_ONLY) break;
        t.arguments[i + is_method] = arguments[i];
    }
    return apply(w, s, t.arguments, t.n, false);
}

/* What the callee calls of what it is passed. */
static void run_callbacks(Application *a) {
    for (u32 i = 0; i < a->summary->n_calls; i++) {
        const SummaryCall *call = &a->summary->calls[i];
        if (call->parameter >= a->n_arguments) continue;
        const Value *code = &a->arguments[call->parameter];
        Value arguments[CALLBACK_ARGUMENTS];
        for (u32 k = 0; k < call->n; k++) arguments[k] = a->objects[call->arguments[k]];
        if (code->n == 1) call_object(a->w, code->v[0], arguments, call->n);
    }
}

/* `callback(x)`: a local that holds code, or a parameter, whose caller will know. */
static Value call_local(Walk *w, const Op *call) {
    Value code = value_of(w, op_path(call));
    if (code.n != 1) return ANYTHING;
    SummaryCall note = {0};
    Value arguments[CALLBACK_ARGUMENTS];
    for (u32 k = 0; k < call->operands && note.n < CALLBACK_ARGUMENTS; k++) {
        Operand o = w->f->operands[call->operand + k];
        if (operand_kind(o) != OPERAND_POSITIONAL) break;
        bool is_literal = w->f->paths[o.path.i].kind == PATH_LITERAL;
        arguments[note.n] = is_literal ? ANYTHING : value_of(w, o.path);
        note.arguments[note.n] = arguments[note.n].n == 1 ? arguments[note.n].v[0].i : 0;
        note.n++;
    }
    const Object *o = object_at(w, code.v[0]);
    if (o->kind != OBJECT_PARAMETER) return call_object(w, code.v[0], arguments, note.n);
    note.parameter = o->id;
    if (note.n && w->calls.n < SUMMARY_EDGES) vec_push(&w->space->arena, &w->calls, note);
    return ANYTHING;
}

static bool is_local(const Walk *w, const Path *callee) {
    if (callee->kind != PATH_SYMBOL) return false;
    SymbolId target = w->f->symbols[callee->id].target;
    return target.i && w->f->symbols[target.i].scope.i == w->scope.i &&
           w->f->scopes[w->scope.i].kind != SCOPE_MODULE;
}

Value call_value(Walk *w, OpId id) {
    const Op *call = &w->f->ops[id.i];
    Callee c = graph_callee(w->g, w->file, id);
    if (!c.function && !c.made.i && is_local(w, &w->f->paths[call->subject]))
        return call_local(w, call);
    if (c.function) return call_function(w, call, c);
    if (c.made.i && !w->h->is_outside[c.made.i]) return make_instance(w, call, c.made);
    return outside_value(w, call);
}
